//! Rules about what must not be in a public repository: keys, tokens, signed urls, account ids.
//!
//! The bytes are searched once for how secrets start. Canonical text has one value a line, so each hit leads to a line;
//! its text is then judged in every form a secret may take there: as it is, with the escapes of JSON inside JSON undone,
//! percent-decoded, base64-decoded. A stream is also judged put together, as a secret may be cut between two chunks.

mod forms;
mod patterns;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use crate::recording::json::Value;
use crate::recording::scan::Facts;
use crate::recording::{Flaw, pointer};

use super::{Fault, Subject};
use forms::{base64_texts, percent_decode, unescape};
use patterns::{ACCOUNTS, Pattern, SECRETS, STARTS};

/// How far around the start of a secret it is looked for, in bytes. The longest, a session token, has some two thousand.
const REACH: usize = 8192;

/// Headers whose value is a secret whatever it looks like.
const SECRET_KEYS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "api_key",
    "cookie",
    "set-cookie",
    "x-amz-security-token",
];

pub(super) fn secret(subject: &Subject<'_>) -> Vec<Fault> {
    search(subject, &SECRETS, true)
}

pub(super) fn account_id(subject: &Subject<'_>) -> Vec<Fault> {
    search(subject, &ACCOUNTS, false)
}

/// The places of the canonical bytes in which something starts as secrets and account ids do: lines, or parts of long ones.
pub(super) fn candidates(subject: &Subject<'_>) -> Vec<Range<usize>> {
    let bytes = subject.canonical();
    // What repeats an earlier line holds nothing that the other does not.
    let may_hold = |facts: &Facts| {
        STARTS.find(&facts.answers.changed_lines, 0).is_some()
            || facts.answers.whole.iter().any(|place| STARTS.find(&bytes[..place.end], place.start).is_some())
    };
    if subject.facts().is_some_and(|facts| !may_hold(facts)) {
        return vec![];
    }
    let mut candidates = Vec::new();
    let mut done = 0;
    while let Some(hit) = STARTS.find(bytes, done) {
        // A picture is one line of half a megabyte; what is around the hit is enough.
        let (first, last) = (hit.saturating_sub(REACH), (hit + REACH).min(bytes.len()));
        let start = bytes[first..hit].iter().rposition(|byte| *byte == b'\n').map_or(first, |at| first + at + 1);
        let end = bytes[hit..last].iter().position(|byte| *byte == b'\n').map_or(last, |at| hit + at);
        candidates.push(start..end);
        done = end;
    }
    candidates
}

fn search(subject: &Subject<'_>, patterns: &LazyLock<Vec<Pattern>>, keys: bool) -> Vec<Fault> {
    let bytes = subject.canonical();
    let mut found: Vec<(usize, String)> = Vec::new();
    for candidate in subject.candidates() {
        let line = Line::read(&bytes[candidate.clone()]);
        let secret = line.texts().find_map(|text| find(text, patterns)).or_else(|| line.secret_key().filter(|_| keys));
        found.extend(secret.map(|secret| (candidate.start, secret)));
    }
    let starts: Vec<usize> = found.iter().map(|(start, _)| *start).collect();
    let places = pointers(subject, &starts).into_iter();
    let mut faults: Vec<Fault> = places.zip(found).map(|(place, (_, secret))| Fault::new(place, secret)).collect();
    if faults.is_empty() {
        faults.extend(search_joined(subject, patterns));
    }
    faults
}

/// Looks at the texts of a stream as one.
fn search_joined(subject: &Subject<'_>, patterns: &LazyLock<Vec<Pattern>>) -> Option<Fault> {
    let facts = subject.facts().filter(|facts| facts.answers.count > 1)?;
    STARTS.find(&facts.answers.text, 0)?;
    let text = unescape(&String::from_utf8_lossy(&facts.answers.text)).into_owned();
    find(&text, patterns).map(|found| Fault::new("/response/body", format!("{found}, over several chunks")))
}

/// A line of canonical JSON: a key, a text, both or none.
struct Line {
    key: Option<String>,
    text: Option<String>,
}

impl Line {
    fn read(line: &[u8]) -> Self {
        let line = String::from_utf8_lossy(line);
        let line = line.trim().trim_end_matches(',');
        let parse = |text: &str| Value::parse(text.as_bytes()).ok().and_then(|value| value.as_str().map(str::to_owned));
        if let Some((key, text)) = line.split_once("\": ") {
            return Line { key: parse(&format!("{key}\"")), text: parse(text) };
        }
        // A text alone, or a line of something that is no JSON.
        Line { key: None, text: parse(line).or_else(|| Some(line.to_owned())) }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.text.iter().chain(&self.key).map(String::as_str)
    }

    /// The value of a header that is always secret.
    fn secret_key(&self) -> Option<String> {
        let (key, text) = (self.key.as_ref()?, self.text.as_ref()?);
        let is_shown = text.len() >= 8 && !text.contains(['<', '[', '*', ' ']);
        let is_secret = SECRET_KEYS.contains(&key.to_ascii_lowercase().as_str());
        (is_secret && is_shown).then(|| format!("the value of {key}"))
    }
}

/// What is found in a text in any of its forms: the kind and how it starts.
fn find(text: &str, patterns: &[Pattern]) -> Option<String> {
    let direct = |text: &str| {
        patterns.iter().find_map(|pattern| {
            let captures = pattern.regex.captures(text.as_bytes())?;
            let secret = captures.get(1).or_else(|| captures.get(0))?.as_bytes();
            let start = String::from_utf8_lossy(&secret[..secret.len().min(4)]).into_owned();
            Some(format!("{} ({start}…)", pattern.name))
        })
    };
    let mut form = Cow::Borrowed(text);
    // JSON in JSON in JSON is as deep as tool calls go.
    for _ in 0..3 {
        let found = direct(&form).or_else(|| direct(&percent_decode(&form)));
        let found = found.or_else(|| {
            base64_texts(&form).find_map(|decoded| direct(&decoded).or_else(|| direct(&percent_decode(&decoded))))
        });
        if found.is_some() {
            return found;
        }
        let next = unescape(&form);
        if next == form {
            break;
        }
        form = Cow::Owned(next.into_owned());
    }
    None
}

/// The JSON pointers of the values on the lines that start at `starts`, without the keys that are secrets themselves.
fn pointers(subject: &Subject<'_>, starts: &[usize]) -> Vec<String> {
    if matches!(subject.reading.facts, Err(Flaw::Json(_))) {
        // What is no JSON has no places.
        return vec![String::new(); starts.len()];
    }
    let shown = |key: &str| if find(key, &SECRETS).is_some() { "…".to_owned() } else { key.to_owned() };
    pointer::of_lines(subject.canonical(), starts, shown)
}
