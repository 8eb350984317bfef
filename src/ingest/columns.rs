//! Typed columns that grow row by row: what a part holds before it becomes a polars frame. Words are codes into a small list,
//! text lies in the arrays of the later frame (decision 0023), and a row that fails late leaves no trace.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use polars::prelude::{IdxSize, PlSmallStr, StringChunked};
use polars_arrow::array::{Array, MutableBinaryViewArray, Utf8ViewArray};

/// What stands for null among numbers and among days.
pub(super) const NO_NUMBER: i64 = i64::MIN;
pub(super) const NO_DAY: i32 = i32::MIN;

/// A label as written and the word it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Label {
    pub(super) raw: String,
    pub(super) word: String,
}

/// One value of a column; two rows are identical when all their values are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Label(&'a Label),
    Number(i64),
    Flag(bool),
}

/// Text; empty is null.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    /// Rows that are read, refused ones among them: the array cannot shrink.
    growing: MutableBinaryViewArray<str>,
    /// All accepted rows, once they are read.
    rows: Utf8ViewArray,
}

/// Codes into a list of labels.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels {
    codes: Vec<u32>,
    known: Vec<Label>,
    /// Codes of each label as written; more than one where its word depends on the row.
    places: HashMap<String, Vec<u32>, FixedState>,
}

/// The values of one field.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// The source does not have the field: the same value in every row.
    Absent(Option<Label>),
    Texts(Texts),
    Labels(Labels),
    Numbers(Vec<i64>),
    Days(Vec<i32>),
    /// Milliseconds UTC, and whether only the day is known.
    Instants(Vec<i64>, Vec<bool>),
    Flags(Vec<bool>),
}

impl Default for Texts {
    fn default() -> Texts {
        Texts { growing: MutableBinaryViewArray::new(), rows: MutableBinaryViewArray::new().freeze() }
    }
}

impl Texts {
    /// Appends the text of the row at hand.
    pub(super) fn push(&mut self, text: &str) {
        match text {
            "" => self.growing.push_null(),
            text => self.growing.push_value(text),
        }
    }

    /// All rows are read; those at the places of `refused`, ascending, were refused.
    fn finish(&mut self, refused: &[usize]) {
        self.rows = std::mem::take(&mut self.growing).freeze();
        if refused.is_empty() {
            return;
        }
        let mut refused = refused.iter().copied().peekable();
        let accepted = self.rows.iter().enumerate().filter(|(place, _)| refused.next_if_eq(place).is_none());
        self.rows = MutableBinaryViewArray::from_iterator(accepted.map(|(_, text)| text)).freeze();
    }

    /// Appends finished rows.
    fn append(&mut self, more: &Utf8ViewArray) {
        self.growing.reserve(more.len());
        if more.null_count() > 0 {
            more.iter().for_each(|text| self.growing.push(text));
        } else {
            more.values_iter().for_each(|text| self.growing.push_value(text));
        }
    }

    /// The value of a finished row; empty is null.
    pub(super) fn get(&self, row: usize) -> &str {
        self.rows.get(row).unwrap_or("")
    }

    /// Number of finished rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The texts of all finished rows that have one.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flatten()
    }

    /// All finished rows; empty text is null.
    pub(super) fn column(&self, name: PlSmallStr) -> StringChunked {
        StringChunked::with_chunk(name, self.rows.clone())
    }
}

impl Labels {
    /// The code of a label.
    pub(super) fn code(&mut self, raw: &str, word: &str) -> u32 {
        let known = self.places.get(raw).and_then(|codes| codes.iter().find(|code| self.label(**code).word == word));
        if let Some(code) = known {
            return *code;
        }
        let code = self.known.len() as u32;
        self.known.push(Label { raw: raw.to_owned(), word: word.to_owned() });
        self.places.entry(raw.to_owned()).or_default().push(code);
        code
    }

    pub(super) fn push(&mut self, code: u32) {
        self.codes.push(code);
    }

    /// The codes of all rows; a code is the place of its label among the known ones.
    pub(super) fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// All labels.
    pub(super) fn known(&self) -> &[Label] {
        &self.known
    }

    /// The label of a row.
    pub(super) fn of_row(&self, row: usize) -> &Label {
        self.label(self.codes[row])
    }

    /// The label of a code; that of a refused row's filler is empty.
    pub(super) fn label(&self, code: u32) -> &Label {
        static NOTHING: Label = Label { raw: String::new(), word: String::new() };
        self.known.get(code as usize).unwrap_or(&NOTHING)
    }
}

