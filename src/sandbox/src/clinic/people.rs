//! The six people that the demo and the pictures tell of.

use clinical::{SafetyKind, SafetyRemark, Sex};
use jiff::civil::{Date, date};

use super::safety::{forbidden, remark};

/// A person of the demo.
pub(super) struct Person {
    pub number: u32,
    pub family: (&'static str, &'static str),
    pub given: (&'static str, &'static str),
    pub birth: Date,
    pub sex: Sex,
}

const fn person(
    number: u32,
    family: (&'static str, &'static str),
    given: (&'static str, &'static str),
    birth: Date,
    sex: Sex,
) -> Person {
    Person { number, family, given, birth, sex }
}

/// In the order of their numbers.
pub(super) const PEOPLE: [Person; 6] = [
    person(127, ("処方", "ショホウ"), ("元", "ハジメ"), date(1942, 5, 17), Sex::Male),
    person(388, ("連携", "レンケイ"), ("理子", "リコ"), date(1935, 1, 30), Sex::Female),
    person(942, ("患者", "カンジャ"), ("和子", "カズコ"), date(1947, 8, 3), Sex::Female),
    person(1530, ("検査", "ケンサ"), ("和夫", "カズオ"), date(1958, 6, 21), Sex::Male),
    person(1873, ("厚労", "コウロウ"), ("太郎", "タロウ"), date(1955, 3, 4), Sex::Male),
    person(2210, ("診療", "シンリョウ"), ("和広", "カズヒロ"), date(1980, 2, 11), Sex::Male),
];

/// 厚労　太郎: insured himself with 国保 at 3割 while he is under 75.
pub(super) const TARO: u32 = 1873;

/// What is known of them.
pub(super) fn remarks(number: u32) -> Vec<SafetyRemark> {
    match number {
        TARO => vec![
            remark(SafetyKind::Allergy, "ペニシリン系（発疹）"),
            remark(SafetyKind::Contraindication, "ＮＳＡＩＤｓ（喘息）"),
        ],
        127 => vec![forbidden(3), remark(SafetyKind::Comment, "耳が遠い（右から話す）")],
        388 => vec![remark(SafetyKind::Comment, "車いす")],
        1530 => vec![remark(SafetyKind::Infection, "ＨＣＶ抗体陽性（治療済）")],
        _ => Vec::new(),
    }
}
