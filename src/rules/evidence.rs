//! Evidence: what proves a finding. A fact says where its value was read, of which facts it was worked out, or whose members it adds up;
//! from that the pieces of evidence are gathered here. The text of their cells is read again in the inputs, see [`crate::rules::proof`].

use chrono_tz::Tz;
use polars::prelude::{DataFrame, IdxCa, IdxSize, PolarsResult};

use crate::base::money;
use crate::base::zone::{date_of, local_text};
use crate::frame::canonical::frame_of;
use crate::frame::column::{Aggregate, Column, FIELDS, Frame, HEADER, KEY, Lineage, Members, Shape};
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::frame::lineage::Parts;
use crate::frame::{metric_orders, moved_rows, read, refused_rows};
use crate::ingest::cited::CitedField;
use crate::metrics::Metrics;
use crate::reconcile::Reconciled;
use crate::rules::members::{Countable, MemberIndex, members_of};
use crate::vocab::{Kind, Subject, Word};

/// One piece of evidence, before its cells are read again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A value that was read.
    Read(Reading),
    /// A value that was worked out.
    Computed {
        /// The fact.
        column: &'static str,
        /// Its value.
        value: String,
        /// How it comes about: a formula over the names of the operands, or its meaning in words where none is told.
        formula: String,
        /// What it was worked out of.
        operands: Vec<Operand>,
    },
    /// A setting.
    Declared {
        /// The fact.
        column: &'static str,
        /// Its value.
        value: String,
        /// Whose setting it is: `policy`, `pack`, `pipeline`.
        of: &'static str,
    },
    /// So many more members than are told.
    More {
        /// What the exports of the members hold.
        side: &'static str,
        /// How many.
        more: usize,
    },
}

/// A value and the cells that it may have been read in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// The fact.
    pub column: &'static str,
    /// What the cell was taken for; nothing where that there is such a row proves the fact.
    pub meaning: Option<String>,
    /// A word or a yes, which an empty cell may mean.
    pub may_be_empty: bool,
    /// An amount: a cell that holds another one is not taken for it.
    pub is_amount: bool,
    /// In words, for a value that stands in no cell.
    pub doc: String,
    /// Row and field: the first that holds something, all of them where there is no meaning.
    pub spots: Vec<(u64, CitedField)>,
    /// What is told where no cell holds something.
    pub otherwise: Vec<Evidence>,
}

/// What a value was worked out of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A value of this name.
    Named(&'static str, String),
    /// The text of a cell.
    Text(&'static str, u64, CitedField),
    /// So many more of this name, which together are the value.
    Rest(&'static str, usize, String),
}

/// Where evidence is looked up.
#[derive(Clone, Copy, Default)]
pub struct Library<'run> {
    /// Where rows were read.
    pub parts: Option<&'run Parts>,
    /// The facts.
    pub reconciled: Option<&'run Reconciled>,
    /// The metrics.
    pub metrics: Option<&'run Metrics>,
    /// Where members are found by their keys.
    pub index: Option<&'run MemberIndex>,
}

impl<'run> Library<'run> {
    /// The facts about a subject.
    pub fn facts(&self, subject: Subject) -> Option<&'run DataFrame> {
        let reconciled = self.reconciled?;
        Some(match subject {
            Subject::Order | Subject::OrderAndNumber => &reconciled.orders,
            Subject::Transition => &reconciled.transitions,
            Subject::Shipment => &reconciled.shipments,
            Subject::Number => &reconciled.numbers,
            Subject::PayoutLine => &reconciled.payouts,
            Subject::PayoutDay => &reconciled.payout_days,
            Subject::Statement => &reconciled.statements,
            Subject::Document => &reconciled.documents,
            Subject::PostageDay => &reconciled.postage_days,
            Subject::Metric => &self.metrics?.facts,
            Subject::Word => &reconciled.words,
            Subject::Conflict => &reconciled.conflicts,
            Subject::Restated => &self.metrics?.restated,
            Subject::Source => &reconciled.sources,
            Subject::Identifier => &reconciled.identifiers,
            Subject::Unmatched => &reconciled.unmatched,
            Subject::Supplier | Subject::SupplierSale => &reconciled.suppliers,
            Subject::SupplierAccount => &reconciled.supplier_accounts,
            Subject::Cash => &reconciled.cash,
            Subject::Remittance => &reconciled.remittances,
        })
    }

    /// The rows of a frame that is declared so.
    fn frame(&self, declared: &Frame) -> Option<&'run DataFrame> {
        if let Some(kind) = kind_of(declared) {
            return Some(self.reconciled?.visible.of(kind));
        }
        if declared.name == metric_orders::FRAME.name {
            return Some(&self.metrics?.orders);
        }
        if declared.name == moved_rows::FRAME.name {
            return Some(&self.metrics?.moved);
        }
        if declared.name == refused_rows::FRAME.name {
            return Some(&self.reconciled?.refused);
        }
        let subject = Subject::ALL.iter().find(|subject| subject.frame().name == declared.name)?;
        self.facts(*subject)
    }

    fn kind(&self, reference: u64) -> Option<Kind> {
        Some(self.parts?.locate(reference)?.0.kind)
    }
}

