//! Safety remarks of the receipt computer, taken over into the profile.

use super::item::Item;
use super::value::{
    Allergen, Allergy, AllergyCategory, Contraindication, Infection, InfectionKind,
    InfectionResult, ProfileKind, ProfileValue,
};
use super::version::Act;
use crate::patient::{SafetyKind, SafetyRemark};
use crate::search::fold;

/// The content that a remark becomes when it is taken over ([`super::Source::ReceiptComputer`]); `None` for a
/// comment, which is no item of the profile, and for a remark without words.
///
/// The words stay as written: what of `ＨＢｓ抗原陽性（治療済）` is a name, a result or a note is for a person to
/// say. An allergen counts as a drug where it ends like one, since that is what a receipt computer is told most;
/// else as 環境・その他.
pub fn from_remark(remark: &SafetyRemark) -> Option<ProfileValue> {
    let text = words(&remark.text);
    if text.is_empty() {
        return None;
    }
    match remark.kind {
        SafetyKind::Allergy => Some(ProfileValue::Allergy(Allergy {
            category: category(&text),
            allergen: Allergen { text, jfagy: None },
            severity: None,
            reaction: String::new(),
            onset: None,
            informant: None,
        })),
        SafetyKind::Contraindication => Some(ProfileValue::Contraindication(Contraindication {
            drug: text,
            drug_code: remark.drug_code.clone(),
            reason: String::new(),
        })),
        SafetyKind::Infection => Some(ProfileValue::Infection(Infection {
            kind: InfectionKind::Other,
            name: text,
            result: InfectionResult::Unknown,
            tested_on: None,
            note: String::new(),
        })),
        SafetyKind::Comment => None,
    }
}

/// Whether an item says already what the remark says: the same words, however they are spelt and however
/// they are spread over the item's fields, or the same drug. Withdrawn items do not count.
pub fn taken_over(items: &[Item], remark: &SafetyRemark) -> bool {
    let Some(kind) = profile_kind(remark.kind) else { return false };
    let wanted = bare(&remark.text);
    items.iter().filter(|item| item.kind() == kind).any(|item| {
        let standing = (!item.is_gone()).then_some(&item.content).into_iter().chain(&item.before);
        let rivals = item.rivals.iter().filter_map(|rival| match &rival.entry.act {
            Act::Record { value, .. } => Some(value),
            _ => None,
        });
        standing.map(|recorded| &recorded.value).chain(rivals).any(|value| {
            let same_drug = remark.drug_code.is_some() && drug_code(value) == remark.drug_code;
            same_drug || says(value, &wanted)
        })
    })
}

/// The kind of item that remarks of this kind become.
fn profile_kind(kind: SafetyKind) -> Option<ProfileKind> {
    match kind {
        SafetyKind::Allergy => Some(ProfileKind::Allergy),
        SafetyKind::Contraindication => Some(ProfileKind::Contraindication),
        SafetyKind::Infection => Some(ProfileKind::Infection),
        SafetyKind::Comment => None,
    }
}

/// Blanks at the ends and control characters are no words.
fn words(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.trim().to_owned()
}

/// `ペニシリン系（発疹）`: judged by what stands before the bracket.
fn category(text: &str) -> AllergyCategory {
    let name = text.split(['（', '(']).next().unwrap_or_default().trim_end();
    if DRUG_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        AllergyCategory::Drug
    } else {
        AllergyCategory::Environment
    }
}

/// Ends of names of drugs and of classes of drugs; the last four are those of many generic names.
const DRUG_ENDINGS: [&str; 14] = [
    "系",
    "剤",
    "薬",
    "錠",
    "散",
    "注",
    "カプセル",
    "シロップ",
    "ピリン",
    "ワクチン",
    "シリン",
    "マイシン",
    "フェン",
    "サシン",
];

fn drug_code(value: &ProfileValue) -> Option<String> {
    match value {
        ProfileValue::Contraindication(contraindication) => contraindication.drug_code.clone(),
        _ => None,
    }
}

/// Whether the content, with or without its second field, is these words.
fn says(value: &ProfileValue, wanted: &str) -> bool {
    let (first, second) = match value {
        ProfileValue::Allergy(allergy) => (&allergy.allergen.text, &allergy.reaction),
        ProfileValue::Contraindication(drug) => (&drug.drug, &drug.reason),
        ProfileValue::Infection(infection) => (&infection.name, &infection.note),
        _ => return false,
    };
    let (first, second) = (bare(first), bare(second));
    !wanted.is_empty() && (first == wanted || second == wanted || first + &second == wanted)
}

/// Folded, letters and digits alone.
fn bare(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
#[path = "remark_tests.rs"]
mod tests;
