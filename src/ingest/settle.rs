//! The stage itself: read all sources, decide about rows that stand twice, build the frames, and say where every row went.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::PolarsResult;
use rayon::prelude::*;

use crate::base::as_of::AsOf;
use crate::base::rate::Rate;
use crate::base::text;
use crate::base::zone;
use crate::diagnose::{CellInRow, Diagnostic, Exit, Place};
use crate::frame::kind::{Cell, main_dates};
use crate::frame::lineage::{CellPlaces, Part, Parts, row_ref};
use crate::ingest::cited::{CitedField, FieldCells, read_cited};
use crate::ingest::columns::{Table, Value};
use crate::ingest::control_totals::PartTotals;
use crate::ingest::files::SourceRead;
use crate::ingest::part::{Fate, Fates, Loaded};
use crate::ingest::plan::{self, Plan};
use crate::ingest::quarantine::{self, PartAtFault, QuarantinedRow};
use crate::ingest::reason::Reason;
use crate::ingest::refusal;
use crate::ingest::refused::{At, Grounds, RowAtFault, key_text};
use crate::ingest::totals;
use crate::ingest::{Conflict, Headers, Ingested, Input, MoneyBuckets, Revision, RowCounts};
use crate::ingest::{files, frames, lines, revisions, versions};
use crate::pipeline::Pipeline;
use crate::vocab::Word;

/// Reads all sources of a pipeline.
///
/// Nothing is returned as an error: what is refused, absent or in quarantine stands in `diagnostics`, `exits` and `left_out`. A
/// source that is refused or absent contributes no row; its files, if any, stand in `inputs` with no rows. Rows dated after the
/// as-of day stay in the frames and are counted.
pub fn ingest(pipeline: &Pipeline, as_of: AsOf) -> Ingested {
    let mut sources = timed("read", || files::read(pipeline));
    sources.sort_by(|a, b| a.source.name.cmp(&b.source.name));
    for source in sources.iter_mut().filter(|source| source.takes_part()) {
        if let Some(refusal) = versions::unsortable(source) {
            source.refuse(refusal);
        }
    }
    loop {
        let held = tables(&mut sources).map(std::mem::take).collect();
        let night = timed("settle", || Night::new(pipeline, &sources, held));
        let over = night.over_limit();
        if over.is_empty() {
            return timed("frames", || night.publish(as_of));
        }
        let held = night.into_tables();
        tables(&mut sources).zip(held).for_each(|(place, table)| *place = table);
        // A refused source takes its rows out of every decision about rows that stand twice, so all is decided again.
        for (place, rows, refusal) in over {
            sources[place].diagnostics.extend(rows);
            sources[place].refuse(refusal);
        }
    }
}

/// The tables of all parts that take part, in the order of the parts.
fn tables<'s>(sources: &'s mut [SourceRead<'_>]) -> impl Iterator<Item = &'s mut Table> {
    let sources = sources.iter_mut().filter(|source| source.takes_part());
    sources.flat_map(|source| &mut source.files).flat_map(|file| &mut file.parts).map(|part| &mut part.rows.table)
}

/// Logs how long a part of the stage took.
fn timed<T>(part: &'static str, work: impl FnOnce() -> T) -> T {
    let since = std::time::Instant::now();
    let done = work();
    tracing::debug!(part, milliseconds = since.elapsed().as_millis() as u64, "ingest");
    done
}

/// All sources that take part, with a fate for each of their rows.
struct Night<'a, 'p> {
    pipeline: &'p Pipeline,
    sources: &'a [SourceRead<'p>],
    /// Place of the source, place of the file within it.
    files: Vec<(usize, usize)>,
    parts: Vec<Loaded<'a, 'p>>,
    /// The first part of each file that has one.
    first_parts: Vec<usize>,
    /// The parts of each source.
    of_sources: Vec<Range<usize>>,
    lineage: Parts,
}

/// Rows and money of some parts in quarantine.
#[derive(Default)]
struct Refusals<'l> {
    rows: u64,
    of: u64,
    /// Minor units by currency; amounts of no currency stand under none.
    money: BTreeMap<&'l str, i128>,
}

