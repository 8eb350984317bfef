//! From bytes to text. A byte-order mark wins over what is declared; what cannot be decoded becomes U+FFFD and is remembered, so
//! that the row that holds it is refused and no other.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8};

use crate::base::code_page::CodePage;
use crate::ingest::line_ends::{count, count_pairs};
use crate::pipeline::source::TextEncoding;

/// Fewer letters beyond ASCII say little about their encoding.
const TELLING_LETTERS: usize = 30;

/// Decoded text: of a file, or of a window of it.
#[derive(Debug)]
pub(super) struct Decoded<'f> {
    text: Cow<'f, str>,
    start: usize,
    /// Places in [`Decoded::text`] where something undecodable stood, and its byte in the file; ascending.
    bad: Vec<(usize, u64)>,
    /// Places in [`Decoded::text`] and their bytes in the file, ascending: from each on, text and file go in step. Empty where
    /// the text is not the file's own bytes.
    anchors: Vec<(usize, u64)>,
    /// What the text was in.
    pub(super) page: CodePage,
    /// How sure that is.
    pub(super) confidence: Confidence,
}

/// How sure an encoding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confidence {
    /// The source names this one alone.
    Declared,
    /// A byte-order mark, or well-formed UTF-8: chance does not write it.
    Certain,
    /// The whole text is sound in it.
    Likely,
    /// Too few letters speak for it, or some bytes against it.
    Unsure,
}

impl Confidence {
    /// As messages say it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Confidence::Declared => "declared",
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Unsure => "unsure",
        }
    }
}

/// Declared as one-byte encodings alone, but every letter beyond ASCII is well-formed UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LooksLikeUtf8;

impl<'f> Decoded<'f> {
    fn new(text: Cow<'f, str>, bad: Vec<(usize, u64)>, page: CodePage) -> Decoded<'f> {
        Decoded { text, start: 0, bad, anchors: Vec::new(), page, confidence: Confidence::Declared }
    }

    fn sure(self, confidence: Confidence) -> Decoded<'f> {
        Decoded { confidence, ..self }
    }

    /// The text, without the byte-order mark.
    pub(super) fn text(&self) -> &str {
        &self.text[self.start..]
    }

    /// The byte in the file of the first undecodable place within a range of [`Decoded::text`].
    pub(super) fn undecodable_in(&self, range: std::ops::Range<usize>) -> Option<u64> {
        if self.bad.is_empty() {
            return None;
        }
        let from = self.bad.partition_point(|(place, _)| *place < range.start);
        self.bad.get(from).filter(|(place, _)| *place < range.end).map(|(_, byte)| *byte)
    }

    /// The byte in the file of a place in [`Decoded::text`]; `None` where places are no bytes of the file.
    pub(super) fn byte_in_file(&self, place: usize) -> Option<u64> {
        let behind = self.anchors.partition_point(|(anchor, _)| *anchor <= place);
        let (anchor, byte) = self.anchors.get(behind.checked_sub(1)?)?;
        Some(byte + (place - anchor) as u64)
    }

    /// The same text, whose places are no bytes of the file: it was inflated.
    pub(super) fn without_places(mut self) -> Decoded<'f> {
        self.anchors.clear();
        self
    }

    /// Whether anything could not be decoded.
    pub(super) fn is_damaged(&self) -> bool {
        !self.bad.is_empty()
    }
}

/// Decodes a window of a file that is declared as UTF-8: whole lines, which begin at the byte `from` of the file, behind a mark of
/// `mark` bytes.
pub(super) fn window(bytes: &[u8], mark: usize, from: u64) -> Decoded<'_> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => sound_utf8(Cow::Borrowed(text), mark, from),
        Err(_) => slowly(&bytes[mark..], from + mark as u64, UTF_8),
    }
}

/// Decodes a file.
///
/// # Errors
/// Text that is UTF-8 where only one-byte encodings are declared.
pub(super) fn decode(bytes: Vec<u8>, encoding: &TextEncoding) -> Result<Decoded<'static>, LooksLikeUtf8> {
    if let Some((marked, length)) = Encoding::for_bom(&bytes) {
        let decoded =
            if marked == UTF_8 { utf8(bytes, length) } else { slowly(&bytes[length..], length as u64, marked) };
        return Ok(decoded.sure(Confidence::Certain));
    }
    match encoding {
        TextEncoding::Declared(pages) => match &**pages {
            [page] => only(bytes, *page),
            pages => first_sound(bytes, pages),
        },
        TextEncoding::Detected => Ok(detected(bytes)),
    }
}

