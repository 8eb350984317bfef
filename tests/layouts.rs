//! Layouts of real systems, each read by configuration alone: `tests/layouts/<system>/` holds a pipeline that names layouts of packs
//! and files made by hand after them. Amounts are minor units, added up by hand; control totals close in each.

use std::path::Path;

use polars::prelude::{AnyValue, DataFrame, DataType};
use trueup::base::as_of::AsOf;
use trueup::ingest::{Ingested, RowCounts, ingest, residues};

/// Ingests `tests/layouts/<system>/` at the end of 2026.
fn read(system: &str) -> Ingested {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts").join(system);
    let pipeline = trueup::pipeline::load(&folder.join("pipeline.toml"), &trueup::rules::codes())
        .unwrap_or_else(|mistakes| panic!("{}", trueup::diagnose::render_all(&mistakes)));
    let ingested = ingest(&pipeline, AsOf("2026-12-31".parse().expect("a day")));
    assert_eq!(residues(&ingested), Vec::new(), "{:#?}", ingested.inputs);
    ingested
}

/// Some columns of a frame, one text per row; nothing for null.
fn rows(frame: &DataFrame, columns: &[&str]) -> Vec<String> {
    let columns: Vec<_> = columns
        .iter()
        .map(|name| frame.column(name).expect("a column").cast(&DataType::String).expect("text"))
        .collect();
    let cell = |row: usize| {
        let texts = columns.iter().map(|column| match column.get(row).expect("a row") {
            AnyValue::Null => String::new(),
            AnyValue::String(text) => text.to_owned(),
            AnyValue::StringOwned(text) => text.to_string(),
            other => other.to_string(),
        });
        texts.collect::<Vec<_>>().join(" | ")
    };
    (0..frame.height()).map(cell).collect()
}

fn counts(ingested: &Ingested, input: usize) -> RowCounts {
    ingested.inputs[input].rows
}

/// Control money of a file: what was read in a currency.
fn money(ingested: &Ingested, input: usize, currency: &str) -> i128 {
    ingested.inputs[input].money.get(currency).map_or(0, |money| money.read)
}

fn refused(ingested: &Ingested) -> Vec<String> {
    ingested
        .quarantine
        .iter()
        .map(|row| format!("{}:{} {} {} {}", row.of.file, row.line, row.column(), row.reason(), row.value()))
        .collect()
}

const PAYOUT: &[&str] = &["statement_id", "posted", "paid_on", "order_no", "kind", "amount", "currency"];

#[test]
fn czech_post_without_a_header_and_ragged() {
    let ingested = read("czech-post");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let events = rows(
        &ingested.frames.tracking_events,
        &["tracking_number", "at_on", "date_only", "code", "order_no", "cod_amount", "currency"],
    );
    assert_eq!(
        events,
        [
            "DR6081444491U | 2026-11-02 | false | accepted | 1001 | 149900 | CZK",
            "DR6081444491U | 2026-11-04 | false | delivered | 1001 | 149900 | CZK",
            "DR6081444501U | 2026-11-05 | false | delivered | 1003 | 8950 | CZK",
            "NB4841298967U | 2026-11-03 | true | in_transit | 1002 |  | CZK",
            "NB4841298967U | 2026-11-05 | false | returned |  |  | CZK",
        ]
    );
    // Of the same file, the rows whose COD was transferred: 1499.00 and 89.50.
    let lines = rows(&ingested.frames.cod_remittances, PAYOUT);
    assert_eq!(
        lines,
        [
            "V77001 | 2026-11-04 | 2026-11-06 | 1001 | cash | 149900 | CZK",
            "V77001 | 2026-11-05 | 2026-11-06 | 1003 | cash | 8950 | CZK",
        ]
    );
    assert_eq!(counts(&ingested, 0), RowCounts { read: 5, used: 2, structural: 3, ..RowCounts::default() });
    assert_eq!(money(&ingested, 0, "CZK"), 149_900 + 8_950);
    assert_eq!(counts(&ingested, 1), RowCounts { read: 5, used: 5, ..RowCounts::default() });
}

