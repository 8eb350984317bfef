//! From unknown exports to a pipeline that `check` accepts: every starter is taken as it was written, and only its gaps are filled.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::workbench::{sample, stdout, trueup};

const HEAD: &str = "[pipeline]\nname = \"inferred\"\nas_of = \"2026-12-11\"\npacks = [\"common\"]\n";

/// Accounts of the sample: name, marketplace, currency, zone.
const ACCOUNTS: [(&str, &str, &str, &str); 4] = [
    ("slevomat-cz", "slevomat", "CZK", "Europe/Prague"),
    ("mall-sk", "mall", "EUR", "Europe/Bratislava"),
    ("zlavomat-sk", "zlavomat", "EUR", "Europe/Bratislava"),
    ("bigbuy", "bigbuy", "EUR", "Europe/Madrid"),
];

fn head() -> String {
    let mut text = HEAD.to_owned();
    for (name, marketplace, currency, zone) in ACCOUNTS {
        let _ = writeln!(
            text,
            "\n[[account]]\nname = \"{name}\"\nmarketplace = \"{marketplace}\"\ncurrency = \"{currency}\"\ntimezone = \"{zone}\""
        );
    }
    text
}

/// A starter with its account filled in.
fn with_account(starter: &str, account: &str) -> String {
    assert!(starter.contains("account = \"\""), "{starter}");
    starter.replace("account = \"\"", &format!("account = {account:?}"))
}

/// One file of each export of the sample: file, account, layout.
const FILES: [(&str, &str, &str); 18] = [
    ("slevomat/orders-2026-12-11.csv", "slevomat-cz", "marketplaces/slevomat/orders"),
    ("slevomat/payout-2026-12-11.xlsx", "slevomat-cz", "marketplaces/slevomat/payouts"),
    ("slevomat/postage-2026-10.csv", "slevomat-cz", "marketplaces/slevomat/postage"),
    ("mall/orders-2026-12-11.xlsx", "mall-sk", "marketplaces/mall/orders"),
    ("mall/invoices-2026-12-07.xlsx", "mall-sk", "marketplaces/mall/invoices"),
    ("mall/offsets-2026-12-09.csv", "mall-sk", "marketplaces/mall/offsets"),
    ("mall/returns-2026-12-11.csv", "mall-sk", "marketplaces/mall/returns"),
    ("mall/credit-notes-2026-12-11.csv", "mall-sk", "marketplaces/mall/credit_notes"),
    ("fastcentrik/orders-2026-12-11.csv", "mall-sk", "shops/fastcentrik/orders"),
    ("bigbuy/channel-orders-2026-12-11.csv", "mall-sk", "suppliers/bigbuy/channel_orders"),
    ("bigbuy/orders-2026-12-11.csv", "bigbuy", "suppliers/bigbuy/orders"),
    ("zlavomat/orders-2026-12-11.csv", "zlavomat-sk", "marketplaces/zlavomat/orders"),
    ("zlavomat/payout-2026-11-02.xlsx", "zlavomat-sk", "marketplaces/zlavomat/payouts"),
    ("zlavomat/postage-2026-10.csv", "zlavomat-sk", "marketplaces/zlavomat/postage"),
    ("packeta/tracking-2026-12-11.csv", "slevomat-cz", "carriers/packeta/tracking"),
    ("ceska-posta/tracking-2026-12-11.csv", "slevomat-cz", "carriers/ceska-posta/tracking"),
    ("ppl/tracking-2026-12-11.csv", "slevomat-cz", "carriers/ppl/tracking"),
    ("dpd/SCANINFO-20261211.csv", "mall-sk", "carriers/dpd/scaninfo"),
];

