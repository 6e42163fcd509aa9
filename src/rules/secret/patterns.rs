//! How secrets and account ids look, and how they start.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, packed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::{Regex, RegexBuilder};

/// A kind of secret.
pub(super) struct Pattern {
    pub(super) name: &'static str,
    /// The secret is its first group, or the whole match.
    pub(super) regex: Regex,
}

fn patterns(rows: &[(&'static str, &str)]) -> Vec<Pattern> {
    let pattern = |(name, regex): &(&'static str, &str)| Pattern {
        name,
        // Secrets are ASCII, and so are the classes: those of Unicode take longer to build than most stores to check.
        regex: RegexBuilder::new(regex).unicode(false).build().expect("the pattern is valid"),
    };
    rows.iter().map(pattern).collect()
}

pub(super) static SECRETS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    patterns(&[
        ("Bedrock short-term key", r"bedrock-api-key-[A-Za-z0-9+/]{20,}"),
        ("Bedrock short-term key", r"YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/]*"),
        ("Bedrock long-term key", r"(?:^|[^A-Za-z0-9+/])(ABSK[A-Za-z0-9+/]{20,})"),
        ("Claude Platform key", r"(?:^|[^A-Za-z0-9+/])(AEAA[A-Za-z0-9+/]{20,})"),
        ("Claude Platform key", r"aws-external-anthropic-api-key-[A-Za-z0-9+/]{8,}"),
        ("AWS access key id", r"(?:^|[^A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?:[^A-Za-z0-9]|$)"),
        ("AWS access key id", r"(?:^|[^A-Za-z0-9])(A3T[A-Z0-9][A-Z2-7]{16})(?:[^A-Za-z0-9]|$)"),
        ("AWS session token", r"(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=]{20,}"),
        ("presigned url", r"(?i)X-Amz-(?:Signature|Credential|Security-Token)=[^&\s]{4}"),
        (
            "authorization header",
            r#"(?i)\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|aws4-hmac-sha256)\s+[^\s"']{8,}"#,
        ),
        ("bearer token", r"(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{16,})"),
        (
            "API key header",
            r#"(?i)\b(?:x-api-key|api-key|x-amz-security-token)["']?\s*[:=]\s*["']?([A-Za-z0-9._~+/=-]{16,})"#,
        ),
        ("cookie", r#"(?i)\b(?:set-)?cookie["']?\s*[:=]\s*["']?[\w.-]+=[^\s;"']{16,}"#),
        ("Anthropic key", r"sk-ant-api03-[\w-]{60,}"),
        ("OpenAI key", r"(?:^|[^\w-])(sk-[A-Za-z0-9_-]{20,})"),
        ("Hugging Face token", r"(?:^|\W)(hf_[A-Za-z]{34})(?:\W|$)"),
        ("GitHub token", r"(?:^|\W)(gh[pousr]_\w{36})"),
        ("GitHub token", r"github_pat_\w{22,}"),
        ("Google API key", r"(?:^|[^\w-])(AIza[\w-]{35})"),
        ("JSON web token", r"\bey[A-Za-z0-9]{17,}\.ey[\w/-]{17,}\."),
        ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    ])
});

pub(super) static ACCOUNTS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    patterns(&[("ARN", r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d{12}:"), ("long-term key name", r"-at-\d{12}(?:\D|$)")])
});

/// A search for many short texts at once.
pub(super) struct Starts {
    /// With vector instructions, where the machine has them.
    fast: Option<packed::Searcher>,
    general: AhoCorasick,
}

impl Starts {
    fn of(texts: Vec<String>) -> Self {
        let fast = packed::Config::new().builder().extend(&texts).build();
        Starts { fast, general: AhoCorasick::new(texts).expect("the starts are valid") }
    }

    /// Where the first of them stands at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let (pattern, at) = match &self.fast {
                Some(fast) => {
                    fast.find_in(bytes, (from..bytes.len()).into()).map(|hit| (hit.pattern(), hit.start()))?
                }
                None => self.general.find(&bytes[from..]).map(|hit| (hit.pattern(), from + hit.start()))?,
            };
            if pattern.as_usize() >= WORDS.len() || starts_a_word(bytes, at) {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

/// Whether what stands at `at` may be the first letter of a word. Pictures are full of four letters that start a key.
fn starts_a_word(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(6)..at];
    // The letter before may be the end of an escape.
    before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric())
        || before.iter().any(|byte| matches!(byte, b'\\' | b'%'))
}

/// Starts that count at the beginning of a word only.
const WORDS: [&str; 15] = [
    "ABSK", "AEAA", "AKIA", "ASIA", "ABIA", "ACCA", "A3T", "sk-", "hf_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "AIza",
];

/// How secrets and account ids start, in every form they are looked for. Case matters to the search, so each case that occurs is there.
pub(super) static STARTS: LazyLock<Starts> = LazyLock::new(|| {
    let plain = [
        "bedrock-api-key-",
        "YmVkcm9jay5hbWF6b25hd3MuY29t",
        "aws-external-anthropic-api-key-",
        "IQoJb3JpZ2luX2Vj",
        "FwoGZXIvYXdz",
        "FQoGZXIvYXdz",
        "Amz-",
        "amz-",
        "AMZ-",
        "uthorization",
        "UTHORIZATION",
        "earer ",
        "EARER ",
        "pi-key",
        "PI-KEY",
        "pi-Key",
        "PI-Key",
        "pi_key\":",
        "ookie",
        "OOKIE",
        "github_pat_",
        "eyJ",
        "-----BEGIN",
        "arn:aws",
        "-at-",
        "%2DAmz",
        "%2Damz",
        // The escape of a character that needs none, inside JSON that is a text of JSON.
        "\\\\u00",
    ];
    let starts = WORDS
        .iter()
        .chain(&plain)
        .map(|start| (*start).to_owned())
        .chain(in_base64("X-Amz-"))
        .chain(in_base64("bedrock-api-key-"));
    Starts::of(starts.collect())
});

/// The base64 of a text wherever it stands in what is encoded: a part for each of the three alignments.
fn in_base64(text: &str) -> impl Iterator<Item = String> {
    (0..3).map(move |before| {
        let encoded = STANDARD_NO_PAD.encode([&vec![0; before], text.as_bytes()].concat());
        // Characters that share bits with what stands before or after differ from case to case.
        let from = (before * 8).div_ceil(6);
        let to = (before + text.len()) * 8 / 6;
        encoded[from..to].to_owned()
    })
}
