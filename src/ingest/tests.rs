//! Whole files through the whole stage, with figures worked out by hand; control totals close in each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use regex::Regex;
use tempfile::TempDir;

use super::*;
use crate::base::as_of::AsOf;
use crate::pipeline::pack::{Pack, Vocabulary};
use crate::pipeline::policy::PolicyBook;
use crate::pipeline::source::{Binding, CellForms, ConfigPlace, CsvFormat, Format, XlsxFormat};
use crate::pipeline::words::{Meaning, NO_COUNTERPART, WordTable};
use crate::pipeline::{Account, Pipeline, Source};
use crate::vocab::{IfAbsent, IfRefused};

// ---- a pipeline made by hand ----------------------------------------------------------------------------------------------------

struct Night {
    folder: TempDir,
    pipeline: Pipeline,
}

impl Night {
    fn new() -> Night {
        let folder = tempfile::tempdir().unwrap();
        let pack = Pack { name: "marketplaces/market".into(), ..Pack::default() };
        let account = Account {
            name: "shop-cz".into(),
            marketplace: "market".into(),
            pack: Arc::new(pack),
            currency: "CZK".into(),
            timezone: chrono_tz::Europe::Prague,
            traits: BTreeSet::new(),
            policies: PolicyBook::default(),
            calendar: None,
            complete: true,
            own_delivery_activation_date: None,
        };
        let codes = [("D1", "delivered"), ("A0", "accepted"), ("N9", "ignored")];
        let codes = codes.map(|(code, word)| (crate::base::text::fold(code), word.to_owned()));
        let vocabulary = Vocabulary { codes: HashMap::from(codes), dotted: false };
        let carrier = Pack {
            name: "carriers/mover".into(),
            vocabularies: BTreeMap::from([("api".to_owned(), vocabulary)]),
            ..Pack::default()
        };
        let pipeline = Pipeline {
            name: "test".into(),
            path: folder.path().join("test.toml"),
            folder: folder.path().to_path_buf(),
            as_of: None,
            out: None,
            lang: "en".into(),
            csv_excel_cs: false,
            accounts: vec![Arc::new(account)],
            sources: Vec::new(),
            packs: vec![Arc::new(carrier)],
            config: Vec::new(),
            ignored_rules: Vec::new(),
        };
        Night { folder, pipeline }
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Night {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn source(mut self, source: Source) -> Night {
        self.pipeline.sources.push(Arc::new(source));
        self
    }

    /// Ingests at the end of 2026-11-30 and checks that all control totals close.
    fn run(&self) -> Ingested {
        let as_of = AsOf(NaiveDate::from_ymd_opt(2026, 11, 30).unwrap());
        let ingested = ingest(&self.pipeline, as_of);
        assert_eq!(residues(&ingested), Vec::new(), "{:#?}", ingested.inputs);
        ingested
    }
}

fn table(entries: &[(&str, &str)]) -> Arc<WordTable> {
    let mut table = WordTable::default();
    for (label, word) in entries {
        table.add(label, Meaning { word: (*word).to_owned(), when_present: None });
    }
    Arc::new(table)
}

/// A source of semicolon-separated UTF-8 with decimal comma; columns as `field=Header` or `field=Header|Other header`.
fn source(name: &str, kind: Kind, glob: &str, columns: &str) -> Source {
    let status = [("Doručeno", "delivered"), ("Odesláno", "shipped"), ("Nová", "new"), ("Elfogadva", NO_COUNTERPART)];
    let words = [
        ("order_status", table(&status)),
        ("payout_kind", table(&[("Prodej", "sale"), ("Poštovné", "postage")])),
        ("currency", table(&[("Kč", "CZK"), ("cseh koronát", "CZK"), ("€", "EUR")])),
        ("flag", table(&[("ano", "yes"), ("ne", "no")])),
        ("shipping_method", table(&[("ČP", "Czech Post")])),
    ];
    Source {
        name: name.into(),
        kind,
        account: Some("shop-cz".into()),
        glob: glob.into(),
        format: Format::Csv(CsvFormat {
            encoding: "utf-8".into(),
            delimiter: b';',
            quote: b'"',
            header: true,
            totals: vec!["Celkem".into()],
        }),
        cells: CellForms {
            decimal: Some(','),
            dates: ["%d.%m.%Y %H:%M", "%d.%m.%Y"].map(str::to_owned).to_vec(),
            book_excess_decimals: false,
        },
        columns: columns.split_whitespace().enumerate().map(|(at, column)| binding(column, at)).collect(),
        constants: BTreeMap::new(),
        words: words.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        lines: false,
        carrier: None,
        vocabulary: None,
        timezone: chrono_tz::Europe::Prague,
        currency: None,
        if_absent: IfAbsent::Error,
        if_refused: IfRefused::Stop,
        allow_empty: false,
        export_date: None,
        report_month: None,
        version: None,
        quarantine_max_percent: None,
        quarantine_max_money: None,
        personal: Vec::new(),
        covers: None,
        config: ConfigPlace { file: "test.toml".into(), line: 10 },
    }
}

fn binding(column: &str, at: usize) -> Binding {
    let (field, place) = column.split_once('=').unwrap();
    let position = place.parse().ok();
    let headers = if position.is_some() { Vec::new() } else { place.split('|').map(|h| h.replace('_', " ")).collect() };
    let place = ConfigPlace { file: "test.toml".into(), line: 20 + at };
    Binding { field: field.into(), headers, position, place }
}

fn csv(source: &mut Source) -> &mut CsvFormat {
    match &mut source.format {
        Format::Csv(format) => format,
        Format::Xlsx(_) => panic!("not delimited text"),
    }
}

const ORDERS: &str = "order_no=Číslo status_raw=Stav created_at=Vytvořeno delivered_at=Datum_doručení \
                      goods_amount=Zboží delivery_price=Poštovné";
const HEADER: &str = "Číslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovné\n";

fn orders() -> Source {
    source("orders", Kind::Orders, "orders*.csv", ORDERS)
}

fn text<'f>(frame: &'f DataFrame, column: &str, row: usize) -> &'f str {
    frame.column(column).unwrap().str().unwrap().get(row).unwrap_or("<null>")
}

