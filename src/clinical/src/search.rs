//! Finding a patient by whatever is typed: number, kanji, kana, romaji, birth date, sex.
//!
//! Both sides are brought to one spelling: the patient's once ([`SearchKeys`]), the typed text at each keystroke
//! ([`Query`]). The spelling is only for finding; names are kept and shown as received.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use crate::calendar::parse_date;
use crate::kana;
use crate::patient::{PatientNumber, PersonName, Sex};

/// Variant → usual form.
static VARIANTS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    include_str!("../data/kanji_variants.csv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(','))
        .filter_map(|(usual, forms)| Some((usual.chars().next()?, forms)))
        .flat_map(|(usual, forms)| forms.chars().map(move |form| (form, usual)))
        .collect()
});

/// One spelling for all: NFKC, lower case, katakana → hiragana, kanji variants → usual form (髙 → 高), selectors
/// of glyph variants and Latin accents dropped, 々 spelt out, blanks to single ones, dashes to `-` or to the long
/// mark after kana.
pub fn fold(text: &str) -> String {
    // Dropping a mark can bring two characters together that compose; the second pass settles that.
    let mut folded = fold_once(text);
    for _ in 0..3 {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let hiragana = kana::hiragana(&shown).to_lowercase();
    let mut out = String::with_capacity(hiragana.len());
    let mut previous = None;
    let mut blank = false;
    for c in hiragana.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = !out.is_empty();
            continue;
        }
        let Some(c) = without_accent(c) else { continue };
        let c = match c {
            '々' | '〻' => previous.unwrap_or(c),
            'ゖ' => 'け',
            'ゕ' => 'か',
            c => VARIANTS.get(&c).copied().unwrap_or(c),
        };
        if blank {
            out.push(' ');
            blank = false;
        }
        out.push(c);
        previous = Some(c);
    }
    out
}

/// Variation selectors and zero-width characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}'
        | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// `o` for `ō` and `ô`; `None` for an accent that stands alone.
fn without_accent(c: char) -> Option<char> {
    if matches!(c, '\u{300}'..='\u{36F}') {
        return None;
    }
    if matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') {
        return c.nfd().next();
    }
    Some(c)
}

/// Kana as it is heard: small kana large, ぢ/じ, づ/ず, を/お as one, long vowels written one way.
pub(crate) fn heard(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    let mut previous = None;
    for c in folded.chars() {
        let c = kana::large(c).unwrap_or(c);
        let c = match (c, previous.and_then(kana::vowel)) {
            ('ー', Some(vowel)) => vowel,
            ('う', Some('お')) | ('を', _) => 'お',
            ('い', Some('え')) | ('ゑ', _) => 'え',
            ('ゐ', _) => 'い',
            ('ぢ', _) => 'じ',
            ('づ', _) => 'ず',
            (c, _) => c,
        };
        out.push(c);
        previous = Some(c);
    }
    out
}

/// Kunrei and typing habits → Hepburn. Longer spellings need no entry of their own where they begin with these.
const SPELLINGS: [(&str, &str); 23] = [
    ("sy", "sh"),
    ("si", "shi"),
    ("ty", "ch"),
    ("ti", "chi"),
    ("tu", "tsu"),
    ("cy", "ch"),
    ("zy", "j"),
    ("zi", "ji"),
    ("jy", "j"),
    ("dy", "j"),
    ("di", "ji"),
    ("du", "zu"),
    ("dz", "z"),
    ("dj", "j"),
    ("hu", "fu"),
    ("wo", "o"),
    ("wi", "i"),
    ("we", "e"),
    ("mb", "nb"),
    ("mp", "np"),
    ("mm", "nm"),
    ("l", "r"),
    ("v", "b"),
];

/// The bones of a romaji word: Hepburn, long vowels short, `n` once, nothing but letters. `ōno`, `ohno`, `oono`,
/// `ouno` and `ono` are one; so are `Tsuchiya` and `tutiya`, `Homma` and `Honma`.
pub(crate) fn bones(word: &str) -> String {
    let letters: String = word.chars().filter(char::is_ascii_lowercase).collect();
    let mut out = String::with_capacity(letters.len());
    let mut rest = letters.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((from, to)) = SPELLINGS.iter().find(|(from, _)| rest.starts_with(from)) {
            to.chars().for_each(|c| push_bone(&mut out, c));
            rest = &rest[from.len()..];
            continue;
        }
        rest = &rest[1..];
        // The h of "ohno" and "satoh" only draws the o out.
        let draws_out =
            c == 'h' && out.ends_with('o') && !rest.starts_with(['a', 'i', 'u', 'e', 'o']);
        if !draws_out {
            push_bone(&mut out, c);
        }
    }
    out
}

