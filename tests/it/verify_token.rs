use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_fixtures::secret::Secret;
use bedrock_fixtures::token::forms;
use bedrock_fixtures::token::identity::AccessKey;
use bedrock_fixtures::token::parse::parse;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::screen::{Said, filtered, screen, typed};
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::token::{HOST, long, plain, presigned, short, text, vectors};
use crate::support::{Run, TestEnv};

const VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// Inside the life of `plain()`.
const NOON: &str = "2026-01-15T12:00:00Z";

#[track_caller]
fn verify(token: &str, extra: &[&str]) -> Run {
    let env = TestEnv::new().set(VARIABLE, token);
    let run = env.run(&[&["verify-token", "--format", "json"], extra].concat());
    // Nothing of a token is ever shown, least of all of one that is not understood.
    token.split_whitespace().filter(|part| part.len() > 20).for_each(|part| run.hides(part));
    run
}

fn notes(run: &Run) -> String {
    let notes = run.json()["notes"].as_array().unwrap().clone();
    notes.iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// A text without its days and hours.
fn timeless(text: &str) -> String {
    filtered(&TestEnv::new(), text)
}

/// A token that is malformed in one way, and what is said of it.
#[track_caller]
fn is_malformed(said: &mut Said, way: &str, token: &str, kind: &str) {
    let run = verify(token, &["--at", NOON]).exits(1);
    let report = run.json();
    assert_eq!((&report["verdict"], &report["kind"]), (&json!("malformed"), &json!(kind)), "{run:#?}");
    said.add(way, notes(&run));
    for name in ["region", "account", "access_key", "issued_at", "expires_at", "remaining_seconds"] {
        assert_eq!(report[name], Value::Null, "{name}");
    }
}

fn moment(text: &str, seconds: i64) -> String {
    (text.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)).to_string()
}

#[test]
fn keys_of_the_official_generators_are_read_by_name_and_judged_to_the_second() {
    let python = vectors("short_term_python");
    let mut said = Said::default();
    for list in ["short_term_python", "short_term_js_text", "short_term_identity"] {
        for vector in vectors(list) {
            // The same keys in another order have their facts in the first list.
            let facts = python.iter().find(|facts| facts["name"] == vector["name"]).unwrap_or(&vector);
            let (date, end, region) = (text(facts, "date"), text(facts, "expires_at"), text(facts, "region"));
            let at = |at: &str, code: i32, verdict: &str| {
                let run = verify(text(&vector, "token"), &["--at", at]).exits(code);
                assert_eq!(run.json()["verdict"], verdict, "{run:#?}");
                run
            };
            let seconds = facts["expires"].as_i64().unwrap();
            let run = at(date, 0, "well-formed");
            let id = text(facts, "access_key");
            let account = facts["account"].as_str();
            let report = run.json();
            let expected = json!({
                "schema": 1, "command": "verify-token", "source": VARIABLE, "kind": "short-term", "verdict": "well-formed",
                "region": region, "wanted_region": "us-west-2", "wanted_region_source": "the default", "account": account, "access_key": format!("{}…{}", &id[..4], &id[16..]),
                "issued_at": date, "expires_at": end, "remaining_seconds": seconds, "checked_at": date,
                "notes": report["notes"],
            });
            assert_eq!(crate::support::without_recorder(report), expected);
            let mut says = |moment: &str, run: &Run| {
                let name = format!("{list} {}, {moment}", text(&vector, "name"));
                said.add(name, timeless(&format!("{}\n--- stderr\n{}", notes(run), run.stderr)));
            };
            says("at its start", &run);

            at(&moment(end, -1800), 0, "well-formed");
            let near = at(&moment(end, -1799), 1, "near-expiry");
            assert_eq!(near.json()["remaining_seconds"], 1799);
            says("near its end", &near);
            at(&moment(end, -1), 1, "near-expiry");
            assert_eq!(at(end, 1, "expired").json()["remaining_seconds"], 0);
            at(&moment(end, 1), 1, "expired");
            at(&moment(date, -300), 0, "well-formed");
            let early = at(&moment(date, -301), 1, "not-yet-valid");
            says("before its start", &early);
        }
    }
    said.hold("said_of_keys_of_the_generators");
}

