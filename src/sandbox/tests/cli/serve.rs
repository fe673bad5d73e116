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

/// Starts the program and waits for all that it announces.
fn start(out: &std::path::Path) -> (Running, HashMap<String, String>) {
    let mut child = super::sandbox()
        .args(["serve", "--patients", "60", "--receptions", "5", "--clock-rate", "0", "--out"])
        .arg(out)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let announced: HashMap<String, String> = lines
        .take(6)
        .map(|line| {
            let line = line.expect("text");
            let (key, value) = line.split_once(" = ").expect("key = value");
            (key.to_owned(), serde_json::from_str(value).expect("a quoted value"))
        })
        .collect();
    assert_eq!(announced.len(), 6, "the program ended early: {announced:?}");
    (Running(child), announced)
}

#[tokio::test]
async fn a_client_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (running, announced) = start(folder.path());
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
    let (mut running, announced) = start(folder.path());
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
