//! Where the bytes go, and with which token.

use crate::client::bedrock::endpoint::Target;
use crate::client::trust::Trust;
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;
use crate::error::{Error, Result};
use crate::jobs::trust::trust;
use crate::secret::Secret;

use super::options::RecordOptions;
use super::preflight::{Checked, Need, check, warning};

/// Who is asked.
pub(crate) enum Means {
    /// The stand-in that this process starts; it wants a token, any token.
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
    /// The address and where it is from, when it is not that of AWS.
    address: Option<String>,
}

impl Means {
    pub(crate) fn of(context: &Context<'_>, options: &RecordOptions) -> Result<Self> {
        if options.sandbox {
            return Ok(Means::Sandbox);
        }
        let from_flag = options.endpoint_url.as_deref().map(|url| (url, "--endpoint-url"));
        let (target, address) = match from_flag.or_else(|| context.endpoint_url()) {
            Some((url, source)) => (Target::other(url)?, Some(format!("endpoint {url} (from {source})"))),
            None => (Target::Aws, None),
        };
        let (token, trust) = (context.environment.token(), trust(context)?);
        Ok(Means::Server(Box::new(Server { target, trust, token, address })))
    }

    /// Where the bytes go; of the sandbox it is known once it runs.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Means::Sandbox => None,
            Means::Server(server) => Some(&server.target),
        }
    }

    /// What a person should know of it.
    pub(crate) fn note(&self, context: &Context<'_>) {
        match self {
            Means::Sandbox => {
                context.progress.note("sandbox: a stand-in on this machine answers; no model is asked");
            }
            Means::Server(server) => server.address.iter().for_each(|address| context.progress.note(address)),
        }
    }
}

impl Server {
    /// Judges the token. None at all is a warning here: a plan needs none.
    pub(crate) fn check(&self, context: &Context<'_>, need: &Need<'_>) -> Checked {
        match &self.token {
            Some((source, token)) => {
                let mut checked = check(token, source, need, context.now);
                context.progress.note(&format!("token from {source}, {}", checked.what));
                let differs = |name: &&str| context.environment.get(name).is_some_and(|text| text != token.expose());
                let others = TOKEN_VARIABLES.into_iter().filter(differs);
                checked
                    .notes
                    .extend(others.map(|name| warning(format!("{name} holds another value; {source} comes first"))));
                checked
            }
            None if self.target.is_loopback() => Checked::default(),
            None => Checked { notes: vec![warning(no_token().to_string())], ..Checked::default() },
        }
    }

    /// The token, where one is needed: a server on this machine that stands in for AWS need not check it.
    pub(crate) fn token(&self) -> Result<Option<Secret>> {
        match &self.token {
            Some((_, token)) => Ok(Some(token.clone())),
            None if self.target.is_loopback() => Ok(None),
            None => Err(no_token()),
        }
    }
}

fn no_token() -> Error {
    Error::new(format!("no bearer token: none of {} is set", TOKEN_VARIABLES.join(", "))).hint(
        "make one with `bedrock-fixtures mint-token` or in the Bedrock console and export it, or try --sandbox, which \
         needs none",
    )
}
