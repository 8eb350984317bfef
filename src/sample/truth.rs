//! What a perfect run finds, written from the plan and never from the engine.

use crate::sample::SampleError;

/// One row of `truth.csv`: one finding. Fields that do not apply are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Truth {
    /// Rule.
    pub code: &'static str,
    /// Account.
    pub account: String,
    /// Order.
    pub order_no: String,
    /// Tracking number as carriers compare it.
    pub shipment: String,
    /// Statement.
    pub statement: String,
    /// Anything else that the finding is about.
    pub subject: String,
    /// Why it is there; not compared.
    pub note: String,
}

impl Truth {
    /// A finding about nothing yet.
    pub fn of(code: &'static str, account: &str, note: &str) -> Truth {
        Truth { code, account: account.to_owned(), note: note.to_owned(), ..Truth::default() }
    }

    /// About an order.
    pub fn order(mut self, order_no: &str) -> Truth {
        order_no.clone_into(&mut self.order_no);
        self
    }

    /// About a parcel.
    pub fn shipment(mut self, number: &str) -> Truth {
        self.shipment = crate::base::text::tracking_number(number);
        self
    }

    /// About a statement.
    pub fn statement(mut self, statement: String) -> Truth {
        self.statement = statement;
        self
    }

    /// About anything else.
    pub fn subject(mut self, subject: impl Into<String>) -> Truth {
        self.subject = subject.into();
        self
    }
}

/// The text of `truth.csv`, sorted.
///
/// # Errors
/// When a row cannot be written.
pub fn csv_text(truth: &[Truth]) -> Result<Vec<u8>, SampleError> {
    let mut rows: Vec<&Truth> = truth.iter().collect();
    rows.sort();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["code", "account", "order_no", "shipment", "statement", "subject", "note"])?;
    for row in rows {
        let fields = [row.code, &row.account, &row.order_no, &row.shipment, &row.statement, &row.subject, &row.note];
        writer.write_record(fields)?;
    }
    writer.into_inner().map_err(|error| SampleError::Plan(error.to_string()))
}
