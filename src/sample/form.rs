//! The form that a layout gives to cells: labels, dates, decimals, columns in the order of the file.

use chrono::{NaiveDate, NaiveDateTime};

use crate::base::money;
use crate::frame::kind::spec_of;
use crate::pipeline::written::column_form::WrittenColumn;
use crate::pipeline::written::layout::Layout;
use crate::sample::SampleError;
use crate::sample::cell::Value;

/// One column of a file.
#[derive(Debug, Clone)]
pub enum Place {
    /// A canonical field.
    Field(String),
    /// Text that is the same on every row.
    Fixed(String),
    /// A position that nothing fills.
    Gap,
}

/// A layout made ready for writing.
#[derive(Debug)]
pub struct Form<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// Columns in the order of the file.
    pub places: Vec<Place>,
    /// Headers in the same order.
    pub headers: Vec<String>,
    /// Columns whose sum stands in the total row.
    pub summed: Vec<bool>,
    currency: &'a str,
    decimal: char,
    day: String,
    time: String,
}

impl<'a> Form<'a> {
    /// The form of a layout, for amounts in `currency`.
    ///
    /// # Errors
    /// When the layout has no format.
    pub fn of(layout: &'a Layout, currency: &'a str) -> Result<Form<'a>, SampleError> {
        let (decimal, dates) = match (&layout.csv, &layout.xlsx) {
            (Some(csv), _) => (csv.decimal.as_ref(), csv.dates.as_ref()),
            (None, Some(xlsx)) => (xlsx.decimal.as_ref(), xlsx.dates.as_ref()),
            (None, None) => return Err(SampleError::Pack(format!("layout {} has no format", layout.file))),
        };
        let dates: Vec<&str> = dates.into_iter().flatten().map(|pattern| pattern.get_ref().as_str()).collect();
        let has_time = |pattern: &&&str| pattern.contains("%H");
        let first = || dates.first().copied().unwrap_or("%Y-%m-%d");
        let control = spec_of(layout.kind).control;
        let (places, headers) = places(layout);
        Ok(Form {
            summed: places
                .iter()
                .map(|place| matches!(place, Place::Field(field) if control.contains(&field.as_str())))
                .collect(),
            places,
            headers,
            currency,
            decimal: decimal.map_or('.', |decimal| *decimal.get_ref()),
            day: (*dates.iter().find(|pattern| !has_time(pattern)).unwrap_or(&first())).to_owned(),
            time: (*dates.iter().find(has_time).unwrap_or(&first())).to_owned(),
            layout,
        })
    }

    /// Currency of its amounts.
    pub fn currency(&self) -> &str {
        self.currency
    }

    /// The cell as text.
    pub fn text(&self, value: Value<'_>) -> String {
        match value {
            Value::Empty => String::new(),
            Value::Text(text) => text.into_owned(),
            Value::Word(table, word) => self.label(table, &word),
            Value::Money(amount) => self.money(amount),
            Value::Ppm(rate) => self.percent(rate),
            Value::Day(day) => self.day_text(day),
            Value::At(time) => self.time_text(time),
            Value::Int(number) => number.to_string(),
            Value::Flag(yes) => self.label("flag", if yes { "yes" } else { "no" }),
        }
    }

    /// The layout's label of a word; the word itself where it has none.
    pub fn label(&self, table: &str, word: &str) -> String {
        let labels = self.layout.labels.get(table);
        labels.and_then(|labels| labels.get(word)).cloned().unwrap_or_else(|| word.to_owned())
    }

    /// A time as the layout writes it.
    pub fn time_text(&self, time: NaiveDateTime) -> String {
        time.format(&self.time).to_string()
    }

    fn day_text(&self, day: NaiveDate) -> String {
        day.format(&self.day).to_string()
    }

    fn money(&self, amount: i64) -> String {
        let mut text = money::to_decimal(amount, self.currency);
        if self.decimal != '.' {
            text = text.replace('.', &self.decimal.to_string());
        }
        if let Some(unit) = &self.layout.unit {
            text.push('\u{a0}');
            text.push_str(unit);
        }
        text
    }

    fn percent(&self, rate_ppm: i64) -> String {
        let text = format!("{}.{:04}", rate_ppm / 10_000, rate_ppm % 10_000);
        text.trim_end_matches('0').trim_end_matches('.').replace('.', &self.decimal.to_string())
    }
}

fn places(layout: &Layout) -> (Vec<Place>, Vec<String>) {
    let mut places = Vec::new();
    let mut headers = Vec::new();
    for (field, column) in &layout.columns {
        let place = Place::Field(field.clone());
        let header = match column {
            WrittenColumn::Position(position) => {
                let at = position.get_ref().saturating_sub(1);
                if places.len() <= at {
                    places.resize(at + 1, Place::Gap);
                    headers.resize(at + 1, String::new());
                }
                places[at] = place;
                continue;
            }
            column => column.headers().first().map_or_else(String::new, |header| header.get_ref().to_owned()),
        };
        places.push(place);
        headers.push(header);
    }
    for (header, text) in &layout.unread {
        places.push(Place::Fixed(text.clone()));
        headers.push(header.clone());
    }
    (places, headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> Layout {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn cells_take_the_form_of_the_layout() {
        let layout = layout(
            "kind = \"payout_lines\"\nfile = \"x.csv\"\nsource = \"t\"\nunit = \"Kč\"\n\
             csv = { decimal = \",\", dates = [\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\"] }\n\
             columns = { amount = [\"A\", \"B\"], order_no = \"C\" }\n\
             labels = { payout_kind = { sale = \"Prodej\" } }",
        );
        let form = Form::of(&layout, "CZK").unwrap();
        let day: NaiveDate = "2026-11-09".parse().unwrap();
        assert_eq!(form.text(Value::Money(-196_516)), "-1965,16\u{a0}Kč");
        assert_eq!(form.text(Value::Ppm(185_000)), "18,5");
        assert_eq!(form.text(Value::Day(day)), "09.11.2026");
        assert_eq!(form.text(Value::At(day.and_hms_opt(14, 5, 0).unwrap())), "09.11.2026 14:05");
        assert_eq!(form.text(Value::word("payout_kind", "sale")), "Prodej");
        assert_eq!(form.text(Value::word("payout_kind", "fee")), "fee");
        assert_eq!((form.headers.join(","), form.summed.clone()), ("A,C".to_owned(), vec![true, false]));
    }

    #[test]
    fn positions_leave_gaps() {
        let layout = layout(
            "kind = \"tracking_events\"\nfile = \"x.csv\"\nsource = \"t\"\ncsv = { header = false }\n\
             columns = { tracking_number_raw = 1, at = 3 }",
        );
        let form = Form::of(&layout, "CZK").unwrap();
        assert!(matches!(form.places[..], [Place::Field(_), Place::Gap, Place::Field(_)]));
    }
}
