//! The runs of OGX's continuous integration, as `tests/integration/ci_matrix.json` lists them.

use serde_json::Value;

/// Where the runs are listed, relative to the root.
pub const FILE: &str = "tests/integration/ci_matrix.json";

/// One run of a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixEntry {
    /// The suite that runs.
    pub suite: String,
    /// The setup it runs with; without one, the default of the suite.
    pub setup: Option<String>,
    /// The clients it runs with, if not all: `library`, `server`, `docker`.
    pub clients: Option<Vec<String>>,
    /// The configuration of the stack, if it is not that of CI.
    pub stack_config: Option<String>,
}

impl MatrixEntry {
    /// Whether it runs with a client.
    pub fn allows(&self, client: &str) -> bool {
        self.clients.as_ref().is_none_or(|clients| clients.iter().any(|one| one == client))
    }
}

/// Reads the runs in the order of the file, whatever groups them; `None` if the text is not JSON.
pub fn entries(text: &str) -> Option<Vec<MatrixEntry>> {
    let json = serde_json::from_str(text).ok()?;
    let mut entries = Vec::new();
    collect(&json, &mut entries);
    Some(entries)
}

fn collect(json: &Value, entries: &mut Vec<MatrixEntry>) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    match json {
        Value::Object(object) if object.contains_key("suite") => {
            let Some(suite) = text(object.get("suite")) else { return };
            let clients = object.get("allowed_clients").and_then(Value::as_array);
            entries.push(MatrixEntry {
                suite,
                setup: text(object.get("setup")),
                clients: clients.map(|list| list.iter().filter_map(|client| text(Some(client))).collect()),
                stack_config: text(object.get("stack_config")),
            });
        }
        Value::Object(object) => object.values().for_each(|value| collect(value, entries)),
        Value::Array(list) => list.iter().for_each(|value| collect(value, entries)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_all_groups_are_read() {
        let text = r#"{"default": [{"suite": "a", "setup": "s"}, {"suite": "b", "allowed_clients": ["server"], "stack_config": "server:x"}],
            "schedules": {"1 0 * * 0": [{"suite": "c"}]}, "other": 3}"#;
        let all = entries(text).expect("JSON");
        assert_eq!(all.iter().map(|entry| entry.suite.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(
            (all[0].setup.as_deref(), all[0].allows("library"), all[0].allows("server")),
            (Some("s"), true, true)
        );
        assert_eq!((all[1].allows("library"), all[1].allows("server")), (false, true));
        assert_eq!(all[1].stack_config.as_deref(), Some("server:x"));
        assert_eq!(entries("{"), None);
        assert_eq!(entries(r#"[{"suite": 3}]"#), Some(vec![]));
    }
}
