//! The plan of `prune`, or what came of it, for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::report::prune::{Deletion, PruneReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, WARNING, plural};
use super::wrap::command;

pub(super) fn write(out: &mut dyn Write, report: &PruneReport, verbosity: Verbosity) -> io::Result<()> {
    if !report.shown {
        if verbosity > Verbosity::Quiet {
            evidence(out, report)?;
        }
        plan(out, report, verbosity)?;
        refused(out, report)?;
    }
    for path in &report.deleted {
        let word = if report.quarantine.is_some() { "moved" } else { "deleted" };
        writeln!(out, "{word:<7} {}", clean(path))?;
    }
    if let Some(restore) = &report.restore {
        writeln!(out, "to restore them: {}", command(&clean(restore)))?;
    }
    if verbosity > Verbosity::Quiet { summary(out, report) } else { Ok(()) }
}

fn evidence(out: &mut dyn Write, report: &PruneReport) -> io::Result<()> {
    if let Some(tests) = &report.evidence.tests {
        let collected = plural(tests.collected, "test");
        writeln!(out, "{FAINT}{collected} collected, {} of them with a recording{FAINT:#}", tests.with_recording)?;
    }
    if let Some(reads) = &report.evidence.reads {
        let read = plural(reads.read, "recording");
        let results = if reads.results { "passed tests are known" } else { "passed tests are not known" };
        writeln!(out, "{FAINT}{read} read, {results}{FAINT:#}")?;
    }
    Ok(())
}

/// Files by what they have in common: their reasons, and those in words.
type Groups<'a> = BTreeMap<(&'a [&'static str], &'a [String]), Vec<&'a Deletion>>;

/// By test, and below it by what the files have in common.
fn plan(out: &mut dyn Write, report: &PruneReport, verbosity: Verbosity) -> io::Result<()> {
    let mut by_test: BTreeMap<Option<&str>, Groups<'_>> = BTreeMap::new();
    for deletion in &report.delete {
        let reasons = (deletion.reasons.as_slice(), deletion.because.as_slice());
        by_test.entry(deletion.test_id.as_deref()).or_default().entry(reasons).or_default().push(deletion);
    }
    for (test_id, groups) in by_test {
        let bytes: u64 = groups.values().flatten().map(|deletion| deletion.bytes).sum();
        let name = clean(test_id.unwrap_or("(no test)"));
        writeln!(out, "{STRONG}{name}{STRONG:#} {FAINT}{}{FAINT:#}", size(bytes))?;
        for ((reasons, because), deletions) in groups {
            writeln!(out, "  {WARNING}{}{WARNING:#}: {}", reasons.join(", "), clean(&because.join("; ")))?;
            // Deleted files are listed separately.
            if report.deleted.is_empty() || verbosity == Verbosity::Verbose {
                for deletion in deletions {
                    writeln!(out, "    {} {FAINT}{}{FAINT:#}", clean(&deletion.path), size(deletion.bytes))?;
                }
            }
        }
    }
    Ok(())
}

fn refused(out: &mut dyn Write, report: &PruneReport) -> io::Result<()> {
    for file in &report.refused {
        writeln!(out, "{WARNING}refused{WARNING:#} {}\n    {}", clean(&file.path), clean(&file.reason))?;
    }
    Ok(())
}

fn summary(out: &mut dyn Write, report: &PruneReport) -> io::Result<()> {
    let refused = match report.refused.len() {
        0 => String::new(),
        count => format!(", {count} refused"),
    };
    let kept = match (report.evidence.unproven, &report.evidence.reads) {
        (0, Some(_)) => format!("{} kept", report.kept),
        (0, None) => format!("{} kept; --reads finds those that no test reads", report.kept),
        (count, Some(_)) => {
            format!("{} kept, {count} of them unread but without proof that they are not needed", report.kept)
        }
        (count, None) => format!("{} kept, {count} of them shared: only --reads can judge them", report.kept),
    };
    if report.delete.is_empty() {
        let style = if report.refused.is_empty() { GOOD } else { ERROR };
        return writeln!(out, "{style}nothing to delete{style:#}, {kept}{refused}");
    }
    let total = format!("{}, {}", plural(report.delete.len(), "recording"), size(report.bytes()));
    let (verb, done) = if report.quarantine.is_some() { ("move", "moved") } else { ("delete", "deleted") };
    if report.failure.is_some() {
        let count = report.deleted.len();
        writeln!(out, "{ERROR}{count} of {} {done}{ERROR:#}, {kept}{refused}", report.delete.len())
    } else if report.is_done() {
        writeln!(out, "{GOOD}{total} {done}{GOOD:#}, {kept}{refused}")
    } else {
        let how = if report.shown { "nothing was changed" } else { "nothing was changed yet; --yes does it" };
        writeln!(out, "{STRONG}{total} to {verb}{STRONG:#}, {kept}{refused}; {how}")
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} KB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
