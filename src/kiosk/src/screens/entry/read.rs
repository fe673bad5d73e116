//! From what stands in a form to contents of the profile, and back.

use clinical::calendar::{CLINIC_ZONE, DateError, parse_date};
use clinical::profile::{
    Allergen, Allergy, AllergyCategory, BloodType, CareLevelCertificate, Contraindication,
    Disability, Field, Infection, InfectionKind, InfectionResult, Measurement, MeasurementValue,
    PastHistory, Problem, ProfileKind, ProfileValue, Tenths, Vaccination,
};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use unicode_normalization::UnicodeNormalization;

use super::answers::Answers;
use super::fields::{self, CODE, CODE_FOR, MEASURED_ON, MEASURED_TIME, PRESSURE};
use crate::app::form::FormKind;
use crate::widgets::profile::field_key;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistake {
    /// Its name.
    pub field: &'static str,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing stands there.
    Empty,
    /// Nothing is chosen.
    NotChosen,
    /// Not a single measurement is there.
    NothingMeasured,
    /// Not a number such as 68.4.
    NotANumber,
    /// Not a whole number.
    NotWhole,
    /// Not a pair such as 152/88.
    NotAPressure,
    /// Not a time of the day.
    NotATime,
    /// Not a day.
    Day(DateError),
    /// Read, but not to be taken.
    Value(Problem),
    /// No practitioner is known on this terminal.
    NoPractitioner,
}

/// What a form reads its answers against.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The form.
    pub kind: FormKind,
    /// The one kind of measurement that is corrected.
    pub only: Option<ProfileKind>,
    /// What stands in it.
    pub answers: &'a Answers,
    /// The clinic's day.
    pub today: Date,
    /// The moment of the measurement that is corrected: seconds stay where nobody touches them.
    pub measured_at: Option<Timestamp>,
}

type Read<T> = Result<T, Mistake>;

