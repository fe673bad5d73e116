//! The patient (患者) as the clinic's receipt computer knows the person.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Patient number (患者番号), exactly as the clinic writes it on the paper chart, zeros included: `00127`.
///
/// Never empty and never padded with blanks. Two numbers that differ only in leading zeros are the same
/// patient for the receipt computer; [`PatientNumber::canonical`] gives the form to compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "00127", max_length = 20, pattern = "^[0-9A-Za-z-]+$")]
pub struct PatientNumber(String);

/// Why a text is not a patient number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatientNumberError {
    /// Nothing but blanks.
    #[error("patient number is empty")]
    Empty,
    /// Longer than the receipt computer's 20 characters.
    #[error("patient number is longer than 20 characters")]
    TooLong,
    /// Something other than ASCII letters, digits and hyphens.
    #[error("patient number holds a character other than A-Z, 0-9 and '-'")]
    BadCharacter,
}

impl PatientNumber {
    /// Reads a number as written; surrounding blanks are dropped.
    pub fn parse(text: &str) -> Result<Self, PatientNumberError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PatientNumberError::Empty);
        }
        if text.len() > 20 {
            return Err(PatientNumberError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(PatientNumberError::BadCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// As the clinic writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without leading zeros, letters in capitals: the form in which two spellings are compared.
    pub fn canonical(&self) -> String {
        let bare = self.0.trim_start_matches('0');
        if bare.is_empty() { "0".to_owned() } else { bare.to_ascii_uppercase() }
    }
}

impl std::fmt::Display for PatientNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PatientNumber {
    type Error = PatientNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PatientNumber> for String {
    fn from(number: PatientNumber) -> Self {
        number.0
    }
}

/// Name (氏名) in kanji and in full-width katakana, family and given name parted by one full-width blank
/// where the receipt computer gives one. Kept exactly as received, variation selectors included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub struct PersonName {
    /// 漢字氏名.
    #[schema(example = "厚労　太郎")]
    pub kanji: String,
    /// カナ氏名.
    #[schema(example = "コウロウ　タロウ")]
    pub kana: String,
}

/// Sex (性別) as registered for insurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
    /// Not told by the receipt computer.
    Unknown,
}

/// Address (住所) with its telephone numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// Seven digits without hyphen.
    pub postal_code: String,
    /// Prefecture to street.
    pub line1: String,
    /// Number and building.
    pub line2: String,
}

/// Health insurance (医療保険) inside a combination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct HealthInsurance {
    /// 保険の種類, three digits: `060` 国保, `009` 協会, `039` 後期高齢.
    pub class: String,
    /// Its short name: 国保, 協会.
    pub name: String,
    /// 保険者番号.
    pub insurer_number: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番, two digits.
    pub branch: String,
    /// True for the insured (本人), false for a dependant (家族), `None` when not told.
    pub insured_self: Option<bool>,
}

/// Public expense (公費負担医療).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PublicExpense {
    /// Kind, three digits.
    pub class: String,
    /// Its short name.
    pub name: String,
    /// 負担者番号.
    pub payer_number: String,
    /// 受給者番号.
    pub recipient_number: String,
    /// First valid day.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<Date>,
    /// Last valid day; `None` is without end.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
}

/// Insurance combination (保険組合せ): what one visit is billed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct InsuranceCombination {
    /// Four digits, unique in the patient.
    #[schema(example = "0001")]
    pub number: String,
    /// `None` for public expense alone or self-pay.
    pub health: Option<HealthInsurance>,
    /// Up to four.
    pub public: Vec<PublicExpense>,
    /// The patient's share for outpatients in per cent: 30 for 3割.
    pub share_percent: Option<u8>,
    /// First valid day.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<Date>,
    /// Last valid day; `None` is without end.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
    /// 保険確認日: when the clinic last checked the entitlement.
    #[schema(value_type = Option<String>, format = Date)]
    pub checked_on: Option<Date>,
}

impl InsuranceCombination {
    /// Whether the combination is valid on `day`.
    pub fn covers(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// What a safety remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyKind {
    /// 禁忌.
    Contraindication,
    /// アレルギー.
    Allergy,
    /// 感染症.
    Infection,
    /// コメント: a free note of the receipt computer.
    Comment,
}

impl SafetyKind {
    /// Whether the remark stands as a red band in the patient strip.
    pub fn is_danger(self) -> bool {
        matches!(self, Self::Contraindication | Self::Allergy)
    }
}

/// Safety remark (注意事項) that the receipt computer carries as free text, or a drug it forbids for the patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct SafetyRemark {
    /// What it is about.
    pub kind: SafetyKind,
    /// As written there.
    pub text: String,
    /// 9-digit 薬剤コード when the remark is a forbidden drug (患者禁忌薬剤).
    pub drug_code: Option<String>,
}

/// Patient (患者).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Patient {
    /// The number on the paper chart.
    pub number: PatientNumber,
    /// Kanji and kana.
    pub name: PersonName,
    /// `None` where the receipt computer has none or an impossible one.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<Date>,
    /// As registered.
    pub sex: Sex,
    /// 世帯主.
    pub householder: String,
    /// Home.
    pub address: Address,
    /// Telephone numbers, the first the one to call.
    pub phones: Vec<String>,
    /// All combinations that the receipt computer shows for outpatients.
    pub insurance: Vec<InsuranceCombination>,
    /// Allergies, contraindications, infections, comments.
    pub safety: Vec<SafetyRemark>,
    /// First visit.
    #[schema(value_type = Option<String>, format = Date)]
    pub first_visit: Option<Date>,
    /// Last visit.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_visit: Option<Date>,
    /// Test patient (テスト患者) in the receipt computer.
    pub test_patient: bool,
    /// Deceased (死亡).
    pub deceased: bool,
}

impl Patient {
    /// Remarks that must stand in red, forbidden drugs and contraindications first.
    pub fn dangers(&self) -> impl Iterator<Item = &SafetyRemark> {
        let of = |kind| self.safety.iter().filter(move |r| r.kind == kind);
        of(SafetyKind::Allergy).chain(of(SafetyKind::Contraindication))
    }

    /// The combination to show first on `day`: a valid one, the lowest number.
    pub fn insurance_on(&self, day: Date) -> Option<&InsuranceCombination> {
        self.insurance.iter().filter(|c| c.covers(day)).min_by(|a, b| a.number.cmp(&b.number))
    }
}

#[cfg(test)]
#[path = "patient_tests.rs"]
mod tests;
