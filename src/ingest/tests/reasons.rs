//! A scenario for every reason of quarantine: the row that is refused beside a sound one that is used; and the same file with the
//! advice of the reason's page followed, in which nothing is refused.

use super::order_rows::{LINE_HEADER, line_orders};
use super::workbooks::{replaced, sheet_orders, workbook};
use super::*;

const SOUND: &str = "Z1;Nová;9.11.2026;;100;0";
const SOUND_LINE: &str = "Z1;Nová;0;S1;1;499;18;;";

/// A source and the content of its file.
type Input = (Source, Vec<u8>);

/// The word of the reason, what is refused for it, and what is not.
type Scenario = (&'static str, Input, Input);

fn rows(row: &str) -> Vec<u8> {
    format!("{HEADER}{SOUND}\n{row}\n").into_bytes()
}

/// Two rows of orders: the refused one and the mended one.
fn order(word: &'static str, bad: &str, good: &str) -> Scenario {
    (word, (orders(), rows(bad)), (orders(), rows(good)))
}

/// A row that is refused until the source is changed.
fn declared(word: &'static str, row: &str, before: impl Fn(&mut Source), after: impl Fn(&mut Source)) -> Scenario {
    let with = |change: &dyn Fn(&mut Source)| {
        let mut source = orders();
        change(&mut source);
        (source, rows(row))
    };
    (word, with(&before), with(&after))
}

/// Rows with a column for the currency.
fn in_currency(word: &'static str, bad: &str, good: &str) -> Scenario {
    let input = |row: &str| {
        let source = source("orders", Kind::Orders, "orders*.csv", &format!("{ORDERS} currency=Měna"));
        (source, format!("{}{SOUND};CZK\n{row}\n", HEADER.replace('\n', ";Měna\n")).into_bytes())
    };
    (word, input(bad), input(good))
}

/// Rows that are lines of orders.
fn line(word: &'static str, bad: &str, good: &str) -> Scenario {
    let input = |rows: &str| (line_orders(), format!("{LINE_HEADER}{SOUND_LINE}\n{rows}\n").into_bytes());
    (word, input(bad), input(good))
}

/// A sheet whose second row of data is made by `fill`.
fn sheet(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    workbook(|sheet| {
        for (row, cells) in [HEADER.trim(), SOUND, "A1;Nová;9.11.2026;;100;0"].into_iter().enumerate() {
            for (column, text) in cells.split(';').enumerate() {
                sheet.write(row as u32, column as u16, text).unwrap();
            }
        }
        fill(sheet);
    })
}

fn of_sheets() -> [Scenario; 3] {
    let formula = sheet(|sheet| {
        sheet.write_formula(2, 4, rust_xlsxwriter::Formula::new("=1+1").set_result("777")).unwrap();
    });
    let cell = "<c r=\"E3\"><f>1+1</f><v>777</v></c>";
    let without_value = replaced(&formula, "<v>777</v>", "");
    let error = replaced(&formula, cell, "<c r=\"E3\" t=\"e\"><f>1+1</f><v>#N/A</v></c>");
    let flag = sheet(|sheet| _ = sheet.write(2, 0, true).unwrap());
    let good = || (sheet_orders(), formula.clone());
    [
        ("formula_without_value", (sheet_orders(), without_value), good()),
        ("spreadsheet_error", (sheet_orders(), error), good()),
        ("not_text", (sheet_orders(), flag), (sheet_orders(), sheet(|_| ()))),
    ]
}

/// A day without a year; the name of the file tells the month to those who look.
fn year_unknown() -> Scenario {
    let dates = || ["%d.%m.%Y", "%d. %m."].map(str::to_owned).to_vec();
    declared(
        "year_unknown",
        "A1;Nová;13. 1.;;100;0",
        |source| source.cells.dates = dates(),
        |source| {
            source.cells.dates = dates();
            source.report_month = Some(Regex::new("orders-(?P<y>[0-9]{4})-(?P<m>[0-9]{2})").unwrap());
        },
    )
}

/// An amount in a carrier's dump that belongs to no account.
fn no_currency() -> Scenario {
    let columns = "tracking_number_raw=Zásilka at=Kdy code_raw=Kód cod_amount=Dobírka";
    let input = |currency: Option<&str>| {
        let mut dump = source("events", Kind::TrackingEvents, "orders*.csv", columns);
        dump.account = None;
        dump.carrier = Some("carriers/mover".into());
        dump.vocabulary = Some("api".into());
        dump.currency = currency.map(str::to_owned);
        (dump, "Zásilka;Kdy;Kód;Dobírka\nP1;9.11.2026;D1;\nP2;9.11.2026;D1;89,00\n".into())
    };
    ("no_currency", input(None), input(Some("CZK")))
}

/// More pieces cancelled than ordered.
fn over_cancelled() -> Scenario {
    let input = |cancelled: u8| {
        let mut orders = line_orders();
        let columns = "order_no=Číslo status_raw=Stav delivery_price=Poštovné sku=Zboží qty=Kusů \
                       unit_price_gross=Cena qty_cancelled=Zrušeno";
        orders.columns = source("orders", Kind::Orders, "orders*.csv", columns).columns;
        let header = "Číslo;Stav;Poštovné;Zboží;Kusů;Cena;Zrušeno\n";
        (orders, format!("{header}Z1;Nová;0;S1;1;499;0\nA1;Nová;0;S1;2;499;{cancelled}\n").into_bytes())
    };
    ("more_cancelled_than_ordered", input(3), input(2))
}

fn undecodable() -> Scenario {
    let mut bytes = rows("A1;Nov?;9.11.2026;;100;0");
    let place = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[place] = 0xe1;
    ("undecodable", (orders(), bytes), (orders(), rows("A1;Nová;9.11.2026;;100;0")))
}

fn scenarios() -> Vec<Scenario> {
    let mut cut = rows("A1;Nov");
    cut.pop();
    let mut all = vec![
        order("not_a_date", "A1;Nová;31.11.2026;;100;0", "A1;Nová;30.11.2026;;100;0"),
        year_unknown(),
        order("not_an_amount", "A1;Nová;9.11.2026;;dle dohody;0", "A1;Nová;9.11.2026;;100;0"),
        declared(
            "no_decimal_declared",
            "A1;Nová;9.11.2026;;1.234;0",
            |source| source.cells.decimal = None,
            |source| source.cells.decimal = Some(','),
        ),
        declared(
            "excess_decimals",
            "A1;Nová;9.11.2026;;12,345;0",
            |_| (),
            |source| source.cells.book_excess_decimals = true,
        ),
        order("out_of_range", "A1;Nová;9.11.2026;;99999999999999999999999;0", "A1;Nová;9.11.2026;;999;0"),
        order("unknown_unit", "A1;Nová;9.11.2026;;89 tallér;0", "A1;Nová;9.11.2026;;89 Kč;0"),
        in_currency("other_currency", "A1;Nová;9.11.2026;;89 €;0;CZK", "A1;Nová;9.11.2026;;89 €;0;EUR"),
        no_currency(),
        in_currency("unknown_currency", "A1;Nová;9.11.2026;;89;0;XYZ1", "A1;Nová;9.11.2026;;89;0;CZK"),
        line("not_a_number", "A1;Nová;0;S1;1,5;499;18;;", "A1;Nová;0;S1;1;499;18;;"),
        line("not_a_percentage", "A1;Nová;0;S1;1;499;140 %;;", "A1;Nová;0;S1;1;499;14 %;;"),
        order("unknown_word", "A1;Čeká na zázrak;9.11.2026;;100;0", "A1;Nová;9.11.2026;;100;0"),
        order("empty", "A1;Nová;9.11.2026;;100;", "A1;Nová;9.11.2026;;100;0"),
        order("damaged_id", "8,59E+12;Nová;9.11.2026;;100;0", "8590000000012;Nová;9.11.2026;;100;0"),
        declared(
            "clock_change",
            "A1;Nová;29.3.2026 02:30;;100;0",
            |source| source.dst = Dst::Refuse,
            |source| source.dst = Dst::Later,
        ),
        undecodable(),
        order("field_count", "A1;Nová;9.11.2026;;100;0;x", "A1;Nová;9.11.2026;;100;0"),
        order("malformed_quotes", "A1;\"Nová\" 24\";9.11.2026;;100;0", "A1;\"Nová\";9.11.2026;;100;0"),
        ("truncated", (orders(), cut), (orders(), rows("A1;Nová;9.11.2026;;100;0"))),
        order(
            "conflict",
            "A1;Nová;9.11.2026;;100;0\nA1;Nová;9.11.2026;;200;0",
            "A1;Nová;9.11.2026;;100;0\nA1;Nová;9.11.2026;;100;0",
        ),
        line(
            "order_incomplete",
            "A1;Nová;0;S1;1;x;18;;\nA1;Nová;0;S2;1;499;18;;",
            "A1;Nová;0;S1;1;9;18;;\nA1;Nová;0;S2;1;499;18;;",
        ),
        over_cancelled(),
    ];
    all.extend(of_sheets());
    all
}

#[test]
fn every_reason_has_a_scenario_and_its_advice_helps() {
    let scenarios = scenarios();
    let told: BTreeSet<&str> = scenarios.iter().map(|(word, ..)| *word).collect();
    assert_eq!(told, crate::ingest::reason::reason_words().collect());
    for (word, bad, good) in scenarios {
        let read = |(source, content): Input| {
            let name = if matches!(source.format, Format::Csv(_)) { "orders-2026-01.csv" } else { "orders.xlsx" };
            Night::new().file(name, content).source(source).run()
        };
        let ingested = read(bad);
        let found = reasons(&ingested);
        assert!(found.iter().any(|(_, reason, _)| *reason == word), "{word}: {found:?}");
        assert!(!found.iter().any(|(row, ..)| *row == 2), "{word}: the sound row is refused");
        assert!(ingested.inputs[0].rows.used > 0, "{word}: {:?}", ingested.diagnostics);
        let ingested = read(good);
        assert_eq!(reasons(&ingested), Vec::new(), "{word}");
        assert!(ingested.inputs[0].rows.used > 1, "{word}: {:?}", ingested.diagnostics);
    }
}
