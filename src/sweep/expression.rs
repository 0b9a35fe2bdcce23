//! A small language for conditions on a trial: `fast < slow and sizing == fixed`, `trades >= 30 and not sharpe < 1`.
//!
//! Numbers, names, `+ - * /`, the six comparisons, `and`, `or`, `not`, parentheses. A name that is no column stands for
//! itself, so that words need no quotes. A comparison with a value that is undefined is false.

use crate::error::{Fault, Result};
use rust_decimal::Decimal;

/// A value of a column or of a part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number that was calculated.
    Number(f64),
    /// A number as it was written: sums and products of such numbers are exact.
    Exact {
        /// The number.
        decimal: Decimal,
        /// The float nearest to it, for meeting numbers that were calculated.
        real: f64,
    },
    /// A word.
    Word(String),
    /// What is not defined.
    Missing,
}

impl Value {
    /// A number where the text is one, else a word.
    pub fn of(text: &str) -> Self {
        let Ok(real) = text.parse::<f64>() else { return Value::Word(text.to_owned()) };
        let decimal = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        decimal.map_or(Value::Number(real), |decimal| Value::Exact { decimal, real })
    }

    /// The number; none of a word and of what is not defined.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) | Value::Exact { real: number, .. } => Some(*number),
            Value::Word(_) | Value::Missing => None,
        }
    }

    /// The number, also where it stands as a word in a column of words.
    fn as_read(&self) -> Option<f64> {
        match self {
            Value::Word(word) => word.parse().ok(),
            Value::Number(_) | Value::Exact { .. } | Value::Missing => self.number(),
        }
    }
}

/// More parts than this are no condition that somebody wrote.
const TOKENS_MAX: usize = 1_000;
/// Parentheses and `not` within each other: each level takes room on the stack.
const DEPTH_MAX: usize = 100;

/// A condition that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Value(Value),
    Name(String),
    Negative(Box<Node>),
    Sum(Box<Node>, Arithmetic, Box<Node>),
    Compare(Box<Node>, Comparison, Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

/// What a text is made of.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Value),
    Word(String),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["<=", ">=", "==", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")"];

impl Condition {
    /// Understands a condition. `columns` are the names that may stand in it for values.
    ///
    /// # Errors
    /// When it is none: says where.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |message: String| {
            Fault::user(format!("the condition '{text}': {message}")).remedy(
                "write it as 'fast < slow', 'trades >= 30 and drawdown < 0.2', 'sizing == fixed or not trades < 5'",
            )
        };
        let mut parser = Parser { tokens: tokens(text).map_err(wrong)?, at: 0, depth: 0 };
        let root = parser.either().map_err(wrong)?;
        match parser.tokens.get(parser.at) {
            Some(rest) => Err(wrong(format!("nothing may follow before {}", shown(rest)))),
            None if root.is_condition() => Ok(Condition { root }),
            None => Err(wrong("it compares nothing".to_owned())),
        }
    }

    /// The names that stand in it: columns, or words that stand for themselves.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }

    /// Whether it holds when `column` tells the values of the names that are columns.
    pub fn holds(&self, column: &dyn Fn(&str) -> Option<Value>) -> bool {
        self.root.holds(column)
    }
}

impl Node {
    fn is_condition(&self) -> bool {
        match self {
            Node::Value(_) | Node::Name(_) | Node::Negative(_) | Node::Sum(..) => false,
            Node::Compare(..) => true,
            Node::Not(inner) => inner.is_condition(),
            Node::And(left, right) | Node::Or(left, right) => left.is_condition() && right.is_condition(),
        }
    }

