//! A published run, read back: its frames and the parts that lineage numbers name. Works offline, without the inputs.
//!
//! Row groups are in the order of the key, and their statistics say which keys they hold: the rows of one order are read without the rest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult, polars_bail};

use crate::base::as_of::AsOf;
use crate::base::disk::{self, DiskFile};
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame};
use crate::frame::lineage::{CellPlaces, Part, Parts};
use crate::frame::{orders, published};
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::text_rule::SourceText;
use crate::pipeline::{Account, TextRule};
use crate::publish::copies::{Ground, put_back};
use crate::publish::history::resolve;
use crate::publish::parquet::FrameFile;
use crate::publish::{MANIFEST, PublishError};
use crate::report::lists::{accounts, rules};
use crate::rules::rule::Rule;
use crate::rules::{catalogue, rule_of};
use crate::vocab::{Kind, Trait, Word};

/// Up to so many rows are looked for one by one.
const FEW: usize = 1 << 10;

/// A published folder. Files are opened once, and what was read is kept.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    files: RefCell<BTreeMap<String, Rc<FrameFile<DiskFile>>>>,
    frames: RefCell<BTreeMap<String, DataFrame>>,
    rows: RefCell<BTreeMap<(String, Vec<usize>), DataFrame>>,
    found: RefCell<BTreeMap<Lookup, Vec<usize>>>,
}

