//! A store on disk: which recordings it has, where each is looked for, and what is in them.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::later::Later;
use crate::recording::Recording;
use crate::recording::file::{NOT_SEARCHED, RECORDINGS, RecordingFile};
use crate::recording::key::RequestKey;
use crate::recording::name::FileName;
use crate::recording::recorder::{KeyRules, Recorder};
use crate::recording::test_id::TestId;

use super::layout::StoreLayout;
use super::paths::{folder_names, is_file, look, unlisted};
use super::{read, system};

/// Files that mark a folder of generated files, which is not searched: cargo and pytest mark their caches, Python its
/// virtual environments.
pub(super) const MARKS_PRODUCTS: [&str; 3] = ["CACHEDIR.TAG", "pyvenv.cfg", QUARANTINE];

/// Marks a folder of recordings that were taken away.
pub(super) const QUARANTINE: &str = ".bedrock-fixtures-quarantine";

/// An opened store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    pub(super) layout: StoreLayout,
    pub(super) recorder: Later<Recorder>,
}

impl Store {
    /// Opens the store below `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let hint = "give the folder that test ids are relative to with --root";
        let root =
            system::real(root).map_err(|error| Error::io("cannot open the root", root.display(), &error).hint(hint))?;
        let there =
            look(&root).map_err(|error| Error::io("cannot open the root", root.display(), &error).hint(hint))?;
        if !there.is_some_and(|there| there.is_dir()) {
            return Err(Error::new("the root is not a folder").at(root.display()).hint(hint));
        }
        let layout = layout_of(&root)?;
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
        match work_tree(place)? {
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

    /// Which recorder's recordings these are; the newest one's by default.
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
                Err(error) => return Some(Err(error)),
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
    pub(super) fn file(&self, path: &Path) -> Result<RecordingFile> {
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

    /// Like [`Store::read`], into a buffer that is used for many files and only grows.
    pub fn read_into<'a>(
        &self,
        file: &RecordingFile,
        buffer: &'a mut Vec<u8>,
    ) -> std::result::Result<&'a [u8], String> {
        read::into(&self.root.join(&file.path), true, buffer).map_err(|error| unreadable(file, &error))
    }

    /// The recordings that answer a request, in the order of the lookup: one, or all lists of models of its key.
    /// A file that cannot be looked at is one of them: reading it says why.
    ///
    /// # Errors
    ///
    /// A folder that may have lists of models, and that cannot be listed.
    pub fn find(&self, key: RequestKey, test_id: Option<&TestId>, list: bool) -> Result<Vec<RecordingFile>> {
        let folders = self.layout.lookup_folders(test_id);
        if !list {
            return Ok(self.find_one(key, test_id).into_iter().collect());
        }
        let mut files = Vec::new();
        for folder in folders {
            files.extend(self.model_lists(&folder, key)?);
        }
        Ok(files)
    }

    /// The recording that answers a request whose kind has one alone.
    pub fn find_one(&self, key: RequestKey, test_id: Option<&TestId>) -> Option<RecordingFile> {
        let folders = self.layout.lookup_folders(test_id).into_iter();
        let mut files = folders.map(|folder| RecordingFile { path: format!("{folder}/{key}.json") });
        files.find(|file| is_file(&self.root.join(&file.path)))
    }

    /// The paths at which [`Store::find`] looks; of lists of models, with `*` for what tells them apart.
    pub fn looked_up(&self, key: RequestKey, test_id: Option<&TestId>, list: bool) -> Vec<String> {
        let name = if list { format!("models-{key}-*.json") } else { format!("{key}.json") };
        self.layout.lookup_folders(test_id).into_iter().map(|folder| format!("{folder}/{name}")).collect()
    }

