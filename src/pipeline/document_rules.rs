//! What a marketplace demands of documents, as dated text: series of numbers, mandatory fields of a credit note, and what must not
//! stand on one credit note together (rulebook §1.7, §1.8).

use std::collections::BTreeMap;

use crate::pipeline::pattern::Pattern;
use crate::pipeline::policy::PolicyEntry;
use crate::vocab::{CreditNoteField, DocumentKind, ReturnKind};

/// The series that the numbers of one kind of document belong to.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NumberSeries {
    /// What the whole number must match: of a return document its return number, of others the document's own.
    pub pattern: Pattern,
    /// Only documents that the marketplace issues in the merchant's name have it; the merchant's own are numbered as he likes.
    #[serde(default)]
    pub self_billed: bool,
}

/// Series by kind of document.
pub type SeriesByKind = BTreeMap<DocumentKind, NumberSeries>;

impl PolicyEntry {
    /// The series that a number should be of and is not; `None`: it is, it has none to be of, or there is no number.
    pub fn broken_series(&self, kind: DocumentKind, number: &str, self_billed: bool) -> Option<&Pattern> {
        let series = self.series_of(kind, self_billed)?;
        (!number.is_empty() && !series.matches(number)).then_some(series)
    }

    /// The series that the number of a document should be of.
    pub fn series_of(&self, kind: DocumentKind, self_billed: bool) -> Option<&Pattern> {
        let series = self.number_series.get(&kind)?;
        (self_billed || !series.self_billed).then_some(&series.pattern)
    }

    /// Whether returns of these kinds must not stand on one credit note: two kinds or more that are kept apart.
    pub fn must_be_apart(&self, kinds: &[ReturnKind]) -> bool {
        let apart = self.returns_apart.as_deref().unwrap_or_default();
        apart.iter().filter(|kind| kinds.contains(kind)).count() > 1
    }

    /// The mandatory fields that a credit note lacks, as the policy lists them.
    pub fn missing_fields(&self, lacks: impl Fn(CreditNoteField) -> bool) -> Vec<CreditNoteField> {
        let mandatory = self.credit_note_fields.as_deref().unwrap_or_default();
        mandatory.iter().copied().filter(|field| lacks(*field)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PolicyEntry {
        toml::from_str(
            "source = \"t\"\ncredit_note_fields = [\"order_no\", \"item\"]\nreturns_apart = [\"real\", \"fictitious\"]\n\
             number_series.return_doc = { pattern = '^47[0-9]{8}$' }\n\
             number_series.credit_note = { pattern = '^[0-9]{4}9[0-9]{5}$', self_billed = true }\n",
        )
        .unwrap()
    }

    #[test]
    fn a_number_is_of_its_series_or_breaks_it() {
        let policy = policy();
        let breaks = |kind, number, self_billed| policy.broken_series(kind, number, self_billed).is_some();
        assert!(!breaks(DocumentKind::ReturnDocument, "4700012345", false));
        assert!(breaks(DocumentKind::ReturnDocument, "470001234", false));
        assert!(breaks(DocumentKind::CreditNote, "3000800000", true));
        assert!(!breaks(DocumentKind::CreditNote, "3000900000", true));
        // The merchant's own number, a kind without a series, and no number.
        assert!(!breaks(DocumentKind::CreditNote, "C1", false));
        assert!(!breaks(DocumentKind::Invoice, "99991111", true));
        assert!(!breaks(DocumentKind::ReturnDocument, "", false));
    }

    #[test]
    fn kinds_that_are_kept_apart() {
        use ReturnKind::{Fictitious, Real};
        assert!(policy().must_be_apart(&[Real, Fictitious]));
        assert!(!policy().must_be_apart(&[Fictitious]) && !policy().must_be_apart(&[Real, Real]));
        assert!(!PolicyEntry::default().must_be_apart(&[Real, Fictitious]));
    }

    #[test]
    fn only_what_the_policy_demands_can_be_missing() {
        let all = policy().missing_fields(|_| true);
        assert_eq!(all, [CreditNoteField::OrderNo, CreditNoteField::Item]);
        assert_eq!(policy().missing_fields(|field| field == CreditNoteField::Quantity), []);
    }
}
