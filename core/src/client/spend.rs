use std::sync::{Mutex, PoisonError};

use crate::error::{ErrorCode, SportelloError};
use crate::model::Money;

/// What a client may spend in its life, and what it has.
pub(crate) struct SpendLimit {
    limit: Option<Money>,
    reserved: Mutex<Money>,
}

impl SpendLimit {
    pub(crate) fn new(limit: Option<Money>) -> SpendLimit {
        SpendLimit {
            limit,
            reserved: Mutex::new(Money::ZERO),
        }
    }

    /// Sets `price` aside before anything paid is sent.
    pub(crate) fn reserve(&self, price: Money) -> Result<(), SportelloError> {
        let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        match self.limit {
            Some(limit) if *reserved + price > limit => {
                let detail = format!(
                    "limit {limit} EUR, spent or under way {} EUR, this purchase {price} EUR",
                    *reserved
                );
                Err(SportelloError::new(ErrorCode::SpendLimit).detail(detail))
            }
            _ => {
                *reserved = *reserved + price;
                Ok(())
            }
        }
    }

    /// Gives back what turned out not to be charged.
    pub(crate) fn release(&self, price: Money) {
        let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        *reserved = *reserved - price;
    }
}
