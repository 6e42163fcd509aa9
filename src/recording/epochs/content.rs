//! What is hashed of a recording, taken apart so that each step of the normalisation can be left out.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::super::document::{Kind, Recording};
use super::super::json::{Number, Object, Value};
use super::super::key::{Request, RequestKey};
use super::super::normalise::{REPLACEMENTS, replace, round_decimals};
use super::super::python::{Url, round5};
use super::super::recorder::{HashedTestId, KeyRules, leaves_stream_options_out};
use super::back::{text_back, value_back};
use super::history::{BASES, DECIMALS, FLOATS, PROJECT_ID, RENAMES, Rename, STREAM_OPTIONS, Steps, TestIdRule};
use super::origin::Edit;

/// The hashed content, unchanged or with a rename undone.
#[derive(Clone)]
pub(super) struct HashedContent<'a> {
    pub(super) kind: Kind,
    /// The path of the url; of payloads the whole url.
    pub(super) place: String,
    /// Where the url's host is, for rules that ask.
    netloc: String,
    method: String,
    is_bedrock: bool,
    test_id: Option<Cow<'a, str>>,
    /// The body, the payload, or all of a tool call.
    value: Cow<'a, Value>,
}

/// The content as it is, then by each way back from each rename that leads elsewhere.
pub(super) fn contents(recording: &Recording) -> impl Iterator<Item = (Option<&'static Rename>, HashedContent<'_>)> {
    let content = HashedContent::of(recording);
    let now = content.clone();
    // A digest, as contents may be large.
    let mut seen: HashSet<RequestKey> = HashSet::new();
    let ways = || RENAMES.iter().flat_map(|rename| rename.ways_back.iter().map(move |way| (rename, *way)));
    // Most contents were never renamed, and to see that is cheaper than to try each way.
    let words: BTreeSet<&str> = ways().flat_map(|(_, way)| way.iter().map(|(word, _)| *word)).collect();
    let is_renamed = words.into_iter().any(|word| now.mentions(word));
    let ways = ways().take_while(move |_| is_renamed);
    let backs = ways.filter_map(move |(rename, way)| {
        let back = now.back(way)?;
        let digest =
            RequestKey::of(&(back.head(0) + &back.tail(&back.place, HashedTestId::Present(back.test_id.as_deref()))));
        seen.insert(digest).then_some((Some(rename), back))
    });
    std::iter::once((None, content)).chain(backs)
}

