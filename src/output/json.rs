//! Reports as JSON, `"schema": 1`.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::{RecorderRow, Report, ServeReport};

use super::escape::Json;

#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: u32,
    command: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorder: Option<&'a RecorderRow>,
    #[serde(flatten)]
    report: &'a T,
}

/// Writes one object and a line feed.
pub fn write(out: &mut dyn Write, report: &Report, recorder: Option<&RecorderRow>) -> io::Result<()> {
    match report {
        Report::Verify(report) => envelope(out, "verify", recorder, report),
        Report::Rules(rules) => envelope(out, "verify", recorder, &serde_json::json!({ "rules": rules })),
        Report::Record(report) => envelope(out, "record", recorder, report),
        Report::ReplayCheck(report) => envelope(out, "replay-check", recorder, report),
        Report::Explain(report) => envelope(out, "explain", recorder, report),
        Report::Hashed(text) => envelope(out, "explain", recorder, &serde_json::json!({ "hashed": text })),
        Report::Prune(report) => envelope(out, "prune", recorder, report),
        Report::Rekey(report) => envelope(out, "rekey", recorder, report),
        Report::VerifyToken(report) => envelope(out, "verify-token", recorder, report),
        Report::MintToken(report) => envelope(out, "mint-token", recorder, report),
        Report::Diff(report) => envelope(out, "diff", recorder, report),
        Report::Outline(report) => envelope(out, "diff", recorder, report),
        Report::Doctor(report) => envelope(out, "doctor", recorder, report),
        Report::Evidence(report) => envelope(out, "evidence", recorder, report),
        Report::Init(report) => envelope(out, "init", recorder, report),
        Report::Review(report) => envelope(out, report.command, recorder, report),
        Report::Serve(report) => envelope(out, "serve", recorder, report),
        Report::Page(report) => envelope(out, report.command, recorder, report),
        Report::Demo(report) => envelope(out, "demo", recorder, report),
    }
}

/// The receipt of a server, as its clients get it too.
pub(super) fn write_serve(out: &mut dyn Write, report: &ServeReport) -> io::Result<()> {
    envelope(out, "serve", None, report)
}

fn envelope<T: Serialize>(
    out: &mut dyn Write,
    command: &str,
    recorder: Option<&RecorderRow>,
    report: &T,
) -> io::Result<()> {
    let formatter = Json(serde_json::ser::CompactFormatter);
    let mut writer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    Envelope { schema: 1, command, recorder, report }.serialize(&mut writer)?;
    out.write_all(b"\n")
}
