//! Evidence as outputs show it: each piece with the cells that prove it, their text as the files hold it, and what it was taken for.
//!
//! An entry is `{side, file, sheet, row, column, value, meaning}`: `value` is the text of the cell, `meaning` a word, a date, an amount,
//! absent where it is the same. `side` `computed` has `formula` and `operands` in place of a cell, `declared` is a setting `of` a source,
//! a policy, a pack; `more` ends a list of members that was cut.

use std::borrow::Cow;

use polars::prelude::{DataFrame, IntoColumn, PolarsError, PolarsResult, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;
use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::map::Map;
use crate::frame::lineage::Parts;
use crate::frame::{findings as f, read};
use crate::ingest::cited::{Citations, Cited, CitedCell, CitedField, FieldCells};
use crate::rules::evidence::{Evidence, Operand, Reading};
use crate::rules::finding::Finding;
use crate::vocab::Word;

/// Side of a value that was worked out, and of one that is set.
const COMPUTED: &str = "computed";
const DECLARED: &str = "declared";

/// The cells that evidence cites.
pub fn citations<'e>(evidence: impl IntoIterator<Item = &'e Evidence>) -> Citations {
    let mut wanted: Vec<(u64, CitedField)> = Vec::new();
    let mut rest: Vec<&Evidence> = Vec::new();
    for piece in evidence {
        rest.push(piece);
        while let Some(piece) = rest.pop() {
            match piece {
                Evidence::Read(reading) => {
                    wanted.extend_from_slice(&reading.spots);
                    rest.extend(&reading.otherwise);
                }
                Evidence::Computed { operands, .. } => {
                    wanted.extend(operands.iter().filter_map(|operand| match operand {
                        Operand::Text(_, reference, field) => Some((*reference, field.clone())),
                        Operand::Named(..) | Operand::Rest(..) => None,
                    }))
                }
                Evidence::Declared { .. } | Evidence::More { .. } => {}
            }
        }
    }
    wanted.into_iter().collect()
}

/// An entry of a proof as outputs show it. What it does not have is absent: text where it was worked out or set, for what is a cell.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Shown<'p> {
    /// The kind of the export, or that there is no cell.
    pub(super) side: Cow<'p, str>,
    pub(super) file: Option<Cow<'p, str>>,
    pub(super) sheet: Option<Cow<'p, str>>,
    pub(super) row: Option<u32>,
    /// Header of the cell, or name of the fact.
    pub(super) column: Option<Cow<'p, str>>,
    /// Text of the cell, or the value.
    pub(super) value: Option<Cow<'p, str>>,
    /// What the cell was taken for, where it says something else.
    pub(super) meaning: Option<Cow<'p, str>>,
    /// The line of the pipeline that says so, of a word that no pack has.
    pub(super) meaning_by: Option<Cow<'p, str>>,
    /// How a value was worked out.
    pub(super) formula: Option<Cow<'p, str>>,
    pub(super) operands: Vec<ShownOperand<'p>>,
    /// Whose setting it is.
    pub(super) of: Option<Cow<'p, str>>,
    /// So many more rows say the same.
    pub(super) more: Option<usize>,
    /// Of what resolved a finding: the former value, if there was one.
    #[serde(skip)]
    pub(super) before: Option<Option<Cow<'p, str>>>,
}

