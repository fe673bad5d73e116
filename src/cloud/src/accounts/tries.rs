//! How wrong passwords delay the next try.
//!
//! - A login at one address: five tries are free, then each wrong one doubles the wait, from 2 s to 15 minutes.
//!   An hour without a wrong one forgets them; a right one forgets them at once.
//! - A login over all addresses: from 50 wrong ones on, addresses from which nobody has signed in with it may try
//!   once a minute together. Addresses where the person has signed in before are not held up by it.
//!
//! So who does not know the password can slow down one address, or a new address of one login, and never the
//! terminals at which the person works. `soegaki-cloud account unlock` forgets everything for a login.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{Tenant, Tries};

const FREE: i64 = 5;
const FIRST_WAIT_MS: i64 = 2_000;
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
const FORGET_MS: i64 = 60 * 60_000;
const MANY: i64 = 50;
const MANY_WAIT_MS: i64 = 60_000;

/// Counts a try as wrong until it is proven right: the counters as they shall stand, or until when to wait.
pub(crate) fn rule(here: Tries, everywhere: Tries, now_ms: i64) -> Result<(Tries, Tries), i64> {
    if now_ms < here.blocked_until_ms {
        return Err(here.blocked_until_ms);
    }
    let familiar = here.succeeded_ms > 0;
    if !familiar && now_ms < everywhere.blocked_until_ms {
        return Err(everywhere.blocked_until_ms);
    }
    let mut here = failed(here, now_ms);
    if here.failures >= FREE {
        let doublings = u32::try_from(here.failures - FREE).unwrap_or(u32::MAX).min(20);
        let wait = FIRST_WAIT_MS.saturating_mul(1_i64 << doublings).min(LONGEST_WAIT_MS);
        here.blocked_until_ms = now_ms.saturating_add(wait);
    }
    let mut everywhere = failed(everywhere, now_ms);
    if everywhere.failures >= MANY && !familiar {
        everywhere.blocked_until_ms = now_ms.saturating_add(MANY_WAIT_MS);
    }
    Ok((here, everywhere))
}

fn failed(tries: Tries, now_ms: i64) -> Tries {
    let old = now_ms.saturating_sub(tries.failed_ms) > FORGET_MS;
    let failures = if old { 1 } else { tries.failures.saturating_add(1) };
    Tries { failures, failed_ms: now_ms, ..tries }
}

/// Waits that are on record, so that each is put there once: trying again while one has to wait costs nothing,
/// and the log is kept for ever.
#[derive(Default)]
pub(crate) struct Waits(Mutex<HashMap<(Tenant, String, String), i64>>);

impl Waits {
    /// Most waits remembered; while there are more, further ones are not new.
    const MOST: usize = 10_000;

    /// Whether this wait is a new one.
    pub(crate) fn is_new(
        &self,
        (tenant, login, address): (Tenant, &str, &str),
        until: i64,
        now_ms: i64,
    ) -> bool {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waits.len() >= Self::MOST {
            waits.retain(|_, until| *until > now_ms);
        }
        if waits.len() >= Self::MOST {
            return false;
        }
        waits.insert((tenant, login.to_owned(), address.to_owned()), until) != Some(until)
    }
}

/// Sign-ins under way from each address, so that one address cannot take all the places at which passwords are
/// hashed.
#[derive(Default)]
pub(crate) struct Crowd(Mutex<HashMap<IpAddr, usize>>);

impl Crowd {
    /// More than a clinic's terminals begin in the same second, fewer than there are places.
    const MOST: usize = 24;

    /// A place for one more; `None` when the address has enough of them.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<InCrowd> {
        let mut crowd = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = crowd.entry(address).or_insert(0);
        if *here >= Self::MOST {
            return None;
        }
        *here += 1;
        Some(InCrowd { crowd: Arc::clone(self), address })
    }
}

/// A place in the [`Crowd`], given back when dropped.
pub(crate) struct InCrowd {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Drop for InCrowd {
    fn drop(&mut self) {
        let mut crowd = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = crowd.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                crowd.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Crowd, FORGET_MS, LONGEST_WAIT_MS, rule};
    use crate::store::Tries;

    const START: i64 = 1_800_000_000_000;

    #[test]
    fn waits_double_to_a_quarter_of_an_hour_and_no_further() {
        let (mut here, mut now, mut waits) = (Tries::default(), START, Vec::new());
        for _ in 0..20 {
            let (next, _) = rule(here, Tries::default(), now).unwrap();
            waits.push((next.blocked_until_ms - now).max(0));
            if next.blocked_until_ms > now {
                assert!(rule(next, Tries::default(), next.blocked_until_ms - 1).is_err());
            }
            now = now.max(next.blocked_until_ms);
            here = next;
        }
        assert_eq!(waits[..7], [0, 0, 0, 0, 2_000, 4_000, 8_000]);
        assert_eq!(waits.iter().max(), Some(&LONGEST_WAIT_MS));
        assert_eq!(waits[19], LONGEST_WAIT_MS);
    }

    #[test]
    fn an_hour_forgets() {
        let tired = Tries { failures: 30, failed_ms: START, ..Tries::default() };
        let (next, _) = rule(tired, Tries::default(), START + FORGET_MS + 1).unwrap();
        assert_eq!((next.failures, next.blocked_until_ms), (1, 0));
    }

    #[test]
    fn an_attack_from_everywhere_holds_up_new_addresses_alone() {
        let mut everywhere = Tries::default();
        let mut now = START;
        for _ in 0..60 {
            now = now.max(everywhere.blocked_until_ms);
            // each time another address
            everywhere = rule(Tries::default(), everywhere, now).unwrap().1;
        }
        assert!(everywhere.blocked_until_ms > now);
        assert!(rule(Tries::default(), everywhere, now).is_err());
        let desk = Tries { succeeded_ms: START - 1, ..Tries::default() };
        let (desk, after) = rule(desk, everywhere, now).unwrap();
        assert_eq!(desk.blocked_until_ms, 0);
        assert_eq!(after.failures, everywhere.failures + 1);
    }

    #[test]
    fn one_address_leaves_room_for_others() {
        let crowd = Arc::new(Crowd::default());
        let (one, other) = ("203.0.113.9".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let mut inside: Vec<_> = (0..Crowd::MOST).map(|_| crowd.enter(one).unwrap()).collect();
        assert!(crowd.enter(one).is_none());
        assert!(crowd.enter(other).is_some());
        inside.pop();
        assert!(crowd.enter(one).is_some());
        inside.clear();
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
