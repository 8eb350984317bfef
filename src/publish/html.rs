//! `index.html`: the summary as one self-contained page. No script, no network; every text goes through the template's escaping.

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use crate::base::zone;
use crate::diagnose::visible;
use crate::report::book::Page;
use crate::report::chart::{Chart, Ink};
use crate::report::sheet::Block;
use crate::report::table::{Cells, MarkWhen, Table, TableColumn};

/// Name of the page.
pub const FILE: &str = "index.html";

const TEMPLATE: &str = include_str!("page.html");

#[derive(Serialize)]
struct View<'page> {
    lang: &'page str,
    title: &'page str,
    notes: &'page [String],
    blocks: Vec<BlockView<'page>>,
    downloads_title: &'page str,
    downloads: &'page [(String, String)],
}

#[derive(Serialize)]
struct BlockView<'page> {
    title: &'page str,
    note: &'page str,
    titles: Vec<&'page str>,
    rows: Vec<Vec<CellView>>,
    chart: Option<ChartView>,
}

#[derive(Serialize)]
struct CellView {
    text: String,
    class: String,
}

#[derive(Serialize)]
struct ChartView {
    width: i64,
    height: i64,
    bars: Vec<BarView>,
}

#[derive(Serialize)]
struct BarView {
    y: i64,
    text_y: i64,
    label: String,
    label_end: i64,
    pieces: Vec<PieceView>,
    value: String,
    value_x: i64,
}

#[derive(Serialize)]
struct PieceView {
    x: i64,
    width: i64,
    fill: String,
    title: String,
}

/// The bytes of the page.
///
/// # Errors
/// The template cannot be filled: a bug of ours.
pub fn render(page: &Page) -> Result<Vec<u8>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template(FILE, TEMPLATE)?;
    let view = View {
        lang: &page.lang,
        title: &page.sheet.title,
        notes: &page.sheet.notes,
        blocks: page.sheet.blocks.iter().map(|block| block_view(block, &page.lang)).collect(),
        downloads_title: &page.downloads_title,
        downloads: &page.downloads,
    };
    let page = environment.get_template(FILE)?.render(Value::from(Serde(view)))?;
    // A mark of direction in one text would turn what stands beside it.
    Ok(visible::lines(&page).into_owned().into_bytes())
}

fn block_view<'page>(block: &'page Block, lang: &str) -> BlockView<'page> {
    let table = &block.table;
    let cell = |at: usize, row: usize| {
        let column = &table.columns[at];
        let mut class = vec![if is_number(column) { "number" } else { "" }, class_of(table, at, row)];
        class.retain(|name| !name.is_empty());
        CellView { text: shown(table, column, row, lang), class: class.join(" ") }
    };
    BlockView {
        title: &block.title,
        note: &block.note,
        titles: table.columns.iter().map(|column| column.title.as_str()).collect(),
        rows: (0..table.rows).map(|row| (0..table.columns.len()).map(|at| cell(at, row)).collect()).collect(),
        chart: block.chart.as_ref().map(|chart| chart_view(chart, table, lang)),
    }
}

fn is_number(column: &TableColumn) -> bool {
    matches!(column.cells, Cells::Int(_) | Cells::Money(..) | Cells::Rate(..))
}

fn class_of(table: &Table, at: usize, row: usize) -> &'static str {
    let holds = |when: &MarkWhen| match (when, &table.columns[at].cells) {
        (MarkWhen::Is(text), Cells::Text(texts)) => texts.get(row) == Some(text),
        (MarkWhen::Before(day), Cells::Date(days)) => days.get(row).is_some_and(|date| date < zone::day_number(*day)),
        (MarkWhen::NotZero, Cells::Int(numbers) | Cells::Money(numbers, _)) => {
            numbers.get(row).is_some_and(|number| number != 0)
        }
        _ => false,
    };
    match table.marks.iter().find(|mark| mark.column == at && holds(&mark.when)).map(|mark| mark.ink) {
        Some(Ink::Bad) => "bad",
        Some(Ink::Warn) => "warn",
        Some(Ink::Good) => "good",
        _ => "",
    }
}

