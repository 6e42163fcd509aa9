//! The presigned request inside a short-term key.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::aws::region::Region;

use super::flaw::{ANOTHER, COPY, TokenFlaw, decode, flaw};
use super::identity::{AccessKey, SessionHints};
use super::percent::percent_decode;
use super::{LONGEST, SHORT_PREFIX};

/// What a short-term key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortTerm {
    /// The only region in which it works.
    pub region: String,
    /// The id of the access key that signed it.
    pub access_key: AccessKey,
    /// When it was made, by the clock of its maker.
    pub issued: Timestamp,
    /// It is valid at most until then.
    pub expires: Timestamp,
    /// Present when temporary credentials signed it; it ends with their session.
    pub session: Option<SessionHints>,
    /// How many of its parameters this tool does not know.
    pub unknown_parameters: usize,
}

impl ShortTerm {
    /// The account, as far as it can be known.
    pub fn account(&self) -> Option<String> {
        self.access_key.account().or_else(|| self.session.as_ref()?.account.clone())
    }
}

/// The start of the text of every short-term key: the host in full and the path.
const START: &str = "bedrock.amazonaws.com/?";

const REQUIRED: [&str; 8] = [
    "Action",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "Version",
];
const SESSION_TOKEN: &str = "X-Amz-Security-Token";

/// Reads what follows the prefix.
pub(super) fn short_term(body: &str) -> Result<ShortTerm, TokenFlaw> {
    if body.is_empty() {
        return flaw(format!("truncated: nothing follows {SHORT_PREFIX}"), COPY);
    }
    if body.contains("&Version=") {
        return flaw(
            "Version is outside the base64, as in the README of the generators; the keys that they make have it inside",
            "use the key as the generator made it, or make one with `bedrock-fixtures mint-token`",
        );
    }
    let bytes = decode(body, SHORT_PREFIX)?;
    let Ok(text) = String::from_utf8(bytes) else { return flaw("the decoded text is not UTF-8", COPY) };
    let Some(query) = text.strip_prefix(START) else {
        return if START.starts_with(&text) {
            flaw("truncated: the decoded text ends inside the host", COPY)
        } else {
            flaw("the host in it is not bedrock.amazonaws.com, or its path is not /", ANOTHER)
        };
    };
    let parameters = Parameters::parse(query)?;
    parameters.check()
}

/// The parameters of the query, decoded, each once.
struct Parameters(BTreeMap<String, String>);

