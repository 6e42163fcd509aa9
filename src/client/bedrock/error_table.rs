//! Which error of Bedrock means what: one table, read from the top.
//!
//! AWS's codes alone do not tell the cases apart: `AccessDeniedException` is a key that is past its end, a model that the
//! account has not asked for, and a country in which it is not sold. So the table also has the words of messages, in small
//! letters. Nothing else in this program decides by the words of an error.
//!
//! Sources: the service model of bedrock-runtime, "Common errors" and "Troubleshooting" of the Bedrock documentation, the
//! throttling codes of the AWS SDKs, and answers of both hosts, as of 2026-11.

use super::error_class::ErrorClass::{
    self, BadKey, Busy, DailyQuota, Denied, ExpiredKey, ExpiredSession, Invalid, KeyDenied, KeyForm, ModelFailed,
    ModelGone, NeedsProfile, NoAccess, NoKey, NotEntitled, NotReady, Parameter, Quota, Rejected, Server, Throttled,
    TooSlow, Unaccepted, UnknownModel, WrongPath, WrongRegion, WrongRoute, WrongService,
};
use MessageSays::{AllOf, Nothing, OneOf};
use StatusIs::{Any, From, These};

/// A row: all of it must fit.
struct ErrorRow {
    status: StatusIs,
    code: CodeIs,
    said: MessageSays,
    class: ErrorClass,
}

/// The statuses of a row.
enum StatusIs {
    Any,
    These(&'static [u16]),
    From(u16),
}

/// The codes of a row, without their namespace.
enum CodeIs {
    Any,
    /// The error has no code.
    Missing,
    OneOf(&'static [&'static str]),
    Has(&'static str),
    EndsWith(&'static [&'static str]),
}

/// The words of a row.
enum MessageSays {
    Anything,
    /// The error has no message.
    Nothing,
    OneOf(&'static [&'static str]),
    AllOf(&'static [&'static str]),
}

const fn row(status: StatusIs, code: CodeIs, said: MessageSays, class: ErrorClass) -> ErrorRow {
    ErrorRow { status, code, said, class }
}

/// A row of a status and of words.
const fn words(status: StatusIs, said: MessageSays, class: ErrorClass) -> ErrorRow {
    row(status, CodeIs::Any, said, class)
}

/// A row of a status and of codes.
const fn codes(status: StatusIs, code: CodeIs, class: ErrorClass) -> ErrorRow {
    row(status, code, MessageSays::Anything, class)
}

/// Rows that come before the status: a server between here and Bedrock may hide it.
const OF_ANY_STATUS: [ErrorRow; 3] = [
    codes(Any, CodeIs::OneOf(&["UnknownOperationException"]), WrongPath),
    words(Any, OneOf(&["unknownoperationexception"]), WrongPath),
    words(Any, OneOf(&["credential has expired"]), ExpiredKey),
];

