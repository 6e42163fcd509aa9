//! Keys against a second implementation, which follows the description of the key step by step, on a tree and with plain
//! regular expressions. It is slow and short.

use bedrock_fixtures::recording::json::{Value as OurValue, python_float};
use bedrock_fixtures::recording::key::Request;
use bedrock_fixtures::recording::recorder::KeyRules;
use fastrand::Rng;
use regex::Regex;
use serde_json::{Map, Value, json};

#[cfg(unix)]
use super::{Culprit, python, seeds};
use super::{each, one, text};

const UUID: &str = "0a1b2c3d-4e5f-6789-abcd-ef0123456789";

const TEXTS: [&str; 62] = [
    "score:",
    "score: ",
    "score:\u{a0}",
    "score:\u{1c}",
    "0.12",
    "-1",
    "+.5",
    "e-7",
    "E+10",
    "1.",
    ".25",
    "0.123",
    "0.1234",
    "-12.34567",
    "1.000005",
    "2.0000150",
    "9.99999999",
    "٣.١٤١٥٩",
    "-１.２３４５",
    "१२.३४५६",
    "99999999999999999999.99999",
    "0.00001",
    "1.2345.6789",
    ".",
    "-",
    "\u{2212}",
    "1",
    "٣",
    "attributes:",
    "attributes: {",
    ", attributes:{\"a\": 1}",
    ",\u{3000}attributes: {}",
    "{",
    "}",
    "{a}}",
    "document_id:",
    "document_id: 0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    "document_id:\n",
    UUID,
    "0A1B2C3D-4E5F-6789-abcd-ef0123456789",
    "0a1b2c3d-4e5f-6789-abcd-ef01234567890",
    "<|",
    "|>",
    "<|0a1b2c3d-4e5f-6789-abcd-ef0123456789|>",
    "<|x|>",
    "e",
    "E",
    "_",
    " ",
    "\t",
    "\n",
    ",",
    ", ",
    "\u{85}",
    "\u{b}",
    "\u{200b}",
    "é",
    "😀",
    "\"",
    "\\",
    "\u{7f}",
    "SCORE: 1",
];

const KEYS: [&str; 14] = [
    "extra_body",
    "extra_query",
    "project_id",
    "stream_options",
    "messages",
    "a",
    "b",
    "Z",
    "é",
    "\u{ffff}",
    "😀",
    "\"\\",
    "score: 1",
    "",
];

fn value(random: &mut Rng, depth: usize) -> Value {
    match random.u8(..if depth > 3 { 6 } else { 10 }) {
        0 => json!(random.i64(..)),
        1 => json!(random.i32(-1000..1000)),
        2 => {
            let double = match random.u8(..4) {
                0 => f64::from_bits(random.u64(..)),
                1 => f64::from(random.i32(..)) / 1_000_000.0,
                // Half way between two of five decimals.
                2 => f64::from(random.i32(-100_000..100_000)) / 64.0 / 1024.0,
                _ => f64::from(random.i32(-10..10)),
            };
            json!(if double.is_finite() { double } else { -0.0 })
        }
        3 => one(random, &[&Value::Null, &json!(true), &json!(false)]).clone(),
        4 | 5 => json!(text(random, &TEXTS, 6)),
        6 | 7 => (0..random.usize(..4)).map(|_| value(random, depth + 1)).collect(),
        _ => object(random, depth + 1),
    }
}

fn object(random: &mut Rng, depth: usize) -> Value {
    let names = (0..random.usize(..5)).map(|_| *random.choice(KEYS.iter()).unwrap()).collect::<Vec<_>>();
    Value::Object(names.iter().map(|name| ((*name).to_owned(), value(random, depth))).collect())
}

/// The patterns of the description, with Python's meaning of `\s` and `\d`.
struct Second {
    replaced: Vec<(Regex, &'static str)>,
    decimal: Regex,
}

impl Second {
    fn new() -> Self {
        let pattern = |text: &str| Regex::new(&text.replace(r"\s", r"[\s\x1c-\x1f]")).unwrap();
        let uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";
        Second {
            replaced: vec![
                (pattern(r"score:\s*[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?"), "score: __NORMALIZED__"),
                (pattern(r",?\s*attributes:\s*\{[^}]*\}"), ""),
                (pattern(&format!(r"document_id:\s*{uuid}")), "document_id: __NORMALIZED__"),
                (pattern(&format!(r"<\|{uuid}\|>")), "<|__NORMALIZED__|>"),
            ],
            decimal: pattern(r"-?\d+\.\d{4,}"),
        }
    }

    fn text(&self, text: &str) -> String {
        let replaced = self
            .replaced
            .iter()
            .fold(text.to_owned(), |text, (pattern, with)| pattern.replace_all(&text, *with).into_owned());
        let decimal = |found: &regex::Captures<'_>| {
            let ascii: String = found[0].chars().map(ascii_digit).collect();
            format!("{:.5}", ascii.parse::<f64>().unwrap())
        };
        self.decimal.replace_all(&replaced, decimal).into_owned()
    }

    fn value(&self, value: &Value, is_root: bool) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Number(number) if number.is_f64() => {
                let double = number.as_f64().unwrap();
                json!(format!("{double:.5}").parse::<f64>().unwrap())
            }
            Value::Array(items) => items.iter().map(|item| self.value(item, true)).collect(),
            Value::Object(members) => {
                let mut normalised = Map::new();
                for (name, member) in members {
                    let mut member = self.value(member, false);
                    if is_root
                        && (name == "extra_body" || name == "extra_query")
                        && let Some(member) = member.as_object_mut()
                    {
                        member.remove("project_id");
                    }
                    normalised.insert(name.clone(), member);
                }
                Value::Object(normalised)
            }
            other => other.clone(),
        }
    }
}

