//! Sets, stations, prints and the laboratories' links.

use api::entries::{Entry, EntryContent, EntryResult};
use api::papers::{PaperKind, PrintRecord};
use api::receptions::{LinkState, LinkStatus};
use api::session::SignIn;
use clinical::Role;
use clinical::lab::{LabSet, LabSetAct, LabSetEntry};
use cloud::store::StoreError;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::hands::{clerk, doctor, entry, hand, nurse, with_patients};
use crate::harness::{Place, start_of_tests};
use crate::people::number;
use crate::sessions::{PASSWORD, accounts, desk, new_account, with};

fn set(name: &str, owner: Option<Uuid>, place: u32) -> LabSet {
    let items = vec!["AST".to_owned(), "ALT".to_owned()];
    LabSet { id: Uuid::now_v7(), name: name.to_owned(), owner, place, items }
}

fn keep(set: &LabSet) -> Entry {
    let act = LabSetAct::Keep { set: set.clone() };
    entry(EntryContent::LabSet { entry: LabSetEntry { set: set.id, act } })
}

fn remove(set: &LabSet) -> Entry {
    entry(EntryContent::LabSet { entry: LabSetEntry { set: set.id, act: LabSetAct::Remove } })
}

async fn names(place: &Place) -> Vec<String> {
    let sets = place.store.lab_sets(place.tenant()).await.unwrap().sets;
    sets.into_iter().map(|set| set.name).collect()
}

pub async fn sets_are_kept_and_the_latest_word_stands(place: &Place) {
    let (isha, kango) = (doctor(place).await, nurse(place).await);
    let fuku = hand(place, "fuku", Role::Practitioner).await;
    let kanri = hand(place, "kanri", Role::Administrator).await;
    let (clinics, own) = (set("糖尿", None, 2), set("いつもの", Some(isha.staff().account), 1));
    for (who, told) in [(&kango, keep(&clinics)), (&isha, keep(&own))] {
        let receipt = who.send(&place.store, &told).await.unwrap();
        assert_eq!(receipt.result, EntryResult::LabSet);
        assert_eq!(who.send(&place.store, &told).await.unwrap(), receipt);
    }
    assert_eq!(names(place).await, ["いつもの", "糖尿"], "by place");
    let theirs = LabSet { owner: None, ..own.clone() };
    for (who, told) in [
        (&kango, keep(&own)),
        (&kango, keep(&theirs)),
        (&fuku, remove(&own)),
        (&kanri, keep(&clinics)),
    ] {
        let refused = who.send(&place.store, &told).await.unwrap_err();
        assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    }
    let empty = LabSet { items: Vec::new(), ..clinics.clone() };
    let twice = LabSet { items: vec!["AST".into(), "AST".into()], ..clinics.clone() };
    let nameless = LabSet { name: " ".into(), ..clinics.clone() };
    let long = LabSet { name: "長".repeat(21), ..clinics.clone() };
    for wrong in [empty, twice, nameless, long] {
        let refused = isha.send(&place.store, &keep(&wrong)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    }
    // What was said an hour ago and arrives now does not undo what was said since.
    let renamed = LabSet { name: "糖尿２".into(), ..clinics.clone() };
    isha.send(&place.store, &keep(&renamed)).await.unwrap();
    let entered_at = start_of_tests() - SignedDuration::from_hours(1);
    let late = Entry { entered_at, ..remove(&clinics) };
    let events = place.events().await.len();
    isha.send(&place.store, &late).await.unwrap();
    assert_eq!((names(place).await[1].as_str(), place.events().await.len()), ("糖尿２", events));
    isha.send(&place.store, &remove(&clinics)).await.unwrap();
    isha.send(&place.store, &remove(&own)).await.unwrap();
    assert!(names(place).await.is_empty());
    let missing = isha.send(&place.store, &remove(&set("無い", None, 1))).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound("set")), "{missing:?}");
}

/// Signs in at a terminal with that store; the session told at the sign-in and later must agree.
async fn station(place: &Place, store: Option<Uuid>) -> Option<u8> {
    let body = SignIn { store, ..with("uketsuke", PASSWORD) };
    let signed = accounts(place).sign_in(&body, desk()).await.unwrap();
    let session = place.store.session(&signed.token).await.unwrap();
    assert_eq!(session.info.station, signed.session.station);
    signed.session.station
}

