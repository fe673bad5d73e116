//! A synthetic clinic: its patients, its people and the plan of today, all grown from one seed.
//!
//! Nobody here exists. Insurer numbers name a prefecture that Japan does not have, telephone numbers an
//! exchange that is not given out; both are well formed otherwise, check digits included.

mod build;
mod day;
mod insurance;
mod lab;
mod names;
mod orders;
mod people;
mod places;
mod prng;
mod safety;

use std::collections::HashMap;

use clinical::{Department, MedicalContent, Patient, PatientNumber, Physician};
use jiff::civil::Date;

pub use day::{PlannedVisit, Visitor, plan};
pub use insurance::check_digit;
pub use lab::{DrawnOrder, FACILITY, LAB_SETS, lab_orders, told};
pub use orders::orders;
pub use prng::Prng;

/// Name of the institution.
pub const INSTITUTION_NAME: &str = "標準診療所";
/// Its name in the service, typed when signing in.
pub const INSTITUTION_CODE: &str = "demo";

/// An account of the demo clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffAccount {
    /// What the person types.
    pub login: &'static str,
    /// What the screen shows.
    pub display_name: &'static str,
    /// Role as the contract writes it.
    pub role: &'static str,
    /// Shown on the demo's sign-in screen; never used outside a demo.
    pub password: &'static str,
}

/// Everyone who can sign in at the demo clinic.
pub const STAFF: [StaffAccount; 4] = [
    StaffAccount {
        login: "uketsuke",
        display_name: "受付係",
        role: "receptionist",
        password: "Sakura-Mado-27",
    },
    StaffAccount {
        login: "kango",
        display_name: "看護師",
        role: "nurse",
        password: "Suzuran-Niwa-38",
    },
    StaffAccount {
        login: "ishi",
        display_name: "院長",
        role: "practitioner",
        password: "Momiji-Yama-49",
    },
    StaffAccount {
        login: "kanri",
        display_name: "管理者",
        role: "administrator",
        password: "Kaede-Michi-56",
    },
];

/// Departments: code, name.
pub const DEPARTMENTS: [(&str, &str); 2] = [("01", "内科"), ("09", "小児科")];

/// Physicians: code, name, kana. The first is the head (院長).
pub const PHYSICIANS: [(&str, &str, &str); 2] = [
    ("10001", "見本　院長", "ミホン　インチョウ"),
    ("10002", "見本　副院長", "ミホン　フクインチョウ"),
];

/// What a visit can be for: code, name.
pub const CONTENTS: [(&str, &str); 8] = [
    ("01", "診察"),
    ("02", "薬のみ"),
    ("03", "注射のみ"),
    ("04", "検査のみ"),
    ("05", "リハビリ"),
    ("06", "健康診断"),
    ("07", "予防注射"),
    ("99", "該当なし"),
];

/// The clinic: patients in the order of their numbers.
#[derive(Debug, Clone)]
pub struct Clinic {
    patients: Vec<Patient>,
    by_number: HashMap<String, usize>,
    today: Date,
}

impl Clinic {
    /// Grows a clinic of `patients` people as it stands on `today`. The same seed and day give the same people.
    ///
    /// The six people of the demo are always among them, so fewer than six cannot be had.
    pub fn generate(seed: u64, patients: usize, today: Date) -> Self {
        let patients = build::patients(seed, patients, today);
        let by_number =
            patients.iter().enumerate().map(|(at, p)| (p.number.canonical(), at)).collect();
        Self { patients, by_number, today }
    }

    /// All patients, by number.
    pub fn patients(&self) -> &[Patient] {
        &self.patients
    }

    /// The patient of a number, leading zeros or not.
    pub fn patient(&self, number: &PatientNumber) -> Option<&Patient> {
        self.by_number.get(&number.canonical()).and_then(|at| self.patients.get(*at))
    }

    /// The day the clinic was grown for.
    pub fn today(&self) -> Date {
        self.today
    }
}

/// The department of a code.
pub fn department(code: &str) -> Option<Department> {
    DEPARTMENTS
        .iter()
        .find(|(c, _)| *c == code)
        .map(|(c, n)| Department { code: (*c).to_owned(), name: (*n).to_owned() })
}

/// The physician of a code.
pub fn physician(code: &str) -> Option<Physician> {
    PHYSICIANS
        .iter()
        .find(|(c, ..)| *c == code)
        .map(|(c, n, _)| Physician { code: (*c).to_owned(), name: (*n).to_owned() })
}

/// The content of a code.
pub fn content(code: &str) -> Option<MedicalContent> {
    CONTENTS
        .iter()
        .find(|(c, _)| *c == code)
        .map(|(c, n)| MedicalContent { code: (*c).to_owned(), name: (*n).to_owned() })
}

#[cfg(test)]
mod tests;
