//! Inputs made from a seed, and what is changed in them: bytes, tokens, markup, records, parts of a package. Shared by the targets that
//! look at a cell and those that run the program.

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fastrand::Rng;

/// What delimited text is broken with: marks, line ends, encodings, beginnings of other formats.
pub const TEXT: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b";",
    b",",
    b"\t",
    b"|",
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
    b"\x1b[31m",
    b"\xe2\x80\xae",
    b"31.2.2026",
    b"99999999999999999999",
    b"=1+1",
    b"'",
    b"\\",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"<html>",
    b"%PDF-1.4",
];

/// No input of these sizes may take longer, of the processor or by the clock, whichever is less: a busy machine lets an input wait.
const LONGEST: Duration = Duration::from_secs(20);
/// Nor may the process ever have taken more memory: the usual tests run side by side in it.
const MOST_MEMORY: u64 = 3 << 30;

/// Tries inputs, at most `inputs` and for a moment; with `TRUEUP_FUZZ_SECONDS` for so long. A failure names its seed;
/// `TRUEUP_FUZZ_SEED` begins there. An end without a word leaves its seed in `<temp>/trueup-fuzz-<target>`.
#[allow(clippy::print_stderr, reason = "a long run says how far it came")]
pub fn fuzz(target: &str, inputs: u64, work: impl Fn(&mut Rng)) {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<f64>().ok());
    let (budget, inputs) = match from_environment("TRUEUP_FUZZ_SECONDS") {
        Some(seconds) => (Duration::from_secs_f64(seconds), u64::MAX),
        None => (Duration::from_secs(1), inputs),
    };
    let trace = std::env::temp_dir().join(format!("trueup-fuzz-{target}"));
    let begin = Instant::now();
    let first = from_environment("TRUEUP_FUZZ_SEED").unwrap_or(0.0) as u64;
    let mut seed = first;
    while begin.elapsed() < budget && seed - first < inputs {
        let _ = std::fs::write(&trace, seed.to_string());
        let (start, worked) = (Instant::now(), work_time());
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut Rng::with_seed(seed))));
        assert!(outcome.is_ok(), "{target} failed with TRUEUP_FUZZ_SEED={seed}");
        let worked = work_time().zip(worked).map(|(now, before)| now.saturating_sub(before));
        let took = start.elapsed().min(worked.unwrap_or(Duration::MAX));
        assert!(took < LONGEST, "{target} took {took:?} with TRUEUP_FUZZ_SEED={seed}");
        assert!(peak() < MOST_MEMORY, "{target} took {} bytes with TRUEUP_FUZZ_SEED={seed}", peak());
        seed += 1;
    }
    eprintln!("{target}: {} inputs in {:?}", seed - first, begin.elapsed());
}

/// How long processors have worked for the process so far, where the system tells: in its hundredths of a second.
fn work_time() -> Option<Duration> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = status.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis(ticks.sum::<Option<u64>>()? * 10))
}

/// The most memory that the process ever had, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() << 10
}

/// One of some things.
pub fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

/// Text of some tokens, and now and then of any letters.
pub fn text_of(rng: &mut Rng, tokens: &[&str], most: usize) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(..=most) {
        if rng.u8(..) < 8 { text.push(rng.char(..)) } else { text.push_str(one(rng, tokens)) }
    }
    text
}

