//! A hand-made assessment for tests: a few orders worked by hand, and as many more as a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{Column as Series, DataFrame, DataType, IntoColumn, NamedFrom, TimeUnit};

use crate::base::as_of::AsOf;
use crate::base::code_page::CodePage;
use crate::base::zone::day_number;
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::{Frame, Shape};
use crate::frame::conform::{conform, empty};
use crate::frame::lineage::{CellPlaces, Part, Parts, row_ref};
use crate::frame::{
    clawback_facts, cod_facts, conflict_facts, document_facts, findings, identifier_facts, metric_facts, moved_rows,
    number_facts, order_facts, order_lines, payout_day_facts, payout_facts, payout_lines, postage_day_facts,
    remittance_facts, restated_facts, shipment_facts, source_facts, supplier_account_facts, supplier_facts,
    tracking_errors, transition_facts, unmatched_facts, word_facts,
};
use crate::ingest::cited::Cited;
use crate::ingest::{Ingested, Input, MoneyBuckets, PartAtFault, PartTotals, QuarantinedRow, RowAtFault, RowCounts};
use crate::metrics::Metrics;
use crate::pipeline::limits::Limits;
use crate::pipeline::pack::Pack;
use crate::pipeline::source::{CellForms, ConfigPlace, CsvFormat, Format};
use crate::pipeline::{Account, ConfigText, Pipeline, Source};
use crate::reconcile::Reconciled;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::control_totals::MatchedTotals;
use crate::reconcile::statement_facts::statement_facts;
use crate::report::{Assessment, RuleText};
use crate::rules::Findings;
use crate::rules::proof::Proofs;
use crate::vocab::{Dst, IfAbsent, IfRefused, Kind, Trait};

/// A hand-made run.
pub(crate) struct Specimen {
    pub pipeline: Pipeline,
    pub ingested: Ingested,
    pub reconciled: Reconciled,
    pub metrics: Metrics,
    pub findings: Findings,
}

/// A cell of a hand-made frame.
#[derive(Clone)]
pub(crate) enum Cell {
    T(String),
    N(i64),
    D(i32),
    B(bool),
    R(u64),
}

use Cell::{B, D, N, R};

fn t(text: &str) -> Cell {
    Cell::T(text.to_owned())
}

fn d(text: &str) -> Cell {
    D(day(text))
}

/// Days since 1970-01-01.
pub(crate) fn day(text: &str) -> i32 {
    day_number(text.parse().unwrap())
}

