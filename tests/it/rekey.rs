use std::time::Duration;

use serde_json::{Value, json};

use crate::support::screen::{Said, filtered, hold, screen, typed};
use crate::support::{TestEnv, case, corpus};

/// A tree in git with a recording for each case, in the folder of its test.
fn store(cases: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases);
    // A second folder makes it a tree of folders rather than a flat store.
    env.write("tests/integration/common/recordings/.keep", "");
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.forget_digests();
    env.commit();
    env
}

#[track_caller]
fn is_sound(env: &TestEnv) {
    let report = env.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(report["findings"], json!([]));
    assert_eq!(env.run(&["replay-check", "--format", "json"]).exits(0).json()["replayed"], report["checked"]);
}

#[test]
fn an_edit_in_place_is_mended_with_one_command() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "one") + &case("tests/b/y.py::two", "two")));
    let old = env.recording_of("tests/a/x.py::one");
    env.edit(&old, "tests/a/x.py::one", "tests/c/z.py::three");
    env.edit(&old, "\"content\": \"one\"", "\"content\": \"three\"");
    env.commit();
    env.run(&["verify"]).exits(1);

    let before = env.tree();
    let plan = env.run(&["rekey", "--format", "json"]).exits(1).json();
    assert_eq!(env.tree(), before, "a plan changes nothing");
    assert_eq!((&plan["schema"], &plan["command"], &plan["applied"]), (&json!(1), &json!("rekey"), &json!(false)));
    assert_eq!((&plan["collisions"], &plan["refused"], &plan["left"]), (&json!([]), &json!([]), &json!([])));
    let moves = plan["moves"].as_array().unwrap();
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0]["from"], old);
    let new = moves[0]["to"].as_str().unwrap();
    assert!(new.starts_with("tests/c/recordings/"), "{new}");
    screen(&env, "rekey_edited_plan", &["rekey"], 1);

    assert_eq!(env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json()["applied"], true);
    let mut expected = vec![env.recording_of("tests/b/y.py::two"), new.to_owned()];
    expected.sort();
    assert_eq!(env.recording_paths(), expected);
    is_sound(&env);
    screen(&env, "rekey_nothing", &["rekey"], 0);
}

#[test]
fn a_rename_and_its_reverse_restore_every_byte() {
    if !crate::support::has_git() {
        return;
    }
    let cases = case("tests/a/x.py::T::one[client-m=1]", "1") + &case("tests/a/x.py::two[client]", "2");
    let env = store(&(cases + &case("tests/b/y.py::three", "3")));
    let before = env.recordings();
    for (forth, back) in [
        (vec!["--test-id", "tests/a/=tests/z/deep/"], vec!["--test-id", "tests/z/deep/=tests/a/"]),
        (vec!["--test-id", "[client=[ogx"], vec!["--test-id", "[ogx=[client"]),
        (
            vec!["--test-id", "::T::=::U::", "--test-id", "tests/b=b"],
            vec!["--test-id", "::U::=::T::", "--test-id", "b=tests/b"],
        ),
        (
            vec!["--test-id", "tests/a/x.py::T::one[client-m=1]=tests/a/x.py::T::one[x-m=2]"],
            vec!["--test-id", "tests/a/x.py::T::one[x-m=2]=tests/a/x.py::T::one[client-m=1]"],
        ),
        (vec!["--model", "openai.gpt-oss-20b-1:0=gpt-9"], vec!["--model", "gpt-9=openai.gpt-oss-20b-1:0"]),
        (
            vec!["--url", "https://bedrock-runtime.us-west-2.=https://b."],
            vec!["--url", "https://b.=https://bedrock-runtime.us-west-2."],
        ),
    ] {
        let [forth, back] = [forth, back].map(|args| [vec!["rekey", "--yes", "--format", "json"], args].concat());
        let report = env.run(&forth).exits(0).json();
        assert!(!report["moves"].as_array().unwrap().is_empty(), "{forth:?}");
        assert_ne!(env.recordings(), before);
        is_sound(&env);
        env.commit();
        env.run(&back).exits(0);
        assert_eq!(env.recordings(), before, "{back:?}");
        env.commit();
    }
}

