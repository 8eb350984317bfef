//! Which kind a table without a known layout may be, and which canonical fields its columns may feed, by the headers that packs
//! know and by what the cells hold: a word counts when packs know the labels, a code when a vocabulary has it, and a column without a
//! value counts for nothing. A proposal has its confidence; a weak one stays a comment for a person to judge.

use std::collections::BTreeSet;

use crate::base::text::{header_key, nearest};
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::ingest::infer::amounts;
use crate::ingest::infer::known::Known;
use crate::ingest::infer::layout_match::{Match, SURE};
use crate::ingest::infer::look::{Column, Look};
use crate::ingest::infer::table::Table;
use crate::pipeline::known_headers::Personal;
use crate::vocab::{Kind, Word};

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
    /// The values say so, too.
    proved: bool,
}

/// The proposal for a table. `kind` is what a person said it is; `matches` are the layouts that have something in common with it.
pub(super) fn propose(table: &Table, known: &Known, kind: Option<Kind>, matches: &[Match]) -> Option<Proposal> {
    if let Some(kind) = kind {
        return Some(of_kind(table, known, kind, 100, "as told".to_owned()));
    }
    let systems = matches.iter().filter(|found| found.is_of_system());
    if let Some(found) = systems.min_by_key(|found| std::cmp::Reverse(found.nearness())) {
        let layout = &known.layouts[found.layout];
        let because = format!("{} of its {} headers are those of {}", found.table.0, found.table.1, layout.pack.name);
        return Some(of_kind(table, known, layout.layout.kind, 90, because));
    }
    let mut scored: Vec<(usize, usize, Proposal)> = Kind::ALL
        .iter()
        .map(|kind| {
            let proposal = of_kind(table, known, *kind, 0, String::new());
            (proved(&proposal), headers_of(table, known, *kind), proposal)
        })
        .filter(|(_, headers, _)| *headers >= 2)
        .collect();
    let required = |kind: Kind| spec_of(kind).fields.iter().filter(|field| field.required).count().max(1);
    let share = |(proved, _, own): &(usize, usize, Proposal)| proved * 1000 / required(own.kind);
    // A kind that needs one field alone is not the likeliest for that.
    let score = |own: &(usize, usize, Proposal)| share(own) * own.1;
    scored.sort_by_key(|own| std::cmp::Reverse((score(own), own.1)));
    let first = scored.first()?;
    let (best, headers, proved_share) = (score(first), first.1, share(first));
    let equal = scored.iter().take_while(|own| (score(own), own.1) == (best, headers));
    let equal: Vec<&str> = equal.map(|(.., own)| own.kind.text()).collect();
    let because = format!(
        "{headers} headers are known of {}; {} of its {} required fields are there",
        equal.join(" and of "),
        first.0,
        required(first.2.kind)
    );
    // Where no other kind comes near, one required field that is not there leaves no doubt about the kind.
    let is_alone = proved_share >= 600 && scored.get(1).is_none_or(|own| score(own) * 3 <= best * 2);
    let by_fields = (45 + 45 * proved_share / 1000) as u8;
    let confidence = match equal.len() {
        1 if is_alone => SURE.max(by_fields),
        1 => by_fields,
        _ => 40,
    };
    let (.., proposal) = scored.swap_remove(0);
    Some(Proposal { confidence, because, ..proposal })
}

/// Required fields that a column feeds by its header and by its values.
fn proved(proposal: &Proposal) -> usize {
    let spec = spec_of(proposal.kind);
    let is_required = |field: &Field| field.required && spec.field(field.name).is_some();
    proposal.fields.iter().filter(|own| is_required(&own.field) && own.proved).count()
}

/// Columns with a value whose header stands for a field of the kind in some layout.
fn headers_of(table: &Table, known: &Known, kind: Kind) -> usize {
    let is_known = |column: &&Column| {
        column.look != Look::Empty
            && (known.aliases(&column.header).iter().any(|alias| alias.kind == kind)
                || canonical(kind, &column.header).is_some())
    };
    table.columns.iter().filter(is_known).count()
}

/// The field whose own name the header is.
fn canonical(kind: Kind, header: &str) -> Option<Field> {
    let key = header_key(header);
    let lines: &[Field] = if kind == Kind::Orders { LINE_FIELDS } else { &[] };
    spec_of(kind).fields.iter().chain(lines).find(|field| header_key(field.name) == key).copied()
}

fn of_kind(table: &Table, known: &Known, kind: Kind, confidence: u8, because: String) -> Proposal {
    let mut candidates: Vec<FieldProposal> = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        candidates.extend(by_header(place, column, known, kind));
        candidates.extend(by_values(place, column, known, kind));
    }
    candidates.sort_by(|a, b| b.confidence.cmp(&a.confidence).then(a.column.cmp(&b.column)));
    ask_where_several_claim(table, &mut candidates);
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

