//! Finding and reading patients.

use clinical::profile::Item;
use clinical::{Patient, PatientNumber, PersonName, Reception, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::lab::PatientLab;

/// What to look for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PatientQuery {
    /// Words parted by blanks, all of which must fit: kanji, kana, romaji, number, birth date in any
    /// spelling, sex (`男`, `女`).
    #[serde(default)]
    #[param(max_length = 200)]
    pub q: String,
    /// Most hits to return, 1 to 200.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Answer to a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientSearch {
    /// In 五十音 order: an exact number first, then names that begin with the first word, then the others.
    pub hits: Vec<PatientHit>,
    /// Whether more would fit.
    pub more: bool,
}

/// One line of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientHit {
    /// The number on the paper chart.
    pub number: PatientNumber,
    /// Kanji and kana.
    pub name: PersonName,
    /// Birth date.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// Sex.
    pub sex: Sex,
    /// Last visit.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_visit: Option<Date>,
}

/// A patient with what belongs on the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientView {
    /// Basics, insurance, safety remarks.
    pub patient: Patient,
    /// Receptions, newest first, at most 20.
    pub receptions: Vec<Reception>,
    /// When the cloud got the patient from the receipt computer.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: jiff::Timestamp,
    /// False while only name, birth date, sex and address are known: safety remarks, insurance combinations and
    /// visits have not been read from the receipt computer yet, and their absence means nothing.
    #[serde(default)]
    #[schema(required)]
    pub whole: bool,
    /// The items of the profile that stand, in the order of their kinds, within a kind the latest first; of each
    /// kind of measurement the last twelve. What was withdrawn is in the history alone.
    #[serde(default)]
    #[schema(required)]
    pub profile: Vec<Item>,
    /// Open lab orders and the latest results.
    #[serde(default)]
    #[schema(required)]
    pub lab: PatientLab,
}