impl<'a> HashedContent<'a> {
    fn of(recording: &'a Recording) -> Self {
        let content = |test_id: Option<&'a str>, method: &str, place: String, value| HashedContent {
            kind: recording.kind(),
            place,
            netloc: String::new(),
            method: method.to_uppercase(),
            is_bedrock: false,
            test_id: test_id.map(Cow::Borrowed),
            value,
        };
        match recording.request() {
            Request::Inference { test_id, method, url, body } => {
                let Url { netloc, path } = Url::parse(url);
                let is_bedrock = leaves_stream_options_out(&netloc);
                HashedContent { is_bedrock, netloc, ..content(test_id, method, path, Cow::Borrowed(body)) }
            }
            Request::Payload { test_id, method, url, payload } => {
                content(test_id, method, url.to_owned(), Cow::Borrowed(payload))
            }
            tool @ Request::Tool { .. } => content(
                recording.test_id(),
                "",
                String::new(),
                Cow::Owned(Value::Object(tool.hashed(KeyRules::NEWEST))),
            ),
        }
    }

    /// Whether a word is anywhere in it.
    fn mentions(&self, word: &str) -> bool {
        let in_test = self.test_id.as_deref().is_some_and(|test_id| test_id.contains(word));
        in_test || self.place.contains(word) || mentions(&self.value, word)
    }

    /// The content before a search-and-replace, `None` when it left the content alone.
    fn back(&self, way: &[(&str, &str)]) -> Option<Self> {
        let place = text_back(&self.place, way);
        let test_id = self.test_id.as_deref().and_then(|id| text_back(id, way));
        let value = value_back(&self.value, way);
        if place.is_none() && test_id.is_none() && value.is_none() {
            return None;
        }
        Some(HashedContent {
            kind: self.kind,
            place: place.unwrap_or_else(|| self.place.clone()),
            netloc: self.netloc.clone(),
            method: self.method.clone(),
            is_bedrock: self.is_bedrock,
            test_id: test_id.map(Cow::Owned).or_else(|| self.test_id.clone()),
            value: value.map_or_else(|| self.value.clone(), Cow::Owned),
        })
    }

    /// The paths to try: its own, then those that the endpoint makes at other urls.
    pub(super) fn paths(&self, recording: &Recording) -> Vec<(String, Option<Edit>)> {
        let endpoint = recording.endpoint().filter(|_| self.kind == Kind::Inference);
        let others =
            endpoint.into_iter().flat_map(|endpoint| BASES.iter().map(move |base| format!("{base}{endpoint}")));
        let others = others.filter(|path| *path != self.place).map(|path| (path.clone(), Some(Edit::Path(path))));
        std::iter::once((self.place.clone(), None)).chain(others).collect()
    }

    /// The test ids to try, and whether each counts as an edit: the hashed one, the same without an undone rename, the
    /// one in the request, and none.
    pub(super) fn test_ids<'s>(&'s self, recording: &'s Recording) -> Vec<(Option<&'s str>, bool)> {
        let of_document = recording.document.get("test_id").and_then(Value::as_str);
        let of_request = recording.request_field("test_id").and_then(Value::as_str);
        let mut ids = vec![(self.test_id.as_deref(), false)];
        for (id, is_edit) in [(of_document, false), (of_request, true), (None, true)] {
            if !ids.iter().any(|(known, _)| *known == id) {
                ids.push((id, is_edit));
            }
        }
        ids
    }

    /// The steps without which the hashed text may be another.
    pub(super) fn steps_that_matter(&self) -> Steps {
        let has_stream_options = self.is_bedrock && self.value.get("stream_options").is_some();
        steps_in(&self.value) | if has_stream_options { STREAM_OPTIONS } else { 0 }
    }

    /// The hashed text up to [`HashedContent::tail`]: keys are sorted, and that of the value comes early.
    pub(super) fn head(&self, steps: Steps) -> String {
        let head = match self.kind {
            Kind::Inference => Object::from_iter([("body", self.normalised(steps))]),
            Kind::Payload => {
                Object::from_iter([("method", Value::from(&*self.method)), ("payload", self.normalised(steps))])
            }
            Kind::Tool => {
                ["kwargs", "provider"].map(|name| (name, self.value.get(name).cloned())).into_iter().collect()
            }
        };
        let text = Value::Object(head).to_sorted_text();
        format!("{}, ", text.strip_suffix('}').unwrap_or(&text))
    }

    /// What of a test id is hashed by a rule, where the url has this place.
    pub(super) fn hashed_test_id<'t>(&self, rule: TestIdRule, place: &str, id: Option<&'t str>) -> HashedTestId<'t> {
        match (self.kind, rule) {
            (Kind::Payload, _) => HashedTestId::Present(id),
            (_, TestIdRule::Never) => HashedTestId::Absent,
            (_, TestIdRule::ExceptTwoLists) if matches!(place, "/api/tags" | "/v1/models") => HashedTestId::Absent,
            (_, TestIdRule::ExceptTwoLists) => HashedTestId::Present(id),
            (_, TestIdRule::Of(rules)) => {
                rules.hashed_test_id(&Url { netloc: self.netloc.clone(), path: place.to_owned() }, id)
            }
        }
    }

    /// The rest of the hashed text.
    pub(super) fn tail(&self, place: &str, test_id: HashedTestId<'_>) -> String {
        let mut tail = match self.kind {
            Kind::Inference => Object::from_iter([("endpoint", place), ("method", &self.method)]),
            Kind::Payload => Object::from_iter([("url", place)]),
            Kind::Tool => Object::from_iter([("tool_name", self.value.get("tool_name").cloned())]),
        };
        if let HashedTestId::Present(test_id) = test_id {
            tail.insert("test_id", test_id);
        }
        Value::Object(tail).to_sorted_text().split_off(1)
    }

    fn normalised(&self, steps: Steps) -> Value {
        let mut value = normalise(&self.value, true, steps);
        if let (true, Value::Object(body)) = (self.is_bedrock && steps & STREAM_OPTIONS != 0, &mut value) {
            body.remove("stream_options");
        }
        value
    }
}

fn mentions(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text.contains(word),
        Value::Array(items) => items.iter().any(|item| mentions(item, word)),
        Value::Object(object) => object.iter().any(|(key, item)| key.contains(word) || mentions(item, word)),
        _ => false,
    }
}

/// The normalisation of [`super::super::key`] with the choice of its steps.
fn normalise(value: &Value, is_root: bool, steps: Steps) -> Value {
    match value {
        Value::Object(object) => {
            let drops_project_id = is_root && steps & PROJECT_ID != 0;
            let item = |(key, item): (&str, &Value)| {
                let mut item = normalise(item, false, steps);
                if let (true, "extra_body" | "extra_query", Value::Object(extra)) = (drops_project_id, key, &mut item) {
                    extra.remove("project_id");
                }
                (key.to_owned(), item)
            };
            Value::Object(object.iter().map(item).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| normalise(item, true, steps)).collect()),
        Value::Number(Number::Float(x)) if steps & FLOATS != 0 => Value::Number(Number::Float(round5(*x))),
        Value::String(text) => {
            let replacements = (0..REPLACEMENTS).filter(|step| steps & (1 << step) != 0);
            let text = replacements.fold(Cow::Borrowed(text.as_str()), |text, step| replace(step, text));
            Value::String(if steps & DECIMALS != 0 { round_decimals(text) } else { text }.into_owned())
        }
        other => other.clone(),
    }
}

/// The steps of [`normalise`] that change a value.
fn steps_in(value: &Value) -> Steps {
    match value {
        Value::Object(object) => object.iter().fold(0, |steps, (key, item)| {
            let has_project_id = matches!(key, "extra_body" | "extra_query") && item.get("project_id").is_some();
            steps | steps_in(item) | if has_project_id { PROJECT_ID } else { 0 }
        }),
        Value::Array(items) => items.iter().fold(0, |steps, item| steps | steps_in(item)),
        Value::Number(Number::Float(x)) if round5(*x).to_bits() != x.to_bits() => FLOATS,
        Value::String(text) => {
            let decimals = if round_decimals(Cow::Borrowed(text)) == *text { 0 } else { DECIMALS };
            let replacements = (0..REPLACEMENTS).filter(|step| replace(*step, Cow::Borrowed(text)) != *text);
            replacements.fold(decimals, |steps, step| steps | (1 << step))
        }
        _ => 0,
    }
}
