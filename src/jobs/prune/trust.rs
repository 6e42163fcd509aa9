//! Whether evidence is good enough to delete files, and whether git could restore them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::Reads;
use crate::jobs::evidence::{Collected, EvidenceFiles};
use crate::prune::{self, PrunePlan};
use crate::report::prune::{PruneEvidence, ReadEvidence, TestEvidence};
use crate::store::{self, Store, is_recording_path};
use crate::vcs::Git;

use super::look::Looked;

/// If this many recordings all have a wrong name, it is not an accident.
const ENOUGH: usize = 10;

/// Fails for evidence that is older than the newest recording, because it cannot know that recording. A recording is as
/// old as its content: an unchanged committed file may have been written by a checkout, so the time of its commit
/// counts.
pub(crate) fn not_older(
    context: &Context<'_>,
    store: &Store,
    file: &Path,
    times: &[(SystemTime, String)],
) -> Result<()> {
    let Some(written) = store::remove::modified(&context.cwd.join(file)).filter(|_| file.as_os_str() != "-") else {
        return Ok(());
    };
    let newer: Vec<&(SystemTime, String)> = times.iter().filter(|(time, _)| *time > written).collect();
    let Some((_, path)) = newer.iter().max().copied() else { return Ok(()) };
    let paths: Vec<&str> = newer.iter().map(|(_, path)| path.as_str()).collect();
    if store.is_in_git() && uncommitted(store, &paths)?.is_empty() {
        let commit = Git::open(store.root()).and_then(|git| git.last_commit(&paths))?;
        if commit.is_some_and(|commit| commit <= written) {
            return Ok(());
        }
    }
    Err(Error::new(format!("older than the recording {path}, so it cannot name it"))
        .at(file.display())
        .hint("list the tests and run the replays again"))
}

/// Refuses lists with holes, and lists of other tests.
pub(crate) fn lists(
    context: &Context<'_>,
    evidence: &EvidenceFiles,
    collected: &Collected,
    looked: &Looked,
) -> Result<()> {
    if let Some((name, gap)) = collected.gaps.first() {
        return Err(Error::new(format!("the list of tests is incomplete: {gap}")).at(name).hint(gap.hint()));
    }
    if collected.strange.len() == evidence.lists.len()
        && let Some(name) = collected.strange.first()
    {
        let what = "none of the tests of this list has a recording";
        return Err(Error::new(what).at(name).hint("if it is from another tree, give that tree with --root"));
    }
    // Beside other lists, one whose files have no recording says nothing about the recordings.
    for name in &collected.strange {
        context.progress.note(&format!("{name}: none of its test files has a recording"));
    }
    if !evidence.lists.is_empty() {
        let recorded: BTreeSet<&str> = looked.items.iter().filter_map(|item| item.test_id.as_deref()).collect();
        if !collected.ids.iter().any(|id| recorded.contains(id.as_str())) {
            let names: Vec<&str> = evidence.lists.iter().map(|(name, _)| name.as_str()).collect();
            let what = "none of the listed tests has a recording, but their files do";
            return Err(Error::new(what).at(names.join(", ")).hint("list the tests of all configurations"));
        }
    }
    Ok(())
}

/// Fails for a store in which every recording looks wrong: then the root is wrong, or another recorder made it.
pub(crate) fn root(looked: &Looked) -> Result<()> {
    let of_tests = || looked.items.iter().filter(|item| item.test_id.is_some() && item.key.is_some());
    if of_tests().next().is_some() && !of_tests().any(|item| item.is_in_place) {
        let what = "no recording is in the folder of its test id, so the root may be wrong";
        return Err(Error::new(what).hint("give the folder that test ids are relative to with --root"));
    }
    if of_tests().count() >= ENOUGH && !of_tests().any(|item| item.has_its_name) {
        let what = "no recording has the name of its request, so another recorder may have made them";
        return Err(Error::new(what).hint("`bedrock-fixtures verify --explain` says more"));
    }
    Ok(())
}

/// Which of these files git could not bring back.
pub(crate) fn uncommitted(store: &Store, paths: &[&str]) -> Result<BTreeSet<String>> {
    if paths.is_empty() || !store.is_in_git() {
        return Ok(BTreeSet::new());
    }
    let ask = || {
        let git = Git::open(store.root())?;
        Ok((git.uncommitted()?, git.index()?))
    };
    let (changed, index) = ask().map_err(|error: Error| error.hint("--force works without git"))?;
    let changed: BTreeSet<&str> = changed.iter().map(|file| file.path.as_str()).collect();
    // Git does not list ignored files as changes, but they are not committed either.
    let known: BTreeSet<&str> = index.iter().map(|blob| blob.file.path.as_str()).collect();
    let is_unknown = |path: &str| is_recording_path(path) && !known.contains(path);
    let lost = paths.iter().filter(|path| changed.contains(*path) || is_unknown(path));
    Ok(lost.map(|path| (*path).to_owned()).collect())
}

/// The evidence of the plan, for the report.
pub(crate) fn evidence(
    evidence: &EvidenceFiles,
    collected: &Collected,
    known: &prune::Evidence,
    reads: &Reads,
    plan: &PrunePlan,
    looked: &Looked,
) -> PruneEvidence {
    let recorded: BTreeSet<&str> = looked.items.iter().filter_map(|item| item.test_id.as_deref()).collect();
    let tests = known.collected.as_ref().map(|_| TestEvidence {
        files: evidence.lists.iter().map(|(name, _)| name.clone()).collect(),
        collected: collected.ids.len(),
        with_recording: collected.ids.iter().filter(|id| recorded.contains(id.as_str())).count(),
    });
    let reads = known.read.as_ref().map(|_| ReadEvidence {
        files: evidence.logs.iter().map(|(name, _)| name.clone()).collect(),
        read: reads.read.len(),
        elsewhere: reads.elsewhere.len(),
        results: known.has_results,
    });
    PruneEvidence { tests, reads, unproven: plan.unproven }
}
