//! Proof that is proof: every cited cell is opened with a second reader that shares nothing with ingest but the crates of the file
//! formats, and every computed value is worked out again from its operands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader};
use serde_json::Value;

use trueup::ingest::cited::{Citations, CitedField, FieldCells, read_cited};

use crate::scenarios::{ORDERS, PAYOUTS, RECEIVED_ON_20_OCTOBER, Scene, x11};
use crate::workbench::{folder_of, run_into, sample};

// ---- the second reader ----------------------------------------------------------------------------------------------------------

/// A table as the second reader sees it: the cells of each row as a person counts rows.
type Grid = BTreeMap<u64, Vec<String>>;

/// Files of a folder, each read once.
struct SecondReader {
    folder: PathBuf,
    grids: BTreeMap<(String, Option<String>), Vec<Grid>>,
}

impl SecondReader {
    fn of(folder: &Path) -> SecondReader {
        SecondReader { folder: folder.to_owned(), grids: BTreeMap::new() }
    }

    /// The text of the cell that an entry cites, however the file is delimited: `None` where it has no such row or column.
    fn text(&mut self, entry: &Value) -> Option<String> {
        let file = entry["file"].as_str()?.to_owned();
        let sheet = entry["sheet"].as_str().map(str::to_owned);
        let folder = self.folder.clone();
        let grids = self.grids.entry((file.clone(), sheet.clone())).or_insert_with(|| match &sheet {
            Some(sheet) => vec![grid_of_sheet(&folder.join(&file), sheet)],
            None => grids_of_text(&folder.join(&file)),
        });
        let (row, column) = (entry["row"].as_u64()?, entry["column"].as_str()?);
        grids.iter().find_map(|grid| {
            let headers = grid.values().take(50).find(|cells| cells.iter().any(|cell| cell.trim() == column.trim()));
            let place = match headers {
                Some(headers) => headers.iter().position(|cell| cell.trim() == column.trim()),
                None => column.parse::<usize>().ok().map(|position| position - 1),
            };
            let cells = grid.get(&row)?;
            // A wider row or header was cut at another delimiter.
            let fits = headers.is_none_or(|headers| headers.len() > 1);
            cells.get(place?).cloned().filter(|_| fits)
        })
    }
}

/// A delimited text by each delimiter that it may have.
fn grids_of_text(path: &Path) -> Vec<Grid> {
    let bytes = fs::read(path).expect("the cited file");
    let bytes = match bytes.strip_prefix(b"\x1f\x8b") {
        Some(_) => {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut text).expect("gzip");
            text
        }
        None => bytes,
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(error) => encoding_rs::WINDOWS_1250.decode(error.as_bytes()).0.into_owned(),
    };
    // Of a record behind `\r\n` the crate tells the line before.
    let text = text.replace("\r\n", "\n");
    let grid = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut grid = Grid::new();
        while reader.read_record(&mut record).expect("a record") {
            let line = record.position().expect("a position").line();
            grid.insert(line, record.iter().map(str::to_owned).collect());
        }
        grid
    };
    [b';', b',', b'\t', b'|'].map(grid).into()
}

fn grid_of_sheet(path: &Path, sheet: &str) -> Grid {
    let mut book = calamine::open_workbook_auto(path).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the cited sheet");
    let (first, left) = range.start().unwrap_or_default();
    let cells = |row: &[Data]| {
        let blank = std::iter::repeat_n(String::new(), left as usize);
        blank.chain(row.iter().map(cell_text)).collect::<Vec<_>>()
    };
    range.rows().enumerate().map(|(place, row)| (u64::from(first) + place as u64 + 1, cells(row))).collect()
}

fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
        Data::DateTime(time) => {
            let moment = time.as_datetime().expect("a day");
            let midnight = moment.time() == chrono::NaiveTime::MIN;
            if midnight { moment.date().to_string() } else { moment.format("%Y-%m-%d %H:%M:%S").to_string() }
        }
        Data::Error(error) => error.to_string(),
    }
}

// ---- the second calculator ------------------------------------------------------------------------------------------------------

