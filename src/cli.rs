//! The command line: arguments in, exit code out.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum as _};

use crate::commands::{
    completions, decide, demo, diff, doctor, evidence, explain, help, init, man, mint_token, prune, record, rekey,
    replay_check, schema, serve, topics, verify, verify_token,
};
use crate::context::{self, Context, Environment, Version};
use crate::error::Result;
use crate::jobs::compare;
use crate::jobs::in_force::{self, RecorderQuery, Settled, Which};
use crate::jobs::index;
use crate::output::pager::Pager;
use crate::output::progress::Terminal;
use crate::output::{self, Color, Format, PrintOptions, Verbosity};
use crate::report::diff::DiffReport;
use crate::report::{Outcome, Progress as _, Report};
use crate::settings::detect::{InForce, Unread};

/// Record, verify and replay test fixtures of Amazon Bedrock's OpenAI-compatible API
///
/// Recordings are the files of the OGX (llama-stack) recorder, byte for byte: one JSON file per request, named by a
/// hash of the request. The recorder replays the files of this tool, and this tool checks and explains the files of the
/// recorder.
#[derive(Parser, Debug)]
#[command(name = "bedrock-fixtures", version, max_term_width = 100, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
#[command(after_help = format!("Topics, for `bedrock-fixtures help TOPIC`:\n{}\n
Exit codes: 0 clean; 1 findings, misses, something refused or rejected; 2 the work could not be done.
In a repository: bedrock-fixtures init, then bedrock-fixtures doctor
Try it without AWS: bedrock-fixtures demo", topic_lines()))]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The tree that test ids are relative to, by default the git work tree or the current folder
    #[arg(long, value_name = "DIR", global = true)]
    root: Option<PathBuf>,
    /// The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or
    /// the recordings
    #[arg(long, value_name = "VERSION", global = true)]
    ogx: Option<Version>,
    /// The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX
    #[arg(long, value_name = "VERSION", global = true)]
    openai_sdk: Option<Version>,
    /// The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, global = true)]
    no_config: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    color: Color,
    /// Print findings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Show no progress bar
    #[arg(long, global = true)]
    no_progress: bool,
    /// Show no pager
    #[arg(long, global = true)]
    no_pager: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    Record(Box<record::RecordArgs>),
    Verify(verify::VerifyArgs),
    ReplayCheck(replay_check::ReplayCheckArgs),
    Serve(Box<serve::ServeArgs>),
    Explain(explain::ExplainArgs),
    Diff(diff::DiffArgs),
    Review(decide::ReviewArgs),
    Accept(decide::AcceptArgs),
    Reject(decide::RejectArgs),
    Rekey(rekey::RekeyArgs),
    Prune(prune::PruneArgs),
    Evidence(evidence::EvidenceArgs),
    VerifyToken(verify_token::VerifyTokenArgs),
    MintToken(mint_token::MintTokenArgs),
    Demo(demo::DemoArgs),
    Init(init::InitArgs),
    Doctor(doctor::DoctorArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Help(help::HelpArgs),
}

impl Command {
    /// Whether it runs even if the repository or its configuration is invalid.
    fn is_help(&self) -> bool {
        matches!(self, Command::Help(_) | Command::Schema(_) | Command::Completions(_) | Command::Man(_))
    }

    /// Whether it judges chosen recordings, for which all others need not be asked what recorded them.
    fn judges_few(&self) -> bool {
        matches!(self, Command::Verify(args) if args.chooses())
    }

    /// Whether it reads all recordings itself, which then need not be read before only for what recorded them.
    fn reads_all(&self) -> bool {
        matches!(self, Command::Verify(args) if args.reads_all())
    }

    /// Whether it works on the recordings of the root, which then show what recorded them.
    fn works_on_recordings(&self) -> bool {
        match self {
            Command::Diff(args) => args.textconv.is_none(),
            Command::VerifyToken(_) | Command::MintToken(_) | Command::Demo(_) => false,
            _ => !self.is_help(),
        }
    }
}

/// Whether a command prints this format. It has no wildcard, so a new format needs a decision here.
fn prints(command: &str, format: Format) -> bool {
    match format {
        Format::Text | Format::Json => true,
        Format::Github | Format::Sarif => command == "verify",
        Format::Markdown | Format::Html => command == "diff",
    }
}

fn formats_of(command: &str) -> Vec<clap::builder::PossibleValue> {
    let printed = Format::value_variants().iter().filter(|format| prints(command, **format));
    printed.filter_map(Format::to_possible_value).collect()
}

