use std::collections::BTreeMap;

use calamine::{Data, DataType, Range as Sheet, Reader, Xlsx as Read, open_workbook};

use super::*;
use crate::publish::cell::CELL_UNITS;
use crate::report::specimen::{Specimen, as_of};

type Sheets = BTreeMap<String, Sheet<Data>>;

fn read(book: &Workbook, sizes: Sizes) -> (Sheets, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    write_sized(book, as_of(), std::fs::File::create(&path).unwrap(), sizes).unwrap();
    let mut opened: Read<_> = open_workbook(&path).unwrap();
    let sheets = opened.sheet_names().into_iter().map(|name| {
        let cells = opened.worksheet_range(&name).unwrap();
        (name, cells)
    });
    let sheets = sheets.collect();
    (sheets, std::fs::read(&path).unwrap())
}

fn specimen_book(specimen: &Specimen, file: &str) -> Workbook {
    let book = crate::report::compose(&specimen.assessment(), None, &Specimen::catalogue()).unwrap();
    book.workbooks.into_iter().find(|workbook| workbook.file == file).unwrap()
}

/// The row (absolute) whose first cell is this text.
fn row_of(sheet: &Sheet<Data>, first: &str) -> usize {
    sheet.rows().position(|row| row[0].get_string() == Some(first)).unwrap()
}

fn column_of(sheet: &Sheet<Data>, header: usize, title: &str) -> usize {
    sheet.rows().nth(header).unwrap().iter().position(|cell| cell.get_string() == Some(title)).unwrap()
}

fn one_sheet(table: Table) -> Workbook {
    Workbook {
        file: "book.xlsx".to_owned(),
        title: "Book".to_owned(),
        sheets: vec![crate::report::sheet::Sheet::of("Data", Vec::new(), table)],
        words: SheetWords {
            total: "Total".to_owned(),
            no_rows: "Nothing".to_owned(),
            legend: "Colours".to_owned(),
            date_form: "yyyy-mm-dd".to_owned(),
            page: "Page".to_owned(),
            cut: "… [cut]".to_owned(),
        },
    }
}

#[test]
fn settlement_cells_have_their_types_and_the_totals_foot() {
    let mut specimen = Specimen::small();
    specimen.pipeline.settles_all = true;
    let (sheets, _) = read(&specimen_book(&specimen, "settlement.xlsx"), SIZES);
    let sheet = &sheets["shop-cz"];
    let header = row_of(sheet, "Order");
    let (expected, paid) = (column_of(sheet, header, "Expected"), column_of(sheet, header, "Paid"));
    let o1 = row_of(sheet, "o1");
    let at = |row: usize, column: usize| sheet.get((row, column)).unwrap();
    assert!(matches!(at(o1, expected), Data::Float(amount) if (amount - 1_965.16).abs() < 1e-9));
    let payout_on = column_of(sheet, header, "Payout on");
    assert_eq!(at(o1, payout_on).as_date().unwrap().to_string(), "2026-12-02");
    assert_eq!(at(o1, column_of(sheet, header, "Read at")).get_string(), Some("orders-2026-12.csv:2"));
    let total = row_of(sheet, "Total");
    let stored = |column: usize| at(total, column).as_f64().unwrap();
    let added = |column: usize| -> f64 { sheet.rows().skip(header + 1).filter_map(|row| row[column].as_f64()).sum() };
    for column in [expected, paid] {
        assert!((stored(column) - added(column)).abs() < 0.001, "{column}");
    }
    assert!((stored(column_of(sheet, header, "Due by now")) - 2_465.16).abs() < 0.001);
    assert!((stored(column_of(sheet, header, "Difference")) - (1_949.14 - 2_465.16)).abs() < 0.001);
    // o4 ships with a hostile method name: it is text, and no formula
    let method = column_of(sheet, header, "Shipping method");
    assert_eq!(at(row_of(sheet, "o4"), method).get_string(), Some("=HYPERLINK(\"http://x\",\"y\")"));
    // o7 was cancelled without money, o8 is a test
    assert!(!sheet.rows().any(|row| matches!(row[0].get_string(), Some("o7" | "o8"))));
}