/// A number, an amount or a day in millionths.
fn number(text: &str) -> Option<i128> {
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Some(i128::from(day.signed_duration_since(chrono::NaiveDate::default()).num_days()) * 1_000_000);
    }
    let kept: String = text.chars().filter(|letter| letter.is_ascii_digit() || ".,-".contains(*letter)).collect();
    let mark = kept.rfind(['.', ',']);
    let (whole, fraction) = mark.map_or((kept.as_str(), ""), |at| (&kept[..at], &kept[at + 1..]));
    let whole: String = whole.chars().filter(|letter| letter.is_ascii_digit() || *letter == '-').collect();
    let digits = format!("{whole}{fraction:0<6}");
    digits.parse().ok().filter(|_| fraction.len() <= 6 && kept.contains(|letter: char| letter.is_ascii_digit()))
}

/// The value of a formula; `None`: it is told in words.
fn evaluated(formula: &str, operands: &[Value]) -> Option<i128> {
    let of = |name: &str| -> Vec<i128> {
        let named = operands.iter().filter(|operand| operand["name"] == name);
        named.map(|operand| operand["value"].as_str().and_then(number).unwrap_or(0)).collect()
    };
    let members = |name: &str| -> i128 {
        let named = operands.iter().filter(|operand| operand["name"] == name);
        named.map(|operand| i128::from(operand["more"].as_u64().unwrap_or(1))).sum()
    };
    let inside = |name: &str| formula.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(name) = inside("characters") {
        let text = operands.iter().find(|operand| operand["name"] == name)?["value"].as_str()?;
        return Some(text.trim().chars().count() as i128 * 1_000_000);
    }
    if let Some((price, pieces)) = inside("sum").and_then(|inside| inside.split_once(" * ")) {
        return Some(of(price).iter().zip(of(pieces)).map(|(price, pieces)| price * pieces / 1_000_000).sum());
    }
    if let Some(name) = inside("sum") {
        return Some(of(name).iter().sum());
    }
    if let Some(name) = inside("-sum") {
        return Some(-of(name).iter().sum::<i128>());
    }
    if let Some(name) = inside("count") {
        return Some(members(name) * 1_000_000);
    }
    if let Some(name) = inside("min") {
        return of(name).into_iter().min();
    }
    let (mut sum, mut sign) = (0, 1);
    let mut terms = formula.split('`');
    let words: Vec<&str> = match formula.contains('`') {
        true => {
            let mut words = Vec::new();
            while let Some(between) = terms.next() {
                words.extend(between.split_whitespace());
                words.extend(terms.next());
            }
            words
        }
        false => formula.split_whitespace().collect(),
    };
    for word in words {
        match word {
            "+" => sign = 1,
            "-" => sign = -1,
            name => {
                let [value] = of(name)[..] else { return None };
                sum += sign * value;
            }
        }
    }
    Some(sum)
}

// ---- what is checked ------------------------------------------------------------------------------------------------------------

/// Facts whose value is told in words: by rates, calendars and tables of packs, or of texts; what they were worked out of stands beside
/// them.
const IN_WORDS: &[&str] = &[
    "activation_on",
    "after_as_of",
    "before",
    "billed_by",
    "billing_on",
    "candidates",
    "carrier",
    "carrier_back",
    "carrier_back_until",
    "claim_net",
    "commission",
    "confirm_by",
    "count",
    "covered",
    "covered_from",
    "covered_until",
    "day",
    "denominator",
    "difference",
    "due_on",
    "explained",
    "first_quarantined",
    "from",
    "header",
    "met",
    "metric",
    "missing",
    "money",
    "money_stage",
    "moved",
    "moved_keys",
    "moved_quarantined",
    "newest_place",
    "note_money",
    "now",
    "number_check",
    "orders",
    "overdrawn",
    "payout_if_marked_in_time",
    "payout_if_marked_today",
    "payout_on",
    "place",
    "postage_commission",
    "quarantine_reasons",
    "remit_due_on",
    "remittances",
    "rounding",
    "rows_in_quarantine",
    "source",
    "suppressed_by",
    "tolerance",
    "unconfirmed_until",
    "unpaid",
    "unpaid_orders",
    "value",
    "vanished",
    "vanished_keys",
    "vanished_money",
    "window",
];

