//! Properties of whole runs.

use super::*;

#[test]
fn a_large_file_in_pieces_is_the_same_as_in_one() {
    let mut content = HEADER.to_owned();
    for order in 0..130_000 {
        let amount = if order % 1000 == 7 { "x" } else { "1 234,50 Kč" };
        content.push_str(&format!("A{order:06};Doručeno;9.11.2026 10:00;;\"{amount}\";89,00\n"));
    }
    assert!(content.len() > 8 << 20 || content.len() > 4 << 20);
    let night = Night::new().file("orders.csv", content).source(orders());
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| night.run());
    let many = pool(4).install(|| night.run());
    assert_eq!(one.quarantine, many.quarantine);
    assert_eq!(one.inputs, many.inputs);
    assert!(one.frames.orders.equals_missing(&many.frames.orders));
    assert_eq!((one.quarantine.len(), one.quarantine[0].row), (130, 9));
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