/// The kind whose canonical frame it is.
fn kind_of(declared: &Frame) -> Option<Kind> {
    Kind::ALL.iter().copied().find(|kind| frame_of(*kind).name == declared.name)
}

/// Rows of a frame whose evidence is gathered.
pub struct Exhibits<'run> {
    /// The rows.
    pub facts: &'run DataFrame,
    /// Their declaration.
    pub frame: &'static Frame,
    /// Where evidence is looked up.
    pub library: Library<'run>,
    /// Currency of the money of each row.
    pub currencies: Vec<&'run str>,
    /// Zone of civil days and times.
    pub zone: Tz,
    /// The as-of day.
    pub today: i64,
}

/// The evidence of each row, of one column or of several.
type OfRows = Vec<Vec<Evidence>>;

impl Exhibits<'_> {
    /// The evidence of every row, column by column, nothing twice.
    ///
    /// # Errors
    /// The frame lacks a column that the rule names: a bug of ours.
    pub fn gather(&self, columns: &[Column]) -> PolarsResult<OfRows> {
        let mut all: OfRows = vec![Vec::with_capacity(columns.len()); self.facts.height()];
        for column in columns {
            for (proof, pieces) in all.iter_mut().zip(self.of_column(*column)?) {
                add(proof, pieces);
            }
        }
        Ok(all)
    }

    /// The evidence of one column.
    ///
    /// # Errors
    /// As [`Exhibits::gather`].
    pub fn of_column(&self, column: Column) -> PolarsResult<OfRows> {
        match column.lineage {
            Lineage::Own if kind_of(self.frame).is_some() => self.read(column, &[("row", column.name)], None),
            Lineage::Own => Ok(self.texts(column)?.into_iter().map(|value| told(column, value)).collect()),
            Lineage::Declared(of) => {
                let declared = |value: String| match value.is_empty() {
                    true => Vec::new(),
                    false => vec![Evidence::Declared { column: column.name, value, of }],
                };
                Ok(self.texts(column)?.into_iter().map(declared).collect())
            }
            Lineage::Cells(spots) => self.read(column, spots, None),
            Lineage::CellsOrMembers(spots, how, members, value) => {
                let added = self.of_members(column, how, members, value)?;
                let mut all = self.read(column, spots, Some(added.clone()))?;
                for (pieces, added) in all.iter_mut().zip(added) {
                    let is_sum = |piece: &Evidence| matches!(piece, Evidence::Computed { formula, operands, .. } if formula.starts_with("sum(") && operands.len() > 1);
                    if how == Aggregate::Sum && added.last().is_some_and(is_sum) {
                        *pieces = added;
                    }
                }
                Ok(all)
            }
            Lineage::Formula(formulas) => self.by_formula(column, formulas),
            Lineage::Members(how, members, value) => self.of_members(column, how, members, value),
        }
    }

    fn texts(&self, column: Column) -> PolarsResult<Vec<String>> {
        if column.shape == Shape::Ppm {
            let rates = read::numbers(self.facts, column)?;
            return Ok(rates.iter().map(|rate| rate.map(money::to_percent).unwrap_or_default()).collect());
        }
        texts_of(self.facts, column, &self.currencies, self.zone)
    }

    // ---- what was read ----------------------------------------------------------------------------------------------------------

    fn read(
        &self,
        column: Column,
        spots: &[(&'static str, &'static str)],
        otherwise: Option<OfRows>,
    ) -> PolarsResult<OfRows> {
        let values = self.texts(self.meaning(column))?;
        let named = |name: &str| {
            let column = self.frame.column(name).filter(|_| spots.iter().any(|(_, field)| *field == name));
            column.map(|column| read::texts(self.facts, column)).transpose()
        };
        let (headers, lists) = (named(HEADER)?, named(FIELDS)?);
        let references: Vec<read::References<'_>> = spots
            .iter()
            .map(|(row, _)| read::references(self.facts, Column { name: row, ..crate::frame::orders::row }))
            .collect::<PolarsResult<_>>()?;
        let spots_of = |row: usize| {
            let text = |texts: &Option<read::Texts<'_>>| texts.as_ref().map_or("", |texts| texts.at(row)).to_owned();
            let (header, list) = (text(&headers), text(&lists));
            let known = spots.iter().zip(&references).filter_map(|((_, field), rows)| Some((rows.at(row)?, *field)));
            known.flat_map(|(reference, field)| self.fields(reference, field, &header, &list)).collect::<Vec<_>>()
        };
        let mut otherwise = otherwise.unwrap_or_default().into_iter();
        let pieces = |(row, value): (usize, String)| {
            self.reading(column, value, spots_of(row), otherwise.next().unwrap_or_default())
        };
        Ok(values.into_iter().enumerate().map(pieces).collect())
    }

    /// The column that says what a label as written was taken for; else the column itself.
    fn meaning(&self, column: Column) -> Column {
        let word = column.name.strip_suffix("_raw").and_then(|word| self.frame.column(word));
        word.filter(|word| word.shape == Shape::Word).unwrap_or(column)
    }

    /// The fields that a declared one stands for.
    fn fields(&self, reference: u64, field: &'static str, header: &str, list: &str) -> Vec<(u64, CitedField)> {
        let named = |field| (reference, CitedField::Named(field));
        match self.library.kind(reference) {
            _ if field == HEADER => vec![(reference, CitedField::Headed(header.to_owned()))],
            Some(kind) if field == FIELDS => {
                let is_listed = |field: &&Field| list.split(' ').any(|listed| listed == field.name);
                all_fields(kind).filter(is_listed).map(|field| named(field.name)).collect()
            }
            Some(kind) if field == KEY => spec_of(kind).key.iter().map(|field| named(*field)).collect(),
            _ => vec![named(field)],
        }
    }

    fn reading(
        &self,
        column: Column,
        value: String,
        spots: Vec<(u64, CitedField)>,
        otherwise: Vec<Evidence>,
    ) -> Vec<Evidence> {
        let Some((reference, field)) = spots.first().cloned() else {
            return if otherwise.is_empty() { told(column, value) } else { otherwise };
        };
        let read_as = self.library.kind(reference).and_then(|kind| cell_of(kind, &field));
        let reading = |meaning| {
            let may_be_empty = matches!(column.shape, Shape::Word | Shape::Flag);
            let is_amount = column.shape == Shape::Money;
            Evidence::Read(Reading {
                column: column.name,
                meaning,
                may_be_empty,
                is_amount,
                doc: in_words(column),
                spots,
                otherwise,
            })
        };
        match (column.shape, read_as) {
            (Shape::Row, _) => vec![reading(None)],
            // That there is such a row proves the fact: its cell says something else.
            (Shape::Flag, Some(other)) if !matches!(other, Cell::Flag) => vec![reading(None)],
            (Shape::Int, Some(Cell::Text | Cell::Identifier)) => {
                let CitedField::Named(name) = field else { return vec![reading(None)] };
                let operands = vec![Operand::Text(name, reference, field)];
                let formula = format!("characters({name})");
                vec![reading(None), Evidence::Computed { column: column.name, value, formula, operands }]
            }
            _ => vec![reading(Some(value))],
        }
    }

    // ---- what was worked out ----------------------------------------------------------------------------------------------------

    fn column(&self, name: &str) -> PolarsResult<Column> {
        let unknown = || polars::prelude::PolarsError::ColumnNotFound(format!("{}.{name}", self.frame.name).into());
        self.frame.column(name).ok_or_else(unknown)
    }

    fn by_formula(&self, column: Column, formulas: &[&'static str]) -> PolarsResult<OfRows> {
        let values = self.texts(column)?;
        let wanted = numbers_of(self.facts, column)?;
        let formulas: Vec<Worked<'_>> = formulas.iter().map(|text| self.formula(text)).collect::<PolarsResult<_>>()?;
        let mut all = Vec::with_capacity(values.len());
        for (row, value) in values.into_iter().enumerate() {
            if value.is_empty() {
                all.push(Vec::new());
                continue;
            }
            let holds = |formula: &&Worked<'_>| Some(formula.value(row)) == wanted[row];
            let (formula, text) = match formulas.iter().find(holds) {
                Some(formula) => (Some(formula), formula.text.to_owned()),
                // None gives the value: what the first one names that is known is told.
                None => (formulas.iter().find(|formula| formula.is_known(row)), in_words(column)),
            };
            let mut pieces = Vec::new();
            for term in formula.map(|formula| &formula.terms).into_iter().flatten() {
                add(&mut pieces, term.evidence[row].clone());
            }
            // A value that is the value of a cell unchanged was not worked out.
            let is_cell = |formula: &Worked<'_>| matches!(&formula.terms[..], [term] if term.is_cell);
            if formula.is_some_and(|formula| text == formula.text && is_cell(formula)) && !pieces.is_empty() {
                all.push(pieces);
                continue;
            }
            let operand = |term: &WorkedTerm| Operand::Named(term.name, term.texts[row].clone());
            let operands = formula.map(|formula| formula.terms.iter().map(operand).collect()).unwrap_or_default();
            pieces.push(Evidence::Computed { column: column.name, value, formula: text, operands });
            all.push(pieces);
        }
        Ok(all)
    }

    /// A formula with the values and the evidence of what it names.
    fn formula(&self, text: &'static str) -> PolarsResult<Worked<'_>> {
        let mut terms = Vec::new();
        let mut minus = false;
        for word in text.split_whitespace() {
            match word {
                "+" => minus = false,
                "-" => minus = true,
                name => terms.push(self.term(name, minus)?),
            }
        }
        Ok(Worked { text, terms })
    }

    fn term(&self, name: &'static str, minus: bool) -> PolarsResult<WorkedTerm> {
        let height = self.facts.height();
        if let Ok(number) = name.parse::<i64>() {
            let (numbers, texts) = (vec![Some(number); height], vec![name.to_owned(); height]);
            return Ok(WorkedTerm { name, minus, numbers, texts, evidence: vec![Vec::new(); height], is_cell: false });
        }
        if name == AS_OF {
            let day = date_of(self.today as i32).map(|day| day.to_string()).unwrap_or_default();
            let declared = Evidence::Declared { column: AS_OF, value: day.clone(), of: "run" };
            let evidence = vec![vec![declared]; height];
            return Ok(WorkedTerm {
                name,
                minus,
                numbers: vec![Some(self.today); height],
                texts: vec![day; height],
                evidence,
                is_cell: false,
            });
        }
        let column = self.column(name)?;
        Ok(WorkedTerm {
            name,
            minus,
            numbers: numbers_of(self.facts, column)?,
            texts: self.texts(column)?,
            evidence: self.of_column(column)?,
            is_cell: matches!(column.lineage, Lineage::Cells(_)),
        })
    }

    // ---- members ----------------------------------------------------------------------------------------------------------------

    fn of_members(
        &self,
        column: Column,
        how: Aggregate,
        members: &'static Members,
        value: &'static str,
    ) -> PolarsResult<OfRows> {
        let values = self.texts(column)?;
        let Some(frame) = self.library.frame(members.frame).filter(|_| self.facts.height() > 0) else {
            return Ok(values.into_iter().map(|value| told(column, value)).collect());
        };
        let found = members_of(self.facts, self.frame, frame, members, self.library.index)?;
        let told = |list: usize| &found.lists[list][..found.lists[list].len().min(members.most)];
        let cited: Vec<IdxSize> = found.of_rows.iter().flat_map(|list| told(*list)).copied().collect();
        let rows = frame.take(&IdxCa::from_vec("members".into(), cited))?;
        let currencies = found.of_rows.iter().zip(&self.currencies);
        let currencies = currencies.flat_map(|(list, currency)| told(*list).iter().map(|_| *currency));
        let exhibits = Exhibits {
            facts: &rows,
            frame: members.frame,
            library: self.library,
            currencies: currencies.collect(),
            zone: self.zone,
            today: self.today,
        };
        let of_value = exhibits.column(value)?;
        let is_read = kind_of(members.frame).is_some() || matches!(of_value.lineage, Lineage::Cells(_));
        // A single member is proved as its own facts are.
        let is_single = members.most == 1;
        let mut columns: Vec<Column> = (is_read || is_single).then_some(of_value).into_iter().collect();
        for name in members.beside.iter().filter(|name| **name != value) {
            columns.push(exhibits.column(name)?);
        }
        let mut evidence = exhibits.gather(&columns)?.into_iter();
        let mut texts = exhibits.texts(of_value)?.into_iter();
        let numbers = Countable::read(frame, of_value)?;
        let times = how.times().and_then(|name| members.frame.column(name));
        let times = times.map(|times| Countable::read(frame, times)).transpose()?;
        let wanted = Countable::read(self.facts, column)?;
        let side = kind_of(members.frame).map_or(members.frame.name, Word::text);
        let number = |row: &IdxSize| {
            let pieces = times.as_ref().map_or(1, |times| times.at(*row as usize).unwrap_or(0));
            numbers.at(*row as usize).unwrap_or(0) * pieces
        };
        // Of each list: all members taken together, and those that are not told.
        let taken = |list: usize| {
            let (rows, told) = (&found.lists[list], told(list).len());
            (how.of(rows.iter().map(number)), how.of(rows[told..].iter().map(number)).unwrap_or(0))
        };
        let taken: Vec<(Option<i64>, i64)> = (0..found.lists.len()).map(taken).collect();
        let mut all = Vec::with_capacity(values.len());
        for (row, (list, text)) in found.of_rows.iter().copied().zip(values).enumerate() {
            let (rows, (given, rest)) = (&found.lists[list], taken[list]);
            let told = told(list).len();
            let mut pieces = Vec::new();
            evidence.by_ref().take(told).for_each(|more| add(&mut pieces, more));
            if rows.len() > told {
                pieces.push(Evidence::More { side, more: rows.len() - told });
            }
            let mut operands: Vec<Operand> =
                texts.by_ref().take(told).map(|text| Operand::Named(value, text)).collect();
            if let Some(times) = &times {
                let pieces = rows.iter().take(told).map(|row| times.at(*row as usize).unwrap_or(0).to_string());
                let name = how.times().unwrap_or_default();
                operands.extend(pieces.map(|pieces| Operand::Named(name, pieces)));
            }
            let holds = how != Aggregate::Source && (given.unwrap_or(0) == wanted.at(row).unwrap_or(0));
            let alone = told == 1 && how == Aggregate::Sum && (is_read || is_single) && holds;
            if rows.len() > told {
                let currency = if of_value.shape == Shape::Money { self.currencies[row] } else { "" };
                let rest = if currency.is_empty() { rest.to_string() } else { money::to_decimal(rest, currency) };
                operands.push(Operand::Rest(value, rows.len() - told, rest));
            }
            if !alone {
                let formula = match how.times() {
                    _ if !holds => in_words(column),
                    Some(times) => format!("{}({value} * {times})", how.name()),
                    None => format!("{}({value})", how.name()),
                };
                pieces.push(Evidence::Computed { column: column.name, value: text, formula, operands });
            }
            all.push(pieces);
        }
        Ok(all)
    }
}

/// The as-of day, in a formula.
const AS_OF: &str = "as_of";

/// Adds pieces that are not there yet.
fn add(proof: &mut Vec<Evidence>, pieces: Vec<Evidence>) {
    for piece in pieces {
        if !proof.contains(&piece) {
            proof.push(piece);
        }
    }
}

/// A value of which only the meaning is told.
fn told(column: Column, value: String) -> Vec<Evidence> {
    if value.is_empty() {
        return Vec::new();
    }
    vec![Evidence::Computed { column: column.name, value, formula: in_words(column), operands: Vec::new() }]
}

/// The meaning of a column as its formula.
pub fn in_words(column: Column) -> String {
    // Links of the code lead nowhere in an output.
    let link = column.doc.find(" ([`").zip(column.doc.find("`])"));
    let words =
        link.map_or_else(|| column.doc.to_owned(), |(from, to)| [&column.doc[..from], &column.doc[to + 3..]].concat());
    words.trim().to_owned()
}

/// How the cells of a field are read.
fn cell_of(kind: Kind, field: &CitedField) -> Option<Cell> {
    let CitedField::Named(name) = field else { return None };
    all_fields(kind).find(|field| field.name == *name).map(|field| field.cell)
}

/// The fields of a kind; rows of orders may be lines, too.
fn all_fields(kind: Kind) -> impl Iterator<Item = &'static Field> {
    spec_of(kind).fields.iter().chain(if kind == Kind::Orders { LINE_FIELDS } else { &[] })
}

