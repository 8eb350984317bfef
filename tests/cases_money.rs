//! Cases that real exports showed, each with further inputs of its kind: payouts, currencies, statements, rows without an order. What is
//! right was worked out by hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::workbench::{folder_of, keys, run_into, stdout, trueup};

/// A copy of a case, to be run and changed.
struct Case {
    scratch: tempfile::TempDir,
    folder: PathBuf,
}

impl Case {
    fn of(name: &str) -> Case {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("case");
        copy(&Path::new("tests/cases").join(name), &folder);
        Case { scratch, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> &Case {
        fs::write(self.file(name), text).expect("a file");
        self
    }

    fn change(&self, name: &str, from: &str, to: &str) -> &Case {
        let text = fs::read_to_string(self.file(name)).expect("a text");
        assert!(text.contains(from), "{name} has no {from:?}");
        self.write(name, &text.replace(from, to))
    }

    fn run(&self, pipeline: &str, as_of: &str) -> Night {
        let out = tempfile::tempdir_in(self.scratch.path()).expect("a folder").keep();
        let outcome = run_into(&self.file(pipeline), &out, Some(as_of));
        Night(folder_of(&outcome))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the case") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// What a run published.
struct Night(PathBuf);

impl Night {
    /// Code, order, subject, money, currency, severity of every finding, in the order of the text.
    fn findings(&self) -> Vec<String> {
        keys(&self.0.join("findings.csv"), &["code", "order_no", "subject", "money", "currency", "severity"])
            .iter()
            .map(|row| row.split(" | ").filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | "))
            .collect()
    }

    /// The findings of some codes.
    fn of(&self, codes: &[&str]) -> Vec<String> {
        self.findings().into_iter().filter(|row| codes.iter().any(|code| row.starts_with(code))).collect()
    }

    fn column(&self, code: &str, column: &str) -> Vec<String> {
        let rows = keys(&self.0.join("findings.csv"), &["code", column]);
        rows.iter().filter_map(|row| Some(row.strip_prefix(code)?.strip_prefix(" | ")?.to_owned())).collect()
    }

    fn evidence(&self, code: &str) -> String {
        self.column(code, "evidence").join("\n")
    }

    fn manifest(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.0.join("run.json")).expect("run.json")).expect("JSON")
    }

    /// Expected, paid, difference of an account's currency; `-` is null.
    fn settlement(&self, account: usize, currency: &str) -> [String; 3] {
        let sums = &self.manifest()["accounts"][account]["settlement"][currency];
        ["expected", "paid", "difference"].map(|key| sums[key].as_str().unwrap_or("-").to_owned())
    }
}

// ---------------------------------------------------------------- two currencies (§16.3)

#[test]
fn a_line_in_another_currency_is_neither_added_nor_compared() {
    let case = Case::of("f26");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.findings(), ["PY-013 | f-1 | 24300.00 | CZK | high"]);
    let evidence = night.evidence("PY-013");
    assert!(evidence.contains("24300") && evidence.contains("1000.00 EUR"), "{evidence}");
    assert_eq!(night.settlement(0, "EUR"), ["1000.00", "0.00", "-1000.00"]);
    assert_eq!(night.settlement(0, "CZK"), ["1000.00", "25300.00", "24300.00"]);
}

#[test]
fn a_declared_rate_judges_after_conversion() {
    let case = Case::of("f26");
    let fx = "commission = \"0\"\nfx = { EUR = { CZK = \"24.31\" } }";
    case.change("pipeline.toml", "commission = \"0\"", fx);
    // 24 300 / 24.31 = 999.59, within 0.5 % of it.
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.findings(), Vec::<String>::new());
    // The difference of the account is told after conversion as well.
    assert_eq!(night.settlement(0, "EUR"), ["1000.00", "999.59", "-0.41"]);
    assert_eq!(night.settlement(0, "CZK"), ["1000.00", "1000.00", "0.00"]);
    // Without a tolerance the 0.41 are missing, and the rate is told.
    case.change("pipeline.toml", fx, &format!("{fx}\nfx_tolerance = \"0\""));
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.findings(), ["PY-004 | f-1 | 0.41 | EUR | high"]);
    assert!(night.evidence("PY-004").contains("1 EUR = 24.31 CZK"));
    // A rate that ended before the line was paid is none.
    case.change("pipeline.toml", "source = \"field test\"", "source = \"field test\"\nto = 2026-11-01");
    assert!(case.run("pipeline.toml", "2026-11-30").findings().iter().any(|row| row.starts_with("PY-013 | f-1")));
}

#[test]
fn a_rate_column_of_the_statement_wins() {
    let case = Case::of("f26");
    case.change("pipeline.toml", "posted = \"date\"\ncurrency", "posted = \"date\"\nfx_rate = \"rate\"\ncurrency");
    let lines = |rate: &str| {
        format!(
            "payout;order;type;amount;currency;date;rate\nV1;f-1;Prodej;24300,00;CZK;2026-11-02;{rate}\nV1;f-2;Prodej;1000,00;CZK;2026-11-02;\n"
        )
    };
    case.write("lines.csv", &lines("24,30"));
    assert_eq!(case.run("pipeline.toml", "2026-11-30").findings(), Vec::<String>::new());
    // 24 300 / 27 = 900.00
    case.write("lines.csv", &lines("27"));
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.findings(), ["PY-004 | f-1 | 100.00 | EUR | high"]);
    assert!(night.evidence("PY-004").contains("1 EUR = 27 CZK"));
    case.write("lines.csv", &lines("-27"));
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["DQ-003"]).len(), 1);
}

