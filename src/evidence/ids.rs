//! Test ids in the output of test runners: where one begins and ends.

use std::collections::HashSet;

/// The test ids that recordings have, with or without folders in front, as a list may be relative to another folder.
#[derive(Debug, Default)]
pub struct KnownIds {
    whole: HashSet<String>,
    tails: HashSet<String>,
}

impl KnownIds {
    /// Of the ids of recordings.
    pub fn new<'a>(recorded: impl Iterator<Item = &'a str>) -> Self {
        let whole: HashSet<String> = recorded.map(str::to_owned).collect();
        KnownIds { tails: whole.iter().flat_map(|id| tails(id)).map(str::to_owned).collect(), whole }
    }

    /// Whether a recording has exactly this id.
    pub fn has_exactly(&self, id: &str) -> bool {
        self.whole.contains(id)
    }

    /// The one recorded test that a heading of pytest calls by this name: its id without the file, with dots.
    pub fn with_name(&self, name: &str) -> Option<&str> {
        let has_name = |id: &&String| id.split_once("::").is_some_and(|(_, rest)| rest.replace("::", ".") == name);
        let mut found = self.whole.iter().filter(has_name);
        found.next().filter(|_| found.next().is_none()).map(String::as_str)
    }

    /// Whether an id of a list is one of a recording. Folders before it do not matter, but words do: `PASSED tests/a.py::t`
    /// is a result and not an id.
    pub fn has(&self, id: &str) -> bool {
        let are_folders = |tail: &&str| !id[..id.len() - tail.len()].contains(char::is_whitespace);
        tails(id).take_while(are_folders).any(|tail| self.tails.contains(tail))
    }
}

/// An id, then the id without its first folder, without the first two, and so on.
fn tails(id: &str) -> impl Iterator<Item = &str> {
    let path = &id[..file_of(id).len()];
    [0].into_iter().chain(path.match_indices('/').map(|(at, _)| at + 1)).map(|at| &id[at..])
}

/// The test file of an id: the part before `::`; for an id of another runner the part before ` > ` or `#`, or the whole
/// id.
pub fn file_of(id: &str) -> &str {
    let end = match (id.find("::"), id.find(" > ")) {
        (Some(colons), Some(greater)) => Some(colons.min(greater)),
        (colons, greater) => colons.or(greater).or_else(|| id.find('#')),
    };
    &id[..end.unwrap_or(id.len())]
}

/// Whether a text looks like the path of a file: its name has an extension.
pub fn is_file_name(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or("");
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && (1..=6).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// What the names of test files of other runners end with.
const SOURCES: [&str; 52] = [
    "py", "ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts", "vue", "svelte", "go", "rs", "rb", "java", "kt", "kts",
    "cs", "fs", "vb", "swift", "php", "ex", "exs", "scala", "groovy", "clj", "cljs", "cljc", "lua", "dart", "c", "cc",
    "cpp", "cxx", "m", "mm", "pl", "t", "sh", "bats", "yaml", "yml", "json", "toml", "md", "rst", "txt", "feature",
    "robot", "ipynb", "jl",
];

/// Whether a text is the path of a source file. A name with a dot need not be one: `com.acme.Chat` is a class.
pub fn is_source_name(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    is_file_name(path) && SOURCES.contains(&extension)
}

/// Whether a line is the id of a test: a path, `::` and a name; or a file, ` > ` and names, as vitest and jest print it.
pub fn is_id(line: &str) -> bool {
    if line.starts_with(char::is_whitespace) {
        return false;
    }
    if let Some((file, test)) = line.split_once(" > ")
        && !file.contains("::")
    {
        return is_file_name(file) && !test.trim().is_empty();
    }
    let Some((file, test)) = line.split_once("::") else { return false };
    // A command of a CI, `::error file=a.ts::no`, names no file.
    let is_path = !file.is_empty() && (is_file_name(file) || !file.contains(char::is_whitespace));
    // The names of Python hold no space; parameters, which end the id, may.
    let (name, parameters) = test.split_once('[').map_or((test, None), |(name, rest)| (name, Some(rest)));
    let is_python = file.ends_with(".py");
    let is_whole = !is_python
        || (!name.contains(char::is_whitespace) && parameters.is_none_or(|parameters| parameters.ends_with(']')));
    is_path && !test.is_empty() && is_whole
}

/// The id at the start of a line with more text, and that text: `tests/a.py::t[a b] hello`.
pub fn leading<'a>(line: &'a str, known: &KnownIds) -> Option<(&'a str, &'a str)> {
    let (file, test) = line.split_once("::")?;
    if !file.ends_with(".py") || line.starts_with(char::is_whitespace) {
        return None;
    }
    let start = file.len() + 2;
    let name = test.find(|c: char| c == '[' || c.is_whitespace()).unwrap_or(test.len());
    let mut ends = vec![start + name];
    if test[name..].starts_with('[') {
        // A bracket within the parameters may look like their end, so one that makes a known id goes first.
        let is_end = |at: &usize| line[at + 1..].chars().next().is_none_or(char::is_whitespace);
        ends =
            line.match_indices(']').map(|(at, _)| at).filter(|at| *at > start && is_end(at)).map(|at| at + 1).collect();
    }
    let depth = |end: usize| {
        let text = &line[start..end];
        text.matches('[').count() == text.matches(']').count()
    };
    let best = ends.iter().copied().find(|end| known.has(&line[..*end]));
    let end = best.or_else(|| ends.iter().copied().find(|end| depth(*end))).or(ends.first().copied())?;
    is_id(&line[..end]).then(|| (&line[..end], line[end..].trim_start()))
}

