//! `init`: shows each change, makes it when told, adds to what is there, and has nothing to do the second time.

use serde_json::Value;

use crate::support::TestEnv;
use crate::support::screen::{hold, screen};

fn statuses(json: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    json["changes"].as_array().unwrap().iter().map(|change| (text(&change["name"]), text(&change["status"]))).collect()
}

/// Everything but git's own files, which git writes as it likes.
fn files(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    env.tree().into_iter().filter(|(path, _)| !path.starts_with(".git/") || path == ".git/config").collect()
}

#[test]
fn the_second_time_nothing_is_left_to_do() {
    if !crate::support::has_git() {
        return;
    }
    type Kind = (&'static str, fn(&TestEnv));
    let kinds: [Kind; 3] = [
        ("ogx", TestEnv::make_ogx),
        ("pytest", |env| {
            env.git(&["init", "-q"]);
            env.write("pyproject.toml", "[tool.pytest.ini_options]\n");
        }),
        ("plain", |env| {
            env.git(&["init", "-q"]);
            env.write("main.go", "");
        }),
    ];
    for (kind, make) in kinds {
        let env = TestEnv::new();
        make(&env);
        let before = files(&env);
        let plan = env.run(&["init", "--format", "json"]).exits(1).json();
        assert_eq!((&plan["schema"], &plan["command"], &plan["kind"]), (&1.into(), &"init".into(), &kind.into()));
        assert!(statuses(&plan).iter().all(|(_, status)| status == "planned"), "{plan}");
        env.run(&["init", "--dry-run"]).exits(1);
        assert_eq!(files(&env), before, "a plan changes nothing");

        let done = env.run(&["init", "--yes", "--format", "json"]).exits(0).json();
        let names: Vec<String> = statuses(&done).into_iter().map(|(name, _)| name).collect();
        let expected: &[&str] = match kind {
            "ogx" => &["hooks", "attributes", "textconv", "stack", "ignore", "cases", "config"],
            _ => &["hooks", "attributes", "textconv", "cases", "config"],
        };
        assert_eq!(names, expected);
        let after = files(&env);
        for again in [&["init", "--yes"][..], &["init"], &["init", "--dry-run"]] {
            let run = env.run(again).exits(0);
            assert!(run.stdout.lines().any(|line| line == "nothing to do"), "{run:?}");
        }
        assert_eq!(files(&env), after, "{kind}");
        assert_eq!(env.root().join("bedrock-test.yaml").exists(), kind == "ogx");
        env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    }
}

#[test]
fn the_case_file_begins_with_an_example_that_is_no_real_test() {
    let env = TestEnv::new();
    env.write("tests/test_b.py", "def test_first(a): ...\n");
    env.run(&["init", "--yes", "--only", "cases"]).exits(0);
    let case: serde_json::Value = serde_json::from_str(&env.read("cases.jsonl")).unwrap();
    assert_eq!(case["test_id"], "tests/test_example.py::test_rings[txt=bedrock/openai.gpt-oss-20b-1:0]");
    assert!(case["comment"].as_str().unwrap().starts_with("an example"), "{case}");
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
}

#[test]
fn each_change_is_shown_as_a_diff() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.git(&["init", "-q"]);
    env.write(".pre-commit-config.yaml", "repos:\n- repo: https://example.invalid/x\n  hooks:\n  - id: x\n\nci: {}\n");
    screen(&env, "init", &["init"], 1);
}

#[test]
fn what_is_there_is_added_to_and_never_replaced() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.make_ogx();
    let pre_commit = "default_stages: [pre-commit]\nrepos:\n-   repo: https://example.invalid/x\n    rev: v1\n    hooks:\n    -   id: x\n";
    env.write(".pre-commit-config.yaml", pre_commit);
    env.write(".gitattributes", "*.png binary");
    env.write(".gitignore", "/build\r\n");
    env.write("cases.jsonl", "mine");
    env.write("bedrock-test.yaml", "mine");
    env.git(&["config", "diff.bedrock-fixtures.textconv", "mine"]);
    env.run(&["init", "--yes"]).exits(0);
    assert!(env.read(".pre-commit-config.yaml").starts_with(pre_commit));
    let attributes = "*.png binary\n**/recordings/*.json diff=bedrock-fixtures linguist-generated -text\n";
    assert_eq!(env.read(".gitattributes"), attributes);
    assert_eq!(env.read(".gitignore"), "/build\r\n/bedrock-test.yaml\r\n");
    assert_eq!((env.read("cases.jsonl").as_str(), env.read("bedrock-test.yaml").as_str()), ("mine", "mine"));
    screen(&env, "init_after_others", &["init"], 0);
}

