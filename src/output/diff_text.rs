//! `diff` for people: worst first, a header a change, and what a reviewer has to see of it, in 80 columns.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use anstyle::Style;
use serde_json::Value;

use crate::looks::{Unseen, spelled};
use crate::report::TokenCounts;
use crate::report::diff::{Change, Class, DiffReport, RequestChange};

use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, WARNING, plural};
use super::short_keys::SHORT_KEY;
use super::values::values;
use super::{Verbosity, inline_diff, side_by_side, wrap};

/// Columns without a terminal, and the most and fewest columns of a terminal that are used.
pub(super) const WIDTH: usize = 80;
const WIDEST: usize = 100;
const NARROWEST: usize = 40;
/// Lines that are shown of one text or one list, without -v.
const LINES: usize = 30;
/// Characters of an answer that is new or gone.
const EXCERPT: usize = 140;
/// So many recordings of a group are listed without being asked for.
const LISTED: usize = 5;
/// A longer text without a space is data.
const NAME: usize = 500;

/// How a change is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct DiffStyle {
    /// Colours instead of markers.
    pub(super) colour: bool,
    /// Everything, and whole names.
    pub(super) verbose: bool,
    /// Columns.
    pub(super) width: usize,
}

/// Writes the report.
pub(super) fn write(
    out: &mut dyn Write,
    report: &DiffReport,
    verbosity: Verbosity,
    colour: bool,
    columns: Option<usize>,
) -> io::Result<()> {
    let width = columns.unwrap_or(WIDTH).clamp(NARROWEST, WIDEST);
    let style = DiffStyle { colour, verbose: verbosity == Verbosity::Verbose, width };
    let mut first = true;
    if verbosity != Verbosity::Quiet {
        headline(out, report, width)?;
        first = false;
    }
    for group in groups(&report.changes) {
        let group = group.as_slice();
        if !first && !report.stat {
            writeln!(out)?;
        }
        first = false;
        match group {
            _ if report.stat => group.iter().try_for_each(|change| header(out, change, width))?,
            [change] => {
                header(out, change, width)?;
                body(change, style).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
            }
            group => {
                let colour = style_of(Class::Rekeyed);
                writeln!(out, "{colour}rekeyed{colour:#} {}", group_name(group))?;
                group_body(group, style).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
            }
        }
    }
    Ok(())
}