    fn names<'n>(&'n self, names: &mut Vec<&'n str>) {
        match self {
            Node::Value(_) => {}
            Node::Name(name) => names.push(name),
            Node::Negative(inner) | Node::Not(inner) => inner.names(names),
            Node::Sum(left, _, right)
            | Node::Compare(left, _, right)
            | Node::And(left, right)
            | Node::Or(left, right) => {
                left.names(names);
                right.names(names);
            }
        }
    }

    fn holds(&self, column: &dyn Fn(&str) -> Option<Value>) -> bool {
        match self {
            Node::Value(_) | Node::Name(_) | Node::Negative(_) | Node::Sum(..) => false,
            Node::Not(inner) => !inner.holds(column),
            Node::And(left, right) => left.holds(column) && right.holds(column),
            Node::Or(left, right) => left.holds(column) || right.holds(column),
            Node::Compare(left, comparison, right) => compare(&left.value(column), *comparison, &right.value(column)),
        }
    }

    fn value(&self, column: &dyn Fn(&str) -> Option<Value>) -> Value {
        match self {
            Node::Value(value) => value.clone(),
            Node::Name(name) => column(name).unwrap_or_else(|| Value::Word(name.clone())),
            Node::Negative(inner) => match inner.value(column) {
                Value::Number(number) => Value::Number(-number),
                Value::Exact { decimal, real } => Value::Exact { decimal: -decimal, real: -real },
                Value::Word(_) | Value::Missing => Value::Missing,
            },
            Node::Sum(left, arithmetic, right) => arithmetic.of(&left.value(column), &right.value(column)),
            Node::Compare(..) | Node::Not(_) | Node::And(..) | Node::Or(..) => Value::Missing,
        }
    }
}

impl Arithmetic {
    /// Exact where both numbers are and the result is one that a decimal holds.
    fn of(self, left: &Value, right: &Value) -> Value {
        if let (Value::Exact { decimal: left, .. }, Value::Exact { decimal: right, .. }) = (left, right) {
            let exact = match self {
                Arithmetic::Plus => left.checked_add(*right),
                Arithmetic::Minus => left.checked_sub(*right),
                Arithmetic::Times => left.checked_mul(*right),
                Arithmetic::Over => left.checked_div(*right),
            };
            if let Some(decimal) = exact {
                return Value::of(&decimal.to_string());
            }
        }
        let (Some(left), Some(right)) = (left.number(), right.number()) else { return Value::Missing };
        Value::Number(match self {
            Arithmetic::Plus => left + right,
            Arithmetic::Minus => left - right,
            Arithmetic::Times => left * right,
            Arithmetic::Over => left / right,
        })
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Exact { decimal: left, .. }, Value::Exact { decimal: right, .. }) => Some(left.cmp(right)),
        (Value::Word(left), Value::Word(right)) => Some(left.cmp(right)),
        (left, right) => match (left.as_read(), right.as_read()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            (_, _) => None,
        },
    };
    let Some(order) = order else { return false };
    match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::More => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
        Comparison::Equal => order.is_eq(),
        Comparison::Unequal => order.is_ne(),
    }
}

