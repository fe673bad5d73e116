//! Telling a scanner's burst from a person's typing, before any widget sees either.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use egui::{Event, ImeEvent, Key, Modifiers, RawInput};

use super::Scanned;
use super::burst::Burst;
use super::pace::{is_stroke, is_writing};
use super::repair::repair;
use super::settings::{Mark, Scanner};

/// A scan begun by the configured prefix that stays without its suffix for this long was none.
const UNFINISHED: Duration = Duration::from_millis(500);
/// Input that waited while the window was busy is handed over within this after the window got free.
const BACKLOG: Duration = Duration::from_millis(4);
/// The longest frame across which a scan is still put together.
const SLOW_FRAME: Duration = Duration::from_millis(300);
/// A further end key within this after a scan is the scanner's: CR+LF, Tab and Return, or one that was late.
const TRAIL: Duration = Duration::from_millis(300);
/// Strokes closer than this, and so many of them, are no hand's.
const BEYOND_HANDS: Duration = Duration::from_millis(15);
const BEYOND_HANDS_LENGTH: usize = 5;

/// The wedge. Call [`Wedge::take`] in the window's raw input hook with every input, also with an empty one,
/// and ask for a repaint after [`Wedge::wake_after`].
///
/// Text that may be the start of a scan is held back for at most the configured gap after its last stroke;
/// if it was typing, it goes on in order, nothing lost or doubled. Where no end key comes, the pace tells: see
/// [`Wedge::take`].
#[derive(Debug)]
pub struct Wedge {
    settings: Scanner,
    burst: Burst,
    /// Between the prefix and the suffix.
    within: bool,
    /// The latest stroke.
    last: Option<Instant>,
    /// A key repeats itself or input piled up: what follows without a gap is a person's.
    person: bool,
    /// What a field has been given of the composition under way.
    composing: String,
    /// Pressed and not yet released.
    down: Vec<Key>,
    /// Pressed by the scanner; their release is dropped too.
    swallowed: Vec<Key>,
    /// When the latest scan was recognised, while nothing but end keys came behind it.
    ended: Option<Instant>,
    /// A text field has the focus.
    in_field: bool,
    ready: VecDeque<Scanned>,
    last_take: Option<Instant>,
    busy: Duration,
}

impl Wedge {
    /// A wedge for a scanner so set up.
    pub fn new(settings: Scanner) -> Self {
        Self {
            settings,
            burst: Burst::default(),
            within: false,
            last: None,
            person: false,
            composing: String::new(),
            down: Vec::new(),
            swallowed: Vec::new(),
            ended: None,
            in_field: false,
            ready: VecDeque::new(),
            last_take: None,
            busy: Duration::ZERO,
        }
    }

    /// Takes scans out of the input. One scan a call; a second one waits for the next.
    ///
    /// `in_field` tells whether a text field has the focus. Where none has, a burst of scanner speed is a scan
    /// also without its end key, since as keys it would choose from menus. In a field that is so only for what
    /// is quicker than any hand; the rest may be a person's and goes on.
    pub fn take(&mut self, raw: &mut RawInput, now: Instant, in_field: bool) -> Option<Scanned> {
        self.in_field = in_field;
        let events = std::mem::take(&mut raw.events);
        let mut out = Vec::with_capacity(events.len() + self.burst.events.len());
        let strokes = events.iter().filter(|e| is_stroke(e) || self.is_suffix(e)).count();
        self.judge_pause(strokes, now, &mut out);
        for event in events {
            self.feed(event, now, &mut out);
        }
        if self.burst.is_endless() {
            self.give_up(&mut out);
        }
        self.last_take = Some(now);
        self.busy = Duration::ZERO;
        raw.events = out;
        self.ready.pop_front()
    }

    /// How long the window was busy with the frame after the latest [`Wedge::take`]. Input that piled up
    /// meanwhile is then not mistaken for a burst. Optional.
    pub fn frame_took(&mut self, busy: Duration) {
        self.busy = busy;
    }

    /// When [`Wedge::take`] wants to be called again even without input.
    pub fn wake_after(&self, now: Instant) -> Option<Duration> {
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        let limit = if self.within { UNFINISHED } else { self.settings.max_gap() };
        let waiting = self.within || !self.burst.is_empty();
        let last = self.last.filter(|_| waiting)?;
        // One millisecond more, so that the pause is surely over when the call comes.
        Some((last + limit + Duration::from_millis(1)).saturating_duration_since(now))
    }

