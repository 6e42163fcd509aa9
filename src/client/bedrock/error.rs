//! What an error reply means: both envelopes read into one classified error with a hint.
//!
//! Envelope A is AWS's own (`{"message": …}`, also `Message`), envelope B is OpenAI's (`{"error": {"code", "message"}}`),
//! sometimes with a whole B as JSON inside its message.

use std::fmt;

use crate::recording::error_text::{code_and_message, summary};
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

/// Reads an error reply: its status, its `x-amzn-ErrorType` header, its decoded body.
pub fn classify(status: u16, error_type: Option<&str>, text: &str) -> ApiError {
    let json = Value::parse(text.trim().as_bytes()).ok();
    let (code, message) = json.as_ref().map(code_and_message).unwrap_or_default();
    let message = if message.is_empty() { summary(text) } else { message };
    // `ThrottlingException:http://…` in the header, `com.amazon.coral.service#UnknownOperationException` in the body.
    let short = |name: &str| name.split(':').next().unwrap_or("").rsplit('#').next().unwrap_or("").to_owned();
    // Of the two codes the one whose meaning is known decides; the header is AWS's own.
    let codes = [error_type.map(short).unwrap_or_default(), short(&code)];
    let known = codes.iter().find(|code| is_known(code));
    let code = known.or_else(|| codes.iter().rev().find(|code| !code.is_empty())).cloned().unwrap_or_default();
    let page = json.is_none() && text.trim_start().starts_with('<');
    let said = if json.is_some() { &message } else { text };
    let class = class_of(status, &code, &said.to_lowercase(), page);
    ApiError { status, class, message: mask(&message) }
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
            // Only errors that are known to be about the key are.
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
