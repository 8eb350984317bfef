//! `[[rule]]` as a pack or a pipeline writes it.

use serde::{Deserialize, Serialize};

use crate::pipeline::spanned::Spanned;
use crate::vocab::{Remedy, Severity, Subject, Trait};

/// `[[rule]]` as written.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenRule {
    /// Code of its own, such as `SHOP-001`; never reused.
    pub code: Spanned<String>,
    /// Readable name in kebab case.
    pub name: Spanned<String>,
    /// Raised when the condition changes figures.
    #[serde(default = "first_version")]
    pub version: u32,
    /// How bad.
    pub severity: Severity,
    /// What one finding is about: the fact frame, and the keys of its findings.
    pub subject: Subject,
    /// What to do.
    pub remedy: Remedy,
    /// Traits that the account's pack must declare.
    #[serde(default)]
    pub needs: Vec<Trait>,
    /// SQL over the columns of the subject's frame; each part of the outermost `AND` is a condition that `explain` names.
    pub when: Spanned<String>,
    /// Money at stake.
    pub money: Option<Spanned<String>>,
    /// Deadline.
    pub due: Option<Spanned<String>>,
    /// Columns that prove it.
    pub evidence: Vec<Spanned<String>>,
    /// One sentence: what it finds.
    pub title: String,
    /// What each finding says; `{column}` stands for the value in the row.
    pub message: Option<Spanned<String>>,
    /// Why it matters.
    pub why: String,
    /// What a person should do.
    pub todo: String,
    /// Weaker rules whose findings on the same order it makes superfluous.
    #[serde(default)]
    pub suppresses: Vec<Spanned<String>>,
    /// A table of the subject's frame, as on the page of every rule: names and rows, cells separated by `|`. Tried by `pack test`.
    pub given: Option<String>,
    /// The rows of `given` that are found, by their first cell.
    #[serde(default)]
    pub finds: Vec<String>,
}

fn first_version() -> u32 {
    1
}
