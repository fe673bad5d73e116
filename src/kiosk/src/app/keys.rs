//! The one table of commands: which function key does what on which screen, and the shortcuts beside them.
//! The key bar, the keyboard and the touch targets are all made from it.

use egui::{Key, Modifiers};

use crate::i18n::{Lang, t};

/// Something a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// 使い方.
    Help,
    /// 受付順.
    SortTime,
    /// カナ順.
    SortKana,
    /// 担当医順.
    SortPhysician,
    /// 状態順.
    SortState,
    /// 患者検索.
    Find,
    /// 状態を進める.
    NextState,
    /// 状態を選ぶ.
    ChooseState,
    /// 絞り込み: by physician or state.
    Filter,
    /// 患者を開く.
    Open,
    /// 一覧へ戻る.
    List,
    /// コードをコピー.
    CopyCode,
    /// 記録する: begins an entry.
    Record,
    /// 履歴.
    History,
    /// 注意事項を取り込む.
    TakeOver,
    /// 確認待ち.
    Confirmations,
    /// 食い違いを選ぶ.
    Settle,
    /// 未送信.
    Outbox,
    /// 保存する.
    Save,
    /// 書きかけを消す.
    DropDraft,
    /// 確認する.
    ConfirmItem,
    /// 訂正する.
    Correct,
    /// 取り消す, an item of the profile.
    Withdraw,
    /// 今すぐ送る.
    SendNow,
    /// 直す, what was refused.
    Mend,
    /// 取り下げる, what has not been sent.
    WithdrawRow,
    /// To the screen before.
    Leave,
    /// サインイン.
    SignIn,
    /// サインアウト.
    SignOut,
    /// 決める, in a chooser.
    Choose,
    /// 閉じる, of the help and of a chooser.
    Close,
    /// 再接続.
    Reconnect,
    /// Esc: one step back.
    Back,
    /// Enter: the main action.
    Confirm,
    /// Selection up.
    Up,
    /// Selection down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A digit key where options are numbered.
    Digit(u8),
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// 100 %.
    ZoomReset,
}

impl Command {
    /// Key of its words in the locale files.
    pub fn words(self) -> &'static str {
        match self {
            Self::Help => "key.help",
            Self::SortTime => "key.sort_time",
            Self::SortKana => "key.sort_kana",
            Self::SortPhysician => "key.sort_physician",
            Self::SortState => "key.sort_state",
            Self::Find => "key.find",
            Self::NextState => "key.next_state",
            Self::ChooseState => "key.choose_state",
            Self::Filter => "key.filter",
            Self::Open => "key.open",
            Self::List => "key.list",
            Self::CopyCode => "key.copy_code",
            Self::Record => "key.record",
            Self::History => "key.history",
            Self::TakeOver => "key.take_over",
            Self::Confirmations => "key.confirmations",
            Self::Settle => "key.settle",
            Self::Outbox => "key.outbox",
            Self::Save => "key.save",
            Self::DropDraft => "key.drop_draft",
            Self::ConfirmItem => "key.confirm_item",
            Self::Correct => "key.correct",
            Self::Withdraw => "key.withdraw",
            Self::SendNow => "key.send_now",
            Self::Mend => "key.mend",
            Self::WithdrawRow => "key.withdraw_row",
            Self::Leave => "key.leave",
            Self::SignIn => "key.sign_in",
            Self::SignOut => "key.sign_out",
            Self::Choose => "key.choose",
            Self::Close => "key.close",
            Self::Reconnect => "key.reconnect",
            Self::Back => "key.back",
            Self::Confirm => "key.confirm",
            Self::Up | Self::Down => "key.move",
            Self::PageUp | Self::PageDown => "key.page",
            Self::First | Self::Last => "key.ends",
            Self::Digit(_) => "key.digit",
            Self::ZoomIn => "key.zoom_in",
            Self::ZoomOut => "key.zoom_out",
            Self::ZoomReset => "key.zoom_reset",
        }
    }

    /// One line for the help screen.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Help => "help.help",
            Self::SortTime => "help.sort_time",
            Self::SortKana => "help.sort_kana",
            Self::SortPhysician => "help.sort_physician",
            Self::SortState => "help.sort_state",
            Self::Find => "help.find",
            Self::NextState => "help.next_state",
            Self::ChooseState => "help.choose_state",
            Self::Filter => "help.filter",
            Self::Open => "help.open",
            Self::List => "help.list",
            Self::CopyCode => "help.copy_code",
            Self::Record => "help.record",
            Self::History => "help.history",
            Self::TakeOver => "help.take_over",
            Self::Confirmations => "help.confirmations",
            Self::Settle => "help.settle",
            Self::Outbox => "help.outbox",
            Self::Save => "help.save",
            Self::DropDraft => "help.drop_draft",
            Self::ConfirmItem => "help.confirm_item",
            Self::Correct => "help.correct",
            Self::Withdraw => "help.withdraw",
            Self::SendNow => "help.send_now",
            Self::Mend => "help.mend",
            Self::WithdrawRow => "help.withdraw_row",
            Self::Leave => "help.leave",
            Self::SignIn => "help.sign_in",
            Self::SignOut => "help.sign_out",
            Self::Choose => "help.choose",
            Self::Close => "help.close",
            Self::Reconnect => "help.reconnect",
            Self::Back => "help.back",
            Self::Confirm => "help.confirm",
            Self::Up | Self::Down => "help.move",
            Self::PageUp | Self::PageDown => "help.page",
            Self::First | Self::Last => "help.ends",
            Self::Digit(_) => "help.digit",
            Self::ZoomIn | Self::ZoomOut | Self::ZoomReset => "help.zoom",
        }
    }
}

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
    /// A chooser over a screen.
    Chooser,
    /// The help.
    Help,
}

