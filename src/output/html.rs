//! `diff` as one page: no network, no server, searchable, and safe for whatever is in a recording.
//!
//! Everything from a recording passes [`text`]. The page allows only its own style and script, by their digests, so
//! that injected code cannot run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use similar::{ChangeTag, TextDiff};

use crate::looks;
use crate::report::diff::{Change, Class, DiffReport};

const PAGE: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// Texts longer than this are compared by lines: words would take their square.
const MOST_WORDS: usize = 20_000;

/// Writes the page.
pub(super) fn write(out: &mut dyn Write, report: &DiffReport) -> io::Result<()> {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    let options = |values: BTreeSet<&str>| {
        values.iter().fold(String::new(), |mut all, value| {
            let _ = write!(all, "<option value=\"{0}\">{0}</option>", text(value));
            all
        })
    };
    let of = |get: fn(&Change) -> Option<&str>| options(report.changes.iter().filter_map(get).collect());
    let counts = Class::ALL.iter().filter(|class| report.counts.of(**class) > 0);
    let counts = counts.fold(String::new(), |mut all, class| {
        let _ = write!(all, "<li><span class=\"{0}\">{0}</span> {1}</li>", class.name(), report.counts.of(*class));
        all
    });
    let changes: String = report.changes.iter().map(change).collect();
    let parts = [
        ("{STYLE}", digest(CSS)),
        ("{SCRIPT}", digest(JS)),
        ("{CSS}", CSS.to_owned()),
        ("{SIDES}", format!("{} → {}", text(&report.before), text(&report.after))),
        ("{COUNTS}", counts),
        ("{CLASSES}", of(|change| Some(change.class.name()))),
        ("{TESTS}", of(|change| change.test_id.as_deref())),
        ("{MODELS}", of(|change| change.model.as_deref())),
        ("{CHANGES}", changes),
        ("{JS}", JS.to_owned()),
    ];
    // Each placeholder once, in the order of the page, so that text of a recording cannot act as a placeholder.
    let mut rest = PAGE;
    let mut seen = BTreeSet::new();
    while let Some((at, (name, value))) = parts
        .iter()
        .filter(|(name, _)| !seen.contains(name))
        .filter_map(|part| Some((rest.find(part.0)?, part)))
        .min_by_key(|(at, _)| *at)
    {
        out.write_all(&rest.as_bytes()[..at])?;
        out.write_all(value.as_bytes())?;
        rest = &rest[at + name.len()..];
        seen.insert(name);
    }
    out.write_all(rest.as_bytes())
}

/// Any text, for the inside of an element or of an attribute in quotes. Control and invisible characters are written as
/// escapes.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    // Line ends and tabs mean something in an answer.
    while let Some(at) = rest.find(['\n', '\t']) {
        escape(&looks::visible(&rest[..at]), &mut out);
        out.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    escape(&looks::visible(rest), &mut out);
    out
}

fn escape(shown: &str, out: &mut String) {
    for c in shown.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}

fn change(change: &Change) -> String {
    let class = change.class.name();
    let test = change.test_id.as_deref().unwrap_or("(no test)");
    let path = change.after.as_deref().or(change.before.as_deref()).unwrap_or_default();
    let mut out = format!(
        "<details class=\"change\" data-class=\"{class}\" data-test=\"{}\" data-model=\"{}\"><summary><span class=\"class \
         {class}\">{class}</span> {} <span class=\"path\">{}</span></summary>\n",
        text(change.test_id.as_deref().unwrap_or_default()),
        text(change.model.as_deref().unwrap_or_default()),
        text(test),
        text(path)
    );
    if let (Some(before), Some(after)) = (&change.before, &change.after)
        && before != after
    {
        let _ = writeln!(out, "<p class=\"faint\">before: {}</p>", text(before));
    }
    if let Some(note) = &change.note {
        let _ = writeln!(out, "<p>{}</p>", text(note));
    }
    let requests: Vec<_> =
        change.request.iter().map(|one| (one.pointer.as_str(), one.before.as_ref(), one.after.as_ref())).collect();
    table(&mut out, "Request", &requests);
    let null = Value::Null;
    let answers: Vec<_> = change
        .answer
        .iter()
        .map(|(name, both)| match both.as_array().map(Vec::as_slice) {
            Some([before, after]) => (
                name.as_str(),
                Some(before).filter(|value| **value != null),
                Some(after).filter(|value| **value != null),
            ),
            _ => (name.as_str(), None, Some(both)),
        })
        .collect();
    table(&mut out, "Answer", &answers);
    if let Some([before, after]) = &change.usage {
        let _ = writeln!(
            out,
            "<p>tokens: {} + {} before, {} + {} after (prompt + completion)</p>",
            before.prompt_tokens, before.completion_tokens, after.prompt_tokens, after.completion_tokens
        );
    }
    if !change.noise.is_empty() {
        let _ = writeln!(out, "<p class=\"faint\">noise: {}</p>", text(&change.noise.join(", ")));
    }
    out.push_str("</details>\n");
    out
}

