//! What pipelines and packs can say: words, columns, versions, layouts, thresholds, packs that cannot be read.

use std::fs;
use std::path::Path;

use polars::prelude::DataFrame;
use serde_json::Value;
use trueup::base::as_of::AsOf;
use trueup::diagnose::Exit;
use trueup::ingest::{Ingested, ingest};

use crate::workbench::{stdout, trueup};

const ACCOUNT: &str =
    "\n[[account]]\nname = \"shop\"\nmarketplace = \"slevomat\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\n";

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// A copy of a case.
fn case(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new("tests/cases").join(name);
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.expect("an entry");
        let to = folder.path().join(entry.path().strip_prefix(&root).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).expect("a folder");
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
    folder
}

/// A pipeline with one account, and sources under it.
fn pipeline(head: &str, sources: &str) -> String {
    format!("[pipeline]\nname = \"t\"\npacks = [\"marketplaces/slevomat\"]\n{head}{ACCOUNT}{sources}")
}

/// A source of orders in text: keys of the source, keys of its format, columns.
fn orders(keys: &str, csv: &str, columns: &str) -> String {
    format!(
        "[[source]]\nname = \"orders\"\nkind = \"orders\"\naccount = \"shop\"\nglob = \"o.csv\"\n{keys}\n\
         [source.csv]\ndelimiter = \";\"\n{csv}\n[source.columns]\norder_no = \"order\"\nstatus_raw = \"state\"\n\
         goods_amount = \"goods\"\ndelivery_price = \"postage\"\n{columns}\n"
    )
}

const CZECH: &str = "decimal = \",\"\ndates = [\"%d. %m. %Y\"]";

/// What `check` says: the exit code and its JSON.
fn check(folder: &Path, name: &str) -> (i32, Value) {
    let output = trueup(folder, &["check", name, "--json"]);
    let told = serde_json::from_str(&stdout(&output)).expect("JSON");
    (output.status.code().expect("a code"), told)
}

/// Codes and texts of the diagnostics of a check.
fn diagnostics(told: &Value) -> Vec<String> {
    told["diagnostics"].as_array().expect("a list").iter().map(Value::to_string).collect()
}

fn read(folder: &Path, name: &str) -> Ingested {
    let pipeline = trueup::pipeline::load(&folder.join(name), &trueup::rules::codes())
        .unwrap_or_else(|mistakes| panic!("{}", trueup::diagnose::render_all(&mistakes)));
    ingest(&pipeline, AsOf("2027-12-31".parse().expect("a day")))
}

/// Some columns of a frame, as text, rows separated by blanks and cells by `|`.
fn cells(frame: &DataFrame, columns: &[&str]) -> String {
    let row = |row: usize| {
        let cell =
            |name: &&str| frame.column(name).expect("a column").get(row).expect("a value").str_value().into_owned();
        columns.iter().map(cell).collect::<Vec<_>>().join("|")
    };
    (0..frame.height()).map(row).collect::<Vec<_>>().join(" ")
}

// ---- versions -------------------------------------------------------------------------------------------------------------------

#[test]
fn a_version_as_text_that_does_not_sort_is_refused() {
    let case = case("h-version-text");
    let (exit, told) = check(case.path(), "t.toml");
    assert_eq!(exit, 3);
    let told = diagnostics(&told).join("\n");
    assert!(told.contains("SRC105") && told.contains("18. 5. 2026"), "{told}");
}

#[test]
fn a_version_has_its_own_type_and_any_column() {
    let case = case("h-version-text");
    let text = fs::read_to_string(case.path().join("t.toml")).expect("a pipeline");
    let unbound = text.replace("external_ref = \"changed\"\n", "");
    for (form, text) in [
        ("{ column = \"changed\", as = \"date\" }", &text),
        ("{ column = \"changed\", as = \"date\" }", &unbound),
        ("{ column = \"changed\", as = \"instant\" }", &unbound),
        ("{ column = 6, as = \"date\" }", &unbound),
    ] {
        let text = text.replace("\"external_ref\"", form);
        fs::write(case.path().join("v.toml"), text).expect("a pipeline");
        let ingested = read(case.path(), "v.toml");
        let orders = cells(&ingested.frames.orders, &["order_no", "status"]);
        assert_eq!(orders, "A1|shipped A2|shipped A3|shipped", "{form}");
        assert_eq!(ingested.inputs[0].rows.superseded, 3, "{form}");
    }
    // The column is read now: nobody calls it unread.
    fs::write(
        case.path().join("v.toml"),
        unbound.replace("\"external_ref\"", "{ column = \"changed\", as = \"date\" }"),
    )
    .expect("a pipeline");
    let (exit, told) = check(case.path(), "v.toml");
    assert_eq!((exit, &told["parts"][0]["unbound"]), (0, &serde_json::json!([])));
    // A header in place of a field says how to write it.
    fs::write(case.path().join("v.toml"), unbound.replace("\"external_ref\"", "\"changed\"")).expect("a pipeline");
    let (exit, told) = check(case.path(), "v.toml");
    assert_eq!(exit, 2);
    assert!(
        diagnostics(&told)[0].contains("column = \\\\\\\"changed\\\\\\\"") || diagnostics(&told)[0].contains("CFG027")
    );
}

