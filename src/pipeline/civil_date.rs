//! Dates in TOML texts: `2026-12-11` and `"2026-12-11"` mean the same.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, de::Error};

use crate::base::as_of::{FIRST_YEAR, LAST_YEAR};

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Date(toml::value::Datetime),
}

/// A date that must be there.
///
/// # Errors
/// Anything that is no civil date.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text =
        match Written::deserialize(deserializer).map_err(|_| D::Error::custom("expected a date as YYYY-MM-DD"))? {
            Written::Text(text) => text,
            Written::Date(date) => date.to_string(),
        };
    text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a date as YYYY-MM-DD")))
}

/// A date that may be absent.
///
/// # Errors
/// Anything that is no civil date.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    required(deserializer).map(Some)
}

/// An as-of day, which may be absent.
///
/// # Errors
/// Anything that is no civil date, or lies beyond the years in which dates are read.
pub fn as_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let day = required(deserializer)?;
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        return Ok(Some(day));
    }
    Err(D::Error::custom(format!("{day} is not a day in the years {FIRST_YEAR} to {LAST_YEAR}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Dated {
        #[serde(default, deserialize_with = "optional")]
        day: Option<NaiveDate>,
    }

    fn day(text: &str) -> Result<Option<String>, toml::de::Error> {
        toml::from_str::<Dated>(text).map(|dated| dated.day.map(|day| day.to_string()))
    }

    #[test]
    fn quoted_or_not() {
        assert_eq!(day("day = 2026-12-11").unwrap().unwrap(), "2026-12-11");
        assert_eq!(day("day = \"2026-12-11\"").unwrap().unwrap(), "2026-12-11");
        assert_eq!(day("").unwrap(), None);
        assert!(day("day = \"11.12.2026\"").is_err());
        assert!(day("day = 7").is_err());
    }
}
