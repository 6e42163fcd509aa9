//! Changing what a recording says of its request, and the ids that follow from it. The answer stays as it was.

use super::document::{Kind, Recording};
use super::dump::replace_noise;
use super::json::{Object, Value};
use super::key::{RequestKey, recorded_id};

impl Recording {
    /// Changes the test id wherever the recording names it: at the top, and in `request` of the kinds that have it there.
    pub fn rewrite_test_id(&mut self, rewrite: &dyn Fn(&str) -> Option<String>) {
        change(self.document.get_mut("test_id"), rewrite);
        change(self.request_field_mut("test_id"), rewrite);
    }

    /// Changes the url.
    pub fn rewrite_url(&mut self, rewrite: &dyn Fn(&str) -> Option<String>) {
        change(self.request_field_mut("url"), rewrite);
    }

    /// Changes the model of the request, and of answers that name the same model: an endpoint that repeats the name of
    /// the request would repeat the new one. An answer with another name, such as a dated snapshot, keeps it.
    pub fn rewrite_model(&mut self, rewrite: &dyn Fn(&str) -> Option<String>) {
        let is_intact = self.is_intact() == Some(true);
        let asked = ["body", "payload"].into_iter().find_map(|arguments| {
            let model = object_mut(self.request_field_mut(arguments))?.get_mut("model")?;
            let old = model.as_str()?.to_owned();
            change(Some(model), rewrite);
            Some(old)
        });
        change(self.request_field_mut("model"), rewrite);
        let Some(asked) = asked else { return };
        for data in self.answers_mut() {
            let model = data.get_mut("model");
            if model.as_ref().and_then(|model| model.as_str()) == Some(asked.as_str()) {
                change(model, rewrite);
            }
        }
        // What was edited before stays so.
        if is_intact {
            self.note_digest();
        }
    }

    /// Gives the answers that have the id of another key the id of this one, as the recorder would have.
    pub fn rewrite_ids(&mut self, key: RequestKey) {
        if self.kind != Kind::Inference {
            return;
        }
        let own = recorded_id(&key.to_string());
        for data in self.answers_mut() {
            let is_model = data.get("object").and_then(Value::as_str) == Some("model");
            if !is_model && data.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with("rec-")) {
                data.insert("id", own.as_str());
            }
        }
    }

    /// The recording with the ids and times of its answer as the recorder leaves them in a file of this name.
    #[must_use]
    pub fn tidied(mut self, stem: &str) -> Self {
        let id = recorded_id(stem);
        let noisy = self.kind == Kind::Inference;
        // Recorders differ in the time of a model, so the current value is right.
        self.answers_mut().filter(|_| noisy).for_each(|data| replace_noise(data, &id, false));
        self
    }

    fn request_field_mut(&mut self, name: &str) -> Option<&mut Value> {
        object_mut(self.document.get_mut("request"))?.get_mut(name)
    }

    /// The dumped objects of the answer, as [`Recording::answers`] gives them.
    fn answers_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        let body = object_mut(self.document.get_mut("response")).and_then(|response| response.get_mut("body"));
        let items: &mut [Value] = match body {
            Some(Value::Array(items)) => items,
            Some(one) => std::slice::from_mut(one),
            None => &mut [],
        };
        items.iter_mut().filter_map(|item| object_mut(object_mut(Some(item))?.get_mut("__data__")))
    }
}

fn object_mut(value: Option<&mut Value>) -> Option<&mut Object> {
    if let Some(Value::Object(object)) = value { Some(object) } else { None }
}

fn change(value: Option<&mut Value>, rewrite: &dyn Fn(&str) -> Option<String>) {
    if let Some(Value::String(text)) = value
        && let Some(new) = rewrite(text)
    {
        *text = new;
    }
}
