//! Whether a reply may be stored, and the recording it becomes.

use crate::client::bedrock::error::{ApiError, ErrorClass};
use crate::client::call::{Failure, Reply};
use crate::recording::Recording;
use crate::recording::dump::{AnswerType, Form, dump};
use crate::recording::exception::{is_transient, status_response};
use crate::recording::json::{Object, Value};
use crate::recording::turn::{Turn, Usage};

use crate::jobs::cases::Case;
use crate::jobs::gate::Policy;

/// A reply that is not stored.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Why, and what to do.
    pub reason: String,
    /// All other requests of the run would fail too.
    pub ends_run: bool,
    /// No server answers.
    pub unreachable: bool,
    /// The token is not accepted; the request may succeed with another one.
    pub rejects_token: bool,
}

impl Refusal {
    /// A reason that concerns this request alone.
    pub(crate) fn of_this(reason: impl Into<String>) -> Self {
        Refusal { reason: reason.into(), ends_run: false, unreachable: false, rejects_token: false }
    }
}

/// Turns a reply into a recording of the given form. `old` is the recording that the request has now.
pub(crate) fn judge(
    case: &Case,
    reply: Result<Reply, Failure>,
    policy: &Policy,
    old: Option<&Recording>,
    form: Form,
) -> Result<(Recording, Usage), Refusal> {
    let response = match reply {
        Ok(Reply::Object(object)) => success(dump(&object, AnswerType::Completion, case.key, form), false),
        Ok(Reply::Stream(chunks)) => {
            let chunks = chunks.iter().map(|chunk| dump(chunk, AnswerType::Chunk, case.key, form));
            success(Value::Array(chunks.collect()), true)
        }
        Ok(Reply::Status { error, text }) => {
            // A test is not about a transient error, whatever status a gateway gave it.
            let is_passing = error.class.is_passing() && !is_transient(error.status);
            if is_passing || !policy.allows(error.status, old) {
                return Err(rejected(&error));
            }
            status_response(error.status, &text, form.layout)
        }
        Ok(Reply::Raised(error)) => {
            return Err(Refusal::of_this(error.message));
        }
        Err(failure) => {
            return Err(Refusal {
                reason: failure.to_string(),
                ends_run: failure.unreachable || failure.token_ended || failure.class.is_some_and(ErrorClass::ends_run),
                unreachable: failure.unreachable,
                rejects_token: failure.token_ended || failure.class.is_some_and(ErrorClass::rejects_key),
            });
        }
    };
    let call = &case.call;
    let recording = Recording::of_chat(call.test_id.as_deref(), &call.url, call.body.clone(), response, form.layout);
    let usage = Turn::of_recording(&recording).map(|turn| turn.usage).unwrap_or_default();
    Ok((recording, usage))
}

fn success(body: Value, is_streaming: bool) -> Object {
    Object::from_iter([("body", body), ("is_streaming", Value::Bool(is_streaming))])
}

fn rejected(error: &ApiError) -> Refusal {
    let hint = error.class.hint().map_or(String::new(), |hint| format!("; {hint}"));
    Refusal {
        ends_run: error.class.ends_run(),
        rejects_token: error.class.rejects_key(),
        ..Refusal::of_this(format!("rejected by the server: {error}{hint}"))
    }
}
