//! The formats of a workbook: made once, registered in one order, whatever thread writes first.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook as Xlsx};

use crate::base::money;
use crate::report::book::Workbook;
use crate::report::chart::Ink;
use crate::report::table::{Cells, Table, TableColumn};

const INKS: [Ink; 5] = [Ink::Good, Ink::Warn, Ink::Bad, Ink::Plain, Ink::Edit];

/// All formats of a workbook.
#[derive(Debug, Clone)]
pub struct Styles {
    /// Heading of a sheet.
    pub title: Format,
    /// Heading of a table.
    pub block: Format,
    /// Small print.
    pub note: Format,
    /// Titles of columns.
    pub header: Format,
    /// Titles of columns of numbers, which stand to the right.
    pub header_right: Format,
    /// Text, never more than one line.
    pub text: Format,
    /// Long text with line breaks.
    pub wrapped: Format,
    /// Civil dates.
    pub date: Format,
    /// Whole numbers.
    pub int: Format,
    /// Shares.
    pub rate: Format,
    /// Cells that a person fills.
    pub edit: Format,
    /// Label of a total row.
    pub total: Format,
    /// Whole number in a total row.
    pub total_int: Format,
    swatches: BTreeMap<Ink, Format>,
    money: BTreeMap<String, (Format, Format)>,
    plain_money: (Format, Format),
}

impl Styles {
    /// The formats that a workbook needs.
    pub fn of(book: &Workbook) -> Styles {
        let cell = Format::new().set_align(FormatAlign::Top);
        // A blank before text, so that it does not touch the number to its left.
        let left = cell.clone().set_align(FormatAlign::Left).set_indent(1);
        let header = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_background_color(Color::RGB(Ink::Plain.pale()))
            .set_border_bottom(FormatBorder::Thin);
        let total = Format::new().set_bold().set_border_top(FormatBorder::Thin);
        let pair = |currency: &str| {
            let form = money_form(currency);
            (cell.clone().set_num_format(&form), total.clone().set_num_format(&form))
        };
        Styles {
            title: Format::new().set_bold().set_font_size(14),
            block: Format::new().set_bold().set_font_size(12),
            note: Format::new().set_font_color(Color::RGB(0x59_59_59)),
            header: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header_right: header.set_align(FormatAlign::Right),
            text: left.clone(),
            wrapped: left.clone().set_text_wrap(),
            date: left.clone().set_num_format(&book.words.date_form),
            int: cell.clone().set_num_format("#,##0"),
            rate: cell.clone().set_num_format("0.00%"),
            edit: left.set_text_wrap().set_unlocked().set_background_color(Color::RGB(Ink::Edit.pale())),
            total_int: total.clone().set_num_format("#,##0"),
            swatches: INKS
                .into_iter()
                .map(|ink| (ink, Format::new().set_bold().set_font_color(Color::RGB(ink.strong()))))
                .collect(),
            money: currencies(book).into_iter().map(|currency| (currency.clone(), pair(&currency))).collect(),
            plain_money: pair(""),
            total: total.set_align(FormatAlign::Left).set_indent(1),
        }
    }

    /// Registers all formats in one order, so that sheets written at the same time agree on their numbers.
    pub fn register(&self, workbook: &mut Xlsx) {
        let singles = [
            &self.title,
            &self.block,
            &self.note,
            &self.header,
            &self.header_right,
            &self.text,
            &self.wrapped,
            &self.date,
            &self.int,
            &self.rate,
            &self.edit,
            &self.total,
            &self.total_int,
            &self.plain_money.0,
            &self.plain_money.1,
        ];
        let money = self.money.values().flat_map(|(cell, total)| [cell, total]);
        for format in singles.into_iter().chain(money).chain(self.swatches.values()) {
            workbook.register_format(format);
        }
    }

    /// Money in a cell.
    pub fn money(&self, currency: &str) -> &Format {
        &self.money.get(currency).unwrap_or(&self.plain_money).0
    }

    /// Money in a total row.
    pub fn total_money(&self, currency: &str) -> &Format {
        &self.money.get(currency).unwrap_or(&self.plain_money).1
    }

    /// The colour of a mark in the legend.
    pub fn swatch(&self, ink: Ink) -> &Format {
        self.swatches.get(&ink).unwrap_or(&self.note)
    }

    /// The format of all cells of a column; `None` for money whose currency changes from row to row.
    pub fn of_column(&self, column: &TableColumn, only_currency: Option<&str>) -> Option<&Format> {
        Some(match &column.cells {
            Cells::Text(_) | Cells::Json(_) if column.wrap.is_some() => &self.wrapped,
            Cells::Text(_) | Cells::Json(_) => &self.text,
            Cells::Date(_) => &self.date,
            Cells::Int(_) => &self.int,
            Cells::Rate(..) => &self.rate,
            Cells::Editable => &self.edit,
            Cells::Money(_, Some(currency)) => self.money(currency),
            Cells::Money(_, None) => self.money(only_currency?),
        })
    }
}

/// The currency of all rows of a table, when they have one.
pub fn only_currency(table: &Table) -> Option<&str> {
    let mut rows = (0..table.rows).map(|row| table.currency_of(row)).filter(|currency| !currency.is_empty());
    let first = rows.next()?;
    rows.all(|currency| currency == first).then_some(first)
}

fn currencies(book: &Workbook) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for block in book.sheets.iter().flat_map(|sheet| &sheet.blocks) {
        let table = &block.table;
        for column in &table.columns {
            if let Cells::Money(_, Some(currency)) = &column.cells {
                found.insert(currency.clone());
            }
        }
        match only_currency(table) {
            Some(currency) => {
                found.insert(currency.to_owned());
            }
            None => found.extend((0..table.rows).map(|row| table.currency_of(row).to_owned())),
        }
    }
    found.remove("");
    found
}

/// A number form with the currency's decimals and its code; of the code only letters enter the form.
fn money_form(currency: &str) -> String {
    let places = money::decimals(currency).unwrap_or(2) as usize;
    let digits = if places == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(places)) };
    let code: String = currency.chars().filter(char::is_ascii_alphabetic).collect();
    if code.is_empty() { digits } else { format!("{digits} \"{code}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_has_the_decimals_of_the_currency() {
        assert_eq!(money_form("CZK"), "#,##0.00 \"CZK\"");
        assert_eq!(money_form("JPY"), "#,##0 \"JPY\"");
        assert_eq!(money_form(""), "#,##0.00");
    }
}
