//! What handlers ask of the worker, and what they get.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::jobs::cases::Case;
use crate::report::RecordResult;
use crate::report::serve::ServeReport;

use super::answer::Served;
use super::repeats::Hit;
use super::wire::WireRequest;

/// What a handler asks for.
pub(super) enum Job {
    /// A request of a client. The test is what the request says itself.
    Ask(HeldCall),
    /// An answer that came from upstream and was judged.
    Kept { result: RecordResult, request: WireRequest, path: String, reply: oneshot::Sender<Answered> },
    /// From now on, requests that name no test belong to this test; returns the receipt of the previous one.
    SetTest { test_id: Option<String>, reply: oneshot::Sender<ServeReport> },
    /// An answer came from upstream and is not kept.
    Live { test_id: Option<String> },
    /// A test passed.
    Passed { test_id: String },
    /// The receipt so far, of one test or of all.
    Receipt { test_id: Option<String>, reply: oneshot::Sender<ServeReport> },
    /// The end: nothing more is answered. An open connection keeps its handler, so the worker has to be told.
    End,
}

/// A request that waits for its answer.
pub(super) struct HeldCall {
    pub(super) request: WireRequest,
    pub(super) path: String,
    pub(super) test_id: Option<String>,
    /// If the store was read after this time, it has everything that the client can expect.
    pub(super) arrived: Instant,
    pub(super) reply: oneshot::Sender<Answered>,
}

/// What becomes of a request.
pub(super) enum Answered {
    /// It is answered; by which recording, if by one.
    Now { served: Served, hit: Option<Hit> },
    /// It has to be asked upstream.
    Upstream(Arc<Case>),
}
