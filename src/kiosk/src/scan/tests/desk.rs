//! A desk in simulated time: hands and a scanner make events at exact moments, the window looks when it has
//! drawn its last frame and something is there or it asked to be woken.

use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key, Modifiers, RawInput};

use crate::scan::{Scanned, Scanner, Wedge};

/// Events with their moments in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) events: Vec<(u64, Event)>,
    pub(super) now: u64,
    /// No text field has the focus, all the time.
    pub(super) no_field: bool,
}

/// What the window saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) events: Vec<Event>,
    pub(super) scans: Vec<Scanned>,
    /// The longest time that an event of a person was held back.
    pub(super) frames: usize,
}

pub(super) fn key(key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
}

pub(super) fn preedit(text: &str) -> Event {
    Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None })
}

pub(super) fn commit(text: &str) -> Event {
    Event::Ime(ImeEvent::Commit(text.to_owned()))
}

/// The key that writes a character.
pub(super) fn key_of(c: char) -> Key {
    Key::from_name(&c.to_ascii_uppercase().to_string()).unwrap_or(Key::Minus)
}

impl Timeline {
    pub(super) fn at(&mut self, event: Event) {
        self.events.push((self.now, event));
    }

    pub(super) fn wait(&mut self, millis: u64) {
        self.now += millis;
    }

    /// One stroke: press, character, release.
    pub(super) fn stroke(&mut self, c: char, hold: u64) {
        self.at(key(key_of(c), true));
        self.at(Event::Text(c.to_string()));
        self.events.push((self.now + hold, key(key_of(c), false)));
    }

    /// A person types.
    pub(super) fn typed(&mut self, text: &str, gap: u64) {
        for c in text.chars() {
            self.stroke(c, gap / 2);
            self.wait(gap);
        }
    }

    pub(super) fn press(&mut self, which: Key) {
        self.at(key(which, true));
        self.events.push((self.now + 1, key(which, false)));
    }

    /// The scanner sends a code and nothing behind it.
    pub(super) fn scanned_bare(&mut self, text: &str, gap: u64) {
        for c in text.chars() {
            self.stroke(c, gap / 2);
            self.wait(gap);
        }
    }

    /// The scanner sends a code and a key behind it.
    pub(super) fn scanned(&mut self, text: &str, gap: u64, end: Key) {
        self.scanned_bare(text, gap);
        self.press(end);
    }

    /// Plays everything to a window whose frames take `frame` milliseconds.
    pub(super) fn play(&self, wedge: &mut Wedge, frame: u64) -> Seen {
        let start = Instant::now();
        let mut events = self.events.clone();
        events.sort_by_key(|(at, _)| *at);
        let mut events = events.into_iter().peekable();
        let mut seen = Seen::default();
        let (mut free_at, mut wake) = (0, None::<u64>);
        while let Some(next) = events.peek().map(|(at, _)| *at).into_iter().chain(wake).min() {
            let now = next.max(free_at);
            let mut raw = RawInput::default();
            while let Some((_, event)) = events.next_if(|(at, _)| *at <= now) {
                raw.events.push(event);
            }
            let moment = start + Duration::from_millis(now);
            seen.scans.extend(wedge.take(&mut raw, moment, !self.no_field));
            wedge.frame_took(Duration::from_millis(frame));
            wake = wedge
                .wake_after(moment)
                .map(|after| now + u64::try_from(after.as_millis()).unwrap().max(1));
            seen.events.extend(raw.events);
            seen.frames += 1;
            assert!(seen.frames < 100_000, "the wedge keeps the window awake");
            free_at = now + frame;
        }
        seen
    }
}

pub(super) fn play(timeline: &Timeline, frame: u64) -> Seen {
    timeline.play(&mut Wedge::new(Scanner::default()), frame)
}

impl Seen {
    pub(super) fn codes(&self) -> Vec<&str> {
        self.scans.iter().map(|s| s.text.as_str()).collect()
    }

    /// What a text field would hold: text and commits.
    pub(super) fn field(&self) -> String {
        let text = |e: &Event| match e {
            Event::Text(t) | Event::Ime(ImeEvent::Commit(t)) | Event::Paste(t) => Some(t.clone()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }
}
