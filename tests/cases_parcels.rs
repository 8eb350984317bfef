//! Small inputs that were judged wrongly once, each with its right answer: carriers' histories, joins, statuses, rates, as-of. Every kind
//! stands with further inputs of other carriers, marketplaces, layouts and formats.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;
use trueup::publish::archive::Archive;

use crate::workbench::{folder_of, keys, run_into};

/// A folder with inputs, and its runs.
struct Case {
    folder: Rc<tempfile::TempDir>,
}

/// One published run, and what keeps its folder.
struct Run(PathBuf, #[expect(dead_code, reason = "the folder lives as long")] Rc<tempfile::TempDir>);

impl Case {
    /// The inputs of `tests/cases/<name>`.
    fn of(name: &str) -> Case {
        let case = Case::new();
        let from = Path::new("tests/cases").join(name);
        for (file, bytes) in crate::workbench::bytes_of(&from) {
            case.write_bytes(&file, &bytes);
        }
        case
    }

    fn new() -> Case {
        Case { folder: Rc::new(tempfile::tempdir().expect("a folder")) }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, text: &str) -> &Case {
        self.write_bytes(file, text.as_bytes());
        self
    }

    fn write_bytes(&self, file: &str, bytes: &[u8]) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect("a file")
    }

    /// Writes a file again with one text in place of another.
    fn replace(&self, file: &str, from: &str, to: &str) -> &Case {
        let text = self.read(file);
        assert!(text.contains(from), "{from} is not in {file}");
        self.write(file, &text.replace(from, to))
    }

    /// A CSV as the first sheet of a workbook, all cells text.
    fn workbook(&self, csv: &str, delimiter: char, xlsx: &str) -> &Case {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, line) in self.read(csv).lines().enumerate() {
            for (column, cell) in line.split(delimiter).enumerate() {
                sheet.write_string(row as u32, column as u16, cell).expect("a cell");
            }
        }
        workbook.save(self.path(xlsx)).expect("a workbook");
        self
    }

    fn run(&self, pipeline: &str, as_of: &str) -> Run {
        let out = tempfile::tempdir_in(self.folder.path()).expect("a folder").keep();
        Run(folder_of(&run_into(&self.path(pipeline), &out, Some(as_of))), Rc::clone(&self.folder))
    }
}

impl Run {
    /// `CODE order` of the findings of some rules.
    fn findings(&self, codes: &[&str]) -> Vec<String> {
        let all = keys(&self.0.join("findings.csv"), &["code", "order_no"]);
        all.into_iter()
            .filter(|key| codes.iter().any(|code| key.starts_with(code)))
            .map(|key| key.replace(" | ", " "))
            .collect()
    }

    /// Some columns of the finding of a rule about an order.
    fn finding(&self, code: &str, order_no: &str, columns: &[&str]) -> String {
        let all = keys(&self.0.join("findings.csv"), &[&["code", "order_no"], columns].concat());
        let start = format!("{code} | {order_no} | ");
        let found = all.iter().find_map(|key| key.strip_prefix(&start));
        found.unwrap_or_else(|| panic!("no {code} of {order_no} in {all:?}")).to_owned()
    }

    /// A fact of an order as text.
    fn fact(&self, order_no: &str, fact: &str) -> String {
        let frame = Archive::open(&self.0).expect("a run").frame("order_facts").expect("a frame");
        let orders = frame.column("order_no").expect("a column").str().expect("texts");
        let row = orders.iter().position(|order| order == Some(order_no)).expect("an order");
        let value = frame.column(fact).expect("a fact").get(row).expect("a value");
        match value.get_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&fs::read(self.0.join("run.json")).expect("a file")).expect("JSON")
    }

    fn account(&self, name: &str) -> Value {
        let json = self.json();
        let accounts = json["accounts"].as_array().expect("accounts");
        accounts.iter().find(|account| account["account"] == name).expect("the account").clone()
    }

    /// One window of a metric.
    fn metric(&self, account: &str, metric: &str, window: &str) -> Value {
        let windows = self.account(account)["metrics"][metric].clone();
        let windows = windows.as_array().expect("windows");
        windows.iter().find(|entry| entry["window"] == window).expect("the window").clone()
    }
}

const GOING_BACK: [&str; 5] = ["ST-001", "ST-009", "ST-011", "ST-019", "ST-020"];

#[test]
fn f04_delivered_after_going_back_is_at_the_sender() {
    let case = Case::of("f04");
    let run = case.run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&GOING_BACK), ["ST-001 a-2", "ST-001 a-3"]);
    assert_eq!(
        (run.fact("a-1", "carrier_outcome"), run.fact("a-2", "carrier_outcome")),
        ("delivered".into(), "returned".into())
    );
    assert_eq!(run.fact("a-2", "carrier_outcome_on"), "2026-11-10");
}

/// A return and a delivery of one instant, and of one day without times. The order of the rows tells which came first where the file is in
/// the order of time; where nothing tells, nobody is accused.
#[test]
fn f04_of_one_time_the_rows_tell_which_came_first() {
    let case = Case::of("f04");
    let codes = ["ST-001", "ST-002", "ST-009", "ST-011", "ST-019", "ST-020"];
    let found = |rows: &[&str], order: &str| {
        let orders = "order;state;created;goods;postage;delivered;waybill\n";
        case.write("orders.csv", &format!("{orders}a-1;{order};AD0TESTAAAAAAAAA1\n"));
        let rows: String = rows.iter().map(|row| format!("AD0TESTAAAAAAAAA1;{row}\n")).collect();
        case.write("tracking.csv", &format!("waybill;code;occurredAt\n{rows}"));
        case.run("pipeline.toml", "2026-11-25").findings(&codes)
    };
    let received = "PICKED_UP;2026-11-01 10:00;100.00;9.00;2026-11-12 10:00";
    let returned = "RETURNED;2026-11-01 10:00;100.00;9.00;";
    let (sent, back, there) =
        ("2026-11-02T18:00:00Z", "RETURNED;2026-11-10T10:00:00Z", "DELIVERED;2026-11-10T10:00:00Z");
    let sent = format!("IN_TRANSIT;{sent}");
    // Forwards and backwards in time.
    for rows in [[sent.as_str(), back, there], [there, back, sent.as_str()]] {
        assert_eq!(found(&rows, received), ["ST-001 a-1"]);
        assert_eq!(found(&rows, returned), Vec::<String>::new());
    }
    // First at the buyer, then back.
    for rows in [[sent.as_str(), there, back], [back, there, sent.as_str()]] {
        assert_eq!(found(&rows, received), ["ST-020 a-1"]);
    }
    // Two rows of one instant prove nothing.
    for rows in [[back, there], [there, back]] {
        assert_eq!(found(&rows, received), Vec::<String>::new());
        assert_eq!(found(&rows, returned), Vec::<String>::new());
    }
}

