//! How a source is written: from `[source.csv]` or `[source.xlsx]`, its own or its layout's, to a checked [`Format`].

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::base::code_page::CodePage;
use crate::base::text;
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::pipeline::bounds;
use crate::pipeline::resolve::load::Loader;
use crate::pipeline::source::{
    Binding, CellForms, CsvFormat, Format, FormatKey, SheetChoice, TextEncoding, XlsxFormat,
};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::format::keys_of;
use crate::pipeline::written::layout::Layout;
use crate::pipeline::written::zone::WrittenZone;
use crate::pipeline::written::{WrittenCsv, WrittenEncoding, WrittenSheet, WrittenSource, WrittenXlsx};
use crate::vocab::{Amounts, Kind, Rates};

/// Says that the encoding is to be found out.
const DETECTED: &str = "auto";
/// Says that a quote mark is a letter like others.
pub(crate) const NO_QUOTE: &str = "none";

/// The keys that both formats have.
struct WrittenCells<'w> {
    decimal: Option<&'w Spanned<char>>,
    thousands: Option<&'w Spanned<String>>,
    negative: &'w [Spanned<String>],
    dates: Option<&'w Vec<Spanned<String>>>,
    serial_dates: bool,
    nulls: &'w [String],
    rates: Option<Rates>,
    amounts: Option<Amounts>,
}

macro_rules! cells_of {
    ($format:expr, serial_dates: $serial_dates:expr) => {
        WrittenCells {
            decimal: $format.decimal.as_ref(),
            thousands: $format.thousands.as_ref(),
            negative: $format.negative.as_deref().unwrap_or_default(),
            dates: $format.dates.as_ref(),
            serial_dates: $serial_dates,
            nulls: $format.nulls.as_deref().unwrap_or_default(),
            rates: $format.rates,
            amounts: $format.amounts,
        }
    };
}

impl Loader {
    /// The format of a source: each key its own, else that of its layout. The last part says where each key was written.
    pub(super) fn format(
        &mut self,
        written: &WrittenSource,
        layout: Option<&Layout>,
        kind: Kind,
        columns: &[Binding],
    ) -> Option<(Format, CellForms, Vec<FormatKey>)> {
        let span = written.layout.as_ref().map_or(written.name.span(), Spanned::span);
        let (csv, xlsx) = layout.map_or((None, None), |layout| (layout.csv.as_ref(), layout.xlsx.as_ref()));
        if written.csv.is_some() && written.xlsx.is_some() {
            let name = written.name.get_ref();
            self.mistake(
                "CFG017",
                "the source has two formats",
                written.name.span(),
                name,
                "[source.csv] or [source.xlsx]",
                "",
            );
        }
        let wants_text = written.csv.is_some() || (written.xlsx.is_none() && csv.is_some());
        let (format, forms, keys) = if wants_text {
            let own = written.csv.clone().unwrap_or_default();
            let inherited =
                csv.map_or_else(|| xlsx.map(|xlsx| WrittenCsv::of_xlsx(xlsx, &span)), |csv| Some(csv.clone()));
            let inherited = inherited.unwrap_or_default();
            let csv = own.over(&inherited, &span);
            let forms = self.cell_forms(&cells_of!(csv, serial_dates: false), written);
            (Format::Csv(self.csv_format(&csv, written)?), forms, origins(&own, &inherited))
        } else if written.xlsx.is_some() || xlsx.is_some() {
            let own = written.xlsx.clone().unwrap_or_default();
            let inherited =
                xlsx.map_or_else(|| csv.map(|csv| WrittenXlsx::of_csv(csv, &span)), |xlsx| Some(xlsx.clone()));
            let inherited = inherited.unwrap_or_default();
            let xlsx = own.over(&inherited, &span);
            let forms = self.cell_forms(&cells_of!(xlsx, serial_dates: xlsx.serial_dates.unwrap_or(false)), written);
            (Format::Xlsx(xlsx_format(&xlsx)), forms, origins(&own, &inherited))
        } else {
            let (place, name) = (written.name.span(), written.name.get_ref());
            let expected = "[source.csv], [source.xlsx] or `layout`";
            self.mistake("CFG017", "the source has no format", place, name, expected, "");
            return None;
        };
        self.check_cell_forms(written, kind, &format, &forms);
        self.check_dates(written, kind, &format, &forms.dates, columns);
        Some((format, forms, keys))
    }

