//! Finding a row of a code table by its first letters, typed in kanji, kana of any width or romaji. The spelling
//! is brought together as for names ([`crate::search`]).

use crate::kana;
use crate::search::{
    bones, fold, heard, kana_part, romaji_begins, romaji_part, stands_in, word_begins, words,
};

/// A name in the form that is compared; made once and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupKeys {
    written: String,
    kana: String,
    romaji: String,
}

impl LookupKeys {
    /// The keys of a name with its reading.
    pub fn of(name: &str, reading: &str) -> Self {
        let reading = fold(reading);
        Self {
            written: fold(name),
            kana: words(&reading, heard),
            romaji: words(&kana::to_romaji(&reading), bones),
        }
    }
}

/// How well a row fits; the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Begins with what was typed.
    Begins,
    /// Has it somewhere.
    Within,
}

/// What was typed to look something up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    written: String,
    kana: Option<String>,
    romaji: Option<String>,
}

impl Lookup {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Self {
        let folded = fold(text);
        let words = folded.split(' ').filter(|word| !word.is_empty()).map(|word| Word {
            written: word.to_owned(),
            kana: kana_part(word),
            romaji: romaji_part(word),
        });
        Self { words: words.collect() }
    }

    /// Whether and how well a name fits: all words must, the first one decides. Blanks fit nothing.
    pub fn fit(&self, keys: &LookupKeys) -> Option<Fit> {
        let fits: Option<Vec<Fit>> = self.words.iter().map(|word| word.fit(keys)).collect();
        fits?.first().copied()
    }
}

impl Word {
    fn fit(&self, keys: &LookupKeys) -> Option<Fit> {
        let begins = keys.written.starts_with(&self.written)
            || self.kana.as_ref().is_some_and(|kana| keys.kana.starts_with(kana.as_str()))
            || self.romaji.as_ref().is_some_and(|romaji| keys.romaji.starts_with(romaji.as_str()));
        if begins {
            return Some(Fit::Begins);
        }
        let within = stands_in(&keys.written, &self.written)
            || self.kana.as_ref().is_some_and(|kana| word_begins(&keys.kana, kana))
            || self.romaji.as_ref().is_some_and(|romaji| romaji_begins(&keys.romaji, romaji));
        within.then_some(Fit::Within)
    }
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
