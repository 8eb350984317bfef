//! Invoices, return documents and credit notes: which order they bill or reverse, and what a credit note lacks (rulebook §1.7).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::frame::build::FrameBuilder;
use crate::frame::{document_facts as f, documents, orders, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::order_lines::OrderAmounts;
use crate::vocab::{DocumentKind, DocumentLineKind, Word};

/// What the documents say of one order.
#[derive(Debug, Clone, Default)]
pub struct OrderDocuments {
    /// The invoice that bills it.
    pub invoice: Option<(Option<i32>, u64)>,
    /// Due date of that invoice.
    pub invoice_due: Option<i32>,
    /// Its return document: request date, number, row.
    pub returned: Option<(Option<i32>, String, u64)>,
    /// A complete credit note exists.
    pub credited: bool,
}

/// One document: the lines of one number and order.
#[derive(Debug, Clone, Default)]
struct Document {
    account: String,
    doc_no: String,
    order_key: String,
    order_no: String,
    return_no: String,
    issued: Option<i32>,
    requested_on: Option<i32>,
    due: Option<i32>,
    net: i64,
    has_net: bool,
    pieces: i64,
    has_item: bool,
    has_quantity: bool,
    transport: bool,
    cod: bool,
    row: u64,
}

/// All documents, by kind.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    invoices: Vec<Document>,
    returns: Vec<Document>,
    credit_notes: Vec<Document>,
}

/// Gathers the lines of the documents frame.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn gather(frame: &DataFrame) -> PolarsResult<Documents> {
    let accounts = read::texts(frame, documents::account)?;
    let numbers = read::texts(frame, documents::doc_no)?;
    let kinds = read::texts(frame, documents::kind)?;
    let line_kinds = read::texts(frame, documents::line_kind)?;
    let keys = read::texts(frame, documents::order_key)?;
    let order_nos = read::texts(frame, documents::order_no)?;
    let returns = read::texts(frame, documents::return_no)?;
    let skus = read::texts(frame, documents::sku)?;
    let qty = read::numbers(frame, documents::qty)?;
    let net = read::numbers(frame, documents::net)?;
    let issued = read::days(frame, documents::issued)?;
    let requested = read::days(frame, documents::requested_on)?;
    let due = read::days(frame, documents::due)?;
    let transport = read::flags(frame, documents::includes_transport)?;
    let cod = read::flags(frame, documents::includes_cod)?;
    let rows = read::references(frame, documents::row)?;
    let mut by_number: BTreeMap<(&str, &str, &str, &str, &str), Document> = BTreeMap::new();
    for row in 0..accounts.len() {
        let key = (kinds.at(row), accounts.at(row), numbers.at(row), keys.at(row), returns.at(row));
        let document = by_number.entry(key).or_insert_with(|| Document {
            account: accounts.at(row).to_owned(),
            doc_no: numbers.at(row).to_owned(),
            order_key: keys.at(row).to_owned(),
            order_no: order_nos.at(row).to_owned(),
            return_no: returns.at(row).to_owned(),
            row: rows.at(row).unwrap_or_default(),
            ..Document::default()
        });
        document.issued = document.issued.or(issued.at(row));
        document.requested_on = document.requested_on.or(requested.at(row));
        document.due = document.due.or(due.at(row));
        document.net += net.at(row).unwrap_or(0);
        document.has_net |= net.at(row).is_some();
        let line = DocumentLineKind::of(line_kinds.at(row)).unwrap_or(DocumentLineKind::Whole);
        if matches!(line, DocumentLineKind::Item | DocumentLineKind::Whole) {
            document.has_item |= !skus.at(row).is_empty();
            document.has_quantity |= qty.at(row).is_some_and(|pieces| pieces > 0);
            document.pieces += qty.at(row).unwrap_or(0);
        }
        document.transport |= transport.at(row) || line == DocumentLineKind::Transport;
        document.cod |= cod.at(row) || line == DocumentLineKind::CodFee;
    }
    let mut gathered = Documents::default();
    for ((kind, ..), document) in by_number {
        match DocumentKind::of(kind) {
            Some(DocumentKind::Invoice) => gathered.invoices.push(document),
            Some(DocumentKind::ReturnDocument) => gathered.returns.push(document),
            Some(DocumentKind::CreditNote) => gathered.credit_notes.push(document),
            _ => {}
        }
    }
    Ok(gathered)
}

