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
    let words: Vec<&str> = label.split_ascii_whitespace().collect();
    trim_marks(&words.join(" ").to_ascii_lowercase()).to_owned()
}

fn trim_marks(text: &str) -> &str {
    let quotes = ['"', '\'', '„', '“', '”', '‚', '‘', '’', '«', '»'];
    text.trim().trim_matches(quotes).trim_end_matches('.').trim_matches(quotes).trim()
}

/// A tracking number as carriers compare it (carriers.md §1.1): upper case, without blanks, hyphens and a leading apostrophe,
/// full-width digits folded.
pub fn tracking_number(raw: &str) -> String {
    raw.trim()
        .trim_start_matches('\'')
        .nfkc()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_uppercase)
        .collect()
}

/// Characters of an address as the supplier counts them (rulebook §4.2): Unicode scalars after NFC and trimming.
pub fn address_length(line: &str) -> i64 {
    line.trim().nfc().count() as i64
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
