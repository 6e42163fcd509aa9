//! One run of asking: who is asked, how many at a time, and when it ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep_until};

use crate::bedrock::client::{Client, Failure};
use crate::bedrock::endpoint::{Endpoint, Target};
use crate::bedrock::live::{Live, Patience};
use crate::bedrock::sandbox::Sandbox;
use crate::commands::Context;
use crate::error::{Error, Result};
use crate::recording::turn::Usage;
use crate::report::{Interrupt, RecordReport, RecordResult, Skip, TokenCounts};
use crate::secret::Secret;
use crate::store::stage::Prepared;
use crate::store::{RecordingFile, Store};

use super::RecordArgs;
use super::judge::Refusal;
use super::keep::{Asked, Keeper, place, skipped};
use super::means::Means;
use super::preflight::{self, Need};
use crate::commands::cases::Case;

/// How long calls under way may take to end once somebody wants the run to.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that one run of asking needs.
pub(super) struct Run<'a> {
    context: &'a Context<'a>,
    args: &'a RecordArgs,
    client: Client<Live>,
    keeper: Arc<Keeper>,
    target: Target,
    /// Where the token is from.
    source: &'a str,
    /// Who is asked, and what decided it.
    places: Vec<(Endpoint, &'static str)>,
    /// Keeps the folders that are not yet in use.
    _prepared: Prepared,
    /// Serves while it is alive.
    _sandbox: Option<Sandbox>,
}

/// What came of the questions that cost nothing.
enum Ready {
    /// The run may begin; when nobody said that the token is taken, with one request alone.
    Go { alone: bool },
    /// Nobody answers.
    Unreachable(Failure),
}

/// Why nothing more is asked.
enum Stop {
    /// No further request would fare better.
    Refused(Refusal),
    /// Somebody wants it to end.
    Interrupted {
        /// When calls that are still under way are given up.
        until: Instant,
    },
}

