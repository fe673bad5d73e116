use super::super::rule::tests::{doctor, record, version};
use super::super::version::Act;
use super::*;

fn remark(kind: SafetyKind, text: &str) -> SafetyRemark {
    SafetyRemark { kind, text: text.to_owned(), drug_code: None }
}

fn item(value: ProfileValue) -> Item {
    Item::begin(&version(1, doctor(), None, record(value))).unwrap()
}

#[test]
fn a_remark_keeps_its_words() {
    let Some(ProfileValue::Allergy(allergy)) =
        from_remark(&remark(SafetyKind::Allergy, " ペニシリン系（発疹）"))
    else {
        panic!("an allergy");
    };
    assert_eq!(allergy.allergen.text, "ペニシリン系（発疹）");
    assert_eq!(allergy.category, AllergyCategory::Drug);
    for (text, category) in [
        ("そば", AllergyCategory::Environment),
        ("スギ花粉", AllergyCategory::Environment),
        ("ヨード造影剤(嘔吐)", AllergyCategory::Drug),
        ("アモキシシリン", AllergyCategory::Drug),
    ] {
        let value = from_remark(&remark(SafetyKind::Allergy, text));
        assert!(
            matches!(value, Some(ProfileValue::Allergy(a)) if a.category == category),
            "{text}"
        );
    }
    let forbidden = SafetyRemark {
        drug_code: Some("620098801".to_owned()),
        ..remark(SafetyKind::Contraindication, "ロキソニン錠６０ｍｇ")
    };
    let Some(ProfileValue::Contraindication(drug)) = from_remark(&forbidden) else {
        panic!("a contraindication");
    };
    assert_eq!(drug.drug_code.as_deref(), Some("620098801"));
    let Some(ProfileValue::Infection(infection)) =
        from_remark(&remark(SafetyKind::Infection, "ＨＢｓ抗原陽性"))
    else {
        panic!("an infection");
    };
    assert_eq!(
        (infection.kind, infection.result),
        (InfectionKind::Other, InfectionResult::Unknown)
    );
    assert_eq!(infection.name, "ＨＢｓ抗原陽性");
    assert_eq!(from_remark(&remark(SafetyKind::Comment, "車いす")), None);
    assert_eq!(from_remark(&remark(SafetyKind::Allergy, " 　")), None);
}

#[test]
fn what_is_taken_over_passes_the_check() {
    let today = jiff::civil::date(2026, 11, 22);
    for kind in [SafetyKind::Allergy, SafetyKind::Contraindication, SafetyKind::Infection] {
        let value = from_remark(&remark(kind, "ペニシリン系\t（発疹）")).unwrap();
        assert_eq!(value.check(today), Ok(()), "{value:?}");
    }
}

#[test]
fn what_the_profile_says_already_is_taken_over() {
    let from = remark(SafetyKind::Allergy, "ペニシリン系（発疹）");
    let taken = from_remark(&from).unwrap();
    assert!(!taken_over(&[], &from));
    assert!(taken_over(&[item(taken.clone())], &from));
    // Other spelling, other brackets, and spread over two fields as a person would.
    assert!(taken_over(&[item(taken.clone())], &remark(SafetyKind::Allergy, "ﾍﾟﾆｼﾘﾝ系 (発疹)")));
    let ProfileValue::Allergy(mut allergy) = taken.clone() else { panic!("an allergy") };
    allergy.allergen.text = "ペニシリン系".to_owned();
    allergy.reaction = "発疹".to_owned();
    assert!(taken_over(&[item(ProfileValue::Allergy(allergy))], &from));
    // Other words, another kind, no words.
    assert!(!taken_over(
        &[item(taken.clone())],
        &remark(SafetyKind::Allergy, "セフェム系（発疹）")
    ));
    assert!(!taken_over(&[item(taken.clone())], &remark(SafetyKind::Infection, &from.text)));
    assert!(!taken_over(&[item(taken.clone())], &remark(SafetyKind::Allergy, "")));
    // Withdrawn for good: it may be taken over again.
    let mut gone = item(taken);
    gone.step(&version(2, doctor(), Some(1), Act::Withdraw)).unwrap();
    assert!(!taken_over(&[gone], &from));
}

#[test]
fn the_same_drug_is_the_same_remark() {
    let forbidden = |text: &str, code: Option<&str>| SafetyRemark {
        drug_code: code.map(str::to_owned),
        ..remark(SafetyKind::Contraindication, text)
    };
    let old = item(from_remark(&forbidden("ロキソニン錠６０ｍｇ", Some("620098801"))).unwrap());
    assert!(taken_over(std::slice::from_ref(&old), &forbidden("ロキソニン錠", Some("620098801"))));
    assert!(!taken_over(std::slice::from_ref(&old), &forbidden("ボルタレン錠", Some("620007096"))));
    assert!(!taken_over(&[old], &forbidden("ボルタレン錠", None)));
}
