//! `replay-check -- COMMAND`: without credentials, and with what was read.
#![cfg(target_os = "linux")]

use serde_json::{Value, json};

use crate::support::{Run, TestEnv};

fn store() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    let run = env.run(&["record", "--sandbox", "--format", "json"]).exits(0).json();
    let results = run["results"].as_array().unwrap().iter();
    let mut paths: Vec<String> = results.map(|result| result["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    (env, paths)
}

#[track_caller]
fn watched(env: &TestEnv, extra: &[&str], script: &str) -> Run {
    env.run(&[&["replay-check", "--format", "json"], extra, &["--", "sh", "-c", script]].concat())
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap_or_else(|| panic!("{list}")).iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn what_any_process_reads_is_known_and_looking_is_no_reading() {
    let (env, paths) = store();
    let [read, mapped, nested, written, ..] = &paths[..] else { panic!() };
    let script = format!(
        "cat {read} > /dev/null; ls -lR . > /dev/null; stat {written} > /dev/null; test -e {written}; \
         find . -name '*.json' -size +1c > /dev/null; sh -c 'sh -c \"head -c 1 {nested}\"' > /dev/null; \
         exec 3< {mapped}; exec 3<&-; exit 7"
    );
    let report = watched(&env, &["--reads-out", "reads.log"], &script).exits(7).json();
    let mut expected = [read.as_str(), mapped, nested];
    expected.sort_unstable();
    assert_eq!(texts(&report["read"]), expected);
    let unread: Vec<&str> = paths.iter().map(String::as_str).filter(|path| !expected.contains(path)).collect();
    assert_eq!(texts(&report["unread"]), unread);
    assert_eq!((&report["command_exit"], &report["changed"], &report["replayed"]), (&json!(7), &json!([]), &json!(3)));
    // A command that fails, and does not say which tests passed, is no proof that any did.
    assert_eq!(env.read("reads.log"), format!("# results\n{}", expected.map(|path| format!("{path}\n")).concat()));
    // The log is added to, and is one that --reads takes.
    watched(&env, &["--reads-out", "reads.log"], &format!("cat {written} > /dev/null")).exits(0);
    let again = env.run(&["replay-check", "--reads", "reads.log", "--format", "json"]).exits(0).json();
    assert_eq!(texts(&again["unread"]).len(), paths.len() - 4);
}

#[test]
fn a_path_narrows_what_is_to_be_read() {
    let (env, paths) = store();
    // A gate that read nothing does not pass.
    let report = watched(&env, &[&paths[0]], "true").exits(1).json();
    assert_eq!(texts(&report["unread"]), [paths[0].as_str()]);
    let text = env.run(&["replay-check", &paths[0], "--", "cat", &paths[0]]).exits(0).stdout;
    assert!(
        text.ends_with("1 recording read, 0 unread; nothing changed; the command ended with exit code 0\n"),
        "{text}"
    );
}

#[test]
fn a_replay_that_changes_the_store_is_told_and_nothing_is_put_back() {
    let (env, paths) = store();
    let folder = paths[0].rsplit_once('/').unwrap().0;
    // Written and not read; and a folder that was not there, with what is read from it.
    let script = format!(
        "echo x > {0}; rm {1}; mkdir -p new/recordings; sleep 0.2; cp {folder}/*.json new/recordings; sleep 0.2; \
         cat new/recordings/*.json > /dev/null",
        paths[0], paths[1]
    );
    let run = watched(&env, &[], &script).exits(1);
    let report = run.json();
    let changed = texts(&report["changed"]);
    assert!(changed.contains(&paths[0].as_str()) && changed.contains(&paths[1].as_str()), "{changed:?}");
    assert!(changed.iter().any(|path| path.starts_with("new/recordings/")), "{changed:?}");
    assert!(texts(&report["read"]).iter().any(|path| path.starts_with("new/recordings/")), "{run:#?}");
    assert_eq!(env.read(&paths[0]), "x\n");
    let run = watched(&env, &[], &format!("echo y > {}; exit 4", paths[0])).exits(4);
    assert_eq!(texts(&run.json()["changed"]), [paths[0].as_str()]);
    assert!(!texts(&run.json()["read"]).contains(&paths[0].as_str()), "writing is no reading");
}

#[test]
fn links_are_read_where_they_lead() {
    let (env, paths) = store();
    let target = env.root().join("elsewhere.json");
    std::fs::rename(env.root().join(&paths[0]), &target).unwrap();
    std::os::unix::fs::symlink(&target, env.root().join(&paths[0])).unwrap();
    let report = watched(&env, &[], &format!("cat {} > /dev/null", paths[0])).exits(0).json();
    assert_eq!(texts(&report["read"]), [paths[0].as_str()]);
}

#[test]
fn no_credential_of_aws_is_left_to_find() {
    let (env, _) = store();
    let env = env
        .set("AWS_BEARER_TOKEN_BEDROCK", "x")
        .set("AWS_BEDROCK_API_KEY", "x")
        .set("AWS_PROFILE", "work")
        .set("AWS_REGION", "eu-west-1")
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/x");
    env.write(".aws/credentials", "[default]\naws_access_key_id = x\n");
    let run = watched(&env, &[], "env | grep -E '^(AWS_|SQLITE)' | sort > env.txt; cat \"$AWS_CONFIG_FILE\"").exits(1);
    let names: Vec<String> =
        env.read("env.txt").lines().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    let expected = [
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_REGION",
        "AWS_SHARED_CREDENTIALS_FILE",
        "SQLITE_STORE_DIR",
    ];
    assert_eq!(names, expected);
    assert!(env.read("env.txt").contains("AWS_EC2_METADATA_DISABLED=true"));
    let taken =
        ["AWS_BEARER_TOKEN_BEDROCK", "AWS_BEDROCK_API_KEY", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_PROFILE"];
    assert_eq!(texts(&run.json()["taken_out"]), taken);
}

#[test]
fn more_than_the_queue_holds_is_no_log() {
    let (env, paths) = store();
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    // The reader is stopped while two files are read in turn, as the kernel merges what is the same.
    let script = format!(
        "kill -STOP $PPID; i=0; while [ $i -lt {} ]; do read -r a < {}; read -r a < {}; i=$((i+1)); done; kill -CONT $PPID",
        limit / 2,
        paths[0],
        paths[1]
    );
    let run = watched(&env, &["--reads-out", "reads.log"], &script).exits(2);
    run.one_error(&["not known", "max_queued_events"]);
    let report = run.json();
    assert_eq!((&report["read"], report.get("unread")), (&Value::Null, None));
    assert_eq!(env.read("reads.log"), "");
    let run = watched(&env, &[], &script).exits(0);
    assert!(run.stderr.contains("not known"), "{run:#?}");
}

#[test]
fn a_folder_that_has_gone_again_is_no_gap() {
    let (env, paths) = store();
    // The reader is stopped, so that it hears of the folders when they have other names or are gone. pytest makes its
    // cache so.
    let script = format!(
        "kill -STOP $PPID; mkdir made removed; mv made cache; rmdir removed; cat {} > /dev/null; kill -CONT $PPID",
        paths[0]
    );
    let report = watched(&env, &["--reads-out", "reads.log"], &script).exits(0).json();
    assert_eq!(texts(&report["read"]), [paths[0].as_str()]);
}

#[test]
fn a_limit_of_the_kernel_is_an_error_that_says_which() {
    let (env, _) = store();
    let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
    for (file, limit) in [("watches", "fs.inotify.max_user_watches"), ("instances", "fs.inotify.max_user_instances")] {
        // In a user namespace of its own the limit may be changed by anyone.
        let script = format!("echo 0 > /proc/sys/user/max_inotify_{file} && exec {binary} replay-check -- touch ran");
        let mut command = std::process::Command::new("unshare");
        command.args(["-Ur", "sh", "-c", &script]).current_dir(env.root());
        let run = command.output().map(Run::of).ok().filter(|run| run.stderr.contains("error: "));
        let Some(run) = run else {
            crate::support::skipped("this system lets no test change the limits of a user namespace");
            return;
        };
        run.exits(2).one_error(&["cannot watch", limit]);
        assert!(!env.root().join("ran").exists());
    }
}

#[test]
fn a_log_that_cannot_be_written_is_found_before_the_command_runs() {
    let (env, _) = store();
    watched(&env, &["--reads-out", "no/such/folder/log"], "touch ran").exits(2).one_error(&["no/such/folder/log"]);
    assert!(!env.root().join("ran").exists());
    env.run(&["replay-check", "--reads-out", "log"]).exits(2);
}
