//! Two texts as one, word by word: what went, what came, and a little of what stayed.

use std::borrow::Cow;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::escape::clean;
use super::palette::{ADDED, FAINT, REMOVED};
use super::wrap::{char_width, width_of};
use crate::looks::{Unseen, spelled};

/// How much of what stayed is shown on each side of a change, in characters.
const CONTEXT: usize = 120;

/// Below this share of common characters, in percent, two texts are shown one after the other.
const ALIKE: usize = 30;

/// Up to so many words, spaces and signs are compared one by one.
const BOOK: usize = 20_000;

/// So few words are never too different.
const FEW: usize = 8;

/// Whether a word stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WordFate {
    Stayed,
    Removed,
    Added,
}

/// A run of words that all stayed, or were all removed or added.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WordRun<'a> {
    fate: WordFate,
    words: Vec<Cow<'a, str>>,
}

/// The lines of two texts as one, at most `width` columns wide. Without colour, removed words are in `[-…-]` and new
/// words in `{+…+}`.
pub(super) fn lines(before: &str, after: &str, width: usize, colour: bool) -> Vec<String> {
    let (old, new) = (words(before), words(after));
    let mut flow = Flow { lines: vec![], line: String::new(), used: 0, fate: WordFate::Stayed, width, colour };
    let mut runs = runs(&old, &new);
    spell_out(&mut runs);
    let last = runs.len().saturating_sub(1);
    for (place, run) in runs.iter().enumerate() {
        if run.fate == WordFate::Stayed {
            flow.context(&run.words, place == 0, place == last);
        } else {
            flow.change(run);
        }
    }
    flow.finish()
}

/// A name that is longer than a line: it is split after `::` or `/`, or before `[`, if possible.
pub(super) fn name(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    while width_of(rest) > width {
        let mut used = 0;
        let fits = rest.char_indices().take_while(|(_, c)| (used += char_width(*c), used <= width).1).last();
        // One character at least, however wide.
        let end = fits.map_or(0, |(at, c)| at + c.len_utf8()).max(rest.chars().next().map_or(0, char::len_utf8));
        let mut breaks = rest[..end].char_indices().filter_map(|(at, c)| match c {
            ':' if rest[..at].ends_with(':') => Some(at + 1),
            '/' | ' ' | ',' => Some(at + 1),
            '[' => Some(at),
            _ => None,
        });
        // Not so early that the line is nearly empty.
        let end = breaks.rfind(|at| *at > end / 3 && *at < rest.len()).unwrap_or(end);
        lines.push(rest[..end].trim_end().to_owned());
        rest = &rest[end..];
    }
    lines.push(rest.to_owned());
    lines
}

