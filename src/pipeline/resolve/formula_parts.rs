//! The parts of a formula, before any has a meaning: cut by the library within the limits, then walked without going as deep as it is long.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use crate::pipeline::bounds;

/// A mistake in a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// One terse line.
    pub message: String,
    /// Where, in bytes of the formula's text.
    pub place: Range<usize>,
    /// What stands there.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub help: String,
}

pub(super) fn parse(sql: &str) -> Result<Expr, Vec<Mistake>> {
    if sql.len() > bounds::FORMULA_BYTES {
        let end = ceil_boundary(sql, bounds::FORMULA_BYTES);
        return Err(vec![beyond(
            sql,
            end,
            format!("a formula of {} bytes", sql.len()),
            bounds::FORMULA_BYTES,
            "bytes",
        )]);
    }
    let dialect = GenericDialect {};
    let mut tokens = Vec::new();
    let cut = Tokenizer::new(&dialect, sql).tokenize_with_location_into_buf(&mut tokens);
    if cut.is_ok() {
        check_size(sql, &tokens)?;
    }
    let parsed = cut.map_err(ParserError::from).and_then(|()| {
        let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
        let parsed = parser.parse_expr()?;
        match parser.next_token() {
            end if end.token == Token::EOF => Ok(parsed),
            more => parser.expected("end of the condition, AND or OR", more),
        }
    });
    parsed.map_err(|error| {
        let message = match error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
            ParserError::RecursionLimitExceeded => format!("more than {} levels", bounds::FORMULA_DEPTH),
        };
        // The library tells the place in words only.
        let (words, place) = message.split_once(" at Line: ").unwrap_or((&message, ""));
        let numbers: Vec<u64> = place.split(", Column: ").filter_map(|number| number.trim().parse().ok()).collect();
        let place = match numbers[..] {
            [line, column] => offset(sql, Location { line, column }),
            _ => sql.trim_end().len().saturating_sub(1),
        };
        let place = place..ceil_boundary(sql, place + 1);
        vec![Mistake {
            message: format!("no SQL condition: {words}"),
            found: sql.get(place.clone()).unwrap_or_default().to_owned(),
            place,
            expected: "a condition such as `status = 'delivered' AND days_overdue > 14`".to_owned(),
            help: String::new(),
        }]
    })
}

/// A formula beyond a limit.
fn beyond(sql: &str, at: usize, message: String, limit: usize, of: &str) -> Mistake {
    let place = at..ceil_boundary(sql, at + 1);
    Mistake {
        message,
        found: sql.get(place.clone()).unwrap_or_default().to_owned(),
        place,
        expected: format!("at most {limit} {of}"),
        help: "write several rules, or a list `IN (…)` in place of many comparisons".to_owned(),
    }
}

/// Counts what the parser and the reader walk through, before they do.
fn check_size(sql: &str, tokens: &[TokenWithSpan]) -> Result<(), Vec<Mistake>> {
    // Open brackets, and the prefixes before the next operand.
    let (mut parts, mut open, mut prefixes) = (0, 0_usize, 0);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) | Token::EOF => continue,
            Token::Comma | Token::Number(..) | Token::SingleQuotedString(_) => prefixes = 0,
            other => {
                parts += 1;
                open = match other {
                    Token::LParen => open + 1,
                    Token::RParen => open.saturating_sub(1),
                    _ => open,
                };
                let is_prefix = match other {
                    Token::Minus | Token::Plus => true,
                    Token::Word(word) => word.value.eq_ignore_ascii_case("not"),
                    _ => false,
                };
                prefixes = if is_prefix { prefixes + 1 } else { 0 };
            }
        }
        let at = || offset(sql, token.span.start);
        if open + prefixes > bounds::FORMULA_DEPTH {
            let message = "a formula that is nested too deep".to_owned();
            return Err(vec![beyond(sql, at(), message, bounds::FORMULA_DEPTH, "levels")]);
        }
        if parts > bounds::FORMULA_PARTS {
            let message = "a formula of too many parts".to_owned();
            return Err(vec![beyond(sql, at(), message, bounds::FORMULA_PARTS, "names, words and operators")]);
        }
    }
    Ok(())
}

/// The parts between the `AND`s of the outermost level.
pub(super) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    let (mut parts, mut rest) = (Vec::new(), vec![expr]);
    while let Some(expr) = rest.pop() {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => rest.extend([&**right, &**left]),
            Expr::Nested(inner)
                if matches!(&**inner, Expr::BinaryOp { op: BinaryOperator::And, .. } | Expr::Nested(_)) =>
            {
                rest.push(inner);
            }
            _ => parts.push(expr),
        }
    }
    parts
}

/// What stands between the `AND`s, or the `OR`s, that follow each other: the parser makes a ladder of them, as deep as they are many.
pub(super) fn beside<'sql>(expr: &'sql Expr, joined_by: &BinaryOperator) -> Vec<&'sql Expr> {
    let (mut parts, mut rest) = (Vec::new(), expr);
    while let Expr::BinaryOp { left, op, right } = rest
        && op == joined_by
    {
        parts.push(&**right);
        rest = left;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// A part as the conditions of a rule are named: as the library writes it, which walks down each ladder.
pub(super) fn words_of(part: &Expr) -> String {
    match part {
        Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
            beside(part, op).into_iter().map(words_of).collect::<Vec<_>>().join(&format!(" {op} "))
        }
        Expr::Nested(inner) => format!("({})", words_of(inner)),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => format!("NOT {}", words_of(expr)),
        Expr::IsTrue(inner) => format!("{} IS TRUE", words_of(inner)),
        Expr::IsFalse(inner) => format!("{} IS FALSE", words_of(inner)),
        _ => part.to_string(),
    }
}

/// Where a part stands. The library's own walk is as deep as a ladder has steps, with more on the stack for each.
pub(super) fn span_of(expr: &Expr) -> Span {
    match expr {
        Expr::BinaryOp { left, right, .. } => span_of(left).union(&span_of(right)),
        Expr::Nested(inner)
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner) => span_of(inner),
        Expr::InList { expr, list, .. } => list.last().map_or(span_of(expr), |last| span_of(expr).union(&last.span())),
        Expr::Between { expr, high, .. } => span_of(expr).union(&span_of(high)),
        Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } | Expr::RLike { expr, pattern, .. } => {
            span_of(expr).union(&span_of(pattern))
        }
        _ => expr.span(),
    }
}

pub(super) fn offset(sql: &str, location: Location) -> usize {
    let line = usize::try_from(location.line).unwrap_or(1).max(1);
    let column = usize::try_from(location.column).unwrap_or(1).max(1);
    let start: usize = sql.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let within = sql[start.min(sql.len())..].char_indices().nth(column - 1).map_or(sql.len() - start, |(at, _)| at);
    start + within
}

pub(super) fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}
