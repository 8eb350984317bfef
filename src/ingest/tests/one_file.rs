//! One file: its rows, and each reason to refuse one.

use super::*;

#[test]
fn windows_1250_with_banner_total_blank_lines_and_crlf() {
    let mut orders = orders();
    csv(&mut orders).encoding = encodings(&["windows-1250"]);
    let content = "Export objednávek\r\n\r\nČíslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovné\r\n\
                   A1;Doručeno;9.11.2026 10:00;12.11.2026;\"1 234,50 Kč\";89,00\r\n\r\n\
                   A2;Odesláno.;9.11.2026 10:00;;499;0\r\nCelkem;;;;1733,50;89\r\n\r\n";
    let (bytes, _, lost) = encoding_rs::WINDOWS_1250.encode(content);
    assert!(!lost);
    let ingested = Night::new().file("orders.csv", bytes).source(orders).run();
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2);
    assert_eq!(text(frame, "order_key", 0), "shop-cz/A1");
    assert_eq!((text(frame, "status_raw", 1), text(frame, "status", 1)), ("Odesláno.", "shipped"));
    assert_eq!(number(frame, "goods_amount", 0), Some(123_450));
    assert_eq!(number(frame, "created_at", 0), Some(1_794_214_800_000)); // 9 Nov 2026 09:00 UTC
    assert_eq!(number(frame, "created_on", 0), Some(day("2026-11-09")));
    assert_eq!(number(frame, "delivered_on", 0), Some(day("2026-11-12")));
    assert_eq!(number(frame, "delivered_on", 1), None);
    assert_eq!(text(frame, "payment", 0), "unknown");
    assert_eq!(number(frame, "row", 0), Some(4));
    assert_eq!(number(frame, "row", 1), Some(6));
    assert_eq!(ingested.parts.text(4), "orders.csv:4");
    assert_eq!(ingested.parts.0[0].headers["delivered_at"], "Datum doručení");
    let rows = RowCounts { read: 8, used: 2, structural: 6, ..RowCounts::default() };
    assert_eq!(ingested.inputs[0].rows, rows);
    assert_eq!(ingested.inputs[0].money["CZK"].used, 123_450 + 8_900 + 49_900);
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn every_bad_cell_has_its_reason() {
    let rows = [
        "A1;Doručeno;31.2.2026;;100;0",       // 2: no such day
        "A2;Doručeno;9.11.2026;;1e3;0",       // 3: exponent
        "A3;Ztraceno;9.11.2026;;100;0",       // 4: unknown word
        "A4;Doručeno;9.11.2026;;100",         // 5: short
        "8,59E+12;Doručeno;9.11.2026;;100;0", // 6: damaged
        "A6;Doručeno;9.11.2026;;100;",        // 7: empty postage is not 0
        "A7;Doručeno;9.11.26;;100;0",         // 8: two digits of a year
        "A8;Doručeno;9.11.2026;;100 €;0",     // 9: other currency
        "A9;Doručeno;9.11.2026;;12,345;0",    // 10: excess decimals
        "A10;Doručeno;9.11.2026;;100;0;x",    // 11: long
        "A11;Doručeno;9.11.2026;;100,10;5",   // 12: good
    ];
    let mut orders = orders();
    orders.personal = vec!["zboží".into()];
    let content = format!("{HEADER}{}\n", rows.join("\n"));
    let ingested = Night::new().file("orders.csv", content).source(orders).run();
    let expected = vec![
        (2, "not_a_date", "Vytvořeno"),
        (3, "not_an_amount", "Zboží"),
        (4, "unknown_word", "Stav"),
        (5, "field_count", ""),
        (6, "damaged_id", "Číslo"),
        (7, "empty", "Poštovné"),
        (8, "not_a_date", "Vytvořeno"),
        (9, "other_currency", "Zboží"),
        (10, "excess_decimals", "Zboží"),
        (11, "field_count", ""),
    ];
    assert_eq!(reasons(&ingested), expected);
    let bad_date = &ingested.quarantine[0];
    assert_eq!((bad_date.value(), bad_date.config()), ("31.2.2026", "test.toml:22"));
    assert_eq!(bad_date.order_no(), "A1");
    assert_eq!(bad_date.record(), "A1 | Doručeno | 31.2.2026 |  | *** | 0");
    assert_eq!(ingested.quarantine[1].value(), "***");
    assert!(ingested.quarantine[2].expected().contains("order_status"));
    assert_eq!((ingested.quarantine[3].value(), ingested.quarantine[3].order_no()), ("5 fields", "A4"));
    let input = &ingested.inputs[0];
    // readable control cells: rows 2, 4, 6, 8 with 100.00 each
    assert_eq!((input.rows.quarantined, input.rows.unreadable), (10, 6));
    assert_eq!((input.money["CZK"].read, input.money["CZK"].quarantined), (40_000 + 10_510, 40_000));
    assert_eq!(ingested.exits, vec![Exit::Quarantine]);
    let shown = ingested.diagnostics.iter().find(|d| d.code == "CEL301").unwrap().render();
    assert!(shown.contains("orders.csv, row 2, column \"Vytvořeno\"") && shown.contains("test.toml:22"), "{shown}");
}

