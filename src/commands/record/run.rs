//! One run of asking: who is asked, how many at a time, when it ends, and what is kept of the answers.

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::runtime::Runtime;

use crate::bedrock::client::Client;
use crate::bedrock::endpoint::{Endpoint, Target};
use crate::bedrock::live::Live;
use crate::bedrock::sandbox::Sandbox;
use crate::commands::Context;
use crate::commands::environment::{ENDPOINT_VARIABLE, TOKEN_VARIABLES};
use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::recording::name::file_name;
use crate::recording::turn::Usage;
use crate::report::{Finding, RecordReport, RecordResult, Severity, Status, TokenCounts};
use crate::secret::Secret;
use crate::store::stage::Promotion;
use crate::store::{RecordingFile, Store};

use super::RecordArgs;
use super::cases::{self, Case};
use super::judge::{Refusal, is_noise, judge};

/// Everything that one run of asking needs.
pub(super) struct Run<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    client: Client<Live>,
    token: Option<Secret>,
    allowed: Vec<u16>,
    concurrency: usize,
    /// Serves while it is alive.
    _sandbox: Option<Sandbox>,
}

/// What one request came to.
struct Asked {
    result: RecordResult,
    usage: Usage,
    refusal: Option<Refusal>,
}

impl<'a> Run<'a> {
    pub(super) fn prepare(
        context: &'a Context<'a>,
        store: &'a Store,
        args: &'a RecordArgs,
        cases: &[Case],
        runtime: &Runtime,
    ) -> Result<Self> {
        let named = args.endpoint_url.as_deref().or_else(|| context.environment.get(ENDPOINT_VARIABLE));
        let (target, token, sandbox) = if args.sandbox {
            context.progress.note("sandbox: a stand-in on this machine answers; no model is asked");
            let sandbox = runtime.block_on(Sandbox::start(args.sandbox_faults.clone()))?;
            (Target::other(&sandbox.url())?, Secret::new("sandbox"), Some(sandbox))
        } else {
            let target = named.map_or(Ok(Target::Aws), Target::other)?;
            let token = Self::token(context, &target)?;
            (target, token, None)
        };
        if target == Target::Aws {
            Self::confirm(context, args, cases)?;
        }
        let client = Client::new(Live::new(target, token.clone(), args.timeout.unwrap_or(Duration::from_secs(120)))?);
        let mut allowed = args.allow_status.clone();
        if args.asks_built_in_cases() {
            allowed.push(cases::BUILT_IN_ALLOWS);
        }
        Ok(Run { context, store, client, token, allowed, concurrency: args.concurrency, _sandbox: sandbox })
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

    fn confirm(context: &Context<'_>, args: &RecordArgs, cases: &[Case]) -> Result<()> {
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

    pub(super) async fn ask_all(&self, cases: &[Case]) -> RecordReport {
        let progress = self.context.progress;
        progress.begin("recording", cases.len());
        let mut done: Vec<Option<RecordResult>> = vec![None; cases.len()];
        let mut usage = Usage::default();
        let mut end = None;
        let mut answered = false;
        let mut interrupted = false;
        let ask = |(index, case)| self.ask(case).map(move |asked| (index, asked));
        let mut asking = stream::iter(cases.iter().enumerate()).map(ask).buffer_unordered(self.concurrency);
        let interrupt = tokio::signal::ctrl_c();
        tokio::pin!(interrupt);
        loop {
            let asked = tokio::select! {
                asked = asking.next() => asked,
                _ = &mut interrupt => {
                    interrupted = true;
                    None
                }
            };
            let Some((index, Asked { result, usage: counted, refusal })) = asked else { break };
            usage += counted;
            progress.step(&format!("{} + {} tokens", usage.prompt_tokens, usage.completion_tokens));
            done[index] = Some(result);
            answered |= !refusal.as_ref().is_some_and(|refusal| refusal.unreachable);
            if let Some(refusal) = refusal.filter(|refusal| refusal.ends_run) {
                end = Some(refusal);
                break;
            }
        }
        drop(asking);
        progress.end();
        let why = match (&end, interrupted) {
            (_, true) => "interrupted",
            (Some(_), _) => "not asked: the run ended early",
            (None, false) => "",
        };
        let skip = |case| result(self.store, case, Status::Skipped, Some(why.to_owned()));
        RecordReport {
            results: done.into_iter().zip(cases).map(|(done, case)| done.unwrap_or_else(|| skip(case))).collect(),
            usage: TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens },
            failure: end.filter(|refusal| refusal.unreachable && !answered).map(|refusal| refusal.reason),
            plan: false,
            interrupted,
        }
    }

    async fn ask(&self, case: &Case) -> Asked {
        let reply = self.client.exchange(&case.call).await;
        let old = self.store.recording(case.key, case.test_id.as_ref());
        let judged = judge(case, reply, &self.allowed, old.as_ref());
        let stored = judged.and_then(|(recording, usage)| Ok((self.store(case, &recording)?, usage)));
        match stored {
            Ok((status, usage)) => Asked { result: result(self.store, case, status, None), usage, refusal: None },
            Err(refusal) => Asked {
                result: result(self.store, case, Status::Refused, Some(refusal.reason.clone())),
                usage: Usage::default(),
                refusal: Some(refusal),
            },
        }
    }

    /// Writes a recording, if it passes the rules and is more than noise.
    fn store(&self, case: &Case, recording: &Recording) -> std::result::Result<Status, Refusal> {
        let refusal = |reason| Refusal { reason, ends_run: false, unreachable: false };
        let bytes = recording.to_bytes();
        if self.token.as_ref().is_some_and(|token| token.is_in(&bytes)) {
            return Err(refusal("the answer repeats the bearer token; nothing was stored".to_owned()));
        }
        let folder = self.store.layout().folder(case.test_id.as_ref());
        let name = file_name(recording);
        let file = RecordingFile { path: format!("{folder}/{name}") };
        let findings = crate::commands::judge_bytes(self.store, &file, &bytes, false).findings;
        // An error that came this far was allowed by name.
        let breaks = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "transient-error";
        if let Some(finding) = findings.iter().find(breaks) {
            return Err(refusal(format!("the recording would break the rule {}: {}", finding.rule, finding.message)));
        }
        // Noise is no reason to write, a broken rule is.
        let keeps = |old: &[u8]| {
            let is_sound = || crate::commands::judge_bytes(self.store, &file, old, false).findings.is_empty();
            old == bytes || (is_sound() && Recording::parse(old).is_ok_and(|old| is_noise(&old, recording)))
        };
        match self.store.write(&folder, &name, &bytes, keeps) {
            Ok(Promotion::Written) => Ok(Status::Written),
            Ok(Promotion::Kept) => Ok(Status::Unchanged),
            Err(error) => Err(refusal(error.to_string())),
        }
    }
}

pub(super) fn result(store: &Store, case: &Case, status: Status, reason: Option<String>) -> RecordResult {
    let key = case.key.to_string();
    let folder = store.layout().folder(case.test_id.as_ref());
    RecordResult { test_id: case.call.test_id.clone(), path: format!("{folder}/{key}.json"), key, status, reason }
}
