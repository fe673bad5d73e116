//! What must be true whatever happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use api::entries::{Entry, EntryContent};
use api::proof;
use clinical::profile::{Item, Outcome, SHOWN_PER_KIND, shown};
use kiosk::local::outbox::OutboxRow;
use uuid::Uuid;

use crate::server::{Server, Stored};
use crate::tally::Tally;
use crate::terminal::Terminal;
use crate::world::short;

/// What somebody confirmed.
struct Pressed {
    terminal: usize,
    order: usize,
    hash: String,
    /// Item or reception: what builds on each other.
    chain: String,
    /// The patient, or the reception of nobody known.
    lane: String,
}

pub struct Oracle {
    pressed: HashMap<Uuid, Pressed>,
    /// Entries that somebody was told are saved, and that are not yet seen at the cloud.
    open: Vec<BTreeSet<Uuid>>,
    /// Those of which the terminal has not got the receipt.
    unreceipted: Vec<BTreeSet<Uuid>>,
    told: BTreeSet<Uuid>,
    /// Entries that somebody took back or replaced after a refusal.
    given_up: BTreeSet<Uuid>,
    /// Lanes in which a row was refused or waited for its author: others may pass it.
    disturbed: BTreeSet<(usize, String)>,
    /// Entries found at the cloud, up to this place of its log.
    stored: HashMap<Uuid, String>,
    read: usize,
    /// An entry that was sent after it had been taken back.
    wrongly_sent: Option<Uuid>,
    pub troubles: usize,
    pub garbled: usize,
}

impl Oracle {
    pub fn new(terminals: usize) -> Self {
        Self {
            pressed: HashMap::new(),
            open: vec![BTreeSet::new(); terminals],
            unreceipted: vec![BTreeSet::new(); terminals],
            told: BTreeSet::new(),
            given_up: BTreeSet::new(),
            disturbed: BTreeSet::new(),
            stored: HashMap::new(),
            read: 0,
            wrongly_sent: None,
            troubles: 0,
            garbled: 0,
        }
    }

    /// Somebody confirms an entry; nothing has been promised yet.
    pub fn pressed(&mut self, terminal: usize, entry: &Entry) {
        let (chain, lane) = places(entry);
        let hash = proof::hash(&serde_json::to_vec(entry).expect("an entry is JSON"));
        let order = self.pressed.len();
        self.pressed.insert(entry.id, Pressed { terminal, order, hash, chain, lane });
    }

    /// 保存しました.
    pub fn told(&mut self, terminal: usize, id: Uuid) {
        self.told.insert(id);
        self.open[terminal].insert(id);
        self.unreceipted[terminal].insert(id);
    }

    /// A receipt that names the entry and its bytes has come.
    pub fn receipted(&mut self, terminal: usize, id: Uuid) {
        self.unreceipted[terminal].remove(&id);
    }

    /// A terminal sends an entry.
    pub fn sent(&mut self, id: Uuid) {
        if self.given_up.contains(&id) {
            self.wrongly_sent = Some(id);
        }
    }

    /// A person took a refused entry back, or put another in its place.
    pub fn given_up(&mut self, terminal: usize, id: Uuid) {
        self.open[terminal].remove(&id);
        self.unreceipted[terminal].remove(&id);
        self.given_up.insert(id);
    }

    pub fn disturbed(&mut self, terminal: usize, row: &OutboxRow) {
        self.disturbed.insert((terminal, places(&row.entry).1));
    }

    /// After every step: what was promised is on the terminal's disk or at the cloud.
    pub fn look(&mut self, terminals: &[Terminal], server: &Server) -> Result<(), String> {
        for stored in &server.log[self.read..] {
            let pressed = self.pressed.get(&stored.id).map(|pressed| &pressed.hash);
            if pressed != Some(&stored.hash) {
                return Err(format!("{} is stored and nobody confirmed it", short(stored.id)));
            }
            if self.stored.insert(stored.id, stored.hash.clone()).is_some() {
                return Err(format!("{} is stored twice", short(stored.id)));
            }
        }
        self.read = server.log.len();
        if let Some(id) = self.wrongly_sent {
            return Err(format!("{} was taken back and sent", short(id)));
        }
        for (t, terminal) in terminals.iter().enumerate() {
            let open = &mut self.open[t];
            open.retain(|id| !self.stored.contains_key(id));
            if let Some(id) = open.iter().find(|id| !terminal.rows.contains_key(id)) {
                return Err(format!("{} was saved on terminal {t} and is lost", short(*id)));
            }
            let known = |id: &Uuid| !terminal.alive || terminal.outbox.row(*id).is_some();
            if let Some(id) = self.unreceipted[t].iter().find(|id| !known(id)) {
                let id = short(*id);
                return Err(format!("{id} left the outbox of terminal {t} without its receipt"));
            }
        }
        Ok(())
    }

