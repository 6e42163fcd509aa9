//! The JSON Schemas, held against real files by a real validator.

use serde_json::{Value, json};

use crate::recorder::recorders;
use crate::support::{TestEnv, corpus};

#[test]
fn the_schema_of_recordings_fits_them_and_marks_what_is_wrong() {
    let env = TestEnv::new();
    env.run(&["record", "--sandbox", "-q"]).exits(0);
    env.write("recording.schema.json", env.run(&["schema", "recording"]).exits(0).stdout);
    let schema = env.root().join("recording.schema.json").to_str().unwrap().to_owned();
    let ours: Vec<String> = env.recording_paths();
    let mut files: Vec<String> = ours.iter().map(|path| env.root().join(path).to_str().unwrap().to_owned()).collect();
    if let Some(corpus) = corpus() {
        let all = walkdir::WalkDir::new(corpus).into_iter().map(Result::unwrap).map(walkdir::DirEntry::into_path);
        // What is no recording to this tool, as of a kind that nothing replays, is none to the schema.
        let is_recording = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|extension| extension == "json")
                && bedrock_fixtures::Recording::parse(&std::fs::read(path).unwrap()).is_ok()
        };
        files.extend(all.filter(is_recording).map(|path| path.to_str().unwrap().to_owned()));
    }
    for recorder in recorders() {
        let args: Vec<&str> = [schema.as_str()].into_iter().chain(files.iter().map(String::as_str)).collect();
        let said = recorder.script("validate.py", &args, &[]).stdout;
        assert_eq!(said, format!("{{\"checked\": {}}}\n", files.len()));

        let original: Value = serde_json::from_str(&env.read(&ours[0])).unwrap();
        for (pointer, value) in [
            ("/response/is_streaming", json!("no")),
            ("/test_id", json!(7)),
            ("/request/url", json!(null)),
            ("/response/body/__data__/created", json!("today")),
            ("/response/body/__data__/choices", json!({})),
        ] {
            let mut document = original.clone();
            let Some(place) = document.pointer_mut(pointer) else { continue };
            *place = value;
            let bad = env.write("bad.json", document.to_string());
            let said = recorder.script("validate.py", &[&schema, bad.to_str().unwrap()], &[]).stdout;
            assert!(said.contains(&format!("\"{pointer}\"")), "{pointer}: {said}");
        }
    }
}

#[test]
fn the_schema_of_the_configuration_knows_every_key() {
    let env = TestEnv::new();
    let schema: Value = env.run(&["schema", "config"]).exits(0).json();
    env.run(&["init", "--yes", "--only", "config"]).exits(0);
    // Each key that the configuration of init names as a comment.
    let config = env.read("bedrock-fixtures.toml");
    let keys = config.lines().filter_map(|line| line.trim_start_matches("# ").split_once(" = ")).map(|(key, _)| key);
    let keys: Vec<&str> = keys.filter(|key| !key.starts_with('"')).collect();
    assert!(keys.len() >= 9, "{config}");
    assert!(keys.iter().all(|key| schema["properties"][key].is_object()), "{keys:?}");
    assert_eq!(schema["additionalProperties"], false);
}