#[test]
fn a_rate_may_be_written_the_other_way_round_and_the_currency_of_the_order_may_be_the_smaller_one() {
    let case = Case::of("f26");
    // A crown order paid in euros: 41.14 × 24.31 = 1000.11.
    case.write(
        "orders.csv",
        "order;state;created;currency;goods;postage;delivered\nf-2;Doručeno;2026-10-01;CZK;1000,00;0,00;2026-10-06\n",
    );
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;41,14;EUR;2026-11-02\n");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").findings(), ["PY-013 | f-2 | 41.14 | EUR | high"]);
    case.change("pipeline.toml", "commission = \"0\"", "commission = \"0\"\nfx = { EUR = { CZK = \"24.31\" } }");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").findings(), Vec::<String>::new());
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;38,00;EUR;2026-11-02\n");
    // 38.00 × 24.31 = 923.78
    assert_eq!(case.run("pipeline.toml", "2026-11-30").findings(), ["PY-004 | f-2 | 76.22 | CZK | high"]);
}

#[test]
fn a_fee_in_another_currency_leaves_the_sale_alone_and_is_told() {
    let case = Case::of("f26");
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;1000,00;CZK;2026-11-02\nV1;f-2;Provize;-4,00;EUR;2026-11-02\n");
    let found = case.run("pipeline.toml", "2026-11-30").of(&["PY-013", "PY-004", "PY-005"]);
    assert_eq!(found, ["PY-013 | f-2 | 4.00 | EUR | high"]);
}

#[test]
fn a_sale_below_zero_is_one_finding() {
    let case = Case::of("f26");
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;-1000,00;CZK;2026-11-02\n");
    case.change("orders.csv", "f-1;Doručeno;2026-10-01;EUR;1000,00;0,00;2026-10-06\n", "");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").findings(), ["PY-013 | f-2 | 1000.00 | CZK | high"]);
}

// ---------------------------------------------------------------- money without an order (§16.4)

#[test]
fn money_without_an_order_is_told_and_its_order_is_less_grave() {
    let case = Case::of("f18");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.findings(), ["PY-001 | 1802 | 400.00 | CZK | high", "PY-014 | 400.00 | CZK | medium"]);
    assert!(night.evidence("PY-014").contains("1802"));
    assert!(night.evidence("PY-001").contains("lines.csv"), "the candidate line is cited");
}

#[test]
fn two_lines_without_an_order_are_no_hint_and_a_line_of_another_week_neither() {
    let case = Case::of("f18");
    let header = "payout;order;type;amount;date;paid;total\n";
    let sale = "V1;1801;Prodej;500,00;2026-11-02;2026-11-02;1300,00\n";
    let line = "V1;;Prodej;400,00;2026-11-02;2026-11-02;1300,00\n";
    case.write("lines.csv", &format!("{header}{sale}{line}{line}"));
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-001"]), ["PY-001 | 1802 | 400.00 | CZK | critical"]);
    assert_eq!(night.of(&["PY-014"]).len(), 2);
    // 2026-11-02 is a Monday, 2026-11-10 six working days later, 2026-11-09 five.
    for (day, severity) in [("2026-11-09", "high"), ("2026-11-10", "critical")] {
        let late = format!("V2;;Prodej;400,00;{day};{day};400,00\n");
        case.write("lines.csv", &format!("{header}{}{late}", sale.replace("1300", "500")));
        let found = case.run("pipeline.toml", "2026-11-30").of(&["PY-001"]);
        assert_eq!(found, [format!("PY-001 | 1802 | 400.00 | CZK | {severity}")], "{day}");
    }
}

#[test]
fn an_export_without_a_column_of_order_numbers_accuses_nobody() {
    let case = Case::of("r8-transfer-differs");
    assert_eq!(case.run("p.toml", "2026-12-31").of(&["PY-014"]), Vec::<String>::new());
}

// ---------------------------------------------------------------- what the statement explains (§16.5)

#[test]
fn money_that_the_statement_took_back_in_lines_is_no_claim() {
    let case = Case::of("f08/b");
    let night = case.run("pipeline.toml", "2026-10-31");
    assert_eq!(night.of(&["PY-001", "PY-004"]), Vec::<String>::new());
}

#[test]
fn what_no_line_explains_is_claimed_beside_a_refund() {
    let case = Case::of("f08/b");
    // 802 sold for 60.00, 50.00 were paid and 15.00 refunded: 10.00 are explained by nothing.
    case.change("ledger.csv", "P1,802,charge,60.00", "P1,802,charge,50.00");
    case.change("payouts.csv", "P1,2026-10-06,160.00", "P1,2026-10-06,150.00");
    assert_eq!(case.run("pipeline.toml", "2026-10-31").of(&["PY-004"]), ["PY-004 | 802 | 10.00 | USD | high"]);
    // A cancellation explains as well as a refund does.
    let case = Case::of("f26");
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;1000,00;CZK;2026-11-02\nV1;f-2;Storno;-300,00;CZK;2026-11-02\n");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["PY-004"]), Vec::<String>::new());
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodej;1000,00;CZK;2026-11-02\nV1;f-2;Provize;-300,00;CZK;2026-11-02\n");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["PY-004"]), ["PY-004 | f-2 | 300.00 | CZK | high"]);
}

// ---------------------------------------------------------------- not computable is no zero

#[test]
fn an_account_without_a_policy_expects_null() {
    let case = Case::of("f08");
    let night = case.run("pipeline.toml", "2026-10-31");
    assert_eq!(night.settlement(0, "USD"), ["-", "125.00", "-"]);
    let reasons = &night.manifest()["accounts"][0]["not_computable"];
    assert_eq!(reasons[0], "billing not computable: no policy");
    assert_eq!(reasons[1], "payout not computable: no commission rate");
    for day in night.manifest()["payouts"].as_array().expect("payouts") {
        assert!(day["date"].is_string() || day["blocked"].is_null(), "{day}");
    }
}