impl<'a, 'p> Night<'a, 'p> {
    /// `tables` are those of the parts, in their order: each is gone once its frames are built.
    fn new(pipeline: &'p Pipeline, sources: &'a [SourceRead<'p>], tables: Vec<Table>) -> Night<'a, 'p> {
        let mut tables = tables.into_iter();
        let mut night = Night {
            pipeline,
            sources,
            files: Vec::new(),
            parts: Vec::new(),
            first_parts: Vec::new(),
            of_sources: Vec::new(),
            lineage: Parts::default(),
        };
        for (place, source) in sources.iter().enumerate() {
            for file in 0..source.files.len() {
                night.files.push((place, file));
            }
            let first = night.parts.len();
            night.first_parts.resize(night.files.len(), first);
            if let Some(plan) = source.plan.as_ref().filter(|_| source.takes_part()) {
                night.load(source, plan, &mut tables);
            }
            night.of_sources.push(first..night.parts.len());
        }
        night.parts.par_iter_mut().enumerate().for_each(|(place, part)| {
            if part.plan.has_lines() {
                lines::group(place, part);
            }
            if let Some(twin) = part.twin_of {
                let rows = 0..part.table.len();
                rows.for_each(|row| part.fates.set(row, Fate::Duplicate(At { part: twin, row })));
            }
        });
        revisions::settle(&mut night.parts);
        night
    }

    fn into_tables(self) -> Vec<Table> {
        self.parts.into_iter().map(|part| part.table).collect()
    }

    fn load(&mut self, source: &'a SourceRead<'p>, plan: &'a Plan<'p>, tables: &mut impl Iterator<Item = Table>) {
        let first_file = self.files.len() - source.files.len();
        let mut first_part = Vec::new();
        for (place, file) in source.files.iter().enumerate() {
            first_part.push(self.parts.len());
            self.first_parts[first_file + place] = self.parts.len();
            for (sheet, part) in file.parts.iter().enumerate() {
                self.lineage.0.push(Part {
                    source: source.source.name.clone(),
                    kind: source.source.kind,
                    path: file.found.path.clone(),
                    file: file.found.file.clone(),
                    sheet: part.sheet.clone(),
                    headers: part.bound.headers.clone(),
                    places: CellPlaces {
                        columns: part.bound.columns(plan),
                        written: part.bound.written_columns(),
                        sha256: file.sha256.clone(),
                    },
                    constants: source.source.constants.keys().cloned().collect(),
                });
                self.parts.push(Loaded {
                    plan,
                    file: first_file + place,
                    export_date: file.export_date,
                    bound: &part.bound,
                    table: tables.next().unwrap_or_default(),
                    refused: &part.rows.refused,
                    replaced: BTreeMap::new(),
                    bearers: BTreeSet::new(),
                    fates: Fates::default(),
                    orders: None,
                    twin_of: file.twin_of.map(|twin| first_part[twin] + sheet),
                    money: part.rows.money.clone(),
                });
            }
        }
    }

    /// Sources whose quarantine is over a limit: place, their rows, the refusal.
    fn over_limit(&self) -> Vec<(usize, Vec<Diagnostic>, Diagnostic)> {
        let mut over = Vec::new();
        for (place, read) in self.sources.iter().enumerate().filter(|(_, read)| read.out.is_none()) {
            let mut refusals = Refusals::default();
            for (part, loaded) in self.parts_of(place) {
                self.count_refusals(part, loaded, &mut refusals);
            }
            if let Some(found) = quarantine::over_limit(read.source, refusals.rows, refusals.of, &refusals.money) {
                let told = self.parts_of(place).flat_map(|(part, loaded)| {
                    let mut rows = Vec::new();
                    match self.quarantine(part, loaded, &mut rows) {
                        Ok(()) => quarantine::diagnostics(&rows, |_| read.source),
                        Err(failed) => vec![*failed],
                    }
                });
                let rows = told.collect();
                let message = "too many rows in quarantine: the export has changed";
                over.push((place, rows, *refusal::source(read.source, "QUA601", message, &found, "`quarantine_max`")));
            }
        }
        over
    }

    /// The parts of the source at a place.
    fn parts_of(&self, source: usize) -> impl Iterator<Item = (usize, &Loaded<'a, 'p>)> {
        let parts = self.of_sources[source].clone();
        parts.map(|part| (part, &self.parts[part]))
    }

    fn count_refusals<'l>(&self, part: usize, loaded: &'l Loaded<'a, 'p>, refusals: &mut Refusals<'l>) {
        if loaded.twin_of.is_some() {
            return;
        }
        let rows = self.read_of(part).rows.read - self.read_of(part).rows.structural;
        refusals.of += rows;
        for (row, control) in loaded.open() {
            refusals.rows += 1;
            *refusals.money.entry(row.currency()).or_default() += i128::from(control.unwrap_or(0)).abs();
        }
        for (row, _) in loaded.fates.others().filter(|(_, fate)| is_quarantined(*fate)) {
            refusals.rows += 1;
            *refusals.money.entry(loaded.currency(row)).or_default() += i128::from(loaded.amount(row)).abs();
        }
    }

