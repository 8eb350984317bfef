//! Orders that were not confirmed in time (ST-014, A23), through the whole program.

use std::fs;

use serde_json::Value;

use crate::workbench::{folder_of, keys, run_into};

const PIPELINE: &str = r#"
[pipeline]
name = "confirmations"
packs = ["marketplaces/mall", "calendars/cz"]

[[account]]
name = "mall-cz"
marketplace = "mall"
currency = "CZK"
timezone = "Europe/Prague"
POLICY

[rules]
only = ["ST-014", "DQ-014"]

[[source]]
name = "orders"
kind = "orders"
account = "mall-cz"
glob = "orders.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
[source.columns]
order_no = "id"
status_raw = "status"
opened_at = "open"
confirmed_at = "shipping"
confirmed = "confirmed"
shipped_at = "shipped"
cancelled_at = "cancelled"
test = "test"
[source.constants]
delivery_price = "29.00"
goods_amount = "100.00"

[[source]]
name = "history"
kind = "order_events"
account = "mall-cz"
glob = "history.csv"
allow_empty = true
[source.csv]
dates = ["%Y-%m-%d %H:%M:%S"]
[source.columns]
order_no = "id"
at = "at"
to_status_raw = "status"
"#;

const HEADER: &str = "id,status,open,shipping,confirmed,shipped,cancelled,test\n";

/// The findings of the night of Tuesday 7 May 2024; the times of `orders` and `history` are of that month: `03 16:00:00` is a Friday.
fn night(policy: &str, orders: &[&str], history: &[&str]) -> (tempfile::TempDir, trueup::run::Outcome) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let dated = |cell: &str| {
        let is_day = cell.len() >= 2 && cell.as_bytes()[..2].iter().all(u8::is_ascii_digit);
        if is_day { format!("2024-05-{cell}") } else { cell.to_owned() }
    };
    let row = |row: &&str| row.split(',').map(dated).collect::<Vec<_>>().join(",") + "\n";
    fs::write(path.join("pipeline.toml"), PIPELINE.replace("POLICY", policy)).expect("a file");
    fs::write(path.join("orders.csv"), HEADER.to_owned() + &orders.iter().map(row).collect::<String>())
        .expect("a file");
    let history: String = history.iter().map(row).collect();
    fs::write(path.join("history.csv"), format!("id,at,status\n{history}")).expect("a file");
    let outcome = run_into(&path.join("pipeline.toml"), &path.join("reports"), Some("2024-05-07"));
    (folder, outcome)
}

fn found(policy: &str, orders: &[&str], history: &[&str]) -> Vec<String> {
    let (_folder, outcome) = night(policy, orders, history);
    keys(&folder_of(&outcome).join("findings.csv"), &["code", "order_no", "severity", "money"])
}

#[test]
fn a_history_says_when_it_was_confirmed() {
    let orders =
        ["a,shipped,,,no,,,no", "b,shipped,,,no,,,no", "c,cancelled,,,no,,,no", "d,shipped,02 10:00:00,,no,,,no"];
    let history = [
        // to the second, and a second more
        "a,02 10:00:00,open",
        "a,03 10:00:00,shipping",
        "b,02 10:00:00,open",
        "b,03 10:00:01,shipping",
        "b,03 12:00:00,shipped",
        // cancelled too late
        "c,01 16:07:00,blocked",
        "c,02 10:00:00,open",
        "c,04 10:00:00,cancelled",
        // it begins too late: the confirmation may have come before
        "d,05 10:00:00,shipped",
    ];
    assert_eq!(found("", &orders, &history), ["ST-014 | b | medium | ", "ST-014 | c | medium | "]);
}

