//! A JSON value.

use std::fmt;

use super::float::python_float;
use super::object::Members;

/// An object whose keys keep their order.
pub type Object = Members<Value>;

/// A JSON value that keeps what Python keeps: key order, integers of any size, doubles.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text without lone surrogates.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object, keys in order of first appearance.
    Object(Object),
}

/// A number as Python holds it.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer that fits 64 bits.
    Int(i64),
    /// A larger integer: its canonical decimal digits.
    BigInt(Box<str>),
    /// Anything written with `.`, `e` or `E`, and `NaN` and the infinities.
    Float(f64),
}

/// Bits, not values: a recording with `NaN` equals itself, `0.0` differs from `-0.0` as its text does.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::BigInt(a), Number::BigInt(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a.to_bits() == b.to_bits(),
            _ => false,
        }
    }
}

impl Number {
    /// The double nearest to the number.
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(i) => *i as f64,
            // A canonical integer text always parses; past the range of a double it is an infinity.
            Number::BigInt(text) => text.parse().unwrap_or(f64::NAN),
            Number::Float(f) => *f,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(i) => write!(f, "{i}"),
            Number::BigInt(text) => f.write_str(text),
            Number::Float(x) => f.write_str(&python_float(*x)),
        }
    }
}

impl Value {
    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self { Some(*value) } else { None }
    }

    /// The integer, if it is one and fits 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Number(Number::Int(value)) = self { Some(*value) } else { None }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The value of `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(Number::Int(value))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// For reports. What that type cannot hold, `NaN` and integers beyond it, becomes its text.
impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(Number::Int(value)) => Json::from(*value),
            Value::Number(Number::Float(x)) if x.is_finite() => Json::from(*x),
            Value::Number(number) => match number.to_string().parse::<u64>() {
                Ok(exact) => Json::from(exact),
                Err(_) => Json::String(number.to_string()),
            },
            Value::String(text) => Json::String(text.clone()),
            Value::Array(items) => items.iter().map(Json::from).collect(),
            Value::Object(object) => object.iter().map(|(name, value)| (name.to_owned(), Json::from(value))).collect(),
        }
    }
}
