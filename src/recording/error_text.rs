//! What an error reply says: either envelope, a page of HTML, a text. Shown with nothing private in it.

use std::sync::LazyLock;

use regex::Regex;

use super::json::Value;

/// The code and the message of either envelope; a whole envelope inside a message is unwrapped once.
pub fn code_and_message(json: &Value) -> (String, String) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let inner = json.get("error").filter(|error| error.as_object().is_some()).unwrap_or(json);
    let message = text(inner.get("message").or_else(|| inner.get("Message")));
    let nested = Value::parse(message.as_bytes()).ok().and_then(|json| json.get("error").cloned());
    if let Some(nested) = nested {
        return (text(nested.get("code")), text(nested.get("message")));
    }
    let output_type = json.get("Output").and_then(|output| output.get("__type"));
    let code = inner.get("__type").or_else(|| inner.get("code")).or_else(|| inner.get("type")).or(output_type);
    let error_text = json.get("error").and_then(Value::as_str).unwrap_or("");
    (text(code), if message.is_empty() { error_text.to_owned() } else { message })
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
