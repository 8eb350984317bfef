//! The files of a source, read: bytes, digest, text or cells, rows. A file that is refused refuses its source.

use std::path::Path;

use chrono::NaiveDate;
use rayon::prelude::*;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::base::code_page::CodePage;
use crate::base::disk::{self, DiskFile, Operation};
use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::boundary::guarded;
use crate::ingest::bounds;
use crate::ingest::control_codes::ControlCodes;
use crate::ingest::decode::{self, Decoded, LooksLikeUtf8};
use crate::ingest::discover::{Found, discover};
use crate::ingest::header::Bound;
use crate::ingest::part_read::PartRead;
use crate::ingest::plan::Plan;
use crate::ingest::refusal::{self, About};
use crate::ingest::row::Rows;
use crate::ingest::text_record::Marks;
use crate::ingest::windows::Windows;
use crate::ingest::{read_book, read_csv, read_sheet, signature, unpack};
use crate::pipeline::source::{CsvFormat, Format, TextEncoding, XlsxFormat};
use crate::pipeline::{Pipeline, Source};
use crate::vocab::{IfAbsent, IfRefused};

/// A source after its files were read.
#[derive(Debug)]
pub(super) struct SourceRead<'p> {
    pub(super) source: &'p Source,
    /// `None` when the source cannot be read at all.
    pub(super) plan: Option<Plan<'p>>,
    /// In the order (SHA-256, export date, report month, path).
    pub(super) files: Vec<FileRead>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Why nothing of the source is used.
    pub(super) out: Option<Exit>,
}

/// A file after it was read.
#[derive(Debug)]
pub(super) struct FileRead {
    pub(super) found: Found,
    pub(super) sha256: String,
    pub(super) bytes: u64,
    /// Before it was read.
    stamp: Option<Stamp>,
    /// Of its text, when it is one.
    pub(super) encoding: Option<String>,
    /// By the source's pattern.
    pub(super) export_date: Option<NaiveDate>,
    /// Year and month by the source's pattern.
    pub(super) report_month: Option<(i32, u32)>,
    /// The file, or its sheets.
    pub(super) parts: Vec<PartRead>,
    /// The same bytes under another name stand at this place of [`SourceRead::files`].
    pub(super) twin_of: Option<usize>,
}

/// What became of one file; its refusal comes last.
type Read = (FileRead, Vec<Diagnostic>, Option<Box<Diagnostic>>);

/// Finds and reads the files of all sources, in the order of the pipeline.
pub(super) fn read(pipeline: &Pipeline) -> Vec<SourceRead<'_>> {
    let (mut sources, found): (Vec<SourceRead<'_>>, Vec<Vec<Found>>) =
        pipeline.sources.par_iter().map(|source| SourceRead::find(pipeline, source)).unzip();
    let files = found.into_iter().enumerate();
    let mut files: Vec<(usize, Found)> =
        files.flat_map(|(place, found)| found.into_iter().map(move |found| (place, found))).collect();
    // The longest first, one at a time to whoever is free: then all threads end together.
    files.sort_by_key(|(place, found)| std::cmp::Reverse(effort(sources[*place].source, found)));
    let mut read: Vec<(usize, Read)> = files
        .into_iter()
        .par_bridge()
        .filter_map(|(place, found)| Some((place, FileRead::new(sources[place].plan.as_ref()?, found))))
        .collect();
    read.sort_by(|(place, (a, ..)), (other, (b, ..))| (place, a.rank()).cmp(&(other, b.rank())));
    for (place, read) in read {
        sources[place].take(read);
    }
    sources.iter_mut().for_each(SourceRead::refuse_changed);
    sources.iter_mut().for_each(SourceRead::find_twins);
    sources
}

/// How long a file takes, roughly: a byte of a workbook inflates to a dozen and is markup.
fn effort(source: &Source, found: &Found) -> u64 {
    let bytes = found.file.metadata().map_or(0, |data| data.len());
    match source.format {
        Format::Csv(_) => bytes,
        Format::Xlsx(_) => bytes.saturating_mul(10),
    }
}

