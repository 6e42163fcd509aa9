//! `serve`: the store behind a loopback server that speaks the endpoint's own protocol, for any language.
//!
//! One thread looks up requests and counts them (`worker`); HTTP is in front of it (`http`). Requests that go upstream
//! pass through the recorder and its gate, as in `record`.
//!
//! The control paths have JSON bodies. `PUT /-/test` with `{"test_id": …}` sets the test of requests that do not name
//! one; `null` or `DELETE /-/test` ends it and returns its receipt. `POST /-/passed` reports a passed test. `GET
//! /-/receipt`, with `?test_id=` for one test, returns the receipt. `GET /-/ready` answers once the server listens. A
//! request names its test by the path `/t/ID/openai/v1/…` (ID percent-encoded), by the header `x-test-id`, or by that
//! of OGX.

mod accept;
mod answer;
mod catalog;
mod counts;
mod faults;
mod http;
mod job;
mod lists;
mod message;
mod options;
mod repeats;
mod shared;
mod upstream;
mod wire;
mod worker;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::ReadLog;
use crate::jobs::recorder::run::RecordRun;
use crate::jobs::recorder::target::RecordTarget;
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Program, StandardOutput, supervise};
use crate::recording::test_id::TestId;
use crate::report::{Report, ServeReport};
use crate::store::{self, Store, log, output, scratch_folder};

pub use faults::FaultList;
use faults::FaultPlan;
use job::Job;
pub use options::{ServeMode, ServeOptions, ServePace};
use repeats::Repeats;
use shared::{MOST_ASKED, Shared};
use worker::Worker;

/// How long the server waits for requests in flight when it ends.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Serves until a signal or the end of the command.
pub fn run(context: &Context<'_>, options: &ServeOptions) -> Result<Report> {
    let store = context.store(&[])?;
    if let Some(test_id) = &options.test_id {
        TestId::parse(test_id)
            .map_err(|why| Error::new(why.to_string()).at("--test-id").hint("give a pytest node id"))?;
    }
    // `::ffff:0.0.0.0` is a wildcard too.
    let ip = options.listen.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ip| ip.to_canonical());
    let address = SocketAddr::new(ip, options.port);
    if address.ip().is_unspecified() {
        return Err(Error::new("a wildcard address is not allowed").at(address.ip()).hint(
            "recordings, and with --mode record a paid account, would be open to the network; give one address",
        ));
    }
    if !address.ip().is_loopback() {
        context
            .progress
            .note(&format!("warning: {} can be reached from other machines, without a password", address.ip()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_stack_size(crate::recording::json::STACK)
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let listener = runtime
        .block_on(TcpListener::bind(address))
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)))
        .map_err(|error| Error::io("cannot listen", address, &error).hint("give another --port"));
    let (listener, address) = listener?;
    let reads = options.reads_out.as_ref().map(|path| log::open(&context.cwd.join(path))).transpose()?;
    let upstream = upstream(context, &store, options, &runtime)?;
    let repeats = Arc::new(Repeats::new(store.clone()));
    let worker = Worker::new(context, &store, options, Arc::clone(&repeats))?;
    let (jobs, received) = mpsc::channel();
    let ends = jobs.clone();
    let shared = Shared {
        jobs: Arc::new(Mutex::new(jobs)),
        mode: options.mode.name(),
        pace: options.pace,
        faults: FaultPlan::of(&options.faults),
        current: Arc::new(Mutex::new(options.test_id.clone())),
        repeats,
        keeps: options.mode != ServeMode::Live,
        asking: Arc::new(Semaphore::new(MOST_ASKED as usize)),
        asker: upstream.as_ref().map(|run| Arc::clone(&run.asker)),
    };
    // Before anyone is told that the server is ready. A command gets the signals itself; its end is the server's.
    let asked_to_end = options.command.is_empty().then(|| {
        let _inside = runtime.enter();
        crate::process::asked_to_end()
    });
    let port_file = options.port_file.as_ref().map(|path| context.cwd.join(path));
    if let Some(path) = &port_file {
        output::write(path, format!("{}\n", address.port()).as_bytes(), output::Readers::AsBefore)?;
    }
    let (report, command_exit) = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(crate::recording::json::STACK)
            .spawn_scoped(scope, move || worker.work(&received))
            .map_err(|error| Error::io("cannot start", "a thread", &error))?;
        let (ended, end) = oneshot::channel();
        let child = (!options.command.is_empty()).then(|| {
            scope.spawn(move || {
                let exit = command(context, options, address);
                let _ = ended.send(());
                exit
            })
        });
        let is_command = child.is_some();
        if !is_command {
            context.progress.data(&ready_line(address, options.mode));
        }
        let (stdin_ended, stdin) = oneshot::channel();
        if options.stdin_ends && !is_command {
            // Ends with the process, if not before.
            std::thread::spawn(move || {
                store::read_away_stdin();
                let _ = stdin_ended.send(());
            });
        } else {
            std::mem::forget(stdin_ended);
        }
        runtime.block_on(async {
            let end = until_end(end, stdin, asked_to_end);
            let asking = Arc::clone(&shared.asking);
            accept::serve(listener, http::router(shared), end).await;
            // A paid answer is kept, even if its client has disconnected.
            let _ = tokio::time::timeout(LAST_ANSWERS, asking.acquire_many(MOST_ASKED)).await;
        });
        // The worker may have ended already.
        let _ = ends.send(Job::End);
        let exit =
            child.map(|child| child.join().unwrap_or_else(|_| Err(Error::new("the command could not be watched"))));
        let report = worker.join().map_err(|_| Error::new("the server ended early"))?;
        Ok::<_, Error>((report, exit.transpose()?))
    })?;
    if let Some(path) = &port_file {
        output::remove(path);
    }
    if let (Some(reads), Some(path)) = (reads, &options.reads_out) {
        reads.append(results(&report, command_exit).iter().chain(&report.read))?;
        context.progress.note(&format!("{}: {} paths added", path.display(), report.read.len()));
    }
    Ok(Report::Serve(finished(report, command_exit)))
}