#[derive(Default)]
struct Checked {
    cells: usize,
    computed: usize,
    /// Findings that a row resolved.
    resolved: usize,
    in_words: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Checked {
    fn entry(&mut self, of: &str, entry: &Value, reader: &mut SecondReader) {
        let side = entry["side"].as_str().expect("a side");
        if entry.get("more").is_some() {
            return;
        }
        match side {
            "computed" => self.computed(of, entry),
            "declared" => {
                if !entry["of"].is_string() || entry.get("file").is_some() {
                    self.wrong.push(format!("{of}: {entry}"));
                }
            }
            _ => {
                self.cells += 1;
                let text = reader.text(entry);
                let said = entry["value"].as_str();
                if text.as_deref() != said && said != Some("***") {
                    self.wrong.push(format!("{of}: the cell holds {text:?}: {entry}"));
                }
                if entry.get("meaning").is_some_and(|meaning| *meaning == entry["value"]) {
                    self.wrong.push(format!("{of}: a meaning that is the text: {entry}"));
                }
            }
        }
    }

    fn computed(&mut self, of: &str, entry: &Value) {
        self.computed += 1;
        let (Some(formula), Some(operands)) = (entry["formula"].as_str(), entry["operands"].as_array()) else {
            return self.wrong.push(format!("{of}: without a formula: {entry}"));
        };
        let value = entry["value"].as_str().expect("a value");
        match evaluated(formula, operands) {
            Some(sum) if number(value).unwrap_or(0) == sum => {}
            Some(sum) => self.wrong.push(format!("{of}: {sum} by the operands: {entry}")),
            None => _ = self.in_words.insert(entry["column"].as_str().unwrap_or_default().to_owned()),
        }
    }
}

/// The rows of a published list.
fn rows(folder: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).expect("a list");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn proof(row: &BTreeMap<String, String>) -> Vec<Value> {
    serde_json::from_str(&row["evidence"]).expect("JSON")
}

/// Opens every cell that the findings of a publication cite, and works out every computed value again. What is resolved was proved by
/// the inputs `before`.
fn check(folder: &Path, inputs: &Path, before: &Path, checked: &mut Checked) {
    let (mut reader, mut reader_before) = (SecondReader::of(inputs), SecondReader::of(before));
    for row in rows(folder, "findings.csv") {
        let of = format!("{} {}{}", row["code"], row["order_no"], row["subject"]);
        let proof = proof(&row);
        if proof.is_empty() {
            checked.wrong.push(format!("{of}: no proof"));
        }
        proof.iter().for_each(|entry| checked.entry(&of, entry, &mut reader));
    }
    for row in rows(folder, "resolved.csv") {
        let of = format!("resolved {} {}{}", row["code"], row["order_no"], row["subject"]);
        proof(&row).iter().for_each(|entry| checked.entry(&of, entry, &mut reader_before));
        if let Ok(by) = serde_json::from_str::<Value>(&row["resolved_by"])
            && by.is_object()
        {
            checked.resolved += usize::from(by["row"].is_u64());
            checked.entry(&format!("{of}, by"), &by, &mut reader);
        }
    }
}

#[test]
fn every_cited_cell_holds_what_the_finding_says_and_every_sum_adds_up() {
    let mut checked = Checked::default();
    for seed in 1..=3 {
        let scratch = tempfile::tempdir().expect("a folder");
        // In the second night every error is mended, so that the findings of the first are resolved.
        let nights = [("2026-12-11", scratch.path().join("first")), ("2026-12-12", scratch.path().join("second"))];
        for (place, (as_of, data)) in nights.iter().enumerate() {
            sample(data, 400, seed, place == 1);
            let outcome = run_into(&data.join("pipeline.toml"), &scratch.path().join("reports"), Some(as_of));
            check(&folder_of(&outcome), data, &nights[0].1, &mut checked);
        }
    }
    assert!(checked.wrong.is_empty(), "{} wrong:\n{}", checked.wrong.len(), checked.wrong.join("\n"));
    let counted = (checked.cells, checked.computed, checked.resolved);
    assert!(counted.0 > 2_000 && counted.1 > 500 && counted.2 > 60, "{counted:?}");
    let told: Vec<&str> = checked.in_words.iter().map(String::as_str).filter(|name| !IN_WORDS.contains(name)).collect();
    assert!(told.is_empty(), "told in words alone: {}", told.join(", "));
}

// ---- wrong citations of old, one each -------------------------------------------------------------------------------------------

const PAYOUT_HEADER: &str = "statement,paid,order,kind,amount\n";

/// The proof of the only finding of a code, after every cell of it was opened.
fn proof_of(scene: &Scene, as_of: &str, code: &str) -> Vec<Value> {
    let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some(as_of));
    let folder = folder_of(&outcome);
    let mut checked = Checked::default();
    check(&folder, &scene.path(""), &scene.path(""), &mut checked);
    assert!(checked.wrong.is_empty(), "{}", checked.wrong.join("\n"));
    let found = rows(&folder, "findings.csv");
    let mut of_code = found.iter().filter(|row| row["code"] == code);
    let finding = of_code.next().unwrap_or_else(|| panic!("no {code}: {found:?}"));
    assert!(of_code.next().is_none(), "{code} stands twice");
    proof(finding)
}

