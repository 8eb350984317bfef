//! Evidence as outputs show it: each piece with the cells that prove it, their text as the files hold it, and what it was taken for.
//!
//! An entry is `{side, file, sheet, row, column, value, meaning}`: `value` is the text of the cell, `meaning` a word, a date, an amount,
//! absent where it is the same. `side` `computed` has `formula` and `operands` in place of a cell, `declared` is a setting `of` a source,
//! a policy, a pack; `more` ends a list of members that was cut.

use serde_json::{Value, json};

use crate::frame::lineage::Parts;
use crate::ingest::cited::{Citations, Cited, CitedCell, CitedField, FieldCells};
use crate::rules::evidence::{Evidence, Operand, Reading};

/// Side of a value that was worked out, and of one that is set.
const COMPUTED: &str = "computed";
const DECLARED: &str = "declared";

/// The cells that evidence cites.
pub fn citations<'e>(evidence: impl IntoIterator<Item = &'e Evidence>) -> Citations {
    let mut wanted = Citations::new();
    let mut want = |reference: u64, field: &CitedField| _ = wanted.entry(reference).or_default().insert(field.clone());
    let mut rest: Vec<&Evidence> = evidence.into_iter().collect();
    while let Some(piece) = rest.pop() {
        match piece {
            Evidence::Read(reading) => {
                reading.spots.iter().for_each(|(reference, field)| want(*reference, field));
                rest.extend(&reading.otherwise);
            }
            Evidence::Computed { operands, .. } => {
                for operand in operands {
                    if let Operand::Text(_, reference, field) = operand {
                        want(*reference, field);
                    }
                }
            }
            Evidence::Declared { .. } | Evidence::More { .. } => {}
        }
    }
    wanted
}

/// An entry of a proof.
#[derive(Debug, Clone, PartialEq)]
pub struct ProofEntry {
    /// The row that it cites.
    pub row: Option<u64>,
    /// As outputs show it.
    pub shown: Value,
}

/// What proofs are written with.
#[derive(Debug, Clone, Copy)]
pub struct Proofs<'run> {
    /// Where rows were read.
    pub parts: &'run Parts,
    /// The cited cells.
    pub cited: &'run Cited,
}

