//! The README and the manual are true: every command in them runs, and prints what it says; links hold.

use std::path::Path;

use bedrock_fixtures::commands::topics::TOPICS;

use crate::support::TestEnv;

const README: &str = include_str!("../../README.md");

/// A command of a `console` block and the lines shown below it.
struct Example {
    command: String,
    shown: String,
}

fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in blocks(text, "console").concat().lines() {
        match line.strip_prefix("$ ") {
            Some(command) => examples.push(Example { command: command.to_owned(), shown: String::new() }),
            None => examples.last_mut().unwrap().shown.push_str(&format!("{line}\n")),
        }
    }
    examples
}

#[test]
fn the_first_block_is_the_two_promised_commands() {
    assert_eq!(blocks(README, "sh")[0], "cargo run --release -- demo\ncargo test\n");
}

/// The chapters of the manual one after the other, as they build on each other.
fn manual() -> String {
    TOPICS.iter().map(|topic| topic.text).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_prints_what_is_shown() {
    if !crate::support::has_git() {
        return;
    }
    run_all(&TestEnv::new(), &examples(README));
    let env = TestEnv::new();
    let examples = examples(&manual());
    let cases = examples.iter().find(|example| example.command == "cat cases.jsonl").unwrap();
    env.write("cases.jsonl", &cases.shown);
    assert!(examples.len() > 30);
    run_all(&env, &examples);
}

fn run_all(env: &TestEnv, examples: &[Example]) {
    let binary = Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    for Example { command, shown } in examples {
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

#[test]
fn the_page_is_short_the_chapters_are_files_and_links_hold() {
    assert!(README.lines().count() <= 150, "the manual is in docs/");
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut chapters: Vec<String> = std::fs::read_dir(top.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .collect();
    chapters.sort();
    let mut topics: Vec<String> = TOPICS.iter().map(|topic| format!("{}.md", topic.name)).collect();
    topics.sort();
    assert_eq!(chapters, topics, "each chapter is a topic of `help`");
    let env = TestEnv::new();
    for topic in &TOPICS {
        assert_eq!(env.run(&["help", topic.name]).exits(0).stdout, topic.text, "{}", topic.name);
    }
    let texts = TOPICS.iter().map(|topic| ("docs", topic.text)).chain([("", README)]);
    for (folder, text) in texts {
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            let is_here = link.contains("://") || file.is_empty() || top.join(folder).join(file).exists();
            assert!(is_here, "{folder}: the link {link} leads nowhere");
        }
    }
}

#[test]
fn the_table_of_versions_is_the_one_of_the_chapter() {
    let chapter = TOPICS.iter().find(|topic| topic.name == "compatibility").unwrap().text;
    let rows: Vec<&str> = README
        .lines()
        .skip_while(|line| !line.starts_with("| OGX | openai SDK"))
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 2 && chapter.contains(&rows.join("\n")), "{rows:?}");
    let measured = chapter.split_once("Last measured on ").unwrap().1.split(',').next().unwrap();
    assert!(README.contains(&format!("Measured on {measured} ")), "{measured}");
}

#[test]
fn no_sentence_has_to_be_read_twice() {
    let patterns = [
        "is gone on with",
        "of the day",
        "in sight and with",
        "not asked: what is no",
        "a turn later than all that it read",
    ];
    let mut texts: Vec<(String, String)> = vec![("README.md".into(), README.into())];
    texts.extend(TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.text.to_owned())));
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in walkdir::WalkDir::new(src).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            texts.push((entry.path().display().to_string(), std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
    let flat = |text: &str| {
        text.split_whitespace().filter(|word| !matches!(*word, "///" | "//" | "//!")).collect::<Vec<_>>().join(" ")
    };
    for (name, text) in texts {
        let text = flat(&text);
        for pattern in patterns {
            assert!(!text.contains(pattern), "{name}: {pattern:?}");
        }
    }
}
