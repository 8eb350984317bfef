//! A pack, resolved: what is known about a marketplace, a carrier, a shop system, a supplier or a calendar.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use indexmap::IndexMap;
use regex::Regex;

use crate::base::business_calendar::BusinessCalendar;
use crate::pipeline::civil_date;
use crate::pipeline::golden::GoldenRows;
use crate::pipeline::layout::Layout;
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::words::WordTable;
use crate::vocab::Trait;

/// A pack, resolved.
#[derive(Debug, Clone, Default)]
pub struct Pack {
    /// Its name, such as `marketplaces/slevomat`.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// Traits that switch rules on.
    pub traits: BTreeSet<Trait>,
    /// When its marketplace took orders; empty: always.
    pub validity: Vec<Validity>,
    /// Dated policy.
    pub policies: PolicyBook,
    /// Policy of those merchants whose account names the profile, on top of it.
    pub profiles: BTreeMap<String, Vec<PolicyEntry>>,
    /// Word tables by name.
    pub words: BTreeMap<String, Arc<WordTable>>,
    /// Vocabularies of a carrier by name.
    pub vocabularies: BTreeMap<String, Vocabulary>,
    /// Tracking numbers and links of a carrier.
    pub number: NumberFacts,
    /// Layouts by name.
    pub layouts: IndexMap<String, Layout>,
    /// Remedy word → text.
    pub remedies: BTreeMap<String, String>,
    /// The calendar of a calendar pack.
    pub calendar: Option<Arc<BusinessCalendar>>,
    /// Calendar pack by currency.
    pub payout_calendar: BTreeMap<String, String>,
    /// Worked examples that the pack must pass.
    pub golden: GoldenRows,
}

/// When a marketplace took orders by the rules of its pack.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// Only the accounts in this currency; all when absent.
    pub currency: Option<String>,
    /// First day, inclusive; open when absent.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub from: Option<NaiveDate>,
    /// Last day, inclusive; open when absent.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub to: Option<NaiveDate>,
    /// Where it comes from.
    pub source: String,
}

impl Pack {
    /// Whether the pack's rules hold for an order of an account in `currency` that was created on `day`.
    pub fn is_valid_on(&self, currency: &str, day: NaiveDate) -> bool {
        let mut written = self.validity.iter().filter(|validity| match &validity.currency {
            Some(only) => only == currency,
            None => true,
        });
        let holds = |validity: &Validity| {
            validity.from.is_none_or(|from| from <= day) && validity.to.is_none_or(|to| day <= to)
        };
        match written.next() {
            Some(first) => holds(first) || written.any(holds),
            None => true,
        }
    }
}

/// Codes of one surface of a carrier.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Folded code → canonical code.
    pub codes: HashMap<String, String>,
    /// A dotted code falls back to its stem.
    pub dotted: bool,
}

/// What is known about a carrier's numbers and links.
#[derive(Debug, Clone, Default)]
pub struct NumberFacts {
    /// Patterns of normalised numbers; advisory.
    pub patterns: Vec<Regex>,
    /// Hosts of tracking URLs.
    pub hosts: Vec<String>,
    /// A tracking URL of these hosts must hold the number.
    pub url_holds_number: bool,
    /// The carrier's link, with `{tracking_number}`.
    pub url: Option<String>,
    /// Several orders may share one parcel.
    pub multi_order_parcels: bool,
}

impl Vocabulary {
    /// The canonical code: the whole code first, then, for dotted vocabularies, ever shorter stems.
    pub fn look_up(&self, raw: &str) -> Option<&str> {
        let folded = crate::base::text::fold(raw);
        let mut code = folded.as_str();
        loop {
            if let Some(word) = self.codes.get(code) {
                return Some(word);
            }
            match code.rsplit_once('.') {
                Some((stem, _)) if self.dotted => code = stem,
                _ => return None,
            }
        }
    }
}
