//! One run at a time holds an output. The operating system frees the lock of a run that died.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::base::disk::{self, Operation};
use crate::publish::{PublishError, atomic};

const NAME: &str = ".lock";

/// A held output; dropped, it is free.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// Another run has it; the lock file cannot be made.
    pub fn take(folder: &Path) -> Result<Lock, PublishError> {
        let path = folder.join(NAME);
        let made = disk::step(Operation::Create, &path)
            .and_then(|_| atomic::private().create(true).truncate(false).open(&path));
        let file = made.map_err(PublishError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(PublishError::Locked(folder.to_owned())),
            Err(TryLockError::Error(cause)) => Err(PublishError::Io { path, cause }),
        }
    }
}
