//! What became of changes that waited for a decision, for people.

use std::io::{self, Write};

use crate::report::review::{Decided, ReviewReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, plural};

pub(super) fn write(out: &mut dyn Write, report: &ReviewReport, verbosity: Verbosity) -> io::Result<()> {
    for (style, word, all) in [
        (GOOD, "accepted", &report.accepted),
        (ERROR, "rejected", &report.rejected),
        (STRONG, "waiting", &report.waiting),
    ] {
        // Noise is counted, not listed.
        let is_listed = |decided: &&Decided| verbosity == Verbosity::Verbose || !decided.class.is_quiet();
        for decided in all.iter().filter(is_listed) {
            let test = clean(decided.test_id.as_deref().unwrap_or("(no test)")).into_owned();
            writeln!(out, "{style}{word:<8}{style:#} {:<9} {test}", decided.class.name())?;
            writeln!(out, "         {FAINT}{}{FAINT:#}", clean(decided.path()))?;
        }
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    let waiting = report.waiting.len();
    let next = match (report.command, waiting, report.asked) {
        (_, 0, _) => "",
        ("reject", _, true) => "; nothing was changed; --yes restores them",
        _ => "; `diff` shows them, `bedrock-fixtures accept` and `reject --yes` decide",
    };
    let total = report.accepted.len() + report.rejected.len() + waiting;
    if total == 0 {
        return writeln!(out, "{GOOD}no changed recording waits for a decision{GOOD:#}");
    }
    writeln!(
        out,
        "{} accepted, {} rejected, {waiting} waiting{next}",
        plural(report.accepted.len(), "change"),
        report.rejected.len()
    )
}
