//! Calls of tools in an answer.

use std::collections::BTreeMap;

use crate::recording::json::{Number, Object, Value};

/// A tool call. The text of its id is noise: it is random, and equal calls differ in it.
#[derive(Clone, Debug, Default)]
pub struct ToolCall {
    /// `function` or `custom`.
    pub kind: Option<String>,
    /// The name of the tool.
    pub name: String,
    /// The arguments, JSON as the model wrote it.
    pub arguments: String,
    /// What its id says beside the calls of the same choice.
    pub id: CallId,
    /// The id as it came.
    came_as: Option<String>,
}

/// The facts in the id of a tool call. The text itself is random.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CallId {
    /// None: a client cannot answer the call.
    #[default]
    Missing,
    /// One that no earlier call has.
    Own,
    /// That of the call at an earlier index.
    Shared(i64),
}

impl PartialEq for ToolCall {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.kind == other.kind
            && self.id == other.id
            && (self.arguments == other.arguments || self.canonical_arguments() == other.canonical_arguments())
    }
}

impl ToolCall {
    /// The arguments in one spelling if they are JSON, else as they are.
    pub fn canonical_arguments(&self) -> String {
        match Value::parse(self.arguments.as_bytes()) {
            Ok(mut value) => {
                integral_floats_to_integers(&mut value);
                value.to_sorted_text()
            }
            Err(_) => self.arguments.clone(),
        }
    }
}

impl ToolCall {
    pub(super) fn add(&mut self, call: &Object) {
        for (name, value) in call.iter() {
            match (name, value) {
                ("function" | "custom", Value::Object(inner)) => self.add(inner),
                ("id", Value::String(id)) if !id.trim().is_empty() => self.came_as = Some(id.clone()),
                ("type", Value::String(kind)) => self.kind = Some(kind.clone()),
                ("name", Value::String(text)) => self.name.push_str(text),
                ("arguments" | "input", Value::String(text)) => self.arguments.push_str(text),
                _ => {}
            }
        }
    }
}

/// Says of each id what it is beside those before it, and forgets its text.
pub(super) fn compare_ids(calls: &mut BTreeMap<i64, ToolCall>) {
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    for (index, call) in calls {
        call.id = match call.came_as.take() {
            None => CallId::Missing,
            Some(id) => match seen.get(&id) {
                Some(first) => CallId::Shared(*first),
                None => {
                    seen.insert(id, *index);
                    CallId::Own
                }
            },
        };
    }
}

/// `2.0` and `2` are the same number in JSON, and equal in Python.
pub(super) fn integral_floats_to_integers(value: &mut Value) {
    /// Up to here every integer is a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(Number::Float(x)) if x.fract() == 0.0 && x.abs() <= EXACT => *value = Value::from(*x as i64),
        Value::Array(items) => items.iter_mut().for_each(integral_floats_to_integers),
        Value::Object(object) => object.values_mut().for_each(integral_floats_to_integers),
        _ => {}
    }
}
