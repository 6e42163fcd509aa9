//! What `record` looks at before the first paid call, and what a plan says of it.

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::screen::{Said, filtered, hold};
use crate::support::server::{ScriptedServer, Step};
use crate::support::token::{issued, long, plain, short};
use crate::support::{Run, TestEnv, case};

const TEST: &str = "tests/test_chat.py::test_hello";

fn env(token: &str) -> TestEnv {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", token);
    env.write("cases.jsonl", case(TEST, "hello"));
    env
}

/// The errors and the warnings of a plan.
fn said_of(run: &Run) -> [Vec<String>; 2] {
    let report = run.json();
    let notes = report["plan"]["preflight"].as_array().unwrap();
    ["error", "warning"].map(|severity| {
        let of = notes.iter().filter(|note| note["severity"] == severity);
        of.map(|note| note["message"].as_str().unwrap().to_owned()).collect()
    })
}

/// Tokens that AWS would not take, and what each of them is.
fn unusable() -> Vec<(&'static str, String)> {
    let whole = issued("us-west-2", 60, 43_200);
    vec![
        ("expired long ago", short(&plain())),
        ("expired by an hour", issued("us-west-2", 7200, 3600)),
        ("of tomorrow", issued("us-west-2", -3600, 43_200)),
        ("of another region", issued("us-east-2", 60, 43_200)),
        ("cut", whole[..whole.len() - 2].to_owned()),
        ("with its scheme", format!("Bearer {whole}")),
        ("a placeholder", "replay-mode-dummy-key".to_owned()),
        ("a placeholder with the prefix", ["bedrock-api", "-key-<your-presigned-url>"].concat()),
        ("a key of OpenAI", ["sk", "-proj-0123456789abcdefghijkl"].concat()),
        ("an AWS access key id", ["AKIA", "IOSFODNN7EXAMPLE"].concat()),
        ("something else", "something-else-entirely-9431".to_owned()),
        ("a short long-term key", ["AB", "SK"].concat() + "abcd"),
    ]
}

