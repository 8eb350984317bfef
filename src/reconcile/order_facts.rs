//! One row per order with everything known about it. Row for row the orders frame; what other frames know is joined by key.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::base::map::Map;
use crate::base::zone::{date_of, day_number, to_utc_millis};
use crate::frame::build::FrameBuilder;
use crate::frame::{order_events, order_facts as f, orders as o, read};
use crate::pipeline::Account;
use crate::pipeline::policy::{Policy, PolicyEntry};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::carrier_outcome::Event;
use crate::reconcile::clawbacks::Clawbacks;
use crate::reconcile::confirmations::confirmations;
use crate::reconcile::documents::{OrderDocuments, OrderPapers};
use crate::reconcile::due_amounts::{Services, due_amounts};
use crate::reconcile::order_lines::OrderAmounts;
use crate::reconcile::payout::PayoutDates;
use crate::reconcile::settlement::{Paid, Statements};
use crate::reconcile::shipments::OrderOutcome;
use crate::reconcile::shop_side::ShopSide;
use crate::vocab::{CarrierOutcome, MoneyStage, OrderStatus, Payment, SettlementState, Trait, Word};

/// What the other frames know, aligned with the orders frame or keyed by order.
pub struct Known<'run> {
    /// Amounts, row for row.
    pub amounts: &'run [OrderAmounts],
    /// Carrier outcomes, row for row.
    pub outcomes: &'run [OrderOutcome],
    /// Payout sums by order key.
    pub paid: &'run Map<&'run str, Paid>,
    /// Statements by account.
    pub statements: &'run std::collections::BTreeMap<String, Statements>,
    /// Documents.
    pub papers: &'run OrderPapers,
    /// What is taken back, by row.
    pub clawbacks: &'run Clawbacks,
    /// Order history.
    pub events: &'run DataFrame,
    /// Shop system rows.
    pub shops: &'run DataFrame,
}

/// What is worked out for one order.
#[derive(Debug, Clone, Default)]
struct Settled {
    whole_cancelled: bool,
    partly_cancelled: bool,
    passed_open: bool,
    claim_net: Option<i64>,
    claim_gross: Option<i64>,
    expected_payout: Option<i64>,
    expected_net: Option<i64>,
    cash_expected: Option<i64>,
    tolerance: i64,
    dates: PayoutDates,
    eligible: bool,
    state: Option<SettlementState>,
    net_as_ordered: Option<i64>,
    billed_by: Option<i32>,
    money_stage: Option<MoneyStage>,
    withdrawn: bool,
    ended_before_cancel: bool,
    back_until: Option<NaiveDate>,
    late: bool,
    days_overdue: Option<i64>,
    /// A row of the statement that covers the payout date.
    statement_row: Option<u64>,
    statement_covers: bool,
    billing_missed: Option<u64>,
    payout_if_marked: Option<(PayoutDates, PayoutDates)>,
    credit_due_on: Option<i32>,
    policy: Option<Arc<Policy>>,
}

/// Before its final state.
fn is_open(status: OrderStatus) -> bool {
    use OrderStatus as S;
    matches!(status, S::New | S::Accepted | S::Packing | S::ReadyForPickup | S::Shipped)
}

/// The history of an order, where the export has one.
#[derive(Debug, Clone, Copy, Default)]
struct History {
    opened: bool,
    delivered: Option<(i64, u64)>,
}

