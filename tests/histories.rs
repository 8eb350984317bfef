//! Histories of orders against the graph of their pack, through the whole program.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::workbench::{folder_of, keys, run_into};

const PIPELINE: &str = r#"
[pipeline]
name = "histories"
packs = ["marketplaces/mall", "marketplaces/slevomat", "calendars/cz"]

[[account]]
name = "mall-si"
marketplace = "mall"
currency = "EUR"
timezone = "Europe/Ljubljana"

[[account]]
name = "slevomat-cz"
marketplace = "slevomat"
currency = "CZK"
timezone = "Europe/Prague"

[rules]
only = ["ST-004", "ST-005", "ST-006", "ST-007", "ST-008"]
"#;

const ORDERS: &str = r#"
[[source]]
name = "orders-ACCOUNT"
kind = "orders"
account = "ACCOUNT"
glob = "orders-ACCOUNT.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
order_no = "id"
status_raw = "status"
delivery_price = "postage"
goods_amount = "goods"
own_delivery = "mdp"
label_requested_at = "label"

[[source]]
name = "history-ACCOUNT"
kind = "order_events"
account = "ACCOUNT"
glob = "history-ACCOUNT.csv"
[source.csv]
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
order_no = "id"
at = "at"
to_status_raw = "status"
actor = "who"
"#;

/// The findings of a night: code, order, change, severity; `orders` are `id,status,mdp,label`.
fn findings(folder: &Path, account: &str, orders: &[&str], history: &[String]) -> Vec<String> {
    findings_under("id,status,postage,goods,mdp,label", folder, account, orders, history)
}

/// The same, the orders under another header.
fn findings_under(header: &str, folder: &Path, account: &str, orders: &[&str], history: &[String]) -> Vec<String> {
    fs::write(folder.join("pipeline.toml"), PIPELINE.to_owned() + &ORDERS.replace("ACCOUNT", account)).expect("a file");
    let of = |row: &&str| {
        let fields: Vec<&str> = row.split(',').collect();
        format!("{},{},1.00,10.00,{},{}\n", fields[0], fields[1], fields[2], fields[3])
    };
    let rows: String = orders.iter().map(of).collect();
    fs::write(folder.join(format!("orders-{account}.csv")), format!("{header}\n{rows}")).expect("a file");
    let rows: String = history.iter().map(|row| format!("{row}\n")).collect();
    fs::write(folder.join(format!("history-{account}.csv")), format!("id,at,status,who\n{rows}")).expect("a file");
    let out = folder.join("reports");
    let outcome = run_into(&folder.join("pipeline.toml"), &out, Some("2026-11-20"));
    assert!(outcome.summary.is_some(), "{:?}", outcome.diagnostics);
    keys(&folder_of(&outcome).join("findings.csv"), &["code", "order_no", "subject", "severity"])
}

fn rows(order: &str, events: &[(&str, &str, &str)]) -> Vec<String> {
    events.iter().map(|(at, status, who)| format!("{order},2026-11-{at},{status},{who}")).collect()
}

#[test]
fn a_marketplace_with_its_own_delivery_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = [
        // as it should be, by the own delivery service
        rows(
            "1",
            &[
                ("01 16:07", "blocked", "marketplace"),
                ("01 16:12", "open", "marketplace"),
                ("02 08:00", "shipping", "partner"),
                ("02 12:00", "shipped", "partner"),
                ("04 10:00", "delivered", "marketplace"),
            ],
        ),
        // shipping left out; delivered set by the merchant; no label
        rows(
            "2",
            &[
                ("01 16:12", "open", "marketplace"),
                ("02 12:00", "shipped", "partner"),
                ("04 10:00", "delivered", "partner"),
            ],
        ),
        // the same of an ordinary order is allowed
        rows(
            "3",
            &[
                ("01 16:12", "open", "marketplace"),
                ("02 12:00", "shipped", "partner"),
                ("04 10:00", "delivered", "partner"),
            ],
        ),
        // cancelled from shipped; returned after delivered; the merchant opened a blocked order
        rows("4", &[("02 12:00", "shipped", "partner"), ("03 12:00", "cancelled", "partner")]),
        rows("5", &[("02 12:00", "delivered", "partner"), ("09 12:00", "returned", "partner")]),
        rows("6", &[("01 12:00", "blocked", "marketplace"), ("01 12:30", "open", "partner")]),
        // of one instant, and a status that comes again
        rows(
            "7",
            &[
                ("02 12:00", "shipped", "partner"),
                ("02 12:00", "shipping", "partner"),
                ("03 12:00", "shipped", "partner"),
            ],
        ),
    ]
    .concat();
    let orders = [
        "1,delivered,1,2026-11-02 09:00",
        "2,delivered,1,",
        "3,delivered,0,",
        "4,cancelled,0,",
        "5,returned,0,",
        "6,open,0,",
        "7,shipped,0,",
    ];
    let found = findings(folder.path(), "mall-si", &orders, &history);
    assert_eq!(
        found,
        [
            "ST-004 | 4 | shipped|cancelled | high",
            "ST-004 | 6 | blocked|new | high",
            "ST-005 | 5 | delivered|returned | high",
            "ST-006 | 2 | shipped|delivered | medium",
            "ST-007 | 2 | new|shipped | medium",
            "ST-008 | 2 | new|shipped | medium",
        ]
    );
}

