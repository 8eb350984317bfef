//! Cases of reading: rows, cells and keys as an export has them, each with the answer worked out by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;
use trueup::diagnose::{Exit, render_all};
use trueup::run::Outcome;

use crate::workbench::{folder_of, keys, run_into, stdout, trueup};

/// A folder with inputs, and where its runs go.
struct Case {
    folder: PathBuf,
    scratch: Rc<tempfile::TempDir>,
}

impl Case {
    /// One of `tests/cases`.
    fn of(name: &str) -> Case {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
        Case { folder, scratch: Rc::new(tempfile::tempdir().expect("a folder")) }
    }

    /// Files made for it.
    fn made(files: &[(&str, &str)]) -> Case {
        let scratch = Rc::new(tempfile::tempdir().expect("a folder"));
        let case = Case { folder: scratch.path().to_owned(), scratch };
        files.iter().for_each(|(name, content)| case.write(name, content));
        case
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), content).expect("written");
    }

    fn run(&self, pipeline: &str, as_of: &str) -> Night {
        let out = self.scratch.path().join("out");
        Night(run_into(&self.folder.join(pipeline), &out, Some(as_of)), Rc::clone(&self.scratch))
    }

    fn check(&self, pipeline: &str) -> String {
        let output = trueup(&self.folder, &["check", pipeline]);
        format!("{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr))
    }
}

