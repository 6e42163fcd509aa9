//! What people see: the help and the text of each command, 80 columns and no colour.

use std::collections::BTreeSet;

use bedrock_fixtures::cli::command_line;

use crate::support::screen::{filtered, hold, screen};
use crate::support::{TestEnv, case, token};

fn env() -> TestEnv {
    TestEnv::new().set("COLUMNS", "80").set("NO_COLOR", "1").set("PATH", &std::env::var("PATH").unwrap())
}

/// The built-in requests, recorded from the sandbox.
fn recorded() -> TestEnv {
    let env = env();
    env.run(&["record", "--sandbox", "-q"]).exits(0);
    env
}

/// A committed store in which answers of three kinds have changed.
fn changed() -> TestEnv {
    let env = recorded();
    env.commit();
    env.edit_test("test_answers_in_character", "\"finish_reason\": \"stop\"", "\"finish_reason\": \"length\"");
    env.edit_test("test_second_turn_knows_the_first", "No model was asked", "No large model was asked");
    env.edit_test("test_openai_chat_completion_non_streaming", "\"created\": 0", "\"created\": 1763800000");
    env
}

#[test]
fn help_of_every_command() {
    let env = env();
    hold("help", &filtered(&env, &env.run(&["--help"]).exits(0).stdout));
    for command in command_line().get_subcommands() {
        let name = command.get_name();
        hold(&format!("help_{name}"), &filtered(&env, &env.run(&[name, "--help"]).exits(0).stdout));
        for inner in command.get_subcommands().map(clap::Command::get_name).filter(|inner| *inner != "help") {
            let shown = env.run(&[name, inner, "--help"]).exits(0).stdout;
            hold(&format!("help_{name}_{inner}"), &filtered(&env, &shown));
        }
    }
}

#[test]
fn record() {
    let env = env();
    let picture = r#"{"test_id": "tests/test_chat.py::test_picture", "body": {"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}}"#;
    let hello = case("tests/test_chat.py::test_hello", "Hello!");
    env.write("cases.jsonl", format!("{hello}{picture}\n"));
    screen(&env, "record", &["record", "--sandbox", "--cases", "cases.jsonl"], 1);
    screen(&env, "record_again", &["record", "--sandbox", "--cases", "cases.jsonl", "-v"], 1);
    screen(&env, "record_plan", &["record", "--sandbox", "--cases", "cases.jsonl", "--plan"], 1);
}

#[test]
fn verify() {
    let env = recorded();
    screen(&env, "verify_clean", &["verify"], 0);
    env.edit_test("test_answers_in_character", "\"role\": \"user\"", "\"role\": \"tool\"");
    env.edit_test("test_openai_chat_completion_non_streaming", "\"created\": 0", "\"created\": 1763800000");
    screen(&env, "verify_findings", &["verify"], 1);
    screen(&env, "verify_strict", &["verify", "--strict", "--explain"], 1);
}

#[test]
fn replay_check() {
    let env = recorded();
    screen(&env, "replay_check_clean", &["replay-check"], 0);
    env.edit_test("test_answers_in_character", "\"role\": \"user\"", "\"role\": \"tool\"");
    screen(&env, "replay_check_failed", &["replay-check"], 1);
    env.write("cases.jsonl", case("tests/test_chat.py::test_new", "A request that nobody recorded."));
    screen(&env, "replay_check_missed", &["replay-check", "--cases", "cases.jsonl"], 1);
}

#[test]
fn explain() {
    let env = env();
    env.write("cases.jsonl", case("tests/test_chat.py::test_hello", "Write a haiku about tides."));
    env.run(&["record", "--sandbox", "-q", "--cases", "cases.jsonl"]).exits(0);
    env.write("found.json", case("tests/test_chat.py::test_hello", "Write a haiku about tides."));
    env.write("edited.json", case("tests/test_chat.py::test_hello", "Write a haiku about the sea."));
    screen(&env, "explain_found", &["explain", "found.json"], 0);
    screen(&env, "explain_edited", &["explain", "edited.json"], 1);
    screen(&env, "explain_test", &["explain", "--test", "tests/test_chat.py::test_hello"], 0);
}

#[test]
fn diff_and_review() {
    if !crate::support::has_git() {
        return;
    }
    let env = changed();
    screen(&env, "diff", &["diff"], 0);
    screen(&env, "diff_stat", &["diff", "--stat", "--all"], 0);
    screen(&env, "review", &["review"], 1);
}

