//! Entries: stored once, whole or not at all, from whoever may.

use std::sync::Arc;

use api::EventKind;
use api::entries::Receipt;
use api::session::{Role, SignIn};
use clinical::profile::{Act, Outcome, ProfileEntry, ProfileValue};
use clinical::{PatientNumber, ReceptionState, Staff};
use cloud::store::{Actor, StoreError};
use jiff::tz::Offset;
use sqlx::Row;
use uuid::Uuid;

use crate::hands::{
    about, allergy, bytes, change, clerk, correct, doctor, for_the, hand, hand_at, nurse, of,
    profile, record, state_entry, weight, with_patients,
};
use crate::harness::{Place, is_invalid, start_of_tests, today};
use crate::people::{number, reception};
use crate::sessions::{PASSWORD, accounts, desk, new_account, with};

/// What an entry leaves behind, in rows; to see that nothing or exactly one of each came.
async fn rows(place: &Place) -> [i64; 6] {
    let mut counts = [0; 6];
    let tables = ["entries", "versions", "items", "outgoing", "events", "audit"];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = place.count(table).await;
    }
    counts
}

pub async fn an_entry_sent_twice_is_stored_once(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let before = rows(place).await;
    let put = isha.put(place, record(allergy("ペニシリン系"))).await;
    let after = rows(place).await;
    let added: Vec<i64> = after.iter().zip(before).map(|(now, was)| now - was).collect();
    assert_eq!(added, [1, 1, 1, 1, 1, 1], "{before:?} {after:?}");
    let body = bytes(&put.entry);
    assert_eq!(put.receipt.hash, api::proof::hash(&body));
    assert_eq!((put.receipt.id, put.receipt.stored_at), (put.id, start_of_tests()));
    place.clock.advance(jiff::SignedDuration::from_hours(1));
    isha.put(place, correct(&put.item, allergy("ペニシリン"))).await;
    for _ in 0..3 {
        let again = isha.send(&place.store, &put.entry).await.unwrap();
        assert_eq!(again, put.receipt, "the receipt of that time, not of now");
    }
    let end = rows(place).await;
    assert_eq!([end[0], end[1], end[2]], [2, 2, 1]);
    assert_eq!(end[4], after[4] + 1, "sending again is no event");
    let kept = "SELECT body, hash, signature, public_key, kind, canonical FROM entries ORDER BY at";
    let kept = place.look(kept).await;
    let text = |column| kept.get::<String, _>(column);
    assert_eq!(text(0).as_bytes(), body);
    assert_eq!(text(1), put.receipt.hash);
    assert!(api::proof::verify(&text(3), text(0).as_bytes(), &text(2)), "provable afterwards");
    assert_eq!((text(4).as_str(), text(5).as_str()), ("profile", "1"));
}

pub async fn an_id_is_good_for_one_entry(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let put = isha.put(place, record(allergy("ペニシリン系"))).await;
    let stands = rows(place).await;
    let other = api::entries::Entry { id: put.id, ..profile(record(allergy("卵"))) };
    is_invalid(&isha.send(&place.store, &other).await);
    let mut spaced = bytes(&put.entry);
    spaced.push(b'\n');
    is_invalid(&isha.send_bytes(&place.store, &put.entry, &spaced).await);
    // The same bytes from somebody else are not that person's entry.
    is_invalid(&clerk(place).await.send(&place.store, &put.entry).await);
    let now = rows(place).await;
    assert_eq!(now[..5], stands[..5]);
}

pub async fn an_entry_from_two_processes_at_once_is_stored_once(place: &Place) {
    with_patients(place).await;
    let isha = Arc::new(doctor(place).await);
    let stores = [place.store.clone(), place.second().await];
    for turn in 0..10 {
        let entry = profile(record(weight(600 + turn, 0)));
        let mut sending = Vec::new();
        for n in 0..6 {
            let (store, isha) = (stores[n % 2].clone(), Arc::clone(&isha));
            let entry = entry.clone();
            sending.push(tokio::spawn(async move { isha.send(&store, &entry).await.unwrap() }));
        }
        let mut receipts: Vec<Receipt> = Vec::new();
        for one in sending {
            receipts.push(one.await.unwrap());
        }
        receipts.dedup();
        assert_eq!(receipts.len(), 1);
    }
    let counts = rows(place).await;
    assert_eq!([counts[0], counts[1], counts[2]], [10, 10, 10]);
    let told = place.events().await;
    let changed = told.iter().filter(|e| matches!(e.kind, EventKind::ProfileChanged { .. }));
    assert_eq!(changed.count(), 10);
    stores[1].close().await;
}

