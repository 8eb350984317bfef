//! The reference job (benches/reference): one more marketplace without Rust. Each of its nine mismatches, and its near miss.

use std::fs;
use std::path::Path;

use crate::workbench::{copy, folder_of, keys, run_into, trueup};

const ORDERS: &str = "order_id,marketplace,created_at,status,shipping_method,carrier,mall_delivery,tracking_number,tracking_url,goods_amount,postage_amount,currency,commission_rate,paid_at,shipped_at,delivered_at,cancelled_at,cancelled_by,expected_delivery_date,is_test,customer_name\n";

/// An order of 100.00 with 10.00 postage and 18 %: 92.00 is expected.
fn order(number: &str, status: &str, tracking: &str, url: &str, delivered: &str) -> String {
    format!(
        "{number},mall,2025-11-01 10:00:00,{status},PPL,PPL,0,{tracking},{url},100.00,10.00,CZK,0.18,2025-11-01 11:00:00,2025-11-02 11:00:00,{delivered},,,,0,Someone\n"
    )
}

fn paid(number: &str, sale: &str, commission: &str) -> String {
    let line = |kind: &str, amount: &str| format!("S1,{number},{kind},{amount},CZK,2025-12-02\n");
    line("sale", sale) + &line("postage", "10.00") + &line("commission", commission)
}

fn data(folder: &Path) {
    let (closed, url) = ("2025-11-05 12:00:00", "https://a.example/x");
    let mut orders = ORDERS.to_owned();
    let mut payouts = "statement_id,order_id,kind,amount,currency,payout_date\n".to_owned();
    let mut tracking = "tracking_number,order_ref,carrier,event_at,event_code,event_text\n".to_owned();
    let mut seen =
        |number: &str, code: &str| tracking.push_str(&format!("{number},x,PPL,2025-11-05 12:00:00,{code},x\n"));
    for (number, status, parcel, link, delivered, code) in [
        ("000000001", "DELIVERED", "P1", url, closed, "DELIVERED"),
        ("000000002", "DELIVERED", "P2", url, closed, "RETURNED_TO_SENDER"),
        ("000000003", "SHIPPED", "P3", url, "", "DELIVERED"),
        ("000000004", "SHIPPED", "", "", "", ""),
        ("000000005", "SHIPPED", "P5", "a.example", "", "IN_TRANSIT"),
        ("000000006", "DELIVERED", "P6", url, closed, "DELIVERED"),
        ("000000007", "DELIVERED", "P7", url, closed, "DELIVERED"),
        ("000000008", "DELIVERED", "P8", url, closed, "DELIVERED"),
        ("000000009", "DELIVERED", "P9", url, closed, "DELIVERED"),
        ("000000010", "DELIVERED", "P10", url, closed, "DELIVERED"),
    ] {
        orders.push_str(&order(number, status, parcel, link, delivered));
        if !code.is_empty() {
            seen(parcel, code);
        }
    }
    for (number, sale, commission) in [
        ("000000001", "100.00", "-18.00"),
        ("000000002", "100.00", "-18.00"),
        ("000000007", "100.00", "-18.00"),
        ("000000007", "100.00", "-18.00"),
        // 18 % of 110.00.
        ("000000008", "100.00", "-19.80"),
        ("000000009", "90.00", "-18.00"),
        ("000000010", "100.00", "-18.00"),
        ("000000099", "100.00", "-18.00"),
    ] {
        payouts.push_str(&paid(number, sale, commission));
    }
    // Refunds are left out of what was received: no shortfall.
    payouts.push_str("S2,000000010,refund,-50.00,CZK,2025-12-11\n");
    fs::write(folder.join("orders.csv"), orders).expect("written");
    fs::write(folder.join("tracking.csv"), tracking).expect("written");
    fs::write(folder.join("payouts.csv"), payouts).expect("written");
}

#[test]
fn each_of_the_nine_mismatches_is_found_once() {
    let scratch = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/reference"), scratch.path());
    data(scratch.path());
    let outcome = run_into(&scratch.path().join("csv.toml"), &scratch.path().join("reports"), None);
    let run = folder_of(&outcome);
    let found = keys(&run.join("findings.csv"), &["code", "order_no", "money"]);
    assert_eq!(
        found,
        [
            "REF-001 | 000000002 | 92.00",
            "REF-002 | 000000003 | ",
            "REF-003 | 000000004 | ",
            "REF-004 | 000000005 | ",
            "REF-005 | 000000006 | 92.00",
            "REF-006 | 000000007 | 100.00",
            "REF-007 | 000000008 | 1.80",
            "REF-008 | 000000009 | 10.00",
            "REF-009 | 000000099 | 10.00",
            "REF-009 | 000000099 | 100.00",
            "REF-009 | 000000099 | 18.00",
        ]
    );
}

#[test]
fn its_rules_pass_their_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/reference");
    let output = trueup(&folder, &["pack", "test", "marketplaces/reference"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains(" 9 "));
}
