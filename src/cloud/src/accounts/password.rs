//! Passwords: the rules for new ones, and Argon2id.
//!
//! Rules: at least 13 characters (Japan's 医療情報システムの安全管理に関するガイドライン asks for 13 where a second
//! factor is not yet in use, with letters, digits and symbols mixed), at most 128; no forced renewal. The mixing
//! rule is against OWASP's advice and kept because the guideline asks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::store::StoreError;

/// Shortest password, in characters.
pub const SHORTEST: usize = 13;
/// Longest password, in characters.
pub const LONGEST: usize = 128;
/// Different characters that a password has at least.
const VARIETY: usize = 6;

/// Memory of one hash in KiB, passes, lanes: OWASP's first choice for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Sign-ins that may wait for a hash; more are sent away.
const WAITING: usize = 64;

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer than [`SHORTEST`] characters.
    #[error("the password has fewer than 13 characters")]
    Short,
    /// More than [`LONGEST`] characters.
    #[error("the password has more than 128 characters")]
    Long,
    /// Not all of letters, digits and symbols.
    #[error("the password needs letters, digits and symbols")]
    Unmixed,
    /// Few different characters.
    #[error("the password repeats the same few characters")]
    Monotonous,
    /// Holds the login.
    #[error("the password holds the ID")]
    HoldsLogin,
    /// A control character, which nobody can type everywhere.
    #[error("the password holds a control character")]
    Control,
}

/// Checks a new password for `login`.
pub fn check(login: &str, password: &str) -> Result<(), Weak> {
    let count = password.chars().count();
    if count < SHORTEST {
        return Err(Weak::Short);
    }
    if count > LONGEST {
        return Err(Weak::Long);
    }
    if password.chars().any(char::is_control) {
        return Err(Weak::Control);
    }
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    if !(has(char::is_alphabetic) && has(char::is_numeric) && has(|c| !c.is_alphanumeric())) {
        return Err(Weak::Unmixed);
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < VARIETY {
        return Err(Weak::Monotonous);
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(Weak::HoldsLogin);
    }
    Ok(())
}

/// Hashes on threads of their own, a few at a time: each takes 19 MiB and a core for some 20 ms.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    /// With a turn for every second core.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).clamp(1, 4))),
            waiting: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// PHC string of a new password.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, StoreError> {
        self.turn(move || {
            argon2()
                .and_then(|argon2| Ok(argon2.hash_password(password.as_bytes())?.to_string()))
                .map_err(|e| StoreError::Unavailable(format!("password hash: {e}")))
        })
        .await?
    }

    /// Whether the password is the one of `hash`. Without a hash, or with an impossible password, the same
    /// work is done for nothing.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        self.turn(move || {
            let known = hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok());
            let possible = password.chars().count() <= LONGEST;
            let Ok(argon2) = argon2() else { return false };
            match known {
                Some(known) if possible => {
                    argon2.verify_password(password.as_bytes(), &known).is_ok()
                }
                _ => {
                    let _ = argon2.hash_password(b"nobody's password");
                    false
                }
            }
        })
        .await
    }

    async fn turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let busy = || StoreError::Unavailable("too many sign-ins at the same time".to_owned());
        let place = Place::take(&self.waiting).ok_or_else(busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| busy())?;
        // The turn goes with the work: a caller that goes away does not make room for another hash.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await;
        drop(place);
        done.map_err(|_| StoreError::Unavailable("password hash was broken off".to_owned()))
    }
}

struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(waiting));
        (waiting.fetch_add(1, Ordering::SeqCst) < WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::{Hasher, Weak, check};
    use zeroize::Zeroizing;

    #[test]
    fn rules() {
        for good in
            ["correct-horse-7", "ひらがなで12文字以上の合言葉!", "A1b2C3d4E5f6-", "short-13chars"]
        {
            assert_eq!(check("uketsuke", good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", Weak::Short),
            ("elevenchar-1", Weak::Short),
            ("onlylettersandmore", Weak::Unmixed),
            ("letters4nddigits0nly", Weak::Unmixed),
            ("1234567890-1234", Weak::Unmixed),
            ("a1-a1-a1-a1-a1-", Weak::Monotonous),
            ("my-Uketsuke-2026", Weak::HoldsLogin),
            ("tab\tcharacter-1", Weak::Control),
        ] {
            assert_eq!(check("uketsuke", bad), Err(why), "{bad}");
        }
        assert_eq!(check("x", &"Ab1-cdefg".repeat(15)), Err(Weak::Long));
    }

    #[tokio::test]
    async fn hashes_are_salted_argon2id_and_verify() {
        let hasher = Hasher::new();
        let password = || Zeroizing::new("correct-horse-7".to_owned());
        let one = hasher.hash(password()).await.unwrap();
        let two = hasher.hash(password()).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(hasher.verify(password(), Some(one.clone())).await.unwrap());
        let wrong = Zeroizing::new("correct-horse-8".to_owned());
        assert!(!hasher.verify(wrong, Some(one)).await.unwrap());
        assert!(!hasher.verify(password(), None).await.unwrap());
        assert!(!hasher.verify(password(), Some("garbage".to_owned())).await.unwrap());
    }

    #[tokio::test]
    async fn a_crowd_is_sent_away_instead_of_piling_up() {
        let hasher = Hasher::new();
        hasher.waiting.store(super::WAITING, std::sync::atomic::Ordering::SeqCst);
        let password = Zeroizing::new("correct-horse-7".to_owned());
        assert!(hasher.verify(password, None).await.is_err());
    }
}
