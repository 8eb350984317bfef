//! What every sheet may look at.

use crate::report::assessment::{Assessment, RuleText};
use crate::report::figures::Figures;
use crate::report::table::Table;
use crate::report::texts::Texts;

/// What every sheet may look at.
pub struct Desk<'run> {
    /// The assessment.
    pub run: Assessment<'run>,
    /// Report texts in the run's language.
    pub texts: Texts,
    /// The rule catalogue.
    pub catalogue: &'run [RuleText],
    /// The rows in quarantine under stable names, whose cells sheet, list and frame share.
    pub quarantine: Table,
    /// The control figures, computed once.
    pub figures: Figures,
    /// There is a previous publication to compare with.
    pub has_previous: bool,
}
