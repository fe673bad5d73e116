//! The reception list: the receipt computer's word and the desk's.

use api::EventKind;
use api::receptions::{LinkState, LinkStatus, Reference, StateChange};
use clinical::{Department, Reception, ReceptionKey, ReceptionState};
use cloud::store::{Reconciled, StoreError};
use jiff::SignedDuration;
use jiff::civil::{Time, date};

use crate::hands::{bytes, change, changed, clerk, state_entry};
use crate::harness::{Place, is_invalid, start_of_tests, today};
use crate::people::{key, key_on, paid, reception, reception_on};

use ReceptionState::{AwaitingPayment, Cancelled, Done, InConsultation, InExamination, Waiting};

async fn take(place: &Place, list: Vec<Reception>) -> Reconciled {
    place.store.reconcile_day(&place.link, today(), list).await.unwrap()
}

async fn get(place: &Place, n: u32) -> Reception {
    place.store.reception(&place.link, &key(n)).await.unwrap()
}

/// Receptions told by the events after `after`, with their revisions.
async fn told(place: &Place, after: usize) -> Vec<(String, i64)> {
    let events = place.events().await.into_iter().skip(after);
    events
        .map(|event| match event.kind {
            EventKind::ReceptionChanged { key, revision } => (key.id, revision),
            other => panic!("{other:?}"),
        })
        .collect()
}

pub async fn a_list_is_taken_over_and_taken_over_again(place: &Place) {
    let list = vec![reception(1), reception(2), paid(3)];
    let first = take(place, list.clone()).await;
    assert_eq!(first, Reconciled { added: 3, ..Reconciled::default() });
    assert_eq!(get(place, 1).await, Reception { revision: 1, ..reception(1) });
    assert_eq!(get(place, 3).await.state, Done);
    let second = take(place, list.clone()).await;
    assert_eq!(second, Reconciled { same: 3, ..Reconciled::default() });
    assert!(!second.is_change());
    assert_eq!(told(place, 0).await.len(), 3, "what stays the same is not told again");
    // `state` and `revision` of the list's rows do not count.
    let mut claims = list.clone();
    claims[0].state = Cancelled;
    claims[1].revision = 77;
    assert!(!take(place, claims).await.is_change());
    let mut moved = list;
    moved[1].physician.name.push('子');
    assert_eq!(
        take(place, moved).await,
        Reconciled { changed: 1, same: 2, ..Reconciled::default() }
    );
    assert_eq!(told(place, 3).await, [("00002".to_owned(), 2)]);
}

pub async fn what_leaves_the_list_is_cancelled_and_may_come_back(place: &Place) {
    let desk = clerk(place).await;
    take(place, vec![reception(1), reception(2)]).await;
    desk.set(place, 2, InConsultation, Waiting).await;
    let gone = take(place, vec![reception(1)]).await;
    assert_eq!(gone, Reconciled { cancelled: 1, same: 1, ..Reconciled::default() });
    let cancelled = get(place, 2).await;
    assert_eq!((cancelled.state, cancelled.revision), (Cancelled, 3));
    assert!(!take(place, vec![reception(1)]).await.is_change(), "cancelled once");
    let list = place.store.reception_list(&place.link, today()).await.unwrap();
    assert_eq!(list.receptions.len(), 2, "cancelled ones stay in the list");
    let back = take(place, vec![reception(1), reception(2)]).await;
    assert_eq!(back, Reconciled { changed: 1, same: 1, ..Reconciled::default() });
    assert_eq!((get(place, 2).await.state, get(place, 2).await.revision), (Waiting, 4));
    let ids = told(place, 0).await;
    assert_eq!(ids.iter().filter(|(id, _)| id == "00002").count(), 4);
    // Another day's list is another list.
    let yesterday = date(2026, 11, 21);
    place.store.reconcile_day(&place.link, yesterday, Vec::new()).await.unwrap();
    assert_eq!(get(place, 2).await.state, Waiting);
}

pub async fn paying_overrules_the_desk_and_reopening_returns_to_the_till(place: &Place) {
    let desk = clerk(place).await;
    take(place, vec![reception(1)]).await;
    desk.set(place, 1, InExamination, Waiting).await;
    take(place, vec![paid(1)]).await;
    let done = get(place, 1).await;
    assert_eq!((done.state, done.revision), (Done, 3));
    assert_eq!(done.paid_at, Some(Time::constant(11, 30, 0, 0)));
    take(place, vec![reception(1)]).await;
    let reopened = get(place, 1).await;
    assert_eq!((reopened.state, reopened.paid_at), (AwaitingPayment, None));
}