/// What a value was worked out of, as outputs show it.
#[derive(Debug, Clone, PartialEq, Deserialize, serde::Serialize)]
pub(super) struct ShownOperand<'p> {
    name: Cow<'p, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
    value: Option<Cow<'p, str>>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("side", &self.side)?;
        if let Some(more) = self.more {
            entry.serialize_entry("more", &more)?;
            return entry.end();
        }
        let is_cell = self.side != COMPUTED && self.side != DECLARED;
        if is_cell {
            entry.serialize_entry("file", &self.file)?;
            entry.serialize_entry("sheet", &self.sheet)?;
            entry.serialize_entry("row", &self.row)?;
        }
        entry.serialize_entry("column", &self.column)?;
        entry.serialize_entry("value", &self.value)?;
        if self.side == COMPUTED {
            entry.serialize_entry("formula", &self.formula)?;
            entry.serialize_entry("operands", &self.operands)?;
        } else if !is_cell {
            entry.serialize_entry("of", &self.of)?;
        }
        for (key, text) in [("meaning", &self.meaning), ("meaning_by", &self.meaning_by)] {
            text.iter().try_for_each(|text| entry.serialize_entry(key, text))?;
        }
        self.before.iter().try_for_each(|before| entry.serialize_entry("before", before))?;
        entry.end()
    }
}

impl<'p> Shown<'p> {
    /// A value that was worked out.
    pub fn computed(
        column: impl Into<Cow<'p, str>>,
        value: impl Into<Cow<'p, str>>,
        formula: impl Into<Cow<'p, str>>,
    ) -> Shown<'p> {
        Shown {
            side: COMPUTED.into(),
            column: Some(column.into()),
            value: Some(value.into()),
            formula: Some(formula.into()),
            ..Shown::default()
        }
    }

    /// What it says, wherever it stands: what its cell was taken for, else the text of the cell.
    pub fn said(&self) -> Option<&str> {
        self.meaning.as_deref().or(self.value.as_deref())
    }

    /// Whether it is the same cell, or the same value that was worked out.
    fn is_same_cell(&self, other: &Shown<'_>) -> bool {
        self.row == other.row
            && self.more == other.more
            && self.side == other.side
            && self.value == other.value
            && self.column == other.column
            && self.file == other.file
            && self.sheet == other.sheet
            && self.formula == other.formula
    }

    /// `side file[sheet]!row`.
    fn place(&self) -> String {
        let file = self.file.as_deref().unwrap_or("");
        let sheet = self.sheet.as_deref().filter(|sheet| !sheet.is_empty());
        let sheet = sheet.map(|sheet| format!("[{sheet}]")).unwrap_or_default();
        let row = self.row.map(|row| format!("!{row}")).unwrap_or_default();
        format!("{} {file}{sheet}{row}", self.side).trim().to_owned()
    }

    /// `column = text of the cell → what it was taken for`, `fact = value (formula)`, `+ 7`.
    fn told(&self, nothing: &str) -> String {
        if let Some(more) = self.more {
            return format!("+ {more}");
        }
        let column = self.column.as_deref().unwrap_or("");
        let value = self.value.as_deref().filter(|value| !value.is_empty()).unwrap_or(nothing);
        let by = self.meaning_by.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
        let meaning = self.meaning.as_deref().map(|meaning| format!(" → {meaning}{by}"));
        let told = self.formula.as_deref().or(self.of.as_deref()).map(|told| format!(" ({told})"));
        format!("{column} = {value}{}", meaning.or(told).unwrap_or_default())
    }
}

/// A proof as people read it, one row of an input a line: `side file[sheet]!row: column = value; column = value`. Neighbours that were
/// read in the same row share a line.
fn lines(proof: &[Shown<'_>], nothing: &str) -> String {
    let (mut lines, mut place) = (String::new(), None);
    for entry in proof {
        let of_entry = entry.place();
        if place.as_ref() == Some(&of_entry) {
            lines.push_str("; ");
        } else {
            lines.push_str(if place.is_some() { "\n" } else { "" });
            lines.push_str(&of_entry);
            lines.push_str(": ");
            place = Some(of_entry);
        }
        lines.push_str(&entry.told(nothing));
    }
    lines
}

/// A proof that a publication tells.
///
/// # Errors
/// It is not JSON as it was written.
pub fn told_before(proof: &str) -> serde_json::Result<Vec<Shown<'_>>> {
    serde_json::from_str(proof)
}