/// Words, spaces and signs, each separately. Scripts without spaces are split into characters.
fn words(text: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Sort {
        Word,
        Space,
        Single,
    }
    let sort = |c: char| match c {
        '\n' => Sort::Single,
        c if c.is_whitespace() => Sort::Space,
        c if c == '_' || (c.is_alphanumeric() && char_width(c) < 2) => Sort::Word,
        _ => Sort::Single,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut last: Option<Sort> = None;
    for (at, c) in text.char_indices() {
        let this = sort(c);
        if at > start && (this == Sort::Single || last.as_ref() != Some(&this)) {
            words.push(&text[start..at]);
            start = at;
        }
        last = Some(this);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

fn runs<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<WordRun<'a>> {
    let run = |fate, words: &[&'a str]| WordRun { fate, words: words.iter().map(|word| clean_word(word)).collect() };
    let ops = operations(old, new);
    let size = |words: &[&str]| words.iter().map(|word| word.trim().len()).sum::<usize>();
    let stayed: usize = ops
        .iter()
        .map(|op| match *op {
            DiffOp::Equal { old_index, len, .. } => size(&old[old_index..old_index + len]),
            _ => 0,
        })
        .sum();
    if old.len().min(new.len()) > FEW && stayed * 100 < ALIKE * size(old).max(size(new)) {
        let both = [run(WordFate::Removed, old), run(WordFate::Added, new)];
        return both.into_iter().filter(|run| !run.words.is_empty()).collect();
    }
    let mut runs = Vec::new();
    for op in ops {
        match op {
            DiffOp::Equal { old_index, len, .. } => runs.push(run(WordFate::Stayed, &old[old_index..old_index + len])),
            DiffOp::Delete { old_index, old_len, .. } => {
                runs.push(run(WordFate::Removed, &old[old_index..old_index + old_len]));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                runs.push(run(WordFate::Added, &new[new_index..new_index + new_len]));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                runs.push(run(WordFate::Removed, &old[old_index..old_index + old_len]));
                runs.push(run(WordFate::Added, &new[new_index..new_index + new_len]));
            }
        }
    }
    runs.retain(|run| !run.words.is_empty());
    runs
}

/// What becomes of the words. Between the first and the last change, texts of a book's length are taken as a whole.
fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let ahead = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[ahead..], &new[ahead..]);
    let behind = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_len, new_len) = (old_rest.len() - behind, new_rest.len() - behind);
    if old_len.max(new_len) <= BOOK {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    vec![
        DiffOp::Equal { old_index: 0, new_index: 0, len: ahead },
        DiffOp::Replace { old_index: ahead, old_len, new_index: ahead, new_len },
        DiffOp::Equal { old_index: ahead + old_len, new_index: ahead + new_len, len: behind },
    ]
}

/// Spells out what went and what came in its place where the two look the same.
fn spell_out(runs: &mut [WordRun<'_>]) {
    for at in 1..runs.len() {
        let [.., went, came] = &mut runs[..=at] else { continue };
        if (went.fate, came.fate) == (WordFate::Removed, WordFate::Added)
            && Unseen::between(&went.words.concat(), &came.words.concat()).is_some()
        {
            for word in went.words.iter_mut().chain(&mut came.words).filter(|word| *word != "\n") {
                *word = Cow::Owned(spelled(word));
            }
        }
    }
}

fn clean_word(word: &str) -> Cow<'_, str> {
    match word {
        "\n" => Cow::Borrowed(word),
        word => clean(word),
    }
}

/// Words flowing into lines.
struct Flow {
    lines: Vec<String>,
    line: String,
    used: usize,
    /// The style that is on.
    fate: WordFate,
    width: usize,
    colour: bool,
}

impl Flow {
    fn context(&mut self, words: &[Cow<'_, str>], is_first: bool, is_last: bool) {
        let fits = |words: &mut dyn Iterator<Item = &Cow<'_, str>>| {
            let mut size = 0;
            words.take_while(|word| (size, size += word.len()).0 < CONTEXT).count()
        };
        let head = if is_first { 0 } else { fits(&mut words.iter()) };
        let tail = if is_last { 0 } else { fits(&mut words.iter().rev()) };
        if head + tail >= words.len() {
            return words.iter().for_each(|word| self.word(word, WordFate::Stayed));
        }
        words[..head].iter().for_each(|word| self.word(word, WordFate::Stayed));
        self.raw(if self.colour { format!("{FAINT} … {FAINT:#}") } else { " … ".to_owned() }, 3);
        words[words.len() - tail..].iter().for_each(|word| self.word(word, WordFate::Stayed));
    }

    fn change(&mut self, run: &WordRun<'_>) {
        let (open, close) = match run.fate {
            WordFate::Removed => ("[-", "-]"),
            _ => ("{+", "+}"),
        };
        // What would not be seen is drawn.
        let is_blank = run.words.iter().all(|word| word.trim().is_empty());
        if !self.colour {
            self.word(open, run.fate);
        }
        for word in &run.words {
            match word.as_ref() {
                "\n" if is_blank => self.word("⏎", run.fate),
                // A space is a dot, and any other kind of space says which.
                word if is_blank => self.word(&spelled(word).replace(' ', "·"), run.fate),
                word => self.word(word, run.fate),
            }
        }
        if !self.colour {
            self.word(close, run.fate);
        }
    }

    fn word(&mut self, word: &str, fate: WordFate) {
        if word == "\n" {
            return self.end_line();
        }
        let width = width_of(word);
        if self.used + width > self.width && self.used > 0 {
            self.end_line();
            if word.trim().is_empty() {
                return;
            }
        }
        self.style(fate);
        if width <= self.width {
            return self.raw(word.to_owned(), width);
        }
        for c in word.chars() {
            if self.used + char_width(c) > self.width {
                self.end_line();
                self.style(fate);
            }
            self.raw(c.to_string(), char_width(c));
        }
    }

    fn raw(&mut self, text: String, width: usize) {
        if self.used + width > self.width && self.used > 0 {
            self.end_line();
        }
        self.line.push_str(&text);
        self.used += width;
    }

    fn style(&mut self, fate: WordFate) {
        if self.colour && fate != self.fate {
            let reset = anstyle::Reset;
            let text = match fate {
                WordFate::Stayed => format!("{reset}"),
                WordFate::Removed => format!("{reset}{REMOVED}"),
                WordFate::Added => format!("{reset}{ADDED}"),
            };
            self.line.push_str(&text);
        }
        self.fate = fate;
    }

    fn end_line(&mut self) {
        self.style(WordFate::Stayed);
        let line = std::mem::take(&mut self.line);
        self.lines.push(line.trim_end().to_owned());
        self.used = 0;
    }

    fn finish(mut self) -> Vec<String> {
        if self.used > 0 || self.fate != WordFate::Stayed {
            self.end_line();
        }
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, shown: &[&str]) {
        assert_eq!(lines(before, after, 40, false), shown);
    }

    #[test]
    fn changes_are_marked_word_by_word() {
        check("The capital is Paris.", "The capital is Lyon.", &["The capital is [-Paris-]{+Lyon+}."]);
        check("a b", "a b c", &["a b{+ c+}"]);
        check("one\ntwo three four", "one\ntwo four", &["one", "two [-three -]four"]);
        check("first line\nsecond line", "first line second line", &["first line[-⏎-]{+·+}second line"]);
        check("un caf\u{e9} noir", "un cafe\u{301} noir", &["un [-caf\\u{e9}-]{+cafe\\u{301}+} noir"]);
        check("x y", "x\u{a0}y", &["x[-·-]{+\\u{a0}+}y"]);
        check("a b", "a\u{200b} b", &["a{+\\u{200b}+} b"]);
        check("東京は晴れです", "東京は雨です", &["東京は[-晴れ-]{+雨+}です"]);
    }

    #[test]
    fn what_has_nothing_in_common_is_not_interleaved() {
        let (old, new) = ("alpha beta gamma delta epsilon", "one two three four five");
        check(old, new, &["[-alpha beta gamma delta epsilon-]{+one", "two three four five+}"]);
        check("", "new", &["{+new+}"]);
    }

    #[test]
    fn lines_keep_their_width_and_control_characters_stay_out() {
        let (before, after) = ("x".repeat(300) + " \u{1b}[2J tail", "x".repeat(300) + " \u{1b}[2J other");
        for colour in [false, true] {
            for line in lines(&before, &after, 40, colour) {
                assert!(!line.contains("\u{1b}[2J"), "{line:?}");
                assert!(colour || width_of(&line) <= 40, "{line:?}");
            }
        }
    }

    #[test]
    fn long_stretches_that_stayed_are_left_out() {
        let long = "word ".repeat(200);
        let shown = lines(&format!("{long}old{long}"), &format!("{long}new{long}"), 80, false);
        assert!(shown.len() < 8 && shown.concat().matches('…').count() == 2, "{shown:#?}");
    }
}
