//! `record -- COMMAND`: whatever another recorder writes, only what is good stays.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::screen::{Said, filtered, hold, typed};
use crate::support::server::{ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

/// Of no known form, as stand-in servers have them.
const TOKEN: &str = "marked-token-of-the-test-0123456789abcdef";

const TESTS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

/// A store of six good recordings, and what a command needs.
struct Guard {
    env: TestEnv,
    server: ScriptedServer,
    paths: Vec<String>,
}

impl Guard {
    fn new() -> Self {
        Guard::with(&[])
    }

    fn with(variables: &[(&str, &str)]) -> Self {
        let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
        let mut env = TestEnv::new()
            .set("PATH", &std::env::var("PATH").unwrap())
            .set("AWS_BEDROCK_API_KEY", TOKEN)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
        for (name, value) in variables {
            env = env.set(name, value);
        }
        let cases: String = TESTS.iter().map(|name| case(&format!("tests/test_a.py::{name}"), name)).collect();
        env.write("cases.jsonl", cases);
        let run = env.run(&["record", "--cases", "cases.jsonl", "--format", "json"]).exits(0).json();
        env.forget_digests();
        let path = |result: &Value| result["path"].as_str().unwrap().to_owned();
        let paths = run["results"].as_array().unwrap().iter().map(path).collect();
        std::fs::remove_file(env.root().join("cases.jsonl")).unwrap();
        Guard { env, server, paths }
    }

    /// The arguments that run a script.
    fn args<'a>(&self, extra: &[&'a str], script: &'a str) -> Vec<&'a str> {
        [&["record"], extra, &["--", "sh", "-c", script]].concat()
    }

    #[track_caller]
    fn runs(&self, script: &str) -> Run {
        self.env.run(&self.args(&["--format", "json"], script))
    }

    fn recording(&self, index: usize) -> Value {
        serde_json::from_str(&self.env.read(&self.paths[index])).unwrap()
    }

    /// A file beside the store, with what the command is to write.
    fn draft(&self, name: &str, document: &Value) -> String {
        self.env.write(name, format!("{}\n", python_json(document)));
        name.to_owned()
    }

    /// How each recording ended, by path, with the reason.
    fn fates(&self, run: &Run) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let report = run.json();
        let results = report["results"].as_array().unwrap();
        results.iter().map(|result| (text(&result["path"]), text(&result["status"]), text(&result["reason"]))).collect()
    }

    #[track_caller]
    fn fate(&self, run: &Run, path: &str) -> (String, String) {
        let fates = self.fates(run).into_iter().filter(|(of, _, _)| of == path);
        let found: Vec<_> = fates.map(|(_, status, reason)| (status, reason)).collect();
        assert_eq!(found.len(), 1, "{path} in {run:#?}");
        found[0].clone()
    }
}

/// As the recorder lays it out.
fn python_json(document: &Value) -> String {
    let text = serde_json::to_string_pretty(document).unwrap();
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", c as u32) }).collect()
}

/// A recording that raises.
fn raising(mut recording: Value, status: u16, message: &str) -> Value {
    let text = format!("Error code: {status} - {{'Message': '{message}'}}");
    recording["response"] = json!({
        "body": null, "is_streaming": false, "is_exception": true,
        "exception_data": {
            "category": "provider_sdk", "provider": "openai", "type": "PermissionDeniedError", "message": text,
            "status_code": status, "body": {"Message": message},
        },
        "exception_message": text,
    });
    recording
}

fn with_text(mut recording: Value, text: &str) -> Value {
    recording["response"]["body"]["__data__"]["choices"][0]["message"]["content"] = json!(text);
    recording
}

