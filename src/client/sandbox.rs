//! A loopback stand-in for the endpoint: for `--sandbox`, examples and tests.
//!
//! It answers chat completions deterministically from the request, in the shape of the real endpoint, and every answer
//! says that no model was asked. Its faults are the failures that the client must survive.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

mod reply;

/// Every text that the sandbox answers begins so.
pub const MARK: &str = "No model was asked";

/// Something that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxFault {
    /// Nothing: the request is answered.
    Ok,
    /// 403, the key is past its end.
    Expired,
    /// 429, and the next request may be fine.
    Throttle,
    /// 429 until tomorrow.
    DailyQuota,
    /// 503.
    Unavailable,
    /// The connection ends in the middle of the body.
    Cut,
    /// The body stops in the middle, and the connection stays.
    Stall,
    /// A page instead of JSON.
    Html,
    /// A redirect to another host.
    Redirect,
    /// 200 and the error of an unknown path.
    WrongPath,
    /// An answer after half a second.
    Slow,
}

impl FromStr for SandboxFault {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Self, String> {
        Ok(match word {
            "ok" => SandboxFault::Ok,
            "expired" => SandboxFault::Expired,
            "throttle" => SandboxFault::Throttle,
            "daily-quota" => SandboxFault::DailyQuota,
            "unavailable" => SandboxFault::Unavailable,
            "cut" => SandboxFault::Cut,
            "stall" => SandboxFault::Stall,
            "html" => SandboxFault::Html,
            "redirect" => SandboxFault::Redirect,
            "wrong-path" => SandboxFault::WrongPath,
            "slow" => SandboxFault::Slow,
            _ => {
                let known = "ok expired throttle daily-quota unavailable cut stall html redirect wrong-path slow";
                return Err(format!("not a fault of the sandbox; it knows {known}"));
            }
        })
    }
}

/// A running sandbox; it stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Faults = Arc<Mutex<VecDeque<SandboxFault>>>;

impl Sandbox {
    /// Serves on a free port of the loopback interface. The n-th request meets the n-th fault; later ones are answered.
    pub async fn start(faults: Vec<SandboxFault>) -> Result<Self> {
        let failed = |error| Error::io("cannot listen", "127.0.0.1", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let faults: Faults = Arc::new(Mutex::new(faults.into()));
        let app = Router::new().fallback(serve).with_state(faults);
        let server = tokio::spawn(async move {
            // Ends only with the task.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Sandbox { address, server })
    }

    /// Where it listens, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn serve(State(faults): State<Faults>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let fault = faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(SandboxFault::Ok);
    match fault {
        SandboxFault::Expired => error(StatusCode::FORBIDDEN, json!({"Message": "Bearer Token has expired"})),
        SandboxFault::Throttle => {
            let body = json!({"message": "Too many requests, please wait before trying again."});
            let mut response = error(StatusCode::TOO_MANY_REQUESTS, body);
            response.headers_mut().insert("retry-after-ms", axum::http::HeaderValue::from_static("20"));
            response
        }
        SandboxFault::DailyQuota => {
            let body = json!({"message": "Too many tokens per day, please wait before trying again."});
            error(StatusCode::TOO_MANY_REQUESTS, body)
        }
        SandboxFault::Unavailable => {
            error(StatusCode::SERVICE_UNAVAILABLE, json!({"message": "ServiceUnavailableException"}))
        }
        SandboxFault::Html => {
            ([("content-type", "text/html")], "<html><body>A gateway speaks</body></html>").into_response()
        }
        SandboxFault::Redirect => (StatusCode::FOUND, [("location", "https://elsewhere.example/")], "").into_response(),
        SandboxFault::WrongPath => error(StatusCode::OK, unknown_operation()),
        SandboxFault::Slow => {
            tokio::time::sleep(Duration::from_millis(500)).await;
            answer(&uri, &headers, &body).framed()
        }
        SandboxFault::Cut => answer(&uri, &headers, &body).broken_off(false),
        SandboxFault::Stall => answer(&uri, &headers, &body).broken_off(true),
        SandboxFault::Ok => answer(&uri, &headers, &body).framed(),
    }
}

/// What is answered, before it is framed.
enum SandboxAnswer {
    Json(StatusCode, Value),
    Stream(Vec<Value>),
}

impl SandboxAnswer {
    fn pieces(self) -> (StatusCode, &'static str, Vec<String>) {
        match self {
            SandboxAnswer::Json(status, json) => (status, "application/json", vec![json.to_string()]),
            SandboxAnswer::Stream(chunks) => {
                let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
                let events = events.chain(["data: [DONE]\n\n".to_owned()]).collect();
                (StatusCode::OK, "text/event-stream", events)
            }
        }
    }

    fn framed(self) -> Response {
        let (status, content_type, pieces) = self.pieces();
        let body = Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)));
        (status, [("content-type", content_type)], body).into_response()
    }

    /// Half of the answer; then the connection ends, or nothing happens any more.
    fn broken_off(self, stalls: bool) -> Response {
        use futures_util::StreamExt as _;
        let (status, content_type, mut pieces) = self.pieces();
        if let [only] = pieces.as_mut_slice() {
            *only = only.chars().take(only.chars().count() / 2).collect();
        } else {
            pieces.truncate(pieces.len() / 2);
        }
        let half = stream::iter(pieces.into_iter().map(Ok));
        let body = if stalls {
            Body::from_stream(half.chain(stream::pending::<std::io::Result<String>>()))
        } else {
            // The written bytes are sent before the connection closes.
            let end = stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("cut"))
            });
            Body::from_stream(half.chain(end))
        };
        (status, [("content-type", content_type)], body).into_response()
    }
}

fn error(status: StatusCode, body: Value) -> Response {
    SandboxAnswer::Json(status, body).framed()
}

fn unknown_operation() -> Value {
    json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"})
}

fn answer(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> SandboxAnswer {
    // On the runtime host the reasoning is a tag in the text; on mantle it is a field of its own.
    let reasoning_field = match uri.path() {
        "/openai/v1/chat/completions" => false,
        "/v1/chat/completions" => true,
        _ => return SandboxAnswer::Json(StatusCode::NOT_FOUND, unknown_operation()),
    };
    if !headers.contains_key("authorization") {
        let message = "Missing 'authorization' or 'x-api-key' header";
        return rejection(StatusCode::UNAUTHORIZED, "invalid_api_key", message, "permission_denied_error");
    }
    let request: Value = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("Failed to parse the request body as JSON: {error}");
            return rejection(StatusCode::BAD_REQUEST, "validation_error", &message, "invalid_request_error");
        }
    };
    match reply::check(&request) {
        Err(reply::Problem::Invalid(message)) => {
            // The real one hides the whole envelope as text in a second one.
            let inner = json!({"error": {"code": "validation_error", "message": message, "param": null, "type": "invalid_request_error"}});
            rejection(StatusCode::BAD_REQUEST, "validation_error", &inner.to_string(), "invalid_request_error")
        }
        Err(reply::Problem::UnknownModel(model)) => {
            let message = format!("The model '{model}' does not exist");
            rejection(StatusCode::NOT_FOUND, "not_found_error", &message, "invalid_request_error")
        }
        Ok(()) if request["stream"] == json!(true) => SandboxAnswer::Stream(reply::chunks(&request, reasoning_field)),
        Ok(()) => SandboxAnswer::Json(StatusCode::OK, reply::completion(&request, reasoning_field)),
    }
}

fn rejection(status: StatusCode, code: &str, message: &str, kind: &str) -> SandboxAnswer {
    SandboxAnswer::Json(status, json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
}
