//! ODS workbooks: the rows of a table, one at a time, from the text of `content.xml`. What a table repeats is repeated when it is read,
//! within the limits, and a row is held once however often it stands there.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::package::{Package, damaged, protected};
use crate::ingest::record::{Form, Raw, Record};
use crate::ingest::refusal;
use crate::ingest::serial;
use crate::ingest::sheet_reader::RowStream;
use crate::ingest::sheet_row::{error_text, iso, pass_over};
use crate::ingest::xml::{Malformed, Token, Tokens, attributes, push_text};
use crate::pipeline::limits::Limits;

/// Columns of a table by the file format.
const COLUMNS: usize = 16_384;

/// An open workbook.
pub(super) struct Ods<'b> {
    path: &'b str,
    limits: Limits,
    /// Bytes of the texts that its cells may hold, however often they are repeated.
    most_text: u64,
    content: String,
    pub(super) tables: Vec<OdsTable>,
    /// Rows of all tables that hold something and are not shown.
    pub(super) hidden_rows: u64,
}

/// A table of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OdsTable {
    pub(super) name: String,
    pub(super) hidden: bool,
    /// Where its content stands, without its own tags.
    from: usize,
    to: usize,
}

impl<'b> Ods<'b> {
    /// Reads the text of the tables, and where they stand in it.
    ///
    /// # Errors
    /// A workbook with a password, a damaged one, one beyond a limit.
    pub(super) fn open(bytes: &'b [u8], path: &'b str, limits: Limits) -> Result<Ods<'b>, Box<Diagnostic>> {
        let mut package = Package::open(bytes, path, limits)?.read_whole();
        let manifest = package.text("META-INF/manifest.xml")?.unwrap_or_default();
        let broken = |error: Malformed| damaged(path, error.0);
        if holds(&manifest, "encryption-data").map_err(broken)? {
            return Err(protected(path));
        }
        let content = package.text("content.xml")?.ok_or_else(|| damaged(path, "no content.xml in the package"))?;
        let (tables, hidden_rows) = tables_of(&content).map_err(broken)?;
        let mut names = BTreeSet::new();
        if let Some(twice) = tables.iter().find(|table| !names.insert(&table.name)) {
            return Err(damaged(path, &format!("two sheets named `{}`", refusal::short(&twice.name))));
        }
        let most_text = (bytes.len() as u64).saturating_mul(limits.ratio).max(limits.ratio_from_bytes);
        Ok(Ods { path, limits, most_text, tables, hidden_rows, content })
    }

    /// The rows of a table.
    pub(super) fn rows(&mut self, table: &OdsTable) -> OdsRows<'_> {
        OdsRows {
            path: self.path,
            name: table.name.clone(),
            limits: self.limits,
            most_text: self.most_text,
            tokens: Tokens::new(&self.content[table.from..table.to]),
            number: 0,
            again: 0,
            cells: Vec::new(),
            texts: String::new(),
            read: (0, 0),
        }
    }
}

