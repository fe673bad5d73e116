//! The one table of commands: which function key does what on which screen, and the shortcuts beside them.
//! The key bar, the keyboard and the touch targets are all made from it.

mod command;

use egui::{Key, Modifiers};

use crate::i18n::{Lang, t};

pub use command::Command;

/// Where the keys are pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Sign-in screen.
    SignIn,
    /// Reception list.
    Receptions,
    /// Patient page.
    Patient,
    /// A code that opens nothing.
    UnknownCard,
    /// A form of the patient's profile.
    Entry,
    /// A patient's history.
    History,
    /// What waits for confirmation.
    Confirmations,
    /// What has not been sent.
    Outbox,
    /// A lab order.
    LabOrder,
    /// The day's lab orders.
    Samples,
    /// A patient's tubes.
    Specimens,
    /// A tube of somebody else.
    WrongTube,
    /// A patient's results.
    Results,
    /// What came from laboratories.
    LabInbox,
    /// What was given to the printers.
    Printing,
    /// A chooser over a screen.
    Chooser,
    /// The help.
    Help,
}

use Command as C;

/// Keys of the reception list.
const RECEPTIONS: &[(usize, Command)] = &[
    (2, C::Samples),
    (3, C::Inbox),
    (4, C::Find),
    (5, C::Sticker),
    (6, C::NextState),
    (7, C::ChooseState),
    (8, C::Confirmations),
    (9, C::DaySheet),
    (10, C::Outbox),
];

/// Keys of a patient's page.
const PATIENT: &[(usize, Command)] = &[
    (2, C::Record),
    (3, C::Results),
    (4, C::LabOrder),
    (5, C::Sticker),
    (6, C::NextState),
    (7, C::ChooseState),
    (8, C::Confirmations),
    (9, C::History),
    (10, C::Outbox),
];

/// Keys of a lab order.
const LAB_ORDER: &[(usize, Command)] = &[
    (2, C::Leave),
    (3, C::Results),
    (5, C::Urgent),
    (6, C::CollectOn),
    (7, C::KeepSet),
    (8, C::Fasting),
    (9, C::DropDraft),
];

/// Keys of a patient's tubes.
const SPECIMENS: &[(usize, Command)] = &[
    (2, C::Samples),
    (3, C::PrintLabels),
    (4, C::ReprintLabel),
    (5, C::Results),
    (6, C::Identify),
    (7, C::NotDrawn),
    (8, C::ResetTube),
    (9, C::SendTubes),
    (10, C::Outbox),
];

/// Keys of what was printed.
const PRINTING: &[(usize, Command)] = &[
    (5, C::Reprint),
    (6, C::RetryPrint),
    (7, C::CancelPrint),
    (8, C::TestPrint),
    (9, C::SettlePrint),
];

/// F2 to F10 of a place (F1 is the help and F12 signs out wherever there is something to sign out of), and the
/// main action, which stands on F11.
fn commands(place: Place) -> ([Option<Command>; 12], Command) {
    let (middle, main): (&[(usize, Command)], Command) = match place {
        Place::SignIn => (&[(10, C::Outbox)], C::SignIn),
        Place::Receptions => (RECEPTIONS, C::Open),
        Place::Patient => (PATIENT, C::List),
        Place::UnknownCard => (&[(2, C::CopyCode), (4, C::Find)], C::List),
        Place::Entry => (&[(2, C::Leave), (7, C::Withdraw), (9, C::DropDraft)], C::Save),
        Place::History => (&[(6, C::Correct), (7, C::Withdraw)], C::Leave),
        Place::Confirmations => (
            &[(2, C::Leave), (3, C::History), (4, C::Open), (6, C::Correct), (10, C::Outbox)],
            C::ConfirmItem,
        ),
        Place::Outbox => (&[(5, C::SendNow), (6, C::Mend), (7, C::WithdrawRow)], C::Leave),
        Place::LabOrder => (LAB_ORDER, C::OrderLab),
        Place::Samples => (&[(2, C::List), (9, C::SendTubes), (10, C::Outbox)], C::Open),
        Place::Specimens => (SPECIMENS, C::Draw),
        Place::WrongTube => (&[], C::Understood),
        Place::Results => (
            &[(2, C::SwitchView), (3, C::Leave), (5, C::PrintA5), (6, C::PrintA6)],
            C::ConfirmResults,
        ),
        Place::LabInbox => (&[(2, C::Leave), (5, C::Assign), (7, C::SetAside)], C::Open),
        Place::Printing => (PRINTING, C::Leave),
        Place::Chooser => (&[], C::Choose),
        Place::Help => (&[], C::Close),
    };
    let mut keys = [None; 12];
    for (number, command) in middle {
        keys[number - 1] = Some(*command);
    }
    keys[0] = (!matches!(place, Place::Chooser | Place::WrongTube)).then_some(C::Help);
    keys[10] = Some(main);
    if !matches!(place, Place::SignIn | Place::Chooser | Place::Help | Place::WrongTube) {
        keys[11] = Some(C::SignOut);
    }
    (keys, main)
}

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

