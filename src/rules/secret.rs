//! Rules about what must not be in a public repository: keys, tokens, signed urls, account ids.
//!
//! The bytes are searched once for the starts of secrets. Canonical text has one value per line, so each hit leads to a
//! line. Its text is then checked in every form of a secret: plain, with the escapes of JSON inside JSON undone,
//! percent-decoded, base64-decoded. The joined text of a stream is checked too, because a secret may be split between
//! two chunks.

mod chance;
mod find;
mod forms;
mod many;
mod patterns;
mod starts;

use std::collections::HashSet;
use std::ops::Range;

use crate::recording::json::Value;
use crate::recording::scan::Facts;
use crate::recording::{Flaw, pointer};

use super::{Subject, Violation};
use find::{FoundSecret, find, secret_value};
use forms::unescape;
use starts::Hits;

/// The range around the start of a secret that is searched, in bytes. The longest secret, a session token, has about
/// two thousand.
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

pub(super) fn secret(subject: &Subject<'_>) -> Vec<Violation> {
    search(subject, false)
}

pub(super) fn account_id(subject: &Subject<'_>) -> Vec<Violation> {
    search(subject, true)
}

/// The places of the canonical bytes with the start of a secret or an account id: lines, or parts of long lines.
pub(super) fn candidates(subject: &Subject<'_>) -> Vec<Range<usize>> {
    let bytes = subject.canonical();
    // What repeats an earlier line holds nothing that the other does not.
    let may_hold = |facts: &Facts| {
        starts::any(&facts.answers.changed_lines, 0..facts.answers.changed_lines.len())
            || facts.answers.whole.iter().any(|place| starts::any(bytes, place.clone()))
    };
    if subject.facts().is_some_and(|facts| !may_hold(facts)) {
        return vec![];
    }
    places(bytes)
}

/// The lines, or parts of long ones, in which something starts.
fn places(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut hits = Hits::of(bytes);
    let mut done = 0;
    while let Some(hit) = hits.next(done) {
        // A picture is one line of half a megabyte; the text around the hit is enough.
        let (first, last) = (hit.saturating_sub(REACH), (hit + REACH).min(bytes.len()));
        let start = bytes[first..hit].iter().rposition(|byte| *byte == b'\n').map_or(first, |at| first + at + 1);
        let end = bytes[hit..last].iter().position(|byte| *byte == b'\n').map_or(last, |at| hit + at);
        places.push(start..end);
        done = end;
    }
    places
}

fn search(subject: &Subject<'_>, accounts: bool) -> Vec<Violation> {
    let bytes = subject.canonical();
    let mut found: Vec<(usize, FoundSecret)> = Vec::new();
    for candidate in subject.candidates() {
        let line = Line::read(&bytes[candidate.clone()]);
        let in_line = find(&line.joined(), accounts);
        let by_key = if in_line.is_empty() && !accounts { line.secret_key() } else { None };
        let beside = if in_line.is_empty() && !accounts { beside(bytes, candidate, &line) } else { None };
        found.extend(in_line.into_iter().chain(by_key).map(|secret| (candidate.start, secret)));
        found.extend(beside);
    }
    // A place within the reach of two hits is looked at twice.
    let mut seen = HashSet::new();
    let starts: Vec<usize> = found.iter().map(|(start, _)| *start).collect();
    let mut faults: Vec<Violation> = pointers(subject, &starts)
        .into_iter()
        .zip(&found)
        .filter(|(place, (_, secret))| seen.insert((place.clone(), secret.secret.clone())))
        .map(|(place, (_, secret))| fault(place, secret, "", accounts))
        .collect();
    let known: HashSet<&str> = found.iter().map(|(_, secret)| secret.secret.as_str()).collect();
    let joined = joined(subject, accounts).into_iter();
    // A secret inside one chunk was found there.
    let cut = joined
        .filter(|secret| !known.iter().any(|known| secret.secret.contains(known) || known.contains(&*secret.secret)));
    let mut seen = HashSet::new();
    let cut = cut.filter(|secret| seen.insert(secret.secret.clone()));
    faults.extend(cut.map(|secret| fault("/response/body".to_owned(), &secret, ", over several chunks", accounts)));
    faults
}

fn fault(place: String, found: &FoundSecret, suffix: &str, accounts: bool) -> Violation {
    let message = format!("{}{suffix}", found.shown());
    match accounts {
        true => Violation::new(place, message),
        false => Violation::of_content(place, message, found.secret.as_bytes()),
    }
}

/// Looks at the texts of a stream as one.
fn joined(subject: &Subject<'_>, accounts: bool) -> Vec<FoundSecret> {
    let Some(facts) = subject.facts().filter(|facts| facts.answers.count > 1) else { return vec![] };
    let text = &facts.answers.text;
    let find = |place: Range<usize>| find(&unescape(&String::from_utf8_lossy(&text[place])), accounts);
    places(text).into_iter().flat_map(find).collect()
}

/// The value of a secret whose name is the value of the line: `"name": "AWS_SECRET_ACCESS_KEY"`, with the secret on a
/// later line.
fn beside(bytes: &[u8], candidate: &Range<usize>, line: &Line) -> Option<(usize, FoundSecret)> {
    line.text.as_deref().filter(|text| starts::is_name(text))?;
    let mut start = candidate.end + 1;
    // Another field may be between the two.
    for _ in 0..2 {
        let rest = bytes.get(start..)?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let next = Line::read(&rest[..end.min(REACH)]);
        if let Some(found) = next.text.as_deref().and_then(secret_value) {
            return Some((start, found));
        }
        start += end + 1;
    }
    None
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
            let key = parse(&format!("{key}\""));
            // A part of a long line has no end.
            let text = parse(text).or_else(|| text.starts_with('"').then(|| text[1..].to_owned()));
            if key.is_some() {
                return Line { key, text };
            }
        }
        // A text alone, or a line of something that is no JSON.
        Line { key: None, text: parse(line).or_else(|| Some(line.to_owned())) }
    }

    /// Key and text as one: some secrets are known by the name beside them.
    fn joined(&self) -> String {
        match (&self.key, &self.text) {
            (Some(key), Some(text)) => format!("{key}\": \"{text}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }

    /// The value of a header that is always secret.
    fn secret_key(&self) -> Option<FoundSecret> {
        let (key, text) = (self.key.as_ref()?, self.text.as_ref()?);
        let is_shown = text.len() >= 8 && !text.contains(['<', '[', '*', ' ', '$', '{', '%']);
        let is_secret = SECRET_KEYS.contains(&key.to_ascii_lowercase().as_str());
        (is_secret && is_shown && !chance::is_placeholder(text)).then(|| FoundSecret::under(key, text))
    }
}

/// The JSON pointers of the values on the lines that start at `starts`, without the keys that are secrets themselves.
fn pointers(subject: &Subject<'_>, starts: &[usize]) -> Vec<String> {
    if matches!(subject.reading.facts, Err(Flaw::Json(_) | Flaw::Sight(_))) {
        // What is no JSON has no places.
        return vec![String::new(); starts.len()];
    }
    let shown = |key: &str| if find(key, false).is_empty() { key.to_owned() } else { "…".to_owned() };
    pointer::of_lines(subject.canonical(), starts, shown)
}
