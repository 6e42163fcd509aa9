//! Keys cut to the digits that tell them apart: 64 digits are more than a line of a terminal holds.

use std::borrow::Cow;

/// Digits that are shown of a key.
pub(super) const SHORT_KEY: usize = 12;

/// Digits of a whole key.
const KEY: usize = 64;

/// A line with its keys cut. A key between backticks or double quotes stays whole: it is a command to copy, or a value. So does
/// the key that is all a line says: somebody asked for it.
pub(super) fn shorten(line: &str) -> Cow<'_, str> {
    if says_key(line) {
        return Cow::Borrowed(line);
    }
    let mut out = String::new();
    let (mut copied, mut quote) = (0, None);
    let mut digits = 0;
    for (at, c) in line.char_indices().chain([(line.len(), '\n')]) {
        if matches!(c, '0'..='9' | 'a'..='f') {
            digits += 1;
            continue;
        }
        if digits == KEY && quote.is_none() {
            out.push_str(&line[copied..at - KEY + SHORT_KEY]);
            out.push('…');
            copied = at;
        }
        digits = 0;
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '`' | '"') => quote = Some(c),
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(&line[copied..]);
    Cow::Owned(out)
}

/// Whether a line is the label `key` and a key, as `explain` prints what a request hashes to.
fn says_key(line: &str) -> bool {
    let text = anstream::adapter::strip_str(line).to_string();
    text.strip_prefix("key ").is_some_and(|rest| rest.trim().len() == KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_where_nobody_copies_them() {
        let key = "0123456789abcdef".repeat(4);
        for (line, shown) in [
            (format!("  a/recordings/{key}.json"), "  a/recordings/0123456789ab….json".to_owned()),
            (format!("the key {key}"), "the key 0123456789ab…".to_owned()),
            (format!("\u{1b}[1mkey\u{1b}[0m       {key}"), format!("\u{1b}[1mkey\u{1b}[0m       {key}")),
            (format!("{key} → {key}"), "0123456789ab… → 0123456789ab…".to_owned()),
            (format!("\u{1b}[2m{key}\u{1b}[0m"), "\u{1b}[2m0123456789ab…\u{1b}[0m".to_owned()),
            (format!("run `git restore {key}.json`"), format!("run `git restore {key}.json`")),
            (format!("asked \"{key}\""), format!("asked \"{key}\"")),
            (format!("{key}0"), format!("{key}0")),
        ] {
            assert_eq!(shorten(&line), shown);
        }
    }
}
