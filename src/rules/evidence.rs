//! Evidence: what proves a finding. A fact says where its value was read, of which facts it was worked out, or whose members it adds up;
//! from that the pieces of evidence are gathered here, row by row. The text of their cells is read again in the inputs, see
//! [`crate::rules::proof`].

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use chrono_tz::Tz;
use polars::prelude::{DataFrame, IdxSize, PolarsResult};

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
use crate::rules::members::{Countable, MemberIndex, MemberList, MemberLists};
use crate::vocab::{Kind, Subject, Word};

/// One piece of evidence, before its cells are read again. Texts that the pieces of many findings have are shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A value that was read.
    Read(Reading),
    /// A value that was worked out.
    Computed {
        /// The fact.
        column: &'static str,
        /// Its value.
        value: Box<str>,
        /// How it comes about: a formula over the names of the operands, or its meaning in words where none is told.
        formula: Arc<str>,
        /// What it was worked out of.
        operands: Arc<[Operand]>,
    },
    /// A setting.
    Declared {
        /// The fact.
        column: &'static str,
        /// Its value.
        value: Box<str>,
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
    pub meaning: Option<Box<str>>,
    /// A word or a yes, which an empty cell may mean.
    pub may_be_empty: bool,
    /// An amount: a cell that holds another one is not taken for it.
    pub is_amount: bool,
    /// In words, for a value that stands in no cell.
    pub doc: Arc<str>,
    /// Row and field: the first that holds something, all of them where there is no meaning.
    pub spots: Box<[(u64, CitedField)]>,
    /// What is told where no cell holds something.
    pub otherwise: Box<[Evidence]>,
}

/// What a value was worked out of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A value of this name.
    Named(&'static str, Box<str>),
    /// The text of a cell.
    Text(&'static str, u64, CitedField),
    /// So many more of this name, which together are the value.
    Rest(&'static str, usize, Box<str>),
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

/// Where evidence is looked up, and how it is told.
#[derive(Clone, Copy)]
pub struct Scope<'run> {
    /// Where evidence is looked up.
    pub library: Library<'run>,
    /// Zone of civil days and times.
    pub zone: Tz,
    /// The as-of day.
    pub today: i64,
}

/// Columns of a frame whose evidence is gathered, row by row. Nothing is copied out of the frame.
pub struct Exhibits<'run>(Vec<Exhibit<'run>>);

impl<'run> Exhibits<'run> {
    /// # Errors
    /// The frame lacks a column that the rule names: a bug of ours.
    pub fn new(
        scope: Scope<'run>,
        facts: &'run DataFrame,
        frame: &'static Frame,
        columns: &[Column],
    ) -> PolarsResult<Exhibits<'run>> {
        let kind = kind_of(frame);
        let room = Room { scope, facts, frame, kind };
        columns.iter().map(|column| room.exhibit(*column)).collect::<PolarsResult<_>>().map(Exhibits)
    }

    /// The evidence of a row in whose currency its money is, column by column, nothing twice.
    pub fn gather(&self, row: usize, currency: &str) -> Vec<Evidence> {
        self.gather_if(row, currency, |_| true)
    }

    /// The same of some of the columns.
    pub fn gather_if(&self, row: usize, currency: &str, is_wanted: impl Fn(Column) -> bool) -> Vec<Evidence> {
        let mut proof = Vec::with_capacity(self.0.len());
        for exhibit in self.0.iter().filter(|exhibit| is_wanted(exhibit.column)) {
            add(&mut proof, exhibit.pieces(row, currency));
        }
        proof
    }
}

/// A frame whose evidence is looked for.
#[derive(Clone, Copy)]
struct Room<'run> {
    scope: Scope<'run>,
    facts: &'run DataFrame,
    frame: &'static Frame,
    /// The kind whose canonical frame it is.
    kind: Option<Kind>,
}

/// A column, and where the evidence of its values is found.
struct Exhibit<'run> {
    column: Column,
    /// In words.
    doc: Arc<str>,
    values: FactTexts<'run>,
    source: Source<'run>,
    scope: Scope<'run>,
}

