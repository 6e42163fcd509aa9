//! The checks before the first paid call.
//!
//! Offline, and so in a plan too: the token against the time, the length of the run and the regions; regions against
//! urls; requests against the known limits of Bedrock. Then, without cost: whether the server answers, and whether it
//! accepts the token.
//!
//! Only for AWS a token with a wrong form, of another region, or past its expiry is an error. Another server may accept
//! any token, so these are warnings there, and the token is sent only with real requests. A server on this machine is
//! not checked: the first request costs nothing.
//!
//! Of AWS's hosts only bedrock-mantle has a free call with a token. It does not exist in every region, and it needs
//! other permissions than bedrock-runtime: it says `invalid_api_key` also for a good key that may only call
//! bedrock-runtime. So "expired" counts for every host, and "invalid" only if the run uses bedrock-mantle. If the token
//! is not known to be accepted, the first request goes alone: a rejection costs nothing, and one is enough.

use jiff::{SignedDuration, Timestamp};

use crate::client::bedrock::endpoint::{Endpoint, Host, Region, Target};
use crate::client::bedrock::error::{ApiError, ErrorClass};
use crate::client::bedrock::probe::{self, ProbeAnswer};
use crate::client::call::Failure;
use crate::client::trust::Trust;
use crate::error::{Error, Result};
use crate::jobs::cases::{Case, UrlFrom};
use crate::recording::Exception;
use crate::recording::exception::is_transient;
use crate::recording::json::Value;
use crate::report::{PreflightNote, Severity};
use crate::rules::{self, Limitation};
use crate::secret::Secret;
use crate::store::Store;
use crate::token::KeyKind;
use crate::token::parse::{Token, parse};
use crate::token::verdict::{Conditions, Verdict, format_span, judge};

/// What a run needs of its token.
pub(crate) struct Need<'a> {
    /// Where the bytes go.
    pub(crate) target: &'a Target,
    /// Whom the connections trust.
    pub(crate) trust: &'a Trust,
    /// The endpoint, and what decided it.
    pub(crate) places: &'a [(Endpoint, &'static str)],
    /// How long the run is expected to take, where that is known.
    pub(crate) lasts: Option<SignedDuration>,
}

/// The kind of a token, and the notes about it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Checked {
    /// What it is, in a few words, without anything of it.
    pub(crate) what: String,
    /// When it ends at the latest, if it says.
    pub(crate) until: Option<Timestamp>,
    /// What may go wrong, and what will.
    pub(crate) notes: Vec<PreflightNote>,
}

impl Checked {
    /// Leaves out the warnings that do not apply to a minted token, which is replaced when it expires. `is_exact` means
    /// that its expiry time is exact.
    pub(crate) fn settle(&mut self, is_exact: bool) {
        self.notes.retain(|note| !is_exact || note.severity == Severity::Error);
    }

    /// The first of what will go wrong.
    pub(crate) fn error(&self) -> Option<&str> {
        let is_error = |note: &&PreflightNote| note.severity == Severity::Error;
        self.notes.iter().find(is_error).map(|note| note.message.as_str())
    }
}

/// What may go wrong.
pub(crate) fn warning(message: impl Into<String>) -> PreflightNote {
    PreflightNote { severity: Severity::Warning, message: message.into() }
}

