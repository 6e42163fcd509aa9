//! The rules of `verify`: one function each, one table.

use crate::recording::json::Value;
use crate::recording::key::recorded_id;
use crate::recording::name::{FileName, file_name};
use crate::recording::test_id::TestId;
use crate::recording::{Flaw, Kind, Recording};
use crate::report::{Finding, Severity};

/// What is judged: the bytes of a file, where it lies, and what became of parsing it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Path relative to the root, for the finding.
    pub path: &'a str,
    /// Folder relative to the root.
    pub folder: &'a str,
    /// File name without `.json`.
    pub stem: &'a str,
    /// Folders in which a replay would look for it; the first is its own.
    pub lookup_folders: &'a [String],
    /// The bytes of the file.
    pub bytes: &'a [u8],
    /// The recording in them, or why there is none.
    pub parsed: &'a Result<Recording, Flaw>,
}

/// A rule of `verify`.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name in findings and on the command line.
    pub id: &'static str,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub what: &'static str,
    /// What to do about a finding.
    pub mend: &'static str,
    check: fn(&Subject<'_>) -> Vec<Fault>,
}

/// What a rule says of a subject.
struct Fault {
    pointer: String,
    message: String,
    /// Overrides the severity of the rule.
    severity: Option<Severity>,
}

impl Fault {
    fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Fault { pointer: pointer.into(), message: message.into(), severity: None }
    }
}

/// All rules, in the order in which they are reported.
pub const RULES: [Rule; 9] = [
    Rule {
        id: "json",
        severity: Severity::Error,
        what: "the file is no JSON that Python reads",
        mend: "restore the file, or record it again",
        check: |subject| match subject.parsed {
            Err(flaw @ Flaw::Json(_)) if !flaw.is_lone_surrogate() => vec![Fault::new("", flaw.to_string())],
            _ => vec![],
        },
    },
    Rule {
        id: "lone-surrogate",
        severity: Severity::Error,
        what: "a text holds half a surrogate pair, which JSON readers disagree on",
        mend: "record it again",
        check: |subject| match subject.parsed {
            Err(flaw) if flaw.is_lone_surrogate() => vec![Fault::new("", flaw.to_string())],
            _ => vec![],
        },
    },
    Rule {
        id: "schema",
        severity: Severity::Error,
        what: "the JSON is not a recording",
        mend: "move the file out of the recordings folder, or record it again",
        check: |subject| match subject.parsed {
            Err(flaw @ Flaw::Schema { pointer, .. }) => vec![Fault::new(*pointer, flaw.to_string())],
            _ => vec![],
        },
    },
    Rule {
        id: "unknown-kind",
        severity: Severity::Error,
        what: "the request is of no kind that today's recorder replays",
        mend: "delete the file if no test needs it",
        check: |subject| match subject.parsed {
            Err(flaw @ Flaw::UnknownKind) => vec![Fault::new("/request", flaw.to_string())],
            _ => vec![],
        },
    },
    Rule {
        id: "not-canonical",
        severity: Severity::Error,
        what: "the bytes are not those that the recorder would write",
        mend: "record it again, or rewrite it as json.dump(…, indent=2) and a line feed",
        check: not_canonical,
    },
    Rule {
        id: "key-mismatch",
        severity: Severity::Error,
        what: "the file name is not the key of the request, so no replay finds it",
        mend: "undo the edit, or record the request again and delete this file",
        check: key_mismatch,
    },
    Rule {
        id: "misplaced",
        severity: Severity::Error,
        what: "the file is in a folder where no replay of its test looks",
        mend: "move it to the folder of its test",
        check: misplaced,
    },
    Rule {
        id: "rec-id",
        severity: Severity::Error,
        what: "an id of the answer belongs to another file name: the file was renamed or edited",
        mend: "undo the edit, or record it again",
        check: rec_id,
    },
    Rule {
        id: "truncated-stream",
        severity: Severity::Error,
        what: "the stream ends before the model did",
        mend: "record it again",
        check: truncated_stream,
    },
];

/// Applies all rules to one file.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |rule: &Rule, fault: Fault| Finding {
        rule: rule.id,
        severity: fault.severity.unwrap_or(rule.severity),
        path: subject.path.to_owned(),
        pointer: fault.pointer,
        message: fault.message,
        help: rule.mend.to_owned(),
    };
    RULES.iter().flat_map(|rule| (rule.check)(subject).into_iter().map(move |fault| finding(rule, fault))).collect()
}

