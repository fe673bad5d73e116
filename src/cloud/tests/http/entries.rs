//! Entries over the wire: once, whole, by whom they are signed, and by nobody else.

use api::entries::{Entry, EntryContent, EntryResult, KEY_HEADER, SIGNATURE_HEADER};
use api::proof::Signer;
use api::session::SignedIn;
use api::{ErrorCode, Event, EventKind};
use clinical::profile::check::{LONGEST_NOTE, LONGEST_TEXT};
use clinical::profile::{Item, Outcome, PastHistory, ProfileValue};
use cloud::store::EventPage;
use cloud::store::audit::AuditRow;
use reqwest::{Method, Response, StatusCode};
use uuid::Uuid;

use crate::support::profile::{allergy, record, weight};
use crate::support::{PASSWORD, Person, World, refused, sign_in};

const FORBIDDEN: (StatusCode, ErrorCode) = (StatusCode::FORBIDDEN, ErrorCode::Forbidden);
const INVALID: (StatusCode, ErrorCode) = (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid);

/// All events so far.
async fn events(world: &World) -> Vec<Event> {
    match world.running.store.events_after(world.tenant, 0, 1000).await.unwrap() {
        EventPage::Events(events) => events,
        other @ EventPage::Reset(_) => panic!("{other:?}"),
    }
}

async fn audit(world: &World) -> Vec<AuditRow> {
    world.running.store.audit_rows(world.tenant, 0, 1000).await.unwrap()
}

fn stored(result: EntryResult) -> (Outcome, Item) {
    match result {
        EntryResult::Profile { outcome, item } => (outcome, *item),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_is_stored_once_however_often_it_comes() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry = world.entry(record("00127", weight("56.4")));
    // All at once, as after a line that came and went, and some later.
    let sent = (0..8).map(|_| world.hand_in(&room, &entry));
    let mut receipts = Vec::new();
    for response in futures_util::future::join_all(sent).await {
        receipts.push(crate::support::read(response, StatusCode::OK).await);
    }
    world.clock.advance(jiff::SignedDuration::from_hours(20));
    receipts.push(world.taken(&room, &entry).await);
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    let (outcome, item) = stored(receipts[0].result.clone());
    assert_eq!((outcome, item.head), (Outcome::Stands, entry.id));
    assert_eq!(item.content.stored_at, Some(receipts[0].stored_at));

    let history = world.history(&world.person("isha").await, "00127").await;
    assert_eq!(history.versions.len(), 1);
    let told = events(&world).await.into_iter().filter(|event| {
        matches!(&event.kind, EventKind::ProfileChanged { number, item: of }
            if number.as_str() == "00127" && *of == item.id)
    });
    assert_eq!(told.count(), 1);
    world.running.stop().await;
}

#[tokio::test]
async fn the_same_id_for_other_bytes_is_refused() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry = world.entry(record("00127", weight("56.4")));
    let first = world.taken(&room, &entry).await;
    let other = Entry { content: record("00127", weight("65.4")), ..entry.clone() };
    let spaced = serde_json::to_string_pretty(&entry).unwrap();
    for body in [serde_json::to_string(&other).unwrap(), spaced] {
        let response = world.hand_in_bytes(&room, entry.id, body).await;
        refused(response, INVALID.0, INVALID.1).await;
    }
    // Another id in the body than in the path.
    let body = serde_json::to_vec(&entry).unwrap();
    let response = world.hand_in_bytes(&room, Uuid::now_v7(), body).await;
    refused(response, INVALID.0, INVALID.1).await;
    assert_eq!(world.taken(&room, &entry).await, first);
    assert_eq!(world.history(&room, "00127").await.versions.len(), 1);
    world.running.stop().await;
}

