//! What an item of the profile can hold.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tenths::Tenths;

/// The content of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ProfileValue {
    /// 身体測定・バイタルサイン.
    Measurement(Measurement),
    /// 血液型.
    BloodType(BloodType),
    /// アレルギー.
    Allergy(Allergy),
    /// 禁忌薬.
    Contraindication(Contraindication),
    /// 既往歴.
    PastHistory(PastHistory),
    /// 感染症.
    Infection(Infection),
    /// 予防接種.
    Vaccination(Vaccination),
    /// 障害.
    Disability(Disability),
    /// 要介護度.
    CareLevel(CareLevelCertificate),
}

/// Kinds of items, in the order in which a page shows them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// アレルギー.
    Allergy,
    /// 禁忌薬.
    Contraindication,
    /// 血圧.
    BloodPressure,
    /// 脈拍.
    Pulse,
    /// 体温.
    Temperature,
    /// 身長.
    Height,
    /// 体重.
    Weight,
    /// 血液型.
    BloodType,
    /// 感染症.
    Infection,
    /// 既往歴.
    PastHistory,
    /// 予防接種.
    Vaccination,
    /// 要介護度.
    CareLevel,
    /// 障害.
    Disability,
}

/// A measurement (測定) at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Measurement {
    /// What and how much.
    pub value: MeasurementValue,
    /// When it was measured.
    #[schema(value_type = String, format = DateTime)]
    pub measured_at: Timestamp,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasurementValue {
    /// 身長, cm.
    Height(Tenths),
    /// 体重, kg.
    Weight(Tenths),
    /// 血圧, mmHg.
    BloodPressure {
        /// 収縮期.
        systolic: u16,
        /// 拡張期.
        diastolic: u16,
    },
    /// 脈拍, beats a minute.
    Pulse(u16),
    /// 体温, degrees Celsius.
    Temperature(Tenths),
}

/// Blood type (血液型). At least one half is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct BloodType {
    /// ABO式.
    pub abo: Option<Abo>,
    /// Rh(D).
    pub rh: Option<Rh>,
}

/// ABO式血液型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Abo {
    /// A型.
    A,
    /// B型.
    B,
    /// O型.
    O,
    /// AB型.
    Ab,
}

/// Rh(D)式血液型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rh {
    /// Rh＋.
    Positive,
    /// Rh−.
    Negative,
}

/// Allergy or intolerance (アレルギー). FHIR `AllergyIntolerance`, JP_AllergyIntolerance_eCS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Allergy {
    /// To what kind of thing.
    pub category: AllergyCategory,
    /// To what.
    pub allergen: Allergen,
    /// 重症度; FHIR `criticality`.
    pub severity: Option<Severity>,
    /// 症状: 発疹, 呼吸困難; empty when not known.
    pub reaction: String,
    /// Since when, if known.
    #[schema(value_type = Option<String>, format = Date)]
    pub onset: Option<Date>,
    /// Who says so.
    pub informant: Option<Informant>,
}

/// FHIR `AllergyIntolerance.category`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllergyCategory {
    /// 薬剤.
    Drug,
    /// 食物.
    Food,
    /// 環境・その他.
    Environment,
}

/// What a person reacts to: always words, with a code where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Allergen {
    /// As shown and printed: 鶏卵, ペニシリン系.
    pub text: String,
    /// J-FAGY code, 12 characters for food and environment (`J9FB13110000`); `None` where it is free text.
    pub jfagy: Option<String>,
}

/// 重症度, after FHIR `AllergyIntolerance.criticality`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 低.
    Low,
    /// 高: may be dangerous to life.
    High,
    /// 評価できない.
    UnableToAssess,
}

/// Who gave a piece of information (情報源).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Informant {
    /// 本人.
    Patient,
    /// 家族.
    Family,
    /// 紹介状・お薬手帳などの書面.
    Document,
    /// 当院で確認.
    Observed,
}

/// Contraindicated drug (禁忌薬).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Contraindication {
    /// Drug or class of drugs: NSAIDs.
    pub drug: String,
    /// 9-digit 薬剤コード of the receipt computer, where it is a single drug.
    pub drug_code: Option<String>,
    /// Why: 喘息; empty when not known.
    pub reason: String,
}

/// Past illness or operation (既往歴).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct PastHistory {
    /// As the practitioner words it.
    pub text: String,
    /// When it began, if known.
    #[schema(value_type = Option<String>, format = Date)]
    pub onset: Option<Date>,
    /// When it ended; `None` while it goes on or where nobody knows.
    #[schema(value_type = Option<String>, format = Date)]
    pub ended: Option<Date>,
    /// Anything else: 手術あり; may be empty.
    pub note: String,
}

