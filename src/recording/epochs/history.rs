//! What happened to the key: the algorithms that were in force, and the edits that left names behind. Data only.

use super::super::recorder::KeyRules;

/// A set of steps of the normalisation. The lowest four are the replacements of [`super::super::key`], bit by place.
pub(super) type Steps = u8;

pub(super) const FILE_SEARCH: Steps = 0b1111;
pub(super) const DECIMALS: Steps = 1 << 4;
pub(super) const FLOATS: Steps = 1 << 5;
pub(super) const STREAM_OPTIONS: Steps = 1 << 6;
pub(super) const PROJECT_ID: Steps = 1 << 7;
pub(super) const ALL: Steps = Steps::MAX;

/// What a person calls each step, by place.
pub(super) const STEP_NAMES: [&str; 8] =
    ["score", "attributes", "document_id", "citation", "decimals in texts", "floats", "stream_options", "project_id"];

/// A time in which one algorithm was in force: until a change that made old names wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Epoch {
    /// For machines: `before-` and the number of the pull request that ended it.
    pub id: &'static str,
    /// The day it ended.
    pub until: &'static str,
    /// What was done that day, as the end of "before …".
    pub change: &'static str,
    pub(super) steps: Steps,
    pub(super) test_id: TestIdRule,
}

/// What of the test id is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TestIdRule {
    Never,
    /// All of it but for the lists of models of Ollama and at `/v1/models`, where it was left out.
    ExceptTwoLists,
    /// As the rules of a recorder have it.
    Of(KeyRules),
}

/// The algorithms that were in force, newest first: of several that give a name, the newest is the likely one.
pub static EPOCHS: [Epoch; 6] = [
    Epoch {
        id: "before-5173",
        until: "2026-04-09",
        change: "file_search strings were normalised",
        steps: ALL & !FILE_SEARCH,
        test_id: TestIdRule::Of(KeyRules::ThreePaths),
    },
    Epoch {
        id: "before-5120",
        until: "2026-03-18",
        change: "project_id was left out",
        steps: STREAM_OPTIONS | FLOATS | DECIMALS,
        test_id: TestIdRule::Of(KeyRules::ThreePaths),
    },
    Epoch {
        id: "before-4292",
        until: "2026-01-21",
        change: "stream_options was left out for Bedrock",
        steps: FLOATS | DECIMALS,
        test_id: TestIdRule::Of(KeyRules::ThreePaths),
    },
    Epoch {
        id: "before-4053",
        until: "2025-11-03",
        change: "all tests shared the lists of /v1/openai/v1/models",
        steps: FLOATS | DECIMALS,
        test_id: TestIdRule::ExceptTwoLists,
    },
    Epoch {
        id: "before-3403",
        until: "2025-10-09",
        change: "floats were rounded",
        steps: 0,
        test_id: TestIdRule::ExceptTwoLists,
    },
    Epoch {
        id: "before-3681",
        until: "2025-10-04",
        change: "test ids were part of the key",
        steps: 0,
        test_id: TestIdRule::Never,
    },
];

/// A search-and-replace that was run over recordings without giving them their new names.
#[derive(Debug, PartialEq, Eq)]
pub struct Rename {
    /// For machines: `renamed-` and the number of the pull request.
    pub id: &'static str,
    /// The day it was merged.
    pub date: &'static str,
    /// What became what.
    pub what: &'static str,
    /// Several words became one, so there are several ways back: each is tried, its pairs (now, then) in order.
    pub(super) ways_back: &'static [&'static [(&'static str, &'static str)]],
}

/// Each way back to llama-stack: what has one origin only, then what stands for the capital and the small word.
macro_rules! from_ogx {
    ($($upper:literal and $lower:literal),*) => {
        &[$(&[
            ("X-OGX", "X-LlamaStack"), ("OGX_", "LLAMA_STACK_"), ("OgxClient", "LlamaStackClient"),
            ("ogx-ai/ogx", "llamastack/llama-stack"), ("OGX", $upper), ("Ogx", "LlamaStack"), ("ogx", $lower),
        ]),*]
    };
}

/// The edits that are known.
pub static RENAMES: [Rename; 1] = [Rename {
    id: "renamed-5613",
    date: "2026-04-24",
    what: "llama_stack -> ogx",
    ways_back: from_ogx!(
        "Llama Stack" and "llama_stack",
        "Llama Stack" and "llama-stack",
        "LlamaStack" and "llama_stack",
        "LlamaStack" and "llama-stack",
        "Llama-Stack" and "llama-stack",
        "llama-stack" and "llama-stack",
        "Llama Stack" and "llamastack"
    ),
}];

/// What stood before the endpoint in recorded urls: the paths to try when a url was edited.
pub(super) const BASES: [&str; 7] =
    ["/openai/v1", "/v1", "", "/v1/openai/v1", "/ml/v1", "/v1beta/openai", "/inference/v1"];