impl Reading<'_> {
    /// The contents, each of which can be taken; or every mistake, in the order of the fields.
    pub fn values(&self) -> Result<Vec<ProfileValue>, Vec<Mistake>> {
        let read: Vec<Read<ProfileValue>> = match self.kind {
            FormKind::Measurement => self.measurements(),
            FormKind::Allergy => vec![self.allergy()],
            FormKind::Contraindication => vec![self.contraindication()],
            FormKind::Infection => vec![self.infection()],
            FormKind::PastHistory => vec![self.past_history()],
            FormKind::Vaccination => vec![self.vaccination()],
            FormKind::BloodType => vec![self.blood_type()],
            FormKind::CareLevel => vec![self.care_level()],
            FormKind::Disability => vec![self.disability()],
        };
        let mut mistakes: Vec<Mistake> = Vec::new();
        let mut values = Vec::new();
        for value in read {
            match value.and_then(|value| self.checked(value)) {
                Ok(value) => values.push(value),
                Err(mistake) if mistakes.contains(&mistake) => {}
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(values) } else { Err(mistakes) }
    }

    fn checked(&self, value: ProfileValue) -> Read<ProfileValue> {
        match value.check(self.today) {
            Ok(()) => Ok(value),
            Err(error) => {
                Err(Mistake { field: name_of(error.field), wrong: Wrong::Value(error.problem) })
            }
        }
    }

    fn measurements(&self) -> Vec<Read<ProfileValue>> {
        let measured_at = match self.moment() {
            Ok(moment) => moment,
            Err(mistake) => return vec![Err(mistake)],
        };
        let fields = fields::content(self.kind, self.only);
        let mut read = Vec::new();
        for spec in &fields {
            if let Some(value) = self.measured(spec.name) {
                read.push(
                    value
                        .map(|value| ProfileValue::Measurement(Measurement { value, measured_at })),
                );
            }
        }
        if read.is_empty() {
            let field = fields.first().map_or(PRESSURE, |spec| spec.name);
            read.push(Err(Mistake { field, wrong: Wrong::NothingMeasured }));
        }
        read
    }

    /// `None` where the field is empty, or holds no measurement.
    fn measured(&self, name: &'static str) -> Option<Read<MeasurementValue>> {
        let text = self.answers.get(name);
        if text.trim().is_empty() {
            return None;
        }
        let wrong = |wrong| Mistake { field: name, wrong };
        let tenths = || tenths(text).ok_or(wrong(Wrong::NotANumber));
        Some(match name {
            "field.height" => tenths().map(MeasurementValue::Height),
            "field.weight" => tenths().map(MeasurementValue::Weight),
            "field.temperature" => tenths().map(MeasurementValue::Temperature),
            "field.pulse" => whole(text).map(MeasurementValue::Pulse).ok_or(wrong(Wrong::NotWhole)),
            PRESSURE => match pressure(text) {
                Some((systolic, diastolic)) => {
                    Ok(MeasurementValue::BloodPressure { systolic, diastolic })
                }
                None => Err(wrong(Wrong::NotAPressure)),
            },
            _ => return None,
        })
    }

    fn moment(&self) -> Read<Timestamp> {
        let day = self.day_needed(MEASURED_ON)?;
        let time = clock(self.answers.get(MEASURED_TIME))
            .ok_or(Mistake { field: MEASURED_TIME, wrong: Wrong::NotATime })?;
        let at = day.to_datetime(time);
        if let Some(before) = self.measured_at
            && minute(before) == at
        {
            return Ok(before);
        }
        CLINIC_ZONE
            .to_timestamp(at)
            .map_err(|_| Mistake { field: MEASURED_ON, wrong: Wrong::Day(DateError::NoSuchDay) })
    }

    fn allergy(&self) -> Read<ProfileValue> {
        let a = self.answers;
        Ok(ProfileValue::Allergy(Allergy {
            category: a.chosen("field.category").ok_or(not_chosen("field.category"))?,
            allergen: Allergen {
                text: self.needed("field.allergen")?,
                jfagy: self.code("field.allergen"),
            },
            severity: a.chosen("field.severity"),
            reaction: a.text("field.reaction"),
            onset: self.day("field.onset")?,
            informant: a.chosen("field.informant"),
        }))
    }

    fn contraindication(&self) -> Read<ProfileValue> {
        Ok(ProfileValue::Contraindication(Contraindication {
            drug: self.needed("field.drug")?,
            drug_code: self.code("field.drug"),
            reason: self.answers.text("field.drug_reason"),
        }))
    }

    fn infection(&self) -> Read<ProfileValue> {
        let a = self.answers;
        let kind = a.chosen("field.infection").ok_or(not_chosen("field.infection"))?;
        let name = match kind {
            InfectionKind::Other => self.needed("field.infection_name")?,
            _ => String::new(),
        };
        let result: Option<InfectionResult> = a.chosen("field.infection_result");
        Ok(ProfileValue::Infection(Infection {
            kind,
            name,
            result: result.ok_or(not_chosen("field.infection_result"))?,
            tested_on: self.day("field.tested_on")?,
            note: a.text("field.note"),
        }))
    }

    fn past_history(&self) -> Read<ProfileValue> {
        Ok(ProfileValue::PastHistory(PastHistory {
            text: self.needed("field.illness")?,
            onset: self.day("field.onset")?,
            ended: self.day("field.ended")?,
            note: self.answers.text("field.note"),
        }))
    }

    fn vaccination(&self) -> Read<ProfileValue> {
        let dose = self.answers.get("field.dose");
        let dose = match whole(dose) {
            _ if dose.trim().is_empty() => None,
            Some(n) => Some(u8::try_from(n).map_err(|_| Mistake {
                field: "field.dose",
                wrong: Wrong::Value(Problem::NotPossible),
            })?),
            None => return Err(Mistake { field: "field.dose", wrong: Wrong::NotWhole }),
        };
        Ok(ProfileValue::Vaccination(Vaccination {
            vaccine: self.needed("field.vaccine")?,
            lot: self.answers.text("field.lot"),
            given_on: self.day_needed("field.given_on")?,
            dose,
        }))
    }

    fn blood_type(&self) -> Read<ProfileValue> {
        let (abo, rh) = (self.answers.chosen("field.abo"), self.answers.chosen("field.rh"));
        if abo.is_none() && rh.is_none() {
            return Err(not_chosen("field.abo"));
        }
        Ok(ProfileValue::BloodType(BloodType { abo, rh }))
    }

    fn care_level(&self) -> Read<ProfileValue> {
        let level = self.answers.chosen("field.care_level");
        Ok(ProfileValue::CareLevel(CareLevelCertificate {
            level: level.ok_or(not_chosen("field.care_level"))?,
            valid_from: self.day_needed("field.valid_from")?,
            valid_to: self.day("field.valid_to")?,
        }))
    }

    fn disability(&self) -> Read<ProfileValue> {
        Ok(ProfileValue::Disability(Disability {
            text: self.needed("field.disability")?,
            grade: self.answers.text("field.grade"),
            since: self.day("field.since")?,
        }))
    }

    fn needed(&self, name: &'static str) -> Read<String> {
        let text = self.answers.text(name);
        if text.is_empty() {
            return Err(Mistake { field: name, wrong: Wrong::Empty });
        }
        Ok(text)
    }

    /// The code of the picked suggestion, as long as its words stand there.
    fn code(&self, name: &str) -> Option<String> {
        let code = self.answers.get(CODE);
        (!code.is_empty() && self.answers.get(CODE_FOR) == self.answers.get(name))
            .then(|| code.to_owned())
    }

    fn day(&self, name: &'static str) -> Read<Option<Date>> {
        match parse_date(self.answers.get(name), self.today) {
            Ok(date) => Ok(Some(date)),
            Err(DateError::Empty) => Ok(None),
            Err(error) => Err(Mistake { field: name, wrong: Wrong::Day(error) }),
        }
    }

    fn day_needed(&self, name: &'static str) -> Read<Date> {
        self.day(name)?.ok_or(Mistake { field: name, wrong: Wrong::Empty })
    }
}

