//! Operations on files, as ingest and publish do them: one place that tests let fail, and one that says in our words why the system
//! refused.

use std::fs::{DirBuilder, File, OpenOptions, ReadDir};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What is done to a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Opens what is there.
    Open,
    /// Makes a file.
    Create,
    /// Makes a folder.
    MakeFolder,
    /// Reads a file, or a piece of it.
    Read,
    /// Writes a piece of a file.
    Write,
    /// Makes a file, or the names in a folder, durable.
    Sync,
    /// Gives another name.
    Rename,
    /// Removes a file or a folder.
    Remove,
    /// Lists a folder.
    List,
    /// Asks for size, time and identity.
    Ask,
}

/// How much of an operation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// All of it.
    Whole,
    /// Half the bytes of a write; the caller is told how many.
    Half,
}

/// Comes before every operation. Nothing happens here, but in tests that inject a fault.
///
/// # Errors
/// The fault that a test injects.
#[cfg(not(test))]
#[inline(always)]
pub fn step(_: Operation, _: &Path) -> Result<Course> {
    Ok(Course::Whole)
}

#[cfg(test)]
pub use faults::step;

/// An open file that knows its path, and keeps the first error of a write for whoever only gets to see what a library made of it.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    path: PathBuf,
    refusal: Arc<OnceLock<Error>>,
}

impl DiskFile {
    /// Opens a file to be read.
    ///
    /// # Errors
    /// The system refuses.
    pub fn open(path: &Path) -> Result<DiskFile> {
        step(Operation::Open, path)?;
        Ok(DiskFile::of(File::open(path)?, path))
    }

    /// Makes a file by these options.
    ///
    /// # Errors
    /// The system refuses.
    pub fn create(path: &Path, options: &OpenOptions) -> Result<DiskFile> {
        step(Operation::Create, path)?;
        Ok(DiskFile::of(options.open(path)?, path))
    }

    /// A file that is open already.
    pub fn of(file: File, path: &Path) -> DiskFile {
        DiskFile { file, path: path.to_owned(), refusal: Arc::default() }
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// The system refuses.
    pub fn sync(&self) -> Result<()> {
        step(Operation::Sync, &self.path)?;
        self.file.sync_all()
    }

    /// Appends up to `most` bytes of the file; says how many. Fewer than `most` are all that there are.
    ///
    /// # Errors
    /// The system refuses; what was read before stands in `bytes`.
    pub fn append_to(&mut self, bytes: &mut Vec<u8>, most: u64) -> Result<usize> {
        step(Operation::Read, &self.path)?;
        Read::by_ref(&mut self.file).take(most).read_to_end(bytes)
    }

    /// The first error of a write, while or after the file is written.
    pub fn refusal(&self) -> Arc<OnceLock<Error>> {
        Arc::clone(&self.refusal)
    }

    fn written(&mut self, bytes: &[u8]) -> Result<usize> {
        let whole = step(Operation::Write, &self.path)? == Course::Whole || bytes.len() < 2;
        self.file.write(if whole { bytes } else { &bytes[..bytes.len() / 2] })
    }
}

impl Read for DiskFile {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        step(Operation::Read, &self.path)?;
        self.file.read(bytes)
    }
}

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.written(bytes).inspect_err(|error| drop(self.refusal.set(alike(error))))
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

impl Seek for DiskFile {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.file.seek(to)
    }
}

/// The bytes of a file.
///
/// # Errors
/// The system refuses.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    step(Operation::Open, path)?;
    step(Operation::Read, path)?;
    std::fs::read(path)
}

/// The entries of a folder.
///
/// # Errors
/// The system refuses.
pub fn list(path: &Path) -> Result<ReadDir> {
    step(Operation::List, path)?;
    std::fs::read_dir(path)
}

/// Kind and size of a file or folder.
///
/// # Errors
/// The system refuses.
pub fn metadata(path: &Path) -> Result<std::fs::Metadata> {
    step(Operation::Ask, path)?;
    path.metadata()
}

/// Makes a folder and its parents by this builder.
///
/// # Errors
/// The system refuses.
pub fn make_folder(path: &Path, builder: &DirBuilder) -> Result<()> {
    step(Operation::MakeFolder, path)?;
    builder.create(path)
}

/// Gives a file or a folder another name.
///
/// # Errors
/// The system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    step(Operation::Rename, to)?;
    std::fs::rename(from, to)
}

/// Removes a file, or a folder and all in it.
///
/// # Errors
/// The system refuses.
pub fn remove(path: &Path) -> Result<()> {
    step(Operation::Remove, path)?;
    if path.symlink_metadata()?.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// An error that says the same.
fn alike(error: &Error) -> Error {
    error.raw_os_error().map_or_else(|| Error::new(error.kind(), error.to_string()), Error::from_raw_os_error)
}

/// Why the system refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In our words, with the system's behind them.
    pub found: String,
    /// What to do.
    pub help: &'static str,
    /// A limit of the process, and nothing about the file.
    pub is_limit: bool,
}

/// `EMFILE` and `ENFILE`, which have no kind of their own.
const TOO_MANY_FILES: [i32; 2] = [24, 23];
/// `EIO`, which has none either.
const FAILED: i32 = 5;