/// Builds the order facts.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn order_facts(orders: &DataFrame, known: &Known, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let keys = read::texts(orders, o::order_key)?;
    let names = read::texts(orders, o::account)?;
    let histories = histories(known.events)?;
    let shops = ShopSide::read(known.shops)?;
    let none = OrderDocuments::default();
    let papers: Vec<&OrderDocuments> = keys.iter().map(|key| known.papers.by_order.get(key).unwrap_or(&none)).collect();
    let unpaid = Paid::default();
    let settled = Desk::read(orders)?.settle(known, &histories, &papers, accounts)?;
    let sides = Sides {
        amounts: known.amounts,
        outcomes: known.outcomes,
        settled: &settled,
        paid: keys.iter().map(|key| known.paid.get(key)).collect(),
        unpaid: &unpaid,
        papers: &papers,
        history: keys.iter().map(|key| histories.get(key).copied().unwrap_or_default()).collect(),
        shop: keys.iter().map(|key| shops.places.get(key).copied()).collect(),
        shops: &shops,
        postage: read::numbers(orders, o::delivery_price)?,
        own_refs: read::texts(orders, o::internal_ref)?,
        set_at: read::instants(orders, o::delivered_set_at)?,
        delivered_at: read::instants(orders, o::delivered_at)?,
        order_rows: read::references(orders, o::row)?,
    };
    let (groups, texts): (Vec<FrameBuilder>, _) =
        rayon::join(|| GROUPS.par_iter().with_max_len(1).map(|group| group(&sides)).collect(), || texts(orders));
    let mut facts = FrameBuilder::new(&f::FRAME, keys.len());
    for (fact, column) in [
        (f::account, o::account),
        (f::order_key, o::order_key),
        (f::order_no, o::order_no),
        (f::currency, o::currency),
        (f::status_raw, o::status_raw),
        (f::status, o::status),
        (f::test, o::test),
        (f::own_delivery, o::own_delivery),
        (f::box_size, o::box_size),
        (f::shipping_method, o::shipping_method),
        (f::carrier, o::carrier),
        (f::created_at, o::created_at),
        (f::created_on, o::created_on),
        (f::paid_on, o::paid_on),
        (f::opened_at, o::opened_at),
        (f::confirmed_at, o::confirmed_at),
        (f::cancelled_at, o::cancelled_at),
        (f::shipped_at, o::shipped_at),
        (f::shipped_on, o::shipped_on),
        (f::delivered_at, o::delivered_at),
        (f::delivered_on, o::delivered_on),
        (f::returned_on, o::returned_on),
        (f::cancelled_on, o::cancelled_on),
        (f::cancel_actor, o::cancel_actor),
        (f::expected_delivery_date, o::expected_delivery_date),
        (f::delivery_date, o::delivery_date),
        (f::first_attempt_on, o::first_attempt_on),
        (f::postage, o::delivery_price),
        (f::cod_fee, o::cod_fee),
        (f::cod_amount, o::cod_amount),
        (f::order_row, o::row),
    ] {
        facts.take(fact, orders, column)?;
    }
    facts.texts(f::marketplace, names.iter().map(|name| accounts.marketplace(name))).append(texts?);
    facts.append(confirmations(orders, known.events, accounts)?);
    for group in groups {
        facts.append(group);
    }
    facts.finish()
}

/// What the orders say in texts that may be missing, and what follows from a word alone.
fn texts(orders: &DataFrame) -> PolarsResult<FrameBuilder> {
    let statuses = read::texts(orders, o::status)?;
    let mut facts = FrameBuilder::new(&f::FRAME, orders.height());
    facts
        .take_text(f::tracking_number_raw, orders, o::tracking_number_raw)?
        .take_text(f::tracking_number, orders, o::tracking_number)?
        .take_text(f::tracking_url, orders, o::tracking_url)?
        .take_text(f::replaced_by, orders, o::replaced_by)?
        .texts(f::payment, payments(orders)?)
        .flags(f::no_counterpart, statuses.iter().map(|status| status == OrderStatus::Unknown.text()));
    Ok(facts)
}

/// Everything known about the orders, row for row.
struct Sides<'run> {
    amounts: &'run [OrderAmounts],
    outcomes: &'run [OrderOutcome],
    settled: &'run [Settled],
    paid: Vec<Option<&'run Paid>>,
    unpaid: &'run Paid,
    papers: &'run [&'run OrderDocuments],
    history: Vec<History>,
    /// Place of the order in the shop system's rows.
    shop: Vec<Option<usize>>,
    shops: &'run ShopSide<'run>,
    postage: read::Numbers<'run>,
    own_refs: read::Texts<'run>,
    set_at: read::Numbers<'run>,
    delivered_at: read::Numbers<'run>,
    order_rows: read::References<'run>,
}

impl<'run> Sides<'run> {
    fn rows(&self) -> std::ops::Range<usize> {
        0..self.settled.len()
    }

    fn builder(&self) -> FrameBuilder {
        FrameBuilder::new(&f::FRAME, self.settled.len())
    }

