//! Delimiter, quote and line ends of a text: each candidate delimiter is tried by the reader itself, and the one on which most
//! records agree wins. A delimiter inside quotes is read as what it is, and fools nobody.

use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::line_ends;
use crate::ingest::record::Record;
use crate::ingest::text_record::{Marks, TextRecord};
use crate::pipeline::limits::Limits;

const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
const QUOTES: [Option<u8>; 3] = [Some(b'"'), Some(b'\''), None];
/// Records that are looked at.
pub(super) const RECORDS: usize = 2000;

/// The dialect of a text.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// `None`: quotes are letters.
    pub(super) quote: Option<u8>,
    /// Fields that are quoted.
    pub(super) quoted: usize,
    /// Fields that most records have.
    pub(super) width: usize,
    /// Records with so many fields, of so many from the first one that has them.
    pub(super) agree: (usize, usize),
    /// What the other delimiters would give: delimiter, fields, records that agree, of.
    pub(super) others: Vec<(u8, usize, usize, usize)>,
    pub(super) line_ends: LineEnds,
}

impl Dialect {
    /// What the delimiter rests on.
    pub(super) fn delimiter_told(&self) -> String {
        let (agree, of) = self.agree;
        let others: Vec<String> = self
            .others
            .iter()
            .filter(|(_, width, ..)| *width >= 2)
            .map(|(mark, width, agree, of)| format!("{:?} would give {width} in {agree} of {of}", char::from(*mark)))
            .collect();
        let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
        format!("{:?}: {agree} of {of} records have {} fields{others}", char::from(self.delimiter), self.width)
    }
}

/// Line ends, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineEnds {
    pub(super) crlf: usize,
    pub(super) lf: usize,
    pub(super) cr: usize,
}

impl LineEnds {
    fn count(text: &[u8]) -> LineEnds {
        let crlf = line_ends::count_pairs(text, |first, second| (first == b'\r') & (second == b'\n'));
        let count = |wanted: u8| line_ends::count(text, |byte| byte == wanted);
        LineEnds { crlf, lf: count(b'\n') - crlf, cr: count(b'\r') - crlf }
    }

    /// How a person calls the one that most lines have, and how many of all have it.
    pub(super) fn told(self) -> (&'static str, usize, usize) {
        let all = self.crlf + self.lf + self.cr;
        let named = [("CRLF", self.crlf), ("LF", self.lf), ("CR", self.cr)];
        let (name, count) = named.into_iter().max_by_key(|(_, count)| *count).unwrap_or(("none", 0));
        (if all == 0 { "none" } else { name }, count, all)
    }
}

/// One way to cut a text.
struct Trial {
    delimiter: u8,
    quote: Option<u8>,
    rows: Vec<SampleRow>,
    /// Records in which a quote is not closed, or closed in front of other text.
    malformed: usize,
    width: usize,
    agree: (usize, usize),
    /// Records with at least two fields.
    cut: usize,
    /// Known headers in the row that holds most of them.
    headers: usize,
}

/// Finds the dialect, and the records by it. `known` says whether a cell is a header of a known layout. `None`: no delimiter gives two fields.
pub(super) fn find(text: &str, known: &dyn Fn(&str) -> bool) -> Option<(Dialect, Vec<SampleRow>)> {
    let mut trials = Vec::new();
    for delimiter in DELIMITERS {
        let cuts = QUOTES.map(|quote| Trial::new(text, delimiter, quote, known));
        // Apostrophes stand in text, so they are quotes only where that makes more records agree and some field is quoted.
        let [double, single, none] = cuts;
        let is_better = single.share() > double.share() && single.width >= 2 && single.malformed == 0;
        let is_quoting = is_better && quoted_fields(text, delimiter, single.quote) > 0;
        let best = if is_quoting { single } else { double };
        trials.push(if none.has_letters_in_place_of(&best) { none } else { best });
    }
    let best = (0..trials.len()).filter(|place| trials[*place].width >= 2).max_by(|a, b| {
        // Of equals the first candidate: `max_by` takes the last.
        trials[*a].weight().partial_cmp(&trials[*b].weight()).unwrap_or(std::cmp::Ordering::Equal).then(b.cmp(a))
    })?;
    let best = trials.swap_remove(best);
    let others = trials.iter().map(|trial| (trial.delimiter, trial.width, trial.agree.0, trial.agree.1)).collect();
    let dialect = Dialect {
        delimiter: best.delimiter,
        quote: best.quote,
        quoted: quoted_fields(text, best.delimiter, best.quote),
        width: best.width,
        agree: best.agree,
        others,
        line_ends: LineEnds::count(text.as_bytes()),
    };
    Some((dialect, best.rows))
}

