//! One document, all of them by kind, and what a check of credit notes must know of an order.

use std::collections::BTreeMap;

use crate::vocab::DocumentKind;

/// One document: the lines of one number, order and return.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    pub(super) account: String,
    pub(super) doc_no: String,
    pub(super) order_key: String,
    pub(super) order_no: String,
    pub(super) return_no: String,
    pub(super) issued: Option<i32>,
    pub(super) requested_on: Option<i32>,
    pub(super) due: Option<i32>,
    pub(super) net: i64,
    pub(super) has_net: bool,
    /// Amount with VAT; `None` where no line states one.
    pub(super) gross: Option<i64>,
    pub(super) currency: String,
    pub(super) pieces: i64,
    /// Pieces of each article that it names.
    pub(super) items: BTreeMap<String, i64>,
    pub(super) has_item: bool,
    pub(super) has_quantity: bool,
    pub(super) transport: bool,
    pub(super) cod: bool,
    /// Whether the return is fictitious, and the row that says so; nothing where no export says it either way.
    pub(super) fictitious: Option<(bool, u64)>,
    pub(super) self_billed: bool,
    pub(super) row: u64,
}

impl Document {
    /// The number of a return document: its return number, else its own.
    pub(super) fn return_number(&self) -> &str {
        if self.return_no.is_empty() { &self.doc_no } else { &self.return_no }
    }

    /// Pieces that it names.
    pub(super) fn pieces(&self) -> Option<i64> {
        Some(self.pieces).filter(|pieces| *pieces > 0)
    }

    /// It is about all that is left of its order: it names as many pieces, or none at all.
    pub(super) fn is_whole(&self, order: Option<&OrderSide>) -> bool {
        self.pieces().is_none_or(|pieces| order.is_some_and(|order| order.holds_no_more_than(pieces)))
    }

    /// The day whose policy it is judged by: that of its issue, else of the request.
    pub(super) fn day(&self) -> Option<i32> {
        self.issued.or(self.requested_on)
    }
}

/// All documents, by kind; each kind sorted by account and number.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    pub(super) invoices: Vec<Document>,
    pub(super) returns: Vec<Document>,
    pub(super) credit_notes: Vec<Document>,
    /// Set-offs and claims.
    pub(super) others: Vec<(DocumentKind, Document)>,
}

/// What a check of credit notes must know of an order.
pub(super) struct OrderSide {
    pub(super) pieces_left: i64,
    pub(super) postage: i64,
    pub(super) cod_fee: i64,
    pub(super) claim_net: Option<i64>,
    pub(super) vat_ppm: Option<i64>,
    pub(super) commission_ppm: Option<i64>,
    pub(super) row: Option<u64>,
}

impl OrderSide {
    pub(super) fn holds_no_more_than(&self, pieces: i64) -> bool {
        self.pieces_left > 0 && pieces >= self.pieces_left
    }

    pub(super) fn with(self, other: OrderSide) -> OrderSide {
        OrderSide {
            pieces_left: self.pieces_left + other.pieces_left,
            postage: self.postage + other.postage,
            cod_fee: self.cod_fee + other.cod_fee,
            claim_net: self.claim_net.zip(other.claim_net).map(|(a, b)| a + b),
            vat_ppm: self.vat_ppm.max(other.vat_ppm),
            commission_ppm: self.commission_ppm.filter(|rate| other.commission_ppm == Some(*rate)),
            row: self.row.or(other.row),
        }
    }
}