#[test]
fn texts_that_sort_are_versions_and_numbers_are_numbers() {
    let with = |form: &str, one: &str, other: &str| {
        let text = pipeline("", &orders(&format!("version = {{ column = \"v\", as = \"{form}\" }}"), CZECH, ""));
        let rows = format!("order;state;goods;postage;v\n1;Nová;1,00;0,00;{one}\n1;Odesláno;1,00;0,00;{other}\n");
        let folder = folder(&[("t.toml", &text), ("o.csv", &rows)]);
        let ingested = read(folder.path(), "t.toml");
        (cells(&ingested.frames.orders, &["status"]), ingested.exits.len())
    };
    for (form, one, other) in [
        ("text", "2026-05-09T08:00:00Z", "2026-05-18T07:00:00Z"),
        ("text", "v9", "v10"),
        ("int", "9", "10"),
        ("int", "-2", "-1"),
        ("int", "1767225500000", "1767225600000"),
        ("int", "20260209101500", "20260209101501"),
        ("date", "9. 5. 2026", "18. 5. 2026"),
    ] {
        assert_eq!(with(form, one, other), ("shipped".into(), 0), "{form} {one}");
        assert_eq!(with(form, other, one), ("new".into(), 0), "{form} {other}");
    }
    for (one, other) in
        [("1.9", "1.10"), ("09/05/2026", "18/05/2026"), ("2026-05-09", "2026-05-09 08:00"), ("-2", "-1")]
    {
        assert_eq!(with("text", one, other), (String::new(), 1), "{one}");
    }
}

#[test]
fn a_version_that_is_not_there_or_cannot_be_read_decides_nothing() {
    let text = pipeline("", &orders("version = { column = \"v\", as = \"date\" }", CZECH, ""));
    let with = |header: &str, one: &str, other: &str| {
        let rows =
            format!("order;state;goods;postage;{header}\n1;Nová;1,00;0,00;{one}\n1;Odesláno;1,00;0,00;{other}\n");
        let folder = folder(&[("t.toml", &text), ("o.csv", &rows)]);
        let ingested = read(folder.path(), "t.toml");
        (cells(&ingested.frames.orders, &["status"]), ingested.exits)
    };
    // The row of 31 February may be the newest: the other one is not taken in its place (§16.17).
    assert_eq!(with("v", "9. 5. 2026", "31. 2. 2026"), (String::new(), vec![Exit::Quarantine]));
    // So may a row without a version: both contradict each other.
    assert_eq!(with("v", "9. 5. 2026", ""), (String::new(), vec![Exit::Quarantine]));
    // A pipeline that names a column which the file lacks cannot know which row counts.
    assert_eq!(with("w", "9. 5. 2026", "18. 5. 2026"), (String::new(), vec![Exit::Refused]));
}

#[test]
fn events_have_no_versions() {
    let text = pipeline(
        "",
        "[[source]]\nname = \"s\"\nkind = \"payout_lines\"\naccount = \"shop\"\nglob = \"s.csv\"\nversion = \"posted\"\n\
         [source.csv]\ndecimal = \",\"\ndates = [\"%Y-%m-%d\"]\n[source.columns]\nkind_raw = \"k\"\namount = \"a\"\nposted = \"p\"\n",
    );
    let folder = folder(&[("t.toml", &text), ("s.csv", "k,a,p\n")]);
    let (exit, told) = check(folder.path(), "t.toml");
    assert!(exit == 2 && diagnostics(&told).join("").contains("CFG027"), "{told}");
}

// ---- layouts --------------------------------------------------------------------------------------------------------------------

#[test]
fn one_key_of_a_format_leaves_the_others_of_the_layout() {
    let case = case("h-layout-override");
    let (exit, told) = check(case.path(), "t.toml");
    assert_eq!(exit, 0, "{told}");
    assert_eq!(told["inputs"][0]["rows"]["used"], 11);
    assert_eq!(told["inputs"][0]["money"][0]["used"], "1487.00");
    let format = told["sources"][0]["format"].as_array().expect("a list");
    let from = |key: &str| format.iter().find(|entry| entry["key"] == key).map(|entry| entry["from"].to_string());
    assert_eq!(from("encoding").as_deref(), Some("\"t.toml\""));
    assert_eq!(from("delimiter").as_deref(), Some("\"marketplaces/slevomat/postage\""));
    assert_eq!(told["sources"][0]["columns"].as_array().expect("a list").len(), 4);
    let shown = stdout(&trueup(case.path(), &["check", "t.toml"]));
    assert!(shown.contains("format of t.toml: encoding = [\"cp852\"]"), "{shown}");
    assert!(shown.contains("format of marketplaces/slevomat/postage: delimiter = \";\""), "{shown}");
    assert!(shown.contains("column of t.toml: cancelled"), "{shown}");
}

/// A pack with a layout beside the pipeline, in text; read as text with another mark, and as a workbook it keeps how cells are written.
#[test]
fn every_key_lies_over_its_own() {
    let pack = "[pack]\ntitle = \"T\"\nsource = \"t\"\n[layout.orders]\nkind = \"orders\"\nfile = \"o.csv\"\nsource = \"t\"\n\
                [layout.orders.csv]\nencoding = \"windows-1250\"\ndelimiter = \"|\"\ndecimal = \",\"\nnulls = [\"--\"]\n\
                dates = [\"%d.%m.%Y\"]\ncomments = [\"#\"]\n[layout.orders.columns]\norder_no = \"order\"\nstatus_raw = \"state\"\n\
                created_at = \"created\"\ngoods_amount = \"goods\"\ndelivery_price = \"postage\"\n";
    let with = |csv: &str, rows: &str| {
        let source = format!(
            "[[source]]\nname = \"orders\"\naccount = \"shop\"\nlayout = \"shops/own/orders\"\nglob = \"o.csv\"\n[source.csv]\n{csv}\n"
        );
        let folder = folder(&[("packs/shops/own.toml", pack), ("t.toml", &pipeline("", &source)), ("o.csv", rows)]);
        cells(&read(folder.path(), "t.toml").frames.orders, &["order_no", "status", "goods_amount", "created_on"])
    };
    let rows = "# a comment\norder|state|created|goods|postage\n1|new|9.11.2026|100,50|0,00\n2|new|9.11.2026|--|0,00\n";
    let both = "1|new|10050|2026-11-09 2|new|null|2026-11-09";
    assert_eq!(with("encoding = \"utf-8\"", rows), both);
    assert_eq!(with("delimiter = \";\"", &rows.replace('|', ";")), both);
    assert_eq!(with("decimal = \".\"", &rows.replace("100,50", "100.50").replace("0,00", "0.00")), both);
    // An empty list takes the layout's away: then `--` is not an amount.
    assert_eq!(with("nulls = []", rows), "1|new|10050|2026-11-09");
}