/// What a read log says of the tests. A test may have ended at a request that was missed.
fn results(report: &ServeReport, command_exit: Option<u8>) -> Vec<String> {
    let all_went_well = report.misses.is_empty() && command_exit.is_none_or(|code| code == 0);
    if report.passed.is_empty() && all_went_well { vec![] } else { ReadLog::comments(&report.passed, []) }
}

fn finished(report: ServeReport, command_exit: Option<u8>) -> ServeReport {
    let isolated = command_exit.map(|code| code == 0 && report.hits > 0 && report.misses.is_empty());
    let is_replay = report.mode == ServeMode::Replay.name();
    // A server without a command has a last line that is read by programs, whatever the size of the store.
    let never_read = if command_exit.is_some() { report.never_read } else { BTreeSet::new() };
    ServeReport { command_exit, isolated: isolated.filter(|_| is_replay), never_read, ..report }
}

fn ready_line(address: SocketAddr, mode: ServeMode) -> String {
    let ready = serde_json::json!({
        "schema": 1,
        "command": "serve",
        "base_url": base_url(address),
        "origin": format!("http://{address}"),
        "port": address.port(),
        "pid": std::process::id(),
        "mode": mode.name(),
    });
    ready.to_string()
}

fn base_url(address: SocketAddr) -> String {
    format!("http://{address}/openai/v1")
}

/// What asks upstream: the recorder, checked before anything is served.
fn upstream<'a>(
    context: &'a Context<'a>,
    store: &Store,
    options: &'a ServeOptions,
    runtime: &tokio::runtime::Runtime,
) -> Result<Option<RecordRun<'a>>> {
    if options.mode == ServeMode::Replay {
        return Ok(None);
    }
    let mut target = RecordTarget::of(context, &options.record)?;
    if let RecordTarget::Server(server) = &mut target {
        let (region, _) = context.environment.region(options.record.region.as_deref())?;
        server.mint(context, &options.record, &region)?;
    }
    target.note(context);
    RecordRun::prepare(context, store, &options.record, (&target, vec![], None), &[], runtime).map(Some)
}

/// Waits for the end: of the command, of standard input, or for a signal.
async fn until_end(
    command: oneshot::Receiver<()>,
    stdin: oneshot::Receiver<()>,
    asked: Option<impl Future<Output = ()>>,
) {
    let Some(asked) = asked else {
        let _ = command.await;
        return;
    };
    tokio::select! {
        _ = stdin => {}
        () = asked => {}
    }
}

/// Runs the command with the server in its environment.
fn command(context: &Context<'_>, options: &ServeOptions, address: SocketAddr) -> Result<u8> {
    let (region, _) = context.environment.region(options.record.region.as_deref())?;
    let (scratch, aside) = (scratch_folder()?, scratch_folder()?);
    let empty = aside.path().join("empty");
    output::write(&empty, b"", output::Readers::AsBefore)?;
    let child_env = ChildEnv::of_server(
        &context.environment,
        Some(&region),
        &empty,
        scratch.path(),
        &base_url(address),
        &format!("http://{address}"),
    );
    child_env.taken_out().iter().for_each(|text| context.progress.note(text));
    let program = Program {
        line: &options.command,
        folder: &context.cwd,
        set: child_env.set,
        unset: child_env.unset,
        stdout: StandardOutput::beside_report(context.stdout_is_data),
    };
    supervise(&program, &|text| context.progress.note(text)).map(|ended| ended.exit)
}
