//! Where recordings live. This room alone touches the file system.
//!
//! A store is a tree of folders named `recordings`, each beside the tests whose recordings it holds, or one flat folder.

pub mod git;
pub mod layout;
pub mod stage;

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::recording::key::RequestKey;
use crate::recording::name::FileName;
use crate::recording::test_id::TestId;
use crate::recording::{MAX_FILE_BYTES, Recording};

pub use layout::Layout;

/// The name of every folder that holds recordings.
pub const RECORDINGS: &str = "recordings";

/// Folders that hold copies and products, never a store.
const NOT_SEARCHED: [&str; 5] = [".git", "node_modules", "target", ".venv", "__pycache__"];

/// An opened store.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    layout: Layout,
}

/// A file of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordingFile {
    /// Its path relative to the root, with `/` on every system.
    pub path: String,
}

impl RecordingFile {
    /// The folder, relative to the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file name without `.json`.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or("");
        name.strip_suffix(".json").unwrap_or(name)
    }
}

impl Store {
    /// Opens the store below `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let hint = "give the folder that test ids are relative to with --root";
        let root = fs::canonicalize(root)
            .map_err(|error| Error::io("cannot open the root", root.display(), &error).hint(hint))?;
        if !root.is_dir() {
            return Err(Error::new("the root is not a folder").at(root.display()).hint(hint));
        }
        let layout = Layout::of(has_folder(&root), || recording_folders(&root).nth(1).is_some());
        Ok(Store { root, layout })
    }

    /// Opens the store for a command: below `root` if that is given, else below the top of the git work tree of `cwd`, or
    /// `cwd` itself. Without `root`, paths outside that tree bring their own.
    pub fn for_command(root: Option<&Path>, cwd: &Path, paths: &[PathBuf]) -> Result<Self> {
        if let Some(root) = root {
            return Store::open(&cwd.join(root));
        }
        let default = fs::canonicalize(work_tree(cwd).unwrap_or(cwd))
            .map_err(|error| Error::io("cannot open the current folder", cwd.display(), &error))?;
        let mut outside = paths.iter().filter_map(|path| fs::canonicalize(cwd.join(path)).ok());
        match outside.find(|path| !path.starts_with(&default)) {
            Some(path) => Store::open(&own_root(&path)),
            None => Store::open(&default),
        }
    }

    /// The folder that test ids are relative to.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How folders follow from test ids here.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The recordings below the root, or below `paths` (relative to `cwd`), sorted by path, each once.
    pub fn list(&self, cwd: &Path, paths: &[PathBuf]) -> Result<Vec<RecordingFile>> {
        let mut files = Vec::new();
        if paths.is_empty() {
            self.list_below(&self.root, &mut files)?;
        }
        for given in paths {
            let path = fs::canonicalize(cwd.join(given))
                .map_err(|error| Error::io("cannot open", given.display(), &error).hint("check the path"))?;
            if !path.starts_with(&self.root) {
                return Err(Error::new(format!("the path is outside the root {}", self.root.display()))
                    .at(given.display())
                    .hint("give the folder that test ids are relative to with --root"));
            }
            if path.is_dir() { self.list_below(&path, &mut files)? } else { files.push(self.file(&path)?) }
        }
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    fn list_below(&self, folder: &Path, files: &mut Vec<RecordingFile>) -> Result<()> {
        for entry in walk(folder) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(folder).display().to_string();
                Error::new(format!("cannot read the folder: {error}")).at(path)
            })?;
            // By the whole path: the root itself may be the folder.
            let in_recordings = entry.path().parent().and_then(Path::file_name).is_some_and(|name| name == RECORDINGS);
            let is_json = entry.path().extension().is_some_and(|extension| extension == "json");
            if in_recordings && is_json && !entry.file_type().is_dir() {
                files.push(self.file(entry.path())?);
            }
        }
        Ok(())
    }

    /// The `*.json` directly in the root, whatever it is called, sorted.
    pub fn list_plain(&self) -> Result<Vec<RecordingFile>> {
        let failed = |error| Error::io("cannot read the folder", self.root.display(), &error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "json") && !path.is_dir() {
                files.push(self.file(&path)?);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    fn file(&self, path: &Path) -> Result<RecordingFile> {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Option<Vec<&str>> = relative
            .components()
            .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
            .collect();
        match parts {
            Some(parts) => Ok(RecordingFile { path: parts.join("/") }),
            None => Err(Error::new("the path is not UTF-8").at(path.display()).hint("rename it")),
        }
    }

    /// The bytes of a file. One that is too large to be a recording is an error, as is one that cannot be read.
    pub fn read(&self, file: &RecordingFile) -> std::result::Result<Vec<u8>, String> {
        read_file(&self.root.join(&file.path)).map_err(|error| error.to_string())
    }

    /// The recordings a request is answered from, first found first: one, or all lists of models of its key.
    pub fn find(&self, key: RequestKey, test_id: Option<&TestId>, list: bool) -> Vec<RecordingFile> {
        let folders = self.layout.lookup_folders(test_id);
        if list {
            return folders.iter().flat_map(|folder| self.model_lists(folder, key)).collect();
        }
        let file = |folder: &String| RecordingFile { path: format!("{folder}/{key}.json") };
        folders.iter().map(file).find(|file| self.root.join(&file.path).is_file()).into_iter().collect()
    }

    fn model_lists(&self, folder: &str, key: RequestKey) -> Vec<RecordingFile> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(RecordingFile { path: format!("{folder}/{}", entry.file_name().to_str()?) }))
            .filter(|file| matches!(FileName::parse(file.stem()), FileName::ModelList { key: of, .. } if of == key))
            .collect();
        files.sort_unstable();
        files
    }

    /// The recording that answers a request, if there is one that can be read.
    pub fn recording(&self, key: RequestKey, test_id: Option<&TestId>) -> Option<Recording> {
        let file = self.find(key, test_id, false).into_iter().next()?;
        Recording::parse(&self.read(&file).ok()?).ok()
    }
}