#[test]
fn a_model_is_renamed_in_the_request_and_where_the_answer_repeats_it() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "1") + &case("tests/a/x.py::two", "2")));
    let two = env.recording_of("tests/a/x.py::two");
    // The answer of an endpoint that says which version it was.
    let (request, response) =
        env.read(&two).split_once("\"response\"").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let response =
        response.replace("\"model\": \"openai.gpt-oss-20b-1:0\"", "\"model\": \"openai.gpt-oss-20b-1:0-2026\"");
    env.write(&two, format!("{request}\"response\"{response}"));
    env.commit();
    env.run(&["rekey", "--yes", "--model", "openai.gpt-oss-20b-1:0=new"]).exits(0);
    is_sound(&env);
    for (test_id, answered) in [("tests/a/x.py::one", "new"), ("tests/a/x.py::two", "openai.gpt-oss-20b-1:0-2026")] {
        let recording: Value = serde_json::from_str(&env.read(&env.recording_of(test_id))).unwrap();
        assert_eq!(
            (&recording["request"]["model"], &recording["request"]["body"]["model"]),
            (&json!("new"), &json!("new"))
        );
        assert_eq!(recording["response"]["body"]["__data__"]["model"], answered);
    }
}

/// A recording of another kind, as Python writes it.
fn other_kind(test_id: Value, request: Value, body: Value) -> String {
    let mut document = json!({"test_id": test_id, "request": {}, "response": {"body": body, "is_streaming": false}, "id_normalization_mapping": {}});
    document["request"] = request;
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

#[test]
fn all_kinds_and_lists_of_models_are_renamed() {
    if !crate::support::has_git() {
        return;
    }
    let id = "tests/a/x.py::t";
    let env = store(&case("tests/b/y.py::t", "1"));
    let payload =
        json!({"test_id": id, "url": "http://h/v1/messages", "method": "POST", "payload": {"model": "m", "n": 1}});
    let tool = json!({"test_id": id, "provider": "p", "tool_name": "search", "kwargs": {"q": "x"}});
    let list = |url: &str| json!({"method": "POST", "url": url, "headers": {}, "body": {}, "endpoint": "/v1/models", "model": ""});
    let model = |id: &str| json!({"__type__": "openai.types.model.Model", "__data__": {"id": id, "created": 1, "object": "model"}});
    env.write("tests/a/recordings/payload.json", other_kind(json!(id), payload, json!({"id": "msg_1", "model": "m"})));
    env.write(
        "tests/a/recordings/tool.json",
        other_kind(json!(id), tool, json!({"__type__": "ogx_api.tools.ToolInvocationResult", "__data__": {}})),
    );
    // In one url the test id is part of the key, in the other it is not.
    let models = json!([model("rec-b"), model("a")]);
    env.write("tests/a/recordings/list.json", other_kind(json!(id), list("http://h/v1/v1/models"), models.clone()));
    env.write("tests/a/recordings/shared.json", other_kind(json!(null), list("http://h/v1/models"), models));
    env.commit();
    env.run(&["rekey", "--yes"]).exits(0);
    is_sound(&env);
    env.commit();
    let before = env.recordings();
    let named: Vec<_> = before.iter().filter(|(path, _)| path.starts_with("tests/a/recordings/")).collect();
    assert_eq!(named.len(), 3);
    assert_eq!(before.iter().filter(|(path, _)| path.contains("/models-")).count(), 2);
    assert_eq!(before.iter().filter(|(path, _)| path.contains("common/recordings/models-")).count(), 1);
    assert!(
        named.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("\"id\": \"rec-b\"")),
        "a model's id is its name"
    );

    env.run(&["rekey", "--yes", "--test-id", "tests/a/=tests/c/", "--model", "m=n"]).exits(0);
    is_sound(&env);
    let renamed = env.recordings();
    let moved: Vec<_> = renamed.iter().filter(|(path, _)| path.starts_with("tests/c/recordings/")).collect();
    assert_eq!(moved.len(), 3, "the list without a test stays");
    assert!(moved.iter().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains(id)), "also in the request");
    assert!(moved.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("\"model\": \"n\"")));
    env.commit();
    env.run(&["rekey", "--yes", "--test-id", "tests/c/=tests/a/", "--model", "n=m"]).exits(0);
    assert_eq!(env.recordings(), before);
}