#[test]
fn a_commission_that_nobody_declares_is_told() {
    let case = Case::of("r9-no-commission");
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.settlement(0, "EUR"), ["-", "10.00", "-"]);
    let reasons = &night.manifest()["accounts"][0]["not_computable"];
    assert_eq!(reasons.as_array().expect("reasons").len(), 1);
    assert_eq!(reasons[0], "payout not computable: no commission rate");
    let said = stdout(&trueup(&case.folder, &["check", "p.toml"]));
    assert!(said.contains("account m: payout not computable: no commission rate"), "{said}");
    // With a rate there is nothing to tell, and the rest is claimed.
    let policy = "billable = [\"delivered\"]";
    case.change("packs/marketplaces/peer.toml", policy, &format!("{policy}\ncommission = \"0\""));
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.findings(), ["PY-004 | A1 | 90.00 | EUR | high"]);
    assert_eq!(night.manifest()["accounts"][0]["not_computable"], serde_json::json!([]));
}

// ---------------------------------------------------------------- periods of statements (§16.8, §16.18)

#[test]
fn consecutive_settlements_neither_overlap_nor_leave_a_gap() {
    let case = Case::of("f02/b");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["PY-012"]), Vec::<String>::new());
}

#[test]
fn every_gap_and_every_overlap_has_a_finding() {
    let case = Case::of("f02/b");
    fs::remove_file(case.file("s1.txt")).expect("a settlement less");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["PY-012"]), ["PY-012 | 2026-09-16 | medium"]);
    // The last settlement begins an hour early: an overlap beside the gap.
    case.change("s3.txt", "13.10.2026 09:00:00 UTC", "13.10.2026 08:00:00 UTC");
    let found = case.run("pipeline.toml", "2026-11-30").of(&["PY-012"]);
    assert_eq!(found, ["PY-012 | 2026-09-16 | medium", "PY-012 | 2026-10-29 | medium"]);
}

#[test]
fn days_are_part_of_their_period() {
    let case = Case::of("f02/b");
    let days = |name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(case.file(name)).expect("a settlement");
        let mut fields: Vec<String> = text.lines().nth(1).expect("a summary").split('\t').map(str::to_owned).collect();
        (fields[1], fields[2]) = (from.to_owned(), to.to_owned());
        let lines: Vec<&str> = text.lines().collect();
        let summary = fields.join("\t");
        case.write(name, &format!("{}\n{summary}\n{}\n", lines[0], lines[2..].join("\n")));
    };
    days("s0.txt", "01.09.2026", "14.09.2026");
    days("s1.txt", "15.09.2026", "28.09.2026");
    days("s2.txt", "29.09.2026", "12.10.2026");
    days("s3.txt", "13.10.2026", "26.10.2026");
    assert_eq!(case.run("pipeline.toml", "2026-11-30").of(&["PY-012"]), Vec::<String>::new());
    days("s1.txt", "15.09.2026", "29.09.2026");
    days("s3.txt", "15.10.2026", "26.10.2026");
    // One day twice; two days missing.
    let found = case.run("pipeline.toml", "2026-11-30").of(&["PY-012"]);
    assert_eq!(found, ["PY-012 | 2026-10-13 | medium", "PY-012 | 2026-10-15 | medium"]);
}

// ---------------------------------------------------------------- paid in parts

#[test]
fn instalments_that_add_up_are_no_double_payment() {
    let case = Case::of("r4-paid-in-parts");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
    // Two equal parts of one order, of two articles and of one.
    case.write("pay.csv", "order,date,sku,amount\nA1,2026-10-02,S1,50.00\nA1,2026-10-03,S1,50.00\n");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
}

#[test]
fn a_repeated_sale_that_pays_too_much_is_found_also_across_statements() {
    let case = Case::of("r4-paid-in-parts");
    case.write(
        "pay.csv",
        "order,date,sku,amount\nA1,2026-10-02,S1,60.00\nA1,2026-10-02,S2,40.00\nA1,2026-10-09,S2,40.00\n",
    );
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), ["PY-007 | A1 | 40.00 | EUR | critical"]);
    // Too much, and no sale stands twice: an overpayment.
    case.write("pay.csv", "order,date,sku,amount\nA1,2026-10-02,S1,60.00\nA1,2026-10-02,S2,70.00\n");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), ["PY-005 | A1 | 30.00 | EUR | medium"]);
    // Taken back: nothing is left to find.
    case.write("pay.csv", "order,date,sku,amount\nA1,2026-10-02,S1,60.00\nA1,2026-10-02,S2,40.00\nA1,2026-10-09,S2,40.00\nA1,2026-10-12,S2,-40.00\n");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
}

// ---------------------------------------------------------------- paid on demand

#[test]
fn who_pays_on_demand_is_judged_from_the_release() {
    let case = Case::of("r5-on-demand");
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.findings(), ["PY-001 | K2 | 100.00 | EUR | critical", "PY-004 | K1 | 50.00 | EUR | high"]);
    assert_eq!(night.settlement(0, "EUR"), ["200.00", "50.00", "-150.00"]);
    // Delivered on 5 August and held 14 days: released on the 19th, grace until Monday the 24th.
    assert_eq!(case.run("p.toml", "2026-08-24").of(&["PY-001"]), Vec::<String>::new());
    // No statement reaches the release: nothing is proved of what is unpaid.
    case.write("pay.csv", "order;kind;amount;posted\nK1;Release order;50,00;2026-08-18\n");
    assert_eq!(case.run("p.toml", "2026-12-31").of(&["PY-001"]), Vec::<String>::new());
}

