//! A busy session at the finest level leaves no patient's data in the log.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

#[path = "http/support.rs"]
#[allow(dead_code)]
mod support;

use std::io;
use std::sync::{Arc, Mutex};

use api::entries::EntryContent;
use clinical::ReceptionState::{Done, InConsultation, Waiting};
use cloud::config::{Log, LogFormat, LogLevel};
use reqwest::Method;
use support::profile::{allergy, record, weight};
use support::{PASSWORD, Person, World};
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
const SECRETS: [&str; 24] = [
    "標準",
    "花子",
    "ヒョウジュン",
    "ハナコ",
    "見本",
    "太郎",
    "ミホン",
    "レイ",
    "ペニシリン",
    "発疹",
    "56.4",
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
        "\"route\":\"/v1/entries/{id}\"",
        "\"route\":\"/v1/patients/{number}/history\"",
        "\"route\":\"-\"",
        "\"status\":200",
        "\"status\":401",
        "\"status\":404",
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
    entries(world).await;
    let method = Method::from_bytes(b"HYOUJUN").unwrap();
    send(world.request(method, "/v1/patients/00127").bearer_auth("hyoujun")).await;
    send(world.get("標準", "/v1/session").header("user-agent", "hyoujun/00127")).await;
    world.change_list(5).await;
}

/// Entries of all kinds, taken and refused.
async fn entries(world: &World) {
    let (desk, room) = (world.person("uketsuke").await, world.person("isha").await);
    let done = async |response: reqwest::Response| response.bytes().await.unwrap();
    for (seen, state) in [(Waiting, InConsultation), (Waiting, Done)] {
        done(world.hand_in(&desk, &world.state_entry("00001", seen, state)).await).await;
    }
    let mut clerks = record("00127", allergy("ペニシリン"));
    if let EntryContent::Profile { entry } = &mut clerks {
        entry.on_behalf_of = Some(room.staff.clone());
        "標準　花子さんの申し出".clone_into(&mut entry.reason);
    }
    let refused = [record("00127", allergy(" ")), record("00999", allergy("標準"))];
    for content in refused.into_iter().chain([clerks]) {
        done(world.hand_in(&desk, &world.entry(content)).await).await;
    }
    let entry = world.entry(record("00128", weight("56.4")));
    done(world.hand_in(&room, &entry).await).await;
    done(world.hand_in_bytes(&room, entry.id, "{\"標準　花子\":\"1948-04-05\"}").await).await;
    done(world.hand_in_bytes(&room, entry.id, "標準").await).await;
    let forged = Person { token: String::new(), signer: desk.signer, staff: room.staff.clone() };
    done(world.hand_in(&forged, &entry).await).await;
    let unsigned = world.request(Method::PUT, "/v1/entries/00127-hyoujun").json(&entry);
    done(unsigned.send().await.unwrap()).await;
    for path in ["/v1/patients/00127/history", "/v1/patients/hyoujun/history", "/v1/confirmations"]
    {
        done(world.get(&room.token, path).send().await.unwrap()).await;
    }
}