/// For each table that an entry writes to, the write is made to fail: nothing stands in any of them. The tables
/// come in the order of writing, so that something was written before each failure but the first.
pub async fn a_failure_between_the_writes_leaves_nothing(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let first = isha.put(place, record(allergy("ペニシリン系"))).await;
    let whole = rows(place).await;
    let stands = place.store.patient_view(&place.link, &number(1)).await.unwrap().profile;
    let mut audit = place.count("audit").await;
    for table in ["entries", "versions", "items", "outgoing", "events", "audit", "heads"] {
        forbid(place, table).await;
        let correction = profile(correct(&first.item, allergy("セフェム系")));
        let refused = isha.send(&place.store, &correction).await.unwrap_err();
        assert!(matches!(refused, StoreError::Database(_)), "{table}: {refused:?}");
        let text = refused.to_string();
        assert!(!text.contains("セフェム"), "content in an error: {text}");
        let moved = state_entry(change(1, ReceptionState::Done, ReceptionState::Waiting));
        if !["versions", "items", "outgoing"].contains(&table) {
            isha.send(&place.store, &moved).await.unwrap_err();
        }
        allow(place, table).await;
        let now = rows(place).await;
        assert_eq!(now[..5], whole[..5], "{table}");
        assert_eq!(now[5], audit, "{table}");
        let view = place.store.patient_view(&place.link, &number(1)).await.unwrap();
        assert_eq!(view.profile, stands, "{table}");
        assert_eq!(view.receptions[0].state, ReceptionState::Waiting, "{table}");
        audit = place.count("audit").await;
    }
    // And the very same entry goes through once nothing is in its way.
    let correction = profile(correct(&first.item, allergy("セフェム系")));
    forbid(place, "audit").await;
    isha.send(&place.store, &correction).await.unwrap_err();
    allow(place, "audit").await;
    isha.send(&place.store, &correction).await.unwrap();
    assert_eq!(place.count("versions").await, 2);
}

/// Makes every write into the table fail, whichever engine.
pub async fn forbid(place: &Place, table: &str) {
    if place.url.starts_with("sqlite") {
        for when in ["INSERT", "UPDATE"] {
            place
                .tamper(&format!(
                    "CREATE TRIGGER no_{when} BEFORE {when} ON {table} {} BEGIN \
                     SELECT RAISE(ABORT, 'forbidden by the test'); END",
                    locks(table, when)
                ))
                .await;
        }
    } else {
        place
            .tamper(
                "CREATE OR REPLACE FUNCTION forbid() RETURNS trigger AS \
                 $$ BEGIN RAISE EXCEPTION 'forbidden by the test'; END $$ LANGUAGE plpgsql",
            )
            .await;
        for when in ["INSERT", "UPDATE"] {
            place
                .tamper(&format!(
                    "CREATE TRIGGER no_{when} BEFORE {when} ON {table} FOR EACH ROW {} \
                     EXECUTE FUNCTION forbid()",
                    locks(table, when)
                ))
                .await;
        }
    }
}

/// The writer locks an institution by an UPDATE that changes nothing; only its last one is to fail.
fn locks(table: &str, when: &str) -> &'static str {
    if (table, when) == ("heads", "UPDATE") { "WHEN (OLD.audit_seq <> NEW.audit_seq)" } else { "" }
}

pub async fn allow(place: &Place, table: &str) {
    let on = if place.url.starts_with("sqlite") { String::new() } else { format!(" ON {table}") };
    for when in ["INSERT", "UPDATE"] {
        place.tamper(&format!("DROP TRIGGER no_{when}{on}")).await;
    }
}

