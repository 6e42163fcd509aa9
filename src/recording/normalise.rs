//! Removes from a request, before hashing, what may vary between two runs of the same test.
//!
//! It works on canonical bytes, not on a tree: a request is hashed for every file of a store, and most of its bytes
//! enter the hash unchanged.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::{Captures, Regex};

use super::json::canonical::CanonicalPass;
use super::json::{self, Number, Value};
use super::python::{self, DIGIT, SPACE};

/// A value in a file, at depth `level`.
#[derive(Clone, Copy)]
pub(super) struct Canonical<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) level: usize,
}

/// Appends the hashed form of the content of a request: on one line, keys sorted, numbers and texts normalised. `None`
/// if it is not canonical.
pub(super) fn normalised(content: Canonical<'_>, drop_stream_options: bool, out: &mut Vec<u8>) -> Option<()> {
    let mut pass = CanonicalPass::new(content.bytes, 0);
    let dropped = drop_stream_options.then_some(&b"stream_options"[..]);
    let mut writer = Writer { out, unsorted: Vec::new() };
    let start = writer.out.len();
    writer.value(&mut pass, content.level, true, dropped)?;
    writer.sort(start);
    Some(())
}

/// Writes the hashed text in the order of the file and notes which objects need another order. They are sorted at the
/// end, so that each byte moves only once at any depth.
struct Writer<'o> {
    out: &'o mut Vec<u8>,
    unsorted: Vec<Unsorted>,
}

/// An object whose members have another order than for the hash.
struct Unsorted {
    /// From the brace that opens it to before the one that closes it.
    place: Range<usize>,
    /// Its members, in the order in which they are hashed.
    members: Vec<Range<usize>>,
}

impl Writer<'_> {
    /// `is_root` is true for the content itself and, a quirk of the recorder, for every element of a list; `dropped` is a
    /// key that is left out.
    fn value(
        &mut self,
        pass: &mut CanonicalPass<'_>,
        level: usize,
        is_root: bool,
        dropped: Option<&[u8]>,
    ) -> Option<()> {
        let start = pass.at;
        match pass.peek()? {
            b'{' => return self.object(pass, level, is_root, dropped),
            b'[' => {
                self.out.push(b'[');
                pass.array(level, |pass, index| {
                    self.out.extend_from_slice(if index > 0 { b", " } else { b"" });
                    self.value(pass, level + 1, true, None)
                })?;
                self.out.push(b']');
                return Some(());
            }
            b'"' => text(pass.string()?, self.out),
            _ => pass.value(level)?,
        }
        let written = &pass.bytes[start..pass.at];
        match written[0] {
            b'"' => {}
            b'-' | b'0'..=b'9' | b'N' | b'I' => number(written, self.out)?,
            _ => self.out.extend_from_slice(written),
        }
        Some(())
    }

    fn object(
        &mut self,
        pass: &mut CanonicalPass<'_>,
        level: usize,
        is_root: bool,
        dropped: Option<&[u8]>,
    ) -> Option<()> {
        let start = self.out.len();
        let mut members: Vec<(&[u8], Range<usize>)> = Vec::new();
        pass.object(level, |pass, key| {
            if dropped == Some(key) {
                return pass.value(level + 1);
            }
            self.out.extend_from_slice(if members.is_empty() { b"{" } else { b", " });
            let member = self.out.len();
            self.out.push(b'"');
            self.out.extend_from_slice(key);
            self.out.extend_from_slice(b"\": ");
            let extra = is_root && matches!(key, b"extra_body" | b"extra_query");
            self.value(pass, level + 1, false, extra.then_some(b"project_id"))?;
            members.push((key, member..self.out.len()));
            Some(())
        })?;
        if members.is_empty() {
            self.out.push(b'{');
        } else if !members.is_sorted_by(|a, b| order(a.0, b.0).is_lt()) {
            members.sort_unstable_by(|a, b| order(a.0, b.0));
            let members = members.into_iter().map(|(_, place)| place).collect();
            self.unsorted.push(Unsorted { place: start..self.out.len(), members });
        }
        self.out.push(b'}');
        Some(())
    }

    /// Puts what was written from `start` on in order.
    fn sort(mut self, start: usize) {
        if self.unsorted.is_empty() {
            return;
        }
        // An object is noted when it ends; looked for is where it starts.
        self.unsorted.sort_unstable_by_key(|object| object.place.start);
        let written = self.out.split_off(start);
        self.out.reserve(written.len());
        self.copy(&written, start, start..start + written.len());
    }

    /// Copies a part of what stood from `start` on, every object within it in order.
    fn copy(&mut self, written: &[u8], start: usize, part: Range<usize>) {
        let bytes = |range: Range<usize>| &written[range.start - start..range.end - start];
        let mut at = part.start;
        let mut next = self.unsorted.partition_point(|object| object.place.start < at);
        while self.unsorted.get(next).is_some_and(|object| object.place.start < part.end) {
            let place = self.unsorted[next].place.clone();
            self.out.extend_from_slice(bytes(at..place.start));
            for index in 0..self.unsorted[next].members.len() {
                self.out.extend_from_slice(if index > 0 { b", " } else { b"{" });
                let member = self.unsorted[next].members[index].clone();
                self.copy(written, start, member);
            }
            at = place.end;
            next = self.unsorted.partition_point(|object| object.place.start < at);
        }
        self.out.extend_from_slice(bytes(at..part.end));
    }
}

