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

/// The form in which headers meet whatever a system makes of them between two versions: [`fold`], without blanks and `_`.
pub fn header_key(header: &str) -> String {
    let mut key = fold(header);
    key.retain(|letter| letter != ' ' && letter != '_');
    key
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

/// The candidate nearest to `word`, if it is near enough to be meant: less than half of the letters differ, it is more than a beginning
/// of the other, and it does not say the opposite.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    likest(word, candidates.into_iter().filter(|candidate| is_near(word, candidate)))
}

/// Nothing longer is a label or a header with a slip of the pen: likeness takes as long as both texts multiplied.
const LIKE: usize = 256;

fn is_near(one: &str, other: &str) -> bool {
    if one.len().max(other.len()) > LIKE {
        return false;
    }
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    match long.strip_prefix(short.as_str()) {
        Some(rest) => rest.chars().count() <= 1,
        None => strsim::osa_distance(short, long) * 2 < long.chars().count(),
    }
}

/// The header likest to `word`, also one that is longer or shorter: a header that is written anew often begins as before. Never one that
/// says the opposite.
pub fn likest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| word.len().max(candidate.len()) <= LIKE)
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, candidate)| *likeness > 0.8 && !are_opposed(word, candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// The label nearest to `label`, if it is a slip of the pen: word by word nearly the same letters. A label decides what an amount
/// means, so likeness is not enough: `chargeback` is like `charge`.
pub fn nearest_label<'a>(label: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    likest(label, candidates.into_iter().filter(|candidate| is_slip(label, candidate)))
}

/// Whether two labels differ by slips of the pen only: blanks, one letter in five, or a letter at the end of a word.
fn is_slip(one: &str, other: &str) -> bool {
    let (ones, others): (Vec<&str>, Vec<&str>) = (words(one).collect(), words(other).collect());
    ones.concat() == others.concat()
        || ones.len() == others.len() && ones.iter().zip(&others).all(|(one, other)| is_slip_of_word(one, other))
}

fn is_slip_of_word(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let slips = short.chars().count() / 5;
    let is_longer = || long.strip_prefix(short).is_some_and(|end| slips > 0 && end.chars().count() == 1);
    short == long || if long.contains(short) { is_longer() } else { strsim::osa_distance(short, long) <= slips }
}

/// Words that turn what stands beside them, in the languages of exports (folded).
const TURNING: &[&str] = &[
    "not",
    "non",
    "without",
    "back",
    "reversal",
    "reversed",
    "return",
    "returned",
    "refund",
    "refunded",
    "cancelled",
    "canceled",
    "cancellation",
    "failed",
    "rejected",
    "declined",
    "bez",
    "ne",
    "neni",
    "nie",
    "storno",
    "nem",
    "nelkul",
    "nicht",
    "kein",
    "keine",
    "ohne",
    "ruck",
];
/// Beginnings and ends that turn a word.
const TURNING_BEGINNINGS: &[&str] = &[
    "un", "in", "im", "non", "dis", "de", "re", "mis", "anti", "counter", "pre", "ne", "nie", "nem", "ruck", "zuruck",
    "storno",
];
const TURNING_ENDS: &[&str] = &["back", "less"];
/// Words that face each other.
const FACING: &[(&str, &str)] = &[
    ("credit", "debit"),
    ("in", "out"),
    ("from", "to"),
    ("gross", "net"),
    ("brutto", "netto"),
    ("with", "without"),
    ("incl", "excl"),
    ("including", "excluding"),
    ("inbound", "outbound"),
    ("incoming", "outgoing"),
    ("increase", "decrease"),
    ("open", "closed"),
    ("sent", "received"),
    ("before", "after"),
    ("buyer", "seller"),
];

/// Whether one text says the opposite of the other: a word of one of them turns it, or two of their words face each other.
fn are_opposed(one: &str, other: &str) -> bool {
    let (one, other) = (fold(one), fold(other));
    let (ones, others): (Vec<&str>, Vec<&str>) = (words(&one).collect(), words(&other).collect());
    if ones.concat() == others.concat() {
        return false;
    }
    let turns = |word: &&str| TURNING.contains(word);
    let is_turned = |word: &str, plain: &str| {
        let beginning = word.strip_suffix(plain).is_some_and(|beginning| TURNING_BEGINNINGS.contains(&beginning));
        beginning || word.strip_prefix(plain).is_some_and(|end| TURNING_ENDS.contains(&end))
    };
    let face = |a: &str, b: &str| FACING.contains(&(a, b)) || FACING.contains(&(b, a));
    let in_both = |word: &str, foreign: &[&str]| foreign.iter().any(|other| is_slip_of_word(word, other));
    let ones: Vec<&str> = ones.iter().copied().filter(|word| !in_both(word, &others)).collect();
    let others: Vec<&str> = words(&other).filter(|word| !words(&one).any(|own| is_slip_of_word(word, own))).collect();
    ones.iter().any(turns) != others.iter().any(turns)
        || ones.iter().any(|a| others.iter().any(|b| is_turned(a, b) || is_turned(b, a) || face(a, b)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
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
    fn a_hint_never_crosses_an_opposite() {
        for (word, other) in [
            ("chargeback", "charge"),
            ("unpaid", "paid"),
            ("nevyrizena", "vyrizena"),
            ("refunded", "funded"),
            ("undelivered", "delivered"),
            ("order not shipped", "order shipped"),
            ("chargeback won", "chargeback lost"),
            ("debit", "credit"),
            ("fee refund", "fee"),
            ("prepaid", "paid"),
            ("hold", "sold"),
        ] {
            assert_eq!(nearest_label(word, [other]), None, "{word}");
            assert_eq!(nearest_label(other, [word]), None, "{other}");
        }
        for (word, label) in
            [("delivred", "delivered"), ("refunds", "refund"), ("charge back", "chargeback"), ("canceled", "cancelled")]
        {
            assert_eq!(nearest_label(word, ["paid", label]), Some(label), "{word}");
        }
        // A hint needs more than a common beginning.
        for (word, other) in [
            ("dhl", "dpd"),
            ("ShippingHB", "shipping"),
            ("shipped - delivered to buyer", "shipped"),
            ("item-price", "itemtotalpricewithvat"),
            ("ship-city", "shippingtypelabel"),
        ] {
            assert_eq!(nearest(word, [other]), None, "{word}");
            assert_eq!(nearest(other, [word]), None, "{other}");
        }
        assert_eq!(likest("postage incl. VAT", ["postage"]), Some("postage"));
        // Names may be longer or shorter, and still not the opposite.
        assert_eq!(nearest("Order number", ["Order no", "Paid"]), Some("Order no"));
        for (name, other) in
            [("Amount gross", "Amount net"), ("Paid amount", "Unpaid amount"), ("unpaid_at", "paid_at")]
        {
            assert_eq!(nearest(name, [other]), None, "{name}");
        }
    }

    #[test]
    fn headers_meet() {
        for header in ["Order ID", "order_id", "ORDERID", " Order  Id ", "\u{feff}Order_Id"] {
            assert_eq!(header_key(header.trim_start_matches('\u{feff}')), "orderid", "{header}");
        }
        assert_eq!(header_key("Číslo_objednávky"), header_key("cislo objednavky"));
        assert_ne!(header_key("order-id"), header_key("order id"));
        assert_ne!(header_key("Order ID"), header_key("Order IDs"));
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
