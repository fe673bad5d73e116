use std::collections::{HashMap, HashSet};

use clinical::calendar::age;
use clinical::search::{Query, SearchKeys};
use clinical::{InsuranceCombination, SafetyKind, Sex};
use jiff::civil::date;

use super::*;

const TODAY: Date = date(2026, 11, 22);

fn clinic() -> Clinic {
    Clinic::generate(7, 3000, TODAY)
}

fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).unwrap()
}

fn age_of(patient: &Patient) -> u16 {
    age(patient.birth_date.unwrap(), TODAY).unwrap()
}

/// Nothing that the receipt computer would want full-width is half-width.
#[track_caller]
fn full_width(text: &str) {
    assert!(!text.chars().any(|c| c.is_ascii() || matches!(c, '｡'..='ﾟ')), "{text}");
}

#[test]
fn a_seed_and_a_day_mean_one_clinic() {
    let clinic = clinic();
    assert_eq!(clinic.patients(), Clinic::generate(7, 3000, TODAY).patients());
    assert_ne!(clinic.patients(), Clinic::generate(8, 3000, TODAY).patients());
    let small = Clinic::generate(7, 50, TODAY);
    for patient in small.patients() {
        assert_eq!(clinic.patient(&patient.number), Some(patient), "the same in any company");
    }
}

#[test]
fn the_generator_itself_never_changes() {
    let mut rng = Prng::new(1);
    assert_eq!([rng.next(), rng.next()], [0x910A_2DEC_8902_5CC1, 0xBEEB_8DA1_658E_EC67]);
}

#[test]
fn every_number_is_one_patient() {
    for count in [6, 7, 100, 3000] {
        let clinic = Clinic::generate(1, count, TODAY);
        let numbers: HashSet<String> =
            clinic.patients().iter().map(|p| p.number.canonical()).collect();
        assert_eq!((clinic.patients().len(), numbers.len()), (count, count));
        assert!(clinic.patients().iter().all(|p| p.number.as_str().len() == 5));
        assert!(clinic.patients().is_sorted_by(|a, b| a.number < b.number));
    }
    assert_eq!(Clinic::generate(1, 0, TODAY).patients().len(), 6);
    assert_eq!(clinic().patient(&number("127")).unwrap().number.as_str(), "00127");
    assert!(clinic().patient(&number("99998")).is_none());
}

#[test]
fn the_people_of_the_demo_are_who_they_are() {
    for (no, kanji, kana, sex, years) in [
        ("00127", "処方　元", "ショホウ　ハジメ", Sex::Male, 84),
        ("01873", "厚労　太郎", "コウロウ　タロウ", Sex::Male, 71),
        ("00942", "患者　和子", "カンジャ　カズコ", Sex::Female, 79),
        ("02210", "診療　和広", "シンリョウ　カズヒロ", Sex::Male, 46),
        ("00388", "連携　理子", "レンケイ　リコ", Sex::Female, 91),
        ("01530", "検査　和夫", "ケンサ　カズオ", Sex::Male, 68),
    ] {
        for clinic in [clinic(), Clinic::generate(99, 6, TODAY)] {
            let patient = clinic.patient(&number(no)).unwrap();
            assert_eq!((patient.name.kanji.as_str(), patient.name.kana.as_str()), (kanji, kana));
            assert_eq!((patient.sex, age_of(patient)), (sex, years), "{kanji}");
            assert!(patient.insurance_on(TODAY).is_some());
            assert!(!patient.deceased && !patient.test_patient);
        }
    }
    let clinic = clinic();
    let taro = clinic.patient(&number("01873")).unwrap();
    assert_eq!(taro.birth_date, Some(date(1955, 3, 4)));
    let dangers: Vec<&str> = taro.dangers().map(|r| r.text.as_str()).collect();
    assert_eq!(dangers, ["ペニシリン系（発疹）", "ＮＳＡＩＤｓ（喘息）"]);
    let insurance = taro.insurance_on(TODAY).unwrap();
    let health = insurance.health.as_ref().unwrap();
    assert_eq!((health.name.as_str(), health.insured_self), ("国保", Some(true)));
    assert_eq!((insurance.share_percent, insurance.checked_on), (Some(30), Some(TODAY)));
}

#[test]
fn ages_are_those_of_an_internal_medicine_clinic() {
    let clinic = clinic();
    let ages: Vec<u16> = clinic.patients().iter().map(age_of).collect();
    let percent = |low, high| {
        ages.iter().filter(|age| (low..=high).contains(*age)).count() * 100 / ages.len()
    };
    assert!((48..=78).contains(&percent(60, 110)), "{}", percent(60, 110));
    assert!((2..=9).contains(&percent(0, 14)), "{}", percent(0, 14));
    assert!((10..=35).contains(&percent(15, 49)));
    assert!(ages.iter().all(|age| *age <= 104));
    let women = clinic.patients().iter().filter(|p| p.sex == Sex::Female).count();
    assert!((45..=63).contains(&(women * 100 / ages.len())));
}

