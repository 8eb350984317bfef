//! Cash on delivery: owed by the order, collected by the carrier, remitted in its statements; figures worked by hand.

use std::fs;
use std::path::Path;

use crate::workbench::{folder_of, keys, run_into};

const KEYS: [&str; 6] = ["code", "order_no", "shipment", "statement", "money", "currency"];

fn findings(pipeline: &Path, as_of: &str) -> Vec<String> {
    let out = tempfile::tempdir().expect("a folder");
    keys(&folder_of(&run_into(pipeline, out.path(), Some(as_of))).join("findings.csv"), &KEYS)
}

/// Two parcels of 999.99 each for an order of 999.99, and 9.99 collected of 99.99.
#[test]
fn what_carriers_collected_is_compared_with_what_orders_owe() {
    assert_eq!(
        findings(Path::new("tests/cases/f05/pipeline.toml"), "2026-11-20"),
        ["CD-001 | b-1 |  |  | 999.99 | PLN", "CD-001 | b-2 | 01015026000003 |  | 90.00 | PLN"]
    );
}

/// 300.00 of 350.00 in the remittance; 800.00 of cash less 247.00 of services, and 500.00 at the bank.
#[test]
fn a_remittance_is_compared_with_orders_and_with_its_transfer() {
    assert_eq!(
        findings(Path::new("tests/cases/f23/pipeline.toml"), "2026-12-31"),
        ["CD-001 | p-2 | Z1000000002 |  | 50.00 | CZK", "CD-005 |  |  | 7001 | 53.00 | CZK"]
    );
}

const PIPELINE: &str = r#"
[pipeline]
name = "cash"
packs = ["marketplaces/zlavomat", "carriers/sps", "carriers/packeta"]

[[account]]
name = "shop"
marketplace = "zlavomat"
currency = "EUR"
timezone = "Europe/Bratislava"
complete = true

[[source]]
name = "orders"
kind = "orders"
account = "shop"
glob = "orders.csv"
constants = { delivery_price = "0.00", goods_amount = "10.00" }

[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]

[source.columns]
order_no = "order"
status_raw = "state"
created_at = "created"
payment = "payment"
cod_amount = "cash"
currency = "currency"
delivered_at = "delivered"
tracking_number_raw = "parcel"
carrier = "carrier"

[[source]]
name = "remittances"
kind = "cod_remittances"
account = "shop"
carrier = "sps"
glob = "remittances*.csv"

[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]

[source.columns]
statement_id = "transfer"
order_no = "order"
tracking_number_raw = "parcel"
amount = "amount"
currency = "currency"
paid_on = "sent"
total = "total"
"#;

const SCANS: &str = r#"
[[source]]
name = "scans"
kind = "tracking_events"
carrier = "packeta"
vocabulary = "packeta-api"
account = "shop"
glob = "scans.csv"

[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]

[source.columns]
tracking_number_raw = "parcel"
code_raw = "code"
at = "day"
cod_amount = "cash"
currency = "currency"
"#;

const ORDERS: &str = "order,state,created,payment,cash,currency,delivered,parcel,carrier\n";
const REMITTANCES: &str = "transfer,order,parcel,amount,currency,sent,total\n";

struct Shop(tempfile::TempDir);

impl Shop {
    fn new(orders: &str, remittances: &str) -> Shop {
        let shop = Shop(tempfile::tempdir().expect("a folder"));
        shop.write("pipeline.toml", PIPELINE);
        shop.write("orders.csv", &format!("{ORDERS}{orders}"));
        shop.write("remittances.csv", &format!("{REMITTANCES}{remittances}"));
        shop
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("a file");
    }

    /// Findings of cash alone.
    fn cash(&self, as_of: &str) -> Vec<String> {
        let found = findings(&self.0.path().join("pipeline.toml"), as_of);
        found.into_iter().filter(|finding| finding.starts_with("CD-")).collect()
    }
}

fn order(no: &str, cash: &str, delivered: &str) -> String {
    format!("{no},doručené,2026-11-01,dobierka,{cash},EUR,{delivered},70301234567890{no},sps\n")
}

/// The pipeline up to the source of remittances.
fn without_remittances() -> &'static str {
    PIPELINE.split_once("[[source]]\nname = \"remittances\"").expect("two sources").0
}

/// `code | order | money | severity` of the findings of cash.
fn judged(folder: &Path, as_of: &str) -> Vec<String> {
    let out = tempfile::tempdir().expect("a folder");
    let run = run_into(&folder.join("pipeline.toml"), out.path(), Some(as_of));
    let found = keys(&folder_of(&run).join("findings.csv"), &["code", "order_no", "money", "severity"]);
    found.into_iter().filter(|finding| finding.starts_with("CD-")).collect()
}

