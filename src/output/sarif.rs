//! Findings as SARIF 2.1.0, for code scanning.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize as _;
use serde_json::{Value, json};

use super::escape;
use crate::report::{Finding, RuleRow, Severity, VerifyReport};

pub(super) fn write(out: &mut dyn Write, report: &VerifyReport) -> io::Result<()> {
    let rules: Vec<Value> = report.rules.iter().map(rule).collect();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(finding, &report.rules)).collect();
    let driver = json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": "https://crates.io/crates/bedrock-fixtures",
        "rules": rules,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}],
    });
    let formatter = escape::Json(serde_json::ser::PrettyFormatter::new());
    log.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(rule: &RuleRow) -> Value {
    json!({
        "id": rule.rule,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.mend},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn result(finding: &Finding, rules: &[RuleRow]) -> Value {
    let location = json!({
        "physicalLocation": {"artifactLocation": {"uri": uri(&finding.path), "uriBaseId": "%SRCROOT%"}},
        "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
    });
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| rule.rule == finding.rule),
        "level": level(finding.severity),
        "message": {"text": escape::sarif(&format!("{}; {}", finding.message, finding.help))},
        "locations": [location],
    })
}

/// A relative path as a URI reference: characters that RFC 3986 reserves are escaped.
fn uri(path: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
    utf8_percent_encode(path, ESCAPED).to_string()
}
