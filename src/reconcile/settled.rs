//! What is worked out for one order: what is due of it and when, whether statements cover it, where its money stands.

use crate::base::money;
use crate::base::zone::{date_of, day_number, local_day, to_utc_millis};
use crate::frame::lineage::Parts;
use crate::frame::{order_events, orders as o, read};
use crate::pipeline::Account;
use crate::pipeline::policy::{Policy, PolicyEntry};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::carrier_outcome::Event;
use crate::reconcile::clawbacks::Clawbacks;
use crate::reconcile::documents::{OrderDocuments, OrderPapers};
use crate::reconcile::due_amounts::{Services, due_amounts};
use crate::reconcile::keys::Spans;
use crate::reconcile::order_lines::{OrderAmounts, OrderValues};
use crate::reconcile::paid::Paid;
use crate::reconcile::parents::{Due, Parents};
use crate::reconcile::payment_day::EventDays;
use crate::reconcile::payout::{PayoutDates, next_invoice};
use crate::reconcile::payouts::Payouts;
use crate::reconcile::shipments::{AllParcels, OrderOutcome};
use crate::reconcile::statements::Statements;
use crate::vocab::{CarrierOutcome, MoneyStage, OrderStatus, SettlementState, Trait, Word};
use chrono::{NaiveDate, NaiveTime};
use polars::prelude::{DataFrame, PolarsResult};
use std::cmp::Ordering;
use std::sync::Arc;

/// What the other frames know of orders.
pub struct Known<'run> {
    /// Amounts.
    pub values: &'run OrderValues<'run>,
    /// Parcels, with what carriers saw.
    pub parcels: &'run AllParcels<'run>,
    /// Sales under several order numbers.
    pub parents: &'run Parents,
    /// Payout lines.
    pub payouts: &'run Payouts<'run>,
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
    /// Where rows were read.
    pub parts: &'run Parts,
}

/// What is worked out for one order.
#[derive(Debug, Clone, Default)]
pub(super) struct Settled {
    pub(super) whole_cancelled: bool,
    pub(super) partly_cancelled: bool,
    pub(super) passed_open: bool,
    pub(super) claim_net: Option<i64>,
    pub(super) claim_gross: Option<i64>,
    pub(super) expected_payout: Option<i64>,
    pub(super) expected_net: Option<i64>,
    pub(super) cash_expected: Option<i64>,
    pub(super) tolerance: i64,
    /// What lines took back beyond the clawbacks that are expected.
    pub(super) explained: i64,
    /// What lines took back beyond what lines gave.
    pub(super) overdrawn: i64,
    pub(super) dates: PayoutDates,
    /// Day from which the hold counts.
    pub(super) hold_from: Option<i32>,
    pub(super) paid_without_receipt: bool,
    pub(super) eligible: bool,
    pub(super) state: Option<SettlementState>,
    pub(super) net_as_ordered: Option<i64>,
    pub(super) billed_by: Option<i32>,
    pub(super) money_stage: Option<MoneyStage>,
    pub(super) withdrawn: bool,
    pub(super) ended_before_cancel: bool,
    pub(super) back_until: Option<NaiveDate>,
    pub(super) late: bool,
    pub(super) days_overdue: Option<i64>,
    /// A row of the statement that covers the day from which the money is due.
    pub(super) statement_row: Option<u64>,
    pub(super) statement_covers: bool,
    pub(super) statement_lacks: bool,
    pub(super) billing_missed: Option<u64>,
    pub(super) payout_if_marked: Option<(PayoutDates, PayoutDates)>,
    pub(super) credit_due_on: Option<i32>,
    pub(super) policy: Option<Arc<Policy>>,
}

/// Before its final state.
fn is_open(status: OrderStatus) -> bool {
    use OrderStatus as S;
    matches!(status, S::New | S::Accepted | S::Packing | S::ReadyForPickup | S::Shipped)
}

/// The history of an order, where the export has one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    pub(super) opened: bool,
    pub(super) opened_at: Option<i64>,
    pub(super) delivered: Option<(i64, u64)>,
}

/// What all sides say of one order.
pub(super) struct SaidOfOrder<'run> {
    pub(super) amounts: OrderAmounts,
    pub(super) outcome: OrderOutcome,
    pub(super) paid: Option<Paid>,
    pub(super) history: History,
    pub(super) papers: &'run OrderDocuments,
}

