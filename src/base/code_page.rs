//! Encodings of text, by the names that configurations give them.

use encoding_rs::Encoding;

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePage {
    /// One that the web knows: UTF-8, UTF-16, the windows and ISO pages.
    Web(&'static Encoding),
    /// CP852, in which DOS programs of central Europe write.
    Cp852,
}

impl CodePage {
    /// UTF-8.
    pub const UTF_8: CodePage = CodePage::Web(encoding_rs::UTF_8);

    /// The encoding of this name: a WHATWG label, `cp852` or `ibm852`; case does not count.
    pub fn named(label: &str) -> Option<CodePage> {
        match label.trim().to_ascii_lowercase().as_str() {
            "cp852" | "ibm852" => Some(CodePage::Cp852),
            label => Encoding::for_label(label.as_bytes()).map(CodePage::Web),
        }
    }

    /// Its name, in lower case.
    pub fn name(self) -> String {
        match self {
            CodePage::Web(encoding) => encoding.name().to_ascii_lowercase(),
            CodePage::Cp852 => "cp852".to_owned(),
        }
    }

    /// Whether each byte is a letter of its own.
    pub fn is_single_byte(self) -> bool {
        match self {
            CodePage::Web(encoding) => encoding.is_single_byte(),
            CodePage::Cp852 => true,
        }
    }

    /// The bytes of a text; `None` when a letter has no place in the encoding.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            // The web writes no UTF-16, so the crate would write UTF-8 in its place.
            CodePage::Web(encoding) if encoding.output_encoding() != encoding => None,
            CodePage::Web(encoding) => {
                let (bytes, _, replaced) = encoding.encode(text);
                (!replaced).then(|| bytes.into_owned())
            }
            CodePage::Cp852 => oem_cp::encode_string_checked(text, &oem_cp::code_table::ENCODING_TABLE_CP852),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(CodePage::named("CP852"), Some(CodePage::Cp852));
        assert_eq!(CodePage::named("ibm852"), Some(CodePage::Cp852));
        assert_eq!(CodePage::named("latin2").map(CodePage::name).as_deref(), Some("iso-8859-2"));
        assert_eq!(CodePage::named("klingon"), None);
    }

    #[test]
    fn letters_without_a_place() {
        assert_eq!(CodePage::Cp852.encode("Č€"), None);
        assert_eq!(CodePage::Cp852.encode("Číslo"), Some(b"\xac\xa1slo".to_vec()));
        assert_eq!(CodePage::UTF_8.encode("č"), Some(vec![0xc4, 0x8d]));
    }
}