fn number(frame: &DataFrame, column: &str, row: usize) -> Option<i64> {
    frame.column(column).unwrap().cast(&polars::prelude::DataType::Int64).unwrap().i64().unwrap().get(row)
}

fn reasons(ingested: &Ingested) -> Vec<(u32, &'static str, &str)> {
    ingested.quarantine.iter().map(|row| (row.row, row.reason, row.column.as_str())).collect()
}

fn day(text: &str) -> i64 {
    i64::from(crate::base::zone::day_number(text.parse().unwrap()))
}

// ---- one file -------------------------------------------------------------------------------------------------------------------

#[test]
fn windows_1250_with_banner_total_blank_lines_and_crlf() {
    let mut orders = orders();
    csv(&mut orders).encoding = "windows-1250".into();
    let content = "Export objednávek\r\n\r\nČíslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovné\r\n\
                   A1;Doručeno;9.11.2026 10:00;12.11.2026;\"1 234,50 Kč\";89,00\r\n\r\n\
                   A2;Odesláno.;9.11.2026 10:00;;499;0\r\nCelkem;;;;1733,50;89\r\n\r\n";
    let (bytes, _, lost) = encoding_rs::WINDOWS_1250.encode(content);
    assert!(!lost);
    let ingested = Night::new().file("orders.csv", bytes).source(orders).run();
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2);
    assert_eq!(text(frame, "order_key", 0), "shop-cz/A1");
    assert_eq!((text(frame, "status_raw", 1), text(frame, "status", 1)), ("Odesláno.", "shipped"));
    assert_eq!(number(frame, "goods_amount", 0), Some(123_450));
    assert_eq!(number(frame, "created_at", 0), Some(1_794_214_800_000)); // 9 Nov 2026 09:00 UTC
    assert_eq!(number(frame, "created_on", 0), Some(day("2026-11-09")));
    assert_eq!(number(frame, "delivered_on", 0), Some(day("2026-11-12")));
    assert_eq!(number(frame, "delivered_on", 1), None);
    assert_eq!(text(frame, "payment", 0), "unknown");
    assert_eq!(number(frame, "row", 0), Some(4));
    assert_eq!(number(frame, "row", 1), Some(6));
    assert_eq!(ingested.parts.text(4), "orders.csv:4");
    assert_eq!(ingested.parts.0[0].headers["delivered_at"], "Datum doručení");
    let rows = RowCounts { read: 8, used: 2, structural: 6, ..RowCounts::default() };
    assert_eq!(ingested.inputs[0].rows, rows);
    assert_eq!(ingested.inputs[0].money["CZK"].used, 123_450 + 8_900 + 49_900);
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn every_bad_cell_has_its_reason() {
    let rows = [
        "A1;Doručeno;31.2.2026;;100;0",       // 2: no such day
        "A2;Doručeno;9.11.2026;;1e3;0",       // 3: exponent
        "A3;Ztraceno;9.11.2026;;100;0",       // 4: unknown word
        "A4;Doručeno;9.11.2026;;100",         // 5: short
        "8,59E+12;Doručeno;9.11.2026;;100;0", // 6: damaged
        "A6;Doručeno;9.11.2026;;100;",        // 7: empty postage is not 0
        "A7;Doručeno;9.11.26;;100;0",         // 8: two digits of a year
        "A8;Doručeno;9.11.2026;;100 €;0",     // 9: other currency
        "A9;Doručeno;9.11.2026;;12,345;0",    // 10: excess decimals
        "A10;Doručeno;9.11.2026;;100;0;x",    // 11: long
        "A11;Doručeno;9.11.2026;;100,10;5",   // 12: good
    ];
    let mut orders = orders();
    orders.personal = vec!["zboží".into()];
    let content = format!("{HEADER}{}\n", rows.join("\n"));
    let ingested = Night::new().file("orders.csv", content).source(orders).run();
    let expected = vec![
        (2, "not_a_date", "Vytvořeno"),
        (3, "not_an_amount", "Zboží"),
        (4, "unknown_word", "Stav"),
        (5, "field_count", ""),
        (6, "damaged_id", "Číslo"),
        (7, "empty", "Poštovné"),
        (8, "not_a_date", "Vytvořeno"),
        (9, "other_currency", "Zboží"),
        (10, "excess_decimals", "Zboží"),
        (11, "field_count", ""),
    ];
    assert_eq!(reasons(&ingested), expected);
    let bad_date = &ingested.quarantine[0];
    assert_eq!((bad_date.value.as_str(), bad_date.config.as_str()), ("31.2.2026", "test.toml:22"));
    assert_eq!(bad_date.order_no, "A1");
    assert_eq!(bad_date.record, "A1 | Doručeno | 31.2.2026 |  | *** | 0");
    assert_eq!(ingested.quarantine[1].value, "***");
    assert!(ingested.quarantine[2].expected.contains("order_status"));
    assert_eq!((ingested.quarantine[3].value.as_str(), ingested.quarantine[3].order_no.as_str()), ("5 fields", "A4"));
    let input = &ingested.inputs[0];
    // readable control cells: rows 2, 4, 6, 8 with 100.00 each
    assert_eq!((input.rows.quarantined, input.rows.unreadable), (10, 6));
    assert_eq!((input.money["CZK"].read, input.money["CZK"].quarantined), (40_000 + 10_510, 40_000));
    assert_eq!(ingested.exits, vec![Exit::Quarantine]);
    let shown = ingested.diagnostics.iter().find(|d| d.code == "CEL301").unwrap().render();
    assert!(shown.contains("orders.csv, row 2, column \"Vytvořeno\"") && shown.contains("test.toml:22"), "{shown}");
}

