//! Credit notes: one row per return document without one and one per credit note that lacks a mandatory field or mixes returns that must be
//! kept apart, with everything that must stand on it. What cannot be issued, or was not accepted, comes first.

use std::collections::BTreeMap;

use crate::base::zone::day_number;
use crate::frame::document_facts as f;
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};
use crate::vocab::{CreditNoteField, DocumentKind, Word};

/// The sheet.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let fields = Fields(&desk.run.reconciled.documents);
    let (kinds, credited) = (fields.words::<DocumentKind>(f::kind)?, fields.flag(f::credited)?);
    let (accounts, orders) = (fields.text(f::account)?, fields.text(f::order_no)?);
    let (numbers, returns) = (fields.text(f::doc_no)?, fields.text(f::return_no)?);
    let (requested, due) = (fields.date(f::requested_on)?, fields.date(f::due_on)?);
    let (missing, items) = (fields.text(f::missing)?, fields.text(f::items)?);
    let is_to_issue = |row: &usize| kinds[*row] == DocumentKind::ReturnDocument && !credited.at(*row);
    let is_incomplete = |row: &usize| kinds[*row] == DocumentKind::CreditNote && !missing.at(*row).is_empty();
    let mixed = fields.flag(f::mixed)?;
    let is_mixed = |row: &usize| kinds[*row] == DocumentKind::CreditNote && mixed.at(*row);
    let is_again = |row: &usize| is_incomplete(row) || is_mixed(row);
    // What must stand on a credit note, its return document says.
    let of_return: BTreeMap<(&str, &str), usize> = (0..fields.height())
        .filter(|row| kinds[*row] == DocumentKind::ReturnDocument)
        .map(|row| ((accounts.at(row), returns.at(row)), row))
        .collect();
    let said = |row: usize| *of_return.get(&(accounts.at(row), returns.at(row))).unwrap_or(&row);
    let due = |row: usize| due.at(row);
    let mut rows: Vec<usize> = (0..fields.height()).filter(|row| is_to_issue(row) || is_again(row)).collect();
    rows.sort_by_key(|row| (missing.at(*row).is_empty() && !is_mixed(row), due(*row).is_none(), due(*row)));
    let as_of = day_number(desk.run.as_of);
    let task = |row: &usize| texts.say(if is_again(row) { "credit_notes.again" } else { "credit_notes.issue" });
    let lacking = |row: &usize| {
        let words = missing.at(*row).split(' ').filter(|word| !word.is_empty());
        let words =
            words.map(|word| CreditNoteField::of(word).map_or(word, |field| texts.word("credit", field.text())));
        words.chain(is_mixed(row).then(|| texts.say("credit_notes.mixed"))).collect::<Vec<_>>().join(", ")
    };
    let number = |row: &usize| if is_again(row) { numbers.at(*row) } else { "" };
    let amount = |column| {
        let amounts = fields.int(column)?;
        Ok::<_, ReportError>(rows.iter().map(|row| amounts.at(said(*row))).collect::<Vec<_>>())
    };
    let (pieces, goods, transport) = (amount(f::pieces)?, amount(f::goods_net)?, amount(f::transport_net)?);
    let (cod_fee, totals) = (amount(f::cod_net)?, fields.int(f::money)?);
    let currencies = fields.text(f::currency)?;
    let table = Table::new(rows.len())
        .texts(texts.say("column.missing"), rows.iter().map(lacking))
        .wrapped(18)
        .texts(texts.say("column.task"), rows.iter().map(task))
        .dates(texts.say("column.due"), rows.iter().map(|row| due(*row)))
        .marked(MarkWhen::Before(desk.run.as_of), Ink::Bad)
        .ints(texts.say("column.days_left"), rows.iter().map(|row| Some(i64::from(due(*row)? - as_of))))
        .texts(texts.say("column.account"), rows.iter().map(|row| accounts.at(*row)))
        .texts(texts.say("column.order"), rows.iter().map(|row| orders.at(*row)))
        .texts(texts.say("column.return_no"), rows.iter().map(|row| returns.at(*row)))
        .texts(texts.say("column.credit_note"), rows.iter().map(number))
        .dates(texts.say("column.requested_on"), rows.iter().map(|row| requested.at(said(*row))))
        .texts(texts.say("column.items"), rows.iter().map(|row| items.at(said(*row))))
        .wrapped(34)
        .ints(texts.say("column.pieces"), pieces)
        .currency(texts.say("column.currency"), rows.iter().map(|row| Some(currencies.at(*row))).collect())
        .money(texts.say("column.goods_net"), goods)
        .money(texts.say("column.transport_net"), transport)
        .money(texts.say("column.cod_net"), cod_fee)
        .money(texts.say("column.total_net"), rows.iter().map(|row| totals.at(said(*row))));
    let notes = [texts.say("credit_notes.note"), texts.say("credit_notes.items_note")].map(str::to_owned);
    Ok(Sheet::of(texts.say("sheet.credit_notes"), notes.into(), table)
        .with_legend(vec![(Ink::Bad, texts.say("legend.overdue").to_owned())]))
}
