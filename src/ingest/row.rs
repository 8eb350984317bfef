//! The row parser: one record becomes one row of typed columns, or a refused row with its reason. Both leave the same pass.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::money::{CELL_LIMIT, decimals};
use crate::base::text::{self, fold};
use crate::base::zone::{ZoneMemory, local_day};
use crate::diagnose::CellInRow;
use crate::frame::kind::Cell;
use crate::ingest::cells::{self, Amount};
use crate::ingest::columns::{Table, Value, Values};
use crate::ingest::control_totals::add_by_currency;
use crate::ingest::date_time;
use crate::ingest::dates::Dated;
use crate::ingest::header::Bound;
use crate::ingest::plan::{self, Plan};
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::{Form, Raw, Record};
use crate::ingest::refused::{Grounds, HeldRow, MASK, RowAtFault};
use crate::ingest::revisions::sortable;
use crate::ingest::row_money::{money_of, no_currency};
use crate::ingest::told::shown;
use crate::ingest::totals::{TotalFlaw, TotalRow};
use crate::ingest::words::{WordList, WordReader};
use crate::pipeline::source::{CellForms, Skip};

/// What became of the rows of a part, or of a chunk of it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Accepted rows.
    pub(super) table: Table,
    /// Refused rows.
    pub(super) refused: Vec<Arc<HeldRow>>,
    /// All rows, whatever became of them.
    pub(super) read: u64,
    /// Header, banner, total, blank.
    pub(super) structural: u64,
    /// Readable control amounts of all rows by currency, added here and nowhere else.
    pub(super) money: Vec<(String, i128)>,
    /// Cells whose excess decimals were booked.
    pub(super) booked: Booked,
    /// Lines of total rows, with field and amount of their total cells.
    pub(super) totals: Vec<(u32, Vec<(usize, i64)>)>,
    /// Identifiers that were filled up with leading zeros.
    pub(super) padded: u64,
    /// Empty cells that were read as the source says.
    pub(super) stood_in: u64,
    /// Records over several lines of which the last would be a row of its own, and the lines of the first such record.
    pub(super) joined: (u64, Option<(u32, u32)>),
    /// Identifiers whose cells have several forms: the field, and each form with the row that has it first.
    pub(super) forms: Vec<(usize, Vec<(String, u32)>)>,
    /// Accepted rows with a local time whose civil day hangs on the reading of a clock change.
    pub(super) days_by_dst: u64,
}

impl Rows {
    /// A row that is no data.
    pub(super) fn count_structural(&mut self, rows: u64) {
        self.read += rows;
        self.structural += rows;
    }

    /// Takes the rows of a later chunk.
    pub(super) fn append(&mut self, more: Rows) {
        self.table.append(more.table);
        self.refused.extend(more.refused);
        self.read += more.read;
        self.structural += more.structural;
        self.booked.append(&more.booked);
        self.totals.extend(more.totals);
        self.padded += more.padded;
        self.stood_in += more.stood_in;
        self.forms.extend(more.forms);
        self.joined = (self.joined.0 + more.joined.0, self.joined.1.or(more.joined.1));
        self.days_by_dst += more.days_by_dst;
        for (currency, amount) in more.money {
            self.add_money(&currency, amount);
        }
    }

    /// Adds to the money that was read.
    pub(super) fn add_money(&mut self, currency: &str, amount: i128) {
        add_by_currency(&mut self.money, currency, amount);
    }
}

/// Cells whose excess decimals were booked.
#[derive(Debug, Default)]
pub(super) struct Booked {
    pub(super) cells: u64,
    /// What they say beyond what was booked, by currency, in [`crate::base::money::PARTS`] of a minor unit.
    pub(super) residues: Vec<(String, i128)>,
}

impl Booked {
    fn append(&mut self, more: &Booked) {
        self.cells += more.cells;
        more.residues.iter().for_each(|(currency, residue)| add_by_currency(&mut self.residues, currency, *residue));
    }

    fn count(&mut self, currency: &str, amount: Amount) {
        if let Some(residue) = amount.residue {
            self.cells += 1;
            add_by_currency(&mut self.residues, currency, i128::from(residue));
        }
    }
}

