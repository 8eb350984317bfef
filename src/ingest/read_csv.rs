//! Reads delimited text. Row numbers are physical lines as a person sees them: the line on which the record begins.

use std::ops::Range;

use rayon::prelude::*;

use crate::base::text::fold;
use crate::diagnose::{CellPlace, Diagnostic};
use crate::ingest::bounds;
use crate::ingest::chunks;
use crate::ingest::control_codes::ControlCodes;
use crate::ingest::decode::Decoded;
use crate::ingest::header::{self, Bound};
use crate::ingest::line_ends::line_ends;
use crate::ingest::plan::Plan;
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::{Record, is_blank, is_comment};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::{RowReader, Rows};
use crate::ingest::text_record::{self, Malformed, Marks, TextRecord, TooLong};
use crate::ingest::totals::{self, TotalRow};
use crate::ingest::windows::{Window, Windows};
use crate::pipeline::limits::Limits;
use crate::pipeline::source::CsvFormat;

/// Reads all records of a decoded text.
///
/// # Errors
/// A file that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &CsvFormat,
    decoded: &Decoded<'_>,
    path: &str,
    year: Option<i32>,
) -> Result<(Bound, Rows), Box<Diagnostic>> {
    let file = Text { plan, format, decoded, path, follows: None };
    let data = file.data()?;
    let lacking = || header::not_found(plan, None, refusal::file(path), String::new());
    let start = file.start(data.end)?.ok_or_else(lacking)?;
    let text = &decoded.text().as_bytes()[..data.end];
    let mut gathered = Gathered::new(plan, path, &start, year);
    let mut readers = start.readers(plan, year);
    for pieces in chunks::cut(text, start.byte, file.marks()).chunks(readers.len()) {
        let parsed = pieces.par_iter().zip(&mut readers).map(|(piece, reader)| {
            file.piece(piece.range.clone(), start.line + piece.line, piece.follows, &start, reader)
        });
        let parsed: Vec<_> = parsed.collect();
        parsed.into_iter().try_for_each(|piece| gathered.append(piece?))?;
    }
    let rows = gathered.finish(data.structural)?;
    Ok((start.bound, rows))
}

/// Reads all records of a file that is declared as UTF-8, window after window, and counts the control codes of what was read of it.
/// `None` where only the whole text tells how it is read.
///
/// # Errors
/// A file that is refused as a whole.
pub(super) fn read_windows(
    plan: &Plan<'_>,
    format: &CsvFormat,
    windows: &mut Windows,
    path: &str,
    year: Option<i32>,
    codes: &mut ControlCodes,
) -> Result<Option<(Bound, Rows)>, Box<Diagnostic>> {
    let failed = |error: std::io::Error| refusal::unreadable(path, &error);
    let mut taken = windows.take(at_once()).map_err(failed)?;
    let Some(first) = taken.first().filter(|first| !first.is_in_disguise()) else { return Ok(None) };
    let found = {
        let decoded = first.decoded();
        if let Some(foreign) = first.foreign(decoded.text()) {
            return Err(foreign.refusal(path));
        }
        let file = Text { plan, format, decoded: &decoded, path, follows: first.follows };
        file.start(decoded.text().len()).inspect_err(|_| *codes = ControlCodes::of(decoded.text(), 1))
    };
    let Some(start) = found? else { return Ok(None) };
    let mut gathered = Gathered::new(plan, path, &start, year);
    let mut readers = start.readers(plan, year);
    while !taken.is_empty() {
        let read = |(window, reader): (&Window, &mut RowReader<'_, '_>)| {
            let decoded = window.decoded();
            let file = Text { plan, format, decoded: &decoded, path, follows: window.follows };
            let (byte, line) = if window.is_first() { (start.byte, start.line) } else { (0, window.line) };
            let rows = file.piece(byte..decoded.text().len(), line, window.follows, &start, reader);
            (rows, ControlCodes::of(decoded.text(), window.line))
        };
        // While the cores read these windows, the next ones are taken.
        let (next, parsed) = rayon::join(
            || windows.take(at_once()),
            || taken.par_iter().zip(&mut readers).map(read).collect::<Vec<_>>(),
        );
        for (rows, counted) in parsed {
            codes.add(&counted);
            gathered.append(rows?)?;
        }
        windows.put_back(std::mem::replace(&mut taken, next.map_err(failed)?));
    }
    let rows = gathered.finish(0)?;
    Ok(Some((start.bound, rows)))
}

