//! What a recording run needs, and what it does before its first request.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::client::bedrock::endpoint::{Endpoint, Target};
use crate::client::call::{Call, Client, Failure, Reply};
use crate::client::http::Live;
use crate::client::sandbox::Sandbox;
use crate::client::tap::Tap;
use crate::client::timeouts::Timeouts;
use crate::client::trust::Trust;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::cases::Case;
use crate::secret::Secret;
use crate::store::stage::Prepared;
use crate::store::{RecordingFile, Store};

use super::judge::Refusal;
use super::keep::{AskedCase, Gate};
use super::minter::{self, Minter};
use super::options::RecordOptions;
use super::preflight::{self, Checked, Need};
use super::target::RecordTarget;
use crate::jobs::gate::Policy;

/// Everything that a run needs.
pub(crate) struct RecordRun<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) options: &'a RecordOptions,
    pub(crate) asker: Arc<Asker>,
    target: Target,
    trust: Trust,
    /// Where the token is from.
    source: &'a str,
    /// The endpoint, and what decided it.
    places: Vec<(Endpoint, &'static str)>,
    begun: Instant,
    /// What makes the next token, if this one was minted.
    minter: Option<Minter>,
    /// Keeps the folders that are not yet in use.
    _prepared: Prepared,
    /// Serves while it is alive.
    sandbox: Option<Sandbox>,
}

/// Sends requests with one token, and stores the answers.
pub(crate) struct Asker {
    client: Client<Live>,
    pub(crate) gate: Arc<Gate>,
}

/// The result of the free checks.
pub(crate) enum Readiness {
    /// The run may start; if the token is not known to be accepted, with a single request.
    Go { alone: bool },
    /// No server answers.
    Unreachable(Failure),
}

