//! X15 and X17 of the rulebook through the whole program: a marketplace that buys on delivery, a wrong Delivered, a credit note; and
//! X24: an address at the supplier.

use std::fs;
use std::path::Path;

use crate::workbench::{folder_of, keys, run_into};

const PIPELINE: &str = r#"
[pipeline]
name = "buyer"
packs = ["marketplaces/mall", "carriers/packeta", "suppliers/bigbuy"]

[[account]]
name = "mall-cz"
marketplace = "mall"
currency = "CZK"
timezone = "Europe/Prague"

[[account]]
name = "supplier"
marketplace = "bigbuy"
currency = "EUR"
timezone = "Europe/Madrid"

[[source]]
name = "orders"
kind = "orders"
account = "mall-cz"
glob = "orders.csv"
lines = true
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M", "%Y-%m-%d"]
[source.columns]
order_no = "id"
status_raw = "status"
opened_at = "open"
shipped_at = "shipped"
delivered_at = "delivered_at"
delivery_price = "delivery_price"
cod_fee = "cod_price"
cod_amount = "cod"
tracking_number_raw = "tracking_number"
tracking_url = "tracking_url"
sku = "article_id"
qty = "quantity"
unit_price_gross = "price"
vat_ppm = "vat"
commission_ppm = "commission"

[[source]]
name = "documents"
kind = "documents"
account = "mall-cz"
glob = "documents.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]
[source.columns]
doc_no = "number"
kind_raw = "kind"
line_kind = "line"
order_no = "order"
return_no = "return"
sku = "article"
qty = "quantity"
issued = "issued"
requested_on = "requested"
net = "net"
[source.constants]
currency = "CZK"

[[source]]
name = "tracking"
kind = "tracking_events"
glob = "tracking.csv"
carrier = "packeta"
vocabulary = "packeta-api"
[source.csv]
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
tracking_number_raw = "number"
at = "at"
code_raw = "code"

[[source]]
name = "supplier-orders"
kind = "supplier_orders"
account = "supplier"
glob = "supplier.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
supplier_order_no = "id"
status_raw = "status"
total = "total"
addr_line = "address"
"#;

const ORDERS: &str = "id,status,open,shipped,delivered_at,delivery_price,cod_price,cod,tracking_number,tracking_url,article_id,quantity,price,vat,commission\n\
    1,delivered,2024-03-01 10:00,2024-03-02 10:00,2024-03-04 10:00,29,39,1867,Z1234567890,https://tracking.packeta.com/cs/?id=Z1234567890,A,1,1799,21,15\n";
const TRACKING: &str = "number,at,code\nZ1234567890,2024-03-02 12:00,2\nZ1234567890,2024-03-06 09:00,10\n";
const DELIVERED: &str = "number,at,code\nZ1234567890,2024-03-02 12:00,2\nZ1234567890,2024-03-04 09:00,7\n";
const DOCUMENTS: &str = "number,kind,line,order,return,article,quantity,issued,requested,net\n";
const REQUEST: &str = "4700012345,return document,,1,4700012345,,,,2024-03-07,\n";

fn scene(documents: &str, address: &str) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(scratch.path().join(name), text).expect("a file");
    write("pipeline.toml", PIPELINE);
    write("orders.csv", ORDERS);
    write("tracking.csv", TRACKING);
    write("documents.csv", &format!("{DOCUMENTS}{REQUEST}{documents}"));
    write("supplier.csv", &format!("id,status,total,address\nS1,Ausstehende Prüfung,10.00,{address}\n"));
    scratch
}

fn findings(scratch: &Path) -> Vec<String> {
    let outcome = run_into(&scratch.join("pipeline.toml"), &scratch.join("reports"), Some("2024-03-22"));
    keys(&folder_of(&outcome).join("findings.csv"), &["code", "order_no", "subject", "money", "currency", "due"])
}

