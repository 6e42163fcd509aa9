//! What depends on the version of the recorder itself, OGX: the rules of its keys, and how it dumps an answer.
//!
//! This is the only place that knows them. They were measured with the recorders of OGX 0.8.0 and 1.5.0; the releases
//! of the changes were read from the wheels on PyPI (2026-11-25).

use super::python::Url;
use super::version::Version;

/// A recorder: one version of OGX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorder {
    version: Version,
}

/// The first release with the rules of today.
const SHARED_LISTS_SINCE: Version = Version::new(1, 2, 5);

impl Recorder {
    /// The newest recorder whose rules are known.
    pub const NEWEST: Recorder = Recorder { version: Version::new(1, 5, 0) };

    /// The newest recorder whose keys follow the rules of before.
    pub const LAST_OF_BEFORE: Recorder = Recorder { version: Version::new(1, 2, 4) };

    /// The recorder of a version of OGX.
    pub const fn of(version: Version) -> Recorder {
        Recorder { version }
    }

    /// The version of OGX.
    pub fn version(self) -> Version {
        self.version
    }

    /// The rules by which it makes keys and names.
    pub fn key_rules(self) -> KeyRules {
        if self.version >= SHARED_LISTS_SINCE { KeyRules::SharedLists } else { KeyRules::ThreePaths }
    }

    /// Whether `created` is replaced by 0 also in an answer that calls itself a model.
    pub fn zeroes_created_of_models(self) -> bool {
        self.key_rules() == KeyRules::SharedLists
    }
}

/// How a request becomes a key and a file name. All other requests than lists of models are treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyRules {
    /// OGX up to 1.2.4: three paths are lists of models, whose keys have no test id.
    ThreePaths,
    /// OGX from 1.2.5 on: the lists of models of every remote host are shared, with a test id of null.
    SharedLists,
}

/// What is hashed of the id of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashedTestId<'a> {
    /// Nothing: the member is not there.
    Absent,
    /// The member is there: the id, or null.
    Present(Option<&'a str>),
}

/// Endpoints that the older recorders take for lists of models.
const THREE_PATHS: [&str; 3] = ["/api/tags", "/v1/models", "/v1/openai/v1/models"];

/// Endpoints that the newer ones do. `/info` is the one model of a Text Embeddings Inference server.
const SHARED_ENDPOINTS: [&str; 2] = ["/v1/models", INFO];

/// The model lookup of Text Embeddings Inference: a GET without a body.
pub const INFO: &str = "/info";

/// Hosts whose lists of models belong to a test, as they are names of this machine.
const LOCAL_HOSTS: [&str; 3] = ["0.0.0.0", "127.0.0.1", "localhost"];

impl KeyRules {
    /// All that are known, the newest first.
    pub const ALL: [KeyRules; 2] = [KeyRules::SharedLists, KeyRules::ThreePaths];

    /// The newest.
    pub const NEWEST: KeyRules = KeyRules::SharedLists;

    /// The other rules: those a name may come from that is wrong under these.
    pub fn other(self) -> KeyRules {
        match self {
            KeyRules::ThreePaths => KeyRules::SharedLists,
            KeyRules::SharedLists => KeyRules::ThreePaths,
        }
    }

