//! Rules written as text: found, told, switched and refused like those of the program.

use std::fs;

use serde_json::Value;

use crate::scenarios::{HEAD, ORDERS, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, x11};
use crate::workbench::{folder_of, run_into, stdout, trueup};

const HEADER: &str = "statement,paid,order,kind,amount\n";

/// A rule of the cookbook: the test reads it from there, so what stands there works.
fn cookbook_rule() -> String {
    let cookbook = include_str!("../src/guide/cookbook.md");
    let start = cookbook.find("[[rule]]\ncode = \"SHOP-001\"").expect("the rule of the cookbook");
    cookbook[start..].split("```\n").next().expect("its end").to_owned()
}

/// A pipeline with the rule, an order that was paid 1900.00 of 1965.16, and one that was paid in full.
fn scene(more: &str) -> Scene {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let second = x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace("1;Doru", "2;Doru");
    scene.orders(&format!("{}{second}", x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0)));
    scene.write("payouts.csv", &format!("{HEADER}S1,2026-11-11,1,sale,1900.00\nS1,2026-11-11,2,sale,1965.16\n"));
    let pipeline = fs::read_to_string(scene.path("pipeline.toml")).expect("a pipeline");
    scene.write("pipeline.toml", &format!("{pipeline}\n{}\n{more}", cookbook_rule()));
    scene
}

/// Findings as maps of their columns.
fn findings(scene: &Scene, as_of: &str, file: &str) -> Vec<std::collections::HashMap<String, String>> {
    let text = scene.published(as_of, file);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn codes(scene: &Scene, as_of: &str) -> Vec<String> {
    findings(scene, as_of, "findings.csv")
        .iter()
        .map(|row| format!("{} {} {}", row["code"], row["order_no"], row["severity"]))
        .collect()
}

#[test]
fn it_is_found_with_money_deadline_message_and_proof_and_suppresses_the_weaker() {
    let scene = scene("");
    let found = findings(&scene, "2026-11-20", "findings.csv");
    assert_eq!(found.len(), 1, "{found:?}");
    let row = &found[0];
    let told =
        ["code", "severity", "order_no", "money", "currency", "due", "state", "remedy"].map(|name| row[name].as_str());
    // 1965.16 − 1900.00; 30 days after the payout date.
    assert_eq!(told, ["SHOP-001", "high", "1", "65.16", "CZK", "2026-12-11", "new", "claim"]);
    let evidence: Value = serde_json::from_str(&row["evidence"]).expect("JSON");
    assert_eq!((&evidence[0]["column"], &evidence[0]["row"]), (&"amount".into(), &2.into()));
    let message = evidence.as_array().and_then(|entries| entries.last()).expect("the message");
    assert_eq!(message["value"], "Order 1 was paid 1900.00 instead of 1965.16");
    let id = row["finding_id"].clone();
    // The state machine: open, then resolved by the payout line.
    let again = findings(&scene, "2026-11-21", "findings.csv");
    assert_eq!((&again[0]["finding_id"], again[0]["state"].as_str()), (&id, "open"));
    scene.write("payouts.csv", &format!("{HEADER}S1,2026-11-11,1,sale,1965.16\nS1,2026-11-11,2,sale,1965.16\n"));
    let gone = findings(&scene, "2026-11-22", "resolved.csv");
    assert_eq!((gone[0]["code"].as_str(), &gone[0]["finding_id"]), ("SHOP-001", &id));
    let by: Value = serde_json::from_str(&gone[0]["resolved_by"]).expect("JSON");
    assert_eq!(
        (&by["file"], &by["before"], &by["value"]),
        (&"payouts.csv".into(), &"1900.00".into(), &"1965.16".into())
    );
}

#[test]
fn it_obeys_the_switches_and_so_do_the_others() {
    let with = |switches: &str| codes(&scene(&format!("[rules]\n{switches}")), "2026-11-20");
    assert_eq!(with("severity = { SHOP-001 = \"info\" }"), ["SHOP-001 1 info"]);
    // Without it the weaker rule speaks again, as bad as the pipeline says.
    assert_eq!(with("ignore = [\"SHOP-001\"]\nseverity = { PY-004 = \"low\" }"), ["PY-004 1 low"]);
    assert_eq!(with("only = [\"PY-001\"]"), Vec::<String>::new());
}

#[test]
fn explain_tells_offline_which_condition_failed() {
    let scene = scene("");
    let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some("2026-11-20"));
    fs::remove_file(scene.path("pipeline.toml")).expect("the pipeline is gone");
    let output = trueup(&folder_of(&outcome), &["explain", ".", "2", "--json"]);
    let story: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let near = story["near_misses"].as_array().expect("a list").iter().find(|near| near["code"] == "SHOP-001");
    let near = near.expect("all but the shortfall holds");
    assert_eq!(near["failed"], "expected_payout - paid > 50.00");
    assert_eq!(near["facts"]["paid"], "1965.16");
}

