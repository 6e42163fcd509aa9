//! The exceptions of a call that failed without an HTTP status, as recordings hold them, by version of the SDK.
//!
//! What this tool records never holds one; the recorder's own files do, and a person wants to know what happened.

use super::table;
use crate::recording::version::SdkVersion;

/// A type of exception and what it says of the call.
struct StreamFailure {
    type_name: &'static str,
    what: &'static str,
    since: Option<SdkVersion>,
    /// The first version without the row.
    until: Option<SdkVersion>,
}

const fn always(type_name: &'static str, what: &'static str) -> StreamFailure {
    StreamFailure { type_name, what, since: None, until: None }
}

/// Of a stream, before the SDK had exceptions of its own for it.
const fn before(type_name: &'static str, what: &'static str) -> StreamFailure {
    StreamFailure { type_name, what, since: None, until: Some(table::OWN_STREAM_FAILURES) }
}

const fn after(type_name: &'static str, what: &'static str) -> StreamFailure {
    StreamFailure { type_name, what, since: Some(table::OWN_STREAM_FAILURES), until: None }
}

const FAILURES: [StreamFailure; 12] = [
    before("APIConnectionError", "no answer, or the connection broke before the answer was complete"),
    after("APIConnectionError", "no answer, or the connection broke before the answer or the stream was complete"),
    before("APITimeoutError", "no answer came in time"),
    after("APITimeoutError", "a timeout before the answer or in the middle of the stream"),
    before("ReadError", "the connection was reset in the middle of the stream"),
    before("ReadTimeout", "a timeout in the middle of the stream"),
    before("DecodingError", "the compressed stream was damaged"),
    before("RemoteProtocolError", "the connection ended before the stream was complete"),
    after("RemoteProtocolError", "the connection ended before the body of an error was complete"),
    always("APIError", "the stream held an error"),
    always("JSONDecodeError", "the answer, or an event of the stream, was not JSON"),
    always("UnicodeDecodeError", "the answer, or an event of the stream, was not UTF-8"),
];

/// What happened to a call that raised an exception of this type, if the type is known to version `version`.
pub(super) fn explain(type_name: &str, version: SdkVersion) -> Option<&'static str> {
    let is_in = |failure: &&StreamFailure| {
        failure.since.is_none_or(|since| since <= version) && failure.until.is_none_or(|until| version < until)
    };
    let rows = || FAILURES.iter().filter(|failure| failure.type_name == type_name);
    // A file may name no version, or a wrong one.
    rows().find(is_in).or_else(|| rows().next()).map(|failure| failure.what)
}