/// One run, and the folder that it needs.
struct Night(Outcome, #[allow(dead_code, reason = "held, so that the folder stays")] Rc<tempfile::TempDir>);

impl Night {
    fn folder(&self) -> PathBuf {
        folder_of(&self.0)
    }

    fn said(&self) -> String {
        render_all(&self.0.diagnostics)
    }

    fn manifest(&self) -> Value {
        let text = fs::read_to_string(self.folder().join("run.json")).expect("run.json");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A figure of the rows of an input whose path ends so.
    fn rows(&self, path: &str, bucket: &str) -> u64 {
        self.input(path)["rows"][bucket].as_u64().expect("a count")
    }

    fn input(&self, path: &str) -> Value {
        let manifest = self.manifest();
        let inputs = manifest["inputs"].as_array().expect("inputs").clone();
        let found = inputs.into_iter().find(|input| input["path"].as_str().is_some_and(|own| own.ends_with(path)));
        found.unwrap_or_else(|| panic!("no input {path}: {manifest}"))
    }

    /// Rows of `quarantine.csv`: row, reason, value.
    fn quarantine(&self) -> Vec<String> {
        keys(&self.folder().join("quarantine.csv"), &["row", "reason", "value"])
    }

    /// Findings: rule, subject.
    fn findings(&self) -> Vec<String> {
        keys(&self.folder().join("findings.csv"), &["code", "subject"])
    }
}

/// A pipeline with one source. `kind_keys`: keys of the source; `format`: of its format; `columns`: its columns.
fn pipeline(kind_keys: &str, format: &str, columns: &str) -> String {
    format!(
        "[pipeline]\nname = \"case\"\npacks = [\"marketplaces/slevomat\", \"calendars/cz\"]\n\
         [[account]]\nname = \"shop\"\nmarketplace = \"slevomat\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\n\
         [[source]]\nname = \"rows\"\naccount = \"shop\"\n{kind_keys}\n{format}\n[source.columns]\n{columns}\n"
    )
}

/// Order lines in a text of which one column may be quoted.
fn lines_of(format: &str) -> String {
    pipeline(
        "kind = \"order_lines\"\nglob = \"lines*\"\nconstants = { qty = \"1\" }",
        &format!("[source.csv]\ndecimal = \".\"\n{format}"),
        "order_no = \"order\"\ntitle = \"title\"\nunit_price_gross = \"price\"",
    )
}

// ---- quotes --------------------------------------------------------------------------------------------------------------------

#[test]
fn an_unescaped_quote_swallows_no_row() {
    let night = Case::of("unescaped-quote").run("p.toml", "2026-12-11");
    assert!(night.0.exit == Exit::Quarantine, "{}", night.said());
    assert_eq!(night.quarantine(), ["2 | malformed_quotes | a quoted field on lines 2 to 3"]);
    assert_eq!((night.rows("lines.csv", "used"), night.rows("lines.csv", "quarantined")), (2, 1));
    assert_eq!(night.input("lines.csv")["money"]["CZK"]["used"], "260.00");
}

#[test]
fn a_malformed_quoted_field_is_told_with_its_lines() {
    let of = |case: &str| Case::of(case).run("pipeline.toml", "2026-12-31");
    let within = "malformed_quotes | a quoted field on line";
    assert_eq!(of("f15").quarantine(), [3, 4, 6].map(|line| format!("{line} | {within} {line}")));
    assert_eq!(of("f15/b").quarantine(), [3, 5].map(|line| format!("{line} | {within} {line}")));
    let night = of("f15/c");
    let over = |line: u32| format!("{line} | {within}s {line} to {}", line + 1);
    assert_eq!(night.quarantine(), [over(3), over(5)]);
    assert_eq!(night.rows("lines.csv", "used"), 3);
    // What stands before the fault is known, so that the rest of the program knows whose row it is.
    assert_eq!(keys(&night.folder().join("quarantine.csv"), &["order_no"]), ["1502", "1504"]);
}

#[test]
fn both_readers_of_text_tell_the_same_rows_of_a_large_file() {
    // Rows in which each fifth one has a stray quote, in one column, with line breaks that are meant beside them.
    let mut text = String::from("order\ttitle\tprice\n");
    for row in 1..=60_000 {
        text.push_str(&match row % 5 {
            0 => format!("{row}\t\"Monitor 24\"\"\t1.00\n"),
            1 => format!("{row}\t\"a line\nbreak, and \"\"quotes\"\"\"\t1.00\n"),
            2 => format!("{row}\t\"Hrnek\"\t1.00\n"),
            3 => format!("{row}\tLampa 5\" bílá\t1.00\n"),
            _ => format!("{row}\t\"\"\t1.00\n"),
        });
    }
    let quarantine = |encoding: &str| {
        let case = Case::made(&[("lines.tsv", &text)]);
        case.write("p.toml", lines_of(&format!("delimiter = \"\\t\"\nencoding = {encoding}")));
        let night = case.run("p.toml", "2026-12-11");
        assert_eq!((night.rows("lines.tsv", "used"), night.rows("lines.tsv", "quarantined")), (48_000, 12_000));
        assert_eq!(night.rows("lines.tsv", "read"), 60_001);
        night.quarantine()
    };
    let in_windows = quarantine("\"utf-8\"");
    assert!(in_windows.contains(&"7 | malformed_quotes | a quoted field on lines 7 to 8".to_owned()));
    assert_eq!(in_windows, quarantine("[\"utf-8\", \"windows-1250\"]"));
}

#[test]
fn a_line_break_that_is_meant_stays_and_personal_cells_stay_hidden() {
    let case = Case::made(&[(
        "lines.csv",
        "order,title,price,mail\nA1,\"two\nlines, \"\"quoted\"\"\",1.00,a@b.cz\nA2,\"x\" y,1.00,jana@seznam.cz\nA3,z,1.00,c@d.cz\n",
    )]);
    let text = lines_of("").replace("[source.csv]", "personal = [\"mail\"]\n[source.csv]");
    case.write("p.toml", text);
    let night = case.run("p.toml", "2026-12-11");
    assert_eq!(night.quarantine(), ["4 | malformed_quotes | a quoted field on line 4"]);
    assert_eq!(night.rows("lines.csv", "used"), 2);
    assert_eq!(keys(&night.folder().join("quarantine.csv"), &["order_no", "record"]), ["A2 | A2 | ***"]);
}

#[test]
fn stray_quotes_that_make_a_pair_swallow_no_row_unnoticed() {
    let night = |rows: &str| {
        let case = Case::made(&[
            ("lines.csv", &format!("order;title;price\n{rows}")),
            ("p.toml", &lines_of("delimiter = \";\"")),
        ]);
        case.run("p.toml", "2026-12-11")
    };
    // The swallowed line closes the pair in its own field: with its quotes it is a row, and the row is told.
    let told = night("1;\"24 Monitor;100\n2;Pipe 5\";\"30\"\n4;Lampa;10\n");
    assert!(told.said().contains("ROW330"), "{}", told.said());
    // Strict readers see three sound fields here. A whole row stands within the quotes.
    let joined = night("1;\"24 Monitor;100\n2;Hrnek;250\n3;Pipe 5\";30\n4;Lampa;10\n");
    assert_eq!(joined.quarantine(), ["2 | malformed_quotes | a quoted field on lines 2 to 4"]);
    assert_eq!(joined.rows("lines.csv", "used"), 1);
    // One row was joined to another: that may be meant, and is told.
    let told = night("1;\"24 Monitor;100\n2;Pipe 5\";30\n4;Lampa;10\n");
    assert!(told.said().contains("ROW330") && told.said().contains("lines 2 to 3"), "{}", told.said());
    // A note of a person is neither.
    let meant = night("1;\"Dear shop,\nthanks; and bye\nJana\";100\n2;\"a\nb\";1\n");
    assert_eq!((meant.rows("lines.csv", "used"), meant.said().contains("ROW330")), (2, false));
}

// ---- the currency of a file -----------------------------------------------------------------------------------------------------

#[test]
fn rows_take_the_currency_that_the_first_row_of_their_file_states() {
    let lines = |format: &str| {
        pipeline(
            "kind = \"payout_lines\"\nglob = \"lines*\"\ncurrency_of_file = true\nskip = [{ columns = [\"type\"], is = [\"\"] }]",
            format,
            "statement_id = \"statement\"\norder_no = \"order\"\nkind_raw = \"type\"\namount = \"amount\"\ncurrency = \"currency\"",
        )
    };
    let head = "statement\torder\ttype\tamount\tcurrency\n";
    let money = |night: &Night, path: &str| night.input(path)["money"].clone();
    let case = Case::made(&[
        ("p.toml", &lines("[source.csv]\ndelimiter = \"\\t\"\ndecimal = \",\"")),
        ("lines-1.txt", &format!("{head}1\t\t\t\tEUR\n1\tA\tsale\t100,00\t\n1\tB\tsale\t5,00\tCZK\n")),
        ("lines-2.txt", &format!("{head}2\t\t\t\tJPY\n2\tA\tsale\t186\t\n")),
        ("lines-3.txt", &format!("{head}3\tA\tsale\t7,00\t\n")),
    ]);
    let night = case.run("p.toml", "2026-12-11");
    assert_eq!(money(&night, "lines-1.txt")["EUR"]["used"], "100.00");
    assert_eq!(money(&night, "lines-1.txt")["CZK"]["used"], "5.00");
    assert_eq!(money(&night, "lines-2.txt")["JPY"]["used"], "186");
    // A file that states none is in the currency of the account.
    assert_eq!(money(&night, "lines-3.txt")["CZK"]["used"], "7.00");
    // The same in a workbook.
    let case = Case::made(&[("p.toml", &lines("[source.xlsx]"))]);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in
        [["statement", "order", "type", "amount", "currency"], ["1", "", "", "", "EUR"]].iter().enumerate()
    {
        cells.iter().enumerate().for_each(|(column, text)| {
            sheet.write(row as u32, column as u16, *text).expect("a cell");
        });
    }
    ["1", "A", "sale"].iter().enumerate().for_each(|(column, text)| {
        sheet.write(2, column as u16, *text).expect("a cell");
    });
    sheet.write(2, 3, 12.5).expect("a cell");
    book.save(case.folder.join("lines.xlsx")).expect("saved");
    let night = case.run("p.toml", "2026-12-11");
    assert_eq!(money(&night, "lines.xlsx")["EUR"]["used"], "12.50");
}

// ---- total rows ----------------------------------------------------------------------------------------------------------------

#[test]
fn only_a_whole_label_without_a_key_is_a_total() {
    let night = Case::of("f21/d").run("pipeline.toml", "2026-11-30");
    assert_eq!((night.rows("list.csv", "used"), night.rows("list.csv", "structural")), (3, 2));
    assert_eq!(night.input("list.csv")["money"]["GBP"]["used"], "451.15");
    let night = Case::of("f21/e").run("pipeline.toml", "2026-11-30");
    assert_eq!((night.rows("lines.csv", "used"), night.rows("lines.csv", "structural")), (3, 2));
    assert_eq!(night.input("lines.csv")["money"]["CZK"]["used"], "960.00");
}

#[test]
fn a_row_with_a_key_is_no_total_in_text_and_workbook() {
    let rows = [["title", "order", "price"], ["Celkem", "7", "100"], ["CELKEM:", "", "100"], ["Celková", "8", "5"]];
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    let case = Case::made(&[("lines.csv", &text), ("p.toml", &lines_of("totals = [\"Celkem\"]"))]);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    book.save(case.folder.join("book.xlsx")).expect("a workbook");
    let in_book =
        lines_of("totals = [\"Celkem\"]").replace("[source.csv]", "[source.xlsx]").replace("lines*", "book.xlsx");
    case.write("x.toml", in_book.replace("\"case\"", "\"book\""));
    for (pipeline, file) in [("p.toml", "lines.csv"), ("x.toml", "book.xlsx")] {
        let night = case.run(pipeline, "2026-12-11");
        assert_eq!((night.rows(file, "used"), night.rows(file, "structural")), (2, 2), "{}", night.said());
        assert_eq!(night.input(file)["money"]["CZK"]["used"], "105.00");
    }
}

#[test]
fn infer_proposes_no_row_of_the_data_as_a_total() {
    let case = Case::made(&[(
        "lines.csv",
        "title;order;qty;price\nLamp;q-1;1;10,00\nTotal Gym;q-2;1;900,00\nTotal;q-3;1;5,00\nCelkem;;2;915,00 Kč\n",
    )]);
    let inferred = stdout(&trueup(&case.folder, &["infer", "lines.csv"]));
    assert!(inferred.contains("totals = [\"Celkem\"]"), "{inferred}");
}

// ---- zones of dates ------------------------------------------------------------------------------------------------------------

/// The payout days of a run.
fn payout_days(night: &Night) -> Vec<String> {
    let manifest = night.manifest();
    let days = manifest["payouts"].as_array().expect("payouts").iter().map(|payout| payout["date"].to_string());
    days.collect()
}

#[test]
fn a_zone_in_letters_is_utc() {
    let case = Case::of("f14");
    for pipeline in ["pipeline.toml", "pipeline-b.toml", "pipeline-c.toml"] {
        let night = case.run(pipeline, "2026-12-31");
        assert_eq!(night.rows("orders.csv", "used"), 2, "{pipeline}: {}", night.said());
        // Delivered on 16 November in Bucharest, both of them.
        assert_eq!(payout_days(&night), ["\"2026-12-03\""], "{pipeline}");
    }
    let case = Case::of("h-z-literal");
    let text = fs::read_to_string(case.folder.join("t.toml")).expect("a pipeline");
    let row = fs::read_to_string(case.folder.join("o.csv")).expect("an export");
    let days = |pattern: &str, row: &str| {
        let case = Case::made(&[("o.csv", row), ("t.toml", &text.replace("%Y-%m-%dT%H:%M:%SZ", pattern))]);
        payout_days(&case.run("t.toml", "2026-12-31"))
    };
    let by_offset = days("%+", &row);
    assert!(!by_offset.is_empty());
    assert_eq!(days("%Y-%m-%dT%H:%M:%SZ", &row), by_offset);
    // The same times in other letters, and as Prague has them.
    assert_eq!(days("%F %T GMT", &row.replace('T', " ").replace('Z', " GMT")), by_offset);
    let local = row.replace("2026-03-28T22:30:00Z", "28.3.2026 23:30").replace("2026-04-01T22:30:00Z", "2.4.2026 0:30");
    assert_eq!(days("%d.%m.%Y %H:%M", &local), by_offset);
}

#[test]
fn a_pattern_with_another_zone_is_a_mistake_of_the_pipeline() {
    for (pattern, zone) in [("%Y-%m-%dT%H:%M:%S+01:00", "+01:00"), ("%d.%m.%Y %H:%M CET", "CET"), ("%F %T %Z", "%Z")] {
        let case = Case::made(&[("orders.csv", "order\n")]);
        let orders = pipeline(
            "kind = \"orders\"\nglob = \"orders.csv\"",
            &format!("[source.csv]\ndecimal = \".\"\ndates = [\"{pattern}\"]"),
            "order_no = \"order\"\nstatus_raw = \"state\"\ncreated_at = \"created\"\ndelivery_price = \"postage\"",
        );
        case.write("p.toml", orders);
        let output = trueup(&case.folder, &["check", "p.toml"]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("CFG085") && said.contains('^') && said.contains(zone), "{said}");
    }
}

// ---- cells of workbooks --------------------------------------------------------------------------------------------------------

#[test]
fn a_number_of_a_workbook_is_what_fifteen_digits_show() {
    let night = Case::of("f09").run("pipeline.toml", "2026-12-31");
    let expected = keys(&night.folder().join("quarantine.csv"), &["file", "value", "expected"]);
    let number = "a number in EUR with at most 2 decimals, at 15 significant digits";
    assert!(expected.contains(&format!("fees.xlsx | -0.0000000003 | {number}")), "{expected:?}");
    assert_eq!((night.rows("fees.xlsx", "used"), night.rows("fees.xlsx", "quarantined")), (3, 1));
    assert_eq!(night.input("fees.xlsx")["money"]["EUR"]["used"], "150.74");
    // Text of a CSV file is as it is: nothing is rounded unless the source says so.
    assert_eq!((night.rows("fees.csv", "used"), night.rows("fees.csv", "quarantined")), (1, 2));
}

#[test]
fn identifiers_are_read_as_the_workbook_shows_them() {
    let case = Case::of("f12/b");
    let night = case.run("pipeline.toml", "2026-11-20");
    assert!(!night.findings().iter().any(|finding| finding.starts_with("PY-011")), "{:?}", night.findings());
    let check = case.check("pipeline.toml");
    assert!(check.contains("`Order`: a number (row 2), 0000000 (row 3), text (row 4)"), "{check}");
    let run = night.folder();
    for (order, parcel) in [("0000123", "01015026003653"), ("0000124", "01015026003654"), ("29730", "40857241530")] {
        let told = stdout(&trueup(&run, &["explain", ".", order]));
        assert!(told.contains(parcel), "{told}");
    }
}

#[test]
fn formats_of_numbers_with_letters_and_decimals_are_shown() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["order", "title", "price", "sku"]) {
        sheet.write(0, column, header).expect("a cell");
    }
    for (row, (order, sku)) in (1..).zip([("000-000", "0.000"), ("\"CZ\"00000", "00 00"), ("@", "General")]) {
        sheet.write_with_format(row, 0, 12_345, &Format::new().set_num_format(order)).expect("a cell");
        sheet.write(row, 1, "x").expect("a cell");
        sheet.write(row, 2, 1).expect("a cell");
        sheet
            .write_with_format(row, 3, 7.5 * f64::from(row % 2 + 1), &Format::new().set_num_format(sku))
            .expect("a cell");
    }
    let case = Case::made(&[]);
    book.save(case.folder.join("lines.xlsx")).expect("a workbook");
    let text = lines_of("").replace("[source.csv]", "[source.xlsx]").replace("title = ", "sku = \"sku\"\ntitle = ");
    case.write("p.toml", text);
    let check = case.check("p.toml");
    for found in ["000-000 (row 2)", "\"CZ\"00000 (row 3)", "a number (row 4)", "0.000 (row 2)"] {
        assert!(check.contains(found), "{check}");
    }
}