    /// Ends what a pause has ended.
    fn judge_pause(&mut self, strokes: usize, now: Instant, out: &mut Vec<Event>) {
        let pause = self.last.map_or(Duration::MAX, |last| now.saturating_duration_since(last));
        if self.within {
            if pause > UNFINISHED {
                self.end_unmarked(now, out);
            }
            return;
        }
        // Events carry no time of their own. Where frames are slow, several strokes share a pause.
        let count = u32::try_from(strokes).unwrap_or(u32::MAX).max(1);
        let gap = self.settings.max_gap();
        if pause / count > gap && !self.unseen_rest(strokes, pause) {
            self.person = false;
            self.end_unmarked(now, out);
        }
        // What piled up behind a busy window looks quick; a person's own pace is longer.
        let piled_up = self.last_take.is_some_and(|at| {
            let waited = now.saturating_duration_since(at);
            waited <= self.busy + BACKLOG && waited / count > gap
        });
        let enough_for_a_scan = strokes >= self.settings.min_length.as_usize();
        if piled_up && enough_for_a_scan && !self.burst_may_be_scan() {
            self.give_up(out);
            self.person = true;
        }
    }

    /// Whether strokes after a pause may be the rest of a scan since a slow frame hid when they came: nobody
    /// has looked between, and what is held is already too quick for a person.
    fn unseen_rest(&self, strokes: usize, pause: Duration) -> bool {
        strokes > 0
            && pause <= SLOW_FRAME
            && self.last_take == self.last
            && self.burst_may_be_scan()
    }

    fn feed(&mut self, event: Event, now: Instant, out: &mut Vec<Event>) {
        match &event {
            Event::Key { key, pressed: false, .. } => self.released(*key, event, out),
            Event::Key { key, pressed: true, modifiers, .. } => {
                self.pressed(*key, *modifiers, event, now, out);
            }
            Event::Text(_) | Event::Ime(ImeEvent::Commit(_) | ImeEvent::Preedit { .. }) => {
                self.stroke(event, now, out);
            }
            // Moving about leaves what is being written alone.
            Event::PointerMoved(_)
            | Event::MouseMoved(_)
            | Event::PointerGone
            | Event::ModifiersChanged(_)
            | Event::MouseWheel { .. }
            | Event::WindowFocused(true) => out.push(event),
            _ => {
                if matches!(event, Event::WindowFocused(false)) {
                    self.down.clear();
                    self.swallowed.clear();
                }
                self.end_unmarked(now, out);
                self.ended = None;
                out.push(event);
            }
        }
    }

    fn released(&mut self, key: Key, event: Event, out: &mut Vec<Event>) {
        self.down.retain(|k| *k != key);
        if let Some(place) = self.swallowed.iter().position(|k| *k == key) {
            self.swallowed.swap_remove(place);
        } else if self.burst.is_empty() {
            out.push(event);
        } else {
            self.burst.hold(event);
        }
    }

    fn pressed(
        &mut self,
        key: Key,
        modifiers: Modifiers,
        event: Event,
        now: Instant,
        out: &mut Vec<Event>,
    ) {
        let repeats = self.down.contains(&key);
        if !repeats {
            self.down.push(key);
        }
        let mark = Mark::Key { key, ctrl: modifiers.ctrl && !modifiers.alt };
        if self.settings.prefix == Some(mark) && !(self.within && self.is_suffix(&event)) {
            if !repeats {
                self.begin([event], now, out);
            }
            return;
        }
        let ends = self.is_suffix(&event);
        if self.trails(key, modifiers, ends, now) {
            self.swallow(key);
            return;
        }
        self.ended = None;
        if ends && (self.within || self.burst_may_be_scan()) {
            self.swallow(key);
            self.recognise(now, out);
        } else if repeats && !self.within {
            self.give_up(out);
            self.person = is_writing(key, modifiers);
            self.last = Some(now);
            out.push(event);
        } else if self.within || (is_writing(key, modifiers) && !self.person && self.by_speed()) {
            self.burst.hold(event);
            self.last = Some(now);
        } else {
            self.end_unmarked(now, out);
            self.ended = None;
            out.push(event);
        }
    }

    /// Whether an end key behind a recognised scan is one more of the scanner's.
    fn trails(&self, key: Key, modifiers: Modifiers, ends: bool, now: Instant) -> bool {
        let usual = matches!(key, Key::Enter | Key::Tab) && modifiers.is_none();
        let soon = |at: Instant| now.saturating_duration_since(at) <= TRAIL;
        (usual || ends) && !self.within && self.burst.is_empty() && self.ended.is_some_and(soon)
    }

    fn swallow(&mut self, key: Key) {
        if !self.swallowed.contains(&key) {
            self.swallowed.push(key);
        }
    }