/// Parses the records of one part.
pub(super) struct RowReader<'a, 'p> {
    plan: &'a Plan<'p>,
    bound: &'a Bound,
    /// Year of the report month.
    year: Option<i32>,
    memory: Vec<Memory<'p>>,
    zones: Zones,
    currency: RowCurrency,
    /// First byte of the record at hand in the file.
    byte: Option<u64>,
    /// A clock change decides the civil day of the row at hand.
    day_by_dst: bool,
    /// What refused rows have in common.
    grounds: Grounds,
    rows: Rows,
}

/// The zones of a source.
struct Zones {
    /// That of times without an offset.
    read_in: ZoneMemory,
    /// That of civil dates.
    civil: ZoneMemory,
}

/// What a field remembers from row to row.
#[derive(Default)]
struct Memory<'p> {
    words: Option<WordReader<'p>>,
    /// The last date: its text, and what it became.
    date: Option<(String, Dated)>,
    /// The code of an empty label.
    empty: Option<u32>,
    /// Forms of the cells of an identifier, each with the row that has it first.
    forms: Vec<(String, u32)>,
}

/// The currency of the row at hand.
#[derive(Default)]
struct RowCurrency {
    code: String,
    /// `None` when the code is unknown or could not be read.
    places: Option<u32>,
}

/// A flaw and the field it is in.
type FieldFlaw = (Option<usize>, Flaw);

impl<'a, 'p> RowReader<'a, 'p> {
    pub(super) fn new(plan: &'a Plan<'p>, bound: &'a Bound, year: Option<i32>) -> RowReader<'a, 'p> {
        let table = Table::new(plan.columns());
        RowReader {
            plan,
            bound,
            year,
            memory: plan.fields.iter().map(|field| Memory::new(field.words)).collect(),
            zones: Zones { read_in: ZoneMemory::new(plan.source.timezone), civil: ZoneMemory::new(plan.zone) },
            currency: RowCurrency::default(),
            byte: None,
            day_by_dst: false,
            grounds: Grounds::default(),
            rows: Rows { table, ..Rows::default() },
        }
    }

    /// Rows that are no data.
    pub(super) fn count_structural(&mut self, rows: u64) {
        self.rows.count_structural(rows);
    }

    /// A total row: structural, unless a total that it should state cannot be read.
    pub(super) fn count_total(&mut self, total: TotalRow) {
        let TotalFlaw { field, place, flaw, value, record } = match total.amounts {
            Ok(amounts) => {
                self.rows.count_structural(1);
                if !amounts.is_empty() {
                    self.rows.totals.push((total.line, amounts));
                }
                return;
            }
            Err(flaw) => flaw,
        };
        self.rows.read += 1;
        self.hold(RowAtFault {
            line: total.line,
            byte: self.byte,
            column: self.bound.column(place),
            value,
            reason: flaw.reason.word(),
            expected: flaw.expected,
            config: self.plan.fields[field].config(self.plan.source),
            record,
            ..RowAtFault::default()
        });
    }

    fn hold(&mut self, refused: RowAtFault) {
        self.rows.refused.push(self.grounds.hold(refused));
    }

    /// Whether the source says that the record is none of its rows.
    pub(super) fn skips(&self, record: &impl Record) -> bool {
        let holds = |(skip, slots): (&Skip, &Vec<usize>)| {
            slots.iter().all(|slot| {
                let cell = fold(&self.plan.filled(record.cell(*slot)).shown());
                skip.cells.contains(&cell) != skip.none_of
            })
        };
        self.plan.skip.iter().zip(&self.bound.skip).any(holds)
    }

    /// Whether a record would be accepted.
    pub(super) fn would_read(&self, record: &impl Record) -> bool {
        let mut reader = RowReader::new(self.plan, self.bound, self.year);
        reader.read(record, 0, None);
        reader.rows.refused.is_empty()
    }

    /// Remembers a record whose last line would be accepted as a row of its own.
    pub(super) fn note_joined(&mut self, first: u32, last: u32) {
        self.rows.joined.0 += 1;
        self.rows.joined.1.get_or_insert((first, last));
    }

    /// Says at which byte of the file the next record begins; readers that cannot tell never call it.
    pub(super) fn stand_at(&mut self, byte: Option<u64>) {
        self.byte = byte;
    }

    /// The rows, to which those of later pieces are added.
    pub(super) fn unfinished(self) -> Rows {
        self.rows
    }

