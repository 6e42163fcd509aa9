//! Findings as annotations of a GitHub Actions run.

use std::io::{self, Write};

use crate::report::{Severity, VerifyReport};

use super::escape::{annotation, property};

/// GitHub shows so many annotations of a level for each step; more would be dropped without a word.
const SHOWN: usize = 10;

pub(super) fn write(out: &mut dyn Write, report: &VerifyReport) -> io::Result<()> {
    for (severity, level) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.severity == severity).collect();
        for finding in findings.iter().take(SHOWN) {
            let place = if finding.pointer.is_empty() { String::new() } else { format!(" at {}", finding.pointer) };
            let text = format!("{}{place}; {}", finding.message, finding.help);
            writeln!(out, "::{level} file={},title={}::{}", property(&finding.path), finding.rule, annotation(&text))?;
        }
        if findings.len() > SHOWN {
            writeln!(
                out,
                "::notice title=bedrock-fixtures::{} more findings of level {level}",
                findings.len() - SHOWN
            )?;
        }
    }
    writeln!(out, "{} recordings checked, {} findings", report.checked, report.findings.len())
}
