//! The pictures of the README: what the commands print, as SVG. `BLESS=1 cargo test --test it pictures` draws them again.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{TestEnv, case};

/// What a person sees of a command: the line that was typed, then both streams as they come.
fn shown(env: &TestEnv, typed: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{{ {typed} ; }} 2>&1")]).current_dir(env.root()).env_clear().env("PATH", path);
    shell.env("CLICOLOR_FORCE", "1").stdin(Stdio::null());
    let printed = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    format!("\x1b[2m$ {typed}\x1b[0m\n{printed}")
}

/// Draws what was shown, and holds the picture that is there against it.
fn draw(name: &str, shown: &str) {
    let drawn = anstyle_svg::Term::new().render_svg(shown);
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(picture.parent().unwrap()).unwrap();
        std::fs::write(&picture, &drawn).unwrap();
    }
    let there = std::fs::read_to_string(&picture).unwrap_or_default();
    assert!(there == drawn, "tests/pictures/{name} is not what is printed: BLESS=1 cargo test --test it pictures");
}

#[test]
fn record() {
    let env = TestEnv::new();
    let picture = r#"{"test_id": "tests/test_chat.py::test_picture", "body": {"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}}"#;
    let cases = [
        case("tests/test_chat.py::test_hello", "Hello!"),
        case("tests/test_chat.py::test_tides", "Write a haiku about tides."),
        format!("{picture}\n"),
    ];
    env.write("cases.jsonl", cases.concat());
    draw("record.svg", &shown(&env, "bedrock-fixtures record --sandbox --cases cases.jsonl"));
}

#[test]
fn diff() {
    let env = TestEnv::new();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        assert!(Command::new("git").args(identity).args(args).current_dir(env.root()).status().unwrap().success());
    };
    // A person edits nothing of this: it stands for what a new recording brings.
    let edit = |test: &str, from: &str, to: &str| {
        let mut edited = 0;
        for (path, bytes) in env.tree() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if path.contains("recordings/") && text.contains(&format!("::{test}")) && text.contains(from) {
                env.write(&path, text.replace(from, to));
                edited += 1;
            }
        }
        assert!(edited > 0, "{test}");
    };
    env.run(&["record", "--sandbox"]).exits(0);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "recordings"]);
    edit("test_answers_in_character", "\"finish_reason\": \"stop\"", "\"finish_reason\": \"length\"");
    edit("test_second_turn_knows_the_first", "No model was asked", "No large model was asked");
    edit("test_openai_chat_completion_non_streaming", "\"created\": 0", "\"created\": 1763800000");
    edit("test_inference_store", "number seven", "number eight");
    env.run(&["rekey", "--test-id", "tests/test_tools.py=tests/test_tool_calls.py", "--force", "--yes"]).exits(0);
    draw("diff.svg", &shown(&env, "bedrock-fixtures diff"));
}
