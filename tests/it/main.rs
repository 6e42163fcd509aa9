//! All integration tests, one binary: a file a subcommand, one [`support::TestEnv`].

// A test says what went wrong by stopping, and what it left out on standard error.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod action;
mod answers;
mod completions;
mod concurrent;
mod corpus;
mod crash;
mod decide;
mod devices;
mod diff;
mod doctor;
mod early_end;
mod epochs;
mod explain;
mod facade;
mod fuzz;
mod git_settings;
mod help;
mod hostile;
mod init;
mod key_rules;
mod leaks;
mod linear;
mod malice;
mod mint_token;
#[cfg(target_os = "linux")]
mod once;
mod outputs;
mod packaging;
#[cfg(target_os = "linux")]
mod pictures;
mod plugin;
mod portable;
mod prune;
// Its commands are those of a Linux shell.
#[cfg(target_os = "linux")]
mod readme;
mod record;
mod record_errors;
mod record_guarded;
mod record_kill;
mod record_layout;
mod record_mint;
mod record_preflight;
mod record_run;
mod record_sources;
mod record_space;
mod record_tls;
mod record_token_end;
mod recorder;
mod rekey;
mod replay_check;
mod replay_evidence;
mod replay_watched;
mod run_results;
mod scale;
mod schema;
// Their paths are those of Unix.
#[cfg(unix)]
mod screens;
mod secret_texts;
mod serve;
mod serve_limits;
mod serve_lists;
mod serve_receipt;
mod serve_upstream;
mod settings;
mod support;
mod tidy;
mod token_echo;
mod token_places;
mod vectors;
mod verify;
mod verify_rules;
mod verify_token;
