//! What the demo's clinic did before the day that is shown: its usual sets, and three years of results of some patients.
//! It goes the way that any order goes, through signed entries and the laboratory's reports.

use ::cloud::clock::Clock;
use ::cloud::store::lab::LabMessage;
use ::cloud::store::{Actor, EntryAuthor, Store, Tenant};
use ::sandbox::Clinic;
use ::sandbox::clinic::{DrawnOrder, LAB_SETS};
use api::entries::{Entry, EntryContent};
use api::proof::Signer;
use clinical::lab::{
    Identified, LabAct, LabEntry, LabItem, LabRequest, LabSet, LabSetAct, LabSetEntry,
    SpecimenNumber, plan_tubes,
};
use clinical::{Patient, PatientNumber};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Span, Timestamp};
use uuid::Uuid;

use super::clock::OFFSET;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Whose blood was looked at; the first is the patient of the pictures.
const PATIENTS: [&str; 4] = ["01873", "00127", "00942", "01530"];
/// How often, and how many weeks apart.
const VISITS: i32 = 12;
const WEEKS: i32 = 13;
/// When the practitioner orders.
const MORNING: Time = Time::constant(9, 40, 0, 0);
/// The two digits under which the clinic numbered its tubes then; no terminal of today has them.
const STATION: u8 = 99;

/// The first day of what is told here.
pub fn first_day(today: Date) -> Date {
    day(today, VISITS)
}

/// When it begins.
pub fn since(today: Date) -> Timestamp {
    moment(first_day(today))
}

fn day(today: Date, visits_ago: i32) -> Date {
    today.saturating_sub(Span::new().weeks(WEEKS * visits_ago))
}

fn moment(day: Date) -> Timestamp {
    OFFSET.to_timestamp(day.to_datetime(MORNING)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A practitioner with a key, at work before the demo begins.
pub struct Before<'a> {
    store: &'a Store,
    clock: &'a Clock,
    author: EntryAuthor,
    signer: Signer,
    serial: u32,
}

impl<'a> Before<'a> {
    /// Gives the practitioner a key.
    pub async fn begin(
        store: &'a Store,
        clock: &'a Clock,
        tenant: Tenant,
        login: &str,
    ) -> Result<Self, Fault> {
        let account = store.account(tenant, login).await?.ok_or("the demo has no practitioner")?;
        let (signer, _) = Signer::generate().map_err(|_| "no key can be made")?;
        let actor = Actor::person(tenant, account.id, login, "診察室", account.role);
        let key = signer.public_key();
        store.register_entry_key(&actor, &key).await?;
        let author = store.entry_author(&key).await?.ok_or("the key was not kept")?;
        Ok(Self { store, clock, author, signer, serial: 0 })
    }

    /// The clinic's usual sets.
    pub async fn sets(&self, today: Date) -> Result<(), Fault> {
        for (place, (name, items)) in (1..).zip(LAB_SETS) {
            let set = Uuid::now_v7();
            let items = items.iter().map(|key| (*key).to_owned()).collect();
            let kept = LabSet { id: set, name: name.to_owned(), owner: None, place, items };
            let entry = LabSetEntry { set, act: LabSetAct::Keep { set: kept } };
            self.confirm(EntryContent::LabSet { entry }, today).await?;
        }
        Ok(())
    }

    /// The results of the years before, the oldest first.
    pub async fn results(&mut self, clinic: &Clinic, seed: u64) -> Result<(), Fault> {
        let numbers = PATIENTS.iter().filter_map(|number| PatientNumber::parse(number).ok());
        let patients: Vec<&Patient> = numbers.filter_map(|n| clinic.patient(&n)).collect();
        let link = Actor::service(self.author.actor.tenant(), "receipt");
        let known: Vec<Patient> = patients.iter().map(|patient| (*patient).clone()).collect();
        self.store.add_patients(&link, &known, self.clock.now()).await?;
        for ago in (1..=VISITS).rev() {
            let day = day(clinic.today(), ago);
            self.clock.set(moment(day));
            for patient in &patients {
                self.visit(patient, day, seed).await?;
            }
        }
        Ok(())
    }

    /// One patient on one day: ordered, drawn, sent, reported, seen.
    async fn visit(&mut self, patient: &Patient, day: Date, seed: u64) -> Result<(), Fault> {
        let (name, keys) = LAB_SETS[0];
        let items: Vec<LabItem> =
            keys.iter().filter_map(|key| ::codes::labs::by_key(key)).cloned().collect();
        let (items, tubes) = plan_tubes(&items, || {
            self.serial = self.serial % 999 + 1;
            SpecimenNumber::new(day, STATION, self.serial)
        })?;
        let numbers: Vec<SpecimenNumber> = tubes.iter().map(|tube| tube.number.clone()).collect();
        let order = Uuid::now_v7();
        let request = LabRequest {
            on_behalf_of: None,
            collect_on: day,
            urgent: false,
            fasting: true,
            comment: String::new(),
            set_name: name.to_owned(),
            items,
            tubes,
        };
        self.act(patient, order, LabAct::Order { request }, day).await?;
        for tube in numbers.clone() {
            let drawn = LabAct::Draw { tube, identified: Identified::Card };
            self.act(patient, order, drawn, day).await?;
        }
        self.act(patient, order, LabAct::Send { tubes: numbers }, day).await?;
        // It is told here what the laboratory answered then: there is nobody to send it to any more.
        let tenant = self.author.actor.tenant();
        while let Some(row) = self.store.next_outgoing(tenant, "lab").await? {
            self.store.outgoing_delivered(tenant, row.seq).await?;
        }
        let evening = moment(day).saturating_add(SignedDuration::from_hours(8))?;
        self.clock.set(evening);
        let stands = self.store.lab_order(&self.author.actor, order).await?.order;
        let drawn = DrawnOrder { order: stands, patient: patient.clone() };
        let message = LabMessage {
            lab: super::servers::LABORATORY.to_owned(),
            control_id: format!("{order}"),
            bytes: order.to_string().into_bytes(),
            reports: ::sandbox::lab::past_reports(seed, &drawn, OFFSET.to_datetime(evening)),
        };
        let lab = Actor::service(tenant, "lab");
        self.store.take_lab_message(&lab, message, |_, _| None).await?;
        let told = self.store.patient_lab(&self.author.actor, &patient.number, day).await?;
        let results: Vec<Uuid> =
            told.results.iter().filter(|r| r.order == order && r.stands()).map(|r| r.id).collect();
        self.act(patient, order, LabAct::ConfirmResults { results }, day).await
    }

    async fn act(
        &self,
        patient: &Patient,
        order: Uuid,
        act: LabAct,
        today: Date,
    ) -> Result<(), Fault> {
        let entry = LabEntry { patient: patient.number.clone(), order, act };
        self.confirm(EntryContent::Lab { entry }, today).await
    }

    async fn confirm(&self, content: EntryContent, today: Date) -> Result<(), Fault> {
        let entry = Entry { id: Uuid::now_v7(), entered_at: self.clock.now(), content };
        let body = serde_json::to_vec(&entry)?;
        let signature = self.signer.sign(&body);
        self.store.take_entry(&self.author, &entry, &body, &signature, today).await?;
        Ok(())
    }
}