/// Judges a token offline. `source` says where it is from.
pub(crate) fn check(token: &Secret, source: &str, need: &Need<'_>, now: Timestamp) -> Checked {
    let severity = if need.target.is_aws() { Severity::Error } else { Severity::Warning };
    let bad = |what: String| PreflightNote { severity, message: format!("{source}: {what}") };
    let token = match parse(token) {
        Ok(token) => token,
        // Another server may accept any token, but a damaged Bedrock key still gets a warning.
        Err(malformed) => {
            let is_bedrock = matches!(malformed.kind, KeyKind::ShortTerm | KeyKind::LongTerm);
            let is_worth_it = severity == Severity::Error || is_bedrock;
            let notes = if is_worth_it { vec![bad(format!("no usable token: {malformed}"))] } else { vec![] };
            return Checked { what: "of an unknown form".to_owned(), until: None, notes };
        }
    };
    let Token::ShortTerm(key) = &token else {
        return Checked {
            what: "a long-term key, which does not contain its expiry time".to_owned(),
            ..Checked::default()
        };
    };
    let conditions = Conditions { now, min_remaining: SignedDuration::ZERO, region: &key.region, region_source: None };
    let judgement = judge(&token, &conditions);
    let left = SignedDuration::from_secs(judgement.remaining.unwrap_or(0));
    let mut said = judgement.notes.into_iter().filter(|note| note.warning).map(|note| note.text);
    let mut notes = Vec::new();
    match judgement.verdict {
        Verdict::Expired => notes.push(bad(format!("the token has expired: {}", said.next().unwrap_or_default()))),
        Verdict::NotYetValid => notes.push(bad(format!(
            "{}; set the clock, or make a new token with `bedrock-fixtures mint-token`",
            said.next().unwrap_or_default()
        ))),
        _ => {}
    }
    for (region, from) in other_regions(&key.region, need) {
        notes.push(bad(format!(
            "the token works only in {}, where it was made, but the requests go to {region} (from {from}): make a \
             token with `bedrock-fixtures mint-token --region {region}`, or use {0}",
            key.region
        )));
    }
    if let Some(lasts) = need.lasts.filter(|lasts| *lasts > left && judgement.verdict != Verdict::Expired) {
        notes.push(bad(format!(
            "the token is valid for {} at most, and the run is expected to take {}: send fewer requests (--test, \
             --missing), send more at the same time (--concurrency), or make a new token with `bedrock-fixtures \
             mint-token`",
            format_span(left),
            format_span(lasts)
        )));
    }
    notes.extend(said.map(|text| warning(format!("{source}: {text}"))));
    let what =
        format!("a short-term key of {}, valid at most until {} ({} left)", key.region, key.expires, format_span(left));
    Checked { what, until: Some(key.expires), notes }
}

/// The regions that are asked with a token of another one, each once.
fn other_regions<'a>(own: &str, need: &'a Need<'_>) -> Vec<(&'a Region, &'static str)> {
    let mut others: Vec<(&Region, &'static str)> = Vec::new();
    for (endpoint, from) in need.places {
        let region = &endpoint.region;
        if region.to_string() != own && !others.iter().any(|(other, _)| *other == region) {
            others.push((region, from));
        }
    }
    others
}

/// Each endpoint once, and what decided it. A server in place of AWS gets the region of the recorded urls; an address
/// of AWS has its own region.
pub(crate) fn places(cases: &[Case], target: &Target, default: &'static str) -> Vec<(Endpoint, &'static str)> {
    if let Some(endpoint) = target.endpoint() {
        return vec![(endpoint, "the endpoint url")];
    }
    let mut places: Vec<(Endpoint, &'static str)> = Vec::new();
    for case in cases {
        let from = case.url_from.name(default);
        let Some(endpoint) = Endpoint::of_recorded_url(&case.call.url) else { continue };
        if !places.iter().any(|(other, _)| *other == endpoint) {
            places.push((endpoint, from));
        }
    }
    places
}

/// What the flags want of every request that names its own url.
pub(crate) struct Wanted<'a> {
    /// `--region`.
    pub(crate) region: Option<&'a Region>,
    /// `--mantle`.
    pub(crate) mantle: bool,
    /// Where the bytes go, if that is known.
    pub(crate) target: Option<&'a Target>,
}

impl Wanted<'_> {
    /// Why a request cannot be sent as the flags say: its own url has a region, and a token works in one region only.
    pub(crate) fn contradiction(&self, case: &Case) -> Option<String> {
        let own = Endpoint::of_recorded_url(&case.call.url)?;
        let asked = self.target.and_then(Target::endpoint);
        if let Some(asked) = asked.filter(|asked| asked.region != own.region) {
            let hint = match case.url_from {
                UrlFrom::Options => format!("give --region {}", asked.region),
                _ => "give the endpoint of that region, or leave --endpoint-url out".to_owned(),
            };
            return Some(format!("its url is in region {}, but the endpoint is {}; {hint}", own.region, asked.region));
        }
        if case.url_from == UrlFrom::Options {
            return None;
        }
        let hint = match case.url_from {
            UrlFrom::Recording => {
                "leave the flag out to use the region and host of its url, or give the request in a case file"
            }
            _ => "leave the flag out to use the region and host of its url, or remove the url from the case",
        };
        if let Some(region) = self.region.filter(|region| **region != own.region) {
            return Some(format!("its url is in region {}, not in --region {region}; {hint}", own.region));
        }
        (self.mantle && own.host == Host::Runtime)
            .then(|| format!("its url is on bedrock-runtime, but --mantle uses bedrock-mantle; {hint}"))
    }
}

