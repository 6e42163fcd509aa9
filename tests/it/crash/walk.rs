//! Each call that changes the file system is where a run is killed, where the disk is full, and where it breaks.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use super::scenarios::Scenario;
use super::{Scene, is_long, is_possible, start};
use crate::support::TestEnv;

/// The calls by which the store changes a file system.
const CHANGES: &str = "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,\
                       symlinkat,chmod,fchmod,fchmodat,copy_file_range,sendfile,ftruncate";

/// What happens at a step.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill,
    Error(&'static str),
}

super::each_command!(super::walk::whatever_step_a_run_ends_at);

/// Nothing is lost, and the next run cleans up.
fn whatever_step_a_run_ends_at(scenario: &'static Scenario) {
    if !is_possible() {
        return;
    }
    let scene = Scene::of(scenario);
    let (steps, calls) = steps(&scene);
    assert!(!steps.is_empty(), "{}: no calls are seen", scenario.name);
    // The short form takes other steps of each fault and command.
    let stride = if is_long() { 1 } else { 13 };
    let (mut runs, mut left) = (0, 0);
    for (offset, fault) in [Fault::Kill, Fault::Error("ENOSPC"), Fault::Error("EIO")].into_iter().enumerate() {
        for step in steps.iter().skip(offset * (stride / 3)).step_by(stride) {
            if !step.may_fail && !matches!(fault, Fault::Kill) {
                continue;
            }
            scene.put_back();
            if strike(&scene.env, scenario, fault, step) {
                runs += 1;
                let what = format!("{}: {fault:?} at {} {}", scenario.name, step.call, step.number);
                left += usize::from(scene.check_end(&what, runs % 2 == 0));
            }
        }
    }
    eprintln!(
        "{}: {runs} runs of {} steps of {calls} calls; {left} left something, which the next run removed",
        scenario.name,
        steps.len()
    );
    assert!(runs > 0, "{}: no step was struck", scenario.name);
}

/// Runs the command under strace; what it says of the calls that change a file system, and what the command prints.
fn trace(env: &TestEnv, scenario: &Scenario, inject: Option<&str>) -> (String, String) {
    let log = env.root().join("../strace.log");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-o"]).arg(&log).arg(format!("--trace={CHANGES}"));
    command.args(inject.map(|inject| format!("--inject={inject}")));
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(scenario.args);
    let plain = env.command(&[]);
    command.current_dir(env.root()).env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = start(env, scenario, command).end();
    (std::fs::read_to_string(log).unwrap_or_default(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The n-th call of a name in some thread. strace counts in each thread and for each name by itself.
#[derive(Clone)]
struct CallStep {
    call: String,
    number: usize,
    /// It is one of a file, which may fail. What threads wake each other with does not.
    may_fail: bool,
}

/// The steps of a run, and how many calls it makes in all: where two threads make calls of one name, the later n-th call is
/// the same step as the earlier one.
fn steps(scene: &Scene) -> (Vec<CallStep>, usize) {
    scene.put_back();
    let (log, _) = trace(&scene.env, scene.scenario, None);
    let below = format!("<{}", scene.env.root().parent().unwrap().display());
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut steps: BTreeMap<(String, usize), bool> = BTreeMap::new();
    for (thread, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        // Another line says how a call went on that was interrupted in the log.
        if let Some((name, args)) =
            call.trim_start().split_once('(').filter(|(name, _)| !name.contains(['<', ' ', '+']))
        {
            let number = counts.entry((name, thread)).or_default();
            *number += 1;
            let is_of_file = !name.contains("write") || args.split(',').next().is_some_and(|fd| fd.contains(&below));
            let may_fail = steps.entry((name.to_owned(), *number)).or_insert(true);
            *may_fail &= is_of_file;
        }
    }
    let steps = steps.into_iter().map(|((call, number), may_fail)| CallStep { call, number, may_fail });
    (steps.collect(), counts.values().sum())
}

/// Runs the command with a fault at a step; whether it came so far.
fn strike(env: &TestEnv, scenario: &Scenario, fault: Fault, step: &CallStep) -> bool {
    let how = match fault {
        Fault::Kill => "signal=SIGKILL".to_owned(),
        Fault::Error(name) => format!("error={name}"),
    };
    let CallStep { call, number, .. } = step;
    let (log, said) = trace(env, scenario, Some(&format!("{call}:{how}:when={number}")));
    // Threads do not run in the same order each time, so now and then it is one of those calls that never fail.
    let is_panic = said.contains("panicked") && !said.contains("failed to wake I/O driver");
    assert!(!is_panic, "{}: {fault:?} at {call} {number}: {said}", scenario.name);
    log.contains("(INJECTED)") || log.contains("killed by SIGKILL")
}
