//! A run without a token but with AWS credentials: keys are minted in memory, one after the other.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use jiff::{SignedDuration, Timestamp};

use crate::record::answer;
use crate::support::screen::{filtered, hold};
use crate::support::server::{ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

fn example_secret() -> String {
    ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/")
}

fn env() -> TestEnv {
    let env = TestEnv::new();
    env.write("cases.jsonl", (0..6).map(|i| case(&format!("tests/test_a.py::t{i}"), "hello")).collect::<String>());
    env
}

fn with_keys() -> TestEnv {
    env().set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").set("AWS_SECRET_ACCESS_KEY", &example_secret())
}

/// A server that takes only keys that have not ended by the clock, and waits a little before each answer.
struct Checking {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Checking {
    fn start(wait: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(vec![]));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(connection.unwrap(), &shared, wait));
            }
        });
        Checking { url, seen }
    }

    fn tokens(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().iter().cloned().collect()
    }
}

fn serve(mut connection: TcpStream, seen: &Mutex<Vec<String>>, wait: Duration) {
    let mut bytes = Vec::new();
    let mut piece = [0; 65536];
    // The body is small and comes with the head, or right after it; the marker ends it.
    while !bytes.ends_with(b"]}") {
        match connection.read(&mut piece) {
            Ok(size) if size > 0 => bytes.extend_from_slice(&piece[..size]),
            _ => return,
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization: bearer "));
    let token = line.map_or("", |line| &line["authorization: bearer ".len()..]).to_owned();
    let good = ends(&token).is_some_and(|ends| ends > Timestamp::now());
    seen.lock().unwrap().push(token);
    let (status, body) =
        if good { (200, answer("hi")) } else { (403, r#"{"Message":"Bearer Token has expired"}"#.into()) };
    std::thread::sleep(wait);
    let head = "content-type: application/json\r\nconnection: close";
    let _ = write!(connection, "HTTP/1.1 {status} X\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
}

/// When a short-term key of us-west-2 ends.
fn ends(token: &str) -> Option<Timestamp> {
    let text = base64::engine::general_purpose::STANDARD.decode(token.strip_prefix("bedrock-api-key-")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    assert!(text.contains("%2Fus-west-2%2Fbedrock%2F"), "{text}");
    let value = |name: &str| Some(text.split_once(&format!("{name}="))?.1.split('&').next()?.to_owned());
    let date = value("X-Amz-Date")?;
    let rfc =
        format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..8], &date[9..11], &date[11..13], &date[13..15]);
    let issued: Timestamp = rfc.parse().ok()?;
    Some(issued + SignedDuration::from_secs(value("X-Amz-Expires")?.parse().ok()?))
}

fn record(env: &TestEnv, url: &str, extra: &[&str]) -> Run {
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json", "--endpoint-url", url];
    env.run(&[&args[..], extra].concat())
}

fn written(run: &Run) -> usize {
    let report = run.json();
    report["results"].as_array().unwrap().iter().filter(|result| result["status"] == "written").count()
}

#[test]
fn without_a_token_a_key_is_minted_and_said() {
    let server = Checking::start(Duration::ZERO);
    let env = with_keys();
    let run = record(&env, &server.url, &[]).exits(0);
    assert_eq!(written(&run), 6);
    let tokens: Vec<String> = server.tokens().into_iter().collect();
    let [token] = &tokens[..] else { panic!("{tokens:?}") };
    let lasts = ends(token).unwrap().duration_since(Timestamp::now()).as_secs();
    assert!((42_000..=43_200).contains(&lasts), "{lasts}");
    hold("record_minted", &filtered(&env, &run.stderr));
    // Nothing of the key or the credentials is shown or stored.
    for (path, bytes) in env.tree() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!((text.find(&token[20..]), text.find(&example_secret())), (None, None), "{path}");
    }
    run.hides(&token[20..]);

    // A token that is set comes first; --no-mint sends none.
    let env = with_keys().set("AWS_BEARER_TOKEN_BEDROCK", "a-token-of-this-test");
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    record(&env, &server.url(), &[]).exits(0);
    assert!(server.requests().iter().all(|request| request.contains("a-token-of-this-test")));
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let run = record(&with_keys(), &server.url(), &["--no-mint"]).exits(0);
    assert!(server.requests().iter().all(|request| !request.to_ascii_lowercase().contains("authorization")));
    run.hides("minted");
}

#[test]
fn a_server_that_is_not_bedrock_gets_no_minted_key() {
    let run = record(&with_keys(), "https://gateway.invalid/v1", &[]).exits(2);
    run.one_error(&["no bearer token"]);
    run.hides("minted");
}

#[test]
fn credentials_that_end_for_good_end_the_run_with_the_command_that_resumes_it() {
    let end = Timestamp::now() + SignedDuration::from_secs(2);
    let env = with_keys().set("AWS_CREDENTIAL_EXPIRATION", &end.to_string());
    let server = Checking::start(Duration::from_millis(900));
    let run = record(&env, &server.url, &[]).exits(1);
    let ended = "no further key could be minted: the AWS credentials ended at [TIME]";
    assert!(filtered(&env, &run.stderr).contains(ended), "{run:#?}");
    assert!((1..6).contains(&written(&run)), "{run:#?}");
    assert!(run.json()["next"].as_str().unwrap().ends_with(" --missing"), "{run:#?}");
}

#[cfg(unix)]
mod unix {
    use super::*;

    /// An `aws` that does `script`.
    fn with_aws(script: &str) -> TestEnv {
        use std::os::unix::fs::PermissionsExt as _;
        let env = env();
        let aws = env.write("bin/aws", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(aws, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", env.root().join("bin").display());
        env.set("PATH", &path)
    }

    /// Credentials that last so many seconds from each call on; the calls are counted in a file.
    fn lasting(seconds: u32) -> TestEnv {
        let (id, secret) = ("AKIAIOSFODNN7EXAMPLE", example_secret());
        with_aws(&format!(
            "echo \"$@\" >>calls; end=$(date -u -d '+{seconds} seconds' +%Y-%m-%dT%H:%M:%SZ)\n\
             echo \"{{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"{id}\\\", \\\"SecretAccessKey\\\": \\\"{secret}\\\", \
             \\\"Expiration\\\": \\\"$end\\\"}}\""
        ))
    }

    #[test]
    fn a_run_that_is_longer_than_its_credentials_gets_new_ones_and_mints_again() {
        let env = lasting(2).set("AWS_PROFILE", "dev");
        let server = Checking::start(Duration::from_millis(700));
        let run = record(&env, &server.url, &[]).exits(0);
        assert_eq!(written(&run), 6, "{run:#?}");
        let calls = env.read("calls").lines().count();
        let minted = run.stderr.matches("minted a key of us-west-2 in memory").count();
        assert!(calls >= 2 && minted == calls && server.tokens().len() >= 2, "{calls} calls: {run:#?}");
        run.hides("warning: ");
    }

    #[test]
    fn a_profile_that_is_given_comes_before_what_is_set() {
        let env = lasting(600).set("AWS_BEARER_TOKEN_BEDROCK", "a-token-of-this-test");
        let server = Checking::start(Duration::ZERO);
        record(&env, &server.url, &["--profile", "dev"]).exits(0);
        assert_eq!(env.read("calls"), "configure export-credentials --format process --profile dev\n");
        assert!(server.tokens().iter().all(|token| token.starts_with("bedrock-api-key-")));
    }

    #[test]
    fn minting_ends_when_no_key_is_taken() {
        let env = lasting(600).set("AWS_PROFILE", "dev");
        let server = ScriptedServer::start(vec![Step::json(403, r#"{"Message":"Bearer Token has expired"}"#)]);
        record(&env, &server.url(), &[]).exits(1);
        let calls = env.read("calls").lines().count();
        assert!((2..=4).contains(&calls) && server.requests().len() <= 4, "{calls}");
    }

    #[test]
    fn an_old_aws_cli_is_named() {
        let env = with_aws(
            "if [ \"$1\" = --version ]; then echo 'aws-cli/1.18.69 Python/3.8.10 Linux/5.4 botocore/1.16.19' >&2; exit 0; fi\n\
             echo 'usage: aws [options] <command> <subcommand>' >&2; exit 2",
        );
        let says = ["version 1.18.69", "cannot export credentials", "AWS CLI 2"];
        env.run(&["mint-token"]).exits(2).one_error(&says);
        env.run(&["record", "--cases", "cases.jsonl", "--yes"]).exits(2).one_error(&says);
    }

    #[test]
    fn a_guarded_run_sets_both_names_and_takes_the_credentials_out() {
        let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
        let env = with_keys()
            .set("PATH", "/usr/bin:/bin")
            .set("AWS_PROFILE", "dev")
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
        let script = "test \"$AWS_BEARER_TOKEN_BEDROCK\" = \"$AWS_BEDROCK_BEARER_TOKEN\" || exit 7\n\
                      case \"$AWS_BEDROCK_BEARER_TOKEN\" in bedrock-api-key-*) ;; *) exit 8;; esac\n\
                      test -z \"$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY$AWS_PROFILE\" || exit 9";
        let run = env.run(&["record", "--format", "json", "--", "sh", "-c", script]).exits(0);
        let taken_out = run.json()["taken_out"].to_string();
        assert!(taken_out.contains("AWS_SECRET_ACCESS_KEY") && taken_out.contains("AWS_PROFILE"), "{run:#?}");
        // Without a token and without minting the recorder signs with them.
        let script = "test -n \"$AWS_ACCESS_KEY_ID\" && test -z \"$AWS_BEDROCK_BEARER_TOKEN\"";
        env.run(&["record", "--no-mint", "--", "sh", "-c", script]).exits(0);
    }
}
