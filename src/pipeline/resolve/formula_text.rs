//! Formulas from SQL, the words that analysts know: parsed by the library, typed here against the columns of one fact frame.
//!
//! Literals take the type of their neighbour: `'delivered'` beside a column of words must be one of its words, `100.00` beside money is an
//! amount in units of the row's currency, `'2026-11-09'` beside a date is a date. A value that is not known makes a comparison unknown,
//! and what is unknown does not hold; absent text is empty text, so that `tracking_url IS NULL` and `tracking_url = ''` say the same.

use std::ops::Range;

use chrono::NaiveDate;
use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Interval,
    Spanned, UnaryOperator, Value,
};
use sqlparser::tokenizer::Span;

use crate::base::text;
use crate::base::zone::day_number;
use crate::frame::column::{Column, Frame, Shape};
use crate::pipeline::bounds;
use crate::pipeline::formula::{Amount, Comparison, Formula};
use crate::pipeline::pattern::compiled;
use crate::pipeline::resolve::formula_parts::{
    Mistake, beside, ceil_boundary, conjuncts, offset, parse, span_of, words_of,
};

/// What a formula gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Flag,
    /// A text; with a closed list, one of its words.
    Text(&'static [&'static str]),
    /// Minor units.
    Money,
    /// A whole number.
    Whole,
    /// A civil date.
    Day,
    /// An instant.
    Instant,
}

impl Type {
    fn of(shape: Shape, words: &'static [&'static str]) -> Option<Type> {
        match shape {
            Shape::Text | Shape::Word => Some(Type::Text(words)),
            Shape::Money => Some(Type::Money),
            Shape::Ppm | Shape::Int => Some(Type::Whole),
            Shape::Date => Some(Type::Day),
            Shape::Instant => Some(Type::Instant),
            Shape::Flag => Some(Type::Flag),
            Shape::Row => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Type::Flag => "yes or no",
            Type::Text(_) => "text",
            Type::Money => "money",
            Type::Whole => "a whole number",
            Type::Day => "a date",
            Type::Instant => "an instant",
        }
    }

    fn fits(self, other: Type) -> bool {
        matches!((self, other), (Type::Text(_), Type::Text(_))) || self == other
    }
}

/// The conditions of a formula that says yes or no: it is cut at each `AND` of the outermost level, and each part is named by its text.
///
/// # Errors
/// All mistakes at once, but a text that is no SQL is one.
pub fn conditions(sql: &str, frame: &Frame) -> Result<Vec<(String, Formula)>, Vec<Mistake>> {
    let parsed = parse(sql)?;
    let mut reader = Reader::new(sql, frame);
    let read: Vec<Option<(String, Formula)>> = conjuncts(&parsed)
        .into_iter()
        .map(|part| {
            let formula = reader.as_type(part, Type::Flag)?;
            Some((words_of(part), formula))
        })
        .collect();
    reader.finish(read.into_iter().collect())
}

/// A formula that gives a value of a type.
///
/// # Errors
/// All mistakes at once, but a text that is no SQL is one.
pub fn value(sql: &str, frame: &Frame, wanted: Type) -> Result<Formula, Vec<Mistake>> {
    let parsed = parse(sql)?;
    let mut reader = Reader::new(sql, frame);
    let read = reader.as_type(&parsed, wanted);
    reader.finish(read)
}

/// A value before its type is settled: a literal takes the type of its neighbour.
enum Draft<'sql> {
    Typed(Formula, Type),
    Number(String),
    Quoted(&'sql str),
}

struct Reader<'sql> {
    sql: &'sql str,
    frame: &'sql Frame,
    /// Levels above the part that is read.
    depth: usize,
    patterns: usize,
    mistakes: Vec<Mistake>,
}

