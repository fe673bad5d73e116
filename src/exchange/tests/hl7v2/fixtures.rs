//! Odd messages as laboratories send them, with people who do not exist.

use clinical::Sex;
use clinical::lab::ResultStatus::{self, Cancelled, Corrected, Final, Preliminary};
use clinical::lab::{Flag, LabReport};
use exchange::hl7v2::{
    AnswerMessage, Charset, Heard, ResultKind, ResultMessage, TubeAnswer, Verdict,
};
use jiff::civil::date;

fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/hl7v2/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn results(name: &str) -> Heard<ResultMessage> {
    ResultMessage::read(&bytes(name)).unwrap()
}

fn values(report: &LabReport) -> Vec<(&str, &str, Flag)> {
    report.results.iter().map(|r| (r.code.local.as_str(), r.value.0.as_str(), r.flag)).collect()
}

fn places(heard: &Heard<ResultMessage>) -> Vec<&str> {
    heard.warnings.iter().map(|warning| warning.place.as_str()).collect()
}

#[test]
fn local_codes_wide_figures_and_segments_of_their_own() {
    let heard = results("falco.utf8.hl7");
    let message = &heard.value;
    assert_eq!((message.kind, message.head.charset), (ResultKind::BySpecimen, Charset::Utf8));
    assert_eq!(message.head.control_id, "F0001");
    let [report] = &message.reports[..] else { panic!("{:?}", message.reports) };
    assert_eq!(report.specimen, "260406010018");
    assert_eq!(report.collected_at, Some(date(2026, 4, 6).at(0, 0, 0, 0)));
    assert_eq!(report.patient.number, "01873");
    assert_eq!(report.patient.name.kanji, "厚労　太郎");
    assert_eq!(report.patient.name.kana, "コウロウ　タロウ");
    assert_eq!(report.patient.birth_date, Some(date(1955, 3, 4)));
    let expected = [
        ("160022510", "４５", Flag::High),
        ("160021410", "6.9", Flag::PanicHigh),
        ("160054710", "<0.02", Flag::Normal),
    ];
    assert_eq!(values(report), expected);
    assert!(report.results.iter().all(|result| result.status == ResultStatus::Final));
    assert_eq!(report.results[0].range.0, "", "no range told, none made up");
    assert_eq!(report.results[1].comments, ["再検済"]);
    assert_eq!(report.results[2].range.0, "0.14以下");
    assert_eq!(heard.unknown, ["ZA0|送達番号|12", "ZA9|終"]);
    assert_eq!(places(&heard), ["ZA0", "ZA9"]);
}

#[test]
fn kanji_whose_bytes_look_like_separators_and_comments_at_every_level() {
    let raw = bytes("levels.jis.hl7");
    assert!(raw.windows(2).any(|pair| pair == b"F|"), "日 holds a bar");
    let heard = results("levels.jis.hl7");
    let message = &heard.value;
    assert_eq!(message.head.charset, Charset::Jis);
    let [serum, blood] = &message.reports[..] else { panic!("{:?}", message.reports) };
    assert_eq!(serum.patient.name.kanji, "日薬　元");
    assert_eq!(serum.specimen, "260406010026");
    assert_eq!((serum.placer.as_str(), serum.filler.as_str()), ("26040601002601", "L1"));
    assert_eq!(serum.comments, ["全体へのコメント", "軽度溶血", "依頼へのコメント"]);
    assert_eq!(serum.reported_at, Some(date(2026, 4, 7).at(19, 0, 0, 0)), "the latest");
    let [potassium, ast, creatinine] = &serum.results[..] else { panic!("{:?}", serum.results) };
    assert_eq!(potassium.code.jlac10.as_deref(), Some("3H015000002326101"));
    assert_eq!(potassium.value.0, "5.9");
    assert_eq!((ast.code.local.as_str(), ast.name.as_str()), ("160022510", "AST（GOT）"));
    assert_eq!(ast.comments, ["結果への", "コメント"]);
    assert_eq!(ast.unit, "U/L");
    assert_eq!(creatinine.value.0, "<0.20");
    assert_eq!(creatinine.status, ResultStatus::Preliminary, "by OBR-25");
    assert_eq!(creatinine.code.local, "3C015000002327101");
    assert_eq!(blood.specimen, "260406010034", "the second half of SPM-2");
    assert_eq!(blood.comments, ["全体へのコメント"]);
    assert_eq!(values(blood), [("ZZ9", "陽性", Flag::Abnormal)]);
    assert_eq!(blood.results[0].status, ResultStatus::Corrected);
    assert_eq!(heard.unknown, ["ZXX|日薬|知らないセグメント"]);
    assert_eq!(places(&heard), ["OBX", "ZXX"]);
}

