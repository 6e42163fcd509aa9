//! The guide's six tests: the stack that `init` writes is started by the real OGX, recorded under guard, and replayed.
//!
//! OGX's own tests are not on PyPI, so `tests/fixtures/recorder/guide` asks the same through OGX's library client.

use crate::support::server::{ScriptedServer, Step};

use super::{TOKEN, answer, copy, fixture, recorders, recordings, stream, with_python};

const TESTS: &str = "tests/integration/inference";

#[test]
fn the_stack_of_init_records_and_replays_the_six_tests() {
    for recorder in recorders() {
        let one = || Step::json(200, &answer("Saturn"));
        let server =
            ScriptedServer::start(vec![one(), one(), stream("Saturn"), stream("Saturn"), stream("Saturn"), one()]);
        let env = with_python()
            .set("AWS_BEARER_TOKEN_BEDROCK", TOKEN)
            .set("STAND_IN", &server.url())
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
        copy(&fixture("tests/fixtures/recorder/guide"), env.root());
        // What makes it a tree of OGX to `init`.
        env.write("src/ogx/README.md", "");
        env.run(&["init", "--yes", "--only", "stack", "--ogx", recorder.ogx]);
        let command = |mode: &str| {
            let mode = format!("--inference-mode={mode}");
            let words = [&recorder.python, "-m", "pytest", "-q", "--stack-config=bedrock-test.yaml", &mode, TESTS];
            words.map(str::to_owned)
        };
        let run = |first: &[&str], mode: &str| {
            let command = command(mode);
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            env.run(&[first, &recorder.as_it_would(), &["--format", "json", "--"], &words].concat())
        };

        let report = run(&["record"], "record").exits(0).json();
        let written: Vec<_> = report["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
        assert_eq!(written, ["written"; 6], "{report:#}");
        let chats = server.requests().into_iter().filter(|request| request.starts_with("POST ")).count();
        assert_eq!((chats, recordings(&env).len()), (6, 6), "{}", recorder.ogx);
        // The token that was checked is the one that was used.
        let bearer = format!("authorization: bearer {TOKEN}");
        let requests = server.requests().into_iter().filter(|request| request.starts_with("POST "));
        assert!(
            requests.map(|request| request.to_lowercase()).all(|request| request.contains(&bearer)),
            "{}",
            recorder.ogx
        );
        let report = env.run(&["verify", "--format", "json", "--ogx", recorder.ogx]).exits(0).json();
        assert_eq!(report["findings"], serde_json::json!([]));

        let report = run(&["replay-check"], "replay").exits(0).json();
        let read = report["read"].as_array().unwrap().len();
        assert_eq!((read, &report["unread"]), (6, &serde_json::json!([])), "{report:#}");
    }
}
