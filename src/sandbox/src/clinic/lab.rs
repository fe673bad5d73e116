//! Lab orders of the clinic's morning, grown from its patients: drawn, and ready to be sent.

use clinical::lab::{
    AtLab, Done, Identified, LabItem, LabOrder, SpecimenNumber, ToldPatient, TubeState, plan_tubes,
};
use clinical::{Patient, Role, Staff};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use uuid::Uuid;

use super::{Clinic, Prng};

/// The ten digits by which laboratories know the clinic; of a prefecture that Japan does not have.
pub const FACILITY: &str = "9919900001";

/// What is ordered together at this clinic: name, keys of the catalogue.
pub const LAB_SETS: [(&str, &[&str]); 5] = [
    (
        "生活習慣病",
        &[
            "AST", "ALT", "GGT", "BUN", "CRE", "UA", "NA", "K", "CL", "TG", "HDL", "LDL", "GLU",
            "A1C", "WBC", "RBC", "HGB", "HCT", "PLT",
        ],
    ),
    ("糖尿病", &["GLU", "A1C", "CRE", "U_PRO", "U_GLU", "U_ACR"]),
    ("貧血", &["WBC", "RBC", "HGB", "HCT", "MCV", "MCHC", "PLT", "FE", "TIBC", "FER"]),
    ("肝機能", &["AST", "ALT", "ALP", "GGT", "LD", "TBIL", "ALB", "TP"]),
    ("炎症", &["CRP", "WBC", "RBC", "HGB", "PLT"]),
];

/// Remarks for the laboratory.
const COMMENTS: [&str; 4] = ["", "", "採血困難のため少量", "前回値確認希望"];
/// Keeps this stream apart from those of the people, of the day and of the bills.
const STREAM: u64 = 0x001A_B000;

/// A lab order with the patient it is for.
#[derive(Debug, Clone)]
pub struct DrawnOrder {
    /// The order, all its tubes drawn.
    pub order: LabOrder,
    /// The patient.
    pub patient: Patient,
}

impl DrawnOrder {
    /// The patient as a message tells the person.
    pub fn told(&self) -> ToldPatient {
        told(&self.patient)
    }
}

/// A patient as a message tells the person.
pub fn told(patient: &Patient) -> ToldPatient {
    ToldPatient {
        number: patient.number.to_string(),
        name: patient.name.clone(),
        birth_date: patient.birth_date,
        sex: Some(patient.sex),
    }
}

/// `count` orders of the clinic's day, for its living patients in turn. The same seed gives the same orders.
pub fn lab_orders(seed: u64, clinic: &Clinic, count: usize) -> Vec<DrawnOrder> {
    let patients = clinic.patients().iter().filter(|p| !p.deceased && !p.test_patient);
    let mut serial = 0;
    let orders = (0_u64..).zip(patients.cycle()).take(count).map(|(at, patient)| {
        let order = order(&mut Prng::of(seed ^ STREAM, at), clinic, patient, &mut serial);
        DrawnOrder { order, patient: patient.clone() }
    });
    orders.collect()
}

fn order(rng: &mut Prng, clinic: &Clinic, patient: &Patient, serial: &mut u32) -> LabOrder {
    let today = clinic.today();
    let (set, keys) = rng.pick(&LAB_SETS);
    let mut items: Vec<LabItem> =
        keys.iter().filter_map(|key| codes::labs::by_key(key)).cloned().collect();
    let more: Vec<&LabItem> =
        codes::labs::all().iter().filter(|item| item.container.is_some()).collect();
    for _ in 0..rng.below(4) {
        let item = rng.pick(&more);
        if items.iter().all(|known| known.key != item.key) {
            items.push(item.clone());
        }
    }
    let planned = plan_tubes(&items, || {
        *serial += 1;
        let station = u8::try_from(*serial / 900 % 100).unwrap_or(0);
        SpecimenNumber::new(today, station, *serial % 900 + 1)
    });
    // Station and serial above are always within bounds.
    let (items, mut tubes) = planned.unwrap_or_default();
    let ordered_at = moment(rng, today, 9);
    let drawn_at = ordered_at.saturating_add(jiff::SignedDuration::from_mins(rng.between(4, 25)));
    let drawn_at = drawn_at.unwrap_or(ordered_at);
    for tube in &mut tubes {
        tube.labels = 1;
        tube.state = TubeState::Drawn {
            done: Done { by: staff("看護師", Role::Nurse), time: drawn_at },
            identified: Identified::Card,
        };
        tube.lab = AtLab::Here;
    }
    LabOrder {
        id: id(rng, ordered_at),
        patient: patient.number.clone(),
        revision: 1,
        ordered: Done { by: staff("院長", Role::Practitioner), time: ordered_at },
        on_behalf_of: None,
        collect_on: today,
        urgent: rng.chance(15),
        fasting: rng.chance(40),
        comment: rng.pick(&COMMENTS).to_owned(),
        set_name: set.to_owned(),
        items,
        tubes,
        cancelled: None,
        unconfirmed: 0,
        confirmed_once: false,
        versions: Vec::new(),
    }
}

/// A moment of the morning, by a clock on a wall in Japan.
fn moment(rng: &mut Prng, day: Date, hour: i8) -> Timestamp {
    let mut part = |low, high| i8::try_from(rng.between(low, high)).unwrap_or(0);
    let time =
        Time::new(hour + part(0, 2), part(0, 59), part(0, 59), 0).unwrap_or(Time::midnight());
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    zone.to_timestamp(day.to_datetime(time)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn id(rng: &mut Prng, at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    let mut random = [0; 10];
    random[..8].copy_from_slice(&rng.next().to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn staff(name: &str, role: Role) -> Staff {
    Staff { account: Uuid::nil(), name: name.to_owned(), role }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn orders_are_such_as_the_clinic_would_confirm() {
        let clinic = Clinic::generate(5, 300, date(2026, 4, 6));
        let made = lab_orders(5, &clinic, 400);
        assert_eq!(made.len(), 400);
        let mut numbers = HashSet::new();
        for DrawnOrder { order, patient } in &made {
            assert_eq!(order.patient, patient.number);
            assert!(!order.items.is_empty() && order.items.len() <= 100);
            for tube in &order.tubes {
                assert!(numbers.insert(tube.number.clone()), "{} twice", tube.number);
                assert!(order.items.iter().any(|item| item.tube.as_ref() == Some(&tube.number)));
            }
            let keys: HashSet<_> = order.items.iter().map(|item| &item.code.local).collect();
            assert_eq!(keys.len(), order.items.len(), "each item once");
        }
        assert!(made.iter().any(|made| made.order.items.iter().any(|i| i.code.jlac10.is_none())));
        let again = lab_orders(5, &clinic, 400);
        assert!(made.iter().zip(&again).all(|(a, b)| a.order == b.order));
        assert_ne!(made[0].order, lab_orders(6, &clinic, 1)[0].order);
    }

    #[test]
    fn every_item_of_a_set_is_in_the_catalogue() {
        for (name, keys) in LAB_SETS {
            for key in keys {
                let item = codes::labs::by_key(key);
                assert!(item.is_some_and(|item| item.container.is_some()), "{name}: {key}");
            }
        }
    }
}