#[test]
fn without_a_history_an_order_is_judged_where_its_row_tells() {
    let orders = [
        // open at the end of the 7th for more than 24 hours; confirmed; a day without its time; no opening; for less; a test
        "a,open,06 23:59:59,,no,,,no",
        "b,open,06 10:00:00,,yes,,,no",
        "c,open,05,,no,,,no",
        "d,open,,,no,,,no",
        "e,open,07 00:00:01,,no,,,no",
        "f,open,03 10:00:00,,no,,,yes",
        // gone on: with the time of it, and without
        "g,shipped,02 10:00:00,03 11:00:00,no,03 12:00:00,,no",
        "h,shipped,02 10:00:00,03 09:00:00,no,06 12:00:00,,no",
        "i,shipped,02 10:00:00,,no,06 12:00:00,,no",
        "j,cancelled,02 10:00:00,,no,,06 12:00:00,no",
        "k,blocked,,,no,,,no",
    ];
    assert_eq!(found("", &orders, &[]), ["ST-014 | a | medium | ", "ST-014 | g | medium | "]);
}

#[test]
fn business_hours_leave_out_the_weekend() {
    let orders = ["a,shipped,,,no,,,no", "b,shipped,,,no,,,no", "c,shipped,,,no,,,no", "d,open,04 10:00:00,,no,,,no"];
    let history = [
        // Friday 16:00: until Monday 16:00
        "a,03 16:00:00,open",
        "a,06 16:00:00,shipping",
        "b,03 16:00:00,open",
        "b,06 16:00:01,shipping",
        // Saturday: all of Monday
        "c,04 10:00:00,open",
        "c,06 23:59:59,shipping",
    ];
    let business =
        "payout_calendar = \"calendars/cz\"\n[[account.policy]]\nsource = \"contract\"\nconfirm_clock = \"business\"\n";
    assert_eq!(found(business, &orders, &history), ["ST-014 | b | medium | ", "ST-014 | d | medium | "]);
    let by_the_clock = found("", &orders, &history);
    assert_eq!(by_the_clock.len(), 4, "{by_the_clock:?}");
}

#[test]
fn a_contract_may_give_more_hours_from_a_day_on() {
    let policy = "[[account.policy]]\nfrom = 2024-05-03\nsource = \"contract\"\nconfirm_hours = 48\n";
    let orders = ["a,shipped,,,no,,,no", "b,shipped,,,no,,,no", "c,shipped,,,no,,,no"];
    let history = [
        "a,02 23:00:00,open",
        "a,04 10:00:00,shipping",
        "b,03 01:00:00,open",
        "b,05 01:00:00,shipping",
        "c,03 01:00:00,open",
        "c,05 01:00:01,shipping",
    ];
    assert_eq!(found(policy, &orders, &history), ["ST-014 | a | medium | ", "ST-014 | c | medium | "]);
}

#[test]
fn it_is_proved_by_both_rows() {
    let history = ["a,02 10:00:00,open", "a,03 10:00:01,shipping"];
    let (_folder, outcome) = night("", &["a,shipped,,,no,,,no"], &history);
    let evidence = keys(&folder_of(&outcome).join("findings.csv"), &["evidence"]);
    let evidence: Value = serde_json::from_str(&evidence[0]).expect("JSON");
    let value_at = |row: u32| {
        let cells = evidence.as_array().expect("cells");
        let cell = cells.iter().find(|cell| cell["file"] == "history.csv" && cell["row"] == row).expect("the cell");
        (cell["column"].clone(), cell["value"].clone())
    };
    assert_eq!(value_at(2), ("at".into(), "2024-05-02 10:00:00".into()));
    assert_eq!(value_at(3), ("at".into(), "2024-05-03 10:00:01".into()));
}

#[test]
fn business_hours_need_a_calendar() {
    // The first account's pack names the calendar of its country; the second one's names none.
    let policy = "[[account]]\nname = \"other\"\nmarketplace = \"shopify\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Prague\"\n\
        [[account.policy]]\nsource = \"contract\"\nconfirm_clock = \"business\"\n";
    let (_folder, outcome) = night(policy, &["a,open,,,no,,,no"], &[]);
    let said = trueup::diagnose::render_all(&outcome.diagnostics);
    assert!(
        outcome.summary.is_none() && said.contains("pipeline.toml:18:1") && said.contains("payout_calendar"),
        "{said}"
    );
}
