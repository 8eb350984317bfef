//! What the cells of a column look like.

use std::collections::BTreeMap;

use crate::base::text::{fold, header_key};
use crate::diagnose::visible;
use crate::ingest::date_time;
use crate::ingest::infer::amounts::{self, AmountForm};
use crate::ingest::infer::date_patterns::{self, DatePatterns, PatternList};
use crate::ingest::infer::known::Known;
use crate::ingest::infer::personal::personal;
use crate::ingest::infer::sample::Seen;
use crate::ingest::record::Raw;
use crate::pipeline::known_headers::Personal;

/// Samples that are kept of a column.
const SAMPLES: usize = 3;
/// A column with more distinct values is no column of words.
const LABELS: usize = 20;
/// What systems write where there is nothing.
const NULLS: [&str; 3] = ["-", "--", "—"];

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    /// From 1.
    pub(super) position: usize,
    /// As written; empty without a header row.
    pub(super) header: String,
    /// The form in which it is compared.
    pub(super) key: String,
    /// The first different values, as a person sees them.
    pub(super) samples: Vec<String>,
    /// Cells with a value, of so many rows.
    pub(super) filled: (usize, usize),
    pub(super) look: Look,
    pub(super) personal: Option<Personal>,
    /// Signs that stand for nothing.
    pub(super) nulls: Vec<String>,
    /// Values that are not what nearly all others are.
    pub(super) strange: Vec<String>,
    /// All values; for the layouts.
    pub(super) values: Vec<Seen>,
}

/// The kind of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Look {
    Empty,
    Money(AmountForm),
    /// A whole number that is neither long nor unique.
    Whole,
    Percent,
    Date(DatePatterns),
    /// A time of day, without a date.
    Time,
    Identifier,
    /// Distinct labels with their counts, the frequent ones first.
    Word(Vec<(String, usize)>),
    Flag,
    Link,
    Text,
}

impl Look {
    /// The word of the report.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Look::Empty => "empty",
            Look::Money(_) => "money",
            Look::Whole => "whole number",
            Look::Percent => "percentage",
            Look::Date(_) => "date",
            Look::Time => "time of day",
            Look::Identifier => "identifier",
            Look::Word(_) => "word",
            Look::Flag => "yes or no",
            Look::Link => "link",
            Look::Text => "text",
        }
    }

    /// What else is to be said about it.
    pub(super) fn told(&self) -> String {
        match self {
            Look::Money(form) => match (form.decimal, form.ambiguous) {
                (Some(mark), _) => format!("decimal mark `{mark}`{}", unit_told(form)),
                (None, true) => format!("its mark may be decimal or grouping{}", unit_told(form)),
                (None, false) => format!("native numbers, or no decimal mark{}", unit_told(form)),
            },
            Look::Date(date) if date.patterns.is_empty() => "native date cells".to_owned(),
            Look::Date(date) => {
                let year = if date.yearless { ", without a year" } else { "" };
                if date.or.is_empty() {
                    format!("{}{year}", date.patterns.join(" and "))
                } else {
                    format!("{}, or as well {}{year}", date.patterns.join(" and "), date.or.join(" or "))
                }
            }
            Look::Word(labels) => {
                let shown: Vec<String> = labels.iter().map(|(label, count)| format!("{label} ({count})")).collect();
                shown.join(", ")
            }
            _ => String::new(),
        }
    }
}

fn unit_told(form: &AmountForm) -> String {
    if form.units.is_empty() { String::new() } else { format!(", unit {}", form.units.join(" ")) }
}

impl Column {
    /// Looks at the cells below a header.
    pub(super) fn new(
        position: usize,
        header: String,
        cells: Vec<Seen>,
        patterns: &PatternList,
        known: &Known,
    ) -> Column {
        let is_null = |cell: &&Seen| matches!(cell, Seen::Text(text) if NULLS.contains(&text.as_str()));
        let mut nulls: Vec<String> = cells.iter().filter(is_null).map(Seen::shown).collect();
        nulls.sort_unstable();
        nulls.dedup();
        let rows = cells.len();
        let values: Vec<Seen> = cells.into_iter().filter(|cell| !cell.is_empty() && !is_null(&cell)).collect();
        let mut samples: Vec<String> = Vec::new();
        for value in &values {
            let shown = value.shown();
            if samples.len() < SAMPLES && !samples.contains(&shown) {
                samples.push(shown);
            }
        }
        let seen: Vec<&Seen> = values.iter().collect();
        let (look, strange) = match date_patterns::seconds(&seen).filter(|_| known.is_of_dates(&header)) {
            Some(date) => (Look::Date(date), Vec::new()),
            None => look_of_most(&seen, patterns, known),
        };
        let personal = match known.personal(&header) {
            Some(said) => Some(said),
            None if matches!(look, Look::Text | Look::Word(_) | Look::Whole | Look::Identifier) => {
                personal(&values, matches!(look, Look::Whole | Look::Identifier))
            }
            None => None,
        };
        let key = header_key(&header);
        Column { position, header, key, samples, filled: (values.len(), rows), look, personal, nulls, strange, values }
    }

