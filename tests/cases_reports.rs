//! What finance and operations read in the morning: the last line, the queue, day × shipping, a closed past.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::scenarios::{ORDERS, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, x11};
use crate::workbench::{folder_of, run_into, sample, stdout};

/// Rows of a published CSV, each by column.
pub fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let by_column =
        |record: csv::StringRecord| headers.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| by_column(record.expect("a row"))).collect()
}

/// The last line that the program printed as its result, and the last one of its talk.
fn last_lines(scene: &Scene, as_of: &str) -> (String, String) {
    let output = scene.command(&["run", "pipeline.toml", "--as-of", as_of]);
    let last = |text: &str| text.lines().rfind(|line| !line.is_empty()).unwrap_or_default().to_owned();
    (last(&stdout(&output)), last(&String::from_utf8_lossy(&output.stderr)))
}

const STATEMENTS: &str = "statement,paid,order,kind,amount\n";

#[test]
fn the_last_line_counts_every_state_and_ends_with_the_folder() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let order = |number: &str| x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace("1;D", &format!("{number};D"));
    scene.orders(&["1", "2", "3"].map(order).concat());
    let without = format!("{STATEMENTS}S1,2026-11-11,,fee,-1.00\n");
    scene.write("payouts.csv", &without);
    let (line, _) = last_lines(&scene, "2026-11-20");
    assert_eq!(
        line,
        "rows 9 in, 7 used, 0 quarantined · findings 3 new, 0 open, 0 changed, 0 reopened, 0 resolved · \
         reports/scene/2026-11-20"
    );
    scene.write("payouts.csv", &format!("{without}S2,2026-11-21,1,sale,1965.16\nS2,2026-11-21,2,sale,1900.00\n"));
    // 1 is paid, 2 is underpaid (another rule), 3 is still unpaid
    let (line, _) = last_lines(&scene, "2026-11-21");
    assert!(line.contains("findings 1 new, 1 open, 0 changed, 0 reopened, 2 resolved"), "{line}");
    // 1 is unpaid again, of 2 more is missing than before; and what the statement of a closed day paid has changed
    scene.write("payouts.csv", &format!("{without}S2,2026-11-21,2,sale,1800.00\n"));
    let (line, _) = last_lines(&scene, "2026-11-22");
    assert!(line.contains("findings 1 new, 1 open, 1 changed, 1 reopened, 0 resolved"), "{line}");
    let manifest: Value = serde_json::from_str(&scene.published("2026-11-22", "run.json")).expect("JSON");
    let of = |key: &str| manifest["findings"][key].as_i64().expect("a number");
    assert_eq!((of("new"), of("open"), of("changed"), of("reopened"), of("resolved")), (1, 1, 1, 1, 0));
    assert_eq!(of("total"), of("new") + of("open") + of("changed") + of("reopened") + of("waived"));
    // the same night again: the line still ends with the folder
    let (line, talk) = last_lines(&scene, "2026-11-22");
    assert!(line.ends_with(" · reports/scene/2026-11-22"), "{line}");
    assert_eq!(talk, "note: the same report was there already: nothing was written");
}

#[test]
fn a_changed_finding_says_from_what_to_what() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let paid = |amount: &str| format!("{STATEMENTS}S1,2026-11-11,1,sale,{amount}\n");
    scene.write("payouts.csv", &paid("1900.00"));
    assert_eq!(rows(&scene.published("2026-11-20", "findings.csv"))[0]["change"], "");
    scene.write("payouts.csv", &paid("1800.00"));
    let found = rows(&scene.published("2026-11-21", "findings.csv"));
    let short = found.iter().find(|row| row["code"] == "PY-004").expect("it is short");
    assert_eq!(short["state"], "changed");
    let change: Value = serde_json::from_str(&short["change"]).expect("JSON");
    assert_eq!(change, serde_json::json!([{ "field": "money", "before": "65.16 CZK", "now": "165.16 CZK" }]));
    assert_eq!(rows(&scene.published("2026-11-22", "findings.csv"))[0]["state"], "open");
}

