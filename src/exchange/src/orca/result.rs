//! `Api_Result` and what it means. The same number means different things at different endpoints.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::fields::Fields;
use super::node::Node;
use super::notes::Notes;

/// The endpoints that have a module here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `patientgetv2`.
    PatientGet,
    /// `patientlst1v2`.
    PatientList1,
    /// `patientlst2v2`.
    PatientList2,
    /// `patientlst3v2`.
    PatientList3,
    /// `acceptlstv2`.
    AcceptList,
    /// `acceptmodv2`.
    AcceptMod,
    /// `system01lstv2`.
    SystemList,
    /// `pusheventgetv2`.
    PushEvents,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PatientGet,
        Self::PatientList1,
        Self::PatientList2,
        Self::PatientList3,
        Self::AcceptList,
        Self::AcceptMod,
        Self::SystemList,
        Self::PushEvents,
    ];

    /// Path under the base address, without query.
    pub fn path(self) -> &'static str {
        match self {
            Self::PatientGet => super::patientgetv2::PATH,
            Self::PatientList1 => super::patientlst1v2::PATH,
            Self::PatientList2 => super::patientlst2v2::PATH,
            Self::PatientList3 => super::patientlst3v2::PATH,
            Self::AcceptList => super::acceptlstv2::PATH,
            Self::AcceptMod => super::acceptmodv2::PATH,
            Self::SystemList => super::system01lstv2::PATH,
            Self::PushEvents => super::pusheventgetv2::PATH,
        }
    }

    /// The code that says "there is nothing", where the endpoint has one.
    pub fn none_code(self) -> Option<&'static str> {
        match self {
            Self::PatientGet => Some("10"),
            Self::PatientList1 | Self::PatientList3 => Some("20"),
            Self::AcceptList => Some("21"),
            Self::AcceptMod => Some("60"),
            Self::SystemList => Some("11"),
            Self::PushEvents => Some("0007"),
            Self::PatientList2 => None,
        }
    }
}

/// What an [`ApiResult`] means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Ok,
    /// Done, with something to look at (`K…`, `W…`).
    Warning,
    /// There is nothing that fits; an empty answer, not an error.
    None,
    /// Another terminal of the receipt computer holds the patient; worth a retry after a pause.
    Locked,
    /// Refused: the request is wrong or cannot be done.
    Invalid,
    /// The user is not known there.
    Auth,
}

/// `Api_Result` with its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiResult {
    /// As sent: `00`, `K1`, `E90`, `0007`.
    pub code: String,
    /// The receipt computer's own words.
    pub message: String,
}

impl ApiResult {
    /// A result of that code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// `00` 処理終了.
    pub fn ok() -> Self {
        Self::new("00", "処理終了")
    }

    /// What it means at `endpoint`.
    pub fn outcome(&self, endpoint: Endpoint) -> Outcome {
        let code = self.code.trim();
        if code.is_empty() {
            return Outcome::Invalid;
        }
        if code.bytes().all(|b| b == b'0') {
            return Outcome::Ok;
        }
        if code.starts_with(['K', 'W']) {
            return Outcome::Warning;
        }
        if endpoint.none_code() == Some(code) {
            return Outcome::None;
        }
        // The same common codes have two digits, three with an E before, or four with zeros before.
        let number = match code.strip_prefix('E') {
            Some(number) => number,
            None if code.len() == 4 => code.trim_start_matches('0'),
            None => code,
        };
        match number {
            "90" => Outcome::Locked,
            "9999" if code.starts_with('E') => Outcome::Locked,
            "99" => Outcome::Auth,
            _ => Outcome::Invalid,
        }
    }
}

/// What stands at the head of every xml2 answer.
pub(crate) struct Head {
    pub at: Option<DateTime>,
    pub result: ApiResult,
}

impl Head {
    pub fn read(body: &Node, notes: &mut Notes) -> Self {
        let date = notes.date(body, "Information_Date");
        let time = notes.time(body, "Information_Time");
        let at = date.map(|date| date.to_datetime(time.unwrap_or_default()));
        Self { at, result: read_result(body) }
    }
}

pub(crate) fn read_result(body: &Node) -> ApiResult {
    ApiResult::new(body.text("Api_Result"), body.text("Api_Result_Message"))
}

/// The head of an answer, ready to take the rest.
pub(crate) fn head(at: Option<DateTime>, result: &ApiResult) -> Fields {
    Fields::new()
        .date("Information_Date", at.map(DateTime::date))
        .time("Information_Time", at.map(DateTime::time))
        .text("Api_Result", &result.code)
        .text("Api_Result_Message", &result.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: &str, endpoint: Endpoint) -> Outcome {
        ApiResult::new(code, "").outcome(endpoint)
    }

    #[test]
    fn zeros_of_any_length_are_ok() {
        for code in ["00", "000", "0000", " 00 "] {
            for endpoint in Endpoint::ALL {
                assert_eq!(outcome(code, endpoint), Outcome::Ok, "{code} {endpoint:?}");
            }
        }
        assert_eq!(outcome("", Endpoint::AcceptList), Outcome::Invalid);
    }

    #[test]
    fn the_same_code_means_different_things() {
        assert_eq!(outcome("21", Endpoint::AcceptList), Outcome::None);
        assert_eq!(outcome("21", Endpoint::PatientList3), Outcome::Invalid, "100 hits or more");
        assert_eq!(outcome("20", Endpoint::PatientList1), Outcome::None);
        assert_eq!(outcome("20", Endpoint::PatientList3), Outcome::None);
        assert_eq!(outcome("20", Endpoint::AcceptMod), Outcome::Invalid);
        assert_eq!(outcome("10", Endpoint::PatientGet), Outcome::None);
        assert_eq!(outcome("10", Endpoint::PatientList1), Outcome::Invalid, "1000 hits or more");
        assert_eq!(outcome("11", Endpoint::SystemList), Outcome::None);
        assert_eq!(outcome("11", Endpoint::AcceptList), Outcome::Invalid, "wrong date");
        assert_eq!(outcome("60", Endpoint::AcceptMod), Outcome::None);
        assert_eq!(outcome("0007", Endpoint::PushEvents), Outcome::None);
    }

    #[test]
    fn common_codes_in_every_spelling() {
        for code in ["90", "E90", "0090", "E9999"] {
            assert_eq!(outcome(code, Endpoint::AcceptMod), Outcome::Locked, "{code}");
        }
        for code in ["99", "E99", "0099"] {
            assert_eq!(outcome(code, Endpoint::PatientGet), Outcome::Auth, "{code}");
        }
        for code in ["89", "91", "97", "98", "E42", "0097", "9999", "XX"] {
            assert_eq!(outcome(code, Endpoint::PatientGet), Outcome::Invalid, "{code}");
        }
        for code in ["K1", "K3", "W02", "W00"] {
            assert_eq!(outcome(code, Endpoint::AcceptMod), Outcome::Warning, "{code}");
        }
    }
}
