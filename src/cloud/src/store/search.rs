//! Search over all patients. The database narrows down with LIKE over a small table; the rule of `clinical`
//! decides on what is left. So what LIKE lets through must hold everything that the rule accepts; a test
//! compares both over many names.

use api::patients::{PatientHit, PatientSearch};
use clinical::search::{Query, SearchKeys, Term};
use clinical::{Patient, Sex};
use jiff::civil::Date;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::audit::Entry;
use super::sql::{self, Arg, Args, args};
use super::{Actor, Store, StoreError, Tenant};

/// Most hits of one search.
const MOST: usize = 200;
/// Most words of one search; more are left out of narrowing, not of the rule.
const WORDS: usize = 6;
/// Most characters of a word used for narrowing.
const LETTERS: usize = 24;
/// What a half-typed sound may yet become, as in `clinical::search`: `tut` on the way to `tuchi`.
const HALF: [(char, &str); 6] =
    [('t', "c"), ('z', "j"), ('d', "jz"), ('h', "f"), ('m', "n"), ('w', "oie")];

/// The kanji name with blanks and without: a word typed may run over the blank.
pub(super) fn kanji_column(keys: &SearchKeys) -> String {
    format!("{}\n{}", keys.kanji, keys.kanji.replace(' ', ""))
}

/// Kana and romaji, then all places at which a word typed may begin, each after a line feed. With them LIKE
/// finds almost exactly what the rule accepts, so that few rows are read in vain.
pub(super) fn sounds_column(keys: &SearchKeys) -> String {
    let mut out = format!("\n{}\n{}", keys.kana, keys.romaji);
    for text in [&keys.kana, &keys.romaji] {
        let bare = text.replace(' ', "");
        if text.contains(' ') {
            out.push('\n');
            out.push_str(&bare);
            for (at, _) in text.match_indices(' ') {
                out.push('\n');
                out.push_str(&text[at..].replace(' ', ""));
            }
        } else {
            // A name in one word is searched throughout.
            for (at, _) in bare.char_indices().skip(1) {
                out.push('\n');
                out.push_str(&bare[at..]);
            }
        }
    }
    out
}

fn keys(canonical: &str, kanji: &str, sounds: &str) -> Option<SearchKeys> {
    let mut lines = sounds.split('\n').skip(1);
    Some(SearchKeys {
        number: canonical.to_ascii_lowercase(),
        kanji: kanji.split('\n').next()?.to_owned(),
        kana: lines.next()?.to_owned(),
        romaji: lines.next()?.to_owned(),
    })
}

/// The WHERE of a search beyond the institution, its parameters numbered from `$2`.
struct Narrow {
    text: String,
    args: Args,
}

impl Narrow {
    fn new(tenant: Tenant, query: &Query) -> Result<Self, StoreError> {
        let mut narrow = Self { text: String::new(), args: args![tenant] };
        for term in query.terms.iter().take(WORDS) {
            match term {
                Term::Birth(day) => narrow.all_of("birth = ", *day),
                Term::Sex(sex) => narrow.all_of("sex = ", sql::to_json(sex)?),
                Term::NumberOrBirth { number, birth } => {
                    let birth = narrow.place(*birth);
                    let number = narrow.like("canonical", &begins(number));
                    narrow.and(&format!("(birth = {birth} OR {number})"));
                }
                Term::Text { number, kanji, kana, romaji } => {
                    narrow.words(number.as_deref(), kanji, kana.as_deref(), romaji.as_deref());
                }
            }
        }
        Ok(narrow)
    }

