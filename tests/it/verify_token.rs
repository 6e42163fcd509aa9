use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_fixtures::secret::Secret;
use bedrock_fixtures::token::forms;
use bedrock_fixtures::token::identity::AccessKey;
use bedrock_fixtures::token::parse::parse;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

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
    let shown = format!("{}{}", run.stdout, run.stderr);
    for part in token.split_whitespace().filter(|part| part.len() > 20) {
        assert!(!shown.contains(part), "{run:#?}");
    }
    run
}

fn notes(run: &Run) -> String {
    let notes = run.json()["notes"].as_array().unwrap().clone();
    notes.iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn is_malformed(token: &str, kind: &str, says: &str) {
    let run = verify(token, &["--at", NOON]).exits(1);
    let report = run.json();
    assert_eq!((&report["verdict"], &report["kind"]), (&json!("malformed"), &json!(kind)), "{run:#?}");
    assert!(notes(&run).to_lowercase().contains(&says.to_lowercase()), "{says:?} is not in {run:#?}");
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
            assert_eq!(notes(&run).contains("may be earlier"), facts["session_token"].is_string(), "{run:#?}");
            assert_eq!(run.stderr.contains("may be earlier"), facts["session_token"].is_string(), "{run:#?}");

            at(&moment(end, -1800), 0, "well-formed");
            let near = at(&moment(end, -1799), 1, "near-expiry");
            assert_eq!(near.json()["remaining_seconds"], 1799);
            assert!(near.stderr.contains("warning: less than 30 min left, which"), "{near:#?}");
            at(&moment(end, -1), 1, "near-expiry");
            assert_eq!(at(end, 1, "expired").json()["remaining_seconds"], 0);
            at(&moment(end, 1), 1, "expired");
            at(&moment(date, -300), 0, "well-formed");
            let early = at(&moment(date, -301), 1, "not-yet-valid");
            assert!(notes(&early).contains("or a clock is wrong"), "{early:#?}");
        }
    }
}

#[test]
fn what_the_session_says_is_a_hint_and_called_so() {
    let vector = vectors("short_term_identity").remove(0);
    let run = verify(text(&vector, "token"), &["--at", text(&vector, "date")]).exits(0);
    let notes = notes(&run);
    assert!(notes.contains(&format!("the session began at {} (a hint", text(&vector, "session_created"))), "{notes}");
    assert!(notes.contains("that of a role is over by 2026-01-15T20:30:00Z"), "{notes}");
    assert!(notes.contains("the account is read from the access key id (a hint"), "{notes}");
    // The session is dated by AWS: a key that is older than it comes from a wrong clock.
    let session = text(&vector, "session_token").replace('=', "%3D");
    let old = short(&presigned(text(&vector, "access_key"), "us-west-2", "20260115T082459Z", "43200", Some(&session)));
    let run = verify(&old, &["--at", text(&vector, "date")]).exits(0);
    assert!(run.stderr.contains("the clock of the machine that made it is wrong"), "{run:#?}");
}

