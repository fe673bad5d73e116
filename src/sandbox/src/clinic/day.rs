//! The plan of a clinic's day: who comes when, and how long each thing takes.

use clinical::{Department, MedicalContent, Patient, PatientNumber, Physician};
use jiff::civil::{Date, Time};

use super::{Clinic, Prng, content, department, names, physician};

/// Who stands at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// A patient of the clinic.
    Registered(PatientNumber),
    /// Accepted by name alone, not yet registered (未登録).
    WalkIn {
        /// As the receptionist wrote it.
        name: String,
    },
}

/// One visit of the plan. All times are of the clinic's wall clock, each no earlier than the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedVisit {
    /// Who comes.
    pub visitor: Visitor,
    /// Accepted at the counter.
    pub arrive_at: Time,
    /// Called in by the physician.
    pub seen_at: Time,
    /// Sent to an examination, if any.
    pub examined_at: Option<Time>,
    /// The bill is closed in the receipt computer.
    pub billed_at: Time,
    /// Where.
    pub department: Department,
    /// By whom.
    pub physician: Physician,
    /// What for.
    pub content: MedicalContent,
    /// Insurance combination number of the visit; `None` for a walk-in or a lapsed insurance.
    pub combination: Option<String>,
    /// Appointed time, for some.
    pub appointment: Option<Time>,
}

/// Seconds of the day.
type Second = i64;

const MORNING: (Second, Second) = (8 * 3600 + 1800, 12 * 3600);
const AFTERNOON: (Second, Second) = (15 * 3600, 18 * 3600);
/// The doors open before the physicians sit down.
const FIRST_CALL: Second = 8 * 3600 + 2700;
const HEAD: &str = "10001";
const DEPUTY: &str = "10002";
/// So many visits the two physicians manage at their usual pace.
const USUAL_VISITS: i64 = 80;

/// The people of the demo: number, minute of the day, content, physician, whether examined.
const FIXED: [(&str, Second, &str, &str, bool); 6] = [
    ("01530", 8 * 60 + 30, "01", HEAD, false),
    ("00127", 8 * 60 + 31, "01", HEAD, false),
    ("01873", 8 * 60 + 44, "01", HEAD, true),
    ("00942", 9 * 60 + 5, "02", HEAD, false),
    ("02210", 9 * 60 + 12, "01", DEPUTY, false),
    ("00388", 9 * 60 + 20, "07", HEAD, false),
];

/// A visit before the queues are known.
struct Wish {
    visitor: Visitor,
    arrive: Second,
    department: &'static str,
    physician: &'static str,
    content: &'static str,
    examined: bool,
    combination: Option<String>,
    appointment: Option<Second>,
}

/// Writes the day: `count` visits in the order of arrival, each patient at most once. A clinic with fewer
/// patients has fewer visits.
pub fn plan(seed: u64, clinic: &Clinic, today: Date, count: usize) -> Vec<PlannedVisit> {
    let day = u64::try_from(i64::from(today.year()) * 1000 + i64::from(today.day_of_year()));
    let mut rng = Prng::of(seed ^ 0x00DA_7000, day.unwrap_or(0));
    let mut wishes: Vec<Wish> =
        FIXED.iter().take(count).filter_map(|fixed| fixed_wish(clinic, today, fixed)).collect();
    let mut others = eligible(clinic);
    while wishes.len() < count {
        if count >= 20 && rng.below(40) == 0 {
            wishes.push(walk_in(&mut rng));
            continue;
        }
        if others.is_empty() {
            break;
        }
        let at = usize::try_from(rng.below(others.len() as u64)).unwrap_or(0);
        let patient = others.swap_remove(at);
        wishes.push(wish(&mut rng, patient, today));
    }
    wishes.sort_by_key(|wish| wish.arrive);
    queue(&mut rng, wishes)
}

/// Living patients who are nobody of the demo and no test patient.
fn eligible(clinic: &Clinic) -> Vec<&Patient> {
    let is_fixed = |p: &Patient| FIXED.iter().any(|(number, ..)| *number == p.number.as_str());
    clinic.patients().iter().filter(|p| !p.deceased && !p.test_patient && !is_fixed(p)).collect()
}

fn combination_of(patient: &Patient, today: Date) -> Option<String> {
    patient.insurance_on(today).map(|combination| combination.number.clone())
}

