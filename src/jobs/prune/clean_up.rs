//! `prune`: deletes recordings that nothing uses, with reasons, after showing them.

use crate::jobs::prune::{look, sources::Sources, trust};
use crate::report::shell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::prune::{self, PrunePlan, Service, Tree};
use crate::report::prune::{Deletion, PruneReport};
use crate::report::{LeftAlone, Report};
use crate::store::lock::StoreLock;
use crate::store::remove::Away;
use crate::store::{self, RecordingFile, Store};

use crate::context::Context;
use crate::jobs::collect;
use crate::jobs::evidence::EvidenceFiles;
use look::Looked;

/// The options of `prune`.
#[derive(Clone, Debug, Default)]
pub struct PruneOptions {
    /// Only these files or folders
    pub paths: Vec<PathBuf>,
    /// Tests that there are, as `pytest --collect-only -q` prints them, of all configurations; `-` is standard input
    pub tests: Vec<PathBuf>,
    /// Read logs of replays, one path or key per line; `-` is standard input
    pub reads: Vec<PathBuf>,
    /// Folders that `evidence collect` filled
    pub evidence: Vec<PathBuf>,
    /// Only recordings of this suite: one that is in tests/integration/suites.py, or a folder of tests/integration
    pub suite: Vec<String>,
    /// A base url of Bedrock that is in use; by default those of the recordings that the logs name
    pub endpoint: Vec<String>,
    /// Move the files there instead of deleting them, in the same folders
    pub quarantine: Option<PathBuf>,
    /// Carry out the plan
    pub yes: bool,
    /// Also delete uncommitted files
    pub force: bool,
}

