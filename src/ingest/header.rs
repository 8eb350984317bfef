//! The header row: found by what it must hold, bound by aliases, the first alias that is there wins.

use std::collections::BTreeMap;

use crate::base::text::{fold, nearest};
use crate::diagnose::{CellPlace, Diagnostic};
use crate::ingest::plan::Plan;
use crate::ingest::record::Record;
use crate::ingest::refusal::About;

/// A header row is looked for in this many records.
pub(super) const SEARCHED: usize = 50;

/// Where each field stands in the records of a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Bound {
    /// Position from 0 of each field of the plan.
    pub(super) slots: Vec<Option<usize>>,
    /// Canonical field → header as written, or its position from 1.
    pub(super) headers: BTreeMap<String, String>,
    /// All headers as written; empty without a header row.
    pub(super) written: Vec<String>,
    /// Headers that no field binds.
    pub(super) unbound: Vec<String>,
    /// Fields that are declared and whose header is not there.
    pub(super) missing: Vec<String>,
    /// Which columns quarantine masks.
    pub(super) personal: Vec<bool>,
}

impl Bound {
    /// What a person calls the column.
    pub(super) fn column(&self, index: usize) -> String {
        match self.written.get(index) {
            Some(header) if !header.is_empty() => header.clone(),
            _ => (index + 1).to_string(),
        }
    }

    /// Whether quarantine masks the column.
    pub(super) fn is_personal(&self, index: usize) -> bool {
        self.personal.get(index).copied().unwrap_or(false)
    }

    /// How many fields a record of a header-less file needs at least.
    pub(super) fn least_fields(&self, plan: &Plan<'_>) -> usize {
        let required = plan.fields.iter().zip(&self.slots).filter(|(field, _)| field.required);
        required.filter_map(|(_, slot)| slot.map(|slot| slot + 1)).max().unwrap_or(0)
    }
}

/// Binds by position: a file without a header row.
pub(super) fn bind_positions(plan: &Plan<'_>, place: &CellPlace) -> Result<Bound, Box<Diagnostic>> {
    let mut bound = Bound { slots: vec![None; plan.fields.len()], ..Bound::default() };
    for (index, field) in plan.fields.iter().enumerate() {
        let Some(binding) = field.binding else { continue };
        let Some(position) = binding.position.filter(|position| *position > 0) else {
            return Err(About {
                code: "HDR204",
                message: "a field bound by header in a file without a header row",
                found: binding.headers.join(", "),
                expected: format!("a position from 1 for `{}`  ({})", field.name, binding.place),
                help: "bind the field by position, or say `header = true`".into(),
            }
            .refuse(place.clone()));
        };
        bound.slots[index] = Some(position - 1);
        bound.headers.insert(binding.field.clone(), position.to_string());
    }
    let widest = bound.slots.iter().flatten().max().map_or(0, |slot| slot + 1);
    bound.personal = (1..=widest).map(|position| plan.personal.contains(&position.to_string())).collect();
    Ok(bound)
}

/// Whether a record holds every required header. Without any field bound by header, the first record that is not blank is it.
pub(super) fn is_header(plan: &Plan<'_>, record: &impl Record) -> bool {
    required_headers(plan).is_empty() && !super::record::is_blank(record) || {
        let headers = Headers::of(record);
        let required = required_headers(plan);
        !required.is_empty() && required.iter().all(|aliases| headers.find(aliases).is_some())
    }
}

/// How many of the required headers a record holds: the best one is named when none holds all.
pub(super) fn hits(plan: &Plan<'_>, record: &impl Record) -> usize {
    let headers = Headers::of(record);
    required_headers(plan).iter().filter(|aliases| headers.find(aliases).is_some()).count()
}

fn required_headers<'a>(plan: &'a Plan<'_>) -> Vec<&'a [String]> {
    let required = plan.fields.iter().filter(|field| field.required);
    let aliases: Vec<&[String]> =
        required.filter_map(|field| field.binding).map(|binding| &*binding.headers).filter(|h| !h.is_empty()).collect();
    if !aliases.is_empty() {
        return aliases;
    }
    // Required fields may be constants: then any bound header will do.
    let bound = plan.fields.iter().filter_map(|field| field.binding).map(|binding| &*binding.headers);
    bound.filter(|headers| !headers.is_empty()).take(1).collect()
}

/// The headers of a record, folded.
struct Headers {
    written: Vec<String>,
    folded: Vec<String>,
}