    fn cell_forms(&mut self, cells: &WrittenCells<'_>, written: &WrittenSource) -> CellForms {
        let book_excess_decimals = match written.excess_decimals.as_ref() {
            Some(excess) if excess.get_ref() == "book" => true,
            Some(excess) if excess.get_ref() != "refuse" => {
                self.mistake("CFG016", "no such choice", excess.span(), excess.get_ref(), "`refuse` or `book`", "");
                false
            }
            _ => false,
        };
        if let Some(mark) = cells.thousands.filter(|mark| mark.get_ref() != "'") {
            let help = "blanks, and the mark that is not the decimal one, need no declaration";
            self.mistake("CFG044", "no such mark of thousands", mark.span(), mark.get_ref(), "`'`", help);
        }
        for form in cells.negative.iter().filter(|form| !["(100)", "100-"].contains(&form.get_ref().as_str())) {
            let place = form.span();
            self.mistake("CFG045", "no such form of a negative", place, form.get_ref(), "`(100)` or `100-`", "");
        }
        if let Some(beyond) = cells.dates.and_then(|dates| dates.get(bounds::DATE_PATTERNS)) {
            let expected = format!("at most {}", bounds::DATE_PATTERNS);
            self.mistake("CFG063", "too many patterns of dates", beyond.span(), "here", &expected, "");
        }
        for date in cells.dates.into_iter().flatten() {
            if date.get_ref().len() > bounds::DATE_PATTERN_BYTES {
                let expected = format!("at most {} bytes", bounds::DATE_PATTERN_BYTES);
                self.mistake("CFG063", "a pattern of dates that is too long", date.span(), "here", &expected, "");
            }
            if let Err(zone) = WrittenZone::of(date.get_ref()) {
                let expected =
                    "`Z`, `UTC` or `GMT` for times of UTC; `%z`, `%:z` or `%+` for an offset that each cell writes";
                let help = "a zone in letters would be ignored: leave it out and declare `timezone` of the source";
                self.mistake("CFG085", "a zone that a date pattern cannot read", date.span(), &zone, expected, help);
            }
        }
        let negative = |wanted: &str| cells.negative.iter().any(|form| form.get_ref() == wanted);
        CellForms {
            decimal: cells.decimal.map(|mark| *mark.get_ref()),
            apostrophes: cells.thousands.is_some(),
            minus_by_parentheses: negative("(100)"),
            minus_behind: negative("100-"),
            serial_dates: cells.serial_dates,
            dates: cells
                .dates
                .into_iter()
                .flatten()
                .take(bounds::DATE_PATTERNS)
                .map(|date| date.get_ref().clone())
                .collect(),
            nulls: cells.nulls.to_vec(),
            rates_are_shares: cells.rates == Some(Rates::Share),
            minor_amounts: cells.amounts == Some(Amounts::Minor),
            // A smallest unit has no decimals that could be booked.
            book_excess_decimals: book_excess_decimals && cells.amounts != Some(Amounts::Minor),
        }
    }

    /// A text source whose kind has money needs a decimal mark, one with dates needs their forms: nothing is guessed.
    fn check_cell_forms(&mut self, written: &WrittenSource, kind: Kind, format: &Format, forms: &CellForms) {
        let is_text = matches!(format, Format::Csv(_));
        if let Some(mark) = forms.decimal
            && mark != ','
            && mark != '.'
        {
            self.mistake("CFG018", "not a decimal mark", written.name.span(), &mark.to_string(), "`,` or `.`", "");
        }
        if is_text && forms.decimal.is_none() && !forms.minor_amounts && !spec_of(kind).control.is_empty() {
            self.mistake(
                "CFG019",
                "the source has money and no decimal mark",
                written.name.span(),
                written.name.get_ref(),
                "`decimal = \",\"` or `decimal = \".\"` under [source.csv]",
                "1.234 means two things; nothing is guessed",
            );
        }
    }

