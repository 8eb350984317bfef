//! Formats that are not read, told by their content: of each file that is neither delimited text nor a workbook, its format and the way
//! to a file that is read. One stray NUL does not make a text binary.

use crate::diagnose::Diagnostic;
use crate::ingest::compound::{long, word};
use crate::ingest::refusal::{self, About};

/// A compound file: XLS workbooks and many others.
pub(super) const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// A format that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foreign {
    /// Its name, with an article.
    pub(super) is: &'static str,
    /// The way to a file that is read.
    pub(super) help: &'static str,
}

const UNPACK: &str = "unpack it; a text may stay packed as .gz, or as a .zip of one file";
const SAVE: &str = "open it in the program that wrote it and save it as CSV or XLSX";
const EXPORT: &str = "export the table again as CSV or XLSX";
const FETCH: &str = "fetch the file again";

/// Place, bytes, format, remedy; the first that fits.
const SIGNATURES: &[(usize, &[u8], &str, &str)] = &[
    (0, &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90], "bzip2 data", UNPACK),
    (4, b"1AY&SY", "bzip2 data", UNPACK),
    (0, &[0x28, 0xB5, 0x2F, 0xFD], "Zstandard data", UNPACK),
    (0, &[0xFD, b'7', b'z', b'X', b'Z', 0], "xz data", UNPACK),
    (0, &[b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", UNPACK),
    (0, b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (0, &[0x04, 0x22, 0x4D, 0x18], "LZ4 data", UNPACK),
    (0, &[0x1F, 0x9D], "compress (.Z) data", UNPACK),
    (0, b"LZIP\x01", "lzip data", UNPACK),
    (0, b"MSCF\0\0\0\0", "a cabinet archive", UNPACK),
    (257, b"ustar\0", "a tar archive", UNPACK),
    (257, b"ustar  \0", "a tar archive", UNPACK),
    (0, b"PK\x05\x06", "an archive without files", FETCH),
    (0, b"PK\x07\x08", "an archive in several volumes", "pack it as one archive, or unpack it"),
    (0, b"%PDF-", "a PDF document", EXPORT),
    (0, b"{\\rtf", "an RTF document", EXPORT),
    (0, b"\x89PNG\r\n\x1A\n", "a PNG image", EXPORT),
    (0, b"GIF87a", "a GIF image", EXPORT),
    (0, b"GIF89a", "a GIF image", EXPORT),
    (0, &[0xFF, 0xD8, 0xFF], "a JPEG image", EXPORT),
    (0, b"II*\0", "a TIFF image", EXPORT),
    (0, b"MM\0*", "a TIFF image", EXPORT),
    (8, b"WEBPVP8", "a WebP image", EXPORT),
    (0, b"PAR1\x15", "a Parquet file", EXPORT),
    (0, b"ARROW1\0\0", "an Arrow file", EXPORT),
    (0, b"Obj\x01", "an Avro file", EXPORT),
    (0, b"SQLite format 3\0", "an SQLite database", EXPORT),
    (4, b"Standard Jet DB\0", "an Access database", EXPORT),
    (4, b"Standard ACE DB\0", "an Access database", EXPORT),
    (2, &[0x1A, 0x00, 0x00, 0x10, 0x04, 0x00], "a Lotus 1-2-3 workbook", SAVE),
    (2, &[0x1A, 0x00, 0x02, 0x10, 0x04, 0x00], "a Lotus 1-2-3 workbook", SAVE),
    (2, &[0x1A, 0x00, 0x03, 0x10, 0x04, 0x00], "a Lotus 1-2-3 workbook", SAVE),
    (2, &[0x1A, 0x00, 0x05, 0x10, 0x04, 0x00], "a Lotus 1-2-3 workbook", SAVE),
    (0, &[0x00, 0x00, 0x02, 0x00, 0x20, 0x51], "a Quattro Pro workbook", SAVE),
    (0, &[0x00, 0x00, 0x02, 0x00, 0x21, 0x51], "a Quattro Pro workbook", SAVE),
    (0, &[0x00, 0x00, 0x02, 0x00, 0x01, 0x10], "a Quattro Pro workbook", SAVE),
    (0, &[0x00, 0x00, 0x02, 0x00, 0x02, 0x10], "a Quattro Pro workbook", SAVE),
    (0, &[0x00, 0x00, 0x02, 0x00], "a Lotus 1-2-3 worksheet", SAVE),
    (0, &[0xFF, 0x00, 0x02, 0x00, 0x04, 0x04], "a Works spreadsheet", SAVE),
];

/// The format of a file by its bytes, when it is one that is not read.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<Foreign> {
    let fits = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if let Some((_, _, is, help)) = SIGNATURES.iter().find(|(at, magic, ..)| fits(*at, magic)) {
        return Some(Foreign { is, help });
    }
    if bytes.starts_with(OLE) {
        let book = Foreign {
            is: "a legacy .xls workbook",
            help: "name it .xls and describe it by `[source.xlsx]`: it is read, then",
        };
        let other = Foreign { is: "a compound file that holds no workbook", help: EXPORT };
        return of_compound(bytes).or(Some(if holds_book(bytes) { book } else { other }));
    }
    if is_early_xls(bytes) {
        return Some(Foreign { is: "a .xls workbook of Excel 2 to 5 without streams", help: SAVE });
    }
    if is_dbase(bytes) {
        return Some(Foreign { is: "a dBase table", help: SAVE });
    }
    if is_bitmap(bytes) {
        return Some(Foreign { is: "a BMP image", help: EXPORT });
    }
    if is_lock(bytes) {
        return Some(Foreign {
            is: "the lock file of a workbook that somebody has open",
            help: "take the workbook itself, whose name lacks the leading `~$`",
        });
    }
    is_utf32(bytes).then_some(Foreign { is: "UTF-32 text", help: "save it as UTF-8" })
}

/// The format of a compound file that is certainly not a readable XLS workbook.
pub(super) fn of_compound(bytes: &[u8]) -> Option<Foreign> {
    let others = [
        ("WordDocument", "a Word document", EXPORT),
        ("PowerPoint Document", "a presentation", EXPORT),
        ("NativeContent_MAIN", "a Quattro Pro workbook", SAVE),
        ("PerfectOffice_", "a Quattro Pro workbook", SAVE),
        ("__properties_version1.0", "a mail message", "save its attachment"),
    ];
    if holds_stream(bytes, "EncryptedPackage") {
        return Some(Foreign { is: "a workbook protected by a password", help: "save it without a password" });
    }
    let (_, is, help) = others.into_iter().find(|(name, ..)| !holds_book(bytes) && holds_stream(bytes, name))?;
    Some(Foreign { is, help })
}

fn holds_book(bytes: &[u8]) -> bool {
    ["Workbook", "WORKBOOK", "workbook", "Book\0", "BOOK\0"].iter().any(|name| holds_stream(bytes, name))
}

fn holds_stream(bytes: &[u8], name: &str) -> bool {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    memchr::memmem::find(bytes, &name).is_some()
}

/// The format of a text, when it is not a table that delimiters cut, or no text at all.
pub(super) fn of_text(text: &str) -> Option<Foreign> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = |beginning: &str| {
        text.as_bytes().get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning.as_bytes()))
    };
    if text.starts_with('<')
        && let Some(markup) = of_markup(text)
    {
        return Some(markup);
    }
    if begins("ID;P") && lines(text).any(is_sylk_cell) {
        return Some(Foreign { is: "a SYLK (.slk) worksheet", help: SAVE });
    }
    if begins("TABLE") && lines(text).take(2).eq(["TABLE", "0,1"]) {
        return Some(Foreign { is: "a DIF worksheet", help: SAVE });
    }
    if begins("MIME-Version:") {
        return Some(Foreign { is: "a web archive (MHTML) or a mail", help: EXPORT });
    }
    of_json(text).or_else(|| is_binary(text).then_some(Foreign { is: "binary data, not text", help: EXPORT }))
}