    /// What the reader counted of a part.
    fn read_of(&self, part: usize) -> &crate::ingest::part_read::PartRead {
        let (source, file) = self.files[self.parts[part].file];
        &self.sources[source].files[file].parts[part - self.first_parts[self.parts[part].file]]
    }

    /// Adds the rows of a part in quarantine to those of others, in row order.
    ///
    /// # Errors
    /// A file with a row that another one contradicts cannot be read again: then none is added.
    fn quarantine(
        &self,
        part: usize,
        loaded: &Loaded<'a, 'p>,
        rows: &mut Vec<QuarantinedRow>,
    ) -> Result<(), Box<Diagnostic>> {
        if loaded.twin_of.is_some() {
            return Ok(());
        }
        let of = PartAtFault::of(&self.lineage.0[part], self.sha256_of(loaded), loaded.plan.source);
        // Of accepted rows their meaning alone was kept: record and cell are read again.
        let contradicted = loaded.fates.others().filter(|(_, fate)| is_quarantined(*fate)).map(|(row, _)| row);
        let key = loaded.plan.spec.key.first().and_then(|name| loaded.plan.field(name));
        let slot = key.and_then(|key| Some((key, loaded.bound.slots[key]?)));
        let whole = CitedField::Whole(slot.map_or(0, |(_, slot)| slot));
        let reference = |row: usize| row_ref(part, loaded.table.lines[row]);
        let wanted = contradicted.clone().map(|row| (reference(row), whole.clone())).collect();
        let cited = read_cited(self.pipeline, &self.lineage, wanted)?;
        let first = rows.len();
        rows.extend(loaded.open().map(|(row, control)| QuarantinedRow::new(part, &of, Arc::clone(row), control)));
        let mut grounds = Grounds::default();
        for row in contradicted {
            let held = grounds.hold(self.contradicted(loaded, row, slot, cited.get(reference(row), &whole)));
            rows.push(QuarantinedRow::new(part, &of, held, Some(loaded.amount(row))));
        }
        rows[first..].sort_by_key(|row| row.line);
        Ok(())
    }

