use jiff::civil::{Date, date};

use super::super::value::*;
use super::*;

const TODAY: Date = date(2026, 11, 22);
const ADULT_BORN: Option<Date> = Some(date(1955, 3, 4));
const CHILD_BORN: Option<Date> = Some(date(2018, 3, 4));
const INFANT_BORN: Option<Date> = Some(date(2026, 3, 4));

fn measured(value: MeasurementValue) -> ProfileValue {
    ProfileValue::Measurement(Measurement {
        value,
        measured_at: "2026-11-22T00:00:00Z".parse().unwrap(),
    })
}

fn height(tenths: u32) -> ProfileValue {
    measured(MeasurementValue::Height(Tenths(tenths)))
}

fn weight(tenths: u32) -> ProfileValue {
    measured(MeasurementValue::Weight(Tenths(tenths)))
}

fn pressure(systolic: u16, diastolic: u16) -> ProfileValue {
    measured(MeasurementValue::BloodPressure { systolic, diastolic })
}

fn doubts(value: &ProfileValue, birth: Option<Date>) -> Vec<Doubt> {
    value.doubts(birth, TODAY, None)
}

#[test]
fn the_bounds_themselves_are_not_asked_about() {
    let pulse = |n| measured(MeasurementValue::Pulse(n));
    let temperature = |n| measured(MeasurementValue::Temperature(Tenths(n)));
    let cases = [
        (ADULT_BORN, height(1200), height(2100), height(1199), height(2101)),
        (None, height(400), height(2100), height(399), height(2101)),
        (INFANT_BORN, height(400), height(900), height(399), height(901)),
        (ADULT_BORN, weight(250), weight(1500), weight(249), weight(1501)),
        (None, weight(20), weight(1500), weight(19), weight(1501)),
        (INFANT_BORN, weight(20), weight(150), weight(19), weight(151)),
        (ADULT_BORN, pressure(70, 40), pressure(220, 130), pressure(69, 40), pressure(221, 130)),
        (ADULT_BORN, pressure(120, 40), pressure(170, 130), pressure(120, 39), pressure(170, 131)),
        (CHILD_BORN, pressure(50, 25), pressure(160, 110), pressure(49, 25), pressure(161, 110)),
        (ADULT_BORN, pulse(35), pulse(180), pulse(34), pulse(181)),
        (CHILD_BORN, pulse(50), pulse(200), pulse(49), pulse(201)),
        (INFANT_BORN, pulse(80), pulse(220), pulse(79), pulse(221)),
        (None, temperature(340), temperature(410), temperature(339), temperature(411)),
    ];
    for (birth, low, high, below, above) in cases {
        assert_eq!(doubts(&low, birth), [], "{low:?}");
        assert_eq!(doubts(&high, birth), [], "{high:?}");
        for value in [below, above] {
            let found = doubts(&value, birth);
            assert!(matches!(found[..], [Doubt::Unusual { .. }]), "{value:?}: {found:?}");
        }
    }
}

#[test]
fn a_doubt_names_the_usual() {
    let usual = Doubt::Unusual { field: Field::Weight, low: Tenths(250), high: Tenths(1500) };
    assert_eq!(doubts(&weight(6840), ADULT_BORN), [usual]);
}

#[test]
fn pressures_in_each_others_place_are_asked_about() {
    assert_eq!(doubts(&pressure(80, 120), ADULT_BORN), [Doubt::SystolicNotAbove]);
    assert_eq!(doubts(&pressure(90, 90), ADULT_BORN), [Doubt::SystolicNotAbove]);
}

#[test]
fn a_leap_from_the_last_time_is_asked_about_unless_a_child_grows() {
    let far = |field, before| vec![Doubt::FarFromBefore { field, before: Tenths(before) }];
    let cases = [
        (ADULT_BORN, height(1600), height(1650), vec![]),
        (ADULT_BORN, height(1600), height(1651), far(Field::Height, 1600)),
        (ADULT_BORN, weight(600), weight(720), vec![]),
        (ADULT_BORN, weight(600), weight(721), far(Field::Weight, 600)),
        (ADULT_BORN, weight(600), weight(479), far(Field::Weight, 600)),
        (CHILD_BORN, height(1100), height(1200), vec![]),
        (CHILD_BORN, height(1200), height(1100), far(Field::Height, 1200)),
        // Another kind is no value before.
        (ADULT_BORN, weight(1600), height(1700), vec![]),
    ];
    for (birth, before, now, expected) in cases {
        assert_eq!(now.doubts(birth, TODAY, Some(&before)), expected, "{before:?} {now:?}");
    }
}

#[test]
fn dates_are_asked_about() {
    let mut old = weight(600);
    if let ProfileValue::Measurement(measurement) = &mut old {
        measurement.measured_at = "2026-10-21T00:00:00Z".parse().unwrap();
    }
    let ago = Doubt::LongAgo { field: Field::MeasuredAt, days: 32 };
    assert_eq!(doubts(&old, ADULT_BORN), [ago]);
    assert_eq!(doubts(&old, Some(TODAY))[0], Doubt::BeforeBirth { field: Field::MeasuredAt });
    let care = |to| {
        ProfileValue::CareLevel(CareLevelCertificate {
            level: CareLevel::Support1,
            valid_from: date(2024, 12, 1),
            valid_to: Some(to),
        })
    };
    assert_eq!(doubts(&care(TODAY), ADULT_BORN), []);
    assert_eq!(doubts(&care(date(2026, 11, 20)), ADULT_BORN), [Doubt::Expired { days: 2 }]);
    let given = |given_on| {
        let (vaccine, lot) = ("肺炎球菌".to_owned(), String::new());
        ProfileValue::Vaccination(Vaccination { vaccine, lot, given_on, dose: None })
    };
    assert_eq!(doubts(&given(date(2022, 1, 1)), ADULT_BORN), []);
    assert!(matches!(doubts(&given(date(2020, 1, 1)), ADULT_BORN)[..], [Doubt::LongAgo { .. }]));
}
