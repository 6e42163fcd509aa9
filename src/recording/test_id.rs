//! The node id of a test, and the folder its recordings live in.

use std::fmt;

/// A pytest node id that names a folder inside the tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TestId(String);

/// Why a text cannot be a test id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTestId {
    /// Written as null but hashed as an empty text: such a recording can never be checked.
    Empty,
    /// The path part is absolute or contains `..`.
    Outside,
    /// A NUL cannot be in a path.
    Nul,
}

impl fmt::Display for BadTestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadTestId::Empty => "the test id is empty",
            BadTestId::Outside => "the path of the test id leaves the tree",
            BadTestId::Nul => "the test id contains a NUL",
        })
    }
}

impl TestId {
    /// Takes a node id, `path/of/test_file.py::test_name[params]`.
    pub fn parse(text: &str) -> Result<Self, BadTestId> {
        let file = file_part(text);
        if text.is_empty() {
            Err(BadTestId::Empty)
        } else if text.contains('\0') {
            Err(BadTestId::Nul)
        } else if file.starts_with('/')
            || file.split('/').any(|part| part == "..")
            // There a backslash separates and a colon follows a drive.
            || (cfg!(windows) && file.contains(['\\', ':']))
        {
            Err(BadTestId::Outside)
        } else {
            Ok(TestId(text.to_owned()))
        }
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder of the test's recordings relative to the root, with `/`: `path/of/recordings`.
    ///
    /// As `pathlib` does, `.` and empty parts are dropped and the file name is what comes last.
    pub fn folder(&self) -> String {
        let mut parts: Vec<&str> = file_part(&self.0).split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        parts.pop();
        parts.push("recordings");
        parts.join("/")
    }
}

impl fmt::Display for TestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn file_part(text: &str) -> &str {
    text.split("::").next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        for (id, folder) in [
            ("tests/it/test_a.py::test[x/../y]", "tests/it/recordings"),
            ("./tests//it/./test_a.py::t", "tests/it/recordings"),
            ("only_a_name", "recordings"),
            ("::t", "recordings"),
            ("a b/é.py::t", "a b/recordings"),
        ] {
            assert_eq!(TestId::parse(id).unwrap().folder(), folder, "{id}");
        }
    }

    #[test]
    fn invalid_ids() {
        for (id, why) in [
            ("", BadTestId::Empty),
            ("../x.py::t", BadTestId::Outside),
            ("a/../../x.py::t", BadTestId::Outside),
            ("/etc/x.py::t", BadTestId::Outside),
            ("a\0b.py::t", BadTestId::Nul),
        ] {
            assert_eq!(TestId::parse(id), Err(why), "{id:?}");
        }
    }
}
