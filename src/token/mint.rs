//! Makes a short-term key: a presigned request of AWS Signature Version 4, as the official generators make it.
//!
//! The order of the parameters is that of the Python generator, to the byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::secret::Secret;

use super::parse::{Token, parse};
use super::percent::percent_encode;
use super::{LONGEST, SHORT_PREFIX, forms};

const HOST: &str = "bedrock.amazonaws.com";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// AWS credentials.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access key id.
    pub access_key: Secret,
    /// The secret access key.
    pub secret_key: Secret,
    /// The session token of temporary credentials.
    pub session_token: Option<Secret>,
    /// When they end, if that is known.
    pub expiration: Option<Timestamp>,
}

/// A key, and when it expires at the latest.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The key.
    pub token: Secret,
    /// What it says about itself.
    pub says: super::presigned::ShortTerm,
    /// Why it is valid for less time than was requested, if it is.
    pub limit: Option<Limit>,
}

/// Why a key is valid for less time than was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// No key is valid for longer than 12 hours.
    Longest,
    /// The credentials end sooner.
    Credentials,
}

/// Makes a key for `region` that is valid from `now`, for `requested` at most and never beyond the credentials' own end.
pub fn mint(credentials: &Credentials, region: &str, requested: SignedDuration, now: Timestamp) -> Result<Minted> {
    if requested < SignedDuration::from_secs(1) {
        return Err(Error::new("a key is valid for at least one second")
            .at("--expires")
            .hint("give a duration like 12h"));
    }
    let mut seconds = requested.as_secs();
    let mut limit = None;
    if seconds > LONGEST {
        (seconds, limit) = (LONGEST, Some(Limit::Longest));
    }
    if let Some(expiration) = credentials.expiration {
        // The time of the key has full seconds; fractions are cut.
        let left = expiration.as_second() - now.as_second();
        if left <= 0 {
            return Err(Error::new(format!("the AWS credentials ended at {expiration}"))
                .hint("renew them, for example with `aws sso login`"));
        }
        if left < seconds {
            (seconds, limit) = (left, Some(Limit::Credentials));
        }
    }
    let token = presign(credentials, region, seconds, now);
    let Some(token) = forms::secret(&token) else { return Err(Error::new("no key was minted")) };
    // A fault of the credentials or the region shows in the key, so it is found here and not by AWS.
    match parse(&token) {
        Ok(Token::ShortTerm(says)) => Ok(Minted { token, says, limit }),
        Ok(Token::LongTerm { .. }) => Err(Error::new("no key was minted")),
        Err(malformed) => {
            Err(Error::new(format!("AWS would reject a key made from these credentials: {}", malformed.what))
                .hint("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN: they belong together"))
        }
    }
}

fn presign(credentials: &Credentials, region: &str, seconds: i64, now: Timestamp) -> String {
    let time = TimeZone::UTC.to_datetime(now);
    let day = format!("{:04}{:02}{:02}", time.year(), time.month(), time.day());
    let date = format!("{day}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second());
    let scope = format!("{day}/{region}/bedrock/aws4_request");

    let credential = format!("{}/{scope}", credentials.access_key.expose());
    let expires = seconds.to_string();
    let mut parameters = vec![
        ("Action", "CallWithBearerToken"),
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &date),
        ("X-Amz-Expires", &expires),
        ("X-Amz-SignedHeaders", "host"),
    ];
    parameters.extend(credentials.session_token.as_ref().map(|token| ("X-Amz-Security-Token", token.expose())));
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    // Signed sorted, sent in this order.
    let mut sorted = pairs.clone();
    sorted.sort_unstable();

    let canonical = format!("POST\n/\n{}\nhost:{HOST}\n\nhost\n{}", sorted.join("&"), hex(&Sha256::digest(b"")));
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut key = format!("AWS4{}", credentials.secret_key.expose()).into_bytes();
    for part in [&day, region, "bedrock", "aws4_request", &to_sign] {
        key = hmac(&key, part);
    }
    let text = format!("{HOST}/?{}&X-Amz-Signature={}&Version=1", pairs.join("&"), hex(&key));
    format!("{SHORT_PREFIX}{}", STANDARD.encode(text))
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