#[test]
fn f04_in_the_model_of_the_latest_event() {
    let case = Case::of("f04");
    let latest = "complete = true\n[[account.policy]]\nsource = \"test\"\noutcome = \"latest_event\"\n";
    case.replace("pipeline.toml", "complete = true\n", latest);
    let run = case.run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&GOING_BACK), ["ST-001 a-2", "ST-001 a-3"]);
    assert_eq!(run.fact("a-2", "carrier_outcome_on"), "2026-11-12");
}

#[test]
fn f04_a_code_that_names_the_buyer_delivers_again() {
    let case = Case::of("f04");
    case.replace(
        "packs/carriers/allegro-delivery.toml",
        "returned = [\"RETURNED\"]",
        "returned = [\"RETURNED\"]\n[vocabulary.wza.to]\nbuyer = [\"DELIVERED\"]",
    );
    let run = case.run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&GOING_BACK), ["ST-001 a-3"]);
}

/// Another marketplace, carrier, order of rows and a workbook: *returning* alone, then *delivered*.
#[test]
fn f04_of_another_carrier_in_a_workbook_with_the_newest_row_first() {
    let case = Case::new();
    case.write("pipeline.toml", PPL).write(
        "orders.csv",
        "no,state,created,goods,postage,delivered,number,url\n\
         1,Delivered,2024-03-01 10:00,100.00,9.00,2024-03-04 10:00,40857241531,https://www.ppl.cz/vyhledat-zasilku?shipmentId=40857241531\n\
         2,Returned,2024-03-01 10:00,100.00,9.00,,40857241532,https://www.ppl.cz/vyhledat-zasilku?shipmentId=40857241532\n\
         3,Shipped,2024-03-01 10:00,100.00,9.00,,40857241533,https://www.ppl.cz/vyhledat-zasilku?shipmentId=40857241533\n",
    );
    let mut rows = String::from("number;code;at\n");
    for number in ["40857241531", "40857241532", "40857241533"] {
        for (code, at) in [
            ("Delivered", "2024-03-09 10:00"),
            ("BackToSender", "2024-03-06 10:00"),
            ("Rejected", "2024-03-04 10:00"),
            ("Active", "2024-03-02 10:00"),
        ] {
            rows.push_str(&format!("{number};{code};{at}\n"));
        }
    }
    case.write("tracking.csv", &rows).workbook("tracking.csv", ';', "tracking.xlsx");
    let run = case.run("pipeline.toml", "2024-03-20");
    assert_eq!(run.findings(&["ST-001", "ST-009", "ST-011", "ST-020"]), ["ST-001 1", "ST-009 3"]);
    assert_eq!(run.fact("2", "carrier_outcome"), "returned");
    assert_eq!(run.fact("2", "carrier_outcome_on"), "2024-03-09");
}

const PPL: &str = r#"
[pipeline]
name = "ppl"
packs = ["marketplaces/mall", "carriers/ppl", "calendars/cz"]

[[account]]
name = "mall"
marketplace = "mall"
currency = "CZK"
timezone = "Europe/Prague"
complete = true

[[source]]
name = "orders"
kind = "orders"
account = "mall"
glob = "orders.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
order_no = "no"
status_raw = "state"
created_at = "created"
goods_amount = "goods"
delivery_price = "postage"
delivered_at = "delivered"
tracking_number_raw = "number"
tracking_url = "url"

[[source]]
name = "tracking"
kind = "tracking_events"
carrier = "ppl"
vocabulary = "ppl-state"
timezone = "Europe/Prague"
glob = "tracking.xlsx"
[source.xlsx]
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
tracking_number_raw = "number"
code_raw = "code"
at = "at"
"#;

#[test]
fn f25_events_of_all_numbers_of_a_parcel_are_one_history() {
    let run = Case::of("f25").run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&["ST-", "TR-"]), ["ST-002 n-1"]);
    for order in ["n-1", "n-2"] {
        assert_eq!(
            (run.fact(order, "carrier_outcome"), run.fact(order, "shipments")),
            ("delivered".into(), "1".into())
        );
    }
}

/// The order itself names the second number, and each carrier of the journey has a part of the events.
#[test]
fn f25_the_order_names_both_numbers_and_each_has_a_part_of_the_history() {
    let case = Case::of("f25");
    case.write(
        "orders.csv",
        "order;state;created;goods;postage;delivered;waybill;last_mile\n\
         n-1;SENT;2026-11-02 08:00;100.00;0.00;;A000TESTG4;0101 5026 0000 41\n\
         n-2;PICKED_UP;2026-11-02 08:00;100.00;0.00;2026-11-04 12:00;A000TESTG5;01015026000042\n",
    );
    case.write(
        "tracking.csv",
        "waybill;code;at\n\
         A000TESTG4;05;2026-11-02 18:00:00\n01015026000041;13;2026-11-04 10:00:00\n\
         A000TESTG5;05;2026-11-02 18:00:00\nA000TESTG5;06;2026-11-05 11:00:00\n01015026000042;13;2026-11-06 11:00:00\n",
    );
    let pipeline = case.read("pipeline.toml");
    let (start, rest) = pipeline.split_once("[[source]]\nname = \"parcels\"").expect("parcels");
    let tracking = &rest[rest.find("[[source]]").expect("a source")..];
    let orders = start.replace(
        "tracking_number_raw = \"waybill\"\n",
        "tracking_number_raw = \"waybill\"\ntracking_number_alias = \"last_mile\"\n",
    );
    case.write("pipeline.toml", &(orders + tracking));
    let run = case.run("pipeline.toml", "2026-11-20");
    // n-2 went back before the last mile delivered it: to the sender.
    assert_eq!(run.findings(&["ST-", "TR-"]), ["ST-001 n-2", "ST-002 n-1"]);
    assert_eq!(run.fact("n-2", "carrier_outcome"), "returned");
}

