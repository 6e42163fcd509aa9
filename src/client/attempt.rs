//! One attempt of a call: what came of it, and whether it is worth another one.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::bedrock::error::ErrorClass;
use super::call::{Failure, Reply};
use super::headers::header;
use super::retry::{asked_wait, backoff};

/// Maximum requests per call, including the first one.
pub(super) const ATTEMPTS: u32 = 3;
/// The longest wait that a server may request before a retry.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A whole reply and what of its head decides about asking again.
pub(super) struct Received {
    pub(super) reply: Reply,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

impl Received {
    /// The last reply. It names the wait that the server requests, if that is too long to retry.
    pub(super) fn last(self) -> Reply {
        let wait = asked_wait(&self.headers).filter(|wait| *wait > LONGEST_WAIT);
        match (self.reply, wait) {
            (Reply::Status { mut error, text }, Some(wait)) => {
                let before = if error.message.is_empty() { "" } else { "; " };
                error.message = format!("{}{before}the server asks to wait {} s", error.message, wait.as_secs());
                Reply::Status { error, text }
            }
            (reply, _) => reply,
        }
    }
}

/// No reply, and whether asking again costs nothing.
pub(super) struct AttemptError {
    pub(super) failure: Failure,
    pub(super) again: Repeat,
}

/// Whether to ask again where there is no reply.
pub(super) enum Repeat {
    Never,
    /// Nothing was received.
    Soon,
    /// As for the error that came without an error status.
    AsReplied {
        class: ErrorClass,
        headers: Box<HeaderMap>,
    },
}

impl AttemptError {
    pub(super) fn retryable(failure: Failure) -> Self {
        AttemptError { failure, again: Repeat::Soon }
    }

    pub(super) fn for_good(failure: Failure) -> Self {
        AttemptError { failure, again: Repeat::Never }
    }
}

/// How long to wait before the call is made again; `None` when it is not.
pub(super) fn retry_wait(result: &std::result::Result<Received, AttemptError>, attempt: u32) -> Option<Duration> {
    let (class, headers, is_passing) = match result {
        Ok(Received { reply: Reply::Status { error, .. }, status, headers }) => {
            // Only the statuses that Bedrock uses for a failure are worth it, if no code says that it is one.
            let is_known = error.by_code || matches!(status.as_u16(), 500 | 502 | 504);
            let is_passing = error.class.is_passing() && (error.class != ErrorClass::Server || is_known);
            (error.class, headers, is_passing)
        }
        Ok(_) => return None,
        Err(AttemptError { again: Repeat::AsReplied { class, headers }, .. }) => {
            (*class, &**headers, class.is_passing())
        }
        Err(AttemptError { again: Repeat::Soon, .. }) => return Some(backoff(Duration::from_millis(200), attempt)),
        Err(AttemptError { again: Repeat::Never, .. }) => return None,
    };
    let again = match (header(headers, "x-should-retry"), class) {
        (Some("true"), _) => true,
        (Some("false"), _) | (_, ErrorClass::DailyQuota | ErrorClass::ExpiredKey) => false,
        // A model that failed once may answer; twice is its answer.
        (_, ErrorClass::ModelFailed) => attempt == 1,
        _ => is_passing,
    };
    if !again {
        return None;
    }
    match asked_wait(headers) {
        Some(wait) => (wait <= LONGEST_WAIT).then_some(wait),
        None if class == ErrorClass::Throttled => Some(backoff(Duration::from_secs(1), attempt)),
        None => Some(backoff(Duration::from_millis(200), attempt)),
    }
}
