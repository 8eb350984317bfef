//! The header row: found by what it must hold, bound by aliases, the first alias that is there wins.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::text::{fold, header_key, likest};
use crate::diagnose::{CellPlace, Diagnostic, visible};
use crate::frame::kind::Cell;
use crate::frame::lineage::PartColumn;
use crate::ingest::plan::Plan;
use crate::ingest::record::Record;
use crate::ingest::refusal::About;
use crate::pipeline::source::{Binding, Composed, Skip, Spot};

/// A header row is looked for in this many records.
pub(super) const SEARCHED: usize = 50;

/// Where each field stands in the records of a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Bound {
    /// Position from 0 of each field of the plan; of the first of several columns.
    pub(super) slots: Vec<Option<usize>>,
    /// Positions of fields that several columns make, in their order, and whether the column is subtracted; else empty.
    pub(super) composed: Vec<Vec<(usize, bool)>>,
    /// Positions of the columns that decide whether a row is skipped, for each condition of the plan.
    pub(super) skip: Vec<Vec<usize>>,
    /// Canonical field → header as written, or its position from 1.
    pub(super) headers: BTreeMap<String, String>,
    /// All headers as written; empty without a header row.
    pub(super) written: Vec<String>,
    /// Headers that no field binds.
    pub(super) unbound: Vec<String>,
    /// Fields that are declared and whose header is not there.
    pub(super) missing: Vec<String>,
    /// The currency that an empty cell of the currency means, as the first row writes it; else empty.
    pub(super) currency: String,
    /// Which columns quarantine masks.
    pub(super) personal: Vec<bool>,
    /// Positions of all columns that hold identifiers.
    pub(super) identifiers: Vec<usize>,
}

impl Bound {
    fn new(plan: &Plan<'_>) -> Bound {
        let fields = plan.fields.len();
        Bound { slots: vec![None; fields], composed: vec![Vec::new(); fields], ..Bound::default() }
    }

    /// Binds a field to several columns; `name` is what a person calls one.
    fn bind_composed(
        &mut self,
        index: usize,
        binding: &Binding,
        found: Vec<(usize, bool)>,
        name: impl Fn(usize) -> String,
    ) {
        let sum = matches!(binding.composed, Some(Composed::Sum(_)));
        let pair = matches!(binding.composed, Some(Composed::DateTime { .. }));
        let mut shown = String::new();
        // Of alternatives, several forms of one column are told once.
        let mut told = BTreeSet::new();
        let is_told = |found: &&(usize, bool)| sum || pair || told.insert(name(found.0));
        for (place, (slot, minus)) in found.iter().filter(is_told).enumerate() {
            shown.push_str(match (sum, place, minus) {
                (true, 0, true) => "-",
                (true, 1.., true) => " - ",
                (true, 1.., false) => " + ",
                (false, 1.., _) if pair => " and ",
                (false, 1.., _) => " or ",
                _ => "",
            });
            shown.push_str(&name(*slot));
        }
        if let Some((slot, _)) = found.first() {
            self.slots[index] = Some(*slot);
            self.headers.insert(binding.field.clone(), shown);
        }
        self.composed[index] = found;
    }

    /// What a person calls the column.
    pub(super) fn column(&self, index: usize) -> String {
        match self.written.get(index) {
            Some(header) if !header.is_empty() => header.clone(),
            _ => (index + 1).to_string(),
        }
    }

    /// How many columns there are: those without a name behind the last one that is named or bound are none.
    pub(super) fn named(&self) -> usize {
        let bound = self.slots.iter().flatten().chain(self.composed.iter().flatten().map(|(slot, _)| slot));
        let bound = bound.chain(self.skip.iter().flatten()).map(|slot| slot + 1).max();
        bound.unwrap_or(0).max(self.written.len())
    }

    /// Whether quarantine masks one of the columns from here on.
    pub(super) fn is_personal_from(&self, index: usize) -> bool {
        self.personal.iter().skip(index).any(|masked| *masked)
    }

    fn find_identifiers(&mut self, plan: &Plan<'_>) {
        for (index, _) in plan.fields.iter().enumerate().filter(|(_, field)| field.cell == Cell::Identifier) {
            let composed = self.composed[index].iter().map(|(slot, _)| *slot);
            self.identifiers.extend(self.slots[index].into_iter().chain(composed));
        }
    }

    /// The columns that make the value of each field that is bound.
    pub(super) fn columns(&self, plan: &Plan<'_>) -> BTreeMap<String, Vec<PartColumn>> {
        let fields = plan.fields.iter().enumerate().filter_map(|(index, field)| Some((index, field.binding?)));
        let slots = |index: usize| match &self.composed[index][..] {
            [] => self.slots[index].map(|slot| (slot, false)).into_iter().collect(),
            several => several.to_vec(),
        };
        let columns = fields.map(|(index, binding)| (binding.field.clone(), self.placed(slots(index))));
        columns.filter(|(_, columns)| !columns.is_empty()).collect()
    }

