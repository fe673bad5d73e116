//! Push over WebSocket, and pusheventgetv2 for what was missed.

use std::sync::Arc;
use std::time::Duration;

use clinical::PersonName;
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sandbox::{ReceiptAccess, Sandbox, Trouble};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};

use crate::common::{Client, number, provider, start, until};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn connect(access: &ReceiptAccess, with_certificate: bool) -> Result<Socket, Error> {
    provider();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(access.ca_pem.as_bytes()).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots);
    let config = if with_certificate {
        let pem = access.client_identity_pem.as_bytes();
        let certificate = CertificateDer::from_pem_slice(pem).unwrap();
        let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
        config.with_client_auth_cert(vec![certificate], key).unwrap()
    } else {
        config.with_no_client_auth()
    };
    let connector = Some(Connector::Rustls(Arc::new(config)));
    let (socket, _) =
        connect_async_tls_with_config(access.push_url.as_str(), None, true, connector).await?;
    Ok(Socket(socket))
}

impl Socket {
    async fn open(sandbox: &Sandbox) -> Self {
        connect(&sandbox.receipt, true).await.unwrap()
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let message = tokio::time::timeout(Duration::from_mins(1), self.0.next()).await;
        serde_json::from_str(message.unwrap().unwrap().unwrap().to_text().unwrap()).unwrap()
    }

    async fn subscribe(&mut self, event: &str) -> String {
        self.say(&json!({"command": "subscribe", "req.id": "r1", "event": event})).await;
        let reply = self.hear().await;
        assert_eq!((&reply["command"], &reply["req.id"]), (&json!("subscribed"), &json!("r1")));
        reply["sub.id"].as_str().unwrap().to_owned()
    }

    /// Whether the line ended without a close frame.
    async fn broken(mut self) -> bool {
        let end = tokio::time::timeout(Duration::from_mins(1), self.0.next()).await.unwrap();
        matches!(end, None | Some(Err(_)))
    }
}

#[tokio::test]
async fn without_a_certificate_there_is_no_push() {
    let sandbox = start().await;
    assert!(connect(&sandbox.receipt, false).await.is_err());
    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
}

#[tokio::test]
async fn a_reception_is_told_from_arrival_to_bill() {
    let sandbox = start().await;
    let mut socket = Socket::open(&sandbox).await;
    let subscription = socket.subscribe("*").await;
    let number = number(&sandbox, 0);
    let id = sandbox.control.accept(&number).unwrap();
    let event = socket.hear().await;
    assert_eq!((&event["command"], &event["sub.id"]), (&json!("event"), &json!(subscription)));
    let data = &event["data"];
    assert_eq!(data["id"], 1);
    assert_eq!(data["event"], "patient_accept");
    assert_eq!(data["time"], "2026-11-24T09:00:00+0900");
    assert_eq!(data["uuid"].as_str().unwrap().len(), 36);
    let combination = data["body"]["Insurance_Combination_Number"].as_str().unwrap();
    assert_eq!(combination.len(), 4);
    assert_eq!(
        data["body"],
        json!({
            "Patient_Mode": "add", "Patient_ID": number, "Accept_Date": "2026-11-24",
            "Accept_Time": "09:00:00", "Accept_Id": id, "Department_Code": "01",
            "Physician_Code": "10001", "Insurance_Combination_Number": combination,
        })
    );

    sandbox.control.finish(&id).unwrap();
    let data = socket.hear().await["data"].clone();
    assert_eq!((&data["event"], &data["id"]), (&json!("patient_account"), &json!(2)));
    assert_eq!(data["body"]["Perform_Date"], "2026-11-24");
    assert_eq!(data["body"]["Medical_Information"][0]["Department_Code"], "01");
    sandbox.control.reopen(&id).unwrap();
    assert_eq!(socket.hear().await["data"]["body"]["Patient_Mode"], "delete");
    sandbox.control.cancel(&id).unwrap();
    let data = socket.hear().await["data"].clone();
    assert_eq!(data["event"], "patient_accept");
    assert_eq!(data["body"]["Patient_Mode"], "delete");

    let name =
        PersonName { kanji: "改名　後".to_owned(), kana: "カイメイ　アト".to_owned() };
    sandbox.control.rename_patient(&number, name).unwrap();
    let data = socket.hear().await["data"].clone();
    assert_eq!(data["event"], "patient_information");
    assert_eq!(data["body"]["Patient_ID"], number);
    assert!(!data.to_string().contains("改名"), "an event carries no name");
}

#[tokio::test]
async fn our_own_reader_understands_every_message() {
    use exchange::orca::push::{Body, Notice, read_notice};
    let sandbox = start().await;
    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
    let id = sandbox.control.accept(&number(&sandbox, 0)).unwrap();
    sandbox.control.finish(&id).unwrap();
    sandbox.control.change_patient(&number(&sandbox, 0), |_| ()).unwrap();
    for name in ["patient_accept", "patient_account", "patient_information"] {
        let (notice, warnings) = read_notice(socket.hear().await.to_string().as_bytes()).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let Notice::Event { event, .. } = notice else { panic!("{notice:?}") };
        assert_eq!(event.body.name(), name);
        assert!(!matches!(event.body, Body::Other { .. }) && event.time.is_some());
    }
}

