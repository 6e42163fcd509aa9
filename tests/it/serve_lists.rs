//! `serve`: lists of models are those that the recorder in force would merge.
#![cfg(unix)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::recorder::{Recorder, recorders};
use crate::serve::Server;
use crate::support::{Run, TestEnv};

const A: &str = "tests/integration/a/test_a.py::t";
const B: &str = "tests/integration/b/test_b.py::t";
const BEDROCK: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1";
const OTHER_REGION: &str = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1";
const MANTLE: &str = "https://bedrock-mantle.us-east-2.api.aws/v1";
const GOOGLE: &str = "https://generativelanguage.googleapis.com/v1beta/openai";
const LOCAL: &str = "http://localhost:8000/local/v1";

fn model(id: &str, created: u32) -> Value {
    json!({ "id": id, "created": created, "object": "model", "owned_by": "someone" })
}

/// Stores lists with the real recorder and gives its answers.
fn recorded(recorder: &Recorder, env: &TestEnv, spec: &Value) -> Vec<Value> {
    let script = format!("{}/tests/fixtures/recorder/model_lists.py", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(&recorder.python);
    command.arg(script).arg(env.root()).env_clear().env("PYTHONDONTWRITEBYTECODE", "1").current_dir(env.root());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(spec.to_string().as_bytes()).unwrap();
    let run = Run::of(child.wait_with_output().unwrap()).exits(0);
    serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap()
}

/// The path of a base url for a client of the server.
fn base_of(base_url: &str) -> &str {
    let rest = base_url.split_once("://").unwrap().1;
    &rest[rest.find('/').unwrap()..]
}

#[test]
fn a_list_is_what_the_recorder_merges() {
    for recorder in recorders() {
        let env = TestEnv::new();
        let list = |test_id: Option<&str>, base_url: &str, models: &[Value]| json!({ "test_id": test_id, "base_url": base_url, "models": models });
        let made = [
            list(None, BEDROCK, &[model("shared.z", 1), model("shared.a", 1)]),
            list(None, OTHER_REGION, &[model("shared.m", 2)]),
            list(Some(A), BEDROCK, &[model("of.a", 3)]),
            list(Some(B), BEDROCK, &[model("of.b", 4)]),
            list(Some(A), MANTLE, &[model("mantle", 5)]),
            list(None, GOOGLE, &[model("models/gemini", 6)]),
            list(Some(A), LOCAL, &[model("local.of.a", 7)]),
            list(Some(B), LOCAL, &[model("local.of.b", 8)]),
        ];
        let asked: Vec<(Option<&str>, &str)> = [None, Some(A), Some(B)]
            .into_iter()
            .flat_map(|test_id| [BEDROCK, MANTLE, GOOGLE, LOCAL].map(|base_url| (test_id, base_url)))
            .collect();
        let spec: Vec<Value> =
            asked.iter().map(|(test_id, base_url)| json!({ "test_id": test_id, "base_url": base_url })).collect();
        let answers = recorded(&recorder, &env, &json!({ "made": made, "asked": spec }));
        assert!(answers.iter().filter(|answer| answer.is_array()).count() >= 6, "{answers:?}");
        let server = Server::start(&env, &recorder.as_it_would()[..2]);
        for ((test_id, base_url), answer) in asked.iter().zip(answers) {
            let headers: Vec<(&str, &str)> = test_id.map(|id| ("x-test-id", id)).into_iter().collect();
            for _ in 0..2 {
                let (status, _, body) = server.ask("GET", &format!("{}/models", base_of(base_url)), &headers, "");
                let body: Value = serde_json::from_str(&body).unwrap();
                match &answer {
                    Value::Array(_) => assert_eq!((status, &body["data"]), (200, &answer), "{test_id:?} {base_url}"),
                    // A list of another endpoint, or of the only test that has one, may answer.
                    _ if test_id.is_none() => {}
                    _ => assert!(status == 404 || body["data"] != json!([]), "{test_id:?} {base_url}: {body}"),
                }
            }
        }
        let (receipt, _) = server.end();
        assert!(receipt["repeats"].as_u64() >= Some(6), "{receipt}");
    }
}

/// Where no recording has the base url of the client, a list of Bedrock answers, then the only one there is.
#[test]
fn the_only_list_answers_any_base_url_and_of_several_one_must_be_named() {
    let Some(recorder) = recorders().pop() else { return };
    let env = TestEnv::new();
    let made = |lists: &[(&str, &str)]| {
        let list =
            |(base_url, id): &(&str, &str)| json!({ "test_id": null, "base_url": base_url, "models": [model(id, 1)] });
        recorded(&recorder, &env, &json!({ "made": lists.iter().map(list).collect::<Vec<_>>(), "asked": [] }));
    };
    made(&[(GOOGLE, "gemini")]);
    let server = Server::start(&env, &[]);
    let ask = |path: &str| {
        let (status, _, body) = server.ask("GET", path, &[], "");
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let ids = |path: &str| ask(path).1["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    let all: Vec<Value> = ids("/openai/v1/models");
    assert_eq!(all, ["gemini"]);
    made(&[("https://api.example.com/ml/v1", "ml")]);
    let (status, said) = ask("/openai/v1/models");
    let message = said["error"]["message"].as_str().unwrap();
    assert!(status == 404 && message.contains("/ml/v1, /v1beta/openai"), "{said}");
    assert_eq!(ids("/v1beta/openai/models") as Vec<Value>, ["gemini"]);
    made(&[(MANTLE, "mantle")]);
    assert_eq!(ids("/openai/v1/models") as Vec<Value>, ["mantle"]);
    made(&[(BEDROCK, "runtime")]);
    assert_eq!(ids("/openai/v1/models") as Vec<Value>, ["runtime"]);
    assert_eq!(ids("/v1/models") as Vec<Value>, ["mantle"]);
    assert_eq!(ids("/t/x.py%3A%3At/ml/v1/models") as Vec<Value>, ["ml"]);
}

/// Requests of other kinds than chat go by what follows the base url, whatever version of an API is in it.
#[test]
fn a_base_url_may_end_with_any_version() {
    let env = TestEnv::new();
    let payload = json!({ "model": "m", "input": "x" });
    let recording = json!({
        "test_id": A,
        "request": { "test_id": A, "url": "https://h.example/v1beta/interactions", "method": "POST", "payload": payload },
        "response": { "body": { "said": "yes" }, "is_streaming": false, "status": 200 },
        "id_normalization_mapping": {},
    });
    env.write("tests/integration/a/recordings/x.json", recording.to_string());
    env.run(&["rekey", "--yes", "tests/integration/a/recordings/x.json"]).exits(0);
    let server = Server::start(&env, &[]);
    for base in ["/v1beta", "/openai/v1", "/v1beta/openai"] {
        let (status, _, body) =
            server.ask("POST", &format!("{base}/interactions"), &[("x-test-id", A)], &payload.to_string());
        assert_eq!((status, body.as_str()), (200, r#"{"said":"yes"}"#), "{base}");
    }
}
