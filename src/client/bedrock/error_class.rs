//! What an error of Bedrock means, and what to do about each: the rows of `bedrock.md` section 2.5.

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The key is past its end.
    ExpiredKey,
    /// The session of the credentials behind it is.
    ExpiredSession,
    /// No key arrived.
    NoKey,
    /// What arrived has not the form of a key.
    KeyForm,
    /// The key is unknown here: wrong, cut, or of another region.
    BadKey,
    /// The key is wrong or cut, or keys are not allowed to its owner: the reply does not tell.
    Unaccepted,
    /// The owner of the key may not use keys.
    KeyDenied,
    /// The key belongs to another region.
    WrongRegion,
    /// The key was signed for another service.
    WrongService,
    /// The key is genuine, but may not do this.
    Denied,
    /// The request is rejected, and the reply does not say that the key is the reason.
    Rejected,
    /// The account is not entitled to the model.
    NotEntitled,
    /// The account has not asked for the model.
    NoAccess,
    /// The path is not one of Bedrock's.
    WrongPath,
    /// The reply is not from Bedrock at all.
    NotBedrock,
    /// There is no such model on this host.
    UnknownModel,
    /// The model does not exist any more.
    ModelGone,
    /// The model needs another path.
    WrongRoute,
    /// The model wants an inference profile instead of its id.
    NeedsProfile,
    /// A parameter of the request is rejected.
    Parameter,
    /// The request itself is rejected.
    Invalid,
    /// Too much for now.
    Throttled,
    /// The model is being loaded.
    NotReady,
    /// Too much for today.
    DailyQuota,
    /// Too much for the account.
    Quota,
    /// The model took too long.
    TooSlow,
    /// The model failed on this request.
    ModelFailed,
    /// The service has no room.
    Busy,
    /// The service failed; asking again may work.
    Server,
    /// Anything else.
    Other,
}

