//! Which date patterns read all values of a column. Two patterns that read all of them differently are both named: nothing decides
//! between day-first and month-first but the person who knows the export.

use crate::ingest::dates::{DateForms, Moment};
use crate::ingest::infer::sample::Seen;

/// Days, the usual ones first.
const DAYS: &[&str] = &[
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y.%m.%d",
    "%Y.%m.%d.",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d %B %Y",
    "%d %B, %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d.%m.",
];
/// Times behind a day.
const TIMES: &[&str] = &["", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M", " %H:%M:%S UTC", " %H:%M:%S %z", ", %H:%M"];
/// Patterns without a day of the list.
const WHOLE: &[&str] = &["%+", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S%.f"];
/// Patterns that one column may mix.
const MIXED: usize = 3;
/// Values that are looked at.
const VALUES: usize = 300;

/// How the dates of a column are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DatePatterns {
    /// Patterns that together read all values; none: native dates.
    pub(super) patterns: Vec<String>,
    /// Other patterns that read the same values as other days.
    pub(super) or: Vec<String>,
    /// The year must come from the file's name.
    pub(super) yearless: bool,
}

/// All patterns, taken apart once.
pub(super) struct PatternList(Vec<(String, DateForms)>);

impl PatternList {
    pub(super) fn new() -> PatternList {
        let dated = DAYS.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
        let all = WHOLE.iter().map(|whole| (*whole).to_owned()).chain(dated);
        // The patterns are our own; one that chrono refused would read nothing.
        PatternList(all.filter_map(|text| Some((text.clone(), DateForms::new(&[text]).ok()?))).collect())
    }

    /// The patterns of a column; `None`: some values are no dates.
    pub(super) fn find(&self, values: &[&Seen]) -> Option<DatePatterns> {
        let texts: Vec<&Seen> = values.iter().copied().filter(|value| !matches!(value, Seen::Moment(_))).collect();
        if texts.is_empty() {
            return (!values.is_empty()).then(DatePatterns::default);
        }
        let text = |value: &&&Seen| matches!(value, Seen::Text(text) if text.len() <= 40 && text.contains(|c: char| c.is_ascii_digit()));
        if !texts.iter().all(|value| text(&value)) {
            return None;
        }
        let step = texts.len().div_ceil(VALUES);
        let mut rest: Vec<&Seen> = texts.iter().copied().step_by(step).collect();
        let mut found = DatePatterns::default();
        while !rest.is_empty() && found.patterns.len() < MIXED {
            let (pattern, read) = self.reads_most(&rest)?;
            let covered: Vec<&Seen> = rest.iter().zip(&read).filter(|(_, m)| m.is_some()).map(|(v, _)| *v).collect();
            found.or.extend(self.others(pattern, &covered));
            found.yearless |= !pattern.contains("%Y") && !pattern.contains("%y") && pattern != "%+";
            found.patterns.push(pattern.to_owned());
            rest = rest.iter().zip(&read).filter(|(_, moment)| moment.is_none()).map(|(value, _)| *value).collect();
        }
        (rest.is_empty() && !contradicts(&found.patterns)).then_some(found)
    }

    fn reads_most<'s>(&'s self, values: &[&Seen]) -> Option<(&'s str, Vec<Option<Moment>>)> {
        let mut best: Option<(usize, &str, Vec<Option<Moment>>)> = None;
        for (pattern, forms) in &self.0 {
            let read = moments(forms, values);
            let count = read.iter().flatten().count();
            if count > best.as_ref().map_or(0, |(most, ..)| *most) {
                best = Some((count, pattern, read));
            }
        }
        best.map(|(_, pattern, read)| (pattern, read))
    }

    /// Patterns that read all of the values too, and some of them as other moments.
    fn others(&self, pattern: &str, values: &[&Seen]) -> Vec<String> {
        let own = self.0.iter().find(|(other, _)| other == pattern).map(|(_, forms)| moments(forms, values));
        let rivals = self.0.iter().filter(|(other, _)| other != pattern).filter(|(_, forms)| {
            let read = moments(forms, values);
            read.iter().all(Option::is_some) && Some(&read) != own.as_ref()
        });
        rivals.map(|(other, _)| other.clone()).collect()
    }
}

