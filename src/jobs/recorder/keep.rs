//! What is kept of an answer: judged, checked by the rules, and written to its place.

use crate::client::call::{Failure, Reply};
use crate::client::sandbox::MARK;
use crate::jobs::judge_bytes;
use crate::recording::Recording;
use crate::recording::dump::Form;
use crate::recording::layouts::Layout;
use crate::recording::same_answer::same_answer;
use crate::recording::turn::{Choice, Turn, Usage};
use crate::report::{Finding, RecordResult, Severity, Skip, Status};
use crate::secret::Secret;
use crate::store::stage::Promotion;
use crate::store::{RecordingFile, Store};

use super::judge::{Refusal, judge};
use crate::jobs::cases::Case;

/// Why the sandbox leaves a recording alone.
const REAL: &str =
    "the recording holds an answer that is not the sandbox's; ask without --sandbox, or replace it with --yes";

/// Keeps answers in a store.
#[derive(Clone)]
pub(crate) struct Keeper {
    pub(crate) store: Store,
    /// The token in use, and those before it.
    pub(crate) tokens: Vec<Secret>,
    /// Error statuses that are stored.
    pub(crate) allowed: Vec<u16>,
    /// The form of new recordings. One that is replaced keeps its layout, so that a diff shows the answer and no upgrade.
    pub(crate) form: Form,
    /// The answers are invented, and may not replace real ones.
    pub(crate) invented: bool,
}

/// What one request came to.
pub(crate) struct Asked {
    pub(crate) result: RecordResult,
    pub(crate) usage: Usage,
    pub(crate) refusal: Option<Refusal>,
}

impl Asked {
    /// The answer is not kept.
    pub(crate) fn refused(store: &Store, case: &Case, refusal: Refusal) -> Self {
        let result = result(store, case, Status::Refused, Some(refusal.reason.clone()));
        Asked { result, usage: Usage::default(), refusal: Some(refusal) }
    }
}

impl Keeper {
    /// Judges a reply and stores what may be.
    pub(crate) fn keep(&self, case: &Case, reply: std::result::Result<Reply, Failure>) -> Asked {
        let old = self.store.recording(case.key, case.test_id.as_ref());
        let layout = old.as_ref().map_or(self.form.layout, Layout::of_recording);
        let judged = judge(case, reply, &self.allowed, old.as_ref(), Form { layout, ..self.form });
        let stored = judged.and_then(|(recording, usage)| Ok((self.store(case, &recording)?, usage)));
        match stored {
            Ok((status, usage)) => Asked { result: result(&self.store, case, status, None), usage, refusal: None },
            Err(refusal) => Asked::refused(&self.store, case, refusal),
        }
    }

    /// Writes a recording, if it passes the rules and is more than noise.
    fn store(&self, case: &Case, recording: &Recording) -> std::result::Result<Status, Refusal> {
        let bytes = recording.to_bytes();
        let joined = joined(recording);
        if self.tokens.iter().any(|token| token.is_in(&bytes) || token.is_in(joined.as_bytes())) {
            return Err(Refusal::of_this("the answer repeats the bearer token; nothing was stored"));
        }
        let file = place(&self.store, case);
        let findings = judge_bytes(&self.store, &file, &bytes, false).findings;
        // An error that came this far was allowed by name.
        let breaks = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "transient-error";
        if let Some(finding) = findings.iter().find(breaks) {
            return Err(Refusal::of_this(format!(
                "the recording would break the rule {}: {}",
                finding.rule, finding.message
            )));
        }
        // Noise is no reason to write, a broken rule is.
        let mut is_real = false;
        let keeps = |old: &[u8]| {
            let is_sound = || judge_bytes(&self.store, &file, old, false).findings.is_empty();
            if old == bytes || (is_sound() && Recording::parse(old).is_ok_and(|old| same_answer(&old, recording))) {
                return true;
            }
            is_real = self.invented && !is_of_sandbox(old);
            is_real
        };
        match self.store.write(file.folder(), &format!("{}.json", file.stem()), &bytes, keeps) {
            Ok(Promotion::Written) => Ok(Status::Written),
            Ok(Promotion::Kept) if is_real => Err(Refusal::of_this(REAL)),
            Ok(Promotion::Kept) => Ok(Status::Unchanged),
            Err(error) => Err(Refusal::of_this(error.to_string())),
        }
    }
}

/// The texts of an answer put together: a stream cuts them anywhere.
fn joined(recording: &Recording) -> String {
    let Ok(turn) = Turn::of_recording(recording) else { return String::new() };
    let mut texts: Vec<String> = Vec::new();
    for choice in turn.choices.into_values() {
        texts.extend([choice.text, choice.tagged_reasoning, choice.reasoning, choice.refusal].into_iter().flatten());
        texts.extend(choice.tool_calls.into_values().flat_map(|call| [call.name, call.arguments]));
        texts.extend(choice.extra_text.into_values());
    }
    texts.extend(turn.error.map(|error| error.message));
    texts.join("\n")
}

/// Whether a recording holds an answer of the sandbox: its text says so.
fn is_of_sandbox(bytes: &[u8]) -> bool {
    let turn = Recording::parse(bytes).ok().and_then(|recording| Turn::of_recording(&recording).ok());
    let says = |choice: &Choice| choice.text.as_ref().is_some_and(|text| text.contains(MARK));
    turn.is_some_and(|turn| turn.choices.values().any(says))
}

/// Where the recording of a case is: where a replay finds it, so that it gets no twin, else in the folder of its test.
pub(crate) fn place(store: &Store, case: &Case) -> RecordingFile {
    let found = store.find(case.key, case.test_id.as_ref(), false).into_iter().next();
    found.unwrap_or_else(|| {
        let folder = store.layout().folder(case.test_id.as_ref());
        RecordingFile { path: format!("{folder}/{}.json", case.key) }
    })
}

/// The result of one case, with the place of its recording.
pub(crate) fn result(store: &Store, case: &Case, status: Status, reason: Option<String>) -> RecordResult {
    let (test_id, key) = (case.call.test_id.clone(), case.key.to_string());
    RecordResult { test_id, key, path: place(store, case).path, status, reason, skip: None }
}

/// The result of a case that is not asked.
pub(crate) fn skipped(store: &Store, case: &Case, skip: Skip, reason: impl Into<String>) -> RecordResult {
    RecordResult { skip: Some(skip), ..result(store, case, Status::Skipped, Some(reason.into())) }
}