    /// The rows since the last time. What the reader has learned about days stays with it.
    pub(super) fn take(&mut self) -> Rows {
        self.rows.table.finish();
        for (memory, field) in self.memory.iter_mut().zip(&self.plan.fields) {
            // Codes of words are places in the columns that are given away.
            *memory = Memory { date: memory.date.take(), ..Memory::new(field.words) };
        }
        let table = self.rows.table.successor();
        std::mem::replace(&mut self.rows, Rows { table, ..Rows::default() })
    }

    /// The rows of the part.
    pub(super) fn finish(mut self) -> Rows {
        self.rows.table.finish();
        let forms = self.memory.iter_mut().map(|memory| std::mem::take(&mut memory.forms)).enumerate();
        self.rows.forms = forms.filter(|(_, forms)| forms.len() > 1).collect();
        self.rows
    }

    /// Reads a record, or refuses it for a flaw that the reader has found in the whole row; its cells are still read where they
    /// can be, for the control amount.
    pub(super) fn read(&mut self, record: &impl Record, line: u32, flaw: Option<Flaw>) {
        self.rows.read += 1;
        let row = self.rows.table.len();
        self.day_by_dst = false;
        let mut first: Option<FieldFlaw> = flaw.map(|flaw| (None, flaw));
        let mut unreadable = false;
        let currency = self.plan.currency_field;
        if self.plan.order.first().copied() != currency {
            self.set_currency(row);
        }
        for place in 0..self.plan.order.len() {
            let field = self.plan.order[place];
            if let Err(flaw) = self.read_cell(field, record, line) {
                self.rows.table.columns[field].push_nothing();
                unreadable |= self.is_control(field);
                first.get_or_insert((Some(field), flaw));
            }
            if Some(field) == currency {
                self.set_currency(row);
            }
        }
        if first.is_none() {
            first = self.over_cancelled(row);
        }
        let control = self.control(row, &mut first, &mut unreadable);
        match first {
            None => self.accept(line, control),
            Some(flaw) => self.refuse(record, line, flaw, control),
        }
    }

    /// A line cannot have more pieces cancelled than ordered, and none less than nothing.
    fn over_cancelled(&self, row: usize) -> Option<FieldFlaw> {
        let (qty, cancelled) = self.plan.cancelled?;
        let ordered = self.rows.table.columns[qty].number(row)?;
        let gone = self.rows.table.columns[cancelled].number(row)?;
        let flaw = Flaw { reason: Reason::OverCancelled, expected: format!("0 to {ordered} pieces, as ordered") };
        (gone < 0 || gone > ordered).then_some((Some(cancelled), flaw))
    }

    /// Refuses a record whose cells cannot be told apart.
    pub(super) fn refuse_whole(&mut self, record: &impl Record, line: u32, flaw: Flaw, found: String) {
        self.rows.read += 1;
        let refused = self.refused(record, line, (None, flaw));
        self.hold(RowAtFault { value: found, ..refused });
    }

    fn is_control(&self, field: usize) -> bool {
        self.plan.control.contains(&field) || self.plan.times == Some(field) || self.plan.order_amounts.contains(&field)
    }

    fn set_currency(&mut self, row: usize) {
        let Some(field) = self.plan.currency_field else { return };
        let code = match self.rows.table.columns[field].get(row) {
            Value::Label(label) => label.word.as_str(),
            _ => "",
        };
        if self.currency.code != code {
            self.currency = RowCurrency { code: code.to_owned(), places: decimals(code) };
        }
    }

