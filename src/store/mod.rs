//! Where recordings live. This room alone touches the file system.
//!
//! A store is a tree of folders named `recordings`, each beside its tests, or one flat folder.

pub mod copies;
mod hindrance;
mod layout;
pub mod lock;
pub mod log;
pub mod output;
pub mod owned;
mod read;
pub mod relocate;
pub mod remove;
pub mod snapshot;
pub mod stage;
mod system;
mod text;
pub mod watch;

use std::borrow::Cow;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::later::Later;
use crate::recording::file::NOT_SEARCHED;
use crate::recording::key::RequestKey;
use crate::recording::name::FileName;
use crate::recording::recorder::{KeyRules, Recorder};
use crate::recording::test_id::TestId;
use crate::recording::{MAX_FILE_BYTES, Recording};

pub use crate::recording::file::{RECORDINGS, RecordingFile, is_recording_path};
pub use layout::StoreLayout;
pub use text::{folder_names, read_text, read_text_bytes, site_packages};

/// Files that mark a folder of generated files, which is not searched: cargo and pytest mark their caches, Python its
/// virtual environments.
const MARKS_PRODUCTS: [&str; 3] = ["CACHEDIR.TAG", "pyvenv.cfg", QUARANTINE];

/// Marks a folder of recordings that were taken away.
const QUARANTINE: &str = ".bedrock-fixtures-quarantine";

/// An opened store.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    layout: StoreLayout,
    recorder: Later<Recorder>,
}

