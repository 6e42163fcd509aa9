//! `verify`: nothing wrong in the store.

use crate::jobs::verify::baseline;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::jobs::{FileFindings, index};
use crate::recording::Recording;
use crate::recording::epochs;
use crate::recording::json;
use crate::recording::test_id::TestId;
use crate::report::{Finding, Fixed, Report, RuleId, RuleRow, VerifyReport};
use crate::rules::{self, RULES, Suspect};
use crate::settings::detect::{RecordedSdk, Unread};
use crate::store::{RecordingFile, Store};
use crate::vcs::{Git, GitContent};

use crate::context::{Context, Version};
use baseline::Baseline;

use super::fix::Fix;

/// What is wanted of it.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Files or folders to check instead of every recording below the root
    pub paths: Vec<PathBuf>,
    /// Fail for warnings too, and also find untidy content
    pub strict: bool,
    /// Fix what is safe to fix: layout, rec- ids, times
    pub fix: bool,
    /// Show for each wrong name which algorithm or edit explains it
    pub explain: bool,
    /// Print the table of rules and check nothing
    pub rules: bool,
    /// Only these rules
    pub select: Vec<RuleId>,
    /// All rules except these
    pub ignore: Vec<RuleId>,
    /// Not a secret: the id of a finding of the rule `secret`, which --format json and `record` show
    pub allow_secret: Vec<String>,
    /// Leave out the findings that FILE lists
    pub baseline: Option<PathBuf>,
    /// Write the current findings to FILE, for --baseline
    pub write_baseline: Option<PathBuf>,
    /// Check the files of git's index that differ from HEAD, not the working tree
    pub staged: bool,
}

/// Checks the selected recordings on all cores.
pub fn run(context: &Context<'_>, options: &VerifyOptions) -> Result<Report> {
    if options.rules {
        return Ok(Report::Rules(rule_rows()));
    }
    let baseline = options.baseline.as_ref().map(|file| Baseline::read(&context.cwd.join(file))).transpose()?;
    let store = context.store(&options.paths)?;
    if options.fix {
        store.remove_leftovers();
    }
    let mut report =
        if options.staged { verify_staged(context, &store, options)? } else { verify_tree(context, &store, options)? };
    let is_allowed =
        |finding: &Finding| finding.content.is_some_and(|id| options.allow_secret.contains(&id.to_string()));
    report.findings.retain(|finding| {
        let ignored = context.settings.ignores(&finding.path, finding.rule);
        is_selected(options, finding.rule) && !ignored && !is_allowed(finding)
    });
    if let Some(file) = &options.write_baseline {
        // In a baseline, what cannot be read today would be fine for ever.
        if let Some((path, why)) = report.unread.first() {
            let hint = "check its permissions; no baseline was written";
            return Err(Error::new(format!("cannot be read: {why}")).at(path).hint(hint));
        }
        Baseline::write(&context.cwd.join(file), &report.findings)?;
        context.progress.note(&format!("{}: {} findings written", file.display(), report.findings.len()));
        report.findings.clear();
    }
    if let (Some(baseline), Some(file)) = (baseline, &options.baseline) {
        if baseline.unbound > 0 {
            context.progress.note(&format!(
                "{}: {} of the rule secret have no hash of the secret and are not used, because they would hide other \
                 secrets in the same places; write the file again with verify --write-baseline",
                file.display(),
                baseline.unbound
            ));
        }
        baseline.leave_out(&mut report.findings);
    }
    Ok(Report::Verify(report))
}

fn rule_rows() -> Vec<RuleRow> {
    let row = |rule: &rules::Rule| RuleRow {
        rule: rule.id,
        severity: rule.severity,
        what: rule.what,
        why: rule.why,
        mend: rule.mend,
    };
    RULES.iter().map(row).collect()
}

fn is_selected(options: &VerifyOptions, rule: RuleId) -> bool {
    (options.select.is_empty() || options.select.contains(&rule)) && !options.ignore.contains(&rule)
}

fn verify_tree(context: &Context<'_>, store: &Store, options: &VerifyOptions) -> Result<VerifyReport> {
    let pass = CheckPass::new(context, store, options);
    if options.paths.is_empty() {
        context.progress.begin("checking", 0);
        pass.whole_store()?;
    } else {
        let files = store.list(&context.cwd, &options.paths)?;
        context.progress.begin("checking", files.len());
        each(store, &files, |file| pass.file(file))?;
    }
    context.progress.end();
    pass.mend()?;
    let report = pass.finish();
    if report.checked == 0 {
        return Err(crate::jobs::files::no_recordings(store, &options.paths));
    }
    Ok(report)
}

