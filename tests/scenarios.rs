//! Small pipelines written by hand, with figures worked by hand: the worked examples of the rulebook, and bad inputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::workbench::{folder_of, keys, run_into};

/// A folder with one account that pays by calendar, and exports written by the test.
pub struct Scene {
    scratch: tempfile::TempDir,
}

pub const HEAD: &str = r#"
[pipeline]
name = "scene"
packs = ["marketplaces/slevomat", "carriers/packeta"]

[[account]]
name = "shop"
marketplace = "slevomat"
currency = "CZK"
timezone = "Europe/Prague"
complete = true
"#;

pub const ORDERS: &str = r#"
[[source]]
name = "orders"
kind = "orders"
account = "shop"
glob = "orders*.csv"
lines = true

[source.csv]
delimiter = ";"
decimal = ","
dates = ["%Y-%m-%d %H:%M", "%Y-%m-%d"]

[source.columns]
order_no = "Order"
status_raw = "Stav"
paid_at = "Paid"
created_at = "Created"
shipped_at = "Shipped"
delivered_at = "Delivered"
cancelled_at = "Cancelled"
expected_delivery_date = "Expected"
shipping_method = "Method"
delivery_price = "Postage"
tracking_number_raw = "Parcel"
sku = "Article"
qty = "Pieces"
qty_cancelled = "Cancelled pieces"
unit_price_gross = "Price"
commission_ppm = "Commission"
"#;

pub const ORDERS_HEADER: &str = "Order;Stav;Created;Paid;Shipped;Delivered;Cancelled;Expected;Method;Postage;Parcel;Article;Pieces;Cancelled pieces;Price;Commission\n";

pub const PAYOUTS: &str = r#"
[[source]]
name = "payouts"
kind = "payout_lines"
account = "shop"
glob = "payouts.csv"

[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]

[source.columns]
statement_id = "statement"
paid_on = "paid"
order_no = "order"
kind_raw = "kind"
amount = "amount"
"#;

pub const TRACKING: &str = r#"
[[source]]
name = "tracking"
kind = "tracking_events"
glob = "tracking.csv"
carrier = "packeta"
vocabulary = "packeta-api"
timezone = "Europe/Prague"

[source.csv]
dates = ["%Y-%m-%d %H:%M"]

[source.columns]
tracking_number_raw = "number"
at = "at"
code_raw = "code"
"#;

impl Scene {
    pub fn new(sources: &[&str]) -> Scene {
        let scene = Scene { scratch: tempfile::tempdir().expect("a folder") };
        scene.write("pipeline.toml", &format!("{HEAD}{}", sources.concat()));
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn orders(&self, rows: &str) -> &Scene {
        self.write("orders.csv", &format!("{ORDERS_HEADER}{rows}"));
        self
    }

    pub fn findings(&self, as_of: &str) -> Vec<String> {
        let outcome = run_into(&self.path("pipeline.toml"), &self.path("reports"), Some(as_of));
        keys(&folder_of(&outcome).join("findings.csv"), &["code", "order_no", "money", "currency"])
    }

    pub fn published(&self, as_of: &str, file: &str) -> String {
        let outcome = run_into(&self.path("pipeline.toml"), &self.path("reports"), Some(as_of));
        fs::read_to_string(folder_of(&outcome).join(file)).expect("a published file")
    }

    pub fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_trueup"))
            .current_dir(self.scratch.path())
            .args(arguments)
            .output()
            .expect("trueup runs")
    }

