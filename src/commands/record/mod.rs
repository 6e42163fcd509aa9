//! `record`: ask an endpoint and store what the Python recorder would have stored.

pub mod cases;
pub mod judge;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::runtime::Runtime;

use crate::bedrock::client::Client;
use crate::bedrock::endpoint::{Endpoint, Host, Target};
use crate::bedrock::live::Live;
use crate::bedrock::sandbox::{Fault, Sandbox};
use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::recording::name::file_name;
use crate::recording::turn::Usage;
use crate::report::{Finding, RecordReport, RecordResult, Report, Severity, Status, TokenCounts};
use crate::secret::Secret;
use crate::store::stage::Promotion;
use crate::store::{RecordingFile, Store};

use super::Context;
use super::environment::{ENDPOINT_VARIABLE, TOKEN_VARIABLES};
use cases::Case;
use judge::{Refusal, is_noise, is_settled, judge};

/// Ask Bedrock and store the answers as recordings
///
/// Asks each request of the given cases, and of the given recordings again, and writes one JSON file a request, exactly
/// as the OGX recorder would. An answer that is not complete is never stored: an error status, a cut stream or a page of
/// HTML is refused and the old file stays. An answer that differs from the stored one in noise only leaves it alone.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "A case file has one JSON object a line:
  {\"test_id\": \"tests/test_chat.py::test_hello\", \"body\": {\"model\": \"openai.gpt-oss-20b-1:0\", \"messages\": [...]}}
It may name a \"url\" to record; without, it is the public one of the region.

Examples:
  bedrock-fixtures record --cases cases.jsonl --missing
  bedrock-fixtures record --sandbox --cases cases.jsonl --root /tmp/try")]
pub struct RecordArgs {
    /// Recordings, or folders of them, whose requests to ask again
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Requests to ask, JSON Lines; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Only requests whose test id contains PATTERN, or matches it when it has a `*`
    #[arg(long, value_name = "PATTERN")]
    pub test: Option<String>,
    /// Only requests that have no recording yet, or one of a passing failure such as 401 or 429
    #[arg(long)]
    pub missing: bool,
    /// Ask nothing; print what would be asked
    #[arg(long)]
    pub plan: bool,
    /// Send the requests to this server instead of AWS; plain http only to this machine
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub endpoint_url: Option<String>,
    /// Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Ask bedrock-mantle instead of bedrock-runtime
    #[arg(long)]
    pub mantle: bool,
    /// Ask the built-in stand-in on this machine: no account, no token, no model
    #[arg(long)]
    pub sandbox: bool,
    /// What the sandbox does wrong, one word a request in order of arrival, such as ok,throttle,cut
    #[arg(long, value_name = "FAULTS", requires = "sandbox", value_delimiter = ',', hide = true)]
    pub sandbox_faults: Vec<Fault>,
    /// Store replies with this HTTP status as the exception they raise
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(300..=599))]
    pub allow_status: Vec<u16>,
    /// Requests under way at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub concurrency: usize,
    /// Longest wait for the first byte of a reply
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Do not ask before paid calls
    #[arg(long)]
    pub yes: bool,
}

impl RecordArgs {
    /// The sandbox without a source of its own asks what it knows.
    fn asks_built_in_cases(&self) -> bool {
        self.sandbox && self.cases.is_empty() && self.paths.is_empty()
    }
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let valid = seconds > 0.0 && seconds <= 600.0;
    if valid { Ok(Duration::from_secs_f64(seconds)) } else { Err("give more than 0 and at most 600".to_owned()) }
}

/// Records the selected requests.
pub fn run(context: &Context<'_>, args: &RecordArgs) -> Result<Report> {
    let store = context.store(&args.paths)?;
    record(context, &store, args).map(Report::Record)
}

