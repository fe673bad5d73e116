//! Profiles over the wire: who may write what, whose word stands, and what everybody can read afterwards.

use api::ErrorCode;
use api::entries::{Entry, EntryContent, EntryResult};
use api::patients::PatientView;
use api::profile::{Confirmations, StaffList};
use clinical::Role;
use clinical::profile::{Act, Item, Outcome, ProfileEntry, ProfileValue};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::support::profile::{allergy, record, weight};
use crate::support::{Person, World, number, read, refused};

/// Hands an entry in that must be taken: what became of it, and the item.
async fn hand_in(world: &World, person: &Person, entry: ProfileEntry) -> (Uuid, Outcome, Item) {
    let entry = world.entry(EntryContent::Profile { entry });
    match world.taken(person, &entry).await.result {
        EntryResult::Profile { outcome, item } => (entry.id, outcome, *item),
        other => panic!("{other:?}"),
    }
}

fn about(item: &Item, act: Act) -> ProfileEntry {
    ProfileEntry {
        patient: number("00127"),
        item: item.id,
        base: Some(item.head),
        act,
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}

fn begun(value: ProfileValue, on_behalf_of: Option<&Person>) -> ProfileEntry {
    match record("00127", value) {
        EntryContent::Profile { entry } => {
            ProfileEntry { on_behalf_of: on_behalf_of.map(|p| p.staff.clone()), ..entry }
        }
        _ => unreachable!(),
    }
}

fn corrected(item: &Item, value: ProfileValue) -> ProfileEntry {
    let source = clinical::profile::Source::Clinic;
    about(item, Act::Record { value, source })
}

async fn view(world: &World, person: &Person) -> PatientView {
    let response = world.get(&person.token, "/v1/patients/00127").send().await.unwrap();
    read(response, StatusCode::OK).await
}

async fn waiting(world: &World, person: &Person) -> Confirmations {
    let response = world.get(&person.token, "/v1/confirmations").send().await.unwrap();
    read(response, StatusCode::OK).await
}

async fn not_taken(world: &World, person: &Person, entry: ProfileEntry, code: ErrorCode) {
    let status = match code {
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let entry = world.entry(EntryContent::Profile { entry });
    refused(world.hand_in(person, &entry).await, status, code).await;
}

#[tokio::test]
async fn a_clerks_entry_is_confirmed_by_the_practitioner_and_the_history_names_both() {
    let world = World::start().await;
    let (desk, room) = (world.person("uketsuke").await, world.person("isha").await);
    let (written, outcome, item) =
        hand_in(&world, &desk, begun(allergy("鶏卵"), Some(&room))).await;
    assert_eq!(outcome, Outcome::Stands);
    assert!(item.awaits);
    // It counts at once, marked as not confirmed.
    assert_eq!(view(&world, &room).await.profile, std::slice::from_ref(&item));
    let list = waiting(&world, &room).await;
    assert_eq!((list.total, list.waiting.len()), (1, 1));
    assert_eq!(list.waiting[0].item, item);
    assert_eq!(list.waiting[0].number.as_str(), "00127");
    assert_eq!(list.waiting[0].name.kanji, "標準　花子");

    // Who is no practitioner cannot confirm it.
    for other in [&desk, &world.person("kango").await, &world.person("kanri").await] {
        not_taken(&world, other, about(&item, Act::Confirm), ErrorCode::Forbidden).await;
    }
    let (confirmed, outcome, after) = hand_in(&world, &room, about(&item, Act::Confirm)).await;
    assert_eq!((outcome, after.awaits), (Outcome::Stands, false));
    assert_eq!(after.confirmation.as_ref().unwrap().author, room.staff);
    assert_eq!(after.content.author, desk.staff);
    assert_eq!(after.content.on_behalf_of.as_ref(), Some(&room.staff));
    assert_eq!(waiting(&world, &desk).await, Confirmations { waiting: Vec::new(), total: 0 });

    let history = world.history(&desk, "127").await;
    assert_eq!(history.number.as_str(), "00127");
    let told: Vec<_> = history
        .versions
        .iter()
        .map(|e| (e.version.id, e.version.author.clone(), e.version.terminal.as_str(), e.outcome))
        .collect();
    let expected = [
        (written, desk.staff.clone(), "受付1", Outcome::Stands),
        (confirmed, room.staff.clone(), "受付1", Outcome::Stands),
    ];
    assert_eq!(told, expected);
    world.running.stop().await;
}

#[tokio::test]
async fn each_role_writes_what_it_may() {
    let world = World::start().await;
    let desk = world.person("uketsuke").await;
    let (nurse, room) = (world.person("kango").await, world.person("isha").await);
    let kanri = world.person("kanri").await;
    let awaits = async |person: &Person, value: ProfileValue, in_whose: Option<&Person>| {
        hand_in(&world, person, begun(value, in_whose)).await.2.awaits
    };
    assert!(!awaits(&room, allergy("そば"), None).await);
    assert!(!awaits(&nurse, weight("56.4"), None).await);
    assert!(awaits(&nurse, allergy("えび"), Some(&room)).await);
    assert!(awaits(&desk, weight("56.5"), Some(&room)).await);
    not_taken(&world, &kanri, begun(allergy("かに"), Some(&room)), ErrorCode::Forbidden).await;
    // In whose name must be a practitioner of this clinic.
    for whom in [None, Some(&nurse), Some(&kanri)] {
        not_taken(&world, &desk, begun(allergy("かに"), whom), ErrorCode::Invalid).await;
    }
    let mut elsewhere = begun(allergy("かに"), Some(&room));
    elsewhere.on_behalf_of.as_mut().unwrap().account = Uuid::now_v7();
    not_taken(&world, &desk, elsewhere, ErrorCode::Invalid).await;
    // Name and role are the cloud's own, whatever the terminal says.
    let mut misnamed = begun(allergy("かに"), Some(&room));
    misnamed.on_behalf_of.as_mut().unwrap().name = "別人".to_owned();
    let (.., item) = hand_in(&world, &desk, misnamed).await;
    assert_eq!(item.content.on_behalf_of, Some(room.staff.clone()));
    assert_eq!(view(&world, &room).await.profile.len(), 5);
    world.running.stop().await;
}

#[tokio::test]
async fn two_people_at_one_item_lose_neither_word() {
    let world = World::start().await;
    let (room, second) = (world.person("isha").await, world.person("fuku").await);
    let (.., item) = hand_in(&world, &room, begun(weight("56.4"), None)).await;
    // Both saw the same; the second is told what the first wrote.
    let (_, outcome, first) = hand_in(&world, &room, corrected(&item, weight("56.6"))).await;
    assert_eq!(outcome, Outcome::Stands);
    let (late, outcome, both) = hand_in(&world, &second, corrected(&item, weight("58.0"))).await;
    assert_eq!(outcome, Outcome::Rival);
    assert_eq!(both.content, first.content);
    let rivals: Vec<_> = both.rivals.iter().map(|v| (v.id, v.author.clone())).collect();
    assert_eq!(rivals, [(late, second.staff.clone())]);
    assert_eq!(view(&world, &room).await.profile, std::slice::from_ref(&both));

    let keep = ProfileEntry { settles: Some(late), ..about(&both, Act::Keep) };
    let (_, outcome, settled) = hand_in(&world, &second, keep).await;
    assert_eq!((outcome, settled.rivals.len()), (Outcome::Stands, 0));
    assert_eq!(settled.content, first.content);
    // Different items of one patient never meet.
    let (_, one, _) = hand_in(&world, &room, begun(allergy("えび"), None)).await;
    let (_, other, _) = hand_in(&world, &second, begun(allergy("かに"), None)).await;
    assert_eq!((one, other), (Outcome::Stands, Outcome::Stands));
    // Everything that anybody wrote is in the history.
    let history = world.history(&room, "00127").await;
    let outcomes: Vec<_> = history.versions.iter().map(|e| e.outcome).collect();
    assert_eq!(outcomes.len(), 6);
    assert_eq!(outcomes.iter().filter(|o| **o == Outcome::Rival).count(), 1);
    world.running.stop().await;
}

#[tokio::test]
async fn a_withdrawal_is_a_version_and_the_item_leaves_the_page() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let (.., item) = hand_in(&world, &room, begun(allergy("えび"), None)).await;
    let reason = "患者違い".to_owned();
    let entry = ProfileEntry { reason: reason.clone(), ..about(&item, Act::Withdraw) };
    let (_, outcome, gone) = hand_in(&world, &room, entry).await;
    assert_eq!((outcome, gone.withdrawal.unwrap().reason), (Outcome::Stands, reason.clone()));
    assert_eq!(view(&world, &room).await.profile, []);
    let history = world.history(&room, "00127").await;
    assert_eq!(history.versions.len(), 2);
    assert_eq!(history.versions[1].version.entry.reason, reason);
    world.running.stop().await;
}

#[tokio::test]
async fn everybody_reads_and_every_look_is_on_record() {
    let world = World::start().await;
    let room = world.person("isha").await;
    hand_in(&world, &room, begun(allergy("えび"), None)).await;
    let before = world.running.store.audit_rows(world.tenant, 0, 1000).await.unwrap().len();
    for login in ["uketsuke", "kango", "isha", "kanri"] {
        let person = world.person(login).await;
        assert_eq!(world.history(&person, "00127").await.versions.len(), 1, "{login}");
        assert_eq!(waiting(&world, &person).await.total, 0, "{login}");
        assert_eq!(view(&world, &person).await.profile.len(), 1, "{login}");
    }
    let rows = world.running.store.audit_rows(world.tenant, 0, 1000).await.unwrap();
    for action in ["profile.history", "profile.confirmations", "patient.read"] {
        let looks = rows[before..].iter().filter(|row| row.action == action);
        let who: Vec<_> = looks.map(|row| row.login.as_str()).collect();
        assert_eq!(who, ["uketsuke", "kango", "isha", "kanri"], "{action}");
    }
    let text = serde_json::to_string(&rows).unwrap();
    assert!(!text.contains("えび"), "{text}");

    let response = world.get(&room.token, "/v1/patients/99999/history").send().await.unwrap();
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    let other = world.person_at("other", "uketsuke").await;
    let response = world.get(&other.token, "/v1/patients/00127/history").send().await.unwrap();
    refused(response, StatusCode::NOT_FOUND, ErrorCode::NotFound).await;
    assert_eq!(waiting(&world, &other).await.total, 0);
    world.running.stop().await;
}

#[tokio::test]
async fn the_staff_are_the_accounts_in_use() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let staff = async || {
        let response = world.get(&token, "/v1/staff").send().await.unwrap();
        let list: StaffList = read(response, StatusCode::OK).await;
        list.staff.into_iter().map(|s| (s.name, s.role)).collect::<Vec<_>>()
    };
    let all = [
        ("副院長 二郎", Role::Practitioner),
        ("医師 一郎", Role::Practitioner),
        ("看護 みどり", Role::Nurse),
        ("受付 花子", Role::Receptionist),
        ("管理 次郎", Role::Administrator),
    ];
    let named = |names: &[(&str, Role)]| -> Vec<(String, Role)> {
        names.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect()
    };
    assert_eq!(staff().await, named(&all));
    world.running.store.set_account_disabled(&world.service(), "fuku", true).await.unwrap();
    assert_eq!(staff().await, named(&all[1..]));
    let other = world.person_at("other", "uketsuke").await;
    let response = world.get(&other.token, "/v1/staff").send().await.unwrap();
    let list: StaffList = read(response, StatusCode::OK).await;
    assert_eq!(list.staff, [other.staff]);
    world.running.stop().await;
}

/// The body is kept and proven as it came, so that it can be shown afterwards who signed what.
#[tokio::test]
async fn the_receipts_hash_is_of_the_very_bytes() {
    let world = World::start().await;
    let room = world.person("isha").await;
    let entry: Entry = world.entry(record("00127", weight("56.4")));
    let spaced = format!("\n  {}\n", serde_json::to_string_pretty(&entry).unwrap());
    let response = world.hand_in_bytes(&room, entry.id, spaced.clone()).await;
    let receipt: api::entries::Receipt = read(response, StatusCode::OK).await;
    assert_eq!(receipt.hash, api::proof::hash(spaced.as_bytes()));
    world.running.stop().await;
}