enum Source<'run> {
    /// Only the meaning is told.
    Words,
    Setting(&'static str),
    Cells(Spots<'run>),
    CellsOrMembers(Spots<'run>, Aggregate, Box<Exhibit<'run>>),
    /// The value as a number, and the formulas that may give it.
    Formulas(Countable<'run>, Vec<Worked<'run>>),
    Members(Box<Gathering<'run>>),
}

/// The cells of a value: fields, and the row of each.
struct Spots<'run> {
    rows: Vec<(&'static str, read::References<'run>)>,
    header: Option<read::Texts<'run>>,
    fields: Option<read::Texts<'run>>,
}

impl<'run> Room<'run> {
    fn exhibit(&self, column: Column) -> PolarsResult<Exhibit<'run>> {
        let of = |source, read: Column| {
            let (doc, values) = (in_words(column).into(), self.texts(read)?);
            Ok(Exhibit { column, doc, values, source, scope: self.scope })
        };
        match column.lineage {
            Lineage::Own if self.kind.is_some() => {
                of(Source::Cells(self.spots(&[("row", column.name)])?), self.meaning(column))
            }
            Lineage::Own => of(Source::Words, column),
            Lineage::Declared(whose) => of(Source::Setting(whose), column),
            Lineage::Cells(spots) => of(Source::Cells(self.spots(spots)?), self.meaning(column)),
            Lineage::CellsOrMembers(spots, how, members, value) => {
                let added = of(self.members(column, how, members, value)?, column)?;
                of(Source::CellsOrMembers(self.spots(spots)?, how, Box::new(added)), self.meaning(column))
            }
            Lineage::Formula(formulas) => {
                let formulas = formulas.iter().map(|text| self.formula(text)).collect::<PolarsResult<_>>()?;
                of(Source::Formulas(numbers_of(self.facts, column)?, formulas), column)
            }
            Lineage::Members(how, members, value) => of(self.members(column, how, members, value)?, column),
        }
    }

    /// The values of a column, rates in percent.
    fn texts(&self, column: Column) -> PolarsResult<FactTexts<'run>> {
        match column.shape {
            Shape::Ppm => read::numbers(self.facts, column).map(FactTexts::Rates),
            _ => FactTexts::read(self.facts, column),
        }
    }

    /// The column that says what a label as written was taken for; else the column itself.
    fn meaning(&self, column: Column) -> Column {
        let word = column.name.strip_suffix("_raw").and_then(|word| self.frame.column(word));
        word.filter(|word| word.shape == Shape::Word).unwrap_or(column)
    }

    fn spots(&self, spots: &[(&'static str, &'static str)]) -> PolarsResult<Spots<'run>> {
        let named = |name: &str| {
            let column = self.frame.column(name).filter(|_| spots.iter().any(|(_, field)| *field == name));
            column.map(|column| read::texts(self.facts, column)).transpose()
        };
        let rows = spots.iter().map(|(row, field)| {
            let column = Column { name: row, ..crate::frame::orders::row };
            Ok((*field, read::references(self.facts, column)?))
        });
        Ok(Spots { rows: rows.collect::<PolarsResult<_>>()?, header: named(HEADER)?, fields: named(FIELDS)? })
    }

    fn column(&self, name: &str) -> PolarsResult<Column> {
        let unknown = || polars::prelude::PolarsError::ColumnNotFound(format!("{}.{name}", self.frame.name).into());
        self.frame.column(name).ok_or_else(unknown)
    }

    /// A formula with the columns that it names.
    fn formula(&self, text: &'static str) -> PolarsResult<Worked<'run>> {
        let mut terms = Vec::new();
        let mut minus = false;
        for word in text.split_whitespace() {
            match word {
                "+" => minus = false,
                "-" => minus = true,
                name => terms.push(self.term(name, minus)?),
            }
        }
        Ok(Worked { text: text.into(), terms })
    }

    fn term(&self, name: &'static str, minus: bool) -> PolarsResult<Term<'run>> {
        let value = match name.parse::<i64>() {
            Ok(number) => TermValue::Given(number),
            Err(_) if name == AS_OF => TermValue::AsOf,
            Err(_) => {
                let column = self.column(name)?;
                TermValue::Fact(numbers_of(self.facts, column)?, Box::new(self.exhibit(column)?))
            }
        };
        Ok(Term { name, minus, value })
    }

    fn members(
        &self,
        column: Column,
        how: Aggregate,
        members: &'static Members,
        value: &'static str,
    ) -> PolarsResult<Source<'run>> {
        let library = self.scope.library;
        let Some(frame) = library.frame(members.frame) else { return Ok(Source::Words) };
        let lists = MemberLists::new((self.facts, self.frame), frame, members, library.index)?;
        let room = Room { facts: frame, frame: members.frame, kind: kind_of(members.frame), ..*self };
        let of_value = room.column(value)?;
        let is_read = room.kind.is_some() || matches!(of_value.lineage, Lineage::Cells(_));
        // A single member is proved as its own facts are.
        let is_own = is_read || members.most == 1;
        let mut each: Vec<Exhibit<'run>> = Vec::new();
        if is_own {
            each.push(room.exhibit(of_value)?);
        }
        for name in members.beside.iter().filter(|name| **name != value) {
            each.push(room.exhibit(room.column(name)?)?);
        }
        let times = how.times().and_then(|name| members.frame.column(name));
        let formula = match how.times() {
            Some(times) => format!("{}({value} * {times})", how.name()),
            None => format!("{}({value})", how.name()),
        };
        Ok(Source::Members(Box::new(Gathering {
            how,
            lists,
            most: members.most,
            value,
            texts: room.texts(of_value)?,
            numbers: Countable::read(frame, of_value)?,
            times: times.map(|times| Countable::read(frame, times)).transpose()?,
            wanted: Countable::read(self.facts, column)?,
            each: Exhibits(each),
            is_own,
            is_money: of_value.shape == Shape::Money,
            side: room.kind.map_or(members.frame.name, Word::text),
            formula: formula.into(),
        })))
    }
}