#[test]
fn the_catalogue_lists_it_and_shows_its_page() {
    let scene = scene("");
    let folder = scene.path("");
    let list = stdout(&trueup(&folder, &["rules", "--pipeline", "pipeline.toml"]));
    assert!(list.contains("SHOP-001") && list.contains("ST-001"), "{list}");
    let page = stdout(&trueup(&folder, &["rules", "SHOP-001", "--pipeline", "pipeline.toml"]));
    for part in ["paid-much-less", "expected_payout - paid > 50.00", "## Why it matters", "## What to do"] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[test]
fn a_pack_brings_it_for_its_accounts_with_an_example_that_pack_test_tries() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("packs/house")).expect("a folder");
    let pack = |rule: &str| format!("[pack]\ntitle = \"House\"\nsource = \"own\"\n\n{rule}");
    let path = folder.path().join("packs/house/rules.toml");
    fs::write(&path, pack(&cookbook_rule())).expect("written");
    let tried = trueup(folder.path(), &["pack", "test", "house/rules"]);
    assert_eq!(tried.status.code(), Some(0), "{}", String::from_utf8_lossy(&tried.stderr));
    assert!(stdout(&trueup(folder.path(), &["rules"])).contains("SHOP-001"));
    let of_pipeline = |rule: &str| {
        fs::write(folder.path().join("p.toml"), format!("{HEAD}{rule}")).expect("written");
        let output = trueup(folder.path(), &["pack", "test", "--pipeline", "p.toml"]);
        (output.status.code(), stdout(&output))
    };
    fs::remove_file(&path).expect("gone");
    let (code, table) = of_pipeline(&cookbook_rule());
    assert!(code == Some(0) && table.contains("scene") && table.contains('1'), "{table}");
    assert_eq!(of_pipeline(&cookbook_rule().replace("finds = [\"1\"]", "finds = [\"4\"]")).0, Some(1));
    fs::write(&path, pack(&cookbook_rule().replace("finds = [\"1\"]", "finds = [\"2\"]"))).expect("written");
    let tried = trueup(folder.path(), &["pack", "test", "house/rules"]);
    let talk = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert_eq!(tried.status.code(), Some(1), "{talk}");
    assert!(
        talk.contains("the example of SHOP-001 fails: found are [1]") && talk.contains("packs/house/rules.toml"),
        "{talk}"
    );
}

#[test]
fn a_rule_of_a_marketplace_is_for_its_accounts_only() {
    let found_with_rule_in = |pack: &str| {
        let scene = scene("");
        let pipeline = fs::read_to_string(scene.path("pipeline.toml")).expect("a pipeline");
        let pipeline = pipeline.replace(&cookbook_rule(), "").replace("packs = [", "packs = [\"marketplaces/mall\", ");
        scene.write("pipeline.toml", &pipeline);
        let shipped = fs::read_to_string(format!("pipelines/packs/marketplaces/{pack}.toml")).expect("a pack");
        fs::create_dir_all(scene.path("packs/marketplaces")).expect("a folder");
        scene.write(&format!("packs/marketplaces/{pack}.toml"), &format!("{shipped}\n{}", cookbook_rule()));
        codes(&scene, "2026-11-20")
    };
    assert_eq!(found_with_rule_in("slevomat"), ["SHOP-001 1 high"]);
    assert_eq!(found_with_rule_in("mall"), ["PY-004 1 high"]);
}