pub async fn what_breaks_a_rule_is_refused_and_leaves_nothing(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let put = isha.put(place, record(allergy("ペニシリン系"))).await;
    let before = rows(place).await;
    let invalid = [
        record(allergy("")),
        record(allergy("a\0b")),
        record(allergy(&"長".repeat(300))),
        correct(&put.item, weight(684, 0)),
        ProfileEntry { base: Some(Uuid::now_v7()), ..record(allergy("卵")) },
        ProfileEntry { act: Act::Withdraw, ..record(allergy("卵")) },
        ProfileEntry { reason: String::new(), ..about(&put.item, Act::Withdraw) },
        ProfileEntry { reason: "\u{7}".to_owned(), ..correct(&put.item, allergy("卵")) },
        ProfileEntry { settles: None, ..about(&put.item, Act::Keep) },
        record(weight_of_tomorrow()),
        // A patient has one blood type, and its name is nobody else's.
        ProfileEntry { item: ProfileEntry::BLOOD_TYPE, ..record(allergy("卵")) },
        record(blood_type()),
    ];
    for told in invalid {
        let refused = isha.refused(place, told.clone()).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{told:?}: {refused:?}");
        assert!(!refused.to_string().contains('卵'), "content in an error");
    }
    for unknown in ["77", "0", "A-1"] {
        let stranger = of(PatientNumber::parse(unknown).unwrap(), record(allergy("卵")));
        let missing = isha.refused(place, stranger).await;
        assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
    }
    // Others than practitioners write in a practitioner's name, one who works here.
    let nobody =
        Staff { account: Uuid::now_v7(), name: "院長".to_owned(), role: Role::Practitioner };
    for named in [None, Some(nobody), Some(desk.staff())] {
        let told = ProfileEntry { on_behalf_of: named, ..record(allergy("卵")) };
        let refused = desk.refused(place, told).await;
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    }
    assert_eq!(rows(place).await, before);
    let not_utf8 = isha.send_bytes(&place.store, &put.entry, &[0xff]).await;
    is_invalid(&not_utf8);
    let blood = ProfileEntry { item: ProfileEntry::BLOOD_TYPE, ..record(blood_type()) };
    assert_eq!(isha.put(place, blood).await.outcome, Outcome::Stands);
}

fn weight_of_tomorrow() -> ProfileValue {
    crate::hands::weight_at(684, start_of_tests() + jiff::SignedDuration::from_hours(48))
}

fn blood_type() -> ProfileValue {
    use clinical::profile::{Abo, BloodType};
    ProfileValue::BloodType(BloodType { abo: Some(Abo::A), rh: None })
}

pub async fn roles_and_disabled_accounts(place: &Place) {
    with_patients(place).await;
    let (isha, kango) = (doctor(place).await, nurse(place).await);
    let kanri = hand(place, "kanri", Role::Administrator).await;
    place.store.reconcile_day(&place.link, today(), vec![reception(1)]).await.unwrap();
    let put = kango.put(place, for_the(&isha, record(allergy("卵")))).await;
    let before = rows(place).await;
    let moved = state_entry(change(1, ReceptionState::Done, ReceptionState::Waiting));
    for (who, told) in [
        (&kango, profile(about(&put.item, Act::Confirm))),
        (&kanri, profile(for_the(&isha, record(allergy("麦"))))),
        (&kanri, profile(about(&put.item, Act::Confirm))),
        (&kanri, moved.clone()),
    ] {
        let refused = who.send(&place.store, &told).await.unwrap_err();
        assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    }
    let now = rows(place).await;
    assert_eq!((now[..5].to_vec(), now[5]), (before[..5].to_vec(), before[5] + 4));

    // A disabled account writes nothing new, whatever the caller still holds; what it had stored keeps its
    // receipt, and what it had signed stays provable.
    let operator = Actor::operator(place.tenant(), "root");
    place.store.set_account_disabled(&operator, "kango", true).await.unwrap();
    let refused = kango.send(&place.store, &profile(record(weight(684, 0)))).await.unwrap_err();
    assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    assert_eq!(kango.send(&place.store, &put.entry).await.unwrap(), put.receipt);
    let key = kango.signer.public_key();
    assert!(place.store.entry_author(&key).await.unwrap().unwrap().disabled);
    // And nobody writes in the name of somebody who has left.
    place.store.set_account_disabled(&operator, "isha", true).await.unwrap();
    let desk = clerk(place).await;
    let refused = desk.refused(place, for_the(&isha, record(allergy("麦")))).await;
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    let staff = place.store.staff(place.tenant()).await.unwrap().staff;
    assert_eq!(staff, [desk.staff(), kanri.staff()]);
}