#[test]
fn what_the_session_says_is_a_hint_and_called_so() {
    let vector = vectors("short_term_identity").remove(0);
    let mut said = Said::default();
    let run = verify(text(&vector, "token"), &["--at", text(&vector, "date")]).exits(0);
    said.add(format!("a session that began at {}", text(&vector, "session_created")), notes(&run));
    // The session is dated by AWS: a key that is older than it comes from a wrong clock.
    let session = text(&vector, "session_token").replace('=', "%3D");
    let old = short(&presigned(text(&vector, "access_key"), "us-west-2", "20260115T082459Z", "43200", Some(&session)));
    let run = verify(&old, &["--at", text(&vector, "date")]).exits(0);
    said.add("a key that is older than its session", run.stderr);
    said.hold("said_of_the_session");
}

#[test]
fn the_negative_vectors_are_named_for_what_they_are() {
    let mut said = Said::default();
    for vector in [vectors("short_term_negative"), vectors("long_term_negative")].concat() {
        let (name, token) = (text(&vector, "name"), text(&vector, "token"));
        if name == "N01-empty" {
            let run = verify(token, &[]).exits(1);
            assert_eq!((&run.json()["verdict"], &run.json()["kind"]), (&json!("absent"), &json!("absent")));
            assert_eq!(run.json()["source"], Value::Null);
            continue;
        }
        let kind = match name {
            "N03-placeholder" => "placeholder",
            "N07-upper-prefix" | "N31-claude-platform" | "N33-aws-access-key" => "unknown",
            _ if name.starts_with('L') => "long-term",
            _ => "short-term",
        };
        is_malformed(&mut said, name, token, kind);
    }
    said.hold("said_of_negative_vectors");
}

#[test]
fn long_term_keys_say_their_account_and_no_end() {
    let mut cases: Vec<(String, String)> =
        vectors("long_term").iter().map(|v| (text(v, "token").to_owned(), text(v, "account").to_owned())).collect();
    // A second credential, and user names that hold the separator.
    for user in ["BedrockAPIKey-ab12+1", "me-at-123456789012", "a-at-123456789012:b", "x"] {
        cases.push((long(&format!("{user}-at-210987654321:{}", "s3cret".repeat(8))), "210987654321".to_owned()));
    }
    for (token, account) in cases {
        let run = verify(&token, &["--region", "eu-west-1", "--min-remaining", "12h"]).exits(0);
        let report = run.json();
        assert_eq!((&report["verdict"], &report["kind"]), (&json!("expiry-unknown"), &json!("long-term")), "{run:#?}");
        assert_eq!(report["account"], account);
        assert_eq!((&report["region"], &report["expires_at"]), (&Value::Null, &Value::Null));
        assert_eq!(report["remaining_seconds"], Value::Null);
    }
    let mut said = Said::default();
    for decoded in [
        "user-at-12345678901:secret",
        "user-123456789012:secret",
        "-at-123456789012:secret",
        "user-at-123456789012",
        "user-at-123456789012:se\ncret",
    ] {
        is_malformed(&mut said, &format!("{decoded:?}"), &long(decoded), "long-term");
    }
    is_malformed(&mut said, "the prefix alone", &["AB", "SK"].concat(), "long-term");
    let padded = long("user-at-123456789012:secret!!") + "====";
    is_malformed(&mut said, "too much padding", &padded, "long-term");
    said.hold("said_of_long_term_keys");
}

#[test]
fn accounts_of_access_keys() {
    for vector in vectors("account_from_access_key") {
        assert_eq!(AccessKey::parse(text(&vector, "id")).unwrap().account().as_deref(), vector["account"].as_str());
    }
    for id in ["ASIAJZPUZDIKAAAAAAAA", "ASIA1ZPUZDIKAAAAAAAA", "ASIARZPUZDIKAAAAAAAAA", "ASIA7777777777777777"] {
        assert_eq!(AccessKey::parse(id).unwrap().account(), None, "{id}");
    }
    assert!(AccessKey::parse("ASIA").is_none() && AccessKey::parse("asiarzpuzdikaaaaaaaa").is_none());
}