impl<'p> SourceRead<'p> {
    /// Makes a source ready and finds its files.
    fn find(pipeline: &'p Pipeline, source: &'p Source) -> (SourceRead<'p>, Vec<Found>) {
        let mut read = SourceRead { source, plan: None, files: Vec::new(), diagnostics: Vec::new(), out: None };
        let plan = match Plan::new(pipeline, source) {
            Ok(plan) => plan,
            Err(diagnostic) => {
                read.refuse(*diagnostic);
                return (read, Vec::new());
            }
        };
        read.plan = Some(plan);
        let found = discover(&pipeline.folder, source).unwrap_or_else(|diagnostic| {
            read.refuse(*diagnostic);
            Vec::new()
        });
        if found.is_empty() && read.out.is_none() {
            read.absent();
        }
        (read, found)
    }

    /// Whether its rows count.
    pub(super) fn takes_part(&self) -> bool {
        self.plan.is_some() && self.out.is_none()
    }

    /// Leaves the source out, or stops the run, as the source says.
    pub(super) fn refuse(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.exit == Exit::Refused && self.source.if_refused == IfRefused::PublishWithout {
            diagnostic.exit = Exit::Quarantine;
        }
        self.out = Some(Exit::worst(self.out.into_iter().chain([diagnostic.exit])));
        self.diagnostics.push(diagnostic);
    }

    fn absent(&mut self) {
        let (exit, help) = match self.source.if_absent {
            IfAbsent::Error => (Exit::Missing, "fetch the file; `if_absent = \"warn\"` runs without it"),
            IfAbsent::Warn => (Exit::Clean, "what needs the source is not computable"),
            IfAbsent::Ignore => {
                self.out = Some(Exit::Clean);
                return;
            }
        };
        let diagnostic = About {
            code: "FIL101",
            message: "no file matches",
            found: "nothing".into(),
            expected: format!("a file for source `{}`  ({})", self.source.name, self.source.config),
            help: help.into(),
        };
        self.out = Some(exit);
        self.diagnostics.push(diagnostic.at(refusal::file(&self.source.glob), exit));
    }

    fn take(&mut self, (file, notes, refusal): Read) {
        self.diagnostics.extend(notes);
        if let Some(diagnostic) = refusal {
            self.refuse(*diagnostic);
        }
        self.files.push(file);
    }

    /// A file must be the one that was read until all files were read.
    fn refuse_changed(&mut self) {
        let changed: Vec<_> = self.files.par_iter().filter_map(|file| file.check_again().err()).collect();
        changed.into_iter().for_each(|diagnostic| self.refuse(*diagnostic));
    }

    fn find_twins(&mut self) {
        for place in 1..self.files.len() {
            let (before, file) = (&self.files[place - 1], &self.files[place]);
            if before.same_content(file) {
                self.files[place].twin_of = Some(before.twin_of.unwrap_or(place - 1));
            }
        }
    }
}

type Rank<'a> = (&'a str, Option<NaiveDate>, Option<(i32, u32)>, &'a str);

impl FileRead {
    /// Reads a file; its refusal comes last.
    fn new(plan: &Plan<'_>, found: Found) -> Read {
        let mut notes = Vec::new();
        let source = plan.source;
        let mut file = FileRead {
            export_date: export_date(source, &found, &mut notes),
            report_month: report_month(source, &found, &mut notes),
            found,
            sha256: String::new(),
            bytes: 0,
            stamp: None,
            encoding: None,
            parts: Vec::new(),
            twin_of: None,
        };
        let path = file.found.path.clone();
        let refusal = match guarded(&path, || file.read(plan, &mut notes)) {
            Ok(parts) => {
                file.parts = parts;
                file.note_parts(plan, &mut notes);
                file.check_rows(plan).err()
            }
            Err(refusal) => Some(refusal),
        };
        (file, notes, refusal)
    }

    fn read(&mut self, plan: &Plan<'_>, notes: &mut Vec<Diagnostic>) -> Result<Vec<PartRead>, Box<Diagnostic>> {
        let path = self.found.path.clone();
        let year = self.report_month.map(|(year, _)| year);
        let format = match &plan.source.format {
            Format::Xlsx(format) => return sheets_of(plan, format, &self.whole(plan)?, &path, year, notes),
            Format::Csv(format) => format,
        };
        let (bound, rows) = match self.read_windows(plan, format, year, notes)? {
            Some(read) => read,
            None => {
                let text = text_of(plan, format, self.whole(plan)?, &path, notes)?;
                self.encoding = Some(text.page.name());
                read_csv::read(plan, format, &text, &path, year)?
            }
        };
        Ok(vec![PartRead { sheet: None, bound, rows }])
    }