    /// A text with dates needs their forms, and no two forms that read one text as two days.
    fn check_dates(
        &mut self,
        written: &WrittenSource,
        kind: Kind,
        format: &Format,
        dates: &[String],
        columns: &[Binding],
    ) {
        let is_date = |field: &Field| matches!(field.cell, Cell::Date | Cell::Instant);
        let mut fields = spec_of(kind).fields.iter().chain(LINE_FIELDS).filter(|field| is_date(field));
        let bound = |field: &Field| columns.iter().any(|binding| binding.field == field.name);
        if dates.is_empty()
            && matches!(format, Format::Csv(_))
            && let Some(field) = fields.find(|field| bound(field))
        {
            let expected = "`dates` under [source.csv], such as `dates = [\"%d.%m.%Y\"]`";
            let help = "03/04/2026 means two days; nothing is guessed";
            let place = written.name.span();
            self.mistake("CFG053", "the source has dates and no form of them", place, field.name, expected, help);
        }
        for (place, first) in dates.iter().enumerate() {
            if let Some(second) = dates[place + 1..].iter().find(|second| contradict(first, second)) {
                let found = format!("`{first}` and `{second}`");
                let expected = "forms that read no text as two days";
                self.mistake("CFG054", "two forms of dates contradict", written.name.span(), &found, expected, "");
            }
        }
    }

    fn csv_format(&mut self, csv: &WrittenCsv, written: &WrittenSource) -> Option<CsvFormat> {
        let encoding = self.encoding(csv.encoding.as_ref())?;
        let header = csv.header.unwrap_or(true);
        let header_row = csv.header_row.as_ref();
        if let Some(row) = header_row.filter(|row| !header || *row.get_ref() == 0) {
            let expected = "a line from 1, of a source with a header row";
            self.mistake("CFG042", "no header row", row.span(), &row.get_ref().to_string(), expected, "");
        }
        for mark in csv.comments.iter().flatten().chain(&csv.trailer).filter(|mark| mark.get_ref().trim().is_empty()) {
            let expected = "the letters with which such a row begins";
            self.mistake("CFG047", "a beginning without letters", mark.span(), mark.get_ref(), expected, "");
        }
        Some(CsvFormat {
            encoding,
            delimiter: self.byte(csv.delimiter.as_ref().map(|mark| *mark.get_ref()), b',', written)?,
            quote: self.quote(csv.quote.as_ref(), written)?,
            header,
            header_row: header_row.map(|row| *row.get_ref()),
            totals: csv.totals.iter().flatten().map(|total| text::fold(total)).collect(),
            comments: csv.comments.iter().flatten().map(|mark| mark.get_ref().trim().to_owned()).collect(),
            trailer: csv.trailer.as_ref().map(|trailer| text::fold(trailer.get_ref())),
        })
    }

    fn encoding(&mut self, names: Option<&WrittenEncoding>) -> Option<TextEncoding> {
        let Some(WrittenEncoding(names)) = names else { return Some(CodePage::UTF_8.into()) };
        if let [name] = &**names
            && name.get_ref() == DETECTED
        {
            return Some(TextEncoding::Detected);
        }
        let mut pages = Vec::new();
        for name in names {
            match CodePage::named(name.get_ref()) {
                Some(page) => pages.push(page),
                None => self.mistake(
                    "CFG020",
                    "no such encoding",
                    name.span(),
                    name.get_ref(),
                    "a name such as utf-8, windows-1250, iso-8859-2, cp852, utf-16le; or `auto` alone",
                    "",
                ),
            }
        }
        (pages.len() == names.len()).then_some(TextEncoding::Declared(pages))
    }

    fn quote(&mut self, mark: Option<&Spanned<String>>, written: &WrittenSource) -> Option<Option<u8>> {
        let Some(mark) = mark else { return Some(Some(b'"')) };
        if mark.get_ref() == NO_QUOTE {
            return Some(None);
        }
        let mut letters = mark.get_ref().chars();
        let (first, more) = (letters.next(), letters.next());
        self.byte(first.filter(|_| more.is_none()).or(Some('\u{fffd}')), b'"', written).map(Some)
    }

