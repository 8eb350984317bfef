//! One row per order with everything known about it. Row for row the orders frame; what other frames know is joined by key.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::base::map::Map;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as f, orders as o, read};
use crate::reconcile::accounts::{Accounts, ShortCalendar};
use crate::reconcile::confirmations::confirmations;
use crate::reconcile::documents::OrderDocuments;
use crate::reconcile::paid::Paid;
use crate::reconcile::payouts::PaidSum;
use crate::reconcile::settled::{Desk, Histories, Known, SaidOfOrder, Settled};
use crate::reconcile::shipments::models;
use crate::reconcile::shop_side::ShopSide;
use crate::vocab::{CarrierOutcome, MoneyStage, OrderStatus, OutcomeModel, Payment, SettlementState, Word};

/// The order facts, worked out `at_once` orders at a time, and what was paid for each order by its own lines.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn order_facts<'run>(
    orders: &'run DataFrame,
    known: &'run Known<'run>,
    accounts: &Accounts<'run>,
    at_once: usize,
) -> PolarsResult<(DataFrame, Vec<PaidSum>)> {
    let (pipeline, as_of) = (accounts.pipeline(), accounts.as_of);
    let fold = Fold::read(orders, known, accounts)?;
    let shared = fold.shared(accounts);
    let starts: Vec<usize> = (0..orders.height()).step_by(at_once).collect();
    let parts = starts.into_par_iter().map(|start| {
        let accounts = Accounts::new(pipeline, as_of);
        let rows = start..start.saturating_add(at_once).min(orders.height());
        let mut sums = Vec::with_capacity(rows.len());
        let told: Vec<OneOrder> = rows
            .map(|row| {
                let own = known.payouts.of_order(row, &accounts);
                sums.push(own.as_ref().map(PaidSum::of).unwrap_or_default());
                fold.one(row, shared.get(&row).cloned().unwrap_or(own), &accounts)
            })
            .collect();
        let mut facts = FrameBuilder::new(&f::FRAME, told.len());
        GROUPS.iter().for_each(|group| group(&mut facts, &told, &fold));
        (facts, sums, accounts.short_calendars())
    });
    let mut parts: Vec<(FrameBuilder, Vec<PaidSum>, Vec<ShortCalendar>)> = parts.collect();
    let sums = parts.iter_mut().flat_map(|(_, sums, _)| std::mem::take(sums)).collect();
    parts.iter_mut().for_each(|(.., short)| accounts.remember(std::mem::take(short)));
    let built = FrameBuilder::joined(&f::FRAME, parts.into_iter().map(|(facts, ..)| facts).collect())?;
    Ok((taken(orders, known, accounts, built)?, sums))
}

/// All columns of the facts: those of the orders themselves beside those that were worked out.
fn taken(orders: &DataFrame, known: &Known, accounts: &Accounts, built: FrameBuilder) -> PolarsResult<DataFrame> {
    let names = read::texts(orders, o::account)?;
    let mut facts = FrameBuilder::new(&f::FRAME, orders.height());
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
    facts.texts(f::marketplace, names.iter().map(|name| accounts.marketplace(name))).append(texts(orders)?);
    facts.append(confirmations(orders, known.events, accounts)?).append(built);
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

/// What is worked out of all sides, order by order.
struct Fold<'run> {
    known: &'run Known<'run>,
    desk: Desk<'run>,
    names: read::Texts<'run>,
    keys: read::Texts<'run>,
    histories: Histories<'run>,
    models: BTreeMap<&'run str, OutcomeModel>,
    /// Without a document.
    none: OrderDocuments,
    shops: ShopSide<'run>,
    postage: read::Numbers<'run>,
    own_refs: read::Texts<'run>,
    set_at: read::Numbers<'run>,
    delivered_at: read::Numbers<'run>,
    order_rows: read::References<'run>,
}

/// One order with all that is known of it.
struct OneOrder<'run> {
    row: usize,
    said: SaidOfOrder<'run>,
    settled: Settled,
    /// Its row in the shop system.
    shop: Option<usize>,
}

