//! `rekey`: recordings get the names that their requests have today.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::recording::name::file_name;
use crate::recording::test_id::TestId;
use crate::rekey::{self, AnswerLines, Move, RekeyPlan, Renames, SPARE, Step, TextRename};
use crate::report::{Collided, LeftAlone, Moved, RekeyReport, Report};
use crate::store::relocate::FileChange;
use crate::store::{RecordingFile, Store, is_recording_path};
use crate::vcs::Git;

use crate::context::Context;
use crate::jobs::edited;

/// The options of `rekey`.
#[derive(Clone, Debug, Default)]
pub struct RekeyOptions {
    /// Files or folders to rename instead of every recording below the root
    pub paths: Vec<PathBuf>,
    /// Rename a test, a file or a folder of tests
    pub test_id: Vec<TextRename>,
    /// Rename a url, a host or a path of an endpoint
    pub url: Vec<TextRename>,
    /// Rename a model
    pub model: Vec<TextRename>,
    /// Carry out the plan
    pub yes: bool,
    /// Also change uncommitted files
    pub force: bool,
    /// Also give a request that was edited since the last commit its name, with the answer to another question
    pub edited: bool,
}

/// Plans the renaming of the selected recordings, and with consent carries it out.
pub fn run(context: &Context<'_>, options: &RekeyOptions) -> Result<Report> {
    let store = context.store(&options.paths)?;
    let files = context.recordings(&store, &options.paths)?;
    let names = Renames { test_id: options.test_id.clone(), url: options.url.clone(), model: options.model.clone() };
    let run = RekeyRun { context, store: &store, names: &names };

    let LookedAt { moves, read, mut report, has_unread } = run.look(&files)?;
    if moves.is_empty() && !names.is_empty() {
        context.progress.note("no recording contains the OLD values");
    }
    let plan = RekeyPlan::make(moves, &|path| store.exists(path), |wish, other| run.compare(wish, other, &read))?;
    report.moves = plan.moves.iter().map(|Move { from, to }| Moved { from: from.clone(), to: to.clone() }).collect();
    report.collisions = plan.collisions.iter().map(collided).collect();
    let git_blocks = !options.force && run.check_git(&plan, &mut report)?;
    let git_blocks = git_blocks | (!options.edited && run.check_questions(&plan, &mut report)?);
    if plan.is_empty() || plan.is_blocked() || git_blocks || has_unread {
        return Ok(Report::Rekey(report));
    }
    if !options.yes {
        let planned = Report::Rekey(report);
        let answer = context.progress.confirm_plan(&planned, "Do this?");
        let Report::Rekey(mut planned) = planned else { return Ok(planned) };
        planned.shown = answer.is_some();
        report = planned;
        if answer != Some(true) {
            return Ok(Report::Rekey(report));
        }
    }
    run.apply(&plan, &read)?;
    report.applied = true;
    Ok(Report::Rekey(report))
}

/// A value in a few words.
fn shortened(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

fn collided(collision: &rekey::Collision) -> Collided {
    Collided {
        from: collision.from.clone(),
        to: collision.to.clone(),
        other: collision.other.clone(),
        same_answer: collision.answers.is_none(),
        answers: collision.answers.clone(),
    }
}

/// The SHA-256 of the bytes that were judged, by the path of each recording that is to change.
type Read = BTreeMap<String, [u8; 32]>;

/// What one file needs.
enum RekeyNeed {
    Right,
    Wanted(Move, [u8; 32]),
    /// Not a recording: it is left as it is.
    Left(LeftAlone),
    /// Its kind is unknown.
    Refused(LeftAlone),
    /// It cannot be read, so it is unknown whether it must be renamed. Either all files are renamed or none.
    Unread(LeftAlone),
}

/// What all files need.
struct LookedAt {
    moves: Vec<Move>,
    read: Read,
    report: RekeyReport,
    has_unread: bool,
}

struct RekeyRun<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    names: &'a Renames,
}

