//! Short-term keys for a run, made in memory from AWS credentials, one after the other: a run that is longer than a key
//! runs without attention.

use jiff::{SignedDuration, Timestamp};

use crate::client::bedrock::endpoint::Region;
use crate::context::Context;
use crate::error::Result;
use crate::jobs::credentials;
use crate::secret::Secret;
use crate::token::LONGEST;
use crate::token::mint::mint;
use crate::token::verdict::format_span;

/// Where a minted key is from, in messages.
pub(crate) const SOURCE: &str = "AWS credentials";

/// Makes keys.
#[derive(Clone, Debug)]
pub(crate) struct Minter {
    /// The region that they are to work in.
    pub(crate) region: Region,
    /// The profile whose credentials make them, if one was given.
    pub(crate) profile: Option<String>,
}

/// A key that was made.
pub(crate) struct Fresh {
    /// The key.
    pub(crate) token: Secret,
    /// The credentials that made it, which must not be in a recording either.
    pub(crate) credentials: Vec<Secret>,
    /// Whether its expiry time is exact, so that no warning about its session is needed.
    pub(crate) is_exact: bool,
    /// What it is and where it is from: one line.
    pub(crate) what: String,
}

impl Minter {
    /// Gets the credentials as they are now, and makes a key that is valid from `now`, for as long as they allow.
    ///
    /// # Errors
    /// When there are no credentials, or they have expired.
    pub(crate) fn mint(&self, context: &Context<'_>, now: Timestamp) -> Result<Fresh> {
        let (credentials, source) = credentials::find(context, self.profile.as_deref())?;
        let minted = mint(&credentials, self.region.as_str(), SignedDuration::from_secs(LONGEST), now)?;
        let (says, region) = (&minted.says, &self.region);
        let lasts = format_span(says.expires.duration_since(says.issued));
        let what = format!(
            "minted a key of {region} in memory, with credentials {} from {source}; valid at most until {} ({lasts})",
            says.access_key.masked(),
            says.expires
        );
        let is_exact = credentials.session_token.is_none() || credentials.expiration.is_some();
        let credentials = [Some(credentials.secret_key), credentials.session_token].into_iter().flatten().collect();
        Ok(Fresh { token: minted.token, credentials, is_exact, what })
    }
}