#[test]
fn totals_are_live_formulas_and_no_other_cell_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let book = specimen_book(&Specimen::small(), "settlement.xlsx");
    write(&book, as_of(), std::fs::File::create(&path).unwrap()).unwrap();
    let mut opened: Read<_> = open_workbook(&path).unwrap();
    let formulas: Vec<String> = opened
        .worksheet_formula("shop-cz")
        .unwrap()
        .used_cells()
        .map(|(_, _, formula)| formula.clone())
        .filter(|formula| !formula.is_empty())
        .collect();
    assert_eq!(formulas.len(), 4);
    assert!(formulas.iter().all(|formula| formula.starts_with("SUBTOTAL(109,")), "{formulas:?}");
}

#[test]
fn several_currencies_have_a_total_each() {
    let table = Table::new(3)
        .texts("account", ["a", "b", "c"])
        .currency("currency", [Some("CZK"), Some("EUR"), Some("CZK")].into_iter().collect())
        .ints("orders", [Some(1), Some(2), Some(3)])
        .summed()
        .money("money", [Some(100), Some(250), Some(50)]);
    let (sheets, _) = read(&one_sheet(table), SIZES);
    let sheet = &sheets["Data"];
    let totals: Vec<_> = sheet.rows().filter(|row| row[0].get_string() == Some("Total")).collect();
    let values: Vec<_> = totals.iter().map(|row| (row[1].as_string(), row[2].as_f64(), row[3].as_f64())).collect();
    assert_eq!(
        values,
        [(None, Some(6.0), None), (Some("CZK".to_owned()), None, Some(1.5)), (Some("EUR".to_owned()), None, Some(2.5)),]
    );
}

#[test]
fn more_rows_than_a_sheet_holds_continue_on_a_second_one() {
    let table = Table::new(25).ints("row", (0..25).map(Some)).money_in("money", "CZK", (0..25).map(|_| Some(100)));
    let (sheets, _) = read(&one_sheet(table), Sizes { sheet_rows: 13, ..SIZES });
    // heading, total, titles and ten rows; then heading, titles and eleven rows; then the last four
    assert_eq!(sheets.keys().collect::<Vec<_>>(), ["Data", "Data 2", "Data 3"]);
    let rows = |name: &str| sheets[name].rows().filter(|row| row[0].as_f64().is_some()).count();
    assert_eq!((rows("Data"), rows("Data 2"), rows("Data 3")), (10, 11, 4));
    let total = &sheets["Data"];
    assert_eq!(total.get((row_of(total, "Total"), 1)).unwrap().as_f64(), Some(25.0));
}

#[test]
fn limits_of_cells_are_kept() {
    let long = "ř".repeat(40_000);
    let table = Table::new(3)
        .texts("text", [long.as_str(), "\u{0}bell\u{7}", "plain"])
        .ints("number", [Some(123_456_789_012_345_678), Some(999_999_999_999_999), None])
        .dates("day", [Some(-30_000), Some(20_000), None])
        .money_in("money", "CZK", [Some(i64::MAX), Some(-1), None]);
    let (sheets, _) = read(&one_sheet(table), SIZES);
    let sheet = &sheets["Data"];
    let header = row_of(sheet, "text");
    let row = |at: usize| sheet.rows().nth(header + 1 + at).unwrap();
    let text = row(0)[0].get_string().unwrap();
    assert_eq!(text.encode_utf16().count(), CELL_UNITS);
    assert!(text.ends_with("… [cut]"));
    assert_eq!(row(0)[1].get_string(), Some("123456789012345678"));
    assert_eq!(row(1)[1].as_f64(), Some(999_999_999_999_999.0));
    assert_eq!(row(0)[2].get_string(), Some("1887-11-12"));
    assert_eq!(row(1)[2].as_date().unwrap().to_string(), "2024-10-04");
    assert_eq!(row(0)[3].get_string(), Some("92233720368547758.07"));
    assert_eq!(row(1)[3].as_f64(), Some(-0.01));
}

