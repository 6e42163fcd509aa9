//! One file a subcommand: its arguments, whose comments are the help, and `run`, which returns a [`crate::report::Report`].

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;

pub mod completions;
pub mod decide;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod evidence;
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

/// The file of known findings: the flag's, else the configuration's, which is relative to the root.
fn baseline(context: &Context<'_>, flag: Option<&PathBuf>) -> Result<Option<PathBuf>> {
    Ok(match (flag, &context.settings.baseline) {
        (None, Some(file)) => Some(context.store(&[])?.root().join(file)),
        (flag, _) => flag.map(|file| context.cwd.join(file)),
    })
}
