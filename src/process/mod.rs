//! Other programs: run with this terminal, run for what they print, and the environment they get.
//!
//! This room alone starts processes; git has a room of its own.

pub mod capture;
pub mod child_env;
mod signals;
pub mod supervise;

/// Waits until this process must end: Ctrl-C, or a signal.
pub async fn asked_to_end() {
    match signals::Signals::new() {
        Ok(mut signals) => drop(signals.next().await),
        Err(_) => std::future::pending().await,
    }
}
