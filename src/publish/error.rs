//! Why nothing was published.

use std::path::{Path, PathBuf};

use crate::base::disk;
use crate::diagnose::{Diagnostic, Exit, Place};

/// A publication failed; what was published before is intact.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Another run holds the output.
    #[error("another run holds {}", .0.display())]
    Locked(PathBuf),
    /// The operating system said no.
    #[error("the report cannot be written: {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        cause: std::io::Error,
    },
    /// A file could not be rendered.
    #[error("a file of the report cannot be made: {file}")]
    Render {
        /// Its path within the publication.
        file: String,
        /// What the writer said.
        cause: String,
    },
    /// The run that is asked for is not there.
    #[error("there is no published run {wanted}{}", in_folder(wanted, folder))]
    NoSuchRun {
        /// What was asked for.
        wanted: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The previous publication does not hold what its manifest says.
    #[error("the previous publication {run} is damaged")]
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
            PublishError::Io { cause, .. } if disk::trouble(cause).is_limit => Exit::Limit,
            PublishError::Io { .. } | PublishError::Render { .. } => Exit::Publication,
        }
    }

    /// What a run that it stopped says.
    pub fn diagnostic(&self) -> Diagnostic {
        const WITHOUT: &str = "`--previous none` runs without a comparison, and every finding is new";
        let (found, help) = match self {
            PublishError::Locked(_) => (String::new(), "wait for its end, or name another folder with `--out`".into()),
            PublishError::Io { cause, .. } => {
                let trouble = disk::trouble(cause);
                (trouble.found, format!("{}; the reports published before are intact", trouble.help))
            }
            PublishError::Render { cause, .. } => {
                (cause.clone(), "report it; the reports published before are intact".into())
            }
            PublishError::NoSuchRun { .. } => (String::new(), format!("name a published folder; {WITHOUT}")),
            PublishError::Previous { cause, .. } => {
                (cause.clone(), format!("bring back the folder from a copy of it, or take it away; {WITHOUT}"))
            }
        };
        Diagnostic {
            code: "RUN701",
            message: self.to_string(),
            place: Place::Nowhere,
            found,
            expected: String::new(),
            help,
            exit: self.exit(),
        }
    }

    pub(super) fn render(file: &str, cause: impl std::fmt::Display) -> PublishError {
        PublishError::Render { file: file.to_owned(), cause: cause.to_string() }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> PublishError + '_ {
        |cause| PublishError::Io { path: path.to_owned(), cause }
    }
}
