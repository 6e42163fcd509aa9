//! Other programs: run with this terminal, run for what they print, and the environment they get.
//!
//! This room alone starts processes; git has a room of its own.

pub mod capture;
pub mod child_env;
mod signals;
pub mod supervise;
