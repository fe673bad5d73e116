//! Answers and acknowledgements before a judge that is not ours; orders and results stand before it in the tests of
//! `emit`.

use std::path::{Path, PathBuf};
use std::process::Command;

use exchange::hl7v2::{AckMessage, Charset, Problem, ResultMessage, Verdict};

use crate::common::{NOW, bytes, drawn, message, start};

#[tokio::test]
async fn what_goes_over_the_line_is_right_by_the_standard() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = 0;
    let mut keep = |bytes: &[u8]| {
        written += 1;
        std::fs::write(folder.path().join(format!("{written:04}.hl7")), bytes).unwrap();
    };
    let (lab, client) = start(None).await;
    let orders = drawn(8);
    for (charset, orders) in [(Charset::Utf8, &orders[..4]), (Charset::Jis, &orders[4..])] {
        for (at, drawn) in orders.iter().enumerate() {
            client.order(bytes(&message(drawn, &format!("{charset:?}{at}"), charset))).await;
        }
        let mut wrong = message(&orders[0], &format!("{charset:?}9"), charset);
        wrong.specimens[0].collected_at = None;
        assert_eq!(client.order(bytes(&wrong)).await.verdict, Verdict::Error);
    }
    lab.control.finish_now();
    while let Some(bytes) = client.fetch().await {
        let told = ResultMessage::read(&bytes).unwrap().value;
        let problem = Problem {
            place: "OBX^1^3".to_owned(),
            code: "103".to_owned(),
            text: "項目が読めません".to_owned(),
        };
        for (verdict, problems) in
            [(Verdict::Error, vec![problem]), (Verdict::Accepted, Vec::new())]
        {
            let ack = AckMessage {
                head: told.head.answered(NOW, "A1".to_owned()),
                event: told.event().to_owned(),
                to: told.head.control_id.clone(),
                verdict,
                text: String::new(),
                problems,
            };
            keep(&ack.write().unwrap().bytes);
        }
        assert_eq!(client.acknowledge(&told, Verdict::Accepted, "").await, 204);
    }
    for heard in lab.control.heard() {
        keep(&heard.answer);
    }
    let delivered = lab.control.delivered();
    assert!(!delivered.is_empty());
    for bytes in delivered {
        keep(&bytes);
    }
    lab.stop().await;

    let (python, script) = checker();
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let counted = String::from_utf8_lossy(&output.stdout).into_owned();
    for kind in ["ACK iso2022_jp", "ACK utf-8", "ORL iso2022_jp", "ORL utf-8", "OUL utf-8"] {
        assert!(counted.contains(kind), "{kind}: {counted}");
    }
}

/// The judge's Python, installed by `packaging/checkers.sh`, and its script.
fn checker() -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("checkers/venv/bin/python");
    let missing = "missing; packaging/checkers.sh installs hl7apy there";
    assert!(python.exists(), "{}: {missing}", python.display());
    (python, root.join("packaging/check_hl7.py"))
}
