//! The real recorder of OGX under guard. See `tests/fixtures/recorder/README.md`.
#![cfg(unix)]

mod collect;
mod guide;
mod made;
mod random;
mod sdk;
mod tree;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

const TOKEN: &str = "marked-token-of-the-test-0123456789abcdef";

/// A version of OGX whose recorder can be run.
pub(crate) struct Recorder {
    pub(crate) ogx: &'static str,
    pub(crate) sdk: &'static str,
    /// A Python that has both.
    pub(crate) python: String,
}

/// The recorders that are installed. Each missing one is said; in CI it is a failure.
pub(crate) fn recorders() -> Vec<Recorder> {
    let known = [("0.8.0", "2.30.0", "BEDROCK_FIXTURES_OGX_0_8"), ("1.5.0", "3.57.0", "BEDROCK_FIXTURES_OGX_1_5")];
    let installed = |(ogx, sdk, variable): (&'static str, &'static str, &str)| {
        let Some(path) = std::env::var(variable).ok().filter(|path| !path.is_empty()) else {
            assert!(std::env::var_os("CI").is_none(), "in CI, {variable} must name a Python with OGX {ogx}");
            crate::support::skipped(&format!(
                "OGX {ogx}: set {variable} to a Python, see tests/fixtures/recorder/README.md"
            ));
            return None;
        };
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(path).to_str().unwrap().to_owned();
        Some(Recorder { ogx, sdk, python })
    };
    known.into_iter().filter_map(installed).collect()
}

impl Recorder {
    /// Runs a script of tests/fixtures/recorder in an environment of its own.
    #[track_caller]
    pub(crate) fn script(&self, name: &str, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = std::process::Command::new(&self.python);
        command.arg(fixture(&format!("tests/fixtures/recorder/{name}"))).args(args).env_clear();
        command.env("PYTHONDONTWRITEBYTECODE", "1").envs(variables.iter().copied());
        Run::of(command.output().unwrap()).exits(0)
    }

    /// `record` as this recorder would.
    pub(crate) fn as_it_would(&self) -> [&str; 4] {
        ["--ogx", self.ogx, "--openai-sdk", self.sdk]
    }
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

/// An environment in which a recorder runs.
fn with_python() -> TestEnv {
    TestEnv::new()
        .set("PATH", &std::env::var("PATH").unwrap())
        .set("PYTHONDONTWRITEBYTECODE", "1")
        // A thread of OGX that writes to stderr while Python ends holds the lock of its buffer, and Python aborts.
        .set("PYTHONUNBUFFERED", "1")
}

/// The pytest project in a folder of its own.
fn project() -> TestEnv {
    let env = with_python().set("OPENAI_API_KEY", "of-another-provider");
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
    env.recordings()
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
    recorders().iter().for_each(|recorder| token_ends_half_way(&recorder.python));
}

fn token_ends_half_way(python: &str) {
    let (env, run, server) = record(project(), python, good("hello"));
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
    let (env, run, _) = record(env, python, again);
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
        let command = pytest(python, &[&["--inference-mode=replay"], extra].concat());
        env.run(&[&["replay-check", "--format", "json", "--reads-out", "reads.log"], &command[..]].concat())
    };
    let run = replay(&["-k", "not four"]).exits(0);
    assert_eq!((&run.json()["unread"], &run.json()["changed"]), (&json!([]), &json!([])), "{run:#?}");
    assert_eq!(run.json()["replayed"], 5);
    let run = replay(&["-k", "one or two"]).exits(0);
    assert_eq!(run.json()["unread"].as_array().unwrap().len(), 3, "{run:#?}");
    let log = env.read("reads.log");
    assert_eq!(log.lines().filter(|line| !line.starts_with('#')).count(), 7);
    let passed = log.lines().filter(|line| line.starts_with("# passed ") && line.contains("::test_question["));
    assert_eq!(passed.count(), 7, "{log}");
    replay(&[]).exits(1);
}

#[test]
fn the_guides_mistakes_are_explained() {
    recorders().iter().for_each(|recorder| mistakes_are_explained(&recorder.python));
}

fn mistakes_are_explained(python: &str) {
    let server = ScriptedServer::start(good("x"));
    let env = project().set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
    // From a folder whose conftest.py does not know the flag.
    let run = env.run(&["record", "--", python, "-m", "pytest", "--inference-mode=record"]).exits(4);
    assert!(
        run.stderr.contains("unrecognized arguments") && run.stderr.contains("tests/integration/inference"),
        "{run:#?}"
    );
    let none = pytest(python, &["--inference-mode=record", "-k", "nothing"]);
    assert!(env.run(&[&["record"], &none[..]].concat()).exits(5).stderr.contains("skip list"));
    assert_eq!(recordings(&env), []);
}

#[test]
fn each_recorder_replays_every_file_that_this_tool_wrote() {
    for recorder in recorders() {
        let env = project();
        let store = env.root().join("store");
        copy(&fixture("recordings"), &store.join("recordings"));
        // Of the same requests, answers in the layout of this recorder; errors too.
        let cases = store.join("recordings/cases.jsonl");
        let root = env.root().join("own").to_str().unwrap().to_owned();
        std::fs::create_dir_all(&root).unwrap();
        let own = ["record", "--sandbox", "--root", &root, "--cases", cases.to_str().unwrap(), "--allow-status", "400"];
        env.run(&[&own, &recorder.as_it_would()[..]].concat()).exits(0);
        let refused = Step::json(400, r#"{"error": {"message": "it's \"too\" long", "code": "validation_error"}}"#);
        let server = ScriptedServer::start(vec![refused]);
        let cases = env.write("refused.jsonl", case("tests/test_refused.py::test_a", "a question"));
        let own = ["record", "--root", &root, "--cases", cases.to_str().unwrap(), "--endpoint-url", &server.url()];
        env.run(&[&own, &recorder.as_it_would()[..], &["--allow-status", "400"]].concat()).exits(0);

        let shipped = replayed(&env, &recorder, &store);
        let own = replayed(&env, &recorder, Path::new(&root));
        assert_eq!((shipped > 10, own), (true, shipped + 1), "OGX {}", recorder.ogx);
    }
}

/// How many recordings the recorder gave back as they say, which are all of them.
#[track_caller]
fn replayed(env: &TestEnv, recorder: &Recorder, store: &Path) -> usize {
    let folders = walkdir::WalkDir::new(store).into_iter().map(Result::unwrap);
    // The recorder looks in one folder.
    let all = tempfile::tempdir().unwrap();
    std::fs::create_dir(all.path().join("recordings")).unwrap();
    let mut files = 0;
    for entry in folders.filter(|entry| entry.path().extension().is_some_and(|it| it == "json")) {
        std::fs::copy(entry.path(), all.path().join("recordings").join(entry.file_name())).unwrap();
        files += 1;
    }
    let variables: Vec<_> =
        env.command(&[]).get_envs().map(|(n, v)| (n.to_owned(), v.map(ToOwned::to_owned))).collect();
    let mut command = std::process::Command::new(&recorder.python);
    command.args(["-m", "pytest", "-q", "tests/integration/inference/test_store.py"]).current_dir(env.root());
    command.env_clear().envs(variables.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let run = Run::of(command.env("STORE", all.path()).output().unwrap()).exits(0);
    assert!(run.stdout.contains(&format!("{files} passed")), "OGX {}: {run:#?}", recorder.ogx);
    files
}
