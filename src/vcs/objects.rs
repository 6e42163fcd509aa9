//! The bytes of objects, as a checkout would write them: through the filters that the attributes of a path name, such as
//! those of Git LFS or git-crypt. Line endings are left as they are stored, whatever a user's settings make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::recording::MAX_FILE_BYTES;

use super::blob::GitContent;
use super::command::{self, no_git, words};
use super::repository::Git;

/// The bytes of each thing asked for, or why it has none.
type Bytes<K> = BTreeMap<K, std::result::Result<Vec<u8>, String>>;

/// Attributes by which a checkout changes the bytes of a file.
const CHANGING: [&str; 4] = ["filter", "eol", "ident", "working-tree-encoding"];

/// The settings by which line endings follow the system are left out: a recording has its own.
const LINE_ENDINGS: [&str; 4] = ["-c", "core.autocrlf=false", "-c", "core.eol=lf"];

impl Git {
    /// Reads files. One that git cannot give is an error.
    pub fn read(&self, files: impl IntoIterator<Item = GitContent>) -> Result<BTreeMap<GitContent, Vec<u8>>> {
        let files = self.read_each(files)?.into_iter();
        files.map(|(file, bytes)| Ok((file, bytes.map_err(|why| Error::new(why).at(self.root.display()))?))).collect()
    }

    /// Reads files, or says of each why it cannot be read.
    pub fn read_each(&self, files: impl IntoIterator<Item = GitContent>) -> Result<Bytes<GitContent>> {
        let files: BTreeSet<GitContent> = files.into_iter().collect();
        let changed = self.changed_by_checkout(&files)?;
        let (links, files): (Vec<GitContent>, Vec<GitContent>) = files.into_iter().partition(|file| file.is_link);
        let (changed, plain): (Vec<GitContent>, Vec<GitContent>) =
            files.into_iter().partition(|file| changed.contains_key(&file.path));
        let raw = self.raw_objects(plain.iter().chain(&links).map(|file| file.oid.clone()).collect())?;
        let given = |oid: &str| raw.get(oid).cloned().unwrap_or_else(|| Err(cannot_give(oid)));
        let mut read: Bytes<GitContent> = plain.into_iter().map(|file| (file.clone(), given(&file.oid))).collect();
        for link in links {
            let leads = given(&link.oid).map(|target| String::from_utf8_lossy(&target).into_owned());
            let why = leads.map_or_else(|why| why, |to| format!("a link to {to}, which is not in git"));
            read.insert(link, Err(why));
        }
        let names = self.checked_out(&changed)?;
        read.extend(names);
        Ok(read)
    }

