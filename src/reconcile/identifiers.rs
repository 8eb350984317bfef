//! Identifiers that a spreadsheet has damaged, and what they may have been (DQ-005).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::frame::build::FrameBuilder;
use crate::frame::canonical::frame_of;
use crate::frame::kind::spec_of;
use crate::frame::{identifier_facts as f, read, refused_rows as q};
use crate::ingest::Ingested;
use crate::ingest::QuarantinedRow;
use crate::reconcile::accounts::Accounts;
use crate::vocab::{Kind, Word};

/// The reason word of such rows.
const DAMAGED: &str = "damaged_id";
/// A spreadsheet keeps so many digits of a number.
const SHEET_DIGITS: usize = 15;
/// Powers of ten up to here fit with room to spare.
const MOST_DIGITS: u32 = 36;

/// A damaged identifier.
struct Damaged<'run> {
    first: &'run QuarantinedRow,
    count: i64,
}

/// One row per damaged identifier of a source, with the identifier of the other sources that it may have been.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn identifier_facts(ingested: &Ingested, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let mut damaged: BTreeMap<(&str, &str, &str), Damaged<'_>> = BTreeMap::new();
    for row in ingested.quarantine.iter().filter(|row| row.reason() == DAMAGED) {
        damaged.entry((&row.of.source, row.value(), row.column())).or_insert(Damaged { first: row, count: 0 }).count +=
            1;
    }
    let mut ranges: Map<(&str, &str), Ranges> = Map::default();
    for row in damaged.values().map(|damaged| damaged.first) {
        let ranges = ranges.entry((&row.of.source, &row.of.account)).or_default();
        range_of(row.value()).into_iter().for_each(|range| ranges.add(range));
    }
    let mut pools = Map::default();
    let mut candidates = Vec::with_capacity(damaged.len());
    for damaged in damaged.values() {
        let row = damaged.first;
        let ranges = &ranges[&(&*row.of.source, &*row.of.account)];
        candidates.push(candidates_of(row, ranges, ingested, &mut pools)?);
    }
    let rows = || damaged.values().map(|damaged| damaged.first);
    let mut facts = FrameBuilder::new(&f::FRAME, damaged.len());
    facts
        .texts(f::account, rows().map(|row| &row.of.account))
        .texts(f::marketplace, rows().map(|row| accounts.marketplace(&row.of.account)))
        .texts(f::source, rows().map(|row| &row.of.source))
        .texts(f::key, rows().map(|row| row.value()))
        .texts(f::header, rows().map(|row| row.column()))
        .numbers(f::count, damaged.values().map(|damaged| Some(damaged.count)))
        .texts(f::place, rows().map(|row| ingested.parts.text(row.row_ref)))
        .texts(f::candidate, candidates.iter().map(|found| if let [only] = found.as_slice() { only } else { "" }))
        .numbers(f::candidates, candidates.iter().map(|found| i64::try_from(found.len()).ok()))
        .texts(f::currency, rows().map(|row| accounts.currency(&row.of.account)))
        .references(f::row, rows().map(|row| Some(row.row_ref)));
    facts.finish()
}

/// One row per row in quarantine.
///
/// # Errors
/// A bug of ours.
pub fn refused_rows(ingested: &Ingested) -> PolarsResult<DataFrame> {
    let rows = || ingested.quarantine.iter();
    let mut facts = FrameBuilder::new(&q::FRAME, ingested.quarantine.len());
    facts
        .texts(q::source, rows().map(|row| &row.of.source))
        .texts(q::header, rows().map(|row| row.column()))
        .texts(q::value, rows().map(|row| row.value()))
        .references(q::row, rows().map(|row| Some(row.row_ref)));
    facts.finish()
}

/// Identifiers of one field and account as numbers, ascending.
type Pool = Vec<(i128, String)>;

/// Least and greatest number, both included.
type Range = (i128, i128);

