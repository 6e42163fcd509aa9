//! Reports for people.

use std::io::{self, Write};

use crate::report::{DemoEdit, DemoReport, Finding, ReplayReport, Report, RuleRow, Severity, VerifyReport};

use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, WARNING, plural, severity};
use super::wrap::{Wrapped, command};
use super::{Verbosity, record, rekey};

/// Writes a report in lines of so many columns, or as long as they come.
pub fn write(
    out: &mut dyn Write,
    report: &Report,
    verbosity: Verbosity,
    colour: bool,
    columns: Option<usize>,
) -> io::Result<()> {
    match report {
        Report::Diff(report) => return super::diff_text::write(out, report, verbosity, colour, columns),
        // What programs and shells read keeps its lines, whatever the format.
        Report::Page(_) | Report::Hashed(_) | Report::Outline(_) => return lines(out, report, verbosity),
        Report::Serve(serve) if serve.command_exit.is_none() => return lines(out, report, verbosity),
        Report::MintToken(mint) if mint.token.is_some() => return lines(out, report, verbosity),
        _ => {}
    }
    let mut wrapped = Wrapped::new(out, columns);
    wrapped.shortens_keys = verbosity < Verbosity::Verbose;
    lines(&mut wrapped, report, verbosity)?;
    wrapped.finish()
}

fn lines(out: &mut dyn Write, report: &Report, verbosity: Verbosity) -> io::Result<()> {
    match report {
        // Diffs are laid out in columns of their own.
        Report::Diff(_) => Ok(()),
        Report::Outline(report) => report.lines.iter().try_for_each(|line| writeln!(out, "{}", clean(line))),
        Report::Verify(report) => verify(out, report, verbosity),
        Report::Review(report) => super::review::write(out, report, verbosity),
        Report::Serve(report) if report.command_exit.is_none() => super::json::write_serve(out, report),
        Report::Serve(report) => super::serve::write(out, report, verbosity),
        Report::Rules(rules) => rules.iter().try_for_each(|rule| self::rule(out, rule)),
        Report::Record(report) => record::write(out, report, verbosity),
        Report::ReplayCheck(report) => replay(out, report, verbosity),
        Report::Explain(report) => super::explain::write(out, report, verbosity),
        Report::Hashed(text) => out.write_all(text.as_bytes()),
        Report::Prune(report) => super::prune::write(out, report, verbosity),
        Report::Rekey(report) => rekey::write(out, report, verbosity),
        Report::VerifyToken(report) => super::token::verified(out, report, verbosity),
        Report::MintToken(report) => super::token::minted(out, report, verbosity),
        Report::Doctor(report) => super::doctor::write(out, report, verbosity),
        Report::Evidence(report) => super::evidence::write(out, report, verbosity),
        Report::Init(report) => super::init::write(out, report, verbosity),
        Report::Page(report) => out.write_all(report.text.as_bytes()),
        Report::Demo(report) => demo(out, report, verbosity),
    }
}

fn verify(out: &mut dyn Write, report: &VerifyReport, verbosity: Verbosity) -> io::Result<()> {
    for fixed in report.fixed.iter().filter(|_| verbosity > Verbosity::Quiet) {
        let rules: Vec<&str> = fixed.rules.iter().map(|rule| rule.as_str()).collect();
        writeln!(out, "{GOOD}fixed{GOOD:#} {}: {}", clean(&fixed.path), rules.join(", "))?;
    }
    let mut files = 0;
    for group in report.findings.chunk_by(|a, b| a.path == b.path) {
        files += 1;
        if files > 1 {
            writeln!(out)?;
        }
        writeln!(out, "{STRONG}{}{STRONG:#}", clean(&group[0].path))?;
        group.iter().try_for_each(|finding| self::finding(out, finding))?;
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if report.findings.is_empty() {
        return writeln!(out, "{GOOD}{} checked, nothing wrong{GOOD:#}", plural(report.checked, "recording"));
    }
    let warned = if warnings > 0 { format!(", {}", plural(warnings, "warning")) } else { String::new() };
    let style = if errors > 0 { ERROR } else { WARNING };
    let errors = plural(errors, "error");
    let checked = plural(report.checked, "recording");
    writeln!(out, "\n{style}{errors}{warned}{style:#} in {files} of {checked}")
}

fn rule(out: &mut dyn Write, rule: &RuleRow) -> io::Result<()> {
    let (style, word) = severity(rule.severity);
    writeln!(out, "{STRONG}{}{STRONG:#} {style}{word}{style:#}: {}", rule.rule, rule.what)?;
    writeln!(out, "    {}\n    {FAINT}{}{FAINT:#}", rule.why, rule.mend)
}

fn finding(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let (style, word) = severity(finding.severity);
    let place = if finding.pointer.is_empty() { String::new() } else { format!(" at {}", clean(&finding.pointer)) };
    writeln!(out, "  {style}{word}{style:#} {}{place}: {}", finding.rule, clean(&finding.message))?;
    writeln!(out, "    {FAINT}{}{FAINT:#}", clean(&finding.help))
}

fn replay(out: &mut dyn Write, report: &ReplayReport, verbosity: Verbosity) -> io::Result<()> {
    for failed in &report.failed {
        writeln!(out, "{ERROR}failed{ERROR:#} {}", clean(&failed.path))?;
        writeln!(out, "    {}", clean(&failed.reason))?;
    }
    report.missed.iter().try_for_each(|missed| super::explain::missed(out, missed))?;
    super::coverage::write(out, report, verbosity)?;
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    if let Some(watched) = &report.watched {
        return super::coverage::watched(out, report, watched);
    }
    let (failed, missed) = (report.failed.len(), report.missed.len());
    let bad = failed + missed + report.uncovered.as_ref().map_or(0, Vec::len) > 0;
    let style = if bad { ERROR } else { GOOD };
    let missed = if missed > 0 { format!(", {missed} missed") } else { String::new() };
    let coverage = super::coverage::counts(report);
    writeln!(
        out,
        "{style}{} replayed, {failed} failed{missed}{coverage}{style:#}; no network, no token",
        report.replayed
    )
}

fn demo(out: &mut dyn Write, report: &DemoReport, verbosity: Verbosity) -> io::Result<()> {
    let step = |out: &mut dyn Write, line: &str| writeln!(out, "{STRONG}$ bedrock-fixtures {line}{STRONG:#}");
    step(out, "record --sandbox")?;
    record::write(out, &report.record, verbosity)?;
    writeln!(out)?;
    step(out, "verify")?;
    verify(out, &report.verify, verbosity)?;
    writeln!(out)?;
    step(out, "replay-check")?;
    replay(out, &report.replay, verbosity)?;
    writeln!(out)?;
    let DemoEdit { path, from, to, verify: caught } = &report.edit;
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    writeln!(out, "{STRONG}$ sed -i 's/{from}/{to}/' {}/*.json{STRONG:#}", clean(folder))?;
    step(out, "verify")?;
    verify(out, caught, verbosity)?;
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    writeln!(out, "\nnext, in your repository: {}", command("bedrock-fixtures init"))?;
    writeln!(out, "then: {}", command("bedrock-fixtures record --sandbox --cases cases.jsonl"))
}
