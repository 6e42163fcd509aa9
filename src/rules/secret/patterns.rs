//! How secrets and account ids look: one table, from which all else follows.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// A kind of secret.
pub(super) struct Pattern {
    pub(super) name: &'static str,
    /// Every match of the regex contains one of these, in any case of its letters. The table lists the cases that
    /// occur: the search of whole files looks for exactly these.
    pub(super) starts: &'static [&'static str],
    /// A start is the beginning of a run of at least [`KEY_RUN`] letters, digits and the signs of base64.
    pub(super) is_key: bool,
    pub(super) check: SecretCheck,
    text: &'static str,
    /// Built when it is needed: most stores hold nothing that starts as a secret does.
    regex: OnceLock<Regex>,
}

/// What must hold of a match besides its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretCheck {
    /// It must not be a placeholder or an example: the shape decides the rest.
    Shape,
    /// And it was made by a machine: its end could be words.
    Random,
    /// The same where no word has such a start: capitals, small letters and digits together are enough.
    Mixed,
    /// And it is neither a few words in capitals nor filled up by a person.
    KeyId,
    /// And the account is none of documentation.
    Account,
    /// And the password in it was made by a machine: `user:password` in base64.
    Basic,
    /// And a key follows, or it is a line of its own, whose key is on the next.
    Header,
}

impl Pattern {
    pub(super) fn regex(&self) -> &Regex {
        // Secrets are ASCII, and so are the classes: those of Unicode take longer to build than most stores to check.
        let build = || RegexBuilder::new(self.text).unicode(false).build().expect("the pattern is valid");
        self.regex.get_or_init(build)
    }
}

