//! Amounts and dates after the first payout, worked by hand: clawbacks, statements with periods, totals of overviews.

use crate::scenarios::{ORDERS, ORDERS_HEADER, OVERVIEW, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, x11};

/// X11, received on 20 October 2026: billed on 8 November, paid on 11 November.
const SALE: &str = "S1,2026-11-11,1,sale,1965.16\n";
const HEADER: &str = "statement,paid,order,kind,amount\n";

fn manifest(scene: &Scene, as_of: &str) -> serde_json::Value {
    serde_json::from_str(&scene.published(as_of, "run.json")).expect("JSON")
}

/// Payout dates with the money that is eligible on each.
fn payouts(manifest: &serde_json::Value) -> Vec<String> {
    let days = manifest["payouts"].as_array().expect("payouts").iter();
    days.map(|day| format!("{} {}", day["date"].as_str().unwrap_or("-"), day["eligible"].as_str().unwrap_or("-")))
        .collect()
}

fn expected_and_paid(manifest: &serde_json::Value) -> (String, String) {
    let settlement = &manifest["accounts"][0]["settlement"]["CZK"];
    let text = |key: &str| settlement[key].as_str().unwrap_or("-").to_owned();
    (text("expected"), text("paid"))
}

/// X11 cancelled whole on a day; its delivery stays in the export.
fn cancelled_on(day: &str) -> Scene {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let dates = format!("2026-10-01 10:05;2026-10-02 09:00;2026-10-20 12:00;{day};2026-10-25");
    scene.orders(&x11("Lemondva", &dates, 0));
    scene.write("payouts.csv", &format!("{HEADER}{SALE}"));
    scene
}

#[test]
fn an_order_cancelled_after_its_payout_is_taken_back_on_the_next_payout_date() {
    let scene = cancelled_on("2026-11-15 09:00");
    assert!(scene.findings("2026-11-20").is_empty());
    let before = manifest(&scene, "2026-11-20");
    // 21 November is a Saturday.
    assert_eq!(payouts(&before), ["2026-11-11 1965.16", "2026-11-23 -1965.16"]);
    assert_eq!(expected_and_paid(&before), ("1965.16".into(), "1965.16".into()));
    scene.write("payouts.csv", &format!("{HEADER}{SALE}S2,2026-11-23,1,cancel,-1965.16\n"));
    assert!(scene.findings("2026-11-24").is_empty());
    assert_eq!(expected_and_paid(&manifest(&scene, "2026-11-24")), ("0.00".into(), "0.00".into()));
}

#[test]
fn an_order_cancelled_on_its_payout_date_was_due_that_day() {
    let scene = cancelled_on("2026-11-11 09:00");
    assert!(scene.findings("2026-11-20").is_empty());
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 1965.16", "2026-11-23 -1965.16"]);
}

#[test]
fn an_order_cancelled_between_billing_and_payout_comes_to_nothing_in_that_payout() {
    let scene = cancelled_on("2026-11-09 09:00");
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 0.00"]);
    // Nothing was taken back although it should have been.
    assert_eq!(scene.findings("2026-11-20"), ["PY-006 | 1 | 1965.16 | CZK"]);
    scene.write("payouts.csv", &format!("{HEADER}{SALE}S1,2026-11-11,1,cancel,-1965.16\n"));
    // The statement of a closed day has a line more than last night.
    assert_eq!(scene.findings("2026-11-21"), ["DQ-015 |  | 1965.16 | CZK"]);
}

#[test]
fn an_order_cancelled_before_its_billing_is_never_due() {
    let scene = cancelled_on("2026-11-07 09:00");
    assert_eq!(expected_and_paid(&manifest(&scene, "2026-11-20")).0, "0.00");
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 0.00"], "the day stands for what was paid");
    assert_eq!(scene.findings("2026-11-20"), ["PY-006 | 1 | 1965.16 | CZK"]);
}

