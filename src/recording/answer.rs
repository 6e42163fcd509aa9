//! The answer of any kind of recording as what a test can see of it: a [`Turn`] where it is one, else its facts.
//!
//! Equality is equality of behaviour, as for turns: ids, times, usage and the cuts of a stream are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Kind, Recording};
use super::json::{Object, Value};
use super::noise;
use super::pointer::child;
use super::turn::Turn;

/// What a test can see of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A chat or text completion, or an exception.
    Turn(Box<Turn>),
    /// Anything else: embeddings, lists of models, messages, results of tools.
    Facts(AnswerFacts),
}

/// An answer of another shape, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerFacts {
    /// Whether it came as a stream.
    pub streaming: bool,
    /// The recorded HTTP status, of plain HTTP calls.
    pub status: Option<i64>,
    /// The facts of the answer, by JSON pointer; for a stream, those of all chunks joined.
    pub facts: BTreeMap<String, Fact>,
}

/// What an answer says in one place.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A text that a model wrote.
    Text(String),
    /// Joined parts of a text that is not prose: arguments of a call.
    Pieces(String),
    /// Values, as JSON with sorted keys: one, or the different ones of a stream.
    Values(BTreeSet<String>),
}

/// Names of texts that come in pieces. Those of the second list are read by programs.
const TEXTS: [&str; 5] = ["text", "thinking", "content", "reasoning", "refusal"];
const PIECES: [&str; 2] = ["partial_json", "arguments"];

impl Answer {
    /// Reads the answer of a recording. Every answer can be read: one that is not a turn becomes facts.
    pub fn of(recording: &Recording) -> Answer {
        let is_list = recording.is_model_list();
        let is_chat = || recording.answers().next().is_none_or(|(_, data)| data.contains_key("choices"));
        let raises = recording.response().exception.is_some();
        if (raises || (recording.kind() == Kind::Inference && !is_list && is_chat()))
            && let Ok(turn) = Turn::of_recording(recording)
        {
            return Answer::Turn(Box::new(turn));
        }
        Answer::Facts(AnswerFacts::of(recording, is_list))
    }

    /// Everything that counts, in one text: two answers are equal if these are.
    pub fn canonical(&self) -> String {
        match self {
            Answer::Facts(facts) => format!("{facts:?}"),
            Answer::Turn(turn) => {
                let mut turn = turn.clone();
                turn.usage = super::turn::Usage::default();
                if let Some(error) = turn.error.as_mut().filter(|error| error.repeats_body) {
                    error.message.clear();
                }
                for choice in turn.choices.values_mut() {
                    choice.tool_calls.values_mut().for_each(|call| call.arguments = call.canonical_arguments());
                }
                format!("{turn:?}")
            }
        }
    }
}

/// Members without one of which a call has nothing to call with. Ids are told apart only in calls and their results.
const ARGUMENTS: [&str; 3] = ["arguments", "input", "args"];

/// Reads the facts of one answer.
struct FactReader {
    facts: AnswerFacts,
    /// Where each id of a call came first: the text itself is random.
    ids: BTreeMap<(IdOf, String), String>,
}

/// What an id is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum IdOf {
    /// A call, which the client answers under this id.
    Call,
    /// The item of a call that has another id to be answered under.
    Item,
}

impl AnswerFacts {
    fn of(recording: &Recording, is_list: bool) -> AnswerFacts {
        let response = recording.response();
        let facts = AnswerFacts {
            streaming: response.is_streaming,
            status: response.status.map(i64::from),
            facts: BTreeMap::new(),
        };
        let mut facts = FactReader { facts, ids: BTreeMap::new() };
        let keeps_ids = recording.kind() == Kind::Tool;
        match response.body {
            // A client merges lists of models; their order says nothing.
            Value::Array(models) if is_list => {
                for model in models.iter().map(unwrapped) {
                    let id = model.get("id").and_then(Value::as_str).unwrap_or("");
                    facts.keep(child("", id), "id", &Value::from(id));
                    facts.add(model, &child("", id), "", false);
                }
            }
            Value::Array(pieces) if response.is_streaming => {
                for piece in pieces {
                    match piece.as_str() {
                        Some(line) => facts.add_line(line),
                        None => facts.add_piece(unwrapped(piece)),
                    }
                }
            }
            body => facts.add(body, "", "", keeps_ids),
        }
        let mut facts = facts.facts;
        // The result of a tool is data, not prose.
        if recording.kind() == Kind::Tool {
            for fact in facts.facts.values_mut() {
                if let Fact::Text(text) = fact {
                    *fact = Fact::Pieces(std::mem::take(text));
                }
            }
        }
        facts
    }
}