/// The objects of `infer --json`.
fn inferred(folder: &Path, files: &[&str]) -> Vec<Value> {
    let output = trueup(folder, &[&["infer", "--json"], files].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn every_export_of_the_sample_is_recognised_and_its_starters_pass_check() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(folder.path(), 800, 7, false);
    let names: Vec<&str> =
        FILES.iter().map(|(file, ..)| *file).filter(|file| folder.path().join(file).exists()).collect();
    assert!(names.len() >= 16, "{names:?}");
    let mut pipeline = head();
    for found in inferred(folder.path(), &names) {
        let file = found["file"].as_str().expect("a file");
        let (_, account, layout) = FILES.iter().find(|(name, ..)| *name == file).expect("asked for");
        let table = &found["tables"][0];
        assert_eq!(
            (table["layouts"][0]["layout"].as_str(), &table["layouts"][0]["fits"]),
            (Some(*layout), &Value::Bool(true)),
            "{table:#}"
        );
        let starter = table["starter"].as_str().expect("a starter");
        assert!(starter.contains(&format!("layout = {layout:?}")), "{starter}");
        for more in ["[source.csv]", "[source.xlsx]", "[source.columns]"] {
            assert!(!starter.contains(more), "a layout that fits whole needs no {more}: {starter}");
        }
        pipeline += &format!("\n{}", with_account(starter, account));
    }
    fs::write(folder.path().join("inferred.toml"), &pipeline).expect("written");
    let checked = trueup(folder.path(), &["check", "inferred.toml"]);
    let code = checked.status.code();
    assert_eq!(code, Some(4), "{}\n{pipeline}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn clean_data_passes_without_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(folder.path(), 300, 3, true);
    let files = ["slevomat/orders-2026-12-11.csv", "mall/orders-2026-12-11.xlsx", "packeta/tracking-2026-12-11.csv"];
    let mut pipeline = head();
    for (found, account) in inferred(folder.path(), &files).iter().zip(["slevomat-cz", "mall-sk", "slevomat-cz"]) {
        pipeline += &format!("\n{}", with_account(found["tables"][0]["starter"].as_str().expect("a starter"), account));
    }
    fs::write(folder.path().join("inferred.toml"), &pipeline).expect("written");
    let checked = trueup(folder.path(), &["check", "--json", "inferred.toml"]);
    let json: Value = serde_json::from_str(&stdout(&checked)).expect("JSON");
    assert_eq!((checked.status.code(), &json["quarantine"]), (Some(0), &Value::Array(Vec::new())), "{json:#}");
}

/// Files of one kind share one source.
#[test]
fn many_files_of_one_kind_give_one_starter() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(folder.path(), 300, 3, true);
    let files = ["slevomat/postage-2026-10.csv", "slevomat/postage-2026-11.csv", "ppl/tracking-2026-12-11.csv"];
    let output = trueup(folder.path(), &[&["infer"], files.as_slice()].concat());
    let text = stdout(&output);
    assert_eq!(text.matches("[[source]]").count(), 2, "{text}");
    toml::from_str::<toml::Table>(&text).expect("TOML");
    let with_one_bad = trueup(folder.path(), &["infer", "no such file.csv", files[2]]);
    assert_eq!(with_one_bad.status.code(), Some(3));
    assert!(stdout(&with_one_bad).contains("[[source]]"), "the other file is told all the same");
}

/// A starter that nobody has filled in is refused.
#[test]
fn a_starter_never_runs_on_a_guess() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(folder.path(), 300, 3, true);
    let found = inferred(folder.path(), &["slevomat/orders-2026-12-11.csv"]);
    let pipeline = format!("{}\n{}", head(), found[0]["tables"][0]["starter"].as_str().expect("a starter"));
    fs::write(folder.path().join("inferred.toml"), &pipeline).expect("written");
    let checked = trueup(folder.path(), &["check", "inferred.toml"]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&checked.stderr).contains("CFG011"));
}

/// The export of a shop that no pack knows: the headers are canonical names and old acquaintances, in another dialect.
const UNKNOWN: &str = "report of the shop\n\n\
    Order ID,status,Delivery_price,goods_amount,Kommentar,created_at\n\
    7001,delivered,\"3.90\",\"1,290.00\",\"fragile, please\",02/11/2026 10:15\n\
    7002,delivered,3.90,45.10,,13/11/2026 09:00\n\
    7003,shipped,0.00,19.99,,14/11/2026 23:59\n";

#[test]
fn an_unknown_export_passes_when_its_gaps_are_filled() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("orders-2026-11-30.csv"), UNKNOWN).expect("written");
    let output = trueup(folder.path(), &["infer", "--kind", "orders", "orders-2026-11-30.csv"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("dates = [\"%d/%m/%Y %H:%M\"]") && text.contains("decimal = \".\""), "{text}");
    let filled = with_account(&text, "mall-sk");
    fs::write(folder.path().join("inferred.toml"), format!("{}\n{filled}", head())).expect("written");
    let checked = trueup(folder.path(), &["check", "--json", "inferred.toml"]);
    let json: Value = serde_json::from_str(&stdout(&checked)).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{json:#}\n{filled}");
    let input = &json["inputs"][0];
    assert_eq!((input["rows"]["used"].as_u64(), input["rows"]["structural"].as_u64()), (Some(3), Some(3)), "{input:#}");
    assert_eq!(input["money"][0]["used"], "1362.89", "goods and postage: 1355.09 + 7.80");
    assert_eq!(json["parts"][0]["unbound"], serde_json::json!(["Kommentar"]));
}
