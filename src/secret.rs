//! A secret is a type: it can be used, not printed.

use std::collections::HashSet;
use std::fmt;

/// What of a secret is still secret by itself, in bytes: a text that is cut short may end in the middle of it.
const PART: usize = 8;

/// Below this many bytes a secret may be a word, whose presence says nothing. Keys of Bedrock have more than a hundred.
const SHORTEST: usize = 16;

/// A bearer token. `Debug` and `Display` print `[redacted]`; nothing serialises it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text, without the white space around it. Blank is no secret.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Secret(text.to_owned()))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with every part of the secret replaced.
    pub fn hide_in(&self, text: &str) -> String {
        let body = self.body().as_bytes();
        let size = body.len().min(PART);
        let parts: HashSet<&[u8]> = body.windows(size).collect();
        let mut secret = vec![false; text.len()];
        for (at, window) in text.as_bytes().windows(size).enumerate() {
            if parts.contains(window) {
                secret[at..at + size].fill(true);
            }
        }
        let mut shown = String::with_capacity(text.len());
        let mut before = false;
        for (at, c) in text.char_indices() {
            match secret[at] {
                true if !before => shown.push_str("[masked]"),
                true => {}
                false => shown.push(c),
            }
            before = secret[at];
        }
        shown
    }

    /// What comes after the readable prefix of a Bedrock key is secret by itself.
    fn body(&self) -> &str {
        self.0.strip_prefix("bedrock-api-key-").filter(|body| !body.is_empty()).unwrap_or(&self.0)
    }

    /// Whether the secret stands in `bytes`. A short one is not looked for: a word like `assistant` is in every answer.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let body = self.body();
        body.len() >= SHORTEST && bytes.windows(body.len()).any(|window| window == body.as_bytes())
    }
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
            assert_eq!(Secret::new(secret).unwrap().hide_in(text), shown, "{text}");
        }
    }
}