const fn row(name: &'static str, starts: &'static [&'static str], check: SecretCheck, text: &'static str) -> Pattern {
    Pattern { name, starts, is_key: false, check, text, regex: OnceLock::new() }
}

/// A row of keys that are known by how they begin.
const fn key(name: &'static str, starts: &'static [&'static str], check: SecretCheck, text: &'static str) -> Pattern {
    Pattern { name, starts, is_key: true, check, text, regex: OnceLock::new() }
}

/// The shortest run that is a key: the id of a pair of keys of AWS.
pub(super) const KEY_RUN: usize = 20;

use SecretCheck::{Account, Basic, Header, KeyId, Mixed, Random, Shape};

const API_KEY: &[&str] = &["pi-key", "PI-KEY", "pi-Key", "PI-Key", "pi_key", "PI_KEY", "piKey", "pikey", "piKEY"];
const AMZ: &[&str] = &["Amz-", "amz-", "AMZ-"];
const AUTHORIZATION: &[&str] = &["uthorization", "UTHORIZATION"];
const SECRET_KEY: &[&str] =
    &["ecret_", "ECRET_", "ecretKey", "ecretAccess", "ecret-", "ecret acc", "ecret Acc", "ecret key"];

/// Keys and tokens, the more specific name first: a later row does not check what an earlier one found. The secret is
/// the first group of the regex, or the whole match.
#[rustfmt::skip]
pub(super) static SECRETS: [Pattern; 60] = [
    key("Bedrock short-term key", &["bedrock-api-key-"], Shape, r"bedrock-api-key-[A-Za-z0-9+/_-]{20,}={0,2}"),
    key("Bedrock short-term key", &["YmVkcm9jay5hbWF6b25hd3MuY29t"], Shape, r"YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/_-]*={0,2}"),
    key("Bedrock long-term key", &["ABSK"], Shape, r"(?:^|[^A-Za-z0-9+/])(ABSK[A-Za-z0-9+/]{20,}={0,2})"),
    key("Claude Platform key", &["AEAA"], Shape, r"(?:^|[^A-Za-z0-9+/])(AEAA[A-Za-z0-9+/]{20,}={0,2})"),
    key("Claude Platform key", &["aws-external-anthropic-api-key-"], Shape, r"aws-external-anthropic-api-key-[A-Za-z0-9+/]{8,}={0,2}"),
    row("presigned url", AMZ, Random, r#"(?i)X-Amz-(?:Signature|Credential|Security-Token)(?:=|%3D)([A-Za-z0-9+/%=_.~-]{16,}[^\s"'<>\\]*)"#),
    row("presigned url", &["oog-Signature", "oog-signature", "OOG-SIGNATURE"], Random, r#"(?i)X-Goog-Signature(?:=|%3D)([A-Za-z0-9+/%=_-]{32,}[^\s"'<>\\]*)"#),
    row("presigned url", &["AccessId="], Random, r#"GoogleAccessId=[^\s"'<>\\]+?&Signature=([A-Za-z0-9+/%=_-]{32,})"#),
    row("presigned url", &["Key-Pair-Id="], Random, r#"Signature=([A-Za-z0-9~_%+/-]{40,})[^\s"'<>\\]*?&Key-Pair-Id="#),
    row("presigned url", &["Key-Pair-Id="], Random, r#"Key-Pair-Id=[^\s"'<>\\]*?&Signature=([A-Za-z0-9~_%+/-]{40,})"#),
    row("shared access signature", &["sig=", "sig%3D", "sig%3d"], Random, r#"(?i)(?:^|[^A-Za-z0-9_])sig(?:=|%3D)((?:[A-Za-z0-9+/_-]|%2[BF]){40,}(?:=|%3D){0,2})"#),
    row("authorization header", &["AWS4-HMAC", "aws4-hmac"], Random, r#"(?i)aws4-hmac-sha256\s+(credential=[A-Za-z0-9]{16,}/[^"'<>\\]{0,300}?signature=[0-9a-f]{16,})"#),
    row("authorization header", AUTHORIZATION, Random, r#"(?i)\b(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*(?:bearer|token|apikey)\s+([A-Za-z0-9._~+/=-]{8,})"#),
    row("authorization header", AUTHORIZATION, Basic, r#"(?i)\b(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*basic\s+([A-Za-z0-9+/_-]{8,}={0,2})"#),
    key("AWS access key id", &["AKIA", "ASIA", "ABIA", "ACCA"], KeyId, r"(?:^|[^A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?:[^A-Za-z0-9]|$)"),
    key("AWS access key id", &["A3T"], Shape, r"(?:^|[^A-Za-z0-9])(A3T[A-Z0-9][A-Z2-7]{16})(?:[^A-Za-z0-9]|$)"),
    row("AWS secret access key", SECRET_KEY, Random, r"(?i)secret[\s_.-]?(?:access[\s_.-]?)?key[^A-Za-z0-9+/]{0,16}(?:(?:value|is|was|of)[^A-Za-z0-9+/]{1,8})?([A-Za-z0-9+/]{40})(?:[^A-Za-z0-9+/=]|$)"),
    key("AWS session token", &["IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz", "AQoEYXdz"], Shape, r"(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz|FQoGZXIvYXdz|AQo[DE]YXdz)[A-Za-z0-9+/=]{20,}"),
    row("Azure key", &["ccountKey=", "ccessKey="], Random, r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})"),
    row("Azure client secret", &["7Q~", "8Q~"], Random, r"(?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$)"),
    key("Azure key", &["JQQJ9"], Random, r"(?:^|[^A-Za-z0-9])([A-Za-z0-9]{40,60}JQQJ9[9D][A-Za-z0-9]{16,40})(?:[^A-Za-z0-9]|$)"),
    key("Anthropic key", &["sk-ant-"], Random, r"(?:^|[^A-Za-z0-9_-])(sk-ant-[a-z]{2,8}[0-9]{2}-[A-Za-z0-9_-]{20,})"),
    key("OpenRouter key", &["sk-or-"], Random, r"(?:^|[^A-Za-z0-9_-])(sk-or-[A-Za-z0-9_-]{20,})"),
    key("OpenAI key", &["sk-"], Random, r"(?:^|[^A-Za-z0-9_-])(sk-[A-Za-z0-9_-]{20,})"),
    key("Groq key", &["gsk_"], Random, r"(?:^|[^A-Za-z0-9_-])(gsk_[A-Za-z0-9]{20,})"),
    key("NVIDIA key", &["nvapi-"], Random, r"(?:^|[^A-Za-z0-9_-])(nvapi-[A-Za-z0-9_-]{20,})"),
    key("Google API key", &["AIza"], Shape, r"(?:^|[^A-Za-z0-9_-])(AIza[A-Za-z0-9_-]{35})"),
    row("Google API key", &["AQ.Ab"], Random, r"(?:^|[^A-Za-z0-9_-])(AQ\.Ab[A-Za-z0-9_-]{30,})"),
    key("Google refresh token", &["1//0"], Random, r"(?:^|[^A-Za-z0-9_/:-])(1//0[A-Za-z0-9_-]{40,})"),
    key("Google client secret", &["GOCSPX-"], Mixed, r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    row("Google access token", &["ya29."], Random, r"(?:^|[^A-Za-z0-9_-])(ya29\.[A-Za-z0-9_-]{20,})"),
    key("Hugging Face token", &["hf_"], Shape, r"(?:^|[^A-Za-z0-9_])(hf_[A-Za-z0-9]{34})(?:[^A-Za-z0-9_]|$)"),
    key("Hugging Face token", &["hf_oauth_", "hf_jwt_"], Random, r"(?:^|[^A-Za-z0-9_])(hf_(?:oauth|jwt)_[A-Za-z0-9._-]{30,})"),
    key("Hugging Face token", &["api_org_"], Shape, r"(?:^|[^A-Za-z0-9_])(api_org_[A-Za-z0-9]{34})(?:[^A-Za-z0-9_]|$)"),
    key("GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], Shape, r"(?:^|[^A-Za-z0-9_])(gh[pousr]_[A-Za-z0-9_]{36,})"),
    key("GitHub token", &["github_pat_"], Random, r"github_pat_[A-Za-z0-9_]{22,}"),
    key("GitLab token", &["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glft-", "glimt-", "glagent-", "gloas-", "glffct-"], Mixed, r"(?:^|[^A-Za-z0-9_-])(gl(?:pat|dt|rt|ptt|cbt|soat|ft|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{20,})"),
    row("Slack token", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xoxc-", "xoxd-", "xapp-"], Mixed, r"(?:^|[^A-Za-z0-9_-])((?:xox[abcdeoprs]|xapp)[.-][A-Za-z0-9%+/=.-]{16,})"),
    row("Slack webhook", &["hooks.slack.com"], Random, r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/-]{20,})"),
    key("Tavily key", &["tvly-"], Mixed, r"(?:^|[^A-Za-z0-9_-])(tvly-[A-Za-z0-9_-]{20,})"),
    key("Brave key", &["BSA"], Random, r"(?:^|[^A-Za-z0-9_-])(BSA[A-Za-z0-9_-]{28})(?:[^A-Za-z0-9_-]|$)"),
    key("xAI key", &["xai-"], Random, r"(?:^|[^A-Za-z0-9_-])(xai-[A-Za-z0-9_-]{40,})"),
    key("Perplexity key", &["pplx-"], Random, r"(?:^|[^A-Za-z0-9_-])(pplx-[A-Za-z0-9_-]{32,})"),
    key("Together key", &["tgp_v1_"], Random, r"(?:^|[^A-Za-z0-9_-])(tgp_v1_[A-Za-z0-9_-]{32,})"),
    key("Fireworks key", &["fw_"], Random, r"(?:^|[^A-Za-z0-9_-])(fw_[A-Za-z0-9]{22,})(?:[^A-Za-z0-9_]|$)"),
    key("Cerebras key", &["csk-"], Random, r"(?:^|[^A-Za-z0-9_-])(csk-[A-Za-z0-9_-]{32,})"),
    key("Replicate token", &["r8_"], Random, r"(?:^|[^A-Za-z0-9_-])(r8_[A-Za-z0-9]{37})(?:[^A-Za-z0-9_]|$)"),
    key("Pinecone key", &["pcsk_"], Random, r"(?:^|[^A-Za-z0-9_-])(pcsk_[A-Za-z0-9_]{40,})"),
    key("LangSmith key", &["lsv2_"], Random, r"(?:^|[^A-Za-z0-9_-])(lsv2_(?:pt|sk)_[A-Za-z0-9_]{32,})"),
    key("Databricks token", &["dapi"], Random, r"(?:^|[^A-Za-z0-9_-])(dapi[0-9a-f]{32}(?:-[0-9])?)(?:[^A-Za-z0-9_-]|$)"),
    key("Stripe key", &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], Mixed, r"(?:^|[^A-Za-z0-9_-])([sr]k_(?:live|test)_[A-Za-z0-9]{20,})"),
    row("SendGrid key", &["SG."], Random, r"(?:^|[^A-Za-z0-9_-])(SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,})"),
    key("npm token", &["npm_"], Random, r"(?:^|[^A-Za-z0-9_-])(npm_[A-Za-z0-9]{36})(?:[^A-Za-z0-9_]|$)"),
    key("PyPI token", &["pypi-Ag"], Random, r"pypi-Ag[A-Za-z0-9_-]{50,}"),
    key("JSON web token", &["eyJ"], Shape, r"(?:^|[^A-Za-z0-9_])(ey[A-Za-z0-9_-]{17,}\.ey[A-Za-z0-9_/-]{17,}\.[A-Za-z0-9_/-]*)"),
    row("bearer token", &["earer ", "EARER ", "earer%20", "earer+"], Random, r"(?i)\bbearer(?:\s+|\+|%20)([A-Za-z0-9._~+/=-]{16,})"),
    row("API key header", API_KEY, Random, r#"(?i)api[_-]?key["'\\]*\s*(?:[:=]|=>)\s*["'\\]*([A-Za-z0-9._~+/=-]{16,})"#),
    row("API key header", AMZ, Random, r#"(?i)x-amz-security-token["'\\]*\s*[:=]\s*["'\\]*([A-Za-z0-9._~+/=-]{16,})"#),
    row("cookie", &["ookie", "OOKIE"], Random, r#"(?i)\b(?:set-)?cookie["'\\]*\s*[:=]\s*["'\\]*[A-Za-z0-9_.-]+=([^\s;"'<>\\]{16,})"#),
    row("private key", &["-----BEGIN"], Header, r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?(?:-----)?"),
];

/// What tells who recorded.
#[rustfmt::skip]
pub(super) static ACCOUNTS: [Pattern; 2] = [
    row("ARN", &["arn:aws"], Account, r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d{12}:"),
    row("long-term key name", &["-at-"], Account, r"-at-\d{12}(?:\D|$)"),
];
