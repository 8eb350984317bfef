//! What each kind of export may hold: the fields a source can map, how their cells are read, and what one row is.
//!
//! A field fills the canonical column of its name. A word field `X_raw` also fills `X`; an instant field `X_at` also fills
//! its civil date `X_on` where the frame has one, `X` fills `X_on` and `X_day_only`, and `at` fills `at_on` and `date_only`; `tracking_number_raw` also fills
//! `tracking_number`; `order_no` also fills `order_key`. All that is mechanism of `ingest`; this table is the contract of pipelines.

use crate::vocab::Kind;

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Text as written, trimmed; empty is null.
    Text,
    /// An identifier: text, and refused when a spreadsheet has damaged it (`8,59E+12`).
    Identifier,
    /// Money in the row's currency.
    Money,
    /// A percentage, kept in millionths.
    Percent,
    /// An exchange rate above 0, kept in thousand millionths.
    Rate,
    /// A civil date.
    Date,
    /// A date with time; a date alone is 00:00 local.
    Instant,
    /// A whole number.
    Int,
    /// ISO 4217 code, through the word table `currency`.
    Currency,
    /// A word through the table of this name.
    Word {
        /// Name of the table in packs.
        table: &'static str,
        /// Word for an empty cell or an absent column; `None`: refused.
        empty: Option<&'static str>,
        /// Word for a label that the table does not hold; `None`: the row is refused.
        unmapped: Option<&'static str>,
    },
    /// Yes or no, through the word table `flag`; empty is no.
    Flag,
    /// Code of a carrier, in the source's vocabulary; an unmapped code is `unknown`.
    CarrierCode,
    /// A shipping method or carrier name: through the table where known, else as written; empty is empty text.
    Name {
        /// Name of the table in packs.
        table: &'static str,
    },
}

/// One field of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Key under `[source.columns]`.
    pub name: &'static str,
    /// How its cells are read.
    pub cell: Cell,
    /// A source without it is refused, and so is a row with an empty cell.
    pub required: bool,
}

/// What one kind of export is.
#[derive(Debug, Clone, Copy)]
pub struct KindSpec {
    /// The kind.
    pub kind: Kind,
    /// Its fields.
    pub fields: &'static [Field],
    /// Fields that identify a row of a *keyed* kind within its account; empty for *event* kinds.
    pub key: &'static [&'static str],
    /// Money fields whose sum is the control amount; order lines: see `control_times_qty`.
    pub control: &'static [&'static str],
    /// The control amount is price × quantity.
    pub control_times_qty: bool,
}

const fn required(name: &'static str, cell: Cell) -> Field {
    Field { name, cell, required: true }
}

const fn optional(name: &'static str, cell: Cell) -> Field {
    Field { name, cell, required: false }
}

const fn word(name: &'static str, table: &'static str, empty: &'static str) -> Field {
    Field { name, cell: Cell::Word { table, empty: Some(empty), unmapped: None }, required: false }
}

const ORDER_NO: Field = required("order_no", Cell::Identifier);
const CURRENCY: Field = optional("currency", Cell::Currency);

/// Line fields that an `orders` source with `lines = true` may bind beside the order fields; its `commission_ppm` is the line's,
/// its `cancelled_at` the order's and `line_cancelled_at` the line's.
pub const LINE_FIELDS: &[Field] = &[
    optional("sku", Cell::Identifier),
    optional("title", Cell::Text),
    required("qty", Cell::Int),
    optional("qty_cancelled", Cell::Int),
    required("unit_price_gross", Cell::Money),
    optional("vat_ppm", Cell::Percent),
    optional("line_cancelled_at", Cell::Instant),
    optional("return_no", Cell::Identifier),
];

