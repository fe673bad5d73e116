//! Takes what the worker and the store send and does what the screens want.

mod day;
mod history;
mod keeping;
mod lab;
mod news;
mod orders;
mod outdated;
mod papers;
mod patients;
mod receipts;
mod records;
mod results;
mod scale;
mod session;
mod tubes;
mod waiting;
mod ways;

use super::App;
use super::intent::Intent;
use super::model::Tone;
use crate::client::{Request, Ticket, Update};
use crate::local;
use crate::screens::sign_in::detail_words;

pub(super) use news::News;
pub(super) use outdated::Outdated;
pub(super) use scale::{SCALES, kept_scale, percent};

impl App {
    /// Takes everything that came in.
    pub(super) fn take_updates(&mut self, ctx: &egui::Context) {
        self.desk.tick();
        while let Ok(update) = self.updates.try_recv() {
            self.take(ctx, update);
        }
        // The clocks may have been compared just now.
        self.desk.tick();
        for notice in self.cache.notices() {
            let tone = match notice.kind {
                local::NoticeKind::KeyInFile => Tone::Info,
                _ => Tone::Waiting,
            };
            let unsent = notice.unsent.to_string();
            let text = self.desk.fill(notice.kind.key(), &[("n", &unsent)]);
            let detail = detail_words(&self.desk, &notice.detail);
            self.desk.tell(tone, text, detail);
        }
        self.follow_prints();
        self.take_kept(ctx);
        self.follow_outbox();
        self.tell_news();
        self.follow_drafts();
        self.next_day();
        self.keep_list();
    }

    fn take(&mut self, ctx: &egui::Context, update: Update) {
        match update {
            Update::SignedIn(session) => self.signed_in(session, false),
            Update::SignedInOffline(session) => self.signed_in(session, true),
            Update::BackOnline(session) => self.back_online(session),
            Update::SignInFailed(failure) => {
                self.desk.signing_in = None;
                self.screens.sign_in.failed(&failure);
                self.desk.sign_in_failure = Some(failure);
            }
            Update::SignedOut(reason) => self.signed_out(ctx, reason),
            Update::Staff(staff) => self.desk.staff = staff,
            Update::Reference(reference) => self.desk.reference = reference,
            Update::Receptions(list) => self.list_came(list),
            Update::Reception(reception) => self.put_reception(*reception),
            Update::Link(link) => self.desk.link = Some(link),
            // Should the line be cut before anybody reads it anew, the copy must not pass for all there is.
            Update::PatientChanged(number) => {
                self.copy_outdated(&number, None);
                self.patient_changed(&number);
            }
            Update::ProfileChanged { number, item } => {
                self.copy_outdated(&number, Some(item));
                self.patient_changed(&number);
                self.ask_confirmations();
            }
            Update::Patient { ticket, view } => self.patient_came(ticket, view),
            Update::PatientFailed { ticket, number, failure } => {
                self.patient_failed(ticket, &number, failure);
            }
            Update::Found { ticket, hits, more } => self.found(ticket, hits, more),
            Update::SearchFailed { ticket, failure } => self.search_failed(ticket, failure),
            Update::History { ticket, history } => self.history_came(ticket, *history),
            Update::HistoryFailed { ticket, failure } => self.history_failed(ticket, failure),
            Update::Confirmations(answer) => self.confirmations_came(*answer),
            Update::ConfirmationsFailed(failure) => self.confirmations_failed(failure),
            Update::Receipt(receipt, row) => self.receipt_came(&receipt, &row),
            Update::EntryRefused { id, code, message } => self.entry_refused(id, code, &message),
            Update::EntryDelayed { failure, .. } => self.entry_delayed(&failure),
            Update::LabDay(_)
            | Update::LabDayFailed(_)
            | Update::PatientLab { .. }
            | Update::PatientLabFailed { .. }
            | Update::LabInbox(_)
            | Update::LabInboxFailed(_)
            | Update::LabSets(_)
            | Update::LabSpecimen { .. }
            | Update::LabSpecimenFailed { .. }
            | Update::LabChanged { .. }
            | Update::LabTrayChanged
            | Update::LabSetsChanged => self.lab_update(ctx, update),
            Update::Line(line) => self.line_is(line),
            Update::ClockSkew(seconds) => self.desk.skew = seconds,
            Update::Event(_) => {}
        }
    }

