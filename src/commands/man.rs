//! `man`: the manual, one page with every command and topic.

use std::io::Write as _;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::error::{Error, Result};
use crate::report::{PageReport, Report};

use super::topics::TOPICS;

/// Print the manual page
///
/// Use it to read the whole manual at once, or to package it: the page contains every command with its options and
/// examples, and the topics of `help`. The file completions/bedrock-fixtures.1 is its output.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures man | man -l -
  bedrock-fixtures man > ~/.local/share/man/man1/bedrock-fixtures.1")]
pub struct ManArgs {}

/// Writes the page for the whole command line.
pub fn run(whole: clap::Command) -> Result<Report> {
    let text = page(whole).map_err(|error| Error::io("cannot write", "the manual page", &error))?;
    Ok(Report::Page(PageReport { command: "man", text, styled: false }))
}

fn page(whole: clap::Command) -> std::io::Result<String> {
    let mut page = Vec::new();
    let commands: Vec<clap::Command> =
        whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let main = Man::new(whole.clone().disable_help_subcommand(true));
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_description_section(&mut page)?;
    main.render_options_section(&mut page)?;
    heading("SH", "COMMANDS").to_writer(&mut page)?;
    for command in commands {
        let name = format!("{} {}", whole.get_name(), command.get_name());
        // The global options stand in a section of their own.
        let command = command.bin_name(name).disable_help_flag(true).mut_arg("format", |arg| arg.hide(true));
        section(&mut page, command)?;
    }
    for topic in &TOPICS {
        heading("SH", &topic.name.to_uppercase()).to_writer(&mut page)?;
        page.write_all(preformatted(topic.text).as_bytes())?;
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn heading(level: &str, text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control(level, [text]);
    roff
}

/// One command: how it is called, what it is for, its own options, its examples.
fn section(page: &mut Vec<u8>, command: clap::Command) -> std::io::Result<()> {
    heading("SS", command.get_name()).to_writer(page)?;
    let after = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let man = Man::new(command);
    for render in [Man::render_synopsis_section, Man::render_description_section, Man::render_options_section] {
        let mut part = Vec::new();
        render(&man, &mut part)?;
        // A section of its own for each would tear the commands apart.
        let part = String::from_utf8_lossy(&part);
        let lines = part.lines().map(|line| if line.starts_with(".SH ") { ".PP" } else { line });
        lines.into_iter().try_for_each(|line| writeln!(page, "{line}"))?;
    }
    page.write_all(after.map(|text| preformatted(&text)).unwrap_or_default().as_bytes())
}

/// A text whose lines stay as they are; what ends in a colon at the margin is a heading.
fn preformatted(text: &str) -> String {
    let mut roff = Roff::new();
    roff.control("PP", []);
    roff.control("nf", []);
    for line in text.lines() {
        let is_heading = line.ends_with(':') && !line.starts_with(' ');
        roff.text([if is_heading { bold(line) } else { roman(line) }]);
    }
    roff.control("fi", []);
    roff.render()
}
