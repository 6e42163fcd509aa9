//! What decides about a recording: itself, and what is known of tests and reads.

use std::collections::BTreeSet;

use crate::aws::hosts::Endpoint;
use crate::recording::Recording;
use crate::recording::json::Value;
use crate::recording::key::RequestKey;
use crate::recording::python::Url;

/// The parts of a recording that decide.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it is, relative to the root.
    pub path: String,
    /// The test that made it, as lists of tests have it.
    pub test_id: Option<String>,
    /// The key of its request; of a request of no known kind there is none.
    pub key: Option<RequestKey>,
    /// Whether its name is what a replay of its request looks for.
    pub has_its_name: bool,
    /// Whether a replay of its test looks in its folder.
    pub is_in_place: bool,
    /// Whether a replay of its test looks first in its folder.
    pub is_first: bool,
    /// Whether it is a list of models.
    pub is_list: bool,
    /// Whether its test is part of its key.
    pub belongs_to_test: bool,
    /// The recorded url.
    pub url: String,
    /// Whom it asked.
    pub service: Service,
    /// How many messages its request has: which turn of a conversation it is.
    pub messages: usize,
}

/// Whom a request asked, as far as that decides the key: not the host, but what its path begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// Whether the host is one of Bedrock's.
    pub is_bedrock: bool,
    /// The path of the base url.
    pub base: String,
    /// What the SDK adds to it.
    pub operation: String,
}

impl Service {
    /// Whom a recording asked.
    pub fn of(recording: &Recording) -> Self {
        let url = Url::parse(recording.url().unwrap_or_default());
        let operation = recording.endpoint().unwrap_or_default();
        let base = url.path.strip_suffix(operation).unwrap_or(&url.path).to_owned();
        Service { is_bedrock: Endpoint::of_host(&url.netloc).is_some(), base, operation: operation.to_owned() }
    }

    /// The base path of a base url.
    pub fn base_of(url: &str) -> String {
        Url::parse(url).path.trim_end_matches('/').to_owned()
    }
}

impl Item {
    /// How many messages a request has.
    pub fn messages_of(recording: &Recording) -> usize {
        let body = recording.body();
        let list = |name| body.and_then(|body| body.get(name)).and_then(Value::as_array).map(<[Value]>::len);
        list("messages").or_else(|| list("input")).unwrap_or(0)
    }

    /// Whether a replay of its own request finds it.
    pub(super) fn is_reachable(&self) -> bool {
        self.key.is_some() && self.has_its_name && self.is_in_place
    }

    /// Who answered: Bedrock, wherever it was asked, or another host.
    pub(super) fn provider(&self) -> String {
        if self.service.is_bedrock { "bedrock".to_owned() } else { Url::parse(&self.url).netloc }
    }

    /// Whether several tests may read it.
    pub(super) fn is_shared(&self) -> bool {
        self.is_list || self.test_id.is_none()
    }
}

/// What is known of tests and reads.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The tests that were collected, if there is a list.
    pub collected: Option<BTreeSet<String>>,
    /// The paths of the recordings that were opened, if there is a log.
    pub read: Option<BTreeSet<String>>,
    /// Tests that passed while the log was written.
    pub passed_in_log: BTreeSet<String>,
    /// Tests that passed in some run.
    pub passed_in_run: BTreeSet<String>,
    /// Whether it is known what passed; else a test that read something is taken to have passed.
    pub has_results: bool,
    /// Base paths of Bedrock that are in use, if they are given.
    pub endpoints: Vec<String>,
}

impl Evidence {
    pub(super) fn is_read(&self, item: &Item) -> bool {
        self.read.as_ref().is_some_and(|read| read.contains(&item.path))
    }
}
