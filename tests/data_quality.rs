//! The data beside the previous publication and beside the clock: quarantine, revisions, vanished rows, headers, stale files.

use std::fs;
use std::path::PathBuf;

use trueup::diagnose::Exit;
use trueup::run::Outcome;

use crate::workbench::{folder_of, keys, run_into};

/// A shop with one source of orders.
struct Shop {
    scratch: tempfile::TempDir,
}

const HEAD: &str = r#"
[pipeline]
name = "shop"
packs = ["marketplaces/slevomat"]

[[account]]
name = "shop"
marketplace = "slevomat"
currency = "CZK"
timezone = "Europe/Prague"
complete = true

[[source]]
name = "orders"
kind = "orders"
account = "shop"
glob = "orders*.csv"
export_date = "orders-{yyyy}-{mm}-{dd}.csv"
"#;

const REST: &str = r#"
[source.csv]
delimiter = ";"
decimal = ","
dates = ["%Y-%m-%d %H:%M", "%Y-%m-%d"]

[source.columns]
order_no = "Order"
status_raw = "Stav"
created_at = "Created"
goods_amount = "Goods"
delivery_price = "Postage"
"#;

const HEADER: &str = "Order;Stav;Created;Goods;Postage;Customer\n";

impl Shop {
    /// `keys` are further keys of the source.
    fn new(keys: &str) -> Shop {
        let shop = Shop { scratch: tempfile::tempdir().expect("a folder") };
        shop.write("pipeline.toml", &format!("{HEAD}{keys}{REST}"));
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    /// Orders as `number day goods`, postage 10.00, one per text.
    fn orders(&self, name: &str, orders: &[&str]) {
        let row = |order: &&str| {
            let [number, day, goods] = order.split(' ').collect::<Vec<_>>()[..] else { panic!("{order}") };
            format!("{number};Doručeno;2026-11-{day};{goods};10,00;Jana Nová\n")
        };
        self.write(name, &format!("{HEADER}{}", orders.iter().map(row).collect::<String>()));
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("it was there");
    }

    fn run(&self, as_of: &str) -> Outcome {
        run_into(&self.path("pipeline.toml"), &self.path("reports"), Some(as_of))
    }

    fn published(&self, outcome: &Outcome, name: &str) -> String {
        fs::read_to_string(folder_of(outcome).join(name)).expect("a published file")
    }
}

/// Findings of data quality: `code | subject | money`.
fn findings(outcome: &Outcome) -> Vec<String> {
    let found = keys(&folder_of(outcome).join("findings.csv"), &["code", "subject", "money", "severity"]);
    found.into_iter().filter(|finding| finding.starts_with("DQ-")).collect()
}

fn evidence_of(outcome: &Outcome, code: &str) -> String {
    let found = keys(&folder_of(outcome).join("findings.csv"), &["code", "evidence"]);
    found.into_iter().find(|finding| finding.starts_with(code)).expect("the finding")
}

#[test]
fn rows_that_vanish_within_the_days_of_the_export_are_told_with_their_money() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100", "2 11 200", "3 12 300", "4 13 400", "5 14 500"]);
    assert_eq!(findings(&shop.run("2026-11-20")), Vec::<String>::new());
    shop.remove("orders-2026-11-20.csv");
    // The window has rolled on to the 11th; 2 on its first day may lie before its beginning. 3 and 4 are lost: 310.00 + 410.00.
    shop.orders("orders-2026-11-21.csv", &["6 11 600", "5 14 500", "7 15 700"]);
    let outcome = shop.run("2026-11-21");
    assert_eq!(findings(&outcome), ["DQ-010 | orders | 720.00 | medium"]);
    assert!(evidence_of(&outcome, "DQ-010").contains("3, 4"), "{}", evidence_of(&outcome, "DQ-010"));
}

#[test]
fn a_window_that_rolls_on_and_a_row_in_quarantine_are_no_loss() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100", "2 11 200", "3 12 300"]);
    shop.run("2026-11-20");
    shop.remove("orders-2026-11-20.csv");
    shop.orders("orders-2026-11-21.csv", &["3 12 300", "4 13 400"]);
    assert_eq!(findings(&shop.run("2026-11-21")), Vec::<String>::new());
    shop.remove("orders-2026-11-21.csv");
    shop.orders("orders-2026-11-22.csv", &["3 12 300", "4 13 x", "5 14 500"]);
    assert_eq!(findings(&shop.run("2026-11-22")), ["DQ-003 | orders |  | medium"]);
}

