//! From an order to its results, and what a laboratory can do wrong.

use api::lab::TrayDecision;
use clinical::lab::{AtLab, LabAct, LabOrderState, Mismatch, ResultStatus, ToldPatient};
use cloud::config::LabCharset;
use exchange::hl7v2::{Charset, OrderMessage, Verdict};
use sandbox::lab::{Fate, Stage};

use super::support::{Ordered, World, number, told, until};

const KEYS: [&str; 4] = ["WBC", "A1C", "AST", "K"];

/// All results of the order are there.
async fn reported(world: &World, order: &Ordered) {
    world.lab.control.reach(Stage::Full);
    world.until_state(order, LabOrderState::Reported).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_out_and_its_results_come_back() {
    let mut world = World::https().await;
    let order = world.at_the_lab(0, &KEYS, Fate::default()).await;
    let heard = world.lab.control.heard();
    assert_eq!(heard.len(), 1, "one message for all tubes");
    let message = OrderMessage::read(&heard[0].bytes).unwrap();
    assert_eq!(message.warnings, []);
    let numbers: Vec<_> = message.value.specimens.iter().map(|s| s.number.clone()).collect();
    assert_eq!(numbers, order.tubes.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(message.value.patient, told(0));
    assert_eq!(
        (message.value.orderer.as_str(), message.value.clinic.as_str()),
        ("院長 一郎", "みどり診療所")
    );
    let standing = world.standing(&order).await;
    let taken = |lab: &AtLab| matches!(lab, AtLab::Accepted { filler, .. } if !filler.is_empty());
    assert!(standing.tubes.iter().all(|tube| taken(&tube.lab)));
    assert_eq!(world.cloud.store.undelivered(world.clinic.tenant, "lab").await.unwrap(), 0);

    reported(&world, &order).await;
    let results = world.results(0, &order).await;
    let mut names: Vec<_> = results.iter().map(|result| result.abbr.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["AST", "HbA1c", "K", "WBC"]);
    assert!(results.iter().all(|result| result.value.number().is_some()));
    assert_eq!(world.standing(&order).await.unconfirmed, 4);
    let acks = world.lab.control.acks();
    assert!(!acks.is_empty() && acks.iter().all(|ack| ack.verdict == Verdict::Accepted));

    let inbox = world.inbox().await;
    assert_eq!((inbox.waiting.len(), inbox.tray.len()), (1, 0));
    assert_eq!(inbox.labs[0].state, api::receptions::LinkState::Up);
    let seen = LabAct::ConfirmResults { results: results.iter().map(|r| r.id).collect() };
    let confirmed = world.act(&world.doctor, &order, seen).await;
    assert_eq!(confirmed.state(), LabOrderState::Confirmed);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_jis_what_the_set_lacks_does_not_part_a_patient_from_the_results() {
    let mut world = World::https_with(|link| link.charset = LabCharset::Jis).await;
    let order = world.at_the_lab(0, &["AST"], Fate::default()).await;
    let message = OrderMessage::read(&world.lab.control.heard()[0].bytes).unwrap().value;
    assert_eq!(message.head.charset, Charset::Jis);
    assert_eq!(message.patient.name.kanji, "〓橋　花子", "髙 is not in JIS X 0208");
    reported(&world, &order).await;
    assert_eq!(world.results(0, &order).await.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_twice_is_stored_once() {
    let mut world = World::https().await;
    let order = world.at_the_lab(0, &KEYS, Fate::default()).await;
    reported(&world, &order).await;
    world.until_told().await;
    let before = (world.rows("lab_messages").await, world.results(0, &order).await);
    let acks = world.lab.control.acks().len();
    assert!(world.lab.control.send_again());
    until("the second acknowledgement", async || world.lab.control.acks().len() > acks).await;
    assert_eq!((world.rows("lab_messages").await, world.results(0, &order).await), before);
    assert!(world.inbox().await.tray.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_shows_what_it_replaced_and_is_to_be_seen_anew() {
    let mut world = World::https().await;
    let fate = Fate { partial: true, corrected: true, ..Fate::default() };
    let order = world.at_the_lab(0, &["AST", "ALT", "K"], fate).await;
    world.lab.control.reach(Stage::Partial);
    world.until_state(&order, LabOrderState::PartlyReported).await;
    reported(&world, &order).await;
    world.until_told().await;
    let seen = world.results(0, &order).await.iter().map(|result| result.id).collect();
    let act = LabAct::ConfirmResults { results: seen };
    let confirmed = world.act(&world.doctor, &order, act).await;
    assert_eq!(confirmed.state(), LabOrderState::Confirmed);

    world.lab.control.reach(Stage::Corrected);
    world.until_state(&order, LabOrderState::Reported).await;
    let results = world.results(0, &order).await;
    let new = results.iter().find(|result| result.status == ResultStatus::Corrected).unwrap();
    let old = results.iter().find(|result| Some(result.id) == new.replaces).unwrap();
    assert_eq!(old.replaced_by, Some(new.id));
    assert_ne!(old.value, new.value);
    assert!(old.confirmed.is_some() && new.confirmed.is_none());
    assert_eq!(results.iter().filter(|result| result.stands()).count(), 3);
    assert_eq!(world.standing(&order).await.unconfirmed, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_under_another_patient_waits_until_a_person_decides() {
    let mut world = World::https().await;
    let order = world.at_the_lab(0, &["AST"], Fate::default()).await;
    assert!(world.lab.control.mix_up(order.tubes[0].as_str(), &told(1)));
    world.lab.control.reach(Stage::Full);
    let report = world.tray().await;
    assert_eq!((report.why, report.order), (Mismatch::OtherPatient, Some(order.id)));
    assert_eq!(report.report.patient, told(1));
    let candidates: Vec<_> =
        world.inbox().await.tray[0].candidates.iter().map(|hit| hit.number.clone()).collect();
    assert_eq!(candidates, [number(1)]);
    assert!(world.results(0, &order).await.is_empty(), "nobody has guessed");
    assert!(world.lab_of(1).await.results.is_empty());

    let decision = TrayDecision::Assign { patient: number(0), order: Some(order.id) };
    world.decide(&report, decision).await;
    assert_eq!(world.results(0, &order).await.len(), 1);
    assert_eq!(world.standing(&order).await.state(), LabOrderState::Reported);
    assert!(world.inbox().await.tray.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_unknown_specimen_says_how_far_it_fits() {
    let world = World::https().await;
    let other_name = ToldPatient { name: told(1).name, ..told(0) };
    let other_birth = ToldPatient { birth_date: told(1).birth_date, ..told(0) };
    let stranger = ToldPatient { number: "88888".to_owned(), ..told(0) };
    let cases = [
        (told(0), Mismatch::UnknownSpecimen),
        (other_name, Mismatch::NameDiffers),
        (other_birth, Mismatch::NameDiffers),
        (stranger, Mismatch::UnknownPatient),
    ];
    for (patient, why) in cases {
        world.lab.control.send_report(&patient);
        let report = world.tray().await;
        assert_eq!((report.why, report.order), (why, None), "{patient:?}");
        let candidates = world.inbox().await.tray[0].candidates.clone();
        assert!(candidates.iter().any(|hit| hit.number == number(0)), "{why:?}: {candidates:?}");
        let reason = "別の施設の患者".to_owned();
        world.decide(&report, TrayDecision::SetAside { reason }).await;
    }
    world.lab.control.send_report_for_unknown_patient();
    let report = world.tray().await;
    assert_eq!(report.why, Mismatch::UnknownPatient);
    assert!(world.inbox().await.tray[0].candidates.is_empty());
    assert!(world.lab_of(0).await.results.is_empty());

    // A person may know better than the numbers: the report gets an order that stands for it.
    world.decide(&report, TrayDecision::Assign { patient: number(0), order: None }).await;
    let lab = world.lab_of(0).await;
    assert_eq!(lab.orders.len(), 1);
    assert_eq!(lab.orders[0].id, report.id);
    assert_eq!(lab.results.len(), report.report.results.len());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_answered_so_and_kept() {
    let world = World::https().await;
    let message = "MSH|^~\\&|LIS|LABCENTER|SOEGAKI|1311234567|20261122180000||OUL^R22^OUL_R22|BROKEN1|P|2.5\rPID|||";
    world.lab.control.send_bytes("BROKEN1", message.as_bytes().to_vec());
    until("the acknowledgement", async || !world.lab.control.acks().is_empty()).await;
    let ack = world.lab.control.acks().remove(0);
    assert_eq!((ack.verdict, ack.to.as_str()), (Verdict::Error, "BROKEN1"));
    assert!(!ack.words().is_empty());
    assert_eq!(world.rows("lab_messages").await, 1, "a person may still want to see it");
    // It does not hold up what comes behind it.
    world.lab.control.send_report(&told(0));
    assert_eq!(world.tray().await.why, Mismatch::UnknownSpecimen);
    world.stop().await;
}
