//! What is written comes back, and is what a laboratory expects byte by byte.

use clinical::lab::{Flag, ResultStatus};
use exchange::hl7v2::{
    AckMessage, AnswerMessage, AnsweredSpecimen, AnsweredTest, Charset, Hl7Error, Incoming,
    OrderControl, OrderMessage, Problem, ResultKind, ResultMessage, Said, TubeAnswer, Verdict,
    read,
};

use crate::samples::{head, order, report, result, taro};

const BOTH: [Charset; 2] = [Charset::Utf8, Charset::Jis];

/// Segments of a message whose bytes are decoded by a decoder that is not the one under test.
fn lines(bytes: &[u8], charset: Charset) -> Vec<String> {
    let text = match charset {
        Charset::Utf8 => String::from_utf8(bytes.to_vec()).unwrap(),
        Charset::Jis => encoding_rs::ISO_2022_JP.decode(bytes).0.into_owned(),
    };
    assert!(text.ends_with('\r') && !text.contains('\n'));
    text.trim_end_matches('\r').split('\r').map(str::to_owned).collect()
}

#[test]
fn an_order_is_written_as_laboratories_expect_it() {
    for (charset, eighteen) in [
        (Charset::Utf8, "UNICODE UTF-8|jpn^^ISO 639-2"),
        (Charset::Jis, "~ISO IR87||ISO 2022-1994"),
    ] {
        let written = order(charset).write().unwrap();
        assert_eq!(written.lost, []);
        let lines = lines(&written.bytes, charset);
        let expected = [
            &format!(
                "MSH|^~\\&|SOEGAKI|9919900001|LIS|LABCENTER|20260406100000||OML^O33^OML_O33|S0001|P|2.5|||||JPN|{eighteen}"
            ),
            "NTE|0001|P|採血困難 \\T\\ 少量\\F\\注意",
            "PID|0001||01873^^^^PI||厚労^太郎^^^^^L^I~コウロウ^タロウ^^^^^L^P||19550304|M",
            "PV1|0001|O",
            "SPM|0001|260406010018&9919900001||023^血清^JC10|||||||||||||20260406095300|||||||||1|serum^血清分離^99SGK",
            "SAC|||260406010018",
            "ORC|NW|26040601001801||019d60a9-b560-7160-8839-de6ff1830000|||||20260406093000|||^見本^院長^^^^^^^L^^^^^I|||||||||標準診療所||||||||O^外来患者オーダ^HL70482",
            "TQ1|0001||||||20260406||S^至急^HL70485",
            "OBR|0001|26040601001801||3B035000002327201^AST(GOT)^JC10^AST^AST^99SGK|||20260406095300||||||絶食|||^見本^院長^^^^^^^L^^^^^I",
        ];
        assert_eq!(lines[..expected.len()], expected);
        assert_eq!(lines.len(), 17);
        assert!(
            lines[11].ends_with(
                "|TIBC^総鉄結合能^99SGK|||20260406095300||||||絶食|||^見本^院長^^^^^^^L^^^^^I"
            ),
            "{}",
            lines[11]
        );
        assert!(
            lines[12].starts_with("SPM|0002|260406010026&9919900001||^ぬぐい液|"),
            "{}",
            lines[12]
        );
    }
}

#[test]
fn an_order_comes_back() {
    for charset in BOTH {
        for control in [OrderControl::New, OrderControl::Cancel] {
            let message = OrderMessage { control, ..order(charset) };
            let heard = OrderMessage::read(&message.write().unwrap().bytes).unwrap();
            assert_eq!(heard.value, message);
            assert_eq!((heard.warnings, heard.unknown), (Vec::new(), Vec::new()));
        }
    }
}

