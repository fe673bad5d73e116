//! `report.json`: what the play showed, for people and for programs.

use std::path::Path;

use serde::Serialize;

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Of the program.
    pub version: String,
    /// When the play began.
    pub started: String,
    /// Language of the screens.
    pub lang: String,
    /// Size of everything in per cent.
    pub scale: i64,
    /// Colours.
    pub theme: String,
    /// The synthetic clinic's seed.
    pub seed: u64,
    /// Where it ran.
    pub machine: Machine,
    /// From the start of the process to the first frame that a person can type into, presented.
    pub cold_start_ms: Option<u64>,
    /// Most memory that the process ever had resident, servers of the demo included.
    pub peak_rss_mb: Option<u64>,
    /// In their order.
    pub steps: Vec<Step>,
    /// Each scan.
    pub scans: Vec<Scan>,
    /// When the line was cut by `--outages`, in milliseconds since the start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outages: Vec<Outage>,
    /// `"ok"`, or what went wrong.
    pub outcome: Outcome,
}

/// Where it ran.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processors.
    pub cores: usize,
    /// Average number of busy ones over the last minute.
    pub load: Option<f64>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What it is called.
    pub name: String,
    /// At which desk.
    pub desk: &'static str,
    /// How long until the screen showed what the step promises.
    pub ms: u64,
    /// Keys pressed.
    pub keys: u32,
    /// Touches.
    pub touches: u32,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// Whether it did.
    pub within_budget: Option<bool>,
    /// The picture, relative to the report.
    pub screenshot: String,
}

/// What a step may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Touches or keys.
    pub touches: Option<u32>,
    /// Milliseconds.
    pub ms: Option<u64>,
}

/// One scan.
#[derive(Debug, Clone, Serialize)]
pub struct Scan {
    /// What was scanned.
    pub kind: String,
    /// Where the first paint came from: `cache` or `cloud`.
    pub source: String,
    /// From the scanner's last stroke to the frame presented.
    pub ms_to_paint: f64,
    /// Frames between the one that took the last stroke in and the one that showed the patient.
    pub frames: u64,
}

/// A cut of the line.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Outage {
    /// When.
    pub at_ms: u64,
    /// How long.
    pub for_ms: u64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Every step showed what it promises: `"ok"`.
    Fine(Fine),
    /// One did not.
    Failed {
        /// Which.
        failed: String,
        /// Why.
        why: String,
    },
}

/// Written as `"ok"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Fine {
    /// All is well.
    #[serde(rename = "ok")]
    Ok,
}

impl Report {
    /// Writes `report.json` into the folder.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(folder.join("report.json"), text + "\n")
    }
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|text| text.split_whitespace().next()?.parse().ok());
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cores, load }
    }
}

/// A line of `/proc/self/status` in megabytes; `None` where there is no such thing.
pub fn memory_mb(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'))?;
    let kb: u64 = value.split_whitespace().next()?.parse().ok()?;
    Some(kb / 1024)
}

/// How long this process has lived, as the system counts; `None` where it does not tell.
pub fn process_age_ms() -> Option<u64> {
    // Field 22 is the start in clock ticks since boot; Linux gives 100 ticks a second to programs.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let behind_name = stat.rsplit_once(')')?.1;
    let ticks: u64 = behind_name.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let age = uptime * 1000.0 - ticks as f64 * 10.0;
    (age >= 0.0).then_some(age as u64)
}