// ---- signs, headers, hints -----------------------------------------------------------------------------------------------------

#[test]
fn a_plus_is_read_wherever_a_minus_is() {
    let night = Case::of("r3-plus-sign").run("p.toml", "2026-12-31");
    assert_eq!((night.rows("s.csv", "used"), night.rows("s.csv", "quarantined")), (9, 0));
    assert_eq!(night.input("s.csv")["money"]["USD"]["used"], "10.00");
}

#[test]
fn columns_without_a_name_at_the_end_are_none() {
    let night = Case::of("r7-trailing-header").run("p.toml", "2026-12-31");
    assert_eq!((night.rows("s.csv", "used"), night.rows("s.csv", "quarantined")), (2, 0));
    let rows = |text: &str| {
        let case = Case::made(&[("lines.csv", text), ("p.toml", &lines_of("delimiter = \";\""))]);
        let night = case.run("p.toml", "2026-12-11");
        (night.rows("lines.csv", "used"), night.quarantine())
    };
    // The header ends in empty names; rows have them all, some of them, or none.
    assert_eq!(rows("order;title;price;;\n1;a;1.00\n2;b;2.00;;\n3;c;3.00;\n"), (3, vec![]));
    // A value without a column is no part of a row: the delimiter may stand within a cell.
    let (used, quarantine) = rows("order;title;price;;\n1;a;1.00\n2;a;b;2.00\n3;c;3.00;;;x\n");
    assert_eq!((used, quarantine.len()), (1, 2));
    assert_eq!(quarantine, ["3 | field_count | 4 fields", "4 | field_count | 6 fields"]);
    // Columns that the first row fills have no name, and rows keep them.
    assert_eq!(rows("order;title;price;\n1;a;1.00;x\n2;b;2.00;y\n"), (2, vec![]));
}

