//! `demo`: the main job on a store of its own, from nothing.

use std::path::PathBuf;

use crate::error::Result;
use crate::report::{DemoReport, Report};
use crate::store::{self, Store};

use crate::context::Context;
use crate::jobs::recorder::session::{self, RecordOptions};
use crate::jobs::{replay, verify};

/// Record from the built-in sandbox, verify, and replay: see the tool work, without AWS
///
/// Use it to see what the tool does before there is an AWS account. Asks the stand-in on this machine the built-in
/// cases, checks what was written by every rule, and answers the same requests from it with no network. The store is a
/// temporary folder, removed at the end, unless --root names one.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures demo
  bedrock-fixtures demo --root /tmp/try")]
pub struct DemoArgs {}

/// Records, verifies and replays.
pub fn run(context: &Context<'_>, _args: &DemoArgs) -> Result<Report> {
    let scratch = if context.root.is_none() { Some(store::scratch_folder()?) } else { None };
    let root: PathBuf = match (&scratch, &context.root) {
        (Some(scratch), _) => scratch.path().to_owned(),
        (None, root) => context.cwd.join(root.as_deref().unwrap_or(&context.cwd)),
    };
    store::make_root(&root)?;
    let store = Store::open(&root)?;
    let record =
        session::record(context, &store, &RecordOptions { sandbox: true, concurrency: 4, ..RecordOptions::default() })?;
    let files = store.list(&context.cwd, &[])?;
    let verify = verify::check::verify_files(context, &store, &files);
    let replay = replay::check::replay(context, &store, &files, &[])?;
    Ok(Report::Demo(DemoReport { record, verify, replay }))
}
