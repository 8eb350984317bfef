//! `sum`: amounts of which each row of an order has a part.

use super::Loader;
use crate::base::text;
use crate::frame::kind::{Cell, spec_of};
use crate::pipeline::written::WrittenSource;
use crate::pipeline::written::layout::Layout;
use crate::vocab::Kind;

impl Loader {
    /// Only the amounts of an order are added up, and only where several rows are one order. The goods are the sum of the lines already.
    pub(super) fn sums(
        &mut self,
        written: &WrittenSource,
        layout: Option<&Layout>,
        kind: Kind,
        lines: bool,
    ) -> Vec<String> {
        let amounts = spec_of(kind).fields.iter().filter(|field| lines && field.cell == Cell::Money);
        let names: Vec<&str> = amounts.map(|field| field.name).collect();
        for field in written.sum.iter().flatten().filter(|field| !names.contains(&field.get_ref().as_str())) {
            let near = text::nearest(field.get_ref(), names.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
            let expected = "an amount of orders, in a source with `lines = true`";
            self.mistake("CFG015", "an amount that is not added up", field.span(), field.get_ref(), expected, &help);
        }
        match &written.sum {
            Some(own) => own.iter().map(|field| field.get_ref().clone()).collect(),
            None => layout.filter(|_| lines).map(|layout| layout.sum.clone()).unwrap_or_default(),
        }
    }
}