    /// The objects as they are stored, each read once, in one process.
    pub(super) fn raw_objects(&self, oids: BTreeSet<String>) -> Result<Bytes<String>> {
        if oids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let failed = |error: std::io::Error| Error::io("git cat-file failed", self.root.display(), &error);
        let asked: String = oids.iter().map(|oid| format!("{oid}\n")).collect();
        let mut talk = Talk::begin(self.command(&["cat-file", "--batch", "--buffer"]), asked.into_bytes())?;
        let mut blobs = BTreeMap::new();
        for oid in oids {
            let mut head = String::new();
            talk.output.read_line(&mut head).map_err(failed)?;
            let bytes = match head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) {
                // `<oid> missing`
                None => Err(cannot_give(&oid)),
                Some(size) if size > MAX_FILE_BYTES => {
                    let rest = &mut (&mut talk.output).take(size + 1);
                    std::io::copy(rest, &mut std::io::sink()).map_err(failed)?;
                    Err(too_large())
                }
                Some(size) => {
                    let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
                    talk.output.read_exact(&mut bytes).map_err(failed)?;
                    talk.output.read_exact(&mut [0]).map_err(failed)?;
                    Ok(bytes)
                }
            };
            blobs.insert(oid, bytes);
        }
        talk.end()?;
        Ok(blobs)
    }

    /// The paths whose bytes a checkout changes, with the filter that does it, or another attribute.
    fn changed_by_checkout(&self, files: &BTreeSet<GitContent>) -> Result<BTreeMap<Vec<u8>, String>> {
        if files.is_empty() {
            return Ok(BTreeMap::new());
        }
        let asked: Vec<u8> = files.iter().flat_map(|file| file.path.iter().copied().chain([0])).collect();
        // From the top, as the paths are.
        let args = [&["check-attr", "-z", "--stdin"][..], &CHANGING].concat();
        let mut talk = Talk::begin(self.at_top(&args), asked)?;
        let mut printed = Vec::new();
        talk.output.read_to_end(&mut printed).map_err(|error| no_git(&error))?;
        talk.end()?;
        // `<path> NUL <attribute> NUL <value> NUL`
        let words: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
        let changes = |attribute: &[u8], value: &[u8]| match attribute {
            b"eol" => value == b"crlf",
            b"ident" => value == b"set",
            _ => !matches!(value, b"unspecified" | b"unset" | b"set" | b""),
        };
        let changed = words.chunks_exact(3).filter(|three| changes(three[1], three[2]));
        Ok(changed.map(|three| (three[0].to_vec(), String::from_utf8_lossy(three[2]).into_owned())).collect())
    }

    /// Files through their filters: all of them in one process, and where that fails each in its own.
    fn checked_out(&self, files: &[GitContent]) -> Result<Bytes<GitContent>> {
        if files.is_empty() {
            return Ok(BTreeMap::new());
        }
        // The size that git prints is that of the object, so a mark that nobody can guess says where a file begins.
        let mark = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let batch = format!("--batch={mark} %(objecttype)");
        if !files.iter().any(|file| file.path.contains(&b'\n')) {
            let asked = files.iter().flat_map(|file| [file.oid.as_bytes(), b" ", &file.path, b"\n"].concat()).collect();
            let args = [&LINE_ENDINGS[..], &["cat-file", &batch, "--filters"]].concat();
            let mut talk = Talk::begin(self.at_top(&args), asked)?;
            let limit = MAX_FILE_BYTES.saturating_mul(2);
            let mut printed = Vec::new();
            let read = (&mut talk.output).take(limit).read_to_end(&mut printed);
            let is_whole = (printed.len() as u64) < limit;
            let said_nothing = talk.end_quietly();
            if read.is_ok() && is_whole && said_nothing {
                let head = format!("{mark} blob\n");
                let parts: Vec<&[u8]> = split(&printed, head.as_bytes()).skip(1).collect();
                if parts.len() == files.len() {
                    let bytes = parts.into_iter().map(|part| within(part.strip_suffix(b"\n").unwrap_or(part)));
                    return Ok(files.iter().cloned().zip(bytes).collect());
                }
            }
        }
        files.iter().map(|file| Ok((file.clone(), self.checked_out_alone(file)?))).collect()
    }

    fn checked_out_alone(&self, file: &GitContent) -> Result<std::result::Result<Vec<u8>, String>> {
        #[cfg(unix)]
        let path: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(file.path.as_slice());
        #[cfg(not(unix))]
        let path = std::ffi::OsString::from(String::from_utf8_lossy(&file.path).into_owned());
        let mut option = std::ffi::OsString::from("--path=");
        option.push(path);
        let mut command = self.at_top(&[&LINE_ENDINGS[..], &["cat-file", "--filters"]].concat());
        let output = command.arg(option).arg(&file.oid).output().map_err(|error| no_git(&error))?;
        let said = words(&String::from_utf8_lossy(&output.stderr));
        let filter = "git stores it through a filter, which failed";
        if !output.status.success() {
            return Ok(Err(format!("{filter}: {}", said.unwrap_or_else(|| "no reason was given".to_owned()))));
        }
        // A filter that is not required may fail; git then prints the stored object.
        if let Some(said) = said
            && self.raw_objects([file.oid.clone()].into())?.get(&file.oid) == Some(&Ok(output.stdout.clone()))
        {
            return Ok(Err(format!("{filter}: {said}")));
        }
        Ok(within(&output.stdout))
    }

    /// A call from the top of the work tree.
    fn at_top(&self, args: &[&str]) -> Command {
        let above = self.prefix.iter().filter(|byte| **byte == b'/').count();
        let top = self.root.ancestors().nth(above).unwrap_or(&self.root);
        command::command(Some(top), &self.way, true, args)
    }
}

fn within(bytes: &[u8]) -> std::result::Result<Vec<u8>, String> {
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes.to_vec()) }
}

fn too_large() -> String {
    format!("larger than {} MiB", MAX_FILE_BYTES >> 20)
}

fn cannot_give(oid: &str) -> String {
    format!("git cannot give the object {oid}; if the clone is partial, `git fetch --refetch --no-filter` completes it")
}

/// The parts of `bytes` before, between and after each `mark`.
fn split<'a>(bytes: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let finder = memchr::memmem::Finder::new(mark);
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let here = rest?;
        match finder.find(here) {
            Some(at) => {
                rest = Some(&here[at + mark.len()..]);
                Some(&here[..at])
            }
            None => rest.take(),
        }
    })
}

/// A git process that reads object names from its standard input.
struct Talk {
    child: std::process::Child,
    output: BufReader<std::process::ChildStdout>,
    writer: std::thread::JoinHandle<std::io::Result<()>>,
    errors: std::thread::JoinHandle<Vec<u8>>,
}

impl Talk {
    fn begin(mut command: Command, asked: Vec<u8>) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(|error| no_git(&error))?;
        let mut input = child.stdin.take().expect("standard input is piped");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut stderr = child.stderr.take().expect("standard error is piped");
        // Beside the reading, so that neither side waits for the other with a full pipe.
        let writer = std::thread::spawn(move || input.write_all(&asked));
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What could be read before an error counts; the rest is taken away, so that git does not wait.
            let _ = (&mut stderr).take(1 << 16).read_to_end(&mut bytes);
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            bytes
        });
        Ok(Talk { child, output, writer, errors })
    }

    /// Waits for the end. Whether all that was asked was taken is seen by the answers.
    fn end(self) -> Result<()> {
        self.end_quietly();
        Ok(())
    }

    /// Waits for the end, and says whether git succeeded without a word.
    fn end_quietly(mut self) -> bool {
        drop(self.output);
        let ended = self.child.wait();
        let _ = self.writer.join();
        let said = self.errors.join().unwrap_or_default();
        ended.is_ok_and(|status| status.success()) && said.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn parts_are_cut_at_the_mark() {
        let parts: Vec<&[u8]> = split(b"m:a\nm:\nm:b\n", b"m:").collect();
        assert_eq!(parts, [&b""[..], b"a\n", b"\n", b"b\n"]);
    }
}
