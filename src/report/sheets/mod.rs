//! One file per sheet. A sheet looks at the desk and gives a table; it never sees Excel.

pub mod by_rule;
pub mod commission;
pub mod control_totals;
pub mod credit_notes;
pub mod day_by_method;
pub mod metrics;
pub mod payout_calendar;
pub mod quarantine;
pub mod queue;
pub mod settlement;
pub mod statements;
pub mod summary;
pub mod tracking_errors;

use rayon::prelude::*;

use crate::report::book::{SheetWords, Workbook};
use crate::report::sheet::Sheet;
use crate::report::texts::Texts;
use crate::report::{Desk, ReportError};

type Builder = fn(&Desk<'_>) -> Result<Vec<Sheet>, ReportError>;

const SETTLEMENT: &[Builder] = &[
    |desk| Ok(vec![summary::build(desk)?]),
    |desk| Ok(vec![day_by_method::build(desk)?]),
    settlement::build,
    |desk| Ok(vec![payout_calendar::build(desk)]),
    |desk| Ok(vec![commission::build(desk)?]),
    |desk| Ok(vec![statements::build(desk)?]),
    |desk| Ok(vec![metrics::build(desk)]),
    |desk| Ok(vec![control_totals::build(desk)]),
];

const MISMATCHES: &[Builder] = &[
    |desk| Ok(vec![queue::build(desk)?]),
    |desk| Ok(vec![queue::new_since_last_night(desk)?]),
    |desk| Ok(vec![by_rule::build(desk)]),
    |desk| Ok(vec![credit_notes::build(desk)?]),
    |desk| Ok(vec![quarantine::build(desk)]),
];

/// All workbooks, in the order in which a reader meets them.
///
/// # Errors
/// A frame that is not as declared, a sum beyond 64 bits.
pub fn workbooks(desk: &Desk<'_>) -> Result<Vec<Workbook>, ReportError> {
    let build = |builders: &[Builder]| -> Result<Vec<Sheet>, ReportError> {
        let sheets: Result<Vec<_>, _> = builders.par_iter().map(|builder| builder(desk)).collect();
        let sheets: Vec<Sheet> = sheets?.into_iter().flatten().collect();
        for block in sheets.iter().flat_map(|sheet| &sheet.blocks) {
            block.table.check_sums()?;
        }
        Ok(sheets)
    };
    let words = words(&desk.texts);
    let workbook = |file: &str, title: &str, sheets| Workbook {
        file: file.to_owned(),
        title: title.to_owned(),
        sheets,
        words: words.clone(),
    };
    let mut workbooks = vec![
        workbook("settlement.xlsx", desk.texts.say("book.settlement"), build(SETTLEMENT)?),
        workbook("mismatches.xlsx", desk.texts.say("book.mismatches"), build(MISMATCHES)?),
    ];
    for (file, title, sheet) in tracking_errors::build(desk)? {
        workbooks.push(workbook(&file, &title, vec![sheet]));
    }
    Ok(workbooks)
}

fn words(texts: &Texts) -> SheetWords {
    SheetWords {
        total: texts.say("form.total").to_owned(),
        no_rows: texts.say("form.no_rows").to_owned(),
        legend: texts.say("form.legend").to_owned(),
        date_form: texts.say("form.date").to_owned(),
        page: texts.say("form.page").to_owned(),
        cut: texts.say("form.cut").to_owned(),
    }
}
