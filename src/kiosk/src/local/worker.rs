//! The thread that reads and writes the store's file.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use api::proof::Signer;
use api::session::SessionInfo;
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::confirm::{Confirm, Kept, NotKept};
use super::disk::Disk;
use super::file::{CacheFile, Change, FileError};
use super::key::{Ring, SystemRing};
use super::outbox::{OutboxRow, RowState};
use super::people::{self, Person};
use super::place::{Place, make_folder};
use super::prints::PrintsKept;
use super::records::{KeptRow, Named};
use super::terminal::{Terminal, uses_numbers};
use super::{NoticeKind, Settings, Shared};

/// What is asked of the worker.
pub(super) enum Job {
    /// What the memory holds under these names is to be on disk.
    Changed(Vec<Named>),
    Confirm {
        confirm: Box<Confirm>,
        at: Timestamp,
    },
    Key {
        login: String,
        answer: Sender<Option<String>>,
    },
    Person {
        login: String,
        info: Box<SessionInfo>,
        password: Zeroizing<String>,
        at: Timestamp,
    },
    /// Print jobs that must be on disk before the answer.
    Prints {
        changed: Vec<Named>,
        answer: Sender<PrintsKept>,
    },
    /// The name of the store.
    Store {
        answer: Sender<Option<Uuid>>,
    },
    Settle(Sender<()>),
}

pub(super) struct Worker {
    shared: Arc<Shared>,
    /// Before the place, which is let go after it: who claims the folder next finds the file closed.
    file: Option<CacheFile>,
    place: Place,
    /// The file has been read once in this run: from then on the memory knows what belongs in it.
    loaded: bool,
    /// What the disk does not have yet because writing failed.
    unwritten: BTreeSet<Named>,
    /// Keys of people who are about to sign in here for the first time.
    new_keys: HashMap<String, Zeroizing<Vec<u8>>>,
    /// The person has been told that writing fails, and it has not worked since.
    told: bool,
}

impl Worker {
    pub(super) fn new(settings: Settings, shared: Arc<Shared>, disk: Disk) -> Self {
        // The folder must be there before its path can be made canonical for the keyring's entry.
        let made = make_folder(&settings.folder, &disk);
        let ring = Box::new(SystemRing::of(&settings.folder));
        let folder = settings.folder.clone();
        let mut worker = Self::with(settings, shared, disk, ring);
        if let Err(e) = made {
            worker.told = true;
            worker.shared.tell(NoticeKind::NoFolder, format!("{}: {e}", folder.display()));
        }
        worker
    }

    pub(super) fn with(
        settings: Settings,
        shared: Arc<Shared>,
        disk: Disk,
        ring: Box<dyn Ring + Send>,
    ) -> Self {
        Self {
            place: Place::new(settings, Arc::clone(&shared), disk, ring),
            shared,
            file: None,
            loaded: false,
            unwritten: BTreeSet::new(),
            new_keys: HashMap::new(),
            told: false,
        }
    }

    /// Loads the file, then works until the last handle is gone.
    pub(super) fn run(mut self, inbox: &Receiver<Job>) {
        if let Err(error) = self.ready() {
            self.not_saved(&error.what());
        }
        while let Ok(first) = inbox.recv() {
            // What has gathered meanwhile shares one commit.
            self.work(std::iter::once(first).chain(inbox.try_iter()).collect());
        }
    }

    fn work(&mut self, jobs: Vec<Job>) {
        let mut names = BTreeSet::new();
        let mut confirms = Vec::new();
        let mut settled = Vec::new();
        let mut prints = Vec::new();
        for job in jobs {
            match job {
                Job::Changed(changed) => names.extend(changed),
                Job::Confirm { confirm, at } => confirms.push((*confirm, at)),
                // Who asked may have stopped waiting.
                Job::Key { login, answer } => drop(answer.send(self.entry_key(&login))),
                Job::Person { login, info, password, at } => {
                    names.extend(self.person(login, *info, &password, at));
                }
                Job::Prints { changed, answer } => {
                    names.extend(changed);
                    prints.push(answer);
                }
                Job::Store { answer } => {
                    let store = self.store_id();
                    names.extend(store.map(|_| Named::Terminal));
                    let _ = answer.send(store);
                }
                Job::Settle(done) => settled.push(done),
            }
        }
        self.write(names, confirms);
        self.tell_prints(prints);
        for done in settled {
            let _ = done.send(());
        }
    }

    /// Tells who prints whether everything that was asked before is on disk.
    fn tell_prints(&mut self, prints: Vec<Sender<PrintsKept>>) {
        if prints.is_empty() {
            return;
        }
        let kept = match self.ready() {
            Ok(()) if self.unwritten.is_empty() => PrintsKept::OnDisk,
            _ if self.place.given_up() => PrintsKept::Nowhere,
            Ok(()) => PrintsKept::NotNow("the disk does not take it".to_owned()),
            Err(error) => PrintsKept::NotNow(error.what()),
        };
        for answer in prints {
            // Who asked may have stopped waiting.
            let _ = answer.send(kept.clone());
        }
    }

