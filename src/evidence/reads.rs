//! A read log: which recordings a run opened, one path or key per line, appended by any number of processes.
//!
//! A log may come from another machine, another folder, another system. So a line is matched by the name of the file,
//! which is a hash; in doubt more files count as read, never fewer.

use std::collections::{BTreeMap, BTreeSet};

use super::test_list::TestList;

/// A comment that says that the log names the tests that passed, so that a test without a result did not.
const RESULTS: &str = "results";

/// Comments that say how a test ended: `# passed tests/test_chat.py::test_hello`.
const PASSED: &str = "passed ";
const FAILED: &str = "failed ";

/// The lines of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadLog {
    /// Paths or keys, unchanged, each once.
    pub lines: BTreeSet<String>,
    /// Tests that passed, as comments of the log say.
    pub passed: BTreeSet<String>,
    /// Tests that failed in some run. What such a test did not read, it may have been about to read.
    pub failed: BTreeSet<String>,
    /// Whether comments say which tests passed, even if none did.
    pub has_results: bool,
    /// The last line, if it does not end: a writer may have been killed in it.
    pub unended: Option<String>,
}

impl ReadLog {
    /// Reads a log. What starts with `#` is a comment.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = super::text::text_of(bytes);
        let mut log = ReadLog::default();
        for line in text.lines().map(str::trim) {
            match line.strip_prefix('#').map(str::trim_start) {
                Some(comment) => log.comment(comment),
                None if line.is_empty() => {}
                None => {
                    log.lines.insert(line.to_owned());
                }
            }
        }
        let last = text.lines().next_back().map(str::trim).filter(|_| !text.ends_with('\n'));
        log.unended = last.filter(|last| !last.is_empty() && !last.starts_with('#')).map(str::to_owned);
        log
    }

    fn comment(&mut self, comment: &str) {
        let id = |word: &str| comment.strip_prefix(word).map(|id| id.trim_start().to_owned());
        let (passed, failed) = (id(PASSED), id(FAILED));
        self.has_results |= comment == RESULTS || passed.is_some() || failed.is_some();
        self.passed.extend(passed);
        self.failed.extend(failed);
    }

    /// The comments for a run with these results.
    pub fn comments<'a>(
        passed: impl IntoIterator<Item = &'a String>,
        failed: impl IntoIterator<Item = &'a String>,
    ) -> Vec<String> {
        let passed = passed.into_iter().map(|id| format!("# {PASSED}{id}"));
        let failed = failed.into_iter().map(|id| format!("# {FAILED}{id}"));
        [format!("# {RESULTS}")].into_iter().chain(passed).chain(failed).collect()
    }

    /// The comments for a run of a command that ended with an exit code. If its results are unknown and it failed, no
    /// test is known to have passed.
    pub fn comments_of_run(results: Option<&TestList>, exit: u8) -> Vec<String> {
        match results.filter(|results| !results.is_cut()) {
            Some(results) => Self::comments(&results.passed, &results.failed),
            None if exit == 0 => vec![],
            None => Self::comments([], []),
        }
    }
}

/// What logs say of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The recordings that were opened, by their paths in the store.
    pub read: BTreeSet<String>,
    /// Lines that name none of the recordings that were asked about.
    pub elsewhere: BTreeSet<String>,
}

/// The recordings of a store by what a line may call them.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// By file name, with and without `.json`.
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
    /// By the key in the name.
    by_key: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Names<'a> {
    /// Takes the paths of recordings, relative to the root, with `/`.
    pub fn of(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Names::default();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or(path);
            let stem = name.strip_suffix(".json").unwrap_or(name);
            names.by_name.entry(name).or_default().push(path);
            if stem != name {
                names.by_name.entry(stem).or_default().push(path);
            }
            for key in keys_in(stem) {
                names.by_key.entry(key).or_default().push(path);
            }
        }
        names
    }

    /// The recordings that a line of a log names. `cwd` is the current folder of the reader, relative to the root.
    pub fn named(&self, line: &str, cwd: &str) -> BTreeSet<&'a str> {
        let line = line.strip_prefix("file://").unwrap_or(line);
        let line = line.replace('\\', "/");
        let parts: Vec<&str> = line.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let Some((name, folders)) = parts.split_last() else { return BTreeSet::new() };
        let of_key = |text: &str| -> Vec<&'a str> {
            keys_in(text).filter_map(|key| self.by_key.get(key)).flatten().copied().collect()
        };
        let mut found = match (self.by_name.get(name), folders) {
            // Lines that hold more than a path still hold the key.
            (None, _) => of_key(name),
            (Some(known), []) => known.iter().copied().chain(of_key(name)).collect(),
            (Some(known), _) => matching(known, &parts.join("/"), cwd),
        };
        // Two writers may have torn a line.
        found.extend(folders.iter().flat_map(|folder| of_key(folder)));
        found.into_iter().collect()
    }

    /// What several logs say together.
    pub fn reads<'l>(&self, logs: impl IntoIterator<Item = &'l ReadLog>, cwd: &str) -> Reads {
        let mut reads = Reads::default();
        for line in logs.into_iter().flat_map(|log| &log.lines) {
            let named = self.named(line, cwd);
            if named.is_empty() {
                reads.elsewhere.insert(line.clone());
            }
            reads.read.extend(named.into_iter().map(str::to_owned));
        }
        reads
    }
}