    /// All bytes of the file, which must not change while they are read.
    fn whole(&mut self, plan: &Plan<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
        let before = self.stamp(plan)?;
        let bytes = disk::read(&self.found.file).map_err(|error| refusal::unreadable(&self.found.path, &error))?;
        self.digested(before, bytes.len() as u64, &Sha256::digest(&bytes))?;
        Ok(bytes)
    }

    /// Reads the file window after window; `None` where its text must be known as a whole before its first row can be read.
    fn read_windows(
        &mut self,
        plan: &Plan<'_>,
        format: &CsvFormat,
        year: Option<i32>,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Option<(Bound, Rows)>, Box<Diagnostic>> {
        let is_utf8 = matches!(&format.encoding, TextEncoding::Declared(pages) if **pages == [CodePage::UTF_8]);
        if !is_utf8 || format.trailer.is_some() {
            return Ok(None);
        }
        let path = self.found.path.clone();
        let failed = |error| refusal::unreadable(&path, &error);
        let before = self.stamp(plan)?;
        let file = DiskFile::open(&self.found.file).map_err(failed)?;
        let mut windows = Windows::new(file, Marks::of(format, &plan.source.limits));
        let mut codes = ControlCodes::default();
        let read = || read_csv::read_windows(plan, format, &mut windows, &path, year, &mut codes);
        let read = guarded(&path, read);
        if let Ok(None) = read {
            return Ok(None);
        }
        notes.extend(codes.note(&path));
        let (bytes, digest) = windows.finish().map_err(failed)?;
        self.digested(before, bytes, digest.as_ref())?;
        self.encoding = Some(CodePage::UTF_8.name());
        read
    }

    /// What the file is, before it is read.
    fn stamp(&self, plan: &Plan<'_>) -> Result<Stamp, Box<Diagnostic>> {
        let path = &self.found.path;
        let stamp = Stamp::of(&self.found.file).map_err(|error| refusal::unreadable(path, &error))?;
        let most = plan.source.limits.file_bytes;
        if stamp.bytes > most {
            return Err(bounds::over("file_bytes", format!("{} bytes", stamp.bytes), most, refusal::file(path)));
        }
        Ok(stamp)
    }

    /// The file was read to its end. It must be as long as before, and not empty.
    fn digested(&mut self, before: Stamp, bytes: u64, digest: &[u8]) -> Result<(), Box<Diagnostic>> {
        let path = &self.found.path;
        if bytes != before.bytes {
            return Err(changed(path));
        }
        if bytes == 0 {
            return Err(refusal::again(path, "FIL102", "an empty file", "0 bytes", "rows"));
        }
        self.bytes = bytes;
        self.sha256 = hexadecimal(digest);
        self.stamp = Some(before);
        Ok(())
    }

    /// The file is still the one of the stamp, or has at least its bytes.
    fn check_again(&self) -> Result<(), Box<Diagnostic>> {
        let (path, file) = (&self.found.path, &self.found.file);
        let Some(before) = self.stamp else { return Ok(()) };
        let failed = |error| refusal::unreadable(path, &error);
        if Stamp::of(file).map_err(failed)? == before || digest_of(file).map_err(failed)? == self.sha256 {
            return Ok(());
        }
        Err(changed(path))
    }

    /// Order of files: never by name first.
    fn rank(&self) -> Rank<'_> {
        (&self.sha256, self.export_date, self.report_month, &self.found.path)
    }

    fn same_content(&self, other: &FileRead) -> bool {
        !self.sha256.is_empty()
            && (&self.sha256, self.export_date, self.report_month)
                == (&other.sha256, other.export_date, other.report_month)
    }

    fn check_rows(&self, plan: &Plan<'_>) -> Result<(), Box<Diagnostic>> {
        let rows: u64 = self.parts.iter().map(|part| part.rows.read - part.rows.structural).sum();
        if rows > 0 || plan.source.allow_empty {
            return Ok(());
        }
        Err(About {
            code: "FIL103",
            message: "a file without rows",
            found: "a header and nothing below it".into(),
            expected: format!("rows  ({})", plan.source.config),
            help: "fetch the file again, or say `allow_empty = true`".into(),
        }
        .refuse(refusal::file(&self.found.path)))
    }

