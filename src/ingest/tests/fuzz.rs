//! Fuzz targets: inputs made from a seed, for a moment in the usual tests, or as long as `TRUEUP_FUZZ_SECONDS` says. Whatever comes in:
//! no panic, no input that takes long, every row accounted for, and no cell that means something else than its digits. A failure names
//! its seed; `TRUEUP_FUZZ_SEED` begins there.

use fastrand::Rng;

use super::*;
use crate::ingest::cells::{self, MoneyForm};
use crate::ingest::columns::Labels;
use crate::ingest::dates::{DateForms, Moment};
use crate::ingest::record::Raw;
use crate::ingest::words::{WordList, WordReader};

#[path = "../../../tests/fuzz/mutate.rs"]
#[allow(dead_code, reason = "the targets of the whole program use the rest")]
mod mutate;

use mutate::{fuzz, mutate_package, one, text_of};

/// Every row of every input is in one bucket, and no reader gave up.
fn check(ingested: &Ingested) {
    for input in &ingested.inputs {
        let rows = input.rows;
        let sum = rows.used + rows.duplicate + rows.superseded + rows.structural + rows.quarantined;
        assert_eq!(rows.read, sum, "{input:?}");
    }
    let gave_up = ingested.diagnostics.iter().find(|diagnostic| diagnostic.code == "FIL109");
    assert!(gave_up.is_none(), "{gave_up:?}");
}

const ROWS: &str = "A1;Doručeno;9.11.2026 10:00;12.11.2026;\"1 234,50 Kč\";89,00\nA2;Odesláno;9.11.2026;;499;0\n\
                    A1;Doručeno;9.11.2026 10:00;12.11.2026;\"1 234,50 Kč\";89,00\n\nA3;Nová;;;\"5\";\"0\"\nCelkem;;;;1;2\n";

#[test]
fn delimited_text() {
    fuzz("delimited_text", u64::MAX, |rng| {
        let mut orders = orders();
        let mut events = source("events", Kind::TrackingEvents, "dump.csv", "tracking_number_raw=1 at=3 code_raw=2");
        csv(&mut events).header = false;
        (events.carrier, events.vocabulary) = (Some("mover".into()), Some("api".into()));
        csv(&mut orders).encoding = page(one(rng, &["utf-8", "windows-1250", "utf-16le"]));
        orders.lines = rng.bool();
        if orders.lines {
            orders = source(
                "orders",
                Kind::Orders,
                "orders*.csv",
                "order_no=Číslo status_raw=Stav delivery_price=Poštovné unit_price_gross=Zboží",
            );
            orders.constants = BTreeMap::from([("qty".to_owned(), "2".to_owned())]);
            orders.lines = true;
        }
        let mut bytes = format!("{HEADER}{}", ROWS.repeat(rng.usize(1..5))).into_bytes();
        mutate::mutate(rng, &mut bytes, mutate::TEXT);
        let mut more = bytes.clone();
        mutate::mutate(rng, &mut more, mutate::TEXT);
        let night = Night::new().file("orders-1.csv", &bytes).file("orders-2.csv", &more).file("dump.csv", &more);
        check(&night.source(orders).source(events).run());
    });
}

