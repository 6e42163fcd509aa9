//! The layout of what `record` writes: that of the SDK in use, or of the recording that is replaced.

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

fn record(env: &TestEnv, step: Step, extra: &[&str]) -> Run {
    let server = ScriptedServer::start(vec![step]);
    let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url(), "--format", "json"];
    env.run(&[&args, extra].concat())
}

/// The only recording: its path and what it holds.
fn recording(env: &TestEnv) -> (String, Value) {
    let mut files = env.recordings().into_iter();
    let (path, bytes) = files.next().unwrap();
    assert_eq!(files.next(), None);
    (path, serde_json::from_slice(&bytes).unwrap())
}

fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::test_a", "hello"));
    env
}

/// The status of the only result, the layout that is named, and the fields of the answer.
#[track_caller]
fn outcome(env: &TestEnv, run: &Run) -> (String, String, Vec<String>) {
    let (_, recording) = recording(env);
    let layout = &recording["request"]["provider_metadata"]["openai_sdk_layout"];
    let fields = recording["response"]["body"]["__data__"].as_object();
    let status = run.json()["results"][0]["status"].as_str().unwrap().to_owned();
    let fields = fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
    (status, layout.as_str().unwrap_or("none").to_owned(), fields)
}

const FIELDS_2_30: [&str; 8] =
    ["id", "choices", "created", "model", "object", "service_tier", "system_fingerprint", "usage"];
const FIELDS_3_57: [&str; 10] = [
    "id",
    "choices",
    "created",
    "model",
    "object",
    "metadata",
    "moderation",
    "service_tier",
    "system_fingerprint",
    "usage",
];

fn expected(status: &str, layout: &str, fields: &[&str]) -> (String, String, Vec<String>) {
    (status.to_owned(), layout.to_owned(), fields.iter().map(|field| (*field).to_owned()).collect())
}

#[test]
fn the_sdk_in_use_decides_and_a_replaced_recording_keeps_its_layout() {
    let env = project();
    let ok = |text: &str| Step::json(200, &answer(text));
    let run = record(&env, ok("one"), &["--openai-sdk", "2.30.0"]).exits(0);
    assert_eq!(outcome(&env, &run), expected("written", "2.30.0", &FIELDS_2_30));
    let before = env.tree();

    // The same answer under another SDK is noise, another answer is written in the old layout.
    let run = record(&env, ok("one"), &["--openai-sdk", "3.57.0"]).exits(0);
    assert_eq!(outcome(&env, &run), expected("unchanged", "2.30.0", &FIELDS_2_30));
    assert_eq!(env.tree(), before);
    let run = record(&env, ok("two"), &["--openai-sdk", "3.57.0"]).exits(0);
    assert_eq!(outcome(&env, &run), expected("written", "2.30.0", &FIELDS_2_30));

    // A recording of the team's own recorder names the SDK; one of before named nothing.
    let (path, mut recording) = recording(&env);
    for (metadata, layout, fields) in [
        (json!({"openai_sdk_version": "3.57.0"}), "3.57.0", &FIELDS_3_57[..]),
        (json!({"openai_sdk_version": "2.5.0"}), "2.5.0", &FIELDS_2_30[..]),
        (json!({"openai_sdk_version": "9.1.0"}), "3.57.0", &FIELDS_3_57[..]),
        (json!({}), "2.40.0", &FIELDS_2_30[..]),
    ] {
        recording["request"]["provider_metadata"] = metadata;
        env.write(&path, serde_json::to_string_pretty(&recording).unwrap() + "\n");
        let run = record(&env, ok(layout), &["--openai-sdk", "3.4.0"]).exits(0);
        assert_eq!(outcome(&env, &run), expected("written", layout, fields));
    }
}

#[test]
fn the_newest_layout_is_used_for_a_newer_sdk_and_without_one() {
    let env = project();
    let run = record(&env, Step::json(200, &answer("one")), &[]).exits(0);
    assert_eq!(outcome(&env, &run), expected("written", "3.57.0", &FIELDS_3_57));
    assert!(!run.stderr.contains("newer than"), "{run:#?}");

    let env = project();
    let run = record(&env, Step::json(200, &answer("one")), &["--openai-sdk", "4.0.1"]).exits(0);
    assert_eq!(outcome(&env, &run), expected("written", "3.57.0", &FIELDS_3_57));
    let warning =
        "warning: openai 4.0.1 is newer than the newest version that this tool knows; it uses the layout of 3.57.0";
    assert!(run.stderr.lines().any(|line| line == warning), "{run:#?}");

    let run = project().run(&["record", "--sandbox", "--openai-sdk", "newest"]).exits(2);
    run.one_error(&["'newest'", "--openai-sdk", "not a version such as"]);
}

