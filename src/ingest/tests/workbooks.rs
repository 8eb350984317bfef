//! Workbooks: typed cells, sheets, hostile packages.

use super::*;

pub(super) fn workbook(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "nothing here").unwrap();
    fill(book.add_worksheet().set_name("Orders").unwrap());
    book.save_to_buffer().unwrap()
}

pub(super) fn sheet_orders() -> Source {
    let mut source = source("orders", Kind::Orders, "orders.xlsx", ORDERS);
    source.format = Format::Xlsx(XlsxFormat { totals: vec!["celkem".into()], ..XlsxFormat::default() });
    source
}

fn named(sheet: Option<&str>) -> SheetChoice {
    sheet.map_or(SheetChoice::ByHeaders, |name| SheetChoice::Named(name.to_owned()))
}

#[test]
fn typed_cells_of_a_workbook() {
    let bytes = workbook(|sheet| {
        let date = rust_xlsxwriter::Format::new().set_num_format("d.m.yyyy hh:mm");
        sheet.write(0, 0, "Export").unwrap();
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(2, column as u16, header).unwrap();
        }
        let time = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap().and_hms_opt(14, 0, 0).unwrap();
        // numbers as numbers, dates as dates
        sheet.write(3, 0, 100_234).unwrap();
        sheet.write(3, 1, "Doručeno").unwrap();
        sheet.write_datetime_with_format(3, 2, time, &date).unwrap();
        sheet.write_datetime_with_format(3, 3, time.date(), &date).unwrap();
        sheet.write(3, 4, 1965.16).unwrap();
        sheet.write(3, 5, 0).unwrap();
        // all as text
        for (column, text) in ["00123", "Nová", "9.11.2026 14:00", "", "1 965,16 Kč", "89,00"].into_iter().enumerate()
        {
            sheet.write(4, column as u16, text).unwrap();
        }
        // bad: damaged id, date as id, excess decimals, formula without a value, serial without a format
        let bad: [fn(&mut rust_xlsxwriter::Worksheet, u32, &rust_xlsxwriter::Format, chrono::NaiveDateTime); 5] = [
            |sheet, row, _, _| _ = sheet.write(row, 0, 8.590_123_456_789e18).unwrap(),
            |sheet, row, date, time| _ = sheet.write_datetime_with_format(row, 0, time, date).unwrap(),
            |sheet, row, _, _| _ = sheet.write(row, 4, 12.345).unwrap(),
            |sheet, row, _, _| {
                _ = sheet.write_formula(row, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap()
            },
            |sheet, row, _, _| _ = sheet.write(row, 2, 46_335.0).unwrap(),
        ];
        for (at, spoil) in bad.into_iter().enumerate() {
            let row = 5 + at as u32;
            for (column, text) in
                [format!("B{at}"), "Nová".into(), String::new(), String::new(), "1".into(), "1".into()]
                    .iter()
                    .enumerate()
            {
                sheet.write(row, column as u16, text.as_str()).unwrap();
            }
            spoil(sheet, row, &date, time);
        }
        sheet.write(10, 0, "Celkem").unwrap();
        sheet.write(10, 4, 3930.32).unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", bytes).source(sheet_orders()).run();
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2, "{:?}", ingested.diagnostics);
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("00123", "100234"));
    assert_eq!((number(frame, "goods_amount", 0), number(frame, "goods_amount", 1)), (Some(196_516), Some(196_516)));
    assert_eq!(number(frame, "created_at", 0), number(frame, "created_at", 1));
    assert_eq!(number(frame, "created_at", 0), Some(1_794_229_200_000)); // 13:00 UTC
    assert_eq!(number(frame, "delivered_on", 1), Some(day("2026-11-09")));
    assert_eq!(number(frame, "row", 0), Some(5));
    let found: Vec<(u32, &str)> = ingested.quarantine.iter().map(|row| (row.line, row.reason())).collect();
    let expected =
        [(6, "damaged_id"), (7, "damaged_id"), (8, "excess_decimals"), (9, "spreadsheet_error"), (10, "not_a_date")];
    assert_eq!(found, expected);
    assert_eq!(ingested.quarantine[0].of.sheet.as_deref(), Some("Orders"));
    assert_eq!(ingested.parts.text(5), "orders.xlsx[Orders]:5");
    assert_eq!(ingested.inputs[0].rows.structural, 3);
}

