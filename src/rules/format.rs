//! Rules about the file itself.

use crate::recording::Flaw;

use super::subject::{Subject, Violation};

/// As the hook `check-added-large-files` of pre-commit counts: kibibytes, rounded up.
const MAX_KIB: usize = 1000;

fn flaw<'a>(subject: &Subject<'a>) -> Option<&'a Flaw> {
    subject.reading.facts.as_ref().err()
}

pub(super) fn json(subject: &Subject<'_>) -> Vec<Violation> {
    match flaw(subject) {
        Some(flaw @ Flaw::Sight(sight)) => {
            vec![Violation { help: Some(sight.remedy().to_owned()), ..Violation::new("", flaw.to_string()) }]
        }
        Some(flaw @ Flaw::Json(_)) if !flaw.is_lone_surrogate() => vec![Violation::new("", flaw.to_string())],
        _ => vec![],
    }
}

pub(super) fn lone_surrogate(subject: &Subject<'_>) -> Vec<Violation> {
    match flaw(subject) {
        Some(flaw) if flaw.is_lone_surrogate() => vec![Violation::new("", flaw.to_string())],
        _ => vec![],
    }
}

pub(super) fn schema(subject: &Subject<'_>) -> Vec<Violation> {
    match flaw(subject) {
        Some(flaw @ Flaw::Schema { pointer, .. }) => vec![Violation::new(*pointer, flaw.to_string())],
        _ => vec![],
    }
}

pub(super) fn unknown_kind(subject: &Subject<'_>) -> Vec<Violation> {
    match flaw(subject) {
        Some(flaw @ Flaw::UnknownKind) => vec![Violation::new("/request", flaw.to_string())],
        _ => vec![],
    }
}

pub(super) fn not_canonical(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(canonical) = &subject.reading.rewritten else { return vec![] };
    let same = canonical.iter().zip(subject.bytes).take_while(|(a, b)| a == b).count();
    let line = canonical[..same].iter().filter(|byte| **byte == b'\n').count() + 1;
    let ends_there = same == subject.bytes.len();
    let message = if subject.bytes.windows(2).any(|pair| pair == b"\r\n") {
        "the lines end with CRLF, which git's autocrlf writes; `**/recordings/*.json -text` in .gitattributes \
         prevents it, and `bedrock-fixtures init` writes this line"
            .to_owned()
    } else if ends_there || (same == canonical.len() && subject.bytes[same..].trim_ascii().is_empty()) {
        "the file does not end with exactly one line feed".to_owned()
    } else {
        format!("line {line} is not as json.dump(…, indent=2) writes it")
    };
    vec![Violation::new("", message)]
}

pub(super) fn oversize(subject: &Subject<'_>) -> Vec<Violation> {
    let kib = subject.bytes.len().div_ceil(1024);
    if kib > MAX_KIB { vec![Violation::new("", format!("the file has {kib} KB"))] } else { vec![] }
}