/// X11 with one piece of 499.00 sent back on a day: 499.00 − 18 % = 409.18.
fn one_piece_cancelled_on(day: &str) -> Scene {
    let columns = ORDERS.replace("[source.columns]", "[source.columns]\nline_cancelled_at = \"Line cancelled\"");
    let scene = Scene::new(&[&columns, PAYOUTS]);
    let head = format!("1;Doručeno;2026-10-01 10:00;{RECEIVED_ON_20_OCTOBER};Zásilkovna;89,00;");
    let header = ORDERS_HEADER.trim_end();
    scene.write(
        "orders.csv",
        &format!("{header};Line cancelled\n{head};A;2;1;499,00;18;{day}\n{head};B;1;0;1290,00;18;\n"),
    );
    scene.write("payouts.csv", &format!("{HEADER}{SALE}"));
    scene
}

#[test]
fn a_piece_cancelled_after_the_payout_is_taken_back_without_its_postage() {
    let scene = one_piece_cancelled_on("2026-11-15");
    assert!(scene.findings("2026-11-20").is_empty());
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 1965.16", "2026-11-23 -409.18"]);
    // The payout date is past, and its statement is not read yet: nothing is proved.
    assert!(scene.findings("2026-11-24").is_empty());
    scene.write("payouts.csv", &format!("{HEADER}{SALE}S2,2026-11-23,1,refund,-409.18\n"));
    assert!(scene.findings("2026-11-25").is_empty());
    assert_eq!(expected_and_paid(&manifest(&scene, "2026-11-25")), ("1555.98".into(), "1555.98".into()));
    // The same line one payout early is no underpayment.
    scene.write("payouts.csv", &format!("{HEADER}{SALE}S1,2026-11-11,1,refund,-409.18\n"));
    assert!(scene.findings("2026-11-20").is_empty());
    // A statement of the date was read, and it took nothing back.
    scene.write("payouts.csv", &format!("{HEADER}{SALE}S2,2026-11-23,,fee,-1.00\n"));
    assert_eq!(scene.findings("2026-11-26"), ["DQ-015 |  | 408.18 | CZK", "PY-005 | 1 | 409.18 | CZK"]);
}

#[test]
fn a_piece_cancelled_before_the_billing_was_never_due() {
    let scene = one_piece_cancelled_on("2026-11-07");
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 1555.98"]);
    assert_eq!(scene.findings("2026-11-20"), ["PY-005 | 1 | 409.18 | CZK"]);
}

#[test]
fn a_policy_may_say_that_nothing_is_taken_back() {
    let scene = cancelled_on("2026-11-15 09:00");
    let pipeline = std::fs::read_to_string(scene.path("pipeline.toml")).expect("the pipeline");
    let own = "\n[[account.policy]]\nsource = \"contract\"\nclawback_mode = \"none\"\n\n[[source]]\nname = \"orders\"";
    scene.write("pipeline.toml", &pipeline.replacen("\n[[source]]\nname = \"orders\"", own, 1));
    assert_eq!(payouts(&manifest(&scene, "2026-11-20")), ["2026-11-11 0.00"]);
}

/// Statements of one line each: number, days of its period, day of its payment; and X11, which the second payout pays.
fn statements(periods: &[(&str, &str, &str, &str)]) -> Scene {
    let columns = format!("{PAYOUTS}period_from = \"from\"\nperiod_to = \"to\"\n");
    let scene = Scene::new(&[ORDERS, &columns]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let line = |number: &str| if number == "S2" { "1,sale,1965.16" } else { ",fee,-1.00" };
    let lines =
        periods.iter().map(|(number, from, to, paid)| format!("{number},{paid},{},{from},{to}\n", line(number)));
    scene.write("payouts.csv", &format!("statement,paid,order,kind,amount,from,to\n{}", lines.collect::<String>()));
    scene
}

fn subjects(scene: &Scene, as_of: &str) -> Vec<String> {
    let outcome = crate::workbench::run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some(as_of));
    crate::workbench::keys(&crate::workbench::folder_of(&outcome).join("findings.csv"), &["code", "subject"])
}

const OCTOBER: (&str, &str, &str, &str) = ("S1", "2026-10-21", "2026-11-01", "2026-11-02");
const FIRST: (&str, &str, &str, &str) = ("S2", "2026-11-02", "2026-11-10", "2026-11-11");
const SECOND: (&str, &str, &str, &str) = ("S3", "2026-11-11", "2026-11-20", "2026-11-23");

