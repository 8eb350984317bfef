//! Rules of documents as a pack states them, through the whole program: series of numbers, what may not be mixed, mandatory fields.

use std::fs;

use serde_json::Value;

use crate::workbench::{folder_of, keys, run_into};

const HEAD: &str = r#"
[pipeline]
name = "documents"
packs = ["marketplaces/mall"]

[[account]]
name = "mall-cz"
marketplace = "mall"
currency = "CZK"
timezone = "Europe/Prague"
"#;

const SOURCES: &str = r#"
[rules]
only = ["CN-002", "CN-004", "CN-005"]

[[source]]
name = "returns"
kind = "documents"
account = "mall-cz"
glob = "returns.csv"
allow_empty = true
[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]
[source.columns]
doc_no = "document"
order_no = "order"
return_no = "return"
requested_on = "requested"
is_fictitious = "fictitious"
[source.constants]
kind_raw = "return document"

[[source]]
name = "notes"
kind = "documents"
account = "mall-cz"
glob = "notes.csv"
allow_empty = true
[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]
[source.columns]
doc_no = "number"
order_no = "order"
return_no = "return"
sku = "article"
qty = "pieces"
net = "net"
issued = "issued"
[source.constants]
kind_raw = "credit note"
line_kind = "item"

[[source]]
name = "invoices"
kind = "documents"
account = "mall-cz"
glob = "invoices.csv"
allow_empty = true
[source.csv]
decimal = "."
dates = ["%Y-%m-%d"]
[source.columns]
doc_no = "number"
kind_raw = "kind"
order_no = "order"
return_no = "return"
issued = "issued"
sku = "article"
qty = "pieces"
[source.constants]
self_billed = "yes"
"#;

/// A night of return documents `document,order,return,requested,fictitious`, credit notes `number,order,return,article,pieces,net,issued`
/// and invoices `number,kind,order,return,issued,article,pieces`.
struct Night {
    folder: tempfile::TempDir,
}

impl Night {
    fn new(policy: &str, returns: &[&str], notes: &[&str], invoices: &[&str]) -> Night {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("a file");
        let rows = |header: &str, rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
        write("pipeline.toml", format!("{HEAD}{policy}{SOURCES}"));
        write("returns.csv", rows("document,order,return,requested,fictitious", returns));
        write("notes.csv", rows("number,order,return,article,pieces,net,issued", notes));
        write("invoices.csv", rows("number,kind,order,return,issued,article,pieces", invoices));
        Night { folder }
    }

    fn run(&self) -> trueup::run::Outcome {
        let path = self.folder.path();
        run_into(&path.join("pipeline.toml"), &path.join("reports"), Some("2024-06-30"))
    }

    fn findings(&self) -> Vec<String> {
        let columns = ["code", "severity", "order_no", "subject", "money", "currency", "remedy"];
        keys(&folder_of(&self.run()).join("findings.csv"), &columns)
    }
}

const RETURNS: [&str; 4] = [
    "V1,1,4700000001,2024-05-02,no",
    "V2,2,4700000002,2024-05-02,yes",
    "V3,3,4700000003,2024-05-02,no",
    "V4,4,4700000004,2024-05-02,yes",
];

#[test]
fn a_file_that_does_not_say_whether_a_return_is_fictitious_makes_it_neither() {
    let notes = ["N1,1,4700000001,A,1,100.00,2024-05-06", "N1,2,4700000002,B,1,250.50,2024-05-06"];
    let with = |other: &str| {
        let night = Night::new("", &RETURNS[1..2], &notes, &[]);
        let pipeline = night.folder.path().join("pipeline.toml");
        let text = fs::read_to_string(&pipeline).expect("the pipeline");
        fs::write(&pipeline, text.replace("glob = \"returns.csv\"", "glob = \"returns*.csv\"")).expect("a file");
        fs::write(night.folder.path().join("returns-2.csv"), other).expect("a file");
        night.findings()
    };
    let says_no = with("document,order,return,requested,fictitious\nV1,1,4700000001,2024-05-02,no\n");
    assert!(matches!(&says_no[..], [one] if one.starts_with("CN-004 | high")), "{says_no:?}");
    let says_nothing = with("document,order,return,requested\nV1,1,4700000001,2024-05-02\n");
    assert!(says_nothing.is_empty(), "{says_nothing:?}");
}