impl Proofs<'_> {
    /// The proof of a finding, a JSON array.
    pub fn text(&self, evidence: &[Evidence]) -> String {
        let mut entries: Vec<Value> = Vec::new();
        for entry in evidence.iter().flat_map(|piece| self.entries(piece)) {
            // Of a cell that is cited with and without a meaning, the meaning is told.
            let says = |entry: &Value| entry.get("meaning").is_some();
            let known = entries.iter().position(|known| is_same_cell(known, &entry.shown));
            match known {
                Some(place) if !says(&entries[place]) => entries[place] = entry.shown,
                Some(_) if !says(&entry.shown) || entries.contains(&entry.shown) => {}
                _ => entries.push(entry.shown),
            }
        }
        Value::Array(entries).to_string()
    }

    /// The entries of one piece of evidence: as many as cells made its value.
    pub fn entries(&self, piece: &Evidence) -> Vec<ProofEntry> {
        match piece {
            Evidence::Read(reading) => self.of_reading(reading),
            Evidence::Computed { column, value, formula, operands } => {
                let operands: Vec<Value> = operands.iter().map(|operand| self.operand(operand)).collect();
                vec![computed(column, value, formula, operands)]
            }
            Evidence::Declared { column, value, of } => {
                vec![without_row(json!({"side": DECLARED, "column": column, "value": value, "of": of}))]
            }
            Evidence::More { side, more } => vec![without_row(json!({"side": side, "more": more}))],
        }
    }

    fn operand(&self, operand: &Operand) -> Value {
        match operand {
            Operand::Named(name, value) => json!({"name": name, "value": value}),
            Operand::Text(name, reference, field) => {
                let text = match self.cited.get(*reference, field) {
                    FieldCells::Cells(cells) => cells.first().map(|cell| cell.text.as_str()),
                    FieldCells::Declared(text) => Some(text.as_str()),
                    FieldCells::Nothing | FieldCells::Row(..) => None,
                };
                json!({"name": name, "value": text})
            }
            Operand::Rest(name, more, value) => json!({"name": name, "more": more, "value": value}),
        }
    }

    fn of_reading(&self, reading: &Reading) -> Vec<ProofEntry> {
        let mut empty: Option<(u64, &CitedCell)> = None;
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
            _ if !may_be_empty => vec![computed(reading.column, meaning, &reading.doc, Vec::new())],
            _ => Vec::new(),
        }
    }

    fn of_cells(&self, reading: &Reading, reference: u64, cells: &[CitedCell]) -> Vec<ProofEntry> {
        let filled: Vec<&CitedCell> = cells.iter().filter(|cell| !cell.is_empty).collect();
        let is_sum = filled.iter().any(|cell| cell.term == Some(true) || cell.term.is_some() && filled.len() > 1);
        let is_other = match (&filled[..], &reading.meaning) {
            ([cell], Some(amount)) => reading.is_amount && !cell.is_masked && digits(&cell.text) != digits(amount),
            _ => false,
        };
        let meaning = reading.meaning.as_deref().filter(|_| !is_sum && !is_other);
        let mut entries: Vec<ProofEntry> = filled.iter().map(|cell| self.cell(reference, cell, meaning)).collect();
        if let (true, Some(value)) = (is_sum, &reading.meaning) {
            let sign = |(place, cell): (usize, &&CitedCell)| match (place, cell.term) {
                (0, Some(true)) => "-",
                (0, _) => "",
                (_, Some(true)) => " - ",
                _ => " + ",
            };
            let formula: String = filled
                .iter()
                .enumerate()
                .flat_map(|term| [sign(term).to_owned(), format!("`{}`", term.1.header)])
                .collect();
            let operands = filled.iter().map(|cell| json!({"name": cell.header, "value": cell.text})).collect();
            entries.push(computed(reading.column, value, &formula, operands));
        }
        if let (true, Some(value)) = (is_other, &reading.meaning) {
            let operands = filled.iter().map(|cell| json!({"name": cell.header, "value": cell.text})).collect();
            entries.push(computed(reading.column, value, &reading.doc, operands));
        }
        entries
    }

    fn cell(&self, reference: u64, cell: &CitedCell, meaning: Option<&str>) -> ProofEntry {
        let place = self.parts.locate(reference);
        let mut shown = json!({
            "side": place.map(|(part, _)| crate::vocab::Word::text(part.kind)), "file": place.map(|(part, _)| &part.path),
            "sheet": place.and_then(|(part, _)| part.sheet.as_deref()), "row": place.map(|(_, row)| row),
            "column": cell.header, "value": cell.text,
        });
        if let Some(meaning) = meaning.filter(|meaning| !cell.is_masked && *meaning != cell.text && !meaning.is_empty())
        {
            shown["meaning"] = meaning.into();
            if let Some(place) = &cell.own_word {
                shown["meaning_by"] = place.as_str().into();
            }
        }
        ProofEntry { row: Some(reference), shown }
    }

    fn declared(&self, reading: &Reading, reference: u64, field: &CitedField, text: &str) -> ProofEntry {
        let column = match field {
            CitedField::Named(name) => name,
            CitedField::Headed(header) => header.as_str(),
            CitedField::Whole(_) => "",
        };
        let of = self.parts.locate(reference).map(|(part, _)| format!("source {}", part.source));
        let mut shown = json!({"side": DECLARED, "column": column, "value": text, "of": of});
        if let Some(meaning) = reading.meaning.as_deref().filter(|meaning| *meaning != text && !meaning.is_empty()) {
            shown["meaning"] = meaning.into();
        }
        without_row(shown)
    }
}

/// The digits of an amount, wherever its marks stand, without zeros around them.
fn digits(amount: &str) -> String {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

/// Whether two entries are one cell, or one value that was worked out.
fn is_same_cell(a: &Value, b: &Value) -> bool {
    let keys = ["side", "file", "sheet", "row", "column", "value", "formula", "more"];
    keys.into_iter().all(|key| a.get(key) == b.get(key))
}

fn computed(column: &str, value: &str, formula: &str, operands: Vec<Value>) -> ProofEntry {
    without_row(json!({"side": COMPUTED, "column": column, "value": value, "formula": formula, "operands": operands}))
}

fn without_row(shown: Value) -> ProofEntry {
    ProofEntry { row: None, shown }
}

/// What an entry says, wherever it stands: what its cell was taken for, else the text of the cell.
pub fn said(entry: &Value) -> &Value {
    match entry.get("meaning") {
        Some(meaning) => meaning,
        None => &entry["value"],
    }
}