#[test]
fn visits_lie_between_birth_and_today() {
    for patient in clinic().patients() {
        let (first, last) = (patient.first_visit.unwrap(), patient.last_visit.unwrap());
        assert!(patient.birth_date.unwrap() <= first && first <= last && last <= TODAY);
    }
}

#[test]
fn text_is_full_width_where_the_receipt_computer_wants_it() {
    for patient in clinic().patients() {
        full_width(&patient.name.kanji);
        full_width(&patient.name.kana);
        full_width(&patient.householder);
        full_width(&patient.address.line1);
        full_width(&patient.address.line2);
        assert_eq!(patient.name.kanji.matches('　').count(), 1, "{}", patient.name.kanji);
        let katakana = |c| matches!(c, 'ァ'..='ヶ' | 'ー' | '　');
        assert!(patient.name.kana.chars().all(katakana), "{}", patient.name.kana);
        assert!(patient.name.kanji.chars().count() <= 25);
        patient.safety.iter().for_each(|remark| full_width(&remark.text));
        for combination in &patient.insurance {
            if let Some(health) = &combination.health {
                full_width(&health.name);
                full_width(&health.symbol);
                full_width(&health.number);
            }
            combination.public.iter().for_each(|public| full_width(&public.name));
        }
    }
}

#[test]
fn nobody_can_be_called_or_written_to() {
    for patient in clinic().patients() {
        assert!(patient.phones.len() <= 2);
        for phone in &patient.phones {
            let parts: Vec<&str> = phone.split('-').collect();
            assert!(parts[0] == "0000" || parts[1] == "0000", "{phone}");
        }
        assert!(patient.address.postal_code.starts_with("000"));
        assert_eq!(patient.address.postal_code.len(), 7);
        assert!(patient.address.line1.starts_with("見本県見本市"));
    }
}

#[test]
fn names_that_give_trouble_are_there() {
    let clinic = clinic();
    let all: String = clinic.patients().iter().map(|p| p.name.kanji.as_str()).collect();
    for rare in ["髙", "﨑", "𠮷", "濵", "邊", "邉", "齋", "葛󠄀", "々", "ヱ"] {
        assert!(all.contains(rare), "{rare}");
    }
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for patient in clinic.patients() {
        *bearers.entry(&patient.name.kanji).or_default() += 1;
    }
    assert!(bearers.values().any(|count| *count > 1), "people of one name");
}

#[test]
fn everybody_is_found_by_kanji_kana_number_and_birth() {
    for patient in clinic().patients() {
        let keys = SearchKeys::of(&patient.number, &patient.name);
        let birth = patient.birth_date.unwrap();
        let era = clinical::calendar::wareki_short(birth);
        let kana = &patient.name.kana;
        for typed in
            [&patient.name.kanji, kana, &kana.replace('　', ""), patient.number.as_str(), &era]
        {
            let query = Query::parse(typed, TODAY);
            assert!(query.matches(&keys, Some(birth), patient.sex), "{typed}");
        }
    }
}

/// The number carries the right check digit.
#[track_caller]
fn checks(number: &str) {
    let (body, check) = number.split_at(number.len() - 1);
    assert_eq!(check_digit(body).to_string(), check, "{number}");
}

#[test]
fn check_digits_follow_the_published_rule() {
    // Two well-formed numbers of the receipt computer's own documentation.
    checks("01320027");
    checks("138057");
    assert_eq!(check_digit("0000000"), 0);
}

fn health_fits(combination: &InsuranceCombination, years: u16) {
    let share = combination.share_percent.unwrap();
    let Some(health) = &combination.health else {
        assert_eq!((share, combination.public.len()), (0, 1));
        return;
    };
    checks(&health.insurer_number);
    let shares: &[u8] = match (health.class.as_str(), combination.public.is_empty()) {
        ("039", true) => &[10, 20, 30],
        (_, true) if years >= 70 => &[20, 30],
        (_, true) if years < 6 => &[20],
        (_, true) => &[20, 30],
        (_, false) => &[10, 20],
    };
    assert!(shares.contains(&share), "{health:?} {share} at {years}");
    match health.class.as_str() {
        "039" => {
            assert!(years >= 75);
            assert!(health.insurer_number.starts_with("3948") && health.insurer_number.len() == 8);
        }
        "060" => assert!(years < 75 && health.insurer_number.len() == 6),
        "009" => assert!(years < 75 && health.insurer_number.starts_with("0148")),
        "006" => assert!(years < 75 && health.insurer_number.starts_with("0648")),
        other => panic!("class {other}"),
    }
    if years < 20 {
        assert_eq!(health.insured_self, Some(false));
    }
    let branch = if health.insured_self == Some(true) { ["01", ""] } else { ["02", "03"] };
    assert!(branch.contains(&health.branch.as_str()) || health.branch == "04");
}