type Row = Vec<(&'static str, Cell)>;

/// A declared frame from rows that name the columns they fill; the others hold no, empty text or null.
pub(crate) fn frame_from(declared: &Frame, rows: &[Row]) -> DataFrame {
    if rows.is_empty() {
        return empty(declared);
    }
    for (name, _) in rows.iter().flatten() {
        assert!(declared.column(name).is_some(), "{}.{name}", declared.name);
    }
    let columns: Vec<Series> = declared
        .columns
        .iter()
        .map(|column| {
            let cell = |row: &Row| row.iter().find(|(name, _)| *name == column.name).map(|(_, cell)| cell.clone());
            let cells = rows.iter().map(cell);
            let name = column.name.into();
            match column.shape {
                Shape::Text | Shape::Word => {
                    let text = |cell| if let Some(Cell::T(text)) = cell { Some(text) } else { None };
                    let fallback = (column.shape == Shape::Word).then(String::new);
                    Series::new(name, cells.map(|cell| text(cell).or(fallback.clone())).collect::<Vec<_>>())
                }
                Shape::Money | Shape::Ppm | Shape::Int | Shape::Instant => {
                    let number = |cell| if let Some(N(number)) = cell { Some(number) } else { None };
                    let numbers = polars::prelude::Series::new(name, cells.map(number).collect::<Vec<_>>());
                    match column.shape {
                        Shape::Instant => {
                            numbers.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap().into_column()
                        }
                        _ => numbers.into_column(),
                    }
                }
                Shape::Date => {
                    let days = cells.map(|cell| if let Some(D(day)) = cell { Some(day) } else { None });
                    let days = polars::prelude::Series::new(name, days.collect::<Vec<_>>());
                    days.cast(&DataType::Date).unwrap().into_column()
                }
                Shape::Flag => Series::new(name, cells.map(|cell| matches!(cell, Some(B(true)))).collect::<Vec<_>>()),
                Shape::Row => {
                    let rows = cells.map(|cell| if let Some(R(row)) = cell { Some(row) } else { None });
                    Series::new(name, rows.collect::<Vec<_>>())
                }
            }
        })
        .collect();
    conform(DataFrame::new(rows.len(), columns).unwrap(), declared).unwrap()
}

impl Specimen {
    /// The orders worked by hand.
    pub fn small() -> Specimen {
        Specimen::of(0)
    }

    /// The orders worked by hand and `more` paid ones of another account.
    pub fn of(more: usize) -> Specimen {
        let mut orders = small_orders();
        orders.extend((0..more).map(bulk_order));
        let mut found = small_findings();
        found.extend((0..more / 25).map(bulk_finding));
        let ingested = ingested();
        let pipeline = pipeline();
        let (parts, cited) = (Parts::default(), Cited::default());
        let proofs = Proofs { parts: &parts, cited: &cited, nothing: "(prázdné)" };
        let before = (&empty(&findings::FRAME), &mut [][..]);
        let (found, proofs) = proofs.told(&frame_from(&findings::FRAME, &found), before).unwrap();
        let payouts = frame_from(&payout_facts::FRAME, &payout_rows(true));
        let (lines, heads) = (&ingested.frames.payout_lines, &ingested.frames.statements);
        let statements = statement_facts(&payouts, lines, heads, &Accounts::new(&pipeline, AsOf(as_of()))).unwrap();
        Specimen {
            pipeline,
            reconciled: Reconciled {
                statements,
                orders: frame_from(&order_facts::FRAME, &orders),
                shipments: empty(&shipment_facts::FRAME),
                numbers: empty(&number_facts::FRAME),
                payouts,
                clawbacks: empty(&clawback_facts::FRAME),
                payout_days: empty(&payout_day_facts::FRAME),
                documents: frame_from(&document_facts::FRAME, &documents()),
                suppliers: empty(&supplier_facts::FRAME),
                supplier_accounts: empty(&supplier_account_facts::FRAME),
                postage_days: frame_from(&postage_day_facts::FRAME, &postage_days()),
                cash: empty(&cod_facts::FRAME),
                remittances: empty(&remittance_facts::FRAME),
                words: empty(&word_facts::FRAME),
                conflicts: empty(&conflict_facts::FRAME),
                transitions: empty(&transition_facts::FRAME),
                sources: empty(&source_facts::FRAME),
                identifiers: empty(&identifier_facts::FRAME),
                unmatched: empty(&unmatched_facts::FRAME),
                totals: totals(&ingested),
                ..Default::default()
            },
            ingested,
            metrics: Metrics {
                orders: DataFrame::default(),
                facts: frame_from(&metric_facts::FRAME, &metric_rows()),
                tracking_errors: frame_from(&tracking_errors::FRAME, &tracking_rows()),
                restated: empty(&restated_facts::FRAME),
                moved: empty(&moved_rows::FRAME),
            },
            findings: Findings {
                found,
                proofs,
                resolved: frame_from(&findings::FRAME, &[finding(7, "TR-001", "high", "o6", "open", None, None)]),
                suppressed: empty(&findings::FRAME),
            },
        }
    }

    pub fn assessment(&self) -> Assessment<'_> {
        Assessment {
            rules: &[],
            pipeline: &self.pipeline,
            as_of: "2026-12-11".parse().unwrap(),
            ingested: &self.ingested,
            reconciled: &self.reconciled,
            metrics: &self.metrics,
            findings: &self.findings,
        }
    }

    pub fn catalogue() -> Vec<RuleText> {
        let rule = |code: &str, title: &str| RuleText {
            code: code.to_owned(),
            name: title.to_lowercase().replace(' ', "-"),
            title: title.to_owned(),
            remedy: "",
        };
        vec![
            rule("CN-001", "Credit note missing"),
            rule("FE-001", "Commission taken on postage"),
            rule("PY-003", "Paid late"),
            rule("ST-001", "Delivered is set, but the carrier says otherwise"),
            rule("SL-002", "Cancel rate above target"),
            rule("PY-004", "Paid less than expected"),
        ]
    }
}