/// A sound workbook.
fn package(rng: &mut Rng) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("d.m.yyyy");
    for (column, header) in HEADER.trim().split(';').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    for row in 1..rng.u32(2..6) {
        sheet.write(row, 0, format!("A{row}")).unwrap();
        sheet.write(row, 1, one(rng, &["Doručeno", "Nová"])).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 11, row).unwrap();
        sheet.write_datetime_with_format(row, 2, day, &date).unwrap();
        sheet.write(row, 4, f64::from(rng.u32(..100_000)) / 100.0).unwrap();
        if rng.bool() {
            sheet.write(row, 5, 0).unwrap();
        } else {
            sheet.write_formula(row, 5, "=1+1").unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn workbooks() {
    fuzz("workbooks", u64::MAX, |rng| {
        let package = package(rng);
        let bytes = mutate_package(rng, &package);
        let mut source = source("orders", Kind::Orders, "orders.xlsx", ORDERS);
        source.format = Format::Xlsx(XlsxFormat { sheet: SheetChoice::ByHeaders, totals: vec!["celkem".into()] });
        check(&Night::new().file("orders.xlsx", bytes).source(source).run());
    });
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "5",
    "9",
    "00",
    "123",
    "999",
    "1234",
    "999999999999",
    "-",
    "\u{2212}",
    "+",
    ".",
    ",",
    " ",
    "\u{a0}",
    "\u{202f}",
    "'",
    "(",
    ")",
    "%",
    "e",
    "E",
    "Kč",
    "€",
    "CZK",
    "zł.",
    "$",
    "NaN",
    "inf",
    "٣",
    "½",
];

/// The digits of an accepted number, times ten to `places`: from the first digit to the last, whatever stands around them.
fn worth(text: &str, mark: char, places: usize) -> i128 {
    let first = text.find(|c: char| c.is_ascii_digit()).unwrap();
    let last = text.rfind(|c: char| c.is_ascii_digit()).unwrap();
    let (whole, fraction) = text[first..=last].split_once(mark).unwrap_or((&text[first..=last], ""));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let mut fraction = digits(fraction);
    while fraction.len() > places {
        assert_eq!(fraction.pop(), Some('0'), "{text}");
    }
    let worth: i128 = format!("{}{fraction:0<places$}", digits(whole)).parse().unwrap();
    if text.contains(['-', '\u{2212}']) { -worth } else { worth }
}

#[test]
fn amounts() {
    let units = [("Kč", "CZK"), ("€", "EUR"), ("zł", "CZK"), ("$", "CZK")];
    static UNITS: std::sync::OnceLock<Arc<WordTable>> = std::sync::OnceLock::new();
    UNITS.get_or_init(|| table(&units));
    fuzz("amounts", u64::MAX, |rng| {
        let units = UNITS.get().unwrap();
        for _ in 0..200 {
            let mark = one(rng, &['.', ',']);
            let forms = CellForms { decimal: Some(mark), ..CellForms::default() };
            let places = one(rng, &[0, 2, 3]);
            let form = MoneyForm { forms: &forms, currency: "CZK", places, units: Some(units) };
            let text = text_of(rng, NUMBERS, 8);
            if let Ok(amount) = cells::money(Raw::of_text(&text), form) {
                assert_eq!(i128::from(amount.minor), worth(text.trim(), mark, places as usize), "{text:?}");
                assert!(amount.residue.is_none() && amount.minor.abs() <= crate::base::money::CELL_LIMIT, "{text:?}");
            }
            let number = f64::from_bits(rng.u64(..));
            if let Ok(amount) = cells::money(Raw::Number(number), form) {
                let scale = 10_f64.powi(places as i32);
                assert!((amount.minor as f64 / scale - number).abs() <= number.abs() * 1e-15, "{number}");
            }
        }
    });
}

#[test]
fn percentages_and_whole_numbers() {
    fuzz("percentages_and_whole_numbers", u64::MAX, |rng| {
        for _ in 0..200 {
            let mark = one(rng, &['.', ',']);
            let forms = CellForms { decimal: Some(mark), ..CellForms::default() };
            let text = text_of(rng, NUMBERS, 6);
            if let Ok(rate) = cells::percent(Raw::of_text(&text), &forms, true) {
                assert!((0..=1_000_000).contains(&rate));
                assert_eq!(i128::from(rate), worth(text.trim(), mark, 4), "{text:?}");
            }
            if let Ok(number) = cells::int(Raw::of_text(&text), &forms) {
                assert_eq!(i128::from(number), worth(text.trim(), mark, 0), "{text:?}");
            }
            let number = f64::from_bits(rng.u64(..));
            let _ = cells::percent(Raw::Share(number), &forms, true);
            let _ = cells::percent(Raw::Number(number), &forms, true);
            let _ = cells::int(Raw::Number(number), &forms);
        }
    });
}

#[test]
fn identifiers() {
    fuzz("identifiers", u64::MAX, |rng| {
        for _ in 0..200 {
            let text =
                text_of(rng, &["0", "1", "00", "859", "E", "e", "+", "-", ",", ".", "Z", " ", "A", "000000000"], 8);
            if let Ok(read) = cells::identifier(Raw::of_text(&text)) {
                assert_eq!(read, text.trim());
            }
            let number = if rng.bool() { f64::from_bits(rng.u64(..)) } else { rng.u64(..1 << 54) as f64 };
            if let Ok(read) = cells::identifier(Raw::Number(number)) {
                assert_eq!(read.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{number}");
            }
        }
    });
}

#[test]
fn dates() {
    const PATTERNS: &[&str] = &[
        "%d.%m.%Y",
        "%d.%m.%Y %H:%M",
        "%Y-%m-%d",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S UTC",
        "%Y-%m-%dT%H:%M:%S%:z",
        "%d %B, %Y",
        "%B %d, %Y",
        "%m/%d/%Y",
        "%d.%m.%y",
        "%d. %m.",
        "%Y%m%d%H%M%S",
        "%+",
        "%s",
        "%b-%d-%Y",
    ];
    const TOKENS: &[&str] = &[
        "0", "1", "2", "31", "29", "12", "2026", "1899", "99999", ".", ":", "-", "/", " ", "\u{a0}", "T", "Z",
        "+01:00", "March", "UTC", ",",
    ];
    fuzz("dates", u64::MAX, |rng| {
        let patterns: Vec<String> = (0..rng.usize(1..4)).map(|_| one(rng, PATTERNS).to_owned()).collect();
        let forms = DateForms::new(&patterns).unwrap();
        let mut zone = crate::base::zone::ZoneMemory::new(chrono_tz::Europe::Prague);
        let mut civil = crate::base::zone::ZoneMemory::new(chrono_tz::Europe::Prague);
        for _ in 0..100 {
            let year = one(rng, &[None, Some(2024), Some(2026)]);
            if let Ok(moment) = forms.read(Raw::of_text(&text_of(rng, TOKENS, 9)), year) {
                let Ok(dated) = moment.instant(&mut zone, &mut civil, Dst::Earlier) else { continue };
                assert!((600_000_000_000..4_200_000_000_000).contains(&dated.number), "{moment:?}");
                moment.day(&mut zone);
            }
            // What a pattern has written, it reads.
            let day =
                NaiveDate::from_ymd_opt(rng.i32(1990..2101), 1, 1).unwrap() + chrono::TimeDelta::days(rng.i64(0..365));
            let written = day.format(PATTERNS[0]).to_string();
            let alone = DateForms::new(&[PATTERNS[0].to_owned()]).unwrap();
            assert_eq!(alone.read(Raw::Text(&written), None), Ok(Moment::Day(day)));
        }
    });
}

#[test]
fn words() {
    static TABLE: std::sync::OnceLock<Arc<WordTable>> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| table(&[("Doručeno", "delivered"), ("Nová", "new"), ("Elfogadva", NO_COUNTERPART)]));
    fuzz("words", u64::MAX, |rng| {
        let table = TABLE.get().unwrap();
        let list = WordList::Table { name: "order_status", table: Some(table), unmapped: None };
        let (mut reader, mut labels) = (WordReader::new(list), Labels::default());
        for _ in 0..100 {
            let text =
                text_of(rng, &["Doručeno", "DORUČENO", "Nová", "nova", ".", " ", "\u{a0}", "\"", "Elfogadva", "e"], 3);
            let Raw::Text(raw) = Raw::of_text(&text) else { continue };
            if let Ok(code) = reader.code(raw, &mut labels, |_| false) {
                let label = labels.label(code).clone();
                assert_eq!(label.raw, raw);
                assert!(["delivered", "new", "unknown"].contains(&label.word.as_str()), "{label:?}");
            }
        }
    });
}
