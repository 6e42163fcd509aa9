//! Rules about the name and the folder of a file, which no replay finds when they are wrong.

use crate::recording::Kind;
use crate::recording::key::{RequestKey, recorded_id};
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::test_id::TestId;

use super::subject::{Subject, Violation};

pub(super) fn key_mismatch(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    let key = facts.key;
    let is_list = facts.outline.endpoint().is_some_and(|endpoint| facts.rules.names_as_list(endpoint));
    match FileName::parse(subject.stem) {
        FileName::Key(of) if !is_list && of == key => return vec![],
        FileName::ModelList { key: of, .. } if is_list && of == key => return vec![],
        _ => {}
    }
    let name = if is_list { format!("models-{key}-….json") } else { format!("{key}.json") };
    let fault = Violation::new("/request", format!("the request hashes to {name}"));
    if has_name_under(facts.rules.other(), subject) {
        return vec![of_other_recorder(fault, facts.rules)];
    }
    vec![Violation { help: is_renamed(subject).then(|| RENAMED.to_owned()), ..fault }]
}

/// Whether the name, which is wrong under the rules in force, is what recorders with these other rules look for.
fn has_name_under(rules: KeyRules, subject: &Subject<'_>) -> bool {
    let Some(facts) = subject.facts().filter(|facts| facts.outline.depends_on_rules()) else { return false };
    let is_list = facts.outline.endpoint().is_some_and(|endpoint| rules.names_as_list(endpoint));
    let is_key = |name| facts.key_under(subject.canonical(), rules) == Some(name);
    match FileName::parse(subject.stem) {
        FileName::Key(name) => !is_list && is_key(name),
        FileName::ModelList { key: name, .. } => is_list && is_key(name),
        FileName::Other => false,
    }
}

/// Whether the ids in the answer belong to the key of the request, so that only the name is another one.
fn is_renamed(subject: &Subject<'_>) -> bool {
    let Some(facts) = subject.facts() else { return false };
    let key = facts.key.to_string();
    let own = recorded_id(&key);
    let mut ids = facts.answers.ids.iter().map(|(_, id)| id).filter(|id| id.starts_with("rec-")).peekable();
    ids.peek().is_some() && key != stem_of_ids(subject.stem) && ids.all(|id| *id == own)
}

/// What to do about a file that was renamed: the answer is right, and so is the request.
const RENAMED: &str = "the file was renamed; `bedrock-fixtures rekey` gives it the name of its request";

/// A name that is right for another version of the recorder: the user decides whether to change the name or the
/// version.
fn of_other_recorder(fault: Violation, rules: KeyRules) -> Violation {
    let (other, example) = (rules.other().whose(), rules.other().example());
    Violation {
        message: format!("{}; its name is the key of {other}", fault.message),
        help: Some(format!(
            "run `bedrock-fixtures rekey` to move the store to the keys of {}, or give --ogx {example} if that recorder \
             runs the tests",
            rules.whose()
        )),
        ..fault
    }
}

pub(super) fn misplaced(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(test_id) = subject.facts().and_then(|facts| facts.outline.test_id()) else { return vec![] };
    if let Err(why) = TestId::parse(test_id) {
        return vec![Violation::new("/test_id", why.to_string())];
    }
    if subject.lookup_folders.iter().any(|folder| folder == subject.folder) {
        return vec![];
    }
    let own = subject.lookup_folders.first().map_or("", String::as_str);
    vec![Violation::new("/test_id", format!("the recordings of its test are in {own}"))]
}

pub(super) fn rec_id(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts().filter(|facts| facts.outline.kind() == Kind::Inference) else { return vec![] };
    let own = recorded_id(stem_of_ids(subject.stem));
    let stray = facts.answers.ids.iter().find(|(_, id)| id.starts_with("rec-") && *id != own);
    // Of a file that was renamed the ids are right and the name is wrong, which is another rule's finding.
    stray
        .filter(|_| !is_renamed(subject))
        .map(|(index, id)| {
            Violation::new(pointer(*index, "id"), format!("the id is {id}; for this file name it should be {own}"))
        })
        .into_iter()
        .collect()
}

/// The part of a file name that the ids of its answers start with: the key, also of a list of models.
fn stem_of_ids(stem: &str) -> &str {
    stem.strip_prefix("models-").unwrap_or(stem)
}

/// The pointer to a field of an answer.
pub(super) fn pointer(index: Option<usize>, field: &str) -> String {
    match index {
        Some(index) => format!("/response/body/{index}/__data__/{field}"),
        None => format!("/response/body/__data__/{field}"),
    }
}

/// A file that may be one of two for the same request: its name is not its key, or it is not in the folder of its test.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Its path relative to the root.
    pub path: String,
    /// The key of its request.
    pub key: RequestKey,
    /// The test, if there is one.
    pub test_id: Option<String>,
    /// The recorded url.
    pub url: String,
}

/// The suspect that a file is, if it is one. Lists of models have several files by design.
pub fn suspect(subject: &Subject<'_>) -> Option<Suspect> {
    let facts = subject.facts()?;
    if facts.outline.is_model_list() {
        return None;
    }
    let key = facts.key;
    let in_own_folder = subject.lookup_folders.first().is_some_and(|folder| folder == subject.folder);
    if in_own_folder && FileName::parse(subject.stem).key() == Some(key) {
        return None;
    }
    Some(Suspect {
        path: subject.path.to_owned(),
        key,
        test_id: facts.outline.test_id().map(str::to_owned),
        url: facts.outline.url().unwrap_or_default().to_owned(),
    })
}
