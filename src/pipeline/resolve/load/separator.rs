//! `split`: what stands between several order numbers of one payout line.

use super::Loader;
use crate::pipeline::written::WrittenSource;
use crate::vocab::Kind;

impl Loader {
    /// Only payout lines name several orders at once, and only numbers that a text of visible letters separates can be told apart.
    pub(super) fn order_separator(&mut self, written: &WrittenSource, kind: Kind) -> Option<String> {
        for (field, separator) in &written.split {
            if kind != Kind::PayoutLines || *field.get_ref() != "order_no" {
                let expected = "`order_no` of payout_lines";
                self.mistake("CFG061", "a field that is not split", field.span(), field.get_ref(), expected, "");
            } else if separator.get_ref().chars().any(char::is_alphanumeric) || separator.get_ref().is_empty() {
                let (found, expected) = (separator.get_ref(), "marks such as `|`, `,` or a blank");
                self.mistake("CFG061", "not a separator", separator.span(), found, expected, "");
            }
        }
        written.split.values().next().map(|separator| separator.get_ref().clone())
    }
}
