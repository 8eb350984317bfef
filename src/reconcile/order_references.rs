//! Finds the order that another system's row names (rulebook §8): by the order number exactly, else by the external, else by the internal
//! reference. What names several orders names none.

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::{orders, read};

/// All references of the orders, each key in its own order of texts.
pub struct OrderReferences<'run> {
    accounts: read::Texts<'run>,
    /// In the order of trust: sorted `(reference, place of the order)`.
    keys: Vec<Vec<(&'run str, usize)>>,
}

impl<'run> OrderReferences<'run> {
    /// Reads the orders.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(orders_frame: &'run DataFrame) -> PolarsResult<OrderReferences<'run>> {
        let keys = [orders::order_no, orders::external_ref, orders::internal_ref].map(|column| {
            let mut places: Vec<(&str, usize)> = Vec::new();
            if orders_frame.column(column.name)?.null_count() < orders_frame.height() {
                let written = read::texts(orders_frame, column)?;
                let of_row =
                    |place| Some((written.known(place)?, place)).filter(|(reference, _)| !reference.is_empty());
                places = (0..written.len()).filter_map(of_row).collect();
                places.sort_unstable();
            }
            Ok(places)
        });
        Ok(OrderReferences {
            accounts: read::texts(orders_frame, orders::account)?,
            keys: keys.into_iter().collect::<PolarsResult<_>>()?,
        })
    }

    /// The place of the order that a reference names; an empty account is any.
    pub fn place(&self, account: &str, reference: &str) -> Option<usize> {
        for key in &self.keys {
            let first = key.partition_point(|(known, _)| *known < reference);
            let named = key[first..].iter().take_while(|(known, _)| *known == reference);
            let mut named = named.filter(|(_, place)| account.is_empty() || self.accounts.at(*place) == account);
            if let Some((_, place)) = named.next() {
                return named.next().is_none().then_some(*place);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;

    #[test]
    fn the_order_number_is_trusted_most_and_what_names_two_names_none() {
        let rows = [("a", "1", "7"), ("a", "2", "1"), ("b", "1", "8"), ("b", "3", "9"), ("b", "4", "9")];
        let frame = FrameBuilder::new(&orders::FRAME, rows.len())
            .texts(orders::account, rows.iter().map(|row| row.0))
            .texts(orders::order_key, rows.iter().map(|row| [row.0, row.1].join("/")))
            .texts(orders::order_no, rows.iter().map(|row| row.1))
            .texts(orders::external_ref, rows.iter().map(|row| row.2))
            .finish()
            .unwrap();
        let references = OrderReferences::read(&frame).unwrap();
        for (account, reference, place) in [
            ("a", "1", Some(0)),
            ("b", "1", Some(2)),
            ("", "1", None),
            ("", "2", Some(1)),
            ("a", "7", Some(0)),
            ("", "8", Some(2)),
            ("b", "9", None),
            ("a", "5", None),
        ] {
            assert_eq!(references.place(account, reference), place, "{account} {reference}");
        }
    }
}
