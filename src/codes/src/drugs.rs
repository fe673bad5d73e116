//! Drugs (医薬品): brand and generic names.

use std::sync::LazyLock;

use clinical::lookup::LookupKeys;
use serde::Deserialize;

use crate::table::Table;

const FILE: &str = include_str!("../data/drugs.csv");

static TABLE: LazyLock<Table<Drug>> = LazyLock::new(|| {
    Table::read(FILE, |row: &Drug| {
        // A generic name has no reading of its own; it mostly begins with kana.
        let kana = |c: &char| matches!(c, 'ァ'..='ヶ' | 'ー');
        let begins: String = row.generic.chars().take_while(kana).collect();
        vec![LookupKeys::of(&row.name, &row.kana), LookupKeys::of(&row.generic, &begins)]
    })
});

/// A drug.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Drug {
    /// 9-digit 薬剤コード, as the receipt computer uses it.
    pub receipt_code: String,
    /// Name, as the national master writes it.
    pub name: String,
    /// Half-width katakana with digits and units, as the national master writes it.
    pub kana: String,
    /// 一般名処方の標準的な記載, without its mark 【般】; empty where there is none.
    pub generic: String,
    /// YJ code, 12 characters; empty where it is not known.
    pub yj: String,
    /// Where the row comes from.
    pub source: String,
}

impl Drug {
    /// Its code as an allergen, where it has one: `YCM` and the YJ code (JP_JfagyMedicationAllergen_CS).
    pub fn jfagy(&self) -> Option<String> {
        (self.yj.len() == 12).then(|| format!("YCM{}", self.yj))
    }
}

/// All drugs.
pub fn all() -> impl Iterator<Item = &'static Drug> {
    TABLE.rows()
}

/// Drugs that what was typed may mean, the likeliest first; none for blanks.
pub fn find(text: &str, limit: usize) -> Vec<&'static Drug> {
    TABLE.find(text, limit)
}

#[cfg(test)]
#[path = "drugs_tests.rs"]
mod tests;
