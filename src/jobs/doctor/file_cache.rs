//! The texts of files that several checks ask for.

use std::collections::BTreeMap;

use super::case::DoctorCase;

/// Files that are asked for more than once are read once.
#[derive(Default)]
pub(crate) struct FileCache(BTreeMap<String, Option<String>>);

impl FileCache {
    pub(crate) fn text(&mut self, case: &DoctorCase<'_>, path: &str) -> Option<&str> {
        let read = || case.place.text(path).ok().flatten();
        self.0.entry(path.to_owned()).or_insert_with(read).as_deref()
    }
}
