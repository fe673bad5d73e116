//! Sign-in: ID and password.

use egui::{Frame, Id, Label, Layout, Margin, RichText, Stroke, Ui};
use zeroize::Zeroizing;

use crate::app::intent::Intent;
use crate::app::keys::Command;
use crate::app::model::{Desk, Tone};
use crate::client::{Failure, FailureKind, Line};
use crate::theme::tokens::{bold, colors, compact, size, space, stroke};
use crate::widgets::{banner, button, field::Field};

/// The screen's state.
#[derive(Default)]
pub struct SignIn {
    login: String,
    password: Zeroizing<String>,
    focus: Option<Id>,
    began: bool,
}

/// Name of the ID field among the widgets.
pub fn login_id() -> Id {
    Id::unique("sign-in login")
}

/// Name of the password field among the widgets.
pub fn password_id() -> Id {
    Id::unique("sign-in password")
}

impl SignIn {
    /// Whether the command can be done now.
    pub fn can(&self, desk: &Desk, command: Command) -> bool {
        match command {
            Command::SignIn => {
                desk.signing_in.is_none() && !self.login.is_empty() && !self.password.is_empty()
            }
            Command::Help | Command::Outbox => true,
            _ => false,
        }
    }

    /// Shown again after another screen: what was typed stays, the field waits for more.
    pub fn come_back(&mut self) {
        self.began = false;
    }

    /// Wipes what was typed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// After a failure: a refused password is wiped and another waited for; where the line was at fault, it
    /// stays for the next try.
    pub fn failed(&mut self, failure: &Failure) {
        if matches!(failure.kind, FailureKind::Refused { .. }) {
            self.password = Zeroizing::default();
            self.focus = Some(password_id());
        }
    }

    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        if !self.began {
            self.began = true;
            // With demo accounts, a bare digit key chooses one; a field in focus would swallow it.
            if desk.demo.is_none() {
                self.focus = Some(login_id());
            }
        }
        let mut wish = self.keys(ui, desk, pressed);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let wide = ui.available_width().min(560.0);
            let side = (ui.available_width() - wide) / 2.0;
            if !compact(ui.ctx()) {
                ui.add_space(36.0);
            }
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(wide);
                    ui.spacing_mut().item_spacing.x = space::GAP;
                    wish = wish.take().or(self.form(ui, desk, wide));
                });
            });
        });
        if let Some(id) = self.focus.take() {
            ui.ctx().memory_mut(|m| m.request_focus(id));
        }
        wish
    }

    fn keys(&mut self, ui: &Ui, desk: &Desk, pressed: Option<Command>) -> Option<Intent> {
        match pressed? {
            Command::SignIn => self.submit(ui, desk),
            Command::Outbox => Some(Intent::OpenOutbox),
            Command::Confirm => {
                if self.login.is_empty() {
                    self.focus = Some(login_id());
                    None
                } else if self.password.is_empty() {
                    self.focus = Some(password_id());
                    None
                } else {
                    self.submit(ui, desk)
                }
            }
            Command::Digit(n) => {
                self.take_demo(desk, usize::from(n) - 1);
                None
            }
            _ => None,
        }
    }

    fn take_demo(&mut self, desk: &Desk, i: usize) {
        if let Some(account) = desk.demo.as_ref().and_then(|demo| demo.accounts.get(i)) {
            self.login.clone_from(&account.login);
            self.password = Zeroizing::new(account.password.clone());
        }
    }

    fn submit(&mut self, ui: &Ui, desk: &Desk) -> Option<Intent> {
        if !self.can(desk, Command::SignIn) {
            return None;
        }
        // The field keeps former texts for Ctrl+Z; a password must not stay there.
        if let Some(state) = egui::TextEdit::load_state(ui.ctx(), password_id()) {
            let mut state = state;
            state.clear_undoer();
            egui::TextEdit::store_state(ui.ctx(), password_id(), state);
        }
        let login = self.login.trim().to_owned();
        Some(Intent::SignIn { login, password: self.password.clone() })
    }

    fn form(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) -> Option<Intent> {
        let c = colors(ui);
        ui.label(RichText::new(desk.t("sign_in.title")).font(bold(size::TITLE)));
        ui.add_space(space::SMALL);
        if let Some(failure) = &desk.sign_in_failure {
            let detail = detail_words(desk, &failure.detail);
            banner::show(ui, Tone::Danger, &desk.failure_words(failure), &detail, None);
        }
        let before = self.login.clone();
        let words = caption(ui, desk.t("sign_in.login"));
        let field = Field {
            id: login_id(),
            label: desk.t("sign_in.login"),
            caption: Some(words),
            hint: "",
            password: false,
            ime: false,
            width: wide,
        };
        field.show(ui, &mut self.login);
        if self.login != before {
            // Full-width letters out of an input method left on are the same ID.
            self.login = clinical_width(&self.login);
        }
        ui.add_space(space::SMALL);
        let words = caption(ui, desk.t("sign_in.password"));
        let field = Field {
            id: password_id(),
            label: desk.t("sign_in.password"),
            caption: Some(words),
            hint: "",
            password: true,
            ime: false,
            width: wide,
        };
        field.show(ui, &mut self.password);
        ui.add_space(space::GAP);
        let mut wish = None;
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let words = desk.t("sign_in.submit");
            if button::button(ui, words, true, self.can(desk, Command::SignIn)).clicked() {
                wish = self.submit(ui, desk);
            }
            let waiting = waiting_words(desk);
            ui.add(Label::new(RichText::new(waiting).size(size::CHIP).color(c.soft)).wrap());
        });
        // Below the fields, which must stay in sight in little room; the lamp says it in short.
        if let Some((tone, words)) = unsent_words(desk) {
            ui.add_space(space::SMALL);
            banner::show(ui, tone, &words, "", None);
        }
        self.demo_accounts(ui, desk, wide);
        wish
    }

    fn demo_accounts(&mut self, ui: &mut Ui, desk: &Desk, wide: f32) {
        let Some(demo) = &desk.demo else { return };
        let c = colors(ui);
        ui.add_space(space::GAP);
        let frame = Frame::NONE
            .fill(c.card)
            .stroke(Stroke::new(stroke::HAIR, c.line))
            .inner_margin(Margin::same(16));
        let mut taken = None;
        frame.show(ui, |ui| {
            ui.set_width(wide - 34.0);
            let words = RichText::new(desk.t("sign_in.demo")).size(size::LINE).color(c.soft);
            ui.add(Label::new(words).wrap());
            ui.horizontal_wrapped(|ui| {
                for (i, account) in demo.accounts.iter().enumerate() {
                    let label = format!("{} {}（{}）", i + 1, account.display_name, account.login);
                    let chosen = !self.login.is_empty() && self.login == account.login;
                    if button::chip(ui, &label, chosen).clicked() {
                        taken = Some(i);
                    }
                }
            });
        });
        if let Some(i) = taken {
            self.take_demo(desk, i);
        }
    }
}

