//! Findings, before and when they are rows of a frame.

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use sha2::{Digest, Sha256};

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::findings as f;
use crate::rules::context::AT_ONCE;
use crate::rules::evidence::Evidence;
use crate::vocab::{FindingState, Severity, Word};

/// One finding in the making. Texts that many findings have are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The account, or empty.
    pub account: Arc<str>,
    /// Its marketplace, or empty.
    pub marketplace: Arc<str>,
    /// The order, or empty.
    pub order_no: Box<str>,
    /// The tracking number, or empty.
    pub shipment: Box<str>,
    /// The statement, or empty.
    pub statement: Box<str>,
    /// The subject, or empty.
    pub subject: Box<str>,
    /// Money at stake, minor units.
    pub money: Option<i64>,
    /// Its currency.
    pub currency: Arc<str>,
    /// Deadline, a day number, or [`AT_ONCE`].
    pub due: Option<i32>,
    /// The rule's version and the policy it used.
    pub rule_version: Arc<str>,
    /// What proves it, before its cells are read again.
    pub evidence: Vec<Evidence>,
    /// What to do, or in a list of suppressed findings the code that suppressed it.
    pub remedy: &'static str,
    /// Allowed difference of the order's payout or of the statement, minor units; 0 for other subjects.
    pub tolerance: i64,
    /// Place among findings with the same keys (two lines of one statement), from 1.
    pub ordinal: usize,
}

impl Finding {
    /// Hash of code and business keys: it does not change when rows move or files are renamed.
    pub fn id(&self) -> String {
        let ordinal = if self.ordinal > 1 { self.ordinal.to_string() } else { String::new() };
        let mut keys = self.keys().join("\u{1f}");
        keys.push('\u{1f}');
        keys.push_str(&ordinal);
        Sha256::digest(keys.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Code and business keys.
    pub(super) fn keys(&self) -> [&str; 6] {
        [self.code, &self.account, &self.order_no, &self.shipment, &self.statement, &self.subject]
    }

    pub(super) fn sort_key(&self) -> ([&str; 6], Option<i64>, &[Evidence]) {
        (self.keys(), self.money, &self.evidence)
    }
}

/// Findings as a frame, before they are compared with the previous publication. What proves them is told later.
///
/// # Errors
/// A bug of ours.
pub fn frame(found: &[Finding], as_of: AsOf) -> PolarsResult<DataFrame> {
    let today = day_number(as_of.0);
    let mut built = FrameBuilder::new(&f::FRAME, found.len());
    built
        .texts(f::finding_id, found.iter().map(Finding::id))
        .texts(f::code, found.iter().map(|finding| finding.code))
        .texts(f::severity, found.iter().map(|finding| finding.severity.text()))
        .texts(f::account, found.iter().map(|finding| &finding.account))
        .texts(f::marketplace, found.iter().map(|finding| &finding.marketplace))
        .texts(f::order_no, found.iter().map(|finding| &finding.order_no))
        .texts(f::shipment, found.iter().map(|finding| &finding.shipment))
        .texts(f::statement, found.iter().map(|finding| &finding.statement))
        .texts(f::subject, found.iter().map(|finding| &finding.subject))
        .numbers(f::money, found.iter().map(|finding| finding.money))
        .texts(f::currency, found.iter().map(|finding| &finding.currency))
        .days(f::due, found.iter().map(|finding| finding.due.map(|due| if due == AT_ONCE { today } else { due })))
        .flags(f::due_at_once, found.iter().map(|finding| finding.due == Some(AT_ONCE)))
        .days(f::first_seen, found.iter().map(|_| Some(today)))
        .numbers(f::nights_open, found.iter().map(|_| Some(0)))
        .texts(f::state, found.iter().map(|_| FindingState::New.text()))
        .texts(f::rule_version, found.iter().map(|finding| &finding.rule_version))
        .texts(f::remedy, found.iter().map(|finding| &finding.remedy));
    built.finish()
}

#[cfg(test)]
impl Finding {
    /// A finding about an order of the account `a`, of high severity and with nothing else.
    pub(super) fn of_order(code: &'static str, order_no: &str) -> Finding {
        Finding {
            code,
            severity: Severity::High,
            account: "a".into(),
            marketplace: "m".into(),
            order_no: order_no.into(),
            shipment: "".into(),
            statement: "".into(),
            subject: "".into(),
            money: None,
            currency: "".into(),
            due: None,
            rule_version: "1".into(),
            evidence: Vec::new(),
            remedy: "",
            tolerance: 2,
            ordinal: 1,
        }
    }
}