#[test]
fn a_hint_never_crosses_a_sign() {
    let night = Case::of("f28").run("pipeline.toml", "2026-12-31");
    for hint in keys(&night.folder().join("quarantine.csv"), &["value", "expected"]) {
        assert!(!hint.contains("the nearest is"), "{hint}");
    }
    let case =
        Case::made(&[("s.csv", "no,kind,amount\n1,unpaid,1.00\n2,salles,1.00\n3,sale back,1.00\n4,nonpaid,1.00\n")]);
    case.write("m.toml", "");
    fs::create_dir_all(case.folder.join("packs/marketplaces")).expect("a folder");
    let word = |word: &str, label: &str| {
        format!("[[words.payout_kind]]\nword = \"{word}\"\nlabels = [\"{label}\"]\nsource = \"test\"\n")
    };
    let pack = format!("[pack]\ntitle = \"T\"\nsource = \"test\"\n{}{}", word("sale", "sales"), word("refund", "paid"));
    case.write("packs/marketplaces/t.toml", pack);
    let lines = pipeline(
        "kind = \"payout_lines\"\nglob = \"s.csv\"",
        "[source.csv]\ndecimal = \".\"",
        "document_no = \"no\"\nkind_raw = \"kind\"\namount = \"amount\"",
    );
    case.write(
        "p.toml",
        lines
            .replace("\"marketplaces/slevomat\", \"calendars/cz\"", "\"marketplaces/t\"")
            .replace("marketplace = \"slevomat\"", "marketplace = \"t\""),
    );
    let night = case.run("p.toml", "2026-12-31");
    let hints = keys(&night.folder().join("quarantine.csv"), &["value", "expected"]);
    let near =
        |value: &str| hints.iter().any(|hint| hint.starts_with(value) && hint.contains("the nearest is `sales`"));
    assert!(near("salles |") && !near("sale back"), "{hints:?}");
    assert!(!hints.iter().any(|hint| hint.contains("`paid`")), "{hints:?}");
}

