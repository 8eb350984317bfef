//! Payout lines with their orders.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::money;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts, payout_facts as f, payout_lines, read};
use crate::ingest::Ingested;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::lost_zeros;
use crate::reconcile::payouts::PaidSum;
use crate::reconcile::settled::Known;
use crate::reconcile::statements::paid_days;
use crate::reconcile::unassigned::Unassigned;
use crate::vocab::{Kind, OrderStatus, PayoutKind, SettlementState, Word};

/// Whether money of this kind is for an order, and not a fee of the account or the transfer itself.
fn is_for_order(kind: PayoutKind) -> bool {
    !matches!(
        kind,
        PayoutKind::Payout | PayoutKind::Reserve | PayoutKind::CarryOver | PayoutKind::Fee | PayoutKind::Tax
    )
}

/// One row per payout line with its order.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn payout_facts(
    lines: &DataFrame,
    (orders, sums): (&DataFrame, &[PaidSum]),
    known: &Known,
    unassigned: &Unassigned,
    ingested: &Ingested,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let order_keys = read::texts(orders, order_facts::order_key)?;
    let states = read::texts(orders, order_facts::settlement_state)?;
    // An order whose amount or date is not computable has its claim all the same.
    let has_claim = |place: usize| {
        [SettlementState::Eligible, SettlementState::NotComputable].iter().any(|state| state.text() == states.at(place))
    };
    let statuses = read::texts(orders, order_facts::status)?;
    let order_rows = read::references(orders, order_facts::order_row)?;
    let order_numbers = read::texts(orders, order_facts::order_no)?;
    let cancelled_on = read::days(orders, order_facts::cancelled_on)?;
    let quarantined: Set<String> = ingested
        .quarantine
        .iter()
        .filter(|row| !row.order_no().is_empty())
        .map(|row| format!("{}/{}", row.of.account, row.order_no()))
        .collect();
    let without_orders: Set<&str> = accounts
        .pipeline()
        .sources
        .iter()
        .filter(|source| source.kind == Kind::Orders && ingested.left_out.contains(&source.name))
        .filter_map(|source| source.account.as_deref())
        .collect();
    let names = read::texts(lines, payout_lines::account)?;
    let keys = read::texts(lines, payout_lines::order_key)?;
    let kinds = read::texts(lines, payout_lines::kind)?;
    let payouts = known.payouts;
    let order_of = |row: usize| payouts.order(row);
    // A line of a parent is told with its first part; it has a claim where one of them has.
    let parts = |row: usize| known.parents.parts(keys.at(row));
    let order = |row: usize| order_of(row).or_else(|| parts(row).first().copied());
    let is_due = |row: usize| order_of(row).is_some_and(has_claim) || parts(row).iter().any(|place| has_claim(*place));
    let sent = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let taken_back_on = |place: usize| {
        let clawbacks = known.clawbacks.get(&place).into_iter().flatten();
        clawbacks.filter_map(|clawback| clawback.payout_on).max()
    };
    let cancelled_later = |row: usize| {
        let ended = order(row).and_then(|place| cancelled_on.at(place).max(taken_back_on(place)));
        matches!((ended, sent.at(row).or(posted.at(row))), (Some(ended), Some(paid)) if ended > paid)
    };
    let height = names.len();
    let order_amounts = read::numbers(orders, order_facts::expected_payout)?;
    let line_amounts = read::numbers(lines, payout_lines::amount)?;
    let foreign = |row: usize| payouts.foreign(row).filter(|_| kinds.at(row) != PayoutKind::Payout.text());
    let paid = |row: usize| match order_of(row) {
        Some(order) => sums[order],
        None => payouts.of_no_order(row),
    };
    let convert = |row: usize| {
        let (currency, amount) = foreign(row).zip(line_amounts.at(row))?;
        Some((row, payouts.converted(row, amount, currency, accounts)?))
    };
    let converted: Map<usize, i64> = (0..height).filter_map(convert).collect();
    let due_elsewhere = |row: usize| {
        let (code, place) = foreign(row).zip(order(row))?;
        Some(format!("{} {code}", money::to_decimal(order_amounts.at(place)?, code)))
    };
    // A reversal needs the sale that it reverses; without one the sign of the line is wrong.
    let has_wrong_sign = |row: usize| {
        kinds.at(row) == PayoutKind::Sale.text()
            && line_amounts.at(row).is_some_and(|amount| amount < 0)
            && paid(row).sales == 0
    };
    let unknown = (0..height).filter(|row| order(*row).is_none()).map(|row| keys.at(row));
    let candidates = lost_zeros::candidates(unknown, order_keys.iter());
    let mut facts = FrameBuilder::new(&f::FRAME, height);
    facts
        .take(f::account, lines, payout_lines::account)?
        .take_text(f::statement_id, lines, payout_lines::statement_id)?
        .take_text(f::order_no, lines, payout_lines::order_no)?
        .take_text(f::order_key, lines, payout_lines::order_key)?
        .take(f::currency, lines, payout_lines::currency)?
        .take(f::kind, lines, payout_lines::kind)?
        .take(f::amount, lines, payout_lines::amount)?
        .take(f::posted, lines, payout_lines::posted)?
        .days(f::paid_on, paid_days(lines, &ingested.frames.statements)?)
        .take(f::row, lines, payout_lines::row)?
        .texts(f::marketplace, names.iter().map(|name| accounts.marketplace(name)))
        .flags(
            f::account_complete,
            names.iter().map(|name| accounts.get(name).is_some_and(|account| account.complete)),
        );
    let of_lines = || {
        let mut facts = FrameBuilder::new(&f::FRAME, height);
        let is_refused = |row: usize| quarantined.contains(keys.at(row)) || without_orders.contains(names.at(row));
        facts
            .flags(f::names_order, (0..height).map(|row| !keys.at(row).is_empty() && !unassigned.is_unassigned(row)))
            .flags(f::unassigned, (0..height).map(|row| unassigned.is_unassigned(row)))
            .numbers(f::candidates, (0..height).map(|row| Some(unassigned.candidates(row).len() as i64)))
            .texts(f::candidate, keys.iter().map(|key| candidates.get(key).copied().unwrap_or("")))
            .flags(f::order_quarantined, (0..height).map(is_refused))
            .numbers(f::order_paid, (0..height).map(|row| Some(paid(row).sum)))
            .flags(f::for_order, kinds.iter().map(|kind| PayoutKind::of(kind).is_some_and(is_for_order)));
        facts
    };
    let of_orders = || {
        let mut facts = FrameBuilder::new(&f::FRAME, height);
        let place = |row: usize, nth: usize| unassigned.candidates(row).get(nth).copied();
        let candidate = |row: usize, nth: usize| order_rows.at(place(row, nth)?);
        let number = |row: usize, nth: usize| place(row, nth).map_or("", |place| order_numbers.at(place));
        let status = |row: usize| order(row).map_or(OrderStatus::Unknown.text(), |place| statuses.at(place));
        facts
            .flags(f::order_known, (0..height).map(|row| order(row).is_some()))
            .flags(f::order_has_claim, (0..height).map(is_due))
            .texts(f::order_status, (0..height).map(status))
            .flags(f::no_rate, (0..height).map(|row| foreign(row).is_some() && !converted.contains_key(&row)))
            .flags(f::wrong_sign, (0..height).map(has_wrong_sign))
            .texts(f::order_currency, (0..height).map(|row| foreign(row).unwrap_or("")))
            .numbers(f::converted_amount, (0..height).map(|row| converted.get(&row).copied()))
            .texts(f::due_in_order_currency, (0..height).map(|row| due_elsewhere(row).unwrap_or_default()))
            .references(f::candidate_row, (0..height).map(|row| candidate(row, 0)))
            .references(f::second_candidate_row, (0..height).map(|row| candidate(row, 1)))
            .references(f::third_candidate_row, (0..height).map(|row| candidate(row, 2)))
            .texts(f::candidate_order, (0..height).map(|row| number(row, 0)))
            .texts(f::second_candidate_order, (0..height).map(|row| number(row, 1)))
            .texts(f::third_candidate_order, (0..height).map(|row| number(row, 2)))
            .flags(f::cancelled_later, (0..height).map(cancelled_later))
            .references(f::order_row, (0..height).map(|row| order(row).and_then(|place| order_rows.at(place))));
        facts
    };
    let (of_lines, of_orders) = rayon::join(of_lines, of_orders);
    facts.append(of_lines).append(of_orders);
    facts.finish()
}
