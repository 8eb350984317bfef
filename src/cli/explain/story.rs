//! What is told of one subject: its rows in the order of their days, its facts, findings and near misses.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsError, PolarsResult};
use serde_json::{Value, json};

use crate::cli::explain::arithmetic;
use crate::cli::explain::facts::{Fact, Facts, as_people_write, says_something};
use crate::cli::explain::near_misses::{NearMiss, near_misses};
use crate::cli::paint;
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame, Shape};
use crate::frame::kind::main_dates;
use crate::frame::lineage::Parts;
use crate::frame::{findings, order_facts, read};
use crate::publish::archive::Archive;
use crate::report::texts::Texts;
use crate::rules::catalogue;
use crate::rules::evidence::text_of;
use crate::vocab::{Kind, Word};

/// The answer to what was asked.
pub(super) enum Told {
    One(Box<Story>),
    Many(Vec<String>),
    /// Nothing of that name: where it stands all the same.
    None(Vec<String>),
}

/// One row of an export that speaks of the order.
pub(super) struct Moment {
    pub(super) when: String,
    pub(super) kind: &'static str,
    /// Where it was read: the order within one day.
    pub(super) row: u64,
    pub(super) place: String,
    pub(super) cells: Vec<(&'static str, String)>,
}

/// One order, or another subject.
pub(super) struct Story {
    /// The kind of subject: `order`, `parcel`, …
    pub(super) what: &'static str,
    pub(super) key: String,
    pub(super) timeline: Vec<Moment>,
    pub(super) facts: Vec<Fact>,
    pub(super) steps: Vec<String>,
    pub(super) findings: Vec<Value>,
    pub(super) suppressed: Vec<Value>,
    pub(super) near_misses: Vec<NearMiss>,
    /// Zone of every time that is told.
    pub(super) zone: Tz,
    /// Currency of amounts that rules looked at.
    pub(super) currency: String,
}

impl Story {
    pub(super) fn of(archive: &Archive, orders: &DataFrame, place: usize, texts: &Texts) -> PolarsResult<Story> {
        let parts = archive.parts()?;
        let accounts = archive.accounts()?;
        let account = read::texts(orders, order_facts::account)?.at(place);
        let known = accounts.iter().find(|known| known.name == account);
        let fact = Facts { frame: orders, columns: order_facts::COLUMNS, place, account: known, texts };
        let key = fact.text(order_facts::order_key)?;
        let order_no = fact.text(order_facts::order_no)?;
        let reference = fact.text(order_facts::internal_ref)?;
        let mut timeline = Vec::new();
        let tracked = tracking_numbers(archive, &fact)?;
        for kind in Kind::ALL {
            timeline.extend(moments(archive, *kind, &key, &order_no, &reference, &tracked, &parts, &fact)?);
        }
        in_order(&mut timeline);
        Ok(Story {
            what: "order",
            facts: fact.all(&parts)?,
            steps: arithmetic::steps(archive, &fact)?,
            findings: found(archive, &findings::FRAME, account, &order_no)?,
            suppressed: found(archive, &SUPPRESSED, account, &order_no)?,
            near_misses: near_misses(archive, &accounts, archive.as_of()?, &key, &order_no)?,
            zone: fact.zone(),
            currency: fact.currency()?,
            key,
            timeline,
        })
    }

