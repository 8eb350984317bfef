//! A checked formula as an expression of the frame engine. What is not known stays unknown, and the engine counts it as *no*.

use std::collections::HashSet;

use polars::prelude::{
    BooleanChunked, Column as Values, DataType, Expr, Field, IntoColumn, PolarsResult, coalesce, lit, when,
};

use crate::base::money;
use crate::frame::column::Shape;
use crate::pipeline::formula::{Amount, Comparison, Formula};
use crate::rules::context::Context;
use crate::vocab::Subject;

/// The expression of a formula over the facts of a subject.
pub fn expression(formula: &Formula, subject: Subject, context: &Context) -> Expr {
    let of = |formula: &Formula| expression(formula, subject, context);
    match formula {
        Formula::Column(column) => match column.shape {
            Shape::Text | Shape::Word => column.expr().fill_null(lit("")),
            Shape::Date | Shape::Instant => column.number(),
            _ => column.expr(),
        },
        Formula::AsOf => lit(context.today()),
        Formula::AsOfEnd => lit(context.end_millis),
        Formula::Threshold(name) => lit(context.threshold(name)),
        Formula::Flag(yes) => lit(*yes),
        Formula::Text(text) => lit(text.clone()),
        Formula::Whole(number) => lit(*number),
        Formula::Amount(amount) => minor(*amount, subject),
        Formula::Day(day) => lit(i64::from(*day)),
        Formula::Not(a) => of(a).not(),
        Formula::Known(a) => of(a).is_not_null(),
        Formula::Compare(comparison, a, b) => compare(*comparison, of(a), of(b)),
        Formula::OneOf(a, values) => one_of(of(a), values, subject),
        Formula::All(all) => balanced(all.iter().map(of).collect(), Expr::and, true),
        Formula::Any(all) => balanced(all.iter().map(of).collect(), Expr::or, false),
        Formula::Sum(a, b) => of(a) + of(b),
        Formula::Difference(a, b) => of(a) - of(b),
        Formula::Times(times, a) => lit(*times) * of(a),
        Formula::Later(a, millis) => of(a) + lit(*millis),
        Formula::Magnitude(a) => of(a).abs(),
        Formula::First(all) => coalesce(&all.iter().map(of).collect::<Vec<_>>()),
        Formula::Matches(a, pattern) => {
            let pattern = pattern.clone();
            judged(of(a), move |texts| {
                Ok(texts.as_materialized_series().str()?.iter().map(|text| Some(pattern.is_match(text?))).collect())
            })
        }
    }
}

fn compare(comparison: Comparison, a: Expr, b: Expr) -> Expr {
    match comparison {
        Comparison::Equal => a.eq(b),
        Comparison::Unequal => a.neq(b),
        Comparison::Less => a.lt(b),
        Comparison::AtMost => a.lt_eq(b),
        Comparison::Greater => a.gt(b),
        Comparison::AtLeast => a.gt_eq(b),
    }
}

