use super::rule::{Rule, RuleStep};

/// How many sets of missing fields a report names.
const NAMED_SETS: usize = 8;
/// How many alternatives are followed at once, and how much comparing one question may cost: twenty pairs of alternatives have a million
/// sets, and nobody reads them.
const MAX_ALTERNATIVES: usize = 64;
const MAX_WORK: usize = 400_000;

/// What the rule really demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements {
    required: Vec<bool>,
    /// Ways to make the rule true from nothing, where it has few: each is enough by itself.
    ways: Vec<Way>,
    /// Fields that some ways fill and others do not, or that some ways leave empty.
    alternatives: u128,
    /// Fields that some ways leave empty.
    clashing: u128,
}

/// What would have to change for the rule to hold. Fields by their index in the form, in display order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The smallest sets of fields that would complete the answers, smallest first; any one of them is enough.
    pub sets: Vec<Vec<usize>>,
    /// How many more such sets were found and are not named; at least 1 when they were too many to be worked out.
    pub more: u32,
    /// Where the sets were too many: groups that must each be satisfied, with the alternatives of each.
    pub groups: Vec<Vec<Vec<usize>>>,
    /// Fields that are filled and must be empty in every alternative.
    pub must_be_empty: Vec<usize>,
}

/// One way to make a part of the rule true: fields to fill, fields to leave empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    fill: u128,
    empty: u128,
}

impl Way {
    fn includes(self, other: Way) -> bool {
        self.fill & other.fill == other.fill && self.empty & other.empty == other.empty
    }
}

/// The ways to make a part of the rule true.
#[derive(Clone)]
enum Ways {
    /// Any one of these.
    Any(Vec<Way>),
    /// One of each, too many to be multiplied out.
    EachOf(Vec<Vec<Way>>),
}

impl Requirements {
    /// Works out which fields the rule can't do without.
    pub(crate) fn of(rule: &Rule) -> Requirements {
        let required = (0..rule.keys().len())
            .map(|field| !possible_without(rule, field, &[]))
            .collect();
        let (ways, groups) = match ways(rule, 0) {
            Ways::Any(ways) if rule.keys().len() <= 128 => (ways, Vec::new()),
            Ways::EachOf(groups) if rule.keys().len() <= 128 => (Vec::new(), groups),
            // Of so many fields each may be anything.
            _ => {
                return Requirements {
                    required,
                    ways: Vec::new(),
                    alternatives: u128::MAX,
                    clashing: u128::MAX,
                };
            }
        };
        let groups = || std::iter::once(&ways).chain(&groups);
        let clashing = groups().flatten().fold(0, |all, way| all | way.empty);
        let alternatives = groups().fold(clashing, |all, group| {
            let some = group.iter().fold(0, |some, way| some | way.fill);
            let every = group.iter().fold(u128::MAX, |every, way| every & way.fill);
            all | some & !every
        });
        Requirements {
            required,
            alternatives,
            clashing,
            ways,
        }
    }

    /// True when the rule makes this field an alternative to others, or forbids it beside others.
    pub(crate) fn is_alternative(&self, field: usize) -> bool {
        has(self.alternatives, field)
    }

    /// True when the rule may want this field to be empty.
    pub(crate) fn may_clash(&self, field: usize) -> bool {
        has(self.clashing, field)
    }

    /// True when the rule may want any field to be empty.
    pub(crate) fn clash(&self) -> bool {
        self.clashing != 0
    }

    /// Which fields are demanded now, in display order: the rule can't hold without them while the others that are filled stay so. Where it can't hold at
    /// all, because something is filled that must be empty, those that are demanded in any case.
    pub(crate) fn required_now(rule: &Rule, filled: &[bool]) -> Vec<bool> {
        let fields = rule.keys().len();
        let filled = if possible_without(rule, fields, filled) {
            filled
        } else {
            &[]
        };
        (0..fields)
            .map(|field| !possible_without(rule, field, filled))
            .collect()
    }

    /// True when the rule surely holds; `filled` in the form's display order. What most people hand in is seen to be enough without evaluating the rule.
    pub(crate) fn surely_hold(&self, filled: &[bool]) -> bool {
        let filled = filled
            .iter()
            .take(128)
            .rev()
            .fold(0u128, |mask, filled| mask << 1 | u128::from(*filled));
        self.ways
            .iter()
            .any(|way| way.fill & filled == way.fill && way.empty & filled == 0)
    }

    /// True when no answers can satisfy the rule without this field.
    #[must_use]
    pub fn is_required(&self, field: usize) -> bool {
        self.required.get(field).copied().unwrap_or(false)
    }

