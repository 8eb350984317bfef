//! What a rule is: a page to read, named conditions over one fact frame, money, deadline, evidence. A rule joins nothing.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::NaiveDate;
use polars::prelude::{Expr, lit};

use crate::base::zone::day_number;
use crate::frame::column::{Column, Frame};
use crate::frame::{
    conflict_facts, document_facts, identifier_facts, metric_facts, number_facts, order_facts, payout_day_facts,
    payout_facts, postage_day_facts, shipment_facts, source_facts, supplier_account_facts, supplier_facts, word_facts,
};
use crate::pipeline::Account;
use crate::pipeline::policy::Policy;
use crate::vocab::{Remedy, Severity, Trait};

/// What one finding of a rule is about, and so which fact frame the rule reads and which keys its findings fill (rulebook §9.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An order.
    Order,
    /// An order, and its tracking number where it has one.
    OrderAndNumber,
    /// A parcel.
    Shipment,
    /// A tracking number.
    Number,
    /// A payout line.
    PayoutLine,
    /// A payout date.
    PayoutDay,
    /// A return document or a credit note.
    Document,
    /// Day, method and currency.
    PostageDay,
    /// A metric and its month.
    Metric,
    /// A carrier code.
    Word,
    /// A source and a key.
    Conflict,
    /// A source.
    Source,
    /// A source and an identifier as it stands there.
    Identifier,
    /// A supplier order, with money of the supplier.
    Supplier,
    /// A supplier order, with money of the sale.
    SupplierSale,
    /// A supplier account.
    SupplierAccount,
}

impl Subject {
    /// The fact frame that holds such subjects.
    pub fn frame(self) -> &'static Frame {
        match self {
            Subject::Order | Subject::OrderAndNumber => &order_facts::FRAME,
            Subject::Shipment => &shipment_facts::FRAME,
            Subject::Number => &number_facts::FRAME,
            Subject::PayoutLine => &payout_facts::FRAME,
            Subject::PayoutDay => &payout_day_facts::FRAME,
            Subject::Document => &document_facts::FRAME,
            Subject::PostageDay => &postage_day_facts::FRAME,
            Subject::Metric => &metric_facts::FRAME,
            Subject::Word => &word_facts::FRAME,
            Subject::Conflict => &conflict_facts::FRAME,
            Subject::Source => &source_facts::FRAME,
            Subject::Identifier => &identifier_facts::FRAME,
            Subject::Supplier | Subject::SupplierSale => &supplier_facts::FRAME,
            Subject::SupplierAccount => &supplier_account_facts::FRAME,
        }
    }
}

impl Subject {
    /// The column that holds the currency of the money.
    pub fn currency(self) -> Column {
        match self {
            Subject::SupplierSale => supplier_facts::sale_currency,
            _ => order_facts::currency,
        }
    }
}

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
}

/// A condition with the words that `explain` shows.
pub type Condition = (&'static str, Expr);

/// Severity: the first condition that holds decides, else the last word.
#[derive(Debug, Clone)]
pub struct Severities {
    /// Conditions in order.
    pub when: Vec<(Expr, Severity)>,
    /// When none holds.
    pub otherwise: Severity,
}

impl From<Severity> for Severities {
    fn from(severity: Severity) -> Severities {
        Severities { when: Vec::new(), otherwise: severity }
    }
}

/// A rule of the catalogue.
pub struct Rule {
    /// Stable code, such as `ST-001`; never reused.
    pub code: &'static str,
    /// Readable name in kebab case.
    pub name: &'static str,
    /// The page: a sentence, *Why it matters*, *What to do*, *Example* with its tables.
    pub page: &'static str,
    /// Version of the predicate; raised when it changes figures.
    pub version: u32,
    /// How bad.
    pub severity: fn(&Context) -> Severities,
    /// What one finding is about.
    pub subject: Subject,
    /// What to do.
    pub remedy: Remedy,
    /// Traits that the account's pack must declare.
    pub needs: &'static [Trait],
    /// All must hold.
    pub when: fn(&Context) -> Vec<Condition>,
    /// Money at stake, unsigned minor units; `None`: the rule is not about money.
    pub money: fn(&Context) -> Option<Expr>,
    /// Deadline as a date; `None`: no deadline.
    pub due: fn(&Context) -> Option<Expr>,
    /// Facts that prove it.
    pub evidence: &'static [Column],
    /// File that declares it.
    pub file: &'static str,
}

impl Rule {
    /// The first sentence of the page.
    pub fn title(&self) -> &'static str {
        self.page.lines().next().unwrap_or_default().trim()
    }
}

/// `|a − b|` is at most `tolerance`; null counts as *no*.
pub fn within(a: Expr, b: Expr, tolerance: Expr) -> Expr {
    let difference = a - b;
    difference.clone().lt_eq(tolerance.clone()).and(difference.gt_eq(lit(0i64) - tolerance)).fill_null(lit(false))
}

/// Declares the rule of a file. The doc comment is the page; its tables are the test.
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        $code:literal $name:literal version $version:literal {
            severity: $severity:expr,
            subject: $subject:ident,
            remedy: $remedy:ident,
            needs: [$($needs:ident),* $(,)?],
            when: |$ctx:ident| [$($text:literal => $condition:expr),+ $(,)?],
            money: $money:expr,
            due: $due:expr,
            evidence: [$($evidence:expr),* $(,)?] $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        pub static RULE: $crate::rules::rule::Rule = $crate::rules::rule::Rule {
            code: $code,
            name: $name,
            page: concat!($($doc, "\n"),+),
            version: $version,
            severity: $severity,
            subject: $crate::rules::rule::Subject::$subject,
            remedy: $crate::vocab::Remedy::$remedy,
            needs: &[$($crate::vocab::Trait::$needs),*],
            when: |$ctx| {
                let _ = $ctx;
                vec![$(($text, $condition)),+]
            },
            money: $money,
            due: $due,
            evidence: &[$($evidence),*],
            file: file!(),
        };
    };
}

pub(crate) use declare_rule;
