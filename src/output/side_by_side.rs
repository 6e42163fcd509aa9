//! Tool calls before and after, side by side.

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::escape::clean;
use super::wrap::{paragraph, width_of};

/// Between the columns: ` | `, ` < ` or ` > `.
const GUTTER: usize = 3;

/// The lines of two lists of calls, at most `width` columns wide. `|` marks a line that changed, `<` one that went, `>` one
/// that came.
pub(super) fn lines(before: &Value, after: &Value, width: usize) -> Vec<String> {
    let column = (width - GUTTER) / 2;
    let (old, new) = (calls(before), calls(after));
    let mut out = Vec::new();
    let mut row = |left: Option<&String>, right: Option<&String>, mark: char| {
        let cell = |text: Option<&String>| text.map_or_else(Vec::new, |text| paragraph(text, column));
        let (left, right) = (cell(left), cell(right));
        for line in 0..left.len().max(right.len()) {
            let (left, right) = (left.get(line).map_or("", |s| s), right.get(line).map_or("", |s| s));
            let pad = " ".repeat(column.saturating_sub(width_of(left)));
            out.push(format!("{left}{pad} {mark} {right}").trim_end().to_owned());
        }
    };
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let same = matches!(op, DiffOp::Equal { .. });
        for line in 0..old_range.len().max(new_range.len()) {
            let left = old.get(old_range.start + line).filter(|_| line < old_range.len());
            let right = new.get(new_range.start + line).filter(|_| line < new_range.len());
            let mark = match (left, right) {
                _ if same => ' ',
                (Some(_), Some(_)) => '|',
                (Some(_), None) => '<',
                _ => '>',
            };
            row(left, right, mark);
        }
    }
    out
}

/// A line for the name of each call, and one for each of its arguments.
fn calls(calls: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for call in calls.as_array().map_or(&[][..], Vec::as_slice) {
        lines.push(clean(call["name"].as_str().unwrap_or("(no name)")).into_owned());
        match &call["arguments"] {
            Value::Object(arguments) => {
                let line = |(name, value): (&String, &Value)| clean(&format!("  {name}: {value}")).into_owned();
                let mut shown: Vec<String> = arguments.iter().map(line).collect();
                // Their order says nothing.
                shown.sort_unstable();
                lines.extend(shown);
            }
            Value::String(text) => lines.push(clean(&format!("  {text}")).into_owned()),
            other => lines.push(clean(&format!("  {other}")).into_owned()),
        }
    }
    lines
}
