//! Malformed delimited text against the plain reader: what it says about each row must be what ingest says.

use proptest::prelude::*;

use super::plain_reader::{self, Plain, line_ends};
use super::*;
use crate::base::text::fold;

/// Rows by what becomes of them: line → text of its second field, or the reason of its refusal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judged {
    used: BTreeMap<u32, String>,
    refused: BTreeMap<u32, &'static str>,
    structural: u64,
}

/// What the plain reader makes of a file; `Err`: the line whose quote nothing closes.
fn judge(bytes: &[u8]) -> Result<Judged, u32> {
    let records = plain_reader::records(bytes, b';', Some(b'"'));
    let all_lines = line_ends(bytes) + u32::from(!matches!(bytes.last(), Some(b'\n' | b'\r')));
    let taken: u32 = records.iter().map(|record| lines_of(bytes, record)).sum();
    let mut judged = Judged { structural: u64::from(all_lines - taken) + 1, ..Judged::default() };
    for record in &records[1..] {
        let line = 1 + line_ends(&bytes[..record.start]);
        let texts: Vec<String> =
            record.cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let is_key = |place: usize| place == 0 || place == 2;
        let first = texts.iter().position(|text| !text.is_empty());
        let total = first.map(|first| {
            let keyed = (0..texts.len()).any(|place| place != first && is_key(place) && !texts[place].is_empty());
            fold(&texts[first]) == "celkem" && !keyed
        });
        let content = &bytes[record.start..record.end];
        let last = content.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).unwrap_or(0);
        if record.open && line_ends(&content[..last]) > 0 {
            return Err(line);
        }
        let abrupt = record.end == bytes.len() && !matches!(bytes.last(), Some(b'\n' | b'\r'));
        let reason = match total {
            _ if record.malformed.is_some() => Some("malformed_quotes"),
            None | Some(true) => {
                judged.structural += 1;
                continue;
            }
            _ if record.open => Some("truncated"),
            _ if texts.len() < 3 && abrupt => Some("truncated"),
            // Trailing empty fields are none.
            _ if texts.len() < 3 || texts[3..].iter().any(|text| !text.is_empty()) => Some("field_count"),
            _ => record.cells.iter().any(|cell| std::str::from_utf8(cell).is_err()).then_some("undecodable"),
        };
        match reason {
            Some(reason) => drop(judged.refused.insert(line, reason)),
            None => drop(judged.used.insert(line, texts[1].clone())),
        }
    }
    Ok(judged)
}

/// Lines that a record takes.
fn lines_of(bytes: &[u8], record: &Plain) -> u32 {
    let bytes = &bytes[record.start..record.end];
    line_ends(bytes) + u32::from(!matches!(bytes.last(), Some(b'\n' | b'\r')))
}

fn notes() -> Source {
    let mut source = source("notes", Kind::PayoutLines, "notes.csv", "order_no=Číslo note=Poznámka document_no=Doklad");
    let constants = [("kind_raw", "Prodej"), ("amount", "1")];
    source.constants = constants.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    source
}

fn ingested(bytes: &[u8]) -> Result<Judged, u32> {
    let ingested = Night::new().file("notes.csv", bytes).source(notes()).run();
    if let Some(refusal) = ingested.diagnostics.iter().find(|diagnostic| diagnostic.message == "an unclosed quote") {
        let shown = refusal.render();
        let row = Regex::new(r"row (\d+)").unwrap().captures(&shown).unwrap()[1].parse().unwrap();
        return Err(row);
    }
    let frame = &ingested.frames.payout_lines;
    let used = (0..frame.height()).map(|row| {
        let note = text(frame, "note", row);
        (number(frame, "row", row).unwrap() as u32, if note == "<null>" { String::new() } else { note.to_owned() })
    });
    let counts = ingested.inputs[0].rows;
    assert_eq!(counts.read, counts.used + counts.structural + counts.quarantined);
    Ok(Judged {
        used: used.collect(),
        refused: ingested.quarantine.iter().map(|row| (row.line, row.reason())).collect(),
        structural: counts.structural,
    })
}

fn malformed() -> impl Strategy<Value = Vec<u8>> {
    let tokens: [&[u8]; 14] =
        [b"a", b"b", b";", b";", b";", b"\"", b"\"", b"\n", b"\n", b"\r\n", b"\r", b" ", "é".as_bytes(), b"Celkem"];
    let token =
        prop_oneof![60 => prop::sample::select(tokens.to_vec()).prop_map(<[u8]>::to_vec), 1 => Just(vec![0xff])];
    let body = prop::collection::vec(token, 0..50).prop_map(|tokens| tokens.concat());
    let tail = prop::sample::select(vec!["", "a;b;c", "a;b;c\n", "\"a\n;b", "a;b\n"]);
    // At least one row that is read, so that the file is not refused as empty.
    (body, tail).prop_map(|(body, tail)| [HEAD.as_bytes(), b"x;y;z\n", &body, tail.as_bytes()].concat())
}

const HEAD: &str = "Číslo;Poznámka;Doklad\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]
    #[test]
    fn every_row_of_a_malformed_file_ends_where_the_plain_reader_puts_it(bytes in malformed()) {
        prop_assert_eq!(ingested(&bytes), judge(&bytes), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn an_open_quote_at_the_end_swallows_no_row_silently() {
    let file = |rows: &str| ingested(format!("{HEAD}{rows}").as_bytes());
    // Three fields, as in the header: only the quote tells.
    assert_eq!(file("1;a;b\n2;a;\"b\n3;c;d\n4;e;f\n"), Err(3));
    // On the last line, the row alone is cut.
    let cut = file("1;a;b\n2;a;\"b").unwrap();
    assert_eq!(cut.refused, BTreeMap::from([(3, "truncated")]));
    assert_eq!(file("1;a;\"b\n c\"\n").unwrap().refused, BTreeMap::new());
}

#[test]
fn the_committed_digest_of_another_reader_holds() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let bytes = std::fs::read(folder.join("malformed.csv")).unwrap();
    let expected = std::fs::read_to_string(folder.join("malformed.rejects")).unwrap();
    let expected: Vec<u32> = expected.lines().filter_map(|line| line.split_once(' ')?.0.parse().ok()).collect();
    let judged = ingested(&bytes).unwrap();
    assert_eq!(judged.refused.keys().copied().collect::<Vec<_>>(), expected);
}
