//! A busy session at the finest level leaves no patient's data in the log.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

#[path = "http/support.rs"]
#[allow(dead_code)]
mod support;

use std::io;
use std::sync::{Arc, Mutex};

use api::receptions::StateChange;
use clinical::ReceptionState;
use cloud::config::{Log, LogFormat, LogLevel};
use reqwest::Method;
use support::{PASSWORD, World};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What a patient is known by, in all spellings in which it goes over the wire.
const SECRETS: [&str; 22] = [
    "標準",
    "花子",
    "ヒョウジュン",
    "ハナコ",
    "見本",
    "太郎",
    "ミホン",
    "レイ",
    "ペニシリン",
    "1948-04-05",
    "1960-01-02",
    "S23.4.5",
    "00127",
    "127",
    "00128",
    "00129",
    "03-0000-0127",
    "%E8%8A%B1",
    "hyoujun",
    "akarui",
    "chigau",
    "受付 花子",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_session_leaves_no_patient_in_the_log() {
    let lines = Lines::default();
    let log = Log { format: LogFormat::Json, level: LogLevel::Debug };
    let subscriber = cloud::logs::subscriber(&log, lines.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::start().await;
    busy(&world).await;
    let token = world.token("isha").await;
    world.running.store.close().await;
    world.get(&token, "/v1/patients/00127").send().await.unwrap();
    world.running.stop().await;

    let bytes = lines.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        // Numbers and random ids may hold any digits; everything else is looked at.
        let mut words = line.as_object().unwrap().clone();
        for name in ["timestamp", "request", "micros", "addr"] {
            words.remove(name);
        }
        let words = serde_json::Value::Object(words).to_string();
        for secret in SECRETS {
            assert!(!words.contains(secret), "{secret} in {words}");
        }
    }
    // The log was written at all, by route and by outcome.
    for word in [
        "\"route\":\"/v1/patients/{number}\"",
        "\"route\":\"/v1/patients\"",
        "\"route\":\"/v1/receptions/{date}/{id}/state\"",
        "\"route\":\"-\"",
        "\"status\":200",
        "\"status\":401",
        "\"status\":404",
        "\"status\":409",
        "\"status\":422",
        "\"status\":503",
        "cannot be reached",
    ] {
        assert!(text.contains(word), "{word} is missing");
    }
}

/// All kinds of requests, good and bad, with a patient's data wherever a client may put it.
async fn busy(world: &World) {
    let send = async |request: reqwest::RequestBuilder| {
        request.send().await.unwrap().bytes().await.unwrap();
    };
    let token = world.token("uketsuke").await;
    world.sign_in("uketsuke", "chigau-Yo-2026!!").await;
    world.sign_in("標準　花子", PASSWORD).await;
    for path in [
        "/v1/receptions",
        "/v1/patients/00127",
        "/v1/patients/%E6%A8%99%E6%BA%96",
        "/v1/patients/hyoujun-hanako-00127-00127-00127",
        "/v1/patients?q=%E8%8A%B1%E5%AD%90",
        "/v1/patients?q=hyoujun&limit=127127",
        "/v1/receptions?date=1948-04-05",
        "/v1/receptions/1948-04-05/00127",
        "/v1/00127/%E6%A8%99%E6%BA%96",
        "/v1/events?after=hyoujun",
    ] {
        if path.starts_with("/v1/events") {
            send(world.get(&token, path).header("last-event-id", "00127")).await;
        } else {
            send(world.get(&token, path)).await;
        }
    }
    let state = "/v1/receptions/2026-11-22/00001/state";
    let change = |state, seen_revision| StateChange {
        change_id: uuid::Uuid::now_v7(),
        state,
        seen_revision,
    };
    send(world.put(&token, state).json(&change(ReceptionState::InConsultation, 1))).await;
    send(world.put(&token, state).json(&change(ReceptionState::Done, 1))).await;
    let json = ("content-type", "application/json");
    let wrong = "{\"state\":\"標準　花子\",\"birth\":\"1948-04-05\"}";
    send(world.put(&token, state).header(json.0, json.1).body(wrong)).await;
    let method = Method::from_bytes(b"HYOUJUN").unwrap();
    send(world.request(method, "/v1/patients/00127").bearer_auth("hyoujun")).await;
    send(world.get("標準", "/v1/session").header("user-agent", "hyoujun/00127")).await;
    world.change_list(5).await;
}
