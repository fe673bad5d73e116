//! OBX-2 and OBX-5: what kind of value a result is.

use super::fields::Notes;
use super::out::parts;
use super::raw::Segment;

/// Type and field of a value.
pub(crate) fn write(value: &str) -> (&'static str, String) {
    if value.is_empty() {
        return ("", String::new());
    }
    if is_number(value) {
        return ("NM", value.to_owned());
    }
    for comparator in ["<=", ">=", "<", ">"] {
        if let Some(number) = value.strip_prefix(comparator).filter(|rest| is_number(rest)) {
            return ("SN", parts(&[comparator, number]));
        }
    }
    ("ST", parts(&[value]))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(fraction)
}

/// The value of an OBX as one text. The second value is a remark where the value cannot be told as text.
pub(crate) fn read(segment: &Segment, notes: &mut Notes) -> (String, Option<&'static str>) {
    let kind = segment.text(2).to_ascii_uppercase();
    let every = |one: &dyn Fn(super::raw::Parts<'_>) -> String| {
        let texts = segment.repetitions(5).map(one).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(" ")
    };
    let value = match kind.as_str() {
        "SN" => every(&|part| {
            let [comparator, first, between, second] = [1, 2, 3, 4].map(|at| part.component(at));
            format!("{comparator}{first}{between}{second}")
        }),
        "CWE" | "CE" | "CNE" | "CF" => every(&|part| {
            let text = part.component(2);
            if text.is_empty() { part.component(1) } else { text }
        }),
        "ED" | "RP" => {
            notes.warn(segment, 5, "an attached file; not readable here");
            return (String::new(), Some("（添付データがあります。この画面では開けません）"));
        }
        _ => segment.whole(5),
    };
    (value, None)
}
