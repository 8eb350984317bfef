//! Rows that stand twice: duplicates, versions, conflicts.

use super::*;

#[test]
fn duplicates_and_conflicts_within_a_file() {
    let content = format!(
        "{HEADER}A1;Nová;9.11.2026;;100;0\nA1;Nová;9.11.2026;;100,00;0\nA2;Nová;;;200;0\nA2;Odesláno;;;300;0\nA3;Nová;;;1;0\n"
    );
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.frames.orders.height(), 2);
    assert_eq!(reasons(&ingested), vec![(4, "conflict", "Číslo"), (5, "conflict", "Číslo")]);
    assert!(ingested.quarantine[0].expected().contains("orders.csv:5"));
    // As the file has it, and by which columns the rows differ.
    assert_eq!(ingested.quarantine[0].record(), "A2 | Nová |  |  | 200 | 0");
    assert_eq!(ingested.quarantine[0].value(), "A2");
    assert!(
        ingested.quarantine[0].expected().ends_with("orders.csv:5; \"Stav\", \"Zboží\" differ"),
        "{}",
        ingested.quarantine[0].expected()
    );
    assert_eq!(ingested.conflicts.len(), 1);
    assert_eq!(
        (ingested.conflicts[0].key.as_str(), ingested.conflicts[0].row_ref, ingested.conflicts[0].other_row_ref),
        ("A2", 4, 5)
    );
    assert_eq!(ingested.revisions, vec![Revision { row_ref: 3, by: 2, superseded: false }]);
    let money = ingested.inputs[0].money["CZK"];
    assert_eq!((money.read, money.used, money.duplicate, money.quarantined), (70_100, 10_100, 10_000, 50_000));
}