impl Parameters {
    fn parse(query: &str) -> Result<Self, TokenFlaw> {
        let mut parameters = BTreeMap::new();
        let mut damaged = None;
        for part in query.split('&') {
            let pair =
                part.split_once('=').and_then(|(name, value)| Some((percent_decode(name)?, percent_decode(value)?)));
            match pair {
                Some((name, value)) => {
                    if parameters.insert(name, value).is_some() {
                        return flaw("duplicated parameter: one occurs more than once", ANOTHER);
                    }
                }
                None => damaged = Some("a parameter in it is damaged"),
            }
        }
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !parameters.contains_key(*name)).collect();
        match (missing.as_slice(), damaged) {
            ([], None) => Ok(Parameters(parameters)),
            (["Version"], None) if parameters["X-Amz-Signature"].len() >= 64 => flaw("Version missing", ANOTHER),
            // What is missing at the end was cut off.
            ([first, .., "Version"] | [first @ "Version"], _) => {
                let first = if missing.contains(&"X-Amz-Signature") { "X-Amz-Signature" } else { first };
                flaw(format!("truncated: no {first}"), COPY)
            }
            ([first, ..], _) => flaw(format!("{first} missing"), ANOTHER),
            ([], Some(damaged)) => flaw(damaged, COPY),
        }
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn check(&self) -> Result<ShortTerm, TokenFlaw> {
        if self.get("Action") != "CallWithBearerToken" {
            return flaw("Action is not CallWithBearerToken", ANOTHER);
        }
        if self.get("Version") != "1" {
            return flaw("unsupported Version: this tool knows 1", "look for a newer bedrock-fixtures");
        }
        if self.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" {
            return flaw("X-Amz-Algorithm is not AWS4-HMAC-SHA256", ANOTHER);
        }
        if self.get("X-Amz-SignedHeaders") != "host" {
            return flaw("X-Amz-SignedHeaders is not host", ANOTHER);
        }
        let signature = self.get("X-Amz-Signature");
        if signature.len() != 64 || !signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return flaw("X-Amz-Signature is not 64 small hexadecimal digits", COPY);
        }
        let (access_key, day, region) = scope(self.get("X-Amz-Credential"))?;
        let date = self.get("X-Amz-Date");
        let Some(issued) = timestamp(date) else {
            return flaw("X-Amz-Date is not a valid date and time", ANOTHER);
        };
        if !date.starts_with(&day) {
            return flaw("the day of the scope differs from that of X-Amz-Date, which AWS rejects", ANOTHER);
        }
        let Some(seconds) = seconds(self.get("X-Amz-Expires")) else {
            return flaw(format!("X-Amz-Expires is not a number of seconds from 1 to {LONGEST}"), ANOTHER);
        };
        let Ok(expires) = issued.checked_add(SignedDuration::from_secs(seconds)) else {
            return flaw("X-Amz-Date is out of range", ANOTHER);
        };
        let session_token = self.0.get(SESSION_TOKEN);
        if session_token.is_some_and(String::is_empty) {
            return flaw("X-Amz-Security-Token is empty", ANOTHER);
        }
        if access_key.is_temporary() && session_token.is_none() {
            return flaw("temporary credentials (ASIA) without X-Amz-Security-Token, which AWS rejects", ANOTHER);
        }
        if access_key.is_of_user() && session_token.is_some() {
            return flaw("X-Amz-Security-Token beside a user's access key (AKIA), which has no session", ANOTHER);
        }
        let known = REQUIRED.len() + usize::from(session_token.is_some());
        Ok(ShortTerm {
            region,
            access_key,
            issued,
            expires,
            session: session_token.map(|token| SessionHints::read(token)),
            unknown_parameters: self.0.len() - known,
        })
    }
}

/// Reads the five parts of the scope: the access key, the day, the region.
fn scope(credential: &str) -> Result<(AccessKey, String, String), TokenFlaw> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [id, day, region, service, request] = parts[..] else {
        return flaw("X-Amz-Credential does not have the five parts of a scope", ANOTHER);
    };
    let Some(access_key) = AccessKey::parse(id) else {
        return flaw("X-Amz-Credential has no access key id", ANOTHER);
    };
    if service != "bedrock" || request != "aws4_request" {
        return flaw("the scope is not for the service bedrock", ANOTHER);
    }
    if Region::parse(region).is_none() {
        return flaw("the scope names no region of the form us-west-2", ANOTHER);
    }
    if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
        return flaw("the scope has no date", ANOTHER);
    }
    Ok((access_key, day.to_owned(), region.to_owned()))
}

/// `YYYYMMDDTHHMMSSZ` of the calendar.
fn timestamp(text: &str) -> Option<Timestamp> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i16>().ok())?
    };
    if text.len() != 16 || text.get(8..9)? != "T" || text.get(15..)? != "Z" {
        return None;
    }
    let small = |from, to| i8::try_from(digits(from, to)?).ok();
    let date =
        DateTime::new(digits(0, 4)?, small(4, 6)?, small(6, 8)?, small(9, 11)?, small(11, 13)?, small(13, 15)?, 0);
    TimeZone::UTC.to_timestamp(date.ok()?).ok()
}

fn seconds(text: &str) -> Option<i64> {
    let plain = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|seconds| plain && (1..=LONGEST).contains(seconds))
}
