//! Why nothing was published.

use std::path::{Path, PathBuf};

use crate::diagnose::Exit;

/// A publication failed; what was published before is intact.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Another run holds the output.
    #[error("another run holds {}", .0.display())]
    Locked(PathBuf),
    /// The operating system said no.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        cause: std::io::Error,
    },
    /// A file could not be rendered.
    #[error("{file}: {cause}")]
    Render {
        /// Its path within the publication.
        file: String,
        /// What the writer said.
        cause: String,
    },
    /// The run named by `--previous` is not there.
    #[error("there is no published run {wanted}{}", in_folder(wanted, folder))]
    NoSuchRun {
        /// What was asked for.
        wanted: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The previous publication does not hold what its manifest says.
    #[error("the previous publication {run} cannot be read: {cause}")]
    Previous {
        /// Its name.
        run: String,
        /// What is wrong with it.
        cause: String,
    },
}

/// Where a run was looked for, if that says more than its name.
fn in_folder(wanted: &str, folder: &Path) -> String {
    if Path::new(wanted) == folder { String::new() } else { format!(" in {}", folder.display()) }
}

impl PublishError {
    /// The exit code that it leads to.
    pub fn exit(&self) -> Exit {
        match self {
            PublishError::Locked(_) => Exit::Locked,
            PublishError::NoSuchRun { .. } | PublishError::Previous { .. } => Exit::Usage,
            PublishError::Io { .. } | PublishError::Render { .. } => Exit::Publication,
        }
    }

    pub(super) fn render(file: &str, cause: impl std::fmt::Display) -> PublishError {
        PublishError::Render { file: file.to_owned(), cause: cause.to_string() }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> PublishError + '_ {
        |cause| PublishError::Io { path: path.to_owned(), cause }
    }
}