impl FactReader {
    /// A line of a recorded event stream.
    fn add_line(&mut self, line: &str) {
        let Some(data) = line.strip_prefix("data:").map(str::trim) else { return };
        match Value::parse(data.as_bytes()) {
            Ok(event) => self.add_piece(&event),
            Err(_) => self.keep("/data".to_owned(), "data", &Value::from(data)),
        }
    }

    fn add_piece(&mut self, piece: &Value) {
        // Blocks of a message are told apart by their index.
        let block = piece.get("index").and_then(Value::as_i64).map_or(String::new(), |index| format!("/{index}"));
        self.add(piece, &block, "", false);
    }

    fn add(&mut self, value: &Value, pointer: &str, name: &str, keeps_ids: bool) {
        let value = unwrapped(value);
        match value {
            Value::Object(object) => {
                if !keeps_ids {
                    self.keep_ids(object, pointer);
                }
                for (name, item) in object.iter() {
                    if !is_noise(object, name, keeps_ids) {
                        // The names in a list of models are what it is about.
                        let keeps_ids = keeps_ids || name == "models";
                        self.add(item, &child(pointer, name), name, keeps_ids);
                    }
                }
            }
            // A vector is one fact, however long.
            Value::Array(items) if !items.iter().all(|item| matches!(item, Value::Number(_))) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(item, &child(pointer, &index.to_string()), name, keeps_ids);
                }
            }
            Value::Null => {}
            _ => self.keep(pointer.to_owned(), name, value),
        }
    }

    /// What the ids of a call, or of the result of one, say beside those before them.
    fn keep_ids(&mut self, object: &Object, pointer: &str) {
        let is_call = object.get("name").is_some_and(|name| name.as_str().is_some())
            && ARGUMENTS.iter().any(|name| object.contains_key(name));
        let refers = ["call_id", "tool_use_id"].into_iter().find(|name| object.contains_key(name));
        let id_of = if refers.is_some() { IdOf::Item } else { IdOf::Call };
        let ids = [refers.map(|name| (name, IdOf::Call)), is_call.then_some(("id", id_of))];
        for (name, id_of) in ids.into_iter().flatten() {
            let pointer = child(pointer, name);
            let id = object.get(name).and_then(Value::as_str).map(str::trim).filter(|id| !id.is_empty());
            let said = id.map(|id| {
                let first = self.ids.entry((id_of, id.to_owned())).or_insert_with(|| pointer.clone());
                if *first == pointer { "an id of its own".to_owned() } else { format!("the id at {first}") }
            });
            let said = said.unwrap_or_else(|| "no id".to_owned());
            self.keep(pointer, "", &Value::from(said.as_str()));
        }
    }

    fn keep(&mut self, pointer: String, name: &str, value: &Value) {
        let fact = match value {
            Value::String(model) if noise::names_model(name) => {
                Fact::Values(BTreeSet::from([Value::from(noise::undated(model)).to_sorted_text()]))
            }
            Value::String(text) if TEXTS.contains(&name) => Fact::Text(text.clone()),
            Value::String(text) if PIECES.contains(&name) => Fact::Pieces(text.clone()),
            value => Fact::Values(BTreeSet::from([value.to_sorted_text()])),
        };
        let facts = &mut self.facts.facts;
        match (facts.get_mut(&pointer), fact) {
            (Some(Fact::Text(text)), Fact::Text(more)) => text.push_str(&more),
            (Some(Fact::Pieces(text)), Fact::Pieces(more)) => text.push_str(&more),
            (Some(Fact::Values(values)), Fact::Values(more)) => values.extend(more),
            (_, fact) => {
                facts.insert(pointer, fact);
            }
        }
    }
}

fn is_noise(object: &Object, name: &str, keeps_ids: bool) -> bool {
    if noise::is_id(name) {
        return !keeps_ids && object.get("object").and_then(Value::as_str) != Some("model");
    }
    noise::of_other(name)
}

/// What is inside of `{"__type__": …, "__data__": …}`.
fn unwrapped(value: &Value) -> &Value {
    value.get("__data__").unwrap_or(value)
}
