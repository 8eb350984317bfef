//! A workbook as an XLSX file. With `sample/write` the only place that names the writer.
//!
//! Cells are typed; text is always written as text, so that no formula is ever made from an input. The rows of large tables are put
//! in by ourselves, all sheets at the same time; formats are registered in one order, and every date in the file comes from the
//! as-of date: the same book gives the same bytes.

use std::io::{Seek, Write};
use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::utility::column_number_to_name;
use rust_xlsxwriter::{
    Chart as XlsxChart, ChartType, Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, Formula,
    Workbook as Xlsx, Worksheet, XlsxError,
};

use crate::base::{money, zone};
use crate::publish::cell::{self, EPOCH, Value, cut};
use crate::publish::sheet_name::SheetNames;
use crate::publish::splice::{self, DEFLATE, Rows};
use crate::publish::styles::{Styles, only_currency};
use crate::report::book::{SheetWords, Workbook};
use crate::report::chart::{Chart, ChartForm};
use crate::report::sheet::{Block, Sheet};
use crate::report::table::{Cells, Mark, MarkWhen, Table, TableColumn};

/// Where a table goes on, and by whom its rows are written.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Rows that a sheet holds.
    sheet_rows: u32,
    /// From this many cells on the rows of a table are put in by ourselves.
    large: usize,
}

const SIZES: Sizes = Sizes { sheet_rows: 1_048_576, large: 20_000 };
/// Rows whose text is measured for the width of a column.
const MEASURED: usize = 256;

type Result<T = ()> = std::result::Result<T, XlsxError>;

/// Writes a workbook into `file`.
///
/// # Errors
/// The disk says no, or a sheet breaks a limit of the format.
pub fn write(book: &Workbook, as_of: NaiveDate, file: impl Write + Seek) -> Result {
    write_sized(book, as_of, file, SIZES)
}

fn write_sized(book: &Workbook, as_of: NaiveDate, file: impl Write + Seek, sizes: Sizes) -> Result {
    let styles = Styles::of(book);
    let plans = plan(book, sizes);
    let mut workbook = Xlsx::new();
    workbook.set_zip_compression_level(DEFLATE);
    let created = ExcelDateTime::from_ymd(as_of.year() as u16, as_of.month() as u8, as_of.day() as u8)?;
    workbook.set_properties(&DocProperties::new().set_title(&book.title).set_creation_datetime(&created));
    styles.register(&mut workbook);
    for plan in &plans {
        workbook.add_worksheet().set_name(&plan.name)?;
    }
    let writer = Writer { styles: &styles, words: &book.words };
    for (plan, worksheet) in plans.iter().zip(workbook.worksheets_mut()) {
        writer.sheet(plan, worksheet)?;
    }
    let package = workbook.save_to_buffer()?;
    let large = plans.iter().enumerate().filter(|(_, plan)| plan.is_large);
    let sheets: Vec<Rows<'_>> = large.map(|(place, plan)| plan.data_rows(place, &book.words.cut)).collect();
    Ok(splice::write(&package, &sheets, file)?)
}

/// One worksheet to be written.
struct Plan<'book> {
    name: String,
    sheet: &'book Sheet,
    /// Rows of the only table, when it has only one.
    rows: Range<usize>,
    /// Where the rows of the only table stand, over all worksheets that it takes.
    stretches: Vec<Stretch>,
    is_first: bool,
    totals: Vec<TotalLine>,
    /// Its rows are put in by ourselves.
    is_large: bool,
}

/// Rows of a table on a worksheet, both ends inclusive.
#[derive(Debug, Clone)]
struct Stretch {
    sheet: String,
    first: u32,
    last: u32,
}

/// One line of totals.
#[derive(Debug, Clone)]
struct TotalLine {
    /// Shown in the currency column; what the sums are about.
    currency: String,
    /// Sums are taken over the rows of this currency only.
    is_one_of_many: bool,
    cells: Vec<TotalCell>,
}

#[derive(Debug, Clone)]
struct TotalCell {
    column: usize,
    /// Empty for whole numbers.
    currency: String,
    sum: i64,
}

impl Plan<'_> {
    /// Where the rows stand that this worksheet holds.
    fn stretch(&self) -> &Stretch {
        &self.stretches[self.stretches.iter().position(|part| part.sheet == self.name).unwrap_or(0)]
    }
}

