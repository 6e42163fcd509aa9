//! How answers are laid out by one version of the SDK.

use std::fmt;

use super::kinds::Model;
use super::{failures, table};
use crate::recording::version::SdkVersion;

/// The two types of answer that chat completions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerType {
    /// One object.
    Completion,
    /// One element of a stream.
    Chunk,
}

impl AnswerType {
    /// The name in `__type__`, which the replayer imports.
    pub fn python_name(self) -> &'static str {
        match self {
            AnswerType::Completion => "openai.types.chat.chat_completion.ChatCompletion",
            AnswerType::Chunk => "openai.types.chat.chat_completion_chunk.ChatCompletionChunk",
        }
    }
}

/// How answers are laid out: as one version of the SDK does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    version: SdkVersion,
}

impl Layout {
    /// The newest layout that is known.
    pub const NEWEST: Layout = Layout { version: table::NEWEST };

    /// The layout of every recording that names no version: such files are older than the first change.
    pub const UNNAMED: Layout = Layout { version: SdkVersion::new(2, 40, 0) };

    /// The layout of a version. One newer than the table has the newest layout, see [`Layout::is_newer_than_known`]; one
    /// that is older than the table has the oldest.
    pub fn of(version: SdkVersion) -> Layout {
        Layout { version: version.clamp(table::OLDEST, table::NEWEST) }
    }

    /// Whether a version is newer than the table, so that its layout is a guess.
    pub fn is_newer_than_known(version: SdkVersion) -> bool {
        version > table::NEWEST
    }

    /// The version of the SDK that has this layout.
    pub fn version(self) -> SdkVersion {
        self.version
    }

    /// Whether the text of an HTTP error is `Error code: N - <message>`; before, it held the whole body as Python
    /// represents it.
    pub fn has_short_error_text(self) -> bool {
        self.version >= table::SHORT_ERROR_TEXT
    }

    /// What happened to a call that raised an exception of this type and had no HTTP status.
    pub fn explain_failure(self, type_name: &str) -> Option<&'static str> {
        failures::explain(type_name, self.version)
    }

    /// The table as text, one line an object, as `tests/fixtures/recorder/sdk_layout.py` prints it for an installed SDK.
    pub fn describe(self) -> String {
        let mut lines = vec![format!("openai {self}")];
        for (place, answer_type) in [("completion", AnswerType::Completion), ("chunk", AnswerType::Chunk)] {
            self.model(answer_type).describe(place, self.version, &mut lines);
        }
        lines.join("\n") + "\n"
    }

    pub(in crate::recording) fn model(self, answer_type: AnswerType) -> &'static Model {
        match answer_type {
            AnswerType::Completion => &table::CHAT_COMPLETION,
            AnswerType::Chunk => &table::CHAT_COMPLETION_CHUNK,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.version.fmt(f)
    }
}