use Command as C;

/// F2 to F10 of a place (F1 is the help and F12 signs out wherever there is something to sign out of), and the
/// main action, which stands on F11.
fn commands(place: Place) -> ([Option<Command>; 12], Command) {
    let (middle, main): (&[(usize, Command)], Command) = match place {
        Place::SignIn => (&[(10, C::Outbox)], C::SignIn),
        Place::Receptions => (
            &[
                (2, C::SortTime),
                (3, C::SortKana),
                (4, C::Find),
                (5, C::SortPhysician),
                (6, C::NextState),
                (7, C::ChooseState),
                (8, C::Confirmations),
                (9, C::Filter),
                (10, C::Outbox),
            ],
            C::Open,
        ),
        Place::Patient => (
            &[
                (2, C::Record),
                (3, C::History),
                (4, C::Find),
                (5, C::TakeOver),
                (6, C::NextState),
                (7, C::ChooseState),
                (8, C::Confirmations),
                (9, C::Settle),
                (10, C::Outbox),
            ],
            C::List,
        ),
        Place::UnknownCard => (&[(2, C::CopyCode), (4, C::Find)], C::List),
        Place::Entry => (&[(2, C::Leave), (7, C::Withdraw), (9, C::DropDraft)], C::Save),
        Place::History => (&[(6, C::Correct), (7, C::Withdraw)], C::Leave),
        Place::Confirmations => (
            &[(2, C::Leave), (3, C::History), (4, C::Open), (6, C::Correct), (10, C::Outbox)],
            C::ConfirmItem,
        ),
        Place::Outbox => (&[(5, C::SendNow), (6, C::Mend), (7, C::WithdrawRow)], C::Leave),
        Place::Chooser => (&[], C::Choose),
        Place::Help => (&[], C::Close),
    };
    let mut keys = [None; 12];
    for (number, command) in middle {
        keys[number - 1] = Some(*command);
    }
    keys[0] = (place != Place::Chooser).then_some(C::Help);
    keys[10] = Some(main);
    if !matches!(place, Place::SignIn | Place::Chooser | Place::Help) {
        keys[11] = Some(C::SignOut);
    }
    (keys, main)
}

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

/// The orders of the reception list.
const ORDERS: [(Command, Key); 4] = [
    (C::SortTime, Key::Num1),
    (C::SortKana, Key::Num2),
    (C::SortPhysician, Key::Num3),
    (C::SortState, Key::Num4),
];

/// Keys beside the function keys, the same on every screen where they mean something.
const SHORTCUTS: [(Command, Modifiers, Key); 15] = [
    (C::Back, PLAIN, Key::Escape),
    (C::Confirm, PLAIN, Key::Enter),
    (C::Up, PLAIN, Key::ArrowUp),
    (C::Down, PLAIN, Key::ArrowDown),
    (C::PageUp, PLAIN, Key::PageUp),
    (C::PageDown, PLAIN, Key::PageDown),
    (C::First, CTRL, Key::Home),
    (C::Last, CTRL, Key::End),
    (C::Find, CTRL, Key::F),
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
            // Where there is no field whose text they move in, they need no Ctrl.
            if !matches!(self.place, Place::SignIn | Place::Receptions | Place::Entry) {
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

/// The shortcuts to list in the help, with the name of their key.
pub fn shortcuts_for_help() -> impl Iterator<Item = (String, Command)> {
    let shown = [
        ("Ctrl + 4", C::SortState),
        ("Esc", C::Back),
        ("Enter", C::Confirm),
        ("↑ ↓", C::Up),
        ("PageUp PageDown", C::PageUp),
        ("Ctrl + Home / End", C::First),
        ("Ctrl + R", C::Reconnect),
        ("Ctrl + / −", C::ZoomIn),
    ];
    shown.into_iter().map(|(name, command)| (name.to_owned(), command))
}

#[cfg(test)]
mod tests {
    use super::{Bar, Command, Place};
    use crate::i18n::Lang;

    const PLACES: [Place; 10] = [
        Place::SignIn,
        Place::Receptions,
        Place::Patient,
        Place::UnknownCard,
        Place::Entry,
        Place::History,
        Place::Confirmations,
        Place::Outbox,
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