pub async fn the_desk_keeps_its_state_through_a_reconcile(place: &Place) {
    take(place, vec![reception(1), reception(2)]).await;
    let desk = clerk(place).await;
    desk.set(place, 1, InConsultation, Waiting).await;
    desk.set(place, 2, Done, Waiting).await;
    let mut list = vec![reception(1), reception(2)];
    assert!(!take(place, list.clone()).await.is_change());
    list[0].content.name.push_str("・薬");
    take(place, list).await;
    let moved = get(place, 1).await;
    assert_eq!((moved.state, moved.revision), (InConsultation, 3));
    assert_eq!(moved.content.name, "診察・薬");
    assert_eq!(get(place, 2).await.state, Done, "done at the desk, not paid: stays done");
}

pub async fn a_change_sent_twice_is_one_change(place: &Place) {
    let (desk, store) = (clerk(place).await, &place.store);
    take(place, vec![reception(1)]).await;
    let first = state_entry(change(1, InConsultation, Waiting));
    let receipt = desk.send(store, &first).await.unwrap();
    let (applied, answer) = changed(receipt.clone());
    assert_eq!((applied, answer.state, answer.revision), (true, InConsultation, 2));
    let head = store.event_head(place.tenant()).await.unwrap();
    assert_eq!(desk.send(store, &first).await.unwrap(), receipt);
    // Also after others went on: the receipt is the one it got, the reception stays where it is.
    desk.set(place, 1, Done, InConsultation).await;
    assert_eq!(desk.send(store, &first).await.unwrap(), receipt);
    assert_eq!(get(place, 1).await.state, Done);
    assert_eq!(store.event_head(place.tenant()).await.unwrap(), head + 1);
    // Setting what stands already changes nothing, whatever the person saw.
    for seen in [Done, Waiting] {
        let now = desk.set(place, 1, Done, seen).await;
        assert_eq!((now.state, now.revision), (Done, 3));
    }
    assert_eq!(store.event_head(place.tenant()).await.unwrap(), head + 1);
}

pub async fn a_change_id_is_good_for_one_change(place: &Place) {
    let (desk, store) = (clerk(place).await, &place.store);
    take(place, vec![reception(1), reception(2)]).await;
    let first = state_entry(change(1, InConsultation, Waiting));
    desk.send(store, &first).await.unwrap();
    for other in [
        change(1, Done, Waiting),
        change(1, InConsultation, Done),
        change(2, InConsultation, Waiting),
    ] {
        let other = api::entries::Entry { id: first.id, ..state_entry(other) };
        is_invalid(&desk.send(store, &other).await);
    }
    // The same words in other bytes are another entry too: what was signed is the bytes.
    let mut spaced = bytes(&first);
    spaced.push(b' ');
    is_invalid(&desk.send_bytes(store, &first, &spaced).await);
    assert_eq!(get(place, 1).await.revision, 2);
    assert_eq!(get(place, 2).await.revision, 1);
}

pub async fn who_comes_too_late_changes_nothing_and_sees_what_stands(place: &Place) {
    let (desk, store) = (clerk(place).await, &place.store);
    take(place, vec![reception(1)]).await;
    let mine = state_entry(change(1, InConsultation, Waiting));
    desk.set(place, 1, InExamination, Waiting).await;
    let events = place.events().await.len();
    for _ in 0..2 {
        let (applied, stands) = changed(desk.send(store, &mine).await.unwrap());
        assert_eq!((applied, stands.state, stands.revision), (false, InExamination, 2));
    }
    assert_eq!(get(place, 1).await.revision, 2);
    assert_eq!(place.events().await.len(), events);
    // Backwards is allowed: a slip of the finger is undone.
    assert_eq!(desk.set(place, 1, Waiting, InExamination).await.revision, 3);
    // The late one stays late, although what it saw stands again: its receipt was given.
    let (applied, _) = changed(desk.send(store, &mine).await.unwrap());
    assert!(!applied);
    assert_eq!(get(place, 1).await.state, Waiting);
}

pub async fn changes_made_while_the_line_was_cut_follow_each_other(place: &Place) {
    let (desk, store) = (clerk(place).await, &place.store);
    take(place, vec![reception(1)]).await;
    let chain =
        [(InConsultation, Waiting), (AwaitingPayment, InConsultation), (Done, AwaitingPayment)];
    for (state, seen) in chain {
        assert!(desk.change(store, change(1, state, seen)).await.unwrap().0);
    }
    assert_eq!((get(place, 1).await.state, get(place, 1).await.revision), (Done, 4));
}

pub async fn a_cancelled_reception_is_the_receipt_computers(place: &Place) {
    let (desk, store) = (clerk(place).await, &place.store);
    take(place, vec![reception(1), reception(2)]).await;
    take(place, vec![reception(2)]).await;
    let late = desk.change(store, change(1, Waiting, Waiting)).await.unwrap();
    assert_eq!((late.0, late.1.state), (false, Cancelled));
    let late = desk.change(store, change(1, Waiting, Cancelled)).await.unwrap();
    assert_eq!((late.0, late.1.state), (false, Cancelled));
    is_invalid(&desk.change(store, change(1, Cancelled, Cancelled)).await);
    is_invalid(&desk.change(store, change(2, Cancelled, Waiting)).await);
    assert_eq!((get(place, 1).await.revision, get(place, 2).await.revision), (2, 1));
}