impl ErrorClass {
    /// What to do about it.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            ErrorClass::ExpiredKey => {
                "make a new API key with `bedrock-fixtures mint-token` or in the Bedrock console, and export it as \
                 AWS_BEARER_TOKEN_BEDROCK"
            }
            ErrorClass::ExpiredSession => {
                "sign in to AWS again, then make a new API key with `bedrock-fixtures mint-token`: the session that \
                 made this key has ended"
            }
            ErrorClass::NoKey => "set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key: the server got none",
            ErrorClass::KeyForm => "give a Bedrock API key; it starts with bedrock-api-key- or ABSK",
            ErrorClass::BadKey => "check that the whole key was copied and that it was made in this region",
            ErrorClass::Unaccepted => {
                "check with `bedrock-fixtures verify-token` that the key is complete, and that its owner has the \
                 permission CallWithBearerToken"
            }
            ErrorClass::KeyDenied => {
                "give the owner of the key the permission bedrock:CallWithBearerToken (on bedrock-mantle, \
                 bedrock-mantle:CallWithBearerToken)"
            }
            ErrorClass::WrongRegion => {
                "a key works only in the region where it was made: make a key in this region, or give the region of \
                 the key with --region"
            }
            ErrorClass::WrongService => {
                "the key is signed for another service: make a Bedrock API key with `bedrock-fixtures mint-token`"
            }
            ErrorClass::Denied => {
                "ask the administrator of the account for access: the named permission, or bedrock:InvokeModel"
            }
            ErrorClass::Rejected => {
                "the reply does not say that the key is wrong: check the account's access to this model (Model access in \
                 the Bedrock console) and its permissions, then the key with `bedrock-fixtures verify-token --online`"
            }
            ErrorClass::NotEntitled => {
                "use a model that the account has access to, or get access to this one under Model access in the \
                 Bedrock console (payment, country, subscription)"
            }
            ErrorClass::NoAccess => {
                "ask for access to the model in the Bedrock console, under Model access, in this region"
            }
            ErrorClass::WrongPath => {
                "check the endpoint: its base url ends in /v1, /openai/v1 on bedrock-runtime and /v1 on bedrock-mantle"
            }
            ErrorClass::NotBedrock => {
                "this is not an answer of Bedrock: check the endpoint url, and proxies (HTTPS_PROXY, NO_PROXY)"
            }
            ErrorClass::UnknownModel => {
                "check the model id and that the account has access: gpt-oss ends in -1:0 on bedrock-runtime and has no \
                 suffix on bedrock-mantle"
            }
            ErrorClass::ModelGone => {
                "use a newer model; `bedrock-fixtures rekey --model OLD=NEW` renames it in old recordings"
            }
            ErrorClass::WrongRoute => {
                "change the url of the case: gpt-oss is under /v1 of bedrock-mantle, most others are under /openai/v1"
            }
            ErrorClass::NeedsProfile => "use the model's inference profile id, which starts with us. or global.",
            ErrorClass::Parameter => {
                "correct or remove the named parameter: Bedrock does not know it, or not this value"
            }
            ErrorClass::Invalid => {
                "correct the request, or allow the status with --allow-status if the test is about this error"
            }
            ErrorClass::Throttled => "wait, or lower --concurrency",
            ErrorClass::NotReady => "the model is still loading: try again in a few minutes",
            ErrorClass::DailyQuota => {
                "continue tomorrow: finished recordings are kept, and --missing or the printed command sends only the \
                 rest"
            }
            ErrorClass::Quota => "request a higher quota in the Service Quotas console, or send fewer requests",
            ErrorClass::TooSlow => {
                "the model took too long: ask for fewer tokens (max_completion_tokens), or try again later"
            }
            ErrorClass::ModelFailed => "the model failed on this request: change it, or try again later",
            ErrorClass::Busy => "the service is busy: try again later, or lower --concurrency",
            ErrorClass::Server => "the service failed: try again later",
            ErrorClass::Other => return None,
        })
    }

    /// Whether the key is not taken, so that another one might be.
    pub fn rejects_key(self) -> bool {
        use ErrorClass::{
            BadKey, ExpiredKey, ExpiredSession, KeyDenied, KeyForm, NoKey, Unaccepted, WrongRegion, WrongService,
        };
        matches!(
            self,
            ExpiredKey
                | ExpiredSession
                | NoKey
                | KeyForm
                | BadKey
                | Unaccepted
                | KeyDenied
                | WrongRegion
                | WrongService
        )
    }

    /// Whether AWS says the same of a wrong key and of one of another region.
    pub fn may_be_region(self) -> bool {
        matches!(self, ErrorClass::BadKey | ErrorClass::Unaccepted)
    }

    /// Whether every further request of the run would fail the same way.
    pub fn ends_run(self) -> bool {
        self.rejects_key() || matches!(self, ErrorClass::DailyQuota | ErrorClass::Quota)
    }

    /// Whether the same request may be answered later.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            ErrorClass::Throttled
                | ErrorClass::NotReady
                | ErrorClass::DailyQuota
                | ErrorClass::TooSlow
                | ErrorClass::Busy
                | ErrorClass::Server
        )
    }

    /// What an error reply means: `code` without its namespace, `message` in small letters, and whether the body was a
    /// page instead of JSON.
    ///
    /// A code that AWS documents comes before the status: gateways change statuses, and an error in the middle of an answer
    /// has none.
    pub(super) fn of(status: u16, code: &str, message: &str, page: bool) -> Self {
        let says = |text: &str| message.contains(text);
        if code == "UnknownOperationException" || says("unknownoperationexception") {
            return ErrorClass::WrongPath;
        }
        // A server between here and Bedrock may hide its status.
        if says("credential has expired") {
            return ErrorClass::ExpiredKey;
        }
        let status = match status_of(code) {
            Some(status) => status,
            None if page && status < 500 && !matches!(status, 408 | 424 | 429) => return ErrorClass::NotBedrock,
            None => status,
        };
        match status {
            401 | 403 => ErrorClass::of_rejection(status, code, message),
            400 | 404 if says("inference profile") => ErrorClass::NeedsProfile,
            400 | 404 if says("on this route") || says("does not support the '/v1") => ErrorClass::WrongRoute,
            400 | 404 if says("end of its life") || says("could not resolve the foundation model") => {
                ErrorClass::ModelGone
            }
            400 | 404 if says("model identifier") || code == "model_not_found" => ErrorClass::UnknownModel,
            400 | 404 if says("model not found") || says("api key not provided") => {
                if says("model") {
                    ErrorClass::UnknownModel
                } else {
                    ErrorClass::NoKey
                }
            }
            404 if says("does not exist") || code == "not_found_error" => ErrorClass::UnknownModel,
            404 if message.is_empty() || says("not found") => ErrorClass::WrongPath,
            429 if says("per day") => ErrorClass::DailyQuota,
            429 if code == "ModelNotReadyException" => ErrorClass::NotReady,
            429 => ErrorClass::Throttled,
            400 if code == "ServiceQuotaExceededException" => ErrorClass::Quota,
            400 | 422 if is_of_parameter(code) || says("unknown field") => ErrorClass::Parameter,
            400 | 413 | 422 => ErrorClass::Invalid,
            408 => ErrorClass::TooSlow,
            424 => ErrorClass::ModelFailed,
            503 | 529 => ErrorClass::Busy,
            500.. => ErrorClass::Server,
            // An error in the middle of an answer has no status of its own.
            200 if says("throttl") || says("too many") => ErrorClass::Throttled,
            200 if code.contains("server_error") || code.contains("overloaded") => ErrorClass::Server,
            _ => ErrorClass::Other,
        }
    }

    /// The class of a 401 or 403. It is about the key only if the reply is known to say so. Any other error is about this
    /// request: the next request, to another model, may be answered.
    fn of_rejection(status: u16, code: &str, message: &str) -> Self {
        let says = |text: &str| message.contains(text);
        let says_any = |texts: &[&str]| texts.iter().any(|text| says(text));
        let expired = says("expired") && says_any(&["token", "credential", "signature", "session", "api key"]);
        match code {
            _ if says("callwithbearertoken") => ErrorClass::KeyDenied,
            _ if says_any(&OF_ACCOUNT) => ErrorClass::NotEntitled,
            _ if says_any(&OF_MODEL_ACCESS) => ErrorClass::NoAccess,
            _ if says("security token") && (expired || code.contains("Expired")) => ErrorClass::ExpiredSession,
            _ if expired || code.contains("Expired") || code == "expired_token" => ErrorClass::ExpiredKey,
            _ if says("region") && (says("scoped") || says("wrong")) => ErrorClass::WrongRegion,
            _ if says("scoped to correct service") => ErrorClass::WrongService,
            "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => ErrorClass::NoKey,
            _ if says("missing") && says_any(&["header", "token"]) => ErrorClass::NoKey,
            _ if says("key not provided") => ErrorClass::NoKey,
            _ if says("pre-defined prefix") || says("invalid api key format") => ErrorClass::KeyForm,
            _ if BAD_KEY_CODES.contains(&code) || says_any(&OF_BAD_KEY) => ErrorClass::BadKey,
            _ if says("not authorized") || code == "access_denied" => ErrorClass::Denied,
            "invalid_api_key" | "authentication_error" => ErrorClass::Unaccepted,
            _ if says("bearer token") => ErrorClass::Unaccepted,
            // HTTP's own meaning of 401, where neither a code nor a message says more.
            "" if status == 401 && says_any(&["unauthori", "authenti", "credential", "token", "key"]) => {
                ErrorClass::Unaccepted
            }
            "" if status == 401 && message.is_empty() => ErrorClass::Unaccepted,
            _ => ErrorClass::Rejected,
        }
    }
}

