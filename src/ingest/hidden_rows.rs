//! Rows of an XLSB workbook that nobody sees, which the library does not tell.

/// Hidden rows of the sheets of an XLSB workbook, seen while its parts are inflated.
#[derive(Debug, Default)]
pub(super) struct HiddenRows {
    /// The row at hand is not shown, and has no cell yet.
    awaits_cell: bool,
    pub(super) hidden: u64,
}

impl HiddenRows {
    const ROW: u32 = 0;
    /// Cells with a value or a formula: 1 is a blank one.
    const CELLS: std::ops::RangeInclusive<u32> = 2..=11;
    const NOT_SHOWN: u8 = 0x10;

    /// Takes whole records away from the beginning of a sheet's bytes.
    pub(super) fn take(&mut self, bytes: &mut Vec<u8>) {
        let mut at = 0;
        while let Some((kind, data, next)) = record_at(bytes, at) {
            if kind == HiddenRows::ROW {
                self.awaits_cell = data.get(11).is_some_and(|bits| bits & HiddenRows::NOT_SHOWN != 0);
            } else if HiddenRows::CELLS.contains(&kind) && std::mem::take(&mut self.awaits_cell) {
                self.hidden += 1;
            }
            at = next;
        }
        bytes.drain(..at);
    }
}

/// Takes whole records away from the beginning of a part's bytes.
pub(super) fn pass_records(bytes: &mut Vec<u8>) {
    let mut at = 0;
    while let Some((_, _, next)) = record_at(bytes, at) {
        at = next;
    }
    bytes.drain(..at);
}

/// Kind and data of a record of an XLSB part, and where the next one begins; `None` where it is not all there.
fn record_at(bytes: &[u8], at: usize) -> Option<(u32, &[u8], usize)> {
    let (kind, at) = number_at(bytes, at, 2)?;
    let (length, at) = number_at(bytes, at, 4)?;
    let end = at + length as usize;
    Some((kind, bytes.get(at..end)?, end))
}

/// A number in groups of seven bits, the lowest first, of at most so many bytes.
fn number_at(bytes: &[u8], at: usize, most: usize) -> Option<(u32, usize)> {
    let mut number = 0;
    for place in 0..most {
        let byte = *bytes.get(at + place)?;
        number |= u32::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 || place + 1 == most {
            return Some((number, at + place + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_of_an_xlsb_sheet_in_pieces() {
        let record = |kind: u8, data: &[u8]| [&[kind, data.len() as u8][..], data].concat();
        let row = |bits: u8| record(0, &[&[0; 11][..], &[bits], &[0; 5]].concat());
        let cell = |kind: u8| record(kind, &[0; 12]);
        let whole = [row(0x10), cell(5), cell(5), row(0x10), cell(1), row(0), cell(5), row(0x18), cell(6)].concat();
        for piece in 1..whole.len() {
            let (mut rows, mut bytes) = (HiddenRows::default(), Vec::new());
            for part in whole.chunks(piece) {
                bytes.extend(part);
                rows.take(&mut bytes);
            }
            assert!(bytes.is_empty());
            assert_eq!(rows.hidden, 2);
        }
    }
}