    /// When all is at rest.
    pub fn judge(&self, terminals: &[Terminal], server: &Server) -> Result<(), String> {
        for id in &self.told {
            if !self.stored.contains_key(id) && !self.given_up.contains(id) {
                return Err(format!("{} was saved and not stored", short(*id)));
            }
        }
        self.judge_order(server)?;
        let mut again: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for (version, _) in server.log.iter().filter_map(|stored| stored.version.as_ref()) {
            let items = again.entry(version.entry.patient.canonical()).or_default();
            Item::apply(items, version).map_err(|e| format!("the log does not run again: {e}"))?;
        }
        for (patient, items) in &server.patients {
            let again = again.remove(patient).unwrap_or_default();
            if again != *items {
                return Err(format!("patient {patient} is not what the log makes"));
            }
            let expected = shown(again, SHOWN_PER_KIND);
            for (t, terminal) in terminals.iter().enumerate() {
                if terminal.cache.profiles.get(patient) != Some(&expected) {
                    return Err(format!("terminal {t} shows another profile of {patient}"));
                }
            }
        }
        let wrong = terminals.iter().position(|t| t.cache.receptions != server.receptions);
        wrong.map_or(Ok(()), |t| Err(format!("terminal {t} shows other receptions")))
    }

    /// A terminal's entries about one thing are stored in the order of confirming; those about one patient too,
    /// unless one of them was stuck.
    fn judge_order(&self, server: &Server) -> Result<(), String> {
        let mut last: HashMap<(usize, &str), usize> = HashMap::new();
        // A copy that was still on its way when another was refused is outside of any order.
        let in_order = |stored: &&Stored| !self.given_up.contains(&stored.id);
        for stored in server.log.iter().filter(in_order) {
            let Pressed { terminal, order, chain, lane, .. } = &self.pressed[&stored.id];
            let free = !self.disturbed.contains(&(*terminal, lane.clone()));
            for place in std::iter::once(chain).chain(free.then_some(lane)) {
                let before = last.insert((*terminal, place.as_str()), *order);
                if before.is_some_and(|before| before > *order) {
                    let id = short(stored.id);
                    return Err(format!("{id} of terminal {terminal} is out of order in {place}"));
                }
            }
        }
        Ok(())
    }

    pub fn tally(&self, server: &Server, calls: usize) -> Tally {
        let outcomes = server.log.iter().filter_map(|stored| stored.version.as_ref());
        Tally {
            entries: self.pressed.len(),
            stored: server.log.len(),
            rivals: outcomes.filter(|(_, outcome)| *outcome == Outcome::Rival).count(),
            given_up: self.given_up.len(),
            crossed: self.given_up.iter().filter(|id| self.stored.contains_key(id)).count(),
            stuck: self.disturbed.len(),
            repeated: server.repeated,
            resets: server.resets,
            garbled: self.garbled,
            calls,
            troubles: self.troubles,
        }
    }
}

fn places(entry: &Entry) -> (String, String) {
    match &entry.content {
        EntryContent::Profile { entry } => {
            let patient = entry.patient.canonical();
            (format!("item {} of {patient}", entry.item), format!("patient {patient}"))
        }
        EntryContent::ReceptionState { change } => {
            // Reception 00001 is patient 1's, and so on.
            let patient = change.key.id.trim_start_matches('0');
            (format!("reception {}", change.key.id), format!("patient {patient}"))
        }
        other => panic!("nobody in the simulation confirms {other:?}"),
    }
}
