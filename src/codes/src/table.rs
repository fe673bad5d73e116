//! A bundled table: its rows, and how they are found.

use clinical::lookup::{Fit, Lookup, LookupKeys};
use serde::de::DeserializeOwned;

/// Rows with the keys by which each is found.
pub(crate) struct Table<T> {
    rows: Vec<(T, Vec<LookupKeys>)>,
}

impl<T: DeserializeOwned> Table<T> {
    /// Reads a bundled file. A row that cannot be read is left out; the tests of each table read them all.
    pub(crate) fn read(csv: &str, keys: impl Fn(&T) -> Vec<LookupKeys>) -> Self {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        Self::of(reader.deserialize().filter_map(Result::ok), keys)
    }
}

impl<T> Table<T> {
    pub(crate) fn of(rows: impl Iterator<Item = T>, keys: impl Fn(&T) -> Vec<LookupKeys>) -> Self {
        let rows = rows.map(|row| {
            let keys = keys(&row);
            (row, keys)
        });
        Self { rows: rows.collect() }
    }

    pub(crate) fn into_rows(self) -> impl Iterator<Item = T> {
        self.rows.into_iter().map(|(row, _)| row)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(row, _)| row)
    }

    /// Rows that what was typed may mean, the best first, otherwise in the order of the file.
    pub(crate) fn find(&self, text: &str, limit: usize) -> Vec<&T> {
        let lookup = Lookup::parse(text);
        let fit = |keys: &[LookupKeys]| keys.iter().filter_map(|keys| lookup.fit(keys)).min();
        let mut found: Vec<(Fit, &T)> =
            self.rows.iter().filter_map(|(row, keys)| Some((fit(keys)?, row))).collect();
        found.sort_by_key(|(fit, _)| *fit);
        found.into_iter().take(limit).map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
pub(crate) fn lines(csv: &str) -> usize {
    csv.lines().filter(|line| !line.is_empty()).count() - 1
}