#[test]
fn undecodable_bytes_refuse_their_row_alone() {
    let mut content = HEADER.as_bytes().to_vec();
    content.extend_from_slice(b"A1;Nov\xE1;9.11.2026;;100;0\n");
    content.extend_from_slice("A2;Nová;9.11.2026;;100;0\n".as_bytes());
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "undecodable", "Stav")]);
    let byte = HEADER.len() + 6;
    assert!(ingested.quarantine[0].expected.contains(&format!("byte {byte} ")), "{}", ingested.quarantine[0].expected);
    assert_eq!(ingested.frames.orders.height(), 1);
    assert_eq!(ingested.inputs[0].money["CZK"].quarantined, 10_000);
}

#[test]
fn a_cut_file_loses_its_last_row() {
    let content = format!("{HEADER}A1;Nová;9.11.2026;;100;0\nA2;Nová;9.1");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(3, "truncated", "")]);
}

#[test]
fn quoted_line_breaks_keep_physical_lines() {
    let content = format!("{HEADER}\"A\n1\";Nová;9.11.2026;;100;0\nA2;Nová;9.11.2026;;x;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(reasons(&ingested), vec![(4, "not_an_amount", "Zboží")]);
    assert_eq!(number(&ingested.frames.orders, "row", 0), Some(2));
}

#[test]
fn an_unclosed_quote_is_refused_at_its_line() {
    let rows = "A2;Nová;9.11.2026;;100;0\n".repeat(200);
    let content = format!("{HEADER}A1;\"Nová;9.11.2026;;100;0\n{rows}");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    assert!(ingested.diagnostics[0].render().contains("row 2"), "{}", ingested.diagnostics[0].render());
}

#[test]
fn without_header_rows_may_be_ragged() {
    let mut events =
        source("events", Kind::TrackingEvents, "dump.csv", "tracking_number_raw=2 at=3 code_raw=5 order_no=7");
    csv(&mut events).header = false;
    (events.account, events.carrier, events.vocabulary) = (None, Some("mover".into()), Some("api".into()));
    let content = "x;z 450-7169;9.11.2026 10:00;;D1\n\
                   x;Z4507169;10.11.2026;;N9;;O-7;extra\n\
                   x;Z4507169;10.11.2026\n\
                   x;Z4507170;10.11.2026;;??\n";
    let ingested = Night::new().file("dump.csv", content).source(events).run();
    let frame = &ingested.frames.tracking_events;
    assert_eq!(frame.height(), 3);
    assert_eq!((text(frame, "tracking_number_raw", 0), text(frame, "tracking_number", 0)), ("z 450-7169", "Z4507169"));
    assert_eq!(
        (text(frame, "code", 0), text(frame, "code", 1), text(frame, "code", 2)),
        ("delivered", "ignored", "unknown")
    );
    assert_eq!(
        (text(frame, "carrier", 0), text(frame, "vocabulary", 0), text(frame, "source", 0)),
        ("mover", "api", "events")
    );
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("<null>", "O-7"));
    let date_only = frame.column("date_only").unwrap().bool().unwrap();
    assert_eq!((date_only.get(0), date_only.get(1)), (Some(false), Some(true)));
    assert_eq!(number(frame, "at_on", 1), Some(day("2026-11-10")));
    assert_eq!(reasons(&ingested), vec![(3, "field_count", "")]);
    assert_eq!(ingested.inputs[0].rows.unreadable, 0);
}