#[test]
fn czech_post_posting_sheet_has_its_header_in_the_fifth_line() {
    let ingested = read("czech-post-eppa");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let labels = rows(&ingested.frames.shipments, &["order_key", "carrier", "tracking_number", "handed_over_on"]);
    assert_eq!(
        labels,
        [
            "shop/1001 | ceska-posta | DR6081444491U | 2026-11-02",
            "shop/1002 | ceska-posta | NB4841298967U | 2026-11-02",
        ]
    );
    assert_eq!(counts(&ingested, 0), RowCounts { read: 7, used: 2, structural: 5, ..RowCounts::default() });
}

#[test]
fn packeta_billing_has_two_currencies_a_row_and_is_read_twice() {
    let ingested = read("packeta-v7");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let columns = ["order_no", "posted", "kind", "amount", "currency", "outcome", "note"];
    let lines = rows(&ingested.frames.cod_remittances, &columns);
    assert_eq!(
        lines,
        [
            "1001 | 2026-11-05 | cash | 149900 | CZK | delivered | ",
            "1002 | 2026-11-05 | cash | 1299000 | HUF | delivered | ",
            "1003 | 2026-11-06 | cash | 0 | CZK | returned | ",
            "1001 | 2026-11-05 | fee | -7865 | CZK | none | vyzvednuto",
            "1002 | 2026-11-05 | fee | -13310 | CZK | none | vyzvednuto",
            "1003 | 2026-11-06 | fee | -7865 | CZK | none | vráceno",
            "1004 | 2026-11-06 | fee | -7865 | CZK | none | vyzvednuto",
        ]
    );
    // The COD source: two parcels with COD, one that came back, one without COD, and the header.
    assert_eq!(counts(&ingested, 0), RowCounts { read: 5, used: 3, structural: 2, ..RowCounts::default() });
    assert_eq!((money(&ingested, 0, "CZK"), money(&ingested, 0, "HUF")), (149_900, 1_299_000));
    // The services: 78.65 three times and 133.10.
    assert_eq!(counts(&ingested, 1), RowCounts { read: 5, used: 4, structural: 1, ..RowCounts::default() });
    assert_eq!((money(&ingested, 1, "CZK"), money(&ingested, 1, "HUF")), (-36_905, 0));
}

#[test]
fn packeta_labels_have_a_version_line_and_no_numbers_yet() {
    let ingested = read("packeta-import");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let labels = rows(&ingested.frames.shipments, &["order_key", "carrier", "tracking_number_raw", "row"]);
    assert_eq!(labels, ["shop/1001 | packeta |  | 3", "shop/1002 | packeta |  | 4"]);
    assert_eq!(counts(&ingested, 0), RowCounts { read: 4, used: 2, structural: 2, ..RowCounts::default() });
}

#[test]
fn dpd_lines_end_with_a_delimiter() {
    let ingested = read("dpd-scaninfo");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let scans = rows(&ingested.frames.tracking_events, &["tracking_number", "at", "code_raw", "code", "order_no"]);
    assert_eq!(
        scans,
        [
            "05300123456789 | 2026-11-02 07:15:00.000 | 05 | accepted | 1001",
            "05300123456789 | 2026-11-04 09:30:00.000 | 13 | delivered | 1001",
            "05300123456790 | 2026-11-04 09:31:00.000 | 18 | unknown | 1002",
        ]
    );
    assert_eq!(ingested.inputs[0].export_date, "2026-11-05".parse().ok());
}

#[test]
fn sps_pays_many_parcels_under_one_symbol() {
    let ingested = read("sps-cod");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.cod_remittances, PAYOUT),
        [
            "2026110601 |  | 2026-11-06 | 1001 | cash | 4990 | EUR",
            "2026110601 |  | 2026-11-06 | 1002 | cash | 12900 | EUR",
        ]
    );
    assert_eq!(money(&ingested, 0, "EUR"), 17_890);
}

