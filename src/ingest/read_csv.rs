//! Reads delimited text. Row numbers are physical lines as a person sees them: the line on which the record begins.

use rayon::prelude::*;

use crate::diagnose::{CellPlace, Diagnostic};
use crate::ingest::chunks;
use crate::ingest::decode::Decoded;
use crate::ingest::header::{self, Bound};
use crate::ingest::plan::Plan;
use crate::ingest::quarantine::{Flaw, Reason};
use crate::ingest::record::{is_blank, is_total};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::{RowReader, Rows};
use crate::ingest::totals::{self, TotalRow};
use crate::pipeline::source::CsvFormat;

/// A longer record is an unclosed quote.
const RECORD_BYTES: usize = 256 << 10;
/// So is one over more lines.
const RECORD_LINES: u32 = 100;

/// Reads all records of a text.
///
/// # Errors
/// A file that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &CsvFormat,
    decoded: &Decoded,
    path: &str,
    year: Option<i32>,
) -> Result<(Bound, Rows), Box<Diagnostic>> {
    let text = decoded.text();
    let start = if format.header { find_header(plan, format, decoded, path)? } else { Start::headless(plan, path)? };
    let workers = rayon::current_num_threads();
    let pieces = chunks::cut(text.as_bytes(), start.byte, format.delimiter, format.quote, workers);
    let parsed: Vec<Result<Rows, Box<Diagnostic>>> = pieces
        .into_par_iter()
        .map(|(range, lines)| {
            let reader = RowReader::new(plan, &start.bound, year);
            let walk = Walk::new(format, decoded, range, start.line + lines);
            Piece { plan, format, start: &start, path, reader, walk }.read()
        })
        .collect();
    let mut rows = Rows::default();
    let mut pieces = parsed.into_iter();
    if let Some(first) = pieces.next() {
        rows = first?;
    }
    for piece in pieces {
        rows.append(piece?);
    }
    let mut above = RowReader::new(plan, &start.bound, year);
    start.totals.into_iter().for_each(|total| above.count_total(total));
    rows.append(above.finish());
    rows.count_structural(start.structural);
    Ok((start.bound, rows))
}

/// Where the data begin.
struct Start {
    bound: Bound,
    /// Byte in the text.
    byte: usize,
    /// Line of that byte.
    line: u32,
    /// Fields of the header row; `None` without one.
    fields: Option<usize>,
    /// Rows above the data, but total rows.
    structural: u64,
    /// Total rows above the data.
    totals: Vec<TotalRow>,
}

impl Start {
    fn headless(plan: &Plan<'_>, path: &str) -> Result<Start, Box<Diagnostic>> {
        let bound = header::bind_positions(plan, &refusal::file(path))?;
        Ok(Start { bound, byte: 0, line: 1, fields: None, structural: 0, totals: Vec::new() })
    }
}

fn find_header(plan: &Plan<'_>, format: &CsvFormat, decoded: &Decoded, path: &str) -> Result<Start, Box<Diagnostic>> {
    let mut walk = Walk::new(format, decoded, 0..decoded.text().len(), 1);
    let mut best: Option<(usize, Vec<String>, u32)> = None;
    let mut structural = 0;
    let mut above = Vec::new();
    for _ in 0..header::SEARCHED {
        let Some(found) = walk.next(path)? else { break };
        structural += found.blank_lines;
        if is_total(&walk.record, &plan.totals) {
            above.push(totals::read(plan, &walk.record, found.line));
            continue;
        }
        structural += 1;
        if header::is_header(plan, &walk.record) {
            let place = CellPlace { row: Some(found.line), ..refusal::file(path) };
            let bound = header::bind(plan, &walk.record, &place)?;
            let byte = walk.position();
            let line = found.line + chunks::line_ends(&decoded.text().as_bytes()[found.bytes.start..byte]);
            return Ok(Start { bound, byte, line, fields: Some(walk.record.len()), structural, totals: above });
        }
        let hits = header::hits(plan, &walk.record);
        if best.as_ref().is_none_or(|(most, ..)| hits > *most) {
            best = Some((hits, header::written(&walk.record), found.line));
        }
    }
    let help = header_help(format, decoded, best.as_ref().map(|(_, headers, _)| &**headers));
    let best = best.as_ref().map(|(_, headers, line)| (&**headers, *line));
    Err(header::not_found(plan, best, refusal::file(path), help))
}

