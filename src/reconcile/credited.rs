//! What a credit note must hold: the items and quantities that the return document names, else those of the whole order; transport and COD
//! fee where the whole order is credited (K11, §16.22).

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::money::net_of;
use crate::frame::{order_lines, read};
use crate::pipeline::policy::PolicyEntry;
use crate::reconcile::document::{Document, OrderSide};
use crate::vocab::{CreditNoteField, Word};

/// The lines of the orders that documents name.
pub(super) type LinesByOrder<'run> = Map<&'run str, Vec<Article<'run>>>;

/// An order line, as far as pieces of it are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Article<'run> {
    sku: &'run str,
    title: &'run str,
    left: i64,
    /// Price of a piece with VAT, minor units.
    price: i64,
    vat_ppm: Option<i64>,
    commission_ppm: Option<i64>,
}

/// What is credited; amounts net, minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Credited {
    /// The whole order.
    pub(super) whole: bool,
    /// One item a line: `2 × KV-1002 Kettle`.
    pub(super) items: String,
    /// Pieces of all items.
    pub(super) pieces: Option<i64>,
    pub(super) goods: Option<i64>,
    pub(super) transport: Option<i64>,
    pub(super) cod_fee: Option<i64>,
    /// All of it.
    pub(super) total: Option<i64>,
    /// Mandatory fields that nothing tells, separated by blanks.
    pub(super) missing: String,
}

/// Reads the lines of the orders that `is_named` names.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub(super) fn lines_by_order<'run>(
    lines: &'run DataFrame,
    is_named: impl Fn(&str) -> bool,
) -> PolarsResult<LinesByOrder<'run>> {
    let keys = read::texts(lines, order_lines::order_key)?;
    let (skus, titles) = (read::texts(lines, order_lines::sku)?, read::texts(lines, order_lines::title)?);
    let (qty, cancelled) = (read::numbers(lines, order_lines::qty)?, read::numbers(lines, order_lines::qty_cancelled)?);
    let price = read::numbers(lines, order_lines::unit_price_gross)?;
    let (vat, rates) =
        (read::numbers(lines, order_lines::vat_ppm)?, read::numbers(lines, order_lines::commission_ppm)?);
    let mut by_order = LinesByOrder::default();
    for row in (0..keys.len()).filter(|row| is_named(keys.at(*row))) {
        by_order.entry(keys.at(row)).or_default().push(Article {
            sku: skus.at(row),
            title: titles.at(row),
            left: qty.at(row).unwrap_or(0) - cancelled.at(row).unwrap_or(0),
            price: price.at(row).unwrap_or(0),
            vat_ppm: vat.at(row),
            commission_ppm: rates.at(row),
        });
    }
    Ok(by_order)
}

/// What a credit note for a return document must hold of its order, by the mandatory fields of the policy.
pub(super) fn credited(
    document: &Document,
    order: Option<&OrderSide>,
    lines: &[Article],
    policy: Option<&PolicyEntry>,
) -> Credited {
    let named = &document.items;
    let whole = document.is_whole(order);
    let left = lines.iter().filter(|line| line.left > 0);
    let items: Vec<(&str, &str, i64)> = if named.is_empty() && whole {
        left.map(|line| (line.sku, line.title, line.left)).collect()
    } else {
        let title = |sku: &str| lines.iter().find(|line| line.sku == sku).map_or("", |line| line.title);
        named.iter().map(|(sku, pieces)| (sku.as_str(), title(sku), *pieces)).collect()
    };
    let text = |(sku, title, pieces): &(&str, &str, i64)| format!("{pieces} × {}", [*sku, *title].join(" ").trim());
    let service = |amount: i64| order.filter(|_| whole).and_then(|order| net_of(amount, order.vat_ppm?, 0));
    let (transport, cod_fee) =
        (order.and_then(|order| service(order.postage)), order.and_then(|order| service(order.cod_fee)));
    let services = transport.unwrap_or(0) + cod_fee.unwrap_or(0);
    let computed = || match whole {
        true => order?.claim_net,
        false if named.is_empty() => None,
        false => named.iter().map(|(sku, pieces)| price_of(sku, *pieces, lines, order)).sum(),
    };
    let total = if document.has_net { Some(document.net.abs()) } else { computed() };
    let pieces = Some(items.iter().map(|(.., pieces)| pieces).sum()).filter(|pieces| *pieces > 0).or(document.pieces());
    let is_missing = |field| match field {
        CreditNoteField::OrderNo => document.order_no.is_empty(),
        CreditNoteField::ReturnNo => document.return_number().is_empty(),
        CreditNoteField::Item => items.is_empty(),
        CreditNoteField::Quantity => pieces.is_none(),
        CreditNoteField::Transport => whole && transport.is_none() && order.is_some_and(|order| order.postage > 0),
        CreditNoteField::CodFee => whole && cod_fee.is_none() && order.is_some_and(|order| order.cod_fee > 0),
    };
    let missing = policy.map(|policy| policy.missing_fields(is_missing)).unwrap_or_default();
    Credited {
        whole,
        missing: missing.iter().map(|field| field.text()).collect::<Vec<_>>().join(" "),
        items: items.iter().map(text).collect::<Vec<_>>().join("\n"),
        pieces,
        // So that the row foots.
        goods: total.filter(|_| !whole || transport.is_some()).map(|total| total - services),
        transport,
        cod_fee,
        total,
    }
}