    fn paid(&self, row: usize) -> &'run Paid {
        self.paid[row].unwrap_or(self.unpaid)
    }
}

/// Columns of one subject each, built side by side.
const GROUPS: [fn(&Sides<'_>) -> FrameBuilder; 6] = [history, amounts, carrier, payouts, shop, documents];

/// What the history of the order says.
fn history(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .flags(f::passed_open, sides.settled.iter().map(|order| order.passed_open))
        .instants(
            f::marked_delivered_at,
            sides.rows().map(|row| sides.history[row].delivered.map(|(at, _)| at).or(sides.set_at.at(row))),
        )
        .flags(
            f::delivered_once,
            sides.rows().map(|row| {
                sides.history[row].delivered.is_some()
                    || sides.set_at.at(row).is_some()
                    || sides.delivered_at.at(row).is_some()
            }),
        )
        .references(
            f::event_row,
            sides.rows().map(|row| {
                let from_order = (sides.set_at.at(row).is_some() || sides.delivered_at.at(row).is_some())
                    .then_some(sides.order_rows.at(row))
                    .flatten();
                sides.history[row].delivered.map(|(_, event)| event).or(from_order)
            }),
        )
        .flags(f::late, sides.settled.iter().map(|order| order.late))
        .numbers(f::days_overdue, sides.settled.iter().map(|order| order.days_overdue));
    facts
}

/// What the order is worth and what of it is due when.
fn amounts(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .numbers(f::goods, sides.rows().map(|row| sides.amounts[row].goods))
        .numbers(
            f::goods_cancelled,
            sides.rows().map(|row| {
                if sides.settled[row].whole_cancelled {
                    sides.amounts[row].goods
                } else {
                    Some(sides.amounts[row].goods_cancelled)
                }
            }),
        )
        .numbers(f::lines, sides.amounts.iter().map(|amounts| Some(amounts.lines)))
        .flags(f::whole_cancelled, sides.settled.iter().map(|order| order.whole_cancelled))
        .flags(f::partly_cancelled, sides.settled.iter().map(|order| order.partly_cancelled))
        .flags(f::withdrawn, sides.settled.iter().map(|order| order.withdrawn))
        .flags(f::ended_before_cancel, sides.settled.iter().map(|order| order.ended_before_cancel))
        .numbers(f::commission, sides.amounts.iter().map(|amounts| amounts.commission))
        .numbers(
            f::postage_commission,
            sides.rows().map(|row| sides.amounts[row].postage_commission(sides.postage.at(row).unwrap_or(0))),
        )
        .numbers(
            f::sale_value,
            sides.rows().map(|row| Some(sides.amounts[row].goods? + sides.postage.at(row).unwrap_or(0))),
        )
        .numbers(f::claim_net, sides.settled.iter().map(|order| order.claim_net))
        .numbers(f::claim_gross, sides.settled.iter().map(|order| order.claim_gross))
        .numbers(f::expected_payout, sides.settled.iter().map(|order| order.expected_payout))
        .numbers(f::expected_net, sides.settled.iter().map(|order| order.expected_net))
        .numbers(f::net_as_ordered, sides.settled.iter().map(|order| order.net_as_ordered))
        .numbers(f::cash_expected, sides.settled.iter().map(|order| order.cash_expected))
        .numbers(f::tolerance, sides.settled.iter().map(|order| Some(order.tolerance)))
        .days(f::billing_on, sides.settled.iter().map(|order| order.dates.billing_on.map(day_number)))
        .days(f::billed_by, sides.settled.iter().map(|order| order.billed_by))
        .days(f::payout_on, sides.settled.iter().map(|order| order.dates.payout_on.map(day_number)))
        .days(f::payout_on_alternative, sides.settled.iter().map(|order| order.dates.alternative.map(day_number)))
        .days(f::payout_overdue_on, sides.settled.iter().map(|order| order.dates.overdue_on.map(day_number)))
        .texts(
            f::policy_version,
            sides.settled.iter().map(|order| order.policy.as_ref().map_or("", |policy| policy.version.as_str())),
        )
        .days(
            f::payout_if_marked_in_time,
            sides
                .settled
                .iter()
                .map(|order| order.payout_if_marked.and_then(|(in_time, _)| in_time.payout_on.map(day_number))),
        )
        .days(
            f::payout_if_marked_today,
            sides
                .settled
                .iter()
                .map(|order| order.payout_if_marked.and_then(|(_, today)| today.payout_on.map(day_number))),
        )
        .flags(f::eligible, sides.settled.iter().map(|order| order.eligible))
        .texts(f::settlement_state, sides.settled.iter().map(|order| order.state.map_or("", SettlementState::text)))
        .texts(f::money_stage, sides.settled.iter().map(|order| order.money_stage.map_or("", MoneyStage::text)));
    facts
}

/// What statements paid.
fn payouts(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .numbers(f::paid, sides.paid.iter().map(|paid| paid.map(|paid| paid.sum)))
        .numbers(f::sale_lines, sides.rows().map(|row| Some(sides.paid(row).sales)))
        .numbers(f::smallest_sale, sides.rows().map(|row| sides.paid(row).smallest_sale))
        .references(f::last_sale_row, sides.rows().map(|row| sides.paid(row).last_sale_row))
        .numbers(f::commission_lines, sides.rows().map(|row| Some(sides.paid(row).commissions)))
        .numbers(f::commission_paid, sides.rows().map(|row| Some(sides.paid(row).commission)))
        .flags(f::reversed, sides.rows().map(|row| sides.paid(row).reversed))
        .numbers(f::refunded, sides.rows().map(|row| Some(sides.paid(row).refunded)))
        .days(f::paid_out_on, sides.rows().map(|row| sides.paid(row).first_on))
        .references(f::paid_row, sides.rows().map(|row| sides.paid(row).first_row))
        .numbers(f::postage_refunded, sides.rows().map(|row| Some(sides.paid(row).postage_refunded)))
        .references(f::statement_row, sides.settled.iter().map(|order| order.statement_row))
        .flags(f::statement_covers, sides.settled.iter().map(|order| order.statement_covers));
    facts
}

/// What the shop system or channel integrator says.
fn shop(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .texts(
            f::shop_status_raw,
            sides.rows().map(|row| sides.shop[row].map_or("", |place| sides.shops.raw.at(place))),
        )
        .texts(
            f::shop_status,
            sides
                .rows()
                .map(|row| sides.shop[row].map_or(OrderStatus::Unknown.text(), |place| sides.shops.status.at(place))),
        )
        .flags(f::shop_known, sides.rows().map(|row| sides.shop[row].is_some_and(|place| sides.shops.is_known(place))))
        .flags(
            f::shop_no_counterpart,
            sides.rows().map(|row| sides.shop[row].is_some_and(|place| sides.shops.has_no_counterpart(place))),
        )
        .days(
            f::shop_delivered_on,
            sides.rows().map(|row| sides.shop[row].and_then(|place| sides.shops.delivered_on.at(place))),
        )
        .texts(
            f::internal_ref,
            sides.rows().map(|row| match sides.shop[row].map_or("", |place| sides.shops.refs.at(place)) {
                "" => sides.own_refs.at(row),
                reference => reference,
            }),
        )
        .references(f::shop_row, sides.rows().map(|row| sides.shop[row].and_then(|place| sides.shops.rows.at(place))));
    facts
}

/// What the carriers saw.
fn carrier(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .numbers(f::shipments, sides.rows().map(|row| Some(sides.outcomes[row].parcels)))
        .texts(
            f::carrier_outcome,
            sides.rows().map(|row| sides.outcomes[row].outcome.unwrap_or(CarrierOutcome::None).text()),
        )
        .days(f::carrier_outcome_on, sides.rows().map(|row| sides.outcomes[row].decided.map(|event| event.on)))
        .instants(f::carrier_delivered_at, sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.at)))
        .days(f::carrier_delivered_on, sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.on)))
        .instants(
            f::carrier_delivered_until,
            sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.until())),
        )
        .instants(f::carrier_returned_at, sides.rows().map(|row| sides.outcomes[row].returned.map(|event| event.at)))
        .instants(f::carrier_back_at, sides.rows().map(|row| sides.outcomes[row].back.map(|event| event.at)))
        .days(f::carrier_back_until, sides.settled.iter().map(|order| order.back_until.map(day_number)))
        .references(f::back_row, sides.rows().map(|row| sides.outcomes[row].back.map(|event| event.row)))
        .instants(f::carrier_damaged_at, sides.rows().map(|row| sides.outcomes[row].damaged.map(|event| event.at)))
        .references(f::damaged_row, sides.rows().map(|row| sides.outcomes[row].damaged.map(|event| event.row)))
        .numbers(f::parcels_delivered, sides.rows().map(|row| Some(sides.outcomes[row].parcels_delivered)))
        .flags(f::carrier_moved, sides.rows().map(|row| sides.outcomes[row].moved))
        .numbers(f::carrier_events, sides.rows().map(|row| Some(sides.outcomes[row].events)))
        .numbers(f::covered_silence_days, sides.rows().map(|row| sides.outcomes[row].covered_silence))
        .references(f::outcome_row, sides.rows().map(|row| sides.outcomes[row].decided.map(|event| event.row)))
        .references(f::delivered_row, sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.row)))
        .references(f::returned_row, sides.rows().map(|row| sides.outcomes[row].returned.map(|event| event.row)));
    facts
}