impl OneOrder<'_> {
    fn paid<'a>(&'a self, unpaid: &'a Paid) -> &'a Paid {
        self.said.paid.as_ref().unwrap_or(unpaid)
    }
}

impl<'run> Fold<'run> {
    fn read(orders: &'run DataFrame, known: &'run Known<'run>, accounts: &Accounts<'run>) -> PolarsResult<Fold<'run>> {
        let keys = read::texts(orders, o::order_key)?;
        Ok(Fold {
            known,
            desk: Desk::read(orders)?,
            names: read::texts(orders, o::account)?,
            histories: Histories::read(&keys, known.events)?,
            models: models(accounts),
            none: OrderDocuments::default(),
            shops: ShopSide::read(&keys, known.shops)?,
            keys,
            postage: read::numbers(orders, o::delivery_price)?,
            own_refs: read::texts(orders, o::internal_ref)?,
            set_at: read::instants(orders, o::delivered_set_at)?,
            delivered_at: read::instants(orders, o::delivered_at)?,
            order_rows: read::references(orders, o::row)?,
        })
    }

    fn papers(&self, row: usize) -> &OrderDocuments {
        let by_order = &self.known.papers.by_order;
        let of_parent = || by_order.get(self.known.parents.key_beside_orders(row)?);
        by_order.get(self.keys.at(row)).or_else(of_parent).unwrap_or(&self.none)
    }

    /// An order for which so much was paid.
    fn one(&self, row: usize, paid: Option<Paid>, accounts: &Accounts) -> OneOrder<'_> {
        let name = self.names.at(row);
        let account = accounts.get(name);
        let model = self.models.get(name).copied().unwrap_or(OutcomeModel::Rank);
        let said = SaidOfOrder {
            amounts: self.known.values.amounts(row, account, accounts),
            outcome: self.known.parcels.outcome(row, model),
            paid,
            history: self.histories.of(row),
            papers: self.papers(row),
        };
        let settled = account.map(|account| self.desk.settle(row, self.known, &said, account, accounts));
        OneOrder { row, settled: settled.unwrap_or_default(), shop: self.shops.row(row), said }
    }

    /// What parts were paid of their parents' lines, by what they are due; by row. Most exports know no parents.
    fn shared(&self, accounts: &Accounts) -> Map<usize, Option<Paid>> {
        let (parents, payouts) = (self.known.parents, self.known.payouts);
        let parts: Map<usize, OneOrder> = parents
            .iter()
            .flat_map(|(_, rows)| rows)
            .map(|row| (*row, self.one(*row, payouts.of_order(*row, accounts), accounts)))
            .collect();
        let due = |row: usize| {
            let first = parents.key_of(row).and_then(|key| parents.parts(key).first())?;
            let part = parts.get(&row)?;
            self.desk.due_of_part(row, *first, &part.said.amounts, &part.settled)
        };
        let own = |row: usize| parts.get(&row)?.said.paid.clone();
        parents.share_out(own, |key| payouts.of_key(key, accounts), due)
    }
}

