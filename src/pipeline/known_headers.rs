//! Headers that belong to no system: plain words of exports, by language. `infer` proposes fields by them; nothing is read by them.

use indexmap::IndexMap;

use crate::vocab::Kind;

/// `[[headers]]`: plain words for the columns of a kind.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainHeaders {
    /// Kind of the exports.
    pub kind: Kind,
    /// Canonical field → headers in any language.
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub columns: IndexMap<String, Vec<String>>,
    /// Headers of an order's whole amount: the goods and the postage.
    #[serde(default)]
    pub whole: Vec<String>,
    /// Where they come from.
    pub source: String,
}

/// `[[personal]]`: headers that say that a column holds data of a person.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonalHeaders {
    /// Which data.
    pub data: Personal,
    /// Headers in any language, `*` for any letters.
    pub headers: Vec<String>,
    /// Where they come from.
    pub source: String,
}

/// Kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// Of people.
    Name,
    /// E-mail addresses.
    Mail,
    /// Phone numbers.
    Phone,
    /// Postal addresses.
    Address,
}

impl Personal {
    /// As `infer` says it.
    pub const fn word(self) -> &'static str {
        match self {
            Personal::Name => "names",
            Personal::Mail => "e-mail addresses",
            Personal::Phone => "phone numbers",
            Personal::Address => "postal addresses",
        }
    }
}