#[test]
fn a_gap_between_statements_names_the_payout_date_that_is_missing() {
    // The order is unpaid as well, and a later statement was read: the missing one would have paid it (rulebook §16.18).
    let gap = ["PY-012 | 2026-11-11"];
    assert_eq!(subjects(&statements(&[OCTOBER, SECOND]), "2026-11-25"), gap);
    assert_eq!(statements(&[OCTOBER, SECOND]).findings("2026-11-25"), ["PY-012 |  | 1965.16 | CZK"]);
    assert!(subjects(&statements(&[SECOND, OCTOBER, FIRST]), "2026-11-25").is_empty());
    // A second gap, in which nothing was due.
    let later = ("S5", "2026-12-02", "2026-12-10", "2026-12-11");
    assert_eq!(subjects(&statements(&[OCTOBER, SECOND, later]), "2026-12-15"), gap);
    // Nothing was due in the second one: such a payout has no statement.
    assert!(subjects(&statements(&[OCTOBER, FIRST, SECOND, later]), "2026-12-15").is_empty());
    // Where orders may be missing from the export, something may have been due.
    let partial = statements(&[OCTOBER, FIRST, SECOND, later]);
    let pipeline = std::fs::read_to_string(partial.path("pipeline.toml")).expect("the pipeline");
    partial.write("pipeline.toml", &pipeline.replace("complete = true", "complete = false"));
    assert_eq!(subjects(&partial, "2026-12-15"), ["PY-012 | 2026-12-02"]);
    // A statement paid after as-of is not known yet; that it is there is told (DQ-006).
    assert_eq!(subjects(&statements(&[OCTOBER, SECOND]), "2026-11-12"), ["DQ-006 | payouts"]);
}

#[test]
fn an_overlap_names_the_payout_date_of_the_later_statement() {
    let early = ("S2", "2026-11-01", "2026-11-10", "2026-11-11");
    assert_eq!(subjects(&statements(&[OCTOBER, early, SECOND]), "2026-11-25"), ["PY-012 | 2026-11-11"]);
    // Several statements of one period are parts of it.
    let part = ("S4", "2026-11-02", "2026-11-10", "2026-11-11");
    assert!(subjects(&statements(&[OCTOBER, FIRST, part, SECOND]), "2026-11-25").is_empty());
}

#[test]
fn an_unknown_order_names_the_one_that_may_have_lost_its_zeros() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace("1;Doručeno", "0001;Doručeno"));
    scene.write("payouts.csv", &format!("{HEADER}{SALE}"));
    let outcome = crate::workbench::run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-12"));
    let findings = crate::workbench::folder_of(&outcome).join("findings.csv");
    let unknown: Vec<String> = crate::workbench::keys(&findings, &["code", "order_no", "evidence"]);
    let unknown = unknown.iter().find(|finding| finding.starts_with("PY-011 | 1 | ")).expect("the line is found");
    assert!(unknown.contains("\"0001\""), "{unknown}");
}

#[test]
fn the_lines_of_a_statement_add_up_to_its_total_or_it_is_found() {
    let found = |total: &str| {
        let scene = Scene::new(&[ORDERS, &format!("{PAYOUTS}total = \"total\"\n")]);
        scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
        let lines = ["1,sale,1965.16", ",fee,-1.00", ",payout,1964.16"];
        let lines: String = lines.iter().map(|line| format!("S2,2026-11-11,{line},{total}\n")).collect();
        scene.write("payouts.csv", &format!("statement,paid,order,kind,amount,total\n{lines}"));
        let outcome =
            crate::workbench::run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-12"));
        let folder = crate::workbench::folder_of(&outcome);
        crate::workbench::keys(&folder.join("findings.csv"), &["code", "statement", "money", "currency"])
    };
    // The transfer is no part of what is settled.
    assert!(found("1964.16").is_empty());
    assert_eq!(found("1960.00"), ["PY-009 | S2 | 4.16 | CZK"]);
    assert_eq!(found("1965.16"), ["PY-009 | S2 | 1.00 | CZK"]);
    // Nothing is stated: nothing is judged.
    assert!(found("").is_empty());
}

