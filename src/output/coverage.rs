//! What `replay-check` says of tests and reads, for people.

use std::io::{self, Write};

use crate::report::ReplayReport;

use super::Verbosity;
use super::text::{ERROR, FAINT, clean};

/// One line each; what is no fault is left out of a quiet report.
pub(super) fn write(out: &mut dyn Write, report: &ReplayReport, verbosity: Verbosity) -> io::Result<()> {
    for test_id in report.uncovered.iter().flatten() {
        writeln!(out, "{ERROR}uncovered{ERROR:#} {}", clean(test_id))?;
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    for (word, paths) in [("untested", &report.untested), ("unread", &report.unread)] {
        for path in paths.iter().flatten() {
            writeln!(out, "{FAINT}{word:<9}{FAINT:#} {}", clean(path))?;
        }
    }
    Ok(())
}

/// The end of the line of sums.
pub(super) fn counts(report: &ReplayReport) -> String {
    let count = |list: &Option<Vec<String>>, what: &str| {
        list.as_ref().map_or(String::new(), |list| format!(", {} {what}", list.len()))
    };
    let uncovered = match &report.uncovered {
        Some(tests) if tests.len() == 1 => ", 1 test without a recording".to_owned(),
        tests => count(tests, "tests without a recording"),
    };
    uncovered + &count(&report.untested, "without a collected test") + &count(&report.unread, "unread")
}