/// The parser of the command line: `--format` of each command accepts the formats of that command. This is done for the
/// commands that are `wanted`: for all of them it is a twenty-fifth of the instructions of `--version`.
fn parser(wanted: impl Fn(&str) -> bool) -> clap::Command {
    let whole = Cli::command();
    let Some(format) = whole.get_arguments().find(|arg| arg.get_id() == "format").cloned() else { return whole };
    whole.mut_subcommands(|command| {
        if !wanted(command.get_name()) {
            return command;
        }
        let values = PossibleValuesParser::new(formats_of(command.get_name()));
        command.arg(format.clone().value_parser(values.try_map(|name| Format::from_str(&name, false))))
    })
}

fn parse(args: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    let mut parser = parser(|name| args.iter().any(|arg| arg == name));
    let mut matches = parser.try_get_matches_from_mut(args)?;
    let command = matches.subcommand_name().unwrap_or_default().to_owned();
    let cli = Cli::from_arg_matches_mut(&mut matches)?;
    // Before the command's name any format parses.
    match (cli.global.format.to_possible_value(), parser.find_subcommand(&command)) {
        (Some(value), Some(subcommand)) if !prints(&command, cli.global.format) => {
            let allowed = formats_of(&command).iter().map(|value| value.get_name().to_owned()).collect();
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(subcommand);
            error.insert(ContextKind::InvalidArg, ContextValue::String("--format <FORMAT>".to_owned()));
            error.insert(ContextKind::InvalidValue, ContextValue::String(value.get_name().to_owned()));
            error.insert(ContextKind::ValidValue, ContextValue::Strings(allowed));
            Err(error)
        }
        _ => Ok(cli),
    }
}

fn topic_lines() -> String {
    let line = |topic: &topics::Topic| format!("  {:<17}{}", topic.name, topic.about);
    topics::TOPICS.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The whole command line: every command with its flags and texts.
pub fn command_line() -> clap::Command {
    let whole = parser(|_| true);
    let commands = whole.get_subcommands().map(|command| command.get_name().to_owned());
    let topics = topics::TOPICS.iter().map(|topic| topic.name.to_owned());
    let names: Vec<String> = commands.chain(topics).collect();
    // The arguments of `help`, for shells; for another argument `help` itself lists the possible ones.
    whole.mut_subcommand("help", |help| {
        help.mut_arg("name", |arg| arg.value_parser(PossibleValuesParser::new(names)).hide_possible_values(true))
    })
}

/// Runs one command and returns the exit code of the process. `program` is the file that runs, `now` the time of the clock.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (String, String)>,
    cwd: std::io::Result<PathBuf>,
    program: Option<PathBuf>,
    now: jiff::Timestamp,
) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut environment = variables.into_iter().collect::<Environment>();
    if let Err(error) = context::check_no_keys(&args, &environment) {
        output::print_error(&error, Color::Auto);
        return 2;
    }
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, mistakes to standard error; a closed pipe is nobody's mistake.
            let printed = error.print().and_then(|()| std::io::Write::flush(&mut std::io::stdout()));
            return match printed {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => 2,
                _ if error.use_stderr() => 2,
                _ => 0,
            };
        }
    };
    let global = cli.global;
    let has_no_command =
        args.last().is_some_and(|last| last == "--") && args.iter().filter(|arg| *arg == "--").count() == 1;
    if has_no_command && matches!(cli.command, Command::Record(_) | Command::ReplayCheck(_)) {
        let error = crate::error::Error::new("no command follows `--`")
            .hint("give one, such as `-- pytest`, or leave `--` out");
        output::print_error(&error, global.color);
        return 2;
    }
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let pager = if global.no_pager { None } else { Pager::of(|name| environment.get(name)) };
    let columns = environment.get("COLUMNS").and_then(|columns| columns.parse().ok());
    let mut print_options =
        PrintOptions { format: global.format, color: global.color, verbosity, pager, columns, recorder: None };
    let progress = Terminal::new(global.color, verbosity, global.no_progress);
    let is_late = cli.command.judges_few() && global.format != Format::Json && verbosity != Verbosity::Verbose;
    if cli.command.works_on_recordings() && !is_late {
        index::make_threads();
    }
    let report =
        cwd.map_err(|error| crate::error::Error::io("cannot find", "the current folder", &error)).and_then(|cwd| {
            let stdout_is_terminal = output::is_terminal();
            let stdout_is_data = global.format != Format::Text;
            let which = match (global.config, global.no_config) {
                (Some(file), _) => Which::File(file),
                (None, true) => Which::Nothing,
                (None, false) => Which::OfRoot,
            };
            let question = RecorderQuery {
                root: global.root.as_deref(),
                cwd: &cwd,
                environment: &environment,
                which: &which,
                ogx: global.ogx,
                openai_sdk: global.openai_sdk,
                ask_recordings: cli.command.works_on_recordings(),
            };
            let Settled { settings, in_force, recorded, notes } = match cli.command.is_help() {
                true => in_force::settle_without_file(&question),
                false => in_force::settle(&question)?,
            };
            // `verify` finds out what recordings name while it checks them, so it is asked afterwards.
            let is_told = cli.command.reads_all() && verbosity != Verbosity::Verbose && in_force.known().is_none();
            let asks_first = !is_late && !is_told;
            if asks_first && !cli.command.is_help() {
                warn_of_newer(&progress, in_force.get());
            }
            if verbosity == Verbosity::Verbose {
                progress.note(&format!("recorder: {}", in_force.get()));
                notes.iter().for_each(|note| progress.note(note));
            }
            environment.configure_region(settings.region.clone());
            let context = Context {
                root: global.root,
                in_force,
                recorded,
                settings,
                cwd,
                environment,
                args,
                program,
                now,
                stdout_is_terminal,
                stdout_is_data,
                progress: &progress,
            };
            let report = dispatch(&context, &cli.command)?;
            if let Some(in_force) = context.in_force.known() {
                if !asks_first {
                    warn_of_newer(&progress, in_force);
                }
                warn_of_unread(&progress, in_force);
            }
            if !is_late {
                print_options.recorder = Some(in_force::recorder_row(context.in_force.get()));
            }
            Ok(report)
        });
    match report {
        Ok(report) => finish(&report, &print_options),
        Err(error) => {
            output::print_error(&error, global.color);
            2
        }
    }
}

