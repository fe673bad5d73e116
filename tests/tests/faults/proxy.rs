//! The line is as bad as it says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use e2e::proxy::{Fate, Proxy, Weather};

const LIMIT: Duration = Duration::from_secs(30);

/// A server that gives back what it gets.
fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut back = stream.try_clone().unwrap();
                let _ = std::io::copy(&mut &stream, &mut back);
                let _ = back.shutdown(Shutdown::Write);
            });
        }
    });
    address
}

/// Sends so much and reads what comes until the end; how much came, and whether the end was in order.
fn talk(proxy: &Proxy, length: usize) -> (usize, bool) {
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let mut out = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        for _ in 0..length / 100 {
            if out.write_all(&[7; 100]).is_err() {
                return;
            }
        }
        let _ = out.shutdown(Shutdown::Write);
    });
    let (mut sum, mut buffer) = (0, [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (sum, true),
            Ok(count) => sum += count,
            Err(_) => return (sum, false),
        }
    }
}

#[test]
fn fair_weather_carries_every_byte_and_a_dead_line_none() {
    let proxy = Proxy::start(1).unwrap();
    proxy.reach(echo());
    assert_eq!(talk(&proxy, 200_000), (200_000, true));
    proxy.set(Weather::Dead);
    assert_eq!(talk(&proxy, 1_000).0, 0);
    proxy.set(Weather::Fair);
    assert_eq!(talk(&proxy, 1_000), (1_000, true));
    assert_eq!((proxy.counts.bad(), proxy.counts.refused()), (0, 1));
}

#[test]
fn a_storm_brings_every_fate_and_the_same_seed_the_same_ones() {
    let fates = |seed| {
        let proxy = Proxy::start(seed).unwrap();
        proxy.reach(echo());
        proxy.set(Weather::Storm { percent: 100 });
        let harmed = std::thread::scope(|scope| {
            let talks: Vec<_> =
                (0..40).map(|_| scope.spawn(|| talk(&proxy, 100_000) != (100_000, true))).collect();
            talks.into_iter().map(|talk| talk.join().unwrap()).filter(|harmed| *harmed).count()
        });
        let met: Vec<u64> = Fate::BAD.iter().map(|fate| proxy.counts.of(*fate)).collect();
        // What only comes late comes whole.
        let late = proxy.counts.of(Fate::Stall) + proxy.counts.of(Fate::Delay);
        assert_eq!(harmed as u64 + late, proxy.counts.bad(), "{met:?}");
        met
    };
    let met = fates(3);
    assert!(met.iter().all(|count| *count > 0), "{met:?}");
    assert_eq!(met, fates(3));
}