impl Exhibit<'_> {
    fn pieces(&self, row: usize, currency: &str) -> Vec<Evidence> {
        match &self.source {
            Source::Words => self.told(self.text(row, currency)),
            Source::Setting(of) => match self.text(row, currency) {
                value if value.is_empty() => Vec::new(),
                value => vec![Evidence::Declared { column: self.column.name, value, of }],
            },
            Source::Cells(spots) => self.reading(row, currency, spots, Vec::new()),
            Source::CellsOrMembers(spots, how, added) => {
                let added = added.pieces(row, currency);
                let is_sum = |piece: &Evidence| matches!(piece, Evidence::Computed { formula, operands, .. } if formula.starts_with("sum(") && operands.len() > 1);
                if *how == Aggregate::Sum && added.last().is_some_and(is_sum) {
                    return added;
                }
                self.reading(row, currency, spots, added)
            }
            Source::Formulas(wanted, formulas) => self.by_formula(row, currency, wanted.at(row), formulas),
            Source::Members(members) => self.of_members(row, currency, members),
        }
    }

    fn text(&self, row: usize, currency: &str) -> Box<str> {
        self.values.at(row, currency, self.scope.zone).into()
    }

    /// A value of which only the meaning is told.
    fn told(&self, value: Box<str>) -> Vec<Evidence> {
        if value.is_empty() { Vec::new() } else { vec![self.computed(value, &self.doc, Arc::default())] }
    }

    fn computed(&self, value: Box<str>, formula: &Arc<str>, operands: Arc<[Operand]>) -> Evidence {
        Evidence::Computed { column: self.column.name, value, formula: formula.clone(), operands }
    }

    // ---- what was read ----------------------------------------------------------------------------------------------------------

    fn reading(&self, row: usize, currency: &str, spots: &Spots<'_>, otherwise: Vec<Evidence>) -> Vec<Evidence> {
        let (column, library) = (self.column, &self.scope.library);
        let value = self.text(row, currency);
        let known = spots.rows.iter().filter_map(|(field, rows)| Some((rows.at(row)?, *field)));
        let cells: Vec<_> = known.flat_map(|(row_of, field)| spots.fields(library, row, row_of, field)).collect();
        let Some((reference, field)) = cells.first().cloned() else {
            return if otherwise.is_empty() { self.told(value) } else { otherwise };
        };
        let read_as = library.kind(reference).and_then(|kind| cell_of(kind, &field));
        let reading = |meaning| {
            Evidence::Read(Reading {
                column: column.name,
                meaning,
                may_be_empty: matches!(column.shape, Shape::Word | Shape::Flag),
                is_amount: column.shape == Shape::Money,
                doc: self.doc.clone(),
                spots: cells.into(),
                otherwise: otherwise.into(),
            })
        };
        match (column.shape, read_as) {
            (Shape::Row, _) => vec![reading(None)],
            // That there is such a row proves the fact: its cell says something else.
            (Shape::Flag, Some(other)) if !matches!(other, Cell::Flag) => vec![reading(None)],
            (Shape::Int, Some(Cell::Text | Cell::Identifier)) => {
                let CitedField::Named(name) = field else { return vec![reading(None)] };
                let operands = [Operand::Text(name, reference, field)].into();
                vec![reading(None), self.computed(value, &format!("characters({name})").into(), operands)]
            }
            _ => vec![reading(Some(value))],
        }
    }

    // ---- what was worked out ----------------------------------------------------------------------------------------------------

    fn by_formula(&self, row: usize, currency: &str, wanted: Option<i64>, formulas: &[Worked<'_>]) -> Vec<Evidence> {
        let value = self.text(row, currency);
        if value.is_empty() {
            return Vec::new();
        }
        let holds = |formula: &&Worked<'_>| Some(formula.value(row, self.scope.today)) == wanted;
        let giving = formulas.iter().find(holds);
        // None gives the value: what the first one names that is known is told.
        let is_known =
            |formula: &&Worked<'_>| formula.terms.iter().any(|term| !self.operand(term, row, currency).is_empty());
        let Some(formula) = giving.or_else(|| formulas.iter().find(is_known)) else {
            return vec![self.computed(value, &self.doc, Arc::default())];
        };
        let mut pieces = Vec::new();
        for term in &formula.terms {
            match &term.value {
                TermValue::Given(_) => {}
                TermValue::AsOf => {
                    let value = self.operand(term, row, currency);
                    add(&mut pieces, vec![Evidence::Declared { column: AS_OF, value, of: "run" }]);
                }
                TermValue::Fact(_, exhibit) => add(&mut pieces, exhibit.pieces(row, currency)),
            }
        }
        // A value that is the value of a cell unchanged was not worked out.
        if giving.is_some() && formula.is_cell() && !pieces.is_empty() {
            return pieces;
        }
        let operands = formula.terms.iter().map(|term| Operand::Named(term.name, self.operand(term, row, currency)));
        let text = if giving.is_some() { &formula.text } else { &self.doc };
        pieces.push(self.computed(value, text, operands.collect()));
        pieces
    }

    fn operand(&self, term: &Term<'_>, row: usize, currency: &str) -> Box<str> {
        match &term.value {
            TermValue::Given(_) => term.name.into(),
            TermValue::AsOf => day_text(self.scope.today as i32).into(),
            TermValue::Fact(_, exhibit) => exhibit.text(row, currency),
        }
    }

    // ---- members ----------------------------------------------------------------------------------------------------------------

    fn of_members(&self, row: usize, currency: &str, members: &Gathering<'_>) -> Vec<Evidence> {
        let Gathering { how, value, .. } = *members;
        let list = members.of(row);
        let MemberList { rows, taken: (given, rest) } = &*list;
        let (told, more) = rows.split_at(rows.len().min(members.most));
        let mut pieces = Vec::new();
        told.iter().for_each(|member| add(&mut pieces, members.each.gather(*member as usize, currency)));
        if !more.is_empty() {
            pieces.push(Evidence::More { side: members.side, more: more.len() });
        }
        let holds = how != Aggregate::Source && (given.unwrap_or(0) == members.wanted.at(row).unwrap_or(0));
        if told.len() == 1 && how == Aggregate::Sum && members.is_own && holds {
            return pieces;
        }
        let text = |member: &IdxSize| members.texts.at(*member as usize, currency, self.scope.zone).into();
        let mut operands: Vec<Operand> = told.iter().map(|member| Operand::Named(value, text(member))).collect();
        if let Some(times) = &members.times {
            let pieces = told.iter().map(|row| times.at(*row as usize).unwrap_or(0).to_string().into());
            operands.extend(pieces.map(|pieces| Operand::Named(how.times().unwrap_or_default(), pieces)));
        }
        if !more.is_empty() {
            let is_money = members.is_money && !currency.is_empty();
            let rest = if is_money { money::to_decimal(*rest, currency) } else { rest.to_string() };
            operands.push(Operand::Rest(value, more.len(), rest.into()));
        }
        let formula = if holds { &members.formula } else { &self.doc };
        pieces.push(self.computed(self.text(row, currency), formula, operands.into()));
        pieces
    }
}