/// Changes bytes here and there: other bytes, pieces left out, repeated, moved, tokens put in.
pub fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, tokens: &[&[u8]]) {
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

/// Another value in a pair of quotes, or a tag left out or written twice.
pub fn mutate_markup(rng: &mut Rng, bytes: &mut Vec<u8>) {
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
        "float",
        "PT99999H",
        "2026-11-09T14:00:00",
        "rId1",
        "../../x",
        "xl/worksheets/sheet1.xml",
        "_x0041_",
        "1048576",
        "\u{202e}",
    ];
    const TAGS: &[&str] = &[
        "<!DOCTYPE x>",
        "<![CDATA[",
        "<!--",
        "]]>",
        "<c>",
        "</row>",
        "</table:table>",
        "<table:table-row>",
        "<table:covered-table-cell table:number-columns-repeated=\"99999\"/>",
        "<row r=\"1048577\"/>",
        "<?x?>",
    ];
    let text = String::from_utf8_lossy(bytes).into_owned();
    let ends: Vec<usize> = text.match_indices(['<', '"', '>']).map(|(place, _)| place).collect();
    if ends.len() < 3 {
        return;
    }
    let at = rng.usize(..ends.len() - 2);
    let (from, to) = (ends[at], ends[at + 1] + 1);
    let new = match rng.u8(..4) {
        0 => format!("{}{}", &text[..from], &text[to..]),
        1 => format!("{}{}{}", &text[..to], &text[from..to].repeat(rng.usize(1..4)), &text[to..]),
        2 => format!("{}{}{}", &text[..from], one(rng, TAGS), &text[from..]),
        _ => format!("{}{}{}", &text[..=from], one(rng, VALUES), &text[to - 1..]),
    };
    *bytes = new.into_bytes();
}