/// The only number of an order stands in the column of aliases; a parcel has two further numbers.
#[test]
fn f25_a_number_among_the_aliases_alone_is_a_number_of_the_parcel() {
    let case = Case::of("f25");
    case.write(
        "parcels.csv",
        "order;waybill;carrier_waybill\nn-1;A000TESTG4;X9\nn-1;A000TESTG4;01015026000041\nn-2;A000TESTG5;01015026000042\n",
    );
    assert_eq!(case.run("pipeline.toml", "2026-11-20").findings(&["ST-", "TR-", "DQ-"]), ["ST-002 n-1"]);
    case.write(
        "orders.csv",
        "order;state;created;goods;postage;delivered;waybill;last_mile\n\
         n-1;SENT;2026-11-02 08:00;100.00;0.00;;;0101 5026 0000 41\n",
    );
    let pipeline = case.read("pipeline.toml");
    let (start, rest) = pipeline.split_once("[[source]]\nname = \"parcels\"").expect("parcels");
    let tracking = &rest[rest.find("[[source]]").expect("a source")..];
    let own = "tracking_number_raw = \"waybill\"\n";
    let orders = start.replace(own, &format!("{own}tracking_number_alias = \"last_mile\"\n"));
    case.write("pipeline.toml", &(orders + tracking));
    let run = case.run("pipeline.toml", "2026-11-20");
    assert_eq!((run.findings(&["ST-"]), run.fact("n-1", "shipments")), (vec!["ST-002 n-1".to_owned()], "1".into()));
}

/// One parcel on two orders is found by whichever of its numbers they name.
#[test]
fn f25_one_parcel_on_two_orders_is_told_once() {
    let case = Case::of("f25");
    case.write(
        "parcels.csv",
        "order;waybill;carrier_waybill\nn-1;A000TESTG4;01015026000041\nn-2;A000TESTG4;01015026000041\n",
    );
    let run = case.run("pipeline.toml", "2026-11-20");
    let told = keys(&run.0.join("findings.csv"), &["code", "shipment"]);
    assert_eq!(told.iter().filter(|key| key.starts_with("TR-005")).collect::<Vec<_>>(), ["TR-005 | 01015026000041"]);
}

/// Packeta's dump names the merchant's order; the orders have a number, a wrong one, or none.
const NAMED: &str = r#"
[pipeline]
name = "named"
packs = ["marketplaces/mall", "carriers/packeta", "calendars/cz"]

[[account]]
name = "mall"
marketplace = "mall"
currency = "CZK"
timezone = "Europe/Prague"
complete = true

[[source]]
name = "orders"
kind = "orders"
account = "mall"
glob = "orders.csv"
[source.csv]
decimal = "."
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
order_no = "no"
status_raw = "state"
created_at = "created"
goods_amount = "goods"
delivery_price = "postage"
delivered_at = "delivered"
shipped_at = "shipped"
tracking_number_raw = "number"
tracking_url = "url"
internal_ref = "ours"

[[source]]
name = "tracking"
kind = "tracking_events"
carrier = "packeta"
vocabulary = "packeta-api"
timezone = "Europe/Prague"
glob = "tracking.csv"
[source.csv]
dates = ["%Y-%m-%d %H:%M"]
[source.columns]
tracking_number_raw = "number"
code_raw = "code"
at = "at"
order_no = "reference"
"#;

const NAMED_ORDERS: &str = "no,state,created,goods,postage,delivered,shipped,number,url,ours\n\
    10,Delivered,2024-03-01 10:00,100.00,9.00,2024-03-05 10:00,2024-03-02 10:00,NUMBER10,LINK10,\n\
    11,Shipped,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,NUMBER11,LINK11,S-77\n";

fn named(orders: &str, events: &str) -> Run {
    let case = Case::new();
    case.write("pipeline.toml", NAMED).write("orders.csv", orders);
    case.write("tracking.csv", &format!("number,code,at,reference\n{events}"));
    case.run("pipeline.toml", "2024-03-20")
}

fn with_numbers(of_10: &str, of_11: &str) -> String {
    let link = |number: &str| match number {
        "" => String::new(),
        number => format!("https://tracking.packeta.com/cs/?id={number}"),
    };
    let orders = NAMED_ORDERS.replace("NUMBER10", of_10).replace("LINK10", &link(of_10));
    orders.replace("NUMBER11", of_11).replace("LINK11", &link(of_11))
}

const NAMED_EVENTS: &str = "Z1000000010,2,2024-03-02 12:00,10\nZ1000000010,10,2024-03-12 12:00,10\n\
    Z1000000011,2,2024-03-02 12:00,11\nZ1000000011,7,2024-03-05 12:00,11\n";

#[test]
fn a_parcel_whose_events_name_the_order_belongs_to_it_without_a_number() {
    let with = named(&with_numbers("Z1000000010", "Z1000000011"), NAMED_EVENTS);
    assert_eq!(with.findings(&["ST-", "TR-"]), ["ST-001 10", "ST-002 11"]);
    let without = named(&with_numbers("", ""), NAMED_EVENTS);
    assert_eq!(without.findings(&["ST-", "TR-"]), ["ST-001 10", "ST-002 11", "TR-001 10", "TR-001 11"]);
    for fact in ["carrier_outcome", "carrier_outcome_on", "shipments", "parcels_delivered"] {
        assert_eq!(with.fact("10", fact), without.fact("10", fact), "{fact}");
    }
}

#[test]
fn the_merchants_own_reference_names_the_order_as_well() {
    let events = NAMED_EVENTS.replace(",11\n", ",S-77\n");
    let run = named(&with_numbers("Z1000000010", ""), &events);
    assert_eq!(run.findings(&["ST-", "TR-"]), ["ST-001 10", "ST-002 11", "TR-001 11"]);
}

/// The order number is trusted more than the tracking number: a parcel of another order settles nobody else's.
#[test]
fn a_number_that_the_carrier_knows_as_another_orders_settles_nothing() {
    let run = named(&with_numbers("Z1000000011", "Z1000000011"), NAMED_EVENTS);
    assert_eq!(run.findings(&["ST-"]), ["ST-001 10", "ST-002 11"]);
    let told = keys(&run.0.join("findings.csv"), &["code", "shipment"]);
    assert_eq!(told.iter().filter(|key| key.starts_with("TR-")).collect::<Vec<_>>(), ["TR-005 | Z1000000011"]);
}