/// Checks what the next commit would hold, whatever the working tree holds. Nothing staged is nothing wrong.
fn verify_staged(context: &Context<'_>, store: &Store, options: &VerifyOptions) -> Result<VerifyReport> {
    let git = Git::open(store.root())?;
    let wanted =
        options.paths.iter().map(|path| store.relative(&context.cwd, path)).collect::<Result<Vec<String>>>()?;
    let is_wanted = |file: &RecordingFile| {
        wanted.is_empty() || wanted.iter().any(|path| file.path == *path || file.path.starts_with(&format!("{path}/")))
    };
    let staged: Vec<RecordingFile> = git.staged()?.into_iter().filter(is_wanted).collect();
    let index: BTreeMap<RecordingFile, GitContent> =
        git.index()?.into_iter().map(|blob| (blob.file, blob.content)).collect();
    let blobs = git.read_each(staged.iter().filter_map(|file| index.get(file).cloned()))?;
    let pass = CheckPass::new(context, store, options);
    context.progress.begin("checking", staged.len());
    each(store, &staged, |file| match index.get(file).and_then(|content| blobs.get(content)) {
        Some(Ok(bytes)) => pass.bytes(file, bytes),
        Some(Err(why)) => pass.unreadable(file, why),
        None => pass.unreadable(file, "git has no content for it"),
    })?;
    context.progress.end();
    Ok(pass.finish())
}

/// So few files are checked one after the other: to start more threads would take longer.
const FEW: usize = 4;

/// Checks each of the files.
fn each(store: &Store, files: &[RecordingFile], check: impl Fn(&RecordingFile) + Send + Sync) -> Result<()> {
    if files.len() > FEW {
        // They share the answer, and none of them may wait for it while it reads recordings for it.
        store.recorder().get();
        index::make_threads();
        files.par_iter().for_each(check);
        return Ok(());
    }
    let one_by_one = || files.iter().for_each(check);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(json::STACK).spawn_scoped(scope, one_by_one);
        let done = thread.map(std::thread::ScopedJoinHandle::join);
        done.map_err(|error| Error::io("cannot start", "a thread", &error))?.map_err(|_| Error::new("a check failed"))
    })
}

/// All rules on all files of the store; what `demo` runs.
pub(crate) fn verify_files(context: &Context<'_>, store: &Store, files: &[RecordingFile]) -> VerifyReport {
    let options = VerifyOptions::default();
    let pass = CheckPass::new(context, store, &options);
    files.par_iter().for_each(|file| pass.file(file));
    pass.finish()
}

/// One pass over files, from many threads.
struct CheckPass<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    options: &'a VerifyOptions,
    found: Mutex<FoundFindings>,
}

#[derive(Default)]
struct FoundFindings {
    checked: usize,
    findings: Vec<Finding>,
    unread: Vec<(String, String)>,
    suspects: Vec<Suspect>,
    fixes: Vec<Fix>,
    fixed: Vec<Fixed>,
    /// The newest SDK that a recording names.
    newest: Option<Version>,
    /// Files whose findings depend on the recorder, while it is not known.
    waiting: Vec<RecordingFile>,
}

impl<'a> CheckPass<'a> {
    fn new(context: &'a Context<'a>, store: &'a Store, options: &'a VerifyOptions) -> Self {
        CheckPass { context, store, options, found: Mutex::default() }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, FoundFindings> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks all recordings below the root. The files are not listed first: a store may be larger than memory likes.
    ///
    /// If only the recordings name the SDK, this pass learns which one it is, so that no other one reads them for it
    /// first: that took a sixth of the time. Few files are judged by it; they wait until all are read.
    fn whole_store(&self) -> Result<()> {
        let in_force = &self.context.in_force;
        if self.options.explain {
            // Any wrong name is explained by the rules in force.
            in_force.get();
        }
        let walk = self.store.walk().par_bridge();
        if in_force.known().is_some() {
            return walk.try_for_each(|file| file.map(|file| self.file(&file)));
        }
        walk.try_for_each(|file| file.map(|file| self.file_early(&file)))?;
        let waiting = self.tell_recorded();
        in_force.get();
        waiting.par_iter().for_each(|file| self.file(file));
        Ok(())
    }

    /// Tells the context what the recordings name; returns the files that wait for it.
    fn tell_recorded(&self) -> Vec<RecordingFile> {
        let mut found = self.found();
        let unread = found.unread.iter().min().filter(|_| found.newest.is_none());
        let unread = unread.map(|(path, why)| Error::new(format!("cannot be read: {why}")).at(path));
        self.context.recorded.give(RecordedSdk { newest: found.newest, unread: Unread { unlisted: None, unread } });
        std::mem::take(&mut found.waiting)
    }

    fn file(&self, file: &RecordingFile) {
        self.read(file, |bytes| self.bytes(file, bytes));
    }

    /// Checks a file while the recorder is not known.
    fn file_early(&self, file: &RecordingFile) {
        self.read(file, |bytes| {
            let early = crate::jobs::judge_early(self.store, file, bytes, self.options.strict);
            let mut found = self.found();
            found.newest = found.newest.max(early.sdk);
            match early.findings {
                Some(verdict) => {
                    drop(found);
                    self.judged(file, bytes, verdict);
                }
                None => found.waiting.push(file.clone()),
            }
        });
    }

    fn read(&self, file: &RecordingFile, check: impl FnOnce(&[u8])) {
        thread_local! {
            /// One buffer a thread: large files would otherwise cost a trip to the kernel each.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        BUFFER.with_borrow_mut(|buffer| match self.store.read_into(file, buffer) {
            Ok(bytes) => check(bytes),
            // Another run renamed or deleted it since the folder was read: it is no part of the store.
            Err(_) if !self.store.exists(&file.path) && !file.has_lossy_name() => {}
            Err(why) => self.unreadable(file, &why),
        });
    }

