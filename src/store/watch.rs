//! Which recordings are read while another program runs, as the kernel reports: by any process, in any language.
//!
//! A file counts as read if bytes of it were read, or if it was opened for reading and closed: a reader that maps it
//! into memory reads no bytes. Listing a folder or reading a file's size does not count. The kernel does not report
//! which process read, so this process does not open a recording during the watch.

use std::collections::BTreeSet;

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// The recordings that were read, by their paths.
    pub read: BTreeSet<String>,
    /// Why more may have been read than that, if so.
    pub gap: Option<String>,
}

#[cfg(target_os = "linux")]
pub use linux::{IS_POSSIBLE, Watch, watch};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{IS_POSSIBLE, Watch, watch};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fs;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::JoinHandle;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use rustix::io::Errno;

    use crate::error::{Error, ErrorKind, Result};
    use crate::recording::file::{NOT_SEARCHED, RECORDINGS};
    use crate::store::folder::{MARKS_PRODUCTS, Store, walk};
    use crate::store::watch::Seen;

    /// Bytes of events that are taken at a time.
    const BUFFER: usize = 1 << 16;

    /// How long is waited for an event before it is looked whether the watch is over.
    const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

    /// What tells that a file is read.
    const READ: WatchFlags = WatchFlags::ACCESS.union(WatchFlags::CLOSE_NOWRITE);

    /// What tells that a folder has come.
    const CAME: WatchFlags = WatchFlags::CREATE.union(WatchFlags::MOVED_TO);

    /// A watch that is kept.
    #[derive(Debug)]
    pub struct Watch {
        over: Arc<AtomicBool>,
        thread: JoinHandle<Seen>,
    }

    /// Whether this system tells who reads what.
    pub const IS_POSSIBLE: bool = true;

    /// Watches every recording below the root, and every folder that may get recordings, from the return of this
    /// function on.
    pub fn watch(store: &Store) -> Result<Option<Watch>> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(|errno| failed(store.root(), errno, "fs.inotify.max_user_instances"))?;
        let mut listener =
            Listener { root: store.root().to_owned(), queue, watched: HashMap::new(), seen: Seen::default() };
        listener
            .add_tree(&listener.root.clone())
            .map_err(|(path, errno)| failed(&path, errno, "fs.inotify.max_user_watches"))?;
        let over = Arc::new(AtomicBool::new(false));
        let thread = {
            let over = Arc::clone(&over);
            std::thread::spawn(move || listener.listen(&over))
        };
        Ok(Some(Watch { over, thread }))
    }

    fn failed(path: &Path, errno: Errno, limit: &str) -> Error {
        let error = Error::io("cannot watch the folder", path.display(), &errno.into());
        match errno {
            Errno::NOSPC | Errno::MFILE => {
                error.hint(format!("raise the limit, for example with `sysctl {limit}=524288`"))
            }
            _ => error,
        }
    }

    impl Watch {
        /// Ends the watch. Everything that was read before is in what it gives.
        pub fn end(self) -> Seen {
            self.over.store(true, Ordering::SeqCst);
            let lost = || Seen { gap: Some("the watch ended early".to_owned()), ..Seen::default() };
            self.thread.join().unwrap_or_else(|_| lost())
        }
    }

    /// What a watch is on.
    enum WatchTarget {
        Folder(PathBuf),
        /// What a link leads to, and the path of the link.
        Target(String),
    }

    struct Listener {
        root: PathBuf,
        queue: OwnedFd,
        watched: HashMap<i32, WatchTarget>,
        seen: Seen,
    }

    impl Listener {
        fn add_tree(&mut self, folder: &Path) -> std::result::Result<(), (PathBuf, Errno)> {
            for entry in walk(folder) {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        match error.kind() {
                            // Nobody of this user reads there either.
                            ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => {}
                            // It was removed, or renamed like the cache that pytest makes: the new name is an event.
                            ErrorKind::Io(std::io::ErrorKind::NotFound) => {}
                            _ => self.gap(error.to_string()),
                        }
                        continue;
                    }
                };
                let path = entry.path();
                if entry.file_type().is_dir() {
                    let read = if is_recordings(path) { READ } else { WatchFlags::empty() };
                    self.add(path, CAME | read | WatchFlags::ONLYDIR, WatchTarget::Folder(path.to_owned()))?;
                } else if entry.path_is_symlink()
                    && let Some(path_below) = self.recording(path)
                {
                    self.add(path, READ, WatchTarget::Target(path_below))?;
                }
            }
            Ok(())
        }

        fn add(
            &mut self,
            path: &Path,
            flags: WatchFlags,
            what: WatchTarget,
        ) -> std::result::Result<(), (PathBuf, Errno)> {
            match inotify::add_watch(&self.queue, path, flags) {
                Ok(watch) => {
                    self.watched.insert(watch, what);
                    Ok(())
                }
                // It has gone again, leads nowhere, or is nothing that this user could read.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ACCESS) => Ok(()),
                Err(errno) => Err((path.to_owned(), errno)),
            }
        }

        /// The path of a recording below the root, if it is one.
        fn recording(&self, path: &Path) -> Option<String> {
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            let below = path.strip_prefix(&self.root).ok()?.to_str()?;
            (is_json && path.parent().is_some_and(is_recordings)).then(|| below.to_owned())
        }

        fn listen(mut self, over: &AtomicBool) -> Seen {
            let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
            loop {
                // Before the events are read, so that no old event is left.
                let last = over.load(Ordering::SeqCst);
                if let Err(errno) = self.take_all(&mut buffer) {
                    self.gap(format!("the events could not be read: {errno}"));
                    return self.seen;
                }
                if last {
                    return self.seen;
                }
                // An error here is one of the next reading too.
                let _ = poll(&mut [PollFd::new(&self.queue, PollFlags::IN)], Some(&PAUSE));
            }
        }

        fn take_all(&mut self, buffer: &mut [MaybeUninit<u8>]) -> std::result::Result<(), Errno> {
            let queue = self.queue.as_fd().try_clone_to_owned().map_err(|_| Errno::IO)?;
            let mut events = Reader::new(queue, buffer);
            loop {
                let event = match events.next() {
                    Ok(event) => event,
                    Err(Errno::AGAIN) => return Ok(()),
                    Err(Errno::INTR) => continue,
                    Err(errno) => return Err(errno),
                };
                let flags = event.events();
                let name = event.file_name().map(|name| std::ffi::OsStr::from_bytes(name.to_bytes()).to_owned());
                let watch = event.wd();
                if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                    self.gap("the kernel's queue of events overflowed (fs.inotify.max_queued_events)".to_owned());
                    continue;
                }
                self.hear(watch, flags, name.as_deref());
            }
        }

        fn hear(&mut self, watch: i32, flags: ReadFlags, name: Option<&std::ffi::OsStr>) {
            if flags.contains(ReadFlags::IGNORED) {
                self.watched.remove(&watch);
                return;
            }
            let is_read = flags.intersects(ReadFlags::ACCESS | ReadFlags::CLOSE_NOWRITE);
            match (self.watched.get(&watch), name) {
                (Some(WatchTarget::Target(path)), _) if is_read => {
                    self.seen.read.insert(path.clone());
                }
                (Some(WatchTarget::Folder(folder)), Some(name)) if flags.contains(ReadFlags::ISDIR) => {
                    let path = folder.join(name);
                    if flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO)
                        && self.is_searched(&path)
                        && let Err((path, errno)) = self.add_tree(&path)
                    {
                        self.gap(failed(&path, errno, "fs.inotify.max_user_watches").to_string());
                    }
                }
                (Some(WatchTarget::Folder(folder)), Some(name)) if is_read => {
                    if let Some(path) = self.recording(&folder.join(name)) {
                        self.seen.read.insert(path);
                    }
                }
                _ => {}
            }
        }

        /// Whether a new folder is searched for recordings: not if it has generated files, such as a virtual
        /// environment.
        fn is_searched(&self, folder: &Path) -> bool {
            let inside = |folder: &&Path| *folder != self.root;
            folder.ancestors().take_while(inside).all(|folder| {
                let is_product = MARKS_PRODUCTS.iter().any(|mark| fs::symlink_metadata(folder.join(mark)).is_ok());
                !is_product && !NOT_SEARCHED.iter().any(|name| folder.file_name().is_some_and(|own| own == *name))
            })
        }

        fn gap(&mut self, why: String) {
            self.seen.gap.get_or_insert(why);
        }
    }

    fn is_recordings(folder: &Path) -> bool {
        folder.file_name().is_some_and(|name| name == RECORDINGS)
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::error::Result;
    use crate::store::folder::Store;
    use crate::store::watch::Seen;

    /// Whether this system tells who reads what.
    pub const IS_POSSIBLE: bool = false;

    /// A watch; there is none on this system.
    #[derive(Debug)]
    pub enum Watch {}

    /// None: this system does not tell who reads what.
    pub fn watch(_: &Store) -> Result<Option<Watch>> {
        Ok(None)
    }

    impl Watch {
        /// Never called.
        pub fn end(self) -> Seen {
            match self {}
        }
    }
}