    fn read_cell(&mut self, field: usize, record: &impl Record, line: u32) -> Result<(), Flaw> {
        let plan = self.plan;
        let spec = &plan.fields[field];
        let raw = match &self.bound.composed[field][..] {
            terms @ [_, ..] if spec.sums() => return self.read_sum(field, terms, record),
            _ => raw_of(plan, self.bound, field, record),
        };
        let raw = if raw.is_empty() { self.stand_in(field) } else { raw };
        let form = form_of(plan, self.bound, field, record);
        let column = &mut self.rows.table.columns[field];
        let memory = &mut self.memory[field];
        let forms = &plan.source.cells;
        if raw.is_empty() && spec.required {
            return Err(Flaw { reason: Reason::Empty, expected: format!("a value for `{}`", spec.name) });
        }
        match (spec.cell, column) {
            (Cell::Text, Values::Texts(texts)) => texts.push(&text_of(raw, form)?),
            (Cell::Identifier, Values::Texts(texts)) => {
                let written = identifier_of(raw, form)?;
                memory.meet(form, line);
                match cells::padded(&written, spec.pad) {
                    Some(padded) => {
                        self.rows.padded += 1;
                        texts.push(&padded);
                    }
                    None => texts.push(&written),
                }
            }
            (Cell::Money, column) if raw.is_empty() => column.push_number(None),
            (Cell::Money, column) => {
                let amount = amount(plan, &self.currency, raw)?;
                self.rows.booked.count(&self.currency.code, amount);
                column.push_number(Some(amount.minor));
            }
            (Cell::Percent | Cell::Rate | Cell::Int | Cell::Date, column) if raw.is_empty() => column.push_number(None),
            (Cell::Percent, column) => column.push_number(Some(cells::percent(raw, forms, record.sees_formats())?)),
            (Cell::Rate, column) => column.push_number(Some(cells::rate(raw, forms)?)),
            (Cell::Int, column) if Some(field) == plan.version => column.push_number(Some(cells::whole(raw, forms)?)),
            (Cell::Int, column) => column.push_number(Some(cells::int(raw, forms)?)),
            (Cell::Date, column) => {
                let zone = &mut self.zones.civil;
                let dated = memory.date(dated(raw, forms, record), |raw| {
                    let number = i64::from(plan.dates.read(raw, self.year)?.day(zone));
                    Ok(Dated { number, only_day: true, day_by_dst: false })
                })?;
                column.push_number(Some(dated.number));
            }
            (Cell::Instant, Values::Instants(instants, days)) => {
                let Zones { read_in, civil } = &mut self.zones;
                let dated = if raw.is_empty() {
                    Dated { number: i64::MIN, ..Dated::default() }
                } else {
                    let dst = plan.source.dst;
                    match self.bound.composed[field][..] {
                        [(_, _), (time, _)] if spec.is_pair() => {
                            let time = plan.filled(record.cell(time));
                            let date = plan.filled(record.cell(self.bound.composed[field][0].0));
                            date_time::read(&plan.dates, date, time, self.year)?.instant(read_in, civil, dst)?
                        }
                        _ => memory.date(dated(raw, forms, record), |raw| {
                            plan.dates.read(raw, self.year)?.instant(read_in, civil, dst)
                        })?,
                    }
                };
                self.day_by_dst |= dated.day_by_dst;
                instants.push(dated.number);
                days.push(dated.only_day);
            }
            (Cell::Flag, Values::Flags(flags)) => {
                flags.push(flag(raw, form, memory, |name| is_present(plan, self.bound, record, name))?)
            }
            (cell, Values::Labels(labels)) => {
                if matches!(cell, Cell::CarrierCode) {
                    cells::check_code(raw)?;
                }
                let code = match empty_word(cell, &plan.currency) {
                    Some(word) if raw.is_empty() => *memory.empty.get_or_insert_with(|| labels.code("", word)),
                    _ if raw.is_empty() => {
                        return Err(Flaw { reason: Reason::Empty, expected: format!("a label for `{}`", spec.name) });
                    }
                    _ => match &mut memory.words {
                        Some(words) => words
                            .code(&text_of(raw, form)?, labels, |name| is_present(plan, self.bound, record, name))?,
                        None => labels.code(&text_of(raw, form)?, "unknown"),
                    },
                };
                labels.push(code);
            }
            // `FieldPlan::column` made the column for this very cell.
            (_, column) => column.push_nothing(),
        }
        Ok(())
    }

