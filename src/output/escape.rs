//! Escapes text from files and servers for each format. Each format has one function, and all its output passes through
//! it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::looks;

/// For a terminal and a log: control characters, direction marks and invisible characters are written as escapes, and
/// so is the start of a command of a CI system in the middle of a line.
pub fn clean(text: &str) -> Cow<'_, str> {
    let shown = looks::visible(text);
    let commands = shown.match_indices('[').filter(|(at, _)| starts_command(&shown[..*at]));
    let commands: Vec<usize> = commands.map(|(at, _)| at).collect();
    if commands.is_empty() {
        return shown;
    }
    let mut safe = String::with_capacity(shown.len() + 8);
    let mut done = 0;
    for at in commands {
        safe.push_str(&shown[done..at]);
        safe.push_str("\\u{5b}");
        done = at + 1;
    }
    Cow::Owned(safe + &shown[done..])
}

/// Whether a bracket after `before` starts a command wherever it stands in a line: `##[` for GitHub, `##vso[` for Azure,
/// `##teamcity[` for TeamCity.
fn starts_command(before: &str) -> bool {
    before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).ends_with("##")
}

/// Passes lines on, but for what a CI system would take for a command: `::error …` at the start of a line, where white
/// space of any kind before it does not count, and `##[error]` anywhere. Styles of a terminal are seen through, as they may
/// be taken out below.
pub struct CiLines<W> {
    out: W,
    /// Nothing but white space and styles was seen of the line.
    is_blank: bool,
    /// A colon at its start, held back.
    colon: bool,
    /// The bytes so far of a character outside ASCII that may be white space.
    partial: Vec<u8>,
    /// Within a style.
    style: bool,
    /// Signs `#` in a row.
    hashes: usize,
    /// Letters stand between those signs and here.
    word: bool,
    passed: Vec<u8>,
}

impl<W: Write> CiLines<W> {
    /// Before the first line.
    pub fn new(out: W) -> Self {
        CiLines {
            out,
            is_blank: true,
            colon: false,
            partial: Vec::new(),
            style: false,
            hashes: 0,
            word: false,
            passed: Vec::new(),
        }
    }

    /// What is below it.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn add_byte(&mut self, byte: u8) {
        if self.style || byte == b'\x1b' {
            self.style = byte != b'm';
            return self.passed.push(byte);
        }
        if self.colon {
            self.colon = false;
            self.passed.extend_from_slice(if byte == b':' { b"\\u{3a}" } else { b":" });
        } else if self.is_blank && byte == b':' {
            (self.is_blank, self.colon) = (false, true);
            return;
        }
        let starts_command = byte == b'[' && self.hashes >= 2;
        match byte {
            b'#' if self.word => (self.hashes, self.word) = (1, false),
            b'#' => self.hashes += 1,
            _ if self.hashes >= 2 && byte.is_ascii_alphabetic() => self.word = true,
            _ => (self.hashes, self.word) = (0, false),
        }
        self.is_blank = byte == b'\n' || (self.is_blank && self.is_white_space(byte));
        if starts_command {
            self.passed.extend_from_slice(b"\\u{5b}");
        } else {
            self.passed.push(byte);
        }
    }

    /// Whether a byte is white space, or a part of what may be.
    fn is_white_space(&mut self, byte: u8) -> bool {
        if byte.is_ascii() {
            self.partial.clear();
            return char::from(byte).is_whitespace();
        }
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(c) => {
                let is_white_space = c.chars().all(char::is_whitespace);
                self.partial.clear();
                is_white_space
            }
            // The rest of it is still to come.
            Err(error) => error.error_len().is_none(),
        }
    }
}

impl<W: Write> Write for CiLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.passed.clear();
        bytes.iter().for_each(|byte| self.add_byte(*byte));
        self.out.write_all(&self.passed)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.colon) {
            self.out.write_all(b":")?;
        }
        self.out.flush()
    }
}

/// For the message of an annotation of GitHub Actions.
pub fn annotation(text: &str) -> String {
    clean(text).replace('%', "%25")
}

/// For a property of such an annotation, which a colon or a comma would end.
pub fn property(text: &str) -> String {
    annotation(text).replace(':', "%3A").replace(',', "%2C")
}

/// For the message of a SARIF result, in which `[text](target)` would be a link.
pub fn sarif(text: &str) -> String {
    let shown = clean(text);
    if shown.contains("](") { shown.replace('[', "\\[").replace(']', "\\]") } else { shown.into_owned() }
}

