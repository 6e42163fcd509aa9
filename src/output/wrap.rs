//! Lines cut at words to the columns of a terminal. All text for people is wrapped here.

use std::io::{self, Write};

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthChar as _;

use super::short_keys;

/// Columns at which a label ends at the latest; the lines below it begin where its text begins.
const LABEL: usize = 12;
/// Stands for a space at which no line ends. It is as wide as a space, and no text has it: Unicode sets it aside for use
/// within programs, and `escape::clean` writes it out.
const GLUE: char = '\u{fdd0}';

/// Columns of the terminal behind standard output, if there is one.
pub(super) fn stdout_columns() -> Option<usize> {
    console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}

/// Columns of the terminal behind standard error, if there is one.
pub(super) fn stderr_columns() -> Option<usize> {
    console::Term::stderr().size_checked().map(|(_, columns)| usize::from(columns))
}

/// Columns that a text takes on a terminal, as far as that can be known.
pub(super) fn width_of(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Columns of one character.
pub(super) fn char_width(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// A command to copy, which stays in one line: a shell would run its first half.
pub(super) fn command(text: &str) -> String {
    text.replace(' ', GLUE.encode_utf8(&mut [0; 4]))
}

/// A text in lines of `width`; a word that is longer than a line is cut.
pub(super) fn paragraph(text: &str, width: usize) -> Vec<String> {
    let lines = textwrap::wrap(text, options(width).break_words(true));
    lines.into_iter().map(|line| line.into_owned()).collect()
}

/// One message in lines of `width`, or in one line where there is no terminal.
pub(super) fn message(text: &str, width: Option<usize>) -> String {
    let lines: Vec<String> = text.split('\n').flat_map(|line| wrapped(line, width)).collect();
    lines.join("\n")
}

fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width).word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation)
}

/// A line cut at words. A word that is longer, such as a path, stays whole, so that it can be copied; so does a command
/// in backticks.
fn wrapped(line: &str, width: Option<usize>) -> Vec<String> {
    let fits = |width: &usize| display_width(line) <= *width;
    let Some(width) = width.filter(|width| !fits(width)) else { return vec![line.replace(GLUE, " ")] };
    let line = &with_whole_commands(line);
    let (head, hang) = head(line);
    let below = " ".repeat(hang.min(width / 2));
    let options = options(width).break_words(false).initial_indent(head).subsequent_indent(&below);
    textwrap::wrap(&line[head.len()..], options).into_iter().map(|line| line.replace(GLUE, " ")).collect()
}

/// No line ends between two backticks.
fn with_whole_commands(line: &str) -> String {
    if !line.matches('`').count().is_multiple_of(2) {
        return line.to_owned();
    }
    let parts = line.split('`').enumerate();
    let glued: Vec<String> =
        parts.map(|(at, part)| if at % 2 == 1 { command(part) } else { part.to_owned() }).collect();
    glued.join("`")
}

/// What a line begins with, indentation and a label, and the column at which the lines below it begin.
fn head(line: &str) -> (&str, usize) {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    // A label is styled, or followed by two spaces.
    let styled = text.starts_with('\u{1b}').then(|| text.find("\u{1b}[0m").map(|at| at + 4)).flatten();
    let apart = text.find("  ").filter(|_| styled.is_none());
    if let Some(end) = styled.or(apart) {
        let end = indent + end;
        let rest = line[end..].trim_start_matches([':', ' ']);
        let head = &line[..line.len() - rest.len()];
        if !rest.is_empty() && display_width(head) <= LABEL {
            return (head, display_width(head));
        }
    }
    (&line[..indent], if indent == 0 { 2 } else { indent })
}

/// Wraps its input line by line.
pub(super) struct Wrapped<'a> {
    out: &'a mut dyn Write,
    width: Option<usize>,
    line: Vec<u8>,
    /// Whether keys are cut to the digits that tell them apart. A command to copy keeps them whole.
    pub(super) shortens_keys: bool,
}

impl<'a> Wrapped<'a> {
    pub(super) fn new(out: &'a mut dyn Write, width: Option<usize>) -> Self {
        Wrapped { out, width, line: Vec::new(), shortens_keys: false }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let shortens = self.shortens_keys && !line.contains(GLUE);
        let line = if shortens { short_keys::shorten(&line) } else { line };
        wrapped(&line, self.width).iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }

    /// Writes a last line that has no end, too.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.line.is_empty() { Ok(()) } else { self.end_line() }
    }
}

impl Write for Wrapped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend_from_slice(end);
                    self.end_line()?;
                }
                None => self.line.extend_from_slice(part),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut lines = Wrapped::new(&mut out, Some(width));
        text.as_bytes().chunks(3).for_each(|part| lines.write_all(part).unwrap());
        lines.finish().unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_end_at_words_and_go_on_below_their_text() {
        for (text, lines) in [
            ("one two three four\n", &["one two three", "  four"][..]),
            ("    one two three four\n", &["    one two", "    three four"]),
            ("run `a b c`, or `d e f g`\n", &["run `a b c`,", "  or `d e f g`"]),
            ("a lone ` one two three\n", &["a lone ` one", "  two three"]),
            ("key   one two three\n", &["key   one two", "      three"]),
            ("\u{1b}[1mbad\u{1b}[0m: one two three\n", &["\u{1b}[1mbad\u{1b}[0m: one two", "     three"]),
            ("at a/path/longer/than/a/line now\n", &["at", "  a/path/longer/than/a/line", "  now"]),
            ("日本 日本 日本 日本\n", &["日本 日本 日本", "  日本"]),
            ("no end", &["no end"]),
        ] {
            assert_eq!(shown(text, 14), lines, "{text:?}");
        }
        let copied = format!("to resume: {}\n", command("tool record --all"));
        assert_eq!(shown(&copied, 14), ["to resume:", "  tool record --all"]);
    }

    #[test]
    fn without_a_terminal_a_line_is_one_line() {
        let long = "word ".repeat(60) + "end";
        assert_eq!(message(&long, None), long);
        assert_eq!(message(&command("a b"), None), "a b");
    }
}
