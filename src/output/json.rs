//! Reports as JSON, `"schema": 1`.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::Report;

use super::escape::Json;

#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: u32,
    command: &'a str,
    #[serde(flatten)]
    report: &'a T,
}

/// Writes one object and a line feed.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    match report {
        Report::Verify(report) => envelope(out, "verify", report),
        Report::Rules(rules) => envelope(out, "verify", &serde_json::json!({ "rules": rules })),
        Report::Record(report) => envelope(out, "record", report),
        Report::ReplayCheck(report) => envelope(out, "replay-check", report),
        Report::Explain(report) => envelope(out, "explain", report),
        Report::Hashed(text) => envelope(out, "explain", &serde_json::json!({ "hashed": text })),
        Report::Prune(report) => envelope(out, "prune", report),
        Report::Rekey(report) => envelope(out, "rekey", report),
        Report::VerifyToken(report) => envelope(out, "verify-token", report),
        Report::MintToken(report) => envelope(out, "mint-token", report),
        Report::Diff(report) => envelope(out, "diff", report),
        Report::Outline(report) => envelope(out, "diff", report),
        Report::Doctor(report) => envelope(out, "doctor", report),
        Report::Init(report) => envelope(out, "init", report),
        Report::Page(report) => envelope(out, report.command, report),
        Report::Demo(report) => envelope(out, "demo", report),
    }
}

fn envelope<T: Serialize>(out: &mut dyn Write, command: &str, report: &T) -> io::Result<()> {
    let formatter = Json(serde_json::ser::CompactFormatter);
    let mut writer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    Envelope { schema: 1, command, report }.serialize(&mut writer)?;
    out.write_all(b"\n")
}
