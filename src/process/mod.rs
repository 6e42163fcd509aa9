//! Other programs: run with this terminal, run for what they print, and the environment they get.
//!
//! This room alone starts processes; git has a room of its own.

pub mod capture;
pub mod child_env;
mod signals;
pub mod supervise;

/// Lets the system write no memory of this process to disk when it dies, nor of those that it starts: there are keys in it.
pub fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
        // Where it cannot be set, nothing was asked of the system that it would do.
        let _ = setrlimit(Resource::Core, limit);
    }
}

/// Waits until this process must end: Ctrl-C, or a signal. From the call on, not only from when it is waited for, a signal
/// does not end the process by itself. It has to be called within an event loop.
pub fn asked_to_end() -> impl Future<Output = ()> {
    let signals = signals::Signals::new();
    async {
        match signals {
            Ok(mut signals) => drop(signals.next().await),
            Err(_) => std::future::pending().await,
        }
    }
}
