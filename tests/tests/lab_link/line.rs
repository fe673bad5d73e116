//! Orders on a bad line, and orders that a laboratory does not take.

use api::receptions::LinkState;
use clinical::lab::{AtLab, LabAct, LabOrderState};
use exchange::hl7v2::{OrderControl, OrderMessage};
use sandbox::lab::Fate;

use super::support::{World, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_while_the_laboratory_was_away_goes_out_once_it_is_back() {
    let mut world = World::https().await;
    world.lab.control.down(true);
    let first = world.sent(0, &["AST"]).await;
    let second = world.sent(1, &["WBC", "K"]).await;
    until("the link to be down", async || world.link_state().await == LinkState::Unreachable).await;
    assert_eq!(world.inbox().await.labs[0].undelivered, 2);
    assert_eq!(world.standing(&first).await.state(), LabOrderState::Sent);

    // The queue is on disk: a restart forgets nothing.
    let world = world.restart_cloud().await;
    assert_eq!(world.inbox().await.labs[0].undelivered, 2);
    world.lab.control.down(false);
    for order in [&first, &second] {
        world.until_state(order, LabOrderState::InProgress).await;
    }
    assert_eq!(world.lab.control.heard().len(), 2, "each once");
    let inbox = world.inbox().await;
    assert_eq!((inbox.labs[0].state, inbox.labs[0].undelivered), (LinkState::Up, 0));
    assert!(inbox.labs[0].last_success.is_some());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_read_holds_back_no_other() {
    let mut world = World::https().await;
    world.lab.control.down(true);
    let damaged = world.sent(0, &["AST"]).await;
    world.damage(&damaged).await;
    let sound = world.sent(1, &["K"]).await;
    world.lab.control.down(false);
    world.until_state(&sound, LabOrderState::InProgress).await;
    assert_eq!(world.lab.control.heard().len(), 1);
    assert_eq!(world.rows("outgoing WHERE state = 'waiting' AND tries > 0").await, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_laboratory_refuses_is_with_the_clinic_in_its_words() {
    let mut world = World::https().await;
    world.lab.control.refuse_next("検体量が不足しています");
    let order = world.sent(0, &["AST"]).await;
    until("the refusal", async || {
        matches!(world.standing(&order).await.tubes[0].lab, AtLab::Refused { .. })
    })
    .await;
    let standing = world.standing(&order).await;
    let AtLab::Refused { why, .. } = &standing.tubes[0].lab else { panic!() };
    assert!(why.contains("検体量が不足しています"), "{why}");
    assert_eq!(standing.state(), LabOrderState::Collected);
    assert_eq!(world.inbox().await.labs[0].undelivered, 0, "it is not tried for ever");
    assert_eq!(world.link_state().await, LinkState::Up, "the line is sound");

    // A person sends it again.
    world.send(&order).await;
    world.until_state(&order, LabOrderState::InProgress).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_is_told_and_the_answer_kept() {
    let mut world = World::https().await;
    let order = world.at_the_lab(0, &["AST", "WBC"], Fate::default()).await;
    let cancel = LabAct::Cancel { reason: "患者が中止".to_owned() };
    let cancelled = world.act(&world.doctor, &order, cancel).await;
    assert_eq!(cancelled.cancelled.unwrap().lab_agreed, None);
    until("the answer", async || {
        let standing = world.standing(&order).await;
        standing.cancelled.unwrap().lab_agreed.is_some()
    })
    .await;
    assert_eq!(world.standing(&order).await.cancelled.unwrap().lab_agreed, Some(true));
    let heard = world.lab.control.heard();
    let last = OrderMessage::read(&heard.last().unwrap().bytes).unwrap().value;
    assert_eq!((heard.len(), last.control), (2, OrderControl::Cancel));
    assert_eq!(last.specimens.len(), 2);

    // What was never sent, nobody need hear of.
    let unsent = world.order(1, &["AST"]).await;
    world.act(&world.doctor, &unsent, LabAct::Cancel { reason: String::new() }).await;
    let next = world.sent(1, &["ALT"]).await;
    world.until_state(&next, LabOrderState::InProgress).await;
    assert_eq!(world.lab.control.heard().len(), 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_as_a_refusal_and_the_order_waits() {
    let mut world =
        World::https_with(|link| link.password = Some(settings::Secret::new("wrong".to_owned())))
            .await;
    let order = world.sent(0, &["AST"]).await;
    until("the refused link", async || world.link_state().await == LinkState::Refused).await;
    assert_eq!(world.standing(&order).await.state(), LabOrderState::Sent);
    assert_eq!(world.inbox().await.labs[0].undelivered, 1);
    assert!(world.lab.control.heard().is_empty());
    world.stop().await;
}
