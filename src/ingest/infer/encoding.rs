//! Which encoding a text is in: a byte-order mark, then UTF-8, then the encoding in which most headers of known layouts can be
//! read, then statistics. Every answer has its reason.

use std::collections::BTreeMap;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_2, UTF_8, WINDOWS_1250, WINDOWS_1252};
use oem_cp::code_table::DECODING_TABLE_CP852;

/// What a DOS text is declared as; the other encodings have their WHATWG names.
const CP852: &str = "cp852";

/// A text, decoded.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) text: String,
    /// As a pipeline declares it.
    pub(super) name: String,
    /// Percent.
    pub(super) confidence: u8,
    pub(super) because: String,
    /// Other encodings in which the bytes are the same text.
    pub(super) alike: Vec<String>,
    pub(super) notes: Vec<String>,
    /// The text begins with a byte-order mark.
    pub(super) mark: bool,
}

/// Decodes a text. `known` says whether a piece between two delimiters is a header of a known layout.
pub(super) fn read(bytes: &[u8], known: &dyn Fn(&str) -> bool) -> Encoded {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
        return certain(encoding, text.into_owned(), 100, "a byte-order mark", true);
    }
    if let Some(encoding) = wide(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return certain(encoding, text.into_owned(), 90, "every other byte is 0", false);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => {
            certain(UTF_8, text.to_owned(), 100, "only ASCII: every encoding reads it alike", false)
        }
        Ok(text) => certain(UTF_8, text.to_owned(), 99, "valid UTF-8 with letters beyond ASCII", false),
        Err(_) => one_byte(bytes, known),
    }
}

fn certain(encoding: &'static Encoding, text: String, confidence: u8, because: &str, mark: bool) -> Encoded {
    let name = encoding.name().to_ascii_lowercase();
    Encoded { text, name, confidence, because: because.to_owned(), alike: Vec::new(), notes: Vec::new(), mark }
}

/// UTF-16 without a mark: text of Latin letters has zeros on one side only.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 4096;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half == 0 {
        return None;
    }
    match (even * 10 > half * 7, odd * 10 > half * 7) {
        (false, true) if even * 20 < half => Some(encoding_rs::UTF_16LE),
        (true, false) if odd * 20 < half => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// A text in a one-byte code page: every byte means something in each of them, so evidence must decide.
fn one_byte(bytes: &[u8], known: &dyn Fn(&str) -> bool) -> Encoded {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let mut read: Vec<(String, String)> = Vec::new();
    for encoding in [guess, WINDOWS_1250, ISO_8859_2, WINDOWS_1252] {
        let name = encoding.name().to_ascii_lowercase();
        if read.iter().all(|(other, _)| *other != name) {
            read.push((name, encoding.decode_without_bom_handling(bytes).0.into_owned()));
        }
    }
    read.push((CP852.to_owned(), oem_cp::decode_string_complete_table(bytes, &DECODING_TABLE_CP852)));
    let hits: Vec<usize> = read.iter().map(|(_, text)| headers_in(text, known)).collect();
    let most = hits.iter().copied().max().unwrap_or(0);
    let least = hits.iter().copied().min().unwrap_or(0);
    // Headers without a letter beyond ASCII are read alike by all and tell nothing.
    let by_headers = most > least;
    let place = if by_headers { hits.iter().position(|count| *count == most).unwrap_or(0) } else { 0 };
    let alike: Vec<String> = read
        .iter()
        .filter(|(name, text)| *name != read[place].0 && *text == read[place].1)
        .map(|(name, _)| name.clone())
        .collect();
    let (name, text) = read.swap_remove(place);
    let because = if by_headers {
        format!("not UTF-8; {most} headers of known layouts can be read in it, {least} in the worst other one")
    } else {
        "not UTF-8; a guess by the frequency of letters".to_owned()
    };
    let notes = if name == CP852 { Vec::new() } else { dos_note(&text).into_iter().collect() };
    Encoded { text, name, confidence: if by_headers { 95 } else { 60 }, because, alike, notes, mark: false }
}

/// Pieces of the first lines that are headers of known layouts.
fn headers_in(text: &str, known: &dyn Fn(&str) -> bool) -> usize {
    const LINES: usize = 60;
    let lines = text.split(['\n', '\r']).filter(|line| !line.is_empty()).take(LINES);
    lines.flat_map(|line| line.split([';', ',', '\t', '|'])).filter(|piece| !piece.is_ascii() && known(piece)).count()
}

/// A sign in the middle of a word is the trace of a DOS code page, in which many letters stand where others have signs.
fn dos_note(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut signs: BTreeMap<char, usize> = BTreeMap::new();
    for three in letters.windows(3) {
        let inside = three[0].is_alphabetic() && three[2].is_alphabetic();
        if inside && !three[1].is_ascii() && !three[1].is_alphabetic() {
            *signs.entry(three[1]).or_default() += 1;
        }
    }
    let count: usize = signs.values().sum();
    (count > 0).then(|| {
        let shown: Vec<String> = signs.keys().take(5).map(|sign| sign.escape_debug().to_string()).collect();
        format!(
            "{count} signs stand inside words ({}): it may be cp852, which cannot be told from other code pages with certainty",
            shown.join(" ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CZECH: &str =
        "Číslo objednávky;Stav;Doručeno\n1;Žluťoučký kůň úpěl ďábelské ódy;9.11.2026\n2;Příliš šťastný;8.11.2026\n";

    fn nothing(_: &str) -> bool {
        false
    }

    #[test]
    fn marks_and_utf() {
        assert_eq!(read(b"a;b", &nothing).confidence, 100);
        let marked = read("\u{feff}Číslo".as_bytes(), &nothing);
        assert_eq!((marked.name.as_str(), marked.text.as_str(), marked.mark), ("utf-8", "Číslo", true));
        let wide: Vec<u8> = "Cislo;Stav\n1;x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide, &nothing).name, "utf-16le");
        let wide: Vec<u8> = "Cislo;Stav\n1;x\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&wide, &nothing).name, "utf-16be");
        assert_eq!(read(CZECH.as_bytes(), &nothing).name, "utf-8");
    }

    #[test]
    fn central_european_text() {
        let (bytes, ..) = WINDOWS_1250.encode(CZECH);
        let encoded = read(&bytes, &nothing);
        assert_eq!((encoded.name.as_str(), encoded.text.as_str()), ("windows-1250", CZECH));
        assert_eq!(encoded.confidence, 60);
        let known = |piece: &str| piece == "Číslo objednávky" || piece == "Doručeno";
        assert_eq!(read(&bytes, &known).confidence, 95);
    }

    #[test]
    fn a_dos_text_is_told_by_known_headers_and_suspected_without() {
        let bytes: Vec<u8> = oem_cp::encode_string_checked(CZECH, &oem_cp::code_table::ENCODING_TABLE_CP852).unwrap();
        let known = |piece: &str| piece == "Číslo objednávky";
        let encoded = read(&bytes, &known);
        assert_eq!((encoded.name.as_str(), encoded.text.as_str()), (CP852, CZECH));
        let suspected = read(&bytes, &nothing);
        assert!(suspected.notes.iter().any(|note| note.contains("cp852")), "{suspected:?}");
        let (bytes, ..) = WINDOWS_1250.encode(CZECH);
        assert!(read(&bytes, &nothing).notes.iter().all(|note| !note.contains("cp852")));
    }
}
