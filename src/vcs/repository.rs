//! A repository, and what git says of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::recording::file::{RecordingFile, is_recording_path};

use super::blob::Blob;
use super::command::{self, CallFailure, Complaint, RepositoryChoice, failure, no_git, words};

/// The git work tree that holds a store.
#[derive(Clone, Debug)]
pub struct Git {
    pub(super) root: PathBuf,
    /// The path of the root inside the work tree, with `/` at the end, or empty.
    pub(super) prefix: Vec<u8>,
    /// Git's own folder of this work tree.
    pub(super) folder: PathBuf,
    pub(super) way: RepositoryChoice,
}

impl Git {
    /// Finds the work tree that holds `root`: the one whose `.git` is found above it, else the one that `GIT_DIR` names.
    pub fn open(root: &Path) -> Result<Self> {
        let named = RepositoryPlace::of(None, &RepositoryChoice::AsItIs);
        let git = match (RepositoryPlace::of(Some(root), &RepositoryChoice::Found), named) {
            (Ok(found), Ok(named)) if found.git == named.git => Git::of(root, &found, RepositoryChoice::FoundAndNamed),
            (Ok(found), _) => Git::of(root, &found, RepositoryChoice::Found),
            // Only if there is no repository: one that git does not open is an error, and the one around it is not used.
            (Err(failure), Ok(named))
                if failure.complaint == Complaint::NoRepository && root.starts_with(&named.tree) =>
            {
                let way = RepositoryChoice::Named { git: named.git.clone(), tree: named.tree.clone() };
                Git::of(root, &named, way)
            }
            (Err(failure), _) => return Err(failure.into()),
        };
        // Older versions of git do not know `safe.bareRepository`.
        if root.starts_with(&git.folder) {
            return Err(Error::new("the folder is a bare git repository, or inside one, which is not trusted")
                .at(root.display())
                .hint("give the root of a work tree with --root"));
        }
        Ok(git)
    }

    fn of(root: &Path, place: &RepositoryPlace, way: RepositoryChoice) -> Self {
        let below = root.strip_prefix(&place.tree).unwrap_or(Path::new(""));
        let mut prefix = below.as_os_str().as_encoded_bytes().to_vec();
        if cfg!(windows) {
            prefix.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
        }
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        Git { root: root.to_owned(), prefix, folder: place.git.clone(), way }
    }

    /// Git's own folder of this work tree.
    pub fn own_folder(&self) -> &Path {
        &self.folder
    }

    /// Whether there is such a revision: a branch, a tag, a commit, a tree.
    pub fn knows(&self, revision: &str) -> Result<bool> {
        Ok(self.find_tree(revision)?.is_some())
    }

