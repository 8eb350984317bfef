//! Properties of whole runs.

use super::*;

#[test]
fn a_large_file_in_pieces_is_the_same_as_in_one() {
    let mut content = HEADER.to_owned();
    for order in 0..130_000 {
        let amount = if order % 1000 == 7 { "x" } else { "1 234,50 Kč" };
        content.push_str(&format!("A{order:06};Doručeno;9.11.2026 10:00;;\"{amount}\";89,00\n"));
    }
    let night = Night::new().file("orders.csv", content).source(orders());
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| night.run());
    let many = pool(4).install(|| night.run());
    assert_eq!(one.quarantine, many.quarantine);
    assert_eq!(one.inputs, many.inputs);
    assert!(one.frames.orders.equals_missing(&many.frames.orders));
    assert_eq!((one.quarantine.len(), one.quarantine[0].line), (130, 9));
}

/// A file that is declared as UTF-8 is read in windows; where the encoding is left open, its text is read as a whole.
#[test]
fn windows_of_a_file_and_its_whole_text_tell_the_same() {
    const WINDOW: usize = 512 << 10;
    let row = |order: usize| format!("A{order:06};Doručeno;9.11.2026;;100;0");
    let rows = |range: std::ops::Range<usize>, end: &str| range.map(|order| row(order) + end).collect::<String>();
    let (many, few) = (0..30_000, 30_000..30_020);
    let contents = [
        format!("{HEADER}{}x;y\n{}", rows(many.clone(), "\n"), rows(few.clone(), "\n")),
        // behind blank lines, a window begins with its record
        format!(
            "{}{}{}",
            HEADER.replace('\n', "\r") + &rows(0..10, "\r"),
            "\r".repeat(WINDOW - 5),
            rows(few.clone(), "\r")
        ),
        format!("{HEADER}{}\n{}{}", row(0) + "\"", "\n".repeat(WINDOW - 8), rows(few.clone(), "\n")),
        format!("{}{}\n{}", HEADER.replace('\n', "\r"), "\r".repeat(WINDOW), rows(few.clone(), "\r\n")),
        // a header below the first window, and a file whose end is that of a window
        format!("{}{HEADER}{}", "\n".repeat(WINDOW + 10), rows(few.clone(), "\n")),
        format!("{HEADER}{}", rows(0..100, "\n")) + &"\n".repeat(WINDOW - HEADER.len() - 100 * (row(0).len() + 1)),
        // cut within quotes, with control codes before it
        format!("{HEADER}{}\0A;\"x", rows(many, "\r\n")),
        format!("{HEADER}A;\"{}", "b\n".repeat(WINDOW)),
    ];
    for content in contents {
        let run = |encoding: &[&str]| {
            let mut orders = orders();
            csv(&mut orders).encoding = encodings(encoding);
            Night::new().file("orders.csv", content.clone()).source(orders).run()
        };
        let (windows, whole) = (run(&["utf-8"]), run(&["utf-8", "cp852"]));
        assert_eq!(windows.inputs, whole.inputs);
        assert_eq!(windows.quarantine, whole.quarantine);
        assert_eq!(windows.exits, whole.exits);
        let told = |ingested: &Ingested| {
            let told = ingested.diagnostics.iter().filter(|told| told.code != "TXT503");
            told.map(|told| (told.code, told.place.clone(), told.found.clone())).collect::<Vec<_>>()
        };
        assert_eq!(told(&windows), told(&whole));
        assert!(windows.frames.orders.equals_missing(&whole.frames.orders));
    }
}

/// An unreadable currency is none, and not that of another row.
#[test]
fn a_row_without_a_readable_currency_has_no_money_wherever_it_stands() {
    for place in [0, 5, 29_999] {
        let mut content = "Číslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovné;Měna\n".to_owned();
        for order in 0..30_000 {
            let currency = if order == place {
                "XX?"
            } else if order == 1 {
                "EUR"
            } else {
                "Kč"
            };
            content.push_str(&format!("A{order:06};Doručeno;9.11.2026;;100;0;{currency}\n"));
        }
        let mut orders = orders();
        orders.columns.extend(source("", Kind::Orders, "", "currency=Měna").columns);
        let ingested = Night::new().file("orders.csv", content).source(orders).run();
        assert_eq!(reasons(&ingested), vec![(place as u32 + 2, "unknown_currency", "Měna")]);
        let input = &ingested.inputs[0];
        assert_eq!((input.rows.quarantined, input.rows.unreadable), (1, 1));
        assert_eq!((input.money["CZK"].read, input.money["EUR"].read), (29_998 * 10_000, 10_000));
    }
}

#[test]
fn kinds_without_a_source_are_empty_frames_with_all_columns() {
    let ingested = Night::new().run();
    for kind in crate::vocab::Word::ALL {
        let declared = crate::frame::canonical::frame_of(*kind);
        assert_eq!(ingested.frames.of(*kind).width(), declared.columns.len());
        assert_eq!(ingested.frames.of(*kind).height(), 0);
    }
}

#[test]
fn other_kinds_fill_their_frames() {
    let shipments = source("labels", Kind::Shipments, "labels.csv", "order_no=Číslo tracking_number_raw=Zásilka");
    let shipments = Source { carrier: Some("mover".into()), ..shipments };
    let mut lines =
        source("lines", Kind::OrderLines, "lines.csv", "order_no=Číslo qty=Kusů unit_price_gross=Cena currency=Měna");
    lines.constants = BTreeMap::from([("sku".to_owned(), "S-1".to_owned())]);
    let night = Night::new()
        .file("labels.csv", "Číslo;Zásilka\nA1;Z1\nA2;Z1\nA1;Z1\n")
        .file("lines.csv", "Číslo;Kusů;Cena;Měna\nA1;2;499;Kč\nA1;1;5;€\nA1;1;5;XYZ1\n")
        .source(shipments)
        .source(lines);
    let ingested = night.run();
    // two orders in one parcel are two shipments; the repeated row is one
    assert_eq!(ingested.frames.shipments.height(), 2);
    assert_eq!(text(&ingested.frames.shipments, "carrier", 0), "mover");
    assert_eq!(ingested.inputs[0].rows.duplicate, 1);
    assert_eq!(text(&ingested.frames.order_lines, "sku", 0), "S-1");
    assert_eq!(ingested.inputs[1].money["CZK"].used, 99_800);
    assert_eq!(ingested.inputs[1].money["EUR"].used, 500);
    assert_eq!(reasons(&ingested), vec![(4, "unknown_currency", "Měna")]);
}
