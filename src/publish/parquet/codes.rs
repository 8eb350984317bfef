//! The dictionary of a column: its different values in the order they come, and a code for each row. One look at each value, and no more than
//! the first rows where values do not repeat.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

/// So many rows tell whether the values of a column repeat.
const TELLING: usize = 1 << 12;
/// A dictionary is worth it where so many rows share a value, on average.
const SHARE: usize = 4;
/// Values of a dictionary: their codes take 16 bits at most.
const MOST: usize = 1 << 16;
/// Length up to which a view holds its text whole.
const INLINE: u32 = 12;

/// Codes of the rows that hold a value, and for each code the first row that has it.
pub(super) struct Codes {
    pub(super) codes: Vec<u32>,
    pub(super) firsts: Vec<usize>,
}

/// Codes of texts; `None` where they do not repeat.
pub(super) fn of_texts(array: &Utf8ViewArray) -> Option<Codes> {
    let views = array.views();
    let hasher = FixedState::default();
    let hash = |row: usize| match &views[row] {
        view if view.length <= INLINE => {
            let bits = view.as_u128();
            mixed(bits as u64) ^ (bits >> 64) as u64
        }
        _ => hasher.hash_one(array.value(row)),
    };
    let same = |a: usize, b: usize| {
        let (one, other) = (&views[a], &views[b]);
        one.as_u128() == other.as_u128()
            || one.length > INLINE && one.length == other.length && array.value(a) == array.value(b)
    };
    Table::default().codes(array.len(), array.validity(), hash, same)
}

/// Codes of numbers; `None` where they do not repeat.
pub(super) fn of_numbers<T: NativeType + Eq>(array: &PrimitiveArray<T>, bits: impl Fn(T) -> u64) -> Option<Codes> {
    let values = array.values();
    let same = |a: usize, b: usize| values[a] == values[b];
    Table::default().codes(values.len(), array.validity(), |row| bits(values[row]), same)
}

/// Spreads what numbers differ by over all bits.
fn mixed(bits: u64) -> u64 {
    bits.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Codes by hash, with open addressing. Its size is a power of two, and it is at most half full.
struct Table {
    bits: u32,
    slots: Vec<Option<u32>>,
}

impl Default for Table {
    fn default() -> Table {
        Table::of(8)
    }
}

impl Table {
    fn of(bits: u32) -> Table {
        Table { bits, slots: vec![None; 1 << bits] }
    }

    /// The code of a hash that `is_meant`, else the free slot for it.
    fn find(&self, hash: u64, is_meant: impl Fn(u32) -> bool) -> (Option<u32>, usize) {
        let last = self.slots.len() - 1;
        let mut place = (mixed(hash) >> (u64::BITS - self.bits)) as usize;
        while let Some(code) = self.slots[place] {
            if is_meant(code) {
                return (Some(code), place);
            }
            place = (place + 1) & last;
        }
        (None, place)
    }

    /// A larger one with the codes of these hashes.
    fn grown(&self, hashes: impl Iterator<Item = u64>) -> Table {
        let mut larger = Table::of(self.bits + 2);
        for (code, hash) in (0..).zip(hashes) {
            let (_, free) = larger.find(hash, |_| false);
            larger.slots[free] = Some(code);
        }
        larger
    }

    fn codes(
        mut self,
        rows: usize,
        validity: Option<&Bitmap>,
        hash: impl Fn(usize) -> u64,
        same: impl Fn(usize, usize) -> bool,
    ) -> Option<Codes> {
        let validity = validity.filter(|validity| validity.unset_bits() > 0);
        let known = rows - validity.map_or(0, Bitmap::unset_bits);
        let most = (known / SHARE).min(MOST);
        let mut codes: Vec<u32> = Vec::with_capacity(known);
        let mut firsts: Vec<usize> = Vec::new();
        let mut last = None;
        let mut add = |row: usize| {
            if let Some((before, code)) = last
                && same(row, before)
            {
                codes.push(code);
                return true;
            }
            let (found, place) = self.find(hash(row), |code| same(row, firsts[code as usize]));
            let code = match found {
                Some(code) => code,
                None if firsts.len() >= most || codes.len() < TELLING && firsts.len() >= TELLING / SHARE => {
                    return false;
                }
                None => {
                    self.slots[place] = Some(firsts.len() as u32);
                    firsts.push(row);
                    if firsts.len() * 2 > self.slots.len() {
                        self = self.grown(firsts.iter().map(|first| hash(*first)));
                    }
                    firsts.len() as u32 - 1
                }
            };
            last = Some((row, code));
            codes.push(code);
            true
        };
        let repeats = match validity {
            None => (0..rows).all(&mut add),
            Some(validity) => validity.true_idx_iter().all(&mut add),
        };
        repeats.then_some(Codes { codes, firsts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the codes stand for, with the place of every value that the dictionary names.
    fn spelt(array: &Utf8ViewArray, codes: &Codes) -> Vec<String> {
        codes.codes.iter().map(|code| array.value(codes.firsts[*code as usize]).to_owned()).collect()
    }

    proptest! {
        #[test]
        fn codes_of_texts_stand_for_them(
            texts in prop::collection::vec(prop::option::of("[ab]{0,2}|long text number [0-9]"), 0..600),
        ) {
            let array = Utf8ViewArray::from_slice(&texts);
            if let Some(codes) = of_texts(&array) {
                let known: Vec<String> = texts.iter().flatten().cloned().collect();
                prop_assert_eq!(spelt(&array, &codes), known);
                let mut different: Vec<&str> = codes.firsts.iter().map(|row| array.value(*row)).collect();
                different.sort_unstable();
                different.dedup();
                prop_assert_eq!(different.len(), codes.firsts.len());
                prop_assert!(codes.firsts.len() * SHARE <= codes.codes.len());
            }
        }
    }

    #[test]
    fn a_column_that_does_not_repeat_has_no_codes() {
        let different = PrimitiveArray::from_vec((0..100_000_i64).collect());
        assert!(of_numbers(&different, |number| number as u64).is_none());
        // Every second value is the same: half of the rows differ.
        let half = PrimitiveArray::from_vec((0..100_000_i64).map(|row| row * (row % 2)).collect());
        assert!(of_numbers(&half, |number| number as u64).is_none());
    }

    #[test]
    fn a_table_grows() {
        let values: Vec<i64> = (0..80_000).map(|row| row % 10_000 * 1_000_003).collect();
        let array = PrimitiveArray::from_vec(values.clone());
        // The first rows of all tell nothing of repeats: they are put behind the same ones.
        assert!(of_numbers(&array, |number| number as u64).is_none());
        let repeated: Vec<i64> = values.iter().flat_map(|value| [*value; 8]).collect();
        let array = PrimitiveArray::from_vec(repeated.clone());
        let codes = of_numbers(&array, |number| number as u64).unwrap();
        assert_eq!(codes.firsts.len(), 10_000);
        let spelt: Vec<i64> = codes.codes.iter().map(|code| repeated[codes.firsts[*code as usize]]).collect();
        assert_eq!(spelt, repeated);
    }
}
