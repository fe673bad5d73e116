//! Paths, in one place. `{…}` marks a parameter in axum's and OpenAPI's notation.

/// `GET`, no token: [`crate::session::Health`].
pub const HEALTH: &str = "/v1/health";
/// `POST` [`crate::session::SignIn`], no token: `201` [`crate::session::SignedIn`].
pub const SESSIONS: &str = "/v1/sessions";
/// `GET`: [`crate::session::SessionInfo`]; `DELETE`: signs out, `204`.
pub const SESSION: &str = "/v1/session";
/// `GET`: [`crate::receptions::Reference`], the clinic's departments, physicians and contents.
pub const REFERENCE: &str = "/v1/reference";
/// `GET ?date=`: [`crate::receptions::ReceptionList`].
pub const RECEPTIONS: &str = "/v1/receptions";
/// `GET`: [`clinical::Reception`].
pub const RECEPTION: &str = "/v1/receptions/{date}/{id}";
/// `PUT` [`crate::entries::Entry`]: [`crate::entries::Receipt`]. No session: the entry is signed
/// ([`crate::proof`]), so that what a person has confirmed arrives whoever is signed in.
pub const ENTRY: &str = "/v1/entries/{id}";
/// `GET ?q=&limit=`: [`crate::patients::PatientSearch`].
pub const PATIENTS: &str = "/v1/patients";
/// `GET`: [`crate::patients::PatientView`].
pub const PATIENT: &str = "/v1/patients/{number}";
/// `GET`: [`crate::profile::History`], every version of every item of the patient.
pub const PATIENT_HISTORY: &str = "/v1/patients/{number}/history";
/// `GET`: [`crate::profile::Confirmations`], what waits for a practitioner.
pub const CONFIRMATIONS: &str = "/v1/confirmations";
/// `GET`: [`crate::profile::StaffList`], who works at the clinic.
pub const STAFF: &str = "/v1/staff";
/// `GET ?date=`: [`crate::lab::LabDay`].
pub const LAB_DAY: &str = "/v1/lab/day";
/// `GET`: [`crate::lab::LabDayOrder`].
pub const LAB_ORDER: &str = "/v1/lab/orders/{id}";
/// `GET`: [`crate::lab::LabDayOrder`] of the order to which a specimen number belongs.
pub const LAB_SPECIMEN: &str = "/v1/lab/specimens/{number}";
/// `GET`: [`crate::lab::LabInbox`].
pub const LAB_INBOX: &str = "/v1/lab/inbox";
/// `GET`: [`crate::lab::LabSets`].
pub const LAB_SETS: &str = "/v1/lab/sets";
/// `GET`: [`crate::lab::PatientLab`], everything of the last five years.
pub const PATIENT_LAB: &str = "/v1/patients/{number}/lab";
/// `GET ?after=`: server-sent events, one [`crate::Event`] each, `id` its sequence number.
pub const EVENTS: &str = "/v1/events";

/// Fills the parameters of a path in their order; each value is percent-encoded.
pub fn fill(path: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let parts: Vec<String> = path
        .split('/')
        .map(|part| match part.strip_prefix('{') {
            Some(_) => encode(values.next().copied().unwrap_or_default()),
            None => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{PATIENT, RECEPTION, fill};

    #[test]
    fn fills_and_encodes() {
        assert_eq!(fill(PATIENT, &["00127"]), "/v1/patients/00127");
        assert_eq!(fill(PATIENT, &["a/b 氏"]), "/v1/patients/a%2Fb%20%E6%B0%8F");
        assert_eq!(fill(RECEPTION, &["2026-11-22", "00005"]), "/v1/receptions/2026-11-22/00005");
    }
}