/// What may be wrong with a file whose header is not found.
fn header_help(format: &CsvFormat, decoded: &Decoded, best: Option<&[String]>) -> String {
    if decoded.is_damaged() {
        return format!("some bytes are no {}: correct `encoding` of the source", format.encoding);
    }
    let line = best.filter(|headers| headers.len() == 1).map_or("", |headers| headers[0].as_str());
    let other = [';', ',', '\t', '|'].into_iter().max_by_key(|mark| line.matches(*mark).count());
    match other.filter(|mark| line.contains(*mark)) {
        Some(mark) => {
            format!("the row has 1 field at delimiter {:?}; set `delimiter = {mark:?}`", char::from(format.delimiter))
        }
        None => "add the new header to the list of the column".to_owned(),
    }
}

/// Records of a range of the text, with their lines.
struct Walk<'t> {
    decoded: &'t Decoded,
    reader: csv::Reader<&'t [u8]>,
    record: csv::StringRecord,
    /// First byte of the range.
    from: usize,
    /// Byte up to which lines are counted: the end of the last record.
    counted: usize,
    /// The line on which the last record begins, and how many lines it takes.
    line: u32,
    lines: u32,
    end: usize,
    trailing_blank_lines: u64,
}

/// One record.
struct Found {
    line: u32,
    bytes: std::ops::Range<usize>,
    /// Blank lines above it.
    blank_lines: u64,
}

impl<'t> Walk<'t> {
    fn new(format: &CsvFormat, decoded: &'t Decoded, range: std::ops::Range<usize>, line: u32) -> Walk<'t> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(format.delimiter)
            .quote(format.quote)
            .buffer_capacity(1 << 16)
            .from_reader(&decoded.text().as_bytes()[range.clone()]);
        Walk {
            decoded,
            reader,
            record: csv::StringRecord::new(),
            from: range.start,
            counted: range.start,
            line,
            lines: 0,
            end: range.end,
            trailing_blank_lines: 0,
        }
    }

    /// Byte of the text behind the last record and its line end, half of which the crate may leave behind.
    fn position(&self) -> usize {
        let text = self.decoded.text().as_bytes();
        let byte = self.from + self.reader.position().byte() as usize;
        let half = byte > self.from && text[byte - 1] == b'\r' && text.get(byte) == Some(&b'\n');
        byte + usize::from(half)
    }

    fn next(&mut self, path: &str) -> Result<Option<Found>, Box<Diagnostic>> {
        let before = self.position();
        let more = self
            .reader
            .read_record(&mut self.record)
            .map_err(|error| unreadable(path, self.line, &error.to_string()))?;
        let text = self.decoded.text().as_bytes();
        // To the crate, blank lines are the beginning of the next record.
        let mut start = before;
        let mut blank_lines = 0;
        while start < self.end && matches!(text[start], b'\n' | b'\r') {
            start += if text[start..self.end].starts_with(b"\r\n") { 2 } else { 1 };
            blank_lines += 1;
        }
        if !more {
            self.trailing_blank_lines = blank_lines;
            return Ok(None);
        }
        self.line += self.lines + chunks::line_ends(&text[self.counted..start]);
        let bytes = start..self.position().max(start);
        self.lines = chunks::line_ends(&text[bytes.clone()]);
        self.counted = bytes.end;
        self.check_length(path, bytes.len())?;
        Ok(Some(Found { line: self.line, bytes, blank_lines }))
    }

    fn check_length(&self, path: &str, bytes: usize) -> Result<(), Box<Diagnostic>> {
        if bytes <= RECORD_BYTES && self.lines <= RECORD_LINES { Ok(()) } else { Err(self.unclosed(path, bytes)) }
    }

