//! Invoices, return documents and credit notes: which order they bill or reverse, and what a credit note lacks (rulebook §1.7).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::frame::lineage::part_of;
use crate::frame::{documents, orders, read};
use crate::ingest::Ingested;
use crate::pipeline::Pipeline;
use crate::pipeline::policy::PolicyEntry;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::credited::{Credited, credited, lines_by_order};
use crate::reconcile::document::{Document, Documents, OrderSide};
use crate::reconcile::document_facts::document_facts;
use crate::reconcile::order_lines::OrderValues;
use crate::reconcile::parents::Parents;
use crate::vocab::{CreditNoteField, DocumentKind, DocumentLineKind, Kind, Word};

/// What the documents say of one order.
#[derive(Debug, Clone, Default)]
pub struct OrderDocuments {
    /// The invoice that bills it.
    pub invoice: Option<(Option<i32>, u64)>,
    /// Due date of that invoice.
    pub invoice_due: Option<i32>,
    /// What the order's invoices state, minor units with VAT; `None` without one that states an amount.
    pub invoiced: Option<i64>,
    /// What its credit notes state, positive.
    pub credit_noted: i64,
    /// Currency of both; an order of another one is not settled by them.
    pub currency: String,
    /// Its return document: request date, number, row.
    pub returned: Option<(Option<i32>, String, u64)>,
    /// A complete credit note exists.
    pub credited: bool,
}

/// Whether each part says of every row if the return is fictitious: an empty cell of a column that is there is *no*, a column that is not
/// there says nothing.
pub fn parts_with_returns(ingested: &Ingested, pipeline: &Pipeline) -> Vec<bool> {
    let field = documents::is_fictitious;
    let has_constant = |name: &str| {
        let mut named = pipeline.sources.iter().filter(|source| source.name == name && source.kind == Kind::Documents);
        named.any(|source| source.constants.contains_key(field.name))
    };
    ingested.parts.0.iter().map(|part| part.says(field) || has_constant(&part.source)).collect()
}

/// Gathers the lines of the documents frame; `says_returns` as [`parts_with_returns`] has it.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn gather(frame: &DataFrame, says_returns: &[bool]) -> PolarsResult<Documents> {
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
    let gross = read::numbers(frame, documents::gross)?;
    let currencies = read::texts(frame, documents::currency)?;
    let issued = read::days(frame, documents::issued)?;
    let requested = read::days(frame, documents::requested_on)?;
    let due = read::days(frame, documents::due)?;
    let transport = read::flags(frame, documents::includes_transport)?;
    let cod = read::flags(frame, documents::includes_cod)?;
    let fictitious = read::flags(frame, documents::is_fictitious)?;
    let self_billed = read::flags(frame, documents::self_billed)?;
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
            currency: currencies.at(row).to_owned(),
            row: rows.at(row).unwrap_or_default(),
            ..Document::default()
        });
        document.issued = document.issued.or(issued.at(row));
        document.requested_on = document.requested_on.or(requested.at(row));
        document.due = document.due.or(due.at(row));
        document.net += net.at(row).unwrap_or(0);
        document.gross = match (document.gross, gross.at(row)) {
            (Some(sum), Some(amount)) => Some(sum + amount),
            (known, None) | (None, known) => known,
        };
        document.has_net |= net.at(row).is_some();
        let line = DocumentLineKind::of(line_kinds.at(row)).unwrap_or(DocumentLineKind::Whole);
        if matches!(line, DocumentLineKind::Item | DocumentLineKind::Whole) {
            document.has_item |= !skus.at(row).is_empty();
            document.has_quantity |= qty.at(row).is_some_and(|pieces| pieces > 0);
            document.pieces += qty.at(row).unwrap_or(0);
            if let Some(pieces) = qty.at(row).filter(|pieces| *pieces > 0 && !skus.at(row).is_empty()) {
                *document.items.entry(skus.at(row).to_owned()).or_default() += pieces;
            }
        }
        document.transport |= transport.at(row) || line == DocumentLineKind::Transport;
        document.cod |= cod.at(row) || line == DocumentLineKind::CodFee;
        document.self_billed |= self_billed.at(row);
        let place = rows.at(row).unwrap_or_default();
        let is_said = says_returns.get(part_of(place)).copied().unwrap_or(false);
        if is_said && document.fictitious.is_none_or(|(said, _)| fictitious.at(row) && !said) {
            document.fictitious = Some((fictitious.at(row), place));
        }
    }
    let mut gathered = Documents::default();
    for ((kind, ..), document) in by_number {
        match DocumentKind::of(kind) {
            Some(DocumentKind::Invoice) => gathered.invoices.push(document),
            Some(DocumentKind::ReturnDocument) => gathered.returns.push(document),
            Some(DocumentKind::CreditNote) => gathered.credit_notes.push(document),
            Some(other) => gathered.others.push((other, document)),
            None => {}
        }
    }
    Ok(gathered)
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
    lines: &DataFrame,
    parents: &Parents,
    amounts: &OrderValues,
    accounts: &Accounts,
) -> PolarsResult<OrderPapers> {
    let sides = order_sides(gathered, orders_frame, parents, amounts, accounts)?;
    let lines = lines_by_order(lines, |key| sides.contains_key(key))?;
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
            if let Some(gross) = invoice.gross {
                papers.invoiced = Some(papers.invoiced.unwrap_or(0) + gross);
                papers.currency.clone_from(&invoice.currency);
            }
        }
    }
    issued.values_mut().for_each(|days| days.sort_unstable());
    for returned in &gathered.returns {
        let papers = by_order.entry(returned.order_key.clone()).or_default();
        if papers.returned.is_none() {
            papers.returned = Some((returned.requested_on, returned.return_number().to_owned(), returned.row));
        }
    }
    let mut credited_returns: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut missing_of: Vec<String> = Vec::new();
    for note in &gathered.credit_notes {
        let policy = accounts.get(&note.account).map(|account| accounts.policy(account, note.day()));
        let side = sides.get(note.order_key.as_str());
        let missing = policy.map_or_else(String::new, |policy| missing_fields(&policy.entry, note, side));
        let complete = missing.is_empty();
        credited_returns.entry((&note.account, &note.return_no)).or_insert(note.row);
        if complete && !note.order_key.is_empty() {
            by_order.entry(note.order_key.clone()).or_default().credited = true;
        }
        if let Some(papers) = by_order.get_mut(note.order_key.as_str()) {
            papers.credit_noted += note.gross.map_or(0, i64::abs);
        }
        missing_of.push(missing);
    }
    let to_credit: Vec<Credited> = gathered
        .returns
        .iter()
        .map(|document| {
            let key = document.order_key.as_str();
            let policy = accounts.get(&document.account).map(|account| accounts.policy(account, document.day()));
            let lines = lines.get(key).map_or(&[][..], Vec::as_slice);
            credited(document, sides.get(key), lines, policy.as_ref().map(|policy| &policy.entry))
        })
        .collect();
    let facts = document_facts(gathered, &missing_of, to_credit, &credited_returns, &sides, accounts)?;
    Ok(OrderPapers { by_order, issued, facts })
}