#[test]
fn a_day_without_a_year_and_amounts_with_words() {
    let columns = "day=Nap method=Szállítás paid=Fizetett cancelled=Lemondva";
    let mut overview = source("overview", Kind::PostageOverview, "overview-*.csv", columns);
    overview.cells.dates = vec!["%d. %m.".into()];
    overview.report_month = Some(Regex::new(r"overview-(?P<y>\d{4})-(?P<m>\d{2})\.csv").unwrap());
    let content = "Nap;Szállítás;Fizetett;Lemondva\n\
                   13.\u{a0}1.;ČP;89\u{a0}cseh\u{a0}koronát;0 cseh koronát\n\
                   14.\u{a0}1.;ČP;0 cseh koronát;89 cseh koronát\n\
                   15. 1.;PPL;89 cseh koronát;\n";
    let night = Night::new().file("overview-2026-01.csv", content).file("overview-x.csv", content).source(overview);
    let ingested = night.run();
    let frame = &ingested.frames.postage_overview;
    assert_eq!(frame.height(), 2);
    assert_eq!(number(frame, "day", 0), Some(day("2026-01-13")));
    assert_eq!((text(frame, "method", 0), text(frame, "currency", 0)), ("Czech Post", "CZK"));
    assert_eq!((number(frame, "paid", 0), number(frame, "cancelled", 1)), (Some(8_900), Some(8_900)));
    // an empty cell is not 0; the file without a month has no year
    let mut expected = vec![
        (2, "year_unknown", "Nap"),
        (3, "year_unknown", "Nap"),
        (4, "year_unknown", "Nap"),
        (4, "empty", "Lemondva"),
    ];
    let mut found = reasons(&ingested);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_word_without_a_counterpart_is_used() {
    let content = format!("{HEADER}A1;Elfogadva;9.11.2026;;100;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    let frame = &ingested.frames.orders;
    assert_eq!((text(frame, "status_raw", 0), text(frame, "status", 0)), ("Elfogadva", "unknown"));
}

#[test]
fn rows_after_the_as_of_day_stay_and_are_counted() {
    let content = format!("{HEADER}A1;Nová;30.11.2026 23:59;;100;0\nA2;Nová;1.12.2026 00:00;;100;0\nA3;Nová;;;1;0\n");
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.frames.orders.height(), 3);
    assert_eq!(ingested.inputs[0].after_as_of, 1);
}

// ---- files that are refused or absent -------------------------------------------------------------------------------------------

fn refusal(content: impl AsRef<[u8]>) -> Diagnostic {
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.exits, vec![Exit::Refused]);
    assert_eq!(ingested.frames.orders.height(), 0);
    assert_eq!(ingested.inputs.len(), 1);
    ingested.diagnostics.into_iter().find(|d| d.exit == Exit::Refused).unwrap()
}

#[test]
fn a_missing_required_column_names_the_nearest_header() {
    let refused = refusal("Číslo;Stav;Vytvořeno;Datum doručení;Zboží;Poštovne CZ\nA1;Nová;;;1;0\n");
    assert_eq!(refused.code, "HDR201");
    assert!(refused.found.contains("`Poštovne CZ`") && refused.found.contains("row 1"), "{}", refused.found);
    assert!(
        refused.expected.contains("delivery_price") && refused.expected.contains("test.toml:25"),
        "{}",
        refused.expected
    );
}

#[test]
fn other_files_that_are_refused() {
    assert_eq!(refusal("").code, "FIL102");
    assert_eq!(refusal(HEADER).code, "FIL103");
    let comma = refusal(HEADER.replace(';', ","));
    assert!(comma.help.contains("','"), "{}", comma.help);
    assert_eq!(refusal(HEADER.replace("Vytvořeno", "stav ")).code, "HDR202");
    let mut orders = orders();
    csv(&mut orders).encoding = "windows-1250".into();
    let ingested = Night::new().file("orders.csv", HEADER).source(orders).run();
    assert_eq!(ingested.diagnostics[0].code, "TXT501");
}

#[test]
fn absent_files() {
    let with = |if_absent| {
        let mut orders = orders();
        orders.if_absent = if_absent;
        let ingested = Night::new().source(orders).run();
        (ingested.exits, ingested.left_out, ingested.diagnostics.len())
    };
    assert_eq!(with(IfAbsent::Error), (vec![Exit::Missing], vec![], 1));
    assert_eq!(with(IfAbsent::Warn), (vec![], vec!["orders".to_owned()], 1));
    assert_eq!(with(IfAbsent::Ignore), (vec![], vec!["orders".to_owned()], 0));
}

#[test]
fn a_refused_source_may_be_left_out() {
    let mut orders = orders();
    orders.if_refused = IfRefused::PublishWithout;
    let ingested = Night::new().file("orders.csv", "").source(orders).run();
    assert_eq!((ingested.exits, ingested.left_out), (vec![Exit::Quarantine], vec!["orders".to_owned()]));
}

#[test]
fn an_empty_export_may_be_allowed() {
    let mut orders = orders();
    orders.allow_empty = true;
    let ingested = Night::new().file("orders.csv", HEADER).source(orders).run();
    assert_eq!((ingested.exits.len(), ingested.inputs[0].rows.structural), (0, 1));
}

