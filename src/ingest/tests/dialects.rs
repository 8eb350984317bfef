//! Dialects of delimited text: encodings, line ends, quotes, comments, where the header stands, where the file ends.

use super::*;

fn run(orders: Source, content: impl AsRef<[u8]>) -> Ingested {
    Night::new().file("orders.csv", content).source(orders).run()
}

fn refusal(orders: Source, content: impl AsRef<[u8]>) -> Diagnostic {
    let ingested = run(orders, content);
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    ingested.diagnostics.into_iter().find(|d| d.exit == Exit::Refused).unwrap()
}

/// The text of a row that is read as `A1`, delivered, 100,00.
const ROW: &str = "A1;Doručeno;9.11.2026;;100;0";

fn assert_is_row(ingested: &Ingested, line: i64) {
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 1, "{:#?}", ingested.diagnostics);
    assert_eq!((text(frame, "order_no", 0), text(frame, "status", 0)), ("A1", "delivered"));
    assert_eq!((number(frame, "goods_amount", 0), number(frame, "row", 0)), (Some(10_000), Some(line)));
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn every_encoding_reads_alike() {
    let content = format!("{HEADER}{ROW}\n");
    let marked = |bytes: Vec<u8>, mark: &[u8]| [mark, &bytes].concat();
    let wide = |to: fn(u16) -> [u8; 2]| content.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let page = |label: &str| CodePage::named(label).unwrap().encode(&content).unwrap();
    for (declared, bytes, name) in [
        ("utf-8", content.clone().into_bytes(), "utf-8"),
        ("utf-8", marked(content.clone().into_bytes(), b"\xEF\xBB\xBF"), "utf-8"),
        ("utf-8", marked(wide(u16::to_le_bytes), b"\xFF\xFE"), "utf-16le"),
        ("windows-1250", marked(wide(u16::to_be_bytes), b"\xFE\xFF"), "utf-16be"),
        ("utf-16le", wide(u16::to_le_bytes), "utf-16le"),
        ("windows-1250", page("windows-1250"), "windows-1250"),
        ("iso-8859-2", page("iso-8859-2"), "iso-8859-2"),
        ("cp852", page("cp852"), "cp852"),
        ("ibm852", page("cp852"), "cp852"),
    ] {
        let mut orders = orders();
        csv(&mut orders).encoding = encodings(&[declared]);
        let ingested = run(orders, bytes);
        assert_is_row(&ingested, 2);
        assert_eq!(ingested.inputs[0].encoding.as_deref(), Some(name), "{declared}");
        assert!(ingested.diagnostics.is_empty(), "{:?}", ingested.diagnostics);
    }
}

#[test]
fn an_open_encoding_is_noted() {
    let content = format!("{HEADER}{ROW}\n");
    let bytes = CodePage::named("windows-1250").unwrap().encode(&content).unwrap();
    for encoding in [encodings(&["utf-8", "windows-1250"]), TextEncoding::Detected] {
        let mut orders = orders();
        csv(&mut orders).encoding = encoding;
        let ingested = run(orders.clone(), &bytes);
        assert_is_row(&ingested, 2);
        let notes: Vec<_> = ingested.diagnostics.iter().filter(|d| d.code == "TXT503").collect();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].found.starts_with("windows-1250, "), "{}", notes[0].found);
        assert_eq!(notes[0].exit, Exit::Clean);
        let ingested = run(orders, &content);
        assert_eq!(ingested.inputs[0].encoding.as_deref(), Some("utf-8"));
        assert_eq!(ingested.diagnostics[0].found, "utf-8, certain");
    }
}

#[test]
fn what_no_encoding_of_a_list_can_read_refuses_its_row() {
    let mut orders = orders();
    csv(&mut orders).encoding = encodings(&["utf-8", "windows-1250"]);
    let mut bytes = CodePage::named("windows-1250").unwrap().encode(&format!("{HEADER}{ROW}\n")).unwrap();
    let bad = bytes.len() + 2;
    bytes.extend(b"A2\x81;;9.11.2026;;100;0\n");
    let ingested = run(orders, bytes);
    assert_eq!(reasons(&ingested), vec![(3, "undecodable", "Číslo")]);
    assert!(ingested.quarantine[0].expected().contains(&format!("windows-1250; byte {bad} ")));
    assert_eq!(ingested.exits, vec![Exit::Quarantine]);
}

#[test]
fn line_ends_of_any_kind() {
    for end in ["\n", "\r\n", "\r"] {
        let ingested = run(orders(), format!("{HEADER}\n{ROW}\nCelkem;;;;100;0\n\n").replace('\n', end));
        assert_is_row(&ingested, 3);
        let rows = RowCounts { read: 5, used: 1, structural: 4, ..RowCounts::default() };
        assert_eq!(ingested.inputs[0].rows, rows, "{end:?}");
    }
}