impl Values {
    /// The value of a row.
    pub(super) fn get(&self, row: usize) -> Value<'_> {
        match self {
            Values::Absent(None) => Value::Null,
            Values::Absent(Some(label)) => Value::Label(label),
            Values::Texts(texts) => match texts.get(row) {
                "" => Value::Null,
                text => Value::Text(text),
            },
            Values::Labels(labels) => Value::Label(labels.of_row(row)),
            Values::Numbers(numbers) | Values::Instants(numbers, _) => match numbers[row] {
                NO_NUMBER => Value::Null,
                number => Value::Number(number),
            },
            Values::Days(days) => match days[row] {
                NO_DAY => Value::Null,
                day => Value::Number(i64::from(day)),
            },
            Values::Flags(flags) => Value::Flag(flags[row]),
        }
    }

    /// The number of a row: minor units, millionths, days, milliseconds.
    pub(super) fn number(&self, row: usize) -> Option<i64> {
        match self {
            Values::Numbers(numbers) | Values::Instants(numbers, _) => {
                Some(numbers[row]).filter(|number| *number != NO_NUMBER)
            }
            Values::Days(days) => Some(days[row]).filter(|day| *day != NO_DAY).map(i64::from),
            Values::Absent(_) | Values::Texts(_) | Values::Labels(_) | Values::Flags(_) => None,
        }
    }

    /// The numbers of some rows, [`NO_NUMBER`] where there is none.
    pub(super) fn push_numbers(&self, rows: &[IdxSize], into: &mut Vec<i64>) {
        match self {
            Values::Numbers(numbers) | Values::Instants(numbers, _) => {
                into.extend(rows.iter().map(|row| numbers[*row as usize]));
            }
            _ => into.extend(rows.iter().map(|row| self.number(*row as usize).unwrap_or(NO_NUMBER))),
        }
    }

    /// Whether two rows have the same value.
    pub(super) fn agrees(&self, row: usize, other: &Values, other_row: usize) -> bool {
        match (self, other) {
            (Values::Texts(own), Values::Texts(more)) => own.get(row) == more.get(other_row),
            // Within one column, equal labels have equal codes.
            (Values::Labels(own), Values::Labels(more)) if std::ptr::eq(own, more) => {
                own.codes[row] == more.codes[other_row]
            }
            _ => self.get(row) == other.get(other_row),
        }
    }

    /// Whether the row's instant is a day without a time.
    pub(super) fn is_date_only(&self, row: usize) -> bool {
        matches!(self, Values::Instants(_, days) if days[row])
    }

    /// Puts another number in a row of numbers.
    pub(super) fn set_number(&mut self, row: usize, number: i64) {
        if let Values::Numbers(numbers) = self {
            numbers[row] = number;
        }
    }

    /// Appends a number; `None` is null.
    pub(super) fn push_number(&mut self, number: Option<i64>) {
        match self {
            Values::Numbers(numbers) => numbers.push(number.unwrap_or(NO_NUMBER)),
            Values::Days(days) => days.push(number.map_or(NO_DAY, |number| number as i32)),
            Values::Instants(instants, date_only) => {
                instants.push(number.unwrap_or(NO_NUMBER));
                date_only.push(false);
            }
            Values::Absent(_) | Values::Texts(_) | Values::Labels(_) | Values::Flags(_) => {}
        }
    }

    /// An empty column of the same kind, with room for `rows` rows.
    fn successor(&self, rows: usize) -> Values {
        match self {
            Values::Absent(label) => Values::Absent(label.clone()),
            Values::Texts(_) => Values::Texts(Texts::default()),
            Values::Labels(_) => Values::Labels(Labels::default()),
            Values::Numbers(_) => Values::Numbers(Vec::with_capacity(rows)),
            Values::Days(_) => Values::Days(Vec::with_capacity(rows)),
            Values::Instants(..) => Values::Instants(Vec::with_capacity(rows), Vec::with_capacity(rows)),
            Values::Flags(_) => Values::Flags(Vec::with_capacity(rows)),
        }
    }

    /// Appends whatever stands for nothing: the row is refused and will be cut off.
    pub(super) fn push_nothing(&mut self) {
        match self {
            Values::Texts(texts) => texts.push(""),
            // No label has that code.
            Values::Labels(labels) => labels.push(u32::MAX),
            Values::Flags(flags) => flags.push(false),
            Values::Absent(_) => {}
            Values::Numbers(_) | Values::Days(_) | Values::Instants(..) => self.push_number(None),
        }
    }

    /// Keeps the first `rows` rows.
    fn truncate(&mut self, rows: usize) {
        match self {
            // Texts cannot shrink: they leave the row out when they are finished.
            Values::Absent(_) | Values::Texts(_) => {}
            Values::Labels(labels) => labels.codes.truncate(rows),
            Values::Numbers(numbers) => numbers.truncate(rows),
            Values::Days(days) => days.truncate(rows),
            Values::Instants(instants, date_only) => {
                instants.truncate(rows);
                date_only.truncate(rows);
            }
            Values::Flags(flags) => flags.truncate(rows),
        }
    }

    /// Appends the finished rows of another column of the same field.
    pub(super) fn append(&mut self, other: Values) {
        match (self, other) {
            (Values::Texts(own), Values::Texts(more)) => own.append(&more.rows),
            (Values::Labels(own), Values::Labels(more)) => {
                let codes: Vec<u32> = more.known.iter().map(|label| own.code(&label.raw, &label.word)).collect();
                own.codes.extend(more.codes.iter().map(|code| codes[*code as usize]));
            }
            (Values::Numbers(own), Values::Numbers(more)) => own.extend(more),
            (Values::Days(own), Values::Days(more)) => own.extend(more),
            (Values::Instants(own, own_days), Values::Instants(more, more_days)) => {
                own.extend(more);
                own_days.extend(more_days);
            }
            (Values::Flags(own), Values::Flags(more)) => own.extend(more),
            // The same plan made both columns, so their kinds agree.
            _ => {}
        }
    }
}

