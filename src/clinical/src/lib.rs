//! What a clinic knows: types and rules, nothing else.
//!
//! No I/O, no async and no clock live here: the moment comes in as a parameter. The type names are the
//! project's vocabulary; the same names are used on the screen, in the store and on the wire.
//! Japanese terms are given once, in the doc comment of the type.

pub mod calendar;
pub mod chart_code;
pub mod kana;
pub mod lab;
pub mod lookup;
pub mod order;
pub mod patient;
pub mod profile;
pub mod reception;
pub mod search;
pub mod staff;

pub use order::{BillingOrder, OrderError, OrderGroup, OrderItem};
pub use patient::{
    Address, HealthInsurance, InsuranceCombination, Patient, PatientNumber, PersonName,
    PublicExpense, SafetyKind, SafetyRemark, Sex,
};
pub use reception::{
    Department, MedicalContent, Physician, Reception, ReceptionKey, ReceptionState,
};
pub use staff::{Role, Staff};
