//! `record`: ask an endpoint and store what the Python recorder would have stored.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::bedrock::endpoint::{Endpoint, Host, Target};
use crate::client::sandbox::Fault;
use crate::error::{Error, Result};
use crate::report::{RecordPlan, RecordReport, RecordResult, Report, Skip, Status};
use crate::store::Store;

use crate::context::Context;
use crate::jobs::cases::{self, Case};
use crate::jobs::guard;
use crate::jobs::recorder::keep::skipped;
use crate::jobs::recorder::preflight::{Checked, Need, Wanted};
use crate::jobs::recorder::run::Run;
use crate::jobs::recorder::target::Means;
use crate::jobs::recorder::{estimate, keep, preflight, queue, rerecord};

/// Ask Bedrock and store the answers as recordings
///
/// Use it to make recordings for new tests, and to make old ones again. Asks each request of the given cases, and of
/// the given recordings again, and writes one JSON file a request, exactly as the OGX recorder would. An answer that is
/// not complete is never stored: an error status, a cut stream or a page of HTML is refused and the old file stays. An
/// answer that differs from the stored one in noise only leaves it alone.
///
/// Before the first paid call the token, its region and its end are judged, and requests that Bedrock is known to refuse are
/// left out; --plan shows all of that and what the run is expected to take. When the token ends mid-run, another one is
/// asked for on a terminal; elsewhere the run ends and prints the command that goes on.
///
/// After `--`, the team's own recorder runs instead, as it is, and everything it changed in the store is judged by the
/// same rules: what is poisoned, cut, secret or noise is put back as it was, byte for byte.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "A case file has one JSON object a line:
  {\"test_id\": \"tests/test_chat.py::test_hello\", \"body\": {\"model\": \"openai.gpt-oss-20b-1:0\", \"messages\": [...]}}
It may name a \"url\" to record; without, it is the public one of the region.

Examples:
  bedrock-fixtures record --cases cases.jsonl --missing
  bedrock-fixtures record tests/integration/inference --test '*streaming*' --plan
  bedrock-fixtures record --sandbox --cases cases.jsonl --root /tmp/try
  bedrock-fixtures record -- uv run pytest test_chat.py --inference-mode=record")]
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
    /// Only requests whose key begins so; how a run that ended early is gone on with
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = key_start)]
    pub key: Vec<String>,
    /// Ask nothing; print what would be asked, what that is expected to take, and what would stop it
    #[arg(long)]
    pub plan: bool,
    /// Send the requests to this server instead of AWS; plain http only to this machine
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub endpoint_url: Option<String>,
    /// Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2; a recording that is asked again is
    /// asked in its own
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Ask bedrock-mantle instead of bedrock-runtime
    #[arg(long)]
    pub mantle: bool,
    /// Ask the built-in stand-in on this machine: no account, no token, no model. Without cases and PATHs it is asked the
    /// built-in cases, those of the shipped recordings/, and its status 400 to one of them is stored
    #[arg(long)]
    pub sandbox: bool,
    /// What the sandbox does wrong, one word a request in order of arrival, such as ok,throttle,cut
    #[arg(long, value_name = "FAULTS", requires = "sandbox", value_delimiter = ',', hide = true)]
    pub sandbox_faults: Vec<Fault>,
    /// Store replies with this HTTP status as the exception they raise
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(300..=599))]
    pub allow_status: Vec<u16>,
    /// Store answers that hold this text although it looks like a secret: the id that a refusal names
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub allow_secret: Vec<String>,
    /// Requests under way at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub concurrency: usize,
    /// Longest wait for the first byte of a reply, and between two pieces of it [default: 120 and 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Do not ask before paid calls; with --sandbox, replace real answers too
    #[arg(long)]
    pub yes: bool,
    /// A recorder to run instead of asking: with the token and the region in its environment and other providers' keys
    /// taken out of it. The whole root is guarded
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = [
        "paths", "cases", "test", "missing", "key", "plan", "endpoint_url", "mantle", "sandbox", "concurrency", "timeout",
    ])]
    pub command: Vec<OsString>,
}

impl RecordArgs {
    /// The sandbox without a source of its own asks what it knows.
    fn asks_built_in_cases(&self) -> bool {
        self.sandbox && self.cases.is_empty() && self.paths.is_empty()
    }

    /// Error statuses that are stored.
    pub(crate) fn allowed(&self) -> Vec<u16> {
        let own = self.asks_built_in_cases().then_some(cases::BUILT_IN_ALLOWS);
        self.allow_status.iter().copied().chain(own).collect()
    }
}

