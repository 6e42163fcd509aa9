//! Where two JSON values differ, as JSON pointers (RFC 6901).

use super::json::Value;
use super::pointer::child;

/// One place in which two values differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'a> {
    /// JSON pointer.
    pub pointer: String,
    /// What the left value has there.
    pub left: Option<&'a Value>,
    /// What the right value has there.
    pub right: Option<&'a Value>,
}

/// All places in which two values differ, deepest first named: objects by key, lists by index.
pub fn differences<'a>(left: &'a Value, right: &'a Value) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    compare(Some(left), Some(right), String::new(), &mut found);
    found
}

fn compare<'a>(left: Option<&'a Value>, right: Option<&'a Value>, pointer: String, found: &mut Vec<Difference<'a>>) {
    match (left, right) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let only_right = b.iter().map(|(name, _)| name).filter(|name| !a.contains_key(name));
            for name in a.iter().map(|(name, _)| name).chain(only_right) {
                compare(a.get(name), b.get(name), child(&pointer, name), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for index in 0..a.len().max(b.len()) {
                compare(a.get(index), b.get(index), child(&pointer, &index.to_string()), found);
            }
        }
        _ if left == right => {}
        _ => found.push(Difference { pointer, left, right }),
    }
}
