use api::ErrorCode;
use api::receptions::{LinkState, ReceptionList, Reference, StateChange};
use clinical::{Department, Reception, ReceptionState};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::support::{TODAY, World, read, receptions, refused};

const STATE: &str = "/v1/receptions/2026-11-22/00001/state";

fn change(state: ReceptionState, seen_revision: i64) -> StateChange {
    StateChange { change_id: Uuid::now_v7(), state, seen_revision }
}

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

#[tokio::test]
async fn a_change_moves_the_reception_and_a_stale_one_is_refused() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let response = world.get(&token, "/v1/receptions/2026-11-22/00001").send().await.unwrap();
    let before: Reception = read(response, StatusCode::OK).await;

    let first = change(ReceptionState::InConsultation, before.revision);
    let response = world.put(&token, STATE).json(&first).send().await.unwrap();
    let after: Reception = read(response, StatusCode::OK).await;
    assert_eq!(after.state, ReceptionState::InConsultation);
    assert_eq!(after.revision, before.revision + 1);

    // The practitioner's screen has not heard of it yet.
    let other = world.token("isha").await;
    let stale = change(ReceptionState::AwaitingPayment, before.revision);
    let response = world.put(&other, STATE).json(&stale).send().await.unwrap();
    let body = refused(response, StatusCode::CONFLICT, ErrorCode::Conflict).await;
    assert_eq!(*body.current.unwrap(), after);

    let fresh = change(ReceptionState::AwaitingPayment, after.revision);
    let response = world.put(&other, STATE).json(&fresh).send().await.unwrap();
    let last: Reception = read(response, StatusCode::OK).await;
    assert_eq!(last.state, ReceptionState::AwaitingPayment);
    world.running.stop().await;
}

#[tokio::test]
async fn sending_a_change_twice_is_changing_once() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let change = change(ReceptionState::InConsultation, 1);
    let mut answers = Vec::new();
    for _ in 0..3 {
        let response = world.put(&token, STATE).json(&change).send().await.unwrap();
        answers.push(read::<Reception>(response, StatusCode::OK).await);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    // The same name for something else is a mistake of the sender.
    let other = StateChange { state: ReceptionState::Done, ..change };
    let response = world.put(&token, STATE).json(&other).send().await.unwrap();
    refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    world.running.stop().await;
}

#[tokio::test]
async fn an_administrator_sees_and_does_not_change() {
    let world = World::start().await;
    let token = world.token("kanri").await;
    let response = world.get(&token, "/v1/receptions").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let change = change(ReceptionState::InConsultation, 1);
    let response = world.put(&token, STATE).json(&change).send().await.unwrap();
    refused(response, StatusCode::FORBIDDEN, ErrorCode::Forbidden).await;
    let response = world.get(&token, "/v1/receptions/2026-11-22/00001").send().await.unwrap();
    let reception: Reception = read(response, StatusCode::OK).await;
    assert_eq!(reception.state, ReceptionState::Waiting);
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

    let response = world.sign_in_at("other", "uketsuke", crate::support::PASSWORD).await;
    let other: api::session::SignedIn = read(response, StatusCode::CREATED).await;
    let response = world.get(&other.token, "/v1/receptions").send().await.unwrap();
    let list: ReceptionList = read(response, StatusCode::OK).await;
    assert!(list.receptions.is_empty(), "another institution's list");
    for path in ["/v1/receptions/2026-11-22/00001", "/v1/patients/00127"] {
        let response = world.get(&other.token, path).send().await.unwrap();
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }
    let change = change(ReceptionState::Done, receptions()[0].revision);
    let response = world.put(&other.token, STATE).json(&change).send().await.unwrap();
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
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
