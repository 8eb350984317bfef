//! What a rule may ask beside its facts: the policy of their account on the as-of day, its zone, the day itself.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use polars::prelude::{Expr, lit};

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::column::Column;
use crate::pipeline::Account;
use crate::pipeline::policy::Policy;
use crate::vocab::Severity;

/// The deadline *at once* (§16.15) in place of a day number: the day on which the finding is first seen, and stays.
pub const AT_ONCE: i32 = i32::MIN;

/// What a rule may ask beside its facts. Accounts that differ in nothing of it are judged together.
pub struct Context<'run> {
    /// Policy on the as-of day.
    pub policy: Arc<Policy>,
    /// Zone of civil days; UTC for subjects without an account.
    pub zone: Tz,
    /// The exports of the account are complete, or there is no account.
    pub is_complete: bool,
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

impl<'run> Context<'run> {
    /// What a rule may ask of an account, or of none; the severity is the rule's own.
    pub fn new(
        code: &'static str,
        account: Option<&Account>,
        policy: Arc<Policy>,
        as_of: AsOf,
        missing: &'run RefCell<Vec<String>>,
    ) -> Context<'run> {
        let zone = account.map_or(chrono_tz::UTC, |account| account.timezone);
        let is_complete = account.is_none_or(|account| account.complete);
        let end_millis = as_of.end_millis(zone);
        Context { policy, zone, is_complete, as_of: as_of.0, end_millis, code, severity: None, missing }
    }

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