#[test]
fn a_condition_without_a_column_holds_for_every_subject() {
    let rule = cookbook_rule();
    let start = rule.find("when = ").expect("the condition");
    let end = rule.find("money = ").expect("its end");
    let always = format!("{}when = \"as_of >= '2026-11-20' AND true\"\n{}", &rule[..start], &rule[end..]);
    let scene = scene(&always.replace("SHOP-001", "SHOP-002").replace("suppresses", "# suppresses"));
    assert_eq!(codes(&scene, "2026-11-20"), ["SHOP-001 1 high", "SHOP-002 1 high", "SHOP-002 2 high"]);
    assert_eq!(codes(&scene, "2026-11-19"), ["SHOP-001 1 high"]);
}

#[test]
fn all_mistakes_are_shown_together_where_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = r#"
[[rule]]
code = "ST-001"
name = "Taken"
severity = "high"
subject = "order"
remedy = "claim"
when = '''
statsu = 'delivered'
AND carrier_outcome = 'returnd'
AND paid > 'much'
AND expected_payout + 1
'''
money = "days_overdue"
due = "delivered_on + 14"
evidence = ["staus"]
title = "Wrong."
message = "{order_nr} is wrong"
why = "So."
todo = "This."
suppresses = ["PY-999"]

[rules]
ignore = ["ST-0001"]
"#;
    fs::write(folder.path().join("p.toml"), format!("{HEAD}{rule}")).expect("written");
    let output = trueup(folder.path(), &["check", "p.toml"]);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{talk}");
    for told in [
        "error[CFG070]: no such column",
        "did you mean `status`?",
        "no word of the column's list",
        "did you mean `returned`?",
        "this is text, not money",
        "this is money, not yes or no",
        "this is a whole number, not money",
        "not the form of a name",
        "CFG073]: there is a rule ST-001 already",
        "did you mean `order_no`?",
        "error[CFG075]: no such rule",
        "did you mean `ST-001`?",
    ] {
        assert!(talk.contains(told), "{told}\n{talk}");
    }
    // Line and caret of the column in the formula.
    let lines: Vec<&str> = talk.lines().collect();
    let at = lines.iter().position(|line| line.ends_with("| statsu = 'delivered'")).expect("the line");
    assert!(
        lines[at].starts_with("20 |") && lines[at + 1].contains("| ^^^^^^ expected: a column of order_facts"),
        "{talk}"
    );
}

#[test]
fn a_code_that_exists_and_an_amount_that_a_currency_cannot_have_are_mistakes() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = cookbook_rule();
    let refused = |rules: &str| {
        fs::write(folder.path().join("p.toml"), format!("{HEAD}{rules}")).expect("written");
        let output = trueup(folder.path(), &["check", "p.toml"]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&format!("{rule}\n{rule}")).contains("CFG073]: there is a rule SHOP-001 already"));
    assert!(refused(&rule.replace("SHOP-001", "PY-004")).contains("CFG073]: there is a rule PY-004 already"));
    assert!(refused(&rule.replace("50.00", "50.001")).contains("CFG074]: CZK has no amount with 3 decimals"));
    assert!(refused(&rule.replace("SHOP-001", "shop1")).contains("CFG071]: not the form of a code"));
    let metric = "\n[[rule]]\ncode = \"SHOP-002\"\nname = \"m\"\nseverity = \"low\"\nsubject = \"metric\"\nremedy = \"verify\"\n\
        when = \"true\"\nmoney = \"1.00\"\nevidence = []\ntitle = \"M\"\nwhy = \"W\"\ntodo = \"T\"\nsuppresses = [\"SL-001\"]\n";
    let told = refused(metric);
    assert!(told.contains("the subject has no currency") && told.contains("the subject has no order"), "{told}");
    assert!(
        refused(&rule.replace("subject = \"order\"", "subject = \"orders\""))
            .contains("`orders` is not one of order, ")
    );
}
