//! Hostile distributions of rows, each at any size: what grows faster than its rows, or holds more memory than they deserve, shows here.
//! A table of shapes; `write` makes the files of one of them.

#![allow(dead_code, reason = "the benchmark and the tests use each a part")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A distribution of rows.
pub struct Shape {
    pub name: &'static str,
    /// How many accounts there are.
    pub accounts: Many,
    pub exports: &'static [Export],
}

/// One, or as many as the size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Many {
    One,
    Each,
}

/// What one or more sources read.
pub struct Export {
    /// The kind of the source.
    kind: &'static str,
    /// Further keys of the source.
    keys: &'static str,
    /// Fields, which are the headers, too.
    fields: &'static str,
    /// How many sources read it; the n-th belongs to the n-th account.
    sources: Many,
    rows: Rows,
}

/// Makes the n-th row.
type Row = fn(usize) -> String;

/// The rows of an export, without its header.
enum Rows {
    Given(&'static str),
    Each(Row),
    /// All of them, and once more.
    Twice(Row),
    /// A file for each row, exported on a day of its own.
    Files(Row),
    /// As many further columns.
    Columns(&'static str),
    /// A cell of so many letters.
    Long(&'static str),
    /// A quote that never ends, before the rows.
    Unclosed(Row),
}

const ORDERS: &str = "order_no status_raw delivery_price created_at tracking_number_raw carrier";
const SCANS: &str = "carrier = \"packeta\"\nvocabulary = \"packeta-web\"";
const SCAN: &str = "tracking_number_raw at code_raw";
const CHANGE: &str = "order_no at to_status_raw";
const PAID: &str = "statement_id order_no kind_raw amount paid_on";
const PARCELS: &str = "order_no tracking_number_raw";
const DOCUMENT: &str = "doc_no kind_raw order_no issued gross";
const SEVEN: &str = "7;Doručeno;1;2026-11-02;;Zásilkovna\n";
const SEVEN_SENT: &str = "7;Doručeno;1;2026-11-02;Z4507169485;Zásilkovna\n";

const fn export(kind: &'static str, keys: &'static str, fields: &'static str, rows: Rows) -> Export {
    Export { kind, keys, fields, sources: Many::One, rows }
}

const fn orders(rows: Rows) -> Export {
    export("orders", "", ORDERS, rows)
}

const fn one_account(name: &'static str, exports: &'static [Export]) -> Shape {
    Shape { name, accounts: Many::One, exports }
}

/// `14:05:09` of the n-th second of a day.
fn time(n: usize) -> String {
    format!("{:02}:{:02}:{:02}", n / 3600 % 24, n / 60 % 60, n % 60)
}

/// `2026-11-07`, another day each time.
fn day(n: usize) -> String {
    format!("2026-11-{:02}", 1 + n % 28)
}

fn order(n: usize) -> String {
    format!("{n};Doručeno;1;2026-11-02;;Zásilkovna")
}

fn sent(n: usize) -> String {
    format!("{n};Doručeno;1;2026-11-02;Z{};Zásilkovna", 4_500_000_000_u64 + n as u64)
}

fn scan(n: usize) -> String {
    format!("Z{};{} {};{}", 4_500_000_000_u64 + n as u64, day(n), time(n), 2 + n % 5)
}

/// All shapes.
pub const SHAPES: &[Shape] = &[
    // ---- orders -----------------------------------------------------------------------------------------------------------------
    one_account("sound orders", &[orders(Rows::Each(sent))]),
    one_account(
        "different rows under one key",
        &[orders(Rows::Each(|n| format!("7;Doručeno;{n};2026-11-02;;Zásilkovna")))],
    ),
    one_account("one row many times", &[orders(Rows::Each(|_| order(7)))]),
    one_account("all rows twice", &[orders(Rows::Twice(order))]),
    one_account("unknown words", &[orders(Rows::Each(|n| format!("{n};slovo {n} x;1;2026-11-02;;")))]),
    one_account("one unknown word", &[orders(Rows::Each(|n| format!("{n};zázrak;1;2026-11-02;;")))]),
    one_account("refused rows", &[orders(Rows::Each(|n| format!("{n};Doručeno;abc;2026-11-02;;")))]),
    one_account(
        "a fifth refused",
        &[orders(Rows::Each(|n| format!("{n};Doručeno;{};2026-11-02;;", if n % 5 == 0 { "abc" } else { "1" })))],
    ),
    one_account(
        "damaged numbers",
        &[
            orders(Rows::Each(|n| match n % 5 {
                0 => format!("8,{n:05}E+12;Doručeno;1;2026-11-02;;"),
                _ => order(n),
            })),
            export("documents", "", DOCUMENT, Rows::Each(|n| format!("D{n};credit_note;U{n};2026-11-03;1.00"))),
        ],
    ),
    one_account(
        "shipping methods",
        &[export(
            "orders",
            "",
            "order_no status_raw delivery_price created_at shipping_method",
            Rows::Each(|n| format!("{n};Doručeno;1;2026-11-02;method {n}")),
        )],
    ),
    one_account(
        "revisions in files",
        &[export(
            "orders",
            "export_date = \"orders-{yyyy}-{mm}-{dd}-*.csv\"",
            ORDERS,
            Rows::Files(|n| format!("7;Doručeno;{n};2026-11-02;;Zásilkovna")),
        )],
    ),
    one_account("files", &[orders(Rows::Files(order))]),
    one_account(
        "lines of one order in one export",
        &[export(
            "orders",
            "lines = true",
            "order_no status_raw delivery_price created_at sku qty unit_price_gross",
            Rows::Twice(|n| format!("7;Doručeno;1;2026-11-02;K{n};1;1.00")),
        )],
    ),
    one_account(
        "parts of one sale",
        &[
            export(
                "orders",
                "",
                "order_no parent_order_no status_raw delivery_price created_at",
                Rows::Each(|n| format!("P-{n};P;Doručeno;1;2026-10-02")),
            ),
            export("payout_lines", "", PAID, Rows::Each(|n| format!("S1;P-{n};Prodej;1.00;2026-11-11"))),
        ],
    ),
    // ---- parcels ----------------------------------------------------------------------------------------------------------------
    one_account(
        "orders of one parcel",
        &[
            orders(Rows::Each(|n| format!("{n};Doručeno;1;2026-11-02;Z4507169485;Zásilkovna"))),
            export("tracking_events", SCANS, SCAN, Rows::Given("Z4507169485;2026-11-03 10:00:00;5\n")),
        ],
    ),
    one_account(
        "scans of one parcel",
        &[
            orders(Rows::Given(SEVEN_SENT)),
            export(
                "tracking_events",
                SCANS,
                SCAN,
                Rows::Each(|n| format!("Z4507169485;{} {};{}", day(n), time(n), 2 + n % 5)),
            ),
        ],
    ),
    one_account(
        "scans of unknown codes",
        &[
            orders(Rows::Given(SEVEN_SENT)),
            export(
                "tracking_events",
                SCANS,
                SCAN,
                Rows::Each(|n| format!("Z{};2026-11-02 10:00:00;X{n}", 4_500_000_000_u64 + n as u64)),
            ),
        ],
    ),
    one_account(
        "parcels of one order with scans",
        &[
            orders(Rows::Given(SEVEN)),
            export(
                "shipments",
                "carrier = \"packeta\"",
                PARCELS,
                Rows::Each(|n| format!("7;Z{}", 4_500_000_000_u64 + n as u64)),
            ),
            export("tracking_events", SCANS, SCAN, Rows::Each(scan)),
        ],
    ),
    one_account(
        "other numbers of one parcel",
        &[
            orders(Rows::Given(SEVEN)),
            export(
                "shipments",
                "carrier = \"packeta\"",
                "order_no tracking_number_raw tracking_number_alias",
                Rows::Each(|n| format!("7;Z4507169485;Z{}", 4_500_000_000_u64 + n as u64)),
            ),
            export("tracking_events", SCANS, SCAN, Rows::Each(scan)),
        ],
    ),
    one_account(
        "history of one order",
        &[
            orders(Rows::Given(SEVEN)),
            export(
                "order_events",
                "",
                CHANGE,
                Rows::Each(|n| format!("7;{} {};{}", day(n), time(n), ["Nová", "Odesláno", "Doručeno"][n % 3])),
            ),
        ],
    ),
    one_account(
        "transfers of one parcel's cash",
        &[
            orders(Rows::Given(SEVEN_SENT)),
            export(
                "cod_remittances",
                "carrier = \"packeta\"",
                "statement_id tracking_number_raw amount paid_on",
                Rows::Each(|n| format!("T{n};Z4507169485;{}.00;{}", n % 7, day(n))),
            ),
        ],
    ),
    // ---- money ------------------------------------------------------------------------------------------------------------------
    one_account(
        "payout lines of one order",
        &[
            orders(Rows::Given(SEVEN)),
            export("payout_lines", "", PAID, Rows::Each(|n| format!("S1;7;Prodej;{}.50;2026-12-02", n % 7))),
        ],
    ),
    one_account(
        "payouts of one order",
        &[
            orders(Rows::Given("7;Stornováno;1;2026-09-02;;Zásilkovna\n")),
            export(
                "payout_lines",
                "",
                PAID,
                Rows::Each(|n| format!("S{n};7;{};{}.50;{}", ["Prodej", "Vratka"][n % 2], n % 7, day(n))),
            ),
        ],
    ),
    one_account(
        "statements",
        &[
            orders(Rows::Each(order)),
            export("payout_lines", "", PAID, Rows::Each(|n| format!("S{n};{n};Prodej;1.00;2026-12-02"))),
        ],
    ),
    one_account(
        "orders of one statement",
        &[
            orders(Rows::Each(|n| format!("{n};Stornováno;1;2026-09-02;;Zásilkovna"))),
            export("payout_lines", "", PAID, Rows::Each(|n| format!("S1;{n};Prodej;1.00;2026-11-02"))),
            export("statements", "", "statement_id paid_on total", Rows::Given("S1;2026-11-02;1.00\n")),
        ],
    ),
    one_account(
        "one statement in files",
        &[
            orders(Rows::Given(SEVEN)),
            export("payout_lines", "", PAID, Rows::Files(|n| format!("S1;7;Prodej;{}.50;2026-12-02", n % 7))),
        ],
    ),
    one_account(
        "orders that one line names",
        &[
            orders(Rows::Each(order)),
            export(
                "payout_lines",
                "split = { order_no = \"|\" }",
                PAID,
                Rows::Each(|n| format!("S1;{}|{}|{};Prodej;3.00;2026-12-02", n, n + 1, n + 2)),
            ),
        ],
    ),
    one_account(
        "lines without an order",
        &[
            orders(Rows::Given(SEVEN)),
            export("payout_lines", "", PAID, Rows::Each(|n| format!("S{};U{n};Prodej;1.00;2026-11-02", n % 9))),
        ],
    ),
    one_account(
        "refused payout lines",
        &[
            orders(Rows::Each(|n| format!("{n};Stornováno;1;2026-09-02;;Zásilkovna"))),
            export(
                "payout_lines",
                "quarantine_max = { percent = 100.0 }",
                PAID,
                Rows::Each(|n| {
                    format!(
                        "S1;{};{};1.00;2026-11-02",
                        if n % 2 == 0 { n.to_string() } else { String::new() },
                        ["Prodej", "zázrak"][n % 2]
                    )
                }),
            ),
        ],
    ),
    one_account(
        "lines of one order",
        &[
            orders(Rows::Given(SEVEN)),
            export(
                "order_lines",
                "",
                "order_no title qty unit_price_gross",
                Rows::Each(|n| format!("7;item {n};1;1.00")),
            ),
        ],
    ),
    one_account(
        "documents of one order",
        &[
            orders(Rows::Given("7;Stornováno;1;2026-09-02;;Zásilkovna\n")),
            export(
                "documents",
                "",
                DOCUMENT,
                Rows::Each(|n| format!("D{n};{};7;{};1.00", ["invoice", "credit_note"][n % 2], day(n))),
            ),
        ],
    ),
    one_account(
        "supplier orders of one order",
        &[
            orders(Rows::Given(SEVEN)),
            export(
                "shop_orders",
                "",
                "order_no shop_status_raw internal_ref",
                Rows::Each(|n| format!("{n};delivered;R1")),
            ),
        ],
    ),
    // ---- many of what there are few ---------------------------------------------------------------------------------------------
    Shape {
        name: "accounts with one order number",
        accounts: Many::Each,
        exports: &[Export { sources: Many::Each, ..orders(Rows::Given(SEVEN_SENT)) }],
    },
    Shape { name: "accounts", accounts: Many::Each, exports: &[orders(Rows::Given(SEVEN))] },
    one_account("sources", &[Export { sources: Many::Each, ..orders(Rows::Given(SEVEN)) }]),
    one_account("columns", &[orders(Rows::Columns(SEVEN))]),
    one_account("a long line", &[orders(Rows::Long(SEVEN))]),
    one_account("an unclosed quote", &[orders(Rows::Unclosed(order))]),
];

impl Shape {
    /// The sizes that are measured: rows, or files, sources and accounts, which are dearer.
    pub fn sizes(&self) -> [usize; 3] {
        let is_file = |export: &Export| matches!(export.rows, Rows::Files(_));
        let is_each = |export: &Export| export.sources == Many::Each;
        if self.accounts == Many::Each || self.exports.iter().any(is_each) {
            [20, 200, 2_000]
        } else if self.exports.iter().any(is_file) {
            [100, 1_000, 10_000]
        } else {
            [4_000, 40_000, 400_000]
        }
    }

    /// Writes the files of the shape at a size into a folder, and gives its pipeline.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, size: usize, folder: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let count = |many: Many| if many == Many::Each { size } else { 1 };
        let mut pipeline = String::from(
            "[pipeline]\nname = \"shape\"\npacks = [\"marketplaces/slevomat\", \"carriers/packeta\"]\nas_of = \"2026-12-11\"\n",
        );
        for account in 0..count(self.accounts) {
            add(
                &mut pipeline,
                &format!(
                    "[[account]]\nname = \"a{account}\"\nmarketplace = \"slevomat\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\ncomplete = true\n"
                ),
            );
        }
        for export in self.exports {
            for source in 0..count(export.sources) {
                let account = source % count(self.accounts);
                add(&mut pipeline, &export.declared(source, account));
            }
            export.write(size, folder)?;
        }
        let path = folder.join("pipeline.toml");
        fs::write(&path, pipeline)?;
        Ok(path)
    }
}

impl Export {
    fn declared(&self, source: usize, account: usize) -> String {
        let Export { kind, keys, .. } = self;
        let columns: String = self.fields.split(' ').map(|field| format!("{field} = \"{field}\"\n")).collect();
        format!(
            "[[source]]\nname = \"{kind}-{source}\"\nkind = \"{kind}\"\naccount = \"a{account}\"\nglob = \"{kind}-*.csv\"\n{keys}\n\
             [source.csv]\nencoding = \"utf-8\"\ndelimiter = \";\"\ndecimal = \".\"\ndates = [\"%Y-%m-%d %H:%M:%S\", \"%Y-%m-%d\"]\n\
             [source.columns]\n{columns}"
        )
    }

    fn write(&self, size: usize, folder: &Path) -> io::Result<()> {
        let header = self.fields.replace(' ', ";");
        let rows = |row: Row| (0..size).fold(String::new(), |rows, n| rows + &row(n) + "\n");
        let text = match &self.rows {
            Rows::Given(rows) => format!("{header}\n{rows}"),
            Rows::Each(row) => format!("{header}\n{}", rows(*row)),
            Rows::Twice(row) => format!("{header}\n{0}{0}", rows(*row)),
            Rows::Columns(row) => {
                let further: String = (0..size).map(|n| format!(";c{n}")).collect();
                format!("{header}{further}\n{}{}\n", row.trim_end(), ";x".repeat(size))
            }
            Rows::Long(row) => format!("{header}\n{row}8;{};1;2026-11-02;;\n", "x".repeat(size)),
            Rows::Unclosed(row) => format!("{header}\n\"{}", rows(*row)),
            Rows::Files(row) => {
                for n in 0..size {
                    let day = format!("{}-{:02}-{:02}", 2000 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
                    fs::write(folder.join(format!("{}-{day}-{n}.csv", self.kind)), format!("{header}\n{}\n", row(n)))?;
                }
                return Ok(());
            }
        };
        fs::write(folder.join(format!("{}-1.csv", self.kind)), text)
    }
}

fn add(pipeline: &mut String, lines: &str) {
    // Text grows without fail.
    let _ = write!(pipeline, "{lines}");
}
