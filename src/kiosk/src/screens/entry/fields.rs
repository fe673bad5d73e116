//! Which fields a form has, in which order, and what each of them takes.

use clinical::profile::ProfileKind;

use crate::app::form::FormKind;

/// A field of a form. Its name is the key of its words.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, among the answers too.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
}

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Words.
    Text,
    /// A number, with the key of its unit.
    Number(&'static str),
    /// Blood pressure: `152/88`.
    Pressure,
    /// A day in either calendar.
    Day,
    /// A time of the day.
    Clock,
    /// One of a few.
    Choice(&'static [Choice]),
    /// The practitioner in whose name it is written.
    Proxy,
    /// Words with suggestions from a table.
    Lookup(Table),
}

/// An option: its name among the answers and the key of its words.
pub type Choice = (&'static str, &'static str);

/// Where suggestions come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Drugs and J-FAGY.
    Allergens,
    /// Drugs.
    Drugs,
}

/// In whose name.
pub const PROXY: &str = "field.proxy";
/// Why a correction is made.
pub const REASON: &str = "field.entry_reason";
/// Day of a measurement.
pub const MEASURED_ON: &str = "field.measured_on";
/// Time of a measurement.
pub const MEASURED_TIME: &str = "field.measured_time";
/// Both halves of the blood pressure.
pub const PRESSURE: &str = "field.blood_pressure";
/// The code of a picked suggestion; no field of its own.
pub const CODE: &str = "code";
/// The words that the code stands for.
pub const CODE_FOR: &str = "code for";

const CATEGORY: &[Choice] =
    &[("drug", "option.drug"), ("food", "option.food"), ("environment", "option.environment")];
const SEVERITY: &[Choice] = &[
    ("low", "severity.low"),
    ("high", "severity.high"),
    ("unable_to_assess", "severity.unable_to_assess"),
];
const INFORMANT: &[Choice] = &[
    ("patient", "informant.patient"),
    ("family", "informant.family"),
    ("document", "informant.document"),
    ("observed", "informant.observed"),
];
const INFECTION: &[Choice] = &[
    ("hbv", "infection.hbv"),
    ("hcv", "infection.hcv"),
    ("hiv", "infection.hiv"),
    ("syphilis", "infection.syphilis"),
    ("mrsa", "infection.mrsa"),
    ("tuberculosis", "infection.tuberculosis"),
    ("other", "infection.other"),
];
const RESULT: &[Choice] = &[
    ("positive", "result.positive"),
    ("negative", "result.negative"),
    ("indeterminate", "result.indeterminate"),
    ("unknown", "result.unknown"),
];
const ABO: &[Choice] = &[("a", "blood.a"), ("b", "blood.b"), ("o", "blood.o"), ("ab", "blood.ab")];
const RH: &[Choice] = &[("positive", "blood.rh_positive"), ("negative", "blood.rh_negative")];
const LEVEL: &[Choice] = &[
    ("support1", "care_level.support1"),
    ("support2", "care_level.support2"),
    ("care1", "care_level.care1"),
    ("care2", "care_level.care2"),
    ("care3", "care_level.care3"),
    ("care4", "care_level.care4"),
    ("care5", "care_level.care5"),
    ("independent", "care_level.independent"),
];

const fn spec(name: &'static str, shape: Shape) -> Spec {
    Spec { name, shape }
}

const MEASUREMENT: &[Spec] = &[
    spec("field.height", Shape::Number("unit.cm")),
    spec("field.weight", Shape::Number("unit.kg")),
    spec(PRESSURE, Shape::Pressure),
    spec("field.pulse", Shape::Number("unit.per_minute")),
    spec("field.temperature", Shape::Number("unit.celsius")),
];
const MEASURED: [Spec; 2] = [spec(MEASURED_ON, Shape::Day), spec(MEASURED_TIME, Shape::Clock)];
const ALLERGY: &[Spec] = &[
    spec("field.category", Shape::Choice(CATEGORY)),
    spec("field.allergen", Shape::Lookup(Table::Allergens)),
    spec("field.reaction", Shape::Text),
    spec("field.severity", Shape::Choice(SEVERITY)),
    spec("field.informant", Shape::Choice(INFORMANT)),
    spec("field.onset", Shape::Day),
];
const CONTRAINDICATION: &[Spec] =
    &[spec("field.drug", Shape::Lookup(Table::Drugs)), spec("field.drug_reason", Shape::Text)];
const INFECTIONS: &[Spec] = &[
    spec("field.infection", Shape::Choice(INFECTION)),
    spec("field.infection_name", Shape::Text),
    spec("field.infection_result", Shape::Choice(RESULT)),
    spec("field.tested_on", Shape::Day),
    spec("field.note", Shape::Text),
];
const PAST_HISTORY: &[Spec] = &[
    spec("field.illness", Shape::Text),
    spec("field.onset", Shape::Day),
    spec("field.ended", Shape::Day),
    spec("field.note", Shape::Text),
];
const VACCINATION: &[Spec] = &[
    spec("field.vaccine", Shape::Text),
    spec("field.given_on", Shape::Day),
    spec("field.dose", Shape::Number("unit.times")),
    spec("field.lot", Shape::Text),
];
const BLOOD_TYPE: &[Spec] =
    &[spec("field.abo", Shape::Choice(ABO)), spec("field.rh", Shape::Choice(RH))];
const CARE_LEVEL: &[Spec] = &[
    spec("field.care_level", Shape::Choice(LEVEL)),
    spec("field.valid_from", Shape::Day),
    spec("field.valid_to", Shape::Day),
];
const DISABILITY: &[Spec] = &[
    spec("field.disability", Shape::Text),
    spec("field.grade", Shape::Text),
    spec("field.since", Shape::Day),
];

/// The fields that hold the content; of a measurement to correct only the one.
pub fn content(kind: FormKind, only: Option<ProfileKind>) -> Vec<Spec> {
    let all = match kind {
        FormKind::Measurement => MEASUREMENT,
        FormKind::Allergy => ALLERGY,
        FormKind::Contraindication => CONTRAINDICATION,
        FormKind::Infection => INFECTIONS,
        FormKind::PastHistory => PAST_HISTORY,
        FormKind::Vaccination => VACCINATION,
        FormKind::BloodType => BLOOD_TYPE,
        FormKind::CareLevel => CARE_LEVEL,
        FormKind::Disability => DISABILITY,
    };
    let mut fields = all.to_vec();
    if kind == FormKind::Measurement {
        if let Some(only) = only {
            fields.retain(|spec| spec.name == measured(only));
        }
        fields.extend(MEASURED);
    }
    fields
}

/// The field of a kind of measurement; empty for any other kind.
pub fn measured(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Height => "field.height",
        ProfileKind::Weight => "field.weight",
        ProfileKind::BloodPressure => PRESSURE,
        ProfileKind::Pulse => "field.pulse",
        ProfileKind::Temperature => "field.temperature",
        _ => "",
    }
}

/// Where a form begins: most allergies are to drugs, so the category is there already.
pub fn first(kind: FormKind) -> Option<&'static str> {
    (kind == FormKind::Allergy).then_some("field.allergen")
}