/// The parts of a package, inflated.
pub fn parts(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(package)).expect("a sound package");
    (0..archive.len())
        .map(|place| {
            let mut part = archive.by_index(place).expect("a part");
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).expect("inflated");
            (part.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

/// A package of parts, each stored or deflated. Of two parts of one name the first is taken: the writer refuses them.
pub fn zipped(rng: &mut Rng, parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let method = one(rng, &[zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated]);
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        if writer.start_file(name.as_str(), options).is_ok() {
            writer.write_all(bytes).expect("written to memory");
        }
    }
    writer.finish().expect("written to memory").into_inner()
}

/// Changes a package in its parts: markup, records or bytes, names, parts left out; now and then the container itself.
pub fn mutate_package(rng: &mut Rng, package: &[u8]) -> Vec<u8> {
    const NAMES: &[&str] = &[
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "../up.xml",
        "XL\\styles.xml",
        "",
        "content.xml",
        "xl/workbook.bin",
    ];
    const TOKENS: &[&[u8]] =
        &[b"<", b">", b"\"", b"&", b"\0", b"\xff", b"<c r=\"A1\"><v>1</v></c>", b"</sheetData>", b"PK\x03\x04"];
    let mut parts = parts(package);
    for _ in 0..rng.usize(1..6) {
        if parts.is_empty() {
            break;
        }
        let at = rng.usize(..parts.len());
        let is_binary = parts[at].0.ends_with(".bin");
        match rng.u8(..20) {
            0 => drop(parts.remove(at)),
            1 => one(rng, NAMES).clone_into(&mut parts[at].0),
            2 | 3 => mutate(rng, &mut parts[at].1, TOKENS),
            _ if is_binary => mutate_records(rng, &mut parts[at].1),
            _ => mutate_markup(rng, &mut parts[at].1),
        }
    }
    let mut bytes = zipped(rng, &parts);
    if rng.u8(..10) == 0 {
        mutate(rng, &mut bytes, TOKENS);
    }
    bytes
}

/// Numbers that break what counts with them.
const EDGES: [u32; 10] = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// Changes the records of a part of an XLSB: left out, repeated, moved, of another kind, with other bytes, with a length that lies.
fn mutate_records(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let mut records: Vec<(u32, Vec<u8>)> = Vec::new();
    let mut rest = bytes.as_slice();
    while let (Some(kind), Some(length)) = (number(&mut rest), number(&mut rest)) {
        let taken = rest.len().min(length as usize);
        records.push((kind, rest[..taken].to_vec()));
        rest = &rest[taken..];
    }
    if records.is_empty() {
        return;
    }
    let at = rng.usize(..records.len());
    let mut lie = None;
    match rng.u8(..7) {
        0 => drop(records.remove(at)),
        1 => records.insert(at, records[at].clone()),
        2 => {
            let record = records.remove(at);
            records.insert(rng.usize(..=records.len()), record);
        }
        3 => records[at].0 = one(rng, &[0, 5, 6, 7, 0x0B, 0x13, 0x81, 0x92, 0x9C, 0x2F, 0x269]),
        4 => lie = Some(one(rng, &EDGES)),
        5 => records[at].1.truncate(rng.usize(..=4)),
        _ => overwrite(rng, &mut records[at].1),
    }
    bytes.clear();
    for (place, (kind, data)) in records.iter().enumerate() {
        push_number(bytes, *kind);
        push_number(bytes, lie.filter(|_| place == at).unwrap_or(data.len() as u32));
        bytes.extend(data);
    }
}

/// Writes a number at some place.
fn overwrite(rng: &mut Rng, bytes: &mut [u8]) {
    let number = if rng.bool() { one(rng, &EDGES) } else { rng.u32(..) }.to_le_bytes();
    let at = rng.usize(..=bytes.len());
    bytes[at..].iter_mut().zip(number).for_each(|(byte, new)| *byte = new);
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for place in 0..4 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    for _ in 0..4 {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        bytes.push(if number > 0 { byte | 0x80 } else { byte });
        if number == 0 {
            return;
        }
    }
}

/// Changes an XLS in the records of its workbook, which stand in the sectors one after another, or in the tables of its sectors.
pub fn mutate_compound(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const SECTOR: usize = 512;
    let begins: Vec<usize> = (SECTOR..bytes.len().saturating_sub(4))
        .step_by(SECTOR)
        .filter(|at| bytes[*at..*at + 2] == [0x09, 0x08])
        .collect();
    let mut records = Vec::new();
    if let Some(begin) = begins.first() {
        let mut at = *begin;
        while at + 4 <= bytes.len() && records.len() < 2_000 {
            records.push(at);
            at += 4 + usize::from(u16::from_le_bytes([bytes[at + 2], bytes[at + 3]]));
        }
    }
    for _ in 0..rng.usize(1..6) {
        let whole = bytes.len();
        // What was cut off before holds no record any more.
        records.retain(|at| at + 4 <= whole);
        if whole < SECTOR {
            return;
        }
        match rng.u8(..8) {
            0 => overwrite(rng, &mut bytes[..SECTOR.min(whole)]),
            1 => {
                let sector = rng.usize(..whole / SECTOR) * SECTOR;
                overwrite(rng, &mut bytes[sector..]);
            }
            2 if rng.u8(..) < 40 => bytes.truncate(rng.usize(..whole)),
            _ if records.is_empty() => overwrite(rng, bytes),
            3 => {
                let at = one(rng, &records);
                bytes[at..at + 2].copy_from_slice(
                    &one(rng, &[0x06_u16, 0x85, 0xFC, 0xFD, 0x203, 0x27E, 0xBD, 0x3C, 0x0A]).to_le_bytes(),
                );
            }
            4 => {
                let at = one(rng, &records) + 2;
                bytes[at..at + 2].copy_from_slice(&(one(rng, &EDGES) as u16).to_le_bytes());
            }
            _ => {
                let at = one(rng, &records) + 4;
                let until = (at + 24).min(whole);
                overwrite(rng, &mut bytes[at.min(until)..until]);
            }
        }
    }
}

/// Changes the tokens of a text: other ones of the same text or of `more`, left out, repeated; lines moved.
pub fn mutate_tokens(rng: &mut Rng, text: &str, more: &[&str]) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut tokens: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut was_word = None;
    for (at, c) in text.char_indices() {
        if was_word.is_some_and(|was| was != is_word(c) || !is_word(c)) {
            tokens.push(&text[start..at]);
            start = at;
        }
        was_word = Some(is_word(c));
    }
    tokens.push(&text[start..]);
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(..tokens.len());
        match rng.u8(..6) {
            0 => drop(tokens.remove(at)),
            1 => {
                let times = if rng.u8(..) < 3 { 3_000 } else { 1 };
                let token = tokens[at];
                drop(tokens.splice(at..at, std::iter::repeat_n(token, times)));
            }
            2 => {
                let other = rng.usize(..tokens.len());
                tokens.swap(at, other);
            }
            3 => tokens[at] = tokens[rng.usize(..tokens.len())],
            4 => {
                let until = (at + rng.usize(..40)).min(tokens.len());
                let piece: Vec<&str> = tokens[at..until].to_vec();
                let to = rng.usize(..tokens.len());
                drop(tokens.splice(to..to, piece));
            }
            _ => tokens[at] = one(rng, more),
        }
        if tokens.is_empty() {
            break;
        }
    }
    tokens.concat()
}