    pub(super) fn print(&self, texts: &Texts) {
        paint::line(&format!("{} {}", texts.word("subject", self.what), self.key));
        paint::gap();
        paint::line(&texts.fill("explain.timeline", &[("zone", self.zone.name())]));
        for moment in &self.timeline {
            let cells: Vec<String> = moment.cells.iter().map(|(name, value)| format!("{name} {value}")).collect();
            paint::line(&format!("  {:19}  {:17} {}", moment.when, moment.kind, moment.place));
            paint::line(&format!("      {}", cells.join(" · ")));
        }
        if !self.steps.is_empty() {
            paint::gap();
            paint::line(texts.say("explain.steps"));
        }
        for step in &self.steps {
            paint::line(&format!("  {step}"));
        }
        if !self.facts.is_empty() {
            paint::gap();
            paint::line(texts.say("explain.facts"));
        }
        for fact in &self.facts {
            let value = as_people_write(fact.column, &fact.value, &fact.currency);
            paint::line(format!("  {:26} {value:32} {}", fact.column.name, fact.place).trim_end());
        }
        let id = if self.findings.is_empty() { "explain.no_findings" } else { "explain.findings" };
        paint::gap();
        paint::line(texts.say(id));
        for finding in &self.findings {
            finding_lines(finding, texts).iter().for_each(|line| paint::line(line));
        }
        for finding in &self.suppressed {
            let (code, stronger) = (cell(finding, "code"), cell(finding, "remedy"));
            let values = [("code", code), ("stronger", stronger)];
            paint::line(&format!("  {}", texts.fill("explain.suppressed", &values)));
        }
        if !self.near_misses.is_empty() {
            paint::gap();
            paint::line(texts.say("explain.nearly"));
        }
        for near in &self.near_misses {
            let told = |(column, value): &(Column, String)| {
                format!("{} {}", column.name, as_people_write(*column, value, &self.currency))
            };
            let facts: Vec<String> = near.facts.iter().map(told).collect();
            paint::line(&format!("  {} {}", near.code, near.title));
            let values = [("condition", near.failed), ("facts", &facts.join(" · "))];
            paint::line(&format!("      {}", texts.fill("explain.failed", &values)));
        }
    }

    pub(super) fn json(&self) -> Value {
        let timeline: Vec<Value> = self
            .timeline
            .iter()
            .map(|moment| {
                let cells: serde_json::Map<String, Value> =
                    moment.cells.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
                json!({"when": moment.when, "kind": moment.kind, "place": moment.place, "cells": cells})
            })
            .collect();
        let facts: serde_json::Map<String, Value> = self
            .facts
            .iter()
            .map(|fact| (fact.column.name.to_owned(), json!({"value": fact.value, "place": fact.place})))
            .collect();
        let near_misses: Vec<Value> = self
            .near_misses
            .iter()
            .map(|near| {
                let facts: serde_json::Map<String, Value> =
                    near.facts.iter().map(|(column, value)| (column.name.to_owned(), json!(value))).collect();
                json!({"code": near.code, "failed": near.failed, "facts": facts})
            })
            .collect();
        json!({
            self.what: self.key, "zone": self.zone.name(), "timeline": timeline, "steps": self.steps, "facts": facts,
            "findings": self.findings, "suppressed": self.suppressed, "near_misses": near_misses,
        })
    }
}

/// By day; the rows of one day as their files have them.
pub(super) fn in_order(timeline: &mut [Moment]) {
    timeline.sort_by(|a, b| (&a.when, a.kind, a.row).cmp(&(&b.when, b.kind, b.row)));
}

pub(super) fn cell<'value>(finding: &'value Value, name: &str) -> &'value str {
    finding.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What to do; packs are not part of a publication.
pub(super) fn remedy_of<'text>(finding: &'text Value, texts: &'text Texts) -> &'text str {
    let (code, word) = (cell(finding, "code"), cell(finding, "remedy"));
    let standard = catalogue().iter().find(|rule| rule.code == code).map_or("", |rule| rule.remedy.text());
    texts.remedy(code, word, standard).unwrap_or_else(|| texts.word("remedy", word))
}