/// A cell, or the bounds of the sheet, with a column or row in digits.
fn is_sylk_cell(line: &str) -> bool {
    let place = ["C;Y", "C;X", "B;Y", "B;X"].iter().find_map(|own| line.strip_prefix(own));
    place.is_some_and(|place| place.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    const LOOKED_AT: usize = 5000;
    text.split(['\n', '\r']).filter(|line| !line.is_empty()).take(LOOKED_AT)
}

fn of_markup(text: &str) -> Option<Foreign> {
    const LOOKED_AT: usize = 4096;
    const HTML: [&str; 13] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<table",
        "<meta",
        "<style>",
        "<style ",
        "<div",
        "<tr",
        "<p>",
        "<font",
        "<center",
    ];
    let head = &text[..text.floor_char_boundary(LOOKED_AT)];
    let head = head.to_ascii_lowercase();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| head.starts_with(beginning));
    if begins(&HTML) || (begins(&["<?xml", "<!--", "<!doctype"]) && head.contains("<html")) {
        let help = "export again as XLSX or CSV; many portals name an HTML table .xls or .xlsx";
        return Some(Foreign { is: "an HTML page", help });
    }
    if head.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Some(Foreign { is: "an XML spreadsheet of Excel 2003", help: SAVE });
    }
    if head.contains("<office:document") {
        return Some(Foreign { is: "a flat OpenDocument (.fods) workbook", help: "save it as .ods or .xlsx" });
    }
    // `<` may begin a header; a name in front of a name space, an attribute or an end is a tag.
    let is_xml = begins(&["<?xml", "<!doctype", "<!--"]) || head.contains(" xmlns");
    is_xml.then_some(Foreign { is: "an XML text", help: EXPORT })
}

