//! What differs between two answers that say the same: the one list of it.
//!
//! Noise is data on which no test can rely: ids, times, token counts, padding, fingerprints. The model is not noise,
//! except for the date of its version. A shared id of two tool calls, or a missing one, is not noise either.

/// Members at the top of a completion that say nothing about what was answered.
const OF_COMPLETIONS: [&str; 12] = [
    "id",
    "created",
    "created_at",
    "object",
    "service_tier",
    "system_fingerprint",
    "obfuscation",
    "metadata",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
];

/// Members, at any depth, of the answers of other operations: embeddings, lists, messages.
const OF_OTHERS: [&str; 23] = [
    "created",
    "created_at",
    "create_time",
    "date",
    "eval_count",
    "eval_duration",
    "expires_at",
    "interaction_id",
    "load_duration",
    "metadata",
    "obfuscation",
    "prompt_eval_count",
    "prompt_eval_duration",
    "response_id",
    "sdk_http_response",
    "service_tier",
    "signature",
    "system_fingerprint",
    "thought_signature",
    "total_duration",
    "updated",
    "usage",
    "usage_metadata",
];

/// Members at the top of an answer that name the model.
const MODELS: [&str; 3] = ["model", "model_id", "model_version"];

/// Ids in the answers of other operations. Those of models and of what a tool said are data.
const IDS: [&str; 4] = ["id", "item_id", "tool_use_id", "call_id"];

/// Durations, which the recorder replaces by 0.
pub const DURATIONS: [&str; 4] = ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

/// Members of an answer that are times, and what the recorder writes for them, unless it is null.
pub const CONSTANT_TIMES: [(&str, &[u8]); 6] = [
    ("created", b"0"),
    ("created_at", b"\"1970-01-01T00:00:00.000000Z\""),
    (DURATIONS[0], b"0"),
    (DURATIONS[1], b"0"),
    (DURATIONS[2], b"0"),
    (DURATIONS[3], b"0"),
];

/// Whether a member at the top of a completion is noise.
pub fn of_completion(name: &str) -> bool {
    OF_COMPLETIONS.contains(&name)
}

/// Whether a member of another answer is noise, its ids included.
pub fn of_other(name: &str) -> bool {
    OF_OTHERS.contains(&name) || is_id(name)
}

/// Whether a member is an id that is random where it is not data.
pub fn is_id(name: &str) -> bool {
    IDS.contains(&name)
}

/// Whether a member names the model.
pub fn names_model(name: &str) -> bool {
    MODELS.contains(&name)
}

/// The name of a model without the date of its version: the answer to an alias names a dated version, which changes
/// over time.
pub fn undated(model: &str) -> &str {
    // `-2024-08-06`, `-20240806`, `@20240806`.
    for length in [11, 9] {
        let cut = model.len().checked_sub(length).filter(|cut| *cut > 0);
        let Some((name, end)) = cut.and_then(|cut| model.split_at_checked(cut)) else { continue };
        if end.strip_prefix(['-', '@']).is_some_and(is_date) {
            return name;
        }
    }
    model
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes[at].is_ascii_digit();
    match bytes.len() {
        8 => text.starts_with("20") && (0..8).all(is_digit),
        10 => {
            text.starts_with("20")
                && (0..10).all(|at| if matches!(at, 4 | 7) { bytes[at] == b'-' } else { is_digit(at) })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::undated;

    #[test]
    fn only_a_date_is_left_out_of_the_name_of_a_model() {
        for (model, expected) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
            ("claude-3-5-haiku@20241022", "claude-3-5-haiku"),
            ("openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b-1:0"),
            ("gpt-4-0613", "gpt-4-0613"),
            ("m-12345678", "m-12345678"),
            ("-2024-08-06", "-2024-08-06"),
            ("modell-é", "modell-é"),
            ("\u{202e}@octocat", "\u{202e}@octocat"),
            ("é-20241022", "é"),
            ("", ""),
        ] {
            assert_eq!(undated(model), expected);
        }
    }
}
