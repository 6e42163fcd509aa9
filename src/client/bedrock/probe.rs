//! Free checks: whether the server answers, and whether Bedrock accepts a key. The second one requests the list of
//! models.

use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::timeout;

use crate::error::Result;
use crate::recording::json::Value;
use crate::secret::Secret;

use super::endpoint::{Endpoint, Region, Target};
use super::error::{ApiError, ErrorClass, classify, mask};
use crate::client::call::Failure;
use crate::client::charset::decode;
use crate::client::encoding::ContentDecoder;
use crate::client::headers::header;
use crate::client::http::{CONNECT, authorization, cause, http_client, origin, unreachable};
use crate::client::trust::{self, Trust};

/// Longest wait for the whole reply.
const LIMIT: Duration = Duration::from_secs(5);

/// No more of a reply is read.
const MAX_BODY: usize = 64 << 10;

/// What Bedrock says to a key.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeAnswer {
    /// It takes it.
    Accepted,
    /// It knows the key, which may not list models. What it may do is not known.
    Genuine(ApiError),
    /// It does not take it.
    Rejected(ApiError),
    /// Nothing was learnt about the key: nobody answered, or not to the question.
    Unasked(String),
}

/// An answer, and what came with it.
#[derive(Clone, Debug)]
pub struct Probed {
    /// What was said to the key.
    pub answer: ProbeAnswer,
    /// Who was asked, without the path.
    pub origin: String,
    /// What time it is, by the server's clock.
    pub date: Option<Timestamp>,
}

/// Asks once: no second attempt, no redirect.
pub async fn probe(target: &Target, trust: &Trust, token: &Secret, region: &Region) -> Result<Probed> {
    let http = http_client(target, trust)?;
    let Some(url) = target.models_url(region) else {
        let why = "a FIPS or VPC endpoint of bedrock-runtime does not list models, and the token is not sent to \
                   another server";
        let origin = target.endpoint().map(|endpoint| endpoint.origin()).unwrap_or_default();
        return Ok(Probed { answer: ProbeAnswer::Unasked(why.to_owned()), origin, date: None });
    };
    let origin = origin(&url);
    let request =
        http.get(url).header("accept", "application/json").header("authorization", authorization(token)?).send();
    let mut date = None;
    let asked = timeout(LIMIT, async {
        match request.await {
            Ok(head) => {
                date = header(head.headers(), "date").and_then(|text| rfc2822::parse(text).ok());
                answer(head).await
            }
            Err(error) if error.is_connect() => {
                ProbeAnswer::Unasked(format!("cannot connect: {}; {}", cause(&error), trust::hint(&error)))
            }
            Err(error) => ProbeAnswer::Unasked(format!("no answer: {}", cause(&error))),
        }
    });
    let answer =
        asked.await.unwrap_or_else(|_| ProbeAnswer::Unasked(format!("no answer within {} s", LIMIT.as_secs())));
    // A server may repeat the token in what it says.
    let scrubbed = |error: ApiError| ApiError { message: token.scrub(&error.message), ..error };
    let answer = match answer {
        ProbeAnswer::Accepted => ProbeAnswer::Accepted,
        ProbeAnswer::Genuine(error) => ProbeAnswer::Genuine(scrubbed(error)),
        ProbeAnswer::Rejected(error) => ProbeAnswer::Rejected(scrubbed(error)),
        ProbeAnswer::Unasked(why) => ProbeAnswer::Unasked(token.scrub(&mask(&why))),
    };
    Ok(Probed { answer, origin, date: date.map(|date| date.timestamp()) })
}

/// Checks the connection without a token. It requests the front page, because there may be a proxy, and any reply is
/// enough. A server on this machine is not checked: it costs nothing, it may count connections, and the first request
/// shows the same.
pub async fn reach<'a>(
    target: &Target,
    trust: &Trust,
    endpoints: impl Iterator<Item = &'a Endpoint>,
) -> std::result::Result<(), Failure> {
    if target.is_loopback() {
        return Ok(());
    }
    let http = http_client(target, trust).map_err(|error| Failure::new(error.to_string()))?;
    for url in target.origins(endpoints) {
        let shown = url.origin().ascii_serialization();
        // One that connects and then is slow can be reached.
        if let Ok(Err(error)) = timeout(LIMIT + CONNECT, http.get(url).send()).await
            && error.is_connect()
        {
            return Err(unreachable(&shown, &error));
        }
    }
    Ok(())
}

async fn answer(head: reqwest::Response) -> ProbeAnswer {
    let status = head.status();
    if status.is_redirection() {
        return ProbeAnswer::Unasked(format!(
            "HTTP {}: a redirect, which is not followed with a token",
            status.as_u16()
        ));
    }
    let content_type = header(head.headers(), "content-type").unwrap_or("").to_owned();
    let error_type = header(head.headers(), "x-amzn-errortype").map(str::to_owned);
    let mut decoder = match ContentDecoder::of_all(head.headers().get_all("content-encoding")) {
        Ok(decoder) => decoder,
        Err(name) => return ProbeAnswer::Unasked(format!("the reply has the content encoding {name:?}")),
    };
    let mut body = Vec::new();
    let mut pieces = head.bytes_stream();
    while body.len() < MAX_BODY
        && let Some(piece) = pieces.next().await
    {
        match piece {
            Ok(piece) => {
                let broken = |error| Some(ProbeAnswer::Unasked(format!("the compressed reply is broken: {error}")));
                let fed = decoder.feed(&piece, broken, |decoded| {
                    body.extend_from_slice(&decoded[..decoded.len().min(MAX_BODY - body.len())]);
                    if body.len() == MAX_BODY { Err(None) } else { Ok(()) }
                });
                if let Err(Some(broken)) = fed {
                    return broken;
                }
            }
            Err(error) => return ProbeAnswer::Unasked(format!("the reply was cut off: {}", cause(&error))),
        }
    }
    let text = decode(&body, &content_type);
    let error = classify(status.as_u16(), error_type.as_deref(), &text);
    if status.is_success() {
        return if is_model_list(&text, body.len() == MAX_BODY) {
            ProbeAnswer::Accepted
        } else {
            ProbeAnswer::Unasked(format!("{error}: the reply is not a list of models, so this server is not Bedrock"))
        };
    }
    match error.class {
        ErrorClass::Denied | ErrorClass::NotEntitled | ErrorClass::NoAccess => ProbeAnswer::Genuine(error),
        class if class.rejects_key() => ProbeAnswer::Rejected(error),
        _ => ProbeAnswer::Unasked(error.to_string()),
    }
}

/// Whether a text is a list of models; one that is longer than was read is judged by its beginning.
fn is_model_list(text: &str, cut: bool) -> bool {
    match Value::parse(text.trim().as_bytes()) {
        Ok(json) => json.get("data").is_some_and(|data| data.as_array().is_some()),
        Err(_) => cut && text.trim_start().starts_with('{') && text.contains("\"data\""),
    }
}