fn only(bytes: Vec<u8>, page: CodePage) -> Result<Decoded<'static>, LooksLikeUtf8> {
    if page == CodePage::UTF_8 {
        return Ok(utf8(bytes, 0));
    }
    if page.is_single_byte() && !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok() {
        return Err(LooksLikeUtf8);
    }
    Ok(in_page(&bytes, page))
}

/// The first encoding in which the whole text is sound; without one, that in which least of it is not.
fn first_sound(bytes: Vec<u8>, pages: &[CodePage]) -> Result<Decoded<'static>, LooksLikeUtf8> {
    let is_utf8 = std::str::from_utf8(&bytes).is_ok();
    let mut best: Option<Decoded<'static>> = None;
    for page in pages {
        if is_utf8 && *page == CodePage::UTF_8 {
            return Ok(utf8(bytes, 0).sure(Confidence::Certain));
        }
        if is_utf8 && page.is_single_byte() && !bytes.is_ascii() {
            continue;
        }
        let decoded = in_page(&bytes, *page);
        if !decoded.is_damaged() {
            return Ok(decoded.sure(Confidence::Likely));
        }
        if best.as_ref().is_none_or(|best| decoded.bad.len() < best.bad.len()) {
            best = Some(decoded.sure(Confidence::Unsure));
        }
    }
    best.ok_or(LooksLikeUtf8)
}

/// UTF-8 when the text is that, else the encoding in which its letters are as frequent as in some language. The web does not know
/// CP852, so it is taken only where it alone makes words of the letters beyond ASCII.
fn detected(bytes: Vec<u8>) -> Decoded<'static> {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return sound_utf8(Cow::Owned(text), 0, 0).sure(Confidence::Certain),
        Err(error) => error.into_bytes(),
    };
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let guessed = in_page(&bytes, CodePage::Web(detector.guess(None, Utf8Detection::Deny)));
    let is_doubtful = !reads_as_words(guessed.text());
    let other = is_doubtful.then(|| in_page(&bytes, CodePage::Cp852)).filter(|other| reads_as_words(other.text()));
    let decoded = other.unwrap_or(guessed);
    let letters = count(&bytes, |byte| byte >= 0x80);
    let sure = letters >= TELLING_LETTERS && !decoded.is_damaged();
    decoded.sure(if sure { Confidence::Likely } else { Confidence::Unsure })
}

/// Whether all that is beyond ASCII is space, or a letter that touches no digit: in a wrong code page, letters turn into signs, and
/// the no-break spaces of amounts into letters.
fn reads_as_words(text: &str) -> bool {
    let mut beyond = text.char_indices().filter(|(_, letter)| !letter.is_ascii() && !letter.is_whitespace());
    beyond.all(|(place, letter)| {
        let before = text[..place].bytes().next_back();
        let after = text.as_bytes().get(place + letter.len_utf8());
        letter.is_alphabetic() && ![before.as_ref(), after].into_iter().flatten().any(u8::is_ascii_digit)
    })
}

fn in_page(bytes: &[u8], page: CodePage) -> Decoded<'static> {
    let mut decoded = match page {
        CodePage::Web(encoding) => slowly(bytes, 0, encoding),
        CodePage::Cp852 => {
            let text = oem_cp::decode_string_complete_table(bytes, &oem_cp::code_table::DECODING_TABLE_CP852);
            Decoded::new(Cow::Owned(text), Vec::new(), page)
        }
    };
    if page.is_single_byte() {
        mark_control_codes(&mut decoded);
    }
    decoded
}

fn utf8(bytes: Vec<u8>, start: usize) -> Decoded<'static> {
    match String::from_utf8(bytes) {
        Ok(text) => sound_utf8(Cow::Owned(text), start, 0),
        Err(error) => slowly(&error.as_bytes()[start..], start as u64, UTF_8),
    }
}

