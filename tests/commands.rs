//! The commands as a scheduler sees them: exit codes, what stands on stdout and stderr, and JSON.

use std::fs;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::workbench::{stdout, trueup};

const HEAD: &str = "[pipeline]\nname = \"checked\"\nas_of = \"2026-12-11\"\npacks = []\n\n\
    [[account]]\nname = \"mall-sk\"\nmarketplace = \"mall\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Bratislava\"\n";

fn checked(content: &str, more: &str) -> (TempDir, Output, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("orders.csv"), content).expect("written");
    let source = "\n[[source]]\nname = \"orders\"\nkind = \"orders\"\naccount = \"mall-sk\"\nglob = \"orders.csv\"\npersonal = [\"Who\"]\n\
        [source.csv]\ndelimiter = \";\"\ndecimal = \".\"\ndates = [\"%d.%m.%Y\"]\n\
        [source.columns]\norder_no = \"No\"\nstatus_raw = \"Stav\"\ndelivery_price = \"Price\"\ndelivered_at = \"Day\"\n";
    fs::write(folder.path().join("p.toml"), format!("{HEAD}{source}{more}")).expect("written");
    let output = trueup(folder.path(), &["check", "p.toml", "--json"]);
    let json = serde_json::from_str(&stdout(&output)).expect("JSON");
    (folder, output, json)
}

#[test]
fn check_says_words_rows_equations_and_absent_files() {
    let bad: String = (0..8).map(|row| format!("B{row};deliverd;2.00;01.11.2026;Jan Novák;x\n")).collect();
    let content = format!(
        "No;Stav;Price;Day;Who;Note\nA1;delivered;1.50;31.11.2026;Jan Novák;x\nA2;delivered;1.00;30.11.2026;Jan Novák;x\n{bad}"
    );
    let absent = "\n[[source]]\nname = \"later\"\nlayout = \"marketplaces/mall/orders\"\naccount = \"mall-sk\"\nglob = \"none-*.xlsx\"\nif_absent = \"warn\"\n";
    let (folder, output, json) = checked(&content, absent);
    assert_eq!(output.status.code(), Some(4), "{json:#}");
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "pipeline",
            "exit",
            "sources",
            "inputs",
            "parts",
            "own_words",
            "unknown_words",
            "not_computable",
            "blind",
            "quarantine",
            "diagnostics",
            "repeats"
        ]
    );
    let word = &json["unknown_words"][0];
    assert_eq!((word["label"].as_str(), word["rows"].as_u64()), (Some("deliverd"), Some(8)), "{word:#}");
    assert_eq!((word["field"].as_str(), word["nearest"].as_str()), (Some("status_raw"), Some("delivered")), "{word:#}");
    assert_eq!(
        json["repeats"],
        serde_json::json!([{"code": "CEL313", "file": "orders.csv", "column": "Stav", "more": 7}])
    );
    assert_eq!(json["quarantine"].as_array().map(Vec::len), Some(9));
    assert_eq!(
        (&json["sources"][1]["files"], json["sources"][1]["if_absent"].as_str()),
        (&Value::from(0), Some("warn"))
    );
    let text = trueup(folder.path(), &["check", "p.toml"]);
    let (told, talk) = (stdout(&text), String::from_utf8_lossy(&text.stderr).into_owned());
    for line in [
        "    rows   11 read = 1 used + 0 duplicate + 0 superseded + 1 structural + 9 quarantined",
        "    EUR    18.50 read = 1.00 used + 0.00 duplicate + 0.00 superseded + 17.50 quarantined",
        "    unread Who, Note",
        "    word   status_raw = \"deliverd\" × 8, in quarantine; the nearest is \"delivered\"",
        "later (orders, none-*.xlsx): no file, if_absent = \"warn\"",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let excerpt = " 2 | A1 | delivered | 1.50 | 31.11.2026 | *** | x\n   |                         ^^^^^^^^^^ delivered_at  (header \"Day\")\n";
    assert!(talk.contains(excerpt), "{talk}");
    assert!(talk.contains("… and 7 more CEL313 like this in orders.csv, column \"Stav\""), "{talk}");
    assert!(!talk.contains("Novák") && !told.contains("Novák"));
}

#[test]
fn check_ends_with_the_code_of_the_contract() {
    let sound = "No;Stav;Price;Day;Who\nA2;delivered;1.00;30.11.2026;x\n";
    assert_eq!(checked(sound, "").1.status.code(), Some(0));
    let required = "\n[[source]]\nname = \"later\"\nlayout = \"marketplaces/mall/orders\"\naccount = \"mall-sk\"\nglob = \"none-*.xlsx\"\n";
    assert_eq!(checked(sound, required).1.status.code(), Some(9));
    assert_eq!(checked("No;Stav;Price;Day;Who\n", "").1.status.code(), Some(3));
    assert_eq!(checked(sound, "\n[[source]]\nname = \"orders\"\n").1.status.code(), Some(2));
}

#[test]
fn schemas_are_json_and_name_their_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, title) in [("pipeline", "A pipeline of trueup"), ("pack", "A pack of trueup")] {
        let text = stdout(&trueup(folder.path(), &["schema", file]));
        let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(schema["title"], title);
    }
    assert_eq!(trueup(folder.path(), &["schema", "report"]).status.code(), Some(2));
}

#[test]
fn completions_of_all_shells_name_the_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&trueup(folder.path(), &["completions", shell]));
        assert!(script.contains("infer") && script.contains("completions") && script.contains("pack"), "{shell}");
    }
    assert_eq!(trueup(folder.path(), &["completions", "klingon"]).status.code(), Some(2));
}

#[test]
fn a_log_in_json_places_its_diagnostics() {
    let (folder, ..) = checked("No;Stav;Price;Day;Who\nA1;delivered;1.00;31.11.2026;Jan Novák\n", "");
    let output = trueup(folder.path(), &["run", "p.toml", "--out", "reports", "--log", "json"]);
    assert_eq!(output.status.code(), Some(4));
    let log = String::from_utf8(output.stderr).expect("UTF-8");
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let diagnostics: Vec<Value> = lines.filter(|line| line["message"] == "diagnostic").collect();
    let placed = diagnostics.iter().find(|line| line["code"] == "CEL301").expect("the bad date");
    assert_eq!((&placed["file"], &placed["row"], &placed["column"]), (&"orders.csv".into(), &2.into(), &"Day".into()));
    assert!(placed["text"].as_str().expect("text").contains("^^^^^^^^^^ delivered_at"), "{placed}");
    assert!(!log.contains("Novák"));
}

/// A day has four digits for its year, and is a day of the calendar.
#[test]
fn days_of_another_form_or_of_no_calendar_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (day, why) in [
        ("26-12-11", "expected YYYY-MM-DD"),
        ("2026-12-1", "expected YYYY-MM-DD"),
        ("2026-13-01", "there is no such day"),
        ("2026-02-29", "there is no such day"),
        ("0026-12-11", "in the years 1990 to 2100"),
        ("2101-01-01", "in the years 1990 to 2100"),
    ] {
        for command in
            [&["run", "p.toml", "--as-of", day][..], &["calendar", "calendars/cz", "--from", day, "--to", day]]
        {
            let refused = trueup(folder.path(), command);
            let talk = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(2), "{command:?}: {talk}");
            assert!(talk.contains(why), "{command:?}: {talk}");
        }
    }
    let absent = trueup(folder.path(), &["explain", ".", "1"]);
    let talk = String::from_utf8_lossy(&absent.stderr).into_owned();
    assert!(talk.contains("no published run") && !talk.contains(" in ."), "{talk}");
}
