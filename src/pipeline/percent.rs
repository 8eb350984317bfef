//! Rates in TOML texts: a percentage as text, such as `"17.5"`, because a number of TOML is a float and a rate is none.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::base::money::from_percent;

/// A rate from 0 to 100 percent with at most four decimals, kept in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(i64);

impl Percent {
    /// The rate in millionths: 18 % is 180,000.
    pub fn ppm(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$",
            "description": "A percentage from 0 to 100 with at most four decimals, such as \"17.5\".",
        })
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let ppm = from_percent(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a percentage from 0 to 100 of at most 4 decimals, such as \"17.5\""
            ))
        })?;
        Ok(Percent(ppm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(ppm in 0..=1_000_000_i64) {
            let written = serde_json::to_string(&Percent(ppm)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Percent>(&written).unwrap(), Percent(ppm));
        }
    }

    #[test]
    fn a_number_is_no_percentage() {
        assert!(serde_json::from_str::<Percent>("18").is_err() && serde_json::from_str::<Percent>("17.5").is_err());
    }
}
