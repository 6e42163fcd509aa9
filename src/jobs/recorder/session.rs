//! `record`: ask an endpoint and store what the Python recorder would have stored.

use crate::recording::sight::Sight;
use std::collections::HashMap;
use std::sync::Arc;

use crate::client::bedrock::endpoint::{Endpoint, Host, Target};
use crate::error::{Error, Result};
use crate::report::{PreflightNote, RecordPlan, RecordReport, RecordResult, Report, Skip, Status};
use crate::store::Store;

pub use super::options::RecordOptions;
use crate::context::Context;
use crate::jobs::cases::{self, BadCase, Case, Cases};
use crate::jobs::guard;
use crate::jobs::recorder::keep::skipped;
use crate::jobs::recorder::preflight::{Checked, Need, Wanted};
use crate::jobs::recorder::run::RecordRun;
use crate::jobs::recorder::target::RecordTarget;
use crate::jobs::recorder::{estimate, keep, preflight, queue, rerecord};

/// Records the selected requests.
pub fn run(context: &Context<'_>, options: &RecordOptions) -> Result<Report> {
    let store = context.store(&options.paths)?;
    record(context, &store, options).map(Report::Record)
}

/// Records, and masks the token in every reason and error, because a server may have repeated it.
pub(crate) fn record(context: &Context<'_>, store: &Store, options: &RecordOptions) -> Result<RecordReport> {
    let report =
        if options.command.is_empty() { ask(context, store, options) } else { guard::run(context, store, options) };
    let Some((_, token)) = context.environment.token().filter(|_| !options.sandbox) else { return report };
    let mut report = report.map_err(|error| error.scrubbed(|text| token.scrub(text)))?;
    for text in report.results.iter_mut().filter_map(|result| result.reason.as_mut()).chain(&mut report.failure) {
        *text = token.scrub(text);
    }
    Ok(report)
}

