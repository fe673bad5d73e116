//! What a form says: what is wrong, what is doubtful.

use clinical::calendar::{DateError, wareki};
use clinical::profile::{Doubt, Field, FieldValue, Problem, ProfileValue};

use super::read::Wrong;
use crate::app::model::Desk;
use crate::widgets::profile::{field_key, field_value, number, unit};

/// What is wrong, and what would be right.
pub fn wrong(desk: &Desk, wrong: Wrong) -> String {
    let key = match wrong {
        Wrong::Empty | Wrong::Value(Problem::Empty) | Wrong::Day(DateError::Empty) => "entry.empty",
        Wrong::NotChosen => "entry.not_chosen",
        Wrong::NothingMeasured => "entry.nothing_measured",
        Wrong::NotANumber => "entry.not_a_number",
        Wrong::NotWhole => "entry.not_whole",
        Wrong::NotAPressure => "entry.not_a_pressure",
        Wrong::NotATime => "entry.not_a_time",
        Wrong::NoPractitioner => "entry.no_practitioner",
        Wrong::Day(DateError::Unreadable) => "entry.not_a_day",
        Wrong::Day(DateError::NoSuchDay) => "entry.no_such_day",
        Wrong::Day(DateError::OutsideEra { era, first, last }) => {
            let (first, last) = (wareki(first), wareki(last));
            return desk
                .fill("entry.outside_era", &[("era", era), ("first", &first), ("last", &last)]);
        }
        Wrong::Value(Problem::TooLong { most }) => {
            return desk.fill("entry.too_long", &[("most", &most.to_string())]);
        }
        Wrong::Value(Problem::Future) => "entry.future",
        Wrong::Value(Problem::EndsBeforeItBegins) => "entry.ends_before",
        Wrong::Value(Problem::NotPossible) => "entry.not_possible",
        Wrong::Value(Problem::ControlCharacter | Problem::NotWanted | Problem::NotACode) => {
            "entry.not_allowed"
        }
    };
    desk.t(key).to_owned()
}

/// What is doubtful about a value.
pub fn doubt(desk: &Desk, value: &ProfileValue, doubt: Doubt) -> String {
    let shown = |field: Field| {
        let own = own_value(value, field);
        own.map(|own| field_value(desk, field, &own)).unwrap_or_default()
    };
    match doubt {
        Doubt::Unusual { field, low, high } => desk.fill(
            "doubt.unusual",
            &[
                ("field", desk.t(field_key(field))),
                ("value", &shown(field)),
                ("low", &number(low)),
                ("high", &number(high)),
                ("unit", unit(desk, field)),
            ],
        ),
        Doubt::SystolicNotAbove => {
            let value = crate::widgets::profile::value(desk, value);
            desk.fill("doubt.systolic", &[("value", &value)])
        }
        Doubt::LongAgo { field, days } => desk.fill(
            "doubt.long_ago",
            &[("field", desk.t(field_key(field))), ("days", &days.to_string())],
        ),
        Doubt::FarFromBefore { field, before } => {
            let before = field_value(desk, field, &FieldValue::Tenths(before));
            desk.fill(
                "doubt.far",
                &[
                    ("field", desk.t(field_key(field))),
                    ("value", &shown(field)),
                    ("before", &before),
                ],
            )
        }
        Doubt::BeforeBirth { field } => {
            desk.fill("doubt.before_birth", &[("field", desk.t(field_key(field)))])
        }
        Doubt::Expired { days } => desk.fill("doubt.expired", &[("days", &days.to_string())]),
    }
}

fn own_value(value: &ProfileValue, field: Field) -> Option<FieldValue> {
    value.fields().into_iter().find(|(own, _)| *own == field).map(|(_, value)| value)
}
