//! A run of quick strokes that may become a scan, held back until that is known.

use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key};

use super::pace::{Pace, is_stroke};
use super::repair::repair;

/// More bytes than the largest symbol holds; a stream without end is no scan.
const LONGEST: usize = 8000;

/// Events held back, in their order, and what they would say as a scan.
#[derive(Debug, Default)]
pub(super) struct Burst {
    pub(super) events: Vec<Event>,
    /// Committed text so far.
    text: String,
    /// What an input method shows as not yet committed.
    preedit: String,
    /// Of the text under composition, what a field has already been given and a person wrote.
    own: String,
    /// Keys pressed, or changes of a composition.
    strokes: usize,
    pace: Pace,
    /// An input method committed a composition: the scanner's Enter may have gone into that.
    committed: bool,
}

/// What came of a recognised burst.
pub(super) struct Taken {
    /// The payload as it arrived.
    pub(super) text: String,
    /// Keys whose release belongs to the burst too.
    pub(super) still_down: Vec<Key>,
    /// What a person had under composition when the scan came and must keep.
    pub(super) keep: Option<Event>,
}

impl Burst {
    /// Tells what a person has under composition while the run is still empty.
    pub(super) fn set_own(&mut self, own: &str) {
        own.clone_into(&mut self.own);
    }

    /// Holds an event that says nothing of the payload: the prefix.
    pub(super) fn hold_mark(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Gives the key press back that came right before a prefix character.
    pub(super) fn pop_press(&mut self) -> Option<Event> {
        self.events.pop_if(|e| matches!(e, Event::Key { pressed: true, .. }))
    }

    /// More than any symbol holds.
    pub(super) fn is_endless(&self) -> bool {
        self.text.len() > LONGEST
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether it is long enough to be a scan.
    pub(super) fn may_be_scan(&self, min_length: usize) -> bool {
        self.strokes >= min_length && self.payload().chars().count() >= min_length
    }

    /// Whether it may be a scan that ended within an input method.
    pub(super) fn ended_by_commit(&self) -> bool {
        self.committed && self.preedit.is_empty()
    }

    /// Whether no hand wrote it: the run is long enough, surely this quick and a code that can be read.
    pub(super) fn is_beyond_hands(&self, min_length: usize, gap: Duration) -> bool {
        self.may_be_scan(min_length)
            && self.pace.is_surely_within(gap)
            && !repair(&self.payload()).1
    }

    /// Takes in an event found `now` that is part of the run; `before` is when the window looked before.
    pub(super) fn hold_at(&mut self, event: Event, now: Instant, before: Option<Instant>) {
        if is_stroke(&event) {
            self.pace.stroke(now, before);
        }
        self.hold(event);
    }

    /// Takes in an event that is part of the run.
    pub(super) fn hold(&mut self, event: Event) {
        match &event {
            Event::Text(text) => {
                self.text.push_str(text);
                self.strokes += 1;
                self.committed = false;
            }
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                if !text.is_empty() {
                    self.strokes += 1;
                }
                self.preedit.clone_from(text);
            }
            Event::Ime(ImeEvent::Commit(text)) => {
                // A commit without a composition is an input method passing on one key's character.
                if self.strokes == 0 || !self.composed() {
                    self.strokes += 1;
                } else {
                    self.committed = true;
                }
                self.text.push_str(text);
                self.preedit.clear();
            }
            _ => {}
        }
        self.events.push(event);
    }

    fn composed(&self) -> bool {
        let composing =
            |e: &Event| matches!(e, Event::Ime(ImeEvent::Preedit { text, .. }) if !text.is_empty());
        self.events.iter().any(composing)
    }

    fn payload(&self) -> String {
        let whole = format!("{}{}", self.text, self.preedit);
        match whole.strip_prefix(&self.own) {
            Some(rest) => rest.to_owned(),
            None => whole,
        }
    }

    /// Drops the suffix character from the end, if it is there.
    pub(super) fn drop_suffix(&mut self, suffix: char) -> bool {
        let ended = self.text.ends_with(suffix);
        if ended {
            self.text.pop();
        }
        ended
    }

    /// The run was a scan.
    pub(super) fn take(self) -> Taken {
        let text = self.payload();
        let mut still_down = Vec::new();
        for event in &self.events {
            if let Event::Key { key, pressed, .. } = event {
                still_down.retain(|k| k != key);
                if *pressed {
                    still_down.push(*key);
                }
            }
        }
        let keep = (!self.own.is_empty()).then_some(Event::Ime(ImeEvent::Commit(self.own)));
        Taken { text, still_down, keep }
    }
}