/// A cell as people of the language read it.
fn shown(table: &Table, column: &TableColumn, row: usize, lang: &str) -> String {
    match &column.cells {
        Cells::Money(_, fixed) => {
            let plain = table.plain(column, row);
            if plain.is_empty() || table.currency_column.is_some() || fixed.is_none() {
                grouped(&plain, lang)
            } else {
                format!("{} {}", grouped(&plain, lang), fixed.as_deref().unwrap_or(""))
            }
        }
        Cells::Int(_) => grouped(&table.plain(column, row), lang),
        Cells::Rate(parts, wholes) => match (parts.get(row), wholes.get(row)) {
            (Some(part), Some(whole)) if whole > 0 => percent(part, whole, lang),
            _ => String::new(),
        },
        _ => table.plain(column, row),
    }
}

/// A share in percent with two places, rounded half up on whole numbers.
fn percent(part: i64, whole: i64, lang: &str) -> String {
    let hundredths = (i128::from(part) * 20_000 + i128::from(whole)) / (i128::from(whole) * 2);
    grouped(&format!("{}.{:02}", hundredths / 100, hundredths % 100), lang) + " %"
}

/// A decimal string with the language's marks: groups of three, decimal point or comma.
fn grouped(decimal: &str, lang: &str) -> String {
    let (group, mark) = match lang {
        "en" => (',', '.'),
        "de" => ('.', ','),
        _ => ('\u{a0}', ','),
    };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = whole.trim_start_matches('-');
    let mut text: String = whole.chars().take_while(|c| *c == '-').collect();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(mark);
        text.push_str(fraction);
    }
    text
}

const LABEL_END: i64 = 130;
const BAR_LENGTH: i64 = 420;
const BAR_STEP: i64 = 24;

/// Lying bars; of a stacked chart the pieces follow each other.
fn chart_view(chart: &Chart, table: &Table, lang: &str) -> ChartView {
    let value = |column: usize, row: usize| match &table.columns[column].cells {
        Cells::Int(numbers) | Cells::Money(numbers, _) => numbers.get(row),
        _ => None,
    };
    let rows: Vec<usize> =
        (0..table.rows).filter(|row| chart.series.iter().any(|(at, _)| value(*at, *row).is_some())).collect();
    let of_row = |row: usize| chart.series.iter().map(move |(at, _)| i128::from(value(*at, row).unwrap_or(0).max(0)));
    let longest = rows.iter().map(|row| of_row(*row).sum::<i128>()).max().unwrap_or(0).max(1);
    let bars = rows.iter().enumerate().map(|(place, row)| {
        let y = place as i64 * BAR_STEP + 4;
        let mut x = LABEL_END + 10;
        let mut pieces = Vec::new();
        for ((at, ink), amount) in chart.series.iter().zip(of_row(*row)) {
            let width = i64::try_from(amount * i128::from(BAR_LENGTH) / longest).unwrap_or(BAR_LENGTH);
            let column = &table.columns[*at];
            let title = format!("{}: {}", column.title, shown(table, column, *row, lang));
            pieces.push(PieceView { x, width, fill: format!("#{:06x}", ink.strong()), title });
            x += width;
        }
        let values: Vec<String> = chart
            .series
            .iter()
            .map(|(at, _)| shown(table, &table.columns[*at], *row, lang))
            .filter(|text| !text.is_empty())
            .collect();
        BarView {
            y,
            text_y: y + 13,
            label: table.plain(&table.columns[chart.categories], *row),
            label_end: LABEL_END,
            pieces,
            value: values.join(" + "),
            value_x: x + 8,
        }
    });
    let bars: Vec<BarView> = bars.collect();
    ChartView { width: LABEL_END + BAR_LENGTH + 260, height: bars.len() as i64 * BAR_STEP + 8, bars }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(grouped("-1234567.50", "en"), "-1,234,567.50");
        assert_eq!(grouped("1965.16", "cs"), "1\u{a0}965,16");
        assert_eq!(grouped("965", "de"), "965");
        assert_eq!(percent(2, 399, "en"), "0.50 %");
        assert_eq!(percent(1, 3, "cs"), "33,33 %");
    }
}