#[test]
fn the_negative_vectors_are_named_for_what_they_are() {
    let says = |name: &str| match name {
        "N03-placeholder" => ("placeholder", "placeholder"),
        "N05-bearer-prefix" => ("short-term", "\"Bearer \" scheme"),
        "N07-upper-prefix" => ("unknown", "unknown prefix"),
        "N09-truncated" => ("short-term", "truncated: no X-Amz-Signature"),
        "N11-inner-newline" => ("short-term", "newline inside: a wrapped copy"),
        "N13-wrong-host" => ("short-term", "the host in it is not bedrock.amazonaws.com"),
        "N15-wrong-action" => ("short-term", "Action"),
        "N17-no-version" => ("short-term", "Version missing"),
        "N19-version-outside" => ("short-term", "Version is outside the base64"),
        "N21-expires-43201" | "N23-expires-overflow" => ("short-term", "X-Amz-Expires is not a number"),
        "N25-date-not-scope" => ("short-term", "the day of the scope differs from that of X-Amz-Date"),
        "N27-dup-expires" => ("short-term", "duplicated parameter"),
        "N29-bad-region" => ("short-term", "region"),
        "N31-claude-platform" => ("unknown", "Claude Platform on AWS, not a Bedrock API key"),
        "N33-aws-access-key" => ("unknown", "an AWS access key id, not a Bedrock API key"),
        "LN1-truncated" => ("long-term", "the length is not a multiple of 4 after ABSK"),
        "LN3-no-secret" => ("long-term", "the secret in it is empty"),
        _ => panic!("{name} has no expectation here"),
    };
    for vector in [vectors("short_term_negative"), vectors("long_term_negative")].concat() {
        let (name, token) = (text(&vector, "name"), text(&vector, "token"));
        if name == "N01-empty" {
            let run = verify(token, &[]).exits(1);
            assert_eq!((&run.json()["verdict"], &run.json()["kind"]), (&json!("absent"), &json!("absent")));
            assert_eq!(run.json()["source"], Value::Null);
            continue;
        }
        let (kind, says) = says(name);
        is_malformed(token, kind, says);
    }
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
    for (decoded, says) in [
        ("user-at-12345678901:secret", "not that of a long-term key"),
        ("user-123456789012:secret", "not that of a long-term key"),
        ("-at-123456789012:secret", "user name in it is empty"),
        ("user-at-123456789012", "not that of a long-term key"),
        ("user-at-123456789012:se\ncret", "the secret in it is damaged"),
    ] {
        is_malformed(&long(decoded), "long-term", says);
    }
    is_malformed(&["AB", "SK"].concat(), "long-term", "nothing follows");
    is_malformed(&(long("user-at-123456789012:secret!!") + "===="), "long-term", "has an invalid end");
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
        short(&well.replace(from, to))
    };
    let session = "IQoJtoken%2Bof%2Fa%3Dsession";
    for (token, says) in [
        (with(HOST, "bedrock.amazonaws.com.evil.example/?"), "host"),
        (with(HOST, "https://bedrock.amazonaws.com/?"), "host"),
        (with(HOST, "bedrock.amazonaws.com/x?"), "host"),
        (with(HOST, "bedrock.us-west-2.amazonaws.com/?"), "host"),
        (with("Version=1", "Version=2"), "unsupported Version"),
        (with("Version=1", "version=1"), "Version missing"),
        (with("HMAC-SHA256", "HMAC-SHA1"), "X-Amz-Algorithm"),
        (with("SignedHeaders=host", "SignedHeaders=host%3Bdate"), "X-Amz-SignedHeaders"),
        (with("&X-Amz-SignedHeaders=host", ""), "X-Amz-SignedHeaders missing"),
        (with("0a0a&", "0a0A&"), "X-Amz-Signature is not 64"),
        (with("0a0a&", "0a0&"), "X-Amz-Signature is not 64"),
        (with("0a0a&Version=1", "0a0"), "truncated: no Version"),
        (with("%2Fbedrock%2F", "%2Fs3%2F"), "service bedrock"),
        (with("%2Faws4_request", "%2Faws4_request%2F"), "five parts"),
        (with("%2Faws4_request", ""), "five parts"),
        (with("%2Fus-west-2", "%2Fus-west"), "region"),
        (with("%2Fus-west-2", "%2Fus-west-2.evil"), "region"),
        (with("AKIAIOSFODNN7EXAMPLE", "akia"), "access key id"),
        (with("20260115T083000Z", "20260115T083060Z"), "not a valid date and time"),
        (with("20260115T083000Z", "20260115T083000"), "not a valid date and time"),
        (with("20260115T083000Z", "2026-01-15T08:30:00Z"), "not a valid date and time"),
        (with("20260115", "20260230"), "not a valid date and time"),
        (with("20260115", "20261301"), "not a valid date and time"),
        (with("20260115", "99991231"), "not a valid date and time"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=0"), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=-1"), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=%2B60"), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=000060"), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=60.5"), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires="), "X-Amz-Expires"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=43200&X%2DAmz-Expires=43200"), "duplicated parameter"),
        (with("X-Amz-Expires=43200", "X-Amz-Expires=%zz"), "missing"),
        (with("&Version", "&&Version"), "damaged"),
        (with("&Version", "&stray&Version"), "damaged"),
        (with("AKIA", "ASIA"), "without X-Amz-Security-Token"),
        (with("&X-Amz-Signature", &format!("&X-Amz-Security-Token={session}&X-Amz-Signature")), "AKIA"),
        (with("&X-Amz-Signature", "&X-Amz-Security-Token=&X-Amz-Signature"), "is empty"),
        (short(&well[..8]), "truncated"),
        (short("\u{1}\u{2}"), "host"),
        (["bedrock", "api", "key", ""].join("-"), "nothing follows"),
        (short(&well).trim_end_matches('=').to_owned(), "multiple of 4"),
        (short(&well) + &short(&well), "two keys were joined"),
        (short(&well) + "AAAA", "added after the key"),
        (short(&well).replace("Ym", "%59m"), "percent-encoded"),
        (short(&well).replace("Ym", "Y.m"), "that is not base64"),
        (short(&well)[..80].to_owned() + "\r\n" + &short(&well)[80..], "newline inside"),
        (short(&well)[..80].to_owned() + " " + &short(&well)[80..], "white space inside"),
        (short(&well)[..80].to_owned() + "\u{200b}" + &short(&well)[80..], "character inside that no key has"),
        (format!("\"{}\"", short(&well)), "quotes"),
        (format!("'{}", short(&well)), "quotes"),
        (format!("bearer {}", short(&well)), "scheme"),
        (format!("Authorization: Bearer {}", short(&well)), "name of the header"),
        (format!("{VARIABLE}={}", short(&well)), "name of a variable"),
        (format!("export {VARIABLE}=\"{}\"", short(&well)), "name of a variable"),
        (format!("\u{feff}{}", short(&well)), "byte order mark"),
        (["bedrock", "api", "key", "_-8="].join("-"), "the variant for urls"),
    ] {
        is_malformed(&token, "short-term", says);
    }
    // base64 of bytes that are no text.
    is_malformed(&(["bedrock", "api", "key", ""].join("-") + &STANDARD.encode([0xff; 30])), "short-term", "UTF-8");
    // What AWS adds tomorrow is no reason to refuse a key, but worth a word.
    let run = verify(&with("&Version", "&X-Amz-New=1&Version"), &["--at", NOON]).exits(0);
    assert!(run.stderr.contains("a parameter that this tool does not know"), "{run:#?}");
}