#[test]
fn too_much_quarantine_refuses_the_source() {
    let content = format!("{HEADER}A1;Nová;;;100;0\nA2;Nová;;;x;0\nA3;Nová;;;100;0\nA4;Jiná;;;100;0\n");
    let with = |percent, money| {
        let mut orders = orders();
        (orders.quarantine_max_percent, orders.quarantine_max_money) = (percent, money);
        Night::new().file("orders.csv", &content).source(orders).run()
    };
    assert_eq!(with(Some(50.0), Some(10_000)).exits, vec![Exit::Quarantine]);
    let refused = with(Some(49.9), None);
    assert_eq!((refused.exits, refused.frames.orders.height(), refused.quarantine.len()), (vec![Exit::Refused], 0, 0));
    assert!(refused.diagnostics.iter().any(|d| d.code == "QUA601" && d.found.starts_with("2 of 4 rows")));
    assert!(refused.diagnostics.iter().any(|d| d.code == "CEL303"));
    assert_eq!(with(None, Some(9_999)).exits, vec![Exit::Refused]);
}

#[test]
fn a_network_address_is_refused() {
    let mut orders = orders();
    orders.glob = "https://example.com/orders.csv".into();
    let ingested = Night::new().source(orders).run();
    assert_eq!((ingested.exits, ingested.diagnostics[0].code), (vec![Exit::Refused], "SRC105"));
}

#[cfg(unix)]
#[test]
fn a_link_is_no_input() {
    let night = Night::new().file("real.csv", HEADER).source(orders());
    std::os::unix::fs::symlink(night.folder.path().join("real.csv"), night.folder.path().join("orders.csv")).unwrap();
    assert_eq!(night.run().diagnostics[0].code, "FIL106");
}

// ---- rows that stand twice ------------------------------------------------------------------------------------------------------

#[test]
fn duplicates_and_conflicts_within_a_file() {
    let content = format!(
        "{HEADER}A1;Nová;9.11.2026;;100;0\nA1;Nová;9.11.2026;;100,00;0\nA2;Nová;;;200;0\nA2;Odesláno;;;300;0\nA3;Nová;;;1;0\n"
    );
    let ingested = Night::new().file("orders.csv", content).source(orders()).run();
    assert_eq!(ingested.frames.orders.height(), 2);
    assert_eq!(reasons(&ingested), vec![(4, "conflict", "Číslo"), (5, "conflict", "Číslo")]);
    assert!(ingested.quarantine[0].expected.contains("orders.csv:5"));
    assert_eq!(ingested.quarantine[0].record, "A2 | Nová |  |  | 200.00 | 0.00");
    assert_eq!(ingested.conflicts.len(), 1);
    assert_eq!(
        (ingested.conflicts[0].key.as_str(), ingested.conflicts[0].row_ref, ingested.conflicts[0].other_row_ref),
        ("A2", 4, 5)
    );
    assert_eq!(ingested.revisions, vec![Revision { row_ref: 3, by: 2, superseded: false }]);
    let money = ingested.inputs[0].money["CZK"];
    assert_eq!((money.read, money.used, money.duplicate, money.quarantined), (70_100, 10_100, 10_000, 50_000));
}

#[test]
fn the_later_export_supersedes() {
    let mut orders = orders();
    orders.export_date = Some(Regex::new(r"-(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})").unwrap());
    let old = format!("{HEADER}A1;Nová;;;100;0\nA2;Nová;;;200;0\nA3;Nová;;;300;0\n");
    let new = format!("{HEADER}A1;Odesláno;;;100;0\nA2;Nová;;;200;0\n");
    let night = Night::new().file("orders-2026-11-01.csv", old).file("orders-2026-11-02.csv", new).source(orders);
    let ingested = night.run();
    let frame = &ingested.frames.orders;
    let status: Vec<&str> = (0..3).map(|row| text(frame, "status", row)).collect();
    assert_eq!(status, ["shipped", "new", "new"]);
    let old = ingested.inputs.iter().find(|input| input.path.contains("11-01")).unwrap();
    let new = ingested.inputs.iter().find(|input| input.path.contains("11-02")).unwrap();
    assert_eq!(
        (old.rows.superseded, old.rows.used + new.rows.used, old.rows.duplicate + new.rows.duplicate),
        (1, 3, 1)
    );
    assert_eq!(old.money["CZK"].superseded, 10_000);
    assert_eq!(old.export_date, NaiveDate::from_ymd_opt(2026, 11, 1));
    assert_eq!(ingested.exits, Vec::new());
}

#[test]
fn a_version_column_decides_within_a_file() {
    let columns = format!("{ORDERS} delivered_set_at=Změna");
    let mut orders = source("orders", Kind::Orders, "orders*.csv", &columns);
    orders.version = Some("delivered_set_at".into());
    let header = HEADER.replace('\n', ";Změna\n");
    let content = format!("{header}A1;Nová;;;100;0;10.11.2026\nA1;Odesláno;;;100;0;9.11.2026\n");
    let ingested = Night::new().file("orders.csv", content).source(orders).run();
    assert_eq!((ingested.frames.orders.height(), text(&ingested.frames.orders, "status", 0)), (1, "new"));
    assert_eq!(ingested.revisions, vec![Revision { row_ref: 3, by: 2, superseded: true }]);
}

