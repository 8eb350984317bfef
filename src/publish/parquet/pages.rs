//! Pages of a column that we encode ourselves: a dictionary with the code of each row, and flags. Levels and codes are written as runs
//! of eight, which takes a fraction of the time that the library's writer needs for one value after the other.

use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, DictPage, FormatEncoding};
use polars_parquet::parquet::schema::types::PrimitiveType;
use polars_parquet::parquet::statistics::BinaryStatistics;
use polars_parquet::write::{Descriptor, Encoding, Page};

use super::codes::{self, Codes};

/// Rows whose codes are packed at a time.
const EIGHT: usize = 8;

/// The pages of a column of which a dictionary tells the values, of flags, and of nothing but nulls; `None` for any other. Texts have
/// statistics where `is_key`.
pub(super) fn pages(array: &dyn Array, of: &PrimitiveType, is_key: bool) -> Option<Vec<Page>> {
    let any = array.as_any();
    if array.null_count() == array.len() {
        let mut buffer = Vec::new();
        levels(array, &mut buffer);
        return Some(vec![page(buffer, array, Encoding::Plain, of, None)]);
    }
    if let Some(flags) = any.downcast_ref::<BooleanArray>().filter(|flags| flags.null_count() == 0) {
        let mut buffer = Vec::with_capacity(array.len() / EIGHT + 16);
        levels(array, &mut buffer);
        push_bits(flags.values(), &mut buffer);
        return Some(vec![page(buffer, array, Encoding::Plain, of, None)]);
    }
    let mut values = Vec::new();
    if let Some(texts) = any.downcast_ref::<Utf8ViewArray>() {
        let coded = codes::of_texts(texts)?;
        let different = || coded.firsts.iter().map(|row| texts.value(*row));
        for text in different() {
            values.extend_from_slice(&(text.len() as u32).to_le_bytes());
            values.extend_from_slice(text.as_bytes());
        }
        let bounds = is_key.then(|| [different().min(), different().max()]);
        return Some(coded_pages(array, of, &coded, values, bounds));
    }
    let coded = None
        .or_else(|| numbers(any.downcast_ref::<PrimitiveArray<i64>>()?, |number| number as u64, &mut values))
        .or_else(|| numbers(any.downcast_ref::<PrimitiveArray<u64>>()?, |number| number, &mut values))
        .or_else(|| numbers(any.downcast_ref::<PrimitiveArray<i32>>()?, |number| number as u64, &mut values))?;
    Some(coded_pages(array, of, &coded, values, None))
}

fn numbers<T: NativeType + Eq>(
    array: &PrimitiveArray<T>,
    bits: impl Fn(T) -> u64,
    values: &mut Vec<u8>,
) -> Option<Codes> {
    let coded = codes::of_numbers(array, bits)?;
    for row in &coded.firsts {
        values.extend_from_slice(array.value(*row).to_le_bytes().as_ref());
    }
    Some(coded)
}

/// A dictionary and one page of codes, with the least and greatest text where `bounds` are given.
fn coded_pages(
    array: &dyn Array,
    of: &PrimitiveType,
    coded: &Codes,
    values: Vec<u8>,
    bounds: Option<[Option<&str>; 2]>,
) -> Vec<Page> {
    let width = u32::BITS - (coded.firsts.len() as u32).saturating_sub(1).leading_zeros();
    let mut buffer = Vec::with_capacity(coded.codes.len() * width as usize / EIGHT + array.len() / EIGHT + 16);
    levels(array, &mut buffer);
    buffer.push(width as u8);
    push_codes(&coded.codes, width as usize, &mut buffer);
    let statistics = bounds.map(|bounds| {
        let [min_value, max_value] = bounds.map(|bound| bound.map(|text| text.as_bytes().to_vec()));
        let null_count = Some(array.null_count() as i64);
        BinaryStatistics { primitive_type: of.clone(), null_count, distinct_count: None, max_value, min_value }
    });
    let dictionary = DictPage::new(CowBuffer::Owned(values), coded.firsts.len(), false);
    vec![Page::Dict(dictionary), page(buffer, array, Encoding::RleDictionary, of, statistics)]
}

