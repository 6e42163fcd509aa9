//! One pass over the bytes of a recording: whether they are canonical, and the facts that the rules need.
//!
//! Most stores are correct, and most of their bytes are answers that no rule reads in detail. So the pass does not
//! build a tree of the answer: it compares layout, escapes and numbers with the output of Python, and collects ids,
//! types and ends. At the first byte that Python would not write it stops; reading the whole file then finds the error,
//! see [`Reading`].

mod answers;
mod repeat;

use std::ops::Range;

use super::document::{Flaw, Kind, Recording};
use super::json::canonical::CanonicalPass;
use super::json::{Object, Value};
use super::key::RequestKey;
use super::noise::CONSTANT_TIMES;
use super::normalise::Canonical;
use super::recorder::KeyRules;
pub use answers::Answers;
use answers::{TEXTS, note_change, note_padding};
use repeat::Template;

/// A file as the rules see it.
#[derive(Debug)]
pub struct Reading {
    /// What is in it, or why nothing can be.
    pub facts: Result<Facts, Flaw>,
    /// The bytes that the recorder would have written, where they differ from those that are there.
    pub rewritten: Option<Vec<u8>>,
}

/// What the rules know of a recording.
#[derive(Debug)]
pub struct Facts {
    /// The recording without the content of request and answer: `request.body`, `request.payload` and `response.body`
    /// keep only their JSON type.
    pub outline: Recording,
    /// What was picked out of the answer.
    pub answers: Answers,
    /// The key of the request.
    pub key: RequestKey,
    /// The rules that made the key.
    pub rules: KeyRules,
    /// The place of the arguments of the call in the canonical bytes. The outline of tool calls uses it.
    content: Range<usize>,
    /// The place of the answer in them.
    response: Range<usize>,
}

impl Facts {
    fn new(
        outline: Object,
        answers: Answers,
        found: &CallSpans,
        bytes: &[u8],
        rules_of: &dyn Fn(&Recording) -> KeyRules,
    ) -> Option<Result<Self, Flaw>> {
        let outline = match Recording::from_document(outline) {
            Ok(outline) => outline,
            Err(flaw) => return Some(Err(flaw)),
        };
        let content = match outline.kind() {
            Kind::Inference => found.body.clone(),
            Kind::Payload => found.payload.clone(),
            Kind::Tool => 0..0,
        };
        let rules = rules_of(&outline);
        let key = key_of(&outline, &bytes[content.clone()], rules)?;
        let response = found.response.clone();
        Some(Ok(Facts { outline, answers, key, rules, content, response }))
    }

    /// The key by the rules of another recorder, given the canonical bytes that these are the facts of.
    pub fn key_under(&self, bytes: &[u8], rules: KeyRules) -> Option<RequestKey> {
        key_of(&self.outline, &bytes[self.content.clone()], rules)
    }

    /// The answer in the canonical bytes to which these facts belong.
    pub fn response<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.response.clone()]
    }

    /// The arguments of the call, given the canonical bytes that these are the facts of.
    pub fn arguments(&self, bytes: &[u8]) -> Value {
        Value::parse(&bytes[self.content.clone()]).unwrap_or(Value::Null)
    }

    /// The outline with the arguments of the call, given the canonical bytes that these are the facts of.
    pub fn with_arguments(&self, bytes: &[u8]) -> Recording {
        let mut outline = self.outline.clone();
        let name = match outline.kind() {
            Kind::Inference => "body",
            Kind::Payload => "payload",
            Kind::Tool => return outline,
        };
        if self.content.is_empty() {
            return outline;
        }
        if let Some(Value::Object(request)) = outline.document.get_mut("request") {
            request.insert(name, self.arguments(bytes));
        }
        outline
    }
}

/// The key of a request whose arguments are given as canonical bytes.
fn key_of(outline: &Recording, arguments: &[u8], rules: KeyRules) -> Option<RequestKey> {
    // A request without a body is hashed with an empty one.
    let arguments = if arguments.is_empty() { b"{}" } else { arguments };
    let canonical = Canonical { bytes: arguments, level: CONTENT_LEVEL };
    Some(RequestKey::of(outline.request().hashed_text_of(canonical, rules)?))
}

/// Where the arguments of a call stand, by the kind that has them there.
#[derive(Default)]
struct CallSpans {
    body: Range<usize>,
    payload: Range<usize>,
    response: Range<usize>,
}

