//! `validazione`, `validation`: which fields must be filled, as a boolean rule over their keys (`$0` in
//! Visengine, `field0` in DocuEngine).

/// A parsed rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// True when the field has a value.
    Field(String),
    /// True when the inner rule is not.
    Not(Box<Rule>),
    /// True when all are.
    All(Vec<Rule>),
    /// True when one is.
    Any(Vec<Rule>),
}

/// Deeper nesting than any published rule; a limit so that reading one can't exhaust the stack.
const MAX_DEPTH: usize = 32;

impl Rule {
    /// Reads a rule; an empty one asks for nothing. `None` when it can't be read.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Some(Self::All(Vec::new()));
        }
        let mut parser = Parser {
            tokens: &tokens,
            at: 0,
        };
        let rule = parser.any(0)?;
        (parser.at == tokens.len()).then_some(rule)
    }

    /// Whether the rule holds, given which fields are filled.
    pub(crate) fn holds(&self, filled: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Field(key) => filled(key),
            Self::Not(inner) => !inner.holds(filled),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(filled)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(filled)),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Field(&'a str),
    And,
    Or,
    Not,
    Open,
    Close,
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, len) = if rest.starts_with("&&") {
            (Token::And, 2)
        } else if rest.starts_with("||") {
            (Token::Or, 2)
        } else if rest.starts_with('!') {
            (Token::Not, 1)
        } else if rest.starts_with('(') {
            (Token::Open, 1)
        } else if rest.starts_with(')') {
            (Token::Close, 1)
        } else {
            let prefix = ["$", "field"]
                .into_iter()
                .find(|prefix| rest.starts_with(prefix))?;
            let digits = rest
                .bytes()
                .skip(prefix.len())
                .take_while(u8::is_ascii_digit)
                .count();
            let len = prefix.len() + digits;
            (Token::Field(rest.get(..len).filter(|_| digits > 0)?), len)
        };
        found.push(token);
        rest = rest.get(len..)?.trim_start();
    }
    Some(found)
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
}

impl Parser<'_> {
    fn eat(&mut self, wanted: &Token<'_>) -> bool {
        let eaten = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(eaten);
        eaten
    }

    fn any(&mut self, depth: usize) -> Option<Rule> {
        let mut rules = vec![self.all(depth)?];
        while self.eat(&Token::Or) {
            rules.push(self.all(depth)?);
        }
        if rules.len() == 1 {
            rules.pop()
        } else {
            Some(Rule::Any(rules))
        }
    }

    fn all(&mut self, depth: usize) -> Option<Rule> {
        let mut rules = vec![self.term(depth)?];
        while self.eat(&Token::And) {
            rules.push(self.term(depth)?);
        }
        if rules.len() == 1 {
            rules.pop()
        } else {
            Some(Rule::All(rules))
        }
    }

    fn term(&mut self, depth: usize) -> Option<Rule> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.eat(&Token::Not) {
            return Some(Rule::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.eat(&Token::Open) {
            let inner = self.any(depth + 1)?;
            return self.eat(&Token::Close).then_some(inner);
        }
        let Some(Token::Field(key)) = self.tokens.get(self.at) else {
            return None;
        };
        self.at += 1;
        Some(Rule::Field((*key).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_rule_lets_the_mandate_be_missing() {
        let rule = Rule::parse(" ($0 && $1 && $7)  || ( $0 &&$1)  ").unwrap();
        assert!(rule.holds(&|key| key != "$7"));
        assert!(!rule.holds(&|key| key != "$1"));
    }

    #[test]
    fn an_empty_rule_asks_for_nothing_and_a_broken_one_is_noticed() {
        assert!(Rule::parse("  ").unwrap().holds(&|_| false));
        assert!(Rule::parse("!$0").unwrap().holds(&|_| false));
        assert!(
            Rule::parse("field0 || (field0 && field12)")
                .unwrap()
                .holds(&|key| key == "field0")
        );
        for broken in [
            "$",
            "field",
            "field0 field1",
            "$0 &&",
            "($0",
            "$0 $1",
            "$0 & $1",
            "alert(1)",
        ] {
            assert_eq!(Rule::parse(broken), None, "{broken}");
        }
        assert_eq!(Rule::parse(&"(".repeat(10_000)), None);
    }
}
