//! Whole files through the whole stage, with figures worked out by hand; control totals close in each.

mod books;
mod composed_columns;
mod compressed;
mod declared_forms;
mod dialects;
mod fuzz;
mod limits;
mod one_file;
mod order_rows;
pub(in crate::ingest) mod packages;
pub(in crate::ingest) mod plain_reader;
mod properties;
mod reasons;
mod refused_files;
mod refused_size;
mod repeated_rows;
mod second_reader;
mod silent_errors;
mod whole_runs;
pub(in crate::ingest) mod workbooks;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use regex::Regex;
use tempfile::TempDir;

use super::*;
use crate::base::as_of::AsOf;
use crate::base::code_page::CodePage;
use crate::pipeline::limits::Limits;
use crate::pipeline::pack::{Pack, Vocabulary};
use crate::pipeline::policy::PolicyBook;
use crate::pipeline::source::{
    Binding, CellForms, ConfigPlace, CsvFormat, Format, SheetChoice, TextEncoding, XlsxFormat,
};
use crate::pipeline::words::{Meaning, NO_COUNTERPART, WordTable};
use crate::pipeline::{Account, Pipeline, Source};
use crate::vocab::{Dst, IfAbsent, IfRefused};

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
        let vocabulary = Vocabulary { codes: HashMap::from(codes), ..Vocabulary::default() };
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
            settles_all: false,
            base_currency: None,
            accounts: vec![Arc::new(account)],
            sources: Vec::new(),
            packs: vec![Arc::new(carrier)],
            config: Vec::new(),
            own_words: Vec::new(),
            rules: Default::default(),
            text_rules: Vec::new(),
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

/// An encoding by its name.
fn page(name: &str) -> TextEncoding {
    CodePage::named(name).unwrap().into()
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
            encoding: CodePage::UTF_8.into(),
            delimiter: b';',
            quote: Some(b'"'),
            header: true,
            header_row: None,
            totals: vec!["Celkem".into()],
            comments: Vec::new(),
            trailer: None,
        }),
        cells: CellForms {
            decimal: Some(','),
            dates: ["%d.%m.%Y %H:%M", "%d.%m.%Y"].map(str::to_owned).to_vec(),
            ..CellForms::default()
        },
        columns: columns.split_whitespace().enumerate().map(|(at, column)| binding(column, at)).collect(),
        format_keys: Vec::new(),
        layout: None,
        empty: Vec::new(),
        order_separator: None,
        sum: Vec::new(),
        skip: Vec::new(),
        without: Vec::new(),
        constants: BTreeMap::new(),
        words: words.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        lines: false,
        currency_of_file: false,
        carrier: None,
        vocabulary: None,
        timezone: chrono_tz::Europe::Prague,
        currency: None,
        if_absent: IfAbsent::Error,
        if_refused: IfRefused::Stop,
        allow_empty: false,
        expect_new: false,
        export_date: None,
        report_month: None,
        version: None,
        quarantine_max_ppm: None,
        quarantine_max_money: None,
        total_cells: BTreeMap::new(),
        personal: Vec::new(),
        covers: None,
        pad: BTreeMap::new(),
        dst: Dst::Earlier,
        follow_links: false,
        limits: Limits::default(),
        config: ConfigPlace { file: "test.toml".into(), line: 10 },
    }
}

fn binding(column: &str, at: usize) -> Binding {
    let (field, place) = column.split_once('=').unwrap();
    let position = place.parse().ok();
    let headers = if position.is_some() { Vec::new() } else { place.split('|').map(|h| h.replace('_', " ")).collect() };
    let place = ConfigPlace { file: "test.toml".into(), line: 20 + at };
    Binding { field: field.into(), headers, position, composed: None, place }
}

fn csv(source: &mut Source) -> &mut CsvFormat {
    match &mut source.format {
        Format::Csv(format) => format,
        Format::Xlsx(_) => panic!("not delimited text"),
    }
}

/// Encodings by their names, in the order of a list.
fn encodings(labels: &[&str]) -> TextEncoding {
    TextEncoding::Declared(labels.iter().map(|label| CodePage::named(label).unwrap()).collect())
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
    ingested.quarantine.iter().map(|row| (row.line, row.reason(), row.column())).collect()
}

fn day(text: &str) -> i64 {
    i64::from(crate::base::zone::day_number(text.parse().unwrap()))
}
