//! A regular expression in a TOML text, compiled when it is read: a bad one is a mistake where it stands.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::pipeline::bounds;

/// Letters of a pattern that a message shows.
const SHOWN: usize = 100;

/// A regular expression that a whole text must match, anchored or not.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    whole: Regex,
}

impl Pattern {
    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.written
    }

    /// Whether the whole text matches: a number with anything before or after it is another number.
    pub fn matches(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }
}

/// A pattern as a program, within its limits.
///
/// # Errors
/// Why it is none, in one line.
pub fn compiled(pattern: &str) -> Result<Regex, String> {
    let limit = bounds::PATTERN_PROGRAM;
    RegexBuilder::new(pattern).size_limit(limit).dfa_size_limit(limit).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => format!("its repetitions make a program of more than {limit} bytes"),
        other => {
            let told = other.to_string();
            told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    })
}

/// A pattern as a person wrote it, within its limits.
///
/// # Errors
/// Why it is none, in one line.
pub fn compiled_as_written(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > bounds::PATTERN_BYTES {
        return Err(format!("{} bytes, of at most {}", pattern.len(), bounds::PATTERN_BYTES));
    }
    compiled(pattern)
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.written == other.written
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Pattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A regular expression that the whole text must match, such as '^47[0-9]{8}$'.",
        })
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        // Alone first: what is wrong is said of what was written, and a `)` in it cannot close our group.
        compiled_as_written(&written)
            .and_then(|_| compiled(&format!("^(?:{written})$")))
            .map(|whole| Pattern { whole, written: written.clone() })
            .map_err(|reason| {
                let shown: String = written.chars().take(SHOWN).collect();
                D::Error::custom(format!("`{shown}` is not a regular expression: {reason}"))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Result<Pattern, String> {
        serde_json::from_value(serde_json::Value::from(written)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_whole_text_matches_or_nothing() {
        for written in ["^47[0-9]{8}$", "47[0-9]{8}", "47[0-9]{8}|47[0-9]{8}"] {
            let series = read(written).unwrap();
            assert_eq!(series.text(), written);
            assert!(series.matches("4700012345"), "{written}");
            for other in ["470001234", "47000123456", "4600012345", "a4700012345", "4700012345 ", ""] {
                assert!(!series.matches(other), "{written}: {other}");
            }
        }
    }

    #[test]
    fn a_bad_pattern_says_why_in_one_line() {
        let reason = read("^47[0-9{8}$").unwrap_err();
        assert!(reason.contains("unclosed character class") && !reason.contains('\n'), "{reason}");
        assert!(read("47)|(48").is_err(), "it would close a group of ours");
    }
}
