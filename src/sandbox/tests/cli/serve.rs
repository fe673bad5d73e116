//! `serve`: what it prints and writes is enough to reach the receipt computer.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use exchange::orca::{Outcome, patientgetv2, system01lstv2};

/// Ends the program whatever the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

type Announced = HashMap<String, String>;

/// Starts the program and waits for all that it announces: the receipt computer, then the laboratory.
fn start(out: &std::path::Path) -> (Running, Announced, Announced) {
    let mut child = super::sandbox()
        .args(["serve", "--patients", "60", "--receptions", "5", "--clock-rate", "0", "--out"])
        .arg(out)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let running = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut lines = running.map(|line| line.expect("text"));
    let pair = |line: String| {
        let (key, value) = line.split_once(" = ").expect("key = value");
        (key.to_owned(), serde_json::from_str(value).expect("a quoted value"))
    };
    let receipt: Announced = lines.by_ref().take(6).map(pair).collect();
    assert_eq!(receipt.len(), 6, "the program ended early: {receipt:?}");
    assert_eq!(lines.next().as_deref(), Some("[[lab]]"));
    let lab: Announced = lines.take(5).map(pair).collect();
    assert_eq!(lab.len(), 5, "the program ended early: {lab:?}");
    (Running(child), receipt, lab)
}

#[tokio::test]
async fn a_client_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (running, announced, _) = start(folder.path());
    // Another test of this process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = std::fs::read(&announced["ca"]).unwrap();
    let identity = std::fs::read(&announced["client_identity"]).unwrap();
    let builder = || {
        reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&ca).expect("certificate")])
            .timeout(std::time::Duration::from_mins(1))
    };
    let client =
        builder().identity(reqwest::Identity::from_pem(&identity).unwrap()).build().unwrap();
    let (base, user) = (&announced["base_url"], &announced["user"]);
    let password = Some(std::fs::read_to_string(&announced["password_file"]).unwrap());
    let password = password.as_deref();

    let url = format!("{base}/{}?id=127", patientgetv2::PATH);
    let reply = client.get(url).basic_auth(user, password).send().await.unwrap();
    let reply = patientgetv2::read_reply(&reply.bytes().await.unwrap()).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);
    assert_eq!(reply.patient.unwrap().number.as_str(), "00127");

    let request = system01lstv2::Request { list: system01lstv2::List::Physicians, date: None };
    let url = format!("{base}/{}", system01lstv2::PATH);
    let post = client.post(url).basic_auth(user, password);
    let post = post.header("content-type", "application/xml");
    let reply = post.body(system01lstv2::write_request(&request)).send().await.unwrap();
    let reply = system01lstv2::read_reply(&reply.bytes().await.unwrap()).unwrap();
    assert_eq!(reply.outcome(), Outcome::Ok);

    let stranger = builder().build().unwrap();
    let url = format!("{base}/{}?id=127", patientgetv2::PATH);
    let refused = stranger.get(url).basic_auth(user, password).send().await;
    assert!(refused.is_err(), "without the client certificate there is no connection");
    drop(running);
}

#[cfg(unix)]
#[test]
fn the_key_is_for_its_owner_alone_and_the_end_is_orderly() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let left_over = folder.path().join("client.pem");
    std::fs::write(&left_over, "open to all").unwrap();
    std::fs::set_permissions(&left_over, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (mut running, announced, _) = start(folder.path());
    let mode = std::fs::metadata(&announced["client_identity"]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let pid = running.0.id().to_string();
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
    assert!(running.0.wait().unwrap().success(), "asked to end, it ends in order");
}

#[test]
fn a_senseless_clock_is_refused() {
    let output = super::sandbox().args(["serve", "--clock-rate", "-1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn the_laboratory_is_there_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let (running, _, lab) = start(folder.path());
    // Another test of this process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let read = |key: &str| std::fs::read(&lab[key]).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&read("ca")).unwrap()])
        .identity(reqwest::Identity::from_pem(&read("client_identity")).unwrap())
        .timeout(std::time::Duration::from_mins(1))
        .build()
        .unwrap();
    let password = String::from_utf8(read("password_file")).unwrap();
    let request = client.get(format!("{}/results", lab["base_url"]));
    let reply = request.basic_auth(&lab["user"], Some(password)).send().await.unwrap();
    assert_eq!(reply.status(), 204, "nothing was ordered");
    drop(running);
}