#[test]
fn h_cancel_rate_the_customers_wish_is_out_of_both_sides() {
    let run = Case::of("h-cancel-rate").run("t.toml", "2024-03-31");
    let month = run.metric("mall-track", "cancel_rate", "last_closed_month");
    assert_eq!((&month["numerator"], &month["denominator"]), (&3.into(), &199.into()));
    assert_eq!(month["excluded"], serde_json::json!({ "customer_request": 1 }));
}

/// Which actors cancel on the customer's wish is text of a pack or a pipeline; a buyer who withdraws after the delivery cancels nothing.
#[test]
fn h_cancel_rate_by_other_actors_and_after_the_delivery() {
    let case = Case::of("h-cancel-rate");
    let rows = case.read("o.psv");
    let line = |from: &str, to: &str| rows.replace(from, to);
    // 9000003 by the marketplace's call centre, 9000002 after it was delivered.
    let by_call_centre = line(
        "2024-03-05 10:00:00|||||2024-03-05 11:00:00||customer|",
        "2024-03-05 10:00:00|||||2024-03-05 11:00:00||marketplace|",
    );
    case.write("o.psv", &by_call_centre);
    let month = |case: &Case| case.run("t.toml", "2024-03-31").metric("mall-track", "cancel_rate", "last_closed_month");
    assert_eq!(month(&case)["denominator"], 200);
    case.replace(
        "t.toml",
        "[[account]]\nname = \"mall-cancel\"",
        "[[account.policy]]\nsource = \"test\"\ncustomer_request_actors = [\"customer\", \"marketplace\"]\n\n[[account]]\nname = \"mall-cancel\"",
    );
    assert_eq!((&month(&case)["numerator"], &month(&case)["denominator"]), (&3.into(), &199.into()));
    let first = by_call_centre.lines().nth(1).expect("a row");
    let delivered = format!(
        "{}2024-03-05 10:30:00",
        first.replacen("2024-03-05 10:00:00|||||", "2024-03-05 10:00:00|||2024-03-05 10:30:00||", 1)
    );
    case.write("o.psv", &by_call_centre.replacen(first, &delivered, 1));
    let month = month(&case);
    assert_eq!((&month["numerator"], &month["denominator"]), (&2.into(), &199.into()));
    assert_eq!(month["excluded"], serde_json::json!({ "customer_request": 1 }));
}

/// Who cancelled is in no column: every cancellation counts by the policy's assumption, and nobody is accused of them.
#[test]
fn a_rate_whose_actor_no_export_says_is_open() {
    let case = Case::of("h-cancel-rate");
    assert_eq!(case.run("t.toml", "2024-03-31").findings(&["SL-002"]).len(), 1);
    case.replace("t.toml", "cancel_actor = \"cancelled_by\"\n", "");
    let run = case.run("t.toml", "2024-03-31");
    let month = run.metric("mall-track", "cancel_rate", "last_closed_month");
    assert_eq!((&month["met"], &month["open"], &month["quarantined"]), (&Value::Null, &true.into(), &0.into()));
    assert_eq!((&month["numerator"], &month["denominator"]), (&4.into(), &200.into()));
    assert!(run.findings(&["SL-002"]).is_empty());
}

/// A row that cannot be read may be on either side of a rate.
#[test]
fn a_rate_is_met_only_whichever_way_its_refused_rows_fall() {
    let case = Case::of("h-cancel-rate");
    let rows = case.read("o.psv");
    let rate = |case: &Case, window: &str| case.run("t.toml", "2024-03-31").metric("mall-track", "cancel_rate", window);
    let whole = rate(&case, "last_closed_month");
    assert_eq!((&whole["met"], &whole["open"], &whole["quarantined"]), (&false.into(), &false.into(), &0.into()));
    // 3 of 199 are 1.507 %: two further orders would meet the target, were they no cancellations.
    let unread = |number: u32, day: &str| {
        format!(
            "{number}|{day} 10:00:00|forgotten|0|0||0|prepaid|0.00|300.00|0.00|0.00|0.00|CZK|address|||||||{day} 10:00:00||||||||\n"
        )
    };
    case.write("o.psv", &format!("{rows}{}{}", unread(9_100_001, "2024-03-09"), unread(9_100_002, "2024-03-09")));
    let open = rate(&case, "last_closed_month");
    assert_eq!((&open["met"], &open["open"], &open["quarantined"]), (&Value::Null, &true.into(), &2.into()));
    assert!(case.run("t.toml", "2024-03-31").findings(&["SL-002"]).is_empty());
    // Of another month they change nothing; an order whose day cannot be read may be of any.
    case.write("o.psv", &format!("{rows}{}", unread(9_100_001, "2024-02-09")));
    assert_eq!(rate(&case, "last_closed_month"), whole);
    case.write("o.psv", &format!("{rows}{}", unread(9_100_001, "2024-03-32")));
    assert_eq!(rate(&case, "last_closed_month")["quarantined"], 1);
}

/// What a run says in figures: findings, days, rates, counts, settlement.
fn figures(run: &Run, account: &str) -> (Vec<String>, String, Value) {
    let findings = keys(&run.0.join("findings.csv"), &["code", "order_no", "subject", "money", "due"]);
    let findings = findings.into_iter().filter(|key| !key.starts_with("DQ-006")).collect();
    let days = fs::read_to_string(run.0.join("day-shipping.csv")).expect("a file");
    (findings, days, run.account(account))
}

/// `[inputs][].values_after_as_of` of the input whose path ends so.
fn later_values(run: &Run, file: &str) -> Value {
    let inputs = run.json()["inputs"].clone();
    let inputs = inputs.as_array().expect("inputs");
    inputs.iter().find(|input| input["path"].as_str().is_some_and(|path| path.ends_with(file))).expect("the input")["values_after_as_of"].clone()
}