pub async fn the_staff_stands_practitioners_first(place: &Place) {
    let desk = clerk(place).await;
    let kanri = hand(place, "a-kanri", Role::Administrator).await;
    let kango = nurse(place).await;
    let fukuin = hand(place, "z-fukuin", Role::Practitioner).await;
    let isha = doctor(place).await;
    let staff = place.store.staff(place.tenant()).await.unwrap().staff;
    assert_eq!(staff, [isha.staff(), fukuin.staff(), kango.staff(), desk.staff(), kanri.staff()]);
}

pub async fn the_cloud_names_people_by_its_own_accounts(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let mut told = for_the(&isha, record(allergy("卵")));
    told.on_behalf_of =
        Some(Staff { name: "偽名".to_owned(), role: Role::Nurse, ..isha.staff() });
    let put = desk.put(place, told).await;
    assert_eq!(put.item.content.on_behalf_of, Some(isha.staff()));
    assert_eq!(put.item.content.author, desk.staff());
    assert_eq!(put.item.content.stored_at, Some(start_of_tests()));
    // A practitioner who names himself writes in nobody's name.
    let own = isha.put(place, for_the(&isha, record(allergy("麦")))).await;
    assert_eq!(own.item.content.on_behalf_of, None);
    let history = place.store.history(&place.link, &number(1)).await.unwrap();
    assert_eq!(history.versions[0].version.terminal, "受付1");
    // What was received stays what it was.
    let body: String = place.look("SELECT body FROM entries ORDER BY id").await.get(0);
    assert!(body.contains("偽名"));
}

pub async fn a_key_is_one_persons_for_ever(place: &Place) {
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let key = isha.signer.public_key();
    let audit = place.count("audit").await;
    place.store.register_entry_key(isha.actor(), &key).await.unwrap();
    assert_eq!(place.count("audit").await, audit, "known already");
    is_invalid(&place.store.register_entry_key(desk.actor(), &key).await);
    for nonsense in ["", "zz", &key.to_uppercase(), &format!("{key}0"), &"\0".repeat(64)] {
        is_invalid(&place.store.register_entry_key(isha.actor(), nonsense).await);
        assert_eq!(place.store.entry_author(nonsense).await.unwrap(), None);
    }
    let services = place.store.register_entry_key(&place.link, &"0".repeat(64)).await;
    assert!(matches!(services, Err(StoreError::Forbidden(_))), "{services:?}");
    assert_eq!(place.store.entry_author(&"0".repeat(64)).await.unwrap(), None);
    // In another institution it is not that person's either.
    let other = place.store.add_institution("other", "他院", Offset::constant(9)).await.unwrap();
    let stranger = hand_at(&place.store, other.tenant, "isha", Role::Practitioner).await;
    is_invalid(&place.store.register_entry_key(stranger.actor(), &key).await);
    let author = place.store.entry_author(&key).await.unwrap().unwrap();
    assert_eq!((author.actor.tenant(), author.staff.clone()), (place.tenant(), isha.staff()));
    assert_eq!((author.offset, author.disabled), (place.clinic.offset, false));
    // A terminal may get another name.
    let staff = isha.staff();
    let moved = Actor::person(place.tenant(), staff.account, "isha", "診察室2", Role::Practitioner);
    place.store.register_entry_key(&moved, &key).await.unwrap();
    let author = place.store.entry_author(&key).await.unwrap().unwrap();
    assert_eq!(author.actor.terminal(), "診察室2");
}

