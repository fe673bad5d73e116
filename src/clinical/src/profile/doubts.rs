//! What is unlikely enough to be asked about before it is saved. A doubt never refuses: the person looks again
//! and may say that it is so.
//!
//! The bounds are this project's own judgement of what a small clinic hardly ever sees and a slip of the finger
//! easily makes (a missing decimal point, height and weight in each other's field). They are no reference
//! ranges and say nothing about health.

use jiff::civil::Date;

use super::fields::{Field, FieldValue};
use super::tenths::Tenths;
use super::value::{MeasurementValue, ProfileValue};
use crate::calendar;

/// Something to look at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Outside of what is usual at this age.
    Unusual {
        /// Where.
        field: Field,
        /// The usual, from here.
        low: Tenths,
        /// To here.
        high: Tenths,
    },
    /// 収縮期 is not above 拡張期: perhaps they stand in each other's place.
    SystolicNotAbove,
    /// Measured or given long ago.
    LongAgo {
        /// Which date.
        field: Field,
        /// How many days before today.
        days: u32,
    },
    /// Far from the value before.
    FarFromBefore {
        /// Where.
        field: Field,
        /// The value before.
        before: Tenths,
    },
    /// A day before the patient's birth.
    BeforeBirth {
        /// Which date.
        field: Field,
    },
    /// The period is over.
    Expired {
        /// How many days before today it ended.
        days: u32,
    },
}

impl ProfileValue {
    /// What to ask about, given the patient's birth date and the last value of the same kind, if known.
    pub fn doubts(
        &self,
        birth: Option<Date>,
        today: Date,
        previous: Option<&ProfileValue>,
    ) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let fields = self.fields();
        let age = birth.and_then(|birth| calendar::age(birth, self.day().unwrap_or(today)));
        let before: Vec<(Field, FieldValue)> = previous
            .filter(|previous| previous.kind() == self.kind())
            .map(ProfileValue::fields)
            .unwrap_or_default();
        for (field, value) in &fields {
            if let Some(number) = number(value) {
                doubts.extend(unusual(*field, number, age));
                let before = before.iter().find(|(name, _)| name == field);
                if let Some(before) = before.and_then(|(_, value)| self::number(value)) {
                    doubts.extend(far_from(*field, number, before, age));
                }
            }
            let day = match value {
                FieldValue::Date(day) => Some(*day),
                FieldValue::Moment(moment) => Some(calendar::day_of(*moment)),
                _ => None,
            };
            if let Some(day) = day {
                doubts.extend(doubt_of_day(*field, day, birth, today));
            }
        }
        if let Self::Measurement(measurement) = self
            && let MeasurementValue::BloodPressure { systolic, diastolic } = measurement.value
            && systolic <= diastolic
        {
            doubts.push(Doubt::SystolicNotAbove);
        }
        doubts
    }

    /// The clinic's day to which a number belongs.
    fn day(&self) -> Option<Date> {
        match self {
            Self::Measurement(measurement) => Some(calendar::day_of(measurement.measured_at)),
            _ => None,
        }
    }
}

/// From this age on, bodies are judged as grown-up ones.
const ADULT: u16 = 15;
/// From this age on, people no longer grow.
const GROWN: u16 = 18;
/// A measurement older than this is mostly a slip in the date.
const LONG_AGO: i32 = 31;
/// A vaccination or test older than this may well be entered late, but is worth a look.
const VERY_LONG_AGO: i32 = 5 * 366;

/// The usual, from and to, in tenths.
fn usual(field: Field, age: Option<u16>) -> Option<(u32, u32)> {
    let adult = age.map(|age| age >= ADULT);
    let infant = age.is_some_and(|age| age < 1);
    Some(match (field, adult) {
        (Field::Height, Some(true)) => (1200, 2100),
        (Field::Height, Some(false)) if infant => (400, 900),
        (Field::Height, _) => (400, 2100),
        (Field::Weight, Some(true)) => (250, 1500),
        (Field::Weight, Some(false)) if infant => (20, 150),
        (Field::Weight, _) => (20, 1500),
        (Field::Systolic, Some(false)) => (500, 1600),
        (Field::Systolic, _) => (700, 2200),
        (Field::Diastolic, Some(false)) => (250, 1100),
        (Field::Diastolic, _) => (400, 1300),
        (Field::Pulse, Some(false)) if infant => (800, 2200),
        (Field::Pulse, Some(false)) => (500, 2000),
        (Field::Pulse, _) => (350, 1800),
        (Field::Temperature, _) => (340, 410),
        _ => return None,
    })
}

fn unusual(field: Field, number: Tenths, age: Option<u16>) -> Option<Doubt> {
    let (low, high) = usual(field, age)?;
    let doubt = Doubt::Unusual { field, low: Tenths(low), high: Tenths(high) };
    (!(low..=high).contains(&number.0)).then_some(doubt)
}

/// More than 5 cm or a fifth of the weight away from the last time. Who still grows may grow, but not shrink.
fn far_from(field: Field, number: Tenths, before: Tenths, age: Option<u16>) -> Option<Doubt> {
    let change = number.0.abs_diff(before.0);
    let far = match field {
        Field::Height => change > 50,
        Field::Weight => u64::from(change) * 5 > u64::from(before.0),
        _ => return None,
    };
    let grows = age.is_some_and(|age| age < GROWN) && number > before;
    (far && !grows).then_some(Doubt::FarFromBefore { field, before })
}

fn doubt_of_day(field: Field, day: Date, birth: Option<Date>, today: Date) -> Option<Doubt> {
    if birth.is_some_and(|birth| day < birth) {
        return Some(Doubt::BeforeBirth { field });
    }
    let days = (today - day).get_days();
    let ago = u32::try_from(days).unwrap_or(0);
    match field {
        Field::MeasuredAt if days > LONG_AGO => Some(Doubt::LongAgo { field, days: ago }),
        Field::GivenOn | Field::TestedOn if days > VERY_LONG_AGO => {
            Some(Doubt::LongAgo { field, days: ago })
        }
        Field::ValidTo if days > 0 => Some(Doubt::Expired { days: ago }),
        _ => None,
    }
}

/// A whole number counts as tenths too, so that one rule judges all.
fn number(value: &FieldValue) -> Option<Tenths> {
    match value {
        FieldValue::Tenths(tenths) => Some(*tenths),
        FieldValue::Number(number) => number.checked_mul(10).map(Tenths),
        _ => None,
    }
}

#[cfg(test)]
#[path = "doubts_tests.rs"]
mod tests;
