use api::ErrorCode;
use api::patients::{PatientSearch, PatientView};
use reqwest::StatusCode;

use crate::support::{World, patients, read, receptions, refused};

#[tokio::test]
async fn a_patient_by_number_in_any_padding() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    for path in ["/v1/patients/00127", "/v1/patients/127", "/v1/patients/0000127"] {
        let response = world.get(&token, path).send().await.unwrap();
        let view: PatientView = read(response, StatusCode::OK).await;
        assert_eq!(view.patient, patients()[0]);
        assert_eq!(view.receptions.len(), 1);
        assert_eq!(view.receptions[0].key, receptions()[0].key);
        assert_eq!(view.fetched_at, "2026-11-22T08:00:00+09:00".parse().unwrap());
    }
    let response = world.get(&token, "/v1/patients/99999").send().await.unwrap();
    let body = refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    assert!(!body.message.contains("99999"), "{body:?}");
    let response = world.get(&token, "/v1/patients/%E8%8A%B1%E5%AD%90").send().await.unwrap();
    let body = refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    assert!(!body.message.contains("花子"), "{body:?}");
    world.running.stop().await;
}

#[tokio::test]
async fn searching() {
    let world = World::start().await;
    let token = world.token("isha").await;
    let cases = [
        ("花子", vec!["00127"]),
        ("ひょうじゅん", vec!["00127"]),
        ("mihon", vec!["00128"]),
        ("129", vec!["00129"]),
        ("S23.4.5", vec!["00127"]),
        ("男", vec!["00128", "00129"]),
        ("男 れい", vec!["00129"]),
        ("居ない", vec![]),
        ("", vec![]),
    ];
    for (words, expected) in cases {
        let request = world.get(&token, "/v1/patients").query(&[("q", words)]);
        let found: PatientSearch = read(request.send().await.unwrap(), StatusCode::OK).await;
        let numbers: Vec<_> = found.hits.iter().map(|hit| hit.number.as_str()).collect();
        assert_eq!(numbers, expected, "{words}");
        assert!(!found.more);
    }
    let request = world.get(&token, "/v1/patients").query(&[("q", "男"), ("limit", "1")]);
    let found: PatientSearch = read(request.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!((found.hits.len(), found.more), (1, true));
    for limit in ["0", "201", "-1", "many"] {
        let request = world.get(&token, "/v1/patients").query(&[("q", "男"), ("limit", limit)]);
        let response = request.send().await.unwrap();
        refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    }
    let long = "あ".repeat(201);
    let request = world.get(&token, "/v1/patients").query(&[("q", long.as_str())]);
    let response = request.send().await.unwrap();
    refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    world.running.stop().await;
}

#[tokio::test]
async fn every_look_leaves_an_audit_row() {
    let world = World::start().await;
    let token = world.token("isha").await;
    let before = world.running.store.audit_rows(world.tenant, 0, 1000).await.unwrap().len();
    for path in
        ["/v1/patients/127", "/v1/patients/99999", "/v1/patients?q=%E8%8A%B1", "/v1/receptions"]
    {
        world.get(&token, path).send().await.unwrap();
    }
    let rows = world.running.store.audit_rows(world.tenant, 0, 1000).await.unwrap();
    let new = &rows[before..];
    assert!(new.len() >= 4, "{new:?}");
    assert!(new.iter().all(|row| row.login == "isha" && row.terminal == "受付1"), "{new:?}");
    world.running.stop().await;
}