/// The purchase price of pieces of an article; `None` where its price or a rate is not known.
fn price_of(sku: &str, pieces: i64, lines: &[Article], order: Option<&OrderSide>) -> Option<i64> {
    let line = lines.iter().find(|line| line.sku == sku)?;
    let rate = line.commission_ppm.or(order?.commission_ppm)?;
    net_of(line.price.checked_mul(pieces)?, line.vat_ppm?, rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [Article<'static>; 2] = [
        Article {
            sku: "A",
            title: "Kettle",
            left: 1,
            price: 179_900,
            vat_ppm: Some(210_000),
            commission_ppm: Some(150_000),
        },
        Article { sku: "B", title: "", left: 3, price: 12_100, vat_ppm: Some(210_000), commission_ppm: Some(0) },
    ];

    fn order(pieces_left: i64) -> OrderSide {
        OrderSide {
            pieces_left,
            postage: 2_900,
            cod_fee: 3_900,
            claim_net: Some(131_996),
            vat_ppm: Some(210_000),
            commission_ppm: Some(150_000),
            row: None,
        }
    }

    fn naming(items: &[(&str, i64)]) -> Document {
        let items = items.iter().map(|(sku, pieces)| ((*sku).to_owned(), *pieces)).collect();
        let pieces = items_sum(&items);
        Document { items, pieces, ..Document::default() }
    }

    fn items_sum(items: &std::collections::BTreeMap<String, i64>) -> i64 {
        items.values().sum()
    }

    /// X15 and X17: transport 29.00 and COD fee 39.00 gross at 21 %, total 1319.96 net.
    #[test]
    fn the_whole_order_of_x17_foots() {
        let whole = credited(&naming(&[("A", 1)]), Some(&order(1)), &LINES[..1], None);
        assert!(whole.whole);
        assert_eq!((whole.items.as_str(), whole.pieces), ("1 × A Kettle", Some(1)));
        assert_eq!((whole.transport, whole.cod_fee, whole.goods), (Some(2_397), Some(3_223), Some(126_376)));
        assert_eq!(whole.total, Some(131_996));
        // a document that names nothing is of the whole order
        assert_eq!(credited(&Document::default(), Some(&order(1)), &LINES[..1], None), whole);
    }

    /// One of three pieces: 121.00 gross at 21 % and no commission is 100.00 net; nothing of transport and COD fee.
    #[test]
    fn a_part_is_credited_without_transport_and_cod_fee() {
        let part = credited(&naming(&[("B", 1)]), Some(&order(4)), &LINES, None);
        assert!(!part.whole);
        assert_eq!((part.items.as_str(), part.pieces), ("1 × B", Some(1)));
        assert_eq!((part.transport, part.cod_fee), (None, None));
        assert_eq!((part.goods, part.total), (Some(10_000), Some(10_000)));
    }

    #[test]
    fn the_amount_of_the_document_counts_before_ours() {
        let stated = Document { has_net: true, net: -9_900, ..naming(&[("B", 1)]) };
        let part = credited(&stated, Some(&order(4)), &LINES, None);
        assert_eq!((part.goods, part.total), (Some(9_900), Some(9_900)));
    }

    #[test]
    fn an_article_without_a_price_is_not_computable() {
        let part = credited(&naming(&[("C", 1)]), Some(&order(4)), &LINES, None);
        assert_eq!((part.goods, part.total), (None, None));
    }

    #[test]
    fn what_nothing_tells_is_missing() {
        let policy = PolicyEntry { credit_note_fields: Some(CreditNoteField::ALL.to_vec()), ..PolicyEntry::default() };
        let named = Document { order_no: "1".into(), return_no: "4700012345".into(), ..naming(&[("B", 1)]) };
        assert_eq!(credited(&named, Some(&order(4)), &LINES, Some(&policy)).missing, "");
        let counted = Document { items: Default::default(), ..named.clone() };
        assert_eq!(credited(&counted, Some(&order(4)), &LINES, Some(&policy)).missing, "item");
        let unknown = Document { order_no: String::new(), ..Document::default() };
        assert_eq!(credited(&unknown, None, &[], Some(&policy)).missing, "order_no return_no item quantity");
    }
}