/// A formula with the values of what it names.
struct Worked<'f> {
    text: &'f str,
    terms: Vec<WorkedTerm>,
}

/// A column of a formula.
struct WorkedTerm {
    name: &'static str,
    minus: bool,
    numbers: Vec<Option<i64>>,
    texts: Vec<String>,
    evidence: OfRows,
    /// Its values stand in cells.
    is_cell: bool,
}

impl Worked<'_> {
    fn is_known(&self, row: usize) -> bool {
        self.terms.iter().any(|term| !term.texts[row].is_empty())
    }

    fn value(&self, row: usize) -> i64 {
        let term = |term: &WorkedTerm| term.numbers[row].unwrap_or(0) * if term.minus { -1 } else { 1 };
        self.terms.iter().map(term).sum()
    }
}

impl Aggregate {
    fn name(self) -> &'static str {
        match self {
            Aggregate::Sum | Aggregate::Worth | Aggregate::Gone | Aggregate::Source => "sum",
            Aggregate::Less => "-sum",
            Aggregate::Count => "count",
            Aggregate::Least => "min",
        }
    }

    /// The column that each value is multiplied by.
    fn times(self) -> Option<&'static str> {
        match self {
            Aggregate::Worth => Some("qty"),
            Aggregate::Gone => Some("qty_cancelled"),
            _ => None,
        }
    }

    fn of(self, numbers: impl ExactSizeIterator<Item = i64>) -> Option<i64> {
        match self {
            Aggregate::Count => i64::try_from(numbers.len()).ok(),
            Aggregate::Least => numbers.min(),
            Aggregate::Sum | Aggregate::Worth | Aggregate::Gone | Aggregate::Source => {
                (numbers.len() > 0).then(|| numbers.sum())
            }
            Aggregate::Less => Some(-numbers.sum::<i64>()),
        }
    }
}

