//! The forms of the patient's profile: which there are, and what one begins with.

use clinical::PatientNumber;
use clinical::profile::{Item, ProfileEntry, ProfileKind};
use uuid::Uuid;

use crate::local::Draft;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormKind {
    /// 測定.
    Measurement,
    /// アレルギー.
    Allergy,
    /// 禁忌薬.
    Contraindication,
    /// 感染症.
    Infection,
    /// 既往歴.
    PastHistory,
    /// 予防接種.
    Vaccination,
    /// 血液型.
    BloodType,
    /// 要介護度.
    CareLevel,
    /// 障害.
    Disability,
}

impl FormKind {
    /// All forms, in the order of their digit keys.
    pub const ALL: [Self; 9] = [
        Self::Measurement,
        Self::Allergy,
        Self::Contraindication,
        Self::Infection,
        Self::PastHistory,
        Self::Vaccination,
        Self::BloodType,
        Self::CareLevel,
        Self::Disability,
    ];

    /// The form in which items of this kind are entered and corrected.
    pub fn of(kind: ProfileKind) -> Self {
        match kind {
            ProfileKind::Allergy => Self::Allergy,
            ProfileKind::Contraindication => Self::Contraindication,
            ProfileKind::BloodPressure
            | ProfileKind::Pulse
            | ProfileKind::Temperature
            | ProfileKind::Height
            | ProfileKind::Weight => Self::Measurement,
            ProfileKind::BloodType => Self::BloodType,
            ProfileKind::Infection => Self::Infection,
            ProfileKind::PastHistory => Self::PastHistory,
            ProfileKind::Vaccination => Self::Vaccination,
            ProfileKind::CareLevel => Self::CareLevel,
            ProfileKind::Disability => Self::Disability,
        }
    }

    /// Key of its words in the locale files.
    pub fn words(self) -> &'static str {
        match self {
            Self::Measurement => "form.measurement",
            Self::Allergy => "form.allergy",
            Self::Contraindication => "form.contraindication",
            Self::Infection => "form.infection",
            Self::PastHistory => "form.past_history",
            Self::Vaccination => "form.vaccination",
            Self::BloodType => "form.blood_type",
            Self::CareLevel => "form.care_level",
            Self::Disability => "form.disability",
        }
    }

    /// The draft's name of a new entry, or of this item's correction.
    pub fn draft(self, correct: Option<Uuid>) -> String {
        match correct {
            Some(item) => format!("{} {item}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Name for drafts; never changed, since drafts lie in the terminal's store.
    fn name(self) -> &'static str {
        match self {
            Self::Measurement => "measurement",
            Self::Allergy => "allergy",
            Self::Contraindication => "contraindication",
            Self::Infection => "infection",
            Self::PastHistory => "past_history",
            Self::Vaccination => "vaccination",
            Self::BloodType => "blood_type",
            Self::CareLevel => "care_level",
            Self::Disability => "disability",
        }
    }
}

/// What a form begins with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Which form.
    pub kind: FormKind,
    /// Whose.
    pub number: PatientNumber,
    /// The item to correct, as it stands.
    pub correct: Option<Item>,
    /// The refused entry to mend.
    pub mend: Option<Mend>,
    /// What was left in this form before.
    pub draft: Option<Draft>,
}

/// A refused entry that is to be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The row of the outbox.
    pub row: Uuid,
    /// What was confirmed.
    pub entry: ProfileEntry,
}

impl Start {
    /// The draft's name within the patient: a new entry, each correction and each mending have their own.
    pub fn form(&self) -> String {
        match &self.mend {
            Some(mend) => format!("{} mend {}", self.kind.name(), mend.row),
            None => self.kind.draft(self.correct.as_ref().map(|item| item.id)),
        }
    }
}