impl Store {
    /// Opens the store below `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let hint = "give the folder that test ids are relative to with --root";
        let root =
            system::real(root).map_err(|error| Error::io("cannot open the root", root.display(), &error).hint(hint))?;
        if !root.is_dir() {
            return Err(Error::new("the root is not a folder").at(root.display()).hint(hint));
        }
        let layout = layout_of(&root);
        Ok(Store { root, layout, recorder: Later::now(Recorder::NEWEST) })
    }

    /// Opens the store for a command: below `root` if that is given, else below the top of the git work tree that holds
    /// the first path, or `cwd`. Without git it is `cwd`, or, for paths outside it, the folder to which their test ids
    /// are relative.
    pub fn for_command(root: Option<&Path>, cwd: &Path, paths: &[PathBuf]) -> Result<Self> {
        if let Some(root) = root {
            return Store::open(&cwd.join(root));
        }
        let cwd =
            system::real(cwd).map_err(|error| Error::io("cannot open the current folder", cwd.display(), &error))?;
        let first = paths.iter().find_map(|path| system::real(&cwd.join(path)).ok());
        let place = first.as_deref().unwrap_or(&cwd);
        match work_tree(place) {
            Some(top) => Store::open(top),
            None if place.starts_with(&cwd) => Store::open(&cwd),
            None => Store::open(&own_root(place)),
        }
    }

    /// The folder that test ids are relative to.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The store as a recorder sees it: its rules decide keys and names.
    pub fn of_recorder(self, recorder: Later<Recorder>) -> Self {
        Store { recorder, ..self }
    }

    /// Whose recordings these are; the newest recorder's, unless something else was said.
    pub fn recorder(&self) -> &Later<Recorder> {
        &self.recorder
    }

    /// The rules of keys and names that are in force here.
    pub fn key_rules(&self) -> KeyRules {
        self.recorder.get().key_rules()
    }

    /// How folders follow from test ids here.
    pub fn layout(&self) -> StoreLayout {
        self.layout
    }

    /// The recordings below the root, or below `paths` (relative to `cwd`), sorted by path, each once.
    pub fn list(&self, cwd: &Path, paths: &[PathBuf]) -> Result<Vec<RecordingFile>> {
        let mut files = Vec::new();
        if paths.is_empty() {
            self.list_below(&self.root, &mut files)?;
        }
        for given in paths {
            let path = system::real(&cwd.join(given))
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

    /// The recordings below the root one after the other, in no order and without holding them all.
    pub fn walk(&self) -> impl Iterator<Item = Result<RecordingFile>> + Send {
        self.walk_below(&self.root)
    }

    fn list_below(&self, folder: &Path, files: &mut Vec<RecordingFile>) -> Result<()> {
        for file in self.walk_below(folder) {
            files.push(file?);
        }
        Ok(())
    }

    fn walk_below(&self, folder: &Path) -> impl Iterator<Item = Result<RecordingFile>> + Send {
        walk(folder).filter_map(|entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&self.root).display().to_string();
                    return Some(Err(Error::new(format!("cannot read the folder: {error}")).at(path)));
                }
            };
            // By the whole path: the root itself may be the folder.
            let in_recordings = entry.path().parent().and_then(Path::file_name).is_some_and(|name| name == RECORDINGS);
            let is_json = entry.path().extension().is_some_and(|extension| extension == "json");
            let is_recording = in_recordings && is_json && !entry.file_type().is_dir();
            is_recording.then(|| self.file(entry.path()))
        })
    }

    /// A path that somebody gave, relative to the root, with `/`. It need not exist.
    pub fn relative(&self, cwd: &Path, path: &Path) -> Result<String> {
        let whole = cwd.join(path);
        let whole = system::real(&whole).unwrap_or(whole);
        Ok(self.file(&whole)?.path)
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

    /// A file below the root. What is not UTF-8 in its path is shown as U+FFFD, and then nothing is there under that path:
    /// see [`RecordingFile::has_lossy_name`].
    fn file(&self, path: &Path) -> Result<RecordingFile> {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Option<Vec<Cow<'_, str>>> = relative
            .components()
            .map(|part| if let Component::Normal(name) = part { Some(name.to_string_lossy()) } else { None })
            .collect();
        match parts {
            Some(parts) => Ok(RecordingFile { path: parts.join("/") }),
            None => Err(Error::new("not a path below the root").at(path.display())),
        }
    }

    /// The bytes of a file. One that is too large to be a recording is an error, as is one that cannot be read.
    pub fn read(&self, file: &RecordingFile) -> std::result::Result<Vec<u8>, String> {
        read::whole(&self.root.join(&file.path), true).map_err(|error| unreadable(file, &error))
    }

    /// As [`Store::read`], into a buffer that serves for many files and only ever grows.
    pub fn read_into<'a>(
        &self,
        file: &RecordingFile,
        buffer: &'a mut Vec<u8>,
    ) -> std::result::Result<&'a [u8], String> {
        read::into(&self.root.join(&file.path), true, buffer).map_err(|error| unreadable(file, &error))
    }

    /// The recordings that answer a request, in the order of the lookup: one, or all lists of models of its key.
    pub fn find(&self, key: RequestKey, test_id: Option<&TestId>, list: bool) -> Vec<RecordingFile> {
        let folders = self.layout.lookup_folders(test_id);
        if list {
            return folders.iter().flat_map(|folder| self.model_lists(folder, key)).collect();
        }
        let file = |folder: &String| RecordingFile { path: format!("{folder}/{key}.json") };
        folders.iter().map(file).find(|file| self.root.join(&file.path).is_file()).into_iter().collect()
    }

    /// The paths at which [`Store::find`] looks; of lists of models, with `*` for what tells them apart.
    pub fn looked_up(&self, key: RequestKey, test_id: Option<&TestId>, list: bool) -> Vec<String> {
        let name = if list { format!("models-{key}-*.json") } else { format!("{key}.json") };
        self.layout.lookup_folders(test_id).into_iter().map(|folder| format!("{folder}/{name}")).collect()
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

    /// Why no command would look into a folder below the root, should it hold recordings.
    pub fn not_searched(&self, folder: &str) -> Option<String> {
        let mut path = self.root.clone();
        let mut shown = String::new();
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            path.push(name);
            shown = if shown.is_empty() { name.to_owned() } else { format!("{shown}/{name}") };
            if NOT_SEARCHED.contains(&name) {
                return Some(format!("{shown} is never searched"));
            }
            // A link that leads out of the root is an error where its `Place` is made.
            if path.is_symlink() && system::real(&path).is_ok_and(|real| real.starts_with(&self.root)) {
                return Some(format!("{shown} is a link, which is not followed"));
            }
            if let Some(mark) = MARKS_PRODUCTS.iter().find(|mark| path.join(mark).is_file()) {
                return Some(format!("{shown} contains {mark}, which marks a folder of generated files"));
            }
        }
        None
    }
}

/// Why a recording cannot be read.
fn unreadable(file: &RecordingFile, error: &std::io::Error) -> String {
    match file.has_lossy_name() && error.kind() == std::io::ErrorKind::NotFound {
        true => "its name is not UTF-8; rename it".to_owned(),
        false => error.to_string(),
    }
}

