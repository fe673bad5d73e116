//! What the laboratory measures. Grown from seed, patient and specimen, so that a patient's values hang together over
//! the years; the ranges are the catalogue's, and where it has none, those of a laboratory that does not exist.

use clinical::Sex;
use clinical::lab::{Flag, LabCode, ReferenceRange, ReportedResult, ResultStatus, ResultValue};
use jiff::civil::DateTime;

use crate::clinic::Prng;

/// What happens to a specimen on its way through the laboratory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fate {
    /// Half of the results come first, one of them preliminary, the others later.
    pub partial: bool,
    /// One result is corrected after all were told.
    pub corrected: bool,
    /// The red cells broke: a remark, and potassium, LD and AST too high.
    pub haemolysed: bool,
    /// Potassium so high that somebody must be told at once.
    pub panic: bool,
    /// The last test cannot be done.
    pub cancelled: bool,
}

impl Fate {
    /// What the seed has in store for a specimen.
    pub fn of(seed: u64, specimen: &str) -> Self {
        let mut rng = Prng::of(seed ^ 0xFA7E, mix(specimen));
        Self {
            partial: rng.chance(30),
            corrected: rng.chance(10),
            haemolysed: rng.chance(8),
            panic: rng.chance(5),
            cancelled: rng.chance(5),
        }
    }
}

/// A test to do.
#[derive(Debug, Clone)]
pub struct Test<'a> {
    /// Codes as ordered.
    pub code: &'a LabCode,
    /// Name as ordered.
    pub name: &'a str,
    /// Of whom; values of a person stay near each other.
    pub patient: &'a str,
    /// Ranges differ.
    pub sex: Option<Sex>,
    /// From which specimen.
    pub specimen: &'a str,
}

/// Limits with their unit; decimals as the laboratory tells them.
struct Range {
    low: Option<f64>,
    high: f64,
    decimals: usize,
    unit: String,
}

/// Tests whose answer is a word: key, the usual word, the other one.
const WORDS: [(&str, &str, &str); 13] = [
    ("U_PRO", "(-)", "(1+)"),
    ("U_GLU", "(-)", "(2+)"),
    ("U_BLD", "(-)", "(±)"),
    ("U_SED", "所見なし", "白血球 10-19/HPF"),
    ("FLU", "(-)", "A型(+)"),
    ("COVAG", "(-)", "(+)"),
    ("COVFLU", "(-)", "(+)"),
    ("STREP", "(-)", "(+)"),
    ("ADENO", "(-)", "(+)"),
    ("NORO", "(-)", "(+)"),
    ("HP_AB", "(-)", "(+)"),
    ("HIV", "(-)", "判定保留"),
    ("HCVAB", "(-)", "(+)"),
];

/// Ranges of this laboratory where the catalogue tells none: key, low, high.
const OWN: [(&str, &str, &str); 30] = [
    ("DIFF_NEUT", "40.0", "70.0"),
    ("DIFF_EOS", "0.0", "6.0"),
    ("DIFF_BASO", "0.0", "2.0"),
    ("DIFF_MONO", "2.0", "9.0"),
    ("DIFF_LYMP", "20.0", "50.0"),
    ("CYSC", "0.53", "0.95"),
    ("GLU_CAS", "70", "140"),
    ("IRI", "2.2", "12.4"),
    ("RF", "", "15"),
    ("ASO", "", "160"),
    ("CCP", "", "4.4"),
    ("IGE", "", "170"),
    ("SIGE", "", "0.34"),
    ("FT3", "2.30", "4.00"),
    ("FT4", "0.90", "1.70"),
    ("NTPROBNP", "", "125"),
    ("PSA", "", "4.00"),
    ("CEA", "", "5.0"),
    ("CA199", "", "37.0"),
    ("AFP", "", "10.0"),
    ("HBSAG_Q", "", "0.04"),
    ("HBSAB_Q", "", "9.9"),
    ("RPR", "", "0.9"),
    ("TPAB", "", "9.9"),
    ("B12", "180", "914"),
    ("FOLATE", "4.0", "19.9"),
    ("U_PROQ", "", "15"),
    ("U_ALB", "", "22.0"),
    ("U_ACR", "", "29.9"),
    ("FOB", "", "99"),
];

/// One result, as it will stand in the end.
pub fn measure(seed: u64, test: &Test<'_>, fate: Fate, at: DateTime) -> ReportedResult {
    let key = test.code.local.as_str();
    let mut person = Prng::of(seed ^ mix(test.patient), mix(key));
    let mut today = Prng::of(seed ^ mix(test.specimen), mix(key));
    let base = ReportedResult {
        code: test.code.clone(),
        name: test.name.to_owned(),
        value: ResultValue::default(),
        unit: String::new(),
        range: ReferenceRange::default(),
        flag: Flag::Normal,
        status: ResultStatus::Final,
        analysed_at: Some(at),
        comments: Vec::new(),
    };
    if let Some((_, usual, other)) = WORDS.iter().find(|(word, ..)| *word == key) {
        let odd = person.chance(15) && today.chance(70);
        return ReportedResult {
            value: ResultValue((*if odd { other } else { usual }).to_owned()),
            range: ReferenceRange((*usual).to_owned()),
            flag: if odd { Flag::Abnormal } else { Flag::Normal },
            ..base
        };
    }
    let Some(range) = range(key, test.sex) else {
        // A test that is not in the catalogue: a number without a range.
        let value = format!("{}.{}", today.between(1, 40), today.between(0, 9));
        return ReportedResult { value: ResultValue(value), ..base };
    };
    let (value, flag) = value(&range, key, fate, &mut person, &mut today);
    ReportedResult {
        value: ResultValue(value),
        range: ReferenceRange(range.text()),
        unit: range.unit,
        flag,
        ..base
    }
}

