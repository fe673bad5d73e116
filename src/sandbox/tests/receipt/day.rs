//! The planned day on the clinic's clock.

use clinical::ReceptionState;
use jiff::SignedDuration;
use jiff::civil::Time;
use sandbox::clinic::plan;
use sandbox::{Sandbox, SandboxConfig};

use crate::common::{Client, TODAY, config, until};

fn full_day() -> SandboxConfig {
    SandboxConfig { patients: 300, receptions: 80, ..config() }
}

#[tokio::test]
async fn who_came_before_the_start_is_already_there() {
    let sandbox = Sandbox::start(full_day()).await.unwrap();
    let start = Time::constant(9, 0, 0, 0);
    let plan = plan(7, &sandbox.clinic, TODAY, 80);
    let here = sandbox.control.receptions();
    assert_eq!(here.len(), plan.iter().filter(|visit| visit.arrive_at <= start).count());
    assert!(!here.is_empty() && here.len() < 80, "{}", here.len());
    let reply = Client::new(&sandbox.receipt).list("03", &[]).await;
    assert_eq!(reply.count("Acceptlst_Information_child"), here.len());
    sandbox.stop().await;
}

#[tokio::test]
async fn people_come_and_leave_as_the_clock_is_moved() {
    let sandbox = Sandbox::start(full_day()).await.unwrap();
    let plan = plan(7, &sandbox.clinic, TODAY, 80);
    let clock = sandbox.control.clock();
    for (hour, minute) in [(9, 30), (11, 0), (13, 30), (16, 45)] {
        let now = Time::constant(hour, minute, 0, 0);
        clock.set(TODAY.to_datetime(now));
        let came = plan.iter().filter(|visit| visit.arrive_at <= now).count();
        let paid = plan.iter().filter(|visit| visit.billed_at <= now).count();
        until("the plan has caught up", || {
            let here = sandbox.control.receptions();
            let done = here.iter().filter(|r| r.state == ReceptionState::Done).count();
            here.len() == came && done == paid
        })
        .await;
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn the_day_ends_and_the_next_one_begins_empty() {
    let sandbox = Sandbox::start(full_day()).await.unwrap();
    let clock = sandbox.control.clock();
    clock.set(TODAY.at(23, 59, 59, 0));
    until("everybody has paid", || {
        let here = sandbox.control.receptions();
        here.len() == 80 && here.iter().all(|r| r.state == ReceptionState::Done)
    })
    .await;
    clock.advance(SignedDuration::from_secs(2));
    assert!(sandbox.control.receptions().is_empty());
    assert_eq!(sandbox.control.receptions_of(TODAY).len(), 80);
    let client = Client::new(&sandbox.receipt);
    assert_eq!(client.list("03", &[]).await.code(), "21");
    assert_eq!(client.list("03", &[("Acceptance_Date", "2026-11-24")]).await.code(), "00");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_fast_clock_plays_the_day_by_itself() {
    let fast = SandboxConfig { clock_rate: 100_000.0, ..full_day() };
    let sandbox = Sandbox::start(fast).await.unwrap();
    until("everybody has paid", || {
        let day = sandbox.control.receptions_of(TODAY);
        day.len() == 80 && day.iter().all(|r| r.state == ReceptionState::Done)
    })
    .await;
    sandbox.stop().await;
}

#[tokio::test]
async fn the_plan_gives_way_to_what_is_done_by_hand() {
    let sandbox = Sandbox::start(full_day()).await.unwrap();
    let waiting = sandbox.control.receptions();
    let waiting: Vec<_> = waiting.iter().filter(|r| r.state == ReceptionState::Waiting).collect();
    let (gone, early) = (&waiting[0].key.id, &waiting[1].key.id);
    sandbox.control.cancel(gone).unwrap();
    sandbox.control.finish(early).unwrap();
    sandbox.control.clock().set(TODAY.at(20, 0, 0, 0));
    until("everybody has paid", || {
        let here = sandbox.control.receptions();
        here.len() == 79 && here.iter().all(|r| r.state == ReceptionState::Done)
    })
    .await;
    let here = sandbox.control.receptions();
    assert!(here.iter().all(|r| r.key.id != *gone));
    let early = here.iter().find(|r| r.key.id == *early).unwrap();
    assert_eq!(early.paid_at, Some(Time::constant(9, 0, 0, 0)));
    sandbox.stop().await;
}