#[test]
fn real_and_fictitious_returns_on_one_credit_note() {
    let notes = [
        "N1,1,4700000001,A,1,100.00,2024-05-06",
        "N1,2,4700000002,B,1,250.50,2024-05-06",
        // of one kind alone
        "N2,1,4700000001,A,1,100.00,2024-05-06",
        "N2,3,4700000003,C,1,70.00,2024-05-06",
        "N3,2,4700000002,B,1,250.50,2024-05-06",
        "N3,4,4700000004,D,1,80.00,2024-05-06",
        // a return of which nobody says what it is
        "N4,2,4700000002,B,1,250.50,2024-05-06",
        "N4,9,4700000009,E,1,90.00,2024-05-06",
    ];
    let night = Night::new("", &RETURNS, &notes, &[]);
    assert_eq!(night.findings(), ["CN-004 | high | 1 | N1 | 350.50 | CZK | reissue_credit_note"]);
}

#[test]
fn a_mixed_credit_note_is_proved_from_both_sides() {
    let notes = ["N1,1,4700000001,A,1,100.00,2024-05-06", "N1,2,4700000002,B,1,250.50,2024-05-06"];
    let night = Night::new("", &RETURNS, &notes, &[]);
    let evidence = keys(&folder_of(&night.run()).join("findings.csv"), &["evidence"]);
    let evidence: Value = serde_json::from_str(&evidence[0]).expect("JSON");
    let cell = |file: &str, row: u32, column: &str, value: &str| {
        let cells = evidence.as_array().expect("cells");
        let is_it = |cell: &&Value| (&cell["file"], &cell["row"]) == (&file.into(), &row.into());
        let found = cells.iter().filter(is_it).any(|cell| cell["column"] == column && cell["value"] == value);
        assert!(found, "{file}:{row} {column} {value}: {evidence:#}");
    };
    cell("notes.csv", 2, "return", "4700000001");
    cell("returns.csv", 2, "fictitious", "no");
    cell("notes.csv", 3, "return", "4700000002");
    cell("returns.csv", 3, "fictitious", "yes");
}

#[test]
fn an_account_may_let_returns_be_mixed_and_ask_for_less() {
    let notes = ["N1,1,4700000001,A,,100.00,2024-05-06", "N1,2,4700000002,B,1,250.50,2024-05-06"];
    assert_eq!(
        Night::new("", &RETURNS, &notes, &[]).findings(),
        [
            "CN-002 | high | 1 | N1 | 100.00 | CZK | reissue_credit_note",
            "CN-004 | high | 1 | N1 | 350.50 | CZK | reissue_credit_note",
        ]
    );
    // Until the day before the credit note another contract held.
    let policy = |days: &str| {
        format!(
            "[[account.policy]]\nsource = \"contract\"\n{days}\ncredit_note_fields = [\"order_no\", \"return_no\"]\n"
        )
    };
    let found = |days: &str| Night::new(&policy(days), &RETURNS, &notes, &[]).findings();
    assert_eq!(found("to = \"2024-05-06\""), ["CN-004 | high | 1 | N1 | 350.50 | CZK | reissue_credit_note"]);
    assert_eq!(found("to = \"2024-05-05\"").len(), 2);
    let mixed = Night::new(&policy("returns_apart = []"), &RETURNS, &notes, &[]);
    assert_eq!(mixed.findings(), Vec::<String>::new());
}

