//! Whatever comes, reading does not break; whatever is written comes back.

use clinical::lab::{Flag, ReferenceRange, ResultStatus, ResultValue};
use exchange::hl7v2::{Charset, OrderMessage, ResultKind, ResultMessage, read};
use proptest::prelude::*;

use crate::samples::{head, order, report, result};

/// Text as people write it in messages, separators and line ends among it; no blanks at its ends.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("厚労".to_owned()),
        Just("日薬".to_owned()),
        Just("ソ表予".to_owned()),
        Just("ミメ".to_owned()),
        "[ -~]{1,4}",
        Just("|^~\\&".to_owned()),
        Just("\n".to_owned()),
        Just("\\F\\".to_owned()),
        Just("①±".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat().trim().to_owned())
}

fn filled() -> impl Strategy<Value = String> {
    text().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text })
}

fn charset() -> impl Strategy<Value = Charset> {
    prop_oneof![Just(Charset::Utf8), Just(Charset::Jis)]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let mut message = b"MSH|^~\\&|A|B|C|D|20260407||OUL^R22|1|P|2.5||||||~ISO IR87\r".to_vec();
        message.extend_from_slice(&bytes);
        let _ = read(&message);
    }

    #[test]
    fn any_segments_are_read_or_refused(
        kind in prop_oneof![Just("OML^O33"), Just("ORL^O34"), Just("OUL^R22"), Just("ORU^R01"), Just("ACK")],
        rows in prop::collection::vec(
            (
                prop_oneof![
                    Just("MSA"), Just("ERR"), Just("PID"), Just("SPM"), Just("SAC"), Just("ORC"),
                    Just("OBR"), Just("OBX"), Just("NTE"), Just("TQ1"), Just("ZZZ"), Just("")
                ],
                prop::collection::vec("[A-Z0-9^~&\\\\<>.亜日]{0,9}", 0..28),
            ),
            0..14,
        ),
    ) {
        let mut message = format!("MSH|^~\\&|A|B|C|D|20260407||{kind}|1|P|2.5||||||UNICODE UTF-8\r");
        for (name, fields) in rows {
            message.push_str(name);
            for field in fields {
                message.push('|');
                message.push_str(&field);
            }
            message.push('\r');
        }
        let _ = read(message.as_bytes());
    }

    #[test]
    fn broken_messages_are_read_or_refused(cut in 0_usize..1500, at in 0_usize..1500, byte: u8, jis: bool) {
        let charset = if jis { Charset::Jis } else { Charset::Utf8 };
        let mut bytes = order(charset).write().unwrap().bytes;
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(cut.max(1).min(length));
        let _ = read(&bytes);
    }

    #[test]
    fn orders_come_back(charset in charset(), comment in text(), name in filled(), clinic in text()) {
        let mut message = order(charset);
        message.comment = charset.carry(&comment).0.trim().to_owned();
        message.clinic = charset.carry(&clinic).0.trim().to_owned();
        message.specimens[0].tests[0].name = charset.carry(&name).0.trim().to_owned();
        let heard = OrderMessage::read(&message.write().unwrap().bytes).unwrap();
        prop_assert_eq!(heard.value, message);
        prop_assert_eq!(heard.warnings, vec![]);
    }

    #[test]
    fn results_come_back(
        charset in charset(),
        by_order: bool,
        rows in prop::collection::vec((filled(), text(), text(), 0..6_usize, 0..3_usize), 1..6),
        comments in prop::collection::vec(filled(), 0..3),
    ) {
        let flags = [
            Flag::Normal, Flag::Low, Flag::High, Flag::PanicLow, Flag::PanicHigh, Flag::Abnormal,
        ];
        let statuses = [ResultStatus::Preliminary, ResultStatus::Final, ResultStatus::Corrected];
        let carry = |text: &str| charset.carry(text).0.trim().to_owned();
        let results = rows.iter().enumerate().map(|(at, (value, unit, range, flag, status))| {
            let mut result = result(None, &format!("T{at}"), &carry(value));
            if result.value == ResultValue::default() {
                result.value = ResultValue("x".to_owned());
            }
            result.unit = carry(unit);
            result.range = ReferenceRange(carry(range));
            (result.flag, result.status) = (flags[*flag], statuses[*status]);
            result.comments = comments.iter().map(|c| carry(c)).filter(|c| !c.is_empty()).collect();
            result
        });
        let kind = if by_order { ResultKind::ByOrder } else { ResultKind::BySpecimen };
        let reports = vec![report("260406010018", results.collect())];
        let message = ResultMessage { head: head("L1", charset), kind, reports };
        let heard = ResultMessage::read(&message.write().unwrap().bytes).unwrap();
        prop_assert_eq!(heard.value, message);
        prop_assert_eq!(heard.warnings, vec![]);
    }
}