    /// What an empty cell of a field is read as in the row at hand; empty where nothing is said.
    fn stand_in(&mut self, field: usize) -> Raw<'a> {
        if self.plan.currency_field == Some(field) && !self.bound.currency.is_empty() {
            return Raw::of_text(&self.bound.currency);
        }
        let Some(empty) = &self.plan.fields[field].empty else { return Raw::Empty };
        let row = self.rows.table.len();
        let holds = |(asked, words): &(usize, &[String])| match self.rows.table.columns[*asked].get(row) {
            Value::Label(label) => words.contains(&label.word),
            _ => false,
        };
        if !empty.when.iter().all(holds) {
            return Raw::Empty;
        }
        self.rows.stood_in += 1;
        Raw::of_text(empty.value)
    }

    /// An amount that several columns make up. All of them empty are an empty cell.
    fn read_sum(&mut self, field: usize, terms: &[(usize, bool)], record: &impl Record) -> Result<(), Flaw> {
        let mut sum: Option<i64> = None;
        for (slot, minus) in terms {
            let raw = self.plan.filled(record.cell(*slot));
            if raw.is_empty() {
                continue;
            }
            let amount = amount(self.plan, &self.currency, raw)?;
            self.rows.booked.count(&self.currency.code, amount);
            let minor = if *minus { -amount.minor } else { amount.minor };
            let more = sum.unwrap_or(0).checked_add(minor).filter(|sum| sum.abs() <= CELL_LIMIT);
            let expected = || format!("columns that add up to at most {CELL_LIMIT} minor units");
            sum = Some(more.ok_or_else(|| Flaw { reason: Reason::OutOfRange, expected: expected() })?);
        }
        if sum.is_none() {
            let raw = self.stand_in(field);
            if !raw.is_empty() {
                sum = Some(amount(self.plan, &self.currency, raw)?.minor);
            }
        }
        if sum.is_none() && self.plan.fields[field].required {
            let expected = format!("an amount in one of the columns for `{}`", self.plan.fields[field].name);
            return Err(Flaw { reason: Reason::Empty, expected });
        }
        self.rows.table.columns[field].push_number(sum);
        Ok(())
    }

    /// The column that a flaw of a field is in: of an amount that several make up, the first that cannot be read.
    fn flawed_slot(&self, field: usize, record: &impl Record) -> Option<usize> {
        let slots = || self.bound.composed[field].iter().map(|(slot, _)| *slot);
        let raw = |slot: &usize| self.plan.filled(record.cell(*slot));
        let found = if self.plan.fields[field].sums() {
            slots().find(|slot| !raw(slot).is_empty() && amount(self.plan, &self.currency, raw(slot)).is_err())
        } else {
            slots().find(|slot| !self.plan.fields[field].part_of(raw(slot)).is_empty())
        };
        found.or(self.bound.slots[field])
    }

    /// The row's control amount; `None` when the kind has none or a cell of it cannot be read.
    fn control(&self, row: usize, first: &mut Option<FieldFlaw>, unreadable: &mut bool) -> Option<i64> {
        if self.plan.control.is_empty() || *unreadable || self.currency.places.is_none() {
            return None;
        }
        let columns = &self.rows.table.columns;
        let sum: i64 = self.plan.control.iter().map(|field| columns[*field].number(row).unwrap_or(0)).sum();
        let Some(times) = self.plan.times else { return Some(sum) };
        let product = sum.checked_mul(columns[times].number(row).unwrap_or(0)).filter(|p| p.abs() <= CELL_LIMIT);
        if product.is_none() {
            let expected = format!("price × quantity of at most {CELL_LIMIT} minor units");
            first.get_or_insert((Some(self.plan.control[0]), Flaw { reason: Reason::OutOfRange, expected }));
            *unreadable = true;
        }
        product
    }

    fn accept(&mut self, line: u32, control: Option<i64>) {
        self.rows.days_by_dst += u64::from(self.day_by_dst);
        self.rows.table.lines.push(line);
        self.rows.table.bytes.extend(self.byte);
        if !self.plan.control.is_empty() {
            let control = control.unwrap_or(0);
            self.rows.table.control.push(control);
            if !self.plan.has_lines() && !self.currency.code.is_empty() {
                self.rows.add_money(&self.currency.code, i128::from(control));
            }
        }
    }

    fn refuse(&mut self, record: &impl Record, line: u32, flaw: FieldFlaw, control: Option<i64>) {
        let row = self.rows.table.len();
        let columns = &self.rows.table.columns;
        let number = |name: &str| self.plan.field(name).and_then(|field| columns[field].number(row));
        let refused = RowAtFault {
            created_on: plan::created_on(self.plan, columns, row),
            version: self.plan.version.and_then(|field| sortable(columns[field].get(row))),
            control,
            order_amount: self.plan.order_amounts.iter().map(|field| columns[*field].number(row).unwrap_or(0)).sum(),
            currency: self.currency.code.clone(),
            paid_on: number("paid_at").map(|millis| local_day(millis, self.plan.zone)),
            postage: number("delivery_price"),
            ..self.refused(record, line, flaw)
        };
        if let (Some(control), false) = (control, self.plan.has_lines()) {
            self.rows.add_money(&self.currency.code, i128::from(control));
        }
        self.hold(refused);
        self.rows.table.refuse();
    }

    fn refused(&self, record: &impl Record, line: u32, (field, flaw): FieldFlaw) -> RowAtFault {
        let plan = self.plan;
        let slot = match field {
            Some(field) => self.flawed_slot(field, record),
            None if flaw.reason == Reason::Undecodable => {
                (0..record.len()).find(|index| is_damaged(record.cell(*index)))
            }
            None => record.rest(),
        };
        let cell = match (slot, field) {
            (Some(slot), _) => Some(record.cell(slot)),
            (None, field) => field.map(|field| raw_of(plan, self.bound, field, record)),
        };
        let value = cell.map(|cell| cell.shown().into_owned());
        let masked = slot.is_some_and(|slot| self.bound.is_personal(slot));
        let column = slot.map(|slot| self.bound.column(slot));
        let column = column.or_else(|| field.map(|field| plan.fields[field].name.to_owned()));
        let (row, place) = shown(record, self.bound, slot);
        let named = field.map_or("", |field| plan.fields[field].name);
        let cell = slot.zip(place).map(|(position, bytes)| CellInRow { position, bytes, field: named });
        let named = |name: &str| plan.field(name).and_then(|field| self.identity(field, record)).unwrap_or_default();
        let key: Option<Vec<String>> =
            plan.places(plan.spec.key).into_iter().map(|field| self.identity(field, record)).collect();
        let config =
            field.map_or_else(|| plan.source.config.to_string(), |field| plan.fields[field].config(plan.source));
        RowAtFault {
            line,
            byte: self.byte,
            column: column.unwrap_or_default(),
            value: if masked { MASK.to_owned() } else { value.unwrap_or_default() },
            reason: flaw.reason.word(),
            expected: flaw.expected,
            config,
            order_no: named("order_no"),
            key: key.unwrap_or_default(),
            tracking_number: text::tracking_number(&named("tracking_number_raw")),
            statement_id: named("statement_id"),
            record: row,
            cell,
            ..RowAtFault::default()
        }
    }
}