#[test]
fn amazon_v2_has_a_summary_in_its_second_row() {
    let ingested = read("amazon-v2");
    // A description that no pack maps is refused, and its money is counted.
    assert_eq!(refused(&ingested), ["v2.txt:12 amount-description unknown_word Something new"]);
    let lines = rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind_raw", "kind", "amount", "currency"]);
    assert_eq!(
        lines,
        [
            "2026-01-13 | 303-1 | Principal | sale | 109500 | EUR",
            "2026-01-13 | 303-1 | Shipping | postage | 490 | EUR",
            "2026-01-13 | 303-1 | Commission | commission | -5475 | EUR",
            "2026-01-13 | 303-1 | Shipping | postage | -490 | EUR",
            "2026-01-13 | 303-2 | Principal | sale | -2000 | EUR",
            "2026-01-13 | 303-2 | RefundCommission | fee | 60 | EUR",
            "2026-01-13 |  | Cost of Advertising | fee | -1240 | EUR",
            "2026-01-13 |  | Previous Reserve Amount Balance | carry_over | 5000 | EUR",
            "2026-01-13 |  | Current Reserve Amount | reserve | -4195 | EUR",
        ]
    );
    let statements = rows(
        &ingested.frames.statements,
        &["statement_id", "period_from_on", "period_to_on", "paid_on", "total", "currency"],
    );
    // The lines add up to the total: 1016.50.
    assert_eq!(statements, ["S900 | 2026-01-01 | 2026-01-15 | 2026-01-17 | 101650 | EUR"]);
    let expected = RowCounts { read: 12, used: 9, structural: 2, quarantined: 1, ..RowCounts::default() };
    assert_eq!(counts(&ingested, 0), expected);
    assert_eq!(money(&ingested, 0, "EUR"), 101_650 + 10_000);
    assert_eq!(counts(&ingested, 1), RowCounts { read: 12, used: 1, structural: 11, ..RowCounts::default() });
}

/// Rows of one order are one order: its postage is 4.99 + 2.50, its goods 40.00 (two pieces) + 10.00 + nothing for what was cancelled. Two rows
/// with different states contradict each other.
#[test]
fn amazon_orders_have_a_row_per_item_with_its_part_of_the_postage() {
    let ingested = read("amazon-orders");
    let orders = rows(
        &ingested.frames.orders,
        &["order_no", "status", "created_on", "goods_amount", "delivery_price", "currency", "shipping_method"],
    );
    assert_eq!(
        orders,
        [
            "302-1 | delivered | 2026-11-02 | 5000 | 749 | EUR | Standard",
            "302-2 | shipped | 2026-11-03 | 8900 | 0 | EUR | Standard",
        ]
    );
    let lines = rows(&ingested.frames.order_lines, &["order_no", "sku", "qty", "unit_price_gross"]);
    assert_eq!(
        lines,
        [
            "302-1 | SKU-01 | 1 | 4000",
            "302-1 | SKU-02 | 1 | 1000",
            "302-1 | SKU-03 | 1 | 0",
            "302-2 | SKU-02 | 1 | 8900"
        ]
    );
    assert_eq!(counts(&ingested, 0).quarantined, 2, "{:?}", refused(&ingested));
    // 40.00 + 10.00 + 89.00 + 20.00 + 30.00 of goods, 4.99 + 2.50 + 1.00 + 2.00 of postage.
    assert_eq!(money(&ingested, 0, "EUR"), 19949);
}

#[test]
fn amazon_v1_has_33_or_36_columns_and_an_amount_in_any_of_nine() {
    let ingested = read("amazon-v1");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let lines =
        rows(&ingested.frames.payout_lines, &["statement_id", "posted", "order_no", "kind_raw", "kind", "amount"]);
    // 23:30 UTC is the next day in Prague.
    assert_eq!(
        lines,
        [
            "S33 | 2025-12-31 | 302-1 | Principal | sale | 10000",
            "S33 | 2025-12-31 | 302-1 | Tax | tax | 1900",
            "S33 | 2025-12-31 | 302-1 | Commission | commission | -1500",
            "S33 | 2025-12-31 | 302-2 | Principal | sale | -5000",
            "S36 | 2025-12-31 | 302-1 | Principal | sale | 10000",
            "S36 | 2025-12-31 | 302-1 | Tax | tax | 1900",
            "S36 | 2025-12-31 | 302-1 | Commission | commission | -1500",
            "S36 | 2025-12-31 | 302-2 | Principal | sale | -5000",
            "S36 | 2025-12-31 | 302-1 | Shipping | postage | -500",
        ]
    );
    let statements = rows(&ingested.frames.statements, &["statement_id", "paid_on", "total"]);
    assert_eq!(statements, ["S33 | 2026-01-05 | 5400", "S36 | 2026-01-05 | 4900"]);
    let bound = ingested.headers.iter().find(|headers| headers.bound.contains_key("amount")).expect("a header");
    assert!(bound.bound["amount"].starts_with("price-amount + item-related-fee-amount + "), "{:?}", bound.bound);
}