    pub fn run(&self, as_of: &str) -> (i32, String) {
        let output = self.command(&["run", "pipeline.toml", "--as-of", as_of]);
        (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// X11: 2 × 499.00 and 1 × 1290.00, postage 89.00, commission 18 %.
pub fn x11(status: &str, dates: &str, cancelled_pieces: u32) -> String {
    format!(
        "1;{status};2026-10-01 10:00;{dates};Zásilkovna;89,00;;A;2;{cancelled_pieces};499,00;18\n\
         1;{status};2026-10-01 10:00;{dates};Zásilkovna;89,00;;B;1;0;1290,00;18\n"
    )
}

pub const RECEIVED_ON_20_OCTOBER: &str = "2026-10-01 10:05;2026-10-02 09:00;2026-10-20 12:00;;2026-10-25";

#[test]
fn cash_that_is_not_computable_is_never_zero() {
    let orders: String =
        ORDERS.lines().filter(|line| !line.contains("ommission")).map(|line| format!("{line}\n")).collect();
    let scene = Scene::new(&[&orders, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    let manifest: serde_json::Value = serde_json::from_str(&scene.published("2026-11-20", "run.json")).expect("JSON");
    let settlement = &manifest["accounts"][0]["settlement"]["CZK"];
    assert!(settlement["expected"].is_null() && settlement["difference"].is_null(), "{settlement}");
    assert_eq!((&settlement["paid"], &settlement["not_computable"]), (&"1965.16".into(), &1.into()));
    let day = manifest["payouts"].as_array().expect("days").iter().find(|day| day["date"] == "2026-11-11");
    let day = day.expect("the payout date of X11");
    assert!(day["eligible"].is_null() && day["at_risk"].is_null(), "{day}");
    let page = scene.published("2026-11-20", "index.html");
    assert!(page.contains("NOT COMPUTABLE: what 1 due orders of account shop"), "{page}");
}

#[test]
fn x11_is_paid_to_the_halers() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    // Received 20 October + 19 = 8 November, paid 11 November.
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    assert!(scene.findings("2026-11-20").is_empty());
    let manifest = scene.published("2026-11-20", "run.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let settlement = &manifest["accounts"][0]["settlement"]["CZK"];
    assert_eq!((&settlement["expected"], &settlement["paid"]), (&"1965.16".into(), &"1965.16".into()));
    assert_eq!(settlement["difference"], "0.00");
    assert_eq!(manifest["payouts"][0]["date"], "2026-11-11");
}

#[test]
fn x12_commission_on_postage_replaces_underpaid() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1949.14\n");
    assert_eq!(scene.findings("2026-11-20"), ["FE-001 | 1 | 16.02 | CZK"]);
}

#[test]
fn a_shortfall_larger_than_the_commission_on_postage_stands_beside_it() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    // 2288.00 − 411.84 − 16.02 + 89.00, and 500.00 too little.
    scene.write(
        "payouts.csv",
        "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1788.00\nS1,2026-11-11,1,commission,-427.86\nS1,2026-11-11,1,postage,89.00\n",
    );
    assert_eq!(scene.findings("2026-11-20"), ["FE-001 | 1 | 16.02 | CZK", "PY-004 | 1 | 516.02 | CZK"]);
}

#[test]
fn pieces_cancelled_on_days_of_their_own_go_back_on_those_days() {
    let columns = ORDERS.replace("[source.columns]", "[source.columns]\nline_cancelled_at = \"Line cancelled\"");
    let scene = Scene::new(&[&columns]);
    let head = "1;Doručeno;2026-01-13;2026-01-13;;;;2026-01-20;Zásilkovna;89,00;";
    let header = ORDERS_HEADER.trim_end();
    scene.write(
        "orders.csv",
        &format!("{header};Line cancelled\n{head};A;1;1;100,00;18;2026-01-14\n{head};B;1;1;50,00;18;2026-01-15\n"),
    );
    let days = scene.published("2026-01-31", "day-shipping.csv");
    let rows: Vec<&str> = days.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "shop,2026-01-13,Zásilkovna,CZK,1,150.00,89.00,0,0.00,0.00",
            "shop,2026-01-14,Zásilkovna,CZK,0,0.00,0.00,0,100.00,0.00",
            "shop,2026-01-15,Zásilkovna,CZK,0,0.00,0.00,1,50.00,89.00",
        ]
    );
}

#[test]
fn x13_postage_stays_on_a_partial_cancellation() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 1));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1466.98\n");
    assert_eq!(scene.findings("2026-11-20"), ["PO-001 | 1 | 89.00 | CZK"]);
    let manifest: serde_json::Value = serde_json::from_str(&scene.published("2026-11-20", "run.json")).expect("JSON");
    assert_eq!(manifest["accounts"][0]["settlement"]["CZK"]["expected"], "1555.98");
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1555.98\n");
    // The statement of a closed day pays more than last night.
    assert_eq!(scene.findings("2026-11-21"), ["DQ-015 |  | 89.00 | CZK"]);
}

