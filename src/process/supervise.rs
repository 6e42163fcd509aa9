//! Another program, run with the terminal of this one: its input and output, its Ctrl-C.
//!
//! This process outlives the other one whatever signal comes, so that what has to be done afterwards is done.

use std::ffi::OsString;
use std::future::pending;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, sleep_until};

use super::signals::{self, Process, Signal};
use crate::error::{Error, Result};

/// How long a program may take to end after this process got a signal, and how long its own processes may then take. A
/// CI runner gives little more.
const GRACE: Duration = Duration::from_secs(2);

/// How often to check whether the processes that a program left behind have ended.
const LOOK: Duration = Duration::from_millis(20);

/// A program to run.
pub struct Program<'a> {
    /// Its name or path, and its arguments.
    pub line: &'a [OsString],
    /// The current folder.
    pub folder: &'a Path,
    /// Variables that are set in its environment. The values may be secrets: there is no `Debug`.
    pub set: Vec<(String, OsString)>,
    /// Variables that are removed from its environment.
    pub unset: Vec<String>,
    /// The target of its standard output.
    pub stdout: StandardOutput,
}

/// The target of the standard output of a program.
#[derive(Debug)]
pub enum StandardOutput {
    /// The standard output of this process.
    Inherited,
    /// To standard error, as something else is printed on standard output.
    ToStandardError,
    /// Into a file.
    ToFile(std::fs::File),
}

impl StandardOutput {
    /// Beside a report: to standard error if the report is data.
    pub fn beside_report(report_is_data: bool) -> Self {
        if report_is_data { StandardOutput::ToStandardError } else { StandardOutput::Inherited }
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its exit code, or 128 plus the signal that ended it.
    pub exit: u8,
    /// A signal asked this process to end while the program ran, so no further program should be started.
    pub by_signal: bool,
}

/// Runs a program to its end. `say` gets messages for the user.
///
/// The terminal sends an interrupt to the program too, so this process only waits for it. Other signals are passed on,
/// also to the processes that the program started. The third interrupt kills it, and so does, a little later, a signal
/// that ends this process.
pub fn supervise(program: &Program<'_>, say: &dyn Fn(&str)) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    runtime.block_on(run(program, say))
}

async fn run(program: &Program<'_>, say: &dyn Fn(&str)) -> Result<Ended> {
    let [name, args @ ..] = program.line else { return Err(Error::new("no command is given")) };
    let shown = name.display();
    let mut command = Command::new(name);
    command.args(args).current_dir(program.folder);
    for name in &program.unset {
        command.env_remove(name);
    }
    command.envs(program.set.iter().map(|(name, value)| (name, value)));
    match &program.stdout {
        StandardOutput::Inherited => {}
        StandardOutput::ToStandardError => _ = command.stdout(std::io::stderr()),
        StandardOutput::ToFile(file) => {
            let file =
                file.try_clone().map_err(|error| Error::io("cannot write", "the output of the command", &error))?;
            command.stdout(file);
        }
    }
    // Before the program starts: from here on a signal does not end this process.
    let mut signals = signals::Signals::new().map_err(|error| Error::io("cannot wait for", "signals", &error))?;
    let before = signals::adopt();
    let mut child = command.spawn().map_err(|error| {
        let error = Error::io("cannot run the command", &shown, &error);
        error.hint("check its name, and that it is on the PATH")
    })?;
    let mut told = Told::default();
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.map_err(|error| Error::io("cannot wait for", &shown, &error))?,
            signal = signals.next() => told.pass_on(signal, &mut child, say),
            () = until_then(told.deadline) => {
                say("the command did not end; killing it");
                told.kill(&mut child);
            }
        }
    };
    // Its processes may end later than itself, and still write.
    let started = || signals::below(std::process::id()).into_iter().filter(|process| !before.contains(process));
    let ends = Instant::now() + GRACE;
    while (told.any_lives() || started().next().is_some()) && Instant::now() < ends {
        sleep(LOOK).await;
    }
    told.processes.iter().for_each(|process| process.send(Signal::Kill));
    let left = started().filter(|process| !told.processes.contains(process)).count();
    if left > 0 {
        say(&format!(
            "{left} processes that the command started are still running: what they write from now on is not checked"
        ));
    }
    Ok(Ended { exit: exit_code(status), by_signal: told.signals > 0 })
}

/// What a program was told, and which processes there were then.
#[derive(Default)]
struct Told {
    signals: usize,
    interrupts: usize,
    deadline: Option<Instant>,
    processes: Vec<Process>,
}

impl Told {
    fn pass_on(&mut self, signal: Signal, child: &mut Child, say: &dyn Fn(&str)) {
        self.note_child(child);
        self.signals += 1;
        if matches!(signal, Signal::Interrupt | Signal::Quit) {
            self.interrupts += 1;
            match self.interrupts {
                1 => say("interrupted: waiting for the command to end, then checking what it wrote"),
                2 => say("interrupted again: the next Ctrl-C kills the command"),
                _ => return self.kill(child),
            }
            if signals::terminal_tells() {
                return;
            }
        } else {
            self.deadline.get_or_insert_with(|| Instant::now() + GRACE);
        }
        self.processes.iter().for_each(|process| process.send(signal));
    }

    fn kill(&mut self, child: &mut Child) {
        self.note_child(child);
        self.deadline = None;
        // It may have ended by now.
        let _ = child.start_kill();
        self.processes.iter().for_each(|process| process.send(Signal::Kill));
    }

    fn note_child(&mut self, child: &Child) {
        let Some(id) = child.id() else { return };
        for process in signals::below(id).into_iter().chain([Process::of(id)]) {
            if !self.processes.contains(&process) {
                self.processes.push(process);
            }
        }
    }

    fn any_lives(&self) -> bool {
        self.processes.iter().any(Process::lives)
    }
}

async fn until_then(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

#[cfg(unix)]
fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(not(unix))]
fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