// ---- rows in quarantine and their keys -----------------------------------------------------------------------------------------

/// Orders of several nights in one folder; dated by the names of their files.
fn nights(files: &[(&str, &str)]) -> Case {
    let orders = pipeline(
        "kind = \"orders\"\nglob = \"orders*.csv\"\nexport_date = \"orders-{yyyy}-{mm}-{dd}.csv\"",
        "[source.csv]\ndelimiter = \";\"\ndecimal = \",\"\ndates = [\"%Y-%m-%d\"]",
        "order_no = \"Order\"\nstatus_raw = \"Stav\"\ncreated_at = \"Created\"\ngoods_amount = \"Goods\"\ndelivery_price = \"Postage\"",
    );
    let case = Case::made(&[("p.toml", &orders)]);
    for (name, rows) in files {
        case.write(name, format!("Order;Stav;Created;Goods;Postage\n{rows}"));
    }
    case
}

const BROKEN: &str = "A1;Odesláno;2026-11-02;sto;0\nA2;Odesláno;2026-11-02;200;0\n";
const SOUND: &str = "A1;Odesláno;2026-11-02;100;0\nA2;Odesláno;2026-11-02;200;0\n";

fn revisions(night: &Night) -> Vec<String> {
    keys(&night.folder().join("revisions.csv"), &["file", "row", "decision", "by_file", "by_row"])
}

