//! What an error reply means: both envelopes read into one classified error with a hint.
//!
//! Envelope A is AWS's own (`{"message": …}`, also `Message`), envelope B is OpenAI's (`{"error": {"code", "message"}}`),
//! sometimes with a whole B as JSON inside its message.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use crate::recording::json::Value;

/// An error reply, read.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub class: Class,
    /// The message of the reply, with account ids, ARNs and keys masked.
    pub message: String,
}

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The key is past its end.
    ExpiredKey,
    /// The key is unknown here: wrong, cut, or of another region.
    BadKey,
    /// The key belongs to another region.
    WrongRegion,
    /// The key is genuine, but may not do this.
    Denied,
    /// The path is not one of Bedrock's.
    WrongPath,
    /// There is no such model on this host.
    UnknownModel,
    /// The model wants an inference profile instead of its id.
    NeedsProfile,
    /// The request itself is refused.
    Invalid,
    /// Too much for now.
    Throttled,
    /// Too much for today.
    DailyQuota,
    /// The service failed; asking again may work.
    Server,
    /// Anything else.
    Other,
}

impl Class {
    /// What to do about it.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Class::ExpiredKey => {
                "make a new API key with `bedrock-fixtures mint-token` or in the Bedrock console, and export it as \
                 AWS_BEARER_TOKEN_BEDROCK"
            }
            Class::BadKey => "check that the whole key was copied and that it was made in this region",
            Class::WrongRegion => {
                "a key works only in the region it was made in: make one here, or give its region with --region"
            }
            Class::Denied => "ask for access to the model in the Bedrock console, or for the permission named",
            Class::WrongPath => "check the endpoint: its path is /openai/v1 on bedrock-runtime, /v1 on bedrock-mantle",
            Class::UnknownModel => {
                "check the model id: gpt-oss ends in -1:0 on bedrock-runtime and has no suffix on bedrock-mantle"
            }
            Class::NeedsProfile => "use the model's inference profile id, which starts with us. or global.",
            Class::Invalid => {
                "mend the request, or allow the status with --allow-status if the test is about this error"
            }
            Class::Throttled => "wait a little, or lower --concurrency",
            Class::DailyQuota => {
                "go on tomorrow: what was recorded so far is kept, and --missing asks only for the rest"
            }
            Class::Server => "try again later",
            Class::Other => return None,
        })
    }

    /// Whether every further request of the run would fail the same way.
    pub fn ends_run(self) -> bool {
        matches!(self, Class::ExpiredKey | Class::BadKey | Class::WrongRegion | Class::DailyQuota)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

/// Reads an error reply: its status, its `x-amzn-ErrorType` header, its decoded body.
pub fn classify(status: u16, error_type: Option<&str>, text: &str) -> ApiError {
    let json = Value::parse(text.trim().as_bytes()).ok();
    let (code, message) = json.as_ref().map(code_and_message).unwrap_or_default();
    let message = if message.is_empty() { summary(text) } else { message };
    // `ThrottlingException:http://…` in the header, `com.amazon.coral.service#UnknownOperationException` in the body.
    let short = |name: &str| name.split(':').next().unwrap_or("").rsplit('#').next().unwrap_or("").to_owned();
    let code = if code.is_empty() { error_type.map(short).unwrap_or_default() } else { short(&code) };
    let class = class(status, &code, &if json.is_some() { message.to_lowercase() } else { text.to_lowercase() });
    ApiError { status, class, message: mask(&message) }
}

/// The code and the message of either envelope; a whole envelope inside a message is unwrapped once.
fn code_and_message(json: &Value) -> (String, String) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let inner = json.get("error").filter(|error| error.as_object().is_some()).unwrap_or(json);
    let message = text(inner.get("message").or_else(|| inner.get("Message")));
    let nested = Value::parse(message.as_bytes()).ok().and_then(|json| json.get("error").cloned());
    if let Some(nested) = nested {
        return (text(nested.get("code")), text(nested.get("message")));
    }
    let output_type = json.get("Output").and_then(|output| output.get("__type"));
    let code = inner.get("code").or_else(|| inner.get("__type")).or_else(|| inner.get("type")).or(output_type);
    let error_text = json.get("error").and_then(Value::as_str).unwrap_or("");
    (text(code), if message.is_empty() { error_text.to_owned() } else { message })
}