    fn byte(&mut self, mark: Option<char>, default: u8, written: &WrittenSource) -> Option<u8> {
        match mark.map(u8::try_from) {
            None => Some(default),
            Some(Ok(byte)) if byte.is_ascii() => Some(byte),
            Some(_) => {
                self.mistake(
                    "CFG021",
                    "not a one-byte mark",
                    written.name.span(),
                    "a mark beyond ASCII, or several",
                    "one ASCII character; `quote = \"none\"` for a text without quotes",
                    "",
                );
                None
            }
        }
    }
}

/// The keys of a format, and which of them the source wrote itself.
fn origins(own: &impl Serialize, inherited: &impl Serialize) -> Vec<FormatKey> {
    let own = keys_of(own);
    let is_new = |key: &str| !own.iter().any(|(name, _)| name == key);
    let inherited: Vec<_> = keys_of(inherited).into_iter().filter(|(key, _)| is_new(key)).collect();
    let with = |of_layout| move |(key, value)| FormatKey { key, value, of_layout };
    own.into_iter().map(with(false)).chain(inherited.into_iter().map(with(true))).collect()
}

/// Whether a day that the first form writes is another day to the second.
fn contradict(first: &str, second: &str) -> bool {
    use std::fmt::Write as _;
    let Some(moment) = NaiveDate::from_ymd_opt(2003, 4, 5).and_then(|day| day.and_hms_opt(6, 7, 8)) else {
        return false;
    };
    let mut text = String::new();
    // A form that chrono does not know is reported where it is taken apart.
    if write!(text, "{}", moment.and_utc().format(first)).is_err() {
        return false;
    }
    let day = NaiveDateTime::parse_from_str(&text, second).map(|read| read.date());
    day.or_else(|_| NaiveDate::parse_from_str(&text, second)).is_ok_and(|day| day != moment.date())
}