#[tokio::test]
async fn only_what_was_subscribed_comes_and_only_until_unsubscribed() {
    let sandbox = start().await;
    let mut socket = Socket::open(&sandbox).await;
    let subscription = socket.subscribe("patient_account").await;
    let id = sandbox.control.accept(&number(&sandbox, 0)).unwrap();
    sandbox.control.finish(&id).unwrap();
    assert_eq!(socket.hear().await["data"]["event"], "patient_account");
    let back = json!({"command": "unsubscribe", "req.id": "r2", "sub.id": subscription});
    socket.say(&back).await;
    assert_eq!(socket.hear().await["command"], "unsubscribed");
    sandbox.control.reopen(&id).unwrap();
    socket.say(&back).await;
    let error = socket.hear().await;
    assert_eq!((&error["command"], &error["for"]), (&json!("error"), &json!("unsubscribe")));
    assert_eq!((&error["req.id"], &error["code"]), (&json!("r2"), &json!("NO_SUCH_SUBSCRIPTION")));
    socket.0.send(Message::text("no json")).await.unwrap();
    assert_eq!(socket.hear().await["code"], "PARSE_ERROR");
    socket.say(&json!({"command": "subscribe", "req.id": "r3"})).await;
    assert_eq!(socket.hear().await["code"], "INVALID_PARAMS");
}

#[tokio::test]
async fn what_happens_while_the_line_is_broken_is_not_told_again() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
    sandbox.control.drop_push();
    assert!(socket.broken().await);
    let control = sandbox.control.clone();
    until("socket gone", || control.push_listeners() == 0).await;
    let missed = sandbox.control.accept(&number(&sandbox, 0)).unwrap();

    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
    sandbox.control.lose_push(1);
    let lost = sandbox.control.accept(&number(&sandbox, 1)).unwrap();
    let heard = sandbox.control.accept(&number(&sandbox, 2)).unwrap();
    assert_eq!(socket.hear().await["data"]["body"]["Accept_Id"], heard);

    let ask = json!({"pusheventgetv2req": {"event": "patient_accept"}});
    let events = client.post_json("api01rv2/pusheventgetv2", &ask).await;
    let ids: Vec<_> =
        events.as_array().unwrap().iter().map(|e| &e["data"]["body"]["Accept_Id"]).collect();
    assert_eq!(ids, [&json!(missed), &json!(lost), &json!(heard)]);
}

#[tokio::test]
async fn missed_events_are_asked_for_by_name_user_and_minute() {
    let sandbox = start().await;
    let client = Client::new(&sandbox.receipt);
    let ask = async |fields: Value| {
        client.post_json("api01rv2/pusheventgetv2", &json!({"pusheventgetv2req": fields})).await
    };
    assert_eq!(ask(json!({})).await["error"]["code"], "0007");
    let id = sandbox.control.accept(&number(&sandbox, 0)).unwrap();
    sandbox.control.clock().advance(jiff::SignedDuration::from_mins(10));
    sandbox.control.finish(&id).unwrap();
    for (fields, count) in [
        (json!({}), 2),
        (json!({"event": "patient_account"}), 1),
        (json!({"user": "jimu01"}), 2),
        (json!({"start_time": "2026-11-24 09:10"}), 1),
        (json!({"start_time": "2026-11-24 09:00", "end_time": "2026-11-24 09:09"}), 1),
        (json!({"start_time": "2026-11-24", "end_time": "2026-11-24"}), 2),
    ] {
        let events = ask(fields.clone()).await;
        assert_eq!(events.as_array().map(Vec::len), Some(count), "{fields}");
        let read = exchange::orca::pusheventgetv2::read_reply(events.to_string().as_bytes());
        assert_eq!(read.unwrap().events.len(), count);
    }
    for (fields, code) in [
        (json!({"event": "受付"}), "0001"),
        (json!({"user": "事務"}), "0002"),
        (json!({"start_time": "2026-02-30 10:00"}), "0003"),
        (json!({"start_time": "2026-11-24 25:00"}), "0004"),
        (json!({"end_time": "x"}), "0005"),
        (json!({"end_time": "2026-11-24 x"}), "0006"),
        (json!({"user": "nobody"}), "0007"),
        (json!({"start_time": "2026-11-25", "end_time": "2026-11-24"}), "0008"),
    ] {
        assert_eq!(ask(fields.clone()).await["error"]["code"], code, "{fields}");
    }
    let wrong = client.post_json("api01rv2/pusheventgetv2", &json!({"other": {}})).await;
    assert_eq!(wrong["error"]["code"], "0097");
    sandbox.control.clock().advance(jiff::SignedDuration::from_hours(24 * 8));
    sandbox.control.change_patient(&number(&sandbox, 1), |_| ()).unwrap();
    assert_eq!(ask(json!({})).await.as_array().map(Vec::len), Some(1), "a week is kept");
}

#[tokio::test]
async fn going_down_breaks_the_sockets_and_keeps_new_ones_out() {
    let sandbox = start().await;
    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
    sandbox.control.set_trouble(Trouble::Down);
    assert!(socket.broken().await);
    assert!(connect(&sandbox.receipt, true).await.is_err());
    sandbox.control.set_trouble(Trouble::None);
    Socket::open(&sandbox).await.subscribe("*").await;
}

#[tokio::test]
async fn stopping_ends_the_sockets() {
    let sandbox = start().await;
    let mut socket = Socket::open(&sandbox).await;
    socket.subscribe("*").await;
    sandbox.stop().await;
    assert!(socket.broken().await);
}