fn not_chosen(field: &'static str) -> Mistake {
    Mistake { field, wrong: Wrong::NotChosen }
}

/// The field of the form in which a field of a content is entered.
pub fn name_of(field: Field) -> &'static str {
    match field {
        Field::Systolic | Field::Diastolic => PRESSURE,
        Field::MeasuredAt => MEASURED_ON,
        Field::AllergenCode => "field.allergen",
        Field::DrugCode => "field.drug",
        field => field_key(field),
    }
}

/// Brings what an input method makes of digits and points to plain ones.
pub fn plain(text: &str) -> String {
    text.nfkc().map(|c| if matches!(c, '。' | '、' | ',') { '.' } else { c }).collect()
}

/// A number with at most one decimal place; nought is none.
pub fn tenths(text: &str) -> Option<Tenths> {
    Tenths::parse(&plain(text)).ok().filter(|number| number.0 > 0)
}

/// A whole number; nought is none.
pub fn whole(text: &str) -> Option<u16> {
    let text = plain(text);
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?.filter(|number| *number > 0)
}

/// Blood pressure as it is written, said or typed without looking: `152/88`, `152 88`, `15288`.
pub fn pressure(text: &str) -> Option<(u16, u16)> {
    let text = plain(text);
    let text = text.trim();
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (high, low) = match (parts.next()?, parts.next(), parts.next()) {
        (high, Some(low), None) => (high, low),
        // Three digits of the first; two where there are but four in all.
        (joined, None, _) if (4..=6).contains(&joined.len()) => {
            joined.split_at(if joined.len() == 4 { 2 } else { 3 })
        }
        _ => return None,
    };
    let number = |part: &str| part.parse::<u16>().ok().filter(|n| (1..=999).contains(n));
    Some((number(high)?, number(low)?))
}

