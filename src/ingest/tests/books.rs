//! Workbooks in other formats than XLSX: XLS written by another program, ODS and XLSB put together here part by part.

use super::packages::zip_by;
use super::*;

const XLS: &[u8] = include_bytes!("books/orders.xls");
const XLS_OF_1904: &[u8] = include_bytes!("books/orders-1904.xls");

fn book(name: &str, bytes: &[u8], change: impl Fn(&mut Source, &mut XlsxFormat)) -> Ingested {
    let mut source = source("orders", Kind::Orders, "orders*", ORDERS);
    let mut format = XlsxFormat { totals: vec!["celkem".into()], ..XlsxFormat::default() };
    change(&mut source, &mut format);
    source.format = Format::Xlsx(format);
    Night::new().file(name, bytes).source(source).run()
}

fn refusal(name: &str, bytes: &[u8]) -> Diagnostic {
    let ingested = book(name, bytes, |_, _| ());
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    ingested.diagnostics.into_iter().find(|d| d.exit == Exit::Refused).unwrap()
}

/// Two orders that say the same, once as numbers and dates, once as text; then three rows that are refused.
fn assert_read(ingested: &Ingested) {
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2, "{:#?}", ingested.diagnostics);
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("00123", "100234"));
    assert_eq!((number(frame, "goods_amount", 0), number(frame, "goods_amount", 1)), (Some(196_516), Some(196_516)));
    for row in 0..2 {
        assert_eq!(number(frame, "created_at", row), Some(1_794_229_200_000)); // 13:00 UTC
    }
    assert_eq!(number(frame, "delivered_on", 1), Some(day("2026-11-09")));
    assert_eq!((number(frame, "row", 0), number(frame, "row", 1)), (Some(5), Some(4)));
    let found: Vec<(u32, &str)> = ingested.quarantine.iter().map(|row| (row.line, row.reason())).collect();
    assert_eq!(found, [(6, "not_a_date"), (7, "damaged_id"), (8, "spreadsheet_error")]);
    assert_eq!(ingested.quarantine[0].of.sheet.as_deref(), Some("Orders"));
    assert_eq!(ingested.inputs[0].rows.structural, 3);
    assert_eq!(ingested.inputs[0].encoding, None);
}

#[test]
fn an_xls_workbook() {
    let ingested = book("orders.xls", XLS, |_, _| ());
    assert_read(&ingested);
    let hidden: Vec<_> = ingested.diagnostics.iter().filter(|d| d.code == "XLS402").collect();
    assert_eq!(hidden.len(), 1);
}

#[test]
fn days_counted_from_1904() {
    assert_read(&book("orders.xls", XLS_OF_1904, |_, _| ()));
}

#[test]
fn serial_numbers_are_days_only_where_the_source_says_so() {
    for bytes in [XLS, XLS_OF_1904] {
        let ingested = book("orders.xls", bytes, |source, _| source.cells.serial_dates = true);
        let frame = &ingested.frames.orders;
        assert_eq!((frame.height(), text(frame, "order_no", 2)), (3, "B1"));
        assert_eq!(number(frame, "created_on", 2), Some(day("2026-11-09")));
    }
}

#[test]
fn sheets_by_name_and_by_place() {
    for sheet in [SheetChoice::Named("orders".into()), SheetChoice::Numbered(2)] {
        assert_read(&book("orders.xls", XLS, |_, format| format.sheet = sheet.clone()));
    }
    let ingested = book("orders.xls", XLS, |_, format| format.sheet = SheetChoice::Numbered(3));
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "XLS401"));
    let ingested = book("orders.xls", XLS, |_, format| format.sheet = SheetChoice::Numbered(1));
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "HDR201"));
}