/// The histories of orders.
pub(super) struct Histories<'run> {
    spans: Spans,
    words: read::Texts<'run>,
    at: read::Numbers<'run>,
    rows: read::References<'run>,
}

impl<'run> Histories<'run> {
    pub(super) fn read(orders: &read::Texts<'run>, events: &'run DataFrame) -> PolarsResult<Histories<'run>> {
        Ok(Histories {
            spans: Spans::of(orders, &read::texts(events, order_events::order_key)?),
            words: read::texts(events, order_events::to_status)?,
            at: read::instants(events, order_events::at)?,
            rows: read::references(events, order_events::row)?,
        })
    }

    pub(super) fn of(&self, order: usize) -> History {
        let mut history = History::default();
        for row in self.spans.rows(order) {
            if self.words.at(row) == OrderStatus::New.text() {
                history.opened = true;
                history.opened_at = history.opened_at.or(self.at.at(row));
            }
            if self.words.at(row) == OrderStatus::Delivered.text() && history.delivered.is_none() {
                history.delivered = self.at.at(row).zip(self.rows.at(row));
            }
        }
        history
    }
}

/// The columns of the orders frame that settlement reads.
pub(super) struct Desk<'run> {
    names: read::Texts<'run>,
    statuses: read::Texts<'run>,
    currencies: read::Texts<'run>,
    tests: read::Flags<'run>,
    own_delivery: read::Flags<'run>,
    created_on: read::Days<'run>,
    shipped_on: read::Days<'run>,
    delivered_on: read::Days<'run>,
    delivered_set_at: read::Numbers<'run>,
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
    events: EventDays<'run>,
    rows: read::References<'run>,
}

