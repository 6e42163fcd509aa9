//! What depends on the version of the recorder itself, OGX.

use super::version::Version;

/// A recorder: one version of OGX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorder {
    version: Version,
}

impl Recorder {
    /// The newest recorder whose rules are known.
    pub const NEWEST: Recorder = Recorder { version: Version::new(1, 5, 0) };

    /// The recorder of a version of OGX.
    pub fn of(version: Version) -> Recorder {
        Recorder { version }
    }

    /// Whether `created` is replaced by 0 also in an answer that calls itself a model.
    pub fn zeroes_created_of_models(self) -> bool {
        self.version >= Version::new(1, 2, 5)
    }
}