#[test]
fn what_cannot_be_added_to_safely_is_refused_with_the_words_to_add() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.git(&["init", "-q"]);
    env.write(".pre-commit-config.yaml", "repos: [{repo: meta, hooks: [{id: identity}]}]\n");
    screen(&env, "init_refused", &["init", "--yes", "--only", "hooks"], 1);
    assert_eq!(env.read(".pre-commit-config.yaml"), "repos: [{repo: meta, hooks: [{id: identity}]}]\n");
    // Without the hooks nothing needs a list of the errors of today.
    env.write("tests/recordings/x.json", "{");
    env.run(&["init", "--yes", "--only", "hooks"]).exits(1);
    assert!(!env.root().join("bedrock-fixtures-baseline.json").exists());
}

/// A store with errors of before: the hook is green today, and red when a new one comes.
#[test]
fn errors_of_today_are_listed_so_that_the_hook_fails_on_new_ones() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.git(&["init", "-q"]);
    let recording = "tests/recordings/0000000000000000000000000000000000000000000000000000000000000000.json";
    env.write(recording, "{}");
    let plan = env.run(&["init", "--only", "hooks", "--format", "json"]).exits(1).json();
    assert_eq!(statuses(&plan), [("hooks".into(), "planned".into()), ("baseline".into(), "planned".into())]);
    env.run(&["init", "--only", "hooks", "--yes"]).exits(0);
    let hooks = env.read(".pre-commit-config.yaml");
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: bedrock-fixtures ")).unwrap();
    assert_eq!(hooks.find("replay-check"), None, "{hooks}");
    let words: Vec<&str> = entry.split(' ').collect();
    env.run(&[&words[..], &[recording]].concat()).exits(0);
    let new = recording.replace("0000.json", "0001.json");
    env.write(&new, "{}");
    env.run(&[&words[..], &[recording, &new]].concat()).exits(1);
    assert!(
        env.run(&["init", "--only", "hooks", "--yes"])
            .exits(0)
            .stdout
            .ends_with("nothing to do\nnext: pre-commit install\n")
    );
    // A configuration of the same init names the list, so that every command knows it.
    let other = TestEnv::new();
    other.git(&["init", "-q"]);
    other.write(recording, "{}");
    other.run(&["verify"]).exits(1);
    other.run(&["init", "--yes"]).exits(0);
    other.run(&["verify"]).exits(0);
    other.write(&new, "{}");
    other.run(&["verify"]).exits(1);
}

/// The hook of one clone: no file of the repository changes, and git runs it.
#[test]
fn a_hook_of_the_clone_changes_nothing_for_others() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    let args = ["init", "--only", "hooks", "--hooks", "local", "--yes"];
    screen(&env, "init_hook_without_git", &args, 1);
    env.git(&["init", "-q"]);
    env.write("README", "x");
    env.commit();
    screen(&env, "init_hook", &args, 0);
    screen(&env, "init_hook_again", &args, 0);
    assert_eq!(env.git(&["status", "--porcelain"]).trim(), "");

    let program = std::path::Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let commit = |path: &str| {
        let mut git = std::process::Command::new("git");
        git.current_dir(env.root()).env("PATH", path).args(["-c", "user.name=a", "-c", "user.email=a@a.example"]);
        git.args(["commit", "-qm", "x"]).output().unwrap()
    };
    env.write("README", "y");
    env.git(&["add", "README"]);
    assert!(commit(&path).status.success(), "{:?}", commit(&path));
    env.write("tests/recordings/bad.json", "{");
    env.git(&["add", "tests"]);
    assert!(!commit(&path).status.success());
    // One that is there is nobody's to replace, nor is a folder that others share.
    env.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    screen(&env, "init_hook_of_another", &args, 1);
    env.git(&["config", "core.hooksPath", "hooks"]);
    screen(&env, "init_hooks_elsewhere", &args, 1);
}

