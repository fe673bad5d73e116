//! The same data through a client that is not ours, and an audit log that cannot be bent.

use std::process::Command;

use cloud::clock::Clock;
use cloud::store::Store;
use sandbox::clinic::{INSTITUTION_CODE, STAFF};

use super::support::Clinic;

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

    let ca = clinic.folder.path().join("ca.pem");
    std::fs::write(&ca, &clinic.ca_pem).unwrap();
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

    let database = clinic.folder.path().join("cloud.sqlite3");
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
