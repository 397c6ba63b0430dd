//! End-to-end tests: the real binary against the real emulator.
//!
//! Only what needs the whole is here: wiring, exit codes, files, faults, signals. Rules are tested in core.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::format_collect,
    reason = "these are tests"
)]

mod approvals;
#[cfg(unix)]
mod ci_scripts;
mod conflicts;
mod corpus;
mod counting;
mod doctor;
mod drift;
mod empty_rows;
mod emulator_command;
mod environments;
mod exit_codes;
mod faults;
mod fields;
#[cfg(unix)]
mod first_apply;
mod first_hour;
mod fmt;
mod guards;
mod hostile;
mod import;
mod init;
mod interrupts;
mod lies;
mod localized_fields;
mod lock;
mod lying;
mod main_job;
mod mistakes;
mod order;
mod own_files;
mod plan_id;
mod plan_json;
mod plan_markdown;
mod projects;
mod quirks;
mod random_edits;
#[cfg(unix)]
mod remote_faults;
mod remote_state;
mod report_json;
mod rest;
#[cfg(unix)]
mod rest_meanwhile;
mod saved_plans;
mod secrets;
mod settle;
mod spellings;
mod state_commands;
mod state_file;
mod storm;
mod strangers;
mod support;
mod swapped;
mod undo;
mod unreachable;
#[cfg(unix)]
mod ways_out;
mod who;
