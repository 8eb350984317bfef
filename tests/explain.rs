//! `explain`: the arithmetic of an order with its amounts, and the condition that a rule failed by.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::scenarios::{ORDERS, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, TRACKING, x11};
use crate::workbench::{folder_of, run_into, sample};

fn explain(run: &Path, order: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .args(["explain", "--json"])
        .arg(run)
        .arg(order)
        .output()
        .expect("trueup runs");
    assert_eq!(output.status.code(), Some(0), "{order}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn steps(story: &Value) -> Vec<&str> {
    story["steps"].as_array().expect("steps").iter().filter_map(Value::as_str).collect()
}

fn near<'story>(story: &'story Value, code: &str) -> Option<&'story Value> {
    story["near_misses"].as_array().expect("near misses").iter().find(|near| near["code"] == code)
}

#[test]
fn a_number_that_is_no_order_is_told_where_it_stands() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,77,sale,612.34\n");
    run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let told = |number: &str| {
        let output = scene.command(&["explain", "reports/scene", number]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let (known, unknown) = (told("77"), told("78"));
    assert!(known.contains("is neither an order") && known.contains("payout_lines: payouts.csv:2"), "{known}");
    assert!(known.contains("finding PY-011: "), "{known}");
    assert!(unknown.contains("is neither an order") && !unknown.contains("named there"), "{unknown}");
}

#[test]
fn an_order_is_told_in_the_language_of_the_reader() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,965.16\n");
    run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let told = |lang: &str| {
        let output = scene.command(&["explain", "reports/scene", "shop/1", "--lang", lang]);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let czech = told("cs");
    for line in [
        "objednávka shop/1",
        "přijato 2026-10-20 → vyúčtování 2026-11-08 → výplata 2026-11-11",
        "peníze odejdou: středa 2026-11-11",
        "vyplaceno 965.16 − očekáváno 1965.16 = -1000.00 CZK",
        "PY-004 vysoká (nový), 1000.00 CZK",
    ] {
        assert!(czech.contains(line), "{line}: {czech}");
    }
    for lang in ["en", "sk", "hu", "de"] {
        let other = told(lang);
        assert!(other.contains("2026-10-20 → ") && !other.contains('{'), "{lang}: {other}");
        assert!(!other.contains("vyúčtování"), "{lang}: {other}");
    }
    let refused = scene.command(&["explain", "reports/scene", "shop/1", "--lang", "fr"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("en, cs, sk, hu, de"));
}

#[test]
fn x11_line_by_line() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let story = explain(&folder_of(&outcome), "shop/1");
    assert_eq!(
        steps(&story),
        [
            "line A 2 × 499.00 = 998.00, commission 18 % = 179.64",
            "line B 1 × 1290.00 = 1290.00, commission 18 % = 232.20",
            "goods 2288.00 − cancelled 0.00 − commission 411.84 + postage 89.00 = expected 1965.16 CZK",
            "received 2026-10-20 → billing 2026-11-08 → payout 2026-11-11",
            "by the pack slevomat: hold_days = 19, payout_days = [2, 11, 21], cutoff = day_before, payout_grace_days = 3",
            "billing is 19 days after receipt and is never moved",
            "the money is sent on Wednesday, 2026-11-11",
            "2026-11-11 statement S1: sale 1965.16",
            "paid 1965.16 − expected 1965.16 = 0.00 CZK",
        ]
    );
    assert_eq!(story["zone"], "Europe/Prague");
    // 12:00 in Prague, as the export says it; in UTC it was 10:00.
    assert_eq!(story["facts"]["delivered_at"]["value"], "2026-10-20 12:00:00");
    let underpaid = near(&story, "PY-004").expect("all but the shortfall holds");
    assert_eq!(underpaid["failed"], "it is less than expected, and no line that took money back explains it");
    assert_eq!(
        (&underpaid["facts"]["paid"], &underpaid["facts"]["expected_payout"]),
        (&"1965.16".into(), &"1965.16".into())
    );
    // Nothing of the order is cancelled, and no postage was taken back: two conditions fail.
    assert!(near(&story, "PO-001").is_none());
    // No rule of another trait.
    assert!(near(&story, "SO-005").is_none());
}

#[test]
fn a_clawback_is_a_step() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let dates = "2026-10-01 10:05;2026-10-02 09:00;2026-10-20 12:00;2026-11-15 09:00;2026-10-25";
    scene.orders(&x11("Lemondva", dates, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let story = explain(&folder_of(&outcome), "1");
    for step in [
        "cancelled whole after the billing: 1965.16 CZK was due before",
        "received 2026-10-20 → billing 2026-11-08 → payout 2026-11-11",
        "cancelled 2026-11-15: -1965.16 CZK on 2026-11-23",
    ] {
        assert!(steps(&story).contains(&step), "{step} is not told: {:?}", steps(&story));
    }
    assert_eq!(near(&story, "PY-006").expect("nearly")["failed"], "the order was not cancelled afterwards");
}

/// One order of every planted kind: its finding is told with proof and arithmetic, and no rule both fired and nearly fired.
#[test]
fn an_order_of_each_planted_kind() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 1, false);
    let outcome = run_into(&data.join("pipeline.toml"), &scratch.path().join("reports"), None);
    let run = folder_of(&outcome);
    let mut planted: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(data.join("truth.csv")).expect("the truth");
    for row in reader.records() {
        let row = row.expect("a row");
        if !row[2].is_empty() && !row[0].starts_with("BB-") && &row[0] != "PY-011" {
            planted.entry(row[0].to_owned()).or_insert((row[1].to_owned(), row[2].to_owned()));
        }
    }
    assert!(planted.len() > 15, "{planted:?}");
    for (code, (account, order_no)) in planted {
        let story = explain(&run, &format!("{account}/{order_no}"));
        let findings = story["findings"].as_array().expect("findings");
        let finding = findings.iter().find(|finding| finding["code"] == code.as_str());
        let finding = finding.unwrap_or_else(|| panic!("{code} is not told of {account}/{order_no}"));
        assert!(finding["evidence"].as_str().is_some_and(|proof| proof.len() > 2), "{code} has no proof");
        assert!(!steps(&story).is_empty() && !story["timeline"].as_array().expect("rows").is_empty(), "{code}");
        assert!(near(&story, &code).is_none(), "{code} fired and nearly fired: {:?}", near(&story, &code));
    }
}