/// The exports of 10 November, and those of 28 November of the same orders.
#[test]
fn a_run_of_last_week_with_todays_exports_gives_last_weeks_figures() {
    use crate::scenarios::{HEAD, ORDERS, ORDERS_HEADER, OVERVIEW, PAYOUTS, TRACKING};
    let head = |row: &str| format!("{row};A;1;");
    let early = [
        format!(
            "{}0;500,00;18",
            head("1;Odesláno;2026-11-01 10:00;2026-11-01 10:05;2026-11-03 09:00;;;2026-11-08;ČP;89,00;Z1000000001")
        ),
        format!(
            "{}0;500,00;18",
            head("2;Odesláno;2026-11-01 10:00;2026-11-02 10:05;2026-11-03 09:00;;;2026-11-20;ČP;89,00;Z1000000002")
        ),
        format!("{}0;500,00;18", head("3;Nová;2026-11-02 10:00;2026-11-02 10:05;;;;2026-11-20;ČP;89,00;")),
        format!(
            "{}0;500,00;18",
            head(
                "4;Doručeno;2026-11-01 10:00;2026-11-01 10:05;2026-11-02 09:00;2026-11-05 09:00;;2026-11-20;ČP;89,00;Z1000000004"
            )
        ),
        format!(
            "{}0;500,00;18",
            head("5;Odesláno;2026-11-01 10:00;2026-11-01 10:05;2026-11-02 09:00;;;2026-11-20;ČP;89,00;Z1000000005")
        ),
    ];
    let late = [
        // Delivered, cancelled, sent, paid out, cancelled after the delivery: all after the tenth.
        format!(
            "{}0;500,00;18",
            head(
                "1;Doručeno;2026-11-01 10:00;2026-11-01 10:05;2026-11-03 09:00;2026-11-12 09:00;;2026-11-08;ČP;89,00;Z1000000001"
            )
        ),
        format!(
            "{}1;500,00;18",
            head(
                "2;Stornováno;2026-11-01 10:00;2026-11-02 10:05;2026-11-03 09:00;;2026-11-13 10:00;2026-11-20;ČP;89,00;Z1000000002"
            )
        ),
        format!(
            "{}0;500,00;18",
            head("3;Odesláno;2026-11-02 10:00;2026-11-02 10:05;2026-11-14 09:00;;;2026-11-20;ČP;89,00;")
        ),
        format!(
            "{}1;500,00;18",
            head(
                "4;Stornováno;2026-11-01 10:00;2026-11-01 10:05;2026-11-02 09:00;2026-11-05 09:00;2026-11-15 09:00;2026-11-20;ČP;89,00;Z1000000004"
            )
        ),
        format!(
            "{}0;500,00;18",
            head(
                "5;Doručeno;2026-11-01 10:00;2026-11-01 10:05;2026-11-02 09:00;2026-11-11 00:00;;2026-11-20;ČP;89,00;Z1000000005"
            )
        ),
        format!("{}0;500,00;18", head("6;Nová;2026-11-12 10:00;2026-11-12 10:05;;;;2026-11-20;ČP;89,00;")),
    ];
    let events = "number,at,code\nZ1000000001,2026-11-03 12:00,2\nZ1000000002,2026-11-03 12:00,2\nZ1000000004,2026-11-02 12:00,2\n\
        Z1000000004,2026-11-05 08:00,7\nZ1000000005,2026-11-02 12:00,2\nZ1000000005,2026-11-08 12:00,7\n";
    let overview = "Nap;Szállítás;Fizetett;Lemondva\n1. 11.;ČP;267;0\n2. 11.;ČP;178;0\n";
    let night = |orders: &[String], events: &str, overview: &str, payouts: &str| {
        let case = Case::new();
        case.write("pipeline.toml", &[HEAD, ORDERS, PAYOUTS, TRACKING, OVERVIEW].concat());
        case.write("orders.csv", &format!("{ORDERS_HEADER}{}\n", orders.join("\n")));
        case.write("tracking.csv", events).write("overview-2026-11.csv", overview).write("payouts.csv", payouts);
        case.run("pipeline.toml", "2026-11-10")
    };
    let payouts = "statement,paid,order,kind,amount\nS0,2026-11-02,,fee,-1.00\n";
    let then = night(&early, events, overview, payouts);
    let today = night(
        &late,
        &format!("{events}Z1000000001,2026-11-11 12:00,7\nZ1000000002,2026-11-16 12:00,10\n"),
        &format!("{overview}12. 11.;ČP;89;0\n13. 11.;ČP;0;89\n15. 11.;ČP;0;89\n"),
        &format!("{payouts}S1,2026-11-21,1,sale,410.00\n"),
    );
    assert_eq!(figures(&today, "shop"), figures(&then, "shop"));
    assert_eq!(then.findings(&["ST-", "SV-", "PO-", "PY-"]), ["ST-002 5", "SV-001 1"]);
    assert_eq!((then.fact("2", "status"), today.fact("2", "status")), ("shipped".into(), "shipped".into()));
    assert_eq!(today.account("shop")["daily"], serde_json::json!({ "new": 1, "to_deliver": 3, "late": 1 }));
    // Delivered of 1 and 5, cancelled of 2 and 4, sent of 3.
    assert_eq!((later_values(&then, "orders.csv"), later_values(&today, "orders.csv")), (0.into(), 5.into()));
}

