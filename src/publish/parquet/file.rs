//! A file that [`write()`](super::write()) wrote, read in pieces: the rows that a key names, without the rest of the file.

use std::any::Any;
use std::cell::RefCell;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use polars::prelude::{
    Column as Series, DataFrame, DataType, IdxCa, IdxSize, IntoColumn, PolarsResult, Series as Plain, polars_err,
};
use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::{Bitmap, BitmapBuilder};
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_parquet::parquet::statistics::Statistics;
use polars_parquet::read::expr::{ParquetColumnExpr, ParquetScalar, SpecializedParquetColumnExpr};
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, FileMetadata, Filter, PageReader, PredicateFilter, RowGroupMetadata,
    column_iter_to_arrays, infer_schema, read_metadata,
};
use rayon::prelude::*;

/// An open file. Nothing but what is asked for is read.
#[derive(Debug)]
pub struct FrameFile<R> {
    reader: RefCell<R>,
    metadata: FileMetadata,
    schema: ArrowSchema,
}

/// The bytes of a column in a row group, and their description.
type Chunk<'file> = (Vec<u8>, &'file ColumnChunkMetadata);

impl<R: Read + Seek> FrameFile<R> {
    /// Reads what the file says of itself.
    ///
    /// # Errors
    /// It is not such a file.
    pub fn of(mut reader: R) -> PolarsResult<FrameFile<R>> {
        let metadata = read_metadata(&mut reader)?;
        let schema = infer_schema(&metadata)?;
        Ok(FrameFile { reader: RefCell::new(reader), metadata, schema })
    }

    /// Names of the columns, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.schema.iter_names().map(|name| name.as_str()).collect()
    }

    /// These columns, whole.
    ///
    /// # Errors
    /// A column is not there, or the file is damaged.
    pub fn columns(&self, names: &[&str]) -> PolarsResult<DataFrame> {
        let column = |name: &&str| {
            let chunks = self.metadata.row_groups.iter().map(|group| Ok((self.chunk(group, name)?, None)));
            self.column(name, chunks.collect::<PolarsResult<_>>()?)
        };
        DataFrame::new(self.metadata.num_rows, names.iter().map(column).collect::<PolarsResult<_>>()?)
    }

    /// These columns of some rows, which are given in their order.
    ///
    /// # Errors
    /// A column is not there, or the file is damaged.
    pub fn take(&self, names: &[&str], rows: &[usize]) -> PolarsResult<DataFrame> {
        // The stretch of each group that holds wanted rows, and the places of those in all stretches together.
        let (mut stretches, mut places) = (Vec::new(), Vec::with_capacity(rows.len()));
        let (mut begin, mut held, mut rest) = (0, 0, rows);
        for group in &self.metadata.row_groups {
            let end = begin + group.num_rows();
            let (here, later) = rest.split_at(rest.partition_point(|row| *row < end));
            if let (Some(first), Some(last)) = (here.first(), here.last()) {
                places.extend(here.iter().map(|row| (held + row - first) as IdxSize));
                held += last + 1 - first;
                stretches.push((group, first - begin..last + 1 - begin));
            }
            (begin, rest) = (end, later);
        }
        let column = |name: &&str| {
            let chunks =
                stretches.iter().map(|(group, rows)| Ok((self.chunk(group, name)?, Some(Filter::Range(rows.clone())))));
            self.column(name, chunks.collect::<PolarsResult<_>>()?)
        };
        let columns = names.iter().map(column).collect::<PolarsResult<_>>()?;
        DataFrame::new(held, columns)?.take(&IdxCa::from_vec("".into(), places))
    }

    /// The rows whose text in a column is one of these, in their order. Row groups whose statistics leave none of them out of the question are
    /// not read.
    ///
    /// # Errors
    /// The column is not there, or the file is damaged.
    pub fn rows_with(&self, name: &str, wanted: &[&str]) -> PolarsResult<Vec<usize>> {
        let wanted: Vec<String> = wanted.iter().map(|text| (*text).to_owned()).collect();
        let in_question = |column: &ColumnChunkMetadata| match column.statistics(&self.metadata.footer_buf) {
            Some(Ok(Statistics::Binary(of))) => wanted.iter().map(String::as_bytes).any(|text| {
                of.min_value.as_ref().is_none_or(|least| least.as_slice() <= text)
                    && of.max_value.as_ref().is_none_or(|greatest| text <= greatest.as_slice())
            }),
            _ => true,
        };
        let of_any = wanted.iter().map(|text| ParquetScalar::String(text.as_str().into())).collect();
        self.matching(name, in_question, Wanted::Texts(wanted.clone()), of_any)
    }

    /// The rows whose reference in a column is one of these, in their order.
    ///
    /// # Errors
    /// The column is not there, or the file is damaged.
    pub fn rows_of(&self, name: &str, wanted: &[u64]) -> PolarsResult<Vec<usize>> {
        let of_any = wanted.iter().map(|reference| ParquetScalar::UInt64(*reference)).collect();
        self.matching(name, |_| true, Wanted::References(wanted.to_vec()), of_any)
    }

    fn matching(
        &self,
        name: &str,
        in_question: impl Fn(&ColumnChunkMetadata) -> bool,
        wanted: Wanted,
        of_any: Vec<ParquetScalar>,
    ) -> PolarsResult<Vec<usize>> {
        if of_any.is_empty() {
            return Ok(Vec::new());
        }
        let field = self.schema.try_get(name)?;
        let held = DataType::from_arrow_field(field);
        if held != wanted.data_type() {
            return Err(polars_err!(SchemaMismatch: "{name} holds {held}"));
        }
        let specialized = match <[ParquetScalar; 1]>::try_from(of_any) {
            Ok([only]) => SpecializedParquetColumnExpr::Equal(only),
            Err(several) => SpecializedParquetColumnExpr::EqualOneOf(several.into()),
        };
        let predicate = Arc::new(IsWanted { wanted, specialized });
        let (mut begin, mut chunks) = (0, Vec::new());
        for group in &self.metadata.row_groups {
            if in_question(described(group, name)?) {
                chunks.push((begin, self.chunk(group, name)?));
            }
            begin += group.num_rows();
        }
        let rows = chunks.into_par_iter().map(|(begin, chunk)| {
            let filter = PredicateFilter { predicate: predicate.clone(), include_values: false };
            let (_, mask) = decoded(chunk, field, Some(Filter::Predicate(filter)))?;
            Ok(mask.true_idx_iter().map(|row| begin + row).collect::<Vec<usize>>())
        });
        Ok(rows.collect::<PolarsResult<Vec<_>>>()?.concat())
    }

    fn column(&self, name: &str, chunks: Vec<(Chunk<'_>, Option<Filter>)>) -> PolarsResult<Series> {
        let field = self.schema.try_get(name)?;
        let mut arrays = Vec::new();
        for (chunk, filter) in chunks {
            arrays.extend(decoded(chunk, field, filter)?.0);
        }
        if arrays.is_empty() {
            return Ok(Plain::new_empty(field.name.clone(), &DataType::from_arrow_field(field)).into_column());
        }
        Ok(Plain::try_from((field, arrays))?.into_column())
    }

    fn chunk<'file>(&self, group: &'file RowGroupMetadata, name: &str) -> PolarsResult<Chunk<'file>> {
        let described = described(group, name)?;
        let range = described.byte_range();
        let length = range.end.saturating_sub(range.start);
        let mut reader = self.reader.borrow_mut();
        reader.seek(SeekFrom::Start(range.start))?;
        // A damaged file may name any length: no more is set aside than a column has.
        let mut bytes = Vec::with_capacity(length.min(1 << 24) as usize);
        reader.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(polars_err!(ComputeError: "no bytes of column {name}"));
        }
        Ok((bytes, described))
    }
}

