//! What was found in a file, for people (comments above the starter) and for programs (JSON). Values of columns that are probably
//! personal are masked in both.

use serde_json::{Value, json};

use crate::diagnose::visible::{self, toml_string as quoted};

use crate::frame::kind::Field;
use crate::ingest::infer::layout_match::{Match, best};
use crate::ingest::infer::look::{Column, Look};
use crate::ingest::infer::starter::push_line;
use crate::ingest::infer::table::HeaderRow;
use crate::ingest::infer::text_form::TextForm;
use crate::ingest::infer::{Known, Looked, LookedTable, StarterOf};
use crate::ingest::refused::MASK;
use crate::vocab::Word;

/// Layouts that are told of.
const LAYOUTS: usize = 3;
/// Letters of the labels of a column.
const TOLD: usize = 2 * visible::CELL;

impl Looked {
    /// The evidence as TOML comments, then the starter, table by table; files of one shape share that of the first of them.
    pub fn text(&self, known: &Known) -> String {
        let mut text = String::new();
        let packed = self.compression.map(|how| format!(", {how}")).unwrap_or_default();
        let what = if self.text.is_some() { "text" } else { "workbook" };
        push_line!(text, "# {}: {what}, {} bytes{packed}", self.path, self.bytes);
        if let Some(form) = &self.text {
            push_form(&mut text, form);
        }
        for note in &self.notes {
            push_line!(text, "#   note       {note}");
        }
        for looked in &self.tables {
            looked.push(&mut text, known);
            match &looked.starter {
                StarterOf::Own(starter) => {
                    text.push('\n');
                    text.push_str(starter);
                }
                StarterOf::Same(path) => {
                    push_line!(text, "#   source     that of {path}: a file of the same shape");
                }
            }
        }
        text
    }

    /// The same as one JSON object: `file, bytes, compression, encoding, dialect, notes, tables`; a table has `sheet, hidden,
    /// header, lines_above, rows, totals, columns, layouts, kind, starter, same_as`: files of one shape have one starter, the others name
    /// its file. A workbook has no encoding and no dialect.
    pub fn json(&self, known: &Known) -> Value {
        let encoding = self.text.as_ref().map(|form| {
            json!({
                "name": form.encoding, "confidence": form.confidence, "because": form.because, "alike": form.alike,
            })
        });
        json!({
            "file": self.path, "bytes": self.bytes, "compression": self.compression, "encoding": encoding,
            "dialect": self.text.as_ref().map(dialect_json), "notes": self.notes,
            "tables": self.tables.iter().map(|looked| looked.json(known)).collect::<Vec<_>>(),
        })
    }
}

fn push_form(text: &mut String, form: &TextForm) {
    let alike = if form.alike.is_empty() { String::new() } else { format!("; alike: {}", form.alike.join(", ")) };
    push_line!(text, "#   encoding   {} ({} %): {}{alike}", form.encoding, form.confidence, form.because);
    push_line!(text, "#   delimiter  {}", form.dialect.delimiter_told());
    let quotes = match form.dialect.quote {
        None => "none: quote marks are letters".to_owned(),
        Some(_) if form.dialect.quoted == 0 => "no field is quoted".to_owned(),
        Some(quote) => format!("{} around {} fields", char::from(quote), form.dialect.quoted),
    };
    let (ends, count, all) = form.dialect.line_ends.told();
    push_line!(text, "#   quote      {quotes}");
    push_line!(text, "#   line ends  {ends}: {count} of {all}");
}

fn dialect_json(form: &TextForm) -> Value {
    let others: Vec<Value> = form
        .dialect
        .others
        .iter()
        .map(|(mark, width, agree, of)| json!({"delimiter": char::from(*mark).to_string(), "fields": width, "agree": agree, "of": of}))
        .collect();
    let (ends, count, all) = form.dialect.line_ends.told();
    json!({
        "delimiter": char::from(form.dialect.delimiter).to_string(), "fields": form.dialect.width, "agree": form.dialect.agree.0, "of": form.dialect.agree.1,
        "others": others, "quote": form.dialect.quote.map(|quote| char::from(quote).to_string()), "quoted_fields": form.dialect.quoted,
        "line_end": {"name": ends, "count": count, "of": all},
    })
}

impl LookedTable {
    fn push(&self, text: &mut String, known: &Known) {
        let table = &self.table;
        if let Some(sheet) = &table.sheet {
            let hidden = if table.hidden { ", hidden" } else { "" };
            push_line!(text, "#   sheet      {}{hidden}", quoted(sheet));
        }
        match &table.header {
            HeaderRow::At(row, confidence, why) => {
                push_line!(text, "#   header     row {row} ({confidence} %): {why}");
            }
            HeaderRow::None(confidence, why) => {
                push_line!(text, "#   header     none ({confidence} %): {why}");
            }
        }
        if table.above > 0 {
            push_line!(text, "#   preamble   lines 1 to {}", table.above);
        }
        let totals = if table.totals.is_empty() {
            String::new()
        } else {
            format!(", then totals: {}", visible::list(&table.totals, visible::NAMES))
        };
        push_line!(text, "#   rows       {} looked at{totals}", table.rows);
        // Those of a file of the same shape were told with that file.
        if matches!(self.starter, StarterOf::Own(_)) {
            self.push_layouts(text, known);
        }
        for (place, column) in table.columns.iter().enumerate() {
            self.push_column(text, place, column);
        }
    }