    /// Whether the current branch has a commit. A branch that git cannot read is an error.
    pub fn has_commits(&self) -> Result<bool> {
        if self.knows("HEAD")? {
            return Ok(true);
        }
        let head = self.run(&["rev-parse", "--verify", "--quiet", "HEAD"]);
        let branch = self.run(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_default();
        let branch = String::from_utf8_lossy(&branch).trim().to_owned();
        let broken = || Error::new("git: HEAD names a commit that git cannot read").at(self.root.display());
        if head.is_ok() || branch.is_empty() {
            return Err(broken().hint("`git fsck` shows what is missing"));
        }
        let said = self.command(&["for-each-ref", "--format=%(refname)", &branch]).output();
        let said = said.map_err(|error| no_git(&error))?;
        // A branch that is not born has no line, and git warns of one that is broken.
        if said.status.success() && said.stdout.is_empty() && said.stderr.is_empty() {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(&said.stderr);
        Err(broken().hint(text.lines().next().unwrap_or("`git fsck` shows what is missing").to_owned()))
    }

    /// The id of a tree, or nothing if no revision has this name.
    pub(super) fn find_tree(&self, revision: &str) -> Result<Option<String>> {
        let spec = format!("{revision}^{{tree}}");
        let mut command = self.command(&["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]);
        let output = command.output().map_err(|error| no_git(&error))?;
        if output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
        }
        // Of a name that it does not know, git says nothing here.
        let says_nothing = words(&String::from_utf8_lossy(&output.stderr)).is_none();
        if says_nothing || Complaint::of(&output.stderr) == Complaint::NoRevision {
            return Ok(None);
        }
        Err(failure(&output, "rev-parse", &self.root))
    }

    pub(super) fn tree_id(&self, revision: &str) -> Result<String> {
        let unknown =
            || Error::new("git does not know this revision").at(revision).hint("give a branch, a tag or a commit");
        self.find_tree(revision)?.ok_or_else(unknown)
    }

    /// Where two branches parted.
    pub fn merge_base(&self, a: &str, b: &str) -> Result<String> {
        let mut command = self.command(&["merge-base", "--end-of-options", a, b]);
        let output = command.output().map_err(|error| no_git(&error))?;
        match output.status.code() {
            Some(0) => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            Some(1) if output.stderr.is_empty() => Err(Error::new("git finds no common ancestor")
                .at(format!("{a}...{b}"))
                .hint("give two dots, or other branches")),
            _ => Err(failure(&output, "merge-base", &self.root)),
        }
    }

    /// The recordings in the tree of `revision`.
    pub fn tree(&self, revision: &str) -> Result<Vec<Blob>> {
        let tree = self.tree_id(revision)?;
        // `<mode> blob <oid>\t<path>`
        let listing = self.run(&["ls-tree", "-r", "-z", "--full-tree", &tree])?;
        Ok(self.blobs_of(&listing, 2))
    }

    /// The recordings in the index: what the next commit will hold. Of a conflict, each side that is there.
    pub fn index(&self) -> Result<Vec<Blob>> {
        // `<mode> <oid> <stage>\t<path>`
        Ok(self.blobs_of(&self.run(&["ls-files", "--stage", "-z", "--full-name"])?, 1))
    }

    /// The paths of recordings that the index changes against `HEAD`, without those it deletes.
    pub fn staged(&self) -> Result<Vec<RecordingFile>> {
        if !self.has_commits()? {
            let mut files: Vec<RecordingFile> = self.index()?.into_iter().map(|blob| blob.file).collect();
            files.dedup();
            return Ok(files);
        }
        let args = ["diff-index", "--cached", "--name-only", "--no-renames", "--diff-filter=d", "-z", "HEAD", "--"];
        Ok(self.files_of(&self.run(&args)?))
    }

    /// The paths below the root with changes that are not committed, untracked files included.
    pub fn uncommitted(&self) -> Result<Vec<RecordingFile>> {
        let status = ["status", "--porcelain=v1", "--no-renames", "--untracked-files=all"];
        let status = self.run(&[&status[..], &["--ignore-submodules=all", "-z"]].concat())?;
        // `XY <path>`, relative to the top of the work tree.
        let paths = status.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..));
        Ok(paths.filter_map(|path| self.file(path)).collect())
    }

    /// When the newest commit that touches any of these paths was made.
    pub fn last_commit(&self, paths: &[&str]) -> Result<Option<SystemTime>> {
        let mut newest = None;
        // A command line has an end.
        for paths in paths.chunks(200) {
            let literal: Vec<String> = paths.iter().map(|path| format!(":(literal){path}")).collect();
            let mut args = vec!["log", "-1", "--format=%ct", "--end-of-options", "HEAD", "--"];
            args.extend(literal.iter().map(String::as_str));
            let said = self.run(&args)?;
            let seconds = String::from_utf8_lossy(&said).trim().parse::<u64>().ok();
            newest = newest.max(seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)));
        }
        Ok(newest)
    }

    /// The paths in the work tree that may not be as `revision` has them, without untracked ones.
    pub fn changed_since(&self, revision: &str) -> Result<BTreeSet<String>> {
        let tree = self.tree_id(revision)?;
        let names = self.run(&["diff-index", "--name-only", "--no-renames", "-z", &tree, "--"])?;
        let names = names.split(|byte| *byte == 0);
        Ok(names.filter_map(|name| self.file(name)).map(|file| file.path).collect())
    }

    pub(super) fn files_of(&self, names: &[u8]) -> Vec<RecordingFile> {
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        names.filter_map(|name| self.file(name)).filter(|file| self.is_recording(&file.path)).collect()
    }

    /// The root itself may be the folder of recordings.
    pub(super) fn is_recording(&self, path: &str) -> bool {
        let name = self.root.file_name().and_then(|name| name.to_str()).unwrap_or("");
        is_recording_path(path) || (!path.contains('/') && is_recording_path(&format!("{name}/{path}")))
    }

    /// Converts a path of git, which is relative to the top of the work tree, to one below the root. Bytes that are not
    /// UTF-8 become U+FFFD, so that the path is shown and not skipped.
    pub(super) fn file(&self, path: &[u8]) -> Option<RecordingFile> {
        let path = path.strip_prefix(self.prefix.as_slice())?;
        (!path.is_empty()).then(|| RecordingFile { path: String::from_utf8_lossy(path).into_owned() })
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        command::command(Some(&self.root), &self.way, true, args)
    }

    pub(super) fn run(&self, args: &[&str]) -> Result<Vec<u8>> {
        Ok(command::output(self.command(args), args[0], &self.root)?)
    }
}

/// Where git finds a repository.
struct RepositoryPlace {
    git: PathBuf,
    tree: PathBuf,
}

impl RepositoryPlace {
    /// Asks from `folder`, or from the current one.
    fn of(folder: Option<&Path>, way: &RepositoryChoice) -> std::result::Result<Self, CallFailure> {
        let ask = |what: &str| {
            let command = command::command(folder, way, true, &["rev-parse", what]);
            let printed = command::output(command, "rev-parse", folder.unwrap_or(Path::new(".")))?;
            let printed = printed.strip_suffix(b"\n").unwrap_or(&printed);
            Ok::<_, CallFailure>(path(printed.strip_suffix(b"\r").unwrap_or(printed)))
        };
        Ok(RepositoryPlace { git: ask("--absolute-git-dir")?, tree: ask("--show-toplevel")? })
    }
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).replace('/', "\\"))
}
