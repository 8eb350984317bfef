//! What is due for an order as if it were delivered; nothing is due on one that was cancelled whole (rulebook §1.1, §3.4, A11).

use crate::pipeline::Account;
use crate::reconcile::order_lines::OrderAmounts;
use crate::vocab::Trait;

/// What stands beside the goods of an order, minor units.
#[derive(Debug, Clone, Copy, Default)]
pub struct Services {
    /// Postage, with VAT.
    pub postage: i64,
    /// COD fee, with VAT.
    pub cod_fee: i64,
    /// Cash that the merchant holds already.
    pub held: i64,
}

/// What is due, minor units; `None` when a commission or VAT rate is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DueAmounts {
    /// What the marketplace owes for the order, net.
    pub claim_net: Option<i64>,
    /// The same with VAT.
    pub claim_gross: Option<i64>,
    /// What its statement lines should add up to.
    pub payout: Option<i64>,
    /// The same net, where the marketplace buys.
    pub net: Option<i64>,
    /// What should reach the account.
    pub cash: Option<i64>,
}

/// The amounts due of an order. `cancelled`: whole; then the postage is kept where `refunds_postage` does not hold.
pub fn due_amounts(
    account: &Account,
    amounts: &OrderAmounts,
    services: Services,
    cancelled: bool,
    refunds_postage: bool,
) -> DueAmounts {
    let buys = account.has(Trait::BuysOnDelivery);
    if cancelled {
        let kept = Some(if refunds_postage || buys { 0 } else { services.postage });
        return DueAmounts { payout: kept, net: kept, cash: kept, ..DueAmounts::default() };
    }
    let goods = amounts.goods_less_commission();
    let claim_net = amounts.claim_net(services.postage, services.cod_fee);
    let claim_gross = goods.map(|goods| goods + services.postage + services.cod_fee);
    if buys {
        let cash = claim_gross.map(|gross| gross - services.held);
        return DueAmounts { claim_net, claim_gross, payout: claim_gross, net: claim_net, cash };
    }
    let payout = goods.map(|goods| goods + services.postage);
    DueAmounts { claim_net, claim_gross, payout, net: payout, cash: payout }
}