fn ask(context: &Context<'_>, store: &Store, options: &RecordOptions) -> Result<RecordReport> {
    let (region, region_source) = context.environment.region(options.region.as_deref())?;
    let host = if options.mantle { Host::Mantle } else { Host::Runtime };
    let endpoint = Endpoint::public(host, region);
    let mut target = RecordTarget::of(context, options)?;
    let Selected { cases, order, mut report, warnings } = select(context, store, options, &endpoint, target.target())?;
    context.progress.note(&cases::regions(&cases, (&endpoint, region_source)));
    if cases.is_empty() && !options.plan {
        order.sort(&mut report.results);
        return Ok(report);
    }
    target.note(context);
    let expected = estimate::expected(store, cases.iter(), options.concurrency);
    let places = target.target().map_or(vec![], |target| preflight::places(&cases, target, region_source));
    if let RecordTarget::Server(server) = &mut target
        && !cases.is_empty()
    {
        // A key works in one region: that of the first request. Those of others are named by the check.
        let region = places.first().map_or(&endpoint.region, |(place, _)| &place.region);
        server.mint(context, options, region)?;
    }
    let mut checked = match &target {
        RecordTarget::Server(server) if !cases.is_empty() => {
            let lasts = Some(estimate::span(&expected));
            server.check(context, &Need { target: &server.target, trust: &server.trust, places: &places, lasts })
        }
        _ => Checked::default(),
    };
    checked.notes.extend(warnings);
    if options.plan {
        report.results.extend(
            cases.iter().map(|case| keep::result(store, case, Status::Planned, Some("would be sent".to_owned()))),
        );
        report.plan = Some(RecordPlan { expected, preflight: checked.notes });
        order.sort(&mut report.results);
        return Ok(report);
    }
    if let Some(error) = checked.error() {
        return Err(Error::new(error));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_stack_size(crate::recording::json::STACK)
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let cases: Vec<_> = cases.into_iter().map(Arc::new).collect();
    let run = RecordRun::prepare(context, store, options, (&target, places, checked.until), &cases, &runtime)?;
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
    /// What is not known of those that are.
    warnings: Vec<PreflightNote>,
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

/// A line of a case file that cannot be asked. It has no key, and its place is that of the line.
fn bad_case(bad: BadCase) -> RecordResult {
    RecordResult {
        test_id: bad.test_id,
        key: String::new(),
        path: bad.source,
        status: Status::Refused,
        reason: Some(bad.error.to_string()),
        skip: None,
    }
}

/// The requests to ask, and those that were given but are not asked.
fn select(
    context: &Context<'_>,
    store: &Store,
    options: &RecordOptions,
    endpoint: &Endpoint,
    target: Option<&Target>,
) -> Result<Selected> {
    let url = endpoint.recorded_url();
    let Cases { good: mut cases, bad } = cases::read(&context.cwd, &options.cases, &url, store.key_rules())?;
    let mut selected = RecordReport::default();
    let results = &mut selected.results;
    results.extend(bad.into_iter().map(bad_case));
    if !options.paths.is_empty() {
        let again = rerecord::read(context, store, &options.paths)?;
        cases.extend(again.cases);
        results.extend(again.skipped);
        selected.unreadable = again.unreadable;
    } else if options.asks_built_in_cases() {
        cases = cases::parse("built-in cases", cases::BUILT_IN.as_bytes(), &url, store.key_rules())?.all()?;
    } else if options.cases.is_empty() {
        return Err(Error::new("nothing to record").hint(
            "give case files with --cases, paths of recordings to record again, or --sandbox to try it without AWS",
        ));
    }
    cases::once(&mut cases);
    let order = Order::of(&cases);
    if let Some(pattern) = &options.test {
        let selects = |test_id: Option<&str>| test_id.is_some_and(|test_id| cases::selects(pattern, test_id));
        cases.retain(|case| selects(case.call.test_id.as_deref()));
        // An invalid case may belong to any test.
        results.retain(|result| result.key.is_empty() || selects(result.test_id.as_deref()));
        if cases.is_empty() && results.is_empty() {
            return Err(Error::new("no request has such a test id").at(pattern).hint("check --test"));
        }
    }
    if !options.key.is_empty() {
        let selects = |key: &str| options.key.iter().any(|start| key.starts_with(start));
        cases.retain(|case| selects(&case.key.to_string()));
        results.retain(|result| result.key.is_empty() || selects(&result.key));
        if cases.is_empty() && results.is_empty() {
            return Err(Error::new("no request has such a key").at(options.key.join(",")).hint("check --key"));
        }
    }
    if options.missing {
        cases.retain(|case| {
            let slot = case.slot(store);
            let why = match slot.sight() {
                Some(Sight::LfsPointer | Sight::GitCrypt) => "recorded, but its content was not fetched",
                _ if slot.is_settled() => "already recorded",
                _ => return true,
            };
            results.push(skipped(store, case, Skip::Left, why));
            false
        });
    }
    let region = options.region.as_ref().map(|_| &endpoint.region);
    let mut searched = HashMap::new();
    cases.retain(|case| {
        let folder = case.slot(store).file.folder();
        let why = searched.entry(folder.to_owned()).or_insert_with(|| store.not_searched(folder)).clone();
        let why = why.map(|why| format!("no command looks in its folder: {why}; give a test id in another folder"));
        let is_looked_at = why.is_none();
        results.extend(why.map(|why| keep::result(store, case, Status::Refused, Some(why))));
        is_looked_at
    });
    cases.retain(|case| {
        let why = case.slot(store).hindrance(store);
        let may_be_written = why.is_none();
        results.extend(why.map(|why| keep::result(store, case, Status::Refused, Some(why.to_string()))));
        may_be_written
    });
    let wanted = Wanted { region, mantle: options.mantle, target };
    let allowed = options.allowed();
    let mut unknown = Vec::new();
    cases.retain(|case| {
        if let Some(why) = wanted.contradiction(case) {
            results.push(skipped(store, case, Skip::Impossible, why));
            return false;
        }
        if options.ask_anyway {
            return true;
        }
        let limitation = preflight::limitation(store, case, &allowed, &mut unknown);
        let is_possible = limitation.is_none();
        results.extend(limitation.map(|why| keep::result(store, case, Status::Refused, Some(why))));
        is_possible
    });
    unknown.sort();
    unknown.dedup();
    let warnings = unknown.into_iter().map(|what| preflight::warning(format!("{what}; the request is sent"))).collect();
    Ok(Selected { cases, order, report: selected, warnings })
}