fn account(name: &str, currency: &str, traits: &[Trait]) -> Arc<Account> {
    Arc::new(Account {
        name: name.to_owned(),
        marketplace: "shop".to_owned(),
        pack: Arc::new(Pack {
            name: "marketplaces/shop".to_owned(),
            remedies: BTreeMap::from([("claim".to_owned(), "Write to the partner desk within 30 days.".to_owned())]),
            ..Pack::default()
        }),
        currency: currency.to_owned(),
        timezone: chrono_tz::Europe::Prague,
        traits: traits.iter().copied().collect::<BTreeSet<_>>(),
        policies: Default::default(),
        calendar: None,
        complete: true,
        own_delivery_activation_date: None,
    })
}

fn source(name: &str, kind: Kind, account: &str) -> Arc<Source> {
    Arc::new(Source {
        name: name.to_owned(),
        kind,
        account: Some(account.to_owned()),
        glob: format!("{name}*.csv"),
        format: Format::Csv(CsvFormat {
            encoding: CodePage::UTF_8.into(),
            delimiter: b',',
            quote: Some(b'"'),
            header: true,
            header_row: None,
            totals: Vec::new(),
            comments: Vec::new(),
            trailer: None,
        }),
        cells: CellForms::default(),
        format_keys: Vec::new(),
        layout: None,
        empty: Vec::new(),
        order_separator: None,
        sum: Vec::new(),
        columns: Vec::new(),
        skip: Vec::new(),
        without: Vec::new(),
        constants: BTreeMap::new(),
        words: BTreeMap::new(),
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
        config: ConfigPlace::default(),
    })
}

fn pipeline() -> Pipeline {
    Pipeline {
        name: "nightly".to_owned(),
        path: PathBuf::from("pipelines/nightly.toml"),
        folder: PathBuf::from("pipelines"),
        as_of: None,
        out: None,
        lang: "en".to_owned(),
        csv_excel_cs: false,
        settles_all: false,
        base_currency: None,
        accounts: vec![
            account("shop-cz", "CZK", &[Trait::NeedsTracking, Trait::PaysByCalendar]),
            account("shop-sk", "EUR", &[]),
        ],
        sources: vec![
            source("shop-orders", Kind::Orders, "shop-cz"),
            source("shop-payouts", Kind::PayoutLines, "shop-cz"),
            source("sk-orders", Kind::Orders, "shop-sk"),
        ],
        own_words: Vec::new(),
        packs: Vec::new(),
        config: vec![ConfigText { path: "nightly.toml".to_owned(), sha256: "ab".repeat(32) }],
        rules: Default::default(),
        text_rules: Vec::new(),
    }
}