#[test]
fn results_come_back_in_both_forms() {
    for charset in BOTH {
        for kind in [ResultKind::BySpecimen, ResultKind::ByOrder] {
            let mut words = result(None, "FLU", "(±) 再検を~お勧め^します\\");
            (words.flag, words.status) = (Flag::Abnormal, ResultStatus::Preliminary);
            let mut none = result(Some("3H015000002326101"), "K", "");
            (none.flag, none.status) = (Flag::Normal, ResultStatus::Cancelled);
            none.comments.push("検体量不足".to_owned());
            let mut corrected = result(Some("3C015000002327101"), "3C015000002327101", ">=12.50");
            (corrected.flag, corrected.status) = (Flag::PanicHigh, ResultStatus::Corrected);
            let first = vec![result(Some("3B035000002327201"), "AST", "45"), words, none];
            let second = vec![corrected, result(None, "CRP", "<0.02")];
            let message = ResultMessage {
                head: head("LAB1", charset),
                kind,
                reports: vec![report("260406010018", first), report("260406010026", second)],
            };
            let written = message.write().unwrap();
            let heard = ResultMessage::read(&written.bytes).unwrap();
            assert_eq!(heard.value, message);
            assert_eq!(heard.warnings, []);
            let lines = lines(&written.bytes, charset);
            let types: Vec<&str> = lines
                .iter()
                .filter(|line| line.starts_with("OBX"))
                .map(|line| line.split('|').nth(2).unwrap())
                .collect();
            assert_eq!(types, ["NM", "ST", "", "SN", "SN"]);
        }
    }
}

fn answer(charset: Charset, verdict: Verdict) -> AnswerMessage {
    let test = |placer: &str, filler: &str, said, why: &str| AnsweredTest {
        placer: placer.to_owned(),
        filler: filler.to_owned(),
        said,
        why: why.to_owned(),
    };
    let specimen = |number: &str, tests| AnsweredSpecimen {
        number: number.to_owned(),
        material: Some("023".to_owned()),
        material_name: "血清".to_owned(),
        tests,
    };
    AnswerMessage {
        head: head("L1", charset),
        to: "S0001".to_owned(),
        verdict,
        text: "受付".to_owned(),
        problems: Vec::new(),
        patient: Some(taro()),
        specimens: vec![
            specimen(
                "260406010018",
                vec![
                    test("26040601001801", "L7", Said::Accepted, ""),
                    test("26040601001802", "", Said::Refused, "受託していません"),
                ],
            ),
            specimen("260406010026", vec![test("26040601002601", "", Said::Refused, "量不足")]),
        ],
    }
}

#[test]
fn answers_come_back_and_say_what_becomes_of_each_tube() {
    for charset in BOTH {
        let message = answer(charset, Verdict::Accepted);
        let heard = AnswerMessage::read(&message.write().unwrap().bytes).unwrap();
        assert_eq!(heard.value, message);
        assert_eq!(heard.warnings, []);
    }
    let some = answer(Charset::Utf8, Verdict::Accepted);
    let left_out = vec!["受託していません".to_owned()];
    let accepted = TubeAnswer::Accepted { filler: "L7".to_owned(), left_out };
    assert_eq!(some.tube("260406010018"), accepted);
    assert_eq!(some.tube("260406010026"), TubeAnswer::Refused { why: "受付".to_owned() });
    let unnamed = TubeAnswer::Accepted { filler: String::new(), left_out: Vec::new() };
    assert_eq!(some.tube("260406019999"), unnamed, "taken as a whole");
    assert!(!some.cancelled());

    let mut none = answer(Charset::Utf8, Verdict::Error);
    none.problems
        .push(Problem { text: "検体がありません".to_owned(), ..Problem::default() });
    let why = "受付／検体がありません".to_owned();
    for tube in ["260406010018", "260406010026", "260406019999"] {
        assert_eq!(none.tube(tube), TubeAnswer::Refused { why: why.clone() });
    }
    let mut stopped = answer(Charset::Utf8, Verdict::Accepted);
    for test in stopped.specimens.iter_mut().flat_map(|specimen| &mut specimen.tests) {
        test.said = Said::Cancelled;
    }
    assert!(stopped.cancelled());
    stopped.specimens[1].tests[0].said = Said::NotCancelled;
    assert!(!stopped.cancelled());
}

