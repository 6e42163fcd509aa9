//! What all handlers of a server share.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use crate::jobs::recorder::run::Asker;

use super::faults::FaultPlan;
use super::job::Job;
use super::options::ServePace;
use super::repeats::Repeats;

/// What all handlers share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) jobs: Arc<Mutex<Sender<Job>>>,
    pub(super) mode: &'static str,
    pub(super) pace: ServePace,
    pub(super) faults: FaultPlan,
    /// The test of requests that do not name one, as the worker has it.
    pub(super) current: Arc<Mutex<Option<String>>>,
    /// Requests that were answered before.
    pub(super) repeats: Arc<Repeats>,
    /// Asks upstream; none in a replay.
    pub(super) asker: Option<Arc<Asker>>,
    /// Answers from upstream are recorded.
    pub(super) keeps: bool,
    /// One permit for each call that is being asked upstream.
    pub(super) asking: Arc<Semaphore>,
}

/// Maximum concurrent calls upstream; further ones wait.
pub(super) const MOST_ASKED: u32 = 256;

impl Shared {
    /// Sends a job and waits for what comes back; nothing when the worker has ended.
    pub(super) async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job(reply)).ok()?;
        answer.await.ok()
    }
}
