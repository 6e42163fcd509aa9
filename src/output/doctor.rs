//! What `doctor` says to people.

use std::io::{self, Write};

use crate::report::doctor::{Check, CheckStatus, DoctorReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, WARNING, plural};

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
        writeln!(out, "{style}{word:<7}{style:#} {}: {}", check.name, clean(&check.message))?;
        if let Some(help) = &check.help {
            writeln!(out, "        {FAINT}{}{FAINT:#}", clean(help))?;
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
    let unknown = if unknown > 0 { format!(", {unknown} unknown") } else { String::new() };
    let skipped = match count(CheckStatus::Skipped) {
        0 => String::new(),
        skipped => format!("; {} do not apply here", plural(skipped, "check")),
    };
    writeln!(out, "{style}{} passed, {failed} failed{unknown}{style:#}{skipped}", count(CheckStatus::Pass))
}
