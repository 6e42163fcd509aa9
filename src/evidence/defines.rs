//! Whether the source of a test file may still make a test that a list lacks. In doubt it may.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::functions::{functions, has_word};
use super::test_list::TestList;

static DYNAMIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^.\w])(?:globals|locals|vars|setattr|exec|eval)\(|\.__dict__\b|\bimport\s*\(?\s*\*")
        .expect("the pattern is valid")
});

/// Base classes that have no tests.
const EMPTY_BASES: [&str; 8] = [
    "",
    "object",
    "ABC",
    "abc.ABC",
    "TestCase",
    "unittest.TestCase",
    "IsolatedAsyncioTestCase",
    "unittest.IsolatedAsyncioTestCase",
];

/// What a test file defines, read once.
#[derive(Debug)]
pub struct Definitions {
    file: String,
    source: String,
    is_python: bool,
    words: HashSet<String>,
    /// The names of its functions, and whether the runner collects each as a test of its own.
    functions: HashMap<String, bool>,
    /// The names of its classes, and whether each may inherit tests.
    classes: HashMap<String, bool>,
    makes_functions: bool,
    /// Whether the file names a library that generates tests from a function under names of their own.
    names_expanders: bool,
}

impl Definitions {
    /// Reads the source of a file; `file` is its path as ids of tests begin with it.
    pub fn of(file: &str, source: String) -> Self {
        let is_python = file.ends_with(".py");
        let words = source.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let words: HashSet<String> = words.map(str::to_owned).collect();
        let mut functions_of: HashMap<String, bool> = HashMap::new();
        let mut classes: HashMap<String, bool> = HashMap::new();
        if is_python {
            for function in functions(&source) {
                let is_test = function.name.starts_with("test") && !function.is_inner;
                let is_collected = is_test && !has_word(function.decorators(), "fixture");
                *functions_of.entry(function.name.to_owned()).or_default() |= is_collected;
            }
            for head in source.lines().filter_map(|line| line.trim_start().strip_prefix("class ")) {
                let head = head.trim_start();
                let end = head.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(head.len());
                *classes.entry(head[..end].to_owned()).or_default() |= may_inherit(&head[end..]);
            }
        }
        let names_expanders = words.contains("parameterized") || words.contains("ddt");
        let makes_functions = is_python && DYNAMIC.is_match(&source);
        let (file, functions) = (file.to_owned(), functions_of);
        Definitions { file, source, is_python, words, functions, classes, makes_functions, names_expanders }
    }

    /// Whether the file may define a test: by a function of its name, by a name that is imported or only written down, by
    /// a class that inherits, by a decorator that makes several tests of one function (`test_add_0_two`), or by code that
    /// makes functions.
    pub fn may_define(&self, id: &str) -> bool {
        let id = TestList::function(id);
        let mut names: Vec<&str> = id.get(self.file.len()..).unwrap_or_default().split("::").collect();
        let Some(name) = names.pop().filter(|name| !name.is_empty()) else { return !self.source.is_empty() };
        if !self.is_python {
            return self.source.contains(name);
        }
        self.words.contains(name)
            || self.makes_functions
            || self.expanded(name).next().is_some()
            // The name of a doctest has dots.
            || (name.contains('.') && has_word(&self.source, name))
            || names.iter().any(|class| match self.classes.get(*class) {
                Some(may_inherit) => *may_inherit,
                // The class itself may be imported.
                None => self.words.contains(*class),
            })
    }

    /// Whether the file has test functions that no id is of: then the ids may be those of a part of the file.
    pub fn lacks_functions(&self, ids: &BTreeSet<&str>) -> bool {
        let mut listed: HashSet<&str> = HashSet::new();
        for name in ids.iter().map(|id| TestList::function(id).rsplit("::").next().unwrap_or_default()) {
            listed.insert(name);
            listed.extend(self.expanded(name));
        }
        self.functions.iter().any(|(name, is_collected)| *is_collected && !listed.contains(name.as_str()))
    }

