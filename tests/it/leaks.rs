//! Nothing of a token is ever shown or stored: every command is run with marked tokens, against servers that fail and
//! repeat them, and all output and every written byte is searched.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bedrock_fixtures::secret::Secret;
use bedrock_fixtures::token::forms;
use serde_json::json;

use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::token::{long, presigned, short};
use crate::support::{Run, TestEnv, case};

const ACCESS_KEY: &str = "ASIARZPUZDIKMARKEDKE";
const SIGNATURE: &str = "0a0a0a0a";

/// A token and everything of it that is secret.
struct Marked {
    token: String,
    secrets: Vec<String>,
}

fn short_term() -> Marked {
    let session = ["IQoJ", "b3JpZ2luX2VjMARKED/session+token/of+the+test"].concat() + &"Zm9v".repeat(60) + "==";
    let encoded = session.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    // Well-formed in every second in which a test can run.
    let text = presigned(ACCESS_KEY, "us-west-2", &stamp(), "43200", Some(&encoded));
    let token = short(&text);
    let body = token.rsplit("key-").next().unwrap().trim_end_matches('=').to_owned();
    let secrets = vec![body, text, session, encoded, ACCESS_KEY.to_owned(), SIGNATURE.repeat(8)];
    Marked { token, secrets }
}

/// Now, as keys are dated.
fn stamp() -> String {
    let now = jiff::Timestamp::now().to_string();
    now.split('.').next().unwrap().replace(['-', ':', 'Z'], "") + "Z"
}

fn long_term() -> Marked {
    let secret = "MARKEDsecretMARKEDsecretMARKEDsecret".to_owned();
    let text = format!("BedrockAPIKey-ab12-at-123456789012:{secret}");
    let token = long(&text);
    let body = token[4..].trim_end_matches('=').to_owned();
    Marked { token, secrets: vec![body, text, secret] }
}

/// A token of no known form, as stand-in servers have them.
fn plain() -> Marked {
    let token = ["marked", "token", "of", "the", "test", "0123456789abcdef"].join("-");
    Marked { secrets: vec![token.clone()], token }
}

fn tokens() -> [Marked; 3] {
    [short_term(), long_term(), plain()]
}

impl Marked {
    /// No piece of a secret longer than this may show.
    const PIECE: usize = 16;

    #[track_caller]
    fn is_nowhere_in(&self, what: &str, text: &str) {
        for secret in &self.secrets {
            let pieces = (0..=secret.len().saturating_sub(Self::PIECE)).step_by(7);
            for piece in pieces.map(|at| &secret[at..(at + Self::PIECE).min(secret.len())]) {
                // What every key says, and what is no secret: the names of the parameters, the region, the day.
                if secret.contains("X-Amz-Date") && is_public(secret, piece) {
                    continue;
                }
                assert!(!text.contains(piece), "{piece:?} is in {what}: {text}");
            }
        }
    }

    /// The token and its parts as a server may repeat them.
    fn echoes(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.secrets.clone();
        texts.push(self.token.clone());
        texts.push(format!("Bearer {}", self.token));
        // Shortened, as some servers do.
        texts.extend(self.secrets.iter().map(|secret| secret[..secret.len() * 2 / 3].to_owned()));
        texts.push(STANDARD.encode(&self.token));
        texts.push(json!(json!({"token": self.token}).to_string()).to_string());
        texts
    }

