//! What time it is.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time of day comes from, Unix milliseconds.
pub(crate) type Wall = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The time of day by the system, Unix milliseconds.
pub(crate) fn now() -> u64 {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
