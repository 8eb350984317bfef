//! Frames as Parquet files: one row group size and one compression, so that the same frame gives the same bytes. Each file is
//! written by one thread: the files are many, and two pools would wait for each other.

use std::fs::File;
use std::io::BufWriter;

use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter, PolarsResult, StatisticsOptions};

const ROW_GROUP: usize = 1 << 18;

/// Writes a frame.
///
/// # Errors
/// The file cannot be written.
pub fn write(frame: &DataFrame, file: File) -> PolarsResult<()> {
    // How a frame is cut into chunks depends on the threads that made it; its bytes must not.
    let mut whole = frame.clone();
    whole.rechunk_mut();
    ParquetWriter::new(BufWriter::new(file))
        .with_compression(ParquetCompression::Snappy)
        // A file is read whole or by `explain`: nobody skips row groups by their least and greatest text.
        .with_statistics(StatisticsOptions { min_value: false, max_value: false, ..StatisticsOptions::default() })
        .set_parallel(false)
        .with_row_group_size(Some(ROW_GROUP))
        .finish(&mut whole)?;
    Ok(())
}