#[test]
fn only_what_is_good_stays() {
    let guard = Guard::new();
    let before = guard.env.recordings();
    let [good, noisy, poisoned, secret, deleted, garbage] = &guard.paths[..] else { panic!() };
    let mut noise = guard.recording(1);
    noise["response"]["body"]["__data__"]["system_fingerprint"] = json!("fp_other");
    let drafts = [
        guard.draft("good.draft", &with_text(guard.recording(0), "another answer")),
        guard.draft("noise.draft", &noise),
        guard.draft("poison.draft", &raising(guard.recording(2), 403, "Bearer Token has expired")),
        guard.draft("secret.draft", &with_text(guard.recording(3), &format!("you are {TOKEN}"))),
    ];
    let script = format!(
        "cp {} {good}; cp {} {noisy}; cp {} {poisoned}; cp {} {secret}; rm {deleted}; head -c 100 {secret} > {garbage}; \
         cp poison.draft tests/recordings/$(echo x | sha256sum | head -c 64).json; mkdir -p new/recordings; \
         echo '[]' > new/recordings/a.json; echo kept > tests/recordings/notes.txt; echo heard; exit 3",
        drafts[0], drafts[1], drafts[2], drafts[3]
    );
    let run = guard.runs(&script).exits(1);
    assert_eq!(run.json()["command_exit"], 3);
    assert_eq!(run.json()["put_back"], 7);
    assert!(run.stderr.contains("heard"), "the command's output is not in the way of the JSON: {run:#?}");
    assert_eq!(guard.fate(&run, good), ("written".into(), String::new()));
    assert_eq!(guard.fate(&run, noisy), ("unchanged".into(), String::new()));
    let mut said = Said::default();
    for path in [poisoned, secret, deleted, garbage, "new/recordings/a.json"] {
        let (status, reason) = guard.fate(&run, path);
        assert_eq!(status, "refused", "{path}");
        said.add(path, reason);
    }
    said.hold("record_guarded_refused");
    let expected: Vec<_> = before
        .into_iter()
        .map(|(path, bytes)| {
            let new = (path == *good).then(|| guard.env.read("good.draft").into_bytes());
            (path, new.unwrap_or(bytes))
        })
        .collect();
    assert_eq!(guard.env.recordings(), expected, "and nothing is left of a folder that only held what was refused");
    assert!(!guard.env.root().join("new/recordings").exists());
    assert_eq!(guard.env.read("tests/recordings/notes.txt"), "kept\n");
    run.hides(TOKEN);
    guard.env.run(&["verify"]).exits(0);
}

#[test]
fn the_exit_code_is_the_commands_unless_something_was_put_back() {
    let guard = Guard::new();
    for (script, code, command) in
        [("true", 0, 0), ("exit 5", 5, 5), ("kill -TERM $$", 143, 143), ("kill -9 $$", 137, 137)]
    {
        let run = guard.runs(script).exits(code);
        assert_eq!(run.json()["command_exit"], command, "{script}");
        assert_eq!(guard.fates(&run), []);
    }
    let text = guard.env.run(&guard.args(&[], "echo first")).exits(0).stdout;
    assert_eq!(
        text,
        "first\nnothing was recorded; 0 prompt and 0 completion tokens; the command ended with exit code 0\n"
    );
    let missing = guard.env.run(&["record", "--", "no-such-command"]).exits(2);
    missing.one_error(&["no-such-command", "cannot run the command"]);
    guard.env.run(&["record", "--cases", "c", "--", "true"]).exits(2);
}

#[test]
fn the_command_finds_bedrock_and_no_other_provider() {
    let keys = [("OPENAI_API_KEY", "x"), ("TAVILY_SEARCH_API_KEY", "x"), ("OLLAMA_URL", "x"), ("EDITOR", "vi")];
    let guard = Guard::with(&keys);
    let script = "env > env.txt; ls -A \"$SQLITE_STORE_DIR\" > files.txt; test -t 0 || cat";
    let run = guard.runs(script).exits(0);
    assert_eq!(run.json()["taken_out"], json!(["OLLAMA_URL", "OPENAI_API_KEY", "TAVILY_SEARCH_API_KEY"]));
    let env = guard.env.read("env.txt");
    let find = |name: &str| env.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned);
    assert_eq!(find("AWS_BEARER_TOKEN_BEDROCK").as_deref(), Some(TOKEN), "under the name that the recorder knows");
    assert_eq!(find("AWS_BEDROCK_API_KEY").as_deref(), Some(TOKEN));
    assert_eq!((find("AWS_REGION"), find("AWS_DEFAULT_REGION")), (Some("us-west-2".into()), Some("us-west-2".into())));
    assert_eq!(find("EDITOR").as_deref(), Some("vi"));
    assert_eq!((find("OPENAI_API_KEY"), find("OLLAMA_URL")), (None, None));
    assert_eq!(guard.env.read("files.txt"), "");
    let folder = find("SQLITE_STORE_DIR").unwrap();
    assert!(!std::path::Path::new(&folder).exists(), "{folder} went with the run");
    hold("record_guarded_said", &filtered(&guard.env, &run.stderr));
}

