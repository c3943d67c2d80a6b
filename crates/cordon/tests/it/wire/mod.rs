//! What crosses the wire: everything that a client hears, byte for byte.
//!
//! - `four_ways`: the corpus and our own cases through a real gateway in each way of sending, with the
//!   canary scan over every byte (`tests/data/guard/cases`, `tests/data/wire/differences.txt`).
//! - `twins`: generated conversations with two gateways that differ in hidden data alone.
//! - `direct`: conversations with PostgreSQL itself and through Cordon (`tests/data/wire/conversations.txt`).
//! - `startup`, `protocol`, `lifecycle`: sections F, G and H of the corpus.
//!
//! Where each line of those sections is held (`cases`: in `tests/data/guard/cases/settings.txt`, sent in
//! every way by `four_ways`):
//!
//! | line | where |
//! |---|---|
//! | F02, F03, F05, F08, F09, F11, F12, F14 | `cases`; at the start: `gateway::refused::settings_at_the_start_are_those_of_the_table` |
//! | F03, F05 reported otherwise | `postgres: login::a_setting_that_is_not_what_was_pinned_ends_the_link`, `stream::a_setting_that_changes_on_the_way_ends_the_link_unless_it_was_announced` |
//! | F06, F15, F18 | `startup::versions_and_options_that_are_not_known_are_negotiated` |
//! | F17, F18 | `startup::first_packets_that_are_not_as_they_should_be_end_the_connection` |
//! | F20 | `identity: combined::a_certificate_is_read_by_its_san_first_and_names_one_person` |
//! | F21 | `serve::reload::a_disabled_person_loses_a_live_session_and_the_ledger_says_so`, `identity: combined::a_session_is_no_longer_welcome_once_the_register_says_so` |
//! | F23 | `identity: oidc_refusals` |
//! | G01, G09, G10, G27 | `startup::nothing_but_its_proof_may_come_from_who_has_none` |
//! | G03, G04, G12 | `startup::first_packets_that_are_not_as_they_should_be_end_the_connection` |
//! | G06 | `startup::a_gateway_whose_tls_cannot_be_set_up_does_not_listen`, `gateway::refused::without_tls_only_this_host_comes_in_and_only_if_the_operator_says_so` |
//! | G07 | `identity: scram::a_client_that_was_told_of_no_binding_is_refused_where_it_is_offered` |
//! | G09 | also `gateway::refused::nobody_learns_who_exists` |
//! | G12, G16, G24, G27, G28, G39 | `protocol::messages_that_are_none_end_the_session_and_others_are_passed_over` |
//! | G13 | `wire: damaged`, `both_ways::any_bytes_are_read_or_refused` |
//! | G15 | `gateway::refused::what_is_no_message_ends_the_session` |
//! | G18, G19, G21 | `lifecycle::what_a_right_allowed_ends_with_it_at_every_step` |
//! | G21, G22 | `protocol::nothing_is_told_of_what_may_not_be_seen`; G22 also `four_ways` in binary |
//! | G24 | also `gateway::pipelines`, `direct` |
//! | G25 | `gateway::cursors::a_portal_that_is_bound_anew_gets_a_decision_of_its_own` |
//! | G30, G31 | `protocol::a_cancel_ends_its_own_statement_and_nothing_else`, `postgres: lending::a_cancel_reaches_the_statement_it_is_for_and_no_later_one` |
//! | G33 | `postgres: login::what_no_server_says_at_the_beginning_ends_the_link`, `wire: rows` |
//! | G34 | `protocol::a_data_store_that_goes_away_amid_rows_is_said_and_recorded` |
//! | G36 | `gateway::killed` |
//! | G40 | `cases`: what is not read does not pass |
//! | H01 | `gateway::refused::a_right_that_ends_cuts_what_it_allowed`, `lifecycle` |
//! | H04 | `lifecycle`, `serve::reload::what_has_errors_is_not_taken_over_and_its_place_is_told` |
//! | H05 | `lifecycle::policies_that_cannot_be_read_permit_nothing` |
//! | H07 | `policy`: rights do not add up, a `forbid` always counts |
//! | H08 | the guard reads residency in the statement itself, `guard::twins` |
//! | H13, H14 | `ledger::payloads`, `ledger::verified` |
//!
//! Not held by a test here: G37 (a client that stops reading; the load tests), H02 (clocks that run
//! back), H10 (there are no approvals yet), H11 (there is no lake yet).

mod cases;
mod direct;
mod four_ways;
mod lifecycle;
mod line;
mod protocol;
mod secure;
mod stage;
mod startup;
mod twins;
