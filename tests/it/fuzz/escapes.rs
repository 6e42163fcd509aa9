//! What comes from files and servers, as each format shows it: nothing steers the reader, and nothing comes alive.

use std::io::Write as _;

use bedrock_fixtures::output::escape;
use fastrand::Rng;

use super::{each, text};

const PARTS: [&str; 62] = [
    "\n",
    "\r",
    "\t",
    " ",
    "\u{a0}",
    "\u{3000}",
    "\u{2003}",
    "::",
    ":",
    "::error::x",
    "#",
    "##",
    "##[",
    "##vso[",
    "##[error]",
    "[",
    "]",
    "\u{1b}",
    "\u{1b}[2J",
    "\u{1b}]0;t\u{7}",
    "\u{9b}",
    "\u{202e}",
    "\u{2066}",
    "\u{200e}",
    "\u{61c}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200b}",
    "\u{200d}",
    "\u{fe0f}",
    "\u{e0041}",
    "\0",
    "\u{7f}",
    "www.",
    "WWW",
    "w",
    ".",
    "a.example",
    "@",
    "a",
    "b_c",
    "me@",
    "http://",
    "https:",
    "//",
    "mailto:",
    "<",
    ">",
    "<b>",
    "</code>",
    "<!--",
    "&#64;",
    "&",
    ";",
    "|",
    "`",
    "```",
    "[a](",
    ")",
    "%0A",
    ",",
];

fn is_hidden(c: char) -> bool {
    // A joiner or a variant of an emoji has its ordinary use; `looks.rs` has tests of it.
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a line of a log starts a command where a CI system looks for one: GitHub after white space of any kind, Azure
/// and TeamCity anywhere.
fn has_command(line: &str) -> bool {
    let bracketed = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
    line.trim().starts_with("::") || line.match_indices("##").any(|(at, _)| bracketed(&line[at + 2..]))
}

/// A text with the entities of Markdown and HTML taken for what they stand for, as readers do before they look for links.
fn decoded(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut decoded = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once(';').unwrap();
        decoded.push(char::from_u32(code.parse().unwrap()).unwrap());
        decoded.push_str(rest);
    }
    decoded
}

/// What GitHub takes for a mention, an address or a link, in a text that it has decoded.
fn is_alive(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.match_indices('@').any(|(at, _)| text[at + 1..].starts_with(word))
        || text.to_ascii_lowercase().contains("www.")
}

fn input(random: &mut Rng) -> String {
    text(random, &PARTS, 12)
}

#[test]
fn a_line_for_a_terminal_steers_nothing() {
    each("terminal", 10_000, 1_500_000, |random| {
        let text = input(random);
        let shown = escape::clean(&text);
        assert!(!shown.contains(is_hidden), "{text:?}: {shown:?}");
        assert!(!has_command(&format!("x{shown}")), "{text:?}: {shown:?}");
        assert_eq!(escape::clean(&shown), shown, "it is shown once and for all");
        for shown in [escape::annotation(&text), escape::property(&text)] {
            assert!(!shown.contains(is_hidden) && !shown.contains("\n"), "{text:?}: {shown:?}");
        }
        assert!(!escape::property(&text).contains([':', ',']), "{text:?}");
        assert!(!escape::sarif(&text).replace("\\]", "").contains("]("), "{text:?}");

        // The lines of a report, in pieces, with styles of our own between them.
        let mut lines = escape::CiLines::new(Vec::new());
        let mut report = String::new();
        for _ in 0..random.usize(1..4) {
            let style = ["\u{1b}[1m", "", "\n", " "][random.usize(..4)];
            report.push_str(style);
            report.push_str(&escape::clean(&input(random)));
        }
        let mut rest = report.as_bytes();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.usize(1..=rest.len()));
            lines.write_all(piece).unwrap();
            rest = after;
        }
        let passed = String::from_utf8(lines.into_inner().unwrap()).unwrap();
        let plain = anstream::adapter::strip_str(&passed).to_string();
        assert!(!plain.lines().any(has_command), "{report:?}: {plain:?}");
    });
}

#[test]
fn nothing_in_a_comment_comes_alive() {
    each("markdown", 10_000, 1_500_000, |random| {
        let text = input(random);
        let shown = escape::markdown(&text);
        let inner = shown.strip_prefix("<code>").and_then(|shown| shown.strip_suffix("</code>")).unwrap();
        assert!(
            !inner.contains(['<', '>', '|', '`', '[', ']', '@', '*', '_', '~', '\\', ':', '"', '\n']),
            "{text:?}: {shown}"
        );
        assert!(!inner.contains(is_hidden), "{text:?}: {shown}");
        assert!(!is_alive(&decoded(inner)), "{text:?}: {shown}");

        let line = escape::clean(&text);
        let shown = escape::markdown_line(&line);
        let tag = |c: char| c.is_alphabetic() || matches!(c, '/' | '!' | '?');
        assert!(!shown.match_indices('<').any(|(at, _)| shown[at + 1..].starts_with(tag)), "{text:?}: {shown}");
        assert!(!is_alive(&shown), "{text:?}: {shown}");
    });
}