// ---------------------------------------------------------------- transfers

#[test]
fn a_transfer_that_is_not_what_was_settled_is_found() {
    let case = Case::of("r8-transfer-differs");
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.findings(), ["PY-009 | 300.00 | USD | high"]);
    case.change("s.csv", "-777.50", "-477.50");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
    // The sign of the transfer is the export's own business.
    case.change("s.csv", "-477.50", "477.50");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
    // What the marketplace took from the merchant.
    case.write("s.csv", "st,no,date,type,amount\nP1,1,2026-10-01,refund,-30.00\nP1,2,2026-10-02,payout,30.00\n");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
    // A ledger without statements settles many days at once.
    case.write("s.csv", "st,no,date,type,amount\n,1,2026-10-01,charge,500.00\n,2,2026-10-02,payout,-777.50\n");
    assert_eq!(case.run("p.toml", "2026-12-31").findings(), Vec::<String>::new());
}

// ---------------------------------------------------------------- rows without an order (§16.26)

#[test]
fn lines_of_no_order_are_unmatched_and_a_finding() {
    let case = Case::of("r2-lines-without-order");
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.of(&["DQ-016"]), ["DQ-016 | lines|A2 | 900.00 | EUR | medium"]);
    let inputs = night.manifest()["inputs"].clone();
    let lines = inputs.as_array().expect("inputs").iter().find(|input| input["source"] == "lines").expect("the lines");
    assert_eq!((&lines["rows"]["used"], &lines["rows"]["unmatched"]), (&Value::from(2), &Value::from(1)));
    let money = night.manifest()["conservation"].clone();
    let of_lines = |entry: &&Value| entry["input"] == "lines.csv" && entry["unit"] == "money";
    let sums = money.as_array().expect("equations").iter().find(of_lines).expect("the money of the lines");
    assert_eq!((&sums["matched"], &sums["unmatched"]), (&Value::from("100.00"), &Value::from("900.00")));
    // Orders that are not declared complete accuse nobody; the bucket stays.
    case.change("p.toml", "complete = true\n", "");
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.of(&["DQ-016"]), Vec::<String>::new());
    assert_eq!(
        night.manifest()["inputs"][0]["rows"]["unmatched"].as_u64().unwrap_or(0)
            + night.manifest()["inputs"][1]["rows"]["unmatched"].as_u64().unwrap_or(0),
        1
    );
}

#[test]
fn above_twenty_orders_one_finding_counts_them() {
    let case = Case::of("r2-lines-without-order");
    let mut lines = "order,sku,qty,price\nA1,S1,1,100.00\n".to_owned();
    (0..21).for_each(|nth| lines.push_str(&format!("B{nth},S1,2,10.00\n")));
    case.write("lines.csv", &lines);
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.of(&["DQ-016"]), ["DQ-016 | lines | 420.00 | EUR | medium"]);
    assert!(night.evidence("DQ-016").contains("\"21\""), "{}", night.evidence("DQ-016"));
}

#[test]
fn an_order_in_quarantine_is_not_missing() {
    let case = Case::of("r2-lines-without-order");
    case.change(
        "orders.csv",
        "A1,delivered,2026-10-01,2026-10-05\n",
        "A1,delivered,2026-10-01,2026-10-05\nA2,nonsense,2026-10-01,2026-10-05\n",
    );
    let night = case.run("p.toml", "2026-12-31");
    assert_eq!(night.of(&["DQ-016"]), Vec::<String>::new());
}

#[test]
fn a_word_of_the_pipeline_says_in_the_proof_that_it_is_its_own() {
    let own = "\n[[words.payout_kind]]\nword = \"sale\"\nlabels = [\"Erlös\"]\n";
    let orders = "R-1,2026-11-02,delivered,prepaid,90.00,10.00\n";
    let payouts = "po_1,2026-11-06,t1,2026-11-02,eur,60.00,1.50,58.50,Erlös,Order R-1\n";
    let case = own_shop(&format!("{OWN_SHOP}{own}"), orders, payouts);
    let night = case.run("p.toml", "2026-11-30");
    let evidence = night.evidence("PY-004");
    assert!(evidence.contains("\"value\":\"Erlös\",\"meaning\":\"sale\",\"meaning_by\":\"p.toml:"), "{evidence}");
    // A word of a pack needs no mark.
    let case = own_shop(OWN_SHOP, orders, &payouts.replace("Erlös", "charge"));
    let evidence = case.run("p.toml", "2026-11-30").evidence("PY-004");
    assert!(evidence.contains("\"value\":\"charge\"") && !evidence.contains("meaning_by"), "{evidence}");
}

// ---------------------------------------------------------------- our own quarantine first (§16.6)

#[test]
fn a_statement_is_not_blamed_for_rows_that_we_refused() {
    let case = Case::of("f01");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-009"]), ["PY-009 | 16.90 | EUR | medium"]);
    assert_eq!(night.column("PY-009", "remedy"), ["read_rows_first"]);
    assert!(night.evidence("PY-009").contains("2 rows, -16.90 EUR"), "{}", night.evidence("PY-009"));
    // A line that is missing beside them is more than they explain.
    case.change("v2.txt", "73,10", "63,10");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-009"]), ["PY-009 | 26.90 | EUR | high"]);
    assert_eq!(night.column("PY-009", "remedy"), ["read_rows_first"]);
}

