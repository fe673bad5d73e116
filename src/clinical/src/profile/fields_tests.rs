use jiff::civil::date;

use super::super::value::{Allergen, Contraindication, Vaccination};
use super::*;

fn vaccination(lot: &str, dose: Option<u8>) -> ProfileValue {
    ProfileValue::Vaccination(Vaccination {
        vaccine: "インフルエンザ".to_owned(),
        lot: lot.to_owned(),
        given_on: date(2026, 11, 1),
        dose,
    })
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

#[test]
fn only_what_differs_is_told() {
    assert_eq!(differences(&vaccination("A1", None), &vaccination("A1", None)), []);
    assert_eq!(
        differences(&vaccination("A1", None), &vaccination("B2", Some(2))),
        [
            Difference { field: Field::Lot, old: Some(text("A1")), new: Some(text("B2")) },
            Difference { field: Field::Dose, old: None, new: Some(FieldValue::Number(2)) },
        ]
    );
    let emptied = differences(&vaccination("A1", None), &vaccination("", None));
    assert_eq!(emptied, [Difference { field: Field::Lot, old: Some(text("A1")), new: None }]);
}

#[test]
fn contents_that_differ_differ_in_a_field() {
    let allergy = |severity, code: Option<&str>| {
        ProfileValue::Allergy(Allergy {
            category: AllergyCategory::Food,
            allergen: Allergen { text: "鶏卵".to_owned(), jfagy: code.map(str::to_owned) },
            severity,
            reaction: String::new(),
            onset: None,
            informant: None,
        })
    };
    let drug = ProfileValue::Contraindication(Contraindication {
        drug: "NSAIDs".to_owned(),
        drug_code: None,
        reason: "喘息".to_owned(),
    });
    let all = [
        allergy(None, None),
        allergy(Some(Severity::High), None),
        allergy(None, Some("J9FB13110000")),
        vaccination("", None),
        drug,
    ];
    for (at, one) in all.iter().enumerate() {
        for (other_at, other) in all.iter().enumerate() {
            assert_eq!(differences(one, other).is_empty(), at == other_at, "{one:?} {other:?}");
        }
    }
}
