use std::fmt;

use super::SchemaError;
use super::error::Kind;

/// The longest rule that is read, in bytes. The published ones are under 200.
pub const MAX_RULE_BYTES: usize = 4096;
/// The deepest nesting that is read.
pub const MAX_RULE_DEPTH: usize = 64;

/// A boolean rule over the fields of a form: a variable is true when that field has a non-empty value.
///
/// Kept in postfix order, so that it is evaluated in one pass without recursion: a rule of 4096 bytes has fewer than 4096 steps.
#[derive(Clone, PartialEq, Eq)]
pub struct Rule {
    keys: Vec<String>,
    steps: Vec<RuleStep>,
}

/// One step of a rule in postfix order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleStep {
    /// Is the field of this index filled?
    Filled(usize),
    Not,
    And,
    Or,
    /// An empty rule demands nothing.
    True,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    Open,
    Not,
    And,
    Or,
}

impl Pending {
    const fn binds(self) -> u8 {
        match self {
            Pending::Open => 0,
            Pending::Or => 1,
            Pending::And => 2,
            Pending::Not => 3,
        }
    }

    const fn step(self) -> Option<RuleStep> {
        match self {
            Pending::Open => None,
            Pending::Not => Some(RuleStep::Not),
            Pending::And => Some(RuleStep::And),
            Pending::Or => Some(RuleStep::Or),
        }
    }
}

impl Rule {
    /// Reads a rule over these field keys: `&&` binds closer than `||`, `!` closest; parentheses; blanks anywhere between.
    ///
    /// # Errors
    /// `schema.rule_*`, with the byte at which reading stopped.
    pub fn parse(text: &str, keys: &[&str]) -> Result<Rule, SchemaError> {
        if text.len() > MAX_RULE_BYTES {
            return Err(SchemaError::new(Kind::RuleTooLong));
        }
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let mut parser = Parser {
            keys: &keys,
            steps: Vec::new(),
            pending: Vec::new(),
            depth: 0,
            wants_value: true,
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let blanks = rest.len() - rest.trim_start().len();
            if blanks > 0 {
                at += blanks;
                continue;
            }
            let token = token(rest);
            parser.take(token, at)?;
            at += token.len();
        }
        let steps = parser.finish(text.len())?;
        Ok(Rule { keys, steps })
    }

    /// True when the rule holds; `filled` says of a field key whether it has a value.
    #[must_use]
    pub fn holds(&self, filled: &dyn Fn(&str) -> bool) -> bool {
        let values: Vec<bool> = self.keys.iter().map(|key| filled(key)).collect();
        self.holds_for(&values)
    }

    /// True when the rule holds for these values, in the order of the keys.
    pub(super) fn holds_for(&self, values: &[bool]) -> bool {
        let mut stack = Values {
            values: [false; MOST_VALUES],
            count: 0,
        };
        for step in &self.steps {
            let value = match step {
                RuleStep::Filled(index) => values.get(*index).copied().unwrap_or(false),
                RuleStep::True => true,
                RuleStep::Not => !stack.pop(),
                RuleStep::And => stack.pop() & stack.pop(),
                RuleStep::Or => stack.pop() | stack.pop(),
            };
            stack.push(value);
        }
        stack.pop()
    }

    pub(super) fn steps(&self) -> &[RuleStep] {
        &self.steps
    }

    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }
}

/// How many values may wait at once: at most [`MAX_RULE_DEPTH`] parentheses are open, and in each a value to the left of `||` and one to the left of `&&`
/// may wait. Twice as many as that.
const MOST_VALUES: usize = 256;

/// A stack of truth values that asks for no memory.
struct Values {
    values: [bool; MOST_VALUES],
    count: usize,
}

impl Values {
    fn push(&mut self, value: bool) {
        if let Some(place) = self.values.get_mut(self.count) {
            *place = value;
            self.count += 1;
        }
    }

    fn pop(&mut self) -> bool {
        self.count = self.count.saturating_sub(1);
        self.values.get(self.count).copied().unwrap_or(false)
    }
}

