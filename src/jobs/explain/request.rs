//! A request as an argument of `explain`.

use crate::error::{Error, Result};
use crate::jobs::cases::Case;
use crate::recording::Recording;
use crate::recording::json::{Object, Value};
use crate::recording::key::Request;
use crate::recording::python::Url;
use crate::recording::recorder::KeyRules;
use crate::recording::sight::without_mark;

/// A request as it was given, with its test.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) test_id: Option<String>,
    endpoint: Option<String>,
    asked: What,
}

#[derive(Debug)]
enum What {
    Recorded(Box<Recording>),
    Inference { method: String, url: String, body: Value },
    Payload { method: String, url: String, payload: Value },
    Tool { provider: Value, tool_name: Value, kwargs: Value },
}

const FIELDS: [&str; 9] =
    ["test_id", "body", "url", "method", "endpoint", "payload", "provider", "tool_name", "kwargs"];

impl Question {
    /// Reads a request, or the request of a recording.
    pub(crate) fn parse(name: &str, bytes: &[u8], default_url: &str) -> Result<Self> {
        let object = parse(name, bytes)?;
        let bad = |what: String| Error::new(what).at(name).hint("see `bedrock-fixtures explain --help`");
        if object.contains_key("request") && object.contains_key("response") {
            let recording = Recording::from_document(object).map_err(|flaw| bad(flaw.to_string()))?;
            let endpoint = recording.endpoint().map(str::to_owned);
            let test_id = recording.test_id().map(str::to_owned);
            return Ok(Question { test_id, endpoint, asked: What::Recorded(Box::new(recording)) });
        }
        if let Some((field, _)) = object.iter().find(|(field, _)| !FIELDS.contains(field)) {
            return Err(bad(format!("a request has no field {field:?}")));
        }
        let text = |field: &str| match object.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(bad(format!("{field} is not a string"))),
        };
        let (test_id, endpoint) = (text("test_id")?, text("endpoint")?);
        let method = text("method")?.unwrap_or_else(|| "POST".to_owned());
        let value = |field: &str| object.get(field).cloned();
        let asked = if object.contains_key("tool_name") {
            let field = |name: &str| value(name).unwrap_or(Value::Null);
            What::Tool { provider: field("provider"), tool_name: field("tool_name"), kwargs: field("kwargs") }
        } else if let Some(payload) = value("payload") {
            let url = text("url")?.ok_or_else(|| bad("the request has no url".to_owned()))?;
            What::Payload { method, url, payload }
        } else {
            let url = text("url")?;
            // A list of models has nothing to say.
            let body = value("body").or_else(|| url.as_ref().map(|_| Value::Object(Object::new())));
            let body = body.ok_or_else(|| bad("the request has no body".to_owned()))?;
            What::Inference { method, url: url.unwrap_or_else(|| default_url.to_owned()), body }
        };
        Ok(Question { test_id, endpoint, asked })
    }

    /// The request of a case.
    pub(crate) fn of_case(case: &Case) -> Self {
        let body = Value::Object(case.call.body.clone());
        let asked = What::Inference { method: "POST".to_owned(), url: case.call.url.clone(), body };
        Question { test_id: case.call.test_id.clone(), endpoint: None, asked }
    }

    /// What decides the key.
    pub(crate) fn request(&self) -> Request<'_> {
        let test_id = self.test_id.as_deref();
        match &self.asked {
            What::Recorded(recording) => recording.request(),
            What::Inference { method, url, body } => Request::Inference { test_id, method, url, body },
            What::Payload { method, url, payload } => Request::Payload { test_id, method, url, payload },
            What::Tool { provider, tool_name, kwargs } => Request::Tool { provider, tool_name, kwargs },
        }
    }

    /// Whether it requests a list of models; all stored lists are merged into one answer.
    pub(crate) fn is_list(&self, rules: KeyRules) -> bool {
        match (&self.endpoint, &self.asked) {
            (Some(endpoint), _) => rules.names_as_list(endpoint),
            (None, What::Inference { url, .. }) => rules.may_be_list(&Url::parse(url).path),
            _ => false,
        }
    }
}

/// The value of a JSON text of one request or recording.
fn parse(name: &str, bytes: &[u8]) -> Result<Object> {
    let hint = "give {\"test_id\": …, \"body\": {…}}, or a recording";
    match Value::parse(without_mark(bytes)) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::new("not a JSON object").at(name).hint(hint)),
        Err(error) => Err(Error::new(format!("not JSON: {error}")).at(name).hint(hint)),
    }
}