fn described<'file>(group: &'file RowGroupMetadata, name: &str) -> PolarsResult<&'file ColumnChunkMetadata> {
    let described = group.columns_under_root_iter(name).and_then(|mut columns| columns.next());
    described.ok_or_else(|| polars_err!(ColumnNotFound: "{name}"))
}

/// The values of a chunk, and with a predicate the rows that it holds for.
fn decoded(
    (bytes, described): Chunk<'_>,
    field: &Field,
    filter: Option<Filter>,
) -> PolarsResult<(Vec<Box<dyn Array>>, Bitmap)> {
    let pages = PageReader::new(Cursor::new(bytes.into()), described, Vec::new(), usize::MAX);
    let types = vec![&described.descriptor().descriptor.primitive_type];
    column_iter_to_arrays(vec![BasicDecompressor::new(pages, Vec::new())], types, field.clone(), filter)
}

/// Values that are looked for.
enum Wanted {
    Texts(Vec<String>),
    References(Vec<u64>),
}

impl Wanted {
    fn data_type(&self) -> DataType {
        match self {
            Wanted::Texts(_) => DataType::String,
            Wanted::References(_) => DataType::UInt64,
        }
    }
}

/// Whether a value is one of the wanted ones.
struct IsWanted {
    wanted: Wanted,
    specialized: SpecializedParquetColumnExpr,
}

impl ParquetColumnExpr for IsWanted {
    fn evaluate_mut(&self, values: &dyn Array, found: &mut BitmapBuilder) {
        let values: &dyn Any = values.as_any();
        match &self.wanted {
            Wanted::Texts(texts) => {
                let values = values.downcast_ref::<Utf8ViewArray>().into_iter().flatten();
                values.for_each(|value| found.push(value.is_some_and(|value| texts.iter().any(|text| text == value))));
            }
            Wanted::References(references) => {
                let values = values.downcast_ref::<PrimitiveArray<u64>>().into_iter().flatten();
                values.for_each(|value| found.push(value.is_some_and(|value| references.contains(value))));
            }
        }
    }

    fn evaluate_null(&self) -> bool {
        false
    }

    fn as_specialized(&self) -> Option<&SpecializedParquetColumnExpr> {
        Some(&self.specialized)
    }
}
