//! A pack, resolved: what is known about a marketplace, a carrier, a shop system, a supplier or a calendar.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use indexmap::IndexMap;
use regex::Regex;

use crate::base::business_calendar::BusinessCalendar;
use crate::base::{check_digit, text};
use crate::pipeline::civil_date;
use crate::pipeline::known_headers::{PersonalHeaders, PlainHeaders};
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::text_rule::TextRule;
use crate::pipeline::words::WordTable;
use crate::pipeline::written::golden::GoldenRows;
use crate::pipeline::written::layout::Layout;
use crate::vocab::{CheckMethod, NumberCheck, TrackingCode, Trait, Word};

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
    /// Plain words for columns, of no system.
    pub headers: Vec<PlainHeaders>,
    /// Headers of data of persons.
    pub personal: Vec<PersonalHeaders>,
    /// Remedy word → text.
    pub remedies: BTreeMap<String, String>,
    /// The calendar of a calendar pack.
    pub calendar: Option<Arc<BusinessCalendar>>,
    /// Calendar pack by currency.
    pub payout_calendar: BTreeMap<String, String>,
    /// Rules written as text.
    pub rules: Vec<Arc<TextRule>>,
    /// Worked examples that the pack must pass.
    pub golden: GoldenRows,
}

/// When a marketplace took orders by the rules of its pack.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Families of codes, those with the most letters first.
    pub families: Vec<Family>,
    /// A dotted code falls back to its stem.
    pub dotted: bool,
}

/// Codes that begin and end alike, such as `HU*` or `HU*X`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// What they begin with, folded.
    pub begin: String,
    /// What they end with, folded.
    pub end: String,
    /// Canonical code.
    pub word: String,
}

/// A shape of numbers that have a check character.
#[derive(Debug, Clone)]
pub struct CheckedShape {
    /// Its groups `number` and `check`; a number without the latter has none.
    pub shape: Regex,
    /// How the character is computed.
    pub method: CheckMethod,
    /// Weights of the digits.
    pub weights: Vec<u32>,
}

/// What is known about a carrier's numbers and links.
#[derive(Debug, Clone, Default)]
pub struct NumberFacts {
    /// Patterns of normalised numbers; advisory.
    pub patterns: Vec<Regex>,
    /// Shapes with a check character; advisory.
    pub checks: Vec<CheckedShape>,
    /// Hosts of tracking URLs.
    pub hosts: Vec<String>,
    /// A tracking URL of these hosts must hold the number.
    pub url_holds_number: bool,
    /// The carrier's link, with `{tracking_number}`.
    pub url: Option<String>,
    /// Several orders may share one parcel.
    pub multi_order_parcels: bool,
}

impl Family {
    /// The family that a text with one star names; `None` without a star, with several, or with nothing beside it.
    pub fn of(raw: &str, word: &str) -> Option<Family> {
        let (begin, end) =
            raw.split_once('*').filter(|(begin, end)| !end.contains('*') && begin.len() + end.len() > 0)?;
        Some(Family { begin: text::fold(begin), end: text::fold(end), word: word.to_owned() })
    }

    /// Letters that a member must have.
    pub fn letters(&self) -> usize {
        self.begin.len() + self.end.len()
    }

    fn holds(&self, folded: &str) -> bool {
        folded.len() >= self.letters() && folded.starts_with(&self.begin) && folded.ends_with(&self.end)
    }
}

impl Vocabulary {
    /// Adds a family at its place: those with the most letters come first.
    pub fn add_family(&mut self, family: Family) {
        self.families.push(family);
        self.families.sort_by_key(|family| std::cmp::Reverse((family.letters(), family.begin.len())));
    }

