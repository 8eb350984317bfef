//! When and what a marketplace invoices that buys the goods on delivery.

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::base::money;
use crate::sample::SampleError;
use crate::sample::merchant::BillerPlan;
use crate::sample::order::{Line, Order};

/// A marketplace that invoices by period.
#[derive(Debug, Clone)]
pub struct Biller {
    plan: BillerPlan,
    as_of: NaiveDate,
}

/// Net, VAT and gross of one line of a document, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Without VAT.
    pub net: i64,
    /// VAT.
    pub vat: i64,
    /// With VAT.
    pub gross: i64,
}

impl Biller {
    /// A biller of exports up to `as_of`.
    pub fn new(plan: BillerPlan, as_of: NaiveDate) -> Biller {
        Biller { plan, as_of }
    }

    /// The plan.
    pub fn plan(&self) -> &BillerPlan {
        &self.plan
    }

    /// Days of issue up to the as-of date.
    pub fn invoice_days(&self) -> Vec<NaiveDate> {
        let mut days = Vec::new();
        let mut day = self.plan.first_invoice;
        while day <= self.as_of {
            days.push(day);
            day = day + Days::new(self.plan.period_days);
        }
        days
    }

    /// The invoice that bills what was set delivered then: the first one of a later day.
    pub fn invoice_after(&self, set: NaiveDateTime) -> NaiveDate {
        let mut day = self.plan.first_invoice;
        while day <= set.date() {
            day = day + Days::new(self.plan.period_days);
        }
        day
    }

    /// Number of the invoice at a place: ten digits that begin with the partner's four.
    pub fn invoice(&self, place: usize) -> String {
        format!("{:04}{:06}", self.plan.partner, place + 1)
    }

    /// The same number with a zero left out.
    pub fn mistyped_invoice(&self, place: usize) -> String {
        format!("{:04}{:05}", self.plan.partner, place + 1)
    }

    /// Number of a credit note: the partner's four digits, a nine, five digits.
    pub fn credit_note(&self, place: u64) -> String {
        format!("{:04}9{place:05}", self.plan.partner)
    }

    /// Number of the set-off of a day.
    pub fn set_off(&self, day: NaiveDate) -> String {
        format!("{:010}-{}", self.plan.partner, day.format("%d%m%Y"))
    }
}

/// Purchase price of the pieces of a line: without VAT, less the margin, rounded once.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn of_line(line: &Line, qty: i64, vat_ppm: i64, commission_ppm: i64) -> Result<Amounts, SampleError> {
    amounts(line.price * qty, vat_ppm, commission_ppm)
}

/// Transport or COD fee: in full, without margin.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn of_service(gross: i64, vat_ppm: i64) -> Result<Amounts, SampleError> {
    amounts(gross, vat_ppm, 0)
}

/// What an invoice says for the whole order.
///
/// # Errors
/// When an amount leaves the range of money.
pub fn of_order(order: &Order, vat_ppm: i64, commission_ppm: i64) -> Result<Amounts, SampleError> {
    let mut sum = Amounts::default();
    let mut add = |part: Amounts| {
        sum.net += part.net;
        sum.vat += part.vat;
        sum.gross += part.gross;
    };
    for line in &order.lines {
        add(of_line(line, line.qty, vat_ppm, commission_ppm)?);
    }
    add(of_service(order.postage, vat_ppm)?);
    add(of_service(order.cod_fee, vat_ppm)?);
    Ok(sum)
}

fn amounts(gross: i64, vat_ppm: i64, commission_ppm: i64) -> Result<Amounts, SampleError> {
    let net = money::net_of(gross, vat_ppm, commission_ppm).ok_or(SampleError::Money)?;
    let vat = money::share_of(net, vat_ppm).ok_or(SampleError::Money)?;
    Ok(Amounts { net, vat, gross: net + vat })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoice_of_x15() {
        let line = Line { article: 0, qty: 1, qty_cancelled: 0, cancelled: None, price: 179_900 };
        let goods = of_line(&line, 1, 210_000, 150_000).unwrap();
        let transport = of_service(2_900, 210_000).unwrap();
        let cod = of_service(3_900, 210_000).unwrap();
        assert_eq!((goods.net, transport.net, cod.net), (126_376, 2_397, 3_223));
        assert_eq!(goods.vat + transport.vat + cod.vat, 27_719);
        assert_eq!(goods.gross + transport.gross + cod.gross, 159_715);
    }
}
