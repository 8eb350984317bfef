//! Why a cell or a row is refused: words, codes, titles, remedies, pages.

macro_rules! reasons {
    ($($reason:ident = $word:literal, $code:literal, $title:literal, $help:literal;)*) => {
        /// Why a row is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Reason { $($reason),* }

        impl Reason {
            /// Stable word, as `quarantine.csv` shows it.
            pub(super) const fn word(self) -> &'static str {
                match self { $(Reason::$reason => $word),* }
            }
        }

        /// Reason word → (diagnostic code, title, help).
        const REASONS: &[(&str, &str, &str, &str)] = &[$(($word, $code, $title, $help)),*];
    };
}

reasons! {
    NotADate = "not_a_date", "CEL301", "not a date", "correct the cell, or add its form to `dates` of the source";
    YearUnknown = "year_unknown", "CEL302", "a day without a year", "name the report month in the file name and say so in `report_month`";
    NotAnAmount = "not_an_amount", "CEL303", "not an amount", "correct the cell, or the source's `decimal`";
    NoDecimal = "no_decimal_declared", "CEL304", "an amount with a mark, and no decimal mark declared", "declare `decimal` of the source";
    ExcessDecimals = "excess_decimals", "CEL305", "more decimals than the currency has", "correct the cell, or declare `excess_decimals = \"book\"`";
    OutOfRange = "out_of_range", "CEL306", "beyond what one cell may hold", "correct the cell";
    UnknownUnit = "unknown_unit", "CEL307", "an amount with an unknown unit", "add the unit to the word table `currency`";
    OtherCurrency = "other_currency", "CEL308", "an amount in another currency than its row", "bind the row's currency, or split the export by currency";
    NoCurrency = "no_currency", "CEL309", "an amount without a currency", "declare the source's or the account's currency";
    UnknownCurrency = "unknown_currency", "CEL310", "not a currency", "add the label to the pipeline: `trueup check` prints the lines to paste";
    NotANumber = "not_a_number", "CEL311", "not a whole number", "correct the cell";
    NotAPercentage = "not_a_percentage", "CEL312", "not a percentage", "write it as `18` or `18 %`";
    UnknownWord = "unknown_word", "CEL313", "an unknown word", "add the label to the pipeline: `trueup check` prints the lines to paste";
    Empty = "empty", "CEL314", "an empty cell", "fill the cell";
    DamagedId = "damaged_id", "CEL315", "an identifier damaged by a spreadsheet", "export again and do not save the file with a spreadsheet program";
    NoValue = "formula_without_value", "CEL316", "a formula without a stored value", "open the workbook, recalculate and save it";
    SheetError = "spreadsheet_error", "CEL317", "an error value of the spreadsheet", "correct the formula";
    NotText = "not_text", "CEL318", "a cell of another type", "format the column as text";
    ClockChange = "clock_change", "CEL320", "a local time that a clock change leaves out or repeats", "write the offset into the cell, or declare `dst = \"earlier\"` or `\"later\"`";
    Undecodable = "undecodable", "ROW321", "bytes that are no text in the declared encoding", "correct `encoding` of the source, or export again";
    FieldCount = "field_count", "ROW322", "a row with another number of fields than the header", "look for a stray delimiter or quote in the row";
    MalformedQuotes = "malformed_quotes", "ROW329", "text behind a closing quote", "write a quote within a quoted field twice, or say `quote = \"none\"` where quotes are letters";
    Truncated = "truncated", "ROW323", "the file ends in the middle of a row", "fetch the file again";
    Conflict = "conflict", "ROW324", "a key that stands twice, differently", "correct the export, or name the field that tells versions apart in `version`";
    OverCancelled = "more_cancelled_than_ordered", "ROW328", "more pieces cancelled than ordered", "correct the number of pieces";
    Incomplete = "order_incomplete", "ROW325", "another row of the order is in quarantine", "correct the other row";
}

/// Why a cell or a row is refused, and what would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) reason: Reason,
    pub(super) expected: String,
}

/// The pages of all reasons, one section each.
const PAGES: &str = include_str!("../guide/reasons.md");

/// All reason words, in the order of their codes.
pub fn reason_words() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(word, ..)| *word)
}

/// The page of a reason, by its word (`not_a_date`) or its code (`CEL301`).
pub fn reason_page(name: &str) -> Option<&'static str> {
    let (word, ..) = REASONS.iter().find(|(word, code, ..)| *word == name || code.eq_ignore_ascii_case(name))?;
    let start = PAGES.find(&format!("## `{word}` "))?;
    let page = &PAGES[start..];
    let end = page[2..].find("\n## ").map_or(page.len(), |end| end + 2);
    Some(page[..end].trim_end())
}

/// Diagnostic code, title and help of a reason word.
pub(super) fn about(word: &str) -> (&'static str, &'static str, &'static str) {
    REASONS
        .iter()
        .find(|(known, ..)| *known == word)
        .map_or(("CEL300", "refused", ""), |(_, code, title, help)| (*code, *title, *help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_words_and_pages_are_unique() {
        for (place, (word, code, ..)) in REASONS.iter().enumerate() {
            assert!(
                REASONS[..place].iter().all(|(other, other_code, ..)| other != word && other_code != code),
                "{word}"
            );
        }
        assert_eq!(about(Reason::DamagedId.word()).0, "CEL315");
        for (word, code, ..) in REASONS {
            let page = reason_page(word).unwrap_or_else(|| panic!("no page for {word}"));
            assert!(page.starts_with(&format!("## `{word}` ({code})")), "{page}");
        }
    }
}
