//! Two answers, field by field: what differs, and whether that is text or behaviour.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::recording::answer::{Answer, AnswerFacts, Fact};
use crate::recording::json::Value;
use crate::recording::turn::{CallId, Choice, Extra, ToolCall, Turn, Usage};
use crate::report::diff::Class;

/// How two answers differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// For each field that differs `[before, after]`.
    pub fields: Map<String, Json>,
    text: bool,
    behaviour: bool,
}

impl Comparison {
    /// The class of the difference; noise when there is none.
    pub fn class(&self) -> Class {
        match (self.behaviour, self.text) {
            (true, _) => Class::Behaviour,
            (false, true) => Class::Text,
            (false, false) => Class::Noise,
        }
    }

    fn text(&mut self, name: String, before: impl Into<Json>, after: impl Into<Json>) {
        self.text |= self.field(name, before.into(), after.into());
    }

    fn behaviour(&mut self, name: String, before: impl Into<Json>, after: impl Into<Json>) {
        self.behaviour |= self.field(name, before.into(), after.into());
    }

    fn field(&mut self, name: String, before: Json, after: Json) -> bool {
        let differs = before != after;
        if differs {
            self.fields.insert(name, Json::Array(vec![before, after]));
        }
        differs
    }
}

/// Compares two answers; a missing one counts as an empty answer.
pub fn compare(before: Option<&Answer>, after: Option<&Answer>) -> Comparison {
    let mut comparison = Comparison::default();
    match (before, after) {
        (None, None) => {}
        (Some(Answer::Turn(before)), Some(Answer::Turn(after))) => turns(&mut comparison, before, after),
        (Some(Answer::Facts(before)), Some(Answer::Facts(after))) => facts(&mut comparison, before, after),
        (None, Some(Answer::Turn(after))) => turns(&mut comparison, &nothing(after), after),
        (Some(Answer::Turn(before)), None) => turns(&mut comparison, before, &nothing(before)),
        (None, Some(Answer::Facts(after))) => facts(&mut comparison, &no_facts(after), after),
        (Some(Answer::Facts(before)), None) => facts(&mut comparison, before, &no_facts(before)),
        (Some(before), Some(after)) => {
            let shape = |answer: &Answer| if matches!(answer, Answer::Turn(_)) { "completion" } else { "other" };
            comparison.behaviour("shape".to_owned(), shape(before), shape(after));
        }
    }
    // No difference may stay unseen, however little of it can be shown.
    if let (Some(before), Some(after)) = (before, after)
        && comparison.fields.is_empty()
        && before != after
    {
        comparison.behaviour("other".to_owned(), "one", "another");
    }
    comparison
}

/// The token counts of both, when they have them and they differ.
pub fn usages(before: &Answer, after: &Answer) -> Option<[Usage; 2]> {
    let (Answer::Turn(before), Answer::Turn(after)) = (before, after) else { return None };
    let (before, after) = (before.usage, after.usage);
    let none = Usage::default();
    (before != after && before != none && after != none).then_some([before, after])
}

fn nothing(like: &Turn) -> Turn {
    Turn { streaming: like.streaming, models: like.models.clone(), ..Turn::default() }
}

fn no_facts(like: &AnswerFacts) -> AnswerFacts {
    AnswerFacts { streaming: like.streaming, status: None, facts: BTreeMap::new() }
}

fn turns(comparison: &mut Comparison, before: &Turn, after: &Turn) {
    if before.error != after.error {
        let same_message =
            before.error.as_ref().map(|error| &error.message) == after.error.as_ref().map(|error| &error.message);
        let error = |turn: &Turn| match &turn.error {
            // The message may not say in what the bodies differ.
            Some(error) if same_message => {
                json!({"type": error.type_name, "status": error.status, "message": error.message, "body": error.body})
            }
            Some(error) => json!({"type": error.type_name, "status": error.status, "message": error.message}),
            None => Json::Null,
        };
        comparison.behaviour("error".to_owned(), error(before), error(after));
    }
    if before.error.is_none() && after.error.is_none() {
        comparison.behaviour("streaming".to_owned(), before.streaming, after.streaming);
        let models = |turn: &Turn| match turn.models.iter().collect::<Vec<_>>().as_slice() {
            [] => Json::Null,
            [one] => Json::from(one.as_str()),
            many => many.iter().map(|model| model.as_str()).collect(),
        };
        comparison.behaviour("model".to_owned(), models(before), models(after));
        comparison.behaviour("choices".to_owned(), before.choices.len(), after.choices.len());
    }
    let indices: BTreeSet<i64> = before.choices.keys().chain(after.choices.keys()).copied().collect();
    let none = Choice::default();
    for index in indices {
        let of = |turn: &Turn| turn.choices.get(&index).cloned().unwrap_or_else(|| none.clone());
        // Most answers have one choice.
        let prefix = if index == 0 { String::new() } else { format!("choices/{index}/") };
        choices(comparison, &prefix, &of(before), &of(after));
    }
    extras(comparison, "", &before.extra, &after.extra);
}

