//! Where the bytes go, and with which token.

use crate::client::bedrock::endpoint::{Region, Target};
use crate::client::trust::Trust;
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;
use crate::error::{Error, Result};
use crate::jobs::credentials;
use crate::jobs::trust::trust;
use crate::secret::Secret;

use super::minter::{self, Minter};
use super::options::RecordOptions;
use super::preflight::{Checked, Need, check, warning};

/// The server that gets the requests.
pub(crate) enum RecordTarget {
    /// The stand-in that this process starts; it accepts any token.
    Sandbox,
    /// AWS, or a server that was named.
    Server(Box<Server>),
}

/// A server that is there already.
pub(crate) struct Server {
    pub(crate) target: Target,
    /// Whom the connections trust.
    pub(crate) trust: Trust,
    /// The token, and the variable it is from.
    pub(crate) token: Option<(&'static str, Secret)>,
    /// What makes the next token, if this one was minted.
    pub(crate) minter: Option<Minter>,
    /// The credentials that made it.
    pub(crate) credentials: Vec<Secret>,
    /// Whether a minted token ends when it says.
    is_exact: bool,
    /// Why none was minted.
    no_credentials: Option<String>,
    /// Another recorder asks.
    is_guarded: bool,
    /// `--no-mint`: it signs for itself.
    no_mint: bool,
    /// The address and where it is from, when it is not that of AWS.
    address: Option<String>,
}

impl RecordTarget {
    pub(crate) fn of(context: &Context<'_>, options: &RecordOptions) -> Result<Self> {
        if options.sandbox {
            return Ok(RecordTarget::Sandbox);
        }
        let from_flag = options.endpoint_url.as_deref().map(|url| (url, "--endpoint-url"));
        let (target, address) = match from_flag.or_else(|| context.endpoint_url()) {
            Some((url, source)) => (Target::other(url)?, Some(format!("endpoint {url} (from {source})"))),
            None => (Target::Aws, None),
        };
        let (token, trust) = (context.environment.token(), trust(context)?);
        let (minter, credentials, is_exact, no_credentials) = (None, vec![], false, None);
        let (is_guarded, no_mint) = (!options.command.is_empty(), options.no_mint);
        let server = Server {
            target,
            trust,
            token,
            minter,
            credentials,
            is_exact,
            no_credentials,
            is_guarded,
            no_mint,
            address,
        };
        Ok(RecordTarget::Server(Box::new(server)))
    }

    /// Where the bytes go; of the sandbox it is known once it runs.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            RecordTarget::Sandbox => None,
            RecordTarget::Server(server) => Some(&server.target),
        }
    }

    /// What the user should know about it.
    pub(crate) fn note(&self, context: &Context<'_>) {
        match self {
            RecordTarget::Sandbox => {
                context.progress.note("sandbox: a stand-in on this machine answers, not a model");
            }
            RecordTarget::Server(server) => server.address.iter().for_each(|address| context.progress.note(address)),
        }
    }
}

impl Server {
    /// Mints a token from AWS credentials if there is none, but only for Bedrock or a server on this machine. A given
    /// profile wins over a token of the environment.
    pub(crate) fn mint(&mut self, context: &Context<'_>, options: &RecordOptions, region: &Region) -> Result<()> {
        let profile = options.profile.clone();
        if options.no_mint || (self.token.is_some() && profile.is_none()) {
            return Ok(());
        }
        let is_named = profile.is_some() || credentials::are_named(context);
        if !(self.target.is_aws() || (self.target.is_loopback() && is_named)) {
            return match profile {
                Some(_) => Err(Error::new("a key is minted only for Bedrock and for servers on this machine")
                    .at("--profile")
                    .hint("give the token of this server in AWS_BEARER_TOKEN_BEDROCK")),
                None => Ok(()),
            };
        }
        let minter = Minter { region: region.clone(), profile };
        match minter.mint(context, context.now) {
            Ok(fresh) => {
                context.progress.note(&format!("{}; --no-mint turns this off", fresh.what));
                self.token = Some((minter::SOURCE, fresh.token));
                (self.credentials, self.is_exact) = (fresh.credentials, fresh.is_exact);
                self.minter = Some(minter);
            }
            Err(error) if options.profile.is_some() => return Err(error),
            Err(error) => self.no_credentials = Some(error.to_string()),
        }
        Ok(())
    }

    /// Checks the token. A missing token is only a warning here: a plan does not need one.
    pub(crate) fn check(&self, context: &Context<'_>, need: &Need<'_>) -> Checked {
        match &self.token {
            Some((source, token)) => {
                // The next one is minted when it ends.
                let lasts = need.lasts.filter(|_| self.minter.is_none());
                let mut checked = check(token, source, &Need { lasts, ..*need }, context.now);
                if self.minter.is_some() {
                    checked.settle(self.is_exact);
                    return checked;
                }
                context.progress.note(&format!("token from {source}, {}", checked.what));
                let differs = |name: &&str| context.environment.get(name).is_some_and(|text| text != token.expose());
                let others = TOKEN_VARIABLES.into_iter().filter(differs);
                checked
                    .notes
                    .extend(others.map(|name| warning(format!("{name} holds another value; {source} comes first"))));
                checked
            }
            None if self.target.is_loopback() => {
                let why = self.no_credentials.iter();
                let notes = why.map(|why| warning(format!("sent without a token: {why}"))).collect();
                Checked { notes, ..Checked::default() }
            }
            None => Checked { notes: vec![warning(self.no_token().to_string())], ..Checked::default() },
        }
    }

    /// The token, if one is needed: a server on this machine may not check it.
    pub(crate) fn token(&self) -> Result<Option<Secret>> {
        match &self.token {
            Some((_, token)) => Ok(Some(token.clone())),
            None if self.target.is_loopback() => Ok(None),
            None if self.is_guarded && self.no_mint => Ok(None),
            None => Err(self.no_token()),
        }
    }

    fn no_token(&self) -> Error {
        let why = self.no_credentials.as_ref().map_or(String::new(), |why| format!("; no key could be minted: {why}"));
        let or = if self.is_guarded {
            "--no-mint lets the command sign with AWS credentials of its own"
        } else {
            "try --sandbox, which does not need a token"
        };
        let make = "make one with `bedrock-fixtures mint-token` or in the Bedrock console, and export it";
        Error::new(format!("no bearer token: none of {} is set{why}", TOKEN_VARIABLES.join(", ")))
            .hint(format!("{make}, or {or}"))
    }
}
