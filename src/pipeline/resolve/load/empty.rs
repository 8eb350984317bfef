//! `empty`: what empty cells of a field are read as.

use super::Loader;
use crate::base::text;
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::pipeline::source::{Binding, EmptyCell};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::words::words_of;
use crate::pipeline::written::WrittenSource;
use crate::pipeline::written::column_form::WrittenEmpty;
use crate::pipeline::written::layout::Layout;
use crate::vocab::Kind;

impl Loader {
    /// The layout's, then the source's own; one of the source takes the place of the layout's for the same field.
    pub(super) fn empty_cells(
        &mut self,
        written: &WrittenSource,
        layout: Option<&Layout>,
        kind: Kind,
        lines: bool,
        columns: &[Binding],
    ) -> Vec<EmptyCell> {
        let line_fields = if lines { LINE_FIELDS } else { &[] };
        let fields: Vec<Field> = spec_of(kind).fields.iter().chain(line_fields).copied().collect();
        let inherited = layout.into_iter().flat_map(|layout| &layout.empty).filter(|(field, _)| {
            let name: &String = field.get_ref();
            !written.empty.contains_key(name.as_str())
        });
        let place = written.layout.as_ref().map_or(written.name.span(), Spanned::span);
        let mut all: Vec<EmptyCell> = Vec::new();
        for (field, empty) in inherited {
            let elsewhere = Spanned::new(place.clone(), field.get_ref().clone());
            all.extend(self.empty_cell(&elsewhere, empty, true, &fields, columns));
        }
        for (field, empty) in &written.empty {
            all.extend(self.empty_cell(field, empty, false, &fields, columns));
        }
        all
    }

    fn empty_cell(
        &mut self,
        field: &Spanned<String>,
        empty: &WrittenEmpty,
        of_layout: bool,
        fields: &[Field],
        columns: &[Binding],
    ) -> Option<EmptyCell> {
        let name = field.get_ref();
        if !columns.iter().any(|binding| binding.field == *name) {
            let near = text::nearest(name, columns.iter().map(|binding| binding.field.as_str()));
            let help = near.map_or_else(
                || "what every row has, and no column, is under `constants`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.mistake(
                "CFG057",
                "empty cells of a field without a column",
                field.span(),
                name,
                "a bound field",
                &help,
            );
            return None;
        }
        let (value, when) = match empty {
            WrittenEmpty::Always(value) => (value, None),
            WrittenEmpty::When(when) => (&when.value, Some(&when.when)),
        };
        if value.trim().is_empty() {
            self.mistake("CFG057", "empty cells read as nothing", field.span(), name, "a value", "take the key out");
            return None;
        }
        let mut conditions = Vec::new();
        for (condition, words) in when.into_iter().flatten() {
            let shown = |written: &Spanned<String>| if of_layout { field.span() } else { written.span() };
            let asked = condition.get_ref();
            let of_words = |field: &&Field| matches!(field.cell, Cell::Word { .. });
            let is_asked = |field: &&Field| field.name == asked || field.name.strip_suffix("_raw") == Some(asked);
            let Some(found) = fields.iter().filter(of_words).find(is_asked) else {
                let names = fields.iter().filter(of_words).map(|field| field.name.trim_end_matches("_raw"));
                let near = text::nearest(asked, names.clone()).map(|near| format!("did you mean `{near}`?"));
                let expected = format!("one of {}", names.collect::<Vec<_>>().join(", "));
                let help = near.unwrap_or_default();
                self.mistake("CFG057", "not a field of words", shown(condition), asked, &expected, &help);
                continue;
            };
            let Cell::Word { table, .. } = found.cell else { continue };
            let known = words_of(table).unwrap_or_default();
            for word in words.iter().filter(|word| !known.contains(&word.get_ref().as_str())) {
                let near = text::nearest(word.get_ref(), known.iter().copied());
                let help = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
                let expected = format!("one of {}", known.join(", "));
                let message = format!("not a word of {table}");
                self.mistake("CFG031", &message, shown(word), word.get_ref(), &expected, &help);
            }
            conditions.push((found.name.to_owned(), words.iter().map(|word| word.get_ref().clone()).collect()));
        }
        Some(EmptyCell { field: name.clone(), value: value.clone(), when: conditions })
    }
}
