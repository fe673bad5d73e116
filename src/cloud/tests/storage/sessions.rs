//! Signing in, staying signed in, and not.

use std::net::IpAddr;

use api::session::{Role, SignIn, SignedIn};
use cloud::accounts::{Accounts, SessionLimits, SignInError};
use cloud::store::{Actor, NewAccount, Session, StoreError};
use jiff::SignedDuration;
use sqlx::Row;
use zeroize::Zeroizing;

use crate::harness::Place;
use crate::people::number;

pub const PASSWORD: &str = "correct-horse-7-battery";

pub fn desk() -> IpAddr {
    "192.168.1.20".parse().unwrap()
}

pub fn accounts(place: &Place) -> Accounts {
    Accounts::new(place.store.clone(), SessionLimits::default())
}

pub async fn new_account(place: &Place, login: &str, role: Role) -> NewAccount {
    let hash = accounts(place).hash(login, Zeroizing::new(PASSWORD.to_owned())).await.unwrap();
    NewAccount {
        login: login.to_owned(),
        display_name: format!("{login} 様"),
        role,
        password_hash: hash,
    }
}

async fn add(place: &Place, login: &str) {
    let operator = Actor::operator(place.tenant(), "root");
    let new = new_account(place, login, Role::Receptionist).await;
    place.store.add_account(&operator, &new).await.unwrap();
}

pub fn with(login: &str, password: &str) -> SignIn {
    SignIn {
        institution: "clinic".to_owned(),
        login: login.to_owned(),
        password: password.to_owned(),
        terminal: "受付1".to_owned(),
        entry_key: None,
        store: None,
    }
}

async fn sign_in(place: &Place, login: &str) -> SignedIn {
    accounts(place).sign_in(&with(login, PASSWORD), desk()).await.unwrap()
}

/// Adds a receptionist and signs in.
pub async fn person(place: &Place, login: &str) -> Session {
    add(place, login).await;
    let token = sign_in(place, login).await.token;
    place.store.session(&token).await.unwrap()
}

async fn is_over(place: &Place, token: &str) -> bool {
    match place.store.session(token).await {
        Ok(_) => false,
        Err(StoreError::SessionExpired) => true,
        Err(other) => panic!("{other:?}"),
    }
}

pub async fn signing_in_and_out(place: &Place) {
    add(place, "uketsuke").await;
    let signed = accounts(place).sign_in(&with(" UKETSUKE ", PASSWORD), desk()).await.unwrap();
    assert_eq!(signed.session.institution, "添書医院");
    assert_eq!(signed.session.display_name, "uketsuke 様");
    assert_eq!(signed.session.role, Role::Receptionist);
    let session = accounts(place).authenticate(&signed.token).await.unwrap();
    assert_eq!(session.info, signed.session);
    assert_eq!(session.tenant(), place.tenant());
    assert_eq!(session.actor.login(), "uketsuke");
    assert_eq!(session.offset, place.clinic.offset);
    let again = sign_in(place, "uketsuke").await;
    assert_ne!(again.token, signed.token);
    accounts(place).sign_out(&session).await.unwrap();
    assert!(is_over(place, &signed.token).await);
    assert!(!is_over(place, &again.token).await, "the other session lives on");
    accounts(place).sign_out(&session).await.unwrap();
    for nonsense in ["", "x", &"あ".repeat(10_000)] {
        assert!(is_over(place, nonsense).await);
    }
}

pub async fn the_token_itself_is_nowhere_in_the_database(place: &Place) {
    add(place, "uketsuke").await;
    let token = sign_in(place, "uketsuke").await.token;
    let row = place.look("SELECT token_hash, account_id, terminal FROM sessions").await;
    assert_eq!(row.get::<String, _>(0).len(), 64);
    for column in 0..3 {
        assert!(!row.get::<String, _>(column).contains(&token));
    }
    let rows = place.store.audit_rows(place.tenant(), 0, 100).await.unwrap();
    let log = serde_json::to_string(&rows).unwrap();
    assert!(!log.contains(&token) && !log.contains(PASSWORD));
    let hash: String = place.look("SELECT password_hash FROM accounts").await.get(0);
    assert!(hash.starts_with("$argon2id$") && !hash.contains(PASSWORD));
}

