//! The tables on a rule's page are its test: each row that *finds* names is found, every other row is left alone.

use std::cell::RefCell;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::zone::{day_number, to_utc_millis};
use crate::frame::build::FrameBuilder;
use crate::frame::column::{Column, Frame, Shape};
use crate::pipeline::Account;
use crate::rules::context::Context;
use crate::rules::engine::run;
use crate::rules::evidence::Library;
use crate::rules::rule::Rule;

/// The as-of day of all examples, at whose end they are judged.
const AS_OF: AsOf = match NaiveDate::from_ymd_opt(2026, 12, 11) {
    Some(day) => AsOf(day),
    None => AsOf(NaiveDate::MAX),
};

/// The lines of a table of a page.
fn block<'page>(page: &'page str, name: &str) -> Vec<&'page str> {
    page.lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with(&format!("```text {name}")))
        .skip(1)
        .take_while(|line| *line != "```")
        .collect()
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

/// A fact frame of a table: its first row names the columns. The rows are of the account, in its currency; what the table does not name is
/// unknown.
///
/// # Errors
/// What of the table cannot be read.
fn given(frame: &'static Frame, rows: &[&str], account: &Account) -> Result<DataFrame, String> {
    let (header, rows) = rows.split_first().ok_or("the example has no table `given`")?;
    let names = cells(header);
    let table: Vec<Vec<&str>> = rows.iter().map(|row| cells(row)).collect();
    if let Some(unknown) = names.iter().find(|name| frame.column(name).is_none()) {
        return Err(format!("no column `{unknown}` in {}", frame.name));
    }
    if let Some(row) = table.iter().find(|row| row.len() != names.len()) {
        return Err(format!("`{}` has {} cells, not {}", row.join(" | "), row.len(), names.len()));
    }
    let mut built = FrameBuilder::new(frame, table.len());
    for column in frame.columns {
        if let Some(place) = names.iter().position(|name| *name == column.name) {
            fill(&mut built, *column, &table.iter().map(|row| row[place]).collect::<Vec<_>>())?;
        } else if column.name == "account" {
            built.texts(*column, vec![account.name.as_str(); table.len()]);
        } else if column.name.ends_with("currency") {
            built.texts(*column, vec![account.currency.as_str(); table.len()]);
        } else if matches!(column.shape, Shape::Text) {
            built.texts(*column, vec![""; table.len()]);
        }
    }
    built.finish().map_err(|error| error.to_string())
}

/// An empty cell is a value that is not known.
fn fill(built: &mut FrameBuilder, column: Column, values: &[&str]) -> Result<(), String> {
    fn read<T>(values: &[&str], column: Column, read: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>, String> {
        let one = |text: &&str| match read(text) {
            None if !text.is_empty() => Err(format!("`{text}` is no value of {}", column.name)),
            value => Ok(value),
        };
        values.iter().map(one).collect()
    }
    let instant = |text: &str| {
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(to_utc_millis(local, chrono_tz::UTC))
    };
    match column.shape {
        Shape::Text | Shape::Word => {
            let is_word = |text: &&&str| text.is_empty() || column.words.is_empty() || column.words.contains(*text);
            if let Some(unknown) = values.iter().find(|text| !is_word(text)) {
                return Err(format!("`{unknown}` is no word of {}: {}", column.name, column.words.join(", ")));
            }
            built.texts(column, values)
        }
        Shape::Money | Shape::Ppm | Shape::Int => {
            built.numbers(column, read(values, column, |text| text.parse().ok())?)
        }
        Shape::Date => built.days(column, read(values, column, |text| text.parse().ok().map(day_number))?),
        Shape::Instant => built.instants(column, read(values, column, instant)?),
        Shape::Flag => {
            let flags = read(values, column, |text| ["no", "yes"].iter().position(|word| *word == text))?;
            built.flags(column, flags.into_iter().map(|flag| flag == Some(1)))
        }
        Shape::Row => built.references(column, read(values, column, |text| text.parse().ok())?),
    };
    Ok(())
}

/// The context in which the examples of an account are judged.
fn context<'run>(rule: &Rule, account: &Account, missing: &'run RefCell<Vec<String>>) -> Context<'run> {
    Context::new(rule.code, Some(account), account.policy(AS_OF.0).into(), AS_OF, missing)
}