#[test]
fn the_queue_is_in_order_and_shows_proof_and_remedy() {
    let (sheets, _) = read(&specimen_book(&Specimen::small(), "mismatches.xlsx"), SIZES);
    let queue = &sheets["Queue"];
    let header = row_of(queue, "Due");
    let code = column_of(queue, header, "Code");
    let codes: Vec<_> = queue.rows().skip(header + 1).map(|row| row[code].get_string().unwrap()).collect();
    // by deadline; then, without one, by severity
    assert_eq!(codes, ["CN-001", "PY-003", "ST-001", "FE-001", "SL-002"]);
    let first = queue.rows().nth(header + 1).unwrap();
    let text = |title: &str| first[column_of(queue, header, title)].get_string().unwrap_or("").to_owned();
    assert_eq!(text("What to do"), "Write to the partner desk within 30 days.");
    assert!(text("Proof").contains("payout payouts.xlsx[Výpis]!7: Částka = o9"));
    assert_eq!(text("What it is"), "Credit note missing");
    let notes = &sheets["Credit notes"];
    let header = row_of(notes, "Missing fields");
    let note = notes.rows().nth(header + 1).unwrap();
    let amount = |title: &str| format!("{:.2}", note[column_of(notes, header, title)].as_f64().unwrap());
    let parts = [amount("Goods net"), amount("Transport net"), amount("COD fee net"), amount("Total net")];
    assert_eq!(parts, ["1263.76", "23.97", "32.23", "1319.96"]);
}

/// The XML of the sheet, without its shared strings.
fn both_ways(table: &Table) -> (Sheets, Sheets) {
    let by_the_library = Sizes { large: usize::MAX, ..SIZES };
    let by_ourselves = Sizes { large: 0, ..SIZES };
    let (library, _) = read(&one_sheet(table.clone()), by_the_library);
    let (own, bytes) = read(&one_sheet(table.clone()), by_ourselves);
    let (_, again) = read(&one_sheet(table.clone()), by_ourselves);
    assert!(bytes == again);
    (library, own)
}

#[test]
fn rows_put_in_by_ourselves_continue_on_a_second_sheet() {
    let table = Table::new(25).ints("row", (0..25).map(Some)).money_in("money", "CZK", (0..25).map(|_| Some(100)));
    let (own, _) = read(&one_sheet(table.clone()), Sizes { sheet_rows: 13, large: 0 });
    let (library, _) = read(&one_sheet(table), Sizes { sheet_rows: 13, ..SIZES });
    assert_eq!(own, library);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn rows_put_in_by_ourselves_are_those_that_the_library_writes(
        rows in proptest::collection::vec((
            proptest::option::of("[a-z<>&_x0-9A-F\t\n\r\u{1}\u{ffff}\" ěž€]{0,12}"),
            proptest::prop_oneof![proptest::strategy::Just("CZK"), proptest::strategy::Just("JPY"), proptest::strategy::Just("")],
            proptest::option::of(-2_000_000_000_000_000_i64..2_000_000_000_000_000),
            proptest::option::of(-40_000..40_000_i32),
            proptest::option::of(proptest::prelude::any::<i64>()),
            (0..7_i64, 0..7_i64),
        ), 1..20),
    ) {
        let column = |cells: &dyn Fn(usize) -> Option<i64>| (0..rows.len()).map(cells).collect::<Vec<_>>();
        let rate = |at: &dyn Fn(usize) -> i64| (0..rows.len()).map(|row| Some(at(row))).collect();
        let table = Table::new(rows.len())
            .text("text", rows.iter().map(|row| row.0.clone()).collect())
            .text("long", rows.iter().map(|row| row.0.as_ref().map(|text| text.repeat(9))).collect())
            .wrapped(20)
            .currency("currency", rows.iter().map(|row| Some(row.1.to_owned())).collect())
            .money("money", column(&|row| rows[row].2.map(|amount| amount / 1_000)))
            .column("own", Cells::Money(rows.iter().map(|row| row.2).collect(), Some("EUR".to_owned())))
            .dates("day", rows.iter().map(|row| row.3))
            .ints("number", column(&|row| rows[row].4))
            .column("rate", Cells::Rate(rate(&|row| rows[row].5.0), rate(&|row| rows[row].5.1)))
            .column("note", Cells::Editable);
        let (library, own) = both_ways(&table);
        proptest::prop_assert_eq!(library, own);
    }
}