/// The status is that of the code, if the code has one. A 401 or 403 is about the key only if the reply is known to say
/// so. Any other is about this request: the next one, to another model, may be answered.
const ROWS: &[ErrorRow] = &[
    words(REJECTED, OneOf(&["callwithbearertoken"]), KeyDenied),
    // The account may not have the model, for a reason of its own.
    words(
        REJECTED,
        OneOf(&[
            "not available for this account",
            "not available in your",
            "subscri",
            "marketplace",
            "payment",
            "billing",
            "countr",
            "territor",
        ]),
        NotEntitled,
    ),
    // Nobody has asked for the model yet.
    words(
        REJECTED,
        OneOf(&[
            "don't have access",
            "don’t have access",
            "do not have access",
            "access to the model",
            "access to this model",
            "model access",
        ]),
        NoAccess,
    ),
    row(REJECTED, CodeIs::Has("Expired"), OneOf(&["security token"]), ExpiredSession),
    codes(REJECTED, CodeIs::Has("Expired"), ExpiredKey),
    // Whatever else it says of one model, another one may be answered.
    words(REJECTED, OneOf(&["this model"]), NotEntitled),
    words(REJECTED, AllOf(&["security token", "expired"]), ExpiredSession),
    words(REJECTED, AllOf(&["expired", "token"]), ExpiredKey),
    words(REJECTED, AllOf(&["expired", "credential"]), ExpiredKey),
    words(REJECTED, AllOf(&["expired", "signature"]), ExpiredKey),
    words(REJECTED, AllOf(&["expired", "session"]), ExpiredKey),
    words(REJECTED, AllOf(&["expired", "api key"]), ExpiredKey),
    codes(REJECTED, CodeIs::OneOf(&["expired_token"]), ExpiredKey),
    words(REJECTED, AllOf(&["region", "scoped"]), WrongRegion),
    words(REJECTED, AllOf(&["region", "wrong"]), WrongRegion),
    words(REJECTED, OneOf(&["scoped to correct service"]), WrongService),
    codes(REJECTED, CodeIs::OneOf(&["MissingAuthenticationToken", "MissingAuthenticationTokenException"]), NoKey),
    words(REJECTED, AllOf(&["missing", "header"]), NoKey),
    words(REJECTED, AllOf(&["missing", "token"]), NoKey),
    words(REJECTED, OneOf(&["key not provided"]), NoKey),
    words(REJECTED, OneOf(&["pre-defined prefix", "invalid api key format"]), KeyForm),
    codes(REJECTED, CodeIs::OneOf(&BAD_KEY_CODES), BadKey),
    words(
        REJECTED,
        OneOf(&[
            "api key is valid",
            "api key is invalid",
            "invalid api key",
            "authentication failed",
            "security token included in the request is invalid",
            "signature we calculated does not match",
            "signature not yet current",
        ]),
        BadKey,
    ),
    words(REJECTED, OneOf(&["not authorized"]), Denied),
    codes(REJECTED, CodeIs::OneOf(&["access_denied"]), Denied),
    codes(REJECTED, CodeIs::OneOf(&["invalid_api_key", "authentication_error"]), Unaccepted),
    words(REJECTED, OneOf(&["bearer token"]), Unaccepted),
    // HTTP's own meaning of 401, where neither a code nor a message says more.
    row(These(&[401]), CodeIs::Missing, OneOf(&["unauthori", "authenti", "credential", "token", "key"]), Unaccepted),
    row(These(&[401]), CodeIs::Missing, Nothing, Unaccepted),
    words(REJECTED, MessageSays::Anything, Rejected),
    words(NOT_FOUND, OneOf(&["inference profile"]), NeedsProfile),
    words(NOT_FOUND, OneOf(&["on this route", "does not support the '/v1"]), WrongRoute),
    words(NOT_FOUND, OneOf(&["end of its life", "could not resolve the foundation model"]), ModelGone),
    words(NOT_FOUND, OneOf(&["model identifier", "model not found"]), UnknownModel),
    codes(NOT_FOUND, CodeIs::OneOf(&["model_not_found"]), UnknownModel),
    words(NOT_FOUND, AllOf(&["api key not provided", "model"]), UnknownModel),
    words(NOT_FOUND, OneOf(&["api key not provided"]), NoKey),
    words(These(&[404]), OneOf(&["does not exist"]), UnknownModel),
    codes(These(&[404]), CodeIs::OneOf(&["not_found_error"]), UnknownModel),
    words(These(&[404]), Nothing, WrongPath),
    words(These(&[404]), OneOf(&["not found"]), WrongPath),
    words(These(&[429]), OneOf(&["per day"]), DailyQuota),
    codes(These(&[429]), CodeIs::OneOf(&["ModelNotReadyException"]), NotReady),
    words(These(&[429]), MessageSays::Anything, Throttled),
    codes(These(&[400]), CodeIs::OneOf(&["ServiceQuotaExceededException"]), Quota),
    codes(
        These(&[400, 422]),
        CodeIs::EndsWith(&["_below_min_value", "_above_max_value", "_parameter", "_value"]),
        Parameter,
    ),
    words(These(&[400, 422]), OneOf(&["unknown field"]), Parameter),
    words(These(&[400, 413, 422]), MessageSays::Anything, Invalid),
    words(These(&[408]), MessageSays::Anything, TooSlow),
    words(These(&[424]), MessageSays::Anything, ModelFailed),
    words(These(&[503, 529]), MessageSays::Anything, Busy),
    words(From(500), MessageSays::Anything, Server),
    // An error in the middle of an answer has no status of its own.
    words(These(&[200]), OneOf(&["throttl", "too many"]), Throttled),
    codes(These(&[200]), CodeIs::Has("server_error"), Server),
    codes(These(&[200]), CodeIs::Has("overloaded"), Server),
];

