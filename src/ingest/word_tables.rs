//! Which table the words of a field stand in, and the lines that add one to it.

use crate::base::text::{fold, nearest_label};
use crate::diagnose::visible::toml_string;
use crate::frame::kind::{Cell, LINE_FIELDS, spec_of};
use crate::pipeline::Source;
use crate::pipeline::words::NO_COUNTERPART;
use crate::pipeline::words::words_of;
use crate::vocab::{TrackingCode, Word};

/// The table of yes and no.
pub(super) const FLAG: &str = "flag";
/// Field whose word is the row's currency, and its word table.
pub(super) const CURRENCY: &str = "currency";

/// The table that the words of a cell stand in.
pub(super) fn table_of(cell: Cell) -> Option<&'static str> {
    match cell {
        Cell::Word { table, .. } | Cell::Name { table } => Some(table),
        Cell::Flag => Some(FLAG),
        Cell::Currency => Some(CURRENCY),
        _ => None,
    }
}

/// The lines that teach a pipeline a label or a code of one of its sources; `None` where the field has no words. Which word it is, only a
/// person knows: the lines are refused until it is filled in.
pub fn lines_to_paste(source: &Source, field: &str, label: &str) -> Option<String> {
    let line = || LINE_FIELDS.iter().copied().find(|line| line.name == field);
    let cell = spec_of(source.kind).field(field).or_else(line)?.cell;
    if cell == Cell::CarrierCode {
        let (carrier, name) = (source.carrier.as_deref()?, source.vocabulary.as_deref()?);
        let known = TrackingCode::TEXTS.iter().filter(|code| **code != TrackingCode::Unknown.text()).copied();
        let known = known.collect::<Vec<_>>().join(", ");
        let head = format!("[[vocabulary.{}.{}]]", key(carrier), key(name));
        return Some(format!("{head}\nword = \"\"  # one of {known}\ncodes = [{}]", toml_string(label)));
    }
    let table = table_of(cell)?;
    let words = source.words.get(table);
    let near = words.and_then(|words| {
        let near = nearest_label(&fold(label), words.labels())?;
        let word = words.look_up(near, |_| true).filter(|word| *word != NO_COUNTERPART)?;
        Some(format!("; the nearest label, {}, is {}", toml_string(near), toml_string(word)))
    });
    let expected = match words_of(table) {
        Some(known) => format!("one of {}", known.join(", ")),
        None if table == CURRENCY => "an ISO 4217 code".to_owned(),
        None => "a name".to_owned(),
    };
    let near = near.unwrap_or_default();
    Some(format!("[[words.{table}]]\nword = \"\"  # {expected}{near}\nlabels = [{}]", toml_string(label)))
}

/// A key as TOML writes it.
fn key(text: &str) -> String {
    let is_bare = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_';
    if !text.is_empty() && text.bytes().all(is_bare) { text.to_owned() } else { toml_string(text) }
}
