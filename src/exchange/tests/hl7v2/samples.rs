//! Values to write.

use clinical::lab::{
    Flag, LabCode, LabReport, ReferenceRange, ReportedResult, ResultStatus, ResultValue,
    ToldPatient,
};
use clinical::{PersonName, Sex};
use exchange::hl7v2::{
    Charset, Head, OrderControl, OrderMessage, OrderedSpecimen, OrderedTest, Party,
};
use jiff::civil::date;

pub fn head(control_id: &str, charset: Charset) -> Head {
    let party = |application: &str, facility: &str| Party {
        application: application.to_owned(),
        facility: facility.to_owned(),
    };
    Head {
        sender: party("SOEGAKI", "9919900001"),
        receiver: party("LIS", "LABCENTER"),
        at: Some(date(2026, 4, 6).at(10, 0, 0, 0)),
        control_id: control_id.to_owned(),
        charset,
    }
}

pub fn taro() -> ToldPatient {
    ToldPatient {
        number: "01873".to_owned(),
        name: PersonName {
            kanji: "厚労　太郎".to_owned(), kana: "コウロウ　タロウ".to_owned()
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Some(Sex::Male),
    }
}

pub fn code(jlac10: Option<&str>, local: &str) -> LabCode {
    LabCode { jlac10: jlac10.map(str::to_owned), local: local.to_owned() }
}

pub fn order(charset: Charset) -> OrderMessage {
    let test =
        |place: usize, tube: &str, jlac10, local: &str, name: &str, abbr: &str| OrderedTest {
            placer: format!("{tube}{place:02}"),
            code: code(jlac10, local),
            name: name.to_owned(),
            abbr: abbr.to_owned(),
        };
    let (serum, swab) = ("260406010018", "260406010026");
    OrderMessage {
        head: head("S0001", charset),
        control: OrderControl::New,
        group: "019d60a9-b560-7160-8839-de6ff1830000".to_owned(),
        patient: taro(),
        orderer: "見本　院長".to_owned(),
        clinic: "標準診療所".to_owned(),
        ordered_at: Some(date(2026, 4, 6).at(9, 30, 0, 0)),
        collect_on: Some(date(2026, 4, 6)),
        urgent: true,
        fasting: true,
        comment: "採血困難 & 少量|注意".to_owned(),
        specimens: vec![
            OrderedSpecimen {
                number: serum.to_owned(),
                material: Some("023".to_owned()),
                material_name: "血清".to_owned(),
                container: "serum".to_owned(),
                container_name: "血清分離".to_owned(),
                collected_at: Some(date(2026, 4, 6).at(9, 53, 0, 0)),
                tests: vec![
                    test(1, serum, Some("3B035000002327201"), "AST", "AST(GOT)", "AST"),
                    test(3, serum, None, "TIBC", "総鉄結合能", ""),
                ],
            },
            OrderedSpecimen {
                number: swab.to_owned(),
                material: None,
                material_name: "ぬぐい液".to_owned(),
                container: "swab".to_owned(),
                container_name: "スワブ".to_owned(),
                collected_at: None,
                tests: vec![test(2, swab, None, "FLU", "インフルエンザ抗原", "")],
            },
        ],
    }
}

pub fn result(jlac10: Option<&str>, local: &str, value: &str) -> ReportedResult {
    ReportedResult {
        code: code(jlac10, local),
        name: format!("{local}の検査"),
        value: ResultValue(value.to_owned()),
        unit: "U/L".to_owned(),
        range: ReferenceRange("13-30".to_owned()),
        flag: Flag::High,
        status: ResultStatus::Final,
        analysed_at: Some(date(2026, 4, 7).at(12, 0, 0, 0)),
        comments: vec!["溶血の影響あり".to_owned()],
    }
}

pub fn report(specimen: &str, results: Vec<ReportedResult>) -> LabReport {
    LabReport {
        specimen: specimen.to_owned(),
        placer: format!("{specimen}01"),
        filler: "L0001".to_owned(),
        patient: taro(),
        collected_at: Some(date(2026, 4, 6).at(9, 53, 0, 0)),
        reported_at: Some(date(2026, 4, 7).at(18, 0, 0, 0)),
        comments: vec!["軽度溶血".to_owned()],
        results,
    }
}
