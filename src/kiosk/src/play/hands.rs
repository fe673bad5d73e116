//! What a person has: ten fingers, a pointer, an input method and a card scanner.

use std::thread::sleep;
use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key, Modifiers, PointerButton, Pos2};

use super::stage::Link;

/// A quick receptionist's pace.
const STROKE: Duration = Duration::from_millis(85);
/// How long a key or a button stays down.
const DOWN: Duration = Duration::from_millis(25);
/// A usual scanner's pace.
const SCANNER: Duration = Duration::from_millis(4);

/// The hands, and what they have done so far.
pub struct Hands {
    link: Link,
    /// Strokes of keys.
    pub keys: u32,
    /// Touches or clicks.
    pub touches: u32,
}

/// How a scan reaches the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wedge {
    /// As plain keys.
    Plain,
    /// Through an input method left on: digits arrive full-width, within a composition.
    InputMethod,
}

/// The end of a scan, to measure from.
#[derive(Debug, Clone, Copy)]
pub struct ScanEnd {
    /// When the last stroke was made.
    pub at: Instant,
    /// The frame that took it in at the latest.
    pub frame: u64,
}

fn key_event(key: Key, modifiers: Modifiers, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

/// The key that writes a character.
fn key_for(c: char) -> Option<Key> {
    Key::from_name(c.to_uppercase().to_string().as_str())
}

impl Hands {
    /// At this window.
    pub fn new(link: Link) -> Self {
        Self { link, keys: 0, touches: 0 }
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) -> u64 {
        self.press_with(Modifiers::NONE, key)
    }

    /// Presses a key with others held.
    pub fn press_with(&mut self, modifiers: Modifiers, key: Key) -> u64 {
        self.keys += 1;
        let frame = self.link.give([key_event(key, modifiers, true)]);
        sleep(DOWN);
        self.link.give([key_event(key, modifiers, false)]);
        frame
    }

    /// Types what a keyboard writes by itself.
    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.keys += 1;
            self.stroke(c, STROKE);
        }
    }

    fn stroke(&mut self, c: char, pace: Duration) -> u64 {
        let key = key_for(c);
        let press = key.map(|key| key_event(key, Modifiers::NONE, true));
        let frame = self.link.give(press.into_iter().chain([Event::Text(c.to_string())]));
        sleep(pace / 3);
        if let Some(key) = key {
            self.link.give([key_event(key, Modifiers::NONE, false)]);
        }
        sleep(pace * 2 / 3);
        frame
    }

    /// Writes Japanese: types the reading, converts and confirms, as an input method tells it.
    pub fn compose(&mut self, reading: &str, wanted: &str) {
        let mut shown = String::new();
        for c in reading.chars() {
            shown.push(c);
            // Most kana take two keys.
            self.keys += 2;
            self.link.give([preedit(&shown)]);
            sleep(STROKE * 2);
        }
        if wanted != reading {
            self.keys += 1;
            self.link.give([preedit(wanted)]);
            sleep(STROKE * 2);
        }
        self.keys += 1;
        self.link.give([preedit(""), Event::Ime(ImeEvent::Commit(wanted.to_owned()))]);
        sleep(STROKE);
    }

    /// Touches a place.
    pub fn touch(&mut self, place: Pos2) -> u64 {
        self.touches += 1;
        let button = |pressed| Event::PointerButton {
            pos: place,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.link.give([Event::PointerMoved(place)]);
        sleep(DOWN);
        self.link.give([button(true)]);
        sleep(DOWN * 2);
        let frame = self.link.give([button(false)]);
        sleep(DOWN);
        frame
    }

    /// Holds a card under the scanner.
    pub fn scan(&mut self, code: &str, wedge: Wedge) -> ScanEnd {
        match wedge {
            Wedge::Plain => {
                for c in code.chars() {
                    self.stroke(c, SCANNER);
                }
                let frame = self.link.give([key_event(Key::Enter, Modifiers::NONE, true)]);
                let at = Instant::now();
                sleep(SCANNER);
                self.link.give([key_event(Key::Enter, Modifiers::NONE, false)]);
                ScanEnd { at, frame }
            }
            Wedge::InputMethod => {
                let mut shown = String::new();
                for c in code.chars() {
                    shown.push(full_width(c));
                    self.link.give([preedit(&shown)]);
                    sleep(SCANNER);
                }
                // The scanner's Enter goes into the input method and confirms.
                let commit = Event::Ime(ImeEvent::Commit(shown));
                let frame = self.link.give([preedit(""), commit]);
                ScanEnd { at: Instant::now(), frame }
            }
        }
    }
}

fn preedit(text: &str) -> Event {
    let chars = text.chars().count();
    Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: Some(chars..chars) })
}

fn full_width(c: char) -> char {
    match c {
        '!'..='~' => u32::from(c).checked_add(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        c => c,
    }
}