fn choices(comparison: &mut Comparison, prefix: &str, before: &Choice, after: &Choice) {
    let name = |name: &str| format!("{prefix}{name}");
    let text = |text: &Option<String>| Json::from(text.as_deref());
    comparison.behaviour(name("finish_reason"), text(&before.finish_reason), text(&after.finish_reason));
    comparison.behaviour(name("refusal"), text(&before.refusal), text(&after.refusal));
    if before.tool_calls != after.tool_calls {
        // Ids are shown only where they say something: that one is missing, or that two calls share one.
        let says = |choice: &Choice| choice.tool_calls.values().map(|call| call.id.clone()).collect::<Vec<_>>();
        let ids = says(before) != says(after);
        comparison.behaviour(name("tool_calls"), calls(&before.tool_calls, ids), calls(&after.tool_calls, ids));
    }
    comparison.behaviour(name("role"), text(&before.role), text(&after.role));
    comparison.text(name("text"), text(&before.text), text(&after.text));
    let reasoning = |choice: &Choice| match (&choice.tagged_reasoning, &choice.reasoning) {
        (None, None) => Json::Null,
        (tagged, field) => Json::from(tagged.as_deref().unwrap_or("").to_owned() + field.as_deref().unwrap_or("")),
    };
    comparison.text(name("reasoning"), reasoning(before), reasoning(after));
    let place = |choice: &Choice| match (&choice.tagged_reasoning, &choice.reasoning) {
        (Some(_), None) => "in the text",
        (None, Some(_)) => "in a field",
        (Some(_), Some(_)) => "in both",
        (None, None) => "nowhere",
    };
    if reasoning(before) == reasoning(after) && place(before) != place(after) {
        comparison.text(name("reasoning_place"), place(before), place(after));
    }
    if before.logprobs != after.logprobs {
        // They belong to the tokens of the text, and differ when it does.
        let count = |choice: &Choice| format!("{} tokens", choice.logprobs.len());
        let (before_count, after_count) = (count(before), count(after));
        if comparison.text && before.logprobs.is_empty() == after.logprobs.is_empty() {
            comparison.text(name("logprobs"), before_count, after_count);
        } else {
            comparison.behaviour(name("logprobs"), before_count, after_count + ", other values");
        }
    }
    extras(comparison, prefix, &before.extra, &after.extra);
    let names: BTreeSet<&String> = before.extra_text.keys().chain(after.extra_text.keys()).collect();
    for extra in names {
        let of = |choice: &Choice| Json::from(choice.extra_text.get(extra).map(String::as_str));
        comparison.behaviour(name(extra), of(before), of(after));
    }
}

fn extras(comparison: &mut Comparison, prefix: &str, before: &Extra, after: &Extra) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let of = |extra: &Extra| extra.get(name).map_or(Json::Null, values);
        comparison.behaviour(format!("{prefix}{name}"), of(before), of(after));
    }
}

/// The calls as they are shown: arguments as JSON when they are.
fn calls(calls: &BTreeMap<i64, ToolCall>, shows_ids: bool) -> Json {
    let call = |call: &ToolCall| {
        let arguments = Value::parse(call.arguments.as_bytes()).map(|value| Json::from(&value));
        let arguments = arguments.unwrap_or_else(|_| Json::from(call.arguments.as_str()));
        let shown = json!({"name": call.name, "arguments": arguments, "type": call.kind});
        match (shown, &call.id) {
            (Json::Object(mut shown), CallId::Missing) if shows_ids => {
                shown.insert("id".to_owned(), Json::Null);
                Json::Object(shown)
            }
            (Json::Object(mut shown), CallId::Shared(first)) if shows_ids => {
                shown.insert("id".to_owned(), Json::from(format!("that of call {first}")));
                Json::Object(shown)
            }
            (shown, _) => shown,
        }
    };
    calls.values().map(call).collect()
}

fn facts(comparison: &mut Comparison, before: &AnswerFacts, after: &AnswerFacts) {
    comparison.behaviour("streaming".to_owned(), before.streaming, after.streaming);
    comparison.behaviour("status".to_owned(), before.status, after.status);
    let pointers: BTreeSet<&String> = before.facts.keys().chain(after.facts.keys()).collect();
    for pointer in pointers {
        let (was, is) = (before.facts.get(pointer), after.facts.get(pointer));
        if was == is {
            continue;
        }
        let shown = |fact: Option<&Fact>| match fact {
            None => Json::Null,
            Some(Fact::Text(text) | Fact::Pieces(text)) => Json::from(text.as_str()),
            Some(Fact::Values(found)) => values(found),
        };
        let is_text = |fact: Option<&Fact>| matches!(fact, Some(Fact::Text(_)));
        if is_text(was) && is_text(is) {
            comparison.text(pointer.clone(), shown(was), shown(is));
        } else {
            comparison.behaviour(pointer.clone(), shown(was), shown(is));
        }
    }
}

/// One value alone, several as a list.
fn values(found: &BTreeSet<String>) -> Json {
    let value = |text: &String| Value::parse(text.as_bytes()).map_or(Json::Null, |value| Json::from(&value));
    match found.first() {
        Some(only) if found.len() == 1 => value(only),
        _ => found.iter().map(value).collect(),
    }
}