#[test]
fn shopify_with_and_without_a_payout_id() {
    let ingested = read("shopify");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.payout_lines, PAYOUT),
        [
            " | 2026-01-19 | 2026-01-22 | #1001 | sale | 3680 | EUR",
            " | 2026-01-19 | 2026-01-22 | #1001 | refund | -790 | EUR",
            "148156579998 | 2026-02-01 | 2026-02-05 | #1002 | sale | 119840 | EUR",
            "148156579998 | 2026-02-02 | 2026-02-05 |  | correction | -1500 | EUR",
            "148156579998 | 2026-02-05 | 2026-02-05 |  | payout | -118340 | EUR",
        ]
    );
}

#[test]
fn ebay_has_lines_of_notes_and_dashes_for_nothing() {
    let ingested = read("ebay");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let lines = rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind", "amount", "currency", "row"]);
    assert_eq!(
        lines,
        [
            "2026-01-05 | 14-12531-38813 | sale | 102800 | USD | 13",
            "2026-01-07 | 14-12540-10001 | sale | -370 | USD | 14",
        ]
    );
    assert_eq!(counts(&ingested, 0), RowCounts { read: 14, used: 2, structural: 12, ..RowCounts::default() });
}

#[test]
fn etsy_writes_dates_in_three_forms_and_in_spanish() {
    let ingested = read("etsy");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let mut lines = rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind", "amount", "currency"]);
    lines.sort();
    assert_eq!(
        lines,
        [
            "2026-03-01 |  | fee | -28 | CAD",
            "2026-03-01 | 9001 | fee | -442 | CAD",
            "2026-03-01 | 9001 | sale | 7600 | CAD",
            "2026-04-13 | 3812345671 | sale | 101608 | USD",
            "2026-04-14 | 3812345671 | refund | -1558 | USD",
            "2026-07-31 | 4137418052 | sale | 2855 | GBP",
            "2026-07-31 | 4137418052 | tax | -96 | GBP",
            "2026-09-01 | 1001 | sale | 104379 | EUR",
            "2026-09-02 | 1004 | refund | -1000 | EUR",
            "2026-09-03 |  | fee | -200 | EUR",
            "2026-09-04 |  | payout | -3000 | EUR",
        ]
    );
    // The deposit of March has no amount: structural, with the header.
    let march = ingested.inputs.iter().find(|input| input.path.ends_with("month-first.csv")).expect("March");
    assert_eq!(march.rows, RowCounts { read: 5, used: 3, structural: 2, ..RowCounts::default() });
}

