//! The README is true: every command in it runs, and prints what it says.

use crate::support::TestEnv;

/// A command of a `console` block and the lines shown below it.
struct Example {
    command: String,
    shown: String,
}

fn blocks(language: &str) -> Vec<String> {
    let readme = include_str!("../../README.md");
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in blocks("console").concat().lines() {
        match line.strip_prefix("$ ") {
            Some(command) => examples.push(Example { command: command.to_owned(), shown: String::new() }),
            None => examples.last_mut().unwrap().shown.push_str(&format!("{line}\n")),
        }
    }
    examples
}

#[test]
fn the_first_block_is_the_two_promised_commands() {
    assert_eq!(blocks("sh")[0], "cargo run --release -- demo\ncargo test\n");
}

#[test]
fn every_example_prints_what_is_shown() {
    let env = TestEnv::new();
    let examples = examples();
    let cases = examples.iter().find(|example| example.command == "cat cases.jsonl").unwrap();
    env.write("cases.jsonl", &cases.shown);
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    for Example { command, shown } in &examples {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("{{ {command} ; }} 2>&1")]).current_dir(env.root()).env_clear().env("PATH", &path);
        let printed = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        if std::env::var_os("README_SHOW").is_some() {
            eprintln!("$ {command}\n{printed}");
        } else {
            assert_eq!(printed, *shown, "$ {command}");
        }
    }
}
