//! Files and sources that are refused or absent.

use super::*;
use crate::base::disk::faults::{Fault, inject};

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
        let ingested = Night::new().file("orders.csv", format!("{HEADER}{content}")).source(orders).run();
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

/// Orders of one value, in a file of one size and time whatever the value is.
fn order_of(goods: u32) -> String {
    format!("{HEADER}A1;Nová;9.11.2026 10:00;;{goods};0\n")
}

fn put(path: &std::path::Path, content: &str) {
    std::fs::write(path, content).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000)).unwrap();
}

/// Reads two files; at the `at`-th operation on the first one, `change` takes place.
fn while_read(at: usize, change: impl Fn(&std::path::Path) + Send + Sync + 'static) -> (usize, Ingested) {
    let night = Night::new().file("orders-1.csv", order_of(100)).file("orders-2.csv", order_of(300)).source(orders());
    let path = night.folder.path().join("orders-1.csv");
    put(&path, &order_of(100));
    let changed = path.clone();
    let guard = inject(&path, at, false, Fault::Act(Box::new(move |_, _| change(&changed))));
    let ingested = night.run();
    (guard.seen(), ingested)
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_not_taken() {
    let (operations, sound) = while_read(usize::MAX, |_| ());
    assert!(operations >= 4 && sound.exits != vec![Exit::Refused], "{operations}");
    let by_rename = |path: &std::path::Path| {
        let other = path.with_extension("new");
        put(&other, &order_of(200));
        std::fs::rename(other, path).unwrap();
    };
    let in_place = |path: &std::path::Path| put(path, &order_of(200));
    let mut refused = 0;
    for at in 1..operations {
        for ingested in [while_read(at, by_rename).1, while_read(at, in_place).1] {
            let changed = ingested.diagnostics.iter().filter(|diagnostic| diagnostic.code == "FIL105").count();
            let goods: Vec<_> = (0..ingested.frames.orders.height())
                .map(|row| number(&ingested.frames.orders, "goods_amount", row))
                .collect();
            // Before the first byte is read the new file may be taken as a whole; a mixture never is.
            assert!(changed == 1 || goods.iter().all(|goods| *goods != Some(10_000)), "{at}: {goods:?}");
            refused += changed;
        }
    }
    assert!(refused >= operations, "{refused} of {operations}");
}

#[test]
fn a_file_that_is_only_touched_is_taken() {
    let touch = |path: &std::path::Path| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000)).unwrap();
    };
    let (_, ingested) = while_read(3, touch);
    assert!(ingested.diagnostics.iter().all(|diagnostic| diagnostic.code != "FIL105"), "{:?}", ingested.diagnostics);
}

#[cfg(unix)]
#[test]
fn a_disk_that_says_no_is_told_in_our_words() {
    for (code, words, exit) in [
        (13, "no right to it", Exit::Refused),
        (5, "the disk failed", Exit::Refused),
        (24, "too many open", Exit::Limit),
    ] {
        let night = Night::new().file("orders.csv", order_of(100)).source(orders());
        let path = night.folder.path().join("orders.csv");
        let guard = inject(&path, usize::MAX, false, Fault::Code(code));
        night.run();
        for at in 0..guard.seen() {
            let _guard = inject(&path, at, true, Fault::Code(code));
            let ingested = night.run();
            assert_eq!(ingested.exits, vec![exit], "{code} at {at}");
            let told = ingested.diagnostics.iter().find(|diagnostic| diagnostic.exit == exit).unwrap();
            assert!(told.found.starts_with(words) && !told.help.is_empty(), "{told:?}");
            assert_eq!(told.code, "FIL104");
        }
    }
}

/// Named `.csv`, each of them, packed or not, declared as UTF-8 or found out.
#[test]
fn formats_that_are_no_delimited_text_are_named() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let utf32 = "Číslo;Stav\nA1;Nová\n".chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect::<Vec<u8>>();
    let excel = [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 600_000], &wide("Workbook")].concat();
    let cases: [(&[u8], &str, &str); 9] = [
        (b"BZh91AY&SY\xaa;u\n\x0b", "bzip2", "unpack it"),
        (b"\x28\xb5\x2f\xfd;\n", "Zstandard", "unpack it"),
        (b"%PDF-1.4\n1 0 obj;\n", "PDF", "CSV or XLSX"),
        (b"\t\x04\x06\0\0\0\x10\0l\t\\\0;\n", "Excel 2 to 5", "CSV or XLSX"),
        (b"<html><table><tr><td>A;B</td></tr>\n", "HTML", "CSV"),
        (b"ID;PWXL;N;E\r\nC;Y1;X1;K\"a\"\r\nE\r\n", "SYLK", "CSV or XLSX"),
        (b"{\"a;b\": 1}\n{\"a;b\": 2}\n", "JSON lines", "CSV or XLSX"),
        (&utf32, "UTF-32", "UTF-8"),
        (&excel, "legacy .xls", "`[source.xlsx]`"),
    ];
    for (bytes, is, help) in cases {
        for content in [bytes.to_vec(), packages::gzip(bytes)] {
            for encoding in [encodings(&["utf-8"]), TextEncoding::Detected] {
                let mut orders = orders();
                csv(&mut orders).encoding = encoding;
                let ingested = Night::new().file("orders.csv", &content).source(orders).run();
                let refused = ingested.diagnostics.iter().find(|d| d.exit == Exit::Refused).unwrap();
                assert_eq!((ingested.exits.as_slice(), refused.code), (&[Exit::Refused][..], "FIL115"), "{is}");
                assert!(refused.found.contains(is) && refused.help.contains(help), "{refused:?}");
            }
        }
    }
}

#[test]
fn a_source_of_one_column_expects_no_number_of_columns() {
    let mut source = source("orders", Kind::ShopOrders, "orders*", "order_no=order_no");
    csv(&mut source).delimiter = b',';
    let ingested = Night::new().file("orders.csv", "id;total\nA1;2\n").source(source).run();
    let refused = ingested.diagnostics.iter().find(|d| d.exit == Exit::Refused).unwrap();
    assert_eq!(refused.code, "HDR205");
    assert!(!refused.message.contains("expected 1") && refused.help.contains("';'"), "{refused:?}");
}
