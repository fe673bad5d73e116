//! A content laid open field by field, for lists and for showing what changed.

use jiff::Timestamp;
use jiff::civil::Date;

use super::tenths::Tenths;
use super::value::{
    Abo, Allergy, AllergyCategory, CareLevel, InfectionKind, InfectionResult, Informant,
    Measurement, MeasurementValue, ProfileValue, Rh, Severity,
};

/// The fields of all kinds of contents. Their words are the user interface's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 身長, cm.
    Height,
    /// 体重, kg.
    Weight,
    /// 収縮期血圧, mmHg.
    Systolic,
    /// 拡張期血圧, mmHg.
    Diastolic,
    /// 脈拍, beats a minute.
    Pulse,
    /// 体温, degrees Celsius.
    Temperature,
    /// 測定日時.
    MeasuredAt,
    /// ABO式.
    Abo,
    /// Rh(D).
    Rh,
    /// アレルギーの区分.
    Category,
    /// アレルゲン.
    Allergen,
    /// Its J-FAGY code.
    AllergenCode,
    /// 重症度.
    Severity,
    /// 症状.
    Reaction,
    /// When an allergy or an illness began.
    Onset,
    /// 情報源.
    Informant,
    /// 禁忌薬.
    Drug,
    /// Its 薬剤コード.
    DrugCode,
    /// 禁忌の理由.
    DrugReason,
    /// 病名 or 手術 of the past history.
    Illness,
    /// When an illness ended.
    Ended,
    /// 備考.
    Note,
    /// Which infection.
    Infection,
    /// Name of an infection that is not on the list.
    InfectionName,
    /// 検査結果.
    InfectionResult,
    /// 検査日.
    TestedOn,
    /// ワクチン名.
    Vaccine,
    /// ロット番号.
    Lot,
    /// 接種日.
    GivenOn,
    /// 接種回数.
    Dose,
    /// 障害.
    Disability,
    /// 手帳の等級.
    Grade,
    /// Since when a disability.
    Since,
    /// 要介護度.
    CareLevel,
    /// 認定有効期間, first day.
    ValidFrom,
    /// 認定有効期間, last day.
    ValidTo,
    /// The reason of an entry.
    EntryReason,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldValue {
    /// Words or a code, never empty.
    Text(String),
    /// A number with one decimal place.
    Tenths(Tenths),
    /// A whole number.
    Number(u32),
    /// A day.
    Date(Date),
    /// A moment.
    Moment(Timestamp),
    /// ABO式.
    Abo(Abo),
    /// Rh(D).
    Rh(Rh),
    /// アレルギーの区分.
    Category(AllergyCategory),
    /// 重症度.
    Severity(Severity),
    /// 情報源.
    Informant(Informant),
    /// 感染症.
    Infection(InfectionKind),
    /// 検査結果.
    InfectionResult(InfectionResult),
    /// 要介護度.
    CareLevel(CareLevel),
}

/// A field that differs between two contents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Which field.
    pub field: Field,
    /// What stood there; `None` for nothing.
    pub old: Option<FieldValue>,
    /// What stands there now; `None` for nothing.
    pub new: Option<FieldValue>,
}

/// What differs between two contents, in the order of the new one's fields. Contents of different kinds differ in
/// every field.
pub fn differences(old: &ProfileValue, new: &ProfileValue) -> Vec<Difference> {
    let (was, is) = (old.fields(), new.fields());
    let value = |fields: &[(Field, FieldValue)], field: Field| {
        fields.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone())
    };
    let mut names: Vec<Field> = is.iter().map(|(field, _)| *field).collect();
    names.extend(was.iter().map(|(field, _)| *field).filter(|field| value(&is, *field).is_none()));
    names
        .into_iter()
        .map(|field| Difference { field, old: value(&was, field), new: value(&is, field) })
        .filter(|difference| difference.old != difference.new)
        .collect()
}