/// What is asked for by its number, with or without the account, beside orders.
#[test]
fn parcels_statements_and_refused_rows_are_told() {
    let scene = Scene::new(&[ORDERS, PAYOUTS, TRACKING]);
    let order = x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace("89,00;;", "89,00;Z 4507169485;");
    scene.orders(&format!("{order}2;Neznámo;2026-10-01 10:00;;;;;;;89,00;;A;1;0;499,00;18\n"));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    scene.write("tracking.csv", "number,at,code\nZ4507169485,2026-10-20 12:00,7\nZ9999999999,2026-10-21 08:00,4\n");
    let run = folder_of(&run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20")));
    // The parcel of an order is told with the order, however its number is written.
    assert_eq!(explain(&run, "Z4507169485")["order"], "shop/1");
    assert_eq!(explain(&run, "z 450 716 9485")["order"], "shop/1");
    let parcel = explain(&run, "Z9999999999");
    assert_eq!(parcel["parcel"], "Z9999999999");
    assert_eq!(parcel["timeline"][0]["place"], "tracking.csv:3");
    for asked in ["S1", "shop/S1"] {
        let statement = explain(&run, asked);
        assert_eq!(statement["statement"], "shop/S1");
        assert_eq!(statement["facts"]["sum"]["value"], "1965.16");
        assert_eq!(statement["timeline"][0]["cells"]["amount"], "1965.16");
    }
    for asked in ["2", "shop/2", "orders.csv:4"] {
        let refused = explain(&run, asked);
        let row = &refused["timeline"][0];
        assert_eq!((&row["place"], &row["cells"]["value"]), (&"orders.csv:4".into(), &"Neznámo".into()), "{asked}");
    }
    let talk = Command::new(env!("CARGO_BIN_EXE_trueup")).arg("explain").arg(&run).arg("1").output().expect("it runs");
    let talk = String::from_utf8(talk.stdout).expect("UTF-8");
    assert!(talk.contains("1965.16 CZK") && !talk.contains("180000"), "{talk}");
}

#[test]
fn documents_and_supplier_orders_are_told() {
    let scratch = tempfile::tempdir().expect("a folder");
    sample(&scratch.path().join("data"), 400, 1, false);
    let run = folder_of(&run_into(&scratch.path().join("data/pipeline.toml"), &scratch.path().join("reports"), None));
    let first = |file: &str, place: usize| {
        let folder = scratch.path().join("data");
        let path = std::fs::read_dir(folder.join(file).parent().expect("a folder")).expect("a folder");
        let name = file.rsplit('/').next().expect("a name");
        let path = path.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().contains(name));
        let text = std::fs::read_to_string(path.expect("an export")).expect("text");
        let line = text.lines().nth(1).expect("a row").to_owned();
        line.split([',', ';']).nth(place).expect("a cell").trim_matches('"').to_owned()
    };
    let note = first("mall/credit-notes", 0);
    assert_eq!(explain(&run, &note)["document"], format!("mall-sk/{note}"));
    let supplied = first("bigbuy/orders", 0);
    assert!(explain(&run, &supplied)["order"].as_str().is_some_and(|key| key.starts_with("mall-sk/")));
}