#[test]
fn workbooks_that_are_refused() {
    let refused = |bytes: Vec<u8>, sheet: Option<&str>| {
        let mut source = sheet_orders();
        source.format = Format::Xlsx(XlsxFormat { sheet: named(sheet), totals: Vec::new() });
        let ingested = Night::new().file("orders.xlsx", bytes).source(source).run();
        assert_eq!(ingested.exits, vec![Exit::Refused]);
        ingested.diagnostics[0].code
    };
    let empty = || workbook(|sheet| _ = sheet.write(0, 0, "Číslo").unwrap());
    assert_eq!(refused(empty(), None), "HDR201");
    assert_eq!(refused(empty(), Some("Objednávky")), "XLS401");
    assert_eq!(refused(b"<html>".to_vec(), None), "XLS404");
    let mut cut = empty();
    cut.truncate(cut.len() / 2);
    assert_eq!(refused(cut, None), "XLS405");
}

#[test]
fn a_sheet_of_the_header_alone_is_an_export_without_rows() {
    let bytes = workbook(|sheet| {
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
    });
    for (allow_empty, told, read) in [(true, None, 1), (false, Some("FIL103"), 0)] {
        let mut source = sheet_orders();
        source.allow_empty = allow_empty;
        let ingested = Night::new().file("orders.xlsx", &bytes).source(source).run();
        assert_eq!(ingested.diagnostics.first().map(|note| note.code), told, "{:?}", ingested.diagnostics);
        assert_eq!(ingested.inputs[0].rows.read, read);
    }
}

