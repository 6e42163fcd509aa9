//! The message to a client about a request without a recording: `explain` in one paragraph.

use crate::report::Miss;
use crate::report::serve::ServedMiss;

/// The message for a native call.
pub(super) const NATIVE: &str =
    "this server answers the OpenAI-compatible API of Bedrock; Converse and InvokeModel are not recorded";

/// A request that is not answered, for another reason than that nothing has its key.
pub(super) fn miss_without_key(method: &str, path: &str, test_id: Option<String>, why: &str) -> ServedMiss {
    let (looked_up, nearest, cause) = (vec![], vec![], Some(why.to_owned()));
    let miss = Miss { test_id, key: String::new(), looked_up, nearest, cause };
    ServedMiss { miss, method: method.to_owned(), path: path.to_owned(), message: why.to_owned() }
}

/// A miss in one paragraph.
pub(super) fn message(miss: &Miss, method: &str, path: &str) -> String {
    let test =
        miss.test_id.as_deref().map_or("a request without a test id".to_owned(), |test| format!("a request of {test}"));
    let mut message = format!("no recording answers {test} ({method} {path}, key {})", &miss.key[..12]);
    if let Some(cause) = &miss.cause {
        message += &format!(": {cause}");
    }
    if let Some(near) = miss.nearest.first() {
        message += &format!(". The nearest recording is {}", near.path);
        if let Some(difference) = near.differences.first() {
            let shown = |value: &Option<serde_json::Value>| {
                value.as_ref().map_or("nothing".to_owned(), |value| {
                    let text = value.to_string();
                    let cut: String = text.chars().take(120).collect();
                    if cut.len() < text.len() { cut + "…" } else { cut }
                })
            };
            message += &format!(
                "; at {} it has {} and the request has {}",
                if difference.pointer.is_empty() { "/" } else { &difference.pointer },
                shown(&difference.found),
                shown(&difference.expected)
            );
        }
    }
    message
}
