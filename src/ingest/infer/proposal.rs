//! Which kind a table without a known layout may be, and which canonical fields its columns may feed, by the headers that packs
//! know and by what the cells look like. A proposal has its confidence; a weak one stays a comment for a person to judge.

use std::collections::BTreeSet;

use crate::base::text::{fold, nearest};
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::ingest::infer::known::{Known, field_of};
use crate::ingest::infer::look::{Column, Look};
use crate::ingest::infer::table::Table;
use crate::vocab::{Kind, Word};

/// From here on a proposal is written as a line that counts, below it as a comment.
pub(super) const SURE: u8 = 80;

/// A kind with its fields.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) kind: Kind,
    /// Percent.
    pub(super) confidence: u8,
    pub(super) because: String,
    /// Several rows per order.
    pub(super) lines: bool,
    pub(super) fields: Vec<FieldProposal>,
}

/// A column and the field that it may feed.
#[derive(Debug)]
pub(super) struct FieldProposal {
    /// Place of the column.
    pub(super) column: usize,
    pub(super) field: Field,
    /// Percent.
    pub(super) confidence: u8,
    pub(super) because: String,
}

/// The proposal for a table. `kind` is what a person said it is.
pub(super) fn propose(table: &Table, known: &Known, kind: Option<Kind>) -> Option<Proposal> {
    if let Some(kind) = kind {
        return Some(of_kind(table, known, kind, 100, "as told".to_owned()));
    }
    let mut scored: Vec<(usize, Kind)> =
        Kind::ALL.iter().map(|kind| (headers_of(table, known, *kind), *kind)).collect();
    scored.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (most, kind) = *scored.first()?;
    if most < 2 {
        return None;
    }
    let equal: Vec<&str> = scored.iter().filter(|(count, _)| *count == most).map(|(_, kind)| kind.text()).collect();
    let mut proposal = of_kind(table, known, kind, 0, String::new());
    let required: Vec<&Field> = spec_of(kind).fields.iter().filter(|field| field.required).collect();
    let there = required.iter().filter(|field| proposal.fields.iter().any(|own| own.field.name == field.name)).count();
    proposal.because = format!(
        "{most} headers are known of {}; {there} of its {} required fields",
        equal.join(" and of "),
        required.len()
    );
    proposal.confidence = if equal.len() > 1 { 40 } else { (45 + 45 * there / required.len().max(1)) as u8 };
    Some(proposal)
}

/// Columns whose header stands for a field of the kind in some layout.
fn headers_of(table: &Table, known: &Known, kind: Kind) -> usize {
    let is_known = |column: &&Column| {
        known.aliases(&column.header).iter().any(|alias| alias.kind == kind)
            || canonical(kind, &column.header).is_some()
    };
    table.columns.iter().filter(is_known).count()
}

fn canonical(kind: Kind, header: &str) -> Option<Field> {
    let name = fold(header).replace(' ', "_");
    field_of(kind, kind == Kind::Orders, &name)
}

fn of_kind(table: &Table, known: &Known, kind: Kind, confidence: u8, because: String) -> Proposal {
    let mut candidates: Vec<FieldProposal> = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        candidates.extend(by_header(place, column, known, kind));
        candidates.extend(by_values(place, column, known, kind));
    }
    candidates.sort_by(|a, b| b.confidence.cmp(&a.confidence).then(a.column.cmp(&b.column)));
    let mut columns = BTreeSet::new();
    let mut fields: Vec<FieldProposal> = Vec::new();
    for candidate in candidates {
        let is_free = fields.iter().all(|own| own.field.name != candidate.field.name);
        if is_free && columns.insert(candidate.column) {
            fields.push(candidate);
        }
    }
    fields.sort_by_key(|own| own.column);
    let is_line = |name: &str| LINE_FIELDS.iter().any(|field| field.name == name);
    let lines = kind == Kind::Orders && fields.iter().any(|own| own.confidence >= SURE && is_line(own.field.name));
    fields.retain(|own| lines || kind != Kind::Orders || !is_line(own.field.name));
    Proposal { kind, confidence, because, lines, fields }
}

