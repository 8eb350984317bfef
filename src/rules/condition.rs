//! Conditions of many rules over the same rows. Each different comparison is evaluated once, however many rules make it; the rules join
//! what came out.

use std::sync::Arc;

use polars::prelude::{DataFrame, Expr, IntoLazy, Operator, PolarsResult, lit};
use polars_arrow::bitmap::Bitmap;

use crate::base::map::Map;

/// What conditions compare, each once.
#[derive(Default)]
pub(super) struct Comparisons(Map<Expr, ()>);

/// A condition over what was compared.
pub(super) enum Condition {
    /// The comparison at this place.
    Alone(usize),
    /// All hold; of none it holds.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
}

impl Comparisons {
    /// Takes a condition apart. What is not known does not hold: that may be said of each comparison, as nothing above them negates.
    pub(super) fn take(&mut self, condition: Expr) -> Condition {
        let mut both = |a: Arc<Expr>, b: Arc<Expr>| [a, b].map(|one| self.take(Arc::unwrap_or_clone(one))).into();
        match condition {
            Expr::BinaryExpr { left, op: Operator::And, right } => Condition::All(both(left, right)),
            Expr::BinaryExpr { left, op: Operator::Or, right } => Condition::Any(both(left, right)),
            alone => Condition::Alone(self.0.insert_full(alone, ()).0),
        }
    }

    /// The names of the columns that are compared.
    pub(super) fn columns(&self) -> Vec<String> {
        columns_of(self.0.keys())
    }

    /// The comparisons that hold, row by row.
    ///
    /// # Errors
    /// A comparison does not fit the frame: a bug of ours.
    pub(super) fn judge(&self, facts: DataFrame) -> PolarsResult<Vec<Bitmap>> {
        let rows = facts.height();
        let named = self.0.keys().enumerate();
        let exprs: Vec<Expr> =
            named.map(|(place, expr)| expr.clone().fill_null(lit(false)).alias(place.to_string())).collect();
        let judged = facts.lazy().select(exprs).collect()?;
        let holds = judged.columns().iter().map(|column| {
            let holds = column.bool()?.rechunk();
            let holds = holds.downcast_as_array().values();
            // A comparison of constants has one row.
            Ok(if holds.len() == rows { holds.clone() } else { Bitmap::new_with_value(holds.get_bit(0), rows) })
        });
        holds.collect()
    }
}

impl Condition {
    /// The rows of which it holds.
    pub(super) fn holds(&self, judged: &[Bitmap], rows: usize) -> Bitmap {
        let each = |all: &[Condition], join: fn(&Bitmap, &Bitmap) -> Bitmap| {
            all.iter().map(|one| one.holds(judged, rows)).reduce(|a, b| join(&a, &b))
        };
        match self {
            Condition::Alone(place) => judged[*place].clone(),
            Condition::All(all) => each(all, |a, b| a & b).unwrap_or_else(|| Bitmap::new_with_value(true, rows)),
            Condition::Any(all) => each(all, |a, b| a | b).unwrap_or_else(|| Bitmap::new_with_value(false, rows)),
        }
    }
}

/// The names of the columns that expressions look at, each once.
pub(super) fn columns_of<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<String> {
    let named = exprs.into_iter().flatten().filter_map(|part| match part {
        Expr::Column(name) => Some((name.to_string(), ())),
        _ => None,
    });
    named.collect::<Map<String, ()>>().into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use crate::frame::order_facts as f;
    use crate::vocab::OrderStatus;

    /// All combinations of yes, no and unknown, judged as the engine judges the whole condition.
    #[test]
    fn taken_apart_and_joined_a_condition_holds_for_the_same_rows() {
        let values = [None, Some(0), Some(1)];
        let rows: Vec<[Option<i64>; 3]> =
            (0..27).map(|row| [values[row / 9], values[row / 3 % 3], values[row % 3]]).collect();
        let mut built = FrameBuilder::new(&f::FRAME, rows.len());
        for (place, column) in [f::paid, f::expected_payout, f::sale_value].into_iter().enumerate() {
            built.numbers(column, rows.iter().map(|row| row[place]));
        }
        let facts = built.finish().unwrap();
        let one = || f::paid.expr().eq(lit(1));
        let two = || f::expected_payout.expr().eq(lit(1));
        let three = || f::sale_value.expr().eq(lit(1));
        let conditions = [
            one(),
            one().and(two()),
            one().or(two()).and(three()),
            one().and(two()).or(three().and(lit(true))),
            two().or(f::status.is(OrderStatus::Delivered)).and(one().not().or(three())),
            lit(true),
        ];
        let mut comparisons = Comparisons::default();
        let taken: Vec<Condition> = conditions.iter().map(|one| comparisons.take(one.clone())).collect();
        assert_eq!(comparisons.0.len(), 6, "three values, a word, a negation and a constant");
        let judged = comparisons.judge(facts.select(comparisons.columns()).unwrap()).unwrap();
        for (condition, taken) in conditions.iter().zip(taken) {
            let whole = facts.clone().lazy().with_column(condition.clone().fill_null(lit(false)).alias("holds"));
            let whole = whole.collect().unwrap();
            let whole: Vec<Option<bool>> = whole.column("holds").unwrap().bool().unwrap().iter().collect();
            let joined: Vec<Option<bool>> = taken.holds(&judged, rows.len()).iter().map(Some).collect();
            assert_eq!(joined, whole, "{condition}");
        }
    }
}