#[test]
fn quotes_may_be_letters() {
    let mut orders = orders();
    csv(&mut orders).quote = None;
    let content = format!("{HEADER}\"A\"1;Doručeno;9.11.2026;;100;0\nA2\";Doručeno;9.11.2026;;100;0\n");
    let ingested = run(orders, content);
    let frame = &ingested.frames.orders;
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("\"A\"1", "A2\""));
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn a_declared_header_row() {
    let mut orders = orders();
    csv(&mut orders).header_row = Some(5);
    // The first row that looks like the header is not it.
    let content = format!("Export\n{HEADER}A0;Doručeno;9.11.2026;;7;0\n\n{HEADER}{ROW}\n");
    let ingested = run(orders.clone(), &content);
    assert_is_row(&ingested, 6);
    assert_eq!(ingested.inputs[0].rows.structural, 5);
    let moved = refusal(orders.clone(), format!("\n{content}"));
    assert_eq!(moved.code, "HDR201");
    assert!(moved.render().contains("row 5"), "{}", moved.render());
    assert_eq!(refusal(orders.clone(), HEADER).code, "HDR201");
    // beyond the rows in which a header is looked for
    csv(&mut orders).header_row = Some(80);
    assert_is_row(&run(orders, format!("{}{HEADER}{ROW}\n", "banner;\n".repeat(79))), 81);
}

#[test]
fn comments_are_structural_wherever_they_stand() {
    let mut orders = orders();
    csv(&mut orders).comments = vec!["#".into(), "//".into()];
    let content = format!("# by; hand\n{HEADER} # one\n{ROW}\n// x;y;z\n");
    let ingested = run(orders.clone(), &content);
    assert_is_row(&ingested, 4);
    assert_eq!((ingested.inputs[0].rows.read, ingested.inputs[0].rows.structural), (5, 4));
    // A mark within a row is no comment, and without a declaration none is.
    let ingested = run(orders, format!("{HEADER}A#1;Doručeno;9.11.2026;;100;0\n"));
    assert_eq!(text(&ingested.frames.orders, "order_no", 0), "A#1");
    assert_eq!(reasons(&run(super::orders(), format!("{HEADER}{ROW}\n# one\n"))), vec![(3, "field_count", "")]);
}

#[test]
fn a_declared_trailer_proves_that_the_file_is_whole() {
    let mut orders = orders();
    csv(&mut orders).trailer = Some("konec souboru".into());
    for end in ["Konec souboru\n", "\"Konec souboru\";1;;;;\n", "KONEC SOUBORU 1 řádek", "Konec souboru\r\n\r\n"] {
        assert_is_row(&run(orders.clone(), format!("{HEADER}{ROW}\n{end}")), 2);
    }
    let whole = format!("{HEADER}{ROW}\n\nKonec souboru\n\n");
    let ingested = run(orders.clone(), &whole);
    assert_eq!((ingested.inputs[0].rows.read, ingested.inputs[0].rows.structural), (5, 4));
    for cut in [format!("{HEADER}{ROW}\n"), format!("{HEADER}{ROW}\nKonec"), format!("{whole}{ROW}\n")] {
        let refused = refusal(orders.clone(), cut);
        assert_eq!(refused.code, "FIL113");
        assert!(refused.expected.contains("konec souboru"), "{}", refused.expected);
    }
}

#[test]
fn another_delimiter_than_declared_is_said() {
    let mut orders = orders();
    csv(&mut orders).delimiter = b',';
    let refused = refusal(orders, format!("Export objednávek\n{HEADER}{ROW}\n"));
    assert_eq!((refused.code, refused.message.as_str()), ("HDR205", "1 column, expected 6"));
    assert!(refused.help.contains("delimiter = ';'") && refused.render().contains("row 2"), "{}", refused.render());
    let mut events = source("events", Kind::TrackingEvents, "orders.csv", "tracking_number_raw=2 at=3 code_raw=5");
    (csv(&mut events).header, csv(&mut events).delimiter) = (false, b',');
    (events.account, events.carrier, events.vocabulary) = (None, Some("mover".into()), Some("api".into()));
    let refused = refusal(events, "x;Z1;9.11.2026;;D1\n");
    assert_eq!((refused.code, refused.message.as_str()), ("HDR205", "1 column, expected 5"));
}

#[test]
fn an_unclosed_quote_names_its_line_and_takes_no_more_than_a_record() {
    // 50,000 rows below the quote, and none of them is read again and again
    let rows = format!("{ROW}\n").repeat(50_000);
    let content = format!("{HEADER}{ROW}\n\nA2;\"Nová;9.11.2026;;100;0\n{rows}");
    let refused = refusal(orders(), &content);
    assert_eq!((refused.code, refused.message.as_str()), ("ROW326", "an unclosed quote"));
    assert!(refused.render().contains("row 4"), "{}", refused.render());
    // also where one line never ends
    let content = format!("{HEADER}A2;\"{};9.11.2026;;100;0\n", "x".repeat(300 << 10));
    assert_eq!(refusal(orders(), content).code, "ROW326");
    // and above the header
    let refused = refusal(orders(), format!("\"Export\n{HEADER}{rows}"));
    assert!(refused.code == "ROW326" && refused.render().contains("row 1"), "{}", refused.render());
}

#[test]
fn control_codes_are_noted_and_the_text_stays() {
    let content = format!("{HEADER}A\u{0}1\u{1b};Doručeno;9.11.2026;;100;0\n");
    let ingested = run(orders(), content);
    assert_eq!(text(&ingested.frames.orders, "order_no", 0), "A\u{0}1\u{1b}");
    assert_eq!((ingested.diagnostics[0].code, ingested.diagnostics[0].exit), ("TXT502", Exit::Clean));
    assert_eq!(ingested.exits, Vec::new());
}