/// A text that begins at the byte `from` of the file, its mark of `start` bytes included.
fn sound_utf8(text: Cow<'_, str>, start: usize, from: u64) -> Decoded<'_> {
    Decoded { start, anchors: vec![(0, from + start as u64)], ..Decoded::new(text, Vec::new(), CodePage::UTF_8) }
}

/// `offset` is the byte of the file at which `bytes` begin.
fn slowly(bytes: &[u8], offset: u64, encoding: &'static Encoding) -> Decoded<'static> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut bad = Vec::new();
    let mut anchors = vec![(0, offset)];
    let mut read = 0;
    loop {
        let rest = &bytes[read..];
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len()) + 4);
        let (result, taken) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        read += taken;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let begin = read - usize::from(after) - usize::from(length);
                bad.push((text.len(), offset + begin as u64));
                text.push('\u{fffd}');
                anchors.push((text.len(), offset + (read - usize::from(after)) as u64));
            }
        }
    }
    if encoding != UTF_8 {
        anchors.clear();
    }
    Decoded { anchors, ..Decoded::new(Cow::Owned(text), bad, CodePage::Web(encoding)) }
}

/// A one-byte code page fills its holes with C1 control codes; no export means them: they are the trace of another code page.
fn mark_control_codes(decoded: &mut Decoded<'_>) {
    let is_code = |first: u8, second: u8| (first == 0xc2) & (0x80..=0x9f).contains(&second);
    if count_pairs(decoded.text.as_bytes(), is_code) == 0 {
        return;
    }
    for (letters_before, (place, letter)) in decoded.text.char_indices().enumerate() {
        if ('\u{80}'..='\u{9f}').contains(&letter) {
            decoded.bad.push((place, letters_before as u64));
        }
    }
    decoded.bad.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], labels: &[&str]) -> Result<Decoded<'static>, LooksLikeUtf8> {
        let pages = labels.iter().map(|label| CodePage::named(label).unwrap()).collect();
        decode(bytes.to_vec(), &TextEncoding::Declared(pages))
    }

    #[test]
    fn windows_1250_and_a_mark_that_wins() {
        let decoded = read(b"\xC8\xEDslo;\x8Elu\x9Dou\xE8k\xFD", &["windows-1250"]).unwrap();
        assert_eq!(decoded.text(), "Číslo;Žluťoučký");
        assert!(!decoded.is_damaged());
        assert_eq!(decoded.confidence, Confidence::Declared);
        let decoded = read("\u{feff}Číslo".as_bytes(), &["windows-1250"]).unwrap();
        assert_eq!((decoded.text(), decoded.page), ("Číslo", CodePage::UTF_8));
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("Číslo".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(read(&wide, &["utf-8"]).unwrap().text(), "Číslo");
    }

    #[test]
    fn cp852() {
        // hand-made from the code chart: Č AC, í A1, Ž A6, ť 9C, ř FD, ý EC
        let decoded = read(b"\xAC\xA1slo;\xA6lu\x9Cou\x9Fk\xEC", &["ibm852"]).unwrap();
        assert_eq!((decoded.text(), decoded.page), ("Číslo;Žluťoučký", CodePage::Cp852));
        assert_eq!(read("Číslo".as_bytes(), &["cp852"]).unwrap_err(), LooksLikeUtf8);
    }

    #[test]
    fn undecodable_bytes_have_a_place() {
        let decoded = read(b"abc\nd\xE8f\nghi", &["utf-8"]).unwrap();
        assert_eq!(decoded.text(), "abc\nd\u{fffd}f\nghi");
        assert_eq!(decoded.undecodable_in(0..4), None);
        assert_eq!(decoded.undecodable_in(4..8), Some(5));
        assert_eq!(decoded.undecodable_in(10..13), None);
    }

    #[test]
    fn places_in_utf_8_are_bytes_of_the_file_and_others_are_not() {
        // the letter č has two bytes, the broken one becomes three in the text
        let decoded = read("\u{feff}č\nx".as_bytes(), &["utf-8"]).unwrap();
        assert_eq!(decoded.byte_in_file(0), Some(3));
        assert_eq!(decoded.byte_in_file(3), Some(6));
        let decoded = read(b"a\xE8\nb\xE8\nc", &["utf-8"]).unwrap();
        let places: Vec<usize> = decoded.text().match_indices('\n').map(|(place, _)| place + 1).collect();
        assert_eq!(places.iter().map(|place| decoded.byte_in_file(*place)).collect::<Vec<_>>(), [Some(3), Some(6)]);
        assert_eq!(read(b"a\xE8\nb", &["windows-1250"]).unwrap().byte_in_file(0), None);
    }

    #[test]
    fn a_wrong_code_page_shows() {
        assert_eq!(read("Číslo".as_bytes(), &["windows-1250"]).unwrap_err(), LooksLikeUtf8);
        // š of windows-1250 is a control code of iso-8859-2
        let decoded = read(b"ko\x9Aile", &["iso-8859-2"]).unwrap();
        assert_eq!(decoded.undecodable_in(0..9), Some(2));
    }

    #[test]
    fn the_first_sound_encoding_of_a_list() {
        let of = |bytes: &[u8], labels: &[&str]| {
            let decoded = read(bytes, labels).unwrap();
            (decoded.text().to_owned(), decoded.page.name(), decoded.confidence)
        };
        let both = ["utf-8", "windows-1250"];
        assert_eq!(of("Číslo".as_bytes(), &both), ("Číslo".into(), "utf-8".into(), Confidence::Certain));
        assert_eq!(of(b"\xC8\xEDslo", &both), ("Číslo".into(), "windows-1250".into(), Confidence::Likely));
        // what is UTF-8 is no code page, whatever the order
        let turned = ["windows-1250", "utf-8"];
        assert_eq!(of("Číslo".as_bytes(), &turned).1, "utf-8");
        // 9A is a control code of iso-8859-2, so the next one is taken
        assert_eq!(of(b"ko\x9Aile", &["iso-8859-2", "windows-1250"]).0, "košile");
        // nothing is sound: the one with the least damage, and its bad bytes are known
        let decoded = read(b"\xC8\xEDslo\x81", &both).unwrap();
        assert_eq!((decoded.page.name().as_str(), decoded.confidence), ("windows-1250", Confidence::Unsure));
        assert_eq!(decoded.bad.len(), 1);
        assert_eq!(read("Číslo".as_bytes(), &["cp852", "windows-1250"]).unwrap_err(), LooksLikeUtf8);
    }

    #[test]
    fn an_encoding_is_found_out() {
        let of = |bytes: &[u8]| {
            let decoded = decode(bytes.to_vec(), &TextEncoding::Detected).unwrap();
            (decoded.text().to_owned(), decoded.page.name(), decoded.confidence)
        };
        assert_eq!(of(b"plain"), ("plain".into(), "utf-8".into(), Confidence::Certain));
        assert_eq!(of("Číslo".as_bytes()), ("Číslo".into(), "utf-8".into(), Confidence::Certain));
        let text = "Číslo objednávky;Stav;Vytvořeno;Poštovné\nA1;Doručeno;9.11.2026;89\nA2;Odesláno zákazníkovi;9.11.2026;0\n\
                    A3;Nová, čeká na zaplacení;9.11.2026;Žižkov, příliš žluťoučký kůň\n";
        let few = CodePage::named("windows-1250").unwrap().encode(text).unwrap();
        assert_eq!(of(&few), (text.into(), "windows-1250".into(), Confidence::Unsure));
        assert_eq!(of(&few.repeat(2)), (text.repeat(2), "windows-1250".into(), Confidence::Likely));
        assert_eq!(of(b"\xE8").2, Confidence::Unsure);
        let few = CodePage::Cp852.encode(text).unwrap();
        assert_eq!(of(&few), (text.into(), "cp852".into(), Confidence::Unsure));
        assert_eq!(of(&few.repeat(2)), (text.repeat(2), "cp852".into(), Confidence::Likely));
        // a no-break space of windows-1250 is the letter á of CP852, but not within an amount
        assert_eq!(of(b"Celkem;1\xA0234,50\n").0, "Celkem;1\u{a0}234,50\n");
    }
}
