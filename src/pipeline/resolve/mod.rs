//! From the written types to the types that the program uses: files are found and parsed, each name is looked up, each value is
//! checked, and all mistakes are told at once.

pub mod binding;
mod embedded;
pub mod format;
pub mod formula_parts;
pub mod formula_text;
pub mod load;
mod locate;
pub mod pack_file;
mod parse;
mod policy_check;
mod rule;