/// How deep the arguments of a call are.
const CONTENT_LEVEL: usize = 2;

impl Reading {
    /// Reads the bytes of a file; the key is that of the given rules.
    pub fn of(bytes: &[u8], rules: KeyRules) -> Self {
        Reading::under(bytes, &|_| rules)
    }

    /// The same, where the rules depend on what is read: they are asked for with the outline of the recording.
    pub fn under(bytes: &[u8], rules: &dyn Fn(&Recording) -> KeyRules) -> Self {
        if let Some(facts) = scan(bytes, rules) {
            return Reading { facts, rewritten: None };
        }
        // Not canonical, or not a recording: read it, write it as Python would, and scan the result.
        let document = match Value::parse(bytes) {
            Ok(document @ Value::Object(_)) => document,
            Ok(_) => {
                let flaw = Flaw::Schema { pointer: "", expected: "an object" };
                return Reading { facts: Err(flaw), rewritten: None };
            }
            Err(error) => return Reading { facts: Err(Flaw::of(bytes, error)), rewritten: None },
        };
        let rewritten = document.to_file_bytes();
        // The pass takes every text that the writer makes.
        let unwritten = Flaw::Schema { pointer: "", expected: "JSON that can be written again" };
        let facts = scan(&rewritten, rules).unwrap_or(Err(unwritten));
        Reading { facts, rewritten: (rewritten != bytes).then_some(rewritten) }
    }
}

/// The facts of canonical bytes; `None` when they are not.
fn scan(bytes: &[u8], rules: &dyn Fn(&Recording) -> KeyRules) -> Option<Result<Facts, Flaw>> {
    let mut pass = CanonicalPass::new(bytes, 0);
    let mut answers = Answers::default();
    let mut found = CallSpans::default();
    let mut outline = Object::new();
    pass.object(0, |pass, key| {
        match key {
            b"test_id" => outline.insert("test_id", pass.parsed(1)?),
            b"request" if pass.peek() == Some(b'{') => outline.insert("request", pass.request(&mut found)?),
            b"request" => outline.insert("request", pass.parsed(1)?),
            b"response" if pass.peek() == Some(b'{') => {
                let start = pass.at;
                outline.insert("response", pass.response(&mut answers)?);
                found.response = start..pass.at;
            }
            b"response" => outline.insert("response", pass.parsed(1)?),
            b"id_normalization_mapping" => outline.insert("id_normalization_mapping", pass.parsed(1)?),
            _ => pass.value(1)?,
        }
        Some(())
    })?;
    if answers.whole.is_empty() {
        answers.whole.push(0..bytes.len());
    }
    if &bytes[pass.at..] == b"\n" { Facts::new(outline, answers, &found, bytes, rules) } else { None }
}