const KINDS: &[KindSpec] = &[
    KindSpec {
        kind: Kind::Orders,
        fields: &[
            ORDER_NO,
            required("status_raw", Cell::Word { table: "order_status", empty: None, unmapped: None }),
            CURRENCY,
            optional("created_at", Cell::Instant),
            optional("paid_at", Cell::Instant),
            optional("blocked_at", Cell::Instant),
            optional("opened_at", Cell::Instant),
            optional("confirmed_at", Cell::Instant),
            optional("label_requested_at", Cell::Instant),
            optional("shipped_at", Cell::Instant),
            optional("delivered_at", Cell::Instant),
            optional("delivered_set_at", Cell::Instant),
            optional("first_attempt_at", Cell::Instant),
            optional("returned_at", Cell::Instant),
            optional("cancelled_at", Cell::Instant),
            optional("ship_date", Cell::Date),
            optional("delivery_date", Cell::Date),
            optional("expected_delivery_date", Cell::Date),
            optional("billing_date_reported", Cell::Date),
            optional("goods_amount", Cell::Money),
            required("delivery_price", Cell::Money),
            optional("cod_fee", Cell::Money),
            optional("cod_amount", Cell::Money),
            optional("discount", Cell::Money),
            optional("commission_ppm", Cell::Percent),
            word("payment", "payment", "unknown"),
            optional("test", Cell::Flag),
            optional("own_delivery", Cell::Flag),
            optional("confirmed", Cell::Flag),
            word("box_size", "box_size", "unknown"),
            optional("ready_to_return", Cell::Flag),
            word("cancel_actor", "actor", "unknown"),
            optional("product_type", Cell::Text),
            optional("shipping_method", Cell::Name { table: "shipping_method" }),
            optional("carrier", Cell::Name { table: "carrier" }),
            optional("tracking_number_raw", Cell::Identifier),
            optional("tracking_number_alias", Cell::Identifier),
            optional("tracking_url", Cell::Text),
            optional("addr_line", Cell::Text),
            optional("parent_order_no", Cell::Identifier),
            optional("replaced_by", Cell::Identifier),
            optional("external_ref", Cell::Identifier),
            optional("internal_ref", Cell::Identifier),
        ],
        key: &["order_no"],
        control: &["goods_amount", "delivery_price", "cod_fee"],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::OrderLines,
        fields: &[
            ORDER_NO,
            CURRENCY,
            optional("sku", Cell::Identifier),
            optional("title", Cell::Text),
            required("qty", Cell::Int),
            optional("qty_cancelled", Cell::Int),
            required("unit_price_gross", Cell::Money),
            optional("vat_ppm", Cell::Percent),
            optional("commission_ppm", Cell::Percent),
            optional("cancelled_at", Cell::Instant),
            optional("return_no", Cell::Identifier),
        ],
        key: &[],
        control: &["unit_price_gross"],
        control_times_qty: true,
    },
    KindSpec {
        kind: Kind::OrderEvents,
        fields: &[
            ORDER_NO,
            required("at", Cell::Instant),
            required("to_status_raw", Cell::Word { table: "order_status", empty: None, unmapped: None }),
            word("actor", "actor", "unknown"),
        ],
        key: &[],
        control: &[],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::TrackingEvents,
        fields: &[
            required("tracking_number_raw", Cell::Identifier),
            required("at", Cell::Instant),
            required("code_raw", Cell::CarrierCode),
            optional("order_no", Cell::Identifier),
            optional("cod_amount", Cell::Money),
            CURRENCY,
        ],
        key: &[],
        control: &[],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::Shipments,
        fields: &[
            ORDER_NO,
            required("tracking_number_raw", Cell::Identifier),
            optional("tracking_number_alias", Cell::Identifier),
            optional("tracking_url", Cell::Text),
            optional("carrier", Cell::Name { table: "carrier" }),
            optional("handed_over_at", Cell::Instant),
        ],
        // Several orders may share one parcel (TR-005), and a parcel may have several further numbers (§16.9): the number alone is no key.
        key: &["tracking_number_raw", "order_no", "tracking_number_alias"],
        control: &[],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::PayoutLines,
        fields: &[
            optional("statement_id", Cell::Identifier),
            optional("order_no", Cell::Identifier),
            required("kind_raw", Cell::Word { table: "payout_kind", empty: None, unmapped: None }),
            required("amount", Cell::Money),
            CURRENCY,
            optional("posted", Cell::Date),
            optional("fx_rate", Cell::Rate),
            optional("document_no", Cell::Identifier),
            optional("sku", Cell::Identifier),
            optional("note", Cell::Text),
            optional("paid_on", Cell::Date),
            optional("period_from", Cell::Instant),
            optional("period_to", Cell::Instant),
            optional("total", Cell::Money),
        ],
        key: &[],
        control: &["amount"],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::Statements,
        fields: &[
            required("statement_id", Cell::Identifier),
            CURRENCY,
            optional("paid_on", Cell::Date),
            optional("period_from", Cell::Instant),
            optional("period_to", Cell::Instant),
            optional("total", Cell::Money),
        ],
        key: &["statement_id"],
        control: &[],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::PostageOverview,
        fields: &[
            required("day", Cell::Date),
            required("method", Cell::Name { table: "shipping_method" }),
            required("paid", Cell::Money),
            required("cancelled", Cell::Money),
            CURRENCY,
        ],
        key: &[],
        control: &["paid", "cancelled"],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::Documents,
        fields: &[
            required("doc_no", Cell::Identifier),
            required("kind_raw", Cell::Word { table: "document_kind", empty: None, unmapped: None }),
            word("line_kind", "document_line_kind", "whole"),
            optional("order_no", Cell::Identifier),
            optional("return_no", Cell::Identifier),
            optional("sku", Cell::Identifier),
            optional("qty", Cell::Int),
            optional("issued", Cell::Date),
            optional("requested_on", Cell::Date),
            optional("due", Cell::Date),
            CURRENCY,
            optional("net", Cell::Money),
            optional("vat", Cell::Money),
            optional("gross", Cell::Money),
            optional("difference", Cell::Money),
            optional("includes_transport", Cell::Flag),
            optional("includes_cod", Cell::Flag),
            optional("is_fictitious", Cell::Flag),
            optional("self_billed", Cell::Flag),
        ],
        key: &["doc_no", "line_kind", "order_no", "return_no", "sku"],
        control: &["gross"],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::ShopOrders,
        fields: &[
            ORDER_NO,
            optional("shop_status_raw", Cell::Word { table: "order_status", empty: Some("unknown"), unmapped: None }),
            optional("shop_delivered_on", Cell::Date),
            optional("internal_ref", Cell::Identifier),
            optional("addr_line", Cell::Text),
        ],
        key: &["order_no"],
        control: &[],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::SupplierOrders,
        fields: &[
            required("supplier_order_no", Cell::Identifier),
            optional("internal_ref", Cell::Identifier),
            optional("created_at", Cell::Instant),
            required("status_raw", Cell::Word { table: "supplier_status", empty: None, unmapped: None }),
            word("origin", "origin", "unknown"),
            optional("sku_set", Cell::Text),
            CURRENCY,
            required("total", Cell::Money),
            optional(
                "pending_reason_raw",
                Cell::Word { table: "pending_reason", empty: Some("none"), unmapped: Some("other") },
            ),
            optional("addr_line", Cell::Text),
            optional("tracking_number_raw", Cell::Identifier),
        ],
        key: &["supplier_order_no"],
        control: &["total"],
        control_times_qty: false,
    },
    KindSpec {
        kind: Kind::CodRemittances,
        fields: &[
            optional("statement_id", Cell::Identifier),
            optional("order_no", Cell::Identifier),
            optional("tracking_number_raw", Cell::Identifier),
            word("kind_raw", "remittance_kind", "cash"),
            optional(
                "outcome_raw",
                Cell::Word { table: "parcel_outcome", empty: Some("none"), unmapped: Some("none") },
            ),
            required("amount", Cell::Money),
            CURRENCY,
            optional("carrier", Cell::Name { table: "carrier" }),
            optional("posted", Cell::Date),
            optional("paid_on", Cell::Date),
            optional("total", Cell::Money),
            optional("document_no", Cell::Identifier),
            optional("note", Cell::Text),
        ],
        key: &[],
        control: &["amount"],
        control_times_qty: false,
    },
];

