//! Files that answer the same request.

use std::collections::BTreeMap;

use crate::recording::key::RequestKey;
use crate::report::{Finding, RuleId};

use super::place::Suspect;
use super::subject::Violation;
use super::table::{finding, rule};

/// The suspects that have a twin. `twin` returns the path of the file that a replay of a suspect's request reads, and
/// its recorded url.
pub fn duplicates(suspects: &[Suspect], twin: impl Fn(&Suspect) -> Option<(String, String)>) -> Vec<Finding> {
    let Some(rule) = rule(RuleId::Duplicate) else { return vec![] };
    let mut groups: BTreeMap<(RequestKey, &Option<String>, &str), Vec<&Suspect>> = BTreeMap::new();
    for suspect in suspects {
        groups.entry((suspect.key, &suspect.test_id, &suspect.url)).or_default().push(suspect);
    }
    let mut findings = Vec::new();
    for group in groups.values_mut() {
        group.sort_by(|a, b| a.path.cmp(&b.path));
        let read = twin(group[0]).filter(|(_, url)| *url == group[0].url).map(|(path, _)| path);
        let kept = read.unwrap_or_else(|| group[0].path.clone());
        for suspect in group.iter().filter(|suspect| suspect.path != kept) {
            findings.push(finding(
                rule,
                &suspect.path,
                Violation::new("/request", format!("the same request as {kept}")),
            ));
        }
    }
    findings
}