/// Plans the clean-up, and with consent carries it out.
pub fn run(context: &Context<'_>, options: &PruneOptions) -> Result<Report> {
    // Several logs may follow one --reads, and after them PATHs.
    let is_path = |path: &&PathBuf| {
        store::is_folder(&context.cwd.join(path)) || path.extension().is_some_and(|extension| extension == "json")
    };
    let (more_paths, logs): (Vec<&PathBuf>, Vec<&PathBuf>) = options.reads.iter().partition(is_path);
    let mut logs: Vec<PathBuf> = logs.into_iter().cloned().collect();
    let mut lists = options.tests.clone();
    let mut as_printed = BTreeSet::new();
    for folder in &options.evidence {
        let (of_lists, of_logs) = collect::files(&context.cwd, folder)?;
        as_printed.extend(of_lists.iter().cloned());
        lists.extend(of_lists);
        logs.extend(of_logs);
    }
    let paths: Vec<PathBuf> = options.paths.iter().chain(more_paths).cloned().collect();
    if let Some(path) = paths.iter().find(|path| store::remove::leads_through_link(&context.cwd, path)) {
        let hint = "give the folder that the link points to";
        return Err(Error::new("recordings behind a link are not deleted").at(path.display()).hint(hint));
    }
    let store = context.store(&paths)?;
    let evidence = EvidenceFiles { as_printed, ..EvidenceFiles::read(context, &lists, &logs)? };
    let looked = Looked::at(context, &store, &paths, &options.suite)?;
    let times = times(&store, &looked);
    for file in lists.iter().chain(&logs) {
        trust::not_older(context, &store, file, &times)?;
    }
    let recorded = looked.items.iter().filter_map(|item| item.test_id.as_deref());
    let collected = evidence.collected(context, &store, recorded)?;
    trust::lists(context, &evidence, &collected, &looked)?;
    let cwd = store.relative(&context.cwd, std::path::Path::new(".")).unwrap_or_default();
    let reads = evidence.reads(looked.items.iter().map(|item| item.path.as_str()), &cwd);
    evidence.check_logs(context, looked.items.iter().map(|item| item.path.as_str()), &cwd, true)?;
    trust::root(&looked)?;

    let known = prune::Evidence {
        collected: (!lists.is_empty()).then(|| collected.ids.iter().cloned().collect()),
        read: (!logs.is_empty()).then(|| reads.read.clone()),
        passed_in_log: collected.passed_in_logs.difference(&collected.failed).cloned().collect(),
        passed_in_run: collected.passed.difference(&collected.failed).cloned().collect(),
        has_results: collected.has_results,
        endpoints: options.endpoint.iter().map(|url| Service::base_of(url)).collect(),
    };
    // A run, a part of a list, and a suite that names functions may leave out a test that is there: its file says so.
    let sources = Sources::new(&store, &collected.ids);
    let may_be_left_out =
        |id: &str| collected.may_lack(id, |file| sources.lacks_functions(file)) && sources.may_define(id);
    let tree = Tree { has_file: &|path| sources.has_file(path), may_be_left_out: &may_be_left_out };
    let plan = prune::plan(&looked.items, &known, |item| looked.is_selected(&item.path), &tree);
    for (file, why) in sources.unread() {
        context.progress.note(&format!("warning: {why}; the tests of {file} are not known, so their recordings stay"));
    }
    let mut report = PruneReport { refused: looked.refused.clone(), ..PruneReport::default() };
    report.evidence = trust::evidence(&evidence, &collected, &known, &reads, &plan, &looked);
    fill(&store, &looked, &plan, options.force, &mut report)?;
    // A run that was killed after its last move left nothing to move.
    if let Some(folder) = options.quarantine.as_ref().filter(|_| options.yes) {
        let paths = looked.items.iter().map(|item| item.path.as_str());
        store.remove_leftovers_of_quarantine(&context.cwd.join(folder), paths);
    }
    if report.delete.is_empty() {
        return Ok(Report::Prune(report));
    }
    let files: Vec<RecordingFile> =
        report.delete.iter().map(|deletion| RecordingFile { path: deletion.path.clone() }).collect();
    let goes: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let twins: BTreeMap<&str, &str> = plan
        .dead
        .iter()
        .filter_map(|dead| Some((looked.items[dead.index].path.as_str(), dead.twin.as_deref()?)))
        // One that goes too is not what the other's going rests on.
        .filter(|(_, twin)| !goes.contains(twin))
        .collect();
    let doomed = files.iter().map(|file| Doomed::new(&store, file, &twins)).collect::<Result<Vec<_>>>()?;
    if !options.yes {
        let word = files.len().to_string();
        let verb = if options.quarantine.is_some() { "move" } else { "delete" };
        let question = format!("Type {word} to {verb} these files");
        let planned = Report::Prune(report);
        let answer = context.progress.confirm_typed(&planned, &question, &word);
        let Report::Prune(mut planned) = planned else { return Ok(planned) };
        planned.shown = answer.is_some();
        report = planned;
        if answer != Some(true) {
            return Ok(Report::Prune(report));
        }
    }
    let away = match &options.quarantine {
        Some(folder) => store.quarantine(&context.cwd.join(folder), &files)?,
        None => Away::Deleted,
    };
    apply(context, &store, &doomed, &away, &mut report);
    if let (Some(folder), Away::Quarantine(to)) = (&options.quarantine, &away) {
        report.quarantine = Some(folder.display().to_string());
        report.restore = Some(restore(&store, to, &report.deleted)?);
    }
    Ok(Report::Prune(report))
}

/// When the recordings that may go were written.
fn times(store: &Store, looked: &Looked) -> Vec<(std::time::SystemTime, String)> {
    looked
        .items
        .iter()
        .filter(|item| looked.is_selected(&item.path))
        .filter_map(|item| Some((store.modified(&RecordingFile { path: item.path.clone() })?, item.path.clone())))
        .collect()
}

