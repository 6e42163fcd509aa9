//! A secret is a type: it can be used, not printed.

use std::fmt;

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

    /// Whether the secret, or the text that it encodes, stands in `bytes`.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        // What comes after the readable prefix of a Bedrock key is secret by itself.
        let body = self.0.strip_prefix("bedrock-api-key-").unwrap_or(&self.0);
        body.len() >= 8 && bytes.windows(body.len()).any(|window| window == body.as_bytes())
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