/// Invoices, return documents, credit notes.
fn documents(sides: &Sides<'_>) -> FrameBuilder {
    let mut facts = sides.builder();
    facts
        .flags(f::billed, sides.papers.iter().map(|papers| papers.invoice.is_some()))
        .flags(f::billing_missed, sides.settled.iter().map(|order| order.billing_missed.is_some()))
        .references(
            f::invoice_row,
            sides
                .rows()
                .map(|row| sides.papers[row].invoice.map(|(_, invoice)| invoice).or(sides.settled[row].billing_missed)),
        )
        .days(
            f::return_requested_on,
            sides.papers.iter().map(|papers| papers.returned.as_ref().and_then(|(requested, ..)| *requested)),
        )
        .days(f::credit_due_on, sides.settled.iter().map(|order| order.credit_due_on))
        .texts(
            f::return_no,
            sides.papers.iter().map(|papers| papers.returned.as_ref().map_or("", |(_, number, _)| number.as_str())),
        )
        .flags(f::credited, sides.papers.iter().map(|papers| papers.credited))
        .references(
            f::document_row,
            sides.papers.iter().map(|papers| papers.returned.as_ref().map(|(.., document)| *document)),
        );
    facts
}

/// How the buyer pays: an amount to collect is COD, whatever the export's word says.
fn payments(orders: &DataFrame) -> PolarsResult<Vec<&str>> {
    let words = read::texts(orders, o::payment)?;
    let cod = read::numbers(orders, o::cod_amount)?;
    let payment =
        |(word, cod): (_, Option<i64>)| if cod.is_some_and(|cod| cod > 0) { Payment::Cod.text() } else { word };
    Ok(words.iter().zip(cod.iter()).map(payment).collect())
}