impl<'a> RecordRun<'a> {
    /// Gets everything ready. `until` is when the token ends, if it says.
    pub(crate) fn prepare(
        context: &'a Context<'a>,
        store: &Store,
        options: &'a RecordOptions,
        (target, places, until): (&RecordTarget, Vec<(Endpoint, &'static str)>, Option<Timestamp>),
        cases: &[Arc<Case>],
        runtime: &Runtime,
    ) -> Result<Self> {
        let begun = Instant::now();
        let (mut minter, mut secrets) = (None, vec![]);
        let (target, trust, token, source, sandbox) = match target {
            RecordTarget::Sandbox => {
                let sandbox = runtime.block_on(Sandbox::start(options.sandbox_faults.clone()))?;
                // It accepts any token; this one is too short to be masked in messages.
                (Target::other(&sandbox.url())?, Trust::default(), Secret::new("-"), "", Some(sandbox))
            }
            RecordTarget::Server(server) => {
                (minter, secrets) = (server.minter.clone(), server.credentials.clone());
                let source = server.token.as_ref().map_or("", |(source, _)| source);
                (server.target.clone(), server.trust.clone(), server.token()?, source, None)
            }
        };
        // The token comes last: it is the one in use.
        secrets.extend(token.clone());
        let folders: Vec<RecordingFile> = cases.iter().map(|case| case.slot(store).file.clone()).collect();
        let prepared = store.make_ready(&folders)?;
        let live = Live::new(target.clone(), &trust, token.clone(), Timeouts::of(options.timeout))?;
        let gate = Gate {
            store: store.clone(),
            policy: Policy {
                allowed: options.allowed(),
                no_secrets: options.allow_secret.clone(),
                secrets,
                only_bedrock: false,
                invented: options.sandbox && !options.yes,
            },
            form: context.form()?,
        };
        let client = Client::new(live.until(until.and_then(|until| moment(until, context.now, begun))));
        let asker = Arc::new(Asker { client, gate: Arc::new(gate) });
        Ok(RecordRun {
            context,
            options,
            asker,
            target,
            trust,
            source,
            places,
            begun,
            minter,
            _prepared: prepared,
            sandbox,
        })
    }

    /// Makes the free checks, and then asks the user.
    pub(crate) async fn preflight(&self, cases: &[Arc<Case>]) -> Result<Readiness> {
        if self.sandbox.is_some() {
            return Ok(Readiness::Go { alone: false });
        }
        let need = self.need(None);
        if let Err(failure) = preflight::reach(&need).await {
            return Ok(Readiness::Unreachable(failure));
        }
        let alone = match self.asker.gate.policy.secrets.last() {
            Some(token) if self.target.is_aws() => !preflight::is_taken(token, self.source, &need).await?,
            _ => false,
        };
        if self.target == Target::Aws {
            self.confirm(cases)?;
        }
        Ok(Readiness::Go { alone })
    }

    fn need(&self, lasts: Option<SignedDuration>) -> Need<'_> {
        Need { target: &self.target, trust: &self.trust, places: &self.places, lasts }
    }

    fn confirm(&self, cases: &[Arc<Case>]) -> Result<()> {
        for case in cases {
            if Endpoint::of_recorded_url(&case.call.url).is_none() {
                return Err(Error::new(format!("{} is not a chat endpoint of Bedrock", case.call.url))
                    .at(&case.source)
                    .hint("give a server for it with --endpoint-url"));
            }
        }
        let question = format!("Send {} paid requests to Bedrock?", cases.len());
        match if self.options.yes { None } else { self.context.progress.confirm(&question) } {
            Some(false) => Err(Error::new("no request was sent").hint("--yes sends them without asking")),
            _ => Ok(()),
        }
    }

    /// Mints the next token, if this one was minted too, and returns the asker that uses it.
    pub(crate) async fn mint_next(&self, asker: &Asker) -> Option<Result<(Asker, bool)>> {
        let minter = self.minter.as_ref()?;
        let fresh = match minter.mint(self.context, self.now()) {
            Ok(fresh) => fresh,
            Err(error) => return Some(Err(error)),
        };
        self.context.progress.note(&fresh.what);
        let mut checked = preflight::check(&fresh.token, minter::SOURCE, &self.need(None), self.now());
        checked.settle(fresh.is_exact);
        Some(self.taken_over(asker, (fresh.token, minter::SOURCE), fresh.credentials, checked).await)
    }

    /// What the clock shows now.
    fn now(&self) -> Timestamp {
        self.context.now + SignedDuration::try_from(self.begun.elapsed()).unwrap_or_default()
    }

    /// Judges the next token as the first one was judged; returns the asker that uses it, and whether its first request
    /// goes alone.
    pub(crate) async fn renewed(&self, asker: &Asker, token: Secret, lasts: SignedDuration) -> Result<(Asker, bool)> {
        const SOURCE: &str = "the new token";
        let checked = preflight::check(&token, SOURCE, &self.need(Some(lasts)), self.now());
        self.taken_over(asker, (token, SOURCE), vec![], checked).await
    }

    async fn taken_over(
        &self,
        asker: &Asker,
        (token, source): (Secret, &str),
        credentials: Vec<Secret>,
        checked: Checked,
    ) -> Result<(Asker, bool)> {
        if let Some(error) = checked.error() {
            return Err(Error::new(error));
        }
        checked.notes.iter().for_each(|note| self.context.progress.note(&format!("warning: {}", note.message)));
        let live =
            Live::new(self.target.clone(), &self.trust, Some(token.clone()), Timeouts::of(self.options.timeout))?;
        let alone = self.target.is_aws() && !preflight::is_taken(&token, source, &self.need(None)).await?;
        let until = checked.until.and_then(|until| moment(until, self.now(), Instant::now()));
        // Stored answers are searched for the old tokens too.
        let mut gate = (*asker.gate).clone();
        gate.policy.secrets.extend(credentials);
        gate.policy.secrets.push(token);
        Ok((Asker { client: Client::new(live.until(until)), gate: Arc::new(gate) }, alone))
    }
}

/// The instant of a future time. A time in the past is ignored: there was a warning, and another server than AWS may
/// not check it.
fn moment(time: Timestamp, now: Timestamp, instant: Instant) -> Option<Instant> {
    let left = std::time::Duration::try_from(time.duration_since(now)).ok()?;
    instant.checked_add(left)
}

impl Asker {
    /// Asks for one case. What follows the answer may wait for a lock or a disk, so it does not hold up the others.
    pub(crate) async fn ask(&self, case: &Arc<Case>) -> AskedCase {
        let reply = self.client.exchange(&case.call).await;
        self.keep(case, reply).await
    }

    /// Like [`Self::ask`], and passes a stream on as it arrives.
    pub(crate) async fn ask_tapped(&self, case: &Arc<Case>, tap: Tap) -> AskedCase {
        let reply = self.exchange_tapped(&case.call, tap).await;
        self.keep(case, reply).await
    }

    /// Asks and stores nothing.
    pub(crate) async fn exchange_tapped(&self, call: &Call, tap: Tap) -> std::result::Result<Reply, Failure> {
        Client::new(self.client.transport().clone().tapped(tap)).exchange(call).await
    }

    async fn keep(&self, case: &Arc<Case>, reply: std::result::Result<Reply, Failure>) -> AskedCase {
        let kept = {
            let (gate, case) = (Arc::clone(&self.gate), Arc::clone(case));
            tokio::task::spawn_blocking(move || gate.keep(&case, reply)).await
        };
        kept.unwrap_or_else(|error| {
            AskedCase::refused(&self.gate.store, case, Refusal::of_this(format!("the answer was lost: {error}")))
        })
    }
}