#[test]
fn a_quarantined_row_that_a_later_file_repairs_is_superseded() {
    let case = nights(&[("orders-2026-11-03.csv", BROKEN)]);
    let first = case.run("p.toml", "2026-11-03");
    assert_eq!((first.0.exit == Exit::Quarantine, first.quarantine().len()), (true, 1));
    case.write("orders-2026-11-04.csv", format!("Order;Stav;Created;Goods;Postage\n{SOUND}"));
    let second = case.run("p.toml", "2026-11-04");
    assert!(second.0.exit == Exit::Clean && second.quarantine().is_empty(), "{}", second.said());
    assert_eq!(second.rows("orders-2026-11-03.csv", "quarantined"), 0);
    assert_eq!(second.rows("orders-2026-11-03.csv", "superseded"), 1);
    let expected = [
        "orders-2026-11-03.csv | 2 | superseded | orders-2026-11-04.csv | 2",
        // Of equal rows that of the later export is the duplicate.
        "orders-2026-11-04.csv | 3 | duplicate | orders-2026-11-03.csv | 3",
    ];
    assert_eq!(revisions(&second), expected);
}

#[test]
fn a_newest_row_that_cannot_be_read_revives_no_older_one() {
    let night =
        nights(&[("orders-2026-11-03.csv", SOUND), ("orders-2026-11-04.csv", BROKEN)]).run("p.toml", "2026-11-20");
    assert!(night.0.exit == Exit::Quarantine);
    assert_eq!(night.quarantine(), ["2 | not_an_amount | sto"]);
    let expected = [
        "orders-2026-11-03.csv | 2 | superseded | orders-2026-11-04.csv | 2",
        "orders-2026-11-04.csv | 3 | duplicate | orders-2026-11-03.csv | 3",
    ];
    assert_eq!(revisions(&night), expected);
    assert_eq!(
        (night.rows("orders-2026-11-03.csv", "used"), night.rows("orders-2026-11-03.csv", "superseded")),
        (1, 1)
    );
    // Without dates nothing tells which row is newer: the sound one stays.
    let night = nights(&[("orders-a.csv", SOUND), ("orders-b.csv", BROKEN)]).run("p.toml", "2026-11-20");
    assert_eq!((night.rows("orders-a.csv", "superseded"), night.quarantine().len()), (0, 1));
}

