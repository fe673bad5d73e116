use std::time::Duration;

use api::EventKind;
use api::receptions::LinkState;
use clinical::ReceptionState;
use cloud::config::{Lasting, Pem, ReceiptLink};
use cloud::store::EventPage;
use sandbox::Trouble;
use sandbox::certificates::Authority;

use crate::support::{World, impatient, quiet, until};

/// The link's states so far, as terminals were told of them.
async fn told(world: &World) -> Vec<LinkState> {
    let page = world.cloud.store.events_after(world.clinic.tenant, 0, 10_000).await.unwrap();
    let EventPage::Events(events) = page else { panic!("events are missing") };
    events
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::LinkChanged { status } => Some(status.state),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_trouble_has_its_name_and_nothing_is_lost() {
    let world = World::start_with(quiet(), impatient).await;
    let control = &world.sandbox.control;
    world.until_link(LinkState::Up).await;
    let first = control.accept(world.number(1).as_str()).unwrap();
    until("the reception", async || world.reception(&first).await.is_some()).await;
    let troubles = [
        (Trouble::Down, LinkState::Unreachable),
        (Trouble::Garbage, LinkState::Garbled),
        (Trouble::HtmlErrorPage, LinkState::Garbled),
        (Trouble::RefuseAuth, LinkState::Refused),
        (Trouble::Slow(Duration::from_hours(1)), LinkState::Unreachable),
    ];
    for (n, (trouble, state)) in troubles.into_iter().enumerate() {
        control.set_trouble(trouble);
        world.until_link(state).await;
        // Whatever was answered meanwhile: nobody's reception was cancelled by it.
        assert_eq!(world.reception(&first).await.unwrap().state, ReceptionState::Waiting);
        let id = control.accept(world.number(10 + n).as_str()).unwrap();
        control.set_trouble(Trouble::None);
        world.until_link(LinkState::Up).await;
        until("what happened meanwhile", async || world.reception(&id).await.is_some()).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_answer_is_no_trouble() {
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        // Long enough for a good answer on a busy machine.
        link.timeout = Lasting::secs(8);
    })
    .await;
    let control = &world.sandbox.control;
    world.until_link(LinkState::Up).await;
    let before = control.requests_to("/api01rv2/acceptlstv2");
    // Slower than any limit, but only until the second try.
    control.set_trouble(Trouble::Slow(Duration::from_hours(1)));
    until("a slow call", async || control.requests_to("/api01rv2/acceptlstv2") > before).await;
    control.set_trouble(Trouble::None);
    let id = control.accept(world.number(1).as_str()).unwrap();
    until("the reception", async || world.reception(&id).await.is_some()).await;
    assert_eq!(told(&world).await, [LinkState::Up]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_refused() {
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.password = ReceiptLink::new("demo", "https://x/api", "x", "chigau").unwrap().password;
    })
    .await;
    world.until_link(LinkState::Refused).await;
    assert_eq!(told(&world).await, [LinkState::Refused]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_not_theirs_is_refused() {
    let stranger = Authority::new("stranger").unwrap();
    let pem = stranger.client("stranger").unwrap().to_pem();
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.client_identity = Some(Pem::text(pem));
    })
    .await;
    world.until_link(LinkState::Refused).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_we_do_not_trust_is_refused() {
    let stranger = Authority::new("stranger").unwrap();
    let world = World::start_with(quiet(), |link| {
        impatient(link);
        link.ca = Some(Pem::text(stranger.ca_pem()));
    })
    .await;
    world.until_link(LinkState::Refused).await;
    world.stop().await;
}