/// The digits of the scripts that are in [`TEXTS`]; others are left to Python.
fn ascii_digit(c: char) -> char {
    for zero in ['٠', '０', '०'] {
        if let Some(value @ 0..=9) = u32::from(c).checked_sub(u32::from(zero)) {
            return char::from_digit(value, 10).unwrap();
        }
    }
    c
}

/// `json.dumps(value, sort_keys=True)`.
fn dumps(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => python_float(number.as_f64().unwrap()),
        Value::String(text) => {
            let mut out = String::from('"');
            for c in text.chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    '\u{8}' => out.push_str("\\b"),
                    '\u{c}' => out.push_str("\\f"),
                    ' '..='~' => out.push(c),
                    c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
                }
            }
            out + "\""
        }
        Value::Array(items) => format!("[{}]", items.iter().map(dumps).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.chars().collect::<Vec<_>>());
            let member = |(name, value): &(&String, &Value)| format!("{}: {}", dumps(&json!(name)), dumps(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Hosts, whether their name holds `bedrock`, whether they are this machine.
const HOSTS: [(&str, bool, bool); 8] = [
    ("bedrock-runtime.us-west-2.amazonaws.com", true, false),
    ("user:bedrock@example.org:8080", true, false),
    ("example.org", false, false),
    ("LOCALHOST:8321", false, true),
    ("127.0.0.1", false, true),
    ("0.0.0.0:1", false, true),
    ("[::1]:8321", false, false),
    ("localhost.example", false, false),
];

const PATHS: [&str; 10] = [
    "/v1/chat/completions",
    "/openai/v1/v1/chat/completions",
    "/v1/models",
    "/v1/v1/models",
    "/v1/openai/v1/models",
    "/api/tags",
    "/info",
    "/models",
    "",
    "/a;b/c",
];

#[test]
fn a_second_implementation_hashes_the_same_text() {
    let second = Second::new();
    let foreign = Regex::new(r"[\p{Nd}--[0-9٠-٩０-９०-९]]").unwrap();
    each("keys", 6_000, 800_000, |random| {
        let body = object(random, 0).to_string();
        let body: Value = serde_json::from_str(&foreign.replace_all(&body, "x")).unwrap();
        let ours = OurValue::parse(body.to_string().as_bytes()).unwrap();
        let (host, is_bedrock, is_local) = HOSTS[random.usize(..HOSTS.len())];
        let path = *random.choice(PATHS.iter()).unwrap();
        let end = one(random, &["", "", "?bedrock=1", "#x", "?a=/v1/models"]);
        let url = format!("{}://{host}{path}{end}", one(random, &["https", "http"]));
        let test_id = [None, Some("tests/a.py::t[é=1.23456]")][random.usize(..2)];
        let method = one(random, &["POST", "post", "Get"]);
        let rules = KeyRules::ALL[random.usize(..2)];

        let request = Request::Inference { test_id, method, url: &url, body: &ours };
        let mut content = second.value(&body, true);
        if is_bedrock {
            content.as_object_mut().unwrap().remove("stream_options");
        }
        let mut hashed = json!({"method": method.to_uppercase(), "endpoint": path, "body": content});
        let is_shared = ["/v1/models", "/info"].contains(&path) || (path.ends_with("/models") && !is_local);
        match rules {
            KeyRules::ThreePaths if ["/api/tags", "/v1/models", "/v1/openai/v1/models"].contains(&path) => {}
            KeyRules::SharedLists if is_shared => hashed["test_id"] = Value::Null,
            _ => hashed["test_id"] = json!(test_id),
        }
        assert_eq!(request.hashed_text(rules), dumps(&hashed), "{url} {body}");

        let request = Request::Payload { test_id, method, url: &url, payload: &ours };
        let content = second.value(&body, true);
        let hashed = json!({"test_id": test_id, "url": url, "method": method.to_uppercase(), "payload": content});
        assert_eq!(request.hashed_text(rules), dumps(&hashed), "{url} {body}");
    });
}

#[cfg(unix)]
#[test]
fn python_hashes_the_same_body() {
    let recorders = crate::recorder::recorders();
    let Some(recorder) = recorders.last() else { return };
    let all: Vec<u64> = seeds(3_000, 200_000).collect();
    for batch in all.chunks(python::BATCH) {
        let of_seed = |seed: &u64| object(&mut Rng::with_seed(*seed), 0).to_string().into_bytes();
        let bodies: Vec<Vec<u8>> = batch.iter().map(of_seed).collect();
        let answers = python::asked(recorder, "key_texts.py", &bodies);
        let mut answers = answers.as_slice();
        for (seed, body) in batch.iter().zip(&bodies) {
            let _culprit = Culprit { test: "keys of Python", seed: *seed };
            let ours = OurValue::parse(body).unwrap();
            let request = Request::Payload { test_id: None, method: "POST", url: "u", payload: &ours };
            let hashed = format!(
                "{{\"method\": \"POST\", \"payload\": {}, \"test_id\": null, \"url\": \"u\"}}",
                python::sized(&mut answers)
            );
            assert_eq!(request.hashed_text(KeyRules::NEWEST), hashed, "{}", String::from_utf8_lossy(body));
        }
        assert!(answers.is_empty());
    }
}