/// A marketplace with a history, another layout, a workbook: what the history told by then decides the status.
#[test]
fn the_history_says_which_status_an_order_had() {
    let case = Case::of("h-cancel-rate");
    let header = case.read("o.psv").lines().next().expect("a header").to_owned();
    let row = |id: u32,
               status: &str,
               open: &str,
               work: &str,
               shipped: &str,
               set: &str,
               returned: &str,
               cancelled: &str,
               delivered: &str| {
        format!(
            "{id}|2024-03-05 10:00:00|{status}|0|0||0|prepaid|0.00|300.00|0.00|0.00|0.00|CZK|address|PPL|4085724153{id}|https://www.ppl.cz/?shipmentId=4085724153{id}|2024-03-06|2024-03-08||{open}|{work}|{shipped}|{set}|{returned}|{cancelled}||partner|{delivered}"
        )
    };
    let open = "2024-03-05 10:05:00";
    let work = "2024-03-05 12:00:00";
    let sent = "2024-03-06 12:00:00";
    let early = [
        row(1, "shipped", open, work, sent, "", "", "", ""),
        row(2, "shipping", open, work, "", "", "", "", ""),
        row(3, "shipped", open, work, sent, "", "", "", ""),
        row(4, "delivered", open, work, sent, "2024-03-08 12:00:00", "", "", "2024-03-08 10:00:00"),
        row(5, "open", open, "", "", "", "", "", ""),
    ];
    let late = [
        row(1, "delivered", open, work, sent, "2024-03-14 12:00:00", "", "", "2024-03-09 10:00:00"),
        row(2, "cancelled", open, work, "", "", "", "2024-03-13 12:00:00", ""),
        row(3, "returned", open, work, sent, "", "2024-03-15 12:00:00", "", ""),
        row(4, "delivered", open, work, sent, "2024-03-08 12:00:00", "", "", "2024-03-08 10:00:00"),
        row(5, "shipped", open, "2024-03-11 12:00:00", "2024-03-12 12:00:00", "", "", "", ""),
    ];
    let night = |orders: &[String], book: &str| {
        case.write("o.psv", &format!("{header}\n{}\n", orders.join("\n"))).workbook("o.psv", '|', book);
        let pipeline = case.read("t.toml").replace("glob = \"o.psv\"", &format!("glob = \"{book}\""));
        let pipeline = pipeline.replace("[source.csv]\nencoding = \"utf-8\"\ndelimiter = \"|\"\n", "[source.xlsx]\n");
        case.write("t-book.toml", &pipeline);
        case.run("t-book.toml", "2024-03-10")
    };
    let then = night(&early, "early.xlsx");
    let today = night(&late, "late.xlsx");
    assert_eq!(figures(&today, "mall-track"), figures(&then, "mall-track"));
    for (order, status) in [("1", "shipped"), ("2", "packing"), ("3", "shipped"), ("4", "delivered"), ("5", "new")] {
        assert_eq!(today.fact(order, "status"), status, "{order}");
    }
    // Set of 1, cancelled of 2, returned of 3, confirmed and shipped of 5.
    assert_eq!(later_values(&today, "late.xlsx"), 5);
    // All but the delivered one are past a promised day, the one that is still open included.
    assert_eq!(today.account("mall-track")["daily"], serde_json::json!({ "new": 1, "to_deliver": 3, "late": 4 }));
    let month = today.metric("mall-track", "cancel_rate", "month");
    assert_eq!((&month["from"], &month["to"]), (&"2024-03-01".into(), &"2024-03-10".into()));
}

/// The orders of `scenarios`, with who cancelled.
const WITH_ACTOR: &str = "By";

fn slevomat(orders: &[&str], events: &str, payouts: &str) -> Case {
    use crate::scenarios::{HEAD, ORDERS, ORDERS_HEADER, PAYOUTS, TRACKING};
    let case = Case::new();
    let bound = ORDERS.replace("sku = ", &format!("cancel_actor = \"{WITH_ACTOR}\"\nsku = "));
    case.write("pipeline.toml", &[HEAD, &bound, PAYOUTS, TRACKING].concat());
    let header = ORDERS_HEADER.replace('\n', &format!(";{WITH_ACTOR}\n"));
    case.write("orders.csv", &format!("{header}{}\n", orders.join("\n")));
    case.write("tracking.csv", &format!("number,at,code\n{events}"));
    case.write("payouts.csv", &format!("statement,paid,order,kind,amount\nS0,2026-11-02,,fee,-1.00\n{payouts}"));
    case
}

/// Goods 500.00, postage 89.00, 18 %: 499.00.
fn sent_order(number: u32, status: &str, delivered: &str, cancelled: &str, by: &str) -> String {
    format!(
        "{number};{status};2026-11-01 10:00;2026-11-01 10:05;2026-11-03 09:00;{delivered};{cancelled};2026-12-20;ČP;89,00;Z100000000{number};A;1;0;500,00;18;{by}"
    )
}

#[test]
fn wrongly_delivered_knows_where_the_money_is() {
    let case = slevomat(
        &[&sent_order(1, "Doručeno", "2026-11-05 09:00", "", "")],
        "Z1000000001,2026-11-03 12:00,2\nZ1000000001,2026-11-10 12:00,10\n",
        "S1,2026-12-02,1,sale,499.00\n",
    );
    let columns = ["money", "due", "remedy"];
    let before = case.run("pipeline.toml", "2026-11-20");
    assert_eq!(before.finding("ST-001", "1", &columns), "499.00 | 2026-11-24 | take_back_delivered");
    let paid = case.run("pipeline.toml", "2026-12-20");
    assert_eq!(paid.finding("ST-001", "1", &columns), "499.00 | 2026-11-24 | credit_note");
    assert_eq!((before.fact("1", "money_stage"), paid.fact("1", "money_stage")), ("not_billed".into(), "paid".into()));
    let evidence = before.finding("ST-001", "1", &["evidence"]);
    assert!(evidence.contains("billed_by") && evidence.contains("not_billed"), "{evidence}");
}

/// A parcel that had ended before the cancellation cannot be stopped; one that ended afterwards, or goes on, can.
#[test]
fn only_a_parcel_that_could_be_stopped_is_called_back() {
    let cancelled = |number| sent_order(number, "Stornováno", "", "2026-11-10 12:00", "zákazník");
    let orders: Vec<String> = (1..=6).map(cancelled).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let mut events: String = (1..=6).map(|number| format!("Z100000000{number},2026-11-03 12:00,2\n")).collect();
    for (number, at, code) in [
        (1, "2026-11-08 12:00", 7),
        (2, "2026-11-12 12:00", 7),
        (3, "2026-11-09 12:00", 10),
        (5, "2026-11-10 11:59", 7),
        (6, "2026-11-10 12:01", 7),
    ] {
        events.push_str(&format!("Z100000000{number},{at},{code}\n"));
    }
    let run = slevomat(&orders, &events, "").run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&["ST-012"]), ["ST-012 2", "ST-012 4", "ST-012 6"]);
    let withdrawn: Vec<String> = (1..=6).map(|number| run.fact(&number.to_string(), "withdrawn")).collect();
    assert_eq!(withdrawn, ["true", "false", "false", "false", "true", "false"]);
}

#[test]
fn an_automatic_cancellation_of_a_delivered_order_is_worth_what_it_would_have_paid() {
    let orders = [
        sent_order(1, "Stornováno", "", "2026-11-10 12:00", "systém"),
        sent_order(2, "Stornováno", "", "2026-11-10 12:00", "zákazník"),
    ];
    let events = "Z1000000001,2026-11-08 12:00,7\nZ1000000002,2026-11-08 12:00,7\n";
    let run = slevomat(&[&orders[0], &orders[1]], events, "").run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&["SV-002", "ST-012"]), ["SV-002 1"]);
    assert_eq!(run.finding("SV-002", "1", &["money"]), "499.00");
}

