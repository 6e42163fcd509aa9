//! `verify`: nothing wrong in the store.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::Result;
use crate::recording::Recording;
use crate::report::{Finding, Report, VerifyReport};
use crate::rules;
use crate::store::{RecordingFile, Store};

use super::Context;

/// Check recordings: format, file name, place, completeness
///
/// Use it before a commit and in CI. A recording's file name is a hash of its request, so an edit, a rename or a
/// search-and-replace makes it unreachable without a word; verify says which files, why, and what to do.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures verify
  bedrock-fixtures verify --format json tests/integration/inference")]
pub struct VerifyArgs {
    /// Files or folders to check instead of every recording below the root
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Let warnings fail too
    #[arg(long)]
    strict: bool,
}

/// Checks the selected recordings on all cores.
pub fn run(context: &Context<'_>, args: &VerifyArgs) -> Result<Report> {
    let store = context.store(&args.paths)?;
    let files = context.recordings(&store, &args.paths)?;
    Ok(Report::Verify(verify_files(context, &store, &files, args.strict)))
}

pub(super) fn verify_files(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
    strict: bool,
) -> VerifyReport {
    context.progress.begin("checking", files.len());
    let check = |file: &RecordingFile| {
        let findings = verify_file(store, file);
        context.progress.step("");
        findings
    };
    let findings = files.par_iter().flat_map_iter(check).collect();
    context.progress.end();
    VerifyReport { checked: files.len(), findings, strict }
}

fn verify_file(store: &Store, file: &RecordingFile) -> Vec<Finding> {
    match store.read(file) {
        Ok(bytes) => super::check_bytes(store, file, &bytes, &Recording::parse(&bytes)),
        Err(why) => vec![rules::unreadable(&file.path, &why)],
    }
}
