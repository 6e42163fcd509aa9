//! No setting and no variable of git shapes what is found, or starts a program.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{TestEnv, case};

/// A repository with two commits and a staged edit, whose recordings are in `pkg`.
fn repository() -> TestEnv {
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    env.git(&["init", "-q", "-b", "main"]);
    env.write("cases.jsonl", case("tests/test_t.py::one", "One?") + &case("tests/test_t.py::two", "Two?"));
    std::fs::create_dir(env.root().join("pkg")).unwrap();
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--root", "pkg"]).exits(0);
    env.commit();
    env.edit_test("", "One?", "One??");
    env.commit();
    env.edit_test("", "Two?", "Two??");
    env.git(&["add", "--all"]);
    env
}

/// What every command that asks git finds.
fn findings(env: &TestEnv) -> Vec<(i32, Value)> {
    let commands: [&[&str]; 5] = [
        &["verify", "--staged", "--root", "pkg"],
        &["diff", "--root", "pkg", "--all"],
        &["diff", "--root", "pkg", "--all", "--staged"],
        &["diff", "--root", "pkg", "--all", "HEAD~1..HEAD"],
        &["rekey", "--root", "pkg"],
    ];
    let run = |args: &&[&str]| {
        let run = env.run(&[args, &["--format", "json"][..]].concat());
        (run.code, run.json())
    };
    commands.iter().map(run).collect()
}

