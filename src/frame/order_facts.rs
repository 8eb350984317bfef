//! Everything known about an order: what the marketplace says, what the shop system says, what the carrier saw, what was paid.

use super::column::{MOST_OF_ORDER, Members, Only, frame};
use super::{order_lines, payout_lines};

const BY_ORDER: &[(&str, &str)] = &[("order_key", "order_key")];

/// Payout lines of an order.
const fn lines_of_order(only: &'static [Only]) -> Members {
    let beside = &["order_no", "statement_id", "kind_raw"];
    Members { frame: &payout_lines::FRAME, on: BY_ORDER, only, beside, most: MOST_OF_ORDER }
}

/// All but the transfer itself.
const PAID_LINES: &Members = &lines_of_order(&[Only::Not("kind", "payout")]);
const SALE_LINES: &Members = &lines_of_order(&[Only::Is("kind", "sale"), Only::Positive("amount")]);
const COMMISSION_LINES: &Members = &lines_of_order(&[Only::Is("kind", "commission")]);
const REFUND_LINES: &Members = &lines_of_order(&[Only::Is("kind", "refund")]);
const POSTAGE_TAKEN_BACK: &Members = &lines_of_order(&[Only::Is("kind", "postage"), Only::Negative("amount")]);

/// Lines of an order.
const fn order_lines_with(beside: &'static [&'static str]) -> Members {
    Members { frame: &order_lines::FRAME, on: BY_ORDER, only: &[], beside, most: MOST_OF_ORDER }
}

const ORDERED: &Members = &order_lines_with(&["order_no", "qty"]);
const CANCELLED: &Members = &order_lines_with(&["order_no", "qty_cancelled"]);
const RATED: &Members = &order_lines_with(&["order_no", "qty", "qty_cancelled", "unit_price_gross"]);

