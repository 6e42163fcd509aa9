//! The results of the tests of a command: pytest's JUnit report, which is requested through the environment.
//!
//! pytest reads options from `PYTEST_ADDOPTS`; other commands ignore it. If the command line or the environment already
//! requests a report, that report is used.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::context::environment::Environment;
use crate::error::Result;
use crate::evidence::ids::KnownIds;
use crate::evidence::{TestList, read_tests, text_of};
use crate::store;

/// Options for pytest in the environment.
const OPTIONS: &str = "PYTEST_ADDOPTS";

/// The variable that requests a report from pytest.
const FLAGS: [&str; 2] = ["--junitxml", "--junit-xml"];

/// Where pytest is configured.
const CONFIGURATIONS: [&str; 5] = ["pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"];

/// Where the report of a command will be.
pub(crate) struct RunReport {
    file: PathBuf,
    /// What was there before the command ran.
    before: Option<Vec<u8>>,
    /// What to set in the environment of the command.
    pub(crate) set: Option<(String, OsString)>,
}

impl RunReport {
    /// Asks for a report, or finds out where the command writes one. `scratch` is a folder for it, `cwd` that of the command.
    pub(crate) fn of(environment: &Environment, command: &[OsString], cwd: &Path, scratch: &Path) -> Option<Self> {
        let options = environment.get(OPTIONS).unwrap_or_default();
        let given: Vec<String> = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let in_environment = shlex::split(options).unwrap_or_default();
        // The command line wins, and the last one on it.
        let own = [&given, &in_environment].into_iter().find_map(|words| file_in(words));
        if let Some(file) = own {
            let file = cwd.join(file);
            return Some(RunReport { before: store::read_any(&file).ok(), file, set: None });
        }
        let is_off = |word: &String| word.ends_with("no:junitxml");
        if given.iter().chain(&in_environment).any(is_off) {
            return None;
        }
        // The options of a configuration file come before those of the environment, which would send its report elsewhere.
        if configured(cwd) {
            return None;
        }
        let file = scratch.join("junit.xml");
        let quoted = shlex::try_quote(file.to_str()?).ok()?.into_owned();
        let set = with_options(environment, &format!("{}={quoted}", FLAGS[0]));
        Some(RunReport { file, before: None, set: Some(set) })
    }

    /// Whether there is a file to read.
    pub(crate) fn is_there(&self) -> bool {
        store::is_file(&self.file)
    }

    /// The results, if the command wrote a report.
    pub(crate) fn read(&self, known: &KnownIds) -> Result<Option<TestList>> {
        let bytes = store::read_input(&self.file)?;
        if self.before.as_ref() == Some(&bytes) {
            return Ok(None);
        }
        Ok(Some(read_tests(&text_of(&bytes), known)).filter(|list| list.is_report))
    }
}

/// The variable that gives pytest more options after those that are in it.
pub(crate) fn with_options(environment: &Environment, more: &str) -> (String, OsString) {
    let before = environment.get(OPTIONS).map_or(String::new(), |options| format!("{options} "));
    (OPTIONS.to_owned(), format!("{before}{more}").into())
}

/// Whether pytest's configuration, in this folder or above it, asks for a report of its own.
fn configured(cwd: &Path) -> bool {
    let asks = |file: PathBuf| {
        let text = store::read_text(&file).ok().flatten().unwrap_or_default();
        FLAGS.iter().any(|flag| text.contains(flag))
    };
    cwd.ancestors().any(|folder| CONFIGURATIONS.iter().any(|name| asks(folder.join(name))))
}

/// The file that the last of these flags names.
fn file_in(words: &[String]) -> Option<&str> {
    let of = |at: usize| {
        let word = words[at].as_str();
        FLAGS.iter().find_map(|flag| match word.strip_prefix(flag)? {
            "" => words.get(at + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    };
    (0..words.len()).rev().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variable: &str, command: &str) -> Option<RunReport> {
        let environment = [(OPTIONS.to_owned(), variable.to_owned())].into_iter().collect();
        let command: Vec<OsString> = command.split(' ').map(Into::into).collect();
        RunReport::of(&environment, &command, Path::new("/cwd"), Path::new("/a b"))
    }

    #[test]
    fn a_report_is_asked_for_once() {
        let asked = of("-q", "pytest tests").unwrap();
        assert_eq!(asked.set, Some((OPTIONS.to_owned(), "-q --junitxml='/a b/junit.xml'".into())));
        for (variable, command, file) in [
            ("", "pytest --junitxml=r.xml", "/cwd/r.xml"),
            ("", "pytest --junit-xml a.xml --junitxml b.xml t", "/cwd/b.xml"),
            ("-q --junitxml=/x/r.xml", "pytest t", "/x/r.xml"),
            ("--junitxml=/x/r.xml", "pytest --junitxml r.xml", "/cwd/r.xml"),
        ] {
            let report = of(variable, command).unwrap();
            assert_eq!((report.file, report.set), (PathBuf::from(file), None), "{command}");
        }
        assert!(of("", "pytest -p no:junitxml").is_none());
    }
}
