//! `quarantine_max`: how much of a source may be in quarantine before the source is refused.

use super::Loader;
use crate::base::money;
use crate::pipeline::written::WrittenSource;

const PPM_OF_A_PERCENT: f64 = 10_000.0;

impl Loader {
    /// The share of rows in millionths: it is compared in whole numbers.
    #[allow(
        clippy::float_cmp,
        reason = "the quotient is rounded correctly, so equality means: no more than four decimals"
    )]
    pub(super) fn quarantine_share(&mut self, written: &WrittenSource) -> Option<i64> {
        let percent = written.quarantine_max.as_ref()?.percent.as_ref()?;
        let ppm = (percent.get_ref() * PPM_OF_A_PERCENT).round();
        if (0.0..=100.0).contains(percent.get_ref()) && ppm / PPM_OF_A_PERCENT == *percent.get_ref() {
            return Some(ppm as i64);
        }
        let found = percent.get_ref().to_string();
        self.mistake(
            "CFG043",
            "not a share",
            percent.span(),
            &found,
            "a percentage from 0 to 100 of at most 4 decimals",
            "",
        );
        None
    }

    /// The money in minor units of the source's currency.
    pub(super) fn quarantine_money(&mut self, written: &WrittenSource, currency: Option<&str>) -> Option<i64> {
        let limit = written.quarantine_max.as_ref()?.money.as_ref()?;
        let minor = money::from_decimal(limit.get_ref(), currency.unwrap_or_default());
        if minor.is_none() {
            self.mistake(
                "CFG025",
                "not an amount",
                limit.span(),
                limit.get_ref(),
                "a decimal such as \"10000.00\"",
                "",
            );
        }
        minor
    }
}
