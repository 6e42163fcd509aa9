//! HTTP in front of the worker: checks the client, reads the request, frames the answer.

use std::convert::Infallible;
use std::sync::PoisonError;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use futures_util::StreamExt as _;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::time::Instant;

use crate::client::sandbox::SandboxFault;
use crate::report::ServeReport;

use super::answer::Served;
use super::faults;
use super::job::{Answered, HeldCall, Job};
use super::repeats::{self, Hit};
use super::shared::Shared;
use super::upstream::{self, Coming};
use super::wire::{WirePath, WireRequest, query_of};
use super::worker::body_of;

/// Larger requests are answered with 413.
const MAX_BODY: usize = 32 << 20;

/// A client that sends its request more slowly gets a 408.
const SLOWEST: Duration = Duration::from_secs(60);

pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/-/test", put(set_test).delete(end_test))
        .route("/-/passed", post(passed))
        .route("/-/receipt", get(receipt))
        .route("/-/ready", get(ready))
        .fallback(serve)
        .layer(axum::middleware::from_fn(only_this_machine))
        .with_state(shared)
}

/// Rejects requests that a web page makes a browser send: by their origin, and by the host name in them. Otherwise any
/// site could spend the token of a server that records.
async fn only_this_machine(request: Request, next: axum::middleware::Next) -> Response {
    if is_of_this_machine(&request) {
        return next.run(request).await;
    }
    let message = "this server answers only programs of this machine that call it by its address or as localhost";
    let refusal = Served::error(403, "foreign_host", message);
    (StatusCode::FORBIDDEN, [("content-type", refusal.content_type)], refusal.pieces.concat()).into_response()
}

fn is_of_this_machine(request: &Request) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text("host").or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let origin = text("origin").map(|origin| origin.split_once("://").map_or("", |(_, host)| host));
    host.is_none_or(is_address) && origin.is_none_or(is_address)
}

/// Whether an authority is an address or `localhost`, which no name server can point elsewhere.
fn is_address(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok()
}

async fn ready(State(shared): State<Shared>) -> Response {
    json(&serde_json::json!({ "schema": 1, "mode": shared.mode }))
}

async fn set_test(State(shared): State<Shared>, body: Bytes) -> Response {
    let test_id = match test_in(&body) {
        Ok(test_id) => test_id,
        Err(why) => return framed(Served::error(400, "invalid_test_id", &why), &shared, None),
    };
    let shown = test_id.clone();
    shared.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&test_id);
    match shared.ask(|reply| Job::SetTest { test_id, reply }).await {
        Some(before) if shown.is_none() => report(&before),
        _ => json(&serde_json::json!({ "schema": 1, "test_id": shown })),
    }
}

