//! `diff`: which recordings belong together, what became of each, and how it is shown.

mod git;
mod kinds;
mod page;
mod properties;
mod shown;

use serde_json::{Map, Value, json};

use crate::support::{Run, TestEnv, case};

/// Two trees, `before` and `after`, that begin as the shipped recordings.
struct Trees {
    env: TestEnv,
    files: Vec<String>,
}

impl Trees {
    fn new() -> Self {
        let env = TestEnv::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings");
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if name.ends_with(".json") {
                let bytes = std::fs::read(entry.path()).unwrap();
                env.write(&format!("before/recordings/{name}"), &bytes);
                env.write(&format!("after/recordings/{name}"), &bytes);
                files.push(name);
            }
        }
        files.sort_unstable();
        Trees { env, files }
    }

    /// The name of the first file whose text has each of `marks`.
    #[track_caller]
    fn with(&self, marks: &[&str]) -> String {
        let text = |name: &String| self.env.read(&format!("before/recordings/{name}"));
        self.files.iter().find(|name| marks.iter().all(|mark| text(name).contains(mark))).unwrap().clone()
    }

    /// Changes a file of the tree after.
    fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let path = format!("after/recordings/{name}");
        let mut document: Value = serde_json::from_str(&self.env.read(&path)).unwrap();
        change(&mut document);
        self.env.write(&path, file(&document));
    }

    /// Changes a file of the tree after and gives it another name, as a re-record would.
    fn rename(&self, name: &str, to: &str, change: impl FnOnce(&mut Value)) {
        self.edit(name, change);
        let path = |name: &str| self.env.root().join("after/recordings").join(name);
        std::fs::rename(path(name), path(to)).unwrap();
    }

    fn diff(&self, args: &[&str]) -> Run {
        self.env.run(&[&["diff", "before", "after"], args].concat())
    }

    fn json(&self, args: &[&str]) -> Value {
        self.diff(&[&["--format", "json"], args].concat()).exits(0).json()
    }

    #[track_caller]
    fn only_change(&self, args: &[&str]) -> Value {
        let report = self.json(args);
        let changes = report["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{report:#}");
        changes[0].clone()
    }
}

const WHOLE: &[&str] = &["\"finish_reason\": \"stop\"", "\"is_streaming\": false"];
const STREAM: &[&str] = &["\"is_streaming\": true", "<reasoning>"];
const TOOLS: &[&str] = &["\"finish_reason\": \"tool_calls\"", "\"is_streaming\": false"];

/// A file as the recorder writes it, but for what only it escapes.
fn file(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap() + "\n"
}

/// The pieces of an answer: the one object, or the chunks.
fn pieces(document: &mut Value) -> Vec<&mut Map<String, Value>> {
    fn data(piece: &mut Value) -> &mut Map<String, Value> {
        piece["__data__"].as_object_mut().unwrap()
    }
    match &mut document["response"]["body"] {
        Value::Array(chunks) => chunks.iter_mut().map(data).collect(),
        one => vec![data(one)],
    }
}

/// The message of the one choice of a whole answer.
fn message(document: &mut Value) -> &mut Value {
    &mut document["response"]["body"]["__data__"]["choices"][0]["message"]
}

fn count(report: &Value, class: &str) -> u64 {
    report["counts"][class].as_u64().unwrap()
}

/// Every file is in exactly one class.
#[track_caller]
fn adds_up(report: &Value, before: usize, after: usize) {
    let pairs: u64 =
        ["identical", "noise", "text", "behaviour", "rekeyed", "request"].map(|c| count(report, c)).iter().sum();
    assert_eq!(pairs + count(report, "removed"), before as u64, "{report:#}");
    assert_eq!(pairs + count(report, "added"), after as u64, "{report:#}");
}