/// The money of the orders, and the cost that stands beside it in the same row, are two sources of one file: a payout adds up to nothing.
#[test]
fn stripe_pays_the_gross_amounts_less_its_fees() {
    let ingested = read("stripe");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.payout_lines, PAYOUT),
        [
            "po_1 | 2026-11-02 | 2026-11-06 |  | fee | -2749 | CZK",
            "po_1 | 2026-11-02 | 2026-11-06 |  | fee | -1886 | CZK",
            "po_1 | 2026-11-04 | 2026-11-06 |  | fee | -35000 | CZK",
            "po_1 | 2026-11-02 | 2026-11-06 | 1001 | sale | 149900 | CZK",
            "po_1 | 2026-11-02 | 2026-11-06 | 1002 | sale | 89050 | CZK",
            "po_1 | 2026-11-03 | 2026-11-06 | 1001 | refund | -10000 | CZK",
            "po_1 | 2026-11-04 | 2026-11-06 | 1002 | refund | -89050 | CZK",
            "po_1 | 2026-11-05 | 2026-11-06 |  | payout | -100265 | CZK",
            "po_9 | 2026-11-02 | 2026-11-06 | WC-2001 | sale | 4990 | EUR",
            "po_9 | 2026-11-03 | 2026-11-06 |  | fee | -200 | EUR",
            "po_9 | 2026-11-05 | 2026-11-06 |  | payout | -4690 | EUR",
            "po_9 | 2026-11-02 | 2026-11-06 |  | fee | -100 | EUR",
        ]
    );
    // Files stand in the order of their sources' names: balance, balance-fees, payout-fees, payouts.
    assert_eq!(money(&ingested, 0, "EUR"), -money(&ingested, 1, "EUR"));
    assert_eq!((money(&ingested, 2, "CZK"), money(&ingested, 3, "CZK")), (-39_635, 39_635));
    // Of five rows three have a fee.
    assert_eq!(counts(&ingested, 2), RowCounts { read: 6, used: 3, structural: 3, ..RowCounts::default() });
}

#[test]
fn paypal_moves_the_balance_by_the_gross_amount_and_a_negative_fee() {
    let ingested = read("paypal");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind", "amount", "currency", "document_no"]),
        [
            "2026-11-02 | 1001 | sale | 124990 | EUR | T1",
            "2026-11-03 | 1001 | refund | -5000 | EUR | T2",
            "2026-11-05 |  | payout | -115705 | EUR | T3",
            "2026-11-02 |  | fee | -4285 | EUR | T1",
        ]
    );
    assert_eq!(money(&ingested, 0, "EUR") + money(&ingested, 1, "EUR"), 0);
    // The authorisation does not move the balance.
    assert_eq!(counts(&ingested, 0), RowCounts { read: 5, used: 3, structural: 2, ..RowCounts::default() });
}

#[test]
fn adyen_says_net_amounts_and_four_costs() {
    let ingested = read("adyen");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.payout_lines, &["statement_id", "posted", "order_no", "kind", "amount"]),
        [
            "17 | 2026-11-02 | 1001 | sale | 15000",
            "17 | 2026-11-02 | 1002 | sale | 2000",
            "17 | 2026-11-03 | 1001 | refund | -5000",
            "17 | 2026-11-04 |  | fee | -120",
            "17 | 2026-11-04 |  | payout | -11525",
            "17 | 2026-11-02 |  | fee | -285",
            "17 | 2026-11-02 |  | fee | -35",
            "17 | 2026-11-03 |  | fee | -35",
        ]
    );
    assert_eq!(money(&ingested, 0, "EUR") + money(&ingested, 1, "EUR"), 0);
}

const ORDER: &[&str] =
    &["order_no", "status", "created_on", "goods_amount", "delivery_price", "payment", "shipping_method"];

#[test]
fn mirakl_credits_and_debits() {
    let ingested = read("mirakl");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let orders = rows(&ingested.frames.orders, &["order_no", "external_ref", "status", "delivery_price", "carrier"]);
    assert_eq!(orders, ["9001-A | 9001 | shipped | 490 | dpd", "9001-B | 9001 | new | 0 | "]);
    let lines = rows(&ingested.frames.order_lines, &["order_no", "sku", "qty", "unit_price_gross"]);
    assert_eq!(lines, ["9001-A | S-1 | 2 | 5000", "9001-B | S-2 | 1 | 1990"]);
    assert_eq!(
        rows(&ingested.frames.payout_lines, &["statement_id", "order_no", "kind", "amount"]),
        [
            "INV-7 | 9001-A | sale | 10000",
            "INV-7 | 9001-A | postage | 490",
            "INV-7 | 9001-A | commission | -1200",
            "INV-7 | 9001-A | commission | -240",
            "INV-7 |  | payout | -9050",
            "INV-8 | 9001-A | sale | 10000",
            "INV-8 | 9001-A | commission | -240",
        ]
    );
    // Files stand in the order of their sources' names: history, orders, transactions.
    assert_eq!(money(&ingested, 2, "EUR"), 0);
}

