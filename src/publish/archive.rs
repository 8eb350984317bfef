//! A published run, read back: its frames and the parts that lineage numbers name. Works offline, without the inputs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult, polars_bail};

use crate::base::as_of::AsOf;
use crate::base::disk;
use crate::frame::lineage::{CellPlaces, Part, Parts};
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::text_rule::SourceText;
use crate::pipeline::{Account, TextRule};
use crate::publish::history::resolve;
use crate::publish::{MANIFEST, PublishError, parquet};
use crate::report::lists::{accounts, rules};
use crate::rules::rule::Rule;
use crate::rules::{catalogue, rule_of};
use crate::vocab::{Kind, Trait, Word};

/// A published folder. A frame is read once.
#[derive(Debug, Clone)]
pub struct Archive {
    folder: PathBuf,
    frames: RefCell<BTreeMap<String, DataFrame>>,
}

impl Archive {
    /// Opens a published folder, or the one that `latest` names in a folder.
    ///
    /// # Errors
    /// There is no publication.
    pub fn open(path: &Path) -> Result<Archive, PublishError> {
        Ok(Archive { folder: resolve(path)?, frames: RefCell::default() })
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
        if let Some(frame) = self.frames.borrow().get(name) {
            return Ok(frame.clone());
        }
        let frame = parquet::read(&disk::read(&self.folder.join("data").join(format!("{name}.parquet")))?, None)?;
        self.frames.borrow_mut().insert(name.to_owned(), frame.clone());
        Ok(frame)
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
