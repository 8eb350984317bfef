//! XML of workbook parts, token by token: what spreadsheet programs write, with any prefix for the names. Entities of our own are
//! refused with the document type that would declare them; what is not well formed is an error, never a guess.

use memchr::{memchr, memchr2};

/// One piece of markup or text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'x> {
    /// `<name …>`, or `<name …/>` when `empty`; the name without its prefix.
    Open { name: &'x str, attributes: &'x str, empty: bool },
    /// `</name>`
    Close(&'x str),
    /// Text as written: its references are still to be resolved.
    Text(&'x str),
    /// Text that stands for itself.
    Literal(&'x str),
}

/// Where the text is not well formed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// The tokens of a text. Comments and instructions are passed over.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'x> {
    text: &'x str,
    at: usize,
}

impl<'x> Tokens<'x> {
    pub(super) fn new(text: &'x str) -> Tokens<'x> {
        Tokens { text, at: 0 }
    }

    /// What is still to come.
    pub(super) fn rest(&self) -> &'x str {
        &self.text[self.at..]
    }

    /// Goes on with `rest`, which is the end of the text.
    pub(super) fn go_to(&mut self, rest: &'x str) {
        self.at = self.text.len() - rest.len();
    }

    /// The text between two marks, when they come next with nothing but plain text between them; else nothing is passed over.
    pub(super) fn text_between(&mut self, open: &str, close: &str) -> Option<&'x str> {
        let inside = self.rest().strip_prefix(open)?;
        let (text, behind) = inside.split_at(memchr(b'<', inside.as_bytes())?);
        let behind = behind.strip_prefix(close).filter(|_| is_plain(text))?;
        self.go_to(behind);
        Some(text)
    }

    /// The next token; `None` at the end.
    ///
    /// # Errors
    /// What is not well formed.
    pub(super) fn next(&mut self) -> Result<Option<Token<'x>>, Malformed> {
        loop {
            let rest = &self.text[self.at..];
            let Some(first) = rest.as_bytes().first() else { return Ok(None) };
            if *first != b'<' {
                let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.at += end;
                return Ok(Some(Token::Text(&rest[..end])));
            }
            match rest.as_bytes().get(1) {
                Some(b'!') if rest.starts_with("<![CDATA[") => {
                    let literal = self.up_to("<![CDATA[", "]]>")?;
                    return Ok(Some(Token::Literal(literal)));
                }
                Some(b'!') if rest.starts_with("<!--") => _ = self.up_to("<!--", "-->")?,
                Some(b'!') => return Err(Malformed("a declaration")),
                Some(b'?') => _ = self.up_to("<?", "?>")?,
                Some(b'/') => {
                    let end = memchr(b'>', rest.as_bytes()).ok_or(Malformed("a tag without an end"))?;
                    self.at += end + 1;
                    return Ok(Some(Token::Close(local(rest[2..end].trim_end()))));
                }
                _ => return self.open(rest).map(Some),
            }
        }
    }

    /// What stands between two marks, which are passed over.
    fn up_to(&mut self, begin: &str, end: &'static str) -> Result<&'x str, Malformed> {
        let inside = &self.text[self.at + begin.len()..];
        let length =
            memchr::memmem::find(inside.as_bytes(), end.as_bytes()).ok_or(Malformed("markup without an end"))?;
        self.at += begin.len() + length + end.len();
        Ok(&inside[..length])
    }

    fn open(&mut self, rest: &'x str) -> Result<Token<'x>, Malformed> {
        let end = end_of_tag(rest.as_bytes()).ok_or(Malformed("a tag without an end"))?;
        self.at += end + 1;
        let inside = &rest[1..end];
        let empty = inside.ends_with('/');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let length = inside.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(length);
        Ok(Token::Open { name: local(name), attributes, empty })
    }
}

/// The place of the `>` that ends the tag at the beginning of a text; one within quotes is a character like any other.
pub(super) fn end_of_tag(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.bytes().position(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..])
}

/// Whether a text means what it says: no reference, no line end to be made one, no escape of a spreadsheet program.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| !matches!(byte, b'&' | b'\r' | b'_'))
}

/// The attributes of a tag: names without their prefixes, values as written.
pub(super) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let equals = memchr(b'=', rest.as_bytes())?;
        let name = local(rest[..equals].trim());
        let value = rest[equals + 1..].trim_start();
        let quote = *value.as_bytes().first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let end = memchr(quote, &value.as_bytes()[1..])? + 1;
        rest = &value[end + 1..];
        Some((name, &value[1..end]))
    })
}

/// The value of an attribute, its references resolved.
///
/// # Errors
/// A reference that is none of XML's own.
pub(super) fn attribute(text: &str, name: &str) -> Result<Option<String>, Malformed> {
    let Some((_, value)) = attributes(text).find(|(known, _)| *known == name) else { return Ok(None) };
    let mut resolved = String::new();
    push_text(value, &mut resolved)?;
    Ok(Some(resolved))
}

/// Appends text with its references (`&amp;`, `&#13;`) resolved and its line ends made one, as XML says.
///
/// # Errors
/// A reference that is none of XML's own.
pub(super) fn push_text(written: &str, into: &mut String) -> Result<(), Malformed> {
    let mut rest = written;
    while let Some(at) = memchr2(b'&', b'\r', rest.as_bytes()) {
        into.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'\r' {
            into.push('\n');
            rest = rest[at + 1..].strip_prefix('\n').unwrap_or(&rest[at + 1..]);
            continue;
        }
        let end = memchr(b';', &rest.as_bytes()[at..]).ok_or(Malformed("a reference without an end"))? + at;
        into.push(referred(&rest[at + 1..end]).ok_or(Malformed("a reference to nothing"))?);
        rest = &rest[end + 1..];
    }
    into.push_str(rest);
    Ok(())
}

fn referred(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Token<'_>>, Malformed> {
        let mut tokens = Tokens::new(text);
        let mut found = Vec::new();
        while let Some(token) = tokens.next()? {
            found.push(token);
        }
        Ok(found)
    }

    #[test]
    fn markup_and_text() {
        let open = |name, attributes, empty| Token::Open { name, attributes, empty };
        assert_eq!(
            all("<?xml version='1.0'?><x:c r=\"A>1\"><!-- <v> --><v>1 &lt; 2</v><![CDATA[<&>]]><f/></x:c >").unwrap(),
            vec![
                open("c", " r=\"A>1\"", false),
                open("v", "", false),
                Token::Text("1 &lt; 2"),
                Token::Close("v"),
                Token::Literal("<&>"),
                open("f", "", true),
                Token::Close("c"),
            ]
        );
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        for text in ["<c", "<c r=\"1>", "</c", "<!-- ", "<![CDATA[ ]]", "<!DOCTYPE a>", "<!ENTITY b 'c'>"] {
            assert!(all(text).is_err(), "{text}");
        }
        for text in ["&", "&nbsp;", "&#x110000;", "&#;", "a &amp"] {
            assert!(push_text(text, &mut String::new()).is_err(), "{text}");
        }
    }

    #[test]
    fn references_and_line_ends() {
        let mut text = String::new();
        push_text("a&amp;b&#x17e;&#13;\r\nc\rd", &mut text).unwrap();
        assert_eq!(text, "a&bž\r\nc\nd");
        assert_eq!(attribute(" r:id='rId1' name=\"A &amp; B\"", "name").unwrap().as_deref(), Some("A & B"));
        assert_eq!(attribute(" r:id='rId1'", "id").unwrap().as_deref(), Some("rId1"));
        assert_eq!(attribute(" x=1", "x").unwrap(), None);
    }
}
