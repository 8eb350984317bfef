//! From a report book to files, at once or not at all: staged beside the target, synced, renamed, and only then named by
//! `latest`.

pub mod archive;
pub mod atomic;
pub mod base_path;
mod cell;
mod copies;
pub mod csv;
pub mod error;
pub mod history;
pub mod html;
pub mod lock;
pub mod ndjson;
pub mod parquet;
mod row_xml;
pub mod sheet_name;
mod splice;
pub mod styles;
pub mod xlsx;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use rayon::prelude::*;

use crate::base::disk;
use crate::frame::published;
use crate::pipeline::Pipeline;
use crate::publish::atomic::Stage;
use crate::publish::history::RunName;
use crate::publish::lock::Lock;
use crate::report::book::{List, ListFile, ListForm, Page, ReportBook, Workbook};
use crate::report::manifest::Output;

pub use error::PublishError;
pub use history::MANIFEST;

/// Where a publication goes. Holding it holds the output: no other run publishes there.
#[derive(Debug)]
pub struct Target {
    /// `<out>/<pipeline>`.
    folder: PathBuf,
    /// The pipeline's own folder.
    pipeline_folder: PathBuf,
    as_of: NaiveDate,
    _lock: Lock,
}

/// What became of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name, such as `2026-12-11.2`.
    pub name: String,
    /// Written now; else an identical publication was there already and nothing was written.
    pub written: bool,
}

impl Target {
    /// Makes `<out>/<pipeline>`, takes its lock, and clears what an interrupted run left staged there.
    ///
    /// # Errors
    /// Another run holds it; the folder cannot be made.
    pub fn hold(out: &Path, pipeline: &Pipeline, as_of: NaiveDate) -> Result<Target, PublishError> {
        let folder = out.join(&pipeline.name);
        atomic::make_folder(&folder)?;
        let lock = Lock::take(&folder)?;
        atomic::clear_leftovers(&folder)?;
        Ok(Target { folder, pipeline_folder: pipeline.folder.clone(), as_of, _lock: lock })
    }

    /// `<out>/<pipeline>`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// One file to be rendered.
enum Job<'book> {
    Workbook(&'book Workbook, NaiveDate),
    List(&'book List, &'book ListFile),
    Frame(&'book str, &'book DataFrame),
    Page(&'book Page),
}

/// A publication that has begun: its stage, still without a manifest. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Begun<'target> {
    target: &'target Target,
    stage: Stage,
}

/// Begins a publication: frames that are finished early can be written while the rest is worked out.
///
/// # Errors
/// The folder cannot be written.
pub fn begin(target: &Target) -> Result<Begun<'_>, PublishError> {
    Ok(Begun { target, stage: Stage::new(&target.folder)? })
}

impl Begun<'_> {
    /// Writes frames for `data/`, one after the other as they come.
    ///
    /// # Errors
    /// A frame cannot be written.
    pub fn write_frames(
        &self,
        frames: impl IntoIterator<Item = (String, DataFrame)>,
    ) -> Result<Vec<Output>, PublishError> {
        frames.into_iter().map(|(name, frame)| Job::Frame(&name, &frame).run(&self.stage)).collect()
    }
}

/// Writes the book into `<out>/<pipeline>/<as-of>/`, or `<as-of>.2/`, `.3/`, … when another publication of that date is there;
/// `written` are the files that stand in the stage already. With identical inputs, configuration and previous run, and so an
/// identical manifest, nothing is published.
///
/// # Errors
/// A file cannot be rendered or written; what was published before is intact.
pub fn publish(book: &ReportBook, begun: Begun<'_>, written: Vec<Output>) -> Result<Publication, PublishError> {
    let Begun { target, stage } = begun;
    let mut outputs = render(book, &stage)?;
    outputs.extend(written);
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    let mut manifest = book.manifest.clone();
    manifest.base = base_path::lead(&target.folder.join(target.as_of.to_string()), &target.pipeline_folder);
    manifest.outputs = outputs;
    let bytes = manifest.to_bytes().map_err(|error| PublishError::render(MANIFEST, error))?;
    let published = history::publications(&target.folder)?;
    if let Some(same) = identical(target, &published, &bytes)? {
        point_latest(target, &published, same)?;
        return Ok(Publication {
            folder: target.folder.join(same.to_string()),
            name: same.to_string(),
            written: false,
        });
    }
    stage.write(MANIFEST, &bytes)?;
    let name = free_name(target)?;
    let folder = stage.commit(&target.folder.join(name.to_string()))?;
    point_latest(target, &published, name)?;
    Ok(Publication { folder, name: name.to_string(), written: true })
}