#[test]
fn two_files_without_a_date_that_differ_are_a_conflict() {
    let file = |amount: &str| format!("{HEADER}A1;Nová;;;{amount};0\n");
    let night = Night::new().file("orders-a.csv", file("1")).file("orders-b.csv", file("2")).source(orders());
    let ingested = night.run();
    assert_eq!((ingested.conflicts.len(), ingested.quarantine.len(), ingested.frames.orders.height()), (1, 2, 0));
}

#[test]
fn the_same_bytes_under_another_name_count_once() {
    let content = format!("{HEADER}A1;Nová;;;100;0\nA2;x;;;200;0\n");
    let night = Night::new().file("orders-b.csv", &content).file("orders-a.csv", &content).source(orders());
    let ingested = night.run();
    assert_eq!(ingested.quarantine.len(), 1);
    assert_eq!(ingested.quarantine[0].file, "orders-a.csv");
    let second = &ingested.inputs[1];
    assert_eq!((second.rows.duplicate, second.rows.quarantined, second.money["CZK"].duplicate), (2, 0, 30_000));
    assert_eq!(ingested.revisions.len(), 2);
}

#[test]
fn events_count_as_often_as_in_the_file_that_has_them_most_often() {
    let columns = "statement_id=Výpis order_no=Číslo kind_raw=Druh amount=Částka";
    let payouts = source("payouts", Kind::PayoutLines, "payouts*.csv", columns);
    let header = "Výpis;Číslo;Druh;Částka\n";
    let sale = "V1;A1;Prodej;100\n";
    let other = "V1;A2;Prodej;−50,00 Kč\n";
    let night = Night::new()
        .file("payouts-1.csv", format!("{header}{sale}{sale}{other}"))
        .file("payouts-2.csv", format!("{header}{sale}{sale}{sale}"))
        .source(payouts);
    let ingested = night.run();
    assert_eq!(ingested.frames.payout_lines.height(), 4);
    let duplicates: u64 = ingested.inputs.iter().map(|input| input.rows.duplicate).sum();
    assert_eq!(duplicates, 2);
    let used: i128 = ingested.inputs.iter().map(|input| input.money["CZK"].used).sum();
    assert_eq!(used, 3 * 10_000 - 5_000);
}

// ---- several rows per order -----------------------------------------------------------------------------------------------------

const LINES: &str = "order_no=Číslo status_raw=Stav delivery_price=Poštovné sku=Zboží qty=Kusů unit_price_gross=Cena \
                     commission_ppm=Provize cancelled_at=Storno line_cancelled_at=Storno_řádku";
const LINE_HEADER: &str = "Číslo;Stav;Poštovné;Zboží;Kusů;Cena;Provize;Storno;Storno řádku\n";

fn line_orders() -> Source {
    let mut source = source("orders", Kind::Orders, "orders*.csv", LINES);
    source.lines = true;
    source
}

#[test]
fn rows_are_lines_and_postage_counts_once() {
    let content = format!(
        "{LINE_HEADER}A1;Nová;89;S1;2;499;18 %;;10.11.2026\nA2;Nová;0;S1;1;499;18;;\nA1;Nová;89;S2;1;1290;18,5;;\n"
    );
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    let (orders, lines) = (&ingested.frames.orders, &ingested.frames.order_lines);
    assert_eq!((orders.height(), lines.height()), (2, 3));
    assert_eq!((number(orders, "goods_amount", 0), number(orders, "delivery_price", 0)), (Some(228_800), Some(8_900)));
    assert_eq!((number(orders, "commission_ppm", 0), number(orders, "cancelled_at", 0)), (None, None));
    assert_eq!(
        (number(lines, "commission_ppm", 0), number(lines, "commission_ppm", 1)),
        (Some(180_000), Some(185_000))
    );
    assert_eq!(number(lines, "cancelled_on", 0), Some(day("2026-11-10")));
    assert_eq!(
        (number(lines, "row", 0), number(lines, "row", 1), number(lines, "row", 2)),
        (Some(2), Some(4), Some(3))
    );
    let input = &ingested.inputs[0];
    assert_eq!((input.rows.used, input.money["CZK"].used), (3, 228_800 + 8_900 + 49_900));
}

#[test]
fn an_order_that_contradicts_itself_is_quarantined_whole() {
    let content = format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;99;S2;1;100;;;\nA2;Nová;0;S1;1;499;;;\n");
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "conflict", "Číslo"), (3, "conflict", "Číslo")]);
    assert_eq!(ingested.conflicts.len(), 1);
    assert_eq!(ingested.inputs[0].money["CZK"].quarantined, 99_800 + 10_000 + 8_900);
    assert_eq!((ingested.frames.orders.height(), ingested.frames.order_lines.height()), (1, 1));
}

#[test]
fn an_order_that_lacks_a_row_is_not_used_in_part() {
    let content = format!("{LINE_HEADER}A1;Nová;89;S1;x;499;;;\nA1;Nová;89;S2;1;100;;;\nA2;Nová;0;S1;1;499;;;\n");
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "not_a_number", "Kusů"), (3, "order_incomplete", "Číslo")]);
    assert_eq!((ingested.inputs[0].rows.unreadable, ingested.inputs[0].money["CZK"].quarantined), (1, 10_000));
}

