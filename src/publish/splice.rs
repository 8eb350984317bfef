//! Puts the rows of large tables into a workbook that the library has written without them.
//!
//! The library writes the sheet with its widths, filters, totals and colours, and one empty row per currency in the place of the
//! data: their cells tell the numbers of the styles. Those rows are replaced; all other parts are copied as they are.

use std::io::{BufWriter, Cursor, Read as _, Write as _};
use std::ops::Range;

use rayon::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::publish::row_xml::{RowStyles, RowXml};
use crate::report::table::Table;

/// Deflate level: nearly the size of the default at a fraction of its time.
pub(super) const DEFLATE: u8 = 2;
/// Rows whose XML is handed to the compressor at a time.
const PIECE: usize = 512;

/// The data rows of one worksheet.
pub(super) struct Rows<'book> {
    /// The worksheet's part.
    pub(super) part: String,
    pub(super) table: &'book Table,
    pub(super) rows: Range<usize>,
    /// The first of them, from 0, on the sheet.
    pub(super) first: u32,
    /// Currencies in the order of the empty rows.
    pub(super) currencies: Vec<String>,
    /// Ends a text that a cell cannot hold whole.
    pub(super) mark: &'book str,
    /// How high a row of the table is, in points.
    pub(super) height: fn(&Table, usize) -> Option<f64>,
}

/// Writes `package` with the rows in their sheets.
///
/// # Errors
/// The disk says no.
pub(super) fn write(
    package: &[u8],
    sheets: &[Rows<'_>],
    file: impl std::io::Write + std::io::Seek,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(file);
    if sheets.is_empty() {
        file.write_all(package)?;
        return file.flush();
    }
    let filled: Vec<Vec<u8>> =
        sheets.par_iter().with_max_len(1).map(|rows| filled(package, rows)).collect::<std::io::Result<_>>()?;
    let mut archive = ZipArchive::new(Cursor::new(package))?;
    let mut writer = ZipWriter::new(file);
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        let name = part.name()?.into_owned();
        match sheets.iter().position(|rows| rows.part == name) {
            Some(place) => writer.raw_copy_file(ZipArchive::new(Cursor::new(&filled[place]))?.by_index_raw(0)?)?,
            None => writer.raw_copy_file(part)?,
        }
    }
    writer.finish()?.flush()
}

/// The sheet with its rows, compressed, as the only part of a package.
fn filled(package: &[u8], rows: &Rows<'_>) -> std::io::Result<Vec<u8>> {
    let mut xml = String::new();
    ZipArchive::new(Cursor::new(package))?.by_name(&rows.part)?.read_to_string(&mut xml)?;
    let lacking = || std::io::Error::other(format!("{} lacks its rows", rows.part));
    let (styles, place) = styles(&xml, rows).ok_or_else(lacking)?;
    let head = with_dimension(&xml[..place.start], rows).ok_or_else(lacking)?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(i64::from(DEFLATE)))
        .last_modified_time(zip::DateTime::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(rows.part.as_str(), options)?;
    writer.write_all(head.as_bytes())?;
    let row_xml = RowXml::new(rows.table, &styles, rows.mark);
    let mut written = String::new();
    for start in rows.rows.clone().step_by(PIECE) {
        let (piece, first) = (start..rows.rows.end.min(start + PIECE), rows.first + (start - rows.rows.start) as u32);
        let mut next = String::with_capacity(written.len());
        // While one piece is compressed, the next one is written.
        let (done, ()) = rayon::join(
            || writer.write_all(written.as_bytes()),
            || row_xml.push(piece, first, |row| (rows.height)(rows.table, row), &mut next),
        );
        done?;
        written = next;
    }
    writer.write_all(written.as_bytes())?;
    writer.write_all(&xml.as_bytes()[place.end..])?;
    Ok(writer.finish()?.into_inner())
}

/// The styles that the empty rows show, and where those rows stand in the XML.
fn styles(xml: &str, rows: &Rows<'_>) -> Option<(RowStyles, Range<usize>)> {
    let mut by_currency = Vec::new();
    let mut place: Option<Range<usize>> = None;
    for (at, currency) in rows.currencies.iter().enumerate() {
        let start = xml.find(&format!("<row r=\"{}\"", rows.first as usize + at + 1))?;
        let row = &xml[start..start + xml[start..].find("</row>")?];
        let cells: Option<Vec<u32>> = row.split("<c r=").skip(1).map(style_of).collect();
        by_currency.push((currency.clone(), cells.filter(|cells| cells.len() == rows.table.columns.len())?));
        let end = start + row.len() + "</row>".len();
        place = Some(place.map_or(start, |place| place.start)..end);
    }
    Some((RowStyles { by_currency }, place?))
}

fn style_of(cell: &str) -> Option<u32> {
    let (_, rest) = cell.split_once(" s=\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// What stands before the rows, with the range that the sheet says it takes.
fn with_dimension(head: &str, rows: &Rows<'_>) -> Option<String> {
    let start = head.find("<dimension ref=\"A1:")? + "<dimension ref=\"A1:".len();
    let end = start + head[start..].find('"')?;
    let letters: String = head[start..end].chars().take_while(char::is_ascii_uppercase).collect();
    let last = rows.first as usize + rows.rows.len();
    Some(format!("{}{letters}{last}{}", &head[..start], &head[end..]))
}