fn caption(ui: &mut Ui, words: &str) -> Id {
    let soft = colors(ui).soft;
    ui.label(RichText::new(words).size(size::LINE).color(soft)).id
}

/// What has not been sent goes out whoever is signed in, or nobody; what was refused waits for a person.
fn unsent_words(desk: &Desk) -> Option<(Tone, String)> {
    let refused = desk.outbox.refused();
    let waiting = (desk.outbox.unsent() - refused).to_string();
    let way = match (waiting.as_str(), desk.is_cut()) {
        ("0", _) => String::new(),
        (n, true) => desk.fill("outbox.stays", &[("n", n)]),
        (n, false) => desk.fill("outbox.goes", &[("n", n)]),
    };
    match refused {
        0 if way.is_empty() => None,
        0 => Some((Tone::Info, way)),
        n => {
            let check = desk.fill("outbox.check", &[("n", &n.to_string())]);
            Some((Tone::Waiting, format!("{way}{check}")))
        }
    }
}

fn waiting_words(desk: &Desk) -> String {
    match (desk.signing_in, &desk.line) {
        (Some(since), _) if desk.waits_long(since) => {
            let seconds = desk.seconds_since(since).to_string();
            desk.fill("sign_in.waiting_long", &[("seconds", &seconds)])
        }
        (Some(_), _) => desk.t("sign_in.waiting").to_owned(),
        (None, Line::Connecting) => desk.t("sign_in.connecting").to_owned(),
        (None, Line::Down { failure, .. }) if desk.sign_in_failure.is_none() => {
            desk.failure_words(failure)
        }
        (None, _) => String::new(),
    }
}

/// Small print, if there is any.
pub fn detail_words(desk: &Desk, detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        desk.fill("failure.detail", &[("detail", detail)])
    }
}

fn clinical_width(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().collect()
}
