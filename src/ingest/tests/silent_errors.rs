//! What readers get wrong without a word: columns by position, duplicate headers, parts of a package that are not what they seem,
//! products that overflow. (Short and long rows, rounded decimals, years of two digits, exponents and damaged identifiers stand in
//! `one_file` and beside the cell parsers.)

use super::*;

#[test]
fn columns_are_found_by_their_headers_in_any_order() {
    let turned = "Poštovné;Zboží;Stav;Datum doručení;Vytvořeno;Číslo\n5;100;Nová;;9.11.2026;A2\n";
    let ingested = Night::new()
        .file("orders-1.csv", format!("{HEADER}A1;Nová;9.11.2026;;100;5\n"))
        .file("orders-2.csv", turned)
        .source(orders())
        .run();
    let frame = &ingested.frames.orders;
    for row in 0..2 {
        assert_eq!(
            (number(frame, "goods_amount", row), number(frame, "delivery_price", row)),
            (Some(10_000), Some(500))
        );
        assert_eq!(number(frame, "created_on", row), Some(day("2026-11-09")));
    }
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("A1", "A2"));
}

#[test]
fn a_header_that_stands_twice_matters_only_when_it_is_bound() {
    let header = HEADER.trim();
    let file = |more: &str| format!("{header};{more}\nA1;Nová;9.11.2026;;100;5;x;7\n");
    let harmless = Night::new().file("orders.csv", file("Poznámka;Poznámka")).source(orders()).run();
    assert_eq!((harmless.exits.len(), number(&harmless.frames.orders, "goods_amount", 0)), (0, Some(10_000)));
    let twice = Night::new().file("orders.csv", file("Poznámka;ZBOŽÍ")).source(orders()).run();
    assert_eq!((twice.exits, twice.diagnostics[0].code), (vec![Exit::Refused], "HDR202"));
}

#[test]
fn a_product_beyond_one_cell_is_refused_and_its_money_is_unreadable() {
    let lines = source("lines", Kind::OrderLines, "lines.csv", "order_no=Číslo qty=Kusů unit_price_gross=Cena");
    let rows = "A1;1000000000;1000000000\nA2;1000000000;1\nA3;1000000001;1\n";
    let ingested = Night::new().file("lines.csv", format!("Číslo;Kusů;Cena\n{rows}")).source(lines).run();
    assert_eq!(reasons(&ingested), [(2, "out_of_range", "Cena"), (4, "out_of_range", "Kusů")]);
    let input = &ingested.inputs[0];
    assert_eq!((input.rows.unreadable, input.money["CZK"].read), (2, 100_000_000_000));
}

/// A sound workbook of one order, its parts renamed and left out.
fn package(change: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in HEADER.trim().split(';').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    for (column, text) in ["A1", "Nová", "", "", "1", "1"].into_iter().enumerate() {
        sheet.write(1, column as u16, text).unwrap();
    }
    let parts = packages::parts(&book.save_to_buffer().unwrap());
    let kept: Vec<_> = parts.into_iter().filter_map(|(name, content)| Some((change(&name)?, content))).collect();
    packages::zip(&kept)
}

#[test]
fn parts_of_a_package_are_what_their_names_say() {
    let read = |bytes: Vec<u8>| {
        let mut orders = source("orders", Kind::Orders, "orders.xlsx", ORDERS);
        orders.format = Format::Xlsx(XlsxFormat { sheet: SheetChoice::ByHeaders, totals: Vec::new() });
        let ingested = Night::new().file("orders.xlsx", bytes).source(orders).run();
        (ingested.exits, ingested.frames.orders.height())
    };
    let refused = (vec![Exit::Refused], 0);
    let same = |name: &str| Some(name.to_owned());
    assert_eq!(read(package(same)), (vec![], 1));
    let without = |part: &'static str| package(move |name| (name != part).then(|| name.to_owned()));
    for part in ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"] {
        assert_eq!(read(without(part)), refused, "{part}");
    }
    // Two parts of one name: the archive's writer makes none, so the name is changed in its bytes.
    let mut twice = package(|name| Some(name.replace("docProps/app", "xl/worksheets/sheetX")));
    let (from, to) = (b"sheetX.xml", b"sheet1.xml");
    for at in 0..twice.len() - from.len() {
        if twice[at..].starts_with(from) {
            twice[at..at + to.len()].copy_from_slice(to);
        }
    }
    assert_eq!(read(twice), refused);
    assert_eq!(read(package(|name| Some(name.replace("docProps/app", "xl\\worksheets\\..\\app")))), refused);
}
