//! `personal`: columns whose values no output may quote.

use super::Loader;
use crate::base::text::fold;
use crate::frame::kind::spec_of;
use crate::pipeline::source::Binding;
use crate::pipeline::written::WrittenSource;
use crate::vocab::Kind;

impl Loader {
    /// The key of a row names it in findings, revisions and the quarantine, so it cannot be masked.
    pub(super) fn check_personal(&mut self, written: &WrittenSource, kind: Kind, columns: &[Binding]) {
        let key = spec_of(kind).key;
        for header in &written.personal {
            let folded = fold(header.get_ref());
            let of_key = |binding: &&Binding| key.contains(&binding.field.as_str()) && is_at(binding, &folded);
            let Some(binding) = columns.iter().find(of_key) else { continue };
            let message = "a key cannot be personal: outputs name the row by it";
            let expected = format!("columns other than that of `{}`", binding.field);
            self.mistake("CFG076", message, header.span(), header.get_ref(), &expected, "");
        }
    }
}

fn is_at(binding: &Binding, folded: &str) -> bool {
    binding.headers.iter().any(|header| fold(header) == *folded)
        || binding.position.is_some_and(|position| position.to_string() == *folded)
}
