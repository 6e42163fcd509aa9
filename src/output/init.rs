//! What `init` says to people.

use std::io::{self, Write};

use crate::report::init::{ChangeStatus, InitReport, SetupChange};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, plural};

pub(super) fn write(out: &mut dyn Write, report: &InitReport, verbosity: Verbosity) -> io::Result<()> {
    for change in &report.changes {
        let is_open = matches!(change.status, ChangeStatus::Planned | ChangeStatus::Refused | ChangeStatus::Skipped);
        if verbosity > Verbosity::Quiet || is_open {
            self::change(out, change, report.shown)?;
        }
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    // A plan with a question is one change and has no total.
    if let ([one], true) = (report.changes.as_slice(), report.next.is_empty() && !report.shown)
        && one.status == ChangeStatus::Planned
    {
        return Ok(());
    }
    let count = |status| report.count(status);
    let (planned, written) = (count(ChangeStatus::Planned), count(ChangeStatus::Written));
    if planned > 0 {
        writeln!(
            out,
            "{STRONG}{} to make{STRONG:#}; nothing was changed yet; --yes does it",
            plural(planned, "change")
        )?;
    } else if written > 0 {
        writeln!(out, "{GOOD}{} made{GOOD:#}", plural(written, "change"))?;
    } else if count(ChangeStatus::Refused) + count(ChangeStatus::Skipped) == 0 {
        writeln!(out, "{GOOD}nothing to do{GOOD:#}")?;
    }
    report.next.iter().try_for_each(|next| writeln!(out, "next: {}", clean(next)))
}

fn change(out: &mut dyn Write, change: &SetupChange, shown: bool) -> io::Result<()> {
    let place = change.path.as_deref().or(change.command.as_deref()).unwrap_or(change.name);
    let (style, word) = match change.status {
        ChangeStatus::Written => (GOOD, "written"),
        ChangeStatus::Planned => (STRONG, "plan"),
        ChangeStatus::Declined => (FAINT, "declined"),
        ChangeStatus::Unchanged => (FAINT, "unchanged"),
        ChangeStatus::Refused => (ERROR, "refused"),
        ChangeStatus::Skipped => (STRONG, "skipped"),
    };
    writeln!(out, "{style}{word:<9}{style:#} {}", clean(place))?;
    if let Some(reason) = &change.reason {
        writeln!(out, "          {FAINT}{}{FAINT:#}", clean(reason))?;
    }
    let is_news = matches!(change.status, ChangeStatus::Planned | ChangeStatus::Written);
    for line in change.diff.iter().filter(|_| is_news && !shown).flat_map(|diff| diff.lines()) {
        let is_head = line.starts_with("--- ") || line.starts_with("+++ ");
        let style = match line.chars().next().filter(|_| !is_head) {
            Some('+') => GOOD,
            Some('-') => ERROR,
            Some('@') => FAINT,
            _ => anstyle::Style::new(),
        };
        writeln!(out, "  {style}{}{style:#}", clean(line))?;
    }
    Ok(())
}