#[test]
fn a_token_that_cannot_work_stops_it_before_the_command() {
    let expired = crate::support::token::short(&crate::support::token::plain());
    let env = TestEnv::new().set("PATH", "/usr/bin:/bin").set("AWS_BEARER_TOKEN_BEDROCK", &expired);
    let run = env.run(&["record", "--", "sh", "-c", "touch ran"]).exits(2);
    run.one_error(&["AWS_BEARER_TOKEN_BEDROCK", "expired", "mint-token"]);
    let env = TestEnv::new().set("PATH", "/usr/bin:/bin");
    env.run(&["record", "--", "sh", "-c", "touch ran"]).exits(2).one_error(&["no bearer token"]);
    assert_eq!(env.tree(), []);
}

#[test]
fn errors_stay_only_when_they_are_wanted() {
    let guard = Guard::new();
    let path = &guard.paths[0];
    guard.draft("400.draft", &raising(guard.recording(0), 400, "no images"));
    guard.draft("403.draft", &raising(guard.recording(0), 403, "no"));
    guard.draft("other.draft", &raising(guard.recording(0), 400, "no pictures"));
    let fate = |extra: &[&str], draft: &str, code| {
        let script = format!("cp {draft} {path}");
        let run = guard.env.run(&guard.args(&[&["--format", "json"], extra].concat(), &script)).exits(code);
        guard.fates(&run).pop().map(|(of, status, reason)| (of == *path, status, reason))
    };
    let (_, status, reason) = fate(&[], "400.draft", 1).unwrap();
    assert_eq!(status, "refused");
    hold("record_guarded_error", &reason);
    let written = Some((true, "written".to_owned(), String::new()));
    assert_eq!(fate(&["--allow-status", "400"], "400.draft", 0), written);
    assert_eq!(fate(&[], "other.draft", 0), written, "it was such an error before");
    assert_eq!(fate(&[], "403.draft", 1).unwrap().1, "refused");
    assert_eq!(fate(&["--allow-status", "403"], "403.draft", 0), written);
    assert_eq!(fate(&[], "403.draft", 0), None, "nothing differs");
}

#[test]
fn what_is_no_answer_is_poison_whatever_its_status() {
    let guard = Guard::new();
    let path = &guard.paths[0];
    let mut good = guard.recording(0);
    good["request"]["provider_metadata"] = json!({"openai_sdk_version": "2.30.0"});
    let with_body = |body: Value, is_streaming: bool| {
        let mut recording = good.clone();
        recording["response"] = json!({"body": body, "is_streaming": is_streaming});
        recording
    };
    let of_type = |name: &str, data: Value| json!({"__type__": format!("openai.types.chat.{name}"), "__data__": data});
    let mut unknown = good["response"]["body"]["__data__"].clone();
    unknown["choices"] = Value::Null;
    unknown["Output"] = json!({"__type": "com.amazon.coral.service#UnknownOperationException"});
    let chunk = |reason: Value| {
        let choice = json!({"delta": {"content": "x"}, "finish_reason": reason, "index": 0});
        let data = json!({"id": good["response"]["body"]["__data__"]["id"], "choices": [choice], "created": 0});
        of_type("chat_completion_chunk.ChatCompletionChunk", data)
    };
    let lost = json!({"category": "unknown", "type": "APIConnectionError", "message": "Connection error."});
    let mut broken = with_body(Value::Null, false);
    broken["response"]["is_exception"] = json!(true);
    broken["response"]["exception_data"] = lost;
    broken["response"]["exception_message"] = json!("Connection error.");
    let mut foreign = good.clone();
    foreign["test_id"] = json!("tests/test_a.py::one[bedrock/openai.gpt-oss-20b-1:0]");
    foreign["request"]["url"] = json!("https://api.openai.com/v1/chat/completions");
    let mut said = Said::default();
    for (document, what) in [
        (with_body(of_type("chat_completion.ChatCompletion", unknown), false), "an unknown operation"),
        (with_body(json!("<html>"), false), "a page"),
        (with_body(json!([chunk(Value::Null)]), true), "a stream without an end"),
        (with_body(json!([]), true), "an empty stream"),
        (with_body(json!([chunk(Value::Null), chunk(json!("stop")), "x"]), true), "a stream with a text"),
        (broken, "a connection error"),
        (foreign, "a request of another provider"),
    ] {
        guard.draft("draft", &document);
        let before = guard.env.tree();
        let run = guard.runs(&format!("cp draft {path}")).exits(1);
        let (status, reason) = guard.fate(&run, path);
        assert_eq!(status, "refused", "{what}");
        said.add(what, reason);
        assert_eq!(guard.env.tree(), before);
    }
    // An answer of another service under the key that is right for it.
    let mut foreign = good.clone();
    foreign["test_id"] = json!("tests/test_a.py::one[bedrock/openai.gpt-oss-20b-1:0]");
    foreign["request"]["url"] = json!("https://api.openai.com/v1/chat/completions");
    let name = guard.draft("draft", &foreign);
    let key = bedrock_fixtures::recording::Recording::parse(guard.env.read(&name).as_bytes())
        .unwrap()
        .key(bedrock_fixtures::KeyRules::NEWEST)
        .to_string();
    let text = guard.env.read(&name);
    let own = &text[text.find("rec-").unwrap()..][..16];
    guard.env.write("draft", text.replace(own, &format!("rec-{}", &key[..12])));
    let run = guard.runs(&format!("cp draft tests/recordings/{key}.json")).exits(1);
    let (_, reason) = guard.fate(&run, &format!("tests/recordings/{key}.json"));
    said.add("an answer of another provider under its own key", reason);
    said.hold("record_guarded_poison");
}

