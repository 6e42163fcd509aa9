//! Why a request has a recording or not, for people.

use std::io::{self, Write};

use crate::report::explain::ExplainReport;
use crate::report::{Miss, Near, RequestDifference};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, WARNING, plural};
use super::values::values;

/// How many places without a recording are shown: a key alone may be that of any test.
const PLACES: usize = 4;

/// How many differences are shown of one near recording.
const DIFFERENCES: usize = 5;

pub(super) fn write(out: &mut dyn Write, report: &ExplainReport, verbosity: Verbosity) -> io::Result<()> {
    if let Some(recordings) = &report.recordings {
        for recording in recordings {
            let test_id = clean(recording.test_id.as_deref().unwrap_or("(no test)"));
            writeln!(out, "{STRONG}{test_id}{STRONG:#}")?;
            writeln!(out, "  {}", clean(&recording.path))?;
            writeln!(out, "  {FAINT}{}{FAINT:#}", clean(&recording.answer))?;
        }
        return writeln!(out, "{}", plural(recordings.len(), "recording"));
    }
    if let Some(misses) = &report.missed {
        misses.iter().try_for_each(|miss| missed(out, miss))?;
        let count = misses.len();
        let requests = if count == 1 { "request has" } else { "requests have" };
        return writeln!(out, "{count} {requests} no recording");
    }
    if let Some(path) = &report.path {
        writeln!(out, "{STRONG}recording{STRONG:#} {}", clean(path))?;
    }
    if let Some(hashed) = &report.hashed {
        let counts = serde_json::from_str::<serde_json::Value>(hashed).is_ok_and(|hashed| !hashed["test_id"].is_null());
        let counts = if counts || report.test_id.is_none() { "" } else { ", which is not part of the key" };
        let test_id = clean(report.test_id.as_deref().unwrap_or("(no test)"));
        writeln!(out, "{STRONG}test{STRONG:#}      {test_id}{counts}")?;
        writeln!(out, "{STRONG}key{STRONG:#}       {}", report.key)?;
        match verbosity {
            Verbosity::Verbose => writeln!(out, "{STRONG}hashed{STRONG:#}    {}", clean(hashed))?,
            _ => writeln!(out, "{STRONG}hashed{STRONG:#}    {} bytes; --hashed prints them", hashed.len())?,
        }
    } else {
        writeln!(out, "{STRONG}key{STRONG:#}       {}", clean(&report.key))?;
    }
    looked_up(out, &report.looked_up, &report.found, "")?;
    for (path, answer) in report.found.iter().zip(&report.answers) {
        writeln!(out, "{GOOD}found{GOOD:#}     {}", clean(path))?;
        writeln!(out, "          {FAINT}{}{FAINT:#}", clean(answer))?;
    }
    if report.found.len() > 1 {
        writeln!(out, "          a replay merges these {} lists", report.found.len())?;
    }
    near(out, &report.nearest, "")?;
    cause(out, report.cause.as_deref(), "")
}

/// A request without a recording, of `replay-check`.
pub(super) fn missed(out: &mut dyn Write, miss: &Miss) -> io::Result<()> {
    writeln!(out, "{ERROR}missed{ERROR:#} {}", clean(miss.test_id.as_deref().unwrap_or("(no test)")))?;
    writeln!(out, "    no recording has the key {}", miss.key)?;
    looked_up(out, &miss.looked_up, &[], "    ")?;
    near(out, &miss.nearest, "    ")?;
    cause(out, miss.cause.as_deref(), "    ")
}

fn looked_up(out: &mut dyn Write, places: &[String], found: &[String], indent: &str) -> io::Result<()> {
    // The first hit ends the search, so the other places do not matter.
    let places = if found.is_empty() { places } else { &[] };
    let shown = if places.len() > PLACES { PLACES - 1 } else { places.len() };
    for place in &places[..shown] {
        writeln!(out, "{indent}{FAINT}nothing at{FAINT:#} {}", clean(place))?;
    }
    match places.len() - shown {
        0 => Ok(()),
        more => writeln!(out, "{indent}{FAINT}nor in{FAINT:#} {more} more folders; --format json lists them"),
    }
}

fn near(out: &mut dyn Write, nearest: &[Near], indent: &str) -> io::Result<()> {
    for near in nearest {
        writeln!(out, "{indent}near: {}", clean(&near.path))?;
        for RequestDifference { pointer, expected, found } in near.differences.iter().take(DIFFERENCES) {
            let (expected, found) = values(expected.as_ref(), found.as_ref());
            writeln!(out, "{indent}  {}: asked {expected}, recorded {found}", clean(pointer))?;
        }
        if near.differences.len() > DIFFERENCES {
            let more = plural(near.differences.len() - DIFFERENCES, "more difference");
            writeln!(out, "{indent}  and {more}")?;
        }
    }
    Ok(())
}

fn cause(out: &mut dyn Write, cause: Option<&str>, indent: &str) -> io::Result<()> {
    match cause {
        Some(cause) => writeln!(out, "{indent}{WARNING}cause{WARNING:#}: {}", clean(cause)),
        None => Ok(()),
    }
}
