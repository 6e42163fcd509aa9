//! The real recorder of OGX under guard. See `tests/fixtures/recorder/README.md`.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{Run, TestEnv};

const TOKEN: &str = "marked-token-of-the-test-0123456789abcdef";

/// A Python that has the recorder, or `None` after saying so.
fn python() -> Option<String> {
    let python = std::env::var("BEDROCK_FIXTURES_RECORDER").ok().filter(|path| !path.is_empty());
    if python.is_none() {
        eprintln!("SKIPPED: set BEDROCK_FIXTURES_RECORDER to a Python with tests/fixtures/recorder/requirements.txt");
    }
    let path = python.map(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    path.map(|path| path.to_str().unwrap().to_owned())
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        let is_product = entry.path().components().any(|part| part.as_os_str() == "__pycache__");
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(target).unwrap(),
            false if !is_product => drop(std::fs::copy(entry.path(), target).unwrap()),
            false => {}
        }
    }
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The pytest project in a folder of its own.
fn project() -> TestEnv {
    let env = TestEnv::new()
        .set("PATH", &std::env::var("PATH").unwrap())
        .set("PYTHONDONTWRITEBYTECODE", "1")
        .set("OPENAI_API_KEY", "of-another-provider");
    copy(&fixture("tests/fixtures/recorder/project"), env.root());
    env
}

fn stream(text: &str) -> Step {
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        let chunk =
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
        Piece::Bytes(format!("data: {chunk}\n\n").into_bytes())
    };
    Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        framing: "chunked".into(),
        pieces: vec![
            chunk(json!({"role": "assistant", "content": text}), Value::Null),
            chunk(json!({}), json!("stop")),
            Piece::Bytes(b"data: [DONE]\n\n".to_vec()),
        ],
        end: "clean".into(),
        ..Step::json(200, "")
    }
}

/// Answers to the questions one to six, of which the second and the fifth stream.
fn good(text: &str) -> Vec<Step> {
    let step = |index| if matches!(index, 1 | 4) { stream(text) } else { Step::json(200, &answer(text)) };
    (0..6).map(step).collect()
}

fn pytest<'a>(python: &'a str, extra: &[&'a str]) -> Vec<&'a str> {
    let tests = ["tests/integration/inference/test_chat.py", "tests/integration/inference/test_environment.py"];
    [&["--", python, "-m", "pytest", "-q"], &tests[..], extra].concat()
}

#[track_caller]
fn record(env: TestEnv, python: &str, steps: Vec<Step>) -> (TestEnv, Run, ScriptedServer) {
    let server = ScriptedServer::start(steps);
    let env = env
        .set("AWS_BEDROCK_BEARER_TOKEN", TOKEN)
        .set("STAND_IN", &server.url())
        .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
    // The preflight's own variable is not one that the tests look for.
    let command = pytest(python, &["--inference-mode=record"]);
    let run = env.run(&[&["record", "--format", "json"], &command[..]].concat());
    (env, run, server)
}

fn recordings(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    env.tree().into_iter().filter(|(path, _)| path.contains("/recordings/")).collect()
}

/// Each question with what became of its recording.
fn fates(run: &Run) -> Vec<(String, String)> {
    let report = run.json();
    let mut fates: Vec<_> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let question =
                result["test_id"].as_str().unwrap().trim_end_matches(']').rsplit('-').next().unwrap().to_owned();
            (question, result["status"].as_str().unwrap().to_owned())
        })
        .collect();
    fates.sort();
    fates
}

fn expected(fates: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fates: Vec<_> = fates.iter().map(|(question, fate)| ((*question).to_owned(), (*fate).to_owned())).collect();
    fates.sort();
    fates
}

