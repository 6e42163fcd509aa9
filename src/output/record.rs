//! `record` for people.

use std::io::{self, Write};

use crate::report::{Expected, PreflightNote, RecordReport, RecordResult, Skip, Status};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, plural, severity};
use super::wrap::command;

/// Writes what became of the requests, or the plan.
pub(super) fn write(out: &mut dyn Write, report: &RecordReport, verbosity: Verbosity) -> io::Result<()> {
    let worth_a_line = |result: &&RecordResult| match result.status {
        Status::Refused | Status::Planned => true,
        Status::Skipped => verbosity == Verbosity::Verbose || result.skip == Some(Skip::Impossible),
        Status::Written | Status::Unchanged => verbosity != Verbosity::Quiet,
    };
    let shown: Vec<&RecordResult> = report.results.iter().filter(worth_a_line).collect();
    for (at, result) in shown.iter().enumerate() {
        if result.status != Status::Refused {
            line(out, result)?;
            continue;
        }
        // Requests that are refused for the same reason are listed together, at the first of them, with the reason below.
        let is_alike = |other: &&&RecordResult| other.status == Status::Refused && other.reason == result.reason;
        if shown[..at].iter().any(|other| is_alike(&other)) {
            continue;
        }
        for alike in shown[at..].iter().filter(is_alike) {
            name(out, alike)?;
        }
        about(out, result)?;
    }
    for file in report.unreadable.iter().filter(|_| verbosity == Verbosity::Verbose) {
        writeln!(out, "{FAINT}skipped{FAINT:#}   {}\n          {}", clean(&file.path), clean(&file.reason))?;
    }
    if verbosity == Verbosity::Quiet {
        return report.stops().try_for_each(|note| preflight(out, note));
    }
    let (planned, foreign) = (report.count(Status::Planned), report.skipped(Skip::Foreign));
    let counts: Vec<String> = [
        (report.count(Status::Written), "written"),
        (report.count(Status::Unchanged), "unchanged"),
        (report.count(Status::Refused), "refused"),
        (report.count(Status::Skipped) - foreign, "skipped"),
        (foreign, "not Bedrock's"),
        (report.unreadable.len(), "no recording"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let bad = report.count(Status::Refused) + report.skipped(Skip::Impossible) + report.stops().count() > 0;
    let style = if bad { ERROR } else { GOOD };
    if let Some(plan) = &report.plan {
        expected(out, &plan.expected)?;
        plan.preflight.iter().try_for_each(|note| preflight(out, note))?;
        let others = counts.iter().map(|count| format!(", {count}")).collect::<String>();
        return writeln!(out, "{style}{} would be sent{others}{style:#}", plural(planned, "request"));
    }
    let none = if report.guarded.is_some() { "nothing was recorded" } else { "nothing to record" };
    let counts = if counts.is_empty() { none.to_owned() } else { counts.join(", ") };
    let interrupted = if report.interrupt.is_some() { "interrupted; " } else { "" };
    let usage = report.usage;
    let code = report.guarded.as_ref().map(|guarded| guarded.command_exit);
    let ended = code.map_or(String::new(), |code| format!("; the command ended with exit code {code}"));
    writeln!(
        out,
        "{style}{interrupted}{counts}{style:#}; {} prompt and {} completion tokens{ended}",
        usage.prompt_tokens, usage.completion_tokens
    )?;
    match &report.next {
        Some(next) => writeln!(out, "to resume: {STRONG}{}{STRONG:#}", command(&clean(next))),
        None => Ok(()),
    }
}

fn line(out: &mut dyn Write, result: &RecordResult) -> io::Result<()> {
    name(out, result)?;
    about(out, result)
}

/// What became of a request, and its name.
fn name(out: &mut dyn Write, result: &RecordResult) -> io::Result<()> {
    let (style, word) = match (result.status, result.skip) {
        (Status::Written, _) => (GOOD, "written"),
        (Status::Unchanged, _) => (FAINT, "unchanged"),
        (Status::Refused, _) => (ERROR, "refused"),
        (Status::Skipped, Some(Skip::Impossible)) => (ERROR, "skipped"),
        (Status::Skipped, _) => (FAINT, "skipped"),
        (Status::Planned, _) => (FAINT, "plan"),
    };
    // A refused request is named by its file if its test is not known.
    let unnamed = if result.status == Status::Refused { result.path.as_str() } else { "(no test)" };
    let name = result.test_id.as_deref().unwrap_or(unnamed);
    writeln!(out, "{style}{word:<9}{style:#} {}", clean(name))
}

/// The reason, or where the recording is.
fn about(out: &mut dyn Write, result: &RecordResult) -> io::Result<()> {
    match &result.reason {
        Some(reason) if result.status != Status::Planned => {
            // The line above has named the place where no test names the request.
            let place = format!("{}: ", result.path);
            let reason = if result.test_id.is_none() { reason.strip_prefix(&place).unwrap_or(reason) } else { reason };
            writeln!(out, "          {}", clean(reason))
        }
        _ => writeln!(out, "          {FAINT}{}{FAINT:#}", clean(&result.path)),
    }
}

/// What a plan says of calls, tokens and time.
fn expected(out: &mut dyn Write, expected: &Expected) -> io::Result<()> {
    if expected.calls == 0 {
        return Ok(());
    }
    let calls = plural(expected.calls, "call");
    let known = match expected.calls - expected.counted {
        0 => String::new(),
        others => format!(", with the mean of {} for {others} of them", expected.counted),
    };
    let tokens = match (expected.prompt_tokens, expected.completion_tokens) {
        (Some(prompt), Some(completion)) => {
            format!("{prompt} prompt and {completion} completion tokens, from the stored answers{known}")
        }
        _ => "an unknown number of tokens, as no stored answer has a count".to_owned(),
    };
    let time =
        if expected.seconds < 60 { format!("{} s", expected.seconds) } else { format!("{} min", expected.minutes) };
    let (concurrency, assumption) = (expected.concurrency, &expected.assumption);
    writeln!(out, "expected  {calls}, retries not counted; {tokens}; about {time} at --concurrency {concurrency}")?;
    writeln!(out, "          {FAINT}assumes {assumption}{FAINT:#}")
}

fn preflight(out: &mut dyn Write, note: &PreflightNote) -> io::Result<()> {
    let (style, word) = severity(note.severity);
    writeln!(out, "{style}{word:<9}{style:#} {}", clean(&note.message))
}