/// So many proofs are held before they become cells of columns.
const BATCH: usize = 4_096;

/// An entry of a proof.
#[derive(Debug, Clone, PartialEq)]
pub struct ProofEntry<'p> {
    /// The row that it cites.
    pub row: Option<u64>,
    /// As outputs show it.
    pub shown: Shown<'p>,
}

/// What proofs are written with.
#[derive(Debug, Clone, Copy)]
pub struct Proofs<'run> {
    /// Where rows were read.
    pub parts: &'run Parts,
    /// The cited cells.
    pub cited: &'run Cited<'run>,
    /// In the place of an empty value, for people.
    pub nothing: &'run str,
}

impl<'p> Proofs<'p> {
    /// Findings with their proofs, and the proofs as people read them. `tonight` are the rows of the frame that were found now, each with its
    /// finding; those that were carried over from the previous publication keep their proofs. Evidence is taken out of the
    /// findings as it becomes text, so that both are not held.
    ///
    /// # Errors
    /// What the previous publication tells is not JSON.
    pub fn told(
        &self,
        frame: &DataFrame,
        (tonight, found): (&DataFrame, &mut [Finding]),
    ) -> PolarsResult<(DataFrame, StringChunked)> {
        let places: Map<&str, usize> = read::texts(tonight, f::finding_id)?.iter().zip(0..).collect();
        let (ids, carried) = (read::texts(frame, f::finding_id)?, read::texts(frame, f::evidence)?);
        let builder = |name: &str| StringChunkedBuilder::new(name.into(), ids.len());
        let (mut json, mut read) = (builder(f::evidence.name), builder("proof"));
        let told = |(row, evidence): (usize, Option<Vec<Evidence>>)| -> serde_json::Result<(String, String)> {
            let Some(evidence) = evidence else {
                return Ok((carried.at(row).to_owned(), lines(&told_before(carried.at(row))?, self.nothing)));
            };
            let proof = self.proof(&evidence);
            Ok((serde_json::to_string(&proof)?, lines(&proof, self.nothing)))
        };
        for first in (0..ids.len()).step_by(BATCH) {
            let batch = (first..ids.len().min(first + BATCH)).map(|row| {
                let place = places.get(ids.at(row));
                (row, place.map(|place| std::mem::take(&mut found[*place].evidence)))
            });
            let batch: Vec<_> = batch.collect();
            let told = batch.into_par_iter().map(told).collect::<serde_json::Result<Vec<_>>>();
            let told = told.map_err(|error| PolarsError::ComputeError(format!("evidence: {error}").into()))?;
            for (proof, lines) in told {
                json.append_value(proof);
                read.append_value(lines);
            }
        }
        let mut frame = frame.clone();
        frame.with_column(json.finish().into_column())?;
        Ok((frame, read.finish()))
    }