/// The orders of the reception list, and what narrows it.
const ORDERS: [(Command, Key); 5] = [
    (C::SortTime, Key::Num1),
    (C::SortKana, Key::Num2),
    (C::SortPhysician, Key::Num3),
    (C::SortState, Key::Num4),
    (C::Filter, Key::Num5),
];

/// Keys beside the function keys, the same on every screen where they mean something.
const SHORTCUTS: [(Command, Modifiers, Key); 16] = [
    (C::Back, PLAIN, Key::Escape),
    (C::Confirm, PLAIN, Key::Enter),
    (C::Up, PLAIN, Key::ArrowUp),
    (C::Down, PLAIN, Key::ArrowDown),
    (C::PageUp, PLAIN, Key::PageUp),
    (C::PageDown, PLAIN, Key::PageDown),
    (C::First, CTRL, Key::Home),
    (C::Last, CTRL, Key::End),
    (C::Find, CTRL, Key::F),
    (C::Printing, CTRL, Key::P),
    (C::Reconnect, CTRL, Key::R),
    (C::ZoomIn, CTRL, Key::Plus),
    (C::ZoomIn, CTRL, Key::Equals),
    (C::ZoomIn, CTRL, Key::Semicolon),
    (C::ZoomOut, CTRL, Key::Minus),
    (C::ZoomReset, CTRL, Key::Num0),
];

const FUNCTION: [Key; 12] = [
    Key::F1,
    Key::F2,
    Key::F3,
    Key::F4,
    Key::F5,
    Key::F6,
    Key::F7,
    Key::F8,
    Key::F9,
    Key::F10,
    Key::F11,
    Key::F12,
];

const DIGITS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// One key of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// 1 to 12.
    pub number: u8,
    /// What it does; `None` stays empty.
    pub command: Option<Command>,
    /// Whether it can do it now.
    pub enabled: bool,
    /// Whether it is the screen's main action.
    pub main: bool,
    /// How many things wait behind it; nothing is shown of 0.
    pub count: u32,
}

impl Slot {
    /// Name for assistive technology and the tests: `F6 状態を進める`, `F8 確認待ち 3`.
    pub fn label(&self, lang: Lang) -> String {
        match self.words(lang) {
            Some(words) => format!("F{} {words}", self.number),
            None => format!("F{}", self.number),
        }
    }

    /// What it does, with how many things wait behind it.
    pub fn words(&self, lang: Lang) -> Option<String> {
        let words = t(lang, self.command?.words());
        Some(match self.count {
            0 => words.to_owned(),
            count => format!("{words} {count}"),
        })
    }
}

/// The keys of a place, with what they can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Where.
    pub place: Place,
    /// F1 to F12.
    pub slots: [Slot; 12],
}

impl Bar {
    /// Built from the table; `can` tells what is possible now.
    pub fn new(place: Place, can: impl Fn(Command) -> bool) -> Self {
        let (keys, main) = commands(place);
        let mut number = 0;
        let slots = keys.map(|command| {
            number += 1;
            Slot {
                number,
                command,
                enabled: command.is_some_and(&can),
                main: command == Some(main),
                count: 0,
            }
        });
        Self { place, slots }
    }

    /// Puts another command on a key.
    #[must_use]
    pub fn with(mut self, number: u8, command: Command, enabled: bool) -> Self {
        for slot in self.slots.iter_mut().filter(|slot| slot.number == number) {
            slot.command = Some(command);
            slot.enabled = enabled;
        }
        self
    }

    /// Says on a command's key how many things wait behind it.
    #[must_use]
    pub fn counting(mut self, command: Command, count: u32) -> Self {
        for slot in &mut self.slots {
            if slot.command == Some(command) {
                slot.count = count;
            }
        }
        self
    }