#[test]
fn a_token_that_aws_would_not_take_stops_the_run_before_anything_is_sent() {
    let mut said = Said::default();
    for (what, token) in unusable() {
        let env = env(&token);
        // Nothing listens where a proxy is said to be: any attempt to send would say so instead.
        let run = env.run(&["record", "--cases", "cases.jsonl", "--yes"]).exits(2);
        run.hides(&token);
        assert_eq!(run.stdout, "");
        let plan = env.run(&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"]).exits(1);
        let [errors, _] = said_of(&plan);
        let error = filtered(&env, &errors[0]);
        assert!(filtered(&env, &run.stderr).ends_with(&format!("error: {error}\n")), "{run:#?}");
        assert_eq!(plan.json()["results"][0]["reason"], "would be sent", "the plan is shown all the same");
        let text = env.run(&["record", "--cases", "cases.jsonl", "--plan"]).exits(1).stdout;
        assert!(filtered(&env, &text).lines().any(|line| line == format!("error     {error}")), "{text}");
        said.add(what, error);
        assert_eq!(env.tree().len(), 1);
    }
    said.hold("record_unusable_token");
}

#[test]
fn a_token_that_can_be_used_is_no_error() {
    let mut said = Said::default();
    for (what, token) in [
        ("a new key", issued("us-west-2", 60, 43_200)),
        ("a key that ends soon", issued("us-west-2", 60, 600)),
        ("a key of two minutes ahead", issued("us-west-2", -120, 43_200)),
        ("a long-term key", long("BedrockAPIKey-ab12-at-123456789012:0123456789abcdef")),
    ] {
        let env = env(&token);
        let run = env.run(&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"]).exits(0);
        let [errors, warnings] = said_of(&run);
        assert_eq!(errors, [""; 0]);
        said.add(what, filtered(&env, &warnings.join("\n")));
    }
    let both = env(&issued("us-west-2", 60, 43_200)).set("AWS_BEDROCK_API_KEY", "an-older-one");
    let run = both.run(&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"]).exits(0);
    assert_eq!(said_of(&run)[1], ["AWS_BEDROCK_API_KEY holds another value; AWS_BEARER_TOKEN_BEDROCK comes first"]);
    let none = TestEnv::new();
    none.write("cases.jsonl", case(TEST, "hello"));
    let run = none.run(&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"]).exits(0);
    said.hold("record_usable_token");
    let [_, warnings] = said_of(&run);
    assert!(warnings[0].starts_with("no bearer token: "), "a plan needs no token, but says so: {warnings:?}");
}

#[test]
fn another_server_may_take_any_token_and_gets_warnings() {
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let url = server.url();
    let mut said = Said::default();
    for (what, token) in unusable() {
        let env = env(&token);
        let run = env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &url]);
        // What cannot stand in a header is refused before it is sent.
        if what == "with its scheme" {
            run.exits(2).one_error(&["cannot be sent"]);
            continue;
        }
        let run = run.exits(0);
        let warnings: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
        said.add(what, filtered(&env, &warnings.join("\n")));
    }
    said.hold("record_unusable_token_elsewhere");
}

#[test]
fn a_token_is_to_outlive_the_run() {
    let cases: String = (0..600).map(|i| case(&format!("a.py::t{i}"), "x")).collect();
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &issued("us-west-2", 0, 420));
    env.write("cases.jsonl", cases);
    let plan = |extra: &[&str], code| {
        let args = ["record", "--cases", "cases.jsonl", "--plan", "--format", "json"];
        env.run(&[&args, extra].concat()).exits(code)
    };
    let [errors, _] = said_of(&plan(&["--concurrency", "1"], 1));
    assert!(errors[0].contains("the run is expected to take 40 min: "), "{errors:?}");
    hold("record_token_ends_in_the_run", &filtered(&env, &errors.join("\n")));
    for fine in [&["--concurrency", "32"][..], &["--concurrency", "1", "--test", "t59"]] {
        assert!(said_of(&plan(fine, 0))[0].is_empty());
    }
}

#[test]
fn a_plan_adds_up_what_was_counted() {
    let env = TestEnv::new();
    let usage = |tokens: u64| json!({"prompt_tokens": tokens, "completion_tokens": 10 * tokens, "total_tokens": 1});
    let mut step: Value = serde_json::from_str(&answer("hi")).unwrap();
    let mut steps = vec![];
    for tokens in [10, 30] {
        step["usage"] = usage(tokens);
        steps.push(Step::json(200, &step.to_string()));
    }
    let server = ScriptedServer::start(steps);
    let cases: Vec<String> = (0..4).map(|i| case(&format!("a.py::t{i}"), "x")).collect();
    let plan = |given: &[String], extra: &[&str]| {
        env.write("cases.jsonl", given.concat());
        env.run(&[&["record", "--sandbox", "--cases", "cases.jsonl", "--plan"], extra].concat()).exits(0).stdout
    };
    let unknown = plan(&cases, &[]);
    env.write("two.jsonl", cases[..2].concat());
    env.run(&["record", "--cases", "two.jsonl", "--concurrency", "1", "--endpoint-url", &server.url()]).exits(0);
    let exact: Value = serde_json::from_str(&plan(&cases[..2], &["--format", "json"])).unwrap();
    let expected = json!({
        "calls": 2, "concurrency": 4, "counted": 2, "prompt_tokens": 40, "completion_tokens": 400, "seconds": 4,
        "minutes": 0.1, "assumption": "1 s per call, 100 tokens per second", "preflight": [],
    });
    assert_eq!(exact["plan"], expected);
    let mean = plan(&cases, &[]);
    hold("record_plan_tokens", &format!("{unknown}--- with two answers stored\n{mean}"));
    assert_eq!(server.requests().len(), 2, "a plan asks nothing");
}

#[test]
fn what_bedrock_is_known_not_to_do_is_not_asked() {
    let refusal = r#"{"error":{"code":"validation_error","message":"Model does not support image modality"}}"#;
    let server = ScriptedServer::start(vec![Step::json(400, refusal)]);
    let env = TestEnv::new();
    let image = json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]);
    let asked = |model: &str| json!({"model": model, "messages": [{"role": "user", "content": image}]});
    let line = |model: &str| json!({"test_id": TEST, "body": asked(model)}).to_string();
    env.write("cases.jsonl", line("openai.gpt-oss-20b-1:0"));
    let url = server.url();
    let record =
        |extra: &[&str]| env.run(&[&["record", "--format", "json", "--endpoint-url", &url][..], extra].concat());
    for extra in [&[][..], &["--plan"], &["--allow-status", "404"]] {
        let report = record(&[&["--cases", "cases.jsonl"], extra].concat()).exits(1).json();
        assert_eq!(report["results"][0]["status"], "refused");
        let reason = report["results"][0]["reason"].as_str().unwrap();
        hold("record_images_refused", reason);
    }
    assert!(server.requests().is_empty());
    record(&["--cases", "cases.jsonl", "--allow-status", "400"]).exits(0);
    // The test is about the refusal, so it is recorded again, whichever way it is given.
    for sources in [&["tests"][..], &["--cases", "cases.jsonl"]] {
        assert_eq!(record(sources).exits(0).json()["results"][0]["status"], "unchanged");
    }
    assert_eq!(server.requests().len(), 3);
    // It is asked, but the refusal is not stored.
    let env = TestEnv::new();
    env.write("cases.jsonl", line("openai.gpt-oss-20b-1:0"));
    let run = env.run(&["record", "--cases", "cases.jsonl", "--ask-anyway", "--endpoint-url", &url]).exits(1);
    hold("record_asked_anyway", &filtered(&env, &run.stdout));
    assert_eq!(server.requests().len(), 4);
    // Models that see are asked without a word, and those of which nothing is known with one.
    for (model, warns) in [("qwen.qwen3-vl-235b-a22b", false), ("us.openai.gpt-5.6", false), ("nobody.knows-it", true)]
    {
        let server = ScriptedServer::start(vec![Step::json(200, &answer("a cat"))]);
        let env = TestEnv::new();
        env.write("cases.jsonl", line(model));
        let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url()];
        let run = env.run(&args).exits(0);
        let said = format!("it is not known whether {model:?} supports images; the request is sent");
        let warning = format!("warning: {said}");
        assert_eq!(run.stderr.lines().any(|line| line == warning), warns, "{run:#?}");
        let plan = env.run(&[&args[..], &["--plan", "--format", "json"]].concat()).exits(0);
        assert_eq!(said_of(&plan)[1].contains(&said), warns);
    }
}

