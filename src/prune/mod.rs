//! Which recordings nothing uses, by evidence, each with its reasons. Pure; the plan is a value.
//!
//! A recording that a read log names is never in a plan. Recordings without a test, and lists of models, which tests
//! share, are judged only if there is a read log. Without evidence, a recording stays.

mod evidence;
mod runs;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::recording::key::RequestKey;

pub use evidence::{Evidence, Item, Service};
use runs::Runs;
use scope::Scope;
pub use scope::Tree;

/// The only paths that OGX's adapter sends to Bedrock: models are registered beforehand, and it does not support the rest.
const ADAPTER_ASKS: &str = "/v1/chat/completions";

/// Why a recording is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No request of today has this name, or is looked for in this folder.
    Unreachable,
    /// Its test is not collected any more.
    NoSuchTest,
    /// Its test passed without it.
    Unread,
    /// Its test passed with another recording for the same turn.
    Superseded,
    /// Another file answers the same request.
    Duplicate,
    /// Nothing asks that endpoint any more.
    ForeignEndpoint,
}

impl Reason {
    /// Its name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Reason::Unreachable => "unreachable",
            Reason::NoSuchTest => "no-such-test",
            Reason::Unread => "unread",
            Reason::Superseded => "superseded",
            Reason::Duplicate => "duplicate",
            Reason::ForeignEndpoint => "foreign-endpoint",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A recording that is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Which of the items it is.
    pub index: usize,
    /// Why, each with the details in a few words.
    pub reasons: BTreeMap<Reason, String>,
    /// The file that answers the same request, if that is one of the reasons.
    pub twin: Option<String>,
}

/// The deletions, in the order of the items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrunePlan {
    /// The dead.
    pub dead: Vec<Dead>,
    /// How many of the selected recordings stay only because there is no proof: they were not read, or, without a log,
    /// they are shared.
    pub unproven: usize,
}

/// Makes the plan. All recordings of the store are evidence; `is_asked` says which may be in the plan. `tree` says
/// what is known of the test files.
pub fn plan(items: &[Item], evidence: &Evidence, is_asked: impl Fn(&Item) -> bool, tree: &Tree<'_>) -> PrunePlan {
    let judge = Judge::new(items, evidence, tree);
    let mut plan = PrunePlan::default();
    for (index, item) in items.iter().enumerate().filter(|(_, item)| is_asked(item) && !evidence.is_read(item)) {
        let reasons = judge.reasons(item);
        if !reasons.is_empty() {
            let twin = judge.twin(item).map(str::to_owned);
            plan.dead.push(Dead { index, reasons, twin });
        } else if evidence.read.is_some() || unreachable(item).is_some() {
            plan.unproven += 1;
        }
    }
    plan
}

struct Judge<'a> {
    evidence: &'a Evidence,
    scope: Option<Scope<'a>>,
    runs: Runs<'a>,
    /// The file that answers, or would, each request of a test at a url.
    answers: BTreeMap<(RequestKey, &'a str, &'a str), &'a str>,
    /// The tests that read a recording, by turn.
    read_turns: BTreeSet<(&'a str, &'a Service, usize)>,
    /// Current base paths of Bedrock, for answers and for lists of models; empty if unknown.
    bases: [BTreeSet<&'a str>; 2],
    /// What Bedrock was asked for while the log was written.
    operations: BTreeSet<&'a str>,
}

impl<'a> Judge<'a> {
    fn new(items: &'a [Item], evidence: &'a Evidence, tree: &'a Tree<'a>) -> Self {
        let scope = evidence.collected.as_ref().map(|collected| Scope::new(collected, tree));
        let runs = Runs::new(items, evidence);
        let reachable = || items.iter().filter(|item| item.is_reachable());
        // The file that a replay finds first is last here, so that it wins; among the other files, the first by path.
        let of_test = || items.iter().filter(|item| !item.is_shared());
        let answers = (of_test().rev().filter(|item| !item.is_reachable()))
            .chain(of_test().filter(|item| item.is_reachable() && !item.is_first))
            .chain(of_test().filter(|item| item.is_reachable() && item.is_first))
            .filter_map(|item| Some(((item.key?, item.test_id.as_deref()?, item.url.as_str()), item.path.as_str())))
            .collect();
        let read = || items.iter().filter(|item| evidence.is_read(item));
        let read_turns =
            read().filter_map(|item| Some((item.test_id.as_deref()?, &item.service, item.messages))).collect();
        // Given base paths decide, or else the recordings that were read. A list of models does not show where answers
        // come from: another provider of the same run may have registered its models there.
        let said: BTreeSet<&str> = evidence.endpoints.iter().map(String::as_str).collect();
        let bases_of = |lists: bool| {
            if !said.is_empty() {
                return said.clone();
            }
            let is_one = |item: &&Item| item.service.is_bedrock && (lists || !item.is_list);
            let mut bases: BTreeSet<&str> = read().filter(is_one).map(|item| item.service.base.as_str()).collect();
            if !bases.is_empty() {
                // A test that may still ask there, as no log covers it, keeps its endpoint alive.
                let may_ask = |item: &&Item| {
                    let test_id = item.test_id.as_deref();
                    let exists = |id: &str| evidence.collected.as_ref().is_none_or(|collected| collected.contains(id));
                    is_one(item) && test_id.is_some_and(|id| exists(id) && !runs.ran(id))
                };
                bases.extend(reachable().filter(may_ask).map(|item| item.service.base.as_str()));
            }
            bases
        };
        let bases = [bases_of(false), bases_of(true)];
        let operations =
            read().filter(|item| item.service.is_bedrock).map(|item| item.service.operation.as_str()).collect();
        Judge { evidence, scope, runs, answers, read_turns, bases, operations }
    }

