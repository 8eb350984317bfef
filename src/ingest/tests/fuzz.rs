//! Fuzz targets: inputs made from a seed, for a moment in the usual tests, or as long as `TRUEUP_FUZZ_SECONDS` says. Whatever comes in:
//! no panic, no input that takes long, every row accounted for, and no cell that means something else than its digits. A failure names
//! its seed; `TRUEUP_FUZZ_SEED` begins there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::*;
use crate::ingest::cells::{self, MoneyForm};
use crate::ingest::columns::Labels;
use crate::ingest::dates::{DateForms, Moment};
use crate::ingest::record::Raw;
use crate::ingest::words::{WordList, WordReader};

/// No input of these sizes may take longer, however slow the machine.
const LONGEST: Duration = Duration::from_secs(20);

#[allow(clippy::print_stderr, reason = "a long run says how far it came")]
fn fuzz(target: fn(&mut Rng)) {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<f64>().ok());
    let budget = Duration::from_secs_f64(from_environment("TRUEUP_FUZZ_SECONDS").unwrap_or(0.5));
    let begin = Instant::now();
    let first = from_environment("TRUEUP_FUZZ_SEED").unwrap_or(0.0) as u64;
    let mut seed = first;
    while begin.elapsed() < budget {
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| target(&mut Rng::with_seed(seed))));
        assert!(outcome.is_ok(), "failed with TRUEUP_FUZZ_SEED={seed}");
        assert!(start.elapsed() < LONGEST, "took {:?} with TRUEUP_FUZZ_SEED={seed}", start.elapsed());
        seed += 1;
    }
    eprintln!("{} inputs in {:?}", seed - first, begin.elapsed());
}

/// One of some things.
fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

/// Text of some tokens, and now and then of any letters.
fn text_of(rng: &mut Rng, tokens: &[&str], most: usize) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(..=most) {
        if rng.u8(..) < 8 { text.push(rng.char(..)) } else { text.push_str(one(rng, tokens)) }
    }
    text
}

/// Changes bytes here and there: other bytes, pieces left out, repeated, moved, tokens put in.
fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, tokens: &[&[u8]]) {
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..=bytes.len());
        let until = (at + rng.usize(..64)).min(bytes.len());
        match rng.u8(..6) {
            0 if at < bytes.len() => bytes[at] = rng.u8(..),
            1 => drop(bytes.drain(at..until)),
            2 => {
                let piece = bytes[at..until].to_vec();
                let times = if rng.u8(..) < 4 { 2_000 } else { 2 };
                drop(bytes.splice(at..at, piece.repeat(times)));
            }
            3 => {
                let piece: Vec<u8> = bytes.drain(at..until).collect();
                let to = rng.usize(..=bytes.len());
                drop(bytes.splice(to..to, piece));
            }
            4 if rng.u8(..) < 32 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, one(rng, tokens).iter().copied())),
        }
    }
}

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
    const TOKENS: &[&[u8]] = &[
        b"\"",
        b"\"\"",
        b";",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"1e309",
        b"\xc2\xa0",
        b"Celkem",
        b"-",
        b"\x1a",
        b"31.2.2026",
        b"99999999999999999999",
    ];
    fuzz(|rng| {
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
        mutate(rng, &mut bytes, TOKENS);
        let mut more = bytes.clone();
        mutate(rng, &mut more, TOKENS);
        let night = Night::new().file("orders-1.csv", &bytes).file("orders-2.csv", &more).file("dump.csv", &more);
        check(&night.source(orders).source(events).run());
    });
}

/// The parts of a sound workbook.
fn parts(rng: &mut Rng) -> Vec<(String, Vec<u8>)> {
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
    packages::parts(&book.save_to_buffer().unwrap())
}

fn zipped(rng: &mut Rng, parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    // The writer refuses two parts of one name; the reader has a test of its own for them.
    let mut names = BTreeSet::new();
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .filter(|(name, _)| names.insert(name))
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    packages::zip_by(&parts, || match rng.bool() {
        true => zip::CompressionMethod::Stored,
        false => zip::CompressionMethod::Deflated,
    })
}

/// Another value in a pair of quotes, or a tag left out or written twice.
fn mutate_markup(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const VALUES: &[&str] = &[
        "",
        "-1",
        "0",
        "4294967296",
        "XFD1048577",
        "A0",
        "AAAA1",
        "ZZZZZZZZZ99999999999",
        "s",
        "str",
        "inlineStr",
        "e",
        "b",
        "n",
        "d",
        "x",
        "&amp;",
        "&#x0;",
        "&#xD800;",
        "&bogus;",
        "1e309",
        "9999999999",
        "Doručeno",
    ];
    let text = String::from_utf8_lossy(bytes).into_owned();
    let ends: Vec<usize> = text.match_indices(['<', '"', '>']).map(|(place, _)| place).collect();
    if ends.len() < 3 {
        return;
    }
    let at = rng.usize(..ends.len() - 2);
    let (from, to) = (ends[at], ends[at + 1] + 1);
    let new = match rng.u8(..4) {
        0 => format!("{}{}{}", &text[..from], &text[to..], ""),
        1 => format!("{}{}{}", &text[..to], &text[from..to], &text[to..]),
        2 => format!(
            "{}{}{}",
            &text[..from],
            one(rng, &["<!DOCTYPE x>", "<![CDATA[", "<!--", "]]>", "<c>", "</row>"]),
            &text[from..]
        ),
        _ => format!("{}{}{}", &text[..=from], one(rng, VALUES), &text[to - 1..]),
    };
    *bytes = new.into_bytes();
}

#[test]
fn workbooks() {
    const TOKENS: &[&[u8]] =
        &[b"<", b">", b"\"", b"&", b"\0", b"\xff", b"<c r=\"A1\"><v>1</v></c>", b"</sheetData>", b"PK\x03\x04"];
    fuzz(|rng| {
        let mut parts = parts(rng);
        for _ in 0..rng.usize(..6) {
            let at = rng.usize(..parts.len());
            match rng.u8(..10) {
                0 => drop(parts.remove(at)),
                1 => {
                    parts[at].0 =
                        one(rng, &["xl/workbook.xml", "xl/worksheets/sheet1.xml", "../up.xml", "XL\\styles.xml", ""])
                            .to_owned()
                }
                2 | 3 => mutate(rng, &mut parts[at].1, TOKENS),
                _ => mutate_markup(rng, &mut parts[at].1),
            }
            if parts.is_empty() {
                break;
            }
        }
        let mut bytes = zipped(rng, &parts);
        if rng.u8(..4) == 0 {
            mutate(rng, &mut bytes, TOKENS);
        }
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
    fuzz(|rng| {
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
    fuzz(|rng| {
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
    fuzz(|rng| {
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
    fuzz(|rng| {
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
    fuzz(|rng| {
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