fn histories(events: &DataFrame) -> PolarsResult<Map<&str, History>> {
    let keys = read::texts(events, order_events::order_key)?;
    let words = read::texts(events, order_events::to_status)?;
    let at = read::instants(events, order_events::at)?;
    let rows = read::references(events, order_events::row)?;
    let mut histories: Map<&str, History> = Map::default();
    for row in 0..keys.len() {
        let history = histories.entry(keys.at(row)).or_default();
        history.opened |= words.at(row) == OrderStatus::New.text();
        if words.at(row) == OrderStatus::Delivered.text() && history.delivered.is_none() {
            history.delivered = at.at(row).zip(rows.at(row));
        }
    }
    Ok(histories)
}

/// The columns of the orders frame that settlement reads.
struct Desk<'run> {
    keys: read::Texts<'run>,
    names: read::Texts<'run>,
    statuses: read::Texts<'run>,
    tests: read::Flags<'run>,
    own_delivery: read::Flags<'run>,
    created_on: read::Days<'run>,
    shipped_on: read::Days<'run>,
    delivered_on: read::Days<'run>,
    expected_on: read::Days<'run>,
    promised_on: read::Days<'run>,
    dispatch_on: read::Days<'run>,
    cancelled_at: read::Numbers<'run>,
    cancelled_on: read::Days<'run>,
    opened_at: read::Numbers<'run>,
    blocked_at: read::Numbers<'run>,
    postage: read::Numbers<'run>,
    cod_fee: read::Numbers<'run>,
    cod_amount: read::Numbers<'run>,
    discount: read::Numbers<'run>,
}

