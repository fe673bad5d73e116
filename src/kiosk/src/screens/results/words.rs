//! Results in words.

use clinical::calendar;
use clinical::lab::{Flag, LabResult, ResultStatus};
use jiff::civil::Date;

use crate::app::model::Desk;
use crate::i18n::Lang;

/// The value as the laboratory wrote it; that there will be none.
pub fn value(desk: &Desk, result: &LabResult) -> String {
    let told = result.value.0.trim();
    match (result.status, told.is_empty()) {
        (ResultStatus::Cancelled, true) => desk.t("results.cancelled").to_owned(),
        (_, true) => desk.t("results.no_value").to_owned(),
        _ => told.to_owned(),
    }
}

/// What a flag means: `高い`, `パニック値（低い）`; nothing for a normal value.
pub fn flag(desk: &Desk, flag: Flag) -> &'static str {
    match flag {
        Flag::Normal => "",
        Flag::Low => desk.t("results.low"),
        Flag::High => desk.t("results.high"),
        Flag::PanicLow => desk.t("results.panic_low"),
        Flag::PanicHigh => desk.t("results.panic_high"),
        Flag::Abnormal => desk.t("results.abnormal"),
    }
}

/// Whether it may still change; nothing for a final one.
pub fn status(desk: &Desk, result: &LabResult) -> Option<&'static str> {
    match result.status {
        ResultStatus::Preliminary => Some(desk.t("results.preliminary")),
        ResultStatus::Cancelled => Some(desk.t("results.cancelled")),
        ResultStatus::Corrected => Some(desk.t("results.corrected")),
        ResultStatus::Final if result.replaces.is_some() => Some(desk.t("results.corrected")),
        ResultStatus::Final => None,
    }
}

/// `K 6.8 HH`.
pub fn short(desk: &Desk, result: &LabResult) -> String {
    let text = format!("{} {} {}", name(result), value(desk, result), result.flag.mark());
    text.trim_end().to_owned()
}

/// The short name; the name where there is none.
pub fn name(result: &LabResult) -> &str {
    if result.abbr.trim().is_empty() { &result.name } else { &result.abbr }
}

/// The day, large: `11/22(日)`; and the year over it, small: `令和8年` would be too wide, so `R8`.
pub fn day(desk: &Desk, date: Date) -> (String, String) {
    let small = match desk.lang {
        Lang::Ja => {
            let short = calendar::wareki_short(date);
            short.split('.').next().map_or_else(|| date.year().to_string(), str::to_owned)
        }
        Lang::En => date.year().to_string(),
    };
    (small, format!("{}/{}", date.month(), date.day()))
}

/// All that a cell says.
pub fn spoken(desk: &Desk, result: &LabResult, date: Date) -> String {
    let mut parts = vec![name(result).to_owned(), value(desk, result), result.unit.clone()];
    parts.push(result.flag.mark().to_owned());
    parts.push(flag(desk, result.flag).to_owned());
    parts.extend(status(desk, result).map(str::to_owned));
    parts.push(date.to_string());
    parts.retain(|part| !part.trim().is_empty());
    parts.join(" ")
}
