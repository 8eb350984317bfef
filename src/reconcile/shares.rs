//! Payout lines that name several orders (`split`): each becomes a share for each of its orders, before anything is added up.
//!
//! The line stays one row of its export with one lineage number, which all of its shares carry; their amounts add up to its amount. A line
//! of which an order is not known, or has no amount to share by, stays whole, and so belongs to no order.

use polars::prelude::{Column, DataFrame, IdxCa, IdxSize, PlSmallStr, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::canonical::CanonicalFrames;
use crate::frame::lineage::Parts;
use crate::frame::{orders, payout_lines as p, read};
use crate::pipeline::Pipeline;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::order_lines::OrderValues;
use crate::vocab::{OrderStatus, Word};

/// One line of the shared frame.
struct Share {
    /// Place of the line in the frame as it was read.
    line: usize,
    order_no: String,
    order_key: String,
    amount: Option<i64>,
}

/// The payout lines with the shares of those that name several orders; `None` where no source says that a line may.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn shared(
    frames: &CanonicalFrames,
    parts: &Parts,
    pipeline: &Pipeline,
    as_of: AsOf,
) -> PolarsResult<Option<DataFrame>> {
    let separator = |source: &str| pipeline.source(source).and_then(|source| source.order_separator.as_deref());
    let separators: Vec<Option<&str>> = parts.0.iter().map(|part| separator(&part.source)).collect();
    if separators.iter().all(Option::is_none) {
        return Ok(None);
    }
    let expected = expected_by_key(frames, pipeline, as_of)?;
    let lines = &frames.payout_lines;
    let (names, numbers) = (read::texts(lines, p::account)?, read::texts(lines, p::order_no)?);
    let (keys, rows) = (read::texts(lines, p::order_key)?, read::references(lines, p::row)?);
    let amounts = read::numbers(lines, p::amount)?;
    let mut shares: Vec<Share> = Vec::with_capacity(names.len());
    for line in 0..names.len() {
        let part = rows.at(line).map_or(usize::MAX, |row| (row >> 32) as usize);
        let separator = separators.get(part).copied().flatten();
        let whole = |number: &str, key: &str| Share {
            line,
            order_no: number.to_owned(),
            order_key: key.to_owned(),
            amount: amounts.at(line),
        };
        let mut own: Vec<Share> = Vec::new();
        for number in separator.into_iter().flat_map(|separator| numbers.at(line).split(separator)).map(str::trim) {
            if !number.is_empty() && own.iter().all(|share| share.order_no != number) {
                own.push(whole(number, &format!("{}/{number}", names.at(line))));
            }
        }
        let of_orders: Option<Vec<&Expected<'_>>> =
            own.iter().map(|share| expected.get(share.order_key.as_str())).collect();
        // Only the proportion counts, so that the line may be in another currency than its orders, which must have one.
        let of_orders = of_orders.filter(|all| all.iter().all(|one| one.currency == all[0].currency));
        let by = |basis: fn(&Expected) -> Option<i64>| {
            let weights: Option<Vec<i64>> =
                of_orders.iter().flatten().map(|order| basis(order).filter(|weight| *weight >= 0)).collect();
            share_out(amounts.at(line)?, &weights?)
        };
        let parts = by(|order| order.net).or_else(|| by(|order| order.gross)).or_else(|| by(|order| order.as_ordered));
        match parts {
            Some(parts) if !own.is_empty() => {
                own.iter_mut().zip(parts).for_each(|(share, part)| share.amount = Some(part));
                shares.append(&mut own);
            }
            _ => shares.push(whole(numbers.at(line), keys.at(line))),
        }
    }
    drawn(lines, &shares).map(Some)
}

/// What an order is expected to be paid, minor units.
struct Expected<'f> {
    currency: &'f str,
    /// Goods less commission, and services.
    net: Option<i64>,
    /// Goods and services, where no commission is known.
    gross: Option<i64>,
    /// Goods and services as if nothing were cancelled, where nothing is left of any order.
    as_ordered: Option<i64>,
}

