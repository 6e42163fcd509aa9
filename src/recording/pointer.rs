//! JSON pointers (RFC 6901) of the places in a document.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::json::Value;

/// A longer pointer starts with a digest of its beginning. Without a limit, pointers below many long keys would be much
/// longer than the document.
const LONGEST: usize = 2048;

/// The pointer of a member: the name of a key, or the index of an element.
pub fn child(parent: &str, name: &str) -> String {
    let mut pointer = String::with_capacity(parent.len() + name.len() + 1);
    if parent.len() > LONGEST {
        let mut hasher = DefaultHasher::new();
        parent.hash(&mut hasher);
        let _ = write!(pointer, "/…{:016x}", hasher.finish());
    } else {
        pointer.push_str(parent);
    }
    pointer.push('/');
    for c in name.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
    pointer
}

/// The pointers of the values on the lines that start at `starts`, which are in order, in canonical bytes. `shown` gives a
/// key as it may be shown.
pub fn of_lines(bytes: &[u8], starts: &[usize], shown: impl Fn(&str) -> String) -> Vec<String> {
    let mut open: Vec<Level<'_>> = Vec::new();
    let mut found = Vec::with_capacity(starts.len());
    let mut wanted = starts.iter().peekable();
    let mut at = 0;
    while wanted.peek().is_some() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let line = bytes[at..end].trim_ascii();
        let line = line.strip_suffix(b",").unwrap_or(line);
        if matches!(line, b"}" | b"]") {
            open.pop();
        } else {
            if let Some(level) = open.last_mut() {
                level.enter(line);
            }
            // A start within the line, as a long one is looked at in parts.
            while wanted.next_if(|start| **start <= end).is_some() {
                found.push(pointer(&mut open, &shown));
            }
            // A text ends with a quote.
            match line.last() {
                Some(b'{') => open.push(Level { is_list: false, ..Level::default() }),
                Some(b'[') => open.push(Level { is_list: true, ..Level::default() }),
                _ => {}
            }
        }
        if end == bytes.len() {
            break;
        }
        at = end + 1;
    }
    found.resize(starts.len(), String::new());
    found
}

/// An object or a list, and how far it was read.
#[derive(Default)]
struct Level<'a> {
    is_list: bool,
    /// The number of members that were read.
    count: usize,
    key: &'a [u8],
    /// The pointer of the current member, if it is needed.
    pointer: Option<String>,
}

impl<'a> Level<'a> {
    fn enter(&mut self, line: &'a [u8]) {
        self.count += 1;
        self.pointer = None;
        if !self.is_list {
            self.key = key_of(line);
        }
    }
}

/// The key at the start of a line with its quotes; a quote in it is escaped.
fn key_of(line: &[u8]) -> &[u8] {
    let mut at = 1;
    while at < line.len() && line[at] != b'"' {
        at += if line[at] == b'\\' { 2 } else { 1 };
    }
    &line[..(at + 1).min(line.len())]
}

fn pointer(open: &mut [Level<'_>], shown: &impl Fn(&str) -> String) -> String {
    let known = open.iter().rposition(|level| level.pointer.is_some());
    let mut pointer = known.and_then(|level| open[level].pointer.clone()).unwrap_or_default();
    for level in &mut open[known.map_or(0, |level| level + 1)..] {
        pointer = if level.is_list {
            child(&pointer, &(level.count.saturating_sub(1)).to_string())
        } else {
            let key = Value::parse(level.key).ok();
            child(&pointer, &shown(key.as_ref().and_then(Value::as_str).unwrap_or_default()))
        };
        level.pointer = Some(pointer.clone());
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_with_a_value_has_its_pointer() {
        let text = r#"{"a": [], "b~/": {"c\"d": [1, {"x": "y ["}, "{", []], "": null}, "é": [[[2]], {}], "z": true}"#;
        let bytes = Value::parse(text.as_bytes()).unwrap().to_file_bytes();
        let starts: Vec<usize> = std::iter::once(0)
            .chain(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1))
            .filter(|start| !matches!(bytes[*start..].trim_ascii_start().first(), None | Some(b'}' | b']')))
            .collect();
        let pointers = of_lines(&bytes, &starts, str::to_owned);
        assert_eq!(
            pointers,
            [
                "",
                "/a",
                "/b~0~1",
                "/b~0~1/c\"d",
                "/b~0~1/c\"d/0",
                "/b~0~1/c\"d/1",
                "/b~0~1/c\"d/1/x",
                "/b~0~1/c\"d/2",
                "/b~0~1/c\"d/3",
                "/b~0~1/",
                "/é",
                "/é/0",
                "/é/0/0",
                "/é/0/0/0",
                "/é/1",
                "/z",
            ]
        );
        // Each alone, and in the middle of a line, is the same.
        for (start, pointer) in starts.iter().zip(&pointers) {
            assert_eq!(&of_lines(&bytes, &[*start + 1], str::to_owned)[0], pointer);
        }
        assert_eq!(of_lines(&bytes, &[starts[15]], |_| "…".to_owned()), ["/…"]);
        assert_eq!(of_lines(b"not json", &[3], str::to_owned), [""]);
    }

    #[test]
    fn a_pointer_below_long_keys_stays_short_and_tells_places_apart() {
        let key = "k".repeat(1500);
        let deep = |last: &str| (0..100).fold(child("", last), |pointer, _| child(&pointer, &key));
        assert!(deep("a").len() < LONGEST + 2 * key.len());
        assert_ne!(deep("a"), deep("b"));
    }
}