    /// The proof of a finding.
    fn proof(&self, evidence: &'p [Evidence]) -> Vec<Shown<'p>> {
        let mut entries: Vec<Shown<'p>> = Vec::new();
        for ProofEntry { shown: entry, .. } in evidence.iter().flat_map(|piece| self.entries(piece)) {
            // Of a cell that is cited with and without a meaning, the meaning is told.
            match entries.iter().position(|known| known.is_same_cell(&entry)) {
                Some(place) if entries[place].meaning.is_none() => entries[place] = entry,
                Some(_) if entry.meaning.is_none() || entries.contains(&entry) => {}
                _ => entries.push(entry),
            }
        }
        entries
    }

    /// The entries of one piece of evidence: as many as cells made its value.
    pub fn entries(&self, piece: &'p Evidence) -> Vec<ProofEntry<'p>> {
        match piece {
            Evidence::Read(reading) => self.of_reading(reading),
            Evidence::Computed { column, value, formula, operands } => {
                let operands = operands.iter().map(|operand| self.operand(operand)).collect();
                vec![without_row(Shown { operands, ..Shown::computed(*column, &**value, &**formula) })]
            }
            Evidence::Declared { column, value, of } => {
                vec![without_row(declared(column, value, Some((*of).into())))]
            }
            Evidence::More { side, more } => {
                vec![without_row(Shown { side: (*side).into(), more: Some(*more), ..Shown::default() })]
            }
        }
    }

    fn operand(&self, operand: &'p Operand) -> ShownOperand<'p> {
        let (name, more, value) = match operand {
            Operand::Named(name, value) => (name, None, Some(&**value)),
            Operand::Text(name, reference, field) => match self.cited.get(*reference, field) {
                FieldCells::Cells(cells) => (name, None, cells.first().map(|cell| &*cell.text)),
                FieldCells::Declared(text) => (name, None, Some(&**text)),
                FieldCells::Nothing | FieldCells::Row(..) => (name, None, None),
            },
            Operand::Rest(name, more, value) => (name, Some(*more), Some(&**value)),
        };
        ShownOperand { name: (*name).into(), more, value: value.map(Cow::Borrowed) }
    }

    fn of_reading(&self, reading: &'p Reading) -> Vec<ProofEntry<'p>> {
        let mut empty: Option<(u64, &CitedCell<'p>)> = None;
        let mut entries = Vec::new();
        for (reference, field) in &reading.spots {
            match self.cited.get(*reference, field) {
                FieldCells::Nothing | FieldCells::Row(..) => {}
                FieldCells::Declared(text) => entries.push(self.declared(reading, *reference, field, text)),
                FieldCells::Cells(cells) => match cells.iter().any(|cell| !cell.is_empty) {
                    true => entries.extend(self.of_cells(reading, *reference, cells)),
                    false => empty = empty.or(cells.first().map(|cell| (*reference, cell))),
                },
            }
            if !entries.is_empty() && reading.meaning.is_some() {
                return entries;
            }
        }
        let meaning = reading.meaning.as_deref().unwrap_or_default();
        let may_be_empty = meaning.is_empty() || reading.may_be_empty;
        match empty {
            _ if !entries.is_empty() => entries,
            Some((reference, cell)) if may_be_empty => vec![self.cell(reference, cell, Some(meaning))],
            _ if !reading.otherwise.is_empty() => {
                reading.otherwise.iter().flat_map(|piece| self.entries(piece)).collect()
            }
            // A value that stands in no cell was not read there.
            _ if !may_be_empty => vec![without_row(Shown::computed(reading.column, meaning, &*reading.doc))],
            _ => Vec::new(),
        }
    }

    fn of_cells(&self, reading: &'p Reading, reference: u64, cells: &'p [CitedCell<'p>]) -> Vec<ProofEntry<'p>> {
        let filled: Vec<&'p CitedCell<'p>> = cells.iter().filter(|cell| !cell.is_empty).collect();
        let is_sum = filled.iter().any(|cell| cell.term == Some(true) || cell.term.is_some() && filled.len() > 1);
        let is_other = match (&filled[..], &reading.meaning) {
            ([cell], Some(amount)) => reading.is_amount && !cell.is_masked && digits(&cell.text) != digits(amount),
            _ => false,
        };
        let meaning = reading.meaning.as_deref().filter(|_| !is_sum && !is_other);
        let mut entries: Vec<ProofEntry<'p>> = filled.iter().map(|cell| self.cell(reference, cell, meaning)).collect();
        let formula = || {
            let sign = |(place, cell): (usize, &&CitedCell<'_>)| match (place, cell.term) {
                (0, Some(true)) => "-",
                (0, _) => "",
                (_, Some(true)) => " - ",
                _ => " + ",
            };
            let term = |term: (usize, &&CitedCell<'_>)| [sign(term).to_owned(), format!("`{}`", term.1.header)];
            filled.iter().enumerate().flat_map(term).collect::<String>()
        };
        if let (true, Some(value)) = (is_sum || is_other, &reading.meaning) {
            let formula: Cow<'p, str> = if is_sum { formula().into() } else { (&*reading.doc).into() };
            let operand = |cell: &&'p CitedCell<'p>| ShownOperand {
                name: cell.header.into(),
                more: None,
                value: Some((&*cell.text).into()),
            };
            let operands = filled.iter().map(operand).collect();
            entries.push(without_row(Shown { operands, ..Shown::computed(reading.column, &**value, formula) }));
        }
        entries
    }

    fn cell(&self, reference: u64, cell: &'p CitedCell<'p>, meaning: Option<&'p str>) -> ProofEntry<'p> {
        let mut shown =
            Shown { column: Some(cell.header.into()), value: Some((&*cell.text).into()), ..Shown::default() };
        if let Some((part, row)) = self.parts.locate(reference) {
            shown.side = part.kind.text().into();
            shown.file = Some((&part.path).into());
            shown.sheet = part.sheet.as_ref().map(Cow::from);
            shown.row = Some(row);
        }
        let says_more = |meaning: &&str| !cell.is_masked && **meaning != *cell.text && !meaning.is_empty();
        shown.meaning = meaning.filter(says_more).map(Cow::Borrowed);
        shown.meaning_by = cell.own_word.filter(|_| shown.meaning.is_some()).map(|own| own.place.to_string().into());
        ProofEntry { row: Some(reference), shown }
    }

    fn declared(&self, reading: &'p Reading, reference: u64, field: &'p CitedField, text: &'p str) -> ProofEntry<'p> {
        let column = match field {
            CitedField::Named(name) => name,
            CitedField::Headed(header) => header.as_str(),
            CitedField::Whole(_) => "",
        };
        let of = self.parts.locate(reference).map(|(part, _)| format!("source {}", part.source).into());
        let meaning = reading.meaning.as_deref().filter(|meaning| *meaning != text && !meaning.is_empty());
        without_row(Shown { meaning: meaning.map(Cow::Borrowed), ..declared(column, text, of) })
    }
}

/// The digits of an amount, wherever its marks stand, without zeros around them.
fn digits(amount: &str) -> String {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

fn declared<'p>(column: &'p str, value: &'p str, of: Option<Cow<'p, str>>) -> Shown<'p> {
    Shown { side: DECLARED.into(), column: Some(column.into()), value: Some(value.into()), of, ..Shown::default() }
}

fn without_row(shown: Shown<'_>) -> ProofEntry<'_> {
    ProofEntry { row: None, shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_one_line_a_row() {
        let proof = r#"[
            {"side":"orders","file":"a.xlsx","sheet":"Orders","row":7,"column":"Stav","value":"Doručeno"},
            {"side":"orders","file":"a.xlsx","sheet":"Orders","row":7,"column":"Doručeno dne","value":null},
            {"side":"tracking","file":"b.csv","sheet":null,"row":7,"column":"Kód","value":"10","meaning":"returned"},
            {"side":"tracking","more":3},
            {"side":"declared","column":"target_num","value":"90","of":"policy"},
            {"side":"computed","column":"days","value":"14","formula":"as_of - day","operands":[{"name":"day","value":"1"}]}]"#;
        let proof: Vec<Shown<'_>> = told_before(proof).unwrap();
        let told = lines(&proof, "(empty)");
        assert_eq!(
            told.split('\n').collect::<Vec<_>>(),
            [
                "orders a.xlsx[Orders]!7: Stav = Doručeno; Doručeno dne = (empty)",
                "tracking b.csv!7: Kód = 10 → returned",
                "tracking: + 3",
                "declared: target_num = 90 (policy)",
                "computed: days = 14 (as_of - day)",
            ]
        );
        assert_eq!(told_before(&serde_json::to_string(&proof).unwrap()).unwrap(), proof, "written as it was read");
    }
}