#[test]
fn x22_delivered_by_the_carrier_and_not_marked() {
    let scene = Scene::new(&[ORDERS, TRACKING]);
    let row = "2026-05-01 10:05;2026-05-04 09:00;;;2026-05-08;Zásilkovna;89,00;Z1234567890";
    scene.orders(&format!(
        "1;Elküldve;2026-05-01 10:00;{row};A;2;0;499,00;18\n1;Elküldve;2026-05-01 10:00;{row};B;1;0;1290,00;18\n"
    ));
    scene.write("tracking.csv", "number,at,code\nZ1234567890,2026-05-05 08:00,2\nZ1234567890,2026-05-07 14:00,7\n");
    // ST-002 suppresses SV-001 on the same order.
    assert_eq!(scene.findings("2026-05-25"), ["ST-002 | 1 | 1965.16 | CZK"]);
    // Marked on 7 May it would have been paid on 2 June; marked today it is billed on 13 June and paid on 22 June, as 21 June is a
    // Sunday: twenty days later.
    let text = scene.published("2026-05-25", "findings.ndjson");
    let finding: serde_json::Value = serde_json::from_str(text.lines().next().expect("a finding")).expect("JSON");
    let proof = finding["evidence"].as_array().expect("evidence");
    let value = |name: &str| proof.iter().find(|cell| cell["column"] == name).expect("a cell")["value"].clone();
    assert_eq!(value("payout_if_marked_in_time"), "2026-06-02");
    assert_eq!(value("payout_if_marked_today"), "2026-06-22");
}

#[test]
fn declared_coverage_proves_the_silence_of_a_parcel() {
    let row = "2026-10-01 10:05;2026-10-02 09:00;2026-10-05 12:00;;2026-10-25;Zásilkovna;89,00;Z1234567890";
    let orders = format!(
        "1;Doručeno;2026-10-01 10:00;{row};A;2;0;499,00;18\n1;Doručeno;2026-10-01 10:00;{row};B;1;0;1290,00;18\n"
    );
    let silent = "number,at,code\nZ1234567890,2026-10-03 08:00,2\n";
    let judge = |tracking: &str| {
        let scene = Scene::new(&[ORDERS, tracking]);
        scene.orders(&orders);
        scene.write("tracking.csv", silent);
        scene.findings("2026-10-24")
    };
    // The dump ends with its only event: nobody knows whether the parcel fell silent.
    assert!(judge(TRACKING).is_empty());
    let covers = "timezone = \"Europe/Prague\"\ncovers = { from = 2026-10-01, to = 2026-10-17 }";
    let declared = TRACKING.replace("timezone = \"Europe/Prague\"", covers);
    assert_eq!(judge(&declared), ["ST-001 | 1 | 1965.16 | CZK"]);
    assert!(judge(&declared.replace("to = 2026-10-17", "to = 2026-10-16")).is_empty());
}

#[test]
fn an_order_whose_commission_is_unknown_was_not_paid_by_mistake() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace(";18\n", ";\n"));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    assert!(scene.findings("2026-11-20").is_empty());
}

pub const OVERVIEW: &str = r#"
[[source]]
name = "overview"
kind = "postage_overview"
account = "shop"
glob = "overview-*.csv"
report_month = "overview-{yyyy}-{mm}.csv"

[source.csv]
delimiter = ";"
decimal = ","
dates = ["%d. %m."]

[source.columns]
day = "Nap"
method = "Szállítás"
paid = "Fizetett"
cancelled = "Lemondva"
"#;

#[test]
fn a_cancellation_on_another_day_repeats_the_row_and_ties_out_with_the_overview() {
    let scene = Scene::new(&[ORDERS, OVERVIEW]);
    scene.orders(
        "1;Lemondva;2026-01-13 10:00;2026-01-13 10:05;;;2026-01-14 09:00;2026-01-20;ČP;89,00;;A;1;0;500,00;18\n",
    );
    // The printed table of S1: no-break spaces, unit words, no year.
    scene.write(
        "overview-2026-01.csv",
        "Nap;Szállítás;Fizetett;Lemondva\n13.\u{a0}1.;ČP;89\u{a0}cseh koronát;0\u{a0}cseh koronát\n14.\u{a0}1.;ČP;0\u{a0}cseh koronát;89\u{a0}cseh koronát\n",
    );
    let days = scene.published("2026-01-31", "day-shipping.csv");
    let rows: Vec<&str> = days.lines().collect();
    assert_eq!(
        rows,
        [
            "account,day,shipping_method,currency,orders_paid,goods_paid,postage_paid,orders_cancelled,goods_cancelled,postage_cancelled",
            "shop,2026-01-13,Česká pošta,CZK,1,500.00,89.00,0,0.00,0.00",
            "shop,2026-01-14,Česká pošta,CZK,0,0.00,0.00,1,500.00,89.00",
        ]
    );
    assert!(scene.findings("2026-01-31").is_empty());
}

#[test]
fn an_overview_that_differs_by_a_haler_is_found() {
    let scene = Scene::new(&[ORDERS, OVERVIEW]);
    scene.orders(
        "1;Lemondva;2026-01-13 10:00;2026-01-13 10:05;;;2026-01-14 09:00;2026-01-20;ČP;89,00;;A;1;0;500,00;18\n",
    );
    scene.write("overview-2026-01.csv", "Nap;Szállítás;Fizetett;Lemondva\n13. 1.;ČP;89,01 Kč;0\n14. 1.;ČP;0;89\n");
    assert_eq!(scene.findings("2026-01-31"), ["PO-003 |  | 0.01 | CZK"]);
}