impl<'book> Plan<'book> {
    /// The rows of the only table, for the worksheet at this place of the workbook.
    fn data_rows(&self, place: usize, mark: &'book str) -> Rows<'book> {
        let table = &self.sheet.blocks[0].table;
        Rows {
            part: format!("xl/worksheets/sheet{}.xml", place + 1),
            table,
            rows: self.rows.clone(),
            first: self.stretch().first,
            currencies: currencies_of(table),
            mark,
            height,
        }
    }
}

/// Names, parts and totals of all worksheets.
fn plan(book: &Workbook, sizes: Sizes) -> Vec<Plan<'_>> {
    let mut names = SheetNames::default();
    let mut plans = Vec::new();
    for sheet in &book.sheets {
        let [block] = sheet.blocks.as_slice() else {
            let name = names.give(&sheet.name);
            plans.push(Plan {
                name,
                sheet,
                rows: 0..0,
                stretches: Vec::new(),
                is_first: true,
                totals: Vec::new(),
                is_large: false,
            });
            continue;
        };
        let totals = totals(&block.table);
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut next = 0;
        while parts.is_empty() || next < block.table.rows {
            let first = head_rows(sheet, &totals, parts.is_empty());
            let fits = sizes.sheet_rows.saturating_sub(first).max(1) as usize;
            let end = block.table.rows.min(next + fits);
            let last = (first + (end - next) as u32).saturating_sub(1).max(first);
            stretches.push(Stretch { sheet: names.give(&sheet.name), first, last });
            parts.push(next..end);
            next = end;
        }
        for (part, rows) in parts.into_iter().enumerate() {
            plans.push(Plan {
                name: stretches[part].sheet.clone(),
                sheet,
                is_large: rows.len() * block.table.columns.len() >= sizes.large,
                rows,
                stretches: stretches.clone(),
                is_first: part == 0,
                totals: totals.clone(),
            });
        }
    }
    plans
}

/// Rows above the data of a single table: heading, notes, legend, totals, titles; on a continuation heading and titles.
fn head_rows(sheet: &Sheet, totals: &[TotalLine], is_first: bool) -> u32 {
    let more = sheet.notes.len() + usize::from(!sheet.legend.is_empty()) + totals.len();
    2 + if is_first { more as u32 } else { 0 }
}

fn totals(table: &Table) -> Vec<TotalLine> {
    let mut counts = Vec::new();
    let mut lines: Vec<TotalLine> = Vec::new();
    for (column, shown) in table.columns.iter().enumerate().filter(|(_, column)| column.total) {
        // The report refused a sum beyond 64 bits: all of them are there.
        for (currency, sum) in table.sums(shown).unwrap_or_default() {
            let cell = TotalCell { column, currency: currency.clone(), sum };
            if currency.is_empty() {
                counts.push(cell);
                continue;
            }
            // Without a currency column, each column has its own currency: one line holds them all.
            let label = if table.currency_column.is_some() { currency } else { String::new() };
            match lines.iter_mut().find(|line| line.currency == label) {
                Some(line) => line.cells.push(cell),
                None => lines.push(TotalLine { currency: label, is_one_of_many: false, cells: vec![cell] }),
            }
        }
    }
    lines.sort_by(|a, b| a.currency.cmp(&b.currency));
    let is_many = lines.len() > 1;
    lines.iter_mut().for_each(|line| line.is_one_of_many = is_many);
    match lines.as_mut_slice() {
        [only] => only.cells.extend(counts),
        _ if !counts.is_empty() => {
            lines.insert(0, TotalLine { currency: String::new(), is_one_of_many: false, cells: counts });
        }
        _ => {}
    }
    lines
}

struct Writer<'book> {
    styles: &'book Styles,
    words: &'book SheetWords,
}

