//! Text that people read, held in `tests/it/snapshots`: a screen per file, or all messages of a table in one file. After a
//! change of words, this writes the files anew; the name of a test narrows it:
//!
//! ```text
//! INSTA_UPDATE=always cargo test --test it
//! ```

use insta::Settings;
use regex::Regex;

use super::{Run, TestEnv};

/// What differs from one machine, day or version to the next, by a fixed word.
pub(crate) fn filtered(env: &TestEnv, text: &str) -> String {
    let root = env.root().to_str().unwrap();
    let resolved = env.root().canonicalize().unwrap();
    let mut text = text.replace(resolved.to_str().unwrap(), "[ROOT]").replace(root, "[ROOT]");
    for (pattern, word) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]"),
        (r"\b\d+\s+(ms|s|min|h)\b(\s+\d+\s+(s|min)\b)*", "[SPAN]"),
        (r"127\.0\.0\.1:\d+", "[LOOPBACK]"),
        (r"\b\d+\.\d+\.\d+\b", "[VERSION]"),
        (r" \(os error \d+\)", ""),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, word).into_owned();
    }
    text
}

#[track_caller]
pub(crate) fn hold(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Holds what a command shows: the line that was typed, standard output, then standard error.
#[track_caller]
pub(crate) fn screen(env: &TestEnv, name: &str, args: &[&str], code: i32) -> Run {
    let run = env.run(args).exits(code);
    hold(name, &filtered(env, &typed(args, &run)));
    run
}

/// A run as it looks in a shell.
#[track_caller]
pub(crate) fn typed(args: &[&str], run: &Run) -> String {
    run.is_plain();
    let errors = if run.stderr.is_empty() { String::new() } else { format!("--- stderr\n{}", run.stderr) };
    format!("$ bedrock-fixtures {}\n{}{errors}", args.join(" "), run.stdout)
}

/// What is said in many cases, for one snapshot: each text once, below all the cases in which it is said.
#[derive(Default)]
pub(crate) struct Said(Vec<(String, Vec<String>)>);

impl Said {
    pub(crate) fn add(&mut self, case: impl Into<String>, text: impl Into<String>) {
        let (case, text) = (case.into().trim_end().replace('\n', " "), text.into());
        match self.0.iter_mut().find(|(said, _)| *said == text) {
            Some((_, cases)) if cases.last() == Some(&case) => {}
            Some((_, cases)) => cases.push(case),
            None => self.0.push((text, vec![case])),
        }
    }

    #[track_caller]
    pub(crate) fn hold(&self, name: &str) {
        let texts = self.0.iter().map(|(text, cases)| {
            let cases: String = cases.iter().map(|case| format!("# {case}\n")).collect();
            format!("{cases}{}\n", text.trim_end())
        });
        hold(name, &texts.collect::<Vec<_>>().join("\n"));
    }
}