#[test]
fn short_term_keys_that_aws_would_refuse_are_malformed_for_a_reason() {
    let well = plain();
    assert_eq!(verify(&short(&well), &["--at", NOON]).exits(0).json()["verdict"], "well-formed");
    let with = |from: &str, to: &str| {
        assert!(well.contains(from), "{from}");
        (format!("{from} → {to}"), short(&well.replace(from, to)))
    };
    let session = "IQoJtoken%2Bof%2Fa%3Dsession";
    let mut said = Said::default();
    for (way, token) in [
        with(HOST, "bedrock.amazonaws.com.evil.example/?"),
        with(HOST, "https://bedrock.amazonaws.com/?"),
        with(HOST, "bedrock.amazonaws.com/x?"),
        with(HOST, "bedrock.us-west-2.amazonaws.com/?"),
        with("Version=1", "Version=2"),
        with("Version=1", "version=1"),
        with("HMAC-SHA256", "HMAC-SHA1"),
        with("SignedHeaders=host", "SignedHeaders=host%3Bdate"),
        with("&X-Amz-SignedHeaders=host", ""),
        with("0a0a&", "0a0A&"),
        with("0a0a&", "0a0&"),
        with("0a0a&Version=1", "0a0"),
        with("%2Fbedrock%2F", "%2Fs3%2F"),
        with("%2Faws4_request", "%2Faws4_request%2F"),
        with("%2Faws4_request", ""),
        with("%2Fus-west-2", "%2Fus-west"),
        with("%2Fus-west-2", "%2Fus-west-2.evil"),
        with("AKIAIOSFODNN7EXAMPLE", "akia"),
        with("20260115T083000Z", "20260115T083060Z"),
        with("20260115T083000Z", "20260115T083000"),
        with("20260115T083000Z", "2026-01-15T08:30:00Z"),
        with("20260115", "20260230"),
        with("20260115", "20261301"),
        with("20260115", "99991231"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=0"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=-1"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=%2B60"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=000060"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=60.5"),
        with("X-Amz-Expires=43200", "X-Amz-Expires="),
        with("X-Amz-Expires=43200", "X-Amz-Expires=43200&X%2DAmz-Expires=43200"),
        with("X-Amz-Expires=43200", "X-Amz-Expires=%zz"),
        with("&Version", "&&Version"),
        with("&Version", "&stray&Version"),
        with("AKIA", "ASIA"),
        with("&X-Amz-Signature", &format!("&X-Amz-Security-Token={session}&X-Amz-Signature")),
        with("&X-Amz-Signature", "&X-Amz-Security-Token=&X-Amz-Signature"),
        ("cut after 8 characters".to_owned(), short(&well[..8])),
        ("control characters".to_owned(), short("\u{1}\u{2}")),
        ("the prefix alone".to_owned(), ["bedrock", "api", "key", ""].join("-")),
        ("without padding".to_owned(), short(&well).trim_end_matches('=').to_owned()),
        ("twice".to_owned(), short(&well) + &short(&well)),
        ("more at the end".to_owned(), short(&well) + "AAAA"),
        ("Y → %59".to_owned(), short(&well).replace("Ym", "%59m")),
        ("a dot inside".to_owned(), short(&well).replace("Ym", "Y.m")),
        ("a newline inside".to_owned(), short(&well)[..80].to_owned() + "\r\n" + &short(&well)[80..]),
        ("a space inside".to_owned(), short(&well)[..80].to_owned() + " " + &short(&well)[80..]),
        ("a zero-width space inside".to_owned(), short(&well)[..80].to_owned() + "\u{200b}" + &short(&well)[80..]),
        ("in quotes".to_owned(), format!("\"{}\"", short(&well))),
        ("after a quote".to_owned(), format!("'{}", short(&well))),
        ("after bearer".to_owned(), format!("bearer {}", short(&well))),
        ("a whole header".to_owned(), format!("Authorization: Bearer {}", short(&well))),
        ("after a variable".to_owned(), format!("{VARIABLE}={}", short(&well))),
        ("a line of a shell".to_owned(), format!("export {VARIABLE}=\"{}\"", short(&well))),
        ("after a byte order mark".to_owned(), format!("\u{feff}{}", short(&well))),
        ("base64 for urls".to_owned(), ["bedrock", "api", "key", "_-8="].join("-")),
    ] {
        is_malformed(&mut said, &way, &token, "short-term");
    }
    let bytes = ["bedrock", "api", "key", ""].join("-") + &STANDARD.encode([0xff; 30]);
    is_malformed(&mut said, "base64 of bytes that are not text", &bytes, "short-term");
    said.hold("said_of_short_term_keys");
    // What AWS adds tomorrow is no reason to refuse a key, but worth a word.
    let run = verify(&with("&Version", "&X-Amz-New=1&Version").1, &["--at", NOON]).exits(0);
    assert_eq!(run.stderr, "warning: it holds a parameter that this tool does not know\n");
}

#[test]
fn look_alikes_and_placeholders_are_named() {
    let padding = "x7Kq2".repeat(12);
    let mut said = Said::default();
    for (parts, way) in [
        (vec!["AEAA", &padding], "a key of Claude Platform"),
        (vec!["sk-", "ant-api03-", &padding], "a key of Anthropic"),
        (vec!["sk-", "proj-", &padding], "a key of OpenAI"),
        (vec!["ASIA", "IOSFODNN7", "EXAMPLE"], "an AWS access key id"),
        (vec!["IQoJb3Jp", "Z2luX2Vj", &padding], "an AWS session token"),
        (vec!["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"], "an AWS secret access key"),
        (vec!["eyJhbGciOi", "JIUzI1NiJ9.ey", "JzdWIiOjF9.", &padding], "a JWT"),
        (vec!["gh", "p_", &padding], "a token of GitHub"),
        (vec!["h", "f_", &padding], "a token of Hugging Face"),
        (vec![HOST, "Action=CallWithBearerToken"], "a decoded key"),
        (vec!["https://", HOST, "Action=CallWithBearerToken"], "a decoded key with its scheme"),
        (vec!["YmVkcm9jay5hbWF6b25hd3MuY29t", &padding], "a key without its prefix"),
        (vec!["absk", &padding], "a prefix in lower case"),
        (vec!["arn:aws:iam::", "123456789012:user/x"], "an ARN"),
        (vec!["https://", "example.com"], "a url"),
        (vec!["something", "else"], "something else"),
    ] {
        is_malformed(&mut said, way, &parts.concat(), "unknown");
    }
    for placeholder in [
        "replay-mode-dummy-key",
        "<NOTUSED>",
        "<insert your bedrock API key>",
        "your-bedrock-api-key",
        "YOUR_TOKEN_HERE",
        "bedrock-api-key-xxxx",
        "bedrock-api-key-XXXXXXXXXXXXXXXX",
        "bedrock-api-key-<your-presigned-url>",
        "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29...",
        "bedrock-api-key-your-key",
        "ABSKxxxxxxxx",
        "bedrock-token",
        "no-key-required",
        "aws-sdk",
        "\"dummy\"",
        "${AWS_BEARER_TOKEN_BEDROCK}",
        "$TOKEN",
        "test",
        "none",
        "changeme",
        "...",
    ] {
        is_malformed(&mut said, placeholder, placeholder, "placeholder");
    }
    said.hold("said_of_look_alikes");
}

#[test]
fn no_part_of_a_key_is_a_key_and_no_text_stops_the_reader() {
    let vector = vectors("short_term_identity").remove(0);
    let token = text(&vector, "token");
    let read = |text: &str| Secret::new(text).map(|secret| parse(&secret));
    assert!(read(token).unwrap().is_ok());
    for end in 1..token.len() {
        assert!(read(&token[..end]).unwrap().is_err(), "cut at {end}");
    }
    // Every cut of the text, encoded well.
    let decoded = STANDARD.decode(token.trim_start_matches(&["bedrock", "api", "key", ""].join("-"))).unwrap();
    let decoded = String::from_utf8(decoded).unwrap();
    for end in 0..decoded.len() {
        assert!(read(&short(&decoded[..end])).unwrap().is_err(), "cut at {end}");
    }
    for seed in 0..20_000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut bytes = decoded.clone().into_bytes();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        let broken = short(&String::from_utf8_lossy(&bytes));
        let _ = read(&broken);
        if seed % 100 == 0 {
            let wild: String = (0..60).map(|_| random.char('\0'..'\u{300}')).collect();
            for text in [&broken, &wild, &broken.replace('k', &wild)] {
                let secret = forms::secret(text).unwrap();
                let _ = (read(text), secret.scrub(&wild), secret.is_in(wild.as_bytes()));
                assert!(text.len() < 20 || !secret.scrub(text).contains(&**text), "{text}");
            }
        }
        let _ = read(&long(&String::from_utf8_lossy(&bytes[..random.usize(..60)])));
    }
}