impl<'sql> Reader<'sql> {
    fn new(sql: &'sql str, frame: &'sql Frame) -> Reader<'sql> {
        Reader { sql, frame, depth: 0, patterns: 0, mistakes: Vec::new() }
    }

    fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Mistake>> {
        match read {
            Some(read) if self.mistakes.is_empty() => Ok(read),
            _ => Err(self.mistakes),
        }
    }

    fn place(&self, span: Span) -> Range<usize> {
        if span == Span::empty() {
            return 0..self.sql.len();
        }
        let start = offset(self.sql, span.start);
        start..offset(self.sql, span.end).max(ceil_boundary(self.sql, start + 1))
    }

    /// Notes a mistake; there is no formula then.
    fn mistake<T>(&mut self, at: Span, message: &str, expected: &str, help: String) -> Option<T> {
        if self.mistakes.len() == bounds::MISTAKES {
            return None;
        }
        let place = self.place(at);
        let found = self.sql.get(place.clone()).unwrap_or_default().to_owned();
        self.mistakes.push(Mistake { message: message.to_owned(), place, found, expected: expected.to_owned(), help });
        None
    }

    fn not_known<T>(&mut self, expr: &Expr) -> Option<T> {
        let expected =
            "AND, OR, NOT, = <> < <= > >=, IN, BETWEEN, LIKE, REGEXP, IS NULL, + - *, abs, coalesce, threshold";
        self.mistake(span_of(expr), "this is no part of a condition", expected, String::new())
    }

    fn as_type(&mut self, expr: &'sql Expr, wanted: Type) -> Option<Formula> {
        let draft = self.draft(expr)?;
        self.settle(draft, wanted, expr)
    }

    /// Gives a literal its type, and holds a typed value to it.
    fn settle(&mut self, draft: Draft<'sql>, wanted: Type, of: &Expr) -> Option<Formula> {
        let draft = match draft {
            Draft::Typed(formula, given) if given.fits(wanted) => return Some(formula),
            draft => draft,
        };
        let at = span_of(of);
        match (draft, wanted) {
            (Draft::Number(text), Type::Money) => match Amount::of(&text) {
                Some(amount) => Some(Formula::Amount(amount)),
                None => self.mistake(
                    at,
                    "not an amount",
                    "a decimal in units of the currency, such as 100.00",
                    String::new(),
                ),
            },
            (Draft::Number(text), Type::Whole) => match text.parse() {
                Ok(number) => Some(Formula::Whole(number)),
                Err(_) => self.mistake(at, "not a whole number", "a number without a point", String::new()),
            },
            (Draft::Quoted(text), Type::Text(words)) => self.word(text, words, at),
            (Draft::Quoted(text), Type::Day) => self.day(text, at),
            (draft, _) => {
                let given = match draft {
                    Draft::Typed(_, given) => given.name(),
                    Draft::Number(_) => "a number",
                    Draft::Quoted(_) => "text",
                };
                let message = format!("this is {given}, not {}", wanted.name());
                self.mistake(at, &message, wanted.name(), String::new())
            }
        }
    }

    /// A text; beside a column of a closed list it must be one of its words.
    fn word(&mut self, text: &str, words: &[&'static str], at: Span) -> Option<Formula> {
        if words.is_empty() || text.is_empty() || words.contains(&text) {
            return Some(Formula::Text(text.to_owned()));
        }
        let is_told = self.mistakes.len() < bounds::MISTAKES;
        let help = if is_told { did_you_mean(text, words.iter().copied()) } else { String::new() };
        self.mistake(at, "no word of the column's list", &format!("one of {}", words.join(", ")), help)
    }

    fn day(&mut self, text: &str, at: Span) -> Option<Formula> {
        match text.parse::<NaiveDate>() {
            Ok(day) => Some(Formula::Day(day_number(day))),
            Err(_) => self.mistake(at, "not a date", "'YYYY-MM-DD'", String::new()),
        }
    }

    fn draft(&mut self, expr: &'sql Expr) -> Option<Draft<'sql>> {
        // Brackets are a level with what they hold.
        if self.depth > 2 * bounds::FORMULA_DEPTH {
            let expected = format!("at most {} levels", bounds::FORMULA_DEPTH);
            let at = if let Expr::BinaryOp { right, .. } = expr { span_of(right) } else { span_of(expr) };
            return self.mistake(at, "a formula that is nested too deep", &expected, String::new());
        }
        self.depth += 1;
        let draft = self.part(expr);
        self.depth -= 1;
        draft
    }

    fn part(&mut self, expr: &'sql Expr) -> Option<Draft<'sql>> {
        let flag = |formula| Some(Draft::Typed(formula, Type::Flag));
        match expr {
            Expr::Nested(inner) => self.draft(inner),
            Expr::Identifier(name) => self.name(&name.value, name.span),
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => Some(Draft::Number(text.clone())),
                Value::SingleQuotedString(text) => Some(Draft::Quoted(text)),
                Value::Boolean(yes) => flag(Formula::Flag(*yes)),
                _ => self.not_known(expr),
            },
            Expr::TypedString(typed) if typed.data_type == DataType::Date => {
                let Value::SingleQuotedString(text) = &typed.value.value else { return self.not_known(expr) };
                Some(Draft::Typed(self.day(text, typed.value.span)?, Type::Day))
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => flag(not(self.as_type(expr, Type::Flag)?)),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => match self.draft(inner)? {
                Draft::Number(text) => Some(Draft::Number(format!("-{text}"))),
                Draft::Typed(formula, number @ (Type::Money | Type::Whole)) => {
                    Some(Draft::Typed(Formula::Times(-1, formula.into()), number))
                }
                _ => self.not_known(expr),
            },
            Expr::IsNull(inner) => flag(not(self.known(inner)?)),
            Expr::IsNotNull(inner) => flag(self.known(inner)?),
            Expr::IsTrue(inner) => flag(self.as_type(inner, Type::Flag)?),
            Expr::IsFalse(inner) => flag(not(self.as_type(inner, Type::Flag)?)),
            Expr::InList { expr, list, negated } => flag(negate(self.one_of(expr, list)?, *negated)),
            Expr::Between { expr, negated, low, high } => {
                let from = self.compare(Comparison::AtLeast, expr, low);
                let to = self.compare(Comparison::AtMost, expr, high);
                flag(negate(Formula::All(vec![from?, to?]), *negated))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                flag(negate(self.matches(expr, pattern, |text| format!("(?s)^{}$", like(text)))?, *negated))
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                flag(negate(self.matches(expr, pattern, |text| format!("(?si)^{}$", like(text)))?, *negated))
            }
            Expr::RLike { negated, expr, pattern, .. } => {
                flag(negate(self.matches(expr, pattern, str::to_owned)?, *negated))
            }
            Expr::BinaryOp { left, op, right } => self.pair(expr, left, op, right),
            Expr::Function(call) => self.call(expr, call),
            _ => self.not_known(expr),
        }
    }

    /// A column, or one of the two names that every frame has.
    fn name(&mut self, name: &str, at: Span) -> Option<Draft<'sql>> {
        let column = self.frame.column(name);
        let typed = column.and_then(|column| Some((column, Type::of(column.shape, column.words)?)));
        match (typed, name) {
            (Some((column, given)), _) => Some(Draft::Typed(Formula::Column(column), given)),
            (None, AS_OF) => Some(Draft::Typed(Formula::AsOf, Type::Day)),
            (None, AS_OF_END) => Some(Draft::Typed(Formula::AsOfEnd, Type::Instant)),
            (None, _) => {
                let help = did_you_mean(name, readable(self.frame).map(|column| column.name).chain([AS_OF, AS_OF_END]));
                self.mistake(at, "no such column", &format!("a column of {}", self.frame.name), help)
            }
        }
    }

    /// Text is known when it is not empty.
    fn known(&mut self, expr: &'sql Expr) -> Option<Formula> {
        match self.draft(expr)? {
            Draft::Typed(formula, Type::Text(_)) => {
                Some(Formula::Compare(Comparison::Unequal, formula.into(), Formula::Text(String::new()).into()))
            }
            Draft::Typed(formula, _) => Some(Formula::Known(formula.into())),
            _ => self.not_known(expr),
        }
    }

    fn one_of(&mut self, expr: &'sql Expr, list: &'sql [Expr]) -> Option<Formula> {
        if let Some(first_beyond) = list.get(bounds::LISTED) {
            let message = format!("a list of {} values", list.len());
            let expected = format!("at most {} values", bounds::LISTED);
            return self.mistake(first_beyond.span(), &message, &expected, String::new());
        }
        // Every word of the list is looked at, so that all mistakes are shown.
        let read: Vec<Option<(Formula, Formula, Type)>> = list.iter().map(|word| self.alike(expr, word)).collect();
        let (mut of, mut values, mut others) = (None, Vec::new(), Vec::new());
        for (given, value, _) in read.into_iter().collect::<Option<Vec<_>>>()? {
            match value {
                Formula::Text(_) | Formula::Whole(_) | Formula::Amount(_) | Formula::Day(_) => {
                    values.push(value);
                    of = Some(given);
                }
                column => others.push(Formula::Compare(Comparison::Equal, given.into(), column.into())),
            }
        }
        let listed = of.map(|of| Formula::OneOf(of.into(), values));
        let mut any: Vec<Formula> = listed.into_iter().chain(others).collect();
        if any.len() > 1 { Some(Formula::Any(any)) } else { any.pop() }
    }

    fn matches(&mut self, expr: &'sql Expr, pattern: &'sql Expr, written: impl Fn(&str) -> String) -> Option<Formula> {
        let text = self.as_type(expr, Type::Text(&[]));
        let Draft::Quoted(words) = self.draft(pattern)? else { return self.not_known(pattern) };
        self.patterns += 1;
        if self.patterns > bounds::FORMULA_PATTERNS {
            let expected = format!("at most {} patterns; one may hold several with `|`", bounds::FORMULA_PATTERNS);
            return self.mistake(pattern.span(), "a formula of too many patterns", &expected, String::new());
        }
        if words.len() > bounds::PATTERN_BYTES {
            let expected = format!("at most {} bytes", bounds::PATTERN_BYTES);
            return self.mistake(pattern.span(), "a pattern that is too long", &expected, String::new());
        }
        match compiled(&written(words)) {
            Ok(regex) => Some(Formula::Matches(text?.into(), regex)),
            Err(reason) => {
                self.mistake(pattern.span(), &format!("not a pattern: {reason}"), "a regular expression", String::new())
            }
        }
    }

    fn pair(
        &mut self,
        whole: &'sql Expr,
        left: &'sql Expr,
        op: &'sql BinaryOperator,
        right: &'sql Expr,
    ) -> Option<Draft<'sql>> {
        let comparison = match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let parts: Vec<Option<Formula>> =
                    beside(whole, op).into_iter().map(|part| self.as_type(part, Type::Flag)).collect();
                let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
                let joined = if *op == BinaryOperator::And { Formula::All(parts) } else { Formula::Any(parts) };
                return Some(Draft::Typed(joined, Type::Flag));
            }
            BinaryOperator::Plus | BinaryOperator::Minus => {
                return self.sum(left, *op == BinaryOperator::Minus, right);
            }
            BinaryOperator::Multiply => return self.product(whole, left, right),
            BinaryOperator::Divide => {
                return self.mistake(span_of(whole), "no division: it would round", "+, - or *", String::new());
            }
            BinaryOperator::Eq => Comparison::Equal,
            BinaryOperator::NotEq => Comparison::Unequal,
            BinaryOperator::Lt => Comparison::Less,
            BinaryOperator::LtEq => Comparison::AtMost,
            BinaryOperator::Gt => Comparison::Greater,
            BinaryOperator::GtEq => Comparison::AtLeast,
            _ => return self.not_known(whole),
        };
        Some(Draft::Typed(self.compare(comparison, left, right)?, Type::Flag))
    }

    fn compare(&mut self, comparison: Comparison, left: &'sql Expr, right: &'sql Expr) -> Option<Formula> {
        let (a, b, given) = self.alike(left, right)?;
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        if ordered && matches!(given, Type::Flag | Type::Text(_)) {
            let message = format!("{} has no order", given.name());
            return self.mistake(span_of(left).union(&span_of(right)), &message, "= or <>", String::new());
        }
        Some(Formula::Compare(comparison, a.into(), b.into()))
    }

    /// Two values of one type.
    fn alike(&mut self, left: &'sql Expr, right: &'sql Expr) -> Option<(Formula, Formula, Type)> {
        let (a, b) = (self.draft(left), self.draft(right));
        let (a, b) = (a?, b?);
        let given = match (&a, &b) {
            (Draft::Typed(_, given), _) | (_, Draft::Typed(_, given)) => *given,
            (Draft::Number(_), _) => Type::Whole,
            (Draft::Quoted(_), _) => Type::Text(&[]),
        };
        let (a, b) = (self.settle(a, given, left), self.settle(b, given, right));
        Some((a?, b?, given))
    }

    fn sum(&mut self, left: &'sql Expr, minus: bool, right: &'sql Expr) -> Option<Draft<'sql>> {
        if let Expr::Interval(interval) = right {
            return self.moved(left, minus, interval, right.span());
        }
        let (a, b) = (self.draft(left), self.draft(right));
        let (a, b) = (a?, b?);
        let join = |a: Formula, b: Formula| match minus {
            true => Formula::Difference(a.into(), b.into()),
            false => Formula::Sum(a.into(), b.into()),
        };
        let given = match (&a, &b) {
            (Draft::Typed(_, Type::Day), Draft::Typed(_, Type::Day)) if minus => {
                let (a, b) = (self.settle(a, Type::Day, left)?, self.settle(b, Type::Day, right)?);
                return Some(Draft::Typed(Formula::Difference(a.into(), b.into()), Type::Whole));
            }
            (Draft::Typed(_, Type::Day), _) => {
                let (a, b) = (self.settle(a, Type::Day, left)?, self.settle(b, Type::Whole, right)?);
                return Some(Draft::Typed(join(a, b), Type::Day));
            }
            (Draft::Typed(_, given @ (Type::Money | Type::Whole)), _)
            | (_, Draft::Typed(_, given @ (Type::Money | Type::Whole))) => *given,
            (Draft::Number(_), Draft::Number(_)) => Type::Whole,
            _ => {
                let expected = "money, whole numbers, or a date and days";
                return self.mistake(
                    span_of(left).union(&span_of(right)),
                    "these have no sum",
                    expected,
                    String::new(),
                );
            }
        };
        let (a, b) = (self.settle(a, given, left), self.settle(b, given, right));
        Some(Draft::Typed(join(a?, b?), given))
    }

    /// A date or an instant, moved by an interval.
    fn moved(&mut self, left: &'sql Expr, minus: bool, interval: &Interval, at: Span) -> Option<Draft<'sql>> {
        let Some((number, hours)) = hours_of(interval) else {
            return self.mistake(at, "not an interval", "INTERVAL '14' DAY, or INTERVAL '48' HOUR", String::new());
        };
        let number = if minus { -number } else { number };
        match self.draft(left)? {
            Draft::Typed(day, Type::Day) if hours == 24 => {
                Some(Draft::Typed(Formula::Sum(day.into(), Formula::Whole(number).into()), Type::Day))
            }
            Draft::Typed(instant, Type::Instant) => {
                Some(Draft::Typed(Formula::Later(instant.into(), number * hours * 3_600_000), Type::Instant))
            }
            _ => self.mistake(
                span_of(left),
                "this cannot be moved by the interval",
                "a date and days, or an instant",
                String::new(),
            ),
        }
    }

    fn product(&mut self, whole: &'sql Expr, left: &'sql Expr, right: &'sql Expr) -> Option<Draft<'sql>> {
        let (a, b) = (self.draft(left), self.draft(right));
        let (times, of) = match (a?, b?) {
            (Draft::Number(times), Draft::Typed(of, given @ (Type::Money | Type::Whole)))
            | (Draft::Typed(of, given @ (Type::Money | Type::Whole)), Draft::Number(times)) => (times, (of, given)),
            _ => {
                return self.mistake(
                    span_of(whole),
                    "no such product",
                    "a whole number times money or a number",
                    String::new(),
                );
            }
        };
        match times.parse::<i64>().ok().filter(|times| times.abs() <= MOST_TIMES) {
            Some(times) => Some(Draft::Typed(Formula::Times(times, of.0.into()), of.1)),
            None => {
                let expected = format!("a whole number up to {MOST_TIMES}: a share would round");
                self.mistake(span_of(whole), "no such product", &expected, String::new())
            }
        }
    }

    fn call(&mut self, whole: &'sql Expr, call: &'sql Function) -> Option<Draft<'sql>> {
        let FunctionArguments::List(list) = &call.args else { return self.not_known(whole) };
        let given: Option<Vec<&Expr>> = list.args.iter().map(plain).collect();
        let name = call.name.to_string().to_lowercase();
        match (name.as_str(), given?.as_slice()) {
            ("abs", [one]) => match self.draft(one)? {
                Draft::Typed(formula, number @ (Type::Money | Type::Whole)) => {
                    Some(Draft::Typed(Formula::Magnitude(formula.into()), number))
                }
                _ => self.mistake(span_of(one), "no number", "money or a whole number", String::new()),
            },
            ("coalesce", [first, others @ ..]) if !others.is_empty() => {
                if let Some(first_beyond) = others.get(bounds::ARGUMENTS) {
                    let expected = format!("at most {} arguments", bounds::ARGUMENTS);
                    let at = span_of(first_beyond);
                    return self.mistake(at, "a call with too many arguments", &expected, String::new());
                }
                let Draft::Typed(formula, wanted) = self.draft(first)? else { return self.not_known(first) };
                let others: Vec<Option<Formula>> = others.iter().map(|other| self.as_type(other, wanted)).collect();
                let others: Option<Vec<Formula>> = others.into_iter().collect();
                Some(Draft::Typed(Formula::First([formula].into_iter().chain(others?).collect()), wanted))
            }
            ("threshold", [Expr::Value(value)]) => match &value.value {
                Value::SingleQuotedString(name) => Some(Draft::Typed(Formula::Threshold(name.clone()), Type::Whole)),
                _ => self.not_known(whole),
            },
            _ => self.not_known(whole),
        }
    }
}

