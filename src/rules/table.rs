//! The table of the rules, and what is made of what they say.

use crate::report::{Finding, RuleId, Severity, shell};

use super::subject::{Subject, Violation};
use super::{answer, format, place, request, secret};

/// A rule of `verify`.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name in findings and on the command line.
    pub id: RuleId,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do about a finding; `FILE` in a command stands for the path of its file.
    pub mend: &'static str,
    check: fn(&Subject<'_>) -> Vec<Violation>,
}

/// All rules, in the order in which they are reported.
pub const RULES: [Rule; 20] = [
    Rule {
        id: RuleId::Json,
        severity: Severity::Error,
        what: "not JSON that Python reads, or a file that cannot be read",
        why: "the replay stops with an exception",
        mend: "restore the file, or record it again",
        check: format::json,
    },
    Rule {
        id: RuleId::LoneSurrogate,
        severity: Severity::Error,
        what: "half a surrogate pair in a text",
        why: "JSON readers disagree on it; Python cannot even print it",
        mend: "record it again",
        check: format::lone_surrogate,
    },
    Rule {
        id: RuleId::Schema,
        severity: Severity::Error,
        what: "JSON that is not a recording",
        why: "the replay cannot use it",
        mend: "move the file out of the recordings folder, or record it again",
        check: format::schema,
    },
    Rule {
        id: RuleId::UnknownKind,
        severity: Severity::Error,
        what: "a kind of request that today's recorder does not replay",
        why: "no request can reach it",
        mend: "delete the file if no test needs it",
        check: format::unknown_kind,
    },
    Rule {
        id: RuleId::NotCanonical,
        severity: Severity::Error,
        what: "bytes that the recorder would not write",
        why: "the next recording changes lines without meaning, which hide real changes in the diff",
        mend: "run verify --fix, or record it again",
        check: format::not_canonical,
    },
    Rule {
        id: RuleId::KeyMismatch,
        severity: Severity::Error,
        what: "a file name that is not the key of its request",
        why: "a replay looks for the key, so it never finds the file",
        mend: "undo an edit with `git restore FILE`, or record the request with `bedrock-fixtures record FILE`; `bedrock-fixtures prune` deletes a file that was committed under a wrong name",
        check: place::key_mismatch,
    },
    Rule {
        id: RuleId::Misplaced,
        severity: Severity::Error,
        what: "a folder in which a replay of its test does not look",
        why: "a replay looks beside the test, then in the common folder, so it never finds the file",
        mend: "move it to the folder of its test",
        check: place::misplaced,
    },
    Rule {
        id: RuleId::RecId,
        severity: Severity::Error,
        what: "an answer whose id belongs to another file name",
        why: "the file was renamed or its request edited after it was recorded",
        mend: "run verify --fix if the name is right, else undo the edit",
        check: place::rec_id,
    },
    Rule {
        id: RuleId::UnknownType,
        severity: Severity::Error,
        what: "a `__type__` that is not an answer of a known SDK",
        why: "the replay imports whatever module it names",
        mend: "record it again, and do not replay it before",
        check: answer::unknown_type,
    },
    Rule {
        id: RuleId::NoAnswer,
        severity: Severity::Error,
        what: "a successful completion without an answer: null, a page, an error with status 200",
        why: "the test gets this error in every replay",
        mend: "record it again",
        check: answer::no_answer,
    },
    Rule {
        id: RuleId::EditedAnswer,
        // Some answers are shortened on purpose: what fails is a matter of --strict.
        severity: Severity::Warning,
        what: "an answer that was changed after this tool recorded it",
        why: "the test gets a text that no model wrote",
        mend: "restore the file with `git restore FILE`, or record it again",
        check: answer::edited_answer,
    },
    Rule {
        id: RuleId::TruncatedStream,
        severity: Severity::Error,
        what: "a stream that ends before the model did",
        why: "the test gets half an answer in every replay",
        mend: "record it again",
        check: answer::truncated_stream,
    },
    Rule {
        id: RuleId::TransientError,
        severity: Severity::Error,
        what: "a recorded 401, 403, 408, 429 or 5xx, or a lost connection",
        why: "the error was temporary, but the test gets it in every replay",
        mend: "record it again with a valid token",
        check: answer::transient_error,
    },
    Rule {
        id: RuleId::Secret,
        severity: Severity::Error,
        what: "a key, token or signed url",
        why: "a committed secret stays in the history, and may be public",
        mend: "revoke it first, then record again; the finding shows only its start",
        check: secret::secret,
    },
    Rule {
        id: RuleId::AccountId,
        severity: Severity::Warning,
        what: "an AWS account: an ARN, or the name of a long-term key",
        why: "it shows who recorded it",
        mend: "record it again with an account that may be public",
        check: secret::account_id,
    },
    Rule {
        id: RuleId::Oversize,
        severity: Severity::Warning,
        what: "a file over 1,000 KB",
        why: "the pre-commit hook for large files blocks it, and reviews fold it",
        mend: "ask for less, or split the test",
        check: format::oversize,
    },
    Rule {
        id: RuleId::UnsupportedRequest,
        severity: Severity::Warning,
        what: "a request that Bedrock does not support",
        why: "it cannot be recorded again (tools work since autumn 2025)",
        mend: "use another provider for this test",
        check: request::unsupported,
    },
    Rule {
        id: RuleId::ForeignHost,
        severity: Severity::Warning,
        what: "another service's answer under a Bedrock test id",
        why: "the run had keys of several providers, so the test does not test Bedrock",
        mend: "remove the keys of other providers from the environment, then record it again",
        check: request::foreign_host,
    },
    Rule {
        id: RuleId::Duplicate,
        severity: Severity::Warning,
        what: "the same request of the same test under two names",
        why: "at most one of them is ever read",
        mend: "delete those whose name is not their key, as `bedrock-fixtures prune` does",
        // Needs the whole store: see `duplicates`.
        check: |_| vec![],
    },
    Rule {
        id: RuleId::Noise,
        severity: Severity::Warning,
        what: "an id or a time that the recorder would have replaced; with --strict also `obfuscation`",
        why: "it changes with every recording and fills the diff",
        mend: "run verify --fix, or record it again",
        check: answer::noise,
    },
];

/// The rule of an id.
pub fn rule(id: RuleId) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// Applies all rules to one file.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let of_rule =
        |rule: &'static Rule| (rule.check)(subject).into_iter().map(|fault| finding(rule, subject.path, fault));
    RULES.iter().flat_map(of_rule).collect()
}

pub(super) fn finding(rule: &Rule, path: &str, fault: Violation) -> Finding {
    Finding {
        rule: rule.id,
        severity: fault.severity.unwrap_or(rule.severity),
        path: path.to_owned(),
        pointer: fault.pointer,
        message: fault.message,
        help: fault.help.unwrap_or_else(|| rule.mend.replace("FILE`", &format!("{}`", shell::quoted(path)))),
        content: fault.content,
    }
}

/// A file that could not be read at all. What it holds may be good, so there is nothing to restore.
pub fn unreadable(path: &str, why: &str) -> Finding {
    let help = "make it readable: check its name, its permissions and what kind of file it is".to_owned();
    Finding { help, ..finding(&RULES[0], path, Violation::new("", format!("cannot be read: {why}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_rule_in_the_order_of_reports() {
        assert_eq!(RULES.map(|rule| rule.id), RuleId::ALL);
        assert!(RuleId::ALL.is_sorted() && RuleId::ALL.iter().all(|id| id.as_str().parse() == Ok(*id)));
    }
}
