//! Files and sources that are refused or absent.

use super::*;

fn refusal(content: impl AsRef<[u8]>) -> Diagnostic {
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    assert_eq!(ingested.frames.orders.height(), 0);
    assert_eq!(ingested.inputs.len(), 1);
    ingested.diagnostics.into_iter().find(|d| d.exit == Exit::Refused).unwrap()
}

#[test]
fn a_missing_required_column_names_the_nearest_header() {
    let refused = refusal("Číslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovne CZ\nA1;Nová;;;1;0\n");
    assert_eq!(refused.code, "HDR201");
    assert!(refused.found.contains("`Poštovne CZ`") && refused.found.contains("row 1"), "{}", refused.found);
    assert!(
        refused.expected.contains("delivery_price") && refused.expected.contains("test.toml:25"),
        "{}",
        refused.expected
    );
}

#[test]
fn other_files_that_are_refused() {
    assert_eq!(refusal("").code, "FIL102");
    assert_eq!(refusal(HEADER).code, "FIL103");
    let comma = refusal(HEADER.replace(';', ","));
    assert!(comma.help.contains("','"), "{}", comma.help);
    assert_eq!(refusal(HEADER.replace("Vytvořeno", "stav ")).code, "HDR202");
    let mut orders = orders();
    csv(&mut orders).encoding = encodings(&["windows-1250"]);
    let ingested = Night::new().file("orders.csv", HEADER).source(orders).run();
    assert_eq!(ingested.diagnostics[0].code, "TXT501");
}

#[test]
fn absent_files() {
    let with = |if_absent| {
        let mut orders = orders();
        orders.if_absent = if_absent;
        let ingested = Night::new().source(orders).run();
        (ingested.exits, ingested.left_out, ingested.diagnostics.len())
    };
    assert_eq!(with(IfAbsent::Error), (vec![Exit::Missing], vec![], 1));
    assert_eq!(with(IfAbsent::Warn), (vec![], vec!["orders".to_owned()], 1));
    assert_eq!(with(IfAbsent::Ignore), (vec![], vec!["orders".to_owned()], 0));
}

#[test]
fn a_refused_source_may_be_left_out() {
    let mut orders = orders();
    orders.if_refused = IfRefused::PublishWithout;
    let ingested = Night::new().file("orders.csv", "").source(orders).run();
    assert_eq!((ingested.exits, ingested.left_out), (vec![Exit::Quarantine], vec!["orders".to_owned()]));
}

#[test]
fn an_empty_export_may_be_allowed() {
    let mut orders = orders();
    orders.allow_empty = true;
    let ingested = Night::new().file("orders.csv", HEADER).source(orders).run();
    assert_eq!((ingested.exits.len(), ingested.inputs[0].rows.structural), (0, 1));
}

#[test]
fn too_much_quarantine_refuses_the_source() {
    let content = format!("{HEADER}A1;Nová;;;100;0\nA2;Nová;;;x;0\nA3;Nová;;;100;0\nA4;Jiná;;;100;0\n");
    let with = |ppm, money| {
        let mut orders = orders();
        (orders.quarantine_max_ppm, orders.quarantine_max_money) = (ppm, money);
        Night::new().file("orders.csv", &content).source(orders).run()
    };
    assert_eq!(with(Some(500_000), Some(10_000)).exits, vec![Exit::Quarantine]);
    let refused = with(Some(499_999), None);
    assert_eq!((refused.exits, refused.frames.orders.height(), refused.quarantine.len()), (vec![Exit::Refused], 0, 0));
    assert!(refused.diagnostics.iter().any(|d| d.code == "QUA601" && d.found.starts_with("2 of 4 rows")));
    assert!(refused.diagnostics.iter().any(|d| d.code == "CEL303"));
    assert_eq!(with(None, Some(9_999)).exits, vec![Exit::Refused]);
}

#[test]
fn a_fifth_of_the_rows_but_at_least_a_hundred_may_be_in_quarantine() {
    let exits = |sound: usize, refused: usize, most: Option<i64>| {
        let row = |row: usize| format!("A{row};Nová;;;{};0\n", if row < refused { "x" } else { "100" });
        let content: String = (0..sound + refused).map(row).collect();
        let mut orders = orders();
        orders.quarantine_max_ppm = most;
        let ingested = Night::new().file("orders.csv", &format!("{HEADER}{content}")).source(orders).run();
        let told = ingested.diagnostics.iter().filter(|told| told.code == "CEL303").count();
        assert_eq!(told, if refused > 5 { 6 } else { refused }, "five rows, and one that stands for all others");
        let help = ingested.diagnostics.into_iter().find(|told| told.code == "QUA601").map(|told| told.found);
        (ingested.exits, help.unwrap_or_default())
    };
    assert_eq!(exits(0, 100, None).0, [Exit::Quarantine], "a hundred rows are read by a person");
    assert_eq!(exits(404, 101, None).0, [Exit::Quarantine], "exactly a fifth");
    let (refused, help) = exits(403, 101, None);
    assert_eq!(refused, [Exit::Refused]);
    assert!(help.contains("101 of 504 rows") && help.contains("quarantine_max = { percent = 100.0 }"), "{help}");
    assert_eq!(exits(0, 101, Some(1_000_000)).0, [Exit::Quarantine], "the source says");
}