impl Writer<'_> {
    fn sheet(&self, plan: &Plan<'_>, worksheet: &mut Worksheet) -> Result {
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        worksheet.set_footer(format!("&L&A&R{} &P / &N", self.words.page));
        match plan.sheet.blocks.as_slice() {
            [block] => self.long(plan, block, worksheet),
            blocks => self.page(plan, blocks, worksheet),
        }
    }

    /// A single table: totals above it, frozen titles, a filter.
    fn long(&self, plan: &Plan<'_>, block: &Block, worksheet: &mut Worksheet) -> Result {
        let table = &block.table;
        let only = only_currency(table);
        let widths: Vec<f64> = table.columns.iter().map(|column| width(table, column, only)).collect();
        worksheet.set_print_fit_to_pages(if widths.iter().sum::<f64>() > WIDE { 2 } else { 1 }, 0);
        for (column, shown) in table.columns.iter().enumerate() {
            worksheet.set_column_width(column as u16, widths[column])?;
            // Cells without a format of their own take the column's: no look-up per cell.
            if let Some(format) = self.styles.of_column(shown, only).filter(|_| !matches!(shown.cells, Cells::Editable))
            {
                worksheet.set_column_format(column as u16, format)?;
            }
        }
        let here = plan.stretch();
        let header = here.first - 1;
        let mut row = self.heading(plan.sheet, plan.is_first, worksheet)?;
        if plan.is_first {
            for line in &plan.totals {
                self.total_line(table, line, &plan.stretches, &plan.name, row, worksheet)?;
                row += 1;
            }
        }
        self.header(table, header, &widths, worksheet)?;
        if table.rows == 0 {
            worksheet.write_string_with_format(here.first, 0, &self.words.no_rows, &self.styles.note)?;
        }
        if plan.is_large {
            self.empty_rows(table, here.first, only, worksheet)?;
        } else {
            self.cells(table, plan.rows.clone(), here.first, only, true, worksheet)?;
        }
        self.marks(table, here.first, here.last, worksheet)?;
        if let Some(last_column) = table.columns.len().checked_sub(1) {
            let last = if table.rows == 0 { header } else { here.last };
            worksheet.autofilter(header, 0, last, last_column as u16)?;
        }
        worksheet.set_freeze_panes(here.first, 0)?;
        worksheet.set_repeat_rows(header, header)?;
        if let Some(chart) = block.chart.as_ref().filter(|_| plan.is_first) {
            let beside = table.columns.len() as u16 + 1;
            worksheet.insert_chart(
                header,
                beside,
                &native(chart, table, &plan.name, header, here.last, &self.words.date_form),
            )?;
        }
        Ok(())
    }

    /// Several tables under each other, totals below each, charts beside them.
    fn page(&self, plan: &Plan<'_>, blocks: &[Block], worksheet: &mut Worksheet) -> Result {
        let widths = page_widths(blocks);
        for (column, width) in widths.iter().enumerate() {
            worksheet.set_column_width(column as u16, *width)?;
        }
        let beside = blocks.iter().map(|block| block.table.columns.len()).max().unwrap_or(0) as u16 + 2;
        let mut row = self.heading(plan.sheet, true, worksheet)? + 1;
        let mut chart_row = row;
        for block in blocks {
            let table = &block.table;
            worksheet.write_string_with_format(row, 0, &block.title, &self.styles.block)?;
            row += 1;
            if !block.note.is_empty() {
                worksheet.write_string_with_format(row, 0, &block.note, &self.styles.note)?;
                row += 1;
            }
            let header = row;
            self.header(table, header, &widths, worksheet)?;
            if table.rows == 0 {
                worksheet.write_string_with_format(header + 1, 0, &self.words.no_rows, &self.styles.note)?;
                row = header + 3;
                continue;
            }
            let (first, last) = (header + 1, header + table.rows as u32);
            self.cells(table, 0..table.rows, first, only_currency(table), false, worksheet)?;
            self.marks(table, first, last, worksheet)?;
            row = last + 1;
            let stretch = [Stretch { sheet: plan.name.clone(), first, last }];
            for line in totals(table) {
                self.total_line(table, &line, &stretch, &plan.name, row, worksheet)?;
                row += 1;
            }
            if let Some(chart) = &block.chart {
                worksheet.insert_chart(
                    chart_row,
                    beside,
                    &native(chart, table, &plan.name, header, last, &self.words.date_form),
                )?;
                chart_row += CHART_ROWS;
            }
            row += 1;
        }
        Ok(())
    }

    /// Heading, notes and legend; says the next row.
    fn heading(&self, sheet: &Sheet, is_first: bool, worksheet: &mut Worksheet) -> Result<u32> {
        worksheet.write_string_with_format(0, 0, cut(&sheet.title, &self.words.cut), &self.styles.title)?;
        let mut row = 1;
        if !is_first {
            return Ok(row);
        }
        for note in &sheet.notes {
            worksheet.write_string_with_format(row, 0, cut(note, &self.words.cut), &self.styles.note)?;
            row += 1;
        }
        if !sheet.legend.is_empty() {
            let plain = &self.styles.note;
            let label = format!("{}: ", self.words.legend);
            let mut pieces: Vec<(&Format, &str)> = vec![(plain, label.as_str())];
            for (at, (ink, meaning)) in sheet.legend.iter().enumerate() {
                pieces.push((self.styles.swatch(*ink), if at == 0 { "■ " } else { "   ■ " }));
                pieces.push((plain, meaning));
            }
            worksheet.write_rich_string_with_format(row, 0, &pieces, plain)?;
            row += 1;
        }
        Ok(row)
    }

    /// Titles of columns, in a row high enough for them in columns of these widths.
    fn header(&self, table: &Table, row: u32, widths: &[f64], worksheet: &mut Worksheet) -> Result {
        let lines = table.columns.iter().zip(widths).map(|(column, width)| lines(&column.title, *width - 1.0)).max();
        worksheet.set_row_height(row, LINE * lines.unwrap_or(1).min(4) as f64)?;
        for (column, shown) in table.columns.iter().enumerate() {
            let is_number = matches!(shown.cells, Cells::Int(_) | Cells::Money(..) | Cells::Rate(..));
            let format = if is_number { &self.styles.header_right } else { &self.styles.header };
            worksheet.write_string_with_format(row, column as u16, &shown.title, format)?;
        }
        Ok(())
    }

    fn total_line(
        &self,
        table: &Table,
        line: &TotalLine,
        stretches: &[Stretch],
        here: &str,
        row: u32,
        worksheet: &mut Worksheet,
    ) -> Result {
        for column in 0..table.columns.len() {
            let at = column as u16;
            match line.cells.iter().find(|cell| cell.column == column) {
                Some(cell) => {
                    let (format, stored) = if cell.currency.is_empty() {
                        (&self.styles.total_int, cell.sum.to_string())
                    } else {
                        (self.styles.total_money(&cell.currency), money::to_decimal(cell.sum, &cell.currency))
                    };
                    let formula = total_formula(table, line, cell, stretches, here, row);
                    worksheet.write_formula_with_format(row, at, Formula::new(formula).set_result(stored), format)?;
                }
                None if column == 0 => {
                    worksheet.write_string_with_format(row, at, &self.words.total, &self.styles.total)?;
                }
                None if table.currency_column == Some(column) => {
                    worksheet.write_string_with_format(row, at, &line.currency, &self.styles.total)?;
                }
                None => {
                    worksheet.write_blank(row, at, &self.styles.total)?;
                }
            }
        }
        Ok(())
    }

    fn cells(
        &self,
        table: &Table,
        rows: Range<usize>,
        first: u32,
        only: Option<&str>,
        has_column_formats: bool,
        worksheet: &mut Worksheet,
    ) -> Result {
        let formats: Vec<Option<&Format>> =
            table.columns.iter().map(|column| self.styles.of_column(column, only)).collect();
        for (at, row) in rows.enumerate() {
            let to = first + at as u32;
            if let Some(height) = height(table, row) {
                worksheet.set_row_height(to, height)?;
            }
            for (column, shown) in table.columns.iter().enumerate() {
                let format = match formats[column] {
                    Some(_) if has_column_formats && !matches!(shown.cells, Cells::Editable) => None,
                    Some(format) => Some(format),
                    None => Some(self.styles.money(table.currency_of(row))),
                };
                self.cell(table, shown, row, (to, column as u16), format, worksheet)?;
            }
        }
        Ok(())
    }

    fn cell(
        &self,
        table: &Table,
        column: &TableColumn,
        row: usize,
        at: (u32, u16),
        format: Option<&Format>,
        worksheet: &mut Worksheet,
    ) -> Result {
        match cell::value(table, column, row, &self.words.cut) {
            Value::Empty => {}
            Value::Editable => _ = worksheet.write_blank(at.0, at.1, &self.styles.edit)?,
            Value::Text(text) => string(worksheet, at, &text, format)?,
            Value::Int(whole) => number(worksheet, at, whole as f64, format)?,
            Value::Money(minor, decimals) => number(worksheet, at, main_units(minor, decimals), format)?,
            Value::Rate(rate) => number(worksheet, at, rate, format)?,
        }
        Ok(())
    }

    /// An empty row for each currency: its cells tell which styles the rows have that will be put in their place.
    fn empty_rows(&self, table: &Table, first: u32, only: Option<&str>, worksheet: &mut Worksheet) -> Result {
        for (at, currency) in currencies_of(table).iter().enumerate() {
            for (column, shown) in table.columns.iter().enumerate() {
                let format = self.styles.of_column(shown, only).unwrap_or_else(|| self.styles.money(currency));
                worksheet.write_blank(first + at as u32, column as u16, format)?;
            }
        }
        Ok(())
    }

    /// Colours by value: rules of the sheet, not formats of cells, so that they follow sorting and editing.
    fn marks(&self, table: &Table, first: u32, last: u32, worksheet: &mut Worksheet) -> Result {
        if table.rows == 0 {
            return Ok(());
        }
        for Mark { column, when, ink } in &table.marks {
            let cell = format!("{}{}", column_number_to_name(*column as u16), first + 1);
            let test = match when {
                MarkWhen::Is(text) => format!("={cell}=\"{}\"", text.replace('"', "\"\"")),
                MarkWhen::Before(day) => {
                    format!("=AND(ISNUMBER({cell}),{cell}<{})", zone::day_number(*day) + EPOCH)
                }
                MarkWhen::NotZero => format!("=AND(ISNUMBER({cell}),{cell}<>0)"),
            };
            let format = Format::new().set_background_color(Color::RGB(ink.pale()));
            let rule = ConditionalFormatFormula::new().set_rule(test.as_str()).set_format(format);
            worksheet.add_conditional_format(first, *column as u16, last, *column as u16, &rule)?;
        }
        Ok(())
    }
}