    fn model_lists(&self, folder: &str, key: RequestKey) -> Result<Vec<RecordingFile>> {
        let names = folder_names(&self.root.join(folder))?.into_iter();
        let files = names.map(|name| RecordingFile { path: format!("{folder}/{name}") });
        let is_one = |file: &RecordingFile| matches!(FileName::parse(file.stem()), FileName::ModelList { key: of, .. } if of == key);
        Ok(files.filter(is_one).collect())
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

/// Everything below a folder, except the folders that are not searched. What cannot be listed or read is an error that
/// names it, because its content is not absent.
pub(super) fn walk(folder: &Path) -> impl Iterator<Item = Result<DirEntry>> + Send {
    let entries = WalkDir::new(folder).follow_links(false).into_iter();
    Walk { entries, way: vec![folder.to_owned()] }
}

struct Walk {
    entries: walkdir::IntoIter,
    /// The folders from the first one to that which is read now: an error in the middle of a list does not name it.
    way: Vec<PathBuf>,
}

impl Iterator for Walk {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.entries.next()? {
                Ok(entry) => entry,
                Err(error) => {
                    let depth = error.depth();
                    let kind = error.io_error().map(io::Error::kind);
                    // A folder that another run removed since it was listed holds nothing.
                    if depth > 0 && kind == Some(io::ErrorKind::NotFound) {
                        continue;
                    }
                    let folder = self.way.get(depth.saturating_sub(1)).or(self.way.last());
                    let path = error.path().map(Path::to_owned).or_else(|| folder.cloned()).unwrap_or_default();
                    // Its own text would name the path twice.
                    let error = error.into_io_error().unwrap_or_else(|| io::Error::other("a link leads back to it"));
                    return Some(Err(unlisted(&path, &error)));
                }
            };
            if !entry.file_type().is_dir() || entry.depth() == 0 {
                return Some(Ok(entry));
            }
            let searched = match NOT_SEARCHED.iter().any(|name| entry.file_name() == *name) {
                true => Ok(false),
                false => is_product(entry.path()).map(|is_product| !is_product),
            };
            match searched {
                Ok(true) => {
                    self.way.truncate(entry.depth());
                    self.way.push(entry.path().to_owned());
                    return Some(Ok(entry));
                }
                Ok(false) => self.entries.skip_current_dir(),
                Err(error) => {
                    self.entries.skip_current_dir();
                    return Some(Err(error));
                }
            }
        }
    }
}

/// Whether a folder is marked as one of generated files.
fn is_product(folder: &Path) -> Result<bool> {
    for mark in MARKS_PRODUCTS {
        let there = look(&folder.join(mark)).map_err(|error| {
            let hint = "check the folder and its permissions";
            Error::io("cannot look into the folder", folder.display(), &error).hint(hint)
        })?;
        if there.is_some_and(|there| there.is_file()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The layout of the store below `root`. A single top folder fits both layouts: its content decides.
fn layout_of(root: &Path) -> Result<StoreLayout> {
    let top = root.join(RECORDINGS);
    let there = look(&top).map_err(|error| unlisted(&top, &error))?;
    if !there.is_some_and(|there| there.is_dir()) {
        return Ok(StoreLayout::PerTest);
    }
    for path in recordings_below(root) {
        if path?.parent() != Some(&top) {
            return Ok(StoreLayout::PerTest);
        }
    }
    let mut is_any = false;
    for path in recordings_below(&top) {
        // A file that is not a recording says nothing about the layout.
        let recording = read::whole(&path?, true).ok().and_then(|bytes| Recording::parse(&bytes).ok());
        let Some(recording) = recording else { continue };
        is_any = true;
        let test_id = recording.test_id().and_then(|test_id| TestId::parse(test_id).ok());
        // A recording whose test belongs to another folder can only be here in a flat store. Tests at the top are no
        // proof, but for them both layouts agree.
        if StoreLayout::PerTest.folder(test_id.as_ref()) != RECORDINGS {
            return Ok(StoreLayout::Flat);
        }
    }
    Ok(if is_any { StoreLayout::PerTest } else { StoreLayout::Flat })
}

/// The paths of all recordings below a folder.
fn recordings_below(folder: &Path) -> impl Iterator<Item = Result<PathBuf>> {
    walk(folder).map(|entry| entry.map(DirEntry::into_path)).filter(|path| {
        path.as_ref().map_or(true, |path| {
            path.extension().is_some_and(|extension| extension == "json")
                && path.parent().and_then(Path::file_name).is_some_and(|name| name == RECORDINGS)
        })
    })
}

/// The top of the git work tree that holds `folder`.
pub(super) fn work_tree(folder: &Path) -> Result<Option<&Path>> {
    for folder in folder.ancestors() {
        let git = folder.join(".git");
        let hint = "without it nobody can tell where the root is; give it with --root, or check the permissions";
        let there = look(&git).map_err(|error| Error::io("cannot be inspected", git.display(), &error).hint(hint))?;
        if there.is_some() {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// The root of a path outside a work tree: the folder to which the test id of a recording below it is relative, or else
/// the parent of its `recordings`, or else itself.
fn own_root(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let told = recordings_below(folder).flatten().find_map(|file| {
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