fn xlsx_format(xlsx: &WrittenXlsx) -> XlsxFormat {
    let sheet = match &xlsx.sheet {
        None => SheetChoice::ByHeaders,
        Some(WrittenSheet::Name(name)) => SheetChoice::Named(name.clone()),
        Some(WrittenSheet::Place(place)) => SheetChoice::Numbered(*place),
    };
    XlsxFormat { sheet, totals: xlsx.totals.iter().flatten().map(|total| text::fold(total)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Source;

    const CSV: &str = "decimal = \",\"\ndates = [\"%d.%m.%Y\"]\n";

    /// The source of a pipeline with some keys of the source and a table of its format, or the codes of all mistakes.
    fn load(keys: &str, format: &str) -> Result<Source, Vec<&'static str>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.toml");
        let text = format!(
            "[pipeline]\nname = \"test\"\npacks = []\n[pipeline.limits]\nrows = 7\ncolumns = 8\n\
             [[account]]\nname = \"shop\"\nmarketplace = \"slevomat\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\n\
             [[source]]\nname = \"orders\"\nkind = \"orders\"\naccount = \"shop\"\nglob = \"*.csv\"\n{keys}\n{format}\n\
             [source.columns]\norder_no = \"Order\"\ncreated_at = \"Created\"\ngoods_amount = \"Goods\"\n"
        );
        std::fs::write(&path, text).unwrap();
        let pipeline = crate::pipeline::load(&path, &[]);
        pipeline.map(|pipeline| (*pipeline.sources[0]).clone()).map_err(|found| {
            assert!(found.iter().all(|mistake| mistake.exit == crate::diagnose::Exit::Usage));
            found.iter().map(|mistake| mistake.code).collect()
        })
    }

    fn csv(keys: &str) -> Result<(CsvFormat, CellForms), Vec<&'static str>> {
        let source = load("", &format!("[source.csv]\n{CSV}{keys}"))?;
        match source.format {
            Format::Csv(format) => Ok((format, source.cells)),
            Format::Xlsx(_) => panic!("not delimited text"),
        }
    }

    #[test]
    fn the_keys_of_a_text() {
        let (format, cells) =
            csv("encoding = [\"utf-8\", \"ibm852\"]\nquote = \"none\"\nheader_row = 5\ncomments = [\"#\"]\n\
             trailer = \"Konec.\"\nnegative = [\"(100)\"]\nthousands = \"'\"")
            .unwrap();
        assert_eq!(format.encoding, TextEncoding::Declared(vec![CodePage::UTF_8, CodePage::Cp852]));
        assert_eq!((format.quote, format.header_row, format.trailer.as_deref()), (None, Some(5), Some("konec")));
        assert_eq!(format.comments, ["#"]);
        assert_eq!((cells.minus_by_parentheses, cells.minus_behind, cells.apostrophes), (true, false, true));
        let (format, cells) = csv("encoding = \"auto\"").unwrap();
        assert_eq!((format.encoding, format.quote, format.header_row), (TextEncoding::Detected, Some(b'"'), None));
        assert!(!cells.minus_by_parentheses && !cells.minus_behind && !cells.apostrophes && !cells.serial_dates);
    }

    #[test]
    fn mistakes_of_a_text_end_with_exit_2() {
        for (keys, code) in [
            ("encoding = \"klingon\"", "CFG020"),
            ("encoding = [\"utf-8\", \"auto\"]", "CFG020"),
            ("encoding = []", "CFG002"),
            ("quote = \"''\"", "CFG021"),
            ("quote = \"„\"", "CFG021"),
            ("header_row = 0", "CFG042"),
            ("header = false\nheader_row = 3", "CFG042"),
            ("comments = [\" \"]", "CFG047"),
            ("trailer = \"\"", "CFG047"),
            ("thousands = \".\"", "CFG044"),
            ("negative = [\"-100\"]", "CFG045"),
            ("serial_dates = true", "CFG002"),
            ("amounts = \"cents\"", "CFG002"),
        ] {
            assert_eq!(csv(keys).unwrap_err(), [code], "{keys}");
        }
    }

    #[test]
    fn nothing_ambiguous_is_guessed() {
        // 1.234 without a decimal mark
        let format = "[source.csv]\ndates = [\"%d.%m.%Y\"]";
        assert_eq!(load("", format).unwrap_err(), ["CFG019"]);
        // 03/04/2026 without an order of day and month, or with two of them
        assert_eq!(load("", "[source.csv]\ndecimal = \",\"").unwrap_err(), ["CFG053"]);
        let dates = |dates: &str| load("", &format!("[source.csv]\ndecimal = \",\"\ndates = [{dates}]"));
        assert_eq!(dates("\"%d/%m/%Y\", \"%m/%d/%Y\"").unwrap_err(), ["CFG054"]);
        assert_eq!(dates("\"%d.%m.%y\", \"%y.%m.%d\"").unwrap_err(), ["CFG054"]);
        assert!(dates("\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\", \"%Y-%m-%d\", \"%d. %m.\", \"%+\", \"%s\"").is_ok());
        // cells of a workbook have types of their own
        assert!(load("", "[source.xlsx]").is_ok());
    }

    #[test]
    fn limits_of_a_source_win_over_those_of_the_pipeline() {
        let source = load("limits = { rows = 5 }", &format!("[source.csv]\n{CSV}")).unwrap();
        assert_eq!((source.limits.rows, source.limits.columns, source.limits.ratio), (5, 8, 100));
        assert_eq!(load("limits = { row = 5 }", &format!("[source.csv]\n{CSV}")).unwrap_err(), ["CFG002"]);
    }

    #[test]
    fn other_keys_of_a_source() {
        let with = |keys: &str| load(keys, "[source.xlsx]\nsheet = 2\nserial_dates = true");
        let source = with("pad = { order_no = 13 }\ndst = \"later\"\nfollow_links = true").unwrap();
        assert_eq!((source.pad["order_no"], source.dst, source.follow_links), (13, crate::vocab::Dst::Later, true));
        assert!(source.cells.serial_dates);
        assert!(matches!(source.format, Format::Xlsx(format) if format.sheet == SheetChoice::Numbered(2)));
        assert_eq!(with("").unwrap().dst, crate::vocab::Dst::Earlier);
        for (keys, code) in [
            ("pad = { goods_amount = 13 }", "CFG046"),
            ("pad = { order_no = 0 }", "CFG046"),
            ("dst = \"sooner\"", "CFG002"),
            ("timezone = \"Europe/Prag\"", "CFG009"),
        ] {
            assert_eq!(with(keys).unwrap_err(), [code], "{keys}");
        }
    }
}
