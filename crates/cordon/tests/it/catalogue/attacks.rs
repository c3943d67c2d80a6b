//! Ways to learn of what is hidden by asking the catalogue.
