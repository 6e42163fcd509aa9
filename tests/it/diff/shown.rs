//! How a diff reads: on a terminal, without colour, in a comment on a pull request.

use serde_json::{Value, json};

use super::{STREAM, TOOLS, Trees, WHOLE, asks, file, message, pieces};
use crate::support::TestEnv;
use crate::support::screen::{Said, hold};

/// A tree in which something of every class happened.
fn eventful() -> Trees {
    let trees = Trees::new();
    trees.edit(&trees.with(TOOLS), |document| {
        message(document)["tool_calls"][0]["function"]["arguments"] = json!("{\"city\": \"Bern\"}");
        pieces(document)[0]["usage"]["completion_tokens"] = json!(148);
    });
    let text = trees.with(WHOLE);
    trees.edit(&text, |document| {
        let content = message(document)["content"].as_str().unwrap().replace("model", "large model");
        message(document)["content"] = json!(content);
    });
    let stream = trees.with(STREAM);
    trees.rename(&stream, "renamed.json", |document| document["request"]["url"] = json!("https://bedrock/v2/chat"));
    trees
}

#[test]
fn text_is_worst_first_with_words_and_calls_side_by_side() {
    let trees = eventful();
    let shown = trees.diff(&[]).exits(0);
    shown.is_plain();
    for line in shown.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    hold("diff_eventful", &shown.stdout);
    let coloured = trees.diff(&["--color", "always"]).exits(0).stdout;
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("{+"), "colours instead of markers");
    hold("diff_eventful_stat", &trees.diff(&["--stat"]).exits(0).stdout);
}

#[test]
fn noise_is_listed_with_all() {
    let trees = Trees::new();
    trees.edit(&trees.with(WHOLE), |document| {
        pieces(document)[0]["created"] = json!(7);
        pieces(document)[0]["usage"]["prompt_tokens"] = json!(70);
    });
    let mut said = Said::default();
    said.add("diff", trees.diff(&[]).exits(0).stdout);
    said.add("diff --all", trees.diff(&["--all"]).exits(0).stdout);
    said.hold("diff_noise");
}

/// A text that attacks a terminal, a table, a fence, a page and people.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{202e} ``` ````` </details> <script>alert(1)</script> @octocat \
    @org/team <!-- x --> | a | b |\n```\n# heading\n</code> <img src=x onerror=y> --> <https://example.org>";

fn attacked() -> TestEnv {
    let env = TestEnv::new();
    let test = format!("tests/t.py::t[{NASTY}]");
    asks(&env, "before", "1", &test, "Question?", "Fine.");
    asks(&env, "after", "1", &test, "Question?", NASTY);
    asks(&env, "before", "2", &test, NASTY, "Fine.");
    asks(&env, "after", "3", &test, "Fine?", NASTY);
    let path = "after/recordings/1.json";
    let mut document: Value = serde_json::from_str(&env.read(path)).unwrap();
    document["response"]["body"]["__data__"]["choices"][0]["finish_reason"] = json!(NASTY);
    document["response"]["body"]["__data__"][NASTY] = json!({NASTY: NASTY});
    env.write(path, file(&document));
    env
}

#[test]
fn nothing_from_a_recording_steers_the_terminal() {
    let env = attacked();
    for args in [&[][..], &["--all"], &["--stat"], &["-v"], &["--format", "markdown"]] {
        env.run(&[&["diff", "before", "after"], args].concat()).exits(0).is_plain();
    }
    env.run(&["diff", "--textconv", "after/recordings/1.json"]).exits(0).is_plain();
}

/// The lines of a comment outside of fences; a fence ends only with one as long as it began.
fn outside_fences(page: &str) -> String {
    let mut fence: Option<usize> = None;
    let mut outside = String::new();
    for line in page.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            Some(open) if ticks >= open && line.chars().all(|c| c == '`') => fence = None,
            Some(open) => assert!(!line.contains(&"`".repeat(open)), "a fence breaks: {line}"),
            None => outside.push_str(&format!("{line}\n")),
        }
    }
    assert_eq!(fence, None, "every fence is closed");
    outside
}

#[test]
fn a_comment_is_safe_for_any_content() {
    let page = attacked().run(&["diff", "before", "after", "--format", "markdown"]).exits(0).stdout;
    assert!(page.starts_with("<!-- bedrock-fixtures diff -->\n"), "a bot finds its comment by this");
    for part in ["@octocat", "@org", "<script", "<img", "</details> <"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("<!--").count(), 1);
    let outside = outside_fences(&page);
    let mut rest = outside.clone();
    for tag in
        ["<details>", "<summary>", "</summary>", "</details>", "<code>", "</code>", "<!-- bedrock-fixtures diff -->"]
    {
        rest = rest.replace(tag, "");
    }
    assert!(!rest.contains(['<', '>', '@', '`']), "{rest}");
    assert_eq!(outside.matches("<details>").count(), outside.matches("</details>").count());
    let rows = outside.lines().filter(|line| line.starts_with('|'));
    let columns: Vec<usize> = rows.map(|row| row.matches('|').count() - 1).collect();
    assert!(columns.iter().all(|columns| matches!(columns, 2 | 3)), "{outside}");
}

#[test]
fn a_comment_is_short_and_counts_what_it_leaves_out() {
    let env = TestEnv::new();
    for i in 0..200 {
        let test = format!("tests/{}/test_{i}.py::test", "folder".repeat(20));
        asks(&env, "before", &format!("{i}"), &test, "Question?", &format!("{i} {}", "old words ".repeat(300)));
        asks(&env, "after", &format!("{i}"), &test, "Question?", &format!("{i} {}", "new @people `````".repeat(300)));
        if i % 2 == 0 {
            let path = format!("after/recordings/{i}.json");
            env.write(&path, env.read(&path).replace("\"stop\"", "\"length\""));
        }
    }
    let page = env.run(&["diff", "before", "after", "--format", "markdown"]).exits(0).stdout;
    assert!(page.len() < 60_000, "{}", page.len());
    outside_fences(&page);
    let shown = page.matches("<details>").count();
    assert!(shown > 5, "it is used");
    assert!(page.contains(&format!("{} more changes not shown here", 200 - shown)), "{}", &page[page.len() - 300..]);
    assert!(page.contains("| behaviour | 100 |") && page.contains("| text | 100 |"));
}

#[test]
fn an_outline_of_what_is_no_recording_says_so_and_shows_it() {
    let env = TestEnv::new();
    env.write("x.json", "one\ntwo\u{1b}\n");
    hold("diff_outline_of_no_json", &env.run(&["diff", "--textconv", "x.json"]).exits(0).stdout);
    env.run(&["diff", "--textconv", "nowhere.json"]).exits(2).one_error(&["nowhere.json"]);
}

#[test]
fn an_outline_is_the_question_and_the_answer() {
    let env = TestEnv::new();
    asks(&env, "a", "1", "tests/t.py::t", "One\nor two?", "Two.");
    let shown = env.run(&["diff", "--textconv", "a/recordings/1.json"]).exits(0).stdout;
    let expected = "test tests/t.py::t\nrequest POST /openai/v1/v1/chat/completions\n  messages:\n    [0]:\n      content:\n        \
        One\n        or two?\n      role: user\n  model: m\nanswer\n  role: assistant\n  finish_reason: stop\n  text: Two.\n";
    assert_eq!(shown, expected);
}