#[test]
fn without_a_complete_account_a_loss_is_low() {
    let shop = Shop::new("");
    let text =
        fs::read_to_string(shop.path("pipeline.toml")).expect("it").replace("complete = true", "complete = false");
    shop.write("pipeline.toml", &text);
    shop.orders("orders-2026-11-20.csv", &["1 10 100", "2 11 200", "3 12 300"]);
    shop.run("2026-11-20");
    shop.remove("orders-2026-11-20.csv");
    shop.orders("orders-2026-11-21.csv", &["1 10 100", "3 12 300"]);
    assert_eq!(findings(&shop.run("2026-11-21")), ["DQ-010 | orders | 210.00 | low"]);
}

#[test]
fn a_header_that_changes_is_told_with_the_nearest_old_one() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100"]);
    shop.run("2026-11-20");
    // The optional column `Goods` is renamed; the older file keeps its header.
    shop.write(
        "orders-2026-11-21.csv",
        "Order;Stav;Created;Goods total;Postage;CUSTOMER ;Note\n1;Doručeno;2026-11-10;100;10;x;y\n",
    );
    let outcome = shop.run("2026-11-21");
    assert_eq!(findings(&outcome), ["DQ-011 | orders |  | medium"]);
    let evidence = evidence_of(&outcome, "DQ-011");
    assert!(evidence.contains(r#"new: \"Goods total\", perhaps formerly \"Goods\"; new: \"Note\""#), "{evidence}");
    // The new header is the accepted one from now on.
    shop.run("2026-11-22");
    let third = fs::read_to_string(shop.path("orders-2026-11-21.csv")).expect("it").replace(";100;", ";101;");
    shop.write("orders-2026-11-22.csv", &third);
    assert_eq!(findings(&shop.run("2026-11-23")), Vec::<String>::new());
}

#[test]
fn yesterdays_file_under_a_new_name_is_noted_and_stale_where_a_new_one_is_expected() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100"]);
    shop.run("2026-11-20");
    fs::rename(shop.path("orders-2026-11-20.csv"), shop.path("orders-2026-11-21.csv")).expect("renamed");
    let outcome = shop.run("2026-11-21");
    assert_eq!(outcome.exit, Exit::Clean);
    let note = outcome.diagnostics.iter().find(|diagnostic| diagnostic.code == "FIL111").expect("a note");
    assert!(note.found.contains("orders-2026-11-20.csv in the publication 2026-11-20"), "{}", note.found);

    let expecting = Shop::new("expect_new = true\n");
    expecting.orders("orders-2026-11-20.csv", &["1 10 100"]);
    assert_eq!(expecting.run("2026-11-20").exit, Exit::Clean);
    let stale = expecting.run("2026-11-21");
    assert_eq!((stale.exit, stale.summary.is_none()), (Exit::Missing, true));
    assert!(stale.diagnostics.iter().any(|diagnostic| diagnostic.code == "FIL112"));
    // One new file beside the old one is enough.
    expecting.orders("orders-2026-11-21.csv", &["2 11 100"]);
    assert_eq!(expecting.run("2026-11-21").exit, Exit::Clean);
}

#[test]
fn rows_after_as_of_are_one_finding_of_their_source() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100", "2 11 200", "3 12 300"]);
    assert_eq!(findings(&shop.run("2026-11-12")), Vec::<String>::new());
    let outcome = shop.run("2026-11-10");
    assert_eq!(findings(&outcome), ["DQ-006 | orders |  | medium"]);
    let evidence = evidence_of(&outcome, "DQ-006");
    assert!(evidence.contains("2026-11-12") && evidence.contains("orders-2026-11-20.csv:4"), "{evidence}");
    // Rows and money in facts, and those dated later, are what was used.
    let manifest: serde_json::Value = serde_json::from_str(&shop.published(&outcome, "run.json")).expect("JSON");
    let money = &manifest["conservation"][1];
    assert_eq!(
        (&money["used"], &money["matched"], &money["later"]),
        (&"630.00".into(), &"110.00".into(), &"520.00".into())
    );
    assert_eq!(money["residue_matched"], "0.00");
}

#[test]
fn excess_decimals_are_refused_or_booked_with_a_finding() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-20.csv", &["1 10 100,005"]);
    let outcome = shop.run("2026-11-20");
    assert_eq!((outcome.exit, findings(&outcome)), (Exit::Quarantine, vec!["DQ-003 | orders |  | medium".to_owned()]));
    let booking = Shop::new("excess_decimals = \"book\"\n");
    booking.orders("orders-2026-11-20.csv", &["1 10 100,005", "2 10 100"]);
    let outcome = booking.run("2026-11-20");
    assert_eq!((outcome.exit, findings(&outcome)), (Exit::Clean, vec!["DQ-012 | orders |  | low".to_owned()]));
    let manifest: serde_json::Value = serde_json::from_str(&booking.published(&outcome, "run.json")).expect("json");
    assert_eq!(manifest["inputs"][0]["booked_residue"], serde_json::json!({ "CZK": "-0.005" }));
    assert!(booking.published(&outcome, "findings.csv").contains("-0.005 CZK"));
    assert!(booking.published(&outcome, "day-shipping.csv").is_empty() || outcome.summary.is_some());
}

