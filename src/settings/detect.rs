//! The recorder and the SDK in force, from everything that may name them.

use crate::error::Error;
use crate::recording::layouts::Layout;
use crate::recording::version::Version;

use super::lock::Versions;
use super::requires;

/// The newest OGX that is known.
const NEWEST_OGX: Version = Version::new(1, 5, 0);

/// The source when nothing names a version.
pub const NEWEST_KNOWN: &str = "newest known";

/// What one source names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderEvidence {
    /// The source, as reports name it.
    pub source: String,
    /// What it names.
    pub versions: Versions,
}

/// The recorder and the SDK in force, each with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// OGX.
    pub ogx: Version,
    /// What names it.
    pub ogx_source: String,
    /// The openai SDK.
    pub openai: Version,
    /// What names it.
    pub openai_source: String,
    /// Why the recordings may name another SDK.
    pub unread: Unread,
}

/// What the recordings of a store name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedSdk {
    /// The newest SDK.
    pub newest: Option<Version>,
    /// Why they may name another one.
    pub unread: Unread,
}

/// What of a store could not be read when it was asked for its SDK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// A folder.
    pub unlisted: Option<Error>,
    /// A recording, if no other one named a version.
    pub unread: Option<Error>,
}

impl InForce {
    /// When nothing is known.
    pub fn newest() -> InForce {
        InForce::of(&[], || None)
    }

    /// From evidence, the strongest first. `recorded` returns the SDK that the recordings name, and is called only if
    /// no other source has one. Each version has the first source that names it; a version without a source follows
    /// from the other one.
    pub fn of(evidence: &[RecorderEvidence], recorded: impl FnOnce() -> Option<Version>) -> InForce {
        let first = |read: fn(&Versions) -> Option<Version>| {
            evidence.iter().find_map(|one| Some((read(&one.versions)?, one.source.clone())))
        };
        let ogx = first(|versions| versions.ogx);
        // A recording of an earlier recorder than the one that is named does not tell the current SDK.
        let is_possible = |openai: &Version| ogx.as_ref().is_none_or(|(ogx, _)| requires::oldest_sdk(*ogx) <= *openai);
        let from_store = || Some((recorded().filter(is_possible)?, "recordings".to_owned()));
        let openai = first(|versions| versions.openai).or_else(from_store);
        let (ogx, openai) = match (ogx, openai) {
            (Some(ogx), Some(openai)) => (ogx, openai),
            (Some(ogx), None) => {
                let openai = (requires::sdk_for(ogx.0), format!("inferred from OGX {}", ogx.0));
                (ogx, openai)
            }
            (None, Some(openai)) => {
                ((requires::ogx_for(openai.0), format!("inferred from openai {}", openai.0)), openai)
            }
            (None, None) => {
                ((NEWEST_OGX, NEWEST_KNOWN.to_owned()), (Layout::NEWEST.version(), NEWEST_KNOWN.to_owned()))
            }
        };
        InForce { ogx: ogx.0, ogx_source: ogx.1, openai: openai.0, openai_source: openai.1, unread: Unread::default() }
    }

    /// The source of both; when they differ, the one that names a version rather than follows from the other.
    pub fn source(&self) -> &str {
        if self.ogx_source.starts_with("inferred") { &self.openai_source } else { &self.ogx_source }
    }

    /// What is newer than this tool knows, as a sentence.
    pub fn newer_than_known(&self) -> Vec<String> {
        let mut newer = vec![];
        if self.ogx > NEWEST_OGX {
            newer.push(format!(
                "OGX {} is newer than the newest version that this tool knows; it uses the rules of {NEWEST_OGX}",
                self.ogx
            ));
        }
        if Layout::is_newer_than_known(self.openai) {
            let known = Layout::NEWEST.version();
            newer.push(format!(
                "openai {} is newer than the newest version that this tool knows; it uses the layout of {known}",
                self.openai
            ));
        }
        newer
    }
}

/// For people: `OGX 1.5.0 (uv.lock), openai 3.57.0 (uv.lock)`.
impl std::fmt::Display for InForce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let InForce { ogx, ogx_source, openai, openai_source, unread: _ } = self;
        write!(f, "OGX {ogx} ({ogx_source}), openai {openai} ({openai_source})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(source: &str, ogx: Option<&str>, openai: Option<&str>) -> RecorderEvidence {
        let version = |text: Option<&str>| text.map(|text| text.parse().expect("a version"));
        RecorderEvidence {
            source: source.to_owned(),
            versions: Versions { ogx: version(ogx), openai: version(openai) },
        }
    }

    #[test]
    fn each_version_has_the_first_source_that_names_it() {
        let lock = evidence("uv.lock", Some("0.8.0"), Some("2.30.0"));
        for (evidence, recorded, expected) in [
            (vec![], None, "OGX 1.5.0 (newest known), openai 3.57.0 (newest known)"),
            (vec![lock.clone()], Some("3.1.0"), "OGX 0.8.0 (uv.lock), openai 2.30.0 (uv.lock)"),
            (vec![evidence("--ogx", Some("1.5.0"), None), lock], None, "OGX 1.5.0 (--ogx), openai 2.30.0 (uv.lock)"),
            (vec![], Some("2.30.0"), "OGX 1.0.4 (inferred from openai 2.30.0), openai 2.30.0 (recordings)"),
            (
                vec![evidence("uv.lock", Some("0.7.1"), None)],
                Some("2.30.0"),
                "OGX 0.7.1 (uv.lock), openai 2.30.0 (recordings)",
            ),
            (
                vec![evidence("uv.lock", Some("1.5.0"), None)],
                Some("2.30.0"),
                "OGX 1.5.0 (uv.lock), openai 3.57.0 (inferred from OGX 1.5.0)",
            ),
        ] {
            let recorded = recorded.map(|text: &str| text.parse().expect("a version"));
            assert_eq!(InForce::of(&evidence, || recorded).to_string(), expected);
        }
    }

    #[test]
    fn a_newer_version_is_said() {
        let of = |ogx, openai| InForce::of(&[evidence("uv.lock", Some(ogx), Some(openai))], || None).newer_than_known();
        assert_eq!(of("1.5.0", "3.57.0"), Vec::<String>::new());
        assert_eq!(of("1.9.0", "3.99.0").len(), 2);
    }
}
