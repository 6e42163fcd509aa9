//! Recordings that the real recorder makes, of the steps of the golden vectors.

use std::collections::BTreeSet;

use bedrock_fixtures::recording::json::Value;

use super::{Recorder, recorders};
use crate::support::TestEnv;
use crate::support::server::ScriptedServer;
use crate::vectors::{Vector, vectors};

/// Records every vector in `root` with the recorder itself.
fn record(recorder: &Recorder, env: &TestEnv, vectors: &[Vector]) {
    let servers: Vec<_> = vectors.iter().map(|vector| ScriptedServer::start(vector.steps.clone())).collect();
    let line = |(vector, server): (&Vector, &ScriptedServer)| {
        let timeout = vector.timeout.unwrap_or(60.0);
        format!("{{\"server\": \"{}\", \"timeout\": {timeout}, \"case\": {}}}\n", server.url(), vector.case.trim_end())
    };
    let cases: String = vectors.iter().zip(&servers).map(line).collect();
    let cases = env.write("cases", cases);
    recorder.script("record_cases.py", &[cases.to_str().unwrap(), env.root().to_str().unwrap()], &[]);
}

#[test]
fn verify_takes_what_the_recorder_makes() {
    for recorder in recorders() {
        let env = TestEnv::new();
        let vectors: Vec<_> = vectors(recorder.ogx).into_iter().filter(|vector| vector.expected.is_some()).collect();
        record(&recorder, &env, &vectors);
        // The recorder does what it did when the vectors were made.
        let made: Vec<_> = env.recordings();
        let mut expected: Vec<_> = vectors.iter().map(|vector| vector.expected.clone().unwrap()).collect();
        expected.sort();
        let missing: Vec<_> = expected.iter().filter(|(path, _)| !made.iter().any(|(made, _)| made == path)).collect();
        assert!(missing.is_empty() && made.len() == 138, "OGX {}: {missing:?}", recorder.ogx);
        for ((path, bytes), expected) in made.iter().zip(&expected) {
            assert_eq!(
                (path, &String::from_utf8_lossy(bytes)[..]),
                (&expected.0, &expected.1[..]),
                "OGX {}",
                recorder.ogx
            );
        }

        let root = env.root().join("tests");
        let args = ["verify", "--format", "json", root.to_str().unwrap()];
        let report = env.run(&[&args, &recorder.as_it_would()[..]].concat()).json();
        let text = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let found = report["findings"].as_array().unwrap().iter();
        let found = found.map(|finding| (text(finding, "path"), text(finding, "rule")));
        let due = made.iter().filter(|(path, _)| path.starts_with("tests/"));
        let due = due.filter_map(|(path, bytes)| Some((path.clone(), rightly_found(bytes)?.to_owned())));
        assert_eq!(found.collect::<BTreeSet<_>>(), due.collect(), "OGX {}", recorder.ogx);
        assert!(report["checked"].as_i64().unwrap() > 100, "{report}");
        env.run(&[&["replay-check"], &recorder.as_it_would()[..]].concat()).exits(0);
    }
}

/// The rule that a recording breaks in the eyes of a person, too: it holds a transient failure, it has no end, it is
/// huge.
fn rightly_found(bytes: &[u8]) -> Option<&'static str> {
    // With our own reader: an error body may hold NaN.
    let recording = Value::parse(bytes).unwrap();
    let response = recording.get("response").unwrap();
    let status = response.get("exception_data").and_then(|data| data.get("status_code")).and_then(Value::as_i64);
    if status.is_some_and(|status| matches!(status, 401 | 403 | 408 | 429 | 500..)) {
        return Some("transient-error");
    }
    let ends = |chunk: &Value| {
        let choices = chunk.get("__data__").and_then(|data| data.get("choices")).and_then(Value::as_array);
        choices.unwrap().iter().any(|choice| choice.get("finish_reason").is_some_and(|reason| !reason.is_null()))
    };
    if response.get("body").and_then(Value::as_array).is_some_and(|chunks| !chunks.iter().any(ends)) {
        return Some("truncated-stream");
    }
    (bytes.len() > 1 << 20).then_some("oversize")
}

#[test]
fn what_made_a_call_fail_is_explained() {
    for recorder in recorders() {
        let env = TestEnv::new();
        let refused: Vec<_> = vectors(recorder.ogx).into_iter().filter(|vector| vector.expected.is_none()).collect();
        record(&recorder, &env, &refused);
        let args = ["verify", "--format", "json", "--select", "transient-error"];
        let report = env.run(&[&args, &recorder.as_it_would()[..]].concat()).exits(1).json();
        let said = |case: &str| {
            let is_of_case = |(_, bytes): &(String, Vec<u8>)| {
                let test_id = Value::parse(bytes).ok().and_then(|it| it.get("test_id")?.as_str().map(str::to_owned));
                test_id.is_some_and(|test_id| test_id.ends_with(&format!("-{case}]")))
            };
            let (path, _) = env.tree().into_iter().find(is_of_case).unwrap();
            let mut findings = report["findings"].as_array().unwrap().iter();
            findings.find(|finding| finding["path"] == path).unwrap()["message"].as_str().unwrap().to_owned()
        };
        let broken = match recorder.ogx {
            "0.8.0" => [
                "RemoteProtocolError: the connection ended before the stream was complete",
                "ReadTimeout: a timeout in the middle of the stream",
                "DecodingError: the compressed stream was damaged",
            ],
            _ => [
                "APIConnectionError: no answer, or the connection broke before the answer or the stream was complete",
                "APITimeoutError: a timeout before the answer or in the middle of the stream",
                "APIConnectionError: no answer, or the connection broke before the answer or the stream was complete",
            ],
        };
        assert_eq!(["s-cut-length", "s-stall", "s-gzip-bad"].map(said), broken, "OGX {}", recorder.ogx);
        assert_eq!(said("s-error-mid"), "APIError: the stream held an error");
        assert_eq!(said("u-body-invalid"), "JSONDecodeError: the answer, or an event of the stream, was not JSON");
        let unknown = report["findings"].as_array().unwrap().iter();
        let unknown: Vec<_> =
            unknown.filter(|finding| finding["message"].as_str().unwrap().contains("without a reply")).collect();
        assert_eq!(unknown, [] as [&serde_json::Value; 0]);
    }
}