impl<'run> Desk<'run> {
    fn read(orders: &'run DataFrame) -> PolarsResult<Desk<'run>> {
        Ok(Desk {
            keys: read::texts(orders, o::order_key)?,
            names: read::texts(orders, o::account)?,
            statuses: read::texts(orders, o::status)?,
            tests: read::flags(orders, o::test)?,
            own_delivery: read::flags(orders, o::own_delivery)?,
            created_on: read::days(orders, o::created_on)?,
            shipped_on: read::days(orders, o::shipped_on)?,
            delivered_on: read::days(orders, o::delivered_on)?,
            expected_on: read::days(orders, o::expected_delivery_date)?,
            promised_on: read::days(orders, o::delivery_date)?,
            dispatch_on: read::days(orders, o::ship_date)?,
            cancelled_at: read::instants(orders, o::cancelled_at)?,
            cancelled_on: read::days(orders, o::cancelled_on)?,
            opened_at: read::instants(orders, o::opened_at)?,
            blocked_at: read::instants(orders, o::blocked_at)?,
            postage: read::numbers(orders, o::delivery_price)?,
            cod_fee: read::numbers(orders, o::cod_fee)?,
            cod_amount: read::numbers(orders, o::cod_amount)?,
            discount: read::numbers(orders, o::discount)?,
        })
    }

    fn settle(
        &self,
        known: &Known,
        histories: &Map<&str, History>,
        papers: &[&OrderDocuments],
        accounts: &Accounts,
    ) -> PolarsResult<Vec<Settled>> {
        Ok((0..self.keys.len())
            .map(|row| {
                let history = histories.get(self.keys.at(row)).copied().unwrap_or_default();
                match accounts.get(self.names.at(row)) {
                    Some(account) => self.settle_one(row, known, history, papers[row], account, accounts),
                    None => Settled::default(),
                }
            })
            .collect())
    }

    fn settle_one<'acc>(
        &self,
        row: usize,
        known: &Known,
        history: History,
        papers: &OrderDocuments,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) -> Settled {
        let amounts = &known.amounts[row];
        let status = OrderStatus::of(self.statuses.at(row)).unwrap_or(OrderStatus::Unknown);
        let policy = accounts.policy(account, self.created_on.at(row));
        let whole_cancelled =
            matches!(status, OrderStatus::Cancelled | OrderStatus::Rejected) || amounts.all_cancelled();
        let mut settled = Settled {
            whole_cancelled,
            partly_cancelled: !whole_cancelled && amounts.pieces_cancelled > 0,
            passed_open: history.opened
                || self.opened_at.at(row).is_some()
                || (self.blocked_at.at(row).is_none() && status != OrderStatus::Blocked),
            tolerance: policy.entry.tolerance(amounts.lines),
            days_overdue: self.days_overdue(row, status, accounts),
            late: self.is_late(row, status, accounts),
            back_until: known.outcomes[row].back.and_then(|back| accounts.after_return(account, back.on)),
            ..Settled::default()
        };
        if whole_cancelled {
            let ended = &known.outcomes[row];
            let carrier_delivered = ended.delivered.is_some_and(|event| self.before_cancel(row, event, account));
            let marked = self.delivered_on.at(row).zip(self.cancelled_on.at(row));
            settled.withdrawn =
                carrier_delivered || marked.is_some_and(|(delivered, cancelled)| delivered <= cancelled);
            let is_over = matches!(
                ended.outcome,
                Some(CarrierOutcome::Delivered | CarrierOutcome::Returned | CarrierOutcome::Lost)
            );
            let over = ended.decided.filter(|_| is_over);
            settled.ended_before_cancel = over
                .is_some_and(|event| self.cancelled_on.at(row).is_none() || self.before_cancel(row, event, account));
        }
        let refunds_postage = policy.entry.full_cancel_refunds_postage.unwrap_or(true);
        let services = self.services(row, account, &policy.entry);
        let due = due_amounts(account, amounts, services, whole_cancelled, refunds_postage);
        settled.net_as_ordered = due_amounts(account, &amounts.as_ordered(), services, false, refunds_postage).net;
        (settled.claim_net, settled.claim_gross) = (due.claim_net, due.claim_gross);
        (settled.expected_payout, settled.expected_net) = (due.payout, due.net);
        settled.cash_expected = due.cash;
        let untracked = self
            .sent_untracked(row, known)
            .and_then(|sent| Some((sent, accounts.payout_dates_untracked(account, sent)?)));
        let received = self.delivered_on.at(row).or(untracked.map(|(sent, _)| sent)).filter(|day| {
            !self.tests.at(row) && !whole_cancelled && accounts.is_billable(account, self.statuses.at(row), Some(*day))
        });
        if let Some(day) = received {
            settled.dates = match untracked {
                Some((_, dates)) => dates,
                None => self.dates(day, papers, account, accounts),
            };
            settled.eligible = settled.dates.payout_on.is_some() && settled.cash_expected.is_some();
        }
        self.before_clawbacks(row, &mut settled, known, account, accounts);
        settled.state = Some(match (settled.eligible, self.tests.at(row), whole_cancelled, received) {
            (true, ..) => SettlementState::Eligible,
            (_, true, ..) => SettlementState::Test,
            (_, _, true, _) => SettlementState::Cancelled,
            (.., Some(_)) => SettlementState::NotComputable,
            _ => match status {
                OrderStatus::Returned | OrderStatus::Lost => SettlementState::NothingDue,
                // Delivered, and nothing says when.
                _ if accounts.is_billable(account, self.statuses.at(row), None) && status == OrderStatus::Delivered => {
                    SettlementState::NotComputable
                }
                _ => SettlementState::WaitingDelivery,
            },
        });
        let period = account
            .has(Trait::InvoicesByPeriod)
            .then(|| accounts.policy(account, self.delivered_on.at(row)).entry.billing_period)
            .flatten();
        settled.billed_by = settled.dates.billing_on.map(|day| day_number(day) + period.unwrap_or(0) as i32);
        let is_billed =
            papers.invoice.is_some() || settled.billed_by.is_some_and(|day| day <= day_number(accounts.as_of.0));
        let paid = known.paid.get(self.keys.at(row));
        settled.money_stage = Some(match paid.is_some_and(|paid| paid.sales > 0 || paid.sum > 0) {
            true => MoneyStage::Paid,
            false if is_billed => MoneyStage::Billed,
            false => MoneyStage::NotBilled,
        });
        let statements = settled.dates.payout_on.zip(known.statements.get(self.names.at(row)));
        let covering = statements.filter(|(day, statements)| statements.cover(day_number(*day)));
        settled.statement_covers = covering.is_some();
        settled.statement_row = covering.and_then(|(day, statements)| statements.covering_row(day_number(day)));
        settled.policy = Some(accounts.policy(account, self.delivered_on.at(row).or(self.created_on.at(row))));
        let requested = papers.returned.as_ref().and_then(|(requested, ..)| *requested);
        settled.credit_due_on = requested.and_then(|day| {
            let days = accounts.policy(account, Some(day)).entry.credit_note_days?;
            Some(day + days as i32)
        });
        let unmarked = known.outcomes[row].delivered.filter(|_| is_open(status) && !self.tests.at(row));
        settled.payout_if_marked = unmarked.filter(|_| account.has(Trait::PaysByCalendar)).map(|event| {
            let marked = |day| accounts.payout_dates(account, day);
            (marked(event.on), marked(day_number(accounts.as_of.0)))
        });
        settled.billing_missed = self.billing_missed(row, known, papers, account, accounts, status);
        settled
    }

