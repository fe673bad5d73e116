//! How quick a run of strokes was, as far as frames tell.

use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key, Modifiers};

/// When the strokes of one run were seen. Events carry no time of their own, only the look that found them.
#[derive(Debug, Default)]
pub(super) struct Pace(Option<Seen>);

#[derive(Debug)]
struct Seen {
    /// The look before the first: all strokes came after it.
    before: Option<Instant>,
    first: Instant,
    last: Instant,
    strokes: u32,
    /// Of these, found by the first look; how long they took is not known.
    at_first: u32,
}

impl Pace {
    /// A stroke was found `now`; `before` is when the window looked before that.
    pub(super) fn stroke(&mut self, now: Instant, before: Option<Instant>) {
        let seen =
            self.0.get_or_insert(Seen { before, first: now, last: now, strokes: 0, at_first: 0 });
        seen.last = now;
        seen.strokes += 1;
        if now == seen.first {
            seen.at_first += 1;
        }
    }

    /// Whether the strokes surely followed each other within `gap`, on average: a stall of the window makes
    /// them look slower, never quicker.
    pub(super) fn is_surely_within(&self, gap: Duration) -> bool {
        let Some(seen) = &self.0 else { return false };
        let span = |from: Instant| seen.last.saturating_duration_since(from);
        let bounded = seen.before.is_some_and(|before| span(before) <= gap * seen.strokes);
        let timed = seen.strokes - seen.at_first;
        bounded || (timed >= seen.at_first && span(seen.first) <= gap * timed)
    }
}

/// Whether the event is one stroke of a key, as far as its pace matters.
pub(super) fn is_stroke(event: &Event) -> bool {
    match event {
        Event::Text(_) | Event::Ime(ImeEvent::Commit(_)) => true,
        Event::Ime(ImeEvent::Preedit { text, .. }) => !text.is_empty(),
        _ => false,
    }
}

/// Whether a key writes something or belongs to writing; other keys never come within a scan.
pub(super) fn is_writing(key: Key, modifiers: Modifiers) -> bool {
    let command = modifiers.ctrl || modifiers.command || modifiers.mac_cmd || modifiers.alt;
    !command && !is_control(key)
}

fn is_control(key: Key) -> bool {
    let arrows = [Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp];
    let moving = [Key::Home, Key::End, Key::PageUp, Key::PageDown];
    let editing = [Key::Escape, Key::Tab, Key::Backspace, Key::Enter, Key::Insert, Key::Delete];
    arrows.contains(&key)
        || moving.contains(&key)
        || editing.contains(&key)
        || (Key::F1..=Key::F35).contains(&key)
}