/// The changes one by one, and together what was re-keyed in the same way: that is one thing to review.
pub(super) fn groups(changes: &[Change]) -> Vec<Vec<&Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for change in changes {
        let place = match change.class {
            Class::Rekeyed => {
                let way = format!("{:?} {:?}", change.request, change.note);
                *places.entry(way).or_insert(groups.len())
            }
            _ => groups.len(),
        };
        match groups.get_mut(place) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

/// What a group is called.
pub(super) fn group_name(group: &[&Change]) -> String {
    format!("{} in the same way, answers unchanged", plural(group.len(), "recording"))
}

/// The lines of a group: the common change, and the members; for many members the count of each test file, unless all
/// are requested.
pub(super) fn group_body(group: &[&Change], style: DiffStyle) -> Vec<String> {
    let mut lines = group.first().map(|change| request(change, style)).unwrap_or_default();
    if group.len() > LISTED && !style.verbose {
        let mut files: BTreeMap<String, usize> = BTreeMap::new();
        for change in group {
            let file = change.test_id.as_deref().map_or("(no test)", |id| id.split("::").next().unwrap_or(id));
            *files.entry(clean(file).into_owned()).or_default() += 1;
        }
        for (file, count) in files {
            lines.extend(inline_diff::name(&format!("{count:>4} {file}"), style.width - 2));
        }
        lines.push("-v lists them".to_owned());
        return lines;
    }
    for change in group {
        lines.push(short_keys(change));
        lines.extend(indented(inline_diff::name(&test_name(change), style.width - 4)));
    }
    lines
}

/// The counts, in the order of the classes.
pub(super) fn counts(report: &DiffReport) -> String {
    let counted = Class::ALL.into_iter().map(|class| (report.counts.of(class), class.name()));
    let counts: Vec<String> =
        counted.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    counts.join(", ")
}

fn headline(out: &mut dyn Write, report: &DiffReport, width: usize) -> io::Result<()> {
    let counts = &report.counts;
    let style = if counts.behaviour + counts.removed > 0 {
        ERROR
    } else if counts.noise + counts.identical < counts.total() {
        WARNING
    } else {
        GOOD
    };
    let taken_for = report.taken_for.map(|what| format!(" ({what})")).unwrap_or_default();
    writeln!(out, "{STRONG}{} → {}{STRONG:#}{taken_for}", clean(&report.before), clean(&report.after))?;
    for line in wrap::paragraph(&format!("{}: {}", plural(counts.total(), "recording"), self::counts(report)), width) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    let listed = report.changes.iter().any(|change| change.class.is_quiet());
    if report.moved > 0 && !listed {
        let moved = plural(report.moved, "identical recording");
        writeln!(out, "{FAINT}{moved} only moved; --all lists them{FAINT:#}")?;
    }
    Ok(())
}

fn style_of(class: Class) -> Style {
    match class {
        Class::Behaviour | Class::Removed => ERROR,
        Class::Request | Class::Text => WARNING,
        Class::Added => GOOD,
        Class::Rekeyed => STRONG,
        Class::Noise | Class::Identical => FAINT,
    }
}

/// Class, key and test. A long test id is on the next line, indented.
fn header(out: &mut dyn Write, change: &Change, width: usize) -> io::Result<()> {
    let style = style_of(change.class);
    let class = change.class.name();
    let key = short_keys(change);
    let name = test_name(change);
    let used = class.len() + 1 + wrap::width_of(&key) + 1;
    if used + wrap::width_of(&name) <= width {
        return writeln!(out, "{style}{class}{style:#} {key} {STRONG}{name}{STRONG:#}");
    }
    writeln!(out, "{style}{class}{style:#} {key}")?;
    inline_diff::name(&name, width - 4).iter().try_for_each(|line| writeln!(out, "    {STRONG}{line}{STRONG:#}"))
}

fn test_name(change: &Change) -> String {
    clean(change.test_id.as_deref().unwrap_or("(no test)")).into_owned()
}

/// The keys of a change, cut: one, or the old and the new.
pub(super) fn short_keys(change: &Change) -> String {
    let short = |key: &Option<String>| key.as_ref().map(|key| key.chars().take(SHORT_KEY).collect::<String>());
    match (short(&change.keys.before), short(&change.keys.after)) {
        (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
        (_, Some(key)) | (Some(key), None) => key,
        (None, None) => "(no key)".to_owned(),
    }
}

/// What there is to see of a change, without its header.
pub(super) fn body(change: &Change, style: DiffStyle) -> Vec<String> {
    let mut lines = paths(change, style);
    if let Some(note) = &change.note {
        lines.extend(wrap::paragraph(&clean(note), style.width - 2));
    }
    match change.class {
        Class::Added | Class::Removed => lines.extend(excerpt(change, style)),
        _ => {
            lines.extend(request(change, style));
            if let Some(class) = change.answer_class {
                lines.push(format!("the answer: {}", class.name()));
            }
            for (name, both) in &change.answer {
                lines.extend(field(name, &both[0], &both[1], style));
            }
        }
    }
    if !change.noise.is_empty() {
        lines.extend(wrap::paragraph(&clean(&change.noise.join(", ")), style.width - 2));
    }
    if let Some([before, after]) = change.usage {
        let total = |usage: TokenCounts| usage.prompt_tokens.saturating_add(usage.completion_tokens);
        lines.push(format!("usage {} → {} tokens", total(before), total(after)));
    }
    lines
}

fn paths(change: &Change, style: DiffStyle) -> Vec<String> {
    let path = |path: &str| if style.verbose { clean(path).into_owned() } else { short_path(path) };
    let lines = match (&change.before, &change.after) {
        (Some(before), Some(after)) if before != after => {
            vec![format!("from {}", path(before)), format!("to   {}", path(after))]
        }
        (Some(only), _) | (None, Some(only)) => vec![path(only)],
        (None, None) => vec![],
    };
    lines.iter().map(|line| if style.colour { format!("{FAINT}{line}{FAINT:#}") } else { line.clone() }).collect()
}

/// A path with its key cut, so that it can be read. `-v` shows it whole.
pub(super) fn short_path(path: &str) -> String {
    let is_digit = |c: &char| c.is_ascii_hexdigit();
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let cut = match name.strip_suffix(".json") {
        Some(stem) if stem.len() == 64 && stem.chars().all(|c| is_digit(&c)) => format!("{}….json", &stem[..SHORT_KEY]),
        _ => name.to_owned(),
    };
    let path = if folder.is_empty() { cut } else { format!("{folder}/{cut}") };
    clean(&path).into_owned()
}

fn request(change: &Change, style: DiffStyle) -> Vec<String> {
    let mut lines = Vec::new();
    for RequestChange { pointer, before, after } in &change.request {
        lines.extend(wrap::paragraph(&clean(pointer), style.width - 2));
        let shown = match (before, after) {
            // Names, urls and ids are read as a whole; prose word by word.
            (Some(Value::String(before)), Some(Value::String(after))) if !is_name(before) || !is_name(after) => {
                inline_diff::lines(before, after, style.width - 6, style.colour)
            }
            (Some(Value::String(before)), Some(Value::String(after))) => from_to(names(before, after), style.width - 6),
            (before, after) => from_to(values(before.as_ref(), after.as_ref()), style.width - 6),
        };
        lines.extend(indented(cut(shown, style)));
    }
    cut_list(lines, style)
}

/// Whether a text is one word.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME && !text.contains(char::is_whitespace)
}

/// Two names, whole; spelled out where they look the same.
fn names(before: &str, after: &str) -> (String, String) {
    match Unseen::between(before, after) {
        Some(_) => (spelled(before), spelled(after)),
        None => (clean(before).into_owned(), clean(after).into_owned()),
    }
}

fn field(name: &str, before: &Value, after: &Value, style: DiffStyle) -> Vec<String> {
    let name = clean(name).into_owned();
    let last = name.rsplit('/').next().unwrap_or("");
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    if last == "tool_calls" {
        let mut lines = vec![name];
        lines.extend(indented(cut(side_by_side::lines(before, after, style.width - 4), style)));
        return lines;
    }
    // Names are read as a whole; prose word by word.
    let is_prose = !matches!(last, "finish_reason" | "role" | "reasoning_place" | "logprobs");
    if let (true, Some(before), Some(after)) = (is_prose, text(before), text(after)) {
        let mut lines = vec![name];
        lines.extend(indented(cut(inline_diff::lines(&before, &after, style.width - 4, style.colour), style)));
        return lines;
    }
    let shown = |value: &'_ Value| Some(value.clone()).filter(|value| !value.is_null());
    let (before, after) = values(shown(before).as_ref(), shown(after).as_ref());
    let line = format!("{name}: {before} → {after}");
    if wrap::width_of(&line) <= style.width - 2 {
        return vec![line];
    }
    let mut lines = vec![name];
    lines.extend(indented(from_to((before, after), style.width - 4)));
    lines
}

/// Both sides, in one line where they fit, else one below the other.
fn from_to((before, after): (String, String), width: usize) -> Vec<String> {
    let line = format!("{before} → {after}");
    if wrap::width_of(&line) <= width {
        return vec![line];
    }
    inline_diff::name(&before, width).into_iter().chain(inline_diff::name(&format!("→ {after}"), width)).collect()
}

/// Of an answer that is new or gone: how it begins.
fn excerpt(change: &Change, style: DiffStyle) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, both) in change.answer.iter() {
        let said = if both[0].is_null() || change.class == Class::Added { &both[1] } else { &both[0] };
        let last = name.rsplit('/').next().unwrap_or("");
        let text = match said {
            Value::Null | Value::Bool(_) => continue,
            Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Value::Array(calls) if last == "tool_calls" => {
                let names: Vec<&str> = calls.iter().filter_map(|call| call["name"].as_str()).collect();
                names.join(", ")
            }
            other => other.to_string(),
        };
        if matches!(last, "role" | "choices" | "logprobs") || lines.len() >= LINES / 3 {
            continue;
        }
        let text = match text.char_indices().nth(EXCERPT) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        };
        lines.extend(wrap::paragraph(&clean(&format!("{name}: {text}")), style.width - 2));
    }
    lines
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| if line.is_empty() { line } else { format!("  {line}") })
}

fn cut(lines: Vec<String>, style: DiffStyle) -> Vec<String> {
    if style.verbose { lines } else { shorten(lines, LINES) }
}

/// A list of changes may be longer than one text.
fn cut_list(lines: Vec<String>, style: DiffStyle) -> Vec<String> {
    if style.verbose { lines } else { shorten(lines, 2 * LINES) }
}

/// The first `most` lines and the count of the others.
pub(super) fn shorten(mut lines: Vec<String>, most: usize) -> Vec<String> {
    if lines.len() > most + 1 {
        let more = lines.len() - most;
        lines.truncate(most);
        lines.push(format!("… {more} more lines"));
    }
    lines
}
