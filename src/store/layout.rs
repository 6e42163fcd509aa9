//! Which folder a recording belongs in. Pure.

use crate::recording::file::RECORDINGS;
use crate::recording::test_id::TestId;

/// Where recordings without a test go, and where every lookup ends.
const COMMON: &str = "tests/integration/common/recordings";

/// How folders follow from test ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreLayout {
    /// A `recordings` folder beside the tests, as OGX has it.
    PerTest,
    /// One `recordings` folder at the top, for everything.
    Flat,
}

impl StoreLayout {
    /// The folder that a new recording is written to, relative to the root.
    pub fn folder(self, test_id: Option<&TestId>) -> String {
        match (self, test_id) {
            (StoreLayout::Flat, _) => RECORDINGS.to_owned(),
            (StoreLayout::PerTest, Some(test_id)) => test_id.folder(),
            (StoreLayout::PerTest, None) => COMMON.to_owned(),
        }
    }

    /// The right folder for a recording that is in `current`. One that every test finds stays, and so does one at the
    /// root.
    pub fn home(self, current: &str, test_id: Option<&TestId>) -> String {
        let stays = self == StoreLayout::Flat || matches!(current, "" | COMMON);
        if stays { current.to_owned() } else { self.folder(test_id) }
    }

    /// The folders a replay looks in, in order: the test's, then the common one.
    pub fn lookup_folders(self, test_id: Option<&TestId>) -> Vec<String> {
        let mut folders = vec![self.folder(test_id)];
        if self == StoreLayout::PerTest && folders[0] != COMMON {
            folders.push(COMMON.to_owned());
        }
        folders
    }
}