impl Spots<'_> {
    /// The fields that a declared one stands for.
    fn fields(&self, library: &Library<'_>, row: usize, reference: u64, field: &'static str) -> Vec<(u64, CitedField)> {
        let text = |texts: &Option<read::Texts<'_>>| texts.as_ref().map_or("", |texts| texts.at(row)).to_owned();
        let named = |field| (reference, CitedField::Named(field));
        match field {
            HEADER => vec![(reference, CitedField::Headed(text(&self.header)))],
            FIELDS | KEY => match library.kind(reference) {
                Some(kind) if field == FIELDS => {
                    let list = text(&self.fields);
                    let is_listed = |field: &&Field| list.split(' ').any(|listed| listed == field.name);
                    all_fields(kind).filter(is_listed).map(|field| named(field.name)).collect()
                }
                Some(kind) => spec_of(kind).key.iter().map(|field| named(*field)).collect(),
                None => vec![named(field)],
            },
            _ => vec![named(field)],
        }
    }
}

/// The members of the rows of a frame, and what is made of them.
struct Gathering<'run> {
    how: Aggregate,
    lists: MemberLists<'run>,
    /// So many are told.
    most: usize,
    /// The column that is taken together.
    value: &'static str,
    texts: FactTexts<'run>,
    numbers: Countable<'run>,
    /// The column that each value is multiplied by.
    times: Option<Countable<'run>>,
    /// The value of the fact.
    wanted: Countable<'run>,
    /// What is cited of each member.
    each: Exhibits<'run>,
    /// The value of a member alone is proved by its own evidence.
    is_own: bool,
    is_money: bool,
    side: &'static str,
    formula: Arc<str>,
}