/// The contract of a kind.
pub fn spec_of(kind: Kind) -> &'static KindSpec {
    KINDS.iter().find(|spec| spec.kind == kind).unwrap_or(&KINDS[0])
}

/// Required fields that an export of a kind may lack where its source says so (`without`): a list of parcels to be announced has no
/// numbers yet, and a shop's list of orders may tell one amount with the postage in it. Its rows are used.
pub const fn may_lack(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Shipments => &["tracking_number_raw"],
        Kind::Orders => &["delivery_price"],
        _ => &[],
    }
}

/// Optional fields by which rows of a kind find those of other kinds. A source that names the column of one and a file that lacks it
/// do not fit: all its rows would be without a partner, and others would be blamed for that.
pub const fn links(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Orders => &["tracking_number_raw", "tracking_number_alias", "parent_order_no", "internal_ref"],
        Kind::TrackingEvents | Kind::Documents => &["order_no"],
        Kind::Shipments => &["tracking_number_alias"],
        Kind::CodRemittances => &["tracking_number_raw"],
        Kind::PayoutLines => &["order_no", "statement_id"],
        Kind::ShopOrders => &["internal_ref"],
        Kind::SupplierOrders => &["internal_ref", "tracking_number_raw"],
        Kind::OrderLines | Kind::OrderEvents | Kind::Statements | Kind::PostageOverview => &[],
    }
}

/// The columns that date a row of a kind: a row of which one is after the as-of day (an instant at or after its 24:00 in the
/// account's zone, a civil date beyond it) takes no part in facts. Empty: rows of the kind are never too late; order lines go with
/// their order.
pub const fn main_dates(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Orders | Kind::SupplierOrders => &["created_at"],
        Kind::OrderEvents | Kind::TrackingEvents => &["at"],
        Kind::Shipments => &["handed_over_at"],
        Kind::PayoutLines | Kind::CodRemittances => &["posted", "paid_on"],
        Kind::Statements => &["paid_on"],
        Kind::PostageOverview => &["day"],
        Kind::Documents => &["issued", "requested_on"],
        Kind::OrderLines | Kind::ShopOrders => &[],
    }
}

/// Dates of a kind that are promises or terms, and so may lie after as-of. Any other date or instant after it is not known yet (§16.16).
pub const fn promised_dates(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Orders => &["ship_date", "delivery_date", "expected_delivery_date", "billing_date_reported"],
        Kind::PayoutLines | Kind::Statements => &["period_from", "period_to"],
        Kind::Documents => &["due"],
        _ => &[],
    }
}

impl KindSpec {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields.iter().copied().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::canonical::frame_of;
    use crate::vocab::Word;

    #[test]
    fn every_kind_has_its_fields_and_every_field_its_column() {
        for kind in Kind::ALL {
            let spec = spec_of(*kind);
            assert_eq!(spec.kind, *kind);
            for field in spec.fields {
                assert!(frame_of(*kind).column(field.name).is_some(), "{kind}.{}", field.name);
            }
            for link in links(*kind) {
                assert!(spec.field(link).is_some_and(|field| !field.required), "{kind}.{link}");
            }
            for date in main_dates(*kind).iter().chain(promised_dates(*kind)) {
                assert!(spec.field(date).is_some(), "{kind}.{date}");
            }
        }
    }
}
