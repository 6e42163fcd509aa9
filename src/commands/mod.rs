//! One file a subcommand: its arguments, whose comments are the help, and `run`, which returns a [`crate::report::Report`].

pub mod cases;
pub mod completions;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod environment;
pub mod evidence;
pub mod explain;
pub mod help;
pub mod index;
pub mod init;
pub mod man;
pub mod mint_token;
pub mod nearest;
pub mod place;
pub mod prune;
pub mod record;
pub mod rekey;
pub mod replay_check;
pub mod span;
pub mod surroundings;
pub mod topics;
pub mod verify;
pub mod verify_token;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::recording::dump::Form;
use crate::recording::layouts::Layout;
use crate::recording::recorder::Recorder;
use crate::recording::scan::Reading;
use crate::recording::test_id::TestId;
pub use crate::recording::version::Version;
use crate::report::{Finding, Progress};
use crate::rules::{self, Subject, Suspect};
use crate::store::{RecordingFile, Store};

pub use environment::Environment;
use environment::TOKEN_VARIABLES;

/// What a command gets from the process: everything it may depend on.
pub struct Context<'a> {
    /// `--root`.
    pub root: Option<PathBuf>,
    /// `--ogx`.
    pub ogx: Option<Version>,
    /// `--openai-sdk`.
    pub openai_sdk: Option<Version>,
    /// The current folder.
    pub cwd: PathBuf,
    /// The environment.
    pub environment: Environment,
    /// The command line, with the name of the program.
    pub args: Vec<OsString>,
    /// What the clock says.
    pub now: jiff::Timestamp,
    /// Whether a person reads standard output.
    pub stdout_is_terminal: bool,
    /// Whether a program does: then nothing else may stand there.
    pub stdout_is_data: bool,
    /// Where it says how far it is.
    pub progress: &'a dyn Progress,
}

impl Context<'_> {
    fn store(&self, paths: &[PathBuf]) -> Result<Store> {
        Store::for_command(self.root.as_deref(), &self.cwd, paths)
    }

    /// The form of new recordings. A newer SDK than is known gets the newest layout, with a warning.
    fn form(&self) -> Form {
        let recorder = self.ogx.map_or(Recorder::NEWEST, Recorder::of);
        let Some(version) = self.openai_sdk else { return Form { layout: Layout::NEWEST, recorder } };
        let layout = Layout::of(version);
        if Layout::is_newer_than_known(version) {
            let text =
                format!("warning: openai {version} is newer than this tool knows; it uses the layout of {layout}");
            self.progress.note(&text);
        }
        Form { layout, recorder }
    }

    /// The selected recordings. None at all is an error: a gate that checks nothing must not pass.
    fn recordings(&self, store: &Store, paths: &[PathBuf]) -> Result<Vec<RecordingFile>> {
        let files = store.list(&self.cwd, paths)?;
        if files.is_empty() { Err(no_recordings(store, paths)) } else { Ok(files) }
    }
}

/// A text of the environment that is shorter may be a word.
const FEWEST_OF_TOKEN: usize = 16;

/// A key on the command line stands in the shell's history and in the list of processes: no command takes one, be it one of
/// Bedrock's or whatever the environment has as a token.
pub fn refuse_keys(args: &[OsString], environment: &Environment) -> Result<()> {
    let tokens: Vec<&str> = TOKEN_VARIABLES.into_iter().filter_map(|name| environment.get(name)).collect();
    let holds_key = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        let is_token = |token: &&str| token.len() >= FEWEST_OF_TOKEN && arg.contains(*token);
        crate::token::parse::holds_key(&arg) || tokens.iter().any(is_token)
    };
    if args.iter().any(holds_key) {
        return Err(Error::new("a Bedrock API key stands on the command line, where others can see it")
            .hint("make a new one, and give it in AWS_BEARER_TOKEN_BEDROCK, by --token-file, or on standard input"));
    }
    Ok(())
}

fn no_recordings(store: &Store, paths: &[PathBuf]) -> Error {
    let place = paths.first().map_or_else(|| store.root().display(), |path| path.display());
    let hint = "recordings are *.json in folders named recordings; `record` makes some, or give the tree that has them with --root";
    Error::new("no recordings below this folder").at(place).hint(hint)
}

/// What the rules say of one file.
struct Verdict {
    findings: Vec<Finding>,
    /// The file may be one of two for the same request.
    suspect: Option<Suspect>,
}

/// Judges the bytes of one file by the rules.
fn judge_bytes(store: &Store, file: &RecordingFile, bytes: &[u8], strict: bool) -> Verdict {
    let reading = Reading::of(bytes);
    let test_id = reading.facts.as_ref().ok().and_then(|facts| facts.outline.test_id());
    let test_id = test_id.and_then(|test_id| TestId::parse(test_id).ok());
    let subject = Subject {
        path: &file.path,
        folder: file.folder(),
        stem: file.stem(),
        lookup_folders: &store.layout().lookup_folders(test_id.as_ref()),
        bytes,
        reading: &reading,
        strict,
        candidates: OnceCell::new(),
    };
    Verdict { findings: rules::check(&subject), suspect: rules::suspect(&subject) }
}