impl RowReader<'_, '_> {
    /// What an accepted row would hold in a field that identifies it; `None` where that cannot be told.
    fn identity(&self, field: usize, record: &impl Record) -> Option<String> {
        let spec = &self.plan.fields[field];
        let apart = |slot: usize| record.rest().is_none_or(|rest| slot < rest);
        if !self.bound.slots[field].is_none_or(apart) {
            return None;
        }
        let raw = raw_of(self.plan, self.bound, field, record);
        let form = form_of(self.plan, self.bound, field, record);
        let text = match spec.cell {
            Cell::Identifier => identifier_of(raw, form).ok()?,
            _ => text_of(raw, form).ok()?,
        };
        let is_lacking = text.is_empty() && spec.required;
        (!is_lacking).then(|| cells::padded(&text, spec.pad).unwrap_or_else(|| text.into_owned()))
    }
}

impl<'p> Memory<'p> {
    fn new(words: Option<WordList<'p>>) -> Memory<'p> {
        Memory { words: words.map(WordReader::new), ..Memory::default() }
    }

    /// Remembers the form of a cell.
    fn meet(&mut self, form: Form<'_>, line: u32) {
        let name = form.name();
        if !name.is_empty() && !self.forms.iter().any(|(known, _)| known == name) {
            self.forms.push((name.to_owned(), line));
        }
    }

    /// The last answer again when the text is the same: exports are sorted by day, and many cells of a day are equal.
    fn date(&mut self, raw: Raw<'_>, read: impl FnOnce(Raw<'_>) -> Result<Dated, Flaw>) -> Result<Dated, Flaw> {
        let Raw::Text(text) = raw else { return read(raw) };
        if let Some((last, dated)) = &self.date
            && last == text
        {
            return Ok(*dated);
        }
        let dated = read(raw)?;
        let memory = self.date.get_or_insert_with(Default::default);
        memory.0.clear();
        memory.0.push_str(text);
        memory.1 = dated;
        Ok(dated)
    }
}