fn page(
    buffer: Vec<u8>,
    array: &dyn Array,
    encoding: Encoding,
    of: &PrimitiveType,
    statistics: Option<BinaryStatistics>,
) -> Page {
    let levels = FormatEncoding::from(Encoding::Rle);
    let header = DataPageHeaderV1 {
        num_values: array.len() as i32,
        encoding: encoding.into(),
        definition_level_encoding: levels,
        repetition_level_encoding: levels,
        statistics: statistics.map(|statistics| statistics.serialize()),
    };
    let described = Descriptor { primitive_type: of.clone(), max_def_level: 0, max_rep_level: 0 };
    Page::Data(DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(buffer), described, array.len()))
}

/// Which rows hold a value, behind the length of that in bytes.
fn levels(array: &dyn Array, into: &mut Vec<u8>) {
    let start = into.len();
    into.extend_from_slice(&[0; 4]);
    match array.validity().filter(|_| array.null_count() > 0 && array.null_count() < array.len()) {
        Some(validity) => {
            push_head(array.len().div_ceil(EIGHT), true, into);
            push_bits(validity, into);
        }
        None => {
            push_head(array.len(), false, into);
            into.push(u8::from(array.null_count() == 0));
        }
    }
    let length = (into.len() - start - 4) as u32;
    into[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Eight bits a byte, the first one lowest.
fn push_bits(bits: &Bitmap, into: &mut Vec<u8>) {
    let mut words = bits.chunks::<u64>();
    for word in words.by_ref() {
        into.extend_from_slice(&word.to_le_bytes());
    }
    let bytes = words.remainder_len().div_ceil(EIGHT);
    into.extend_from_slice(&words.remainder().to_le_bytes()[..bytes]);
}

/// The head of a run: of so many equal values, or of so many eights of packed ones.
fn push_head(count: usize, is_packed: bool, into: &mut Vec<u8>) {
    let mut rest = (count as u64) << 1 | u64::from(is_packed);
    while rest >= 0x80 {
        into.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    into.push(rest as u8);
}

/// Codes of so many bits, at most 16: equal ones as a run, the others packed.
fn push_codes(codes: &[u32], width: usize, into: &mut Vec<u8>) {
    let (eights, rest) = codes.as_chunks::<EIGHT>();
    let push_run = |code: u32, count: usize, into: &mut Vec<u8>| {
        push_head(count, false, into);
        into.extend_from_slice(&code.to_le_bytes()[..width.div_ceil(8)]);
    };
    let push_packed = |eights: &[[u32; EIGHT]], into: &mut Vec<u8>| {
        if eights.is_empty() {
            return;
        }
        push_head(eights.len(), true, into);
        for eight in eights {
            let packed = eight.iter().rev().fold(0_u128, |packed, code| packed << width | u128::from(*code));
            into.extend_from_slice(&packed.to_le_bytes()[..width]);
        }
    };
    let is_alike = |eight: &[u32; EIGHT]| eight.iter().fold(true, |alike, code| alike & (*code == eight[0]));
    let (mut packed_from, mut at) = (0, 0);
    while at < eights.len() {
        let alike = eights[at..].iter().take_while(|eight| is_alike(eight) && eight[0] == eights[at][0]).count();
        // A run of eight is not shorter than eight packed codes.
        if alike > 1 {
            push_packed(&eights[packed_from..at], into);
            push_run(eights[at][0], alike * EIGHT, into);
            packed_from = at + alike;
        }
        at += alike.max(1);
    }
    push_packed(&eights[packed_from..], into);
    if let Some(first) = rest.first() {
        if rest.iter().all(|code| code == first) {
            push_run(*first, rest.len(), into);
        } else {
            let mut last = [0; EIGHT];
            last[..rest.len()].copy_from_slice(rest);
            push_packed(&[last], into);
        }
    }
}
