//! A checked formula as an expression of the frame engine. What is not known stays unknown, and the engine counts it as *no*.

use polars::prelude::{Column as Values, DataType, Expr, Field, IntoColumn, coalesce, lit, when};

use crate::base::money;
use crate::frame::column::Shape;
use crate::pipeline::formula::{Amount, Comparison, Formula};
use crate::rules::rule::Context;
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
        Formula::Both(a, b) => of(a).and(of(b)),
        Formula::Either(a, b) => of(a).or(of(b)),
        Formula::Sum(a, b) => of(a) + of(b),
        Formula::Difference(a, b) => of(a) - of(b),
        Formula::Times(times, a) => lit(*times) * of(a),
        Formula::Later(a, millis) => of(a) + lit(*millis),
        Formula::Magnitude(a) => of(a).abs(),
        Formula::First(all) => coalesce(&all.iter().map(of).collect::<Vec<_>>()),
        Formula::Matches(a, pattern) => {
            let pattern = pattern.clone();
            let matches = move |texts: Values| {
                let texts = texts.as_materialized_series().str()?.clone();
                Ok(texts
                    .iter()
                    .map(|text| text.map(|text| pattern.is_match(text)))
                    .collect::<polars::prelude::BooleanChunked>()
                    .with_name(texts.name().clone())
                    .into_column())
            };
            of(a).map(matches, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
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

/// Minor units of the amount in the currency of the row; a currency that has no such amount has an unknown one.
fn minor(amount: Amount, subject: Subject) -> Expr {
    let known = |decimals: u32| amount.minor(decimals).map_or_else(|| lit(polars::prelude::NULL), lit);
    let currency = subject.currency();
    money::unusual_decimals().into_iter().fold(known(2), |otherwise, (decimals, codes)| {
        let is_one = codes.into_iter().map(|code| currency.expr().eq(lit(code))).reduce(Expr::or);
        when(is_one.unwrap_or_else(|| lit(false))).then(known(decimals)).otherwise(otherwise)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use polars::prelude::IntoLazy;

    use super::*;
    use crate::base::as_of::AsOf;
    use crate::base::zone::day_number;
    use crate::frame::build::FrameBuilder;
    use crate::frame::order_facts as f;
    use crate::pipeline::formula_text::conditions;
    use crate::pipeline::policy::Policy;

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
        let context = Context {
            account: None,
            policy: Rc::new(Policy::default()),
            as_of: as_of.0,
            end_millis: as_of.end_millis(chrono_tz::UTC),
            code: "SHOP-001",
            severity: None,
            missing: &missing,
        };
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
        assert_eq!(rows("shipped_at + INTERVAL '48' HOUR <= as_of_end"), [0]);
        assert_eq!(rows("tracking_url REGEXP '^https?://[a-z]+[.]cz'"), [0]);
        assert_eq!(rows("tracking_url LIKE 'a_b'"), [3]);
        assert_eq!(rows("tracking_url NOT ILIKE 'HTTP%' AND status IN ('delivered', 'unknown')"), [1, 3]);
    }
}