/// Delivered on Tuesday 3 November; seven working days later is Thursday the 12th.
#[test]
fn cash_that_was_not_sent_in_time_is_claimed_where_remittances_are_read() {
    let orders =
        [order("1", "10.00", "2026-11-03"), order("2", "20.00", "2026-11-03"), order("3", "30.00", "2026-11-10")];
    let shop = Shop::new(&orders.concat(), "R1,1,,10.00,EUR,2026-11-06,10.00\n");
    assert_eq!(judged(shop.0.path(), "2026-11-13"), ["CD-003 | 2 | 20.00 | critical"]);
    // On the last day it is not too late.
    assert_eq!(judged(shop.0.path(), "2026-11-12"), Vec::<String>::new());
    // No remittance of 10 November or later was read: a file may be missing here.
    assert_eq!(judged(shop.0.path(), "2026-12-31"), ["CD-003 | 2 | 20.00 | critical", "CD-003 | 3 | 30.00 | high"]);
    let sent = "R1,1,,10.00,EUR,2026-11-06,10.00\nR2,9,,1.00,EUR,2026-11-13,1.00\n";
    assert_eq!(
        judged(Shop::new(&orders.concat(), sent).0.path(), "2026-12-31"),
        ["CD-003 | 2 | 20.00 | critical", "CD-003 | 3 | 30.00 | critical", "CD-004 | 9 | 1.00 | medium"]
    );
    // Where no remittance is read, nobody knows what was sent.
    shop.write("pipeline.toml", without_remittances());
    assert_eq!(judged(shop.0.path(), "2026-12-31"), Vec::<String>::new());
}

/// Three parcels with a number of the marketplace, whose events and remittance name the carrier's; 3 stands in no remittance.
#[test]
fn cash_of_a_parcel_counts_by_whichever_of_its_numbers() {
    let order = |no: &str, cash: &str| {
        format!("{no},doručené,2026-11-01,dobierka,{cash},EUR,2026-11-04,A000TESTG{no},packeta,Z100000000{no}\n")
    };
    let orders = [order("1", "10.00"), order("2", "20.00"), order("3", "30.00")];
    let shop = Shop::new("", "R1,,Z1000000001,10.00,EUR,2026-11-20,\nR1,,Z1000000002,15.00,EUR,2026-11-20,\n");
    let pipeline =
        PIPELINE.replace("carrier = \"carrier\"", "carrier = \"carrier\"\ntracking_number_alias = \"alias\"");
    shop.write("pipeline.toml", &format!("{pipeline}{SCANS}").replace("carrier = \"sps\"", "carrier = \"packeta\""));
    shop.write("orders.csv", &format!("{},alias\n{}", ORDERS.trim_end(), orders.concat()));
    shop.write(
        "scans.csv",
        "parcel,code,day,cash,currency\n\
         Z1000000001,7,2026-11-04,10.00,EUR\n\
         Z1000000002,7,2026-11-04,15.00,EUR\n\
         Z1000000003,7,2026-11-04,30.00,EUR\n",
    );
    assert_eq!(judged(shop.0.path(), "2026-12-10"), ["CD-001 | 2 | 5.00 | high", "CD-003 | 3 | 30.00 | critical"]);
    // The row of a remittance by the one number, and again by the other, is the cash of one parcel twice.
    shop.write(
        "remittances-2.csv",
        &format!("{REMITTANCES}R2,,A000TESTG1,10.00,EUR,2026-11-27,\nR2,,A000TESTG3,30.00,EUR,2026-11-27,\n"),
    );
    assert_eq!(judged(shop.0.path(), "2026-12-10"), ["CD-001 | 2 | 5.00 | high", "CD-004 | 1 | 10.00 | medium"]);
}

const V7: &str = "Čárový kód;Vaše obj. č.;Stav;Vyzvednutí či vrácení;Vybraná dobírka;Měna dobírky;SS\n";

/// The carrier's record says of 2 that it was delivered and nothing was collected, of 3 that it came back, of 4 both that it came back and
/// that cash was collected; of 5 it says nothing. 6 has a state that nobody knows.
#[test]
fn a_row_of_nothing_is_the_record_of_the_carrier() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    let layout =
        "[[source]]\nname = \"cod\"\naccount = \"shop\"\nlayout = \"carriers/packeta/cod\"\nglob = \"v7.csv\"\n";
    write("pipeline.toml", &format!("{}{layout}", without_remittances()));
    let order =
        |no: &str| format!("{no},doručené,2026-11-01,dobierka,{no}0.00,EUR,2026-11-04,Z100000000{no},packeta\n");
    write("orders.csv", &format!("{ORDERS}{}", ["1", "2", "3", "4", "5", "6"].map(order).concat()));
    let row = |no: &str, state: &str, cash: &str| format!("Z100000000{no};{no};{state};2026-11-20;{cash};EUR;7001\n");
    let rows = [
        row("1", "Doručeno", "10,00"),
        row("2", "Doručeno", "0,00"),
        row("3", "Vráceno", "0,00"),
        row("4", "Vráceno", "40,00"),
        row("6", "Neznámo", "0"),
    ];
    write("v7.csv", &format!("{V7}{}", rows.concat()));
    assert_eq!(
        judged(folder.path(), "2026-12-10"),
        ["CD-002 | 2 | 20.00 | high", "CD-003 | 5 | 50.00 | critical", "CD-004 | 4 | 40.00 | medium"]
    );
}

