//! One finding, before it is a row of a frame.

use sha2::{Digest, Sha256};

use crate::rules::evidence::Evidence;
use crate::vocab::Severity;

/// One finding in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The account, or empty.
    pub account: String,
    /// Its marketplace, or empty.
    pub marketplace: String,
    /// The order, or empty.
    pub order_no: String,
    /// The tracking number, or empty.
    pub shipment: String,
    /// The statement, or empty.
    pub statement: String,
    /// The subject, or empty.
    pub subject: String,
    /// Money at stake, minor units.
    pub money: Option<i64>,
    /// Its currency.
    pub currency: String,
    /// Deadline, a day number, or [`AT_ONCE`](crate::rules::context::AT_ONCE).
    pub due: Option<i32>,
    /// The rule's version and the policy it used.
    pub rule_version: String,
    /// What proves it, before its cells are read again.
    pub evidence: Vec<Evidence>,
    /// What to do, or in a list of suppressed findings the code that suppressed it.
    pub remedy: String,
    /// Allowed difference of the order's payout or of the statement, minor units; 0 for other subjects.
    pub tolerance: i64,
    /// Place among findings with the same keys (two lines of one statement), from 1.
    pub ordinal: usize,
}

impl Finding {
    /// Hash of code and business keys: it does not change when rows move or files are renamed.
    pub fn id(&self) -> String {
        let ordinal = if self.ordinal > 1 { self.ordinal.to_string() } else { String::new() };
        let keys = [self.code, &self.account, &self.order_no, &self.shipment, &self.statement, &self.subject, &ordinal]
            .join("\u{1f}");
        Sha256::digest(keys.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn sort_key(&self) -> (&str, &str, &str, &str, &str, &str, Option<i64>, &[Evidence]) {
        (
            self.code,
            &self.account,
            &self.order_no,
            &self.shipment,
            &self.statement,
            &self.subject,
            self.money,
            &self.evidence,
        )
    }
}