/// Columns of some orders, of one subject each.
type Columns = fn(&mut FrameBuilder, &[OneOrder<'_>], &Fold<'_>);

const GROUPS: [Columns; 6] = [history, amounts, carrier, payouts, shop, documents];

/// What the history of the order says.
fn history(facts: &mut FrameBuilder, all: &[OneOrder<'_>], fold: &Fold<'_>) {
    facts
        .flags(f::passed_open, all.iter().map(|order| order.settled.passed_open))
        .instants(
            f::marked_delivered_at,
            all.iter().map(|order| order.said.history.delivered.map(|(at, _)| at).or(fold.set_at.at(order.row))),
        )
        .flags(
            f::delivered_once,
            all.iter().map(|order| {
                order.said.history.delivered.is_some()
                    || fold.set_at.at(order.row).is_some()
                    || fold.delivered_at.at(order.row).is_some()
            }),
        )
        .references(
            f::event_row,
            all.iter().map(|order| {
                let from_order = (fold.set_at.at(order.row).is_some() || fold.delivered_at.at(order.row).is_some())
                    .then_some(fold.order_rows.at(order.row))
                    .flatten();
                order.said.history.delivered.map(|(_, event)| event).or(from_order)
            }),
        )
        .flags(f::late, all.iter().map(|order| order.settled.late))
        .numbers(f::days_overdue, all.iter().map(|order| order.settled.days_overdue));
}

/// What the order is worth and what of it is due when.
fn amounts(facts: &mut FrameBuilder, all: &[OneOrder<'_>], fold: &Fold<'_>) {
    facts
        .numbers(f::goods, all.iter().map(|order| order.said.amounts.goods))
        .numbers(
            f::goods_cancelled,
            all.iter().map(|order| {
                if order.settled.whole_cancelled {
                    order.said.amounts.goods
                } else {
                    Some(order.said.amounts.goods_cancelled)
                }
            }),
        )
        .numbers(f::lines, all.iter().map(|order| Some(order.said.amounts.lines)))
        .flags(f::whole_cancelled, all.iter().map(|order| order.settled.whole_cancelled))
        .flags(f::partly_cancelled, all.iter().map(|order| order.settled.partly_cancelled))
        .flags(f::withdrawn, all.iter().map(|order| order.settled.withdrawn))
        .flags(f::ended_before_cancel, all.iter().map(|order| order.settled.ended_before_cancel))
        .numbers(f::commission, all.iter().map(|order| order.said.amounts.commission))
        .numbers(
            f::postage_commission,
            all.iter().map(|order| order.said.amounts.postage_commission(fold.postage.at(order.row).unwrap_or(0))),
        )
        .numbers(
            f::sale_value,
            all.iter().map(|order| Some(order.said.amounts.goods? + fold.postage.at(order.row).unwrap_or(0))),
        )
        .numbers(f::claim_net, all.iter().map(|order| order.settled.claim_net))
        .numbers(f::claim_gross, all.iter().map(|order| order.settled.claim_gross))
        .numbers(f::expected_payout, all.iter().map(|order| order.settled.expected_payout))
        .numbers(f::expected_net, all.iter().map(|order| order.settled.expected_net))
        .numbers(f::net_as_ordered, all.iter().map(|order| order.settled.net_as_ordered))
        .numbers(f::cash_expected, all.iter().map(|order| order.settled.cash_expected))
        .numbers(f::tolerance, all.iter().map(|order| Some(order.settled.tolerance)))
        .days(f::hold_from, all.iter().map(|order| order.settled.hold_from))
        .flags(f::paid_without_receipt, all.iter().map(|order| order.settled.paid_without_receipt))
        .days(f::billing_on, all.iter().map(|order| order.settled.dates.billing_on.map(day_number)))
        .days(f::billed_by, all.iter().map(|order| order.settled.billed_by))
        .days(f::payout_on, all.iter().map(|order| order.settled.dates.payout_on.map(day_number)))
        .days(f::due_on, all.iter().map(|order| order.settled.dates.due_on().map(day_number)))
        .days(f::payout_on_alternative, all.iter().map(|order| order.settled.dates.alternative.map(day_number)))
        .days(f::payout_overdue_on, all.iter().map(|order| order.settled.dates.overdue_on.map(day_number)))
        .texts(
            f::policy_version,
            all.iter().map(|order| order.settled.policy.as_ref().map_or("", |policy| policy.version.as_str())),
        )
        .days(
            f::payout_if_marked_in_time,
            all.iter()
                .map(|order| order.settled.payout_if_marked.and_then(|(in_time, _)| in_time.payout_on.map(day_number))),
        )
        .days(
            f::payout_if_marked_today,
            all.iter()
                .map(|order| order.settled.payout_if_marked.and_then(|(_, today)| today.payout_on.map(day_number))),
        )
        .flags(f::eligible, all.iter().map(|order| order.settled.eligible))
        .texts(f::settlement_state, all.iter().map(|order| order.settled.state.map_or("", SettlementState::text)))
        .texts(f::money_stage, all.iter().map(|order| order.settled.money_stage.map_or("", MoneyStage::text)));
}

/// What statements paid.
fn payouts(facts: &mut FrameBuilder, all: &[OneOrder<'_>], _: &Fold<'_>) {
    let unpaid = Paid::default();
    facts
        .numbers(f::paid, all.iter().map(|order| order.said.paid.as_ref().map(|paid| paid.sum)))
        .numbers(f::sale_lines, all.iter().map(|order| Some(order.paid(&unpaid).sales)))
        .numbers(f::repeated_sale, all.iter().map(|order| order.paid(&unpaid).repeated().map(|twin| twin.amount)))
        .numbers(f::first_sale, all.iter().map(|order| order.paid(&unpaid).repeated().map(|twin| twin.amount)))
        .references(f::first_sale_row, all.iter().map(|order| order.paid(&unpaid).repeated()?.first_row))
        .references(f::repeated_row, all.iter().map(|order| order.paid(&unpaid).repeated()?.row))
        .numbers(f::overdrawn, all.iter().map(|order| Some(order.settled.overdrawn).filter(|overdrawn| *overdrawn > 0)))
        .numbers(f::explained, all.iter().map(|order| Some(order.settled.explained)))
        .texts(f::fx_rate, all.iter().map(|order| order.paid(&unpaid).rate()))
        .numbers(f::commission_lines, all.iter().map(|order| Some(order.paid(&unpaid).commissions)))
        .numbers(f::commission_paid, all.iter().map(|order| Some(order.paid(&unpaid).commission)))
        .flags(f::reversed, all.iter().map(|order| order.paid(&unpaid).is_reversed()))
        .numbers(f::refunded, all.iter().map(|order| Some(order.paid(&unpaid).refunded)))
        .days(f::paid_out_on, all.iter().map(|order| order.paid(&unpaid).first_on))
        .references(f::paid_row, all.iter().map(|order| order.paid(&unpaid).first_row))
        .numbers(f::postage_refunded, all.iter().map(|order| Some(order.paid(&unpaid).postage_refunded)))
        .references(f::statement_row, all.iter().map(|order| order.settled.statement_row))
        .flags(f::statement_lacks, all.iter().map(|order| order.settled.statement_lacks))
        .flags(f::statement_covers, all.iter().map(|order| order.settled.statement_covers));
}

/// What the shop system or channel integrator says.
fn shop(facts: &mut FrameBuilder, all: &[OneOrder<'_>], fold: &Fold<'_>) {
    facts
        .texts(f::shop_status_raw, all.iter().map(|order| order.shop.map_or("", |place| fold.shops.raw.at(place))))
        .texts(
            f::shop_status,
            all.iter().map(|order| order.shop.map_or(OrderStatus::Unknown.text(), |place| fold.shops.status.at(place))),
        )
        .flags(f::shop_known, all.iter().map(|order| order.shop.is_some_and(|place| fold.shops.is_known(place))))
        .flags(
            f::shop_no_counterpart,
            all.iter().map(|order| order.shop.is_some_and(|place| fold.shops.has_no_counterpart(place))),
        )
        .days(
            f::shop_delivered_on,
            all.iter().map(|order| order.shop.and_then(|place| fold.shops.delivered_on.at(place))),
        )
        .texts(
            f::internal_ref,
            all.iter().map(|order| match order.shop.map_or("", |place| fold.shops.refs.at(place)) {
                "" => fold.own_refs.at(order.row),
                reference => reference,
            }),
        )
        .references(f::shop_row, all.iter().map(|order| order.shop.and_then(|place| fold.shops.rows.at(place))));
}

/// What the carriers saw.
fn carrier(facts: &mut FrameBuilder, all: &[OneOrder<'_>], _: &Fold<'_>) {
    facts
        .numbers(f::shipments, all.iter().map(|order| Some(order.said.outcome.parcels)))
        .texts(
            f::carrier_outcome,
            all.iter().map(|order| order.said.outcome.outcome.unwrap_or(CarrierOutcome::None).text()),
        )
        .days(f::carrier_outcome_on, all.iter().map(|order| order.said.outcome.decided.map(|event| event.on)))
        .flags(f::carrier_delivered, all.iter().map(|order| order.said.outcome.delivered.is_some()))
        .instants(f::carrier_delivered_at, all.iter().map(|order| order.said.outcome.delivered.map(|event| event.at)))
        .days(f::carrier_delivered_on, all.iter().map(|order| order.said.outcome.delivered.map(|event| event.on)))
        .instants(
            f::carrier_delivered_until,
            all.iter().map(|order| order.said.outcome.delivered.map(|event| event.until())),
        )
        .instants(f::carrier_returned_at, all.iter().map(|order| order.said.outcome.returned.map(|event| event.at)))
        .flags(f::carrier_back, all.iter().map(|order| order.said.outcome.back.is_some()))
        .instants(f::carrier_back_at, all.iter().map(|order| order.said.outcome.back.map(|event| event.at)))
        .days(f::carrier_back_until, all.iter().map(|order| order.settled.back_until.map(day_number)))
        .references(f::back_row, all.iter().map(|order| order.said.outcome.back.map(|event| event.row)))
        .instants(f::carrier_damaged_at, all.iter().map(|order| order.said.outcome.damaged.map(|event| event.at)))
        .references(f::damaged_row, all.iter().map(|order| order.said.outcome.damaged.map(|event| event.row)))
        .numbers(f::parcels_delivered, all.iter().map(|order| Some(order.said.outcome.parcels_delivered)))
        .flags(f::carrier_moved, all.iter().map(|order| order.said.outcome.moved))
        .numbers(f::carrier_events, all.iter().map(|order| Some(order.said.outcome.events)))
        .numbers(f::covered_silence_days, all.iter().map(|order| order.said.outcome.covered_silence))
        .references(f::outcome_row, all.iter().map(|order| order.said.outcome.decided.map(|event| event.row)))
        .references(f::delivered_row, all.iter().map(|order| order.said.outcome.delivered.map(|event| event.row)))
        .references(f::returned_row, all.iter().map(|order| order.said.outcome.returned.map(|event| event.row)));
}

/// Invoices, return documents, credit notes.
fn documents(facts: &mut FrameBuilder, all: &[OneOrder<'_>], _: &Fold<'_>) {
    facts
        .numbers(f::invoiced, all.iter().map(|order| order.said.papers.invoiced))
        .numbers(f::credit_noted, all.iter().map(|order| Some(order.said.papers.credit_noted)))
        .flags(f::billed, all.iter().map(|order| order.said.papers.invoice.is_some()))
        .flags(f::billing_missed, all.iter().map(|order| order.settled.billing_missed.is_some()))
        .references(
            f::invoice_row,
            all.iter()
                .map(|order| order.said.papers.invoice.map(|(_, invoice)| invoice).or(order.settled.billing_missed)),
        )
        .days(
            f::return_requested_on,
            all.iter().map(|order| order.said.papers.returned.as_ref().and_then(|(requested, ..)| *requested)),
        )
        .days(f::credit_due_on, all.iter().map(|order| order.settled.credit_due_on))
        .texts(
            f::return_no,
            all.iter().map(|order| order.said.papers.returned.as_ref().map_or("", |(_, number, _)| number.as_str())),
        )
        .flags(f::credited, all.iter().map(|order| order.said.papers.credited))
        .references(
            f::document_row,
            all.iter().map(|order| order.said.papers.returned.as_ref().map(|(.., document)| *document)),
        );
}

/// How the buyer pays: an amount to collect is COD, whatever the export's word says.
fn payments(orders: &DataFrame) -> PolarsResult<Vec<&str>> {
    let words = read::texts(orders, o::payment)?;
    let cod = read::numbers(orders, o::cod_amount)?;
    let payment =
        |(word, cod): (_, Option<i64>)| if cod.is_some_and(|cod| cod > 0) { Payment::Cod.text() } else { word };
    Ok(words.iter().zip(cod.iter()).map(payment).collect())
}