/// A command that fails for the same reason names it in its error, so this comes after a command that does not fail.
fn warn_of_unread(progress: &Terminal, in_force: &InForce) {
    let Unread { unlisted, unread } = &in_force.unread;
    if let Some(error) = unlisted.as_ref().or(unread.as_ref()) {
        progress.note(&format!("warning: {error}; the recordings may name another version of the SDK"));
    }
}

fn warn_of_newer(progress: &Terminal, in_force: &InForce) {
    in_force.newer_than_known().iter().for_each(|what| progress.note(&format!("warning: {what}")));
}

fn dispatch(context: &Context<'_>, command: &Command) -> Result<Report> {
    match command {
        Command::Record(args) => record::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::ReplayCheck(args) => replay_check::run(context, args),
        Command::Serve(args) => serve::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Prune(args) => prune::run(context, args),
        Command::Rekey(args) => rekey::run(context, args),
        Command::VerifyToken(args) => verify_token::run(context, args),
        Command::MintToken(args) => mint_token::run(context, args),
        Command::Diff(args) => diff::run(context, args),
        Command::Review(args) => decide::review(context, args),
        Command::Accept(args) => decide::accept(context, args),
        Command::Reject(args) => decide::reject(context, args),
        Command::Demo(args) => demo::run(context, args),
        Command::Evidence(args) => evidence::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Doctor(args) => doctor::run(context, args),
        Command::Schema(args) => schema::run(args),
        Command::Completions(args) => Ok(completions::run(command_line(), args)),
        Command::Man(_) => man::run(command_line()),
        Command::Help(args) => help::run(command_line(), args),
    }
}

fn finish(report: &Report, print_options: &PrintOptions) -> u8 {
    let color = print_options.color;
    if let Report::Diff(DiffReport { output: Some(file), .. }) = report {
        let rendered = output::render(report, print_options)
            .map_err(|error| crate::error::Error::io("cannot write", file.display(), &error));
        let written = rendered.and_then(|bytes| compare::write_output(file, &bytes));
        if let Err(error) = written {
            output::print_error(&error, color);
            return 2;
        }
        return code(report);
    }
    match output::print(report, print_options) {
        Ok(()) => {}
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return 0,
        Err(error) => {
            output::print_error(&format!("cannot write the result: {error}"), color);
            return 2;
        }
    }
    report.warnings().for_each(|warning| output::print_warning(warning, color));
    if let Some(failure) = report.failure() {
        output::print_error(&failure, color);
    }
    code(report)
}

/// The exit code of the process.
fn code(report: &Report) -> u8 {
    match report.outcome() {
        Outcome::Clean => 0,
        Outcome::Findings => 1,
        Outcome::Failed => 2,
        Outcome::Interrupted => 130,
        Outcome::Command(code) => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command_line().debug_assert();
        parser(|_| true).debug_assert();
    }
}