#[test]
fn a_day_that_hangs_on_a_clock_change_is_told() {
    // The Azores leave out 00:00 to 01:00 of 29 March 2026; half past one is there.
    let row = |time: &str| format!("{HEADER}1;Doručeno;2026-03-29 {time};100;10,00;Jana Nová\n");
    let found = |zone: &str, time: &str| {
        let shop = Shop::new("");
        let text = fs::read_to_string(shop.path("pipeline.toml")).expect("the pipeline");
        shop.write("pipeline.toml", &text.replace("Europe/Prague", zone));
        shop.write("orders-2026-03-30.csv", &row(time));
        findings(&shop.run("2026-03-30"))
    };
    assert_eq!(found("Atlantic/Azores", "00:30"), ["DQ-013 | orders |  | low"]);
    assert_eq!(found("Atlantic/Azores", "01:30"), Vec::<String>::new());
    // In Prague the clock changes at two: the hour is moved, the day is not.
    assert_eq!(found("Europe/Prague", "02:30"), Vec::<String>::new());
}

#[test]
fn a_damaged_number_names_the_one_it_may_have_been() {
    let shop = Shop::new("");
    let events = r#"
[[source]]
name = "history"
kind = "order_events"
account = "shop"
glob = "history.csv"

[source.csv]
dates = ["%Y-%m-%d"]

[source.columns]
order_no = "order"
at = "at"
to_status_raw = "state"
"#;
    let text = fs::read_to_string(shop.path("pipeline.toml")).expect("it") + events;
    shop.write("pipeline.toml", &text);
    shop.orders("orders-2026-11-20.csv", &["8,59E+12 10 100", "8590000000002 11 100"]);
    // Of the two numbers that round alike, one is another order of the same export.
    shop.write(
        "history.csv",
        "order,at,state\n8590000000001,2026-11-11,Doručeno\n8590000000002,2026-11-11,Doručeno\n8600000000003,2026-11-11,Doručeno\n",
    );
    let outcome = shop.run("2026-11-20");
    // What the damaged number may have been is not missing; the third order is in no export of the complete account.
    assert_eq!(
        findings(&outcome),
        [
            "DQ-003 | orders |  | medium",
            "DQ-005 | orders|8,59E+12 |  | high",
            "DQ-016 | history|8600000000003 |  | medium"
        ]
    );
    let evidence = evidence_of(&outcome, "DQ-005");
    assert!(
        evidence.contains(r#""column":"candidate""#) && evidence.contains(r#""value":"8590000000001""#),
        "{evidence}"
    );
}

#[test]
fn a_calendar_that_ends_is_one_finding_of_the_orders() {
    let shop = Shop::new("");
    let row = "1;Doručeno;2035-12-01;100,00;10,00;x\n";
    shop.write("orders-2035-12-31.csv", &format!("{HEADER}{row}"));
    let columns = fs::read_to_string(shop.path("pipeline.toml")).expect("it") + "delivered_at = \"Created\"\n";
    shop.write("pipeline.toml", &columns.replace("created_at = \"Created\"\n", ""));
    let outcome = shop.run("2035-12-31");
    assert_eq!(findings(&outcome), Vec::<String>::new());
    shop.write("orders-2035-12-31.csv", &format!("{HEADER}{}", row.replace("12-01", "12-20")));
    let outcome = shop.run("2035-12-31");
    assert_eq!(findings(&outcome), ["DQ-014 | orders |  | high"]);
}

#[test]
fn orders_after_the_end_of_a_marketplace_are_one_finding() {
    let found = |currency: &str, days: &[&str]| {
        let shop = Shop::new("");
        let pipeline = fs::read_to_string(shop.path("pipeline.toml")).expect("it");
        shop.write("pipeline.toml", &pipeline.replace("slevomat", "mall").replace("CZK", currency));
        let row = |(number, day): (usize, &&str)| format!("{number};Delivered;{day};100,00;10,00;x\n");
        let rows: String = days.iter().enumerate().map(row).collect();
        shop.write("orders-2025-05-01.csv", &format!("{HEADER}{rows}"));
        let outcome = shop.run("2025-05-01");
        let found = findings(&outcome);
        let evidence = if found.is_empty() { String::new() } else { evidence_of(&outcome, "DQ-008") };
        (found, evidence)
    };
    // The last day of the Czech shop was 31 March 2025 (K40).
    assert_eq!(found("CZK", &["2025-03-30", "2025-03-31"]).0, Vec::<String>::new());
    let (late, evidence) = found("CZK", &["2025-03-31", "2025-04-02", "2025-04-01"]);
    assert_eq!(late, ["DQ-008 | orders |  | info"]);
    assert!(evidence.contains(r#""value":"2""#) && evidence.contains("2025-04-01"), "{evidence}");
    assert_eq!(found("EUR", &["2025-04-01"]).0, Vec::<String>::new());
}

#[test]
fn every_row_that_counts_no_more_is_listed_beside_the_one_in_its_place() {
    let shop = Shop::new("");
    shop.orders("orders-2026-11-19.csv", &["1 10 100", "2 11 200"]);
    shop.orders("orders-2026-11-20.csv", &["1 10 100", "2 11 250", "3 12 300", "3 12 300"]);
    let outcome = shop.run("2026-11-20");
    let columns = ["file", "row", "decision", "by_file", "by_row", "source", "kind"];
    let listed = keys(&folder_of(&outcome).join("revisions.csv"), &columns);
    let (old, new) = ("orders-2026-11-19.csv", "orders-2026-11-20.csv");
    // Which of two identical rows in two files counts is decided by their digests.
    let same = listed.iter().filter(|row| row.contains(" | 2 | duplicate | ")).count();
    assert_eq!((listed.len(), same), (3, 1), "{listed:?}");
    assert!(listed.contains(&format!("{old} | 3 | superseded | {new} | 3 | orders | orders")), "{listed:?}");
    assert!(listed.contains(&format!("{new} | 5 | duplicate | {new} | 4 | orders | orders")), "{listed:?}");
}

#[test]
fn quarantine_has_the_whole_row_and_no_output_a_personal_value() {
    let shop = Shop::new("personal = [\"Customer\", \"Goods\"]\n");
    let long = "Božena Němcová";
    let bad = "2;Doručeno;2026-11-10;4711x;10,00;";
    shop.write("orders-2026-11-20.csv", &format!("{HEADER}1;Doručeno;2026-11-31;100;10,00;{long}\n{bad}{long}\n"));
    let outcome = shop.run("2026-11-20");
    assert_eq!(outcome.exit, Exit::Quarantine);
    let mut reader = csv::Reader::from_path(folder_of(&outcome).join("quarantine.csv")).expect("it");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(header[..6], ["file", "sheet", "row", "column", "value", "reason"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let cell =
        |row: usize, name: &str| rows[row][header.iter().position(|known| known == name).expect(name)].to_owned();
    assert_eq!(
        (cell(0, "row"), cell(0, "column"), cell(0, "value")),
        ("2".into(), "Created".into(), "2026-11-31".into())
    );
    assert_eq!(cell(0, "record"), "1 | Doručeno | 2026-11-31 | *** | 10,00 | ***");
    assert_eq!((cell(1, "value"), cell(1, "reason")), ("***".into(), "unknown_unit".into()));
    assert!(cell(0, "config").starts_with("pipeline.toml:") && !cell(0, "remedy").is_empty());
    assert_eq!((cell(0, "source"), cell(0, "account")), ("orders".into(), "shop".into()));
    // The byte is that of the row in the file, and the digest that of the file.
    let bytes = fs::read(shop.path("orders-2026-11-20.csv")).expect("it");
    let at: usize = cell(1, "byte_offset").parse().expect("a number");
    assert!(bytes[at..].starts_with(bad.as_bytes()));
    assert_eq!(cell(0, "file_sha256").len(), 64);
    let told = trueup::diagnose::render_all(&outcome.diagnostics);
    for (name, bytes) in crate::workbench::bytes_of(&folder_of(&outcome)) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Božena") && !text.contains("4711x"), "{name}");
    }
    assert!(!told.contains("Božena") && !told.contains("4711x"), "{told}");
}

#[test]
fn a_refused_source_that_may_be_left_out_marks_its_account() {
    let shop = Shop::new("if_refused = \"publish_without\"\n");
    shop.write("orders-2026-11-20.csv", "Something;else\n1;2\n");
    let outcome = shop.run("2026-11-20");
    assert_eq!(outcome.exit, Exit::Quarantine);
    let page = shop.published(&outcome, "index.html");
    assert!(page.contains("NOT COMPUTABLE: account shop lacks orders"), "{page}");
    let manifest: serde_json::Value = serde_json::from_str(&shop.published(&outcome, "run.json")).expect("JSON");
    assert_eq!(manifest["left_out"], serde_json::json!(["orders"]));
    assert_eq!(manifest["accounts"][0]["settlement"]["CZK"]["expected"], serde_json::Value::Null);
    let stop = Shop::new("");
    stop.write("orders-2026-11-20.csv", "Something;else\n1;2\n");
    assert_eq!(stop.run("2026-11-20").exit, Exit::Refused);
}