/// The recordings with this file name that a path means: the path itself, the path from `cwd`, or the ones with the
/// longest common end; otherwise all.
fn matching<'a>(known: &[&'a str], path: &str, cwd: &str) -> Vec<&'a str> {
    let from_here = if cwd.is_empty() { path.to_owned() } else { format!("{cwd}/{path}") };
    let exact: Vec<&str> = known.iter().filter(|known| **known == path || **known == from_here).copied().collect();
    if !exact.is_empty() {
        return exact;
    }
    let ends = |whole: &str, end: &str| whole.strip_suffix(end).is_some_and(|before| before.ends_with('/'));
    let alike: Vec<&str> = known.iter().filter(|known| ends(path, known) || ends(known, path)).copied().collect();
    if alike.is_empty() { known.to_vec() } else { alike }
}

/// The runs of 64 hex digits in a text.
fn keys_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_what_it_can_only_mean_or_more() {
        let key = "0123456789abcdef".repeat(4);
        let other = "f".repeat(64);
        let (a, common) = (format!("t/a/recordings/{key}.json"), format!("t/common/recordings/{key}.json"));
        let list = format!("t/a/recordings/models-{other}-12345678.json");
        let paths = [a.as_str(), common.as_str(), list.as_str()];
        let names = Names::of(paths);
        let both = vec![a.as_str(), common.as_str()];
        for (line, named) in [
            (a.clone(), vec![a.as_str()]),
            (format!("/home/runner/work/x/{a}"), vec![&a]),
            (format!(r"C:\work\x\{}", a.replace('/', r"\")), vec![&a]),
            (format!("./{a}"), vec![&a]),
            (format!("a/recordings/{key}.json"), vec![&a]),
            (format!("recordings/{key}.json"), vec![&a]),
            (format!("../recordings/{key}.json"), both.clone()),
            (format!("/elsewhere/{key}.json"), both.clone()),
            (key.clone(), both.clone()),
            (format!("{key}.json"), both.clone()),
            (other.clone(), vec![&list]),
            (format!("models-{other}-12345678"), vec![&list]),
            (format!("{{\"path\": \"{key}.json\", \"pid\": 4}}"), both.clone()),
            (format!("{list}{a}"), vec![&list, &a, &common]),
            (format!("xx{key}"), both.clone()),
            ("0123456789ab".to_owned(), vec![]),
            ("README.md".to_owned(), vec![]),
            ("///".to_owned(), vec![]),
        ] {
            assert_eq!(names.named(&line, "t/a"), named.into_iter().collect(), "{line}");
        }
    }

    #[test]
    fn comments_ends_and_what_passed() {
        let log =
            ReadLog::parse(b"\xef\xbb\xbfa.json\r\n\n# made by hand\n#passed x.py::t[a b]\nb.json\na.json\n/x/c.js");
        assert_eq!(log.lines, BTreeSet::from(["a.json".into(), "b.json".into(), "/x/c.js".into()]));
        assert_eq!(log.passed, BTreeSet::from(["x.py::t[a b]".into()]));
        assert!(log.has_results && log.failed.is_empty());
        for (text, has_results) in [("# results\n", true), ("# failed a.py::t\n", true), ("# results of May\n", false)]
        {
            assert_eq!(ReadLog::parse(text.as_bytes()).has_results, has_results, "{text}");
        }
        let written = ReadLog::comments([&"a.py::t".to_owned()], [&"a.py::u".to_owned()]).join("\n");
        let back = ReadLog::parse(written.as_bytes());
        assert_eq!((back.passed.len(), back.failed), (1, BTreeSet::from(["a.py::u".into()])));
        assert_eq!(log.unended.as_deref(), Some("/x/c.js"));
        assert_eq!(ReadLog::parse(b"").unended, None);
        assert_eq!(ReadLog::parse(b"a\n").unended, None);
    }
}
