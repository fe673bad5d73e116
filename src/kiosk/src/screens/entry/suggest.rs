//! Suggestions under what is typed.

use clinical::profile::AllergyCategory;

use super::answers::Answers;
use super::fields::Table;
use super::read::put_code;

/// Most suggestions at once.
const MOST: usize = 6;

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What goes into the field.
    pub text: String,
    /// Its code.
    pub code: Option<String>,
    /// The kind of allergy that it means.
    pub category: Option<AllergyCategory>,
}

impl Suggestion {
    /// Key of the words beside it.
    pub fn note(&self) -> &'static str {
        match self.category {
            None => "entry.from_drugs",
            Some(AllergyCategory::Drug) => "option.drug",
            Some(AllergyCategory::Food) => "option.food",
            Some(AllergyCategory::Environment) => "option.environment",
        }
    }

    /// Puts it into its field.
    pub fn put(&self, answers: &mut Answers, field: &'static str) {
        answers.set(field, self.text.clone());
        put_code(answers, &self.text, self.code.as_deref());
        if let Some(category) = &self.category {
            answers.choose("field.category", Some(category));
        }
    }
}

/// What the text may mean; the kind of allergy that is chosen comes first.
pub fn find(table: Table, text: &str, answers: &Answers) -> Vec<Suggestion> {
    let drugs = |as_allergen: bool| {
        codes::drugs::find(text, MOST).into_iter().map(move |drug| Suggestion {
            text: drug.name.clone(),
            code: if as_allergen { drug.jfagy() } else { Some(drug.receipt_code.clone()) },
            category: as_allergen.then_some(AllergyCategory::Drug),
        })
    };
    if table == Table::Drugs {
        return drugs(false).collect();
    }
    let others = codes::allergens::find(text, MOST).into_iter().map(|allergen| Suggestion {
        text: allergen.name.clone(),
        code: Some(allergen.code.clone()),
        category: Some(allergen.category()),
    });
    let mut all: Vec<Suggestion> = drugs(true).chain(others).collect();
    let chosen: Option<AllergyCategory> = answers.chosen("field.category");
    all.sort_by_key(|suggestion| suggestion.category != chosen);
    all.truncate(MOST);
    all
}