    fn entry_key(&mut self, login: &str) -> Option<String> {
        // A key that is on disk must have been read before another is made.
        if let Err(error) = self.ready() {
            self.not_saved(&error.what());
        }
        if self.place.given_up() {
            return None;
        }
        if let Some(person) = self.shared.memory().people.get(login) {
            return person.signer().map(|signer| signer.public_key());
        }
        if let Some(kept) = self.new_keys.get(login) {
            return Signer::read(kept).ok().map(|signer| signer.public_key());
        }
        let (signer, kept) = Signer::generate().ok()?;
        self.new_keys.insert(login.to_owned(), kept);
        Some(signer.public_key())
    }

    fn store_id(&mut self) -> Option<Uuid> {
        // A name that is on disk must have been read before another is made.
        if let Err(error) = self.ready() {
            self.not_saved(&error.what());
        }
        if self.place.given_up() {
            return None;
        }
        let mut memory = self.shared.memory();
        if memory.terminal.is_none() {
            memory.terminal = Terminal::new();
        }
        memory.terminal.as_ref().map(|terminal| terminal.store)
    }

    /// Takes in who has signed in, and signs what has waited for that.
    fn person(
        &mut self,
        login: String,
        info: SessionInfo,
        password: &str,
        at: Timestamp,
    ) -> Vec<Named> {
        let known = self.shared.memory().people.get(&login).map(|person| person.key.clone());
        let new = self.new_keys.remove(&login).map(|kept| kept.to_vec());
        let Some(key) = known.or(new) else { return Vec::new() };
        let account = info.account_id;
        let station = info.station;
        let person = Person {
            login: login.clone(),
            info,
            verifier: people::verifier(password),
            last_online: at,
            wrong: 0,
            wait_until: None,
            key,
        };
        let signer = person.signer();
        let mut memory = self.shared.memory();
        memory.people.insert(login.clone(), person);
        if let (Some(terminal), Some(_)) = (&mut memory.terminal, station) {
            terminal.station = station;
        }
        let waiting = memory.outbox.waiting_for(account);
        for id in &waiting {
            if let Some(signer) = &signer {
                memory.outbox.sign_anew(*id, signer);
            }
        }
        drop(memory);
        self.shared.outbox_moved();
        waiting.into_iter().map(Named::Row).chain([Named::Person(login), Named::Terminal]).collect()
    }

    /// Writes what has changed and what people confirm, in one commit.
    fn write(&mut self, names: BTreeSet<Named>, confirms: Vec<(Confirm, Timestamp)>) {
        self.unwritten.extend(names);
        if self.unwritten.is_empty() && confirms.is_empty() {
            return;
        }
        // What is on disk must have been read before anybody's key is looked for.
        if let Err(error) = self.ready() {
            let ids = confirms.iter().map(|(confirm, _)| confirm.entry.id).collect();
            return self.refuse(ids, error);
        }
        let rows = self.rows_of(confirms);
        if self.unwritten.is_empty() && rows.is_empty() {
            return;
        }
        let written = match self.try_write(&rows) {
            // The file is a new one now.
            Err(FileError::Damaged(_)) => self.try_write(&rows),
            other => other,
        };
        match written {
            Ok(()) => self.saved(rows),
            Err(error) => self.refuse(rows.iter().map(|(_, row)| row.id).collect(), error),
        }
    }

    /// Signs what people confirm; who cannot sign is told so here.
    fn rows_of(&self, confirms: Vec<(Confirm, Timestamp)>) -> Vec<(Confirm, Arc<OutboxRow>)> {
        let memory = self.shared.memory();
        let mut rows: Vec<(Confirm, Arc<OutboxRow>)> = Vec::new();
        let mut order = memory.outbox.next_order();
        let mut answers = Vec::new();
        for (confirm, at) in confirms {
            let id = confirm.entry.id;
            if memory.outbox.row(id).is_some() {
                answers.push(Kept::Saved { id });
                continue;
            }
            let not_kept = |why, detail: String| Kept::NotSaved { id, why, detail };
            let person = memory.person_of(confirm.author);
            let Some((person, signer)) = person.and_then(|p| p.signer().map(|s| (p, s))) else {
                answers.push(not_kept(NotKept::NoKey, "no key of this account".to_owned()));
                continue;
            };
            let (entry, patient) = (confirm.entry.clone(), confirm.patient.clone());
            match OutboxRow::made(order, entry, person.staff(), patient, at, &signer) {
                Ok(row) => {
                    order += 1;
                    rows.push((confirm, Arc::new(row)));
                }
                Err(e) => answers.push(not_kept(NotKept::Failed, e.to_string())),
            }
        }
        drop(memory);
        for kept in answers {
            self.shared.kept(kept);
        }
        rows
    }

