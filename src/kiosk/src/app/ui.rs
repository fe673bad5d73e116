//! Draws the frame that every screen shares, and the open screen in it.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::intent::Intent;
use super::keys::{Bar, Command, Place};
use super::logic::SCALES;
use super::model::{SKEW_TOLD, Tone};
use super::opened::Opened;
use super::{App, Route};
use crate::screens::settle::first_rival;
use crate::screens::{receptions, sign_in, unknown_card, wrong_tube};
use crate::theme::tokens::{colors, compact, space};
use crate::widgets::{banner, key_bar, patient_strip, status_line};

impl App {
    /// Draws, then does what the person wants.
    pub(super) fn draw(&mut self, ui: &mut Ui) {
        let focused = ui.ctx().memory(egui::Memory::focused);
        let quiet = ui.input_mut(|input| self.input_method(focused.is_some(), &mut input.events));
        let bar = self.bar();
        let fields = [sign_in::login_id(), sign_in::password_id(), receptions::search_id()];
        let field = |id| {
            let screens = &self.screens;
            fields.contains(&id)
                || screens.entry.owns(id)
                || screens.lab_order.owns(id)
                || screens.specimens.owns(id)
        };
        let on_button = focused.is_some_and(|id| !field(id));
        let digits = match bar.place {
            Place::Chooser => true,
            Place::SignIn => focused.is_none(),
            Place::Entry => self.screens.entry.takes_digits(focused),
            Place::LabOrder => self.screens.lab_order.takes_digits(focused),
            _ => false,
        };
        let pressed = if quiet { None } else { bar.take(ui.ctx(), on_button, digits) };

        let c = colors(ui);
        let narrow = compact(ui.ctx());
        let edge = if narrow { 12 } else { space::EDGE as i8 };
        let status = if narrow { 38.0 } else { space::STATUS };
        let paper = Frame::NONE.fill(c.paper);
        let side = Margin::symmetric(edge, 0);
        let line = Panel::top("status").exact_size(status).frame(paper.inner_margin(side));
        let lamp = line.show(ui, |ui| status_line::show(ui, &self.desk)).inner;
        let keys = Panel::bottom("keys")
            .exact_size(space::KEYS)
            .frame(Frame::NONE)
            .show(ui, |ui| key_bar::show(ui, &bar, self.desk.lang));
        let pressed = pressed.or(keys.inner);
        if pressed.is_some() {
            self.desk.notices.retain(|notice| notice.tone != Tone::Done);
        }
        let with_strip = match self.route {
            Route::Patient
            | Route::Entry
            | Route::History
            | Route::LabOrder
            | Route::Specimens
            | Route::Results => true,
            // Of nobody, where nothing waits.
            Route::Confirmations => !self.desk.confirmations.rows.is_empty(),
            Route::SignIn
            | Route::Receptions
            | Route::UnknownCard
            | Route::Outbox
            | Route::Samples
            | Route::WrongTube
            | Route::LabInbox
            | Route::Printing => false,
        };
        if with_strip
            && !self.help
            && let Some(opened) = &self.desk.opened
        {
            let margin = Margin::symmetric(edge, if narrow { 4 } else { 10 });
            let card = Frame::NONE.fill(c.card).inner_margin(margin);
            Panel::top("strip").show_separator_line(true).frame(card).show(ui, |ui| {
                patient_strip::show(ui, &self.desk, opened);
            });
        }
        let margin = Margin::symmetric(edge, if narrow { 8 } else { 16 });
        let ground = if self.route == Route::WrongTube { paper.fill(c.red) } else { paper };
        let work = CentralPanel::default().frame(ground.inner_margin(margin));
        let (wish, passed) = work.show(ui, |ui| self.work(ui, pressed)).inner;
        if let Some(command) = passed {
            self.everywhere(ui, command);
        }
        let lamp = lamp && !matches!(self.route, Route::Outbox | Route::WrongTube);
        let lamp = lamp.then_some(Intent::OpenOutbox);
        if let Some(intent) = wish.or(lamp) {
            self.run(ui.ctx(), intent);
        }
    }

    /// Whether an input method is at work in these events. Then the keys belong to it: neither the screen nor
    /// a field sees the Enter that ends a conversion, not even where the system sends it along.
    pub(super) fn input_method(&mut self, focused: bool, events: &mut Vec<egui::Event>) -> bool {
        // A field that lost the focus took its composition with it.
        let mut composing = self.desk.composing && focused;
        let mut seen = false;
        for event in events.iter() {
            if let egui::Event::Ime(event) = event {
                seen = true;
                composing =
                    matches!(event, egui::ImeEvent::Preedit { text, .. } if !text.is_empty());
            }
        }
        self.desk.composing = composing;
        let quiet = composing || seen;
        if quiet {
            events.retain(|e| !matches!(e, egui::Event::Key { pressed: true, .. }));
        }
        quiet
    }