/// Back on Thursday 12 November; five working days go on to the 20th, as the 17th is a holiday.
#[test]
fn st_020_delivered_then_back_and_nobody_settled_it() {
    let orders = [
        sent_order(1, "Doručeno", "2026-11-05 09:00", "", ""),
        sent_order(2, "Doručeno", "2026-11-05 09:00", "", ""),
        sent_order(3, "Stornováno", "2026-11-05 09:00", "2026-11-13 10:00", "zákazník"),
    ];
    let mut events = String::new();
    for number in 1..=3 {
        events.push_str(&format!("Z100000000{number},2026-11-05 08:00,7\nZ100000000{number},2026-11-12 08:00,10\n"));
    }
    let case = slevomat(&[&orders[0], &orders[1], &orders[2]], &events, "S1,2026-11-14,2,refund,-500.00\n");
    assert!(case.run("pipeline.toml", "2026-11-20").findings(&["ST-020"]).is_empty());
    let run = case.run("pipeline.toml", "2026-11-21");
    assert_eq!(run.findings(&["ST-001", "ST-012", "ST-020"]), ["ST-020 1"]);
    assert_eq!(run.finding("ST-020", "1", &["money", "severity", "remedy"]), "499.00 | medium | settle_return");
}

/// The return is a parcel of its own, which the dump knows by the order.
#[test]
fn st_020_by_a_return_number() {
    let events = "Z1000000010,7,2024-03-05 12:00,10\nZ2000000010,1,2024-03-07 12:00,10\nZ2000000010,2,2024-03-08 12:00,10\n\
        Z2000000010,10,2024-03-10 12:00,10\nZ1000000011,2,2024-03-03 12:00,11\n";
    let run = named(&with_numbers("Z1000000010", "Z1000000011"), events);
    assert_eq!(run.findings(&["ST-"]), ["ST-020 10"]);
    assert_eq!(run.fact("10", "carrier_outcome"), "delivered");
}

#[test]
fn damaged_is_claimed_as_lost_is() {
    let case = Case::new();
    let gls = PPL.replace("carriers/ppl", "carriers/gls").replace("\"ppl\"", "\"gls\"").replace("ppl-state", "mygls");
    case.write("pipeline.toml", &gls).write(
        "orders.csv",
        "no,state,created,goods,postage,delivered,number,url\n\
         1,Delivered,2024-03-01 10:00,100.00,9.00,2024-03-05 10:00,90250117042,https://gls-group.com/?match=90250117042\n\
         2,Shipped,2024-03-01 10:00,200.00,9.00,,90250117043,https://gls-group.com/?match=90250117043\n\
         3,Shipped,2024-03-01 10:00,300.00,9.00,,90250117044,https://gls-group.com/?match=90250117044\n",
    );
    let events = "number;code;at\n90250117042;1;2024-03-02 10:00\n90250117042;30;2024-03-03 10:00\n90250117042;5;2024-03-05 09:00\n\
        90250117043;1;2024-03-02 10:00\n90250117043;43;2024-03-08 10:00\n90250117044;1;2024-03-02 10:00\n";
    case.write("tracking.csv", events).workbook("tracking.csv", ';', "tracking.xlsx");
    let run = case.run("pipeline.toml", "2024-03-09");
    assert_eq!(run.findings(&["TR-011"]), ["TR-011 1", "TR-011 2"]);
    assert_eq!(run.finding("TR-011", "1", &["money"]), "100.00");
}

/// Delivered, and nothing says when; returned; lost: none of them waits for its delivery.
#[test]
fn what_waits_for_no_delivery_does_not_say_so() {
    let run = named(
        "no,state,created,goods,postage,delivered,shipped,number,url,ours\n\
         1,Delivered,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,,,\n\
         2,Returned,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,,,\n\
         3,Lost,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,,,\n\
         4,Shipped,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,,,\n",
        "Z9,2,2024-03-02 12:00,\n",
    );
    let states = ["1", "2", "3", "4"].map(|order| run.fact(order, "settlement_state"));
    assert_eq!(states, ["not_computable", "nothing_due", "nothing_due", "waiting_delivery"]);
}

/// The codes and fields of `accounts[].blind`.
fn blind(run: &Run, account: &str) -> Vec<String> {
    let rules = run.account(account)["blind"].clone();
    let told = |rule: &Value| format!("{} {}", rule["code"].as_str().expect("a code"), rule["fields"]);
    rules.as_array().expect("rules").iter().map(told).collect()
}

/// An export without who cancelled: the order may have been cancelled by its buyer.
#[test]
fn what_is_not_bound_cannot_accuse() {
    use crate::scenarios::{HEAD, ORDERS, ORDERS_HEADER, PAYOUTS, TRACKING};
    let cancelled = sent_order(1, "Stornováno", "", "2026-11-10 12:00", "");
    let events = "Z1000000001,2026-11-08 12:00,7\n";
    // The column is there and empty: nobody is named.
    let bound = slevomat(&[&cancelled], events, "");
    assert_eq!(bound.run("pipeline.toml", "2026-11-20").findings(&["SV-002"]), ["SV-002 1"]);
    let case = slevomat(&[&cancelled], events, "");
    case.write("pipeline.toml", &[HEAD, ORDERS, PAYOUTS, TRACKING].concat());
    case.write("orders.csv", &format!("{ORDERS_HEADER}{}\n", cancelled.trim_end_matches(';')));
    let run = case.run("pipeline.toml", "2026-11-20");
    assert!(run.findings(&["SV-002"]).is_empty());
    assert!(blind(&run, "shop").contains(&"SV-002 [\"cancel_actor\"]".to_owned()), "{:?}", blind(&run, "shop"));
    let told = crate::workbench::trueup(case.folder.path(), &["check", "pipeline.toml"]);
    let told = crate::workbench::stdout(&told);
    assert!(told.contains("SV-002 (cancel_actor)"), "{told}");
    // A constant says it as well.
    case.replace("pipeline.toml", "lines = true\n", "lines = true\nconstants = { cancel_actor = \"system\" }\n");
    let run = case.run("pipeline.toml", "2026-11-20");
    assert_eq!(run.findings(&["SV-002"]), ["SV-002 1"]);
    assert!(blind(&run, "shop").iter().all(|rule| !rule.starts_with("SV-002")));
}