impl CanonicalPass<'_> {
    fn request(&mut self, found: &mut CallSpans) -> Option<Object> {
        let mut outline = Object::new();
        self.object(1, |pass, key| {
            let place = match key {
                b"body" => &mut found.body,
                b"payload" => &mut found.payload,
                _ => {
                    outline.insert(String::from_utf8_lossy(key), pass.parsed(2)?);
                    return Some(());
                }
            };
            let start = pass.at;
            let value = match pass.peek()? {
                b'{' => pass.value(CONTENT_LEVEL).map(|()| Value::Object(Object::new()))?,
                b'[' => pass.value(CONTENT_LEVEL).map(|()| Value::Array(vec![]))?,
                _ => pass.parsed(CONTENT_LEVEL)?,
            };
            *place = start..pass.at;
            outline.insert(String::from_utf8_lossy(key), value);
            Some(())
        })?;
        Some(outline)
    }

    fn response(&mut self, answers: &mut Answers) -> Option<Object> {
        let mut outline = Object::new();
        self.object(1, |pass, key| {
            let value = match key {
                b"body" => pass.body(answers)?,
                _ => pass.parsed(2)?,
            };
            outline.insert(String::from_utf8_lossy(key), value);
            Some(())
        })?;
        Some(outline)
    }

    fn body(&mut self, answers: &mut Answers) -> Option<Value> {
        match self.peek()? {
            b'[' => {
                let mut last = 0..0;
                let mut template: Option<Template> = None;
                // Where the bytes begin that repeat nothing; between two repetitions there are none.
                let mut whole = Some(0);
                self.array(2, |pass, index| {
                    answers.count = index + 1;
                    let start = pass.at;
                    if index > 0 {
                        let template = template.get_or_insert_with(|| Template::of(pass.bytes, last.clone(), 2 * 4));
                        if template.read(pass, index, answers) {
                            answers.whole.extend(whole.take().map(|whole| whole..start));
                            return Some(());
                        }
                    }
                    pass.answer(3, Some(index), answers)?;
                    last = start..pass.at;
                    template = None;
                    whole = whole.or(Some(start));
                    Some(())
                })?;
                answers.whole.push(whole.unwrap_or(self.at)..self.bytes.len());
                Some(Value::Array(vec![]))
            }
            b'{' => {
                answers.count = 1;
                self.answer(2, None, answers)?;
                Some(Value::Object(Object::new()))
            }
            _ => {
                answers.suspicious = true;
                self.parsed(2)
            }
        }
    }

    fn answer(&mut self, level: usize, index: Option<usize>, answers: &mut Answers) -> Option<()> {
        if self.peek()? != b'{' {
            answers.suspicious = true;
            return self.value(level);
        }
        let mut has_data = false;
        self.object(level, |pass, key| match (key, pass.peek()?) {
            (b"__type__", b'"') => {
                note_change(&mut answers.types, index, pass.string()?);
                Some(())
            }
            (b"__data__", b'{') => {
                has_data = true;
                pass.data(level + 1, index, answers)
            }
            _ => pass.value(level + 1),
        })?;
        answers.suspicious |= !has_data;
        Some(())
    }

    fn data(&mut self, level: usize, index: Option<usize>, answers: &mut Answers) -> Option<()> {
        let mut id = None;
        let mut is_model = false;
        let mut odd_time = None;
        let mut has_choices = false;
        self.object(level, |pass, key| {
            let start = pass.at;
            match (key, pass.peek()?) {
                (b"id", b'"') => id = Some(pass.string()?),
                (b"object", b'"') => is_model = pass.string()? == b"model",
                (b"obfuscation", b'"') => {
                    pass.string()?;
                    note_padding(answers, index, "obfuscation");
                }
                (b"choices", b'[') => {
                    has_choices = true;
                    pass.array(level + 1, |pass, _| pass.choice(level + 2, index, answers))?;
                }
                (b"error", next) => {
                    answers.suspicious |= next != b'n';
                    pass.value(level + 1)?;
                }
                _ => pass.value(level + 1)?,
            }
            let constant = CONSTANT_TIMES.iter().find(|(name, _)| name.as_bytes() == key);
            if let Some((name, constant)) = constant {
                let value = &pass.bytes[start..pass.at];
                if value != *constant && value != b"null" {
                    odd_time = odd_time.or(Some(*name));
                }
            }
            Some(())
        })?;
        answers.suspicious |= !has_choices;
        if !is_model {
            if let Some(id) = id {
                note_change(&mut answers.ids, index, id);
            }
            answers.odd_time = answers.odd_time.or(odd_time.map(|field| (index, field)));
        }
        Some(())
    }

    fn choice(&mut self, level: usize, index: Option<usize>, answers: &mut Answers) -> Option<()> {
        if self.peek()? != b'{' {
            return self.value(level);
        }
        self.object(level, |pass, key| {
            match key {
                b"finish_reason" if pass.peek()? == b'"' => {
                    answers.finish(pass.string()?);
                    return Some(());
                }
                b"error" => answers.suspicious |= pass.peek()? != b'n',
                b"obfuscation" => note_padding(answers, index, "choices"),
                b"delta" => return pass.delta(level + 1, &mut answers.text),
                _ => {}
            }
            pass.value(level + 1)
        })
    }

    /// What is said in a delta, at any depth: a tool call holds a function, which holds the arguments.
    fn delta(&mut self, level: usize, text: &mut Vec<u8>) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(level, |pass, key| {
                if pass.peek()? == b'"' && TEXTS.contains(&key) {
                    text.extend_from_slice(pass.string()?);
                    return Some(());
                }
                pass.delta(level + 1, text)
            }),
            b'[' => self.array(level, |pass, _| pass.delta(level + 1, text)),
            _ => self.value(level),
        }
    }
}