#[test]
fn the_later_export_supersedes() {
    let mut orders = orders();
    orders.export_date = Some(Regex::new(r"-(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})").unwrap());
    let old = format!("{HEADER}A1;Nová;;;100;0\nA2;Nová;;;200;0\nA3;Nová;;;300;0\n");
    let new = format!("{HEADER}A1;Odesláno;;;100;0\nA2;Nová;;;200;0\n");
    let night = Night::new().file("orders-2026-11-01.csv", old).file("orders-2026-11-02.csv", new).source(orders);
    let ingested = night.run();
    let frame = &ingested.frames.orders;
    let status: Vec<&str> = (0..3).map(|row| text(frame, "status", row)).collect();
    assert_eq!(status, ["shipped", "new", "new"]);
    let old = ingested.inputs.iter().find(|input| input.path.contains("11-01")).unwrap();
    let new = ingested.inputs.iter().find(|input| input.path.contains("11-02")).unwrap();
    assert_eq!(
        (old.rows.superseded, old.rows.used + new.rows.used, old.rows.duplicate + new.rows.duplicate),
        (1, 3, 1)
    );
    assert_eq!(old.money["CZK"].superseded, 10_000);
    assert_eq!(old.export_date, NaiveDate::from_ymd_opt(2026, 11, 1));
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn a_version_column_decides_within_a_file() {
    let columns = format!("{ORDERS} delivered_set_at=Změna");
    let mut orders = source("orders", Kind::Orders, "orders*.csv", &columns);
    orders.version = Some(crate::pipeline::source::Version::Field("delivered_set_at".into()));
    let header = HEADER.replace('\n', ";Změna\n");
    let content = format!("{header}A1;Nová;;;100;0;10.11.2026\nA1;Odesláno;;;100;0;9.11.2026\n");
    let ingested = Night::new().file("orders.csv", content).source(orders).run();
    assert_eq!((ingested.frames.orders.height(), text(&ingested.frames.orders, "status", 0)), (1, "new"));
    assert_eq!(ingested.revisions, vec![Revision { row_ref: 3, by: 2, superseded: true }]);
}

#[test]
fn two_files_without_a_date_that_differ_are_a_conflict() {
    let file = |amount: &str| format!("{HEADER}A1;Nová;;;{amount};0\n");
    let night = Night::new().file("orders-a.csv", file("1")).file("orders-b.csv", file("2")).source(orders());
    let ingested = night.run();
    assert_eq!((ingested.conflicts.len(), ingested.quarantine.len(), ingested.frames.orders.height()), (1, 2, 0));
}

#[test]
fn the_same_bytes_under_another_name_count_once() {
    let content = format!("{HEADER}A1;Nová;;;100;0\nA2;x;;;200;0\n");
    let night = Night::new().file("orders-b.csv", &content).file("orders-a.csv", &content).source(orders());
    let ingested = night.run();
    assert_eq!(ingested.quarantine.len(), 1);
    assert_eq!(&*ingested.quarantine[0].of.file, "orders-a.csv");
    let second = &ingested.inputs[1];
    assert_eq!((second.rows.duplicate, second.rows.quarantined, second.money["CZK"].duplicate), (2, 0, 30_000));
    assert_eq!(ingested.revisions.len(), 2);
}

#[test]
fn events_count_as_often_as_in_the_file_that_has_them_most_often() {
    let columns = "statement_id=Výpis order_no=Číslo kind_raw=Druh amount=Částka";
    let payouts = source("payouts", Kind::PayoutLines, "payouts*.csv", columns);
    let header = "Výpis;Číslo;Druh;Částka\n";
    let sale = "V1;A1;Prodej;100\n";
    let other = "V1;A2;Prodej;−50,00 Kč\n";
    let night = Night::new()
        .file("payouts-1.csv", format!("{header}{sale}{sale}{other}"))
        .file("payouts-2.csv", format!("{header}{sale}{sale}{sale}"))
        .source(payouts);
    let ingested = night.run();
    assert_eq!(ingested.frames.payout_lines.height(), 4);
    let duplicates: u64 = ingested.inputs.iter().map(|input| input.rows.duplicate).sum();
    assert_eq!(duplicates, 2);
    let used: i128 = ingested.inputs.iter().map(|input| input.money["CZK"].used).sum();
    assert_eq!(used, 3 * 10_000 - 5_000);
}

/// Keyed kinds of contract §3, told slowly: the amount that counts for a key, if any.
fn survivor(files: &[(u32, Vec<(u8, u8)>)], dated: bool, key: u8) -> Option<u8> {
    let said: Vec<(u32, BTreeSet<u8>)> = files
        .iter()
        .map(|(day, rows)| (*day, rows.iter().filter(|row| row.0 == key).map(|row| row.1).collect::<BTreeSet<u8>>()))
        .filter(|(_, amounts)| !amounts.is_empty())
        .collect();
    let newest = said.iter().map(|(day, _)| *day).max()?;
    let heard: BTreeSet<u8> = said
        .iter()
        .filter(|(day, _)| !dated || *day == newest)
        .flat_map(|(_, amounts)| amounts.iter().copied())
        .collect();
    if heard.len() == 1 { heard.first().copied() } else { None }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// Whatever stands twice where, the row that counts is the one of the slow reading, and no other.
    #[test]
    fn the_row_that_counts_is_the_one_of_the_slow_reading(
        files in proptest::collection::vec((1_u32..4, proptest::collection::vec((0_u8..4, 1_u8..4), 1..6)), 1..5),
        dated: bool,
    ) {
        let mut orders = orders();
        if dated {
            orders.export_date = Some(Regex::new(r"-(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})").unwrap());
        }
        let mut night = Night::new().source(orders);
        for (place, (day, rows)) in files.iter().enumerate() {
            let rows: String = rows.iter().map(|(key, amount)| format!("K{key};Nová;;;{amount};0\n")).collect();
            night = night.file(&format!("orders-2026-11-0{day}-{place}.csv"), format!("{HEADER}{rows}"));
        }
        let ingested = night.run();
        let frame = &ingested.frames.orders;
        let counted: BTreeMap<String, i64> = (0..frame.height())
            .map(|row| (text(frame, "order_no", row).to_owned(), number(frame, "goods_amount", row).unwrap()))
            .collect();
        proptest::prop_assert_eq!(counted.len(), frame.height());
        let expected: BTreeMap<String, i64> = (0..4)
            .filter_map(|key| Some((format!("K{key}"), i64::from(survivor(&files, dated, key)?) * 100)))
            .collect();
        proptest::prop_assert_eq!(counted, expected);
        // whatever counts no more points at a row, and whatever is refused is a conflict
        let refused = ingested.quarantine.iter().filter(|row| row.reason() != "conflict").count();
        proptest::prop_assert_eq!(refused, 0);
        let rows: usize = files.iter().map(|(_, rows)| rows.len()).sum();
        proptest::prop_assert_eq!(rows, frame.height() + ingested.revisions.len() + ingested.quarantine.len());
    }
}
