//! Values in one line: cut when they are long, and two of them so that a reader sees in what they differ.

use serde_json::Value;

use crate::looks::{Unseen, spelled};

use super::escape::clean;

/// Longest value that is shown, in characters.
const WIDTH: usize = 60;

/// How much equal text is shown before the first difference.
const BEFORE: usize = 20;

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// Two values that differ: cut around the first difference, and spelled out where they look the same.
pub(super) fn values(before: Option<&Value>, after: Option<&Value>) -> (String, String) {
    pair(&text(before), &text(after))
}

/// The same of texts.
pub(super) fn pair(before: &str, after: &str) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    let fits = |text: &str| text.chars().nth(WIDTH).is_none();
    let start = if fits(before) && fits(after) { 0 } else { same.saturating_sub(BEFORE) };
    // A few characters more are worth less than the mark of a cut.
    let start = if start < 4 { 0 } else { start };
    let (before, after) = (window(before, start), window(after, start));
    if before != after && Unseen::between(&before, &after).is_some() {
        return (mark(&before), mark(&after));
    }
    (clean(&before).into_owned(), clean(&after).into_owned())
}

/// Spells a text out, but for the marks of where it was cut.
fn mark(text: &str) -> String {
    let inner = text.strip_prefix('…').unwrap_or(text);
    let head = &text[..text.len() - inner.len()];
    let inner = inner.strip_suffix('…').unwrap_or(inner);
    let tail = &text[head.len() + inner.len()..];
    format!("{head}{}{tail}", spelled(inner))
}

/// What is shown of a text from `start` on, in characters.
fn window(text: &str, start: usize) -> String {
    let mut rest = text.chars().skip(start);
    let mut shown = if start > 0 { "…".to_owned() } else { String::new() };
    shown.extend(rest.by_ref().take(WIDTH));
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_values_are_never_shown_alike() {
        let long = "a sentence that runs for a good while and then some more of it ";
        let json = |text: &str| Value::from(text);
        for (before, after, shown) in [
            (json("a"), json("b"), ("\"a\"", "\"b\"")),
            (json("café"), json("cafe\u{301}"), ("\"caf\\u{e9}\"", "\"cafe\\u{301}\"")),
            (json("x y"), json("x\u{a0}y"), ("\"x y\"", "\"x\\u{a0}y\"")),
            (json("a b"), json("a\u{200b} b"), ("\"a b\"", "\"a\\u{200b} b\"")),
            (
                json(&format!("{long}one")),
                json(&format!("{long}two")),
                ("…hen some more of it one\"", "…hen some more of it two\""),
            ),
            (
                json(&format!("{long}é")),
                json(&format!("{long}e\u{301}")),
                ("…hen some more of it \\u{e9}\"", "…hen some more of it e\\u{301}\""),
            ),
        ] {
            let (before, after) = values(Some(&before), Some(&after));
            assert_eq!((before.as_str(), after.as_str()), shown);
        }
        assert_eq!(values(None, Some(&Value::Null)), ("nothing".to_owned(), "null".to_owned()));
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..3000 {
            let mut text = |n: usize| -> String {
                let letter = |random: &mut fastrand::Rng| {
                    *random.choice(&['a', 'é', 'e', '\u{301}', ' ', '\u{a0}', '\u{200b}', '\n']).unwrap()
                };
                (0..n).map(|_| letter(&mut random)).collect()
            };
            let common = text(70);
            let (before, after) = (common.clone() + &text(3), common + &text(3));
            if before != after {
                let (left, right) = pair(&before, &after);
                assert_ne!(left, right);
                assert_eq!(Unseen::between(&left, &right), None, "{before:?} {after:?}");
            }
        }
    }
}