// ---- columns as exports have them -----------------------------------------------------------------------------------------------

#[test]
fn a_date_and_a_time_in_two_columns() {
    let with = |dates: &str, rows: &str| {
        let columns = "created_at = { date = \"day\", time = \"time\" }";
        let csv = format!("decimal = \",\"\ndates = [{dates}]");
        let rows = format!("order;state;goods;postage;day;time\n{rows}");
        let folder = folder(&[("t.toml", &pipeline("", &orders("", &csv, columns))), ("o.csv", &rows)]);
        let ingested = read(folder.path(), "t.toml");
        let orders = cells(&ingested.frames.orders, &["created_at", "created_on"]);
        (
            orders,
            ingested
                .quarantine
                .iter()
                .map(|row| format!("{}:{}", row.line, row.reason()))
                .collect::<Vec<_>>()
                .join(" "),
        )
    };
    let (instants, refused) = with(
        "\"%d.%m.%Y\"",
        "1;new;1,00;0,00;9.11.2026;14:05\n2;new;1,00;0,00;9.11.2026;\n3;new;1,00;0,00;;\n4;new;1,00;0,00;;14:05\n\
         5;new;1,00;0,00;9.11.2026;25:00\n",
    );
    assert_eq!(instants, "2026-11-09 13:05:00|2026-11-09 2026-11-08 23:00:00|2026-11-09 null|null");
    assert_eq!(refused, "5:not_a_date 6:not_a_date");
    let (joined, _) = with("\"%d.%m.%Y %H.%M %z\"", "1;new;1,00;0,00;9.11.2026;14.05 +0000\n");
    assert_eq!(joined, "2026-11-09 14:05:00|2026-11-09");
    // Half of the pair is no pair.
    let columns = "created_at = { date = \"day\", time = \"hour\" }";
    let text = pipeline("", &orders("", CZECH, columns));
    let folder =
        folder(&[("t.toml", &text), ("o.csv", "order;state;goods;postage;day\n1;new;1,00;0,00;9. 11. 2026\n")]);
    let (exit, told) = check(folder.path(), "t.toml");
    assert!(exit == 3 && diagnostics(&told).join("").contains("HDR207"), "{told}");
}

#[test]
fn a_tracking_event_by_position_has_its_time_in_another_column() {
    let text = format!(
        "[pipeline]\nname = \"t\"\npacks = [\"carriers/dpd\"]\n{ACCOUNT}[[source]]\nname = \"dump\"\nkind = \"tracking_events\"\n\
         account = \"shop\"\ncarrier = \"dpd\"\nvocabulary = \"dpd-scan\"\nglob = \"d.csv\"\n[source.csv]\nheader = false\n\
         dates = [\"%Y%m%d\"]\n[source.columns]\ntracking_number_raw = 1\ncode_raw = 2\nat = {{ date = 3, time = 4 }}\n"
    );
    let folder = folder(&[("t.toml", &text), ("d.csv", "01015026000041,13,20261104,10:30:00\n")]);
    let events = read(folder.path(), "t.toml").frames.tracking_events;
    assert_eq!(cells(&events, &["at", "at_on", "code", "date_only"]), "2026-11-04 09:30:00|2026-11-04|delivered|false");
}

#[test]
fn amounts_in_the_smallest_unit() {
    let with = |currency: &str, csv: &str, amount: &str| {
        let text = pipeline("", &orders("", csv, "")).replace("\"CZK\"", &format!("\"{currency}\""));
        let rows = format!("order;state;goods;postage\n1;new;{amount};0\n");
        let folder = folder(&[("t.toml", &text), ("o.csv", &rows)]);
        cells(&read(folder.path(), "t.toml").frames.orders, &["goods_amount"])
    };
    let minor = "amounts = \"minor\"";
    assert_eq!(with("CZK", minor, "12345"), "12345");
    assert_eq!(with("CZK", minor, "-5"), "-5");
    assert_eq!(with("JPY", minor, "12345"), "12345");
    assert_eq!(with("CZK", "decimal = \".\"", "12345"), "1234500");
    for (csv, amount) in [
        (minor.to_owned(), "123.45"),
        (minor.to_owned(), "123,45"),
        (format!("{minor}\ndecimal = \",\""), "12.345"),
        (format!("{minor}\ndecimal = \".\""), "123.45"),
    ] {
        assert_eq!(with("CZK", &csv, amount), "", "{csv} {amount}");
    }
    let keys = "excess_decimals = \"book\"";
    let text = pipeline("", &orders(keys, &format!("{minor}\ndecimal = \".\""), ""));
    let folder = folder(&[("t.toml", &text), ("o.csv", "order;state;goods;postage\n1;new;123.45;0\n")]);
    assert_eq!(read(folder.path(), "t.toml").quarantine[0].reason(), "not_an_amount");
}

