//! What the ids of a list are relative to. pytest prints them relative to its rootdir, which need not be the tree that the
//! recorded test ids are relative to: a list may lack a folder in front, or have one too many.

use std::collections::{BTreeMap, BTreeSet};

use super::ids;

/// What to do to the ids of a list to make them those of the recordings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// Nothing.
    Same,
    /// Put this folder in front.
    Below(String),
    /// Take this folder away.
    Above(String),
}

/// Why no base could be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoBase {
    /// No file of the list has a recording, wherever it may be.
    Nothing,
    /// The list could be relative to any of these.
    Several(Vec<Base>),
}

impl Base {
    /// Finds the base of the ids of a list from the whole list: the ids are unchanged if one of them fits a file with
    /// recordings; otherwise the one folder that fits most of them is the base.
    pub fn find<'a, 'b>(
        listed: impl Iterator<Item = &'a str>,
        recorded: impl Iterator<Item = &'b str>,
    ) -> Result<Base, NoBase> {
        let recorded: BTreeSet<String> = recorded.map(file_of).collect();
        let listed: BTreeSet<String> = listed.map(file_of).collect();
        if listed.iter().any(|file| recorded.contains(file)) {
            return Ok(Base::Same);
        }
        let mut by_name: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for file in &recorded {
            by_name.entry(name_of(file)).or_default().push(file);
        }
        let mut bases = BTreeSet::new();
        for file in &listed {
            for other in by_name.get(name_of(file)).into_iter().flatten() {
                bases.extend(folder_before(other, file).map(|folder| Base::Below(folder.to_owned())));
                bases.extend(folder_before(file, other).map(|folder| Base::Above(folder.to_owned())));
            }
        }
        let fits = |base: &Base| listed.iter().filter(|file| recorded.contains(&base.apply(file))).count();
        // A folder to take away must be in front of every file.
        let is_whole = |base: &Base| match base {
            Base::Above(folder) => listed.iter().all(|file| below(file, folder).is_some()),
            _ => true,
        };
        let counted: Vec<(usize, Base)> = bases
            .into_iter()
            .filter(is_whole)
            .map(|base| (fits(&base), base))
            .filter(|(count, _)| *count > 0)
            .collect();
        let most = counted.iter().map(|(count, _)| *count).max().ok_or(NoBase::Nothing)?;
        let mut best: Vec<Base> =
            counted.into_iter().filter(|(count, _)| *count == most).map(|(_, base)| base).collect();
        match best.len() {
            1 => Ok(best.remove(0)),
            _ => Err(NoBase::Several(best)),
        }
    }

    /// An id of the list as the recordings have it.
    pub fn apply(&self, id: &str) -> String {
        let (file, test) = id.split_at(ids::file_of(id).len());
        let file = tidy(file);
        match self {
            Base::Same => file + test,
            Base::Below(folder) => format!("{folder}/{file}{test}"),
            Base::Above(folder) => below(&file, folder).unwrap_or(&file).to_owned() + test,
        }
    }
}

/// The file of an id, with `/`.
pub fn file_of(id: &str) -> String {
    tidy(ids::file_of(id))
}

fn name_of(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// A path with `/` and without `.`.
fn tidy(path: &str) -> String {
    let path = if path.contains('/') { path.to_owned() } else { path.replace('\\', "/") };
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

/// The part of `path` before `end`, by whole names.
fn folder_before<'a>(path: &'a str, end: &str) -> Option<&'a str> {
    path.strip_suffix(end)?.strip_suffix('/').filter(|folder| !folder.is_empty())
}

fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_matched_as_a_whole() {
        let recorded =
            ["tests/it/a/test_x.py::t[1]", "tests/it/b/test_x.py::t", "tests/it/b/test_y.py::t", "top.py::t"];
        for (listed, base) in [
            (&["tests/it/a/test_x.py::u", "b/test_y.py::t"][..], Ok(Base::Same)),
            (&["b/test_x.py::t", "new/test_z.py::t"], Ok(Base::Below("tests/it".into()))),
            (&["test_x.py::t", "test_y.py::t"], Ok(Base::Below("tests/it/b".into()))),
            (&["test_y.py::t", "test_new.py::t"], Ok(Base::Below("tests/it/b".into()))),
            (&["repo/tests/it/b/test_y.py::t", "repo/z.py::t"], Ok(Base::Above("repo".into()))),
            (&["repo/tests/it/b/test_y.py::t", "z.py::t"], Err(NoBase::Nothing)),
            (&["est_y.py::t"], Err(NoBase::Nothing)),
            (&["other.py::t"], Err(NoBase::Nothing)),
            (
                &["test_x.py::t"],
                Err(NoBase::Several(vec![Base::Below("tests/it/a".into()), Base::Below("tests/it/b".into())])),
            ),
            (&[r".\tests\it\b\test_y.py::t[a\b]"], Ok(Base::Same)),
        ] {
            assert_eq!(Base::find(listed.iter().copied(), recorded.iter().copied()), base, "{listed:?}");
        }
        assert_eq!(Base::Same.apply(r".\tests\it\y.py::t[a\b]"), r"tests/it/y.py::t[a\b]");
        assert_eq!(Base::Below("a".into()).apply("./y.py::t"), "a/y.py::t");
        assert_eq!(Base::Above("a".into()).apply("a/y.py::t"), "y.py::t");
    }
}
