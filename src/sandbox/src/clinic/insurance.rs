//! Insurance and public expense that fit a person's age.
//!
//! Prefecture 48 does not exist, so no number here is anybody's; check digits are right.

use clinical::{HealthInsurance, InsuranceCombination, PublicExpense};
use jiff::civil::{Date, date};

use super::Prng;
use super::places::full_width;

/// Check digit (検証番号) of an insurer, payer or recipient number: digits weighted 2, 1, 2 … from the right, the
/// digits of each product summed, and what is missing to the next ten.
pub fn check_digit(digits: &str) -> u8 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .enumerate()
        .map(|(at, b)| {
            let product = u32::from(b - b'0') * if at % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn checked(digits: &str) -> String {
    format!("{digits}{}", check_digit(digits))
}

/// The person to insure.
pub(super) struct Insured {
    pub birth: Date,
    pub age: u16,
    pub today: Date,
    pub last_visit: Date,
    pub female: bool,
    /// The demo's patient, whose insurance is told in its pictures.
    pub fixed_self_30: bool,
    /// Everything in order: no lapsed card, no public assistance.
    pub in_order: bool,
}

/// Kinds of health insurance: class, short name.
const KYOKAI: (&str, &str) = ("009", "協会");
const KUMIAI: (&str, &str) = ("006", "組合");
const KOKUHO: (&str, &str) = ("060", "国保");
const KOUKI: (&str, &str) = ("039", "後期高齢");

/// All combinations of a person, the numbers as the receipt computer gives them.
pub(super) fn combinations(rng: &mut Prng, of: &Insured) -> Vec<InsuranceCombination> {
    if !of.in_order && of.age >= 20 && rng.chance(2) {
        return vec![public_assistance(rng, of)];
    }
    let mut all = Vec::new();
    let turned_75 = birthday(of.birth, 75);
    if of.age >= 75 {
        if of.age < 77 {
            let before = Insured { age: 74, today: eve(turned_75), ..*of };
            let mut former = employee_or_town(rng, &before);
            former.valid_to = Some(eve(turned_75));
            all.push(former);
        }
        all.push(late_elderly(rng, of, turned_75));
    } else {
        all.push(employee_or_town(rng, of));
    }
    if !of.in_order && (15..85).contains(&of.age) && rng.chance(4) {
        let current = all[all.len() - 1].clone();
        all.push(with_public_expense(rng, of, current));
    }
    for (at, combination) in all.iter_mut().enumerate() {
        combination.number = format!("{:04}", at + 1);
    }
    // A card that ran out and was not shown again: the counter must ask.
    if !of.in_order && (20..70).contains(&of.age) && rng.chance(2) {
        let lapsed = eve(last_august(of.today));
        for combination in &mut all {
            combination.valid_to =
                combination.valid_to.map_or(Some(lapsed), |to| Some(to.min(lapsed)));
            combination.valid_from = combination.valid_from.map(|from| from.min(lapsed));
        }
    }
    all
}

fn combination(of: &Insured, health: Option<HealthInsurance>, share: u8) -> InsuranceCombination {
    InsuranceCombination {
        number: "0001".to_owned(),
        health,
        public: Vec::new(),
        share_percent: Some(share),
        valid_from: None,
        valid_to: None,
        checked_on: Some(of.last_visit),
    }
}

fn health(
    rng: &mut Prng,
    kind: (&str, &str),
    insurer: String,
    symbol: &str,
    insured_self: bool,
) -> HealthInsurance {
    let branch = if insured_self { 1 } else { rng.between(2, 4) };
    HealthInsurance {
        class: kind.0.to_owned(),
        name: kind.1.to_owned(),
        insurer_number: insurer,
        symbol: full_width(symbol),
        number: full_width(&format!("{}", rng.between(1, 99_999))),
        branch: format!("{branch:02}"),
        insured_self: Some(insured_self),
    }
}

/// 国保, 協会 or 組合, for everyone under 75.
fn employee_or_town(rng: &mut Prng, of: &Insured) -> InsuranceCombination {
    let town_percent = match of.age {
        65.. => 75,
        20.. => 30,
        _ => 25,
    };
    let town = rng.chance(town_percent) || of.fixed_self_30;
    let dependant = of.age < 20
        || (!town && (20..75).contains(&of.age) && rng.chance(if of.female { 40 } else { 5 }));
    let health = if town {
        let insurer = checked(&format!("48{:03}", rng.pick(&[1, 1, 1, 2, 15])));
        health(rng, KOKUHO, insurer, "見本", !dependant)
    } else if rng.chance(70) {
        let symbol = format!("{}", rng.between(10_000_000, 99_999_999));
        health(rng, KYOKAI, checked("0148001"), &symbol, !dependant)
    } else {
        let insurer = checked(&format!("0648{:03}", rng.pick(&[12, 27, 101])));
        let symbol = format!("{}", rng.between(10, 999));
        health(rng, KUMIAI, insurer, &symbol, !dependant)
    };
    let share = if of.fixed_self_30 { 30 } else { share_under_75(rng, of) };
    let mut combination = combination(of, Some(health), share);
    let start = Date::new(of.today.year() - 1 - i16::try_from(rng.below(6)).unwrap_or(0), 4, 1)
        .unwrap_or(of.birth);
    combination.valid_from = Some(start.max(of.birth));
    if town {
        combination.valid_from = Some(last_august(of.today).max(of.birth));
        combination.valid_to = Some(eve(next_august(of.today)));
    }
    if of.age >= 70 {
        let last = eve(birthday(of.birth, 75));
        combination.valid_to = Some(combination.valid_to.map_or(last, |to| to.min(last)));
    }
    combination
}

fn share_under_75(rng: &mut Prng, of: &Insured) -> u8 {
    if before_school(of.birth, of.today) {
        return 20;
    }
    if of.age >= 70 {
        return if rng.chance(10) { 30 } else { 20 };
    }
    30
}

/// 義務教育就学前: until the 31 March on or after the sixth birthday; who was born on 1 April goes with the older.
fn before_school(birth: Date, today: Date) -> bool {
    let sixth = eve(birthday(birth, 6));
    let year =
        if (sixth.month(), sixth.day()) <= (3, 31) { sixth.year() } else { sixth.year() + 1 };
    Date::new(year, 3, 31).is_ok_and(|end| today <= end)
}

/// 後期高齢者医療.
fn late_elderly(rng: &mut Prng, of: &Insured, turned_75: Date) -> InsuranceCombination {
    let share = match rng.below(100) {
        0..72 => 10,
        72..92 => 20,
        _ => 30,
    };
    let insurer = checked(&format!("3948{:03}", rng.pick(&[201, 202, 203])));
    let mut health = health(rng, KOUKI, insurer, "", true);
    // No symbol and no branch: the number alone, eight digits with its own check digit.
    health.number = full_width(&checked(&format!("{:07}", rng.between(1, 9_999_999))));
    health.branch = String::new();
    let mut combination = combination(of, Some(health), share);
    combination.valid_from = Some(last_august(of.today).max(turned_75));
    combination.valid_to = Some(eve(next_august(of.today)));
    combination
}

/// 生活保護: public expense alone.
fn public_assistance(rng: &mut Prng, of: &Insured) -> InsuranceCombination {
    let mut combination = combination(of, None, 0);
    combination.public.push(expense(rng, of, "012", "生活保護", "1248001"));
    combination
}

/// The same insurance with a public expense on top, for the visits it pays for.
fn with_public_expense(
    rng: &mut Prng,
    of: &Insured,
    mut combination: InsuranceCombination,
) -> InsuranceCombination {
    let share = combination.share_percent.unwrap_or(30);
    let (public, most) = if rng.chance(60) {
        (expense(rng, of, "021", "精神通院", "2148601"), 10)
    } else {
        (expense(rng, of, "054", "難病", "5448601"), 20)
    };
    combination.public.push(public);
    combination.share_percent = Some(share.min(most));
    combination
}

fn expense(rng: &mut Prng, of: &Insured, class: &str, name: &str, payer: &str) -> PublicExpense {
    let from = Date::new(of.today.year() - 1, 10, 1).unwrap_or(of.today);
    let until = Date::new(of.today.year() + 1, 9, 30).unwrap_or(Date::MAX);
    PublicExpense {
        class: class.to_owned(),
        name: name.to_owned(),
        payer_number: checked(payer),
        recipient_number: checked(&format!("{:06}", rng.between(1, 999_999))),
        valid_from: Some(from),
        valid_to: Some(until),
    }
}

/// The day on which a person turns `years`.
fn birthday(birth: Date, years: i16) -> Date {
    let year = birth.year() + years;
    Date::new(year, birth.month(), birth.day()).unwrap_or_else(|_| date(year, 3, 1))
}

fn eve(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

/// Cards are renewed on 1 August.
fn last_august(today: Date) -> Date {
    let year = if today.month() >= 8 { today.year() } else { today.year() - 1 };
    date(year, 8, 1)
}

fn next_august(today: Date) -> Date {
    date(last_august(today).year() + 1, 8, 1)
}
