//! A source made ready for reading: its fields with everything that their cells are read against.

use chrono_tz::Tz;
use regex::Regex;

use crate::base::zone::local_day;
use crate::diagnose::Diagnostic;
use crate::frame::kind::{Cell, Field, KindSpec, LINE_FIELDS, links, spec_of};
use crate::ingest::columns::{Label, Labels, Texts, Values};
use crate::ingest::dates::DateForms;
use crate::ingest::record::Raw;
use crate::ingest::refusal;
use crate::ingest::word_tables::CURRENCY;
use crate::ingest::words::{WordList, list_of};
use crate::pipeline::pack::Vocabulary;
use crate::pipeline::source::{Binding, Composed, Format, Skip, Version};
use crate::pipeline::words::WordTable;
use crate::pipeline::{Account, Pipeline, Source};
use crate::vocab::{Kind, VersionForm};

/// Name of the line's own rate in a source with several rows per order, where `commission_ppm` binds the line's.
pub(super) const LINE_COMMISSION: &str = "line_commission_ppm";

/// Name of a version column that is none of the kind's fields; the last of the plan.
const VERSION: &str = "version";

/// A source made ready for reading.
#[derive(Debug)]
pub(super) struct Plan<'p> {
    pub(super) source: &'p Source,
    pub(super) spec: &'static KindSpec,
    /// All fields; each is a column of the source's tables. Order fields come first, then line fields.
    pub(super) fields: Vec<FieldPlan<'p>>,
    /// Fields that are read, in the order of reading: the currency first.
    pub(super) order: Vec<usize>,
    /// The field of the row's currency.
    pub(super) currency_field: Option<usize>,
    /// Zone of civil dates.
    pub(super) zone: Tz,
    pub(super) dates: DateForms,
    /// Currency of a row without one of its own; empty when nobody declared one.
    pub(super) currency: String,
    /// Words of currencies.
    pub(super) units: Option<&'p WordTable>,
    /// Fields whose sum is a row's control amount.
    pub(super) control: Vec<usize>,
    /// The control amount is the control field times this field.
    pub(super) times: Option<usize>,
    /// Postage and fee of an order, that its rows repeat or share; only in a source with several rows per order.
    pub(super) order_amounts: Vec<usize>,
    /// Amounts of which each row of an order has a part; only in a source with several rows per order.
    pub(super) sums: Vec<usize>,
    /// Pieces of a line and those of them that were cancelled, where both are read.
    pub(super) cancelled: Option<(usize, usize)>,
    /// Field that tells versions of a row apart.
    pub(super) version: Option<usize>,
    /// First cells of total rows, folded.
    pub(super) totals: Vec<String>,
    /// Fields whose totals a total row states, with the place of the cell, from 0.
    pub(super) total_cells: Vec<(usize, usize)>,
    /// Rows that say nothing.
    pub(super) skip: &'p [Skip],
    /// Headers that quarantine masks, folded.
    pub(super) personal: Vec<String>,
}

/// One field of a source.
#[derive(Debug)]
pub(super) struct FieldPlan<'p> {
    /// Canonical name; unique in the plan.
    pub(super) name: &'static str,
    pub(super) cell: Cell,
    pub(super) required: bool,
    /// Where it stands in the file.
    pub(super) binding: Option<&'p Binding>,
    /// What of the text of the first of several columns is read.
    pub(super) pattern: Option<Regex>,
    /// The value of every row, as a cell would be written; only without a binding.
    pub(super) constant: Option<&'p str>,
    /// Its labels, when it has words.
    pub(super) words: Option<WordList<'p>>,
    /// Digits that an identifier is filled up to; 0: none.
    pub(super) pad: usize,
    /// What its empty cells are read as.
    pub(super) empty: Option<EmptyPlan<'p>>,
}

/// What empty cells of a field are read as.
#[derive(Debug)]
pub(super) struct EmptyPlan<'p> {
    pub(super) value: &'p str,
    /// Places of fields of words, each with the words of which the row has one.
    pub(super) when: Vec<(usize, &'p [String])>,
}

