use std::sync::Arc;

use api::session::Health;
use cloud::config::{Config, Pem, ReceiptLink};
use reqwest::{Method, StatusCode, Version};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::support::{World, read};

#[tokio::test]
async fn health_needs_no_token_and_tells_the_clock() {
    let world = World::start().await;
    let response = world.request(Method::GET, "/v1/health").send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let headers = response.headers().clone();
    let health: Health = read(response, StatusCode::OK).await;
    assert_eq!(health.now, world.clock.now());
    assert_eq!(health.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
    assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let again = world.request(Method::GET, "/v1/health").send().await.unwrap();
    assert_ne!(headers["x-request-id"], again.headers()["x-request-id"]);
    world.running.stop().await;
}

/// Speaks TLS of one version and asks by HTTP/1.1.
fn ask(
    addr: std::net::SocketAddr,
    ca_pem: &str,
    version: &'static rustls::SupportedProtocolVersion,
) -> std::io::Result<String> {
    use std::io::{Read, Write};
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut tcp = std::net::TcpStream::connect(addr)?;
    let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[tokio::test]
async fn only_tls_1_3_and_http_1_1_too() {
    let world = World::start().await;
    let (addr, ca_pem) = (world.running.addr, world.ca_pem.clone());
    let (new, old) = tokio::task::spawn_blocking(move || {
        (ask(addr, &ca_pem, &rustls::version::TLS13), ask(addr, &ca_pem, &rustls::version::TLS12))
    })
    .await
    .unwrap();
    assert!(new.unwrap().starts_with("HTTP/1.1 200 OK"));
    assert!(old.unwrap_err().to_string().contains("ProtocolVersion"), "TLS 1.2 is refused");
    world.running.stop().await;
}

#[tokio::test]
async fn a_stopped_service_frees_its_port_and_its_file() {
    let world = World::start().await;
    let addr = world.running.addr;
    let token = world.token("uketsuke").await;
    world.get(&token, "/v1/receptions").send().await.unwrap();
    world.running.stop().await;
    std::net::TcpListener::bind(addr).expect("the port is free");
    let response = world.client.get(format!("https://{addr}/v1/health")).send().await;
    assert!(response.is_err());
}

#[tokio::test]
async fn a_service_that_cannot_work_does_not_start() {
    let world = World::start().await;
    let dir = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", dir.path().join("other.db").display());
    let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let good = Config::on_loopback(&database, &certificate, &key).unwrap();
    let words = async |config: Config| {
        let started = cloud::serve(config, world.clock.clone()).await;
        started.err().expect("it started").to_string()
    };

    let mut taken = good.clone();
    taken.listen.address = world.running.addr.into();
    assert!(words(taken).await.contains("another program"));

    let strange = other.signing_key.serialize_pem();
    let mismatched = Config::on_loopback(&database, &certificate, &strange).unwrap();
    assert!(words(mismatched).await.contains("cannot be used together"));
    let no_key = Config::on_loopback(&database, &certificate, &certificate).unwrap();
    assert!(words(no_key).await.contains("no private key"));

    let mut linked = good.clone();
    linked.receipt = vec![ReceiptLink::new("nobody", "https://x/api", "u", "p").unwrap()];
    assert!(words(linked).await.contains("institution add"));
    let mut linked = good.clone();
    let mut link = ReceiptLink::new("demo", "https://x/api", "u", "p").unwrap();
    link.ca = Some(Pem::text("-----BEGIN NOTHING-----"));
    linked.receipt = vec![link];
    linked.database.url =
        format!("sqlite:{}", dir.path().join("linked.db").display()).parse().unwrap();
    let store = cloud::store::Store::open(&linked.database_url().unwrap(), world.clock.clone())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    cloud::admin::add_institution(&store, "demo", "みどり診療所", "+09:00").await.unwrap();
    store.close().await;
    assert!(words(linked).await.starts_with("link of 'demo': ca: "));
    world.running.stop().await;
}