impl Headers {
    fn of(record: &impl Record) -> Headers {
        let written: Vec<String> = (0..record.len()).map(|index| record.cell(index).shown().into_owned()).collect();
        let folded = written.iter().map(|header| fold(header)).collect();
        Headers { written, folded }
    }

    /// The first alias that is there, and its column.
    fn find(&self, aliases: &[String]) -> Option<usize> {
        aliases.iter().find_map(|alias| {
            let alias = fold(alias);
            self.folded.iter().position(|header| *header == alias)
        })
    }
}

/// Binds the fields of a plan to the header row.
///
/// # Errors
/// A bound header that stands twice.
pub(super) fn bind(plan: &Plan<'_>, record: &impl Record, place: &CellPlace) -> Result<Bound, Box<Diagnostic>> {
    let headers = Headers::of(record);
    let mut bound = Bound { slots: vec![None; plan.fields.len()], ..Bound::default() };
    let mut used = vec![false; headers.written.len()];
    for (index, field) in plan.fields.iter().enumerate() {
        let Some(binding) = field.binding else { continue };
        let slot = match binding.position {
            Some(position) => position.checked_sub(1).filter(|slot| *slot < headers.written.len()),
            None => headers.find(&binding.headers),
        };
        let Some(slot) = slot else {
            bound.missing.push(binding.field.clone());
            continue;
        };
        let twin = headers
            .folded
            .iter()
            .enumerate()
            .find(|(other, header)| *other != slot && **header == headers.folded[slot]);
        if let (Some((other, _)), None) = (twin, binding.position) {
            return Err(About {
                code: "HDR202",
                message: "a header that stands twice",
                found: format!("`{}` in columns {} and {}", headers.written[slot], slot + 1, other + 1),
                expected: format!("one column for `{}`  ({})", field.name, binding.place),
                help: "bind the field by position".into(),
            }
            .refuse(place.clone()));
        }
        used[slot] = true;
        bound.slots[index] = Some(slot);
        bound.headers.insert(binding.field.clone(), headers.written[slot].clone());
    }
    bound.personal = headers.folded.iter().map(|header| plan.personal.contains(header)).collect();
    bound.unbound = headers
        .written
        .iter()
        .zip(&used)
        .filter(|(h, used)| !**used && !h.is_empty())
        .map(|(h, _)| h.clone())
        .collect();
    bound.written = headers.written;
    Ok(bound)
}

/// The diagnostic of a file in which no record holds all required headers; `best` is the one that holds most of them.
pub(super) fn not_found(
    plan: &Plan<'_>,
    best: Option<(&[String], u32)>,
    place: CellPlace,
    help: String,
) -> Box<Diagnostic> {
    let empty: &[String] = &[];
    let (written, row) = best.unwrap_or((empty, 0));
    let folded: Vec<String> = written.iter().map(|header| fold(header)).collect();
    let mut lacking = Vec::new();
    let mut seen = Vec::new();
    for field in plan.fields.iter().filter(|field| field.required) {
        let Some(binding) = field.binding.filter(|binding| !binding.headers.is_empty()) else { continue };
        if binding.headers.iter().any(|alias| folded.contains(&fold(alias))) {
            continue;
        }
        lacking.push(format!("`{}` for {}  ({})", binding.headers.join("` or `"), binding.field, binding.place));
        let near = binding.headers.iter().find_map(|alias| nearest(&fold(alias), folded.iter().map(String::as_str)));
        let near = near.and_then(|near| folded.iter().position(|header| header == near)).map(|at| written[at].as_str());
        seen.extend(near.map(|near| format!("`{near}`")));
    }
    let found = match (seen.is_empty(), row) {
        (_, 0) => "no row with any of the required headers".to_owned(),
        (true, _) if written.is_empty() => format!("row {row} holds nothing"),
        (true, _) => format!("row {row} holds {}", quoted(written)),
        (false, _) => format!("row {row} holds {}, the nearest of its headers", seen.join(", ")),
    };
    About { code: "HDR201", message: "a required column is missing", found, expected: lacking.join("; "), help }
        .refuse(CellPlace { row: (row > 0).then_some(row), ..place })
}

fn quoted(headers: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = headers.iter().take(SHOWN).map(|header| format!("`{header}`")).collect();
    let more = if headers.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Headers of a record as written.
pub(super) fn written(record: &impl Record) -> Vec<String> {
    Headers::of(record).written
}
