//! Trees, tiles, proofs, notes, checkpoints, policies and witness texts.