    /// All columns of the header row; without one, those up to the last that is bound.
    pub(super) fn written_columns(&self) -> Vec<PartColumn> {
        let columns = self.written.len().max(self.personal.len());
        self.placed((0..columns).map(|place| (place, false)))
    }

    fn placed(&self, slots: impl IntoIterator<Item = (usize, bool)>) -> Vec<PartColumn> {
        let column = |(place, is_subtracted)| PartColumn {
            place,
            header: self.column(place),
            is_personal: self.is_personal(place),
            is_subtracted,
        };
        slots.into_iter().map(column).collect()
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
    let mut bound = Bound::new(plan);
    for (index, field) in plan.fields.iter().enumerate() {
        let Some(binding) = field.binding else { continue };
        if let Some(composed) = &binding.composed {
            let found = composed_slots(composed, |spot| spot.position.and_then(|position| position.checked_sub(1)));
            bound.bind_composed(index, binding, found, |slot| (slot + 1).to_string());
            if bound.slots[index].is_some() {
                continue;
            }
        }
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
    bound.skip = skip_slots(plan, place, |spot| spot.position.and_then(|position| position.checked_sub(1)))?;
    let widest = bound.slots.iter().flatten().max().map_or(0, |slot| slot + 1);
    bound.personal = (1..=widest).map(|position| plan.personal.contains(&position.to_string())).collect();
    bound.find_identifiers(plan);
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

/// The headers of a record, folded, and their keys: blanks and `_` count only between two headers that differ in nothing else.
struct Headers {
    written: Vec<String>,
    folded: Vec<String>,
    keys: Vec<String>,
}

impl Headers {
    fn of(record: &impl Record) -> Headers {
        let written: Vec<String> = (0..record.len()).map(|index| record.cell(index).shown().into_owned()).collect();
        let folded = written.iter().map(|header| fold(header)).collect();
        let keys = written.iter().map(|header| header_key(header)).collect();
        Headers { written, folded, keys }
    }

    /// The column of a position from 1, or of the first alias that is there.
    fn slot(&self, position: Option<usize>, aliases: &[String]) -> Option<usize> {
        match position {
            Some(position) => position.checked_sub(1).filter(|slot| *slot < self.written.len()),
            None => self.find(aliases),
        }
    }

    /// Another column with the same header.
    fn twin_of(&self, slot: usize) -> Option<usize> {
        (0..self.folded.len()).find(|other| *other != slot && self.folded[*other] == self.folded[slot])
    }

    /// The first alias that is there, and its column.
    fn find(&self, aliases: &[String]) -> Option<usize> {
        aliases.iter().find_map(|alias| {
            let folded = fold(alias);
            self.folded.iter().position(|header| *header == folded).or_else(|| {
                let key = header_key(alias);
                self.keys.iter().position(|other| *other == key).filter(|_| !key.is_empty())
            })
        })
    }
}

/// Binds the fields of a plan to the header row.
///
/// # Errors
/// A bound header that stands twice.
pub(super) fn bind(plan: &Plan<'_>, record: &impl Record, place: &CellPlace) -> Result<Bound, Box<Diagnostic>> {
    let headers = Headers::of(record);
    let mut bound = Bound::new(plan);
    let mut used = vec![false; headers.written.len()];
    for (index, field) in plan.fields.iter().enumerate() {
        let Some(binding) = field.binding else { continue };
        let found = match &binding.composed {
            Some(composed) => composed_slots(composed, |spot| headers.slot(spot.position, &spot.headers)),
            None => headers.slot(binding.position, &binding.headers).map(|slot| (slot, false)).into_iter().collect(),
        };
        if let (Some(Composed::DateTime { date, time }), [_]) = (&binding.composed, &found[..]) {
            let lacking = if headers.slot(date.position, &date.headers).is_none() { date } else { time };
            return Err(lacks(
                binding,
                &lacking.headers,
                &headers,
                place,
                "a date without its time, or a time without its date",
            ));
        }
        let Some((slot, _)) = found.first().copied() else {
            if plan.is_link(field, binding) {
                let message = "a column that joins rows, or tells their versions apart, is missing";
                return Err(lacks(binding, &binding.headers, &headers, place, message));
            }
            bound.missing.push(binding.field.clone());
            continue;
        };
        let twin = found.iter().find_map(|(slot, _)| Some((*slot, headers.twin_of(*slot)?)));
        if let (Some((slot, other)), None) = (twin, binding.position) {
            return Err(About {
                code: "HDR202",
                message: "a header that stands twice",
                found: format!(
                    "`{}` in columns {} and {}",
                    visible::short(&headers.written[slot], visible::CELL),
                    slot + 1,
                    other + 1
                ),
                expected: format!("one column for `{}`  ({})", field.name, binding.place),
                help: "bind the field by position".into(),
            }
            .refuse(place.clone()));
        }
        found.iter().for_each(|(slot, _)| used[*slot] = true);
        if binding.composed.is_some() {
            bound.bind_composed(index, binding, found, |slot| headers.written[slot].clone());
        } else {
            bound.slots[index] = Some(slot);
            bound.headers.insert(binding.field.clone(), headers.written[slot].clone());
        }
    }
    bound.skip = skip_slots(plan, place, |spot| headers.slot(spot.position, &spot.headers))?;
    bound.skip.iter().flatten().for_each(|slot| used[*slot] = true);
    // A column without a header is named by its position.
    let is_personal = |(slot, header): (usize, &String)| {
        plan.personal.contains(header) || header.is_empty() && plan.personal.contains(&(slot + 1).to_string())
    };
    bound.personal = headers.folded.iter().enumerate().map(is_personal).collect();
    bound.unbound = headers
        .written
        .iter()
        .zip(&used)
        .filter(|(h, used)| !**used && !h.is_empty())
        .map(|(h, _)| h.clone())
        .collect();
    bound.written = headers.written;
    bound.written.truncate(bound.written.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1));
    bound.find_identifiers(plan);
    Ok(bound)
}

/// The refusal of a file without a column that cannot be done without once it is named.
fn lacks(binding: &Binding, wanted: &[String], headers: &Headers, place: &CellPlace, message: &str) -> Box<Diagnostic> {
    let near = wanted.iter().find_map(|alias| likest(&fold(alias), headers.folded.iter().map(String::as_str)));
    let near = near.and_then(|near| headers.folded.iter().position(|header| header == near));
    let near = near.map(|at| format!("; the nearest is `{}`", headers.written[at])).unwrap_or_default();
    let position = binding.position.map(|position| format!("column {position}"));
    let names = position.unwrap_or_else(|| format!("`{}`", wanted.join("` or `")));
    About {
        code: "HDR207",
        message,
        found: format!("{}{near}", quoted(&headers.written)),
        expected: format!("{names} for {}  ({})", binding.field, binding.place),
        help: "add the new header to the list of the column, or take the column out".into(),
    }
    .refuse(place.clone())
}

/// The columns of a composed field that are there.
fn composed_slots(composed: &Composed, slot: impl Fn(&Spot) -> Option<usize>) -> Vec<(usize, bool)> {
    match composed {
        Composed::Sum(terms) => terms.iter().filter_map(|(spot, minus)| Some((slot(spot)?, *minus))).collect(),
        Composed::First { spots, .. } => spots.iter().filter_map(|spot| Some((slot(spot)?, false))).collect(),
        Composed::DateTime { date, time } => {
            [date, time].into_iter().filter_map(|spot| Some((slot(spot)?, false))).collect()
        }
    }
}

/// The columns of every condition to skip a row. Without any of them, nobody can tell which rows count.
fn skip_slots(
    plan: &Plan<'_>,
    place: &CellPlace,
    slot: impl Fn(&Spot) -> Option<usize>,
) -> Result<Vec<Vec<usize>>, Box<Diagnostic>> {
    let slots_of = |skip: &Skip| {
        let slots: Vec<usize> = skip.spots.iter().filter_map(&slot).collect();
        if !slots.is_empty() {
            return Ok(slots);
        }
        let names = skip.spots.iter().flat_map(|spot| &spot.headers).map(|header| format!("`{header}`"));
        Err(About {
            code: "HDR206",
            message: "a column that decides which rows count is missing",
            found: "none of the columns of `skip`".into(),
            expected: format!("{}  ({})", names.collect::<Vec<_>>().join(" or "), plan.source.config),
            help: "add the new header to `columns` of the condition".into(),
        }
        .refuse(place.clone()))
    };
    plan.skip.iter().map(slots_of).collect()
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
    let keys: Vec<String> = written.iter().map(|header| header_key(header)).collect();
    let mut lacking = Vec::new();
    let mut seen = Vec::new();
    for field in plan.fields.iter().filter(|field| field.required) {
        let Some(binding) = field.binding.filter(|binding| !binding.headers.is_empty()) else { continue };
        if binding.headers.iter().any(|alias| keys.contains(&header_key(alias))) {
            continue;
        }
        lacking.push(format!("`{}` for {}  ({})", binding.headers.join("` or `"), binding.field, binding.place));
        let near = binding.headers.iter().find_map(|alias| likest(&fold(alias), folded.iter().map(String::as_str)));
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
    let shown = headers.iter().take(SHOWN).map(|header| format!("`{}`", visible::short(header, visible::CELL)));
    let more = headers.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

/// Headers of a record as written.
pub(super) fn written(record: &impl Record) -> Vec<String> {
    Headers::of(record).written
}