/// So many pieces of a text are read at once: several files are, too, so that more would only be held.
fn at_once() -> usize {
    rayon::current_num_threads().min(8)
}

/// The rows of a text while its pieces come in, in their order.
struct Gathered<'a> {
    limits: &'a Limits,
    path: &'a str,
    rows: Rows,
    /// Those above the data.
    above: Rows,
}

impl<'a> Gathered<'a> {
    fn new(plan: &'a Plan<'_>, path: &'a str, start: &Start, year: Option<i32>) -> Gathered<'a> {
        let mut above = RowReader::new(plan, &start.bound, year);
        start.totals.iter().cloned().for_each(|total| above.count_total(total));
        above.count_structural(start.structural);
        let rows = RowReader::new(plan, &start.bound, year).unfinished();
        Gathered { limits: &plan.source.limits, path, rows, above: above.finish() }
    }

    fn append(&mut self, piece: Rows) -> Result<(), Box<Diagnostic>> {
        self.rows.append(piece);
        bounds::check_rows(self.limits, self.rows.read, || refusal::file(self.path))
    }

    /// All rows, with so many below the data.
    fn finish(mut self, below: u64) -> Result<Rows, Box<Diagnostic>> {
        self.rows.append(self.above);
        self.rows.count_structural(below);
        self.rows.table.finish();
        bounds::check_rows(self.limits, self.rows.read, || refusal::file(self.path))?;
        Ok(self.rows)
    }
}

/// A text, and what it is read against.
#[derive(Clone, Copy)]
struct Text<'a, 'p> {
    plan: &'a Plan<'p>,
    format: &'a CsvFormat,
    decoded: &'a Decoded<'a>,
    path: &'a str,
    /// Where more of the file follows: line ends behind the text, up to the proof that a record which is open at its end is malformed.
    follows: Option<u32>,
}

/// Where the data end.
struct Data {
    end: usize,
    /// Rows below the data.
    structural: u64,
}

/// Where the data begin.
#[derive(Default)]
struct Start {
    bound: Bound,
    /// Byte in the text.
    byte: usize,
    /// Line of that byte.
    line: u32,
    /// Fields of rows below a header row; `None` without one.
    fields: Option<Fields>,
    /// Rows above the data, but total rows.
    structural: u64,
    /// Total rows above the data.
    totals: Vec<TotalRow>,
}

/// Fields that a row below a header row may have.
#[derive(Debug, Clone, Copy)]
struct Fields {
    /// Up to the last column that has a name.
    named: usize,
    /// All of the header row.
    written: usize,
    /// The first row has a field for every one of them: then one without a name may hold something.
    filled: bool,
}

impl Fields {
    /// Whether a record has a field for each column, and holds nothing that has no column.
    fn fit(self, record: &TextRecord<'_>) -> bool {
        let count = record.len();
        let rest = || (self.named..count).all(|index| record.cell(index).is_empty());
        count == self.named || count > self.named && (self.filled && count == self.written || rest())
    }
}

impl Start {
    /// One reader for each piece that is read at once.
    fn readers<'a, 'p>(&'a self, plan: &'a Plan<'p>, year: Option<i32>) -> Vec<RowReader<'a, 'p>> {
        (0..at_once()).map(|_| RowReader::new(plan, &self.bound, year)).collect()
    }
}

impl Text<'_, '_> {
    fn marks(&self) -> Marks {
        Marks::of(self.format, &self.plan.source.limits)
    }

    /// Whether the file ends with the text.
    fn is_last(&self) -> bool {
        self.follows.is_none()
    }

    /// Where the data begin; `None` where that stands behind the text, which is not the last of its file.
    fn start(&self, end: usize) -> Result<Option<Start>, Box<Diagnostic>> {
        if self.format.header { self.find_header(end) } else { self.headless(end) }
    }

    /// The rows of a range of whole records, which begins on a line.
    fn piece(
        &self,
        range: Range<usize>,
        line: u32,
        follows: Option<u32>,
        start: &Start,
        reader: &mut RowReader<'_, '_>,
    ) -> Result<Rows, Box<Diagnostic>> {
        Piece { file: *self, start, walk: Walk::new(*self, range, line, follows) }.read(reader)
    }

