//! Which lines the list shows, in which order. Computed anew only when something it depends on has changed.

use api::patients::PatientHit;
use clinical::search::Query;
use clinical::{PatientNumber, Reception, ReceptionKey};

use super::filter::Filter;
use crate::app::day::Row;
use crate::app::model::Desk;

/// Order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// 受付順.
    #[default]
    Time,
    /// カナ順.
    Kana,
    /// 担当医順.
    Physician,
    /// 状態順.
    State,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Head over today's receptions that fit a search.
    TodayHead(usize),
    /// A reception, by its place in the day's rows.
    Today(usize),
    /// Head over the patients found.
    FoundHead,
    /// A patient found, by its place in the hits.
    Hit(usize),
}

/// What the arrows stand on; by name, so that a change of the list does not move it to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A reception.
    Reception(ReceptionKey),
    /// A patient found.
    Hit(PatientNumber),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inputs {
    day: u64,
    search: u64,
    sort: Sort,
    filter: Filter,
    text: String,
}

/// What became of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// They stand as they stood.
    Nothing,
    /// Something came in from outside.
    Content,
    /// The person at the screen wanted another order or other lines.
    Order,
    /// Another text is searched.
    Text,
}

/// The lines.
#[derive(Default)]
pub struct View {
    inputs: Option<Inputs>,
    /// In order.
    pub lines: Vec<Line>,
}

impl View {
    /// Brings the lines up to date.
    pub fn update(&mut self, desk: &Desk, sort: Sort, filter: &Filter, text: &str) -> Changed {
        let inputs = Inputs {
            day: desk.day.version,
            search: desk.search.version,
            sort,
            filter: filter.clone(),
            text: text.to_owned(),
        };
        let changed = match &self.inputs {
            Some(before) if *before == inputs => return Changed::Nothing,
            Some(before) if before.text != inputs.text => Changed::Text,
            Some(before) if before.sort == inputs.sort && before.filter == inputs.filter => {
                Changed::Content
            }
            _ => Changed::Order,
        };
        self.lines = lines(desk, &inputs);
        self.inputs = Some(inputs);
        changed
    }

    /// The selection's place.
    pub fn place(&self, desk: &Desk, selected: &Selected) -> Option<usize> {
        self.lines.iter().position(|line| stands_for(desk, *line, selected))
    }

    /// The first line that can be selected.
    pub fn first(&self, desk: &Desk) -> Option<Selected> {
        self.lines.iter().find_map(|line| at(desk, *line))
    }

    /// The nearest line that can be selected, `by` lines from `from`.
    pub fn step(&self, desk: &Desk, from: Option<usize>, by: isize) -> Option<Selected> {
        let last = isize::try_from(self.lines.len()).ok()? - 1;
        let from = match from {
            Some(from) => isize::try_from(from).ok()?,
            None => -1,
        };
        let to = (from + by).clamp(0, last.max(0));
        let direction = if by < 0 { -1 } else { 1 };
        let mut i = to;
        while (0..=last).contains(&i) {
            let found = usize::try_from(i).ok().and_then(|i| self.lines.get(i));
            if let Some(selected) = found.and_then(|line| at(desk, *line)) {
                return Some(selected);
            }
            i += direction;
        }
        // Past the end there was nothing more; then the last one on this side of it.
        let mut i = to;
        while (0..=last).contains(&i) {
            let found = usize::try_from(i).ok().and_then(|i| self.lines.get(i));
            if let Some(selected) = found.and_then(|line| at(desk, *line)) {
                return Some(selected);
            }
            i -= direction;
        }
        None
    }
}

/// What a line stands for.
pub fn at(desk: &Desk, line: Line) -> Option<Selected> {
    match line {
        Line::Today(i) => {
            desk.day.rows.get(i).map(|row| Selected::Reception(row.reception.key.clone()))
        }
        Line::Hit(i) => desk.search.hits.get(i).map(|hit| Selected::Hit(hit.number.clone())),
        Line::TodayHead(_) | Line::FoundHead => None,
    }
}

/// Whether a line stands for this.
pub fn stands_for(desk: &Desk, line: Line, what: &Selected) -> bool {
    match (line, what) {
        (Line::Today(i), Selected::Reception(key)) => {
            desk.day.rows.get(i).is_some_and(|row| row.reception.key == *key)
        }
        (Line::Hit(i), Selected::Hit(number)) => {
            desk.search.hits.get(i).is_some_and(|hit| hit.number == *number)
        }
        _ => false,
    }
}

fn lines(desk: &Desk, inputs: &Inputs) -> Vec<Line> {
    let today = today(desk, inputs);
    if inputs.text.is_empty() {
        return today.into_iter().map(Line::Today).collect();
    }
    let mut lines = Vec::with_capacity(today.len() + desk.search.hits.len() + 2);
    if !today.is_empty() {
        lines.push(Line::TodayHead(today.len()));
    }
    lines.extend(today.into_iter().map(Line::Today));
    lines.push(Line::FoundHead);
    lines.extend((0..desk.search.hits.len()).map(Line::Hit));
    lines
}

fn today(desk: &Desk, inputs: &Inputs) -> Vec<usize> {
    let day = &desk.day;
    let query = (!inputs.text.is_empty()).then(|| Query::parse(&inputs.text, desk.today()));
    let fits = |i: &usize| {
        let row = &day.rows[*i];
        let r = &row.reception;
        let physician = inputs.filter.physician.as_ref();
        let state = inputs.filter.state;
        match (&query, &row.keys) {
            // Who is searched is found, whatever the list leaves out: else somebody who has been received
            // would be told that he has not.
            (Some(query), Some(keys)) => query.matches(keys, r.birth_date, r.sex),
            (Some(_), None) => false,
            (None, _) => {
                physician.is_none_or(|code| *code == r.physician.code)
                    && state.is_none_or(|state| state == day.shown_state(r))
            }
        }
    };
    let mut order: Vec<usize> = (0..day.rows.len()).filter(fits).collect();
    // The rows come in the order of time; a stable sort keeps that within what is equal.
    match inputs.sort {
        // Who has gone home stands below those who are still here.
        Sort::Time => order.sort_by_key(|i| day.shown_state(&day.rows[*i].reception).has_gone()),
        Sort::Kana => order.sort_by(|a, b| kana(&day.rows[*a]).cmp(&kana(&day.rows[*b]))),
        Sort::Physician => order.sort_by_cached_key(|i| physician(&day.rows[*i].reception)),
        Sort::State => order.sort_by_key(|i| day.shown_state(&day.rows[*i].reception)),
    }
    order
}

/// Whose reading is not known stands at the end.
fn kana(row: &Row) -> (bool, &str) {
    (row.reception.name.kana.trim().is_empty(), &row.kana_key)
}

fn physician(reception: &Reception) -> (bool, String) {
    let code = &reception.physician.code;
    (code.is_empty(), code.clone())
}

/// How many different patients the lines name, counted up to two.
pub fn patients(desk: &Desk, lines: &[Line]) -> Vec<PatientNumber> {
    let mut found: Vec<PatientNumber> = Vec::new();
    for line in lines {
        let number = match line {
            Line::Today(i) => desk.day.rows.get(*i).and_then(|r| r.reception.patient.clone()),
            Line::Hit(i) => desk.search.hits.get(*i).map(|hit: &PatientHit| hit.number.clone()),
            Line::TodayHead(_) | Line::FoundHead => None,
        };
        if let Some(number) = number
            && !found.iter().any(|n| n.canonical() == number.canonical())
        {
            found.push(number);
            if found.len() > 1 {
                break;
            }
        }
    }
    found
}