#[test]
fn an_unpaid_order_is_not_claimed_before_its_refused_line_is_read() {
    let case = Case::of("f26");
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-2;Prodejka;1000,00;CZK;2026-11-02\nV1;f-1;Prodej;1000,00;EUR;2026-11-02\n");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-001"]), ["PY-001 | f-2 | 1000.00 | CZK | medium"]);
    assert_eq!(night.column("PY-001", "remedy"), ["read_rows_first"]);
    // The refused row of another order says nothing of this one.
    case.write("lines.csv", "payout;order;type;amount;currency;date\nV1;f-1;Prodejka;1000,00;EUR;2026-11-02\nV1;f-3;Prodej;1,00;CZK;2026-11-02\n");
    let night = case.run("pipeline.toml", "2026-11-30");
    assert!(
        night.of(&["PY-001"]).contains(&"PY-001 | f-2 | 1000.00 | CZK | critical".to_owned()),
        "{:?}",
        night.findings()
    );
}

// ---------------------------------------------------------------- one sale under several order numbers (§16.10)

/// The case with `parent_order_no` derived by a pattern, and a policy by which its orders are paid.
fn parents() -> Case {
    let case = Case::of("f06");
    let bound = "order_no = \"order_id\"\nstatus_raw";
    let derived =
        "order_no = \"order_id\"\nparent_order_no = { first = [\"order_id\"], pattern = \"^([0-9]+)\" }\nstatus_raw";
    case.change("pipeline.toml", bound, derived).change("pipeline-n.toml", bound, derived);
    case
}

const PAID_DAILY: &str = "\n[[policy]]\nsource = \"test\"\nhold_days = 0\npayout_days = [10, 20]\ncutoff = \"same_day\"\ncommission = \"10\"\n";

fn paid_daily() -> Case {
    let case = parents();
    let pack = fs::read_to_string(case.file("packs/marketplaces/mirakl.toml")).expect("the pack");
    let pack = pack.replace("title = \"A Mirakl marketplace\"", "title = \"A Mirakl marketplace\"\ntraits = [\"pays_by_calendar\"]\npayout_calendar = { EUR = \"calendars/eur\" }");
    case.write("packs/marketplaces/mirakl.toml", &format!("{pack}{PAID_DAILY}"));
    case.change(
        "pipeline.toml",
        "packs = [\"marketplaces/mirakl\"]",
        "packs = [\"marketplaces/mirakl\", \"calendars/eur\"]",
    );
    case
}

#[test]
fn lines_of_a_parent_are_of_its_parts() {
    let case = parents();
    for pipeline in ["pipeline.toml", "pipeline-n.toml"] {
        let night = case.run(pipeline, "2026-12-31");
        assert_eq!(night.findings(), Vec::<String>::new(), "{pipeline}");
        let lines = night.manifest()["inputs"].as_array().expect("inputs").clone();
        assert!(lines.iter().all(|input| input["rows"]["unmatched"] == 0), "{lines:?}");
    }
}

#[test]
fn a_parent_ties_out_against_the_sum_of_its_parts() {
    let case = paid_daily();
    // A: 60.00 + 4.00 − 6.00; the refused B is due nothing. The other parent: 29.00 − 2.90.
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), Vec::<String>::new());
    case.change("payout.csv", "ORDER_AMOUNT;64.00", "ORDER_AMOUNT;54.00");
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), ["PY-004 | 6023003708-A | 10.00 | EUR | high"]);
    // Both halves delivered, and paid by one line: 60 + 4 + 40, less 10 % of the goods.
    case.change(
        "orders.csv",
        "6023003708-B;REFUSED;2026-11-01;40.00;0.00;",
        "6023003708-B;RECEIVED;2026-11-01;40.00;0.00;2026-11-05",
    );
    case.change("payout.csv", "ORDER_AMOUNT;54.00", "ORDER_AMOUNT;104.00");
    case.change("payout.csv", "COMMISSION_FEE;-6.00", "COMMISSION_FEE;-10.00");
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), Vec::<String>::new());
    // The order of the rows does not matter.
    let orders = fs::read_to_string(case.file("orders.csv")).expect("the orders");
    let mut rows: Vec<&str> = orders.lines().collect();
    rows[1..].reverse();
    case.write("orders.csv", &format!("{}\n", rows.join("\n")));
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), Vec::<String>::new());
}

/// Orders and payout lines of sales under several numbers: `number;state;goods;day received`, `number;amount`.
fn sales(orders: &[&str], lines: &[&str]) -> Case {
    let case = paid_daily();
    let order = |row: &&str| {
        let [number, state, goods, received] = row.split(';').collect::<Vec<_>>()[..] else { panic!("{row}") };
        format!("{number};{state};2026-11-01;{goods};0.00;{received}\n")
    };
    let line = |row: &&str| {
        let [number, amount] = row.split(';').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let kind = if amount.starts_with('-') { "COMMISSION_FEE" } else { "ORDER_AMOUNT" };
        format!("IV-1;{number};{kind};{amount};2026-11-10\n")
    };
    let orders: String = orders.iter().map(order).collect();
    let lines: String = lines.iter().map(line).collect();
    case.write("orders.csv", &format!("order_id;state;created;goods;shipping;received\n{orders}"));
    case.write("payout.csv", &format!("invoice;order;type;amount;date\n{lines}"));
    case
}

const A_AND_B: [&str; 2] = ["1001;RECEIVED;60.00;2026-11-04", "1001-B;RECEIVED;40.00;2026-11-04"];