    /// Everything above the declared trailer; the whole text where none is declared.
    fn data(&self) -> Result<Data, Box<Diagnostic>> {
        let text = self.decoded.text();
        let Some(trailer) = &self.format.trailer else { return Ok(Data { end: text.len(), structural: 0 }) };
        let sound = text.trim_end_matches(|c: char| c.is_whitespace() || c == char::from(self.format.delimiter));
        let end = sound.rfind(['\n', '\r']).map_or(0, |place| place + 1);
        let first = text[end..].trim_start_matches(self.format.quote.map_or('"', char::from));
        if fold(first).starts_with(trailer.as_str()) {
            return Ok(Data { end, structural: u64::from(line_ends(&text.as_bytes()[end..]).max(1)) });
        }
        Err(About {
            code: "FIL113",
            message: "a file without its end",
            found: format!("`{}` in the last row", text[end..].trim_end()),
            expected: format!("a last row that begins with `{trailer}`  ({})", self.plan.source.config),
            help: "the file was cut; fetch it again".into(),
        }
        .refuse(refusal::file(self.path)))
    }

    fn headless(&self, end: usize) -> Result<Option<Start>, Box<Diagnostic>> {
        let bound = header::bind_positions(self.plan, &refusal::file(self.path))?;
        let least = bound.least_fields(self.plan);
        let mut walk = Walk::new(*self, 0..end, 1, self.follows);
        loop {
            let found = match walk.next()? {
                Some(found) => found,
                None if self.is_last() => break,
                None => return Ok(None),
            };
            let other = narrow(&walk.record, self.format.delimiter).filter(|_| least > 1);
            match other {
                Some(mark) => return Err(self.other_delimiter(mark, least, found.line)),
                None if is_comment(&walk.record, &self.format.comments) => {}
                None => break,
            }
        }
        Ok(Some(Start { bound, line: 1, ..Start::default() }))
    }

    fn find_header(&self, end: usize) -> Result<Option<Start>, Box<Diagnostic>> {
        let mut walk = Walk::new(*self, 0..end, 1, self.follows);
        let wanted = self.format.header_row;
        let mut best: Option<(usize, Vec<String>, u32)> = wanted.map(|row| (0, Vec::new(), row));
        let mut other: Option<(char, u32)> = None;
        let (mut structural, mut searched) = (0, 0);
        let mut above = Vec::new();
        loop {
            let found = match walk.next()? {
                Some(found) => found,
                None if self.is_last() => break,
                None => return Ok(None),
            };
            structural += found.blank_lines;
            if totals::is_total(&walk.record, &self.plan.totals, &[]) {
                above.push(totals::read(self.plan, &walk.record, found.line));
                continue;
            }
            structural += 1;
            if is_comment(&walk.record, &self.format.comments) {
                continue;
            }
            let place = CellPlace { row: Some(found.line), ..refusal::file(self.path) };
            if wanted.is_none_or(|row| row == found.line) && header::is_header(self.plan, &walk.record) {
                let mut bound = header::bind(self.plan, &walk.record, &place)?;
                let (byte, line) = (walk.at, found.line + walk.lines);
                let mut fields = Fields { named: bound.named(), written: walk.record.len(), filled: false };
                let states_currency = self.plan.source.currency_of_file;
                if fields.named < fields.written || states_currency {
                    match walk.next()? {
                        None if !self.is_last() => return Ok(None),
                        first => {
                            fields.filled = first.is_some() && walk.record.len() == fields.written;
                            let slot = self.plan.currency_field.and_then(|field| bound.slots[field]);
                            let stated = slot.filter(|_| states_currency && first.is_some());
                            bound.currency =
                                stated.and_then(|slot| walk.record.written(slot)).unwrap_or_default().to_owned();
                        }
                    }
                }
                let fields = Some(fields);
                return Ok(Some(Start { bound, byte, line, fields, structural, totals: above }));
            }
            searched += 1;
            let hits = header::hits(self.plan, &walk.record);
            let closer = best.as_ref().is_none_or(|(most, ..)| hits > *most);
            if wanted.map_or(closer, |row| row == found.line) {
                best = Some((hits, header::written(&walk.record), found.line));
            }
            other = other.or(narrow(&walk.record, self.format.delimiter).map(|mark| (mark, found.line)));
            if wanted.map_or(searched == header::SEARCHED, |row| row <= found.line) {
                break;
            }
        }
        if let (Some((mark, line)), true) = (other, best.as_ref().is_none_or(|(hits, ..)| *hits == 0)) {
            return Err(self.other_delimiter(mark, self.plan.bound_headers(), line));
        }
        let help = match self.decoded.is_damaged() {
            true => format!("some bytes are no {}: correct `encoding` of the source", self.decoded.page.name()),
            false => "add the new header to the list of the column".to_owned(),
        };
        let best = best.as_ref().map(|(_, headers, line)| (&**headers, *line));
        Err(header::not_found(self.plan, best, refusal::file(self.path), help))
    }

