//! Code tables that the clinic looks things up in: allergens, drugs and specimen tests, found by their first letters.
//!
//! The rows are data of others, each with its source in the file (`data/`): allergens from J-FAGY (CC0 1.0) as
//! published; drugs from the national 医薬品マスター, a hundred that clinics prescribe most, with YJ codes where a
//! public list has them. Neither is complete; what is not found is written as free text.

pub mod allergens;
pub mod drugs;
pub mod labs;
mod remark;
mod table;

pub use allergens::Allergen;
pub use drugs::Drug;
pub use remark::content_of;
