//! How a source is written: from `[source.csv]` or `[source.xlsx]`, its own or its layout's, to a checked [`Format`].

use toml::Spanned;

use crate::base::code_page::CodePage;
use crate::base::text;
use crate::frame::kind::spec_of;
use crate::pipeline::layout::Layout;
use crate::pipeline::load::Loader;
use crate::pipeline::source::{CellForms, CsvFormat, Format, SheetChoice, TextEncoding, XlsxFormat};
use crate::pipeline::written::{WrittenCsv, WrittenEncoding, WrittenSheet, WrittenSource, WrittenXlsx};
use crate::vocab::Kind;

/// Says that the encoding is to be found out.
const DETECTED: &str = "auto";
/// Says that a quote mark is a letter like others.
const NO_QUOTE: &str = "none";

/// The keys that both formats have.
struct WrittenCells<'w> {
    decimal: Option<&'w Spanned<char>>,
    thousands: Option<&'w Spanned<String>>,
    negative: &'w [Spanned<String>],
    dates: Option<&'w Vec<Spanned<String>>>,
    serial_dates: bool,
    nulls: &'w [String],
}

impl<'w> WrittenCells<'w> {
    fn of_csv(csv: &'w WrittenCsv) -> WrittenCells<'w> {
        WrittenCells {
            decimal: csv.decimal.as_ref(),
            thousands: csv.thousands.as_ref(),
            negative: &csv.negative,
            dates: csv.dates.as_ref(),
            serial_dates: false,
            nulls: &csv.nulls,
        }
    }

    fn of_xlsx(xlsx: &'w WrittenXlsx) -> WrittenCells<'w> {
        WrittenCells {
            decimal: xlsx.decimal.as_ref(),
            thousands: xlsx.thousands.as_ref(),
            negative: &xlsx.negative,
            dates: xlsx.dates.as_ref(),
            serial_dates: xlsx.serial_dates,
            nulls: &xlsx.nulls,
        }
    }
}

impl Loader {
    pub(super) fn format(
        &mut self,
        written: &WrittenSource,
        layout: Option<&Layout>,
        kind: Kind,
    ) -> Option<(Format, CellForms)> {
        let csv = written
            .csv
            .as_ref()
            .or_else(|| layout.filter(|_| written.xlsx.is_none()).and_then(|layout| layout.csv.as_ref()));
        let xlsx = written.xlsx.as_ref().or_else(|| layout.and_then(|layout| layout.xlsx.as_ref()));
        let (format, cells) = match (csv, xlsx) {
            (Some(csv), _) => (Format::Csv(self.csv_format(csv, written)?), WrittenCells::of_csv(csv)),
            (None, Some(xlsx)) => (Format::Xlsx(xlsx_format(xlsx)), WrittenCells::of_xlsx(xlsx)),
            (None, None) => {
                let place = written.name.span();
                self.mistake(
                    "CFG017",
                    "the source has no format",
                    place,
                    written.name.get_ref(),
                    "[source.csv], [source.xlsx] or `layout`",
                    "",
                );
                return None;
            }
        };
        let forms = self.cell_forms(&cells, written);
        self.check_cell_forms(written, kind, &format, &forms);
        Some((format, forms))
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
            self.mistake("CFG044", "no such mark of thousands", at(written, mark), mark.get_ref(), "`'`", help);
        }
        for form in cells.negative.iter().filter(|form| !["(100)", "100-"].contains(&form.get_ref().as_str())) {
            let place = at(written, form);
            self.mistake("CFG045", "no such form of a negative", place, form.get_ref(), "`(100)` or `100-`", "");
        }
        let negative = |wanted: &str| cells.negative.iter().any(|form| form.get_ref() == wanted);
        CellForms {
            decimal: cells.decimal.map(|mark| *mark.get_ref()),
            apostrophes: cells.thousands.is_some(),
            minus_by_parentheses: negative("(100)"),
            minus_behind: negative("100-"),
            serial_dates: cells.serial_dates,
            dates: cells.dates.into_iter().flatten().map(|date| date.get_ref().clone()).collect(),
            nulls: cells.nulls.to_vec(),
            book_excess_decimals,
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
        if is_text && forms.decimal.is_none() && !spec_of(kind).control.is_empty() {
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

    fn csv_format(&mut self, csv: &WrittenCsv, written: &WrittenSource) -> Option<CsvFormat> {
        let encoding = self.encoding(csv.encoding.as_ref(), written)?;
        let header = csv.header.unwrap_or(true);
        let header_row = csv.header_row.as_ref();
        if let Some(row) = header_row.filter(|row| !header || *row.get_ref() == 0) {
            let expected = "a line from 1, of a source with a header row";
            self.mistake("CFG042", "no header row", at(written, row), &row.get_ref().to_string(), expected, "");
        }
        for mark in csv.comments.iter().chain(&csv.trailer).filter(|mark| mark.get_ref().trim().is_empty()) {
            let expected = "the letters with which such a row begins";
            self.mistake("CFG047", "a beginning without letters", at(written, mark), mark.get_ref(), expected, "");
        }
        Some(CsvFormat {
            encoding,
            delimiter: self.byte(csv.delimiter.as_ref().map(|mark| *mark.get_ref()), b',', written)?,
            quote: self.quote(csv.quote.as_ref(), written)?,
            header,
            header_row: header_row.map(|row| *row.get_ref()),
            totals: csv.totals.iter().map(|total| text::fold(total)).collect(),
            comments: csv.comments.iter().map(|mark| mark.get_ref().trim().to_owned()).collect(),
            trailer: csv.trailer.as_ref().map(|trailer| text::fold(trailer.get_ref())),
        })
    }

    fn encoding(&mut self, names: Option<&WrittenEncoding>, written: &WrittenSource) -> Option<TextEncoding> {
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
                    at(written, name),
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

/// Where a value stands: in the pipeline's text when the source has its own format, else the source names the layout.
fn at<T>(written: &WrittenSource, value: &Spanned<T>) -> std::ops::Range<usize> {
    let own = written.csv.is_some() || written.xlsx.is_some();
    if own { value.span() } else { written.name.span() }
}

fn xlsx_format(xlsx: &WrittenXlsx) -> XlsxFormat {
    let sheet = match &xlsx.sheet {
        None => SheetChoice::ByHeaders,
        Some(WrittenSheet::Name(name)) => SheetChoice::Named(name.clone()),
        Some(WrittenSheet::Place(place)) => SheetChoice::Numbered(*place),
    };
    XlsxFormat { sheet, totals: xlsx.totals.iter().map(|total| text::fold(total)).collect() }
}