    fn other_delimiter(&self, mark: char, columns: usize, line: u32) -> Box<Diagnostic> {
        // A source that binds one column does not say how many there are.
        let (message, expected) = match columns {
            0 | 1 => ("a row without the declared delimiter".to_owned(), "the header in a field of its own".to_owned()),
            _ => (format!("1 column, expected {columns}"), format!("{columns} columns or more")),
        };
        About {
            code: "HDR205",
            message: &message,
            found: format!("a row without the delimiter {:?}", char::from(self.format.delimiter)),
            expected: format!("{expected}  ({})", self.plan.source.config),
            help: format!("if {mark:?} delimits the fields, set `delimiter = {mark:?}`"),
        }
        .refuse(CellPlace { row: Some(line), ..refusal::file(self.path) })
    }
}

/// The mark that may delimit the fields of a record that has only one at the declared delimiter.
fn narrow(record: &TextRecord<'_>, delimiter: u8) -> Option<char> {
    let line = record.written(0).filter(|_| record.len() == 1)?;
    let marks = [';', ',', '\t', '|'].into_iter().filter(|mark| *mark != char::from(delimiter));
    marks.filter(|mark| line.contains(*mark)).max_by_key(|mark| line.matches(*mark).count())
}

/// Records of a range of the text, with their lines.
struct Walk<'a, 'p> {
    file: Text<'a, 'p>,
    record: TextRecord<'a>,
    /// First byte behind the last record and its line end.
    at: usize,
    /// The line on which the last record begins, and how many lines it takes.
    line: u32,
    lines: u32,
    end: usize,
    /// As in [`Text`].
    follows: Option<u32>,
    trailing_blank_lines: u64,
}

/// One record.
struct Found {
    line: u32,
    bytes: Range<usize>,
    /// Blank lines above it.
    blank_lines: u64,
}

impl<'a, 'p> Walk<'a, 'p> {
    fn new(file: Text<'a, 'p>, range: Range<usize>, line: u32, follows: Option<u32>) -> Walk<'a, 'p> {
        Walk {
            file,
            record: TextRecord::new(file.decoded.text(), file.marks()),
            at: range.start,
            line,
            lines: 0,
            end: range.end,
            follows,
            trailing_blank_lines: 0,
        }
    }

    fn next(&mut self) -> Result<Option<Found>, Box<Diagnostic>> {
        let text = &self.file.decoded.text().as_bytes()[..self.end];
        let mut start = self.at;
        let mut blank_lines = 0;
        while start < self.end && matches!(text[start], b'\n' | b'\r') {
            start = text_record::behind_line_end(text, start);
            blank_lines += 1;
        }
        let line = self.line + self.lines + blank_lines as u32;
        if start == self.end {
            self.trailing_blank_lines = blank_lines;
            return Ok(None);
        }
        let next = self.record.read(start, self.end, self.follows).map_err(|TooLong| self.too_long(start, line))?;
        self.line = line;
        let bytes = start..next;
        self.lines = if self.record.may_hold_line_ends() {
            line_ends(&text[bytes.clone()])
        } else {
            u32::from(matches!(text[next - 1], b'\n' | b'\r'))
        };
        self.at = next;
        self.check_limits(&bytes)?;
        Ok(Some(Found { line, bytes, blank_lines }))
    }