#[test]
fn a_url_of_another_region_than_the_one_that_answers_is_not_asked_there() {
    let env = env(&issued("us-east-1", 60, 43_200));
    let elsewhere = ["--endpoint-url", "https://bedrock-runtime.us-east-1.amazonaws.com"];
    let plan = |extra: &[&str]| {
        env.run(&[&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"], extra].concat())
    };
    let report = plan(&elsewhere).exits(1).json();
    assert_eq!(
        report["results"][0]["reason"],
        "its url is in region us-west-2, but the endpoint is us-east-1; give --region us-east-1"
    );
    plan(&[&elsewhere[..], &["--region", "us-east-1"]].concat()).exits(0);
    // A case that names its own url is no other than a recording.
    let url = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/v1/chat/completions";
    let line = json!({"test_id": TEST, "url": url, "body": {"model": "m", "messages": []}});
    env.write("cases.jsonl", line.to_string());
    plan(&[]).exits(0);
    let report = plan(&["--region", "us-west-2"]).exits(1).json();
    assert_eq!(
        report["results"][0]["reason"],
        "its url is in region us-east-1, not in --region us-west-2; leave the flag out to use the region and host of its url, or remove the url from the case"
    );
}

/// An address that is this machine's and is not known to be.
#[cfg(target_os = "linux")]
#[test]
fn who_cannot_be_reached_is_found_before_anything_is_asked() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &issued("us-west-2", 60, 43_200));
    env.write("cases.jsonl", (0..6).map(|i| case(&format!("a.py::t{i}"), "x")).collect::<String>());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("https://0.0.0.0:{closed}");
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "4", "--format", "json", "--endpoint-url", &url];
    let run = env.run(&args).exits(2);
    run.one_error(&["cannot connect to https://0.0.0.0", "check the region, the endpoint url and the network"]);
    let results = run.json()["results"].as_array().unwrap().clone();
    let refused = results.iter().filter(|result| result["status"] == "refused").count();
    assert_eq!((refused, results.len()), (1, 6), "one question was enough: {results:?}");
    assert!(run.json()["next"].as_str().unwrap().ends_with(" --missing"));
    assert_eq!(env.tree().len(), 1);
}