fn order(number: &str, status: &str, cash: i64, more: &[(&'static str, Cell)]) -> Row {
    let position = number.trim_start_matches('o').parse::<u32>().unwrap_or(1);
    let mut row = vec![
        ("account", t("shop-cz")),
        ("marketplace", t("shop")),
        ("order_key", t(&format!("shop-cz/{number}"))),
        ("order_no", t(number)),
        ("currency", t("CZK")),
        ("status", t(status)),
        ("shipping_method", t("Zásilkovna")),
        ("cash_expected", N(cash)),
        ("settlement_state", t("waiting_delivery")),
        ("order_row", R(row_ref(0, position + 1))),
    ];
    for (name, cell) in more {
        row.retain(|(known, _)| known != name);
        row.push((name, cell.clone()));
    }
    row
}

fn due(payout_on: &str) -> Vec<(&'static str, Cell)> {
    vec![
        ("eligible", B(true)),
        ("settlement_state", t("eligible")),
        ("delivered_on", d("2026-11-09")),
        ("billing_on", d("2026-11-28")),
        ("payout_on", d(payout_on)),
        ("due_on", d(payout_on)),
    ]
}

fn small_orders() -> Vec<Row> {
    let paid = [
        ("paid", N(194_914)),
        ("commission", N(41_184)),
        ("commission_paid", N(42_786)),
        ("commission_lines", N(1)),
        ("postage", N(2_900)),
        ("cod_fee", N(3_900)),
    ];
    vec![
        order("o1", "delivered", 196_516, &[due("2026-12-02"), paid.to_vec()].concat()),
        order("o2", "delivered", 50_000, &due("2026-12-02")),
        order("o3", "delivered", 120_000, &due("2026-12-21")),
        order("o4", "new", 10_000, &[("shipping_method", t("=HYPERLINK(\"http://x\",\"y\")"))]),
        order("o5", "shipped", 20_000, &[("days_overdue", N(3)), ("late", B(true))]),
        order("o6", "accepted", 30_000, &[]),
        order("o7", "cancelled", 8_900, &[("whole_cancelled", B(true)), ("settlement_state", t("cancelled"))]),
        order("o8", "new", 700, &[("test", B(true)), ("settlement_state", t("test"))]),
        order("o9", "returned", 77_700, &[("postage", N(2_900)), ("cod_fee", N(3_900))]),
    ]
}

fn bulk_order(number: usize) -> Row {
    let order_no = format!("{:09}", 700_000_000 + number);
    let cash = 1_000 + (number as i64 * 7_919) % 900_000;
    let paid = if number.is_multiple_of(25) { cash - 1_500 } else { cash };
    vec![
        ("account", t("shop-sk")),
        ("marketplace", t("shop")),
        ("order_key", t(&format!("shop-sk/{order_no}"))),
        ("order_no", t(&order_no)),
        ("currency", t("EUR")),
        ("status", t("delivered")),
        ("shipping_method", t(["Packeta", "DPD", "Slovenská pošta"][number % 3])),
        ("cash_expected", N(cash)),
        ("paid", N(paid)),
        ("eligible", B(true)),
        ("settlement_state", t("eligible")),
        ("delivered_on", D(day("2026-11-01") + (number % 30) as i32)),
        ("billing_on", D(day("2026-11-20") + (number % 30) as i32)),
        ("payout_on", D([day("2026-12-02"), day("2026-12-11"), day("2026-12-21")][number % 3])),
        ("due_on", D([day("2026-12-02"), day("2026-12-11"), day("2026-12-21")][number % 3])),
        ("order_row", R(row_ref(2, number as u32 + 2))),
    ]
}

fn evidence(number: &str) -> Cell {
    let cells = serde_json::json!([
        {"side": "marketplace", "file": "orders-2026-12.csv", "sheet": null, "row": 2, "column": "Stav", "value": "Doručeno"},
        {"side": "payout", "file": "payouts.xlsx", "sheet": "Výpis", "row": 7, "column": "Částka", "value": number},
    ]);
    Cell::T(cells.to_string())
}

fn finding(
    id: u32,
    code: &'static str,
    severity: &str,
    order_no: &str,
    state: &str,
    money: Option<i64>,
    due: Option<&str>,
) -> Row {
    let mut row = vec![
        ("finding_id", t(&format!("{id:016x}"))),
        ("code", t(code)),
        ("severity", t(severity)),
        ("account", t("shop-cz")),
        ("marketplace", t("shop")),
        ("order_no", t(order_no)),
        ("shipment", t("")),
        ("statement", t("")),
        ("subject", t("")),
        ("first_seen", d("2026-12-10")),
        ("nights_open", N(1)),
        ("state", t(state)),
        ("rule_version", t("1@2022-01-01")),
        ("evidence", evidence(order_no)),
        ("remedy", t("claim")),
    ];
    if let Some(money) = money {
        row.extend([("money", N(money)), ("currency", t("CZK"))]);
    }
    row.extend(due.map(|due| ("due", d(due))));
    row
}

fn small_findings() -> Vec<Row> {
    let mut breach = finding(4, "SL-002", "medium", "", "open", None, None);
    breach.retain(|(name, _)| *name != "subject");
    breach.push(("subject", t("cancel_rate|2026-11")));
    vec![
        finding(1, "FE-001", "high", "o1", "open", Some(1_602), None),
        finding(2, "PY-003", "medium", "o2", "new", Some(50_000), Some("2026-12-18")),
        finding(3, "ST-001", "critical", "o3", "waived", Some(120_000), None),
        breach,
        finding(5, "CN-001", "critical", "o9", "new", Some(131_996), Some("2026-12-05")),
    ]
}

fn bulk_finding(number: usize) -> Row {
    let mut row = finding(1_000 + number as u32, "PY-004", "high", "", "new", None, None);
    row.retain(|(name, _)| !["order_no", "account", "money", "currency"].contains(name));
    row.extend([
        ("account", t("shop-sk")),
        ("order_no", t(&format!("{:09}", 700_000_000 + number * 25))),
        ("money", N(1_500)),
        ("currency", t("EUR")),
    ]);
    row
}

/// The same payout lines as facts, or as canonical rows.
fn payout_rows(facts: bool) -> Vec<Row> {
    let line = |at: u32, kind: &str, order_no: &str, amount: i64| {
        let mut row = vec![
            ("account", t("shop-cz")),
            ("statement_id", t("V-2026-12-1")),
            ("order_no", t(order_no)),
            ("currency", t("CZK")),
            ("kind", t(kind)),
            ("amount", N(amount)),
            ("posted", d("2026-12-01")),
            ("row", R(row_ref(1, at))),
        ];
        if facts {
            let known = ("order_known", B(!order_no.is_empty()));
            row.extend([("paid_on", d("2026-12-02")), known, ("for_order", B(kind == "sale"))]);
        } else {
            row.extend([("paid_on", d("2026-12-02")), ("total", N(193_414))]);
        }
        row
    };
    vec![line(2, "sale", "o1", 194_914), line(3, "fee", "", -1_500), line(4, "payout", "", 193_414)]
}

fn documents() -> Vec<Row> {
    vec![vec![
        ("account", t("shop-cz")),
        ("marketplace", t("shop")),
        ("subject", t("4700012345")),
        ("kind", t("return_doc")),
        ("order_no", t("o9")),
        ("return_no", t("4700012345")),
        ("currency", t("CZK")),
        ("requested_on", d("2026-11-21")),
        ("due_on", d("2026-12-05")),
        ("items", t("1 × A Kettle")),
        ("pieces", N(1)),
        ("goods_net", N(126_376)),
        ("transport_net", N(2_397)),
        ("cod_net", N(3_223)),
        ("money", N(131_996)),
    ]]
}

fn postage_days() -> Vec<Row> {
    let row = |day: &str, paid: [i64; 3], cancelled: [i64; 3]| {
        vec![
            ("account", t("shop-cz")),
            ("day", d(day)),
            ("method", t("Česká pošta")),
            ("currency", t("CZK")),
            ("orders_paid", N(paid[0])),
            ("goods_paid", N(paid[1])),
            ("postage_paid", N(paid[2])),
            ("orders_cancelled", N(cancelled[0])),
            ("goods_cancelled", N(cancelled[1])),
            ("postage_cancelled", N(cancelled[2])),
        ]
    };
    vec![
        row("2026-01-13", [1, 50_000, 8_900], [0; 3]),
        row("2026-01-14", [0; 3], [1, 50_000, 8_900]),
        row("2026-01-15", [0; 3], [0; 3]),
    ]
}

fn metric_rows() -> Vec<Row> {
    let window = |metric: &str, window: &str, counts: (i64, i64), met: bool| {
        vec![
            ("account", t("shop-cz")),
            ("metric", t(metric)),
            ("window", t(window)),
            ("from", d("2026-11-01")),
            ("to", d("2026-11-30")),
            ("computable", B(true)),
            ("numerator", N(counts.0)),
            ("denominator", N(counts.1)),
            ("excluded", t(r#"{"test_order":1,"unpaid":2}"#)),
            ("target_num", N(15)),
            ("target_den", N(1_000)),
            ("target_from", d("2022-01-01")),
            ("met", B(met)),
            ("distance", N(if met { 0 } else { -1 })),
        ]
    };
    let mut last_week = window("cancel_rate", "last_7_days", (0, 0), false);
    last_week.retain(|(name, _)| *name != "computable");
    vec![
        window("cancel_rate", "month", (3, 200), true),
        window("cancel_rate", "last_closed_month", (3, 200), true),
        window("status_error", "last_closed_month", (2, 120), false),
        last_week,
    ]
}

fn tracking_rows() -> Vec<Row> {
    vec![vec![
        ("account", t("shop-cz")),
        ("month", d("2026-11-01")),
        ("order_no", t("o1")),
        ("status", t("delivered")),
        ("carrier", t("packeta")),
        ("reason", t("missing_url")),
        ("order_row", R(row_ref(0, 2))),
    ]]
}

fn ingested() -> Ingested {
    let part = |source: &str, kind, path: &str, sheet: Option<&str>| Part {
        source: source.to_owned(),
        kind,
        path: path.to_owned(),
        file: PathBuf::from(path),
        sheet: sheet.map(str::to_owned),
        headers: BTreeMap::from([("status_raw".to_owned(), "Stav".to_owned())]),
        places: CellPlaces::default(),
        constants: std::collections::BTreeSet::new(),
    };
    let mut frames = CanonicalFrames::default();
    for kind in <Kind as crate::vocab::Word>::ALL {
        *frames.of_mut(*kind) = empty(&frame_of(*kind));
    }
    frames.payout_lines = frame_from(&payout_lines::FRAME, &payout_rows(false));
    frames.order_lines = frame_from(
        &order_lines::FRAME,
        &[vec![
            ("account", t("shop-cz")),
            ("order_key", t("shop-cz/o9")),
            ("order_no", t("o9")),
            ("sku", t("SKU-1")),
            ("title", t("Kettle")),
            ("qty", N(1)),
            ("qty_cancelled", N(0)),
            ("unit_price_gross", N(179_900)),
            ("vat_ppm", N(210_000)),
            ("row", R(row_ref(0, 10))),
        ]],
    );
    let mut orders = input("orders-2026-12.csv", "shop-orders", Kind::Orders, [12, 9, 1, 0, 1, 1]);
    orders.money.insert("CZK".to_owned(), buckets(51_420_350, 50_980_350, 440_000));
    let mut payouts = input("payouts.xlsx", "shop-payouts", Kind::PayoutLines, [4, 3, 0, 0, 1, 0]);
    payouts.money.insert("CZK".to_owned(), buckets(386_828, 386_828, 0));
    Ingested {
        frames,
        parts: Parts(vec![
            part("shop-orders", Kind::Orders, "orders-2026-12.csv", None),
            part("shop-payouts", Kind::PayoutLines, "payouts.xlsx", Some("Výpis")),
            part("sk-orders", Kind::Orders, "sk/orders.csv", None),
            part("packeta", Kind::TrackingEvents, "tracking.csv", None),
        ]),
        inputs: vec![orders, payouts, input("tracking.csv", "packeta", Kind::TrackingEvents, [30, 29, 0, 0, 1, 0])],
        quarantine: vec![QuarantinedRow::made(
            0,
            PartAtFault {
                file: "orders-2026-12.csv".into(),
                file_sha256: "cd".repeat(32),
                source: "shop-orders".into(),
                account: "shop-cz".into(),
                ..PartAtFault::default()
            },
            RowAtFault {
                byte: Some(412),
                line: 11,
                column: "Doručeno".into(),
                value: "31.11.2026".into(),
                reason: "not_a_date",
                expected: "a date as %d.%m.%Y".into(),
                config: "nightly.toml:58".into(),
                order_no: "100234".into(),
                key: vec!["100234".into()],
                record: "100234 | Doručeno | 31.11.2026 | -2+3".into(),
                ..RowAtFault::default()
            },
            None,
        )],
        ..Ingested::default()
    }
}

/// Everything used took part in facts.
fn totals(ingested: &Ingested) -> MatchedTotals {
    let mut matched = PartTotals::new(ingested.parts.0.len());
    for (place, part) in ingested.parts.0.iter().enumerate() {
        for input in ingested.inputs.iter().filter(|input| input.path == part.path) {
            matched.rows[place] = input.rows.used;
            matched.money[place] = input.money.iter().map(|(code, sums)| (code.clone(), sums.used)).collect();
        }
    }
    let none = PartTotals::new(ingested.parts.0.len());
    MatchedTotals { later: none.clone(), unmatched: none, matched }
}

fn input(path: &str, source: &str, kind: Kind, rows: [u64; 6]) -> Input {
    let [read, used, duplicate, superseded, structural, quarantined] = rows;
    Input {
        path: path.to_owned(),
        source: source.to_owned(),
        kind,
        account: Some("shop-cz".to_owned()),
        sha256: "cd".repeat(32),
        bytes: 18_233,
        rows: RowCounts { read, used, duplicate, superseded, structural, quarantined, unreadable: 0 },
        money: BTreeMap::new(),
        after_as_of: 0,
        booked_excess_decimals: 0,
        residues: BTreeMap::new(),
        dst_moved_days: 0,
        encoding: Some("utf-8".to_owned()),
        export_date: None,
    }
}

fn buckets(read: i128, used: i128, quarantined: i128) -> MoneyBuckets {
    MoneyBuckets { read, used, quarantined, ..MoneyBuckets::default() }
}

/// The as-of date of the specimen.
pub(crate) fn as_of() -> NaiveDate {
    "2026-12-11".parse().unwrap()
}