/// A plain number as the date whose serial number it is, where the source says that it may be one.
fn dated<'r>(raw: Raw<'r>, forms: &CellForms, record: &impl Record) -> Raw<'r> {
    match raw {
        Raw::Number(number) if forms.serial_dates => record.moment_of(number).map_or(raw, Raw::Moment),
        raw => raw,
    }
}

/// The cell of a field, or its constant.
fn raw_of<'r>(plan: &Plan<'r>, bound: &Bound, field: usize, record: &'r impl Record) -> Raw<'r> {
    let spec = &plan.fields[field];
    match (bound.slots[field], spec.constant) {
        (Some(slot), _) if bound.composed[field].is_empty() => plan.filled(record.cell(slot)),
        (Some(_), _) => {
            let parts = bound.composed[field].iter().map(|(slot, _)| spec.part_of(plan.filled(record.cell(*slot))));
            parts.into_iter().find(|raw| !raw.is_empty()).unwrap_or(Raw::Empty)
        }
        (None, Some(constant)) => Raw::of_text(constant),
        (None, None) => Raw::Empty,
    }
}

/// How the workbook holds the cell of a field.
fn form_of<'r>(plan: &Plan<'_>, bound: &Bound, field: usize, record: &'r impl Record) -> Form<'r> {
    let composed = bound.composed[field].iter().map(|(slot, _)| *slot);
    let slot = composed.into_iter().find(|slot| !plan.filled(record.cell(*slot)).is_empty()).or(bound.slots[field]);
    slot.map_or(Form::Untold, |slot| record.form(slot))
}

/// Whether a field of the row has a value.
fn is_present(plan: &Plan<'_>, bound: &Bound, record: &impl Record, name: &str) -> bool {
    plan.field(name).is_some_and(|field| !raw_of(plan, bound, field, record).is_empty())
}

fn amount(plan: &Plan<'_>, currency: &RowCurrency, raw: Raw<'_>) -> Result<Amount, Flaw> {
    let places = currency.places.ok_or_else(|| no_currency(&currency.code))?;
    money_of(plan, raw, &currency.code, places)
}

/// A text as a person reads it: a number as the workbook shows it.
fn text_of<'r>(raw: Raw<'r>, form: Form<'_>) -> Result<Cow<'r, str>, Flaw> {
    match raw {
        Raw::Number(number) => Ok(shown_by(form, number).map_or_else(|| raw.shown(), Cow::Owned)),
        Raw::NoValue | Raw::Error(_) => Err(cells::untyped(raw, Reason::NotText, || "text".into())),
        other => Ok(other.shown()),
    }
}

/// An identifier as the workbook shows it, unless a spreadsheet has damaged it.
fn identifier_of<'r>(raw: Raw<'r>, form: Form<'_>) -> Result<Cow<'r, str>, Flaw> {
    let plain = cells::identifier(raw)?;
    match raw {
        Raw::Number(number) => Ok(shown_by(form, number).map_or(plain, Cow::Owned)),
        _ => Ok(plain),
    }
}

fn shown_by(form: Form<'_>, number: f64) -> Option<String> {
    match form {
        Form::Shown(format) => format.show(number),
        _ => None,
    }
}

/// The word of an empty cell; `None`: an empty cell is refused.
fn empty_word(cell: Cell, currency: &str) -> Option<&str> {
    match cell {
        Cell::Word { empty, .. } => empty,
        Cell::Name { .. } => Some(""),
        Cell::Currency => Some(currency),
        _ => None,
    }
}

/// Yes or no; nothing is no.
fn flag(raw: Raw<'_>, form: Form<'_>, memory: &mut Memory<'_>, present: impl Fn(&str) -> bool) -> Result<bool, Flaw> {
    match (raw, &mut memory.words) {
        (Raw::Empty, _) => Ok(false),
        (Raw::Flag(flag), _) => Ok(flag),
        (raw, Some(words)) => words.flag(&text_of(raw, form)?, present),
        (_, None) => Ok(false),
    }
}

/// Whether the text holds what stands for undecodable bytes.
fn is_damaged(cell: Raw<'_>) -> bool {
    matches!(cell, Raw::Text(text) if text.contains(|c| c == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&c)))
}
