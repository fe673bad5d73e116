//! The link at work, at the finest level of the log, through troubles: no patient appears in it.

#![allow(clippy::unwrap_used)] // a test that fails shall stop

#[path = "receipt_link/support.rs"]
#[allow(dead_code)]
mod support;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use api::receptions::LinkState;
use clinical::PersonName;
use cloud::config::{Log, LogFormat, LogLevel};
use sandbox::Trouble;
use support::{World, impatient, quiet, until};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_logs_no_patient() {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = Log { format: LogFormat::Json, level: LogLevel::Debug };
    let subscriber = cloud::logs::subscriber(&log, move || writer.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::start_with(quiet(), impatient).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let number = world.number(5);
    let id = control.accept(number.as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    control.accept_walk_in("飛込　三郎").unwrap();
    let name = PersonName {
        kanji: "新姓　花子".to_owned(), kana: "シンセイ　ハナコ".to_owned()
    };
    control.rename_patient(number.as_str(), name.clone()).unwrap();
    let renamed = async || world.patient(&number).await.is_some_and(|p| p.name == name);
    until("the name", renamed).await;
    control
        .change_patient(number.as_str(), |patient| patient.name.kanji = "<&>花子".to_owned())
        .unwrap();
    for (trouble, state) in [
        (Trouble::Down, LinkState::Unreachable),
        (Trouble::Garbage, LinkState::Garbled),
        (Trouble::RefuseAuth, LinkState::Refused),
    ] {
        control.set_trouble(trouble);
        world.until_link(state).await;
        // Calls for single patients carry the number in their address.
        control.set_safety(number.as_str(), Vec::new()).unwrap();
        control.set_trouble(Trouble::None);
        world.until_link(LinkState::Up).await;
    }
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    for patient in world.sandbox.clinic.patients() {
        secrets.insert(patient.number.to_string());
        secrets.extend(patient.birth_date.map(|day| day.to_string()));
        let names = [&patient.name.kanji, &patient.name.kana];
        secrets.extend(names.into_iter().flat_map(|n| n.split('　')).map(str::to_owned));
    }
    secrets.extend(["新姓", "シンセイ", "飛込", "花子", "id="].map(str::to_owned));
    secrets.remove("");
    let password = world.sandbox.receipt.password.clone();
    secrets.insert(password);
    world.stop().await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let mut looked_at = 0;
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut words = line.as_object().unwrap().clone();
        words.remove("timestamp");
        words.remove("addr");
        let words = serde_json::Value::Object(words).to_string();
        for secret in &secrets {
            assert!(!words.contains(secret.as_str()), "{secret} in {words}");
        }
        looked_at += 1;
    }
    assert!(looked_at > 10, "{text}");
    for word in
        ["Unreachable", "Garbled", "Refused", "push connected", "patientgetv2", "patients imported"]
    {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}
