//! Malformed delimited text against a second reader: one byte at a time, no library, nothing clever. What it says about each row
//! must be what ingest says.

use proptest::prelude::*;

use super::*;
use crate::base::text::fold;

/// One record of the second reader.
struct Second {
    line: u32,
    fields: Vec<Vec<u8>>,
    /// The file ends inside a quoted field.
    open: bool,
    /// The file ends without a line end behind the record.
    abrupt: bool,
    /// All its bytes.
    raw: Vec<u8>,
}

/// Bytes with a place and a line.
struct Bytes<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u32,
}

impl Bytes<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte; a line end counts when its last byte is taken.
    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' || byte == b'\r' && self.peek() != Some(b'\n') {
            self.line += 1;
        }
        Some(byte)
    }

    /// Takes a line end, if one is next.
    fn take_line_end(&mut self) -> bool {
        let returned = self.take_if(b'\r');
        self.take_if(b'\n') || returned
    }

    fn take_if(&mut self, wanted: u8) -> bool {
        self.peek() == Some(wanted) && self.take().is_some()
    }
}

/// Records, and blank lines.
fn read(bytes: &[u8]) -> (Vec<Second>, u64) {
    let mut from = Bytes { bytes, at: 0, line: 1 };
    let (mut records, mut blank) = (Vec::new(), 0);
    while from.peek().is_some() {
        if from.take_line_end() {
            blank += 1;
            continue;
        }
        let line = from.line;
        let mut record = Second { line, fields: vec![Vec::new()], open: false, abrupt: true, raw: Vec::new() };
        let (begin, mut at_start) = (from.at, true);
        loop {
            let field = record.fields.last_mut().unwrap();
            if at_start && from.take_if(b'"') {
                record.open = true;
                while let Some(byte) = from.take() {
                    match byte {
                        b'"' if from.take_if(b'"') => field.push(b'"'),
                        b'"' => {
                            record.open = false;
                            break;
                        }
                        byte => field.push(byte),
                    }
                }
            }
            at_start = false;
            match from.peek() {
                None => break,
                Some(b'\n' | b'\r') => {
                    from.take_line_end();
                    record.abrupt = false;
                    break;
                }
                Some(b';') => {
                    from.take();
                    record.fields.push(Vec::new());
                    at_start = true;
                }
                Some(byte) => {
                    field.push(byte);
                    from.take();
                }
            }
        }
        record.abrupt &= !matches!(bytes.last(), Some(b'\n' | b'\r'));
        record.raw = bytes[begin..from.at].to_vec();
        records.push(record);
    }
    (records, blank)
}

/// Rows by what becomes of them: line → text of its second field, or the reason of its refusal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judged {
    used: BTreeMap<u32, String>,
    refused: BTreeMap<u32, &'static str>,
    structural: u64,
}

/// What the second reader makes of a file; `Err`: the line whose quote nothing closes.
fn judge(bytes: &[u8]) -> Result<Judged, u32> {
    let (records, blank) = read(bytes);
    let mut judged = Judged { structural: blank + 1, ..Judged::default() };
    for record in &records[1..] {
        let texts: Vec<String> =
            record.fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
        let total = texts.iter().find(|text| !text.is_empty()).map(|text| fold(text).starts_with("celkem"));
        let end = record.raw.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let swallowed = record.raw[..end].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        if record.open && swallowed {
            return Err(record.line);
        }
        let reason = match total {
            None | Some(true) => {
                judged.structural += 1;
                continue;
            }
            _ if record.open => Some("truncated"),
            _ if texts.len() < 3 && record.abrupt => Some("truncated"),
            _ if texts.len() != 3 => Some("field_count"),
            _ => record.fields.iter().any(|field| std::str::from_utf8(field).is_err()).then_some("undecodable"),
        };
        match reason {
            Some(reason) => drop(judged.refused.insert(record.line, reason)),
            None => drop(judged.used.insert(record.line, texts[1].clone())),
        }
    }
    Ok(judged)
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
        refused: ingested.quarantine.iter().map(|row| (row.row, row.reason)).collect(),
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
    fn every_row_of_a_malformed_file_ends_where_the_second_reader_puts_it(bytes in malformed()) {
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
