//! `completions/` is what the program prints. After a change of the command line:
//!
//! ```text
//! BLESS=1 cargo test --test it completions
//! ```

use std::path::Path;

use crate::support::TestEnv;

/// Each committed file with the arguments that print it. The names are those under which shells look.
const FILES: [(&str, &[&str]); 6] = [
    ("bedrock-fixtures.bash", &["completions", "bash"]),
    ("_bedrock-fixtures", &["completions", "zsh"]),
    ("bedrock-fixtures.fish", &["completions", "fish"]),
    ("_bedrock-fixtures.ps1", &["completions", "powershell"]),
    ("bedrock-fixtures.elv", &["completions", "elvish"]),
    ("bedrock-fixtures.1", &["man"]),
];

#[test]
fn committed_files_are_what_the_program_prints() {
    let env = TestEnv::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (name, args) in FILES {
        let printed = env.run(args).exits(0).stdout;
        let path = folder.join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &printed).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == printed,
            "completions/{name} is not what the program prints; write it anew with\n  \
             BLESS=1 cargo test --test it completions"
        );
    }
    let mut there: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    let mut expected = FILES.map(|(name, _)| name);
    expected.sort_unstable();
    assert_eq!(there, expected);
}

#[test]
fn completions_offer_the_rules() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = env.run(&["completions", shell]).exits(0).stdout;
        assert!(script.contains("truncated-stream") && script.contains("replay-check"), "{shell}");
    }
}

/// What bash offers for the last of some words.
#[cfg(unix)]
fn offered_by_bash(words: &[&str]) -> Option<Vec<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/bedrock-fixtures.bash");
    let code = "source \"$1\"; shift
        COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))
        function=$(complete -p bedrock-fixtures | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        \"$function\" \"$1\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    let output = std::process::Command::new("bash").args(["-c", code, "bash"]).arg(script).args(words).output();
    let Ok(output) = output else {
        crate::support::skipped("there is no bash here");
        return None;
    };
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_flags_rules_and_topics() {
    for (words, offered) in [
        (&["bedrock-fixtures", "verify-"][..], "verify-token"),
        (&["bedrock-fixtures", "verify", "--sel"], "--select"),
        (&["bedrock-fixtures", "verify", "--select", "trunc"], "truncated-stream"),
        (&["bedrock-fixtures", "mint-token", "--exp"], "--expires"),
        (&["bedrock-fixtures", "help", "exi"], "exit-codes"),
        (&["bedrock-fixtures", "completions", "elv"], "elvish"),
    ] {
        let Some(all) = offered_by_bash(words) else { return };
        assert!(all.iter().any(|one| one == offered), "{words:?}: {all:?}");
    }
}

#[test]
fn the_manual_has_every_command_and_topic() {
    let env = TestEnv::new();
    let page = env.run(&["man"]).exits(0).stdout;
    for command in bedrock_fixtures::cli::command_line().get_subcommands() {
        assert!(page.contains(&format!(".SS {}\n", command.get_name())), "{}", command.get_name());
    }
    for heading in [".SH FORMAT", ".SH KEY", ".SH EXIT-CODES", ".SH ENVIRONMENT"] {
        assert!(page.contains(heading), "{heading}");
    }
}

/// The shells that are here read what is meant for them.
#[cfg(unix)]
#[test]
fn shells_read_their_completions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, flag, name) in [
        ("bash", "-n", "bedrock-fixtures.bash"),
        ("zsh", "-n", "_bedrock-fixtures"),
        ("fish", "-n", "bedrock-fixtures.fish"),
    ] {
        match std::process::Command::new(shell).arg(flag).arg(folder.join(name)).output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {output:?}"),
            Err(_) => crate::support::skipped(&format!("there is no {shell} here")),
        }
    }
}
