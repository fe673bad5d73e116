//! Addresses in a town that is on no map, and telephone numbers that ring nowhere.

use clinical::Address;

use super::Prng;

/// Part of the town, the last four digits of its postal code. No Japanese postal code begins with 000.
const PARTS: [(&str, &str); 14] = [
    ("中央", "0011"),
    ("本町", "0012"),
    ("見本台", "0013"),
    ("北町", "0021"),
    ("南町", "0022"),
    ("東が丘", "0023"),
    ("西ヶ原", "0024"),
    ("港", "0031"),
    ("栄町", "0032"),
    ("緑が丘", "0033"),
    ("旭町", "0041"),
    ("若葉", "0042"),
    ("字大沢", "0051"),
    ("字新田", "0052"),
];

const HOUSES: [&str; 6] =
    ["見本マンション", "コーポ若葉", "サンプルハイツ", "メゾン標準", "県営見本団地", "ひまわり荘"];

/// Digits as the receipt computer wants them in text.
pub(super) fn full_width(digits: &str) -> String {
    digits
        .chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
            ' ' => '　',
            c => c,
        })
        .collect()
}

/// A home.
pub(super) fn address(rng: &mut Prng) -> Address {
    let (part, postal) = rng.pick(&PARTS);
    let (block, lot, house) = (rng.between(1, 6), rng.between(1, 28), rng.between(1, 20));
    let line1 = format!("見本県見本市{part}");
    let mut line2 = if part.starts_with('字') {
        full_width(&format!("{}番地", block * 100 + lot))
    } else {
        full_width(&format!("{block}丁目{lot}-{house}"))
    };
    if rng.chance(30) {
        let room = rng.between(1, 6) * 100 + rng.between(1, 8);
        line2.push('　');
        line2.push_str(rng.pick(&HOUSES));
        line2.push_str(&full_width(&format!("{room}号")));
    }
    Address { postal_code: format!("000{postal}"), line1, line2 }
}

/// None to two telephone numbers. Area code 0000 and the mobile block 0000 are not given out.
pub(super) fn phones(rng: &mut Prng, age: u16) -> Vec<String> {
    let mut phones = Vec::new();
    if rng.chance(if age >= 60 { 85 } else { 35 }) {
        phones.push(format!("0000-{:02}-{:04}", rng.below(100), rng.below(10_000)));
    }
    if rng.chance(if age >= 75 { 50 } else { 92 }) {
        let line = rng.pick(&["070", "080", "090"]);
        phones.push(format!("{line}-0000-{:04}", rng.below(10_000)));
    }
    phones
}