    /// Notes about headers that are gone and decimals that were booked.
    fn note_parts(&self, plan: &Plan<'_>, notes: &mut Vec<Diagnostic>) {
        for part in &self.parts {
            let place = refusal::sheet(&self.found.path, part.sheet.as_deref());
            for field in &part.bound.missing {
                let Some(binding) = plan.source.binding(field) else { continue };
                // A layout names columns that not every export has: `check` lists them as absent.
                if binding.place.file != plan.source.config.file {
                    continue;
                }
                let about = About {
                    code: "HDR203",
                    message: "an optional column is missing",
                    found: format!("unbound headers: {}", part.bound.unbound.join(", ")),
                    expected: format!("`{}` for {field}  ({})", binding.headers.join("` or `"), binding.place),
                    help: "add the new header to the list of the column, or take the column out".into(),
                };
                notes.push(about.at(place.clone(), Exit::Clean));
            }
            for (field, forms) in &part.rows.forms {
                let slot = part.bound.slots[*field].map(|slot| part.bound.column(slot)).unwrap_or_default();
                let forms: Vec<String> = forms.iter().map(|(form, row)| format!("{form} (row {row})")).collect();
                let about = About {
                    code: "XLS410",
                    message: "identifiers in cells of several formats",
                    found: format!("`{slot}`: {}", forms.join(", ")),
                    expected: String::new(),
                    help: "each is read as the workbook shows it; give the column one format, so that all are written alike"
                        .into(),
                };
                notes.push(about.at(place.clone(), Exit::Clean));
            }
            if let (rows, Some((first, last))) = part.rows.joined {
                let about = About {
                    code: "ROW330",
                    message: "rows over several lines, the last of which would be a row",
                    found: format!("{rows} rows, the first on lines {first} to {last}"),
                    expected: String::new(),
                    help: "look at these lines: a stray quote joins rows".into(),
                };
                notes.push(about.at(place.clone(), Exit::Clean));
            }
            let mut note_cells = |code, message, cells: u64, expected: String| {
                let found = format!("{cells} cells");
                let about = About { code, message, found, expected, help: String::new() };
                notes.extend((cells > 0).then(|| about.at(place.clone(), Exit::Clean)));
            };
            note_cells("CEL319", "excess decimals were booked half up", part.rows.booked.cells, String::new());
            let empty = format!("`empty` of the source  ({})", plan.source.config);
            note_cells("CEL322", "empty cells were read as the source says", part.rows.stood_in, empty);
            let pad = format!("`pad` of the source  ({})", plan.source.config);
            note_cells("CEL321", "leading zeros were given back to identifiers", part.rows.padded, pad);
        }
    }
}

/// What tells a file from another that takes its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: std::time::SystemTime,
    /// Device and number of the file, and when anything about it last changed, by the clock of the system: nobody sets that back.
    identity: [u64; 4],
}

impl Stamp {
    fn of(file: &Path) -> std::io::Result<Stamp> {
        disk::step(Operation::Ask, file)?;
        let data = file.metadata()?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            [data.dev(), data.ino(), data.ctime().cast_unsigned(), data.ctime_nsec().cast_unsigned()]
        };
        #[cfg(not(unix))]
        let identity = [0; 4];
        Ok(Stamp { bytes: data.len(), modified: data.modified()?, identity })
    }
}

/// The digest of a file as it is now.
fn digest_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut digest) = (DiskFile::open(path)?, Sha256::new());
    let mut piece = Vec::new();
    while file.append_to(&mut piece, 1 << 20)? > 0 {
        digest.update(&piece);
        piece.clear();
    }
    Ok(hexadecimal(digest.finalize().as_ref()))
}

fn changed(path: &str) -> Box<Diagnostic> {
    refusal::again(path, "FIL105", "a file that changed while it was read", "", "a finished file")
}