#[test]
fn acknowledgements_come_back() {
    for charset in BOTH {
        let message = AckMessage {
            head: head("A1", charset),
            event: "R22".to_owned(),
            to: "LAB1".to_owned(),
            verdict: Verdict::Rejected,
            text: String::new(),
            problems: vec![Problem {
                place: "OBX^1^3".to_owned(),
                code: "101".to_owned(),
                text: "検査項目がありません".to_owned(),
            }],
        };
        let bytes = message.write().unwrap().bytes;
        assert_eq!(AckMessage::read(&bytes).unwrap().value, message);
        assert_eq!(read(&bytes).unwrap().value, Incoming::Ack(message));
    }
}

#[test]
fn what_jis_cannot_carry_is_named_and_never_silent() {
    let mut message = order(Charset::Jis);
    message.patient.name.kanji = "𠮷野　髙子".to_owned();
    message.patient.name.kana = "ﾖｼﾉ　ﾀﾞﾋﾟｶｺ".to_owned();
    message.comment = "前回〜今回 5−3".to_owned();
    let written = message.write().unwrap();
    let lost: Vec<_> =
        written.lost.iter().map(|lost| (lost.place.as_str(), lost.character)).collect();
    assert_eq!(lost, [("PID-5", '𠮷'), ("PID-5", '髙')]);
    let heard = OrderMessage::read(&written.bytes).unwrap().value;
    assert_eq!(heard.patient.name.kanji, "〓野　〓子");
    assert_eq!(heard.patient.name.kana, "ヨシノ　ダピカコ");
    assert_eq!(heard.comment, "前回～今回 5－3");
    message.head.charset = Charset::Utf8;
    let heard = OrderMessage::read(&message.write().unwrap().bytes).unwrap().value;
    assert_eq!(heard.patient.name.kanji, "𠮷野　髙子");
    assert_eq!(message.write().unwrap().lost, []);
}

#[test]
fn a_message_that_a_laboratory_could_not_use_is_not_written() {
    let refused = |change: &dyn Fn(&mut OrderMessage), place: &str| {
        let mut message = order(Charset::Utf8);
        change(&mut message);
        match message.write() {
            Err(Hl7Error::Field { place: at, .. }) => assert_eq!(at, place),
            other => panic!("{place}: {other:?}"),
        }
    };
    refused(&|m| m.head.control_id.clear(), "MSH-10");
    refused(&|m| m.head.control_id = "x".repeat(21), "MSH-10");
    refused(&|m| m.head.at = None, "MSH-7");
    refused(&|m| m.head.sender.facility.clear(), "MSH-4");
    refused(&|m| m.patient.number.clear(), "PID-3");
    refused(&|m| m.patient.name = clinical::PersonName::default(), "PID-5");
    refused(&|m| m.specimens.clear(), "SPM");
    refused(&|m| m.specimens[0].number.clear(), "SPM-2");
    refused(&|m| m.specimens[1].tests.clear(), "ORC");
    refused(&|m| m.specimens[0].tests[0].placer.clear(), "ORC-2");
    refused(&|m| m.specimens[0].tests[0].code.local.clear(), "OBR-4");
    let results = |results| ResultMessage {
        head: head("LAB1", Charset::Utf8),
        kind: ResultKind::BySpecimen,
        reports: vec![report("260406010018", results)],
    };
    assert!(results(vec![result(None, "K", "")]).write().is_err(), "a result without a value");
    assert!(results(Vec::new()).write().is_err(), "a specimen without a result");
    let mut two = results(vec![result(None, "K", "4")]);
    two.reports.push(two.reports[0].clone());
    two.reports[1].patient.number = "2".to_owned();
    assert!(two.write().is_err(), "two patients");
}
