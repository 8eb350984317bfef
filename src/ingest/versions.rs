//! Version columns that are read as text: their texts must sort as they are written, or an older row would win in silence.

use std::fmt::Write as _;

use crate::diagnose::{CellPlace, Diagnostic};
use crate::frame::kind::Cell;
use crate::ingest::columns::Value;
use crate::ingest::files::SourceRead;
use crate::ingest::refusal::About;

/// The refusal of a source whose versions are texts that do not sort as they are written.
///
/// Proven to sort are, in one form in the whole source: texts with one number each and the same letters around it (`7`, `v12`), and
/// dates that begin with their year, with or without a time (`2026-05-09`, `2026-05-09T08:00:00Z`).
pub(super) fn unsortable(source: &SourceRead<'_>) -> Option<Diagnostic> {
    let plan = source.plan.as_ref()?;
    let field = plan.version.filter(|field| matches!(plan.fields[*field].cell, Cell::Text | Cell::Identifier))?;
    let mut form: Option<String> = None;
    let mut last = String::new();
    for file in &source.files {
        for part in &file.parts {
            let table = &part.rows.table;
            for row in 0..table.len() {
                let Value::Text(text) = table.columns[field].get(row) else { continue };
                if text == last {
                    continue;
                }
                let own = form_of(text);
                if own.is_some() && form.as_ref().is_none_or(|form| own.as_ref() == Some(form)) {
                    form = own;
                    text.clone_into(&mut last);
                    continue;
                }
                let place = CellPlace {
                    file: file.found.path.clone(),
                    sheet: part.sheet.clone(),
                    row: Some(table.lines[row]),
                    column: part.bound.slots[field].map(|slot| part.bound.column(slot)),
                    excerpt: None,
                };
                let about = About {
                    code: "SRC105",
                    message: "a version that does not sort as it is written",
                    found: format!("`{text}`"),
                    expected: format!(
                        "numbers, or dates such as 2026-05-09, all in one form  ({})",
                        plan.source.config
                    ),
                    help:
                        "say what the cells are: `version = { column = \"…\", as = \"date\" }`, or \"instant\", \"int\""
                            .into(),
                };
                return Some(*about.refuse(place));
            }
        }
    }
    None
}

/// The form of a text that sorts among texts of its form; `None` where nothing proves that.
fn form_of(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    let widths: Vec<usize> = runs.map(str::len).collect();
    let is_date = widths.starts_with(&[4, 2, 2]) && widths[3..].iter().take(3).all(|width| *width == 2);
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    let offset = text.rfind(['+', '-']).is_some_and(|at| at > "2026-05-09".len());
    match widths.len() {
        // A minus would turn the order round.
        1 if !text.starts_with(['-', '\u{2212}']) => Some(letters_of(text, false)),
        3 | 5..=7 if is_date && begins && !offset => Some(letters_of(text, true)),
        _ => None,
    }
}

/// The text with its numbers taken out: with their widths where those count.
fn letters_of(text: &str, with_widths: bool) -> String {
    let mut letters = String::new();
    let mut digits = 0;
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits += 1;
            continue;
        }
        if digits > 0 {
            letters.push('0');
            if with_widths {
                // Text grows without fail.
                let _ = write!(letters, "{digits}");
            }
            digits = 0;
        }
        letters.push(letter);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::form_of;

    #[test]
    fn only_what_is_proven_to_sort_has_a_form() {
        for (one, other) in
            [("7", "12"), ("v9", "v10"), ("2026-05-09", "2026-12-01"), ("2026-05-09T08:00:00Z", "2026-05-18T23:59:59Z")]
        {
            assert!(form_of(one).is_some() && form_of(one) == form_of(other), "{one} {other}");
        }
        for text in
            ["9. 5. 2026", "18.05.2026", "1.10", "May 2026 3", "2026-5-9", "2026-05-09T08:00:00+01:00", "-5", "a"]
        {
            assert_eq!(form_of(text), None, "{text}");
        }
        assert_ne!(form_of("2026-05-09"), form_of("2026-05-09T08:00:00Z"));
        assert_ne!(form_of("v9"), form_of("9"));
        // A fraction of another width would sort as a number.
        assert_ne!(form_of("2026-05-09 08:00:00.5"), form_of("2026-05-09 08:00:00.25"));
    }
}
