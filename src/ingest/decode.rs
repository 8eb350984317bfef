//! From bytes to text. A byte-order mark wins over the declared encoding; what cannot be decoded becomes U+FFFD and is
//! remembered, so that the row that holds it is refused and no other.

use encoding_rs::{DecoderResult, Encoding, UTF_8};

use crate::ingest::chunks::count_pairs;

/// Decoded text.
#[derive(Debug)]
pub(super) struct Decoded {
    text: String,
    start: usize,
    /// Places in [`Decoded::text`] where something undecodable stood, and its byte in the file; ascending.
    bad: Vec<(usize, u64)>,
    /// Places in [`Decoded::text`] and their bytes in the file, ascending: from each on, text and file go in step. Empty where
    /// the text is not the file's own bytes.
    anchors: Vec<(usize, u64)>,
}

/// Why no text can be made of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undecoded {
    /// Nobody knows an encoding of this name.
    UnknownEncoding,
    /// Declared as a one-byte encoding, but every letter beyond ASCII is well-formed UTF-8.
    LooksLikeUtf8,
}

impl Decoded {
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

    /// Whether anything could not be decoded.
    pub(super) fn is_damaged(&self) -> bool {
        !self.bad.is_empty()
    }
}

/// Decodes a file declared as `label` (WHATWG name).
pub(super) fn decode(bytes: Vec<u8>, label: &str) -> Result<Decoded, Undecoded> {
    if let Some((encoding, length)) = Encoding::for_bom(&bytes) {
        return Ok(if encoding == UTF_8 { utf8(bytes, length) } else { slowly(&bytes[length..], length, encoding) });
    }
    let encoding = Encoding::for_label(label.as_bytes()).ok_or(Undecoded::UnknownEncoding)?;
    if encoding == UTF_8 {
        return Ok(utf8(bytes, 0));
    }
    if encoding.is_single_byte() && !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok() {
        return Err(Undecoded::LooksLikeUtf8);
    }
    let mut decoded = slowly(&bytes, 0, encoding);
    if encoding.is_single_byte() {
        mark_control_codes(&mut decoded);
    }
    Ok(decoded)
}

fn utf8(bytes: Vec<u8>, start: usize) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, start, bad: Vec::new(), anchors: vec![(0, start as u64)] },
        Err(error) => slowly(&error.as_bytes()[start..], start, UTF_8),
    }
}

fn slowly(bytes: &[u8], offset: usize, encoding: &'static Encoding) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut bad = Vec::new();
    let mut anchors = vec![(0, offset as u64)];
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
                bad.push((text.len(), (offset + begin) as u64));
                text.push('\u{fffd}');
                anchors.push((text.len(), (offset + read - usize::from(after)) as u64));
            }
        }
    }
    if encoding != UTF_8 {
        anchors.clear();
    }
    Decoded { text, start: 0, bad, anchors }
}

/// A one-byte code page fills its holes with C1 control codes; no export means them: they are the trace of another code page.
fn mark_control_codes(decoded: &mut Decoded) {
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

    #[test]
    fn windows_1250_and_a_mark_that_wins() {
        let decoded = decode(b"\xC8\xEDslo;\x8Elu\x9Dou\xE8k\xFD".to_vec(), "windows-1250").unwrap();
        assert_eq!(decoded.text(), "Číslo;Žluťoučký");
        assert!(!decoded.is_damaged());
        let decoded = decode("\u{feff}Číslo".as_bytes().to_vec(), "windows-1250").unwrap();
        assert_eq!(decoded.text(), "Číslo");
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("Číslo".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(decode(wide, "utf-8").unwrap().text(), "Číslo");
    }

    #[test]
    fn undecodable_bytes_have_a_place() {
        let decoded = decode(b"abc\nd\xE8f\nghi".to_vec(), "utf-8").unwrap();
        assert_eq!(decoded.text(), "abc\nd\u{fffd}f\nghi");
        assert_eq!(decoded.undecodable_in(0..4), None);
        assert_eq!(decoded.undecodable_in(4..8), Some(5));
        assert_eq!(decoded.undecodable_in(10..13), None);
    }

    #[test]
    fn places_in_utf_8_are_bytes_of_the_file_and_others_are_not() {
        // the letter č has two bytes, the broken one becomes three in the text
        let decoded = decode("\u{feff}č\nx".as_bytes().to_vec(), "utf-8").unwrap();
        assert_eq!(decoded.byte_in_file(0), Some(3));
        assert_eq!(decoded.byte_in_file(3), Some(6));
        let decoded = decode(b"a\xE8\nb\xE8\nc".to_vec(), "utf-8").unwrap();
        let places: Vec<usize> = decoded.text().match_indices('\n').map(|(place, _)| place + 1).collect();
        assert_eq!(places.iter().map(|place| decoded.byte_in_file(*place)).collect::<Vec<_>>(), [Some(3), Some(6)]);
        assert_eq!(decode(b"a\xE8\nb".to_vec(), "windows-1250").unwrap().byte_in_file(0), None);
    }

    #[test]
    fn a_wrong_code_page_shows() {
        assert_eq!(decode("Číslo".as_bytes().to_vec(), "windows-1250").unwrap_err(), Undecoded::LooksLikeUtf8);
        assert_eq!(decode(b"a".to_vec(), "klingon").unwrap_err(), Undecoded::UnknownEncoding);
        // š of windows-1250 is a control code of iso-8859-2
        let decoded = decode(b"ko\x9Aile".to_vec(), "iso-8859-2").unwrap();
        assert_eq!(decoded.undecodable_in(0..9), Some(2));
    }
}
