//! What a scanned payload says: a patient, or something unknown and why.

use clinical::PatientNumber;
use clinical::chart_code::{self, ChartCodeError};
use clinical::lab::SpecimenNumber;

use super::Scanned;
use super::pattern::{CardPattern, Covers, Fit, Symbology};

/// The clinic's kinds of cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards {
    patterns: Vec<CardPattern>,
}

/// What a scan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A patient's card, or the sticker on the patient's chart.
    Patient(PatientNumber),
    /// A tube.
    Specimen(SpecimenNumber),
    /// Something else.
    Unknown {
        /// The code, to show and to copy.
        text: String,
        /// Why it opens nothing.
        reason: Reason,
    },
}

/// Why a code opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No configured pattern looks like it.
    NoPattern,
    /// It looks like a card, but its check digit is wrong: read or printed badly.
    CheckDigit {
        /// The pattern that it looks like.
        card: String,
    },
    /// An input method (IME) was on and garbled it.
    InputMethod,
}

impl Cards {
    /// With these patterns, in their order.
    pub fn new(patterns: Vec<CardPattern>) -> Self {
        Self { patterns }
    }

    /// Reads one scan of whatever lies on a desk: the chart's sticker says itself what it is; a tube that is known here
    /// comes before the cards, whose patterns may be wide; a specimen number that nobody here knows comes after them.
    pub fn read_any(&self, scanned: &Scanned, knows: impl Fn(&SpecimenNumber) -> bool) -> Reading {
        if !scanned.garbled {
            let (_, payload) = without_aim_identifier(&scanned.text);
            match chart_code::read(payload) {
                Ok(number) => return Reading::Patient(number),
                Err(ChartCodeError::Check) => {
                    let reason = Reason::CheckDigit { card: chart_code::PREFIX.to_owned() };
                    return Reading::Unknown { text: scanned.text.clone(), reason };
                }
                Err(ChartCodeError::Other) => {}
            }
        }
        let tube = specimen(scanned);
        if let Some(tube) = tube.clone().filter(knows) {
            return Reading::Specimen(tube);
        }
        match (self.read(scanned), tube) {
            (Reading::Unknown { .. }, Some(tube)) => Reading::Specimen(tube),
            (reading, _) => reading,
        }
    }

    /// Reads one scan of a card.
    pub fn read(&self, scanned: &Scanned) -> Reading {
        let unknown = |reason| Reading::Unknown { text: scanned.text.clone(), reason };
        if scanned.garbled {
            return unknown(Reason::InputMethod);
        }
        let (told, payload) = without_aim_identifier(&scanned.text);
        let mut failed = None;
        let mut unchecked = None;
        for pattern in &self.patterns {
            let fits_symbol =
                told.is_none_or(|t| pattern.symbology == Symbology::Any || t == pattern.symbology);
            if !fits_symbol {
                continue;
            }
            match look(pattern, payload) {
                Look::Checked(number) => return Reading::Patient(number),
                Look::Unchecked(number) => unchecked = unchecked.or(Some(number)),
                Look::WrongCheck => failed = failed.or(Some(pattern.name.clone())),
                Look::Other => {}
            }
        }
        // A card that failed its check must not slip through a pattern that has none.
        match (failed, unchecked) {
            (Some(card), _) => unknown(Reason::CheckDigit { card }),
            (None, Some(number)) => Reading::Patient(number),
            (None, None) => unknown(Reason::NoPattern),
        }
    }
}

/// The specimen number of a scan that is one; NW-7's start and stop characters are none of it.
fn specimen(scanned: &Scanned) -> Option<SpecimenNumber> {
    let (_, payload) = without_aim_identifier(&scanned.text);
    let frame = Frame::of(Symbology::Nw7, payload);
    SpecimenNumber::parse(frame.inner).ok().filter(|_| !scanned.garbled)
}

enum Look {
    Checked(PatientNumber),
    Unchecked(PatientNumber),
    WrongCheck,
    Other,
}

fn look(pattern: &CardPattern, payload: &str) -> Look {
    let frame = Frame::of(pattern.symbology, payload);
    let fits = pattern.pattern.fits(frame.inner);
    let mut seen = Look::Other;
    for fit in fits {
        let Some(number) = number_of(pattern, &fit) else { continue };
        match (pattern.check, fit.check) {
            (Some(rule), Some(found)) => {
                let data = match pattern.covers.unwrap_or(rule.usual_cover()) {
                    Covers::All if rule.covers_start_stop() => {
                        format!("{}{}{}", frame.start, fit.rest, frame.stop)
                    }
                    Covers::All => fit.rest.clone(),
                    Covers::Number => fit.number.clone(),
                };
                if rule.compute(&data).is_some_and(|right| right.eq_ignore_ascii_case(&found)) {
                    return Look::Checked(number);
                }
                seen = Look::WrongCheck;
            }
            _ if matches!(seen, Look::Other) => seen = Look::Unchecked(number),
            _ => {}
        }
    }
    seen
}

/// The payload within what only marks its ends.
struct Frame<'a> {
    start: char,
    inner: &'a str,
    stop: char,
}

impl<'a> Frame<'a> {
    fn of(symbology: Symbology, payload: &'a str) -> Self {
        // Scanners may keep the start and stop characters to themselves; NW-7's are then A as a rule.
        let bare = Self { start: 'A', inner: payload, stop: 'A' };
        let mut chars = payload.chars();
        let (Some(start), Some(stop)) = (chars.next(), chars.next_back()) else { return bare };
        let marks = |set: &str| set.contains(start) && set.contains(stop);
        let framed = match symbology {
            Symbology::Nw7 => marks("ABCDabcd"),
            Symbology::Code39 => marks("*"),
            Symbology::Any => marks("ABCDabcd") || marks("*"),
            Symbology::Code128 | Symbology::Qr => false,
        };
        if framed { Self { start, inner: chars.as_str(), stop } } else { bare }
    }
}

fn number_of(pattern: &CardPattern, fit: &Fit) -> Option<PatientNumber> {
    let text = match pattern.width {
        Some(width) => {
            let bare = fit.number.trim_start_matches('0');
            format!("{bare:0>width$}", width = width.as_usize())
        }
        None => fit.number.clone(),
    };
    PatientNumber::parse(&text).ok()
}

/// Scanners may put an AIM identifier (`]C1`) in front that tells the kind of symbol.
fn without_aim_identifier(text: &str) -> (Option<Symbology>, &str) {
    let Some(rest) = text.strip_prefix(']') else { return (None, text) };
    let mut chars = rest.chars();
    let kind = match chars.next() {
        Some('A') => Symbology::Code39,
        Some('C') => Symbology::Code128,
        Some('F') => Symbology::Nw7,
        Some('Q') => Symbology::Qr,
        _ => return (None, text),
    };
    match chars.next() {
        Some(modifier) if modifier.is_ascii_alphanumeric() => (Some(kind), chars.as_str()),
        _ => (None, text),
    }
}