#[test]
fn what_is_not_what_its_name_says() {
    let legacy = refusal("orders.xlsx", XLS);
    assert!(legacy.code == "XLS404" && legacy.found.contains("legacy"), "{}", legacy.found);
    assert!(legacy.help.contains("name it .xls") && legacy.expected.contains("XLSB, ODS or XLS"), "{legacy:?}");
    let page = refusal("orders.xls", b"<html><table><tr><td>1</td></tr></table></html>");
    assert!(page.code == "XLS404" && page.found.contains("HTML"), "{}", page.found);
    let mut locked = XLS.to_vec();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let locked = refusal("orders.xls", &locked);
    assert!(locked.code == "XLS411" && locked.found.contains("password"), "{}", locked.found);
    let other = [&XLS[..8], &"WordDocument".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat();
    let other = refusal("orders.xls", &other);
    assert!(other.code == "XLS404" && other.found.contains("Word"), "{}", other.found);
    assert_eq!(refusal("orders.xls", &XLS[..3_000]).code, "XLS403");
}

#[test]
fn a_workbook_that_is_read_whole_has_limits() {
    let with = |name: &str, bytes: &[u8], limits| {
        let ingested = book(name, bytes, |source, _| source.limits = limits);
        let refusal = ingested.diagnostics.iter().find(|d| d.exit != Exit::Clean && d.exit != Exit::Quarantine);
        (ingested.exits, refusal.map(|refusal| refusal.expected.clone()).unwrap_or_default())
    };
    let usual = Limits::default();
    let bytes = XLS.len() as u64;
    assert_eq!(with("orders.xls", XLS, Limits { whole_file_bytes: bytes, ..usual }).0, vec![Exit::Quarantine]);
    let (exits, words) = with("orders.xls", XLS, Limits { whole_file_bytes: bytes - 1, ..usual });
    assert!(exits == [Exit::Limit] && words.contains("`whole_file_bytes`"), "{words}");
    // 9 rows of 6 columns, and 1 cell on the other sheet
    assert_eq!(with("orders.xls", XLS, Limits { whole_cells: 55, ..usual }).0, vec![Exit::Quarantine]);
    let (exits, words) = with("orders.xls", XLS, Limits { whole_cells: 54, ..usual });
    assert!(exits == [Exit::Limit] && words.contains("`whole_cells`"), "{words}");
    let far = include_bytes!("books/far-apart.xls");
    let (exits, words) = with("orders.xls", far, Limits { whole_cells: 65_536 * 256 - 1, ..usual });
    assert!(exits == [Exit::Limit] && words.contains("`whole_cells`"), "{words}");
    let bytes = ods();
    let (exits, words) = with("orders.ods", &bytes, Limits { inflated_whole_bytes: 2_000, ..usual });
    assert!(exits == [Exit::Limit] && words.contains("`inflated_whole_bytes`"), "{words}");
}

/// Stored, not deflated: both ways must be read.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    zip_by(parts, || zip::CompressionMethod::Stored)
}

fn ods() -> Vec<u8> {
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let float = |value: &str| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value}</text:p></table:table-cell>"
        )
    };
    let date = |value: &str| {
        format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{value}\"><text:p>?</text:p></table:table-cell>"
        )
    };
    let none = || "<table:table-cell/>".to_owned();
    let error = "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" \
                 calcext:value-type=\"error\"><text:p>#DIV/0!</text:p></table:table-cell>";
    let header = HEADER.trim().split(';').map(text).collect::<String>();
    let time = || date("2026-11-09T14:00:00");
    let rows = [
        text("Export"),
        none(),
        header,
        [float("100234"), text("Doručeno"), time(), date("2026-11-09"), float("1965.16"), float("0")].concat(),
        ["00123", "Nová", "9.11.2026 14:00", "", "1 965,16 Kč", "89,00"].map(text).concat(),
        [text("B1"), text("Nová"), float("46335"), none(), float("1"), float("1")].concat(),
        [time(), text("Nová"), none(), none(), float("1"), float("1")].concat(),
        [text("B3"), text("Nová"), none(), none(), error.to_owned(), float("1")].concat(),
        [text("Celkem"), "<table:table-cell table:number-columns-repeated=\"3\"/>".into(), float("3930.32")].concat(),
    ];
    let rows: String = rows.iter().map(|row| format!("<table:table-row>{row}</table:table-row>")).collect();
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:body><office:spreadsheet>\
         <table:table table:name=\"Notes\"><table:table-row>{}</table:table-row></table:table>\
         <table:table table:name=\"Orders\">{rows}\
         <table:table-row table:number-rows-repeated=\"1048567\"><table:table-cell table:number-columns-repeated=\"1024\"/>\
         </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>",
        text("nothing here")
    );
    let manifest = "<?xml version=\"1.0\"?><manifest:manifest></manifest:manifest>";
    package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

