//! Nothing that comes from a file or a server steers what reads the output: terminals, CI systems, Markdown, people.

use serde_json::{Value, json};

use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

const URL: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";

/// Parts that mean something to some reader; a hostile text is some of them in a row.
const PARTS: [&str; 34] = [
    "\n::error file=a,line=1::said by a file\n",
    "::stop-commands::x",
    "\r::warning::said by a file",
    "\n  ::notice::said by a file",
    "##[error]said by a file",
    "\u{1b}]0;title\u{7}",
    "\u{1b}[2J\u{1b}[31m",
    "\u{9b}2J",
    "\u{202e}",
    "\u{2066}",
    "\u{200e}",
    "\u{200f}",
    "\u{61c}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200b}",
    "\u{e0041}",
    "\u{0}",
    "\u{7f}",
    "www.said.example",
    "someone@said.example",
    "@octocat",
    "@org/team",
    "<script>alert(1)</script>",
    "<!-- x -->",
    "</code></details>",
    "| a | b |",
    "```\n# heading\n",
    "[a](http://said.example)",
    "![a](http://said.example/x.png)",
    "% %0A ,title=x:",
    "plain words",
    "/~0~1\"\\",
];

fn text(random: &mut fastrand::Rng) -> String {
    (0..random.usize(1..5)).map(|_| PARTS[random.usize(..PARTS.len())]).collect()
}

/// A document with something hostile wherever a text or a key can stand.
fn document(random: &mut fastrand::Rng) -> Value {
    // Built here, so that scanners of this repository find none.
    let secret = format!("{}IA{}", "AK", "Q7RT2LMZ7QZX4B2C");
    let mut t = || text(random);
    let mut body = json!({"model": t(), "messages": [{"role": "user", "content": t()}]});
    body[t()] = json!({t(): secret, "x": t()});
    let host = if t().len() % 2 == 0 { URL.to_owned() } else { format!("https://{}/v1", t()) };
    let mut answer = json!({"__type__": "openai.types.chat.chat_completion.ChatCompletion", "__data__": {
        "id": t(), "choices": [{"finish_reason": t(), "index": 0, "logprobs": null, "message": {
            "content": format!("{} {secret}", t()), "refusal": t(), "role": "assistant", "annotations": null, "audio": null,
            "function_call": null, "tool_calls": [{"id": t(), "type": "function", "function": {"name": t(), "arguments": t()}}],
        }}],
        "created": 0, "model": t(), "object": "chat.completion", "service_tier": null, "system_fingerprint": null, "usage": null,
    }});
    answer["__data__"][t()] = json!({t(): secret});
    if t().len() % 3 == 0 {
        answer["__type__"] = json!(t());
    }
    let mut document = json!({"test_id": t(), "request": {"method": "POST", "url": host, "headers": {}, "body": body,
        "endpoint": "/v1/chat/completions", "model": t()},
        "response": {"body": answer, "is_streaming": false}, "id_normalization_mapping": {}});
    if t().len() % 4 == 0 {
        document["response"] = json!({"body": null, "is_streaming": false, "is_exception": true, "exception_message": t(),
            "exception_data": {"category": "provider_sdk", "provider": "openai", "type": t(), "message": t(), "status_code": 401,
            "body": t()}});
    }
    document
}

/// Characters that nobody sees or that steer a terminal.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn check(what: &str, output: &str, is_annotations: bool) {
    if let Some(c) = output.chars().find(|c| is_hidden(*c)) {
        panic!("{what}: {c:?} in {output:?}");
    }
    for line in output.lines() {
        let start = line.trim_start();
        let own = [
            "::error file=tests/",
            "::error file=other/",
            "::warning file=tests/",
            "::warning file=other/",
            "::notice title=",
        ];
        let ours = is_annotations && own.iter().any(|own| line.starts_with(own));
        assert!(ours || !start.starts_with("::"), "{what}: a command: {line:?}");
        assert!(!line.contains("##["), "{what}: a command: {line:?}");
    }
}

/// Markdown as a reader of fences and tables sees it.
fn check_markdown(what: &str, page: &str) {
    let mut fence: Option<usize> = None;
    for line in page.lines().skip(1) {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            Some(open) => assert!(!line.contains(&"`".repeat(open)), "{what}: {line}"),
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                let tags = ["<details>", "<summary>", "</summary>", "</details>", "<code>", "</code>"];
                let rest = tags.iter().fold(line.to_owned(), |rest, tag| rest.replace(tag, ""));
                assert!(
                    !rest.contains(['<', '>', '`', '@', '[', ']']) || rest.contains("`bedrock-fixtures"),
                    "{what}: {line}"
                );
                assert!(!line.starts_with('|') || matches!(line.matches('|').count(), 3 | 4), "{what}: {line}");
            }
        }
    }
    assert_eq!(fence, None, "{what}: {page}");
    for part in ["@octocat", "@org", "@said", "<script", "<!-- x", "</code></details>"] {
        assert!(!page.contains(part), "{what}: {part} in {page}");
    }
    assert!(!page.to_lowercase().contains("www.said"), "{what}: {page}");
}

