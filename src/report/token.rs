//! What `verify-token` and `mint-token` found and made.

use serde::Serialize;

use super::outcome::Outcome;

/// Something to know about a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TokenNote {
    /// One line.
    pub text: String,
    /// It may make the token fail.
    #[serde(skip)]
    pub warning: bool,
}

/// What the endpoint said to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnlineResult {
    /// The endpoint accepts the token.
    Accepted,
    /// The endpoint rejects the token.
    Rejected,
    /// The endpoint rejects the token, which is of another region.
    WrongRegion,
    /// There was no answer, or not one to the question.
    Unasked,
}

/// The result of asking the endpoint.
#[derive(Debug, Serialize)]
pub struct Online {
    /// What it said.
    pub result: OnlineResult,
    /// The server that was asked.
    pub origin: String,
    /// Why.
    pub reason: Option<String>,
}

/// The result of `verify-token`.
#[derive(Debug, Serialize)]
pub struct TokenReport {
    /// The variable or file the token is from.
    pub source: Option<String>,
    /// What it is.
    pub kind: &'static str,
    /// The verdict.
    pub verdict: &'static str,
    /// The region it works in.
    pub region: Option<String>,
    /// The region it is to work in.
    pub wanted_region: String,
    /// Where that is from: a flag, a variable, or the default.
    pub wanted_region_source: &'static str,
    /// The account it is of, as far as it can be known.
    pub account: Option<String>,
    /// The id of its access key, masked.
    pub access_key: Option<String>,
    /// When it was made, by its maker's clock.
    pub issued_at: Option<String>,
    /// It is valid at most until then.
    pub expires_at: Option<String>,
    /// Seconds until then.
    pub remaining_seconds: Option<i64>,
    /// The moment of the verdict.
    pub checked_at: String,
    /// What else there is to know.
    pub notes: Vec<TokenNote>,
    /// What the endpoint said, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<Online>,
    /// Whether it can be used, as far as it says.
    #[serde(skip)]
    pub usable: bool,
}

impl TokenReport {
    pub(super) fn outcome(&self) -> Outcome {
        match self.online.as_ref().map(|online| online.result) {
            _ if !self.usable => Outcome::Findings,
            Some(OnlineResult::Rejected | OnlineResult::WrongRegion) => Outcome::Findings,
            Some(OnlineResult::Unasked) => Outcome::Failed,
            Some(OnlineResult::Accepted) | None => Outcome::Clean,
        }
    }
}

/// A secret that the user wants to see.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Revealed(pub String);

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The result of `mint-token`.
#[derive(Debug, Serialize)]
pub struct MintReport {
    /// The region the token works in.
    pub region: String,
    /// The id of the access key that signed it, masked.
    pub access_key: String,
    /// When it was made.
    pub issued_at: String,
    /// It is valid at most until then.
    pub expires_at: String,
    /// Seconds between the two.
    pub expires_seconds: i64,
    /// The file it was written to.
    pub output: Option<String>,
    /// The token itself, if it was not written to a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Revealed>,
    /// What else there is to know.
    pub notes: Vec<TokenNote>,
    /// The variable to set in a shell, if the token is shown as the line that does.
    #[serde(skip)]
    pub export: Option<&'static str>,
}
