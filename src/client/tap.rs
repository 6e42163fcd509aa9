//! Who listens to a stream while it is read.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What happens to a stream while it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// The next bytes, before it is known how the stream ends.
    Piece(Vec<u8>),
    /// The endpoint ended the stream: it did not break off.
    End,
}

/// Gives the events of a stream away as they come. The default has no listener.
#[derive(Clone, Debug, Default)]
pub struct Tap(Option<UnboundedSender<StreamEvent>>);

impl Tap {
    /// A tap, and where its events arrive.
    pub fn open() -> (Self, UnboundedReceiver<StreamEvent>) {
        let (sender, receiver) = unbounded_channel();
        (Tap(Some(sender)), receiver)
    }

    /// Tells who listens. Nobody may listen any more; the reply is read all the same.
    pub(super) fn tell(&self, event: impl FnOnce() -> StreamEvent) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(event());
        }
    }
}
