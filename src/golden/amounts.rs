//! `[[golden.amounts]]`: what an order is worth and what of it is due.

use crate::base::money;
use crate::golden::account::{ask, pipeline};
use crate::golden::{Bench, Facts};
use crate::pipeline::percent::Percent;
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::written::golden::{GivenAmounts, GivenLine};
use crate::reconcile::due_amounts::{Services, due_amounts};
use crate::reconcile::order_lines::{CommissionTerms, Line, sum};

pub(super) fn facts(bench: &Bench, given: &GivenAmounts) -> Result<Facts, String> {
    let currency = given.currency.as_str();
    let amount = |text: &Option<String>| text.as_ref().map_or(Ok(0), |text| minor(text, currency));
    let services = Services { postage: amount(&given.postage)?, cod_fee: amount(&given.cod_fee)?, held: 0 };
    let lines = given.lines.iter().map(|line| line_of(line, currency)).collect::<Result<Vec<Line>, String>>()?;
    let pipeline = pipeline(bench, currency, given.profile.as_deref(), PolicyEntry::default())?;
    let (order, due, tolerance) = ask(&pipeline, given.ordered, |accounts, account| {
        let policy = account.policy(accounts.as_of.0).entry;
        let rate = policy.commission.map(Percent::ppm);
        let order = sum(&lines, None, rate, CommissionTerms::of(&policy)).with_postage(services.postage);
        let refunds_postage = policy.full_cancel_refunds_postage.unwrap_or(true);
        let due = due_amounts(account, &order, services, order.all_cancelled(), refunds_postage);
        Ok((order, due, policy.tolerance(order.lines)))
    })?;
    let text = |minor: Option<i64>| minor.map_or_else(|| "none".to_owned(), |minor| money::to_decimal(minor, currency));
    Ok(Facts::from([
        ("goods", text(order.goods)),
        ("cancelled", text(Some(order.goods_cancelled))),
        ("commission", text(order.commission)),
        ("goods_net", text(order.goods_net)),
        ("net", text(due.claim_net)),
        ("payout", text(due.payout)),
        ("tolerance", text(Some(tolerance))),
    ]))
}

fn line_of(given: &GivenLine, currency: &str) -> Result<Line, String> {
    Ok(Line {
        qty: given.qty,
        qty_cancelled: given.cancelled,
        price: minor(&given.price, currency)?,
        vat_ppm: given.vat.map(Percent::ppm),
        commission_ppm: given.commission.map(Percent::ppm),
    })
}

fn minor(text: &str, currency: &str) -> Result<i64, String> {
    money::from_decimal(text, currency).ok_or_else(|| format!("`{text}` is no amount"))
}
