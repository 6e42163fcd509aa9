//! Every content by every algorithm: which of the keys begins with the digits that are looked for?

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::super::document::{Kind, Recording};
use super::super::key::RequestKey;
use super::super::recorder::{HashedTestId, KeyRules};
use super::content::{HashedContent, contents};
use super::history::{ALL, EPOCHS, Steps, TestIdRule};
use super::origin::{Algorithm, Edit, Origin, Tried};

/// What the search came to.
pub(super) struct SearchResult {
    /// How the name comes out.
    pub(super) of_name: Option<Origin>,
    /// How the id in the answer comes out; looked for only until the name is found.
    pub(super) of_answer: Option<(Origin, RequestKey)>,
    /// What was compared.
    pub(super) tried: Tried,
}

/// The search loop. The value is hashed once for each algorithm that differs for it; path and test id follow it in the
/// hashed text, so many can be tried. It stops early after `budget` hashed bytes.
pub(super) fn search(
    recording: &Recording,
    rules: KeyRules,
    test_ids: &[&str],
    name: &str,
    answer: &str,
    mut budget: usize,
) -> SearchResult {
    let mut found = SearchResult { of_name: None, of_answer: None, tried: Tried { keys: 0, all: true } };
    let mut seen = HashSet::new();
    for (rename, content) in contents(recording) {
        let paths = content.paths(recording);
        let own_ids = content.test_ids(recording);
        for (algorithm, steps, rule) in algorithms(&content, rules) {
            let head = content.head(steps);
            budget = budget.saturating_sub(head.len());
            let head = Sha256::new_with_prefix(head);
            for (path, path_edit) in &paths {
                let others = test_ids.iter().filter(|_| path_edit.is_none()).map(|id| (Some(*id), true));
                for (test_id, is_other) in own_ids.iter().copied().chain(others) {
                    let hashed_id = content.hashed_test_id(rule, path, test_id);
                    let tail = content.tail(path, hashed_id);
                    budget = budget.saturating_sub(tail.len());
                    if budget == 0 {
                        found.tried.all = false;
                        return found;
                    }
                    let key = RequestKey(head.clone().chain_update(tail).finalize().into());
                    found.tried.keys += usize::from(seen.insert(key));
                    let origin = || {
                        let test_id = is_other.then(|| Edit::TestId(test_id.map(str::to_owned)));
                        let edits = rename.map(Edit::Renamed).into_iter().chain(test_id).chain(path_edit.clone());
                        Origin { algorithm, edits: edits.collect() }
                    };
                    if begins(key, name) {
                        found.of_name = Some(origin());
                        return found;
                    }
                    if found.of_answer.is_none() && begins(key, answer) {
                        found.of_answer = Some((origin(), key));
                    }
                    if hashed_id != HashedTestId::Present(test_id) {
                        // No other test id makes another key.
                        break;
                    }
                }
            }
        }
    }
    found
}

/// Whether the hex digits of a key begin with these; no digits begin none.
fn begins(key: RequestKey, digits: &str) -> bool {
    let nibbles = key.0.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    !digits.is_empty() && digits.chars().zip(nibbles).all(|(digit, nibble)| digit.to_digit(16) == Some(nibble.into()))
}

/// The algorithms that differ for a content: the one of the current rules, those of other recorders, former ones,
/// newest first, then parts of each change.
fn algorithms(content: &HashedContent<'_>, rules: KeyRules) -> Vec<(Algorithm, Steps, TestIdRule)> {
    if content.kind == Kind::Tool {
        return vec![
            (Algorithm::Today, ALL, TestIdRule::Never),
            (Algorithm::ToolWithTestId, ALL, TestIdRule::Of(rules)),
        ];
    }
    let today = (Algorithm::Today, ALL, TestIdRule::Of(rules));
    let other = (Algorithm::Of(rules.other()), ALL, TestIdRule::Of(rules.other()));
    let merged = EPOCHS.iter().map(|epoch| (Algorithm::Before(epoch), epoch.steps, epoch.test_id));
    let matters = content.steps_that_matter();
    let newer = std::iter::once(ALL).chain(EPOCHS.iter().map(|epoch| epoch.steps));
    let parts = EPOCHS.iter().zip(newer).flat_map(|(epoch, newer)| {
        let gained = newer & !epoch.steps & matters;
        let is_part = move |steps: &Steps| steps & !gained == 0 && *steps != gained;
        (1..ALL).rev().filter(is_part).map(move |applied| {
            let algorithm = Algorithm::During { epoch, applied, missing: gained & !applied };
            (algorithm, epoch.steps | applied, epoch.test_id)
        })
    });
    let difference = |(_, steps, rule): &(Algorithm, Steps, TestIdRule)| {
        // Any id will do to tell the rules apart.
        (steps & matters, content.hashed_test_id(*rule, &content.place, Some("::")))
    };
    let mut distinct: Vec<(Algorithm, Steps, TestIdRule)> = Vec::new();
    for algorithm in [today, other].into_iter().chain(merged).chain(parts) {
        if !distinct.iter().any(|known| difference(known) == difference(&algorithm)) {
            distinct.push(algorithm);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_request_is_not_searched_for_ever() {
        let text = r#"{"request": {"method": "POST", "url": "http://h/v1", "body": {"input": "ogx"}},
            "response": {"body": null, "is_streaming": false}, "test_id": "a.py::ogx"}"#;
        let recording = Recording::parse(text.as_bytes()).unwrap();
        // Its own id, none, b, and none hashed; three ways back, each with the test id as it is now too.
        for (budget, keys, all) in [(0, 0, false), (150, 2, false), (100_000, 4 + 3 * 5, true)] {
            let tried = search(&recording, KeyRules::NEWEST, &["b"], "", "", budget).tried;
            assert_eq!(tried, Tried { keys, all }, "{budget}");
        }
    }
}
