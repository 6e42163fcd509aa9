//! A snapshot of the store: a copy of every recording, to restore the ones that another program damages.
//!
//! The copy is a tree of files outside the store, in the folder of git or else among the temporary files, so memory
//! does not grow with the store. Files are compared byte for byte: sizes and times are not proof that another program
//! did not write a file. A killed run leaves its copy. Its lock is then free, which tells it from a copy in use, and
//! the next run uses it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

use super::copies::{flush, make_link, memory_places, missing_is_fine, restore, same_bytes};
use super::folder::Store;
use super::owned::{KEPT, OwnedFolder};
use super::paths::{is_there, look, look_at_link};
use super::read;
use super::stage::path_text;
use crate::recording::file::RecordingFile;

/// Files that are copied or compared at a time.
const BATCH: usize = 256;

/// The start of the names of folders of copies; the mark of their store follows.
const PREFIX: &str = "bedrock-fixtures-memory-";

/// In a folder of a copy: what says that the copy is whole, the files, those that are links, and the names of what is
/// neither and is left alone.
const WHOLE: &str = "whole";
const FILES: &str = "files";
const LINKS: &str = "links";
const OTHERS: &str = "others";

/// The change of a recording since the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was not there.
    New,
    /// It holds other bytes, or is another kind of file.
    Changed,
    /// It was deleted.
    Deleted,
}

/// The differences from the snapshot.
#[derive(Debug, Default)]
pub struct Changes {
    /// The recordings, by path.
    pub files: Vec<(RecordingFile, Fate)>,
    /// What could not be looked at.
    pub failures: Vec<String>,
}

/// A copy of all recordings. It goes with the value.
#[derive(Debug)]
pub struct Snapshot {
    folder: PathBuf,
    /// Held while the copy is in use.
    lock: Option<File>,
    keeps: bool,
}

impl Store {
    /// Copies every recording, into the folder of git if there is one.
    pub fn take_snapshot(&self, of_git: Option<&Path>) -> Result<Snapshot> {
        let failed = |error| {
            let hint = "free some space for a copy of the recordings, or set TMPDIR to another folder";
            Error::io("cannot copy the recordings", path_text(self.root()), &error).hint(hint)
        };
        let memory = self.new_memory(of_git).map_err(failed)?;
        self.each(|file| {
            let file = file?;
            memory.copy(self, &file).map_err(|error| {
                let hint = "every recording is copied first, so that it can be restored; correct or move this one";
                Error::io("cannot copy the recording", &file.path, &error).hint(hint)
            })
        })?;
        memory.seal().map_err(failed)?;
        Ok(memory)
    }

    /// The copies of killed runs, oldest first. Incomplete copies are removed; one that cannot be read stays.
    pub fn left_behind(&self, of_git: Option<&Path>) -> Result<Vec<Snapshot>> {
        let mut left: Vec<(Option<SystemTime>, Snapshot)> = Vec::new();
        let mut unreadable = None;
        for mut memory in memory_places(of_git).iter().flat_map(|(place, _)| self.dead_copies(place)) {
            match memory.is_whole() {
                Ok(true) => {
                    let whole = fs::metadata(memory.folder.join(WHOLE)).and_then(|whole| whole.modified());
                    left.push((whole.ok(), memory));
                }
                Ok(false) => {}
                Err(error) => {
                    memory.keeps = true;
                    let hint = "it may be the only copy of recordings that a killed run lost; check its permissions";
                    let what = "cannot read the copy of the recordings";
                    unreadable = Some(Error::io(what, path_text(&memory.folder), &error).hint(hint));
                }
            }
        }
        if let Some(error) = unreadable {
            left.iter_mut().for_each(|(_, memory)| memory.keeps = true);
            return Err(error);
        }
        left.sort_by_key(|(time, _)| *time);
        Ok(left.into_iter().map(|(_, memory)| memory).collect())
    }

    /// Removes incomplete copies of this store in a folder whose process has ended.
    pub(super) fn remove_half_copies(&self, place: &Path) {
        for mut memory in self.dead_copies(place) {
            // One that cannot be read now may be whole.
            memory.keeps |= memory.is_whole().unwrap_or(true);
        }
    }

    /// The copies of this store in a folder whose process is gone.
    fn dead_copies(&self, place: &Path) -> Vec<Snapshot> {
        let dead = super::owned::dead(place, &self.memory_prefix(), "");
        let copy = |folder: OwnedFolder| {
            let (folder, lock) = folder.into_parts();
            Snapshot { folder, lock, keeps: false }
        };
        dead.into_iter().map(copy).collect()
    }

