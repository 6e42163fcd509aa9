//! The scope of a list of tests: a test that is not on it may be deleted, or may not have been collected.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::ids;

/// A list of tests, and the tree that its files are in.
pub(super) struct Scope<'a> {
    collected: &'a BTreeSet<String>,
    /// The configurations with which each file was collected.
    files: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The same for the tests of each folder.
    folders: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Whether the test files themselves are in the tree.
    has_sources: bool,
    tree: &'a Tree<'a>,
}

/// What is known of the test files themselves.
pub struct Tree<'a> {
    /// Whether a test file is there.
    pub has_file: &'a dyn Fn(&str) -> bool,
    /// Whether the function of a test may be left out of the evidence although it is there.
    pub may_be_left_out: &'a dyn Fn(&str) -> bool,
}

impl<'a> Scope<'a> {
    pub(super) fn new(collected: &'a BTreeSet<String>, tree: &'a Tree<'a>) -> Self {
        let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for id in collected {
            let (file, folder) = places(id);
            files.entry(file).or_default().extend(configurations(id));
            // What is no file is in no folder, whose other files it could speak for.
            if ids::is_file_name(file) {
                folders.entry(folder).or_default().extend(configurations(id));
            }
        }
        let has_sources = files.keys().any(|file| (tree.has_file)(file));
        Scope { collected, files, folders, has_sources, tree }
    }

    /// Whether a test was deleted: it is not on the list, but the list covers it.
    pub(super) fn is_gone(&self, id: &str) -> bool {
        if self.collected.contains(id) {
            return false;
        }
        let (file, folder) = places(id);
        if !id.contains("::") || !ids::is_file_name(file) {
            // The test ids of other runners cannot be interpreted: only a missing file shows that a test was deleted.
            return self.has_sources && ids::is_source_name(file) && !(self.tree.has_file)(file);
        }
        if (self.tree.may_be_left_out)(id) {
            return false;
        }
        // A list of one configuration says nothing about the tests of another.
        let has_all = |known: &BTreeSet<&str>| configurations(id).all(|configuration| known.contains(configuration));
        match (self.files.get(file), self.has_sources) {
            (Some(known), _) => has_all(known),
            // No test of the file is on the list: the file was not collected, or was deleted.
            (None, true) => !(self.tree.has_file)(file),
            (None, false) => !(self.tree.has_file)(file) && self.folders.get(folder).is_some_and(has_all),
        }
    }
}

/// The file of a test, and its folder.
fn places(id: &str) -> (&str, &str) {
    let file = ids::file_of(id);
    (file, file.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// What tells a configuration in the parameters of a test: the provider, which stands before the `/` of a model.
fn configurations(id: &str) -> impl Iterator<Item = &str> {
    let parameters = id.split_once("::").and_then(|(_, test)| test.split_once('[')).map_or("", |(_, rest)| rest);
    let words = parameters.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
    words.filter_map(|word| word.strip_suffix('/')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_nothing_of_what_it_did_not_collect() {
        let list = [
            "t/a/test_x.py::f[txt=bedrock/m]",
            "t/a/test_x.py::g[txt=openai/m]",
            "t/b/test_y.py::f[client-azure/gpt-4o-sentence-transformers/nomic-ai/e]",
        ];
        let collected: BTreeSet<String> = list.map(str::to_owned).into();
        for (id, without_sources, with_sources) in [
            ("t/a/test_x.py::f[txt=bedrock/m]", false, false),
            ("t/a/test_x.py::f[txt=openai/m]", true, true),
            ("t/a/test_x.py::f[txt=bedrock/other]", true, true),
            ("t/a/test_x.py::f[txt=azure/m]", false, false),
            ("t/a/test_x.py::gone", true, true),
            ("t/a/test_there.py::f", true, false),
            ("t/a/test_gone.py::f", true, true),
            ("t/c/test_there.py::f", false, false),
            ("t/c/test_gone.py::f", false, true),
            ("t/b/test_y.py::g[azure/gpt-4o]", true, true),
        ] {
            let is_gone = |has_file: &dyn Fn(&str) -> bool, left_out: bool| {
                let tree = Tree { has_file, may_be_left_out: &|_| left_out };
                Scope::new(&collected, &tree).is_gone(id)
            };
            assert_eq!(is_gone(&|_| false, false), without_sources, "{id}");
            assert_eq!(is_gone(&|file| !file.contains("gone"), false), with_sources, "{id}");
            assert!(!is_gone(&|file| !file.contains("gone"), true), "{id}");
        }
    }

    #[test]
    fn ids_without_a_file_say_nothing_of_a_file() {
        let collected: BTreeSet<String> = ["says hello", "crate::says_hello", "TestGo/sub"].map(str::to_owned).into();
        for has_file in [false, true] {
            let tree = Tree { has_file: &|file| has_file && file == "test_a.py", may_be_left_out: &|_| false };
            assert!(!Scope::new(&collected, &tree).is_gone("test_a.py::t"), "{has_file}");
        }
        let collected: BTreeSet<String> = ["test_gone.py::t".to_owned()].into();
        let tree = Tree { has_file: &|file| file == "test_a.py", may_be_left_out: &|_| false };
        assert!(!Scope::new(&collected, &tree).is_gone("test_a.py::t"), "its file is there");
    }

    #[test]
    fn a_test_of_another_runner_is_gone_only_with_its_file() {
        let collected: BTreeSet<String> = ["t/test_x.py::f".to_owned(), "t/a.test.ts > says > hello".to_owned()].into();
        let tree = Tree { has_file: &|file| !file.contains("gone"), may_be_left_out: &|_| false };
        for (id, is_gone) in [
            ("t/a.test.ts > says > hello", false),
            ("t/a.test.ts > says > another", false),
            ("t/gone.test.ts > says > hello", true),
            ("t/gone_spec.rb#says hello", true),
            ("t/b_spec.rb#says hello", false),
            ("TestGo/gone", false),
            // Names with dots that are no files.
            ("com.acme.TalkIT#says hello", false),
            ("com.acme.TalkTest.hello", false),
            ("tests.test_gone.TestC.hello", false),
            ("example.com/chat.TestA", false),
            ("answers in 1.5 s > says hello", false),
            ("crate::gone::says_hello", false),
            ("App\\Gone::testHello", false),
        ] {
            assert_eq!(Scope::new(&collected, &tree).is_gone(id), is_gone, "{id}");
            let no_tree = Tree { has_file: &|_| false, ..tree };
            assert!(!Scope::new(&collected, &no_tree).is_gone(id), "{id}");
        }
    }
}
