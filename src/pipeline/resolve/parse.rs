//! From the text of a pipeline or a pack to its serde mirror. One mistake does not hide the next: the key that holds it is left out,
//! and the rest is read again.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use crate::base::text;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::pipeline::bounds;

/// Reads a TOML text as far as it can be read, with every key that does not exist and every value of another type than its key has.
/// `None` when nothing can be made of the text: it is not TOML, or a key that must be there is not.
pub fn parse_all<T: DeserializeOwned>(file: &str, text: &str) -> (Option<T>, Vec<Diagnostic>) {
    let shared: Arc<str> = text.into();
    let told = |error: &Error| Diagnostic {
        code: "CFG002",
        message: error.message().replace('\n', "; "),
        place: Place::Config { file: file.to_owned(), text: shared.clone(), span: error.span().unwrap_or(0..0) },
        found: "here".into(),
        expected: String::new(),
        help: nearest_key(error.message()),
        exit: Exit::Usage,
    };
    let mut table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => return (None, vec![told(&error)]),
    };
    if let Some((beyond, most)) = too_long(table.get_ref()) {
        let mistake = Diagnostic {
            code: "CFG063",
            message: format!("a list of more than {most} entries"),
            place: Place::Config { file: file.to_owned(), text: shared.clone(), span: beyond },
            found: "one more begins here".into(),
            expected: format!("at most {most}"),
            help: String::new(),
            exit: Exit::Usage,
        };
        return (None, vec![mistake]);
    }
    let mut mistakes = Vec::new();
    loop {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(read) => return (Some(read), mistakes),
            Err(error) => error,
        };
        let is_missing = error.message().starts_with("missing field");
        // What is missing after a key was left out may be what was mistyped.
        if !is_missing || mistakes.is_empty() {
            mistakes.push(told(&error));
        }
        let is_cut = !is_missing && error.span().is_some_and(|span| cut(table.get_mut(), &span));
        // Each mistake costs a reading of the whole.
        if !is_cut || mistakes.len() >= bounds::MISTAKES {
            return (None, mistakes);
        }
    }
}

/// The first entry beyond the length that its list may have, and that length.
fn too_long(table: &DeTable<'_>) -> Option<(Range<usize>, usize)> {
    table.iter().find_map(|(key, value)| {
        let most = if key.get_ref() == "policy" { bounds::POLICIES } else { bounds::LIST };
        too_long_within(value.get_ref(), most)
    })
}

fn too_long_within(value: &DeValue<'_>, most: usize) -> Option<(Range<usize>, usize)> {
    match value {
        DeValue::Table(table) => too_long(table),
        DeValue::Array(array) => array
            .get(most)
            .map(|beyond| (beyond.span(), most))
            .or_else(|| array.iter().find_map(|element| too_long_within(element.get_ref(), bounds::LIST))),
        _ => None,
    }
}

/// Takes out the key that stands at a span, or whose value does.
fn cut(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let is_at = |key: Range<usize>, value: Range<usize>| key == *span || value == *span;
    let found =
        table.iter().find(|(key, value)| is_at(key.span(), value.span())).map(|(key, _)| key.get_ref().to_string());
    match found {
        Some(key) => table.remove(key.as_str()).is_some(),
        None => table.iter_mut().any(|(_, value)| cut_within(value.get_mut(), span)),
    }
}

fn cut_within(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => cut(table, span),
        DeValue::Array(array) => array.iter_mut().any(|element| cut_within(element.get_mut(), span)),
        _ => false,
    }
}

/// The nearest name of a message that says `unknown … `x`, expected one of `a`, `b`` or, of a closed word, ``x` is not one of a, b`.
fn nearest_key(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((unknown, known)) = quoted.split_first() else { return String::new() };
    let near = match message.rsplit_once("` is not one of ") {
        Some((_, words)) => text::nearest(unknown, words.lines().next().unwrap_or_default().split(", ")),
        None if message.starts_with("unknown") => text::nearest(unknown, known.iter().copied()),
        None => None,
    };
    near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::written::WrittenPipeline;

    fn mistakes(text: &str) -> (bool, Vec<String>) {
        let (read, mistakes) = parse_all::<WrittenPipeline>("p.toml", text);
        (read.is_some(), mistakes.iter().map(Diagnostic::render).collect())
    }

    #[test]
    fn every_mistyped_key_is_told() {
        let head = "[pipeline]\nname = \"t\"\npacks = []\n";
        let (read, told) = mistakes(&format!(
            "{head}outt = \"x\"\n[[source]]\nname = \"s\"\nglob = \"*\"\nlnies = true\nkind = \"order\"\n\
             csv = {{ delimeter = \";\" }}\n[reprot]\nlang = \"en\"\n"
        ));
        assert!(read);
        assert_eq!(told.len(), 5, "{}", told.join("\n"));
        for (place, near) in [("p.toml:4:1", "`out`"), ("p.toml:8:1", "`lines`"), ("p.toml:9:8", "`orders`")] {
            assert!(told.iter().any(|told| told.contains(place) && told.contains(near)), "{place}: {told:?}");
        }
        // A required key that is mistyped is told as mistyped only.
        let (read, told) = mistakes(&format!("{head}[[source]]\nname = \"s\"\nglobb = \"*\"\n"));
        assert!(!read && told.len() == 1 && told[0].contains("`glob`"), "{told:?}");
        let (read, told) = mistakes(&format!("{head}[[source]]\nname = \"s\"\n"));
        assert!(!read && told.len() == 1 && told[0].contains("missing field"), "{told:?}");
        assert_eq!(mistakes("= broken").1.len(), 1);
    }

    #[test]
    fn lists_have_a_length() {
        let dates = |count: usize| format!("[[source]]\ncsv.dates = [{}]\n", "\"%Y\",".repeat(count));
        let policies =
            |count: usize| "[[account]]\n".to_owned() + &"[[account.policy]]\nsource = \"t\"\n".repeat(count);
        for (text, place) in [(dates(bounds::LIST + 1), "p.toml:2:"), (policies(bounds::POLICIES + 1), "p.toml:1002:")]
        {
            let (read, told) = mistakes(&text);
            assert!(!read && told.len() == 1 && told[0].contains("CFG063") && told[0].contains(place), "{told:?}");
        }
        let told = |text: String| mistakes(&text).1.iter().any(|told| told.contains("CFG063"));
        assert!(!told(dates(bounds::LIST)) && !told(policies(bounds::POLICIES)));
    }
}