    fn check_limits(&self, bytes: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        let limits = &self.file.plan.source.limits;
        let content = || self.file.decoded.text()[bytes.clone()].trim_end_matches(['\n', '\r']);
        let is_long = bytes.len() as u64 > limits.record_bytes && content().len() as u64 > limits.record_bytes;
        if is_long || u64::from(self.lines) > limits.record_lines {
            return Err(self.too_long(bytes.start, self.line));
        }
        let place = || self.place(self.line);
        bounds::check_columns(limits, self.record.len(), place)?;
        if bytes.len() as u64 > limits.cell_bytes {
            bounds::check_cells(limits, &self.record, place)?;
        }
        Ok(())
    }

    /// A record without an end within the limits: an unclosed quote, where it holds one.
    fn too_long(&self, start: usize, line: u32) -> Box<Diagnostic> {
        let limits = &self.file.plan.source.limits;
        let rest = &self.file.decoded.text().as_bytes()[start..self.end];
        let head = &rest[..rest.len().min(limits.record_bytes as usize + 1)];
        if self.file.format.quote.is_none_or(|quote| !head.contains(&quote)) {
            let found = format!("a record of more than {} bytes", limits.record_bytes);
            return bounds::over("record_bytes", found, limits.record_bytes, self.place(line));
        }
        About {
            code: "ROW326",
            message: "an unclosed quote",
            found: "a quote that opens in this row, and no end of the row".into(),
            expected: format!(
                "a record of at most {} bytes (`record_bytes`) and {} lines (`record_lines`)",
                limits.record_bytes, limits.record_lines
            ),
            help: "correct the export, or raise the limit under [source.limits]; `quote = \"none\"` where quotes are letters"
                .into(),
        }
        .refuse(self.place(line))
    }

    fn place(&self, line: u32) -> CellPlace {
        CellPlace { row: Some(line), ..refusal::file(self.file.path) }
    }

    /// Whether the last record ends without a line end, as a file does that was cut.
    fn ends_abruptly(&self, found: &Found) -> bool {
        let text = self.file.decoded.text().as_bytes();
        self.file.is_last() && found.bytes.end == text.len() && !matches!(text.last(), Some(b'\n' | b'\r'))
    }
}

/// The lines of a quoted field, from the one on which its record begins.
fn quoted_lines(line: u32, more: u32) -> String {
    match more {
        0 => format!("a quoted field on line {line}"),
        more => format!("a quoted field on lines {line} to {}", line + more),
    }
}

/// One piece of a text while it is read.
struct Piece<'a, 'p> {
    file: Text<'a, 'p>,
    start: &'a Start,
    walk: Walk<'a, 'p>,
}

impl Piece<'_, '_> {
    fn read(mut self, reader: &mut RowReader<'_, '_>) -> Result<Rows, Box<Diagnostic>> {
        let mut records = 0;
        while let Some(found) = self.walk.next()? {
            records += 1;
            bounds::check_rows(&self.file.plan.source.limits, records, || self.walk.place(found.line))?;
            self.check_closed(&found)?;
            reader.count_structural(found.blank_lines);
            self.read_record(reader, &found);
        }
        reader.count_structural(self.walk.trailing_blank_lines);
        Ok(reader.take())
    }

    /// The last record of a file may open a quote that nothing closes. Over several lines, it has swallowed rows.
    fn check_closed(&self, found: &Found) -> Result<(), Box<Diagnostic>> {
        let record = &self.file.decoded.text()[found.bytes.clone()];
        let holds_line_ends = || record.trim_end_matches(['\n', '\r']).contains(['\n', '\r']);
        if self.walk.record.is_open() && holds_line_ends() {
            return Err(self.walk.too_long(found.bytes.start, found.line));
        }
        Ok(())
    }

    /// Lines of the record behind its first one.
    fn more_lines(&self, found: &Found) -> u32 {
        self.walk.lines - u32::from(self.file.decoded.text()[found.bytes.clone()].ends_with(['\n', '\r']))
    }