    /// Whether the help or a chooser has the keys.
    pub(super) fn is_covered(&self) -> bool {
        matches!(self.place(), Place::Help | Place::Chooser)
    }

    fn place(&self) -> Place {
        if self.help {
            return Place::Help;
        }
        let screens = &self.screens;
        let chooses = match self.route {
            Route::Receptions => screens.receptions.chooses(),
            Route::Patient => screens.patient.chooses(),
            Route::Entry => screens.entry.chooses(),
            Route::History => screens.history.chooses(),
            Route::Outbox => screens.outbox.chooses(),
            Route::LabOrder => screens.lab_order.chooses(),
            Route::Samples => screens.samples.chooses(),
            Route::Specimens => screens.specimens.chooses(),
            Route::Results => screens.results.chooses(),
            Route::LabInbox => screens.lab_inbox.chooses(),
            Route::Printing => screens.printing.chooses(),
            Route::SignIn | Route::UnknownCard | Route::Confirmations | Route::WrongTube => false,
        };
        if chooses { Place::Chooser } else { place_of(self.route) }
    }

    fn bar(&self) -> Bar {
        self.bar_of(self.place())
    }

    fn bar_of(&self, place: Place) -> Bar {
        let (desk, screens) = (&self.desk, &self.screens);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let bar = Bar::new(place, |command| match place {
            Place::Help => matches!(command, Command::Close | Command::Help),
            Place::SignIn => screens.sign_in.can(desk, command),
            Place::UnknownCard => unknown_card::can(command),
            Place::Chooser => command == Command::Choose,
            Place::Receptions => screens.receptions.can(desk, command),
            Place::Patient => screens.patient.can(desk, command),
            Place::Entry => screens.entry.can(desk, command),
            Place::History => screens.history.can(desk, command),
            Place::Confirmations => screens.confirmations.can(desk, command),
            Place::Outbox => screens.outbox.can(desk, command),
            Place::LabOrder => screens.lab_order.can(desk, command),
            Place::Samples => screens.samples.can(desk, command),
            Place::Specimens => screens.specimens.can(desk, command),
            Place::WrongTube => command == Command::Understood,
            Place::Results => screens.results.can(desk, command),
            Place::LabInbox => screens.lab_inbox.can(desk, command),
            Place::Printing => screens.printing.can(desk, command),
        });
        // While two records of one thing stand side by side, choosing comes before reading the past.
        let rivals = |opened: &Opened| first_rival(&opened.profile(&desk.outbox)).is_some();
        let bar = if place == Place::Patient && desk.opened.as_ref().is_some_and(rivals) {
            bar.with(9, Command::Settle, screens.patient.can(desk, Command::Settle))
        } else if place == Place::LabInbox {
            let main = screens.lab_inbox.main_action(desk);
            bar.with(11, main, screens.lab_inbox.can(desk, main))
        } else {
            bar
        };
        bar.counting(Command::Confirmations, desk.confirmations.total)
            .counting(Command::Inbox, desk.lab.inbox.count())
            .counting(Command::Outbox, count(desk.outbox.unsent()))
    }

    /// The screen; its wish, and a command that is the same everywhere.
    fn work(&mut self, ui: &mut Ui, pressed: Option<Command>) -> (Option<Intent>, Option<Command>) {
        let everywhere = pressed.filter(|command| self.is_everywhere(*command));
        let pressed = if everywhere.is_some() { None } else { pressed };
        if self.help {
            let below = self.below_help();
            self.screens.help.show(ui, &self.desk, &below, pressed);
            return (None, everywhere);
        }
        let told = self.notices(ui);
        let (desk, screens) = (&self.desk, &mut self.screens);
        if let (Route::WrongTube, Some(wrong)) = (self.route, &desk.lab.wrong_tube) {
            return (wrong_tube::show(ui, desk, wrong, pressed), everywhere);
        }
        let wish = match (self.route, &desk.opened, &desk.card) {
            (Route::SignIn, _, _) => screens.sign_in.show(ui, desk, pressed),
            (Route::Patient, Some(opened), _) => screens.patient.show(ui, desk, opened, pressed),
            (Route::Entry, Some(opened), _) => screens.entry.show(ui, desk, opened, pressed),
            (Route::History, Some(opened), _) => screens.history.show(ui, desk, opened, pressed),
            (Route::Confirmations, _, _) => screens.confirmations.show(ui, desk, pressed),
            (Route::Outbox, _, _) => screens.outbox.show(ui, desk, pressed),
            (Route::LabOrder, Some(opened), _) => screens.lab_order.show(ui, desk, opened, pressed),
            (Route::Samples, _, _) => screens.samples.show(ui, desk, pressed),
            (Route::Specimens, Some(opened), _) => {
                screens.specimens.show(ui, desk, opened, pressed)
            }
            (Route::Results, Some(opened), _) => screens.results.show(ui, desk, opened, pressed),
            (Route::LabInbox, _, _) => screens.lab_inbox.show(ui, desk, pressed),
            (Route::Printing, _, _) => screens.printing.show(ui, desk, pressed),
            (Route::UnknownCard, _, Some(card)) => unknown_card::show(ui, desk, card, pressed),
            _ => screens.receptions.show(ui, desk, pressed),
        };
        (wish.or(told), everywhere)
    }

