//! The styles of what is printed, and how counts and severities are worded.

use anstyle::{AnsiColor, Style};

use crate::report::Severity;

/// What went wrong.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What may go wrong.
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What is well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What a line is about.
pub(super) const STRONG: Style = Style::new().bold();
/// What is beside the point.
pub(super) const FAINT: Style = Style::new().dimmed();

pub(super) fn plural(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// How a severity is shown.
pub(super) fn severity(severity: Severity) -> (Style, &'static str) {
    match severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
    }
}
