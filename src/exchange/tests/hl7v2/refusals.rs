//! What cannot be read is named, and nothing of a patient stands in the words.

use exchange::hl7v2::{AckMessage, AnswerMessage, OrderMessage, ResultMessage, read};

const MSH: &str = "MSH|^~\\&|L|L|S|S|20260407||OUL^R22|C1|P|2.5||||||UNICODE UTF-8\r";

fn refused(bytes: &[u8]) -> String {
    read(bytes).expect_err("refused").to_string()
}

#[test]
fn every_refusal_names_segment_and_field() {
    let body = |rest: &str| refused(format!("{MSH}PID|1||7||秘密^太郎\r{rest}").as_bytes());
    assert_eq!(refused(b""), "empty message");
    assert_eq!(refused(b" \r\n"), "empty message");
    assert_eq!(refused(b"<html>"), "not an HL7 v2 message: a page of markup");
    assert_eq!(refused(b"{\"a\":1}"), "not an HL7 v2 message: JSON");
    assert_eq!(refused(b"PID|1"), "not an HL7 v2 message: the first segment is not MSH");
    assert_eq!(refused(b"MSH"), "MSH-1: no field separator");
    assert_eq!(refused(b"MSHA"), "MSH-1: no field separator");
    assert_eq!(refused(b"MSH||"), "MSH-2: the separators are missing or not different");
    assert_eq!(refused(b"MSH|^^\\&|"), "MSH-2: the separators are missing or not different");
    let adt = MSH.replace("OUL^R22", "ADT^A01");
    let expected = "MSH-9: OML, ORL, OUL, ORU or ACK expected, found ADT^A01";
    assert_eq!(refused(adt.as_bytes()), expected);
    let odd = MSH.replace("OUL^R22", "厚労^太郎");
    assert!(refused(odd.as_bytes()).ends_with("found no known type"));
    assert_eq!(refused(format!("{MSH}{MSH}").as_bytes()), "MSH[2]: more than one message");
    assert_eq!(body(""), "OBX: the message tells no result");
    assert_eq!(body("SPM|1|1\rOBR|1\rOBX|1|NM|||秘密\r"), "OBX-3: no test is named");
    assert_eq!(body("OBR|1\rOBX|1|NM|A^a^L||1\rOBX|2|NM|||2\r"), "OBX[2]-3: no test is named");
    let of = |kind: &str, rest: &str| {
        refused(format!("{}{rest}", MSH.replace("OUL^R22", kind)).as_bytes())
    };
    assert_eq!(of("ORL^O34", "SPM|1|1\r"), "MSA: missing");
    assert_eq!(of("ORL^O34", "MSA|??|1\r"), "MSA-1: no known verdict");
    assert_eq!(of("ACK^R22", ""), "MSA: missing");
    assert_eq!(of("OML^O33", "OBR|1|2||A^a^L\r"), "OBR: a test before the first specimen");
    assert_eq!(of("OML^O33", "SPM|1|1\rORC|NW|1\rOBR|1|1\r"), "OBR-4: no test is named");
    assert_eq!(of("OML^O33", "SPM|1|1\rORC|XX|1\r"), "ORC-1: neither NW nor CA throughout");
}

#[test]
fn a_message_without_end_is_refused() {
    for line in ["OBX|1|NM|A^a^L||1\r", "秘密\r"] {
        let endless = format!("{MSH}{}", line.repeat(20_001));
        assert_eq!(refused(endless.as_bytes()), "MSH: more segments than a message has", "{line}");
    }
    let long = format!("{MSH}OBR|1\r{}", "OBX|1|NM|A^a^L||1\r".repeat(10_000));
    let heard = ResultMessage::read(long.as_bytes()).unwrap();
    assert_eq!(heard.value.reports[0].results.len(), 10_000);
}

#[test]
fn another_kind_is_not_taken_for_the_one_that_is_asked_for() {
    let ack = MSH.replace("OUL^R22", "ACK^R22") + "MSA|AA|1\r";
    for words in [
        OrderMessage::read(ack.as_bytes()).unwrap_err().to_string(),
        AnswerMessage::read(ack.as_bytes()).unwrap_err().to_string(),
        ResultMessage::read(ack.as_bytes()).unwrap_err().to_string(),
    ] {
        assert!(words.starts_with("MSH-9: ") && words.ends_with("found ACK^R22"), "{words}");
    }
    assert!(AckMessage::read(ack.as_bytes()).is_ok());
    assert!(AckMessage::read(MSH.as_bytes()).is_err());
}

#[test]
fn warnings_hold_nothing_of_the_patient() {
    let rows = "PID|1||秘密||||19999999|?\rSPM|1|1|||||||||||||||nonsense\rOBR|1||x|A^a^L\r\
                OBX|1|NM|A^a^L||秘密|||秘密|||秘密\rNTE|1||行\nが切れた秘密\rZZZ|秘密\r";
    let heard = read(format!("{MSH}{rows}").as_bytes()).unwrap();
    assert!(heard.warnings.len() >= 7, "{:?}", heard.warnings);
    for warning in &heard.warnings {
        assert!(!format!("{}{}", warning.place, warning.reason).contains('秘'), "{warning:?}");
    }
}
