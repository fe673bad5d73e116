//! Following the event stream: everything once, then what each event names.

use api::event::{Event, EventKind};

use crate::people;
use crate::server::Stream;
use crate::terminal::{Answer, Task};
use crate::world::{Broken, GIVE_UP_CALL, To, What, World};

impl World {
    pub fn follow(&mut self, t: usize) {
        let follower = &mut self.terminals[t].follower;
        if follower.conn.is_some() || follower.reading.is_some() {
            return;
        }
        follower.tasks.clear();
        if !follower.loaded {
            follower.tasks.push_back(Task::List);
            let patients = people::PATIENTS.map(|patient| Task::Patient(patient.to_owned()));
            follower.tasks.extend(patients);
            follower.tasks.push_back(Task::Loaded);
            return self.advance(t);
        }
        let to = self.to(t);
        let follower = &mut self.terminals[t].follower;
        follower.conn = Some(to.call);
        follower.taken = follower.seq;
        let after = follower.seq;
        self.carry(to, || What::Subscribe(to, after));
        self.at(self.now + GIVE_UP_CALL, What::Look(to));
        self.advance(t);
    }

    pub fn advance(&mut self, t: usize) {
        loop {
            let follower = &mut self.terminals[t].follower;
            if follower.reading.is_some() {
                return;
            }
            match follower.tasks.front().cloned() {
                None if follower.conn.is_none() || follower.owed.is_empty() => return,
                None => {
                    let owed = follower.owed.keys().cloned().map(Task::Patient);
                    follower.tasks.extend(owed);
                }
                Some(Task::Reached(seq)) => {
                    follower.seq = seq;
                    follower.tasks.pop_front();
                }
                Some(Task::Loaded) => {
                    follower.loaded = true;
                    follower.tasks.pop_front();
                    return self.follow(t);
                }
                Some(task) => {
                    let to = self.to(t);
                    self.terminals[t].follower.reading = Some(to.call);
                    self.carry(to, || What::Get(to, task.clone()));
                    self.at(self.now + GIVE_UP_CALL, What::GetTimeout(to));
                    return;
                }
            }
        }
    }

    pub fn get(&mut self, to: To, task: &Task) {
        if !self.server.alive {
            return;
        }
        let answer = match task {
            Task::List => Answer::List {
                receptions: self.server.receptions.values().cloned().collect(),
                seq: self.server.last_event(),
            },
            Task::Patient(patient) => {
                let items = self.server.profile(patient);
                Answer::Patient { patient: patient.clone(), items }
            }
            Task::Reception(key) => {
                Answer::Reception(Box::new(self.server.receptions[key].clone()))
            }
            Task::Reached(_) | Task::Loaded => return,
        };
        self.carry(to, || What::GetReply(to, answer.clone()));
    }

    pub fn got(&mut self, to: To, answer: Answer) {
        let terminal = &mut self.terminals[to.t];
        let follower = &mut terminal.follower;
        if follower.reading != Some(to.call) {
            return;
        }
        follower.reading = None;
        follower.tasks.pop_front();
        if let Answer::Patient { patient, .. } = &answer {
            follower.owed.retain(|owed, call| owed != patient || *call >= to.call);
        }
        terminal.take(answer);
        self.advance(to.t);
    }

    pub fn get_timeout(&mut self, to: To) {
        let follower = &mut self.terminals[to.t].follower;
        if follower.reading != Some(to.call) {
            return;
        }
        if self.broken == Broken::SkipsUnreadEvents && follower.loaded {
            follower.reading = None;
            follower.tasks.pop_front();
            return self.advance(to.t);
        }
        self.line_is_broken(to.t);
    }

    pub fn subscribe(&mut self, to: To, after: i64) {
        let waits = self.terminals[to.t].follower.conn == Some(to.call);
        let twice = self.server.streams.iter().any(|stream| stream.conn == to.call);
        if !self.server.alive || !waits || twice {
            return;
        }
        let To { t: terminal, boot, link, call: conn } = to;
        self.server.streams.push(Stream { terminal, boot, conn, link, last: self.now });
        let at = self.server.streams.len() - 1;
        for event in self.server.backlog(after) {
            self.tell(at, &event);
        }
    }

    pub fn tell_all(&mut self, event: &Event) {
        for at in 0..self.server.streams.len() {
            self.tell(at, event);
        }
    }

    /// Within a stream nothing is lost and nothing overtakes, until the line is cut.
    pub fn tell(&mut self, at: usize, event: &Event) {
        let delay = self.rng.between(1, 80);
        let stream = &mut self.server.streams[at];
        stream.last = stream.last.max(self.now + delay);
        let Stream { terminal: t, boot, conn: call, link, last } = *stream;
        self.at(last, What::Told(To { t, boot, link, call }, event.clone()));
    }

    pub fn told(&mut self, to: To, event: &Event) {
        let follower = &mut self.terminals[to.t].follower;
        if follower.conn != Some(to.call)
            || event.kind != EventKind::Reset && event.seq <= follower.taken
        {
            return;
        }
        if event.kind == EventKind::Reset || event.seq != follower.taken + 1 {
            follower.loaded = false;
            return self.line_is_broken(to.t);
        }
        follower.taken = event.seq;
        match &event.kind {
            EventKind::ProfileChanged { number, .. } => {
                follower.tasks.push_back(Task::Patient(number.canonical()));
            }
            EventKind::ReceptionChanged { key, .. } => {
                follower.tasks.push_back(Task::Reception(key.clone()));
            }
            _ => {}
        }
        follower.tasks.push_back(Task::Reached(event.seq));
        self.advance(to.t);
    }

    /// No sign of life is a sign too.
    pub fn look_at_stream(&mut self, to: To) {
        if self.terminals[to.t].follower.conn != Some(to.call) {
            return;
        }
        let stands = self.server.alive && self.server.streams.iter().any(|s| s.conn == to.call);
        if stands && self.arrives(to) {
            self.at(self.now + GIVE_UP_CALL, What::Look(to));
        } else {
            self.line_is_broken(to.t);
        }
    }

    pub fn line_is_broken(&mut self, t: usize) {
        let follower = &mut self.terminals[t].follower;
        follower.reading = None;
        follower.tasks.clear();
        if let Some(conn) = follower.conn.take() {
            self.server.streams.retain(|stream| stream.conn != conn);
        }
        let boot = self.terminals[t].boot;
        self.after(100, 2000, What::Follow { t, boot });
    }
}