/// Exits 2, 3, 5, 9: the diagnostic that decided is the last, and says what became of the night.
#[test]
fn a_run_that_stops_ends_with_the_reason() {
    let says = |scene: &Scene, code: i32, reason: &str| {
        let (found, talk) = scene.run("2026-11-20");
        assert_eq!(found, code, "{talk}");
        let last = talk.trim_end().rsplit("\n\n").next().unwrap_or_default();
        assert!(last.contains(reason), "{reason}: {talk}");
        assert!(last.contains("nothing was published"), "{talk}");
        assert_eq!(talk.matches("nothing was published").count(), 1, "{talk}");
    };
    let bad_rows: String = (0..9).map(|row| format!("S{row},2026-11-11,{row},sale,1 apple\n")).collect();
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.write("payouts.csv", &format!("{STATEMENTS}{bad_rows}"));
    scene.write("orders.csv", "Order;Stav\n1;Doručeno\n");
    says(&scene, 3, "HDR201");
    let scene = Scene::new(&[&PAYOUTS.replace("\n[source.csv]", "if_absent = \"error\"\n\n[source.csv]"), ORDERS]);
    scene.orders(&format!("{}2;Nowhere;;;;;;;;;;;;;;\n", x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0)));
    says(&scene, 9, "payouts");
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{STATEMENTS}{bad_rows}"));
    let most = |setting: &str| {
        let payouts = PAYOUTS.replace("\n[source.csv]", &format!("{setting}\n\n[source.csv]"));
        scene.write("pipeline.toml", &format!("{}{ORDERS}{payouts}", crate::scenarios::HEAD));
    };
    most("quarantine_max = { percent = 1.0 }");
    says(&scene, 3, "quarantine_max");
    most("limits = { rows = 3 }");
    says(&scene, 5, "rows");
    let scene = Scene::new(&[ORDERS]);
    scene.write("pipeline.toml", "[pipeline]\nname = \"x\"\nunknown_key = 1\n");
    says(&scene, 2, "unknown_key");
}

