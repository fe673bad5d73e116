//! Allergens: food, and what is neither food nor medicine (J-FAGY).

use std::sync::LazyLock;

use clinical::lookup::LookupKeys;
use clinical::profile::AllergyCategory;
use clinical::search::fold;
use serde::Deserialize;

use crate::table::Table;

const FILE: &str = include_str!("../data/allergens.csv");

static TABLE: LazyLock<Table<Allergen>> = LazyLock::new(|| {
    Table::read(FILE, |row: &Allergen| {
        vec![LookupKeys::of(&row.name, &row.kana), LookupKeys::of(&row.english, "")]
    })
});

/// An allergen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Allergen {
    /// J-FAGY code, 12 characters.
    #[serde(rename = "JFAGYCODE")]
    pub code: String,
    /// Japanese name.
    #[serde(rename = "JPTERM")]
    pub name: String,
    /// Hiragana.
    #[serde(rename = "JPKANA")]
    pub kana: String,
    /// English name.
    #[serde(rename = "ENTERM")]
    pub english: String,
    /// Where the row comes from.
    pub source: String,
}

impl Allergen {
    /// What kind of thing it is, as the code's prefix says: `J9F` food, `J9N` neither food nor medicine.
    pub fn category(&self) -> AllergyCategory {
        if self.code.starts_with("J9F") {
            AllergyCategory::Food
        } else {
            AllergyCategory::Environment
        }
    }
}

/// All allergens, in the order of J-FAGY.
pub fn all() -> impl Iterator<Item = &'static Allergen> {
    TABLE.rows()
}

/// Allergens that what was typed may mean, the likeliest first; none for blanks.
pub fn find(text: &str, limit: usize) -> Vec<&'static Allergen> {
    TABLE.find(text, limit)
}

/// The allergen of exactly this name or reading, however it is spelt.
pub fn named(text: &str) -> Option<&'static Allergen> {
    let wanted = fold(text);
    all().find(|row| fold(&row.name) == wanted || fold(&row.kana) == wanted)
}

#[cfg(test)]
#[path = "allergens_tests.rs"]
mod tests;
