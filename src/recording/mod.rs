//! What a recording is: bytes in, a checked document out. Pure; files are the business of [`crate::store`].

pub mod answer;
mod coerce;
pub mod completeness;
pub mod difference;
pub mod digest;
pub mod dump;
pub mod epochs;
pub mod error_text;
pub mod exception;
pub mod file;
pub mod json;
pub mod key;
pub mod layouts;
pub mod name;
pub mod noise;
mod normalise;
pub mod pointer;
pub mod python;
pub mod recorder;
pub mod rewrite;
pub mod same_answer;
pub mod scan;
pub mod sight;
pub mod test_id;
pub mod turn;
pub mod version;

use std::fmt;
use std::sync::LazyLock;

use json::{Object, ParseError, ParseErrorKind, Value};
use key::{Request, RequestKey};
use layouts::{Layout, SdkVersion};
use recorder::{INFO, KeyRules};
use sight::Sight;

/// Largest file that is read as a recording, in bytes. The largest known one has 3 MB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// A parsed recording: the document as it was, and the certainty that its parts are where they belong.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    document: Object,
    kind: Kind,
}

/// The kind of the recorded call; it decides which parts are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Through an SDK: `request.body` and `request.url`.
    Inference,
    /// Plain HTTP: `request.payload`.
    Payload,
    /// A tool runtime: `request.tool_name`.
    Tool,
}

/// Why bytes are not a recording.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Flaw {
    /// Broken in a way that has a name.
    Sight(Sight),
    /// No JSON.
    Json(ParseError),
    /// JSON, but not of a recording's shape.
    Schema {
        /// JSON pointer to the offending place.
        pointer: &'static str,
        /// What is expected there.
        expected: &'static str,
    },
    /// A request of none of the known kinds.
    UnknownKind,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Sight(sight) => write!(f, "{sight}"),
            Flaw::Json(error) => write!(f, "not JSON: {error}"),
            Flaw::Schema { pointer: "", expected } => {
                write!(f, "not a recording: expected {expected}")
            }
            Flaw::Schema { pointer, expected } => write!(f, "not a recording: expected {expected} at {pointer}"),
            Flaw::UnknownKind => f.write_str("a request of no known kind: neither body and url, payload nor tool_name"),
        }
    }
}

impl std::error::Error for Flaw {}

impl Flaw {
    /// Of bytes that are not JSON: what they are, if that is known by sight.
    fn of(bytes: &[u8], error: ParseError) -> Self {
        Sight::of(bytes).map_or(Flaw::Json(error), Flaw::Sight)
    }

    /// Whether the only fault is a text that holds half a surrogate pair.
    pub fn is_lone_surrogate(&self) -> bool {
        matches!(self, Flaw::Json(ParseError { kind: ParseErrorKind::LoneSurrogate, .. }))
    }
}

/// What is recorded of the answer.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The dumped answer, a list of dumped chunks, or null.
    pub body: &'a Value,
    /// Whether the body is the chunks of a stream.
    pub is_streaming: bool,
    /// The HTTP status, of payload calls.
    pub status: Option<u16>,
    /// Set when the call raised.
    pub exception: Option<Exception<'a>>,
}

/// What is recorded of an exception.
#[derive(Clone, Copy, Debug)]
pub struct Exception<'a> {
    /// `exception_data`: category, type, message, and for HTTP errors status and body.
    pub data: Option<&'a Object>,
    /// `exception_message`.
    pub message: &'a str,
}

impl<'a> Exception<'a> {
    /// The HTTP status, when the exception came from one.
    pub fn status(&self) -> Option<u16> {
        self.data?.get("status_code")?.as_i64()?.try_into().ok()
    }

    /// The recorded name of the exception's class.
    pub fn type_name(&self) -> &'a str {
        self.data.and_then(|data| data.get("type")).and_then(Value::as_str).unwrap_or("Exception")
    }
}

static NO_BODY: LazyLock<Value> = LazyLock::new(|| Value::Object(Object::new()));

/// Whether a request is the model lookup of Text Embeddings Inference, the only GET that is recorded.
fn is_info(request: &Object) -> bool {
    request.get("endpoint").and_then(Value::as_str) == Some(INFO)
}