/// A yes or no about each value.
fn judged(of: Expr, judge: impl Fn(&Values) -> PolarsResult<BooleanChunked> + Send + Sync + 'static) -> Expr {
    let judge = move |values: Values| Ok(judge(&values)?.with_name(values.name().clone()).into_column());
    of.map(judge, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
}

/// Whether a value is one of a list: one look-up, however long the list is. An unknown value is unknown.
fn one_of(of: Expr, values: &[Formula], subject: Subject) -> Expr {
    let texts: HashSet<String> = all_of(values, |value| match value {
        Formula::Text(text) => Some(text.clone()),
        _ => None,
    });
    if !texts.is_empty() {
        return judged(of, move |values| {
            Ok(values.as_materialized_series().str()?.iter().map(|text| Some(texts.contains(text?))).collect())
        });
    }
    let of = of.cast(DataType::Int64);
    let among = |numbers: HashSet<i64>| {
        judged(of.clone(), move |values| {
            Ok(values.as_materialized_series().i64()?.iter().map(|number| Some(numbers.contains(&number?))).collect())
        })
    };
    let amounts: Vec<Amount> = all_of::<_, Vec<_>>(values, |value| match value {
        Formula::Amount(amount) => Some(*amount),
        _ => None,
    });
    if amounts.is_empty() {
        return among(all_of(values, |value| match value {
            Formula::Whole(number) => Some(*number),
            Formula::Day(day) => Some(i64::from(*day)),
            _ => None,
        }));
    }
    by_decimals(subject, |decimals| {
        let minor: Vec<Option<i64>> = amounts.iter().map(|amount| amount.minor(decimals)).collect();
        let known = among(minor.iter().copied().flatten().collect());
        // An amount that the currency does not have is unknown, and so is whether the value is that one.
        if minor.contains(&None) { known.or(lit(polars::prelude::NULL).cast(DataType::Boolean)) } else { known }
    })
}

fn all_of<T, C: FromIterator<T>>(values: &[Formula], read: impl Fn(&Formula) -> Option<T>) -> C {
    values.iter().filter_map(read).collect()
}

/// Joins expressions two by two: the engine walks through them as deep as they are nested.
pub(super) fn balanced(mut all: Vec<Expr>, join: impl Fn(Expr, Expr) -> Expr, of_none: bool) -> Expr {
    while all.len() > 1 {
        let mut pairs = all.into_iter();
        let mut joined = Vec::with_capacity(pairs.len().div_ceil(2));
        while let Some(one) = pairs.next() {
            joined.push(match pairs.next() {
                Some(other) => join(one, other),
                None => one,
            });
        }
        all = joined;
    }
    all.pop().unwrap_or_else(|| lit(of_none))
}

/// Minor units of the amount in the currency of the row; a currency that has no such amount has an unknown one.
fn minor(amount: Amount, subject: Subject) -> Expr {
    let known = |decimals: u32| amount.minor(decimals).map_or_else(|| lit(polars::prelude::NULL), lit);
    by_decimals(subject, known)
}

/// What holds for a currency with so many decimals, by the currency of the row.
fn by_decimals(subject: Subject, of: impl Fn(u32) -> Expr) -> Expr {
    let currency = subject.currency();
    money::unusual_decimals().into_iter().fold(of(2), |otherwise, (decimals, codes)| {
        let is_one = codes.into_iter().map(|code| currency.expr().eq(lit(code))).reduce(Expr::or);
        when(is_one.unwrap_or_else(|| lit(false))).then(of(decimals)).otherwise(otherwise)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use polars::prelude::IntoLazy;

    use super::*;
    use crate::base::as_of::AsOf;
    use crate::base::zone::day_number;
    use crate::frame::build::FrameBuilder;
    use crate::frame::order_facts as f;
    use crate::pipeline::policy::Policy;
    use crate::pipeline::resolve::formula_text::conditions;

    /// The rows, from 0, of which a condition holds.
    fn rows(sql: &str) -> Vec<usize> {
        let day = |text: &str| Some(day_number(text.parse().unwrap()));
        let at = day("2026-12-10").map(|day| i64::from(day) * 86_400_000);
        let mut built = FrameBuilder::new(&f::FRAME, 4);
        built
            .texts(f::currency, ["CZK", "JPY", "KWD", "CZK"])
            .texts(f::status, ["delivered", "unknown", "shipped", "delivered"])
            .texts(f::tracking_url, ["https://a.cz/1", "", "http://b", "a\nb"])
            .numbers(f::paid, [Some(150), Some(2), Some(1_500), None])
            .numbers(f::expected_payout, [Some(200), Some(1), Some(1_500), Some(1)])
            .days(f::delivered_on, [day("2026-11-27"), day("2026-11-26"), None, day("2026-12-11")])
            .instants(f::shipped_at, [at, at.map(|at| at + 86_400_000), None, None])
            .flags(f::test, [false, true, false, false]);
        let facts = built.finish().unwrap();
        let missing = RefCell::new(Vec::new());
        let as_of = AsOf("2026-12-11".parse().unwrap());
        let context = Context::new("SHOP-001", None, Arc::new(Policy::default()), as_of, &missing);
        let conditions = conditions(sql, &f::FRAME).unwrap_or_else(|mistakes| panic!("{sql}: {mistakes:?}"));
        let holds =
            conditions.iter().map(|(_, formula)| expression(formula, Subject::Order, &context).fill_null(lit(false)));
        let judged = facts.lazy().select([holds.reduce(Expr::and).unwrap().alias("holds")]).collect().unwrap();
        let judged: Vec<Option<bool>> = judged.column("holds").unwrap().bool().unwrap().iter().collect();
        (0..4).filter(|row| judged[*row] == Some(true)).collect()
    }

    #[test]
    fn an_amount_is_of_the_currency_of_its_row() {
        // 1.50 CZK, 2 JPY, 1.500 KWD.
        assert_eq!(rows("paid = 1.50"), [0, 2]);
        assert_eq!(rows("paid >= 2"), [1]);
        assert_eq!(rows("paid < 2.00"), [0, 2]);
        assert_eq!(rows("abs(paid - expected_payout) = 0.5"), [0]);
        assert_eq!(rows("2 * expected_payout = paid"), [1]);
        assert_eq!(rows("paid IN (1.50, 2)"), [0, 1, 2]);
        assert_eq!(rows("paid IN (1.50)"), rows("paid = 1.50"));
        assert_eq!(rows("paid NOT IN (1.50)"), rows("paid <> 1.50"));
        assert_eq!(rows("paid NOT IN (7, 8.5)"), rows("paid <> 7 AND paid <> 8.5"));
        assert_eq!(rows("paid IN (expected_payout, 2)"), [1, 2]);
    }

    #[test]
    fn what_is_not_known_does_not_hold_and_neither_does_its_opposite() {
        assert_eq!(rows("paid > 0.00"), [0, 1, 2]);
        assert_eq!(rows("NOT paid > 0.00"), Vec::<usize>::new());
        assert_eq!(rows("paid IS NULL OR paid > 1"), [0, 1, 2, 3]);
        assert_eq!(rows("coalesce(paid, 0.00) = 0.00"), [3]);
        assert_eq!(rows("status <> 'delivered'"), [1, 2]);
        assert_eq!(rows("tracking_url IS NULL"), [1]);
        assert_eq!(rows("tracking_url IS NOT NULL AND NOT test"), [0, 2, 3]);
    }

    #[test]
    fn days_instants_and_patterns() {
        assert_eq!(rows("delivered_on + 14 < as_of"), [1]);
        assert_eq!(rows("delivered_on + 15 < as_of"), Vec::<usize>::new());
        assert_eq!(rows("as_of - delivered_on BETWEEN 14 AND 15"), [0, 1]);
        assert_eq!(rows("delivered_on = '2026-12-11'"), [3]);
        assert_eq!(rows("delivered_on IN ('2026-12-11', '2026-11-26')"), [1, 3]);
        assert_eq!(rows("delivered_on NOT IN ('2026-12-11', '2026-11-26')"), [0]);
        assert_eq!(rows("status NOT IN ('delivered', 'unknown') AND tracking_url IN ('', 'http://b')"), [2]);
        assert_eq!(rows("shipped_at + INTERVAL '48' HOUR <= as_of_end"), [0]);
        assert_eq!(rows("tracking_url REGEXP '^https?://[a-z]+[.]cz'"), [0]);
        assert_eq!(rows("tracking_url LIKE 'a_b'"), [3]);
        assert_eq!(rows("tracking_url NOT ILIKE 'HTTP%' AND status IN ('delivered', 'unknown')"), [1, 3]);
    }
}