fn string(worksheet: &mut Worksheet, at: (u32, u16), text: &str, format: Option<&Format>) -> Result {
    match format {
        Some(format) => worksheet.write_string_with_format(at.0, at.1, text, format)?,
        None => worksheet.write_string(at.0, at.1, text)?,
    };
    Ok(())
}

fn number(worksheet: &mut Worksheet, at: (u32, u16), value: f64, format: Option<&Format>) -> Result {
    match format {
        Some(format) => worksheet.write_number_with_format(at.0, at.1, value, format)?,
        None => worksheet.write_number(at.0, at.1, value)?,
    };
    Ok(())
}

/// The only place where money becomes a double: exact to the last digit shown, below 15 digits.
fn main_units(minor: i64, decimals: u32) -> f64 {
    minor as f64 / 10_i64.pow(decimals) as f64
}

/// Currencies of the rows of a table, in their order; one without a name where rows have none.
fn currencies_of(table: &Table) -> Vec<String> {
    let mut currencies: Vec<String> = Vec::new();
    for row in 0..table.rows {
        let currency = table.currency_of(row);
        if !currencies.iter().any(|known| known == currency) {
            currencies.push(currency.to_owned());
        }
    }
    currencies
}

/// A live sum over all worksheets that the table takes. It is made of cell references only.
fn total_formula(
    table: &Table,
    line: &TotalLine,
    cell: &TotalCell,
    stretches: &[Stretch],
    here: &str,
    row: u32,
) -> String {
    let range = |stretch: &Stretch, column: usize| {
        let letters = column_number_to_name(column as u16);
        let sheet =
            if stretch.sheet == here { String::new() } else { format!("'{}'!", stretch.sheet.replace('\'', "''")) };
        format!("{sheet}{letters}{}:{letters}{}", stretch.first + 1, stretch.last + 1)
    };
    let sums: Vec<String> = stretches
        .iter()
        .map(|stretch| match table.currency_column.filter(|_| line.is_one_of_many) {
            Some(currency) => {
                let own = format!("{}{}", column_number_to_name(currency as u16), row + 1);
                format!("SUMIFS({},{},{own})", range(stretch, cell.column), range(stretch, currency))
            }
            None => format!("SUBTOTAL(109,{})", range(stretch, cell.column)),
        })
        .collect();
    format!("={}", sums.join("+"))
}