#[test]
fn woocommerce_by_two_plugins() {
    let ingested = read("woocommerce");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    // Postage with its tax: 4.05 + 0.85; the fee of 1.00 is part of the goods. Of two equal rows of one order the second is a duplicate.
    assert_eq!(
        rows(&ingested.frames.orders, ORDER),
        [
            "2001 | shipped | 2026-11-02 | 6000 | 400 | unknown | Zásilkovna",
            "1001 | shipped | 2026-11-02 | 4510 | 490 | prepaid | Flat rate",
            "1002 | blocked | 2026-11-03 | 1990 | 0 | prepaid | Free shipping",
            "1003 | accepted | 2026-11-03 | 3100 | 390 | cod | Flat rate",
        ]
    );
    assert_eq!(
        counts(&ingested, 1),
        RowCounts { read: 3, used: 1, duplicate: 1, structural: 1, ..RowCounts::default() }
    );
}

#[test]
fn prestashop_by_its_own_fields_and_by_its_list() {
    let ingested = read("prestashop");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let columns =
        ["order_no", "internal_ref", "status", "goods_amount", "delivery_price", "payment", "tracking_number"];
    assert_eq!(
        rows(&ingested.frames.orders, &columns),
        [
            "OHSATSERP | 18 | blocked | 2150 | 0 | cod | ",
            "XKBKNABJK | 17 | shipped | 2900 | 700 | prepaid | 05300123456789",
        ]
    );
    assert_eq!(
        rows(&ingested.frames.shop_orders, &["order_no", "internal_ref", "shop_status"]),
        ["XKBKNABJK | 17 | shipped"]
    );
}

#[test]
fn shoptet_delivers_as_an_item_of_the_order() {
    let ingested = read("shoptet");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    let columns = [
        "order_no",
        "internal_ref",
        "status",
        "created_on",
        "goods_amount",
        "delivery_price",
        "shipping_method",
        "tracking_number",
    ];
    assert_eq!(
        rows(&ingested.frames.orders, &columns),
        [
            "2026000001 | 71 | shipped | 2026-11-02 | 129100 | 7900 | Zásilkovna | Z4507169488",
            "2026000002 | 72 | new | 2026-11-03 | 45000 | 0 | Osobní odběr | ",
        ]
    );
    // The lines add up to the goods: 2 × 620.50 + 50.00, and 500.00 − 50.00.
    assert_eq!(
        rows(&ingested.frames.order_lines, &["order_no", "sku", "qty", "unit_price_gross"]),
        [
            "2026000001 | LA-1 | 2 | 62050",
            "2026000001 | BILLING1 | 1 | 5000",
            "2026000002 | KO-2 | 1 | 50000",
            "2026000002 |  | 1 | -5000",
        ]
    );
}

#[test]
fn shopify_orders_have_a_row_for_each_item() {
    let ingested = read("shopify-orders");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.orders, &["order_no", "status", "goods_amount", "delivery_price", "shipped_on"]),
        ["#1001 | shipped | 4510 | 490 | 2026-11-03", "#1002 | cancelled | 1990 | 0 | "]
    );
    assert_eq!(counts(&ingested, 0), RowCounts { read: 4, used: 2, structural: 2, ..RowCounts::default() });
}

#[test]
fn allegro_pays_without_naming_orders() {
    let ingested = read("allegro");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind", "amount", "currency"]),
        [
            "2026-11-02 | o-77 | commission | -1300 | PLN",
            "2026-11-02 |  | sale | 12999 | PLN",
            "2026-11-03 |  | fee | -1300 | PLN",
            "2026-11-04 |  | refund | -1699 | PLN",
            "2026-11-05 |  | payout | -10000 | PLN",
        ]
    );
    // Files stand in the order of their sources' names: billing, operations.
    assert_eq!(money(&ingested, 1, "PLN"), 0);
}