fn push_bone(out: &mut String, c: char) {
    let last = out.chars().last();
    match (last, c) {
        // long vowels and nn
        (Some('o'), 'u') => return,
        (Some(last), 'a' | 'i' | 'u' | 'e' | 'o' | 'n') if last == c => return,
        // the first half of a doubled consonant follows the second: tti, tchi → cchi
        (Some('t'), 'c') | (Some('z' | 'd'), 'j') | (Some('d'), 'z') | (Some('h'), 'f') => {
            out.pop();
            out.push(c);
        }
        _ => {}
    }
    out.push(c);
}

/// A patient in the form that queries compare with. Words are parted by one blank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchKeys {
    /// The number without leading zeros, in lower case.
    pub number: String,
    /// Folded kanji name.
    pub kanji: String,
    /// Folded kana name as it is heard.
    pub kana: String,
    /// The name's romaji, its bones.
    pub romaji: String,
}

impl SearchKeys {
    /// Makes the keys; a few microseconds, so they are made once and kept.
    pub fn of(number: &PatientNumber, name: &PersonName) -> Self {
        let kana = fold(&name.kana);
        let romaji = kana::to_romaji(&kana);
        Self {
            number: number.canonical().to_lowercase(),
            kanji: fold(&name.kanji),
            kana: words(&kana, heard),
            romaji: words(&romaji, bones),
        }
    }
}

/// Brings each word to its key form. Where the words written together would come out differently (long vowels
/// meet), the whole is added as one more word.
pub(crate) fn words(text: &str, form: impl Fn(&str) -> String) -> String {
    let mut out = text.split(' ').map(&form).collect::<Vec<_>>().join(" ");
    let together = form(&text.replace(' ', ""));
    if together != out.replace(' ', "") {
        out.push(' ');
        out.push_str(&together);
    }
    out
}

/// One thing typed. All things typed must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A birth date.
    Birth(Date),
    /// 男 or 女.
    Sex(Sex),
    /// Digits that are a date as well as the beginning of a number.
    NumberOrBirth {
        /// Without leading zeros.
        number: String,
        /// The same digits as a date.
        birth: Date,
    },
    /// Anything else; one of the parts must fit.
    Text {
        /// The beginning of a patient number, without leading zeros.
        number: Option<String>,
        /// Folded, to be found anywhere in the kanji name.
        kanji: String,
        /// As heard, the beginning of a word of the kana name.
        kana: Option<String>,
        /// Its bones, the beginning of a word of the romaji name.
        romaji: Option<String>,
    },
}

/// What was typed into the search field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// All must fit.
    pub terms: Vec<Term>,
}

impl Query {
    /// Reads what was typed; nothing is ever wrong, at worst nobody is found. `today` settles the era of dates
    /// written without one.
    pub fn parse(text: &str, today: Date) -> Self {
        let folded = fold(text);
        let terms = folded.split(' ').filter(|word| !word.is_empty());
        Self { terms: terms.map(|word| Term::parse(word, today)).collect() }
    }

    /// Whether nothing was typed; fits everybody.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the patient fits all that was typed.
    pub fn matches(&self, keys: &SearchKeys, birth: Option<Date>, sex: Sex) -> bool {
        self.terms.iter().all(|term| term.matches(keys, birth, sex))
    }

    /// Whether the name begins with the first name typed: who types `sato` means 佐藤 before 池田　聡. Such
    /// patients stand first in a list of hits. True where no name is typed.
    pub fn leads(&self, keys: &SearchKeys) -> bool {
        let name = self.terms.iter().find_map(|term| match term {
            Term::Text { number, kanji, kana, romaji } => Some((number, kanji, kana, romaji)),
            _ => None,
        });
        let Some((number, kanji, kana, romaji)) = name else { return true };
        let begins = |text: &str, part: &str| after(text.as_bytes(), part.as_bytes()).is_some();
        let family = keys.romaji.split(' ').next().unwrap_or_default();
        number.as_ref().is_some_and(|number| keys.number.starts_with(number.as_str()))
            || begins(&keys.kanji, kanji)
            || kana.as_ref().is_some_and(|kana| begins(&keys.kana, kana))
            || romaji.as_ref().is_some_and(|romaji| {
                begins(&keys.romaji, romaji)
                    || (keys.romaji.contains(' ') && romaji_begins(family, romaji))
            })
    }
}

