//! Orders for the bill, grown from the clinic's patients.

use clinical::{BillingOrder, OrderGroup, OrderItem, Patient};
use jiff::civil::Time;

use super::{Clinic, PHYSICIANS, Prng};

type Act = (&'static str, &'static str);

// Codes and names are those of the national master of acts (支払基金 診療行為マスター, s_ALL20240531): the
// fees of consultation and management, and the examinations as they are billed. What the receipt computer
// adds by itself (判断料, 採血料, 外来管理加算) is left out.
const FIRST_VISIT: Act = ("111000110", "初診料");
const RETURN_VISIT: Act = ("112007410", "再診料");
const CHRONIC: [Act; 3] = [
    ("113001810", "特定疾患療養管理料（診療所）"),
    ("113707110", "生活習慣病管理料２"),
    ("113002910", "難病外来指導管理料"),
];
const EXAMINATIONS: [Act; 18] = [
    ("160000310", "尿一般"),
    ("160008010", "末梢血液一般検査"),
    ("160010010", "ＨｂＡ１ｃ"),
    ("160019010", "ＢＵＮ"),
    ("160019210", "クレアチニン"),
    ("160019310", "ＵＡ"),
    ("160019410", "グルコース"),
    ("160020410", "γ－ＧＴ"),
    ("160020910", "ＴＧ"),
    ("160021110", "ナトリウム及びクロール"),
    ("160021410", "カリウム"),
    ("160022510", "ＡＳＴ"),
    ("160022610", "ＡＬＴ"),
    ("160023410", "ＨＤＬ－コレステロール"),
    ("160031710", "ＴＳＨ"),
    ("160054710", "ＣＲＰ"),
    ("160068410", "ＥＣＧ１２"),
    ("160167250", "ＬＤＬ－コレステロール"),
];
/// Keeps this stream apart from those of the people and of the day.
const STREAM: u64 = 0x00BD_0000;

/// `count` orders of the clinic's day, for its living patients in turn. The same seed gives the same orders.
pub fn orders(seed: u64, clinic: &Clinic, count: usize) -> Vec<BillingOrder> {
    let patients = clinic.patients().iter().filter(|p| !p.deceased && !p.test_patient);
    (0_u64..)
        .zip(patients.cycle())
        .take(count)
        .map(|(at, patient)| order(&mut Prng::of(seed ^ STREAM, at), clinic, patient))
        .collect()
}

fn order(rng: &mut Prng, clinic: &Clinic, patient: &Patient) -> BillingOrder {
    let today = clinic.today();
    let age = patient.birth_date.and_then(|birth| clinical::calendar::age(birth, today));
    let child = age.is_some_and(|age| age < 15);
    let (physician, ..) = if child { PHYSICIANS[1] } else { rng.pick(&PHYSICIANS) };
    let first = patient.first_visit.is_none_or(|day| day == today);
    let visit =
        if first { ("110", "初診", FIRST_VISIT) } else { ("120", "再診", RETURN_VISIT) };
    let mut groups = vec![group(visit.0, visit.1, &[visit.2])];
    if !first && age.is_some_and(|age| age >= 40) && rng.chance(50) {
        groups.push(group("130", "医学管理", &[rng.pick(&CHRONIC)]));
    }
    if rng.chance(60) {
        groups.push(group("600", "検査", &examinations(rng)));
    }
    let combination = patient.insurance_on(today).map(|combination| combination.number.clone());
    BillingOrder {
        patient: patient.number.clone(),
        performed_on: today,
        performed_at: clock(rng),
        department: if child { "09" } else { "01" }.to_owned(),
        physician: physician.to_owned(),
        insurance_combination: combination.unwrap_or_default(),
        groups,
    }
}

/// From one to eight of them, each once.
fn examinations(rng: &mut Prng) -> Vec<Act> {
    let mut left = EXAMINATIONS.to_vec();
    (0..rng.between(1, 8))
        .map(|_| {
            let at = usize::try_from(rng.below(left.len() as u64)).unwrap_or(0);
            left.swap_remove(at)
        })
        .collect()
}

fn group(class: &str, class_name: &str, acts: &[Act]) -> OrderGroup {
    let items = acts.iter().map(|(code, name)| OrderItem {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        quantity: "1".to_owned(),
    });
    OrderGroup {
        class: class.to_owned(),
        class_name: class_name.to_owned(),
        count: 1,
        items: items.collect(),
    }
}

/// Some time of the morning.
fn clock(rng: &mut Prng) -> Option<Time> {
    let mut part = |low, high| i8::try_from(rng.between(low, high)).unwrap_or(0);
    Time::new(part(9, 11), part(0, 59), part(0, 59), 0).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn orders_are_such_as_the_receipt_computer_takes() {
        let clinic = Clinic::generate(5, 300, date(2026, 4, 6));
        let made = orders(5, &clinic, 400);
        assert_eq!(made.len(), 400, "more orders than patients go round again");
        let mut classes = HashSet::new();
        for order in &made {
            assert_eq!(order.check(), [], "{}", order.patient);
            let patient = clinic.patient(&order.patient).unwrap();
            assert!(!patient.deceased && !patient.test_patient);
            assert!(matches!(order.groups[0].class.as_str(), "110" | "120"), "fee first");
            for group in &order.groups {
                let codes: HashSet<_> = group.items.iter().map(|item| &item.code).collect();
                assert_eq!(codes.len(), group.items.len(), "each act once");
                classes.insert(group.class.clone());
            }
        }
        assert!(["120", "130", "600"].iter().all(|class| classes.contains(*class)), "{classes:?}");
        assert_eq!(made, orders(5, &clinic, 400));
        assert_ne!(made, orders(6, &clinic, 400));
    }
}
