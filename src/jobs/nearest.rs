//! Why requests have no recording, from all the recordings there are.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::error::Result;
use crate::miss::{self, Asked, KnownRecording, Neighbours, cause};
use crate::recording::key::RequestKey;
use crate::recording::{Recording, epochs};
use crate::report::Near;
use crate::store::Store;

use super::index::{self, Entry, UnreadableFile};
use crate::context::Context;

/// What can be said of a request without a recording.
#[derive(Debug)]
pub struct Missing {
    /// The recordings that come nearest.
    pub nearest: Vec<Near>,
    /// Why there is none, if that is known.
    pub cause: Option<String>,
}

/// Finds for each request the nearest recordings, those of its test first, and the cause.
pub fn explain(context: &Context<'_>, store: &Store, asked: &[Asked]) -> Result<Vec<Missing>> {
    let files = store.list(&context.cwd, &[])?;
    let keys: BTreeSet<RequestKey> = asked.iter().map(|asked| asked.key).collect();
    // Only the request of each recording is held, in the form that is compared.
    let known = |entry: std::result::Result<Entry, UnreadableFile>| {
        let entry = entry.ok()?;
        let known = KnownRecording::of(&entry.file.path, entry.outline(), store.key_rules());
        Some((known, keys.contains(&entry.key()).then_some(entry)))
    };
    let (known, same): (Vec<_>, Vec<_>) = index::read_as(context, store, &files, known).into_iter().flatten().unzip();
    let same: Vec<Entry> = same.into_iter().flatten().collect();
    Ok(explain_known(context, store, &known, &same, asked))
}

/// Like [`explain`], among recordings that were already read.
pub fn explain_among(context: &Context<'_>, store: &Store, entries: &[Entry], asked: &[Asked]) -> Vec<Missing> {
    let known: Vec<KnownRecording> = entries
        .par_iter()
        .map(|entry| KnownRecording::of(&entry.file.path, entry.outline(), store.key_rules()))
        .collect();
    explain_known(context, store, &known, entries, asked)
}

/// `entries` contains at least the recordings that have one of the keys.
fn explain_known(
    context: &Context<'_>,
    store: &Store,
    known: &[KnownRecording],
    entries: &[Entry],
    asked: &[Asked],
) -> Vec<Missing> {
    let neighbours = Neighbours::of(known);
    let progress = context.progress;
    progress.begin("comparing", asked.len());
    let missing = |asked: &Asked| {
        let nearest = neighbours.nearest(asked);
        let same = entries.iter().find(|entry| entry.key() == asked.key);
        let cause = same.and_then(|entry| out_of_reach(store, entry)).map(|cause| (cause, None));
        let cause = cause.or_else(|| cause::cause(asked, &nearest, &neighbours));
        let shown = nearest.shown(cause.as_ref().and_then(|(_, telling)| *telling));
        progress.step("");
        let nearest = shown.into_iter().map(|known| miss::describe(asked, known)).collect();
        Missing { nearest, cause: cause.map(|(cause, _)| cause) }
    };
    let missing = asked.par_iter().map(missing).collect();
    progress.end();
    missing
}

/// Why a recording is not found by its own request: its name, or its folder.
pub fn out_of_reach(store: &Store, entry: &Entry) -> Option<String> {
    let path = &entry.file.path;
    if !entry.has_its_name() {
        let whole = store.read(&entry.file).ok().and_then(|bytes| Recording::parse(&bytes).ok())?;
        let why = epochs::explain(&whole, entry.file.stem(), store.key_rules());
        return Some(format!("{path} has the same request, but its name is not its key: {why}; `rekey` renames it"));
    }
    if !entry.is_in_place(store) {
        let folder = entry.file.folder();
        return Some(format!(
            "its recording is in {folder}, but a replay of this test does not look there; `rekey` moves it"
        ));
    }
    None
}
