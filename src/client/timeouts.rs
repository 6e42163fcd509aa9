//! How long a server may be silent.

use std::time::Duration;

/// How long a server may be silent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Before the first byte of a reply.
    pub first_byte: Duration,
    /// Between two pieces of one.
    pub idle: Duration,
}

impl Timeouts {
    /// What somebody asked for, or what is usual: a model may be slow to start, but not in the middle of a word.
    pub fn of(asked: Option<Duration>) -> Self {
        let seconds = |usual| asked.unwrap_or(Duration::from_secs(usual));
        Timeouts { first_byte: seconds(120), idle: seconds(60) }
    }
}