async fn end_test(State(shared): State<Shared>) -> Response {
    *shared.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    match shared.ask(|reply| Job::SetTest { test_id: None, reply }).await {
        Some(before) => report(&before),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn passed(State(shared): State<Shared>, body: Bytes) -> Response {
    match test_in(&body) {
        Ok(Some(test_id)) => {
            let job = Job::Passed { test_id };
            let _ = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job);
            json(&serde_json::json!({ "schema": 1 }))
        }
        Ok(None) => framed(Served::error(400, "invalid_test_id", "the request names no test"), &shared, None),
        Err(why) => framed(Served::error(400, "invalid_test_id", &why), &shared, None),
    }
}

async fn receipt(State(shared): State<Shared>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let test_id = query.split('&').find_map(|pair| pair.strip_prefix("test_id=")).map(decoded);
    match shared.ask(|reply| Job::Receipt { test_id, reply }).await {
        Some(receipt) => report(&receipt),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `{"test_id": "…"}`, or null.
fn test_in(body: &[u8]) -> Result<Option<String>, String> {
    let json: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    match &json["test_id"] {
        serde_json::Value::String(id) => {
            crate::recording::test_id::TestId::parse(id).map(|_| Some(id.clone())).map_err(|why| why.to_string())
        }
        serde_json::Value::Null => Ok(None),
        _ => Err("test_id is not a string".to_owned()),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn json(value: &serde_json::Value) -> Response {
    ([("content-type", "application/json")], value.to_string()).into_response()
}

fn report(report: &ServeReport) -> Response {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    value["schema"] = 1.into();
    value["command"] = "serve".into();
    json(&value)
}

/// The test that a request names in a header of ours, or in that of OGX.
fn test_of(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let of_provider_data = || {
        let names = ["x-ogx-provider-data", "x-llamastack-provider-data"];
        let data: serde_json::Value = serde_json::from_str(names.into_iter().find_map(text)?).ok()?;
        data["__test_id"].as_str().map(str::to_owned)
    };
    text("x-test-id").map(str::to_owned).or_else(of_provider_data).filter(|id| !id.is_empty())
}

async fn serve(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let WirePath { test_id, base, operation } = WirePath::parse(&path);
    let test_id = test_id.or_else(|| test_of(&parts.headers));
    if parts.method != Method::POST && parts.method != Method::GET {
        return framed(Served::error(405, "method_not_allowed", "only GET and POST are answered"), &shared, None);
    }
    let bytes = match tokio::time::timeout(SLOWEST, axum::body::to_bytes(body, MAX_BODY)).await {
        Err(_) => return framed(Served::error(408, "too_slow", "the request came too slowly"), &shared, None),
        Ok(Err(_)) => return framed(Served::error(413, "too_large", "the body is larger than 32 MiB"), &shared, None),
        Ok(Ok(bytes)) => bytes,
    };
    let arrived = Instant::now();
    let asking = test_id.clone().or_else(|| shared.current.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let fault = shared.faults.next(asking.as_deref());
    if let Some(response) = fault.and_then(faults::instead) {
        return response;
    }
    let query = query_of(parts.uri.query().unwrap_or_default());
    let whole = parts.uri.path_and_query().map_or(path.as_str(), |whole| whole.as_str());
    let key = asking.as_ref().and_then(|asking| repeats::key(parts.method.as_str(), whole, asking, &bytes));
    if let Some((served, hit)) = key.as_ref().and_then(|key| shared.repeats.again(key)) {
        return finished(served, Some(&hit), fault, &shared);
    }
    let body = match body_of(&bytes) {
        Ok(body) => body,
        Err(why) => return framed(Served::error(400, "invalid_body", &why), &shared, None),
    };
    let wire = WireRequest { method: parts.method.to_string(), base, operation, query, body };
    let answered = match shared.asker.clone() {
        None => {
            let job = |reply| Job::Ask(HeldCall { request: wire, path, test_id, arrived, reply });
            shared.ask(job).await.map(Coming::Whole)
        }
        Some(asker) => upstream::ask(shared.clone(), asker, wire, path, test_id, arrived).await,
    };
    match answered {
        Some(Coming::Whole(Answered::Now { served, hit })) => {
            if let (Some(key), Some(asking), Some(hit)) = (key, asking, &hit) {
                shared.repeats.keep(key, asking, &served, hit);
            }
            finished(served, hit.as_ref(), fault, &shared)
        }
        Some(Coming::Stream(events)) => streamed(events),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// An answer from the store, with its fault.
fn finished(served: Served, hit: Option<&Hit>, fault: Option<SandboxFault>, shared: &Shared) -> Response {
    match fault.filter(|fault| faults::breaks(*fault)) {
        Some(fault) => faults::broken(served, fault),
        None => framed(served, shared, hit.map(|hit| hit.file.path.as_str())),
    }
}

/// A stream that is passed on as it comes.
fn streamed(events: upstream::Events) -> Response {
    let body = Body::from_stream(events);
    let headers =
        [("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("x-bedrock-fixtures", "upstream")];
    (StatusCode::OK, headers, body).into_response()
}

/// Frames an answer, at the requested pace.
fn framed(served: Served, shared: &Shared, hit: Option<&str>) -> Response {
    let status = StatusCode::from_u16(served.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let pace = shared.pace;
    let served_error = served.error_type;
    let is_event_stream = served.content_type == "text/event-stream";
    let body = if pace.first_byte.is_zero() && (pace.between.is_zero() || served.pieces.len() == 1) {
        Body::from(served.pieces.concat())
    } else {
        let pieces = served.pieces.into_iter().enumerate();
        Body::from_stream(futures_util::stream::iter(pieces).then(move |(index, piece)| async move {
            tokio::time::sleep(if index == 0 { pace.first_byte } else { pace.between }).await;
            Ok::<_, Infallible>(piece)
        }))
    };
    let mut response = (status, [("content-type", served.content_type)], body).into_response();
    let headers = response.headers_mut();
    if !status.is_success() {
        headers.insert("x-should-retry", HeaderValue::from_static("false"));
    }
    if let Some(error_type) = served_error {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(error_type));
    }
    if is_event_stream {
        headers.insert("cache-control", HeaderValue::from_static("no-cache"));
    }
    let mark = match hit {
        Some(path) => format!("hit {}", utf8_percent_encode(path, NON_ALPHANUMERIC)),
        None => "miss".to_owned(),
    };
    if let Ok(mark) = HeaderValue::from_str(&mark) {
        headers.insert("x-bedrock-fixtures", mark);
    }
    response
}
