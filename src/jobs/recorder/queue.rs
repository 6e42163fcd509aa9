//! Sends all cases: how many at a time, what ends the run, and which cases are then left.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::SignedDuration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::error::Result;
use crate::jobs::cases::Case;
use crate::recording::turn::Usage;
use crate::report::{Interrupt, RecordReport, RecordResult, Skip, Status, TokenCounts};
use crate::token::forms;

use super::estimate;
use super::judge::Refusal;
use super::keep::{AskedCase, skipped};
use super::resume::Resume;
use super::run::{Asker, Readiness, RecordRun};

/// How long calls in flight may take to finish after an interrupt.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many keys in a row are minted without an answer to any.
const MINTS_IN_VAIN: u32 = 3;

/// The prompt for another token.
const QUESTION: &str = "New token (not shown; an empty line ends the run)";

/// Why the run stops.
enum Stop {
    /// The token is not accepted; another one may be.
    Token(Refusal),
    /// Further requests would fail too.
    Refused(Refusal),
    /// An interrupt ends it.
    Interrupted {
        /// When calls that are still in flight are given up.
        until: Instant,
    },
}

/// A run in progress.
struct Asking<'r> {
    run: &'r RecordRun<'r>,
    cases: &'r [Arc<Case>],
    asker: Arc<Asker>,
    /// What became of each case.
    done: Vec<Option<RecordResult>>,
    /// How many of them were not stored, and how many were.
    refused: usize,
    kept: usize,
    /// Which cases are still to be asked.
    waiting: VecDeque<usize>,
    /// Which were asked, and not answered.
    under_way: Vec<bool>,
    /// Which were not answered because of the token, or of what else ended the run.
    again: Vec<usize>,
    usage: Usage,
    stop: Option<Stop>,
    interrupt: Option<Interrupt>,
    /// A server answered at least once.
    answered: bool,
    /// Requests go one at a time until the token is known to be accepted.
    alone: bool,
    /// How many requests were answered when a key was last minted, and how many keys were since without one.
    answered_at_mint: usize,
    mints_in_vain: u32,
}

/// Sends every case. When the run must end, no more requests are sent, but calls in flight are paid for: they finish
/// and are stored.
pub(crate) async fn ask_all(run: &RecordRun<'_>, cases: &[Arc<Case>]) -> Result<RecordReport> {
    let mut asking = Asking {
        run,
        cases,
        asker: Arc::clone(&run.asker),
        done: vec![None; cases.len()],
        refused: 0,
        kept: 0,
        waiting: (0..cases.len()).collect(),
        under_way: vec![false; cases.len()],
        again: vec![],
        usage: Usage::default(),
        stop: None,
        interrupt: None,
        answered: false,
        alone: false,
        answered_at_mint: 0,
        mints_in_vain: 0,
    };
    match run.preflight(cases).await? {
        Readiness::Go { alone } => asking.alone = alone,
        // As if the first request had found out.
        Readiness::Unreachable(failure) => {
            let first = asking.waiting.pop_front().unwrap_or(0);
            let asked = asking.asker.gate.keep(&cases[first], Err(failure));
            asking.settle(first, asked);
        }
    }
    asking.send_all().await;
    Ok(asking.report())
}