#[test]
fn empty_cells_are_what_the_source_says() {
    let with = |keys: &str, columns: &str| {
        let rows = "order;state;goods;postage;item\n1;Stornováno;;;5,00\n2;new;;0,00;\n3;new;2,00;;1,00\n";
        let text = pipeline("", &orders(keys, CZECH, columns));
        let folder = folder(&[("t.toml", &text), ("o.csv", rows)]);
        let ingested = read(folder.path(), "t.toml");
        let notes = ingested.diagnostics.iter().filter(|note| note.code == "CEL322").map(|note| note.found.clone());
        (
            cells(&ingested.frames.orders, &["order_no", "goods_amount", "delivery_price"]),
            notes.collect::<Vec<_>>().join(" "),
        )
    };
    let plain = |keys: &str| with(keys, "");
    assert_eq!(plain("").0, "2|null|0");
    assert_eq!(
        plain("empty = { delivery_price = \"0\", goods_amount = \"1,50\" }"),
        ("1|150|0 2|150|0 3|200|0".into(), "4 cells".into())
    );
    assert_eq!(
        plain("empty = { delivery_price = { value = \"0\", when = { status = [\"cancelled\"] } } }"),
        ("1|null|0 2|null|0".into(), "1 cells".into())
    );
    let sum = with("empty = { goods_amount = \"0\", delivery_price = \"0\" }", "cod_fee = { plus = [\"item\"] }");
    assert_eq!(sum.0, "1|0|0 2|0|0 3|200|0");
    for (keys, near) in [
        ("empty = { goods_amuont = \"0\" }", "goods_amount"),
        ("empty = { goods_amount = { value = \"0\", when = { statsu = [\"new\"] } } }", "status"),
        ("empty = { goods_amount = { value = \"0\", when = { status = [\"canceled\"] } } }", "cancelled"),
        ("empty = { goods_amount = \" \" }", "a value"),
    ] {
        let folder = folder(&[("t.toml", &pipeline("", &orders(keys, CZECH, "")))]);
        let (exit, told) = check(folder.path(), "t.toml");
        assert!(exit == 2 && diagnostics(&told).join("").contains(near), "{keys}: {told}");
    }
}

#[test]
fn a_column_that_joins_rows_is_refused_where_it_is_missing() {
    let lines = |column: &str| {
        pipeline(
            "",
            &format!(
                "[[source]]\nname = \"lines\"\nkind = \"payout_lines\"\naccount = \"shop\"\nglob = \"l.csv\"\n[source.csv]\n\
                 decimal = \".\"\n[source.columns]\nkind_raw = \"kind\"\namount = \"amount\"\n{column}\n"
            ),
        )
    };
    let parcels = pipeline(
        "",
        &orders("", CZECH, "tracking_number_raw = \"parcel\"").replace("glob = \"o.csv\"", "glob = \"l.csv\""),
    );
    let rows = "kind,amount,ordr,order;state;goods;postage\nsale,1.00,1,\n";
    for (text, rows, wanted) in [
        (lines("order_no = \"order\""), rows, "`ordr`"),
        (lines("order_no = { first = [\"order\", \"id\"] }"), rows, "order_no"),
        (parcels, "order;state;goods;postage\n1;new;1,00;0,00\n", "tracking_number_raw"),
    ] {
        let folder = folder(&[("t.toml", &text), ("l.csv", rows)]);
        let (exit, told) = check(folder.path(), "t.toml");
        let told = diagnostics(&told).join("\n");
        assert!(exit == 3 && told.contains("HDR207") && told.contains(wanted), "{exit} {told}");
    }
    // Another optional column that is missing stays a note.
    let note = lines("note = \"remark\"");
    let folder = folder(&[("t.toml", &note), ("l.csv", "kind,amount\nsale,1.00\n")]);
    assert_eq!(check(folder.path(), "t.toml").0, 0);
}

#[test]
fn other_numbers_of_parcels_and_sales_stand_in_the_frames() {
    let columns = "tracking_number_raw = \"w\"\ntracking_number_alias = \"c\"\n\
                   parent_order_no = { first = [\"order\"], pattern = \"^([0-9]+)-[A-Z]$\" }";
    let rows = "order;state;goods;postage;w;c\n17-A;new;1,00;0,00;Z1;0101\n18;new;1,00;0,00;Z2;\n";
    let folder = folder(&[("t.toml", &pipeline("", &orders("", CZECH, columns))), ("o.csv", rows)]);
    let orders = read(folder.path(), "t.toml").frames.orders;
    let columns = ["order_no", "parent_order_no", "tracking_number", "tracking_number_alias"];
    assert_eq!(cells(&orders, &columns), "17-A|17|Z1|0101 18|null|Z2|null");
}

