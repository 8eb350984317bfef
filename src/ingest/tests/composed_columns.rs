//! Values that stand in several columns, rows that say nothing, texts that mean nothing.

use super::*;
use crate::pipeline::source::{Composed, Skip, Spot};

fn spot(header: &str) -> Spot {
    Spot { headers: vec![header.to_owned()], position: None }
}

/// Lines whose amount is `Kladná` less `Poplatek`, and whose kind is the first of two columns.
fn payouts() -> Source {
    let columns = "order_no=Číslo kind_raw=Druh|Typ amount=Kladná|Poplatek note=Poznámka";
    let mut source = source("payouts", Kind::PayoutLines, "payouts.csv", columns);
    source.columns[1].composed = Some(Composed::First { spots: vec![spot("Druh"), spot("Typ")], pattern: None });
    source.columns[2].composed = Some(Composed::Sum(vec![(spot("Kladná"), false), (spot("Poplatek"), true)]));
    source.cells.nulls = vec!["--".to_owned()];
    source.skip = vec![Skip { spots: vec![spot("Typ")], cells: vec!["souhrn".into(), String::new()], none_of: false }];
    source
}

const HEADER: &str = "Číslo;Druh;Typ;Kladná;Poplatek;Poznámka\n";

fn lines(rows: &str) -> Ingested {
    Night::new().file("payouts.csv", format!("{HEADER}{rows}")).source(payouts()).run()
}

#[test]
fn columns_are_added_and_an_empty_one_adds_nothing() {
    let ingested = lines("A1;--;Prodej;100,00;1,50;--\nA2;Poštovné;Prodej;--;2,00;x\nA3;;Prodej;0,10;;\n");
    let frame = &ingested.frames.payout_lines;
    let amounts: Vec<_> = (0..3).map(|row| number(frame, "amount", row)).collect();
    assert_eq!(amounts, [Some(9_850), Some(-200), Some(10)]);
    let kinds: Vec<_> = (0..3).map(|row| text(frame, "kind", row)).collect();
    assert_eq!(kinds, ["sale", "postage", "sale"]);
    assert_eq!((text(frame, "note", 0), text(frame, "note", 1)), ("<null>", "x"));
    assert_eq!(ingested.inputs[0].money["CZK"].read, 9_850 - 200 + 10);
    assert_eq!(ingested.headers[0].bound["amount"], "Kladná - Poplatek");
    assert_eq!(ingested.headers[0].bound["kind_raw"], "Druh or Typ");
    assert_eq!(ingested.headers[0].unbound, Vec::<String>::new());
}

#[test]
fn the_column_of_a_flaw_is_the_one_that_cannot_be_read() {
    let ingested = lines("A1;;Prodej;100,00;x;\nA2;;Prodej;--;;\nA3;Jiné;Prodej;1;;\nA4;;Prodej;1;;\n");
    let expected = [(2, "not_an_amount", "Poplatek"), (3, "empty", "Kladná"), (4, "unknown_word", "Druh")];
    assert_eq!(reasons(&ingested), expected);
    assert_eq!(ingested.quarantine[0].value(), "x");
    // Row 4 can be read, rows 2 and 3 cannot.
    assert_eq!((ingested.inputs[0].rows.quarantined, ingested.inputs[0].rows.unreadable), (3, 2));
}

#[test]
fn one_of_the_columns_is_enough_and_none_is_too_few() {
    let without = Night::new().file("payouts.csv", "Číslo;Typ;Poplatek\nA1;Prodej;5\n").source(payouts()).run();
    assert_eq!(number(&without.frames.payout_lines, "amount", 0), Some(-500));
    assert_eq!(without.headers[0].bound["amount"], "-Poplatek");
    let none = Night::new().file("payouts.csv", "Číslo;Typ;Cena\nA1;Prodej;5\n").source(payouts()).run();
    assert_eq!((none.exits, none.diagnostics[0].code), (vec![Exit::Refused], "HDR201"));
}

#[test]
fn a_row_that_says_nothing_is_structural_and_its_cells_are_not_read() {
    let ingested = lines("A1;;Souhrn.;x;y;\nA2;;--;1;;\nA3;;Prodej;1;;\nA4;;Souhrny;1;;\n");
    assert_eq!(reasons(&ingested), [(5, "unknown_word", "Typ")]);
    let rows = RowCounts { read: 5, used: 1, structural: 3, quarantined: 1, ..RowCounts::default() };
    assert_eq!(ingested.inputs[0].rows, rows);
    assert_eq!(ingested.inputs[0].money["CZK"].read, 200);
}

#[test]
fn without_the_column_that_decides_nobody_knows_which_rows_count() {
    let mut source = payouts();
    source.skip[0].spots = vec![spot("Stav"), spot("Skupina")];
    let night = Night::new().file("payouts.csv", format!("{HEADER}A1;;Prodej;1;;\n")).source(source);
    let refused = night.run();
    assert_eq!((refused.exits, refused.diagnostics[0].code), (vec![Exit::Refused], "HDR206"));
    assert!(refused.diagnostics[0].expected.contains("`Stav` or `Skupina`"), "{}", refused.diagnostics[0].expected);
}

#[test]
fn a_pattern_reads_what_it_finds_in_the_first_text_that_has_it() {
    let mut source = payouts();
    source.columns[0].composed =
        Some(Composed::First { spots: vec![spot("Poznámka"), spot("Číslo")], pattern: Some("#([0-9]+)".into()) });
    let rows = "Platba #17;;Prodej;1;;\nPlatba #17;;Prodej;1;;poplatek #18\nPlatba;;Prodej;1;;sleva\n";
    let ingested = Night::new().file("payouts.csv", format!("{HEADER}{rows}")).source(source).run();
    let frame = &ingested.frames.payout_lines;
    let numbers: Vec<_> = (0..3).map(|row| text(frame, "order_no", row)).collect();
    assert_eq!(numbers, ["17", "18", "<null>"]);
}

#[test]
fn columns_that_add_up_beyond_one_cell_are_refused() {
    let mut source = payouts();
    source.columns[2].composed = Some(Composed::Sum(vec![(spot("Kladná"), false), (spot("Poplatek"), false)]));
    let rows = "A1;;Prodej;1000000000;0,01;\nA2;;Prodej;1000000000;-0,01;\n";
    let ingested = Night::new().file("payouts.csv", format!("{HEADER}{rows}")).source(source).run();
    assert_eq!(reasons(&ingested), [(2, "out_of_range", "Kladná")]);
    assert_eq!(number(&ingested.frames.payout_lines, "amount", 0), Some(99_999_999_999));
}
