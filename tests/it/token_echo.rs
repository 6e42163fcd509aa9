//! A server that repeats the token in another dress: nothing of it is stored or shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case, token};

fn dresses(token: &str) -> Vec<(&'static str, String)> {
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let split = |size: usize, sign: &str| {
        let parts = token.as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap());
        parts.collect::<Vec<_>>().join(sign)
    };
    vec![
        ("as it is", token.to_owned()),
        ("hex", hex.clone()),
        ("capital hex", hex.to_uppercase()),
        ("reversed", token.chars().rev().collect()),
        ("capitals", token.to_uppercase()),
        ("small letters", token.to_lowercase()),
        ("spaces", split(10, " ")),
        ("lines", split(12, "\n")),
        ("letter by letter", split(1, " ")),
        ("percent", token.bytes().map(|byte| format!("%{byte:02X}")).collect()),
        ("base64", STANDARD.encode(token)),
        ("base64 further on", STANDARD.encode(format!("x{token}"))),
    ]
}

#[test]
fn a_token_in_another_dress_is_neither_stored_nor_shown() {
    let token = token::plain();
    let letters =
        |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase() };
    for (name, dress) in dresses(&token) {
        let chat = |content: &str| {
            let choice =
                json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}});
            json!({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).to_string()
        };
        let chunk = |content: &str, end: Option<&str>| {
            let choice = json!({"index": 0, "finish_reason": end, "delta": {"role": "assistant", "content": content}});
            format!(
                "data: {}\n\n",
                json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})
            )
        };
        // What is split already is cut once more, by the chunks of a stream.
        let (a, b) = dress.split_at(dress.len() / 2);
        let stream =
            chunk("it is ", None) + &chunk(a, None) + &chunk(b, None) + &chunk("", Some("stop")) + "data: [DONE]\n\n";
        let steps = vec![
            Step::json(200, &chat(&format!("you sent {dress}, did you?"))),
            Step::json(200, &stream).header("x-kind", "stream"),
            Step::json(400, &json!({"message": format!("denied for {dress}")}).to_string()),
            Step::json(404, &format!("no page for {dress}")),
        ];
        let server = ScriptedServer::start(steps);
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &token);
        let streamed = json!({"test_id": "tests/t.py::s", "body": {"model": "m", "stream": true, "messages": [{"role": "user", "content": "s"}]}});
        let cases =
            [case("tests/t.py::a", "a"), streamed.to_string(), case("tests/t.py::b", "b"), case("tests/t.py::c", "c")];
        env.write("cases.jsonl", cases.join("\n"));
        let url = server.url();
        let args = [
            "record",
            "--cases",
            "cases.jsonl",
            "--endpoint-url",
            &url,
            "--concurrency",
            "1",
            "--format",
            "json",
            "-v",
        ];
        let run = env.run(&args).exits(1);
        let results = run.json()["results"].as_array().unwrap().clone();
        assert_eq!(results.len(), 4, "{name}: {run:?}");
        assert!(results.iter().all(|result| result["status"] == "refused"), "{name}: {run:?}");
        assert!(env.recordings().is_empty(), "{name}: something was stored");
        let (shown, dress) = (letters(&(run.stdout + &run.stderr)), letters(&dress));
        let left = (0..dress.len() - 14).find(|at| shown.contains(&dress[*at..at + 14]));
        assert_eq!(left.map(|at| &dress[at..at + 14]), None, "{name}: {shown}");
    }
}
