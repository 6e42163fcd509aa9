//! What the other files get: attributes, ignored files, cases. Pure.

/// The bytes of a text with a line added at the end, with the line ending of the line before it. Fails for files that are
/// not text.
pub(crate) fn with_line(bytes: Option<&[u8]>, line: &str) -> Result<Vec<u8>, &'static str> {
    let bytes = bytes.unwrap_or_default();
    if let Some(why) = unreadable(bytes) {
        return Err(why);
    }
    let ending = ending_before(bytes, bytes.len());
    let is_open = !bytes.is_empty() && !bytes.ends_with(b"\n") && bytes != b"\xef\xbb\xbf";
    let mut new = bytes.to_vec();
    new.extend([if is_open { ending } else { "" }, line, ending].concat().bytes());
    Ok(new)
}

/// Why lines cannot be added to a file.
pub(crate) fn unreadable(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        Some("it is UTF-16; convert it to UTF-8 first")
    } else if bytes.contains(&0) {
        Some("it holds NUL bytes, so it is not a text file")
    } else {
        None
    }
}

/// The line ending of the last line that ends before an offset.
pub(crate) fn ending_before(bytes: &[u8], at: usize) -> &'static str {
    let last =
        bytes[..at].iter().rposition(|byte| *byte == b'\n').or_else(|| bytes.iter().position(|byte| *byte == b'\n'));
    match last {
        Some(end) if end > 0 && bytes[end - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// What the first case says of itself.
const EXAMPLE: &str = "an example: put a test id of your own and its request in its place";

/// An example of a case.
pub(crate) fn cases(folder: &str, model: &str) -> String {
    // Not the id of a real test: its recordings would be read in place of the test's own.
    let test_id = format!("{folder}/test_example.py::test_rings[txt=bedrock/{model}]");
    let body = serde_json::json!({
        "model": model,
        "messages": [{ "role": "user", "content": "Which planet has rings?" }],
    });
    format!("{}\n", serde_json::json!({ "comment": EXAMPLE, "test_id": test_id, "body": body }))
}

/// The configuration file: every setting as a comment, but for the region and the baseline if there is one.
pub(super) fn config(region: Option<&str>, baseline: Option<&str>) -> String {
    let baseline = match baseline {
        Some(file) => format!("baseline = \"{file}\"\n"),
        None => "# baseline = \"baseline.json\"\n".to_owned(),
    };
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
           # select = [\"secret\"]\n# ignore = [\"oversize\"]\n"
        + &baseline
        + "\n# [per-path-ignores]\n# \"tests/old/**\" = [\"noise\"]\n"
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
            (Some("a\nb\r\n"), "a\nb\r\nx\r\n"),
            (Some("a\r\nb\n"), "a\r\nb\nx\n"),
            (Some("a\r\nb"), "a\r\nb\r\nx\r\n"),
            (Some("\u{feff}"), "\u{feff}x\n"),
        ] {
            assert_eq!(with_line(text.map(str::as_bytes), "x").unwrap(), whole.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_stay() {
        assert_eq!(with_line(Some(b"caf\xe9"), "x").unwrap(), b"caf\xe9\nx\n");
        for bytes in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"a\0"] {
            assert!(with_line(Some(bytes), "x").is_err(), "{bytes:?}");
        }
    }
}