#[test]
fn lines_of_one_order_in_two_files_are_put_together() {
    let night = Night::new()
        .file("orders-a.csv", format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .file("orders-b.csv", format!("{LINE_HEADER}A1;Nová;89;S2;1;100;;;\nA1;Nová;89;S3;1;50;;;\n"))
        .source(line_orders());
    let ingested = night.run();
    assert_eq!((ingested.frames.orders.height(), ingested.frames.order_lines.height()), (1, 3));
    assert_eq!(number(&ingested.frames.orders, "goods_amount", 0), Some(114_800));
    let total = |pick: fn(&MoneyBuckets) -> i128| ingested.inputs.iter().map(|i| pick(&i.money["CZK"])).sum::<i128>();
    assert_eq!((total(|m| m.used), total(|m| m.duplicate)), (114_800 + 8_900, 10_000 + 8_900));
}

#[test]
fn the_later_export_supersedes_all_lines_of_an_order() {
    let mut orders = line_orders();
    orders.export_date = Some(Regex::new(r"-(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})").unwrap());
    let night = Night::new()
        .file("orders-2026-11-01.csv", format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .file("orders-2026-11-02.csv", format!("{LINE_HEADER}A1;Nová;89;S1;1;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .source(orders);
    let ingested = night.run();
    assert_eq!((ingested.frames.order_lines.height(), ingested.revisions.len()), (2, 2));
    assert_eq!(number(&ingested.frames.orders, "goods_amount", 0), Some(59_900));
}

// ---- workbooks ------------------------------------------------------------------------------------------------------------------

fn workbook(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "nothing here").unwrap();
    fill(book.add_worksheet().set_name("Orders").unwrap());
    book.save_to_buffer().unwrap()
}

fn sheet_orders() -> Source {
    let mut source = source("orders", Kind::Orders, "orders.xlsx", ORDERS);
    source.format = Format::Xlsx(XlsxFormat { sheet: None, totals: vec!["celkem".into()] });
    source
}

#[test]
fn typed_cells_of_a_workbook() {
    let bytes = workbook(|sheet| {
        let date = rust_xlsxwriter::Format::new().set_num_format("d.m.yyyy hh:mm");
        sheet.write(0, 0, "Export").unwrap();
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(2, column as u16, header).unwrap();
        }
        let time = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap().and_hms_opt(14, 0, 0).unwrap();
        // numbers as numbers, dates as dates
        sheet.write(3, 0, 100_234).unwrap();
        sheet.write(3, 1, "Doručeno").unwrap();
        sheet.write_datetime_with_format(3, 2, time, &date).unwrap();
        sheet.write_datetime_with_format(3, 3, time.date(), &date).unwrap();
        sheet.write(3, 4, 1965.16).unwrap();
        sheet.write(3, 5, 0).unwrap();
        // all as text
        for (column, text) in ["00123", "Nová", "9.11.2026 14:00", "", "1 965,16 Kč", "89,00"].into_iter().enumerate()
        {
            sheet.write(4, column as u16, text).unwrap();
        }
        // bad: damaged id, date as id, excess decimals, formula without a value, serial without a format
        let bad: [fn(&mut rust_xlsxwriter::Worksheet, u32, &rust_xlsxwriter::Format, chrono::NaiveDateTime); 5] = [
            |sheet, row, _, _| _ = sheet.write(row, 0, 8.590_123_456_789e18).unwrap(),
            |sheet, row, date, time| _ = sheet.write_datetime_with_format(row, 0, time, date).unwrap(),
            |sheet, row, _, _| _ = sheet.write(row, 4, 12.345).unwrap(),
            |sheet, row, _, _| {
                _ = sheet.write_formula(row, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap()
            },
            |sheet, row, _, _| _ = sheet.write(row, 2, 46_335.0).unwrap(),
        ];
        for (at, spoil) in bad.into_iter().enumerate() {
            let row = 5 + at as u32;
            for (column, text) in
                [format!("B{at}"), "Nová".into(), String::new(), String::new(), "1".into(), "1".into()]
                    .iter()
                    .enumerate()
            {
                sheet.write(row, column as u16, text.as_str()).unwrap();
            }
            spoil(sheet, row, &date, time);
        }
        sheet.write(10, 0, "Celkem").unwrap();
        sheet.write(10, 4, 3930.32).unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", bytes).source(sheet_orders()).run();
    let frame = &ingested.frames.orders;
    assert_eq!(frame.height(), 2, "{:?}", ingested.diagnostics);
    assert_eq!((text(frame, "order_no", 0), text(frame, "order_no", 1)), ("00123", "100234"));
    assert_eq!((number(frame, "goods_amount", 0), number(frame, "goods_amount", 1)), (Some(196_516), Some(196_516)));
    assert_eq!(number(frame, "created_at", 0), number(frame, "created_at", 1));
    assert_eq!(number(frame, "created_at", 0), Some(1_794_229_200_000)); // 13:00 UTC
    assert_eq!(number(frame, "delivered_on", 1), Some(day("2026-11-09")));
    assert_eq!(number(frame, "row", 0), Some(5));
    let found: Vec<(u32, &str)> = ingested.quarantine.iter().map(|row| (row.row, row.reason)).collect();
    let expected =
        [(6, "damaged_id"), (7, "damaged_id"), (8, "excess_decimals"), (9, "spreadsheet_error"), (10, "not_a_date")];
    assert_eq!(found, expected);
    assert_eq!(ingested.quarantine[0].sheet.as_deref(), Some("Orders"));
    assert_eq!(ingested.parts.text(5), "orders.xlsx[Orders]:5");
    assert_eq!(ingested.inputs[0].rows.structural, 3);
}

#[test]
fn workbooks_that_are_refused() {
    let refused = |bytes: Vec<u8>, sheet: Option<&str>| {
        let mut source = sheet_orders();
        source.format = Format::Xlsx(XlsxFormat { sheet: sheet.map(str::to_owned), totals: Vec::new() });
        let ingested = Night::new().file("orders.xlsx", bytes).source(source).run();
        assert_eq!(ingested.exits, vec![Exit::Refused]);
        ingested.diagnostics[0].code
    };
    let empty = || workbook(|sheet| _ = sheet.write(0, 0, "Číslo").unwrap());
    assert_eq!(refused(empty(), None), "HDR201");
    assert_eq!(refused(empty(), Some("Objednávky")), "XLS401");
    assert_eq!(refused(b"<html>".to_vec(), None), "XLS404");
    let mut cut = empty();
    cut.truncate(cut.len() / 2);
    assert_eq!(refused(cut, None), "XLS405");
}

#[test]
fn a_giant_address_is_two_cells() {
    let bytes = workbook(|sheet| {
        for (column, header) in HEADER.trim().split(';').enumerate() {
            sheet.write(0, column as u16, header).unwrap();
        }
        for (column, text) in ["A1", "Nová", "", "", "1", "1"].into_iter().enumerate() {
            sheet.write(1_048_575, column as u16, text).unwrap();
        }
        sheet.write(1_048_575, 16_383, "end").unwrap();
    });
    let ingested = Night::new().file("orders.xlsx", bytes).source(sheet_orders()).run();
    assert_eq!(number(&ingested.frames.orders, "row", 0), Some(1_048_576));
    assert_eq!(ingested.inputs[0].rows.read, 2);
}

// ---- whole properties -----------------------------------------------------------------------------------------------------------

#[test]
fn a_large_file_in_pieces_is_the_same_as_in_one() {
    let mut content = HEADER.to_owned();
    for order in 0..130_000 {
        let amount = if order % 1000 == 7 { "x" } else { "1 234,50 Kč" };
        content.push_str(&format!("A{order:06};Doručeno;9.11.2026 10:00;;\"{amount}\";89,00\n"));
    }
    assert!(content.len() > 8 << 20 || content.len() > 4 << 20);
    let night = Night::new().file("orders.csv", content).source(orders());
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| night.run());
    let many = pool(4).install(|| night.run());
    assert_eq!(one.quarantine, many.quarantine);
    assert_eq!(one.inputs, many.inputs);
    assert!(one.frames.orders.equals_missing(&many.frames.orders));
    assert_eq!((one.quarantine.len(), one.quarantine[0].row), (130, 9));
}

#[test]
fn kinds_without_a_source_are_empty_frames_with_all_columns() {
    let ingested = Night::new().run();
    for kind in crate::vocab::Word::ALL {
        let declared = crate::frame::canonical::frame_of(*kind);
        assert_eq!(ingested.frames.of(*kind).width(), declared.columns.len());
        assert_eq!(ingested.frames.of(*kind).height(), 0);
    }
}

#[test]
fn other_kinds_fill_their_frames() {
    let shipments = source("labels", Kind::Shipments, "labels.csv", "order_no=Číslo tracking_number_raw=Zásilka");
    let shipments = Source { carrier: Some("mover".into()), ..shipments };
    let mut lines =
        source("lines", Kind::OrderLines, "lines.csv", "order_no=Číslo qty=Kusů unit_price_gross=Cena currency=Měna");
    lines.constants = BTreeMap::from([("sku".to_owned(), "S-1".to_owned())]);
    let night = Night::new()
        .file("labels.csv", "Číslo;Zásilka\nA1;Z1\nA2;Z1\nA1;Z1\n")
        .file("lines.csv", "Číslo;Kusů;Cena;Měna\nA1;2;499;Kč\nA1;1;5;€\nA1;1;5;XYZ1\n")
        .source(shipments)
        .source(lines);
    let ingested = night.run();
    // two orders in one parcel are two shipments; the repeated row is one
    assert_eq!(ingested.frames.shipments.height(), 2);
    assert_eq!(text(&ingested.frames.shipments, "carrier", 0), "mover");
    assert_eq!(ingested.inputs[0].rows.duplicate, 1);
    assert_eq!(text(&ingested.frames.order_lines, "sku", 0), "S-1");
    assert_eq!(ingested.inputs[1].money["CZK"].used, 99_800);
    assert_eq!(ingested.inputs[1].money["EUR"].used, 500);
    assert_eq!(reasons(&ingested), vec![(4, "unknown_currency", "Měna")]);
}
