//! One row per order with everything known about it. Row for row the orders frame; what other frames know is joined by key.

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as f, orders as o, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::confirmations::confirmations;
use crate::reconcile::documents::OrderDocuments;
use crate::reconcile::order_lines::OrderAmounts;
use crate::reconcile::paid::Paid;
use crate::reconcile::settled::{Desk, History, Known, SaidOfOrder, Settled, histories};
use crate::reconcile::shipments::OrderOutcome;
use crate::reconcile::shop_side::ShopSide;
use crate::vocab::{CarrierOutcome, MoneyStage, OrderStatus, Payment, SettlementState, Word};

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
    let of_parent = |row: usize| known.papers.by_order.get(known.parents.key_beside_orders(row)?);
    let papers: Vec<&OrderDocuments> = (0..keys.len())
        .map(|row| known.papers.by_order.get(keys.at(row)).or_else(|| of_parent(row)).unwrap_or(&none))
        .collect();
    let unpaid = Paid::default();
    let desk = Desk::read(orders)?;
    let mut settled = desk.settle(known, &histories, &papers, accounts);
    let shared = desk.share_out(known, &settled);
    for (row, paid) in &shared {
        if let Some(account) = accounts.get(names.at(*row)) {
            let history = histories.get(keys.at(*row)).copied().unwrap_or_default();
            let side = SaidOfOrder { paid: paid.as_ref(), history, papers: papers[*row] };
            settled[*row] = desk.settle_one(*row, known, side, account, accounts);
        }
    }
    let sides = Sides {
        amounts: known.amounts,
        outcomes: known.outcomes,
        settled: &settled,
        paid: (0..keys.len())
            .map(|row| shared.get(&row).map_or_else(|| known.paid.get(keys.at(row)), Option::as_ref))
            .collect(),
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
        .days(f::hold_from, sides.settled.iter().map(|order| order.hold_from))
        .flags(f::paid_without_receipt, sides.settled.iter().map(|order| order.paid_without_receipt))
        .days(f::billing_on, sides.settled.iter().map(|order| order.dates.billing_on.map(day_number)))
        .days(f::billed_by, sides.settled.iter().map(|order| order.billed_by))
        .days(f::payout_on, sides.settled.iter().map(|order| order.dates.payout_on.map(day_number)))
        .days(f::due_on, sides.settled.iter().map(|order| order.dates.due_on().map(day_number)))
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
        .numbers(f::repeated_sale, sides.rows().map(|row| sides.paid(row).repeated().map(|twin| twin.amount)))
        .numbers(f::first_sale, sides.rows().map(|row| sides.paid(row).repeated().map(|twin| twin.amount)))
        .references(f::first_sale_row, sides.rows().map(|row| sides.paid(row).repeated()?.first_row))
        .references(f::repeated_row, sides.rows().map(|row| sides.paid(row).repeated()?.row))
        .numbers(
            f::overdrawn,
            sides.settled.iter().map(|order| Some(order.overdrawn).filter(|overdrawn| *overdrawn > 0)),
        )
        .numbers(f::explained, sides.rows().map(|row| Some(sides.settled[row].explained)))
        .texts(f::fx_rate, sides.rows().map(|row| sides.paid(row).rate()))
        .numbers(f::commission_lines, sides.rows().map(|row| Some(sides.paid(row).commissions)))
        .numbers(f::commission_paid, sides.rows().map(|row| Some(sides.paid(row).commission)))
        .flags(f::reversed, sides.rows().map(|row| sides.paid(row).is_reversed()))
        .numbers(f::refunded, sides.rows().map(|row| Some(sides.paid(row).refunded)))
        .days(f::paid_out_on, sides.rows().map(|row| sides.paid(row).first_on))
        .references(f::paid_row, sides.rows().map(|row| sides.paid(row).first_row))
        .numbers(f::postage_refunded, sides.rows().map(|row| Some(sides.paid(row).postage_refunded)))
        .references(f::statement_row, sides.settled.iter().map(|order| order.statement_row))
        .flags(f::statement_lacks, sides.settled.iter().map(|order| order.statement_lacks))
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
        .flags(f::carrier_delivered, sides.rows().map(|row| sides.outcomes[row].delivered.is_some()))
        .instants(f::carrier_delivered_at, sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.at)))
        .days(f::carrier_delivered_on, sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.on)))
        .instants(
            f::carrier_delivered_until,
            sides.rows().map(|row| sides.outcomes[row].delivered.map(|event| event.until())),
        )
        .instants(f::carrier_returned_at, sides.rows().map(|row| sides.outcomes[row].returned.map(|event| event.at)))
        .flags(f::carrier_back, sides.rows().map(|row| sides.outcomes[row].back.is_some()))
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
        .numbers(f::invoiced, sides.papers.iter().map(|papers| papers.invoiced))
        .numbers(f::credit_noted, sides.papers.iter().map(|papers| Some(papers.credit_noted)))
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
