//! Accounts and the command line's commands.

use api::session::Role;
use cloud::admin::{self, AdminError};
use cloud::store::audit::Verdict;
use cloud::store::{Actor, StoreError};
use jiff::tz::Offset;
use zeroize::Zeroizing;

use crate::harness::{Place, is_invalid};
use crate::sessions::{PASSWORD, new_account};

pub async fn accounts_are_added_listed_and_kept_apart(place: &Place) {
    let store = &place.store;
    let operator = Actor::operator(place.tenant(), "root");
    let new = new_account(place, "isha", Role::Practitioner).await;
    let account = store.add_account(&operator, &new).await.unwrap();
    assert_eq!(account.login, "isha");
    is_invalid(&store.add_account(&operator, &new).await);
    // The same login in another institution is another person.
    let other = store.add_institution("other", "他院", Offset::constant(9)).await.unwrap();
    let elsewhere = Actor::operator(other.tenant, "root");
    let twin = store.add_account(&elsewhere, &new).await.unwrap();
    assert_ne!(twin.id, account.id);
    assert_eq!(store.accounts(place.tenant()).await.unwrap(), std::slice::from_ref(&account));
    assert_eq!(store.account(place.tenant(), "isha").await.unwrap(), Some(account));
    assert_eq!(store.account(place.tenant(), "none").await.unwrap(), None);
    let missing = store.set_account_disabled(&operator, "none", true).await;
    assert!(matches!(missing, Err(StoreError::NotFound("account"))), "{missing:?}");
}

pub async fn the_command_line_manages_accounts(place: &Place) {
    let store = &place.store;
    let word = || Zeroizing::new(PASSWORD.to_owned());
    let added = admin::account_add(store, "clinic", " Kango ", "看護 花子", "nurse", word()).await;
    assert_eq!(added.unwrap().login, "kango");
    for (code, login, name, role) in [
        ("nowhere", "a", "名", "nurse"),
        ("clinic", "受付", "名", "nurse"),
        ("clinic", "a", " ", "nurse"),
        ("clinic", "a", "名", "wizard"),
    ] {
        let refused = admin::account_add(store, code, login, name, role, word()).await;
        assert!(matches!(refused, Err(AdminError::Usage(_))), "{refused:?}");
    }
    let listed = admin::account_list(store, "clinic").await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(!listed[0].disabled);
    admin::account_set_disabled(store, "clinic", "kango", true).await.unwrap();
    assert!(admin::account_list(store, "clinic").await.unwrap()[0].disabled);
    admin::account_set_disabled(store, "clinic", "kango", false).await.unwrap();
    admin::account_password(store, "clinic", "kango", word()).await.unwrap();
    admin::account_unlock(store, "clinic", "kango").await.unwrap();
    assert!(admin::account_password(store, "clinic", "nobody", word()).await.is_err());

    let rows = admin::audit_rows(store, "clinic", 0, 100).await.unwrap();
    let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(
        actions,
        ["account.add", "account.disable", "account.enable", "account.password", "account.unlock"]
    );
    let verdicts = admin::audit_verify(store, None, None).await.unwrap();
    assert_eq!(verdicts.len(), 1);
    let line = admin::verdict_line(&verdicts[0].0, &verdicts[0].1);
    assert!(line.starts_with("clinic: true, 5 rows, 5:"), "{line}");
    let noted = admin::parse_noted(line.rsplit(' ').next().unwrap()).unwrap();
    let again = admin::audit_verify(store, Some("clinic"), Some(&noted)).await.unwrap();
    assert!(again[0].1.is_whole());
    let broken = Verdict::Broken { seq: 7, why: "the row was changed" };
    assert_eq!(
        admin::verdict_line(&place.clinic, &broken),
        "clinic: false, row 7: the row was changed"
    );
}

pub async fn a_weak_password_is_refused_before_it_is_stored(place: &Place) {
    let weak = || Zeroizing::new("password".to_owned());
    let store = &place.store;
    let refused = admin::account_add(store, "clinic", "a", "名", "nurse", weak()).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("13 characters") && !text.contains("password\""), "{text}");
    assert!(admin::account_list(store, "clinic").await.unwrap().is_empty());
}