    fn days_overdue(&self, row: usize, status: OrderStatus, accounts: &Accounts) -> Option<i64> {
        let late = day_number(accounts.as_of.0) - self.expected_on.at(row)?;
        (is_open(status) && !self.tests.at(row) && late > 0).then_some(i64::from(late))
    }

    /// Whether an order that is before its final state is past a promised day of whichever source.
    fn is_late(&self, row: usize, status: OrderStatus, accounts: &Accounts) -> bool {
        let today = day_number(accounts.as_of.0);
        let is_past = |day: Option<i32>| day.is_some_and(|day| day < today);
        let is_sent = matches!(status, OrderStatus::Shipped | OrderStatus::ReadyForPickup);
        let dispatch = self.dispatch_on.at(row).filter(|_| !is_sent);
        is_open(status)
            && !self.tests.at(row)
            && [self.expected_on.at(row), self.promised_on.at(row), dispatch].into_iter().any(is_past)
    }

    /// Whether an event came before the cancellation. On one day it did unless both times are known and say otherwise.
    fn before_cancel(&self, row: usize, event: Event, account: &Account) -> bool {
        let (Some(day), Some(at)) = (self.cancelled_on.at(row), self.cancelled_at.at(row)) else { return false };
        let midnight = date_of(day).map(|day| to_utc_millis(day.and_time(NaiveTime::MIN), account.timezone));
        let is_timed = !event.day_only && midnight != Some(at);
        match event.on.cmp(&day) {
            Ordering::Equal => !is_timed || event.at <= at,
            order => order.is_lt(),
        }
    }

