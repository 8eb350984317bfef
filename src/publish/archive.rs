//! A published run, read back: its frames and the parts that lineage numbers name. Works offline, without the inputs.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, ParquetReader, PolarsResult, SerReader};

use crate::frame::lineage::{Part, Parts};
use crate::publish::PublishError;
use crate::publish::history::resolve;
use crate::vocab::{Kind, Word};

/// A published folder.
#[derive(Debug, Clone)]
pub struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// Opens a published folder, or the one that `latest` names in a folder.
    ///
    /// # Errors
    /// There is no publication.
    pub fn open(path: &Path) -> Result<Archive, PublishError> {
        Ok(Archive { folder: resolve(path)? })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A frame by its name.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn frame(&self, name: &str) -> PolarsResult<DataFrame> {
        ParquetReader::new(File::open(self.folder.join("data").join(format!("{name}.parquet")))?).finish()
    }

    /// The parts of the run.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn parts(&self) -> PolarsResult<Parts> {
        let frame = self.frame("parts")?;
        let text = |name: &str| frame.column(name)?.str();
        let (sources, kinds, paths, sheets, headers) =
            (text("source")?, text("kind")?, text("path")?, text("sheet")?, text("headers")?);
        let part = |row: usize| {
            let headers: BTreeMap<String, String> =
                headers.get(row).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
            let path = paths.get(row).unwrap_or_default().to_owned();
            Part {
                source: sources.get(row).unwrap_or_default().to_owned(),
                kind: kinds.get(row).and_then(Kind::of).unwrap_or(Kind::Orders),
                file: PathBuf::from(&path),
                path,
                sheet: sheets.get(row).map(str::to_owned),
                headers,
            }
        };
        Ok(Parts((0..frame.height()).map(part).collect()))
    }
}
