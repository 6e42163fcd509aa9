//! JSON exactly as Python reads and writes it.
//!
//! The recorder's files are `json.dump(obj, f, indent=2)` plus a line feed, its keys are hashes of `json.dumps(obj,
//! sort_keys=True)`. General JSON crates differ from Python in number text (`1e-07`, integers of any size), in escapes
//! (everything outside printable ASCII is `\uXXXX`), and in what they accept (`NaN`), so this room has its own reader
//! and writer. Everything here is pure.
//!
//! Defined behaviour for untrusted input: at most [`MAX_DEPTH`] levels, integers of at most [`MAX_INT_DIGITS`] digits
//! (Python's own limit), a repeated key keeps the last value at the place of the first, a lone surrogate is an error.

pub(super) mod canonical;
mod object;
mod read;
mod run;
mod write;

use std::fmt;

pub use object::Object;
pub use read::{ParseError, ParseErrorKind};
pub use run::plain_run;
pub use write::python_float;

use read::JsonReader;
use write::JsonStyle;

/// The deepest allowed nesting. Python's encoder fails near its recursion limit of 1,000, so no recording is deeper.
pub const MAX_DEPTH: usize = 1000;

/// The stack that a thread needs, in bytes, to read the deepest text, also in a build without optimisation.
pub const STACK: usize = 16 << 20;

/// The most members and items of one text, which limits its memory. A file of 64 MiB in the layout of the recorder,
/// with each number on its own line, has fewer.
pub const MAX_PARTS: usize = 4 << 20;

/// Longest integer, in digits, that Python converts (`sys.int_info.default_max_str_digits`).
pub const MAX_INT_DIGITS: usize = 4300;

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

    /// Parses a text as Python's `json.loads(text)` does: no byte order mark, `NaN` and the infinities allowed.
    pub fn parse(text: &[u8]) -> Result<Value, ParseError> {
        JsonReader::new(text)?.document()
    }

    /// The bytes of a recording file: two spaces of indentation, ASCII, a line feed at the end.
    pub fn to_file_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096);
        JsonStyle { indent: true, separators: (",", ": "), ascii: true, sort: false }.value(self, 0, &mut out);
        out.push(b'\n');
        out
    }

    /// The text that is hashed: `json.dumps(value, sort_keys=True)`.
    pub fn to_sorted_text(&self) -> String {
        self.one_line(SORTED)
    }

    /// Appends what [`Value::to_sorted_text`] gives.
    pub(super) fn write_sorted(&self, out: &mut Vec<u8>) {
        SORTED.value(self, 0, out);
    }

    /// The text sent over the wire: no white space, characters as they are.
    pub fn to_wire_text(&self) -> String {
        self.one_line(JsonStyle { indent: false, separators: (",", ":"), ascii: false, sort: false })
    }

    fn one_line(&self, style: JsonStyle) -> String {
        let mut out = Vec::new();
        style.value(self, 0, &mut out);
        String::from_utf8(out).expect("the writer writes UTF-8")
    }
}

const SORTED: JsonStyle = JsonStyle { indent: false, separators: (", ", ": "), ascii: true, sort: true };