impl RekeyRun<'_> {
    /// Reads every file once, on all cores, and keeps only where it should be.
    fn look(&self, files: &[RecordingFile]) -> Result<LookedAt> {
        let progress = self.context.progress;
        progress.begin("reading", files.len());
        let look = |file: &RecordingFile| {
            let seen = self.look_at(file);
            progress.step("");
            seen
        };
        // Of several errors the first one is told, whichever thread came first.
        let seen: Vec<Result<RekeyNeed>> = files.par_iter().map(look).collect();
        let seen: Result<Vec<RekeyNeed>> = seen.into_iter().collect();
        progress.end();
        let (mut moves, mut read, mut has_unread) = (Vec::new(), Read::new(), false);
        let mut report = RekeyReport { checked: files.len(), ..RekeyReport::default() };
        for seen in seen? {
            match seen {
                RekeyNeed::Right => {}
                RekeyNeed::Wanted(wish, digest) => {
                    read.insert(wish.from.clone(), digest);
                    moves.push(wish);
                }
                RekeyNeed::Left(file) => report.left.push(file),
                RekeyNeed::Refused(file) => report.refused.push(file),
                RekeyNeed::Unread(file) => {
                    has_unread = true;
                    report.refused.push(file);
                }
            }
        }
        Ok(LookedAt { moves, read, report, has_unread })
    }

    fn look_at(&self, file: &RecordingFile) -> Result<RekeyNeed> {
        let because = |reason: String| LeftAlone { path: file.path.clone(), reason };
        let bytes = match self.store.read(file) {
            Ok(bytes) => bytes,
            // A link to a missing file is not a recording.
            Err(why) if self.store.is_link(file) => {
                return Ok(RekeyNeed::Refused(because(format!("cannot be read: {why}"))));
            }
            Err(why) => {
                return Ok(RekeyNeed::Unread(because(format!("cannot be read: {why}; nothing was renamed"))));
            }
        };
        let recording = match Recording::parse(&bytes) {
            Ok(recording) => recording,
            Err(flaw) => return Ok(RekeyNeed::Left(because(flaw.to_string()))),
        };
        let Some(renamed) = self.names.apply(&recording, self.store.key_rules())? else { return Ok(RekeyNeed::Right) };
        let test_id = match renamed.test_id().map(TestId::parse).transpose() {
            Ok(test_id) => test_id,
            Err(why) => return Ok(RekeyNeed::Left(because(why.to_string()))),
        };
        let name = file_name(&renamed, self.store.key_rules());
        // A recording without a test that has the right name keeps its folder: no rule says that the folder is wrong.
        let keeps_folder =
            test_id.is_none() && file_name(&recording, self.store.key_rules()) == format!("{}.json", file.stem());
        let folder = match keeps_folder {
            true => file.folder().to_owned(),
            false => self.store.layout().home(file.folder(), test_id.as_ref()),
        };
        let to = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if to == file.path && renamed == recording {
            return Ok(RekeyNeed::Right);
        }
        if self.store.is_link(file) {
            return Ok(RekeyNeed::Refused(because(
                "a link; rekey the file that it points to, or delete the link".to_owned(),
            )));
        }
        Ok(RekeyNeed::Wanted(Move { from: file.path.clone(), to }, Sha256::digest(&bytes).into()))
    }

    /// What a recording and the one that has its name answer, if that differs. `other` may be about to change itself.
    fn compare(&self, wish: &Move, other: &str, read: &Read) -> Result<Option<AnswerLines>> {
        let one = self.renamed(&wish.from)?;
        let file = RecordingFile { path: other.to_owned() };
        let two = if read.contains_key(other) {
            self.renamed(other)?
        } else {
            match self.store.read(&file).map(|bytes| Recording::parse(&bytes)) {
                Ok(Ok(recording)) => recording,
                Ok(Err(flaw)) => return Ok(Some([rekey::describe(&one), flaw.to_string()])),
                Err(why) => return Ok(Some([rekey::describe(&one), format!("cannot be read: {why}")])),
            }
        };
        let same = rekey::is_twin(&one, &two);
        Ok((!same).then(|| [rekey::describe(&one), rekey::describe(&two)]))
    }

    /// A recording under its new names.
    fn renamed(&self, path: &str) -> Result<Recording> {
        self.renamed_from(path, &self.read(path)?)
    }

    fn renamed_from(&self, path: &str, bytes: &[u8]) -> Result<Recording> {
        let recording = Recording::parse(bytes).map_err(|flaw| Error::new(flaw.to_string()).at(path))?;
        Ok(self.names.apply(&recording, self.store.key_rules())?.unwrap_or(recording))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        let file = RecordingFile { path: path.to_owned() };
        self.store.read(&file).map_err(|why| Error::new(format!("cannot be read: {why}")).at(path))
    }

    /// Refuses to change files that git could not restore; returns whether there are any.
    fn check_git(&self, plan: &RekeyPlan, report: &mut RekeyReport) -> Result<bool> {
        if plan.is_empty() || !self.store.is_in_git() {
            return Ok(false);
        }
        let ask = || {
            let git = Git::open(self.store.root())?;
            Ok((git.uncommitted()?, git.index()?))
        };
        let (changed, index) = ask().map_err(|error: Error| error.hint("--force works without git"))?;
        let changed: BTreeSet<&str> = changed.iter().map(|file| file.path.as_str()).collect();
        // Git does not list ignored files as changes, but they are not committed either.
        let known: BTreeSet<&str> = index.iter().map(|blob| blob.file.path.as_str()).collect();
        let is_unknown = |path: &str| is_recording_path(path) && !known.contains(path);
        let ours = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with(SPARE));
        let refused = plan.touched().filter(|path| (changed.contains(path) || is_unknown(path)) && !ours(path));
        let why = "has uncommitted changes; commit them, or give --force";
        let refused: Vec<_> = refused.map(|path| LeftAlone { path: path.to_owned(), reason: why.to_owned() }).collect();
        let any = !refused.is_empty();
        report.refused.extend(refused);
        report.git_checked = true;
        Ok(any)
    }

    /// Refuses to give an answer the name of another question; returns whether there is one.
    fn check_questions(&self, plan: &RekeyPlan, report: &mut RekeyReport) -> Result<bool> {
        if !self.names.is_empty() {
            return Ok(false);
        }
        let paths: Vec<&str> = plan.moves.iter().map(|wish| wish.from.as_str()).collect();
        let edited = edited::since_head(self.store, &paths)?;
        let any = !edited.is_empty();
        for (path, differences) in edited {
            let shown = |value: &Option<serde_json::Value>| value.as_ref().map_or("nothing".to_owned(), shortened);
            let first = differences.first().map_or(String::new(), |first| {
                format!("{} changed from {} to {}", first.pointer, shown(&first.found), shown(&first.expected))
            });
            let reason = format!(
                "its request was edited since the last commit ({first}), so its answer belongs to another request; \
                 `git restore` undoes the edit, `bedrock-fixtures record` records the new request, --edited keeps the \
                 old answer"
            );
            match report.refused.iter_mut().find(|file| file.path == path) {
                Some(file) => file.reason = format!("{}; {reason}", file.reason),
                None => report.refused.push(LeftAlone { path, reason }),
            }
        }
        Ok(any)
    }

    fn apply(&self, plan: &RekeyPlan, read: &Read) -> Result<()> {
        let steps = plan.steps();
        let changes: Vec<FileChange> = steps.iter().map(change).collect();
        let progress = self.context.progress;
        progress.begin("preparing", changes.len());
        let done = self.store.relocate(&changes, &mut |index| {
            progress.step("");
            match &steps[index] {
                Step::Place { from, .. } => Ok(self.renamed_from(from, &self.as_planned(from, read)?)?.to_bytes()),
                Step::Remove { path, is_spare: false } => {
                    self.twin_is_there(path, plan, read)?;
                    self.as_planned(path, read)
                }
                Step::Spare { from, .. } => self.as_planned(from, read),
                Step::Remove { is_spare: true, .. } => Ok(vec![]),
            }
        });
        progress.end();
        done
    }

    /// Checks, before deleting a recording with a twin, that the twin still exists with the same answer. Another run
    /// may have moved it since the plan was made, and then both would be lost.
    fn twin_is_there(&self, path: &str, plan: &RekeyPlan, read: &Read) -> Result<()> {
        let Some(collision) = plan.collisions.iter().find(|collision| collision.from == path) else { return Ok(()) };
        let wish = Move { from: collision.from.clone(), to: collision.to.clone() };
        match self.compare(&wish, &collision.other, read) {
            Ok(None) if self.store.exists(&collision.other) => Ok(()),
            _ => {
                let gone = Error::new("the recording with the same answer has changed since the plan was made");
                Err(gone.at(&collision.other).hint("run it again"))
            }
        }
    }

    /// The bytes of a file, if they are those for which the plan was made.
    fn as_planned(&self, path: &str, read: &Read) -> Result<Vec<u8>> {
        let bytes = self.read(path)?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if read.get(path) == Some(&digest) {
            return Ok(bytes);
        }
        Err(Error::new("the file has changed since the plan was made").at(path).hint("run it again"))
    }
}

fn change(step: &Step) -> FileChange {
    match step.clone() {
        Step::Place { from, to, replaces } => FileChange { path: to, source: Some(from), replaces },
        Step::Spare { from, to } => FileChange { path: to, source: Some(from), replaces: false },
        Step::Remove { path, is_spare } => FileChange { path, source: None, replaces: !is_spare },
    }
}