/// The entries of a column as `row value → meaning`.
fn told(proof: &[Value], column: &str) -> Vec<String> {
    let of_column = proof.iter().filter(|entry| entry["column"] == column);
    let told = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let row = entry["row"].as_u64().map(|row| format!("{row} ")).unwrap_or_default();
        let meaning = entry.get("meaning").map(|_| format!(" → {}", text("meaning"))).unwrap_or_default();
        format!("{row}{}{meaning}", text("value"))
    };
    of_column.map(told).collect()
}

#[test]
fn a_double_payment_cites_both_lines_and_the_sum_stands_under_neither() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let line = "S1,2026-11-11,1,sale,1965.16\n";
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}{line}S0,2026-11-11,2,sale,5.00\n{line}"));
    let proof = proof_of(&scene, "2026-11-20", "PY-007");
    assert_eq!(told(&proof, "amount"), ["2 1965.16", "4 1965.16"]);
    assert_eq!(told(&proof, "paid").last().map(String::as_str), Some("3930.32"));
    let sum = proof.iter().find(|entry| entry["side"] == "computed" && entry["column"] == "paid").expect("the sum");
    assert_eq!((sum["formula"].as_str(), sum.get("row")), (Some("sum(amount)"), None));
    // What is expected is worked out of cells of the order, each of them cited.
    assert_eq!(told(&proof, "Postage"), ["2 89,00 → 89.00"]);
    assert_eq!(told(&proof, "Price"), ["2 499,00 → 499.00", "3 1290,00 → 1290.00"]);
}

#[test]
fn an_unpaid_order_cites_the_statement_that_should_hold_it() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S7,2026-11-20,2,sale,5.00\n"));
    let proof = proof_of(&scene, "2026-12-20", "PY-001");
    assert_eq!(told(&proof, "Stav"), ["2 Doručeno → delivered"]);
    assert_eq!(told(&proof, "Delivered"), ["2 2026-10-20 12:00 → 2026-10-20"]);
    assert_eq!(told(&proof, "statement"), ["2 S7"]);
    assert_eq!(told(&proof, "expected_payout"), ["1965.16"]);
    let paid = proof.iter().find(|entry| entry["column"] == "paid" && entry["side"] == "computed").expect("nothing");
    assert_eq!((&paid["value"], &paid["operands"]), (&"".into(), &Value::Array(Vec::new())));
}

#[test]
fn a_carriers_code_is_cited_as_the_dump_writes_it() {
    let scene = Scene::new(&[ORDERS, crate::scenarios::TRACKING]);
    let row = "2026-05-01 10:05;2026-05-04 09:00;2026-05-07 10:00;;2026-05-08;Zásilkovna;89,00;Z1234567890";
    scene.orders(&format!("1;Doručeno;2026-05-01 10:00;{row};A;2;0;499,00;18\n"));
    scene.write("tracking.csv", "number,at,code\nZ1234567890,2026-05-05 08:00,2\nZ1234567890,2026-05-09 14:00,10\n");
    let proof = proof_of(&scene, "2026-05-25", "ST-001");
    assert_eq!(told(&proof, "code"), ["3 10 → returned"]);
    assert_eq!(told(&proof, "at"), ["3 2026-05-09 14:00 → 2026-05-09"]);
}

