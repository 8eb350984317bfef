//! What an XLSX workbook says about itself: its sheets and where they lie, the formats of its cells, the texts that cells share.

use crate::base::map::{Map, Set};
use crate::diagnose::Diagnostic;
use crate::ingest::number_format::NumberFormat;
use crate::ingest::package::{Package, Part, damaged};
use crate::ingest::xml::{Malformed, Token, Tokens, attribute, attributes, push_text};

/// A workbook, open for reading its sheets.
pub(super) struct Workbook<'b> {
    package: Package<'b>,
    path: &'b str,
    pub(super) sheets: Vec<Sheet>,
    pub(super) texts: SharedTexts,
    pub(super) styles: Styles,
}

/// A worksheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    part: String,
}

/// What the format of a cell makes of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A number.
    Plain,
    /// A day or a time of a day.
    Date,
    /// A length of time.
    Duration,
    /// A percentage: `0.18` is 18 %.
    Share,
    /// A number that is shown by the format of this place.
    Shown(u16),
}

/// The formats of cells, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Styles {
    styles: Vec<Style>,
    /// Formats by which numbers are shown, by their codes.
    formats: Map<String, NumberFormat>,
    /// Days are counted from 1904, as early Macintosh workbooks do.
    pub(super) from_1904: bool,
}

/// Texts that cells name by number, in one buffer.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedTexts {
    buffer: String,
    ends: Vec<usize>,
}

impl Styles {
    /// What the format of a number makes of a cell; an unknown one makes nothing of it.
    pub(super) fn of(&self, number: usize) -> Style {
        self.styles.get(number).copied().unwrap_or(Style::Plain)
    }

    /// The format by which the numbers of a style are shown.
    pub(super) fn format_of(&self, style: Style) -> Option<&NumberFormat> {
        match style {
            Style::Shown(place) => self.formats.get_index(usize::from(place)).map(|(_, format)| format),
            _ => None,
        }
    }
}

impl Styles {
    /// What a format makes of a number; one by which numbers are shown is kept.
    fn style_of(&mut self, code: &str) -> Style {
        let (Style::Plain, Some(format)) = (style_of(code), NumberFormat::of(code)) else { return style_of(code) };
        let (place, _) = self.formats.insert_full(format.code.clone(), format);
        u16::try_from(place).map_or(Style::Plain, Style::Shown)
    }
}

impl SharedTexts {
    /// The text of a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        Some(&self.buffer[start..end])
    }
}

impl<'b> Workbook<'b> {
    /// Reads everything but the sheets.
    ///
    /// # Errors
    /// A package without a workbook, or parts of it that are not well formed.
    pub(super) fn open(mut package: Package<'b>, path: &'b str) -> Result<Workbook<'b>, Box<Diagnostic>> {
        let broken = |error: Malformed| damaged(path, error.0);
        let root = relations(&package.text("_rels/.rels")?.unwrap_or_default(), "").map_err(broken)?;
        let book = root.into_iter().find(|relation| relation.kind == "officeDocument").map(|relation| relation.target);
        let book = book.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let text = package.text(&book)?.ok_or_else(|| damaged(path, "no workbook in the package"))?;
        let (folder, name) = book.rsplit_once('/').unwrap_or(("", &book));
        let relations = package.text(&format!("{folder}/_rels/{name}.rels"))?.unwrap_or_default();
        let relations = self::relations(&relations, folder).map_err(broken)?;
        let part =
            |kind: &str| relations.iter().find(|relation| relation.kind == kind).map(|found| found.target.clone());
        let styles = part("styles").map(|part| package.text(&part)).transpose()?.flatten().unwrap_or_default();
        let texts = part("sharedStrings").map(|part| package.text(&part)).transpose()?.flatten().unwrap_or_default();
        let (sheets, from_1904) = sheets_of(&text, &relations).map_err(broken)?;
        package.check_sheets(sheets.len())?;
        let mut parts = Set::default();
        if !sheets.iter().all(|sheet| parts.insert(sheet.part.as_str())) {
            return Err(damaged(path, "two sheets in one part"));
        }
        Ok(Workbook {
            path,
            sheets,
            texts: shared_texts(&texts).map_err(broken)?,
            styles: Styles { from_1904, ..styles_of(&styles).map_err(broken)? },
            package,
        })
    }

    /// The part of a sheet, with what its cells are read against.
    pub(super) fn sheet(&mut self, sheet: &Sheet) -> Result<(Part<'_, 'b>, &SharedTexts, &Styles), Box<Diagnostic>> {
        let part = self.package.part(&sheet.part)?;
        let part = part.ok_or_else(|| damaged(self.path, &format!("no part {} for a sheet", sheet.part)))?;
        Ok((part, &self.texts, &self.styles))
    }
}

/// A part that another part names.
struct Relation {
    id: String,
    /// The last word of its type.
    kind: String,
    target: String,
}