    /// Refusals of the token, which end a run.
    fn refusals(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for text in self.echoes() {
            let quoted = json!(text).to_string();
            let escaped: String = text.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
            steps.extend([
                Step::json(401, &format!(r#"{{"error":{{"code":"invalid_api_key","message":{quoted}}}}}"#)),
                Step::json(403, &format!(r#"{{"Message":"no good: {escaped}"}}"#)),
            ]);
        }
        steps
    }

    /// Other answers, bad and good.
    fn answers(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for text in self.echoes() {
            let quoted = json!(text).to_string();
            steps.extend([
                Step::json(500, &text),
                Step::json(400, &format!("<html>{text}")),
                Step::json(404, &format!(r#"{{"detail":{quoted}}}"#)).header("x-amzn-errortype", "Odd:x"),
                Step::json(200, &format!(r#"{{"no":{quoted}}}"#)),
                Step::json(200, &text),
                Step::json(302, &text).header("location", &format!("http://127.0.0.1:9/?t={}", text.replace('\n', ""))),
                Step { end: "short".into(), ..Step::json(200, &text) },
                Step {
                    headers: vec![("content-type".into(), "text/event-stream".into())],
                    pieces: vec![Piece::Bytes(format!("data: {{\"error\":{{\"message\":{quoted}}}}}\n\n").into())],
                    ..Step::json(200, "")
                },
                // A good answer, but for what it says.
                Step::json(200, &format!(r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"finish_reason":"stop","message":{{"role":"assistant","content":{quoted}}}}}]}}"#)),
                Step::json(200, &format!(r#"{{"data":[{{"id":{quoted}}}]}}"#)),
            ]);
        }
        // Fast enough to be many: nothing is asked twice.
        steps.into_iter().map(|step| step.header("x-should-retry", "false")).collect()
    }
}

/// Whether a piece of the decoded text is one that every key of the kind has.
fn is_public(text: &str, piece: &str) -> bool {
    let blank = text.replace(ACCESS_KEY, "").replace(&SIGNATURE.repeat(8), "");
    let blank = match blank.split_once("X-Amz-Security-Token=") {
        Some((before, after)) => before.to_owned() + after.split_once('&').map_or("", |(_, rest)| rest),
        None => blank,
    };
    blank.contains(piece)
}

#[track_caller]
fn check(marked: &Marked, env: &TestEnv, run: &Run, given: &[&str]) {
    marked.is_nowhere_in("standard output", &run.stdout);
    marked.is_nowhere_in("standard error", &run.stderr);
    for (path, bytes) in env.tree() {
        marked.is_nowhere_in("a path", &path);
        if !given.contains(&path.as_str()) {
            marked.is_nowhere_in(&path, &String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn commands_that_ask_nobody() {
    for marked in tokens() {
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &marked.token);
        env.write("cases.jsonl", case("tests/test_chat.py::test_hello", "hello"));
        env.write("given", &marked.token);
        for args in [
            &["demo"][..],
            &["demo", "--root", "demo"],
            &["record", "--sandbox", "--cases", "cases.jsonl"],
            &["record", "--plan", "--cases", "cases.jsonl"],
            &["verify"],
            &["replay-check", "--cases", "cases.jsonl"],
            &["verify-token"],
            &["verify-token", "--token-file", "given"],
            &["verify-token", "--min-remaining", "20h", "--region", "eu-west-1"],
            &["verify-token", "--at", "2001-01-01T00:00:00Z"],
            &["verify-token", &marked.token],
            &["mint-token", "--output", "new"],
            &["prune", &marked.token],
            &["help"],
            &["replay-check"],
            &["explain", "cases.jsonl"],
            &["explain", "."],
            &["explain", &marked.token],
            &["diff", "tests", "demo"],
            &["rekey"],
            &["prune"],
            &["verify", "--write-baseline", "known.json"],
            &["doctor"],
            &["init", "--yes"],
            &["review"],
            &["accept", "--yes", "tests"],
            &["reject", "--yes"],
            &["evidence", "collect", "evidence"],
            &["schema"],
            &["completions", "bash"],
            &["man"],
            &["record", "--serve", "--sandbox", "--yes", "--", "true"],
        ] {
            for format in ["text", "json"] {
                let run = env.run(&[args, &["-vv", "--format", format]].concat());
                check(&marked, &env, &run, &["given"]);
            }
        }
    }
}

#[test]
fn servers_that_refuse_and_repeat_the_token() {
    for marked in tokens() {
        let answers = marked.refusals();
        let count = answers.len();
        let server = ScriptedServer::start(answers);
        let url = server.url();
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &marked.token);
        env.write("cases.jsonl", case("tests/test_chat.py::test_hello", "hello"));
        for round in 0..count {
            let format = ["text", "json"][round % 2];
            let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &url, "-vv", "--format", format];
            check(&marked, &env, &env.run(&args).exits(1), &[]);
        }
        assert_eq!(server.requests().len(), count);
    }
}

#[test]
fn servers_that_fail_and_repeat_the_token() {
    for marked in tokens() {
        for (stream, format) in [(false, "text"), (true, "json")] {
            let answers = marked.answers();
            let count = answers.len();
            let server = ScriptedServer::start(answers);
            let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &marked.token);
            let body = format!("\"stream\":{stream},\"messages\"");
            let line = |round| case(&format!("tests/test_{round}.py::test"), "hello").replace("\"messages\"", &body);
            env.write("cases.jsonl", (0..count).map(line).collect::<String>());
            for allow in ["400", "400,404,500"] {
                let url = server.url();
                let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &url, "-vv", "--concurrency", "16"];
                let run = env.run(&[&args[..], &["--format", format, "--allow-status", allow]].concat()).exits(1);
                check(&marked, &env, &run, &[]);
            }
            assert!(server.requests().len() >= 2 * count, "every answer was given");
        }
    }
}

#[cfg(unix)]
#[test]
fn recorders_that_store_the_token() {
    for marked in tokens() {
        let env = TestEnv::new()
            .set("PATH", &std::env::var("PATH").unwrap())
            .set("AWS_BEARER_TOKEN_BEDROCK", &marked.token)
            // Nobody is there; a real one would be asked.
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9");
        env.write("cases.jsonl", case("tests/test_chat.py::test_hello", "hello"));
        let recorded = env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--format", "json"]).exits(0).json();
        let path = recorded["results"][0]["path"].as_str().unwrap().to_owned();
        let good: serde_json::Value = serde_json::from_str(&env.read(&path)).unwrap();
        for (round, text) in marked.echoes().into_iter().enumerate() {
            let (mut says, mut raises, mut named) = (good.clone(), good.clone(), good.clone());
            says["response"]["body"]["__data__"]["choices"][0]["message"]["content"] = json!(text);
            named["test_id"] = json!(format!("tests/test_chat.py::test[{text}]"));
            let data = json!({"type": text, "message": text, "status_code": 401, "body": {"message": text}});
            raises["response"] = json!({
                "body": null, "is_streaming": false, "is_exception": true, "exception_data": data, "exception_message": text,
            });
            let drafts = [says.to_string(), raises.to_string(), named.to_string(), text.clone()];
            env.write("draft", &drafts[round % drafts.len()]);
            env.write("other", &drafts[(round + 1) % drafts.len()]);
            env.write("name", text.replace(['/', '\n'], "").chars().take(100).collect::<String>());
            let script = "cp draft \"$0\"; cp other \"tests/recordings/$(cat name).json\"";
            let format = ["text", "json"][round / 2 % 2];
            let args = ["record", "-vv", "--format", format, "--", "sh", "-c", script, &path];
            let run = env.run(&args).exits(1);
            check(&marked, &env, &run, &["draft", "other", "name"]);
        }
    }
}

#[test]
fn online_checks_of_servers_that_repeat_the_token() {
    for marked in [short_term(), long_term()] {
        let others = marked.answers().into_iter().step_by(7);
        let answers: Vec<Step> = marked.refusals().into_iter().chain(others).collect();
        let count = answers.len();
        let server = ScriptedServer::start(answers);
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &marked.token);
        for round in 0..count {
            let format = ["text", "json"][round % 2];
            let run =
                env.run(&["verify-token", "--online", "--endpoint-url", &server.url(), "-vv", "--format", format]);
            check(&marked, &env, &run, &[]);
        }
        assert_eq!(server.requests().len(), count);
    }
}

#[test]
fn credentials_are_not_shown_by_mint_token() {
    let marked = short_term();
    let secret_key = ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYMARKEDKEY0"].join("/");
    let env = TestEnv::new()
        .set("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .set("AWS_SECRET_ACCESS_KEY", &secret_key)
        .set("AWS_SESSION_TOKEN", &marked.secrets[2])
        .set("AWS_BEARER_TOKEN_BEDROCK", &marked.token);
    for format in ["text", "json"] {
        let run = env.run(&["mint-token", "-vv", "--output", "new", "--format", format]).exits(0);
        let new = env.read("new");
        let shown = run.stdout.clone() + &run.stderr;
        assert!(!shown.contains(&secret_key) && !shown.contains(&new[20..60]), "{run:#?}");
        check(&marked, &env, &run, &["new"]);
    }
}

#[test]
fn a_secret_is_found_in_every_form() {
    for marked in tokens() {
        let secret = forms::secret(&marked.token).unwrap();
        let mut found: Vec<String> = marked.secrets.clone();
        found.push(marked.token.clone());
        found.push(marked.token.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F"));
        for part in found.clone() {
            found.push(json!({"a": part}).to_string());
            found.push(json!(json!({"a": json!([part]).to_string()}).to_string()).to_string());
            found.push(part.replace('/', "\\/"));
            found.push(part.bytes().map(|byte| format!("\\u{byte:04X}")).collect());
            for before in ["", "a", "ab"] {
                found.push(STANDARD.encode(format!("{before}{part}{before}")));
                found.push(URL_SAFE.encode(format!("{before}{part}{before}")));
            }
        }
        for text in found {
            let text = format!("before {text} after");
            assert!(secret.is_in(text.as_bytes()), "{text}");
        }
        for text in
            ["", "bedrock-api-key-", "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1", "\\u0041\\", "ABSK"]
        {
            assert!(!secret.is_in(text.as_bytes()), "{text}");
            assert_eq!(secret.scrub(text), text);
        }
    }
    assert_eq!(format!("{0} {0:?}", Secret::new("something").unwrap()), "[redacted] [redacted]");
    assert!(Secret::new(" \n").is_none());
}