pub async fn a_session_ends_without_use(place: &Place) {
    add(place, "uketsuke").await;
    let token = sign_in(place, "uketsuke").await.token;
    let idle = SessionLimits::default().idle;
    place.clock.advance(idle - SignedDuration::from_millis(1));
    assert!(!is_over(place, &token).await);
    place.clock.advance(idle);
    assert!(is_over(place, &token).await);
    place.clock.advance(-idle);
    assert!(!is_over(place, &token).await, "the clock alone decides, nothing was removed");
}

pub async fn a_session_ends_at_its_absolute_limit(place: &Place) {
    add(place, "uketsuke").await;
    let signed = sign_in(place, "uketsuke").await;
    let hour = SignedDuration::from_hours(1);
    while place.clock.now() + hour < signed.session.expires_at {
        place.clock.advance(hour);
        assert!(!is_over(place, &signed.token).await);
    }
    place.clock.set(signed.session.expires_at);
    assert!(is_over(place, &signed.token).await);
    let pruned = place.store.prune(cloud::store::Retention::default()).await.unwrap();
    assert_eq!(pruned.sessions, 1);
}

pub async fn use_keeps_a_session_alive_with_few_writes(place: &Place) {
    add(place, "uketsuke").await;
    let token = sign_in(place, "uketsuke").await.token;
    let seen = || async { place.look("SELECT seen_ms FROM sessions").await.get::<i64, _>(0) };
    let first = seen().await;
    place.clock.advance(SignedDuration::from_secs(59));
    assert!(!is_over(place, &token).await);
    assert_eq!(seen().await, first, "not written down within a minute");
    place.clock.advance(SignedDuration::from_secs(1));
    let session = place.store.session(&token).await.unwrap();
    assert_eq!(seen().await, first + 60_000);
    // Only looking whether it lives is no use of it.
    place.clock.advance(SignedDuration::from_mins(90));
    assert!(place.store.session_lives(&session).await.unwrap());
    assert_eq!(seen().await, first + 60_000);
    place.clock.advance(SignedDuration::from_mins(30));
    assert!(!place.store.session_lives(&session).await.unwrap());
}

pub async fn disabling_an_account_ends_its_sessions(place: &Place) {
    add(place, "uketsuke").await;
    add(place, "other").await;
    let token = sign_in(place, "uketsuke").await.token;
    let others = sign_in(place, "other").await.token;
    let operator = Actor::operator(place.tenant(), "root");
    place.store.set_account_disabled(&operator, "uketsuke", true).await.unwrap();
    assert!(is_over(place, &token).await);
    assert!(!is_over(place, &others).await);
    let refused = accounts(place).sign_in(&with("uketsuke", PASSWORD), desk()).await;
    assert!(matches!(refused, Err(SignInError::BadCredentials)), "{:?}", refused.err());
    place.store.set_account_disabled(&operator, "uketsuke", false).await.unwrap();
    assert!(is_over(place, &token).await, "the old session does not come back");
    sign_in(place, "uketsuke").await;
}

pub async fn a_new_password_ends_the_sessions(place: &Place) {
    add(place, "uketsuke").await;
    let token = sign_in(place, "uketsuke").await.token;
    let another = Zeroizing::new("another-horse-8-battery".to_owned());
    cloud::admin::account_password(&place.store, "clinic", "uketsuke", another).await.unwrap();
    assert!(is_over(place, &token).await);
    let old = accounts(place).sign_in(&with("uketsuke", PASSWORD), desk()).await;
    assert!(matches!(old, Err(SignInError::BadCredentials)));
    let new = with("uketsuke", "another-horse-8-battery");
    accounts(place).sign_in(&new, desk()).await.unwrap();
}