    /// The functions of which `parameterized`, `ddt` or absl may have made a test of this name.
    fn expanded<'n>(&self, name: &'n str) -> impl Iterator<Item = &'n str> {
        let functions = name.char_indices().skip(1).map(|(end, _)| name.split_at(end));
        functions
            .filter(|(function, rest)| {
                let rest = rest.strip_prefix('_').unwrap_or(rest);
                let is_made =
                    rest.starts_with(|c: char| c.is_ascii_digit()) || (!rest.is_empty() && self.names_expanders);
                is_made && function.starts_with("test") && self.functions.contains_key(*function)
            })
            .map(|(function, _)| function)
    }
}

/// Whether a class may have tests of its base classes, by what stands behind its name.
fn may_inherit(rest: &str) -> bool {
    let Some(bases) = rest.trim_start().strip_prefix('(') else { return false };
    // A head on several lines may name any.
    bases.split_once(')').is_none_or(|(bases, _)| bases.split(',').any(|base| !EMPTY_BASES.contains(&base.trim())))
}

#[cfg(test)]
mod tests {
    use super::super::ids::file_of;
    use super::*;

    #[test]
    fn a_test_need_not_be_a_function_of_its_name() {
        for (source, id, may) in [
            ("def test_a(): ...\n", "t.py::test_a[x]", true),
            ("def test_a(): ...\n", "t.py::test_b", false),
            ("def test_a(): ...\n", "t.py::test_a_old", false),
            ("", "t.py::test_a", false),
            ("from shared import test_b\n", "t.py::test_b", true),
            ("from shared import *\n", "t.py::test_b", true),
            ("class TestC(Base):\n    pass\n", "t.py::TestC::test_b", true),
            ("class TestC(\n    Base):\n    pass\n", "t.py::TestC::test_b", true),
            ("from shared import TestC\n", "t.py::TestC::test_b", true),
            ("class TestC:\n    def test_a(self): ...\n", "t.py::TestC::test_b", false),
            ("class TestC(unittest.TestCase):\n    def test_a(self): ...\n", "t.py::TestC::test_b", false),
            ("class TestCall(Base): ...\n", "t.py::TestC::test_b", false),
            ("@expand([1])\ndef test_add(n): ...\n", "t.py::TestU::test_add_0_one", true),
            ("from absl.testing import parameterized\ndef test_add(n): ...\n", "t.py::T::test_addOne", true),
            ("for n in range(2):\n    globals()[f'test_{n}'] = f\n", "t.py::test_0", true),
            ("monkeypatch.setattr(x, 'y', 1)\n", "t.py::test_b", false),
            ("def f():\n    \"\"\">>> 1\"\"\"\n", "t.py::t.gone", false),
            ("- name: says hello\n", "t.yaml::says hello", true),
            ("fn says_hello() {}\n", "tests/it.rs::says::says_hello", true),
            ("fn says_hello() {}\n", "tests/it.rs::says::says_bye", false),
        ] {
            let definitions = Definitions::of(file_of(id), source.to_owned());
            assert_eq!(definitions.may_define(id), may, "{id} in {source}");
        }
    }

    #[test]
    fn a_list_of_a_part_of_a_file_lacks_a_function() {
        let source = "@pytest.fixture\ndef test_id(): ...\ndef test_a(m): ...\nclass T:\n    def test_b(self): ...\n    @expand([1])\n    def test_add(n): ...\ndef helper():\n    def test_inner(): ...\n";
        let definitions = Definitions::of("t.py", source.to_owned());
        for (ids, lacks) in [
            (&["t.py::test_a[1]", "t.py::T::test_b", "t.py::T::test_add_0_one"][..], false),
            (&["t.py::test_a[1]", "t.py::T::test_b"], true),
            (&["t.py::test_a[1]"], true),
        ] {
            assert_eq!(definitions.lacks_functions(&ids.iter().copied().collect()), lacks, "{ids:?}");
        }
        assert!(!Definitions::of("t.ts", "def test_a(): ...".to_owned()).lacks_functions(&BTreeSet::new()));
    }
}
