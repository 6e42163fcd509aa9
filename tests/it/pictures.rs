//! The pictures of the README: what the commands print, as SVG. `BLESS=1 cargo test --test it pictures` draws them again;
//! with `BEDROCK_FIXTURES_DRAW_PAGE=chromium` also what a browser shows of the page.

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
    format!("\x1b[1m$ {typed}\x1b[0m\n{}", wrapped(&printed))
}

/// Lines as a terminal of the width of the picture shows them: cut at words, with a hanging indentation.
fn wrapped(printed: &str) -> String {
    let mut out = String::new();
    for line in printed.lines() {
        let indent = " ".repeat(strip_styles(line).chars().take_while(|c| *c == ' ').count());
        let options = textwrap::Options::new(COLUMNS).word_separator(textwrap::WordSeparator::AsciiSpace);
        for part in textwrap::wrap(line, options.subsequent_indent(&indent)) {
            out += &format!("{part}\n");
        }
    }
    out
}

/// Columns of a picture: more is too small to read on a page.
const COLUMNS: usize = 90;

fn strip_styles(shown: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(shown, "").into_owned()
}

/// The relative luminance of a colour, by WCAG 2.2.
fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

/// Draws what was shown, dark and light, and holds the pictures that are there against it.
fn draw(name: &str, shown: &str) {
    use anstyle::AnsiColor;
    for line in strip_styles(shown).lines() {
        assert!(line.chars().count() <= COLUMNS, "{name}: {line}");
    }
    let light = anstyle_svg::Term::new().fg_color(AnsiColor::Black.into()).bg_color(AnsiColor::BrightWhite.into());
    for (end, term, ground) in [("", anstyle_svg::Term::new(), "000000"), ("-light", light, "FFFFFF")] {
        hold(&format!("{name}{end}.svg"), &term.render_svg(shown), ground);
    }
}

/// Holds one picture against what was drawn, whose texts can be read on their ground.
fn hold(name: &str, drawn: &str, ground: &str) {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(picture.parent().unwrap()).unwrap();
        std::fs::write(&picture, drawn).unwrap();
    }
    let there = std::fs::read_to_string(&picture).unwrap_or_default();
    assert!(there == drawn, "tests/pictures/{name} is not what is printed: BLESS=1 cargo test --test it pictures");
    assert!(!drawn.contains("opacity: 0") || !drawn.contains("class=\"dimmed"), "{name} has dimmed text");
    let style = drawn.split("<style>").nth(1).unwrap().split(".container").next().unwrap();
    assert!(style.contains(&format!(".bg {{ fill: #{ground} }}")), "{style}");
    for text in style.split('#').skip(1).map(|hex| &hex[..6]).filter(|hex| *hex != ground) {
        let (a, b) = (luminance(text), luminance(ground));
        assert!((a.max(b) + 0.05) / (a.min(b) + 0.05) >= 4.5, "{name}: {text}");
    }
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
    draw("record", &shown(&env, "bedrock-fixtures record --sandbox --cases cases.jsonl"));
}

/// A store after a re-record that brought some of everything.
fn re_recorded() -> TestEnv {
    let env = TestEnv::new();
    env.run(&["record", "--sandbox"]).exits(0);
    env.commit();
    // A person edits nothing of this: it stands for what a new recording brings.
    env.edit_test("test_answers_in_character", "\"finish_reason\": \"stop\"", "\"finish_reason\": \"length\"");
    env.edit_test("test_second_turn_knows_the_first", "No model was asked", "No large model was asked");
    env.edit_test("test_openai_chat_completion_non_streaming", "\"created\": 0", "\"created\": 1763800000");
    env.edit_test("test_inference_store", "number seven", "number eight");
    env.run(&["rekey", "--test-id", "tests/test_tools.py=tests/test_tool_calls.py", "--force", "--yes"]).exits(0);
    env
}

#[test]
fn diff() {
    if !crate::support::has_git() {
        return;
    }
    draw("diff", &shown(&re_recorded(), "bedrock-fixtures diff"));
}

/// The first question of `review`, in a terminal of 80 columns, and the page of the same changes.
#[cfg(unix)]
#[test]
fn review_and_page() {
    if !crate::support::has_git() {
        return;
    }
    let env = re_recorded();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    command.arg("review").current_dir(env.root()).env_clear().env("HOME", env.root()).env("TERM", "xterm");
    command.env("PATH", std::env::var("PATH").unwrap()).env("COLUMNS", "80");
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    let asked = session.exp_string("[q]uit?").unwrap();
    session.send("q").unwrap();
    session.flush().unwrap();
    session.exp_eof().unwrap();
    // The session gives each byte as a character.
    let asked: Vec<u8> = asked.chars().filter(|c| *c != '\r').map(|c| u8::try_from(c).unwrap()).collect();
    let asked = String::from_utf8(asked).unwrap();
    draw("review", &format!("\x1b[1m$ bedrock-fixtures review\x1b[0m\n{asked}[q]uit?\n"));

    // A browser's pixels are its own: the pictures are drawn when somebody asks, and looked at.
    let Some(browser) = std::env::var_os("BEDROCK_FIXTURES_DRAW_PAGE") else { return };
    let page = env.run(&["diff", "--format", "html"]).exits(0).stdout;
    env.write("page.html", page.replacen("<details", "<details open", 1));
    for (name, scheme) in [("page.png", 0), ("page-light.png", 1)] {
        let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
        let mut command = Command::new(&browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,640"]);
        command.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
        command.arg(format!("--screenshot={}", picture.display()));
        command.arg(format!("file://{}", env.root().join("page.html").display()));
        assert!(command.output().unwrap().status.success());
    }
}