#[test]
fn a_wrong_root_is_told() {
    let guard = Guard::new();
    let script = format!("mkdir -p other/recordings; cp {} other/recordings/", guard.paths[0]);
    let args = guard.args(&[], &script);
    let run = guard.env.run(&args).exits(1);
    hold("record_guarded_wrong_root", &filtered(&guard.env, &typed(&args, &run)));
    guard.env.run(&["verify"]).exits(0);
}

#[test]
fn what_cannot_be_put_back_is_kept_elsewhere() {
    let guard = Guard::new();
    let path = &guard.paths[0];
    let good = guard.env.read(path);
    // Nothing can be moved over a folder.
    let run = guard.runs(&format!("rm {path}; mkdir {path}")).exits(2);
    run.one_error(&["1 of the recordings could not be read or restored", "the previous recordings are in "]);
    let (status, reason) = guard.fate(&run, path);
    assert!(status == "refused" && reason.starts_with("it could not be restored"), "{reason}");
    let copies = run.stderr.trim_end().rsplit(" are in ").next().unwrap();
    let copy = std::path::Path::new(copies).join(path);
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), good);
    // It is now the person's own; no later run uses it up.
    guard.runs("true").exits(0);
    assert!(copy.exists());
    std::fs::remove_dir_all(std::path::Path::new(copies).parent().unwrap()).unwrap();
}

#[test]
fn links_modes_and_times_are_no_way_out() {
    use std::os::unix::fs::PermissionsExt as _;
    let guard = Guard::new();
    let root = guard.env.root();
    let [linked, replaced, timed, ..] = &guard.paths[..] else { panic!() };
    std::fs::create_dir(root.join("elsewhere")).unwrap();
    for path in [linked, replaced] {
        let target = root.join("elsewhere").join(path.rsplit('/').next().unwrap());
        std::fs::rename(root.join(path), &target).unwrap();
        std::os::unix::fs::symlink(&target, root.join(path)).unwrap();
    }
    std::fs::set_permissions(root.join(timed), std::fs::Permissions::from_mode(0o640)).unwrap();
    let before = guard.env.tree();
    // The size and the time stay the same.
    let script = format!(
        "echo x > {linked}; rm {replaced}; echo y > {replaced}; \
         cp -p {timed} stamp; sed -i s/chat/chaT/ {timed}; touch -r stamp {timed}; chmod 600 {timed}; rm stamp"
    );
    let run = guard.runs(&script).exits(1);
    assert_eq!(guard.fates(&run).iter().filter(|(_, status, _)| status == "refused").count(), 3, "{run:#?}");
    assert_eq!(guard.env.tree(), before);
    assert!(root.join(replaced).is_symlink());
    assert_eq!(std::fs::metadata(root.join(timed)).unwrap().permissions().mode() & 0o777, 0o640);
}

