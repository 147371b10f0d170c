use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::http::Failure;

/// How free calls are repeated: capped exponential backoff with full jitter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times one call is sent at the most.
    pub attempts: u32,
    /// The first wait is between 0 and this, milliseconds; it doubles with every further one.
    pub base_ms: u64,
    /// No wait of our own is longer, milliseconds.
    pub cap_ms: u64,
    /// A `Retry-After` is honoured up to this, milliseconds; a longer one ends the call.
    pub retry_after_ceiling_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            attempts: 5,
            base_ms: 500,
            cap_ms: 8_000,
            retry_after_ceiling_ms: 60_000,
        }
    }
}

/// The retries that all calls of a client may spend together, so that a provider in trouble is not buried.
///
/// A bucket of 500 tokens: a retry takes 5, one after a timeout 10, a success gives 1 back.
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<AtomicU32>);

impl RetryBudget {
    /// The tokens of a full bucket.
    pub const FULL: u32 = 500;

    fn take(&self, tokens: u32) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| {
                have.checked_sub(tokens)
            })
            .is_ok()
    }

    fn give(&self, tokens: u32) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| {
            Some(have.saturating_add(tokens).min(Self::FULL))
        });
    }

    /// A bucket of its own that holds as much.
    pub(crate) fn detached(&self) -> RetryBudget {
        RetryBudget(Arc::new(AtomicU32::new(self.left())))
    }

    /// How many tokens are left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for RetryBudget {
    fn default() -> RetryBudget {
        RetryBudget(Arc::new(AtomicU32::new(Self::FULL)))
    }
}

/// The retries of one call.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    policy: RetryPolicy,
    budget: RetryBudget,
    sent: u32,
    random: u64,
}

impl Retry {
    pub(crate) fn new(policy: RetryPolicy, budget: RetryBudget, seed: u64) -> Retry {
        Retry {
            policy,
            budget,
            sent: 1,
            random: seed,
        }
    }

    /// How long to wait before the call is sent again; `None` when it is not.
    pub(crate) fn again(&mut self, failure: Option<Failure>, retry_after: Option<u64>) -> Option<u64> {
        let cost = if failure == Some(Failure::Timeout) { 10 } else { 5 };
        if self.sent >= self.policy.attempts || !self.budget.take(cost) {
            return None;
        }
        let ceiling = (self.policy.base_ms << (self.sent - 1).min(16)).min(self.policy.cap_ms);
        self.sent += 1;
        match retry_after {
            Some(wait) if wait > self.policy.retry_after_ceiling_ms => None,
            Some(wait) => Some(wait.saturating_add(self.jitter(self.policy.base_ms / 4))),
            None => Some(self.jitter(ceiling)),
        }
    }

    /// How many times the call was sent.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    /// Spends from this bucket from now on.
    pub(crate) fn spend_from(&mut self, budget: &RetryBudget) {
        self.budget = budget.clone();
    }

    pub(crate) fn succeeded(&self) {
        self.budget.give(1);
    }

    /// 0 to `ceiling`, by splitmix64: any seed will do, and the same seed gives the same waits.
    fn jitter(&mut self, ceiling: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % (ceiling + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_under_the_doubling_ceiling_and_end() {
        for seed in 0..200 {
            let mut retry = Retry::new(RetryPolicy::default(), RetryBudget::default(), seed);
            let waits: Vec<u64> = std::iter::from_fn(|| retry.again(None, None)).collect();
            assert_eq!(waits.len(), 4);
            for (wait, ceiling) in waits.iter().zip([500, 1000, 2000, 4000]) {
                assert!(wait <= &ceiling, "{wait} over {ceiling}");
            }
        }
    }

    #[test]
    fn a_retry_after_is_honoured_up_to_its_ceiling() {
        let mut retry = Retry::new(RetryPolicy::default(), RetryBudget::default(), 1);
        assert!(retry.again(None, Some(30_000)).unwrap() >= 30_000);
        assert_eq!(retry.again(None, Some(61_000)), None);
    }

    #[test]
    fn an_empty_budget_ends_every_call() {
        let budget = RetryBudget::default();
        let mut spent = 0;
        while Retry::new(RetryPolicy::default(), budget.clone(), spent)
            .again(None, None)
            .is_some()
        {
            spent += 1;
        }
        assert_eq!(spent, 100);
        budget.give(5);
        assert!(
            Retry::new(RetryPolicy::default(), budget, 0)
                .again(None, None)
                .is_some()
        );
    }

    /// The published first numbers of splitmix64 from the seed 0.
    #[test]
    fn the_jitter_is_splitmix64() {
        let mut retry = Retry::new(RetryPolicy::default(), RetryBudget::default(), 0);
        let drawn: Vec<u64> = (0..3).map(|_| retry.jitter(u64::MAX - 1)).collect();
        assert_eq!(
            drawn,
            [
                0xE220_A839_7B1D_CDAF,
                0x6E78_9E6A_A1B9_65F4,
                0x06C4_5D18_8009_454F
            ]
        );
        // Up to the ceiling and not beyond it.
        let small: std::collections::BTreeSet<u64> = (0..200).map(|_| retry.jitter(3)).collect();
        assert_eq!(small.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn each_wait_may_be_twice_as_long_as_the_one_before() {
        let mut longest = [0; 4];
        for seed in 0..200 {
            let mut retry = Retry::new(RetryPolicy::default(), RetryBudget::default(), seed);
            for (number, longest) in longest.iter_mut().enumerate() {
                assert_eq!(retry.sent() as usize, number + 1);
                *longest = retry.again(None, None).unwrap().max(*longest);
            }
        }
        for (longest, ceiling) in longest.into_iter().zip([500, 1000, 2000, 4000]) {
            assert!(longest > ceiling * 9 / 10, "{longest} of {ceiling}");
        }
        // Beside a wait that the provider names, an eighth of a second at the most.
        let beside = |seed| {
            let mut retry = Retry::new(RetryPolicy::default(), RetryBudget::default(), seed);
            retry.again(None, Some(1_000)).unwrap() - 1_000
        };
        let longest = (0..500).map(beside).max().unwrap();
        assert!((110..=125).contains(&longest), "{longest}");
    }
}