pub async fn wrong_unknown_and_disabled_are_answered_alike(place: &Place) {
    add(place, "uketsuke").await;
    add(place, "gone").await;
    let operator = Actor::operator(place.tenant(), "root");
    place.store.set_account_disabled(&operator, "gone", true).await.unwrap();
    let elsewhere = SignIn { institution: "nowhere".to_owned(), ..with("uketsuke", PASSWORD) };
    let endless = "x".repeat(100_000);
    let mut texts = Vec::new();
    for request in [
        with("uketsuke", "wrong"),
        with("uketsuke", ""),
        with("uketsuke", &endless),
        with("nobody", PASSWORD),
        with("受付\n", PASSWORD),
        with("gone", PASSWORD),
        elsewhere,
    ] {
        let refused = accounts(place).sign_in(&request, desk()).await.err().unwrap();
        assert!(matches!(refused, SignInError::BadCredentials), "{refused:?}");
        texts.push(refused.to_string());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    let rows = place.store.audit_rows(place.tenant(), 0, 100).await.unwrap();
    let refusals = rows.iter().filter(|row| row.action == "session.refuse").count();
    assert_eq!(refusals, 6, "all but the institution that does not exist");
}

/// Tries wrong passwords until told to wait; gives for how long.
async fn provoke(place: &Place, login: &str, address: IpAddr) -> u64 {
    for _ in 0..20 {
        match accounts(place).sign_in(&with(login, "wrong"), address).await {
            Err(SignInError::Delayed { retry_after_seconds }) => return retry_after_seconds,
            Err(SignInError::BadCredentials) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("signed in with a wrong password"),
        }
    }
    panic!("never told to wait");
}

pub async fn wrong_passwords_delay_one_address_alone(place: &Place) {
    add(place, "uketsuke").await;
    let attacker: IpAddr = "203.0.113.9".parse().unwrap();
    let wait = provoke(place, "uketsuke", attacker).await;
    assert_eq!(wait, 2);
    // The right password does not help there while it waits …
    let right = with("uketsuke", PASSWORD);
    let held = accounts(place).sign_in(&right, attacker).await;
    assert!(matches!(held, Err(SignInError::Delayed { .. })));
    // … and nobody else is held up.
    accounts(place).sign_in(&right, desk()).await.unwrap();
    provoke(place, "nobody", attacker).await;
    place.clock.advance(SignedDuration::from_secs(2));
    accounts(place).sign_in(&right, attacker).await.unwrap();
    // A right one forgets the wrong ones.
    assert_eq!(provoke(place, "uketsuke", attacker).await, 2);
}

pub async fn trying_while_one_has_to_wait_does_not_fill_the_log(place: &Place) {
    add(place, "uketsuke").await;
    let (accounts, wrong) = (accounts(place), with("uketsuke", "wrong"));
    let refusals = async || {
        let rows = place.store.audit_rows(place.tenant(), 0, 1000).await.unwrap();
        rows.into_iter().filter(|row| row.action == "session.refuse").count()
    };
    for _ in 0..30 {
        accounts.sign_in(&wrong, desk()).await.err().unwrap();
    }
    assert_eq!(refusals().await, 5 + 1, "five wrong ones and that there is a wait");
    place.clock.advance(SignedDuration::from_secs(2));
    for _ in 0..30 {
        accounts.sign_in(&wrong, desk()).await.err().unwrap();
    }
    assert_eq!(refusals().await, 5 + 1 + 1 + 1, "one more wrong one, and the next wait");
}

pub async fn a_crowd_at_one_address_does_not_keep_others_out(place: &Place) {
    add(place, "uketsuke").await;
    let accounts = accounts(place);
    let attacker: IpAddr = "203.0.113.9".parse().unwrap();
    let mut crowd = Vec::new();
    for n in 0..200 {
        let accounts = accounts.clone();
        let wrong = with(&format!("u{n}"), "wrong");
        crowd.push(tokio::spawn(async move { accounts.sign_in(&wrong, attacker).await }));
    }
    // While they wait for their turns the desk gets its own.
    accounts.sign_in(&with("uketsuke", PASSWORD), desk()).await.unwrap();
    let mut sent_away = 0;
    for one in crowd {
        match one.await.unwrap() {
            Err(SignInError::Store(StoreError::Unavailable(_))) => sent_away += 1,
            Err(SignInError::BadCredentials) => {}
            other => panic!("{:?}", other.err()),
        }
    }
    assert!(sent_away > 0, "all had a place");
}

pub async fn unlocking_forgets_wrong_passwords(place: &Place) {
    add(place, "uketsuke").await;
    provoke(place, "uketsuke", desk()).await;
    cloud::admin::account_unlock(&place.store, "clinic", "uketsuke").await.unwrap();
    let session = sign_in(place, "uketsuke").await;
    let actor = place.store.session(&session.token).await.unwrap().actor;
    assert!(place.store.patient(&actor, &number(1)).await.is_err());
}