    fn sha256_of(&self, loaded: &Loaded<'a, 'p>) -> &'a str {
        let (source, file) = self.files[loaded.file];
        &self.sources[source].files[file].sha256
    }

    /// An accepted row that another row sends to quarantine. `slot` is its key's field with its position, `cited` what the file has.
    fn contradicted(
        &self,
        loaded: &Loaded<'a, 'p>,
        row: usize,
        slot: Option<(usize, usize)>,
        cited: &FieldCells,
    ) -> RowAtFault {
        let (reason, expected) = match loaded.fates.of(row) {
            Fate::Conflict(with) => {
                let other = &self.parts[with.part];
                let differing = differing_fields(loaded, row, other, with.row).into_iter();
                let columns = differing.filter_map(|name| loaded.bound.slots[loaded.plan.field(name)?]);
                let columns: BTreeSet<String> =
                    columns.map(|slot| format!("{:?}", loaded.bound.column(slot))).collect();
                let columns: Vec<String> = columns.into_iter().collect();
                let place = self.lineage.text(self.reference(with));
                let differs = if columns.len() == 1 { "differs" } else { "differ" };
                (
                    Reason::Conflict,
                    match columns.is_empty() {
                        true => format!("the same values as {place}"),
                        false => format!("the same values as {place}; {} {differs}", columns.join(", ")),
                    },
                )
            }
            Fate::Incomplete(line) => (Reason::Incomplete, format!("a sound row {line} of the order")),
            _ => (Reason::Conflict, String::new()),
        };
        let (record, bytes) = match cited {
            FieldCells::Row(text, bytes) => (text.clone(), bytes.clone()),
            _ => (String::new(), 0..0),
        };
        let field = |(key, _): (usize, usize)| loaded.plan.fields[key].name;
        let cell = slot.map(|slot| CellInRow { position: slot.1, field: field(slot), bytes: bytes.clone() });
        let named = |name: &str| loaded.plan.field(name).map(|field| raw(loaded, field, row)).unwrap_or_default();
        let number = |name: &str| loaded.plan.field(name).and_then(|field| loaded.table.columns[field].number(row));
        RowAtFault {
            line: loaded.table.lines[row],
            byte: loaded.table.bytes.get(row).copied(),
            column: slot.map(|(_, slot)| loaded.bound.column(slot)).unwrap_or_default(),
            value: cell.as_ref().map(|_| record[bytes].to_owned()).unwrap_or_default(),
            reason: reason.word(),
            expected,
            config: loaded.plan.source.config.to_string(),
            order_no: named("order_no"),
            created_on: plan::created_on(loaded.plan, &loaded.table.columns, row),
            key: vec![key_of(loaded, row)],
            tracking_number: text::tracking_number(&named("tracking_number_raw")),
            statement_id: named("statement_id"),
            record,
            cell,
            currency: loaded.currency(row).to_owned(),
            paid_on: number("paid_at").map(|millis| zone::local_day(millis, loaded.plan.zone)),
            postage: number("delivery_price"),
            ..RowAtFault::default()
        }
    }

    fn reference(&self, at: At) -> u64 {
        row_ref(at.part, self.parts[at.part].table.lines[at.row])
    }

    // ---- publishing -------------------------------------------------------------------------------------------------------------

    fn publish(self, as_of: AsOf) -> Ingested {
        let mut ingested = Ingested { parts: self.lineage.clone(), ..Ingested::default() };
        ingested.quarantine.reserve_exact(self.parts.iter().map(|part| part.refused.len()).sum());
        for read in self.sources {
            ingested.diagnostics.extend(read.diagnostics.iter().cloned());
            match read.out {
                Some(Exit::Clean) => ingested.left_out.push(read.source.name.clone()),
                Some(exit @ Exit::Quarantine) => {
                    ingested.left_out.push(read.source.name.clone());
                    ingested.exits.push(exit);
                }
                Some(exit) => ingested.exits.push(exit),
                None => {}
            }
        }
        for (part, loaded) in self.parts.iter().enumerate() {
            ingested.headers.push(Headers {
                bound: loaded.bound.headers.clone(),
                written: loaded.bound.written.clone(),
                unbound: loaded.bound.unbound.clone(),
                missing: loaded.bound.missing.clone(),
            });
            if let Err(failed) = self.quarantine(part, loaded, &mut ingested.quarantine) {
                ingested.exits.push(failed.exit);
                ingested.diagnostics.push(*failed);
            }
            if loaded.twin_of.is_none() {
                let (source, file) = self.files[loaded.file];
                let month = self.sources[source].files[file].report_month;
                ingested.totals.extend(totals::stated(part, loaded, &self.read_of(part).rows.totals, month));
            }
            self.push_revisions(part, loaded, &mut ingested.revisions);
        }
        if !ingested.quarantine.is_empty() {
            ingested.exits.push(Exit::Quarantine);
        }
        let told = quarantine::diagnostics(&ingested.quarantine, |part| self.parts[part].plan.source);
        ingested.diagnostics.extend(told);
        ingested.conflicts = self.conflicts();
        ingested.inputs = self.inputs(as_of);
        if let Err(error) = self.fill(&mut ingested) {
            ingested.exits.push(Exit::Invariant);
            ingested.diagnostics.push(broken(&error.to_string()));
        }
        ingested
    }

    /// Frames, and what of each input stands in them.
    fn fill(mut self, ingested: &mut Ingested) -> PolarsResult<()> {
        ingested.frames = frames::build(&mut self.parts)?;
        let has_lines: Vec<bool> = self.parts.iter().map(|part| part.orders.is_some()).collect();
        let used = PartTotals::of_frames(&ingested.frames, &has_lines)?;
        for (part, rows) in used.rows.into_iter().enumerate() {
            ingested.inputs[self.parts[part].file].rows.used += rows;
        }
        for (part, sums) in used.money.into_iter().enumerate() {
            for (currency, amount) in sums {
                ingested.inputs[self.parts[part].file].money.entry(currency).or_default().used += amount;
            }
        }
        Ok(())
    }

    /// One entry per file, without what is used.
    fn inputs(&self, as_of: AsOf) -> Vec<Input> {
        let mut inputs: Vec<Input> = self.files.iter().map(|(source, file)| self.input(*source, *file)).collect();
        let late: Vec<u64> = self.parts.par_iter().map(|loaded| too_late(loaded, as_of)).collect();
        for ((part, loaded), late) in self.parts.iter().enumerate().zip(late) {
            let input = &mut inputs[loaded.file];
            let read = &self.read_of(part).rows;
            input.booked_excess_decimals += read.booked.cells;
            for (currency, residue) in &read.booked.residues {
                *input.residues.entry(currency.clone()).or_default() += residue;
            }
            input.dst_moved_days += if loaded.twin_of.is_none() { read.days_by_dst } else { 0 };
            input.after_as_of += late;
            add_rows(&mut input.rows, loaded, read.read, read.structural);
            add_money(&mut input.money, loaded);
        }
        inputs
    }

    fn input(&self, source: usize, file: usize) -> Input {
        let read = &self.sources[source];
        let file = &read.files[file];
        Input {
            path: file.found.path.clone(),
            source: read.source.name.clone(),
            kind: read.source.kind,
            account: read.source.account.clone(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            rows: RowCounts::default(),
            money: BTreeMap::new(),
            after_as_of: 0,
            booked_excess_decimals: 0,
            residues: BTreeMap::new(),
            dst_moved_days: 0,
            encoding: file.encoding.clone(),
            export_date: file.export_date,
        }
    }

    fn push_revisions(&self, part: usize, loaded: &Loaded<'a, 'p>, revisions: &mut Vec<Revision>) {
        for (row, fate) in loaded.fates.others() {
            let (by, superseded) = match fate {
                Fate::Duplicate(by) => (self.reference(by), false),
                Fate::Superseded(by) => (self.reference(by), true),
                Fate::Overtaken { part, line } => (row_ref(part, line), true),
                Fate::Used | Fate::Conflict(_) | Fate::Incomplete(_) => continue,
            };
            revisions.push(Revision { row_ref: row_ref(part, loaded.table.lines[row]), by, superseded });
        }
        revisions.extend(loaded.replaced.iter().map(|(place, by)| Revision {
            row_ref: row_ref(part, loaded.refused[*place].line),
            by: self.reference(*by),
            superseded: true,
        }));
        if let Some(twin) = loaded.twin_of {
            let refused = loaded.refused.iter().map(|row| row.line);
            revisions.extend(refused.map(|line| Revision {
                row_ref: row_ref(part, line),
                by: row_ref(twin, line),
                superseded: false,
            }));
        }
    }

    /// One entry per key, naming its first row and the first that differs.
    fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts: BTreeMap<(&str, &str, String), Conflict> = BTreeMap::new();
        for (part, loaded) in self.parts.iter().enumerate() {
            for (row, fate) in loaded.fates.others() {
                let Fate::Conflict(with) = fate else { continue };
                let (source, account) = (loaded.plan.source.name.as_str(), loaded.plan.account_name());
                let key = key_of(loaded, row);
                let pair = [self.reference(At { part, row }), self.reference(with)];
                conflicts.entry((account, loaded.kind().text(), key.clone())).or_insert_with(|| Conflict {
                    source: source.to_owned(),
                    account: account.to_owned(),
                    key,
                    row_ref: pair[0].min(pair[1]),
                    other_row_ref: pair[0].max(pair[1]),
                    fields: differing_fields(loaded, row, &self.parts[with.part], with.row),
                });
            }
        }
        conflicts.into_values().collect()
    }
}

