//! `help`: the help of a command, or a topic that belongs to no command.

use crate::error::{Error, Result};
use crate::report::{PageReport, Report};

use super::topics::TOPICS;

/// Print the help of a command or a topic
///
/// Use it like the flag --help, or to read a topic. Without a name it prints the main help. The topics are the chapters
/// of the manual, such as `other-languages`, `key`, `tokens` and `exit-codes`; the main help lists them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures help verify
  bedrock-fixtures help key")]
pub struct HelpArgs {
    /// A command, or one of the topics
    #[arg(value_name = "COMMAND|TOPIC")]
    name: Option<String>,
}

/// Prints the help that is asked for; `whole` is the whole command line.
pub fn run(mut whole: clap::Command, args: &HelpArgs) -> Result<Report> {
    let page = |text: String, styled| Ok(Report::Page(PageReport { command: "help", text, styled }));
    whole.build();
    let Some(name) = args.name.as_deref() else {
        return page(whole.render_long_help().ansi().to_string(), true);
    };
    if let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) {
        return page(topic.text.to_owned(), false);
    }
    if let Some(command) = whole.find_subcommand_mut(name) {
        return page(command.render_long_help().ansi().to_string(), true);
    }
    let commands = whole.get_subcommands().filter(|command| !command.is_hide_set());
    let names: Vec<&str> = commands.map(clap::Command::get_name).chain(TOPICS.iter().map(|topic| topic.name)).collect();
    Err(Error::new(format!("no command or topic is called {name:?}")).hint(format!("there are {}", names.join(", "))))
}
