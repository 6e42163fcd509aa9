//! A secret is a type: it can be used, not printed.

mod echo;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

use echo::Echo;

/// Anything shorter may be shown: it would be masked in the middle of words.
const SHOWN: usize = 4;

/// Anything shorter occurs by chance.
const SHORTEST: usize = 8;

/// This many equal bytes in a row are a part of the secret and not chance: a cut text may end inside the secret.
const RUN: usize = 8;

/// Below this many bytes the secret may be a word like `assistant`, whose presence in an answer says nothing. Keys of
/// Bedrock have more than a hundred.
const A_WORD: usize = 16;

/// An answer that repeats this many bytes in a row is refused: a server may have cut off the rest.
const PIECE: usize = 24;

/// The readable start of a short-term key.
const READABLE: &str = "bedrock-api-key-";

/// How often one JSON text is written into another at most.
const NESTED: usize = 4;

/// A bearer token or another credential. `Debug` and `Display` print `[redacted]`; nothing serialises it.
#[derive(Clone)]
pub struct Secret {
    text: String,
    /// The other forms in which it may occur.
    forms: Vec<String>,
    /// Built when something is looked at.
    echo: OnceLock<Box<Echo>>,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.forms) == (&other.text, &other.forms)
    }
}

impl Eq for Secret {}

impl Secret {
    /// Takes a text, without the white space around it. A blank text is not a secret.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        // The part after the readable prefix of a Bedrock key is secret too.
        let body = text.strip_prefix(READABLE).unwrap_or(text);
        (!text.is_empty()).then(|| Secret {
            text: text.to_owned(),
            forms: vec![body.to_owned()],
            echo: OnceLock::new(),
        })
    }

    /// Adds forms in which it may stand somewhere: what it encodes, or itself encoded. Short ones are left out.
    #[must_use]
    pub fn with_forms(mut self, forms: impl IntoIterator<Item = String>) -> Self {
        self.forms.extend(forms);
        self.forms.retain(|form| form.len() >= SHORTEST);
        self.forms.sort_unstable();
        self.forms.dedup();
        self.echo = OnceLock::new();
        self
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether `bytes` contain the secret or a long part of it in one of its forms, also escaped in JSON, in hex,
    /// reversed, in other capitals, or with characters between its letters. A secret that may be a word is not
    /// searched.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        if self.text.len() < A_WORD {
            return false;
        }
        // Pieces that overlap by half: every run of one and a half lengths holds one of them.
        let forms = || self.forms.iter().map(|form| form.as_bytes());
        let pieces: HashSet<&[u8]> = forms().flat_map(|form| form.windows(PIECE).step_by(PIECE / 2)).collect();
        let echo = self.echo();
        let mut text = String::from_utf8_lossy(bytes);
        for _ in 0..=NESTED {
            if self.forms.iter().any(|form| form.len() >= SHORTEST && text.contains(form.as_str()))
                || text.as_bytes().windows(PIECE).any(|window| pieces.contains(window))
                || echo.is_in(&text)
            {
                return true;
            }
            match unescape(&text) {
                Some(unescaped) => text = Cow::Owned(unescaped),
                None => return false,
            }
        }
        false
    }

    fn echo(&self) -> &Echo {
        let body = self.text.strip_prefix(READABLE).unwrap_or(&self.text);
        self.echo.get_or_init(|| Box::new(Echo::of(body, &self.forms)))
    }

    /// A text from outside as it may be shown: every part of the secret in it is replaced.
    pub fn scrub(&self, text: &str) -> String {
        let mut secret = vec![false; text.len()];
        for form in self.forms.iter().filter(|form| form.len() >= SHOWN) {
            let size = form.len().min(RUN);
            let runs: HashSet<&[u8]> = form.as_bytes().windows(size).collect();
            for (at, run) in text.as_bytes().windows(size).enumerate() {
                if runs.contains(run) {
                    secret[at..at + size].fill(true);
                }
            }
        }
        if self.text.len() >= A_WORD {
            self.echo().mark(text, &mut secret);
        }
        let mut shown = String::new();
        let mut masked = false;
        for (at, c) in text.char_indices() {
            if !secret[at] {
                shown.push(c);
            } else if !masked {
                shown.push_str("[masked]");
            }
            masked = secret[at];
        }
        if self.is_in(shown.as_bytes()) { "[masked: the text repeats the key]".to_owned() } else { shown }
    }
}

