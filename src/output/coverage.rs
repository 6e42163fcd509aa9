//! What `replay-check` says of tests and reads, for people.

use std::io::{self, Write};

use crate::report::{ReplayReport, WatchedCommand};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, plural};

/// One line each; a quiet report has only faults.
pub(super) fn write(out: &mut dyn Write, report: &ReplayReport, verbosity: Verbosity) -> io::Result<()> {
    for test_id in report.uncovered.iter().flatten() {
        writeln!(out, "{ERROR}uncovered{ERROR:#} {}", clean(test_id))?;
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    // A command that was watched is often one part of the tests.
    let lists_all = report.watched.is_none() || verbosity == Verbosity::Verbose;
    let unread = report.unread.as_ref().filter(|_| lists_all);
    for (word, paths) in [("untested", report.untested.as_ref()), ("unread", unread)] {
        for path in paths.into_iter().flatten() {
            writeln!(out, "{FAINT}{word:<9}{FAINT:#} {}", clean(path))?;
        }
    }
    Ok(())
}

/// The sums of a command that was watched.
pub(super) fn watched(out: &mut dyn Write, report: &ReplayReport, watched: &WatchedCommand) -> io::Result<()> {
    for path in &watched.changed {
        writeln!(out, "{ERROR}changed{ERROR:#}   {}", clean(path))?;
    }
    let read = match &watched.read {
        Some(read) => format!("{} read{}", plural(read.len(), "recording"), counts(report)),
        None => "it is not known what was read".to_owned(),
    };
    let bad = watched.command_exit != 0 || !watched.changed.is_empty() || watched.read_nothing();
    let (style, changed) = (if bad { ERROR } else { GOOD }, watched.changed.len());
    let changed = if changed > 0 { format!("{changed} changed") } else { "nothing changed".to_owned() };
    writeln!(out, "{style}{read}; {changed}; the command ended with exit code {}{style:#}", watched.command_exit)?;
    if watched.read_nothing() {
        writeln!(
            out,
            "the command did not open a recording below the root, so this run checked nothing. Are its tests skipped, \
             is --root wrong, or does the project not use OGX's recorder? `bedrock-fixtures help replaying` shows how \
             the tests of any Python project can read recordings"
        )?;
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