    /// The distinct values with their counts, for a field of words; the frequent ones first.
    pub(super) fn labels(&self) -> Vec<(String, usize)> {
        match &self.look {
            Look::Word(labels) => labels.clone(),
            Look::Date(_) | Look::Time | Look::Money(_) | Look::Empty => Vec::new(),
            _ => labels_of(&self.values.iter().map(Seen::shown).collect::<Vec<_>>()),
        }
    }

    /// What a person calls it.
    pub(super) fn name(&self) -> String {
        if self.header.is_empty() {
            format!("column {}", self.position)
        } else {
            format!("`{}`", visible::short(&self.header, visible::CELL))
        }
    }
}

/// The look of all values; where that is nothing in particular, dates or amounts with a few strange values among them.
fn look_of_most(values: &[&Seen], patterns: &PatternList, known: &Known) -> (Look, Vec<String>) {
    const LEAST: usize = 20;
    const STRANGE_OF: usize = 20;
    let look = look_of(values, patterns, known);
    if !matches!(look, Look::Text | Look::Identifier | Look::Word(_)) || values.len() < LEAST {
        return (look, Vec::new());
    }
    let digit = |value: &&&Seen| matches!(value, Seen::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()));
    if values.iter().filter(digit).count() * 2 < values.len() {
        return (look, Vec::new());
    }
    let tests: [&dyn Fn(&Seen) -> bool; 2] = [&|value| patterns.find(&[value]).is_some(), &|value| {
        amounts::find(&[value]).is_some_and(|form| form.decimal.is_some() || form.units.is_empty())
    }];
    for test in tests {
        // Most columns fail at once: look at a few before all are asked.
        let few = values.iter().take(LEAST).filter(|value| test(value)).count();
        if few * 10 < LEAST * 8 {
            continue;
        }
        let (plain, strange): (Vec<&Seen>, Vec<&Seen>) = values.iter().copied().partition(|value| test(value));
        if strange.len() * STRANGE_OF > values.len() {
            continue;
        }
        let of_most = look_of(&plain, patterns, known);
        if matches!(of_most, Look::Date(_) | Look::Money(_)) {
            return (of_most, strange.iter().take(SAMPLES).map(|value| value.shown()).collect());
        }
    }
    (look, Vec::new())
}

fn look_of(values: &[&Seen], patterns: &PatternList, known: &Known) -> Look {
    if values.is_empty() {
        return Look::Empty;
    }
    if values.iter().all(|value| matches!(value, Seen::Flag(_))) {
        return Look::Flag;
    }
    if let Some(date) = patterns.find(values) {
        return Look::Date(date);
    }
    let texts: Vec<String> = values.iter().map(|value| value.shown()).collect();
    let all = |test: &dyn Fn(&str) -> bool| texts.iter().all(|text| test(text));
    if all(&|text| date_time::time_of(Raw::of_text(text)).is_some()) {
        return Look::Time;
    }
    if all(&|text| text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www.")) {
        return Look::Link;
    }
    if all(&|text| text.ends_with('%') && amounts::is_amount_text(text.trim_end_matches('%').trim_end(), Some(','))) {
        return Look::Percent;
    }
    if let Some(form) = amounts::find(values)
        && is_money(&form, values, known)
    {
        return Look::Money(form);
    }
    let labels = labels_of(&texts);
    if all(&|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())) {
        let long = all(&|text| text.len() >= 5);
        let leading = all(&|text| text.len() >= 2) && texts.iter().any(|text| text.starts_with('0'));
        return if long || leading { Look::Identifier } else { Look::Whole };
    }
    if labels.len() <= 2 && labels.iter().all(|(label, _)| known.is_flag(label)) {
        return Look::Flag;
    }
    let repeats = labels.len() * 2 <= texts.len() || labels.iter().all(|(label, _)| known.is_label(label));
    if labels.len() <= LABELS && repeats && all(&|text| text.chars().count() <= 60) {
        return Look::Word(labels);
    }
    let code = |text: &str| {
        !text.contains(char::is_whitespace) && text.contains(|c: char| c.is_ascii_digit()) && !text.contains('@')
    };
    if all(&code) { Look::Identifier } else { Look::Text }
}

/// A mark, a unit that is a currency, or native numbers with decimals: whole numbers alone may count anything.
fn is_money(form: &AmountForm, values: &[&Seen], known: &Known) -> bool {
    let fraction = |value: &&Seen| matches!(value, Seen::Number(number) if number.fract() != 0.0);
    if form.units.is_empty() {
        return form.decimal.is_some() || form.ambiguous || values.iter().any(fraction);
    }
    form.units.iter().all(|unit| known.is_currency(unit)) || form.decimal.is_some()
}

/// Distinct texts with their counts, the frequent ones first.
pub(super) fn labels_of(texts: &[String]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let mut labels: Vec<(String, usize)> = counts.into_iter().map(|(label, count)| (label.to_owned(), count)).collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| fold(&a.0).cmp(&fold(&b.0))).then_with(|| a.0.cmp(&b.0)));
    labels
}