/// The order of S1's printed table, and its overview with a total row above and below the days.
fn overview(above: &str, below: &str) -> Scene {
    let overview = OVERVIEW
        .replace("[source.csv]", "total_cells = { paid = 3, cancelled = 4 }\n\n[source.csv]\ntotals = [\"Celkem\"]");
    let scene = Scene::new(&[ORDERS, &overview]);
    scene.orders(
        "1;Lemondva;2026-01-13 10:00;2026-01-13 10:05;;;2026-01-14 09:00;2026-01-20;ČP;89,00;;A;1;0;500,00;18\n",
    );
    let days = "Nap;Szállítás;Fizetett;Lemondva\n13. 1.;ČP;89 Kč;0 Kč\n14. 1.;ČP;0 Kč;89 Kč\n";
    scene.write("overview-2026-01.csv", &format!("{above}{days}{below}"));
    scene
}

fn found(scene: &Scene) -> Vec<String> {
    let outcome = crate::workbench::run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-01-31"));
    let folder = crate::workbench::folder_of(&outcome);
    crate::workbench::keys(&folder.join("findings.csv"), &["code", "subject", "money", "currency"])
}

#[test]
fn the_total_of_an_overview_is_what_its_days_add_up_to() {
    let right = "Celkem;;89,00 Kč;89,00 Kč\n";
    assert!(found(&overview(right, "")).is_empty());
    assert!(found(&overview("", right)).is_empty());
    // A total that is not stated proves nothing.
    assert!(found(&overview("", "Celkem;;;\n")).is_empty());
    let manifest = manifest(&overview(right, right), "2026-01-31");
    let input = manifest["inputs"].as_array().expect("inputs").iter().find(|input| input["source"] == "overview");
    let input = input.expect("the overview");
    // Header and totals are structural, and no total is money (rulebook §15.5).
    assert_eq!((&input["rows"]["structural"], &input["rows"]["used"]), (&3.into(), &2.into()));
    assert_eq!(
        (&input["money"]["CZK"]["in"], &input["money"]["CZK"]["structural"]),
        (&"178.00".into(), &"0.00".into())
    );
}

#[test]
fn a_total_that_differs_is_found_under_its_month() {
    let month = |money: &str| vec![format!("PO-003 | 2026-01||CZK | {money} | CZK")];
    assert_eq!(found(&overview("", "Celkem;;89,01 Kč;89,00 Kč\n")), month("0.01"));
    assert_eq!(found(&overview("Celkem;;100,00 Kč;80,00 Kč\n", "")), month("20.00"));
    let days = overview("", "Celkem;;89,01 Kč;89,00 Kč\n").published("2026-01-31", "day-shipping.csv");
    assert_eq!(days.lines().count(), 3, "a month's total is no day: {days}");
}

#[test]
fn a_total_that_cannot_be_read_is_quarantined() {
    let scene = overview("", "Celkem;;osmdesát devět;89,00 Kč\n");
    let (code, told) = scene.run("2026-01-31");
    assert_eq!(code, 4, "{told}");
    for part in ["overview-2026-01.csv", "row 4", "Fizetett", "osmdesát devět", "pipeline.toml:"] {
        assert!(told.contains(part), "{part} is not told:\n{told}");
    }
}