/// The accepted rows of a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// One column per field of the plan.
    pub(super) columns: Vec<Values>,
    /// Row as a person sees it.
    pub(super) lines: Vec<u32>,
    /// First byte of each row in the file; empty where that cannot be told.
    pub(super) bytes: Vec<u64>,
    /// Control amount of each row; empty for kinds without one.
    pub(super) control: Vec<i64>,
    /// Places of refused rows among all rows, until the table is finished.
    refused: Vec<usize>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(columns: Vec<Values>) -> Table {
        Table { columns, ..Table::default() }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// An empty table with room for as many rows.
    pub(super) fn successor(&self) -> Table {
        let rows = self.len();
        Table {
            columns: self.columns.iter().map(|column| column.successor(rows)).collect(),
            lines: Vec::with_capacity(rows),
            bytes: Vec::with_capacity(rows),
            control: Vec::with_capacity(self.control.len()),
            refused: Vec::new(),
        }
    }

    /// The row at hand is refused: it leaves no trace.
    pub(super) fn refuse(&mut self) {
        let row = self.len();
        self.columns.iter_mut().for_each(|column| column.truncate(row));
        self.refused.push(row + self.refused.len());
    }

    /// All rows are read.
    pub(super) fn finish(&mut self) {
        let refused = std::mem::take(&mut self.refused);
        for column in &mut self.columns {
            if let Values::Texts(texts) = column {
                texts.finish(&refused);
            }
        }
    }

    /// Appends the finished rows of a later piece of the same file.
    pub(super) fn append(&mut self, other: Table) {
        for (own, more) in self.columns.iter_mut().zip(other.columns) {
            own.append(more);
        }
        self.lines.extend(other.lines);
        self.bytes.extend(other.bytes);
        self.control.extend(other.control);
    }

    /// The values of some fields of a row.
    pub(super) fn values(&self, row: usize, fields: &[usize]) -> impl Iterator<Item = Value<'_>> {
        fields.iter().map(move |field| self.columns[*field].get(row))
    }

    /// Whether two rows agree in some fields.
    pub(super) fn agrees(&self, row: usize, other: &Table, other_row: usize, fields: &[usize]) -> bool {
        fields.iter().all(|field| self.columns[*field].agrees(row, &other.columns[*field], other_row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_fails_late_leaves_no_trace() {
        let mut table = Table::new(vec![Values::Texts(Texts::default())]);
        for (line, text, is_accepted) in
            [(1, "a", true), (2, "bc", false), (3, "", true), (4, "e", false), (5, "d", true)]
        {
            let Values::Texts(texts) = &mut table.columns[0] else { unreachable!() };
            texts.push(text);
            if is_accepted {
                table.lines.push(line);
            } else {
                table.refuse();
            }
        }
        table.finish();
        let Values::Texts(texts) = &table.columns[0] else { unreachable!() };
        assert_eq!([texts.get(0), texts.get(1), texts.get(2)], ["a", "", "d"]);
        let column = texts.column("texts".into());
        assert_eq!(column.iter().collect::<Vec<_>>(), [Some("a"), None, Some("d")]);
    }

    #[test]
    fn codes_of_two_chunks_meet() {
        let column = |labels: &[&str]| {
            let mut column = Labels::default();
            for label in labels {
                let code = column.code(label, label);
                column.push(code);
            }
            Values::Labels(column)
        };
        let mut first = column(&["a", "b"]);
        first.append(column(&["b", "c"]));
        assert_eq!(first.get(1), first.get(2));
        assert_ne!(first.get(2), first.get(3));
    }
}
