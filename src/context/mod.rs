//! What a command gets from the process: everything it may depend on.

pub mod environment;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::later::Later;
use crate::recording::dump::Form;
use crate::recording::layouts::Layout;
use crate::recording::recorder::Recorder;
pub use crate::recording::version::Version;
use crate::report::Progress;
use crate::settings::Settings;
use crate::settings::detect::{InForce, RecordedSdk};

pub use environment::Environment;
use environment::{ENDPOINT_VARIABLE, TOKEN_VARIABLES};

/// What a command gets from the process: everything it may depend on.
pub struct Context<'a> {
    /// `--root`.
    pub root: Option<PathBuf>,
    /// The recorder and the SDK in force, and what names them.
    pub in_force: Later<InForce>,
    /// What the recordings name, for a command that reads all of them: it gives it, and they are read once.
    pub recorded: Later<RecordedSdk>,
    /// What the configuration file sets.
    pub settings: Settings,
    /// The current folder.
    pub cwd: PathBuf,
    /// The environment.
    pub environment: Environment,
    /// The command line, with the name of the program.
    pub args: Vec<OsString>,
    /// The file of the program that runs, if the system names it.
    pub program: Option<PathBuf>,
    /// What the clock says.
    pub now: jiff::Timestamp,
    /// Whether a person reads standard output.
    pub stdout_is_terminal: bool,
    /// Whether a program reads standard output: then it may contain nothing else.
    pub stdout_is_data: bool,
    /// Where it says how far it is.
    pub progress: &'a dyn Progress,
}

impl Context<'_> {
    /// Another endpoint than that of AWS, and what names it: a variable, else the configuration.
    pub fn endpoint_url(&self) -> Option<(&str, &str)> {
        let of_variable = self.environment.get(ENDPOINT_VARIABLE).map(|url| (url, ENDPOINT_VARIABLE));
        of_variable.or_else(|| Some((self.settings.endpoint_url.as_deref()?, self.settings.source.as_str())))
    }

    /// The recorder in force.
    pub(crate) fn recorder(&self) -> Later<Recorder> {
        let in_force = self.in_force.clone();
        Later::of(move || Recorder::of(in_force.get().ogx))
    }

    /// The form of new recordings. A newer SDK than is known gets the newest layout.
    pub(crate) fn form(&self) -> Result<Form> {
        let in_force = self.in_force.get();
        if let Some(error) = &in_force.unread.unlisted {
            return Err(error.clone().context("the SDK that the recordings name is not known"));
        }
        Ok(Form { layout: Layout::of(in_force.openai), recorder: Recorder::of(in_force.ogx) })
    }
}

/// A text of the environment that is shorter may be a word.
const FEWEST_OF_TOKEN: usize = 16;

/// A key on the command line is in the shell's history and in the list of processes. So no command accepts one, neither
/// a Bedrock key nor the token of the environment.
pub fn check_no_keys(args: &[OsString], environment: &Environment) -> Result<()> {
    let tokens: Vec<&str> = TOKEN_VARIABLES.into_iter().filter_map(|name| environment.get(name)).collect();
    let holds_key = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        let is_token = |token: &&str| token.len() >= FEWEST_OF_TOKEN && arg.contains(*token);
        crate::token::parse::holds_key(&arg) || tokens.iter().any(is_token)
    };
    if args.iter().any(holds_key) {
        return Err(Error::new("a Bedrock API key is on the command line, where others can see it")
            .hint("make a new key, and give it in AWS_BEARER_TOKEN_BEDROCK, with --token-file, or on standard input"));
    }
    Ok(())
}