/// A time of the day: `9:42`, `0942`, `9時42分`.
pub fn clock(text: &str) -> Option<Time> {
    let text = plain(text);
    let text = text.trim();
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (hour, minute) = match (parts.next()?, parts.next(), parts.next()) {
        (hour, Some(minute), None) => (hour, minute),
        (joined, None, _) if (3..=4).contains(&joined.len()) => joined.split_at(joined.len() - 2),
        _ => return None,
    };
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// A moment on the clinic's wall clock, to the minute.
fn minute(moment: Timestamp) -> DateTime {
    let at = CLINIC_ZONE.to_datetime(moment);
    at.date().to_datetime(Time::constant(at.hour(), at.minute(), 0, 0))
}

/// A day and a time as a form shows them.
pub fn put_moment(answers: &mut Answers, moment: Timestamp) {
    let at = CLINIC_ZONE.to_datetime(moment);
    put_day(answers, MEASURED_ON, Some(at.date()));
    answers.set(MEASURED_TIME, format!("{}:{:02}", at.hour(), at.minute()));
}

/// A day as a form shows it.
pub fn put_day(answers: &mut Answers, name: &str, day: Option<Date>) {
    answers.set(name, day.map(clinical::calendar::wareki_short).unwrap_or_default());
}

/// The answers that make this content.
pub fn answers_of(value: &ProfileValue) -> Answers {
    let mut a = Answers::default();
    match value {
        ProfileValue::Measurement(m) => {
            let text = match m.value {
                MeasurementValue::Height(n)
                | MeasurementValue::Weight(n)
                | MeasurementValue::Temperature(n) => n.to_string(),
                MeasurementValue::Pulse(n) => n.to_string(),
                MeasurementValue::BloodPressure { systolic, diastolic } => {
                    format!("{systolic}/{diastolic}")
                }
            };
            a.set(fields::measured(value.kind()), text);
            put_moment(&mut a, m.measured_at);
        }
        ProfileValue::BloodType(blood) => {
            a.choose("field.abo", blood.abo.as_ref());
            a.choose("field.rh", blood.rh.as_ref());
        }
        ProfileValue::Allergy(allergy) => {
            a.choose("field.category", Some(&allergy.category));
            a.set("field.allergen", allergy.allergen.text.clone());
            put_code(&mut a, &allergy.allergen.text, allergy.allergen.jfagy.as_deref());
            a.choose("field.severity", allergy.severity.as_ref());
            a.set("field.reaction", allergy.reaction.clone());
            put_day(&mut a, "field.onset", allergy.onset);
            a.choose("field.informant", allergy.informant.as_ref());
        }
        ProfileValue::Contraindication(drug) => {
            a.set("field.drug", drug.drug.clone());
            put_code(&mut a, &drug.drug, drug.drug_code.as_deref());
            a.set("field.drug_reason", drug.reason.clone());
        }
        ProfileValue::PastHistory(past) => {
            a.set("field.illness", past.text.clone());
            put_day(&mut a, "field.onset", past.onset);
            put_day(&mut a, "field.ended", past.ended);
            a.set("field.note", past.note.clone());
        }
        ProfileValue::Infection(infection) => {
            a.choose("field.infection", Some(&infection.kind));
            a.set("field.infection_name", infection.name.clone());
            a.choose("field.infection_result", Some(&infection.result));
            put_day(&mut a, "field.tested_on", infection.tested_on);
            a.set("field.note", infection.note.clone());
        }
        ProfileValue::Vaccination(v) => {
            a.set("field.vaccine", v.vaccine.clone());
            a.set("field.lot", v.lot.clone());
            put_day(&mut a, "field.given_on", Some(v.given_on));
            a.set("field.dose", v.dose.map(|n| n.to_string()).unwrap_or_default());
        }
        ProfileValue::Disability(d) => {
            a.set("field.disability", d.text.clone());
            a.set("field.grade", d.grade.clone());
            put_day(&mut a, "field.since", d.since);
        }
        ProfileValue::CareLevel(c) => {
            a.choose("field.care_level", Some(&c.level));
            put_day(&mut a, "field.valid_from", Some(c.valid_from));
            put_day(&mut a, "field.valid_to", c.valid_to);
        }
    }
    a
}

/// A picked suggestion's code, with the words that it stands for.
pub fn put_code(answers: &mut Answers, text: &str, code: Option<&str>) {
    answers.set(CODE, code.unwrap_or_default());
    answers.set(CODE_FOR, if code.is_some() { text } else { "" });
}

/// What an empty form begins with.
pub fn defaults(kind: FormKind, now: Timestamp) -> Answers {
    let mut a = Answers::default();
    match kind {
        FormKind::Measurement => put_moment(&mut a, now),
        FormKind::Allergy => a.choose("field.category", Some(&AllergyCategory::Drug)),
        FormKind::Vaccination => {
            put_day(&mut a, "field.given_on", Some(CLINIC_ZONE.to_datetime(now).date()));
        }
        _ => {}
    }
    a
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