#[test]
fn a_giant_address_is_two_cells() {
    let bytes = workbook(|sheet| {
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
        for (column, text) in ["A1", "Nová", "", "", "1", "1"].into_iter().enumerate() {
            sheet.write(1_048_575, column as u16, text).unwrap();
        }
        sheet.write(1_048_575, 16_383, "end").unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", bytes).source(sheet_orders()).run();
    assert_eq!(number(&ingested.frames.orders, "row", 0), Some(1_048_576));
    assert_eq!(ingested.inputs[0].rows.read, 2);
}

#[test]
fn a_percent_format_is_seen_and_a_plain_share_is_not_guessed() {
    let columns = format!("{ORDERS} commission_ppm=Provize");
    let bytes = workbook(|sheet| {
        let percent = rust_xlsxwriter::Format::new().set_num_format("0.0%");
        for (column, header) in HEADER.trim().split(';').chain(["Provize"]).enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
        for row in 1..4 {
            for (column, text) in ["A", "Nová", "", "", "1", "1"].into_iter().enumerate() {
                let text = if column == 0 { format!("A{row}") } else { text.to_owned() };
                sheet.write(row, column as u16, text).unwrap();
            }
        }
        sheet.write_with_format(1, 6, 0.185, &percent).unwrap();
        sheet.write(2, 6, 18).unwrap();
        sheet.write(3, 6, 0.18).unwrap();
    });
    let mut orders = source("orders", Kind::Orders, "orders.xlsx", &columns);
    orders.format = Format::Xlsx(XlsxFormat { sheet: SheetChoice::Named("orders".into()), totals: Vec::new() });
    let ingested = Night::new().file("orders.xlsx", bytes).source(orders).run();
    let frame = &ingested.frames.orders;
    assert_eq!(
        (number(frame, "commission_ppm", 0), number(frame, "commission_ppm", 1)),
        (Some(185_000), Some(180_000))
    );
    assert_eq!(reasons(&ingested), vec![(4, "not_a_percentage", "Provize")]);
}

#[test]
fn a_formula_without_a_stored_value_is_refused() {
    let bytes = workbook(|sheet| {
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
        for (column, text) in ["A1", "Nová", "", "", "", "1"].into_iter().enumerate() {
            sheet.write(1, column as u16, text).unwrap();
        }
        sheet.write_formula(1, 4, rust_xlsxwriter::Formula::new("=1+1").set_result("777")).unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", &bytes).source(sheet_orders()).run();
    assert_eq!(number(&ingested.frames.orders, "goods_amount", 0), Some(77_700));
    let ingested = Night::new().file("orders.xlsx", replaced(&bytes, "<v>777</v>", "")).source(sheet_orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "formula_without_value", "Zboží")]);
}

#[test]
fn what_is_not_a_row_is_passed_over_and_a_lost_text_is_a_bad_cell() {
    let bytes = workbook(|sheet| {
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
        for (row, order_no) in [(1, "A1"), (2, "A2")] {
            for (column, text) in [order_no, "Nová", "", "", "1", "1"].into_iter().enumerate() {
                sheet.write(row, column as u16, text).unwrap();
            }
        }
    });
    let odd = replaced(&bytes, "</row><row", "</row><autoFilter ref=\"A1:B2\"><x:a/></autoFilter><y/><row");
    let ingested = Night::new().file("orders.xlsx", odd).source(sheet_orders()).run();
    assert_eq!(ingested.frames.orders.height(), 2, "{:?}", ingested.diagnostics);
    let cut = replaced(&bytes, "</row><row", "</row></autoFilter><row");
    let ingested = Night::new().file("orders.xlsx", cut).source(sheet_orders()).run();
    assert_eq!(ingested.diagnostics[0].code, "XLS405");
    // The first text below the header is the first order's number.
    let lost = replaced(&bytes, "<v>7</v>", "<v>999</v>");
    let ingested = Night::new().file("orders.xlsx", lost).source(sheet_orders()).run();
    assert_eq!(ingested.frames.orders.height(), 1, "{:?}", ingested.diagnostics);
    assert_eq!(
        reasons(&ingested).iter().map(|(row, reason, _)| (*row, *reason)).collect::<Vec<_>>(),
        [(2, "spreadsheet_error")]
    );
}

/// The workbook with other text in place of a piece of its parts.
pub(in crate::ingest) fn replaced(bytes: &[u8], piece: &str, by: &str) -> Vec<u8> {
    let mut parts = packages::parts(bytes);
    for (_, content) in &mut parts {
        if let Ok(text) = std::str::from_utf8(content) {
            *content = text.replace(piece, by).into_bytes();
        }
    }
    packages::zip(&parts)
}

#[test]
fn hidden_rows_are_read_and_said_and_merged_cells_are_said() {
    let bytes = workbook(|sheet| {
        sheet.merge_range(0, 0, 0, 2, "Export", &rust_xlsxwriter::Format::new()).unwrap();
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(1, column as u16, header).unwrap();
        }
        for (row, order_no) in [(2, "A1"), (3, "A2"), (4, "A3")] {
            for (column, text) in [order_no, "Nová", "9.11.2026 14:00", "", "1,00", "0"].into_iter().enumerate() {
                sheet.write(row, column as u16, text).unwrap();
            }
        }
        // as a filter leaves them
        sheet.set_row_hidden(3).unwrap().set_row_hidden(4).unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", bytes).source(sheet_orders()).run();
    assert_eq!(ingested.frames.orders.height(), 3, "{:?}", ingested.diagnostics);
    let notes: Vec<_> = ingested.diagnostics.iter().map(|note| (note.code, note.found.as_str(), note.exit)).collect();
    assert_eq!(notes, [("XLS407", "2 rows", Exit::Clean), ("XLS408", "A1:C1", Exit::Clean)]);
}
