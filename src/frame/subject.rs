//! Which fact frame holds the subjects of a rule.

use super::column::{Column, Frame};
use super::{
    cod_facts, conflict_facts, document_facts, identifier_facts, metric_facts, number_facts, order_facts,
    payout_day_facts, payout_facts, postage_day_facts, remittance_facts, restated_facts, shipment_facts, source_facts,
    statement_facts, supplier_account_facts, supplier_facts, transition_facts, unmatched_facts, word_facts,
};
use crate::vocab::Subject;

impl Subject {
    /// The fact frame that holds such subjects.
    pub fn frame(self) -> &'static Frame {
        match self {
            Subject::Order | Subject::OrderAndNumber => &order_facts::FRAME,
            Subject::Transition => &transition_facts::FRAME,
            Subject::Shipment => &shipment_facts::FRAME,
            Subject::Number => &number_facts::FRAME,
            Subject::PayoutLine => &payout_facts::FRAME,
            Subject::PayoutDay => &payout_day_facts::FRAME,
            Subject::Statement => &statement_facts::FRAME,
            Subject::Document => &document_facts::FRAME,
            Subject::PostageDay => &postage_day_facts::FRAME,
            Subject::Metric => &metric_facts::FRAME,
            Subject::Word => &word_facts::FRAME,
            Subject::Conflict => &conflict_facts::FRAME,
            Subject::Restated => &restated_facts::FRAME,
            Subject::Source => &source_facts::FRAME,
            Subject::Identifier => &identifier_facts::FRAME,
            Subject::Unmatched => &unmatched_facts::FRAME,
            Subject::Supplier | Subject::SupplierSale => &supplier_facts::FRAME,
            Subject::SupplierAccount => &supplier_account_facts::FRAME,
            Subject::Cash => &cod_facts::FRAME,
            Subject::Remittance => &remittance_facts::FRAME,
        }
    }

    /// The column that holds the currency of the money.
    pub fn currency(self) -> Column {
        match self {
            Subject::SupplierSale => supplier_facts::sale_currency,
            _ => order_facts::currency,
        }
    }
}