    fn services(&self, row: usize, account: &Account, policy: &PolicyEntry) -> Services {
        // COD is known by its amount, never by the word of the payment (rulebook §1.4).
        let holds_cash = account.has(Trait::SetsOffCod) && !self.own_delivery.at(row);
        let deducts = policy.cod_minus_discount.unwrap_or(false);
        let discount = if deducts { self.discount.at(row).unwrap_or(0) } else { 0 };
        Services {
            postage: self.postage.at(row).unwrap_or(0),
            cod_fee: self.cod_fee.at(row).unwrap_or(0),
            held: if holds_cash { self.cod_amount.at(row).unwrap_or(0) - discount } else { 0 },
        }
    }

    /// The day on which an order without any tracking was sent.
    fn sent_untracked(&self, row: usize, known: &Known) -> Option<i32> {
        self.shipped_on.at(row).filter(|_| known.outcomes[row].parcels == 0)
    }

    /// An order with a clawback was due before: in full on its payout date. What its lines should add up to sinks when the clawback
    /// has come, or when a statement of its date was read.
    fn before_clawbacks<'acc>(
        &self,
        row: usize,
        settled: &mut Settled,
        known: &Known,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) {
        let Some((clawbacks, received)) = known.clawbacks.get(&row).zip(self.delivered_on.at(row)) else { return };
        let reversed = known.paid.get(self.keys.at(row)).is_some_and(|paid| paid.reversed);
        let statements = known.statements.get(self.names.at(row));
        let is_read = |day| statements.is_some_and(|statements| statements.cover(day));
        settled.dates = accounts.payout_dates(account, received);
        for clawback in clawbacks {
            settled.cash_expected = settled.cash_expected.map(|cash| cash - clawback.amount);
            if !reversed && !clawback.payout_on.is_some_and(is_read) {
                settled.expected_payout = settled.expected_payout.map(|payout| payout - clawback.amount);
            }
        }
    }

    /// Payout dates; the due date of the invoice that bills the order wins over the computed one.
    fn dates<'acc>(
        &self,
        received: i32,
        papers: &OrderDocuments,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) -> PayoutDates {
        let mut dates = accounts.payout_dates(account, received);
        if account.has(Trait::InvoicesByPeriod)
            && let Some(due) = papers.invoice_due.and_then(date_of)
        {
            dates.payout_on = Some(due);
            dates.overdue_on = Some(due);
        }
        dates
    }

    /// The invoice that should have billed a delivered order and did not (SO-005).
    fn billing_missed<'acc>(
        &self,
        row: usize,
        known: &Known,
        papers: &OrderDocuments,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
        status: OrderStatus,
    ) -> Option<u64> {
        let delivered = self.delivered_on.at(row)?;
        if status != OrderStatus::Delivered || papers.invoice.is_some() || self.tests.at(row) {
            return None;
        }
        let period = accounts.policy(account, Some(delivered)).entry.billing_period?;
        let issued = known.papers.issued.get(self.names.at(row))?;
        issued.iter().find(|(day, _)| *day >= delivered + period as i32).map(|(_, invoice)| *invoice)
    }
}