/// A finding in one line, then what to do and each proof.
pub(super) fn finding_lines(finding: &Value, texts: &Texts) -> Vec<String> {
    let word = |list: &str| texts.word(list, cell(finding, list));
    let mut line = format!("  {} {} ({})", cell(finding, "code"), word("severity"), word("state"));
    if !cell(finding, "money").is_empty() {
        line.push_str(&format!(", {} {}", cell(finding, "money"), cell(finding, "currency")));
    }
    if !cell(finding, "due").is_empty() {
        line.push_str(&format!(", {}", texts.fill("explain.due", &[("day", cell(finding, "due"))])));
    }
    let mut lines = vec![line, format!("      {}", remedy_of(finding, texts))];
    let evidence: Vec<Value> = serde_json::from_str(cell(finding, "evidence")).unwrap_or_default();
    for proof in &evidence {
        let row = proof.get("row").and_then(Value::as_u64).map(|row| format!(":{row}")).unwrap_or_default();
        let sheet = proof.get("sheet").and_then(Value::as_str).map(|sheet| format!("[{sheet}]")).unwrap_or_default();
        let (side, file, column, value) =
            (cell(proof, "side"), cell(proof, "file"), cell(proof, "column"), cell(proof, "value"));
        if let Some(more) = proof.get("more").and_then(Value::as_u64) {
            let values = [("more", more.to_string()), ("side", side.to_owned())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            lines.push(format!("      {}", texts.fill("explain.more", &values)));
            continue;
        }
        let meaning = match cell(proof, "meaning") {
            "" => String::new(),
            meaning => match cell(proof, "meaning_by") {
                "" => format!(" → {meaning}"),
                place => format!(" → {meaning} ({place})"),
            },
        };
        let origin = match [cell(proof, "formula"), cell(proof, "of")].concat() {
            told if told.is_empty() => format!("{side} {file}{sheet}{row}"),
            told => format!("{side}: {told}"),
        };
        lines.push(format!("      {column} = {value}{meaning}  {origin}"));
    }
    lines
}

/// The tracking numbers of the order, from the shipment facts.
pub(super) fn tracking_numbers(archive: &Archive, fact: &Facts) -> PolarsResult<BTreeSet<String>> {
    use crate::frame::shipment_facts as s;
    let shipments = archive.rows_with(&s::FRAME, s::order_key, &[&fact.text(order_facts::order_key)?])?;
    Ok(read::texts(&shipments, s::tracking_number)?.iter().map(str::to_owned).collect())
}

#[allow(clippy::too_many_arguments, reason = "the ways in which a row can speak of an order")]
pub(super) fn moments(
    archive: &Archive,
    kind: Kind,
    key: &str,
    order_no: &str,
    reference: &str,
    tracked: &BTreeSet<String>,
    parts: &Parts,
    fact: &Facts,
) -> PolarsResult<Vec<Moment>> {
    let declared = frame_of(kind);
    let find = |column: Option<Column>, wanted: &[&str]| {
        let found = column.map(|column| archive.find(&declared, column, wanted)).transpose()?;
        Ok::<_, PolarsError>(found.unwrap_or_default())
    };
    let places: BTreeSet<usize> = match declared.column("order_key") {
        Some(order_key) => find(Some(order_key), &[key])?.into_iter().collect(),
        None => {
            let tracked: Vec<&str> = tracked.iter().map(String::as_str).collect();
            let named: Vec<&str> = [order_no, reference].into_iter().filter(|text| !text.is_empty()).collect();
            let by_number = find(declared.column("tracking_number"), &tracked)?;
            by_number.into_iter().chain(find(declared.column("internal_ref"), &named)?).collect()
        }
    };
    let rows = archive.rows_at(&declared, places.into_iter().collect())?;
    let currency = fact.currency()?;
    let told = |row| moment(&rows, row, kind, &declared, order_facts::order_no, parts, &currency, fact.zone());
    (0..rows.height()).map(told).collect()
}

#[allow(clippy::too_many_arguments, reason = "a row, and how it is written")]
pub(super) fn moment(
    rows: &DataFrame,
    row: usize,
    kind: Kind,
    declared: &Frame,
    asked: Column,
    parts: &Parts,
    currency: &str,
    zone: Tz,
) -> PolarsResult<Moment> {
    let text = |column: Column| text_of(rows, row, column, currency, zone);
    let mut when = String::new();
    for name in main_dates(kind) {
        if let Some(column) = declared.column(name).filter(|_| when.is_empty()) {
            when = text(column)?;
        }
    }
    let mut cells = Vec::new();
    for column in declared.columns.iter().filter(|column| is_told(column, asked)) {
        let value = text(*column)?;
        if says_something(*column, &value) {
            cells.push((
                column.name,
                if column.shape == Shape::Ppm { as_people_write(*column, &value, "") } else { value },
            ));
        }
    }
    let reference = rows.column("row")?.u64()?.get(row).unwrap_or_default();
    Ok(Moment { when, kind: kind.text(), row: reference, place: parts.text(reference), cells })
}

/// Columns that say something new: the number that was asked for and lineage stand beside them already.
pub(super) fn is_told(column: &Column, asked: Column) -> bool {
    column.shape != Shape::Row
        && column.name != asked.name
        && !["account", "order_key", "source", "carrier", "vocabulary"].contains(&column.name)
}

/// Findings that others suppress.
pub(super) const SUPPRESSED: Frame = Frame { name: findings::SUPPRESSED, ..findings::FRAME };

/// The names by which a finding is known.
pub(super) struct FindingKeys<'run> {
    texts: &'run [(Column, read::Texts<'run>)],
    row: usize,
}

