//! Turns the reader's errors into words for the person who edits the file.
//!
//! Values are never repeated from the file: one of them may be a password that lost its quotes.

use std::path::Path;

use crate::error::SettingsError;
use crate::locate;
use crate::value::MARK;

pub(crate) fn explain(error: &toml::de::Error, text: &str, file: &Path) -> SettingsError {
    let message = error.message();
    let offset = error.span().map_or(0, |span| span.start);
    let key = locate::key_at(text, offset);
    let named = || key.clone().unwrap_or_else(|| "this value".to_owned());
    let quoted = || key.as_ref().map_or("this value".to_owned(), |key| format!("'{key}'"));

    let (what, hint) = if toml::de::DeTable::parse(text).is_err() {
        syntax(message)
    } else if let Some(rest) = message.strip_prefix("unknown field ") {
        unknown_field(rest)
    } else if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (_, expected) = split_unknown(rest);
        let written = first_tick(rest);
        (
            format!("'{}' cannot be \"{written}\"", named()),
            format!("write {}{}", one_of(&expected), nearest(&written, &expected)),
        )
    } else if let Some(rest) = message.strip_prefix("missing field ") {
        let name = first_tick(rest);
        (format!("the setting '{name}' is missing here"), format!("add a line {name} = …"))
    } else if let Some(expected) = after_expected(message, "invalid type: ")
        .or_else(|| after_expected(message, "invalid value: "))
        .or_else(|| after_expected(message, "invalid length "))
    {
        (format!("{} is not {}", quoted(), in_words(&expected)), example(&expected).to_owned())
    } else if let Some((what, hint)) = message.split_once(MARK) {
        (format!("{} {what}", quoted()), hint.to_owned())
    } else {
        // From a value type of another room, which has its own words.
        (format!("{} is not right: {}", quoted(), message.replace('\n', " ")), String::new())
    };
    SettingsError::at_offset(file, text, offset, what, hint)
}

fn syntax(message: &str) -> (String, String) {
    if message.starts_with("duplicate key") {
        return ("this setting stands twice".to_owned(), "keep one of the two lines".to_owned());
    }
    (
        format!("this is not TOML ({})", message.replace('\n', " ")),
        "write name = value, and texts in quotes: name = \"text\"".to_owned(),
    )
}

fn unknown_field(rest: &str) -> (String, String) {
    let (written, expected) = split_unknown(rest);
    let hint = if expected.is_empty() {
        "remove the line; nothing can be set here".to_owned()
    } else {
        match closest(&written, &expected) {
            Some(near) => format!("did you mean '{near}'? Known here: {}", expected.join(", ")),
            None => format!("known here: {}", expected.join(", ")),
        }
    };
    (format!("there is no setting '{written}'"), hint)
}

/// "`a`, expected `b`" and "`a`, expected one of `b`, `c`".
fn split_unknown(rest: &str) -> (String, Vec<String>) {
    let written = first_tick(rest);
    let after = rest.split_once(", expected ").map_or("", |(_, after)| after);
    let expected = after.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    (written, expected)
}

fn first_tick(text: &str) -> String {
    text.split('`').nth(1).unwrap_or_default().to_owned()
}

fn after_expected(message: &str, prefix: &str) -> Option<String> {
    let rest = message.strip_prefix(prefix)?;
    // The value in front may itself hold ", expected "; the last one is the reader's.
    rest.rsplit_once(", expected ").map(|(_, expected)| expected.to_owned())
}

fn in_words(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "f32" | "f64" => "a number",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" | "a nonzero u32" | "a nonzero u64" | "a nonzero usize" => {
            "a whole number, 0 or more"
        }
        other => {
            if other.starts_with("struct ") {
                "a table"
            } else {
                other
            }
        }
    }
}

fn example(expected: &str) -> &'static str {
    match in_words(expected) {
        "a text in quotes" => "write e.g. \"text\"",
        "true or false" => "write true or false without quotes",
        "a list" => "write e.g. [\"one\", \"two\"]",
        "a table" => "write its settings below a line [name]",
        words if words.contains("number") => "write the digits alone, without quotes",
        _ => "see the comment in the shipped file",
    }
}

fn one_of(expected: &[String]) -> String {
    let quoted: Vec<String> = expected.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(" or ")
}

fn nearest(written: &str, expected: &[String]) -> String {
    closest(written, expected).map_or(String::new(), |near| format!(" (did you mean \"{near}\"?)"))
}

fn closest<'a>(written: &str, expected: &'a [String]) -> Option<&'a String> {
    let limit = 1 + written.chars().count() / 3;
    let by_distance = expected.iter().map(|name| (distance(written, name), name));
    by_distance.filter(|(steps, _)| *steps <= limit).min_by_key(|(steps, _)| *steps).map(|(_, n)| n)
}

/// Steps of inserting, removing or replacing a character between two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