impl Trial {
    fn new(text: &str, delimiter: u8, quote: Option<u8>, known: &dyn Fn(&str) -> bool) -> Trial {
        let (rows, malformed) = records(text, delimiter, quote);
        let mut counts: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        for row in &rows {
            *counts.entry(row.cells.len()).or_default() += 1;
        }
        // A preamble of single fields may be longer than a short table below it.
        let several = counts.iter().filter(|(width, _)| **width >= 2);
        let width = several.max_by_key(|(width, count)| (**count, **width)).map_or(1, |(width, _)| *width);
        let first = rows.iter().position(|row| row.cells.len() == width).unwrap_or(0);
        let agree = rows[first..].iter().filter(|row| row.cells.len() == width).count();
        let cut = rows.iter().filter(|row| row.cells.len() >= 2).count();
        let headers = rows.iter().take(crate::ingest::header::SEARCHED).map(|row| row.known_cells(known)).max();
        let of = rows.len() - first;
        Trial { delimiter, quote, width, agree: (agree, of), cut, headers: headers.unwrap_or(0), rows, malformed }
    }

    /// Whether the quote marks of another trial are letters: it finds malformed records, more records agree without quotes, and more fields
    /// begin with a mark than are enclosed in two.
    fn has_letters_in_place_of(&self, quoting: &Trial) -> bool {
        let Some(quote) = quoting.quote.map(char::from) else { return false };
        let sound = quoting.agree.0.saturating_sub(quoting.malformed);
        let agrees = self.width >= 2 && self.agree.0 > sound && self.share() >= quoting.share();
        if quoting.malformed == 0 || !agrees {
            return false;
        }
        let texts = self.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| match cell {
            Seen::Text(text) => text.strip_prefix(quote),
            _ => None,
        });
        let (enclosed, loose): (Vec<&str>, Vec<&str>) = texts.partition(|rest| {
            let inside = rest
                .strip_suffix(quote)
                .map(|inside| inside.replace([quote; 2].iter().collect::<String>().as_str(), ""));
            inside.is_some_and(|inside| !inside.contains(quote))
        });
        loose.len() > enclosed.len()
    }

    fn share(&self) -> f64 {
        if self.agree.1 == 0 { 0.0 } else { self.agree.0 as f64 / self.agree.1 as f64 }
    }

    /// Known headers, then agreement where it is good, then how many records are cut at all, then any agreement, then fields.
    fn weight(&self) -> (usize, f64, usize, f64, usize) {
        const GOOD: f64 = 0.9;
        let headers = if self.headers >= 2 { self.headers } else { 0 };
        let good = if self.share() >= GOOD { self.share() } else { 0.0 };
        (headers, good, self.cut, self.share(), self.width)
    }
}

