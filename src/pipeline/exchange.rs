//! Exchange rates that a policy declares: `fx = { EUR = { CZK = "24.31" } }`, one euro is worth 24.31 crowns (rulebook §16.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::base::money::decimals;
use crate::base::rate::Rate;

/// Base currency → quoted currency → units of the quoted one for one of the base.
pub type Rates = BTreeMap<Code, BTreeMap<Code, DeclaredRate>>;

/// An ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Code(String);

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if decimals(&text).is_none() {
            return Err(D::Error::custom(format!("`{text}` is not a currency code of ISO 4217, such as EUR")));
        }
        Ok(Code(text))
    }
}

/// A rate as a policy declares it: text, because a number of TOML is a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredRate(pub Rate);

#[cfg(test)]
impl schemars::JsonSchema for DeclaredRate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^\d+(\.\d{1,9})?$",
            "description": "An exchange rate above 0 with at most nine decimals, such as \"24.31\".",
        })
    }
}

impl Serialize for DeclaredRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DeclaredRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Rate::read(&text).map(DeclaredRate).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is not a rate above 0 of at most 9 decimals, such as \"24.31\""))
        })
    }
}

/// `1 EUR = 24.31 CZK`.
pub fn in_words(rate: Rate, base: &str, quote: &str) -> String {
    format!("1 {base} = {rate} {quote}")
}

#[cfg(test)]
mod tests {
    use crate::pipeline::policy::PolicyEntry;

    fn policy(fx: &str) -> Result<PolicyEntry, String> {
        toml::from_str(&format!("source = \"t\"\nfx = {fx}")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_rate_converts_both_ways() {
        let policy = policy("{ EUR = { CZK = \"24.31\" } }").unwrap();
        assert_eq!(policy.convert(2_431_000, "CZK", "EUR"), Some((100_000, "1 EUR = 24.31 CZK".into())));
        assert_eq!(policy.convert(100_000, "EUR", "CZK"), Some((2_431_000, "1 EUR = 24.31 CZK".into())));
        assert_eq!(policy.convert(100_000, "PLN", "CZK"), None);
    }

    #[test]
    fn what_is_no_rate_or_no_currency_is_refused() {
        assert!(policy("{ EUR = { CZK = 24.31 } }").is_err());
        assert!(policy("{ EUR = { CZK = \"0\" } }").unwrap_err().contains("not a rate"));
        assert!(policy("{ EURO = { CZK = \"24.31\" } }").unwrap_err().contains("ISO 4217"));
    }
}