#[test]
fn a_twin_with_the_same_answer_goes() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "1") + &case("tests/a/x.py::two", "2")));
    let (one, two) = (env.recording_of("tests/a/x.py::one"), env.recording_of("tests/a/x.py::two"));
    // A stale copy, with other noise, and a second one: three files want one name.
    let kept = env.read(&one);
    env.write("tests/a/recordings/0ld.json", kept.replace("\"prompt_tokens\": ", "\"prompt_tokens\": 1"));
    env.write("tests/a/recordings/0lder.json", &kept);
    env.commit();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(report["moves"], json!([]));
    let twin = |from: &str| json!({"from": from, "to": one, "other": one, "same_answer": true});
    assert_eq!(
        report["collisions"],
        json!([twin("tests/a/recordings/0ld.json"), twin("tests/a/recordings/0lder.json")])
    );
    assert_eq!(env.read(&one), kept);
    let mut expected = vec![one.clone(), two];
    expected.sort();
    assert_eq!(env.recording_paths(), expected);

    // Neither has the name: one gets it.
    std::fs::remove_file(env.root().join(&one)).unwrap();
    env.write("tests/a/recordings/0ld.json", &kept);
    env.write("tests/a/recordings/0lder.json", &kept);
    env.commit();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(report["moves"], json!([{"from": "tests/a/recordings/0ld.json", "to": one}]));
    assert_eq!(report["collisions"][0]["from"], "tests/a/recordings/0lder.json");
    assert_eq!(env.read(&one), kept);
    assert_eq!(env.recording_paths(), expected);
}

#[test]
fn a_collision_with_another_answer_stops_everything_and_shows_both() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "1") + &case("tests/a/x.py::two", "2")));
    let (one, two) = (env.recording_of("tests/a/x.py::one"), env.recording_of("tests/a/x.py::two"));
    let said = "No model was asked";
    let other = env.read(&one).replace(said, "Something \\u001b[31melse");
    assert_ne!(other, env.read(&one));
    env.write("tests/a/recordings/0ld.json", &other);
    // This one could be moved.
    std::fs::rename(env.root().join(&two), env.root().join("tests/a/recordings/two.json")).unwrap();
    env.commit();
    let before = env.tree();
    let run = env.run(&["rekey", "--yes", "--format", "json"]).exits(1);
    let report = run.json();
    assert_eq!((&report["applied"], &report["collisions"][0]["same_answer"]), (&json!(false), &json!(false)));
    assert_eq!(report["moves"].as_array().unwrap().len(), 1);
    screen(&env, "rekey_collision", &["rekey", "--yes", "-v"], 1);
    assert_eq!(env.tree(), before);

    // A file with the right name that is no recording, or one of another request, is no twin either.
    std::fs::remove_file(env.root().join("tests/a/recordings/0ld.json")).unwrap();
    for obstacle in ["no recording".to_owned(), env.read(&one)] {
        env.write(&two, obstacle);
        env.commit();
        let before = env.tree();
        // Only the one file is looked at: the obstacle does not leave.
        env.run(&["rekey", "--yes", "tests/a/recordings/two.json"]).exits(1);
        assert_eq!(env.tree(), before);
    }
}