/// What the error of an operation on a file means to a person.
pub fn trouble(error: &Error) -> Trouble {
    const ROOM: &str = "make room on that disk, and run again";
    const RIGHTS: &str = "give the user that runs trueup the right to it";
    let code = if cfg!(unix) { error.raw_os_error() } else { None };
    let is_limit = code.is_some_and(|code| TOO_MANY_FILES.contains(&code));
    let (what, help) = match error.kind() {
        _ if is_limit => ("too many open files", "raise the limit of open files (`ulimit -n`), and run again"),
        ErrorKind::StorageFull | ErrorKind::WriteZero => ("the disk is full", ROOM),
        ErrorKind::QuotaExceeded => ("the quota of the disk is used up", ROOM),
        ErrorKind::FileTooLarge => ("the file is larger than the disk or a limit (`ulimit -f`) allows", ROOM),
        ErrorKind::ReadOnlyFilesystem => ("the disk can only be read", "mount it for writing, or name another folder"),
        ErrorKind::PermissionDenied => ("no right to it", RIGHTS),
        ErrorKind::NotFound => ("it is not there", "bring it back, or mount the disk on which it lies"),
        ErrorKind::NotADirectory => ("a file stands where a folder must be", "move that file, or name another folder"),
        ErrorKind::IsADirectory => ("a folder stands where a file must be", "move that folder away"),
        ErrorKind::AlreadyExists => ("another file stands there already", "move that file, or name another folder"),
        ErrorKind::UnexpectedEof => ("the file ends too early", "bring the whole file back"),
        ErrorKind::OutOfMemory => ("there is not enough memory", "give the process more memory, and run again"),
        ErrorKind::StaleNetworkFileHandle => ("the network disk is gone", "mount it again, and run again"),
        _ if code == Some(FAILED) => ("the disk failed", "check the disk, and run again"),
        _ => ("the system refused", "mend what the system names, and run again"),
    };
    Trouble { found: format!("{what} ({error})"), help, is_limit }
}

#[cfg(test)]
pub mod faults {
    //! Faults that a test injects below a folder of its own: other tests do not meet them.

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, PoisonError};

    use super::{Arc, Course, Error, Operation, Path, PathBuf, Result};

    /// What a test does at an operation.
    type Act = Box<dyn Fn(Operation, &Path) + Send + Sync>;

    /// What happens at an operation.
    pub enum Fault {
        /// It fails with this number of the system.
        Code(i32),
        /// A write writes half, and says so.
        ShortWrite,
        /// The process ends as by `kill -9`.
        Kill,
        /// The test does something first; the operation takes place.
        Act(Act),
    }

    struct Injected {
        under: PathBuf,
        /// From 0; `usize::MAX`: never.
        at: usize,
        is_for_ever: bool,
        fault: Fault,
        count: AtomicUsize,
    }

    static INJECTED: Mutex<Vec<Arc<Injected>>> = Mutex::new(Vec::new());

    /// The fault, until it is dropped.
    pub struct Guard(Arc<Injected>);

    impl Guard {
        /// Operations below the folder so far.
        pub fn seen(&self) -> usize {
            self.0.count.load(Ordering::SeqCst)
        }
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            INJECTED.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, &self.0));
        }
    }

    /// Lets the operation of this number below `under`, and with `is_for_ever` each one after it, meet a fault.
    pub fn inject(under: &Path, at: usize, is_for_ever: bool, fault: Fault) -> Guard {
        let injected = Injected { under: under.to_owned(), at, is_for_ever, fault, count: AtomicUsize::new(0) };
        let injected = Arc::new(injected);
        INJECTED.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&injected));
        Guard(injected)
    }

    /// Comes before every operation.
    ///
    /// # Errors
    /// The injected fault.
    pub fn step(operation: Operation, path: &Path) -> Result<Course> {
        let here: Vec<Arc<Injected>> = {
            let injected = INJECTED.lock().unwrap_or_else(PoisonError::into_inner);
            injected.iter().filter(|injected| path.starts_with(&injected.under)).cloned().collect()
        };
        for injected in here {
            let number = injected.count.fetch_add(1, Ordering::SeqCst);
            // A write that was cut by the end of the process.
            let is_torn = matches!(injected.fault, Fault::Kill) && number + 1 == injected.at;
            if is_torn && operation == Operation::Write {
                return Ok(Course::Half);
            }
            if number == injected.at || (injected.is_for_ever && number > injected.at) {
                match &injected.fault {
                    Fault::Code(code) => return Err(Error::from_raw_os_error(*code)),
                    Fault::ShortWrite => return Ok(Course::Half),
                    Fault::Kill => std::process::abort(),
                    Fault::Act(act) => act(operation, path),
                }
            }
        }
        Ok(Course::Whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_told_in_our_words() {
        let told = |code| trouble(&Error::from_raw_os_error(code));
        for (code, words) in [
            (28, "the disk is full"),
            (122, "the quota of the disk is used up"),
            (30, "the disk can only be read"),
            (13, "no right to it"),
            (2, "it is not there"),
            (20, "a file stands where a folder must be"),
            (21, "a folder stands where a file must be"),
            (5, "the disk failed"),
            (24, "too many open files"),
            (23, "too many open files"),
            (71, "the system refused"),
        ] {
            let trouble = told(code);
            assert!(trouble.found.starts_with(&format!("{words} (")), "{}", trouble.found);
            assert!(trouble.found.contains(&format!("os error {code}")) && !trouble.help.is_empty());
            assert_eq!(trouble.is_limit, matches!(code, 23 | 24), "{code}");
        }
    }

    #[test]
    fn a_short_write_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let _guard = faults::inject(folder.path(), 0, true, faults::Fault::ShortWrite);
        let mut file = DiskFile::create(&path, OpenOptions::new().write(true).create_new(true)).unwrap();
        assert_eq!(file.write(b"abcd").unwrap(), 2);
        file.write_all(b"cdefghij").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcdefghij");
    }
}