fn key_start(text: &str) -> std::result::Result<String, String> {
    let text = text.to_ascii_lowercase();
    let is_hex = (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { Ok(text) } else { Err("give the first 4 to 64 hex digits of a key".to_owned()) }
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

/// Records, and lets nothing out that a server may have repeated of the token: whatever a reply was turned into, a reason
/// or an error, passes here.
pub(super) fn record(context: &Context<'_>, store: &Store, args: &RecordArgs) -> Result<RecordReport> {
    let report = if args.command.is_empty() { ask(context, store, args) } else { guard::run(context, store, args) };
    let Some((_, token)) = context.environment.token().filter(|_| !args.sandbox) else { return report };
    let mut report = report.map_err(|error| Error::new(token.scrub(&error.to_string())))?;
    for text in report.results.iter_mut().filter_map(|result| result.reason.as_mut()).chain(&mut report.failure) {
        *text = token.scrub(text);
    }
    Ok(report)
}

fn ask(context: &Context<'_>, store: &Store, args: &RecordArgs) -> Result<RecordReport> {
    let (region, region_source) = context.environment.region(args.region.as_deref())?;
    let host = if args.mantle { Host::Mantle } else { Host::Runtime };
    let endpoint = Endpoint { host, region };
    let means = Means::of(context, args)?;
    let Selected { cases, order, mut report } = select(context, store, args, &endpoint, means.target())?;
    context.progress.note(&cases::regions(&cases, (&endpoint, region_source)));
    if cases.is_empty() && !args.plan {
        order.sort(&mut report.results);
        return Ok(report);
    }
    means.note(context);
    let expected = estimate::of(store, cases.iter(), args.concurrency);
    let places = means.target().map_or(vec![], |target| preflight::places(&cases, target, region_source));
    let checked = match &means {
        Means::Server(server) if !cases.is_empty() => {
            let lasts = Some(estimate::span(&expected));
            server.check(context, &Need { target: &server.target, places: &places, lasts })
        }
        _ => Checked::default(),
    };
    if args.plan {
        report.results.extend(cases.iter().map(|case| skipped(store, case, Skip::Planned, "would be asked")));
        report.plan = Some(RecordPlan { expected, preflight: checked.notes });
        order.sort(&mut report.results);
        return Ok(report);
    }
    if let Some(error) = checked.error() {
        return Err(Error::new(error));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let cases: Vec<_> = cases.into_iter().map(Arc::new).collect();
    let run = Run::prepare(context, store, args, (&means, places, checked.until), &cases, &runtime)?;
    checked.notes.iter().for_each(|note| context.progress.note(&format!("warning: {}", note.message)));
    let asked = runtime.block_on(queue::ask_all(&run, &cases));
    // A thread may still wait for the lock of another process; the answer that it holds was reported as not stored.
    runtime.shutdown_background();
    let asked = asked?;
    report.results.extend(asked.results);
    order.sort(&mut report.results);
    Ok(RecordReport { results: report.results, unreadable: report.unreadable, ..asked })
}

/// What was given.
struct Selected {
    /// The requests to ask.
    cases: Vec<Case>,
    /// Where each request stood.
    order: Order,
    /// Those that are not asked.
    report: RecordReport,
}

/// The order of the sources, by key.
struct Order(HashMap<String, usize>);

impl Order {
    fn of(cases: &[Case]) -> Self {
        Order(cases.iter().enumerate().map(|(place, case)| (case.key.to_string(), place)).collect())
    }

    /// What was no request comes first.
    fn sort(&self, results: &mut [RecordResult]) {
        results.sort_by_key(|result| self.0.get(&result.key));
    }
}

/// The requests to ask, and those that were given but are not asked.
fn select(
    context: &Context<'_>,
    store: &Store,
    args: &RecordArgs,
    endpoint: &Endpoint,
    target: Option<&Target>,
) -> Result<Selected> {
    let url = endpoint.recorded_url();
    let mut cases = cases::read(&context.cwd, &args.cases, &url)?;
    let mut selected = RecordReport::default();
    let results = &mut selected.results;
    if !args.paths.is_empty() {
        let again = rerecord::read(context, store, &args.paths)?;
        cases.extend(again.cases);
        results.extend(again.skipped);
        selected.unreadable = again.unreadable;
    } else if args.asks_built_in_cases() {
        cases = cases::parse("built-in cases", cases::BUILT_IN.as_bytes(), &url)?;
    } else if args.cases.is_empty() {
        return Err(Error::new("nothing to record")
            .hint("give case files with --cases, recordings to ask again, or --sandbox to try it without AWS"));
    }
    cases::once(&mut cases);
    let order = Order::of(&cases);
    if let Some(pattern) = &args.test {
        let selects = |test_id: Option<&str>| test_id.is_some_and(|test_id| cases::selects(pattern, test_id));
        cases.retain(|case| selects(case.call.test_id.as_deref()));
        results.retain(|result| selects(result.test_id.as_deref()));
        if cases.is_empty() {
            return Err(Error::new("no request has a test id like this").at(pattern).hint("check --test"));
        }
    }
    if !args.key.is_empty() {
        let selects = |key: &str| args.key.iter().any(|start| key.starts_with(start));
        cases.retain(|case| selects(&case.key.to_string()));
        results.retain(|result| selects(&result.key));
        if cases.is_empty() {
            return Err(Error::new("no request has a key like this").at(args.key.join(",")).hint("check --key"));
        }
    }
    if args.missing {
        cases.retain(|case| {
            let there = case.slot(store).is_settled();
            if there {
                results.push(skipped(store, case, Skip::Left, "already recorded"));
            }
            !there
        });
    }
    let region = args.region.as_ref().map(|_| &endpoint.region);
    let mut searched = HashMap::new();
    cases.retain(|case| {
        let folder = case.slot(store).file.folder();
        let why = searched.entry(folder.to_owned()).or_insert_with(|| store.not_searched(folder)).clone();
        let why = why.map(|why| format!("no command looks there: {why}; give a test id that leads elsewhere"));
        let is_looked_at = why.is_none();
        results.extend(why.map(|why| keep::result(store, case, Status::Refused, Some(why))));
        is_looked_at
    });
    let wanted = Wanted { region, mantle: args.mantle, target };
    let allowed = args.allowed();
    cases.retain(|case| {
        if let Some(why) = wanted.contradiction(case) {
            results.push(skipped(store, case, Skip::Impossible, why));
            return false;
        }
        let limitation = preflight::limitation(store, case, &allowed);
        let is_possible = limitation.is_none();
        results.extend(limitation.map(|why| keep::result(store, case, Status::Refused, Some(why))));
        is_possible
    });
    Ok(Selected { cases, order, report: selected })
}
