//! The transport that answers from recordings: key, file, reply. It opens no socket.

use futures_util::FutureExt as _;

use crate::recording::json::{Object, Value};
use crate::recording::key::RequestKey;
use crate::recording::recorder::KeyRules;
use crate::recording::turn::RaisedError;
use crate::recording::{Recording, completeness};

use super::call::{Call, CallOutcome, Client, Failure, Reply, Transport, decoded};

/// Where recordings are found by their keys.
pub trait Lookup {
    /// The rules by which its keys are made; the newest, unless it says otherwise.
    fn key_rules(&self) -> KeyRules {
        KeyRules::NEWEST
    }

    /// The recording that answers a request of a test.
    fn look_up(&self, key: RequestKey, test_id: Option<&str>) -> Result<Recording, LookupError>;
}

/// Why there is no recording to answer from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LookupError {
    /// Nothing has the key.
    Missing,
    /// Something has it and cannot be read: why.
    Unreadable(String),
}

impl<L: Lookup> Lookup for &L {
    fn key_rules(&self) -> KeyRules {
        (*self).key_rules()
    }

    fn look_up(&self, key: RequestKey, test_id: Option<&str>) -> Result<Recording, LookupError> {
        (*self).look_up(key, test_id)
    }
}

/// Answers calls from the recordings that a lookup finds.
#[derive(Clone, Debug)]
pub struct Replay<L> {
    lookup: L,
}

impl<L: Lookup + Sync> Replay<L> {
    /// A transport over a lookup.
    pub fn new(lookup: L) -> Self {
        Replay { lookup }
    }

    /// What a test that makes the call gets: an answer, or the exception that is raised.
    ///
    /// # Errors
    ///
    /// When no recording has the key of the call, or the one that has it gives no answer.
    pub fn ask(self, call: &Call) -> Result<CallOutcome, Failure> {
        let client = Client::new(self);
        // A replay waits for nothing, so its future is ready at once and needs no event loop, which could open a socket.
        let outcome = client.chat(call).now_or_never();
        outcome.unwrap_or_else(|| Err(Failure::new("the replay waits for something")))
    }
}

impl<L: Lookup + Sync> Transport for Replay<L> {
    async fn exchange(&self, call: &Call) -> Result<Reply, Failure> {
        let body = Value::Object(call.body.clone());
        let key = call.key_request(&body).key(self.lookup.key_rules());
        let recording = self.lookup.look_up(key, call.test_id.as_deref()).map_err(|error| match error {
            LookupError::Missing => {
                Failure { missing: true, ..Failure::new("no recording has the key of this request") }
            }
            LookupError::Unreadable(why) => Failure::new(why),
        })?;
        reply(&recording)
    }
}

/// What a test gets whose request has this recording: an answer, or the exception that is raised.
pub fn answer(recording: &Recording) -> Result<CallOutcome, Failure> {
    match held(recording)? {
        Held::Raised(error) => Ok(Err(error)),
        Held::Answers(answers) => decoded(&answers, recording.response().is_streaming),
    }
}

/// The reply that a recording holds.
fn reply(recording: &Recording) -> Result<Reply, Failure> {
    Ok(match held(recording)? {
        Held::Raised(error) => Reply::Raised(error),
        Held::Answers(chunks) if recording.response().is_streaming => {
            Reply::Stream(chunks.into_iter().cloned().collect())
        }
        Held::Answers(answers) => Reply::Object(answers[0].clone()),
    })
}

/// What a recording holds for whoever asks.
enum Held<'a> {
    Raised(RaisedError),
    /// One object, or the chunks of a stream.
    Answers(Vec<&'a Object>),
}

fn held(recording: &Recording) -> Result<Held<'_>, Failure> {
    if let Some((_, flaw)) = completeness::flaw(recording) {
        return Err(Failure::new(flaw.to_string()));
    }
    let response = recording.response();
    if let Some(exception) = response.exception {
        return Ok(Held::Raised(exception.raised()));
    }
    let mut answers: Vec<&Object> = recording.answers().map(|(_, data)| data).collect();
    if answers.len() < response.body.as_array().map_or(1, <[Value]>::len) {
        return Err(Failure::new("response.body has an item without __data__"));
    }
    if !response.is_streaming {
        // Of several objects that are no stream, the last one counts.
        answers = answers.pop().into_iter().collect();
        if answers.is_empty() {
            return Err(Failure::new("the recording has no answer"));
        }
    }
    Ok(Held::Answers(answers))
}
