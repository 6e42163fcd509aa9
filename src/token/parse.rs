//! Reads a key, strictly: what AWS would not take is malformed, with one reason and what to do.
//!
//! No reason repeats anything of the key.

use std::fmt;

use crate::secret::Secret;

use super::flaw::{COPY, TokenFlaw, decode, flaw};
use super::lookalike;
use super::presigned::{ShortTerm, short_term};
use super::{KeyKind, LONG_PREFIX, SHORT_PREFIX};

/// Longer texts are not keys: real ones have up to about 2,000 characters.
const MAX_LENGTH: usize = 64 << 10;

/// A key that has the right form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A presigned request.
    ShortTerm(ShortTerm),
    /// The credential of an IAM user, which names only its account.
    LongTerm {
        /// The account of the user.
        account: String,
    },
}

/// Why a text is not a usable key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The kind of key that it resembles.
    pub kind: KeyKind,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: &'static str,
}

impl Malformed {
    fn new(kind: KeyKind, what: impl Into<String>, hint: &'static str) -> Self {
        Malformed { kind, what: what.into(), hint }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.hint)
    }
}

/// Whether a text contains a key, not only its prefix, which many texts mention.
pub fn holds_key(text: &str) -> bool {
    let follows = |prefix: &str| {
        let body =
            |at: usize| text[at + prefix.len()..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'+');
        text.match_indices(prefix).any(|(at, _)| body(at).count() >= 20)
    };
    follows(SHORT_PREFIX) || (text.starts_with(LONG_PREFIX) && follows(LONG_PREFIX))
}

/// The text of a file or of standard input that should hold a key.
pub fn text_of(bytes: Vec<u8>) -> Result<String, Malformed> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|_| {
        let what = if utf16 { "the text is UTF-16" } else { "the text is not UTF-8" };
        Malformed::new(KeyKind::Unknown, what, "save the key as plain text, in one line")
    })
}

/// Reads a key.
pub fn parse(secret: &Secret) -> Result<Token, Malformed> {
    let text = secret.expose();
    if text.len() > MAX_LENGTH {
        let hint = "give a file or input that holds the key alone";
        return Err(Malformed::new(KeyKind::Unknown, "the text is longer than a key can be", hint));
    }
    let bare = unwrapped(text);
    if lookalike::is_placeholder(bare) {
        let hint = "put a real Bedrock API key in its place; replaying does not need one";
        return Err(Malformed::new(KeyKind::Placeholder, "a placeholder, not a Bedrock API key", hint));
    }
    if let Some((what, hint)) = wrapping(text) {
        let kind = kind_of(bare);
        return Err(Malformed::new(kind, what, hint));
    }
    match kind_of(text) {
        KeyKind::ShortTerm => short_term(&text[SHORT_PREFIX.len()..])
            .map(Token::ShortTerm)
            .map_err(|(what, hint)| Malformed::new(KeyKind::ShortTerm, what, hint)),
        KeyKind::LongTerm => long_term(&text[LONG_PREFIX.len()..])
            .map(|account| Token::LongTerm { account })
            .map_err(|(what, hint)| Malformed::new(KeyKind::LongTerm, what, hint)),
        _ => {
            let unknown = "unknown prefix: not a Bedrock API key, and not another known key";
            let hint = "a Bedrock API key starts with bedrock-api-key- or ABSK";
            let (what, hint) = lookalike::name(text).unwrap_or((unknown, hint));
            Err(Malformed::new(KeyKind::Unknown, what, hint))
        }
    }
}

fn kind_of(text: &str) -> KeyKind {
    if text.starts_with(SHORT_PREFIX) {
        KeyKind::ShortTerm
    } else if text.starts_with(LONG_PREFIX) {
        KeyKind::LongTerm
    } else {
        KeyKind::Unknown
    }
}

/// A text without things that people paste with a key: quotes, the scheme, a variable's name.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim_start_matches('\u{feff}');
    // Each only once or twice: a key is not wrapped more often.
    for _ in 0..4 {
        let inner = text.trim().trim_matches(['"', '\'', '`']);
        let inner = inner.strip_prefix("export ").unwrap_or(inner);
        let inner = assigned(inner).unwrap_or(inner);
        let inner = inner.strip_prefix("Authorization:").unwrap_or(inner).trim_start();
        let inner = match inner.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => &inner[7..],
            _ => inner,
        };
        text = inner;
    }
    text
}

/// What follows the name in `AWS_SOMETHING=value`.
fn assigned(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let is_name = name.len() > 4 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    (is_name && name.contains('_')).then_some(value)
}

/// What is around or inside a key that belongs to no key.
fn wrapping(text: &str) -> Option<(&'static str, &'static str)> {
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    Some(if text.starts_with('\u{feff}') {
        ("the text begins with a byte order mark", "save the key as plain text without one")
    } else if starts("export ") || assigned(text).is_some() {
        ("the value includes the name of a variable", "give only the part after the =")
    } else if starts("authorization:") {
        ("the value includes the name of the header", "give only the part after \"Bearer \"")
    } else if starts("bearer ") || starts("bearer:") {
        ("the value includes the \"Bearer \" scheme", "give only the part after it")
    } else if text.starts_with(['"', '\'', '`']) || text.ends_with(['"', '\'', '`']) {
        ("the value includes quotes", "give the key without them")
    } else if text.contains(['\n', '\r']) {
        ("the value has a newline inside: a wrapped copy, or more than one line", COPY)
    } else if text.contains(char::is_whitespace) {
        ("the value has white space inside", COPY)
    } else if text.contains(['"', '\'', '`']) {
        ("the value has a quote inside", COPY)
    } else if text.contains(|c: char| c.is_control() || !c.is_ascii()) {
        ("the value has a character inside that no key has: not ASCII, or invisible", COPY)
    } else {
        return None;
    })
}

fn long_term(body: &str) -> Result<String, TokenFlaw> {
    if body.is_empty() {
        return flaw(format!("truncated: nothing follows {LONG_PREFIX}"), COPY);
    }
    let bytes = decode(body, LONG_PREFIX)?;
    let form = "the decoded text is not that of a long-term key: user, account, secret";
    let Ok(text) = String::from_utf8(bytes) else { return flaw(form, COPY) };
    // A user name may itself hold `-at-`: the last one counts that an account and a colon follow.
    let account_at = |at: usize| {
        let rest = &text[at + 4..];
        let account = rest.get(..12).filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()))?;
        rest[12..].strip_prefix(':').map(|secret| (at, account.to_owned(), secret))
    };
    let places: Vec<usize> = text.match_indices("-at-").map(|(at, _)| at).collect();
    let Some((at, account, secret)) = places.into_iter().rev().find_map(account_at) else { return flaw(form, COPY) };
    let visible = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic());
    if at == 0 || !visible(&text[..at]) {
        return flaw("the user name in it is empty or damaged", COPY);
    }
    if secret.is_empty() {
        return flaw("truncated: the secret in it is empty", COPY);
    }
    if !visible(secret) {
        return flaw("the secret in it is damaged", COPY);
    }
    Ok(account)
}
