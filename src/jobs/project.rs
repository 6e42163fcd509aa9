//! The kind of repository that the root is in.

use crate::error::{Error, Result};
use crate::store::{self, Store};
use crate::vcs::Git;

use crate::context::Context;

/// Where OGX has its suites.
pub const SUITES: &str = crate::evidence::suites::FILE;

/// The configuration of the stack for local recording: never committed.
pub const LOCAL_STACK: &str = "bedrock-test.yaml";

/// The configuration of pre-commit.
pub const PRE_COMMIT: &str = ".pre-commit-config.yaml";

/// Where a project has its tests, if it has them in a usual place.
const TEST_FOLDERS: [&str; 4] = ["tests", "test", "", "tests/integration/inference"];

/// What kind of repository it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectKind {
    /// OGX, or llama-stack as it was called; with the name of its package.
    Ogx(&'static str),
    /// Tests run by pytest.
    Pytest,
    /// Anything else.
    Plain,
}

/// A repository.
#[derive(Debug)]
pub struct Project {
    /// Its tree.
    pub store: Store,
    /// Its kind.
    pub kind: ProjectKind,
    /// Its git, if it is in one.
    pub git: Option<Git>,
    /// Why git cannot be asked, although the root is in a repository.
    pub git_error: Option<Error>,
}

impl Project {
    /// Looks at the repository of a command.
    pub fn of(context: &Context<'_>) -> Result<Self> {
        let store = context.store(&[])?;
        let (git, git_error) = match store.is_in_git().then(|| Git::open(store.root())) {
            None => (None, None),
            Some(Ok(git)) => (Some(git), None),
            Some(Err(error)) => (None, Some(error)),
        };
        let kind = kind(&store)?;
        Ok(Project { store, kind, git, git_error })
    }

    /// The text of a file below the root; `None` if it is not there.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        store::read_text(&self.store.root().join(path))
    }

    /// The bytes of a file below the root; `None` if it is not there.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        store::read_text_bytes(&self.store.root().join(path))
    }

    /// A path of a file in a folder of recordings, one that is there if any is: for questions about attributes.
    pub fn some_recording(&self) -> String {
        let found = self.store.walk().find_map(Result::ok).map(|file| file.path);
        found.unwrap_or_else(|| match self.kind {
            ProjectKind::Ogx(_) => "tests/integration/inference/recordings/x.json".to_owned(),
            _ => "tests/recordings/x.json".to_owned(),
        })
    }
}

fn kind(store: &Store) -> Result<ProjectKind> {
    let there = |path: &str| store.is_there(path);
    if there("tests/integration")? {
        for package in ["ogx", "llama_stack"] {
            if there(&format!("src/{package}"))? {
                return Ok(ProjectKind::Ogx(package));
            }
        }
    }
    let mentions = |(path, word): &(&str, &str)| matches!(store::read_text(&store.root().join(path)), Ok(Some(text)) if text.contains(word));
    let settings = [("pyproject.toml", "pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]")];
    let files = ["pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py", "test/conftest.py"];
    for path in files {
        if there(path)? {
            return Ok(ProjectKind::Pytest);
        }
    }
    let is_pytest = settings.iter().any(mentions) || store.pytest_file(&TEST_FOLDERS).is_some();
    Ok(if is_pytest { ProjectKind::Pytest } else { ProjectKind::Plain })
}
