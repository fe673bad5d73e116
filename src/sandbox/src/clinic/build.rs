//! Puts patients together.

use clinical::{Patient, PatientNumber, PersonName, Sex};
use jiff::ToSpan;
use jiff::civil::Date;

use super::insurance::{self, Insured};
use super::people::{self, PEOPLE, Person};
use super::{Prng, names, places, safety};

/// Age bands of an internal-medicine clinic: youngest, oldest, weight.
const AGES: [(i64, i64, u64); 10] = [
    (0, 5, 2),
    (6, 14, 3),
    (15, 29, 6),
    (30, 44, 10),
    (45, 59, 17),
    (60, 69, 18),
    (70, 79, 24),
    (80, 89, 16),
    (90, 97, 4),
    (98, 103, 1),
];

/// All patients by number: the people of the demo and as many others as are wanted.
pub(super) fn patients(seed: u64, count: usize, today: Date) -> Vec<Patient> {
    let others = count.saturating_sub(PEOPLE.len());
    let is_person = |number: &u32| PEOPLE.iter().any(|p| p.number == *number);
    let mut numbers: Vec<(u32, Option<&Person>)> = (1..)
        .filter(|number| !is_person(number))
        .take(others)
        .map(|number| (number, None))
        .chain(PEOPLE.iter().map(|p| (p.number, Some(p))))
        .collect();
    numbers.sort_by_key(|(number, _)| *number);
    numbers
        .into_iter()
        .filter_map(|(number, person)| patient(seed, number, person, today))
        .collect()
}

/// The second patient and one in a thousand are the clinic's own, for trying things out.
fn is_test_patient(number: u32) -> bool {
    number == 2 || number % 1000 == 999
}

/// `None` cannot happen: five to ten digits are always a number.
fn patient(seed: u64, number: u32, person: Option<&Person>, today: Date) -> Option<Patient> {
    let mut rng = Prng::of(seed, u64::from(number));
    let rng = &mut rng;
    let birth = person.map_or_else(|| birth_date(rng, today), |p| p.birth);
    let age = clinical::calendar::age(birth, today).unwrap_or(0);
    let sex =
        person.map_or_else(|| if rng.chance(54) { Sex::Female } else { Sex::Male }, |p| p.sex);
    let family = person.map_or_else(|| names::family(rng), |p| p.family);
    let given = person.map_or_else(|| names::given(rng, sex, age), |p| p.given);
    let test_patient = person.is_none() && is_test_patient(number);
    let name = if test_patient {
        names::joined(("テスト", "テスト"), ("患者", "カンジャ"))
    } else {
        names::joined(family, given)
    };
    let deceased = person.is_none() && !test_patient && age >= 65 && rng.chance(3);
    let (first_visit, last_visit) = visits(rng, person.is_some(), deceased, birth, today);
    let insured = Insured {
        birth,
        age,
        today,
        last_visit: if number == people::TARO { today } else { last_visit },
        female: sex == Sex::Female,
        fixed_self_30: number == people::TARO,
        in_order: person.is_some(),
    };
    let insurance = insurance::combinations(rng, &insured);
    let may_be_pregnant = sex == Sex::Female && (20..=44).contains(&age);
    let safety = match person {
        Some(person) => people::remarks(person.number),
        None => safety::remarks(rng, may_be_pregnant),
    };
    Some(Patient {
        number: PatientNumber::parse(&format!("{number:05}")).ok()?,
        householder: householder(rng, family, &name, sex, age),
        name,
        birth_date: Some(birth),
        sex,
        address: places::address(rng),
        phones: places::phones(rng, age),
        insurance,
        safety,
        first_visit: Some(first_visit),
        last_visit: Some(last_visit),
        test_patient,
        deceased,
    })
}

fn birth_date(rng: &mut Prng, today: Date) -> Date {
    let (youngest, oldest, _) = *rng.weighted(&AGES, |(.., weight)| *weight);
    let years = rng.between(youngest, oldest);
    // The youngest may be born this very day.
    today.saturating_sub(years.years()).saturating_sub(rng.between(0, 364).days())
}

/// First and last visit. Most come every few weeks; a few have not been seen for years.
fn visits(rng: &mut Prng, person: bool, deceased: bool, birth: Date, today: Date) -> (Date, Date) {
    let last_days = if person {
        28
    } else if deceased || rng.chance(12) {
        rng.between(200, 2000)
    } else {
        rng.between(1, 100)
    };
    let last = today.saturating_sub(last_days.days()).max(birth);
    let first_days = if person { rng.between(2000, 5000) } else { rng.between(0, 7000) };
    let first = last.saturating_sub(first_days.days()).max(birth);
    (first, last)
}

/// Half of the grown-ups head their household; the others share the family name with who does.
fn householder(
    rng: &mut Prng,
    family: (&'static str, &'static str),
    name: &PersonName,
    sex: Sex,
    age: u16,
) -> String {
    let own = age >= 20 && rng.chance(if sex == Sex::Male { 80 } else { 40 });
    if own {
        return name.kanji.clone();
    }
    let head_age = if age < 20 { 45 } else { age };
    names::joined(family, names::given(rng, Sex::Male, head_age)).kanji
}