impl FindingKeys<'_> {
    /// The name in one of the columns by which findings are sorted.
    pub(super) fn text(&self, column: Column) -> &str {
        self.texts.iter().find(|(known, _)| *known == column).map_or("", |(_, texts)| texts.at(self.row))
    }

    /// Whether its subject names a number: it is the subject, or a part of it, as in `source|number`.
    pub(super) fn names(&self, number: &str) -> bool {
        self.text(findings::subject).split('|').any(|part| part == number)
    }

    /// A supplier's finding names the supplier's account and the channel's order.
    pub(super) fn is_of_supplier(&self) -> bool {
        self.text(findings::code).starts_with("BB-")
    }
}

/// Findings of an account that name an order.
pub(super) fn found(archive: &Archive, frame: &Frame, account: &str, order_no: &str) -> PolarsResult<Vec<Value>> {
    let rows = archive.rows_with(frame, findings::order_no, &[order_no])?;
    let is_meant = |finding: &FindingKeys| finding.text(findings::account) == account || finding.is_of_supplier();
    meant(&rows, is_meant)?.into_iter().map(|row| told(&rows, row)).collect()
}

/// The findings of a frame that are meant.
pub(super) fn found_by(
    archive: &Archive,
    frame: &Frame,
    is_meant: impl Fn(&FindingKeys) -> bool,
) -> PolarsResult<Vec<Value>> {
    let places = meant(&archive.columns(frame, &keys_of_findings())?, is_meant)?;
    let rows = archive.rows_at(frame, places)?;
    (0..rows.height()).map(|row| told(&rows, row)).collect()
}

fn keys_of_findings() -> Vec<Column> {
    findings::FRAME.sorted_by.iter().filter_map(|name| findings::FRAME.column(name)).collect()
}

fn meant(rows: &DataFrame, is_meant: impl Fn(&FindingKeys) -> bool) -> PolarsResult<Vec<usize>> {
    let texts = keys_of_findings().into_iter().map(|column| Ok((column, read::texts(rows, column)?)));
    let texts: Vec<(Column, read::Texts<'_>)> = texts.collect::<PolarsResult<_>>()?;
    Ok((0..rows.height()).filter(|row| is_meant(&FindingKeys { texts: &texts, row: *row })).collect())
}

/// A finding as it is told.
fn told(rows: &DataFrame, row: usize) -> PolarsResult<Value> {
    let currencies = read::texts(rows, findings::currency)?;
    let told = |column: &Column| -> PolarsResult<(String, Value)> {
        let text = text_of(rows, row, *column, currencies.at(row), chrono_tz::UTC)?;
        Ok((column.name.to_owned(), json!(text)))
    };
    Ok(Value::Object(findings::COLUMNS.iter().map(told).collect::<PolarsResult<_>>()?))
}
