//! The business keys of facts: what a finding about them is found again by.

use std::borrow::Cow;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::zone::date_of;
use crate::frame::column::Column;
use crate::frame::{
    conflict_facts, document_facts, identifier_facts, metric_facts, order_facts, payout_day_facts, payout_facts,
    postage_day_facts, read, restated_facts, shipment_facts, source_facts, statement_facts, supplier_facts,
    transition_facts, unmatched_facts, word_facts,
};
use crate::vocab::Subject;

/// The business keys of facts, by the grain of a rule.
pub(super) struct Keys<'f> {
    order_no: Option<read::Texts<'f>>,
    shipment: Option<read::Texts<'f>>,
    statement: Option<read::Texts<'f>>,
    /// The subject: parts joined by bars.
    subject: Vec<KeyPart<'f>>,
    /// The subject of a row that names an order is nothing.
    is_instead: bool,
}

/// A part of a subject.
enum KeyPart<'f> {
    Text(read::Texts<'f>),
    /// Left out where it is empty.
    Known(read::Texts<'f>),
    Day(read::Days<'f>),
    Month(read::Days<'f>),
    /// A day, its month where it is of a total or of a metric.
    DayOrMonth(read::Days<'f>, MonthMark<'f>),
}

/// What tells a month from a day.
enum MonthMark<'f> {
    Total(read::Flags<'f>),
    Metric(read::Texts<'f>),
}

impl<'f> Keys<'f> {
    /// # Errors
    /// The frame lacks a column of the keys: a bug of ours.
    pub(super) fn read(subject: Subject, facts: &'f DataFrame) -> PolarsResult<Keys<'f>> {
        let text = |column: Column| read::texts(facts, column);
        let part = |column: Column| text(column).map(KeyPart::Text);
        let day = |column: Column| read::days(facts, column);
        let parts: Vec<KeyPart<'f>> = match subject {
            Subject::Order | Subject::OrderAndNumber | Subject::Shipment | Subject::Cash | Subject::Number => vec![],
            Subject::PayoutLine | Subject::Statement | Subject::Remittance | Subject::SupplierAccount => vec![],
            Subject::Transition => vec![part(transition_facts::from_status)?, part(transition_facts::to_status)?],
            Subject::PayoutDay => vec![KeyPart::Day(day(payout_day_facts::payout_on)?)],
            Subject::Document => vec![part(document_facts::subject)?],
            Subject::PostageDay => {
                let total = MonthMark::Total(read::flags(facts, postage_day_facts::is_total)?);
                let day = KeyPart::DayOrMonth(day(postage_day_facts::day)?, total);
                vec![day, part(postage_day_facts::method)?, part(postage_day_facts::currency)?]
            }
            Subject::Metric => vec![part(metric_facts::metric)?, KeyPart::Month(day(metric_facts::from)?)],
            Subject::Word => {
                vec![part(word_facts::carrier)?, part(word_facts::vocabulary)?, part(word_facts::code_raw)?]
            }
            Subject::Conflict => vec![part(conflict_facts::source)?, part(conflict_facts::key)?],
            // A rate is named as the metric of its month is.
            Subject::Restated => {
                let metric = KeyPart::Known(text(restated_facts::metric)?);
                let mark = MonthMark::Metric(text(restated_facts::metric)?);
                vec![metric, KeyPart::DayOrMonth(day(restated_facts::day)?, mark)]
            }
            Subject::Source => vec![part(source_facts::source)?],
            Subject::Identifier => vec![part(identifier_facts::source)?, part(identifier_facts::key)?],
            Subject::Unmatched => {
                vec![part(unmatched_facts::source)?, KeyPart::Known(text(unmatched_facts::key)?)]
            }
            Subject::Supplier | Subject::SupplierSale => vec![part(supplier_facts::supplier_order_no)?],
        };
        let order_no = matches!(
            subject,
            Subject::Order
                | Subject::OrderAndNumber
                | Subject::Shipment
                | Subject::Cash
                | Subject::Transition
                | Subject::PayoutLine
                | Subject::Document
                | Subject::Word
                | Subject::Supplier
                | Subject::SupplierSale
        );
        let shipment = matches!(subject, Subject::OrderAndNumber | Subject::Shipment | Subject::Cash | Subject::Number);
        let statement = match subject {
            Subject::PayoutLine => Some(payout_facts::statement_id),
            Subject::Statement | Subject::Remittance => Some(statement_facts::statement_id),
            Subject::Restated => Some(restated_facts::statement_id),
            _ => None,
        };
        Ok(Keys {
            order_no: order_no.then(|| text(order_facts::order_no)).transpose()?,
            shipment: shipment.then(|| text(shipment_facts::tracking_number)).transpose()?,
            statement: statement.map(text).transpose()?,
            subject: parts,
            is_instead: subject == Subject::Word,
        })
    }

    /// Order, tracking number, statement and subject of a row; empty where the grain has none.
    pub(super) fn of(&self, row: usize) -> [Cow<'f, str>; 4] {
        let text = |texts: &Option<read::Texts<'f>>| texts.as_ref().map_or("", |texts| texts.at(row));
        let order_no = text(&self.order_no);
        let subject = if self.is_instead && !order_no.is_empty() { "".into() } else { self.subject_of(row) };
        [order_no.into(), text(&self.shipment).into(), text(&self.statement).into(), subject]
    }

    fn subject_of(&self, row: usize) -> Cow<'f, str> {
        let mut parts = self.subject.iter().filter_map(|part| part.of(row));
        let first = parts.next().unwrap_or_default();
        parts.fold(first, |joined, part| joined + "|" + part)
    }
}

impl<'f> KeyPart<'f> {
    fn of(&self, row: usize) -> Option<Cow<'f, str>> {
        let day = |days: &read::Days<'f>, length: usize| {
            let day = days.at(row).and_then(date_of).map(|date| date.to_string()).unwrap_or_default();
            day.get(..length).unwrap_or_default().to_owned().into()
        };
        Some(match self {
            KeyPart::Text(texts) => texts.at(row).into(),
            KeyPart::Known(texts) => Some(texts.at(row)).filter(|text| !text.is_empty())?.into(),
            KeyPart::Day(days) => day(days, 10),
            KeyPart::Month(days) => day(days, 7),
            KeyPart::DayOrMonth(days, MonthMark::Total(totals)) => day(days, if totals.at(row) { 7 } else { 10 }),
            KeyPart::DayOrMonth(days, MonthMark::Metric(metrics)) => {
                day(days, if metrics.at(row).is_empty() { 10 } else { 7 })
            }
        })
    }
}
