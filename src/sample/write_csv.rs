//! Writes rows as delimited text in any layout.

use std::io::Write as _;
use std::path::Path;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::base::code_page::CodePage;
use crate::sample::SampleError;
use crate::sample::cell::{Record, Value};
use crate::sample::form::{Form, Place};

/// Writes the file: banner, header, rows, total.
///
/// # Errors
/// When a character has no place in the layout's encoding, or the file cannot be written.
pub fn write_csv<R: Record>(path: &Path, form: &Form<'_>, rows: impl Iterator<Item = R>) -> Result<u64, SampleError> {
    let Some(csv) = &form.layout.csv else {
        return Err(SampleError::Pack(format!("layout {} is no text", form.layout.file)));
    };
    let delimiter = csv.delimiter.as_ref().map_or(',', |mark| *mark.get_ref());
    let quote = csv.quote.as_ref().map_or("\"", |mark| mark.get_ref().as_str());
    let (quote, style) = match quote.chars().next() {
        Some(mark) if quote != "none" => (mark, QuoteStyle::Necessary),
        _ => ('"', QuoteStyle::Never),
    };
    let mut writer = WriterBuilder::new()
        .delimiter(byte(delimiter)?)
        .quote(byte(quote)?)
        .quote_style(style)
        .terminator(Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for banner in &form.layout.banner {
        writer.write_record([banner])?;
    }
    let header = csv.header.unwrap_or(true);
    if header {
        writer.write_record(&form.headers)?;
    }
    let mut sums = vec![0_i64; form.places.len()];
    let mut count = 0;
    for row in rows {
        let mut fields = fields(form, &row, &mut sums);
        if !header {
            let used = fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1);
            fields.truncate(used);
        }
        if let Some(cut) = row.cut() {
            fields.truncate(cut);
        }
        writer.write_record(&fields)?;
        count += 1;
    }
    if let Some(total) = &form.layout.total {
        writer.write_record(totals(form, total, &sums))?;
    }
    let text = writer.into_inner().map_err(|error| SampleError::Plan(error.to_string()))?;
    let label = csv.encoding.as_ref().and_then(|encoding| encoding.0.first()).map(|label| label.get_ref().as_str());
    save(path, form.layout.bom, label.filter(|label| *label != "auto").unwrap_or("utf-8"), text)?;
    Ok(count)
}

fn fields<R: Record>(form: &Form<'_>, row: &R, sums: &mut [i64]) -> Vec<String> {
    let mut fields = Vec::with_capacity(form.places.len());
    for (place, column) in form.places.iter().enumerate() {
        fields.push(match column {
            Place::Gap => String::new(),
            Place::Fixed(text) => text.clone(),
            Place::Field(field) => {
                let value = row.cell(field);
                if let Value::Money(amount) = value {
                    sums[place] += amount;
                }
                form.text(value)
            }
        });
    }
    fields
}

fn totals(form: &Form<'_>, label: &str, sums: &[i64]) -> Vec<String> {
    let sum = |place: usize| if form.summed[place] { form.text(Value::Money(sums[place])) } else { String::new() };
    (0..sums.len()).map(|place| if place == 0 { label.to_owned() } else { sum(place) }).collect()
}

fn byte(mark: char) -> Result<u8, SampleError> {
    u8::try_from(mark).map_err(|_| SampleError::Pack(format!("{mark} is no delimiter")))
}

fn save(path: &Path, bom: bool, label: &str, text: Vec<u8>) -> Result<(), SampleError> {
    let fault = |source| SampleError::Io { path: path.to_path_buf(), source };
    let mut file = std::fs::File::create(path).map_err(fault)?;
    let page = CodePage::named(label).ok_or_else(|| SampleError::Pack(format!("no encoding {label}")))?;
    if bom {
        file.write_all("\u{feff}".as_bytes()).map_err(fault)?;
    }
    if page == CodePage::UTF_8 {
        return file.write_all(&text).map_err(fault);
    }
    let text = String::from_utf8(text).map_err(|error| SampleError::Plan(error.to_string()))?;
    let Some(bytes) = page.encode(&text) else {
        return Err(SampleError::Plan(format!("a character of {} has no place in {label}", path.display())));
    };
    file.write_all(&bytes).map_err(fault)
}