frame! {
    order_facts, sorted by [order_key] {
        /// The account's name.
        account: Word,
        /// The marketplace pack of the account.
        marketplace: Word,
        /// `account/order_no`, the key.
        order_key: Text,
        /// Order number.
        order_no: Text from order_row.order_no,
        /// Currency of every amount of the row.
        currency: Word,
        /// Status as written.
        status_raw: Word from order_row.status_raw,
        /// Canonical status.
        status: Word<OrderStatus> from order_row.status_raw,
        /// A test order.
        test: Flag from order_row.test,
        /// Sent by the marketplace's own delivery service.
        own_delivery: Flag from order_row.own_delivery,
        /// Size class.
        box_size: Word<BoxSize> from order_row.box_size,
        /// How the buyer pays.
        payment: Word<Payment> from order_row.payment,
        /// Shipping method.
        shipping_method: Word from order_row.shipping_method,
        /// Carrier as the order names it.
        carrier: Word from order_row.carrier,
        /// Tracking number as written.
        tracking_number_raw: Text from order_row.tracking_number_raw,
        /// Tracking number as carriers compare it.
        tracking_number: Text,
        /// Tracking URL as written.
        tracking_url: Text from order_row.tracking_url,
        /// When the order was created.
        created_at: Instant from order_row.created_at,
        /// Its civil date.
        created_on: Date from order_row.created_at,
        /// Day the buyer paid.
        paid_on: Date from order_row.paid_at,
        /// Its day in day × shipping: the day the buyer paid, else that of the event which stands for the payment (`payment_event`).
        booked_on: Date,
        /// The order was open once.
        passed_open: Flag,
        /// When it was opened, as its row says.
        opened_at: Instant from order_row.opened_at,
        /// When it was opened, as its history says.
        opened_event_at: Instant from opened_event_row.at,
        /// When it was confirmed, as its row says.
        confirmed_at: Instant from order_row.confirmed_at,
        /// The first status beyond *new* of its history.
        confirmed_event_at: Instant from confirmed_event_row.at,
        /// Until when it had to be confirmed or cancelled, that instant included; null without a policy, or where the opening has no time.
        confirm_by: Instant,
        /// Until when nothing had confirmed it, at most the end of the as-of day; null where that cannot be told.
        unconfirmed_until: Instant,
        /// When it was marked shipped.
        shipped_at: Instant from order_row.shipped_at,
        /// Its civil date.
        shipped_on: Date from order_row.shipped_at,
        /// Delivery as the marketplace holds it.
        delivered_at: Instant from order_row.delivered_at,
        /// Its civil date, which starts the payout clock.
        delivered_on: Date from order_row.delivered_at,
        /// When *delivered* was set.
        marked_delivered_at: Instant from event_row.delivered_set_at or event_row.at,
        /// The history holds *delivered*.
        delivered_once: Flag,
        /// Day it was marked returned.
        returned_on: Date from order_row.returned_at,
        /// When the whole order was cancelled.
        cancelled_at: Instant from order_row.cancelled_at,
        /// Its civil date.
        cancelled_on: Date from order_row.cancelled_at,
        /// Who cancelled.
        cancel_actor: Word<Actor> from order_row.cancel_actor,
        /// Number of the order that replaces this cancelled one, or empty.
        replaced_by: Text from order_row.replaced_by,
        /// Expected delivery.
        expected_delivery_date: Date from order_row.expected_delivery_date,
        /// Day of the delivery that the buyer was promised.
        delivery_date: Date from order_row.delivery_date,
        /// Day of the first attempt to deliver.
        first_attempt_on: Date from order_row.first_attempt_at,
        /// In an open status, new ones included, past a day that the buyer was promised: the dispatch day while it is not sent, else the
        /// delivery day.
        late: Flag,
        /// Days from the expected delivery to as-of, while the order is before its final state; null otherwise.
        days_overdue: Int by "as_of - expected_delivery_date",
        /// Goods as ordered.
        goods: Money from order_row.goods_amount as Worth of ORDERED.unit_price_gross,
        /// Goods of cancelled pieces.
        goods_cancelled: Money as Gone of CANCELLED.unit_price_gross,
        /// Postage.
        postage: Money from order_row.delivery_price,
        /// COD fee.
        cod_fee: Money from order_row.cod_fee,
        /// Cash on delivery.
        cod_amount: Money from order_row.cod_amount,
        /// Number of order lines, at least 1.
        lines: Int,
        /// Nothing of the order is left.
        whole_cancelled: Flag,
        /// Some pieces are cancelled, not all.
        partly_cancelled: Flag,
        /// Cancelled after it was delivered, by the marketplace's word or the carrier's: a withdrawal.
        withdrawn: Flag,
        /// Cancelled when its parcels had ended already, at the buyer or at the sender, or when it is not known which came first.
        ended_before_cancel: Flag,
        /// Commission on the goods that are left, rounded half up per line.
        commission: Money as Source of RATED.commission_ppm,
        /// What commission on the postage would be.
        postage_commission: Money by "postage",
        /// Goods plus postage.
        sale_value: Money by "goods + postage",
        /// Purchase price without VAT, less the margin, with transport and COD fee (buys_on_delivery).
        claim_net: Money by "claim_gross",
        /// The invoice gross of the order (buys_on_delivery).
        claim_gross: Money by "goods - goods_cancelled - commission + postage + cod_fee",
        /// What payout lines for the order should add up to, with the clawbacks that have come or whose statement was read.
        expected_payout: Money by "goods - goods_cancelled - commission + postage"
            or "goods - goods_cancelled - commission + postage + cod_fee",
        /// `claim_net` where the marketplace buys on delivery, else `expected_payout`.
        expected_net: Money by "expected_payout" or "claim_net",
        /// `expected_net` as if nothing of the order were cancelled.
        net_as_ordered: Money,
        /// Signed cash on the payout date: VAT included, minus COD that the merchant already holds. What is taken back later stands
        /// in the clawback facts.
        cash_expected: Money by "expected_payout" or "expected_payout - cod_amount",
        /// Allowed difference of a payout.
        tolerance: Money,
        /// Day from which the hold of its money counts: the receipt, or the event that the policy names (`hold_from`).
        hold_from: Date by "delivered_on" or "shipped_on" or "created_on",
        /// The hold of its money counts from another event than the receipt.
        paid_without_receipt: Flag,
        /// First day the order may be billed.
        billing_on: Date by "hold_from",
        /// Day by which the order is billed: its billing date, or a whole period after it where it is invoiced by period.
        billed_by: Date by "billing_on",
        /// Day the money is sent; null where it is paid on demand.
        payout_on: Date by "billing_on" or "hold_from",
        /// Day from which the money is due: the payout date, or the release (`billing_on`) of what is paid on demand.
        due_on: Date by "payout_on" or "billing_on",
        /// The other day that a contested cut-off allows.
        payout_on_alternative: Date by "billing_on",
        /// Last day of grace after the payout date, or after the release of what is paid on demand.
        payout_overdue_on: Date by "due_on",
        /// Version of the policy that settles the order: of the day it was received, else created.
        policy_version: Word,
        /// Delivered by the carrier, and not marked: the payout date if it had been marked that day.
        payout_if_marked_in_time: Date by "carrier_delivered_on",
        /// The same: the payout date if it is marked on the as-of day.
        payout_if_marked_today: Date by "as_of",
        /// The day from which its money is due is fixed: delivered, not cancelled, not a test.
        eligible: Flag,
        /// `eligible`, `waiting_delivery`, `cancelled`, `test`, `not_computable`, `nothing_due`.
        settlement_state: Word<SettlementState>,
        /// Where the money of the order stands.
        money_stage: Word<MoneyStage>,
        /// Sum of all payout lines but `payout`; null without any line.
        paid: Money as Sum of PAID_LINES.amount,
        /// Number of `sale` lines.
        sale_lines: Int as Count of SALE_LINES.amount,
        /// A `sale` line that repeats an earlier one: the same amount and article.
        repeated_sale: Money from repeated_row.amount,
        /// The earlier line.
        first_sale: Money from first_sale_row.amount,
        /// Number of `commission` lines.
        commission_lines: Int as Count of COMMISSION_LINES.amount,
        /// Sum of `commission` lines, as charged: positive.
        commission_paid: Money as Less of COMMISSION_LINES.amount,
        /// A reversal (refund, cancel, correction) stands beside the sale.
        reversed: Flag,
        /// What lines took back (refund, cancel, correction, fee, tax, negative sale) beyond the clawbacks that are expected, up to what
        /// lines gave: positive. A shortfall of so much is explained by the statement.
        explained: Money,
        /// What lines took back of a sale that was read, beyond what lines gave for it: positive, null where nothing. Fees are not money taken
        /// back.
        overdrawn: Money,
        /// The rate by which lines of another currency were converted, such as `1 EUR = 24.31 CZK`; empty where none was.
        fx_rate: Text,
        /// Payout lines without an order number that may be this order's money.
        unassigned_lines: Int,
        /// Amount of the first of them.
        unassigned_amount: Money from unassigned_row.amount,
        /// Sum of `refund` lines, as the statement writes it: negative where money was taken back.
        refunded: Money as Sum of REFUND_LINES.amount,
        /// Day the first line was paid.
        paid_out_on: Date from paid_row.paid_on or paid_row.posted,
        /// Postage that the statement took back.
        postage_refunded: Money as Less of POSTAGE_TAKEN_BACK.amount,
        /// A statement on or after the payout date, or whose period holds it, was read.
        statement_covers: Flag from statement_row.statement_id or statement_row.paid_on or statement_row.posted
            or statement_row.period_from or statement_row.period_to,
        /// The payout date, or its alternative, lies in a gap between the statements that were read.
        statement_lacks: Flag,
        /// Status in the shop system as written.
        shop_status_raw: Word from shop_row.shop_status_raw,
        /// Status in the shop system; `unknown` without one.
        shop_status: Word<OrderStatus> from shop_row.shop_status_raw,
        /// The shop system has a status for the order.
        shop_known: Flag,
        /// The shop's status is a known word without a counterpart.
        shop_no_counterpart: Flag,
        /// Delivery day in the shop system.
        shop_delivered_on: Date from shop_row.shop_delivered_on,
        /// Reference that links a supplier order.
        internal_ref: Text from shop_row.internal_ref or order_row.internal_ref,
        /// Number of parcels.
        shipments: Int,
        /// What all parcels amount to.
        carrier_outcome: Word<CarrierOutcome> from outcome_row.code_raw,
        /// Day of the event that decided it.
        carrier_outcome_on: Date from outcome_row.at,
        /// All parcels were delivered.
        carrier_delivered: Flag from delivered_row.code_raw,
        /// When all parcels were delivered.
        carrier_delivered_at: Instant from delivered_row.at,
        /// Its civil date.
        carrier_delivered_on: Date from delivered_row.at,
        /// The same, but the end of the day when the dump holds days only.
        carrier_delivered_until: Instant,
        /// When the parcel was back at the sender.
        carrier_returned_at: Instant from returned_row.at,
        /// A parcel came back although it had been delivered.
        carrier_back: Flag from back_row.code_raw,
        /// When a parcel was back at the sender although it had been delivered.
        carrier_back_at: Instant from back_row.at,
        /// Last working day on which a return document, a refund or another state may still follow from it.
        carrier_back_until: Date,
        /// When a parcel was damaged.
        carrier_damaged_at: Instant from damaged_row.at,
        /// Parcels that were delivered.
        parcels_delivered: Int,
        /// The carrier saw more than a registration or a cancellation.
        carrier_moved: Flag from outcome_row.code_raw,
        /// Number of events that count.
        carrier_events: Int,
        /// Days from the last event to the end of the carrier's coverage; null without events.
        covered_silence_days: Int,
        /// An invoice bills the order.
        billed: Flag from invoice_row.doc_no,
        /// An invoice of the account, issued when the order was due, does not bill it.
        billing_missed: Flag from invoice_row.doc_no or invoice_row.issued,
        /// The invoice that bills the order, else the later one that does not.
        invoice_row: Row,
        /// What its invoices state, with VAT; null without one that states an amount.
        invoiced: Money from invoice_row.gross,
        /// What its credit notes state, positive.
        credit_noted: Money,
        /// Day a credit note was asked for.
        return_requested_on: Date from document_row.requested_on,
        /// Day until which the credit note must be issued, by the policy of the day it was asked for.
        credit_due_on: Date by "return_requested_on",
        /// Number of the return document.
        return_no: Text from document_row.return_no or document_row.doc_no,
        /// A complete credit note exists.
        credited: Flag,
        /// The status is a known word without a counterpart.
        no_counterpart: Flag,
        /// The order's row.
        order_row: Row,
        /// The event that decided the carrier's outcome.
        outcome_row: Row,
        /// The carrier's delivery.
        delivered_row: Row,
        /// The carrier's return.
        returned_row: Row,
        /// The carrier's return of a delivered parcel.
        back_row: Row,
        /// The carrier's damage.
        damaged_row: Row,
        /// The history row of *delivered*.
        event_row: Row,
        /// The history row of the opening.
        opened_event_row: Row,
        /// The history row of the first status beyond *new*.
        confirmed_event_row: Row,
        /// The first payout line.
        paid_row: Row,
        /// A row of the statement that covers the payout date.
        statement_row: Row,
        /// The first of two equal sales.
        first_sale_row: Row,
        /// The sale that repeats it.
        repeated_row: Row,
        /// The first unassigned line that may be this order's money.
        unassigned_row: Row,
        /// The shop system's row.
        shop_row: Row,
        /// The return document's row.
        document_row: Row,
    }
}
