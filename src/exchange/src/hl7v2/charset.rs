//! Character sets of messages: bytes ⇄ text.

use encoding_rs::{EUC_JP, SHIFT_JIS};
use serde::{Deserialize, Serialize};

use crate::warning::Warning;

/// How the text of a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// `UNICODE UTF-8`.
    #[default]
    Utf8,
    /// `~ISO IR87`: ASCII with runs of JIS X 0208 between escape sequences (ISO-2022-JP).
    Jis,
}

/// Text of a message, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The set that an answer should use.
    pub charset: Charset,
    /// What was doubtful.
    pub warnings: Vec<Warning>,
}

/// 〓 (げた): stands where a character could not be written.
pub(crate) const GETA: char = '〓';
const ESC: u8 = 0x1B;

impl Charset {
    /// As in MSH-18.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Utf8 => "UNICODE UTF-8",
            Self::Jis => "~ISO IR87",
        }
    }

    /// The `charset` of a `Content-Type`.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Jis => "iso-2022-jp",
        }
    }

    /// The text as this set can carry it: half-width katakana becomes full-width in JIS, and what has no place there
    /// becomes 〓. The second value names what was lost that way.
    pub fn carry(self, text: &str) -> (String, Vec<char>) {
        if self == Self::Utf8 {
            return (text.to_owned(), Vec::new());
        }
        let mut lost = Vec::new();
        let carried = wide_kana(text)
            .chars()
            // Selects the shape of the kanji before it, which JIS cannot: the kanji itself stays.
            .filter(|&c| !is_variation(c))
            .map(jis_twin)
            .map(|c| {
                if c.is_ascii() || jis_pair(c).is_some() {
                    c
                } else {
                    lost.push(c);
                    GETA
                }
            })
            .collect();
        (carried, lost)
    }

    /// Bytes of a text that [`Charset::carry`] has been over.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        if self == Self::Utf8 {
            return text.as_bytes().to_vec();
        }
        let mut bytes = Vec::with_capacity(text.len() * 2);
        let mut wide = false;
        for c in text.chars() {
            if let Some(pair) = jis_pair(c) {
                if !wide {
                    bytes.extend_from_slice(b"\x1B$B");
                    wide = true;
                }
                bytes.extend_from_slice(&pair);
                continue;
            }
            if wide {
                bytes.extend_from_slice(b"\x1B(B");
                wide = false;
            }
            bytes.push(u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?'));
        }
        if wide {
            bytes.extend_from_slice(b"\x1B(B");
        }
        bytes
    }
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// The two bytes of a character in JIS X 0208 itself, vendors' rows left out.
fn jis_pair(c: char) -> Option<[u8; 2]> {
    if c.is_ascii() {
        return None;
    }
    let mut buffer = [0; 4];
    let (bytes, _, failed) = EUC_JP.encode(c.encode_utf8(&mut buffer));
    let [high, low] = *bytes else { return None };
    // 0x8E leads half-width katakana in EUC-JP.
    if failed || high < 0xA1 {
        return None;
    }
    let (high, low) = (high & 0x7F, low & 0x7F);
    let row = high - 0x20;
    matches!(row, 1..=8 | 16..=84).then_some([high, low])
}

/// The character that stands for it in the usual table, where Unicode has two of a kind.
fn jis_twin(c: char) -> char {
    match c {
        '\u{301C}' => '～',
        '\u{2016}' => '∥',
        '\u{2212}' | '\u{2013}' => '－',
        '\u{2014}' => '―',
        '\u{00A5}' => '￥',
        '\u{203E}' => '￣',
        '\u{00A2}' => '￠',
        '\u{00A3}' => '￡',
        '\u{00AC}' => '￢',
        '\u{00B5}' => 'μ',
        '\u{00A0}' => ' ',
        other => other,
    }
}

const HALF: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

/// Half-width katakana as full-width, voicing marks joined to what they follow.
pub(crate) fn wide_kana(text: &str) -> String {
    if !text.chars().any(|c| matches!(c, '\u{FF61}'..='\u{FF9F}')) {
        return text.to_owned();
    }
    let mut wide = String::with_capacity(text.len());
    for c in text.chars() {
        let at = (c as u32).wrapping_sub(0xFF61) as usize;
        let Some(full) = HALF.chars().nth(at).filter(|_| ('\u{FF61}'..='\u{FF9F}').contains(&c))
        else {
            wide.push(c);
            continue;
        };
        let joined = wide.chars().next_back().and_then(|last| voiced(last, full));
        if joined.is_some() {
            wide.pop();
        }
        wide.push(joined.unwrap_or(full));
    }
    wide
}

/// ガ from カ and ゛, パ from ハ and ゜.
fn voiced(base: char, mark: char) -> Option<char> {
    let step = match (mark, base) {
        ('゛', 'ウ') => return Some('ヴ'),
        ('゛', 'カ'..='ト') if "カキクケコサシスセソタチツテト".contains(base) => {
            1
        }
        ('゛', _) if "ハヒフヘホ".contains(base) => 1,
        ('゜', _) if "ハヒフヘホ".contains(base) => 2,
        _ => return None,
    };
    char::from_u32(base as u32 + step)
}

