//! Frames as Parquet files: one row group size and one compression, so that the same frame gives the same bytes. Each file is
//! written by one thread: the files are many, and two pools would wait for each other.
//!
//! The crate `polars-parquet` is called directly: the feature `parquet` of polars brings an HTTP client and an async runtime.

use std::io::{BufWriter, Cursor, Write};

use polars::prelude::{
    Column as Series, CompatLevel, DataFrame, DataType, IntoColumn, PolarsResult, SchemaExt, Series as Plain,
    polars_err,
};
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, PageReader, RowGroupMetadata, column_iter_to_arrays, infer_schema,
    read_metadata,
};
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions, row_group_iter,
};

const ROW_GROUP: usize = 1 << 18;
/// So many rows tell whether the values of a column repeat.
const TELLING: usize = 1 << 12;

/// No statistics: a file is read whole or by `explain`, and nobody skips row groups by their least and greatest value. Half of them is
/// worse than none: DuckDB 2.0 takes a count of nulls without least and greatest value of a time for a column of nulls, and skips it.
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

/// Writes a frame.
///
/// # Errors
/// The file cannot be written.
pub fn write(frame: &DataFrame, file: impl Write) -> PolarsResult<()> {
    // How a frame is cut into chunks depends on the threads that made it; its bytes must not.
    let mut whole = frame.clone();
    whole.rechunk_mut();
    let schema = whole.schema().to_arrow(CompatLevel::newest());
    let encodings: PolarsResult<Vec<Vec<Encoding>>> =
        whole.columns().iter().map(|column| Ok(vec![encoding_of(column)?])).collect();
    let encodings = encodings?;
    let mut writer = FileWriter::try_new(BufWriter::new(file), schema, OPTIONS)?;
    for start in (0..whole.height()).step_by(ROW_GROUP) {
        let rows = whole.slice(start as i64, ROW_GROUP);
        for batch in rows.iter_chunks(CompatLevel::newest(), false) {
            let types = writer.parquet_schema().fields().to_vec();
            let height = batch.len() as u64;
            writer.write(height, row_group_iter(batch, encodings.iter().cloned().collect(), types, OPTIONS))?;
        }
    }
    writer.end(None)?;
    Ok(())
}

/// Reads the bytes of a file that [`write()`] wrote: all its columns in their order, or the named ones.
///
/// # Errors
/// The bytes are not such a file, or a named column is absent.
pub fn read(bytes: &[u8], columns: Option<&[&str]>) -> PolarsResult<DataFrame> {
    let metadata = read_metadata(&mut Cursor::new(bytes))?;
    let schema = infer_schema(&metadata)?;
    let names = columns.map_or_else(|| schema.iter_names().map(|name| name.as_str()).collect(), <[&str]>::to_vec);
    let column = |name: &&str| {
        let field = schema.try_get(name)?;
        let mut arrays = Vec::new();
        for group in &metadata.row_groups {
            let chunk = chunk(bytes, group, name);
            let (bytes, described) = chunk.ok_or_else(|| polars_err!(ComputeError: "no bytes of column {name}"))?;
            let pages = PageReader::new(Cursor::new(bytes.to_vec().into()), described, Vec::new(), usize::MAX);
            let types = vec![&described.descriptor().descriptor.primitive_type];
            let pages = vec![BasicDecompressor::new(pages, Vec::new())];
            arrays.extend(column_iter_to_arrays(pages, types, field.clone(), None)?.0);
        }
        if arrays.is_empty() {
            return Ok(Plain::new_empty(field.name.clone(), &DataType::from_arrow_field(field)).into_column());
        }
        Ok(Plain::try_from((field, arrays))?.into_column())
    };
    let columns: PolarsResult<Vec<Series>> = names.iter().map(column).collect();
    DataFrame::new(metadata.num_rows, columns?)
}

/// The bytes of a column in a row group, and their description.
fn chunk<'a>(bytes: &'a [u8], group: &'a RowGroupMetadata, name: &str) -> Option<(&'a [u8], &'a ColumnChunkMetadata)> {
    let described = group.columns_under_root_iter(name)?.next()?;
    let range = described.byte_range();
    let bytes = bytes.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?;
    Some((bytes, described))
}

/// A dictionary where values repeat. The polars writer tries one for every column, at the cost of all the rest of its work: most of
/// our columns are numbers and amounts of which no two are alike.
fn encoding_of(column: &Series) -> PolarsResult<Encoding> {
    let sample = column.head(Some(TELLING));
    let repeats = *column.dtype() != DataType::Boolean && sample.n_unique()? * 2 <= sample.len();
    Ok(if repeats { Encoding::RleDictionary } else { Encoding::Plain })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{AnyValue, TimeUnit, df};

    #[test]
    fn no_column_has_half_of_its_statistics() {
        let frame = df!["text" => [Some("a"), None], "number" => [None, Some(1_i64)], "flag" => [true, false]].unwrap();
        let mut file = tempfile::tempfile().unwrap();
        write(&frame, file.try_clone().unwrap()).unwrap();
        let groups = read_metadata(&mut file).unwrap().row_groups;
        let columns: Vec<_> = groups.iter().flat_map(|group| group.parquet_columns()).collect();
        assert_eq!(columns.len(), 3);
        assert!(columns.iter().all(|column| column.statistics(&[]).is_none()));
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
            write(&frame, file.reopen().unwrap()).unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            assert!(read(&bytes, None).unwrap().equals_missing(&frame));
            let some = read(&bytes, Some(&["at", "text"])).unwrap();
            assert!(some.equals_missing(&frame.select(["at", "text"]).unwrap()));
            assert!(read(&bytes, Some(&["other"])).is_err());
            assert!(read(&bytes[..bytes.len() / 2], None).is_err());
        }
    }
}