/// The first cells of the rows that a rule finds in its example.
fn found(
    rule: &'static Rule,
    account: &Account,
    facts: &DataFrame,
    key: &str,
) -> PolarsResult<(Vec<String>, Vec<String>)> {
    let missing = RefCell::new(Vec::new());
    let context = context(rule, account, &missing);
    let found = run(rule, &context, facts, Library::default())?.into_iter().map(|finding| match key {
        "order_no" => finding.order_no.into(),
        "account" => finding.account.to_string(),
        "tracking_number" => finding.shipment.into(),
        "statement_id" => finding.statement.into(),
        "metric" | "key" | "code_raw" | "method" => part_of(&finding.subject, key),
        _ => finding.subject.into(),
    });
    Ok((found.collect(), missing.into_inner()))
}

fn part_of(subject: &str, key: &str) -> String {
    let place = match key {
        "metric" => 0,
        "code_raw" => 2,
        _ => 1,
    };
    subject.split('|').nth(place).unwrap_or_default().to_owned()
}

/// Tries the example of a rule as an account sees it: the rows that it names are found, and only they, and at least one is left alone.
///
/// # Errors
/// What is not as the example says.
pub fn try_example(rule: &'static Rule, account: &Account) -> Result<(), String> {
    let rows = block(rule.page, "given");
    let facts = given(rule.subject.frame(), &rows, account)?;
    let key = rows.first().map(|header| cells(header)[0]).unwrap_or_default();
    let (found, missing) = found(rule, account, &facts, key).map_err(|error| error.to_string())?;
    let wanted = block(rule.page, "finds");
    if !missing.is_empty() {
        return Err(format!("no pack sets {}", missing.join(", ")));
    }
    if found != wanted {
        return Err(format!("found are [{}]", found.join(", ")));
    }
    if found.is_empty() || found.len() + 1 >= rows.len() {
        return Err("the example shows no row that is found, or none that is left alone".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use polars::prelude::{Expr, IntoLazy, Operator, lit};

    use super::*;
    use crate::pipeline::policy::PolicyBook;
    use crate::pipeline::{Pack, embedded_pack};
    use crate::rules::catalogue;

    fn account(rule: &Rule) -> Account {
        let common = embedded_pack("common").unwrap();
        Account {
            name: "example".into(),
            marketplace: "example".into(),
            pack: Arc::new(Pack::default()),
            currency: "CZK".into(),
            timezone: chrono_tz::UTC,
            traits: rule.needs.iter().copied().collect(),
            policies: PolicyBook { entries: common.policies.entries.clone() },
            calendar: None,
            complete: true,
            own_delivery_activation_date: None,
        }
    }

    #[test]
    fn every_rule_finds_its_example_and_leaves_the_near_miss_alone() {
        for rule in catalogue() {
            assert_eq!(try_example(rule, &account(rule)), Ok(()), "{}", rule.code);
        }
    }

    /// The example of a rule as a frame, the context it is judged in, and its conditions.
    fn judged<Seen>(
        rule: &'static Rule,
        see: impl FnOnce(&DataFrame, &Context<'_>, Vec<(&'static str, Expr)>) -> Seen,
    ) -> Seen {
        let (account, missing) = (account(rule), RefCell::new(Vec::new()));
        let facts = given(rule.subject.frame(), &block(rule.page, "given"), &account).unwrap();
        let context = context(rule, &account, &missing);
        let conditions = rule.conditions(&context);
        see(&facts, &context, conditions)
    }

    fn holds(facts: &DataFrame, condition: Expr) -> Vec<bool> {
        let judged = facts.clone().lazy().select([condition.fill_null(lit(false)).alias("holds")]).collect().unwrap();
        judged.column("holds").unwrap().bool().unwrap().iter().map(Option::unwrap_or_default).collect()
    }

    /// Dropped, a condition would find a row that the page leaves alone; negated, it would lose those that the page finds.
    #[test]
    fn for_each_condition_a_row_fails_only_it() {
        let mut lacking = Vec::new();
        for rule in catalogue() {
            let seen: Vec<(&str, Vec<bool>)> = judged(rule, |facts, _, conditions| {
                conditions.into_iter().map(|(words, condition)| (words, holds(facts, condition))).collect()
            });
            for (place, (words, _)) in seen.iter().enumerate() {
                let fails_only =
                    |row: usize| seen.iter().enumerate().all(|(other, (_, holds))| holds[row] != (other == place));
                if !(0..seen[0].1.len()).any(fails_only) {
                    lacking.push(format!("{}: no row of its example fails only *{words}*", rule.code));
                }
            }
        }
        assert!(lacking.is_empty(), "{}\n{} conditions", lacking.join("\n"), lacking.len());
    }

    /// The expression with its n-th comparison moved by one (`<` for `<=` and the like), or `None` when it has fewer.
    fn moved(expr: &Expr, nth: usize) -> Option<Expr> {
        let mut place = 0;
        let mut has_moved = false;
        let moved = expr.clone().map_expr(|part| match part {
            Expr::BinaryExpr { left, op, right } => {
                let op = match op {
                    Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq if place < nth => {
                        place += 1;
                        op
                    }
                    Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq if place == nth => {
                        place += 1;
                        has_moved = true;
                        match op {
                            Operator::Lt => Operator::LtEq,
                            Operator::LtEq => Operator::Lt,
                            Operator::Gt => Operator::GtEq,
                            _ => Operator::Gt,
                        }
                    }
                    other => other,
                };
                Expr::BinaryExpr { left, op, right }
            }
            other => other,
        });
        has_moved.then_some(moved)
    }

    /// A bound is an integer (minor units, days, milliseconds), so a strict comparison for the other is the bound moved by one.
    #[test]
    fn each_bound_of_a_condition_has_a_row_on_it() {
        let mut lacking = Vec::new();
        for rule in catalogue() {
            judged(rule, |facts, _, conditions| {
                let all = |conditions: Vec<Expr>| {
                    holds(facts, conditions.into_iter().map(|one| one.fill_null(lit(false))).reduce(Expr::and).unwrap())
                };
                let plain: Vec<Expr> = conditions.iter().map(|(_, condition)| condition.clone()).collect();
                let found = all(plain.clone());
                for (place, (words, condition)) in conditions.iter().enumerate() {
                    for nth in 0.. {
                        let Some(moved) = moved(condition, nth) else { break };
                        let mut mutated = plain.clone();
                        mutated[place] = moved;
                        if all(mutated) == found {
                            lacking.push(format!(
                                "{}: no row of its example is on bound {} of *{words}*",
                                rule.code,
                                nth + 1
                            ));
                        }
                    }
                }
            });
        }
        assert!(lacking.is_empty(), "{}\n{} bounds", lacking.join("\n"), lacking.len());
    }

    #[test]
    fn codes_are_unique_and_match_their_files() {
        let mut codes = BTreeSet::new();
        for rule in catalogue() {
            assert!(codes.insert(rule.code), "{} stands twice", rule.code);
            let stem = std::path::Path::new(rule.file).file_stem().unwrap().to_str().unwrap();
            let prefix = rule.code.to_lowercase().replace('-', "");
            assert!(stem.starts_with(&format!("{prefix}_")), "{stem} does not begin with {prefix}");
        }
    }

    #[test]
    fn every_page_has_its_headings() {
        for rule in catalogue() {
            for heading in ["## Why it matters", "## What to do", "## Example"] {
                assert!(rule.page.contains(heading), "{} lacks {heading}", rule.code);
            }
            assert!(rule.title().ends_with('.'), "{}", rule.code);
        }
    }
}