/// Python sorts keys by code point, as UTF-8 does; escapes sort as what they stand for.
fn order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    if a.contains(&b'\\') || b.contains(&b'\\') { unescaped(a).cmp(&unescaped(b)) } else { a.cmp(b) }
}

/// The text of a canonical string, which is between its quotes.
fn unescaped(text: &[u8]) -> Option<String> {
    let quoted = [b"\"", text, b"\""].concat();
    Value::parse(&quoted).ok()?.as_str().map(str::to_owned)
}

fn number(written: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let number = match Value::parse(written).ok()? {
        Value::Number(Number::Float(x)) => Value::Number(Number::Float(python::round5(x))),
        other => other,
    };
    number.write_sorted(out);
    Some(())
}

fn text(escaped: &[u8], out: &mut Vec<u8>) {
    match if may_vary(escaped) { unescaped(escaped) } else { None } {
        Some(text) => json::write_text(&normalise_text(&text), out),
        None => {
            out.push(b'"');
            out.extend_from_slice(escaped);
            out.push(b'"');
        }
    }
}

/// Whether a text may have a part to replace. Most texts do not, and some are pictures.
fn may_vary(escaped: &[u8]) -> bool {
    memchr::memchr3_iter(b'.', b'<', b':', escaped).any(|at| {
        let (before, after) = (&escaped[..at], escaped.get(at + 1));
        match escaped[at] {
            // A digit of another script is an escape: it ends with a hex digit and starts with a backslash.
            b'.' => {
                before.last().is_some_and(u8::is_ascii_hexdigit)
                    && after.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'\\')
            }
            b'<' => after == Some(&b'|'),
            _ => [&b"score"[..], b"attributes", b"document_id"].iter().any(|word| before.ends_with(word)),
        }
    })
}

/// A pattern that is built when the first text needs it: most runs need none, and building all takes as long as to read a
/// hundred files.
struct LatePattern {
    text: String,
    built: OnceLock<Regex>,
}

impl LatePattern {
    fn get(&self) -> &Regex {
        self.built.get_or_init(|| Regex::new(&self.text).expect("the pattern is valid"))
    }
}

/// One replacement in every text of a request.
struct Replacement {
    pattern: LatePattern,
    with: &'static str,
}

/// Everything that is replaced in texts, in the order in which the recorder does it.
struct Normaliser {
    replacements: [Replacement; REPLACEMENTS],
    long_decimal: LatePattern,
}

impl Normaliser {
    /// `space` and `digit` are Python's `\s` and `\d`.
    fn new(space: &str, digit: &str) -> Self {
        let pattern = |text: &str| LatePattern { text: text.to_owned(), built: OnceLock::new() };
        let uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";
        let score = format!(r"score:{space}*[-+]?{digit}*\.?{digit}+(?:[eE][-+]?{digit}+)?");
        let attributes = format!(r",?{space}*attributes:{space}*\{{[^}}]*\}}");
        let document_id = format!("document_id:{space}*{uuid}");
        let citation = format!(r"<\|{uuid}\|>");
        let replacement = |text: &str, with| Replacement { pattern: pattern(text), with };
        Normaliser {
            replacements: [
                replacement(&score, "score: __NORMALIZED__"),
                replacement(&attributes, ""),
                replacement(&document_id, "document_id: __NORMALIZED__"),
                replacement(&citation, "<|__NORMALIZED__|>"),
            ],
            long_decimal: pattern(&format!(r"-?{digit}+\.{digit}{{4,}}")),
        }
    }