/// The as-of day.
const AS_OF: &str = "as_of";
/// The first instant after it.
const AS_OF_END: &str = "as_of_end";

/// An amount of a cell times this still fits many times over.
const MOST_TIMES: i64 = 1_000;

/// The columns of a frame that a formula may name.
pub fn readable(frame: &Frame) -> impl Iterator<Item = Column> {
    frame.columns.iter().copied().filter(|column| column.shape != Shape::Row)
}

/// Help that names the nearest candidate.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    text::nearest(word, candidates).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}

fn not(formula: Formula) -> Formula {
    Formula::Not(formula.into())
}

fn negate(formula: Formula, negated: bool) -> Formula {
    if negated { not(formula) } else { formula }
}

/// A pattern of LIKE as a regular expression.
fn like(pattern: &str) -> String {
    pattern
        .chars()
        .map(|letter| match letter {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            letter => regex::escape(letter.encode_utf8(&mut [0; 4])),
        })
        .collect()
}

/// How many, and the hours of one.
fn hours_of(interval: &Interval) -> Option<(i64, i64)> {
    let Expr::Value(value) = &*interval.value else { return None };
    let number = match &value.value {
        Value::SingleQuotedString(text) | Value::Number(text, _) => text.parse::<i64>().ok()?,
        _ => return None,
    };
    let hours = match interval.leading_field.as_ref()? {
        DateTimeField::Day | DateTimeField::Days => 24,
        DateTimeField::Hour | DateTimeField::Hours => 1,
        _ => return None,
    };
    (number.abs() <= 100_000 && interval.last_field.is_none()).then_some((number, hours))
}