impl Recording {
    /// Reads the bytes of a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        match Value::parse(bytes).map_err(|error| Flaw::of(bytes, error))? {
            Value::Object(document) => Self::from_document(document),
            _ => Err(Flaw::Schema { pointer: "", expected: "an object" }),
        }
    }

    /// A new recording of a chat completion, in the layout of the recorder.
    pub fn of_chat(test_id: Option<&str>, url: &str, body: Object, response: Object, layout: Layout) -> Self {
        let written_by =
            Object::from_iter([("recorder", RECORDER.to_owned()), ("openai_sdk_layout", layout.to_string())]);
        let request = Object::from_iter([
            ("method", Value::from("POST")),
            ("url", Value::from(url)),
            ("headers", Value::Object(Object::new())),
            ("endpoint", Value::from("/v1/chat/completions")),
            ("model", body.get("model").cloned().unwrap_or_else(|| Value::from(""))),
            ("provider_metadata", Value::Object(written_by)),
        ]);
        // The body belongs before the endpoint.
        let request: Object = request
            .into_iter()
            .flat_map(|(name, value)| {
                let body = (name == "endpoint").then(|| ("body".to_owned(), Value::Object(body.clone())));
                body.into_iter().chain([(name, value)])
            })
            .collect();
        let document = Object::from_iter([
            ("test_id", Value::from(test_id)),
            ("request", Value::Object(request)),
            ("response", Value::Object(response)),
            ("id_normalization_mapping", Value::Object(Object::new())),
        ]);
        let mut recording = Recording { document, kind: Kind::Inference };
        recording.note_digest();
        recording
    }

    /// Checks the shape of a document.
    pub fn from_document(document: Object) -> Result<Self, Flaw> {
        let flaw = |pointer, expected| Flaw::Schema { pointer, expected };
        let require = |ok: bool, pointer, expected| if ok { Ok(()) } else { Err(flaw(pointer, expected)) };
        let is_text = |value: Option<&Value>| value.is_some_and(|value| value.as_str().is_some());
        let is_test_id = |value: Option<&Value>| {
            value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(|t| !t.is_empty()))
        };

        let request = document.get("request").and_then(Value::as_object).ok_or(flaw("/request", "an object"))?;
        let response = document.get("response").and_then(Value::as_object).ok_or(flaw("/response", "an object"))?;
        require(is_test_id(document.get("test_id")), "/test_id", "a string that is not empty, or null")?;
        require(is_test_id(request.get("test_id")), "/request/test_id", "a string that is not empty, or null")?;

        let mapping = document.get("id_normalization_mapping");
        // The replay takes any value that is not empty for an object.
        require(
            mapping.is_none_or(|mapping| mapping.as_object().is_some() || !python::truthy(mapping)),
            "/id_normalization_mapping",
            "an object",
        )?;

        let body = response.get("body").ok_or(flaw("/response/body", "a body, which may be null"))?;
        let streaming = response.get("is_streaming").and_then(Value::as_bool);
        let streaming = streaming.ok_or(flaw("/response/is_streaming", "true or false"))?;
        require(!streaming || body.as_array().is_some(), "/response/body", "a list, as is_streaming is true")?;
        let is_exception = response.get("is_exception");
        require(is_exception.is_none_or(|v| v.as_bool().is_some()), "/response/is_exception", "true or false")?;
        let data = response.get("exception_data");
        require(
            data.is_none_or(|data| data.is_null() || data.as_object().is_some()),
            "/response/exception_data",
            "an object or null",
        )?;
        if is_exception == Some(&Value::Bool(true)) {
            require(is_text(response.get("exception_message")), "/response/exception_message", "a text")?;
        }

        let kind = if request.contains_key("payload") {
            Kind::Payload
        } else if request.contains_key("tool_name") {
            Kind::Tool
        } else if request.contains_key("url") && (request.contains_key("body") || is_info(request)) {
            Kind::Inference
        } else {
            return Err(Flaw::UnknownKind);
        };
        match kind {
            Kind::Tool => {
                require(request.contains_key("provider"), "/request/provider", "the name of the provider")?;
                require(request.contains_key("kwargs"), "/request/kwargs", "the arguments of the tool")?;
            }
            Kind::Inference | Kind::Payload => {
                require(is_text(request.get("method")), "/request/method", "a text")?;
                require(is_text(request.get("url")), "/request/url", "a text")?;
            }
        }
        Ok(Recording { document, kind })
    }

    /// The kind of call.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The test that made the request, if it is known.
    pub fn test_id(&self) -> Option<&str> {
        let of_request = || self.request_field("test_id").and_then(Value::as_str);
        self.document.get("test_id").and_then(Value::as_str).or_else(of_request)
    }

    /// The recorded url; of tool calls there is none.
    pub fn url(&self) -> Option<&str> {
        self.request_field("url")?.as_str()
    }

    /// `request.endpoint`, the path the SDK was called with.
    pub fn endpoint(&self) -> Option<&str> {
        self.request_field("endpoint")?.as_str()
    }

    /// Whether the call was a chat or text completion, whose answer has choices.
    pub fn is_completion(&self) -> bool {
        self.kind == Kind::Inference && matches!(self.endpoint(), Some("/v1/chat/completions" | "/v1/completions"))
    }

    /// Whether the call was a chat completion.
    pub fn is_chat(&self) -> bool {
        self.is_completion() && self.endpoint() == Some("/v1/chat/completions")
    }

    /// The arguments of the call, where the kind has a body.
    pub fn body(&self) -> Option<&Object> {
        self.request_field("body")?.as_object()
    }

    /// The version of the SDK whose layout the answer has, where the recording names one.
    pub fn sdk_version(&self) -> Option<SdkVersion> {
        let metadata = self.request_field("provider_metadata")?;
        let named = |name: &str| metadata.get(name)?.as_str()?.parse().ok();
        named("openai_sdk_layout").or_else(|| named("openai_sdk_version"))
    }

    /// Whether its answer is a list of models. Several such lists may answer one request.
    pub fn is_model_list(&self) -> bool {
        self.endpoint().is_some_and(recorder::is_model_list)
    }

    /// Whether this tool wrote the file.
    pub fn is_ours(&self) -> bool {
        let recorder = self.request_field("provider_metadata").and_then(|metadata| metadata.get("recorder"));
        recorder.and_then(Value::as_str).is_some_and(|recorder| recorder.starts_with("bedrock-fixtures/"))
    }

    /// The whole document.
    pub fn document(&self) -> &Object {
        &self.document
    }

    fn request_field(&self, name: &str) -> Option<&Value> {
        self.document.get("request")?.get(name)
    }

    /// What decides the key.
    pub fn request(&self) -> Request<'_> {
        const NULL: &Value = &Value::Null;
        let field = |name| self.request_field(name).unwrap_or(NULL);
        let text = |name| field(name).as_str().unwrap_or("");
        match self.kind {
            Kind::Inference => Request::Inference {
                test_id: self.document.get("test_id").and_then(Value::as_str),
                method: text("method"),
                url: text("url"),
                // A GET has none; the recorder hashes an empty one.
                body: self.request_field("body").unwrap_or(&NO_BODY),
            },
            Kind::Payload => Request::Payload {
                test_id: self.test_id(),
                method: text("method"),
                url: text("url"),
                payload: field("payload"),
            },
            Kind::Tool => {
                Request::Tool { provider: field("provider"), tool_name: field("tool_name"), kwargs: field("kwargs") }
            }
        }
    }

    /// The key of the request under the rules of a recorder.
    pub fn key(&self, rules: KeyRules) -> RequestKey {
        self.request().key(rules)
    }

    /// Whether its key or the form of its name depends on the rules of a recorder.
    pub fn depends_on_rules(&self) -> bool {
        let is_list = self.endpoint().map(|endpoint| KeyRules::ALL.map(|rules| rules.names_as_list(endpoint)));
        let names_differ = is_list.is_some_and(|[newest, others @ ..]| others.iter().any(|other| *other != newest));
        let keys_differ = match self.request() {
            Request::Inference { test_id, url, .. } => !recorder::hash_alike(&python::Url::parse(url), test_id),
            Request::Payload { .. } | Request::Tool { .. } => false,
        };
        names_differ || keys_differ
    }

    /// The recorded answer.
    pub fn response(&self) -> Response<'_> {
        const NULL: &Value = &Value::Null;
        let field = |name| self.document.get("response").and_then(|response| response.get(name)).unwrap_or(NULL);
        Response {
            body: field("body"),
            is_streaming: field("is_streaming").as_bool() == Some(true),
            status: field("status").as_i64().and_then(|status| status.try_into().ok()),
            exception: (field("is_exception").as_bool() == Some(true)).then(|| Exception {
                data: field("exception_data").as_object(),
                message: field("exception_message").as_str().unwrap_or(""),
            }),
        }
    }

    /// The dumped objects of the answer (`__data__`), one or many, with their place in `response.body`.
    pub fn answers(&self) -> impl Iterator<Item = (Option<usize>, &Object)> {
        let (one, many) = match self.response().body {
            Value::Array(items) => (None, items.as_slice()),
            other => (Some(other), [].as_slice()),
        };
        let many = many.iter().enumerate().map(|(i, item)| (Some(i), item));
        one.map(|item| (None, item))
            .into_iter()
            .chain(many)
            .filter_map(|(index, item)| Some((index, item.get("__data__")?.as_object()?)))
    }

    /// The bytes of the file, as the recorder would write it.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Borrowing the document into a value would need a second writer; one copy is cheaper to read.
        Value::Object(self.document.clone()).to_file_bytes()
    }
}

/// Written into `request.provider_metadata` of what this tool records: it claims no SDK that it did not use.
pub const RECORDER: &str = concat!("bedrock-fixtures/", env!("CARGO_PKG_VERSION"));
