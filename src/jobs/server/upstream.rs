//! Requests upstream: a stream is passed on as it arrives, and the recording is stored once the stream is complete.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::client::call::{Failure, Reply};
use crate::client::tap::{StreamEvent, Tap};
use crate::jobs::cases::Case;
use crate::jobs::gate::Policy;
use crate::jobs::recorder::run::Asker;
use crate::recording::json::Value;

use super::answer::Served;
use super::job::{Answered, HeldCall, Job};
use super::shared::Shared;
use super::wire::WireRequest;

/// A complete answer, or one that is still arriving.
pub(super) enum Coming {
    Whole(Answered),
    Stream(Events),
}

/// The bytes of a stream as they come. A reply that breaks off breaks off here too.
pub(super) struct Events {
    first: Option<StreamEvent>,
    coming: UnboundedReceiver<StreamEvent>,
    /// The result for the complete answer. The end of the stream waits for it, so that a client that has read the
    /// stream finds the recording.
    whole: oneshot::Receiver<Option<Answered>>,
    has_ended: bool,
}

impl Stream for Events {
    type Item = std::io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let event = match self.first.take() {
                Some(first) => Some(first),
                None => ready!(self.coming.poll_recv(context)),
            };
            match event {
                Some(StreamEvent::Piece(piece)) => return Poll::Ready(Some(Ok(piece))),
                Some(StreamEvent::End) => self.has_ended = true,
                None => break,
            }
        }
        if !self.whole.is_terminated() {
            let _ = ready!(Pin::new(&mut self.whole).poll(context));
        }
        match self.has_ended {
            true => Poll::Ready(None),
            false => {
                // Said once.
                self.has_ended = true;
                Poll::Ready(Some(Err(std::io::Error::other("the reply of the endpoint was cut off"))))
            }
        }
    }
}

/// Sends a request upstream. It continues if the client disconnects: the answer is paid for, and other clients may wait
/// for it.
pub(super) async fn ask(
    shared: Shared,
    asker: Arc<Asker>,
    wire: WireRequest,
    path: String,
    test_id: Option<String>,
    arrived: Instant,
) -> Option<Coming> {
    let job = |reply| {
        let (request, path, test_id) = (wire.clone(), path.clone(), test_id.clone());
        Job::Ask(HeldCall { request, path, test_id, arrived, reply })
    };
    let case = match shared.ask(job).await? {
        Answered::Upstream(case) => case,
        answered => return Some(Coming::Whole(answered)),
    };
    let (tap, mut coming) = Tap::open();
    let (sender, mut whole) = oneshot::channel();
    let permit = Arc::clone(&shared.asking).acquire_owned().await;
    tokio::spawn(async move {
        let answered = match shared.keeps {
            true => {
                let kept = asker.ask_tapped(&case, tap).await;
                shared.ask(|reply| Job::Kept { result: kept.result, request: wire, path, reply }).await
            }
            false => {
                let reply = asker.exchange_tapped(&case.call, tap).await;
                let _ = shared.ask::<()>(|_| Job::Live { test_id: case.call.test_id.clone() }).await;
                Some(Answered::Now { served: live(&case, reply, &asker.gate.policy), hit: None })
            }
        };
        let _ = sender.send(answered);
        drop(permit);
    });
    tokio::select! {
        biased;
        first = coming.recv() => match first {
            Some(first) => Some(Coming::Stream(Events { first: Some(first), coming, whole, has_ended: false })),
            // No stream, or one that never began.
            None => whole.await.ok().flatten().map(Coming::Whole),
        },
        answered = &mut whole => answered.ok().flatten().map(Coming::Whole),
    }
}

/// A reply that is not kept, as it came. The client has no part in the token, so an error that repeats it does not.
fn live(case: &Case, reply: Result<Reply, Failure>, policy: &Policy) -> Served {
    match reply {
        Ok(Reply::Object(object)) => Served::json(200, &Value::Object(object)),
        Ok(Reply::Status { error, text }) => Served::verbatim(error.status, policy.scrubbed(&text)),
        Ok(_) => Served::error(502, "upstream_failed", "the endpoint answered with an empty stream"),
        Err(failure) => {
            Served::error(502, "upstream_failed", &policy.scrubbed(&format!("{}: {failure}", case.call.url)))
        }
    }
}