fn holds(text: &str, element: &str) -> Result<bool, Malformed> {
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next()? {
        if matches!(token, Token::Open { name, .. } if name == element) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tables of a text, which stand directly in its `spreadsheet`, and how many rows of them are hidden.
fn tables_of(content: &str) -> Result<(Vec<OdsTable>, u64), Malformed> {
    let mut tokens = Tokens::new(content);
    let (mut tables, mut hidden_rows): (Vec<OdsTable>, u64) = (Vec::new(), 0);
    let (mut style, mut unseen) = (String::new(), BTreeSet::new());
    // How deep the text is nested, and how deep its spreadsheet and the table at hand lie.
    let (mut depth, mut sheet, mut inside) = (0_usize, usize::MAX, None);
    // Of the row at hand: how often it stands there, if it is hidden and nothing was seen in it.
    let mut awaits_cell = None;
    loop {
        let before = content.len() - tokens.rest().len();
        let Some(token) = tokens.next()? else { break };
        match token {
            Token::Open { name, attributes: tag, empty } => {
                depth += usize::from(!empty);
                let value = |wanted: &str| attributes(tag).find(|(name, _)| *name == wanted).map(|(_, value)| value);
                match name {
                    "style" => value("name").unwrap_or_default().clone_into(&mut style),
                    "table-properties" if value("display") == Some("false") => _ = unseen.insert(style.clone()),
                    "spreadsheet" => sheet = depth,
                    "table" if inside.is_none() && !empty && depth == sheet.saturating_add(1) => {
                        let mut name = String::new();
                        push_text(value("name").unwrap_or_default(), &mut name)?;
                        let from = content.len() - tokens.rest().len();
                        let hidden = value("style-name").is_some_and(|style| unseen.contains(style));
                        tables.push(OdsTable { name, hidden, from, to: from });
                        inside = Some(depth);
                    }
                    "table-row" if inside.is_some() => {
                        let hidden = value("visibility").is_some_and(|how| how != "visible");
                        awaits_cell = hidden.then(|| times(tag, "number-rows-repeated"));
                    }
                    "table-cell" | "covered-table-cell"
                        if inside.is_some() && (!empty || value("value-type").or(value("formula")).is_some()) =>
                    {
                        hidden_rows = hidden_rows.saturating_add(awaits_cell.take().unwrap_or(0));
                    }
                    _ => {}
                }
            }
            Token::Close(_) => {
                if let (true, Some(table)) = (inside == Some(depth), tables.last_mut()) {
                    table.to = before;
                    inside = None;
                }
                depth = depth.saturating_sub(1);
            }
            Token::Text(_) | Token::Literal(_) => {}
        }
    }
    if inside.is_some() {
        return Err(Malformed("a table without an end"));
    }
    Ok((tables, hidden_rows))
}

fn times(tag: &str, name: &str) -> u64 {
    attributes(tag).find(|(known, _)| *known == name).and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(1)
}

/// The rows of a table. Rows without a value do not appear.
pub(super) struct OdsRows<'a> {
    path: &'a str,
    name: String,
    limits: Limits,
    most_text: u64,
    tokens: Tokens<'a>,
    /// Number of the last row, from 1.
    number: u64,
    /// How often the row at hand is still to come.
    again: u64,
    cells: Vec<OdsCell>,
    /// Texts of the cells at hand.
    texts: String,
    /// Cells that were read so far, and bytes of their texts.
    read: (u64, u64),
}

/// A cell; its text stands among the texts of its row.
#[derive(Debug, Clone, Copy)]
enum OdsCell {
    Empty,
    Number(f64),
    Share(f64),
    Text(usize, usize),
    Iso(usize, usize),
    Flag(bool),
    NoValue,
    Error(&'static str),
}

/// Why a row is not read.
enum Fault {
    Malformed(Malformed),
    Refused(Box<Diagnostic>),
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Fault {
        Fault::Malformed(malformed)
    }
}

impl RowStream for OdsRows<'_> {
    type Row<'r>
        = OdsRow<'r>
    where
        Self: 'r;

    fn next_row(&mut self) -> Result<Option<(u32, OdsRow<'_>)>, Box<Diagnostic>> {
        let more = self.advance().map_err(|fault| match fault {
            Fault::Malformed(error) => {
                damaged(self.path, &format!("sheet `{}`: {}", refusal::short(&self.name), error.0))
            }
            Fault::Refused(refusal) => refusal,
        })?;
        let number = u32::try_from(self.number).unwrap_or(u32::MAX);
        Ok(more.then_some((number, OdsRow { cells: &self.cells, texts: &self.texts })))
    }
}

impl OdsRows<'_> {
    /// Goes to the next row that holds something; `false` at the end.
    fn advance(&mut self) -> Result<bool, Fault> {
        if self.again > 0 {
            self.again -= 1;
            self.number += 1;
            return self.count().map(|()| true);
        }
        while let Some(token) = self.tokens.next()? {
            match token {
                Token::Open { name: "table-row", attributes: tag, empty } => {
                    let down = times(tag, "number-rows-repeated").max(1);
                    self.cells.clear();
                    self.texts.clear();
                    if !empty {
                        self.read_row()?;
                    }
                    if self.cells.is_empty() {
                        self.number = self.number.saturating_add(down);
                    } else {
                        self.number = self.number.saturating_add(1);
                        self.again = down - 1;
                        return self.count().map(|()| true);
                    }
                }
                // Groups of rows are rows like others; pictures and tables within tables are none.
                Token::Open { name: name @ ("shapes" | "table" | "forms" | "annotation"), empty: false, .. } => {
                    pass_over(&mut self.tokens, name)?;
                }
                _ => {}
            }
        }
        Ok(false)
    }

    /// Counts the row at hand; what is repeated counts as often as it is read.
    fn count(&mut self) -> Result<(), Fault> {
        let held = self.cells.iter().filter(|cell| !matches!(cell, OdsCell::Empty)).count();
        self.read.0 += held as u64;
        if self.read.0 > self.limits.whole_cells {
            let found = format!("{} cells or more", self.read.0);
            return Err(self.over("whole_cells", found, self.limits.whole_cells));
        }
        let text = self.cells.iter().map(|cell| cell.bytes() as u64).sum::<u64>();
        self.read.1 += text;
        self.check_texts(self.read.1)
    }

    fn check_texts(&self, bytes: u64) -> Result<(), Fault> {
        if bytes <= self.most_text {
            return Ok(());
        }
        Err(self.over("ratio", format!("cells whose texts are {bytes} bytes or more"), self.limits.ratio))
    }

    fn over(&self, name: &str, found: String, most: u64) -> Fault {
        Fault::Refused(bounds::over(name, found, most, refusal::sheet(self.path, Some(&self.name))))
    }

    fn read_row(&mut self) -> Result<(), Fault> {
        let mut column = 0_u64;
        loop {
            match self.tokens.next()?.ok_or(Malformed("a row without an end"))? {
                Token::Open { name: name @ ("table-cell" | "covered-table-cell"), attributes: tag, empty } => {
                    let across = times(tag, "number-columns-repeated").max(1);
                    let cell = self.read_cell(name, tag, empty)?;
                    let end = column.saturating_add(across);
                    if !matches!(cell, OdsCell::Empty) {
                        if end > COLUMNS as u64 {
                            return Err(self.over("columns", "a column beyond XFD".to_owned(), COLUMNS as u64));
                        }
                        self.cells.resize(column as usize, OdsCell::Empty);
                        self.cells.resize(end as usize, cell);
                    }
                    column = end;
                }
                Token::Open { name, empty: false, .. } => pass_over(&mut self.tokens, name)?,
                Token::Close("table-row") => return Ok(()),
                _ => {}
            }
        }
    }

    fn read_cell(&mut self, element: &str, tag: &str, empty: bool) -> Result<OdsCell, Fault> {
        let (mut kind, mut value, mut is_error, mut is_formula) = ("", None, false, false);
        for (name, written) in attributes(tag) {
            match name {
                // LibreOffice says a second time, by a type of its own, that a text is an error.
                "value-type" if written == "error" => is_error = true,
                "value-type" => kind = written,
                "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => value = Some(written),
                "formula" => is_formula = true,
                _ => {}
            }
        }
        let from = self.texts.len();
        let from_value = match value {
            Some(written) if !(is_error && written.is_empty()) => {
                push_text(written, &mut self.texts)?;
                true
            }
            _ => false,
        };
        if !empty {
            self.read_content(element, !from_value)?;
        }
        let to = self.texts.len();
        let text = &self.texts[from..to];
        if is_error {
            return Ok(OdsCell::Error(error_text(text)));
        }
        let number = || text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(match kind {
            "float" | "currency" if from_value => number().map_or(OdsCell::Text(from, to), OdsCell::Number),
            "percentage" if from_value => number().map_or(OdsCell::Text(from, to), OdsCell::Share),
            "boolean" if from_value => OdsCell::Flag(text.eq_ignore_ascii_case("true")),
            "date" if from_value => OdsCell::Iso(from, to),
            "" if is_formula && text.is_empty() => OdsCell::NoValue,
            _ if text.is_empty() => OdsCell::Empty,
            _ => OdsCell::Text(from, to),
        })
    }

    /// Reads up to the end of a cell; its paragraphs become its text, where they are wanted.
    fn read_content(&mut self, element: &str, wanted: bool) -> Result<(), Fault> {
        let from = self.texts.len();
        let mut paragraphs = 0;
        loop {
            match self.tokens.next()?.ok_or(Malformed("a cell without an end"))? {
                Token::Open { name: "p" | "h", empty, .. } if wanted => {
                    if paragraphs > 0 {
                        self.texts.push('\n');
                    }
                    paragraphs += 1;
                    if !empty {
                        self.read_paragraph(from)?;
                    }
                }
                Token::Open { name, empty: false, .. } => pass_over(&mut self.tokens, name)?,
                Token::Close(name) if name == element => return Ok(()),
                _ => {}
            }
        }
    }

    /// The text of a paragraph: its blanks are one, as the format says, but for those that it counts.
    fn read_paragraph(&mut self, cell: usize) -> Result<(), Fault> {
        let (mut depth, mut written) = (1_usize, String::new());
        let mut is_behind_blank = true;
        while depth > 0 {
            match self.tokens.next()?.ok_or(Malformed("a paragraph without an end"))? {
                Token::Open { name: "s", attributes: tag, empty } => {
                    let blanks = usize::try_from(times(tag, "c")).unwrap_or(usize::MAX);
                    self.check_length(cell, blanks)?;
                    self.texts.extend(std::iter::repeat_n(' ', blanks));
                    is_behind_blank = false;
                    depth += usize::from(!empty);
                }
                Token::Open { name: name @ ("tab" | "line-break"), empty, .. } => {
                    self.texts.push(if name == "tab" { '\t' } else { '\n' });
                    depth += usize::from(!empty);
                }
                Token::Open { name: name @ ("annotation" | "note" | "ruby-text"), empty: false, .. } => {
                    pass_over(&mut self.tokens, name)?;
                }
                Token::Open { empty, .. } => depth += usize::from(!empty),
                Token::Close(_) => depth -= 1,
                Token::Text(text) => {
                    written.clear();
                    push_text(text, &mut written)?;
                    self.push_collapsed(&written, &mut is_behind_blank);
                }
                Token::Literal(text) => self.push_collapsed(text, &mut is_behind_blank),
            }
            self.check_length(cell, 0)?;
        }
        Ok(())
    }

    fn push_collapsed(&mut self, text: &str, is_behind_blank: &mut bool) {
        for letter in text.chars() {
            let is_blank = matches!(letter, ' ' | '\t' | '\r' | '\n');
            if !is_blank {
                self.texts.push(letter);
            } else if !*is_behind_blank {
                self.texts.push(' ');
            }
            *is_behind_blank = is_blank;
        }
    }

    /// Refuses a cell that is or becomes too long, before it does.
    fn check_length(&self, cell: usize, more: usize) -> Result<(), Fault> {
        let bytes = (self.texts.len() - cell).saturating_add(more) as u64;
        if bytes > self.limits.cell_bytes {
            return Err(self.over("cell_bytes", format!("a cell of {bytes} bytes or more"), self.limits.cell_bytes));
        }
        self.check_texts(self.texts.len() as u64)
    }
}