    fn new_memory(&self, of_git: Option<&Path>) -> std::io::Result<Snapshot> {
        let mut places = memory_places(of_git).into_iter();
        let folder = loop {
            let (place, make) = places.next().ok_or(ErrorKind::NotFound)?;
            let made = if make { fs::create_dir_all(&place) } else { Ok(()) };
            let folder = made.and_then(|()| OwnedFolder::new(&place, &self.memory_prefix(), ""));
            match folder {
                Ok(folder) => break folder,
                // The folder of git may be for reading only.
                Err(error) if places.len() == 0 => return Err(error),
                Err(_) => {}
            }
        };
        let (folder, lock) = folder.into_parts();
        let memory = Snapshot { folder, lock, keeps: false };
        // Where the root holds this folder, it is not searched for recordings.
        fs::write(memory.folder.join("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n")?;
        Ok(memory)
    }

    /// Copies of one root are told from those of another.
    fn memory_prefix(&self) -> String {
        let mark = Sha256::digest(self.root().as_os_str().as_encoded_bytes());
        let mark: String = mark[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{PREFIX}{mark}-")
    }

    /// Calls `act` for each recording below the root, on all cores, and stops at an error.
    fn each(&self, act: impl Fn(Result<RecordingFile>) -> Result<()> + Sync) -> Result<()> {
        let mut walk = self.walk();
        loop {
            let batch: Vec<Result<RecordingFile>> = walk.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            batch.into_par_iter().try_for_each(&act)?;
        }
    }

    /// A digest of every recording, by path.
    pub fn digests(&self) -> Result<std::collections::BTreeMap<String, [u8; 32]>> {
        let digests = std::sync::Mutex::new(std::collections::BTreeMap::new());
        self.each(|file| {
            let file = file?;
            // What cannot be read has no digest, and is missed only if it could be read before.
            if let Ok(bytes) = self.read(&file) {
                let digest = Sha256::digest(&bytes).into();
                digests.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(file.path, digest);
            }
            Ok(())
        })?;
        Ok(digests.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// When each recording was written last, as far as the system says it.
    pub fn write_times(&self) -> Result<std::collections::BTreeMap<String, std::time::SystemTime>> {
        let time = |file: RecordingFile| {
            let time = std::fs::metadata(self.root().join(&file.path)).ok()?.modified().ok()?;
            Some((file.path, time))
        };
        self.walk().filter_map(|file| file.map(time).transpose()).collect()
    }
}

impl Snapshot {
    /// What the copy holds, one line each: the digest of a file, or where a link leads.
    fn contents(&self) -> std::io::Result<String> {
        let mut lines = Vec::new();
        for part in [FILES, LINKS] {
            let top = self.folder.join(part);
            for entry in walkdir::WalkDir::new(&top).sort_by_file_name() {
                let entry = match entry {
                    Ok(entry) => entry,
                    // There may be no link at all.
                    Err(_) if look(&top)?.is_none() => break,
                    Err(error) => return Err(error.into()),
                };
                if entry.file_type().is_dir() {
                    continue;
                }
                let name = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path()).display().to_string();
                let what = if part == FILES {
                    Sha256::digest(read::whole(entry.path(), true)?).iter().map(|byte| format!("{byte:02x}")).collect()
                } else {
                    format!("{:?}", fs::read_link(entry.path())?)
                };
                lines.push(format!("{what} {name:?}\n"));
            }
        }
        Ok(lines.concat())
    }

    /// Says, last of all, what the copy holds: one that was cut short does not say so.
    fn seal(&self) -> std::io::Result<()> {
        use std::io::Write as _;
        let mut staged = tempfile::NamedTempFile::new_in(&self.folder)?;
        staged.write_all(self.contents()?.as_bytes())?;
        staged.as_file().sync_all()?;
        staged.persist(self.folder.join(WHOLE)).map_err(|error| error.error)?;
        flush(&self.folder);
        Ok(())
    }

    /// Whether all that the copy says it holds is there, as it was.
    fn is_whole(&self) -> std::io::Result<bool> {
        let whole = self.folder.join(WHOLE);
        match look(&whole)? {
            Some(there) if there.is_file() => Ok(self.contents()?.into_bytes() == fs::read(whole)?),
            _ => Ok(false),
        }
    }

    /// Where the copies of the files are.
    pub fn files(&self) -> PathBuf {
        self.folder.join(FILES)
    }

    /// Leaves the copy where it is when the value goes, for a person to use: no later run does.
    pub fn keep(&mut self) {
        self.keeps = true;
        // Should it fail, a later run uses it all the same.
        let _ = fs::rename(self.folder.join(WHOLE), self.folder.join(KEPT));
    }

    /// The bytes of a recording as it was.
    pub fn read(&self, file: &RecordingFile) -> Option<Vec<u8>> {
        read::whole(&self.files().join(&file.path), true).ok()
    }

    /// What differs from the copy now.
    pub fn changes(&self, store: &Store) -> Changes {
        let changes = std::sync::Mutex::new(Changes::default());
        let add =
            |act: &dyn Fn(&mut Changes)| act(&mut changes.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let done = store.each(|file| {
            match file {
                Err(error) => add(&|changes| changes.failures.push(error.to_string())),
                Ok(file) => {
                    if let Some(fate) = self.fate(store, &file) {
                        add(&|changes| changes.files.push((file.clone(), fate)));
                    }
                }
            }
            Ok(())
        });
        let mut changes = changes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        changes.failures.extend(done.err().map(|error| error.to_string()));
        for part in [FILES, LINKS] {
            let top = self.folder.join(part);
            let entries = walkdir::WalkDir::new(&top).into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
            for entry in entries {
                let path =
                    entry.path().strip_prefix(&top).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
                // One that cannot be looked at was not deleted.
                let is_file = |path: &str| match look_at_link(&store.root().join(path)) {
                    Ok(there) => there.is_some_and(|there| !there.is_dir()),
                    Err(_) => true,
                };
                let file = path.filter(|path| !is_file(path)).map(|path| RecordingFile { path });
                changes.files.extend(file.map(|file| (file, Fate::Deleted)));
            }
        }
        changes.files.sort();
        changes.files.dedup();
        changes
    }

    fn fate(&self, store: &Store, file: &RecordingFile) -> Option<Fate> {
        let path = store.root().join(&file.path);
        let (copy, link) = (self.files().join(&file.path), self.folder.join(LINKS).join(&file.path));
        // A copy that cannot be looked at is one.
        let was = (is_there(&copy), fs::read_link(&link).ok());
        if was == (false, None) {
            return (!is_there(&self.folder.join(OTHERS).join(&file.path))).then_some(Fate::New);
        }
        let same = was.1 == fs::read_link(&path).ok() && (!was.0 || same_bytes(&copy, &path).unwrap_or(false));
        (!same).then_some(Fate::Changed)
    }

    fn copy(&self, store: &Store, file: &RecordingFile) -> std::io::Result<()> {
        let path = store.root().join(&file.path);
        let place = |part: &str| {
            let place = self.folder.join(part).join(&file.path);
            place.parent().map_or(Ok(()), fs::create_dir_all).map(|()| place)
        };
        if let Ok(to) = fs::read_link(&path) {
            make_link(&to, &place(LINKS)?)?;
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => fs::copy(&path, place(FILES)?).map(drop),
            // A pipe or a device is not a recording, and reading it could block.
            Ok(_) => File::create(place(OTHERS)?).map(drop),
            // What cannot be named can neither be copied nor restored.
            Err(_) if file.has_lossy_name() => File::create(place(OTHERS)?).map(drop),
            // A link that leads nowhere.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Puts a recording back as it was; one that was not there is removed.
    pub fn put_back(&self, store: &Store, file: &RecordingFile) -> Result<()> {
        let path = store.root().join(&file.path);
        let failed = |error| Error::io("cannot restore", path_text(&path), &error);
        let copy = self.files().join(&file.path);
        // What is removed here is what was certainly not there.
        let copy = look(&copy).map_err(failed)?.map(|_| copy);
        let link = self.folder.join(LINKS).join(&file.path);
        let link =
            look_at_link(&link).and_then(|there| there.map(|_| fs::read_link(&link)).transpose()).map_err(failed)?;
        if copy.is_none() && link.is_none() {
            fs::remove_file(&path).or_else(missing_is_fine).map_err(failed)?;
            let folder = path.parent().unwrap_or(&path);
            if !is_there(&self.files().join(file.folder())) && !is_there(&self.folder.join(LINKS).join(file.folder())) {
                // Fails for one that is in use, as it should.
                let _ = fs::remove_dir(folder);
            }
            return Ok(());
        }
        fs::create_dir_all(store.root()).map_err(failed)?;
        let folder = store.make_folder(file.folder(), &mut Vec::new())?;
        let Some(link) = link else {
            return copy.map_or(Ok(()), |copy| restore(&folder, &path, &copy)).map_err(failed);
        };
        if fs::read_link(&path).ok().as_ref() != Some(&link) {
            fs::remove_file(&path).or_else(missing_is_fine).and_then(|()| make_link(&link, &path)).map_err(failed)?;
        }
        // The recorder writes through a link, so what it leads to is put back.
        let Some(copy) = copy else { return Ok(()) };
        let target = fs::canonicalize(&path).unwrap_or_else(|_| folder.join(&link));
        if same_bytes(&copy, &target).unwrap_or(false) {
            return Ok(());
        }
        restore(target.parent().unwrap_or(&folder), &target, &copy).map_err(failed)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if self.keeps {
            return;
        }
        // The mark is removed first and the lock last: after an interrupted removal the rest does not look like a copy,
        // and the next run removes it.
        let _ = fs::remove_file(self.folder.join(WHOLE));
        flush(&self.folder);
        drop(OwnedFolder::of_parts(std::mem::take(&mut self.folder), self.lock.take()));
    }
}
