use api::ErrorCode;
use api::entries::{EntryResult, Receipt};
use api::receptions::{LinkState, ReceptionList, Reference};
use clinical::ReceptionState::{AwaitingPayment, Cancelled, InConsultation, Waiting};
use clinical::{Department, Reception};
use reqwest::StatusCode;

use crate::support::{TODAY, World, read, receptions, refused};

#[tokio::test]
async fn the_list_of_today_and_of_another_day() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let response = world.get(&token, "/v1/receptions").send().await.unwrap();
    let list: ReceptionList = read(response, StatusCode::OK).await;
    assert_eq!(list.date, TODAY);
    let ids: Vec<_> = list.receptions.iter().map(|r| r.key.id.as_str()).collect();
    assert_eq!(ids, ["00001", "00002", "00003"]);
    assert_eq!(list.link.state, LinkState::Starting);
    assert!(list.event_seq > 0);

    let response = world.get(&token, "/v1/receptions?date=2026-11-21").send().await.unwrap();
    let list: ReceptionList = read(response, StatusCode::OK).await;
    assert!(list.receptions.is_empty());

    let response = world.get(&token, "/v1/receptions?date=yesterday").send().await.unwrap();
    let body = refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    assert!(!body.message.contains("yesterday"), "{body:?}");
    world.running.stop().await;
}

#[tokio::test]
async fn today_is_the_clinics_day() {
    let world = World::start().await;
    world.clock.set("2026-11-22T23:59:59+09:00".parse().unwrap());
    let token = world.token("uketsuke").await;
    let response = world.get(&token, "/v1/receptions").send().await.unwrap();
    assert_eq!(read::<ReceptionList>(response, StatusCode::OK).await.date, TODAY);
    world.clock.advance(jiff::SignedDuration::from_secs(1));
    let response = world.get(&token, "/v1/receptions").send().await.unwrap();
    let list: ReceptionList = read(response, StatusCode::OK).await;
    assert_eq!(list.date.to_string(), "2026-11-23");
    world.running.stop().await;
}

fn told(receipt: Receipt) -> (bool, Reception) {
    match receipt.result {
        EntryResult::ReceptionState { applied, reception } => (applied, *reception),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_change_moves_the_reception_and_a_late_one_is_told_what_stands() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    let response = world.get(&desk.token, "/v1/receptions/2026-11-22/00001").send().await.unwrap();
    let before: Reception = read(response, StatusCode::OK).await;

    let first = world.state_entry("00001", Waiting, InConsultation);
    let (applied, after) = told(world.taken(&desk, &first).await);
    assert!(applied);
    assert_eq!((after.state, after.revision), (InConsultation, before.revision + 1));

    // The practitioner's screen has not heard of it yet: nothing is overwritten.
    let room = world.person("isha").await;
    let late = world.state_entry("00001", Waiting, AwaitingPayment);
    assert_eq!(told(world.taken(&room, &late).await), (false, after.clone()));
    // Asking for what somebody else has done already is no conflict, and changes nothing.
    let same = world.state_entry("00001", Waiting, InConsultation);
    assert_eq!(told(world.taken(&room, &same).await), (true, after));

    let fresh = world.state_entry("00001", InConsultation, AwaitingPayment);
    let (applied, last) = told(world.taken(&room, &fresh).await);
    assert!(applied);
    assert_eq!((last.state, last.revision), (AwaitingPayment, before.revision + 2));
    world.running.stop().await;
}

#[tokio::test]
async fn sending_a_change_twice_is_changing_once() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    let change = world.state_entry("00001", Waiting, InConsultation);
    let first = world.taken(&desk, &change).await;
    let back = world.state_entry("00001", InConsultation, Waiting);
    world.taken(&desk, &back).await;
    // The receipt is the one of then, though the reception has moved on.
    for _ in 0..2 {
        assert_eq!(world.taken(&desk, &change).await, first);
    }
    let path = "/v1/receptions/2026-11-22/00001";
    let response = world.get(&desk.token, path).send().await.unwrap();
    let now: Reception = read(response, StatusCode::OK).await;
    assert_eq!((now.state, now.revision), (Waiting, 3));
    world.running.stop().await;
}

#[tokio::test]
async fn a_cancelled_reception_is_moved_by_nobody() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    let left = receptions().split_off(1);
    world.running.store.reconcile_day(&world.service(), TODAY, left).await.unwrap();
    for seen in [Waiting, Cancelled] {
        let change = world.state_entry("00001", seen, InConsultation);
        let (applied, reception) = told(world.taken(&desk, &change).await);
        assert_eq!((applied, reception.state), (false, Cancelled));
    }
    world.running.stop().await;
}

#[tokio::test]
async fn an_administrator_sees_and_does_not_change() {
    let world = World::start().await;
    let kanri = world.person("kanri").await;
    let response = world.get(&kanri.token, "/v1/receptions").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let change = world.state_entry("00001", Waiting, InConsultation);
    let response = world.hand_in(&kanri, &change).await;
    refused(response, StatusCode::FORBIDDEN, ErrorCode::Forbidden).await;
    let path = "/v1/receptions/2026-11-22/00001";
    let response = world.get(&kanri.token, path).send().await.unwrap();
    let reception: Reception = read(response, StatusCode::OK).await;
    assert_eq!(reception.state, Waiting);
    world.running.stop().await;
}

#[tokio::test]
async fn unknown_receptions_and_another_institution() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let paths = ["/v1/receptions/2026-11-22/99999", "/v1/receptions/2025-01-01/00001"];
    for path in paths {
        let response = world.get(&token, path).send().await.unwrap();
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }
    let response = world.get(&token, "/v1/receptions/today/00001").send().await.unwrap();
    refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;

    let other = world.person_at("other", "uketsuke").await;
    let response = world.get(&other.token, "/v1/receptions").send().await.unwrap();
    let list: ReceptionList = read(response, StatusCode::OK).await;
    assert!(list.receptions.is_empty(), "another institution's list");
    for path in ["/v1/receptions/2026-11-22/00001", "/v1/patients/00127"] {
        let response = world.get(&other.token, path).send().await.unwrap();
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }
    let change = world.state_entry("00001", Waiting, InConsultation);
    let response = world.hand_in(&other, &change).await;
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    let desk = world.person("uketsuke").await;
    for id in ["99999", "受付", ""] {
        let change = world.state_entry(id, Waiting, InConsultation);
        let response = world.hand_in(&desk, &change).await;
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }
    world.running.stop().await;
}

#[tokio::test]
async fn the_clinics_lists() {
    let world = World::start().await;
    let token = world.token("isha").await;
    let response = world.get(&token, "/v1/reference").send().await.unwrap();
    assert_eq!(read::<Reference>(response, StatusCode::OK).await, Reference::default());
    let department = Department { code: "01".to_owned(), name: "内科".to_owned() };
    let reference = Reference { departments: vec![department], ..Reference::default() };
    world.running.store.set_reference(&world.service(), &reference).await.unwrap();
    let response = world.get(&token, "/v1/reference").send().await.unwrap();
    assert_eq!(read::<Reference>(response, StatusCode::OK).await, reference);
    world.running.stop().await;
}