#[test]
fn gls_states_by_their_numbers() {
    let ingested = read("gls");
    assert_eq!(refused(&ingested), Vec::<String>::new());
    assert_eq!(
        rows(&ingested.frames.tracking_events, &["tracking_number", "at_on", "code", "order_no"]),
        [
            "00123456789 | 2026-11-02 | accepted | 1001",
            "00123456789 | 2026-11-04 | delivered | 1001",
            "00123456790 | 2026-11-06 | returned | 1002",
        ]
    );
}

#[test]
fn every_layout_runs_to_a_report() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts");
    let mut systems = 0;
    for system in walkdir::WalkDir::new(folder).min_depth(1).max_depth(1).sort_by_file_name() {
        let pipeline = system.expect("a folder").into_path().join("pipeline.toml");
        let outcome = crate::workbench::run_into(&pipeline, scratch.path(), Some("2026-12-31"));
        assert!(crate::workbench::folder_of(&outcome).join("settlement.xlsx").is_file(), "{}", pipeline.display());
        systems += 1;
    }
    assert_eq!(systems, 24);
}

#[test]
fn mistakes_about_columns_and_rows_are_told_at_once() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().join("pipeline.toml");
    let text = r#"
[pipeline]
name = "mistakes"
packs = ["marketplaces/shopify"]

[[account]]
name = "shop"
marketplace = "shopify"
currency = "EUR"
timezone = "Europe/Prague"

[[source]]
name = "payments"
account = "shop"
layout = "marketplaces/shopify/payments"
glob = "payments.csv"
without = ["amount"]
columns = { order_no = { plus = ["Order"] }, amount = { minus = ["Fee"], first = ["Net"] } }
skip = [{ columns = ["Type"] }]
"#;
    std::fs::write(&path, text).expect("a file");
    let mistakes = trueup::pipeline::load(&path, &trueup::rules::codes()).expect_err("mistakes");
    let mut codes: Vec<&str> = mistakes.iter().map(|mistake| mistake.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["CFG050", "CFG050", "CFG051", "CFG052"], "{}", trueup::diagnose::render_all(&mistakes));
}

#[test]
fn kaufland_says_what_is_booked_at_the_beginning_of_a_text() {
    let ingested = read("kaufland-bookings");
    // A text that begins with nothing known is refused whole, and its money is counted.
    assert_eq!(refused(&ingested), ["bookings.csv:8 booking_text unknown_word Korrektur der Plattform"]);
    let lines = rows(&ingested.frames.payout_lines, &["posted", "order_no", "kind_raw", "kind", "amount", "currency"]);
    assert_eq!(
        lines,
        [
            "2026-09-01 | MAB1CD5 | Freigabe | sale | 9242 | EUR",
            "2026-09-01 | MXY2ZW5 | Release order | sale | 90000 | EUR",
            "2026-09-02 | MAB1CD5 | Erstattung Bestell | refund | -1000 | EUR",
            "2026-09-03 | MKL3MN5 | Storno Freigabe | cancel | -3803 | EUR",
            "2026-09-04 |  | Nettotransaktionsgebuehren | fee | -380 | EUR",
            "2026-09-04 |  | Umsatzsteuer | tax | -72 | EUR",
            "2026-09-06 |  | Auszahlung | payout | -94087 | EUR",
        ]
    );
    // The last balance.
    assert_eq!(money(&ingested, 0, "EUR"), 0);
}

#[test]
fn emag_says_what_was_collected_and_given_back() {
    let ingested = read("emag-collected");
    assert_eq!(refused(&ingested), ["dp.xlsx:5 Fraction value excess_decimals 45.005"]);
    let columns = ["order_no", "period_from_on", "period_to_on", "paid_on", "kind", "amount", "currency"];
    assert_eq!(
        rows(&ingested.frames.payout_lines, &columns),
        [
            "412345678 | 2026-05-01 | 2026-05-15 | 2026-05-18 | sale | 19999 | RON",
            "412345679 | 2026-05-01 | 2026-05-15 | 2026-05-18 | sale | 8950 | RON",
            "412345679 | 2026-05-01 | 2026-05-15 | 2026-05-18 | sale | -2000 | RON",
        ]
    );
    assert_eq!(money(&ingested, 0, "RON"), 26_949);
}