    /// The pattern for a text: Unicode classes are ten times slower to build and to run, and only a text with a digit or
    /// a space of another script needs them. A letter or a dash of another script is no reason.
    fn of(text: &str) -> &'static Normaliser {
        static ASCII: LazyLock<Normaliser> = LazyLock::new(|| Normaliser::new(r"[\t-\r\x1c-\x20]", "[0-9]"));
        static UNICODE: LazyLock<Normaliser> = LazyLock::new(|| Normaliser::new(SPACE, DIGIT));
        // `is_numeric` has more than the digits.
        let is_special = |c: char| !c.is_ascii() && (c.is_numeric() || c.is_whitespace());
        if text.is_ascii() || !text.contains(is_special) { &ASCII } else { &UNICODE }
    }
}

/// Whether the text may have a decimal of four places or more. Most texts do not, and are not searched.
fn may_hold_decimal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_digit() || !byte.is_ascii());
    let has_places = |after: usize| (after..after + 4).all(|at| digit(bytes.get(at)));
    text.match_indices('.').any(|(at, _)| at > 0 && digit(bytes.get(at - 1)) && has_places(at + 1))
}

/// The steps of [`replace`], in the order in which the recorder takes them: score, attributes, document id, citation.
pub(super) const REPLACEMENTS: usize = 4;

/// Takes one step.
pub(super) fn replace(step: usize, text: Cow<'_, str>) -> Cow<'_, str> {
    // The text that must be there is the same in both; building the patterns costs more than most texts.
    let needs = ["score:", "attributes:", "document_id:", "<|"][step];
    if !text.contains(needs) {
        return text;
    }
    let Replacement { pattern, with } = &Normaliser::of(&text).replacements[step];
    Cow::Owned(pattern.get().replace_all(&text, *with).into_owned())
}

/// Prints every decimal of four or more places in a text again, with five.
pub(super) fn round_decimals(text: Cow<'_, str>) -> Cow<'_, str> {
    if !may_hold_decimal(&text) {
        return text;
    }
    let print = |decimal: &Captures<'_>| format!("{:.5}", python::float(&decimal[0]));
    Cow::Owned(Normaliser::of(&text).long_decimal.get().replace_all(&text, print).into_owned())
}

fn normalise_text(text: &str) -> Cow<'_, str> {
    round_decimals((0..REPLACEMENTS).fold(Cow::Borrowed(text), |text, step| replace(step, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_for_a_text_do_what_those_for_every_text_do() {
        let every = Normaliser::new(SPACE, DIGIT);
        let pieces = [
            "score:",
            "attributes:",
            "document_id:",
            "{",
            "}",
            ",",
            " ",
            "\u{a0}",
            "\u{2003}",
            "\u{1f}",
            "0.12345",
            "7",
            "٣",
            "²",
            "½",
            "१",
            ".",
            "é",
            "–",
            "’",
            "猫",
            "🦙",
            "e",
            "-",
            "x",
            "deadbeef-dead-beef-dead-beefdeadbeef",
            "<|",
            "|>",
            "\n",
        ];
        let mut random = fastrand::Rng::with_seed(7);
        let (mut plain, mut changed) = (0, 0);
        for _ in 0..4_000 {
            let piece = |_| pieces[random.usize(..pieces.len())];
            let text: String = (0..12).map(piece).collect();
            let chosen = Normaliser::of(&text);
            let apply = |normaliser: &Normaliser| {
                let patterns = normaliser.replacements.iter().map(|one| (one.pattern.get(), one.with));
                let all = patterns.chain([(normaliser.long_decimal.get(), "#")]);
                all.fold(text.clone(), |text, (pattern, with)| pattern.replace_all(&text, with).into_owned())
            };
            assert_eq!(apply(chosen), apply(&every), "{text:?}");
            plain += usize::from(!text.is_ascii() && std::ptr::eq(chosen, Normaliser::of("")));
            changed += usize::from(apply(chosen) != text);
        }
        assert!(plain > 100 && changed > 100, "{plain} {changed}");
    }
}