/// The first part kept the number of the sale, so a line of 1001 is the parent's.
#[test]
fn a_parent_may_bear_the_number_of_a_part() {
    let found = |lines: &[&str]| sales(&A_AND_B, lines).run("pipeline.toml", "2026-12-31").findings();
    assert_eq!(found(&["1001;100.00", "1001;-10.00"]), Vec::<String>::new());
    // Each by its own number; one of them alone; too little for both.
    assert_eq!(found(&["1001;60.00", "1001;-6.00", "1001-B;40.00", "1001-B;-4.00"]), Vec::<String>::new());
    assert_eq!(found(&["1001;60.00", "1001;-6.00"]), ["PY-001 | 1001-B | 36.00 | EUR | critical"]);
    assert_eq!(found(&["1001;90.00", "1001;-10.00"]), ["PY-004 | 1001-B | 10.00 | EUR | high"]);
    // The orders may name their parent in a column: the namesake names none.
    let case = sales(&A_AND_B, &["1001;100.00", "1001;-10.00"]);
    let derived = "{ first = [\"order_id\"], pattern = \"^([0-9]+)\" }";
    case.change("pipeline.toml", derived, "{ first = [\"order_id\"], pattern = \"^([0-9]+)-\" }");
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), Vec::<String>::new());
}

/// 54.00 are due of A; B came back, or waits for its delivery, and its 36.00 were paid.
#[test]
fn money_beyond_what_is_due_of_the_parts_is_told() {
    for state in ["RETURNED", "SHIPPED", "REFUSED"] {
        let b = format!("1002-B;{state};40.00;");
        let case = sales(&["1002-A;RECEIVED;60.00;2026-11-04", &b], &["1002;100.00", "1002;-10.00"]);
        let found = case.run("pipeline.toml", "2026-12-31").findings();
        assert_eq!(found, ["PY-005 | 1002-A | 36.00 | EUR | medium"], "{state}");
        let case = sales(&["1002-A;RECEIVED;60.00;2026-11-04", &b], &["1002;60.00", "1002;-6.00"]);
        assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), Vec::<String>::new(), "{state}");
    }
}

#[test]
fn a_sale_paid_twice_is_told_once() {
    let orders = ["1002-A;RECEIVED;50.00;2026-11-04", "1002-B;RECEIVED;50.00;2026-11-04"];
    let case = sales(&orders, &["1002;100.00", "1002;-10.00", "1002;100.00", "1002;-10.00"]);
    assert_eq!(case.run("pipeline.toml", "2026-12-31").findings(), ["PY-007 | 1002-A | 100.00 | EUR | critical"]);
}

/// A line in crowns for two parts in euros, and a sale whose parts are of two currencies.
#[test]
fn amounts_of_a_parent_are_never_added_across_currencies() {
    let case = sales(&["1-A;RECEIVED;60.00;2026-11-04"], &["1;1.00"]);
    case.change("pipeline.toml", "status_raw =", "currency = \"currency\"\nstatus_raw =");
    case.change("pipeline.toml", "kind_raw =", "currency = \"currency\"\nkind_raw =");
    case.write(
        "orders.csv",
        "order_id;state;created;goods;shipping;received;currency\n\
         1-A;RECEIVED;2026-11-01;60.00;0.00;2026-11-04;EUR\n1-B;RECEIVED;2026-11-01;1000.00;0.00;2026-11-04;CZK\n\
         2-A;RECEIVED;2026-11-01;60.00;0.00;2026-11-04;EUR\n2-B;RECEIVED;2026-11-01;40.00;0.00;2026-11-04;EUR\n\
         3-A;RECEIVED;2026-11-01;60.00;0.00;2026-11-04;EUR\n3-B;RECEIVED;2026-11-01;40.00;0.00;2026-11-04;EUR\n",
    );
    case.write(
        "payout.csv",
        "invoice;order;type;amount;date;currency\nIV;1;ORDER_AMOUNT;54.00;2026-11-10;EUR\n\
         IV;1;ORDER_AMOUNT;900.00;2026-11-10;CZK\nIV;2;ORDER_AMOUNT;90.00;2026-11-10;CZK\n\
         IV;3;ORDER_AMOUNT;54.00;2026-11-10;EUR\n",
    );
    assert_eq!(
        case.run("pipeline.toml", "2026-12-31").findings(),
        [
            "PY-004 | 3-A | 21.60 | EUR | high",
            "PY-004 | 3-B | 14.40 | EUR | high",
            "PY-013 | 1 | 900.00 | CZK | high",
            "PY-013 | 2 | 90.00 | CZK | high",
        ]
    );
}

#[test]
fn a_gap_is_not_hidden_behind_a_false_overlap() {
    let case = Case::of("r1-half-open-periods");
    for (pipeline, gap) in [("p.toml", "2026-08-30"), ("p2.toml", "2026-08-30")] {
        let night = case.run(pipeline, "2026-10-31");
        assert_eq!(night.of(&["PY-012"]), [format!("PY-012 | {gap} | medium")], "{pipeline}");
        let proof = night.evidence("PY-012");
        assert!(proof.contains("gap_from"), "{proof}");
    }
}

// ---------------------------------------------------------------- an own shop paid through a provider

const OWN_SHOP: &str = r#"
[pipeline]
name = "shop"
packs = ["shops/shoptet", "payments/stripe"]

[[account]]
name = "shop"
marketplace = "shoptet"
currency = "EUR"
timezone = "Europe/Prague"

[[account.policy]]
source = "the contract with the provider: two days after the order"
hold_days = 2
hold_from = { prepaid = "created" }
payout_grace_days = 3