#[test]
fn look_alikes_and_placeholders_are_named() {
    let padding = "x7Kq2".repeat(12);
    for (parts, says) in [
        (vec!["AEAA", &padding], "Claude Platform"),
        (vec!["sk-", "ant-api03-", &padding], "Anthropic"),
        (vec!["sk-", "proj-", &padding], "OpenAI"),
        (vec!["ASIA", "IOSFODNN7", "EXAMPLE"], "AWS access key id"),
        (vec!["IQoJb3Jp", "Z2luX2Vj", &padding], "AWS session token"),
        (vec!["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"], "secret access key"),
        (vec!["eyJhbGciOi", "JIUzI1NiJ9.ey", "JzdWIiOjF9.", &padding], "JWT"),
        (vec!["gh", "p_", &padding], "GitHub"),
        (vec!["h", "f_", &padding], "Hugging Face"),
        (vec![HOST, "Action=CallWithBearerToken"], "decoded text"),
        (vec!["https://", HOST, "Action=CallWithBearerToken"], "decoded text"),
        (vec!["YmVkcm9jay5hbWF6b25hd3MuY29t", &padding], "without its prefix"),
        (vec!["absk", &padding], "wrong case"),
        (vec!["arn:aws:iam::", "123456789012:user/x"], "ARN"),
        (vec!["https://", "example.com"], "url"),
        (vec!["something", "else"], "unknown prefix"),
    ] {
        is_malformed(&parts.concat(), "unknown", says);
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
        is_malformed(placeholder, "placeholder", "a placeholder, not a Bedrock API key");
    }
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
    let wrong = |run: Run, source: &str| {
        let run = run.exits(1);
        assert_eq!(run.json()["verdict"], "wrong-region", "{run:#?}");
        assert_eq!(run.json()["region"], "us-west-2");
        for part in ["works only in us-west-2", source, "eu-west-1"] {
            assert!(run.stderr.contains(part) && notes(&run).contains(part), "{part} is not in {run:#?}");
        }
    };
    wrong(verify(&token, &["--at", NOON, "--region", "eu-west-1"]), "--region");
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let env = TestEnv::new().set(VARIABLE, &token).set(name, "eu-west-1");
        wrong(env.run(&["verify-token", "--format", "json", "--at", NOON]), name);
        env.run(&["verify-token", "--at", NOON, "--region", "us-west-2"]).exits(0);
    }
    let other = short(&plain().replace("us-west-2", "us-east-1"));
    let run = verify(&other, &["--at", NOON]).exits(0);
    assert!(notes(&run).contains("it works only in us-east-1") && run.stderr.is_empty(), "{run:#?}");
    // An end is an end in every region.
    let run = verify(&token, &["--at", "2027-01-01T00:00:00Z", "--region", "eu-west-1"]).exits(1);
    assert_eq!(run.json()["verdict"], "expired");
    verify(&token, &["--region", "nowhere"]).exits(2).one_error(&["--region", "is not an AWS region"]);
    let mixed_up = TestEnv::new().set("AWS_REGION", &token).run(&["verify-token"]).exits(2);
    assert!(!mixed_up.stderr.contains(&token[..40]), "{mixed_up:#?}");
}

