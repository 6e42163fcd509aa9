//! `demo`: the main job on a store of its own, from nothing.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::report::{DemoEdit, DemoReport, Report};
use crate::store::{self, RecordingFile, Store};

use crate::context::Context;
use crate::jobs::recorder::session::{self, RecordOptions};
use crate::jobs::{replay, verify};

/// Record from the built-in sandbox, verify, replay, and catch an edit: a tour without AWS
///
/// Use it to see what the tool does before you have an AWS account. Records the built-in cases from the stand-in on
/// this machine, checks the files by every rule, and answers the same requests from them without network. Then it edits
/// a copy of one recording and shows what `verify` says about it. The store is a temporary folder, removed at the end,
/// unless --root names one.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures demo
  bedrock-fixtures demo --root /tmp/try")]
pub struct DemoArgs {}

/// The edit that the demo makes: a search-and-replace in a prompt.
const EDIT: (&str, &str) = ("a haiku about tides", "a haiku about wind");

/// Records, verifies, replays, and verifies an edited copy.
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
    let edit = edit(context, &store, &files)?;
    Ok(Report::Demo(Box::new(DemoReport { record, verify, replay, edit })))
}

/// Verifies a copy of one recording with an edited prompt. The store itself does not change.
fn edit(context: &Context<'_>, store: &Store, files: &[RecordingFile]) -> Result<DemoEdit> {
    let read = |file: &RecordingFile| store.read(file).map_err(|why| Error::new(why).at(&file.path));
    let (from, to) = EDIT;
    for file in files {
        let text = String::from_utf8_lossy(&read(file)?).into_owned();
        if !text.contains(from) {
            continue;
        }
        let scratch = store::scratch_folder()?;
        let copy = Store::open(scratch.path())?.of_recorder(store.recorder().clone());
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        // Only the prompt: the first place is in the request.
        copy.write(folder, name, text.replacen(from, to, 1).as_bytes(), |_| false)?;
        let verify = verify::check::verify_files(context, &copy, std::slice::from_ref(file));
        return Ok(DemoEdit { path: file.path.clone(), from: from.to_owned(), to: to.to_owned(), verify });
    }
    Err(Error::new("no recording of the demo has the prompt to edit"))
}
