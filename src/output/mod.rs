//! Printing: the only room that knows terminals. Data goes to standard output, everything else to standard error.

#[cfg(test)]
mod contrast;
mod coverage;
mod diff_text;
mod doctor;
pub mod escape;
mod evidence;
mod explain;
mod github;
mod html;
mod init;
mod inline_diff;
pub mod json;
mod markdown;
pub mod pager;
mod palette;
pub mod progress;
mod prune;
mod record;
mod rekey;
mod review;
mod sarif;
mod serve;
mod short_keys;
mod side_by_side;
pub mod text;
pub mod token;
mod values;
mod wrap;

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::report::{RecorderRow, Report};

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
    /// For a comment on a pull request (diff).
    Markdown,
    /// One page to search and filter, without any network (diff).
    Html,
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
pub struct PrintOptions {
    /// Its form.
    pub format: Format,
    /// Colours.
    pub color: Color,
    /// How much.
    pub verbosity: Verbosity,
    /// What long reports are read with on a terminal.
    pub pager: Option<pager::Pager>,
    /// Columns of the text where standard output is not a terminal: the variable COLUMNS, else lines have any length.
    pub columns: Option<usize>,
    /// The recorder in force, for JSON.
    pub recorder: Option<RecorderRow>,
}

/// Prints a report on standard output, or into a pager when that is a terminal and the report may be long.
pub fn print(report: &Report, print_options: &PrintOptions) -> io::Result<()> {
    let stdout = AutoStream::new(io::stdout().lock(), print_options.color.choice());
    let colour = stdout.current_choice() != ColorChoice::Never;
    if let (Some(pager), Format::Text, Report::Diff(_), true) =
        (&print_options.pager, print_options.format, report, stdout.is_terminal())
    {
        drop(stdout);
        let choice = if colour { ColorChoice::AlwaysAnsi } else { ColorChoice::Never };
        let mut page = AutoStream::new(Vec::new(), choice);
        write(&mut page, report, print_options, colour)?;
        let page = page.into_inner();
        if pager.show(&page)? {
            return Ok(());
        }
        return io::stdout().lock().write_all(&page);
    }
    let is_script = matches!(report, Report::Page(page) if !page.styled);
    if print_options.format == Format::Text && !is_script {
        if !colour {
            // The stream passes on each piece between two styles by itself: that was a call of the system for each.
            let mut page = AutoStream::new(Vec::new(), ColorChoice::Never);
            write(&mut page, report, print_options, colour)?;
            let mut out = stdout.into_inner();
            out.write_all(&page.into_inner())?;
            return out.flush();
        }
        let mut out = io::BufWriter::new(stdout);
        write(&mut out, report, print_options, colour)?;
        return out.flush();
    }
    // What programs read goes out byte for byte: the stream for people drops control characters.
    let mut out = io::BufWriter::new(stdout.into_inner());
    write(&mut out, report, print_options, colour)?;
    out.flush()
}

/// A report as it would be printed, without colours: for a file.
pub fn render(report: &Report, print_options: &PrintOptions) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if print_options.format == Format::Text {
        let mut plain = AutoStream::new(Vec::new(), ColorChoice::Never);
        write(&mut plain, report, print_options, false)?;
        return Ok(plain.into_inner());
    }
    write(&mut bytes, report, print_options, false)?;
    Ok(bytes)
}

fn write(out: &mut dyn Write, report: &Report, print_options: &PrintOptions, colour: bool) -> io::Result<()> {
    match (print_options.format, report) {
        // Scripts and help are our own, and go out byte for byte.
        (Format::Text, Report::Page(_) | Report::Hashed(_)) => {
            text::write(out, report, print_options.verbosity, colour, None)
        }
        (Format::Text, _) => {
            let columns = wrap::stdout_columns().or(print_options.columns);
            by_lines(out, |out| text::write(out, report, print_options.verbosity, colour, columns))
        }
        (Format::Html, Report::Diff(report)) => html::write(out, report),
        (Format::Markdown, Report::Diff(report)) => by_lines(out, |out| markdown::write(out, report)),
        (Format::Github, Report::Verify(report)) => github::write(out, report),
        (Format::Sarif, Report::Verify(report)) => sarif::write(out, report),
        (Format::Json, _) => json::write(out, report, print_options.recorder.as_ref()),
        // Some flags, such as `verify --rules`, have another result than the rest of their command.
        (Format::Html | Format::Markdown | Format::Github | Format::Sarif, _) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this --format does not apply to the given flags; use text or json",
        )),
    }
}

/// Writes lines of which none starts a command of a CI system.
fn by_lines(out: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut lines = escape::CiLines::new(out);
    write(&mut lines)?;
    lines.into_inner().map(drop)
}

/// Prints an error on standard error, in one line.
pub fn print_error(error: &dyn std::fmt::Display, color: Color) {
    print_line(palette::ERROR, "error", &error.to_string(), color);
}

/// Prints a warning on standard error, in one line.
pub fn print_warning(warning: &str, color: Color) {
    print_line(palette::WARNING, "warning", warning, color);
}

fn print_line(style: anstyle::Style, word: &str, line: &str, color: Color) {
    let mut err = AutoStream::new(io::stderr().lock(), color.choice());
    // If standard error is closed, the message cannot be shown.
    let line = format!("{style}{word}{style:#}: {}", escape::clean(line));
    let _ = writeln!(err, "{}", wrap::message(&line, wrap::stderr_columns()));
}

/// Whether a person reads standard output.
pub fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stdout())
}
