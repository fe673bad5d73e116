//! The table.

use kiosk::play::report::Machine;

/// Rows so far.
pub(crate) struct Table {
    rows: Vec<[String; 5]>,
}

/// The value below which the given part of the values lies.
fn part(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = ((sorted.len().max(1) - 1) as f64 * part).ceil() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// The median.
pub(crate) fn p50(values: &[f64]) -> f64 {
    part(values, 0.5)
}

impl Table {
    pub(crate) fn begin() -> Self {
        Self { rows: Vec::new() }
    }

    fn add(
        &mut self,
        what: &str,
        typical: f64,
        worst: f64,
        unit: &str,
        limit: Option<f64>,
        judged: f64,
    ) {
        let number = |n: f64| if n.is_nan() { "-".to_owned() } else { format!("{n:.1}") };
        let verdict = match limit {
            Some(limit) if judged <= limit => format!("within {limit:.1}"),
            Some(limit) => format!("OVER {limit:.1}"),
            None => String::new(),
        };
        let row = [what.to_owned(), number(typical), number(worst), unit.to_owned(), verdict];
        eprintln!("{}", row.join("  "));
        self.rows.push(row);
    }

    /// Many values, judged by their median.
    pub(crate) fn row(&mut self, what: &str, values: &[f64], unit: &str, limit: Option<f64>) {
        let typical = p50(values);
        self.add(what, typical, part(values, 0.99), unit, limit, typical);
    }

    /// Many values, judged by their 99th percentile.
    pub(crate) fn tail(&mut self, what: &str, values: &[f64], limit: Option<f64>) {
        let worst = part(values, 0.99);
        self.add(what, p50(values), worst, "ms", limit, worst);
    }

    /// One value.
    pub(crate) fn one(&mut self, what: &str, value: f64, unit: &str, limit: Option<f64>) {
        self.add(what, value, value, unit, limit, value);
    }

    pub(crate) fn print(&self) {
        let machine = Machine::here();
        let load = machine.load.map_or("unknown".to_owned(), |load| format!("{load:.2}"));
        let build = if cfg!(debug_assertions) { "DEBUG BUILD" } else { "release build" };
        println!("kiosk, {build}, {} cores, load {load}", machine.cores);
        println!("{:<52} {:>9} {:>9}  {:<13} target", "", "p50", "p99", "unit");
        for [what, typical, worst, unit, verdict] in &self.rows {
            println!("{what:<52} {typical:>9} {worst:>9}  {unit:<13} {verdict}");
        }
    }
}
