//! Regions by their names.

use std::fmt;

/// An AWS region, checked for form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Takes a name like `us-west-2` or `us-gov-west-1`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let valid = parts.len() >= 3
            && (2..=8).contains(&parts[0].len())
            && parts[0].bytes().all(|b| b.is_ascii_lowercase())
            && parts[1..].iter().all(|part| word(part))
            && parts.last().is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
        valid.then(|| Region(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for (text, valid) in [
            ("us-west-2", true),
            ("us-gov-west-1", true),
            ("ap-southeast-13", true),
            ("us-west", false),
            ("US-west-2", false),
            ("us-west-2.evil", false),
            ("", false),
        ] {
            assert_eq!(Region::parse(text).is_some(), valid, "{text}");
        }
    }
}