[[source]]
name = "orders"
account = "shop"
kind = "orders"
glob = "orders.csv"
[source.csv]
encoding = "utf-8"
delimiter = ","
decimal = "."
dates = ["%Y-%m-%d"]
[source.columns]
order_no = "no"
created_at = "created"
status_raw = "status"
payment = "pays"
goods_amount = "goods"
delivery_price = "postage"

[[source]]
name = "payouts"
account = "shop"
layout = "payments/stripe/payouts"
glob = "payouts.csv"
"#;

/// A folder with the pipeline of an own shop, its orders and what the provider paid.
fn own_shop(pipeline: &str, orders: &str, payouts: &str) -> Case {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("case");
    fs::create_dir_all(&folder).expect("a folder");
    let case = Case { scratch, folder };
    case.write("p.toml", pipeline);
    case.write("orders.csv", &format!("no,created,status,pays,goods,postage\n{orders}"));
    let header = "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,currency,gross,fee,net,reporting_category,description";
    case.write("payouts.csv", &format!("{header}\n{payouts}"));
    case
}

#[test]
fn an_own_shop_is_judged_from_the_event_that_its_provider_pays_after() {
    let orders = "\
R-1,2026-11-02,delivered,prepaid,90.00,10.00
R-2,2026-11-02,shipped,prepaid,90.00,10.00
R-3,2026-11-02,packing,prepaid,90.00,10.00
R-4,2026-11-02,shipped,cod,90.00,10.00
R-5,2026-11-24,new,prepaid,90.00,10.00
R-6,2026-11-02,delivered,prepaid,90.00,10.00
";
    let payouts = "\
po_1,2026-11-06,t1,2026-11-02,eur,100.00,1.50,98.50,charge,Order R-1
po_1,2026-11-06,t2,2026-11-02,eur,60.00,1.50,58.50,charge,Order R-2
po_1,2026-11-06,t5,2026-11-24,eur,100.00,1.50,98.50,charge,Order R-5
po_2,2026-11-13,t6,2026-11-02,eur,100.00,1.50,98.50,charge,Order R-6
po_2,2026-11-13,t7,2026-11-12,eur,-100.00,0.00,-100.00,refund,Order R-6
po_2,2026-11-13,t8,2026-11-12,eur,-100.00,0.00,-100.00,refund,Order R-6
,,t9,2026-11-29,eur,50.00,0.50,49.50,charge,Order R-5
";
    let case = own_shop(OWN_SHOP, orders, payouts);
    let night = case.run("p.toml", "2026-11-30");
    // R-2 is 40 short, R-3 was never paid, R-6 was refunded twice; what the courier collects (R-4) is not the provider's.
    let right = [
        "PY-001 | R-3 | 100.00 | EUR | critical",
        "PY-004 | R-2 | 40.00 | EUR | high",
        "PY-004 | R-6 | 100.00 | EUR | high",
    ];
    assert_eq!(night.of(&["PY-001", "PY-004", "PY-006", "ST-"]), right);
    assert_eq!(night.manifest()["accounts"][0]["not_computable"], serde_json::json!([]));
    // What is in no payout yet was not sent: 100 + 60 + 100 + 100 − 200.
    assert_eq!(night.settlement(0, "EUR")[1], "160.00");
}

#[test]
fn a_hold_from_an_event_needs_its_column_and_the_way_of_paying() {
    let orders = "R-1,2026-11-02,shipped,prepaid,90.00,10.00\nR-2,2026-11-02,shipped,prepaid,90.00,10.00\n";
    let paid = "po_1,2026-11-06,t1,2026-11-02,eur,100.00,1.50,98.50,charge,Order R-1\n";
    for (pipeline, field) in [
        (OWN_SHOP.replace("payment = \"pays\"\n", ""), "payment"),
        (OWN_SHOP.replace("{ prepaid = \"created\" }", "{ prepaid = \"shipped\" }"), "shipped_at"),
    ] {
        let case = own_shop(&pipeline, orders, paid);
        let night = case.run("p.toml", "2026-11-30");
        // Nothing is known of what is due: the paid order is no mistake, and the unpaid one is not judged.
        assert_eq!(night.of(&["PY-"]), [""; 0], "{field}");
        assert_eq!(night.settlement(0, "EUR"), ["-", "100.00", "-"], "{field}");
        let reasons = night.manifest()["accounts"][0]["not_computable"].to_string();
        assert!(reasons.contains(&format!("`hold_from` needs `{field}`")), "{reasons}");
    }
}

#[test]
fn money_back_beyond_what_came_is_claimed_whatever_became_of_the_order() {
    let orders = "\
R-1,2026-11-02,cancelled,prepaid,90.00,10.00
R-2,2026-11-02,returned,prepaid,90.00,10.00
R-3,2026-11-02,cancelled,prepaid,90.00,10.00
R-4,2026-11-20,new,prepaid,90.00,10.00
";
    let line = |id: &str, kind: &str, amount: i64, order: &str| {
        format!("po_1,2026-11-06,{id},2026-11-05,eur,{amount}.00,0.00,{amount}.00,{kind},Order {order}\n")
    };
    let mut payouts = String::new();
    for (order, refunds) in [("R-1", 2), ("R-2", 2), ("R-3", 1)] {
        payouts.push_str(&line(&format!("s{order}"), "charge", 100, order));
        (0..refunds).for_each(|n| payouts.push_str(&line(&format!("r{n}{order}"), "refund", -100, order)));
    }
    // An instalment before the day from which the rest is due.
    payouts.push_str(&line("sR-4", "charge", 60, "R-4"));
    let held = OWN_SHOP.replace("hold_days = 2", "hold_days = 30");
    let case = own_shop(&held, orders, &payouts);
    let night = case.run("p.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-004"]), ["PY-004 | R-1 | 100.00 | EUR | high", "PY-004 | R-2 | 100.00 | EUR | high"]);
}