/// One JSON value, or several; the last one may be cut.
fn of_json(text: &str) -> Option<Foreign> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut count = 0;
    for value in serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>() {
        match value {
            Ok(_) => count += 1,
            Err(error) if error.is_eof() => break,
            Err(_) => return None,
        }
    }
    // A bracket that is never closed may as well be a letter, unless it begins as an object or a list of them does.
    let begins = text.split(char::is_whitespace).collect::<String>();
    let is_begun = ["{\"", "[{", "[[", "[\""].iter().any(|begin| begins.starts_with(begin));
    match count {
        0 if !is_begun => None,
        0 | 1 => Some(Foreign { is: "a JSON text", help: EXPORT }),
        _ => Some(Foreign { is: "JSON lines", help: EXPORT }),
    }
}

/// Whether control codes of many kinds are frequent in a decoded text. NUL is none of the kinds: exports pad cells with it.
fn is_binary(text: &str) -> bool {
    const LOOKED_AT: usize = 64 << 10;
    const KINDS: u32 = 16;
    const SHARE: usize = 20;
    let head = &text[..text.floor_char_boundary(LOOKED_AT)];
    let (mut letters, mut codes, mut kinds) = (0_usize, 0_usize, 0_u32);
    for letter in head.chars() {
        letters += 1;
        if letter < ' ' && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}') {
            codes += 1;
            kinds |= 1 << u32::from(letter);
        }
    }
    (kinds & !1).count_ones() >= KINDS && codes * SHARE >= letters
}

/// Excel 2 to 4, and Excel 5 without a compound file: the record that begins a stream.
fn is_early_xls(bytes: &[u8]) -> bool {
    let is_begin = matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04..=0x10, 0x00, ..]);
    is_begin && matches!(word(bytes, 6), Some(0x05 | 0x06 | 0x10 | 0x20 | 0x40 | 0x100))
}

/// The header of a dBase table: a date, lengths, and field after field until a carriage return.
fn is_dbase(bytes: &[u8]) -> bool {
    const KINDS: [u8; 15] = [0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8C, 0xCB, 0xF5, 0xFB];
    const FIELD: usize = 32;
    const MOST_FIELDS: usize = 2048;
    let [kind, _, month, day, ..] = bytes else { return false };
    let is_dated = (1..=12).contains(month) && (1..=31).contains(day);
    let (Some(header), Some(record)) = (word(bytes, 8), word(bytes, 10)) else { return false };
    let mut ends = (1..MOST_FIELDS).map(|field| field * FIELD).take_while(|end| *end < usize::from(header));
    KINDS.contains(kind) && is_dated && record > 0 && ends.any(|end| bytes.get(end) == Some(&0x0D))
}