#[test]
fn a_word_in_windows_1250_is_cited_as_a_person_reads_it() {
    let scene = Scene::new(&[&ORDERS.replace("[source.csv]", "[source.csv]\nencoding = \"windows-1250\""), PAYOUTS]);
    let text = format!("{}{}", crate::scenarios::ORDERS_HEADER, x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    fs::write(scene.path("orders.csv"), encoding_rs::WINDOWS_1250.encode(&text).0).expect("a file");
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S1,2026-11-11,1,sale,1900.00\n"));
    let proof = proof_of(&scene, "2026-11-20", "PY-004");
    assert_eq!(told(&proof, "amount"), ["2 1900.00"]);
    let scene = Scene::new(&[&ORDERS.replace("[source.csv]", "[source.csv]\nencoding = \"windows-1250\""), PAYOUTS]);
    fs::write(scene.path("orders.csv"), encoding_rs::WINDOWS_1250.encode(&text).0).expect("a file");
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S7,2026-11-20,2,sale,5.00\n"));
    assert_eq!(told(&proof_of(&scene, "2026-12-20", "PY-001"), "Stav"), ["2 Doručeno → delivered"]);
}

#[test]
fn a_packed_file_is_cited_by_its_lines() {
    let scene = Scene::new(&[&ORDERS.replace("orders*.csv", "orders*.csv.gz"), PAYOUTS]);
    let text = format!("{}{}", crate::scenarios::ORDERS_HEADER, x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, text.as_bytes()).expect("packed");
    fs::write(scene.path("orders.csv.gz"), packed.finish().expect("packed")).expect("a file");
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S7,2026-11-20,2,sale,5.00\n"));
    assert_eq!(told(&proof_of(&scene, "2026-12-20", "PY-001"), "Stav"), ["2 Doručeno → delivered"]);
}

#[test]
fn columns_that_are_added_are_each_cited() {
    let payouts =
        PAYOUTS.replace("amount = \"amount\"", "amount = { plus = [\"base\", \"bonus\"], minus = [\"fee\"] }");
    let scene = Scene::new(&[ORDERS, &payouts]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,base,bonus,fee\nS1,2026-11-11,1,sale,2000.00,,100.50\n");
    let proof = proof_of(&scene, "2026-11-20", "PY-004");
    assert_eq!((told(&proof, "base"), told(&proof, "fee")), (vec!["2 2000.00".into()], vec!["2 100.50".into()]));
    assert_eq!(told(&proof, "bonus"), Vec::<String>::new());
    let sum = proof.iter().find(|entry| entry["column"] == "amount").expect("the sum of the row");
    assert_eq!((sum["value"].as_str(), sum["formula"].as_str()), (Some("1899.50"), Some("`base` - `fee`")));
}

#[test]
fn the_first_column_that_holds_something_is_the_cited_one() {
    let payouts = PAYOUTS.replace("amount = \"amount\"", "amount = { first = [\"net\", \"gross\"] }");
    let scene = Scene::new(&[ORDERS, &payouts]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,kind,net,gross\nS1,2026-11-11,1,sale,,1900.00\n");
    let proof = proof_of(&scene, "2026-11-20", "PY-004");
    assert_eq!((told(&proof, "gross"), told(&proof, "net")), (vec!["2 1900.00".into()], Vec::new()));
}

#[test]
fn a_constant_is_declared_and_no_cell() {
    let payouts = PAYOUTS.replace("kind_raw = \"kind\"\n", "") + "\n[source.constants]\nkind_raw = \"sale\"\n";
    let scene = Scene::new(&[ORDERS, &payouts]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", "statement,paid,order,amount\nS1,2026-11-11,1,1900.00\n");
    let proof = proof_of(&scene, "2026-11-20", "PY-004");
    let kind = proof.iter().find(|entry| entry["column"] == "kind_raw").expect("the kind");
    assert_eq!((kind["side"].as_str(), kind["value"].as_str()), (Some("declared"), Some("sale")));
    assert_eq!((kind["of"].as_str(), kind.get("row")), (Some("source payouts"), None));
}

#[test]
fn numbers_and_days_of_a_workbook_are_cited_as_it_stores_them() {
    let payouts = PAYOUTS
        .replace("payouts.csv", "payouts.xlsx")
        .replace("[source.csv]\ndecimal = \".\"\ndates = [\"%Y-%m-%d\"]", "[source.xlsx]");
    let scene = Scene::new(&[ORDERS, &payouts]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    let mut book = rust_xlsxwriter::Workbook::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("d. m. yyyy");
    let sheet = book.add_worksheet().set_name("Výpis").expect("a sheet");
    for (column, header) in ["statement", "paid", "order", "kind", "amount"].iter().enumerate() {
        sheet.write_string(0, column as u16, *header).expect("a cell");
    }
    for (row, amount) in [(1, 1_000.5), (3, 900.0)] {
        sheet.write_string(row, 0, "S1 ").expect("a cell");
        sheet.write_number_with_format(row, 1, 46_337, &day).expect("a cell");
        sheet.write_number(row, 2, 1).expect("a cell");
        sheet.write_string(row, 3, "sale").expect("a cell");
        sheet.write_number(row, 4, amount).expect("a cell");
    }
    book.save(scene.path("payouts.xlsx")).expect("a workbook");
    let proof = proof_of(&scene, "2026-11-20", "PY-004");
    assert_eq!(told(&proof, "amount"), ["2 1000.5 → 1000.50", "4 900 → 900.00"]);
    // The blank at the end stands in the cell; what it was taken for stands beside it.
    assert_eq!(told(&proof, "statement"), ["2 S1  → S1", "4 S1  → S1"]);
    assert!(proof.iter().any(|entry| entry["sheet"] == "Výpis"));
}

#[test]
fn a_personal_column_stays_masked_in_proofs() {
    let orders = ORDERS.replace("lines = true", "lines = true\npersonal = [\"Stav\"]");
    let scene = Scene::new(&[&orders, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S7,2026-11-20,2,sale,5.00\n"));
    let text = scene.published("2026-12-20", "findings.csv");
    let proof = proof_of(&scene, "2026-12-20", "PY-001");
    assert_eq!(told(&proof, "Stav"), ["2 ***"]);
    assert!(!text.contains("Doručeno"));
}

#[test]
fn a_row_that_moved_neither_changes_a_finding_nor_resolves_it() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    let second = x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0).replace("1;Doru", "2;Doru");
    let first = x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0);
    scene.orders(&format!("{first}{second}"));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S1,2026-11-11,1,sale,1900.00\nS1,2026-11-11,2,sale,1965.16\n"));
    let states = |as_of: &str, file: &str| {
        let outcome = run_into(&scene.path("pipeline.toml"), &scene.path("reports"), Some(as_of));
        rows(&folder_of(&outcome), file)
    };
    assert_eq!(states("2026-11-20", "findings.csv")[0]["state"], "new");
    scene.orders(&format!("{second}{first}"));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S1,2026-11-11,2,sale,1965.16\nS1,2026-11-11,1,sale,1900.00\n"));
    let open = states("2026-11-21", "findings.csv");
    assert_eq!(open[0]["state"], "open");
    assert_eq!(told(&proof(&open[0]), "amount"), ["3 1900.00"]);
    // A second line makes up for the rest: that line resolves it, wherever the others stand now.
    let rest = "S2,2026-11-22,1,sale,65.16\n";
    scene.write(
        "payouts.csv",
        &format!("{PAYOUT_HEADER}{rest}S1,2026-11-11,1,sale,1900.00\nS1,2026-11-11,2,sale,1965.16\n"),
    );
    let gone = states("2026-11-23", "resolved.csv");
    let by: Value = serde_json::from_str(&gone[0]["resolved_by"]).expect("JSON");
    assert_eq!((by["file"].as_str(), by["row"].as_u64()), (Some("payouts.csv"), Some(2)), "{by}");
}

#[test]
fn a_file_that_changed_since_it_was_read_is_not_cited() {
    let scene = Scene::new(&[ORDERS, PAYOUTS]);
    scene.orders(&x11("Doručeno", RECEIVED_ON_20_OCTOBER, 0));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S1,2026-11-11,1,sale,1900.00\n"));
    let pipeline = trueup::pipeline::load(&scene.path("pipeline.toml"), &trueup::rules::codes()).expect("a pipeline");
    let as_of = trueup::base::as_of::AsOf("2026-11-20".parse().expect("a day"));
    let ingested = trueup::ingest::ingest(&pipeline, as_of);
    let row = trueup::frame::read::references(&ingested.frames.payout_lines, trueup::frame::payout_lines::row)
        .expect("rows")
        .at(0)
        .expect("a row");
    let field = CitedField::Named("amount");
    let wanted = || Citations::from_iter([(row, field.clone())]);
    let cited = read_cited(&pipeline, &ingested.parts, wanted()).expect("the same bytes");
    let FieldCells::Cells(cells) = cited.get(row, &field) else { panic!("no cell") };
    assert_eq!((cells[0].header, &*cells[0].text), ("amount", "1900.00"));
    scene.write("payouts.csv", &format!("{PAYOUT_HEADER}S1,2026-11-11,1,sale,1900.01\n"));
    let refused = read_cited(&pipeline, &ingested.parts, wanted()).expect_err("other bytes");
    assert_eq!((refused.code, refused.exit), ("FIL105", trueup::diagnose::Exit::Refused));
}

#[test]
fn a_rate_lists_twenty_of_its_orders_and_says_how_many_more() {
    let pipeline = "[pipeline]\nname = \"rates\"\npacks = [\"marketplaces/mall\"]\n\n[[account]]\nname = \"mall-cz\"\n\
        marketplace = \"mall\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\n\n[[source]]\nname = \"orders\"\nkind = \"orders\"\n\
        account = \"mall-cz\"\nglob = \"orders.csv\"\n[source.csv]\ndecimal = \".\"\ndates = [\"%Y-%m-%d\"]\n[source.columns]\n\
        order_no = \"id\"\nstatus_raw = \"status\"\nopened_at = \"open\"\ncreated_at = \"open\"\nshipped_at = \"shipped\"\n\
        delivered_at = \"delivered\"\ndelivery_price = \"price\"\ngoods_amount = \"goods\"\ntracking_number_raw = \"number\"\n\
        tracking_url = \"url\"\n";
    let scratch = tempfile::tempdir().expect("a folder");
    let rows: String =
        (1..=27).map(|order| format!("{order},delivered,2024-03-01,2024-03-02,2024-03-04,29,100,,\n")).collect();
    fs::write(scratch.path().join("pipeline.toml"), pipeline).expect("a file");
    let header = "id,status,open,shipped,delivered,price,goods,number,url\n";
    fs::write(scratch.path().join("orders.csv"), format!("{header}{rows}")).expect("a file");
    let outcome = run_into(&scratch.path().join("pipeline.toml"), &scratch.path().join("reports"), Some("2024-04-10"));
    let folder = folder_of(&outcome);
    let mut checked = Checked::default();
    check(&folder, scratch.path(), scratch.path(), &mut checked);
    assert!(checked.wrong.is_empty(), "{}", checked.wrong.join("\n"));
    let found = rows_of_code(&folder, "SL-001");
    let proof = proof(found.first().expect("the rate is missed"));
    assert_eq!(told(&proof, "id").len(), 20);
    let more: Vec<u64> = proof.iter().filter_map(|entry| entry.get("more")?.as_u64()).collect();
    assert_eq!(more, [7]);
    assert_eq!(told(&proof, "against"), ["27"]);
}

fn rows_of_code(folder: &Path, code: &str) -> Vec<BTreeMap<String, String>> {
    rows(folder, "findings.csv").into_iter().filter(|row| row["code"] == code).collect()
}

#[test]
fn pairs_and_aggregates_cite_all_their_rows() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 1, false);
    let outcome = run_into(&data.join("pipeline.toml"), &scratch.path().join("reports"), None);
    let folder = folder_of(&outcome);
    let proof_of = |code: &str| proof(rows_of_code(&folder, code).first().unwrap_or_else(|| panic!("no {code}")));
    let cited_rows = |proof: &[Value], side: &str| {
        let cells = proof.iter().filter(|entry| entry["side"] == side && entry["row"].is_u64());
        cells.map(|entry| (entry["file"].to_string(), entry["row"].as_u64())).collect::<BTreeSet<_>>().len()
    };
    let wallet = proof_of("BB-003");
    let waiting = told(&wallet, "wallet_orders").concat();
    assert_eq!(cited_rows(&wallet, "supplier_orders").to_string(), waiting);
    assert!(wallet.iter().any(|entry| entry["side"] == "declared" && entry["column"] == "paypal_fallback"));
    assert_eq!(cited_rows(&proof_of("BB-004"), "supplier_orders"), 2);
    assert_eq!(cited_rows(&proof_of("ST-004"), "order_events"), 2);
    assert_eq!(cited_rows(&proof_of("DQ-001"), "orders"), 2);
    assert!(cited_rows(&proof_of("TR-005"), "orders") >= 2);
    let rate = proof_of("SL-001");
    assert_eq!(cited_rows(&rate, "orders").to_string(), told(&rate, "against").concat());
    for code in ["SO-005", "PY-012", "CN-001", "BB-002"] {
        let proof = proof_of(code);
        let cells = || proof.iter().filter(|entry| entry["row"].is_u64());
        assert!(cells().count() > 0 && cells().all(|entry| entry["value"] != "yes"), "{code}: {proof:?}");
    }
    // The length of an address is worked out of the address, which stands in the cell.
    let address = proof_of("BB-002");
    let length = address.iter().find(|entry| entry["column"] == "addr_chars").expect("the length");
    assert_eq!(length["formula"].as_str().map(|formula| formula.starts_with("characters(")), Some(true));
}