/// An order that we refused is missing on our side: the day is not judged, a greater difference is (rulebook §16.18).
#[test]
fn a_day_whose_order_is_in_quarantine_is_not_held_against_the_overview() {
    let scene = Scene::new(&[ORDERS, OVERVIEW]);
    scene.orders(
        "1;Doručena;2026-01-13 10:00;2026-01-13 10:05;;;;2026-01-20;ČP;89,00;;A;1;0;500,00;18\n2;Nová;2026-01-13 10:00;2026-01-13 10:05;;;;2026-01-20;ČP;89,00;;A;1;0;500,00;18\n",
    );
    let judged = |paid: &str| {
        scene.write("overview-2026-01.csv", &format!("Nap;Szállítás;Fizetett;Lemondva\n13. 1.;ČP;{paid};0\n"));
        scene.findings("2026-01-31").into_iter().filter(|row| row.starts_with("PO-003")).collect::<Vec<_>>()
    };
    assert!(judged("178").is_empty());
    assert_eq!(judged("267"), ["PO-003 |  | 178.00 | CZK"]);
}

fn honest_row() -> String {
    format!("1;Doručeno;2026-10-01 10:00;{RECEIVED_ON_20_OCTOBER};Zásilkovna;89,00;;A;1;0;499,00;18\n")
}

#[test]
fn a_malformed_date_is_quarantined_and_named() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&format!("{}2;Doručeno;31.2.2026;;;;;;;89,00;;A;1;0;499,00;18\n", honest_row()));
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    for part in ["orders.csv", "row 3", "Created", "31.2.2026", "%Y-%m-%d", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn a_malformed_date_in_a_workbook_is_named_with_its_sheet() {
    let scene = Scene::new(&[&ORDERS
        .replace("orders*.csv", "orders.xlsx")
        .replace("[source.csv]\ndelimiter = \";\"", "[source.xlsx]\nsheet = \"Objednávky\"")]);
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Objednávky").expect("a name");
    let rows = format!("{ORDERS_HEADER}{}2;Doručeno;31.2.2026;;;;;;;89;;A;1;0;499;18", honest_row());
    for (row, line) in rows.lines().enumerate() {
        for (column, cell) in line.split(';').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).expect("a cell");
        }
    }
    workbook.save(scene.path("orders.xlsx")).expect("a workbook");
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    for part in ["orders.xlsx", "Objednávky", "cell C3", "Created", "31.2.2026", "%Y-%m-%d", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn more_pieces_cancelled_than_ordered_are_quarantined() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&format!("{}2;Doručeno;2026-10-01;;;;;;;89,00;;A;1;2;499,00;18\n", honest_row()));
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    for part in ["row 3", "Cancelled pieces", "more pieces cancelled than ordered", "0 to 1 pieces"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn an_unknown_status_is_quarantined_and_named() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&format!("{}2;Dorucenoo;2026-10-01;;;;;;;89,00;;A;1;0;499,00;18\n", honest_row()));
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    for part in ["orders.csv", "row 3", "Stav", "Dorucenoo", "`order_status`", "doruceno", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn a_missing_column_is_refused_and_nothing_is_published() {
    let scene = Scene::new(&[ORDERS]);
    scene.write("orders.csv", "Order;Created\n1;2026-10-01\n");
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 3, "{told}");
    for part in ["orders.csv", "row 1", "`Order`, `Created`", "`Stav` for status_raw", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
    assert!(!scene.path("reports/scene/latest").exists());
}

#[test]
fn without_its_orders_an_account_is_not_computable_and_never_zero() {
    let orders = ORDERS.replace("lines = true", "lines = true\nif_refused = \"publish_without\"");
    let scene = Scene::new(&[&orders, PAYOUTS]);
    scene.write("orders.csv", "Order;Created\n1;2026-10-01\n");
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    let text = fs::read_to_string(scene.path("reports/scene/2026-11-20/run.json")).expect("run.json");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let settlement = &manifest["accounts"][0]["settlement"]["CZK"];
    assert!(settlement["expected"].is_null() && settlement["difference"].is_null(), "{settlement}");
    let payout = &manifest["payouts"][0];
    assert!(payout["eligible"].is_null(), "{payout}");
    assert_eq!(payout["paid"], "1965.16");
}

#[test]
fn a_wrong_encoding_quarantines_the_row_that_shows_it() {
    let scene = Scene::new(&[ORDERS]);
    let mut bytes = format!("{ORDERS_HEADER}{}", honest_row()).into_bytes();
    bytes.extend(b"2;Doru\xe8eno;2026-10-01;;;;;;;89,00;;A;1;0;499,00;18\n");
    fs::write(scene.path("orders.csv"), bytes).expect("a file");
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 4, "{told}");
    for part in ["orders.csv", "row 3", "stav", "doru\u{fffd}eno", "text in utf-8; byte", "pipeline.toml:"] {
        assert!(told.to_lowercase().contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let scene = Scene::new(&[ORDERS]);
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 9, "{told}");
    for part in ["orders*.csv", "no file", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

#[test]
fn a_mistake_in_the_pipeline_is_shown_with_line_and_caret() {
    let scene = Scene::new(&[&ORDERS.replace("account = \"shop\"", "account = \"shopp\"")]);
    scene.orders(&honest_row());
    let (code, told) = scene.run("2026-11-20");
    assert_eq!(code, 2, "{told}");
    for part in ["no such account", "pipeline.toml:", "^", "did you mean `shop`?"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
    let version = Scene::new(&[&ORDERS.replace("lines = true", "lines = true\nversion = \"created\"")]);
    let (code, told) = version.run("2026-11-20");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("the version is no bound column") && told.contains("created_at"), "{told}");
    let personal = Scene::new(&[&ORDERS.replace("lines = true", "lines = true\npersonal = [\"Order\"]")]);
    let (code, told) = personal.run("2026-11-20");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("a key cannot be personal") && told.contains("`order_no`"), "{told}");
    let unknown = Scene::new(&[&ORDERS.replace("glob =", "globb =")]);
    let (code, told) = unknown.run("2026-11-20");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("globb") && told.contains("did you mean `glob`?"), "{told}");
}

#[test]
fn findings_alone_exit_0_unless_asked() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1000.00\n");
    assert_eq!(scene.run("2026-11-20").0, 0);
    let fails = scene.command(&["run", "pipeline.toml", "--as-of", "2026-11-20", "--fail-on", "high"]);
    assert_eq!(fails.status.code(), Some(1));
    let passes = scene.command(&["run", "pipeline.toml", "--as-of", "2026-11-20", "--fail-on", "critical"]);
    assert_eq!(passes.status.code(), Some(0));
}

