//! What a pipeline adds to the words of its packs.

use crate::pipeline::source::ConfigPlace;

/// A label or a code that a pipeline adds to what its packs know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWord {
    /// The word table, or `<carrier>/<vocabulary>`.
    pub table: String,
    /// The label or the code, as written.
    pub label: String,
    /// The canonical word.
    pub word: String,
    /// Holds only when this field of the row is not empty.
    pub when_present: Option<String>,
    /// The word of a pack that it takes the place of.
    pub replaces: Option<String>,
    /// The account that it concerns; all when absent.
    pub account: Option<String>,
    /// Where it is written.
    pub place: ConfigPlace,
}
