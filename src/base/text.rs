//! Folding of labels, headers and tracking numbers, so that two spellings of one thing meet.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which labels and headers are compared (rulebook §14): compatibility-composed, any space is one blank, outer
/// quotes and a final full stop gone, case and diacritics folded. No stemming, no substring match.
pub fn fold(label: &str) -> String {
    if label.is_ascii() {
        return fold_ascii(label);
    }
    let mut folded = String::with_capacity(label.len());
    for letter in label.nfkd().filter(|c| !is_combining_mark(*c)) {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        if letter == ' ' && (folded.is_empty() || folded.ends_with(' ')) {
            continue;
        }
        folded.extend(letter.to_lowercase());
    }
    trim_marks(&folded).to_owned()
}

fn fold_ascii(label: &str) -> String {
    let mut folded = String::with_capacity(label.len());
    for word in label.split_ascii_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded.make_ascii_lowercase();
    let trimmed = trim_marks(&folded);
    if trimmed.len() == folded.len() { folded } else { trimmed.to_owned() }
}

fn trim_marks(text: &str) -> &str {
    let quotes = ['"', '\'', '„', '“', '”', '‚', '‘', '’', '«', '»'];
    text.trim().trim_matches(quotes).trim_end_matches('.').trim_matches(quotes).trim()
}

/// A tracking number as carriers compare it (carriers §1.1): upper case, without blanks, hyphens and a leading apostrophe,
/// full-width digits folded.
pub fn tracking_number(raw: &str) -> String {
    let mut number = String::with_capacity(raw.len());
    push_tracking_number(raw, &mut number);
    number
}

/// Whether a tracking number certainly is as [`tracking_number`] folds it: most are written so.
pub fn is_folded_tracking_number(raw: &str) -> bool {
    raw.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Appends a tracking number as [`tracking_number`] folds it.
pub fn push_tracking_number(raw: &str, into: &mut String) {
    let bare = raw.trim().trim_start_matches('\'');
    let counts = |letter: &char| !letter.is_whitespace() && *letter != '-';
    if bare.is_ascii() {
        into.extend(bare.bytes().map(char::from).filter(counts).map(|letter| letter.to_ascii_uppercase()));
    } else {
        into.extend(bare.nfkc().filter(counts).flat_map(char::to_uppercase));
    }
}

/// Characters of an address as the supplier counts them (rulebook §4.2): Unicode scalars after NFC and trimming.
pub fn address_length(line: &str) -> i64 {
    let line = line.trim();
    if line.is_ascii() { line.len() as i64 } else { line.nfc().count() as i64 }
}

/// The candidate nearest to `word`, if it is near enough to be a slip of the pen.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_takes_a_short_way_to_the_same_end(raw in "['\"A-Za-z0-9 .\t\u{b}\u{c}\u{1f}-]{0,24}", tail in "[ '\u{a0}ßŽ９]?") {
            let raw = format!("{raw}{tail}");
            let bare = raw.trim().trim_start_matches('\'');
            let number: String =
                bare.nfkc().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect();
            prop_assert_eq!(tracking_number(&raw), number);
            prop_assert_eq!(address_length(&raw), raw.trim().nfc().count() as i64);
            // Letters beyond ASCII that fold to nothing send the label the long way.
            let label = raw.replace(['\u{b}', '\u{1f}'], "");
            prop_assert_eq!(fold(&format!("{label}\u{301}")), fold(&label));
        }
    }

    #[test]
    fn labels_meet() {
        assert_eq!(fold("„Vyřízeno“."), fold("vyrizeno"));
        assert_eq!(fold("Átvételre\u{a0}kész"), "atvetelre kesz");
        assert_ne!(fold("vyřízená"), fold("nevyřízená"));
    }

    #[test]
    fn tracking_numbers_meet() {
        assert_eq!(tracking_number("z 450 7169 485"), "Z4507169485");
        assert_eq!(tracking_number("'0530-1234"), "05301234");
    }

    #[test]
    fn address_of_x24() {
        assert_eq!(address_length(&"ř".repeat(70)), 70);
        assert_eq!(address_length(&format!(" {} ", "ß".repeat(71))), 71);
        assert_eq!(address_length("r\u{30c}"), 1);
    }
}