/// Puts the plan into the report, without what may not go.
fn fill(store: &Store, looked: &Looked, plan: &PrunePlan, force: bool, report: &mut PruneReport) -> Result<()> {
    let paths = plan.dead.iter().map(|dead| looked.items[dead.index].path.as_str()).collect::<Vec<_>>();
    let uncommitted = if force { Default::default() } else { trust::uncommitted(store, &paths)? };
    for dead in &plan.dead {
        let item = &looked.items[dead.index];
        let file = RecordingFile { path: item.path.clone() };
        let refused = if store.is_link(&file) {
            Some("a link; delete the link, or the file that it points to, by hand")
        } else if uncommitted.contains(&item.path) {
            Some("has uncommitted changes; commit them, or give --force")
        } else {
            None
        };
        if let Some(reason) = refused {
            report.refused.push(LeftAlone { path: item.path.clone(), reason: reason.to_owned() });
            continue;
        }
        report.delete.push(Deletion {
            path: item.path.clone(),
            reasons: dead.reasons.keys().map(|reason| reason.id()).collect(),
            because: dead.reasons.values().cloned().collect(),
            test_id: item.test_id.clone(),
            bytes: looked.size(&item.path),
        });
    }
    report.refused.sort_by(|a, b| a.path.cmp(&b.path));
    report.kept = looked.selected() - report.delete.len() - report.refused.len();
    Ok(())
}

fn digest(store: &Store, file: &RecordingFile) -> Result<[u8; 32]> {
    let bytes = store.read(file).map_err(|why| Error::new(why).at(&file.path))?;
    Ok(Sha256::digest(&bytes).into())
}

/// A recording to delete, as it was when the plan was made.
struct Doomed<'a> {
    file: &'a RecordingFile,
    digest: [u8; 32],
    /// The recording that answers its request after the deletion.
    twin: Option<(RecordingFile, [u8; 32])>,
}

impl<'a> Doomed<'a> {
    fn new(store: &Store, file: &'a RecordingFile, twins: &BTreeMap<&str, &str>) -> Result<Self> {
        let twin = twins.get(file.path.as_str()).map(|path| RecordingFile { path: (*path).to_owned() });
        let twin = twin.map(|twin| digest(store, &twin).map(|digest| (twin, digest))).transpose()?;
        Ok(Doomed { file, digest: digest(store, file)?, twin })
    }

    /// Deletes or moves it. Another run may have removed its twin since the plan was made; then both would be lost.
    fn take_away(&self, store: &Store, lock: &StoreLock<'_>, away: &Away) -> Result<()> {
        if let Some((twin, planned)) = &self.twin
            && digest(store, twin).ok().as_ref() != Some(planned)
        {
            let gone = Error::new("the recording with the same answer has changed since the plan was made");
            return Err(gone.at(&twin.path).hint("run it again"));
        }
        store.take_away(lock, self.file, away, |bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == self.digest)
    }
}

/// Removes the files one by one, and stops at the first one that cannot be removed.
fn apply(context: &Context<'_>, store: &Store, doomed: &[Doomed<'_>], away: &Away, report: &mut PruneReport) {
    let lock = store.lock();
    store.remove_leftovers();
    let progress = context.progress;
    progress.begin("deleting", doomed.len());
    for one in doomed {
        if let Err(error) = one.take_away(store, &lock, away) {
            report.failure = Some(format!("{error}; {} of {} files were removed", report.deleted.len(), doomed.len()));
            break;
        }
        report.deleted.push(one.file.path.clone());
        progress.step("");
    }
    progress.end();
    store.flush(doomed[..report.deleted.len()].iter().map(|one| one.file));
    drop(lock);
}

/// The command that restores what was moved, and nothing else that is in the folder.
fn restore(store: &Store, from: &std::path::Path, paths: &[String]) -> Result<String> {
    let list = store.list_moved(from, paths)?;
    let root = store.root();
    if cfg!(windows) {
        return Ok(format!(
            "tar -C \"{0}\" -cf - --null -T \"{1}\" | tar -C \"{2}\" -xf -",
            from.display(),
            list.display(),
            root.display()
        ));
    }
    let quoted = |path: &std::path::Path| shell::quoted(&path.display().to_string());
    Ok(format!("tar -C {} -cf - --null -T {} | tar -C {} -xf -", quoted(from), quoted(&list), quoted(root)))
}