    fn unclosed(&self, path: &str, bytes: usize) -> Box<Diagnostic> {
        let found = format!("a record of {bytes} bytes over {} lines", self.lines);
        About {
            code: "ROW326",
            message: "an unclosed quote",
            found,
            expected: format!("a record of at most {RECORD_BYTES} bytes and {RECORD_LINES} lines"),
            help: "the row opens a quote that nothing closes; correct the export".into(),
        }
        .refuse(CellPlace { row: Some(self.line), ..refusal::file(path) })
    }

    /// Whether the last record ends without a line end, as a file does that was cut.
    fn ends_abruptly(&self, found: &Found) -> bool {
        let text = self.decoded.text().as_bytes();
        found.bytes.end == text.len() && !matches!(text.last(), Some(b'\n' | b'\r'))
    }
}

fn unreadable(path: &str, line: u32, error: &str) -> Box<Diagnostic> {
    About {
        code: "ROW327",
        message: "not delimited text",
        found: error.to_owned(),
        expected: "records of delimited text".into(),
        help: String::new(),
    }
    .refuse(CellPlace { row: Some(line), ..refusal::file(path) })
}

/// One piece of a text while it is read.
struct Piece<'a, 'p, 't> {
    plan: &'a Plan<'p>,
    format: &'a CsvFormat,
    start: &'a Start,
    path: &'a str,
    reader: RowReader<'a, 'p>,
    walk: Walk<'t>,
}

impl Piece<'_, '_, '_> {
    fn read(mut self) -> Result<Rows, Box<Diagnostic>> {
        while let Some(found) = self.walk.next(self.path)? {
            self.check_closed(&found)?;
            self.reader.count_structural(found.blank_lines);
            self.read_record(&found);
        }
        self.reader.count_structural(self.walk.trailing_blank_lines);
        Ok(self.reader.finish())
    }

    /// The last record of a file may open a quote that nothing closes. Over several lines, it has swallowed rows.
    fn check_closed(&self, found: &Found) -> Result<(), Box<Diagnostic>> {
        let content = self.walk.decoded.text()[found.bytes.clone()].trim_end_matches(['\n', '\r']);
        if content.contains(['\n', '\r']) && self.leaves_quote_open(found) {
            return Err(self.walk.unclosed(self.path, found.bytes.len()));
        }
        Ok(())
    }

    /// Whether the file ends inside a quoted field of the record.
    fn leaves_quote_open(&self, found: &Found) -> bool {
        let text = self.walk.decoded.text().as_bytes();
        let bytes = &text[found.bytes.clone()];
        found.bytes.end == text.len() && chunks::leaves_quote_open(bytes, self.format.delimiter, self.format.quote)
    }

    fn read_record(&mut self, found: &Found) {
        let record = &self.walk.record;
        self.reader.stand_at(self.walk.decoded.byte_in_file(found.bytes.start));
        if is_total(record, &self.plan.totals) {
            self.reader.count_total(totals::read(self.plan, record, found.line));
        } else if is_blank(record) || self.reader.skips(record) {
            self.reader.count_structural(1);
        } else if let Some((flaw, count)) = self.field_count(found) {
            self.reader.refuse_whole(record, found.line, flaw, count);
        } else {
            let flaw = self.walk.decoded.undecodable_in(found.bytes.clone()).map(|byte| Flaw {
                reason: Reason::Undecodable,
                expected: format!("text in {}; byte {byte} of the file is none", self.format.encoding),
            });
            self.reader.read(record, found.line, flaw);
        }
    }

    /// The flaw of a record whose cells cannot be told apart, and how many fields it has.
    fn field_count(&self, found: &Found) -> Option<(Flaw, String)> {
        let count = self.walk.record.len();
        let (right, expected) = match self.start.fields {
            Some(fields) => (count == fields, format!("{fields} fields, as in the header")),
            None => {
                let least = self.start.bound.least_fields(self.plan);
                (count >= least, format!("at least {least} fields"))
            }
        };
        let open = self.leaves_quote_open(found);
        if right && !open {
            return None;
        }
        let cut = self.walk.ends_abruptly(found) && self.start.fields.is_none_or(|fields| count < fields) || open;
        let reason = if cut { Reason::Truncated } else { Reason::FieldCount };
        let fields = if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
        Some((Flaw { reason, expected }, fields))
    }
}
