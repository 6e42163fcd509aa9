//! Decides whether an answer may be stored. `record` uses it before it writes, the guarded run after another recorder
//! wrote.

use std::fmt;

use crate::client::bedrock::error::{classify, mask};
use crate::client::sandbox::MARK;
use crate::recording::completeness::{self, AnswerFlaw};
use crate::recording::exception::is_transient;
use crate::recording::json::Value;
use crate::recording::same_answer::same_answer;
use crate::recording::turn::{Choice, Turn};
use crate::recording::{Exception, Recording};
use crate::report::{ContentDigest, Finding, RuleId, Severity};
use crate::secret::Secret;
use crate::store::{RecordingFile, Store};

use super::judge_bytes;

/// The policy of the gate.
#[derive(Clone)]
pub(crate) struct Policy {
    /// Error statuses that are stored, besides those that the old recording has.
    pub(crate) allowed: Vec<u16>,
    /// Ids of findings of the rule `secret` that the user has allowed.
    pub(crate) no_secrets: Vec<String>,
    /// Secrets that must not be in a recording.
    pub(crate) secrets: Vec<Secret>,
    /// The run records Bedrock only: an answer of another service is refused.
    pub(crate) only_bedrock: bool,
    /// The answers are invented, and may not replace real ones.
    pub(crate) invented: bool,
}

/// A file, and its content if that is a recording.
#[derive(Clone, Copy)]
pub(crate) struct FileContent<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) recording: Option<&'a Recording>,
}

/// The decision about an answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Admission {
    /// It is stored.
    Store,
    /// It says the same as the old one, which stays.
    Same,
    /// It is not stored.
    Refuse(Rejection),
}

/// Why an answer is not stored.
#[derive(Debug, PartialEq)]
pub(crate) enum Rejection {
    /// It repeats a credential.
    Secret,
    /// The call failed: what happened and what to do about it.
    Failed(String),
    /// It succeeded without an answer.
    NoAnswer(AnswerFlaw),
    /// The recording would break a rule.
    Rule {
        /// The rule.
        rule: RuleId,
        /// What it finds.
        message: String,
    },
    /// The new answer comes from the sandbox, and the old one is real.
    Invented,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Secret => f.write_str("the answer contains the bearer token or another credential of this run"),
            Rejection::Failed(what) => f.write_str(what),
            Rejection::NoAnswer(flaw) => flaw.fmt(f),
            Rejection::Rule { rule, message } => write!(f, "the recording breaks the rule {rule}: {message}"),
            Rejection::Invented => f.write_str(
                "the recording has an answer that is not from the sandbox; run without --sandbox, or replace it with \
                 --yes",
            ),
        }
    }
}

/// Whether `new` may replace `old`, which is the current recording, if there is one.
pub(crate) fn admit(
    store: &Store,
    file: &RecordingFile,
    old: Option<FileContent<'_>>,
    new: FileContent<'_>,
    policy: &Policy,
) -> Admission {
    match reject(store, file, old.and_then(|old| old.recording), new, policy) {
        Some(rejection) => Admission::Refuse(rejection),
        None => compare(store, file, old, new, policy),
    }
}

/// Like [`admit`], for an answer that was not rejected.
pub(crate) fn compare(
    store: &Store,
    file: &RecordingFile,
    old: Option<FileContent<'_>>,
    new: FileContent<'_>,
    policy: &Policy,
) -> Admission {
    let Some(old) = old else { return Admission::Store };
    let says_the_same = match (old.recording, new.recording) {
        (Some(old), Some(new)) => same_answer(old, new),
        _ => false,
    };
    // Noise is not a reason to store the new answer, but a fixed finding is.
    let broken = |bytes: &[u8]| judge_bytes(store, file, bytes, false).findings.into_iter().map(|finding| finding.rule);
    let is_no_worse = || {
        let new: Vec<_> = broken(new.bytes).collect();
        broken(old.bytes).all(|rule| new.contains(&rule))
    };
    if old.bytes == new.bytes || (says_the_same && is_no_worse()) {
        return Admission::Same;
    }
    if policy.invented && !old.recording.is_some_and(is_of_sandbox) {
        return Admission::Refuse(Rejection::Invented);
    }
    Admission::Store
}