#[test]
fn settings_that_shape_what_git_prints_change_nothing() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    let expected = findings(&env);
    assert_eq!(expected[0].0, 1, "the staged edit is found");
    assert_eq!((&expected[1].1["counts"]["identical"], &expected[3].1["counts"]["identical"]), (&1.into(), &1.into()));
    let settings = [
        ("diff.relative", "true"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nowhere"),
        ("diff.submodule", "diff"),
        ("diff.ignoreSubmodules", "none"),
        ("status.relativePaths", "true"),
        ("status.short", "true"),
        ("status.branch", "true"),
        ("status.showUntrackedFiles", "no"),
        ("status.renames", "copies"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("color.status", "always"),
        ("core.autocrlf", "true"),
        ("core.checkStat", "minimal"),
        ("core.abbrev", "4"),
        ("submodule.recurse", "true"),
        ("advice.statusHints", "true"),
        ("log.showSignature", "true"),
    ];
    for (name, value) in settings {
        env.git(&["config", name, value]);
        assert_eq!(findings(&env), expected, "{name}={value}");
    }
    for (name, value) in [
        ("GIT_DIFF_OPTS", "-u0"),
        ("GIT_TRACE", "1"),
        ("GIT_TRACE_SETUP", "1"),
        ("GIT_TRACE2", "2"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_CONFIG", "/nowhere"),
        ("GIT_PREFIX", "pkg/"),
        ("GIT_DIR", ".git"),
        ("GIT_INDEX_FILE", ".git/index"),
        ("LANGUAGE", "de"),
    ] {
        let env = repository().set(name, value);
        assert_eq!(findings(&env), expected, "{name}={value}");
    }
}

#[test]
fn a_hook_is_asked_about_the_index_that_it_was_given() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    // As `git commit --only` does: the index of the hook holds less than the one of the repository.
    let other = env.root().join(".git/other");
    std::fs::copy(env.root().join(".git/index"), &other).unwrap();
    let mut unstage = Command::new("git");
    unstage.args(["reset", "-q"]).current_dir(env.root()).env("GIT_INDEX_FILE", &other);
    assert!(unstage.status().unwrap().success());
    env.run(&["verify", "--staged", "--root", "pkg"]).exits(1);
    let env = env.set("GIT_INDEX_FILE", ".git/other").set("GIT_DIR", ".git");
    env.run(&["verify", "--staged", "--root", "pkg"]).exits(0);
    // The index of one repository says nothing of another.
    let elsewhere = repository();
    let mut command = elsewhere.command(&["verify", "--staged", "--root", "pkg"]);
    command.current_dir(elsewhere.root()).env("GIT_INDEX_FILE", &other).env("GIT_DIR", env.root().join(".git"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
}

#[test]
fn a_git_folder_that_only_the_environment_names_is_used() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    std::fs::rename(env.root().join(".git"), env.root().join("other.git")).unwrap();
    env.run(&["verify", "--staged", "--root", "pkg"]).exits(2).one_error(&["not a git repository"]);
    let env = env.set("GIT_DIR", "other.git");
    env.run(&["verify", "--staged", "--root", "pkg"]).exits(1);
}

/// Every setting of git that names a program, but filters: a checkout runs those, too.
const PROGRAMS: &[&str] = &[
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.sshCommand",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "merge.evil.driver",
    "difftool.evil.cmd",
    "mergetool.evil.cmd",
    "gpg.program",
    "gpg.x509.program",
    "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand",
    "sequence.editor",
    "interactive.diffFilter",
    "pager.status",
    "pager.diff",
    "pager.diff-index",
    "pager.ls-files",
    "pager.config",
    "trailer.evil.command",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "submodule.evil.update",
    "tar.evil.command",
    "web.browser",
    "imap.tunnel",
    "alias.status",
    "alias.diff-index",
    "alias.ls-files",
];

/// A program that leaves a mark, and the mark.
#[cfg(unix)]
fn trap(folder: &Path) -> (String, std::path::PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let (program, mark) = (folder.join("trap.sh"), folder.join("caught"));
    std::fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\nexit 1\n", mark.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (program.to_str().unwrap().to_owned(), mark)
}

#[cfg(unix)]
fn set_traps(config: &Path, program: &str, with_filters: bool) {
    let git = |name: &str, value: &str| {
        let status = Command::new("git").args(["config", "--file"]).arg(config).args([name, value]).status();
        assert!(status.unwrap().success(), "{name}");
    };
    for name in PROGRAMS {
        let value = if name.starts_with("alias.") || *name == "submodule.evil.update" || *name == "credential.helper" {
            format!("!{program}")
        } else {
            program.to_owned()
        };
        git(name, &value);
    }
    let hooks = Path::new(program).parent().unwrap().join("hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-index-change", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman", "pre-commit"] {
        let _ = std::fs::copy(program, hooks.join(hook));
    }
    git("core.hooksPath", hooks.to_str().unwrap());
    git("remote.origin.url", &format!("ext::{program}"));
    git("remote.origin.promisor", "true");
    git("protocol.ext.allow", "always");
    if with_filters {
        for name in ["clean", "smudge", "process"] {
            git(&format!("filter.evil.{name}"), program);
        }
    }
}

#[cfg(unix)]
#[test]
fn no_program_that_a_setting_names_is_started() {
    if !crate::support::has_git() {
        return;
    }
    let (env, aside) = (repository(), TestEnv::new());
    let (program, mark) = trap(aside.root());
    set_traps(&env.root().join(".git/config"), &program, false);
    env.write(".gitattributes", "*.json diff=evil merge=evil\n");
    let plain = Command::new("git").args(["status", "--porcelain"]).current_dir(env.root()).output().unwrap();
    assert!(mark.exists(), "the trap works: {plain:?}");
    std::fs::remove_file(&mark).unwrap();
    findings(&env);
    for (args, code) in [
        (&["doctor", "--root", "pkg"][..], 1),
        (&["init", "--dry-run"], 1),
        (&["prune", "--root", "pkg"], 0),
        (&["verify", "--root", "pkg"], 1),
        (&["record", "--sandbox", "--root", "pkg", "--cases", "cases.jsonl", "--yes"], 0),
        (&["record", "--sandbox", "--root", "pkg", "--", "true"], 0),
    ] {
        let run = env.run(args);
        assert!(run.code == code || args[0] == "prune" || args[0] == "record", "{args:?}: {run:#?}");
        assert!(!mark.exists(), "{args:?} started {}", std::fs::read_to_string(&mark).unwrap());
    }
    // An object that is missing is not fetched either.
    let blob = env.git(&["rev-parse", "HEAD~1:pkg/tests/recordings"]);
    let object = env.root().join(".git/objects").join(&blob[..2]).join(blob[2..].trim());
    std::fs::remove_file(object).unwrap();
    let run = env.run(&["diff", "--root", "pkg", "HEAD~1..HEAD"]).exits(2);
    run.one_error(&["git ls-tree"]);
    assert!(!mark.exists(), "started {}", std::fs::read_to_string(&mark).unwrap());
}

#[cfg(unix)]
#[test]
fn a_bare_repository_inside_a_tree_starts_nothing() {
    if !crate::support::has_git() {
        return;
    }
    let (env, aside) = (repository(), TestEnv::new());
    let (program, mark) = trap(aside.root());
    for folder in ["evil", "evil2"] {
        env.git(&["clone", "-q", "--bare", ".", folder]);
        let config = env.root().join(folder).join("config");
        set_traps(&config, &program, true);
        let set = |name: &str, value: &str| {
            let status = Command::new("git").args(["config", "--file"]).arg(&config).args([name, value]).status();
            assert!(status.unwrap().success());
        };
        set("core.bare", "false");
        set("core.worktree", if folder == "evil" { "." } else { ".." });
        env.write(&format!("{folder}/tests/recordings/x.json"), "{}");
        env.write(&format!("{folder}/.gitattributes"), "*.json filter=evil\n");
    }
    let _ = std::fs::remove_file(&mark);
    let plain = Command::new("git").arg("status").current_dir(env.root().join("evil")).output().unwrap();
    assert!(mark.exists(), "the trap works: {plain:?}");
    std::fs::remove_file(&mark).unwrap();
    for root in ["evil", "evil/tests", "evil2"] {
        for args in [&["verify", "--staged"][..], &["diff", "--staged"], &["diff"], &["diff", "HEAD"]] {
            let run = env.run(&[args, &["--root", root]].concat()).exits(2);
            run.one_error(&["bare"]);
            assert!(!mark.exists(), "{args:?} --root {root} started {}", std::fs::read_to_string(&mark).unwrap());
        }
        for args in [
            &["doctor"][..],
            &["init", "--dry-run"],
            &["init", "--yes"],
            &["prune"],
            &["rekey"],
            &["verify"],
            &["record", "--sandbox", "--cases", "cases.jsonl"],
            &["record", "--sandbox", "--", "true"],
        ] {
            let run = env.run(&[&["--root", root], args].concat());
            assert!(run.code != 101 && !mark.exists(), "{args:?} --root {root}: {run:#?}");
        }
        // The current folder counts as little as the root.
        let mut command = env.command(&["verify", "--staged", "--root", "../pkg"]);
        assert_eq!(
            command.current_dir(env.root().join(root.split('/').next().unwrap())).status().unwrap().code(),
            Some(1)
        );
        assert!(!mark.exists());
    }
}

#[test]
fn an_error_of_git_is_not_taken_for_no_git() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    std::fs::write(env.root().join(".git/HEAD"), "nonsense").unwrap();
    for args in [&["verify", "--staged"][..], &["diff"], &["diff", "--staged"]] {
        env.run(&[args, &["--root", "pkg"]].concat()).exits(2).one_error(&["git"]);
    }
    let init = env.run(&["init", "--yes", "--only", "attributes,textconv", "--format", "json"]).exits(1).json();
    for change in init["changes"].as_array().unwrap() {
        assert_eq!(change["status"], "skipped", "{change}");
        assert!(change["reason"].as_str().unwrap().contains("not a git repository"), "{change}");
    }

    let env = repository();
    let head = env.git(&["rev-parse", "HEAD"]);
    let object = env.root().join(".git/objects").join(&head[..2]).join(head[2..].trim());
    std::fs::remove_file(&object).unwrap();
    for args in [&["verify", "--staged"][..], &["diff"], &["diff", "--staged"]] {
        env.run(&[args, &["--root", "pkg"]].concat()).exits(2).one_error(&["git"]);
    }
    let env = repository();
    std::fs::write(env.root().join(".git/refs/heads/main"), "nonsense\n").unwrap();
    env.run(&["diff", "--root", "pkg"]).exits(2).one_error(&["HEAD"]);
    env.run(&["verify", "--staged", "--root", "pkg"]).exits(2).one_error(&["HEAD"]);
}

#[cfg(unix)]
#[test]
fn a_link_in_git_is_read_as_in_a_work_tree() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    let path = env.recording_paths().remove(0);
    let (name, shared) = (path.rsplit('/').next().unwrap(), "pkg/shared.json");
    std::fs::rename(env.root().join(&path), env.root().join(shared)).unwrap();
    std::os::unix::fs::symlink("../../shared.json", env.root().join(&path)).unwrap();
    env.git(&["add", "--all"]);
    let before = env.run(&["verify", "--root", "pkg", "--format", "json"]).json();
    let run = env.run(&["verify", "--staged", "--root", "pkg", "--format", "json"]);
    let of_link = |json: &Value| -> Vec<Value> {
        let all = json["findings"].as_array().unwrap().iter();
        all.filter(|finding| finding["path"].as_str().unwrap().ends_with(name)).cloned().collect()
    };
    assert_eq!(of_link(&run.json()), of_link(&before));
    std::fs::remove_file(env.root().join(&path)).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", env.root().join(&path)).unwrap();
    env.git(&["add", "--all"]);
    let run = env.run(&["verify", "--staged", "--root", "pkg", "--format", "json"]).exits(1).json();
    assert!(of_link(&run)[0]["message"].as_str().unwrap().contains("a link to /etc/hostname"), "{run}");
}