#[test]
fn money_in_quarantine_is_counted_in_each_currency() {
    let header = HEADER.replace('\n', ";Měna\n");
    // 100.00 CZK and 100.00 EUR are refused for their status
    let content = format!("{header}A1;Jiná;;;100;0;CZK\nA2;Jiná;;;100;0;EUR\nA3;Nová;;;100;0;CZK\n");
    let with = |money| {
        let mut orders = source("orders", Kind::Orders, "orders*.csv", &format!("{ORDERS} currency=Měna"));
        orders.quarantine_max_money = Some(money);
        Night::new().file("orders.csv", &content).source(orders).run()
    };
    assert_eq!(with(10_000).exits, vec![Exit::Quarantine]);
    let refused = with(9_999);
    assert_eq!(refused.exits, vec![Exit::Refused]);
    assert!(refused.diagnostics.iter().any(|d| d.found.starts_with("10000 minor units of CZK")));
}

#[test]
fn a_network_address_is_refused() {
    let mut orders = orders();
    orders.glob = "https://example.com/orders.csv".into();
    let ingested = Night::new().source(orders).run();
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "SRC105"));
}

#[cfg(unix)]
#[test]
fn a_link_is_no_input() {
    let night = Night::new().file("real.csv", HEADER).source(orders());
    std::os::unix::fs::symlink(night.folder.path().join("real.csv"), night.folder.path().join("orders.csv")).unwrap();
    let ingested = night.run();
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "FIL106"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_where_the_source_says_so() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("orders-1.csv"), format!("{HEADER}A1;Nová;9.11.2026;;100;0\n")).unwrap();
    let run = |glob: &str, link: &dyn Fn(&std::path::Path), follow_links| {
        let mut orders = orders();
        (orders.glob, orders.follow_links) = (glob.into(), follow_links);
        let night = Night::new().source(orders);
        std::fs::create_dir(night.folder.path().join("in")).unwrap();
        link(&night.folder.path().join("in"));
        let ingested = night.run();
        (ingested.exits, ingested.diagnostics.first().map(|d| d.code), ingested.frames.orders.height())
    };
    let file =
        |folder: &std::path::Path| symlink(outside.path().join("orders-1.csv"), folder.join("orders-1.csv")).unwrap();
    let whole = |folder: &std::path::Path| symlink(outside.path(), folder.join("old")).unwrap();
    assert_eq!(run("in/*.csv", &file, false), (vec![Exit::Refused], Some("FIL106"), 0));
    assert_eq!(run("in/*.csv", &file, true), (vec![], None, 1));
    // a linked folder would hide its files in silence
    assert_eq!(run("in/**/*.csv", &whole, false), (vec![Exit::Refused], Some("FIL106"), 0));
    assert_eq!(run("in/**/*.csv", &whole, true), (vec![], None, 1));
    // no file of it could match
    assert_eq!(run("in/*.csv", &whole, false), (vec![Exit::Missing], Some("FIL101"), 0));
    let round = |folder: &std::path::Path| symlink(folder, folder.join("round")).unwrap();
    assert_eq!(run("in/**/*.csv", &round, true), (vec![Exit::Refused], Some("FIL107"), 0));
    let broken = |folder: &std::path::Path| symlink("nowhere.csv", folder.join("orders-1.csv")).unwrap();
    assert_eq!(run("in/*.csv", &broken, false), (vec![Exit::Refused], Some("FIL106"), 0));
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let socket = |path: &std::path::Path| drop(std::os::unix::net::UnixListener::bind(path).unwrap());
    // Whoever opened it would wait for a writer forever.
    let pipe = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    for make in [&socket as &dyn Fn(&std::path::Path), &pipe] {
        let night = Night::new().source(orders());
        make(&night.folder.path().join("orders.csv"));
        let ingested = night.run();
        assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "FIL106"));
        assert!(ingested.diagnostics[0].found.contains("pipe"), "{}", ingested.diagnostics[0].found);
    }
}

#[test]
fn a_position_tells_two_equal_headers_apart() {
    let mut orders = source("orders", Kind::Orders, "orders*.csv", &ORDERS.replace("status_raw=Stav", "status_raw=2"));
    let content = format!("{}A1;Nová;9.11.2026;;100;0;x\n", HEADER.replace("Poštovné", "Poštovné; stav"));
    let ingested = Night::new().file("orders.csv", &content).source(orders.clone()).run();
    assert_eq!((ingested.exits, text(&ingested.frames.orders, "status", 0)), (vec![], "new"));
    orders.columns = self::orders().columns;
    let ingested = Night::new().file("orders.csv", &content).source(orders).run();
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "HDR202"));
}