/// The orders that return documents and credit notes name; a parent is the sum of its parts.
fn order_sides<'run>(
    gathered: &Documents,
    orders_frame: &'run DataFrame,
    parents: &'run Parents,
    amounts: &OrderValues,
    accounts: &Accounts,
) -> PolarsResult<Map<&'run str, OrderSide>> {
    let named: Set<&str> =
        gathered.returns.iter().chain(&gathered.credit_notes).map(|document| document.order_key.as_str()).collect();
    if named.is_empty() {
        return Ok(Map::default());
    }
    let keys = read::texts(orders_frame, orders::order_key)?;
    let names = read::texts(orders_frame, orders::account)?;
    let postage = read::numbers(orders_frame, orders::delivery_price)?;
    let cod_fee = read::numbers(orders_frame, orders::cod_fee)?;
    let rows = read::references(orders_frame, orders::row)?;
    let side = |place: usize| {
        let (postage, cod_fee) = (postage.at(place).unwrap_or(0), cod_fee.at(place).unwrap_or(0));
        let amounts = amounts.amounts(place, accounts.get(names.at(place)), accounts);
        OrderSide {
            pieces_left: amounts.pieces - amounts.pieces_cancelled,
            postage,
            cod_fee,
            claim_net: amounts.claim_net(postage, cod_fee),
            vat_ppm: amounts.vat_ppm,
            commission_ppm: amounts.commission_ppm,
            row: rows.at(place),
        }
    };
    let of_parents = parents
        .beside_orders()
        .filter(|(key, _)| named.contains(key))
        .filter_map(|(key, parts)| Some((key, parts.iter().map(|place| side(*place)).reduce(OrderSide::with)?)));
    let of_orders = (0..keys.len()).filter(|place| named.contains(keys.at(*place)));
    Ok(of_orders.map(|place| (keys.at(place), side(place))).chain(of_parents).collect())
}

/// Mandatory fields that a credit note lacks, separated by blanks: those of the policy, transport and COD fee only where the whole order
/// is credited and had them.
fn missing_fields(policy: &PolicyEntry, note: &Document, order: Option<&OrderSide>) -> String {
    let whole = order.filter(|order| order.holds_no_more_than(note.pieces));
    let missing = policy.missing_fields(|field| match field {
        CreditNoteField::OrderNo => note.order_no.is_empty(),
        CreditNoteField::ReturnNo => note.return_no.is_empty(),
        CreditNoteField::Item => !note.has_item,
        CreditNoteField::Quantity => !note.has_quantity,
        CreditNoteField::Transport => whole.is_some_and(|order| order.postage > 0) && !note.transport,
        CreditNoteField::CodFee => whole.is_some_and(|order| order.cod_fee > 0) && !note.cod,
    });
    missing.iter().map(|field| field.text()).collect::<Vec<_>>().join(" ")
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
        OrderSide {
            pieces_left: 1,
            postage: 2_900,
            cod_fee: 3_900,
            claim_net: Some(131_996),
            vat_ppm: Some(210_000),
            commission_ppm: None,
            row: None,
        }
    }

    /// All fields are mandatory.
    fn missing(note: &Document, order: Option<&OrderSide>) -> String {
        let policy = PolicyEntry { credit_note_fields: Some(CreditNoteField::ALL.to_vec()), ..PolicyEntry::default() };
        missing_fields(&policy, note, order)
    }

    #[test]
    fn the_credit_note_of_x17_is_complete() {
        assert_eq!(missing(&note(), Some(&order())), "");
    }

    #[test]
    fn services_are_mandatory_only_when_the_whole_order_is_credited() {
        let without = Document { transport: false, cod: false, ..note() };
        assert_eq!(missing(&without, Some(&order())), "transport cod_fee");
        let partial = OrderSide { pieces_left: 2, ..order() };
        assert_eq!(missing(&without, Some(&partial)), "");
        let nameless = Document { order_no: String::new(), has_item: false, ..note() };
        assert_eq!(missing(&nameless, None), "order_no item");
    }

    #[test]
    fn without_a_policy_nothing_is_mandatory() {
        assert_eq!(missing_fields(&PolicyEntry::default(), &Document::default(), Some(&order())), "");
    }
}
