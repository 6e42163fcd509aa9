//! The plan of `rekey`, or what came of it, for people.

use std::io::{self, Write};

use crate::report::{LeftAlone, Moved, RekeyReport};

use super::Verbosity;
use super::escape::clean;
use super::palette::{ERROR, FAINT, GOOD, STRONG, WARNING, plural};
use super::short_keys::SHORT_KEY;

pub(super) fn write(out: &mut dyn Write, report: &RekeyReport, verbosity: Verbosity) -> io::Result<()> {
    let full = verbosity == Verbosity::Verbose;
    if !report.shown && (verbosity != Verbosity::Quiet || !report.applied) {
        moves(out, &report.moves, full)?;
        collisions(out, report)?;
    }
    left(out, "refused", &report.refused)?;
    if verbosity == Verbosity::Quiet {
        return Ok(());
    }
    left(out, "left", &report.left)?;
    if full && !report.git_checked {
        writeln!(out, "{FAINT}uncommitted changes were not checked{FAINT:#}")?;
    }
    summary(out, report)
}

/// One line a move, below a line for each pair of folders.
fn moves(out: &mut dyn Write, moves: &[Moved], full: bool) -> io::Result<()> {
    let mut by_folders: Vec<(&str, &str, &Moved)> =
        moves.iter().map(|moved| (split(&moved.from).0, split(&moved.to).0, moved)).collect();
    by_folders.sort_by_key(|(from, to, moved)| (*from, *to, moved.from.as_str()));
    for group in by_folders.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (from, to, _) = group[0];
        match from == to {
            true => writeln!(out, "{STRONG}{}{STRONG:#}", clean(from))?,
            false => writeln!(out, "{STRONG}{} → {}{STRONG:#}", clean(from), clean(to))?,
        }
        for (_, _, moved) in group {
            let (old, new) = (split(&moved.from).1, split(&moved.to).1);
            if old == new {
                writeln!(out, "  {}", name(old, full))?;
            } else {
                writeln!(out, "  {} → {}", name(old, full), name(new, full))?;
            }
        }
    }
    Ok(())
}

fn collisions(out: &mut dyn Write, report: &RekeyReport) -> io::Result<()> {
    for collision in &report.collisions {
        match &collision.answers {
            None => {
                writeln!(out, "{WARNING}stale twin{WARNING:#} {}", clean(&collision.from))?;
                writeln!(out, "    has the same answer as {}", clean(&collision.other))?;
            }
            Some([one, other]) => {
                writeln!(out, "{ERROR}collision{ERROR:#} two answers for {}", clean(&collision.to))?;
                writeln!(out, "    {}: {}", clean(&collision.from), clean(one))?;
                writeln!(out, "    {}: {}", clean(&collision.other), clean(other))?;
            }
        }
    }
    Ok(())
}

fn left(out: &mut dyn Write, word: &str, files: &[LeftAlone]) -> io::Result<()> {
    for LeftAlone { path, reason } in files {
        writeln!(out, "{WARNING}{word}{WARNING:#} {}", clean(path))?;
        writeln!(out, "    {}", clean(reason))?;
    }
    Ok(())
}

fn summary(out: &mut dyn Write, report: &RekeyReport) -> io::Result<()> {
    let checked = plural(report.checked, "recording");
    if report.is_settled() {
        return writeln!(out, "{GOOD}{checked} checked, nothing to rekey{GOOD:#}");
    }
    let conflicts = report.conflicts();
    let twins = report.collisions.len() - conflicts;
    let in_place = report.moves.iter().filter(|moved| moved.from == moved.to).count();
    let verb = |planned, done| if report.applied { done } else { planned };
    let counts: Vec<String> = [
        (report.moves.len() - in_place, verb("to move", "moved").to_owned()),
        (in_place, verb("to change in place", "changed in place").to_owned()),
        (twins, format!("stale twin{} {}", if twins == 1 { "" } else { "s" }, verb("to drop", "dropped"))),
        (conflicts, "in conflict".to_owned()),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let counts = format!("{} of {checked}", counts.join(", "));
    if report.applied {
        writeln!(out, "{GOOD}{counts}{GOOD:#}")
    } else if conflicts > 0 {
        writeln!(
            out,
            "{ERROR}{counts}{ERROR:#}; nothing was changed; delete one of each pair, or exclude them by giving PATHs"
        )
    } else if report.shown || !report.refused.is_empty() {
        writeln!(out, "{ERROR}{counts}{ERROR:#}; nothing was changed")
    } else {
        writeln!(out, "{STRONG}{counts}{STRONG:#}; nothing was changed yet; --yes does it")
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or((".", path))
}

/// A file name, with its key cut short unless `full`: 64 hex digits twice are more than a line holds.
fn name(name: &str, full: bool) -> String {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let is_hex = |part: &str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let short = |part: &str| if is_hex(part) && !full { format!("{}…", &part[..SHORT_KEY]) } else { part.to_owned() };
    clean(&stem.split('-').map(short).collect::<Vec<_>>().join("-")).into_owned()
}
