//! Who gets in, and what a bad line looks like.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use sandbox::{Authority, Sandbox, SandboxConfig, Trouble};

use crate::common::{Client, builder, config, identity, number, send, start, whole, xml};

const LIST: &str = "api01rv2/acceptlstv2?class=03";

#[tokio::test]
async fn only_a_certificate_of_the_tenant_gets_in() {
    let sandbox = start().await;
    let access = &sandbox.receipt;
    let url = format!("{}/api01rv2/patientgetv2?id=1", access.base_url);

    let with_none = builder(access).build().unwrap();
    let refused = send(with_none.get(&url)).await.unwrap_err();
    assert!(!refused.is_timeout() && refused.status().is_none(), "{}", whole(&refused));

    let stranger = Authority::new("Soegaki sandbox authority").unwrap().client("tenant").unwrap();
    let with_theirs = builder(access).identity(identity(&stranger.to_pem())).build().unwrap();
    let refused = send(with_theirs.get(&url)).await.unwrap_err();
    assert!(!refused.is_timeout() && refused.status().is_none(), "{}", whole(&refused));

    let ours = builder(access).identity(identity(&access.client_identity_pem)).build().unwrap();
    assert_eq!(send(ours.get(&url)).await.unwrap().status, StatusCode::UNAUTHORIZED);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_turns_away() {
    let sandbox = start().await;
    let mut access = sandbox.receipt.clone();
    access.ca_pem = Authority::new("another").unwrap().ca_pem();
    let refused = Client::new(&access).post_xml(LIST, "").await.unwrap_err();
    assert!(whole(&refused).contains("certificate"), "{}", whole(&refused));
}

#[tokio::test]
async fn both_tls_versions_are_spoken() {
    let sandbox = start().await;
    let access = &sandbox.receipt;
    for version in [reqwest::tls::Version::TLS_1_2, reqwest::tls::Version::TLS_1_3] {
        let http = builder(access)
            .identity(identity(&access.client_identity_pem))
            .tls_version_min(version)
            .tls_version_max(version)
            .build()
            .unwrap();
        let client = Client { http, access: access.clone() };
        assert_eq!(client.list("03", &[]).await.code(), "21", "{version:?}");
    }
}

#[tokio::test]
async fn the_name_localhost_is_in_the_certificate_too() {
    let sandbox = start().await;
    let mut access = sandbox.receipt.clone();
    access.base_url = access.base_url.replace("127.0.0.1", "localhost");
    assert_eq!(Client::new(&access).list("03", &[]).await.code(), "21");
}

#[tokio::test]
async fn an_unknown_operator_is_401() {
    let sandbox = start().await;
    for (user, password) in [("soegaki", "wrong"), ("nobody", &*sandbox.receipt.password)] {
        let mut access = sandbox.receipt.clone();
        user.clone_into(&mut access.user);
        password.clone_into(&mut access.password);
        let reply = Client::new(&access).get("api01rv2/patientgetv2?id=1").await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(reply.bytes.is_empty());
    }
    let client = Client::new(&sandbox.receipt);
    let url = format!("{}/{LIST}", sandbox.receipt.base_url);
    assert_eq!(send(client.http.post(url)).await.unwrap().status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_missing_or_wrong_type_attribute_gets_no_answer() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    for body in [
        "<data><acceptlstreq><Acceptance_Date>2026-11-24</Acceptance_Date></acceptlstreq></data>",
        "<data><acceptlstreq type=\"record\"><Acceptance_Date>2026-11-24</Acceptance_Date></acceptlstreq></data>",
        "<data><acceptlstreq type=\"record\"><Acceptance_Date type=\"date\">2026-11-24</Acceptance_Date></acceptlstreq></data>",
        "<data><acceptlstreq type=\"string\"><Acceptance_Date type=\"string\">2026-11-24</Acceptance_Date></acceptlstreq></data>",
        // A field that the record does not have.
        &xml("acceptlstreq", &[("Acceptance_Date", "2026-11-24"), ("Patient_ID", "1")]),
    ] {
        let error = client.post_xml(LIST, body).await.unwrap_err();
        let text = whole(&error);
        assert!(error.is_request() && text.contains("closed before message completed"), "{text}");
    }
    // The receipt computer itself is well.
    assert_eq!(client.list("03", &[("Acceptance_Date", "2026-11-24")]).await.code(), "21");
    assert_eq!(sandbox.control.requests_to("/api01rv2/acceptlstv2"), 6);
}

#[tokio::test]
async fn content_type_and_character_set_are_looked_at() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let body = xml("acceptlstreq", &[("Acceptance_Date", "2026-11-24")]);
    for (kind, code) in [
        ("application/xml", "21"),
        ("application/xml; charset=utf-8", "21"),
        ("application/xml; charset=Shift_JIS", "98"),
        ("text/plain", "97"),
        ("application/json", "97"),
    ] {
        let request = client.request(Method::POST, LIST).header("content-type", kind);
        let reply = send(request.body(body.clone())).await.unwrap();
        assert_eq!((reply.status, reply.code()), (StatusCode::OK, code), "{kind}");
        assert_eq!(reply.content_type, "application/xml; charset=UTF-8");
    }
    // "診療" in Shift_JIS inside the record.
    let mut bytes = body.replace("2026-11-24", "@").into_bytes();
    let at = bytes.iter().position(|b| *b == b'@').unwrap();
    bytes.splice(at..=at, [0x90, 0x66, 0x97, 0xC3]);
    let request = client.request(Method::POST, LIST).header("content-type", "application/xml");
    assert_eq!(send(request.body(bytes)).await.unwrap().code(), "98");
    for (body, code) in [("", "98"), ("<data>", "98"), ("<data><x type=\"record\"/></data>", "97")]
    {
        assert_eq!(client.post_xml(LIST, body).await.unwrap().code(), code, "{body}");
    }
    let push = client.request(Method::POST, "api01rv2/pusheventgetv2");
    let push = push.header("content-type", "application/json; charset=Shift_JIS").body("{}");
    assert!(send(push).await.unwrap().text().contains("\"0091\""));
}

#[tokio::test]
async fn paths_and_methods_are_told_apart() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    for path in ["api01rv2/nothingv2", "orca11/acceptlstv2"] {
        assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let base = sandbox.receipt.base_url.trim_end_matches("/api");
    let url = format!("{base}/api01rv2/patientgetv2?id=1");
    let without_prefix = client.http.get(url).basic_auth("soegaki", Some("x"));
    assert_eq!(send(without_prefix).await.unwrap().status, StatusCode::NOT_FOUND);

    let reply = client.get(LIST).await;
    assert_eq!((reply.status, &*reply.allow), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    let reply = client.post_xml("api01rv2/patientgetv2?id=1", "").await.unwrap();
    assert_eq!((reply.status, &*reply.allow), (StatusCode::METHOD_NOT_ALLOWED, "GET"));
    // In the manual, and yet not there.
    let reply = client.post_xml("orca12/patientmemomodv2", "").await.unwrap();
    assert_eq!((reply.status, &*reply.allow), (StatusCode::METHOD_NOT_ALLOWED, "GET"));
}

#[tokio::test]
async fn every_trouble_comes_and_goes() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    assert_eq!(client.list("03", &[]).await.code(), "21");

    sandbox.control.set_trouble(Trouble::Down);
    let error = client.post_xml(LIST, "").await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{}", whole(&error));
    sandbox.control.set_trouble(Trouble::None);
    assert_eq!(client.list("03", &[]).await.code(), "21");

    sandbox.control.set_trouble(Trouble::Garbage);
    let reply = client.list("03", &[]).await;
    assert!(std::str::from_utf8(&reply.bytes).is_err());

    sandbox.control.set_trouble(Trouble::HtmlErrorPage);
    let reply = client.list("03", &[]).await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    assert!(reply.content_type.starts_with("text/html") && reply.text().contains("<html>"));

    sandbox.control.set_trouble(Trouble::RefuseAuth);
    assert_eq!(client.list("03", &[]).await.status, StatusCode::UNAUTHORIZED);

    sandbox.control.set_trouble(Trouble::None);
    assert_eq!(client.list("03", &[]).await.code(), "21");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_slow_answer_can_be_left_and_going_down_cuts_it() {
    let sandbox = start().await;
    sandbox.control.set_trouble(Trouble::Slow(Duration::from_hours(1)));
    let client = Client::new(&sandbox.receipt);
    let request = client.request(Method::POST, LIST).timeout(Duration::from_millis(200));
    assert!(send(request).await.unwrap_err().is_timeout());

    let waiting = tokio::spawn({
        let client = Client::new(&sandbox.receipt);
        async move { client.post_xml(LIST, "").await }
    });
    let control = sandbox.control.clone();
    crate::common::until("second request", || control.requests_to("/api01rv2/acceptlstv2") == 2)
        .await;
    sandbox.control.set_trouble(Trouble::Down);
    let error = waiting.await.unwrap().unwrap_err();
    assert!(!error.is_timeout(), "{}", whole(&error));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_at_once_are_all_served() {
    let sandbox = Sandbox::start(config()).await.unwrap();
    let tasks: Vec<_> = (0..48)
        .map(|at| {
            let client = Client::new(&sandbox.receipt);
            let number = number(&sandbox, at % 40);
            tokio::spawn(async move {
                for _ in 0..5 {
                    let reply = client.get(&format!("api01rv2/patientgetv2?id={number}")).await;
                    assert_eq!(reply.field("Patient_ID"), number);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(sandbox.control.requests_to("/api01rv2/patientgetv2"), 240);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_stopped_sandbox_is_gone_and_its_port_free() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    assert_eq!(client.list("03", &[]).await.code(), "21");
    let bind = sandbox.receipt.base_url.trim_start_matches("https://").replace("/api", "");
    sandbox.stop().await;
    assert!(client.post_xml(LIST, "").await.unwrap_err().is_connect());
    let again = SandboxConfig { bind: bind.parse().unwrap(), ..config() };
    let taken = again.clone();
    let sandbox = Sandbox::start(again).await.unwrap();
    let error = Sandbox::start(taken).await.err().unwrap();
    assert!(error.to_string().contains(&bind), "{error}");
    sandbox.stop().await;
}
