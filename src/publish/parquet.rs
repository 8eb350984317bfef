//! Frames as Parquet files: one row group size and one compression, so that the same frame gives the same bytes. Each file is
//! written by one thread: the files are many, and two pools would wait for each other.

use std::fs::File;
use std::io::BufWriter;

use polars::prelude::{Column as Series, CompatLevel, DataFrame, DataType, PolarsResult, SchemaExt};
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
pub fn write(frame: &DataFrame, file: File) -> PolarsResult<()> {
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
    use polars::prelude::df;
    use polars_parquet::read::read_metadata;

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
}
