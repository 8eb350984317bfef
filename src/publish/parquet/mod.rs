//! Frames as Parquet files: one row group size and one compression, so that the same frame gives the same bytes. Each file is
//! written by one thread: the files are many, and two pools would wait for each other.
//!
//! The crate `polars-parquet` is called directly: the feature `parquet` of polars brings an HTTP client and an async runtime.

mod codes;
mod file;
mod pages;

use std::io::{BufWriter, Cursor, Write};

use polars::prelude::{CompatLevel, DataFrame, PolarsError, PolarsResult, SchemaExt as _};
use polars_arrow::array::{Array, BooleanArray, Utf8ViewArray};
use polars_parquet::read::{ParquetError, ParquetType};
use polars_parquet::write::{
    CompressedPage, CompressionOptions, Compressor, DynIter, DynStreamingIterator, Encoding, FallibleStreamingIterator,
    FileWriter, Page, StatisticsOptions, Version, WriteOptions, array_to_columns,
};

pub use file::FrameFile;

/// Rows of a group. Frames are sorted by their key, so that a group holds a range of keys.
const ROW_GROUP: usize = 1 << 16;

/// No statistics but of keys, which tell in what group to look. Half of them is worse than none: DuckDB 2.0 takes a count of nulls without
/// least and greatest value of a time for a column of nulls, and skips it.
const OPTIONS: WriteOptions = WriteOptions {
    statistics: StatisticsOptions {
        min_value: false,
        max_value: false,
        distinct_count: false,
        null_count: false,
        binary_statistics_truncate_length: None,
    },
    version: Version::V1,
    compression: CompressionOptions::Snappy,
    data_page_size: None,
};

/// Least and greatest value of a key, whole, and how many are null.
const OF_KEYS: StatisticsOptions = StatisticsOptions {
    min_value: true,
    max_value: true,
    distinct_count: false,
    null_count: true,
    binary_statistics_truncate_length: Some(0),
};

/// Writes a frame. `keys` are the columns by which it is sorted: texts among them have statistics.
///
/// # Errors
/// The file cannot be written.
pub fn write(frame: &DataFrame, keys: &[&str], file: impl Write) -> PolarsResult<()> {
    write_in_groups(frame, keys, ROW_GROUP, file)
}

fn write_in_groups(frame: &DataFrame, keys: &[&str], group: usize, file: impl Write) -> PolarsResult<()> {
    // How a frame is cut into chunks depends on the threads that made it; its bytes must not.
    let mut whole = frame.clone();
    whole.rechunk_mut();
    let is_key: Vec<bool> = whole.get_column_names().iter().map(|name| keys.contains(&name.as_str())).collect();
    let mut writer =
        FileWriter::try_new(BufWriter::new(file), whole.schema().to_arrow(CompatLevel::newest()), OPTIONS)?;
    for start in (0..whole.height()).step_by(group) {
        let rows = whole.slice(start as i64, group);
        for batch in rows.iter_chunks(CompatLevel::newest(), false) {
            let height = batch.len() as u64;
            let types = writer.parquet_schema().fields().to_vec();
            let columns = batch.into_arrays().into_iter().zip(types).zip(is_key.clone());
            let columns = columns.map(|((array, of), is_key)| column(array, of, is_key));
            writer.write(height, DynIter::new(columns))?;
        }
    }
    writer.end(None)?;
    Ok(())
}

type Pages = DynStreamingIterator<'static, CompressedPage, PolarsError>;

/// The pages of a column in a row group: a dictionary where values repeat; else differences of numbers, which are packed and hardly compress
/// further, or the texts as they are.
fn column(array: Box<dyn Array>, of: ParquetType, is_key: bool) -> PolarsResult<Pages> {
    if let ParquetType::PrimitiveType(of) = &of
        && let Some(pages) = pages::pages(array.as_ref(), of, is_key)
    {
        return Ok(compressed(pages.into_iter().map(Ok), OPTIONS.compression));
    }
    let is_text = array.as_any().is::<Utf8ViewArray>();
    let is_number = !is_text && !array.as_any().is::<BooleanArray>();
    let compression = if is_number { CompressionOptions::Uncompressed } else { OPTIONS.compression };
    let encoding = if is_number { Encoding::DeltaBinaryPacked } else { Encoding::Plain };
    let statistics = if is_key && is_text { OF_KEYS } else { OPTIONS.statistics };
    let options = WriteOptions { statistics, compression, ..OPTIONS };
    let pages = array_to_columns(array, of, options, &[encoding])?.into_iter().flatten();
    Ok(compressed(pages.map(|page| page.map_err(|error| ParquetError::OutOfSpec(error.to_string()))), compression))
}

