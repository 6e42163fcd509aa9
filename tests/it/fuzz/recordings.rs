//! The rules on recordings that something happened to: each is judged, and the quick pass over the bytes says what reading
//! the whole says.

use std::cell::OnceCell;

use bedrock_fixtures::output::{Color, Format, PrintOptions, Verbosity, render};
use bedrock_fixtures::recording::Recording;
use bedrock_fixtures::recording::json::Value;
use bedrock_fixtures::recording::recorder::KeyRules;
use bedrock_fixtures::recording::scan::Reading;
use bedrock_fixtures::report::{Finding, Report, VerifyReport};
use bedrock_fixtures::rules::{self, Subject};
use fastrand::Rng;

use super::{each, mutate, one};

/// Larger ones take long and have the same parts.
const LARGEST: usize = 24 << 10;

const PARTS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "  ",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "NaN",
    "\\ud83d",
    "\\u001b[2J",
    "\u{1b}",
    "\u{202e}",
    "\u{7f}",
    "é",
    "\0",
    "\"body\": ",
    "\"response\": {}",
    "\"is_exception\": true",
    "\"__data__\": ",
    "\"__type__\": \"x\"",
    "\"choices\": []",
    "\"finish_reason\": \"error\"",
    "\"test_id\": \"../x::y\"",
    "\"id\": \"rec-0\"",
    "\"created\": 1",
    "arn:aws:iam::739204816355:user/x",
    "Bearer ",
    "X-Amz-Signature=",
    "bedrock-api-key-",
    "eyJhbGciOi",
    "<<<<<<< HEAD\n",
    "version https://git-lfs.github.com/spec/v1\n",
];

/// The shipped recordings and the smaller ones of the corpus, each with its path.
fn recordings() -> Vec<(String, Vec<u8>)> {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let folders = [Some(shipped), crate::support::corpus()];
    let entries = folders.into_iter().flatten().flat_map(|folder| walkdir::WalkDir::new(folder).sort_by_file_name());
    let paths =
        entries.map(|entry| entry.unwrap().into_path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let files = paths.map(|path| {
        (format!("recordings/{}", path.file_name().unwrap().to_string_lossy()), std::fs::read(path).unwrap())
    });
    files.filter(|(_, bytes)| bytes.len() <= LARGEST).collect()
}

fn judge(path: &str, bytes: &[u8], rules: KeyRules, strict: bool) -> (Reading, Vec<Finding>) {
    let reading = Reading::of(bytes, rules);
    let stem = path.trim_start_matches("recordings/").trim_end_matches(".json");
    let subject = Subject {
        path,
        folder: "recordings",
        stem,
        lookup_folders: &["recordings".to_owned()],
        bytes,
        reading: &reading,
        strict,
        candidates: OnceCell::new(),
    };
    let findings = rules::check(&subject);
    (reading, findings)
}

fn is_steering(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What a reader of reports gets to see of the findings.
fn check_shown(findings: Vec<Finding>) {
    let report = Report::Verify(VerifyReport {
        checked: 1,
        findings,
        unread: vec![],
        fixed: vec![],
        strict: false,
        rules: vec![],
    });
    for format in [Format::Text, Format::Github, Format::Sarif, Format::Json] {
        let options = PrintOptions {
            format,
            color: Color::Never,
            verbosity: Verbosity::Verbose,
            pager: None,
            columns: None,
            recorder: None,
        };
        let shown = String::from_utf8(render(&report, &options).unwrap()).unwrap();
        assert!(!shown.contains(is_steering), "{shown:?}");
    }
}

/// The pass over canonical bytes and the reader of everything else agree.
fn check_reading(bytes: &[u8], reading: &Reading, rules: KeyRules) {
    match (Recording::parse(bytes), &reading.facts) {
        (Ok(recording), Ok(facts)) => {
            assert_eq!(facts.key, recording.key(rules));
            let canonical = recording.to_bytes();
            assert_eq!(reading.rewritten.is_none(), canonical == bytes);
            assert_eq!(facts.with_arguments(&canonical).request(), recording.request());
            let response = recording.document().get("response").unwrap();
            let indented =
                Value::Object([("response".to_owned(), response.clone())].into_iter().collect()).to_file_bytes();
            let expected = &indented[b"{\n  \"response\": ".len()..indented.len() - b"\n}\n".len()];
            assert_eq!(facts.response(&canonical), expected);
        }
        (Err(flaw), Err(other)) => assert_eq!(&flaw, other),
        (whole, pass) => panic!("{whole:?} {pass:?}"),
    }
}

#[test]
fn mutated_recordings_are_judged() {
    let recordings = recordings();
    assert!(recordings.len() >= 13);
    let mut readable = 0;
    each("recordings", 1_000, 100_000, |random| {
        let (path, bytes) = random.choice(recordings.iter()).unwrap();
        let mut bytes = bytes.clone();
        if random.u8(..8) == 0 {
            let (_, other) = random.choice(recordings.iter()).unwrap();
            splice(random, &mut bytes, other);
        } else if random.u8(..4) == 0 {
            reshape(random, &mut bytes);
        } else {
            mutate(random, &mut bytes, &PARTS);
        }
        let rules = KeyRules::ALL[random.usize(..2)];
        let (reading, findings) = judge(path, &bytes, rules, random.bool());
        check_reading(&bytes, &reading, rules);
        readable += usize::from(reading.facts.is_ok());
        if random.u8(..4) == 0 {
            check_shown(findings);
        }
    });
    assert!(readable > 0, "some are still recordings");
}

/// The start of one with the end of another, each cut at a line.
fn splice(random: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let cut = |random: &mut Rng, bytes: &[u8]| {
        let at = random.usize(..=bytes.len());
        bytes[..at].iter().rposition(|byte| *byte == b'\n').unwrap_or(0)
    };
    let (end, start) = (cut(random, bytes), cut(random, other));
    bytes.truncate(end);
    bytes.extend_from_slice(&other[start..]);
}

/// Changes that leave the text JSON: a line repeated or taken out, a value put in the place of another.
fn reshape(random: &mut Rng, bytes: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..lines.len());
        match random.u8(..3) {
            0 => lines.insert(at, lines[at].clone()),
            1 if lines.len() > 1 => drop(lines.remove(at)),
            _ => {
                let values = [
                    "null",
                    "1",
                    "-0.5",
                    "\"x\"",
                    "[]",
                    "{}",
                    "true",
                    "\"\\u001b[31m\\u202e\"",
                    "\"\\ud83d\"",
                    "[1]",
                    "\"stop\"",
                ];
                if let Some((name, value)) = lines[at].clone().split_once(": ") {
                    let end = if value.ends_with(",\n") { ",\n" } else { "\n" };
                    lines[at] = format!("{name}: {}{end}", one(random, &values));
                }
            }
        }
    }
    *bytes = lines.concat().into_bytes();
}