#[test]
fn a_payout_line_for_several_orders_is_shared_out() {
    let payouts = "[[source]]\nname = \"lines\"\nkind = \"payout_lines\"\naccount = \"shop\"\nglob = \"l.csv\"\nsplit = { order_no = \"|\" }\n\
                   [source.csv]\ndelimiter = \";\"\ndecimal = \",\"\ndates = [\"%Y-%m-%d\"]\n[source.columns]\norder_no = \"order\"\n\
                   kind_raw = \"kind\"\namount = \"amount\"\nposted = \"day\"\n";
    let text = pipeline("", &format!("{}{payouts}", orders("", CZECH, "")));
    let rows = "order;state;goods;postage\nA;new;100,00;0,00\nB;new;200,00;0,00\nC;new;0,01;0,00\n";
    let lines = "order;kind;amount;day\nA|B;sale;300,00;2026-11-09\nA | B;commission;-10,00;2026-11-09\nB;sale;5,00;2026-11-09\n\
                 A|X;sale;50,00;2026-11-09\nA|A;sale;7,00;2026-11-09\n";
    let folder = folder(&[("t.toml", &text), ("o.csv", rows), ("l.csv", lines)]);
    let pipeline = trueup::pipeline::load(&folder.path().join("t.toml"), &trueup::rules::codes()).expect("a pipeline");
    let as_of = AsOf("2026-12-31".parse().expect("a day"));
    let ingested = ingest(&pipeline, as_of);
    // One row of the export is one row of the frame.
    assert_eq!(ingested.frames.payout_lines.height(), 5);
    let reconciled = trueup::reconcile::reconcile(&pipeline, as_of, &ingested, None, 1).expect("facts");
    let shares = cells(&reconciled.payouts, &["order_no", "amount", "order_known"]);
    assert_eq!(shares, "A|10000|true B|20000|true A|-333|true B|-667|true B|500|true A|X|5000|false A|700|true");
    // The books close: five rows, 352.00.
    let output = trueup(folder.path(), &["run", "t.toml", "--as-of", "2026-12-31", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for (keys, code) in [("split = { kind_raw = \"|\" }", "CFG061"), ("split = { order_no = \"x\" }", "CFG061")] {
        fs::write(folder.path().join("t.toml"), text.replace("split = { order_no = \"|\" }", keys))
            .expect("a pipeline");
        let (exit, told) = check(folder.path(), "t.toml");
        assert!(exit == 2 && diagnostics(&told).join("").contains(code), "{keys}: {told}");
    }
}

// ---- words ----------------------------------------------------------------------------------------------------------------------

#[test]
fn a_pipeline_adds_labels_without_a_pack_of_its_own() {
    let source = orders("", CZECH, "");
    let rows =
        "order;state;goods;postage\n1;\"V \"\"zázraku\"\"\";1,00;0,00\n2;Odesláno;1,00;0,00\n3;shipped;1,00;0,00\n";
    let folder = folder(&[("t.toml", &pipeline("", &source)), ("o.csv", rows)]);
    let (exit, told) = check(folder.path(), "t.toml");
    assert_eq!(exit, 4);
    let paste = told["unknown_words"][0]["paste"].as_str().expect("lines").to_owned();
    assert!(paste.starts_with("[[words.order_status]]\nword = \"\"  # one of blocked, new"), "{paste}");
    let help = told["diagnostics"][0]["help"].as_str().expect("a help").to_owned();
    assert!(help.contains(&paste), "{help}");
    let shown = stdout(&trueup(folder.path(), &["check", "t.toml"]));
    assert!(shown.contains(&paste), "{shown}");
    // The very lines, the word filled in.
    let taught = format!("{}\n{}\n", pipeline("", &source), paste.replace("word = \"\"", "word = \"lost\""));
    fs::write(folder.path().join("t.toml"), &taught).expect("a pipeline");
    let (exit, told) = check(folder.path(), "t.toml");
    assert_eq!(exit, 0, "{told}");
    assert_eq!(told["own_words"][0]["word"], "lost");
    let place = told["own_words"][0]["config"].as_str().expect("a place");
    let line: usize = place.strip_prefix("t.toml:").and_then(|line| line.parse().ok()).expect("a line");
    assert!(taught.lines().nth(line - 1).is_some_and(|line| line.starts_with("labels")), "{place}");
    let orders = read(folder.path(), "t.toml").frames.orders;
    assert_eq!(cells(&orders, &["order_no", "status"]), "1|lost 2|shipped 3|shipped");
    // Not filled in, it is refused with the words there are.
    fs::write(folder.path().join("t.toml"), format!("{}\n{paste}\n", pipeline("", &source))).expect("a pipeline");
    let (exit, told) = check(folder.path(), "t.toml");
    assert!(exit == 2 && diagnostics(&told).join("").contains("one of blocked"), "{told}");
    // The run says so, too.
    fs::write(folder.path().join("t.toml"), taught).expect("a pipeline");
    let output = trueup(folder.path(), &["run", "t.toml", "--as-of", "2026-12-31", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0));
    let runs = walkdir::WalkDir::new(folder.path().join("out")).into_iter().flatten();
    let manifest = runs.into_iter().find(|entry| entry.file_name() == "run.json").expect("a manifest");
    let manifest: Value = serde_json::from_slice(&fs::read(manifest.path()).expect("bytes")).expect("JSON");
    assert_eq!(manifest["own_words"][0]["word"], "lost");
}

#[test]
fn a_label_that_a_pack_reads_otherwise_needs_a_word_of_its_own() {
    let with = |keys: &str| {
        let words = format!("[[words.order_status]]\n{keys}\nlabels = [\"Odesláno\"]\n");
        let text = format!("{}{words}", pipeline("", &orders("", CZECH, "")));
        let folder = folder(&[("t.toml", &text), ("o.csv", "order;state;goods;postage\n1;odeslano;1,00;0,00\n")]);
        let (exit, told) = check(folder.path(), "t.toml");
        let status =
            if exit == 0 { cells(&read(folder.path(), "t.toml").frames.orders, &["status"]) } else { String::new() };
        (exit, status, told["diagnostics"].to_string())
    };
    let (exit, _, told) = with("word = \"packing\"");
    assert!(exit == 2 && told.contains("CFG059") && told.contains("replaces = \\\"shipped\\\""), "{told}");
    assert_eq!(told.matches("\"code\":\"CFG059\"").count(), 1, "{told}");
    assert_eq!(with("word = \"packing\"\nreplaces = \"shipped\"").1, "packing");
    assert_eq!(with("word = \"shipped\"").1, "shipped");
    // What nobody says cannot be replaced.
    assert!(with("word = \"packing\"\nreplaces = \"lost\"").2.contains("CFG059"));
    assert!(with("word = \"packing\"\nreplaces = \"shipped\"\naccount = \"shpo\"").2.contains("did you mean `shop`"));
    assert_eq!(with("word = \"packing\"\nreplaces = \"shipped\"\naccount = \"shop\"").1, "packing");
    assert!(with("word = \"packng\"").2.contains("did you mean `packing`"));
}

#[test]
fn a_pipeline_adds_codes_to_a_vocabulary() {
    let source = "[[source]]\nname = \"dump\"\nkind = \"tracking_events\"\naccount = \"shop\"\ncarrier = \"dpd\"\n\
                  vocabulary = \"dpd-scan\"\nglob = \"d.csv\"\n[source.csv]\ndates = [\"%Y-%m-%d\"]\n[source.columns]\n\
                  tracking_number_raw = \"n\"\ncode_raw = \"c\"\nat = \"d\"\n";
    let rows = "n,c,d\n1,QQ7,2026-11-04\n2,13,2026-11-04\n3,delivered,2026-11-04\n";
    let with = |codes: &str| {
        let text = format!("{}{codes}", pipeline("", source));
        let folder = folder(&[("t.toml", &text), ("d.csv", rows)]);
        let (exit, told) = check(folder.path(), "t.toml");
        let read = (exit != 2).then(|| cells(&read(folder.path(), "t.toml").frames.tracking_events, &["code"]));
        (read.unwrap_or_default(), told)
    };
    let (codes, told) = with("");
    assert_eq!(codes, "unknown delivered delivered");
    let paste = told["unknown_words"][0]["paste"].as_str().expect("lines");
    assert!(paste.starts_with("[[vocabulary.dpd.dpd-scan]]\nword = \"\""), "{paste}");
    let (codes, told) = with(&paste.replace("word = \"\"", "word = \"lost\""));
    assert_eq!(codes, "lost delivered delivered");
    assert_eq!(told["own_words"][0]["table"], "dpd/dpd-scan");
    assert_eq!(with("[[vocabulary.dpd.dpd-scan]]\nword = \"lost\"\ncodes = [\"QQ*\"]\n").0, "lost delivered delivered");
    let (_, told) = with("[[vocabulary.dpd.dpd-scan]]\nword = \"lost\"\ncodes = [\"13\"]\n");
    assert!(told.to_string().contains("CFG059"), "{told}");
    let replaced = with("[[vocabulary.dpd.dpd-scan]]\nword = \"lost\"\nreplaces = \"delivered\"\ncodes = [\"13\"]\n").0;
    assert_eq!(replaced, "unknown lost delivered");
    let (_, told) = with("[[vocabulary.dpd.dpd-sacn]]\nword = \"lost\"\ncodes = [\"14\"]\n");
    assert!(told.to_string().contains("dpd/dpd-scan"), "{told}");
}

// ---- packs and mistakes ---------------------------------------------------------------------------------------------------------

#[test]
fn thresholds_of_rules_that_do_not_exist_are_refused_all_at_once() {
    let case = case("h-dead-thresholds");
    let (exit, told) = check(case.path(), "t.toml");
    let told = diagnostics(&told);
    assert_eq!(exit, 2);
    for code in ["TR-012", "SO-001"] {
        assert!(told.iter().any(|told| told.contains("CFG037") && told.contains(code)), "{code}: {told:?}");
    }
    assert!(told.iter().any(|told| told.contains("did you mean")), "{told:?}");
}

#[test]
fn every_mistyped_key_and_name_is_told_at_once() {
    let text = pipeline(
        "",
        &orders("lnies = true\nif_absnet = \"warn\"", "decimal = \",\"\ndelimeter = \";\"", "goods_amuont = \"x\""),
    )
    .replace("complete", "complet")
        + "[reprot]\nlang = \"en\"\n";
    let folder = folder(&[("t.toml", &text)]);
    let (exit, told) = check(folder.path(), "t.toml");
    let told = diagnostics(&told).join("\n");
    assert_eq!(exit, 2);
    for near in ["`lines`", "`if_absent`", "`delimiter`", "`report`", "`goods_amount`"] {
        assert!(told.contains(&format!("did you mean {near}")), "{near}: {told}");
    }
}

#[test]
fn a_threshold_of_an_own_rule_is_known() {
    let rule = "[[rule]]\ncode = \"SHOP-001\"\nname = \"much\"\nseverity = \"high\"\nsubject = \"order\"\nremedy = \"claim\"\n\
                when = \"paid_lines > threshold('lines')\"\nevidence = []\ntitle = \"T\"\nwhy = \"w\"\ntodo = \"t\"\n";
    let with = |policy: &str| {
        let text = pipeline("", "").replace("\n[[account]]", &format!("\n{rule}\n[[account]]"))
            + &format!("[[account.policy]]\nsource = \"x\"\n{policy}\n");
        let folder = folder(&[("t.toml", &text)]);
        diagnostics(&check(folder.path(), "t.toml").1).into_iter().filter(|told| told.contains("CFG037")).count()
    };
    assert_eq!(with("thresholds.SHOP-001 = { lines = 2 }"), 0);
    assert_eq!(with("thresholds.SHOP-001 = { liens = 2 }"), 1);
    assert_eq!(with("thresholds.SHOP-002 = { lines = 2 }"), 1);
}

#[test]
fn a_pack_beside_the_pipeline_that_cannot_be_read_is_never_replaced() {
    let case = case("pack-silent");
    let pack = case.path().join("packs/marketplaces/slevomat.toml");
    let refused = |wanted: &str| {
        let (exit, told) = check(case.path(), "p.toml");
        let told = diagnostics(&told).join("\n");
        let named = told.contains("packs/marketplaces/slevomat.toml") || told.contains("packs");
        assert!(exit == 2 && told.contains("CFG055") && told.contains(wanted) && named, "{wanted}: {exit} {told}");
        assert!(!told.contains("CFG011"), "the account is declared: {told}");
        // The same for those who look at packs only.
        for arguments in [&["pack", "list"][..], &["pack", "show", "slevomat"], &["pack", "test"]] {
            assert_eq!(trueup(case.path(), arguments).status.code(), Some(2), "{arguments:?} {wanted}");
        }
    };
    // windows-1250, as the case has it
    refused("not UTF-8");
    let text = "[pack]\ntitle = \"T\"\nsource = \"t\"\n";
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&pack, wide).expect("UTF-16");
    refused("UTF-16");
    fs::remove_file(&pack).expect("removed");
    fs::create_dir(&pack).expect("a folder");
    refused("irectory");
    fs::remove_dir(&pack).expect("removed");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere.toml", &pack).expect("a link");
        refused("leads nowhere");
        fs::remove_file(&pack).expect("removed");
        // A folder of packs that leads nowhere.
        fs::remove_dir(case.path().join("packs/marketplaces")).expect("removed");
        std::os::unix::fs::symlink("elsewhere", case.path().join("packs/marketplaces")).expect("a link");
        refused("leads nowhere");
        fs::remove_file(case.path().join("packs/marketplaces")).expect("removed");
    }
    #[cfg(unix)]
    fs::create_dir_all(case.path().join("packs/marketplaces")).expect("a folder");
    // A file of the same name in other letters is meant, and is not what would be read.
    let other = case.path().join("packs/marketplaces/Slevomat.toml");
    fs::write(&other, text).expect("a pack");
    let (exit, told) = check(case.path(), "p.toml");
    let told = diagnostics(&told).join("\n");
    assert!(exit == 2 && told.contains("`Slevomat.toml`, in other letters"), "{told}");
    fs::remove_file(other).expect("removed");
    // Without any file of its name, the program's pack counts.
    assert_ne!(check(case.path(), "p.toml").0, 2);
    assert_eq!(trueup(case.path(), &["pack", "list"]).status.code(), Some(0));
}