    /// Does what a screen wants.
    pub(super) fn run(&mut self, ctx: &egui::Context, intent: Intent) {
        match intent {
            Intent::SignIn { login, password } => {
                self.desk.signing_in = Some(self.desk.moment);
                self.desk.sign_in_failure = None;
                self.send(Request::SignIn { login, password });
            }
            Intent::SignOut => {
                self.send(Request::SignOut);
                self.signed_out(ctx, None);
            }
            Intent::Open(number) => self.open(ctx, &number),
            Intent::Look(number) => self.look(&number),
            Intent::List => self.list(ctx),
            Intent::Leave => self.leave(ctx),
            Intent::Find => {
                self.list(ctx);
                self.end_search();
                self.screens.receptions.find();
            }
            Intent::Search(text) => self.search(text),
            Intent::ChangeState { key, to } => self.change_state(&key, to),
            Intent::OpenForm(kind, item) => self.open_form(ctx, kind, item),
            Intent::Save { entries, form, replaces } => self.save(ctx, entries, form, replaces),
            Intent::KeepDraft { form, content } => self.keep_draft(&form, content),
            Intent::DropDraft { form } => self.drop_draft(&form),
            Intent::TakeOver(remark) => self.take_over(&remark),
            Intent::ConfirmItem { number, item, base } => self.confirm_item(&number, item, base),
            Intent::WithdrawItem { number, item, base, reason } => {
                self.withdraw_item(&number, item, base, reason);
            }
            Intent::Settle { number, item, choice } => self.settle(&number, item, choice),
            Intent::OpenHistory(item) => self.open_history(ctx, item),
            Intent::OpenConfirmations => self.open_confirmations(ctx),
            Intent::OpenOutbox => self.open_outbox(ctx),
            Intent::WithdrawRow(id) => self.withdraw_row(id),
            Intent::MendRow(id) => self.mend_row(ctx, id),
            Intent::SendNow => self.send(Request::SendNow),
            Intent::Reconnect => self.send(Request::Reconnect),
            Intent::Copy(text) => {
                ctx.copy_text(text);
                let words = self.desk.t("unknown.copied").to_owned();
                self.desk.tell(Tone::Done, words, String::new());
            }
            Intent::Tell(key) => {
                let words = self.desk.t(key).to_owned();
                self.desk.tell(Tone::Waiting, words, String::new());
            }
            Intent::Dismiss => {
                self.desk.notices.pop();
            }
            wish => self.lab_wish(ctx, wish),
        }
        ctx.request_repaint();
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    fn send(&self, request: Request) {
        // The worker lives as long as the window; without it there is nobody to tell.
        let _ = self.requests.send(request);
    }

    /// When the next frame is due without any input: at the next minute, and each second of a wait.
    pub(super) fn schedule(&self, ctx: &egui::Context) {
        let desk = &self.desk;
        let waits = desk.signing_in.is_some()
            || desk.search.asked_at.is_some()
            || desk.opened.as_ref().is_some_and(|o| o.asked_at.is_some())
            || desk.history.as_ref().is_some_and(|h| h.asked_at.is_some())
            || desk.lab.patient.as_ref().is_some_and(|page| page.asked_at.is_some());
        let seconds = if waits { 1 } else { 60 - desk.now().second().clamp(0, 59) };
        let seconds = u64::try_from(seconds).unwrap_or(60).max(1);
        ctx.request_repaint_after(std::time::Duration::from_secs(seconds));
    }
}