    /// What is missing; `filled` in the form's display order. In bounded work whatever the rule.
    #[must_use]
    pub fn missing(rule: &Rule, filled: &[bool]) -> Missing {
        if rule.holds_for(filled) {
            return Missing::default();
        }
        // The published forms have at most some twenty fields; beyond 128 the required ones are named one by one.
        if rule.keys().len() > 128 {
            let absent = |field: &usize| {
                !filled.get(*field).copied().unwrap_or(false) && !possible_without(rule, *field, &[])
            };
            let set: Vec<usize> = (0..rule.keys().len()).filter(absent).collect();
            return Missing {
                sets: vec![set],
                more: 1,
                ..Missing::default()
            };
        }
        let have = mask(
            filled
                .iter()
                .enumerate()
                .filter(|(_, filled)| **filled)
                .map(|(field, _)| field),
        );
        match ways(rule, have) {
            Ways::Any(mut ways) => {
                let reachable: Vec<Way> = ways.iter().copied().filter(|way| way.empty & have == 0).collect();
                if reachable.is_empty() {
                    sort(&mut ways, &|way| {
                        let clashes = (way.empty & have).count_ones();
                        (clashes << 8 | way.fill.count_ones(), way.fill)
                    });
                    let nearest = ways.first().copied().unwrap_or(Way { fill: 0, empty: 0 });
                    let mut missing = Missing::default();
                    if nearest.fill != 0 {
                        missing.sets.push(fields(nearest.fill));
                    }
                    missing.must_be_empty = fields(nearest.empty & have);
                    return missing;
                }
                named(&reachable)
            }
            Ways::EachOf(groups) => {
                let mut missing = Missing {
                    more: 1,
                    ..Missing::default()
                };
                for group in groups {
                    let open: Vec<Way> = group.into_iter().filter(|way| way.empty & have == 0).collect();
                    if !open.iter().any(|way| way.fill == 0) {
                        missing.groups.push(named(&open).sets);
                    }
                }
                missing
            }
        }
    }
}

fn has(mask: u128, field: usize) -> bool {
    u32::try_from(field)
        .ok()
        .and_then(|field| mask.checked_shr(field))
        .is_none_or(|rest| rest & 1 == 1)
}

/// True when the rule can hold while this field is empty and the others that are `filled` stay so. Fields that must be empty elsewhere are taken to be so.
fn possible_without(rule: &Rule, field: usize, filled: &[bool]) -> bool {
    // Each part with whether it can be made true and whether it can be made false, every other field being free.
    let mut stack: Vec<(bool, bool)> = Vec::with_capacity(16);
    for step in rule.steps() {
        let part = match step {
            RuleStep::True => (true, false),
            RuleStep::Filled(index) if *index == field => (false, true),
            RuleStep::Filled(index) => (true, !filled.get(*index).copied().unwrap_or(false)),
            RuleStep::Not => {
                let (can_hold, can_fail) = stack.pop().unwrap_or_default();
                (can_fail, can_hold)
            }
            RuleStep::And | RuleStep::Or => {
                let (right, left) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                if *step == RuleStep::And {
                    (left.0 && right.0, left.1 || right.1)
                } else {
                    (left.0 || right.0, left.1 && right.1)
                }
            }
        };
        stack.push(part);
    }
    stack.pop().unwrap_or_default().0
}

/// Every smallest way to make the rule true from what is filled already.
fn ways(rule: &Rule, have: u128) -> Ways {
    let mut work = 0;
    let mut stack: Vec<(Ways, Ways)> = Vec::with_capacity(16);
    let nothing = || Ways::Any(vec![]);
    for step in rule.steps() {
        let part = match step {
            RuleStep::True => (Ways::Any(vec![Way { fill: 0, empty: 0 }]), nothing()),
            RuleStep::Filled(index) => {
                let bit = 1u128
                    .checked_shl(u32::try_from(*index).unwrap_or(u32::MAX))
                    .unwrap_or(0);
                (
                    Ways::Any(vec![Way {
                        fill: bit & !have,
                        empty: 0,
                    }]),
                    Ways::Any(vec![Way { fill: 0, empty: bit }]),
                )
            }
            RuleStep::Not => {
                let (holds, fails) = stack.pop().unwrap_or((nothing(), nothing()));
                (fails, holds)
            }
            RuleStep::And | RuleStep::Or => {
                let right = stack.pop().unwrap_or((nothing(), nothing()));
                let left = stack.pop().unwrap_or((nothing(), nothing()));
                if *step == RuleStep::And {
                    (
                        both(left.0, right.0, &mut work),
                        either(left.1, right.1, &mut work),
                    )
                } else {
                    (
                        either(left.0, right.0, &mut work),
                        both(left.1, right.1, &mut work),
                    )
                }
            }
        };
        stack.push(part);
    }
    stack.pop().map_or_else(nothing, |(holds, _)| holds)
}