/// A transfer of a carrier is the remittance whose parcels it pays; its rows are told with their orders, as the file has them.
#[test]
fn a_transfer_is_the_remittance_that_it_pays() {
    let scratch = tempfile::tempdir().expect("a folder");
    sample(&scratch.path().join("data"), 400, 1, false);
    let run = folder_of(&run_into(&scratch.path().join("data/pipeline.toml"), &scratch.path().join("reports"), None));
    let mut reader = csv::Reader::from_path(run.join("findings.csv")).expect("findings");
    let rows: Vec<csv::StringRecord> = reader.records().flatten().collect();
    let of = |code: &str| rows.iter().find(|row| &row[1] == code).unwrap_or_else(|| panic!("no {code}"));
    let codes = |story: &Value| -> Vec<String> {
        let findings = story["findings"].as_array().expect("findings");
        findings.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
    };
    let (transfer, statement) = (&of("CD-005")[7], &of("PY-013")[7]);
    for asked in [transfer.to_owned(), format!("mall-sk/{transfer}")] {
        let story = explain(&run, &asked);
        assert_eq!(story["remittance"], format!("mall-sk/{transfer}"), "{asked}");
        assert_eq!(codes(&story), ["CD-005"], "{asked}");
        let parcels = story["timeline"].as_array().expect("rows");
        assert!(parcels.iter().any(|row| !row["cells"]["tracking_number"].is_null()), "{parcels:?}");
    }
    let story = explain(&run, statement);
    let lines = story["timeline"].as_array().expect("rows");
    let row_of = |line: &Value| -> u32 {
        line["place"].as_str().and_then(|place| place.rsplit(':').next()).expect("a row").parse().expect("a number")
    };
    let read: Vec<u32> = lines.iter().filter(|line| line["kind"] == "payout_lines").map(row_of).collect();
    assert!(read.len() > 10 && read.is_sorted(), "{read:?}");
    assert!(lines.iter().any(|line| !line["cells"]["order_no"].is_null()));
    // A refused identifier, and the rows that disagree: by their key, though no order has it.
    for code in ["DQ-001", "DQ-005"] {
        let key = of(code)[8].rsplit('|').next().expect("a key").to_owned();
        assert!(codes(&explain(&run, &key)).contains(&code.to_owned()), "{code} {key}");
    }
}

#[test]
fn refused_rows_and_wrong_accounts_are_told_with_their_findings() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let order = x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0);
    scene.orders(&format!("{order}2;Neznámo;2026-10-01 10:00;;;;;;;89,00;;A;1;0;499,00;18\n"));
    scene.write("payouts.csv", "statement,paid,order,kind,amount\nS1,2026-11-11,1,sale,1965.16\n");
    let run = folder_of(&run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20")));
    let story = explain(&run, "2");
    let codes: Vec<&Value> = story["findings"].as_array().expect("findings").iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&"DQ-003".into()), "{codes:?}");
    let told = |asked: &str| scene.command(&["explain", "reports/scene", asked]);
    let text = String::from_utf8(told("2").stdout).expect("UTF-8");
    assert!(text.contains("DQ-003") && !text.contains("Facts"), "{text}");
    for empty in ["", " ", "shop/"] {
        assert_eq!(told(empty).status.code(), Some(2), "`{empty}`");
    }
    // Of two rules about one line, neither may deny what the other says.
    let underpaid = near(&explain(&run, "1"), "PY-006").cloned();
    assert!(underpaid.is_none_or(|near| near["failed"] != "its payout date is not fixed"));
}

/// A word that nobody knows may be a whole text: lists show its beginning, the lines to paste all of it.
#[test]
fn a_long_unknown_word_is_cut_in_lists() {
    let scene = Scene::new(&[ORDERS]);
    let word = "Neznámo \"".repeat(4_000);
    let quoted = word.replace('"', "\"\"");
    scene.orders(&format!("2;\"{quoted}\";2026-10-01 10:00;;;;;;;89,00;;A;1;0;499,00;18\n"));
    let output = scene.command(&["check", "pipeline.toml"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("Neznámo")).collect();
    let (long, short): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.chars().count() > 300);
    assert!(long.len() == 1 && long[0].starts_with("labels = "), "{text}");
    assert!(short.len() == 1 && short[0].contains("\"… (35920 more characters) × 1, in quarantine"), "{short:?}");
}