fn class(status: u16, code: &str, message: &str) -> Class {
    let says = |text: &str| message.contains(text);
    match status {
        _ if code == "UnknownOperationException" || says("unknownoperationexception") => Class::WrongPath,
        401 | 403 if says("expired") || code.contains("Expired") || code == "expired_token" => Class::ExpiredKey,
        401 | 403 if says("region") && (says("scoped") || says("wrong")) => Class::WrongRegion,
        401 | 403 if code == "access_denied" || says("not authorized") || says("don't have access") => Class::Denied,
        401 | 403 => Class::BadKey,
        400 | 404 if says("inference profile") => Class::NeedsProfile,
        400 | 404 if says("model identifier") || says("end of its life") || says("on this route") => {
            Class::UnknownModel
        }
        400 if says("does not support the '/v1") => Class::UnknownModel,
        404 if says("does not exist") || matches!(code, "not_found_error" | "model_not_found") => Class::UnknownModel,
        404 if message.is_empty() => Class::WrongPath,
        429 if says("per day") => Class::DailyQuota,
        429 => Class::Throttled,
        400 if code == "ServiceQuotaExceededException" => Class::DailyQuota,
        400 | 413 | 422 => Class::Invalid,
        408 | 424 | 500.. => Class::Server,
        _ => Class::Other,
    }
}

/// The first line of a text that is no JSON, shortened: an HTML page says little.
fn summary(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_envelopes_and_what_they_mean() {
        for (status, header, body, class) in [
            (403, None, r#"{"Message":"Bearer Token has expired"}"#, Class::ExpiredKey),
            (403, None, r#"{"message":"The security token included in the request is expired"}"#, Class::ExpiredKey),
            (
                403,
                None,
                r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#,
                Class::BadKey,
            ),
            (401, None, r#"{"error":{"code":"invalid_api_key","message":"Invalid bearer token"}}"#, Class::BadKey),
            (
                401,
                None,
                r#"{"error":{"code":"access_denied","message":"x is not available for this account."}}"#,
                Class::Denied,
            ),
            (
                403,
                None,
                r#"{"message":"You don't have access to the model with the specified model ID."}"#,
                Class::Denied,
            ),
            (403, None, r#"{"message":"Credential should be scoped to a valid region."}"#, Class::WrongRegion),
            (
                404,
                None,
                r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
                Class::WrongPath,
            ),
            (404, None, "<UnknownOperationException/>", Class::WrongPath),
            (404, None, "", Class::WrongPath),
            (400, None, r#"{"message":"The provided model identifier is invalid."}"#, Class::UnknownModel),
            (
                404,
                None,
                r#"{"error":{"code":"not_found_error","message":"The model 'X' does not exist"}}"#,
                Class::UnknownModel,
            ),
            (
                400,
                None,
                r#"{"message":"Invocation of model ID x isn’t supported. Retry with the ID of an inference profile"}"#,
                Class::NeedsProfile,
            ),
            (
                400,
                None,
                r#"{"error":{"message":"{\"error\":{\"code\":\"validation_error\",\"message\":\"Model does not support image modality\"}}"}}"#,
                Class::Invalid,
            ),
            (
                429,
                None,
                r#"{"message":"Too many tokens per day, please wait before trying again."}"#,
                Class::DailyQuota,
            ),
            (
                429,
                Some("ThrottlingException:http://internal"),
                r#"{"message":"Too many tokens, please wait"}"#,
                Class::Throttled,
            ),
            (503, None, "<html>", Class::Server),
            (302, None, "", Class::Other),
        ] {
            assert_eq!(classify(status, header, body).class, class, "{status} {body}");
        }
    }

    #[test]
    fn nothing_private_is_shown() {
        let arn = "User: arn:aws:iam::123456789012:user/x is not authorized for 123456789012 with ABSKabcdef";
        let error = classify(403, None, &format!(r#"{{"Message":"{arn}"}}"#));
        assert_eq!(error.to_string(), "HTTP 403: User: [masked] is not authorized for [masked] with [masked]");
    }
}
