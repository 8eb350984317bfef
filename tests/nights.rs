//! What a night knows of the last one: which row resolved a finding, and which finding came back.

use serde_json::Value;

use crate::scenarios::{ORDERS, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, TRACKING, x11};

/// `resolved.csv` as code and the cell that resolved it.
fn resolved(scene: &Scene, as_of: &str) -> Vec<(String, Value)> {
    let text = scene.published(as_of, "resolved.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let place = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let (code, by) = (place("code"), place("resolved_by"));
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| (row[code].to_owned(), serde_json::from_str(&row[by]).unwrap_or(Value::Null))).collect()
}

/// Code and state of every finding, with the day it was first seen.
fn states(scene: &Scene, as_of: &str) -> Vec<String> {
    let text = scene.published(as_of, "findings.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let place = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let columns = [place("code"), place("state"), place("first_seen"), place("nights_open")];
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| columns.iter().map(|column| &row[*column]).collect::<Vec<_>>().join(" ")).collect()
}

const HEADER: &str = "statement,paid,order,kind,amount\n";

#[test]
fn an_unpaid_order_is_resolved_by_the_payout_line_and_reopened_without_it() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    // Another statement of the payout date was read: the order is unpaid when the grace is over.
    let without = format!("{HEADER}S1,2026-11-11,,fee,-1.00\n");
    scene.write("payouts.csv", &without);
    assert_eq!(states(&scene, "2026-11-20"), ["PY-001 new 2026-11-20 0"]);
    scene.write("payouts.csv", &format!("{without}S2,2026-11-21,1,sale,1965.16\n"));
    let gone = resolved(&scene, "2026-11-21");
    let by = &gone[0].1;
    assert_eq!(gone[0].0, "PY-001");
    assert_eq!((&by["file"], &by["row"], &by["column"]), (&"payouts.csv".into(), &3.into(), &"amount".into()));
    assert_eq!((&by["before"], &by["value"]), (&"".into(), &"1965.16".into()));
    scene.write("payouts.csv", &without);
    assert_eq!(states(&scene, "2026-11-22"), ["PY-001 reopened 2026-11-20 2"]);
    assert_eq!(states(&scene, "2026-11-23"), ["PY-001 open 2026-11-20 3"]);
}

#[test]
fn a_missing_mark_is_resolved_by_the_order_row_that_has_it() {
    let scene = Scene::new(&[ORDERS, TRACKING]);
    let order = |status: &str, delivered: &str| {
        let row = format!("2026-05-01 10:05;2026-05-04 09:00;{delivered};;2026-05-30;Zásilkovna;89,00;Z1234567890");
        format!("1;{status};2026-05-01 10:00;{row};A;2;0;499,00;18\n")
    };
    scene.orders(&order("Elküldve", ""));
    scene.write("tracking.csv", "number,at,code\nZ1234567890,2026-05-05 08:00,2\nZ1234567890,2026-05-07 14:00,7\n");
    assert_eq!(states(&scene, "2026-05-25"), ["ST-002 new 2026-05-25 0"]);
    scene.orders(&order("Doručeno", "2026-05-26 08:00"));
    let gone = resolved(&scene, "2026-05-26");
    let by = &gone[0].1;
    assert_eq!((&by["side"], &by["row"], &by["column"]), (&"orders".into(), &2.into(), &"Stav".into()));
    assert_eq!((&by["before"], &by["value"]), (&"Elküldve".into(), &"Doručeno".into()));
}

#[test]
fn an_order_that_is_gone_resolves_by_no_row() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&format!(
        "{}2;Doručeno;2026-10-01 10:00;{RECEIVED_ON_20_OCTOBER};Zásilkovna;0,00;;A;1;0;100,00;18\n",
        x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0)
    ));
    scene.write("payouts.csv", &format!("{HEADER}S1,2026-11-11,1,sale,1965.16\nS1,2026-11-11,2,sale,80.00\n"));
    assert_eq!(states(&scene, "2026-11-20"), ["PY-004 new 2026-11-20 0"]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{HEADER}S1,2026-11-11,1,sale,1965.16\n"));
    assert_eq!(resolved(&scene, "2026-11-21"), [("PY-004".to_owned(), Value::Null)]);
}
