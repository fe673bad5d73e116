//! Cuts, crashes and jumping clocks; and the rest after them.

use crate::people;
use crate::world::{What, World};

const DAY_MS: i64 = 86_400_000;

impl World {
    pub fn trouble(&mut self) {
        if !self.is_day() {
            return;
        }
        self.oracle.troubles += 1;
        let t = self.rng.below(self.terminals.len());
        match self.rng.below(10) {
            0..=3 => {
                self.note(|| format!("line of terminal {t} is cut"));
                self.terminals[t].link_up = false;
                self.terminals[t].link += 1;
                self.after(50, 15_000, What::LinkUp(t));
            }
            4..=5 => self.crash_terminal(t),
            6..=7 => self.crash_server(),
            8 => {
                self.crash_server();
                self.crash_terminal(t);
            }
            _ => {
                let off = [DAY_MS, -DAY_MS, 0][self.rng.below(3)];
                self.note(|| format!("clock of terminal {t} is {off} ms off"));
                self.terminals[t].clock_off = off;
            }
        }
        self.after(500, 9000, What::Trouble);
    }

    pub fn crash_terminal(&mut self, t: usize) {
        if self.terminals[t].alive {
            self.note(|| format!("terminal {t} loses power"));
            let landed = self.rng.chance(50);
            for id in self.terminals[t].crash(landed) {
                self.oracle.given_up(t, id);
            }
            self.after(100, 15_000, What::Start(t));
        }
    }

    pub fn start(&mut self, t: usize) {
        self.terminals[t].start();
        let boot = self.terminals[t].boot;
        self.at(self.now, What::Follow { t, boot });
        self.pump(t);
    }

    pub fn crash_server(&mut self) {
        if self.server.alive {
            self.note(|| "the cloud loses power".to_owned());
            self.server.alive = false;
            self.server.epoch += 1;
            self.server.streams.clear();
            self.after(100, 10_000, What::StartServer);
        }
    }

    /// All is well again; people see to what was refused.
    pub fn rest(&mut self) {
        for t in 0..self.terminals.len() {
            self.terminals[t].link_up = true;
            self.terminals[t].clock_off = 0;
            if self.terminals[t].alive && self.server.alive {
                people::see_to_the_rest(self, t);
                self.terminals[t].outbox.hurry();
                self.pump(t);
            }
        }
        self.at(self.now + 1000, What::Rest);
    }
}