#[test]
fn insurance_fits_the_age() {
    let clinic = clinic();
    let mut lapsed = 0;
    for patient in clinic.patients() {
        let years = age_of(patient);
        let numbers: HashSet<&str> = patient.insurance.iter().map(|c| c.number.as_str()).collect();
        assert_eq!(numbers.len(), patient.insurance.len());
        assert!(numbers.contains("0001"));
        lapsed += usize::from(patient.insurance_on(TODAY).is_none());
        for combination in patient.insurance.iter().filter(|c| c.covers(TODAY)) {
            health_fits(combination, years);
        }
        for combination in &patient.insurance {
            if let (Some(from), Some(to)) = (combination.valid_from, combination.valid_to) {
                assert!(from <= to, "{from} {to} of {:?}", patient.number);
            }
            for public in &combination.public {
                checks(&public.payer_number);
                checks(&public.recipient_number);
                assert!(public.payer_number.starts_with(&public.class[1..]));
                assert!(public.valid_from.unwrap() <= TODAY && TODAY <= public.valid_to.unwrap());
            }
        }
    }
    assert!((1..=60).contains(&lapsed), "{lapsed} whose card ran out");
}

#[test]
fn all_kinds_of_insurance_are_there() {
    let clinic = clinic();
    let all = || clinic.patients().iter().flat_map(|p| &p.insurance);
    for class in ["009", "006", "060", "039"] {
        assert!(all().filter_map(|c| c.health.as_ref()).any(|h| h.class == class), "{class}");
    }
    for class in ["012", "021", "054"] {
        assert!(all().flat_map(|c| &c.public).any(|p| p.class == class), "{class}");
    }
    assert!(
        clinic.patients().iter().any(|p| p.insurance.len() > 1 && !p.insurance[0].covers(TODAY)),
        "someone who turned 75 lately"
    );
}

#[test]
fn the_small_pay_less_until_school() {
    for (birth, today, share) in [
        (date(2020, 4, 1), date(2026, 3, 31), 20),
        (date(2020, 4, 1), date(2026, 4, 1), 30),
        (date(2020, 4, 2), date(2026, 4, 1), 20),
        (date(2020, 4, 2), date(2027, 4, 1), 30),
    ] {
        let insured = insurance::Insured {
            birth,
            age: age(birth, today).unwrap(),
            today,
            last_visit: today,
            female: false,
            fixed_self_30: false,
            in_order: true,
        };
        let all = insurance::combinations(&mut Prng::new(1), &insured);
        assert_eq!(all[0].share_percent, Some(share), "{birth} on {today}");
    }
}

#[test]
fn about_one_in_seven_has_remarks() {
    let clinic = clinic();
    let with = clinic.patients().iter().filter(|p| !p.safety.is_empty()).count();
    assert!((11..=19).contains(&(with * 100 / clinic.patients().len())), "{with}");
    let mut kinds = HashSet::new();
    for patient in clinic.patients() {
        for remark in &patient.safety {
            kinds.insert((remark.kind, remark.drug_code.is_some()));
            if let Some(code) = &remark.drug_code {
                assert_eq!(remark.kind, SafetyKind::Contraindication);
                assert!(code.len() == 9 && code.starts_with('6'));
            }
            let texts = patient
                .safety
                .iter()
                .filter(|r| r.kind == remark.kind && r.drug_code.is_none())
                .count();
            assert!(texts <= 2, "the receipt computer has two fields of a kind");
        }
    }
    assert_eq!(kinds.len(), 5, "four kinds of text, and forbidden drugs");
    assert!(clinic.patients().iter().any(|p| p.test_patient));
    assert!(clinic.patients().iter().any(|p| p.deceased));
}

fn registered(visit: &PlannedVisit) -> Option<&PatientNumber> {
    match &visit.visitor {
        Visitor::Registered(number) => Some(number),
        Visitor::WalkIn { .. } => None,
    }
}

#[test]
fn a_day_is_written_once_and_for_all() {
    let clinic = clinic();
    let day = plan(7, &clinic, TODAY, 80);
    assert_eq!(day, plan(7, &clinic, TODAY, 80));
    assert_ne!(day, plan(8, &clinic, TODAY, 80));
    assert_ne!(day, plan(7, &clinic, TODAY.tomorrow().unwrap(), 80));
    assert_eq!(day.len(), 80);
}