#[test]
fn an_error_is_worded_as_the_sdk_in_use_does() {
    let body = r#"{"error": {"message": "too long", "code": "validation_error"}}"#;
    let long = "Error code: 400 - {'error': {'message': 'too long', 'code': 'validation_error'}}";
    for (sdk, message) in [("3.37.0", long), ("3.38.0", "Error code: 400 - too long")] {
        let env = project();
        record(&env, Step::json(400, body), &["--openai-sdk", sdk, "--allow-status", "400"]).exits(0);
        let (_, recording) = recording(&env);
        assert_eq!(recording["response"]["exception_message"], message);
        assert_eq!(recording["response"]["exception_data"]["message"], message);
        // The other wording of the same error is noise, another error is not.
        let other = if sdk == "3.37.0" { "3.57.0" } else { "2.30.0" };
        let before = env.tree();
        let twin = project();
        record(&twin, Step::json(400, body), &["--openai-sdk", other, "--allow-status", "400"]).exits(0);
        let root = |env: &TestEnv| env.root().join("tests").to_str().unwrap().to_owned();
        let counts =
            |twin: &TestEnv| env.run(&["diff", "--format", "json", &root(&env), &root(twin)]).json()["counts"].clone();
        assert_eq!((&counts(&twin)["noise"], &counts(&twin)["behaviour"]), (&json!(1), &json!(0)));
        let twin = project();
        let changed = body.replace("validation_error", "another_code");
        record(&twin, Step::json(400, &changed), &["--openai-sdk", other, "--allow-status", "400"]).exits(0);
        assert_eq!((&counts(&twin)["noise"], &counts(&twin)["behaviour"]), (&json!(0), &json!(1)));
        assert_eq!(env.tree(), before);
    }
}

#[test]
fn token_counts_are_numbers_however_they_are_sent_and_of_any_size() {
    let huge = i64::MAX.to_string();
    for (sent, stored) in [
        ([r#""7""#, "true", "8.0"], ["7", "1", "8"]),
        ([r#"" 1_000.0 ""#, "false", r#""007""#], ["1000", "0", "7"]),
        ([&huge, &huge, "1"], [&huge, &huge, "1"]),
        // Not a number of tokens: the object is kept as it came.
        ([r#""seven""#, "12.0", r#""8""#], [r#""seven""#, "12.0", r#""8""#]),
    ] {
        let env = project();
        let [prompt, completion, total] = sent;
        let usage = format!(r#""prompt_tokens": {prompt}, "completion_tokens": {completion}, "total_tokens": {total}"#);
        let mut reply: Value = serde_json::from_str(&answer("hello")).unwrap();
        reply.as_object_mut().unwrap().remove("usage");
        let reply = reply.to_string().strip_suffix('}').unwrap().to_owned() + &format!(r#","usage":{{{usage}}}}}"#);
        let cases = case("tests/test_a.py::test_a", "hello")
            + &case("tests/test_a.py::test_b", "hello")
            + &case("tests/test_a.py::test_c", "hello");
        env.write("cases.jsonl", cases);
        let run = record(&env, Step::json(200, &reply), &[]).exits(0);
        let path = env.recording_paths().remove(0);
        let file = env.read(&path);
        let [prompt, completion, total] = stored;
        for (name, value) in [("prompt_tokens", prompt), ("completion_tokens", completion), ("total_tokens", total)] {
            assert!(file.contains(&format!("        \"{name}\": {value},\n        ")), "{name}: {value} in {file}");
        }
        let three = |count: &str| count.parse::<u64>().map_or(0, |count| count.saturating_mul(3));
        if prompt.parse::<u64>().is_ok() {
            let counted = &run.json()["usage"];
            assert_eq!(
                (&counted["prompt_tokens"], &counted["completion_tokens"]),
                (&json!(three(prompt)), &json!(three(completion)))
            );
        }
    }
}
