//! What `record` asks: case files, and recordings again.

use serde_json::Value;

use crate::record::answer;
use crate::support::screen::{Said, filtered, hold, screen};
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

/// A store with one recording of the sandbox, and its path.
fn store(extra: &[&str]) -> (TestEnv, String) {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::a", "one"));
    env.run(&[&["record", "--sandbox", "--cases", "cases.jsonl"], extra].concat()).exits(0);
    let path = env.recording_path();
    (env, path)
}

fn results(report: &Value) -> Vec<Value> {
    report["results"].as_array().unwrap().clone()
}

#[test]
fn the_region_that_is_said_is_the_one_that_is_asked() {
    let (env, path) = store(&["--region", "us-east-1"]);
    let env = env.set("AWS_REGION", "eu-west-1");
    env.write("other.jsonl", case("tests/test_a.py::b", "two"));
    let mut said = Said::default();
    for sources in [
        &[path.as_str()][..],
        &["--cases", "cases.jsonl"],
        &["--mantle", "--cases", "other.jsonl"],
        &["--cases", "other.jsonl", &path],
    ] {
        let run = env.run(&[&["record", "--sandbox", "--plan"], sources].concat()).exits(0);
        said.add(sources.join(" "), filtered(&env, &run.stderr));
    }
    said.hold("record_region");
}

#[test]
fn a_flag_that_contradicts_a_recording_is_not_passed_over() {
    let (env, path) = store(&["--region", "us-east-1"]);
    let before = env.tree();
    let mut said = Said::default();
    for flags in [&["--region", "us-west-2"][..], &["--mantle"]] {
        for plan in [&[][..], &["--plan"]] {
            let args = [&["record", "--sandbox", &path], flags, plan].concat();
            said.add(args[3..].join(" "), filtered(&env, &env.run(&args).exits(1).stdout));
            let report = env.run(&[&args[..], &["--format", "json"]].concat()).exits(1).json();
            let [result] = results(&report).try_into().unwrap();
            assert_eq!(result["status"], "skipped");
            said.add(format!("the reason with {}", flags.join(" ")), result["reason"].as_str().unwrap());
            assert_eq!(result["test_id"], "tests/test_a.py::a");
        }
    }
    said.hold("record_flag_against_recording");
    assert_eq!(env.tree(), before);
    env.run(&["record", "--sandbox", "--region", "us-east-1", &path]).exits(0);
}

#[test]
fn a_plan_shows_what_would_be_asked_and_on_demand_what_would_not() {
    let (env, _) = store(&[]);
    env.write("cases.jsonl", case("tests/test_a.py::a", "one") + &case("tests/test_a.py::b", "two"));
    let args = ["record", "--sandbox", "--cases", "cases.jsonl", "--plan", "--missing"];
    screen(&env, "record_plan_missing", &args, 0);
    screen(&env, "record_plan_missing_verbose", &[&args[..], &["-v"]].concat(), 0);
}

#[test]
fn an_answer_is_written_where_a_replay_finds_the_old_one() {
    let (env, path) = store(&[]);
    let common = path.replace("tests/recordings", "tests/integration/common/recordings");
    let bytes = env.read(&path);
    env.write(&common, &bytes);
    std::fs::remove_dir_all(env.root().join("tests/recordings")).unwrap();
    let server = ScriptedServer::start(vec![Step::json(200, &answer("something new"))]);
    for (sources, status) in [
        (&["--cases", "cases.jsonl", "--missing"][..], "skipped"),
        (&["--cases", "cases.jsonl"], "written"),
        (&[&common], "unchanged"),
    ] {
        let url = server.url();
        let args = [&["record", "--format", "json", "--endpoint-url", &url], sources].concat();
        let [result] = results(&env.run(&args).exits(0).json()).try_into().unwrap();
        assert_eq!((&result["status"], &result["path"]), (&status.into(), &common.clone().into()));
        assert!(!env.root().join("tests/recordings").exists(), "it has no twin");
    }
    assert_ne!(env.read(&common), bytes);
    env.run(&["verify"]).exits(0);
}