/// Identifiers of the same field and account in other sources that become the damaged one. `ranges` are those of all damaged ones
/// of the source and account.
fn candidates_of(
    row: &QuarantinedRow,
    ranges: &Ranges,
    ingested: &Ingested,
    pools: &mut Map<(String, String, String), Pool>,
) -> PolarsResult<Vec<String>> {
    let part = ingested.parts.locate(row.row_ref).map(|(part, _)| part);
    let field = part.and_then(|part| part.headers.iter().find(|(_, header)| *header == row.column()));
    let (Some((field, _)), Some(part), Some((low, high))) = (field, part, range_of(row.value())) else {
        return Ok(Vec::new());
    };
    let key = (row.of.source.to_string(), row.of.account.to_string(), field.clone());
    if !pools.contains_key(&key) {
        let pool = pool_of(field, part.kind, row, ranges, ingested)?;
        pools.insert(key.clone(), pool);
    }
    let pool = &pools[&key];
    let from = pool.partition_point(|(number, _)| *number < low);
    Ok(pool[from..].iter().take_while(|(number, _)| *number <= high).map(|(_, text)| text.clone()).collect())
}

/// All identifiers of a field within the ranges. In an export that has one row per identifier, its other rows are other things:
/// theirs are left out.
fn pool_of(field: &str, kind: Kind, row: &QuarantinedRow, ranges: &Ranges, ingested: &Ingested) -> PolarsResult<Pool> {
    let is_key = spec_of(kind).key == [field];
    let mut found: Vec<(i128, &str)> = Vec::new();
    let refused = ingested.quarantine.iter().filter(|other| is_key && other.of.source == row.of.source);
    let refused = refused.filter_map(|other| Some((other.key().parse().ok()?, other.key())));
    let mut taken: Set<(i128, &str)> = refused.collect();
    for kind in Kind::ALL {
        let declared = frame_of(*kind);
        let (Some(column), Some(account), Some(rows)) =
            (declared.column(field), declared.column("account"), declared.column("row"))
        else {
            continue;
        };
        let frame = ingested.frames.of(*kind);
        let accounts = read::texts(frame, account)?;
        let rows = read::references(frame, rows)?;
        for (place, text) in read::texts(frame, column)?.iter().enumerate() {
            let same_account =
                row.of.account.is_empty() || accounts.at(place).is_empty() || accounts.at(place) == &*row.of.account;
            let Some(number) = ranges.number(text).filter(|_| same_account) else { continue };
            let part = rows.at(place).and_then(|reference| ingested.parts.locate(reference));
            let own = is_key && part.is_some_and(|(part, _)| *part.source == *row.of.source);
            if own {
                taken.insert((number, text));
            } else {
                found.push((number, text));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let free = found.into_iter().filter(|number| !taken.contains(number));
    Ok(free.map(|(number, text)| (number, text.to_owned())).collect())
}

/// Ranges of numbers, apart from each other and ascending.
#[derive(Default)]
struct Ranges {
    apart: Vec<Range>,
    /// Digits of the numbers: fewest and most.
    digits: Option<(usize, usize)>,
}

impl Ranges {
    fn add(&mut self, (mut low, mut high): Range) {
        let digits = |number: i128| number.checked_ilog10().map_or(0, |log| log as usize + 1);
        let (fewest, most) = self.digits.unwrap_or((usize::MAX, 0));
        self.digits = Some((fewest.min(digits(low)), most.max(digits(high))));
        let from = self.apart.partition_point(|(_, end)| *end < low);
        let to = self.apart.partition_point(|(start, _)| *start <= high);
        if from < to {
            (low, high) = (low.min(self.apart[from].0), high.max(self.apart[to - 1].1));
        }
        self.apart.splice(from..to, [(low, high)]);
    }

    /// An identifier of digits alone as a number, if it lies in one of the ranges.
    fn number(&self, text: &str) -> Option<i128> {
        // Nearly all identifiers are shorter or longer than the damaged ones: spare the parsing.
        let (fewest, most) = self.digits?;
        if !(fewest..=most).contains(&text.trim_start_matches('0').len()) {
            return None;
        }
        let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))?;
        let place = self.apart.partition_point(|(_, end)| *end < number);
        self.apart.get(place).filter(|(start, _)| *start <= number).map(|_| number)
    }
}

/// Numbers in quarantine that a spreadsheet has damaged, by account.
pub(super) struct DamagedNumbers<'run>(BTreeMap<&'run str, Ranges>);