#[test]
fn one_reason_is_printed_once_for_all_that_it_refuses() {
    let env = TestEnv::new();
    let (a, b, c) = ("a.py::t", "b.py::t", "c.py::t");
    env.write("cases.jsonl", [(a, "one"), (b, "two"), (c, "three")].map(|(id, text)| case(id, text)).concat());
    let server = ScriptedServer::start(vec![
        Step::json(403, r#"{"message":"You don't have access to the model."}"#),
        Step::json(200, &answer("hi")),
        Step::json(403, r#"{"message":"You don't have access to the model."}"#),
    ]);
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--endpoint-url", &server.url()];
    hold("record_one_reason", &filtered(&env, &env.run(&args).exits(1).stdout));
}

#[test]
fn a_plan_says_planned_and_mistakes_on_the_command_line_say_what_is_wanted() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case(TEST, "hello"));
    let plan = env.run(&["record", "--cases", "cases.jsonl", "--plan", "--format", "json"]).exits(0).json();
    assert_eq!(plan["results"][0]["status"], "planned", "{plan}");
    let mut said = Said::default();
    for args in [
        ["record", "--allow-status", "foo"],
        ["record", "--allow-status", "200"],
        ["record", "--concurrency", "x"],
        ["record", "--timeout", "x"],
        ["verify-token", "--min-remaining", "5"],
    ] {
        said.add(args.join(" "), env.run(&args).exits(2).stderr);
    }
    said.hold("mistakes_on_the_command_line");
    let password = "hunter2-of-this-test";
    let url = format!("https://user:{password}@host.example/v1");
    for args in [
        &["record", "--cases", "cases.jsonl", "--endpoint-url", &url][..],
        &["verify-token", "--online", "--endpoint-url", &url],
    ] {
        let run = env.run(args).exits(2);
        run.hides(password);
        run.one_error(&["[masked]@host.example"]);
    }
    for format in ["text", "json"] {
        let env = TestEnv::new().set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &url);
        env.write("cases.jsonl", case(TEST, "hello"));
        for args in [&["record", "--cases", "cases.jsonl"][..], &["doctor", "-v"], &["record", "--", "true"]] {
            env.run(&[args, &["--format", format]].concat()).hides(password);
        }
        let env = TestEnv::new();
        env.write("cases.jsonl", case(TEST, "hello"));
        env.write("bedrock-fixtures.toml", format!("endpoint-url = '{url}'\n"));
        for args in [&["record", "--cases", "cases.jsonl"][..], &["doctor", "-v"], &["verify", "-v"]] {
            env.run(&[args, &["--format", format]].concat()).hides(password);
        }
    }
    let run = env.run(&["record", "--", "nosuchcmd"]).exits(2);
    run.hides("--sandbox");
}
