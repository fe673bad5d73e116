//! Safety remarks of the receipt computer, with what the tables know of them.

use clinical::SafetyRemark;
use clinical::profile::{ProfileValue, from_remark};

use crate::allergens;

/// As [`from_remark`]; an allergy to something that the table of allergens has by that very name gets its
/// category and its code.
pub fn content_of(remark: &SafetyRemark) -> Option<ProfileValue> {
    let mut value = from_remark(remark)?;
    if let ProfileValue::Allergy(allergy) = &mut value
        && let Some(known) = allergens::named(&allergy.allergen.text)
    {
        allergy.category = known.category();
        allergy.allergen.jfagy = Some(known.code.clone());
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use clinical::SafetyKind;
    use clinical::profile::AllergyCategory;

    use super::*;

    fn allergy(text: &str) -> (AllergyCategory, Option<String>) {
        let remark =
            SafetyRemark { kind: SafetyKind::Allergy, text: text.to_owned(), drug_code: None };
        match content_of(&remark) {
            Some(ProfileValue::Allergy(allergy)) => (allergy.category, allergy.allergen.jfagy),
            other => panic!("{other:?} is no allergy"),
        }
    }

    #[test]
    fn what_the_table_has_by_that_name_gets_its_code() {
        let code = |code: &str| Some(code.to_owned());
        assert_eq!(allergy("そば"), (AllergyCategory::Food, code("J9FA19140000")));
        assert_eq!(allergy("ソバ"), (AllergyCategory::Food, code("J9FA19140000")));
        assert_eq!(allergy("スギ"), (AllergyCategory::Environment, code("J9NK13320000")));
        // Only the very name: a remark is not interpreted.
        assert_eq!(allergy("スギ花粉"), (AllergyCategory::Environment, None));
        assert_eq!(allergy("ペニシリン系（発疹）"), (AllergyCategory::Drug, None));
    }
}
