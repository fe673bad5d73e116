use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Cut, Near, Plug};

/// Generous, since only a wrong program waits that long.
const LONG: Duration = Duration::from_secs(20);
/// What does not come within this does not come.
const SHORT: Duration = Duration::from_millis(300);

/// A far end that sends everything back.
async fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    address
}

fn line() -> (Plug, std::net::SocketAddr) {
    let near = Near::bind().unwrap();
    let (plug, address) = (Plug::new(), near.address);
    near.serve(plug.clone()).unwrap();
    (plug, address)
}

async fn says(stream: &mut TcpStream, word: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(word).await.ok()?;
    let mut answer = vec![0; word.len()];
    stream.read_exact(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test]
async fn a_connection_made_early_waits_for_the_far_end() {
    let (plug, address) = line();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"early").await.unwrap();
    let mut answer = [0; 5];
    assert!(timeout(SHORT, stream.read_exact(&mut answer)).await.is_err());
    plug.reach(echo().await);
    timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"early");
}

#[tokio::test]
async fn a_broken_line_breaks_and_refuses_until_it_is_mended() {
    let (plug, address) = line();
    plug.reach(echo().await);
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(
        timeout(LONG, says(&mut stream, b"one")).await.unwrap().as_deref(),
        Some(&b"one"[..])
    );
    plug.set(Cut::Broken);
    let mut byte = [0];
    let ended = timeout(LONG, stream.read(&mut byte)).await.unwrap();
    assert!(ended.is_err(), "a dead switch says no goodbye: {ended:?}");
    let mut second = TcpStream::connect(address).await.unwrap();
    assert_eq!(timeout(LONG, says(&mut second, b"two")).await.unwrap(), None);
    plug.set(Cut::Whole);
    let mut third = TcpStream::connect(address).await.unwrap();
    assert!(timeout(LONG, says(&mut third, b"three")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_silent_line_says_nothing_and_goes_on_where_it_was() {
    let (plug, address) = line();
    plug.reach(echo().await);
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert!(timeout(LONG, says(&mut stream, b"one")).await.unwrap().is_some());
    plug.set(Cut::Silent);
    assert!(timeout(SHORT, says(&mut stream, b"two")).await.is_err());
    plug.set(Cut::Whole);
    let mut answer = [0; 3];
    timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"two", "what was under way arrives, as with TCP");
}
