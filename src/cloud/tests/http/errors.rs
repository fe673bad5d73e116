use api::ErrorCode;
use clinical::ReceptionState;
use reqwest::{Method, StatusCode};

use crate::support::{World, refused};

const ENTRIES: &str = "/v1/entries/0193a000-0000-7000-8000-000000000001";
const NAME: &str = "標準　花子";

#[tokio::test]
async fn unknown_paths_and_methods() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    for path in ["/", "/v1", "/v1/patient/1", "/v2/health", "/v1/receptions/2026-11-22"] {
        let response = world.get(&token, path).send().await.unwrap();
        refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    }
    for (method, path) in [
        (Method::POST, "/v1/health"),
        (Method::DELETE, "/v1/patients/00127"),
        (Method::PATCH, ENTRIES),
        (Method::GET, ENTRIES),
        (Method::OPTIONS, "/v1/sessions"),
    ] {
        let response = world.request(method, path).bearer_auth(&token).send().await.unwrap();
        assert!(response.headers().contains_key("allow"), "{path}");
        refused(response, StatusCode::METHOD_NOT_ALLOWED, ErrorCode::Invalid).await;
    }
    world.running.stop().await;
}

#[tokio::test]
async fn bodies_that_are_not_of_the_contract() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    let entry = world.state_entry("00001", ReceptionState::Waiting, ReceptionState::Done);
    let good = serde_json::to_string(&entry).unwrap();
    let bodies = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        format!("{{\"state\":\"{NAME}\"}}"),
        format!("{{\"{NAME}"),
        good.replace("waiting", NAME),
        good.replace("reception_state", NAME),
        good.replace("2026-11-22", NAME),
        good.replace(&entry.id.to_string(), NAME),
        good[..good.len() - 1].to_owned(),
    ];
    for body in bodies {
        let sent = [
            world.hand_in_bytes(&desk, entry.id, body.clone()).await,
            world
                .request(Method::POST, "/v1/sessions")
                .header("content-type", "application/json")
                .body(body.clone())
                .send()
                .await
                .unwrap(),
        ];
        for response in sent {
            let error =
                refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
            assert!(!error.message.contains("標準"), "{body} gave {error:?}");
        }
    }
    for path in [ENTRIES, "/v1/sessions"] {
        let method = if path == ENTRIES { Method::PUT } else { Method::POST };
        let request = world.request(method, path).header("content-type", "text/plain").body("{}");
        let response = request.send().await.unwrap();
        refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    }
    world.running.stop().await;
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let world = World::start().await;
    let large = vec![b' '; 65_537];
    for (method, path) in [(Method::PUT, ENTRIES), (Method::POST, "/v1/sessions")] {
        // Once with its length told before, once in pieces.
        let told = reqwest::Body::from(large.clone());
        let pieces = futures_util::stream::iter(
            large.chunks(1000).map(<[u8]>::to_vec).map(Ok::<_, std::io::Error>).collect::<Vec<_>>(),
        );
        for body in [told, reqwest::Body::wrap_stream(pieces)] {
            let request = world.request(method.clone(), path);
            let request = request.header("content-type", "application/json");
            let response = request.body(body).send().await.unwrap();
            refused(response, StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge).await;
        }
    }
    world.running.stop().await;
}

#[tokio::test]
async fn a_store_that_is_away_is_told_as_such() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    world.running.store.close().await;
    let response = world.get(&desk.token, "/v1/patients/00127").send().await.unwrap();
    refused(response, StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable).await;
    let entry = world.state_entry("00001", ReceptionState::Waiting, ReceptionState::Done);
    let response = world.hand_in(&desk, &entry).await;
    refused(response, StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable).await;
    let response = world.request(Method::GET, "/v1/health").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "the service itself lives");
    world.running.stop().await;
}