#[test]
fn undecodable_bytes_refuse_their_row_alone() {
    let mut content = HEADER.as_bytes().to_vec();
    content.extend_from_slice(b"A1;Nov\xE1;9.11.2026;;100;0\n");
    content.extend_from_slice("A2;Nová;9.11.2026;;100;0\n".as_bytes());
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "undecodable", "Stav")]);
    let byte = HEADER.len() + 6;
    assert!(
        ingested.quarantine[0].expected().contains(&format!("byte {byte} ")),
        "{}",
        ingested.quarantine[0].expected()
    );
    assert_eq!(ingested.frames.orders.height(), 1);
    assert_eq!(ingested.inputs[0].money["CZK"].quarantined, 10_000);
}

#[test]
fn a_cut_file_loses_its_last_row() {
    let content = format!("{HEADER}A1;Nová;9.11.2026;;100;0\nA2;Nová;9.1");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(3, "truncated", "")]);
}

#[test]
fn quoted_line_breaks_keep_physical_lines() {
    let content = format!("{HEADER}\"A\n1\";Nová;9.11.2026;;100;0\nA2;Nová;9.11.2026;;x;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(4, "not_an_amount", "Zboží")]);
    assert_eq!(number(&ingested.frames.orders, "row", 0), Some(2));
}

#[test]
fn an_unclosed_quote_is_refused_at_its_line() {
    let rows = "A2;Nová;9.11.2026;;100;0\n".repeat(200);
    let content = format!("{HEADER}A1;\"Nová;9.11.2026;;100;0\n{rows}");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    assert!(ingested.diagnostics[0].render().contains("row 2"), "{}", ingested.diagnostics[0].render());
}

#[test]
fn without_header_rows_may_be_ragged() {
    let mut events =
        source("events", Kind::TrackingEvents, "dump.csv", "tracking_number_raw=2 at=3 code_raw=5 order_no=7");
    csv(&mut events).header = false;
    (events.account, events.carrier, events.vocabulary) = (None, Some("mover".into()), Some("api".into()));
    let content = "x;z 450-7169;9.11.2026 10:00;;D1\n\
                   x;Z4507169;10.11.2026;;N9;;O-7;extra\n\
                   x;Z4507169;10.11.2026\n\
                   x;Z4507170;10.11.2026;;??\n";
    let ingested = Night::new().file("dump.csv", content).source(events).run();
    let frame = &ingested.frames.tracking_events;
    assert_eq!(frame.height(), 3);
    assert_eq!((text(frame, "tracking_number_raw", 0), text(frame, "tracking_number", 0)), ("z 450-7169", "Z4507169"));
    assert_eq!(
        (text(frame, "code", 0), text(frame, "code", 1), text(frame, "code", 2)),
        ("delivered", "ignored", "unknown")
    );
    assert_eq!(
        (text(frame, "carrier", 0), text(frame, "vocabulary", 0), text(frame, "source", 0)),
        ("mover", "api", "events")
    );
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("<null>", "O-7"));
    let date_only = frame.column("date_only").unwrap().bool().unwrap();
    assert_eq!((date_only.get(0), date_only.get(1)), (Some(false), Some(true)));
    assert_eq!(number(frame, "at_on", 1), Some(day("2026-11-10")));
    assert_eq!(reasons(&ingested), vec![(3, "field_count", "")]);
    assert_eq!(ingested.inputs[0].rows.unreadable, 0);
}

#[test]
fn a_day_without_a_year_and_amounts_with_words() {
    let columns = "day=Nap method=Szállítás paid=Fizetett cancelled=Lemondva";
    let mut overview = source("overview", Kind::PostageOverview, "overview-*.csv", columns);
    overview.cells.dates = vec!["%d. %m.".into()];
    overview.report_month = Some(Regex::new(r"overview-(?P<y>\d{4})-(?P<m>\d{2})\.csv").unwrap());
    let content = "Nap;Szállítás;Fizetett;Lemondva\n\
                   13.\u{a0}1.;ČP;89\u{a0}cseh\u{a0}koronát;0 cseh koronát\n\
                   14.\u{a0}1.;ČP;0 cseh koronát;89 cseh koronát\n\
                   15. 1.;Posel;89 cseh koronát;\n";
    let night = Night::new().file("overview-2026-01.csv", content).file("overview-x.csv", content).source(overview);
    let ingested = night.run();
    let frame = &ingested.frames.postage_overview;
    assert_eq!(frame.height(), 2);
    assert_eq!(number(frame, "day", 0), Some(day("2026-01-13")));
    assert_eq!((text(frame, "method", 0), text(frame, "currency", 0)), ("Czech Post", "CZK"));
    assert_eq!((number(frame, "paid", 0), number(frame, "cancelled", 1)), (Some(8_900), Some(8_900)));
    // an empty cell is not 0; the file without a month has no year
    let mut expected = vec![
        (2, "year_unknown", "Nap"),
        (3, "year_unknown", "Nap"),
        (4, "year_unknown", "Nap"),
        (4, "empty", "Lemondva"),
    ];
    let mut found = reasons(&ingested);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_word_without_a_counterpart_is_used() {
    let content = format!("{HEADER}A1;Elfogadva;9.11.2026;;100;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    let frame = &ingested.frames.orders;
    assert_eq!((text(frame, "status_raw", 0), text(frame, "status", 0)), ("Elfogadva", "unknown"));
}

#[test]
fn rows_after_the_as_of_day_stay_and_are_counted() {
    let content = format!("{HEADER}A1;Nová;30.11.2026 23:59;;100;0\nA2;Nová;1.12.2026 00:00;;100;0\nA3;Nová;;;1;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.frames.orders.height(), 3);
    assert_eq!(ingested.inputs[0].after_as_of, 1);
}