impl Gathering<'_> {
    fn of(&self, row: usize) -> Rc<MemberList> {
        let number = |row: &IdxSize| {
            let pieces = self.times.as_ref().map_or(1, |times| times.at(*row as usize).unwrap_or(0));
            self.numbers.at(*row as usize).unwrap_or(0) * pieces
        };
        self.lists.of(row, |rows| {
            let rest = &rows[rows.len().min(self.most)..];
            (self.how.of(rows.iter().map(number)), self.how.of(rest.iter().map(number)).unwrap_or(0))
        })
    }
}

/// The as-of day, in a formula.
const AS_OF: &str = "as_of";

/// Adds pieces that are not there yet.
pub(super) fn add(proof: &mut Vec<Evidence>, pieces: Vec<Evidence>) {
    for piece in pieces {
        if !proof.contains(&piece) {
            proof.push(piece);
        }
    }
}

/// The meaning of a column as its formula.
fn in_words(column: Column) -> String {
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

/// A formula with what it names.
struct Worked<'run> {
    text: Arc<str>,
    terms: Vec<Term<'run>>,
}

/// What a formula adds or subtracts.
struct Term<'run> {
    name: &'static str,
    minus: bool,
    value: TermValue<'run>,
}

enum TermValue<'run> {
    Given(i64),
    AsOf,
    Fact(Countable<'run>, Box<Exhibit<'run>>),
}