/// Appends a text with its quotes, as Python writes it.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    SORTED.string(text, out);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        Value::parse(text.as_bytes()).unwrap().to_sorted_text()
    }

    #[test]
    fn numbers_keep_their_meaning_to_the_digit() {
        for (text, written) in [
            ("1e-7", "1e-07"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("12345678901234567.8", "1.2345678901234568e+16"),
            ("5e-324", "5e-324"),
            ("1e-400", "0.0"),
            ("-0.0", "-0.0"),
            ("-0", "0"),
            ("100.000", "100.0"),
            ("1E22", "1e+22"),
            ("18446744073709551617", "18446744073709551617"),
            ("-123456789012345678901234567890", "-123456789012345678901234567890"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("1e400", "Infinity"),
            ("-11.125015258789062", "-11.125015258789062"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("123456.789", "123456.789"),
            ("-0.00012", "-0.00012"),
            ("-120.0", "-120.0"),
            ("[NaN, -Infinity]", "[NaN, -Infinity]"),
        ] {
            assert_eq!(round_trip(text), written, "{text}");
        }
    }

    #[test]
    fn what_python_does_not_read_is_an_error() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "--1",
            "-NaN",
            "nul",
            "[1,]",
            "{\"a\":1,}",
            "{,}",
            "{1:2}",
            "'a'",
            "\"\\q\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"a\nb\"",
            "\"a",
            "[1",
            "{\"a\"",
            "1 2",
            "\u{feff}1",
            "\u{a0}1",
        ] {
            assert!(Value::parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(matches!(Value::parse(b"\"\xff\"").unwrap_err().kind, ParseErrorKind::Encoding));
    }

    #[test]
    fn lone_surrogates_are_their_own_error_and_pairs_are_not() {
        for text in [r#""\ud83d""#, r#""\ud83dx""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\ud83d\ud83d""#] {
            assert_eq!(Value::parse(text.as_bytes()).unwrap_err().kind, ParseErrorKind::LoneSurrogate, "{text}");
        }
        assert_eq!(Value::parse(br#""\ud83d\uDE00""#).unwrap(), Value::from("😀"));
    }

    #[test]
    fn a_repeated_key_keeps_the_last_value_at_the_first_place() {
        assert_eq!(Value::parse(br#"{"a":1,"b":2,"a":3}"#).unwrap().to_wire_text(), r#"{"a":3,"b":2}"#);
        let many: String = (0..40).map(|i| format!("\"k{}\":{i},", i % 20)).collect();
        let object = Value::parse(format!("{{{}}}", many.trim_end_matches(',')).as_bytes()).unwrap();
        assert_eq!(object.as_object().unwrap().len(), 20);
        assert_eq!(object.as_object().unwrap().iter().next(), Some(("k0", &Value::from(20))));
    }

    #[test]
    fn members_and_items_have_a_limit() {
        let list = |n: usize| format!("[{}1]", "1,".repeat(n - 1));
        assert!(Value::parse(list(MAX_PARTS).as_bytes()).is_ok());
        assert_eq!(Value::parse(list(MAX_PARTS + 1).as_bytes()).unwrap_err().kind, ParseErrorKind::TooMany);
    }

    #[test]
    fn depth_and_integer_length_have_limits_and_do_not_overflow_the_stack() {
        // A test thread has two megabytes of stack, as a rayon worker has.
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(Value::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(Value::parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        assert_eq!(Value::parse("[".repeat(1 << 20).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        let deep = Value::parse(("{\"a\":".repeat(MAX_DEPTH) + "1" + &"}".repeat(MAX_DEPTH)).as_bytes()).unwrap();
        assert!(deep.clone().to_file_bytes().len() > MAX_DEPTH * MAX_DEPTH);
        assert!(Value::parse("9".repeat(MAX_INT_DIGITS).as_bytes()).is_ok());
        let long = "-".to_owned() + &"9".repeat(MAX_INT_DIGITS + 1);
        assert_eq!(Value::parse(long.as_bytes()).unwrap_err().kind, ParseErrorKind::LongInteger);
    }

    #[test]
    fn file_bytes_are_those_of_json_dump_with_indent() {
        let value = Value::parse("{\"a\":[],\"b\":{},\"c\":[1,{\"é\":\"\\u007f😀/\\b\"}]}".as_bytes()).unwrap();
        let expected = "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"\\u00e9\": \"\\u007f\\ud83d\\ude00/\\b\"\n    }\n  ]\n}\n";
        assert_eq!(String::from_utf8(value.to_file_bytes()).unwrap(), expected);
    }

    #[test]
    fn errors_say_where() {
        let error = Value::parse(b"{\n  \"a\": 1\n  \"b\": 2\n}").unwrap_err();
        assert_eq!(error.to_string(), "expected `,` or `}` at line 3 column 3");
    }
}
