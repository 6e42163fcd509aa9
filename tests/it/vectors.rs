//! The golden vectors: what the real Python recorder did, through the compiled binary and a real loopback server.

use std::sync::atomic::{AtomicUsize, Ordering};

use bedrock_fixtures::recording::RECORDER;
use bedrock_fixtures::recording::json::Value;
use bedrock_fixtures::recording::key::Request;
use bedrock_fixtures::recording::recorder::KeyRules;

use crate::support::TestEnv;
use crate::support::server::{ScriptedServer, Step};

fn lines(name: &str) -> Vec<String> {
    let path = format!("{}/tests/fixtures/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn request(case: &Value) -> Request<'_> {
    let part = |name: &str| case.get(name).unwrap();
    Request::Inference {
        test_id: part("test_id").as_str(),
        method: part("method").as_str().unwrap(),
        url: part("url").as_str().unwrap(),
        body: part("body"),
    }
}

#[test]
fn keys() {
    let cases = lines("keys.jsonl");
    assert_eq!(cases.len(), 161);
    for line in cases {
        let case = Value::parse(line.as_bytes()).unwrap();
        let text = |name: &str| case.get(name).unwrap().as_str().unwrap();
        let request = request(&case);
        assert_eq!(request.hashed_text(KeyRules::ThreePaths), text("normalized"), "{}", text("id"));
        assert_eq!(request.key(KeyRules::ThreePaths).to_string(), text("hash"), "{}", text("id"));
        // All but lists of models are hashed alike by every recorder.
        if !text("url").contains("models") && !text("url").contains("/api/tags") {
            assert_eq!(request.hashed_text(KeyRules::SharedLists), text("normalized"), "{}", text("id"));
        }
    }
}

#[test]
fn lists() {
    let cases = lines("lists.jsonl");
    assert_eq!(cases.len(), 26);
    for line in cases {
        let case = Value::parse(line.as_bytes()).unwrap();
        let text = |name: &str| case.get(name).unwrap().as_str().unwrap();
        let request = request(&case);
        for (recorder, rules) in [("recorder-0.8", KeyRules::ThreePaths), ("recorder-1.5", KeyRules::SharedLists)] {
            let expected = |name: &str| case.get(recorder).unwrap().get(name).unwrap().as_str().unwrap();
            assert_eq!(request.hashed_text(rules), expected("normalized"), "{recorder} {}", text("url"));
            assert_eq!(request.key(rules).to_string(), expected("hash"), "{recorder} {}", text("url"));
        }
    }
}

/// One line of `record.jsonl`, or of the same cases by a later recorder.
pub(crate) struct Vector {
    /// The versions of OGX and of the SDK that made it.
    ogx: &'static str,
    sdk: &'static str,
    pub(crate) id: String,
    pub(crate) outcome: String,
    /// The case as a line of a case file, its numbers as they were written.
    pub(crate) case: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) timeout: Option<f64>,
    /// Where the recorder wrote, and what.
    pub(crate) expected: Option<(String, String)>,
}

