//! Regions by their names.

use std::fmt;

/// An AWS region, checked for form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Takes a name like `us-west-2` or `us-gov-west-1`.
    pub fn parse(text: &str) -> Option<Self> {
        // Of bounded length: a region is shown, and one that is read from a damaged key may hold a piece of its secret.
        let letters = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let parts: Vec<&str> = text.split('-').collect();
        let [first, words @ .., number] = parts.as_slice() else { return None };
        let valid = first.len() >= 2
            && letters(first, 8)
            && (1..=3).contains(&words.len())
            && words.iter().all(|word| letters(word, 12))
            && (1..=2).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
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
            ("eusc-de-east-1", true),
            ("us-west", false),
            ("us-2", false),
            ("us-west-123", false),
            ("us-w2d6a390ef1c59eeb3759efb7bf3f8af7200af14b8feest-2", false),
            ("US-west-2", false),
            ("us-west-2.evil", false),
            ("", false),
        ] {
            assert_eq!(Region::parse(text).is_some(), valid, "{text}");
        }
    }
}
