//! What a marketplace demands of documents, as dated text: series of numbers, mandatory fields of a credit note, and what must not
//! stand on one credit note together (rulebook §1.7, §1.8).

use std::collections::BTreeMap;

use crate::pipeline::pattern::Pattern;
use crate::vocab::DocumentKind;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::policy::PolicyEntry;
    use crate::vocab::{CreditNoteField, ReturnKind};

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
