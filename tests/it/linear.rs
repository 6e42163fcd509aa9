//! Every command takes time in proportion to the bytes of a file: one with eight times as much of something in it may
//! take eight times as long, and somewhat more, never its square.

use std::process::Command;

use serde_json::{Map, Value, json};

use crate::support::TestEnv;

const URL: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";
const FILE: &str = "tests/recordings/0000000000000000000000000000000000000000000000000000000000000000.json";

/// How much longer eight times as much may take. A square would take 64 times as long.
const MOST: f64 = 24.0;

/// Time that says nothing, in seconds: starting a program takes as long.
const NOTHING: f64 = 0.15;

fn answer(text: &str) -> Value {
    json!({"__type__": "openai.types.chat.chat_completion.ChatCompletion", "__data__": {
        "id": "rec-000000000000", "choices": [{"finish_reason": "stop", "index": 0, "logprobs": null, "message": {
            "content": text, "refusal": null, "role": "assistant", "annotations": null, "audio": null, "function_call": null,
            "tool_calls": null}}],
        "created": 0, "model": "m", "object": "chat.completion", "service_tier": null, "system_fingerprint": null, "usage": null}})
}

fn chunk(text: &str) -> Value {
    json!({"__type__": "openai.types.chat.chat_completion_chunk.ChatCompletionChunk", "__data__": {
        "id": "rec-000000000000", "choices": [{"delta": {"content": text, "function_call": null, "refusal": null,
            "role": "assistant", "tool_calls": null}, "finish_reason": null, "index": 0, "logprobs": null}],
        "created": 0, "model": "m", "object": "chat.completion.chunk", "service_tier": null, "system_fingerprint": null,
        "usage": null}})
}

fn keys(n: usize) -> Value {
    (0..n).map(|i| (format!("k{i}"), json!(i))).collect::<Map<_, _>>().into()
}

fn key_id(i: usize) -> String {
    format!("{}IAQ7RT2LMZ7{i:07}", "AK")
}

/// Something of which there is `n`: what is asked beside a short message, and what is answered.
type Shape = fn(usize) -> (Value, Value);

/// Each with the smaller of the two numbers.
const SHAPES: [(&str, usize, Shape); 14] = [
    ("many keys", 1500, |n| (keys(n), answer("x"))),
    ("many keys in an answer", 1500, |n| {
        let mut answer = answer("x");
        answer["__data__"].as_object_mut().unwrap().extend(keys(n).as_object().unwrap().clone());
        answer["__data__"]["choices"][0]["message"]
            .as_object_mut()
            .unwrap()
            .extend(keys(n).as_object().unwrap().clone());
        (Value::Null, answer)
    }),
    ("many secrets", 300, |n| {
        let ids: Vec<String> = (0..n).map(key_id).collect();
        (json!(ids), answer("x"))
    }),
    ("many secrets in a text", 1000, |n| {
        let ids: Vec<String> = (0..n).map(key_id).collect();
        (Value::Null, answer(&ids.join(" ")))
    }),
    ("many secrets in a stream", 200, |n| (Value::Null, (0..n).map(|i| chunk(&(key_id(i) + " "))).collect())),
    ("many chunks", 400, |n| (Value::Null, (0..n).map(|i| chunk(&format!("w{i} "))).collect())),
    ("chunks that differ in shape", 400, |n| {
        let odd = |i: usize| {
            let mut chunk = chunk("x");
            chunk["__data__"][format!("x{i}")] = json!(i);
            chunk
        };
        (Value::Null, (0..n).map(odd).collect())
    }),
    ("a long text", 100_000, |n| (json!("lorem ipsum ".repeat(n / 12)), answer(&"dolor sit ".repeat(n / 10)))),
    ("what is replaced in texts", 1000, |n| {
        (json!("attributes: { score: 1.23456 document_id: ".repeat(n)), answer(&"<reasoning>".repeat(n)))
    }),
    ("starts of secrets", 1000, |n| {
        (json!(" eyJhbGciOiJIUzI1NiIsInR5cCI".repeat(n)), answer(&"bearer %41 \\u0041 authorization: ".repeat(n)))
    }),
    ("base64", 4000, |n| (Value::Null, answer(&"QUtJQVE3UlQy".repeat(n)))),
    ("many choices and calls", 300, |n| {
        let mut answer = answer("x");
        let choice = answer["__data__"]["choices"][0].clone();
        answer["__data__"]["choices"] = vec![choice; n].into();
        let call = json!({"id": "c", "function": {"arguments": "{\"a\": 1}", "name": "f"}, "type": "function"});
        answer["__data__"]["choices"][0]["message"]["tool_calls"] = vec![call; n].into();
        (Value::Null, answer)
    }),
    ("long keys above each other", 30, |n| {
        let nested = (0..n).fold(json!(1), |inner, _| json!({"k".repeat(2000): inner, "q": 1}));
        (nested.clone(), nested)
    }),
    ("a long text deep inside", 30_000, |n| {
        let nested = (0..100).fold(json!("y".repeat(n)), |inner, _| json!({"q": 1, "a": inner}));
        (nested.clone(), answer("x"))
    }),
];

fn document(asked: &Value, answer: &Value, temperature: i64) -> Vec<u8> {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "metadata": asked, "temperature": temperature});
    let document = json!({"test_id": "tests/t.py::t", "request": {"method": "POST", "url": URL, "headers": {}, "body": body,
        "endpoint": "/v1/chat/completions", "model": "m"},
        "response": {"body": answer, "is_streaming": answer.is_array()}, "id_normalization_mapping": {}});
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap();
    bytes.push(b'\n');
    bytes
}

