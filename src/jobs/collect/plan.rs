//! The runs of OGX's CI: suites and setups of `ci_matrix.json`, each with the clients that it allows.

use crate::error::{Error, Result};
use crate::evidence::matrix::{self, MatrixEntry};
use crate::evidence::suites::{self, Suite};
use crate::store::{self, Store};

/// The configuration of the stack in CI.
const CI_STACK: &str = "ci-tests";

/// Whose tests are in the process of the stack, and whose have a server of their own.
const CLIENTS: [&str; 2] = ["library", "server"];

/// One run of the matrix with one client.
pub(super) struct PlannedRun {
    /// It is part of the names of files.
    pub(super) name: String,
    pub(super) suite: String,
    pub(super) setup: Option<String>,
    pub(super) client: &'static str,
    pub(super) stack: String,
}

/// The runs of the matrix, each once for a client; of all suites and all clients if none is named.
pub(super) fn plan(store: &Store, wanted_suites: &[String], wanted_clients: &[String]) -> Result<Vec<PlannedRun>> {
    let read = |path: &str| {
        let missing = |_| Error::new("there is no such file").at(path).hint("give the tree of OGX with --root");
        let bytes = store::read_any(&store.root().join(path)).map_err(missing)?;
        Ok::<_, Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let entries = matrix::entries(&read(matrix::FILE)?)
        .ok_or_else(|| Error::new("not JSON").at(matrix::FILE).hint("correct it: CI reads it"))?;
    let defined = suites::suites(&read(suites::FILE)?);
    let known: Vec<&str> = entries.iter().map(|entry| entry.suite.as_str()).collect();
    if let Some(unknown) = wanted_suites.iter().find(|suite| !known.contains(&suite.as_str())) {
        let hint = format!("it runs {}", known.join(", "));
        return Err(Error::new(format!("CI does not run the suite {unknown}")).at(matrix::FILE).hint(hint));
    }
    let mut planned: Vec<PlannedRun> = Vec::new();
    for entry in entries.iter().filter(|entry| wanted_suites.is_empty() || wanted_suites.contains(&entry.suite)) {
        for client in CLIENTS.into_iter().filter(|client| entry.allows(client)) {
            if !wanted_clients.is_empty() && !wanted_clients.iter().any(|name| name == client) {
                continue;
            }
            let run = planned_run(entry, &defined, client);
            if !planned.iter().any(|other| other.name == run.name) {
                planned.push(run);
            }
        }
    }
    if planned.is_empty() {
        return Err(Error::new("CI has no such run").at(matrix::FILE).hint("leave --suite and --client out"));
    }
    Ok(planned)
}

fn planned_run(entry: &MatrixEntry, defined: &[Suite], client: &'static str) -> PlannedRun {
    let suite = defined.iter().find(|suite| suite.name == entry.suite);
    let setup = entry.setup.clone().or_else(|| suite.and_then(|suite| suite.setup.clone()));
    let stack = entry.stack_config.clone().unwrap_or_else(|| match client {
        "server" => format!("server:{CI_STACK}"),
        _ => CI_STACK.to_owned(),
    });
    // It becomes part of a file name, so it must not lead to another folder.
    let plain = |text: &str| text.replace(|c: char| !c.is_alphanumeric() && !"-_.".contains(c), "_");
    let parts = [&entry.suite, setup.as_deref().unwrap_or("none"), client].map(plain);
    let own_stack = entry.stack_config.as_deref().map(|stack| format!("-{}", plain(stack))).unwrap_or_default();
    PlannedRun { name: format!("{}{own_stack}", parts.join("-")), suite: entry.suite.clone(), setup, client, stack }
}