/// The fields of two rows whose values differ.
fn differing_fields(a: &Loaded<'_, '_>, row: usize, b: &Loaded<'_, '_>, other: usize) -> Vec<&'static str> {
    let differs = |(place, name): (usize, &'static str)| {
        let field = b.plan.field(name)?;
        (!a.table.columns[place].agrees(row, &b.table.columns[field], other)).then_some(name)
    };
    a.plan.fields.iter().map(|field| field.name).enumerate().filter_map(differs).collect()
}

fn is_quarantined(fate: Fate) -> bool {
    matches!(fate, Fate::Conflict(_) | Fate::Incomplete(_))
}

fn broken(error: &str) -> Diagnostic {
    Diagnostic {
        code: "BUG901",
        message: "a canonical frame is not what its declaration says".into(),
        place: Place::Nowhere,
        found: error.to_owned(),
        expected: String::new(),
        help: "nothing was published; report this with the input".into(),
        exit: Exit::Invariant,
    }
}

fn add_rows(rows: &mut RowCounts, loaded: &Loaded<'_, '_>, read: u64, structural: u64) {
    rows.read += read;
    rows.structural += structural;
    if loaded.twin_of.is_some() {
        rows.duplicate += read - structural;
        return;
    }
    for (_, fate) in loaded.fates.others() {
        match fate {
            Fate::Used => {}
            Fate::Duplicate(_) => rows.duplicate += 1,
            Fate::Superseded(_) | Fate::Overtaken { .. } => rows.superseded += 1,
            Fate::Conflict(_) | Fate::Incomplete(_) => rows.quarantined += 1,
        }
    }
    rows.quarantined += loaded.open().count() as u64;
    rows.superseded += loaded.replaced.len() as u64;
    if !loaded.plan.control.is_empty() {
        rows.unreadable += loaded.open().filter(|(_, control)| control.is_none()).count() as u64;
    }
}