#[test]
fn cash_sent_twice_is_told_and_a_part_that_is_missing_too() {
    let orders = [order("1", "10.00", "2026-11-03"), order("2", "20.00", "2026-11-03")];
    let sent = "R1,1,,10.00,EUR,2026-11-06,\nR2,,703012345678901,10.00,EUR,2026-11-13,\nR2,2,,12.00,EUR,2026-11-13,\n";
    assert_eq!(
        Shop::new(&orders.concat(), sent).cash("2026-11-20"),
        ["CD-001 | 2 | 703012345678902 |  | 8.00 | EUR", "CD-004 | 1 | 703012345678901 |  | 10.00 | EUR",]
    );
}

#[test]
fn sums_of_two_currencies_are_neither_compared_nor_added() {
    let sent = "R1,1,,4000.00,HUF,2026-11-06,10.00\nR1,2,,20.00,EUR,2026-11-06,10.00\n";
    let orders = [order("1", "10.00", "2026-11-03"), order("2", "20.00", "2026-11-03")];
    let shop = Shop::new(&orders.concat(), sent);
    assert_eq!(shop.cash("2026-11-10"), Vec::<String>::new());
    // Cash that was sent in another currency was sent.
    assert_eq!(shop.cash("2026-12-31"), Vec::<String>::new());
}

/// Packeta: 7 delivered, 10 returned. The buyer of 4 paid before; nobody else than the carrier knows what 5 collected in crowns.
#[test]
fn the_events_of_the_carrier_say_what_was_collected() {
    let order = |no: &str, payment: &str| {
        let cash = if payment == "prepaid" { "" } else { "10.00" };
        format!("{no},doručené,2026-11-01,{payment},{cash},EUR,2026-11-03,Z100000000{no},packeta\n")
    };
    let orders = [
        order("1", "dobierka"),
        order("2", "dobierka"),
        order("3", "dobierka"),
        order("4", "prepaid"),
        order("5", "dobierka"),
        order("6", "dobierka"),
    ];
    let shop = Shop::new(&orders.concat(), "R1,3,,10.00,EUR,2026-11-06,10.00\nR1,6,,10.00,EUR,2026-11-06,\n");
    shop.write("pipeline.toml", &format!("{PIPELINE}{SCANS}").replace("carrier = \"sps\"", "carrier = \"packeta\""));
    shop.write(
        "scans.csv",
        "parcel,code,day,cash,currency\n\
         Z1000000001,7,2026-11-03,10.00,EUR\n\
         Z1000000002,7,2026-11-03,,EUR\n\
         Z1000000003,10,2026-11-03,,EUR\n\
         Z1000000004,7,2026-11-03,7.50,EUR\n\
         Z1000000005,7,2026-11-03,250.00,CZK\n\
         Z1000000006,7,2026-11-03,10.00,EUR\nZ1000000006,7,2026-11-04,0.00,EUR\n",
    );
    assert_eq!(
        shop.cash("2026-11-10"),
        [
            "CD-001 | 4 | Z1000000004 |  | 7.50 | EUR",
            "CD-002 | 2 | Z1000000002 |  | 10.00 | EUR",
            "CD-004 | 3 | Z1000000003 |  | 10.00 | EUR",
            "CD-005 |  |  | R1 | 10.00 | EUR",
        ]
    );
}

/// The least coin of Hungary is five forints, and an amount that is not a multiple of it was not paid in coins.
#[test]
fn rounding_of_cash_is_no_difference() {
    let order = |no: &str, cash: &str| {
        format!("{no},doručené,2026-11-01,dobierka,{cash},HUF,2026-11-03,70301234567890{no},sps\n")
    };
    let orders = [order("1", "1002.00"), order("2", "1002.00"), order("3", "1002.00")];
    let sent = "R1,1,,1000.00,HUF,2026-11-06,\nR1,2,,1005.00,HUF,2026-11-06,\nR1,3,,1001.00,HUF,2026-11-06,\n";
    assert_eq!(
        Shop::new(&orders.concat(), sent).cash("2026-11-10"),
        ["CD-001 | 2 | 703012345678902 |  | 3.00 | HUF", "CD-001 | 3 | 703012345678903 |  | 1.00 | HUF"]
    );
}