pub async fn a_sign_in_makes_the_key_known(place: &Place) {
    let operator = Actor::operator(place.tenant(), "root");
    let new = new_account(place, "uketsuke", Role::Receptionist).await;
    place.store.add_account(&operator, &new).await.unwrap();
    let key = api::proof::Signer::generate().unwrap().0.public_key();
    let with_key =
        |password: &str| SignIn { entry_key: Some(key.clone()), ..with("uketsuke", password) };
    accounts(place).sign_in(&with_key("wrong-horse-7-battery"), desk()).await.err().unwrap();
    assert_eq!(place.store.entry_author(&key).await.unwrap(), None);
    let signed = accounts(place).sign_in(&with_key(PASSWORD), desk()).await.unwrap();
    let author = place.store.entry_author(&key).await.unwrap().unwrap();
    assert_eq!(author.staff.account, signed.session.account_id);
    assert_eq!(author.staff.name, signed.session.display_name);
    assert_eq!(author.actor.terminal(), "受付1");
    // Somebody else's key: no session, and the key stays whose it is.
    let isha = doctor(place).await;
    let theirs = SignIn { entry_key: Some(isha.signer.public_key()), ..with("uketsuke", PASSWORD) };
    let sessions = place.count("sessions").await;
    accounts(place).sign_in(&theirs, desk()).await.err().unwrap();
    assert_eq!(place.count("sessions").await, sessions);
    let author = place.store.entry_author(&isha.signer.public_key()).await.unwrap().unwrap();
    assert_eq!(author.staff, isha.staff());
}

pub async fn an_entry_lands_in_its_authors_institution_alone(place: &Place) {
    with_patients(place).await;
    let isha = doctor(place).await;
    let other = place.store.add_institution("other", "他院", Offset::constant(9)).await.unwrap();
    let stranger = hand_at(&place.store, other.tenant, "isha", Role::Practitioner).await;
    let put = isha.put(place, record(allergy("卵"))).await;
    // There is no such patient there, and no such practitioner.
    let missing = stranger.refused(place, record(allergy("卵"))).await;
    assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
    let link = Actor::service(other.tenant, "links/receipt");
    let known = crate::people::patients(1..2);
    place.store.upsert_patients(&link, &known, start_of_tests()).await.unwrap();
    let kango = hand_at(&place.store, other.tenant, "kango", Role::Nurse).await;
    let refused = kango.refused(place, for_the(&isha, record(allergy("卵")))).await;
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    // Nor can the other's item be built on, and the same id is free there.
    let refused = stranger.refused(place, correct(&put.item, allergy("麦"))).await;
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    let same = stranger.send(&place.store, &put.entry).await.unwrap();
    assert_eq!(same.hash, put.receipt.hash);
    let here = place.store.history(&place.link, &number(1)).await.unwrap();
    assert_eq!(here.versions.len(), 1);
    assert_eq!(here.versions[0].version.author, isha.staff());
    assert!(place.store.audit_verify(other.tenant, None).await.unwrap().is_whole());
}

pub async fn what_others_must_hear_is_stored_with_its_cause(place: &Place) {
    with_patients(place).await;
    let (isha, desk) = (doctor(place).await, clerk(place).await);
    let told = async || {
        let all = "SELECT COALESCE(MAX(seq), 0), COUNT(*) FROM outgoing WHERE state = 'waiting' \
                   AND service = 'sharing'";
        let row = place.look(all).await;
        (row.get::<i64, _>(0), row.get::<i64, _>(1))
    };
    isha.put(place, record(weight(684, 0))).await;
    // What waits for a practitioner is told to nobody yet; the confirmation is what is told.
    let waits = desk.put(place, for_the(&isha, record(allergy("卵")))).await;
    assert_eq!(told().await, (0, 0));
    let confirmed = isha.put(place, about(&waits.item, Act::Confirm)).await;
    assert_eq!(told().await, (1, 1));
    let row = place.look("SELECT subject, cause FROM outgoing").await;
    assert_eq!(row.get::<String, _>(0), format!("1/{}", waits.item.id));
    assert_eq!(row.get::<String, _>(1), confirmed.id.to_string());
    isha.send(&place.store, &confirmed.entry).await.unwrap();
    assert_eq!(told().await, (1, 1), "once");
    // A rival changes nothing that stands.
    let late = ProfileEntry { base: None, ..correct(&waits.item, allergy("麦")) };
    assert_eq!(isha.put(place, late).await.outcome, Outcome::Rival);
    assert_eq!(told().await, (1, 1));
    let gone = isha.put(place, about(&confirmed.item, Act::Withdraw)).await;
    assert_eq!((gone.outcome, told().await), (Outcome::Stands, (2, 2)));
}