#[test]
fn a_region_is_wrong_only_if_somebody_named_one() {
    let token = short(&plain());
    let mut said = Said::default();
    let mut wrong = |run: Run, source: &str| {
        let run = run.exits(1);
        assert_eq!(run.json()["verdict"], "wrong-region", "{run:#?}");
        assert_eq!(run.json()["region"], "us-west-2");
        assert_eq!(run.stderr, format!("warning: {}\n", notes(&run)));
        said.add(source, notes(&run));
    };
    wrong(verify(&token, &["--at", NOON, "--region", "eu-west-1"]), "--region");
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let env = TestEnv::new().set(VARIABLE, &token).set(name, "eu-west-1");
        wrong(env.run(&["verify-token", "--format", "json", "--at", NOON]), name);
        env.run(&["verify-token", "--at", NOON, "--region", "us-west-2"]).exits(0);
    }
    let other = short(&plain().replace("us-west-2", "us-east-1"));
    let run = verify(&other, &["--at", NOON]).exits(0);
    said.add("by default", notes(&run));
    said.hold("said_of_a_wrong_region");
    assert_eq!(run.stderr, "");
    // An end is an end in every region.
    let run = verify(&token, &["--at", "2027-01-01T00:00:00Z", "--region", "eu-west-1"]).exits(1);
    assert_eq!(run.json()["verdict"], "expired");
    verify(&token, &["--region", "nowhere"]).exits(2).one_error(&["--region", "is not an AWS region"]);
    let mixed_up = TestEnv::new().set("AWS_REGION", &token).run(&["verify-token"]).exits(2);
    mixed_up.hides(&token[..40]);
}

