//! Printing: the only room that knows terminals. Data goes to standard output, everything else to standard error.

mod github;
pub mod json;
pub mod progress;
mod rekey;
mod sarif;
pub mod text;
pub mod token;

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
    /// For GitHub Actions: annotations (verify).
    Github,
    /// For code scanning: SARIF 2.1.0 (verify).
    Sarif,
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

/// Prints a report on standard output.
pub fn print(report: &Report, format: Format, color: Color, verbosity: Verbosity) -> io::Result<()> {
    let stdout = io::stdout().lock();
    if format == Format::Text {
        let mut out = io::BufWriter::new(AutoStream::new(stdout, color.choice()));
        text::write(&mut out, report, verbosity)?;
        return out.flush();
    }
    // What programs read goes out byte for byte: the stream for people drops control characters.
    let mut out = io::BufWriter::new(stdout);
    match (format, report) {
        (Format::Github, Report::Verify(report)) => github::write(&mut out, report)?,
        (Format::Sarif, Report::Verify(report)) => sarif::write(&mut out, report)?,
        _ => json::write(&mut out, report)?,
    }
    out.flush()
}

/// Prints an error on standard error, in one line.
pub fn print_error(error: &dyn std::fmt::Display, color: Color) {
    print_line(text::ERROR, "error", &error.to_string(), color);
}

/// Prints a warning on standard error, in one line.
pub fn print_warning(warning: &str, color: Color) {
    print_line(text::WARNING, "warning", warning, color);
}

fn print_line(style: anstyle::Style, word: &str, line: &str, color: Color) {
    let mut err = AutoStream::new(io::stderr().lock(), color.choice());
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(err, "{style}{word}{style:#}: {}", text::clean(line));
}

/// Whether a person reads standard output.
pub fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stdout())
}