/// A value with its flag.
fn value(
    range: &Range,
    key: &str,
    fate: Fate,
    person: &mut Prng,
    today: &mut Prng,
) -> (String, Flag) {
    if key == "K" && fate.panic {
        return ("6.8".to_owned(), Flag::PanicHigh);
    }
    let low = range.low.unwrap_or(0.0);
    let width = range.high - low;
    // Where the person usually is, in hundredths of the range; one in five lies beyond it.
    let usual = match person.below(100) {
        0..=9 => person.between(104, 150),
        10..=19 => person.between(104, 240),
        20..=24 if range.low.is_some() => person.between(-25, -4),
        _ => person.between(12, 88),
    };
    let drift = today.between(-8, 8);
    let hundredths = i32::try_from((usual + drift).clamp(-40, 300)).unwrap_or(0);
    let mut place = f64::from(hundredths) / 100.0;
    if fate.haemolysed && matches!(key, "K" | "LD" | "AST") {
        place = place.max(1.0) + 0.3;
    }
    let number = low + width * place;
    let tiny = 10_f64.powi(-i32::try_from(range.decimals).unwrap_or(0));
    if range.low.is_none() && usual < 30 {
        // Below what the machine can tell.
        let limit = (range.high * 0.2).max(tiny);
        return (format!("<{limit:.*}", range.decimals), Flag::Normal);
    }
    let text = format!("{:.*}", range.decimals, number.max(0.0));
    let told: f64 = text.parse().unwrap_or(number);
    let flag = if told > range.high {
        Flag::High
    } else if range.low.is_some_and(|low| told < low) {
        Flag::Low
    } else {
        Flag::Normal
    };
    (text, flag)
}

impl Range {
    fn text(&self) -> String {
        let decimals = self.decimals;
        match self.low {
            Some(low) => format!("{low:.decimals$}-{:.decimals$}", self.high),
            None => format!("<={:.decimals$}", self.high),
        }
    }
}

/// The catalogue's range for this sex, else this laboratory's own.
fn range(key: &str, sex: Option<Sex>) -> Option<Range> {
    let item = codes::labs::by_key(key);
    let written = item.map(|item| item.reference_range.as_str()).unwrap_or_default();
    let letter = if sex == Some(Sex::Female) { "F " } else { "M " };
    let mut part = written;
    for piece in written.split(';').map(str::trim) {
        if piece.starts_with(letter) {
            part = piece.trim_start_matches(letter);
        }
    }
    let mut words = part.split_whitespace();
    let limits = words.next().unwrap_or_default();
    let unit = words.next().filter(|word| !word.starts_with('('));
    let catalogue = item.map(|item| item.unit.as_str()).unwrap_or_default();
    let unit = unit.unwrap_or(catalogue).to_owned();
    let (low, high) = match limits.trim_start_matches(['<', '=']) {
        upper if upper != limits => ("", upper),
        "" => OWN.iter().find(|(own, ..)| *own == key).map(|(_, low, high)| (*low, *high))?,
        both => both.split_once('-')?,
    };
    let decimals = high.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    Some(Range { low: low.parse().ok(), high: high.parse().ok()?, decimals, unit })
}

/// A number for a name, the same on every machine.
pub(super) fn mix(text: &str) -> u64 {
    // FNV-1a.
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn all(seed: u64, fate: Fate) -> Vec<ReportedResult> {
        let at = date(2026, 4, 6).at(15, 0, 0, 0);
        let items = codes::labs::all().iter().filter(|item| item.container.is_some());
        let mut results = Vec::new();
        for item in items {
            let code = LabCode { jlac10: item.jlac10.clone(), local: item.key.clone() };
            for specimen in ["260406010018", "260406010026"] {
                let test = Test {
                    code: &code,
                    name: &item.name,
                    patient: "00127",
                    sex: Some(Sex::Female),
                    specimen,
                };
                results.push(measure(seed, &test, fate, at));
            }
        }
        results
    }

    #[test]
    fn every_test_of_the_catalogue_has_a_value_whose_flag_fits_its_range() {
        let (mut high, mut low, mut below) = (0, 0, 0);
        for seed in 0..20 {
            for result in all(seed, Fate::default()) {
                assert!(!result.value.0.is_empty() && !result.range.0.is_empty(), "{result:?}");
                let (from, to) = result.range.bounds();
                let Some((comparator, number)) = result.value.number() else { continue };
                below += usize::from(comparator == clinical::lab::Comparator::Less);
                let expected = if to.is_some_and(|to| number > to) {
                    Flag::High
                } else if from.is_some_and(|from| number < from) {
                    Flag::Low
                } else {
                    Flag::Normal
                };
                assert_eq!(result.flag, expected, "{result:?}");
                high += usize::from(expected == Flag::High);
                low += usize::from(expected == Flag::Low);
            }
        }
        assert!(high > 100 && low > 20 && below > 20, "{high} {low} {below}");
    }

    #[test]
    fn fates_show_in_the_values() {
        let potassium = |fate| {
            let results = all(3, fate);
            results.into_iter().find(|result| result.code.local == "K").unwrap()
        };
        assert_eq!(potassium(Fate { panic: true, ..Fate::default() }).flag, Flag::PanicHigh);
        assert_eq!(potassium(Fate { haemolysed: true, ..Fate::default() }).flag, Flag::High);
        assert_eq!(all(3, Fate::default()), all(3, Fate::default()));
    }
}
