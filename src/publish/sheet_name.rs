//! Names on the tabs of a workbook: legal, short enough, and each only once.

use std::collections::BTreeSet;

const LONGEST: usize = 31;

/// Gives out names.
#[derive(Debug, Default)]
pub struct SheetNames {
    taken: BTreeSet<String>,
}

impl SheetNames {
    /// A legal name near to `wanted` that was not given out before; the second of a name is `NAME 2`.
    pub fn give(&mut self, wanted: &str) -> String {
        let legal = legal(wanted);
        let mut name = cut(&legal, LONGEST);
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            let end = format!(" {number}");
            name = format!("{}{end}", cut(&legal, LONGEST - end.len()));
        }
        name
    }
}

fn legal(wanted: &str) -> String {
    let replaced: String =
        wanted.chars().map(|c| if "[]:*?/\\".contains(c) || c.is_control() { '-' } else { c }).collect();
    let trimmed = replaced.trim().trim_matches('\'').trim();
    match trimmed.to_lowercase().as_str() {
        "" => "-".to_owned(),
        // Spreadsheet programs keep this name for themselves.
        "history" => format!("{trimmed}-"),
        _ => trimmed.to_owned(),
    }
}

/// The longest start of at most `most` UTF-16 units, as spreadsheets count, without an apostrophe or blank at its end.
fn cut(name: &str, most: usize) -> String {
    let mut units = 0;
    let start: String = name
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= most
        })
        .collect();
    start.trim_end_matches(['\'', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_short_and_unique() {
        let mut names = SheetNames::default();
        assert_eq!(names.give("a[b]:c*d?e/f\\g"), "a-b--c-d-e-f-g");
        assert_eq!(names.give("'quoted'"), "quoted");
        assert_eq!(names.give("History"), "History-");
        assert_eq!(names.give(""), "-");
        let long = "x".repeat(40);
        assert_eq!(names.give(&long), "x".repeat(31));
        assert_eq!(names.give(&long), format!("{} 2", "x".repeat(29)));
        assert_eq!(names.give("Queue"), "Queue");
        assert_eq!(names.give("queue"), "queue 2");
    }
}
