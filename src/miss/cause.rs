//! What the differences between a request and the recordings that come nearest say about why it has none.

use std::collections::BTreeSet;

use crate::looks::Unseen;
use crate::recording::difference::{Difference, differences};
use crate::recording::json::Value;
use crate::recording::python::Url;
use crate::recording::recorder::leaves_stream_options_out;

use super::{Asked, KnownRecording, Nearest, Neighbours, test_ids};

/// What one difference is, by how much it tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DifferenceKind {
    TestId,
    Path,
    /// Left out of the key for the hosts of Bedrock, and for no other.
    StreamOptions,
    /// A parameter that is null on one side and not there on the other.
    NullOrAbsent(String),
    ToolCallId,
    /// Numbers and ids inside a text.
    Volatile,
    /// What a reader does not see inside a text.
    Unseen(Unseen),
    /// White space inside a text.
    Spaces,
    /// One JSON value written in two ways inside a text.
    JsonForm,
    /// `1` and `1.0`.
    NumberForm(String),
    /// What the model said in an earlier turn.
    EarlierAnswer,
    /// What a tool gave.
    ToolResult,
    /// A message of the test itself.
    Prompt(String),
    /// There are more or fewer messages.
    Messages(usize, usize),
    /// A parameter that is another.
    Parameter(String),
}

impl DifferenceKind {
    /// Whether two requests that differ only in this way are the same request, except for incidental values.
    fn is_by_the_way(&self) -> bool {
        !matches!(
            self,
            DifferenceKind::EarlierAnswer
                | DifferenceKind::ToolResult
                | DifferenceKind::Prompt(_)
                | DifferenceKind::Messages(..)
                | DifferenceKind::Parameter(_)
        )
    }
}

/// More kinds of differences than this are another request, not one with a cause.
const MOST_KINDS: usize = 3;

/// Names the cause in one sentence, if it is known, and the recording that tells it, if it is one.
pub fn cause<'a>(
    asked: &Asked,
    nearest: &Nearest<'a>,
    all: &Neighbours<'a>,
) -> Option<(String, Option<&'a KnownRecording>)> {
    let candidates = nearest.same_test.iter().chain(&nearest.others).copied();
    let mut explained: Vec<(bool, usize, bool, BTreeSet<DifferenceKind>, &'a KnownRecording)> = candidates
        .filter_map(|known| {
            let found = differences(&asked.compared, &known.request.compared);
            let kinds: BTreeSet<DifferenceKind> =
                found.iter().map(|difference| kind(difference, asked, known)).collect();
            let by_the_way = kinds.iter().all(DifferenceKind::is_by_the_way);
            let is_same_test = known.request.test_id == asked.test_id;
            let tells = by_the_way || (is_same_test && kinds.len() <= MOST_KINDS);
            (tells && !kinds.is_empty()).then_some((!by_the_way, found.len(), !is_same_test, kinds, known))
        })
        .collect();
    explained.sort_by_key(|(differs, count, other_test, ..)| (*differs, *count, *other_test));
    if let Some((.., kinds, known)) = explained.into_iter().next() {
        let sentences: Vec<String> = sentences(&kinds, asked, known);
        return Some((sentences.join("; "), Some(known)));
    }
    if !nearest.same_test.is_empty() {
        return None;
    }
    let test_id = asked.test_id.as_deref()?;
    let sentence = match test_ids::alike(test_id, all.test_ids()) {
        Some(alike) => format!("this test has no recordings, but {alike} has"),
        None => "this test has no recordings".to_owned(),
    };
    Some((sentence, None))
}

fn kind(difference: &Difference<'_>, asked: &Asked, known: &KnownRecording) -> DifferenceKind {
    let Difference { pointer, left, right } = difference;
    match pointer.as_str() {
        "/(test_id)" => return DifferenceKind::TestId,
        "/(endpoint)" | "/(url)" => return DifferenceKind::Path,
        "/stream_options" if is_bedrock(&asked.url) != is_bedrock(&known.request.url) => {
            return DifferenceKind::StreamOptions;
        }
        _ => {}
    }
    let name = pointer.trim_start_matches('/').to_owned();
    match (left, right) {
        (None, Some(Value::Null)) | (Some(Value::Null), None) => return DifferenceKind::NullOrAbsent(name),
        (Some(left), Some(right)) => {
            if is_tool_call_id(pointer) {
                return DifferenceKind::ToolCallId;
            }
            let texts = left.as_str().zip(right.as_str());
            if let Some(unseen) = texts.and_then(|(left, right)| Unseen::between(left, right)) {
                return DifferenceKind::Unseen(unseen);
            }
            match (left, right) {
                // A parameter is itself a name or a number, not a text that holds some.
                (Value::String(left), Value::String(right)) if name.contains('/') => {
                    if let Some(kind) = text_kind(left, right) {
                        return kind;
                    }
                }
                (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {
                    return DifferenceKind::NumberForm(name);
                }
                _ => {}
            }
        }
        _ => {}
    }
    let mut parts = pointer.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("messages" | "input"), Some(index)) => message_kind(index, asked, known, pointer),
        (first, _) => DifferenceKind::Parameter(first.unwrap_or_default().to_owned()),
    }
}

/// What a difference inside a message is: it depends on who spoke.
fn message_kind(index: &str, asked: &Asked, known: &KnownRecording, pointer: &str) -> DifferenceKind {
    let list = pointer.split('/').nth(1).unwrap_or_default();
    let messages = |asked: &Asked| asked.compared.get(list).and_then(Value::as_array).map_or(0, <[Value]>::len);
    let (ours, theirs) = (messages(asked), messages(&known.request));
    if ours != theirs {
        return DifferenceKind::Messages(ours, theirs);
    }
    let role = |asked: &Asked| {
        let message = asked.compared.get(list)?.as_array()?.get(index.parse::<usize>().ok()?)?;
        Some(message.get("role")?.as_str()?.to_owned())
    };
    match role(asked).as_deref() {
        Some("assistant") => DifferenceKind::EarlierAnswer,
        Some("tool" | "function") => DifferenceKind::ToolResult,
        _ => DifferenceKind::Prompt(pointer.to_owned()),
    }
}

