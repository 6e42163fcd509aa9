//! One run of asking: who is asked, how many at a time, and when it ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep_until};

use crate::bedrock::client::Client;
use crate::bedrock::endpoint::{Endpoint, Target};
use crate::bedrock::live::{Live, Patience};
use crate::bedrock::sandbox::Sandbox;
use crate::commands::Context;
use crate::commands::environment::{ENDPOINT_VARIABLE, TOKEN_VARIABLES};
use crate::error::{Error, Result};
use crate::recording::turn::Usage;
use crate::report::{Interrupt, RecordReport, RecordResult, Skip, TokenCounts};
use crate::secret::Secret;
use crate::store::stage::Prepared;
use crate::store::{RecordingFile, Store};

use super::RecordArgs;
use super::judge::Refusal;
use super::keep::{Asked, Keeper, place, skipped};
use crate::commands::cases::{self, Case};

/// How long calls under way may take to end once somebody wants the run to.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that one run of asking needs.
pub(super) struct Run<'a> {
    context: &'a Context<'a>,
    client: Client<Live>,
    keeper: Arc<Keeper>,
    concurrency: usize,
    /// Keeps the folders that are not yet in use.
    _prepared: Prepared,
    /// Serves while it is alive.
    _sandbox: Option<Sandbox>,
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
        args: &RecordArgs,
        cases: &[Arc<Case>],
        runtime: &Runtime,
    ) -> Result<Self> {
        let from_flag = args.endpoint_url.as_deref().map(|url| (url, "--endpoint-url"));
        let from_variable = || context.environment.get(ENDPOINT_VARIABLE).map(|url| (url, ENDPOINT_VARIABLE));
        let (target, token, sandbox) = if args.sandbox {
            context.progress.note("sandbox: a stand-in on this machine answers; no model is asked");
            let sandbox = runtime.block_on(Sandbox::start(args.sandbox_faults.clone()))?;
            // It wants a token, any token; this one is too short to be masked in what is shown.
            (Target::other(&sandbox.url())?, Secret::new("-"), Some(sandbox))
        } else {
            let target = match from_flag.or_else(from_variable) {
                Some((url, source)) => {
                    let target = Target::other(url)?;
                    context.progress.note(&format!("endpoint {url} (from {source})"));
                    target
                }
                None => Target::Aws,
            };
            let token = Self::token(context, &target)?;
            (target, token, None)
        };
        let places: Vec<RecordingFile> = cases.iter().map(|case| place(store, case)).collect();
        let prepared = store.make_ready(&places)?;
        if target == Target::Aws {
            Self::confirm(context, args, cases)?;
        }
        let client = Client::new(Live::new(target, token.clone(), Patience::of(args.timeout))?);
        let mut allowed = args.allow_status.clone();
        if args.asks_built_in_cases() {
            allowed.push(cases::BUILT_IN_ALLOWS);
        }
        let keeper = Arc::new(Keeper { store: store.clone(), token, allowed, invented: args.sandbox && !args.yes });
        Ok(Run { context, client, keeper, concurrency: args.concurrency, _prepared: prepared, _sandbox: sandbox })
    }

    fn token(context: &Context<'_>, target: &Target) -> Result<Option<Secret>> {
        match context.environment.token() {
            Some((name, token)) => {
                context.progress.note(&format!("token from {name}"));
                Ok(Some(token))
            }
            // A server on this machine that stands in for AWS need not check tokens.
            None if target.is_loopback() => Ok(None),
            None => Err(Error::new(format!("no bearer token: none of {} is set", TOKEN_VARIABLES.join(", ")))
                .hint("make an API key in the Bedrock console and export it, or try --sandbox, which needs none")),
        }
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
    pub(super) async fn ask_all(&self, cases: &[Arc<Case>]) -> RecordReport {
        let progress = self.context.progress;
        progress.begin("recording", cases.len());
        let mut done: Vec<Option<RecordResult>> = vec![None; cases.len()];
        let mut usage = Usage::default();
        let mut waiting = cases.iter().enumerate();
        let mut under_way = FuturesUnordered::new();
        let mut begun = 0;
        let mut stop = None;
        let mut interrupt = None;
        let mut answered = false;
        let mut signal = Box::pin(tokio::signal::ctrl_c());
        loop {
            while stop.is_none() && under_way.len() < self.concurrency {
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
        RecordReport {
            results: results.map(|(done, case)| done.unwrap_or_else(|| left(case))).collect(),
            usage: TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens },
            failure,
            interrupt,
            ..RecordReport::default()
        }
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
