//! A recording as a short text for `git diff`: the hashed request, and the answer as a test sees it. Two recordings
//! with the same key and the same answer have the same outline, so git shows no noise.

use crate::recording::Recording;
use crate::recording::answer::{Answer, Fact};
use crate::recording::json::Value;
use crate::recording::key::RequestKey;
use crate::recording::recorder::KeyRules;
use crate::recording::turn::{Choice, Extra, Turn};

/// A text without a space, or a vector, that is longer than this is data: its digest is enough.
const DATA: usize = 400;

/// The outline of the bytes of a file. If it is not a recording, the reason and the raw text.
pub fn outline(bytes: &[u8]) -> Vec<String> {
    let mut out = Outline::default();
    match Recording::parse(bytes) {
        Ok(recording) => out.recording(&recording),
        Err(flaw) => {
            out.line(0, &format!("# {flaw}"));
            out.text(0, &String::from_utf8_lossy(bytes));
        }
    }
    out.lines
}

#[derive(Default)]
struct Outline {
    lines: Vec<String>,
}

impl Outline {
    fn recording(&mut self, recording: &Recording) {
        self.line(0, &format!("test {}", recording.test_id().unwrap_or("(none)")));
        let hashed = recording.request().hashed(KeyRules::NEWEST);
        let text = |name: &str| hashed.get(name).and_then(Value::as_str);
        if let (Some(method), Some(url)) = (text("method"), text("endpoint").or(text("url"))) {
            self.line(0, &format!("request {method} {url}"));
        } else {
            self.line(0, "request");
        }
        for (name, value) in hashed.iter() {
            match (name, value) {
                ("test_id" | "method" | "endpoint" | "url", _) => {}
                // Its fields say what they belong to.
                ("body" | "payload", Value::Object(_)) => self.fields(1, value),
                _ => self.named(1, name, value),
            }
        }
        match Answer::of(recording) {
            Answer::Turn(turn) => self.turn(&turn),
            Answer::Facts(facts) => {
                self.line(0, if facts.streaming { "answer, streamed" } else { "answer" });
                if let Some(status) = facts.status {
                    self.line(1, &format!("status {status}"));
                }
                for (pointer, fact) in &facts.facts {
                    match fact {
                        Fact::Text(text) | Fact::Pieces(text) => self.titled(1, pointer, text),
                        Fact::Values(values) => {
                            values.iter().for_each(|value| self.line(1, &format!("{pointer}: {}", shortened(value))));
                        }
                    }
                }
            }
        }
    }

    fn turn(&mut self, turn: &Turn) {
        if let Some(error) = &turn.error {
            let status = error.status.map_or(String::new(), |status| format!(" {status}"));
            self.line(0, &format!("raises {}{status}", error.type_name));
            return self.text(1, &error.message);
        }
        self.line(0, if turn.streaming { "answer, streamed" } else { "answer" });
        for (index, choice) in &turn.choices {
            let indent = if turn.choices.len() == 1 && *index == 0 {
                1
            } else {
                self.line(1, &format!("choice {index}"));
                2
            };
            self.choice(indent, choice);
        }
        self.extras(1, &turn.extra);
    }

    fn choice(&mut self, indent: usize, choice: &Choice) {
        for (name, text) in [("role", &choice.role), ("finish_reason", &choice.finish_reason)] {
            if let Some(text) = text {
                self.line(indent, &format!("{name}: {text}"));
            }
        }
        for (name, text) in [
            ("refusal", &choice.refusal),
            ("reasoning in the text", &choice.tagged_reasoning),
            ("reasoning", &choice.reasoning),
            ("text", &choice.text),
        ] {
            if let Some(text) = text {
                self.titled(indent, name, text);
            }
        }
        for (index, call) in &choice.tool_calls {
            let kind = call.kind.as_deref().unwrap_or("call");
            self.line(indent, &format!("{kind} {index}: {}", call.name));
            match Value::parse(call.canonical_arguments().as_bytes()) {
                Ok(arguments) => self.fields(indent + 1, &arguments),
                Err(_) => self.text(indent + 1, &call.arguments),
            }
        }
        if !choice.logprobs.is_empty() {
            let digest = RequestKey::of(choice.logprobs.join(" ")).to_string();
            self.line(indent, &format!("logprobs: {} tokens, digest {}", choice.logprobs.len(), &digest[..12]));
        }
        self.extras(indent, &choice.extra);
        choice.extra_text.iter().for_each(|(name, text)| self.titled(indent, name, text));
    }

    fn extras(&mut self, indent: usize, extra: &Extra) {
        for (name, values) in extra {
            values.iter().for_each(|value| self.line(indent, &format!("{name}: {}", shortened(value))));
        }
    }

    /// The items of a value, one below the other, names sorted.
    fn fields(&mut self, indent: usize, value: &Value) {
        match value {
            Value::Object(object) => {
                let mut fields: Vec<(&str, &Value)> = object.iter().collect();
                fields.sort_by_key(|(name, _)| *name);
                fields.into_iter().for_each(|(name, item)| self.named(indent, name, item));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.named(indent, &format!("[{index}]"), item);
                }
            }
            other => self.line(indent, &shortened(&other.to_sorted_text())),
        }
    }

    fn named(&mut self, indent: usize, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.titled(indent, name, text),
            Value::Object(object) if !object.is_empty() => {
                self.line(indent, &format!("{name}:"));
                self.fields(indent + 1, value);
            }
            // Numbers belong on one line.
            Value::Array(items) if items.iter().any(|item| !matches!(item, Value::Number(_))) => {
                self.line(indent, &format!("{name}:"));
                self.fields(indent + 1, value);
            }
            other => self.line(indent, &format!("{name}: {}", shortened(&other.to_sorted_text()))),
        }
    }

    /// A text behind its name, or below it when it has lines.
    fn titled(&mut self, indent: usize, name: &str, text: &str) {
        if text.contains('\n') {
            self.line(indent, &format!("{name}:"));
            self.text(indent + 1, text);
        } else {
            self.line(indent, &format!("{name}: {}", shortened(text)));
        }
    }

    fn text(&mut self, indent: usize, text: &str) {
        text.split('\n').for_each(|line| self.line(indent, &shortened(line)));
    }

    fn line(&mut self, indent: usize, text: &str) {
        // Deep values are cut at a depth that a person can follow.
        self.lines.push(format!("{}{text}", "  ".repeat(indent.min(20))));
    }
}

fn shortened(text: &str) -> String {
    let is_vector = || text.chars().all(|c| matches!(c, '0'..='9' | '.' | ',' | '-' | '+' | 'e' | '[' | ']' | ' '));
    if text.len() <= DATA || (text.contains(' ') && !is_vector()) {
        return text.to_owned();
    }
    let start: String = text.chars().take(60).collect();
    let digest = RequestKey::of(text).to_string();
    format!("{start}… ({} bytes, digest {})", text.len(), &digest[..12])
}
