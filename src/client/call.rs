//! The client: one call, one typed answer, over a transport that is live or replays the store.

use std::fmt;

use crate::recording::json::{Object, Value};
use crate::recording::key::Request;
use crate::recording::python::truthy;
use crate::recording::turn::{RaisedError, Turn, Undecodable};

use super::bedrock::endpoint::recorded_url_problem;
use super::bedrock::error::{ApiError, ErrorClass};

/// A chat completion to ask for: the keyword arguments of the call, and what else decides its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The test that asks.
    pub test_id: Option<String>,
    /// The recorded url.
    pub url: String,
    /// The arguments of the call. `extra_body`, `extra_query`, `extra_headers` and `timeout` are the client's.
    pub body: Object,
}

/// Arguments that are the client's own: recorded and hashed, but no fields on the wire.
const CLIENT_ARGUMENTS: [&str; 4] = ["extra_body", "extra_query", "extra_headers", "timeout"];

/// Headers that must not be in a request that is stored.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "x-amz-security-token"];

/// Headers that frame the request or say where it goes: the client's own business.
const FRAMING_HEADERS: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

impl Call {
    /// Why the request could not be sent, or must not be stored.
    pub fn problem(&self) -> Option<String> {
        if let Some(problem) = recorded_url_problem(&self.url) {
            return Some(problem);
        }
        if self.body.get("messages").and_then(Value::as_array).is_none() {
            return Some("the body has no messages list".to_owned());
        }
        // The SDK sends an empty name too, and a test may be about its error.
        if self.body.get("model").and_then(Value::as_str).is_none() {
            return Some("the body has no model, or the model is not a string".to_owned());
        }
        for name in ["extra_body", "extra_query", "extra_headers"] {
            if self.body.get(name).is_some_and(|value| !value.is_null() && value.as_object().is_none()) {
                return Some(format!("{name} is not an object"));
            }
        }
        for (name, value) in self.extra("extra_headers") {
            let lower = name.to_ascii_lowercase();
            if SECRET_HEADERS.contains(&lower.as_str()) {
                return Some(format!("extra_headers contains {name}, a secret that would be stored"));
            }
            if FRAMING_HEADERS.contains(&lower.as_str()) {
                return Some(format!("extra_headers contains {name}, which belongs to the connection"));
            }
            if value.as_str().is_none() {
                return Some(format!("extra_headers.{name} is not a string"));
            }
        }
        // `NaN` and the infinities have no JSON; the SDK does not send them either.
        let wire = Value::Object(self.wire_body());
        holds_non_finite(&wire).then(|| "the body contains NaN or an infinity, which cannot be sent".to_owned())
    }

    /// What decides the key.
    pub fn key_request<'a>(&'a self, body: &'a Value) -> Request<'a> {
        Request::Inference { test_id: self.test_id.as_deref(), method: "POST", url: &self.url, body }
    }

    /// Whether the answer is to come as a stream.
    pub fn is_streaming(&self) -> bool {
        self.body.get("stream").is_some_and(truthy)
    }

    /// How many choices are asked for.
    pub fn choices(&self) -> usize {
        self.body.get("n").and_then(Value::as_i64).and_then(|n| usize::try_from(n).ok()).unwrap_or(1)
    }

    /// Whether a stream is to end with a chunk of token counts.
    pub fn wants_usage(&self) -> bool {
        self.body.get("stream_options").and_then(|options| options.get("include_usage")).is_some_and(truthy)
    }

    /// The JSON body of the request: `extra_body` merged in, the client's own arguments left out.
    pub fn wire_body(&self) -> Object {
        let own = self.body.iter().filter(|(name, _)| !CLIENT_ARGUMENTS.contains(name));
        let mut wire: Object = own.map(|(name, value)| (name, value.clone())).collect();
        for (name, value) in self.extra("extra_body") {
            wire.insert(name, value.clone());
        }
        wire
    }

    /// The members of one of the client's own arguments.
    pub fn extra(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.body.get(name).and_then(Value::as_object).into_iter().flat_map(Object::iter)
    }
}

fn holds_non_finite(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.as_f64().is_finite(),
        Value::Array(items) => items.iter().any(holds_non_finite),
        Value::Object(object) => object.iter().any(|(_, item)| holds_non_finite(item)),
        _ => false,
    }
}

/// A complete reply.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// One object with choices.
    Object(Object),
    /// The chunks of a complete stream.
    Stream(Vec<Object>),
    /// An error status.
    Status {
        /// What it means.
        error: ApiError,
        /// The body, decoded.
        text: String,
    },
    /// What a replayed call raises instead.
    Raised(RaisedError),
}

/// Why there is no reply to store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// What happened: a lower-case fragment.
    pub what: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// Nothing answers at all, so no other call would fare better.
    pub unreachable: bool,
    /// The token is past its end, so nothing was sent.
    pub token_ended: bool,
    /// There is no recording of the request.
    pub missing: bool,
    /// What the server means, if it is an error without an error status, or one whose text cannot be read.
    pub class: Option<ErrorClass>,
}

impl Failure {
    /// A failure of this one call.
    pub fn new(what: impl Into<String>) -> Self {
        Failure { what: what.into(), hint: None, unreachable: false, token_ended: false, missing: false, class: None }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for Failure {}

/// How a call gets its reply.
pub trait Transport {
    /// Asks once, whatever retries that takes.
    fn exchange(&self, call: &Call) -> impl Future<Output = Result<Reply, Failure>> + Send;
}

/// What a test gets to see: an answer, or the exception that the call raises.
pub type CallOutcome = Result<Turn, RaisedError>;

/// What a test gets to see of an answer: one object, or the chunks of a stream.
pub(super) fn decoded(answers: &[&Object], is_stream: bool) -> Result<CallOutcome, Failure> {
    Turn::of_answers(answers, is_stream).map(Ok).map_err(|Undecodable(what)| Failure::new(what))
}

/// A client over a transport.
#[derive(Clone, Debug)]
pub struct Client<T> {
    transport: T,
}

impl<T: Transport> Client<T> {
    /// A client that asks through `transport`.
    pub fn new(transport: T) -> Self {
        Client { transport }
    }

    /// What it asks through.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Asks and gives the reply as it came, for recording.
    pub async fn exchange(&self, call: &Call) -> Result<Reply, Failure> {
        self.transport.exchange(call).await
    }

    /// Asks and gives what a test would get.
    pub async fn chat(&self, call: &Call) -> Result<CallOutcome, Failure> {
        match self.exchange(call).await? {
            Reply::Object(object) => decoded(&[&object], false),
            Reply::Stream(chunks) => decoded(&chunks.iter().collect::<Vec<_>>(), true),
            Reply::Raised(error) => Ok(Err(error)),
            Reply::Status { error, .. } => Ok(Err(RaisedError {
                type_name: crate::recording::exception::replayed_type(error.status).to_owned(),
                status: Some(error.status),
                message: error.message,
                body: None,
                repeats_body: false,
            })),
        }
    }
}