    fn push_layouts(&self, text: &mut String, known: &Known) {
        if self.matches.is_empty() {
            text.push_str("#   layouts    none is known\n");
        }
        let near = |place: usize, found: &Match| place == 0 || found.reads() || found.share() >= 50;
        let told = self.matches.iter().enumerate().filter(|(place, found)| near(*place, found));
        for (_, found) in told.take(LAYOUTS) {
            let misfits =
                if found.misfits.is_empty() { String::new() } else { format!("; {}", found.misfits.join("; ")) };
            push_line!(
                text,
                "#   layout     {}: {} of {} required columns, {} of {} headers, {} written exactly so{misfits}",
                known.layouts[found.layout].name,
                found.required.0,
                found.required.1,
                found.headers.0,
                found.headers.1,
                found.exact
            );
        }
    }

    fn push_column(&self, text: &mut String, place: usize, column: &Column) {
        if column.header.is_empty() && column.look == Look::Empty {
            return;
        }
        let told = if column.personal.is_some() { String::new() } else { column.look.told() };
        let told = if told.is_empty() { String::new() } else { format!(": {}", visible::short(&told, TOLD)) };
        let field = match self.field(place) {
            Some((field, confidence, _)) => format!(" → {} ({confidence} %)", field.name),
            None => String::new(),
        };
        let samples: Vec<String> =
            samples(column).iter().map(|sample| visible::short(sample, visible::CELL).into_owned()).collect();
        let samples = if samples.is_empty() || matches!(column.look, Look::Word(_)) && column.personal.is_none() {
            String::new()
        } else {
            format!("; such as {}", samples.join(" | "))
        };
        let personal = column.personal.map(|kind| format!("; probably {}", kind.word())).unwrap_or_default();
        let nulls = if column.nulls.is_empty() {
            String::new()
        } else {
            format!("; {} stands for nothing", column.nulls.join(" "))
        };
        let strange = if column.strange.is_empty() {
            String::new()
        } else {
            format!("; but not {}", visible::list(&column.strange, visible::NAMES))
        };
        push_line!(
            text,
            "#   {:>2} {}{field}: {} in {} of {}{told}{samples}{personal}{nulls}{strange}",
            column.position,
            if column.header.is_empty() {
                format!("column {}", column.position)
            } else {
                visible::toml_short(&column.header, visible::PASTED)
            },
            column.look.word(),
            column.filled.0,
            column.filled.1,
        );
    }

    /// The field that a column feeds: with its confidence and why.
    fn field(&self, place: usize) -> Option<(Field, u8, String)> {
        if let Some(found) = best(&self.matches).first() {
            let (_, field) = found.bound.iter().find(|(at, _)| *at == place)?;
            return Some((*field, found.confidence(), "the layout".to_owned()));
        }
        let own = self.proposal.iter().flat_map(|own| &own.fields).find(|own| own.column == place)?;
        Some((own.field, own.confidence, own.because.clone()))
    }

    fn json(&self, known: &Known) -> Value {
        let table = &self.table;
        let header = match &table.header {
            HeaderRow::At(row, confidence, why) => json!({"row": row, "confidence": confidence, "because": why}),
            HeaderRow::None(confidence, why) => json!({"row": null, "confidence": confidence, "because": why}),
        };
        let columns: Vec<Value> =
            table.columns.iter().enumerate().map(|(place, column)| self.column_json(place, column)).collect();
        let layouts: Vec<Value> = self
            .matches
            .iter()
            .map(|found| {
                let words: Vec<Value> = found.unknown_words.iter().map(|(field, words)| json!({"field": field, "words": words})).collect();
                json!({
                    "layout": known.layouts[found.layout].name, "kind": known.layouts[found.layout].layout.kind.text(),
                    "required": found.required.0, "of_required": found.required.1, "headers": found.headers.0,
                    "of_headers": found.headers.1, "exact": found.exact, "fits": found.is_whole(), "misfits": found.misfits,
                    "missing": found.missing, "unknown_words": words,
                })
            })
            .collect();
        let kind = self.proposal.as_ref().map(|own| {
            json!({"kind": own.kind.text(), "confidence": own.confidence, "because": own.because, "lines": own.lines})
        });
        let (starter, same_as) = match &self.starter {
            StarterOf::Own(starter) => (Some(starter), None),
            StarterOf::Same(path) => (None, Some(path)),
        };
        json!({
            "sheet": table.sheet, "hidden": table.hidden, "header": header, "lines_above": table.above, "rows": table.rows,
            "totals": table.totals, "columns": columns, "layouts": layouts, "kind": kind, "starter": starter,
            "same_as": same_as,
        })
    }

    fn column_json(&self, place: usize, column: &Column) -> Value {
        let field = self.field(place);
        let labels: Vec<Value> = match (&column.look, column.personal) {
            (Look::Word(labels), None) => {
                labels.iter().map(|(label, count)| json!({"label": label, "count": count})).collect()
            }
            _ => Vec::new(),
        };
        let detail = if matches!(column.look, Look::Word(_)) { String::new() } else { column.look.told() };
        json!({
            "position": column.position, "header": column.header, "filled": column.filled.0, "of": column.filled.1,
            "look": column.look.word(), "detail": detail, "labels": labels, "samples": samples(column),
            "nulls": column.nulls, "strange": column.strange, "personal": column.personal.map(|kind| kind.word()),
            "field": field.as_ref().map(|(field, ..)| field.name), "confidence": field.as_ref().map(|(_, percent, _)| percent),
            "because": field.as_ref().map(|(_, _, why)| why),
        })
    }
}

/// The first values, masked where they are probably personal.
fn samples(column: &Column) -> Vec<String> {
    match column.personal {
        Some(_) => column.samples.iter().take(1).map(|_| MASK.to_owned()).collect(),
        None => column.samples.clone(),
    }
}