/// How high a row must be for its long texts, in points; `None` where one line is enough.
fn height(table: &Table, row: usize) -> Option<f64> {
    let lines = wrapped_lines(table, row).filter(|lines| *lines > 1)?;
    Some(LINE * lines.min(MOST_LINES) as f64)
}

/// Lines that the long texts of a row take; `None` in a table without any.
fn wrapped_lines(table: &Table, row: usize) -> Option<usize> {
    let of_column = |column: &TableColumn| match (&column.cells, column.wrap) {
        (Cells::Text(texts), Some(characters)) => {
            Some(lines(texts.get(row).unwrap_or(""), f64::from(characters) - 2.0))
        }
        _ => None,
    };
    table.columns.iter().filter_map(of_column).max()
}

/// Lines that a text takes in a column of so many characters.
fn lines(text: &str, width: f64) -> usize {
    let width = (width as usize).max(4);
    text.lines().map(|line| line.chars().count().div_ceil(width).max(1)).sum::<usize>().max(1)
}

const CHART_ROWS: u32 = 16;
/// Height of a chart, in pixels; more where lying bars need it.
const CHART_HEIGHT: u32 = 300;
/// Height of a chart's title and axis.
const CHART_HEAD: u32 = 80;
/// Height of a lying bar with its label.
const BAR_HEIGHT: u32 = 18;
/// Height of a line of text, in points.
const LINE: f64 = 15.0;
/// Lines after which a row of long text is not made higher; the cell still holds it whole.
const MOST_LINES: usize = 6;
/// Characters on a printed page; a wider table takes two pages side by side.
const WIDE: f64 = 190.0;

