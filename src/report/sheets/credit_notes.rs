//! Credit notes to issue: one row per return document without a complete credit note, with everything that must stand on it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::money::net_of;
use crate::base::zone::day_number;
use crate::frame::{document_facts, order_facts, order_lines};
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};
use crate::vocab::DocumentKind;

#[derive(Default)]
struct CreditNote {
    account: String,
    order_no: String,
    return_no: String,
    requested_on: Option<i32>,
    due_on: Option<i32>,
    currency: String,
    total: Option<i64>,
    missing: String,
    items: String,
    pieces: Option<i64>,
    transport: Option<i64>,
    cod_fee: Option<i64>,
}

impl CreditNote {
    fn order_key(&self) -> String {
        format!("{}/{}", self.account, self.order_no)
    }

    /// The goods are what transport and COD fee leave of the total, so that the row foots.
    fn goods(&self) -> Option<i64> {
        self.total?.checked_sub(self.transport?)?.checked_sub(self.cod_fee?)
    }
}

/// What the order lines say about an order.
#[derive(Default)]
struct Lines {
    items: Vec<String>,
    pieces: i64,
    vat_ppm: Option<i64>,
}

/// The sheet.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let mut notes = requested(desk)?;
    complete(desk, &mut notes)?;
    let as_of = day_number(desk.run.as_of);
    let text = |pick: fn(&CreditNote) -> &str| notes.iter().map(pick);
    let table = Table::new(notes.len())
        .dates(texts.say("column.due"), notes.iter().map(|note| note.due_on))
        .marked(MarkWhen::Before(desk.run.as_of), Ink::Bad)
        .ints(texts.say("column.days_left"), notes.iter().map(|note| Some(i64::from(note.due_on? - as_of))))
        .texts(texts.say("column.account"), text(|note| &note.account))
        .texts(texts.say("column.order"), text(|note| &note.order_no))
        .texts(texts.say("column.return_no"), text(|note| &note.return_no))
        .dates(texts.say("column.requested_on"), notes.iter().map(|note| note.requested_on))
        .texts(texts.say("column.items"), text(|note| &note.items))
        .wrapped(34)
        .ints(texts.say("column.pieces"), notes.iter().map(|note| note.pieces))
        .currency(texts.say("column.currency"), text(|note| &note.currency).map(Some).collect())
        .money(texts.say("column.goods_net"), notes.iter().map(CreditNote::goods))
        .money(texts.say("column.transport_net"), notes.iter().map(|note| note.transport))
        .money(texts.say("column.cod_net"), notes.iter().map(|note| note.cod_fee))
        .money(texts.say("column.total_net"), notes.iter().map(|note| note.total))
        .texts(texts.say("column.missing"), text(|note| &note.missing));
    Ok(Sheet::of(texts.say("sheet.credit_notes"), vec![texts.say("credit_notes.note").to_owned()], table)
        .with_legend(vec![(Ink::Bad, texts.say("legend.overdue").to_owned())]))
}

/// Return documents without a complete credit note, by deadline.
fn requested(desk: &Desk<'_>) -> Result<Vec<CreditNote>, ReportError> {
    let fields = Fields(&desk.run.reconciled.documents);
    let (kinds, credited) =
        (fields.words::<DocumentKind>(document_facts::kind)?, fields.flag(document_facts::credited)?);
    let (accounts, orders) = (fields.text(document_facts::account)?, fields.text(document_facts::order_no)?);
    let returns = fields.text(document_facts::return_no)?;
    let (requested, due) = (fields.date(document_facts::requested_on)?, fields.date(document_facts::due_on)?);
    let (currencies, money) = (fields.text(document_facts::currency)?, fields.int(document_facts::money)?);
    let missing = fields.text(document_facts::missing)?;
    let mut notes: Vec<CreditNote> = (0..fields.height())
        .filter(|row| kinds[*row] == DocumentKind::ReturnDocument && !credited.at(*row))
        .map(|row| CreditNote {
            account: accounts.at(row).to_owned(),
            order_no: orders.at(row).to_owned(),
            return_no: returns.at(row).to_owned(),
            requested_on: requested.at(row),
            due_on: due.at(row),
            currency: currencies.at(row).to_owned(),
            total: money.at(row),
            missing: missing.at(row).to_owned(),
            ..CreditNote::default()
        })
        .collect();
    notes.sort_by_key(|note| (note.due_on.is_none(), note.due_on));
    Ok(notes)
}

/// Adds items, transport and COD fee from the orders.
fn complete(desk: &Desk<'_>, notes: &mut [CreditNote]) -> Result<(), ReportError> {
    let wanted: BTreeSet<String> = notes.iter().map(CreditNote::order_key).collect();
    let lines = lines_of(desk, &wanted)?;
    let fields = Fields(&desk.run.reconciled.orders);
    let keys = fields.text(order_facts::order_key)?;
    let (postage, cod_fee) = (fields.int(order_facts::postage)?, fields.int(order_facts::cod_fee)?);
    let mut fees = BTreeMap::new();
    for row in 0..fields.height() {
        let key = keys.at(row);
        if wanted.contains(key) {
            fees.insert(key.to_owned(), (postage.at(row), cod_fee.at(row)));
        }
    }
    for note in notes {
        let key = note.order_key();
        let of_order = lines.get(&key);
        let net = |gross: Option<i64>| net_of(gross.unwrap_or(0), of_order?.vat_ppm?, 0);
        if let Some((postage, cod_fee)) = fees.get(&key) {
            (note.transport, note.cod_fee) = (net(*postage), net(*cod_fee));
        }
        if let Some(order) = of_order {
            note.items = order.items.join("\n");
            note.pieces = Some(order.pieces);
        }
    }
    Ok(())
}

fn lines_of(desk: &Desk<'_>, wanted: &BTreeSet<String>) -> Result<BTreeMap<String, Lines>, ReportError> {
    let fields = Fields(&desk.run.ingested.frames.order_lines);
    let (keys, skus) = (fields.text(order_lines::order_key)?, fields.text(order_lines::sku)?);
    let (titles, pieces) = (fields.text(order_lines::title)?, fields.int(order_lines::qty)?);
    let (cancelled, vat) = (fields.int(order_lines::qty_cancelled)?, fields.int(order_lines::vat_ppm)?);
    let mut found: BTreeMap<String, Lines> = BTreeMap::new();
    for row in 0..fields.height() {
        let key = keys.at(row);
        if !wanted.contains(key) {
            continue;
        }
        let left = pieces.at(row).unwrap_or(0) - cancelled.at(row).unwrap_or(0);
        let lines = found.entry(key.to_owned()).or_default();
        // Transport is taxed as the goods; of several rates the highest is the main supply's.
        lines.vat_ppm = lines.vat_ppm.max(vat.at(row));
        if left > 0 {
            let (sku, title) = (skus.at(row), titles.at(row));
            lines.items.push(format!("{left} × {}", [sku, title].join(" ").trim()));
            lines.pieces += left;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credit_note_of_x17_foots() {
        // X15 and X17: transport 29.00 and COD fee 39.00 gross at 21 %, total 1319.96 net
        let note = CreditNote {
            total: Some(131_996),
            transport: net_of(2_900, 210_000, 0),
            cod_fee: net_of(3_900, 210_000, 0),
            ..CreditNote::default()
        };
        assert_eq!((note.transport, note.cod_fee, note.goods()), (Some(2_397), Some(3_223), Some(126_376)));
    }

    #[test]
    fn without_a_rate_only_the_total_is_said() {
        let note = CreditNote { total: Some(131_996), ..CreditNote::default() };
        assert_eq!(note.goods(), None);
    }
}
