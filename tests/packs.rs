//! Packs as a person tries them, and marketplaces that are text alone, through the whole program.

use std::fs;
use std::path::Path;

use trueup::pipeline::all_packs;
use trueup::pipeline::digest::sha256;

use crate::scenarios::{HEAD, ORDERS, Scene};
use crate::workbench::{stdout, trueup};

/// A pack of two golden rows, the second one wrong.
const OWN: &str = r#"[pack]
title = "Own shop"
source = "test"

[[words.order_status]]
word = "shipped"
labels = ["na ceste"]
source = "test"

[[golden.word]]
given = { table = "order_status", label = "Na ceste" }
expect = { word = "shipped" }
source = "seen"

[[golden.word]]
given = { table = "order_status", label = "na cestach" }
expect = { word = "shipped" }
source = "wished"
"#;

fn with_own_pack(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("packs/marketplaces")).expect("a folder");
    fs::write(folder.path().join("packs/marketplaces/own.toml"), text).expect("a file");
    folder
}

fn pack_test(folder: &Path, names: &[&str]) -> (Option<i32>, String, String) {
    let arguments: Vec<&str> = ["pack", "test"].iter().chain(names).copied().collect();
    let output = trueup(folder, &arguments);
    (output.status.code(), stdout(&output), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The row of a pack in the table, its blanks made one.
fn row(table: &str, pack: &str) -> String {
    let row = table.lines().find(|line| line.starts_with(pack)).unwrap_or_default();
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_golden_row_that_fails_is_shown_where_it_stands() {
    let folder = with_own_pack(OWN);
    let (code, table, talk) = pack_test(folder.path(), &["own"]);
    assert_eq!((code, row(&table, "marketplaces/own")), (Some(1), "marketplaces/own 1 1".to_owned()), "{talk}");
    for part in ["a golden row fails (wished): the engine says `refused`", "own.toml:17:19", "^^^^^^^^^"] {
        assert!(talk.contains(part), "{part}:\n{talk}");
    }
    let (code, ..) = pack_test(folder.path(), &["own", "slevomat"]);
    assert_eq!(code, Some(1));
}

#[test]
fn shipped_packs_pass_and_unknown_or_broken_ones_exit_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, table, talk) = pack_test(folder.path(), &["slevomat", "calendars/sk"]);
    assert_eq!(code, Some(0), "{talk}");
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(row(&table, "calendars/sk").ends_with(" 0"), "{table}");
    let (code, _, talk) = pack_test(folder.path(), &["slevomatt"]);
    assert!(code == Some(2) && talk.contains("did you mean slevomat"), "{talk}");
    let broken = with_own_pack(&OWN.replace("expect = {", "expects = {"));
    let (code, _, talk) = pack_test(broken.path(), &["own"]);
    assert!(code == Some(2) && talk.contains("own.toml:12"), "{code:?} {talk}");
}

/// What `explain` says of order 1 of an account at a marketplace.
fn story(marketplace: &str, currency: &str, order: &str) -> String {
    let scene = Scene::new(&[ORDERS]);
    let head = HEAD.replace("slevomat", marketplace).replace("CZK", currency);
    scene.write("pipeline.toml", &format!("{head}{ORDERS}"));
    scene.orders(order);
    let (code, talk) = scene.run("2026-06-30");
    assert_eq!(code, 0, "{talk}");
    String::from_utf8_lossy(&scene.command(&["explain", "reports/scene", "1"]).stdout).into_owned()
}

#[test]
fn an_order_without_tracking_is_released_after_its_sending() {
    let order = |dates: &str, parcel: &str| {
        let status = if dates.ends_with(';') { "sent" } else { "received" };
        format!("1;{status};2026-01-01 10:00;2026-01-01 10:05;{dates};;;Post;4,90;{parcel};A;1;0;100,00;10\n")
    };
    // X27, and the commission on goods and postage: 10 % of 104.90.
    let tracked = story("kaufland", "EUR", &order("2026-01-02;2026-01-06 12:00", "Z4507169485"));
    assert!(tracked.contains("released on 2026-01-20"), "{tracked}");
    assert!(tracked.contains("commission 10.49 + postage 4.90 = expected 94.41 EUR"), "{tracked}");
    let untracked = story("kaufland", "EUR", &order("2026-01-02;", ""));
    assert!(untracked.contains("released on 2026-01-23"), "{untracked}");
    let waiting = story("kaufland", "EUR", &order("2026-01-02;", "Z4507169485"));
    assert!(!waiting.contains("released on") && waiting.contains("not due: waits for delivery"), "{waiting}");
}

#[test]
fn two_settlements_a_month() {
    let order = |day: &str| {
        format!("1;Finalized;2026-04-01 10:00;2026-04-01 10:05;2026-04-02;{day} 12:00;;;Post;0,00;;A;1;0;100,00;10\n")
    };
    // X26: 3 May 2026 is a Sunday.
    for (received, payout) in [("2026-05-15", "2026-05-18"), ("2026-04-16", "2026-05-04"), ("2026-05-16", "2026-06-03")]
    {
        let story = story("emag", "HUF", &order(received));
        assert!(story.contains(&format!("billing {received} → payout {payout}")), "{story}");
    }
}

/// What a run of a pipeline says that adds a text to the account of [`HEAD`].
fn with_account(added: &str) -> (i32, String) {
    let scene = Scene::new(&[ORDERS]);
    scene.write("pipeline.toml", &format!("{HEAD}{added}\n{ORDERS}"));
    scene.orders("1;Elküldve;2026-01-01 10:00;2026-01-01 10:05;2026-01-02;;;;Post;49,00;;A;1;0;100,00;\n");
    scene.run("2026-06-30")
}

#[test]
fn a_rate_with_too_many_decimals_is_a_mistake_of_the_configuration() {
    let policy = |rate: &str| format!("[[account.policy]]\nsource = \"contract\"\ncommission = {rate}\n");
    for wrong in ["\"17.55555\"", "\"175.5\"", "\"17,5\"", "\"-1\"", "\"\"", "17.5"] {
        let (code, talk) = with_account(&policy(wrong));
        assert!(code == 2 && talk.contains("pipeline.toml:14:14"), "{wrong}: {code} {talk}");
        assert!(talk.contains(&format!("commission = {wrong}")), "{talk}");
    }
    let (code, talk) = with_account(&policy("\"17.5555\""));
    assert_eq!(code, 0, "{talk}");
}

#[test]
fn a_name_in_a_policy_that_nothing_reads_stops_the_run() {
    for (policy, near) in [
        ("thresholds.ST-002 = { hour = 2 }", "did you mean `hours`?"),
        ("thresholds.SV-01 = { high = 2 }", "did you mean `SV-001`?"),
        ("target.trackingrate = { num = 9, den = 10, at_least = true }", "did you mean `tracking_rate`?"),
        ("cutoff = \"same_days\"", "did you mean `same_day`?"),
    ] {
        let (code, talk) = with_account(&format!("[[account.policy]]\nsource = \"contract\"\n{policy}\n"));
        assert!(code == 2 && talk.contains("pipeline.toml:14:") && talk.contains(near), "{policy}: {code} {talk}");
    }
    let own = OWN.replace("source = \"test\"\n\n[[words", "source = \"test\"\ntraits = [\"need_tracking\"]\n\n[[words");
    let (code, _, talk) = pack_test(with_own_pack(&own).path(), &["own"]);
    assert!(
        code == Some(2) && talk.contains("own.toml:4:10") && talk.contains("did you mean `needs_tracking`?"),
        "{talk}"
    );
}

#[test]
fn a_day_has_one_value_of_a_key() {
    let dated = |to: &str| {
        format!(
            "[[account.policy]]\nto = {to}\nsource = \"old\"\nhold_days = 14\n\
             [[account.policy]]\nfrom = 2026-01-01\nsource = \"new\"\nhold_days = 21\n"
        )
    };
    let (code, talk) = with_account(&dated("2025-12-31"));
    assert_eq!(code, 0, "{talk}");
    for (to, what) in [("2026-01-01", "overlap"), ("2025-12-30", "gap")] {
        let (code, talk) = with_account(&dated(to));
        assert!(code == 2 && talk.contains("pipeline.toml:19:1") && talk.contains("line 15"), "{code} {talk}");
        assert!(talk.contains(what), "{talk}");
    }
}

#[test]
fn a_profile_lies_between_the_pack_and_the_account() {
    let story = |added: &str| {
        let scene = Scene::new(&[ORDERS]);
        let head = HEAD.replace("slevomat", "zlavomat").replace("CZK", "EUR");
        scene.write("pipeline.toml", &format!("{head}{added}{ORDERS}"));
        scene.orders(
            "1;Doručeno;2026-01-01 10:00;2026-01-01 10:05;2026-01-02;2026-01-14 12:00;;;Post;4,90;;A;1;0;100,00;10\n",
        );
        let (code, talk) = scene.run("2026-06-30");
        assert_eq!(code, 0, "{talk}");
        String::from_utf8_lossy(&scene.command(&["explain", "reports/scene", "1"]).stdout).into_owned()
    };
    let shown = |added: &str, payout: &str| {
        let story = story(added);
        assert!(story.contains(&format!("billing 2026-02-02 → payout {payout}")), "{story}");
    };
    // Billed on the day of a run: it waits for the next one, and its money for the day after that.
    shown("", "2026-02-11");
    shown("profile = \"runs-before-payout\"\n", "2026-02-12");
    shown(
        "profile = \"runs-before-payout\"\n[[account.policy]]\nsource = \"contract\"\npayout_days = [5, 20]\n",
        "2026-02-05",
    );
    let (code, talk) = with_account("profile = \"runs-before-payout\"\n");
    assert!(code == 2 && talk.contains("pipeline.toml:12:11") && talk.contains("CFG008"), "{code} {talk}");
}

/// The rows of `trueup calendar`, their blanks made one.
fn calendar(folder: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let arguments: Vec<&str> = ["calendar"].iter().chain(arguments).copied().collect();
    let output = trueup(folder, &arguments);
    let rows = stdout(&output).lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    (output.status.code(), rows, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_calendar_shows_payout_days_with_their_shifts_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let april = ["slevomat", "--from", "2025-04-01", "--to", "2025-04-30"];
    let (code, rows, talk) = calendar(folder.path(), &april);
    assert_eq!(code, Some(0), "{talk}");
    let x03 = "2025-04-21 2025-04-22 Tue 2025-04-11 to 2025-04-20 Velikonoční pondělí";
    assert!(rows.contains(&x03.to_owned()), "{rows:#?}");
    // Sent within the range, although its nominal day is not.
    let (_, rows, _) = calendar(folder.path(), &["slevomat", "--from", "2026-06-22", "--to", "2026-06-30"]);
    assert_eq!(rows.last().map(String::as_str), Some("2026-06-21 2026-06-22 Mon 2026-06-11 to 2026-06-20 Sunday"));
    let profile = ["zlavomat", "--profile", "runs-before-payout", "--from", "2026-02-01", "--to", "2026-02-28"];
    let (_, rows, talk) = calendar(folder.path(), &profile);
    assert!(rows.contains(&"2026-02-12 2026-02-12 Thu 2026-02-02 to 2026-02-10".to_owned()), "{rows:#?} {talk}");
    let (code, _, talk) =
        calendar(folder.path(), &["zlavomat", "--profile", "runs", "--from", "2026-02-01", "--to", "2026-02-28"]);
    assert!(code == Some(2) && talk.contains("did you mean runs-before-payout?"), "{talk}");
}

#[test]
fn a_calendar_reads_the_packs_beside_it_first() {
    let own = "[pack]\ntitle = \"Own shop\"\nsource = \"test\"\npayout_calendar = { CZK = \"calendars/own\" }\n\n\
               [[policy]]\nsource = \"test\"\nhold_days = 0\npayout_days = [7]\ncutoff = \"same_day\"\n";
    let folder = with_own_pack(own);
    let days = "[pack]\ntitle = \"Own days\"\nsource = \"test\"\n\n[calendar]\nfrom = 2026-01-01\nto = 2026-12-31\nsource = \"test\"\n\n\
                [calendar.rest]\n\"2026-01-07\" = \"Stocktaking\"\n\"2026-01-08\" = \"Hangover\"\n";
    fs::create_dir_all(folder.path().join("packs/calendars")).expect("a folder");
    fs::write(folder.path().join("packs/calendars/own.toml"), days).expect("a file");
    let (code, rows, talk) = calendar(folder.path(), &["own", "--from", "2026-01-01", "--to", "2026-01-31"]);
    assert_eq!(code, Some(0), "{talk}");
    let moved = "2026-01-07 2026-01-09 Fri 2025-12-08 to 2026-01-07 Stocktaking, Hangover";
    assert!(rows.contains(&moved.to_owned()), "{rows:#?}");
    // A range that the calendar does not cover is said, never guessed.
    let (code, _, talk) = calendar(folder.path(), &["calendars/own", "--from", "2026-12-01", "--to", "2027-01-31"]);
    assert!(code == Some(2) && talk.contains("2026-12-31"), "{talk}");
    let (code, _, talk) = calendar(folder.path(), &["owm", "--from", "2026-01-01", "--to", "2026-01-31"]);
    assert!(code == Some(2) && talk.contains("no such pack"), "{talk}");
}

/// Order 1 of an account at a marketplace that the policy of the test rules, told by `explain`.
fn story_by(policy: &str, order: &str) -> String {
    let scene = Scene::new(&[ORDERS]);
    let orders = ORDERS.replace("commission_ppm", "vat_ppm = \"VAT\"\ncommission_ppm");
    scene.write("pipeline.toml", &format!("{HEAD}[[account.policy]]\nsource = \"contract\"\n{policy}\n{orders}"));
    let header = crate::scenarios::ORDERS_HEADER.trim_end();
    scene.write("orders.csv", &format!("{header};VAT\n{order}"));
    let (code, talk) = scene.run("2026-06-30");
    assert_eq!(code, 0, "{talk}");
    String::from_utf8_lossy(&scene.command(&["explain", "reports/scene", "1"]).stdout).into_owned()
}

#[test]
fn knobs_of_the_commission_and_of_the_hold() {
    let order = "1;Vevőnek kézbesítve;2026-01-01 10:00;2026-01-01 10:05;2026-01-02 10:00;2026-01-13 12:00;;;Post;10,00;;A;1;0;121,00;10;21\n";
    for (policy, commission, expected) in [
        ("hold_days = 19", "12.10", "118.90"),
        ("commission_base = \"goods_net\"", "10.00", "121.00"),
        ("commission_vat_rate = \"21\"", "14.64", "116.36"),
        ("commission_base = \"goods_and_postage\"\ncommission_vat_rate = \"21\"", "15.85", "115.15"),
    ] {
        let story = story_by(policy, order);
        let sum = format!("commission {commission} + postage 10.00 = expected {expected} CZK");
        assert!(story.contains(&sum), "{policy}: {story}");
    }
    // Received on 13 January: billed on 1 February, or a day sooner when that day counts.
    assert!(story_by("hold_days = 19", order).contains("billing 2026-02-01"));
    assert!(story_by("count_day_zero = true", order).contains("billing 2026-01-31"));
    let untaxed = story_by("commission_base = \"goods_net\"", &order.replace(";21\n", ";\n"));
    assert!(!untaxed.contains("= expected"), "{untaxed}");
}

/// The common pack gives every threshold that a rule reads its default, and no other: a pack or a pipeline may set no other.
#[test]
fn every_threshold_of_a_rule_has_a_default_and_every_default_a_rule() {
    let packs = all_packs(Path::new("pipelines")).expect("the shipped packs");
    let common = packs.iter().find(|pack| pack.name == "common").expect("the common pack");
    let policy = common.policies.at("2026-01-01".parse().expect("a day"));
    let mut read = std::collections::BTreeSet::new();
    for file in fs::read_dir("src/rules").expect("the rules").flatten() {
        let text = fs::read_to_string(file.path()).expect("a rule");
        let Some((code, _)) = text.lines().find_map(|line| line.trim().strip_prefix('"')?.split_once('"')) else {
            continue;
        };
        for (_, rest) in text.match_indices("ctx.threshold(\"").map(|(at, mark)| text.split_at(at + mark.len())) {
            let name = rest.split('"').next().unwrap_or_default();
            assert!(policy.threshold(code, name).is_some(), "{code}: {name}");
            read.insert((code.to_owned(), name.to_owned()));
        }
    }
    let entries = common.policies.entries.iter().flat_map(|entry| &entry.thresholds);
    let set = entries.flat_map(|(code, names)| names.keys().map(|name| (code.clone(), name.clone()))).collect();
    assert_eq!(read, set);
}

/// The table of the Python package, by the digests that `calendars/generate.py` writes: no day was added or lost by hand.
#[test]
fn every_calendar_holds_the_days_it_was_made_of() {
    let packs = all_packs(Path::new("pipelines")).expect("the shipped packs");
    let digests = fs::read_to_string("pipelines/packs/calendars/digests.txt").expect("the digests");
    let mut compared = 0;
    for (name, digest) in digests.lines().filter_map(|line| line.split_once(' ')) {
        let pack = packs.iter().find(|pack| pack.name == format!("calendars/{name}")).expect("a pack");
        let calendar = pack.calendar.as_ref().expect("a calendar");
        assert_eq!((calendar.from.to_string(), calendar.to.to_string()), ("2015-01-01".into(), "2035-12-31".into()));
        let days: Vec<String> = calendar.rest_days.keys().map(ToString::to_string).collect();
        assert_eq!(sha256(days.join("\n").as_bytes()), digest, "{name}");
        compared += 1;
    }
    let calendars = packs.iter().filter(|pack| pack.calendar.is_some()).count();
    assert_eq!((compared, calendars), (28, 28));
}