fn expected_by_key<'f>(
    frames: &'f CanonicalFrames,
    pipeline: &Pipeline,
    as_of: AsOf,
) -> PolarsResult<Map<&'f str, Expected<'f>>> {
    let accounts = Accounts::new(pipeline, as_of);
    let orders_read = OrderValues::read(&frames.orders, &frames.order_lines)?;
    let names = read::texts(&frames.orders, orders::account)?;
    let keys = read::texts(&frames.orders, orders::order_key)?;
    let currencies = read::texts(&frames.orders, orders::currency)?;
    let postage = read::numbers(&frames.orders, orders::delivery_price)?;
    let fees = read::numbers(&frames.orders, orders::cod_fee)?;
    let statuses = read::texts(&frames.orders, orders::status)?;
    let ended = [OrderStatus::Cancelled.text(), OrderStatus::Rejected.text()];
    let expected = (0..keys.len()).map(|row| {
        let amounts = orders_read.amounts(row, accounts.get(names.at(row)), &accounts);
        let services = postage.at(row).unwrap_or(0) + fees.at(row).unwrap_or(0);
        let is_ended = ended.contains(&statuses.at(row)) || amounts.all_cancelled();
        let left = |amount: Option<i64>| if is_ended { Some(0) } else { amount.map(|amount| amount + services) };
        let gross = left(amounts.goods.map(|goods| goods - amounts.goods_cancelled));
        let net = left(amounts.goods_less_commission());
        let as_ordered = amounts.goods.map(|goods| goods + services);
        (keys.at(row), Expected { currency: currencies.at(row), net, gross, as_ordered })
    });
    Ok(expected.collect())
}

/// Shares that add up to the amount and are as the weights are: each rounded towards 0, and what is left goes, unit by unit, to those that lost
/// most by that. `None` without a weight.
fn share_out(amount: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total <= 0 {
        return None;
    }
    let exact = |weight: &i64| i128::from(amount.unsigned_abs()) * i128::from(*weight);
    let mut shares: Vec<i64> = Vec::with_capacity(weights.len());
    for weight in weights {
        shares.push(i64::try_from(exact(weight) / total).ok()?);
    }
    let given: i64 = shares.iter().sum();
    let left = usize::try_from(i64::try_from(amount.unsigned_abs()).ok()? - given).ok()?;
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    by_loss.sort_by_key(|place| std::cmp::Reverse(exact(&weights[*place]) % total));
    by_loss.iter().take(left).for_each(|place| shares[*place] += 1);
    Some(shares.into_iter().map(|share| if amount < 0 { -share } else { share }).collect())
}

/// The frame with a row for each share.
fn drawn(lines: &DataFrame, shares: &[Share]) -> PolarsResult<DataFrame> {
    let places: Vec<IdxSize> = shares.iter().map(|share| share.line as IdxSize).collect();
    let mut frame = lines.take(&IdxCa::from_vec(PlSmallStr::EMPTY, places))?;
    let text = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let numbers: Vec<Option<String>> = shares.iter().map(|share| text(&share.order_no)).collect();
    let keys: Vec<Option<String>> = shares.iter().map(|share| text(&share.order_key)).collect();
    let amounts: Vec<Option<i64>> = shares.iter().map(|share| share.amount).collect();
    frame.with_column(Column::new(p::order_no.name.into(), numbers))?;
    frame.with_column(Column::new(p::order_key.name.into(), keys))?;
    frame.with_column(Column::new(p::amount.name.into(), amounts))?;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::share_out;

    #[test]
    fn shares_add_up_and_follow_the_weights() {
        assert_eq!(share_out(30_000, &[10_000, 10_000, 10_000]), Some(vec![10_000; 3]));
        assert_eq!(share_out(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(share_out(-100, &[1, 1, 1]), Some(vec![-34, -33, -33]));
        assert_eq!(share_out(100, &[1, 0, 3]), Some(vec![25, 0, 75]));
        assert_eq!(share_out(0, &[1, 2]), Some(vec![0, 0]));
        assert_eq!(share_out(100, &[0, 0]), None);
        assert_eq!(share_out(100, &[]), None);
        let weights = [123_456, 7, 99_999_999, 1, 50];
        for amount in [1, 2, 3, 999_983, -12_345, i64::MAX / 4] {
            assert_eq!(share_out(amount, &weights).unwrap().iter().sum::<i64>(), amount);
        }
    }
}
