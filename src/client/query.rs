//! Arguments of the query, as the openai SDK writes them: nothing for null, `name[]` for each item of a list, `name[key]`
//! for each member of an object, at any depth.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::recording::json::Value;

/// What Python's `quote_plus`, with which the SDK writes a query, leaves as it is beside letters and digits.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// Pairs as the text of a query.
pub fn encoded(pairs: &[(String, String)]) -> String {
    let part = |text: &str| utf8_percent_encode(text, KEPT).to_string().replace("%20", "+");
    let pair = |(name, value): &(String, String)| format!("{}={}", part(name), part(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The pairs that one argument becomes, not yet percent-encoded.
pub fn pairs(name: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().flat_map(|item| pairs(&format!("{name}[]"), item)).collect(),
        Value::Object(object) => object.iter().flat_map(|(key, item)| pairs(&format!("{name}[{key}]"), item)).collect(),
        Value::String(text) => vec![(name.to_owned(), text.clone())],
        // `true`, `1`, `0.5`: JSON writes these as the SDK does.
        other => vec![(name.to_owned(), other.to_wire_text())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by `urllib.parse.urlencode` of Python 3.13.
    #[test]
    fn a_query_is_spelled_as_python_spells_it() {
        let pairs = [("a b[]", "~!*()'"), ("é", "a+b%&=;/?#:@$,"), ("e", "")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expected = "a+b%5B%5D=~%21%2A%28%29%27&%C3%A9=a%2Bb%25%26%3D%3B%2F%3F%23%3A%40%24%2C&e=";
        assert_eq!(encoded(&pairs), expected);
    }

    /// Printed by `Querystring(array_format="brackets").stringify_items(…)` of openai 3.57.0.
    #[test]
    fn arguments_are_those_of_the_sdk() {
        for (argument, expected) in [
            (r#"{"a": null}"#, vec![]),
            (r#"{"a": ""}"#, vec![("a", "")]),
            (r#"{"a": "x y&z"}"#, vec![("a", "x y&z")]),
            (r#"{"a": true, "b": false}"#, vec![("a", "true"), ("b", "false")]),
            (
                r#"{"a": 1, "b": 0.5, "c": 1.0, "d": 1e22, "e": -0.0}"#,
                vec![("a", "1"), ("b", "0.5"), ("c", "1.0"), ("d", "1e+22"), ("e", "-0.0")],
            ),
            (r#"{"l": [1, "b", null, true]}"#, vec![("l[]", "1"), ("l[]", "b"), ("l[]", "true")]),
            (r#"{"l": []}"#, vec![]),
            (r#"{"d": {"k": 1, "n": null, "e": {}}}"#, vec![("d[k]", "1")]),
            (r#"{"d": {"k": [1, [2, {"x": 3}]]}}"#, vec![("d[k][]", "1"), ("d[k][][]", "2"), ("d[k][][][x]", "3")]),
        ] {
            let value = Value::parse(argument.as_bytes()).unwrap();
            let found: Vec<_> =
                value.as_object().unwrap().iter().flat_map(|(name, value)| pairs(name, value)).collect();
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expected, "{argument}");
        }
    }
}
