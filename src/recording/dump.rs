//! An upstream answer in the form the Python recorder writes it.
//!
//! The recorder dumps what the `openai` SDK made of the reply, so this room is that SDK's two ways of reading one:
//! *validating* (optional fields, as a whole, with conversion) and, where that fails, *constructing* (field by field, wrong
//! types kept). What fields there are is data, by version of the SDK: [`super::layouts`].

use super::coerce;
use super::json::{Number, Object, Value};
use super::key::RequestKey;
use super::key::recorded_id;
pub use super::layouts::AnswerType;
use super::layouts::kinds::{Field, FieldKind, Model};
use super::layouts::{Layout, SdkVersion};
use super::noise;
use super::recorder::Recorder;

/// Whose form answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The layout of the SDK.
    pub layout: Layout,
    /// The recorder that dumps it.
    pub recorder: Recorder,
}

/// The recorded form of one answer object: `__type__`, and `__data__` in schema order with its noise replaced.
pub fn dump(answer: &Object, answer_type: AnswerType, key: RequestKey, form: Form) -> Value {
    let layout = form.layout;
    let mut data = ReplyReader { version: layout.version() }.construct_model(answer, layout.model(answer_type));
    replace_noise(&mut data, &recorded_id(&key.to_string()), form.recorder.zeroes_created_of_models());
    Value::Object(Object::from_iter([
        ("__type__", Value::from(answer_type.python_name())),
        ("__data__", Value::Object(data)),
    ]))
}

/// Replaces ids and times at the top of an answer by constants, as the recorder does; the time of a model only where
/// `also_of_models` is set.
pub(super) fn replace_noise(data: &mut Object, id: &str, also_of_models: bool) {
    let is_model = data.get("object").and_then(Value::as_str) == Some("model");
    let constants = [
        ("id", Value::from(id), !is_model),
        ("created", Value::from(0), !is_model || also_of_models),
        ("created_at", Value::from("1970-01-01T00:00:00.000000Z"), true),
    ];
    for (name, constant, applies) in constants {
        if let Some(value) = data.get_mut(name).filter(|_| applies) {
            *value = constant;
        }
    }
    for name in noise::DURATIONS {
        match data.get_mut(name) {
            None | Some(Value::Null) => {}
            Some(duration) => *duration = Value::from(0),
        }
    }
}

/// Reads replies like one version of the SDK.
struct ReplyReader {
    version: SdkVersion,
}

impl ReplyReader {
    /// Orders `object` as `model`: fields in schema order, missing ones null, then unknown keys in their order. `read`
    /// makes the value of a field; if it returns `None`, the whole object fails.
    fn lay_out(
        &self,
        object: &Object,
        model: &Model,
        read: impl Fn(&Value, &Field) -> Option<Value>,
    ) -> Option<Object> {
        let mut data = Object::new();
        for field in model.fields(self.version) {
            data.insert(field.name, read(object.get(field.name).unwrap_or(&Value::Null), field)?);
        }
        for (key, value) in object.iter() {
            if !data.contains_key(key) {
                data.insert(key, plain(value));
            }
        }
        Some(data)
    }

    fn construct_model(&self, object: &Object, model: &Model) -> Object {
        self.lay_out(object, model, |value, field| {
            let validated = if field.optional { self.validate(value, field.kind) } else { None };
            Some(validated.unwrap_or_else(|| self.construct(value, field.kind)))
        })
        .expect("constructing takes every value")
    }

    /// The SDK's loose reading: orders fields of a known shape, keeps the rest unchanged.
    fn construct(&self, value: &Value, kind: FieldKind) -> Value {
        match (kind, value) {
            (FieldKind::Object(model), Value::Object(object)) => Value::Object(self.construct_model(object, model)),
            // A list where an object is expected: its objects are laid out.
            (FieldKind::Object(model), Value::Array(items)) => Value::Array(
                items
                    .iter()
                    .map(|item| match item {
                        Value::Object(object) => Value::Object(self.construct_model(object, model)),
                        other => plain(other),
                    })
                    .collect(),
            ),
            (FieldKind::List(inner), Value::Array(items)) => {
                Value::Array(items.iter().map(|item| self.construct(item, *inner)).collect())
            }
            (FieldKind::Map(inner), Value::Object(object)) => {
                Value::Object(object.iter().map(|(key, value)| (key, self.construct(value, *inner))).collect())
            }
            (FieldKind::Union(variants), _) => self.validate(value, kind).unwrap_or_else(|| {
                let tag = value.get("type").and_then(Value::as_str);
                let variant = variants.iter().find(|(name, _)| Some(*name) == tag).or(variants.first());
                variant.map_or_else(|| plain(value), |(_, model)| self.construct(value, FieldKind::Object(model)))
            }),
            // Python's truth values are numbers, and are written as such.
            (FieldKind::Int, Value::Bool(_)) => coerce::to_int(value).unwrap_or_else(|| plain(value)),
            (FieldKind::Float, Value::Bool(_) | Value::Number(_)) => {
                coerce::to_float(value).unwrap_or_else(|| plain(value))
            }
            _ => plain(value),
        }
    }

    /// The SDK's strict reading of an optional field (pydantic): `None` when anything in it has the wrong type.
    fn validate(&self, value: &Value, kind: FieldKind) -> Option<Value> {
        match (kind, value) {
            (FieldKind::Text, Value::String(_)) => Some(value.clone()),
            (FieldKind::Literal(texts), Value::String(text)) => texts.contains(&text.as_str()).then(|| value.clone()),
            (FieldKind::Int, _) => coerce::to_int(value),
            (FieldKind::Float, _) => coerce::to_float(value),
            (FieldKind::Truth, _) => coerce::to_bool(value),
            (FieldKind::Object(model), Value::Object(object)) => self
                .lay_out(object, model, |value, field| {
                    if value.is_null() && field.optional { Some(Value::Null) } else { self.validate(value, field.kind) }
                })
                .map(Value::Object),
            (FieldKind::List(inner), Value::Array(items)) => {
                items.iter().map(|item| self.validate(item, *inner)).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            (FieldKind::Map(inner), Value::Object(object)) => object
                .iter()
                .map(|(key, value)| Some((key, self.validate(value, *inner)?)))
                .collect::<Option<Object>>()
                .map(Value::Object),
            (FieldKind::Union(variants), _) => {
                variants.iter().find_map(|(_, model)| self.validate(value, FieldKind::Object(model)))
            }
            _ => None,
        }
    }
}

/// A value outside the schema: copied, but what JSON cannot say is null.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(Number::Float(x)) if !x.is_finite() => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(object) => Value::Object(object.iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other.clone(),
    }
}