/// What a check of credit notes must know of an order.
struct OrderSide {
    pieces_left: i64,
    postage: i64,
    cod_fee: i64,
    claim_net: Option<i64>,
    row: Option<u64>,
}

/// What the documents say, order by order, and the document facts.
pub struct OrderPapers {
    /// By order key.
    pub by_order: Map<String, OrderDocuments>,
    /// Invoices of an account: issue day and row, by day.
    pub issued: BTreeMap<String, Vec<(i32, u64)>>,
    /// The document facts.
    pub facts: DataFrame,
}

/// Works out the papers of all orders.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn papers(
    gathered: &Documents,
    orders_frame: &DataFrame,
    amounts: &[OrderAmounts],
    accounts: &Accounts,
) -> PolarsResult<OrderPapers> {
    let sides = order_sides(gathered, orders_frame, amounts)?;
    let mut by_order: Map<String, OrderDocuments> = Map::default();
    let mut issued: BTreeMap<String, Vec<(i32, u64)>> = BTreeMap::new();
    for invoice in &gathered.invoices {
        if let Some(day) = invoice.issued {
            issued.entry(invoice.account.clone()).or_default().push((day, invoice.row));
        }
        if !invoice.order_key.is_empty() {
            let papers = by_order.entry(invoice.order_key.clone()).or_default();
            papers.invoice = papers.invoice.or(Some((invoice.issued, invoice.row)));
            papers.invoice_due = papers.invoice_due.or(invoice.due);
        }
    }
    issued.values_mut().for_each(|days| days.sort_unstable());
    for returned in &gathered.returns {
        let papers = by_order.entry(returned.order_key.clone()).or_default();
        if papers.returned.is_none() {
            papers.returned = Some((returned.requested_on, return_number(returned).to_owned(), returned.row));
        }
    }
    let mut credited_returns: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut missing_of: Vec<String> = Vec::new();
    for note in &gathered.credit_notes {
        let missing = missing_fields(note, sides.get(note.order_key.as_str()));
        let complete = missing.is_empty();
        credited_returns.entry((&note.account, &note.return_no)).or_insert(note.row);
        if complete && !note.order_key.is_empty() {
            by_order.entry(note.order_key.clone()).or_default().credited = true;
        }
        missing_of.push(missing);
    }
    let facts = facts(gathered, &missing_of, &credited_returns, &sides, accounts)?;
    Ok(OrderPapers { by_order, issued, facts })
}

/// The orders that return documents and credit notes name.
fn order_sides<'run>(
    gathered: &Documents,
    orders_frame: &'run DataFrame,
    amounts: &[OrderAmounts],
) -> PolarsResult<Map<&'run str, OrderSide>> {
    let named: Set<&str> =
        gathered.returns.iter().chain(&gathered.credit_notes).map(|document| document.order_key.as_str()).collect();
    let keys = read::texts(orders_frame, orders::order_key)?;
    let postage = read::numbers(orders_frame, orders::delivery_price)?;
    let cod_fee = read::numbers(orders_frame, orders::cod_fee)?;
    let rows = read::references(orders_frame, orders::row)?;
    let side = |place: usize| {
        let (postage, cod_fee) = (postage.at(place).unwrap_or(0), cod_fee.at(place).unwrap_or(0));
        OrderSide {
            pieces_left: amounts[place].pieces - amounts[place].pieces_cancelled,
            postage,
            cod_fee,
            claim_net: amounts[place].claim_net(postage, cod_fee),
            row: rows.at(place),
        }
    };
    let named = (0..keys.len()).filter(|place| named.contains(keys.at(*place)));
    Ok(named.map(|place| (keys.at(place), side(place))).collect())
}

/// The number of a return document: its return number, else its own.
fn return_number(document: &Document) -> &str {
    if document.return_no.is_empty() { &document.doc_no } else { &document.return_no }
}

/// Mandatory fields that a credit note lacks (K11, S2): order number, return number, item, quantity, and transport and COD fee
/// when the whole order is credited.
fn missing_fields(note: &Document, order: Option<&OrderSide>) -> String {
    let credits_whole_order = order.is_some_and(|order| order.pieces_left > 0 && note.pieces >= order.pieces_left);
    let lacks_transport = credits_whole_order && order.is_some_and(|order| order.postage > 0) && !note.transport;
    let lacks_cod = credits_whole_order && order.is_some_and(|order| order.cod_fee > 0) && !note.cod;
    let checks = [
        ("order_no", note.order_no.is_empty()),
        ("return_no", note.return_no.is_empty()),
        ("item", !note.has_item),
        ("quantity", !note.has_quantity),
        ("transport", lacks_transport),
        ("cod_fee", lacks_cod),
    ];
    checks.into_iter().filter(|(_, lacks)| *lacks).map(|(field, _)| field).collect::<Vec<_>>().join(" ")
}