impl<'run> DamagedNumbers<'run> {
    pub(super) fn of(ingested: &'run Ingested) -> DamagedNumbers<'run> {
        let mut ranges: BTreeMap<&str, Ranges> = BTreeMap::new();
        for row in ingested.quarantine.iter().filter(|row| row.reason() == DAMAGED) {
            if let Some(range) = range_of(row.value()) {
                ranges.entry(&row.of.account).or_default().add(range);
            }
        }
        DamagedNumbers(ranges)
    }

    /// The order may be one of them.
    pub(super) fn may_be(&self, account: &str, order_no: &str) -> bool {
        self.0.get(account).is_some_and(|ranges| ranges.number(order_no).is_some())
    }
}

/// The numbers that a spreadsheet writes like this: rounded to a mantissa, or to fifteen digits followed by zeros.
fn range_of(text: &str) -> Option<Range> {
    let Some(place) = text.find(['E', 'e']) else {
        let is_long = text.len() > SHEET_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        let lost = u32::try_from(text.len().checked_sub(SHEET_DIGITS)?).ok().filter(|lost| is_long && *lost < 20)?;
        let step = 10_i128.pow(lost);
        let low = text[..SHEET_DIGITS].parse::<i128>().ok()? * step;
        return Some((low, low + step - 1));
    };
    let (mantissa, exponent) = (&text[..place], text[place + 1..].trim_start_matches('+').parse::<u32>().ok()?);
    let (whole, fraction) = mantissa.split_once([',', '.']).unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok().filter(|_| mantissa.len() < SHEET_DIGITS + 2)?;
    let scale = exponent.checked_sub(u32::try_from(fraction.len()).ok()?).filter(|scale| *scale < MOST_DIGITS - 17)?;
    let step = 10_i128.pow(scale);
    Some((digits * step - step / 2, digits * step + step / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_ranges() {
        let mut ranges = Ranges::default();
        for range in [(8_590, 8_595), (0, 5), (8_585, 8_591), (9_000, 9_001), (20, 30), (18, 35)] {
            ranges.add(range);
        }
        assert_eq!(ranges.apart, [(0, 5), (18, 35), (8_585, 8_595), (9_000, 9_001)]);
        for (text, number) in [("8585", 8_585), ("008595", 8_595), ("0", 0), ("5", 5), ("19", 19), ("9001", 9_001)] {
            assert_eq!(ranges.number(text), Some(number), "{text}");
        }
        for text in ["8584", "8596", "6", "", "+8590", "-8590", "85 90", "85900", "9002"] {
            assert_eq!(ranges.number(text), None, "{text}");
        }
        assert_eq!(Ranges::default().number("0"), None);
    }

    #[test]
    fn the_numbers_that_a_spreadsheet_rounds_alike() {
        assert_eq!(range_of("8,59E+12"), Some((8_585_000_000_000, 8_595_000_000_000)));
        assert_eq!(range_of("1.00853E+10"), Some((10_085_250_000, 10_085_350_000)));
        assert_eq!(range_of("1E5"), Some((50_000, 150_000)));
        assert_eq!(range_of("1234567890123450"), Some((1_234_567_890_123_450, 1_234_567_890_123_459)));
        assert_eq!(range_of("12345678901234500000"), Some((12_345_678_901_234_500_000, 12_345_678_901_234_599_999)));
        for not_one in ["2026-02-02", "123456789012345", "8,59E-3", "E+12", "8,59E+99", "***", "1,2,3E+9"] {
            assert_eq!(range_of(not_one), None, "{not_one}");
        }
    }
}
