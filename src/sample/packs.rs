//! The packs whose layouts the sample writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::base::business_calendar::BusinessCalendar;
use crate::pipeline::layout::Layout;
use crate::pipeline::pack::Pack;
use crate::pipeline::policy::PolicyBook;
use crate::pipeline::written::WrittenPack;
use crate::sample::SampleError;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines/packs");

/// Packs read so far.
#[derive(Debug, Default)]
pub struct Packs(BTreeMap<String, Arc<Pack>>);

impl Packs {
    /// The embedded pack of this name.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn pack(&mut self, name: &str) -> Result<Arc<Pack>, SampleError> {
        if let Some(known) = self.0.get(name) {
            return Ok(known.clone());
        }
        let pack = Arc::new(embedded(name)?);
        self.0.insert(name.to_owned(), pack.clone());
        Ok(pack)
    }

    /// The layout `<pack>/<name>`.
    ///
    /// # Errors
    /// When the pack has no such layout.
    pub fn layout(&mut self, full: &str) -> Result<Layout, SampleError> {
        let missing = || SampleError::Pack(format!("no layout {full}"));
        let (pack, name) = full.rsplit_once('/').ok_or_else(missing)?;
        self.pack(pack)?.layouts.get(name).cloned().ok_or_else(missing)
    }

    /// The working days of a calendar pack.
    ///
    /// # Errors
    /// When the pack is no calendar.
    pub fn calendar(&mut self, name: &str) -> Result<Arc<BusinessCalendar>, SampleError> {
        let pack = self.pack(name)?;
        pack.calendar.clone().ok_or_else(|| SampleError::Pack(format!("{name} is no calendar")))
    }
}

fn embedded(name: &str) -> Result<Pack, SampleError> {
    let text = EMBEDDED
        .get_file(format!("{name}.toml"))
        .and_then(|file| file.contents_utf8())
        .ok_or_else(|| SampleError::Pack(format!("no pack {name}")))?;
    let written: WrittenPack = toml::from_str(text).map_err(|error| SampleError::Pack(format!("{name}: {error}")))?;
    let calendar = match written.calendar {
        Some(table) => {
            let mut rest_days = BTreeMap::new();
            for (day, title) in table.rest {
                let day = day.parse().map_err(|_| SampleError::Pack(format!("{name}: {day} is no date")))?;
                rest_days.insert(day, title);
            }
            Some(Arc::new(BusinessCalendar { name: name.to_owned(), from: table.from, to: table.to, rest_days }))
        }
        None => None,
    };
    Ok(Pack {
        name: name.to_owned(),
        title: written.pack.title,
        policies: PolicyBook { entries: written.policy },
        layouts: written.layout,
        calendar,
        ..Pack::default()
    })
}
