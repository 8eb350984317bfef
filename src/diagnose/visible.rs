//! Text of others as a terminal, a comment or a machine may be given it: no letter in it acts on what is around it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a letter acts or hides in place of being shown: a control code (C0, DEL, C1), a mark that turns or isolates the direction of
/// writing, a letter without width, a separator of lines or paragraphs, a tag, a code that is not a character.
pub fn is_hidden(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_control();
    }
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
                ..='\u{180f}' | '\u{200b}'
                ..='\u{200f}' | '\u{2028}'
                ..='\u{202e}' | '\u{2060}'
                ..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'
                ..='\u{fffb}' | '\u{fdd0}'
                ..='\u{fdef}' | '\u{1bca0}'
                ..='\u{1bca3}' | '\u{1d173}'
                ..='\u{1d17a}' | '\u{e0000}'
                ..='\u{e0fff}'
        )
        || u32::from(letter) & 0xfffe == 0xfffe
}

/// One line: each hidden letter, also a line end, as an escape such as `\n` or `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, &|_| false, &|letter, out| out.extend(letter.escape_default()))
}

/// Letters of a cell or a header that a person is shown.
pub const CELL: usize = 80;
/// Letters of a header that a person is shown to paste it.
pub const PASTED: usize = 3 * CELL;
/// Names that are shown of a list.
pub const NAMES: usize = 40;

/// One line of at most so many letters of the text, and how many more there are.
pub fn short(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => line(text),
        Some((end, _)) => {
            let (shown, more) = text.split_at(end);
            format!("{}… ({} more characters)", line(shown), more.chars().count()).into()
        }
    }
}

/// The first names of a list, none of them long, and how many more there are.
pub fn list<N: AsRef<str>>(names: &[N], most: usize) -> String {
    let shown: Vec<Cow<'_, str>> = names.iter().take(most).map(|name| short(name.as_ref(), CELL)).collect();
    first(&shown, names.len().saturating_sub(most))
}

/// The first values of a list as TOML, each whole as it is given, and how many more there are.
pub fn toml_list(values: &[String], most: usize) -> String {
    first(&values[..values.len().min(most)], values.len().saturating_sub(most))
}

fn first<N: AsRef<str>>(shown: &[N], more: usize) -> String {
    let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Several lines, each end of which is meant: all other hidden letters as escapes. A tab stays, and CR LF is a line end.
pub fn lines(text: &str) -> Cow<'_, str> {
    let text: Cow<'_, str> = if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() };
    let is_meant = |letter| matches!(letter, '\n' | '\t');
    match escaped(&text, &is_meant, &|letter, out| out.extend(letter.escape_default())) {
        Cow::Owned(escaped) => escaped.into(),
        Cow::Borrowed(_) => text,
    }
}

/// JSON, whose hidden letters stand in strings: each as `\uXXXX`, which reads back as the letter.
pub fn json(text: &str) -> Cow<'_, str> {
    escaped(text, &|letter| letter == '\n', &|letter, out| {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// A TOML string on one line, in quotes.
pub fn toml_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match (letter, u32::from(letter)) {
            ('"' | '\\', _) => out.extend(['\\', letter]),
            ('\n', _) => out.push_str("\\n"),
            ('\r', _) => out.push_str("\\r"),
            ('\t', _) => out.push_str("\\t"),
            (letter, code) if is_hidden(letter) && code > 0xffff => {
                let _ = write!(out, "\\U{code:08x}");
            }
            (letter, code) if is_hidden(letter) => {
                let _ = write!(out, "\\u{code:04x}");
            }
            (letter, _) => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// A TOML string of at most so many letters of the text, and behind it how many more there are: it is a whole string in any case.
pub fn toml_short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => toml_string(text),
        Some((end, _)) => format!("{}… ({} more characters)", toml_string(&text[..end]), text[end..].chars().count()),
    }
}

fn escaped<'text>(
    text: &'text str,
    is_meant: &dyn Fn(char) -> bool,
    push: &dyn Fn(char, &mut String),
) -> Cow<'text, str> {
    let is_escaped = |letter: char| is_hidden(letter) && !is_meant(letter);
    let Some(first) = text.find(is_escaped) else { return Cow::Borrowed(text) };
    let mut out = text[..first].to_owned();
    for letter in text[first..].chars() {
        if is_escaped(letter) { push(letter, &mut out) } else { out.push(letter) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter of each kind that acts or hides.
    const ACTING: &str = "\0\u{7}\u{8}\u{1b}\u{7f}\u{80}\u{9b}\u{ad}\u{61c}\u{200b}\u{200d}\u{200f}\u{2028}\u{2029}\u{202e}\u{2066}\u{2069}\u{feff}\u{fffe}\u{e0041}\u{10ffff}";

    #[test]
    fn nothing_that_acts_is_left_and_what_is_read_stays() {
        assert!(ACTING.chars().all(is_hidden));
        for text in [ACTING, "a\n\r\tb", "x\u{1b}[2Jy"] {
            assert!(!line(text).contains(is_hidden), "{text:?}");
            assert!(!lines(text).replace(['\n', '\t'], "").contains(is_hidden), "{text:?}");
        }
        assert_eq!(line("a\u{1b}[2J\n\u{202e}b"), r"a\u{1b}[2J\n\u{202e}b");
        assert_eq!(lines("a\r\nb\tc\rd"), "a\nb\tc\\rd");
        for text in ["Příliš žluťoučký kůň", "„Vyřízeno“ · 1\u{a0}234,50 Kč", "日本語 🙂 e\u{301}", ""]
        {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_toml_string_reads_back_as_it_was() {
        for text in [ACTING, "a\"b\\c'd\n\r\te#[x]", "", "'''", "\"\"\"", "žluť\u{1f600}"] {
            let written = toml_string(text);
            assert!(!written.contains(is_hidden), "{written}");
            let read: toml::Table = toml::from_str(&format!("key = {written}")).unwrap();
            assert_eq!(read["key"].as_str(), Some(text));
        }
    }

    #[test]
    fn a_toml_string_that_is_cut_is_a_whole_one() {
        let text = ACTING.repeat(9) + "\"\\";
        let letters = text.chars().count();
        for most in 0..=letters + 1 {
            let shown = toml_short(&text, most);
            let (string, more) = shown.split_once('…').unwrap_or((&shown, ""));
            let read: toml::Table = toml::from_str(&format!("key = {string}")).unwrap();
            assert_eq!(read["key"].as_str().unwrap(), text.chars().take(most).collect::<String>());
            let told = format!(" ({} more characters)", letters.saturating_sub(most));
            assert_eq!(more, if most < letters { told.as_str() } else { "" });
        }
        let names: Vec<String> = ["\"a\"", "\"b\"", "3"].map(str::to_owned).to_vec();
        assert_eq!(
            (toml_list(&names, 3), toml_list(&names, 2)),
            ("\"a\", \"b\", 3".into(), "\"a\", \"b\" and 1 more".into())
        );
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let value = serde_json::json!({ ACTING: [ACTING, "ž\u{1f600}"] });
        let text = value.to_string();
        let shown = json(&text);
        assert!(!shown.contains(is_hidden));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
