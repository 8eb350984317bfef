//! Compressed exports: one text in a `.gz` or `.zip`.

use super::packages::{gzip, zip};
use super::*;

fn run(bytes: Vec<u8>) -> Ingested {
    let mut orders = orders();
    orders.glob = "orders*".into();
    Night::new().file("orders-export", bytes).source(orders).run()
}

#[test]
fn one_text_is_read_as_if_it_lay_there() {
    let text = format!("{HEADER}A1;Doručeno;9.11.2026;;100;0\n");
    let plain = run(text.clone().into_bytes());
    for packed in [gzip(&text), zip(&[("orders.csv", text.as_bytes())])] {
        let bytes = packed.len() as u64;
        let ingested = run(packed);
        assert_eq!(ingested.exits, Vec::new());
        assert!(ingested.frames.orders.equals_missing(&plain.frames.orders));
        // The digest and the size are those of the file that lies there.
        assert_eq!(ingested.inputs[0].bytes, bytes);
        assert_ne!(ingested.inputs[0].sha256, plain.inputs[0].sha256);
    }
}

#[test]
fn a_refused_row_has_a_place_in_the_file_only_where_the_file_is_the_text() {
    let text = format!("{HEADER}A1;Doručeno;kdysi;;100;0\n");
    let byte = |bytes: Vec<u8>| {
        let ingested = run(bytes);
        assert_eq!(ingested.quarantine.len(), 1);
        ingested.quarantine[0].byte
    };
    assert_eq!(byte(text.clone().into_bytes()), Some(HEADER.len() as u64));
    assert_eq!((byte(gzip(&text)), byte(zip(&[("orders.csv", text.as_bytes())]))), (None, None));
}

#[test]
fn more_than_one_text_is_refused() {
    let text = format!("{HEADER}A1;Doručeno;9.11.2026;;100;0\n");
    let inner = zip(&[("orders.csv", text.as_bytes())]);
    for packed in [
        zip(&[("a.csv", text.as_bytes()), ("b.csv", text.as_bytes())]),
        zip(&[("orders.zip", &inner)]),
        zip(&[("orders.csv.gz", &gzip(&text))]),
    ] {
        let ingested = run(packed);
        assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "ARC111"));
    }
    let mut cut = gzip(text.repeat(50));
    cut.truncate(cut.len() / 2);
    let ingested = run(cut);
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "ARC112"));
}

/// Reliability 38: a thousand to one, far beyond ten megabytes.
#[test]
fn a_bomb_is_stopped_while_it_inflates() {
    let zeros = "0".repeat(40 << 20);
    let ingested = run(gzip(&zeros));
    assert_eq!(ingested.exits, vec![Exit::Limit]);
    assert!(ingested.diagnostics[0].expected.contains("`ratio`"), "{}", ingested.diagnostics[0].expected);
}