#[test]
fn payout_lines_that_name_no_order_accuse_nobody() {
    let orders = "R-1,2026-11-02,delivered,prepaid,90.00,10.00\nR-2,2026-11-02,shipped,prepaid,90.00,10.00\n";
    let lines = "po_1,2026-11-06,t1,2026-11-02,eur,100.00,1.50,98.50,charge,Order R-1\n";
    let layout = "layout = \"payments/stripe/payouts\"\nglob = \"payouts.csv\"\n";
    let columns = "kind = \"payout_lines\"\nglob = \"payouts.csv\"\nwords = \"payments/stripe\"\n[source.csv]\ndecimal = \".\"\ndates = [\"%Y-%m-%d\"]\n[source.columns]\nstatement_id = \"automatic_payout_id\"\npaid_on = \"automatic_payout_effective_at\"\nkind_raw = \"reporting_category\"\namount = \"gross\"\ncurrency = \"currency\"\n";
    let unbound = OWN_SHOP.replace(layout, columns);
    assert_ne!(unbound, OWN_SHOP);
    let case = own_shop(&unbound, orders, lines);
    let night = case.run("p.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-"]), [""; 0]);
    let reasons = night.manifest()["accounts"][0]["not_computable"].to_string();
    assert!(reasons.contains("no payout line names an order"), "{reasons}");
    let said = stdout(&trueup(&case.folder, &["check", "p.toml"]));
    assert!(said.contains("no payout line names an order"), "{said}");
    // With the column each is judged.
    case.write("p.toml", &format!("{unbound}order_no = {{ first = [\"description\"], pattern = '(R-[0-9]+)' }}\n"));
    let night = case.run("p.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-001"]), ["PY-001 | R-2 | 100.00 | EUR | critical"]);
}

#[test]
fn a_shop_whose_statements_stop_coming_lacks_one() {
    let orders: String = (1..=5).map(|n| format!("R-{n},2026-11-0{n},shipped,prepaid,90.00,10.00\n")).collect();
    let paid = "po_1,2026-11-03,t1,2026-11-01,eur,100.00,1.50,98.50,charge,Order R-1\n";
    let case = own_shop(OWN_SHOP, &orders, paid);
    let night = case.run("p.toml", "2026-11-30");
    // R-2 is due on 4 November; no statement of that day or later was read: one finding for all four.
    assert_eq!(night.of(&["PY-001", "PY-012"]), ["PY-012 | 2026-11-04 | 400.00 | EUR | medium"]);
}

#[test]
fn a_hold_from_the_receipt_needs_a_receipt() {
    let orders = "R-1,2026-11-02,delivered,prepaid,90.00,10.00\nR-2,2026-11-02,shipped,prepaid,90.00,10.00\n";
    let paid = "po_1,2026-11-06,t1,2026-11-02,eur,100.00,1.50,98.50,charge,Order R-2\n";
    let from_receipt = OWN_SHOP.replace("hold_from = { prepaid = \"created\" }\n", "");
    let case = own_shop(&from_receipt, orders, paid);
    let night = case.run("p.toml", "2026-11-30");
    let reasons = night.manifest()["accounts"][0]["not_computable"].to_string();
    assert!(reasons.contains("no order has a `delivered_at`") && reasons.contains("hold_from"), "{reasons}");
    // Without any policy nothing says when money is due: a payment accuses nobody.
    let without = from_receipt.replace("hold_days = 2\n", "");
    case.write("p.toml", &without);
    let night = case.run("p.toml", "2026-11-30");
    assert_eq!(night.of(&["PY-"]), [""; 0]);
    let reasons = &night.manifest()["accounts"][0]["not_computable"];
    assert_eq!(reasons[0], "billing not computable: no policy");
}

// ---------------------------------------------------------------- our own quarantine first (§16.6)

/// Code, order, severity and remedy.
fn first_asks(night: &Night, codes: &[&str]) -> Vec<String> {
    let rows = keys(&night.0.join("findings.csv"), &["code", "order_no", "severity", "remedy"]);
    rows.into_iter().filter(|row| codes.iter().any(|code| row.starts_with(code))).collect()
}

#[test]
fn a_refused_scan_is_read_before_a_state_is_called_wrong() {
    let case = Case::of("own-rows-of-a-carrier");
    let night = case.run("pipeline.toml", "2026-11-30");
    // The scan *delivered* of order 1 is refused; so are both of order 2. Order 3 has no scan at all.
    let right = ["ST-001 | 1 | critical | read_rows_first", "TR-004 | 2 | high | read_rows_first"];
    assert_eq!(first_asks(&night, &["ST-001", "TR-004"]), right);
}

#[test]
fn a_refused_row_of_a_remittance_is_read_before_cash_is_claimed() {
    let case = Case::of("own-rows-of-a-remittance");
    let night = case.run("pipeline.toml", "2026-12-10");
    let right = ["CD-003 | p2 | medium | read_rows_first", "CD-005 |  | medium | read_rows_first"];
    assert_eq!(first_asks(&night, &["CD-"]), right);
}

#[test]
fn the_refused_row_of_an_order_explains_its_own_money() {
    let case = Case::of("own-rows-of-an-order");
    let night = case.run("pipeline.toml", "2026-11-30");
    let right = ["PY-001 | 1 | medium | read_rows_first", "PY-001 | 2 | medium | read_rows_first"];
    assert_eq!(first_asks(&night, &["PY-001"]), right);
}