fn tokens(text: &str) -> std::result::Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |belongs: fn(char) -> bool| rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
        let taken = if first.is_ascii_digit() || first == '.' {
            let taken = length(|letter| letter.is_ascii_alphanumeric() || letter == '.');
            let number = Value::of(&rest[..taken]);
            if number.number().is_none() {
                return Err(format!("'{}' is no number", &rest[..taken]));
            }
            tokens.push(Token::Number(number));
            taken
        } else if first.is_alphabetic() || first == '_' {
            let taken = length(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'));
            tokens.push(Token::Word(rest[..taken].to_owned()));
            taken
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            return Err(format!("'{first}' belongs to no condition"));
        };
        if tokens.len() > TOKENS_MAX {
            return Err(format!("it has more than {TOKENS_MAX} parts"));
        }
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => number.number().map_or_else(String::new, |number| number.to_string()),
        Token::Word(word) => format!("'{word}'"),
        Token::Sign(sign) => format!("'{sign}'"),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed = std::result::Result<Node, String>;

impl Parser {
    fn takes_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.at), Some(Token::Word(next)) if next == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn takes_sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let Some(Token::Sign(next)) = self.tokens.get(self.at) else { return None };
        let found = signs.iter().find(|sign| *sign == next).copied();
        self.at += usize::from(found.is_some());
        found
    }

    /// What stands within a parenthesis, a `not` or a minus.
    fn within(&mut self, inner: fn(&mut Self) -> Parsed) -> Parsed {
        if self.depth == DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} parentheses, 'not' or '-' stand within each other"));
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn either(&mut self) -> Parsed {
        let mut left = self.both()?;
        while self.takes_word("or") {
            left = Node::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Parsed {
        let mut left = self.negation()?;
        while self.takes_word("and") {
            left = Node::And(Box::new(left), Box::new(self.negation()?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed {
        if self.takes_word("not") {
            return Ok(Node::Not(Box::new(self.within(Self::negation)?)));
        }
        let left = self.sum()?;
        let Some(sign) = self.takes_sign(&["<=", ">=", "==", "!=", "<", ">", "="]) else { return Ok(left) };
        let comparison = match sign {
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            ">=" => Comparison::AtLeast,
            "!=" => Comparison::Unequal,
            _ => Comparison::Equal,
        };
        Ok(Node::Compare(Box::new(left), comparison, Box::new(self.sum()?)))
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(sign) = self.takes_sign(&["+", "-"]) {
            let arithmetic = if sign == "+" { Arithmetic::Plus } else { Arithmetic::Minus };
            left = Node::Sum(Box::new(left), arithmetic, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.atom()?;
        while let Some(sign) = self.takes_sign(&["*", "/"]) {
            let arithmetic = if sign == "*" { Arithmetic::Times } else { Arithmetic::Over };
            left = Node::Sum(Box::new(left), arithmetic, Box::new(self.atom()?));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Parsed {
        if self.takes_sign(&["-"]).is_some() {
            return Ok(Node::Negative(Box::new(self.within(Self::atom)?)));
        }
        if self.takes_sign(&["("]).is_some() {
            let inner = self.within(Self::either)?;
            return match self.takes_sign(&[")"]) {
                Some(_) => Ok(inner),
                None => Err("a parenthesis is not closed".to_owned()),
            };
        }
        let Some(token) = self.tokens.get(self.at).cloned() else { return Err("it ends too soon".to_owned()) };
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Node::Value(number)),
            Token::Word(word) if ["and", "or", "not"].contains(&word.as_str()) => {
                Err(format!("'{word}' stands where a value should"))
            }
            Token::Word(word) => Ok(Node::Name(word)),
            Token::Sign(sign) => Err(format!("'{sign}' stands where a value should")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(name: &str) -> Option<Value> {
        match name {
            "fast" => Some(Value::Number(10.0)),
            "slow" => Some(Value::Number(50.0)),
            "sizing" => Some(Value::Word("fixed".to_owned())),
            "sharpe" => Some(Value::Missing),
            "third" => Some(Value::of("0.4")),
            _ => None,
        }
    }

    fn holds(text: &str) -> bool {
        Condition::parse(text).unwrap().holds(&columns)
    }

    #[test]
    fn conditions_hold_as_read() {
        for text in [
            "fast < slow",
            "fast*5 == slow",
            "fast * 2 + 30 = slow and sizing == fixed",
            "not fast > slow",
            "fast > slow or (slow >= 50 and slow <= 5e1)",
            "-fast < 0",
            "slow - fast - 10 == 30",
            "sizing != equity",
            "not sharpe > 0",
            // Floats would miss these.
            "0.1 + 0.2 == 0.3",
            "0.1 * 3 = 0.3 and 1.1 - 1 == 0.1",
            "third * 3 == 1.2",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in ["fast > slow", "sharpe > 0", "sharpe <= 0", "sizing == equity", "slow / 0 < 1", "sizing < 3"] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused_with_its_place() {
        for (text, says) in [
            ("fast <", "ends too soon"),
            ("fast", "compares nothing"),
            ("fast < slow slow", "'slow'"),
            ("(fast < slow", "not closed"),
            ("fast < 1.2.3", "'1.2.3' is no number"),
            ("fast & slow", "'&'"),
            ("and fast < slow", "'and'"),
            ("fast < * 2", "'*'"),
            ("", "ends too soon"),
        ] {
            let fault = Condition::parse(text).unwrap_err();
            assert!(fault.to_string().contains(says), "{text}: {fault}");
            assert_eq!(fault.exit_code(), 2);
        }
    }

    #[test]
    fn what_would_overflow_the_stack_is_refused() {
        let nested = |depth: usize| format!("{}1 < 2{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Condition::parse(&nested(DEPTH_MAX)).unwrap().holds(&columns));
        for text in [
            nested(DEPTH_MAX + 1),
            nested(200_000),
            format!("{} 1 < 2", "not ".repeat(DEPTH_MAX + 1)),
            format!("{}1 < 2", "-".repeat(DEPTH_MAX + 1)),
            format!("1 < 2{}", " and 1 < 2".repeat(200_000)),
        ] {
            let fault = Condition::parse(&text).unwrap_err().to_string();
            assert!(fault.contains("more than"), "{fault}");
        }
    }

    #[test]
    fn names_are_those_that_stand_in_it() {
        assert_eq!(Condition::parse("a < b and not c == word").unwrap().names(), ["a", "b", "c", "word"]);
    }
}