fn fixed_wish(
    clinic: &Clinic,
    today: Date,
    &(number, minute, content, physician, examined): &(
        &'static str,
        Second,
        &'static str,
        &'static str,
        bool,
    ),
) -> Option<Wish> {
    let patient = clinic.patient(&PatientNumber::parse(number).ok()?)?;
    Some(Wish {
        visitor: Visitor::Registered(patient.number.clone()),
        arrive: minute * 60,
        department: "01",
        physician,
        content,
        examined,
        combination: combination_of(patient, today),
        appointment: None,
    })
}

/// Two thirds come in the morning.
fn arrival(rng: &mut Prng) -> Second {
    let (open, close) = if rng.chance(64) { MORNING } else { AFTERNOON };
    rng.between(open, close - 1)
}

fn wish(rng: &mut Prng, patient: &Patient, today: Date) -> Wish {
    let age = patient.birth_date.and_then(|birth| clinical::calendar::age(birth, today));
    let child = age.is_some_and(|age| age < 15);
    let content = match rng.below(100) {
        0..68 => "01",
        68..80 => "02",
        80..83 => "03",
        83..87 => "04",
        87..89 => "05",
        89..93 => "06",
        _ => "07",
    };
    let examined = match content {
        "04" | "06" => true,
        "01" => rng.chance(25),
        _ => false,
    };
    let arrive = arrival(rng);
    let appointment = (content != "02" && rng.chance(30)).then(|| appointed(rng, arrive));
    Wish {
        visitor: Visitor::Registered(patient.number.clone()),
        arrive,
        department: if child { "09" } else { "01" },
        physician: if child || rng.chance(25) { DEPUTY } else { HEAD },
        content,
        examined,
        combination: combination_of(patient, today),
        appointment,
    }
}

/// On the quarter of an hour, from ten minutes before the arrival to half an hour after.
fn appointed(rng: &mut Prng, arrive: Second) -> Second {
    let around = arrive + rng.between(-600, 1800);
    (around / 900) * 900
}

fn walk_in(rng: &mut Prng) -> Wish {
    let sex = rng.pick(&[clinical::Sex::Male, clinical::Sex::Female]);
    let age = u16::try_from(rng.between(20, 80)).unwrap_or(40);
    let name = names::joined(names::family(rng), names::given(rng, sex, age)).kanji;
    Wish {
        visitor: Visitor::WalkIn { name },
        arrive: arrival(rng),
        department: "01",
        physician: HEAD,
        content: "01",
        examined: false,
        combination: None,
        appointment: None,
    }
}

/// Sends the visits through the physicians' rooms in the order of arrival.
fn queue(rng: &mut Prng, wishes: Vec<Wish>) -> Vec<PlannedVisit> {
    let count = i64::try_from(wishes.len()).unwrap_or(USUAL_VISITS).max(USUAL_VISITS);
    let at_pace = |seconds: Second| seconds * USUAL_VISITS / count;
    let mut head_free = FIRST_CALL;
    let mut deputy_free = FIRST_CALL;
    let mut visits = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let free = if wish.physician == HEAD { &mut head_free } else { &mut deputy_free };
        if wish.arrive >= AFTERNOON.0 {
            *free = (*free).max(AFTERNOON.0 + 300);
        }
        let seen = (*free).max(wish.arrive + rng.between(60, 240));
        let minutes = match wish.content {
            "01" => rng.between(4, 10),
            "06" => rng.between(6, 10),
            "02" => rng.between(1, 2),
            _ => rng.between(2, 5),
        };
        let left = seen + at_pace(minutes * 60 + rng.between(0, 59));
        *free = left;
        let (examined, ready) = if wish.examined {
            let examined = left + rng.between(30, 300);
            (Some(examined), examined + rng.between(300, 1200))
        } else {
            (None, left)
        };
        let billed = ready + rng.between(240, 840);
        visits.extend(planned(wish, seen, examined, billed));
    }
    visits
}

/// `None` cannot happen: the codes above are the clinic's own.
fn planned(
    wish: Wish,
    seen: Second,
    examined: Option<Second>,
    billed: Second,
) -> Option<PlannedVisit> {
    Some(PlannedVisit {
        visitor: wish.visitor,
        arrive_at: clock(wish.arrive),
        seen_at: clock(seen),
        examined_at: examined.map(clock),
        billed_at: clock(billed),
        department: department(wish.department)?,
        physician: physician(wish.physician)?,
        content: content(wish.content)?,
        combination: wish.combination,
        appointment: wish.appointment.map(clock),
    })
}

/// The wall clock at a second of the day; the day's last second for anything later.
fn clock(second: Second) -> Time {
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    let second = second.clamp(0, 86_399);
    Time::new(part(second / 3600), part(second / 60 % 60), part(second % 60), 0)
        .unwrap_or(Time::MAX)
}