impl<'p> Plan<'p> {
    /// Makes a source ready.
    ///
    /// # Errors
    /// What the source lacks to be read at all.
    pub(super) fn new(pipeline: &'p Pipeline, source: &'p Source) -> Result<Plan<'p>, Box<Diagnostic>> {
        let account = source.account.as_deref().and_then(|name| pipeline.account(name)).map(|account| &**account);
        let spec = spec_of(source.kind);
        let vocabulary = vocabulary_of(pipeline, source)?;
        let mut fields = fields_of(source, spec)
            .into_iter()
            .map(|(name, bound_as, field)| FieldPlan::new(source, name, bound_as, field, vocabulary))
            .collect::<Vec<_>>();
        if let Some(Version::Column(binding, form)) = &source.version {
            fields.push(FieldPlan::of_version(binding, *form));
        }
        let dates = DateForms::new(&source.cells.dates)
            .map_err(|pattern| refusal::source(source, "SRC103", "not a date pattern", &pattern, "a chrono pattern"))?;
        let mut plan = Plan {
            source,
            spec,
            order: Vec::new(),
            currency_field: fields.iter().position(|field| field.name == CURRENCY),
            zone: account.map_or(source.timezone, |account| account.timezone),
            dates,
            currency: currency_of(source, account),
            units: source.words.get(CURRENCY).map(|table| &**table),
            control: Vec::new(),
            times: None,
            order_amounts: Vec::new(),
            sums: Vec::new(),
            cancelled: None,
            version: None,
            totals: totals_of(source),
            total_cells: Vec::new(),
            skip: &source.skip,
            personal: source.personal.iter().map(|header| crate::base::text::fold(header)).collect(),
            fields,
        };
        let cells = source.total_cells.iter();
        plan.total_cells = cells.filter_map(|(name, place)| Some((plan.field(name)?, place - 1))).collect();
        plan.cancelled = plan.field("qty").zip(plan.field("qty_cancelled"));
        for empty in &source.empty {
            let Some(place) = plan.bound(&empty.field) else { continue };
            let when = empty.when.iter().filter_map(|(field, words)| Some((plan.field(field)?, &words[..])));
            plan.fields[place].empty = Some(EmptyPlan { value: &empty.value, when: when.collect() });
        }
        plan.set_order();
        plan.set_control();
        plan.set_version()?;
        plan.check_required()?;
        Ok(plan)
    }

    /// The place of a field.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The place of the field that reads the column bound under a name.
    fn bound(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.binding.is_some_and(|binding| binding.field == name))
    }

    /// Whether a field joins rows with those of other kinds or tells versions apart, and the pipeline itself names its column. A layout of a pack names what exports
    /// may have; only payout lines without their orders are never right.
    pub(super) fn is_link(&self, field: &FieldPlan<'_>, binding: &Binding) -> bool {
        let is_own = binding.place.file == self.source.config.file;
        let is_order_of_payout = self.source.kind == Kind::PayoutLines && field.name == "order_no";
        let decides = links(self.source.kind).contains(&field.name) || field.name == VERSION;
        decides && (is_own || is_order_of_payout)
    }

    /// The value that the configuration gives every row of a field without a column, as a cell would be written.
    pub(super) fn constant(&self, name: &str) -> Option<String> {
        let written = constant_of(self.source, name).map(str::to_owned);
        written.or_else(|| (name == CURRENCY && !self.currency.is_empty()).then(|| self.currency.clone()))
    }

    /// The places of some fields, those that do not exist left out.
    pub(super) fn places(&self, names: &[&str]) -> Vec<usize> {
        names.iter().filter_map(|name| self.field(name)).collect()
    }

    /// How many fields are bound by a header.
    pub(super) fn bound_headers(&self) -> usize {
        let bindings = self.fields.iter().filter_map(|field| field.binding);
        bindings.filter(|binding| !binding.headers.is_empty()).count()
    }

    /// Several rows per order.
    pub(super) fn has_lines(&self) -> bool {
        self.source.kind == Kind::Orders && self.source.lines
    }

    /// The fields of an order: all but those of its lines.
    pub(super) fn order_fields(&self) -> Vec<usize> {
        (0..self.spec.fields.len()).collect()
    }

    /// The fields of a line.
    pub(super) fn line_fields(&self) -> Vec<usize> {
        (self.spec.fields.len()..self.fields.len()).filter(|place| self.fields[*place].name != VERSION).collect()
    }

    /// Empty columns, one per field.
    pub(super) fn columns(&self) -> Vec<Values> {
        self.fields.iter().map(|field| field.column(&self.currency)).collect()
    }

    /// The cell, or nothing where its text stands for nothing.
    pub(super) fn filled<'r>(&self, raw: Raw<'r>) -> Raw<'r> {
        match raw {
            Raw::Text(text) if self.source.cells.nulls.iter().any(|null| null == text) => Raw::Empty,
            raw => raw,
        }
    }

    /// The name of the account, or nothing.
    pub(super) fn account_name(&self) -> &'p str {
        self.source.account.as_deref().unwrap_or("")
    }

    /// Whether a record that reads as a row is hardly ever anything else: one of its required cells is more than any text.
    pub(super) fn tells_rows(&self) -> bool {
        let is_telling = |field: &FieldPlan<'_>| {
            let any_text = matches!(field.cell, Cell::Text | Cell::Identifier | Cell::Name { .. } | Cell::CarrierCode);
            field.required && field.binding.is_some() && !any_text
        };
        self.fields.iter().any(is_telling)
    }

    fn set_order(&mut self) {
        let read = |place: &usize| self.fields[*place].is_read();
        let currency = self.currency_field;
        let first: Vec<usize> = currency.into_iter().filter(read).collect();
        let rest: Vec<usize> = (0..self.fields.len()).filter(|place| Some(*place) != currency).filter(read).collect();
        // A condition asks for words that were read before.
        let asks = |place: &usize| self.fields[*place].empty.as_ref().is_some_and(|empty| !empty.when.is_empty());
        let (last, rest): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(asks);
        self.order = [first, rest, last].concat();
    }

    fn set_control(&mut self) {
        if self.has_lines() {
            self.control = self.places(&["unit_price_gross"]);
            self.times = self.field("qty");
            self.order_amounts = self.places(&["delivery_price", "cod_fee"]);
            let sums = self.source.sum.iter().filter_map(|name| self.field(name));
            self.sums = sums.filter(|place| self.fields[*place].is_read()).collect();
        } else {
            self.control = self.places(self.spec.control);
            self.times = if self.spec.control_times_qty { self.field("qty") } else { None };
        }
    }

    fn set_version(&mut self) -> Result<(), Box<Diagnostic>> {
        let name = match &self.source.version {
            None => return Ok(()),
            Some(Version::Field(name)) => name.as_str(),
            Some(Version::Column(..)) => VERSION,
        };
        self.version = self.field(name).filter(|place| self.fields[*place].is_read());
        if self.version.is_some() {
            return Ok(());
        }
        Err(refusal::source(
            self.source,
            "SRC104",
            "`version` names no bound field",
            name,
            "a field that the source binds",
        ))
    }

    fn check_required(&self) -> Result<(), Box<Diagnostic>> {
        match self.fields.iter().find(|field| field.required && !field.is_read()) {
            None => Ok(()),
            Some(field) => {
                let expected = format!("a column or a constant for `{}`", field.name);
                Err(refusal::source(self.source, "SRC102", "a required field is not bound", field.name, &expected))
            }
        }
    }
}

