//! What a rule is: a page to read, named conditions over one fact frame, money, deadline, evidence. A rule joins nothing.

use polars::prelude::{Expr, lit, when};

use crate::frame::column::Column;
use crate::pipeline::{Account, TextRule};
use crate::rules::context::Context;
use crate::rules::formula_expr::expression;
use crate::vocab::{Kind, Remedy, Severity, Subject, Trait};

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
#[derive(Debug)]
pub struct Rule {
    /// Stable code, such as `ST-001`; never reused.
    pub code: &'static str,
    /// Readable name in kebab case.
    pub name: &'static str,
    /// The page: a sentence, *Why it matters*, *What to do*, *Example* with its tables.
    pub page: &'static str,
    /// Version of the predicate; raised when it changes figures.
    pub version: u32,
    /// What one finding is about.
    pub subject: Subject,
    /// What to do, unless a condition below holds.
    pub remedy: Remedy,
    /// What to do in its place, by where the subject and its money stand; the first condition that holds decides.
    pub remedy_unless: fn() -> Vec<(Expr, Remedy)>,
    /// Traits that the account's pack must declare.
    pub needs: &'static [Trait],
    /// What it looks for.
    pub body: Body,
    /// Facts that prove it.
    pub evidence: &'static [Column],
    /// Kinds of exports whose refused rows may be what the finding misses.
    pub rests_on: &'static [Kind],
    /// File that declares it.
    pub file: &'static str,
}

/// What a rule looks for.
#[derive(Debug)]
pub enum Body {
    /// Written in Rust: a file of this folder.
    Rust {
        /// How bad.
        severity: fn(&Context) -> Severities,
        /// All must hold.
        when: fn(&Context) -> Vec<Condition>,
        /// Money at stake, minor units; `None`: the rule is not about money.
        money: fn(&Context) -> Option<Expr>,
        /// Deadline as a day number, or [`AT_ONCE`](crate::rules::context::AT_ONCE); `None`: no deadline.
        due: fn(&Context) -> Option<Expr>,
    },
    /// Written as text: a pack or a pipeline.
    Text(&'static TextRule),
}

impl Rule {
    /// The first sentence of the page.
    pub fn title(&self) -> &'static str {
        self.page.lines().next().unwrap_or_default().trim()
    }

    /// Whether it speaks of the account, and whether the account's pack switches it on.
    pub fn concerns(&self, account: Option<&Account>) -> bool {
        let is_meant = match &self.body {
            Body::Rust { .. } => true,
            Body::Text(rule) => rule.concerns(account.map(|account| account.marketplace.as_str())),
        };
        is_meant && self.needs.iter().all(|wanted| account.is_some_and(|account| account.has(*wanted)))
    }

    /// How bad: what the pipeline says, else what the rule says.
    pub fn severity(&self, context: &Context) -> Severities {
        match (&self.body, context.severity) {
            (_, Some(set)) => set.into(),
            (Body::Rust { severity, .. }, None) => severity(context),
            (Body::Text(rule), None) => rule.written.severity.into(),
        }
    }

    /// The conditions, all of which must hold.
    pub fn conditions(&self, context: &Context) -> Vec<Condition> {
        match &self.body {
            Body::Rust { when, .. } => when(context),
            Body::Text(rule) => rule
                .when
                .iter()
                .map(|(words, formula)| (words.as_str(), expression(formula, self.subject, context)))
                .collect(),
        }
    }

    /// Money at stake, minor units; `None`: the rule is not about money.
    pub fn money(&self, context: &Context) -> Option<Expr> {
        match &self.body {
            Body::Rust { money, .. } => money(context),
            Body::Text(rule) => rule.money.as_ref().map(|formula| expression(formula, self.subject, context)),
        }
    }

    /// Deadline as a day number, or [`AT_ONCE`](crate::rules::context::AT_ONCE); `None`: no deadline.
    pub fn due(&self, context: &Context) -> Option<Expr> {
        match &self.body {
            Body::Rust { due, .. } => due(context),
            Body::Text(rule) => rule.due.as_ref().map(|formula| expression(formula, self.subject, context)),
        }
    }
}

/// `|a − b|` is at most `tolerance`; null counts as *no*.
pub fn within(a: Expr, b: Expr, tolerance: Expr) -> Expr {
    let difference = a - b;
    difference.clone().lt_eq(tolerance.clone()).and(difference.gt_eq(lit(0i64) - tolerance)).fill_null(lit(false))
}

/// The smaller of two numbers; the one that is known where the other is null.
pub fn earlier(a: Expr, b: Expr) -> Expr {
    when(a.clone().is_null().or(b.clone().lt(a.clone()))).then(b).otherwise(a)
}

/// Declares the rule of a file. The doc comment is the page; its tables are the test.
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        $code:literal $name:literal version $version:literal {
            severity: $severity:expr,
            subject: $subject:ident,
            remedy: $remedy:ident $(unless [$($other:ident when $unless:expr),+ $(,)?])?,
            needs: [$($needs:ident),* $(,)?],
            when: |$ctx:ident| [$($text:literal => $condition:expr),+ $(,)?],
            money: $money:expr,
            due: $due:expr,
            evidence: [$($evidence:expr),* $(,)?] $(,)?
            $(rests_on: [$($kind:ident),+ $(,)?] $(,)?)?
        }
    ) => {
        $(#[doc = $doc])+
        pub static RULE: $crate::rules::rule::Rule = $crate::rules::rule::Rule {
            code: $code,
            name: $name,
            page: concat!($($doc, "\n"),+),
            version: $version,
            subject: $crate::vocab::Subject::$subject,
            remedy: $crate::vocab::Remedy::$remedy,
            remedy_unless: || vec![$($(($unless, $crate::vocab::Remedy::$other)),+)?],
            needs: &[$($crate::vocab::Trait::$needs),*],
            body: $crate::rules::rule::Body::Rust {
                severity: $severity,
                when: |$ctx| {
                    let _ = $ctx;
                    vec![$(($text, $condition)),+]
                },
                money: $money,
                due: $due,
            },
            evidence: &[$($evidence),*],
            rests_on: &[$($($crate::vocab::Kind::$kind),+)?],
            file: file!(),
        };
    };
}

pub(crate) use declare_rule;
