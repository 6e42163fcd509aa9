//! What `doctor` says to people.

use std::io::{self, Write};

use crate::report::doctor::{Check, CheckStatus, DoctorReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, WARNING, plural};

/// Columns for the text of a check, beside its status. A word that is longer, such as a path, stays whole.
const WIDTH: usize = 72;

/// The lines of a text.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

pub(super) fn write(out: &mut dyn Write, report: &DoctorReport, verbosity: Verbosity) -> io::Result<()> {
    let is_shown = |check: &&Check| match check.status {
        CheckStatus::Fail => true,
        CheckStatus::Pass | CheckStatus::Unknown => verbosity > Verbosity::Quiet,
        CheckStatus::Skipped => verbosity == Verbosity::Verbose,
    };
    for check in report.checks.iter().filter(is_shown) {
        let (style, word) = match check.status {
            CheckStatus::Pass => (GOOD, "pass"),
            CheckStatus::Fail => (ERROR, "fail"),
            CheckStatus::Unknown => (WARNING, "unknown"),
            CheckStatus::Skipped => (FAINT, "skipped"),
        };
        let message = format!("{}: {}", check.name, clean(&check.message));
        for (index, line) in wrapped(&message).iter().enumerate() {
            match index {
                0 => writeln!(out, "{style}{word:<7}{style:#} {line}")?,
                _ => writeln!(out, "        {line}")?,
            }
        }
        for line in check.help.iter().flat_map(|help| wrapped(&clean(help))) {
            writeln!(out, "        {FAINT}{line}{FAINT:#}")?;
        }
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    let count = |status| report.count(status);
    let (failed, unknown) = (count(CheckStatus::Fail), count(CheckStatus::Unknown));
    let style = match (failed, unknown) {
        (0, 0) => GOOD,
        (0, _) => WARNING,
        _ => ERROR,
    };
    let unknown = if unknown > 0 { format!(", {unknown} could not be told") } else { String::new() };
    let skipped = match count(CheckStatus::Skipped) {
        0 => String::new(),
        skipped => format!("; {} not for this place", plural(skipped, "check")),
    };
    writeln!(out, "{style}{} passed, {failed} failed{unknown}{style:#}{skipped}", count(CheckStatus::Pass))
}
