//! What runs were like.

/// What runs were like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Confirmed by people.
    pub entries: usize,
    /// Stored, once each.
    pub stored: usize,
    /// Versions that somebody must choose about.
    pub rivals: usize,
    /// Taken back or replaced after a refusal.
    pub given_up: usize,
    /// Of these, stored all the same: a copy that was still on its way when another was refused. The cloud
    /// keeps no list of what it has refused.
    pub crossed: usize,
    /// Patients of a terminal with an entry that was refused or waited for its author.
    pub stuck: usize,
    /// Entries sent again after they had been stored.
    pub repeated: usize,
    /// Event streams that had to begin anew.
    pub resets: usize,
    /// Receipts that named other bytes.
    pub garbled: usize,
    /// Calls over the network.
    pub calls: usize,
    /// Cuts, crashes and jumps of clocks.
    pub troubles: usize,
}

impl std::ops::Add for Tally {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            entries: self.entries + other.entries,
            stored: self.stored + other.stored,
            rivals: self.rivals + other.rivals,
            given_up: self.given_up + other.given_up,
            crossed: self.crossed + other.crossed,
            stuck: self.stuck + other.stuck,
            repeated: self.repeated + other.repeated,
            resets: self.resets + other.resets,
            garbled: self.garbled + other.garbled,
            calls: self.calls + other.calls,
            troubles: self.troubles + other.troubles,
        }
    }
}
