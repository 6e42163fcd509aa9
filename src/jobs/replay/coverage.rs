//! What a list of tests and read logs say about the recordings.

use std::collections::BTreeSet;
use std::path::Path;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::{Base, Gap};
use crate::jobs::evidence::EvidenceFiles;
use crate::jobs::index;
use crate::report::ReplayReport;
use crate::store::{RecordingFile, Store};

/// Which collected tests have no recording in all of the store, and which of the selected recordings no collected test.
pub(crate) fn of_tests(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
    evidence: &EvidenceFiles,
    report: &mut ReplayReport,
) -> Result<()> {
    let all = store.list(&context.cwd, &[])?;
    let entries: Vec<_> = index::read(context, store, &all).into_iter().flatten().collect();
    let collected = evidence.collected(context, store, entries.iter().filter_map(index::Entry::test_id))?;
    if collected.ids.is_empty() {
        let (name, gap) = collected.gaps.last().cloned().unwrap_or_else(|| (String::new(), Gap::Empty));
        let hint = match gap {
            Gap::OtherRunner(runner) => runner.hint(),
            _ => "give what `pytest --collect-only -q` prints".to_owned(),
        };
        return Err(Error::new(gap.to_string()).at(name).hint(hint));
    }
    for (name, gap) in &collected.gaps {
        context.progress.note(&format!("{name}: {gap}; missing tests count as not collected"));
    }
    for name in &collected.strange {
        context.progress.note(&format!("{name}: none of its test files has a recording"));
    }
    // A recording that no replay finds covers nothing.
    let live = entries.iter().filter(|entry| entry.has_its_name() && entry.is_in_place(store));
    let covered: BTreeSet<String> = live.filter_map(index::Entry::test_id).map(|id| Base::Same.apply(id)).collect();
    report.uncovered = Some(collected.ids.iter().filter(|id| !covered.contains(*id)).cloned().collect());
    let ids: BTreeSet<&str> = collected.ids.iter().map(String::as_str).collect();
    let selected: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let is_untested = |entry: &&index::Entry| {
        selected.contains(entry.file.path.as_str())
            && entry
                .test_id()
                .map(|id| Base::Same.apply(id))
                .is_some_and(|id| !ids.contains(id.as_str()) && !collected.leaves_out(&id))
    };
    report.untested = Some(entries.iter().filter(is_untested).map(|entry| entry.file.path.clone()).collect());
    Ok(())
}

/// Which of the selected recordings no log names.
pub(crate) fn of_reads(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
    evidence: &EvidenceFiles,
    report: &mut ReplayReport,
) -> Result<()> {
    let all = store.list(&context.cwd, &[])?;
    let cwd = store.relative(&context.cwd, Path::new(".")).unwrap_or_default();
    evidence.check_logs(context, all.iter().map(|file| file.path.as_str()), &cwd, false)?;
    let reads = evidence.reads(all.iter().map(|file| file.path.as_str()), &cwd);
    report.unread = Some(unread(files, &reads.read));
    Ok(())
}

/// The recordings that are not among those that were read.
pub(crate) fn unread(files: &[RecordingFile], read: &BTreeSet<String>) -> Vec<String> {
    files.iter().filter(|file| !read.contains(&file.path)).map(|file| file.path.clone()).collect()
}