/// All files of the book, on all cores; each is synced and digested by the thread that wrote it.
fn render(book: &ReportBook, stage: &Stage) -> Result<Vec<Output>, PublishError> {
    let mut jobs: Vec<Job<'_>> = book.workbooks.iter().map(|workbook| Job::Workbook(workbook, book.as_of)).collect();
    jobs.extend(book.frames.iter().map(|(name, frame)| Job::Frame(name, frame)));
    jobs.extend(book.lists.iter().flat_map(|list| list.files.iter().map(move |file| Job::List(list, file))));
    jobs.push(Job::Page(&book.page));
    // One job is one task: a large workbook must not hold up the small files that were split off with it.
    jobs.par_iter().with_max_len(1).map(|job| job.run(stage)).collect()
}

impl Job<'_> {
    /// Renders the file; the log says how long it took.
    fn run(&self, stage: &Stage) -> Result<Output, PublishError> {
        let since = std::time::Instant::now();
        let output = self.render(stage)?;
        tracing::debug!(
            file = output.path,
            bytes = output.bytes,
            milliseconds = since.elapsed().as_millis() as u64,
            "rendered"
        );
        Ok(output)
    }

    fn render(&self, stage: &Stage) -> Result<Output, PublishError> {
        match self {
            Job::Workbook(workbook, as_of) => {
                stage.fill(&workbook.file, |file| xlsx::write(workbook, *as_of, file))?;
                stage.seal(&workbook.file)
            }
            Job::Frame(name, frame) => {
                let path = format!("data/{name}.parquet");
                let declared = published::frame(name);
                let left_out = declared.map(|declared| published::copies(&declared)).unwrap_or_default();
                let written = frame.drop_many(left_out.iter().map(|column| column.name));
                let keys = declared.map_or(&[][..], |declared| declared.sorted_by);
                stage.fill(&path, |file| parquet::write(&written, keys, file))?;
                stage.seal(&path)
            }
            Job::List(list, file) => {
                stage.fill(&file.path, |disk| match file.form {
                    ListForm::Ndjson => ndjson::write(&list.table, disk),
                    form => csv::write(&list.table, form, disk),
                })?;
                stage.seal(&file.path)
            }
            Job::Page(page) => {
                let bytes = html::render(page).map_err(|error| PublishError::render(html::FILE, error))?;
                stage.write(html::FILE, &bytes)?;
                stage.seal(html::FILE)
            }
        }
    }
}

/// The publication of the same date whose manifest is the same, byte for byte.
fn identical(target: &Target, published: &[RunName], manifest: &[u8]) -> Result<Option<RunName>, PublishError> {
    for name in published.iter().filter(|name| name.as_of == target.as_of) {
        let path = target.folder.join(name.to_string()).join(MANIFEST);
        if disk::read(&path).map_err(PublishError::io(&path))? == manifest {
            return Ok(Some(*name));
        }
    }
    Ok(None)
}

/// The first name of the date that no entry of the folder has.
fn free_name(target: &Target) -> Result<RunName, PublishError> {
    let mut name = RunName { as_of: target.as_of, version: 1 };
    while target.folder.join(name.to_string()).symlink_metadata().is_ok() {
        name.version += 1;
    }
    Ok(name)
}

/// `latest` names the highest publication: the report of an earlier night, made later, does not hide the newest one.
fn point_latest(target: &Target, published: &[RunName], name: RunName) -> Result<(), PublishError> {
    let highest = published.iter().copied().chain([name]).max().unwrap_or(name);
    let line = format!("{highest}\n");
    let path = target.folder.join(history::LATEST);
    if disk::read(&path).is_ok_and(|there| there == line.as_bytes()) {
        return Ok(());
    }
    atomic::replace(&path, line.as_bytes())
}

#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod tests;
