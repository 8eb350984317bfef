//! How the conditions of a rule stand on single subjects: for `explain`, and for what resolved a finding.

use polars::prelude::{DataFrame, Expr, IntoLazy, PolarsResult, lit};

use crate::frame::column::Column;
use crate::rules::context::Context;
use crate::rules::rule::Rule;

/// One condition over the rows of a fact frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its words.
    pub condition: &'static str,
    /// Whether it holds, row by row.
    pub holds: Vec<bool>,
    /// The facts that it looks at, in the order of the frame.
    pub facts: Vec<Column>,
}

/// The conditions of a rule, in its order.
///
/// # Errors
/// A condition does not fit the frame: a bug of ours.
pub fn verdicts(rule: &Rule, context: &Context, facts: &DataFrame) -> PolarsResult<Vec<Verdict>> {
    let conditions = rule.conditions(context);
    let names: Vec<String> = (0..conditions.len()).map(|place| format!("condition {place}")).collect();
    let exprs: Vec<Expr> = conditions
        .iter()
        .zip(&names)
        .map(|((_, condition), name)| condition.clone().fill_null(lit(false)).alias(name))
        .collect();
    let judged = facts.clone().lazy().with_columns(exprs).collect()?;
    conditions
        .iter()
        .zip(&names)
        .map(|((words, condition), name)| {
            let holds = judged.column(name)?.bool()?.iter().map(Option::unwrap_or_default).collect();
            Ok(Verdict { condition: words, holds, facts: facts_of(rule, condition) })
        })
        .collect()
}

fn facts_of(rule: &Rule, condition: &Expr) -> Vec<Column> {
    let is_read = |column: &Column| {
        condition.into_iter().any(|part| matches!(part, Expr::Column(name) if name.as_str() == column.name))
    };
    rule.subject.frame().columns.iter().copied().filter(is_read).collect()
}
