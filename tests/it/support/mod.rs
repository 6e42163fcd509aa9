//! What every integration test shares: a hermetic run of the binary, folders, servers.

pub(crate) mod measured;
pub(crate) mod ogx;
pub(crate) mod screen;
pub(crate) mod server;
pub(crate) mod token;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A temporary tree and the binary run in it with an environment of its own.
pub(crate) struct TestEnv {
    _folder: tempfile::TempDir,
    root: PathBuf,
    variables: Vec<(String, String)>,
}

/// A JSON report without the recorder in force, which every report must have. `settings.rs` holds what it says.
#[track_caller]
pub(crate) fn without_recorder(mut report: Value) -> Value {
    let recorder = report.as_object_mut().unwrap().remove("recorder").expect("every report has the recorder");
    assert!(["ogx", "openai_sdk", "source"].iter().all(|key| recorder[key].is_string()), "{recorder}");
    report
}

/// The result of a run of the binary.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl TestEnv {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        TestEnv { root: folder.path().to_owned(), _folder: folder, variables: vec![] }
    }

    /// The same in a folder of it, so that there is a place beside the tree that goes with it.
    pub(crate) fn below(mut self, name: &str) -> Self {
        self.root.push(name);
        std::fs::create_dir(&self.root).unwrap();
        self
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Takes the digests of their answers out of all recordings, which a test then edits as another recorder's.
    pub(crate) fn forget_digests(&self) {
        for (path, bytes) in self.tree().into_iter().filter(|(path, _)| path.ends_with(".json")) {
            let text = String::from_utf8(bytes).unwrap();
            if let Some((before, after)) = text.split_once(",\n      \"answer_sha256\": \"") {
                self.write(&path, format!("{before}{}", after.split_once('"').unwrap().1));
            }
        }
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(args).current_dir(self.root()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.root()).envs(self.variables.iter().cloned());
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }

    /// Runs with `input` on standard input.
    #[track_caller]
    pub(crate) fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        use std::io::Write as _;
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may have seen enough before the end.
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::of(child.wait_with_output().unwrap())
    }

    /// Every recording below the root with its bytes, sorted by path.
    pub(crate) fn recordings(&self) -> Vec<(String, Vec<u8>)> {
        let is_one = |path: &str| path.ends_with(".json") && format!("/{path}").contains("/recordings/");
        self.tree().into_iter().filter(|(path, _)| is_one(path) && !path.starts_with(".git/")).collect()
    }

    /// The paths of all recordings.
    pub(crate) fn recording_paths(&self) -> Vec<String> {
        self.recordings().into_iter().map(|(path, _)| path).collect()
    }

    /// The path of the only recording.
    #[track_caller]
    pub(crate) fn recording_path(&self) -> String {
        let [path] = self.recording_paths().try_into().expect("one recording");
        path
    }

    /// The path of the first recording of a test, which the file says and not its name.
    #[track_caller]
    pub(crate) fn recording_of(&self, test_id: &str) -> String {
        let is_its = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok_and(|one| one["test_id"] == test_id);
        self.recordings().into_iter().find(|(_, bytes)| is_its(bytes)).expect("a recording of the test").0
    }

    /// Replaces a text of a file, which must be there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, text.replace(old, new));
    }

    /// Edits every recording of a test that has a text, as a new recording would.
    #[track_caller]
    pub(crate) fn edit_test(&self, test: &str, old: &str, new: &str) {
        let has = |bytes: &[u8], part: &str| String::from_utf8_lossy(bytes).contains(part);
        let mut recordings = self.recordings();
        recordings.retain(|(_, bytes)| has(bytes, &format!("::{test}")) && has(bytes, old));
        assert!(!recordings.is_empty(), "no recording of {test} has {old:?}");
        recordings.iter().for_each(|(path, _)| self.edit(path, old, new));
    }

    /// Every file below the root with its bytes, sorted: what must not change when nothing may.
    pub(crate) fn tree(&self) -> Vec<(String, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(self.root()).sort_by_file_name().into_iter().map(Result::unwrap);
        entries
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(self.root()).unwrap();
                (path.to_string_lossy().replace('\\', "/"), std::fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    /// Runs git in the tree.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"];
        let output = Command::new("git")
            .args(identity)
            .args(args)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits everything, to a repository that is made if there is none.
    #[track_caller]
    pub(crate) fn commit(&self) {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "state"]);
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Neither stream has a control character, or one that changes the direction of text.
    #[track_caller]
    pub(crate) fn is_plain(&self) {
        let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!self.stdout.contains(steers) && !self.stderr.contains(steers), "{self:#?}");
    }

    /// Neither stream has this text, such as a secret.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "{text:?} is in {self:#?}");
    }

    /// The error line: the only one, and it says each of `parts`.
    #[track_caller]
    pub(crate) fn one_error(&self, parts: &[&str]) {
        let lines: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(lines.len(), 1, "{self:#?}");
        for part in parts {
            assert!(lines[0].contains(part), "{part:?} is not in {:?}", lines[0]);
        }
    }
}

/// Says that a test is left out, also where the output of tests that pass is not shown.
pub(crate) fn skipped(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: {why}");
}

/// Whether git is here; else this says that a test is left out.
pub(crate) fn has_git() -> bool {
    let is_here = std::process::Command::new("git").arg("--version").output().is_ok_and(|git| git.status.success());
    if !is_here {
        skipped("no git on the PATH");
    }
    is_here
}

/// A request that the sandbox answers, as a line of a case file.
pub(crate) fn case(test_id: &str, text: &str) -> String {
    let body = serde_json::json!({
        "model": "openai.gpt-oss-20b-1:0",
        "messages": [{"role": "user", "content": text}],
    });
    format!("{}\n", serde_json::json!({"test_id": test_id, "body": body}))
}

/// The corpus of real recordings, or `None` after saying so. In CI it must be there.
pub(crate) fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("BEDROCK_FIXTURES_CORPUS").map(PathBuf::from);
    match path {
        Some(path) => {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            assert!(path.is_dir(), "BEDROCK_FIXTURES_CORPUS is {}, which is no folder", path.display());
            Some(path)
        }
        None => {
            assert!(std::env::var_os("CI").is_none(), "in CI, BEDROCK_FIXTURES_CORPUS must name the corpus");
            crate::support::skipped("set BEDROCK_FIXTURES_CORPUS to a folder of real recordings to run this test");
            None
        }
    }
}