fn compressed(
    pages: impl Iterator<Item = Result<Page, ParquetError>> + Send + Sync + 'static,
    compression: CompressionOptions,
) -> Pages {
    let pages = Compressor::new(DynIter::new(pages), compression, Vec::new());
    DynStreamingIterator::new(pages.map_err(PolarsError::from))
}

/// Reads the bytes of a file that [`write()`] wrote: all its columns in their order, or the named ones.
///
/// # Errors
/// The bytes are not such a file, or a named column is absent.
pub fn read(bytes: &[u8], columns: Option<&[&str]>) -> PolarsResult<DataFrame> {
    let file = FrameFile::of(Cursor::new(bytes))?;
    file.columns(columns.unwrap_or(&file.names()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{AnyValue, DataType, IdxCa, IdxSize, IntoColumn as _, StringChunked, TimeUnit, df};
    use polars_parquet::parquet::statistics::Statistics;
    use polars_parquet::read::read_metadata;
    use proptest::prelude::*;

    #[test]
    fn texts_among_the_keys_have_whole_statistics_and_nothing_else_has_any() {
        let long = "a key longer than any statistics are cut to by default, and longer than a view holds";
        let frame = df![
            "key" => [Some("a"), None, Some(long), Some(long)],
            "repeated" => ["b", "b", "b", "b"],
            "number" => [None, Some(1_i64), Some(2), Some(3)],
            "text" => [Some("a"), None, None, None],
            "none" => [None::<&str>, None, None, None],
        ]
        .unwrap();
        let mut file = tempfile::tempfile().unwrap();
        write(&frame, &["key", "repeated", "number", "none"], file.try_clone().unwrap()).unwrap();
        let metadata = read_metadata(&mut file).unwrap();
        let columns = metadata.row_groups.iter().flat_map(|group| group.parquet_columns());
        let told: Vec<Option<(String, String, i64)>> = columns
            .map(|column| {
                let Statistics::Binary(of) = column.statistics(&metadata.footer_buf)?.unwrap() else { panic!() };
                let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.unwrap()).unwrap();
                Some((text(of.min_value), text(of.max_value), of.null_count.unwrap()))
            })
            .collect();
        let key = ("a".to_owned(), long.to_owned(), 1);
        assert_eq!(told, [Some(key), Some(("b".to_owned(), "b".to_owned(), 0)), None, None, None]);
    }

    /// Columns whose values repeat more or less often, with runs and nulls: every way to write a page is taken.
    fn columns() -> impl Strategy<Value = (Vec<u32>, u32, u32, usize)> {
        (prop::collection::vec(any::<u32>(), 1..40), 1_u32..70_000, 1_u32..40, 0_usize..3_000)
    }

    proptest! {
        #[test]
        fn any_column_is_read_as_it_was_written((seeds, different, run, rows) in columns()) {
            let value = |row: usize| {
                let seed = seeds[row / run as usize % seeds.len()];
                (seed % 7 > 0).then_some(seed.wrapping_mul(1 + row as u32 / run) % different)
            };
            let texts = (0..rows).map(|row| Some(format!("a text or number {}", value(row)?)));
            let short: StringChunked = (0..rows).map(|row| Some(value(row)?.to_string())).collect();
            let frame = df![
                "text" => texts.collect::<Vec<_>>(),
                "number" => (0..rows).map(|row| Some(i64::from(value(row)?) - 40_000)).collect::<Vec<_>>(),
                "reference" => (0..rows).map(|row| Some(u64::from(value(row)?) << 40)).collect::<Vec<_>>(),
                "day" => (0..rows).map(|row| value(row).map(|day| day as i32)).collect::<Vec<_>>(),
                "flag" => (0..rows).map(|row| value(row).is_some()).collect::<Vec<_>>(),
                "known" => (0..rows).map(|row| value(row).map(|value| value % 2 == 0)).collect::<Vec<_>>(),
            ]
            .unwrap()
            .hstack(&[short.with_name("short".into()).into_column()])
            .unwrap();
            // A slice begins within a byte of its bits.
            for frame in [frame.slice(3, rows), frame] {
                let mut bytes = Vec::new();
                write(&frame, &["short"], &mut bytes).unwrap();
                prop_assert!(read(&bytes, None).unwrap().equals_missing(&frame));
            }
        }

        /// Row groups are left out by their statistics, and rows within them by their pages: what is found is what a look at every row finds.
        #[test]
        fn rows_are_found_without_the_rest(
            mut keys in prop::collection::vec(prop::option::of("[ab]{0,2}|a long key of the rows [0-9]"), 0..300),
            wanted in prop::collection::vec("[ab]{0,2}|a long key of the rows [0-9]", 0..4),
            group in 1_usize..90,
            is_sorted: bool,
        ) {
            if is_sorted {
                keys.sort();
            }
            let references: Vec<Option<u64>> = (0..keys.len() as u64).map(|row| (row % 5 > 0).then_some(row / 3)).collect();
            let frame = df!["key" => &keys, "reference" => &references].unwrap();
            let mut bytes = Vec::new();
            write_in_groups(&frame, if is_sorted { &["key"] } else { &[] }, group, &mut bytes).unwrap();
            let file = FrameFile::of(Cursor::new(&bytes)).unwrap();
            let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let is_wanted = |key: &Option<String>| key.as_ref().is_some_and(|key| wanted.contains(&key.as_str()));
            let rows: Vec<usize> = (0..keys.len()).filter(|row| is_wanted(&keys[*row])).collect();
            prop_assert_eq!(&file.rows_with("key", &wanted).unwrap(), &rows);
            let places = IdxCa::from_vec("".into(), rows.iter().map(|row| *row as IdxSize).collect());
            let taken = file.take(&["reference", "key"], &rows).unwrap();
            prop_assert!(taken.equals_missing(&frame.select(["reference", "key"]).unwrap().take(&places).unwrap()));
            let some: Vec<u64> = vec![1, 7, 40, 1_000];
            let of_some = |row: &usize| references[*row].is_some_and(|reference| some.contains(&reference));
            let rows: Vec<usize> = (0..keys.len()).filter(of_some).collect();
            prop_assert_eq!(file.rows_of("reference", &some).unwrap(), rows);
            prop_assert!(file.rows_with("reference", &["a"]).is_err() && file.rows_of("key", &[1]).is_err());
            prop_assert!(file.rows_with("other", &["a"]).is_err());
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let frame = df![
            "text" => [Some("a"), None, Some("a longer text than twelve bytes")],
            "number" => [None, Some(1_i64), Some(i64::MIN)],
            "reference" => [1_u64, 2, u64::MAX],
            "flag" => [Some(true), None, Some(false)],
        ]
        .unwrap();
        let instant = DataType::Datetime(TimeUnit::Milliseconds, None);
        let at = frame.column("number").unwrap().cast(&instant).unwrap().with_name("at".into());
        let on = frame.column("number").unwrap().slice(0, 2).cast(&DataType::Date).unwrap().with_name("on".into());
        let on = on.extend_constant(AnyValue::Null, 1).unwrap();
        let frame = frame.hstack(&[at, on]).unwrap();
        // More rows than a row group, repeated and not, and none.
        let mut long = frame.clone();
        while long.height() <= ROW_GROUP {
            long = long.vstack(&long).unwrap();
        }
        for frame in [long, frame.clone(), frame.slice(0, 0)] {
            let file = tempfile::NamedTempFile::new().unwrap();
            write(&frame, &["text"], file.reopen().unwrap()).unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            assert!(read(&bytes, None).unwrap().equals_missing(&frame));
            let some = read(&bytes, Some(&["at", "text"])).unwrap();
            assert!(some.equals_missing(&frame.select(["at", "text"]).unwrap()));
            assert!(read(&bytes, Some(&["other"])).is_err());
            assert!(read(&bytes[..bytes.len() / 2], None).is_err());
        }
    }
}
