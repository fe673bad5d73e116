//! What is written into profiles here.

use api::entries::EntryContent;
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Informant, Measurement, MeasurementValue,
    ProfileEntry, ProfileValue, Source, Tenths,
};
use uuid::Uuid;

use super::number;

/// The first version of a new item.
pub(crate) fn record(patient: &str, value: ProfileValue) -> EntryContent {
    let entry = ProfileEntry {
        patient: number(patient),
        item: Uuid::now_v7(),
        base: None,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    };
    EntryContent::Profile { entry }
}

pub(crate) fn weight(kilograms: &str) -> ProfileValue {
    ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Weight(Tenths::parse(kilograms).unwrap()),
        measured_at: "2026-11-22T08:20:00+09:00".parse().unwrap(),
    })
}

pub(crate) fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Food,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: "発疹".to_owned(),
        onset: None,
        informant: Some(Informant::Patient),
    })
}