#[test]
fn less_may_be_enough_and_more_may_be_needed() {
    let token = short(&plain());
    let mut said = Said::default();
    for (at, min_remaining, code, verdict) in [
        ("2026-01-15T20:15:00Z", "10m", 0, "near-expiry"),
        ("2026-01-15T20:15:00Z", "15m", 0, "near-expiry"),
        ("2026-01-15T20:15:01Z", "15m", 1, "near-expiry"),
        ("2026-01-15T20:29:59Z", "0", 0, "near-expiry"),
        (NOON, "2h", 0, "well-formed"),
        (NOON, "8h30m", 0, "well-formed"),
        (NOON, "30601s", 1, "near-expiry"),
        (NOON, "9h", 1, "near-expiry"),
    ] {
        let run = verify(&token, &["--at", at, "--min-remaining", min_remaining]).exits(code);
        assert_eq!(run.json()["verdict"], verdict, "{at} {min_remaining}");
        said.add(format!("{min_remaining} at {at}"), run.stderr);
    }
    for bad in ["-5m", "soon", "", "30601"] {
        said.add(
            format!("--min-remaining={bad:?}"),
            verify(&token, &[&format!("--min-remaining={bad}")]).exits(2).stderr,
        );
    }
    said.hold("said_of_what_is_left");
    verify(&token, &["--at", "yesterday"]).exits(2);
}

