//! Control figures: what `run.json`, the summary and the page say, computed once.

pub mod account;
pub mod conservation;
pub mod finding;
pub mod metric;
pub mod payout_day;
pub mod standing;
pub mod sums;

use crate::report::figures::account::AccountFigures;
use crate::report::figures::conservation::Conserved;
use crate::report::figures::finding::FindingCounts;
use crate::report::figures::metric::MetricWindow;
use crate::report::figures::payout_day::PayoutDay;
use crate::report::{Assessment, ReportError};

pub use sums::{ByCurrency, add, add_amount};

/// All control figures of a run.
#[derive(Debug, Clone)]
pub struct Figures {
    /// One entry per account, in the order of the pipeline.
    pub accounts: Vec<AccountFigures>,
    /// The payout calendar, by account, date (unknown last) and currency.
    pub payouts: Vec<PayoutDay>,
    /// Findings in numbers.
    pub findings: FindingCounts,
    /// One equation per input and unit.
    pub conservation: Vec<Conserved>,
    /// All metric windows.
    pub metrics: Vec<MetricWindow>,
}

impl Figures {
    /// Computes all figures of a run.
    ///
    /// # Errors
    /// A residue, a sum beyond 64 bits, a frame that is not as declared.
    pub fn compute(run: &Assessment<'_>) -> Result<Figures, ReportError> {
        let coverage = account::coverage(run.pipeline, &run.ingested.left_out);
        let payouts = payout_day::calendar(run, &coverage)?;
        Ok(Figures {
            accounts: account::accounts(run, coverage)?,
            payouts,
            findings: finding::count(run)?,
            conservation: conservation::equations(run.ingested, &run.reconciled.totals)?,
            metrics: metric::windows(&run.metrics.facts)?,
        })
    }
}
