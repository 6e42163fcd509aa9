//! What an error of Bedrock means, and what to do about each.

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The key has expired.
    ExpiredKey,
    /// The session of its credentials has expired.
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
    /// The service is overloaded.
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
}
