//! What `verify-token` and `mint-token` say to people.

use std::io::{self, Write};

use crate::report::{MintReport, OnlineResult, TokenReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, WARNING};

/// Writes the verdict on a token.
pub fn verified(out: &mut dyn Write, report: &TokenReport, verbosity: Verbosity) -> io::Result<()> {
    let style = match (report.usable, report.verdict) {
        (false, _) => ERROR,
        (true, "well-formed") => GOOD,
        (true, _) => WARNING,
    };
    // An unusable key has one reason, which comes first.
    let mut notes = report.notes.iter().filter(|note| !note.warning).map(|note| clean(&note.text));
    let reason = if matches!(report.verdict, "malformed" | "absent") { notes.next() } else { None };
    let headline = reason.unwrap_or_else(|| headline(report).into());
    writeln!(out, "{style}{}{style:#}: {headline}", report.verdict)?;
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    let unknown = Some("unknown".to_owned());
    let is_short_term = report.verdict != "malformed" && report.kind == "short-term";
    let account = if is_short_term { report.account.as_ref().or(unknown.as_ref()) } else { report.account.as_ref() };
    let wanted = format!("{} (from {})", report.wanted_region, report.wanted_region_source);
    let rows = [
        ("source", report.source.as_ref()),
        ("region", report.region.as_ref()),
        ("wanted", Some(&wanted)),
        ("account", account),
        ("key id", report.access_key.as_ref()),
        ("issued", report.issued_at.as_ref()),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            writeln!(out, "  {name:<8} {}", clean(value))?;
        }
    }
    writeln!(out, "  {:<8} {}", "checked", report.checked_at)?;
    if let Some(online) = &report.online {
        let (style, word) = match online.result {
            OnlineResult::Accepted => (GOOD, "accepted"),
            OnlineResult::Rejected => (ERROR, "rejected"),
            OnlineResult::WrongRegion => (ERROR, "wrong region"),
            OnlineResult::Unasked => (WARNING, "could not be checked"),
        };
        let by = if online.origin.is_empty() { String::new() } else { format!(" by {}", clean(&online.origin)) };
        let by = if online.result == OnlineResult::Unasked { by.replace(" by ", ": ") } else { by };
        let reason = online.reason.as_ref().map_or(String::new(), |reason| format!(": {}", clean(reason)));
        writeln!(out, "  {:<8} {style}{word}{style:#}{by}{reason}", "online")?;
    }
    notes.try_for_each(|note| writeln!(out, "  {FAINT}{note}{FAINT:#}"))
}

fn headline(report: &TokenReport) -> String {
    let what = if report.kind == "long-term" { "a long-term key" } else { "a short-term key" };
    match (&report.expires_at, report.remaining_seconds) {
        (Some(end), Some(0)) => format!("{what}, ended {end}"),
        (Some(end), Some(left)) => format!("{what}, valid at most until {end} ({} left)", span(left)),
        _ => what.to_owned(),
    }
}

fn span(seconds: i64) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Writes a new token as it was asked for, or says where it was written.
pub fn minted(out: &mut dyn Write, report: &MintReport, verbosity: Verbosity) -> io::Result<()> {
    match (&report.token, &report.output) {
        (Some(token), _) => match report.export {
            Some(variable) => writeln!(out, "export {variable}={}", token.0),
            None => writeln!(out, "{}", token.0),
        },
        (None, Some(_)) if verbosity == Verbosity::Quiet => Ok(()),
        (None, path) => writeln!(out, "{GOOD}written{GOOD:#} {}", clean(path.as_deref().unwrap_or_default())),
    }
}
