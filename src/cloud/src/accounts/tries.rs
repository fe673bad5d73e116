//! How wrong passwords delay the next try.
//!
//! - A login at one address: five tries are free, then each wrong one doubles the wait, from 2 s to 15 minutes.
//!   An hour without a wrong one forgets them; a right one forgets them at once.
//! - A login over all addresses: from 50 wrong ones on, addresses from which nobody has signed in with it may try
//!   once a minute together. Addresses where the person has signed in before are not held up by it.
//!
//! So who does not know the password can slow down one address, or a new address of one login, and never the
//! terminals at which the person works. `soegaki-cloud account unlock` forgets everything for a login.

use crate::store::Tries;

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

#[cfg(test)]
mod tests {
    use super::{FORGET_MS, LONGEST_WAIT_MS, rule};
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
}