impl OdsCell {
    fn bytes(self) -> usize {
        match self {
            OdsCell::Text(from, to) | OdsCell::Iso(from, to) => to - from,
            _ => 0,
        }
    }
}

/// A row of a table.
pub(super) struct OdsRow<'r> {
    cells: &'r [OdsCell],
    texts: &'r str,
}

impl Record for OdsRow<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        match self.cells.get(index).copied().unwrap_or(OdsCell::Empty) {
            OdsCell::Empty => Raw::Empty,
            OdsCell::Number(number) => Raw::Number(number),
            OdsCell::Share(share) => Raw::Share(share),
            OdsCell::Text(from, to) => Raw::of_text(&self.texts[from..to]),
            OdsCell::Iso(from, to) => iso(&self.texts[from..to]),
            OdsCell::Flag(flag) => Raw::Flag(flag),
            OdsCell::NoValue => Raw::NoValue,
            OdsCell::Error(error) => Raw::Error(error),
        }
    }

    fn len(&self) -> usize {
        self.cells.len()
    }

    fn bytes(&self, index: usize) -> usize {
        self.cells.get(index).map_or(0, |cell| cell.bytes())
    }

    fn written(&self, index: usize) -> Cow<'_, str> {
        match self.cells.get(index) {
            Some(OdsCell::Text(from, to)) => Cow::Borrowed(&self.texts[*from..*to]),
            _ => self.cell(index).stored(),
        }
    }

    fn form(&self, index: usize) -> Form<'_> {
        match self.cells.get(index) {
            Some(OdsCell::Text(..)) => Form::Text,
            Some(OdsCell::Number(_)) => Form::Number,
            _ => Form::Untold,
        }
    }

    fn moment_of(&self, serial: f64) -> Option<NaiveDateTime> {
        serial::moment_of(serial, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Exit;
    use crate::ingest::tests::packages::zip;

    fn book(content: &str, manifest: &str) -> Vec<u8> {
        zip(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content),
            ("META-INF/manifest.xml", manifest),
        ])
    }

    /// Cells of the first table as a person sees them, by row and column from 1; and the hidden rows of all tables.
    type CellsAndHidden = (Vec<(u32, usize, String)>, u64);

    fn read(content: &str, limits: Limits) -> Result<CellsAndHidden, Box<Diagnostic>> {
        let bytes = book(content, "<m:manifest/>");
        let mut book = Ods::open(&bytes, "a.ods", limits)?;
        let table = book.tables[0].clone();
        let mut found = Vec::new();
        let mut rows = book.rows(&table);
        while let Some((number, row)) = rows.next_row()? {
            let cells = (0..row.len()).filter(|index| !row.cell(*index).is_empty());
            found.extend(cells.map(|index| (number, index + 1, row.cell(index).shown().into_owned())));
        }
        Ok((found, book.hidden_rows))
    }

    fn table(rows: &str) -> String {
        format!("<o:body><o:spreadsheet><t:table t:name=\"a\">{rows}</t:table></o:spreadsheet></o:body>")
    }

    fn cells(rows: &str) -> Vec<(u32, usize, String)> {
        read(&table(rows), Limits::default()).unwrap().0
    }

    fn refused(rows: &str) -> Option<Exit> {
        read(&table(rows), Limits::default()).err().map(|refusal| refusal.exit)
    }

    #[test]
    fn what_is_repeated_is_read_as_often() {
        let full = "<t:table-cell o:value-type='float' o:value='1'/>";
        let far = format!(
            "<t:table-row t:number-rows-repeated='9'><t:table-cell/></t:table-row>\
             <t:table-row t:number-rows-repeated='2'><t:table-cell t:number-columns-repeated='4'/>{full}</t:table-row>\
             <t:table-row t:number-rows-repeated='1000000'><t:table-cell t:number-columns-repeated='1024'/></t:table-row>\
             <t:table-row>{}</t:table-row>",
            full.replace("/>", " t:number-columns-repeated='2'/>")
        );
        let one = || "1".to_owned();
        assert_eq!(cells(&far), [(10, 5, one()), (11, 5, one()), (1_000_012, 1, one()), (1_000_012, 2, one())]);
    }

    #[test]
    fn what_is_repeated_without_measure_is_refused_before_it_is_built() {
        let row = |cell: &str| format!("<t:table-row t:number-rows-repeated='1000000'>{cell}</t:table-row>");
        let text =
            |text: &str| format!("<t:table-cell t:number-columns-repeated='16384'><x:p>{text}</x:p></t:table-cell>");
        assert_eq!(refused(&row(&text("x"))), Some(Exit::Limit));
        assert_eq!(refused(&row(&text(&"x".repeat(10_000)))), Some(Exit::Limit));
        let blanks = |count: u64| row(&format!("<t:table-cell><x:p><x:s x:c='{count}'/></x:p></t:table-cell>"));
        assert_eq!(refused(&blanks(4_000_000_000)), Some(Exit::Limit));
        assert_eq!(refused(&blanks(4_000)), Some(Exit::Limit));
        let many = "<t:table-cell><x:p><x:s x:c='200000'/></x:p></t:table-cell>".repeat(10_000);
        assert_eq!(refused(&format!("<t:table-row>{many}</t:table-row>")), Some(Exit::Limit));
        let beyond =
            "<t:table-cell t:number-columns-repeated='16384'/><t:table-cell o:value-type='float' o:value='1'/>";
        assert_eq!(refused(&format!("<t:table-row>{beyond}</t:table-row>")), Some(Exit::Limit));
    }

    #[test]
    fn texts_as_a_person_sees_them() {
        let indented = "\n  <t:table-row>\n    <t:table-cell o:value-type=\"string\">\n      <x:p>a &amp; b</x:p>\n    </t:table-cell>\n\
            <t:table-cell>\n <x:p>\n  one <x:span>  two</x:span><x:s x:c='2'/>x</x:p>\n <x:p>next</x:p>\n</t:table-cell>\n\
            <t:table-cell o:value-type=\"string\"><o:annotation><x:p>said</x:p></o:annotation><x:p>c</x:p></t:table-cell>\n\
            <t:table-cell o:value-type=\"string\" o:string-value=\"stored\"><x:p>shown</x:p></t:table-cell>\n </t:table-row>\n";
        let expected = [(1, 1, "a & b"), (1, 2, "one two  x\nnext"), (1, 3, "c"), (1, 4, "stored")];
        assert_eq!(cells(indented), expected.map(|(row, column, text)| (row, column, text.to_owned())));
    }

    #[test]
    fn values_by_their_type() {
        let row = "<t:table-row><t:table-cell o:value-type='float' o:value='1.50'/>\
            <t:table-cell o:value-type='percentage' o:value='0.18'/><t:table-cell o:value-type='currency' o:value='9'/>\
            <t:table-cell o:value-type='date' o:date-value='2026-11-09'/>\
            <t:table-cell o:value-type='date' o:date-value='2026-11-09T14:00:00'/>\
            <t:table-cell o:value-type='boolean' o:boolean-value='true'/>\
            <t:table-cell t:formula='of:=1/0' o:value-type='string' o:string-value='' c:value-type='error'><x:p>#DIV/0!</x:p></t:table-cell>\
            <t:table-cell t:formula='of:=A1'/><t:covered-table-cell o:value-type='float' o:value='2'/></t:table-row>";
        let shown: Vec<String> = cells(row).into_iter().map(|(_, _, shown)| shown).collect();
        let expected = [
            "1.5",
            "0.18 as a percentage",
            "9",
            "2026-11-09",
            "2026-11-09 14:00:00",
            "TRUE",
            "#DIV/0!",
            "(formula)",
            "2",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn tables_are_those_of_the_workbook() {
        let row = "<t:table-row><t:table-cell o:value-type='float' o:value='1'/></t:table-row>";
        let content = format!(
            "<s:style s:name='ta2'><s:table-properties t:display='false'/></s:style>\
             <o:spreadsheet><t:tracked-changes><t:table t:name='old'>{row}</t:table></t:tracked-changes>\
             <t:table t:name='A &amp; B' t:style-name='ta1'><t:table-row><t:table-cell><t:table t:name='in'>{row}{row}</t:table></t:table-cell></t:table-row>\
             <t:table-row-group>{row}</t:table-row-group></t:table>\
             <t:table t:name='b' t:style-name='ta2'/><t:table t:name='c' t:style-name='ta2'>{row}</t:table></o:spreadsheet>"
        );
        let bytes = book(&content, "");
        let book = Ods::open(&bytes, "a.ods", Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let named: Vec<(&str, bool)> = book.tables.iter().map(|table| (table.name.as_str(), table.hidden)).collect();
        assert_eq!(named, [("A & B", false), ("c", true)]);
        assert_eq!(read(&content, Limits::default()).unwrap().0, [(2, 1, "1".to_owned())]);
        let twice = content.replace("t:name='c'", "t:name='A &amp; B'");
        assert_eq!(read(&twice, Limits::default()).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn rows_that_are_hidden_and_hold_something() {
        let full = "<t:table-cell o:value-type='float' o:value='1'/>";
        let rows = format!(
            "<t:table-row t:visibility='filter' t:number-rows-repeated='3'>{full}{full}</t:table-row>\
             <t:table-row t:visibility='collapse'><t:table-cell/></t:table-row>\
             <t:table-row t:visibility='visible'>{full}</t:table-row>"
        );
        assert_eq!(read(&table(&rows), Limits::default()).unwrap().1, 3);
    }

    #[test]
    fn what_is_encrypted_or_cut_is_refused() {
        let manifest = "<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
        let refusal = Ods::open(&book("garbage", manifest), "a.ods", Limits::default()).err().unwrap();
        assert!(refusal.exit == Exit::Refused && refusal.message.contains("password"), "{refusal:?}");
        for rows in ["<t:table-row>", "<t:table-row><t:table-cell>", "<t:table-row><t:table-cell><x:p>", "<"] {
            assert_eq!(refused(rows), Some(Exit::Refused), "{rows}");
        }
    }
}
