//! What the other files get: attributes, ignored files, cases. Pure.

/// A text with a line at its end, in its own style.
pub(crate) fn with_line(text: Option<&str>, line: &str) -> String {
    let text = text.unwrap_or("");
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { ending };
    format!("{text}{gap}{line}{ending}")
}

/// One case to begin with.
pub(crate) fn cases(test_id: &str, model: &str) -> String {
    let body = serde_json::json!({
        "model": model,
        "messages": [{ "role": "user", "content": "Which planet has rings?" }],
    });
    format!("{}\n", serde_json::json!({ "test_id": test_id, "body": body }))
}

/// The configuration file: every setting as a comment, and the region if it was given.
pub(super) fn config(region: Option<&str>) -> String {
    let region = match region {
        Some(region) => format!("region = \"{region}\"\n"),
        None => "# region = \"us-west-2\"\n".to_owned(),
    };
    "# Settings of bedrock-fixtures. Flags and environment variables win. See `bedrock-fixtures help configuration`.\n\n\
     # The recorder and SDK, by default those of the lock file, the environment or the recordings.\n\
     # ogx = \"1.5.0\"\n# openai-sdk = \"3.57.0\"\n\n"
        .to_owned()
        + &region
        + "# endpoint-url = \"http://127.0.0.1:8000/openai/v1\"\n# allow-status = [400]\n# concurrency = 4\n\n\
           # select = [\"secret\"]\n# ignore = [\"oversize\"]\n# baseline = \"baseline.json\"\n\n\
           # [per-path-ignores]\n# \"tests/old/**\" = [\"noise\"]\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_nothing_else_changes() {
        for (text, whole) in [
            (None, "x\n"),
            (Some("a\n"), "a\nx\n"),
            (Some("a"), "a\nx\n"),
            (Some("a\r\n"), "a\r\nx\r\n"),
            (Some(""), "x\n"),
        ] {
            assert_eq!(with_line(text, "x"), whole);
        }
    }
}
