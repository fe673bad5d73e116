//! Coming in: by the cloud's word, or, while the line is cut, by what the terminal remembers.

use std::sync::Arc;

use api::ErrorCode;
use api::session::{SessionInfo, SignIn, SignedIn};
use tokio::sync::Notify;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::call::Cloud;
use super::lamp::Lamp;
use super::look;
use super::message::{Failure, FailureKind};
use super::pause::Pause;
use crate::local::{Handle, OfflineAnswer};

/// Who signs in. The password is wiped with the last copy.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) login: String,
    pub(super) password: Zeroizing<String>,
}

/// How somebody came in.
pub(super) enum Entered {
    /// By the cloud's word.
    Online(SignedIn),
    /// By the terminal's; the failure says why the cloud was not asked.
    Offline(SessionInfo, Failure),
}

/// Where people come in.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) cloud: Cloud,
    pub(super) cache: Handle,
    pub(super) lamp: Lamp,
    pub(super) retry: Arc<Notify>,
    pub(super) institution: String,
    pub(super) terminal: String,
}

impl Door {
    /// One try.
    pub(super) async fn come_in(&self, person: &Person) -> Result<Entered, Failure> {
        match self.ask(person).await {
            Ok(signed_in) => Ok(Entered::Online(signed_in)),
            Err(failure) => {
                self.dim(&failure);
                if is_wrong_password(&failure) {
                    self.refused_password(person).await;
                }
                // A certificate that is not the trusted one may be somebody who wants to be taken for the
                // cloud. With that on the line nobody is let in.
                if failure.is_of_the_line() || is_without_store(&failure) {
                    self.offline(person, failure).await
                } else {
                    Err(failure)
                }
            }
        }
    }

    /// Tries until the cloud has said yes or no.
    pub(super) async fn come_back(&self, person: &Person) -> Result<SignedIn, Failure> {
        let limits = &self.cloud.limits;
        let mut pause = Pause::new(limits.first_pause, limits.longest_pause);
        loop {
            // Asked first: it lights the lamp, and no password goes where nobody answers.
            let outcome = match look::once(&self.cloud, &self.lamp).await {
                Ok(()) => self.ask(person).await,
                Err(failure) => Err(failure),
            };
            match outcome {
                Err(failure) if !is_no(&failure) => self.dim(&failure),
                outcome => return outcome,
            }
            tokio::select! {
                () = tokio::time::sleep(pause.take()) => {}
                () = self.retry.notified() => {}
                () = self.lamp.came_up() => {}
            }
        }
    }

    async fn ask(&self, person: &Person) -> Result<SignedIn, Failure> {
        // Waited for before the password is copied: whoever gives up here leaves no copy behind.
        let entry_key = self.entry_key(&person.login).await;
        let store = self.store_id().await;
        let sign_in = SignIn {
            institution: self.institution.clone(),
            login: person.login.clone(),
            password: String::clone(&person.password),
            terminal: self.terminal.clone(),
            entry_key,
            store,
        };
        self.cloud.sign_in(sign_in).await
    }

    /// The public key for what this person will confirm here. Making one may wait for the disk.
    async fn entry_key(&self, login: &str) -> Option<String> {
        let (cache, login) = (self.cache.clone(), login.to_owned());
        let made = tokio::task::spawn_blocking(move || cache.entry_key(&login));
        // A keyring that says nothing keeps nobody out. Without a key the person can read; what the person
        // confirms waits for the next sign-in or is refused in words by the store.
        tokio::time::timeout(self.cloud.limits.answer, made).await.ok()?.ok()?
    }

    /// The name of the store that counts specimen numbers. As with the key, who waits for it in vain comes in all the
    /// same, and cannot order tests before the next sign-in.
    async fn store_id(&self) -> Option<Uuid> {
        let cache = self.cache.clone();
        let made = tokio::task::spawn_blocking(move || cache.store_id());
        tokio::time::timeout(self.cloud.limits.answer, made).await.ok()?.ok()?
    }

    /// A password that the cloud refuses opens the terminal no longer when somebody pulls the plug.
    async fn refused_password(&self, person: &Person) {
        let (cache, person) = (self.cache.clone(), person.clone());
        let told = tokio::task::spawn_blocking(move || {
            cache.refused_password(&person.login, &person.password);
        });
        // The answer to the person does not depend on it.
        let _ = told.await;
    }

    async fn offline(&self, person: &Person, failure: Failure) -> Result<Entered, Failure> {
        let (cache, person) = (self.cache.clone(), person.clone());
        let now = self.lamp.now();
        let asked = tokio::task::spawn_blocking(move || {
            cache.offline(&person.login, &person.password, now)
        });
        let Ok(answer) = asked.await else { return Err(failure) };
        let refused =
            |code, retry_after_seconds| FailureKind::Refused { code, retry_after_seconds };
        let kind = match answer {
            OfflineAnswer::Ok(info) => return Ok(Entered::Offline(info, failure)),
            OfflineAnswer::Wrong => refused(ErrorCode::BadCredentials, None),
            OfflineAnswer::Wait { until } => {
                let seconds = (until.as_second() - now.as_second()).max(1);
                refused(ErrorCode::AccountLocked, Some(seconds.unsigned_abs()))
            }
            // The cloud's own words say it better.
            _ if !failure.is_of_the_line() => return Err(failure),
            OfflineAnswer::Unknown => FailureKind::NotKnownHere,
            OfflineAnswer::TooLong => FailureKind::TooLongOffline,
        };
        Err(Failure::new(kind, format!("offline: {}", failure.detail)))
    }

    fn dim(&self, failure: &Failure) {
        if !matches!(failure.kind, FailureKind::Refused { .. }) {
            self.lamp.down(failure.clone());
        }
    }
}

/// The cloud is there and cannot look anything up.
fn is_without_store(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Refused { code: ErrorCode::Unavailable, .. })
}

/// The cloud knows no such person with that password.
fn is_wrong_password(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Refused { code: ErrorCode::BadCredentials, .. })
}

/// The cloud has heard the question and says no, as opposed to everything that passes by itself.
fn is_no(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Refused { code, .. } => {
            // Wrong passwords of somebody else at the clinic's address delay this person too; it passes.
            !matches!(code, ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::AccountLocked)
        }
        _ => false,
    }
}