#[test]
fn a_later_sound_row_answers_what_an_earlier_file_left_open() {
    let torn = "A1;Odesláno;2026-11-02;100;0\nA1;Doručeno;2026-11-02;100;0\n";
    let sound = "A1;Doručeno;2026-11-02;100;0\n";
    let open = nights(&[("orders-2026-11-03.csv", torn)]).run("p.toml", "2026-11-20");
    assert_eq!(open.quarantine().len(), 2);
    let answered =
        nights(&[("orders-2026-11-03.csv", torn), ("orders-2026-11-04.csv", sound)]).run("p.toml", "2026-11-20");
    assert!(answered.0.exit == Exit::Clean, "{}", answered.said());
    let expected = [
        "orders-2026-11-03.csv | 2 | superseded | orders-2026-11-04.csv | 2",
        "orders-2026-11-03.csv | 3 | superseded | orders-2026-11-04.csv | 2",
    ];
    assert_eq!((answered.quarantine().len(), revisions(&answered)), (0, expected.map(str::to_owned).to_vec()));
    assert!(!answered.findings().iter().any(|found| found.starts_with("DQ-001")), "{:?}", answered.findings());
    // An older sound row answers nothing.
    let older =
        nights(&[("orders-2026-11-02.csv", sound), ("orders-2026-11-03.csv", torn)]).run("p.toml", "2026-11-20");
    assert_eq!(older.quarantine().len(), 2);
}

