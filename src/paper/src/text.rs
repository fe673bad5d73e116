//! Texts as they can be printed: what no font has is marked, never left to be a blank box.

use serde_json::Value;

use crate::error::PaperWarning;

/// The mark for a character that cannot be printed (下駄記号).
pub(crate) const GETA: char = '〓';

/// Replaces in all texts what cannot be printed, and tells what that was.
pub(crate) fn mend(data: &mut Value, has: impl Fn(char) -> bool) -> Vec<PaperWarning> {
    let mut missing = Vec::new();
    walk(data, &mut |text| {
        if text.chars().all(|c| ignorable(c) || !c.is_control() && has(c)) {
            return;
        }
        *text = text.chars().map(|c| mended(c, &has, &mut missing)).collect();
    });
    missing.sort_unstable();
    missing.dedup();
    missing
        .into_iter()
        .map(|c| PaperWarning::MissingGlyph { code: format!("U+{:04X}", u32::from(c)) })
        .collect()
}

fn mended(c: char, has: &impl Fn(char) -> bool, missing: &mut Vec<char>) -> char {
    if ignorable(c) {
        return c;
    }
    if c.is_control() || c.is_whitespace() {
        return if has(c) && !c.is_control() { c } else { ' ' };
    }
    if has(c) {
        return c;
    }
    missing.push(c);
    GETA
}

/// Variation selectors choose the form of the kanji before them; where a font has no such form they draw nothing.
fn ignorable(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mend;
    use crate::error::PaperWarning;

    #[test]
    fn what_no_font_has_is_marked_and_told_once() {
        let mut data =
            json!({"name": "山\u{e123}田\u{e123}", "rows": [["葛\u{e0100}", 3, "a\u{7}b\nc"]]});
        let warnings = mend(&mut data, |c| c.is_ascii_graphic() || "山田葛".contains(c));
        assert_eq!(data, json!({"name": "山〓田〓", "rows": [["葛\u{e0100}", 3, "a b c"]]}));
        assert_eq!(warnings, [PaperWarning::MissingGlyph { code: "U+E123".to_owned() }]);
    }

    #[test]
    fn what_every_font_has_stays_as_it_is() {
        let mut data = json!(["検査　和夫", "<[#panic()]>"]);
        assert!(mend(&mut data, |_| true).is_empty());
        assert_eq!(data, json!(["検査　和夫", "<[#panic()]>"]));
    }
}
