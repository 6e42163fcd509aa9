//! Our table of answers, and what we make of replies, against the classes of every SDK that is installed.

use bedrock_fixtures::recording::dump::{AnswerType, Form, dump};
use bedrock_fixtures::recording::json::Value;
use bedrock_fixtures::recording::key::RequestKey;
use bedrock_fixtures::recording::layouts::Layout;
use bedrock_fixtures::recording::recorder::Recorder as Rules;

use super::recorders;

/// Each SDK: the version that its table names, and the table.
fn tables() -> Vec<(String, String)> {
    let recorders = recorders();
    let mut tables: Vec<String> =
        recorders.iter().map(|recorder| recorder.script("sdk_layout.py", &[], &[]).stdout).collect();
    let wheels = std::env::var("BEDROCK_FIXTURES_SDKS").ok().filter(|folder| !folder.is_empty());
    match (wheels, recorders.last()) {
        (Some(folder), Some(newest)) => {
            let wheels: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            for wheel in wheels.iter().filter(|path| path.extension().is_some_and(|it| it == "whl")) {
                let path = [("PYTHONPATH", wheel.to_str().unwrap())];
                tables.push(newest.script("sdk_layout.py", &[], &path).stdout);
            }
        }
        _ => crate::support::skipped("set BEDROCK_FIXTURES_SDKS to a folder of wheels to compare further SDKs"),
    }
    let named = |table: String| {
        let version = table.lines().next().unwrap().strip_prefix("openai ").unwrap().to_owned();
        (version, table)
    };
    tables.into_iter().map(named).collect()
}

#[test]
fn our_table_is_that_of_every_installed_sdk() {
    for (version, table) in tables() {
        assert_eq!(Layout::of(version.parse().unwrap()).describe(), table, "openai {version}");
    }
}

#[test]
fn random_replies_become_what_the_sdk_makes_of_them() {
    let key = RequestKey::of("a request");
    // What the recorder replaces is not the SDK's.
    let replaced = ["id", "created", "created_at", "total_duration"];
    for recorder in recorders() {
        let form = Form { layout: Layout::of(recorder.sdk.parse().unwrap()), recorder: Rules::NEWEST };
        let printed = recorder.script("sdk_replies.py", &["11", "3000"], &[]).stdout;
        assert_eq!(printed.lines().count(), 3000);
        for line in printed.lines() {
            let case = Value::parse(line.as_bytes()).unwrap();
            let text = |name: &str| case.get(name).and_then(Value::as_str).unwrap();
            let kind = if text("kind") == "chunk" { AnswerType::Chunk } else { AnswerType::Completion };
            let reply = Value::parse(text("reply").as_bytes()).unwrap();
            let ours = dump(reply.as_object().unwrap(), kind, key, form);
            let file = |value: &Value| {
                let mut data = value.as_object().unwrap().clone();
                for name in replaced {
                    if let Some(value) = data.get_mut(name) {
                        *value = Value::Null;
                    }
                }
                String::from_utf8(Value::Object(data).to_file_bytes()).unwrap()
            };
            let theirs = Value::parse(text("dump").as_bytes()).unwrap();
            assert_eq!(
                file(ours.get("__data__").unwrap()),
                file(&theirs),
                "openai {}: {}",
                recorder.sdk,
                text("reply")
            );
        }
    }
}
