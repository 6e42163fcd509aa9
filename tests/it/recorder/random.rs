//! Random answers, recorded by the real recorder and by this tool, whose files are compared.

use bedrock_fixtures::recording::RECORDER;
use bedrock_fixtures::recording::json::Value;
use serde_json::json;

use super::recorders;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

const COUNT: usize = 150;

/// A reply as the server sends it: as JSON, or as the event of a stream.
fn step(kind: &str, reply: &str) -> Step {
    match kind {
        "chunk" => Step::json(200, &format!("data: {reply}\n\ndata: [DONE]\n\n")),
        _ => Step::json(200, reply),
    }
}

/// The recordings of a tree, with the line that names the SDK in place of those that name this tool.
fn recordings(env: &TestEnv, sdk: &str) -> Vec<(String, String)> {
    let ours = format!("\"recorder\": \"{RECORDER}\",\n      \"openai_sdk_layout\": \"{sdk}\"");
    let theirs = format!("\"openai_sdk_version\": \"{sdk}\"");
    let files = env.recordings().into_iter();
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap().replace(&ours, &theirs))).collect()
}

#[test]
fn random_answers_are_recorded_alike() {
    for recorder in recorders() {
        let printed = recorder.script("sdk_replies.py", &["5", "600"], &[]).stdout;
        let replies = printed.lines().filter_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let (kind, reply) = (line["kind"].as_str().unwrap().to_owned(), line["reply"].as_str().unwrap().to_owned());
            // Anything else is no answer, and refused.
            let json = Value::parse(reply.as_bytes()).unwrap();
            json.get("choices").and_then(Value::as_array).map(|_| (kind, reply))
        });
        let replies: Vec<_> = replies.take(COUNT).collect();
        assert_eq!(replies.len(), COUNT);
        let cases: Vec<String> = replies
            .iter()
            .enumerate()
            .map(|(index, (kind, _))| {
                let line = case(&format!("tests/suite/test_a.py::test_{index}"), &format!("question {index}"));
                let mut case: serde_json::Value = serde_json::from_str(&line).unwrap();
                case["url"] = json!("https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions");
                if kind == "chunk" {
                    case["body"]["stream"] = json!(true);
                }
                case.to_string()
            })
            .collect();

        let theirs = TestEnv::new();
        let servers: Vec<_> =
            replies.iter().map(|(kind, reply)| ScriptedServer::start(vec![step(kind, reply)])).collect();
        let lines = cases.iter().zip(&servers);
        let lines = lines
            .map(|(case, server)| format!("{{\"server\": \"{}\", \"timeout\": 60, \"case\": {case}}}\n", server.url()));
        let file = theirs.write("cases", lines.collect::<String>());
        recorder.script("record_cases.py", &[file.to_str().unwrap(), theirs.root().to_str().unwrap()], &[]);

        let ours = TestEnv::new();
        // One at a time, so that the n-th case gets the n-th step.
        let server = ScriptedServer::start(replies.iter().map(|(kind, reply)| step(kind, reply)).collect());
        ours.write("cases.jsonl", cases.join("\n"));
        let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url(), "--concurrency", "1"];
        ours.run(&[&args, &recorder.as_it_would()[..]].concat()).exits(0);
        ours.forget_digests();

        let (theirs_made, ours_made) = (recordings(&theirs, recorder.sdk), recordings(&ours, recorder.sdk));
        assert_eq!((theirs_made.len(), ours_made.len()), (COUNT, COUNT), "OGX {}", recorder.ogx);
        for (theirs, ours) in theirs_made.iter().zip(&ours_made) {
            assert_eq!(theirs, ours, "OGX {}", recorder.ogx);
        }
        // What the recorder made is well made: only a stream without an end is found.
        let args = ["verify", "--format", "json", "--ignore", "truncated-stream"];
        let report = theirs.run(&[&args, &recorder.as_it_would()[..]].concat()).exits(0).json();
        assert_eq!((&report["checked"], &report["findings"]), (&json!(COUNT), &json!([])), "OGX {}", recorder.ogx);
    }
}