/// The text of a file, with notes about what it was found in.
fn text_of(
    plan: &Plan<'_>,
    format: &CsvFormat,
    bytes: Vec<u8>,
    path: &str,
    notes: &mut Vec<Diagnostic>,
) -> Result<Decoded<'static>, Box<Diagnostic>> {
    let is_packed = unpack::is_packed(&bytes);
    let bytes = unpack::unpack(bytes, path, &plan.source.limits)?;
    if let Some(foreign) = signature::of_bytes(&bytes) {
        return Err(foreign.refusal(path));
    }
    let text = decode::decode(bytes, &format.encoding).map_err(|LooksLikeUtf8| looks_like_utf8(plan, format, path))?;
    if let Some(foreign) = signature::of_text(text.text()) {
        return Err(foreign.refusal(path));
    }
    let text = if is_packed { text.without_places() } else { text };
    // A list that the layout declares is meant for all its exports: `check` says beside the file which of them it was.
    let is_of_layout = plan.source.format_keys.iter().any(|key| key.of_layout && key.key == "encoding");
    let is_open = match &format.encoding {
        TextEncoding::Declared(pages) => pages.len() > 1 && !is_of_layout,
        TextEncoding::Detected => true,
    };
    notes.extend(is_open.then(|| found_out(&text, path)));
    notes.extend(ControlCodes::of(text.text(), 1).note(path));
    Ok(text)
}

/// The sheets of a workbook, by name.
fn sheets_of(
    plan: &Plan<'_>,
    format: &XlsxFormat,
    bytes: &[u8],
    path: &str,
    year: Option<i32>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<PartRead>, Box<Diagnostic>> {
    notes.extend(read_book::macros(path));
    let (mut parts, more) = match read_book::kind_of(bytes, path) {
        Some(kind) => read_book::read(plan, format, kind, bytes, path, year)?,
        None => read_sheet::read(plan, format, bytes, path, year)?,
    };
    notes.extend(more);
    parts.sort_by(|a, b| a.sheet.cmp(&b.sheet));
    Ok(parts)
}

fn looks_like_utf8(plan: &Plan<'_>, format: &CsvFormat, path: &str) -> Box<Diagnostic> {
    let names: Vec<String> = match &format.encoding {
        TextEncoding::Declared(pages) => pages.iter().map(|page| page.name()).collect(),
        TextEncoding::Detected => Vec::new(),
    };
    About {
        code: "TXT501",
        message: "another encoding than declared",
        found: "UTF-8".into(),
        expected: format!("text in {}  ({})", names.join(" or "), plan.source.config),
        help: "say `encoding = \"utf-8\"`".into(),
    }
    .refuse(refusal::file(path))
}

/// Which encoding was taken, where the source leaves it open.
fn found_out(text: &Decoded<'_>, path: &str) -> Diagnostic {
    let name = text.page.name();
    About {
        code: "TXT503",
        message: "the encoding was found out",
        found: format!("{name}, {}", text.confidence.text()),
        expected: String::new(),
        help: format!("`encoding = \"{name}\"` declares it"),
    }
    .at(refusal::file(path), Exit::Clean)
}

/// As digests are written.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn export_date(source: &Source, found: &Found, notes: &mut Vec<Diagnostic>) -> Option<NaiveDate> {
    let pattern = source.export_date.as_ref()?;
    let date = group(pattern, found, "y").zip(group(pattern, found, "m")).zip(group(pattern, found, "d"));
    let date = date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month as u32, day as u32));
    note_name(date.is_some(), "export_date", pattern, found, notes);
    date
}

fn report_month(source: &Source, found: &Found, notes: &mut Vec<Diagnostic>) -> Option<(i32, u32)> {
    let pattern = source.report_month.as_ref()?;
    let month = group(pattern, found, "y").zip(group(pattern, found, "m"));
    let month = month.map(|(year, month)| (year, month as u32)).filter(|(_, month)| (1..=12).contains(month));
    note_name(month.is_some(), "report_month", pattern, found, notes);
    month
}

fn group(pattern: &Regex, found: &Found, name: &str) -> Option<i32> {
    let captures = pattern.captures(found.name()).or_else(|| pattern.captures(&found.path))?;
    captures.name(name)?.as_str().parse().ok()
}

fn note_name(read: bool, key: &str, pattern: &Regex, found: &Found, notes: &mut Vec<Diagnostic>) {
    if !read {
        let about = About {
            code: "FIL110",
            message: "a file name without the declared date",
            found: found.name().to_owned(),
            expected: format!("`{key}` as {pattern}"),
            help: "the file is read without that date".into(),
        };
        notes.push(about.at(refusal::file(&found.path), Exit::Clean));
    }
}
