//! `diff --format html`: one page, whatever the recordings hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{TOOLS, Trees, WHOLE};
use crate::support::skipped;

/// What would run, load or hide something if it were taken for markup.
const HOSTILE: &str =
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}\u{1b}[31m\"' {CHANGES} {JS} <!-- & ]]>";

/// The part between two marks, which are there once.
#[track_caller]
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

fn hostile() -> Trees {
    let trees = Trees::new();
    trees.edit(&trees.with(WHOLE), |document| {
        document["test_id"] = json!(format!("tests/test_x.py::t[{HOSTILE}]"));
        document["response"]["body"]["__data__"]["choices"][0]["message"]["content"] = json!(format!("new {HOSTILE}"));
        document["request"]["body"][HOSTILE] = json!(HOSTILE);
    });
    trees.edit(&trees.with(TOOLS), |document| {
        let call = &mut document["response"]["body"]["__data__"]["choices"][0]["message"]["tool_calls"][0]["function"];
        call["arguments"] = json!(json!({ "place": HOSTILE, "days": [1, 2] }).to_string());
    });
    trees
}

#[test]
fn the_page_needs_nothing_and_runs_nothing_but_its_own() {
    let trees = hostile();
    let page = trees.diff(&["--format", "html"]).exits(0).stdout;
    // Style and script are allowed by digest and by nothing else.
    let digest = |text: &str| format!("sha256-{}", STANDARD.encode(Sha256::digest(text)));
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains(&digest(between(&page, "<style>", "</style>"))), "{policy}");
    assert!(policy.contains(&digest(between(&page, "<script>", "</script>"))), "{policy}");
    assert_eq!((page.matches("<script").count(), page.matches("<style").count()), (1, 1));
    // Nothing from a recording is markup, a place of the template or a control character.
    for bad in ["<img", "onerror=alert(1)>", "\u{202e}", "\u{1b}", "http://", "https://"] {
        assert!(!page.contains(bad), "{bad}");
    }
    let main = between(&page, "<main>", "</main>");
    let tags: std::collections::BTreeSet<&str> = main
        .split('<')
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '/').next().unwrap())
        .map(|tag| tag.trim_start_matches('/'))
        .collect();
    let own = ["caption", "del", "details", "ins", "li", "p", "span", "summary", "table", "td", "th", "tr", "ul"];
    assert!(tags.iter().all(|tag| own.contains(tag)), "{tags:?}");
    assert_eq!(main.matches("<details").count(), 2);
    assert!(main.contains("{CHANGES}") && main.contains("data-model=\"openai.gpt-oss-20b-1:0\""));
    // A tool call is a tree, a text has its new words marked.
    assert!(main.contains("<span class=\"key\">days</span>: <ul class=\"tree\"><li>1</li><li>2</li></ul>"), "{main}");
    assert!(main.contains("<ins>new") && main.contains("<del>"));
    trees.env.run(&["verify", "--format", "html"]).exits(2);
}

#[test]
fn a_browser_shows_the_page_and_filters_it() {
    let browser = ["chromium", "chromium-browser", "google-chrome", "chrome-headless-shell"].into_iter().find(|name| {
        std::process::Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    let Some(browser) = std::env::var("BEDROCK_FIXTURES_BROWSER").ok().or(browser.map(str::to_owned)) else {
        skipped("no Chromium on the PATH, nor in BEDROCK_FIXTURES_BROWSER: the page is not looked at");
        return;
    };
    let trees = hostile();
    let page = trees.env.write("page.html", trees.diff(&["--format", "html"]).exits(0).stdout);
    let shot = trees.env.root().join("page.png");
    let mut command = std::process::Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,900"]);
    command.arg(format!("--screenshot={}", shot.display())).arg("--dump-dom").arg(format!("file://{}", page.display()));
    let output = command.output().unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    // The script ran, which it does only if its digest is right.
    assert!(dom.contains("2 of 2 shown"), "{dom}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(std::fs::metadata(shot).is_ok_and(|shot| shot.len() > 5_000));
}

#[test]
fn a_page_is_written_to_a_file_and_a_comment_links_to_it() {
    let env = crate::support::TestEnv::new();
    env.write("before/recordings/a.json", "{}");
    env.write("after/recordings/a.json", "[]");
    let printed = env.run(&["diff", "--format", "html", "before", "after"]).exits(0).stdout;
    let written = env.run(&["diff", "--format", "html", "--output", "page.html", "before", "after"]).exits(0);
    assert_eq!((written.stdout.as_str(), env.read("page.html")), ("", printed));
    let url = "https://ci.example/run/1#artifacts";
    let comment = env.run(&["diff", "--format", "markdown", "--page-url", url, "before", "after"]).exits(0).stdout;
    assert!(comment.contains(&format!("\n[All changes on one page]({url})\n")), "{comment}");
    let bad = env.run(&["diff", "--page-url", "https://x/) [evil](https://y", "before", "after"]);
    assert_eq!(bad.code, 2, "{bad:?}");
    env.run(&["diff", "--format", "html", "--output", "/dev/full", "before", "after"])
        .exits(2)
        .one_error(&["regular file"]);
}
