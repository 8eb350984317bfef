//! Past publications: their names, their order, and the one that a run is compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::base::as_of::AsOf;
use crate::base::disk;
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame};
use crate::frame::findings;
use crate::ingest::previous::{PreviousFile, PreviousInputs, compared_columns, keyed_kinds};
use crate::publish::copies::{self, Ground};
use crate::publish::{PublishError, atomic, parquet};
use crate::report::PreviousRun;
use crate::report::lists::accounts;
use crate::report::manifest::Output;
use crate::vocab::Kind;

/// Name of the manifest's file.
pub const MANIFEST: &str = "run.json";

/// Name of the file that names the newest publication.
pub const LATEST: &str = "latest";

/// The name of a publication: `2026-12-11`, `2026-12-11.2`, … Ordered by date, then version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunName {
    /// The as-of date.
    pub as_of: NaiveDate,
    /// From 1; 1 is not written.
    pub version: u32,
}

/// Which publication a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The highest one with a strictly earlier as-of date.
    Highest,
    /// None.
    Nothing,
    /// This one: a name, the path of a published folder, or a folder that holds `latest`.
    Run(String),
}

/// The publication that a run is compared with.
#[derive(Debug, Clone)]
pub struct Previous {
    /// As the manifest names it.
    pub run: PreviousRun,
    /// Its as-of date.
    pub as_of: NaiveDate,
    /// Its folder.
    pub folder: PathBuf,
    /// Its findings ([`crate::frame::findings`]).
    pub findings: DataFrame,
    /// What it resolved; same columns.
    pub resolved: DataFrame,
    /// What it had read.
    pub inputs: PreviousInputs,
    outputs: Vec<Output>,
}

impl Previous {
    /// Columns of one of its frames.
    ///
    /// # Errors
    /// The frame is not there, or not as the manifest lists it.
    pub fn frame(&self, frame: &Frame, columns: &[Column]) -> Result<DataFrame, PublishError> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let published = Published { name: &self.run.name, folder: &self.folder, outputs: &self.outputs };
        let rows = published.frame(frame.name, Some(&copies::read_for(frame, &names)))?;
        let broken = |error: PolarsError| published.broken(error.to_string());
        let ground = || {
            let parts = published.frame("parts", Some(&copies::PARTS))?;
            let accounts = published.frame(accounts::NAME, Some(&copies::ACCOUNTS))?;
            Ground::of(&parts, &accounts, AsOf(self.as_of)).map_err(broken)
        };
        let canonical = |kind, names: &[&str], _: &[u64]| published.frame(frame_of(kind).name, Some(names));
        copies::put_back(frame, &names, rows, ground, canonical, broken)
    }
}

impl std::fmt::Display for RunName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.as_of)?;
        if self.version > 1 { write!(f, ".{}", self.version) } else { Ok(()) }
    }
}

impl RunName {
    /// The name in a folder's name; `None` for anything else.
    pub fn parse(text: &str) -> Option<RunName> {
        let (date, version) = match text.split_once('.') {
            Some((date, version)) => (date, version.parse().ok().filter(|version| *version > 1)?),
            None => (text, 1),
        };
        let name = RunName { as_of: date.parse().ok()?, version };
        (name.to_string() == text).then_some(name)
    }
}

/// The publications in `<out>/<pipeline>`, in order. Only a folder with a manifest is one.
///
/// # Errors
/// The folder cannot be read; one that is not there has no publication.
pub fn publications(folder: &Path) -> Result<Vec<RunName>, PublishError> {
    let mut names = published_names(folder)?;
    names.retain(|name| folder.join(name.to_string()).join(MANIFEST).is_file());
    Ok(names)
}

/// The folders that have the name of a publication: one without a manifest has lost it, as it is renamed there whole.
fn published_names(folder: &Path) -> Result<Vec<RunName>, PublishError> {
    let entries = match disk::list(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(PublishError::Io { path: folder.to_owned(), cause }),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(PublishError::io(folder))?;
        names.extend(entry.file_name().to_str().and_then(RunName::parse).filter(|_| entry.path().is_dir()));
    }
    names.sort_unstable();
    Ok(names)
}

/// A file of the previous publication that cannot be read.
fn lost(run: &str, path: &Path, file: &str, cause: std::io::Error) -> PublishError {
    let trouble = disk::trouble(&cause);
    match trouble.is_limit {
        true => PublishError::Io { path: path.to_owned(), cause },
        false => PublishError::Previous { run: run.to_owned(), cause: format!("{file}: {}", trouble.found) },
    }
}

/// The published folder that a person means: a published folder itself, or a folder that holds `latest`.
///
/// # Errors
/// Neither is there.
pub fn resolve(path: &Path) -> Result<PathBuf, PublishError> {
    if path.join(MANIFEST).is_file() {
        return Ok(path.to_owned());
    }
    let missing = || PublishError::NoSuchRun { wanted: path.display().to_string(), folder: path.to_owned() };
    let latest = disk::read(&path.join(LATEST)).map_err(|_| missing())?;
    let latest = String::from_utf8_lossy(&latest);
    let named = RunName::parse(latest.trim()).ok_or_else(missing)?;
    let folder = path.join(named.to_string());
    match folder.join(MANIFEST).is_file() {
        true => Ok(folder),
        false => Err(PublishError::Previous {
            run: named.to_string(),
            cause: format!("{LATEST} names it, and it has no {MANIFEST}"),
        }),
    }
}