/// pip and uv write the origin of a wheel beside its metadata, but for one of an index.
#[test]
fn the_hooks_are_installed_as_the_program_was() {
    if !crate::support::has_git() {
        return;
    }
    let version = env!("CARGO_PKG_VERSION");
    let metadata = format!("bedrock_fixtures-{version}.dist-info");
    let elsewhere = "bedrock_fixtures-0.0.9.dist-info";
    for (programs, packages, metadata, origin, form) in [
        ("bin", "lib/python3.12/site-packages", metadata.as_str(), None, "language: python"),
        ("bin", "lib/python3.12/dist-packages", &metadata, None, "language: python"),
        ("Scripts", "Lib/site-packages", &metadata, None, "language: python"),
        ("bin", "", &metadata, None, "language: python"),
        ("bin", "lib/python3.12/site-packages", &metadata, Some("{\"url\": \"file:///w.whl\"}"), "language: system"),
        ("bin", "lib/python3.12/site-packages", elsewhere, None, "language: system"),
    ] {
        let env = TestEnv::new();
        env.git(&["init", "-q", "tree"]);
        let place = env.root().join("env");
        env.write(&format!("env/{packages}/{metadata}/METADATA"), "");
        if let Some(origin) = origin {
            env.write(&format!("env/{packages}/{metadata}/direct_url.json"), origin);
        }
        let program = place.join(programs).join("bedrock-fixtures");
        std::fs::create_dir_all(place.join(programs)).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_bedrock-fixtures"), &program).unwrap();
        // `uv tool` puts a link on the PATH.
        let link = env.root().join("link");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&program, &link).unwrap();
        let init = |program: &std::path::Path, args: &[&str]| {
            let mut command = std::process::Command::new(program);
            command.args(["init", "--yes", "--only", "hooks"]).args(args).current_dir(env.root().join("tree"));
            let run = command.env_clear().env("HOME", env.root()).env("PATH", std::env::var_os("PATH").unwrap());
            assert_eq!(run.output().unwrap().status.code(), Some(0));
            let written = env.read("tree/.pre-commit-config.yaml");
            std::fs::remove_file(env.root().join("tree/.pre-commit-config.yaml")).unwrap();
            written
        };
        for program in [&program, &link].into_iter().filter(|program| program.exists()) {
            let written = init(program, &[]);
            assert!(written.contains(form), "{packages}: {written}");
        }
        // What somebody asks for is written.
        assert!(init(&program, &["--hooks", "system"]).contains("language: system"));
    }
}

#[test]
fn region_and_model_are_filled_in_and_nothing_else_can_be() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new().set("AWS_REGION", "eu-central-1");
    env.make_ogx();
    env.run(&["init", "--yes", "--only", "stack", "--model", "openai.gpt-oss-120b-1:0"]).exits(0);
    hold("init_stack", &env.read("bedrock-test.yaml"));
    for model in ["x\n  y: z", "a: b", "", "${env.X}", "a #b"] {
        env.run(&["init", "--dry-run", "--model", model]).exits(2);
    }
    env.run(&["init", "--region", "nowhere"]).exits(2).one_error(&["nowhere"]);
}

#[test]
fn without_git_only_what_needs_none_is_planned() {
    let env = TestEnv::new();
    let json = env.run(&["init", "--yes", "--format", "json"]).exits(1).json();
    let expected = [
        ("hooks", "skipped"),
        ("attributes", "skipped"),
        ("textconv", "skipped"),
        ("cases", "written"),
        ("config", "written"),
    ];
    assert_eq!(statuses(&json), expected.map(|(name, status)| (name.to_owned(), status.to_owned())));
    for change in &json["changes"].as_array().unwrap()[..3] {
        assert_eq!(change["reason"], "not a git work tree; run `git init`, then init again");
    }
    screen(&env, "init_without_git", &["init", "--yes"], 1);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    if !crate::support::has_git() {
        return;
    }
    let (env, other) = (TestEnv::new(), TestEnv::new());
    env.git(&["init", "-q"]);
    let target = other.write("attributes", "mine\n");
    std::os::unix::fs::symlink(&target, env.root().join(".gitattributes")).unwrap();
    env.run(&["init", "--yes", "--only", "attributes"]).exits(2).one_error(&[".gitattributes", "out of the tree"]);
    assert_eq!(other.read("attributes"), "mine\n");
}

#[test]
fn bytes_are_added_to_bytes() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.git(&["init", "-q"]);
    let attributes = b"doc/caf\xe9/** binary\r\nlast";
    let hooks = b"# d\xe9j\xe0\nexclude: ^vendor/bedrock-fixtures/\nrepos:\r\n- repo: https://example.invalid/x\n  hooks:\n  - id: x";
    let (attributes_path, hooks_path) =
        (env.write(".gitattributes", attributes), env.write(".pre-commit-config.yaml", hooks));
    env.run(&["init", "--yes", "--only", "hooks,attributes"]).exits(0);
    let added = |path: &std::path::Path, old: &[u8]| {
        let new = std::fs::read(path).unwrap();
        String::from_utf8(new.strip_prefix(old).expect("the old bytes are there").to_vec()).unwrap()
    };
    let line = "**/recordings/*.json diff=bedrock-fixtures linguist-generated -text";
    assert_eq!(added(&attributes_path, attributes), format!("\r\n{line}\r\n"));
    assert!(added(&hooks_path, hooks).starts_with("\n- repo: local\n"));
    env.run(&["init", "--yes", "--only", "hooks,attributes"]).exits(0);
    env.write(".gitattributes", b"\xff\xfe*\0");
    let refused = env.run(&["init", "--yes", "--only", "attributes", "--format", "json"]).exits(1).json();
    assert_eq!(refused["changes"][0]["status"], "refused");
    assert!(refused["changes"][0]["reason"].as_str().unwrap().starts_with("it is UTF-16"), "{refused}");
}