#[test]
fn uncommitted_changes_in_the_way_are_refused() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "1") + &case("tests/b/y.py::two", "2")));
    let one = env.recording_of("tests/a/x.py::one");
    env.edit(&one, "\"content\": \"1\"", "\"content\": \"one\"");
    let before = env.tree();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(1).json();
    assert_eq!(report["refused"][0]["path"], one);
    hold("rekey_uncommitted", report["refused"][0]["reason"].as_str().unwrap());
    assert_eq!((&report["applied"], report["moves"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(env.tree(), before);
    // What is not touched may be in any state; an untracked file that is touched has no other copy.
    env.run(&["rekey", "--yes", "--test-id", "tests/b/=tests/c/"]).exits(0);
    env.commit();
    env.write("tests/a/recordings/untracked.json", env.read(&env.recording_of("tests/c/y.py::two")));
    assert_eq!(env.run(&["rekey", "--format", "json"]).exits(1).json()["refused"].as_array().unwrap().len(), 1);
    env.run(&["rekey", "--yes", "--force"]).exits(0);
    is_sound(&env);
    assert_eq!(env.recording_paths().len(), 2, "the untracked one was a twin");
    // git says nothing of files that it ignores; it has no copy of them either.
    env.commit();
    env.write(".gitignore", "ignored.json\n");
    env.write("tests/a/recordings/ignored.json", env.read(&env.recording_of("tests/c/y.py::two")));
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(1).json();
    assert_eq!(report["refused"][0]["path"], "tests/a/recordings/ignored.json");
}

#[test]
fn a_store_outside_git_has_nothing_to_check_and_says_so() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/a/x.py::one", "1"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let one = env.recording_paths().remove(0);
    env.edit(&one, "\"content\": \"1\"", "\"content\": \"one\"");
    screen(&env, "rekey_outside_git", &["rekey", "-v"], 1);
    env.run(&["rekey"]).exits(1).hides("uncommitted changes");
    env.run(&["rekey", "--yes"]).exits(0);
    is_sound(&env);
}

#[test]
fn a_flat_store_stays_flat() {
    let env = TestEnv::new();
    std::fs::create_dir(env.root().join("recordings")).unwrap();
    env.write("cases.jsonl", case("tests/a/x.py::one", "1") + &case("tests/b/y.py::two", "2"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let before = env.recordings();
    env.run(&["rekey", "--yes", "--test-id", "tests/=t/"]).exits(0);
    assert!(env.recording_paths().iter().all(|path| path.starts_with("recordings/")));
    is_sound(&env);
    env.run(&["rekey", "--yes", "--test-id", "t/=tests/"]).exits(0);
    assert_eq!(env.recordings(), before);
}

#[test]
fn what_every_test_finds_stays_where_it_is() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&case("tests/a/x.py::one", "1"));
    let old = env.recording_of("tests/a/x.py::one");
    let name = old.rsplit('/').next().unwrap();
    let common = format!("tests/integration/common/recordings/{name}");
    std::fs::rename(env.root().join(&old), env.root().join(&common)).unwrap();
    // Without a test and with a name that nothing asks for: the common folder is where it can be found.
    let lost = env.read(&common).replace("\"test_id\": \"tests/a/x.py::one\"", "\"test_id\": null");
    env.write("tests/a/recordings/lost.json", lost);
    env.commit();
    env.run(&["rekey", "--yes", "--test-id", "tests/a/=tests/b/"]).exits(0);
    env.commit();
    env.run(&["rekey", "--yes"]).exits(0);
    let paths = env.recording_paths();
    assert_eq!(paths.len(), 2);
    assert!(paths.iter().all(|path| path.starts_with("tests/integration/common/recordings/")), "{paths:?}");
    is_sound(&env);
}

#[test]
fn files_that_are_no_recordings_are_listed_and_left() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&case("tests/a/x.py::one", "1"));
    let one = env.recording_of("tests/a/x.py::one");
    env.edit(&one, "tests/a/x.py::one", "tests/b/y.py::two");
    env.write("tests/a/recordings/text.json", "no json");
    env.write("tests/a/recordings/kind.json", r#"{"request": {}, "response": {"body": null, "is_streaming": false}}"#);
    let outside = env.read(&one).replace("tests/b/y.py::two", "../y.py::two");
    env.write("tests/a/recordings/outside.json", outside);
    env.commit();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json();
    let left: Vec<_> = report["left"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(
        left,
        ["tests/a/recordings/kind.json", "tests/a/recordings/outside.json", "tests/a/recordings/text.json"]
    );
    assert_eq!(report["moves"].as_array().unwrap().len(), 1);
    assert_eq!(env.recording_paths().len(), 4);
    screen(&env, "rekey_left", &["rekey"], 0);
}

#[test]
fn line_ends_alone_are_no_reason_to_touch_a_file() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&case("tests/a/x.py::one", "1"));
    let one = env.recording_of("tests/a/x.py::one");
    let text = env.read(&one);
    env.write(&one, text.replace('\n', "\r\n"));
    env.commit();
    let before = env.tree();
    env.run(&["rekey", "--yes"]).exits(0);
    assert_eq!(env.tree(), before);
    // What is touched is written as the recorder writes it.
    env.edit(&one, "\"content\": \"1\"", "\"content\": \"one\"");
    env.commit();
    env.run(&["rekey", "--yes"]).exits(0);
    is_sound(&env);
}

