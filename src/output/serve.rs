//! What a server answered while a command ran, for people.

use std::io::{self, Write};

use crate::report::{ServeReport, Status};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, plural};

pub(super) fn write(out: &mut dyn Write, report: &ServeReport, verbosity: Verbosity) -> io::Result<()> {
    for miss in &report.misses {
        writeln!(out, "{ERROR}missed{ERROR:#}    {}", clean(miss.miss.test_id.as_deref().unwrap_or("(no test)")))?;
        writeln!(out, "          {}", clean(&miss.message))?;
    }
    for record in &report.recorded {
        let (style, word) = match record.status {
            Status::Refused => (ERROR, "refused"),
            Status::Written => (GOOD, "written"),
            _ => (FAINT, "unchanged"),
        };
        writeln!(out, "{style}{word:<9}{style:#} {}", clean(&record.path))?;
        if let Some(reason) = &record.reason {
            writeln!(out, "          {}", clean(reason))?;
        }
    }
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    if verbosity == Verbosity::Verbose {
        report.read.iter().try_for_each(|path| writeln!(out, "read      {}", clean(path)))?;
        report.never_read.iter().try_for_each(|path| writeln!(out, "unread    {}", clean(path)))?;
    }
    let code = report.command_exit.unwrap_or(0);
    let is_good = code == 0 && report.is_clean() && report.hits + report.recorded.len() > 0;
    let style = if is_good { GOOD } else { ERROR };
    let recorded =
        if report.recorded.is_empty() { String::new() } else { format!(", {} recorded", report.recorded.len()) };
    let isolated = if report.isolated == Some(true) { "; isolated: no request left this machine" } else { "" };
    writeln!(
        out,
        "{style}{} answered ({} repeated), {} missed{recorded}, {} unread; the command ended with exit code \
         {code}{isolated}{style:#}",
        plural(report.hits, "request"),
        report.repeats,
        report.misses.len(),
        plural(report.unread, "recording")
    )?;
    if report.hits + report.recorded.len() + report.misses.len() == 0 {
        writeln!(
            out,
            "the command sent no request to the server, so this run checked nothing: does its client read \
             OPENAI_BASE_URL?"
        )?;
    }
    Ok(())
}