    fn below_help(&self) -> Bar {
        self.bar_of(place_of(self.route))
    }

    fn is_everywhere(&self, command: Command) -> bool {
        let chooses = self.place() == Place::Chooser;
        match command {
            Command::ZoomIn | Command::ZoomOut | Command::ZoomReset => true,
            // Until the tube is put away, nothing else is to be done.
            _ if self.route == Route::WrongTube => false,
            Command::Help | Command::Close | Command::SignOut | Command::Reconnect => true,
            // With the sign-in screen go all names of patients.
            Command::Printing => self.desk.session.is_some(),
            Command::Back => {
                let asks = (self.route == Route::Entry && self.screens.entry.asks())
                    || (self.route == Route::LabOrder && self.screens.lab_order.asks());
                self.help || (!chooses && !asks && !self.desk.notices.is_empty())
            }
            Command::Confirm => self.help,
            _ => false,
        }
    }

    fn everywhere(&mut self, ui: &Ui, command: Command) {
        let ctx = ui.ctx();
        match command {
            Command::Help => {
                self.help = !self.help && self.place() != Place::Chooser;
                self.screens.help.clear();
            }
            Command::Close | Command::Confirm => self.help = false,
            Command::Back if self.help => self.help = false,
            Command::Back => self.run(ctx, Intent::Dismiss),
            Command::SignOut => self.run(ctx, Intent::SignOut),
            Command::Reconnect => self.run(ctx, Intent::Reconnect),
            Command::Printing => self.run(ctx, Intent::OpenPrinting),
            Command::ZoomIn => {
                let next = SCALES.into_iter().find(|s| *s > self.scale_percent);
                self.set_scale(ctx, next.unwrap_or(200));
            }
            Command::ZoomOut => {
                let next = SCALES.into_iter().rev().find(|s| *s < self.scale_percent);
                self.set_scale(ctx, next.unwrap_or(100));
            }
            Command::ZoomReset => self.set_scale(ctx, 100),
            _ => {}
        }
        ctx.request_repaint();
    }

    /// What has to be said, above the screen.
    fn notices(&self, ui: &mut Ui) -> Option<Intent> {
        let desk = &self.desk;
        if desk.skew.abs() >= SKEW_TOLD {
            let minutes = (desk.skew.abs() / 60).to_string();
            let key = if desk.skew > 0 { "skew.slow" } else { "skew.fast" };
            let text = desk.fill(key, &[("minutes", &minutes)]);
            banner::show(ui, Tone::Waiting, &text, "", None);
        }
        let mut wish = None;
        // Three bands would leave no room for the work on a small screen.
        let seen = if compact(ui.ctx()) { 1 } else { 3 };
        for notice in desk.notices.iter().rev().take(seen) {
            let action = Some(desk.t("key.dismiss"));
            if banner::show(ui, notice.tone, &notice.text, &notice.detail, action) {
                wish = Some(Intent::Dismiss);
            }
        }
        wish
    }
}

fn place_of(route: Route) -> Place {
    match route {
        Route::SignIn => Place::SignIn,
        Route::Receptions => Place::Receptions,
        Route::Patient => Place::Patient,
        Route::UnknownCard => Place::UnknownCard,
        Route::Entry => Place::Entry,
        Route::History => Place::History,
        Route::Confirmations => Place::Confirmations,
        Route::Outbox => Place::Outbox,
        Route::LabOrder => Place::LabOrder,
        Route::Samples => Place::Samples,
        Route::Specimens => Place::Specimens,
        Route::WrongTube => Place::WrongTube,
        Route::Results => Place::Results,
        Route::LabInbox => Place::LabInbox,
        Route::Printing => Place::Printing,
    }
}