#[test]
fn x17_wrongly_set_delivered_and_no_credit_note() {
    let scratch = scene("", "Krátká 1");
    assert_eq!(
        findings(scratch.path()),
        [
            "BB-001 |  | S1 | 10.00 | EUR | 2024-03-22",
            "CN-001 | 1 | 4700012345 | 1319.96 | CZK | 2024-03-21",
            "ST-001 | 1 |  | 1319.96 | CZK | 2024-03-21",
        ]
    );
}

#[test]
fn x17_the_workbook_says_what_must_stand_on_the_credit_note() {
    use calamine::Reader as _;
    let scratch = scene("", "Krátká 1");
    let outcome = run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some("2024-03-22"));
    let path = folder_of(&outcome).join("mismatches.xlsx");
    let mut workbook = calamine::open_workbook::<calamine::Xlsx<_>, _>(path).expect("a workbook");
    let sheet = workbook.worksheet_range("Credit notes").expect("the sheet");
    let rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let row = rows.iter().find(|row| row.iter().any(|cell| cell == "4700012345")).expect("the return document");
    for cell in ["1", "1 × A", "1263.76", "23.97", "32.23", "1319.96"] {
        assert!(row.iter().any(|value| value == cell), "{cell} does not stand there: {row:?}");
    }
}

#[test]
fn x17_a_complete_credit_note_resolves_both() {
    let note = "C1,credit note,item,1,4700012345,A,1,2024-03-10,,1263.76\n\
        C1,credit note,transport,1,4700012345,,,2024-03-10,,23.97\n\
        C1,credit note,cod_fee,1,4700012345,,,2024-03-10,,32.23\n";
    let scratch = scene(note, "Krátká 1");
    assert_eq!(findings(scratch.path()), ["BB-001 |  | S1 | 10.00 | EUR | 2024-03-22"]);
}

#[test]
fn a_credit_note_without_transport_and_cod_fee_is_incomplete() {
    let scratch = scene("C1,credit note,item,1,4700012345,A,1,2024-03-10,,1263.76\n", "Krátká 1");
    assert_eq!(
        findings(scratch.path()),
        [
            "BB-001 |  | S1 | 10.00 | EUR | 2024-03-22",
            "CN-002 | 1 | C1 | 1263.76 | CZK | 2024-03-21",
            "ST-001 | 1 |  | 1319.96 | CZK | 2024-03-21",
        ]
    );
}

#[test]
fn x15_the_claim_of_the_order() {
    use trueup::frame::order_facts as f;
    let amounts = |documents: &str, tracking: &str| {
        let scratch = scene(documents, "Krátká 1");
        fs::write(scratch.path().join("tracking.csv"), tracking).expect("a file");
        let outcome =
            run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some("2024-03-22"));
        let archive = trueup::publish::archive::Archive::open(&folder_of(&outcome)).expect("a publication");
        let orders = archive.frame("order_facts").expect("order facts");
        let amount = |column| trueup::frame::read::numbers(&orders, column).expect("amounts").at(0);
        (amount(f::claim_net), amount(f::claim_gross), amount(f::cash_expected))
    };
    // The merchant holds the 1867.00 that the carrier collected: no column says how the buyer pays, the amount does.
    assert_eq!(amounts("", DELIVERED), (Some(131_996), Some(159_715), Some(159_715 - 186_700)));
    // For a parcel that came back it collected nothing (rulebook §16.23).
    assert_eq!(amounts("", TRACKING), (Some(131_996), Some(159_715), Some(159_715)));
}