/// Seconds since 1970-01-01, of the years in which exports are written; a number says nothing of itself, so the header must say the rest.
pub(super) fn seconds(values: &[&Seen]) -> Option<DatePatterns> {
    const YEARS_2010_TO_2037: std::ops::Range<u64> = 1_262_304_000..2_145_916_800;
    let is_second = |value: &&Seen| match value {
        Seen::Text(text) => text.len() == 10 && text.parse().is_ok_and(|number| YEARS_2010_TO_2037.contains(&number)),
        _ => false,
    };
    let found = DatePatterns { patterns: vec!["%s".to_owned()], ..DatePatterns::default() };
    (!values.is_empty() && values.iter().all(is_second)).then_some(found)
}

/// A year for patterns without one: any leap year reads every day.
const LEAP_YEAR: i32 = 2024;

fn moments(forms: &DateForms, values: &[&Seen]) -> Vec<Option<Moment>> {
    values.iter().map(|value| forms.read(value.raw(), Some(LEAP_YEAR)).ok()).collect()
}

/// Day-first and month-first in one column cannot both be meant.
fn contradicts(patterns: &[String]) -> bool {
    let order = |pattern: &String| {
        let (day, month) = (pattern.find("%d"), pattern.find("%m"));
        let mark = pattern.chars().nth(2).unwrap_or(' ');
        day.zip(month).map(|(day, month)| (mark, day < month))
    };
    let orders: Vec<(char, bool)> = patterns.iter().filter_map(order).collect();
    orders.iter().any(|(mark, first)| orders.contains(&(*mark, !first)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::record::Raw;

    fn find(values: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let values: Vec<Seen> = values.iter().map(|value| Seen::of(Raw::of_text(value))).collect();
        let found = PatternList::new().find(&values.iter().collect::<Vec<_>>())?;
        Some((found.patterns, found.or))
    }

    fn one(pattern: &str) -> Option<(Vec<String>, Vec<String>)> {
        Some((vec![pattern.to_owned()], Vec::new()))
    }

    #[test]
    fn a_pattern_must_read_all_values() {
        assert_eq!(find(&["09.11.2026", "1.2.2026"]), one("%d.%m.%Y"));
        assert_eq!(find(&["2026-11-09 13:00:01", "2026-11-10 00:00:00"]), one("%Y-%m-%d %H:%M:%S"));
        assert_eq!(find(&["20260907175500"]), one("%Y%m%d%H%M%S"));
        assert_eq!(find(&["09.11.2026", "tomorrow"]), None);
        assert_eq!(find(&["31.2.2026"]), None);
        assert_eq!(find(&["4102000012", "4102000015"]), None);
        assert_eq!(find(&["March 1, 2026", "April 20, 2026"]), one("%B %d, %Y"));
        assert_eq!(find(&["31 July, 2026"]), one("%d %B, %Y"));
        assert_eq!(find(&["2026-09-01T10:00:00+02:00"]), one("%+"));
    }

    #[test]
    fn day_first_or_month_first_is_named() {
        let (patterns, or) = find(&["03/04/2026", "05/06/2026"]).unwrap();
        assert_eq!((patterns, or), (vec!["%d/%m/%Y".to_owned()], vec!["%m/%d/%Y".to_owned()]));
        assert_eq!(find(&["04/13/2026", "05/06/2026"]), one("%m/%d/%Y"));
        assert_eq!(find(&["13/04/2026", "05/06/2026"]), one("%d/%m/%Y"));
        assert_eq!(find(&["13/04/2026", "04/13/2026"]), None);
    }

    #[test]
    fn two_forms_in_one_column() {
        let (patterns, or) = find(&["03.09.2026", "03.09.2026 13:33", "04.09.2026"]).unwrap();
        assert_eq!(patterns, ["%d.%m.%Y", "%d.%m.%Y %H:%M"]);
        assert!(or.is_empty(), "{or:?}");
    }

    #[test]
    fn seconds_are_of_the_years_of_exports() {
        let of = |texts: &[&str]| {
            let values: Vec<Seen> = texts.iter().map(|text| Seen::of(Raw::of_text(text))).collect();
            seconds(&values.iter().collect::<Vec<_>>()).map(|found| found.patterns)
        };
        assert_eq!(of(&["1793614560", "1793692920"]), Some(vec!["%s".to_owned()]));
        for no in [&["4102000012"][..], &["1793614560", "5"], &["179361456"], &[]] {
            assert_eq!(of(no), None, "{no:?}");
        }
    }

    #[test]
    fn a_day_without_a_year() {
        let values = [Seen::of(Raw::of_text("1. 12.")), Seen::of(Raw::of_text("13. 1."))];
        let found = PatternList::new().find(&values.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((found.patterns, found.yearless), (vec!["%d.%m.".to_owned()], true));
    }
}