const REJECTED: StatusIs = These(&[401, 403]);
const NOT_FOUND: StatusIs = These(&[400, 404]);

/// What an error reply means: `code` without its namespace, `message` in small letters, and whether the body was a page
/// instead of JSON.
///
/// A code that AWS documents comes before the status: gateways change statuses, and an error in the middle of an answer
/// has none.
pub(super) fn class_of(status: u16, code: &str, message: &str, page: bool) -> ErrorClass {
    let meant =
        |rows: &[ErrorRow], status| rows.iter().find(|row| row.fits(status, code, message)).map(|row| row.class);
    if let Some(class) = meant(&OF_ANY_STATUS, status) {
        return class;
    }
    let status = match status_of(code) {
        Some(status) => status,
        None if page && status < 500 && !matches!(status, 408 | 424 | 429) => return ErrorClass::NotBedrock,
        None => status,
    };
    meant(ROWS, status).unwrap_or(ErrorClass::Other)
}

impl ErrorRow {
    fn fits(&self, status: u16, code: &str, message: &str) -> bool {
        let status_fits = match self.status {
            StatusIs::Any => true,
            StatusIs::These(statuses) => statuses.contains(&status),
            StatusIs::From(least) => status >= least,
        };
        let code_fits = match self.code {
            CodeIs::Any => true,
            CodeIs::Missing => code.is_empty(),
            CodeIs::OneOf(codes) => codes.contains(&code),
            CodeIs::Has(part) => code.contains(part),
            CodeIs::EndsWith(ends) => ends.iter().any(|end| code.ends_with(end)),
        };
        let said_fits = match self.said {
            MessageSays::Anything => true,
            MessageSays::Nothing => message.is_empty(),
            MessageSays::OneOf(words) => words.iter().any(|words| message.contains(words)),
            MessageSays::AllOf(words) => words.iter().all(|words| message.contains(words)),
        };
        status_fits && code_fits && said_fits
    }
}

/// Codes of a key that is wrong, cut, or unknown.
const BAD_KEY_CODES: [&str; 7] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
];

/// The status that belongs to an error code of AWS, or of its OpenAI-compatible API.
fn status_of(code: &str) -> Option<u16> {
    Some(match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "TransactionInProgressException"
        | "EC2ThrottledException"
        | "ModelNotReadyException"
        | "rate_limit_exceeded"
        | "rate_limit_error" => 429,
        "ModelTimeoutException" => 408,
        "ModelErrorException" | "ModelStreamErrorException" => 424,
        "ServiceUnavailableException" | "ServiceUnavailable" | "overloaded_error" => 503,
        "InternalServerException" | "InternalServerError" | "InternalFailure" | "internal_server_error" => 500,
        "ServiceQuotaExceededException" | "ValidationException" | "validation_error" => 400,
        "ResourceNotFoundException" => 404,
        "AccessDeniedException"
        | "AccessDenied"
        | "access_denied"
        | "invalid_api_key"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => 403,
        code if BAD_KEY_CODES.contains(&code) => 403,
        _ => return None,
    })
}

/// Whether a code is one whose meaning is known, so that it decides.
pub(super) fn is_known(code: &str) -> bool {
    status_of(code).is_some() || code == "UnknownOperationException"
}
