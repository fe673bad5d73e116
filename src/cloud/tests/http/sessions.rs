use api::ErrorCode;
use api::session::{Role, SessionInfo, SignedIn};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};

use crate::support::{PASSWORD, World, read, refused};

#[tokio::test]
async fn signing_in_and_out() {
    let world = World::start().await;
    let signed_in: SignedIn =
        read(world.sign_in("uketsuke", PASSWORD).await, StatusCode::CREATED).await;
    let session = &signed_in.session;
    assert_eq!(session.institution, "みどり診療所");
    assert_eq!((session.login.as_str(), session.role), ("uketsuke", Role::Receptionist));
    assert_eq!(session.idle_limit_seconds, 1800);
    let expected: Timestamp = "2026-11-22T20:30:00+09:00".parse().unwrap();
    assert_eq!(session.expires_at, expected);
    let token = &signed_in.token;
    assert!(token.len() >= 43, "256 bits");

    let response = world.get(token, "/v1/session").send().await.unwrap();
    assert_eq!(&read::<SessionInfo>(response, StatusCode::OK).await, session);

    let gone = world.request(Method::DELETE, "/v1/session").bearer_auth(token).send().await;
    assert_eq!(gone.unwrap().status(), StatusCode::NO_CONTENT);
    let after = world.get(token, "/v1/session").send().await.unwrap();
    assert_eq!(after.headers()["www-authenticate"], "Bearer");
    refused(after, StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired).await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_wrong_password_says_the_same_as_an_unknown_id() {
    let world = World::start().await;
    let mut bodies = Vec::new();
    for (place, login) in [("demo", "uketsuke"), ("demo", "nobody"), ("nowhere", "uketsuke")] {
        let response = world.sign_in_at(place, login, "chigau-Yo-2026!!").await;
        let body = refused(response, StatusCode::UNAUTHORIZED, ErrorCode::BadCredentials).await;
        bodies.push(body.message);
    }
    assert!(bodies.iter().all(|message| *message == bodies[0]), "{bodies:?}");
    world.running.stop().await;
}

#[tokio::test]
async fn many_wrong_passwords_make_one_wait() {
    let world = World::start().await;
    let mut locked = None;
    for _ in 0..10 {
        let response = world.sign_in("uketsuke", "chigau-Yo-2026!!").await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            locked = Some(response);
            break;
        }
        refused(response, StatusCode::UNAUTHORIZED, ErrorCode::BadCredentials).await;
    }
    let response = locked.expect("ten wrong passwords go through");
    let header: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let body = refused(response, StatusCode::TOO_MANY_REQUESTS, ErrorCode::AccountLocked).await;
    let wait = body.retry_after_seconds.unwrap();
    assert_eq!(wait, header);
    // Even the right password has to wait, and then it is good.
    let early = world.sign_in("uketsuke", PASSWORD).await;
    refused(early, StatusCode::TOO_MANY_REQUESTS, ErrorCode::AccountLocked).await;
    world.clock.advance(SignedDuration::from_secs(i64::try_from(wait).unwrap() + 1));
    world.token("uketsuke").await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    world.clock.advance(SignedDuration::from_mins(29));
    let used = world.get(&token, "/v1/session").send().await.unwrap();
    assert_eq!(used.status(), StatusCode::OK);
    world.clock.advance(SignedDuration::from_mins(29));
    let used = world.get(&token, "/v1/session").send().await.unwrap();
    assert_eq!(used.status(), StatusCode::OK, "each use counts");
    world.clock.advance(SignedDuration::from_mins(31));
    let late = world.get(&token, "/v1/session").send().await.unwrap();
    refused(late, StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired).await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_its_longest_time() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    for _ in 0..35 {
        world.clock.advance(SignedDuration::from_mins(20));
        let used = world.get(&token, "/v1/session").send().await.unwrap();
        assert_eq!(used.status(), StatusCode::OK);
    }
    world.clock.advance(SignedDuration::from_mins(20));
    let late = world.get(&token, "/v1/session").send().await.unwrap();
    refused(late, StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired).await;
    world.running.stop().await;
}

#[tokio::test]
async fn every_route_but_three_wants_a_token() {
    let world = World::start().await;
    let document = serde_json::to_value(cloud::http::document()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"].is_null() {
                continue;
            }
            let path = path
                .replace("{date}", "2026-11-22")
                .replace("{id}", "00001")
                .replace("{number}", "00127");
            let method: Method = method.to_uppercase().parse().unwrap();
            for token in [None, Some("wrong"), Some("")] {
                let mut request = world.request(method.clone(), &path);
                if let Some(token) = token {
                    request = request.bearer_auth(token);
                }
                let response = request.send().await.unwrap();
                refused(response, StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired).await;
            }
            asked += 1;
        }
    }
    assert_eq!(asked, 17);
    world.running.stop().await;
}