#[test]
fn wrong_renamings_are_refused_before_anything_is_read() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&(case("tests/a/x.py::one", "1") + &case("tests/b/y.py::two", "2")));
    let before = env.tree();
    let mut said = Said::default();
    for renamings in [
        &["--test-id", "tests/a"][..],
        &["--test-id", "a=b=c"],
        &["--url", "=x"],
        &["--test-id", "tests/a/=../"],
        &["--test-id", "tests/a/x.py::one="],
        &["--test-id", "tests/a=tests/b", "--test-id", "tests/b=tests/c"],
        &["--test-id", "tests/a=tests/b", "--test-id", "tests/b=tests/a"],
    ] {
        let run = env.run(&[&["rekey", "--yes"], renamings].concat()).exits(2);
        run.one_error(&[]);
        said.add(renamings.join(" "), run.stderr);
    }
    let args = ["rekey", "--yes", "--test-id", "nowhere=x"];
    said.add("a text that no recording has", typed(&args, &env.run(&args).exits(0)));
    said.hold("rekey_wrong_renamings");
    assert_eq!(env.tree(), before);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    if !crate::support::has_git() {
        return;
    }
    let env = store(&case("tests/a/x.py::one", "1"));
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), env.root().join("tests/out")).unwrap();
    env.commit();
    let before = env.tree();
    env.run(&["rekey", "--yes", "--test-id", "tests/a/=tests/out/"])
        .exits(2)
        .one_error(&["a link points out of the root"]);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(env.tree(), before);

    // A link that is a recording, and one that leads nowhere, are not followed and not replaced.
    let one = env.recording_of("tests/a/x.py::one");
    std::fs::copy(env.root().join(&one), outside.path().join("linked.json")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("linked.json"), env.root().join("tests/a/recordings/link.json"))
        .unwrap();
    std::os::unix::fs::symlink("nothing", env.root().join("tests/a/recordings/dangling.json")).unwrap();
    env.commit();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(1).json();
    let refused: Vec<_> =
        report["refused"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(refused, ["tests/a/recordings/dangling.json", "tests/a/recordings/link.json"]);
    assert!(env.root().join("tests/a/recordings/link.json").is_symlink());
    assert!(outside.path().join("linked.json").is_file());
}