impl<'a> Run<'a> {
    pub(super) fn prepare(
        context: &'a Context<'a>,
        store: &Store,
        args: &'a RecordArgs,
        means: &Means,
        places: Vec<(Endpoint, &'static str)>,
        cases: &[Arc<Case>],
        runtime: &Runtime,
    ) -> Result<Self> {
        let (target, token, source, sandbox) = match means {
            Means::Sandbox => {
                let sandbox = runtime.block_on(Sandbox::start(args.sandbox_faults.clone()))?;
                // It wants a token, any token; this one is too short to be masked in what is shown.
                (Target::other(&sandbox.url())?, Secret::new("-"), "", Some(sandbox))
            }
            Means::Server(server) => {
                let source = server.token.as_ref().map_or("", |(source, _)| source);
                (server.target.clone(), server.token()?, source, None)
            }
        };
        let folders: Vec<RecordingFile> = cases.iter().map(|case| place(store, case)).collect();
        let prepared = store.make_ready(&folders)?;
        let client = Client::new(Live::new(target.clone(), token.clone(), Patience::of(args.timeout))?);
        let allowed = args.allowed();
        let keeper = Arc::new(Keeper { store: store.clone(), token, allowed, invented: args.sandbox && !args.yes });
        Ok(Run { context, args, client, keeper, target, source, places, _prepared: prepared, _sandbox: sandbox })
    }

    /// Asks what costs nothing, and then the person.
    async fn preflight(&self, cases: &[Arc<Case>]) -> Result<Ready> {
        if self._sandbox.is_some() {
            return Ok(Ready::Go { alone: false });
        }
        let need = Need { target: &self.target, places: &self.places, lasts: None };
        if let Err(failure) = preflight::reach(&need).await {
            return Ok(Ready::Unreachable(failure));
        }
        let mut alone = false;
        if self.target.is_aws()
            && let Some(token) = &self.keeper.token
        {
            alone = !preflight::is_taken(token, self.source, &need).await?;
        }
        if self.target == Target::Aws {
            Self::confirm(self.context, self.args, cases)?;
        }
        Ok(Ready::Go { alone })
    }

    fn confirm(context: &Context<'_>, args: &RecordArgs, cases: &[Arc<Case>]) -> Result<()> {
        for case in cases {
            if Endpoint::of_recorded_url(&case.call.url).is_none() {
                return Err(Error::new(format!("{} is no chat endpoint of Bedrock", case.call.url))
                    .at(&case.source)
                    .hint("give a server for it with --endpoint-url"));
            }
        }
        let question = format!("Ask Bedrock {} requests, which are paid for?", cases.len());
        match if args.yes { None } else { context.progress.confirm(&question) } {
            Some(false) => Err(Error::new("nothing was asked").hint("--yes asks without a question")),
            _ => Ok(()),
        }
    }

    /// Asks every case. Once the run is to end, nothing more is asked, but calls under way are paid for: they are waited
    /// for and stored.
    pub(super) async fn ask_all(&self, cases: &[Arc<Case>]) -> Result<RecordReport> {
        let progress = self.context.progress;
        let ready = self.preflight(cases).await?;
        progress.begin("recording", cases.len());
        let mut done: Vec<Option<RecordResult>> = vec![None; cases.len()];
        let mut usage = Usage::default();
        let mut waiting = cases.iter().enumerate();
        let mut under_way = FuturesUnordered::new();
        let mut begun = 0;
        let mut stop = None;
        let mut interrupt = None;
        let mut answered = false;
        let mut alone = false;
        match ready {
            Ready::Go { alone: first } => alone = first,
            // As if the first request had found out.
            Ready::Unreachable(failure) => {
                begun = 1;
                waiting.next();
                let asked = self.keeper.keep(&cases[0], Err(failure));
                done[0] = Some(asked.result);
                stop = asked.refusal.map(Stop::Refused);
            }
        }
        let mut signal = Box::pin(tokio::signal::ctrl_c());
        loop {
            let width = if alone { 1 } else { self.args.concurrency };
            while stop.is_none() && under_way.len() < width {
                let Some((index, case)) = waiting.next() else { break };
                begun = index + 1;
                under_way.push(self.ask(case).map(move |asked| (index, asked)));
            }
            if under_way.is_empty() {
                break;
            }
            let until = match &stop {
                Some(Stop::Interrupted { until }) => Some(*until),
                _ => None,
            };
            tokio::select! {
                Some((index, Asked { result, usage: counted, refusal })) = under_way.next() => {
                    usage += counted;
                    progress.step(&format!("{} + {} tokens", usage.prompt_tokens, usage.completion_tokens));
                    done[index] = Some(result);
                    alone = false;
                    answered |= !refusal.as_ref().is_some_and(|refusal| refusal.unreachable);
                    if let Some(refusal) = refusal.filter(|refusal| refusal.ends_run && stop.is_none()) {
                        stop = Some(Stop::Refused(refusal));
                    }
                }
                _ = &mut signal => {
                    signal = Box::pin(tokio::signal::ctrl_c());
                    if interrupt.replace(Interrupt::Once).is_some() {
                        interrupt = Some(Interrupt::Twice);
                        break;
                    }
                    progress.note("interrupted: calls under way are waited for; once more ends at once");
                    stop = Some(Stop::Interrupted { until: Instant::now() + PATIENCE });
                }
                () = until_then(until) => break,
            }
        }
        drop(under_way);
        progress.end();
        let left = |(index, case): (usize, &Arc<Case>)| {
            let why = match (&stop, index < begun) {
                (Some(Stop::Interrupted { .. }), true) => "interrupted while it was under way",
                (Some(Stop::Interrupted { .. }), false) => "interrupted before it was asked",
                _ => "not asked: the run ended early",
            };
            skipped(&self.keeper.store, case, Skip::Left, format!("{why}; --missing goes on from here"))
        };
        // What came in time was not interrupted.
        let interrupt = interrupt.filter(|_| done.iter().any(Option::is_none));
        let failure = match &stop {
            Some(Stop::Refused(refusal)) if refusal.unreachable && !answered => Some(refusal.reason.clone()),
            _ => None,
        };
        let results = done.into_iter().zip(cases.iter().enumerate());
        Ok(RecordReport {
            results: results.map(|(done, case)| done.unwrap_or_else(|| left(case))).collect(),
            usage: TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens },
            failure,
            interrupt,
            ..RecordReport::default()
        })
    }

    /// Asks for one case. What follows the answer may wait for a lock or a disk, so it does not hold up the others.
    async fn ask(&self, case: &Arc<Case>) -> Asked {
        let reply = self.client.exchange(&case.call).await;
        let keeper = Arc::clone(&self.keeper);
        let kept = {
            let case = Arc::clone(case);
            tokio::task::spawn_blocking(move || keeper.keep(&case, reply)).await
        };
        kept.unwrap_or_else(|error| {
            Asked::refused(&self.keeper.store, case, Refusal::of_this(format!("the answer was lost: {error}")))
        })
    }
}

/// Waits until then; without a time, for ever.
async fn until_then(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