fn is_tool_call_id(pointer: &str) -> bool {
    let mut parts = pointer.rsplit('/');
    match parts.next() {
        Some("tool_call_id" | "call_id") => true,
        Some("id") => parts.nth(1) == Some("tool_calls"),
        _ => false,
    }
}

/// What two texts that differ have in common.
fn text_kind(left: &str, right: &str) -> Option<DifferenceKind> {
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    if without_spaces(left) == without_spaces(right) {
        return Some(DifferenceKind::Spaces);
    }
    let json = |text: &str| Value::parse(text.as_bytes()).ok().map(|value| value.to_sorted_text());
    if json(left).is_some_and(|left| json(right) == Some(left)) {
        return Some(DifferenceKind::JsonForm);
    }
    let (masked, other) = (masked(left), masked(right));
    let has_words = || masked.chars().any(char::is_alphabetic) || (is_id(left) && is_id(right));
    (masked == other && has_words()).then_some(DifferenceKind::Volatile)
}

/// Stands for a word that holds a digit.
const MASK: char = '\u{0}';

/// A text with every word that holds a digit replaced: scores, dates, generated ids.
fn masked(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c| is_word(c) != is_word(first)).map_or(rest, |end| &rest[..end]);
        if is_word(first) && word.contains(|c: char| c.is_ascii_digit()) {
            masked.push(MASK);
        } else {
            masked.push_str(word);
        }
        rest = &rest[word.len()..];
    }
    masked
}

/// Whether a text is one generated name: `call_5f3a…`, a UUID, a number with a fraction.
fn is_id(text: &str) -> bool {
    text.len() >= 8 && !text.contains(char::is_whitespace) && text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a url is one for which the recorder leaves out `stream_options`: the recorder's own test, not "is it Bedrock?".
fn is_bedrock(url: &str) -> bool {
    leaves_stream_options_out(&Url::parse(url).netloc)
}

fn sentences(kinds: &BTreeSet<DifferenceKind>, asked: &Asked, known: &KnownRecording) -> Vec<String> {
    let mut sentences = Vec::new();
    let names = |of: fn(&DifferenceKind) -> Option<&String>| {
        kinds.iter().filter_map(of).cloned().collect::<Vec<_>>().join(", ")
    };
    let nulls = names(|kind| if let DifferenceKind::NullOrAbsent(name) = kind { Some(name) } else { None });
    let numbers = names(|kind| if let DifferenceKind::NumberForm(name) = kind { Some(name) } else { None });
    let prompts = names(|kind| if let DifferenceKind::Prompt(name) = kind { Some(name) } else { None });
    let mut add = |sentence: String| {
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    };
    for kind in kinds {
        add(match kind {
            DifferenceKind::TestId => test_ids::compare(asked.test_id.as_deref(), known.request.test_id.as_deref()),
            DifferenceKind::Path => path_sentence(&asked.url, &known.request.url),
            DifferenceKind::StreamOptions => {
                "stream_options is left out of the key for Bedrock's hosts only, and the recording comes from another \
                 kind of host"
                    .to_owned()
            }
            DifferenceKind::NullOrAbsent(_) => {
                format!("a parameter is null on one side and missing on the other, which changes the key: {nulls}")
            }
            DifferenceKind::ToolCallId => "the ids of tool calls differ; the model invents them".to_owned(),
            DifferenceKind::Volatile => {
                "texts differ only in numbers and ids, such as scores, dates and generated names".to_owned()
            }
            DifferenceKind::Unseen(unseen) => format!("texts that look the same differ only in {}", unseen.name()),
            DifferenceKind::Spaces => "texts differ only in white space".to_owned(),
            DifferenceKind::JsonForm => "JSON inside a text is formatted differently".to_owned(),
            DifferenceKind::NumberForm(_) => format!("1 and 1.0 make different keys: {numbers}"),
            DifferenceKind::EarlierAnswer => "an earlier answer of the model differs from the recorded one".to_owned(),
            DifferenceKind::ToolResult => "the result of a tool differs from the recorded one".to_owned(),
            DifferenceKind::Prompt(_) => format!("the test sends another prompt than the recorded one: {prompts}"),
            DifferenceKind::Messages(ours, theirs) => {
                format!("the conversation has {}; the recorded one has {theirs}", count(*ours, "message"))
            }
            DifferenceKind::Parameter(name) => format!("the parameter {name} differs from the recorded one"),
        });
    }
    sentences
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn path_sentence(asked: &str, recorded: &str) -> String {
    let (asked, recorded) = (Url::parse(asked), Url::parse(recorded));
    let (ours, theirs) = (&asked.path, &recorded.path);
    let why = if ours.replacen("/v1/v1/", "/v1/", 1) == theirs.replacen("/v1/v1/", "/v1/", 1) {
        "; the recorder adds /v1 to a base url that may end in it already"
    } else if asked.netloc != recorded.netloc {
        "; the recording comes from another host"
    } else {
        ""
    };
    let host = |host: &str| if asked.netloc == recorded.netloc { String::new() } else { format!("{host} ") };
    format!(
        "the path of the url is part of the key: the recorded url is {}{theirs}, not {}{ours}{why}",
        host(&recorded.netloc),
        host(&asked.netloc)
    )
}