#[test]
fn without_an_as_of_date_there_is_no_run() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&honest_row());
    let output = scene.command(&["run", "pipeline.toml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_held_output_is_left_alone() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&honest_row());
    let folder = scene.path("reports/scene");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = fs::File::create(folder.join(".lock")).expect("a lock");
    lock.try_lock().expect("held by the test");
    assert_eq!(scene.run("2026-11-20").0, 8);
}

#[test]
fn check_writes_nothing_and_says_what_is_not_read() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&honest_row());
    let output = scene.command(&["check", "pipeline.toml", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["inputs"][0]["rows"]["used"], 1);
    assert!(!scene.path("reports").exists());
}

#[test]
fn explain_tells_the_story_of_an_order() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1949.14\n");
    assert_eq!(scene.run("2026-11-20").0, 0);
    let output = scene.command(&["explain", "reports/scene", "1"]);
    let story = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for part in [
        "shop/1",
        "goods 2288.00 − cancelled 0.00 − commission 411.84 + postage 89.00",
        "received 2026-10-20 → billing 2026-11-08 → payout 2026-11-11",
        "FE-001 high (new), 16.02 CZK",
        "PY-004 suppressed by FE-001",
        "payouts.csv:2",
    ] {
        assert!(story.contains(part), "{part} is not told:\n{story}");
    }
    assert_eq!(scene.command(&["explain", "reports/scene", "none"]).status.code(), Some(2));
}

#[test]
fn unknown_things_exit_2() {
    let here = Path::new(".");
    let code = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_trueup"))
            .current_dir(here)
            .args(arguments)
            .output()
            .expect("trueup runs")
            .status
            .code()
    };
    assert_eq!(code(&["rules", "XX-999"]), Some(2));
    assert_eq!(code(&["rules", "ST-001"]), Some(0));
    assert_eq!(code(&["calendar", "nowhere", "--from", "2026-01-01", "--to", "2026-02-01"]), Some(2));
    assert_eq!(code(&["calendar", "slevomat", "--from", "2026-01-01", "--to", "2026-02-01"]), Some(0));
    assert_eq!(code(&["fly"]), Some(2));
}
