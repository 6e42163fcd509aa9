//! `completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use crate::report::{PageReport, Report};

/// Print the completions of a shell
///
/// Use it once on each machine, or package the files in the folder completions/, which are its output. The script
/// completes commands, flags, and the names of rules and topics. The examples show where each shell expects it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures completions bash > ~/.local/share/bash-completion/completions/bedrock-fixtures
  bedrock-fixtures completions zsh > ~/.zfunc/_bedrock-fixtures
  bedrock-fixtures completions fish > ~/.config/fish/completions/bedrock-fixtures.fish

PowerShell: add a line to $PROFILE that runs the output of `completions powershell`.")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script for the whole command line.
pub fn run(mut whole: clap::Command, args: &CompletionsArgs) -> Report {
    let mut script = Vec::new();
    let name = whole.get_name().to_owned();
    clap_complete::generate(args.shell, &mut whole, &name, &mut script);
    let mut text = String::from_utf8_lossy(&script).into_owned();
    if args.shell == Shell::Bash {
        // The script uses two names for a program with a hyphen: it sets one and reads the other.
        text = text.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"));
    }
    Report::Page(PageReport { command: "completions", text, styled: false })
}