/// Why an answer may not be stored, whatever is there; `old` is the recording that the request has now.
pub(crate) fn reject(
    store: &Store,
    file: &RecordingFile,
    old: Option<&Recording>,
    new: FileContent<'_>,
    policy: &Policy,
) -> Option<Rejection> {
    let joined = new.recording.map(joined).unwrap_or_default();
    if policy.secrets.iter().any(|secret| secret.is_in(new.bytes) || secret.is_in(joined.as_bytes())) {
        return Some(Rejection::Secret);
    }
    let error = new.recording.and_then(Failed::of);
    if let Some(error) = &error
        && !error.status.is_some_and(|status| policy.allows(status, old))
    {
        return Some(Rejection::Failed(error.what.clone()));
    }
    if let Some((_, flaw)) = new.recording.and_then(completeness::flaw) {
        return Some(Rejection::NoAnswer(flaw));
    }
    // An error that came this far was allowed by name.
    let breaks = |rule: RuleId, severity: Severity| match rule {
        RuleId::TransientError => error.is_none(),
        RuleId::ForeignHost => policy.only_bedrock,
        _ => severity == Severity::Error,
    };
    let findings = judge_bytes(store, file, new.bytes, false).findings;
    let is_none = |id: ContentDigest| policy.no_secrets.contains(&id.to_string());
    let breaks = |finding: &Finding| breaks(finding.rule, finding.severity) && !finding.content.is_some_and(is_none);
    let finding = findings.into_iter().find(breaks)?;
    let hint = finding.content.map_or(String::new(), |id| format!("; if it is not a secret: --allow-secret {id}"));
    Some(Rejection::Rule { rule: finding.rule, message: finding.message + &hint })
}

impl Policy {
    /// A text without the secrets that a recording must not contain: a server may repeat them.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
    }

    /// Whether an error status is stored: the user allowed it, or the old recording has it.
    pub(crate) fn allows(&self, status: u16, old: Option<&Recording>) -> bool {
        let was = || old.and_then(Failed::of).and_then(|old| old.status);
        self.allowed.contains(&status) || (!is_transient(status) && was() == Some(status))
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
fn is_of_sandbox(recording: &Recording) -> bool {
    let says = |choice: &Choice| choice.text.as_ref().is_some_and(|text| text.contains(MARK));
    Turn::of_recording(recording).is_ok_and(|turn| turn.choices.values().any(says))
}

/// The recording of a failed call.
struct Failed {
    status: Option<u16>,
    /// What happened, and what to do about it.
    what: String,
}

impl Failed {
    fn of(recording: &Recording) -> Option<Self> {
        let response = recording.response();
        match (response.exception, response.status) {
            (Some(exception), _) => Some(Failed { status: exception.status(), what: what(&exception) }),
            (None, Some(status)) if status >= 300 => {
                Some(Failed { status: Some(status), what: advice(status, &response.body.to_sorted_text()) })
            }
            _ => None,
        }
    }
}

fn what(exception: &Exception<'_>) -> String {
    match exception.status() {
        Some(status) => {
            // The recorder stores the content of `error`; both forms are read.
            let body = exception.data.and_then(|data| data.get("body")).unwrap_or(&Value::Null);
            let text = body.as_str().map_or_else(|| body.to_sorted_text(), str::to_owned);
            advice(status, if text.is_empty() || text == "null" { exception.message } else { &text })
        }
        None => format!("{}: {}", exception.type_name(), mask(exception.message)),
    }
}

fn advice(status: u16, text: &str) -> String {
    let error = classify(status, None, text);
    let hint = error.class.hint().map_or(String::new(), |hint| format!("; {hint}"));
    format!("{error}{hint}")
}