impl Term {
    /// Reads one folded word.
    fn parse(word: &str, today: Date) -> Self {
        match word {
            "男" | "男性" => return Self::Sex(Sex::Male),
            "女" | "女性" => return Self::Sex(Sex::Female),
            _ => {}
        }
        let number = number_part(word);
        match (parse_date(word, today), number) {
            (Ok(birth), Some(number)) if word.bytes().all(|b| b.is_ascii_digit()) => {
                Self::NumberOrBirth { number, birth }
            }
            (Ok(birth), _) => Self::Birth(birth),
            (Err(_), number) => Self::Text {
                number,
                kanji: word.to_owned(),
                kana: kana_part(word),
                romaji: romaji_part(word),
            },
        }
    }

    fn matches(&self, keys: &SearchKeys, birth: Option<Date>, sex: Sex) -> bool {
        match self {
            Self::Birth(date) => birth == Some(*date),
            Self::Sex(wanted) => sex == *wanted,
            Self::NumberOrBirth { number, birth: date } => {
                birth == Some(*date) || keys.number.starts_with(number.as_str())
            }
            Self::Text { number, kanji, kana, romaji } => {
                number.as_ref().is_some_and(|number| keys.number.starts_with(number.as_str()))
                    || stands_in(&keys.kanji, kanji)
                    || kana.as_ref().is_some_and(|kana| word_begins(&keys.kana, kana))
                    || romaji.as_ref().is_some_and(|romaji| romaji_begins(&keys.romaji, romaji))
            }
        }
    }
}

/// What the word is as (the beginning of) a patient number. Zeros alone begin any number.
fn number_part(word: &str) -> Option<String> {
    let fits = word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| word.trim_start_matches('0').to_owned())
}

/// Kana, also with the letters of a sound that the input method has not yet put together: やまd.
pub(crate) fn kana_part(word: &str) -> Option<String> {
    let kana = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    (!kana.is_empty() && kana.chars().all(kana::is_hiragana)).then(|| heard(kana))
}

pub(crate) fn romaji_part(word: &str) -> Option<String> {
    let fits =
        |c: char| c.is_ascii_lowercase() || matches!(c, '\'' | '-' | '.' | '’' | '‘' | '`' | '´');
    let bones = if word.chars().all(fits) { bones(word) } else { String::new() };
    (!bones.is_empty()).then_some(bones)
}

// The comparisons below run over every patient at every keystroke, so they go by bytes: a blank is one byte in
// UTF-8 and never part of another character.

/// Whether `part` is found in `text`, blanks of `text` not counting.
pub(crate) fn stands_in(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else { return true };
    text.iter().enumerate().any(|(at, byte)| byte == first && after(&text[at..], part).is_some())
}

/// Whether a word of `text` begins with `part`; `part` may run on into the next word. A text of one word is
/// searched throughout, since nobody parted the name.
pub(crate) fn word_begins(text: &str, part: &str) -> bool {
    let (bytes, part_bytes) = (text.as_bytes(), part.as_bytes());
    words_from(bytes).any(|rest| after(rest, part_bytes).is_some())
        || (!bytes.contains(&b' ') && part.chars().nth(1).is_some() && text.contains(part))
}

/// As [`word_begins`], and while the last sound is half typed, every spelling it may still become counts: `tut`
/// on the way to `tuti`.
pub(crate) fn romaji_begins(text: &str, part: &str) -> bool {
    if word_begins(text, part) {
        return true;
    }
    let Some(half) = part.chars().last() else { return false };
    let becomes: &[u8] = match half {
        't' => b"c",
        'z' => b"j",
        'd' => b"jz",
        'h' => b"f",
        'm' => b"n",
        'w' => b"oie",
        _ => return false,
    };
    let stem = part.trim_end_matches(half).as_bytes();
    words_from(text.as_bytes()).any(|rest| {
        let next = after(rest, stem).and_then(|next| next.trim_ascii_start().first());
        next.is_some_and(|next| becomes.contains(next))
    })
}

/// The text from each of its words on.
fn words_from(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = (0..text.len()).filter(|at| *at == 0 || text[at - 1] == b' ');
    starts.map(|at| &text[at..])
}

/// What follows `part` at the beginning of `text`, blanks of `text` not counting.
fn after<'a>(text: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let mut rest = text.iter();
    for wanted in part {
        let mut next = rest.next();
        while next == Some(&b' ') {
            next = rest.next();
        }
        if next != Some(wanted) {
            return None;
        }
    }
    Some(rest.as_slice())
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