#[cfg(unix)]
#[test]
fn files_are_read_through_their_filters() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    env.git(&["init", "-q", "-b", "main"]);
    // The stand-in turns every letter A-M and N-Z, as one may: what git stores is not JSON.
    for name in ["clean", "smudge"] {
        env.git(&["config", &format!("filter.box.{name}"), "tr '{}a-mn-z' '}{n-za-m'"]);
    }
    env.write(".gitattributes", "**/recordings/*.json filter=box -text\n");
    env.write("cases.jsonl", case("tests/test_t.py::one", "One?") + &case("tests/test_t.py::two", "Two?"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.git(&["add", "--all"]);
    let report = env.run(&["verify", "--staged", "--format", "json"]).exits(0).json();
    assert_eq!(report["checked"], 2);
    env.commit();
    let blob = env.git(&["ls-tree", "-r", "HEAD", "tests/recordings"]);
    let stored = env.git(&["cat-file", "blob", blob.split_whitespace().nth(2).unwrap()]);
    assert!(stored.starts_with('}'), "the filter works");
    let path = env.recording_paths().remove(0);
    let text = env.read(&path);
    let at = text.find("\"content\": \"sandbox").or_else(|| text.find("\"content\": \"")).unwrap();
    assert!(at > 0);
    env.write(&path, text.replace("\"finish_reason\": \"stop\"", "\"finish_reason\": \"length\""));
    let counts =
        |args: &[&str]| env.run(&[&["diff", "--format", "json"], args].concat()).exits(0).json()["counts"].clone();
    assert_eq!((&counts(&[])["behaviour"], &counts(&[])["identical"]), (&1.into(), &1.into()));
    env.git(&["add", "--all"]);
    assert_eq!(counts(&["--staged"])["behaviour"], 1);
    // A filter that fails is named, and what git stores is not taken for the file.
    env.git(&["config", "filter.box.smudge", "echo broken >&2; false"]);
    for required in ["true", "false"] {
        env.git(&["config", "filter.box.required", required]);
        let report = env.run(&["verify", "--staged", "--format", "json"]).exits(1).json();
        let message = report["findings"][0]["message"].as_str().unwrap();
        assert!(message.contains("stores it through a filter, which failed"), "{message}");
    }
}
