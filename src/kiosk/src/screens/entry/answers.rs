//! What stands in a form, as text: what is typed is kept as typed, what is chosen by the option's name.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answers of a form by the names of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, String>);

impl Answers {
    /// What stands in a field; empty where nothing does.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What stands in a field, without blanks around it.
    pub fn text(&self, name: &str) -> String {
        self.get(name).trim().to_owned()
    }

    /// Puts something into a field; nothing takes it out.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), text);
        }
    }

    /// The chosen option.
    pub fn chosen<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(Value::String(self.get(name).to_owned())).ok()
    }

    /// Chooses an option; `None` leaves it open.
    pub fn choose<T: Serialize>(&mut self, name: &str, option: Option<&T>) {
        let option = option.and_then(|option| serde_json::to_value(option).ok());
        self.set(name, option.as_ref().and_then(Value::as_str).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;
    use clinical::profile::{AllergyCategory, Severity};

    #[test]
    fn options_are_kept_by_name_and_read_again() {
        let mut answers = Answers::default();
        answers.choose("category", Some(&AllergyCategory::Food));
        assert_eq!(answers.get("category"), "food");
        assert_eq!(answers.chosen("category"), Some(AllergyCategory::Food));
        assert_eq!(answers.chosen::<Severity>("severity"), None);
        answers.choose::<AllergyCategory>("category", None);
        assert_eq!(answers, Answers::default());
    }
}