/// The first records, by the reader of the sources, and how many of them are malformed.
fn records(text: &str, delimiter: u8, quote: Option<u8>) -> (Vec<SampleRow>, usize) {
    let bytes = text.as_bytes();
    let most = usize::try_from(Limits::default().record_bytes).unwrap_or(usize::MAX);
    let mut record = TextRecord::new(text, Marks { delimiter, quote, most });
    let (mut rows, mut malformed) = (Vec::new(), 0);
    let (mut at, mut line, mut counted) = (0, 1, 0);
    while rows.len() < RECORDS {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        if at == bytes.len() {
            break;
        }
        line += line_ends::line_ends(&bytes[counted..at]);
        counted = at;
        let Ok(next) = record.read(at, bytes.len(), None) else {
            malformed += 1;
            break;
        };
        malformed += usize::from(record.is_open() || record.malformed().is_some());
        let cells = (0..record.len()).map(|cell| Seen::of(record.cell(cell))).collect();
        rows.push(SampleRow { line, cells });
        at = next;
    }
    (rows, malformed)
}

/// Fields that begin and end with the quote, at the delimiter or the line's ends.
fn quoted_fields(text: &str, delimiter: u8, quote: Option<u8>) -> usize {
    let Some(quote) = quote else { return 0 };
    let bytes = text.as_bytes();
    let opens = |place: usize| place == 0 || bytes[place - 1] == delimiter || matches!(bytes[place - 1], b'\n' | b'\r');
    bytes.iter().enumerate().filter(|(place, byte)| **byte == quote && opens(*place)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> bool {
        false
    }

    fn found(text: &str) -> (char, usize) {
        let (dialect, _) = find(text, &nothing).unwrap();
        (char::from(dialect.delimiter), dialect.width)
    }

    #[test]
    fn quoted_delimiters_fool_nobody() {
        assert_eq!(found("a,b\n\"x;y;z\",1\n\"x;y;z\",2\n\"x;y;z\",3\n"), (',', 2));
        assert_eq!(found("a;b\n\"x,y,z\";1\n\"x,y,z\";2\n"), (';', 2));
        assert_eq!(found("a\tb\n'x;y'\t1\n'x;y'\t2\n"), ('\t', 2));
    }

    #[test]
    fn decimal_commas_are_no_delimiters() {
        assert_eq!(
            found("Den;Doprava;Zaplaceno;Zrušeno\n1. 12.;PPL;119,00 Kč;0,00 Kč\n2. 12.;PPL;1,00;2,00\n"),
            (';', 4)
        );
    }

    #[test]
    fn a_preamble_and_ragged_rows() {
        let notes = "--\nnote\nseller\nfrom\nto\n--\n--\n";
        assert_eq!(found(&format!("{notes}a,b,c\n1,2,3\n4,5,6\n")), (',', 3));
        assert_eq!(found("A;;1;x\nB;;2;x;;9,50\nC;;3\nD;;4;x;;1,20\n"), (';', 6));
        assert!(find("one\ntwo\n", &nothing).is_none());
    }

    #[test]
    fn quote_marks_may_be_letters() {
        let quote = |text: &str| find(text, &nothing).unwrap().0.quote;
        // the first one is never closed, and swallows the file as a quote
        let swallowed = "id\ttitle\tn\n1\t\"open\t2\n2\tx\t3\n3\ty\t4\n";
        assert_eq!((quote(swallowed), find(swallowed, &nothing).unwrap().0.agree), (None, (4, 4)));
        assert_eq!(quote("id\ttitle\n1\t\"Foo\" bar\n2\t\"Baz\" 24\"\n3\ty\n"), None);
        // a mistake among quoted fields is a mistake, and a text that is cut within quotes is cut
        assert_eq!(quote("a;b\n\"x\";\"1\"\n\"Monitor 24\"\";\"2\"\n\"y\";\"3\"\n"), Some(b'"'));
        assert_eq!(quote("a;b\n\"x;y\";\"1\"\n\"z;y\";\"2\"\n\"z;y\";\"3"), Some(b'"'));
        assert_eq!(quote("a;b\n24\";1\n\"x\";2\n"), Some(b'"'));
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let (dialect, rows) = find("a;b\r\n\r\n\"x\r\ny\";1\r\nz;2\r\n", &nothing).unwrap();
        let lines: Vec<u32> = rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 5]);
        assert_eq!(dialect.line_ends.told(), ("CRLF", 5, 5));
        assert_eq!(dialect.quoted, 1);
    }
}