    fn read_record(&self, reader: &mut RowReader<'_, '_>, found: &Found) {
        let record = &self.walk.record;
        reader.stand_at(self.file.decoded.byte_in_file(found.bytes.start));
        let (plan, bound) = (self.file.plan, &self.start.bound);
        if is_comment(record, &self.file.format.comments) {
            reader.count_structural(1);
        } else if let Some(malformed) = record.malformed() {
            let (flaw, lines) = self.malformed(found.line, malformed);
            reader.refuse_whole(record, found.line, flaw, lines);
        } else if let Some(flaw) = self.swallowed(reader, found) {
            let lines = quoted_lines(found.line, self.more_lines(found));
            reader.refuse_whole(record, found.line, flaw, lines);
        } else if totals::is_total(record, &plan.totals, &bound.identifiers) {
            reader.count_total(totals::read(plan, record, found.line));
        } else if is_blank(record) || reader.skips(record) {
            reader.count_structural(1);
        } else if let Some((flaw, count)) = self.field_count(found) {
            reader.refuse_whole(record, found.line, flaw, count);
        } else {
            let decoded = self.file.decoded;
            let flaw = decoded.undecodable_in(found.bytes.clone()).map(|byte| Flaw {
                reason: Reason::Undecodable,
                expected: format!("text in {}; byte {byte} of the file is none", decoded.page.name()),
            });
            reader.read(record, found.line, flaw);
        }
    }

    /// The flaw of a record with text behind a closing quote, and the lines on which that quote opens and closes.
    fn malformed(&self, line: u32, malformed: Malformed) -> (Flaw, String) {
        let lines = quoted_lines(line, malformed.lines);
        let column = self.start.bound.column(malformed.cell);
        let closes = line + malformed.lines;
        let expected =
            format!("a delimiter or the end of the line behind the quote that closes `{column}` on line {closes}");
        (Flaw { reason: Reason::MalformedQuotes, expected }, lines)
    }

    /// The flaw of a record within whose quotes stands a whole line that is a sound row of its own: two stray quotes have made a pair. That
    /// of a last line may be meant, and is counted for a note.
    fn swallowed(&self, reader: &mut RowReader<'_, '_>, found: &Found) -> Option<Flaw> {
        let plan = self.file.plan;
        if self.more_lines(found) == 0 || !plan.tells_rows() {
            return None;
        }
        let text = self.file.decoded.text();
        let mut lines =
            Walk { record: TextRecord::new(text, Marks { quote: None, ..self.file.marks() }), ..self.lines_of(found) };
        let mut by_quotes = TextRecord::new(text, self.file.marks());
        let (mut row, mut last) = (found.line, None);
        while let Ok(Some(line)) = lines.next() {
            let is_sound = |record: &TextRecord<'_>| {
                self.start.fields.is_some_and(|fields| fields.fit(record)) && reader.would_read(record)
            };
            // A line of its own may have quotes of its own, behind the one that closed the pair.
            let is_row = line.line > found.line
                && (is_sound(&lines.record)
                    || by_quotes.read(line.bytes.start, line.bytes.end, None).is_ok()
                        && !by_quotes.is_open()
                        && by_quotes.malformed().is_none()
                        && is_sound(&by_quotes));
            (row, last) = (line.line, is_row.then_some(line.bytes.end));
            if last.is_some_and(|end| end < found.bytes.end) {
                let expected = format!("no row of its own within the quotes; line {row} is one");
                return Some(Flaw { reason: Reason::MalformedQuotes, expected });
            }
        }
        if last.is_some() {
            reader.note_joined(found.line, row);
        }
        None
    }

    /// The lines of a record as if quotes were letters.
    fn lines_of(&self, found: &Found) -> Walk<'_, '_> {
        Walk::new(self.file, found.bytes.clone(), found.line, None)
    }

    /// The flaw of a record whose cells cannot be told apart, and how many fields it has.
    fn field_count(&self, found: &Found) -> Option<(Flaw, String)> {
        let record = &self.walk.record;
        let count = record.len();
        let least = || self.start.bound.least_fields(self.file.plan);
        let right = self.start.fields.map_or_else(|| count >= least(), |fields| fields.fit(record));
        let open = record.is_open();
        if right && !open {
            return None;
        }
        let expected = match self.start.fields {
            Some(Fields { named, .. }) => format!("{named} fields, as in the header"),
            None => format!("at least {} fields", least()),
        };
        let cut = self.walk.ends_abruptly(found) && self.start.fields.is_none_or(|fields| count < fields.named) || open;
        let reason = if cut { Reason::Truncated } else { Reason::FieldCount };
        let fields = if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
        Some((Flaw { reason, expected }, fields))
    }
}