    /// Why a recording that no log names is dead; nothing if it may live.
    fn reasons(&self, item: &Item) -> BTreeMap<Reason, String> {
        let mut reasons = BTreeMap::new();
        if item.is_shared() && self.evidence.read.is_none() {
            return reasons;
        }
        let mut add = |reason, why: Option<String>| {
            if let Some(why) = why {
                reasons.insert(reason, why);
            }
        };
        add(Reason::Unreachable, unreachable(item));
        add(Reason::NoSuchTest, self.no_such_test(item));
        add(Reason::Unread, self.unread(item));
        add(Reason::Superseded, self.superseded(item));
        add(Reason::Duplicate, self.duplicate(item));
        add(Reason::ForeignEndpoint, self.foreign_endpoint(item));
        reasons
    }

    fn no_such_test(&self, item: &Item) -> Option<String> {
        // The test of a shared recording is the one that happened to come first.
        let test_id = item.test_id.as_deref().filter(|_| !item.is_shared())?;
        self.scope.as_ref()?.is_gone(test_id).then(|| "its test is not collected".to_owned())
    }

    fn unread(&self, item: &Item) -> Option<String> {
        self.evidence.read.as_ref()?;
        if let Some(test_id) = item.test_id.as_deref().filter(|_| item.belongs_to_test)
            && self.runs.passed_without(test_id, item)
        {
            return Some(
                if self.evidence.has_results {
                    "its test passed without reading it"
                } else {
                    "its test ran without reading it"
                }
                .to_owned(),
            );
        }
        let covered = item.is_shared() && self.runs.covers(item);
        covered.then(|| {
            "the log has reads of its provider, and all tests of its service ran without reading it".to_owned()
        })
    }

    fn superseded(&self, item: &Item) -> Option<String> {
        let test_id = item.test_id.as_deref().filter(|_| !item.is_shared())?;
        let replaced = self.read_turns.contains(&(test_id, &item.service, item.messages));
        let passed = self.evidence.read.is_some() && self.runs.passed_without(test_id, item);
        (replaced && passed).then(|| "its test read another recording for the same turn".to_owned())
    }

    fn duplicate(&self, item: &Item) -> Option<String> {
        self.twin(item).map(|other| format!("the same request as {other}"))
    }

    /// The other file that answers the request.
    fn twin(&self, item: &Item) -> Option<&'a str> {
        let test_id = item.test_id.as_deref().filter(|_| !item.is_shared())?;
        let other = self.answers.get(&(item.key?, test_id, &item.url)).copied()?;
        (other != item.path).then_some(other)
    }

    fn foreign_endpoint(&self, item: &Item) -> Option<String> {
        let Service { is_bedrock, base, operation } = &item.service;
        let bases = &self.bases[usize::from(item.is_list)];
        if !is_bedrock || bases.is_empty() {
            return None;
        }
        if !bases.contains(base.as_str()) {
            let bases: Vec<&str> = bases.iter().copied().collect();
            return Some(format!("requests to Bedrock go to {}, not to {base}", bases.join(" and ")));
        }
        let is_asked = operation == ADAPTER_ASKS || self.operations.contains(operation.as_str());
        (!is_asked).then(|| format!("no client requests {operation} from Bedrock"))
    }
}

fn unreachable(item: &Item) -> Option<String> {
    if item.key.is_none() {
        Some("a kind of request that is not replayed".to_owned())
    } else if !item.has_its_name {
        Some("its name is not its key".to_owned())
    } else if !item.is_in_place {
        Some("a replay of its test does not look in its folder".to_owned())
    } else {
        None
    }
}