    fn stroke(&mut self, event: Event, now: Instant, out: &mut Vec<Event>) {
        if is_stroke(&event) {
            self.last = Some(now);
            self.ended = None;
        }
        if self.is_prefix(&event) && !self.within {
            // The key press went before its character: held back, or already given on in this very call.
            let writes = |e: &mut Event| matches!(e, Event::Key { pressed: true, .. });
            let press = self.burst.pop_press().or_else(|| out.pop_if(writes));
            self.begin(press.into_iter().chain([event]), now, out);
            return;
        }
        let ends_composition =
            matches!(&event, Event::Ime(ImeEvent::Preedit { text, .. }) if text.is_empty());
        if self.within || (!self.person && self.by_speed()) {
            if ends_composition && self.burst.is_empty() {
                self.give(event, out);
            } else {
                self.burst.hold_at(event, now, self.last_take);
                self.end_by_text(now, out);
            }
        } else {
            self.give_up(out);
            self.give(event, out);
        }
    }

    /// A suffix of characters ends the burst too.
    fn end_by_text(&mut self, now: Instant, out: &mut Vec<Event>) {
        let long_enough = self.within || self.burst_may_be_scan();
        let marks = self.settings.suffix.iter();
        let ended = long_enough
            && marks.filter_map(|mark| mark.character()).any(|mark| self.burst.drop_suffix(mark));
        if ended || (self.within && self.burst.ended_by_commit()) {
            self.recognise(now, out);
        }
    }

    /// The run is over and no end key told what it was.
    fn end_unmarked(&mut self, now: Instant, out: &mut Vec<Event>) {
        let told = self.settings.suffix.is_empty() || self.burst.ended_by_commit();
        if self.burst_may_be_scan() && (told || self.is_beyond_hands()) {
            self.recognise(now, out);
        } else {
            self.give_up(out);
        }
    }

    fn is_beyond_hands(&self) -> bool {
        let least = self.settings.min_length.as_usize();
        if self.in_field {
            self.burst.is_beyond_hands(least.max(BEYOND_HANDS_LENGTH), BEYOND_HANDS)
        } else {
            // Outside the prefix, the run would have ended had it been slower.
            !self.within || self.burst.is_beyond_hands(least, self.settings.max_gap())
        }
    }

    fn is_suffix(&self, event: &Event) -> bool {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let mark = Mark::Key { key: *key, ctrl: modifiers.ctrl };
                !modifiers.shift && !modifiers.alt && self.settings.suffix.contains(&mark)
            }
            _ => false,
        }
    }

    fn is_prefix(&self, event: &Event) -> bool {
        let mark = self.settings.prefix.and_then(Mark::character);
        match (event, mark) {
            (Event::Text(text), Some(mark)) => text.chars().eq([mark]),
            _ => false,
        }
    }

    fn by_speed(&self) -> bool {
        self.settings.prefix.is_none()
    }

    fn burst_may_be_scan(&self) -> bool {
        self.burst.may_be_scan(self.settings.min_length.as_usize())
    }

    fn begin(
        &mut self,
        marks: impl IntoIterator<Item = Event>,
        now: Instant,
        out: &mut Vec<Event>,
    ) {
        self.give_up(out);
        for mark in marks {
            self.burst.hold_mark(mark);
        }
        self.within = true;
        self.last = Some(now);
    }

    /// The burst was a scan.
    fn recognise(&mut self, now: Instant, out: &mut Vec<Event>) {
        self.ended = Some(now);
        let taken = std::mem::take(&mut self.burst).take();
        self.within = false;
        self.swallowed.extend(taken.still_down.iter().filter(|k| self.down.contains(k)));
        if let Some(keep) = taken.keep {
            self.give(keep, out);
        }
        let (text, garbled) = repair(&taken.text);
        if !text.is_empty() {
            self.ready.push_back(Scanned { text, garbled });
        }
    }

    /// The burst was none: what was held back goes on.
    fn give_up(&mut self, out: &mut Vec<Event>) {
        self.within = false;
        let burst = std::mem::take(&mut self.burst);
        self.burst.set_own(&self.composing);
        for event in burst.events {
            self.give(event, out);
        }
    }

    fn give(&mut self, event: Event, out: &mut Vec<Event>) {
        match &event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => self.composing.clone_from(text),
            Event::Ime(ImeEvent::Commit(_)) => self.composing.clear(),
            _ => {}
        }
        if self.burst.is_empty() {
            self.burst.set_own(&self.composing);
        }
        out.push(event);
    }
}