    fn try_write(&mut self, rows: &[(Confirm, Arc<OutboxRow>)]) -> Result<(), FileError> {
        self.ready()?;
        let Some(file) = &self.file else {
            return Err(FileError::Io("there is no file".to_owned()));
        };
        let mut changes = Vec::new();
        {
            let memory = self.shared.memory();
            for named in &self.unwritten {
                changes.push(named.change(&memory, file)?);
            }
            for (confirm, row) in rows {
                changes.push(file.put(&Named::Row(row.id), &KeptRow::of(row))?);
                if uses_numbers(&row.entry.content) {
                    changes.push(Named::Terminal.change(&memory, file)?);
                }
                changes.extend(confirm.draft.clone().map(|key| file.remove(&Named::Draft(key))));
                let replaced = confirm.replaces.filter(|id| may_go(memory.outbox.row(*id)));
                changes.extend(replaced.map(|id| file.remove(&Named::Row(id))));
            }
        }
        let written = file.write(&changes);
        match &written {
            Ok(()) => {
                self.told = false;
                self.unwritten.clear();
            }
            Err(FileError::Damaged(what)) => {
                let what = what.clone();
                self.file = None;
                self.place.recover(&what)?;
            }
            // After a failed write redb wants to be opened anew.
            Err(_) => self.file = None,
        }
        written
    }

    /// On disk: now it may be said, and sent.
    fn saved(&self, rows: Vec<(Confirm, Arc<OutboxRow>)>) {
        if rows.is_empty() {
            return;
        }
        let mut memory = self.shared.memory();
        let mut kept = Vec::new();
        for (confirm, row) in rows {
            kept.push(Kept::Saved { id: row.id });
            memory.outbox.add(row);
            if let Some(key) = &confirm.draft {
                memory.drafts.remove(key);
            }
            if let Some(id) = confirm.replaces.filter(|id| may_go(memory.outbox.row(*id))) {
                memory.outbox.remove(id);
            }
        }
        drop(memory);
        for kept in kept {
            self.shared.kept(kept);
        }
        self.shared.outbox_moved();
    }

    /// Not on disk: that is said, and nothing else has changed.
    fn refuse(&mut self, ids: Vec<Uuid>, error: FileError) {
        let why = match &error {
            _ if self.place.given_up() => NotKept::NoStore,
            FileError::Full(_) => NotKept::DiskFull,
            _ => NotKept::Failed,
        };
        let detail = error.what();
        self.not_saved(&detail);
        // Whether a commit that failed at its very end is on disk, only the disk knows. Opened anew, the file is
        // made to say what the memory says, before the person is told to save once more.
        if !ids.is_empty()
            && let Err(error) = self.ready()
        {
            tracing::warn!(what = %error.what(), "the store stays closed for now");
        }
        for id in ids {
            self.shared.kept(Kept::NotSaved { id, why, detail: detail.clone() });
        }
    }

    /// Opens the file where it is not open, loads it where that has not been done, and makes it say what the
    /// memory says.
    fn ready(&mut self) -> Result<(), FileError> {
        if self.file.is_some() {
            return Ok(());
        }
        let (file, contents) = self.place.open()?;
        let on_disk = contents.names();
        let useless: Vec<Change> = contents
            .useless
            .iter()
            .map(|(table, id)| Change::Remove { table: *table, id: *id })
            .collect();
        let (foreign, now) = (contents.foreign_unsent, (self.shared.clock)());
        let mut memory = self.shared.memory();
        if !self.loaded {
            memory.load(contents, now);
        }
        let here = memory.names();
        let differing = on_disk.symmetric_difference(&here).chain(&self.unwritten);
        let mut changes = useless;
        for named in differing.collect::<BTreeSet<_>>() {
            changes.push(named.change(&memory, &file)?);
        }
        drop(memory);
        if !self.loaded {
            self.loaded = true;
            if foreign > 0 {
                self.shared.tell_of(NoticeKind::OtherInstitution, "", foreign);
            }
            self.shared.outbox_moved();
        }
        if !changes.is_empty() {
            file.write(&changes)?;
            self.unwritten.clear();
        }
        self.file = Some(file);
        Ok(())
    }

    fn not_saved(&mut self, why: &str) {
        // A place that is given up has said why.
        if !self.told && !self.place.given_up() {
            self.told = true;
            self.shared.tell(NoticeKind::NotSaved, why.to_owned());
        }
    }
}

/// Whether a row may give its place to one that mends it: not one that may be on its way.
fn may_go(row: Option<&Arc<OutboxRow>>) -> bool {
    row.is_some_and(|row| row.state != RowState::Waiting)
}