#[test]
fn a_path_that_cannot_be_asked_again_is_not_passed_over() {
    let (env, path) = store(&[]);
    env.write("tests/recordings/bad.json", "{bad");
    std::fs::create_dir_all(env.root().join("empty/recordings")).unwrap();
    env.write("garbage/recordings/bad.json", "{bad");
    for (paths, parts) in [
        (&["tests/recordings/bad.json"][..], ["tests/recordings/bad.json", "not JSON"]),
        (&[&path, "tests/recordings/bad.json"], ["tests/recordings/bad.json", "not JSON"]),
        (&["empty"], ["empty", "no recordings"]),
        (&[&path, "empty"], ["empty", "no recordings"]),
        (&["garbage"], ["garbage/recordings/bad.json", "not JSON"]),
        (&["nowhere"], ["nowhere", "check the path"]),
    ] {
        env.run(&[&["record", "--sandbox"], paths].concat()).exits(2).one_error(&parts);
    }
    // Beside others, in a folder, it is only counted.
    screen(&env, "record_beside_bad", &["record", "--sandbox", "tests"], 0);
    screen(&env, "record_beside_bad_verbose", &["record", "--sandbox", "tests", "-v"], 0);
}

#[test]
fn recordings_of_other_providers_are_counted_and_when_named_refused() {
    let (env, path) = store(&[]);
    let host = "bedrock-runtime.us-west-2.amazonaws.com";
    let foreign = env.read(&path).replace(host, "api.openai.example");
    env.write("tests/recordings/other.json", &foreign);
    let args = ["record", "--sandbox"];
    screen(&env, "record_beside_others", &["record", "--sandbox", "tests"], 0);
    screen(&env, "record_beside_others_verbose", &["record", "--sandbox", "tests", "-v"], 0);
    screen(&env, "record_others", &["record", "--sandbox", "tests/recordings/other.json"], 1);
    let named = ["tests/recordings/other.json", "--format", "json"];
    let [result] = results(&env.run(&[&args[..], &named].concat()).exits(1).json()).try_into().unwrap();
    assert_eq!((&result["status"], &result["test_id"]), (&"skipped".into(), &"tests/test_a.py::a".into()));
    assert_eq!(result["key"].as_str().unwrap().len(), 64);
    // What --test does not select is not spoken of.
    let run = env.run(&[&args[..], &["tests", "--test", "::a", "--format", "json"]].concat()).exits(0);
    assert_eq!(results(&run.json()).len(), 2);
    env.run(&[&args[..], &["tests", "--test", "::b"]].concat()).exits(2).one_error(&["::b", "--test"]);
}

#[test]
fn the_sandbox_does_not_replace_a_real_answer_unasked() {
    for body in ["", r#","stream":true"#] {
        let env = TestEnv::new();
        let line = case("a.py::a", "one").replace("\"}]", &format!("\"}}]{body}"));
        env.write("cases.jsonl", &line);
        env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
        let (path, bytes) = env.recordings().remove(0);
        let own = String::from_utf8(bytes).unwrap();
        // An answer of its own, though of another version, is replaced.
        env.write(&path, own.replace(" answering", " once answering"));
        assert_ne!(env.read(&path), own);
        env.run(&["record", "--sandbox", "recordings"]).exits(0);
        assert_eq!(env.read(&path), own);
        let real = own.replace(" asked", " heard");
        assert_ne!(real, own);
        env.write(&path, &real);
        for sources in [&["recordings"][..], &["--cases", "cases.jsonl"]] {
            let args = [&["record", "--sandbox", "--format", "json"], sources].concat();
            let [result] = results(&env.run(&args).exits(1).json()).try_into().unwrap();
            assert_eq!(result["status"], "refused");
            hold("record_sandbox_over_real", result["reason"].as_str().unwrap());
            assert_eq!(env.read(&path), real);
        }
        env.run(&["record", "--sandbox", "--yes", "recordings"]).exits(0);
        assert_eq!(env.read(&path), own);
    }
}

#[test]
fn a_request_stands_in_one_case_file_once_and_a_byte_order_mark_is_no_part_of_it() {
    let env = TestEnv::new();
    env.write("a.jsonl", case("a.py::a", "one"));
    env.write("b.jsonl", format!("\u{feff}{}", case("a.py::b", "two") + &case("a.py::a", "one")));
    let record = |files: &[&str]| {
        let files = files.iter().flat_map(|file| ["--cases", *file]).collect::<Vec<_>>();
        env.run(&[&["record", "--sandbox", "--plan"][..], &files].concat())
    };
    let mut said = Said::default();
    for (files, code) in [(&["a.jsonl", "b.jsonl"][..], 1), (&["a.jsonl", "a.jsonl"], 1), (&["b.jsonl"], 0)] {
        said.add(files.join(", "), record(files).exits(code).stdout);
    }
    said.hold("record_cases_twice");
}