    fn place(&mut self, value: impl Into<Arg>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn all_of(&mut self, start: &str, value: impl Into<Arg>) {
        let place = self.place(value);
        self.and(&format!("{start}{place}"));
    }

    fn words(
        &mut self,
        number: Option<&str>,
        kanji: &str,
        kana: Option<&str>,
        romaji: Option<&str>,
    ) {
        let mut any = vec![self.like("kanji", &format!("%{}%", escaped(kanji)))];
        if let Some(number) = number {
            any.push(self.like("canonical", &begins(number)));
        }
        for sound in kana.map(str::to_owned).into_iter().chain(romaji.map_or(vec![], spellings)) {
            any.push(self.like("sounds", &format!("%\n{}%", escaped(&sound))));
        }
        self.and(&format!("({})", any.join(" OR ")));
    }

    fn like(&mut self, column: &str, pattern: &str) -> String {
        let place = self.place(pattern);
        format!("{column} LIKE {place} ESCAPE '!'")
    }
}

/// Pattern of a number's beginning, in the spelling of canonical numbers.
fn begins(number: &str) -> String {
    format!("{}%", escaped(&number.to_ascii_uppercase()))
}

/// The romaji word, and what it may become when its last sound is half typed.
fn spellings(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    let half = HALF.iter().find(|(half, _)| word.ends_with(*half));
    if let Some((half, becomes)) = half {
        let stem = word.trim_end_matches(*half);
        all.extend(becomes.chars().map(|c| format!("{stem}{c}")));
    }
    all
}

/// For LIKE, and cut to a length that is long enough to tell names apart.
fn escaped(part: &str) -> String {
    let mut out = String::with_capacity(part.len() + 2);
    for c in part.chars().take(LETTERS) {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out
}

/// The number that the query names, if it is nothing but a number.
fn exact(query: &Query) -> Option<String> {
    let [Term::Text { number: Some(number), .. } | Term::NumberOrBirth { number, .. }] =
        query.terms.as_slice()
    else {
        return None;
    };
    Some(if number.is_empty() { "0".to_owned() } else { number.to_ascii_uppercase() })
}

struct Candidate {
    canonical: String,
    kana_key: String,
    fits: bool,
    leads: bool,
}

fn candidate(row: &AnyRow, query: &Query) -> Result<Candidate, StoreError> {
    let damaged = |column| StoreError::Damaged(format!("patient_search.{column}"));
    let canonical = sql::text(row, 0)?;
    let keys =
        keys(canonical, sql::text(row, 2)?, sql::text(row, 3)?).ok_or_else(|| damaged("sounds"))?;
    let birth: Option<Date> = match sql::text(row, 4)? {
        "" => None,
        day => Some(day.parse().map_err(|_| damaged("birth"))?),
    };
    let sex: Sex = sql::json(row, 5, "patient_search.sex")?;
    let fits = query.matches(&keys, birth, sex);
    Ok(Candidate {
        canonical: canonical.to_owned(),
        kana_key: sql::text(row, 1)?.to_owned(),
        fits,
        leads: fits && query.leads(&keys),
    })
}

impl Store {
    /// Patients that fit the query, in 五十音 order: an exact number first, then those whose name begins with the
    /// first word, then the others; at most `limit` and never more than 200.
    pub async fn search(
        &self,
        actor: &Actor,
        query: &Query,
        limit: u32,
    ) -> Result<PatientSearch, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(MOST).clamp(1, MOST);
        let mut numbers = self.ordered(actor.tenant, query, limit + 1).await?;
        if let Some(exact) = exact(query) {
            let known = numbers.iter().position(|number| *number == exact);
            if let Some(at) = known {
                numbers[..=at].rotate_right(1);
            } else {
                numbers.insert(0, exact);
            }
        }
        let mut hits = self.hits(actor.tenant, &numbers).await?;
        let more = hits.len() > limit;
        hits.truncate(limit);
        let shown: Vec<&str> = hits.iter().map(|hit| hit.number.as_str()).collect();
        // The words typed may be a name and stay out of the log; who was shown is what counts.
        let entry = Entry::new("patient.search", "patients", "").with(shown.join(" "));
        self.record(actor, entry).await?;
        Ok(PatientSearch { hits, more })
    }

    /// Canonical numbers of those who fit, in order.
    async fn ordered(
        &self,
        tenant: Tenant,
        query: &Query,
        wanted: usize,
    ) -> Result<Vec<String>, StoreError> {
        let narrow = Narrow::new(tenant, query)?;
        let mut found = Vec::with_capacity(wanted);
        let mut others = Vec::new();
        let mut after: Option<(String, String)> = None;
        let mut page = wanted.saturating_mul(4).max(400);
        loop {
            let mut args = narrow.args.clone();
            let place = args.len();
            let (kana_key, canonical) = after.take().unwrap_or_default();
            args.extend(args![kana_key, canonical, i64::try_from(page).unwrap_or(i64::MAX)]);
            let text = format!(
                "SELECT canonical, kana_key, kanji, sounds, birth, sex FROM patient_search \
                 WHERE institution_id = $1 AND (kana_key, canonical) > (${}, ${}){} \
                 ORDER BY kana_key, canonical LIMIT ${}",
                place + 1,
                place + 2,
                narrow.text,
                place + 3
            );
            // Constants and numbered places only; what was typed is in the parameters.
            let rows = self.database().all(AssertSqlSafe(text).into_sql_str(), args).await?;
            for row in &rows {
                let candidate = candidate(row, query)?;
                if candidate.leads {
                    found.push(candidate.canonical.clone());
                    if found.len() == wanted {
                        return Ok(found);
                    }
                } else if candidate.fits && others.len() < wanted {
                    others.push(candidate.canonical.clone());
                }
                after = Some((candidate.kana_key, candidate.canonical));
            }
            if rows.len() < page {
                others.truncate(wanted - found.len());
                found.append(&mut others);
                return Ok(found);
            }
            page = page.saturating_mul(8);
        }
    }

    /// What a list shows of these patients, in the order given; unknown numbers are left out.
    async fn hits(
        &self,
        tenant: Tenant,
        numbers: &[String],
    ) -> Result<Vec<PatientHit>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut args = args![tenant];
        let list = sql::list(&mut args, numbers.iter().map(String::as_str));
        let text = format!(
            "SELECT body FROM patients WHERE institution_id = $1 AND canonical IN ({list})"
        );
        let rows = self.database().all(AssertSqlSafe(text).into_sql_str(), args).await?;
        let place = |number: &str| numbers.iter().position(|n| n == number);
        let mut hits = Vec::with_capacity(rows.len());
        for row in &rows {
            let patient: Patient = sql::json(row, 0, "patients.body")?;
            hits.push((
                place(&patient.number.canonical()),
                PatientHit {
                    number: patient.number,
                    name: patient.name,
                    birth_date: patient.birth_date,
                    sex: patient.sex,
                    last_visit: patient.last_visit,
                },
            ));
        }
        hits.sort_by_key(|(place, _)| *place);
        Ok(hits.into_iter().map(|(_, hit)| hit).collect())
    }
}