/// Money, numbers and days as numbers.
fn numbers_of(frame: &DataFrame, column: Column) -> PolarsResult<Vec<Option<i64>>> {
    Ok(match column.shape {
        Shape::Date => read::days(frame, column)?.iter().map(|day| day.map(i64::from)).collect(),
        Shape::Instant => read::instants(frame, column)?.iter().collect(),
        _ => read::numbers(frame, column)?.iter().collect(),
    })
}

/// The value of a fact in one row as text; see [`texts_of`].
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn text_of(facts: &DataFrame, row: usize, column: Column, currency: &str, zone: Tz) -> PolarsResult<String> {
    let one = DataFrame::new(1, vec![facts.column(column.name)?.slice(row as i64, 1)])?;
    Ok(texts_of(&one, column, &[currency], zone)?.pop().unwrap_or_default())
}

/// The values of a fact as text, `currencies` row by row: money as a decimal, dates ISO, instants in the account's zone; empty when there is none.
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn texts_of(facts: &DataFrame, column: Column, currencies: &[&str], zone: Tz) -> PolarsResult<Vec<String>> {
    fn shown<T>(values: impl Iterator<Item = Option<T>>, text: impl Fn(T) -> String) -> Vec<String> {
        values.map(|value| value.map(&text).unwrap_or_default()).collect()
    }
    Ok(match column.shape {
        Shape::Text | Shape::Word => read::texts(facts, column)?.iter().map(str::to_owned).collect(),
        Shape::Money => {
            let amounts = read::numbers(facts, column)?;
            amounts
                .iter()
                .zip(currencies)
                .map(|(amount, currency)| amount.map(|minor| money::to_decimal(minor, currency)).unwrap_or_default())
                .collect()
        }
        Shape::Ppm | Shape::Int => shown(read::numbers(facts, column)?.iter(), |number| number.to_string()),
        Shape::Date => shown(read::days(facts, column)?.iter(), |day| {
            date_of(day).map(|date| date.to_string()).unwrap_or_default()
        }),
        Shape::Instant => shown(read::instants(facts, column)?.iter(), |millis| local_text(millis, zone)),
        Shape::Flag => {
            shown(facts.column(column.name)?.bool()?.iter(), |flag| if flag { "yes" } else { "no" }.to_owned())
        }
        Shape::Row => vec![String::new(); facts.height()],
    })
}
