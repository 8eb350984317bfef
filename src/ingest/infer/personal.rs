//! Whether a column probably holds personal data, by its values: a suspicion for a person to judge, and a reason to show none of
//! its values.

use crate::ingest::infer::sample::Seen;
use crate::pipeline::known_headers::Personal;

/// What most of the values are; whole numbers and identifiers are neither addresses nor names.
pub(super) fn personal(values: &[Seen], is_number: bool) -> Option<Personal> {
    let texts: Vec<&str> = values
        .iter()
        .filter_map(|value| if let Seen::Text(text) = value { Some(text.as_str()) } else { None })
        .collect();
    let most = |test: fn(&str) -> bool| {
        !texts.is_empty() && texts.iter().filter(|text| test(text)).count() * 10 >= texts.len() * 8
    };
    if most(is_mail) {
        return Some(Personal::Mail);
    }
    if most(is_phone) {
        return Some(Personal::Phone);
    }
    if is_number {
        return None;
    }
    if most(is_address) {
        return Some(Personal::Address);
    }
    most(is_name).then_some(Personal::Name)
}

fn is_mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
}

/// A country code, or nine digits in groups of three.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let only = text.chars().all(|letter| letter.is_ascii_digit() || "+ ()-/\u{a0}".contains(letter));
    let groups: Vec<&str> = text.split([' ', '\u{a0}']).collect();
    let grouped = groups.len() == 3 && groups.iter().all(|group| group.len() == 3);
    only && (9..=15).contains(&digits) && (text.starts_with('+') || text.starts_with("00") && digits > 11 || grouped)
}

/// Two or three words, each a capital followed by small letters.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| {
        let mut letters = word.chars().filter(|letter| *letter != '-' && *letter != '.');
        let first = letters.next().is_some_and(char::is_uppercase);
        let rest: Vec<char> = letters.collect();
        first
            && !rest.is_empty()
            && rest.iter().filter(|letter| letter.is_uppercase()).count() <= 1
            && rest.iter().all(|letter| letter.is_alphabetic())
            && rest.iter().any(|letter| letter.is_lowercase())
    };
    (2..=3).contains(&words.len()) && words.iter().all(capital)
}

/// A street with its number, then a postal code.
fn is_address(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.contains(',') && text.contains(' ') && letters >= 6 && (4..=10).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_and_its_near_miss() {
        assert!(is_mail("jan.novak@example.com") && !is_mail("jan@home") && !is_mail("a @b.cz"));
        assert!(is_phone("+420 777 123 456") && is_phone("777 123 456") && is_phone("00420777123456"));
        assert!(!is_phone("4102000012") && !is_phone("13800026003654") && !is_phone("79 000"));
        assert!(is_name("Jan Novák") && is_name("Marie Nováková-Malá") && is_name("Anna Maria Kovács"));
        assert!(
            !is_name("Zahradní lehátko")
                && !is_name("DPD Pickup")
                && !is_name("Doručeno")
                && !is_name("Balík na poštu")
        );
        assert!(is_address("Dlhá 34, 040 01 Košice") && !is_address("KV-1003, KV-1004"));
    }
}
