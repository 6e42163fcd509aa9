//! Whether a recording that another recorder wrote may stay.

use crate::client::bedrock::error::{classify, mask};
use crate::jobs::judge_bytes;
use crate::recording::exception::is_transient;
use crate::recording::json::Value;
use crate::recording::same_answer::same_answer;
use crate::recording::{Exception, Recording, completeness};
use crate::report::Severity;
use crate::secret::Secret;
use crate::store::{RecordingFile, Store};

/// What to think of a recording.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It stays.
    Good,
    /// It says what the one of before says.
    Noise,
    /// It may not stay, and why.
    Bad(String),
}

/// What is judged by.
pub(crate) struct Judge<'a> {
    /// Error statuses that may be stored.
    pub(crate) allowed: &'a [u16],
    /// What may be in no recording.
    pub(crate) secrets: Vec<Secret>,
}

impl Judge<'_> {
    /// Judges what is in a file now; `old` is what was there before. Gives the recording, if it is one to speak of.
    pub(crate) fn judge(
        &self,
        store: &Store,
        file: &RecordingFile,
        old: Option<&[u8]>,
    ) -> (Verdict, Option<Recording>) {
        let bytes = match store.read(file) {
            Ok(bytes) => bytes,
            Err(why) => return (Verdict::Bad(format!("it cannot be read: {why}")), None),
        };
        if self.secrets.iter().any(|secret| secret.is_in(&bytes)) {
            // Nothing of it is to be shown either.
            return (Verdict::Bad("it repeats a credential of this run".to_owned()), None);
        }
        let recording = Recording::parse(&bytes).ok();
        let old_recording = old.and_then(|old| Recording::parse(old).ok());
        let wrong = self.wrong(store, file, &bytes, recording.as_ref(), old_recording.as_ref());
        if let Some(why) = wrong {
            return (Verdict::Bad(why), recording);
        }
        // Noise is no reason to keep what is new, a rule that is no longer broken is.
        let broken =
            |bytes: &[u8]| judge_bytes(store, file, bytes, false).findings.into_iter().map(|finding| finding.rule);
        let is_no_worse = |old: &[u8]| {
            let new: Vec<&str> = broken(&bytes).collect();
            broken(old).all(|rule| new.contains(&rule))
        };
        let says_the_same = match (&old_recording, &recording) {
            (Some(old), Some(new)) => same_answer(old, new),
            _ => false,
        };
        let verdict = if says_the_same && old.is_some_and(is_no_worse) { Verdict::Noise } else { Verdict::Good };
        (verdict, recording)
    }

    /// A text without any part of what may be in no recording.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
    }

    fn wrong(
        &self,
        store: &Store,
        file: &RecordingFile,
        bytes: &[u8],
        recording: Option<&Recording>,
        old: Option<&Recording>,
    ) -> Option<String> {
        let error = recording.and_then(Failed::of);
        if let Some(error) = &error
            && !self.allows(error, old)
        {
            return Some(error.what.clone());
        }
        if let Some(why) = recording.and_then(completeness::flaw) {
            return Some(why.1.to_string());
        }
        let findings = judge_bytes(store, file, bytes, false).findings;
        // An error that came this far was allowed by name.
        let finding = findings.iter().find(|finding| match finding.rule {
            "transient-error" => error.is_none(),
            // The run was to ask Bedrock.
            "foreign-host" => true,
            _ => finding.severity == Severity::Error,
        })?;
        Some(format!("it breaks the rule {}: {}", finding.rule, finding.message))
    }

    fn allows(&self, error: &Failed, old: Option<&Recording>) -> bool {
        let was = old.and_then(Failed::of).and_then(|old| old.status);
        let is_allowed = |status: u16| self.allowed.contains(&status) || (was == Some(status) && !is_transient(status));
        error.status.is_some_and(is_allowed)
    }
}

/// A call that did not succeed, as it is recorded.
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
            // The recorder keeps what is inside of `error`; both forms are read alike.
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
