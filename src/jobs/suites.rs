//! The scope of given suites of OGX: their tests, with the models of their setups.

use crate::error::{Error, Result};
use crate::evidence::matrix::{self, MatrixEntry};
use crate::evidence::suites::{self, Setup, Suite};
use crate::store::{self, Store};

/// The suites that were named.
pub(crate) struct SuiteScope {
    parts: Vec<ScopePart>,
    setups: Vec<Setup>,
}

/// A root with the setups that its suite runs with; none if they are not known.
struct ScopePart {
    root: String,
    setups: Vec<Setup>,
}

impl SuiteScope {
    /// Looks names up in the tree: suites that are written out, or folders of `tests/integration`.
    pub(crate) fn named(store: &Store, names: &[String]) -> Result<Self> {
        let source = store.text_of_file(suites::FILE)?.unwrap_or_default();
        let matrix = store.text_of_file(matrix::FILE)?.and_then(|text| matrix::entries(&text));
        let (defined, setups) = (suites::suites(&source), suites::setups(&source));
        let mut scope = SuiteScope { parts: vec![], setups };
        for name in names {
            let folder = format!("{}/{name}", suites::FOLDER);
            match defined.iter().find(|suite| suite.name == *name) {
                Some(suite) if suite.complete && !suite.roots.is_empty() => {
                    scope.add(suite, matrix.as_deref().unwrap_or(&[]));
                }
                _ if !name.is_empty() && !name.contains("..") && store::is_folder(&store.root().join(&folder)) => {
                    scope.parts.push(ScopePart { root: folder, setups: vec![] });
                }
                Some(_) => {
                    let computed = Error::new(format!("the roots of the suite {name} are computed")).at(suites::FILE);
                    return Err(computed.hint("give its folders as PATHs"));
                }
                None => {
                    let known: Vec<&str> = defined.iter().map(|suite| suite.name.as_str()).collect();
                    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                    let hint = format!("{} defines {known}; or give a PATH", suites::FILE);
                    return Err(Error::new(format!("no suite {name}, and no folder {folder}")).hint(hint));
                }
            }
        }
        Ok(scope)
    }

    fn add(&mut self, suite: &Suite, matrix: &[MatrixEntry]) {
        let in_ci = matrix.iter().filter(|entry| entry.suite == suite.name).filter_map(|entry| entry.setup.as_deref());
        let names: Vec<&str> = in_ci.chain(suite.setup.as_deref()).collect();
        let setups: Vec<Setup> =
            self.setups.iter().filter(|setup| names.contains(&setup.name.as_str())).cloned().collect();
        let part = |root: &String| ScopePart { root: root.clone(), setups: setups.clone() };
        self.parts.extend(suite.roots.iter().map(part));
    }

    /// Whether a test, or a path if there is no test, belongs to one of the suites. A test with a model of a provider
    /// that no setup of the suite uses does not belong to it.
    pub(crate) fn holds(&self, test_id: Option<&str>, path: &str) -> bool {
        self.parts.iter().any(|part| match test_id {
            Some(test_id) => {
                let excluded =
                    !part.setups.is_empty() && part.setups.iter().all(|setup| setup.excludes(test_id, &self.setups));
                suites::holds_test(&part.root, test_id) && !excluded
            }
            None => suites::holds_path(&part.root, path),
        })
    }
}