/// The id of `id - reason`. Both may contain ` - `: the first part that is a known id counts, or else the first that
/// can be an id.
pub fn before_reason<'a>(text: &'a str, known: &KnownIds) -> &'a str {
    let parts = || text.match_indices(" - ").map(|(at, _)| &text[..at]).chain([text]);
    let is_balanced = |part: &&str| part.matches('[').count() == part.matches(']').count();
    let first = parts().find(|part| known.has(part));
    first
        .or_else(|| parts().find(|part| is_id(part) && is_balanced(part)))
        .or_else(|| parts().find(|part| is_id(part)))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ends_where_its_parameters_end() {
        let known = KnownIds::new(["x/tests/a.py::t[a] b]", "x/tests/a.py::u[a - b] - c]"].into_iter());
        for (line, id, rest) in [
            ("tests/a.py::t asking the model", "tests/a.py::t", "asking the model"),
            ("tests/a.py::t[1] [2]", "tests/a.py::t[1]", "[2]"),
            ("tests/a.py::t[a b] says", "tests/a.py::t[a b]", "says"),
            ("tests/a.py::t[a] b] PASSED", "tests/a.py::t[a] b]", "PASSED"),
            ("tests/a.py::C::t[x[y] z] hi", "tests/a.py::C::t[x[y] z]", "hi"),
            ("tests/a.py::t SUBPASSED[part] (i=0)", "tests/a.py::t", "SUBPASSED[part] (i=0)"),
        ] {
            assert_eq!(leading(line, &known), Some((id, rest)), "{line}");
        }
        for (line, is) in
            [("y/tests/a.py::t[a] b]", true), ("a.py::t[a] b]", true), ("[gw0] PASSED tests/a.py::t[a] b]", false)]
        {
            assert_eq!(known.has(line), is, "{line}");
        }
        for (text, id) in [
            ("tests/a.py::t - E: 403 - {'a': 'b'}", "tests/a.py::t"),
            ("tests/a.py::t[a - b] - why - so", "tests/a.py::t[a - b]"),
            ("tests/a.py::u[a - b] - c] - why", "tests/a.py::u[a - b] - c]"),
            ("tests/a.py::t", "tests/a.py::t"),
        ] {
            assert_eq!(before_reason(text, &known), id, "{text}");
        }
        for (line, is) in [
            ("tests/a.py::t", true),
            ("tests/a.py::t hello", false),
            ("tests/a.py::t[x] hello", false),
            ("tests/a b.yaml::a name with spaces", true),
            ("tests/talk.test.ts > greetings > says hello", true),
            ("a > b", false),
            (" tests/a.py::t", false),
            ("hello::", false),
            ("::error file=tests/a.test.ts,title=a > b::no", false),
        ] {
            assert_eq!(is_id(line), is, "{line}");
        }
        assert_eq!(file_of("tests/talk.test.ts > a::b"), "tests/talk.test.ts");
        assert_eq!([file_of("a.rb#it"), file_of("a.ts > b"), file_of("TestGo/sub")], ["a.rb", "a.ts", "TestGo/sub"]);
    }
}
