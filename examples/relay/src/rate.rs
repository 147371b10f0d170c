//! How often one may call.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

/// The buckets of a relay.
pub(crate) struct Rates {
    users: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<Option<IpAddr>>,
    clock: DefaultClock,
    streams: Mutex<HashMap<String, usize>>,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Rates {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let user = Quota::per_second(at_least_one(limits.user_rate));
        let user = user.allow_burst(at_least_one(limits.user_burst));
        let address = Quota::per_minute(at_least_one(limits.address_rate));
        Rates {
            users: RateLimiter::keyed(user),
            addresses: RateLimiter::keyed(address),
            clock: DefaultClock::default(),
            streams: Mutex::default(),
        }
    }

    /// One call of a user; in how long the next may be made, where this one may not.
    pub(crate) fn user(&self, user: &str) -> Result<(), Duration> {
        let held = self.users.check_key(&user.to_owned());
        held.map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// One call without a session.
    pub(crate) fn stranger(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        let held = self.addresses.check_key(&address.map(neighbourhood));
        held.map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Forgets who has not called for a while.
    pub(crate) fn tidy(&self) {
        self.users.retain_recent();
        self.addresses.retain_recent();
    }

    /// One more event stream of a user, unless there are `most` already.
    pub(crate) fn stream(&self, user: &str, most: usize) -> bool {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(user.to_owned()).or_default();
        if *open >= most {
            return false;
        }
        *open += 1;
        true
    }

    /// One event stream less.
    pub(crate) fn stream_over(&self, user: &str) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(user) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                streams.remove(user);
            }
        }
    }
}

/// An IPv6 host has a whole /64 to call from.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// Where a call comes from: as the proxy before us says, else from the connection; `None` where neither is known.
pub(crate) fn address(parts: &Parts, header: Option<&str>) -> Option<IpAddr> {
    match header {
        Some(header) => named(&parts.headers, header),
        None => (parts.extensions.get::<ConnectInfo<SocketAddr>>()).map(|connection| connection.0.ip()),
    }
}

/// The last entry, which the proxy itself has added; what stands before it may be the caller's own.
fn named(headers: &HeaderMap, header: &str) -> Option<IpAddr> {
    let value = headers.get_all(header).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_own_word_counts() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "10.0.0.1, 203.0.113.7".parse().unwrap());
        assert_eq!(named(&headers, "x-forwarded-for"), "203.0.113.7".parse().ok());
        headers.append("x-forwarded-for", "198.51.100.9".parse().unwrap());
        assert_eq!(named(&headers, "x-forwarded-for"), "198.51.100.9".parse().ok());
        assert_eq!(
            neighbourhood("2001:db8::1:2".parse().unwrap()),
            "2001:db8::".parse::<IpAddr>().unwrap()
        );
        assert_eq!(
            neighbourhood("::ffff:192.0.2.1".parse().unwrap()),
            "192.0.2.1".parse::<IpAddr>().unwrap()
        );
    }

    #[test]
    fn bursts_and_streams_end() {
        let limits = Limits {
            user_rate: 1,
            user_burst: 3,
            address_rate: 2,
            ..Limits::default()
        };
        let rates = Rates::new(&limits);
        assert_eq!((0..5).filter(|_| rates.user("u").is_ok()).count(), 3);
        assert!(rates.user("v").is_ok());
        assert_eq!((0..5).filter(|_| rates.stranger(None).is_ok()).count(), 2);
        assert!(rates.stream("u", 1) && !rates.stream("u", 1));
        rates.stream_over("u");
        assert!(rates.stream("u", 1));
    }
}
