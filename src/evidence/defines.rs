//! Whether the source of a test file may still make a test that a list lacks. In doubt it may.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::functions::{functions, has_word};
use super::ids::file_of;
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

/// Whether a file may define a test: by a function of its name, by a name that is imported or only written down, by a
/// class that inherits, by a decorator that makes several tests of one function (`test_add_0_two`), or by code that
/// makes functions.
pub fn may_define(source: &str, id: &str) -> bool {
    let mut names: Vec<&str> = TestList::function(id)[file_of(id).len()..].split("::").collect();
    let Some(name) = names.pop().filter(|name| !name.is_empty()) else { return !source.is_empty() };
    if has_word(source, name) || (!file_of(id).ends_with(".py") && source.contains(name)) {
        return true;
    }
    file_of(id).ends_with(".py")
        && (DYNAMIC.is_match(source)
            || functions(source).iter().any(|function| is_expanded(name, function.name, source))
            || names.iter().any(|class| !class.is_empty() && may_inherit(source, class)))
}

/// The test functions of a Python file that no id is of: a list that lacks one may be of a part of the file.
pub fn lacks_functions(source: &str, file: &str, ids: &BTreeSet<&str>) -> bool {
    let names = || functions(source).into_iter().map(|function| function.name).filter(|name| name.starts_with("test"));
    let listed: BTreeSet<&str> =
        ids.iter().map(|id| TestList::function(id).rsplit("::").next().unwrap_or_default()).collect();
    file.ends_with(".py")
        && names().any(|name| !listed.contains(name) && !listed.iter().any(|made| is_expanded(made, name, source)))
}

/// Whether a test may be one of those that `parameterized`, `ddt` or absl make of a function.
fn is_expanded(name: &str, function: &str, source: &str) -> bool {
    let Some(rest) = name.strip_prefix(function).filter(|_| function.starts_with("test")) else { return false };
    let rest = rest.strip_prefix('_').unwrap_or(rest);
    rest.starts_with(|c: char| c.is_ascii_digit())
        || (!rest.is_empty() && (has_word(source, "parameterized") || has_word(source, "ddt")))
}

/// Whether tests of a class may stand elsewhere: in a base class, or in the file that it is imported from.
fn may_inherit(source: &str, class: &str) -> bool {
    let heads = source.lines().filter_map(|line| line.trim_start().strip_prefix("class ")).filter_map(|head| {
        let rest = head.trim_start().strip_prefix(class)?;
        (!rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(rest.trim_start())
    });
    let mut heads = heads.peekable();
    if heads.peek().is_none() {
        return has_word(source, class);
    }
    heads.any(|rest| {
        rest.strip_prefix('(').is_some_and(|bases| match bases.split_once(')') {
            Some((bases, _)) => bases.split(',').any(|base| !EMPTY_BASES.contains(&base.trim())),
            // On several lines.
            None => true,
        })
    })
}

#[cfg(test)]
mod tests {
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
            ("- name: says hello\n", "t.yaml::says hello", true),
            ("fn says_hello() {}\n", "tests/it.rs::says::says_hello", true),
            ("fn says_hello() {}\n", "tests/it.rs::says::says_bye", false),
        ] {
            assert_eq!(may_define(source, id), may, "{id} in {source}");
        }
    }

    #[test]
    fn a_list_of_a_part_of_a_file_lacks_a_function() {
        let source = "def test_a(m): ...\nclass T:\n    def test_b(self): ...\n    @expand([1])\n    def test_add(n): ...\ndef helper(): ...\n";
        for (ids, lacks) in [
            (&["t.py::test_a[1]", "t.py::T::test_b", "t.py::T::test_add_0_one"][..], false),
            (&["t.py::test_a[1]", "t.py::T::test_b"], true),
            (&["t.py::test_a[1]"], true),
        ] {
            assert_eq!(lacks_functions(source, "t.py", &ids.iter().copied().collect()), lacks, "{ids:?}");
        }
        assert!(!lacks_functions("def test_a(): ...", "t.ts", &BTreeSet::new()));
    }
}
