//! `version`: the column that tells versions of a row apart.

use super::Loader;
use crate::base::text;
use crate::frame::kind::{Cell, spec_of};
use crate::pipeline::resolve::binding::{binding, mistake_of_column};
use crate::pipeline::source::{Binding, Version};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::WrittenSource;
use crate::pipeline::written::column_form::{WrittenColumn, WrittenVersion, WrittenVersionColumn};
use crate::vocab::{Kind, VersionForm};

/// The name of a version column that is none of the fields.
const VERSION: &str = "version";

impl Loader {
    /// The version of a row: of a field that the source binds, or of a column for itself.
    pub(super) fn version(&mut self, written: &WrittenSource, kind: Kind, columns: &[Binding]) -> Option<Version> {
        let version = written.version.as_ref()?;
        if spec_of(kind).key.is_empty() {
            let span = match version {
                WrittenVersion::Field(field) => field.span(),
                WrittenVersion::Column(column) => column.span(),
            };
            let message = format!("rows of {kind} have no versions");
            let help = "each of them is an event of its own: take the key out";
            self.mistake("CFG027", &message, span, "version", "a kind whose rows have a key", help);
            return None;
        }
        match version {
            WrittenVersion::Field(field) => self.version_of_field(field, kind, columns),
            WrittenVersion::Column(column) => self.version_of_column(column),
        }
    }

    fn version_of_field(&mut self, field: &Spanned<String>, kind: Kind, columns: &[Binding]) -> Option<Version> {
        let name = field.get_ref();
        let bound = || columns.iter().map(|binding| binding.field.as_str());
        if bound().any(|field| field == name) {
            let cell = spec_of(kind).field(name).map(|field| field.cell);
            let is_word = matches!(
                cell,
                Some(Cell::Word { .. } | Cell::Flag | Cell::Currency | Cell::CarrierCode | Cell::Name { .. })
            );
            if is_word {
                let expected = "a date, an instant, a number or a text that sorts";
                self.mistake("CFG027", "words have no order", field.span(), name, expected, "");
                return None;
            }
            return Some(Version::Field(name.clone()));
        }
        let help = text::likest(name, bound()).map_or_else(
            || format!("a column that no field reads is `version = {{ column = {name:?}, as = \"date\" }}`, or \"instant\", \"int\", \"text\""),
            |near| format!("did you mean `{near}`?"),
        );
        let expected = "a field under [source.columns], or a column with what its cells are";
        self.mistake("CFG027", "the version is no bound column", field.span(), name, expected, &help);
        None
    }

    fn version_of_column(&mut self, written: &Spanned<WrittenVersionColumn>) -> Option<Version> {
        let WrittenVersionColumn { column, form } = written.get_ref();
        let cell = match form {
            VersionForm::Date => Cell::Date,
            VersionForm::Instant => Cell::Instant,
            VersionForm::Int => Cell::Int,
            VersionForm::Text => Cell::Text,
        };
        if let Some((mistake, expected)) = mistake_of_column(column, cell) {
            self.mistake("CFG050", mistake, written.span(), VERSION, expected, "");
            return None;
        }
        let is_nothing = matches!(column, WrittenColumn::Headers(headers) if headers.is_empty());
        if is_nothing {
            self.mistake("CFG050", "no column", written.span(), VERSION, "a header or a position", "");
            return None;
        }
        Some(Version::Column(binding(VERSION, column, |offset| self.place(offset)), *form))
    }
}
