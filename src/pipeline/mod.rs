//! Pipelines and packs: from TOML text to a checked [`Pipeline`]. All mistakes are reported at once, each with file and line.
//!
//! [`written`] mirrors the files, [`resolve`] checks them, and the files beside both are the checked types that the program uses.

pub mod account;
pub mod bounds;
pub mod civil_date;
pub mod digest;
pub mod document_rules;
pub mod exchange;
pub mod formula;
pub mod known_headers;
pub mod limits;
pub mod name;
pub mod own_word;
pub mod pack;
pub mod pattern;
pub mod percent;
pub mod policy;
pub mod resolve;
#[cfg(test)]
mod schema;
pub mod source;
pub mod spanned;
pub mod text_rule;
pub mod transition;
pub mod words;
pub mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::vocab::Severity;

pub use account::Account;
pub use own_word::OwnWord;
pub use pack::Pack;
pub use resolve::load::load;
pub use resolve::pack_file::{PackText, all_pack_texts, all_packs, embedded_pack, find_pack, find_pack_text};
pub use source::Source;
pub use text_rule::TextRule;

/// A merchant's run, resolved: every name found, every value checked.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    /// Its name, also of its folder under the reports.
    pub name: String,
    /// The pipeline file.
    pub path: PathBuf,
    /// The pipeline file's folder: globs and quoted paths are relative to it.
    pub folder: PathBuf,
    /// As-of date written in the pipeline.
    pub as_of: Option<NaiveDate>,
    /// Output folder written in the pipeline.
    pub out: Option<PathBuf>,
    /// Language of report texts: `en`, `cs`, …
    pub lang: String,
    /// `day-shipping.csv` with BOM, semicolon and decimal comma.
    pub csv_excel_cs: bool,
    /// The sheets of settlement list every order, also those whose money no longer moves.
    pub settles_all: bool,
    /// Currency by whose value money of several is ordered; each is ordered by itself when there is none.
    pub base_currency: Option<String>,
    /// Accounts in the order written.
    pub accounts: Vec<Arc<Account>>,
    /// Sources in the order written.
    pub sources: Vec<Arc<Source>>,
    /// Packs by name, in the order of their names.
    pub packs: Vec<Arc<Pack>>,
    /// Labels and codes that the pipeline adds to what its packs know, in the order written.
    pub own_words: Vec<OwnWord>,
    /// The texts that made this pipeline, with their digests: the pipeline file first.
    pub config: Vec<ConfigText>,
    /// Which rules run, and how bad their findings are.
    pub rules: RuleSwitches,
    /// Rules written as text: those of the packs in the order of their names, then the pipeline's.
    pub text_rules: Vec<Arc<TextRule>>,
}

/// Which rules run, and how bad their findings are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSwitches {
    /// Codes of the only rules that run; all when absent.
    pub only: Option<Vec<String>>,
    /// Codes that are switched off.
    pub ignore: Vec<String>,
    /// Severity by code, in place of the rule's own.
    pub severity: BTreeMap<String, Severity>,
}

impl RuleSwitches {
    /// Whether a rule runs.
    pub fn runs(&self, code: &str) -> bool {
        let is_named = |codes: &Vec<String>| codes.iter().any(|named| named == code);
        self.only.as_ref().is_none_or(is_named) && !is_named(&self.ignore)
    }
}

/// One text file that configured a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigText {
    /// Its path, or `embedded:<name>`.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

impl Pipeline {
    /// The account of this name.
    pub fn account(&self, name: &str) -> Option<&Arc<Account>> {
        self.accounts.iter().find(|account| account.name == name)
    }

    /// An amount in the base currency, at the rate that an account declares for the day: the named one, else the first that has it.
    pub fn in_base(&self, amount: i64, currency: &str, account: &str, day: NaiveDate) -> Option<i64> {
        let base = self.base_currency.as_deref()?;
        if currency == base {
            return Some(amount);
        }
        let accounts = self.account(account).into_iter().chain(&self.accounts);
        let mut amounts = accounts.filter_map(|account| account.policy(day).entry.convert(amount, currency, base));
        amounts.next().map(|(amount, _)| amount)
    }

    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// The pack of this name.
    pub fn pack(&self, name: &str) -> Option<&Arc<Pack>> {
        self.packs.iter().find(|pack| pack.name == name)
    }
}
