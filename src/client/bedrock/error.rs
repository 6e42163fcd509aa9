//! What an error reply means: both envelopes read into one classified error with a hint.
//!
//! Envelope A is AWS's own (`{"message": …}`, also `Message`), envelope B is OpenAI's (`{"error": {"code", "message"}}`),
//! sometimes with a whole B as JSON inside its message.

use std::fmt;

use crate::recording::error_text::{error_text, short_code, summary};
use crate::recording::json::Value;

pub use super::error_class::ErrorClass;
use super::error_table::{class_of, is_known};
pub use crate::recording::error_text::mask;

/// An error reply, read.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub class: ErrorClass,
    /// Whether one of AWS's own codes says so. The status may be another one then.
    pub by_code: bool,
    /// The message of the reply, with account ids, ARNs and keys masked.
    pub message: String,
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

/// Reads an error reply: its status, its `x-amzn-ErrorType` header or the name of its event, its decoded body.
pub fn classify(status: u16, error_type: Option<&str>, text: &str) -> ApiError {
    let json = Value::parse(text.trim().as_bytes()).ok();
    let said = json.as_ref().map(error_text).unwrap_or_default();
    let message = if said.message.is_empty() { summary(text) } else { said.message.clone() };
    let error_type = error_type.map(short_code).unwrap_or_default();
    // Of all codes the first one whose meaning is known decides; the header is AWS's own.
    let known = [&error_type].into_iter().chain(&said.codes).find(|code| is_known(code));
    let by_code = known.is_some();
    let unknown = if said.code().is_empty() { error_type.as_str() } else { said.code() };
    let code = known.map_or(unknown, String::as_str);
    let page = json.is_none() && text.trim_start().starts_with('<');
    let words = if json.is_some() { &message } else { text };
    let class = class_of(status, code, &words.to_lowercase(), page);
    ApiError { status, class, by_code, message: mask(&message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_envelopes_and_what_they_mean() {
        for (status, header, body, class) in [
            (403, None, r#"{"Message":"Bearer Token has expired"}"#, ErrorClass::ExpiredKey),
            (
                403,
                None,
                r#"{"message":"The security token included in the request is expired"}"#,
                ErrorClass::ExpiredSession,
            ),
            (
                403,
                None,
                r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#,
                ErrorClass::BadKey,
            ),
            (
                401,
                None,
                r#"{"error":{"code":"invalid_api_key","message":"Invalid bearer token"}}"#,
                ErrorClass::Unaccepted,
            ),
            (
                401,
                None,
                r#"{"error":{"code":"access_denied","message":"x is not available for this account."}}"#,
                ErrorClass::NotEntitled,
            ),
            (
                403,
                None,
                r#"{"message":"You don't have access to the model with the specified model ID."}"#,
                ErrorClass::NoAccess,
            ),
            (403, None, r#"{"message":"Credential should be scoped to a valid region."}"#, ErrorClass::WrongRegion),
            (
                404,
                None,
                r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
                ErrorClass::WrongPath,
            ),
            (404, None, "<UnknownOperationException/>", ErrorClass::WrongPath),
            (404, None, "", ErrorClass::WrongPath),
            (400, None, r#"{"message":"The provided model identifier is invalid."}"#, ErrorClass::UnknownModel),
            (
                404,
                None,
                r#"{"error":{"code":"not_found_error","message":"The model 'X' does not exist"}}"#,
                ErrorClass::UnknownModel,
            ),
            (
                400,
                None,
                r#"{"message":"Invocation of model ID x isn’t supported. Retry with the ID of an inference profile"}"#,
                ErrorClass::NeedsProfile,
            ),
            (
                400,
                None,
                r#"{"error":{"message":"{\"error\":{\"code\":\"validation_error\",\"message\":\"Model does not support image modality\"}}"}}"#,
                ErrorClass::Invalid,
            ),
            (
                429,
                None,
                r#"{"message":"Too many tokens per day, please wait before trying again."}"#,
                ErrorClass::DailyQuota,
            ),
            (
                429,
                Some("ThrottlingException:http://internal"),
                r#"{"message":"Too many tokens, please wait"}"#,
                ErrorClass::Throttled,
            ),
            (503, None, "<html>", ErrorClass::Busy),
            // The code comes before the status.
            (400, Some("ThrottlingException:http://internal"), r#"{"message":"slow down"}"#, ErrorClass::Throttled),
            (403, None, r#"{"__type":"com.amazon#ThrottlingException","message":"slow down"}"#, ErrorClass::Throttled),
            (200, None, r#"{"error":{"code":"ThrottlingException","message":"x"}}"#, ErrorClass::Throttled),
            (
                500,
                Some("AccessDeniedException"),
                r#"{"message":"User is not authorized to do it"}"#,
                ErrorClass::Denied,
            ),
            (400, Some("ServiceUnavailableException"), "", ErrorClass::Busy),
            // A validation error of the body does not hide what the header says.
            (400, Some("ThrottlingException"), r#"{"error":{"code":"x","message":"y"}}"#, ErrorClass::Throttled),
            // Wherever a gateway puts the code, and whatever it has in the other fields.
            (400, None, r#"{"error":{"code":null,"type":"ThrottlingException","message":"x"}}"#, ErrorClass::Throttled),
            (403, None, r#"{"error":{"code":403,"type":"ThrottlingException","message":"x"}}"#, ErrorClass::Throttled),
            (400, None, r#"{"Code":"ThrottlingException","Message":"x"}"#, ErrorClass::Throttled),
            (400, Some("throttlingException"), r#"{"message":"x"}"#, ErrorClass::Throttled),
            (
                400,
                None,
                r#"{"error":{"code":"throttled","type":"rate_limit_error","message":"x"}}"#,
                ErrorClass::Throttled,
            ),
            (
                400,
                None,
                r#"{"error":{"code":"validation_error","message":"{\"__type\":\"a.b#ThrottlingException\",\"message\":\"x\"}"}}"#,
                ErrorClass::Throttled,
            ),
            (200, Some("ExpiredTokenException"), r#"{"message":"x"}"#, ErrorClass::ExpiredKey),
            (
                401,
                None,
                r#"{"error":{"code":null,"type":"invalid_request_error","message":"Incorrect API key provided"}}"#,
                ErrorClass::Unaccepted,
            ),
            // Only errors that are known to be about the key are.
            (
                403,
                Some("AccessDeniedException"),
                r#"{"message":"The trial session of this model has expired."}"#,
                ErrorClass::NotEntitled,
            ),
            (
                403,
                Some("AccessDeniedException"),
                r#"{"message":"Missing use case token or header for this model."}"#,
                ErrorClass::NotEntitled,
            ),
            (
                403,
                Some("AccessDeniedException:http://internal"),
                r#"{"message":"Access to this vendor's models is not allowed from unsupported countries, regions, or territories."}"#,
                ErrorClass::NotEntitled,
            ),
            (
                403,
                None,
                r#"{"message":"Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided."}"#,
                ErrorClass::NotEntitled,
            ),
            (
                403,
                None,
                r#"{"message":"Your AWS Marketplace subscription for this model has expired."}"#,
                ErrorClass::NotEntitled,
            ),
            (
                404,
                Some("AccessDeniedException"),
                r#"{"message":"Model use case details have not been submitted; you do not have access"}"#,
                ErrorClass::NoAccess,
            ),
            (403, None, r#"{"message":"Something new about one model."}"#, ErrorClass::Rejected),
            (403, None, "", ErrorClass::Rejected),
            (401, None, "", ErrorClass::Unaccepted),
            (403, Some("UnrecognizedClientException"), r#"{"message":"x"}"#, ErrorClass::BadKey),
            (403, Some("ExpiredTokenException"), r#"{"message":"x"}"#, ErrorClass::ExpiredKey),
            (403, Some("AccessDeniedException"), r#"{"Message":"Bearer Token has expired"}"#, ErrorClass::ExpiredKey),
            (302, None, "", ErrorClass::Other),
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
