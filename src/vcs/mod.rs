//! Recordings as git has them: in a revision, in the index. Blobs are read through one `git cat-file --batch`.
//!
//! git is run below the root, with the environment as it is: a hook runs with an index of its own.

mod setup;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::recording::MAX_FILE_BYTES;
use crate::recording::file::{RecordingFile, is_recording_path};

/// The git work tree that holds a store.
#[derive(Clone, Debug)]
pub struct Git {
    root: PathBuf,
    /// The path of the root inside the work tree, with `/` at the end, or empty.
    prefix: String,
}

/// A recording in a revision or in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its path below the root.
    pub file: RecordingFile,
    /// The object that holds its bytes.
    pub oid: String,
}

impl Git {
    /// Finds the work tree that holds `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let git = Git { root: root.to_owned(), prefix: String::new() };
        let prefix = git.run(&["rev-parse", "--show-prefix"])?;
        let prefix = String::from_utf8(prefix).unwrap_or_default().trim_end_matches(['\n', '\r']).to_owned();
        Ok(Git { prefix, ..git })
    }

    /// Git's own folder of this work tree.
    pub fn own_folder(&self) -> Result<PathBuf> {
        let folder = String::from_utf8(self.run(&["rev-parse", "--absolute-git-dir"])?).unwrap_or_default();
        Ok(PathBuf::from(folder.trim_end_matches(['\n', '\r'])))
    }

    /// Whether there is such a revision: a branch, a tag, a commit, a tree.
    pub fn knows(&self, revision: &str) -> bool {
        self.tree_id(revision).is_ok()
    }

    fn tree_id(&self, revision: &str) -> Result<String> {
        let spec = format!("{revision}^{{tree}}");
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &spec];
        let tree = self.run(&verify).map_err(|_| {
            Error::new("git knows no such revision").at(revision).hint("give a branch, a tag or a commit")
        })?;
        Ok(String::from_utf8_lossy(&tree).trim().to_owned())
    }

    /// Where two branches parted.
    pub fn merge_base(&self, a: &str, b: &str) -> Result<String> {
        let base = self.run(&["merge-base", "--end-of-options", a, b]).map_err(|_| {
            Error::new("git finds no common ancestor").at(format!("{a}...{b}")).hint("give two dots, or other branches")
        })?;
        Ok(String::from_utf8_lossy(&base).trim().to_owned())
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
        let args = ["diff", "--cached", "--name-only", "--no-renames", "--diff-filter=d", "-z", "--no-ext-diff"];
        Ok(self.files_of(&self.run(&args)?))
    }

    /// The paths below the root with changes that are not committed, untracked files included.
    pub fn uncommitted(&self) -> Result<Vec<RecordingFile>> {
        let status = self.run(&["status", "--porcelain=v1", "--no-renames", "--untracked-files=all", "-z"])?;
        // `XY <path>`, relative to the top of the work tree.
        let paths = status.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..));
        Ok(paths.filter_map(|path| self.file(path)).collect())
    }

    /// The paths in the work tree that are not as `revision` has them, without untracked ones.
    pub fn changed_since(&self, revision: &str) -> Result<BTreeSet<String>> {
        let tree = self.tree_id(revision)?;
        let names = self.run(&["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", &tree, "--"])?;
        let names = names.split(|byte| *byte == 0);
        Ok(names.filter_map(|name| self.file(name)).map(|file| file.path).collect())
    }

    /// Reads the objects in one process, each once. One that git cannot give is an error.
    pub fn read(&self, oids: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, Vec<u8>>> {
        let blobs = self.read_each(oids)?.into_iter();
        blobs.map(|(oid, bytes)| Ok((oid, bytes.map_err(|why| Error::new(why).at(self.root.display()))?))).collect()
    }

    /// Reads the objects in one process, each once, or says of each why it cannot be read.
    pub fn read_each(
        &self,
        oids: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, std::result::Result<Vec<u8>, String>>> {
        let oids: std::collections::BTreeSet<String> = oids.into_iter().collect();
        if oids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let failed = |error: std::io::Error| Error::io("git cat-file failed", self.root.display(), &error);
        let mut child = self
            .command(&["cat-file", "--batch", "--buffer"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let mut input = child.stdin.take().expect("standard input is piped");
        let mut output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let asked: String = oids.iter().map(|oid| format!("{oid}\n")).collect();
        // Written beside the reading, so that neither side waits for the other with a full pipe.
        let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
        let mut blobs = BTreeMap::new();
        for oid in oids {
            let mut head = String::new();
            output.read_line(&mut head).map_err(failed)?;
            let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
            let bytes = match size {
                // `<oid> missing`
                None => Err(format!("git cannot give the object {oid}")),
                Some(size) if size > MAX_FILE_BYTES => {
                    let rest = &mut (&mut output).take(size + 1);
                    std::io::copy(rest, &mut std::io::sink()).map_err(failed)?;
                    Err(format!("larger than {} MiB", MAX_FILE_BYTES >> 20))
                }
                Some(size) => {
                    let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
                    output.read_exact(&mut bytes).map_err(failed)?;
                    output.read_exact(&mut [0]).map_err(failed)?;
                    Ok(bytes)
                }
            };
            blobs.insert(oid, bytes);
        }
        writer.join().map_err(|_| Error::new("git cat-file took no input"))?.map_err(failed)?;
        child.wait().map_err(failed)?;
        Ok(blobs)
    }

    fn blobs_of(&self, listing: &[u8], oid_field: usize) -> Vec<Blob> {
        listing
            .split(|byte| *byte == 0)
            .filter_map(|entry| {
                let tab = entry.iter().position(|byte| *byte == b'\t')?;
                let oid = std::str::from_utf8(&entry[..tab]).ok()?.split(' ').nth(oid_field)?.to_owned();
                Some(Blob { file: self.file(&entry[tab + 1..])?, oid })
            })
            .filter(|blob| self.is_recording(&blob.file.path))
            .collect()
    }

    fn files_of(&self, names: &[u8]) -> Vec<RecordingFile> {
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        names.filter_map(|name| self.file(name)).filter(|file| self.is_recording(&file.path)).collect()
    }

    /// The root itself may be the folder of recordings.
    fn is_recording(&self, path: &str) -> bool {
        let name = self.root.file_name().and_then(|name| name.to_str()).unwrap_or("");
        is_recording_path(path) || (!path.contains('/') && is_recording_path(&format!("{name}/{path}")))
    }

    /// A path that git gives, relative to the top of the work tree, as one below the root.
    fn file(&self, path: &[u8]) -> Option<RecordingFile> {
        let path = std::str::from_utf8(path).ok()?.strip_prefix(&self.prefix)?;
        (!path.is_empty()).then(|| RecordingFile { path: path.to_owned() })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(args).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Result<Vec<u8>> {
        let output = self.command(args).stderr(Stdio::piped()).output().map_err(|error| no_git(&error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("").trim_start_matches("fatal: ").to_owned();
        Err(Error::new(format!("git {}: {said}", args[0])).at(self.root.display()))
    }
}

fn no_git(error: &std::io::Error) -> Error {
    Error::new(format!("cannot run git: {error}")).hint("install git, or give files and folders instead")
}