/// Text of a message's bytes: by MSH-18 where that fits the bytes, else by their look.
pub fn decode(bytes: &[u8]) -> Decoded {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut warnings = Vec::new();
    let mut warn = |reason: &str| {
        warnings.push(Warning { place: "MSH-18".to_owned(), reason: reason.to_owned() });
    };
    let told = told(bytes);
    let escapes =
        bytes.windows(2).any(|pair| pair[0] == ESC && (pair[1] == b'$' || pair[1] == b'('));
    if escapes {
        if told == Told::Utf8 {
            warn("says UTF-8, but the text is ISO-2022-JP");
        }
        let (text, failed) = from_jis(bytes);
        if failed {
            warn("a character is not in the set and reads as �");
        }
        return Decoded { text, charset: Charset::Jis, warnings };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if told == Told::Jis && !text.is_ascii() {
            warn("says ISO IR87, but the text is UTF-8");
        } else if told == Told::Other {
            warn("another character set is named; read as UTF-8");
        }
        // Plain ASCII says nothing of itself; an answer may have kanji to carry.
        let jis = told == Told::Jis && text.is_ascii();
        let charset = if jis { Charset::Jis } else { Charset::Utf8 };
        return Decoded { text: text.to_owned(), charset, warnings };
    }
    if told == Told::Utf8 {
        warn("says UTF-8, but some bytes are not; read as Shift_JIS");
    } else {
        warn("the text is neither UTF-8 nor ISO-2022-JP; read as Shift_JIS");
    }
    let (text, failed) = SHIFT_JIS.decode_without_bom_handling(bytes);
    if failed {
        warn("a character is not in the set and reads as �");
    }
    Decoded { text: text.into_owned(), charset: Charset::Jis, warnings }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Utf8,
    Jis,
    Other,
}

/// What MSH-18 says. A double byte inside MSH could shift the count; then nothing is told, and the look decides.
fn told(bytes: &[u8]) -> Told {
    let Some(at) = bytes.windows(3).position(|w| w == b"MSH") else { return Told::Nothing };
    let line = bytes[at..].split(|&b| b == b'\r' || b == b'\n').next().unwrap_or_default();
    let Some(&separator) = line.get(3) else { return Told::Nothing };
    let field = line.split(|&b| b == separator).nth(17).unwrap_or_default();
    let field = String::from_utf8_lossy(field).to_ascii_uppercase();
    if field.trim().is_empty() || field.trim() == "ASCII" {
        Told::Nothing
    } else if field.contains("UTF") || field.contains("UNICODE") {
        Told::Utf8
    } else if field.contains("IR87") || field.contains("IR 87") || field.contains("IR14") {
        Told::Jis
    } else {
        Told::Other
    }
}

#[derive(Clone, Copy)]
enum Run {
    Ascii,
    Kana,
    Pairs,
    /// JIS X 0212, announced as ISO IR159.
    Supplement,
}

/// ISO-2022-JP as it is met: the bytes are carried over to EUC-JP, whose table is the same. A line end closes a run
/// that nobody closed.
fn from_jis(bytes: &[u8]) -> (String, bool) {
    let mut euc = Vec::with_capacity(bytes.len());
    let mut run = Run::Ascii;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let escape: &[(&[u8], Run)] = &[
            (b"\x1B(B", Run::Ascii),
            (b"\x1B(J", Run::Ascii),
            (b"\x1B(I", Run::Kana),
            (b"\x1B$B", Run::Pairs),
            (b"\x1B$@", Run::Pairs),
            (b"\x1B$(D", Run::Supplement),
        ];
        if let Some((sequence, next)) = escape.iter().find(|(s, _)| rest.starts_with(s)) {
            run = *next;
            rest = &rest[sequence.len()..];
            continue;
        }
        if byte == b'\r' || byte == b'\n' {
            run = Run::Ascii;
        }
        rest = after;
        match (run, after.first()) {
            (Run::Kana, _) if (0x21..=0x5F).contains(&byte) => {
                euc.extend_from_slice(&[0x8E, byte | 0x80]);
            }
            (Run::Pairs, Some(&low)) if is_half(byte) && is_half(low) => {
                euc.extend_from_slice(&[byte | 0x80, low | 0x80]);
                rest = &after[1..];
            }
            (Run::Supplement, Some(&low)) if is_half(byte) && is_half(low) => {
                euc.extend_from_slice(&[0x8F, byte | 0x80, low | 0x80]);
                rest = &after[1..];
            }
            _ => euc.push(byte),
        }
    }
    let (text, failed) = EUC_JP.decode_without_bom_handling(&euc);
    (text.into_owned(), failed)
}

fn is_half(byte: u8) -> bool {
    (0x21..=0x7E).contains(&byte)
}