/// Runs the binary as a user whom permissions stop; a test that runs as root uses the user nobody.
#[cfg(unix)]
fn run_unprivileged(env: &TestEnv, args: &[&str]) -> Option<crate::support::Run> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    let mut command = env.command(args);
    if env.root().metadata().unwrap().uid() == 0 || env.root().join("as-nobody").exists() {
        const NOBODY: u32 = 65534;
        env.write("as-nobody", "");
        for entry in walkdir::WalkDir::new(env.root()).into_iter().flatten() {
            chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    match command.output() {
        Ok(output) => Some(crate::support::Run::of(output)),
        Err(error) => {
            crate::support::skipped(&format!("nobody may not run the binary: {error}"));
            None
        }
    }
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read_or_written_stop_everything() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/a/x.py::one", "1") + &case("tests/b/y.py::two", "2"));
    env.write("tests/integration/common/recordings/.keep", "");
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let mode = |folder: &str, mode| {
        std::fs::set_permissions(env.root().join(folder), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let args = ["rekey", "--yes", "--test-id", "tests/=t/"];
    let before = env.recordings();
    for (folder, refused, says) in [
        ("tests/b/recordings", 0o000, "cannot look into the folder"),
        ("tests/b/recordings", 0o500, "cannot remove"),
        ("t/b/recordings", 0o500, "cannot write"),
    ] {
        std::fs::create_dir_all(env.root().join(folder)).unwrap();
        mode(folder, refused);
        let run = run_unprivileged(&env, &args);
        mode(folder, 0o700);
        let Some(run) = run else { return };
        let run = run.exits(2);
        run.one_error(&[says]);
        assert_eq!(run.stderr.lines().count(), 1, "the folder is named once: {run:?}");
        assert_eq!(env.recordings(), before, "{folder} {refused:o}");
        assert!(env.tree().iter().all(|(path, _)| !path.contains(".bedrock-fixtures-")), "nothing staged stays");
    }
    run_unprivileged(&env, &args).unwrap().exits(0);
}

#[test]
fn an_error_on_the_way_puts_everything_back() {
    use bedrock_fixtures::error::Error;
    use bedrock_fixtures::store::Store;
    use bedrock_fixtures::store::relocate::FileChange;
    let env = TestEnv::new();
    for name in ["a", "b", "c", "d"] {
        env.write(&format!("old/recordings/{name}.json"), name);
    }
    let store = Store::open(env.root()).unwrap();
    let place =
        |path: &str, source: &str, replaces| FileChange { path: path.into(), source: Some(source.into()), replaces };
    let remove = |path: &str| FileChange { path: path.into(), source: None, replaces: true };
    let changes = [
        place("new/recordings/a.json", "old/recordings/a.json", false),
        place("old/recordings/b.json", "old/recordings/b.json", true),
        place("new/recordings/c.json", "old/recordings/c.json", false),
        remove("old/recordings/a.json"),
        remove("old/recordings/c.json"),
        remove("old/recordings/d.json"),
    ];
    // Somebody else puts a file where one is to come, after it was staged.
    let obstacle = "new/recordings/c.json";
    let mut content = |index: usize| {
        if index == changes.len() - 1 {
            env.write(obstacle, "theirs");
        }
        Ok(b"new".to_vec())
    };
    let mut expected = env.tree();
    let error = store.relocate(&changes, &mut content).unwrap_err().to_string();
    hold("rekey_restored", &filtered(&env, &error));
    expected.push((obstacle.to_owned(), b"theirs".to_vec()));
    expected.sort();
    assert_eq!(env.tree(), expected);
    std::fs::remove_file(env.root().join(obstacle)).unwrap();

    // And one that is out of date stops everything before the first change.
    let before = env.tree();
    let out_of_date = &mut |index| if index == 5 { Err(Error::new("out of date")) } else { Ok(vec![]) };
    assert_eq!(store.relocate(&changes, out_of_date).unwrap_err().to_string(), "out of date");
    assert_eq!(env.tree(), before);

    store.relocate(&changes, &mut |index| Ok(vec![b'0' + u8::try_from(index).unwrap()])).unwrap();
    let expected = [("new/recordings/a.json", "0"), ("new/recordings/c.json", "2"), ("old/recordings/b.json", "1")];
    assert_eq!(env.tree(), expected.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
}

/// A store of `count` recordings under names that they do not have: half of them under each other's.
fn misnamed(count: usize) -> TestEnv {
    let env = store(&case("tests/a/x.py::t0", "text0"));
    let first = env.recording_of("tests/a/x.py::t0");
    let template = env.read(&first);
    std::fs::remove_file(env.root().join(&first)).unwrap();
    for index in 0..count {
        let text = template.replace("x.py::t0", &format!("x.py::t{index}")).replace("text0", &format!("text{index}"));
        env.write(&format!("tests/a/recordings/n{index:03}.json"), text);
    }
    env.run(&["rekey", "--yes", "--force"]).exits(0);
    let named = env.recording_paths();
    for (index, pair) in named.chunks(2).enumerate() {
        let [a, b] = pair else { continue };
        let rename = |from: &str, to: &str| std::fs::rename(env.root().join(from), env.root().join(to)).unwrap();
        if index % 2 == 0 {
            rename(a, "tests/a/recordings/swap");
            rename(b, a);
            rename("tests/a/recordings/swap", b);
        } else {
            rename(a, &format!("tests/a/recordings/stale{index}.json"));
        }
    }
    env.commit();
    env
}

#[test]
fn recordings_that_have_each_others_names_change_places() {
    if !crate::support::has_git() {
        return;
    }
    let env = misnamed(8);
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!((report["moves"].as_array().unwrap().len(), &report["collisions"]), (6, &json!([])));
    is_sound(&env);
    assert_eq!(env.recording_paths().len(), 8);
}

/// Kills runs of `args` at random moments. At each of them every recording must be at its old or its new place; the same
/// command then completes it.
fn kill_at_random(args: &[&str], count: usize) {
    let env = misnamed(count);
    let identity = |bytes: &[u8]| {
        let recording: Value = serde_json::from_slice(bytes).expect("no half of a file is ever in place");
        recording["request"]["body"]["messages"][0]["content"].as_str().unwrap().to_owned()
    };
    let identities = |env: &TestEnv| -> std::collections::BTreeSet<String> {
        env.recordings().iter().map(|(_, bytes)| identity(bytes)).collect()
    };
    let all = identities(&env);
    assert_eq!(all.len(), count);
    let started = std::time::Instant::now();
    env.run(args).exits(0);
    let whole = started.elapsed();
    let expected = env.recordings();
    let mut cut = 0;
    for round in 0..12 {
        env.git(&["reset", "-q", "--hard"]);
        env.git(&["clean", "-fdq"]);
        let mut process = env.command(args).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(round) / 10.0).max(Duration::from_millis(1)));
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(identities(&env), all, "none is lost");
        if env.recordings() != expected {
            cut += 1;
        }
        // Without --force: what the first run left is no obstacle to the second.
        env.run(args).exits(0);
        assert_eq!(env.recordings(), expected);
    }
    assert!(cut > 0, "some run is killed before its end");
}

#[test]
fn a_run_that_is_killed_loses_nothing_and_the_next_one_completes_it() {
    if !crate::support::has_git() {
        return;
    }
    kill_at_random(&["rekey", "--yes"], 48);
}

#[test]
fn a_rename_that_is_killed_loses_nothing_and_the_next_one_completes_it() {
    if !crate::support::has_git() {
        return;
    }
    kill_at_random(&["rekey", "--yes", "--test-id", "tests/a=tests/ab", "--model", "openai=openai.x"], 48);
}

#[test]
fn the_corpus_gets_the_names_of_today_and_can_be_renamed_to_and_fro() {
    if !crate::support::has_git() {
        return;
    }
    let Some(corpus) = corpus() else { return };
    let env = TestEnv::new();
    for entry in walkdir::WalkDir::new(&corpus).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap().to_owned();
        env.write(&path, std::fs::read(entry.path()).unwrap());
    }
    env.commit();
    // Two real recordings of one request with different answers: somebody must choose, and takes the one with the name.
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(1).json();
    let conflict = report["collisions"].as_array().unwrap().iter().find(|one| one["same_answer"] == false).unwrap();
    std::fs::remove_file(env.root().join(conflict["from"].as_str().unwrap())).unwrap();
    let report = env.run(&["rekey", "--yes", "--format", "json"]).exits(0).json();
    let count = |field: &str| report[field].as_array().unwrap().len();
    assert_eq!((count("moves"), count("collisions"), count("left")), (79, 3, 1));
    let findings = env.run(&["verify", "--format", "json"]).exits(1).json()["findings"].clone();
    let rules: Vec<_> = findings.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["duplicate", "oversize", "unknown-kind"]);
    let moved = report["moves"].as_array().unwrap().iter().map(|one| one["to"].as_str().unwrap());
    let args: Vec<&str> = ["replay-check", "--format", "json"].into_iter().chain(moved).collect();
    assert_eq!(env.run(&args).exits(0).json()["replayed"], 79);
    env.commit();

    // The rename of a project, undone by its reverse.
    let before = env.recordings();
    let forth = [
        "--test-id",
        "[ogx_client=[stack",
        "--test-id",
        "tests/integration/=t/",
        "--url",
        "https://ogx-test.=https://s.",
    ];
    let back = [
        "--test-id",
        "[stack=[ogx_client",
        "--test-id",
        "t/=tests/integration/",
        "--url",
        "https://s.=https://ogx-test.",
    ];
    for args in [forth, back] {
        let report = env.run(&[&["rekey", "--yes", "--format", "json"], &args[..]].concat()).exits(0).json();
        assert!(report["moves"].as_array().unwrap().len() > 500);
        env.commit();
    }
    assert!(env.recordings() == before, "the reverse restores every byte");

    // A search and replace in the files, as it was done, and the one command that it needed.
    let mut edited = 0;
    for (path, bytes) in env.recordings() {
        let text = String::from_utf8(bytes).unwrap();
        let replaced = text
            .replace("[openai_client", "[client")
            .replace("0.0.0.0:11434", "localhost:1")
            .replace("helpful", "useful");
        edited += usize::from(replaced != text);
        env.write(&path, replaced);
    }
    assert!(edited > 300, "{edited}");
    env.commit();
    env.run(&["rekey", "--yes"]).exits(0);
    let findings = env.run(&["verify", "--format", "json", "--ignore", "duplicate,oversize"]).exits(1).json();
    assert_eq!(findings["findings"].as_array().unwrap().len(), 1, "the file of unknown kind");
}