/// For a line of Markdown, a table or HTML: nothing but letters, digits and the harmless signs stands for itself.
pub fn markdown(text: &str) -> String {
    let mut shown = String::from("<code>");
    for c in unlinked(&clean(text), false).chars() {
        match c {
            '/' | '.' | ',' | ' ' | '-' | '(' | ')' | '…' | '→' => shown.push(c),
            c if c.is_ascii_alphanumeric() || !c.is_ascii() => shown.push(c),
            c => {
                let _ = write!(shown, "&#{};", c as u32);
            }
        }
    }
    shown + "</code>"
}

/// For a line of a block of code in Markdown, so that it is harmless also for readers which do not know that it is one.
pub fn markdown_line(line: &str) -> String {
    unlinked(line, true)
}

/// Replaces each character that starts a mention, an address, a link or, if requested, a tag by one that looks alike:
/// renderers make links even of entities.
fn unlinked(text: &str, tags: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let starts = |next: char| next.is_alphanumeric() || matches!(next, '/' | '!' | '?' | '_' | '-');
        let before = |from: usize| shown.len().checked_sub(from).and_then(|from| shown.get(from..));
        shown.push(match c {
            '<' if tags && next.is_some_and(starts) => '‹',
            // GitHub links `a@.b`, too.
            '@' if next.is_some_and(|next| !next.is_whitespace()) => '＠',
            '.' if before(3).is_some_and(|word| word.eq_ignore_ascii_case("www")) => '．',
            c => c,
        });
    }
    shown
}

/// Writes JSON in which nothing is hidden: such characters in texts are written as `\uXXXX`, which means the same.
pub(super) struct Json<F>(pub(super) F);

impl<F: serde_json::ser::Formatter> serde_json::ser::Formatter for Json<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut done = 0;
        let is_escaped = |at: usize, c: char| looks::is_hidden(c) || (c == '[' && starts_command(&fragment[..at]));
        for (at, c) in fragment.char_indices().filter(|(at, c)| is_escaped(*at, *c)) {
            out.write_all(&fragment.as_bytes()[done..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            done = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[done..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_starts_a_command_however_it_is_written() {
        for (text, shown) in [
            ("::error::x\n", "\\u{3a}:error::x\n"),
            ("  ::error\n\t::stop-commands::\n", "  \\u{3a}:error\n\t\\u{3a}:stop-commands::\n"),
            ("\x1b[1m::a\x1b[0m ::b\n", "\x1b[1m\\u{3a}:a\x1b[0m ::b\n"),
            (":\n: x\na::b\n\n:", ":\n: x\na::b\n\n:"),
            ("tests/a.py::t\n", "tests/a.py::t\n"),
            ("a##[b #\x1b[1m#[c # [d]\n", "a##\\u{5b}b #\x1b[1m#\\u{5b}c # [d]\n"),
            ("a##vso[b ##a#[ ##a##b[ # x[ ##x [", "a##vso\\u{5b}b ##a#[ ##a##b\\u{5b} # x[ ##x ["),
            ("\u{a0}::a\n \u{3000}\u{2003}::b\né::c", "\u{a0}\\u{3a}:a\n \u{3000}\u{2003}\\u{3a}:b\né::c"),
        ] {
            for size in [1, 2, 3, 100] {
                let mut lines = CiLines::new(Vec::new());
                text.as_bytes().chunks(size).for_each(|part| lines.write_all(part).unwrap());
                assert_eq!(String::from_utf8(lines.into_inner().unwrap()).unwrap(), shown);
            }
        }
    }

    #[test]
    fn each_format_has_its_own_way() {
        assert_eq!(clean("a ##[error]b\n"), "a ##\\u{5b}error]b\\n");
        assert_eq!(clean("##vso[task] ##[[a] # [b]"), "##vso\\u{5b}task] ##\\u{5b}[a] # [b]");
        assert_eq!(annotation("50%\n::x"), "50%25\\n::x");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
        assert_eq!(sarif("see [x](http://h) a[0]"), "see \\[x\\](http://h) a\\[0\\]");
        assert_eq!(sarif("a[0]"), "a[0]");
        assert_eq!(
            markdown("www.a.example me@b.example a@.b |<x>`"),
            "<code>www．a.example me＠b.example a＠.b &#124;&#60;x&#62;&#96;</code>"
        );
        assert_eq!(markdown_line("Www.a <b> </b> @c a < b. 3 @ 4"), "Www．a ‹b> ‹/b> ＠c a < b. 3 @ 4");
    }

    #[test]
    fn json_says_the_same_with_nothing_hidden() {
        use serde::Serialize as _;
        let text = "##[a\n\u{1b}\u{9b}\u{202e}\u{e0041}\u{2028}é\"\\";
        let mut out = Vec::new();
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Json(serde_json::ser::CompactFormatter)))
            .unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, "\"##\\u005ba\\n\\u001b\\u009b\\u202e\\udb40\\udc41\\u2028é\\\"\\\\\"");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