#[test]
fn less_may_be_enough_and_more_may_be_needed() {
    let token = short(&plain());
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
        assert_eq!(run.stderr.contains("warning: less than"), verdict == "near-expiry", "{run:#?}");
    }
    for bad in ["-5m", "soon", "", "30601"] {
        let run = verify(&token, &[&format!("--min-remaining={bad}")]).exits(2);
        assert!(run.stderr.contains("--min-remaining"), "{run:#?}");
    }
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
    assert!(run.stderr.contains("AWS_BEDROCK_API_KEY holds another value"), "{run:#?}");
    check(run, "AWS_BEDROCK_BEARER_TOKEN");

    let env = TestEnv::new().set(VARIABLE, "dummy");
    env.write("dir/token", format!("\n {token}\r\n"));
    check(env.run(&with(&["--token-file", "dir/token"])), "dir/token");
    check(env.run_with_input(&with(&["-"]), token.as_bytes()), "standard input");
    check(env.run_with_input(&with(&["--token-file", "-"]), format!("{token}\n").as_bytes()), "standard input");

    for (bytes, verdict, says) in [
        (vec![], "absent", "is empty"),
        (b" \n\n".to_vec(), "absent", "is empty"),
        (vec![0xff, 0xfe, b'b', 0], "malformed", "UTF-16"),
        (vec![b'b', 0x80], "malformed", "not UTF-8"),
        (vec![b'b'; 100_000], "malformed", "longer than a key can be"),
        (format!("{token}\n{token}\n").into_bytes(), "malformed", "more than one line"),
    ] {
        let run = env.run_with_input(&with(&["-"]), &bytes).exits(1);
        assert_eq!(run.json()["verdict"], verdict, "{run:#?}");
        assert!(notes(&run).contains(says), "{run:#?}");
    }
    env.run(&with(&["--token-file", "none"])).exits(2).one_error(&["none", "cannot read"]);

    let none = TestEnv::new().run(&base).exits(1);
    assert_eq!((&none.json()["verdict"], &none.json()["source"]), (&json!("absent"), &Value::Null));
    assert!(notes(&none).contains(VARIABLE) && notes(&none).contains("mint-token"), "{none:#?}");

    let other = ["sk", "proj", "an-argument-of-somebody"].join("-");
    let (key, given) = (format!("--token={token}"), format!("--token-file={token}"));
    for args in [vec![&token], vec![&key], vec![&given], vec![&other], vec![&other, &other]] {
        let args: Vec<&str> = args.iter().map(|arg| arg.as_str()).collect();
        let run = TestEnv::new().run(&[&["verify-token"], &args[..]].concat()).exits(2);
        assert!(!run.stderr.contains(&other) && !run.stderr.contains(&token[20..]), "{run:#?}");
        run.one_error(&["command line", "AWS_BEARER_TOKEN_BEDROCK", "standard input"]);
    }
    for command in ["record", "mint-token", "verify"] {
        TestEnv::new().run(&[command, &token]).exits(2).one_error(&["is on the command line"]);
    }
}

