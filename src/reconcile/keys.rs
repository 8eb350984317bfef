//! Keys are looked up once: the order of every row of another frame, and the rows of every order. From then on a join is an index.

use std::ops::Range;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::base::map::{Map, Set};
use crate::frame::{orders, read};

/// Rows of the orders frame by order key.
pub struct OrderKeys<'run> {
    rows: Map<&'run str, u32>,
    /// Keys of orders that were read and take no part: those after the as-of day.
    others: Set<&'run str>,
}

impl<'run> OrderKeys<'run> {
    /// The keys of the orders that take part, and of all that were read.
    ///
    /// # Errors
    /// A frame lacks the column of keys: a bug of ours.
    pub fn read(visible: &'run DataFrame, all: &'run DataFrame) -> PolarsResult<OrderKeys<'run>> {
        let keys = read::texts(visible, orders::order_key)?;
        let rows: Map<&str, u32> = keys.iter().zip(0..).collect();
        let others = match all.height() == visible.height() {
            true => Set::default(),
            false => read::texts(all, orders::order_key)?.iter().filter(|key| !rows.contains_key(key)).collect(),
        };
        Ok(OrderKeys { rows, others })
    }

    /// The row of an order that takes part.
    pub fn row(&self, key: &str) -> Option<usize> {
        self.rows.get(key).map(|row| *row as usize)
    }

    /// The order was read, whether or not it takes part.
    pub fn is_read(&self, key: &str) -> bool {
        self.rows.contains_key(key) || self.others.contains(key)
    }

    /// The rows of orders by keys of another frame, row for row.
    pub fn rows_of(&self, keys: &read::Texts<'_>) -> Vec<Option<u32>> {
        (0..keys.len()).into_par_iter().map(|row| self.rows.get(keys.at(row)).copied()).collect()
    }
}

/// The rows of a frame that is sorted by order key, order by order.
pub struct Spans(Vec<Range<u32>>);

impl Spans {
    /// The rows with the key of each order; both columns ascend. Keys of no order are passed over.
    pub fn of(orders: &read::Texts<'_>, keys: &read::Texts<'_>) -> Spans {
        // Most exports have no lines, no history, no shop system: then there is nothing to hold.
        if keys.is_empty() {
            return Spans(Vec::new());
        }
        let mut start = 0;
        let span = |order: &str| {
            while start < keys.len() && keys.at(start) < order {
                start += 1;
            }
            let end = (start..keys.len()).find(|row| keys.at(*row) != order).unwrap_or(keys.len());
            std::mem::replace(&mut start, end) as u32..end as u32
        };
        Spans(orders.iter().map(span).collect())
    }

    /// The rows of an order.
    pub fn rows(&self, order: usize) -> Range<usize> {
        self.0.get(order).map_or(0..0, |span| span.start as usize..span.end as usize)
    }
}

/// The rows of a frame in any order, order by order.
#[derive(Default)]
pub struct Lists {
    /// Where the rows of an order begin in `rows`; one more than there are orders.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Lists {
    /// The rows by their orders, of which there are so many; within an order they ascend.
    pub fn of(of_rows: impl Iterator<Item = Option<u32>> + Clone, orders: usize) -> Lists {
        let mut starts = vec![0; orders + 1];
        of_rows.clone().flatten().for_each(|order| starts[order as usize + 1] += 1);
        for order in 0..orders {
            starts[order + 1] += starts[order];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; starts[orders] as usize];
        for (row, order) in of_rows.enumerate() {
            let Some(order) = order else { continue };
            rows[next[order as usize] as usize] = row as u32;
            next[order as usize] += 1;
        }
        Lists { starts, rows }
    }

    /// The rows of an order.
    pub fn rows(&self, order: usize) -> &[u32] {
        match (self.starts.get(order), self.starts.get(order + 1)) {
            (Some(start), Some(end)) => &self.rows[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{Column, NamedFrom, Series};
    use proptest::prelude::*;

    fn frame(keys: &[String]) -> DataFrame {
        let column = Column::from(Series::new(orders::order_key.name.into(), keys));
        DataFrame::new(keys.len(), vec![column]).unwrap()
    }

    proptest! {
        #[test]
        fn rows_of_orders_are_those_with_their_key(
            orders in prop::collection::btree_set(0_u8..20, 0..9),
            mut rows in prop::collection::vec(0_u8..20, 0..30),
        ) {
            let text = |number: &u8| format!("m/{number:02}");
            let own: Vec<String> = orders.iter().map(text).collect();
            let any: Vec<String> = rows.iter().map(text).collect();
            rows.sort_unstable();
            let sorted: Vec<String> = rows.iter().map(text).collect();
            let [own_frame, any_frame, sorted_frame] = [&own, &any, &sorted].map(|keys| frame(keys));
            let texts = |frame| read::texts(frame, orders::order_key).unwrap();
            let keys = OrderKeys::read(&own_frame, &own_frame).unwrap();
            let of_rows = keys.rows_of(&texts(&any_frame));
            let lists = Lists::of(of_rows.iter().copied(), own.len());
            let spans = Spans::of(&texts(&own_frame), &texts(&sorted_frame));
            for (order, key) in own.iter().enumerate() {
                let with_key = |keys: &[String]| -> Vec<usize> {
                    (0..keys.len()).filter(|row| keys[*row] == *key).collect()
                };
                prop_assert_eq!(lists.rows(order).iter().map(|row| *row as usize).collect::<Vec<_>>(), with_key(&any));
                prop_assert_eq!(spans.rows(order).collect::<Vec<_>>(), with_key(&sorted));
                prop_assert_eq!(keys.row(key), Some(order));
            }
            let unknown = any.iter().filter(|key| !own.contains(key)).count();
            prop_assert_eq!(of_rows.iter().filter(|row| row.is_none()).count(), unknown);
        }
    }

    #[test]
    fn an_order_after_the_as_of_day_was_read() {
        let (visible, all) = (frame(&["m/1".into()]), frame(&["m/1".into(), "m/2".into()]));
        let keys = OrderKeys::read(&visible, &all).unwrap();
        assert_eq!((keys.row("m/2"), keys.is_read("m/2"), keys.is_read("m/3")), (None, true, false));
    }
}
