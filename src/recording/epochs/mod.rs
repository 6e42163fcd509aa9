//! Explains the name of a file: older algorithms of the key, and known edits that broke names.
//!
//! A recording does not name its algorithm, so all are tried: [`EPOCHS`] are the former ones, newest first, and parts
//! of the change that ended one, for recordings made during that change. Each is tried on the current content and on
//! the content with a known edit undone: [`RENAMES`], the test id, the path of the url. An explanation is a hash that
//! fits. If none fits, the id that the recorder wrote into the answer shows what was changed.

mod back;
mod content;
mod history;
mod origin;
mod search;

use std::fmt;

use super::document::Recording;
use super::json::Value;
use super::key::RequestKey;
use super::name::FileName;
use super::recorder::KeyRules;

pub use history::{EPOCHS, Epoch, RENAMES, Rename};
pub use origin::{Algorithm, Edit, Origin, Tried};

/// Why a name is not the key of the request under today's algorithm. `Display` is one sentence, which may quote the
/// recording: clean it before it is printed on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// The name is the key: there is nothing to explain.
    Right,
    /// The name is a key that this content had.
    Named {
        /// How it comes out.
        origin: Origin,
        /// The form of the key in the name.
        shape: Shape,
    },
    /// Nothing gives the name, but the ids in the answer are of a key that this content had: the file was renamed.
    FileRenamed {
        /// How that key comes out.
        origin: Origin,
        /// The key.
        key: RequestKey,
    },
    /// The ids in the answer are of this name, so it was recorded under it, and the request is another now.
    RequestChanged {
        /// What was excluded.
        tried: Tried,
    },
    /// The ids in the answer are of another name, which nothing gives either.
    ForeignAnswer {
        /// The first of the ids.
        id: String,
        /// What was excluded.
        tried: Tried,
    },
    /// Nothing is known but what it is not.
    Unexplained {
        /// What was excluded.
        tried: Tried,
    },
}

/// The form of a key in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As the recorder writes it.
    Whole,
    /// Only its first digits: names had 12 once.
    Short(usize),
    /// Among other characters, or in capitals.
    Decorated,
}

/// The search ends after hashing so many bytes: nothing keeps the request of a made-up file from being large.
const MAX_HASHED: usize = 64 << 20;

/// Explains the stem of a file name (without `.json`).
pub fn explain(recording: &Recording, stem: &str, rules: KeyRules) -> Explanation {
    explain_among(recording, stem, rules, &[])
}

/// Like [`explain`], and also tries these test ids, such as all of a store: this finds renamed tests.
pub fn explain_among(recording: &Recording, stem: &str, rules: KeyRules, test_ids: &[&str]) -> Explanation {
    if FileName::parse(stem).key() == Some(recording.key(rules)) {
        return Explanation::Right;
    }
    let (name, is_bare) = digits_in(stem);
    let id = answer_id(recording);
    let of_id = id.and_then(|id| id.get("rec-".len()..)).unwrap_or("");
    let search::SearchResult { of_name, of_answer, tried } =
        search::search(recording, rules, test_ids, name, of_id, MAX_HASHED);
    match (of_name, of_answer, id) {
        (Some(origin), _, _) => {
            let shape = match name.len() {
                _ if !is_bare => Shape::Decorated,
                64 => Shape::Whole,
                digits => Shape::Short(digits),
            };
            Explanation::Named { origin, shape }
        }
        (None, Some((origin, key)), _) => Explanation::FileRenamed { origin, key },
        (None, None, Some(_)) if name.get(..of_id.len()).is_some_and(|start| start.eq_ignore_ascii_case(of_id)) => {
            Explanation::RequestChanged { tried }
        }
        (None, None, Some(id)) => Explanation::ForeignAnswer { id: id.to_owned(), tried },
        (None, None, None) => Explanation::Unexplained { tried },
    }
}

/// The hex digits of a key in a stem, and whether they have the form that the recorder writes.
fn digits_in(stem: &str) -> (&str, bool) {
    let runs = stem.split(|c: char| !c.is_ascii_hexdigit());
    let digits = runs.filter(|run| (12..=64).contains(&run.len())).max_by_key(|run| run.len()).unwrap_or("");
    let list = stem.strip_prefix("models-").and_then(|rest| rest.strip_prefix(digits)?.strip_prefix('-'));
    let is_alone = stem == digits || list.is_some_and(|digest| digest.len() == 8);
    (digits, is_alone && !digits.bytes().any(|digit| digit.is_ascii_uppercase()))
}