#[test]
fn a_day_is_one_that_can_happen() {
    let clinic = clinic();
    for (seed, count) in [(7, 80), (1, 6), (2, 30), (3, 500)] {
        let day = plan(seed, &clinic, TODAY, count);
        assert_eq!(day.len(), count);
        assert!(day.is_sorted_by(|a, b| a.arrive_at <= b.arrive_at));
        let numbers: Vec<_> = day.iter().filter_map(registered).collect();
        assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len(), "each comes once");
        let mut rooms: HashMap<&str, jiff::civil::Time> = HashMap::new();
        for visit in &day {
            a_visit_can_happen(&clinic, visit);
            if let Some(before) = rooms.insert(&visit.physician.code, visit.seen_at) {
                assert!(before <= visit.seen_at, "a physician sees one after the other");
            }
        }
    }
}

fn a_visit_can_happen(clinic: &Clinic, visit: &PlannedVisit) {
    let hour = visit.arrive_at.hour();
    let in_hours = (visit.arrive_at >= jiff::civil::time(8, 30, 0, 0) && hour < 12)
        || (15..18).contains(&hour);
    assert!(in_hours, "{}", visit.arrive_at);
    let seen = visit.examined_at.unwrap_or(visit.seen_at);
    assert!(visit.arrive_at < visit.seen_at && visit.seen_at <= seen && seen < visit.billed_at);
    assert!(visit.billed_at < jiff::civil::time(23, 0, 0, 0), "{}", visit.billed_at);
    assert!(visit.appointment.is_none_or(|at| at.minute() % 15 == 0 && at.second() == 0));
    assert_eq!(department(&visit.department.code).as_ref(), Some(&visit.department));
    assert_eq!(physician(&visit.physician.code).as_ref(), Some(&visit.physician));
    assert_eq!(content(&visit.content.code).as_ref(), Some(&visit.content));
    match &visit.visitor {
        Visitor::WalkIn { name } => {
            full_width(name);
            assert_eq!(visit.combination, None);
        }
        Visitor::Registered(number) => {
            let patient = clinic.patient(number).unwrap();
            assert!(!patient.deceased && !patient.test_patient);
            let shown = patient.insurance_on(TODAY).map(|c| c.number.clone());
            assert_eq!(visit.combination, shown);
            assert_eq!(visit.department.code == "09", age_of(patient) < 15);
        }
    }
}

#[test]
fn a_day_has_some_of_everything() {
    let day = plan(7, &clinic(), TODAY, 80);
    assert!(day.iter().any(|v| matches!(v.visitor, Visitor::WalkIn { .. })));
    assert!(day.iter().any(|v| v.examined_at.is_some()));
    assert!(day.iter().any(|v| v.appointment.is_some()));
    assert!(day.iter().any(|v| v.arrive_at.hour() >= 15));
    for physician in PHYSICIANS {
        assert!(day.iter().any(|v| v.physician.code == physician.0));
    }
    let contents: HashSet<&str> = day.iter().map(|v| v.content.code.as_str()).collect();
    assert!(contents.len() >= 4, "{contents:?}");
    let early = |no: &str| {
        let no = number(no);
        day.iter().find(|v| registered(v) == Some(&no)).map(|v| v.arrive_at)
    };
    assert_eq!(early("01873"), Some(jiff::civil::time(8, 44, 0, 0)));
    for person in ["00127", "00942", "02210", "00388", "01530"] {
        assert!(early(person).is_some_and(|at| at < jiff::civil::time(9, 30, 0, 0)), "{person}");
    }
}

#[test]
fn a_small_clinic_has_a_small_day() {
    let clinic = Clinic::generate(1, 10, TODAY);
    let day = plan(1, &clinic, TODAY, 15);
    assert!((6..=10).contains(&day.len()), "{}", day.len());
    assert!(plan(1, &clinic, TODAY, 0).is_empty());
}

#[test]
fn staff_can_sign_in_and_be_told_apart() {
    let logins: HashSet<&str> = STAFF.iter().map(|s| s.login).collect();
    assert_eq!(logins.len(), STAFF.len());
    for staff in STAFF {
        let password = staff.password;
        assert!(password.len() >= 13, "{}", staff.login);
        assert!(password.chars().any(|c| c.is_ascii_uppercase()));
        assert!(password.chars().any(|c| c.is_ascii_lowercase()));
        assert!(password.chars().any(|c| c.is_ascii_digit()));
        assert!(!password.to_lowercase().contains(staff.login));
    }
    assert_eq!(department("01").unwrap().name, "内科");
    assert_eq!(physician("10001").unwrap().name, "見本　院長");
    assert_eq!(content("07").unwrap().name, "予防注射");
    assert!(department("77").is_none() && physician("1").is_none() && content("").is_none());
}
