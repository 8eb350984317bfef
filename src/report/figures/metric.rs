//! Metric windows, one by one.

use polars::prelude::DataFrame;
use serde_json::{Map, Value};

use crate::frame::metric_facts;
use crate::pipeline::policy;
use crate::report::ReportError;
use crate::report::fields::Fields;
use crate::vocab::{MetricName, Window, Word};

/// One metric of one account in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricWindow {
    /// The account.
    pub account: String,
    /// The metric's name.
    pub metric: String,
    /// The window.
    pub window: Window,
    /// First day, inclusive; days since 1970-01-01.
    pub from: Option<i32>,
    /// Last day, inclusive.
    pub to: Option<i32>,
    /// All that it needs was read.
    pub computable: bool,
    /// Orders that count.
    pub numerator: i64,
    /// Orders in all.
    pub denominator: i64,
    /// Excluded orders by reason.
    pub excluded: Map<String, Value>,
    /// What it must reach.
    pub target: Option<Target>,
    /// The target is met, whichever way the refused rows fall; `None` without a target, with denominator 0, or where they decide.
    pub met: Option<bool>,
    /// The refused rows decide.
    pub open: bool,
    /// Refused rows that may belong to the numerator or the denominator.
    pub quarantined: i64,
    /// Orders that may still fail, or, below 0, that must be mended.
    pub distance: Option<i64>,
}

/// What a metric must reach, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The bound.
    pub bound: policy::Target,
    /// First day of validity; days since 1970-01-01.
    pub valid_from: Option<i32>,
}

/// All windows, by account and metric; months ascend, then last closed month, month to date, last seven days.
///
/// # Errors
/// A frame that is not as declared.
pub fn windows(facts: &DataFrame) -> Result<Vec<MetricWindow>, ReportError> {
    let fields = Fields(facts);
    let (accounts, metrics) = (fields.text(metric_facts::account)?, fields.text(metric_facts::metric)?);
    let names = fields.words::<Window>(metric_facts::window)?;
    let (from, to) = (fields.date(metric_facts::from)?, fields.date(metric_facts::to)?);
    let computable = fields.flag(metric_facts::computable)?;
    let (numerators, denominators) = (fields.int(metric_facts::numerator)?, fields.int(metric_facts::denominator)?);
    let excluded = fields.text(metric_facts::excluded)?;
    let (nums, dens) = (fields.int(metric_facts::target_num)?, fields.int(metric_facts::target_den)?);
    let (at_least, strict) = (fields.flag(metric_facts::at_least)?, fields.flag(metric_facts::strict)?);
    let valid_from = fields.date(metric_facts::target_from)?;
    let (open, quarantined) = (fields.flag(metric_facts::open)?, fields.int(metric_facts::quarantined)?);
    let (met, distances) = (fields.flag(metric_facts::met)?, fields.int(metric_facts::distance)?);
    let mut windows: Vec<MetricWindow> = (0..fields.height())
        .map(|row| {
            let target = nums.at(row).zip(dens.at(row)).map(|(num, den)| Target {
                bound: policy::Target { num, den, at_least: at_least.at(row), strict: strict.at(row) },
                valid_from: valid_from.at(row),
            });
            Ok(MetricWindow {
                account: accounts.at(row).to_owned(),
                metric: metrics.at(row).to_owned(),
                window: names[row],
                from: from.at(row),
                to: to.at(row),
                computable: computable.at(row),
                numerator: numerators.at(row).unwrap_or(0),
                denominator: denominators.at(row).unwrap_or(0),
                excluded: reasons(excluded.at(row))?,
                target,
                met: met.known(row),
                open: open.at(row),
                quarantined: quarantined.at(row).unwrap_or(0),
                distance: distances.at(row),
            })
        })
        .collect::<Result<_, ReportError>>()?;
    windows.sort_by(|a, b| {
        let key = |entry: &MetricWindow| (entry.account.clone(), place_of(&entry.metric), entry.window, entry.from);
        key(a).cmp(&key(b))
    });
    Ok(windows)
}

fn reasons(json: &str) -> Result<Map<String, Value>, ReportError> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(json)
        .map_err(|error| ReportError::Json { what: metric_facts::excluded.name.to_owned(), cause: error.to_string() })
}

fn place_of(metric: &str) -> usize {
    MetricName::ALL.iter().position(|known| known.text() == metric).unwrap_or(MetricName::ALL.len())
}