#[test]
fn no_report_in_any_format_is_steered_by_a_recording() {
    let mut findings = 0;
    for seed in 0..12 {
        let mut random = fastrand::Rng::with_seed(seed);
        let env = TestEnv::new();
        for side in ["tests", "other"] {
            for file in 0..3 {
                let mut bytes = serde_json::to_vec_pretty(&document(&mut random)).unwrap();
                bytes.push(b'\n');
                env.write(&format!("{side}/recordings/{}.json", format!("{file}").repeat(64)), bytes);
            }
        }
        let (question, id) = (text(&mut random), text(&mut random));
        let request =
            json!({"test_id": id, "body": {"model": "m", "messages": [{"role": "user", "content": question}]}});
        env.write("request.json", request.to_string());
        env.write("ids.txt", format!("{}\ntests/a.py::t\n1 test collected\n", id.replace(['\n', '\r'], " ")));
        let commands: &[&[&str]] = &[
            &["verify"],
            &["verify", "--explain", "--strict"],
            &["replay-check"],
            &["replay-check", "--cases", "request.json"],
            &["rekey"],
            &["rekey", "--url", "https=http"],
            &["explain", "request.json"],
            &["explain", "-v", "request.json"],
            &["explain", "0000"],
            &["explain", "tests"],
            &["explain", &id],
            &["prune"],
            &["prune", "--tests", "ids.txt"],
            &["diff", "tests", "other"],
            &["diff", "tests", "other", "--all", "-v"],
            &["diff", "tests", "other", "--stat"],
            &[
                "diff",
                "--textconv",
                "tests/recordings/0000000000000000000000000000000000000000000000000000000000000000.json",
            ],
            &["record", "--plan", "tests"],
            &["record", "--plan", "--cases", "request.json"],
            &["doctor"],
            &["verify", "--root", &id],
        ];
        for command in commands {
            // What an argument held is the business of who gave it; a null cannot be given at all.
            if command.iter().any(|arg| arg.contains('\0')) {
                continue;
            }
            for format in ["text", "json", "github", "sarif", "markdown"] {
                let run = env.run(&[command, &["--format", format][..]].concat());
                let what = format!("seed {seed}, {command:?} --format {format}");
                if run.stderr.contains("this command prints") {
                    continue;
                }
                findings += usize::from(run.code == 1);
                check(&what, &run.stderr, false);
                check(&what, &run.stdout, format == "github");
                match format {
                    "json" | "sarif" if !run.stdout.is_empty() => {
                        serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
                    }
                    "markdown" if run.stdout.starts_with("<!--") => check_markdown(&what, &run.stdout),
                    _ => {}
                }
            }
            let coloured = env.run(&[command, &["--color", "always"][..]].concat());
            let styled = anstream::adapter::strip_str(&coloured.stdout).to_string();
            check(&format!("seed {seed}, {command:?} in colour"), &styled, false);
        }
    }
    assert!(findings > 100, "{findings}: the recordings are looked at");
}

#[test]
fn what_a_server_says_steers_nothing() {
    for seed in 0..6 {
        let mut random = fastrand::Rng::with_seed(100 + seed);
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
        let steps = (0..4).map(|place| {
            let mut t = || text(&mut random);
            match place {
                0 => Step::json(404, &json!({"message": t(), t(): t()}).to_string()),
                1 => Step::json(400, &t()),
                2 => Step::json(200, &json!({"error": {"message": t(), "code": t()}}).to_string()),
                _ => Step::json(200, &t()),
            }
        });
        let server = ScriptedServer::start(steps.collect());
        let cases: String =
            (0..4).map(|i| case(&format!("tests/t.py::t{i}"), &format!("question {i}")) + "\n").collect();
        env.write("cases.jsonl", cases);
        for format in ["text", "json"] {
            let url = server.url();
            let args =
                ["record", "--cases", "cases.jsonl", "--endpoint-url", &url, "--concurrency", "1", "--format", format];
            let run = env.run(&args);
            assert_ne!(run.code, 0, "{run:?}");
            check(&format!("seed {seed} stdout {format}"), &run.stdout, false);
            check(&format!("seed {seed} stderr {format}"), &run.stderr, false);
        }
    }
}
