//! Names that a person gives: they stand in paths of a publication, in sheets, in lists, in messages. All are checked here, alike.

use crate::diagnose::visible::is_hidden;
use crate::pipeline::bounds;

/// What a name may be.
pub const EXPECTED: &str =
    "letters, digits, blanks, `-`, `_` and dots within; no separator of folders, no name of a device";

/// Why a text cannot be a name.
pub fn mistake_of_name(name: &str) -> Option<String> {
    let why = if name.is_empty() {
        "an empty name"
    } else if name.contains(is_hidden) {
        "a name with a code that is not shown"
    } else if name.contains(['/', '\\']) {
        "a name with a separator of folders"
    } else if name.starts_with('.') || name.ends_with('.') {
        "a name that begins or ends with a dot"
    } else if name.trim() != name {
        "a name that begins or ends with a blank"
    } else if is_device(name) {
        "a name of a device: no folder or file of Windows can have it"
    } else if name.chars().nth(bounds::NAME_LETTERS).is_some() {
        return Some(format!("a name of more than {} letters", bounds::NAME_LETTERS));
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// Why a text cannot be the name of a folder: of a pipeline, below which it publishes.
pub fn mistake_of_folder(name: &str) -> Option<String> {
    let is_foreign = |letter| matches!(letter, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    mistake_of_name(name).or_else(|| {
        let letter = name.chars().find(|letter| is_foreign(*letter))?;
        Some(format!("a name with `{letter}`, which no folder of Windows can have"))
    })
}

/// Why a text cannot name a pack: a file in `packs/`, or in a folder below it.
pub fn mistake_of_pack(name: &str) -> Option<String> {
    name.split('/').find_map(|step| match step {
        "" | "." | ".." => Some("a name that leads out of `packs/`".to_owned()),
        step => mistake_of_folder(step),
    })
}

/// Devices of Windows, with whatever behind a dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_port = |kind: &str| {
        let number = stem.strip_prefix(kind).map(|number| number.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || is_port("COM") || is_port("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        let long = "x".repeat(bounds::NAME_LETTERS + 1);
        for name in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "/etc",
            ".hidden",
            "end.",
            " a",
            "a ",
            "a\u{a0}",
            "a\nb",
            "a\u{1b}[2J",
            "a\u{202e}b",
            "a\u{200b}",
            "CON",
            "con",
            "nul.txt",
            "Aux ",
            "COM1",
            "lpt9.csv",
            "COM²",
            &long,
        ] {
            assert!(mistake_of_name(name).is_some(), "{name:?}");
        }
        let longest = "ž".repeat(bounds::NAME_LETTERS);
        for name in ["nightly", "Můj obchod (CZ)", "obchod.cz", "a..b", "console", "COM", "COM10", "v1: x", &longest] {
            assert_eq!(mistake_of_name(name), None, "{name:?}");
        }
        assert!(mistake_of_folder("v1: x").is_some() && mistake_of_folder("a*").is_some());
    }

    #[test]
    fn packs_stay_below_their_folder() {
        for name in [
            "../secret",
            "marketplaces/../../secret",
            "/etc/passwd",
            "a//b",
            "a/./b",
            "a\\..\\b",
            "C:/x",
            "a/",
            "x/CON",
        ] {
            assert!(mistake_of_pack(name).is_some(), "{name:?}");
        }
        assert_eq!(mistake_of_pack("marketplaces/my-market"), None);
        assert_eq!(mistake_of_pack("common"), None);
    }
}