impl ProfileValue {
    /// The fields that say something, in the order in which a form asks for them.
    pub fn fields(&self) -> Vec<(Field, FieldValue)> {
        let fields = match self {
            Self::Measurement(measurement) => of_measurement(measurement),
            Self::BloodType(blood) => vec![
                (Field::Abo, blood.abo.map(FieldValue::Abo)),
                (Field::Rh, blood.rh.map(FieldValue::Rh)),
            ],
            Self::Allergy(allergy) => of_allergy(allergy),
            Self::Contraindication(contraindication) => vec![
                (Field::Drug, text(&contraindication.drug)),
                (Field::DrugCode, contraindication.drug_code.as_deref().and_then(text)),
                (Field::DrugReason, text(&contraindication.reason)),
            ],
            Self::PastHistory(history) => vec![
                (Field::Illness, text(&history.text)),
                (Field::Onset, history.onset.map(FieldValue::Date)),
                (Field::Ended, history.ended.map(FieldValue::Date)),
                (Field::Note, text(&history.note)),
            ],
            Self::Infection(infection) => vec![
                (Field::Infection, Some(FieldValue::Infection(infection.kind))),
                (Field::InfectionName, text(&infection.name)),
                (Field::InfectionResult, Some(FieldValue::InfectionResult(infection.result))),
                (Field::TestedOn, infection.tested_on.map(FieldValue::Date)),
                (Field::Note, text(&infection.note)),
            ],
            Self::Vaccination(vaccination) => vec![
                (Field::Vaccine, text(&vaccination.vaccine)),
                (Field::Lot, text(&vaccination.lot)),
                (Field::GivenOn, Some(FieldValue::Date(vaccination.given_on))),
                (Field::Dose, vaccination.dose.map(|dose| FieldValue::Number(dose.into()))),
            ],
            Self::Disability(disability) => vec![
                (Field::Disability, text(&disability.text)),
                (Field::Grade, text(&disability.grade)),
                (Field::Since, disability.since.map(FieldValue::Date)),
            ],
            Self::CareLevel(certificate) => vec![
                (Field::CareLevel, Some(FieldValue::CareLevel(certificate.level))),
                (Field::ValidFrom, Some(FieldValue::Date(certificate.valid_from))),
                (Field::ValidTo, certificate.valid_to.map(FieldValue::Date)),
            ],
        };
        fields.into_iter().filter_map(|(field, value)| Some((field, value?))).collect()
    }
}

type Laid = Vec<(Field, Option<FieldValue>)>;

fn text(text: &str) -> Option<FieldValue> {
    (!text.is_empty()).then(|| FieldValue::Text(text.to_owned()))
}

fn of_measurement(measurement: &Measurement) -> Laid {
    let number = |field, number: u16| (field, Some(FieldValue::Number(number.into())));
    let tenths = |field, tenths| (field, Some(FieldValue::Tenths(tenths)));
    let mut fields = match measurement.value {
        MeasurementValue::Height(height) => vec![tenths(Field::Height, height)],
        MeasurementValue::Weight(weight) => vec![tenths(Field::Weight, weight)],
        MeasurementValue::BloodPressure { systolic, diastolic } => {
            vec![number(Field::Systolic, systolic), number(Field::Diastolic, diastolic)]
        }
        MeasurementValue::Pulse(pulse) => vec![number(Field::Pulse, pulse)],
        MeasurementValue::Temperature(temperature) => {
            vec![tenths(Field::Temperature, temperature)]
        }
    };
    fields.push((Field::MeasuredAt, Some(FieldValue::Moment(measurement.measured_at))));
    fields
}

fn of_allergy(allergy: &Allergy) -> Laid {
    vec![
        (Field::Category, Some(FieldValue::Category(allergy.category))),
        (Field::Allergen, text(&allergy.allergen.text)),
        (Field::AllergenCode, allergy.allergen.jfagy.as_deref().and_then(text)),
        (Field::Severity, allergy.severity.map(FieldValue::Severity)),
        (Field::Reaction, text(&allergy.reaction)),
        (Field::Onset, allergy.onset.map(FieldValue::Date)),
        (Field::Informant, allergy.informant.map(FieldValue::Informant)),
    ]
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
