//! Facts as they are told: value, currency, and where each was read.

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::column::{Column, Lineage, Shape};
use crate::frame::lineage::Parts;
use crate::frame::order_facts;
use crate::pipeline::Account;
use crate::report::texts::Texts;
use crate::rules::evidence::text_of;
use crate::vocab::Trait;

/// A fact as it is told: its column, its value, and the place where it was read.
pub(super) struct Fact {
    pub(super) column: Column,
    pub(super) value: String,
    pub(super) currency: String,
    pub(super) place: String,
}

/// The facts of one subject; instants are told in the zone of its account.
pub(super) struct Facts<'run> {
    pub(super) frame: &'run DataFrame,
    pub(super) columns: &'static [Column],
    pub(super) place: usize,
    pub(super) account: Option<&'run Account>,
    pub(super) texts: &'run Texts,
}

impl Facts<'_> {
    pub(super) fn currency(&self) -> PolarsResult<String> {
        // Not every subject has money.
        if self.frame.column(order_facts::currency.name).is_err() {
            return Ok(String::new());
        }
        text_of(self.frame, self.place, order_facts::currency, "", self.zone())
    }

    pub(super) fn text(&self, column: Column) -> PolarsResult<String> {
        text_of(self.frame, self.place, column, &self.currency()?, self.zone())
    }

    pub(super) fn zone(&self) -> Tz {
        self.account.map_or(chrono_tz::UTC, |account| account.timezone)
    }

    /// Every fact that says something, with the place it was read at.
    pub(super) fn all(&self, parts: &Parts) -> PolarsResult<Vec<Fact>> {
        let mut facts = Vec::new();
        let currency = self.currency()?;
        for column in self.columns.iter().filter(|column| column.shape != Shape::Row) {
            let value = self.text(*column)?;
            if says_something(*column, &value) {
                let place = self.origin(*column, parts)?;
                facts.push(Fact { column: *column, value, currency: currency.clone(), place });
            }
        }
        Ok(facts)
    }

    pub(super) fn origin(&self, column: Column, parts: &Parts) -> PolarsResult<String> {
        let Lineage::Cells(spots) = column.lineage else { return Ok(String::new()) };
        for (row, _) in spots {
            if let Some(reference) = self.frame.column(row)?.u64()?.get(self.place) {
                return Ok(parts.text(reference));
            }
        }
        Ok(String::new())
    }

    pub(super) fn number(&self, column: Column) -> PolarsResult<Option<i64>> {
        Ok(self.frame.column(column.name)?.i64()?.get(self.place))
    }

    pub(super) fn day(&self, column: Column) -> PolarsResult<Option<i32>> {
        Ok(self.frame.column(column.name)?.date()?.physical().get(self.place))
    }

    pub(super) fn has(&self, wanted: Trait) -> bool {
        self.account.is_some_and(|account| account.has(wanted))
    }
}

/// A value as people write it: an amount with its currency, a rate in percent.
pub(super) fn as_people_write(column: Column, value: &str, currency: &str) -> String {
    match (column.shape, value.parse::<i64>()) {
        (Shape::Money, _) if !value.is_empty() => format!("{value} {currency}"),
        (Shape::Ppm, Ok(ppm)) => percent(ppm),
        _ => value.to_owned(),
    }
}

/// Millionths as percent: `18 %`, `17.5 %`.
pub(super) fn percent(ppm: i64) -> String {
    let digits = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A value that is there, and no flag that is not set.
pub(super) fn says_something(column: Column, value: &str) -> bool {
    let is_unset = column.shape == Shape::Flag && value == "no";
    !value.is_empty() && !is_unset
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rates_in_percent() {
        assert_eq!((percent(180_000).as_str(), percent(175_000).as_str()), ("18 %", "17.5 %"));
        assert_eq!((percent(crate::base::money::PPM).as_str(), percent(0).as_str()), ("100 %", "0 %"));
    }
}
