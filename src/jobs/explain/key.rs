//! A key as an argument: whole, its start, or the name of a file.

use std::collections::BTreeSet;
use std::fmt;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::jobs::index::Entry;
use crate::recording::epochs::{self, Explanation};
use crate::recording::key::RequestKey;
use crate::recording::recorder::KeyRules;

/// A text with fewer digits than this is a word, not a key.
const FEWEST: usize = 4;

/// Recordings that are larger, in bytes, are not searched for older keys.
const LARGEST_SEARCHED: usize = 256 << 10;

/// The meaning of an argument that is not a file.
#[derive(Debug)]
pub(crate) struct Meant {
    /// The name without `.json`.
    text: String,
}

impl fmt::Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(digits(&self.text))
    }
}

/// The key in a name, whole or its start.
pub(crate) fn digits(stem: &str) -> &str {
    let rest = stem.strip_prefix("models-").unwrap_or(stem);
    rest.split('-').next().unwrap_or(rest)
}

impl Meant {
    /// Takes a key, some first digits of it, or a file name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix(".json").unwrap_or(text).trim_end_matches(['…', '.', '*']).to_ascii_lowercase();
        let digits = digits(&text);
        let is_key = (FEWEST..=64).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key.then_some(Meant { text })
    }

    /// The key in a longer text, such as the whole message of a recorder.
    pub(crate) fn within(text: &str) -> Option<Self> {
        let words = text.split(|c: char| !c.is_ascii_hexdigit());
        let longest =
            words.filter(|word| word.len() == 64 || (word.len() >= 12 && word.bytes().any(|b| b.is_ascii_digit())));
        longest.max_by_key(|word| word.len()).and_then(Self::parse)
    }

    /// Whether a file name starts with this; a key alone also matches lists of models.
    pub(crate) fn is_name(&self, stem: &str) -> bool {
        stem.starts_with(&self.text) || stem.strip_prefix("models-").is_some_and(|rest| rest.starts_with(&self.text))
    }

    /// Whether a key starts with this.
    pub(crate) fn is_key(&self, key: RequestKey) -> bool {
        key.to_string().starts_with(digits(&self.text))
    }

    /// The file name of this key.
    pub(crate) fn file_name(&self) -> String {
        let is_short = digits(&self.text).len() < 64;
        format!("{}{}.json", self.text, if is_short { "*" } else { "" })
    }

    /// Several keys with this start are an error: nothing is guessed.
    pub(crate) fn is_one(&self, keys: impl Iterator<Item = String>) -> Result<()> {
        let keys: BTreeSet<String> = keys.collect();
        if keys.len() < 2 || keys.contains(&self.text) {
            return Ok(());
        }
        let shown: Vec<&str> = keys.iter().take(3).map(|key| key.get(..16).unwrap_or(key)).collect();
        let what = format!("{} keys start with this: {}…", keys.len(), shown.join("…, "));
        Err(Error::new(what).at(&self.text).hint("give more digits"))
    }

    /// The recording that had this key by an older algorithm, or before an edit.
    pub(crate) fn older(&self, entries: &[Entry], rules: KeyRules) -> Option<String> {
        let digits = digits(&self.text);
        if digits.len() < 12 {
            return None;
        }
        // Pictures make a request a hundred times as large as most, and the search as slow.
        let small = entries.par_iter().filter(|entry| entry.size <= LARGEST_SEARCHED);
        let of = |entry: &Entry| match epochs::explain(entry.outline(), digits, rules) {
            Explanation::Named { origin, .. } => Some((entry.file.path.clone(), origin)),
            _ => None,
        };
        let (path, origin) = small.map(of).find_first(Option::is_some).flatten()?;
        Some(format!("the request of {path} had this key: {origin}"))
    }
}