/// A text without one level of JSON's escapes, if it has any.
fn unescape(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let unit = |escape: &str| u32::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok();
        let (c, length) = match escape.chars().next() {
            Some('n') => ('\n', 1),
            Some('t') => ('\t', 1),
            Some('r') => ('\r', 1),
            Some('u') => match unit(escape) {
                Some(unit) => (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
                None => ('\\', 0),
            },
            Some(c @ ('"' | '\\' | '/')) => (c, 1),
            _ => ('\\', 0),
        };
        plain.push(c);
        rest = &escape[length..];
    }
    plain.push_str(rest);
    (plain != text).then_some(plain)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_is_shown() {
        for (secret, text, shown) in [
            ("abcdefghijkl", "denied for abcdefghijkl, éh", "denied for [masked], éh"),
            ("abcdefghijkl", "cut: abcdefghi", "cut: [masked]"),
            ("abcdefghijkl", "cut: abcdefg", "cut: abcdefg"),
            ("bedrock-api-key-abcdefghijkl", "bedrock-api-key-abcdefghijkl", "bedrock-api-key-[masked]"),
            ("short", "a short one", "a [masked] one"),
            ("éééééé", "éééééé", "[masked]"),
        ] {
            assert_eq!(Secret::new(secret).unwrap().scrub(text), shown, "{text}");
        }
    }

    /// The dresses in which a server may repeat a token.
    fn dresses(token: &str) -> Vec<String> {
        let hex = |token: &str| token.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let between = |sign: &str| token.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(sign);
        let reversed: String = token.chars().rev().collect();
        let percent: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let pieces = |size: usize, sign: &str| {
            token.as_bytes().chunks(size).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(sign)
        };
        vec![
            token.to_owned(),
            hex(token),
            hex(token).to_uppercase(),
            hex(&reversed),
            hex(token).as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair)).collect::<Vec<_>>().join(":"),
            reversed,
            token.to_uppercase(),
            token.to_lowercase(),
            percent.clone(),
            percent.to_lowercase(),
            between(" "),
            between("\n"),
            between("-"),
            between("\u{200b}"),
            pieces(10, " "),
            pieces(7, "\n"),
            pieces(16, "\", \""),
            serde_json::to_string(&pieces(5, "\n\t")).unwrap(),
        ]
    }

    #[test]
    fn a_token_is_found_and_masked_in_every_dress() {
        let mut random = fastrand::Rng::with_seed(11);
        for length in [20, 40, 132, 700] {
            let token: String = (0..length).map(|_| random.alphanumeric()).collect();
            let secret = Secret::new(&token).unwrap();
            for dress in dresses(&token) {
                let text = format!("denied for {dress}, sorry");
                assert!(secret.is_in(text.as_bytes()), "{text}");
                let json = serde_json::json!({"a": {"b": text}}).to_string();
                assert!(secret.is_in(json.as_bytes()), "{json}");
                let shown = secret.scrub(&text);
                // Only parts are left that are too short to reveal it.
                let letters = |text: &str| -> String {
                    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
                };
                let (shown, dress) = (letters(&shown), letters(&dress));
                let left = (0..dress.len().saturating_sub(14)).any(|at| shown.contains(&dress[at..at + 14]));
                assert!(!left, "{text}: {shown}");
            }
            assert!(!secret.is_in(b"an answer that has nothing to do with it, 0123456789abcdef0123456789abcdef"));
            assert_eq!(secret.scrub("nothing of it is here"), "nothing of it is here");
        }
    }
}