fn plain(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::order_facts::FRAME;

    fn mistake(sql: &str) -> (String, String) {
        let mistakes = conditions(sql, &FRAME).expect_err(sql);
        let first = mistakes.into_iter().next().expect("a mistake");
        (first.message, first.found)
    }

    #[test]
    fn the_outermost_ands_are_conditions_and_keep_their_text() {
        let read =
            conditions("(status = 'delivered' AND NOT test) AND (paid IS NULL OR paid < 1.50)", &FRAME).expect("read");
        let texts: Vec<&str> = read.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["status = 'delivered'", "NOT test", "(paid IS NULL OR paid < 1.50)"]);
    }

    #[test]
    fn everything_that_the_cookbook_names_is_read() {
        for sql in [
            "status IN ('shipped', 'delivered') AND status NOT IN ('lost')",
            "paid BETWEEN 1 AND 2.5 AND paid NOT BETWEEN 3 AND 4",
            "tracking_url LIKE 'https://%' AND NOT carrier ILIKE 'z_s%'",
            "tracking_url NOT REGEXP '^https?://'",
            "delivered_on + 14 < as_of AND as_of - delivered_on > 14 AND delivered_on >= DATE '2026-11-09'",
            "created_on = '2026-11-09' AND shipped_at + INTERVAL '48' HOUR < as_of_end",
            "delivered_on - INTERVAL 3 DAY > created_on",
            "abs(paid - expected_payout) > 2 * tolerance AND coalesce(paid, 0.00) = -0.01",
            "sale_lines >= threshold('lines') AND eligible IS TRUE AND test = false",
            "paid IS NOT NULL AND carrier IS NULL AND status <> ''",
            "status_raw = 'Doručeno' -- a label as written",
        ] {
            assert!(conditions(sql, &FRAME).is_ok(), "{sql}: {:?}", conditions(sql, &FRAME));
        }
    }

    #[test]
    fn what_would_round_compare_unlike_things_or_is_no_condition_is_refused_where_it_stands() {
        for (sql, words, found) in [
            ("paid / 2 > 1.00", "no division", "paid / 2"),
            ("paid * 1.5 > 1.00", "no such product", "paid * 1.5"),
            ("paid * paid > 1.00", "no such product", "paid * paid"),
            ("paid > 1e3", "not an amount", "1e3"),
            ("sale_lines > 1.5", "not a whole number", "1.5"),
            ("paid > sale_lines", "this is a whole number, not money", "sale_lines"),
            ("delivered_on > '9.11.2026'", "not a date", "'9.11.2026'"),
            ("delivered_at > delivered_on", "this is a date, not an instant", "delivered_on"),
            ("status < 'lost'", "text has no order", "status < 'lost'"),
            ("carrier REGEXP '('", "not a pattern", "'('"),
            ("order_row IS NULL", "no such column", "order_row"),
            ("sum(paid) > 1.00", "this is no part of a condition", "sum(paid"),
            ("status = (SELECT 1)", "this is no part of a condition", "SELECT 1"),
            ("status = 'lost' status", "no SQL condition", "s"),
            ("status = 'lost", "no SQL condition", "'"),
            ("status =", "no SQL condition", "="),
            ("", "no SQL condition", ""),
        ] {
            let (message, text) = mistake(sql);
            assert!(message.starts_with(words) && text == found, "{sql}: {message} at `{text}`");
        }
    }

    #[test]
    fn places_are_bytes_of_the_right_line() {
        let mistakes = conditions("carrier = 'Česká' AND\n  nikde = 1", &FRAME).expect_err("no column");
        assert_eq!(mistakes[0].place, 26..31);
    }

    #[test]
    fn what_is_too_much_is_refused_where_it_stands() {
        let many = |part: &str, join: &str, count: usize| vec![part; count].join(join);
        let deep = bounds::FORMULA_DEPTH;
        for (sql, message, limit) in [
            (many("test", " OR ", 10_000), "a formula of too many parts", "1000 names"),
            (many("test", " AND ", 10_000), "a formula of too many parts", "1000 names"),
            (format!("sale_lines > {}", many("1", "+", 10_000)), "a formula of too many parts", "1000 names"),
            (format!("test{}", " IS TRUE".repeat(10_000)), "a formula of too many parts", "1000 names"),
            (format!("sale_lines > {}", many("1", "+", 500)), "a formula that is nested too deep", "20 levels"),
            (format!("test{}", " IS TRUE".repeat(400)), "a formula that is nested too deep", "20 levels"),
            (format!("{}test", "NOT ".repeat(10_000)), "a formula that is nested too deep", "20 levels"),
            (format!("paid > {}1", "- ".repeat(100)), "a formula that is nested too deep", "20 levels"),
            (
                format!("{}test{}", "(".repeat(10_000), ")".repeat(10_000)),
                "a formula that is nested too deep",
                "20 levels",
            ),
            (
                format!("{}paid{} > 1", "abs(".repeat(100), ")".repeat(100)),
                "a formula that is nested too deep",
                "20 levels",
            ),
            (format!("status_raw IN ({})", many("'x'", ",", 10_001)), "a list of 10001 values", "10000 values"),
            (format!("coalesce(paid, {}) > 1", many("1", ",", 22)), "a call with too many arguments", "20 arguments"),
            (many("carrier LIKE 'x'", " OR ", 51), "a formula of too many patterns", "50 patterns"),
            (format!("carrier LIKE '{}'", "%a".repeat(3_000)), "a pattern that is too long", "4096 bytes"),
            (format!("carrier REGEXP '{}'", "a".repeat(5_000)), "a pattern that is too long", "4096 bytes"),
            ("carrier REGEXP '(a{1,1000}){1,1000}'".to_owned(), "not a pattern", "a regular expression"),
            (format!("status_raw = '{}'", "x".repeat(300_000)), "a formula of 300015 bytes", "262144 bytes"),
        ] {
            let begins = sql.get(..40).unwrap_or(&sql);
            let mistakes = conditions(&sql, &FRAME).expect_err(begins);
            let first = &mistakes[0];
            assert!(first.message.starts_with(message) && first.expected.contains(limit), "{begins}: {first:?}");
            assert!(mistakes.len() <= bounds::MISTAKES && first.place.end <= sql.len(), "{begins}");
            assert!(
                first.place.len() < sql.len() / 2 || message == "not a pattern" || message.contains("pattern that"),
                "{begins}: {:?}",
                first.place
            );
        }
        // What a person may need is far below.
        for sql in [
            many("status_raw = 'x'", " OR ", 300),
            format!("test AND ({})", many("carrier <> 'x'", " OR ", 300)),
            format!("{}test{}", "(".repeat(deep), ")".repeat(deep)),
            format!("{}test{}", "NOT (".repeat(deep / 2), ")".repeat(deep / 2)),
            format!("sale_lines > {}", many("1", " + ", deep)),
            format!("status_raw IN ({})", many("'x'", ",", bounds::LISTED)),
        ] {
            assert!(conditions(&sql, &FRAME).is_ok(), "{}: {:?}", &sql[..40], conditions(&sql, &FRAME).err());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(sql in "[a-z_ '().,0-9<>=+*/\\-čŽ\n]{0,60}|(status|paid|AND|OR|NOT|IN|\\(|\\)|'lost'|1\\.5|=|<|\\+|-|IS NULL| ){0,20}") {
            let _ = conditions(&sql, &FRAME);
        }
    }
}
