//! Closed word lists: the trait of their words, and the macro that declares a list.

/// A word of a closed list.
pub trait Word: Copy + Sized + 'static {
    /// All words in their order.
    const ALL: &'static [Self];
    /// Their texts, in the same order.
    const TEXTS: &'static [&'static str];
    /// Name of the list, as its type is called.
    const LIST: &'static str;
    /// Documentation of the list.
    const DOC: &'static str;
    /// Documentation of each word, empty where its text says all.
    const DOCS: &'static [&'static str];
    /// The stable text: in frames, packs, CSV and JSON.
    fn text(self) -> &'static str;
    /// The word with this stable text.
    fn of(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.text() == text)
    }
}

/// A closed list as a page prints it.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Its words in their order.
    pub words: &'static [&'static str],
    /// The meaning of each word, empty where it has none.
    pub docs: &'static [&'static str],
}

impl List {
    /// The list of a type.
    pub const fn of<W: Word>() -> List {
        List { name: W::LIST, doc: W::DOC, words: W::TEXTS, docs: W::DOCS }
    }
}

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $word_doc:literal])* $word:ident = $text:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $word_doc])* #[doc = concat!("`", $text, "`")] $word),* }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word),*];
            const TEXTS: &'static [&'static str] = &[$($text),*];
            const LIST: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),*);
            const DOCS: &'static [&'static str] = &[$(concat!($($word_doc),*)),*];
            fn text(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.text())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": Self::TEXTS })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                $crate::vocab::Word::of(&text).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|word| word.text()).collect();
                    serde::de::Error::custom(format!("`{text}` is not one of {}", known.join(", ")))
                })
            }
        }
    };
}
