//! Who may sign in, and what a signed-in person may do.
//!
//! Brute force is slowed without a way to lock others out ([`tries`]): wrong passwords delay the login at the
//! address they came from; only when a login is attacked from many addresses do new addresses wait, while
//! those where the person signed in before go on. An unknown login costs the same work as a known one and
//! gets the same answer.

pub mod password;
mod proof;
pub mod roles;
pub mod tries;

use std::sync::Arc;

use api::session::{SessionInfo, SignIn, SignedIn};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use zeroize::Zeroizing;

use crate::store::audit::Entry;
use crate::store::{Actor, Institution, NewSession, Session, Store, StoreError};
use password::Hasher;
use tries::{Crowd, Waits};

/// Longest login and longest terminal name.
const NAME_LENGTH: usize = 64;

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: SignedDuration,
    /// Whatever happens.
    pub absolute: SignedDuration,
}

impl Default for SessionLimits {
    /// A working day, with a long lunch.
    fn default() -> Self {
        Self { idle: SignedDuration::from_hours(2), absolute: SignedDuration::from_hours(14) }
    }
}

/// Why somebody is not signed in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInError {
    /// Institution, login or password is wrong, or the account is disabled: one answer for all.
    #[error("ID or password is wrong")]
    BadCredentials,
    /// Too many wrong passwords.
    #[error("too many wrong passwords; try again in {retry_after_seconds} s")]
    Delayed {
        /// When to try again, at least 1.
        retry_after_seconds: u64,
    },
    /// The store could not be asked, or too many sign-ins wait.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signing in and out. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    limits: SessionLimits,
    hasher: Hasher,
    waits: Arc<Waits>,
    /// Forged signatures that are on record.
    forgeries: Arc<Waits>,
    crowd: Arc<Crowd>,
}

impl Accounts {
    /// Over that store.
    pub fn new(store: Store, limits: SessionLimits) -> Self {
        Self {
            store,
            limits,
            hasher: Hasher::new(),
            waits: Arc::default(),
            forgeries: Arc::default(),
            crowd: Arc::default(),
        }
    }

    /// Checks ID and password and begins a session. `address` is where the request came from.
    pub async fn sign_in(
        &self,
        request: &SignIn,
        address: std::net::IpAddr,
    ) -> Result<SignedIn, SignInError> {
        let address = address.to_canonical();
        let _place = self.crowd.enter(address).ok_or_else(|| {
            StoreError::Unavailable("too many sign-ins from one address".to_owned())
        })?;
        let address = address.to_string();
        let entry_key = request.entry_key.as_deref().map(|text| {
            let wrong = || StoreError::Invalid("entry_key is not 64 hexadecimal digits".to_owned());
            proof::key(text).ok_or_else(wrong)
        });
        let entry_key = entry_key.transpose()?;
        let known = self.store.institution(&request.institution).await?;
        let tenant = known.as_ref().map(|institution| institution.tenant);
        // What cannot be a login, or is one of no institution, is counted under an empty one.
        let login = tenant.and_then(|_| login(&request.login)).unwrap_or_default();
        if let Err(until) = self.store.count_try(tenant, &login, &address, tries::rule).await? {
            let now = self.store.clock().now().as_millisecond();
            if tenant.is_some_and(|t| self.waits.is_new((t, &login, &address), until, now)) {
                self.refused(known.as_ref(), &login, &request.terminal, &address, "delayed")
                    .await?;
            }
            let wait = until.saturating_sub(now);
            let retry_after_seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1);
            return Err(SignInError::Delayed { retry_after_seconds });
        }
        let credentials = match tenant {
            Some(tenant) => self.store.credentials(tenant, &login).await?,
            None => None,
        };
        let hash = credentials.as_ref().map(|c| c.password_hash.clone());
        let password = Zeroizing::new(request.password.clone());
        let proven = self.hasher.verify(password, hash).await?;
        if let (true, Some(institution), Some(credentials)) = (proven, &known, credentials)
            && !credentials.account.disabled
        {
            let account = credentials.account;
            let actor = Actor::person(
                institution.tenant,
                account.id,
                &account.login,
                &cut(&request.terminal),
                account.role,
            );
            let token = token()?;
            let begun = self.store.begin_session(NewSession {
                actor,
                token: token.clone(),
                idle_ms: millis(self.limits.idle),
                absolute_ms: millis(self.limits.absolute),
                address: address.clone(),
                password_hash: credentials.password_hash,
                entry_key,
                store: request.store,
            });
            if let Some(begun) = begun.await? {
                let session = SessionInfo {
                    institution: institution.name.clone(),
                    account_id: account.id,
                    login: account.login,
                    display_name: account.display_name,
                    role: account.role,
                    station: begun.station,
                    idle_limit_seconds: u64::try_from(self.limits.idle.as_secs()).unwrap_or(0),
                    expires_at: begun.expires_at,
                };
                return Ok(SignedIn { token, session });
            }
        }
        self.refused(known.as_ref(), &login, &request.terminal, &address, "refused").await?;
        Err(SignInError::BadCredentials)
    }

    /// The living session of a token, or [`StoreError::SessionExpired`].
    pub async fn authenticate(&self, token: &str) -> Result<Session, StoreError> {
        self.store.session(token).await
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), StoreError> {
        self.store.end_session(session).await
    }

    /// Checks a new password against the rules and hashes it.
    pub async fn hash(
        &self,
        login: &str,
        password: Zeroizing<String>,
    ) -> Result<String, StoreError> {
        password::check(login, &password).map_err(|e| StoreError::Invalid(e.to_string()))?;
        self.hasher.hash(password).await
    }

    /// A refusal is put on record where there is an institution to keep it.
    async fn refused(
        &self,
        institution: Option<&Institution>,
        login: &str,
        terminal: &str,
        address: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let Some(institution) = institution else { return Ok(()) };
        let actor = Actor::nobody(institution.tenant, &cut(terminal));
        let entry =
            Entry::new("session.refuse", "account", login).with(format!("{why} address={address}"));
        self.store.record(&actor, entry).await
    }
}

/// A login in its one spelling: 1 to 64 of `a-z`, `0-9`, `.`, `_`, `-`, `@`; capitals are brought down.
pub fn login(text: &str) -> Option<String> {
    let login = text.trim().to_ascii_lowercase();
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b);
    (!login.is_empty() && login.len() <= NAME_LENGTH && login.bytes().all(good)).then_some(login)
}

/// A terminal's name as it goes into the log: no control characters, not too long.
fn cut(terminal: &str) -> String {
    terminal.chars().filter(|c| !c.is_control()).take(NAME_LENGTH).collect()
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// 256 random bits.
fn token() -> Result<String, StoreError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|e| StoreError::Unavailable(format!("random numbers: {e}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::{cut, login, token};

    #[test]
    fn logins_have_one_spelling() {
        assert_eq!(login(" Uketsuke "), Some("uketsuke".to_owned()));
        assert_eq!(login("a.b_c-d@e9"), Some("a.b_c-d@e9".to_owned()));
        for wrong in ["", " ", "受付", "a b", "a\nb", &"x".repeat(65)] {
            assert_eq!(login(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
    }

    #[test]
    fn terminal_names_cannot_forge_log_lines() {
        assert_eq!(cut("受付1\r\nadmin"), "受付1admin");
        assert_eq!(cut(&"あ".repeat(100)).chars().count(), 64);
    }
}