/// The payout dates of one order received on a day, by the pack's policy or with a cut-off of its own.
fn payout_dates_of(received: &str, cutoff: Option<&str>) -> Vec<String> {
    let scene = Scene::new(&[ORDERS]);
    scene.orders(&format!(
        "1;Doručeno;2025-01-02 10:00;2025-01-02 10:05;2025-01-03;{received} 12:00;;;Zásilkovna;89,00;;A;1;0;100,00;18\n"
    ));
    if let Some(cutoff) = cutoff {
        let pipeline = std::fs::read_to_string(scene.path("pipeline.toml")).expect("the pipeline");
        let own = format!(
            "\n[[account.policy]]\nsource = \"contract\"\ncutoff = \"{cutoff}\"\n\n[[source]]\nname = \"orders\""
        );
        scene.write("pipeline.toml", &pipeline.replacen("\n[[source]]\nname = \"orders\"", &own, 1));
    }
    let manifest = manifest(&scene, "2027-01-01");
    let days = manifest["payouts"].as_array().expect("payouts").iter();
    days.map(|day| day["date"].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn x01_x02_x03_x05_x06_through_the_program() {
    assert_eq!(payout_dates_of("2026-11-09", None), ["2026-12-02"]);
    assert_eq!(payout_dates_of("2026-11-20", None), ["2026-12-11"]);
    // 21 April 2025 is Easter Monday.
    assert_eq!(payout_dates_of("2025-03-26", None), ["2025-04-22"]);
    assert_eq!(payout_dates_of("2026-02-10", None), ["2026-03-02"]);
    assert_eq!(payout_dates_of("2026-02-10", Some("calendar_decade")), ["2026-03-11"]);
    assert_eq!(payout_dates_of("2026-02-11", None), ["2026-03-11"]);
    assert_eq!(payout_dates_of("2026-02-11", Some("same_day")), ["2026-03-02"]);
}

#[test]
fn x05_is_not_unpaid_before_the_other_date_has_passed() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let dates = "2026-01-20 10:05;2026-01-22 09:00;2026-02-10 12:00;;2026-02-25";
    scene.orders(&x11("Doručeno", dates, 0).replace("2026-10-01", "2026-01-20"));
    let paid_on = |day: &str| format!("{HEADER}S0,2026-03-02,,fee,-1.00\nS1,{day},1,sale,1965.16\n");
    for day in ["2026-03-02", "2026-03-11"] {
        scene.write("payouts.csv", &paid_on(day));
        assert!(scene.findings("2026-03-31").is_empty(), "paid on {day}");
    }
    scene.write("payouts.csv", &format!("{HEADER}S0,2026-03-11,,fee,-1.00\n"));
    // Three working days of grace after 11 March: 16 March.
    assert!(scene.findings("2026-03-16").is_empty());
    assert_eq!(scene.findings("2026-03-17"), ["PY-001 | 1 | 1965.16 | CZK"]);
}

#[test]
fn the_schedule_of_the_billing_date_decides_the_payout() {
    let old = "payout_days = [3, 12, 22]\nto = 2026-11-07\n";
    let payout = |received: &str| {
        let scene = Scene::new(&[ORDERS]);
        let dates = format!("2026-10-01 10:05;2026-10-02 09:00;{received} 12:00;;2026-10-25");
        scene.orders(&x11("Doručeno", &dates, 0));
        let pipeline = std::fs::read_to_string(scene.path("pipeline.toml")).expect("the pipeline");
        let own = format!("\n[[account.policy]]\nsource = \"old terms\"\n{old}\n[[source]]\nname = \"orders\"");
        scene.write("pipeline.toml", &pipeline.replacen("\n[[source]]\nname = \"orders\"", &own, 1));
        payouts(&manifest(&scene, "2026-12-01"))
    };
    // Billed on 7 November, the last day of the old schedule; and on 8 November, by the new one.
    assert_eq!(payout("2026-10-19"), ["2026-11-12 1965.16"]);
    assert_eq!(payout("2026-10-20"), ["2026-11-11 1965.16"]);
}

#[test]
fn a_finding_names_the_policy_of_the_order_and_that_of_the_night() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{HEADER}S1,2026-11-11,1,sale,1000.00\n"));
    let pipeline = std::fs::read_to_string(scene.path("pipeline.toml")).expect("the pipeline");
    let own = "\n[[account.policy]]\nsource = \"new terms\"\nfrom = 2026-11-15\ntolerance_least = 2\n\n[[source]]\nname = \"orders\"";
    scene.write("pipeline.toml", &pipeline.replacen("\n[[source]]\nname = \"orders\"", own, 1));
    let versions = |as_of: &str| {
        let outcome = crate::workbench::run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some(as_of));
        crate::workbench::keys(&crate::workbench::folder_of(&outcome).join("findings.csv"), &["code", "rule_version"])
    };
    assert_eq!(versions("2026-11-14"), ["PY-004 | 3 slevomat@open"]);
    assert_eq!(versions("2026-11-20"), ["PY-004 | 3 slevomat@open/2026-11-15"]);
}
