//! The fields of an answer, as the classes of the `openai` SDK declare them, from 2.5 on.
//!
//! A class is a list of rows in the order of its fields. A row without a version holds for all; `since(…)` and `until(…)`
//! bound it (`until` is the first version without the row). So a new field of the SDK is one row with `since`, and a field
//! that moved is two rows. `tests/fixtures/recorder/sdk_layout.py` prints the table of an installed SDK, and a test
//! compares it with this one.

use super::kinds::FieldKind::{self, Float, Int, List, Literal, Map, Object, Text, Truth, Union};
use super::kinds::{Field, Model};
use crate::recording::version::SdkVersion;

/// The newest version that this table was compared with.
pub(super) const NEWEST: SdkVersion = SdkVersion::new(3, 57, 0);

/// The oldest version that this table was compared with.
pub(super) const OLDEST: SdkVersion = SdkVersion::new(2, 5, 0);

/// From here on the text of an HTTP error is its message alone.
pub(super) const SHORT_ERROR_TEXT: SdkVersion = SdkVersion::new(3, 38, 0);

/// From here on a stream that breaks raises the SDK's own exceptions, not those of its HTTP client.
pub(super) const OWN_STREAM_FAILURES: SdkVersion = SdkVersion::new(3, 13, 0);

const fn must(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, optional: false, since: None, until: None }
}

const fn may(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, optional: true, since: None, until: None }
}

const V2_41: SdkVersion = SdkVersion::new(2, 41, 0);
const V2_45: SdkVersion = SdkVersion::new(2, 45, 0);
const V2_51: SdkVersion = SdkVersion::new(2, 51, 0);
const V3_1: SdkVersion = SdkVersion::new(3, 1, 0);
const V3_2: SdkVersion = SdkVersion::new(3, 2, 0);
const V3_4: SdkVersion = SdkVersion::new(3, 4, 0);
const V3_25: SdkVersion = SdkVersion::new(3, 25, 0);

const FINISH_REASON: FieldKind = Literal(&["stop", "length", "tool_calls", "content_filter", "function_call"]);
const TIER_WITHOUT_FAST: FieldKind = Literal(&["auto", "default", "flex", "scale", "priority"]);
const TIER: FieldKind = Literal(&["auto", "default", "flex", "scale", "priority", "fast"]);
const TOKENS: FieldKind = List(&Object(&TOKEN_LOGPROB));

pub(super) static CHAT_COMPLETION: Model = Model {
    fields: &[
        must("id", Text),
        must("choices", List(&Object(&CHOICE))),
        must("created", Int),
        must("model", Text),
        must("object", Literal(&["chat.completion"])),
        may("metadata", Map(&Text)).since(V3_2),
        may("moderation", Object(&MODERATION)).since(V2_41),
        may("service_tier", TIER_WITHOUT_FAST).until(V2_51),
        may("service_tier", TIER).since(V2_51),
        may("system_fingerprint", Text),
        may("usage", Object(&USAGE)),
    ],
};

static CHOICE: Model = Model {
    fields: &[
        must("finish_reason", FINISH_REASON),
        must("index", Int),
        may("logprobs", Object(&LOGPROBS)),
        must("message", Object(&MESSAGE)),
    ],
};

static MESSAGE: Model = Model {
    fields: &[
        may("content", Text),
        may("refusal", Text),
        must("role", Literal(&["assistant"])),
        may("annotations", List(&Object(&ANNOTATION))),
        may("audio", Object(&AUDIO)),
        may("function_call", Object(&FUNCTION)),
        may("tool_calls", List(&Union(&[("function", &FUNCTION_TOOL_CALL), ("custom", &CUSTOM_TOOL_CALL)]))),
    ],
};

static ANNOTATION: Model =
    Model { fields: &[must("type", Literal(&["url_citation"])), must("url_citation", Object(&URL_CITATION))] };

static URL_CITATION: Model =
    Model { fields: &[must("end_index", Int), must("start_index", Int), must("title", Text), must("url", Text)] };

static AUDIO: Model =
    Model { fields: &[must("id", Text), must("data", Text), must("expires_at", Int), must("transcript", Text)] };

static FUNCTION: Model = Model { fields: &[must("arguments", Text), must("name", Text)] };

static FUNCTION_TOOL_CALL: Model =
    Model { fields: &[must("id", Text), must("function", Object(&FUNCTION)), must("type", Literal(&["function"]))] };

static CUSTOM: Model = Model { fields: &[must("input", Text), must("name", Text)] };