impl Asking<'_> {
    async fn send_all(&mut self) {
        let progress = self.run.context.progress;
        progress.begin("recording", self.waiting.len());
        let mut under_way = FuturesUnordered::new();
        let mut signal = Box::pin(tokio::signal::ctrl_c());
        loop {
            let width = if self.alone { 1 } else { self.run.options.concurrency };
            while self.stop.is_none() && under_way.len() < width {
                let Some(index) = self.waiting.pop_front() else { break };
                self.under_way[index] = true;
                let (asker, case) = (Arc::clone(&self.asker), Arc::clone(&self.cases[index]));
                under_way.push(async move { asker.ask(&case).await }.map(move |asked| (index, asked)));
            }
            if under_way.is_empty() {
                progress.end();
                if !matches!(self.stop, Some(Stop::Token(_))) || !self.renew().await {
                    break;
                }
                progress.begin("recording", self.waiting.len());
                continue;
            }
            let until = match &self.stop {
                Some(Stop::Interrupted { until }) => Some(*until),
                _ => None,
            };
            tokio::select! {
                Some((index, asked)) = under_way.next() => {
                    self.under_way[index] = false;
                    self.settle(index, asked);
                    progress.step(&self.standing());
                }
                _ = &mut signal => {
                    signal = Box::pin(tokio::signal::ctrl_c());
                    if self.interrupted() {
                        break;
                    }
                    progress.note("interrupted: finishing requests in flight; Ctrl-C again stops now");
                }
                () = until_then(until) => break,
            }
        }
        drop(under_way);
        progress.end();
    }

    /// Handles Ctrl-C; returns whether it must stop at once.
    fn interrupted(&mut self) -> bool {
        if self.interrupt.replace(Interrupt::Once).is_some() {
            self.interrupt = Some(Interrupt::Twice);
            return true;
        }
        self.stop = Some(Stop::Interrupted { until: Instant::now() + PATIENCE });
        false
    }

    /// Notes the outcome of a case.
    fn settle(&mut self, index: usize, mut asked: AskedCase) {
        // A server may repeat parts of the token.
        let reasons = asked.result.reason.iter_mut().chain(asked.refusal.iter_mut().map(|refusal| &mut refusal.reason));
        for reason in reasons {
            *reason = self.asker.gate.policy.scrubbed(reason);
        }
        self.usage += asked.usage;
        let counter = if asked.result.status == Status::Refused { &mut self.refused } else { &mut self.kept };
        *counter += 1;
        self.done[index] = Some(asked.result);
        self.alone = false;
        let refusal = asked.refusal;
        self.answered |= !refusal.as_ref().is_some_and(|refusal| refusal.unreachable);
        let Some(refusal) = refusal.filter(|refusal| refusal.ends_run) else { return };
        self.again.push(index);
        self.stop = match self.stop.take() {
            None if refusal.rejects_token => Some(Stop::Token(refusal)),
            None => Some(Stop::Refused(refusal)),
            // Where more is wrong than the token, another one would not help.
            Some(Stop::Token(_)) if !refusal.rejects_token => Some(Stop::Refused(refusal)),
            first => first,
        };
    }

    /// The progress of the run, in one line.
    fn standing(&self) -> String {
        let (done, refused) = (self.kept, self.refused);
        let left = self.done.len() - done - refused;
        let tokens = self.usage.prompt_tokens.saturating_add(self.usage.completion_tokens);
        format!("{done} done, {refused} refused, {left} left, {tokens} tokens")
    }

    /// Asks for another token on a terminal; returns whether the run continues. No call is in flight meanwhile.
    async fn renew(&mut self) -> bool {
        let Some(Stop::Token(refusal)) = &self.stop else { return false };
        let progress = self.run.context.progress;
        let mut about = format!("{}\n{}", refusal.reason, self.standing());
        if self.may_mint() {
            match self.run.mint_next(&self.asker).await {
                Some(Ok((asker, alone))) => {
                    (self.asker, self.alone) = (Arc::new(asker), alone);
                    self.ask_again();
                    return true;
                }
                Some(Err(error)) => {
                    let what = format!("no further key could be minted: {error}");
                    progress.note(&format!("warning: {what}"));
                    about = format!("{what}\n{}", self.standing());
                }
                None => {}
            }
        }
        let left: Vec<usize> = self.again.iter().copied().chain(self.waiting.iter().copied()).collect();
        loop {
            let (answer, answered) = oneshot::channel();
            let answer = move |text| drop(answer.send(text));
            if !progress.ask_secret(&about, QUESTION, Box::new(answer)) {
                return false;
            }
            let text = tokio::select! {
                text = answered => text.ok().flatten(),
                _ = tokio::signal::ctrl_c() => {
                    progress.withdraw();
                    self.interrupted();
                    None
                }
            };
            let Some(token) = text.as_deref().and_then(forms::secret) else { return false };
            let cases = left.iter().map(|index| &*self.cases[*index]);
            let expected = estimate::expected(&self.asker.gate.store, cases, self.run.options.concurrency);
            let lasts: SignedDuration = estimate::span(&expected);
            match self.run.renewed(&self.asker, token, lasts).await {
                Ok((asker, alone)) => {
                    (self.asker, self.alone) = (Arc::new(asker), alone);
                    break;
                }
                Err(error) => about = error.to_string(),
            }
        }
        self.ask_again();
        true
    }

    /// Whether minting once more may help: not when a minted key was rejected before anything was answered with it, twice.
    fn may_mint(&mut self) -> bool {
        let answered = self.kept + self.refused - self.again.len();
        if answered > self.answered_at_mint {
            (self.answered_at_mint, self.mints_in_vain) = (answered, 0);
        }
        self.mints_in_vain += 1;
        self.mints_in_vain <= MINTS_IN_VAIN
    }

    /// Resumes with another token. Requests that failed with the old one are sent first.
    fn ask_again(&mut self) {
        self.stop = None;
        self.refused -= self.again.len();
        self.again.sort_unstable();
        for index in self.again.drain(..).rev() {
            self.done[index] = None;
            self.waiting.push_front(index);
        }
    }

    fn report(mut self) -> RecordReport {
        // What came in time was not interrupted.
        let interrupt = self.interrupt.filter(|_| self.done.iter().any(Option::is_none));
        let failure = match &self.stop {
            Some(Stop::Refused(refusal)) if refusal.unreachable && !self.answered => Some(refusal.reason.clone()),
            _ => None,
        };
        self.again.extend((0..self.cases.len()).filter(|index| self.done[*index].is_none()));
        let store = &self.asker.gate.store;
        let left = self.again.iter().map(|index| &*self.cases[*index]);
        let resume = Resume::of(store, left);
        let results = self.done.iter().enumerate().map(|(index, done)| {
            let case = &self.cases[index];
            let why = match (&self.stop, self.under_way[index]) {
                (Some(Stop::Interrupted { .. }), true) => "interrupted while in flight",
                (Some(Stop::Interrupted { .. }), false) => "interrupted before it was sent",
                _ => "not sent: the run ended early",
            };
            let left = || skipped(store, case, Skip::Left, format!("{why}; {} resumes", resume.flag()));
            done.clone().unwrap_or_else(left)
        });
        let results = results.collect();
        RecordReport {
            results,
            usage: TokenCounts {
                prompt_tokens: self.usage.prompt_tokens,
                completion_tokens: self.usage.completion_tokens,
            },
            failure,
            interrupt,
            next: resume.command(self.run.context),
            ..RecordReport::default()
        }
    }
}

/// Waits until then; without a time, for ever.
async fn until_then(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
