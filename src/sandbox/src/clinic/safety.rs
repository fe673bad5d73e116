//! What must not be given to a patient, and what one should know.

use clinical::{SafetyKind, SafetyRemark};

use super::Prng;

const ALLERGIES: [&str; 12] = [
    "ペニシリン系（発疹）",
    "セフェム系（発疹）",
    "ヨード造影剤（嘔吐）",
    "そば",
    "卵",
    "えび・かに（蕁麻疹）",
    "ピリン系（発疹）",
    "アルコール消毒（発赤）",
    "ラテックス",
    "局所麻酔薬（気分不快）",
    "スギ花粉",
    "ハチ毒（アナフィラキシー）",
];
const CONTRAINDICATIONS: [&str; 7] = [
    "ＮＳＡＩＤｓ（喘息）",
    "抗コリン薬（緑内障）",
    "β遮断薬（喘息）",
    "ニューキノロン系（けいれんの既往）",
    "左腕の採血・血圧測定（乳癌術後）",
    "右腕の採血・血圧測定（シャント）",
    "メトホルミン（腎機能低下）",
];
const INFECTIONS: [&str; 4] =
    ["ＨＢｓ抗原陽性", "ＨＣＶ抗体陽性（治療済）", "結核の既往", "ＭＲＳＡ"];
const COMMENTS: [&str; 8] = [
    "耳が遠い（右から話す）",
    "車いす",
    "採血で気分不快あり。臥位で",
    "ペースメーカー",
    "抗凝固薬を内服中",
    "家族へ電話連絡のこと",
    "人工透析　火木土",
    "妊娠中",
];

/// Code and name as the national drug master writes them.
/// Source: 社会保険診療報酬支払基金 医薬品マスター, y_ALL20240321 and updates to 2024-10.
const DRUGS: [(&str, &str); 6] = [
    ("620006919", "サワシリンカプセル２５０　２５０ｍｇ"),
    ("620098801", "ロキソニン錠６０ｍｇ"),
    ("620007096", "ボルタレン錠２５ｍｇ"),
    ("621925801", "クラビット錠５００ｍｇ　（レボフロキサシンとして）"),
    ("616140105", "クラリス錠２００　２００ｍｇ"),
    ("610443053", "バイアスピリン錠１００ｍｇ"),
];

/// A remark in words.
pub(super) fn remark(kind: SafetyKind, text: &str) -> SafetyRemark {
    SafetyRemark { kind, text: text.to_owned(), drug_code: None }
}

/// A forbidden drug from the list above.
pub(super) fn forbidden(at: usize) -> SafetyRemark {
    let (code, name) = DRUGS[at % DRUGS.len()];
    SafetyRemark {
        kind: SafetyKind::Contraindication,
        text: name.to_owned(),
        drug_code: Some(code.to_owned()),
    }
}

/// Remarks for one patient in six or seven. The receipt computer has room for two texts of a kind.
pub(super) fn remarks(rng: &mut Prng, may_be_pregnant: bool) -> Vec<SafetyRemark> {
    let mut remarks: Vec<SafetyRemark> = Vec::new();
    if !rng.chance(15) {
        return remarks;
    }
    for _ in 0..1 + u8::from(rng.chance(35)) + u8::from(rng.chance(10)) {
        let new = match rng.below(100) {
            0..45 => remark(SafetyKind::Allergy, rng.pick(&ALLERGIES)),
            45..60 => remark(SafetyKind::Contraindication, rng.pick(&CONTRAINDICATIONS)),
            60..70 => forbidden(usize::try_from(rng.below(DRUGS.len() as u64)).unwrap_or(0)),
            70..78 => remark(SafetyKind::Infection, rng.pick(&INFECTIONS)),
            _ => remark(SafetyKind::Comment, rng.pick(&COMMENTS)),
        };
        let same_kind = remarks
            .iter()
            .filter(|r| r.kind == new.kind && r.drug_code.is_some() == new.drug_code.is_some())
            .count();
        let fits = new.text != "妊娠中" || may_be_pregnant;
        if fits && same_kind < 2 && !remarks.contains(&new) {
            remarks.push(new);
        }
    }
    if remarks.is_empty() {
        remarks.push(remark(SafetyKind::Allergy, ALLERGIES[0]));
    }
    remarks
}
