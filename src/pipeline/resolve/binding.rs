//! From columns as written to bindings, and what is wrong with them.

use regex::Regex;

use crate::base::text::fold;
use crate::frame::kind::Cell;
use crate::pipeline::source::{Binding, Composed, ConfigPlace, Skip, Spot};
use crate::pipeline::written::column_form::{WrittenColumn, WrittenSkip};

/// The binding of a field. `place` finds the line of a byte of the text.
pub fn binding(field: &str, column: &WrittenColumn, place: impl Fn(usize) -> ConfigPlace) -> Binding {
    let Spot { headers, position } = spot(column);
    let composed = match column {
        WrittenColumn::Composed(composed) => Some(composed.get_ref()),
        _ => None,
    };
    let composed = composed.map(|written| {
        if let (Some(date), Some(time)) = (&written.date, &written.time) {
            Composed::DateTime { date: spot(date), time: spot(time) }
        } else if written.first.is_empty() {
            let plus = written.plus.iter().map(|column| (spot(column), false));
            Composed::Sum(plus.chain(written.minus.iter().map(|column| (spot(column), true))).collect())
        } else {
            let pattern = written.pattern.as_ref().map(|pattern| pattern.get_ref().clone());
            Composed::First { spots: written.first.iter().map(spot).collect(), pattern }
        }
    });
    Binding { field: field.to_owned(), headers, position, composed, place: place(offset(column)) }
}

/// The rows that a source skips.
pub fn skip(written: &WrittenSkip) -> Skip {
    let cells = written.is.iter().chain(&written.is_not).flatten().map(|cell| fold(cell)).collect();
    Skip { spots: written.columns.iter().map(spot).collect(), cells, none_of: written.is_not.is_some() }
}

fn spot(column: &WrittenColumn) -> Spot {
    let position = match column {
        WrittenColumn::Position(position) => Some(*position.get_ref()),
        _ => None,
    };
    Spot { headers: column.headers().into_iter().map(|header| header.get_ref().clone()).collect(), position }
}

fn offset(column: &WrittenColumn) -> usize {
    match column {
        WrittenColumn::Position(position) => position.span().start,
        WrittenColumn::Header(header) => header.span().start,
        WrittenColumn::Headers(headers) => headers.first().map_or(0, |header| header.span().start),
        WrittenColumn::Composed(composed) => composed.span().start,
    }
}

/// What is wrong with several columns that make a value of such cells: the mistake and what was expected.
pub fn mistake_of_column(column: &WrittenColumn, cell: Cell) -> Option<(&'static str, &'static str)> {
    let WrittenColumn::Composed(composed) = column else { return None };
    let composed = composed.get_ref();
    let sums = !composed.plus.is_empty() || !composed.minus.is_empty();
    let is_pair = composed.date.is_some() || composed.time.is_some();
    if composed.columns().any(|column| matches!(column, WrittenColumn::Composed(_))) {
        return Some(("columns inside columns", "headers or positions"));
    }
    if [sums, is_pair, !composed.first.is_empty()].into_iter().filter(|way| *way).count() != 1 {
        return Some(("not one way to make a value", "`plus` and `minus`, or `first`, or `date` and `time`"));
    }
    if is_pair && (composed.date.is_none() || composed.time.is_none()) {
        return Some(("half of a date with its time", "`date` and `time`"));
    }
    if is_pair && cell != Cell::Instant {
        return Some(("only an instant has a date and a time", "one column"));
    }
    if sums && cell != Cell::Money {
        return Some(("only amounts are added", "`first`"));
    }
    match &composed.pattern {
        Some(_) if sums => Some(("an amount that is added has no pattern", "`first` with `pattern`")),
        Some(_) if is_pair => Some(("a date with its time has no pattern", "`dates` of the source")),
        Some(pattern) if Regex::new(pattern.get_ref()).is_err() => {
            Some(("not a pattern", "a regular expression with at most one group"))
        }
        _ => None,
    }
}

/// What is wrong with rows to skip.
pub fn mistake_of_skip(skip: &WrittenSkip) -> Option<(&'static str, &'static str)> {
    if skip.columns.is_empty() || skip.columns.iter().any(|column| matches!(column, WrittenColumn::Composed(_))) {
        return Some(("no columns that decide", "headers or positions in `columns`"));
    }
    (skip.is.is_some() == skip.is_not.is_some()).then_some(("not one condition", "either `is` or `is_not`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::written::WrittenSource;

    fn source(text: &str) -> WrittenSource {
        toml::from_str(&format!("name = \"s\"\nglob = \"*\"\n{text}")).unwrap()
    }

    #[test]
    fn a_value_is_made_in_one_way() {
        let column = |text: &str, cell| {
            let source = source(&format!("[columns]\namount = {text}"));
            mistake_of_column(&source.columns["amount"], cell).map(|(mistake, _)| mistake)
        };
        let money = |text| column(text, Cell::Money);
        assert_eq!(money("{ plus = [\"Amount\"], minus = [\"Fee\"] }"), None);
        assert_eq!(column("{ first = [\"Info\", \"Title\"], pattern = \"#([0-9]+)\" }", Cell::Identifier), None);
        assert_eq!(money("{ }"), Some("not one way to make a value"));
        assert_eq!(money("{ plus = [\"A\"], first = [\"B\"] }"), Some("not one way to make a value"));
        assert_eq!(money("{ plus = [{ plus = [\"A\"] }] }"), Some("columns inside columns"));
        assert_eq!(money("{ plus = [\"A\"], pattern = \"x\" }"), Some("an amount that is added has no pattern"));
        assert_eq!(column("{ plus = [\"A\"] }", Cell::Int), Some("only amounts are added"));
        assert_eq!(column("{ first = [\"A\"], pattern = \"(\" }", Cell::Text), Some("not a pattern"));
        let pair = "{ date = \"A\", time = 2 }";
        assert_eq!(column(pair, Cell::Instant), None);
        assert_eq!(column(pair, Cell::Date), Some("only an instant has a date and a time"));
        assert_eq!(column("{ date = \"A\" }", Cell::Instant), Some("half of a date with its time"));
        let both = "{ date = \"A\", time = \"B\", first = [\"C\"] }";
        assert_eq!(column(both, Cell::Instant), Some("not one way to make a value"));
    }

    #[test]
    fn rows_are_skipped_by_one_condition() {
        let mistake =
            |text: &str| mistake_of_skip(&source(&format!("[[skip]]\n{text}")).skip[0]).map(|(mistake, _)| mistake);
        assert_eq!(mistake("columns = [\"Type\"]\nis = [\"\"]"), None);
        assert_eq!(mistake("columns = [3]\nis_not = [\"\"]"), None);
        assert_eq!(mistake("columns = [3]\nis = [\"\"]\nis_not = [\"\"]"), Some("not one condition"));
        assert_eq!(mistake("columns = [3]"), Some("not one condition"));
        assert_eq!(mistake("columns = []\nis = [\"\"]"), Some("no columns that decide"));
    }
}