pub async fn unknown_receptions_are_not_found(place: &Place) {
    let desk = clerk(place).await;
    take(place, vec![reception(1)]).await;
    let strange = |id: &str| ReceptionKey { date: today(), id: id.to_owned() };
    let endless = strange(&"1".repeat(10_000));
    let rows = place.count("audit").await;
    for unknown in [strange(""), strange("00001'--"), strange("1\0"), strange("一"), endless] {
        let missing = place.store.reception(&place.link, &unknown).await;
        assert!(matches!(missing, Err(StoreError::NotFound("reception"))), "{missing:?}");
    }
    assert_eq!(place.count("audit").await, rows, "nonsense does not fill the log");
    for unknown in [key(2), key_on(date(2026, 11, 21), 1), strange("1")] {
        let missing = place.store.reception(&place.link, &unknown).await;
        assert!(matches!(missing, Err(StoreError::NotFound("reception"))), "{missing:?}");
        let wanted = StateChange { key: unknown, ..change(1, Done, Waiting) };
        let missing = desk.change(&place.store, wanted).await;
        assert!(matches!(missing, Err(StoreError::NotFound("reception"))), "{missing:?}");
    }
}

pub async fn another_days_reception_is_refused(place: &Place) {
    let yesterday = date(2026, 11, 21);
    let mixed = vec![reception(1), reception_on(yesterday, 2)];
    is_invalid(&place.store.reconcile_day(&place.link, today(), mixed).await);
    let mut impossible = reception(1);
    impossible.key.id.push('\0');
    is_invalid(&place.store.reconcile_day(&place.link, today(), vec![impossible]).await);
    assert!(place.events().await.is_empty());
}

pub async fn the_list_stands_in_the_order_of_time(place: &Place) {
    let mut list: Vec<Reception> = [5, 3, 9, 1].map(reception).into();
    list[3].time = Time::constant(23, 0, 0, 0);
    let same_time = list[0].time;
    list[2].time = same_time;
    take(place, list).await;
    let walk_in = Reception { patient: None, time: Time::constant(7, 0, 0, 0), ..reception(20) };
    let mut all = vec![walk_in];
    all.extend([reception(5), reception(3)]);
    take(place, all).await;
    let shown = place.store.reception_list(&place.link, today()).await.unwrap();
    let ids: Vec<&str> = shown.receptions.iter().map(|r| r.key.id.as_str()).collect();
    assert_eq!(ids, ["00020", "00003", "00005", "00009", "00001"]);
    assert_eq!(shown.event_seq, place.store.event_head(place.tenant()).await.unwrap());
    assert_eq!(shown.date, today());
}

pub async fn the_links_state_is_told_when_it_changes(place: &Place) {
    let (store, tenant) = (&place.store, place.tenant());
    let starting = store.link_status(tenant).await.unwrap();
    assert_eq!(starting, LinkStatus { state: LinkState::Starting, last_success: None });
    let at = |seconds| Some(start_of_tests() + SignedDuration::from_secs(seconds));
    let up = |seconds| LinkStatus { state: LinkState::Up, last_success: at(seconds) };
    assert!(store.set_link_status(tenant, &up(0)).await.unwrap());
    assert!(!store.set_link_status(tenant, &up(30)).await.unwrap());
    assert_eq!(store.link_status(tenant).await.unwrap(), up(30));
    let down = LinkStatus { state: LinkState::Unreachable, last_success: None };
    assert!(store.set_link_status(tenant, &down).await.unwrap());
    assert!(!store.set_link_status(tenant, &down).await.unwrap());
    let shown = store.reception_list(&place.link, today()).await.unwrap().link;
    assert_eq!(shown, LinkStatus { state: LinkState::Unreachable, last_success: at(30) });
    assert_eq!(place.events().await.len(), 2);
    assert_eq!(store.link_cursor(tenant, "receipt/push").await.unwrap(), None);
    for value in ["1", "2"] {
        store.set_link_cursor(tenant, "receipt/push", value).await.unwrap();
        assert_eq!(
            store.link_cursor(tenant, "receipt/push").await.unwrap().as_deref(),
            Some(value)
        );
    }
    assert_eq!(place.events().await.len(), 2);
}

pub async fn the_clinics_lists_are_kept(place: &Place) {
    let store = &place.store;
    assert_eq!(store.reference(place.tenant()).await.unwrap(), Reference::default());
    let lists = Reference {
        departments: vec![Department { code: "01".to_owned(), name: "内科".to_owned() }],
        ..Reference::default()
    };
    assert!(store.set_reference(&place.link, &lists).await.unwrap());
    assert!(!store.set_reference(&place.link, &lists).await.unwrap());
    assert_eq!(store.reference(place.tenant()).await.unwrap(), lists);
    let events = place.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, EventKind::ReferenceChanged);
    assert_eq!(events[0].at, start_of_tests());
}