/// Sends an entry under headers of the test's choice.
async fn send(
    world: &World,
    entry: &Entry,
    key: Option<&str>,
    signature: Option<&str>,
) -> Response {
    let path = api::routes::fill(api::routes::ENTRY, &[&entry.id.to_string()]);
    let mut request = world.request(Method::PUT, &path).json(entry);
    for (name, value) in [(KEY_HEADER, key), (SIGNATURE_HEADER, signature)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn without_a_known_key_and_its_signature_nothing_is_taken() {
    let world = World::start().await;
    let (desk, room) = (world.person("uketsuke").await, world.person("isha").await);
    let entry = world.entry(record("00127", weight("56.4")));
    let body = serde_json::to_vec(&entry).unwrap();
    let (key, signature) = (room.signer.public_key(), room.signer.sign(&body));
    let stranger = Signer::generate().unwrap().0;
    let before = audit(&world).await.len();
    let others = [
        (None, None),
        (Some(key.clone()), None),
        (None, Some(signature.clone())),
        (Some("標準".to_owned()), Some(signature.clone())),
        (Some(key[1..].to_owned()), Some(signature.clone())),
        (Some(key.clone()), Some(signature[2..].to_owned())),
        (Some(key.clone()), Some(room.signer.sign(b"something else"))),
        (Some(key.clone()), Some(desk.signer.sign(&body))),
        (Some(desk.signer.public_key()), Some(signature.clone())),
        (Some(stranger.public_key()), Some(stranger.sign(&body))),
        (Some(stranger.public_key()), Some(signature.clone())),
    ];
    let mut answers = Vec::new();
    for _ in 0..2 {
        for (key, signature) in &others {
            let sent = send(&world, &entry, key.as_deref(), signature.as_deref()).await;
            assert_eq!(sent.headers()["www-authenticate"], "Soegaki-Entry");
            let (status, code) = (StatusCode::UNAUTHORIZED, ErrorCode::EntryKeyUnknown);
            answers.push(refused(sent, status, code).await.message);
        }
    }
    assert!(answers.iter().all(|message| *message == answers[0]), "{answers:?}");

    // Strangers write nothing; forgeries of known keys are on record, each once an hour.
    let rows = audit(&world).await.split_off(before);
    let told: Vec<_> = rows.iter().map(|r| (r.action.as_str(), r.object_id.as_str())).collect();
    assert_eq!(told, [("entry.refuse", "isha"), ("entry.refuse", "uketsuke")]);
    assert!(rows.iter().all(|row| row.login.is_empty() && row.detail.starts_with("signature ")));
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    send(&world, &entry, Some(&key), None).await;
    assert_eq!(audit(&world).await.len(), before + 3);

    assert_eq!(events(&world).await.len(), 6);
    // The id is still free for who it belongs to. Hexadecimal digits may be large.
    let sent = send(&world, &entry, Some(&key.to_uppercase()), Some(&signature)).await;
    assert_eq!(sent.status(), StatusCode::OK);
    world.running.stop().await;
}

#[tokio::test]
async fn an_entry_arrives_whoever_is_signed_in() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry = world.entry(record("00127", weight("56.4")));
    let gone = world.request(Method::DELETE, "/v1/session").bearer_auth(&room.token).send().await;
    assert_eq!(gone.unwrap().status(), StatusCode::NO_CONTENT);
    // The session would have run out long ago.
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 6));
    let receipt = world.taken(&room, &entry).await;
    let (_, item) = stored(receipt.result);
    assert_eq!(item.content.author, room.staff);
    assert_eq!(item.content.entered_at, entry.entered_at);
    assert_eq!(item.content.stored_at, Some(world.clock.now()));
    world.running.stop().await;
}

#[tokio::test]
async fn a_disabled_account_hands_in_nothing_more() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry = world.entry(record("00127", weight("56.4")));
    let early = world.entry(record("00127", allergy("えび")));
    let receipt = world.taken(&room, &early).await;
    let store = &world.running.store;
    store.set_account_disabled(&world.service(), "isha", true).await.unwrap();
    let before = audit(&world).await.len();
    refused(world.hand_in(&room, &entry).await, FORBIDDEN.0, FORBIDDEN.1).await;
    let rows = audit(&world).await.split_off(before);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].action.as_str(), rows[0].login.as_str()), ("entry.refuse", "isha"));
    assert_eq!(events(&world).await.len(), 7);
    // What was taken before has its receipt all the same: its terminal must not think that it failed.
    assert_eq!(world.taken(&room, &early).await, receipt);
    store.set_account_disabled(&world.service(), "isha", false).await.unwrap();
    world.taken(&room, &entry).await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_key_belongs_to_one_person_of_one_institution() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let key = room.signer.public_key();
    for (place, login) in [("demo", "uketsuke"), ("other", "uketsuke")] {
        let mut body = sign_in(place, login, PASSWORD);
        body.entry_key = Some(key.clone());
        refused(world.sign_in_with(&body).await, INVALID.0, INVALID.1).await;
    }
    // The same person may come back with it as often as there are mornings.
    let mut body = sign_in("demo", "isha", PASSWORD);
    body.entry_key = Some(key.to_uppercase());
    crate::support::read::<SignedIn>(world.sign_in_with(&body).await, StatusCode::CREATED).await;
    for wrong in ["", "標準　花子", &key[1..], &key.replace(&key[..1], "g")] {
        body.entry_key = Some(wrong.to_owned());
        let error = refused(world.sign_in_with(&body).await, INVALID.0, INVALID.1).await;
        assert!(!error.message.contains("花子"), "{error:?}");
    }
    // A wrong password makes no key known.
    let stranger = Signer::generate().unwrap().0;
    let mut body = sign_in("demo", "isha", "chigau-Yo-2026!!");
    body.entry_key = Some(stranger.public_key());
    assert_eq!(world.sign_in_with(&body).await.status(), StatusCode::UNAUTHORIZED);
    let unknown = Person { token: String::new(), signer: stranger, staff: room.staff.clone() };
    let entry = world.entry(record("00127", weight("56.4")));
    let response = world.hand_in(&unknown, &entry).await;
    refused(response, StatusCode::UNAUTHORIZED, ErrorCode::EntryKeyUnknown).await;

    // What another institution signs is looked for there, and finds nothing here.
    let other = world.person_at("other", "uketsuke").await;
    let response = world.hand_in(&other, &entry).await;
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    let receipt = world.taken(&room, &entry).await;
    let (outcome, item) = stored(receipt.result);
    assert_eq!((outcome, item.content.author), (Outcome::Stands, room.staff.clone()));
    // The id is taken here, and still tells nothing there.
    let response = world.hand_in(&other, &entry).await;
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    world.running.stop().await;
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_without_its_words() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let future = match record("00127", weight("56.4")) {
        EntryContent::Profile { mut entry } => {
            entry.base = Some(Uuid::now_v7());
            EntryContent::Profile { entry }
        }
        _ => unreachable!(),
    };
    let empty = record("00127", allergy(" "));
    let long = record("00127", allergy(&"標準".repeat(300)));
    for content in [future, empty, long] {
        let response = world.hand_in(&room, &world.entry(content)).await;
        let error = refused(response, INVALID.0, INVALID.1).await;
        assert!(!error.message.contains("標準"), "{error:?}");
    }
    let response = world.hand_in(&room, &world.entry(record("99999", weight("56.4")))).await;
    let error = refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    assert!(!error.message.contains("99999"), "{error:?}");
    assert_eq!(events(&world).await.len(), 6);
    world.running.stop().await;
}