pub async fn each_terminals_store_has_a_station(place: &Place) {
    let operator = cloud::store::Actor::operator(place.tenant(), "root");
    let new = new_account(place, "uketsuke", Role::Receptionist).await;
    place.store.add_account(&operator, &new).await.unwrap();
    assert_eq!(station(place, None).await, None);
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(station(place, Some(one)).await, Some(1));
    assert_eq!(station(place, Some(two)).await, Some(2));
    assert_eq!(station(place, Some(one)).await, Some(1), "for good");
    // All the others are in use by now.
    let at = start_of_tests().as_millisecond();
    for n in (3..100).chain([0]) {
        let tenant = 1;
        place
            .tamper(&format!(
                "INSERT INTO stations (institution_id, number, store, used_ms) \
                 VALUES ({tenant}, {n}, 'store {n}', {at})"
            ))
            .await;
    }
    let late = Uuid::new_v4();
    assert_eq!(station(place, Some(late)).await, None, "and nobody loses his");
    place.clock.advance(SignedDuration::from_hours(24 * 29));
    assert_eq!(station(place, Some(two)).await, Some(2));
    assert_eq!(station(place, Some(late)).await, None);
    place.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(station(place, Some(late)).await, Some(0), "the one unused longest");
    assert_eq!(station(place, Some(two)).await, Some(2));
    assert_eq!(station(place, Some(one)).await, Some(1));
    assert_eq!(place.count("stations").await, 100);
}

pub async fn a_print_is_on_record(place: &Place) {
    with_patients(place).await;
    let desk = clerk(place).await;
    let kanri = hand(place, "kanri", Role::Administrator).await;
    let record = PrintRecord {
        job: Uuid::now_v7(),
        paper: PaperKind::Sticker,
        patient: Some(number(1)),
        copy: 1,
        printer: "受付".to_owned(),
        reason: String::new(),
    };
    let printed = |record: &PrintRecord| entry(EntryContent::Printed { record: record.clone() });
    let first = printed(&record);
    let receipt = desk.send(&place.store, &first).await.unwrap();
    assert_eq!(receipt.result, EntryResult::Printed);
    assert_eq!(desk.send(&place.store, &first).await.unwrap(), receipt);
    let again = PrintRecord { copy: 2, reason: "汚れた".to_owned(), ..record.clone() };
    desk.send(&place.store, &printed(&again)).await.unwrap();
    let sheet = PrintRecord { paper: PaperKind::DaySheet, patient: None, ..record.clone() };
    desk.send(&place.store, &printed(&sheet)).await.unwrap();
    assert_eq!(place.count("print_records").await, 3);
    let rows = place.store.audit_rows(place.tenant(), 0, 1000).await.unwrap();
    let told: Vec<_> = rows.iter().filter(|row| row.action == "paper.print").collect();
    assert_eq!(told.len(), 4);
    assert!(told[2].detail.contains("copy=2") && told[2].object_id == number(1).to_string());
    let nobody = PrintRecord { patient: Some(number(77)), ..record.clone() };
    let missing = desk.send(&place.store, &printed(&nobody)).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound("patient")), "{missing:?}");
    let none = PrintRecord { copy: 0, ..record.clone() };
    let refused = desk.send(&place.store, &printed(&none)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    let refused = kanri.send(&place.store, &printed(&record)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Forbidden(_)), "{refused:?}");
    // And whoever takes the record away is found.
    place.broken_on_purpose();
    place.tamper("DELETE FROM print_records WHERE canonical = ''").await;
    assert_eq!(place.store.records_verify(place.tenant()).await.unwrap().faults, 1);
}

pub async fn the_laboratories_links_are_told(place: &Place) {
    with_patients(place).await;
    let (tenant, store) = (place.tenant(), &place.store);
    assert!(store.lab_links(tenant).await.unwrap().is_empty());
    store.set_labs(tenant, &[("みなと", true), ("やま", false)]).await.unwrap();
    let up = LinkStatus { state: LinkState::Up, last_success: Some(start_of_tests()) };
    store.set_lab_status(tenant, "みなと", &up).await.unwrap();
    let down = LinkStatus { state: LinkState::Unreachable, last_success: None };
    store.set_lab_status(tenant, "みなと", &down).await.unwrap();
    doctor(place).await.sent(place, &[1]).await;
    let labs = store.lab_inbox(&place.link).await.unwrap().labs;
    let told: Vec<_> = labs
        .iter()
        .map(|lab| (lab.name.as_str(), lab.state, lab.last_success, lab.undelivered))
        .collect();
    let since = Some(start_of_tests());
    let expected =
        [("みなと", LinkState::Unreachable, since, 1), ("やま", LinkState::Starting, None, 0)];
    assert_eq!(told, expected);
    // A restart with other settings keeps what is known and forgets what is gone.
    store.set_labs(tenant, &[("みなと", true)]).await.unwrap();
    assert_eq!(store.lab_inbox(&place.link).await.unwrap().labs, labs[..1]);
    assert_eq!(store.link_status(tenant).await.unwrap().state, LinkState::Starting);
}