fn either(left: Ways, right: Ways, work: &mut usize) -> Ways {
    match (left, right) {
        (Ways::Any(mut left), Ways::Any(right)) => {
            for way in right {
                insert(&mut left, way, work);
            }
            sort(&mut left, &|way| (way.fill.count_ones(), way.fill));
            left.truncate(MAX_ALTERNATIVES * 2);
            Ways::Any(left)
        }
        // One side is too much to say; the other is a way all the same.
        (Ways::Any(ways), groups) | (groups, Ways::Any(ways)) => {
            if ways.is_empty() {
                groups
            } else {
                Ways::Any(ways)
            }
        }
        (Ways::EachOf(left), Ways::EachOf(right)) => {
            Ways::EachOf(if left.len() <= right.len() { left } else { right })
        }
    }
}

fn both(left: Ways, right: Ways, work: &mut usize) -> Ways {
    match (left, right) {
        (Ways::Any(left), Ways::Any(right)) => {
            if left.len() * right.len() > MAX_ALTERNATIVES || *work > MAX_WORK {
                return Ways::EachOf(vec![left, right]);
            }
            let mut product = Vec::with_capacity(left.len() * right.len());
            for one in &left {
                for other in &right {
                    let way = Way {
                        fill: one.fill | other.fill,
                        empty: one.empty | other.empty,
                    };
                    if way.fill & way.empty == 0 {
                        insert(&mut product, way, work);
                    }
                }
            }
            Ways::Any(product)
        }
        (Ways::EachOf(mut groups), Ways::Any(ways)) | (Ways::Any(ways), Ways::EachOf(mut groups)) => {
            groups.push(ways);
            Ways::EachOf(groups)
        }
        (Ways::EachOf(mut left), Ways::EachOf(right)) => {
            left.extend(right);
            Ways::EachOf(left)
        }
    }
}

/// Adds a way unless a smaller one is there; drops those that it makes needless.
fn insert(ways: &mut Vec<Way>, way: Way, work: &mut usize) {
    *work += ways.len() + 1;
    if (*work > MAX_WORK && !ways.is_empty()) || ways.iter().any(|known| way.includes(*known)) {
        return;
    }
    ways.retain(|known| !known.includes(way));
    ways.push(way);
}

/// The ways to choose from, by what they fill: what must stay empty is empty in every one of them.
fn named(ways: &[Way]) -> Missing {
    let mut chosen: Vec<Way> = Vec::new();
    for way in ways {
        let has_less = |less: &Way| less.fill != way.fill && way.fill & less.fill == less.fill;
        let is_known = |known: &Way| known.fill == way.fill;
        if !ways.iter().any(has_less) && !chosen.iter().any(is_known) {
            chosen.push(*way);
        }
    }
    sort(&mut chosen, &|way| {
        (way.fill.count_ones(), way.fill.reverse_bits() ^ u128::MAX)
    });
    let mut missing = Missing::default();
    for way in &chosen {
        if missing.sets.len() < NAMED_SETS {
            missing.sets.push(fields(way.fill));
        } else {
            missing.more += 1;
        }
    }
    missing
}

/// Sorts a few ways; those of one rank stay as they stand.
fn sort(ways: &mut [Way], rank: &dyn Fn(&Way) -> (u32, u128)) {
    for index in 1..ways.len() {
        let mut at = index;
        while let [.., before, own] = ways.get_mut(..=at).unwrap_or_default() {
            if rank(before) <= rank(own) {
                break;
            }
            std::mem::swap(before, own);
            at -= 1;
        }
    }
}

fn mask(fields: impl Iterator<Item = usize>) -> u128 {
    fields.fold(0, |mask, field| {
        mask | 1u128
            .checked_shl(u32::try_from(field).unwrap_or(u32::MAX))
            .unwrap_or(0)
    })
}

fn fields(mask: u128) -> Vec<usize> {
    let mut fields = Vec::new();
    let mut rest = mask;
    while rest != 0 {
        fields.push(rest.trailing_zeros() as usize);
        rest &= rest - 1;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick look is never wrong, and of rules with few ways it is all there is to know.
    #[test]
    fn what_surely_holds_holds() {
        let keys = ["$0", "$1", "$2", "$3", "$4"];
        for text in [
            "",
            "$0",
            "!$0",
            "$0 && !$0",
            "$0 || !$0",
            "($0 && $1) || $2",
            "$0 && ($1 || $2 || $3) && !$4",
            "!($0 || $1) && ($2 || !$3)",
            "($0 && $1 && $2 && $3) || ($0 && $1 && $2)",
        ] {
            let rule = Rule::parse(text, &keys).unwrap();
            let requirements = Requirements::of(&rule);
            for filled in 0..32u32 {
                let filled: Vec<bool> = (0..5).map(|bit| filled >> bit & 1 == 1).collect();
                assert_eq!(
                    requirements.surely_hold(&filled),
                    rule.holds_for(&filled),
                    "{text} {filled:?}"
                );
            }
        }
    }
}