/// The longest piece of `rest` that is one token, or the first character where nothing fits.
fn token(rest: &str) -> &str {
    let two = rest.get(..2).filter(|two| *two == "&&" || *two == "||");
    let name_end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '$' || c == '_'))
        .unwrap_or(rest.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    two.or_else(|| rest.get(..name_end).filter(|name| !name.is_empty()))
        .or_else(|| rest.get(..one))
        .unwrap_or(rest)
}

/// Shunting-yard: no recursion, so that nesting can't exhaust the stack.
struct Parser<'a> {
    keys: &'a [String],
    steps: Vec<RuleStep>,
    pending: Vec<Pending>,
    depth: usize,
    wants_value: bool,
}

impl Parser<'_> {
    fn take(&mut self, token: &str, at: usize) -> Result<(), SchemaError> {
        let wrong = || SchemaError::new(Kind::RuleSyntax).at(token).position(at);
        match (token, self.wants_value) {
            ("(" | "!", true) => {
                self.depth += 1;
                if self.depth > MAX_RULE_DEPTH {
                    return Err(SchemaError::new(Kind::RuleTooDeep).position(at));
                }
                self.pending
                    .push(if token == "(" { Pending::Open } else { Pending::Not });
            }
            (")", false) => loop {
                match self.pending.pop() {
                    Some(Pending::Open) => {
                        self.depth = self.depth.saturating_sub(1);
                        self.negate();
                        break;
                    }
                    Some(operator) => self.steps.extend(operator.step()),
                    None => return Err(wrong()),
                }
            },
            ("&&", false) => self.operator(Pending::And),
            ("||", false) => self.operator(Pending::Or),
            (name, true) if name.starts_with(|c: char| c == '$' || c.is_ascii_alphabetic()) => {
                let Some(index) = self.keys.iter().position(|key| key == name) else {
                    return Err(SchemaError::new(Kind::RuleUnknownField).at(name).position(at));
                };
                self.steps.push(RuleStep::Filled(index));
                self.wants_value = false;
                self.negate();
            }
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// A value is complete: the `!`s before it apply to it.
    fn negate(&mut self) {
        while self.pending.last() == Some(&Pending::Not) {
            self.pending.pop();
            self.depth = self.depth.saturating_sub(1);
            self.steps.push(RuleStep::Not);
        }
    }

    fn operator(&mut self, operator: Pending) {
        while let Some(last) = self
            .pending
            .last()
            .filter(|last| last.binds() >= operator.binds())
        {
            self.steps.extend(last.step());
            self.pending.pop();
        }
        self.pending.push(operator);
        self.wants_value = true;
    }

    fn finish(mut self, end: usize) -> Result<Vec<RuleStep>, SchemaError> {
        if self.steps.is_empty() && self.pending.is_empty() {
            return Ok(vec![RuleStep::True]);
        }
        let wrong = || SchemaError::new(Kind::RuleSyntax).position(end);
        if self.wants_value {
            return Err(wrong());
        }
        while let Some(operator) = self.pending.pop() {
            self.steps.push(operator.step().ok_or_else(wrong)?);
        }
        Ok(self.steps)
    }
}

impl fmt::Display for Rule {
    /// The rule with the parentheses that it needs, so that what was read can be read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each text with how closely its outermost operator binds.
        let mut stack: Vec<(String, u8)> = Vec::new();
        let within = |(text, binds): (String, u8), least: u8| match binds < least {
            true => format!("({text})"),
            false => text,
        };
        for step in &self.steps {
            let next = match step {
                RuleStep::Filled(index) => (self.keys.get(*index).cloned().unwrap_or_default(), u8::MAX),
                RuleStep::True => (String::new(), u8::MAX),
                RuleStep::Not => {
                    let binds = Pending::Not.binds();
                    let inner = within(stack.pop().unwrap_or_default(), binds);
                    (format!("!{inner}"), binds)
                }
                RuleStep::And | RuleStep::Or => {
                    let (sign, binds) = match step {
                        RuleStep::And => ("&&", Pending::And.binds()),
                        _ => ("||", Pending::Or.binds()),
                    };
                    let (right, left) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                    (
                        format!("{} {sign} {}", within(left, binds), within(right, binds)),
                        binds,
                    )
                }
            };
            stack.push(next);
        }
        f.write_str(&stack.pop().unwrap_or_default().0)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({self})")
    }
}