/// Reads a file that somebody named: cases, a token.
pub fn read_input(path: &Path) -> Result<Vec<u8>> {
    read::whole(path, false)
        .map_err(|error| Error::io("cannot read the file", path.display(), &error).hint("check the path"))
}

/// Reads a file that may be no recording, or says why it cannot be read.
pub fn read_any(path: &Path) -> std::result::Result<Vec<u8>, String> {
    read::whole(path, false).map_err(|error| error.to_string())
}

/// Whether anything is at a path.
pub fn is_there(path: &Path) -> bool {
    path.exists()
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a file at a path.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// A path without links, `.` and `..`. What is not there is taken by its words.
pub fn absolute(path: &Path) -> PathBuf {
    if let Ok(path) = system::real(path) {
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
    match std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => {
            Err(Error::new(format!("larger than {} MiB", MAX_FILE_BYTES >> 20)).at("standard input"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::io("cannot read", "standard input", &error)),
    }
}

/// Reads standard input to its end and keeps nothing of it.
pub fn read_away_stdin() {
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// An empty folder that is removed with everything in it when the value is dropped.
pub fn scratch_folder() -> Result<owned::ScratchFolder> {
    owned::ScratchFolder::new().map_err(|error| Error::io("cannot make", "a temporary folder", &error))
}

/// Makes the folder of a new store, if it is not there.
pub fn make_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("cannot create the root", root.display(), &error))
}

fn walk(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let searched = |entry: &DirEntry| {
        let is_product = || MARKS_PRODUCTS.iter().any(|mark| entry.path().join(mark).is_file());
        let skipped = || NOT_SEARCHED.iter().any(|name| entry.file_name() == *name) || is_product();
        entry.depth() == 0 || !entry.file_type().is_dir() || !skipped()
    };
    // A folder that another run removed since it was listed holds nothing.
    let is_gone = |error: &walkdir::Error| {
        error.depth() > 0 && error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    };
    let entries = WalkDir::new(folder).follow_links(false).into_iter().filter_entry(searched);
    entries.filter(move |entry| !entry.as_ref().is_err_and(is_gone))
}

/// The layout of the store below `root`. A single top folder fits both layouts: its content decides.
fn layout_of(root: &Path) -> StoreLayout {
    let top = root.join(RECORDINGS);
    if !top.is_dir() || recordings_below(root).any(|path| path.parent() != Some(&top)) {
        return StoreLayout::PerTest;
    }
    let recordings = recordings_below(&top).filter_map(|path| Recording::parse(&read::whole(&path, true).ok()?).ok());
    let mut folders = recordings.map(|recording| {
        let test_id = recording.test_id().and_then(|test_id| TestId::parse(test_id).ok());
        StoreLayout::PerTest.folder(test_id.as_ref())
    });
    // A recording whose test belongs to another folder can only be here in a flat store. Tests at the top are no proof,
    // but for them both layouts agree.
    match folders.next() {
        None => StoreLayout::Flat,
        Some(first) if first != RECORDINGS || folders.any(|folder| folder != RECORDINGS) => StoreLayout::Flat,
        Some(_) => StoreLayout::PerTest,
    }
}

/// The paths of all recordings below a folder.
fn recordings_below(folder: &Path) -> impl Iterator<Item = PathBuf> {
    walk(folder).flatten().map(DirEntry::into_path).filter(|path| {
        path.extension().is_some_and(|extension| extension == "json")
            && path.parent().and_then(Path::file_name).is_some_and(|name| name == RECORDINGS)
    })
}

/// The top of the git work tree that holds `folder`.
fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// The root of a path outside a work tree: the folder to which the test id of a recording below it is relative, or else
/// the parent of its `recordings`, or else itself.
fn own_root(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let told = recordings_below(folder).find_map(|file| {
        let recording = Recording::parse(&read::whole(&file, true).ok()?).ok()?;
        let own = TestId::parse(recording.test_id()?).ok()?.folder();
        let above = own.split('/').try_fold(file.parent()?, |folder, _| folder.parent())?;
        (above.join(&own) == file.parent()?).then(|| above.to_owned())
    });
    if let Some(root) = told {
        return root;
    }
    match folder.file_name() {
        Some(name) if name == RECORDINGS => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    }
}