#[test]
fn numbers_outside_their_series() {
    let returns = [
        "V1,1,4700000001,2024-05-02,no",
        // a digit short; a document that has no return number is known by its own
        "V2,2,470000002,2024-05-02,no",
        "4600000003,3,,2024-05-02,no",
    ];
    let notes = [
        // the merchant's own number, whatever it is; its return number was told of with the return document
        "C/1,2,470000002,A,1,10.00,2024-05-06",
        // a return number that no return document has, on two lines
        "C/2,4,4800000004,A,1,10.00,2024-05-06",
        "C/2,4,4800000004,B,1,10.00,2024-05-06",
    ];
    let invoices = [
        "3127000017,invoice,1,,2024-05-06,A,1",
        // eight digits, for two orders
        "99991111,invoice,1,,2024-05-06,A,1",
        "99991111,invoice,2,,2024-05-06,A,1",
        "3127900001,credit note,1,4700000001,2024-05-06,A,1",
        "3127800002,credit note,1,4700000001,2024-05-06,A,1",
        "2600000017,claim,1,,2024-05-06,A,1",
        "2500000017,claim,1,,2024-05-06,A,1",
    ];
    let night = Night::new("", &returns, &notes, &invoices);
    assert_eq!(
        night.findings(),
        [
            "CN-005 | low |  | 2500000017 |  |  | verify",
            "CN-005 | low |  | 99991111 |  |  | verify",
            "CN-005 | low | 1 | 3127800002 |  |  | verify",
            "CN-005 | low | 2 | 470000002 |  |  | verify",
            "CN-005 | low | 3 | 4600000003 |  |  | verify",
            "CN-005 | low | 4 | C/2 |  |  | verify",
        ]
    );
}

#[test]
fn a_series_holds_from_its_day_on() {
    let policy = "[[account.policy]]\nfrom = 2024-05-10\nsource = \"contract\"\n\
                  number_series.return_doc = { pattern = '^4[78][0-9]{8}$' }\n";
    let returns = ["V1,1,4800000001,2024-05-09,no", "V2,2,4800000002,2024-05-10,no"];
    let night = Night::new(policy, &returns, &[], &[]);
    assert_eq!(night.findings(), ["CN-005 | low | 1 | 4800000001 |  |  | verify"]);
}

/// What is said of a policy that cannot be read.
fn refused(policy: &str) -> String {
    let night = Night::new(policy, &[], &[], &[]);
    let outcome = night.run();
    assert!(outcome.summary.is_none() && outcome.diagnostics.len() == 1, "{:?}", outcome.diagnostics);
    trueup::diagnose::render_all(&outcome.diagnostics)
}

#[test]
fn bad_series_are_shown_where_they_stand() {
    let bad = refused("[[account.policy]]\nsource = \"x\"\nnumber_series.invoice = { pattern = '^47[0-9{8}$' }\n");
    for part in ["pipeline.toml:13:", "^^^^", "`^47[0-9{8}$` is not a regular expression: unclosed character class"] {
        assert!(bad.contains(part), "{part}: {bad}");
    }
    let unknown = refused("[[account.policy]]\nsource = \"x\"\nnumber_series.invoices = { pattern = '.*' }\n");
    assert!(unknown.contains("pipeline.toml:13:") && unknown.contains("did you mean `invoice`?"), "{unknown}");
    let field = refused("[[account.policy]]\nsource = \"x\"\ncredit_note_fields = [\"orderno\"]\n");
    assert!(field.contains("pipeline.toml:13:") && field.contains("did you mean `order_no`?"), "{field}");
    let dated = |to: &str, from: &str| {
        let entry = |day: &str| {
            format!("[[account.policy]]\n{day}\nsource = \"x\"\nnumber_series.invoice = {{ pattern = '.*' }}\n")
        };
        refused(&format!("{}{}", entry(&format!("to = {to}")), entry(&format!("from = {from}"))))
    };
    let overlap = dated("2024-05-10", "2024-05-10");
    assert!(overlap.contains("`number_series.invoice` is set twice") && overlap.contains("line 14"), "{overlap}");
    let gap = dated("2024-05-10", "2024-05-12");
    assert!(gap.contains("`number_series.invoice` is not set between"), "{gap}");
}
