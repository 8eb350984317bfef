//! From a byte offset in a configuration text to its line, and from a path of keys to its bytes.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The line (from 1) that holds the byte at `offset`.
pub fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where the lines of a text begin: for texts of which many places are told.
pub struct LineStarts(Vec<usize>);

impl LineStarts {
    /// Looks through the text once.
    pub fn of(text: &str) -> LineStarts {
        LineStarts(memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1).collect())
    }

    /// The line (from 1) that holds the byte at `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}

/// The bytes of the key (or of the array's element) at the end of a path such as `["policy", "2", "thresholds"]`; positions count from
/// 0. Where the path leaves the text, the bytes of its last step within it.
///
/// It parses the text again, so that only mistakes pay for places.
pub fn span_of(text: &str, path: &[&str]) -> Range<usize> {
    let Ok(table) = DeTable::parse(text) else { return 0..0 };
    let mut at = 0..0;
    let mut steps = path.iter();
    let first = steps.next().and_then(|step| table.get_ref().get_key_value(*step));
    let mut value = first.map(|(key, value)| {
        at = key.span();
        value.get_ref()
    });
    for step in steps {
        let next = match value {
            Some(DeValue::Table(table)) => table.get_key_value(*step).map(|(key, value)| (key.span(), value)),
            Some(DeValue::Array(array)) => {
                let element = step.parse::<usize>().ok().and_then(|place| array.get(place));
                element.map(|element| (element.span(), element))
            }
            _ => None,
        };
        let Some((span, found)) = next else { break };
        (at, value) = (span, Some(found.get_ref()));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_key() {
        let text = "[[policy]]\nsource = \"x\"\n[policy.thresholds]\nST-001 = { a = 1 }\n[[policy]]\ntarget.b = 2\n";
        let found = |path: &[&str]| &text[span_of(text, path)];
        assert_eq!(found(&["policy", "0", "thresholds", "ST-001", "a"]), "a");
        assert_eq!(found(&["policy", "1", "target", "b"]), "b");
        assert_eq!(found(&["policy", "0", "source"]), "source");
        assert_eq!(line_of(text, span_of(text, &["policy", "1"]).start), 5);
        // A path that goes on where the text does not.
        assert_eq!(found(&["policy", "0", "thresholds", "ST-002"]), "thresholds");
        assert_eq!(span_of("= broken", &["a"]), 0..0);
    }
}