#[test]
fn an_ods_workbook() {
    let ingested = book("orders.ods", &ods(), |_, _| ());
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2, "{:#?}", ingested.diagnostics);
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("00123", "100234"));
    assert_eq!((number(frame, "goods_amount", 0), number(frame, "goods_amount", 1)), (Some(196_516), Some(196_516)));
    assert_eq!(number(frame, "created_at", 0), number(frame, "created_at", 1));
    let found: Vec<(u32, &str)> = ingested.quarantine.iter().map(|row| (row.line, row.reason())).collect();
    assert_eq!(found, [(6, "not_a_date"), (7, "damaged_id"), (8, "spreadsheet_error")]);
}

/// A record of an XLSB part.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut number in [usize::from(kind), data.len()] {
        while number >= 0x80 {
            bytes.push((number & 0x7F) as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
    }
    [bytes, data.to_vec()].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [(units.len() as u32).to_le_bytes().to_vec(), units.into_iter().flat_map(u16::to_le_bytes).collect()].concat()
}

enum XlsbCell<'a> {
    Text(&'a str),
    Number(f64),
    Date(f64),
    ErrorOfFormula,
}

fn xlsb() -> Vec<u8> {
    use XlsbCell::{Date, ErrorOfFormula, Number, Text};
    let noon = 46_335.0 + 14.0 / 24.0;
    let header: Vec<XlsbCell<'_>> = HEADER.trim().split(';').map(Text).collect();
    let written = ["00123", "Nová", "9.11.2026 14:00", "", "1 965,16 Kč", "89,00"];
    let rows: Vec<(u32, Vec<XlsbCell<'_>>)> = vec![
        (0, vec![Text("Export")]),
        (2, header),
        (3, vec![Number(100_234.0), Text("Doručeno"), Date(noon), Date(46_335.0), Number(1965.16), Number(0.0)]),
        (4, written.map(Text).into()),
        (5, vec![Text("B1"), Text("Nová"), Number(46_335.0), Text(""), Number(1.0), Number(1.0)]),
        (6, vec![Date(noon), Text("Nová"), Text(""), Text(""), Number(1.0), Number(1.0)]),
        (7, vec![Text("B3"), Text("Nová"), Text(""), Text(""), ErrorOfFormula, Number(1.0)]),
        (8, vec![Text("Celkem")]),
    ];
    let mut sheet = [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[])].concat();
    for (row, cells) in rows {
        let hidden = if row == 4 { 0x10 } else { 0 };
        sheet.extend(record(0, &[&row.to_le_bytes()[..], &[0; 7], &[hidden], &[0; 5]].concat()));
        for (column, cell) in cells.iter().enumerate() {
            let head = |style: u32| [(column as u32).to_le_bytes(), style.to_le_bytes()].concat();
            sheet.extend(match cell {
                Text(text) => record(6, &[head(0), wide(text)].concat()),
                Number(number) => record(5, &[head(0), number.to_le_bytes().to_vec()].concat()),
                Date(number) => record(5, &[head(1), number.to_le_bytes().to_vec()].concat()),
                // a formula that is the number 1, whose value is #DIV/0!
                ErrorOfFormula => record(
                    0x0B,
                    &[head(0), vec![7, 0, 0], 3_u32.to_le_bytes().to_vec(), vec![0x1E, 1, 0], vec![0; 4]].concat(),
                ),
            });
        }
    }
    sheet.extend(record(0x92, &[]));
    let bundle = |name: &str, relation: &str| {
        record(0x9C, &[vec![0; 4], 1_u32.to_le_bytes().to_vec(), wide(relation), wide(name)].concat())
    };
    let workbook =
        [record(0x83, &[]), record(0x99, &[0; 12]), bundle("Orders", "rId1"), record(0x90, &[]), record(0x9D, &[0; 8])]
            .concat();
    let xf = |format: u16| record(0x2F, &[&[0, 0][..], &format.to_le_bytes(), &[0; 12]].concat());
    let styles = [record(0x269, &2_u32.to_le_bytes()), xf(0), xf(22)].concat();
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    package(&[
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
        ("xl/styles.bin", &styles),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

#[test]
fn an_xlsb_workbook() {
    let ingested = book("orders.xlsb", &xlsb(), |_, _| ());
    assert_read(&ingested);
    let hidden: Vec<_> = ingested.diagnostics.iter().filter(|d| d.code == "XLS407").collect();
    assert!(hidden.len() == 1 && hidden[0].found == "1 rows", "{hidden:?}");
    let ingested = book("orders.xlsb", &xlsb(), |source, _| source.cells.serial_dates = true);
    assert_eq!(number(&ingested.frames.orders, "created_on", 2), Some(day("2026-11-09")));
}

#[test]
fn a_cut_xlsb_workbook_is_refused() {
    let whole = xlsb();
    assert_eq!(refusal("orders.xlsb", &whole[..whole.len() - 40]).code, "XLS405");
}

#[test]
fn macros_are_ignored_and_noted() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in HEADER.trim().split(';').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
        sheet.write(1, column as u16, ["A1", "Nová", "", "", "1", "1"][column]).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    for (name, notes) in [("orders.xlsm", 1), ("orders.XLSM", 1), ("orders.xlsx", 0)] {
        let ingested = self::book(name, &bytes, |_, _| ());
        assert_eq!((ingested.exits.len(), ingested.frames.orders.height()), (0, 1));
        assert_eq!(ingested.diagnostics.iter().filter(|d| d.code == "XLS409").count(), notes, "{name}");
    }
}

#[test]
fn workbooks_at_the_edge_of_rows_columns_and_cells() {
    let with = |name: &str, bytes: &[u8], limits| book(name, bytes, |source, _| source.limits = limits);
    let usual = Limits::default();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in HEADER.trim().split(';').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
        sheet.write(1, column as u16, ["A1", "Nová", "", "", "1", "12345"][column]).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    for (fits, over, name) in [
        (Limits { rows: 2, ..usual }, Limits { rows: 1, ..usual }, "rows"),
        (Limits { columns: 6, ..usual }, Limits { columns: 5, ..usual }, "columns"),
        (Limits { cell_bytes: 5, ..usual }, Limits { cell_bytes: 4, ..usual }, "cell_bytes"),
        (Limits { entries: 30, ..usual }, Limits { entries: 3, ..usual }, "entries"),
        (Limits { inflated_bytes: 1 << 20, ..usual }, Limits { inflated_bytes: 2_000, ..usual }, "inflated_bytes"),
    ] {
        assert_eq!(with("orders.xlsx", &bytes, fits).exits, Vec::new(), "{name}");
        let refused = with("orders.xlsx", &bytes, over);
        assert_eq!(refused.exits, vec![Exit::Limit], "{name}");
        assert!(refused.diagnostics[0].expected.contains(&format!("`{name}`")), "{}", refused.diagnostics[0].expected);
    }
}
