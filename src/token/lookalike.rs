//! The kind of a text that was given as a key but is not one: a placeholder, another product's key, a part of a key.
//!
//! The text itself is never repeated: it may be another secret.

use std::sync::LazyLock;

use regex::Regex;

use super::{LONG_PREFIX, SHORT_PREFIX};

/// Words that occur only in place of a key.
const TELLING: [&str; 23] = [
    "changeme",
    "dummy",
    "dummykey",
    "example",
    "fake",
    "insert",
    "invalid",
    "mock",
    "none",
    "notused",
    "null",
    "nil",
    "paste",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "secret",
    "test",
    "todo",
    "undefined",
    "unused",
    "your",
];

/// Words that only say what a key is; a text of these alone is not a key.
const GENERIC: [&str; 28] = [
    "a",
    "access",
    "amazon",
    "an",
    "api",
    "apikey",
    "auth",
    "aws",
    "bearer",
    "bedrock",
    "change",
    "empty",
    "for",
    "here",
    "key",
    "me",
    "my",
    "needed",
    "no",
    "not",
    "presigned",
    "required",
    "sdk",
    "the",
    "token",
    "url",
    "used",
    "value",
];

/// Longer texts are not placeholders, even if they contain such words by chance.
const LONGEST_PLACEHOLDER: usize = 80;

/// Whether a text is a placeholder for a key: `<your key>`, `replay-mode-dummy-key`, `xxxx`, a key shortened with dots.
pub fn is_placeholder(text: &str) -> bool {
    let body = text.strip_prefix(SHORT_PREFIX).or_else(|| text.strip_prefix(LONG_PREFIX)).unwrap_or(text);
    if body.ends_with("...") || body.ends_with('…') || is_in_brackets(body) {
        return true;
    }
    if body.is_empty() || body.len() > LONGEST_PLACEHOLDER || body.contains("://") {
        return false;
    }
    let mut letters = body.bytes().map(|byte| byte.to_ascii_lowercase());
    let first = letters.next();
    if letters.all(|letter| Some(letter) == first) && matches!(first, Some(b'x' | b'.' | b'*' | b'0' | b'-' | b'_')) {
        return true;
    }
    let lower = body.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_filler = |word: &str| word.len() >= 3 && word.bytes().all(|byte| byte == b'x');
    words.iter().any(|word| TELLING.contains(word))
        || (!words.is_empty() && words.iter().all(|word| GENERIC.contains(word) || is_filler(word)))
}

/// `<…>`, `${…}`, `{{…}}`, `$NAME`, `%NAME%`: what a person or a shell should have filled in.
fn is_in_brackets(text: &str) -> bool {
    static BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:<[^<>]*>|\$\{[^{}]*\}|\$\(.*\)|\{\{.*\}\}|\[[^\[\]]*\]|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%)$")
            .expect("the pattern is valid")
    });
    BRACKETS.is_match(text)
}

/// What a text that is not a Bedrock key looks like, and what to do about it.
pub fn name(text: &str) -> Option<(&'static str, &'static str)> {
    static FORMS: LazyLock<Vec<(Regex, &str, &str)>> = LazyLock::new(|| {
        FORMS_TABLE
            .into_iter()
            .map(|(pattern, what, hint)| (Regex::new(pattern).expect("the pattern is valid"), what, hint))
            .collect()
    });
    FORMS.iter().find(|(pattern, ..)| pattern.is_match(text)).map(|(_, what, hint)| (*what, *hint))
}

const OTHER: &str = "give a Bedrock API key; it starts with bedrock-api-key- or ABSK";
const MINT: &str = "make a Bedrock API key from the credentials with `bedrock-fixtures mint-token`";

/// First match first.
const FORMS_TABLE: [(&str, &str, &str); 17] = [
    (r"^(?:aws-external-anthropic-api-key-|AEAA)", "a key of Claude Platform on AWS, not a Bedrock API key", OTHER),
    (
        r"^(?i)bedrock-api-key-|^(?i)absk[a-z0-9+/]{20}",
        "unknown prefix: like a Bedrock API key, but the prefix is in the wrong case",
        "copy the key again: the prefix is bedrock-api-key- in small letters, or ABSK in capitals",
    ),
    (
        r"^YmVkcm9jay5hbWF6b25hd3MuY29t",
        "a short-term key without its prefix bedrock-api-key-",
        "copy the whole key, with the prefix",
    ),
    (
        r"^(?:https?://)?bedrock\.amazonaws\.com/\?",
        "the decoded text of a short-term key, not the key",
        "copy the key itself; it starts with bedrock-api-key-",
    ),
    (r"^(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}$", "an AWS access key id, not a Bedrock API key", MINT),
    (r"^(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz|FQoGZXIvYXdz)", "an AWS session token, not a Bedrock API key", MINT),
    (r"^[A-Za-z0-9+/]{40}$", "probably an AWS secret access key, not a Bedrock API key", MINT),
    (r"^ey[A-Za-z0-9_-]+\.ey[A-Za-z0-9_-]+\.", "a JSON web token (JWT), not a Bedrock API key", OTHER),
    (r"^sk-ant-", "an Anthropic API key, not a Bedrock API key", OTHER),
    (r"^sk-", "an OpenAI API key, not a Bedrock API key", OTHER),
    (r"^gsk_", "a Groq API key, not a Bedrock API key", OTHER),
    (r"^AIza", "a Google API key, not a Bedrock API key", OTHER),
    (r"^hf_", "a Hugging Face token, not a Bedrock API key", OTHER),
    (r"^(?:gh[pousr]_|github_pat_)", "a GitHub token, not a Bedrock API key", OTHER),
    (r"^nvapi-", "an NVIDIA API key, not a Bedrock API key", OTHER),
    (r"^arn:aws", "an ARN, not a Bedrock API key", OTHER),
    (r"^https?://", "a url, not a Bedrock API key", OTHER),
];
