//! Which tests ran while a read log was written, and what that says about what they did not read.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Item, Service};

/// The tests, as the log shows them.
pub(super) struct Runs<'a> {
    evidence: &'a Evidence,
    /// The tests that read a recording of their own, with the longest conversation of those.
    reads: BTreeMap<&'a str, usize>,
    /// The tests that have recordings of a service, as far as they exist.
    of_service: BTreeMap<(bool, &'a str), BTreeSet<&'a str>>,
    /// The providers with a read in the log.
    providers: BTreeSet<String>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(items: &'a [Item], evidence: &'a Evidence) -> Self {
        let mut reads: BTreeMap<&str, usize> = BTreeMap::new();
        let mut of_service: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
        for item in items.iter().filter(|item| item.belongs_to_test) {
            let Some(test_id) = item.test_id.as_deref() else { continue };
            if evidence.is_read(item) {
                let longest = reads.entry(test_id).or_default();
                *longest = item.messages.max(*longest);
            }
            let exists = evidence.collected.as_ref().is_none_or(|collected| collected.contains(test_id));
            if exists && item.is_reachable() && !item.is_list {
                of_service.entry(place(&item.service)).or_default().insert(test_id);
            }
        }
        let providers = items.iter().filter(|item| evidence.is_read(item)).map(Item::provider).collect();
        Runs { evidence, reads, of_service, providers }
    }

    /// Whether a test ran, and passed as far as that is known.
    pub(super) fn ran(&self, test_id: &str) -> bool {
        let Evidence { has_results, passed_in_log, passed_in_run, .. } = self.evidence;
        let has_read = self.reads.contains_key(test_id);
        // A result from elsewhere belongs to the run of the log only where the log shows the test.
        passed_in_log.contains(test_id) || (has_read && (!has_results || passed_in_run.contains(test_id)))
    }

    /// Whether a test ran and passed without this recording.
    pub(super) fn passed_without(&self, test_id: &str, item: &Item) -> bool {
        // Where results are not known, a test may have failed at some turn: what comes later says nothing.
        let is_later = self.reads.get(test_id).is_none_or(|longest| item.messages > *longest);
        self.ran(test_id) && (self.evidence.has_results || !is_later)
    }

    /// Whether all tests that ask the service of a shared recording ran, in a configuration that has its provider.
    pub(super) fn covers(&self, item: &Item) -> bool {
        if !self.providers.contains(&item.provider()) {
            return false;
        }
        let tests = self.of_service.get(&place(&item.service));
        tests.is_some_and(|tests| tests.iter().all(|test_id| self.ran(test_id)))
    }
}

/// A service, without the kind of request.
fn place(service: &Service) -> (bool, &str) {
    (service.is_bedrock, &service.base)
}