fn table(out: &mut String, caption: &str, rows: &[(&str, Option<&Value>, Option<&Value>)]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<table><caption>{caption}</caption><tr><th class=\"field\" scope=\"col\">field</th><th scope=\"col\">before</th><th \
         scope=\"col\">after</th></tr>"
    );
    for (name, before, after) in rows {
        let [left, right] = sides(*before, *after);
        let _ = write!(
            out,
            "<tr><th class=\"field\" scope=\"row\">{}</th><td>{left}</td><td>{right}</td></tr>",
            text(name)
        );
    }
    out.push_str("</table>\n");
}

/// Two values side by side: texts with their changed words marked, anything else as a tree.
fn sides(before: Option<&Value>, after: Option<&Value>) -> [String; 2] {
    if let (Some(Value::String(before)), Some(Value::String(after))) = (before, after) {
        return words(before, after);
    }
    [before, after].map(|value| value.map_or_else(|| "<span class=\"faint\">nothing</span>".to_owned(), tree))
}

fn words(before: &str, after: &str) -> [String; 2] {
    let is_long = before.len() + after.len() > MOST_WORDS;
    let diff = if is_long { TextDiff::from_lines(before, after) } else { TextDiff::from_words(before, after) };
    let mut sides = [String::new(), String::new()];
    for change in diff.iter_all_changes() {
        let shown = text(change.value());
        match change.tag() {
            ChangeTag::Equal => sides.iter_mut().for_each(|side| side.push_str(&shown)),
            ChangeTag::Delete => sides[0] += &format!("<del>{shown}</del>"),
            ChangeTag::Insert => sides[1] += &format!("<ins>{shown}</ins>"),
        }
    }
    sides.map(|side| side.replace("</del><del>", "").replace("</ins><ins>", ""))
}

/// A value as a tree. The arguments of a call are JSON in a text: they are a tree too.
fn tree(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let items = fields
                .iter()
                .map(|(name, value)| format!("<li><span class=\"key\">{}</span>: {}</li>", text(name), tree(value)));
            format!("<ul class=\"tree\">{}</ul>", items.collect::<String>())
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| format!("<li>{}</li>", tree(item)));
            format!("<ul class=\"tree\">{}</ul>", items.collect::<String>())
        }
        Value::String(inner) => match serde_json::from_str::<Value>(inner) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => tree(&json),
            _ => text(inner),
        },
        other => text(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::contrast::contrast;

    /// The colours of a theme by name: the first `:root` of the style is the light one, the second the dark one.
    fn theme(index: usize) -> Vec<(&'static str, [u8; 3])> {
        let block = CSS.split(":root {").nth(index + 1).unwrap().split('}').next().unwrap();
        let hex = |text: &str, at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        let colours = block.split(';').filter_map(|part| part.trim().strip_prefix("--")?.split_once(": #"));
        colours.map(|(name, value)| (name, [0, 2, 4].map(|at| hex(value, at)))).collect()
    }

    #[test]
    fn every_text_can_be_read_in_both_themes() {
        for index in 0..2 {
            let theme = theme(index);
            let of = |name: &str| theme.iter().find(|(of, _)| *of == name).unwrap().1;
            let grounds = [("bg", &["fg", "faint", "bad", "good", "mark"][..]), ("del", &["fg"]), ("ins", &["fg"])];
            for (ground, texts) in grounds {
                for text in texts {
                    let contrast = contrast(of(text), of(ground));
                    assert!(contrast >= 4.5, "theme {index}: {text} on {ground}: {contrast:.2}");
                }
            }
        }
        // Every colour of the style is one of a theme, and the marks of words are not colours alone.
        assert!(CSS.lines().skip(2).all(|line| !line.contains('#')), "{CSS}");
        assert!(CSS.contains("line-through") && CSS.contains("underline"));
    }

    #[test]
    fn words_are_marked_and_nothing_from_a_recording_is_markup() {
        let [left, right] = words("the old <b>answer", "the new <b>answer");
        assert_eq!(left, "the <del>old</del> &lt;b&gt;answer");
        assert_eq!(right, "the <ins>new</ins> &lt;b&gt;answer");
        assert_eq!(text("\" onload='x' & </script>"), "&quot; onload=&#39;x&#39; &amp; &lt;/script&gt;");
        assert_eq!(text("a\n\tb"), "a\n\tb");
        assert!(!text("\u{1b}[31m\u{202e}").contains(['\u{1b}', '\u{202e}']));
        let call = serde_json::json!([{ "name": "f", "arguments": "{\"a\": [1, \"<i>\"]}" }]);
        let shown = tree(&call);
        assert!(
            shown.contains("<span class=\"key\">a</span>: <ul class=\"tree\"><li>1</li><li>&lt;i&gt;</li></ul>"),
            "{shown}"
        );
    }
}