pub(super) fn record(context: &Context<'_>, store: &Store, args: &RecordArgs) -> Result<RecordReport> {
    let (region, region_source) = context.environment.region(args.region.as_deref())?;
    let host = if args.mantle { Host::Mantle } else { Host::Runtime };
    let endpoint = Endpoint { host, region };
    let (cases, mut results) = select(context, store, args, &endpoint)?;
    context.progress.note(&format!("region {} (from {region_source})", endpoint.region));
    if args.plan {
        let planned = |case| result(store, case, Status::Skipped, Some("would be asked".to_owned()));
        results.extend(cases.iter().map(planned));
        return Ok(RecordReport { results, plan: true, ..RecordReport::default() });
    }
    if cases.is_empty() {
        return Ok(RecordReport { results, ..RecordReport::default() });
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let run = Run::prepare(context, store, args, &cases, &runtime)?;
    let mut report = runtime.block_on(run.ask_all(&cases));
    results.append(&mut report.results);
    Ok(RecordReport { results, ..report })
}

/// The requests to ask, and those that were given but are not asked.
fn select(
    context: &Context<'_>,
    store: &Store,
    args: &RecordArgs,
    endpoint: &Endpoint,
) -> Result<(Vec<Case>, Vec<RecordResult>)> {
    let url = endpoint.recorded_url();
    let mut cases = cases::read(&context.cwd, &args.cases, &url)?;
    let mut results = Vec::new();
    if !args.paths.is_empty() {
        let (again, skipped) = cases::of_recordings(store, &context.cwd, &args.paths)?;
        cases.extend(again);
        results.extend(skipped.into_iter().map(|cases::Skipped { path, why }| RecordResult {
            test_id: None,
            key: String::new(),
            path,
            status: Status::Skipped,
            reason: Some(why),
        }));
    } else if args.asks_built_in_cases() {
        cases = cases::parse("built-in cases", cases::BUILT_IN.as_bytes(), &url)?;
    } else if args.cases.is_empty() {
        return Err(Error::new("nothing to record")
            .hint("give case files with --cases, recordings to ask again, or --sandbox to try it without AWS"));
    }
    cases::once(&mut cases);
    if let Some(pattern) = &args.test {
        cases.retain(|case| case.call.test_id.as_deref().is_some_and(|test_id| cases::selects(pattern, test_id)));
        if cases.is_empty() {
            return Err(Error::new("no request has a test id like this").at(pattern).hint("check --test"));
        }
    }
    if args.missing {
        cases.retain(|case| {
            let there = store.recording(case.key, case.test_id.as_ref()).is_some_and(|old| is_settled(&old));
            if there {
                results.push(result(store, case, Status::Skipped, Some("already recorded".to_owned())));
            }
            !there
        });
    }
    Ok((cases, results))
}

/// Everything that one run of asking needs.
struct Run<'a> {
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
    fn prepare(
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

    async fn ask_all(&self, cases: &[Case]) -> RecordReport {
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
        let findings = super::judge_bytes(self.store, &file, &bytes, false).findings;
        // An error that came this far was allowed by name.
        let breaks = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "transient-error";
        if let Some(finding) = findings.iter().find(breaks) {
            return Err(refusal(format!("the recording would break the rule {}: {}", finding.rule, finding.message)));
        }
        // Noise is no reason to write, a broken rule is.
        let keeps = |old: &[u8]| {
            let is_sound = || super::judge_bytes(self.store, &file, old, false).findings.is_empty();
            old == bytes || (is_sound() && Recording::parse(old).is_ok_and(|old| is_noise(&old, recording)))
        };
        match self.store.write(&folder, &name, &bytes, keeps) {
            Ok(Promotion::Written) => Ok(Status::Written),
            Ok(Promotion::Kept) => Ok(Status::Unchanged),
            Err(error) => Err(refusal(error.to_string())),
        }
    }
}

fn result(store: &Store, case: &Case, status: Status, reason: Option<String>) -> RecordResult {
    let key = case.key.to_string();
    let folder = store.layout().folder(case.test_id.as_ref());
    RecordResult { test_id: case.call.test_id.clone(), path: format!("{folder}/{key}.json"), key, status, reason }
}