#[test]
fn the_cash_that_a_merchant_holds_may_be_less_a_discount() {
    let cash = |policy: &str| {
        let scratch = scene("", "Krátká 1");
        let account = format!("timezone = \"Europe/Prague\"\n{policy}\n[[account]]");
        let pipeline = PIPELINE.replacen("timezone = \"Europe/Prague\"\n\n[[account]]", &account, 1).replacen(
            "cod_amount = \"cod\"",
            "cod_amount = \"cod\"\ndiscount = \"discount\"",
            1,
        );
        let orders = ORDERS.replacen(",commission\n", ",commission,discount\n", 1);
        let orders: Vec<String> = orders
            .lines()
            .enumerate()
            .map(|(line, row)| if line == 0 { row.to_owned() } else { format!("{row},100.00") })
            .collect();
        fs::write(scratch.path().join("pipeline.toml"), pipeline).expect("a file");
        fs::write(scratch.path().join("orders.csv"), orders.join("\n") + "\n").expect("a file");
        fs::write(scratch.path().join("tracking.csv"), DELIVERED).expect("a file");
        let outcome =
            run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some("2024-03-22"));
        let archive = trueup::publish::archive::Archive::open(&folder_of(&outcome)).expect("a publication");
        let facts = archive.frame("order_facts").expect("order facts");
        trueup::frame::read::numbers(&facts, trueup::frame::order_facts::cash_expected).expect("amounts").at(0)
    };
    assert_eq!(cash(""), Some(159_715 - 186_700));
    let deducted = "[[account.policy]]\nsource = \"A24\"\ncod_minus_discount = true\n";
    assert_eq!(cash(deducted), Some(159_715 - 186_700 + 10_000));
}

#[test]
fn money_of_a_supplier_order_is_in_the_currency_of_the_sale() {
    let scratch = scene("", "Krátká 1");
    let path = scratch.path().join("pipeline.toml");
    let linked = PIPELINE.replace("total = \"total\"", "total = \"total\"\ninternal_ref = \"reference\"");
    fs::write(&path, linked).expect("a file");
    let supplier = "id,status,total,address,reference\nS1,Ausstehende Prüfung,10.00,Krátká 1,1\n";
    fs::write(scratch.path().join("supplier.csv"), supplier).expect("a file");
    // Goods 1799.00 and postage 29.00 of the channel order.
    assert_eq!(findings(scratch.path())[0], "BB-001 | 1 | S1 | 1828.00 | CZK | 2024-03-22");
}

#[test]
fn without_a_carrier_dump_the_scanned_rate_is_not_computable() {
    let scratch = scene("", "Krátká 1");
    fs::remove_file(scratch.path().join("tracking.csv")).expect("removed");
    let warned = PIPELINE.replace("vocabulary = \"packeta-api\"", "vocabulary = \"packeta-api\"\nif_absent = \"warn\"");
    fs::write(scratch.path().join("pipeline.toml"), warned).expect("a file");
    let outcome = run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some("2024-03-22"));
    let text = fs::read_to_string(folder_of(&outcome).join("run.json")).expect("run.json");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let metrics = &manifest["accounts"][0]["metrics"];
    assert_eq!(metrics["tracking_rate_scanned"][0]["computable"], false);
    assert_eq!(metrics["tracking_rate"][0]["denominator"], 1);
}

#[test]
fn x24_seventy_characters_pass_and_seventy_one_do_not() {
    let codes = |length: usize| {
        let scratch = scene("", &"ř".repeat(length));
        let found = findings(scratch.path());
        found.into_iter().filter(|row| row.starts_with("BB-")).map(|row| row[..6].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(70), ["BB-001"]);
    assert_eq!(codes(71), ["BB-002"]);
}

/// The credit note that came resolves the finding, not the return document that asked for it and stands as it did.
#[test]
fn a_credit_note_resolves_the_request_that_it_answers() {
    let scratch = scene("", "Krátká 1");
    let run = |day: &str| run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some(day));
    run("2024-03-22");
    let note = "C1,credit note,item,1,4700012345,A,1,2024-03-10,,1263.76\n\
                C1,credit note,transport,1,4700012345,,,2024-03-10,,23.97\n\
                C1,credit note,cod fee,1,4700012345,,,2024-03-10,,32.23\n";
    fs::write(scratch.path().join("documents.csv"), format!("{DOCUMENTS}{REQUEST}{note}")).expect("a file");
    let gone = keys(&folder_of(&run("2024-03-23")).join("resolved.csv"), &["code", "resolved_by"]);
    let by = gone.iter().find(|row| row.starts_with("CN-001")).unwrap_or_else(|| panic!("{gone:?}"));
    assert!(by.contains("\"file\":\"documents.csv\"") && by.contains("\"row\":3"), "{by}");
}