impl<'p> FieldPlan<'p> {
    fn new(
        source: &'p Source,
        name: &'static str,
        bound_as: Option<&str>,
        field: Field,
        vocabulary: Option<&'p Vocabulary>,
    ) -> FieldPlan<'p> {
        let binding = bound_as.and_then(|bound_as| source.binding(bound_as));
        let constant = match (binding, bound_as) {
            (None, Some(bound_as)) => constant_of(source, bound_as),
            _ => None,
        };
        let words = list_of(field.cell, &source.words, vocabulary);
        let required = field.required && !source.without.iter().any(|lacking| lacking == name);
        let pattern = binding.and_then(pattern_of);
        let pad = bound_as.and_then(|bound_as| source.pad.get(bound_as)).copied().unwrap_or(0);
        FieldPlan { name, cell: field.cell, required, binding, pattern, constant, words, pad, empty: None }
    }

    /// A column that tells versions of a row apart and is none of the kind's fields.
    fn of_version(binding: &'p Binding, form: VersionForm) -> FieldPlan<'p> {
        let cell = match form {
            VersionForm::Date => Cell::Date,
            VersionForm::Instant => Cell::Instant,
            VersionForm::Int => Cell::Int,
            VersionForm::Text => Cell::Text,
        };
        let pattern = pattern_of(binding);
        FieldPlan {
            name: VERSION,
            cell,
            required: false,
            binding: Some(binding),
            pattern,
            constant: None,
            words: None,
            pad: 0,
            empty: None,
        }
    }

    /// Whether a date and its time stand in two columns.
    pub(super) fn is_pair(&self) -> bool {
        self.binding.is_some_and(|binding| matches!(binding.composed, Some(Composed::DateTime { .. })))
    }

    /// Whether several columns are added to make its value.
    pub(super) fn sums(&self) -> bool {
        self.binding.is_some_and(|binding| matches!(binding.composed, Some(Composed::Sum(_))))
    }

    /// What of a cell is read: all of it, or what the pattern finds in its text.
    pub(super) fn part_of<'r>(&self, raw: Raw<'r>) -> Raw<'r> {
        let (Some(pattern), Raw::Text(text)) = (&self.pattern, raw) else { return raw };
        let found = pattern.captures(text).and_then(|found| found.get(1).or_else(|| found.get(0)));
        found.map_or(Raw::Empty, |part| Raw::of_text(part.as_str()))
    }

    /// Whether rows have a cell or a constant for it.
    pub(super) fn is_read(&self) -> bool {
        self.binding.is_some() || self.constant.is_some()
    }

    /// The configuration line that says how it is read.
    pub(super) fn config(&self, source: &Source) -> String {
        self.binding.map_or_else(|| source.config.to_string(), |binding| binding.place.to_string())
    }

    fn column(&self, currency: &str) -> Values {
        let word = |word: &str| Values::Absent(Some(Label { raw: String::new(), word: word.to_owned() }));
        match (self.is_read(), self.cell) {
            (true, Cell::Text | Cell::Identifier) => Values::Texts(Texts::default()),
            (true, Cell::Money | Cell::Percent | Cell::Rate | Cell::Int) => Values::Numbers(Vec::new()),
            (true, Cell::Date) => Values::Days(Vec::new()),
            (true, Cell::Instant) => Values::Instants(Vec::new(), Vec::new()),
            (true, Cell::Flag) => Values::Flags(Vec::new()),
            (true, Cell::Currency | Cell::Word { .. } | Cell::CarrierCode | Cell::Name { .. }) => {
                Values::Labels(Labels::default())
            }
            (false, Cell::Currency) => word(currency),
            (false, Cell::Word { empty, .. }) => word(empty.unwrap_or("unknown")),
            (false, Cell::CarrierCode) => word("unknown"),
            (false, Cell::Name { .. }) => word(""),
            (false, _) => Values::Absent(None),
        }
    }
}