/// *At once* is the day of first sight: overdue the next night, and not changed (§16.15).
#[test]
fn at_once_stays_the_first_day() {
    let supplier = "
[[account]]
name = \"supplier\"
marketplace = \"bigbuy\"
currency = \"EUR\"
timezone = \"Europe/Madrid\"

[[source]]
name = \"supplier-orders\"
kind = \"supplier_orders\"
account = \"supplier\"
glob = \"supplier.csv\"
[source.csv]
decimal = \".\"
dates = [\"%Y-%m-%d\"]
[source.columns]
supplier_order_no = \"id\"
status_raw = \"status\"
created_at = \"created\"
total = \"total\"
pending_reason_raw = \"reason\"
";
    let head = crate::scenarios::HEAD.replace("\"carriers/packeta\"]", "\"carriers/packeta\", \"suppliers/bigbuy\"]");
    let scene = Scene::new(&[ORDERS]);
    scene.write("pipeline.toml", &format!("{head}{supplier}{ORDERS}"));
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("supplier.csv", "id,status,created,total,reason\nB1,pending validation,2026-11-18,90.00,unclear\n");
    for (as_of, state) in [("2026-11-20", "new"), ("2026-11-21", "open"), ("2026-11-23", "open")] {
        let found = rows(&scene.published(as_of, "findings.csv"));
        let pending: Vec<_> = found.iter().filter(|row| row["code"].starts_with("BB-")).collect();
        assert!(!pending.is_empty(), "{as_of}: {found:?}");
        for row in pending {
            assert_eq!((row["due"].as_str(), row["state"].as_str()), ("2026-11-20", state), "{as_of}");
        }
    }
}

/// Sums of a published day × shipping list: orders and goods paid by currency.
pub fn sums_of(days: &[BTreeMap<String, String>]) -> BTreeMap<String, (i64, i64, i64)> {
    let mut sums: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    for day in days {
        let minor = |column: &str| day[column].replace('.', "").parse::<i64>().expect("an amount");
        let sum = sums.entry(day["currency"].clone()).or_default();
        sum.0 += day["orders_paid"].parse::<i64>().expect("a count");
        sum.1 += minor("goods_paid");
        sum.2 += minor("postage_paid");
    }
    sums
}

/// Totals of all orders but test orders, from the fact frame.
pub fn totals_of(folder: &Path) -> BTreeMap<String, (i64, i64, i64)> {
    let bytes = std::fs::read(folder.join("data/order_facts.parquet")).expect("the facts");
    let orders = trueup::publish::parquet::read(&bytes, None).expect("a frame");
    let money = |name: &str, row| orders.column(name).unwrap().i64().unwrap().get(row).unwrap_or(0);
    let mut sums: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    for row in 0..orders.height() {
        if orders.column("test").unwrap().bool().unwrap().get(row) == Some(true) {
            continue;
        }
        let currency = orders.column("currency").unwrap().str().unwrap().get(row).unwrap();
        let sum = sums.entry(currency.to_owned()).or_default();
        *sum = (sum.0 + 1, sum.1 + money("goods", row), sum.2 + money("postage", row));
    }
    sums
}

/// Sums of the rows of the sheet *Day × shipping*, read back from the workbook; its total rows must say the same money.
pub fn sums_of_sheet(folder: &Path) -> BTreeMap<String, (i64, i64, i64)> {
    let mut book: Xlsx<_> = open_workbook(folder.join("settlement.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("Day × shipping").expect("the sheet");
    let texts = |row: &[Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>();
    let header =
        sheet.rows().map(texts).position(|row| row.iter().any(|cell| cell == "Orders paid")).expect("a header");
    let titles = texts(sheet.rows().nth(header).expect("a header"));
    let column = |name: &str| titles.iter().position(|title| title == name).expect("a column");
    let (currency, orders) = (column("Currency"), column("Orders paid"));
    let (goods, postage) = (column("Goods paid"), column("Postage paid"));
    let minor = |cell: &Data| cell.as_f64().map_or(0, |amount| (amount * 100.0).round() as i64);
    let mut sums: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (place, row) in sheet.rows().enumerate().filter(|(place, row)| *place != header && !row[currency].is_empty()) {
        let currency = row[currency].to_string();
        if row[0] == "Total" {
            totals.insert(currency, (minor(&row[goods]), minor(&row[postage])));
        } else {
            assert!(place > header);
            let sum = sums.entry(currency).or_default();
            *sum =
                (sum.0 + row[orders].as_i64().unwrap_or(0), sum.1 + minor(&row[goods]), sum.2 + minor(&row[postage]));
        }
    }
    assert_eq!(totals, sums.iter().map(|(currency, sum)| (currency.clone(), (sum.1, sum.2))).collect());
    sums
}

const EVERY_ORDER: &str = "[pipeline]
name = \"days\"
packs = [\"marketplaces/mall\", \"marketplaces/slevomat\"]

[[account]]
name = \"buys\"
marketplace = \"mall\"
currency = \"EUR\"
timezone = \"Europe/Prague\"

[[account]]
name = \"pays\"
marketplace = \"slevomat\"
currency = \"CZK\"
timezone = \"Europe/Prague\"

[[source]]
name = \"buys\"
kind = \"orders\"
account = \"buys\"
glob = \"buys.csv\"
[source.csv]
decimal = \".\"
dates = [\"%Y-%m-%d\"]
[source.columns]
order_no = \"no\"
status_raw = \"status\"
created_at = \"created\"
opened_at = \"opened\"
delivered_at = \"delivered\"
cancelled_at = \"cancelled\"
shipping_method = \"method\"
goods_amount = \"goods\"
delivery_price = \"postage\"
cod_amount = \"cod\"

[[source]]
name = \"pays\"
kind = \"orders\"
account = \"pays\"
glob = \"pays.csv\"
[source.csv]
decimal = \".\"
dates = [\"%Y-%m-%d\"]
[source.columns]
order_no = \"no\"
status_raw = \"status\"
created_at = \"created\"
paid_at = \"paid\"
cancelled_at = \"cancelled\"
shipping_method = \"method\"
goods_amount = \"goods\"
delivery_price = \"postage\"
";

/// Prepaid orders count on the day they were opened, cash on delivery on the day of the delivery; what has neither has no day.
#[test]
fn every_order_with_money_is_in_day_by_shipping() {
    let scene = Scene::new(&[]);
    scene.write("pipeline.toml", EVERY_ORDER);
    scene.write(
        "buys.csv",
        "no,status,created,opened,delivered,cancelled,method,goods,postage,cod\n\
         1,delivered,2026-11-01,2026-11-02,2026-11-05,,DPD,100.00,5.00,0\n\
         2,delivered,2026-11-01,2026-11-02,2026-11-06,,DPD,200.00,5.00,205.00\n\
         3,shipped,2026-11-03,2026-11-03,,,PPL,40.00,4.00,44.00\n\
         4,cancelled,2026-11-03,2026-11-03,,2026-11-04,PPL,30.00,3.00,0\n\
         5,cancelled,2026-11-03,2026-11-03,,2026-11-05,PPL,20.00,2.00,22.00\n\
         6,open,2026-11-07,,,,PPL,10.00,1.00,0\n",
    );
    scene.write(
        "pays.csv",
        "no,status,created,paid,cancelled,method,goods,postage\n\
         1,Nová,2026-11-01,2026-11-01,,Zásilkovna,1000.00,89.00\n\
         2,Nová,2026-11-02,,,Zásilkovna,500.00,89.00\n",
    );
    let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let folder = folder_of(&outcome);
    let days = rows(&std::fs::read_to_string(folder.join("day-shipping.csv")).expect("the list"));
    let shown = |day: &BTreeMap<String, String>| {
        ["account", "day", "shipping_method", "orders_paid", "goods_paid", "orders_cancelled", "goods_cancelled"]
            .map(|column| day[column].as_str())
            .join(" ")
    };
    assert_eq!(
        days.iter().map(shown).collect::<Vec<_>>(),
        [
            "buys 2026-11-02 DPD 1 100.00 0 0.00",
            "buys 2026-11-03 PPL 1 30.00 0 0.00",
            "buys 2026-11-04 PPL 0 0.00 1 30.00",
            "buys 2026-11-06 DPD 1 200.00 0 0.00",
            // on its way, cancelled before it was paid, not open yet
            "buys   3 70.00 1 20.00",
            "pays 2026-11-01 Zásilkovna 1 1000.00 0 0.00",
            "pays   1 500.00 0 0.00",
        ]
    );
    assert_eq!(sums_of(&days), totals_of(&folder));
    assert_eq!(sums_of_sheet(&folder), totals_of(&folder));
    let mut book: Xlsx<_> = open_workbook(folder.join("settlement.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("Day × shipping").expect("the sheet");
    assert_eq!(sheet.rows().filter(|row| row.iter().any(|cell| *cell == "without a day")).count(), 2);
}

#[test]
fn day_by_shipping_of_the_sample_holds_every_order() {
    let scratch = tempfile::tempdir().expect("a folder");
    for seed in 1..=3 {
        let data = scratch.path().join(format!("data{seed}"));
        sample(&data, 400, seed, false);
        let outcome = run_into(&data.join("pipeline.toml"), &scratch.path().join("reports"), None);
        let folder = folder_of(&outcome);
        let days = rows(&std::fs::read_to_string(folder.join("day-shipping.csv")).expect("the list"));
        assert_eq!(sums_of(&days), totals_of(&folder), "seed {seed}");
        assert_eq!(sums_of_sheet(&folder), totals_of(&folder), "seed {seed}");
    }
}

/// Findings of one code: subject, statement, money, and the values of its proof by column.
pub fn of_code(text: &str, code: &str) -> Vec<(String, String, String, BTreeMap<String, String>)> {
    let of = |row: &BTreeMap<String, String>| {
        let proof: Vec<Value> = serde_json::from_str(&row["evidence"]).expect("JSON");
        let value = |cell: &Value| cell["value"].as_str().unwrap_or_default().to_owned();
        let proof = proof.iter().map(|cell| (cell["column"].as_str().unwrap_or_default().to_owned(), value(cell)));
        let money = format!("{} {}", row["money"], row["currency"]).trim().to_owned();
        (row["subject"].clone(), row["statement"].clone(), money, proof.collect())
    };
    rows(text).iter().filter(|row| row["code"] == code).map(of).collect()
}

/// The case f20: a cancelled order has no goods any more in the next export, and so the paid goods of a closed day shrink.
#[test]
fn a_closed_day_does_not_change_without_a_word() {
    let folder = Path::new("tests/cases/f20");
    let scene = Scene::new(&[]);
    let copy = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).expect("a file of the case");
        scene.write(name, &text);
    };
    std::fs::create_dir_all(scene.path("packs/marketplaces")).expect("a folder");
    ["pipeline.toml", "packs/marketplaces/mirakl.toml", "orders-2026-11-02.csv"].into_iter().for_each(copy);
    assert_eq!(of_code(&scene.published("2026-11-02", "findings.csv"), "DQ-015"), []);
    copy("orders-2026-11-05.csv");
    let found = of_code(&scene.published("2026-11-05", "findings.csv"), "DQ-015");
    // the cancellation of the third is on a day that was not over: it is told by no finding
    let [(subject, _, money, proof)] = found.as_slice() else { panic!("one finding: {found:?}") };
    assert_eq!((subject.as_str(), money.as_str()), ("2026-11-01", "40.00 EUR"));
    assert_eq!((proof["before"].as_str(), proof["now"].as_str()), ("DPD goods_paid 100.00", "DPD goods_paid 60.00"));
    assert_eq!(proof["moved_keys"], "m-2");
    // told once: the next night compares with this one, and says so
    assert_eq!(of_code(&scene.published("2026-11-06", "findings.csv"), "DQ-015"), []);
    let gone = rows(&scene.published("2026-11-06", "resolved.csv"));
    let by: Value =
        serde_json::from_str(&gone.iter().find(|row| row["code"] == "DQ-015").expect("gone")["resolved_by"])
            .expect("JSON");
    assert_eq!((&by["before"], &by["value"]), (&"DPD goods_paid 100.00".into(), &"DPD goods_paid 60.00".into()));
    assert!(by["formula"].as_str().is_some_and(|told| told.starts_with("told once")), "{by}");
}

/// An order of one article at 100.00, created and paid on days of November.
fn sold(number: &str, created: &str, price: &str) -> String {
    format!("{number};Nová;{created} 10:00;{created} 10:05;;;;2026-12-25;PPL;10,00;;A;1;0;{price};18\n")
}

#[test]
fn an_order_that_is_booked_late_or_twice_as_dear_restates_its_day() {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&[sold("1", "2026-11-01", "100,00"), sold("2", "2026-11-02", "100,00")].concat());
    scene.published("2026-11-02", "findings.csv");
    let late = [
        sold("1", "2026-11-01", "200,00"),
        sold("2", "2026-11-02", "100,00"),
        sold("3", "2026-11-02", "50,00"),
        sold("4", "2026-11-03", "70,00"),
    ];
    scene.orders(&late.concat());
    let found = of_code(&scene.published("2026-11-03", "findings.csv"), "DQ-015");
    let shown: Vec<String> = found
        .iter()
        .map(|(subject, _, money, proof)| {
            format!("{subject} {money}: {} → {} ({})", proof["before"], proof["now"], proof["moved_keys"])
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2026-11-01 100.00 CZK: PPL goods_paid 100.00 → PPL goods_paid 200.00 (1)",
            "2026-11-02 60.00 CZK: PPL orders_paid 1; PPL goods_paid 100.00; PPL postage_paid 10.00 → \
             PPL orders_paid 2; PPL goods_paid 150.00; PPL postage_paid 20.00 (3)",
        ]
    );
}

/// A window of days that rolls on takes orders away, and says nothing about their days.
#[test]
fn an_export_that_rolls_on_restates_nothing() {
    let scene = Scene::new(&[ORDERS]);
    let day = |day: u32| sold(&day.to_string(), &format!("2026-11-{day:02}"), "100,00");
    scene.orders(&(1..=9).map(day).collect::<String>());
    scene.published("2026-11-09", "findings.csv");
    scene.orders(&(4..=10).map(day).collect::<String>());
    assert_eq!(of_code(&scene.published("2026-11-10", "findings.csv"), "DQ-015"), []);
}

#[test]
fn a_statement_that_pays_another_sum_is_told_with_its_lines() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let paid = |amount: &str| format!("{STATEMENTS}S1,2026-11-11,1,sale,{amount}\nS2,2026-11-21,,fee,-5.00\n");
    scene.write("payouts.csv", &paid("1965.16"));
    scene.published("2026-11-20", "findings.csv");
    scene.write("payouts.csv", &paid("1900.00").replace("-5.00", "-7.00"));
    let found = of_code(&scene.published("2026-11-21", "findings.csv"), "DQ-015");
    // the second statement was of a day that was not over
    let [(subject, statement, money, proof)] = found.as_slice() else { panic!("one finding: {found:?}") };
    assert_eq!((subject.as_str(), statement.as_str(), money.as_str()), ("2026-11-11", "S1", "65.16 CZK"));
    assert_eq!((proof["before"].as_str(), proof["now"].as_str()), ("paid 1965.16", "paid 1900.00"));
    assert_eq!(proof["moved_keys"], "1 sale 1900.00, 1 sale 1965.16");
    // the line is cited with its amount, where an input still has it
    assert_eq!(proof["amount"], "1900.00", "{proof:?}");
}

/// The tracking rate of October was 1 of 2, and is 2 of 2 when the number is filled in afterwards.
#[test]
fn the_rate_of_a_closed_month_does_not_change_without_a_word() {
    let scene = Scene::new(&[]);
    let pipeline = EVERY_ORDER.split("[[account]]\nname = \"pays\"").next().expect("the head");
    let source = EVERY_ORDER.split("\n[[source]]").nth(1).expect("the first source");
    let more = "tracking_number_raw = \"number\"\ntracking_url = \"url\"\nshipped_at = \"created\"\n";
    scene.write("pipeline.toml", &format!("{pipeline}\n[[source]]{source}{more}"));
    let head = "no,status,created,opened,delivered,cancelled,method,goods,postage,cod,number,url\n";
    let order = |no: u32, number: &str| {
        let url = if number.is_empty() { String::new() } else { format!("https://tracking.example/{number}") };
        format!("{no},delivered,2026-10-02,2026-10-02,2026-10-05,,DPD,100.00,5.00,0,{number},{url}\n")
    };
    scene.write("buys.csv", &format!("{head}{}{}", order(1, "13620000000001"), order(2, "")));
    scene.published("2026-11-10", "findings.csv");
    scene.write("buys.csv", &format!("{head}{}{}", order(1, "13620000000001"), order(2, "13620000000002")));
    let found = of_code(&scene.published("2026-11-11", "findings.csv"), "DQ-015");
    let rate = found.iter().find(|(subject, ..)| subject == "tracking_rate|2026-10");
    let (_, _, money, proof) = rate.unwrap_or_else(|| panic!("the rate: {found:?}"));
    assert_eq!((money.as_str(), proof["before"].as_str(), proof["now"].as_str()), ("", "1 of 2", "2 of 2"));
}

/// Two shops that are owed: 100.00 EUR are worth 2431.00 CZK, more than 1000.00 CZK and less than 3000.00 CZK.
#[test]
fn money_of_several_currencies_is_ordered_by_its_value_in_the_base_currency() {
    let account = |name: &str, currency: &str| {
        format!(
            "[[account]]\nname = \"{name}\"\nmarketplace = \"slevomat\"\ncurrency = \"{currency}\"\ntimezone = \"Europe/Prague\"\n\n"
        )
    };
    let source = |name: &str| {
        ORDERS
            .replace("name = \"orders", &format!("name = \"{name}"))
            .replace("orders*.csv", &format!("{name}.csv"))
            .replace("\"shop\"", &format!("\"{name}\""))
    };
    let rates = "[[account.policy]]\nsource = \"test\"\nfx = { EUR = { CZK = \"24.31\" } }\n\n";
    let overdue = |number: &str, price: &str| {
        format!(
            "{number};Odesláno;2026-10-01 10:00;2026-10-01 10:05;2026-10-02 09:00;;;2026-10-25;PPL;0,00;;A;1;0;{price};0\n"
        )
    };
    let orders = |scene: &Scene, head: &str, rates: &str| {
        let text = format!(
            "[pipeline]\nname = \"scene\"\n{head}packs = [\"marketplaces/slevomat\"]\n\n{}{rates}{}{}{}",
            account("koruna", "CZK"),
            account("euro", "EUR"),
            source("koruna"),
            source("euro")
        );
        scene.write("pipeline.toml", &text);
        scene.write(
            "koruna.csv",
            &format!("{}{}{}", crate::scenarios::ORDERS_HEADER, overdue("1", "1000,00"), overdue("2", "3000,00")),
        );
        scene.write("euro.csv", &format!("{}{}", crate::scenarios::ORDERS_HEADER, overdue("3", "100,00")));
        let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
        let mut book: Xlsx<_> = open_workbook(folder_of(&outcome).join("mismatches.xlsx")).expect("a workbook");
        let sheet = book.worksheet_range("Queue").expect("the queue");
        let header = sheet.rows().position(|row| row.iter().any(|cell| *cell == "Code")).expect("a header");
        let column = |name: &str| sheet.rows().nth(header).unwrap().iter().position(|cell| *cell == name).unwrap();
        let (code, order) = (column("Code"), column("Order"));
        let rows = sheet.rows().skip(header + 1).filter(|row| row[code] == "SV-001");
        rows.map(|row| row[order].to_string()).collect::<Vec<_>>()
    };
    let scene = Scene::new(&[]);
    assert_eq!(orders(&scene, "base_currency = \"CZK\"\n", rates), ["2", "3", "1"]);
    assert_eq!(orders(&scene, "base_currency = \"EUR\"\n", rates), ["2", "3", "1"]);
    // without a rate, or without a base currency, each currency is ordered by itself
    assert_eq!(orders(&scene, "base_currency = \"CZK\"\n", ""), ["2", "1", "3"]);
    assert_eq!(orders(&scene, "", rates), ["2", "1", "3"]);
}

/// The sheet of credit notes holds every credit note that is to be issued again, by the day that the queue says.
#[test]
fn credit_notes_to_be_issued_again_are_on_the_sheet_and_in_the_queue() {
    let scratch = tempfile::tempdir().expect("a folder");
    sample(&scratch.path().join("data"), 400, 1, false);
    let run = folder_of(&run_into(&scratch.path().join("data/pipeline.toml"), &scratch.path().join("reports"), None));
    let findings = rows(&std::fs::read_to_string(run.join("findings.csv")).expect("findings"));
    let mut book: Xlsx<_> = open_workbook(run.join("mismatches.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("Credit notes").expect("the sheet");
    for code in ["CN-002", "CN-004"] {
        let finding = findings.iter().find(|row| row["code"] == code).unwrap_or_else(|| panic!("no {code}"));
        assert!(!finding["due"].is_empty(), "{finding:?}");
        let number = finding["subject"].as_str();
        let row = sheet.rows().find(|row| row.iter().any(|cell| *cell == *number));
        let row = row.unwrap_or_else(|| panic!("{code} {number} is not on the sheet"));
        let day = row.iter().find_map(|cell| cell.as_date()).expect("a due day");
        assert_eq!(day.to_string(), finding["due"], "{code}");
    }
}