/// The chart over rows `header + 1` to `last`.
fn native(chart: &Chart, table: &Table, sheet: &str, header: u32, last: u32, date_form: &str) -> XlsxChart {
    let mut native = XlsxChart::new(match chart.form {
        ChartForm::Bars => ChartType::Bar,
        ChartForm::Stacked => ChartType::ColumnStacked,
    });
    let first = header + 1;
    for (column, ink) in &chart.series {
        let at = *column as u16;
        let categories = chart.categories as u16;
        native
            .add_series()
            .set_categories((sheet, first, categories, last, categories))
            .set_values((sheet, first, at, last, at))
            .set_name(table.columns.get(*column).map_or("", |column| column.title.as_str()))
            .set_gap(60)
            .set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(Color::RGB(ink.strong()))),
            );
    }
    native.title().set_name(&chart.title);
    let bars = last.saturating_sub(header);
    native.set_width(520).set_height(match chart.form {
        // Each bar has room for its label.
        ChartForm::Bars => CHART_HEIGHT.max(CHART_HEAD + BAR_HEIGHT * bars),
        ChartForm::Stacked => CHART_HEIGHT,
    });
    if chart.form == ChartForm::Bars {
        native.x_axis().set_num_format("#,##0").set_min(0);
        // Lying bars would begin at the foot.
        native.y_axis().set_reverse().set_label_interval(1);
    } else {
        native.y_axis().set_num_format("#,##0").set_min(0);
        native.x_axis().set_text_axis(true).set_num_format(date_form).set_label_interval(1);
    }
    if chart.series.len() == 1 {
        native.legend().set_hidden();
    } else {
        native.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    }
    native
}

/// Width in characters: of the titles' longest word, and of the first rows, within bounds.
fn width(table: &Table, column: &TableColumn, only: Option<&str>) -> f64 {
    if let Some(characters) = column.wrap {
        return f64::from(characters);
    }
    // Room for the button of the filter.
    let title = column.title.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0) + 3;
    let widest = match &column.cells {
        Cells::Editable => 18,
        Cells::Date(_) => 11,
        Cells::Rate(..) => 9,
        Cells::Money(amounts, currency) => {
            let currency = currency.as_deref().or(only);
            let total = table.sums(column).unwrap_or_default();
            let sums = total.values().copied();
            sums.chain((0..table.rows.min(MEASURED)).filter_map(|row| amounts.get(row)))
                .map(|amount| money_chars(amount, currency))
                .max()
                .unwrap_or(0)
        }
        _ => (0..table.rows.min(MEASURED)).map(|row| longest_line(&table.plain(column, row))).max().unwrap_or(0),
    };
    (title.max(widest) + 1).clamp(7, 60) as f64
}

/// Characters of an amount with its separators and code.
fn money_chars(amount: i64, currency: Option<&str>) -> usize {
    let digits = money::to_decimal(amount, currency.unwrap_or("")).len();
    digits + digits.saturating_sub(3) / 3 + 4
}

fn longest_line(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// Widths of a page: the widest of its tables, column by column. Text that ends a table may run over its right edge.
fn page_widths(blocks: &[Block]) -> Vec<f64> {
    let mut widths: Vec<f64> = Vec::new();
    for table in blocks.iter().map(|block| &block.table) {
        let only = only_currency(table);
        for (at, column) in table.columns.iter().enumerate() {
            let is_last = at + 1 == table.columns.len();
            let runs_over = is_last && matches!(column.cells, Cells::Text(_));
            let wanted = if runs_over { 10.0 } else { width(table, column, only).min(34.0) };
            match widths.get_mut(at) {
                Some(width) => *width = width.max(wanted),
                None => widths.push(wanted),
            }
        }
    }
    widths
}

#[cfg(test)]
mod tests;