static CUSTOM_TOOL_CALL: Model =
    Model { fields: &[must("id", Text), must("custom", Object(&CUSTOM)), must("type", Literal(&["custom"]))] };

static LOGPROBS: Model = Model { fields: &[may("content", TOKENS), may("refusal", TOKENS)] };

static TOKEN_LOGPROB: Model = Model {
    fields: &[
        must("token", Text),
        may("bytes", List(&Int)),
        must("logprob", Float),
        must("top_logprobs", List(&Object(&TOP_LOGPROB))),
    ],
};

static TOP_LOGPROB: Model = Model { fields: &[must("token", Text), may("bytes", List(&Int)), must("logprob", Float)] };

static MODERATION: Model = Model { fields: &[must("input", MODERATED), must("output", MODERATED)] };

const MODERATED: FieldKind = Union(&[("moderation_results", &MODERATION_RESULTS), ("error", &MODERATION_ERROR)]);

static MODERATION_RESULTS: Model = Model {
    fields: &[
        must("model", Text),
        must("results", List(&Object(&MODERATION_RESULT))),
        must("type", Literal(&["moderation_results"])),
    ],
};

static MODERATION_RESULT: Model = Model {
    fields: &[
        must("categories", Map(&Truth)),
        must("category_applied_input_types", Map(&List(&Literal(&["text", "image"])))),
        must("category_scores", Map(&Float)),
        must("flagged", Truth),
        must("model", Text),
        must("type", Literal(&["moderation_result"])),
    ],
};

static MODERATION_ERROR: Model =
    Model { fields: &[must("code", Text), must("message", Text), must("type", Literal(&["error"]))] };

static USAGE: Model = Model {
    fields: &[
        must("completion_tokens", Int),
        must("prompt_tokens", Int),
        must("total_tokens", Int),
        may("completion_tokens_details", Object(&COMPLETION_DETAILS)),
        may("prompt_tokens_details", Object(&PROMPT_DETAILS)),
    ],
};

static COMPLETION_DETAILS: Model = Model {
    fields: &[
        may("accepted_prediction_tokens", Int),
        may("audio_tokens", Int),
        may("reasoning_tokens", Int),
        may("rejected_prediction_tokens", Int),
        may("text_tokens", Int).since(V3_1),
    ],
};

static PROMPT_DETAILS: Model = Model {
    fields: &[
        may("audio_tokens", Int),
        may("cache_write_tokens", Int).since(V2_45),
        may("cached_tokens", Int),
        may("image_tokens", Int).since(V3_1),
        may("text_tokens", Int).since(V3_1),
    ],
};

pub(super) static CHAT_COMPLETION_CHUNK: Model = Model {
    fields: &[
        must("id", Text),
        must("choices", List(&Object(&CHUNK_CHOICE))),
        must("created", Int),
        must("model", Text),
        must("object", Literal(&["chat.completion.chunk"])),
        may("moderation", Object(&MODERATION)).since(V2_41),
        may("obfuscation", Text).since(V3_4),
        may("service_tier", TIER_WITHOUT_FAST).until(V2_51),
        may("service_tier", TIER).since(V2_51),
        may("system_fingerprint", Text),
        may("usage", Object(&USAGE)),
    ],
};

static CHUNK_CHOICE: Model = Model {
    fields: &[
        must("delta", Object(&DELTA)),
        may("finish_reason", FINISH_REASON).until(V3_25),
        must("index", Int),
        may("finish_reason", FINISH_REASON).since(V3_25),
        may("logprobs", Object(&LOGPROBS)),
    ],
};

static DELTA: Model = Model {
    fields: &[
        may("audio", Object(&DELTA_AUDIO)).since(V3_25),
        may("content", Text),
        may("function_call", Object(&DELTA_FUNCTION)),
        may("refusal", Text),
        may("role", Literal(&["developer", "system", "user", "assistant", "tool"])),
        may("tool_calls", List(&Object(&DELTA_TOOL_CALL))),
    ],
};

static DELTA_AUDIO: Model =
    Model { fields: &[may("id", Text), may("data", Text), may("expires_at", Int), may("transcript", Text)] };

static DELTA_FUNCTION: Model = Model { fields: &[may("arguments", Text), may("name", Text)] };

static DELTA_TOOL_CALL: Model = Model {
    fields: &[
        must("index", Int),
        may("id", Text),
        may("function", Object(&DELTA_FUNCTION)),
        may("type", Literal(&["function"])),
    ],
};