#[test]
fn a_file_that_does_not_say_when_a_label_was_asked_for_proves_none_missing() {
    let history = rows("2", &[("01 16:12", "open", "marketplace"), ("02 12:00", "shipped", "marketplace")]);
    let under = |header: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        findings_under(header, folder.path(), "mall-si", &["2,shipped,1,"], &history)
    };
    let skipped = "ST-008 | 2 | new|shipped | medium";
    assert_eq!(under("id,status,postage,goods,mdp,label"), ["ST-007 | 2 | new|shipped | medium", skipped]);
    assert_eq!(under("id,status,postage,goods,mdp,remark"), [skipped]);
}

#[test]
fn a_status_left_out_is_low_and_a_withdrawal_has_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = [
        rows("1", &[("01 08:00", "Nová", ""), ("02 08:00", "Odesláno", ""), ("03 08:00", "Doručeno", "")]),
        rows("2", &[("01 08:00", "Doručeno", ""), ("15 08:00", "Stornováno", "")]),
        rows("3", &[("01 08:00", "Doručeno", ""), ("16 08:00", "Stornováno", "")]),
        rows("4", &[("03 08:00", "Odesláno", ""), ("04 08:00", "Nová", "")]),
    ]
    .concat();
    let orders = ["1,Doručeno,0,", "2,Stornováno,0,", "3,Stornováno,0,", "4,Nová,0,"];
    let found = findings(folder.path(), "slevomat-cz", &orders, &history);
    assert_eq!(
        found,
        [
            "ST-004 | 1 | new|shipped | low",
            "ST-004 | 4 | shipped|new | high",
            "ST-005 | 3 | delivered|cancelled | high",
        ]
    );
}

/// The graph of the marketplace as a reader of the rulebook would write it down again: an oracle, not the pack.
fn expected(from: &str, to: &str) -> Option<&'static str> {
    let legal = [
        "blocked>open",
        "blocked>cancelled",
        "open>shipping",
        "open>shipped",
        "open>cancelled",
        "shipping>shipped",
        "shipping>cancelled",
        "shipped>delivered",
        "shipped>returned",
    ];
    let finals = ["delivered", "returned", "cancelled", "lost"];
    match () {
        () if legal.contains(&format!("{from}>{to}").as_str()) => None,
        () if finals.contains(&from) => Some("ST-005"),
        () => Some("ST-004"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_the_order_of_its_rows(
        walks in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
            "blocked", "open", "shipping", "shipped", "delivered", "returned", "cancelled", "lost",
        ]), 1..7), 1..12),
        seed in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = Vec::new();
        let mut wanted = Vec::new();
        for (order, walk) in walks.iter().enumerate() {
            for (day, status) in walk.iter().enumerate() {
                history.push(format!("{order},2026-11-{:02} 08:00,{status},", day + 1));
            }
            for pair in walk.windows(2).filter(|pair| pair[0] != pair[1]) {
                wanted.extend(expected(pair[0], pair[1]).map(|code| format!("{code} | {order}")));
            }
        }
        // rows come in any order, and some of them twice
        history.sort_by_key(|row| {
            row.bytes().fold(seed | 1, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        });
        let again: Vec<String> = history.iter().step_by(3).cloned().collect();
        history.extend(again);
        let orders: Vec<String> = (0..walks.len()).map(|order| format!("{order},open,0,")).collect();
        let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
        let found = findings(folder.path(), "mall-si", &orders, &history);
        let mut found: Vec<String> =
            found.iter().map(|key| key.split(" | ").take(2).collect::<Vec<_>>().join(" | ")).collect();
        found.sort();
        wanted.sort();
        prop_assert_eq!(found, wanted);
    }
}
