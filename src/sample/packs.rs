//! The packs whose layouts the sample writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::business_calendar::BusinessCalendar;
use crate::diagnose::render_all;
use crate::pipeline::written::layout::Layout;
use crate::pipeline::{Pack, embedded_pack};
use crate::sample::SampleError;

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
        let pack = embedded_pack(name).map_err(|mistakes| SampleError::Pack(render_all(&mistakes)))?;
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