/// The publication that a run of `as_of` is compared with.
///
/// # Errors
/// The run asked for is not there; its files are not those of its manifest.
pub fn previous(
    out: &Path,
    pipeline: &str,
    as_of: NaiveDate,
    wanted: &Wanted,
) -> Result<Option<Previous>, PublishError> {
    let folder = out.join(pipeline);
    let published = match wanted {
        Wanted::Nothing => return Ok(None),
        Wanted::Highest => {
            let earlier = published_names(&folder)?.into_iter().filter(|name| name.as_of < as_of).max();
            match earlier {
                Some(name) => folder.join(name.to_string()),
                None => return Ok(None),
            }
        }
        Wanted::Run(text) => {
            let by_name = RunName::parse(text).map(|name| folder.join(name.to_string()));
            match by_name {
                Some(named) if named.join(MANIFEST).is_file() => named,
                Some(_) => return Err(PublishError::NoSuchRun { wanted: text.clone(), folder }),
                None => resolve(Path::new(text))?,
            }
        }
    };
    load(&published).map(Some)
}

fn load(folder: &Path) -> Result<Previous, PublishError> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let path = folder.join(MANIFEST);
    let broken = |cause| PublishError::Previous { run: name.clone(), cause };
    let manifest = disk::read(&path).map_err(|error| lost(&name, &path, MANIFEST, error))?;
    let written: Written = serde_json::from_slice(&manifest)
        .map_err(|error| broken(format!("{MANIFEST} is not the manifest of a run: {error}")))?;
    let published = Published { name: &name, folder, outputs: &written.outputs };
    published.check_files()?;
    let columns: Vec<&str> = findings::COLUMNS.iter().map(|column| column.name).collect();
    let findings = published.frame(findings::FRAME.name, Some(&columns))?;
    let resolved = published.frame(findings::RESOLVED, Some(&columns))?;
    let inputs = published.inputs(written.inputs)?;
    Ok(Previous {
        run: PreviousRun { name: name.clone(), manifest_sha256: atomic::hex(&Sha256::digest(&manifest)) },
        as_of: written.as_of,
        folder: folder.to_owned(),
        findings,
        resolved,
        inputs,
        outputs: written.outputs,
    })
}

/// A publication whose frames are read.
struct Published<'run> {
    name: &'run str,
    folder: &'run Path,
    outputs: &'run [Output],
}

impl Published<'_> {
    fn broken(&self, cause: String) -> PublishError {
        PublishError::Previous { run: self.name.to_owned(), cause }
    }

    /// All files that the manifest lists are there. Those that are read are compared by their digest; people fill in columns of workbooks.
    fn check_files(&self) -> Result<(), PublishError> {
        for output in self.outputs {
            let path = self.folder.join(&output.path);
            let found = disk::metadata(&path).map_err(|error| lost(self.name, &path, &output.path, error))?;
            if !found.is_file() {
                return Err(self.broken(format!("{} is not the file that its manifest lists", output.path)));
            }
        }
        Ok(())
    }

    /// A frame, or some of its columns; the file must be the one that the manifest lists.
    fn frame(&self, name: &str, columns: Option<&[&str]>) -> Result<DataFrame, PublishError> {
        let file = format!("data/{name}.parquet");
        let listed = self.outputs.iter().find(|output| output.path == file);
        let listed = listed.ok_or_else(|| self.broken(format!("its manifest does not list {file}")))?;
        let path = self.folder.join(&file);
        let bytes = disk::read(&path).map_err(|error| lost(self.name, &path, &file, error))?;
        if atomic::hex(&Sha256::digest(&bytes)) != listed.sha256 {
            return Err(self.broken(format!("{file} is not the file that its manifest lists")));
        }
        parquet::read(&bytes, columns).map_err(|error| self.broken(format!("{file}: {error}")))
    }

    fn inputs(&self, inputs: Vec<WrittenInput>) -> Result<PreviousInputs, PublishError> {
        let parts = self.frame("parts", Some(&["source"]))?;
        let sources = parts.column("source").and_then(|column| column.str());
        let sources = sources.map_err(|error| self.broken(error.to_string()))?;
        let kinds: Vec<Kind> = keyed_kinds().collect();
        let rows: Result<BTreeMap<Kind, DataFrame>, PublishError> = kinds
            .into_par_iter()
            .map(|kind| Ok((kind, self.frame(frame_of(kind).name, Some(&compared_columns(kind)))?)))
            .collect();
        Ok(PreviousInputs {
            run: self.name.to_owned(),
            files: inputs.into_iter().map(WrittenInput::file).collect(),
            rows: rows?,
            part_sources: sources.iter().map(|source| source.unwrap_or_default().to_owned()).collect(),
        })
    }
}

/// What is read of a published manifest.
#[derive(serde::Deserialize)]
struct Written {
    as_of: NaiveDate,
    inputs: Vec<WrittenInput>,
    outputs: Vec<Output>,
}

/// What is read of an input's entry.
#[derive(serde::Deserialize)]
struct WrittenInput {
    path: String,
    source: String,
    sha256: String,
    headers: Vec<WrittenHeaders>,
}

/// The headers of a part.
#[derive(serde::Deserialize)]
struct WrittenHeaders {
    written: Vec<String>,
}

impl WrittenInput {
    fn file(self) -> PreviousFile {
        let headers = self.headers.into_iter().map(|part| part.written).filter(|written| !written.is_empty());
        PreviousFile { source: self.source, path: self.path, sha256: self.sha256, headers: headers.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_date_then_version() {
        let name = |text: &str| RunName::parse(text);
        assert!(name("2026-12-11.10") > name("2026-12-11.2"));
        assert!(name("2026-12-11.2") > name("2026-12-11"));
        assert!(name("2026-12-12") > name("2026-12-11.9"));
        for not_a_name in ["latest", ".stage-x", "2026-12-11.1", "2026-12-11.02", "2026-12-1", "2026-12-11."] {
            assert_eq!(name(not_a_name), None, "{not_a_name}");
        }
    }
}