/// Whatever a person may type fits, even where the smallest limit on bodies is set.
#[tokio::test]
async fn the_longest_entry_is_taken() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let text = |count| "𠮷".repeat(count);
    let value = ProfileValue::PastHistory(PastHistory {
        text: text(LONGEST_TEXT),
        onset: None,
        ended: None,
        note: text(LONGEST_NOTE),
    });
    let mut content = record("00127", value);
    if let EntryContent::Profile { entry } = &mut content {
        entry.reason = text(LONGEST_NOTE);
        entry.on_behalf_of = Some(room.staff.clone());
    }
    let entry = world.entry(content);
    let size = serde_json::to_vec(&entry).unwrap().len();
    assert!((8_000..32_768 / 2).contains(&size), "{size}");
    world.taken(&room, &entry).await;
    let longer = record("00127", allergy(&text(LONGEST_TEXT + 1)));
    let response = world.hand_in(&room, &world.entry(longer)).await;
    refused(response, INVALID.0, INVALID.1).await;
    world.running.stop().await;
}

/// A cloud whose clock was set back takes what was right at the desk.
#[tokio::test]
async fn a_clock_that_jumps_loses_no_entry() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry = world.entry(record("00127", weight("56.4")));
    let early = world.entry(record("00127", allergy("えび")));
    world.clock.advance(jiff::SignedDuration::from_hours(-24));
    world.taken(&room, &entry).await;
    world.clock.advance(jiff::SignedDuration::from_hours(48));
    world.taken(&room, &early).await;
    let history = world.history(&world.person("isha").await, "00127").await;
    let ids: Vec<_> = history.versions.iter().map(|e| e.version.id).collect();
    assert_eq!(ids, [entry.id, early.id], "in the order of storing");
    // Far from today it is a mistake.
    world.clock.advance(jiff::SignedDuration::from_hours(-24 * 10));
    let response = world.hand_in(&room, &world.entry(record("00127", weight("56.4")))).await;
    refused(response, INVALID.0, INVALID.1).await;
    world.running.stop().await;
}

/// What other terminals are told names the patient and the item, and says nothing of them.
#[tokio::test]
async fn an_event_carries_keys_alone() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let mut stream = world.get(&room.token, "/v1/events?after=6").send().await.unwrap();
    let entry = world.entry(record("00127", allergy("標準アレルゲン")));
    let receipt = world.taken(&room, &entry).await;
    let (_, item) = stored(receipt.result);
    let mut text = String::new();
    while !text.contains("\n\n") || !text.contains("profile_changed") {
        let chunk = stream.chunk().await.unwrap().expect("the stream ended");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let data = text.lines().find_map(|line| line.strip_prefix("data:")).unwrap();
    let mut event: serde_json::Value = serde_json::from_str(data).unwrap();
    event.as_object_mut().unwrap().remove("at");
    let expected = serde_json::json!({
        "seq": 7, "kind": "profile_changed", "number": "00127", "item": item.id,
    });
    assert_eq!(event, expected);
    world.running.stop().await;
}
