//! What a text looks like: which characters nobody sees, and whether two different texts look the same.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// Whether a character is invisible or changes how others are shown: controls, direction marks, characters without
/// width, line separators, code points that Unicode sets aside for use within programs. Spaces are not included.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a joiner or a variation selector has its ordinary use after `before`: in an emoji, or in a script that joins.
fn is_ordinary(before: Option<char>, c: char) -> bool {
    let before = before.unwrap_or(' ');
    match c {
        '\u{200c}' => matches!(before, '\u{600}'..='\u{dff}'),
        '\u{200d}' => {
            matches!(before, '\u{600}'..='\u{dff}' | '\u{203c}'..='\u{3299}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
        }
        '\u{fe0e}' | '\u{fe0f}' => {
            matches!(before, '#' | '*' | '0'..='9' | '©' | '®' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
        }
        _ => false,
    }
}

/// A text with its invisible characters written as escapes: `\n`, `\u{200b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = None;
    for c in text.chars() {
        if is_hidden(c) && !is_ordinary(before, c) {
            shown.extend(c.escape_default());
            before = None;
        } else {
            shown.push(c);
            before = Some(c);
        }
    }
    Cow::Owned(shown)
}

/// A text with everything outside ASCII written as escapes, to tell it from another that looks the same.
pub fn spelled(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            ' '..='~' => spelled.push(c),
            c => spelled.extend(c.escape_default()),
        }
    }
    spelled
}

/// In what two different texts differ that look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// One letter in one code point or in several.
    Normalisation,
    /// Characters that cannot be seen.
    Hidden,
    /// Kinds of space of the same width.
    Spaces,
}

impl Unseen {
    /// Compares two texts; `None` where they are equal, or a reader sees that they are not.
    pub fn between(left: &str, right: &str) -> Option<Unseen> {
        if left == right
            || (left.is_ascii() && right.is_ascii() && !left.contains(is_hidden) && !right.contains(is_hidden))
        {
            return None;
        }
        let nfc = ComposingNormalizerBorrowed::new_nfc();
        let (left, right) = (nfc.normalize(left), nfc.normalize(right));
        if left == right {
            return Some(Unseen::Normalisation);
        }
        // A line feed is seen, and a tab may be.
        let without = |text: &str| text.replace(|c| is_hidden(c) && !matches!(c, '\n' | '\t'), "");
        let (left, right) = (without(&left), without(&right));
        let (left, right) = (nfc.normalize(&left).into_owned(), nfc.normalize(&right).into_owned());
        if left == right {
            return Some(Unseen::Hidden);
        }
        let plain = |text: &str| text.replace(|c: char| c.is_whitespace() && !matches!(c, '\n' | '\t'), " ");
        (plain(&left) == plain(&right)).then_some(Unseen::Spaces)
    }

    /// The word for it, after "differ only in".
    pub fn name(self) -> &'static str {
        match self {
            Unseen::Normalisation => "Unicode normalisation (a letter as one code point or as several)",
            Unseen::Hidden => "invisible characters",
            Unseen::Spaces => "the kind of white space (such as a no-break space)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_written_out_and_what_is_seen_stays() {
        for (text, shown) in [
            ("plain é 東京 \u{a0}x", "plain é 東京 \u{a0}x"),
            ("a\nb\u{1b}[2J\u{7f}\u{9b}", "a\\nb\\u{1b}[2J\\u{7f}\\u{9b}"),
            ("\u{200e}a\u{200f}b\u{61c}c\u{2028}d\u{2029}", "\\u{200e}a\\u{200f}b\\u{61c}c\\u{2028}d\\u{2029}"),
            ("\u{202e}x\u{2066}\u{feff}\u{e0041}", "\\u{202e}x\\u{2066}\\u{feff}\\u{e0041}"),
            ("👩\u{200d}💻 ❤\u{fe0f} می\u{200c}خواهم", "👩\u{200d}💻 ❤\u{fe0f} می\u{200c}خواهم"),
            ("a\u{fdd0}b", "a\\u{fdd0}b"),
            ("a\u{200d}b a\u{fe0f} \u{200c}", "a\\u{200d}b a\\u{fe0f} \\u{200c}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn texts_that_look_the_same_are_told_from_others() {
        for (left, right, unseen) in [
            ("café", "cafe\u{301}", Some(Unseen::Normalisation)),
            ("a b", "a\u{200b} b", Some(Unseen::Hidden)),
            ("cafe\u{301}", "café\u{2060}", Some(Unseen::Hidden)),
            ("e\u{200b}\u{301}", "é", Some(Unseen::Hidden)),
            ("x y", "x\u{a0}y", Some(Unseen::Spaces)),
            ("x\u{2009}y", "x\u{3000}y", Some(Unseen::Spaces)),
            ("x\ry", "xy", Some(Unseen::Hidden)),
            ("x y", "x\ny", None),
            ("x", "y", None),
            ("é", "e", None),
            ("é", "é", None),
        ] {
            assert_eq!(Unseen::between(left, right), unseen, "{left:?} {right:?}");
            assert_eq!(Unseen::between(right, left), unseen, "{right:?} {left:?}");
            assert!(left == right || spelled(left) != spelled(right));
        }
    }
}