/// The first id that the recorder wrote into the answer.
fn answer_id(recording: &Recording) -> Option<&str> {
    recording.answers().find_map(|(_, data)| {
        let id = data.get("id").and_then(Value::as_str)?;
        let digits = id.strip_prefix("rec-")?;
        let is_recorded = digits.len() == 12 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_recorded.then_some(id)
    })
}

impl Explanation {
    /// Whether the name is right for other recorders and nothing else is to say.
    pub fn is_of_other_recorder(&self) -> bool {
        let Explanation::Named { origin, shape: Shape::Whole } = self else { return false };
        matches!(origin.algorithm, Algorithm::Of(_)) && origin.edits.is_empty()
    }

    /// For machines: the known parts, joined with `+`. The parts are `right`, `key-of-ogx-…`, the ids of [`EPOCHS`]
    /// (`before-…`, and `during-…` for a part of the change), of [`RENAMES`], `test-id-edited`, `url-edited`,
    /// `tool-with-test-id`, `file-renamed`, `short-name`, `decorated-name`, `request-changed`, `foreign-answer` and
    /// `unexplained`.
    pub fn id(&self) -> String {
        let (first, origin) = match self {
            Explanation::Right => ("right", None),
            Explanation::Named { origin, shape } => {
                let is_all_there_is = origin.algorithm == Algorithm::Today && origin.edits.is_empty();
                let shape = match shape {
                    Shape::Short(_) if is_all_there_is => "short-name",
                    Shape::Decorated => "decorated-name",
                    _ => "",
                };
                (shape, Some(origin))
            }
            Explanation::FileRenamed { origin, .. } => ("file-renamed", Some(origin)),
            Explanation::RequestChanged { .. } => ("request-changed", None),
            Explanation::ForeignAnswer { .. } => ("foreign-answer", None),
            Explanation::Unexplained { .. } => ("unexplained", None),
        };
        let algorithm = origin.map_or(String::new(), |origin| match origin.algorithm {
            Algorithm::Today => String::new(),
            Algorithm::Of(KeyRules::ThreePaths) => "key-of-ogx-0.8".to_owned(),
            Algorithm::Of(KeyRules::SharedLists) => "key-of-ogx-1.2.5".to_owned(),
            Algorithm::Before(epoch) => epoch.id.to_owned(),
            Algorithm::During { epoch, .. } => epoch.id.replace("before", "during"),
            Algorithm::ToolWithTestId => "tool-with-test-id".to_owned(),
        });
        let edits = origin.into_iter().flat_map(|origin| &origin.edits).map(|edit| match edit {
            Edit::Renamed(rename) => rename.id,
            Edit::TestId(_) => "test-id-edited",
            Edit::Path(_) => "url-edited",
        });
        let parts = [first, &algorithm].into_iter().chain(edits).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("+")
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Explanation::Right => f.write_str("the name is the key of the request"),
            Explanation::Named { origin: Origin { algorithm: Algorithm::Today, edits }, shape } if edits.is_empty() => {
                match shape {
                    Shape::Short(digits) => write!(f, "the name has only the first {digits} digits of the key"),
                    _ => f.write_str("the name contains the key, but with other characters or capital letters"),
                }
            }
            Explanation::Named { origin, shape } => {
                origin.fmt(f)?;
                f.write_str(if origin.edits.is_empty() { "" } else { ", the name is right" })?;
                match shape {
                    Shape::Whole => Ok(()),
                    Shape::Short(digits) => write!(f, ", its name has {digits} digits"),
                    Shape::Decorated => f.write_str(", its name contains more than the key"),
                }
            }
            Explanation::FileRenamed { origin, key } => {
                write!(f, "the file was renamed: the ids of its answer are of {key}, ")?;
                match (origin.algorithm, origin.edits.is_empty()) {
                    (Algorithm::Today, true) => f.write_str("the key of the request"),
                    _ => write!(f, "the key of a request {origin}"),
                }
            }
            Explanation::RequestChanged { tried } => {
                write!(f, "recorded under this name, by the ids of its answer, and edited since: {tried}")
            }
            Explanation::ForeignAnswer { id, tried } => {
                write!(f, "renamed or edited after it was recorded, because the ids of its answer are {id}: {tried}")
            }
            Explanation::Unexplained { tried } => tried.fmt(f),
        }
    }
}