fn is_bitmap(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM")
        && long(bytes, 6) == Some(0)
        && matches!(long(bytes, 14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The name of who has the workbook open, once in bytes and once in UTF-16, each behind its length.
fn is_lock(bytes: &[u8]) -> bool {
    const SIZE: usize = 165;
    const NAME: usize = 55;
    bytes.len() == SIZE && (1..NAME as u8).contains(&bytes[0]) && bytes[NAME] == bytes[0] && bytes[NAME + 1] == 0
}

/// Letters of four bytes, of which one side is nearly always 0.
fn is_utf32(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 4096;
    const LEAST: usize = 2;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let letters = || head.chunks_exact(4);
    let is_letter = |high: u8, plane: u8| high == 0 && plane <= 0x10;
    letters().len() >= LEAST
        && (letters().all(|four| is_letter(four[3], four[2]) && (four[0], four[1]) != (0, 0))
            || letters().all(|four| is_letter(four[0], four[1]) && (four[2], four[3]) != (0, 0)))
}

impl Foreign {
    /// The refusal of a file that should be delimited text or any table.
    pub(super) fn refusal(self, path: &str) -> Box<Diagnostic> {
        About {
            code: "FIL115",
            message: "a format that is not read",
            found: self.is.to_owned(),
            expected: "delimited text, or a workbook as XLSX, XLSM, XLSB, ODS or XLS".into(),
            help: self.help.to_owned(),
        }
        .refuse(refusal::file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_are(bytes: &[u8]) -> &'static str {
        of_bytes(bytes).map_or("", |foreign| foreign.is)
    }

    fn text_is(text: &str) -> &'static str {
        of_text(text).map_or("", |foreign| foreign.is)
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn formats_by_their_bytes() {
        assert_eq!(bytes_are(b"BZh91AY&SY\xaa;"), "bzip2 data");
        assert_eq!(bytes_are(b"\x28\xb5\x2f\xfd\x64"), "Zstandard data");
        assert_eq!(
            bytes_are(b"\t\x04\x06\x00\x00\x00\x10\x00l\t\\\x00"),
            "a .xls workbook of Excel 2 to 5 without streams"
        );
        assert_eq!(bytes_are(b"\x00\x00\x02\x00\x06\x04\x06\x00\x10\x00"), "a Lotus 1-2-3 worksheet");
        assert_eq!(bytes_are(b"\x00\x00\x02\x00\x01\x10\xc9\x00\x02\x00"), "a Quattro Pro workbook");
        assert_eq!(bytes_are(b"\x00\x00\x1a\x00\x05\x10\x04\x00\x00\x00"), "a Lotus 1-2-3 workbook");
        assert_eq!(bytes_are(b"%PDF-1.7\n"), "a PDF document");
        assert_eq!(bytes_are(b"PK\x05\x06\0\0"), "an archive without files");
        let mut bitmap = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        assert_eq!(bytes_are(&bitmap), "a BMP image");
        bitmap[14] = b'a';
        assert_eq!(bytes_are(&bitmap), "");
        let lock = [&b"\x03Jan"[..], &[b' '; 51], b"\x03\0J\0a\0n\0", &b" \0".repeat(51)].concat();
        assert_eq!((lock.len(), bytes_are(&lock)), (165, "the lock file of a workbook that somebody has open"));
    }

    #[test]
    fn a_dbase_table_has_a_date_lengths_and_fields() {
        let mut table = vec![0_u8; 32];
        table[..12].copy_from_slice(&[0x03, 110, 12, 3, 8, 0, 0, 0, 65, 0, 20, 0]);
        table.extend([b'A'; 32]);
        assert_eq!(bytes_are(&table), "");
        table.push(0x0D);
        assert_eq!(bytes_are(&table), "a dBase table");
        table[2] = 13;
        assert_eq!(bytes_are(&table), "");
        assert_eq!(bytes_are(b"c,d,e,f,g,h,i,j,k,l\n1,2,3,4,5,6,7,8,9,10\n"), "");
    }

    #[test]
    fn compound_files_by_their_streams() {
        let file = |stream: &str| [OLE.to_vec(), wide(stream)].concat();
        assert_eq!(bytes_are(&file("Workbook")), "a legacy .xls workbook");
        assert!(of_compound(&file("Book\0")).is_none());
        assert_eq!(bytes_are(&file("EncryptedPackage")), "a workbook protected by a password");
        assert_eq!(bytes_are(&file("NativeContent_MAIN")), "a Quattro Pro workbook");
        assert_eq!(bytes_are(&file("WordDocument")), "a Word document");
        assert_eq!(bytes_are(&file("x")), "a compound file that holds no workbook");
    }

    #[test]
    fn utf_32_with_and_without_a_mark() {
        for mark in ["\u{feff}", ""] {
            let text = format!("{mark}Číslo;Stav\n1;😀\n");
            let little: Vec<u8> = text.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
            let big: Vec<u8> = text.chars().flat_map(|letter| u32::from(letter).to_be_bytes()).collect();
            assert_eq!((bytes_are(&little), bytes_are(&big)), ("UTF-32 text", "UTF-32 text"));
            assert_eq!(bytes_are(&wide(&text)), "");
        }
        assert_eq!(bytes_are(b"a;b\n\0\0\0\0\0\0\0\0"), "");
    }

    #[test]
    fn texts_that_no_delimiter_cuts() {
        assert_eq!(text_is("\u{feff}\n<!DOCTYPE HTML><table>"), "an HTML page");
        assert_eq!(text_is("<?xml version=\"1.0\"?><html xmlns=\"x\">"), "an HTML page");
        let office = "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
        assert_eq!(text_is(office), "an XML spreadsheet of Excel 2003");
        assert_eq!(text_is("<?xml?><office:document xmlns:office=\"x\">"), "a flat OpenDocument (.fods) workbook");
        assert_eq!(text_is("<styleSheet xmlns=\"x\"><fonts/></styleSheet>"), "an XML text");
        assert_eq!(text_is("ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K\"a\"\r\nE\r\n"), "a SYLK (.slk) worksheet");
        assert_eq!(text_is("TABLE\r\n0,1\r\n\"EXCEL\"\r\n"), "a DIF worksheet");
        assert_eq!(text_is("{\"a\": [1, 2], \"b\": {}}"), "a JSON text");
        assert_eq!(text_is("[\n  {\"a\": 1}, {\"a\""), "a JSON text");
        assert_eq!(text_is("{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n"), "JSON lines");
    }

    /// Each of these resembles a format and is a table.
    #[test]
    fn tables_stay_tables() {
        for text in [
            "ID;Popis;Cena\n1;Hrnek;2\nC;Yes;3\n",
            "TABLE;1\n2;3\n",
            "<cena>;<mena>\n1;CZK\n",
            "[a];[b]\n1;2\n",
            "[1,2],3\n[4,5],6\n",
            "{\"a\":1};x\n",
            "a,b,c\n\0,2,3\n",
            "a;b\n1\0\0\0\0\0;2\0\0\0\0\0\n",
            "a\u{1}b\u{1}c\n1\u{1}2\u{1}3\n",
        ] {
            assert_eq!((text_is(text), bytes_are(text.as_bytes())), ("", ""), "{text:?}");
        }
    }

    #[test]
    fn noise_is_binary_and_a_text_with_every_control_code_is_none() {
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..4000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        assert_eq!(text_is(&String::from_utf8_lossy(&noise)), "binary data, not text");
        let rows: String =
            (0_u8..128).map(|code| format!("row {code:03};the code is;{}\n", char::from(code))).collect();
        assert_eq!(text_is(&rows), "");
    }
}
