//! The conversions that pydantic makes where a number or a truth value is expected.

use super::json::{MAX_INT_DIGITS, Number, Value};

/// An integer from an integer, a truth value, a double without a fraction, or a text of one.
pub(super) fn to_int(value: &Value) -> Option<Value> {
    match value {
        Value::Number(Number::Float(x)) => integral(*x),
        Value::Number(_) => Some(value.clone()),
        Value::Bool(truth) => Some(Value::from(i64::from(*truth))),
        Value::String(text) => int_of_text(text),
        _ => None,
    }
}

/// A double from a number, a truth value, or a text of one.
pub(super) fn to_float(value: &Value) -> Option<Value> {
    let float = match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| without_underscores(text)?.parse().ok())?
        }
        _ => return None,
    };
    Some(Value::Number(Number::Float(float)))
}

/// A truth value from itself, from 0 and 1, or from a word for one.
pub(super) fn to_bool(value: &Value) -> Option<Value> {
    let truth = match value {
        Value::Bool(truth) => *truth,
        Value::Number(Number::Int(0)) => false,
        Value::Number(Number::Int(1)) => true,
        Value::Number(Number::Float(x)) if *x == 0.0 => false,
        Value::Number(Number::Float(x)) if *x == 1.0 => true,
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => false,
            "1" | "on" | "t" | "true" | "y" | "yes" => true,
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::Bool(truth))
}

/// A double without a fraction as an integer, within the 64 bits that pydantic converts.
fn integral(x: f64) -> Option<Value> {
    let fits = x.fract() == 0.0 && x > -(2f64.powi(63)) && x < 2f64.powi(63);
    fits.then(|| Value::from(x as i64))
}

/// A text of an integer: white space around it, a sign, zeros in front, single underscores and a fraction of zeros do not
/// matter.
fn int_of_text(text: &str) -> Option<Value> {
    if text.len() > MAX_INT_DIGITS {
        return None;
    }
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole.strip_prefix('+').unwrap_or(whole)),
    };
    let digits = without_underscores(digits).unwrap_or_else(|| digits.to_owned());
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    Value::parse(format!("{sign}{digits}").as_bytes()).ok()
}

/// A text of a number without the single underscores between its characters.
fn without_underscores(text: &str) -> Option<String> {
    let is_wrong = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!is_wrong).then(|| text.replace('_', ""))
}
