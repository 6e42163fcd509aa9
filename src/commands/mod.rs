//! One file a subcommand: its arguments, whose comments are the help, and `run`, which returns a [`crate::report::Report`].

pub mod completions;
pub mod decide;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod help;
pub mod init;
pub mod man;
pub mod mint_token;
pub mod number;
pub mod prune;
pub mod record;
pub mod rekey;
pub mod replay_check;
pub mod schema;
pub mod serve;
pub mod span;
pub mod topics;
pub mod verify;
pub mod verify_token;
