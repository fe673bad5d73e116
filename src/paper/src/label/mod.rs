//! Labels: tube labels and chart stickers, described once and drawn alike for every printer.

mod sheet;
pub mod symbol;
mod zpl;

use clinical::lab::{LabOrder, SpecimenNumber, Tube};
use clinical::{PatientNumber, PersonName, Sex, calendar};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::PaperError;

pub(crate) use sheet::{sticker_data, test_data, tube_data};
pub(crate) use zpl::write as zpl;

/// The grid of a label printer's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Dpi {
    /// 8 dots a millimetre.
    #[default]
    #[serde(rename = "203")]
    D203,
    /// 12 dots a millimetre.
    #[serde(rename = "300")]
    D300,
}

impl Dpi {
    /// Dots an inch.
    pub fn dots(self) -> u32 {
        match self {
            Self::D203 => 203,
            Self::D300 => 300,
        }
    }

    /// Whole dots in a length, rounded down.
    pub fn dots_in(self, mm: f32) -> u32 {
        // A hair is added so that 25.4 mm are 203 dots and not 202.
        (mm * self.dots() as f32 / 25.4 + 0.001).floor().max(0.0) as u32
    }
}

/// Which linear symbol a tube label carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Symbology {
    /// NW-7 (Codabar), the most widespread on tubes in Japan.
    #[default]
    Nw7,
    /// CODE128, code set C.
    Code128,
    /// ITF (interleaved 2 of 5).
    Itf,
}

impl Symbology {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nw7, Self::Code128, Self::Itf];

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nw7 => "NW-7",
            Self::Code128 => "CODE128",
            Self::Itf => "ITF",
        }
    }
}

/// The labels in a printer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LabelSpec {
    /// Width in the direction of the bars' row, which goes along the tube.
    pub width_mm: f32,
    /// Height.
    pub height_mm: f32,
    /// The printer's grid.
    pub dpi: Dpi,
    /// The symbol on tube labels.
    pub symbology: Symbology,
}

impl Default for LabelSpec {
    fn default() -> Self {
        Self {
            width_mm: 50.0,
            height_mm: 30.0,
            dpi: Dpi::default(),
            symbology: Symbology::default(),
        }
    }
}

impl LabelSpec {
    /// Size in dots.
    pub fn size(&self) -> Result<(u32, u32), PaperError> {
        let fits = |mm: f32, most: f32| mm.is_finite() && (15.0..=most).contains(&mm);
        if !fits(self.width_mm, 110.0) || !fits(self.height_mm, 160.0) {
            return Err(PaperError::LabelSize {
                width_mm: self.width_mm,
                height_mm: self.height_mm,
            });
        }
        Ok((self.dpi.dots_in(self.width_mm), self.dpi.dots_in(self.height_mm)))
    }
}

/// Whom a paper is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabPatient {
    /// The number on the paper chart.
    pub number: PatientNumber,
    /// Kanji and kana.
    pub name: PersonName,
    /// Birth date, where it is known.
    pub birth_date: Option<Date>,
    /// As registered.
    pub sex: Sex,
}

impl LabPatient {
    /// `男 71歳` on a day; as much of it as is known.
    pub fn sex_age(&self, on: Date) -> String {
        let sex = sex_word(self.sex);
        let age = self.birth_date.and_then(|birth| calendar::age(birth, on));
        match (sex.is_empty(), age) {
            (_, None) => sex.to_owned(),
            (true, Some(age)) => format!("{age}歳"),
            (false, Some(age)) => format!("{sex} {age}歳"),
        }
    }
}

/// 男, 女, or nothing where it is not known.
pub(crate) fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "男",
        Sex::Female => "女",
        Sex::Unknown => "",
    }
}

/// What stands on a tube's label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TubeLabel {
    /// The number in the symbol, and below it.
    pub number: SpecimenNumber,
    /// The patient's number.
    pub patient_number: PatientNumber,
    /// カナ氏名.
    pub kana: String,
    /// 漢字氏名.
    pub kanji: String,
    /// `男 71歳`.
    pub sex_age: String,
    /// The day of collection as printed: `11/22(日)`, with the year in front where there is room for it.
    pub collect_on: String,
    /// The tube: `EDTA-2K`.
    pub container: String,
    /// The cap's colour in words: `紫`. Empty where it has none.
    pub colour: String,
    /// Short names of the tests that are made from the tube.
    pub items: Vec<String>,
    /// 至急.
    pub urgent: bool,
    /// 1 for the first print; from 2 on the label says `再2`.
    pub copy: u32,
}

impl TubeLabel {
    /// The label of an order's tube.
    pub fn of(order: &LabOrder, tube: &Tube, patient: &LabPatient, copy: u32) -> Self {
        let items = order.items.iter().filter(|item| item.tube.as_ref() == Some(&tube.number));
        let day = order.collect_on;
        Self {
            number: tube.number.clone(),
            patient_number: patient.number.clone(),
            kana: patient.name.kana.clone(),
            kanji: patient.name.kanji.clone(),
            sex_age: patient.sex_age(day),
            collect_on: format!(
                "{}/{:02}/{:02}({})",
                day.year(),
                day.month(),
                day.day(),
                calendar::weekday_ja(day)
            ),
            container: tube.container.name.clone(),
            colour: tube.container.colour.clone(),
            items: items.map(|item| item.abbr.clone()).collect(),
            urgent: order.urgent,
            copy,
        }
    }
}

/// What stands on a chart sticker (カルテシール).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartSticker {
    /// The number, in large type and in the 2D code ([`clinical::chart_code`]).
    pub number: PatientNumber,
    /// Kanji and kana.
    pub name: PersonName,
    /// Birth date, where it is known.
    pub birth_date: Option<Date>,
    /// As registered.
    pub sex: Sex,
}