#[test]
fn tokens_come_from_the_environment_a_file_or_standard_input_and_never_from_the_arguments() {
    let token = short(&plain());
    let check = |run: Run, source: &str| {
        let report = run.exits(0).json();
        assert_eq!((&report["verdict"], &report["source"]), (&json!("well-formed"), &json!(source)));
    };
    let base = ["verify-token", "--format", "json", "--at", NOON];
    let with = |extra: &[&'static str]| [&base[..], extra].concat();

    let env = TestEnv::new().set("AWS_BEDROCK_API_KEY", &token).set(VARIABLE, " \t");
    check(env.run(&base), "AWS_BEDROCK_API_KEY");
    let env = TestEnv::new().set("AWS_BEDROCK_API_KEY", "dummy").set("AWS_BEDROCK_BEARER_TOKEN", &token);
    let run = env.run(&base);
    let mut said = Said::default();
    said.add("two variables that differ", run.stderr.as_str());
    check(run, "AWS_BEDROCK_BEARER_TOKEN");

    let env = TestEnv::new().set(VARIABLE, "dummy");
    env.write("dir/token", format!("\n {token}\r\n"));
    check(env.run(&with(&["--token-file", "dir/token"])), "dir/token");
    check(env.run_with_input(&with(&["-"]), token.as_bytes()), "standard input");
    check(env.run_with_input(&with(&["--token-file", "-"]), format!("{token}\n").as_bytes()), "standard input");

    for (way, bytes, verdict) in [
        ("nothing", vec![], "absent"),
        ("blank lines", b" \n\n".to_vec(), "absent"),
        ("UTF-16", vec![0xff, 0xfe, b'b', 0], "malformed"),
        ("not UTF-8", vec![b'b', 0x80], "malformed"),
        ("100,000 bytes", vec![b'b'; 100_000], "malformed"),
        ("two lines", format!("{token}\n{token}\n").into_bytes(), "malformed"),
    ] {
        let run = env.run_with_input(&with(&["-"]), &bytes).exits(1);
        assert_eq!(run.json()["verdict"], verdict, "{run:#?}");
        said.add(way, notes(&run));
    }
    env.run(&with(&["--token-file", "none"])).exits(2).one_error(&["none", "cannot read"]);

    let none = TestEnv::new().run(&base).exits(1);
    assert_eq!((&none.json()["verdict"], &none.json()["source"]), (&json!("absent"), &Value::Null));
    said.add("no variable", notes(&none));
    said.hold("said_of_where_a_token_comes_from");

    let other = ["sk", "proj", "an-argument-of-somebody"].join("-");
    let (key, given) = (format!("--token={token}"), format!("--token-file={token}"));
    for args in [vec![&token], vec![&key], vec![&given], vec![&other], vec![&other, &other]] {
        let args: Vec<&str> = args.iter().map(|arg| arg.as_str()).collect();
        let run = TestEnv::new().run(&[&["verify-token"], &args[..]].concat()).exits(2);
        run.hides(&other);
        run.hides(&token[20..]);
        run.one_error(&["command line", "AWS_BEARER_TOKEN_BEDROCK", "standard input"]);
    }
    for command in ["record", "mint-token", "verify"] {
        TestEnv::new().run(&[command, &token]).exits(2).one_error(&["is on the command line"]);
    }
}

#[test]
fn people_read_when_it_ends_and_never_that_it_is_valid() {
    let mut said = Said::default();
    let env = TestEnv::new().set(VARIABLE, &short(&plain()));
    for (at, code) in [(NOON, 0), ("2027-01-01T00:00:00Z", 1)] {
        let args = ["verify-token", "--at", at];
        said.add(at, typed(&args, &env.run(&args).exits(code)));
    }
    let placeholder = TestEnv::new().set(VARIABLE, "replay-mode-dummy-key");
    let args = ["verify-token", "-q"];
    said.add("a placeholder", typed(&args, &placeholder.run(&args).exits(1)));
    said.hold("verify_token");
}

/// Asks a server that plays one step.
#[track_caller]
fn online(step: Step, extra: &[&str]) -> (Run, Vec<String>) {
    let server = ScriptedServer::start(vec![step]);
    let url = server.url();
    let run = verify(&short(&plain()), &[&["--at", NOON, "--online", "--endpoint-url", &url], extra].concat());
    (run, server.requests())
}

#[test]
fn online_asks_one_cheap_question() {
    let list = r#"{"object":"list","data":[{"id":"openai.gpt-oss-20b"}]}"#;
    let (run, requests) = online(Step::json(200, list), &[]);
    let report = run.exits(0).json();
    assert_eq!(report["online"]["result"], "accepted");
    assert_eq!(report["verdict"], "well-formed");
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert!(request.starts_with("GET /v1/models HTTP/1.1\r\n"), "{request}");
    let bearer = format!("authorization: Bearer {}", short(&plain()));
    assert!(request.lines().any(|line| line == bearer), "{request}");

    // The same by the variable.
    let server = ScriptedServer::start(vec![Step::json(200, list)]);
    let env = TestEnv::new().set(VARIABLE, &short(&plain())).set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
    screen(&env, "verify_token_online", &["verify-token", "--at", NOON, "--online"], 0);
}

#[test]
fn what_the_endpoint_says_is_told_apart() {
    let b = |code: &str, message: &str| format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
    let denied = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock-mantle:";
    let big = format!(r#"{{"object":"list","data":[{}"#, r#"{"id":"m"},"#.repeat(20_000));
    let html = Step { headers: vec![], ..Step::json(200, "<html>log in</html>") };
    let stalled = Step { pieces: vec![Piece::Sleep(8.0), Piece::Bytes(b"{}".to_vec())], ..Step::json(200, "") };
    let cut = Step { end: "short".into(), ..Step::json(200, "{") };
    let unknown = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let mut said = Said::default();
    for (step, result, code) in [
        (Step::json(401, &b("invalid_api_key", "Invalid bearer token")), "rejected", 1),
        (Step::json(403, r#"{"Message":"Bearer Token has expired"}"#), "rejected", 1),
        (
            Step::json(403, r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#),
            "rejected",
            1,
        ),
        (Step::json(403, r#"{"message":"Credential should be scoped to a valid region."}"#), "wrong-region", 1),
        (Step::json(403, &b("access_denied", &format!("{denied}ListModels"))), "accepted", 0),
        (Step::json(401, &b("access_denied", &format!("{denied}CallWithBearerToken"))), "rejected", 1),
        (Step::json(429, r#"{"message":"Too many requests"}"#), "unasked", 2),
        (Step::json(503, "{}"), "unasked", 2),
        (Step::json(302, "").header("location", "http://127.0.0.1:1/"), "unasked", 2),
        (Step::json(404, ""), "unasked", 2),
        (Step::json(200, unknown), "unasked", 2),
        (html, "unasked", 2),
        (cut, "unasked", 2),
        (stalled, "unasked", 2),
        (Step::json(200, &big), "accepted", 0),
    ] {
        let answered = step.name();
        let (run, requests) = online(step, &[]);
        let run = run.exits(code);
        let online = &run.json()["online"];
        assert_eq!(online["result"], result, "{run:#?}");
        run.hides("123456789012");
        assert_eq!(requests.len(), 1, "one attempt");
        said.add(answered, timeless(&format!("{result}: {}\n--- stderr\n{}", online["reason"], run.stderr)));
    }
    said.hold("said_of_the_endpoint");
    // AWS says the same of a wrong key and of one that was made elsewhere.
    let failed = r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
    let (run, _) = online(Step::json(403, failed), &["--region", "eu-west-1"]);
    let report = run.exits(1).json();
    assert_eq!((&report["online"]["result"], &report["verdict"]), (&json!("wrong-region"), &json!("wrong-region")));
}

#[test]
fn an_endpoint_that_is_not_there_is_no_rejection() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = verify(&short(&plain()), &["--at", NOON, "--online", "--endpoint-url", &format!("http://{address}")]);
    let run = run.exits(2);
    assert_eq!(run.json()["online"]["result"], "unasked");
    run.one_error(&["could not be checked", "cannot connect"]);
    verify(&short(&plain()), &["--online", "--endpoint-url", "http://192.0.2.1"]).exits(2).one_error(&["plain http"]);
}

#[test]
fn what_is_no_key_is_sent_nowhere() {
    for token in [["sk", "proj", &"x7Kq2".repeat(9)].join("-"), "dummy".to_owned(), String::new()] {
        let server = ScriptedServer::start(vec![Step::json(200, "{}")]);
        let run = verify(&token, &["--online", "--endpoint-url", &server.url()]).exits(1);
        assert_eq!(run.json()["online"]["result"], "unasked");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn a_wrong_clock_shows_against_the_server() {
    let list = r#"{"data":[]}"#;
    let (run, _) = online(Step::json(200, list).header("date", "Thu, 01 Jan 2015 00:00:00 GMT"), &[]);
    assert_eq!(timeless(&run.stderr), "warning: the local clock is [SPAN] ahead of the server's\n");
    let (run, _) = online(Step::json(200, list), &[]);
    assert!(run.stderr.is_empty(), "{run:#?}");
}