#[test]
fn a_token_that_ends_half_way_leaves_no_trace_in_the_store() {
    let Some(python) = python() else { return };
    let (env, run, server) = record(project(), &python, good("hello"));
    let run = run.exits(0);
    assert_eq!(fates(&run).len(), 6, "{run:#?}");
    assert!(fates(&run).iter().all(|(_, fate)| fate == "written"), "{run:#?}");
    assert!(server.requests().iter().all(|request| request.contains(&format!("Bearer {TOKEN}"))));
    let files = recordings(&env);
    assert_eq!(files.len(), 6);
    let of = |env: &TestEnv, question: &str| {
        let ends = format!("-{question}]\"");
        recordings(env).into_iter().find(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&ends))
    };

    // The fourth has no recording yet; the first is answered anew, the second as before but for noise.
    let (fourth, _) = of(&env, "four").unwrap();
    std::fs::remove_file(env.root().join(&fourth)).unwrap();
    let before = recordings(&env);
    let expired = || Step::json(403, r#"{"Message":"Bearer Token has expired"}"#);
    let unauthorized = || Step::json(401, r#"{"error":{"code":"invalid_api_key","message":"Invalid bearer token"}}"#);
    let mut again = good("hello");
    again[0] = Step::json(200, &answer("hello again"));
    let fingerprint = answer("hello").replace("\"model\"", "\"system_fingerprint\":\"fp_1\",\"model\"");
    again[2] = Step::json(200, &fingerprint);
    again[3] = expired();
    again[4] = unauthorized();
    again[5] = unauthorized();
    let (env, run, _) = record(env, &python, again);
    let run = run.exits(1);
    assert_eq!(run.json()["command_exit"], 1, "{run:#?}");
    let fates = fates(&run);
    let want =
        [("one", "written"), ("three", "unchanged"), ("four", "refused"), ("five", "refused"), ("six", "refused")];
    assert_eq!(fates, expected(&want), "{run:#?}");
    let changed: Vec<_> = recordings(&env).into_iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(changed.len(), 1, "all others are as they were, byte for byte");
    assert_eq!(Some(&changed[0]), of(&env, "one").as_ref());
    assert!(String::from_utf8_lossy(&changed[0].1).contains("hello again"));
    assert_eq!(recordings(&env).len(), 5, "the fourth was never recorded, and is not");
    for (path, bytes) in recordings(&env) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(["Error", "invalid_api_key", TOKEN].iter().all(|trace| !text.contains(trace)), "{path}");
    }
    env.run(&["verify"]).exits(0);

    // And what is there, the team's own replay reads, and nothing else.
    let replay = |extra: &[&str]| {
        let command = pytest(&python, &[&["--inference-mode=replay"], extra].concat());
        env.run(&[&["replay-check", "--format", "json", "--reads-out", "reads.log"], &command[..]].concat())
    };
    let run = replay(&["-k", "not four"]).exits(0);
    assert_eq!((&run.json()["unread"], &run.json()["changed"]), (&json!([]), &json!([])), "{run:#?}");
    assert_eq!(run.json()["replayed"], 5);
    let run = replay(&["-k", "one or two"]).exits(0);
    assert_eq!(run.json()["unread"].as_array().unwrap().len(), 3, "{run:#?}");
    assert_eq!(env.read("reads.log").lines().count(), 7);
    replay(&[]).exits(1);
}

#[test]
fn the_guides_mistakes_are_explained() {
    let Some(python) = python() else { return };
    let server = ScriptedServer::start(good("x"));
    let env = project().set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
    // From a folder whose conftest.py does not know the flag.
    let run = env.run(&["record", "--", &python, "-m", "pytest", "--inference-mode=record"]).exits(4);
    assert!(
        run.stderr.contains("unrecognized arguments") && run.stderr.contains("tests/integration/inference"),
        "{run:#?}"
    );
    let none = pytest(&python, &["--inference-mode=record", "-k", "nothing"]);
    assert!(env.run(&[&["record"], &none[..]].concat()).exits(5).stderr.contains("skip list"));
    assert_eq!(recordings(&env), []);
}

#[test]
fn the_recorder_replays_every_file_that_this_tool_wrote() {
    let Some(python) = python() else { return };
    let env = project();
    let store = env.root().join("store");
    copy(&fixture("recordings"), &store.join("recordings"));
    let files = std::fs::read_dir(store.join("recordings")).unwrap();
    let files = files.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|it| it == "json")).count();
    let env = env.set("STORE", store.to_str().unwrap());
    let test = "tests/integration/inference/test_store.py";
    let mut command = env.command(&[]);
    let path =
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect::<Vec<_>>();
    command = std::process::Command::new(&python);
    command.args(["-m", "pytest", "-q", test]).env_clear().envs(path).current_dir(env.root());
    let run = Run::of(command.output().unwrap()).exits(0);
    assert!(files > 10 && run.stdout.contains(&format!("{files} passed")), "{run:#?}");
}