/// Of two exports of one account only the one without the columns is spared; alternatives are judged each by itself.
#[test]
fn each_file_accuses_by_its_own_columns() {
    let case = Case::new();
    let second = NAMED[NAMED.find("[[source]]\nname = \"orders\"").expect("orders")
        ..NAMED.find("[[source]]\nname = \"tracking\"").expect("tracking")]
        .replace("name = \"orders\"", "name = \"old-orders\"")
        .replace("orders.csv", "old.csv")
        .replace("delivered_at = \"delivered\"\n", "")
        .replace("tracking_url = \"url\"\n", "");
    case.write("pipeline.toml", &format!("{NAMED}{second}"));
    let header = "no,state,created,goods,postage,delivered,shipped,number,url,ours\n";
    case.write(
        "orders.csv",
        &format!("{header}1,Delivered,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,Z1000000001,,\n"),
    );
    case.write(
        "old.csv",
        &format!("{header}2,Delivered,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,Z1000000002,,\n3,Delivered,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,,,\n"),
    );
    case.write("tracking.csv", "number,code,at,reference\nZ9,2,2024-03-02 12:00,\n");
    let run = case.run("pipeline.toml", "2024-03-20");
    assert_eq!(run.findings(&["ST-016", "TR-001"]), ["ST-016 1", "TR-001 1", "TR-001 3"]);
    let blind = blind(&run, "mall");
    assert!(blind.contains(&"ST-016 [\"delivered_at\"]".to_owned()), "{blind:?}");
    assert!(blind.iter().all(|rule| !rule.starts_with("TR-001")), "{blind:?}");
}

/// A rule written as text looks at cells as those of the program do, in a workbook too.
#[test]
fn a_rule_as_text_is_blind_as_well() {
    let case = Case::new();
    let rule = r#"
[[rule]]
code = "OWN-001"
name = "no-day"
severity = "low"
subject = "order"
remedy = "fix_export"
when = "status = 'delivered' AND delivered_on IS NULL"
evidence = ["status_raw"]
title = "An order was delivered on no day."
why = "Nothing can be computed without it."
todo = "Complete the day."
"#;
    case.write(
        "pipeline.toml",
        &format!("{NAMED}{rule}").replace(
            "glob = \"orders.csv\"\n[source.csv]\ndecimal = \".\"\n",
            "glob = \"orders.xlsx\"\n[source.xlsx]\ndecimal = \".\"\n",
        ),
    );
    case.write("orders.csv", "no,state,created,goods,postage,delivered,shipped,number,url,ours\n1,Delivered,2024-03-01 10:00,100.00,9.00,,2024-03-02 10:00,Z1000000001,,\n");
    case.write("tracking.csv", "number,code,at,reference\nZ9,2,2024-03-02 12:00,\n");
    case.workbook("orders.csv", ',', "orders.xlsx");
    assert_eq!(case.run("pipeline.toml", "2024-03-20").findings(&["OWN"]), ["OWN-001 1"]);
    case.replace("pipeline.toml", "delivered_at = \"delivered\"\n", "");
    let run = case.run("pipeline.toml", "2024-03-20");
    assert!(run.findings(&["OWN"]).is_empty());
    assert!(blind(&run, "mall").contains(&"OWN-001 [\"delivered_at\"]".to_owned()));
}

// ---------------------------------------------------------------- periods of statements (§16.3, §16.8)

const PERIODS: &str = r#"
[pipeline]
name = "periods"
packs = ["marketplaces/slevomat"]
[[account]]
name = "shop"
marketplace = "slevomat"
currency = "CZK"
timezone = "Europe/Prague"
[[source]]
name = "st"
kind = "statements"
account = "shop"
glob = "st.csv"
[source.csv]
delimiter = ";"
decimal = ","
dates = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
[source.columns]
statement_id = "id"
paid_on = "paid"
total = "total"
period_from = "from"
period_to = "to"
currency = "currency"
"#;

/// The days of PY-012, with the kind of the break.
fn breaks(statements: &[&str]) -> Vec<String> {
    let case = Case::new();
    let rows: String =
        statements.iter().enumerate().map(|(id, row)| format!("{id};2026-11-05;10,00;{row}\n")).collect();
    case.write("pipeline.toml", PERIODS).write("st.csv", &format!("id;paid;total;from;to;currency\n{rows}"));
    let run = case.run("pipeline.toml", "2026-11-30");
    let found = keys(&run.0.join("findings.csv"), &["code", "evidence"]);
    let day = |finding: &String| {
        let (_, evidence) = finding.split_once("PY-012 | ")?;
        let evidence: Value = serde_json::from_str(evidence).expect("evidence");
        let entries = evidence.as_array().expect("entries").iter();
        let of = |kind: &str| entries.clone().find(|entry| entry["column"] == kind).map(|entry| entry["value"].clone());
        let (kind, value) = ["gap_from", "overlap_from"].into_iter().find_map(|kind| Some((kind, of(kind)?)))?;
        Some(format!("{kind} {}", value.as_str().expect("a text")))
    };
    found.iter().filter_map(day).collect()
}

#[test]
fn periods_are_one_series_of_each_currency() {
    let euros = ["2026-09-21;2026-10-01;EUR", "2026-10-02;2026-10-11;EUR"];
    let crowns = ["2026-09-25;2026-10-05;CZK", "2026-10-06;2026-10-15;CZK"];
    assert_eq!(breaks(&[euros, crowns].concat()), Vec::<String>::new());
    // The one in crowns does not fill the gap of those in euros.
    assert_eq!(
        breaks(&["2026-09-21;2026-10-01;EUR", "2026-10-12;2026-10-20;EUR", "2026-10-02;2026-10-11;CZK"]),
        ["gap_from 2026-10-02"]
    );
}

#[test]
fn a_period_that_ends_in_the_last_second_or_minute_of_a_day_leaves_no_gap() {
    for end in ["2026-10-11 23:59:59", "2026-10-11 23:59", "2026-10-12 00:00", "2026-10-11"] {
        let first = format!("2026-10-02 00:00;{end};CZK");
        assert_eq!(breaks(&[&first, "2026-10-12 00:00;2026-10-22;CZK"]), Vec::<String>::new(), "{end}");
        assert_eq!(breaks(&[&first, "2026-10-12;2026-10-22;CZK"]), Vec::<String>::new(), "{end}");
        assert_eq!(breaks(&[&first, "2026-10-14;2026-10-22;CZK"]), ["gap_from 2026-10-12"], "{end}");
    }
    assert_eq!(breaks(&["2026-10-02 00:00;2026-10-11 23:00;CZK", "2026-10-12;2026-10-22;CZK"]).len(), 1);
}
