//! `diff` as a comment on a pull request: counts, a table of what matters, the rest folded; below 60 KB.
//!
//! Text from recordings is written as code, where Markdown, HTML and mentions have no meaning. Characters that could
//! end the code, break a table or look like a tag are escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use crate::report::diff::{Change, Class, DiffReport};

use super::diff_text::{DiffStyle, WIDTH, body, group_body, group_name, groups, short_keys, shorten};
use super::escape;
use super::palette::plural;
use super::values::values;

/// By this line a bot finds its comment again.
const MARKER: &str = "<!-- bedrock-fixtures diff -->";
/// Largest comment, in bytes. GitHub takes 65,536 characters.
const LIMIT: usize = 60_000;
/// Of it, for the tables.
const TABLES: usize = 20_000;
/// Room for the last line.
const RESERVE: usize = 300;
/// Lines of one change.
const LINES: usize = 60;
/// Lines of a group.
const GROUP_LINES: usize = 300;
/// Characters of a name in a table.
const NAME: usize = 160;
/// Characters of a line: a comment wraps none.
const LINE: usize = 400;

/// Writes the comment.
pub(super) fn write(out: &mut dyn Write, report: &DiffReport) -> io::Result<()> {
    out.write_all(page(report).as_bytes())
}

fn page(report: &DiffReport) -> String {
    let mut page = format!("{MARKER}\n## Recordings\n\n");
    let sides = [&report.before, &report.after].map(|side| code(side));
    let _ = writeln!(page, "{} → {}: {}\n", sides[0], sides[1], plural(report.counts.total(), "recording"));
    counts(&mut page, report);
    if let Some(url) = &report.page_url {
        let _ = writeln!(page, "[All changes on one page]({url})\n");
    }
    let loud = |change: &&Change| {
        change.class == Class::Behaviour
            || (change.class == Class::Request && change.answer_class == Some(Class::Behaviour))
    };
    table(&mut page, &report.changes.iter().filter(loud).collect::<Vec<_>>());
    let shown = if report.stat { 0 } else { details(&mut page, &report.changes) };
    if shown < report.changes.len() && !report.stat {
        let more = plural(report.changes.len() - shown, "more change");
        let _ = writeln!(page, "{more} not shown here; run `bedrock-fixtures diff` to read them all.");
    }
    page
}

fn counts(page: &mut String, report: &DiffReport) {
    page.push_str("| class | recordings |\n|---|---:|\n");
    for class in Class::ALL {
        let count = report.counts.of(class);
        if count > 0 {
            let _ = writeln!(page, "| {} | {count} |", class.name());
        }
    }
    page.push('\n');
}

/// What a test may fail on.
fn table(page: &mut String, changes: &[&Change]) {
    if changes.is_empty() {
        return;
    }
    page.push_str("### Behaviour\n\n| test | key | what changed |\n|---|---|---|\n");
    for (place, change) in changes.iter().enumerate() {
        let test = code(change.test_id.as_deref().unwrap_or("(no test)"));
        let row = format!("| {test} | {} | {} |\n", code(&short_keys(change)), summary(change));
        if page.len() + row.len() > TABLES {
            let _ = writeln!(page, "\n{} not in this table.", plural(changes.len() - place, "more change"));
            break;
        }
        page.push_str(&row);
    }
    page.push('\n');
}

fn summary(change: &Change) -> String {
    if let Some(note) = &change.note {
        return code(note);
    }
    let mut parts = Vec::new();
    for (name, both) in change.answer.iter().take(4) {
        let size = |value: &Value| value.as_array().map_or(0, Vec::len);
        let shown = |value: &'_ Value| Some(value.clone()).filter(|value| !value.is_null());
        let part = match name.rsplit('/').next().unwrap_or("") {
            "text" | "reasoning" | "refusal" => code(name),
            "tool_calls" if size(&both[0]) == size(&both[1]) => code(name),
            "tool_calls" => format!("{}: {} → {}", code(name), size(&both[0]), size(&both[1])),
            _ => {
                let (before, after) = values(shown(&both[0]).as_ref(), shown(&both[1]).as_ref());
                format!("{}: {}", code(name), code(&format!("{before} → {after}")))
            }
        };
        parts.push(part);
    }
    if change.answer.len() > 4 {
        parts.push(format!("{} more", change.answer.len() - 4));
    }
    parts.join(", ")
}

/// Folded details, worst first, until the page is full. Gives how many are there.
fn details(page: &mut String, changes: &[Change]) -> usize {
    let mut shown = 0;
    for group in groups(changes) {
        let style = DiffStyle { colour: false, verbose: false, width: WIDTH };
        let block = match group.as_slice() {
            [change] => {
                let test = code(change.test_id.as_deref().unwrap_or("(no test)"));
                let title = format!("{} {} {test}", change.class.name(), code(&short_keys(change)));
                fold(&title, shorten(body(change, style), LINES))
            }
            group => fold(&format!("rekeyed {}", group_name(group)), shorten(group_body(group, style), GROUP_LINES)),
        };
        if page.len() + block.len() + RESERVE > LIMIT {
            break;
        }
        page.push_str(&block);
        shown += group.len();
    }
    shown
}

/// A folded block; `title` is safe already.
fn fold(title: &str, lines: Vec<String>) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape::markdown_line(&cut(line, LINE))).collect();
    let fence = "`".repeat(lines.iter().map(|line| longest_run(line)).max().unwrap_or(0).max(2) + 1);
    let lines = lines.join("\n");
    format!("<details><summary>{title}</summary>\n\n{fence}text\n{lines}\n{fence}\n\n</details>\n\n")
}

/// A text from outside inside a line of Markdown, a table or HTML.
fn code(text: &str) -> String {
    escape::markdown(&cut(text, NAME))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn longest_run(line: &str) -> usize {
    line.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