#[test]
fn packs_are_shown_and_listed() {
    let own = "[pack]\ntitle = \"Mine\"\nsource = \"t\"\ntraits = [\"needs_tracking\"]\n";
    let folder = folder(&[("packs/marketplaces/mine.toml", own), ("packs/marketplaces/emag.toml", own)]);
    let show = |name: &str| stdout(&trueup(folder.path(), &["pack", "show", name]));
    assert_eq!(show("mine"), own);
    assert_eq!(show("marketplaces/emag"), own);
    assert_eq!(show("slevomat"), fs::read_to_string("pipelines/packs/marketplaces/slevomat.toml").expect("the pack"));
    let nothing = trueup(folder.path(), &["pack", "show", "marketplaces/slevomta"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("did you mean `marketplaces/slevomat`"));
    let list: Value = serde_json::from_str(&stdout(&trueup(folder.path(), &["pack", "list", "--json"]))).expect("JSON");
    let named = |name: &str| list.as_array().expect("a list").iter().find(|pack| pack["name"] == name).expect("a pack");
    assert_eq!(named("marketplaces/emag")["path"], "packs/marketplaces/emag.toml");
    assert_eq!(named("marketplaces/mine")["traits"][0], "needs_tracking");
    assert_eq!(named("calendars/cz")["covers"][0]["what"], "calendar");
    assert!(named("marketplaces/slevomat")["layouts"].to_string().contains("postage"));
    assert!(named("carriers/dpd")["vocabularies"].to_string().contains("dpd-scan"));
}

// ---- rows with a part of an amount ------------------------------------------------------------------------------------------------

/// Rows of one order are one order; what is named by `sum` is added up, everything else of the order must agree.
#[test]
fn parts_of_an_amount_are_added_up() {
    let rows = "order;state;postage;sku;qty;price;fee\n\
                1;new;4,99;A;1;10,00;1,00\n1;new;2,50;B;1;5,00;1,00\n2;new;0,00;A;1;10,00;1,00\n\
                3;new;1,00;A;1;10,00;1,00\n3;new;1,00;A;1;10,00;2,00\n4;new;1,00;A;1;10,00;1,00\n4;new;x;A;1;10,00;1,00\n";
    let with = |sum: &str| {
        let keys = format!("lines = true\n{sum}");
        let text =
            orders(&keys, CZECH, "cod_fee = \"fee\"\nqty = \"qty\"\nunit_price_gross = \"price\"\nsku = \"sku\"");
        let text = text.replace("goods_amount = \"goods\"\n", "");
        let folder = folder(&[("t.toml", &pipeline("", &text)), ("o.csv", rows)]);
        let ingested = read(folder.path(), "t.toml");
        assert_eq!(trueup::ingest::residues(&ingested), Vec::new(), "{:#?}", ingested.inputs);
        let money = ingested.inputs[0].money["CZK"];
        let sums = format!("{} {} {}", money.read, money.used, money.quarantined);
        (cells(&ingested.frames.orders, &["order_no", "goods_amount", "delivery_price", "cod_fee"]), sums)
    };
    // Order 3 contradicts itself in the fee, of order 4 a row cannot be read. Used: 15.00 + 10.00 of goods, 7.49 of postage, twice 1.00.
    let (orders_told, sums) = with("sum = [\"delivery_price\"]");
    assert_eq!(orders_told, "1|1500|749|100 2|1000|0|100");
    assert_eq!(sums.split(' ').nth(1), Some("3449"), "{sums}");
    // Without the key the postage of order 1 differs, and the order contradicts itself.
    assert_eq!(with("").0, "2|1000|0|100");
    for (sum, wanted) in [("sum = [\"delivery_price\"]", "an amount that is not added up"), ("", "")] {
        let folder = folder(&[
            ("t.toml", &pipeline("", &orders(sum, CZECH, ""))),
            ("o.csv", "order;state;goods;postage\n1;new;1,00;1,00\n"),
        ]);
        let (exit, told) = check(folder.path(), "t.toml");
        assert_eq!(exit == 2, !sum.is_empty(), "{told}");
        assert!(diagnostics(&told).join("").contains(wanted), "{told}");
    }
}

// ---- plain words ------------------------------------------------------------------------------------------------------------------

/// What only the common pack knows as a plain word of a language gives way to the pipeline; what the account's pack reads does not.
#[test]
fn plain_words_give_way_and_words_of_a_system_do_not() {
    let with = |words: &str, label: &str| {
        let text = pipeline(words, &orders("", CZECH, ""));
        let rows = format!("order;state;goods;postage\n1;{label};1,00;1,00\n");
        let folder = folder(&[("t.toml", &text), ("o.csv", &rows)]);
        let (exit, told) = check(folder.path(), "t.toml");
        if exit == 2 {
            return diagnostics(&told).join("");
        }
        cells(&read(folder.path(), "t.toml").frames.orders, &["status"])
    };
    let own = |word: &str, label: &str, more: &str| {
        format!("[[words.order_status]]\nword = \"{word}\"\nlabels = [\"{label}\"]\n{more}\n")
    };
    assert_eq!(with("", "In Bearbeitung"), "accepted");
    assert_eq!(with(&own("packing", "In Bearbeitung", ""), "In Bearbeitung"), "packing");
    assert_eq!(with(&own("packing", "In Bearbeitung", "replaces = \"accepted\""), "In Bearbeitung"), "packing");
    assert!(with(&own("packing", "Stornováno", ""), "Stornováno").contains("CFG059"));
    // Of an account's own words no other word of the language is lost.
    assert_eq!(with(&own("packing", "In Bearbeitung", ""), "Versendet"), "shipped");
}

/// A list of encodings and a column that the layout declares are no news of a night; those that the pipeline declares are.
#[test]
fn what_a_layout_declares_is_told_beside_the_file_only() {
    let layout = |more: &str| {
        format!(
            "[pipeline]\nname = \"t\"\npacks = [\"shops/shoptet\"]\n\n[[account]]\nname = \"shop\"\nmarketplace = \"shoptet\"\n\
             currency = \"CZK\"\ntimezone = \"Europe/Prague\"\n\n[[source]]\nname = \"orders\"\naccount = \"shop\"\n\
             layout = \"shops/shoptet/orders-plain\"\nglob = \"o.csv\"\n{more}"
        )
    };
    let rows =
        "code;date;statusName;currency;shippingPrice;totalPriceWithVat\n1;2026-11-02;Vyřízená;CZK;79,00;379,00\n";
    let codes = |more: &str| {
        let folder = folder(&[("t.toml", &layout(more)), ("o.csv", rows)]);
        let text = stdout(&trueup(folder.path(), &["check", "t.toml"]));
        assert!(text.contains("o.csv (utf-8") && text.contains("    absent "), "{text}");
        let told = read(folder.path(), "t.toml").diagnostics;
        told.iter().filter(|note| ["HDR203", "TXT503"].contains(&note.code)).map(|note| note.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(""), Vec::<&str>::new());
    assert_eq!(
        codes("\n[source.csv]\nencoding = [\"utf-8\", \"cp852\"]\n\n[source.columns]\ncod_amount = \"cash\"\n").len(),
        2
    );
}

/// A description names the order behind a word of any of some languages, or it names none.
#[test]
fn order_numbers_stand_behind_words_of_descriptions() {
    let text = "[pipeline]\nname = \"t\"\npacks = [\"payments/stripe\", \"shops/shoptet\"]\n\n[[account]]\nname = \"shop\"\nmarketplace = \"shoptet\"\n\
                currency = \"EUR\"\ntimezone = \"Europe/Prague\"\n\n[[source]]\nname = \"payouts\"\naccount = \"shop\"\n\
                layout = \"payments/stripe/payouts\"\nglob = \"p.csv\"\n";
    let named = [
        ("Order 1001", "1001"),
        ("My shop - Order #W-12", "W-12"),
        ("Bestellung R-1001", "R-1001"),
        ("Bestellnummer: 7", "7"),
        ("Objednávka č. 2026110001", "2026110001"),
        ("Rechnung R-2", "R-2"),
        ("#55", "55"),
        ("Subscription update", "null"),
        ("Payout of 2026-11-02 in EUR", "null"),
        ("Preorder 2026 sale", "null"),
    ];
    let row = |(description, _): &(&str, &str)| format!("po_1,txn,2026-11-02,eur,1.00,charge,{description}\n");
    let head = "automatic_payout_id,balance_transaction_id,created,currency,gross,reporting_category,description\n";
    let rows = head.to_owned() + &named.iter().map(row).collect::<String>();
    let folder = folder(&[("t.toml", text), ("p.csv", &rows)]);
    let mut found: Vec<String> = cells(&read(folder.path(), "t.toml").frames.payout_lines, &["order_no"])
        .split(' ')
        .map(str::to_owned)
        .collect();
    let mut wanted: Vec<String> = named.iter().map(|(_, number)| (*number).to_owned()).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}
