//! Files that appear whole or not at all: staged in a folder beside the target, synced, then renamed.
//!
//! The order matters: write, sync the file, sync the folders, rename, sync the parent.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::base::disk::{self, DiskFile, Operation};
use crate::publish::PublishError;
use crate::report::manifest::Output;

const STAGE: &str = ".stage-";

/// A publication in the making; dropped without a commit, it leaves nothing.
#[derive(Debug)]
pub struct Stage {
    dir: TempDir,
}

impl Stage {
    /// Makes a stage beside the publications in `folder`, on the same file system.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn new(folder: &Path) -> Result<Stage, PublishError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(STAGE);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let made = disk::step(Operation::MakeFolder, folder).and_then(|_| builder.tempdir_in(folder));
        let dir = made.map_err(PublishError::io(folder))?;
        Ok(Stage { dir })
    }

    /// Makes a file and the folders it needs.
    ///
    /// # Errors
    /// It cannot be made, or is there already.
    pub fn create(&self, path: &str) -> Result<DiskFile, PublishError> {
        let full = self.dir.path().join(path);
        if let Some(parent) = full.parent() {
            make_folder(parent)?;
        }
        DiskFile::create(&full, private().create_new(true)).map_err(PublishError::io(&full))
    }

    /// Writes a whole file and syncs it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let full = self.dir.path().join(path);
        let mut file = self.create(path)?;
        file.write_all(bytes).and_then(|()| file.sync()).map_err(PublishError::io(&full))
    }

    /// Makes a file that a library writes. Whatever the library makes of an error of the disk, it is told as one.
    ///
    /// # Errors
    /// It cannot be made or written, or the library cannot render it.
    pub fn fill<E: std::fmt::Display>(
        &self,
        path: &str,
        write: impl FnOnce(DiskFile) -> Result<(), E>,
    ) -> Result<(), PublishError> {
        let file = self.create(path)?;
        let refusal = file.refusal();
        write(file).map_err(|error| match Arc::into_inner(refusal).and_then(OnceLock::into_inner) {
            Some(cause) => PublishError::Io { path: self.dir.path().join(path), cause },
            None => PublishError::render(path, error),
        })
    }

    /// Syncs a written file and says what the manifest says about it: digest and size of what is on the disk.
    ///
    /// # Errors
    /// It cannot be read or synced.
    pub fn seal(&self, path: &str) -> Result<Output, PublishError> {
        let full = self.dir.path().join(path);
        let digest = |mut file: DiskFile| -> std::io::Result<(String, u64)> {
            let mut hasher = Sha256::new();
            let mut block = vec![0; 1 << 16];
            let mut bytes = 0;
            loop {
                let read = file.read(&mut block)?;
                if read == 0 {
                    file.sync()?;
                    return Ok((hex(&hasher.finalize()), bytes));
                }
                hasher.update(&block[..read]);
                bytes += read as u64;
            }
        };
        let (sha256, bytes) = DiskFile::open(&full).and_then(digest).map_err(PublishError::io(&full))?;
        Ok(Output { path: path.to_owned(), sha256, bytes })
    }

    /// Renames the stage to `target`, whole.
    ///
    /// # Errors
    /// A folder cannot be synced or renamed; the stage is removed.
    pub fn commit(self, target: &Path) -> Result<PathBuf, PublishError> {
        for entry in walkdir::WalkDir::new(self.dir.path()) {
            let entry = entry.map_err(|error| PublishError::io(self.dir.path())(error.into()))?;
            if entry.file_type().is_dir() {
                sync_folder(entry.path())?;
            }
        }
        disk::rename(self.dir.path(), target).map_err(PublishError::io(target))?;
        // It is no longer where the guard would look for it.
        let _ = self.dir.keep();
        if let Some(parent) = target.parent() {
            sync_folder(parent)?;
        }
        Ok(target.to_owned())
    }
}

/// Hexadecimal digits of a digest.
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces a small file by a synced rename.
///
/// # Errors
/// It cannot be written or renamed; the old one is intact.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let replaced = || {
        disk::step(Operation::Create, path)?;
        let (file, staged) = tempfile::Builder::new().prefix(STAGE).tempfile_in(parent)?.into_parts();
        let mut file = DiskFile::of(file, path);
        file.write_all(bytes)?;
        file.sync()?;
        disk::step(Operation::Rename, path)?;
        staged.persist(path).map_err(|error| error.error)
    };
    replaced().map_err(PublishError::io(path))?;
    sync_folder(parent)
}

/// Makes a folder and its parents, readable by their owner only.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(path: &Path) -> Result<(), PublishError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    disk::make_folder(path, &builder).map_err(PublishError::io(path))
}

/// Removes what an interrupted run staged; the caller holds the lock, so nobody is staging now.
///
/// # Errors
/// The folder cannot be read, or a leftover cannot be removed.
pub fn clear_leftovers(folder: &Path) -> Result<(), PublishError> {
    for entry in disk::list(folder).map_err(PublishError::io(folder))? {
        let path = entry.map_err(PublishError::io(folder))?.path();
        let is_stage = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(STAGE));
        if is_stage {
            disk::remove(&path).map_err(PublishError::io(&path))?;
        }
    }
    Ok(())
}

/// Options of a file that only its owner reads.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the names in a folder durable. Only Unix lets a folder be opened for that.
fn sync_folder(path: &Path) -> Result<(), PublishError> {
    #[cfg(unix)]
    DiskFile::open(path).and_then(|folder| folder.sync()).map_err(PublishError::io(path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