    /// The canonical code: the whole code first, then its family, then, for dotted vocabularies, ever shorter stems. A canonical code
    /// that the vocabulary does not name is itself.
    pub fn look_up(&self, raw: &str) -> Option<&str> {
        let folded = text::fold(raw);
        let mut code = folded.as_str();
        loop {
            if let Some(word) = self.codes.get(code) {
                return Some(word);
            }
            if let Some(family) = self.families.iter().find(|family| family.holds(code)) {
                return Some(&family.word);
            }
            match code.rsplit_once('.') {
                Some((stem, _)) if self.dotted => code = stem,
                _ => break,
            }
        }
        TrackingCode::of(&folded).filter(|code| *code != TrackingCode::Unknown).map(TrackingCode::text)
    }
}

impl CheckedShape {
    /// Whether the check character of a number (as [`text::tracking_number`] folds it) is right; `None` when the shape is another,
    /// or has none.
    pub fn is_right(&self, number: &str) -> Option<bool> {
        let found = self.shape.captures(number)?;
        let (digits, check) = (found.name("number")?.as_str(), found.name("check")?.as_str());
        let computed = match self.method {
            CheckMethod::Mod11 => check_digit::mod11(digits, &self.weights),
            CheckMethod::Mod37_36 => check_digit::mod37_36(digits),
        };
        Some(computed.is_some_and(|computed| check.chars().eq([computed])))
    }
}

impl NumberFacts {
    /// Whether a number, folded as numbers are compared, has a shape of the carrier. A word without a digit is no number, whatever letters
    /// a pattern allows.
    pub fn has_shape(&self, number: &str) -> bool {
        number.bytes().any(|letter| letter.is_ascii_digit())
            && self.patterns.iter().any(|pattern| pattern.is_match(number))
    }

    /// What its check character says: right by any shape is right.
    pub fn check(&self, number: &str) -> NumberCheck {
        let said: Vec<bool> = self.checks.iter().filter_map(|check| check.is_right(number)).collect();
        match said.iter().any(|right| *right) {
            true => NumberCheck::Right,
            false if said.is_empty() => NumberCheck::None,
            false => NumberCheck::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(dotted: bool) -> Vocabulary {
        let codes = [("spr", "returning"), ("delivered", "delivered"), ("delivered.backtosender", "returned")];
        let families = [("HU*X", "unknown"), ("SP*", "in_transit"), ("HU*", "in_transit"), ("return*", "returning")];
        Vocabulary {
            codes: codes.map(|(code, word)| (code.to_owned(), word.to_owned())).into(),
            families: families.iter().filter_map(|(raw, word)| Family::of(raw, word)).collect(),
            dotted,
        }
    }

    #[test]
    fn the_whole_code_counts_before_its_family_and_its_stem() {
        let dotted = vocabulary(true);
        assert_eq!((dotted.look_up("SPR"), dotted.look_up("SPA")), (Some("returning"), Some("in_transit")));
        assert_eq!((dotted.look_up("HUB"), dotted.look_up("HUBX")), (Some("in_transit"), Some("unknown")));
        assert_eq!((dotted.look_up("HU"), dotted.look_up("AHU")), (Some("in_transit"), None));
        assert_eq!(dotted.look_up("Delivered.BackToSender.Depot"), Some("returned"));
        assert_eq!(dotted.look_up("Delivered.Neighbour"), Some("delivered"));
        assert_eq!(dotted.look_up("Return.Sender"), Some("returning"));
        assert_eq!(vocabulary(false).look_up("Delivered.Neighbour"), None);
    }

    #[test]
    fn a_family_has_one_star_and_something_beside_it() {
        for not_one in ["*", "**", "A*B*", "AB"] {
            assert_eq!(Family::of(not_one, "unknown"), None, "{not_one}");
        }
        assert!(Family::of("*X", "unknown").is_some_and(|family| family.holds("dlx") && !family.holds("dl")));
        // What begins and ends alike must not overlap.
        assert!(Family::of("AB*BA", "unknown").is_some_and(|family| !family.holds("aba") && family.holds("abba")));
    }
}
