use std::time::Duration;

use api::patients::PatientView;
use api::receptions::LinkState;
use api::routes;
use clinical::search::Query;
use clinical::{PatientNumber, PersonName, SafetyKind, SafetyRemark};
use reqwest::StatusCode;
use sandbox::{SandboxConfig, Trouble};

use crate::support::{TODAY, World, impatient, quiet, until};

const GET: &str = "/api01rv2/patientgetv2";
const BATCH: &str = "/api01rv2/patientlst2v2";

fn allergy(text: &str) -> Vec<SafetyRemark> {
    vec![SafetyRemark { kind: SafetyKind::Allergy, text: text.to_owned(), drug_code: None }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_patients_are_imported_once() {
    // More than the thousand that one answer can hold.
    let world = World::start(SandboxConfig { patients: 1300, ..quiet() }).await;
    let tenant = world.clinic.tenant;
    let known = async |world: &World| world.cloud.store.known_patients(tenant).await.unwrap().len();
    until("all patients", async || known(&world).await == 1300).await;
    let patient = &world.sandbox.clinic.patients()[1299];
    let query = Query::parse(&patient.name.kana, TODAY);
    let found = world.cloud.store.search(&world.actor(), &query, 200).await.unwrap();
    assert!(found.hits.iter().any(|hit| hit.number == patient.number));
    let place = "receipt/patients";
    let done = async || {
        let place = world.cloud.store.link_cursor(tenant, place).await.unwrap();
        place.as_deref() == Some("2026-11-24")
    };
    until("the place", done).await;

    let batches = world.sandbox.control.requests_to(BATCH);
    let changes = world.sandbox.control.requests_to("/api01rv2/patientlst1v2");
    let world = world.restart_cloud().await;
    let asked = async || world.sandbox.control.requests_to("/api01rv2/patientlst1v2") > changes;
    until("the day's changes", asked).await;
    world.until_link(LinkState::Up).await;
    assert_eq!(world.sandbox.control.requests_to(BATCH), batches, "nobody is imported twice");
    assert_eq!(known(&world).await, 1300);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_patient_is_read_again() {
    let world = World::start(quiet()).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let number = world.number(5);
    until("the patient", async || world.patient(&number).await.is_some()).await;
    control.set_safety(number.as_str(), allergy("そば")).unwrap();
    let changed = async || world.patient(&number).await.unwrap().safety == allergy("そば");
    until("the allergy", changed).await;
    assert_eq!(world.patient(&number).await, control.patient(number.as_str()));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_push_is_caught_up_after_the_next_cut() {
    let world = World::start(quiet()).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let number = world.number(5);
    until("the patient", async || world.patient(&number).await.is_some()).await;
    // First a push that arrives, so that the link knows the receipt computer's time.
    let id = control.accept(number.as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    let fetched = control.requests_to(GET);
    until("the whole patient", async || control.requests_to(GET) >= 1).await;

    control.lose_push(1);
    let name = PersonName {
        kanji: "新姓　花子".to_owned(), kana: "シンセイ　ハナコ".to_owned()
    };
    control.rename_patient(number.as_str(), name.clone()).unwrap();
    control.drop_push();
    until("push again", async || control.push_listeners() == 1).await;
    until("the name", async || world.patient(&number).await.unwrap().name == name).await;
    assert!(control.requests_to(GET) > fetched);
    until("the name in the list", async || world.reception(&id).await.unwrap().name == name).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_push_the_list_is_read_in_time() {
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.push_url = None;
    })
    .await;
    let control = &world.sandbox.control;
    let id = control.accept(world.number(1).as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    assert_eq!(control.push_listeners(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_held_by_another_terminal_comes_later() {
    let world = World::start_with(quiet(), impatient).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let number = world.number(9);
    until("the import", async || world.patient(&number).await.is_some()).await;
    control.lock_patient(number.as_str(), Duration::from_hours(1)).unwrap();
    let asked = control.requests_to(GET);
    control.set_safety(number.as_str(), allergy("かに")).unwrap();
    until("tries", async || control.requests_to(GET) >= asked + 3).await;
    assert_ne!(world.patient(&number).await.unwrap().safety, allergy("かに"));
    assert_eq!(world.link_state().await, LinkState::Up, "a held patient is no broken link");
    control.unlock_patient(number.as_str());
    let changed = async || world.patient(&number).await.unwrap().safety == allergy("かに");
    until("the allergy", changed).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_a_patient_fetches_what_is_missing() {
    let world = World::start_with(quiet(), impatient).await;
    let control = &world.sandbox.control;
    until("push", async || control.push_listeners() == 1).await;
    let tenant = world.clinic.tenant;
    let known = async || world.cloud.store.known_patients(tenant).await.unwrap().len();
    until("the import", async || known().await == 60).await;
    let (client, token) = world.signed_in().await;
    let open = async |number: &PatientNumber| {
        let path = routes::fill(routes::PATIENT, &[number.as_str()]);
        client.get(world.url(&path)).bearer_auth(&token).send().await.unwrap()
    };
    // Known by the import alone: asked once, then known whole.
    let number = world.number(20);
    let before = control.requests_to(GET);
    for _ in 0..3 {
        let view: PatientView = open(&number).await.json().await.unwrap();
        assert_eq!(Some(view.patient), control.patient(number.as_str()));
    }
    assert_eq!(control.requests_to(GET), before + 1);

    // Registered a moment ago, and the push was lost.
    control.lose_push(1);
    let mut newcomer = world.sandbox.clinic.patients()[0].clone();
    newcomer.number = PatientNumber::parse("98765").unwrap();
    control.register_patient(newcomer.clone()).unwrap();
    let view: PatientView = open(&newcomer.number).await.json().await.unwrap();
    assert_eq!(view.patient.name, newcomer.name);

    // The receipt computer is away: what is stored must do, and nobody waits for nothing.
    control.set_trouble(Trouble::Down);
    world.until_link(LinkState::Unreachable).await;
    let view: PatientView = open(&world.number(20)).await.json().await.unwrap();
    assert!(view.whole);
    let view: PatientView = open(&world.number(30)).await.json().await.unwrap();
    assert!(!view.whole, "what the list did not tell is not known to be nothing");
    let response = open(&PatientNumber::parse("55555").unwrap()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body: api::ErrorBody = response.json().await.unwrap();
    assert_eq!(body.code, api::ErrorCode::ReceiptUnavailable);

    // It is back and has its say.
    control.set_trouble(Trouble::None);
    world.until_link(LinkState::Up).await;
    let view: PatientView = open(&world.number(30)).await.json().await.unwrap();
    assert!(view.whole);
    let response = open(&PatientNumber::parse("55555").unwrap()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_day_begins_with_an_empty_list_and_the_changes_of_the_day_before() {
    let world = World::start_with(quiet(), impatient).await;
    let control = &world.sandbox.control;
    let id = control.accept(world.number(1).as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    world.clock.set("2026-11-25T07:00:00+09:00".parse().unwrap());
    let read = world.cloud.store.link_status(world.clinic.tenant).await.unwrap().last_success;
    let again = async || {
        let status = world.cloud.store.link_status(world.clinic.tenant).await.unwrap();
        status.last_success > read
    };
    until("the new day's list", again).await;
    let tomorrow = TODAY.tomorrow().unwrap();
    let list = world.cloud.store.reception_list(&world.actor(), tomorrow).await.unwrap();
    assert!(list.receptions.is_empty());
    // Yesterday stays as it was.
    assert!(world.reception(&id).await.is_some());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_push_changed_patients_are_asked_for() {
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.push_url = None;
    })
    .await;
    let control = &world.sandbox.control;
    let number = world.number(8);
    until("the import", async || world.patient(&number).await.is_some()).await;
    control.set_safety(number.as_str(), allergy("えび")).unwrap();
    let changed = async || world.patient(&number).await.unwrap().safety == allergy("えび");
    until("the allergy", changed).await;
    // The change is known now: it is not fetched again and again.
    let fetched = control.requests_to(GET);
    let lists = control.requests_to("/api01rv2/patientlst1v2");
    let more = async || control.requests_to("/api01rv2/patientlst1v2") >= lists + 2;
    until("two more lists of changes", more).await;
    assert_eq!(control.requests_to(GET), fetched);
    world.stop().await;
}

/// The day on which a clinic moves to another receipt computer registers everybody at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_registrations_of_one_day_are_found_by_number() {
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.push_url = None;
    })
    .await;
    let control = &world.sandbox.control;
    let highest = world.sandbox.clinic.patients().iter().map(|p| p.number.canonical());
    let highest: u32 = highest.map(|number| number.parse::<u32>().unwrap()).max().unwrap();
    let mut newcomer = world.sandbox.clinic.patients()[0].clone();
    for n in 1..=1005 {
        newcomer.number = PatientNumber::parse(&format!("{:05}", highest + n)).unwrap();
        control.register_patient(newcomer.clone()).unwrap();
    }
    let tenant = world.clinic.tenant;
    let known = async || world.cloud.store.known_patients(tenant).await.unwrap().len();
    until("everybody", async || known().await == 60 + 1005).await;
    world.stop().await;
}