    /// Takes the first command out of this frame's keys. Not to be called while an input method composes.
    ///
    /// `on_button` tells that a widget other than a text field has the focus; Enter then presses that.
    /// `digits` tells that a bare digit is a choice and not text.
    pub fn take(&self, ctx: &egui::Context, on_button: bool, digits: bool) -> Option<Command> {
        ctx.input_mut(|input| {
            // A key held down acts once; only what moves about may repeat.
            input.events.retain(|event| match event {
                egui::Event::Key { key, pressed: true, repeat: true, .. } => {
                    !FUNCTION.contains(key) && !matches!(key, Key::Enter | Key::Escape)
                }
                _ => true,
            });
            for (slot, key) in self.slots.iter().zip(FUNCTION) {
                if input.consume_key(PLAIN, key) && slot.enabled {
                    return slot.command;
                }
            }
            for (command, modifiers, key) in SHORTCUTS {
                let left_to_widget = command == C::Confirm && on_button;
                if !left_to_widget && input.consume_key(modifiers, key) {
                    return Some(command);
                }
            }
            if self.place == Place::Receptions {
                for (command, key) in ORDERS {
                    if input.consume_key(CTRL, key) {
                        return Some(command);
                    }
                }
            }
            if self.place == Place::Patient && input.consume_key(CTRL, Key::H) {
                return Some(C::History);
            }
            if self.place == Place::Results {
                for (command, key) in [(C::Left, Key::ArrowLeft), (C::Right, Key::ArrowRight)] {
                    if input.consume_key(PLAIN, key) {
                        return Some(command);
                    }
                }
            }
            // Where there is no field whose text they move in, they need no Ctrl.
            let fields =
                [Place::SignIn, Place::Receptions, Place::Entry, Place::LabOrder, Place::LabInbox];
            if !fields.contains(&self.place) {
                for (command, key) in [(C::First, Key::Home), (C::Last, Key::End)] {
                    if input.consume_key(PLAIN, key) {
                        return Some(command);
                    }
                }
            }
            for (number, key) in (1..).zip(DIGITS) {
                let alone = digits && input.consume_key(PLAIN, key);
                if alone || input.consume_key(Modifiers::ALT, key) {
                    return Some(C::Digit(number));
                }
            }
            None
        })
    }
}

/// The shortcuts to list in the help of a place, with the name of their key.
pub fn shortcuts_for_help(place: Place) -> impl Iterator<Item = (&'static str, Command)> {
    let own: &[(&str, Command)] = match place {
        Place::Receptions => &[("Ctrl + 1 – 4", C::SortTime), ("Ctrl + 5", C::Filter)],
        Place::Patient => &[("Ctrl + F", C::Find), ("Ctrl + H", C::History)],
        _ => &[],
    };
    let everywhere = [
        ("Esc", C::Back),
        ("Enter", C::Confirm),
        ("↑ ↓", C::Up),
        ("PageUp PageDown", C::PageUp),
        ("Ctrl + Home / End", C::First),
        ("Ctrl + P", C::Printing),
        ("Ctrl + R", C::Reconnect),
        ("Ctrl + / −", C::ZoomIn),
    ];
    own.iter().copied().chain(everywhere)
}

#[cfg(test)]
mod tests {
    use super::{Bar, Command, Place};
    use crate::i18n::Lang;

    const PLACES: [Place; 17] = [
        Place::SignIn,
        Place::Receptions,
        Place::Patient,
        Place::UnknownCard,
        Place::Entry,
        Place::History,
        Place::Confirmations,
        Place::Outbox,
        Place::LabOrder,
        Place::Samples,
        Place::Specimens,
        Place::WrongTube,
        Place::Results,
        Place::LabInbox,
        Place::Printing,
        Place::Chooser,
        Place::Help,
    ];

    #[test]
    fn every_place_has_one_main_action_on_f11() {
        for place in PLACES {
            let bar = Bar::new(place, |_| true);
            let main: Vec<_> = bar.slots.iter().filter(|s| s.main).map(|s| s.number).collect();
            assert_eq!(main, [11], "{place:?}");
        }
    }

    #[test]
    fn no_command_stands_twice_and_empty_keys_are_out_of_use() {
        for place in PLACES {
            let bar = Bar::new(place, |_| true);
            let mut seen = std::collections::HashSet::new();
            for slot in bar.slots {
                match slot.command {
                    Some(command) => assert!(seen.insert(command), "{place:?} {command:?}"),
                    None => assert!(!slot.enabled),
                }
            }
        }
    }

    #[test]
    fn labels_say_key_and_words() {
        let bar = Bar::new(Place::Receptions, |c| c != Command::NextState);
        assert_eq!(bar.slots[5].label(Lang::Ja), "F6 状態を進める");
        assert!(!bar.slots[5].enabled);
        assert_eq!(Bar::new(Place::UnknownCard, |_| true).slots[2].label(Lang::Ja), "F3");
        let bar = bar.counting(Command::Confirmations, 3);
        assert_eq!(bar.slots[7].label(Lang::Ja), "F8 確認待ち 3");
    }
}