#[test]
fn rekey() {
    let env = recorded();
    let rename = "tests/test_tools.py=tests/test_tool_calls.py";
    screen(&env, "rekey_plan", &["rekey", "--test-id", rename, "--force"], 1);
    screen(&env, "rekey", &["rekey", "--test-id", rename, "--force", "--yes"], 0);
}

#[test]
fn prune() {
    if !crate::support::has_git() {
        return;
    }
    let env = recorded();
    // A test run without the tests of tools.
    let of_store = |bytes: &[u8]| -> Option<String> {
        let recording: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        recording["test_id"].as_str().filter(|id| !id.contains("test_tools")).map(str::to_owned)
    };
    let tests: BTreeSet<String> = env.tree().iter().filter_map(|(_, bytes)| of_store(bytes)).collect();
    let lines: String = tests.iter().map(|test| format!("{test}\n")).collect();
    env.write("tests.txt", format!("{lines}\n{} tests collected in 0.01s\n", tests.len()));
    env.commit();
    screen(&env, "prune_plan", &["prune", "--tests", "tests.txt"], 1);
    screen(&env, "prune", &["prune", "--tests", "tests.txt", "--yes"], 0);
}

#[test]
fn doctor() {
    // Without a PATH: what is installed differs from one machine to the next.
    let env = recorded().set("PATH", "");
    screen(&env, "doctor", &["doctor"], 0);
}

#[test]
fn verify_token() {
    let env = env();
    screen(&env, "verify_token_absent", &["verify-token"], 1);
    let env = env.set("AWS_BEARER_TOKEN_BEDROCK", &token::short(&token::plain()));
    screen(&env, "verify_token_expired", &["verify-token", "--region", "us-west-2"], 1);
    let env = env.set("AWS_BEARER_TOKEN_BEDROCK", &token::issued("us-west-2", 60, 43200));
    screen(&env, "verify_token_valid", &["verify-token", "--region", "us-west-2"], 0);
    screen(&env, "verify_token_wrong_region", &["verify-token", "--region", "eu-central-1"], 1);
}

/// What a command shows in a terminal of so many columns.
fn on_terminal(env: &TestEnv, columns: usize, args: &[&str]) -> String {
    let mut command = std::process::Command::new("sh");
    let line = format!("stty cols {columns} rows 200; exec {} \"$@\"", env!("CARGO_BIN_EXE_bedrock-fixtures"));
    command
        .args(["-c", &line, "sh"])
        .args(args)
        .args(["--no-progress", "--no-pager"])
        .current_dir(env.root())
        .env_clear()
        .env("HOME", env.root());
    command.env("PATH", std::env::var("PATH").unwrap()).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    // It reads each byte as a character.
    let bytes: Vec<u8> = session.exp_eof().unwrap().chars().map(|c| u8::try_from(c).unwrap()).collect();
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[test]
fn lines_end_at_words_in_a_terminal() {
    if !crate::support::has_git() {
        return;
    }
    let (env, store) = (env(), changed());
    let picture = r#"{"test_id": "tests/test_chat.py::test_picture", "body": {"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}}"#;
    env.write("cases.jsonl", format!("{picture}\n"));
    let edited = case("tests/test_system.py::test_answers_in_character", "A question that nobody has recorded so far.");
    store.write("edited.json", edited);
    for columns in [80, 60] {
        for (env, args, words) in [
            (
                &env,
                &["record", "--sandbox", "--cases", "cases.jsonl"][..],
                "change the request, or send it with --ask-anyway",
            ),
            (&store, &["verify"], "created is not replaced"),
            (&store, &["explain", "edited.json"], "A question that nobody has recorded so far."),
            (&store, &["diff"], "1 behaviour, 1 text, 2 noise, 9 identical"),
            (&store, &["doctor"], "to record, make a key with `bedrock-fixtures mint-token`"),
            (&env, &["verify-token"], "make a key with `bedrock-fixtures mint-token` or in the Bedrock console"),
            (&env, &["mint-token"], "error: "),
        ] {
            let shown = on_terminal(env, columns, args);
            for line in shown.lines() {
                // Only a word that is longer than what is left of a line, such as a path, may pass its end.
                let width = line.chars().count();
                let longest = line.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
                assert!(width <= columns || longest + 14 > columns, "{args:?} at {columns}: {line:?}\n{shown}");
            }
            let joined = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(joined.contains(words), "{args:?} at {columns} lacks {words:?}:\n{shown}");
        }
    }
}
