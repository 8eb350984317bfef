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
        for item in StrftimeItems::new(pattern) {
            match item {
                Item::Numeric(Numeric::Hour | Numeric::Hour12 | Numeric::Timestamp, _) => is_behind_time = true,
                Item::Fixed(Fixed::TimezoneName) => return Err("%Z".to_owned()),
                Item::Literal(text) if is_behind_time => {
                    for word in text.split([' ', ',', '.', ';', '(', ')', '[', ']']).filter(|word| !word.is_empty()) {
                        match word.to_ascii_uppercase().as_str() {
                            "Z" | "UTC" | "GMT" => zone = WrittenZone::Utc,
                            _ if looks_like_zone(word) => return Err(word.to_owned()),
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

/// `CET`, `SEČ`, `+01:00`, `UTC+1`, `Europe/Prague`: capital letters, an offset, or a place. `h`, `Uhr` and `hod` are hours, and so is
/// a single `H`; `T` stands between day and time.
fn looks_like_zone(word: &str) -> bool {
    let letters = || word.chars().all(char::is_alphabetic);
    let is_name = letters() && word.chars().all(char::is_uppercase) && !matches!(word, "H" | "T");
    let rest = word.trim_start_matches(char::is_alphabetic);
    let is_offset = rest.starts_with(['+', '-', '\u{2212}']) && rest.contains(|c: char| c.is_ascii_digit());
    let is_place = word.split('/').count() > 1 && word.split('/').all(|part| part.starts_with(char::is_uppercase));
    const KNOWN: [&str; 9] = ["cet", "cest", "eet", "eest", "wet", "bst", "msk", "mez", "mesz"];
    is_name || is_offset || is_place || KNOWN.contains(&crate::base::text::fold(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_behind_a_time_are_utc_or_refused() {
        for pattern in
            ["%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M UTC", "%b %d, %Y %I:%M %p (GMT)", "%a %b %d %H:%M:%S utc %Y"]
        {
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
        ] {
            assert_eq!(WrittenZone::of(pattern), Err(zone.to_owned()), "{pattern}");
        }
    }
}