/// Two columns of amounts that stand for one field: nothing tells the gross from the net but the person who knows the export.
fn ask_where_several_claim(table: &Table, candidates: &mut [FieldProposal]) {
    const OPEN: u8 = 60;
    let money: Vec<(usize, &str, u8)> = candidates
        .iter()
        .filter(|own| own.field.cell == Cell::Money && own.proved)
        .map(|own| (own.column, own.field.name, own.confidence))
        .collect();
    for own in candidates.iter_mut() {
        let rival = money.iter().find(|(column, name, confidence)| {
            *column != own.column && *name == own.field.name && *confidence == own.confidence
        });
        if let Some((column, ..)) = rival.filter(|_| own.confidence > OPEN) {
            own.confidence = OPEN;
            own.because = format!("{}; {} may be it as well", own.because, table.columns[*column].name());
        }
    }
}

fn by_header(place: usize, column: &Column, known: &Known, kind: Kind) -> Vec<FieldProposal> {
    if column.header.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<FieldProposal> = Vec::new();
    let mut push = |field: Field, base: u8, because: String| {
        let is_new = found.iter().all(|own: &FieldProposal| own.field.name != field.name);
        if is_new && suits(field.cell, column) {
            let proved = is_proved(field, column, known);
            let (confidence, because) = match column.look {
                Look::Empty => (base / 2, format!("{because}, but nothing stands below it")),
                _ => (base, because),
            };
            found.push(FieldProposal { column: place, field, confidence, because, proved });
        }
    };
    for alias in known.aliases(&column.header).iter().filter(|alias| alias.kind == kind) {
        push(alias.field, 95, format!("a header of {}", known.written_by(alias)));
    }
    if let Some(field) = canonical(kind, &column.header) {
        push(field, 85, "the canonical name".to_owned());
    }
    if found.is_empty() && column.look != Look::Empty {
        let key = &column.key;
        if let Some(near) = nearest(key, known.headers_of(kind).map(|(header, _)| header)) {
            let alias = known.headers_of(kind).find(|(header, _)| *header == near).map(|(_, alias)| *alias);
            if let Some(alias) = alias.filter(|alias| suits(alias.field.cell, column)) {
                let because = format!("near `{near}` of {}", known.written_by(&alias));
                found.push(FieldProposal { column: place, field: alias.field, confidence: 50, because, proved: false });
            }
        }
    }
    found
}

/// Whether the values themselves are what the field wants: labels that packs know, codes of one vocabulary, cells of its kind.
fn is_proved(field: Field, column: &Column, known: &Known) -> bool {
    let labels = column.labels();
    match field.cell {
        _ if column.look == Look::Empty => false,
        Cell::Word { .. } => known.unknown_labels(field.cell, None, &labels).len() * 2 <= labels.len(),
        Cell::CarrierCode => !known.vocabularies_of(&labels).is_empty(),
        _ => true,
    }
}

/// Numbers that look like a carrier's, codes that are all in one vocabulary.
fn by_values(place: usize, column: &Column, known: &Known, kind: Kind) -> Vec<FieldProposal> {
    let spec = spec_of(kind);
    let mut found = Vec::new();
    if column.personal.is_some() {
        return found;
    }
    let numbers = matches!(column.look, Look::Identifier | Look::Text | Look::Word(_));
    if let Some(field) = spec.field("tracking_number_raw").filter(|_| numbers) {
        let carriers = known.carriers_of(&column.values);
        if !carriers.is_empty() {
            let because = format!("the values look like numbers of {}", carriers.join(", "));
            found.push(FieldProposal { column: place, field, confidence: 60, because, proved: false });
        }
    }
    let code = spec.fields.iter().find(|field| field.cell == Cell::CarrierCode);
    if let (Some(field), Look::Word(labels)) = (code, &column.look) {
        let vocabularies = known.vocabularies_of(labels);
        if !vocabularies.is_empty() {
            let named: Vec<String> = vocabularies.iter().map(|(pack, name)| format!("{name} of {pack}")).collect();
            let because = format!("all codes are in the vocabulary {}", named.join(", "));
            found.push(FieldProposal { column: place, field: *field, confidence: 55, because, proved: true });
        }
    }
    found
}

/// Whether the cells of a column can be what a field wants. Nobody's mail address, name or link is a number of an order.
pub(super) fn suits(cell: Cell, column: &Column) -> bool {
    let look = &column.look;
    if *look == Look::Empty {
        return true;
    }
    match cell {
        Cell::Text => true,
        Cell::Identifier => {
            let is_somebody = matches!(column.personal, Some(Personal::Mail | Personal::Name | Personal::Address));
            matches!(look, Look::Identifier | Look::Whole | Look::Text | Look::Word(_)) && !is_somebody
        }
        Cell::Money => match look {
            Look::Money(_) | Look::Whole => true,
            Look::Identifier => {
                let form = amounts::find(&column.values.iter().collect::<Vec<_>>());
                form.is_some_and(|form| form.units.is_empty())
            }
            _ => false,
        },
        Cell::Percent => matches!(look, Look::Percent | Look::Whole | Look::Money(_)),
        Cell::Rate => matches!(look, Look::Money(_) | Look::Whole),
        Cell::Date | Cell::Instant => matches!(look, Look::Date(_)),
        Cell::Int => matches!(look, Look::Whole | Look::Flag),
        Cell::Flag => matches!(look, Look::Flag | Look::Word(_) | Look::Whole),
        Cell::Currency | Cell::Word { .. } | Cell::CarrierCode | Cell::Name { .. } => {
            matches!(look, Look::Word(_) | Look::Text | Look::Whole | Look::Identifier | Look::Flag)
        }
    }
}
