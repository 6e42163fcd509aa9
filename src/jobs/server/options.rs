//! The options of a server.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::jobs::recorder::options::RecordOptions;

use super::faults::FaultList;

/// Where answers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServeMode {
    /// Recordings only; no request goes upstream.
    #[default]
    Replay,
    /// Recordings, and upstream for requests without one.
    Missing,
    /// Upstream, once for each request of the run.
    Record,
    /// Upstream, each time; nothing is stored.
    Live,
}

impl ServeMode {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ServeMode::Replay => "replay",
            ServeMode::Missing => "missing",
            ServeMode::Record => "record",
            ServeMode::Live => "live",
        }
    }
}

/// How slowly answers are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServePace {
    /// Before the first byte.
    pub first_byte: Duration,
    /// Between the events of a stream.
    pub between: Duration,
}

/// The options of a server.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// Where answers come from.
    pub mode: ServeMode,
    /// The address to listen on; the loopback interface unless it is said.
    pub listen: Option<IpAddr>,
    /// The port; 0 for a free one.
    pub port: u16,
    /// A file with the port, from when the server listens until it ends.
    pub port_file: Option<PathBuf>,
    /// The test of requests that do not name one.
    pub test_id: Option<String>,
    /// A read log that gets the recordings that were read.
    pub reads_out: Option<PathBuf>,
    /// Whether the end of standard input ends the server.
    pub stdin_ends: bool,
    /// How slowly answers are sent.
    pub pace: ServePace,
    /// Faults of answers, by test and order.
    pub faults: Vec<FaultList>,
    /// How requests go upstream.
    pub record: RecordOptions,
    /// A command to run; the server ends when it does.
    pub command: Vec<OsString>,
}