    fn unreadable(&self, file: &RecordingFile, why: &str) {
        let mut found = self.found();
        found.checked += 1;
        found.findings.push(rules::unreadable(&file.path, why));
        found.unread.push((file.path.clone(), why.to_owned()));
    }

    fn bytes(&self, file: &RecordingFile, bytes: &[u8]) {
        self.judged(file, bytes, crate::jobs::judge_bytes(self.store, file, bytes, self.options.strict));
    }

    fn judged(&self, file: &RecordingFile, bytes: &[u8], mut verdict: FileFindings) {
        if self.options.fix
            && let Some(fix) = self.plan(file, &verdict.findings)
        {
            self.found().fixes.push(fix);
        }
        if self.options.explain {
            self.explain(file, bytes, &mut verdict.findings);
        }
        let mut found = self.found();
        found.checked += 1;
        found.findings.append(&mut verdict.findings);
        found.suspects.extend(verdict.suspect);
        drop(found);
        self.context.progress.step("");
    }

    /// The fix of a file that can be written.
    fn plan(&self, file: &RecordingFile, findings: &[Finding]) -> Option<Fix> {
        let fix = Fix::of(self.store, file, findings, |rule| is_selected(self.options, rule))?;
        if let Some(why) = self.store.hindrance(file) {
            self.context.progress.note(&format!("not fixed: {why}"));
            return None;
        }
        Some(fix)
    }

    /// Writes the fixes after everything was checked. Files that could not be written are reported as an error at the
    /// end.
    fn mend(&self) -> Result<()> {
        let fixes = std::mem::take(&mut self.found().fixes);
        let count = fixes.len();
        let failures: Vec<Error> = fixes.into_iter().filter_map(|fix| self.mend_one(fix).err()).collect();
        match (failures.len(), failures.into_iter().next()) {
            (_, None) => Ok(()),
            (failed, Some(first)) => Err(first.hint(format!("{failed} of {count} files could not be fixed"))),
        }
    }

    fn mend_one(&self, fix: Fix) -> Result<()> {
        let Some(rewritten) = fix.write(self.store)? else { return Ok(()) };
        let Fix { file, rules, .. } = fix;
        let mut verdict = crate::jobs::judge_bytes(self.store, &file, &rewritten, self.options.strict);
        if self.options.explain {
            self.explain(&file, &rewritten, &mut verdict.findings);
        }
        let mut found = self.found();
        found.findings.retain(|finding| finding.path != file.path);
        found.findings.append(&mut verdict.findings);
        found.fixed.push(Fixed { path: file.path, rules });
        Ok(())
    }

    /// Adds to a wrong name what algorithm or edit gives it.
    fn explain(&self, file: &RecordingFile, bytes: &[u8], findings: &mut [Finding]) {
        let mut mismatches = findings.iter_mut().filter(|finding| finding.rule == RuleId::KeyMismatch).peekable();
        if mismatches.peek().is_none() {
            return;
        }
        if let Ok(recording) = Recording::parse(bytes) {
            let explanation = epochs::explain(&recording, file.stem(), self.store.key_rules());
            // The rule says so itself.
            if explanation.is_of_other_recorder() {
                return;
            }
            mismatches.for_each(|finding| finding.message = format!("{}: {explanation}", finding.message));
        }
    }

    fn finish(self) -> VerifyReport {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut findings = found.findings;
        findings.extend(rules::duplicates(&found.suspects, |suspect| twin(self.store, suspect)));
        findings.sort_by(|a, b| (&a.path, a.rule, &a.pointer).cmp(&(&b.path, b.rule, &b.pointer)));
        let mut fixed = found.fixed;
        fixed.sort_by(|a, b| a.path.cmp(&b.path));
        let (checked, mut unread) = (found.checked, found.unread);
        unread.sort();
        VerifyReport { checked, findings, unread, fixed, strict: self.options.strict, rules: rule_rows() }
    }
}

/// The file that a replay of a suspect's request would read, and the url recorded in it.
fn twin(store: &Store, suspect: &Suspect) -> Option<(String, String)> {
    let test_id = suspect.test_id.as_deref().and_then(|test_id| TestId::parse(test_id).ok());
    let file = store.find_one(suspect.key, test_id.as_ref())?;
    let recording = Recording::parse(&store.read(&file).ok()?).ok()?;
    Some((file.path, recording.url().unwrap_or_default().to_owned()))
}
