//! The people who have signed in on this terminal: what each of them signs with, and by what they are known
//! while the line is cut.

use std::sync::mpsc::channel;
use std::time::Duration;

use api::profile::StaffList;
use api::proof::Signer;
use api::session::{SessionInfo, Staff};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::Handle;
use super::records::Named;
use super::worker::Job;

/// So long after the last sign-in with the line up a person may sign in without it.
pub const OFFLINE_LIMIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Wrong passwords in a row that cost nothing.
const FREE_TRIES: u32 = 5;
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Memory of one hash in KiB, passes, lanes: OWASP's first choice for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Longer than a keyring may take, in which case there is no key.
const PATIENCE: Duration = Duration::from_secs(45);

/// Answer to a sign-in while the line is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfflineAnswer {
    /// Who it is, as of the last sign-in with the line up. Its `expires_at` has no meaning here.
    Ok(SessionInfo),
    /// The password is not the one of the last sign-in.
    Wrong,
    /// Too many wrong passwords.
    Wait {
        /// Until then none is looked at.
        until: Timestamp,
    },
    /// This person has not signed in on this terminal, or must do so with the line up first.
    Unknown,
    /// The last sign-in with the line up is too long ago.
    TooLong,
}

/// A login as the cloud spells it: who types capitals is the same person, with the same key and the same tries.
fn one_spelling(login: &str) -> String {
    login.trim().to_ascii_lowercase()
}

/// A person as the terminal knows the person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) login: String,
    pub(super) info: SessionInfo,
    /// PHC string of the password; `None` once the cloud has refused it.
    pub(super) verifier: Option<String>,
    pub(super) last_online: Timestamp,
    /// Wrong passwords since the last right one.
    pub(super) wrong: u32,
    pub(super) wait_until: Option<Timestamp>,
    /// The private key, PKCS #8.
    pub(super) key: Vec<u8>,
}

impl Drop for Person {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Person {
    pub(super) fn signer(&self) -> Option<Signer> {
        Signer::read(&self.key).ok()
    }

    pub(super) fn staff(&self) -> Staff {
        Staff {
            account: self.info.account_id,
            name: self.info.display_name.clone(),
            role: self.info.role,
        }
    }

    /// Counts a try before the password is looked at, so that pulling the plug saves none. What is against
    /// trying now is the error.
    fn try_at(&mut self, now: Timestamp) -> Result<String, OfflineAnswer> {
        let Some(verifier) = self.verifier.clone() else { return Err(OfflineAnswer::Unknown) };
        if now.duration_since(self.last_online) > OFFLINE_LIMIT {
            return Err(OfflineAnswer::TooLong);
        }
        if let Some(until) = self.wait_until.filter(|until| now < *until) {
            // A clock set back does not make the wait longer than it can be.
            let latest = now.checked_add(LONGEST_WAIT).unwrap_or(until);
            let until = until.min(latest);
            self.wait_until = Some(until);
            return Err(OfflineAnswer::Wait { until });
        }
        self.wrong = self.wrong.saturating_add(1);
        self.wait_until = self.wrong.checked_sub(FREE_TRIES).map(|over| {
            let wait = FIRST_WAIT.checked_mul(1 << over.min(10)).unwrap_or(LONGEST_WAIT);
            now.checked_add(wait.min(LONGEST_WAIT)).unwrap_or(now)
        });
        Ok(verifier)
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// PHC string of a password; `None` where the system gives no memory or no random bytes: the person is then
/// unknown while the line is cut.
pub(super) fn verifier(password: &str) -> Option<String> {
    let hash = argon2().and_then(|argon2| argon2.hash_password(password.as_bytes()));
    hash.ok().map(|hash| hash.to_string())
}

fn fits(password: &str, verifier: &str) -> bool {
    let Ok(known) = PasswordHash::new(verifier) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &known).is_ok())
}

impl Handle {
    /// The public key with which a person's entries will be signed here, for the sign-in; made if needed. `None`
    /// where this terminal keeps nothing. Blocks until the store is open: for the client, never for a frame.
    pub fn entry_key(&self, login: &str) -> Option<String> {
        let (answer, wait) = channel();
        self.jobs.as_ref()?.send(Job::Key { login: one_spelling(login), answer }).ok()?;
        wait.recv_timeout(PATIENCE).ok().flatten()
    }

    /// Keeps who has just signed in with the line up and with [`Handle::entry_key`]. Entries that waited for this
    /// sign-in are signed anew and go out.
    pub fn remember_person(&self, login: &str, info: SessionInfo, password: Zeroizing<String>) {
        let at = self.now();
        self.send(Job::Person { login: one_spelling(login), info: Box::new(info), password, at });
    }

    /// The cloud has refused the password with which somebody signed in while the line was cut: it is not enough
    /// here either from now on.
    pub fn forget_password(&self, login: &str) {
        let login = one_spelling(login);
        if let Some(person) = self.shared.memory().people.get_mut(&login) {
            person.verifier = None;
        }
        self.changed(Named::Person(login));
    }

    /// The cloud has refused this password. If it is the one that would open the terminal while the line is cut, it
    /// no longer does: it was changed, or the account is no longer in use. Any other one changes nothing, so that
    /// nobody can be shut out by a wrong one. Blocks for the hash: for the client, never for a frame.
    pub fn refused_password(&self, login: &str, password: &str) {
        let login = one_spelling(login);
        let verifier =
            self.shared.memory().people.get(&login).and_then(|person| person.verifier.clone());
        if verifier.is_some_and(|verifier| fits(password, &verifier)) {
            self.forget_password(&login);
        }
    }

    /// Whether ID and password are those of somebody who has signed in here lately. Blocks for the hash and for
    /// the disk: for the client, never for a frame.
    pub fn offline(&self, login: &str, password: &str, now: Timestamp) -> OfflineAnswer {
        let login = one_spelling(login);
        // What is on disk must have been read.
        self.settle(PATIENCE);
        let tried = match self.shared.memory().people.get_mut(&login) {
            Some(person) => person.try_at(now),
            None => return OfflineAnswer::Unknown,
        };
        self.changed(Named::Person(login.clone()));
        self.settle(PATIENCE);
        let verifier = match tried {
            Ok(verifier) => verifier,
            Err(answer) => return answer,
        };
        if !fits(password, &verifier) {
            return OfflineAnswer::Wrong;
        }
        let mut memory = self.shared.memory();
        let Some(person) = memory.people.get_mut(&login) else { return OfflineAnswer::Unknown };
        person.wrong = 0;
        person.wait_until = None;
        let mut info = person.info.clone();
        // The digits belong to the store as it is now, not to the one of the last sign-in.
        info.station = memory.terminal.as_ref().and_then(|terminal| terminal.station);
        drop(memory);
        self.changed(Named::Person(login));
        OfflineAnswer::Ok(info)
    }

    /// Keeps who works at the clinic.
    pub fn remember_staff(&self, staff: StaffList) {
        self.shared.memory().staff = Some(staff);
        self.changed(Named::Staff);
    }

    /// Who works at the clinic, as last seen here.
    pub fn staff(&self) -> StaffList {
        self.shared.memory().staff.clone().unwrap_or_default()
    }
}
