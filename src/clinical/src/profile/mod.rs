//! The patient profile (患者プロファイル): what the shared information needs to know of a patient, item by item.
//!
//! An **item** is one thing about one patient: one measurement, one allergy, the blood type. It has a name
//! ([`ProfileEntry::item`]) and a row of **versions**. Nothing is changed in place: what a person confirms is a
//! [`ProfileEntry`], which becomes a [`Version`] when it is given an author. [`Item`] is what follows from the
//! versions, and [`Item::step`] is the one rule by which cloud and terminal alike compute it.

pub mod check;
pub mod doubts;
pub mod fields;
pub mod item;
pub mod remark;
mod rule;
pub mod shown;
pub mod tenths;
pub mod value;
pub mod version;

pub use check::{Problem, ValueError};
pub use doubts::Doubt;
pub use fields::{Difference, Field, FieldValue, differences};
pub use item::{Danger, Deed, Item, Outcome, Recorded, RuleBroken, needs_confirmation};
pub use remark::{from_remark, taken_over};
pub use shown::{SHOWN_PER_KIND, shown};
pub use tenths::Tenths;
pub use value::{
    Abo, Allergen, Allergy, AllergyCategory, BloodType, CareLevel, CareLevelCertificate,
    Contraindication, Disability, Infection, InfectionKind, InfectionResult, Informant,
    Measurement, MeasurementValue, PastHistory, ProfileKind, ProfileValue, Rh, Severity,
    Vaccination,
};
pub use version::{Act, ProfileEntry, Source, Version};