#[test]
fn by_order_with_the_specimen_behind_half_width_kana_and_an_open_run() {
    let heard = results("oru.jis.hl7");
    let message = &heard.value;
    assert_eq!((message.kind, message.head.charset), (ResultKind::ByOrder, Charset::Jis));
    let patient = &message.reports[0].patient;
    assert_eq!((patient.number.as_str(), patient.sex), ("00942", Some(Sex::Female)));
    assert_eq!(
        (patient.name.kanji.as_str(), patient.name.kana.as_str()),
        ("患者　和子", "カンジャ　カズコ")
    );
    let told: Vec<_> = message
        .reports
        .iter()
        .map(|r| (r.specimen.as_str(), values(r)[0].1, r.placer.as_str()))
        .collect();
    let expected = [
        ("260406010042", "１１８", "26040601004201"),
        ("260406010059", "7.1", "26040601004202"),
        // No specimen at all: our own number of the request names the tube, if its check digit fits.
        ("260406010061", "9", "26040601006101"),
    ];
    assert_eq!(told, expected);
    assert_eq!(message.reports[0].results[0].comments, ["食後"]);
    assert_eq!(message.reports[0].results.len(), 1);
}

#[test]
fn shift_jis_that_says_nothing() {
    let heard = results("silent.sjis.hl7");
    let [report] = &heard.value.reports[..] else { panic!("{:?}", heard.value.reports) };
    assert_eq!(report.patient.name.kanji, "連携　理子");
    assert_eq!(report.results[0].comments, ["能力ソ表予"]);
    assert_eq!(report.results[0].name, "ＣＲＰ");
    assert!(heard.warnings.iter().any(|warning| warning.reason.contains("Shift_JIS")));
}

#[test]
fn frames_escapes_and_attached_files() {
    let heard = results("framed.utf8.hl7");
    let [report] = &heard.value.reports[..] else { panic!("{:?}", heard.value.reports) };
    assert_eq!(report.patient.birth_date, None, "two quotation marks are nothing");
    assert_eq!(report.results[0].value.0, "白血球 1~4\n上皮 ^少^ a&b | \\ 0 \\Zq\\");
    assert_eq!(report.results[1].value.0, "");
    assert_eq!(report.results[1].comments.len(), 1, "a person is told of the file");
    assert_eq!(places(&heard), ["OBX[2]-5"]);
}

#[test]
fn every_status_and_flag() {
    let heard = results("statuses.utf8.hl7");
    let [report] = &heard.value.reports[..] else { panic!("{:?}", heard.value.reports) };
    let told: Vec<_> =
        report.results.iter().map(|r| (r.code.local.as_str(), r.status, r.flag)).collect();
    let expected = [
        ("T1", Preliminary, Flag::Normal),
        ("T2", Final, Flag::Normal),
        ("T3", Corrected, Flag::Low),
        ("T4", Cancelled, Flag::Normal),
        ("T5", Cancelled, Flag::High),
        ("T6", Cancelled, Flag::PanicLow),
        // T7 is still being measured: nothing is told of it.
        ("T8", Preliminary, Flag::Abnormal),
        ("T9", Preliminary, Flag::Abnormal),
        ("T10", Final, Flag::High),
        ("T11", Final, Flag::Low),
    ];
    assert_eq!(told, expected);
    let warned = ["OBX[5]-11", "OBX[6]-11", "OBX[7]-11", "OBX[9]-11", "OBX[9]-8", "OBX[12]-11"];
    assert_eq!(places(&heard), warned);
}

#[test]
fn answers_that_refuse() {
    let heard = AnswerMessage::read(&bytes("answer-refused.jis.hl7")).unwrap().value;
    assert_eq!((heard.verdict, heard.to.as_str()), (Verdict::Error, "S1"));
    let why = "受付できません／検体番号の検査数字が合いません／お問合せ 03-0000-0000".to_owned();
    assert_eq!(heard.tube("260406010018"), TubeAnswer::Refused { why });

    let heard = AnswerMessage::read(&bytes("answer-partly.utf8.hl7")).unwrap().value;
    assert_eq!(heard.verdict, Verdict::Accepted);
    let left_out = vec!["受託していません".to_owned()];
    let some = TubeAnswer::Accepted { filler: "L1".to_owned(), left_out };
    assert_eq!(heard.tube("260406010018"), some);
    assert_eq!(heard.tube("260406010026"), TubeAnswer::Refused { why: "検体量不足".to_owned() });
}