#[test]
fn the_lines_of_an_order_follow_its_newest_version() {
    let lines = pipeline(
        "kind = \"orders\"\nlines = true\nglob = \"orders*.csv\"\nexport_date = \"orders-{yyyy}-{mm}-{dd}.csv\"",
        "[source.csv]\ndelimiter = \";\"\ndecimal = \",\"\ndates = [\"%Y-%m-%d\"]",
        "order_no = \"Order\"\nstatus_raw = \"Stav\"\ncreated_at = \"Created\"\nqty = \"Qty\"\nunit_price_gross = \"Price\"\ndelivery_price = \"Postage\"",
    );
    let head = "Order;Stav;Created;Qty;Price;Postage\n";
    let sound = "A1;Odesláno;2026-11-02;1;100;9\nA1;Odesláno;2026-11-02;1;50;9\n";
    let broken = "A1;Odesláno;2026-11-02;1;100;9\nA1;Odesláno;2026-11-02;1;x;9\n";
    let run = |first: &str, second: &str| {
        let case = Case::made(&[("p.toml", &lines)]);
        case.write("orders-2026-11-03.csv", format!("{head}{first}"));
        case.write("orders-2026-11-04.csv", format!("{head}{second}"));
        case.run("p.toml", "2026-11-20")
    };
    let repaired = run(broken, sound);
    assert!(repaired.0.exit == Exit::Clean, "{}", repaired.said());
    assert_eq!(repaired.rows("orders-2026-11-03.csv", "superseded"), 2);
    assert_eq!(repaired.input("orders-2026-11-03.csv")["money"]["CZK"]["superseded"], "109.00");
    assert_eq!(repaired.input("orders-2026-11-04.csv")["money"]["CZK"]["used"], "159.00");
    let overtaken = run(sound, broken);
    assert_eq!(overtaken.rows("orders-2026-11-03.csv", "superseded"), 2);
    assert_eq!(overtaken.rows("orders-2026-11-04.csv", "quarantined"), 2);
}

#[test]
fn of_equal_rows_the_later_export_is_the_duplicate_whatever_the_digest() {
    // Further columns make the digests differ; over ten of them the order of digests cannot be that of days by chance.
    for salt in 0..10 {
        let rows = |note: &str| format!("A1;Odesláno;2026-11-02;100;0\nB{salt}{note};Odesláno;2026-11-02;1;0\n");
        let case = nights(&[("orders-2026-11-03.csv", &rows("x")), ("orders-2026-11-04.csv", &rows("y"))]);
        let night = case.run("p.toml", "2026-11-20");
        assert_eq!(revisions(&night), ["orders-2026-11-04.csv | 2 | duplicate | orders-2026-11-03.csv | 2"]);
    }
}
