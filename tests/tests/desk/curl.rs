//! The same data through a client that is not ours, and an audit log that cannot be bent.

use std::process::Command;

use cloud::clock::Clock;
use cloud::store::Store;
use sandbox::clinic::{INSTITUTION_CODE, STAFF};

use super::support::{Clinic, begun};

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|e| {
        panic!("{program} cannot be run ({e}); `make setup` installs it");
    });
    assert!(
        output.status.success(),
        "{program}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn curl_reads_the_patient_that_the_kiosk_shows_and_the_audit_log_tells() {
    let clinic = Clinic::open();
    let mut desk = clinic.terminal("受付");
    desk.sign_in(0);
    let shown = desk.open("01873", 1).unwrap();

    let ca = clinic.ca_file();
    let ca = ca.to_str().unwrap();
    let body = serde_json::json!({
        "institution": INSTITUTION_CODE, "login": STAFF[0].login, "password": STAFF[0].password,
        "terminal": "curl",
    });
    let sessions = format!("{}/v1/sessions", clinic.url);
    let json = "Content-Type: application/json";
    let signed_in =
        run("curl", &["-sS", "-f", "--cacert", ca, "-H", json, "-d", &body.to_string(), &sessions]);
    let signed_in: serde_json::Value = serde_json::from_str(&signed_in).unwrap();
    let bearer = format!("Authorization: Bearer {}", signed_in["token"].as_str().unwrap());
    let patient = format!("{}/v1/patients/01873", clinic.url);
    let read = run("curl", &["-sS", "-f", "--cacert", ca, "-H", &bearer, &patient]);
    let read: serde_json::Value = serde_json::from_str(&read).unwrap();
    let shown = serde_json::to_value(&shown).unwrap();
    for part in ["patient", "receptions"] {
        assert_eq!(read[part], shown[part]);
    }

    let database = clinic.database();
    drop(desk);
    drop(clinic.servers);
    let url = format!("sqlite:{}", database.display());
    let whole = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(&url, Clock::system()).await.unwrap();
            let verdicts = cloud::admin::audit_verify(&store, None, None).await.unwrap();
            store.close().await;
            verdicts.iter().all(|(_, verdict)| verdict.is_whole())
        })
    };
    assert!(whole());
    // One character of one row, changed behind the program's back.
    let script = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
row = db.execute(\"select seq, login from audit where login = 'uketsuke' order by seq limit 1\").fetchone()
db.execute('update audit set login = ? where seq = ?', ('u' + row[1][1:-1] + 'f', row[0]))
db.commit()
";
    run("python3", &["-c", script, database.to_str().unwrap()]);
    assert!(!whole());
}

/// A client of which no line is ours signs in, makes an entry, signs it, and gets the receipt; and from the stored
/// row alone, with the same foreign tools, anybody can prove who has confirmed what.
#[test]
fn openssl_and_curl_hand_in_an_entry_and_prove_a_stored_one() {
    let clinic = Clinic::open();
    let place = |name: &str| clinic.folder.path().join(name).display().to_string();
    let ca = clinic.ca_file().display().to_string();
    let (key, public) = (place("entry.key"), place("entry.pub"));
    run("openssl", &["genpkey", "-algorithm", "ed25519", "-out", &key]);
    run("openssl", &["pkey", "-in", &key, "-pubout", "-outform", "DER", "-out", &public]);
    // The last 32 bytes of the structure are the key itself (RFC 8410).
    let hex = |path: &str| {
        let bytes = std::fs::read(path).unwrap();
        bytes.iter().fold(String::new(), |digits, b| format!("{digits}{b:02x}"))
    };
    let public_key = hex(&public).split_off(24);
    let json = "Content-Type: application/json";
    let body = serde_json::json!({
        "institution": INSTITUTION_CODE, "login": STAFF[2].login, "password": STAFF[2].password,
        "terminal": "curl", "entry_key": public_key,
    });
    let sessions = format!("{}/v1/sessions", clinic.url);
    run("curl", &["-sS", "-f", "--cacert", &ca, "-H", json, "-d", &body.to_string(), &sessions]);

    let id = uuid::Uuid::now_v7();
    let text = format!(
        "{{\"id\":\"{id}\",\"entered_at\":\"{now}\",\"content\":{{\"kind\":\"profile\",\"entry\":{{\
         \"patient\":\"00100\",\"item\":\"{id}\",\"base\":null,\"act\":{{\"act\":\"record\",\"value\":{{\
         \"type\":\"measurement\",\"value\":{{\"pulse\":72}},\"measured_at\":\"{now}\"}},\
         \"source\":\"clinic\"}},\"on_behalf_of\":null,\"reason\":\"\",\"settles\":null}}}}}}",
        now = clinic.clock.now()
    );
    let (plain, signed, signature) =
        (place("entry.json"), place("entry.signed"), place("entry.sig"));
    std::fs::write(&plain, &text).unwrap();
    std::fs::write(&signed, format!("soegaki entry 1\n{text}")).unwrap();
    run(
        "openssl",
        &["pkeyutl", "-sign", "-inkey", &key, "-rawin", "-in", &signed, "-out", &signature],
    );
    let (data, url) = (format!("@{plain}"), format!("{}/v1/entries/{id}", clinic.url));
    let by = format!("soegaki-entry-key: {public_key}");
    let proof = format!("soegaki-entry-signature: {}", hex(&signature));
    let put = ["-sS", "-f", "--cacert", &ca, "-X", "PUT", "-H", json, "-H", &by, "-H", &proof];
    let receipt = run("curl", &[&put[..], &["--data-binary", &data, &url]].concat());
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    let digest = run("openssl", &["dgst", "-sha256", "-r", &plain]);
    assert_eq!(receipt["hash"].as_str(), digest.split(' ').next());
    assert_eq!(receipt["result"]["item"]["content"]["author"]["name"], STAFF[2].display_name);

    // What the kiosk signs is proven by the same means, from the row that the cloud keeps.
    let mut desk = clinic.terminal("受付");
    let nurse = desk.sign_in(1);
    let value = clinical::profile::ProfileValue::Measurement(clinical::profile::Measurement {
        value: clinical::profile::MeasurementValue::Pulse(64),
        measured_at: clinic.clock.now(),
    });
    desk.enter(&nurse, begun("00100", value, None));
    let script = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
key, signature, body = db.execute('select public_key, signature, body from entries order by at desc, id desc limit 1').fetchone()
open(sys.argv[2], 'wb').write(bytes.fromhex('302a300506032b6570032100' + key))
open(sys.argv[3], 'wb').write(bytes.fromhex(signature))
open(sys.argv[4], 'wb').write(b'soegaki entry 1\\n' + body.encode())
assert key != sys.argv[5] and '\"pulse\":64' in body
";
    let database = clinic.database().display().to_string();
    run("python3", &["-c", script, &database, &public, &signature, &signed, &public_key]);
    let verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", &public];
    let with = ["-rawin", "-in", &signed, "-sigfile", &signature];
    let said = run("openssl", &[&verify[..], &with].concat());
    assert!(said.contains("Verified Successfully"), "{said}");
    let mut bytes = std::fs::read(&signed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&signed, bytes).unwrap();
    let again = Command::new("openssl").args(verify).args(with).output().unwrap();
    assert!(!again.status.success(), "one bit is another entry");
}
