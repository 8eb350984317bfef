//! Files that appear whole or not at all: staged in a folder beside the target, synced, then renamed.
//!
//! The order matters: write, sync the file, sync the folders, rename, sync the parent.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

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
        let dir = builder.tempdir_in(folder).map_err(PublishError::io(folder))?;
        Ok(Stage { dir })
    }

    /// Makes a file and the folders it needs.
    ///
    /// # Errors
    /// It cannot be made, or is there already.
    pub fn create(&self, path: &str) -> Result<File, PublishError> {
        let full = self.dir.path().join(path);
        if let Some(parent) = full.parent() {
            make_folder(parent)?;
        }
        private().create_new(true).open(&full).map_err(PublishError::io(&full))
    }

    /// Writes a whole file and syncs it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let full = self.dir.path().join(path);
        let mut file = self.create(path)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(PublishError::io(&full))
    }

    /// Syncs a written file and says what the manifest says about it: digest and size of what is on the disk.
    ///
    /// # Errors
    /// It cannot be read or synced.
    pub fn seal(&self, path: &str) -> Result<Output, PublishError> {
        let full = self.dir.path().join(path);
        let digest = |mut file: File| -> std::io::Result<(String, u64)> {
            let mut hasher = Sha256::new();
            let mut block = vec![0; 1 << 16];
            let mut bytes = 0;
            loop {
                let read = file.read(&mut block)?;
                if read == 0 {
                    file.sync_all()?;
                    return Ok((hex(&hasher.finalize()), bytes));
                }
                hasher.update(&block[..read]);
                bytes += read as u64;
            }
        };
        let (sha256, bytes) = File::open(&full).and_then(digest).map_err(PublishError::io(&full))?;
        Ok(Output { path: path.to_owned(), sha256, bytes })
    }

    /// Renames the stage to `target`, whole.
    ///
    /// # Errors
    /// A folder cannot be synced or renamed; the stage is removed.
    pub fn commit(self, target: &Path) -> Result<PathBuf, PublishError> {
        let folders = walkdir::WalkDir::new(self.dir.path()).into_iter().filter_map(Result::ok);
        for folder in folders.filter(|entry| entry.file_type().is_dir()) {
            sync_folder(folder.path())?;
        }
        std::fs::rename(self.dir.path(), target).map_err(PublishError::io(target))?;
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
    let mut file = tempfile::Builder::new().prefix(STAGE).tempfile_in(parent).map_err(PublishError::io(parent))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(PublishError::io(path))?;
    file.persist(path).map_err(|error| PublishError::Io { path: path.to_owned(), cause: error.error })?;
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
    builder.create(path).map_err(PublishError::io(path))
}

/// Removes what an interrupted run staged; the caller holds the lock, so nobody is staging now.
///
/// # Errors
/// The folder cannot be read, or a leftover cannot be removed.
pub fn clear_leftovers(folder: &Path) -> Result<(), PublishError> {
    for entry in std::fs::read_dir(folder).map_err(PublishError::io(folder))? {
        let path = entry.map_err(PublishError::io(folder))?.path();
        let is_stage = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(STAGE));
        if is_stage {
            let is_folder = path.symlink_metadata().is_ok_and(|data| data.is_dir());
            let removed = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            removed.map_err(PublishError::io(&path))?;
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
    File::open(path).and_then(|folder| folder.sync_all()).map_err(PublishError::io(path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