/// Why a request is not sent: Bedrock is known to reject it, and the test is not about that error. `unknown` gets what is
/// not known about a request that is sent anyway.
pub(crate) fn limitation(store: &Store, case: &Case, allowed: &[u16], unknown: &mut Vec<String>) -> Option<String> {
    let body = Value::Object(case.call.wire_body());
    let prospects = rules::prospects(&case.call.url, &body);
    let unwanted = |limitation: &&Limitation| !allowed.contains(&limitation.status);
    let Some(limitation) = prospects.limitations.iter().find(unwanted) else {
        unknown.extend(prospects.unknown);
        return None;
    };
    // A test that is about the error is recorded again.
    let old = case.slot(store).old.as_ref();
    let old = old.and_then(|old| old.response().exception.as_ref().and_then(Exception::status));
    let is_about_it = old.is_some_and(|status| !is_transient(status));
    (!is_about_it).then(|| {
        let what = &limitation.what;
        format!("{what}, so it was not sent; change the request, or send it with --ask-anyway")
    })
}

/// Checks that the server answers, without cost and without the token.
pub(crate) async fn reach(need: &Need<'_>) -> std::result::Result<(), Failure> {
    let endpoints = need.places.iter().map(|(endpoint, _)| endpoint);
    probe::reach(need.target, need.trust, endpoints).await
}

/// Whether AWS takes the token: `true` when it said so, `false` when that is not known. A clear rejection is an error.
pub(crate) async fn is_taken(token: &Secret, source: &str, need: &Need<'_>) -> Result<bool> {
    if !need.target.is_aws() {
        return Ok(false);
    }
    let mut taken = true;
    let mut asked: Vec<&Region> = Vec::new();
    for (endpoint, _) in need.places {
        if asked.contains(&&endpoint.region) {
            continue;
        }
        asked.push(&endpoint.region);
        let answer = probe::probe(need.target, need.trust, token, &endpoint.region).await?.answer;
        taken &= meaning(&answer, endpoint.host).map_err(|error| {
            let hint = error.class.hint().unwrap_or("make a new token");
            Error::new(format!("the token is rejected: {error}")).at(source).hint(hint)
        })?;
    }
    Ok(taken)
}

/// What bedrock-mantle's answer to a free question means for calls to a host: taken, not known, or rejected.
fn meaning(answer: &ProbeAnswer, host: Host) -> std::result::Result<bool, ApiError> {
    match answer {
        ProbeAnswer::Accepted | ProbeAnswer::Genuine(_) => Ok(true),
        ProbeAnswer::Rejected(error) if host == Host::Mantle || error.class == ErrorClass::ExpiredKey => {
            Err(error.clone())
        }
        ProbeAnswer::Rejected(_) | ProbeAnswer::Unasked(_) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::bedrock::error::classify;

    #[test]
    fn only_a_clear_rejection_stops_a_run() {
        let error = |body| classify(401, None, body);
        let expired = error(r#"{"Message":"Bearer Token has expired"}"#);
        let invalid = error(r#"{"error":{"code":"invalid_api_key","message":"Invalid bearer token"}}"#);
        for (answer, runtime, mantle) in [
            (ProbeAnswer::Accepted, Ok(true), Ok(true)),
            // It may not list models, but AWS knows it.
            (ProbeAnswer::Genuine(invalid.clone()), Ok(true), Ok(true)),
            (ProbeAnswer::Rejected(expired.clone()), Err(expired.clone()), Err(expired)),
            // A good key gets this too if its owner may use keys on bedrock-runtime only.
            (ProbeAnswer::Rejected(invalid.clone()), Ok(false), Err(invalid)),
            // This region does not have bedrock-mantle.
            (ProbeAnswer::Unasked("cannot connect".to_owned()), Ok(false), Ok(false)),
        ] {
            assert_eq!(meaning(&answer, Host::Runtime), runtime, "{answer:?}");
            assert_eq!(meaning(&answer, Host::Mantle), mantle, "{answer:?}");
        }
    }
}
