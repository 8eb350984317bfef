//! What a text of a person may cost at most: a pipeline, a pack, a formula, a pattern, a name. Each limit has its one place here; who meets
//! it is told the limit and shown the place.

/// Bytes of a pipeline or of a pack.
pub const CONFIG_BYTES: usize = 4 << 20;
/// Mistakes that are told of one text.
pub const MISTAKES: usize = 50;
/// Rules written as text in one pipeline or pack.
pub const RULES: usize = 500;
/// Columns that prove a rule, and codes that it suppresses.
pub const RULE_COLUMNS: usize = 100;
/// Bytes of a text of a rule: its message, its title, its example.
pub const RULE_TEXT_BYTES: usize = 64 << 10;
/// Entries of one list of a pipeline or pack, and tables of one list of tables.
pub const LIST: usize = 10_000;
/// Dated versions of one policy.
pub const POLICIES: usize = 500;
/// Patterns of dates of one source.
pub const DATE_PATTERNS: usize = 50;
/// Bytes of a pattern of dates.
pub const DATE_PATTERN_BYTES: usize = 200;
/// Bytes of a formula.
pub const FORMULA_BYTES: usize = 256 << 10;
/// Names, words, brackets and operators of a formula; literals and their commas do not count.
pub const FORMULA_PARTS: usize = 1_000;
/// Brackets, calls, `NOT`s and arithmetic within each other; `AND`s and `OR`s beside each other are one level.
pub const FORMULA_DEPTH: usize = 20;
/// Values in one list of `IN`.
pub const LISTED: usize = 10_000;
/// Arguments of `coalesce`.
pub const ARGUMENTS: usize = 20;
/// Patterns (LIKE, REGEXP) of one formula.
pub const FORMULA_PATTERNS: usize = 50;
/// Bytes of a pattern as written.
pub const PATTERN_BYTES: usize = 4 << 10;
/// Bytes of a pattern as a program, which repetitions multiply.
pub const PATTERN_PROGRAM: usize = 2 << 20;
/// Bytes of a pattern of file names.
pub const GLOB_BYTES: usize = 4 << 10;
/// Letters of a name.
pub const NAME_LETTERS: usize = 100;
/// Accounts, and sources, of one pipeline.
pub const ENTRIES: usize = 2_000;