/// A file, a column of it, and the values that are looked for.
type Lookup = (String, &'static str, Vec<String>);

impl Archive {
    /// Opens a published folder, or the one that `latest` names in a folder.
    ///
    /// # Errors
    /// There is no publication.
    pub fn open(path: &Path) -> Result<Archive, PublishError> {
        Ok(Archive {
            folder: resolve(path)?,
            files: RefCell::default(),
            frames: RefCell::default(),
            rows: RefCell::default(),
            found: RefCell::default(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A frame by its name, with the columns that its file leaves to others.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn frame(&self, name: &str) -> PolarsResult<DataFrame> {
        if let Some(frame) = self.frames.borrow().get(name) {
            return Ok(frame.clone());
        }
        let file = self.file(name)?;
        let frame = self.whole(name, file.columns(&file.names())?)?;
        self.frames.borrow_mut().insert(name.to_owned(), frame.clone());
        Ok(frame)
    }

    /// Some columns that the file of a frame holds.
    ///
    /// # Errors
    /// The file is missing or damaged, or has no such column.
    pub fn columns(&self, frame: &Frame, columns: &[Column]) -> PolarsResult<DataFrame> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        self.file(frame.name)?.columns(&names)
    }

    /// The rows of a frame whose text in a column is one of these.
    ///
    /// # Errors
    /// The file is missing or damaged, or does not hold the column.
    pub fn rows_with(&self, frame: &Frame, column: Column, wanted: &[&str]) -> PolarsResult<DataFrame> {
        self.rows_at(frame, self.find(frame, column, wanted)?)
    }

    /// The numbers of those rows, in their order.
    ///
    /// # Errors
    /// The file is missing or damaged, or does not hold the column.
    pub fn find(&self, frame: &Frame, column: Column, wanted: &[&str]) -> PolarsResult<Vec<usize>> {
        let key = (frame.name.to_owned(), column.name, wanted.iter().map(|text| (*text).to_owned()).collect());
        if let Some(rows) = self.found.borrow().get(&key) {
            return Ok(rows.clone());
        }
        let rows = self.file(frame.name)?.rows_with(column.name, wanted)?;
        self.found.borrow_mut().insert(key, rows.clone());
        Ok(rows)
    }

    /// Some rows of a frame, whose numbers are given in their order, with the columns that its file leaves to others.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn rows_at(&self, frame: &Frame, rows: Vec<usize>) -> PolarsResult<DataFrame> {
        let key = (frame.name.to_owned(), rows);
        if let Some(frame) = self.rows.borrow().get(&key) {
            return Ok(frame.clone());
        }
        let file = self.file(frame.name)?;
        let read = self.whole(frame.name, file.take(&file.names(), &key.1)?)?;
        self.rows.borrow_mut().insert(key, read.clone());
        Ok(read)
    }

    fn file(&self, name: &str) -> PolarsResult<Rc<FrameFile<DiskFile>>> {
        if let Some(file) = self.files.borrow().get(name) {
            return Ok(Rc::clone(file));
        }
        let path = self.folder.join("data").join(format!("{name}.parquet"));
        let file = Rc::new(FrameFile::of(DiskFile::open(&path)?)?);
        self.files.borrow_mut().insert(name.to_owned(), Rc::clone(&file));
        Ok(file)
    }

    /// Rows of a file with the columns that it leaves to others.
    fn whole(&self, name: &str, rows: DataFrame) -> PolarsResult<DataFrame> {
        let Some(frame) = published::frame(name).filter(|frame| !published::copies(frame).is_empty()) else {
            return Ok(rows);
        };
        let wanted: Vec<&str> = frame.columns.iter().map(|column| column.name).collect();
        let ground = || Ground::of(&self.frame("parts")?, &self.frame(accounts::NAME)?, self.as_of()?);
        let canonical = |kind: Kind, names: &[&str], references: &[u64]| {
            let file = self.file(frame_of(kind).name)?;
            // The rows of one order lie in one group; those of many are not looked for one by one.
            match references.len() <= FEW {
                true => file.take(names, &file.rows_of(orders::row.name, references)?),
                false => file.columns(names),
            }
        };
        put_back(&frame, &wanted, rows, ground, canonical, |error| error)
    }

    /// The day at whose end the report was written.
    ///
    /// # Errors
    /// The manifest is missing or damaged.
    pub fn as_of(&self) -> PolarsResult<AsOf> {
        let text = String::from_utf8_lossy(&disk::read(&self.folder.join(MANIFEST))?).into_owned();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        match manifest["as_of"].as_str().and_then(|day| day.parse().ok()) {
            Some(day) => Ok(AsOf(day)),
            None => polars_bail!(ComputeError: "{MANIFEST} names no as-of date"),
        }
    }

    /// The accounts of the run, with their dated policies and without their packs.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub fn accounts(&self) -> PolarsResult<Vec<Account>> {
        let frame = self.frame(accounts::NAME)?;
        let text = |name: &str| frame.column(name)?.str();
        let (names, marketplaces, currencies) = (text("account")?, text("marketplace")?, text("currency")?);
        let (zones, traits, policies) = (text("timezone")?, text("traits")?, text("policies")?);
        let (complete, activation) = (frame.column("complete")?.bool()?, text("own_delivery_activation_date")?);
        let account = |row: usize| {
            let entries = policies.get(row).map(serde_json::from_str::<Vec<PublishedPolicy>>);
            let (Some(Ok(entries)), Some(timezone)) = (entries, zones.get(row).and_then(|zone| zone.parse().ok()))
            else {
                polars_bail!(ComputeError: "row {row} of {} cannot be read", accounts::NAME);
            };
            Ok(Account {
                name: names.get(row).unwrap_or_default().to_owned(),
                marketplace: marketplaces.get(row).unwrap_or_default().to_owned(),
                pack: Arc::default(),
                currency: currencies.get(row).unwrap_or_default().to_owned(),
                timezone,
                traits: traits.get(row).unwrap_or_default().split(' ').filter_map(Trait::of).collect(),
                policies: PolicyBook {
                    entries: entries
                        .into_iter()
                        .map(|published| PolicyEntry { author: published.author, ..published.entry })
                        .collect(),
                },
                calendar: None,
                complete: complete.get(row).unwrap_or_default(),
                own_delivery_activation_date: activated(activation.get(row))?,
            })
        };
        (0..frame.height()).map(account).collect()
    }

    /// The rules that ran, as they were.
    ///
    /// # Errors
    /// The file is missing or damaged, or a rule can no longer be read.
    pub fn rules(&self) -> PolarsResult<Vec<&'static Rule>> {
        let frame = self.frame(rules::NAME)?;
        let text = |name: &str| frame.column(name)?.str();
        let (codes, marketplaces, texts) = (text("code")?, text("marketplace")?, text("text")?);
        let built_in = catalogue();
        let rule = |row: usize| {
            let (code, text) = (codes.get(row).unwrap_or_default(), texts.get(row).unwrap_or_default());
            if text.is_empty() {
                return Ok(built_in.iter().copied().find(|rule| rule.code == code));
            }
            let marketplace = marketplaces.get(row).filter(|name| !name.is_empty()).map(str::to_owned);
            let origin = SourceText { file: format!("{}.parquet", rules::NAME), text: text.into() };
            let mut mistakes = Vec::new();
            let read = toml::from_str(text).map(|rule| TextRule::read(rule, marketplace, origin, &mut mistakes));
            match read {
                Ok(read) if mistakes.is_empty() => Ok(Some(rule_of(&Arc::new(read)))),
                _ => polars_bail!(ComputeError: "rule {code} of the run cannot be read"),
            }
        };
        (0..frame.height()).filter_map(|row| rule(row).transpose()).collect()
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
            let headers: BTreeMap<String, String> = match headers.get(row).map(serde_json::from_str) {
                Some(Ok(headers)) => headers,
                Some(Err(_)) => polars_bail!(ComputeError: "the headers in row {row} of parts cannot be read"),
                None => BTreeMap::new(),
            };
            let path = paths.get(row).unwrap_or_default().to_owned();
            Ok(Part {
                source: sources.get(row).unwrap_or_default().to_owned(),
                kind: kinds.get(row).and_then(Kind::of).unwrap_or(Kind::Orders),
                file: PathBuf::from(&path),
                path,
                sheet: sheets.get(row).map(str::to_owned),
                headers,
                places: CellPlaces::default(),
                constants: BTreeSet::new(),
            })
        };
        Ok(Parts((0..frame.height()).map(part).collect::<PolarsResult<_>>()?))
    }
}

/// An entry of an account's policies, with who wrote it.
#[derive(serde::Deserialize)]
struct PublishedPolicy {
    author: String,
    entry: PolicyEntry,
}

/// The day of an activation, or nothing where none was written.
fn activated(day: Option<&str>) -> PolarsResult<Option<chrono::NaiveDate>> {
    match day.filter(|day| !day.is_empty()).map(str::parse) {
        None => Ok(None),
        Some(Ok(day)) => Ok(Some(day)),
        Some(Err(_)) => polars_bail!(ComputeError: "an activation day of {} cannot be read", accounts::NAME),
    }
}