impl Worked<'_> {
    fn value(&self, row: usize, today: i64) -> i64 {
        let term = |term: &Term<'_>| {
            let number = match &term.value {
                TermValue::Given(number) => *number,
                TermValue::AsOf => today,
                TermValue::Fact(numbers, _) => numbers.at(row).unwrap_or(0),
            };
            number * if term.minus { -1 } else { 1 }
        };
        self.terms.iter().map(term).sum()
    }

    /// It is a column whose values stand in cells.
    fn is_cell(&self) -> bool {
        let is_read = |exhibit: &Exhibit<'_>| matches!(exhibit.column.lineage, Lineage::Cells(_));
        matches!(&self.terms[..], [Term { value: TermValue::Fact(_, exhibit), .. }] if is_read(exhibit))
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

/// Money, numbers, days and instants as numbers.
fn numbers_of(frame: &DataFrame, column: Column) -> PolarsResult<Countable<'_>> {
    Ok(match column.shape {
        Shape::Instant => Countable::Longs(read::instants(frame, column)?),
        _ => Countable::read(frame, column)?,
    })
}

/// The value of a fact in one row as text, a rate in millionths.
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn text_of(facts: &DataFrame, row: usize, column: Column, currency: &str, zone: Tz) -> PolarsResult<String> {
    Ok(FactTexts::read(facts, column)?.at(row, currency, zone).into_owned())
}

/// The values of a fact, to be told as text.
pub enum FactTexts<'f> {
    /// As they are.
    Texts(read::Texts<'f>),
    /// Decimals.
    Money(read::Numbers<'f>),
    /// Percentages.
    Rates(read::Numbers<'f>),
    /// Digits.
    Numbers(read::Numbers<'f>),
    /// ISO.
    Days(read::Days<'f>),
    /// In the account's zone.
    Instants(read::Numbers<'f>),
    /// `yes` and `no`.
    Flags(read::Flags<'f>),
    /// Rows are told by their cells.
    Rows,
}

impl<'f> FactTexts<'f> {
    /// # Errors
    /// The frame lacks the column: a bug of ours.
    pub fn read(facts: &'f DataFrame, column: Column) -> PolarsResult<FactTexts<'f>> {
        Ok(match column.shape {
            Shape::Text | Shape::Word => FactTexts::Texts(read::texts(facts, column)?),
            Shape::Money => FactTexts::Money(read::numbers(facts, column)?),
            Shape::Ppm | Shape::Int => FactTexts::Numbers(read::numbers(facts, column)?),
            Shape::Date => FactTexts::Days(read::days(facts, column)?),
            Shape::Instant => FactTexts::Instants(read::instants(facts, column)?),
            Shape::Flag => FactTexts::Flags(read::flags(facts, column)?),
            Shape::Row => FactTexts::Rows,
        })
    }

    /// The text of a row whose money is in a currency; empty when there is no value.
    pub fn at(&self, row: usize, currency: &str, zone: Tz) -> Cow<'f, str> {
        let text = match self {
            FactTexts::Texts(texts) => return Cow::Borrowed(texts.at(row)),
            FactTexts::Flags(flags) => {
                return flags.known(row).map_or("", |flag| if flag { "yes" } else { "no" }).into();
            }
            FactTexts::Rows => None,
            FactTexts::Money(amounts) => amounts.at(row).map(|minor| money::to_decimal(minor, currency)),
            FactTexts::Rates(rates) => rates.at(row).map(money::to_percent),
            FactTexts::Numbers(numbers) => numbers.at(row).map(|number| number.to_string()),
            FactTexts::Days(days) => days.at(row).map(day_text),
            FactTexts::Instants(instants) => instants.at(row).map(|millis| local_text(millis, zone)),
        };
        text.unwrap_or_default().into()
    }
}

fn day_text(day: i32) -> String {
    date_of(day).map(|date| date.to_string()).unwrap_or_default()
}
