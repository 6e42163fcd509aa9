//! Finds the secrets of the table in a text, in any form that a secret may take.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::chance::{is_mixed, is_no_key_id, is_placeholder, is_random};
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
                    || !holds(pattern.check, secret.as_bytes(), (&bytes[..secret.start()], &bytes[ends..]))
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

/// Whether the account in a match is one of the forms that AWS's documentation has in its examples: three digits four times
/// each (111122223333), digits that are counted up or down (123456789012, 210987654321, 987654321098), or 112233445566.
fn is_example_account(found: &str) -> bool {
    let digits = |part: &&str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(account) = found.split(|c: char| !c.is_ascii_digit()).find(digits) else { return false };
    let bytes = account.as_bytes();
    let counts = |step: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + step) % 10 == pair[1] - b'0');
    let fours = bytes.chunks(4).all(|four| four.iter().all(|digit| *digit == four[0]));
    fours || counts(1) || counts(9) || account == "112233445566"
}

/// Whether a match is a secret, between what is before and after it.
fn holds(check: SecretCheck, secret: &[u8], (before, after): (&[u8], &[u8])) -> bool {
    let secret = String::from_utf8_lossy(secret);
    match check {
        SecretCheck::Shape => !is_placeholder(&secret),
        SecretCheck::Account => !is_placeholder(&secret) && !is_example_account(&secret),
        SecretCheck::KeyId => !is_placeholder(&secret) && !is_no_key_id(&secret),
        SecretCheck::Random => is_random(&secret) && !is_placeholder(&secret),
        SecretCheck::Mixed => (is_random(&secret) || is_mixed(&secret)) && !is_placeholder(&secret),
        SecretCheck::Basic => {
            let decoded = String::from_utf8_lossy(&base64_decode(secret.as_bytes())).into_owned();
            let password = decoded.split_once(':').map_or(&*secret, |(_, password)| password);
            is_random(password) && !is_placeholder(password)
        }
        SecretCheck::Header => starts_key(before, after),
    }
}

/// Whether what follows the header of a private key is the key, and not prose about the header.
fn starts_key(before: &[u8], after: &[u8]) -> bool {
    /// A line of a key has 64, and the last one fewer.
    const SHORTEST: usize = 16;
    /// Fields before the key in some formats.
    const FIELDS: [&str; 6] = ["Proc-Type:", "DEK-Info:", "Version:", "Comment:", "Charset:", "Hash:"];
    let after = String::from_utf8_lossy(&after[..after.len().min(160)]).replace("\\n", "\n").replace("\\r", "");
    let after = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '\\'));
    // Each line of a literal or a comment has signs of its own.
    let line = after.trim_start_matches(|c: char| c.is_whitespace() || "\"'\\+>/#,*".contains(c));
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let (key, rest) = line.split_at(line.find(|c| !is_letter(c)).unwrap_or(line.len()));
    let is_cut = key.len() < 40 && (rest.starts_with("...") || rest.starts_with('…'));
    FIELDS.iter().any(|field| line.starts_with(field))
        || (key.len() >= SHORTEST && !is_cut && is_random(key) && !is_placeholder(key))
        || (key.len() < SHORTEST && is_value(before, after))
}

/// Whether the header of a private key is a whole value: the key may be in the next one of a list, or of a stream. One
/// within a sentence, or that code compares with or passes on, is only named.
fn is_value(before: &[u8], after: &str) -> bool {
    let before = String::from_utf8_lossy(&before[before.len().saturating_sub(80)..]).into_owned();
    let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\\' | '*');
    let before = before.trim_end_matches(is_around);
    let after = after.trim_start_matches(is_around);
    let names = before.ends_with(|c: char| c.is_alphanumeric() || "(.;!".contains(c))
        || ["==", "!=", "-----,"].iter().any(|end| before.ends_with(end));
    let goes_on =
        after.starts_with(|c: char| c.is_alphanumeric() || ".(<[{$…*|".contains(c)) || after.starts_with("END ");
    // Punctuation of a sentence comes before a space and a word.
    let next = after.strip_prefix([',', ':', ';', ')']).map(str::trim_start);
    let is_sentence = next.is_some_and(|next| next.starts_with(|c: char| c.is_alphanumeric() || c == '-'));
    !(names || goes_on || is_sentence)
}

/// The secret half of a pair of keys of AWS, where the name is known to stand beside it.
pub(super) fn secret_value(text: &str) -> Option<FoundSecret> {
    let is_one =
        text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    (is_one && holds(SecretCheck::Random, text.as_bytes(), (b"", b"")))
        .then(|| FoundSecret::new("AWS secret access key", text.as_bytes()))
}