fn facts(
    gathered: &Documents,
    missing_of: &[String],
    credited: &BTreeMap<(&str, &str), u64>,
    sides: &Map<&str, OrderSide>,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let all: Vec<(&Document, DocumentKind, &str)> = gathered
        .returns
        .iter()
        .map(|document| (document, DocumentKind::ReturnDocument, ""))
        .chain(
            gathered
                .credit_notes
                .iter()
                .zip(missing_of)
                .map(|(note, missing)| (note, DocumentKind::CreditNote, missing.as_str())),
        )
        .collect();
    let due = |document: &Document| {
        let account = accounts.get(&document.account)?;
        let days = accounts.policy(account, document.requested_on).entry.credit_note_days?;
        Some(document.requested_on? + days as i32)
    };
    let subject = |document: &Document, kind: DocumentKind| match kind {
        DocumentKind::ReturnDocument => return_number(document).to_owned(),
        _ => document.doc_no.clone(),
    };
    let money = |document: &Document| {
        let claim = || sides.get(document.order_key.as_str()).and_then(|order| order.claim_net);
        if document.has_net { Some(document.net.abs()) } else { claim() }
    };
    let credit = |document: &Document| credited.get(&(document.account.as_str(), return_number(document))).copied();
    let mut facts = FrameBuilder::new(&f::FRAME, all.len());
    facts
        .texts(f::account, all.iter().map(|(document, ..)| document.account.as_str()))
        .texts(f::marketplace, all.iter().map(|(document, ..)| accounts.marketplace(&document.account)))
        .texts(f::subject, all.iter().map(|(document, kind, _)| subject(document, *kind)))
        .texts(f::kind, all.iter().map(|(_, kind, _)| kind.text()))
        .texts(f::order_no, all.iter().map(|(document, ..)| document.order_no.as_str()))
        .texts(
            f::return_no,
            all.iter().map(|(document, kind, _)| match kind {
                DocumentKind::ReturnDocument => return_number(document),
                _ => document.return_no.as_str(),
            }),
        )
        .texts(f::currency, all.iter().map(|(document, ..)| accounts.currency(&document.account)))
        .days(f::requested_on, all.iter().map(|(document, ..)| document.requested_on))
        .days(f::due_on, all.iter().map(|(document, ..)| due(document)))
        .flags(f::credited, all.iter().map(|(document, ..)| credit(document).is_some()))
        .references(f::credit_row, all.iter().map(|(document, ..)| credit(document)))
        .texts(f::missing, all.iter().map(|(.., missing)| *missing))
        .numbers(f::money, all.iter().map(|(document, ..)| money(document)))
        .references(f::row, all.iter().map(|(document, ..)| Some(document.row)))
        .references(
            f::order_row,
            all.iter().map(|(document, ..)| sides.get(document.order_key.as_str()).and_then(|order| order.row)),
        );
    facts.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Document {
        Document {
            order_no: "1".into(),
            return_no: "4700012345".into(),
            has_item: true,
            has_quantity: true,
            pieces: 1,
            transport: true,
            cod: true,
            ..Document::default()
        }
    }

    fn order() -> OrderSide {
        OrderSide { pieces_left: 1, postage: 2_900, cod_fee: 3_900, claim_net: Some(131_996), row: None }
    }

    #[test]
    fn the_credit_note_of_x17_is_complete() {
        assert_eq!(missing_fields(&note(), Some(&order())), "");
    }

    #[test]
    fn services_are_mandatory_only_when_the_whole_order_is_credited() {
        let without = Document { transport: false, cod: false, ..note() };
        assert_eq!(missing_fields(&without, Some(&order())), "transport cod_fee");
        let partial = OrderSide { pieces_left: 2, ..order() };
        assert_eq!(missing_fields(&without, Some(&partial)), "");
        let nameless = Document { order_no: String::new(), has_item: false, ..note() };
        assert_eq!(missing_fields(&nameless, None), "order_no item");
    }
}