    /// Whose rules they are, for messages.
    pub fn whose(self) -> &'static str {
        match self {
            KeyRules::ThreePaths => "OGX 0.8 and others up to 1.2.4",
            KeyRules::SharedLists => "OGX 1.2.5 and later",
        }
    }

    /// A version of OGX that has them, for `--ogx`.
    pub fn example(self) -> Version {
        match self {
            KeyRules::ThreePaths => Version::new(0, 8, 0),
            KeyRules::SharedLists => Recorder::NEWEST.version,
        }
    }

    /// What of a test id is hashed for an SDK's request to a url.
    pub fn hashed_test_id<'a>(self, url: &Url, test_id: Option<&'a str>) -> HashedTestId<'a> {
        match self {
            KeyRules::ThreePaths if THREE_PATHS.contains(&url.path.as_str()) => HashedTestId::Absent,
            KeyRules::SharedLists if is_shared_list(url) => HashedTestId::Present(None),
            _ => HashedTestId::Present(test_id),
        }
    }

    /// Whether recordings of this `request.endpoint` are named as lists of models: `models-<key>-<digest>`.
    pub fn names_as_list(self, endpoint: &str) -> bool {
        match self {
            KeyRules::ThreePaths => THREE_PATHS.contains(&endpoint),
            KeyRules::SharedLists => SHARED_ENDPOINTS.contains(&endpoint),
        }
    }

    /// Whether an SDK's request to a path may be for a list of models: the path ends with the part of the SDK, after
    /// that of the base url.
    pub fn may_be_list(self, path: &str) -> bool {
        match self {
            KeyRules::ThreePaths => THREE_PATHS.iter().any(|endpoint| path.ends_with(endpoint)),
            KeyRules::SharedLists => path == INFO || path.ends_with("/v1/models"),
        }
    }

    /// Whether all lists of one key are merged at replay; otherwise the first file answers.
    pub fn merges_lists(self, endpoint: &str) -> bool {
        self.names_as_list(endpoint) && endpoint != INFO
    }
}

/// Whether the recorders of all rules hash the same for an SDK's request to a url. For all but some lists of models they do.
pub fn hash_alike(url: &Url, test_id: Option<&str>) -> bool {
    let [first, others @ ..] = KeyRules::ALL.map(|rules| rules.hashed_test_id(url, test_id));
    others.iter().all(|other| *other == first)
}

/// Whether a recording of this `request.endpoint` is a list of models under any rules: its answer is a list of models,
/// whatever its name is.
pub fn is_model_list(endpoint: &str) -> bool {
    KeyRules::ALL.iter().any(|rules| rules.names_as_list(endpoint))
}

fn is_shared_list(url: &Url) -> bool {
    let is_local = || url.hostname().is_some_and(|host| LOCAL_HOSTS.contains(&host.as_str()));
    SHARED_ENDPOINTS.contains(&url.path.as_str()) || (url.path.ends_with("/models") && !is_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_follow_from_the_version() {
        for (version, rules) in [
            (Version::new(0, 7, 1), KeyRules::ThreePaths),
            (Version::new(1, 2, 4), KeyRules::ThreePaths),
            (Version::new(1, 2, 5), KeyRules::SharedLists),
            (Version::new(1, 10, 0), KeyRules::SharedLists),
        ] {
            assert_eq!(Recorder::of(version).key_rules(), rules, "{version}");
            assert_eq!(Recorder::of(rules.example()).key_rules(), rules);
            assert_eq!(rules.other().other(), rules);
        }
    }

    #[test]
    fn lists_of_other_machines_are_shared() {
        for (url, is_shared) in [
            ("https://bedrock-mantle.us-east-2.api.aws/v1/v1/models", true),
            ("https://example.org/models", true),
            ("https://example.org/v1/models?x=1#y", true),
            ("https://example.org/models/", false),
            ("https://example.org/v1/models;a", true),
            ("https://example.org/models/x;a/models", true),
            ("http://LocalHost:8000/v1/v1/models", false),
            ("http://user:pw@127.0.0.1:8000/v1/v1/models", false),
            ("http://localhost/v1/models", true),
            ("http://localhost./v1/v1/models", true),
            ("http://[::1]:8000/v1/v1/models", true),
            ("http://0.0.0.0/v1/v1/models", false),
            ("http://127.0.0.2/v1/v1/models", true),
            ("http://localhost:8080/info", true),
            ("http://localhost:8080/a/info", false),
            ("/v1/v1/models", true),
        ] {
            let hashed = KeyRules::SharedLists.hashed_test_id(&Url::parse(url), Some("t"));
            let expected = if is_shared { None } else { Some("t") };
            assert_eq!(hashed, HashedTestId::Present(expected), "{url}");
        }
    }
}
