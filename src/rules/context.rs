//! What a rule may ask beside its facts: the account, its policy on the as-of day, the day itself.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::NaiveDate;
use polars::prelude::{Expr, lit};

use crate::base::zone::day_number;
use crate::frame::column::Column;
use crate::pipeline::Account;
use crate::pipeline::policy::Policy;
use crate::vocab::Severity;

/// The deadline *at once* (§16.15) in place of a day number: the day on which the finding is first seen, and stays.
pub const AT_ONCE: i32 = i32::MIN;

/// What a rule may ask beside its facts: the account, its policy on the as-of day, the as-of day.
pub struct Context<'run> {
    /// The account of the subjects; `None` for subjects without one.
    pub account: Option<&'run Account>,
    /// Policy on the as-of day.
    pub policy: Rc<Policy>,
    /// The as-of day.
    pub as_of: NaiveDate,
    /// First instant after as-of, milliseconds UTC.
    pub end_millis: i64,
    /// The rule that asks.
    pub code: &'static str,
    /// Severity that the pipeline sets in place of the rule's own.
    pub severity: Option<Severity>,
    /// Thresholds that no pack sets.
    pub missing: &'run RefCell<Vec<String>>,
}

impl Context<'_> {
    /// A threshold of the rule. One that no pack sets is remembered and stops the run.
    pub fn threshold(&self, name: &str) -> i64 {
        self.policy.threshold(self.code, name).unwrap_or_else(|| {
            self.missing.borrow_mut().push(format!("thresholds.{}.{name}", self.code));
            i64::MAX / 4_000_000
        })
    }

    /// More than `hours` have passed from the instant to the end of the as-of day.
    pub fn hours_passed(&self, since: Column, hours: i64) -> Expr {
        since.lt(self.end_millis - hours * 3_600_000)
    }

    /// The as-of day as a day number.
    pub fn today(&self) -> i64 {
        i64::from(day_number(self.as_of))
    }

    /// The deadline *at once* ([`AT_ONCE`]).
    pub fn at_once(&self) -> Expr {
        lit(i64::from(AT_ONCE))
    }
}