fn relations(text: &str, folder: &str) -> Result<Vec<Relation>, Malformed> {
    let mut relations = Vec::new();
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next()? {
        let Token::Open { name: "Relationship", attributes, .. } = token else { continue };
        let value = |name| Ok::<_, Malformed>(attribute(attributes, name)?.unwrap_or_default());
        let kind = value("Type")?;
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        relations.push(Relation { id: value("Id")?, kind, target: resolved(&value("Target")?, folder) });
    }
    Ok(relations)
}

/// A target as the name of a part: from the root with a leading `/`, else from the folder of the part that names it.
fn resolved(target: &str, folder: &str) -> String {
    let whole = match target.strip_prefix('/') {
        Some(from_root) => from_root.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => _ = steps.pop(),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// The worksheets in the order of the workbook, and whether its days are counted from 1904.
fn sheets_of(text: &str, relations: &[Relation]) -> Result<(Vec<Sheet>, bool), Malformed> {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    let by_id: Map<&str, &Relation> = relations.iter().rev().map(|relation| (relation.id.as_str(), relation)).collect();
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next()? {
        match token {
            Token::Open { name: "workbookPr", attributes, .. } => {
                from_1904 = attribute(attributes, "date1904")?.is_some_and(|value| is_true(&value));
            }
            Token::Open { name: "sheet", attributes, .. } => {
                let id = attribute(attributes, "id")?.unwrap_or_default();
                let Some(relation) = by_id.get(id.as_str()) else { continue };
                if relation.kind == "worksheet" {
                    sheets.push(Sheet {
                        name: attribute(attributes, "name")?.unwrap_or_default(),
                        hidden: attribute(attributes, "state")?.is_some_and(|state| state != "visible"),
                        part: relation.target.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    Ok((sheets, from_1904))
}

/// A flag as XML writes it.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true")
}

/// The styles of cells: the formats of `cellXfs`, in their order.
fn styles_of(text: &str) -> Result<Styles, Malformed> {
    let mut custom: Map<u32, Style> = Map::default();
    let mut styles = Styles::default();
    let mut inside = false;
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next()? {
        match token {
            Token::Open { name: "numFmt", attributes, .. } => {
                let code = attribute(attributes, "formatCode")?.unwrap_or_default();
                let style = styles.style_of(&code);
                custom.entry(format_number(attributes)).or_insert(style);
            }
            Token::Open { name: "cellXfs", empty, .. } => inside = !empty,
            Token::Close("cellXfs") => inside = false,
            Token::Open { name: "xf", attributes, .. } if inside => {
                let number = format_number(attributes);
                let style = custom.get(&number).copied().unwrap_or_else(|| match number {
                    2 => styles.style_of("0.00"),
                    _ => built_in(number),
                });
                styles.styles.push(style);
            }
            _ => {}
        }
    }
    Ok(styles)
}

fn format_number(text: &str) -> u32 {
    let number = attributes(text).find(|(name, _)| *name == "numFmtId");
    number.and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// Formats that a workbook need not spell out (ECMA-376, 18.8.30).
fn built_in(number: u32) -> Style {
    match number {
        9 | 10 => Style::Share,
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Style::Date,
        46 => Style::Duration,
        _ => Style::Plain,
    }
}

/// What a format makes of a number: its first section without quoted and escaped letters tells.
fn style_of(code: &str) -> Style {
    let mut letters = code.chars();
    let mut bracket: Option<String> = None;
    while let Some(letter) = letters.next() {
        match (letter, &mut bracket) {
            (']', Some(inside)) => {
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty() && ["h", "m", "s"].iter().any(|unit| inside.chars().all(|c| unit.contains(c))) {
                    return Style::Duration;
                }
                bracket = None;
            }
            (_, Some(inside)) => inside.push(letter),
            ('[', None) => bracket = Some(String::new()),
            ('\\' | '_' | '*', None) => _ = letters.next(),
            ('"', None) => _ = letters.by_ref().find(|letter| *letter == '"'),
            (';', None) => return Style::Plain,
            ('%', None) => return Style::Share,
            ('d' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S', None) => return Style::Date,
            _ => {}
        }
    }
    Style::Plain
}

fn shared_texts(text: &str) -> Result<SharedTexts, Malformed> {
    let mut texts = SharedTexts::default();
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next()? {
        match token {
            Token::Open { name: "si", empty: true, .. } => texts.ends.push(texts.buffer.len()),
            Token::Open { name: "si", .. } => {
                push_string(&mut tokens, "si", &mut texts.buffer)?;
                texts.ends.push(texts.buffer.len());
            }
            _ => {}
        }
    }
    Ok(texts)
}

/// Appends the text of a string up to the end of its element: all its runs, without the readings of East Asian words.
pub(super) fn push_string(tokens: &mut Tokens<'_>, element: &str, into: &mut String) -> Result<(), Malformed> {
    let start = into.len();
    let (mut inside, mut reading) = (false, false);
    loop {
        match tokens.next()?.ok_or(Malformed("a string without an end"))? {
            Token::Open { name: "t", empty, .. } => inside = !empty && !reading,
            Token::Close("t") => inside = false,
            Token::Open { name: "rPh", empty, .. } => reading = !empty,
            Token::Close("rPh") => reading = false,
            Token::Text(text) if inside => push_text(text, into)?,
            Token::Literal(text) if inside => into.push_str(text),
            Token::Close(name) if name == element => break,
            _ => {}
        }
    }
    unescape(into, start);
    Ok(())
}

/// Spreadsheet programs write a character that XML cannot hold as `_x000D_` (ECMA-376, 22.9.2.19).
pub(super) fn unescape(text: &mut String, start: usize) {
    let code = |at: usize, text: &str| {
        let digits = text.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        text[at + 6..].starts_with('_').then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32))?
    };
    let Some(first) = text[start..].find("_x") else { return };
    let mut resolved = String::with_capacity(text.len() - start);
    let (mut copied, mut from) = (start, start + first);
    while let Some(at) = text[from..].find("_x").map(|at| at + from) {
        from = at + 2;
        if let Some(letter) = code(at, text) {
            resolved.push_str(&text[copied..at]);
            resolved.push(letter);
            (copied, from) = (at + 7, at + 7);
        }
    }
    resolved.push_str(&text[copied..]);
    text.truncate(start);
    text.push_str(&resolved);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_cannot_hold_are_resolved_once() {
        let resolved = |text: &str| {
            let mut whole = format!("a_x0041_{text}");
            unescape(&mut whole, 8);
            whole.split_off(8)
        };
        for (written, meant) in [
            ("_x000D_", "\r"),
            ("1_x000D__x000A_2", "1\r\n2"),
            ("_x005F_x0041_", "_x0041_"),
            ("_x00_", "_x00_"),
            ("_x004", "_x004"),
            ("_xD800_", "_xD800_"),
            ("__x0041_", "_A"),
            ("", ""),
        ] {
            assert_eq!(resolved(written), meant, "{written}");
        }
        assert_eq!(resolved(&"_x0041_".repeat(300_000)).len(), 300_000);
    }

    #[test]
    fn formats_say_what_a_number_is() {
        for (code, style) in [
            ("0.00", Style::Plain),
            ("General", Style::Plain),
            ("dd.mm.yyyy", Style::Date),
            ("[$-405]d. mmmm yyyy;@", Style::Date),
            ("h:mm", Style::Date),
            ("[h]:mm:ss", Style::Duration),
            ("[mm]:ss", Style::Duration),
            ("0.0%", Style::Share),
            ("0 \"% dph\"", Style::Plain),
            ("#,##0.00\\ \"Kč\"", Style::Plain),
            ("#,##0 \"dní\"", Style::Plain),
            ("[Red]#,##0.00", Style::Plain),
            ("_-* #,##0.00\\ _K_č_-", Style::Plain),
        ] {
            assert_eq!(style_of(code), style, "{code}");
        }
        assert_eq!(
            (built_in(14), built_in(10), built_in(2), built_in(46)),
            (Style::Date, Style::Share, Style::Plain, Style::Duration)
        );
    }

    #[test]
    fn strings_are_put_together_from_their_runs() {
        let texts = shared_texts(
            "<sst><si><t>plain</t></si><si><r><t>rich </t></r><r><t xml:space=\"preserve\">text</t></r></si><si/>\
             <si><t>課</t><rPh sb=\"0\" eb=\"1\"><t>カ</t></rPh></si><si><t>a_x000D_b_x5F_x005F_x0041_</t></si></sst>",
        )
        .unwrap();
        let all: Vec<&str> = (0..5).map(|number| texts.get(number).unwrap()).collect();
        assert_eq!(all, ["plain", "rich text", "", "課", "a\rb_x5F_x0041_"]);
        assert_eq!(texts.get(5), None);
    }

    #[test]
    fn targets_are_names_of_parts() {
        assert_eq!(resolved("worksheets/sheet1.xml", "xl"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("/xl/worksheets/sheet1.xml", "xl"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("../custom/sheet1.xml", "xl"), "custom/sheet1.xml");
    }

    #[test]
    fn sheets_with_any_prefix() {
        let relations = relations(
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas/worksheet\" Target=\"worksheets/s.xml\"/>\
             <Relationship Id=\"rId2\" Type=\"http://schemas/chartsheet\" Target=\"c.xml\"/></Relationships>",
            "xl",
        )
        .unwrap();
        let book = "<x:workbook><x:workbookPr date1904=\"1\"/><x:sheets><x:sheet name=\"A &amp; B\" state=\"hidden\" r:id=\"rId1\"/>\
                    <x:sheet name=\"Chart\" r:id=\"rId2\"/></x:sheets></x:workbook>";
        let (sheets, from_1904) = sheets_of(book, &relations).unwrap();
        assert!(from_1904);
        assert_eq!(sheets, [Sheet { name: "A & B".into(), hidden: true, part: "xl/worksheets/s.xml".into() }]);
    }
}