/// Infection (感染症) with the result of its test.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Infection {
    /// Which.
    pub kind: InfectionKind,
    /// Its name where [`Infection::kind`] is [`InfectionKind::Other`]; empty otherwise.
    pub name: String,
    /// 結果.
    pub result: InfectionResult,
    /// Day of the test, if known.
    #[schema(value_type = Option<String>, format = Date)]
    pub tested_on: Option<Date>,
    /// Anything else; may be empty.
    pub note: String,
}

/// Infections that are asked for; the first four are those of 電子カルテ情報共有サービス.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InfectionKind {
    /// Ｂ型肝炎.
    Hbv,
    /// Ｃ型肝炎.
    Hcv,
    /// HIV.
    Hiv,
    /// 梅毒.
    Syphilis,
    /// MRSA.
    Mrsa,
    /// 結核.
    Tuberculosis,
    /// その他.
    Other,
}

/// Result of an infection's test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InfectionResult {
    /// 陽性.
    Positive,
    /// 陰性.
    Negative,
    /// 判定保留.
    Indeterminate,
    /// Nothing but a remark says so (結果不明), as when taken over from the receipt computer.
    Unknown,
}

/// Vaccination (予防接種).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Vaccination {
    /// ワクチン名.
    pub vaccine: String,
    /// ロット番号; may be empty.
    pub lot: String,
    /// 接種日.
    #[schema(value_type = String, format = Date)]
    pub given_on: Date,
    /// 接種回数, from 1.
    pub dose: Option<u8>,
}

/// Disability (障害).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Disability {
    /// As worded: 聴覚障害, 右片麻痺.
    pub text: String,
    /// 手帳の等級: 身体障害者手帳 2級; may be empty.
    pub grade: String,
    /// Since when, if known.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
}

/// A certificate of the long-term-care level (要介護認定).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct CareLevelCertificate {
    /// The level.
    pub level: CareLevel,
    /// 認定有効期間, first day.
    #[schema(value_type = String, format = Date)]
    pub valid_from: Date,
    /// 認定有効期間, last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
}

/// Long-term-care level (要介護状態区分).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CareLevel {
    /// 非該当（自立）.
    Independent,
    /// 要支援1.
    Support1,
    /// 要支援2.
    Support2,
    /// 要介護1.
    Care1,
    /// 要介護2.
    Care2,
    /// 要介護3.
    Care3,
    /// 要介護4.
    Care4,
    /// 要介護5.
    Care5,
}

impl ProfileValue {
    /// Which kind of item this is.
    pub fn kind(&self) -> ProfileKind {
        match self {
            Self::Measurement(m) => match m.value {
                MeasurementValue::Height(_) => ProfileKind::Height,
                MeasurementValue::Weight(_) => ProfileKind::Weight,
                MeasurementValue::BloodPressure { .. } => ProfileKind::BloodPressure,
                MeasurementValue::Pulse(_) => ProfileKind::Pulse,
                MeasurementValue::Temperature(_) => ProfileKind::Temperature,
            },
            Self::BloodType(_) => ProfileKind::BloodType,
            Self::Allergy(_) => ProfileKind::Allergy,
            Self::Contraindication(_) => ProfileKind::Contraindication,
            Self::PastHistory(_) => ProfileKind::PastHistory,
            Self::Infection(_) => ProfileKind::Infection,
            Self::Vaccination(_) => ProfileKind::Vaccination,
            Self::Disability(_) => ProfileKind::Disability,
            Self::CareLevel(_) => ProfileKind::CareLevel,
        }
    }
}

impl ProfileKind {
    /// All kinds, in the order of a page.
    pub const ALL: [Self; 13] = [
        Self::Allergy,
        Self::Contraindication,
        Self::BloodPressure,
        Self::Pulse,
        Self::Temperature,
        Self::Height,
        Self::Weight,
        Self::BloodType,
        Self::Infection,
        Self::PastHistory,
        Self::Vaccination,
        Self::CareLevel,
        Self::Disability,
    ];

    /// Whether this is a measurement, of which each one is an item of its own and the latest counts.
    pub fn is_measurement(self) -> bool {
        matches!(
            self,
            Self::BloodPressure | Self::Pulse | Self::Temperature | Self::Height | Self::Weight
        )
    }

    /// Whether a patient gets more and more items of this kind, of which the latest count.
    pub fn grows_without_end(self) -> bool {
        self.is_measurement() || self == Self::Vaccination
    }

    /// Whether an item of this kind stands as a red band in the patient strip.
    pub fn is_danger(self) -> bool {
        matches!(self, Self::Allergy | Self::Contraindication)
    }
}