/// The account may not have the model, for a reason of its own.
const OF_ACCOUNT: [&str; 8] = [
    "not available for this account",
    "not available in your",
    "subscri",
    "marketplace",
    "payment",
    "billing",
    "countr",
    "territor",
];

/// Nobody has asked for the model yet.
const OF_MODEL_ACCESS: [&str; 6] = [
    "don't have access",
    "don’t have access",
    "do not have access",
    "access to the model",
    "access to this model",
    "model access",
];

/// What AWS and the gateways before it say of a key that is wrong, cut, or unknown.
const OF_BAD_KEY: [&str; 7] = [
    "api key is valid",
    "api key is invalid",
    "invalid api key",
    "authentication failed",
    "security token included in the request is invalid",
    "signature we calculated does not match",
    "signature not yet current",
];

/// Codes that say so.
const BAD_KEY_CODES: [&str; 7] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
];

/// The status that belongs to an error code of AWS, or of its OpenAI-compatible API. Sources: the service model of
/// bedrock-runtime, "Common errors" of the Bedrock API reference, and the throttling codes of the AWS SDKs, as of 2026-11.
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

fn is_of_parameter(code: &str) -> bool {
    let of_value = ["_below_min_value", "_above_max_value", "_parameter", "_value"];
    of_value.iter().any(|end| code.ends_with(end))
}

/// Whether a code is one whose meaning is known, so that it decides.
pub(super) fn is_known(code: &str) -> bool {
    status_of(code).is_some() || code == "UnknownOperationException"
}