/// A file that could not be read at all.
pub fn unreadable(path: &str, why: &str) -> Finding {
    Finding {
        rule: "json",
        severity: Severity::Error,
        path: path.to_owned(),
        pointer: String::new(),
        message: format!("cannot be read: {why}"),
        help: "check its permissions, or restore it".to_owned(),
    }
}

fn not_canonical(subject: &Subject<'_>) -> Vec<Fault> {
    let Ok(recording) = subject.parsed else { return vec![] };
    let canonical = recording.to_bytes();
    if canonical == subject.bytes {
        return vec![];
    }
    let same = canonical.iter().zip(subject.bytes).take_while(|(a, b)| a == b).count();
    let line = canonical[..same].iter().filter(|byte| **byte == b'\n').count() + 1;
    let message = if subject.bytes.windows(2).any(|pair| pair == b"\r\n") {
        "the lines end with CRLF; git's autocrlf does that".to_owned()
    } else if same == subject.bytes.len() || (same == canonical.len() && subject.bytes[same..].trim_ascii().is_empty())
    {
        "the file does not end with exactly one line feed".to_owned()
    } else {
        format!("line {line} is not as json.dump(…, indent=2) writes it")
    };
    vec![Fault::new("", message)]
}

fn key_mismatch(subject: &Subject<'_>) -> Vec<Fault> {
    let Ok(recording) = subject.parsed else { return vec![] };
    if FileName::parse(subject.stem).key() == Some(recording.key()) {
        return vec![];
    }
    vec![Fault::new("/request", format!("the request hashes to {}", file_name(recording)))]
}

fn misplaced(subject: &Subject<'_>) -> Vec<Fault> {
    let Ok(recording) = subject.parsed else { return vec![] };
    let Some(test_id) = recording.test_id() else { return vec![] };
    if let Err(why) = TestId::parse(test_id) {
        return vec![Fault::new("/test_id", why.to_string())];
    }
    if subject.lookup_folders.iter().any(|folder| folder == subject.folder) {
        return vec![];
    }
    let own = subject.lookup_folders.first().map_or("", String::as_str);
    vec![Fault::new("/test_id", format!("the recordings of its test are in {own}"))]
}

fn rec_id(subject: &Subject<'_>) -> Vec<Fault> {
    let Ok(recording) = subject.parsed else { return vec![] };
    if recording.kind() != Kind::Inference {
        return vec![];
    }
    let own = recorded_id(subject.stem);
    let stray = recording.answers().find_map(|(index, data)| {
        let id = data.get("id").and_then(Value::as_str).filter(|id| id.starts_with("rec-") && *id != own)?;
        let is_model = data.get("object").and_then(Value::as_str) == Some("model");
        (!is_model).then(|| {
            let item = index.map_or(String::new(), |index| format!("/{index}"));
            Fault::new(
                format!("/response/body{item}/__data__/id"),
                format!("the id is {id}, of this name it would be {own}"),
            )
        })
    });
    stray.into_iter().collect()
}

fn truncated_stream(subject: &Subject<'_>) -> Vec<Fault> {
    let Ok(recording) = subject.parsed else { return vec![] };
    let response = recording.response();
    if !response.is_streaming {
        return vec![];
    }
    let fault = |message: String| vec![Fault::new("/response/body", message)];
    let chunks = response.body.as_array().unwrap_or_default();
    if let Some(exception) = response.exception {
        return fault(format!("the stream broke off after {} chunks with {}", chunks.len(), exception.type_name()));
    }
    if chunks.is_empty() {
        return fault("the stream holds no chunk".to_owned());
    }
    let is_completion = |chunk: &Value| {
        chunk
            .get("__type__")
            .and_then(Value::as_str)
            .is_some_and(|name| name.ends_with(".ChatCompletionChunk") || name == "openai.types.completion.Completion")
    };
    let finishes = |chunk: &Value| {
        let choices = chunk.get("__data__").and_then(|data| data.get("choices")).and_then(Value::as_array);
        choices.unwrap_or_default().iter().any(|choice| choice.get("finish_reason").is_some_and(|r| !r.is_null()))
    };
    if !chunks.iter().all(is_completion) || chunks.iter().any(finishes) {
        return vec![];
    }
    let mut faults = fault(format!("none of the {} chunks has a finish_reason", chunks.len()));
    if recording.is_ours() {
        // This tool stores a stream without finish_reason only after [DONE], which is not recorded.
        faults[0].severity = Some(Severity::Warning);
    }
    faults
}
