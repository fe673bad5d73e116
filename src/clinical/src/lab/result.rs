//! Results (検査結果).

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use uuid::Uuid;

use super::item::LabCode;
use super::order::Done;
use crate::patient::PatientNumber;

/// One result of one item from one specimen. Never changed: a corrected one is another, which names what it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabResult {
    /// Named by the cloud.
    pub id: Uuid,
    /// Whose.
    pub patient: PatientNumber,
    /// The order.
    pub order: Uuid,
    /// The message it came in.
    pub report: Uuid,
    /// Specimen number as the laboratory wrote it.
    pub specimen: String,
    /// Codes: the catalogue's where the item is known, else the laboratory's.
    pub code: LabCode,
    /// Name.
    pub name: String,
    /// Short name; the name where there is none.
    pub abbr: String,
    /// The value.
    pub value: ResultValue,
    /// Unit as the laboratory wrote it.
    pub unit: String,
    /// Reference range as the laboratory wrote it; empty where it told none.
    pub range: ReferenceRange,
    /// Whether it is out of range.
    pub flag: Flag,
    /// Whether it may still change.
    pub status: ResultStatus,
    /// When the specimen was taken, by the clinic's wall clock.
    #[schema(value_type = Option<String>, example = "2026-11-22T09:53:00")]
    pub collected_at: Option<DateTime>,
    /// When the result was stored.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The laboratory's remarks: 軽度溶血.
    pub comments: Vec<String>,
    /// The result that it replaced.
    pub replaces: Option<Uuid>,
    /// The result that replaced it; what is replaced is shown as such and no longer counts.
    pub replaced_by: Option<Uuid>,
    /// The practitioner who has seen it.
    pub confirmed: Option<Done>,
}

/// A value as the laboratory wrote it: a number, a number beyond a limit, or words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "7.1")]
pub struct ResultValue(pub String);

/// What stands before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// Nothing: the number itself.
    Equal,
    /// `<` 未満.
    Less,
    /// `<=` 以下.
    AtMost,
    /// `>` 超.
    More,
    /// `>=` 以上.
    AtLeast,
}

/// A reference range (基準範囲) as the laboratory wrote it: `13-30`, `<0.14`, `(-)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "13-30")]
pub struct ReferenceRange(pub String);

/// Whether a result is out of range, by the laboratory's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Within, or nothing was told.
    #[default]
    Normal,
    /// L.
    Low,
    /// H.
    High,
    /// LL: so low that somebody must be told at once (パニック値).
    PanicLow,
    /// HH: so high that somebody must be told at once (パニック値).
    PanicHigh,
    /// A: abnormal without a direction, as (+).
    Abnormal,
}

/// Whether a result may still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResultStatus {
    /// P, 暫定.
    Preliminary,
    /// F, 確定.
    Final,
    /// C, 訂正.
    Corrected,
    /// X, 検査中止: there will be no value.
    Cancelled,
}

impl LabResult {
    /// Whether it counts: not replaced by a later one.
    pub fn stands(&self) -> bool {
        self.replaced_by.is_none()
    }

    /// Whether a practitioner must look at it by itself: anything but a normal value.
    pub fn is_abnormal(&self) -> bool {
        self.flag != Flag::Normal || self.status == ResultStatus::Cancelled
    }
}

impl Flag {
    /// Whether somebody must be told at once.
    pub fn is_panic(self) -> bool {
        matches!(self, Self::PanicLow | Self::PanicHigh)
    }

    /// What stands beside the value: `H`, `L`, `HH`, `LL`, `A`, or nothing.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Low => "L",
            Self::High => "H",
            Self::PanicLow => "LL",
            Self::PanicHigh => "HH",
            Self::Abnormal => "A",
        }
    }
}

impl ResultValue {
    /// The number, and what stands before it: `7.1`, `<0.5`, `0.5以下`, in any width. `None` for words, and for
    /// what only looks like a number: `1+`, `(-)`, `×160`.
    pub fn number(&self) -> Option<(Comparator, f64)> {
        let text = plain(&self.0);
        let (comparator, rest) = split_comparator(&text)?;
        Some((comparator, number(rest)?))
    }
}

impl ReferenceRange {
    /// Lowest and highest normal value, as far as the range is one of numbers: `13-30`, `<0.14`, `60以上`.
    pub fn bounds(&self) -> (Option<f64>, Option<f64>) {
        let text = plain(&self.0);
        if let Some((comparator, rest)) = split_comparator(&text)
            && comparator != Comparator::Equal
        {
            let bound = number(rest);
            return match comparator {
                Comparator::More | Comparator::AtLeast => (bound, None),
                _ => (None, bound),
            };
        }
        two_bounds(&text).unwrap_or_default()
    }
}

/// Half-width, dashes and waves as one sign each, without blanks.
fn plain(text: &str) -> String {
    let half = text.nfkc().filter(|c| !c.is_whitespace());
    half.map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => '-',
        '〜' | '∼' | '…' => '~',
        c => c,
    })
    .collect()
}

/// Parts what stands before or behind a number. `None` for a text with both.
fn split_comparator(text: &str) -> Option<(Comparator, &str)> {
    const BEFORE: [(&str, Comparator); 10] = [
        ("<=", Comparator::AtMost),
        ("=<", Comparator::AtMost),
        ("≦", Comparator::AtMost),
        ("≤", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("=>", Comparator::AtLeast),
        ("≧", Comparator::AtLeast),
        ("≥", Comparator::AtLeast),
        ("<", Comparator::Less),
        (">", Comparator::More),
    ];
    const BEHIND: [(&str, Comparator); 7] = [
        ("未満", Comparator::Less),
        ("以下", Comparator::AtMost),
        ("以内", Comparator::AtMost),
        ("以上", Comparator::AtLeast),
        ("を超える", Comparator::More),
        ("超過", Comparator::More),
        ("超", Comparator::More),
    ];
    let before = BEFORE.iter().find_map(|(sign, kind)| Some((*kind, text.strip_prefix(sign)?)));
    let behind = BEHIND.iter().find_map(|(word, kind)| Some((*kind, text.strip_suffix(word)?)));
    match (before, behind) {
        (Some(_), Some(_)) => None,
        (Some(found), None) | (None, Some(found)) => Some(found),
        (None, None) => Some((Comparator::Equal, text)),
    }
}

/// A plain number; digits may be parted by commas in threes.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let parted = whole.contains(',');
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let grouped = groups.all(|group| group.len() == 3 && all_digits(group));
    let fits = all_digits(first) && grouped && (!parted || first.len() <= 3);
    if !fits || !all_digits(fraction) || digits.len() > 20 {
        return None;
    }
    text.replace(',', "").parse().ok()
}

/// `13-30`, `-2.0~2.0`, `~30`, `13~`.
fn two_bounds(text: &str) -> Option<(Option<f64>, Option<f64>)> {
    let signs = text.char_indices().filter(|(_, c)| matches!(c, '-' | '~'));
    for (at, sign) in signs {
        let low = &text[..at];
        let high = text[at + 1..].strip_prefix('+').unwrap_or(&text[at + 1..]);
        // A dash alone before a number is its sign.
        let open = sign == '~';
        match (number(low), number(high)) {
            (Some(low), Some(high)) if low <= high => return Some((Some(low), Some(high))),
            (Some(low), None) if high.is_empty() => return Some((Some(low), None)),
            (None, Some(high)) if open && low.is_empty() => return Some((None, Some(high))),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[path = "result_tests.rs"]
mod tests;
