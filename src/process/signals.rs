//! Processes and the signals to them, as far as the system has them.

#[cfg(unix)]
pub(super) use unix::{Process, Signals, terminal_tells};

#[cfg(target_os = "linux")]
pub(super) use linux::{adopt, below};

#[cfg(target_os = "linux")]
use linux::ignored;

#[cfg(not(unix))]
pub(super) use elsewhere::{Process, Signals, terminal_tells};

#[cfg(not(target_os = "linux"))]
pub(super) use unknown::{adopt, below};

#[cfg(all(unix, not(target_os = "linux")))]
use unknown::ignored;

/// The signal for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-\.
    #[cfg_attr(not(unix), expect(dead_code))]
    Quit,
    /// To end.
    #[cfg_attr(not(unix), expect(dead_code))]
    Terminate,
    /// The terminal was closed.
    #[cfg_attr(not(unix), expect(dead_code))]
    HangUp,
    /// The end, at once.
    Kill,
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::future::poll_fn;
    use std::task::Poll;

    use rustix::process::{Pid, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use crate::process::signals::Signal;

    /// A process, told apart from a later one of the same number by when it began, where that can be known.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(in super::super) struct Process {
        pub(super) id: u32,
        pub(super) began: Option<u64>,
    }

    impl Process {
        pub(in super::super) fn send(&self, signal: Signal) {
            let number = match signal {
                Signal::Interrupt => rustix::process::Signal::INT,
                Signal::Quit => rustix::process::Signal::QUIT,
                Signal::Terminate => rustix::process::Signal::TERM,
                Signal::HangUp => rustix::process::Signal::HUP,
                Signal::Kill => rustix::process::Signal::KILL,
            };
            let pid = i32::try_from(self.id).ok().and_then(Pid::from_raw);
            if let Some(pid) = pid.filter(|_| self.is_there()) {
                // It may have ended by now.
                let _ = kill_process(pid, number);
            }
        }

        #[cfg(not(target_os = "linux"))]
        fn is_there(&self) -> bool {
            true
        }

        /// On other systems the answer is unknown and counts as no.
        #[cfg(not(target_os = "linux"))]
        pub(in super::super) fn lives(&self) -> bool {
            false
        }

        #[cfg(not(target_os = "linux"))]
        pub(in super::super) fn of(id: u32) -> Self {
            Process { id, began: None }
        }
    }

    /// Every signal that ends a program, caught from now on. An ignored signal stays ignored: a process started with
    /// `nohup` must continue.
    pub(in super::super) struct Signals(Vec<(Stream, Signal)>);

    impl Signals {
        pub(in super::super) fn new() -> std::io::Result<Self> {
            let ignored = crate::process::signals::ignored();
            let all = [
                (SignalKind::interrupt(), Signal::Interrupt),
                (SignalKind::quit(), Signal::Quit),
                (SignalKind::terminate(), Signal::Terminate),
                (SignalKind::hangup(), Signal::HangUp),
            ];
            let caught = all.into_iter().filter(|(kind, _)| ignored >> (kind.as_raw_value() - 1) & 1 == 0);
            let streams = caught.map(|(kind, told)| Ok((signal(kind)?, told)));
            streams.collect::<std::io::Result<Vec<_>>>().map(Signals)
        }

        pub(in super::super) async fn next(&mut self) -> Signal {
            poll_fn(|task| {
                let told = |(stream, told): &mut (Stream, Signal)| stream.poll_recv(task).is_ready().then_some(*told);
                self.0.iter_mut().find_map(told).map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }
    }

    /// Whether Ctrl-C on the terminal goes to the processes that this one starts too.
    pub(in super::super) fn terminal_tells() -> bool {
        let terminal = File::open("/dev/tty");
        terminal.is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use crate::process::signals::unix::Process;

    impl Process {
        pub(in super::super) fn of(id: u32) -> Self {
            Process { id, began: state_of(id).map(|state| state.began) }
        }

        /// Where that cannot be known, it is taken to be.
        pub(super) fn is_there(&self) -> bool {
            self.began.is_none() || state_of(self.id).is_some_and(|state| Some(state.began) == self.began)
        }

        pub(in super::super) fn lives(&self) -> bool {
            state_of(self.id).is_some_and(|state| Some(state.began) == self.began && !state.ended)
        }
    }

    struct State {
        parent: u32,
        began: u64,
        ended: bool,
    }

    /// `<id> (<name>) <state> <parent> …`; the name may hold anything.
    fn state_of(id: u32) -> Option<State> {
        let text = fs::read(format!("/proc/{id}/stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        let mut fields = text.rsplit_once(") ")?.1.split(' ');
        let ended = matches!(fields.next()?, "Z" | "X");
        let parent = fields.next()?.parse().ok()?;
        // The 22nd field of all, the 20th after the name.
        let began = fields.nth(17)?.parse().ok()?;
        Some(State { parent, began, ended })
    }

    /// The living processes that a process started, and that these started.
    pub(in super::super) fn below(id: u32) -> Vec<Process> {
        let ids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let mut all: Vec<(u32, State)> = ids.filter_map(|id| Some((id, state_of(id)?))).collect();
        let mut found = Vec::new();
        let mut parents = vec![id];
        while let Some(parent) = parents.pop() {
            all.retain(|(id, state)| {
                let is_child = state.parent == parent;
                if is_child {
                    parents.push(*id);
                    if !state.ended {
                        found.push(Process { id: *id, began: Some(state.began) });
                    }
                }
                !is_child
            });
        }
        found
    }

    /// The signals that this process ignores, a bit each.
    pub(super) fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// Makes processes that lose their parent children of this one, so that they can still be found. Returns the
    /// existing descendants.
    pub(in super::super) fn adopt() -> Vec<Process> {
        // Without it the processes are not waited for, but the rest still works.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        below(std::process::id())
    }
}

#[cfg(not(target_os = "linux"))]
mod unknown {
    use crate::process::signals::Process;

    #[cfg(unix)]
    pub(super) fn ignored() -> u64 {
        0
    }

    pub(in super::super) fn below(_: u32) -> Vec<Process> {
        vec![]
    }

    pub(in super::super) fn adopt() -> Vec<Process> {
        vec![]
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use crate::process::signals::Signal;

    /// A process. On systems without signals its console delivers the events.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(in super::super) struct Process;

    impl Process {
        pub(in super::super) fn of(_: u32) -> Self {
            Process
        }

        pub(in super::super) fn send(&self, _: Signal) {}

        pub(in super::super) fn lives(&self) -> bool {
            false
        }
    }

    /// Ctrl-C.
    pub(in super::super) struct Signals;

    impl Signals {
        pub(in super::super) fn new() -> std::io::Result<Self> {
            Ok(Signals)
        }

        pub(in super::super) async fn next(&mut self) -> Signal {
            match tokio::signal::ctrl_c().await {
                Ok(()) => Signal::Interrupt,
                Err(_) => std::future::pending().await,
            }
        }
    }

    pub(in super::super) fn terminal_tells() -> bool {
        true
    }
}