#[test]
fn people_read_when_it_ends_and_never_that_it_is_valid() {
    let env = TestEnv::new().set(VARIABLE, &short(&plain()));
    let run = env.run(&["verify-token", "--at", NOON]).exits(0);
    let shown = "well-formed: a short-term key, valid at most until 2026-01-15T20:30:00Z (8 h 30 min left)\n  \
                 source   AWS_BEARER_TOKEN_BEDROCK\n  region   us-west-2\n  wanted   us-west-2 (from the default)\n  account  unknown\n  key id   AKIA…MPLE\n  \
                 issued   2026-01-15T08:30:00Z\n  checked  2026-01-15T12:00:00Z\n";
    assert_eq!(run.stdout, shown);
    let run = env.run(&["verify-token", "--at", "2027-01-01T00:00:00Z"]).exits(1);
    assert!(run.stdout.starts_with("expired: a short-term key, ended 2026-01-15T20:30:00Z\n"), "{run:#?}");
    assert!(run.stderr.contains("2027-01-01T00:00:00Z") && run.stderr.contains("make a new key"), "{run:#?}");
    let run = TestEnv::new().set(VARIABLE, "replay-mode-dummy-key").run(&["verify-token", "-q"]).exits(1);
    assert!(run.stdout.starts_with("malformed: a placeholder, not a Bedrock API key"), "{run:#?}");
    assert_eq!(run.stdout.lines().count(), 1);
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
    assert!(request.contains(&format!("authorization: Bearer {}\r\n", short(&plain()))), "{request}");

    // The same by the variable.
    let server = ScriptedServer::start(vec![Step::json(200, list)]);
    let env = TestEnv::new().set(VARIABLE, &short(&plain())).set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
    let run = env.run(&["verify-token", "--at", NOON, "--online"]).exits(0);
    assert!(run.stdout.contains("  online   accepted by http://127.0.0.1:"), "{run:#?}");
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
    for (step, result, code, says) in [
        (Step::json(401, &b("invalid_api_key", "Invalid bearer token")), "rejected", 1, "Invalid bearer token; check"),
        (
            Step::json(403, r#"{"Message":"Bearer Token has expired"}"#),
            "rejected",
            1,
            "has expired; make a new API key",
        ),
        (
            Step::json(403, r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#),
            "rejected",
            1,
            "API Key is valid",
        ),
        (
            Step::json(403, r#"{"message":"Credential should be scoped to a valid region."}"#),
            "wrong-region",
            1,
            "works only in the region where it was made",
        ),
        (
            Step::json(403, &b("access_denied", &format!("{denied}ListModels"))),
            "accepted",
            0,
            "genuine, but it may not list models",
        ),
        (
            Step::json(401, &b("access_denied", &format!("{denied}CallWithBearerToken"))),
            "rejected",
            1,
            "not authorized to perform",
        ),
        (Step::json(429, r#"{"message":"Too many requests"}"#), "unasked", 2, "Too many requests"),
        (Step::json(503, "{}"), "unasked", 2, "HTTP 503"),
        (Step::json(302, "").header("location", "http://127.0.0.1:1/"), "unasked", 2, "a redirect"),
        (Step::json(404, ""), "unasked", 2, "HTTP 404"),
        (Step::json(200, unknown), "unasked", 2, "not a list of models"),
        (html, "unasked", 2, "not a list of models"),
        (cut, "unasked", 2, "cut off"),
        (stalled, "unasked", 2, "no answer within 5 s"),
        (Step::json(200, &big), "accepted", 0, ""),
    ] {
        let (run, requests) = online(step, &[]);
        let run = run.exits(code);
        let online = &run.json()["online"];
        assert_eq!(online["result"], result, "{run:#?}");
        assert!(says.is_empty() || online["reason"].as_str().unwrap().contains(says), "{says:?} is not in {run:#?}");
        assert!(!run.stdout.contains("123456789012"), "{run:#?}");
        assert_eq!(requests.len(), 1, "one attempt");
        assert_eq!(run.stderr.contains("error: http://127.0.0.1:"), result == "unasked", "{run:#?}");
    }
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
    assert!(
        run.stderr.contains("warning: the local clock is ") && run.stderr.contains("ahead of the server's"),
        "{run:#?}"
    );
    let (run, _) = online(Step::json(200, list), &[]);
    assert!(run.stderr.is_empty(), "{run:#?}");
}