/// A refused row of a workbook is named with its sheet; names that were copied from a list of the report are found with the apostrophe
/// that stands before what begins like a formula there.
#[test]
fn refused_rows_of_sheets_are_found() {
    let sheets = ORDERS.replace("orders*.csv", "*book.xlsx");
    let (head, rest) = sheets.split_once("[source.csv]\ndelimiter = \";\"").expect("a text");
    let scene = Scene::new(&[&format!("{head}[source.xlsx]{rest}")]);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("-Orders").expect("a name");
    let order = "2;Neznámo;2026-10-01 10:00;;;;;;;89,00;;A;1;0;499,00;18";
    for (row, line) in [crate::scenarios::ORDERS_HEADER.trim_end(), order].iter().enumerate() {
        for (column, cell) in line.split(';').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).expect("a cell");
        }
    }
    book.save(scene.path("=book.xlsx")).expect("a workbook");
    run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    let told = |asked: &str| scene.command(&["explain", "reports/scene", asked]);
    for asked in ["=book.xlsx[-Orders]:2", "'=book.xlsx['-Orders]:2", "'=book.xlsx[-Orders]:2"] {
        let output = told(asked);
        assert_eq!(output.status.code(), Some(0), "{asked}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("Neznámo"));
    }
    for asked in ["=book.xlsx:2", "'=book.xlsx:2"] {
        let output = told(asked);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("named with its sheet: =book.xlsx[-Orders]:2"), "{text}");
    }
    let other = told("=book.xlsx:3");
    assert!(!String::from_utf8_lossy(&other.stderr).contains("named with its sheet"));
}

/// The policy is the one in force for the order, and of whoever wrote it.
#[test]
fn dates_name_the_policy_of_the_order() {
    let scene = Scene::new(&[ORDERS]);
    let pipeline = std::fs::read_to_string(scene.path("pipeline.toml")).expect("the pipeline");
    let own = "\n[[account.policy]]\nfrom = \"2026-11-01\"\nhold_days = 25\nsource = \"contract\"\n";
    let at = pipeline.find("[[source]]").expect("a source");
    scene.write("pipeline.toml", &format!("{}{own}\n{}", &pipeline[..at], &pipeline[at..]));
    let late = "2026-11-01 10:05;2026-11-02 09:00;2026-11-03 12:00;;2026-11-10";
    let second = x11("Doručeno", late, 0).replace("1;Doručeno", "2;Doručeno");
    scene.orders(&format!("{}{second}", x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0)));
    let run = folder_of(&run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20")));
    let (early, late) = (explain(&run, "1"), explain(&run, "2"));
    let by = |story: &Value| -> Vec<String> {
        steps(story).into_iter().filter(|step| step.starts_with("by ")).map(str::to_owned).collect()
    };
    assert_eq!(by(&early).len(), 1, "{:?}", by(&early));
    assert!(by(&early)[0].starts_with("by the pack slevomat: hold_days = 19, "), "{:?}", by(&early));
    assert!(
        by(&late).contains(&"by the pipeline, account shop@2026-11-01: hold_days = 25".to_owned()),
        "{:?}",
        by(&late)
    );
    assert!(by(&late).iter().any(|step| step.starts_with("by the pack slevomat: payout_days = [2, 11, 21]")));
}

/// What is invoiced by period follows the next invoice, its term and the next paying day.
#[test]
fn invoiced_orders_tell_how_their_date_is_made() {
    let scratch = tempfile::tempdir().expect("a folder");
    sample(&scratch.path().join("data"), 400, 1, false);
    let run = folder_of(&run_into(&scratch.path().join("data/pipeline.toml"), &scratch.path().join("reports"), None));
    let mut reader = csv::Reader::from_path(run.join("findings.csv")).expect("findings");
    let mut told = [false; 2];
    for row in reader.records().flatten().filter(|row| &row[3] == "mall-sk" && !row[5].is_empty()) {
        let story = explain(&run, &format!("mall-sk/{}", &row[5]));
        let steps = steps(&story);
        assert!(!steps.iter().any(|step| step.contains("never moved") || step.contains("you hold")), "{steps:?}");
        told[0] |= steps.iter().any(|step| step.starts_with("invoice ") && step.contains(" of 20"));
        told[1] |= steps.iter().any(|step| step.starts_with("due 20"));
    }
    assert_eq!(told, [true; 2]);
}
