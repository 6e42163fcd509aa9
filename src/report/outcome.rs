//! The meaning of exit codes.

/// The meaning of the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Clean,
    /// Exit code 1: findings, differences, misses, something not recorded or not done.
    Findings,
    /// Exit code 2: the work could not be done, though there is something to report.
    Failed,
    /// Exit code 130: a second Ctrl-C ended it at once.
    Interrupted,
    /// The exit code of a command that was run.
    Command(u8),
}
