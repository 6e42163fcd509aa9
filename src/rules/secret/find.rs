//! What of the table is in a text, in any of the forms that a secret may take.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::chance::{is_placeholder, is_random};
use super::forms::{base64_decode, base64_runs, percent_decode, unescape};
use super::patterns::{ACCOUNTS, Pattern, SECRETS, SecretCheck};
use super::starts::{may_encode, possible};

/// A secret that was found.
pub(super) struct FoundSecret {
    /// What kind it is.
    name: Cow<'static, str>,
    /// The secret itself, for comparisons only.
    pub(super) secret: String,
    /// Its value may be any text, so no part of it is shown.
    hidden: bool,
}

impl FoundSecret {
    fn new(name: &'static str, secret: &[u8]) -> Self {
        // One secret is the same in every form.
        let secret = percent_decode(&String::from_utf8_lossy(secret)).into_owned();
        FoundSecret { name: Cow::Borrowed(name), secret, hidden: false }
    }

    /// A value that is secret by its key.
    pub(super) fn under(key: &str, secret: &str) -> Self {
        FoundSecret { name: Cow::Owned(format!("the value of {key}")), secret: secret.to_owned(), hidden: true }
    }

    /// What may be said of it: its kind, and how it starts.
    pub(super) fn shown(&self) -> String {
        if self.hidden {
            return self.name.clone().into_owned();
        }
        let start: String = self.secret.chars().take(4).collect();
        format!("{} ({start}…)", self.name)
    }
}

/// How often one form may be written in another.
const NESTED: usize = 3;

/// All that is in a text, each once; accounts, or secrets.
pub(super) fn find(text: &str, accounts: bool) -> Vec<FoundSecret> {
    let mut search = FormSearch {
        table: if accounts { &ACCOUNTS } else { &SECRETS },
        accounts,
        found: vec![],
        seen: HashSet::new(),
    };
    let mut form = Cow::Borrowed(text);
    // JSON in JSON in JSON is as deep as tool calls go.
    for _ in 0..NESTED {
        search.form(&form, true);
        match unescape(&form) {
            next if next == form => break,
            next => form = Cow::Owned(next.into_owned()),
        }
    }
    search.found
}

struct FormSearch {
    table: &'static [Pattern],
    accounts: bool,
    found: Vec<FoundSecret>,
    seen: HashSet<String>,
}

impl FormSearch {
    /// One form of the text, and what it encodes.
    fn form(&mut self, text: &str, encodes: bool) {
        if let Cow::Owned(plain) = percent_decode(text) {
            self.direct(&plain, &[]);
            if encodes {
                self.decoded(&plain, &BTreeMap::new());
            }
        }
        let mut whole: Vec<String> = self.found.iter().map(|found| found.secret.clone()).collect();
        whole.sort_unstable();
        let taken = self.direct(text, &whole);
        if encodes {
            self.decoded(text, &taken);
        }
    }

    /// The decoded base64 of the text, except base64 that is a secret itself.
    fn decoded(&mut self, text: &str, taken: &BTreeMap<usize, usize>) {
        let may_encode = |run: &Range<usize>| may_encode(&text.as_bytes()[run.clone()]);
        for run in base64_runs(text).filter(|run| !overlaps(taken, run.start, run.end) && may_encode(run)) {
            for start in run.start..(run.start + 4).min(run.end) {
                let decoded = base64_decode(&text.as_bytes()[start..run.end]);
                if possible(&decoded) != 0 {
                    self.form(&unescape(&String::from_utf8_lossy(&decoded)), false);
                }
            }
        }
    }

    /// Secrets in the plain text, and their places. A secret that an escape cuts is known from `whole`, which is
    /// sorted.
    fn direct(&mut self, text: &str, whole: &[String]) -> BTreeMap<usize, usize> {
        let bytes = text.as_bytes();
        let first = if self.accounts { SECRETS.len() } else { 0 };
        let possible = possible(bytes) >> first;
        let mut taken = BTreeMap::new();
        for (_, pattern) in self.table.iter().enumerate().filter(|(place, _)| possible & (1 << place) != 0) {
            let mut from = 0;
            while let Some(captures) = pattern.regex().captures_at(bytes, from) {
                let Some(secret) = captures.get(1).or_else(|| captures.get(0)) else { break };
                // The sign before the next one may be the one after this.
                from = secret.end().max(from + 1);
                let ends = captures.get(0).map_or(from, |whole| whole.end());
                if overlaps(&taken, secret.start(), secret.end())
                    || !holds(pattern.check, secret.as_bytes(), &bytes[ends..])
                {
                    continue;
                }
                taken.insert(secret.start(), secret.end());
                let found = FoundSecret::new(pattern.name, secret.as_bytes());
                let is_cut = bytes.get(secret.end()) == Some(&b'%') && {
                    let next = whole.partition_point(|known| *known < found.secret);
                    whole.get(next).is_some_and(|known| known.starts_with(&found.secret))
                };
                if !is_cut && self.seen.insert(found.secret.clone()) {
                    self.found.push(found);
                }
            }
        }
        taken
    }
}

/// Whether a place has something in common with one that is taken. The taken ones have nothing in common.
fn overlaps(taken: &BTreeMap<usize, usize>, start: usize, end: usize) -> bool {
    taken.range(..end).next_back().is_some_and(|(_, taken_end)| *taken_end > start)
}

/// Whether a match is a secret.
fn holds(check: SecretCheck, secret: &[u8], after: &[u8]) -> bool {
    let secret = String::from_utf8_lossy(secret);
    match check {
        SecretCheck::Shape => !is_placeholder(&secret),
        SecretCheck::Random => is_random(&secret) && !is_placeholder(&secret),
        SecretCheck::Basic => {
            let decoded = String::from_utf8_lossy(&base64_decode(secret.as_bytes())).into_owned();
            let password = decoded.split_once(':').map_or(&*secret, |(_, password)| password);
            is_random(password) && !is_placeholder(password)
        }
        // The first letters of such a key are not words: `MII`, `b3BlbnNza`.
        SecretCheck::Header => {
            let after = String::from_utf8_lossy(&after[..after.len().min(80)]).replace("\\n", "\n");
            let after = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '\\'));
            let stands_for = ["...", "…", "<", "[", "{", "$", "***", "(", "YOUR", "your", "xxx", "XXX", "END "];
            let is_stand_in = stands_for.iter().any(|start| after.starts_with(start));
            !(is_stand_in || (after.len() > 8 && is_placeholder(first_word(after))))
        }
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The secret half of a pair of keys of AWS, where the name is known to stand beside it.
pub(super) fn secret_value(text: &str) -> Option<FoundSecret> {
    let is_one =
        text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    (is_one && holds(SecretCheck::Random, text.as_bytes(), b""))
        .then(|| FoundSecret::new("AWS secret access key", text.as_bytes()))
}