fn pattern_of(binding: &Binding) -> Option<Regex> {
    match &binding.composed {
        // The pipeline was checked: the pattern is one.
        Some(Composed::First { pattern: Some(pattern), .. }) => Regex::new(pattern).ok(),
        _ => None,
    }
}

/// Fields of a source: name in the plan, key under `columns`, contract.
fn fields_of(source: &Source, spec: &'static KindSpec) -> Vec<(&'static str, Option<&'static str>, Field)> {
    if !(spec.kind == Kind::Orders && source.lines) {
        return spec.fields.iter().map(|field| (field.name, Some(field.name), *field)).collect();
    }
    let rate = "commission_ppm";
    let of_order = spec.fields.iter().map(|field| (field.name, (field.name != rate).then_some(field.name), *field));
    let of_line = LINE_FIELDS.iter().map(|field| (field.name, Some(field.name), *field));
    let line_rate = Field { name: LINE_COMMISSION, cell: Cell::Percent, required: false };
    of_order.chain(of_line).chain([(LINE_COMMISSION, Some(rate), line_rate)]).collect()
}

/// The civil day on which the order of a row was created, where the row says it.
pub(super) fn created_on(plan: &Plan, columns: &[Values], row: usize) -> Option<i32> {
    let at = columns[plan.field("created_at")?].number(row)?;
    Some(local_day(at, plan.zone))
}

fn constant_of<'p>(source: &'p Source, name: &str) -> Option<&'p str> {
    let written = source.constants.get(name).map(String::as_str);
    match name {
        // A label or dump source says its carrier once, not in every row.
        "carrier" => written.or(source.carrier.as_deref()),
        _ => written,
    }
}

fn currency_of(source: &Source, account: Option<&Account>) -> String {
    let declared = source.currency.clone().or_else(|| account.map(|account| account.currency.clone()));
    declared.unwrap_or_default()
}

fn totals_of(source: &Source) -> Vec<String> {
    let written = match &source.format {
        Format::Csv(csv) => &csv.totals,
        Format::Xlsx(xlsx) => &xlsx.totals,
    };
    written.iter().map(|total| crate::base::text::fold(total)).collect()
}

/// The vocabulary of a tracking source.
fn vocabulary_of<'p>(pipeline: &'p Pipeline, source: &'p Source) -> Result<Option<&'p Vocabulary>, Box<Diagnostic>> {
    if source.kind != Kind::TrackingEvents {
        return Ok(None);
    }
    let carrier = source.carrier.as_deref().unwrap_or("");
    let name = source.vocabulary.as_deref().unwrap_or("");
    let pack = pipeline.pack(&format!("carriers/{carrier}")).or_else(|| pipeline.pack(carrier));
    match pack.and_then(|pack| pack.vocabularies.get(name)) {
        Some(vocabulary) => Ok(Some(vocabulary)),
        None => {
            let found = format!("carrier `{carrier}`, vocabulary `{name}`");
            Err(refusal::source(
                source,
                "SRC101",
                "no such vocabulary of codes",
                &found,
                "a vocabulary of a loaded carrier pack",
            ))
        }
    }
}