fn by_header(place: usize, column: &Column, known: &Known, kind: Kind) -> Vec<FieldProposal> {
    if column.header.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<FieldProposal> = Vec::new();
    let mut push = |field: Field, base: u8, because: String| {
        if found.iter().any(|own: &FieldProposal| own.field.name == field.name) {
            return;
        }
        let (confidence, because) = if suits(field.cell, &column.look) {
            (base, because)
        } else {
            (base / 2, format!("{because}, but the cells are {}", column.look.word()))
        };
        found.push(FieldProposal { column: place, field, confidence, because });
    };
    for alias in known.aliases(&column.header).iter().filter(|alias| alias.kind == kind) {
        push(alias.field, 95, format!("a header of {}", known.layouts[alias.layout].name));
    }
    if let Some(field) = canonical(kind, &column.header) {
        push(field, 85, "the canonical name".to_owned());
    }
    if found.is_empty() {
        let folded = fold(&column.header);
        if let Some(near) = nearest(&folded, known.headers_of(kind).map(|(header, _)| header)) {
            let alias = known.headers_of(kind).find(|(header, _)| *header == near).map(|(_, alias)| *alias);
            if let Some(alias) = alias.filter(|alias| suits(alias.field.cell, &column.look)) {
                let because = format!("near `{near}` of {}", known.layouts[alias.layout].name);
                found.push(FieldProposal { column: place, field: alias.field, confidence: 50, because });
            }
        }
    }
    found
}

/// Numbers that look like a carrier's, codes that are all in one vocabulary.
fn by_values(place: usize, column: &Column, known: &Known, kind: Kind) -> Vec<FieldProposal> {
    let spec = spec_of(kind);
    let mut found = Vec::new();
    let numbers = matches!(column.look, Look::Identifier | Look::Text | Look::Word(_));
    if let Some(field) = spec.field("tracking_number_raw").filter(|_| numbers) {
        let carriers = known.carriers_of(&column.values);
        if !carriers.is_empty() {
            let because = format!("the values look like numbers of {}", carriers.join(", "));
            found.push(FieldProposal { column: place, field, confidence: 60, because });
        }
    }
    let code = spec.fields.iter().find(|field| field.cell == Cell::CarrierCode);
    if let (Some(field), Look::Word(labels)) = (code, &column.look) {
        let vocabularies = known.vocabularies_of(labels);
        if !vocabularies.is_empty() {
            let named: Vec<String> = vocabularies.iter().map(|(pack, name)| format!("{name} of {pack}")).collect();
            let because = format!("all codes are in the vocabulary {}", named.join(", "));
            found.push(FieldProposal { column: place, field: *field, confidence: 55, because });
        }
    }
    found
}

/// Whether the cells of a column can be what a field wants.
pub(super) fn suits(cell: Cell, look: &Look) -> bool {
    if *look == Look::Empty {
        return true;
    }
    match cell {
        Cell::Text => true,
        Cell::Identifier => matches!(look, Look::Identifier | Look::Whole | Look::Text | Look::Word(_)),
        Cell::Money => matches!(look, Look::Money(_) | Look::Whole | Look::Identifier),
        Cell::Percent => matches!(look, Look::Percent | Look::Whole | Look::Money(_)),
        Cell::Date | Cell::Instant => matches!(look, Look::Date(_)),
        Cell::Int => matches!(look, Look::Whole | Look::Flag),
        Cell::Flag => matches!(look, Look::Flag | Look::Word(_) | Look::Whole),
        Cell::Currency | Cell::Word { .. } | Cell::CarrierCode | Cell::Name { .. } => {
            matches!(look, Look::Word(_) | Look::Text | Look::Whole | Look::Identifier | Look::Flag)
        }
    }
}