/// Whether a path below the root, with `/`, is that of a recording: a `*.json` directly in a folder named `recordings`,
/// and in no folder that is not searched.
pub fn is_recording_path(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    if path.split('/').any(|part| NOT_SEARCHED.contains(&part)) {
        return false;
    }
    let is_json = parts.next().is_some_and(|name| name.len() > 5 && name.ends_with(".json"));
    is_json && parts.next() == Some(RECORDINGS)
}

/// Reads a file that somebody named: cases, a token.
pub fn read_input(path: &Path) -> Result<Vec<u8>> {
    read_file(path).map_err(|error| Error::io("cannot read the file", path.display(), &error).hint("check the path"))
}

/// Reads a file that may be no recording, or says why it cannot be read.
pub fn read_any(path: &Path) -> std::result::Result<Vec<u8>, String> {
    read_file(path).map_err(|error| error.to_string())
}

/// A path without links, `.` and `..`. What is not there is taken by its words.
pub fn absolute(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::ParentDir)) => {
            absolute(parent).parent().map_or_else(PathBuf::new, Path::to_owned)
        }
        (Some(parent), Some(Component::Normal(name))) => absolute(parent).join(name),
        (Some(parent), Some(Component::CurDir)) => absolute(parent),
        _ => path.to_owned(),
    }
}

/// Reads all of standard input.
pub fn read_stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::io("cannot read", "standard input", &error)),
    }
}

/// An empty folder that is removed with everything in it when the value is dropped.
pub fn scratch_folder() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("bedrock-fixtures-")
        .tempdir()
        .map_err(|error| Error::io("cannot make", "a temporary folder", &error))
}

/// Makes the folder of a new store, if it is not there.
pub fn make_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("cannot make the root", root.display(), &error))
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let too_large = || std::io::Error::other(format!("larger than {} MiB", MAX_FILE_BYTES >> 20));
    if size > MAX_FILE_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    // A pipe or a growing file has no size to trust.
    file.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn walk(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let searched = |entry: &DirEntry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || !NOT_SEARCHED.iter().any(|name| entry.file_name() == *name)
    };
    WalkDir::new(folder).follow_links(false).into_iter().filter_entry(searched)
}

fn has_folder(root: &Path) -> bool {
    root.join(RECORDINGS).is_dir()
}

fn recording_folders(root: &Path) -> impl Iterator<Item = DirEntry> {
    walk(root)
        .flatten()
        .filter(|entry| entry.depth() > 0 && entry.file_type().is_dir() && entry.file_name() == RECORDINGS)
}

/// The top of the git work tree that holds `folder`.
fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// The root of a path outside the current tree: its work tree, else what stands above its `recordings`, else itself.
fn own_root(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    if let Some(top) = work_tree(folder) {
        return top.to_owned();
    }
    match folder.file_name() {
        Some(name) if name == RECORDINGS => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    }
}
