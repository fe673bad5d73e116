use std::time::Duration;

use api::receptions::ReceptionList;
use api::{ErrorCode, Event, EventKind};
use jiff::SignedDuration;
use reqwest::{Method, Response, StatusCode};

use crate::support::{World, read, receptions, refused};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Reads a stream of server-sent events.
struct Stream {
    response: Response,
    text: String,
}

#[derive(Debug)]
enum Frame {
    Event(Event),
    Comment,
    End,
}

impl Stream {
    async fn open(world: &World, token: &str, query: &str) -> Self {
        let request = world.get(token, &format!("/v1/events{query}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    async fn frame(&mut self) -> Frame {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let frame: String = self.text.drain(..end + 2).collect();
                return parse(&frame);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            match chunk.expect("neither event nor comment came") {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).unwrap()),
                Ok(None) => return Frame::End,
                Err(error) => panic!("the stream broke: {error}"),
            }
        }
    }

    async fn event(&mut self) -> Event {
        loop {
            match self.frame().await {
                Frame::Event(event) => return event,
                Frame::Comment => {}
                Frame::End => panic!("the stream ended"),
            }
        }
    }

    /// Waits for the end; whatever comes before is left out.
    async fn end(&mut self) {
        while !matches!(self.frame().await, Frame::End) {}
    }
}

fn parse(frame: &str) -> Frame {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let Some(data) = field("data:") else { return Frame::Comment };
    let event: Event = serde_json::from_str(data).unwrap();
    assert_eq!(field("id:").unwrap(), event.seq.to_string());
    Frame::Event(event)
}

async fn head(world: &World, token: &str) -> i64 {
    let response = world.get(token, "/v1/receptions").send().await.unwrap();
    read::<ReceptionList>(response, StatusCode::OK).await.event_seq
}

#[tokio::test]
async fn catches_up_and_goes_on_live() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let last = head(&world, &token).await;
    assert_eq!(last, 6, "three patients and three receptions were stored");
    let mut stream = Stream::open(&world, &token, "?after=4").await;
    assert_eq!(stream.event().await.seq, 5);
    assert_eq!(stream.event().await.seq, 6);
    world.change_list(1).await;
    let event = stream.event().await;
    assert_eq!(event.seq, 7);
    let key = receptions()[0].key.clone();
    assert_eq!(event.kind, EventKind::ReceptionChanged { key, revision: 2 });
    world.running.stop().await;
}

#[tokio::test]
async fn begins_with_the_next_event_or_behind_the_header() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let mut fresh = Stream::open(&world, &token, "").await;
    let request = world.get(&token, "/v1/events").header("last-event-id", "5");
    let response = request.send().await.unwrap();
    let mut back = Stream { response, text: String::new() };
    assert_eq!(back.event().await.seq, 6);
    // A browser comes back to the address it began with; its header knows better.
    let request = world.get(&token, "/v1/events?after=2").header("last-event-id", "5");
    let response = request.send().await.unwrap();
    let mut browser = Stream { response, text: String::new() };
    assert_eq!(browser.event().await.seq, 6);
    world.change_list(1).await;
    assert_eq!(fresh.event().await.seq, 7);
    for wrong in ["/v1/events?after=x", "/v1/events?after=1.5"] {
        let response = world.get(&token, wrong).send().await.unwrap();
        refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    }
    let request = world.get(&token, "/v1/events").header("last-event-id", "x");
    let response = request.send().await.unwrap();
    refused(response, StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Invalid).await;
    world.running.stop().await;
}

#[tokio::test]
async fn a_number_that_is_not_known_resets() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    for query in ["?after=1000", "?after=-1"] {
        let mut stream = Stream::open(&world, &token, query).await;
        let event = stream.event().await;
        assert_eq!((event.seq, event.kind), (6, EventKind::Reset));
    }
    world.running.stop().await;
}

#[tokio::test]
async fn a_number_that_is_no_longer_kept_resets_and_goes_on() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    world.clock.advance(SignedDuration::from_mins(10));
    let retention = cloud::store::Retention {
        events: SignedDuration::from_secs(1),
        ..cloud::store::Retention::default()
    };
    world.running.store.prune(retention).await.unwrap();
    let mut stream = Stream::open(&world, &token, "?after=2").await;
    let event = stream.event().await;
    assert_eq!((event.seq, event.kind), (6, EventKind::Reset));
    world.change_list(1).await;
    assert_eq!(stream.event().await.seq, 7);
    world.running.stop().await;
}

/// Readers that come and go see each number once and in order, while others write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_gap_and_no_double_while_others_write() {
    const WRITES: i8 = 50;
    let world = std::sync::Arc::new(World::start().await);
    let token = world.token("uketsuke").await;
    let last = 6 + i64::from(WRITES);
    let mut readers = Vec::new();
    for n in 1..=4_i64 {
        let (world, token) = (world.clone(), token.clone());
        readers.push(tokio::spawn(async move {
            let mut seen = 6;
            while seen < last {
                // Each reader leaves after a few events and comes back with its last number.
                let mut stream = Stream::open(&world, &token, &format!("?after={seen}")).await;
                for _ in 0..n * 3 {
                    let event = stream.event().await;
                    assert_eq!(event.seq, seen + 1);
                    seen = event.seq;
                    if seen == last {
                        break;
                    }
                }
            }
        }));
    }
    for minute in 0..WRITES {
        world.change_list(minute).await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
    let world = std::sync::Arc::into_inner(world).unwrap();
    world.running.stop().await;
}

#[tokio::test]
async fn silence_is_broken_by_comments() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let mut stream = Stream::open(&world, &token, "").await;
    assert!(matches!(stream.frame().await, Frame::Comment));
    world.running.stop().await;
}

#[tokio::test]
async fn the_stream_ends_when_the_person_signs_out() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let other = world.token("isha").await;
    let mut stream = Stream::open(&world, &token, "?after=5").await;
    let mut others = Stream::open(&world, &other, "?after=5").await;
    assert_eq!(stream.event().await.seq, 6);
    assert_eq!(others.event().await.seq, 6);
    let gone = world.request(Method::DELETE, "/v1/session").bearer_auth(&token).send().await;
    assert_eq!(gone.unwrap().status(), StatusCode::NO_CONTENT);
    stream.end().await;
    // The other person's goes on.
    world.change_list(1).await;
    assert_eq!(others.event().await.seq, 7);
    world.running.stop().await;
}

#[tokio::test]
async fn the_stream_ends_when_the_session_has_run_out() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let mut stream = Stream::open(&world, &token, "").await;
    world.clock.advance(SignedDuration::from_mins(31));
    stream.end().await;
    let response = world.get(&token, "/v1/events").send().await.unwrap();
    refused(response, StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired).await;
    world.running.stop().await;
}

#[tokio::test]
async fn an_open_stream_is_no_use_of_the_session() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let mut stream = Stream::open(&world, &token, "").await;
    world.clock.advance(SignedDuration::from_mins(20));
    world.change_list(1).await;
    assert_eq!(stream.event().await.seq, 7);
    world.clock.advance(SignedDuration::from_mins(11));
    stream.end().await;
    world.running.stop().await;
}

#[tokio::test]
async fn stopping_the_service_ends_the_streams_at_once() {
    let world = World::start().await;
    let token = world.token("uketsuke").await;
    let mut stream = Stream::open(&world, &token, "").await;
    let stopping = tokio::spawn(world.running.stop());
    stream.end().await;
    stopping.await.unwrap();
}
