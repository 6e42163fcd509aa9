//! What `evidence collect` says to people.

use std::io::{self, Write};

use crate::report::evidence::{EvidenceReport, EvidenceRun, EvidenceStatus};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, WARNING, plural};

pub(super) fn write(out: &mut dyn Write, report: &EvidenceReport, verbosity: Verbosity) -> io::Result<()> {
    for run in &report.runs {
        if verbosity > Verbosity::Quiet || run.status == EvidenceStatus::Failed {
            write_run(out, run)?;
        }
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    let has_list = |run: &&EvidenceRun| run.list.is_some();
    writeln!(
        out,
        "evidence of {} in {}; next: bedrock-fixtures prune --evidence {}",
        plural(report.runs.iter().filter(has_list).count(), "run"),
        clean(&report.folder),
        clean(&report.folder)
    )
}

fn write_run(out: &mut dyn Write, run: &EvidenceRun) -> io::Result<()> {
    let (style, word) = match run.status {
        EvidenceStatus::Collected => (GOOD, "collected"),
        EvidenceStatus::Kept => (FAINT, "kept"),
        EvidenceStatus::Failed => (ERROR, "failed"),
        EvidenceStatus::Skipped => (WARNING, "skipped"),
    };
    let setup = run.setup.as_deref().unwrap_or("no setup");
    write!(out, "{style}{word:<9}{style:#} {}, {}, {}", clean(&run.suite), clean(setup), clean(&run.client))?;
    if run.list.is_some() {
        write!(out, ": {}", plural(run.tests, "test"))?;
    }
    if run.log.is_some() {
        let exit = run.exit.unwrap_or_default();
        write!(out, ", {} passed, {} read, exit code {exit}", run.passed, plural(run.read, "recording"))?;
    }
    writeln!(out)?;
    match &run.reason {
        Some(reason) => writeln!(out, "          {FAINT}{}{FAINT:#}", clean(reason)),
        None => Ok(()),
    }
}
