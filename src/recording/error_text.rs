//! What an error reply says: either envelope, a page of HTML, a text. Shown with nothing private in it.

use std::sync::LazyLock;

use regex::Regex;

use super::json::Value;

/// What an error says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorText {
    /// Everything that may be its code, without namespaces: the one that says most comes first.
    pub codes: Vec<String>,
    /// Its message, which may be empty.
    pub message: String,
    /// How many of the codes are more than the name of a kind: those of `type` beside a `code` say little.
    specific: usize,
}

impl ErrorText {
    /// The code that says most.
    pub fn code(&self) -> &str {
        self.codes[..self.specific].first().map_or("", String::as_str)
    }
}

/// The codes and the message of either envelope; a whole envelope inside a message is unwrapped once.
///
/// Gateways put AWS's code in any of the fields, and leave the others null or give them a number.
pub fn error_text(json: &Value) -> ErrorText {
    let outer = envelope(json);
    let nested = Value::parse(outer.message.as_bytes()).ok().filter(|json| json.as_object().is_some());
    let nested = nested.map(|json| envelope(&json)).filter(|nested| *nested != ErrorText::default());
    match nested {
        Some(mut nested) => {
            nested.codes.extend(outer.codes);
            nested
        }
        None => outer,
    }
}

fn envelope(json: &Value) -> ErrorText {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let inner = json.get("error").filter(|error| error.as_object().is_some()).unwrap_or(json);
    let output = json.get("Output");
    let code = |of: &Value, name| Some(short_code(of.get(name)?.as_str()?)).filter(|code| !code.is_empty());
    let has_code = inner.get("code").is_some();
    let specific = ["__type", "code", "Code"].into_iter().filter_map(|name| code(inner, name));
    let specific = specific.chain(output.and_then(|output| code(output, "__type")));
    let kinds = ["type", "Type"].into_iter().filter_map(|name| code(inner, name));
    let beside = ["__type", "code", "Code", "type"].into_iter().filter_map(|name| code(json, name));
    let mut codes: Vec<String> = specific.collect();
    let kinds: Vec<String> = kinds.collect();
    let specific = codes.len() + if has_code { 0 } else { kinds.len() };
    codes.extend(kinds);
    codes.extend(beside);
    let message = text(inner.get("message").or_else(|| inner.get("Message")));
    let error_text = json.get("error").and_then(Value::as_str).unwrap_or("");
    ErrorText { codes, message: if message.is_empty() { error_text.to_owned() } else { message }, specific }
}

/// A code without what AWS puts around it: `ThrottlingException:http://…` in a header,
/// `com.amazon.coral.service#UnknownOperationException` in a body, `throttlingException` in an event.
pub fn short_code(code: &str) -> String {
    let code = code.split(':').next().unwrap_or("").rsplit('#').next().unwrap_or("").trim();
    let mut letters = code.chars();
    match letters.next() {
        Some(first) if code.ends_with("Exception") => first.to_ascii_uppercase().to_string() + letters.as_str(),
        _ => code.to_owned(),
    }
}

/// The first line of a text that is no JSON, shortened: an HTML page says little.
pub fn summary(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("").trim();
    if line.starts_with('<') {
        return "an HTML or XML page instead of JSON".to_owned();
    }
    match line.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.to_owned(),
    }
}

/// Replaces ARNs, account ids and everything shaped like a key.
pub fn mask(text: &str) -> String {
    static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"arn:aws[a-z-]*:[^\s"',]+"#,
            // A presigned request, readable or in base64, is a key without its prefix.
            r#"|[^\s"'\\]*X-Amz-[A-Za-z-]+=[^\s"'\\]*"#,
            r"|YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=]*",
            r"|(?:bedrock-api-key-|ABSK)[A-Za-z0-9+/=]+",
            r"|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{16,}",
            r"|\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
            r"|\b\d{12}\b",
        ))
        .expect("the pattern is valid")
    });
    let text = PRIVATE.replace_all(text, "[masked]");
    // A reply must not steer the terminal it is shown on.
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