impl<'run> Desk<'run> {
    pub(super) fn read(orders: &'run DataFrame) -> PolarsResult<Desk<'run>> {
        Ok(Desk {
            names: read::texts(orders, o::account)?,
            statuses: read::texts(orders, o::status)?,
            currencies: read::texts(orders, o::currency)?,
            tests: read::flags(orders, o::test)?,
            own_delivery: read::flags(orders, o::own_delivery)?,
            created_on: read::days(orders, o::created_on)?,
            shipped_on: read::days(orders, o::shipped_on)?,
            delivered_on: read::days(orders, o::delivered_on)?,
            delivered_set_at: read::instants(orders, o::delivered_set_at)?,
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
            events: EventDays::read(orders)?,
            rows: read::references(orders, o::row)?,
        })
    }

    /// What a part of a parent is due. Of one that waits for its delivery or came back nothing is; where what is due is not computable, its
    /// value counts. `None` of a part in another currency than the parent, which is of that of its first part.
    pub(super) fn due_of_part(
        &self,
        row: usize,
        first: usize,
        amounts: &OrderAmounts,
        settled: &Settled,
    ) -> Option<Due> {
        use SettlementState as State;
        let goods = amounts.goods.unwrap_or(0) + self.postage.at(row).unwrap_or(0);
        let value = if settled.whole_cancelled { 0 } else { goods };
        let amount = match settled.state {
            Some(State::Eligible | State::NotComputable | State::Cancelled) => settled.expected_payout.unwrap_or(value),
            _ => 0,
        };
        let due = Due { amount: amount.max(0), is_eligible: settled.eligible, value };
        (self.currencies.at(first) == self.currencies.at(row)).then_some(due)
    }

    /// What is worked out for the order in a row.
    pub(super) fn settle<'acc>(
        &self,
        row: usize,
        known: &Known,
        side: &SaidOfOrder<'_>,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) -> Settled {
        let SaidOfOrder { amounts, outcome, history, papers, .. } = side;
        let paid = side.paid.as_ref();
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
            back_until: outcome.back.and_then(|back| accounts.after_return(account, back.on)),
            ..Settled::default()
        };
        if whole_cancelled {
            let ended = outcome;
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
        let came_back = outcome.outcome == Some(CarrierOutcome::Returned);
        let mut services = self.services(row, account, &policy.entry);
        if came_back {
            // The carrier collected nothing for a parcel that came back.
            services.held = 0;
        }
        let due = due_amounts(account, amounts, services, whole_cancelled, refunds_postage);
        settled.net_as_ordered = due_amounts(account, &amounts.as_ordered(), services, false, refunds_postage).net;
        (settled.claim_net, settled.claim_gross) = (due.claim_net, due.claim_gross);
        (settled.expected_payout, settled.expected_net) = (due.payout, due.net);
        settled.cash_expected =
            match papers.invoiced.filter(|_| !whole_cancelled && papers.currency == self.currencies.at(row)) {
                // What is billed is what will be paid; our own computation differs by the rounding of lines (rulebook §16.23).
                Some(invoiced) if account.has(Trait::BuysOnDelivery) => {
                    Some(invoiced - papers.credit_noted - services.held)
                }
                _ => due.cash,
            };
        let untracked = self
            .sent_untracked(row, outcome)
            .and_then(|sent| Some((sent, accounts.payout_dates_untracked(account, sent)?)));
        let by_receipt = || self.delivered_on.at(row).or(untracked.map(|(sent, _)| sent));
        settled.hold_from = match policy.entry.hold_from {
            Some(events) => {
                let event = self.events.event(row, events);
                event.and_then(|event| self.events.day(row, event, history.opened_at, account))
            }
            None => by_receipt(),
        };
        settled.paid_without_receipt = policy.entry.hold_from.is_some();
        let is_paid_elsewhere = policy.entry.hold_from.is_some_and(|events| self.events.event(row, events).is_none());
        let received = settled.hold_from.filter(|day| {
            !self.tests.at(row) && !whole_cancelled && accounts.is_billable(account, self.statuses.at(row), Some(*day))
        });
        if let Some(day) = received {
            settled.dates = match untracked {
                Some((_, dates)) if !settled.paid_without_receipt => dates,
                _ if account.has(Trait::InvoicesByPeriod) => {
                    self.invoiced_dates(row, day, known, papers, account, accounts)
                }
                _ => accounts.payout_dates(account, day),
            };
            settled.eligible = settled.dates.due_on().is_some() && settled.cash_expected.is_some();
        }
        self.before_clawbacks(row, &mut settled, known, paid, account, accounts);
        if let Some(paid) = paid {
            let expected_back: i64 = known.clawbacks.get(&row).into_iter().flatten().map(|back| -back.amount).sum();
            settled.explained = paid.explained(expected_back);
            settled.overdrawn = paid.overdrawn();
            let of_converted =
                policy.entry.fx_tolerance.and_then(|share| money::share_of(paid.converted(), share.ppm()));
            settled.tolerance = settled.tolerance.max(of_converted.unwrap_or(0));
        }
        settled.state = Some(match (settled.eligible, self.tests.at(row), whole_cancelled, received) {
            (true, ..) => SettlementState::Eligible,
            (_, true, ..) => SettlementState::Test,
            (_, _, true, _) => SettlementState::Cancelled,
            (.., Some(_)) => SettlementState::NotComputable,
            _ => match status {
                OrderStatus::Returned | OrderStatus::Lost => SettlementState::NothingDue,
                // No column says when the hold begins, or how the buyer pays (§16.14).
                _ if !self.says_hold(row, &policy.entry, known.parts) => SettlementState::NotComputable,
                _ if is_paid_elsewhere => SettlementState::NothingDue,
                // Nothing says when anything is due.
                _ if !accounts.says_when(account) => SettlementState::NotComputable,
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
        settled.money_stage = Some(match paid.is_some_and(|paid| paid.sales > 0 || paid.sum > 0) {
            true => MoneyStage::Paid,
            false if is_billed => MoneyStage::Billed,
            false => MoneyStage::NotBilled,
        });
        let statements = settled.dates.due_on().zip(known.statements.get(self.names.at(row)));
        let covers =
            |day: NaiveDate, statements: &Statements| statements.name_orders() && statements.cover(day_number(day));
        let covering = statements.filter(|(day, statements)| covers(*day, statements));
        settled.statement_covers = covering.is_some();
        let billing_on = settled.dates.billing_on.map(day_number);
        let currency = self.currencies.at(row);
        settled.statement_row =
            covering.and_then(|(day, statements)| statements.covering_row(day_number(day), billing_on, currency));
        let dates = [settled.dates.due_on(), settled.dates.alternative];
        settled.statement_lacks = known.statements.get(self.names.at(row)).is_some_and(|statements| {
            let is_silent = |day| statements.is_silent(day_number(day), currency);
            settled.dates.payout_on.is_some_and(is_silent)
                || dates.iter().flatten().any(|day| statements.lack(day_number(*day), currency))
        });
        settled.policy = Some(accounts.policy(account, self.delivered_on.at(row).or(self.created_on.at(row))));
        let requested = papers.returned.as_ref().and_then(|(requested, ..)| *requested);
        settled.credit_due_on = requested.and_then(|day| {
            let days = accounts.policy(account, Some(day)).entry.credit_note_days?;
            Some(day + days as i32)
        });
        let unmarked = outcome.delivered.filter(|_| is_open(status) && !self.tests.at(row));
        settled.payout_if_marked = unmarked.filter(|_| account.has(Trait::PaysByCalendar)).map(|event| {
            let marked = |day| accounts.payout_dates(account, day);
            (marked(event.on), marked(day_number(accounts.as_of.0)))
        });
        settled.billing_missed = self.billing_missed(row, known, side, account, accounts, status);
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

    /// Whether the export of an order has the column from which its hold counts.
    fn says_hold(&self, row: usize, policy: &PolicyEntry, parts: &Parts) -> bool {
        let part = self.rows.at(row).and_then(|row| parts.locate(row)).map(|(part, _)| part);
        match policy.hold_from {
            Some(events) => self.events.unsaid(row, events, part).is_none(),
            None => part.is_none_or(|part| part.says(o::delivered_at)),
        }
    }

    /// The day on which an order without any tracking was sent.
    fn sent_untracked(&self, row: usize, outcome: &OrderOutcome) -> Option<i32> {
        self.shipped_on.at(row).filter(|_| outcome.parcels == 0)
    }

    /// An order with a clawback was due before: in full on its payout date. What its lines should add up to sinks when the clawback
    /// has come, or when a statement of its date was read.
    fn before_clawbacks<'acc>(
        &self,
        row: usize,
        settled: &mut Settled,
        known: &Known,
        paid: Option<&Paid>,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) {
        let Some((clawbacks, received)) = known.clawbacks.get(&row).zip(self.delivered_on.at(row)) else { return };
        let reversed = paid.is_some_and(Paid::is_reversed);
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

    /// Payout dates of what is invoiced by period: the due date that the invoice of the order states, else the payment term after it, else
    /// after the next invoice by the cadence of those that were read; on a day on which the marketplace pays.
    fn invoiced_dates<'acc>(
        &self,
        row: usize,
        received: i32,
        known: &Known,
        papers: &OrderDocuments,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
    ) -> PayoutDates {
        let policy = accounts.policy(account, Some(received));
        let (period, term) = (policy.entry.billing_period.unwrap_or(0), policy.entry.due_days.unwrap_or(0));
        let issued =
            known.papers.issued.get(self.names.at(row)).and_then(|invoices| invoices.last()).map(|(day, _)| *day);
        let invoice_on = papers
            .invoice
            .and_then(|(issued, _)| issued)
            .unwrap_or_else(|| next_invoice(received, issued, period as i32));
        let due = papers.invoice_due.unwrap_or(invoice_on + term as i32);
        let payout_on = accounts.paying_day(account, due);
        let billing_on = date_of(received);
        PayoutDates { billing_on, payout_on, alternative: None, overdue_on: payout_on }
    }

    /// The invoice that should have billed a delivered order and did not (SO-005): the first one a whole period after the delivery, or
    /// after the day on which it was set.
    fn billing_missed<'acc>(
        &self,
        row: usize,
        known: &Known,
        side: &SaidOfOrder<'_>,
        account: &'acc Account,
        accounts: &Accounts<'acc>,
        status: OrderStatus,
    ) -> Option<u64> {
        let SaidOfOrder { papers, history, .. } = side;
        // An invoice that was closed before the state was set could not bill the order.
        let set_at = self.delivered_set_at.at(row).or(history.delivered.map(|(at, _)| at));
        let delivered = self.delivered_on.at(row)?.max(set_at.map_or(i32::MIN, |at| local_day(at, account.timezone)));
        if status != OrderStatus::Delivered || papers.invoice.is_some() || self.tests.at(row) {
            return None;
        }
        let period = accounts.policy(account, Some(delivered)).entry.billing_period?;
        let issued = known.papers.issued.get(self.names.at(row))?;
        issued.iter().find(|(day, _)| *day >= delivered + period as i32).map(|(_, invoice)| *invoice)
    }
}
