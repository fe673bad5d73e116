//! Kana: one spelling for all ways of writing it, the 五十音 sort key, romaji.

use unicode_normalization::UnicodeNormalization;
use wana_kana::ConvertJapanese;

/// NFKC, katakana to hiragana, every dash after kana to the long mark. Half-width katakana becomes full-width on
/// the way.
///
/// Receipt computers are full of names whose long mark was typed as a minus sign.
pub(crate) fn hiragana(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_kana = false;
    for c in text.nfkc() {
        let c = match c {
            'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
            'ヽ' => 'ゝ',
            'ヾ' => 'ゞ',
            c if is_dash(c) => {
                if after_kana {
                    'ー'
                } else {
                    '-'
                }
            }
            c => c,
        };
        after_kana = is_hiragana(c);
        out.push(c);
    }
    out
}

/// Whether a character is hiragana or the long mark.
pub(crate) fn is_hiragana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ゝ' | 'ゞ' | 'ー')
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | 'ー' | '\u{2010}'..='\u{2015}' | '−' | '─' | '━' | '～' | '〜' | '~')
}

/// What a sound weighs when everything else is equal: long mark, small, plain, voiced, semi-voiced.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Weight {
    Long = b'0',
    Small = b'1',
    Plain = b'2',
    Voiced = b'3',
    SemiVoiced = b'4',
}

/// 五十音 key (after JIS X 4061): keys compare by plain byte order, the same in Rust, SQLite and PostgreSQL (with
/// `COLLATE "C"`).
///
/// Compared first with voicing taken away, small kana made large and the long mark read as the vowel before it;
/// where that ties, small < plain < voiced < semi-voiced. A blank stands before every sound, so a family name
/// stays together: ハラ　ワタル before ハラダ　アイ.
pub fn sort_key(kana: &str) -> String {
    let text = hiragana(kana);
    let mut sounds = String::with_capacity(text.len() * 2);
    let mut weights = String::with_capacity(text.len());
    let mut previous = None;
    for word in text.split_whitespace() {
        if !sounds.is_empty() {
            sounds.push(' ');
            weights.push(char::from(Weight::Plain as u8));
            previous = None;
        }
        for c in word.to_lowercase().chars().filter(|c| !c.is_control()) {
            let (sound, weight) = plain(c, previous);
            sounds.push(sound);
            weights.push(char::from(weight as u8));
            previous = Some(sound);
        }
    }
    // Below every character of `sounds`: a name sorts before the longer one it begins.
    sounds.push('\u{1}');
    sounds.push_str(&weights);
    sounds
}

/// The plain sound of a character and how it differs from it.
fn plain(c: char, previous: Option<char>) -> (char, Weight) {
    match c {
        'ー' => (previous.and_then(vowel).unwrap_or('ー'), Weight::Long),
        'ゝ' => (previous.unwrap_or(c), Weight::Plain),
        'ゞ' => (previous.unwrap_or(c), Weight::Voiced),
        'ゔ' => ('う', Weight::Voiced),
        _ => match (large(c), unvoiced(c)) {
            (Some(sound), _) => (sound, Weight::Small),
            (_, Some((sound, weight))) => (sound, weight),
            _ => (c, Weight::Plain),
        },
    }
}

/// The large form of a small kana.
pub(crate) fn large(c: char) -> Option<char> {
    Some(match c {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        _ => return None,
    })
}

fn unvoiced(c: char) -> Option<(char, Weight)> {
    let back = |steps: u32| char::from_u32(u32::from(c) - steps);
    match c {
        'が' | 'ぎ' | 'ぐ' | 'げ' | 'ご' | 'ざ' | 'じ' | 'ず' | 'ぜ' | 'ぞ' | 'だ' | 'ぢ'
        | 'づ' | 'で' | 'ど' | 'ば' | 'び' | 'ぶ' | 'べ' | 'ぼ' => {
            back(1).map(|s| (s, Weight::Voiced))
        }
        'ぱ' | 'ぴ' | 'ぷ' | 'ぺ' | 'ぽ' => back(2).map(|s| (s, Weight::SemiVoiced)),
        _ => None,
    }
}

/// The vowel that a kana ends in; `None` for ん and for what is no kana.
pub(crate) fn vowel(c: char) -> Option<char> {
    let c = large(c).unwrap_or(c);
    let c = unvoiced(c).map_or(c, |(sound, _)| sound);
    Some(match c {
        'あ' | 'か' | 'さ' | 'た' | 'な' | 'は' | 'ま' | 'や' | 'ら' | 'わ' => 'あ',
        'い' | 'き' | 'し' | 'ち' | 'に' | 'ひ' | 'み' | 'り' | 'ゐ' => 'い',
        'う' | 'く' | 'す' | 'つ' | 'ぬ' | 'ふ' | 'む' | 'ゆ' | 'る' | 'ゔ' => 'う',
        'え' | 'け' | 'せ' | 'て' | 'ね' | 'へ' | 'め' | 'れ' | 'ゑ' => 'え',
        'お' | 'こ' | 'そ' | 'と' | 'の' | 'ほ' | 'も' | 'よ' | 'ろ' | 'を' => 'お',
        _ => return None,
    })
}

/// Hiragana in Hepburn romaji, long marks written as the vowel again; anything else stays.
///
/// The one place where the romaji library is used. It is given hiragana only, since it loses its place on
/// characters that change length, and not the sounds of foreign names, which it spells out (ファ as "fua").
pub(crate) fn to_romaji(hiragana: &str) -> String {
    let mut text = String::with_capacity(hiragana.len());
    let mut previous = None;
    let mut rest = hiragana.chars().peekable();
    while let Some(c) = rest.next() {
        let c = match c {
            'ー' => match previous.and_then(vowel) {
                Some(vowel) => vowel,
                None => continue,
            },
            'ゝ' | 'ゞ' => previous.unwrap_or(c),
            'ゕ' | 'ゖ' => large(c).unwrap_or(c),
            'ゔ' => 'ぶ',
            c => c,
        };
        previous = Some(c);
        let small = rest.next_if(|c| matches!(c, 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ'));
        match (small.and_then(large), consonant(c)) {
            (Some(vowel), Some(consonant)) => {
                text.push_str(&consonant);
                text.push(vowel);
                previous = Some(vowel);
            }
            (vowel, _) => text.extend([Some(c), vowel].into_iter().flatten()),
        }
    }
    text.as_str().to_romaji()
}

/// What stands before the vowel of a sound, in romaji: `f` for ふ. `None` for what has no vowel.
fn consonant(c: char) -> Option<String> {
    vowel(c)?;
    if c == 'う' {
        return Some("w".to_owned());
    }
    let mut romaji = c.to_string().as_str().to_romaji();
    romaji.pop();
    Some(romaji)
}

#[cfg(test)]
#[path = "kana_tests.rs"]
mod tests;