#[test]
fn an_answer_to_another_question_does_not_get_its_name_unasked() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::t", "Say hello."));
    env.run(&["record", "--sandbox", "-q", "--cases", "cases.jsonl"]).exits(0);
    env.commit();
    let path = env.recording_path();
    let edited = env.read(&path).replace("Say hello.", "Say goodbye.");
    env.write(&path, edited);
    let before = env.tree();
    let mut said = Said::default();
    for args in [&["--yes"][..], &["--yes", "--force"]] {
        let report = env.run(&[&["rekey", "--format", "json"], args].concat()).exits(1).json();
        said.add(args.join(" "), report["refused"][0]["reason"].as_str().unwrap());
        assert_eq!((&report["applied"], env.tree() == before), (&false.into(), true));
    }
    said.hold("rekey_another_question");
    env.run(&["rekey", "--yes", "--force", "--edited"]).exits(0);
    env.run(&["verify"]).exits(0);
    // Another test is the same question.
    env.commit();
    let path = env.recording_path();
    let renamed = env.read(&path).replace("test_a.py::t", "test_a.py::u");
    env.write(&path, renamed);
    env.run(&["rekey", "--yes", "--force"]).exits(0);
}

/// All or nothing: it is unknown whether a file that cannot be read would have to be renamed with the others.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_keeps_all_from_being_renamed() {
    let env = crate::support::TestEnv::new();
    let cases: String =
        ["one", "two"].iter().map(|name| crate::support::case(&format!("t/test_a.py::{name}"), name)).collect();
    env.write("cases.jsonl", cases);
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let before = env.tree();
    let path = &env.recording_paths()[0];
    // Too large to be read, also for root, whom no permission keeps from it.
    let file = std::fs::OpenOptions::new().write(true).open(env.root().join(path)).unwrap();
    let size = file.metadata().unwrap().len();
    file.set_len(65 << 20).unwrap();
    let args = ["rekey", "--test-id", "t/test_a.py=t/test_b.py", "--yes", "--force", "--format", "json"];
    let report = env.run(&args).exits(1).json();
    assert_eq!(
        (&report["applied"], report["refused"].as_array().unwrap().len()),
        (&serde_json::json!(false), 1),
        "{report:#}"
    );
    file.set_len(size).unwrap();
    assert_eq!(env.tree(), before);
    assert_eq!(env.run(&args).exits(0).json()["moves"].as_array().unwrap().len(), 2);
}
