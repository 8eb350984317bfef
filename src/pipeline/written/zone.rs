//! The zone that a date pattern names in letters of its own. A literal is only matched, never read, so a zone in letters would be
//! ignored: `Z`, `UTC` and `GMT` mean UTC, and any other is refused when the pipeline is loaded.

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};

/// What a pattern says of the zone of its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenZone {
    /// Nothing, or an offset that each cell writes (`%z`, `%:z`, `%+`).
    OfTheCell,
    /// Times are UTC.
    Utc,
}

impl WrittenZone {
    /// The zone of a pattern. A pattern that chrono does not know says nothing here.
    ///
    /// # Errors
    /// The letters that look like another zone, or `%Z`, which chrono matches and does not read.
    pub fn of(pattern: &str) -> Result<WrittenZone, String> {
        let mut zone = WrittenZone::OfTheCell;
        let mut is_behind_time = false;
        let is_time = |item: &Item| {
            matches!(
                item,
                Item::Numeric(Numeric::Hour | Numeric::Hour12 | Numeric::Timestamp, _) | Item::Fixed(Fixed::RFC3339)
            )
        };
        let has_time = StrftimeItems::new(pattern).any(|item| is_time(&item));
        for item in StrftimeItems::new(pattern) {
            is_behind_time |= is_time(&item);
            match item {
                Item::Fixed(Fixed::TimezoneName) => return Err("%Z".to_owned()),
                Item::Literal(text) if has_time => {
                    let words = text.split([' ', ',', '.', ';', '(', ')', '[', ']', '_']);
                    // Digits that are matched, such as those of milliseconds, belong to the time.
                    for word in words.map(|word| word.trim_start_matches(|c: char| c.is_ascii_digit())) {
                        match word.to_ascii_uppercase().as_str() {
                            "UTC" | "GMT" | "ZULU" => zone = WrittenZone::Utc,
                            "Z" if is_behind_time => zone = WrittenZone::Utc,
                            _ if is_known_zone(word) => return Err(word.to_owned()),
                            _ if is_behind_time && looks_like_zone(word) => return Err(word.to_owned()),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(zone)
    }
}

/// `CET`, `SEČ`, `+01:00`, `UTC+1`, `EST5EDT`: capital letters, also with digits, or an offset. `h`, `Uhr` and `hod` are hours, and so is a
/// single `H`; `T` stands between day and time.
fn looks_like_zone(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    let is_name = letters.peek().is_some() && letters.all(char::is_uppercase) && !matches!(word, "H" | "T");
    let is_plain = word.chars().all(char::is_alphanumeric);
    let rest = word.trim_start_matches(char::is_alphabetic);
    let is_offset = rest.starts_with(['+', '-', '\u{2212}']) && rest.contains(|c: char| c.is_ascii_digit());
    is_name && is_plain || is_offset
}

/// Zones that are one wherever they stand: a place, or letters that mean nothing else.
fn is_known_zone(word: &str) -> bool {
    const KNOWN: [&str; 15] = [
        "cet", "cest", "eet", "eest", "wet", "west", "bst", "msk", "mez", "mesz", "sec", "selc", "est5edt", "pst8pdt",
        "utc+1",
    ];
    let is_place = word.split('/').count() > 1 && word.split('/').all(|part| part.starts_with(char::is_uppercase));
    is_place || KNOWN.contains(&crate::base::text::fold(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_behind_a_time_are_utc_or_refused() {
        for pattern in [
            "%Y-%m-%dT%H:%M:%SZ",
            "%Y-%m-%dT%H:%M:%S.000Z",
            "UTC %Y-%m-%d %H:%M",
            "%F %T Zulu",
            "%d.%m.%Y %H:%M UTC",
            "%b %d, %Y %I:%M %p (GMT)",
            "%a %b %d %H:%M:%S utc %Y",
        ] {
            assert_eq!(WrittenZone::of(pattern), Ok(WrittenZone::Utc), "{pattern}");
        }
        for pattern in [
            "%+",
            "%Y-%m-%dT%H:%M:%S%:z",
            "%F %T %z",
            "%H.%M Uhr %d.%m.%Y",
            "%Hh%M",
            "%d.%m.%Y %H:%M hod.",
            "%d MAY %Y",
            "DATUM %d.%m.%Y %H:%M",
            "%d.%m.%Y %H:%M:%S.000",
            "UTC%Y-%m-%d",
        ] {
            assert_eq!(WrittenZone::of(pattern), Ok(WrittenZone::OfTheCell), "{pattern}");
        }
        for (pattern, zone) in [
            ("%F %T CET", "CET"),
            ("%F %T cest", "cest"),
            ("%F %T SEČ", "SEČ"),
            ("%FT%T+01:00", "+01:00"),
            ("%F %T UTC+1", "UTC+1"),
            ("%F %T-0500", "-0500"),
            ("%F %T Europe/Prague", "Europe/Prague"),
            ("%F %T %Z", "%Z"),
            ("%F %TB", "B"),
            ("%F %T.000CET", "CET"),
            ("CET %F %T", "CET"),
            ("Europe/Prague %F %T", "Europe/Prague"),
            ("%F %T EST5EDT", "EST5EDT"),
        ] {
            assert_eq!(WrittenZone::of(pattern), Err(zone.to_owned()), "{pattern}");
        }
    }
}