/// The processor time of a run in seconds, as a shell measures it.
fn time(env: &TestEnv, folder: &str, args: &[&str]) -> f64 {
    let mut command = Command::new("bash");
    command.args(["-c", "TIMEFORMAT='%3U %3S'; exec 3>&2; time \"$@\" >/dev/null 2>/dev/null </dev/null", "bash"]);
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(args).current_dir(env.root().join(folder));
    command.env_clear().env("HOME", env.root());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    text.split_whitespace().map(|part| part.replace(',', ".").parse::<f64>().expect(&text)).sum()
}

/// The times in the folders `one` and `eight`. A machine that is busy, or stands still for a while, adds to what a run takes
/// and takes nothing away, so what seems too long is measured again.
fn best(env: &TestEnv, args: &[&str]) -> (f64, f64) {
    let mut one = (0..2).map(|_| time(env, "one", args)).fold(f64::INFINITY, f64::min);
    let mut eight = time(env, "eight", args);
    for _ in 0..3 {
        if eight > MOST * one + NOTHING {
            one = one.min(time(env, "one", args));
            eight = eight.min(time(env, "eight", args));
        }
    }
    (one, eight)
}

#[test]
fn eight_times_as_much_takes_eight_times_as_long() {
    if Command::new("bash").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "bash is needed");
        crate::support::skipped("no bash");
        return;
    }
    let mut measured = 0;
    for (name, n, shape) in SHAPES {
        let env = TestEnv::new();
        for (folder, n) in [("one", n), ("eight", 8 * n)] {
            let (asked, answer) = shape(n);
            env.write(&format!("{folder}/{FILE}"), document(&asked, &answer, 0));
            let other =
                if answer.is_array() { answer.as_array().unwrap()[1..].to_vec().into() } else { self::answer("other") };
            env.write(&format!("{folder}/other/{FILE}"), document(&asked, &other, 1));
            let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "metadata": asked, "temperature": 2});
            env.write(
                &format!("{folder}/request.json"),
                json!({"test_id": "tests/t.py::t", "url": URL, "body": body}).to_string(),
            );
        }
        let commands: [&[&str]; 9] = [
            &["verify", "--explain", "--strict"],
            &["replay-check"],
            &["rekey"],
            &["prune"],
            &["explain", "0000"],
            &["explain", "request.json"],
            &["diff", "tests", "other/tests"],
            &["diff", "tests", "other/tests", "--format", "markdown"],
            &["record", "--plan", "tests"],
        ];
        for command in commands {
            let args = [command, &["--root", "."]].concat();
            let (one, eight) = best(&env, &args);
            assert!(
                eight <= MOST * one + NOTHING,
                "{name}: {command:?}: {one} s, and of eight times as much {eight} s"
            );
            measured += 1;
        }
    }
    assert_eq!(measured, 9 * SHAPES.len());
}

/// Each line of a subtest may name any test.
#[test]
fn eight_times_as_many_results_take_eight_times_as_long() {
    let env = TestEnv::new();
    for (folder, n) in [("one", 2000), ("eight", 16_000)] {
        env.write(&format!("{folder}/{FILE}"), document(&Value::Null, &answer("x"), 0));
        let id = |i: usize| format!("tests/t.py::test_{i}[{}]", "p".repeat(40));
        let lines = (0..n).map(|i| format!("{} SUBSKIPPED[part] (why)\n{} PASSED\n", id(i), id(i))).collect::<String>();
        let sums = (format!("collected {n} items\n\n"), format!("== {n} passed, {n} skipped in 9.99s ==\n"));
        env.write(&format!("{folder}/run.txt"), format!("{}{lines}{}", sums.0, sums.1));
    }
    let args = ["prune", "--tests", "run.txt", "--root", "."];
    let (one, eight) = best(&env, &args);
    assert!(eight <= MOST * one + NOTHING, "{one} s, and of eight times as many {eight} s");
}

#[test]
fn nested_objects_are_walked_once_at_every_depth() {
    let env = TestEnv::new();
    for (folder, depth) in [("one", 60), ("eight", 480)] {
        let nested = (0..depth).fold(json!(1), |inner, _| json!({"a": inner, "q": 1}));
        let mut answer = answer("x");
        answer["__data__"]["deep"] = nested.clone();
        env.write(&format!("{folder}/{FILE}"), document(&nested, &answer, 0));
    }
    for command in ["verify", "replay-check", "rekey"] {
        let one = time(&env, "one", &[command, "--root", "."]);
        let eight = time(&env, "eight", &[command, "--root", "."]);
        // The bytes of nested objects, which are indented, grow with the square of the depth.
        assert!(eight <= 8.0 * MOST * one + NOTHING, "{command}: {one} s, and eight times as deep {eight} s");
    }
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_in_one_line() {
    let env = TestEnv::new();
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    env.write(FILE, format!("{{\"test_id\": null, \"request\": {deep}}}"));
    env.write("deep.json", format!("{{\"test_id\": \"t\", \"body\": {deep}}}"));
    for args in [
        &["verify"][..],
        &["replay-check"],
        &["rekey"],
        &["prune"],
        &["explain", "0000"],
        &["explain", "deep.json"],
        &["diff", "tests", "deep.json"],
        &["record", "--plan", "--cases", "deep.json"],
        &["diff", "--textconv", FILE],
    ] {
        let run = env.run(args);
        assert!((0..=2).contains(&run.code), "{args:?}: {run:?}");
        assert!(run.stderr.len() + run.stdout.len() < 2_000_000, "{args:?}");
    }
    let run = env.run(&["verify"]).exits(1);
    assert!(run.stdout.contains("nested") || run.stdout.contains("levels"), "{}", run.stdout);
}
