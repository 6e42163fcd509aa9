//! Printing: the only room that knows terminals. Data goes to standard output, everything else to standard error.

mod diff_text;
pub mod json;
mod markdown;
pub mod pager;
pub mod progress;
mod side_by_side;
pub mod text;
mod words;

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::report::Report;

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one object with `"schema": 1`.
    Json,
    /// For a comment on a pull request; of `diff`.
    Markdown,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn choice(self) -> ColorChoice {
        match self {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        }
    }
}

/// How much is printed for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Findings and errors.
    Quiet,
    /// And what was done.
    Normal,
    /// And every file and request.
    Verbose,
}

/// How and where a report is printed.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its form.
    pub format: Format,
    /// Colours.
    pub color: Color,
    /// How much.
    pub verbosity: Verbosity,
    /// What long reports are read with on a terminal.
    pub pager: Option<pager::Pager>,
}

/// Prints a report on standard output, or into a pager when that is a terminal and the report may be long.
pub fn print(report: &Report, paper: &Paper) -> io::Result<()> {
    let stdout = AutoStream::new(io::stdout().lock(), paper.color.choice());
    let colour = stdout.current_choice() != ColorChoice::Never;
    if let (Some(pager), Format::Text, Report::Diff(_), true) =
        (&paper.pager, paper.format, report, stdout.is_terminal())
    {
        drop(stdout);
        let choice = if colour { ColorChoice::AlwaysAnsi } else { ColorChoice::Never };
        let mut page = AutoStream::new(Vec::new(), choice);
        write(&mut page, report, paper, colour)?;
        let page = page.into_inner();
        if pager.show(&page)? {
            return Ok(());
        }
        return io::stdout().lock().write_all(&page);
    }
    let mut out = io::BufWriter::new(stdout);
    write(&mut out, report, paper, colour)?;
    out.flush()
}

fn write(out: &mut dyn Write, report: &Report, paper: &Paper, colour: bool) -> io::Result<()> {
    match (paper.format, report) {
        (Format::Json, _) => json::write(out, report),
        (Format::Markdown, Report::Diff(report)) => markdown::write(out, report),
        (Format::Text | Format::Markdown, _) => text::write(out, report, paper.verbosity, colour),
    }
}

/// Prints an error on standard error, in one line.
pub fn print_error(error: &dyn std::fmt::Display, color: Color) {
    let mut err = AutoStream::new(io::stderr().lock(), color.choice());
    let style = text::ERROR;
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(err, "{style}error{style:#}: {}", text::clean(&error.to_string()));
}