fn add_money(money: &mut BTreeMap<String, MoneyBuckets>, loaded: &Loaded<'_, '_>) {
    for (currency, amount) in &loaded.money {
        let buckets = money.entry(currency.clone()).or_default();
        buckets.read += amount;
        if loaded.twin_of.is_some() {
            buckets.duplicate += amount;
        }
    }
    if loaded.twin_of.is_some() || loaded.plan.control.is_empty() {
        return;
    }
    for (place, refused) in loaded.refused.iter().enumerate().filter(|(_, row)| !row.currency().is_empty()) {
        if let Some(control) = loaded.control(place) {
            let buckets = money.entry(refused.currency().to_owned()).or_default();
            let replaced = loaded.replaced.contains_key(&place);
            *(if replaced { &mut buckets.superseded } else { &mut buckets.quarantined }) += i128::from(control);
        }
    }
    // The lines of a repeated order count, its own amounts do not.
    let repeated = loaded.orders.iter().flat_map(|orders| &orders.repeated).copied();
    let repeated = repeated.filter(|row| loaded.fates.is_used(*row)).map(|row| (row, Fate::Used));
    for (row, fate) in loaded.fates.others().chain(repeated) {
        let amount = if fate == Fate::Used { loaded.order_amount(row) } else { loaded.amount(row) };
        let currency = loaded.currency(row);
        if currency.is_empty() {
            continue;
        }
        let buckets = match money.get_mut(currency) {
            Some(buckets) => buckets,
            None => money.entry(currency.to_owned()).or_default(),
        };
        match fate {
            Fate::Used | Fate::Duplicate(_) => buckets.duplicate += i128::from(amount),
            Fate::Superseded(_) | Fate::Overtaken { .. } => buckets.superseded += i128::from(amount),
            Fate::Conflict(_) | Fate::Incomplete(_) => buckets.quarantined += i128::from(amount),
        }
    }
}

/// Used rows of a part that are dated after the as-of day.
fn too_late(loaded: &Loaded<'_, '_>, as_of: AsOf) -> u64 {
    let dates = loaded.plan.places(main_dates(loaded.kind()));
    let end = as_of.end_millis(loaded.plan.zone);
    let last_day = i64::from(zone::day_number(as_of.0));
    let is_late = |row: usize| {
        dates.iter().any(|field| match (loaded.table.columns[*field].number(row), loaded.plan.fields[*field].cell) {
            (Some(day), Cell::Date) => day > last_day,
            (Some(instant), _) => instant >= end,
            (None, _) => false,
        })
    };
    let used = (0..loaded.table.len()).filter(|row| loaded.fates.is_used(*row));
    used.filter(|row| is_late(*row)).count() as u64
}

/// The key of a row as written, its parts separated by ` | `.
fn key_of(loaded: &Loaded<'_, '_>, row: usize) -> String {
    key_text(loaded.plan.places(loaded.plan.spec.key).into_iter().map(|field| raw(loaded, field, row)))
}

/// A value as written, or as close to it as the typed value tells.
fn raw(loaded: &Loaded<'_, '_>, field: usize, row: usize) -> String {
    let cell = loaded.plan.fields[field].cell;
    match loaded.table.columns[field].get(row) {
        Value::Null => String::new(),
        Value::Text(text) => text.to_owned(),
        Value::Label(label) if label.raw.is_empty() => label.word.clone(),
        Value::Label(label) => label.raw.clone(),
        Value::Flag(flag) => if flag { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match cell {
            Cell::Money => crate::base::money::to_decimal(number, loaded.currency(row)),
            Cell::Date => zone::date_of(number as i32).map(|day| day.to_string()).unwrap_or_default(),
            Cell::Instant => zone::local_text(number, loaded.plan.zone),
            Cell::Percent => format!("{} ppm", number),
            Cell::Rate => Rate::of_nano(number).map(|rate| rate.to_string()).unwrap_or_default(),
            _ => number.to_string(),
        },
    }
}
