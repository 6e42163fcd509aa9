//! The help: every command says when to use it and shows how, and every topic is there.

use bedrock_fixtures::cli::command_line;
use bedrock_fixtures::commands::topics::TOPICS;

use crate::support::TestEnv;

/// The words of a line as a shell would part them, up to the end of the command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (None, '|' | '>' | ';' | '&' | '#') => break,
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (Some(end), c) if c == end => quote = None,
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (_, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[test]
fn every_command_has_a_summary_a_paragraph_and_examples_that_parse() {
    for command in command_line().get_subcommands() {
        let name = command.get_name();
        let about = command.get_about().unwrap_or_else(|| panic!("{name} has no summary")).to_string();
        assert!(!about.contains('\n') && !about.ends_with('.'), "{name}: {about:?} is no summary");
        let long = command.get_long_about().unwrap_or_else(|| panic!("{name} has no paragraph")).to_string();
        assert!(long.len() > about.len() + 80 && long.contains("Use it"), "{name}: when is it used?");
        let after = command.get_after_help().or(command.get_after_long_help()).map(ToString::to_string);
        let after = after.unwrap_or_else(|| panic!("{name} has no examples"));
        let (_, examples) = after.split_once("Examples:").unwrap_or_else(|| panic!("{name} has no `Examples:`"));
        let examples: Vec<&str> =
            examples.lines().map(str::trim).filter(|line| line.starts_with("bedrock-fixtures")).collect();
        assert!(examples.len() >= 2, "{name} has {} examples", examples.len());
        for example in examples {
            if let Err(error) = command_line().try_get_matches_from(words(example)) {
                panic!("{example}\n{error}");
            }
            assert_eq!(words(example).get(1).map(String::as_str), Some(name), "{example}");
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            assert!(arg.get_help().is_some(), "{name} does not say what {} is", arg.get_id());
        }
    }
}

#[test]
fn topics_are_listed_and_short_enough_to_read() {
    let main = TestEnv::new().run(&["help"]).exits(0).stdout;
    for topic in &TOPICS {
        assert!(main.contains(&format!("\n  {} ", topic.name)), "{main}");
        assert!((4..=140).contains(&topic.text.lines().count()), "{}", topic.name);
    }
}

#[test]
fn help_of_a_command_is_what_its_flag_prints() {
    let env = TestEnv::new();
    for command in command_line().get_subcommands().map(clap::Command::get_name) {
        let by_flag = env.run(&[command, "--help"]).exits(0);
        assert_eq!(env.run(&["help", command]).exits(0).stdout, by_flag.stdout, "{command}");
    }
    assert_eq!(env.run(&["help"]).exits(0).stdout, env.run(&["--help"]).exits(0).stdout);
    env.run(&["help", "verifi"]).exits(2).one_error(&["verifi", "replay-check", "exit-codes"]);
    let json = env.run(&["help", "key", "--format", "json"]).exits(0).json();
    assert_eq!((&json["schema"], &json["command"]), (&1.into(), &"help".into()));
    assert!(json["text"].as_str().unwrap().contains("SHA-256"));
}

#[test]
fn help_fits_a_terminal_of_80_columns() {
    let env = TestEnv::new();
    for command in command_line().get_subcommands().map(clap::Command::get_name) {
        // Text that clap wraps; examples are what they are.
        let shown = env.command(&[command, "-h"]).env("COLUMNS", "80").output().unwrap().stdout;
        let shown = String::from_utf8(shown).unwrap();
        let (wrapped, _) = shown.split_once("Examples:").unwrap();
        for line in wrapped.lines().take_while(|line| !line.starts_with("Usage")) {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

/// Commands that the README and the manual show without running them, as they ask AWS or change a home folder.
#[test]
fn commands_in_the_readme_parse() {
    let manual: String = TOPICS.iter().map(|topic| topic.text).collect();
    let readme = include_str!("../../README.md").to_owned() + &manual;
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut seen = 0;
    for line in blocks.flat_map(str::lines).filter(|line| line.starts_with("bedrock-fixtures ")) {
        if let Err(error) = command_line().try_get_matches_from(words(line)) {
            panic!("{line}\n{error}");
        }
        seen += 1;
    }
    assert!(seen > 3, "there are some");
}

#[test]
fn format_offers_a_command_what_it_prints() {
    let env = TestEnv::new();
    let of_one_command = [("github", "verify"), ("sarif", "verify"), ("markdown", "diff"), ("html", "diff")];
    for command in command_line().get_subcommands() {
        let name = command.get_name();
        let format = command.get_arguments().find(|arg| arg.get_id() == "format").unwrap();
        let offered: Vec<String> =
            format.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let others = of_one_command.iter().filter(|(_, of)| *of == name).map(|(format, _)| *format);
        assert_eq!(offered, ["text", "json"].into_iter().chain(others).collect::<Vec<_>>(), "{name}");
        for (format, _) in of_one_command.iter().filter(|(_, of)| *of != name) {
            let refused = |args: &[&str]| {
                let run = env.run(args).exits(2);
                run.one_error(&[&format!("invalid value '{format}' for '--format <FORMAT>'")]);
                assert!(run.stderr.contains(&format!("[possible values: {}]", offered.join(", "))), "{run:?}");
                assert_eq!(run.stdout, "", "{args:?}");
            };
            refused(&[name, "--format", format]);
            // Before the name of the command too; clap asks for a missing argument first.
            let needs_more = command.get_arguments().any(|arg| arg.is_required_set()) || command.has_subcommands();
            if !needs_more && name != "explain" {
                refused(&["--format", format, name]);
            }
            if let Some(inner) = command.get_subcommands().next() {
                refused(&[name, inner.get_name(), "--format", format]);
            }
        }
    }
}

#[test]
fn global_options_stand_under_their_heading() {
    let env = TestEnv::new();
    for command in command_line().get_subcommands().map(clap::Command::get_name) {
        let help = env.run(&[command, "--help"]).exits(0).stdout;
        let (own, global) = help.split_once("\nGlobal options:\n").unwrap_or_else(|| panic!("{help}"));
        for flag in ["--root", "--ogx", "--openai-sdk", "--config", "--no-config", "--format", "--color", "--quiet"] {
            let stands = |part: &str| {
                part.lines().any(|line| {
                    line.trim_start().split([' ', ',']).any(|w| w == flag) && line.trim_start().starts_with('-')
                })
            };
            assert!(stands(global) && !stands(own), "{command} {flag}");
        }
    }
}

/// Turns of phrase that were read twice: "is not a X" is plain, "is no X" is not.
#[test]
fn the_manual_and_messages_are_plain() {
    let quaint = regex::Regex::new(
        r"(?x) is\ gone\ on\ with | of\ the\ day\b | in\ sight\ and\ with | a\ turn\ later\ than | asks\ nobody | [Ww]hat\ is\ no\ 
        | \b(is|are)\ no\ [a-zA-Z] | \bby\ itself\b | \bof\ which\b | \bgoes\ on\b | \bunder\ way\b | beside\ the\ point
        | \bis\ gone\b | come(s)?\ nearest | begin(s)?\ so\b | is\ taken\ (for|to)\b | \bstands?\ (in|on|behind)\b | what\ is\ near\b
        | [Nn]obody\ is\ asked | \bno\ such\ is\b | is\ said\b | \bis\ asked\ (again|in)\b | would\ be\ refused | known\ to\ refuse
        | which\ AWS\ refuses | how\ it\ stands | put\ back\ as\ it\ was | says\ no\ more",
    )
    .unwrap();
    let plain = regex::Regex::new(r"(?i)\bthere (is|are) no |\b(is|are) no longer\b").unwrap();
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = vec![("README.md".to_owned(), std::fs::read_to_string(top.join("README.md")).unwrap())];
    texts.extend(TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.text.to_owned())));
    for mut command in command_line().get_subcommands().cloned() {
        texts.push((command.get_name().to_owned(), command.render_long_help().to_string()));
    }
    for entry in walkdir::WalkDir::new(top.join("src")).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            // Messages only, not comments: a message stands in quotes.
            let messages = text.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains('"'));
            texts.push((entry.path().display().to_string(), messages.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(texts.len() > 100);
    for (name, text) in texts {
        for line in text.lines() {
            let rest = plain.replace_all(line, "");
            assert!(!quaint.is_match(&rest), "{name}: {line:?}");
        }
    }
}