/// The command as a person at a terminal starts it: tests that run in the background of a shell, as under `nohup`, ignore
/// interrupts, and so would everything they start.
fn with_default_signals(command: &Command) -> Command {
    let mut wrapped = match cfg!(target_os = "linux") {
        true => Command::new("/usr/bin/env"),
        false => Command::new(command.get_program()),
    };
    if cfg!(target_os = "linux") {
        wrapped.arg("--default-signal").arg(command.get_program());
    }
    wrapped.args(command.get_args()).env_clear().stdin(Stdio::null());
    wrapped.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    wrapped.current_dir(command.get_current_dir().unwrap());
    wrapped
}

/// A guarded run under way.
struct Started {
    child: Child,
    stderr: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Started {
    /// Starts a script that says `ready` when its handlers are set.
    fn new(guard: &Guard, script: &str) -> Self {
        let mut command = with_default_signals(&guard.env.command(&guard.args(&["--format", "json"], script)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut started = Started { child, stderr };
        started.says("ready");
        started
    }

    fn send(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    #[track_caller]
    fn says(&mut self, text: &str) {
        assert!(self.stderr.any(|line| line.unwrap().contains(text)), "it never said {text:?}");
    }

    fn ends(mut self) -> Run {
        let stderr: Vec<String> = self.stderr.map(Result::unwrap).collect();
        let mut stdout = String::new();
        std::io::Read::read_to_string(&mut self.child.stdout.take().unwrap(), &mut stdout).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Run { code, stdout, stderr: stderr.join("\n") }
    }
}

#[test]
fn an_interrupted_run_is_judged_before_it_goes() {
    for (signal, script) in [
        // It ends by itself when it is told.
        ("-INT", "trap 'exit 9' INT"),
        ("-TERM", "trap 'exit 9' TERM"),
        ("-HUP", "trap 'exit 9' HUP"),
        // It does not.
        ("-TERM", "trap '' TERM INT HUP"),
    ] {
        let guard = Guard::new();
        let before = guard.env.tree();
        let script = format!("{script}; echo '{{' > {}; echo ready; while :; do sleep 0.05; done", guard.paths[0]);
        let run = Started::new(&guard, &script);
        run.send(signal);
        let run = run.ends().exits(1);
        assert_eq!(run.json()["command_exit"], if script.contains("exit 9") { 9 } else { 137 }, "{signal} {run:#?}");
        assert_eq!(guard.fate(&run, &guard.paths[0]).0, "refused");
        assert_eq!(guard.env.tree(), before);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_outlives_its_terminal_goes_on() {
    let guard = Guard::new();
    let inner = "echo ready >&2; sleep 0.5; exit 6";
    let script =
        format!("trap '' HUP; exec {} record --format json -- sh -c '{inner}'", env!("CARGO_BIN_EXE_bedrock-fixtures"));
    // The way nohup does it.
    let mut outer = guard.env.command(&[]);
    let variables: Vec<_> =
        outer.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    outer = Command::new("sh");
    outer.args(["-c", &script]).env_clear().envs(variables).current_dir(guard.env.root()).stdin(Stdio::null());
    let mut child = outer.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut run = Started { child, stderr };
    run.says("ready");
    run.send("-HUP");
    let run = run.ends().exits(6);
    assert_eq!(run.json()["command_exit"], 6);
}

#[test]
fn a_command_that_ignores_interrupts_is_killed_by_the_third_with_what_it_started() {
    let guard = Guard::new();
    let before = guard.env.tree();
    let writer = format!("while :; do echo '{{' > {}; sleep 0.02; done", guard.paths[0]);
    let script = format!("trap '' INT TERM; sh -c \"{writer}\" & echo ready; while :; do sleep 0.05; done");
    let mut run = Started::new(&guard, &script);
    for says in ["waiting for", "the next Ctrl-C kills"] {
        run.send("-INT");
        run.says(says);
    }
    run.send("-INT");
    let run = run.ends().exits(1);
    assert_eq!(run.json()["command_exit"], 137);
    assert_eq!(guard.env.tree(), before, "nobody is left to write");
}

#[test]
fn what_a_command_leaves_running_for_a_moment_is_judged_too() {
    let guard = Guard::new();
    let before = guard.env.tree();
    let run = guard.runs(&format!("(sleep 0.5; echo '{{' > {}) > /dev/null 2>&1 &", guard.paths[0])).exits(1);
    assert_eq!(guard.fate(&run, &guard.paths[0]).0, "refused");
    assert_eq!(guard.env.tree(), before);
}

#[test]
fn the_next_run_mends_what_a_killed_one_could_not() {
    if !crate::support::has_git() {
        return;
    }
    for in_git in [true, false] {
        let guard = Guard::new();
        if in_git {
            let init = ["init", "-q"];
            assert!(Command::new("git").args(init).current_dir(guard.env.root()).status().unwrap().success());
        }
        let files = || guard.env.recordings();
        let before = files();
        let [poisoned, good, deleted, ..] = &guard.paths[..] else { panic!() };
        guard.draft("draft", &with_text(guard.recording(1), "better"));
        let script = format!("echo '{{' > {poisoned}; cp draft {good}; rm {deleted}; echo ready; sleep 0.3");
        let mut run = Started::new(&guard, &script);
        run.child.kill().unwrap();
        run.child.wait().unwrap();
        // The command goes on alone.
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(guard.env.read(poisoned), "{\n");
        let next = guard.runs("true").exits(0);
        assert!(next.stderr.contains("an earlier guarded run was killed"), "{in_git}: {next:#?}");
        assert!(next.stderr.contains(&format!("mended {poisoned}")), "{next:#?}");
        assert_eq!(guard.env.read(good), guard.env.read("draft"), "who knows who changed it since");
        let of = |files: &[(String, Vec<u8>)], name: &String| files.iter().find(|(path, _)| path == name).cloned();
        for restored in [poisoned, deleted] {
            assert_eq!(of(&files(), restored), of(&before, restored));
        }
        let again = guard.runs("true").exits(0);
        again.hides("killed");
    }
}

/// The copies of killed runs, in the folder for temporary files.
fn copies(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("bedrock-fixtures-memory-")).collect()
}

#[test]
fn a_copy_that_is_cut_short_deletes_and_restores_nothing() {
    let mut guard = Guard::new();
    let aside = TestEnv::new();
    guard.env = guard.env.set("TMPDIR", aside.root().to_str().unwrap());
    let before = guard.env.tree();
    // What a killed removal leaves: any part of the copy gone, the mark still there.
    for cut in [
        "rm -r files/tests",
        "find files -name '*.json' | head -n 1 | xargs rm",
        "rm -r files",
        "rm lock; rm -r files",
        "truncate -s 5 whole",
        "find files -name '*.json' | head -n 1 | xargs truncate -s 3",
        "rm whole",
    ] {
        let mut run = Started::new(&guard, "echo ready; sleep 0.3");
        run.child.kill().unwrap();
        run.child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(400));
        let [copy] = &copies(aside.root())[..] else { panic!("{cut}: one copy is left") };
        assert!(Command::new("sh").args(["-c", cut]).current_dir(copy).status().unwrap().success(), "{cut}");
        let next = guard.runs("true").exits(0);
        next.hides("was killed");
        assert_eq!(guard.env.tree(), before, "{cut}");
        copies(aside.root()).iter().for_each(|copy| std::fs::remove_dir_all(copy).unwrap());
    }
}

#[test]
fn two_runs_at_a_time_leave_each_other_alone() {
    let guard = Guard::new();
    let before = guard.env.tree();
    let run = Started::new(&guard, "echo ready; sleep 1");
    let other = guard.runs(&format!("echo '{{' > {}", guard.paths[0])).exits(1);
    other.hides("killed");
    run.ends().exits(0);
    assert_eq!(guard.env.tree(), before);
}

#[test]
fn the_end_of_pytest_is_explained() {
    let guard = Guard::new();
    guard.env.write("bin/pytest", "#!/bin/sh\nexit $CODE\n");
    assert!(Command::new("chmod").args(["+x", "bin/pytest"]).current_dir(guard.env.root()).status().unwrap().success());
    let mut said = Said::default();
    for code in [4, 5, 0] {
        let run = guard.env.run(&["record", "--", "env", &format!("CODE={code}"), "bin/pytest"]).exits(code);
        said.add(format!("exit code {code}"), filtered(&guard.env, &run.stderr));
    }
    said.hold("record_guarded_pytest");
    assert_eq!(guard.server.requests().len(), TESTS.len(), "a guarded run asks nobody itself");
}