#[test]
fn every_change_has_its_class() {
    type Edit = fn(&mut Value);
    let cases: [(&[&str], &str, Edit); 18] = [
        (WHOLE, "text", |d| message(d)["content"] = json!("another text")),
        (WHOLE, "text", |d| message(d)["reasoning"] = json!("in the field")),
        (WHOLE, "behaviour", |d| message(d)["refusal"] = json!("I will not.")),
        (WHOLE, "behaviour", |d| message(d)["tool_calls"] = json!([{"function": {"name": "f", "arguments": "{}"}}])),
        (WHOLE, "behaviour", |d| pieces(d)[0]["choices"][0]["finish_reason"] = json!("length")),
        (WHOLE, "behaviour", |d| {
            let second = pieces(d)[0]["choices"][0].clone();
            pieces(d)[0]["choices"].as_array_mut().unwrap().push(second);
        }),
        (WHOLE, "noise", |d| d["request"]["provider_metadata"] = json!({"openai_sdk_version": "2.30.0"})),
        (WHOLE, "noise", |d| d["request"]["body"]["stream_options"] = json!({"include_usage": true})),
        (WHOLE, "rekeyed", |d| d["request"]["url"] = json!("https://bedrock-runtime.eu-west-1.amazonaws.com/v1/chat")),
        (WHOLE, "rekeyed", |d| d["test_id"] = json!("tests/moved/test_moved.py::test_renamed")),
        (WHOLE, "rekeyed", |d| d["request"]["body"]["temperature"] = json!(0.5)),
        (WHOLE, "noise", |d| {
            d["request"]["url"] = json!(d["request"]["url"].as_str().unwrap().replace("us-west-2", "eu-west-1"))
        }),
        (TOOLS, "behaviour", |d| message(d)["tool_calls"][0]["function"]["arguments"] = json!("{\"city\": \"Bern\"}")),
        (TOOLS, "noise", |d| {
            message(d)["tool_calls"][0]["id"] = json!("call_other");
            let arguments = &mut message(d)["tool_calls"][0]["function"]["arguments"];
            *arguments = json!(format!(" {}\n", arguments.as_str().unwrap()));
        }),
        (TOOLS, "noise", |d| message(d)["tool_calls"][0]["type"] = json!(null)),
        (WHOLE, "noise", |d| message(d)["role"] = json!(null)),
        (&["is_exception"], "behaviour", |d| d["response"]["exception_data"]["status_code"] = json!(422)),
        (&["is_exception"], "behaviour", |d| d["response"]["exception_message"] = json!("another message")),
    ];
    for (place, (marks, class, edit)) in cases.into_iter().enumerate() {
        let trees = Trees::new();
        trees.edit(&trees.with(marks), edit);
        let report = trees.json(&["--all"]);
        assert_eq!(count(&report, class), 1, "case {place}: {report:#}");
        assert_eq!(count(&report, "identical"), 12, "case {place}");
        assert_eq!(report["changes"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_json_is_the_documented_one() {
    let trees = Trees::new();
    let name = trees.with(WHOLE);
    trees.edit(&name, |document| pieces(document)[0]["choices"][0]["finish_reason"] = json!("length"));
    let report = trees.json(&[]);
    let test_id: Value = serde_json::from_str(&trees.env.read(&format!("before/recordings/{name}"))).unwrap();
    let (path, key) = (format!("recordings/{name}"), name.trim_end_matches(".json"));
    let counts = json!({
        "identical": 12, "noise": 0, "text": 0, "behaviour": 1, "rekeyed": 0, "request": 0, "added": 0, "removed": 0,
    });
    let change = json!({
        "class": "behaviour", "answer_class": null, "test_id": test_id["test_id"],
        "keys": {"before": key, "after": key}, "before": path, "after": path, "request": [],
        "answer": {"finish_reason": ["stop", "length"]}, "usage": null, "noise": [], "note": null,
    });
    let expected = json!({
        "schema": 1, "command": "diff", "before": "before", "after": "after", "taken_for": "folders", "counts": counts, "changes": [change],
        "moved": 0,
    });
    assert_eq!(crate::support::without_recorder(report), expected);
}

#[test]
fn another_request_with_another_answer_says_where_and_how() {
    let trees = Trees::new();
    let name = trees.with(WHOLE);
    trees.rename(&name, "0.json", |document| {
        document["request"]["body"]["messages"][0]["content"] = json!("Which planet?");
        document["request"]["body"]["top_p"] = json!(0.5);
        message(document)["content"] = json!("Earth.");
    });
    let change = trees.only_change(&[]);
    assert_eq!((&change["class"], &change["answer_class"]), (&json!("request"), &json!("text")));
    assert_eq!(
        (&change["before"], &change["after"]),
        (&json!(format!("recordings/{name}")), &json!("recordings/0.json"))
    );
    let request = change["request"].as_array().unwrap();
    let pointers: Vec<&str> = request.iter().map(|change| change["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/request/body/messages/0/content", "/request/body/top_p"]);
    assert_eq!(request[0]["after"], "Which planet?");
    assert_eq!((request[1].get("before"), request[1].get("after")), (None, Some(&json!(0.5))));
    assert_eq!(change["answer"]["text"][1], "Earth.");
    assert_ne!(change["keys"]["before"], change["keys"]["after"]);
}

#[test]
fn added_removed_and_moved_files_are_each_counted_once() {
    let trees = Trees::new();
    let (gone, moved) = (&trees.files[0], &trees.files[1]);
    let path = |name: &str| trees.env.root().join("after/recordings").join(name);
    std::fs::remove_file(path(gone)).unwrap();
    std::fs::rename(path(moved), path("moved.json")).unwrap();
    let new = json!({
        "test_id": "tests/test_new.py::test_new",
        "request": {"method": "POST", "url": "https://h/v1/chat/completions", "body": {"messages": []}, "endpoint": "/v1/chat/completions"},
        "response": {"body": {"__type__": "c", "__data__": {"choices": []}}, "is_streaming": false},
    });
    trees.env.write("after/recordings/new.json", file(&new));
    let report = trees.json(&[]);
    adds_up(&report, 13, 13);
    assert_eq!((count(&report, "added"), count(&report, "removed"), count(&report, "identical")), (1, 1, 12 - 1 + 1));
    assert_eq!(report["moved"], 1);
    let classes: Vec<&Value> = report["changes"].as_array().unwrap().iter().map(|change| &change["class"]).collect();
    assert_eq!(classes, ["removed", "added"], "the worst first");
    let all = trees.json(&["--all"]);
    let all = all["changes"].as_array().unwrap();
    assert_eq!(all[2]["class"], "identical");
    assert_eq!(all[2]["after"], "recordings/moved.json");
}

/// A copy of a recordings folder has any name, and may hold other files.
#[test]
fn a_copy_of_a_recordings_folder_is_compared_with_it() {
    let env = TestEnv::new();
    let cases = [case("tests/test_a.py::one", "One?"), case("tests/test_a.py::two", "Two?")].concat();
    env.write("cases.jsonl", cases);
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    for (path, bytes) in env.tree().into_iter().filter(|(path, _)| path.contains("recordings/")) {
        env.write(&path.replace("tests/recordings", "copy"), bytes);
    }
    env.write("copy/notes.json", "{}");
    env.write("empty/package.json", "{}");
    for (sides, counted, number) in [
        (["tests/recordings", "copy"], "identical", 2),
        (["copy", "tests/recordings"], "identical", 2),
        (["tests", "empty"], "removed", 2),
        (["empty", "tests"], "added", 2),
    ] {
        let report = env.run(&["diff", sides[0], sides[1], "--format", "json"]).exits(0).json();
        assert_eq!(count(&report, counted), number, "{sides:?}: {report:#}");
        let all: u64 = report["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!(all, number, "{sides:?}: {report:#}");
    }
}

#[test]
fn a_file_that_cannot_be_read_on_one_side_is_shown_as_that() {
    let trees = Trees::new();
    for (bytes, note) in
        [(&b"not json"[..], "not JSON"), (b"{}", "not a recording"), (b"", "empty"), (b"\xff", "UTF-8")]
    {
        trees.env.write(&format!("after/recordings/{}", trees.files[0]), bytes);
        let change = trees.only_change(&[]);
        assert_eq!(change["class"], "behaviour");
        let shown = change["note"].as_str().unwrap();
        assert!(shown.starts_with("after: ") && shown.contains(note), "{shown}");
        trees.env.write(&format!("before/recordings/{}", trees.files[0]), bytes);
        assert_eq!(count(&trees.json(&[]), "identical"), 13, "the same bytes are the same");
        let original = trees.env.read(&format!("before/recordings/{}", trees.files[1]));
        trees.env.write(&format!("before/recordings/{}", trees.files[0]), original);
    }
}

#[test]
fn a_file_without_a_readable_request_is_found_by_its_name() {
    let trees = Trees::new();
    let name = &trees.files[0];
    std::fs::remove_file(trees.env.root().join("after/recordings").join(name)).unwrap();
    trees.env.write(&format!("after/elsewhere/recordings/{name}"), "broken");
    let change = trees.only_change(&[]);
    assert_eq!(
        (&change["class"], &change["after"]),
        (&json!("behaviour"), &json!(format!("elsewhere/recordings/{name}")))
    );
}

/// Recordings of one test that ask different things.
fn asks(env: &TestEnv, side: &str, name: &str, test: &str, question: &str, answer: &str) {
    let document = json!({
        "test_id": test,
        "request": {
            "method": "POST", "url": "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions",
            "body": {"model": "m", "messages": [{"role": "user", "content": question}]}, "endpoint": "/v1/chat/completions",
        },
        "response": {"is_streaming": false, "body": {"__type__": "c", "__data__": {"choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer}},
        ]}}},
    });
    env.write(&format!("{side}/recordings/{name}.json"), file(&document));
}

#[test]
fn the_nearest_request_of_the_same_test_is_the_partner() {
    let env = TestEnv::new();
    let test = "tests/test_a.py::test_a[one]";
    asks(&env, "before", "1", test, "What is the capital of France, and how many people live there?", "Paris");
    asks(&env, "before", "2", test, "Write a poem about the sea in four lines.", "The sea");
    asks(&env, "before", "3", "tests/test_a.py::test_b[x]", "Count from one to five.", "1 2 3 4 5");
    asks(&env, "after", "7", test, "Write a short poem about the sea in four lines.", "Waves");
    asks(&env, "after", "8", test, "What is the capital of Spain, and how many people live there?", "Madrid");
    asks(&env, "after", "9", "tests/test_a.py::test_b[y]", "Count from one to six.", "1 2 3 4 5 6");
    let report = env.run(&["diff", "before", "after", "--format", "json"]).exits(0).json();
    adds_up(&report, 3, 3);
    assert_eq!(count(&report, "request"), 3);
    let mut pairs: Vec<String> =
        report["changes"].as_array().unwrap().iter().map(|c| format!("{} {}", c["before"], c["after"])).collect();
    pairs.sort_unstable();
    let pair = |a: u8, b: u8| format!("\"recordings/{a}.json\" \"recordings/{b}.json\"");
    assert_eq!(pairs, [pair(1, 8), pair(2, 7), pair(3, 9)]);
}

#[test]
fn another_test_is_a_partner_only_with_the_same_question_and_answer() {
    let env = TestEnv::new();
    asks(&env, "before", "1", "tests/test_a.py::test_a", "Same?", "Yes.");
    asks(&env, "before", "2", "tests/test_a.py::test_b", "Same question?", "One answer.");
    asks(&env, "after", "3", "tests/test_z.py::test_a", "Same?", "Yes.");
    asks(&env, "after", "4", "tests/test_z.py::test_b", "Same question?", "Another answer.");
    let report = env.run(&["diff", "before", "after", "--format", "json"]).exits(0).json();
    assert_eq!((count(&report, "rekeyed"), count(&report, "added"), count(&report, "removed")), (1, 1, 1));
}

#[test]
fn many_recordings_of_one_test_are_paired_each_once() {
    let env = TestEnv::new();
    for i in 0..300 {
        let word = format!("word{i}");
        asks(
            &env,
            "before",
            &format!("a{i}"),
            "tests/t.py::t",
            &format!("{word} {word} tell me all about {word}"),
            &word,
        );
        asks(
            &env,
            "after",
            &format!("b{i}"),
            "tests/t.py::t",
            &format!("{word} {word} tell me more about {word}"),
            &word,
        );
    }
    let report = env.run(&["diff", "before", "after", "--format", "json"]).exits(0).json();
    assert_eq!(count(&report, "rekeyed"), 300, "each found its own among 300");
}