impl Vector {
    fn parse(line: &str, (ogx, sdk): (&'static str, &'static str)) -> Self {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        // The request keeps its own number texts and key order only in our own reader.
        let ours = Value::parse(line.as_bytes()).unwrap();
        let field = |name: &str| ours.get(name).unwrap().to_wire_text();
        let case = format!(r#"{{"test_id":{},"url":{},"body":{}}}"#, field("test_id"), field("url"), field("request"));
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let model = json["request"]["model"].as_str().unwrap();
        Vector {
            ogx,
            sdk,
            id: text("id").unwrap(),
            outcome: text("outcome").unwrap(),
            case: case + "\n",
            steps: json["steps"].as_array().unwrap().iter().map(|step| Step::of_vector(step, model)).collect(),
            timeout: json["timeout"].as_f64(),
            expected: text("file").zip(text("expected")),
        }
    }

    /// The status that is recorded, which the caller must allow.
    fn status(&self) -> String {
        let (_, file) = self.expected.as_ref().unwrap();
        // With our own reader: an error body may hold NaN.
        let file = Value::parse(file.as_bytes()).unwrap();
        let data = file.get("response").and_then(|response| response.get("exception_data")).unwrap();
        data.get("status_code").unwrap().to_wire_text()
    }

    fn record(&self, env: &TestEnv, extra: &[&str]) -> crate::support::Run {
        let server = ScriptedServer::start(self.steps.clone());
        let cases = env.write("cases.jsonl", &self.case);
        let url = server.url();
        let mut args = vec!["record", "--root", "store", "--ogx", self.ogx, "--openai-sdk", self.sdk];
        args.extend(["--cases", cases.to_str().unwrap(), "--endpoint-url", &url]);
        let timeout = self.timeout.map(|timeout| timeout.to_string());
        if let Some(timeout) = &timeout {
            args.extend(["--timeout", timeout]);
        }
        args.extend(extra);
        env.run(&args)
    }

    /// What the store holds, with the lines that name the recorder as the vector has them.
    fn stored(&self, env: &TestEnv) -> Vec<(String, String)> {
        let ours = format!("\"recorder\": \"{RECORDER}\",\n      \"openai_sdk_layout\": \"{}\"", self.sdk);
        let theirs = format!("\"openai_sdk_version\": \"{}\"", self.sdk);
        let files =
            env.tree().into_iter().filter_map(|(path, bytes)| Some((path.strip_prefix("store/")?.to_owned(), bytes)));
        files
            .map(|(path, bytes)| {
                let text = String::from_utf8(bytes).unwrap();
                let (before, after) = text.split_once(",\n      \"answer_sha256\": \"").unwrap();
                let (digest, after) = after.split_once('"').unwrap();
                assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
                (path, format!("{before}{after}").replace(&ours, &theirs))
            })
            .collect()
    }

    fn check(&self) {
        let env = TestEnv::new();
        std::fs::create_dir(env.root().join("store")).unwrap();
        match self.outcome.as_str() {
            "identical" => {
                self.record(&env, &[]).exits(0);
                assert_eq!(self.stored(&env), [self.expected.clone().unwrap()], "{}", self.id);
                env.run(&["verify", "--root", "store"]).exits(0);
                env.run(&["replay-check", "--root", "store"]).exits(0);
            }
            "identical-if-allowed" => {
                let run = self.record(&env, &[]).exits(1);
                assert_eq!(self.stored(&env), [], "{}: stored without being allowed: {run:#?}", self.id);
                self.record(&env, &["--allow-status", &self.status()]).exits(0);
                assert_eq!(self.stored(&env), [self.expected.clone().unwrap()], "{}", self.id);
                env.run(&["replay-check", "--root", "store"]).exits(0);
            }
            "refused" => {
                self.check_refused(&env);
                // And with an older recording of the same request in the way.
                let sandbox = ["--sandbox", "--cases", "cases.jsonl"];
                env.run(&[&["record", "--root", "store", "--openai-sdk", self.sdk], &sandbox[..]].concat());
                let old = env.tree();
                self.check_refused(&env);
                assert_eq!(env.tree(), old, "{}: an older recording was touched", self.id);
            }
            other => panic!("{}: unknown outcome {other}", self.id),
        }
    }

    fn check_refused(&self, env: &TestEnv) {
        let before = self.stored(env);
        let run = self.record(env, &["--format", "json"]).exits(1);
        assert_eq!(self.stored(env), before, "{}: {run:#?}", self.id);
        let result = &run.json()["results"][0];
        assert_eq!(result["status"], "refused", "{}", self.id);
        let reason = result["reason"].as_str().unwrap();
        assert!(!reason.is_empty() && !reason.contains('\n'), "{}: {reason:?}", self.id);
    }
}

#[test]
fn records() {
    check_all(&vectors("0.8.0"));
    check_all(&vectors("1.5.0"));
}

/// The vectors that a version of OGX made.
pub(crate) fn vectors(ogx: &'static str) -> Vec<Vector> {
    let (name, sdk) = match ogx {
        "0.8.0" => ("record.jsonl", "2.30.0"),
        "1.5.0" => ("record-1.5.jsonl", "3.57.0"),
        other => panic!("there are no vectors of OGX {other}"),
    };
    lines(name).iter().map(|line| Vector::parse(line, (ogx, sdk))).collect()
}

fn check_all(vectors: &[Vector]) {
    let count = |outcome: &str| vectors.iter().filter(|vector| vector.outcome == outcome).count();
    assert_eq!([count("identical"), count("identical-if-allowed"), count("refused")], [85, 53, 70]);
    // Some wait for seconds, so that many at a time take as long as the slowest.
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(vector) = vectors.get(next.fetch_add(1, Ordering::SeqCst)) {
                    vector.check();
                }
            });
        }
    });
}

#[test]
fn the_same_answers_in_two_layouts_differ_in_noise_only() {
    let env = TestEnv::new();
    let mut count = 0;
    for (name, folder) in [("record.jsonl", "before"), ("record-1.5.jsonl", "after")] {
        for (file, text) in lines(name).iter().filter_map(|line| Vector::parse(line, ("", "")).expected) {
            env.write(&format!("{folder}/{file}"), text);
            count += 1;
        }
    }
    let counts = env.run(&["diff", "--format", "json", "before", "after"]).json()["counts"].clone();
    assert_eq!((&counts["noise"], count), (&serde_json::json!(138), 2 * 138), "{counts}");
    let sum: i64 = counts.as_object().unwrap().values().map(|number| number.as_i64().unwrap()).sum();
    assert_eq!(sum, 138, "{counts}");
}
