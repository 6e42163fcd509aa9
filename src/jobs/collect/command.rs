//! How the tests of one run are started: as CI does it.
//!
//! OGX's CI calls a script of the tree, which adds models, variables and `-k` of its own. They are part of the ids of the
//! tests, so a list that was made without the script names other tests than those that were recorded. A tree without the
//! script has the arguments of pytest alone.

use std::ffi::OsString;
use std::path::Path;

use crate::context::environment::Environment;
use crate::error::{Error, Result};
use crate::evidence::suites::FOLDER;
use crate::jobs::run_report::with_options;
use crate::store::{self, Store, output};

use super::plan::PlannedRun;

/// What OGX's CI calls for each run.
const SCRIPT: &str = "scripts/integration-tests.sh";

/// The plugin that writes the list.
const PLUGIN: &str = include_str!("listing.py");

/// The name of the plugin's module.
const MODULE: &str = "bedrock_fixtures_listing";

/// The variable that tells the plugin where to write.
const TARGET: &str = "BEDROCK_FIXTURES_LISTING";

/// How the tests of a tree are started.
pub(super) enum TestCommand {
    /// These words start pytest.
    Pytest(Vec<OsString>),
    /// These words start the script of CI.
    Script(Vec<OsString>),
}

impl TestCommand {
    /// The command of a tree; `pytest` are the words that start pytest there.
    pub(super) fn of(store: &Store, environment: &Environment, pytest: &[OsString]) -> Result<Self> {
        if !store::is_file(&store.root().join(SCRIPT)) {
            return Ok(TestCommand::Pytest(pytest.to_vec()));
        }
        let (program, before) = pytest.split_last().ok_or_else(|| Error::new("no command is given"))?;
        let path = Path::new(program);
        if path.file_name().is_none_or(|name| name != "pytest") || before.last().is_some_and(|word| word == "-m") {
            let hint = "give words that end in pytest, as in `-- uv run pytest`; put options into PYTEST_ADDOPTS";
            return Err(Error::new(format!("{SCRIPT}, which CI calls, takes pytest from PATH")).hint(hint));
        }
        let mut words = before.to_vec();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            words.extend(["env".into(), format!("PATH={}", before_others(folder, environment, "PATH")).into()]);
        }
        words.push(format!("./{SCRIPT}").into());
        Ok(TestCommand::Script(words))
    }

    /// The words that replay a run.
    pub(super) fn replay(&self, run: &PlannedRun) -> Vec<OsString> {
        let (words, arguments) = match self {
            TestCommand::Pytest(words) => (words, pytest_arguments(run)),
            TestCommand::Script(words) => (words, script_arguments(run)),
        };
        words.iter().cloned().chain(arguments.into_iter().map(OsString::from)).collect()
    }

    /// The words that collect the tests of a run without running them.
    pub(super) fn listing(&self, run: &PlannedRun) -> Vec<OsString> {
        let more = match self {
            TestCommand::Pytest(_) => ["--collect-only", "-q"].as_slice(),
            TestCommand::Script(_) => ["--collect-only"].as_slice(),
        };
        self.replay(run).into_iter().chain(more.iter().map(OsString::from)).collect()
    }
}

/// The variables with which pytest writes the list to a file; `folder` is one for the plugin.
pub(super) fn listing_variables(
    environment: &Environment,
    folder: &Path,
    file: &Path,
) -> Result<Vec<(String, OsString)>> {
    output::write(&folder.join(format!("{MODULE}.py")), PLUGIN.as_bytes(), output::Readers::AsBefore)?;
    Ok(vec![
        with_options(environment, &format!("-p {MODULE}")),
        ("PYTHONPATH".to_owned(), before_others(folder, environment, "PYTHONPATH").into()),
        (TARGET.to_owned(), file.into()),
    ])
}

/// The folders of a variable, after this one.
fn before_others(folder: &Path, environment: &Environment, variable: &str) -> String {
    const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };
    match environment.get(variable) {
        Some(others) => format!("{}{SEPARATOR}{others}", folder.display()),
        None => folder.display().to_string(),
    }
}

fn pytest_arguments(run: &PlannedRun) -> Vec<String> {
    let mut arguments = vec![FOLDER.to_owned(), format!("--suite={}", run.suite)];
    arguments.extend(run.setup.iter().map(|setup| format!("--setup={setup}")));
    arguments.extend([format!("--stack-config={}", run.stack), "--inference-mode=replay".to_owned()]);
    arguments
}

fn script_arguments(run: &PlannedRun) -> Vec<String> {
    let setup = run.setup.iter().flat_map(|setup| ["--setup", setup]);
    let others = ["--stack-config", &run.stack, "--suite", &run.suite, "--inference-mode", "replay"];
    others.into_iter().chain(setup).map(str::to_owned).collect()
}
